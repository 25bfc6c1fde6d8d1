"""``nd.all_finite`` and ``nd.multi_all_finite``: with ``init_output=False`` they go on from what ``out`` holds."""

from __future__ import annotations

from typing import Any

from ..base import MXNetError, _Null
from ..ops import registry
from .invoke import call
from .ndarray import NDArray

__all__ = ["all_finite", "multi_all_finite"]


def _run(
    name: str, data: tuple[Any, ...], init_output: Any, out: Any, attrs: dict[str, Any], extra: dict[str, Any]
) -> Any:
    op = registry.get(name)
    if init_output is _Null or op.attributes["init_output"].parse(init_output):
        return call(op, data, attrs, out, extra)
    if not isinstance(out, NDArray):
        raise MXNetError(f"Error in operator {name}: init_output=False needs out=, an array with the result so far")
    out *= call(op, data, attrs, None, extra)
    return out


def all_finite(
    data: NDArray | None = None,
    init_output: Any = _Null,
    out: NDArray | None = None,
    name: str | None = None,
    **kwargs: Any,
) -> NDArray:
    """(1,) float32: 1 where all elements are finite, else 0.

    Args:
        data: floating-point array of any shape.
        init_output: False: ``out`` stays 0 where it is 0 already.
        out: array (1,) that takes the result.
        name: name of the symbol.

    Raises:
        MXNetError: ``data`` is not of a floating-point dtype; ``init_output=False`` without ``out``.
    """
    return _run("all_finite", (data,), init_output, out, {}, kwargs)


def multi_all_finite(
    *data: NDArray,
    num_arrays: Any = _Null,
    init_output: Any = _Null,
    out: NDArray | None = None,
    name: str | None = None,
    **kwargs: Any,
) -> NDArray:
    """(1,) float32: 1 where all elements of all arrays are finite, else 0.

    Args:
        data: floating-point arrays of any shapes.
        num_arrays: how many there are.
        init_output: False: ``out`` stays 0 where it is 0 already.
        out: array (1,) that takes the result.
        name: name of the symbol.

    Raises:
        MXNetError: not as many as ``num_arrays``, or not all floating-point; ``init_output=False`` without ``out``.
    """
    return _run("multi_all_finite", data, init_output, out, {"num_arrays": num_arrays}, kwargs)
