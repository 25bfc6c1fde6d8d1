"""Pictures as arrays (H, W, C), red first: decoding, resizing, crops, borders, rotation."""

from __future__ import annotations

import math
import random
import warnings
from typing import Any

import numpy as np
import torch

from .. import ndarray as nd
from .. import opencv
from ..base import MXNetError, numeric_types
from ..context import cpu
from ..ndarray import NDArray
from ..numpy.family import as_mode, of_mode

__all__ = [
    "center_crop", "color_normalize", "copyMakeBorder", "fixed_crop", "imdecode", "imread", "imresize", "imrotate",
    "random_crop", "random_rotate", "random_size_crop", "resize_short", "scale_down",
]  # fmt: skip

Size = tuple[int, int]


def imread(filename: str, *args: Any, **kwargs: Any) -> NDArray:
    """The picture in a file.

    Args:
        filename: its path.
        flag: 0 for one channel, 1 (the default) for three.
        to_rgb: red first (the default); otherwise blue first.
        out: array to put it into.

    Returns:
        (H, W, C), uint8.

    Raises:
        MXNetError: no file, or no picture in it.
        ImportError: OpenCV is not installed.
    """
    return of_mode(nd)._internal._cvimread(filename, *args, **kwargs)


def imdecode(buf: Any, *args: Any, **kwargs: Any) -> NDArray:
    """The picture in the bytes of a file: bytes, bytearray, a numpy array or NDArray of uint8. See ``imread``.

    Raises:
        ValueError: ``buf`` is something else.
        MXNetError: no picture.
        ImportError: OpenCV is not installed.
    """
    if not isinstance(buf, NDArray):
        if not isinstance(buf, bytes | bytearray | memoryview | np.ndarray):
            raise ValueError(
                "buf must be of type bytes, bytearray or numpy.ndarray,"
                "if you would like to input type str, please convert to bytes"
            )
        if not args and set(kwargs) <= {"flag", "to_rgb"}:  # the way that loaders take, without a copy of the bytes
            flag, to_rgb = int(kwargs.get("flag", 1)), bool(int(kwargs.get("to_rgb", 1)))
            return as_mode(NDArray(torch.from_numpy(opencv.decode(buf, flag, to_rgb)), cpu()))
        buf = nd.array(np.frombuffer(buf, dtype=np.uint8), dtype=np.uint8)
    return of_mode(nd)._internal._cvimdecode(buf, *args, **kwargs)


def imresize(src: NDArray, w: int, h: int, *args: Any, **kwargs: Any) -> NDArray:
    """src (H, W, C) resized to (h, w, C).

    Args:
        src: uint8, float32 or float64.
        w, h: new width and height.
        interp: 0 nearest, 1 bilinear (the default), 2 bicubic, 3 area, 4 Lanczos over 8 x 8 pixels.
        out: array to put it into.

    Raises:
        MXNetError: another mode, dtype or shape.
    """
    return of_mode(nd)._internal._cvimresize(src, w, h, *args, **kwargs)


def copyMakeBorder(src: NDArray, top: int, bot: int, left: int, right: int, *args: Any, **kwargs: Any) -> NDArray:  # noqa: N802
    """src (H, W, C) with a border.

    Args:
        src: the picture.
        top, bot, left, right: width of the border on each side.
        type: 0 a constant (the default), 1 the edge's pixels, 2 mirrored, 3 the other side's, 4 mirrored but for the
            edge itself.
        value: the constant for all channels.
        values: the constants, one for each channel.
        out: array to put it into.
    """
    return of_mode(nd)._internal._cvcopyMakeBorder(src, top, bot, left, right, *args, **kwargs)


# ---------------------------------------------------------------------------------------------- sizes
def _size(src: NDArray) -> Size:
    """(height, width) of a picture.

    Raises:
        ValueError: not one picture (H, W, C).
    """
    if src.ndim != 3:
        raise ValueError(f"a picture must have the shape (H, W, C), got {src.shape}")
    return src.shape[:2]  # type: ignore[return-value]


def scale_down(src_size: Size, size: Size) -> Size:
    """``size`` (width, height) made small enough for ``src_size``, its ratio kept."""
    width, height = size
    src_width, src_height = src_size
    if src_height < height:
        width, height = float(width * src_height) / height, src_height  # type: ignore[assignment]
    if src_width < width:
        width, height = src_width, float(height * src_width) / width  # type: ignore[assignment]
    return int(width), int(height)


