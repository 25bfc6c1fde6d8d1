"""Operators on pictures on the host, which ``mx.image`` calls: decoding, resizing, borders.

OpenCV decodes. Resizing and borders are torch's work where there is no OpenCV, or a tensor is not on the CPU.
"""

from __future__ import annotations

import os

import torch

from .. import opencv
from ..base import FileError, MissingFileError
from .registry import operator
from .resampling import resize_images
from .schema import Floats, Natural, Positive

__all__ = ["copy_make_border", "decode_picture", "read_picture", "resize_picture"]


@operator("_cvimdecode", "_npi_cvimdecode")
def decode_picture(buf: torch.Tensor, *, flag: Natural = 1, to_rgb: bool = True) -> torch.Tensor:
    """buf (bytes of a file), uint8 -> (H, W, C), uint8: C = 1 for flag 0, 3 for flag 1; red first with ``to_rgb``."""
    if buf.dtype is not torch.uint8:
        raise ValueError(f"buf must be uint8, got {buf.dtype}")
    return torch.from_numpy(opencv.decode(buf.detach().cpu().reshape(-1).numpy(), flag, to_rgb)).to(buf.device)


@operator("_cvimread", "_npi_cvimread")
def read_picture(*, filename: str, flag: Natural = 1, to_rgb: bool = True) -> torch.Tensor:
    """The picture in a file, as ``_cvimdecode`` gives it."""
    try:
        with open(filename, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        raise MissingFileError(f"there is no file {os.path.abspath(filename)}") from None
    except OSError as error:
        raise FileError(f"{filename} cannot be read: {error}") from None
    return torch.from_numpy(opencv.decode(data, flag, to_rgb, filename))


@operator("_cvimresize", "_npi_cvimresize")
def resize_picture(src: torch.Tensor, *, w: Positive, h: Positive, interp: int = 1) -> torch.Tensor:
    """src (H, W, C), uint8, float32 or float64 -> (h, w, C).

    ``interp``: 0 nearest, 1 bilinear, 2 bicubic, 3 area, 4 Lanczos.
    """
    if src.ndim != 3:
        raise ValueError(f"src must have shape (H, W, C), got {tuple(src.shape)}")
    if src.dtype not in (torch.uint8, torch.float32, torch.float64):
        raise ValueError(f"src must be uint8, float32 or float64, got {src.dtype}")
    return resize_images(src, h, w, interp)


_CONSTANT, _REPLICATE, _REFLECT, _WRAP, _REFLECT_101 = range(5)


@operator("_cvcopyMakeBorder")
def copy_make_border(
    src: torch.Tensor,
    *,
    top: int,
    bot: int,
    left: int,
    right: int,
    type: int = _CONSTANT,
    value: float = 0.0,
    values: Floats = (),
) -> torch.Tensor:
    """src (H, W, C) with a border: (top + H + bot, left + W + right, C).

    ``type``: 0 ``values`` (one number for each channel; 0 for those not given; none given: ``value`` for all), 1 the
    edge's pixels, 2 mirrored, 3 the other side's, 4 mirrored but for the edge itself.
    """
    if src.ndim != 3:
        raise ValueError(f"src must have shape (H, W, C), got {tuple(src.shape)}")
    if min(top, bot, left, right) < 0:
        raise ValueError(f"a border must not be negative, got {(top, bot, left, right)}")
    if not _CONSTANT <= type & ~16 <= _REFLECT_101:  # 16: OpenCV's mark for a picture that is no part of another
        raise ValueError(f"type must be 0, 1, 2, 3 or 4, got {type}")
    kind, channels = type & ~16, src.shape[2]
    rows = _positions(src.shape[0], top, bot, kind, src.device)
    columns = _positions(src.shape[1], left, right, kind, src.device)
    found = src.index_select(0, rows.clamp(min=0)).index_select(1, columns.clamp(min=0))
    if kind != _CONSTANT:
        return found
    if len(values) > 4:
        raise ValueError(f"values must have at most 4 numbers, got {values}")
    filling = list(values) if values else [value] * channels
    filling = (filling + [0.0] * channels)[:channels]
    fill = torch.tensor(filling, dtype=torch.float64, device=src.device)
    if not src.dtype.is_floating_point:
        limits = torch.iinfo(src.dtype)
        fill = fill.round().clamp(limits.min, limits.max)
    inside = (rows >= 0).reshape(-1, 1, 1) & (columns >= 0).reshape(1, -1, 1)
    return torch.where(inside, found, fill.to(src.dtype))


def _positions(size: int, before: int, after: int, kind: int, device: torch.device) -> torch.Tensor:
    """Where each row of the result comes from; -1 for what is filled."""
    index = torch.arange(-before, size + after, device=device)
    if kind == _REPLICATE:
        return index.clamp(0, size - 1)
    if kind == _WRAP:
        return index % size
    if kind == _CONSTANT:
        return torch.where((index < 0) | (index >= size), -1, index)
    period = 2 * size if kind == _REFLECT else max(2 * size - 2, 1)
    index = index % period
    return torch.where(index < size, index, period - (1 if kind == _REFLECT else 0) - index)
