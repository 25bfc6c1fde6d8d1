"""Operators that rearrange a tensor: reshape, transpose, concatenate, split, repeat, pad; and those that create one.

Many of them return views (``may_alias``): inside a graph that saves a copy, and nothing in a graph writes in place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import torch
import torch.nn.functional as F

from ..base import UnsupportedError, numpy_semantics
from .registry import operator, same_shape
from .schema import Dtype, Long, Shape
from .shape_rules import concatenated, from_output, reshape_shapes


# ---------------------------------------------------------------------------------------------- reshape
def reshape_codes(dims: Sequence[int], codes: Sequence[int]) -> list[int]:
    """MXNet's reshape codes, read from left to right against ``dims`` (at most one -1 stays, to be inferred).

    0 copies a dimension, -2 copies all that remain, -3 joins two, -4 splits one into the two codes after it.

    Raises:
        ValueError: the codes do not fit the dimensions.
    """
    out: list[int] = []
    at, i = 0, 0
    while i < len(codes):
        code = codes[i]
        if code == -2:
            out.extend(dims[at:])
            at = len(dims)
        elif code == -3:
            if at + 1 >= len(dims):
                raise ValueError(f"code -3 at {i} of {tuple(codes)} joins two dimensions, too few are left")
            out.append(dims[at] * dims[at + 1])
            at += 2
        elif code == -4:
            if at >= len(dims) or i + 2 >= len(codes):
                raise ValueError(f"code -4 at {i} of {tuple(codes)} needs a dimension and two codes after it")
            first, second = codes[i + 1], codes[i + 2]
            if first == -1:
                first = dims[at] // second if second > 0 else 0
            elif second == -1:
                second = dims[at] // first if first > 0 else 0
            if first < 0 or second < 0 or first * second != dims[at]:
                raise ValueError(f"code -4 cannot split dimension {dims[at]} into {codes[i + 1]} and {codes[i + 2]}")
            out += (first, second)
            at += 1
            i += 2
        elif code == 0:
            if at >= len(dims):
                raise ValueError(f"code 0 at {i} of {tuple(codes)} copies a dimension that is not there")
            out.append(dims[at])
            at += 1
        else:
            out.append(code)
            at += 1
        i += 1
    return out


@operator("Reshape", "reshape", infer_inputs=reshape_shapes, may_alias=True)
def reshape(
    data: torch.Tensor,
    *,
    shape: Shape = (),
    reverse: bool = False,
    target_shape: Shape = (),
    keep_highest: bool = False,
) -> torch.Tensor:
    """The same elements in row-major order under another shape.

    ``shape`` may hold the codes of ``reshape_codes``; ``reverse`` reads it from the right. ``target_shape`` is the
    older form, where 0 stands for the one inferred dimension and ``keep_highest`` keeps the first.
    """
    if not shape:
        shape = tuple(d or -1 for d in target_shape)
        if keep_highest and shape:
            shape = (data.shape[0], *shape[1:])
    elif any(code == 0 or code < -1 for code in shape):
        if reverse:
            shape = reshape_codes(data.shape[::-1], shape[::-1])[::-1]
        else:
            shape = reshape_codes(data.shape, shape)
    return data.reshape(shape)


@operator("Flatten", "flatten", "_npx_batch_flatten", may_alias=True)
def flatten(data: torch.Tensor) -> torch.Tensor:
    """(N, ...) -> (N, product of the rest); (N,) -> (N, 1)."""
    return data.flatten(1) if data.ndim > 1 else data.unsqueeze(1)


def _span(name: str, begin: int | None, end: int | None, ndim: int) -> tuple[int, int]:
    """The axis range [begin, end) of ``reshape_like``, None and negative values resolved."""
    low = 0 if begin is None else begin + ndim if begin < 0 else begin
    high = ndim if end is None else end + ndim if end < 0 else end
    if not 0 <= low < high <= ndim:
        raise ValueError(f"Invalid begin, end, get {name}_begin={begin}, {name}_end={end}")
    return low, high


@operator("reshape_like", "_npx_reshape_like", mixed_dtypes=True, may_alias=True)
def reshape_like(
    lhs: torch.Tensor,
    rhs: torch.Tensor,
    *,
    lhs_begin: int | None = None,
    lhs_end: int | None = None,
    rhs_begin: int | None = None,
    rhs_end: int | None = None,
) -> torch.Tensor:
    """lhs with its dimensions [lhs_begin, lhs_end) replaced by rhs's dimensions [rhs_begin, rhs_end)."""
    if lhs_begin is lhs_end is rhs_begin is rhs_end is None:
        return lhs.reshape(rhs.shape)
    low, high = _span("lhs", lhs_begin, lhs_end, lhs.ndim)
    start, stop = _span("rhs", rhs_begin, rhs_end, rhs.ndim)
    return lhs.reshape((*lhs.shape[:low], *rhs.shape[start:stop], *lhs.shape[high:]))


