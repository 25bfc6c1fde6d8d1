"""``nd.save`` and ``nd.load``."""

from __future__ import annotations

import os
from typing import Any

from ..context import Context, current_context
from ..serialization import params
from .invoke import wrap
from .ndarray import NDArray

__all__ = ["load", "save"]


def save(fname: str | os.PathLike[str], data: Any) -> None:
    """Saves one array, a list of arrays or a dict of arrays by name.

    Raises:
        ValueError: ``data`` is something else.
        TypeError: the elements are not arrays.
    """
    if isinstance(data, NDArray):
        data = [data]
    if isinstance(data, dict):
        if not all(isinstance(k, str) for k in data) or not all(isinstance(v, NDArray) for v in data.values()):
            raise TypeError("save only accept dict str->NDArray or list of NDArray")
        params.save_tensors(fname, {k: v._data for k, v in data.items()})
    elif isinstance(data, (list, tuple)):
        if not all(isinstance(v, NDArray) for v in data):
            raise TypeError("save only accept dict str->NDArray or list of NDArray")
        params.save_tensors(fname, [v._data for v in data])
    else:
        raise ValueError(
            f"data needs to either be a NDArray, dict of str, NDArray pairs or a list of NDarrays, got {type(data)}"
        )


def load(fname: str | os.PathLike[str]) -> Any:
    """What ``save`` wrote: a list of arrays or a dict of arrays by name, on the current context.

    Raises:
        MXNetError: not an array file, or a damaged one.
    """
    ctx = current_context()
    found = params.load_tensors(fname)
    if isinstance(found, dict):
        return {k: _array(t, ctx) for k, t in found.items()}
    return [_array(t, ctx) for t in found]


def _array(tensor: Any, ctx: Context) -> NDArray:
    return wrap(tensor.to(ctx.torch_device), ctx)
