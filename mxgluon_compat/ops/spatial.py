"""Operators on the axes of an image: resizing, sampling on grids, correlation of two, patches as columns."""

from __future__ import annotations

import struct
from typing import Literal

import torch
import torch.nn.functional as F

from .conv import windows
from .elemwise import only_float
from .registry import operator
from .schema import Positive, Shape

__all__ = [
    "adaptive_avg_pooling2d",
    "bilinear_resize2d",
    "bilinear_sampler",
    "col2im",
    "correlation",
    "grid_generator",
    "im2col",
    "lrn",
    "spatial_transformer",
]


def _images(data: torch.Tensor, name: str = "data") -> torch.Tensor:
    only_float(data)
    if data.ndim != 4:
        raise ValueError(f"{name} must have 4 dimensions, got {data.ndim}")
    return data


# ---------------------------------------------------------------------------------------------- resizing
def _single(value: float) -> float:
    """The float32 next to ``value``: MXNet scales lengths in float32, and cuts off what is behind the point."""
    return struct.unpack("f", struct.pack("f", value))[0]


def _scaled(length: int, scale: float) -> int:
    return int(_single(length * _single(scale)))


def _resized(length: int, mode: str, given: int, scale: float | None) -> int:
    """The new length of one axis; ``given`` is the height or width attribute."""
    if mode == "size":
        return given if scale is None else _scaled(length, scale)
    odd = length % 2
    if mode == "odd_scale":
        if scale is None:
            raise ValueError("mode 'odd_scale' needs scale_height and scale_width")
        return _scaled(length - 1, scale) + 1 if odd else _scaled(length, scale)
    step = -1 if mode.endswith("down") else 1
    return length + step * (odd if "even" in mode else 1 - odd)


@operator("_contrib_BilinearResize2D", absent=lambda mode, **_: () if mode == "like" else ("like",))
def bilinear_resize2d(
    data: torch.Tensor,
    like: torch.Tensor | None = None,
    *,
    height: Positive = 1,
    width: Positive = 1,
    scale_height: float | None = None,
    scale_width: float | None = None,
    mode: Literal["like", "odd_scale", "size", "to_even_down", "to_even_up", "to_odd_down", "to_odd_up"] = "size",
    align_corners: bool = True,
) -> torch.Tensor:
    """data (N, C, H, W) resized with bilinear interpolation -> (N, C, H', W').

    The new size is that of ``like``'s last two axes (mode ``like``); the scales times the old one, both or none of them
    given, else height and width (``size``); (H - 1) scale + 1 for an odd H, scale H for an even one (``odd_scale``); or
    the next even or odd number.
    """
    _images(data)
    if mode == "like":
        if like is None:
            raise ValueError("mode 'like' needs an input to be like")
        size = tuple(_images(like, "like").shape[2:])
    else:
        if (scale_height is None) != (scale_width is None):
            raise ValueError("scale_height and scale_width must be given together")
        size = (
            _resized(data.shape[2], mode, height, scale_height),
            _resized(data.shape[3], mode, width, scale_width),
        )
    if 0 in size:  # torch refuses it
        return data.new_empty((*data.shape[:2], *size))
    if 1 in size:  # a single row or column is the first one, torch's without align_corners the middle
        data = data[:, :, : 1 if size[0] == 1 else None, : 1 if size[1] == 1 else None]
    return F.interpolate(data, size, mode="bilinear", align_corners=align_corners)


@operator("_contrib_AdaptiveAvgPooling2D")
def adaptive_avg_pooling2d(data: torch.Tensor, *, output_size: Shape = ()) -> torch.Tensor:
    """Means over a grid of nearly equal windows: data (N, C, H, W) -> (N, C, *output_size).

    One number makes a square; none, or more than two, the mean over everything.
    """
    _images(data)
    if not 1 <= len(output_size) <= 2:
        output_size = (1, 1)
    if min(output_size) < 0:
        raise ValueError(f"output_size must not be negative, got {output_size}")
    return F.adaptive_avg_pool2d(data, output_size * 2 if len(output_size) == 1 else output_size)