# ---------------------------------------------------------------------------------------------- axes
def _transposed(output: Shape, *, axes: Shape, **_: Any) -> Shape:
    if not axes:
        return output[::-1]
    if sorted(axes) != list(range(len(output))):
        raise ValueError(f"axes {axes} are no order of {len(output)} axes")
    return tuple(output[axes.index(i)] for i in range(len(axes)))


@operator("transpose", infer_inputs=from_output(_transposed), may_alias=True)
def transpose(data: torch.Tensor, *, axes: Shape = ()) -> torch.Tensor:
    """Axis i of the result is axis ``axes[i]`` of data; without axes, all axes in reverse order."""
    return data.permute(axes or tuple(range(data.ndim - 1, -1, -1)))


def _swapped(output: Shape, *, dim1: int, dim2: int, **_: Any) -> Shape:
    shape = list(output)
    shape[dim1], shape[dim2] = shape[dim2], shape[dim1]
    return tuple(shape)


@operator("SwapAxis", "swapaxes", "_npi_swapaxes", infer_inputs=from_output(_swapped), may_alias=True)
def swapaxes(data: torch.Tensor, *, dim1: int = 0, dim2: int = 0) -> torch.Tensor:
    """data with the two axes exchanged."""
    return data.transpose(dim1, dim2)


def _without_axis(output: Shape, *, axis: int, **_: Any) -> Shape:
    if not -len(output) <= axis < len(output) or output[axis] > 1:
        raise ValueError(f"axis {axis} of the result has length 1, got {output}")
    axis %= len(output)
    return output[:axis] + output[axis + 1 :]


@operator("expand_dims", "_npi_expand_dims", infer_inputs=from_output(_without_axis), may_alias=True)
def expand_dims(data: torch.Tensor, *, axis: int) -> torch.Tensor:
    """data with a new axis of size 1 before ``axis``."""
    return data.unsqueeze(axis)


@operator("squeeze", may_alias=True)
def squeeze(data: torch.Tensor, *, axis: Shape | None = None) -> torch.Tensor:
    """data without the given axes of size 1 (default: all of them); one dimension always remains."""
    if axis is None:
        out = data.squeeze()
    else:
        for a in axis:
            if data.shape[a] != 1:
                raise ValueError(
                    f"cannot select an axis to squeeze out which has size={data.shape[a]} not equal to one"
                )
        out = data.squeeze(axis)
    return out if out.ndim else out.reshape(1)


@operator("reverse", "flip", infer_inputs=same_shape)
def reverse(data: torch.Tensor, *, axis: Shape) -> torch.Tensor:
    """data with the order of elements along the axes reversed."""
    axes = [a % data.ndim if -data.ndim <= a < data.ndim else a for a in axis]
    return data.flip([a for a in set(axes) if axes.count(a) % 2])  # as often as it is named


# ---------------------------------------------------------------------------------------------- join
@operator("Concat", "concat", "_sparse_concat", count="num_args", infer_inputs=concatenated)
def concat(*data: torch.Tensor, dim: int = 1) -> torch.Tensor:
    """The tensors joined along ``dim``; all other dimensions are equal."""
    return torch.cat(data, dim)