def _get_interp_method(interp: int, sizes: tuple[int, ...] = ()) -> int:
    """The mode that ``interp`` stands for: 9 chooses by the sizes (old and new height and width): bicubic to enlarge,
    area to shrink, bilinear otherwise; 10 draws one.

    Raises:
        ValueError: no such mode.
    """
    if interp == 9:
        if not sizes:
            return 2
        old_height, old_width, height, width = sizes
        if height > old_height and width > old_width:
            return 2
        return 3 if height < old_height and width < old_width else 1
    if interp == 10:
        return random.randint(0, 4)
    if interp not in (0, 1, 2, 3, 4):
        raise ValueError(f"Unknown interp method {interp}")
    return interp


def resize_short(src: NDArray, size: int, interp: int = 2) -> NDArray:
    """src (H, W, C) resized so that its shorter edge is ``size`` long; ``interp`` see ``imresize``, 9, 10 too."""
    height, width = _size(src)
    if height > width:
        new_height, new_width = size * height // width, size
    else:
        new_height, new_width = size, size * width // height
    return imresize(
        src, new_width, new_height, interp=_get_interp_method(interp, (height, width, new_height, new_width))
    )


# ---------------------------------------------------------------------------------------------- crops
def fixed_crop(src: NDArray, x0: int, y0: int, w: int, h: int, size: Size | None = None, interp: int = 2) -> NDArray:
    """The part of src (H, W, C) from column x0 and row y0 on, w wide and h high; resized to ``size`` (width, height)
    if that is another."""
    part = src[y0 : y0 + h, x0 : x0 + w]
    if not part.size:
        raise MXNetError(f"there is no {w} x {h} part from ({x0}, {y0}) on in a picture of shape {src.shape}")
    if size is None or (w, h) == tuple(size):
        return part.copy()
    return imresize(part, *size, interp=_get_interp_method(interp, (h, w, size[1], size[0])))


Crop = tuple[NDArray, tuple[int, int, int, int]]
"""A part of a picture, and (x, y, width, height) of it."""


def random_crop(src: NDArray, size: Size, interp: int = 2) -> Crop:
    """A part of src (H, W, C) at a random place, as large as ``size`` (width, height), or resized to it where src is
    smaller. Draws from Python's ``random``.

    Returns:
        (the picture, (x, y, width, height)).
    """
    height, width = _size(src)
    new_width, new_height = scale_down((width, height), size)
    x0 = random.randint(0, width - new_width)
    y0 = random.randint(0, height - new_height)
    return fixed_crop(src, x0, y0, new_width, new_height, size, interp), (x0, y0, new_width, new_height)


def center_crop(src: NDArray, size: Size, interp: int = 2) -> Crop:
    """The middle of src (H, W, C), as large as ``size`` (width, height), or resized to it where src is smaller.

    Returns:
        (the picture, (x, y, width, height)).
    """
    height, width = _size(src)
    new_width, new_height = scale_down((width, height), size)
    x0, y0 = int((width - new_width) / 2), int((height - new_height) / 2)
    return fixed_crop(src, x0, y0, new_width, new_height, size, interp), (x0, y0, new_width, new_height)


_CROP_ATTEMPTS = 10


def random_size_crop(
    src: NDArray, size: Size, area: Any, ratio: tuple[float, float], interp: int = 2, **kwargs: Any
) -> Crop:
    """A part of src (H, W, C) of random size, ratio and place, resized to ``size`` (width, height).

    Draws from Python's ``random``; where no size fits in ten attempts, the middle of the picture.

    Args:
        src: the picture.
        size: (width, height) of the result.
        area: (least, most) share of the picture; one number stands for (number, 1).
        ratio: (least, most) width / height.
        interp: see ``resize_short``.
        min_area: old name of ``area``.

    Returns:
        (the picture, (x, y, width, height)).
    """
    height, width = _size(src)
    if "min_area" in kwargs:
        warnings.warn("`min_area` is deprecated. Please use `area` instead.", DeprecationWarning, stacklevel=2)
        area = kwargs.pop("min_area")
    assert not kwargs, "unexpected keyword arguments for `random_size_crop`."
    if isinstance(area, numeric_types):
        area = (area, 1.0)
    for _ in range(_CROP_ATTEMPTS):
        target = random.uniform(area[0], area[1]) * (height * width)
        drawn = np.exp(random.uniform(np.log(ratio[0]), np.log(ratio[1])))
        new_width, new_height = int(round(np.sqrt(target * drawn))), int(round(np.sqrt(target / drawn)))
        if new_width <= width and new_height <= height:
            x0 = random.randint(0, width - new_width)
            y0 = random.randint(0, height - new_height)
            return fixed_crop(src, x0, y0, new_width, new_height, size, interp), (x0, y0, new_width, new_height)
    return center_crop(src, size, interp)


