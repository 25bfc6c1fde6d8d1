"""Functions that make arrays, and those of ``nd`` that are not operators of the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from ..base import MXNetError, UnsupportedError, numeric_types, torch_dtype
from ..context import Context, current_context, require_gpu
from ..ops import registry
from .invoke import invoke, wrap
from .ndarray import NDArray, as_tensor, from_torch

__all__ = [
    "arange", "array", "concatenate", "empty", "eye", "from_dlpack", "from_numpy", "full", "linspace", "moveaxis",
    "ones", "onehot_encode", "split_v2", "to_dlpack_for_read", "to_dlpack_for_write", "waitall", "zeros",
]  # fmt: skip


def array(source_array: Any, ctx: Context | None = None, dtype: Any = None, **_: Any) -> NDArray:
    """A new array with these values.

    Args:
        source_array: an NDArray, a numpy array, a torch tensor, numbers in nested lists, or one number.
        ctx: where to; default the current context.
        dtype: default the dtype of an NDArray source, float32 for all others.

    Raises:
        TypeError: ``source_array`` is not array-like.
    """
    if dtype is None:
        dtype = source_array._data.dtype if isinstance(source_array, NDArray) else torch.float32
    tensor, ctx = as_tensor(source_array, torch_dtype(dtype), ctx)
    return wrap(tensor, ctx)


def _shape(shape: Any) -> tuple[int, ...]:
    shape = (shape,) if isinstance(shape, numeric_types) else tuple(shape)
    if not shape or any(int(n) <= 0 for n in shape):
        # A 0 means "unknown" in MXNet's legacy shapes, and there are no arrays without dimensions.
        raise MXNetError(f"shape : {shape} is not the shape of an array: every dimension must be at least 1")
    return tuple(int(n) for n in shape)


def _filled(
    name: str, shape: Any, ctx: Any, dtype: Any, stype: str | None, out: NDArray | None = None, **more: Any
) -> NDArray:
    if stype not in (None, "default"):
        raise UnsupportedError(f"nd{name.replace('_', '.', 1)}(stype={stype!r})", "sparse arrays are not there yet")
    op = registry.get(name)
    attributes = op.parse({
        "shape": _shape(shape), "ctx": str(ctx or current_context()), "dtype": np.float32 if dtype is None else dtype,
        **more,
    })  # fmt: skip
    return invoke(op, (), attributes, out)


def zeros(
    shape: Any, ctx: Context | None = None, dtype: Any = None, stype: str | None = None, out: Any = None, **_: Any
) -> NDArray:
    """An array of zeros: ``shape`` a number or a tuple, ``dtype`` float32 by default."""
    return _filled("_zeros", shape, ctx, dtype, stype, out)


def ones(shape: Any, ctx: Context | None = None, dtype: Any = None, out: Any = None, **_: Any) -> NDArray:
    """An array of ones: ``shape`` a number or a tuple, ``dtype`` float32 by default."""
    return _filled("_ones", shape, ctx, dtype, None, out)


def full(shape: Any, val: float, ctx: Context | None = None, dtype: Any = None, out: Any = None) -> NDArray:
    """An array whose elements are all ``val``."""
    return _filled("_full", shape, ctx, dtype, None, out, value=val)


def empty(shape: Any, ctx: Context | None = None, dtype: Any = None, stype: str | None = None) -> NDArray:
    """An array whose elements are not set."""
    if stype not in (None, "default"):
        raise UnsupportedError(f"nd.empty(stype={stype!r})", "sparse arrays are not there yet")
    ctx = ctx or current_context()
    require_gpu(ctx)
    return wrap(torch.empty(_shape(shape), dtype=torch_dtype(dtype), device=ctx.torch_device), ctx)


def arange(
    start: float,
    stop: float | None = None,
    step: float = 1.0,
    repeat: int = 1,
    infer_range: bool | None = None,
    ctx: Context | None = None,
    dtype: Any = np.float32,
) -> NDArray:
    """Evenly spaced values in [start, stop), each ``repeat`` times; one number means [0, start)."""
    if infer_range:
        raise UnsupportedError("nd.arange(infer_range=True)", "MXNet deprecated it; use contrib.arange_like")
    op = registry.get("_arange")
    raw = {"start": start, "stop": stop, "step": step, "repeat": repeat, "dtype": dtype}
    return invoke(op, (), op.parse({**raw, "ctx": str(ctx or current_context())}))


def linspace(
    start: float, stop: float, num: int, endpoint: bool = True, ctx: Context | None = None, dtype: Any = np.float32
) -> NDArray:
    """``num`` evenly spaced values from ``start`` to ``stop`` (left out unless ``endpoint``)."""
    op = registry.get("_linspace")
    raw = {"start": start, "stop": stop, "num": num, "endpoint": endpoint, "dtype": dtype}
    return invoke(op, (), op.parse({**raw, "ctx": str(ctx or current_context())}))


def eye(N: int, M: int = 0, k: int = 0, ctx: Context | None = None, dtype: Any = None, **_: Any) -> NDArray:  # noqa: N803
    """A (N, M) array with ones on its ``k``-th diagonal; M = 0 means N."""
    op = registry.get("_eye")
    raw = {"N": N, "M": M, "k": k, "dtype": np.float32 if dtype is None else dtype}
    return invoke(op, (), op.parse({**raw, "ctx": str(ctx or current_context())}))


def moveaxis(tensor: NDArray, source: int | Sequence[int], destination: int | Sequence[int]) -> NDArray:
    """The array with dimensions ``source`` moved to the places ``destination``.

    Raises:
        ValueError: an axis out of bounds, repeated, or lists of different lengths.
    """

    def positions(axes: int | Sequence[int], what: str) -> list[int]:
        axes = [axes] if isinstance(axes, int) else list(axes)
        for axis in axes:
            if not -tensor.ndim <= axis < tensor.ndim:
                raise ValueError(f"{what} axis {axis} is out of bounds for an array with {tensor.ndim} dimensions")
        places = [a % tensor.ndim for a in axes]
        if len(set(places)) != len(places):
            raise ValueError(f"repeated {what} axis")
        return places

    moved, to = positions(source, "source"), positions(destination, "destination")
    if len(moved) != len(to):
        raise ValueError("`source` and `destination` arguments must have the same number of elements")
    order = [n for n in range(tensor.ndim) if n not in moved]
    for place, axis in sorted(zip(to, moved, strict=True)):
        order.insert(place, axis)
    return tensor.transpose(order)


def concatenate(arrays: Sequence[NDArray], axis: int = 0, always_copy: bool = True) -> NDArray:
    """The arrays one after the other along ``axis``; a single one itself unless ``always_copy``."""
    if len(arrays) == 1 and not always_copy:
        return arrays[0]
    op = registry.get("Concat")
    return invoke(op, list(arrays), op.parse({"dim": axis}))


def split_v2(
    ary: NDArray, indices_or_sections: int | Sequence[int], axis: int = 0, squeeze_axis: bool = False
) -> NDArray | list[NDArray]:
    """The array cut along ``axis`` into equal sections, or before each of the given indices.

    Raises:
        ValueError: ``indices_or_sections`` is neither a number nor a tuple.
    """
    op = registry.get("_split_v2")
    if isinstance(indices_or_sections, int):
        attrs = {"indices": (), "sections": indices_or_sections}
    elif isinstance(indices_or_sections, (tuple, list)):
        attrs = {"indices": (0, *indices_or_sections), "sections": 0}
    else:
        raise ValueError("indices_or_sections must either int or tuple / set of ints")
    return invoke(op, (ary,), op.parse({**attrs, "axis": axis, "squeeze_axis": squeeze_axis}))


def onehot_encode(indices: NDArray, out: NDArray) -> NDArray:
    """Writes the one-hot rows of ``indices`` into ``out`` (N, classes)."""
    op = registry.get("one_hot")
    hot = invoke(op, (indices,), op.parse({"depth": out.shape[1], "dtype": out.dtype}))
    out[:] = hot
    return out


def from_numpy(ndarray: np.ndarray, zero_copy: bool = True) -> NDArray:
    """A numpy array as an NDArray; with ``zero_copy`` they share the elements.

    Raises:
        ValueError: ``zero_copy`` of an array that is not C-contiguous.
    """
    if zero_copy:
        if not ndarray.flags["C_CONTIGUOUS"]:
            raise ValueError("Only c-contiguous arrays are supported for zero-copy")
        ndarray.flags["WRITEABLE"] = True
        return from_torch(torch.from_numpy(ndarray))
    return array(ndarray, dtype=ndarray.dtype)


def from_dlpack(dlpack: Any) -> NDArray:
    """The array behind a DLPack capsule or an object with ``__dlpack__``; elements are shared."""
    return from_torch(torch.utils.dlpack.from_dlpack(dlpack))


def to_dlpack_for_read(data: NDArray) -> Any:
    """A DLPack capsule of ``data``, not to be written to."""
    return data.to_dlpack_for_read()


def to_dlpack_for_write(data: NDArray) -> Any:
    """A DLPack capsule of ``data``."""
    return data.to_dlpack_for_write()


def waitall() -> None:
    """Waits until all devices have finished their work."""
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        for device in range(torch.cuda.device_count()):
            torch.cuda.synchronize(device)
