"""Functions of ``mx.npx`` that have other signatures than their operators in ``mx.nd.npx``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .faces import ARRAY_FUNCTIONS

__all__ = ["constraint_check", "nonzero", "reshape"]


def nonzero(a: Any) -> Any:
    """Where the elements are that are not zero: int64 (number of them, number of dimensions of ``a``)."""
    return ARRAY_FUNCTIONS["nonzero"](a)


def constraint_check(x: Any, msg: str) -> Any:
    """Whether all elements of the bools ``x`` are true: an array () of a bool.

    Raises:
        MXNetError: the elements are no bools.
        ValueError: one is false; the message is ``msg``.
    """
    return ARRAY_FUNCTIONS["constraint_check"](x, msg=msg)


def reshape(a: Any, newshape: int | Sequence[int], reverse: bool = False, order: str = "C") -> Any:
    """``a`` in another shape.

    Args:
        a: the array.
        newshape: its new shape, in which -1 stands for the length that follows from the others, -2 for the dimension
            of ``a`` in this place, -3 drops one of length 1, -4 stands for all that are left, -5 for the product of
            two, and -6 splits one into the two numbers that come next.
        reverse: read the codes from the right.
        order: ``'C'``.

    Raises:
        MXNetError: a shape of another size, codes that do not fit, another order.
    """
    return ARRAY_FUNCTIONS["reshape"](a, newshape=newshape, reverse=reverse, order=order)
