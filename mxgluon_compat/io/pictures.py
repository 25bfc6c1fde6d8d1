"""What ``ImageRecordIter`` does to a picture: its arguments, and the functions on arrays (H, W, C), blue first.

The order of the steps and their formulas are MXNet's; what is random is drawn from a generator of each picture's own,
so that neither the number of threads nor their speed changes it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import opencv
from ..base import MXNetError
from ..util import opencv as module
from .twister import Twister

__all__ = ["Augmentation", "Plan", "decoded", "normalised", "shifted"]

Picture = np.ndarray

_FLOAT = np.float32
_ONCE, _NOTHING = _FLOAT(1), _FLOAT(0)
_FIFTH, _FOUR_FIFTHS = _FLOAT(0.2), _FLOAT(0.8)


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


class Plan:
    """Steps that make another picture of one, with all that is random in them drawn.

    Args:
        rows, columns: of the picture; then of what the steps so far make of it.
        method: of resizing, as ``inter_method``: 0 to 4 are OpenCV's modes, 9 chooses one by the sizes, 10 draws one.
        draws: the generator.
    """

    def __init__(self, rows: int, columns: int, method: int, draws: Twister) -> None:
        self.rows, self.columns = rows, columns
        self._method, self._draws = method, draws
        self.steps: list[Callable[[Picture], Picture]] = []

    def __call__(self, picture: Picture) -> Picture:
        """What the steps make of the picture (H, W, C)."""
        for step in self.steps:
            picture = step(picture)
        return picture

    def add(self, step: Callable[[Picture], Picture], rows: int = 0, columns: int = 0) -> None:
        """One more step, and the size of what it makes, where that is another."""
        self.steps.append(step)
        self.rows, self.columns = rows or self.rows, columns or self.columns

    def mode(self, width: int, height: int) -> int:
        """OpenCV's mode to bring the picture to another size: 9 takes area to shrink, bicubic to enlarge, bilinear
        otherwise."""
        if self._method == 10:
            return self._draws.integer(0, 4)
        if self._method != 9:
            return self._method
        if width > self.columns and height > self.rows:
            return 2
        return 3 if width < self.columns and height < self.rows else 1

    def part(self, top: int, left: int, height: int, width: int) -> None:
        """Cut out a part."""
        self.add(lambda picture: picture[top : top + height, left : left + width], height, width)

    def resize(self, width: int, height: int, mode: int | None = None) -> None:
        """Bring it to another size, in OpenCV's mode or that of ``mode()``."""
        mode = self.mode(width, height) if mode is None else mode
        if (height, width) != (self.rows, self.columns):
            self.add(lambda picture: opencv.resize(picture, width, height, mode), height, width)

    def resize_shorter(self, size: int) -> None:
        """Bring the shorter edge to this length."""
        if self.rows > self.columns:
            self.resize(size, int(self.rows * size / self.columns))
        else:
            self.resize(int(self.columns * size / self.rows), size)


