"""What ``ImageRecordIter`` does to a picture: its arguments, and the functions on arrays (H, W, C), blue first.

The order of the steps and their formulas are MXNet's; what is random is drawn from a generator of each picture's own,
so that neither the number of threads nor their speed changes it.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import opencv
from ..base import MXNetError
from ..util import opencv as module

__all__ = ["Augmentation", "decoded", "interpolation", "normalised", "resized"]

Picture = np.ndarray


def decoded(content: Any, channels: int, where: str) -> Picture:
    """The picture of 1, 3 or 4 channels in the bytes of a file.

    Raises:
        MXNetError: none, or another number of channels.
        ImportError: OpenCV is not there.
    """
    if channels != 4:
        return opencv.decode(content, int(channels == 3), to_rgb=False, where=where)
    cv2 = module("decoding pictures")
    data = np.frombuffer(content, np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
    if picture is None:
        raise MXNetError(f"Decoding failed: {where} ({data.size} bytes) is not a picture that OpenCV can read")
    if picture.ndim != 3 or picture.shape[2] != 4:
        raise MXNetError(f"{where}: expected 4 channels, got {1 if picture.ndim == 2 else picture.shape[2]}")
    return picture


def interpolation(method: int, old: tuple[int, int], new: tuple[int, int], draws: random.Random) -> int:
    """OpenCV's mode: 9 chooses by the sizes (width, height): area to shrink, bicubic to enlarge, bilinear otherwise; 10
    draws one."""
    if method == 9:
        if new[0] > old[0] and new[1] > old[1]:
            return 2
        return 3 if new[0] < old[0] and new[1] < old[1] else 1
    return draws.randint(0, 4) if method == 10 else method


def resized(picture: Picture, width: int, height: int, method: int, draws: random.Random) -> Picture:
    """The picture in another size."""
    rows, columns = picture.shape[:2]
    if (rows, columns) == (height, width):
        return picture
    return opencv.resize(picture, width, height, interpolation(method, (columns, rows), (width, height), draws))


_GRAY = np.array([0.114, 0.587, 0.299], np.float32)  # of blue, green, red
_EIGENVALUES = np.array([55.46, 4.794, 1.148], np.float32)  # Krizhevsky et al. 2012: the colours of ImageNet
_EIGENVECTORS = np.array(
    [[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]], np.float32
)


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """The arguments of ``ImageRecordIter`` that change pictures; see there."""

    data_shape: tuple[int, ...]
    resize: int = -1
    rand_crop: bool = False
    random_resized_crop: bool = False
    max_rotate_angle: int = 0
    max_aspect_ratio: float = 0.0
    min_aspect_ratio: float | None = None
    max_shear_ratio: float = 0.0
    max_crop_size: int = -1
    min_crop_size: int = -1
    max_random_scale: float = 1.0
    min_random_scale: float = 1.0
    max_random_area: float = 1.0
    min_random_area: float = 1.0
    max_img_size: float = 1e10
    min_img_size: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    pca_noise: float = 0.0
    random_h: int = 0
    random_s: int = 0
    random_l: int = 0
    rotate: int = -1
    fill_value: int = 255
    inter_method: int = 1
    pad: int = 0

    def __post_init__(self) -> None:
        if self.inter_method not in (0, 1, 2, 3, 4, 9, 10):
            raise MXNetError(f"inter_method must be 0 to 4, 9 or 10, got {self.inter_method}")
        sizes = self.min_crop_size, self.max_crop_size
        if sizes != (-1, -1) and not 0 < sizes[0] <= sizes[1]:
            raise MXNetError(
                f"min_crop_size and max_crop_size must be given together, the first the smaller one, got {sizes}"
            )
        for low, high in (("min_random_scale", "max_random_scale"), ("min_random_area", "max_random_area")):
            if not 0 < getattr(self, low) <= getattr(self, high):
                raise MXNetError(f"0 < {low} <= {high} must hold, got {getattr(self, low)} and {getattr(self, high)}")

    def __call__(self, picture: Picture, draws: random.Random, where: str) -> Picture:
        """The picture (H, W, C) made to be data_shape's (height, width, C)."""
        if self.resize != -1:
            rows, columns = picture.shape[:2]
            if rows > columns:
                size = self.resize, int(rows * self.resize / columns)
            else:
                size = int(columns * self.resize / rows), self.resize
            picture = resized(picture, *size, self.inter_method, draws)
        if self._turns:
            picture = self._turned(picture, draws)
        if self.pad > 0:
            picture = self._bordered(picture)
        picture = self._cropped(picture, draws, where)
        return self._recoloured(picture, draws)

    # ------------------------------------------------------------------------------------------ geometry
    @property
    def _turns(self) -> bool:
        return (
            self.max_rotate_angle > 0
            or self.max_shear_ratio > 0
            or self.rotate > 0
            or (self.max_random_scale, self.min_random_scale) != (1, 1)
            or (self.max_aspect_ratio != 0 and not self.random_resized_crop)
            or self.max_img_size != 1e10
            or self.min_img_size != 0
        )

    def _turned(self, picture: Picture, draws: random.Random) -> Picture:
        """Rotated, sheared and scaled around the middle."""
        cv2 = module("turning pictures")
        rows, columns = picture.shape[:2]
        shear = draws.uniform(-self.max_shear_ratio, self.max_shear_ratio)
        angle = self.rotate if self.rotate > 0 else draws.randint(-self.max_rotate_angle, self.max_rotate_angle)
        cos, sin = math.cos(angle / 180 * math.pi), math.sin(angle / 180 * math.pi)
        scale = draws.uniform(self.min_random_scale, self.max_random_scale)
        ratio = 1.0
        if not self.random_resized_crop:
            ratio = 1 + draws.uniform(-self.max_aspect_ratio, self.max_aspect_ratio)
        high = 2 * scale / (1 + ratio)
        wide = ratio * high
        width = max(self.min_img_size, min(self.max_img_size, scale * columns))
        height = max(self.min_img_size, min(self.max_img_size, scale * rows))
        turn = np.array(
            [[high * cos - shear * sin * wide, high * sin + shear * cos * wide, 0], [-sin * wide, cos * wide, 0]],
            np.float32,
        )
        turn[0, 2] = (width - (turn[0, 0] * columns + turn[0, 1] * rows)) / 2
        turn[1, 2] = (height - (turn[1, 0] * columns + turn[1, 1] * rows)) / 2
        size = int(width), int(height)
        method = interpolation(self.inter_method, (columns, rows), size, draws)
        fill = (self.fill_value,) * 4
        found = cv2.warpAffine(picture, turn, size, flags=method, borderMode=cv2.BORDER_CONSTANT, borderValue=fill)
        return found.reshape(*found.shape[:2], picture.shape[2])

    def _bordered(self, picture: Picture) -> Picture:
        cv2 = module("padding pictures")
        sides, fill = (self.pad,) * 4, (self.fill_value,) * 4
        found = cv2.copyMakeBorder(picture, *sides, cv2.BORDER_CONSTANT, value=fill)
        return found.reshape(*found.shape[:2], picture.shape[2])

    def _cropped(self, picture: Picture, draws: random.Random, where: str) -> Picture:
        _, height, width = self.data_shape
        if self.random_resized_crop:
            return self._random_resized_crop(picture, draws)
        rows, columns = picture.shape[:2]
        if self.max_crop_size != -1:
            if min(rows, columns) < self.max_crop_size:
                raise MXNetError(
                    f"{where}: input image size smaller than max_crop_size: {rows} x {columns}, {self.max_crop_size}"
                )
            side = draws.randint(self.min_crop_size, self.max_crop_size)
            part = self._part(picture, side, side, draws)
            return resized(part, width, height, self.inter_method, draws)
        if rows < height:
            picture = resized(picture, height * columns // rows, height, self.inter_method, draws)
            rows, columns = picture.shape[:2]
        if columns < width:
            picture = resized(picture, width, width * rows // columns, self.inter_method, draws)
        return self._part(picture, height, width, draws)

    def _part(self, picture: Picture, height: int, width: int, draws: random.Random) -> Picture:
        """A part at a random place, or the middle."""
        spare_y, spare_x = picture.shape[0] - height, picture.shape[1] - width
        if self.rand_crop:
            y, x = draws.randint(0, spare_y), draws.randint(0, spare_x)
        else:
            y, x = spare_y // 2, spare_x // 2
        return picture[y : y + height, x : x + width]

    def _random_resized_crop(self, picture: Picture, draws: random.Random) -> Picture:
        """A part of random area and ratio, resized; the middle as large as it can be where none fits."""
        _, height, width = self.data_shape
        rows, columns = picture.shape[:2]
        low = 1 - self.max_aspect_ratio if self.min_aspect_ratio is None else self.min_aspect_ratio
        high = 1 + self.max_aspect_ratio if self.min_aspect_ratio is None else self.max_aspect_ratio
        for _ in range(10):
            area = draws.uniform(self.min_random_area, self.max_random_area) * rows * columns
            ratio = draws.uniform(low, high)
            w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if draws.random() < 0.5:
                w, h = h, w
            if 0 < w <= columns and 0 < h <= rows:
                y, x = draws.randint(0, rows - h), draws.randint(0, columns - w)
                return resized(picture[y : y + h, x : x + w], width, height, self.inter_method, draws)
        side = min(rows, columns)
        y, x = (rows - side) // 2, (columns - side) // 2
        return resized(picture[y : y + side, x : x + side], width, height, self.inter_method, draws)

    # ------------------------------------------------------------------------------------------ colours
    def _recoloured(self, picture: Picture, draws: random.Random) -> Picture:
        if picture.shape[2] != 3:
            return picture
        if self.brightness or self.contrast or self.saturation:
            picture = self._jittered(picture, draws)
        if self.random_h or self.random_s or self.random_l:
            picture = shifted(picture, self.random_h, self.random_l, self.random_s, draws)
        if self.pca_noise > 0:
            strength = np.array([draws.gauss(0, self.pca_noise) for _ in range(3)], np.float32)
            noise = _EIGENVECTORS @ (_EIGENVALUES * strength)
            picture = _bytes(picture + noise[::-1])
        return picture

    def _jittered(self, picture: Picture, draws: random.Random) -> Picture:
        """Brightness, contrast and saturation changed, in a random order."""
        kinds = [0, 1, 2]
        draws.shuffle(kinds)
        for kind in kinds:
            limit = (self.brightness, self.contrast, self.saturation)[kind]
            if limit <= 0:
                continue
            alpha = np.float32(1 + draws.uniform(-limit, limit))
            values = picture.astype(np.float32)
            if kind == 0:
                values *= alpha
            elif kind == 1:
                values = values * alpha + (1 - alpha) * (values @ _GRAY).mean()
            else:
                values = values * alpha + (1 - alpha) * (values @ _GRAY)[..., None]
            picture = _bytes(values)
        return picture


def shifted(picture: Picture, hue: int, lightness: int, saturation: int, draws: random.Random) -> Picture:
    """Hue (of 180), lightness and saturation (of 255) shifted by up to as much."""
    cv2 = module("colours")
    values = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_BGR2HLS).astype(np.int32)
    for channel, limit, top in ((0, hue, 180), (1, lightness, 255), (2, saturation, 255)):
        shift = draws.randint(-limit, limit)
        values[..., channel] = np.clip(values[..., channel] + shift, 0, top)
    return cv2.cvtColor(values.astype(np.uint8), cv2.COLOR_HLS2BGR)


def _bytes(values: np.ndarray) -> Picture:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def normalised(
    picture: Picture, out: np.ndarray, mirror: bool, mean: Any, factor: np.ndarray | None, added: float = 0.0
) -> None:
    """``out`` (C, H, W) = (picture - mean) * factor + added, red first.

    Args:
        picture: uint8 (H, W, C), blue first.
        out: float32; int8, of which only the mean is subtracted and which is cut off at its limits; or uint8, as is.
        mirror: turn left and right around, after that.
        mean: an array (C, H, W), or one number for each channel; None for 0.
        factor: a number for each channel; None for 1.
        added: to all.
    """
    if mirror:
        out = out[..., ::-1]
    channels = picture.shape[2]
    for c in range(channels):
        plane = picture[..., 2 - c if channels >= 3 and c < 3 else c]
        if out.dtype == np.uint8:
            out[c] = plane
        elif out.dtype == np.int8:
            out[c] = np.clip(plane if mean is None else np.trunc(plane - mean[c]), -128, 127)
        else:
            if mean is None:
                out[c] = plane
            else:
                np.subtract(plane, mean[c], out=out[c], dtype=np.float32)
            if factor is not None:
                out[c] *= factor[c]
            if added:
                out[c] += np.float32(added)
