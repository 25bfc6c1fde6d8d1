"""Constants, dtypes and small functions of ``mx.np``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import bool_, e, finfo, float16, float32, float64, inf, int8, int32, int64, nan, newaxis, pi, uint8

from ..context import Context
from ..symbol import Symbol
from .calls import call
from .creation import array
from .fallback import by_numpy
from .multiarray import ndarray

__all__ = [
    "NAN", "NINF", "NZERO", "NaN", "PINF", "PZERO", "bool", "bool_", "e", "finfo", "float16", "float32", "float64",
    "genfromtxt", "inf", "int32", "int64", "int8", "may_share_memory", "nan", "newaxis", "pi", "resize",
    "set_printoptions", "shape", "shares_memory", "uint8", "unravel_index",
]  # fmt: skip

PZERO, NZERO = 0.0, -0.0
PINF, NINF = inf, -inf
NaN = NAN = nan
bool = bool  # noqa: A001, PLW0127 - mx.np.bool
_STR_2_DTYPE_ = {
    "float16": float16, "float32": float32, "float64": float64, "float": float64, "int8": int8, "int32": int32,
    "int64": int64, "int": int64, "uint8": uint8, "bool": np.bool_, "bool_": np.bool_, "None": None,
}  # fmt: skip


def shape(a: Any) -> tuple[int, ...]:
    """Lengths of the dimensions of an array, or of nested lists of numbers."""
    return a.shape if hasattr(a, "shape") else np.shape(a)


def shares_memory(a: Any, b: Any, max_work: int | None = None) -> Any:
    """Whether two arrays lie in one block of memory."""
    found = call("_npi_share_memory", (a, b), hint="share_memory")
    return found if isinstance(found, Symbol) else found.item()


def may_share_memory(a: Any, b: Any, max_work: int | None = None) -> Any:
    """See ``shares_memory``."""
    return shares_memory(a, b, max_work)


def resize(a: Any, new_shape: int | Sequence[int]) -> ndarray:
    """The elements again and again in another shape, of any number of elements; computed by NumPy."""
    return by_numpy(np.resize, (a, new_shape), {})


def unravel_index(indices: Any, shape: Sequence[int], order: str = "C") -> Any:
    """For each axis of an array of that shape, the indices of the elements with these numbers; computed by NumPy.

    Args:
        indices: an array of integers, whose dtype and shape the results have.
        shape: lengths of the axes.
        order: ``'C'``.

    Raises:
        NotImplementedError: an order that is not C.
        ValueError: a number beyond the elements.
        TypeError: numbers that are not integers.
    """
    if order != "C":
        raise NotImplementedError(f"np.unravel_index counts in C order only, got order={order!r}")
    found = by_numpy(np.unravel_index, (indices, shape), {})
    if not isinstance(indices, ndarray):
        return found
    return tuple(array(axis, dtype=indices.dtype, ctx=indices.ctx) for axis in found)


def set_printoptions(precision: int | None = None, threshold: int | None = None, **kwarg: Any) -> None:
    """How arrays are printed: ``numpy.set_printoptions``, which prints them."""
    np.set_printoptions(precision=precision, threshold=threshold, **kwarg)


def genfromtxt(*args: Any, **kwargs: Any) -> ndarray:
    """``numpy.genfromtxt`` as an array of mx.np, on ``ctx``."""
    ctx: Context | None = kwargs.pop("ctx", None)
    found = np.genfromtxt(*args, **kwargs)
    return array(found, dtype=found.dtype, ctx=ctx)