@operator("stack", count="num_args", infer_inputs=lambda shapes, **_: same_shape(shapes))
def stack(*data: torch.Tensor, axis: int = 0) -> torch.Tensor:
    """The tensors, all of one shape, joined along a new axis."""
    return torch.stack(data, axis)


@operator("tile", "_npi_tile")
def tile(data: torch.Tensor, *, reps: Shape) -> torch.Tensor:
    """data repeated as a whole ``reps[i]`` times along axis i (counted from the last one, as numpy does).

    0 times, which leaves nothing, only under ``np_shape``.
    """
    least = 0 if numpy_semantics.shape else 1
    if any(r < least for r in reps):
        raise ValueError(f"reps must be at least {least}, got {reps}")
    return data.tile(reps)


@operator("repeat", "_np_repeat")
def repeat(data: torch.Tensor, *, repeats: int, axis: int | None = None) -> torch.Tensor:
    """Each element ``repeats`` times along the axis; without an axis, of the flattened data; (0,) for no repeats."""
    if repeats == 0:
        return data.new_zeros(0)
    return data.repeat_interleave(repeats, dim=axis)


@operator("Pad", "pad")
def pad(
    data: torch.Tensor,
    *,
    mode: Literal["constant", "edge", "reflect"],
    pad_width: Shape,
    constant_value: float = 0.0,
) -> torch.Tensor:
    """data (N, C, H, W) or (N, C, D, H, W), padded by (before, after) of each axis in ``pad_width``.

    The first two axes are not padded. reflect needs padding smaller than the axis.
    """
    if data.ndim not in (4, 5):
        raise ValueError(f"only data of 4 or 5 dimensions can be padded, got {data.ndim}")
    if len(pad_width) != 2 * data.ndim:
        raise ValueError(f"pad_width needs two values for each of {data.ndim} axes, got {pad_width}")
    if any(pad_width[:4]):
        raise ValueError(f"padding of the first two axes must be zero, got {pad_width}")
    # torch wants (before, after) pairs from the last axis to the first.
    widths = [w for i in range(len(pad_width) - 2, 3, -2) for w in pad_width[i : i + 2]]
    if mode == "constant":
        return F.pad(data, widths, value=constant_value)
    return F.pad(data, widths, mode="replicate" if mode == "edge" else "reflect")


