"""Functions of ``sym`` that make symbols without inputs, and those that are not operators of the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..base import dtype_name
from ..ops import registry
from .compose import create
from .register import call
from .symbol import Symbol

__all__ = ["arange", "eye", "full", "histogram", "linspace", "ones", "split_v2", "zeros"]


def _made(op_name: str, attrs: dict[str, Any], dtype: Any, name: str | None, more: dict[str, Any]) -> Symbol:
    attrs = {**attrs, "dtype": dtype_name(np.float32 if dtype is None else dtype), **more}
    return create(registry.get(op_name), [], attrs, name, attrs.pop("attr", None))


def zeros(shape: Any, dtype: Any = None, **kwargs: Any) -> Symbol:
    """A symbol of zeros; 0 in ``shape`` stands for a dimension that inference fills."""
    return _made("_zeros", {"shape": shape}, dtype, kwargs.pop("name", None), kwargs)


def ones(shape: Any, dtype: Any = None, **kwargs: Any) -> Symbol:
    """A symbol of ones."""
    return _made("_ones", {"shape": shape}, dtype, kwargs.pop("name", None), kwargs)


def full(shape: Any, val: float, dtype: Any = None, **kwargs: Any) -> Symbol:
    """A symbol whose elements are all ``val``."""
    return _made("_full", {"shape": shape, "value": float(val)}, dtype, kwargs.pop("name", None), kwargs)


def arange(
    start: float,
    stop: float | None = None,
    step: float = 1.0,
    repeat: int = 1,
    infer_range: bool = False,
    name: str | None = None,
    dtype: Any = None,
) -> Symbol:
    """Evenly spaced values in [start, stop), each ``repeat`` times; one number means [0, start)."""
    attrs = {"start": start, "stop": stop, "step": step, "repeat": repeat, "infer_range": infer_range}
    return _made("_arange", attrs, dtype, name, {})


def linspace(
    start: float, stop: float, num: int, endpoint: bool = True, name: str | None = None, dtype: Any = None
) -> Symbol:
    """``num`` evenly spaced values from ``start`` to ``stop``."""
    return _made("_linspace", {"start": start, "stop": stop, "num": num, "endpoint": endpoint}, dtype, name, {})


def eye(N: int, M: int = 0, k: int = 0, dtype: Any = None, **kwargs: Any) -> Symbol:  # noqa: N803
    """A (N, M) symbol with ones on its ``k``-th diagonal."""
    return _made("_eye", {"N": N, "M": M, "k": k}, dtype, kwargs.pop("name", None), kwargs)


def histogram(a: Symbol, bins: int | Symbol = 10, range: tuple[float, float] | None = None, **kwargs: Any) -> Symbol:
    """The numbers of elements in each bin (int64) and the bins' edges.

    Args:
        a: the values.
        bins: how many bins of one width lie in ``range``; or a symbol of their edges.
        range: the first edge and the last.

    Raises:
        ValueError: a number of bins without a range, ``bins`` that is neither a number nor a symbol.
    """
    name, attr = kwargs.pop("name", None), kwargs.pop("attr", None)
    op = registry.get("_histogram")
    if isinstance(bins, Symbol):
        return call(op, [a, bins], kwargs, name, attr, {})
    if not isinstance(bins, int):
        raise ValueError("bins argument should be either an integer or an NDArray")
    if range is None:
        raise ValueError("null range is not supported in symbol mode")
    return call(op, [a, None], {"bin_cnt": bins, "range": range, **kwargs}, name, attr, {})


def split_v2(
    ary: Symbol, indices_or_sections: int | Sequence[int], axis: int = 0, squeeze_axis: bool = False
) -> Symbol:
    """The symbol cut along ``axis`` into equal sections, or before each of the given indices.

    Raises:
        ValueError: ``indices_or_sections`` is neither a number nor a tuple.
    """
    if isinstance(indices_or_sections, int):
        attrs = {"indices": [], "sections": indices_or_sections}
    elif isinstance(indices_or_sections, (tuple, list)):
        attrs = {"indices": [0, *indices_or_sections], "sections": 0}
    else:
        raise ValueError("indices_or_sections must either int or tuple of ints")
    return create(registry.get("_split_v2"), [ary], {**attrs, "axis": axis, "squeeze_axis": squeeze_axis}, None, None)
