"""Operators on images (H, W, C) as they are loaded: conversion, crops, flips, resizing, random changes of colour.

C is 1 or 3, red first. Results have the data's dtype; uint8 values are cut off at 0 and 255, fractions of integers are
dropped. Random changes draw from MXNet's sequential generator.

MXNet 1.9.1 is wrong in places, and these operators are not: its gradients pass through flips and changes of colour
unchanged; a flip along an odd number of pixels leaves the middle one unset; changes of hue and lighting leave an image
of one channel unset, and so does a jitter of which nothing is wanted; a pixel's brightness is a tenth of its blue when
saturation changes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from .registry import operator
from .resampling import resize_images
from .schema import Floats, NotNegative, Shape

__all__ = [
    "adjust_lighting",
    "crop",
    "flip_left_right",
    "flip_top_bottom",
    "normalize",
    "random_brightness",
    "random_color_jitter",
    "random_contrast",
    "random_flip_left_right",
    "random_flip_top_bottom",
    "random_hue",
    "random_lighting",
    "random_saturation",
    "resize",
    "to_tensor",
]


def _image(data: torch.Tensor, batches: bool = False) -> torch.Tensor:
    if data.ndim != 3 and not (batches and data.ndim == 4):
        raise ValueError(f"data must have shape (H, W, C){' or (N, H, W, C)' * batches}, got {tuple(data.shape)}")
    return data


def _colors(data: torch.Tensor, batches: bool = False, axis: int = -1) -> torch.Tensor:
    if _image(data, batches).shape[axis] not in (1, 3):
        raise ValueError(f"data must have 1 or 3 channels, got {data.shape[axis]} in {tuple(data.shape)}")
    return data


def _exact(data: torch.Tensor) -> torch.Tensor:
    """data in the dtype to compute in."""
    return data if data.dtype in (torch.float32, torch.float64) else data.float()


def _cut(values: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    return (values.clamp(0, 255) if dtype is torch.uint8 else values).to(dtype)


# ---------------------------------------------------------------------------------------------- conversion
@operator("_image_to_tensor", "_npx__image_to_tensor", infer_dtypes=lambda dtypes, **_: (dtypes, [torch.float32]))
def to_tensor(data: torch.Tensor) -> torch.Tensor:
    """data (H, W, C) or (N, H, W, C), 0 to 255 -> (C, H, W) or (N, C, H, W), float32, 0 to 1."""
    return _image(data, batches=True).movedim(-1, -3).to(torch.float32, memory_format=torch.contiguous_format) / 255


@operator("_image_normalize", "_npx__image_normalize")
def normalize(
    data: torch.Tensor, *, mean: Floats = (0.0, 0.0, 0.0, 0.0), std: Floats = (1.0, 1.0, 1.0, 1.0)
) -> torch.Tensor:
    """(data - mean) / std; data (C, H, W) or (N, C, H, W), mean and std one number, or one for each channel."""
    _colors(data, batches=True, axis=-3)
    for name, value in (("mean", mean), ("std", std)):
        if len(value) not in (1, data.shape[-3]):
            raise ValueError(f"{name} must have 1 or {data.shape[-3]} numbers, got {value}")
    values = _exact(data)
    shift, scale = (values.new_tensor(v).reshape(-1, 1, 1) for v in (mean, std))
    return (values - shift).div_(scale).to(data.dtype)


# ---------------------------------------------------------------------------------------------- geometry
@operator("_image_crop", "_npx__image_crop", may_alias=True)
def crop(data: torch.Tensor, *, x: int, y: int, width: int, height: int) -> torch.Tensor:
    """The part from column x and row y on: data (H, W, C) or (N, H, W, C) -> (height, width, C) or (N, ...)."""
    _colors(data, batches=True)
    rows, columns = data.shape[-3:-1]
    if min(x, y) < 0 or min(width, height) < 1 or x + width > columns or y + height > rows:
        raise ValueError(f"no {width} x {height} part from ({x}, {y}) on in an image of {columns} x {rows}")
    return data.narrow(-3, y, height).narrow(-2, x, width)


def _new_size(size: Shape, keep_ratio: bool, height: int, width: int) -> tuple[int, int]:
    """Height and width of an image resized to ``size``: (width, height), or one number for both or the shorter."""
    if len(size) not in (1, 2) or min(size) < 1:
        raise ValueError(f"size must be one or two positive numbers, got {size}")
    if len(size) == 2:
        return size[1], size[0]
    if not keep_ratio:
        return size[0], size[0]
    if height > width:
        return height * size[0] // width, size[0]
    return size[0], width * size[0] // height


@operator("_image_resize", "_npx__image_resize")
def resize(data: torch.Tensor, *, size: Shape = (), keep_ratio: bool = False, interp: int = 1) -> torch.Tensor:
    """data (H, W, C) or (N, H, W, C) resized as OpenCV does.

    ``size``: (width, height), or one number: a square, or with ``keep_ratio`` the length of the shorter edge.
    ``interp``: 0 nearest (of int32 too), 1 bilinear, 2 bicubic, 3 area, 4 Lanczos.
    """
    _image(data, batches=True)
    height, width = _new_size(size, keep_ratio, *data.shape[-3:-1])
    if data.dtype is torch.int32 and interp == 0:
        return resize_images(data.double(), height, width, interp).to(torch.int32)  # float64 holds all of them
    if data.dtype not in (torch.uint8, torch.float32, torch.float64):
        raise ValueError(f"data must be uint8, float32 or float64, got {data.dtype}")
    return resize_images(data, height, width, interp)


@operator("_image_flip_left_right", "_npx__image_flip_left_right")
def flip_left_right(data: torch.Tensor) -> torch.Tensor:
    """data (H, W, C) with its columns in reverse order."""
    return _colors(data).flip(1)


@operator("_image_flip_top_bottom", "_npx__image_flip_top_bottom")
def flip_top_bottom(data: torch.Tensor) -> torch.Tensor:
    """data (H, W, C) with its rows in reverse order."""
    return _colors(data).flip(0)


def _heads(stream: Any) -> torch.Tensor:
    """Whether a coin shows heads: a bool of no axes. MXNet spends two words on it, of which the second decides."""
    return stream.serial_uniform((2,))[1] >= 0.5


def _flipped_by_chance(data: torch.Tensor, axis: int, stream: Any) -> torch.Tensor:
    heads = _heads(stream)
    if heads.is_cpu and not torch.compiler.is_compiling():
        return _colors(data).flip(axis) if heads else _colors(data).clone()
    return torch.where(heads, _colors(data).flip(axis), data)  # without waiting for the coin


@operator("_image_random_flip_left_right", "_npx__image_random_flip_left_right")
def random_flip_left_right(data: torch.Tensor, *, stream: Any) -> torch.Tensor:
    """data (H, W, C), every second time with its columns in reverse order."""
    return _flipped_by_chance(data, 1, stream)


@operator("_image_random_flip_top_bottom", "_npx__image_random_flip_top_bottom")
def random_flip_top_bottom(data: torch.Tensor, *, stream: Any) -> torch.Tensor:
    """data (H, W, C), every second time with its rows in reverse order."""
    return _flipped_by_chance(data, 0, stream)


# ---------------------------------------------------------------------------------------------- colours
def _gray(values: torch.Tensor) -> torch.Tensor:
    """The brightness of each pixel, (H, W, 1)."""
    if values.shape[-1] == 1:
        return values
    return (values * values.new_tensor([0.299, 0.587, 0.114])).sum(-1, keepdim=True)


def _brighter(values: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    return values * factor


def _contrasted(values: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    return values * factor + _gray(values).mean() * (1 - factor)


def _saturated(values: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    return values if values.shape[-1] == 1 else values * factor + _gray(values) * (1 - factor)


def _turned(values: torch.Tensor, turns: torch.Tensor) -> torch.Tensor:
    """Colours turned around the circle of hues, lightness and saturation kept; values 0 to 255."""
    if values.shape[-1] == 1:
        return values
    values = values / 255
    red, green, blue = values.unbind(-1)
    highest, lowest = values.amax(-1), values.amin(-1)
    spread, total = highest - lowest, highest + lowest
    colored = spread > torch.finfo(torch.float32).eps
    width = torch.where(colored, spread, 1)
    hue = torch.where(
        highest == red,
        (green - blue) / width,
        torch.where(highest == green, (blue - red) / width + 2, (red - green) / width + 4),
    )
    hue = torch.where(hue < 0, hue + 6, hue) + turns * 6  # in sixths of the circle
    light = total / 2
    saturation = spread / torch.where(colored, torch.where(light < 0.5, total, 2 - total), 1)
    top = torch.where(light <= 0.5, light * (1 + saturation), light + saturation - light * saturation)
    bottom = 2 * light - top
    place = (hue.unsqueeze(-1) + hue.new_tensor([2.0, 0.0, -2.0])) % 6
    share = torch.minimum(place, 4 - place).clamp(0, 1)
    turned = bottom.unsqueeze(-1) + (top - bottom).unsqueeze(-1) * share
    return torch.where(colored.unsqueeze(-1), turned, light.unsqueeze(-1)) * 255


def _changed(
    change: Callable[[torch.Tensor, torch.Tensor], torch.Tensor], data: torch.Tensor, factor: torch.Tensor
) -> torch.Tensor:
    values = _exact(data)
    return _cut(change(values, factor.to(values.dtype)), data.dtype)


def _random_change(
    change: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    data: torch.Tensor,
    min_factor: float,
    max_factor: float,
    stream: Any,
) -> torch.Tensor:
    factor = stream.serial_uniform((1,))[0] * (max_factor - min_factor) + min_factor
    return _changed(change, _colors(data), factor)


@operator("_image_random_brightness", "_npx__image_random_brightness")
def random_brightness(
    data: torch.Tensor, *, min_factor: NotNegative, max_factor: NotNegative, stream: Any
) -> torch.Tensor:
    """data (H, W, C) times a random factor."""
    return _random_change(_brighter, data, min_factor, max_factor, stream)


@operator("_image_random_contrast", "_npx__image_random_contrast")
def random_contrast(
    data: torch.Tensor, *, min_factor: NotNegative, max_factor: NotNegative, stream: Any
) -> torch.Tensor:
    """data (H, W, C) mixed with its mean brightness, of which the share is 1 - a random factor."""
    return _random_change(_contrasted, data, min_factor, max_factor, stream)


@operator("_image_random_saturation", "_npx__image_random_saturation", may_alias=True)
def random_saturation(
    data: torch.Tensor, *, min_factor: NotNegative, max_factor: NotNegative, stream: Any
) -> torch.Tensor:
    """data (H, W, C) mixed with each pixel's brightness, of which the share is 1 - a random factor."""
    return _random_change(_saturated, data, min_factor, max_factor, stream)


