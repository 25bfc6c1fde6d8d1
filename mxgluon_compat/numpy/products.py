"""Products of ``mx.np``: of vectors, matrices and tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..base import MXNetError
from ..ndarray import NDArray
from ..symbol import Symbol
from ..util import check_ufunc_keywords
from .calls import call, face_of
from .manipulation import reshape_c

__all__ = ["dot", "einsum", "inner", "matmul", "outer", "polyval", "tensordot", "vdot"]


def dot(a: Any, b: Any, out: Any = None) -> Any:
    """The product of two arrays: of vectors their inner product, of matrices theirs, else over the last axis of a.

    Shapes (..., k) and (k,) or (..., k, n); one of ``()`` multiplies all elements. Both are of one floating dtype.
    """
    return call("_np_dot", (a, b), {}, out)


def matmul(a: Any, b: Any, out: Any = None, **kwargs: Any) -> Any:
    """The product of matrices (..., m, k) and (..., k, n), whose leading axes are broadcast; see PEP 465."""
    check_ufunc_keywords("matmul", kwargs)
    return call("_npi_matmul", (a, b), {}, out)


def tensordot(a: Any, b: Any, axes: int | Sequence[Any] = 2) -> Any:
    """The sum of products over axes: the last of a and the first of b, or those that are named in two lists.

    Raises:
        MXNetError: ``axes`` is neither a number nor a pair of the same length.
    """
    if isinstance(axes, int) or not isinstance(axes, Sequence):
        return call("_npi_tensordot_int_axes", (a, b), {"axes": axes})
    if len(axes) != 2:
        raise MXNetError(f"np.tensordot: axes must be a number or a pair of lists of axes, got {axes}")
    of_a, of_b = ((one,) if isinstance(one, int) else one for one in axes)
    if len(of_a) != len(of_b):
        raise MXNetError(f"np.tensordot: axes name {len(of_a)} axes of a and {len(of_b)} of b")
    return call("_npi_tensordot", (a, b), {"a_axes_summed": of_a, "b_axes_summed": of_b})


def inner(a: Any, b: Any) -> Any:
    """The sum of products over the last axis of both."""
    return tensordot(a, b, ((-1,), (-1,)))


def outer(a: Any, b: Any) -> Any:
    """The products of all elements of a with all of b, as a matrix."""
    return tensordot(reshape_c(a, (-1,)), reshape_c(b, (-1,)), 0)


def vdot(a: Any, b: Any) -> Any:
    """The sum of the products of the elements of two flat arrays."""
    return tensordot(reshape_c(a, (-1,)), reshape_c(b, (-1,)), 1)


def einsum(*operands: Any, **kwargs: Any) -> Any:
    """Einstein's sum: ``einsum("ij,jk->ik", a, b)``.

    Args:
        operands: the subscripts, then arrays; repeated letters are summed over.
        out: array that takes the result.
        optimize: whether the order of the products may be chosen.

    Raises:
        TypeError: the first operand is no string, an unknown keyword.
    """
    out, optimize = kwargs.pop("out", None), kwargs.pop("optimize", False)
    if kwargs:
        raise TypeError(f"einsum() got an unexpected keyword argument '{next(iter(kwargs))}'")
    subscripts, *arrays = operands
    if not isinstance(subscripts, str):
        raise TypeError(f"einsum takes subscripts as a string first, got {type(subscripts)}")
    attrs = {"subscripts": subscripts, "optimize": int(bool(optimize))}
    return face_of(arrays).call("_npi_einsum", arrays, attrs, out)


def polyval(p: Any, x: Any) -> Any:
    """The polynomial with the coefficients p (1-D, that of the highest power first) at each element of x.

    Raises:
        TypeError: one argument is an array and the other is none.
    """
    arrays = [isinstance(one, (NDArray, Symbol)) for one in (p, x)]
    if not any(arrays):
        return np.polyval(p, x)
    if not all(arrays):
        raise TypeError(f"np.polyval takes two arrays, or none; got {type(p)} and {type(x)}")
    return call("_npi_polyval", (p, x))
