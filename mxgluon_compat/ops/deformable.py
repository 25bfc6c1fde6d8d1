"""Deformable sampling: convolution and position-sensitive pooling whose places a network has learnt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import torch

from .conv import windows
from .elemwise import only_float
from .registry import operator
from .roi import check_regions, corners, group_of_bin, grouped, pair, pixel_box, weighted
from .schema import Long, Positive, Shape, Share

__all__ = ["deformable_convolution", "deformable_psroi_pooling", "modulated_deformable_convolution"]


# ---------------------------------------------------------------------------------------------- pooling
@operator(
    "_contrib_DeformablePSROIPooling",
    outputs=("output", "top_count"),
    visible=1,
    absent=lambda no_trans, **_: ("trans",) if no_trans else (),
)
def deformable_psroi_pooling(
    data: torch.Tensor,
    rois: torch.Tensor,
    trans: torch.Tensor | None = None,
    *,
    spatial_scale: Share,
    output_dim: int,
    group_size: int,
    pooled_size: int,
    part_size: int = 0,
    sample_per_part: int = 1,
    trans_std: Share = 0.0,
    no_trans: bool = False,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean of bilinear samples of each bin of each region, each bin in channels of its own, bins moved by ``trans``.

    data (N, output_dim group_size group_size, H, W); rois (R, 5), rows of image number and corner box; trans
    (R, 2 classes, part_size, part_size), moves to the right and down in shares of the region's size times
    ``trans_std`` -> (R, output_dim, pooled_size, pooled_size), and, hidden, how many samples were inside of the map.
    """
    check_regions(data, rois)
    maps = grouped(data, output_dim, group_size)
    height, width = data.shape[2:]
    regions, part = len(rois), part_size or pooled_size
    start, size = pixel_box(rois.detach(), spatial_scale)
    start = start - 0.5
    if trans is None or no_trans:
        classes, moves = 1, data.new_zeros(1, 1, 2, 1, 1)
    else:
        classes = trans.shape[1] // 2
        if trans.shape != (regions, 2 * classes, part, part) or not classes or output_dim % classes:
            raise ValueError(
                f"trans must have shape ({regions}, 2 classes, {part}, {part}), {output_dim} being a multiple of "
                f"classes, got {tuple(trans.shape)}"
            )
        at = group_of_bin(pooled_size, part, data)
        moves = trans.unflatten(1, (classes, 2))[..., at.unsqueeze(1), at] * trans_std
    bins = torch.arange(pooled_size, device=data.device, dtype=data.dtype)
    samples = torch.arange(sample_per_part, device=data.device, dtype=data.dtype)
    step = size / pooled_size
    # offsets of samples from a region's start along one axis (R, 2, bins, samples)
    offset = bins.unsqueeze(1) * step[..., None, None] + samples * (step / sample_per_part)[..., None, None]
    offset = offset + start[..., None, None]
    moves = moves * size.reshape(-1, 1, 2, 1, 1)
    shape = (regions, classes, pooled_size, pooled_size, sample_per_part, sample_per_part)
    x = (offset[:, 0][:, None, None, :, None, :] + moves[:, :, 0, :, :, None, None]).expand(shape).flatten(4)
    y = (offset[:, 1][:, None, :, None, :, None] + moves[:, :, 1, :, :, None, None]).expand(shape).flatten(4)
    used = (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)
    count = used.sum(-1)
    index, weight = corners(y.clamp(0, height - 1), x.clamp(0, width - 1), height, width)
    weight = torch.where(used.unsqueeze(-1), weight / count.clamp(min=1)[..., None, None], 0.0)
    number = group_of_bin(pooled_size, group_size, data)
    image = rois[:, 0].long().reshape(-1, 1, 1, 1)
    base = (image * classes + torch.arange(classes, device=data.device).reshape(-1, 1, 1)) * group_size
    base = ((base + number.unsqueeze(1)) * group_size + number) * (height * width)
    index = torch.where(used.unsqueeze(-1), index + base[..., None, None], 0)
    pixels = maps.unflatten(1, (classes, -1)).movedim(2, -1)  # (N, classes, group, group, H, W, channels of a class)
    out = weighted(pixels.reshape(-1, pixels.shape[-1]), index.flatten(-2), weight.flatten(-2))
    out = out.movedim(-1, 2).flatten(1, 2)
    each = output_dim // classes
    return out, count.unsqueeze(2).expand(-1, -1, each, -1, -1).flatten(1, 2).to(data.dtype)