# ---------------------------------------------------------------------------------------------- blocks and diagonals
@operator("depth_to_space", may_alias=True)
def depth_to_space(data: torch.Tensor, *, block_size: int) -> torch.Tensor:
    """(N, C, H, W) -> (N, C / block_size**2, H * block_size, W * block_size)."""
    n, c, h, w = _four(data)
    b = block_size
    if b < 1 or c % (b * b):
        raise ValueError(f"channels ({c}) must be a multiple of block_size**2, block_size={b}")
    blocks = data.reshape(n, b, b, c // (b * b), h, w).permute(0, 3, 4, 1, 5, 2)
    return blocks.reshape(n, c // (b * b), h * b, w * b)


@operator("space_to_depth", may_alias=True)
def space_to_depth(data: torch.Tensor, *, block_size: int) -> torch.Tensor:
    """(N, C, H, W) -> (N, C * block_size**2, H / block_size, W / block_size)."""
    n, c, h, w = _four(data)
    b = block_size
    if b < 1 or h % b or w % b:
        raise ValueError(f"height and width ({h}, {w}) must be multiples of block_size={b}")
    blocks = data.reshape(n, c, h // b, b, w // b, b).permute(0, 3, 5, 1, 2, 4)
    return blocks.reshape(n, c * b * b, h // b, w // b)


def _four(data: torch.Tensor) -> torch.Size:
    if data.ndim != 4:
        raise ValueError(f"data must have 4 dimensions, got {data.ndim}")
    return data.shape


@operator("diag", may_alias=True)
def diag(data: torch.Tensor, *, k: int = 0, axis1: int = 0, axis2: int = 1) -> torch.Tensor:
    """(n,) -> the matrix (n + |k|, n + |k|) with data on diagonal k; otherwise diagonal k of axis1 and axis2, last."""
    if data.ndim == 1:
        return data.diag_embed(k)
    if not -data.shape[axis1] <= k <= data.shape[axis2]:
        raise ValueError(f"diagonal {k} does not exist")
    return data.diagonal(k, axis1, axis2)


# ---------------------------------------------------------------------------------------------- creation
@operator("_zeros")
def zeros(*, shape: Shape = (), device: torch.device, dtype: Dtype = torch.float32) -> torch.Tensor:
    """All 0."""
    return torch.zeros(shape, dtype=dtype, device=device)


@operator("_ones")
def ones(*, shape: Shape = (), device: torch.device, dtype: Dtype = torch.float32) -> torch.Tensor:
    """All 1."""
    return torch.ones(shape, dtype=dtype, device=device)


@operator("_full", "_npi_full")
def full(
    *, shape: Shape | None = None, device: torch.device, dtype: Dtype = torch.float32, value: float
) -> torch.Tensor:
    """All ``value``, cast to the dtype."""
    if shape is None:
        raise ValueError("shape must be given")
    return torch.full(shape, value, dtype=dtype, device=device)


@operator("_eye")
def eye(*, N: Long, M: Long = 0, k: Long = 0, device: torch.device, dtype: Dtype = torch.float32) -> torch.Tensor:  # noqa: N803
    """The matrix (N, M or N) with 1 on diagonal k, 0 elsewhere."""
    rows = torch.arange(N, device=device).unsqueeze(1)
    return (torch.arange(M or N, device=device) - rows == k).to(dtype)


def _ramp(count: int, start: float, step: float, repeat: int, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    """(count,) of ``start + (i // repeat) * step``, rounded after each operation in the dtype as MXNet does."""
    if repeat < 1:
        raise ValueError(f"repeat must be positive, got {repeat}")
    # float16 is counted in float32: MXNet's own float16 ramps truncate start and step to integers, which is a fault.
    working = torch.float32 if dtype in (torch.float16, torch.bfloat16) else dtype
    i = torch.arange(count, device=device)
    if repeat > 1:
        i = i.div(repeat, rounding_mode="floor")
    if not working.is_floating_point:
        start, step = int(start), int(step)
    return i.to(working).mul_(step).add_(start).to(dtype)


@operator("_arange")
def arange(
    *,
    start: float,
    stop: float | None = None,
    step: float = 1.0,
    repeat: int = 1,
    infer_range: bool = False,
    device: torch.device,
    dtype: Dtype = torch.float32,
) -> torch.Tensor:
    """start, start + step, ... below stop, each ``repeat`` times; with one number, from 0 up to it."""
    if stop is None:
        if infer_range:
            raise UnsupportedError("arange(infer_range=True) without stop", "nothing tells how long it is to be")
        start, stop = 0.0, start
    if step == 0 or (stop - start) * step <= 0:
        raise ValueError(f"Invalid range (start, stop, step) = ({start:g},{stop:g},{step:g})")
    return _ramp(math.ceil((stop - start) / step) * repeat, start, step, repeat, dtype, device)


@operator("_linspace", "_npi_linspace")
def linspace(
    *,
    start: float,
    stop: float,
    num: int,
    endpoint: bool = True,
    device: torch.device,
    dtype: Dtype = torch.float32,
) -> torch.Tensor:
    """``num`` values with equal distances from start to stop, stop itself included with ``endpoint``."""
    if num < 0:
        raise ValueError(f"number of samples must be non-negative, got {num}")
    gaps = max(num - 1 if endpoint else num, 1)
    return _ramp(num, start, (stop - start) / gaps, 1, torch.float64, device).to(dtype)


@operator("_contrib_arange_like", "_npx_arange_like")
def arange_like(
    data: torch.Tensor,
    *,
    start: float = 0.0,
    step: float = 1.0,
    repeat: int = 1,
    ctx: str = "",
    axis: int | None = None,
) -> torch.Tensor:
    """start, start + step, ... in data's shape, or (size of ``axis``,); each value ``repeat`` times; data's dtype."""
    count = data.numel() if axis is None else data.shape[axis]
    ramp = _ramp(count, start, step, repeat, data.dtype, data.device)
    return ramp.reshape(data.shape) if axis is None else ramp
