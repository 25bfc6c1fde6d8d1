"""Resizing of images by the rules of OpenCV, which MXNet's image operators call.

Along each axis every element of the result is a weighted sum of a few *taps*, elements of the source; the modes differ
in the taps and weights alone. OpenCV resizes uint8 in fixed point; where it does the sums here are of integers too.

On a CPU OpenCV itself does it where it is installed: the numbers of uint8 are the same, it is faster.
"""

from __future__ import annotations

import math

import torch

from .. import opencv

__all__ = ["NEAREST", "resize_images"]

NEAREST, LINEAR, CUBIC, AREA, LANCZOS = range(5)

_BITS = 11  # of the fixed-point weights
_ONE = 1 << _BITS

Taps = tuple[torch.Tensor, torch.Tensor]
"""Positions in the source (length, taps), int64, not yet clamped to it, and their weights (length, taps), float64."""


def resize_images(data: torch.Tensor, height: int, width: int, interp: int) -> torch.Tensor:
    """data (..., H, W, C) -> (..., height, width, C), same dtype.

    ``interp``: 0 nearest, 1 bilinear, 2 bicubic, 3 area, 4 Lanczos over 8 x 8 pixels. Integers are rounded.

    Raises:
        ValueError: another mode, or a dtype that OpenCV does not resize that way.
    """
    if not NEAREST <= interp <= LANCZOS:
        raise ValueError(f"interp must be 0, 1, 2, 3 or 4, got {interp}")
    sizes = data.shape[-3:-1]
    if min(height, width) < 1:
        raise ValueError(f"height and width must be positive, got {height} and {width}")
    if sizes == (height, width):
        return data.clone()
    if _for_opencv(data):
        return _by_opencv(data, height, width, interp)
    if interp == NEAREST:
        rows, columns = (_nearest(n, m, data.device) for n, m in zip(sizes, (height, width)))
        return data.index_select(-3, rows).index_select(-2, columns)
    if interp == LINEAR and sizes == (2 * height, 2 * width):
        interp = AREA  # as OpenCV does
    if interp == AREA and not (sizes[0] % height or sizes[1] % width):
        return _blocks(data, height, width)
    if interp == AREA and height <= sizes[0] and width <= sizes[1]:
        return _rounded(_along_axes(data, [_area(n, m) for n, m in zip(sizes, (height, width))]), data.dtype)
    taps = [_taps(n, m, interp) for n, m in zip(sizes, (height, width))]
    if data.dtype is torch.uint8:
        return _fixed_point(data, taps, interp)
    return _rounded(_along_axes(data, taps), data.dtype)


def _for_opencv(data: torch.Tensor) -> bool:
    """Whether OpenCV can do it: values on the host, of which no gradient is wanted, and no graph is being made."""
    return (
        type(data) is torch.Tensor
        and data.device.type == "cpu"
        and not data.requires_grad
        and not torch.compiler.is_compiling()
        and 1 <= data.shape[-1] <= 4
        and data.numel() > 0
        and opencv.available()
    )


def _by_opencv(data: torch.Tensor, height: int, width: int, interp: int) -> torch.Tensor:
    images = data.contiguous().numpy()
    if data.ndim == 3:
        return torch.from_numpy(opencv.resize(images, width, height, interp))
    found = data.new_empty((*data.shape[:-3], height, width, data.shape[-1]))
    each = found.numpy().reshape(-1, height, width, data.shape[-1])
    for i, image in enumerate(images.reshape(-1, *images.shape[-3:])):
        each[i] = opencv.resize(image, width, height, interp)
    return found


# ---------------------------------------------------------------------------------------------- taps
def _scale(size: int, length: int) -> float:
    """Pixels of the source for each of the result, rounded as OpenCV rounds it."""
    return 1 / (length / size)


def _nearest(size: int, length: int, device: torch.device) -> torch.Tensor:
    positions = torch.arange(length, dtype=torch.float64, device=device) * _scale(size, length)
    return positions.floor().long().clamp(max=size - 1)


def _area(size: int, length: int) -> Taps:
    """Means over the part of the source that each element covers, the elements on its edges counting in part."""
    scale = _scale(size, length)
    starts = torch.arange(length, dtype=torch.float64).unsqueeze(1) * scale
    ends = (starts + scale).clamp(max=size)
    positions = starts.floor() + torch.arange(math.ceil(scale) + 1)
    covered = torch.minimum(positions + 1, ends) - torch.maximum(positions, starts)
    covered = torch.where(covered > 1e-3, covered, 0)  # OpenCV leaves out what is less
    return positions.long(), covered / (ends - starts)


