"""Operators that cut a tensor into parts: slice, split, crop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from .registry import numbered, operator
from .schema import OptionalShape, Positive, Shape


def _slices(
    shape: Sequence[int], begin: OptionalShape, end: OptionalShape, step: OptionalShape
) -> tuple[tuple[slice, ...], list[int]]:
    """Forward slices of the first axes, and the axes to flip afterwards: torch has no negative steps.

    Raises:
        ValueError: the lengths differ, there are too many, or a step is 0.
    """
    if len(begin) != len(end) or (step and len(step) != len(begin)):
        raise ValueError(f"begin, end and step must have the same length, got {begin}, {end}, {step}")
    if len(begin) > len(shape):
        raise ValueError(f"{len(begin)} axes to slice, the data has {len(shape)}")
    slices, flips = [], []
    for axis, (b, e) in enumerate(zip(begin, end, strict=True)):
        s = (step[axis] if step else None) or 1
        if step and step[axis] == 0:
            raise ValueError(f"step[{axis}] cannot be 0")
        if s > 0:
            slices.append(slice(b, e, s))
            continue
        first, stop, s = slice(b, e, s).indices(shape[axis])
        count = len(range(first, stop, s))
        slices.append(slice(first + (count - 1) * s, first + 1, -s) if count else slice(0, 0))
        flips.append(axis)
    return tuple(slices), flips


@operator("slice", "crop", "_sparse_slice", "_npi_slice", "_npx_slice", may_alias=True)
def slice_(data: torch.Tensor, *, begin: OptionalShape, end: OptionalShape, step: OptionalShape = ()) -> torch.Tensor:
    """data[begin[0]:end[0]:step[0], begin[1]:end[1]:step[1], ...]; None and negative values as in Python."""
    slices, flips = _slices(data.shape, begin, end, step)
    out = data[slices]
    return out.flip(flips) if flips else out


@operator("_slice_assign", "_crop_assign", "_npi_slice_assign")
def slice_assign(
    lhs: torch.Tensor, rhs: torch.Tensor, *, begin: OptionalShape, end: OptionalShape, step: OptionalShape = ()
) -> torch.Tensor:
    """A copy of lhs with the slice replaced by rhs, which has the slice's shape."""
    slices, flips = _slices(lhs.shape, begin, end, step)
    out = lhs.clone()
    part = out[slices]
    if part.shape != rhs.shape:
        raise ValueError(f"the slice has shape {tuple(part.shape)}, the value {tuple(rhs.shape)}")
    part.copy_(rhs.flip(flips) if flips else rhs)
    return out


@operator("_slice_assign_scalar", "_crop_assign_scalar", "_npi_slice_assign_scalar")
def slice_assign_scalar(
    data: torch.Tensor, *, scalar: float = 0.0, begin: OptionalShape, end: OptionalShape, step: OptionalShape = ()
) -> torch.Tensor:
    """A copy of data with the slice filled with the scalar (cast to data's dtype)."""
    slices, _ = _slices(data.shape, begin, end, step)
    out = data.clone()
    out[slices] = scalar
    return out


@operator("slice_axis", may_alias=True)
def slice_axis(data: torch.Tensor, *, axis: int, begin: int, end: int | None) -> torch.Tensor:
    """data[begin:end] along one axis; the range must lie inside of the axis and not be empty."""
    size = data.shape[axis]
    low = begin + size if begin < 0 else begin
    high = size if end is None else end + size if end < 0 else end
    if not 0 <= low < high <= size:
        raise ValueError(f"Invalid begin, end, get begin={begin}, end={end} for an axis of size {size}")
    return data.narrow(axis, low, high - low)


