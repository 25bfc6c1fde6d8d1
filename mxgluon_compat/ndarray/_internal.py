"""Operators of ``mx.nd._internal``; filled from the table when ``mx.nd`` is imported.

What stands here itself are the functions that write into an array only, and so have no row there.
"""

from __future__ import annotations

from typing import Any

from ..base import MXNetError
from ..base import _Null as _Null  # legacy code looks for it here
from . import creation
from .ndarray import NDArray

__all__ = ["_copyto", "_onehot_encode", "_set_value"]


def _copyto(data: NDArray, out: NDArray | None = None, name: str | None = None, **kwargs: Any) -> NDArray:
    """Copies ``data`` into ``out`` of its shape, of any dtype, storage and context; see ``NDArray.copyto``.

    Raises:
        AssertionError: ``data`` is no NDArray.
        MXNetError: no ``out``, or one of another shape.
    """
    assert isinstance(data, NDArray), f"Argument data must have NDArray type, but got {data}"
    out = _target("_copyto", out)
    return out if out is data else data.copyto(out)


def _set_value(src: float, out: NDArray | None = None, name: str | None = None, **kwargs: Any) -> NDArray:
    """Sets all elements of ``out`` to a number.

    Raises:
        MXNetError: no ``out``, or ``src`` is no number.
    """
    out = _target("_set_value", out)
    try:
        out[:] = float(src)
    except (TypeError, ValueError) as error:
        raise MXNetError(f"_set_value takes a number, got {src!r}") from error
    return out


def _onehot_encode(
    lhs: NDArray, rhs: NDArray, out: NDArray | None = None, name: str | None = None, **kwargs: Any
) -> NDArray:
    """The one-hot rows of the indices ``lhs`` (N,) in the shape (N, classes) of ``rhs``, in ``out`` or a new array.

    Raises:
        MXNetError: another number of rows.
    """
    if len(lhs) != len(rhs):
        raise MXNetError(f"_onehot_encode: {len(lhs)} indices for {len(rhs)} rows of {rhs.shape}")
    return creation.onehot_encode(lhs, rhs.zeros_like() if out is None else out)


def _target(name: str, out: NDArray | None) -> NDArray:
    if out is None:
        raise MXNetError(f"{name} writes into an array: out=... is missing")
    return out