def _taps(size: int, length: int, interp: int) -> Taps:
    scale = _scale(size, length)
    index = torch.arange(length, dtype=torch.float64)
    if interp == AREA:  # to a larger image: bilinear, with each element's own area left flat
        left = (index * scale).floor()
        fraction = ((index + 1) - (left + 1) * (length / size)).float()
        fraction = torch.where(fraction <= 0, 0, fraction - fraction.floor()).double()
    else:
        middle = ((index + 0.5) * scale - 0.5).float()
        left = middle.floor()
        fraction = (middle - left).double()
    weights = {CUBIC: _cubic, LANCZOS: _lanczos}.get(interp, _linear)(fraction)
    first = 1 - weights.shape[1] // 2
    positions = left.long().unsqueeze(1) + torch.arange(first, first + weights.shape[1])
    return positions, weights.double()


def _linear(fraction: torch.Tensor) -> torch.Tensor:
    return torch.stack([1 - fraction, fraction], 1)


def _cubic(fraction: torch.Tensor) -> torch.Tensor:
    """The cubic convolution kernel with slope -0.75."""
    a, x = -0.75, fraction
    before = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a
    left = ((a + 2) * x - (a + 3)) * x * x + 1
    right = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1
    return torch.stack([before, left, right, 1 - before - left - right], 1)


def _lanczos(fraction: torch.Tensor) -> torch.Tensor:
    """sinc(x) sinc(x / 4), scaled to the sum 1."""
    distance = fraction.unsqueeze(1) + torch.arange(3, -5, -1)
    weights = torch.sinc(distance) * torch.sinc(distance / 4)
    return weights / weights.sum(1, keepdim=True)


# ---------------------------------------------------------------------------------------------- sums
def _weighted(data: torch.Tensor, taps: Taps, axis: int) -> torch.Tensor:
    """The weighted sums along one (negative) axis; weights in data's dtype."""
    positions, weights = (t.to(data.device) for t in taps)
    positions = positions.clamp(0, data.shape[axis] - 1)
    shape = [-1] + [1] * (-axis - 1)
    total = None
    for tap in range(positions.shape[1]):
        term = data.index_select(axis, positions[:, tap]) * weights[:, tap].to(data.dtype).reshape(shape)
        total = term if total is None else total + term
    return total


def _along_axes(data: torch.Tensor, taps: list[Taps]) -> torch.Tensor:
    data = data if data.dtype in (torch.float32, torch.float64) else data.float()
    return _weighted(_weighted(data, taps[1], -2), taps[0], -3)


def _blocks(data: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Means of equal blocks of pixels."""
    exact = data if data.dtype in (torch.float32, torch.float64) else data.float()
    blocks = exact.unflatten(-2, (width, -1)).unflatten(-4, (height, -1))
    count = blocks.shape[-4] * blocks.shape[-2]
    total = blocks.sum((-4, -2))
    square = blocks.shape[-2] == 2 and data.shape[-1] != 2
    if data.dtype is torch.uint8 and count == 4 and square:  # OpenCV rounds halves up here
        return ((total + 2) / 4).to(torch.uint8)
    return _rounded(total * (1 / count), data.dtype)


def _rounded(data: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    if dtype.is_floating_point:
        return data.to(dtype)
    limits = torch.iinfo(dtype)
    return data.round().clamp(limits.min, limits.max).to(dtype)


def _fixed_point(data: torch.Tensor, taps: list[Taps], interp: int) -> torch.Tensor:
    """uint8 images: weights are multiples of 1 / 2048."""
    whole = [(positions, (weights * _ONE).round()) for positions, weights in taps]
    rows = _weighted(data.int(), whole[1], -2)
    if interp in (CUBIC, LANCZOS):
        total = _weighted(rows, whole[0], -3)
        return ((total + (1 << (2 * _BITS - 1))) >> (2 * _BITS)).clamp(0, 255).to(torch.uint8)
    # OpenCV cuts off bits of each term here
    positions, weights = (t.to(data.device) for t in whole[0])
    total = 2
    for tap in range(2):
        term = rows.index_select(-3, positions[:, tap].clamp(0, data.shape[-3] - 1)) >> 4
        total = total + ((term * weights[:, tap].int().reshape(-1, 1, 1)) >> 16)
    return (total >> 2).to(torch.uint8)