@operator("slice_like", mixed_dtypes=True, may_alias=True)
def slice_like(data: torch.Tensor, shape_like: torch.Tensor, *, axes: Shape = ()) -> torch.Tensor:
    """The first elements of data along the axes (default: all), as many as shape_like has there."""
    if not axes:
        if data.ndim != shape_like.ndim:
            raise ValueError(f"without axes both need the same number of dimensions: {data.ndim} vs. {shape_like.ndim}")
        axes = tuple(range(data.ndim))
    out = data
    for axis in axes:
        axis = axis + data.ndim if axis < 0 else axis  # counted in data, also where shape_like has fewer dimensions
        size = shape_like.shape[axis]
        if size > data.shape[axis]:
            raise ValueError(f"axis {axis} with size {size} exceeds limit of input with size {data.shape[axis]}")
        out = out.narrow(axis, 0, size)
    return out


# ---------------------------------------------------------------------------------------------- split
def _split_names(num_outputs: int, **_: Any) -> list[str]:
    return [f"output{i}" for i in range(num_outputs)]


@operator("SliceChannel", "split", outputs=_split_names, may_alias=True)
def split(
    data: torch.Tensor, *, num_outputs: Positive, axis: int = 1, squeeze_axis: bool = False
) -> tuple[torch.Tensor, ...]:
    """data cut into equal parts along the axis; ``squeeze_axis`` drops the axis where each part has size 1 there."""
    size = data.shape[axis]
    if size % num_outputs:
        raise ValueError(f"axis {axis} of size {size} cannot be split into {num_outputs} equal parts")
    if not squeeze_axis:
        return data.chunk(num_outputs, axis)  # torch's split, without its Python
    if size != num_outputs:
        raise ValueError(f"squeeze_axis needs parts of size 1: axis {axis} has size {size}, num_outputs={num_outputs}")
    return data.unbind(axis)


def _split_v2_names(indices: Shape, sections: int, **_: Any) -> tuple[str, ...]:
    return numbered(sections or len(indices))


@operator("_split_v2", "_npi_split", outputs=_split_v2_names, may_alias=True)
def split_v2(
    data: torch.Tensor, *, indices: Shape, axis: int = 1, squeeze_axis: bool = False, sections: int = 0
) -> tuple[torch.Tensor, ...]:
    """data cut along the axis at ``indices`` (the first is 0), or into ``sections`` parts where that is not 0.

    These are equal, or the first ones longer by one where that leaves a rest.
    """
    size = data.shape[axis]
    if sections:
        if sections < 0:
            raise ValueError(f"sections must not be negative, got {sections}")
        parts = data.tensor_split(sections, axis)
    else:
        ends = (*indices[1:], size)
        if not indices or indices[0] != 0 or any(b > e for b, e in zip(indices, ends, strict=True)):
            raise ValueError(f"indices must rise from 0 to at most the axis's size {size}, got {indices}")
        parts = data.tensor_split(indices[1:], axis)
    if not squeeze_axis:
        return parts
    if any(p.shape[axis] != 1 for p in parts):
        raise ValueError("squeeze_axis needs parts of size 1")
    return tuple(p.squeeze(axis) for p in parts)


# ---------------------------------------------------------------------------------------------- crop
@operator("Crop", count="num_args", mixed_dtypes=True, may_alias=True)
def crop(*data: torch.Tensor, offset: Shape = (0, 0), h_w: Shape = (0, 0), center_crop: bool = False) -> torch.Tensor:
    """(N, C, H, W) -> (N, C, h, w): size of the second tensor where there is one, otherwise ``h_w``.

    The window starts at ``offset``, or lies in the middle with ``center_crop``.
    """
    if len(data) not in (1, 2) or any(d.ndim != 4 for d in data):
        raise ValueError("one or two tensors of 4 dimensions are needed")
    height, width = data[0].shape[2:]
    h, w = data[1].shape[2:] if len(data) == 2 else h_w
    if not (1 <= h <= height and 1 <= w <= width):
        raise ValueError(f"cannot crop ({h}, {w}) out of ({height}, {width})")
    y, x = ((height - h) // 2, (width - w) // 2) if center_crop else offset
    if not (0 <= y <= height - h and 0 <= x <= width - w):
        raise ValueError(f"offset ({y}, {x}) leaves no room for ({h}, {w}) in ({height}, {width})")
    return data[0][:, :, y : y + h, x : x + w]
