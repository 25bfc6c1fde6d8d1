"""Functions that make arrays, and those of ``nd`` that are not operators of the table."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from ..base import MXNetError, torch_dtype
from ..context import Context, current_context, gpu_module, require_gpu
from ..ops import registry
from ..util import is_np_shape
from . import indexing, sparse
from .invoke import call, invoke, wrap
from .ndarray import NDArray, as_tensor, from_torch
from .sparse.creation import is_sparse

__all__ = [
    "arange", "array", "concatenate", "empty", "eye", "from_dlpack", "from_numpy", "full", "histogram", "linspace",
    "moveaxis", "ones", "onehot_encode", "split_v2", "to_dlpack_for_read", "to_dlpack_for_write", "waitall", "zeros",
]  # fmt: skip


def array(source_array: Any, ctx: Context | None = None, dtype: Any = None) -> NDArray:
    """A new array with these values.

    Args:
        source_array: an NDArray, a numpy array, a torch tensor, numbers in nested lists, or one number; a sparse
            NDArray or SciPy's csr_matrix gives a sparse array.
        ctx: where to; default the current context.
        dtype: default the dtype of an NDArray source, float32 for all others.

    Raises:
        TypeError: ``source_array`` is not array-like.
    """
    if is_sparse(source_array):
        return sparse.array(source_array, ctx, dtype)
    if dtype is None:
        dtype = source_array._data.dtype if isinstance(source_array, NDArray) else torch.float32
    tensor, ctx = as_tensor(source_array, torch_dtype(dtype), ctx)
    return wrap(tensor, ctx)


def check_shape(shape: Sequence[int], least: int = 1) -> None:
    """Raises MXNetError unless ``shape`` is that of an array.

    Unless numpy's shapes are on, a 0 means "unknown" in MXNet, and there are no arrays without dimensions.
    """
    least = 0 if is_np_shape() else least
    if any(n < least for n in shape) or (least and not shape):
        raise MXNetError(
            f"shape : {tuple(shape)} is not the shape of an array: every dimension must be at least {least}"
        )


def _filled(name: str, shape: Any, ctx: Any, dtype: Any, keywords: dict[str, Any]) -> NDArray:
    """Runs the operator ``name`` (``_zeros``, ``_ones``); ``keywords`` may hold ``out``, ``name`` and ``__notes__``."""
    op = registry.get(name)
    out = keywords.pop("out", None)
    keywords = {k: v for k, v in keywords.items() if k != "name" and not k.startswith("__")}
    attributes = op.parse(
        {"shape": shape, "ctx": str(ctx or current_context()), "dtype": torch_dtype(dtype), **keywords}
    )
    check_shape(attributes["shape"])
    return invoke(op, (), attributes, out)


def zeros(
    shape: Any, ctx: Context | None = None, dtype: Any = None, stype: str | None = None, **kwargs: Any
) -> NDArray:
    """An array of zeros.

    Args:
        shape: a number or a tuple.
        ctx: where to; default the current context.
        dtype: default float32.
        stype: ``'default'`` or None, ``'row_sparse'`` or ``'csr'``.
        **kwargs: ``out``, an array that takes the zeros.

    Raises:
        MXNetError: not a shape, or an unknown keyword.
        TypeError: MXNet has no such dtype.
    """
    if stype not in (None, "default"):
        return sparse.zeros(stype, shape, ctx, dtype, **kwargs)
    return _filled("_zeros", shape, ctx, dtype, kwargs)


def ones(shape: Any, ctx: Context | None = None, dtype: Any = None, **kwargs: Any) -> NDArray:
    """An array of ones; arguments and errors are those of ``zeros``."""
    return _filled("_ones", shape, ctx, dtype, kwargs)


def full(
    shape: Any, val: Any, ctx: Context | None = None, dtype: Any = np.float32, out: NDArray | None = None
) -> NDArray:
    """An array whose elements are all ``val``: a number, or an array that broadcasts to ``shape``."""
    out = empty(shape, ctx, dtype) if out is None else out
    out[:] = val
    return out


def empty(shape: Any, ctx: Context | None = None, dtype: Any = None, stype: str | None = None) -> NDArray:
    """An array whose elements are not set; arguments and errors are those of ``zeros``."""
    if stype not in (None, "default"):
        return sparse.empty(stype, shape, ctx, dtype)
    ctx = ctx or current_context()
    require_gpu(ctx)
    shape = registry.get("_zeros").parse({"shape": shape})["shape"]
    check_shape(shape, least=0 if shape else 1)  # no operator runs, so a 0 is a length here
    return wrap(torch.empty(shape, dtype=torch_dtype(dtype), device=ctx.torch_device), ctx)


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
    if infer_range is not None:
        warnings.warn("`infer_range` argument has been deprecated since MXNet 1.6: it has no effect", stacklevel=2)
    op = registry.get("_arange")
    raw = {"start": start, "stop": stop, "step": step, "repeat": repeat, "dtype": np.dtype(dtype)}
    return invoke(op, (), op.parse({**raw, "ctx": str(ctx or current_context())}))


def linspace(
    start: float, stop: float, num: int, endpoint: bool = True, ctx: Context | None = None, dtype: Any = np.float32
) -> NDArray:
    """``num`` evenly spaced values from ``start`` to ``stop`` (left out unless ``endpoint``)."""
    op = registry.get("_linspace")
    raw = {"start": start, "stop": stop, "num": num, "endpoint": endpoint, "dtype": np.dtype(dtype)}
    return invoke(op, (), op.parse({**raw, "ctx": str(ctx or current_context())}))


def eye(N: int, M: int = 0, k: int = 0, ctx: Context | None = None, dtype: Any = None, **kwargs: Any) -> NDArray:  # noqa: N803
    """A (N, M) array with ones on its ``k``-th diagonal; M = 0 means N; ``out`` takes the result.

    Raises:
        MXNetError: sizes that are no sizes, or an unknown keyword.
    """
    op = registry.get("_eye")
    out = kwargs.pop("out", None)
    kwargs.pop("name", None)
    raw = {"N": N, "M": M, "k": k, "dtype": torch_dtype(dtype), "ctx": str(ctx or current_context()), **kwargs}
    return invoke(op, (), op.parse(raw), out)


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
    """The arrays one after the other along ``axis``; a single one itself unless ``always_copy``.

    Raises:
        AssertionError: no arrays, something else than arrays, or arrays of several dtypes or numbers of dimensions.
    """
    assert len(arrays) > 0, "at least one array is needed"
    for array in arrays:
        assert isinstance(array, NDArray), f"concatenate: all must have NDArray type, got {type(array)}"
        assert array.dtype == arrays[0].dtype, f"several dtypes: {arrays[0].dtype.__name__}, {array.dtype.__name__}"
        assert array.ndim == arrays[0].ndim, f"different numbers of dimensions: {arrays[0].shape}, {array.shape}"
    if len(arrays) == 1 and not always_copy:
        return arrays[0]
    return call(registry.get("Concat"), list(arrays), {"dim": axis}, None, {})


def split_v2(
    ary: NDArray, indices_or_sections: int | Sequence[int], axis: int = 0, squeeze_axis: bool = False
) -> NDArray | list[NDArray]:
    """The method ``split_v2`` of ``ary``."""
    return ary.split_v2(indices_or_sections, axis, squeeze_axis)


def histogram(
    a: NDArray,
    bins: int | NDArray = 10,
    range: tuple[float, float] | None = None,  # noqa: A002 - MXNet's name
) -> list[NDArray] | tuple[NDArray, NDArray]:
    """How many elements of ``a`` fall into each bin.

    Args:
        a: any shape.
        bins: number of bins of one width, or their edges in rising order.
        range: outer edges; default the least and the greatest element.

    Returns:
        The counts (bins,), int64, or float32 where neither edges nor a range are given; and the edges (bins + 1,): a
        list, a tuple in the latter case.

    Raises:
        ValueError: ``bins`` is neither a number nor an NDArray.
    """
    if isinstance(bins, NDArray):
        counts, edges = np.histogram(a.asnumpy(), bins.asnumpy())
    elif isinstance(bins, int):
        counts, edges = np.histogram(a.asnumpy(), bins, range)
    else:
        raise ValueError("bins argument should be either an integer or an NDArray")
    if range is None and not isinstance(bins, NDArray):
        return array(counts, a.ctx, np.float32), array(edges, a.ctx, np.float32)
    return [array(counts, a.ctx, np.int64), array(edges, a.ctx, a.dtype)]


def onehot_encode(indices: NDArray, out: NDArray) -> NDArray:
    """Writes the one-hot rows of ``indices`` into ``out`` (N, classes)."""
    op = registry.get("one_hot")
    hot = invoke(op, (indices,), op.parse({"depth": out.shape[1], "dtype": out.dtype}))
    out[:] = hot
    return out


def from_numpy(ndarray: np.ndarray, zero_copy: bool = True, array_cls: type[NDArray] = NDArray) -> NDArray:
    """A numpy array as one of ``array_cls``; with ``zero_copy`` they share the elements, and numpy's is read-only.

    Raises:
        ValueError: ``zero_copy`` of an array that is not C-contiguous.
        TypeError: ``array_cls`` is neither NDArray nor ``mx.np.ndarray``.
    """
    if getattr(array_cls, "_family", None) is not array_cls:
        raise TypeError(f"array_cls must be NDArray or mx.np.ndarray, got {array_cls}")
    if zero_copy:
        if not ndarray.flags["C_CONTIGUOUS"]:
            raise ValueError("Only c-contiguous arrays are supported for zero-copy")
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The given NumPy array is not writable")
            tensor = torch.from_numpy(indexing.contiguous(ndarray))
        ndarray.flags["WRITEABLE"] = False  # from here on the NDArray is the one to write through
        return array_cls(tensor)
    made = array(ndarray, dtype=ndarray.dtype)
    return made if array_cls is NDArray else made.as_np_ndarray()


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
    gpus = gpu_module()
    if gpus.is_available() and gpus.is_initialized():
        for device in range(gpus.device_count()):
            if gpus.memory_reserved(device):  # else nothing was made there; to ask would take memory
                gpus.synchronize(device)
