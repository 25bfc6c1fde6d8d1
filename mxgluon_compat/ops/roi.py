"""Regions of feature maps: maxima, means, bilinear samples; and the sampling that other files share.

All sampling is one weighted sum of a few pixels for each place of the result: ``embedding_bag`` on a table of pixels,
which has gradients for pixels and weights and needs no memory for the single samples.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from .elemwise import only_float
from .registry import operator
from .schema import Shape, Share

__all__ = [
    "check_regions", "corners", "group_of_bin", "grouped", "pair", "pixel_box", "psroi_pooling", "roi_align",
    "roi_pooling", "rotated_roi_align", "weighted",
]  # fmt: skip


# ---------------------------------------------------------------------------------------------- sampling
def check_regions(data: torch.Tensor, rois: torch.Tensor, numbers: int = 5) -> None:
    """Raises ValueError unless data is (N, C, H, W), of floats, and rois (R, numbers)."""
    only_float(data)
    if data.ndim != 4:
        raise ValueError(f"data must have 4 dimensions, got {data.ndim}")
    if rois.ndim != 2 or rois.shape[1] != numbers:
        raise ValueError(f"rois must have shape (regions, {numbers}), got {tuple(rois.shape)}")


def pair(name: str, value: Shape) -> Shape:
    """``value``; ValueError unless it is 2 positive numbers."""
    if len(value) != 2 or min(value) <= 0:
        raise ValueError(f"{name} must be 2 positive numbers, got {value}")
    return value


def _check_bins(*, pooled_size: Shape, **_: Any) -> None:
    pair("pooled_size", pooled_size)


def corners(y: torch.Tensor, x: torch.Tensor, height: int, width: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Bilinear interpolation at points inside a map: index in the map and weight of four pixels each, (..., 4)."""
    top, left = y.detach().floor(), x.detach().floor()
    down, right = y - top, x - left
    up, back = 1 - down, 1 - right
    weight = torch.stack((up * back, up * right, down * back, down * right), -1)
    row = top.long().clamp(0, height - 1) * width
    below = (top.long() + 1).clamp(0, height - 1) * width
    column = left.long().clamp(0, width - 1)
    beside = (left.long() + 1).clamp(0, width - 1)
    return torch.stack((row + column, row + beside, below + column, below + beside), -1), weight


