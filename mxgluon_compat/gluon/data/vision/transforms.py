"""Transforms of pictures (H, W, C), as Blocks; after ``ToTensor`` they are (C, H, W).

Those that are HybridBlocks run the operators of ``nd.image``; ``ToTensor``, ``Normalize``, ``Resize``, ``CropResize``
and ``Cast`` take batches (N, ...) too. Random changes of colour and flips draw from the context's generator, random
crops and ``RandomApply`` from Python's ``random``, ``RandomRotation`` from numpy's generator.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from .... import image
from ....base import numeric_types
from ....ndarray import NDArray
from ....numpy.family import of_mode
from ...block import Block, HybridBlock
from ...nn import HybridSequential, Sequential

__all__ = [
    "Cast", "CenterCrop", "Compose", "CropResize", "Normalize", "RandomApply", "RandomBrightness", "RandomColorJitter",
    "RandomContrast", "RandomFlipLeftRight", "RandomFlipTopBottom", "RandomHue", "RandomLighting", "RandomResizedCrop",
    "RandomRotation", "RandomSaturation", "Resize", "Rotate", "ToTensor",
]  # fmt: skip

Size = int | tuple[int, int]
"""(width, height), or one number for both."""


class Compose(Sequential):
    """Transforms one after the other; HybridBlocks that follow each other run hybridized, as one.

    Args:
        transforms: Blocks, or functions of a picture.
    """

    def __init__(self, transforms: Sequence[Any]) -> None:
        super().__init__()
        run: list[HybridBlock] = []
        with self.name_scope():
            for transform in (*transforms, None):
                if isinstance(transform, HybridBlock):
                    run.append(transform)
                    continue
                if len(run) > 1:
                    together = HybridSequential()
                    together.add(*run)
                    together.hybridize()
                    self.add(together)
                elif run:
                    self.add(*run)
                run = []
                if transform is not None:
                    self.add(transform)


class RandomApply(Sequential):
    """A transform with probability ``p``, otherwise none.

    Args:
        transforms: the transform (a ``Compose`` for several).
        p: its probability.
    """

    def __init__(self, transforms: Any, p: float = 0.5) -> None:
        super().__init__()
        self.transforms = transforms
        self.p = p

    def forward(self, x: NDArray) -> NDArray:
        return x if self.p < random.random() else self.transforms(x)


class Cast(HybridBlock):
    """Another dtype."""

    def __init__(self, dtype: Any = "float32") -> None:
        super().__init__()
        self._dtype = dtype

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).cast(x, self._dtype)


class ToTensor(HybridBlock):
    """(H, W, C) or (N, H, W, C), 0 to 255 -> (C, H, W) or (N, C, H, W), float32, 0 to 1."""

    def __init__(self) -> None:
        super().__init__()

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).image.to_tensor(x)


class Normalize(HybridBlock):
    """(x - mean) / std; x (C, H, W) or (N, C, H, W), mean and std one number, or one for each channel."""

    def __init__(self, mean: float | Sequence[float] = 0.0, std: float | Sequence[float] = 1.0) -> None:
        super().__init__()
        self._mean = mean
        self._std = std

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).image.normalize(x, self._mean, self._std)


# ---------------------------------------------------------------------------------------------- sizes
class Rotate(Block):
    """``mx.image.imrotate``: turned around its middle; x (C, H, W) or (N, C, H, W), float32.

    Args:
        rotation_degrees: the angle.
        zoom_in: enlarge so that nothing from outside is seen.
        zoom_out: shrink so that all of the picture is seen.

    Raises:
        TypeError: x is not float32.
    """

    def __init__(self, rotation_degrees: float, zoom_in: bool = False, zoom_out: bool = False) -> None:
        super().__init__()
        self._args = (rotation_degrees, zoom_in, zoom_out)

    def forward(self, x: NDArray) -> NDArray:
        _check_float(x)
        return image.imrotate(x, *self._args)


def _check_float(x: NDArray) -> None:
    if x.dtype != np.float32:
        raise TypeError("This transformation only supports float32. Consider calling it after ToTensor")


class RandomRotation(Block):
    """``mx.image.random_rotate``: turned by a random angle; see ``Rotate``.

    Args:
        angle_limits: (least, most) degrees.
        zoom_in, zoom_out: see ``Rotate``.
        rotate_with_proba: probability of turning at all.

    Raises:
        ValueError: limits in the wrong order, or a probability outside of [0, 1].
        TypeError: x is not float32.
    """

    def __init__(
        self,
        angle_limits: tuple[float, float],
        zoom_in: bool = False,
        zoom_out: bool = False,
        rotate_with_proba: float = 1.0,
    ) -> None:
        super().__init__()
        lower, upper = angle_limits
        if lower >= upper:
            raise ValueError("`angle_limits` must be an ordered tuple")
        if rotate_with_proba < 0 or rotate_with_proba > 1:
            raise ValueError("Probability of rotating the image should be between 0 and 1")
        self._args = (angle_limits, zoom_in, zoom_out)
        self._rotate_with_proba = rotate_with_proba

    def forward(self, x: NDArray) -> NDArray:
        if np.random.random() > self._rotate_with_proba:
            return x
        _check_float(x)
        return image.random_rotate(x, *self._args)


def _pair(size: Size) -> tuple[int, int]:
    return (size, size) if isinstance(size, numeric_types) else size


class RandomResizedCrop(Block):
    """``mx.image.random_size_crop``: a part of random size, ratio and place, resized.

    Args:
        size: of the result.
        scale: (least, most) share of the picture.
        ratio: (least, most) width / height.
        interpolation: see ``mx.image.resize_short``.
    """

    def __init__(
        self,
        size: Size,
        scale: tuple[float, float] = (0.08, 1.0),
        ratio: tuple[float, float] = (3.0 / 4.0, 4.0 / 3.0),
        interpolation: int = 1,
    ) -> None:
        super().__init__()
        self._args = (_pair(size), scale, ratio, interpolation)

    def forward(self, x: NDArray) -> NDArray:
        return image.random_size_crop(x, *self._args)[0]


class CropResize(HybridBlock):
    """The part from column ``x`` and row ``y`` on, resized where ``size`` is given; also of batches.

    Args:
        x, y, width, height: the part.
        size: of the result.
        interpolation: 0 nearest, 1 bilinear, 2 bicubic, 3 area, 4 Lanczos.
    """

    def __init__(
        self, x: int, y: int, width: int, height: int, size: Size | None = None, interpolation: int | None = None
    ) -> None:
        super().__init__()
        self._x = x
        self._y = y
        self._width = width
        self._height = height
        self._size = size
        self._interpolation = interpolation

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        F = of_mode(F)
        out = F.image.crop(x, self._x, self._y, self._width, self._height)
        return F.image.resize(out, self._size, False, self._interpolation) if self._size else out


class CenterCrop(Block):
    """``mx.image.center_crop``: the middle of the picture.

    Args:
        size: of the result.
        interpolation: of pictures that are smaller; see ``mx.image.resize_short``.
    """

    def __init__(self, size: Size, interpolation: int = 1) -> None:
        super().__init__()
        self._args = (_pair(size), interpolation)

    def forward(self, x: NDArray) -> NDArray:
        return image.center_crop(x, *self._args)[0]


class Resize(HybridBlock):
    """Resized; also batches.

    Args:
        size: of the result; one number stands for a square, or with ``keep_ratio`` for the shorter edge.
        keep_ratio: keep width / height where ``size`` is one number.
        interpolation: 0 nearest, 1 bilinear, 2 bicubic, 3 area, 4 Lanczos.
    """

    def __init__(self, size: Size, keep_ratio: bool = False, interpolation: int = 1) -> None:
        super().__init__()
        self._keep = keep_ratio
        self._size = size
        self._interpolation = interpolation

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).image.resize(x, self._size, self._keep, self._interpolation)


class RandomFlipLeftRight(HybridBlock):
    """Every second picture with its columns in reverse order."""

    def __init__(self) -> None:
        super().__init__()

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).image.random_flip_left_right(x)


class RandomFlipTopBottom(HybridBlock):
    """Every second picture with its rows in reverse order."""

    def __init__(self) -> None:
        super().__init__()

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).image.random_flip_top_bottom(x)


# ---------------------------------------------------------------------------------------------- colours
def _around_one(share: float) -> tuple[float, float]:
    return max(0, 1 - share), 1 + share


class RandomBrightness(HybridBlock):
    """Times a factor of [1 - brightness, 1 + brightness], which is not negative."""

    def __init__(self, brightness: float) -> None:
        super().__init__()
        self._args = _around_one(brightness)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).image.random_brightness(x, *self._args)


class RandomContrast(HybridBlock):
    """Mixed with its mean brightness, of which the share is up to ``contrast``."""

    def __init__(self, contrast: float) -> None:
        super().__init__()
        self._args = _around_one(contrast)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).image.random_contrast(x, *self._args)


class RandomSaturation(HybridBlock):
    """Mixed with each pixel's brightness, of which the share is up to ``saturation``."""

    def __init__(self, saturation: float) -> None:
        super().__init__()
        self._args = _around_one(saturation)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).image.random_saturation(x, *self._args)


class RandomHue(HybridBlock):
    """Hues turned by a random part of the circle, of [1 - hue, 1 + hue]."""

    def __init__(self, hue: float) -> None:
        super().__init__()
        self._args = _around_one(hue)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).image.random_hue(x, *self._args)


class RandomColorJitter(HybridBlock):
    """Random changes of brightness, contrast, saturation and hue, those that are not 0, in random order."""

    def __init__(self, brightness: float = 0, contrast: float = 0, saturation: float = 0, hue: float = 0) -> None:
        super().__init__()
        self._args = (brightness, contrast, saturation, hue)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).image.random_color_jitter(x, *self._args)


class RandomLighting(HybridBlock):
    """Plus principal components of ImageNet's colours, each times a normal number of standard deviation ``alpha``."""

    def __init__(self, alpha: float) -> None:
        super().__init__()
        self._alpha = alpha

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).image.random_lighting(x, self._alpha)
