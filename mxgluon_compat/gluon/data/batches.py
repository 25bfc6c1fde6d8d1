"""Batches: samples stacked, arrays between processes, batches on another context."""

from __future__ import annotations

from collections.abc import Sequence
from multiprocessing.reduction import ForkingPickler
from typing import Any

import numpy as np
import torch
import torch.multiprocessing  # noqa: F401 - teaches multiprocessing to hand tensors over in shared memory

from ... import ndarray as nd
from ...base import dtype_name
from ...context import Context, cpu
from ...numpy import ndarray as np_ndarray
from ...numpy.family import as_mode, as_nd
from ...util import is_np_array

__all__ = ["default_batchify_fn", "default_mp_batchify_fn", "rebuild_ndarray", "reduce_ndarray"]

_SHARED = Context("cpu_shared", 0)
_SMALL = 1 << 16  # bytes


# ---------------------------------------------------------------------------------------------- between processes
def rebuild_ndarray(data: torch.Tensor | np.ndarray, family: type[nd.NDArray] = nd.NDArray) -> nd.NDArray:
    """The array that another process sent: a tensor in shared memory, or a small array's values."""
    return family(torch.from_numpy(data) if isinstance(data, np.ndarray) else data, _SHARED)


def reduce_ndarray(data: nd.NDArray) -> tuple[Any, ...]:
    """How multiprocessing sends an array: its tensor goes to shared memory, only the handle travels.

    The handle takes about a millisecond, so the values of a small array travel themselves.
    """
    tensor = data._data.detach().cpu()
    if tensor.nbytes <= _SMALL and tensor.dtype is not torch.bfloat16:
        return rebuild_ndarray, (tensor.numpy(), data._family)
    return rebuild_ndarray, (tensor, data._family)


ForkingPickler.register(nd.NDArray, reduce_ndarray)
ForkingPickler.register(np_ndarray, reduce_ndarray)


# ---------------------------------------------------------------------------------------------- batches
def _stack(data: Sequence[Any], ctx: Context) -> Any:
    first = data[0]
    if isinstance(first, nd.NDArray):
        return _array(_stacked(data)._data.detach().cpu(), ctx)
    if isinstance(first, torch.Tensor):
        return _array(torch.stack([x.detach().cpu() for x in data]), ctx)
    if isinstance(first, tuple):
        return [_stack(column, ctx) for column in zip(*data)]
    batch = np.asarray(data)
    dtype_name(batch.dtype)
    return _array(torch.from_numpy(batch), ctx)


def _array(tensor: torch.Tensor, ctx: Context) -> nd.NDArray:
    """An array of the family that Gluon makes now."""
    return (np_ndarray if is_np_array() else nd.NDArray)(tensor, ctx)


def _stacked(data: Sequence[nd.NDArray]) -> nd.NDArray:
    return as_mode(nd.stack(*as_nd(list(data))))


def default_batchify_fn(data: Sequence[Any]) -> Any:
    """A batch of samples: NDArray or torch tensor (...) -> (N, ...), numbers -> (N,), tuples -> a list of those.

    Raises:
        TypeError: samples of a type that MXNet has no dtype for.
    """
    if isinstance(data[0], nd.NDArray):
        return _stacked(data)
    if isinstance(data[0], tuple):
        return [default_batchify_fn(column) for column in zip(*data)]
    return _stack(data, cpu())


def default_mp_batchify_fn(data: Sequence[Any]) -> Any:
    """``default_batchify_fn`` for workers: the arrays are on the context ``cpu_shared(0)``."""
    return _stack(data, _SHARED)


def _as_in_context(data: Any, ctx: Context) -> Any:
    """The arrays in nested lists and tuples moved to ``ctx``; whatever is no array stays."""
    if isinstance(data, nd.NDArray):
        if ctx.device_type == "cpu_pinned" and data.context.is_cpu:
            tensor = data._data.detach()
            return data._family(tensor.pin_memory() if torch.cuda.is_available() else tensor, ctx)
        return data.as_in_context(ctx)
    if isinstance(data, (list, tuple)):
        return [_as_in_context(d, ctx) for d in data]
    return data
