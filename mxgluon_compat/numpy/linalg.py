"""``mx.np.linalg``: linear algebra on matrices, which are the last two axes of what is given."""

from __future__ import annotations

from typing import Any

from ..base import numeric_types
from . import reductions
from .calls import call
from .elementwise import FUNCTIONS
from .fallback import LINALG

__all__ = [
    "cholesky", "det", "eig", "eigh", "eigvals", "eigvalsh", "inv", "norm", "pinv", "slogdet", "solve", "svd",
    "tensorinv", "tensorsolve", *LINALG,
]  # fmt: skip

globals().update(LINALG)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002 - numpy's name
    """The norm of vectors along one axis, of matrices over two, or of all elements.

    Args:
        x: array.
        ord: its order; None: the square root of the sum of squares. Of vectors any number, of matrices 1, -1, 2, -2,
            ``'inf'``, ``'-inf'``, ``'fro'`` and ``'nuc'``.
        axis: a number or a tuple of two; None: the last two axes, or with ``ord=None`` all of them.
        keepdims: whether reduced axes stay, with length 1.

    Raises:
        TypeError: another ``axis``.
        MXNetError: an order that there is not.
    """
    if axis is None and ord is None:
        return call("_npi_norm", (x,), {"ord": 2, "axis": None, "keepdims": keepdims, "flag": -2})
    if isinstance(axis, int):
        axis = (axis,)
    elif axis is not None and not isinstance(axis, tuple):
        raise TypeError(f"'axis' must be None, an integer or a tuple of integers, got {type(axis)}")
    if ord in ("inf", "-inf") or (isinstance(ord, float) and ord in (float("inf"), float("-inf"))):
        return _infinite(x, float(ord) > 0, axis, keepdims)
    if ord in (1, -1) and axis is not None and len(axis) == 2:
        extreme = reductions.max if ord == 1 else reductions.min
        return _columns(x, extreme, axis, keepdims)
    if ord is None or ord == "fro":
        flag, ord = 1, 2
    elif ord == "nuc":
        flag, ord = 2, 2
    else:
        flag = 0 if ord in (2, -2) and axis is not None and len(axis) == 2 else -1
    return call("_npi_norm", (x,), {"ord": ord, "axis": axis, "keepdims": keepdims, "flag": flag})


def _infinite(x: Any, largest: bool, axis: Any, keepdims: bool) -> Any:
    """The largest or smallest absolute element of vectors, or sum of the absolute elements in a row of matrices."""
    extreme = reductions.max if largest else reductions.min
    if axis is None or len(axis) == 1:
        return extreme(FUNCTIONS["abs"](x), axis, keepdims)
    return _columns(x, extreme, axis[::-1], keepdims)


def _columns(x: Any, extreme: Any, axis: tuple[int, int], keepdims: bool) -> Any:
    """The largest or smallest sum of the absolute elements along the first axis."""
    row, column = axis
    if not keepdims and column > row >= 0:
        column -= 1
    return extreme(reductions.sum(FUNCTIONS["abs"](x), row, keepdims=keepdims), column, keepdims)


def svd(a: Any) -> tuple[Any, Any, Any]:
    """(UT, L, V) with a = UT diag(L) V; the singular values L descend.

    ``a`` is (..., m, n), with m not above n; UT (..., m, m), L (..., m), V (..., m, n).
    """
    return tuple(call("_npi_svd", (a,)))


def cholesky(a: Any) -> Any:
    """The lower triangle L with a = L L^T, of symmetric matrices with positive eigenvalues."""
    return call("_npi_cholesky", (a,))


def inv(a: Any) -> Any:
    """The inverse of square matrices."""
    return call("_linalg_inverse", (a,), hint="inv")


def pinv(a: Any, rcond: Any = 1e-15, hermitian: bool = False) -> Any:
    """The pseudo-inverse; singular values below ``rcond`` (a number or an array) times the largest count as 0.

    Raises:
        NotImplementedError: ``hermitian``.
    """
    if hermitian:
        raise NotImplementedError("np.linalg.pinv takes all matrices alike; hermitian is not supported")
    if isinstance(rcond, numeric_types):
        return call("_npi_pinv_scalar_rcond", (a,), {"rcond": rcond, "hermitian": hermitian})
    return call("_npi_pinv", (a, rcond), {"hermitian": hermitian})


def det(a: Any) -> Any:
    """The determinant of square matrices: an array without the last two axes."""
    found = call("_linalg_det", (a,), hint="det")
    return found[0] if isinstance(found, list) else found


def slogdet(a: Any) -> list[Any]:
    """[sign, logarithm of the absolute value] of the determinant of square matrices."""
    return call("_linalg_slogdet", (a,), hint="slogdet")


def solve(a: Any, b: Any) -> Any:
    """x with a x = b, for square matrices a and vectors or matrices b."""
    return call("_npi_solve", (a, b))


def tensorinv(a: Any, ind: int = 2) -> Any:
    """The inverse of a tensor whose first ``ind`` axes have as many elements as the others."""
    return call("_npi_tensorinv", (a,), {"ind": ind})


def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """x with tensordot(a, x) = b; ``axes`` of a are moved to its end before."""
    return call("_npi_tensorsolve", (a, b), {"a_axes": axes})


def eig(a: Any) -> tuple[Any, Any]:
    """(eigenvalues, eigenvectors as columns) of square matrices whose eigenvalues are real."""
    return tuple(call("_npi_eig", (a,)))


def eigvals(a: Any) -> Any:
    """The eigenvalues of square matrices, which are real."""
    return call("_npi_eigvals", (a,))


def eigh(a: Any, UPLO: str = "L") -> tuple[Any, Any]:  # noqa: N803 - numpy's name
    """(eigenvalues in ascending order, eigenvectors as columns) of symmetric matrices; one triangle is read."""
    return tuple(call("_npi_eigh", (a,), {"UPLO": UPLO}))


def eigvalsh(a: Any, UPLO: str = "L") -> Any:  # noqa: N803 - numpy's name
    """The eigenvalues, in ascending order, of symmetric matrices, of which one triangle is read."""
    return call("_npi_eigvalsh", (a,), {"UPLO": UPLO})