# ---------------------------------------------------------------------------------------------- deformable convolution
ConvLayout = Literal["NCDHW", "NCHW", "NCW"] | None


def _check_convolution(
    data: torch.Tensor, kernel: Shape, stride: Shape, dilate: Shape, pad: Shape, layout: str | None
) -> list[Shape]:
    only_float(data)
    if data.ndim != 4:
        raise ValueError(f"data must have 4 dimensions, got {data.ndim}")
    return _conv_numbers(kernel, stride, dilate, pad, layout)


def _conv_numbers(kernel: Shape, stride: Shape, dilate: Shape, pad: Shape, layout: str | None) -> list[Shape]:
    pair("kernel", kernel)
    if layout not in (None, "NCHW"):
        raise ValueError(f"layout must be NCHW, got {layout}")
    stride, dilate = pair("stride", stride or (1, 1)), pair("dilate", dilate or (1, 1))
    if pad and (len(pad) != 2 or min(pad) < 0):
        raise ValueError(f"pad must be 2 numbers, none negative, got {pad}")
    return [kernel, stride, dilate, pad or (0, 0)]


def _output_size(size: Sequence[int], numbers: Sequence[Shape]) -> Shape:
    return tuple((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, d, p in zip(size, *numbers))


def _deformable_shapes(
    shapes: Sequence[Shape | None],
    *,
    kernel: Shape,
    stride: Shape,
    dilate: Shape,
    pad: Shape,
    num_filter: int,
    num_group: int,
    num_deformable_group: int,
    layout: str | None,
    no_bias: bool,
    **_: Any,
) -> list[Shape | None]:
    data = shapes[0]
    if data is None or len(data) != 4:
        return list(shapes)
    size = (0, 0)
    if data[2] and data[3]:
        size = _output_size(data[2:], _conv_numbers(kernel, stride, dilate, pad, layout))
    places = num_deformable_group * math.prod(kernel)
    found = [data, (data[0], 2 * places, *size)]
    if len(shapes) + no_bias == 5:
        found.append((data[0], places, *size))
    return [*found, (num_filter, data[1] // num_group, *kernel), (num_filter,)][: len(shapes)]


def _deformed(
    data: torch.Tensor,
    offset: torch.Tensor,
    mask: torch.Tensor | None,
    numbers: Sequence[Shape],
    groups: int,
) -> torch.Tensor:
    """The pixels under each element of the kernel, for each place of the result.

    data (N, C, H, W) -> (N, OH, OW, groups, KH KW, C / groups).
    """
    kernel, stride, dilate, pad = numbers
    batch, channels, height, width = data.shape
    rows, columns = _output_size((height, width), numbers)
    places = kernel[0] * kernel[1]
    if offset.shape != (batch, 2 * groups * places, rows, columns):
        raise ValueError(
            f"offset must have shape {(batch, 2 * groups * places, rows, columns)}, got {tuple(offset.shape)}"
        )
    if mask is not None and mask.shape != (batch, groups * places, rows, columns):
        raise ValueError(f"mask must have shape {(batch, groups * places, rows, columns)}, got {tuple(mask.shape)}")
    if channels % groups:
        raise ValueError(f"data must have a multiple of {groups} channels, got {channels}")
    start = [
        (torch.arange(n, device=data.device) * s - p).unsqueeze(1) + torch.arange(k, device=data.device) * d
        for n, s, p, k, d in zip((rows, columns), stride, pad, kernel, dilate)
    ]
    offset = offset.reshape(batch, groups, *kernel, 2, rows, columns).permute(0, 5, 6, 1, 2, 3, 4)
    y = offset[..., 0] + start[0][:, None, None, :, None]
    x = offset[..., 1] + start[1][:, None, None, :]
    if mask is None:
        index, weight = _corners_or_edge(y, x, height, width)
    else:
        index, weight = _corners_or_zero(y, x, height, width)
        weight = weight * mask.reshape(batch, groups, *kernel, rows, columns).permute(0, 4, 5, 1, 2, 3).unsqueeze(-1)
    number = torch.arange(batch, device=data.device).reshape(-1, 1) * groups + torch.arange(groups, device=data.device)
    index = index + (number * (height * width)).reshape(batch, 1, 1, groups, 1, 1, 1)
    pixels = data.unflatten(1, (groups, -1)).movedim(2, -1).reshape(-1, channels // groups)
    return weighted(pixels, index, weight).flatten(4, 5)


def _corners_or_zero(y: torch.Tensor, x: torch.Tensor, height: int, width: int) -> tuple[torch.Tensor, torch.Tensor]:
    """``corners`` of points anywhere: pixels outside of the map are 0."""
    index, weight = corners(y, x, height, width)
    top, left = y.detach().floor(), x.detach().floor()
    above, below = (top >= 0) & (top < height), (top >= -1) & (top < height - 1)
    before, behind = (left >= 0) & (left < width), (left >= -1) & (left < width - 1)
    inside = torch.stack((above & before, above & behind, below & before, below & behind), -1)
    return index, torch.where(inside, weight, 0.0)


def _corners_or_edge(y: torch.Tensor, x: torch.Tensor, height: int, width: int) -> tuple[torch.Tensor, torch.Tensor]:
    """``corners`` of points anywhere: 0 outside of the map, which ends a pixel after its last one's center."""
    inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)
    index, weight = corners(y.clamp(0, height - 1), x.clamp(0, width - 1), height, width)
    return index, torch.where(inside.unsqueeze(-1), weight, 0.0)


def _convolved(
    columns: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, num_filter: int, num_group: int
) -> torch.Tensor:
    """Kernels times columns (N, OH, OW, groups, places, C / groups) -> (N, num_filter, OH, OW)."""
    batch, height, width, _, places, _ = columns.shape
    columns = columns.transpose(-1, -2).reshape(batch * height * width, num_group, -1)  # channels, then places
    if weight.numel() != num_filter * columns.shape[2] or weight.shape[0] != num_filter:
        raise ValueError(f"weight {tuple(weight.shape)} is not one of {num_filter} filters for this data and kernel")
    kernels = weight.reshape(num_group, num_filter // num_group, -1)
    out = torch.bmm(columns.transpose(0, 1), kernels.transpose(1, 2)).transpose(0, 1).reshape(-1, num_filter)
    if bias is not None:
        out = out + bias
    return out.reshape(batch, height, width, num_filter).permute(0, 3, 1, 2).contiguous()


@operator(
    "_contrib_DeformableConvolution",
    infer_inputs=_deformable_shapes,
    absent=lambda no_bias, **_: ("bias",) if no_bias else (),
    check=windows(2, 2),
)
def deformable_convolution(
    data: torch.Tensor,
    offset: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    *,
    kernel: Shape,
    stride: Shape = (),
    dilate: Shape = (),
    pad: Shape = (),
    num_filter: Positive,
    num_group: int = 1,
    num_deformable_group: int = 1,
    workspace: Long = 1024,
    no_bias: bool = False,
    layout: ConvLayout = None,
) -> torch.Tensor:
    """Convolution over two axes whose kernel's elements are moved, at each place of the result by other offsets.

    data (N, C, H, W), offset (N, 2 num_deformable_group KH KW, OH, OW), for each group of channels and element of the
    kernel how far down and to the right it is moved, weight (num_filter, C / num_group, KH, KW), bias (num_filter,)
    -> (N, num_filter, OH, OW). ``workspace`` tunes MXNet's own kernels and means nothing here.
    """
    numbers = _check_convolution(data, kernel, stride, dilate, pad, layout)
    columns = _deformed(data, offset, None, numbers, num_deformable_group)
    return _convolved(columns, weight, bias, num_filter, num_group)


@operator(
    "_contrib_ModulatedDeformableConvolution",
    infer_inputs=_deformable_shapes,
    absent=lambda no_bias, **_: ("bias",) if no_bias else (),
    check=windows(2, 2),
)
def modulated_deformable_convolution(
    data: torch.Tensor,
    offset: torch.Tensor,
    mask: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    *,
    kernel: Shape,
    stride: Shape = (),
    dilate: Shape = (),
    pad: Shape = (),
    num_filter: Positive,
    num_group: int = 1,
    num_deformable_group: int = 1,
    workspace: Long = 1024,
    no_bias: bool = False,
    im2col_step: int = 64,
    layout: ConvLayout = None,
) -> torch.Tensor:
    """``_contrib_DeformableConvolution`` whose kernel's elements also are weighted, at each place by others.

    As there, and mask (N, num_deformable_group KH KW, OH, OW), the weights. ``workspace`` and ``im2col_step`` tune
    MXNet's own kernels and mean nothing here.
    """
    numbers = _check_convolution(data, kernel, stride, dilate, pad, layout)
    columns = _deformed(data, offset, mask, numbers, num_deformable_group)
    return _convolved(columns, weight, bias, num_filter, num_group)