def weighted(pixels: torch.Tensor, index: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Sums of pixels: pixels (P, C), index and weight (..., S) -> (..., C)."""
    samples = index.shape[-1]
    sums = F.embedding_bag(
        index.reshape(-1, samples), pixels, mode="sum", per_sample_weights=weight.reshape(-1, samples)
    )
    return sums.reshape(*index.shape[:-1], pixels.shape[1])


def _by_pixel(data: torch.Tensor) -> torch.Tensor:
    """(N, C, ...) as a table of pixels (N ..., C)."""
    return data.movedim(1, -1).reshape(-1, data.shape[1])


def _images(rois: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Image number of each region, and whether there is one: a negative number means none."""
    number = rois[:, 0].long()
    return number.clamp(min=0), number >= 0


def _sample_points(
    start: torch.Tensor, size: torch.Tensor, bins: int, ratio: int, length: int | None
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Where along one axis each bin is sampled: places (R, bins, S), whether to use them, and how many there are (R,).

    start, size (R,) of the regions. A ratio of 0 or less: as many samples as a bin has pixels, rounded up; of those, if
    the map's length is given, only so many as can lie in it: predicted regions may be huge.
    """
    step = (size / bins).unsqueeze(1)
    first = start.unsqueeze(1) + torch.arange(bins, device=start.device, dtype=start.dtype) * step
    if ratio > 0:
        count = torch.full_like(size, ratio)
        number = torch.arange(ratio, device=start.device, dtype=start.dtype)
        return first.unsqueeze(2) + (number + 0.5) * (step / ratio).unsqueeze(2), count.new_ones(()).bool(), count
    count = step.squeeze(1).ceil()
    apart = step / count.clamp(min=1).unsqueeze(1)
    most = 1 if count.is_meta or not count.numel() else max(int(count.max()), 1)
    number = torch.arange(most if length is None else min(most, 2 * length + 6), device=size.device, dtype=size.dtype)
    if length is not None:
        number = number + ((-1 - first) / apart - 1.5).floor().clamp(min=0).unsqueeze(2)
    return first.unsqueeze(2) + (number + 0.5) * apart.unsqueeze(2), number < count.reshape(-1, 1, 1), count


def _aligned_sum(
    pixels: torch.Tensor,
    base: torch.Tensor,
    y: torch.Tensor,
    x: torch.Tensor,
    used: torch.Tensor,
    count: torch.Tensor,
    size: Sequence[int],
) -> torch.Tensor:
    """Means of samples of regions: y, x, used (R, PH, PW, S), base index and count that broadcast -> (R, PH, PW, C).

    Samples up to one pixel outside of the map count as on its edge, those further away as 0.
    """
    height, width = size
    used = used & (y >= -1) & (y <= height) & (x >= -1) & (x <= width)
    y, x = y.clamp(0, height - 1), x.clamp(0, width - 1)
    index, weight = corners(y, x, height, width)
    share = torch.where(used, 1 / count.clamp(min=1), 0.0).to(weight.dtype)
    weight = weight * share.unsqueeze(-1)
    index = torch.where(used.unsqueeze(-1), index + base.unsqueeze(-1), 0)  # 0: other places may be NaN, or far off
    return weighted(pixels, index.flatten(-2), weight.flatten(-2))


# ---------------------------------------------------------------------------------------------- aligned regions
@operator("_contrib_ROIAlign", check=_check_bins)
def roi_align(
    data: torch.Tensor,
    rois: torch.Tensor,
    *,
    pooled_size: Shape,
    spatial_scale: Share,
    sample_ratio: int = -1,
    position_sensitive: bool = False,
    aligned: bool = False,
) -> torch.Tensor:
    """Means of bilinear samples in each bin of each region.

    data (N, C, H, W), rois (R, 5), rows of image number (negative: a result of 0) and corner box, which
    ``spatial_scale`` brings to the map -> (R, C, *pooled_size), or (R, C / bins, *pooled_size) with
    ``position_sensitive``, where each bin has channels of its own. ``sample_ratio`` samples a side, or as many as a bin
    has pixels. ``aligned``: pixels' centers, not their corners, have whole coordinates. No gradient for rois.
    """
    check_regions(data, rois)
    rows, columns = pooled_size
    height, width = data.shape[2:]
    rois = rois.detach()
    image, there = _images(rois)
    box = rois[:, 1:] * spatial_scale - (0.5 if aligned else 0.0)
    size = box[:, 2:] - box[:, :2]
    if not aligned:
        size = size.clamp(min=1)
    y, use_y, count_y = _sample_points(box[:, 1], size[:, 1], rows, sample_ratio, height)
    x, use_x, count_x = _sample_points(box[:, 0], size[:, 0], columns, sample_ratio, width)
    shape = (len(rois), rows, columns, y.shape[2], x.shape[2])
    spread_y = lambda t: t[:, :, None, :, None].expand(shape).flatten(3)  # noqa: E731
    spread_x = lambda t: t[:, None, :, None, :].expand(shape).flatten(3)  # noqa: E731
    used = there.reshape(-1, 1, 1, 1)
    if sample_ratio <= 0:
        used = used & spread_y(use_y.expand_as(y)) & spread_x(use_x.expand_as(x))
    base = image.reshape(-1, 1, 1, 1)
    if position_sensitive:
        if data.shape[1] % (rows * columns):
            raise ValueError(f"data must have a multiple of {rows * columns} channels, got {data.shape[1]}")
        data = data.unflatten(1, (-1, rows, columns))
        bins = torch.arange(rows * columns, device=data.device).reshape(1, rows, columns, 1)
        base = base * (rows * columns) + bins
    count = (count_y * count_x).reshape(-1, 1, 1, 1)
    out = _aligned_sum(_by_pixel(data), base * (height * width), spread_y(y), spread_x(x), used, count, (height, width))
    return out.movedim(-1, 1)


@operator("_contrib_RROIAlign", check=_check_bins)
def rotated_roi_align(
    data: torch.Tensor,
    rois: torch.Tensor,
    *,
    pooled_size: Shape,
    spatial_scale: Share,
    sampling_ratio: int = -1,
) -> torch.Tensor:
    """Means of bilinear samples in each bin of each rotated region.

    data (N, C, H, W), rois (R, 6), rows of image number, center x and y, width, height and angle in degrees
    -> (R, C, *pooled_size). MXNet has no gradient; this one has that of data.
    """
    check_regions(data, rois, 6)
    rows, columns = pooled_size
    height, width = data.shape[2:]
    rois = rois.detach()
    image, there = _images(rois)
    center, size = rois[:, 1:3] * spatial_scale, (rois[:, 3:5] * spatial_scale).clamp(min=1)
    v, use_y, count_y = _sample_points(-size[:, 1] / 2, size[:, 1], rows, sampling_ratio, None)
    u, use_x, count_x = _sample_points(-size[:, 0] / 2, size[:, 0], columns, sampling_ratio, None)
    angle = (rois[:, 5] * (math.pi / 180)).reshape(-1, 1, 1, 1, 1)
    v, u = v[:, :, None, :, None], u[:, None, :, None, :]
    x = u * angle.cos() + v * angle.sin() + center[:, 0].reshape(-1, 1, 1, 1, 1)
    y = v * angle.cos() - u * angle.sin() + center[:, 1].reshape(-1, 1, 1, 1, 1)
    used = there.reshape(-1, 1, 1, 1, 1)
    if sampling_ratio <= 0:
        used = used & use_y[:, :, None, :, None] & use_x[:, None, :, None, :]
    out = _aligned_sum(
        _by_pixel(data),
        (image * (height * width)).reshape(-1, 1, 1, 1),
        y.flatten(3),
        x.flatten(3),
        used.expand_as(y).flatten(3),
        (count_y * count_x).reshape(-1, 1, 1, 1),
        (height, width),
    )
    return out.movedim(-1, 1)


# ---------------------------------------------------------------------------------------------- maximum of regions
def _round(x: torch.Tensor) -> torch.Tensor:
    """To the nearest whole number, halves away from 0."""
    return x.sign() * (x.abs() + 0.5).floor()


def _bins(start: torch.Tensor, step: torch.Tensor, bins: int, length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """First pixel, and first pixel that is not in it any more, of each bin along one axis, in the map (R, bins)."""
    number = torch.arange(bins + 1, device=start.device, dtype=start.dtype)
    first = (number[:-1] * step.unsqueeze(1)).floor() + start.unsqueeze(1)
    last = (number[1:] * step.unsqueeze(1)).ceil() + start.unsqueeze(1)
    return first.clamp(0, length).long(), last.clamp(0, length).long()


torch.library.define(
    "mxgluon_compat::greatest_of_bins",
    "(Tensor data, Tensor image, Tensor top, Tensor bottom, Tensor left, Tensor right) -> Tensor",
)


@torch.library.register_fake("mxgluon_compat::greatest_of_bins")
def _(data: torch.Tensor, image: torch.Tensor, top: torch.Tensor, bottom: Any, left: torch.Tensor, right: Any) -> Any:
    return data.new_empty(data.shape[1], len(image), top.shape[1], left.shape[1], dtype=torch.long).movedim(0, 1)


@torch.library.impl("mxgluon_compat::greatest_of_bins", "default")
def _greatest_of_bins(
    data: torch.Tensor,
    image: torch.Tensor,
    top: torch.Tensor,
    bottom: torch.Tensor,
    left: torch.Tensor,
    right: torch.Tensor,
) -> torch.Tensor:
    """Which pixel of its map is each bin's greatest, the first of equal ones; anything for bins without pixels.

    data (N, C, H, W), image (R,); first row and the one after the last (R, PH), columns likewise (R, PW)
    -> (R, C, PH, PW). How many pixels the bins have is known by the values only: it is an operator of torch's own so
    that graphs see one call with a known shape.
    """
    size, width = data.shape[2] * data.shape[3], data.shape[3]
    wide = (right - left).clamp(min=0).unsqueeze(1)
    count = ((bottom - top).clamp(min=0).unsqueeze(2) * wide).flatten()
    start = count.cumsum(0) - count
    first = ((image.reshape(-1, 1) * size + top * width).unsqueeze(2) + left.unsqueeze(1)).flatten()
    of_bin = torch.repeat_interleave(count)
    number = torch.arange(of_bin.numel(), device=data.device) - start[of_bin]
    wide = wide.expand(-1, top.shape[1], -1).flatten()[of_bin]
    row = number.div(wide, rounding_mode="floor")
    pixel = first[of_bin] + row * width + (number - row * wide)
    greatest = torch.embedding_bag(_by_pixel(data), pixel, start, False, 2)[3]  # mode 2: maximum
    return greatest.reshape(len(image), top.shape[1], left.shape[1], data.shape[1]).movedim(3, 1).remainder(size)


@operator("ROIPooling", "_npx_roi_pooling", outputs=("output", "maxidx"), visible=1, check=_check_bins)
def roi_pooling(
    data: torch.Tensor, rois: torch.Tensor, *, pooled_size: Shape, spatial_scale: Share
) -> tuple[torch.Tensor, torch.Tensor]:
    """Maximum of each bin of each region.

    data (N, C, H, W), rois (R, 5), rows of image number and corner box, which ``spatial_scale`` brings to the map and
    which then is rounded to whole pixels -> (R, C, *pooled_size), 0 for bins outside of the map; and, hidden, where in
    the map the maximum is, -1 for none. No gradient for rois.
    """
    check_regions(data, rois)
    rows, columns = pooled_size
    height, width = data.shape[2:]
    with torch.no_grad():
        box = _round(rois[:, 1:] * spatial_scale)
        size = (box[:, 2:] - box[:, :2] + 1).clamp(min=1)
        top, bottom = _bins(box[:, 1], size[:, 1] / rows, rows, height)
        left, right = _bins(box[:, 0], size[:, 0] / columns, columns, width)
        image = rois[:, 0].long()
        where = torch.ops.mxgluon_compat.greatest_of_bins(data.detach(), image, top, bottom, left, right)
        empty = ((bottom <= top).unsqueeze(2) | (right <= left).unsqueeze(1)).unsqueeze(1)
    channel = torch.arange(data.shape[1], device=data.device).reshape(-1, 1, 1)
    pixel = (image.reshape(-1, 1, 1, 1) * data.shape[1] + channel) * (height * width) + where
    out = torch.where(empty, 0.0, data.reshape(-1)[pixel])
    return out, torch.where(empty, -1, where).to(data.dtype)


# ---------------------------------------------------------------------------------------------- position-sensitive
def pixel_box(rois: torch.Tensor, scale: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Start and size (R, 2), x and y, of regions given by their first and last whole pixel."""
    start = _round(rois[:, 1:3]) * scale
    return start, ((_round(rois[:, 3:5]) + 1) * scale - start).clamp(min=0.1)


def grouped(data: torch.Tensor, output_dim: int, group: int) -> torch.Tensor:
    """(N, output_dim group group, H, W) as (N, output_dim, group, group, H, W)."""
    if data.shape[1] != output_dim * group * group:
        raise ValueError(f"data must have {output_dim} x {group} x {group} channels, got {data.shape[1]}")
    return data.unflatten(1, (output_dim, group, group))


def group_of_bin(bins: int, group: int, like: torch.Tensor) -> torch.Tensor:
    """The group of channels of each bin along one axis, (bins,), int64."""
    return torch.arange(bins, device=like.device) * group // bins


@operator("_contrib_PSROIPooling")
def psroi_pooling(
    data: torch.Tensor,
    rois: torch.Tensor,
    *,
    spatial_scale: Share,
    output_dim: int,
    pooled_size: int,
    group_size: int = 0,
) -> torch.Tensor:
    """Mean of each bin of each region, each bin in channels of its own.

    data (N, output_dim group_size group_size, H, W), rois (R, 5), rows of image number and corner box, which
    ``spatial_scale`` brings to the map -> (R, output_dim, pooled_size, pooled_size). ``group_size`` 0 stands for
    pooled_size. No gradient for rois.
    """
    check_regions(data, rois)
    group = group_size or pooled_size
    maps = grouped(data, output_dim, group)
    height, width = data.shape[2:]
    start, size = pixel_box(rois.detach(), spatial_scale)
    edges = torch.arange(pooled_size + 1, device=data.device, dtype=data.dtype)
    place = (edges * (size / pooled_size).unsqueeze(2)) + start.unsqueeze(2)
    first, last = place[..., :-1].floor(), place[..., 1:].ceil()
    left, right = (t[:, 0].clamp(0, width).long().unsqueeze(1) for t in (first, last))
    top, bottom = (t[:, 1].clamp(0, height).long().unsqueeze(2) for t in (first, last))
    # The sum over a rectangle is that of four sums from the map's corner on; these need more digits than the pixels.
    total = F.pad(maps.double().cumsum(-1).cumsum(-2), (1, 0, 1, 0))
    number = group_of_bin(pooled_size, group, data)
    image, row, column = rois[:, 0].long().reshape(-1, 1, 1), number.unsqueeze(1), number
    total = total.movedim(1, -1)
    inside = (
        total[image, row, column, bottom, right]
        - total[image, row, column, top, right]
        - total[image, row, column, bottom, left]
        + total[image, row, column, top, left]
    )
    area = ((bottom - top) * (right - left)).unsqueeze(-1)
    empty = (bottom <= top) | (right <= left)
    mean = torch.where(empty.unsqueeze(-1), 0.0, inside / area.clamp(min=1))
    return mean.movedim(-1, 1).to(data.dtype)