@operator("_image_random_hue", "_npx__image_random_hue", may_alias=True)
def random_hue(data: torch.Tensor, *, min_factor: NotNegative, max_factor: NotNegative, stream: Any) -> torch.Tensor:
    """data (H, W, C) with its hues turned by a random part of the circle."""
    return _random_change(_turned, data, min_factor, max_factor, stream)


@operator("_image_random_color_jitter", "_npx__image_random_color_jitter", may_alias=True)
def random_color_jitter(
    data: torch.Tensor, *, brightness: float, contrast: float, saturation: float, hue: float, stream: Any
) -> torch.Tensor:
    """Random changes of data (H, W, C), in random order.

    Of brightness, contrast and saturation by factors of [1 - b, 1 + b], of hue by a part of [-h, h] of the circle;
    those whose number is not positive stay.
    """
    _colors(data)
    order = stream.shuffle_indices(4)
    numbers = (brightness, contrast, saturation, hue)
    wanted = [i for i, number in enumerate(numbers) if number > 0]
    if not wanted:
        return data
    draws = stream.serial_uniform((len(wanted),))
    place = torch.argsort(order)[wanted]  # where in the order each one stands
    rank = (place.unsqueeze(1) > place).sum(1)  # ... among those wanted
    factors = (draws[rank] * 2 - 1) * draws.new_tensor([numbers[i] for i in wanted])
    factors = factors + draws.new_tensor([0.0 if i == 3 else 1.0 for i in wanted])
    changes = (_brighter, _contrasted, _saturated, _turned)
    # The order is not known while a graph is traced: each step does all, and takes the one whose turn it is.
    for step in range(len(wanted)):
        found = data
        for k, i in enumerate(wanted):
            found = torch.where(rank[k] == step, _changed(changes[i], data, factors[k]), found)
        data = found
    return data