_ONE, _HALF = _FLOAT(1 << 14), _FLOAT(1 << 13)
_GRAY = np.array([4899, 9617, 1868], np.float32)  # of blue, green, red: MXNet takes blue for red here
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
        scales = self.min_random_scale, self.max_random_scale
        if self.random_resized_crop and (self.rand_crop or sizes != (-1, -1) or scales != (1, 1)):
            raise MXNetError(
                "random_resized_crop takes none of rand_crop, min_crop_size, max_crop_size, min_random_scale and "
                "max_random_scale: min_random_area and max_random_area say how much to cut out"
            )

    def plan(self, rows: int, columns: int, draws: Twister, where: str) -> Plan:
        """How to make a picture (rows, columns, C) one of data_shape's (height, width, C)."""
        plan = Plan(rows, columns, self.inter_method, draws)
        if self.resize != -1:
            plan.resize_shorter(self.resize)
        if self._turns:
            self._turn(plan, draws)
        if self.pad > 0:
            self._border(plan)
        self._crop(plan, draws, where)
        self._recolour(plan, draws)
        return plan

    @property
    def draws(self) -> bool:
        """Whether anything is drawn."""
        return (
            self._turns
            or self.rand_crop
            or self.random_resized_crop
            or self.max_crop_size != -1
            or self.inter_method == 10
            or any((self.brightness, self.contrast, self.saturation, self.pca_noise))
            or any((self.random_h, self.random_s, self.random_l))
        )

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

    @property
    def _ratios(self) -> tuple[float, float]:
        """The least and the largest ratio of width and height."""
        if self.min_aspect_ratio is None:
            return 1 - self.max_aspect_ratio, 1 + self.max_aspect_ratio
        return self.min_aspect_ratio, self.max_aspect_ratio

    def _turn(self, plan: Plan, draws: Twister) -> None:
        """Rotate, shear and scale around the middle."""
        rows, columns = plan.rows, plan.columns
        shear = draws.within(-self.max_shear_ratio, self.max_shear_ratio)
        angle = draws.integer(-self.max_rotate_angle, self.max_rotate_angle)
        if self.rotate > 0:
            angle = self.rotate
        cos, sin = _FLOAT(math.cos(angle / 180 * math.pi)), _FLOAT(math.sin(angle / 180 * math.pi))
        scale = ratio = _FLOAT(1)
        if not self.random_resized_crop:
            scale = draws.within(self.min_random_scale, self.max_random_scale)
            ratio = draws.within(*self._ratios)
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
        size = int(width), int(height)  # type: ignore[arg-type]  # numpy's scalars
        mode = plan.mode(*size)
        plan.add(lambda picture: opencv.affine(picture, turn, *size, mode, self.fill_value), size[1], size[0])

    def _border(self, plan: Plan) -> None:
        cv2 = module("padding pictures")
        sides, fill = (self.pad,) * 4, (self.fill_value,) * 4

        def step(picture: Picture) -> Picture:
            found = cv2.copyMakeBorder(picture, *sides, cv2.BORDER_CONSTANT, value=fill)
            return found.reshape(*found.shape[:2], picture.shape[2])

        plan.add(step, plan.rows + 2 * self.pad, plan.columns + 2 * self.pad)

    def _crop(self, plan: Plan, draws: Twister, where: str) -> None:
        _, height, width = self.data_shape
        if self.random_resized_crop and self._random_resized_crop(plan, draws):
            return
        if self.max_crop_size != -1:
            if min(plan.rows, plan.columns) < self.max_crop_size:
                raise MXNetError(
                    f"{where}: input image size smaller than max_crop_size: {plan.rows} x {plan.columns}, "
                    f"{self.max_crop_size}"
                )
            side = draws.integer(self.min_crop_size, self.max_crop_size)
            self._part(plan, side, side, draws)
            plan.resize(width, height)
            return
        mode = plan.mode(width, height)
        if plan.rows < height:
            plan.resize(height * plan.columns // plan.rows, height, mode)
        if plan.columns < width:
            plan.resize(width, width * plan.rows // plan.columns, mode)
        self._part(plan, height, width, draws)

    def _part(self, plan: Plan, height: int, width: int, draws: Twister) -> None:
        """A part at a random place, or the middle."""
        spare_y, spare_x = plan.rows - height, plan.columns - width
        if self.rand_crop:
            y, x = draws.integer(0, spare_y), draws.integer(0, spare_x)
        else:
            y, x = spare_y // 2, spare_x // 2
        plan.part(y, x, height, width)

    def _random_resized_crop(self, plan: Plan, draws: Twister) -> bool:
        """Cut out a part of random area and ratio, resized; false where ten drawn were none."""
        _, height, width = self.data_shape
        rows, columns = plan.rows, plan.columns
        for _ in range(10):
            area = draws.within(self.min_random_area, self.max_random_area) * rows * columns
            ratio = draws.within(*self._ratios)
            w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if draws.unit() > 0.5:
                w, h = h, w
            if 0 < w <= columns and 0 < h <= rows:
                y, x = draws.integer(0, rows - h), draws.integer(0, columns - w)
                plan.part(y, x, h, w)
                plan.resize(width, height)
                return True
        return False

    # ------------------------------------------------------------------------------------------ colours
    def _recolour(self, plan: Plan, draws: Twister) -> None:
        if self.data_shape[0] != 3:
            return
        if self.brightness or self.contrast or self.saturation:
            self._jitter(plan, draws)
        if self.random_h or self.random_s or self.random_l:
            hue, saturation, lightness = (
                int((_FIFTH * draws.unit() + _FOUR_FIFTHS * draws.unit()) * limit * 2 - limit)
                for limit in map(_FLOAT, (self.random_h, self.random_s, self.random_l))
            )
            plan.add(lambda picture: shifted(picture, hue, lightness, saturation))
        if self.pca_noise > 0:
            strength = _EIGENVALUES * draws.normal(3) * _FLOAT(self.pca_noise)
            noise = (_EIGENVECTORS @ strength)[::-1]
            plan.add(lambda picture: np.clip(picture + noise, 0, 255).astype(np.uint8))

    def _jitter(self, plan: Plan, draws: Twister) -> None:
        """Brightness, contrast and saturation changed, in a random order."""
        limits = self.brightness, self.contrast, self.saturation
        factors = [1 + draws.within(-limit, limit) for limit in limits]
        kinds = [0, 1, 2]
        draws.shuffle(kinds)
        for kind in kinds:
            if limits[kind] > 0:
                plan.add(functools.partial(_jittered, kind=kind, factor=factors[kind]))


def _jittered(picture: Picture, kind: int, factor: np.float32) -> Picture:
    """0: brightness, 1: contrast, 2: saturation multiplied by a factor."""
    cv2 = module("colours")
    if kind == 0:
        return cv2.addWeighted(picture, float(factor), picture, 0, 0)
    # In whole numbers of 14 bits: OpenCV's own way when MXNet was built. All of them fit into a float32.
    gray = ((picture.astype(np.float32) @ _GRAY + _HALF) / _ONE).astype(np.uint8)
    if kind == 1:
        return cv2.addWeighted(picture, float(factor), picture, 0, (1 - float(factor)) * gray.mean())
    return cv2.addWeighted(picture, float(factor), cv2.merge([gray] * 3), 1 - float(factor), 0)


def shifted(picture: Picture, hue: int, lightness: int, saturation: int) -> Picture:
    """Hue (of 180), lightness and saturation (of 255) shifted by as much."""
    cv2 = module("colours")
    values = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_BGR2HLS).astype(np.int32)
    for channel, shift, top in ((0, hue, 180), (1, lightness, 255), (2, saturation, 255)):
        values[..., channel] = np.clip(values[..., channel] + shift, 0, top)
    return cv2.cvtColor(values.astype(np.uint8), cv2.COLOR_HLS2BGR)


def normalised(
    picture: Picture, out: np.ndarray, mirror: bool, mean: Any, factor: np.ndarray | None, contrast: np.float32 = _ONCE,
    illumination: np.float32 = _NOTHING,
) -> None:  # fmt: skip
    """``out`` (C, H, W) = ((picture - mean) * contrast + illumination) * factor, red first.

    Args:
        picture: uint8 (H, W, C), blue first.
        out: float32; int8, of which only the mean is subtracted and which is cut off at its limits; or uint8, as is.
        mirror: turn left and right around, after that.
        mean: an array (C, H, W), or one number for each channel; None for 0.
        factor: a number for each channel; None for 1.
        contrast, illumination: of all channels.
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
            if contrast != 1:
                out[c] *= contrast
            if illumination:
                out[c] += illumination
            if factor is not None:
                out[c] *= factor[c]