def color_normalize(src: NDArray, mean: Any, std: Any = None) -> NDArray:
    """(src - mean) / std, in src itself; None leaves a step out."""
    if mean is not None:
        src -= mean
    if std is not None:
        src /= std
    return src


# ---------------------------------------------------------------------------------------------- rotation
def imrotate(src: NDArray, rotation_degrees: Any, zoom_in: bool = False, zoom_out: bool = False) -> NDArray:
    """src turned around its middle, bilinearly; what comes from outside is 0.

    Args:
        src: (C, H, W) or (N, C, H, W), float32.
        rotation_degrees: a number, or an NDArray (N,) with one for each picture.
        zoom_in: enlarge so that nothing from outside is seen.
        zoom_out: shrink so that all of the picture is seen.

    Raises:
        TypeError, ValueError: other dtypes, axes, or both zooms.
    """
    if zoom_in and zoom_out:
        raise ValueError("`zoom_in` and `zoom_out` cannot be both True")
    src = src.as_nd_ndarray()
    if src.dtype != np.float32:
        raise TypeError("Only `float32` images are supported by this function")
    single = src.ndim == 3
    if single:
        if not isinstance(rotation_degrees, numeric_types):
            raise TypeError("When a single image is passed the rotation angle is required to be a scalar.")
        src = src.expand_dims(axis=0)
    elif src.ndim != 4:
        raise ValueError("Only 3D and 4D are supported by this function")
    if isinstance(rotation_degrees, numeric_types):
        rotation_degrees = nd.array([rotation_degrees] * len(src), ctx=src.context)
    elif not isinstance(rotation_degrees, NDArray):
        raise TypeError(f"rotation_degrees must be a number or an NDArray, got {type(rotation_degrees).__name__}")
    if len(src) != len(rotation_degrees):
        raise ValueError("The number of images must be equal to the number of rotation angles")
    grid = _turned_grid(src._data, rotation_degrees._data.float(), zoom_in, zoom_out)
    turned = nd.BilinearSampler(src, NDArray(grid, src.context))
    return as_mode(turned[0] if single else turned)


def _turned_grid(data: torch.Tensor, degrees: torch.Tensor, zoom_in: bool, zoom_out: bool) -> torch.Tensor:
    """Where each pixel of data (N, C, H, W), turned by degrees (N,), comes from: (N, 2, H, W), from -1 to 1."""
    height, width = data.shape[-2:]
    angle = (degrees.to(data.device) * math.pi / 180).reshape(-1, 1, 1)
    sin, cos = torch.sin(angle), torch.cos(angle)
    half_height, half_width = (height - 1) / 2, (width - 1) / 2
    x = (torch.arange(width, device=data.device, dtype=data.dtype) - half_width).reshape(1, 1, -1)
    y = (torch.arange(height, device=data.device, dtype=data.dtype) - half_height).reshape(1, -1, 1)
    grid = torch.stack([(x * cos - y * sin) / half_width, (x * sin + y * cos) / half_height], 1)
    if zoom_in or zoom_out:
        rho, corner = math.hypot(height, width), math.atan(height / width)
        most_x = torch.maximum((rho * torch.cos(corner + angle)).abs(), (rho * torch.cos(corner - angle)).abs())
        most_y = torch.maximum((rho * torch.sin(corner + angle)).abs(), (rho * torch.sin(corner - angle)).abs())
        if zoom_out:
            scale = torch.maximum(most_x / width, most_y / height)
        else:
            scale = torch.minimum(width / most_x, height / most_y)
        grid = grid * scale.unsqueeze(1)
    return grid


def random_rotate(src: NDArray, angle_limits: Any, zoom_in: bool = False, zoom_out: bool = False) -> NDArray:
    """``imrotate`` by angles drawn from numpy's generator, between the two numbers of ``angle_limits``."""
    if src.ndim == 3:
        return imrotate(src, np.random.uniform(*angle_limits), zoom_in, zoom_out)
    low, high = angle_limits
    angles = nd.array(np.random.uniform(low, high, size=len(src)), ctx=src.context)
    return imrotate(src, angles, zoom_in, zoom_out)