# ---------------------------------------------------------------------------------------------- normalization
@operator("LRN", outputs=("output", "tmp_norm"), visible=1)
def lrn(
    data: torch.Tensor, *, alpha: float = 1e-4, beta: float = 0.75, knorm: float = 2.0, nsize: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """data / (knorm + alpha / nsize * sum of squares over the nsize channels around)^beta; data (N, C, H, W)."""
    _images(data)
    if nsize % 2 != 1 or nsize < 1:
        raise ValueError(f"nsize must be odd and positive, got {nsize}")
    squares = F.avg_pool2d(data.square().flatten(2).unsqueeze(1), (nsize, 1), 1, (nsize // 2, 0)).view_as(data)
    norm = squares * alpha + knorm
    return data * norm**-beta, norm


# ---------------------------------------------------------------------------------------------- sampling
def _ramp(length: int, data: torch.Tensor) -> torch.Tensor:
    """length positions from -1 to 1; a single one is in the middle (MXNet divides by zero there)."""
    if length == 1:
        return data.new_zeros(1)
    return torch.linspace(-1, 1, length, dtype=data.dtype, device=data.device)


def _affine_grid(matrix: torch.Tensor, target: Shape, name: str) -> tuple[torch.Tensor, torch.Tensor]:
    """The transformed positions (N, 2, H, W) and the regular ones, homogeneous (3, H W)."""
    if matrix.ndim != 2 or matrix.shape[1] != 6:
        raise ValueError(f"{name} must have shape (N, 6), got {tuple(matrix.shape)}")
    if len(target) != 2 or min(target) < 1:
        raise ValueError(f"target_shape must be two positive numbers, got {target}")
    y, x = torch.meshgrid(_ramp(target[0], matrix), _ramp(target[1], matrix), indexing="ij")
    regular = torch.stack([x, y, torch.ones_like(x)]).flatten(1)
    return (matrix.reshape(-1, 3) @ regular).reshape(-1, 2, *target), regular


def _sample(data: torch.Tensor, grid: torch.Tensor) -> torch.Tensor:
    """data (N, C, H, W) at the positions of grid (N, 2, H', W'), zero outside -> (N, C, H', W')."""
    if grid.ndim != 4 or grid.shape[1] != 2 or grid.shape[0] != data.shape[0]:
        raise ValueError(f"grid must have shape ({data.shape[0]}, 2, height, width), got {tuple(grid.shape)}")
    return F.grid_sample(data, grid.permute(0, 2, 3, 1), mode="bilinear", padding_mode="zeros", align_corners=True)


@operator("BilinearSampler", outputs=("output", "tmp"), visible=1)
def bilinear_sampler(
    data: torch.Tensor, grid: torch.Tensor, *, cudnn_off: bool | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """data (N, C, H, W) at real positions: grid (N, 2, H', W') holds x, then y, from -1 to 1 -> (N, C, H', W').

    Positions outside give 0. ``cudnn_off`` tunes MXNet's own kernels and means nothing here.
    """
    return _sample(_images(data), grid), grid.movedim(1, -1)


@operator("GridGenerator", outputs=("output", "grid_dst"), visible=1)
def grid_generator(
    data: torch.Tensor, *, transform_type: Literal["affine", "warp"], target_shape: Shape = (0, 0)
) -> tuple[torch.Tensor, torch.Tensor]:
    """A grid for BilinearSampler.

    ``affine``: data (N, 6), the rows of 2 x 3 matrices that take positions of the result to those of the source ->
    (N, 2, *target_shape). ``warp``: data (N, 2, H, W), by how many pixels to move, x first -> the same shape.
    """
    only_float(data)
    if transform_type == "affine":
        return _affine_grid(data, target_shape, "data")
    if data.ndim != 4 or data.shape[1] != 2:
        raise ValueError(f"data must have shape (N, 2, H, W), got {tuple(data.shape)}")
    height, width = data.shape[2:]
    x = torch.arange(width, dtype=data.dtype, device=data.device).expand(height, width)
    y = torch.arange(height, dtype=data.dtype, device=data.device).unsqueeze(1).expand(height, width)
    regular = torch.stack([x, y])
    half = data.new_tensor([(width - 1) / 2, (height - 1) / 2]).reshape(2, 1, 1)
    return (data + regular) / half - 1, regular.flatten(1)


@operator("SpatialTransformer", outputs=("output", "grid_dst", "grid_src"), visible=1)
def spatial_transformer(
    data: torch.Tensor,
    loc: torch.Tensor,
    *,
    target_shape: Shape = (0, 0),
    transform_type: Literal["affine"],
    sampler_type: Literal["bilinear"],
    cudnn_off: bool | None = None,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """data (N, C, H, W) seen through the affine maps loc (N, 6) -> (N, C, *target_shape), outside of data 0.

    ``cudnn_off`` tunes MXNet's own kernels and means nothing here.
    """
    grid, regular = _affine_grid(loc, target_shape, "loc")
    return _sample(_images(data), grid), regular, grid


# ---------------------------------------------------------------------------------------------- correlation
def _distance(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """|a - b| with MXNet's slope where they are equal: 1 for a, -1 for b."""
    difference = a - b
    return torch.where(difference >= 0, difference, -difference)


@operator("Correlation", outputs=("output", "tmp1", "tmp2"), visible=1)
def correlation(
    data1: torch.Tensor,
    data2: torch.Tensor,
    *,
    kernel_size: int = 1,
    max_displacement: int = 1,
    stride1: int = 1,
    stride2: int = 1,
    pad_size: int = 0,
    is_multiply: bool = True,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """How alike patches of two images are, for each displacement between them.

    data1, data2 (N, C, H, W) -> (N, D D, H', W') with D = 2 (max_displacement // stride2) + 1 and
    H' = (H + 2 pad_size - 2 max_displacement - kernel_size) // stride1 + 1: means over C and the patches of products,
    or of absolute differences without ``is_multiply``.
    """
    if _images(data1, "data1").shape != _images(data2, "data2").shape:
        raise ValueError(f"data1 and data2 must have one shape, got {tuple(data1.shape)} and {tuple(data2.shape)}")
    if kernel_size % 2 != 1 or min(stride1, stride2) < 1 or min(kernel_size, max_displacement, pad_size) < 0:
        raise ValueError("kernel_size must be odd, strides positive, max_displacement and pad_size not negative")
    first, second = (F.pad(d, (pad_size,) * 4) if pad_size else d for d in (data1, data2))
    height, width = (n - 2 * max_displacement for n in first.shape[2:])
    if min(height, width) < kernel_size:
        raise ValueError("max_displacement and kernel_size exceed the padded data")
    # Patches of one pixel are taken at every stride1-th place at once, larger ones are summed up with that stride.
    step = stride1 if kernel_size == 1 else 1
    radius = max_displacement // stride2
    margin = max_displacement - radius * stride2

    def rows(image: torch.Tensor, top: int) -> torch.Tensor:
        return image[:, :, top : top + height : step]

    still = rows(first, max_displacement)[..., max_displacement : max_displacement + width : step]
    found = []
    for dy in range(2 * radius + 1):
        moved = rows(second, margin + dy * stride2)[..., margin : first.shape[3] - margin]
        # (N, C, H', D, W'): all displacements along x, as views
        moved = moved.unfold(3, width, stride2)[..., ::step]
        if is_multiply:
            found.append(torch.einsum("nchw,nchdw->ndhw", still, moved))
        else:
            found.append(_distance(still.unsqueeze(3), moved).sum(1).movedim(2, 1))
    out = torch.cat(found, 1) / data1.shape[1]
    if kernel_size > 1:
        out = F.avg_pool2d(out, kernel_size, stride1)
    return out, first.movedim(1, -1), second.movedim(1, -1)


# ---------------------------------------------------------------------------------------------- patches
def _window(kernel: Shape, stride: Shape, dilate: Shape, pad: Shape) -> dict[str, Shape]:
    """torch's arguments for patches of images; MXNet 1.9.1 too has them over two axes only."""
    window = {"kernel_size": kernel, "stride": stride or (1, 1), "dilation": dilate or (1, 1), "padding": pad or (0, 0)}
    for name, value in window.items():
        if len(value) != 2:
            raise ValueError(f"{name} must have 2 numbers, got {value}")
    if min(kernel + window["stride"] + window["dilation"]) < 1:
        raise ValueError(f"kernel, stride and dilate must be positive, got {kernel}, {stride} and {dilate}")
    return window


@operator("im2col", check=windows())
def im2col(
    data: torch.Tensor, *, kernel: Shape, stride: Shape = (), dilate: Shape = (), pad: Shape = ()
) -> torch.Tensor:
    """The patches that a convolution multiplies, as columns: data (N, C, H, W) -> (N, C kernel_h kernel_w, patches)."""
    return F.unfold(_images(data), **_window(kernel, stride, dilate, pad))


@operator("col2im", check=windows())
def col2im(
    data: torch.Tensor,
    *,
    output_size: Shape,
    kernel: Shape,
    stride: Shape = (),
    dilate: Shape = (),
    pad: Shape = (),
) -> torch.Tensor:
    """Columns added up at the places of their patches, im2col's transpose.

    data (N, C kernel_h kernel_w, patches) -> (N, C, *output_size).
    """
    only_float(data)
    if data.ndim != 3 or len(output_size) != 2:
        raise ValueError(f"data must have 3 dimensions and output_size 2 numbers, got {data.ndim} and {output_size}")
    return F.fold(data, output_size, **_window(kernel, stride, dilate, pad))