# The principal components of the colours in ImageNet: eigenvectors (columns) times eigenvalues.
_COMPONENTS = (
    (55.46 * -0.5675, 4.794 * 0.7192, 1.148 * 0.4009),
    (55.46 * -0.5808, 4.794 * -0.0045, 1.148 * -0.8140),
    (55.46 * -0.5836, 4.794 * -0.6948, 1.148 * 0.4203),
)


def _lit(data: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    if _colors(data).shape[-1] == 1:
        return data
    values = _exact(data)
    return _cut(values + values.new_tensor(_COMPONENTS) @ alpha.to(values.dtype), data.dtype)


@operator("_image_adjust_lighting", "_npx__image_adjust_lighting", may_alias=True)
def adjust_lighting(data: torch.Tensor, *, alpha: Floats) -> torch.Tensor:
    """data (H, W, C) plus alpha (3 numbers) times the principal components of ImageNet's colours; for C = 1 data."""
    if len(alpha) != 3:
        raise ValueError(f"alpha must have 3 numbers, got {alpha}")
    return _lit(data, torch.tensor(alpha, dtype=torch.float64, device=data.device))


@operator("_image_random_lighting", "_npx__image_random_lighting", may_alias=True)
def random_lighting(data: torch.Tensor, *, alpha_std: float = 0.05, stream: Any) -> torch.Tensor:
    """``_image_adjust_lighting`` with normal numbers of that standard deviation."""
    return _lit(data, stream.serial_normal((3,)) * alpha_std)
