"""Augmenters: changes of one picture (H, W, C). Random ones draw from Python's ``random``, the lighting from numpy's
generator. Changes of colour and ``ColorNormalizeAug`` write into the picture they are given, as MXNet's do."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import ndarray as nd
from ..ndarray import NDArray
from ..numpy.family import as_mode, of_mode
from .functions import (
    _get_interp_method,
    center_crop,
    color_normalize,
    imresize,
    random_crop,
    random_size_crop,
    resize_short,
)

__all__ = [
    "Augmenter", "BrightnessJitterAug", "CastAug", "CenterCropAug", "ColorJitterAug", "ColorNormalizeAug",
    "ContrastJitterAug", "CreateAugmenter", "ForceResizeAug", "HorizontalFlipAug", "HueJitterAug", "LightingAug",
    "RandomCropAug", "RandomGrayAug", "RandomOrderAug", "RandomSizedCropAug", "ResizeAug", "SaturationJitterAug",
    "SequentialAug",
]  # fmt: skip

Size = tuple[int, int]
"""(width, height)."""


def plain_options(options: dict[str, Any]) -> dict[str, Any]:
    """Options as JSON can hold them: arrays as lists."""
    found = {}
    for name, value in options.items():
        if isinstance(value, NDArray):
            value = value.asnumpy()
        found[name] = value.tolist() if isinstance(value, np.ndarray) else value
    return found


def _array(value: Any, ctx: Any = None) -> Any:
    """These numbers as float32."""
    return as_mode(nd.array(value, ctx))


class Augmenter:
    """Base class: subclasses define ``__call__(src)``, which returns the changed picture.

    Args:
        kwargs: what ``dumps`` writes.
    """

    def __init__(self, **kwargs: Any) -> None:
        self._kwargs = plain_options(kwargs)

    def dumps(self) -> Any:
        """``'["name", {options}]'``."""
        return json.dumps([type(self).__name__.lower(), self._kwargs])

    def __call__(self, src: NDArray) -> NDArray:
        raise NotImplementedError("Must override implementation.")


class _Several(Augmenter):
    """Several augmenters."""

    def __init__(self, ts: Sequence[Augmenter]) -> None:
        super().__init__()
        self.ts = ts

    def dumps(self) -> list[Any]:
        """[name, [what each one dumps]]."""
        return [type(self).__name__.lower(), [t.dumps() for t in self.ts]]


class SequentialAug(_Several):
    """One augmenter after the other."""

    def __init__(self, ts: Sequence[Augmenter]) -> None:
        super().__init__(ts)

    def __call__(self, src: NDArray) -> NDArray:
        for aug in self.ts:
            src = aug(src)
        return src

    def dumps(self) -> list[Any]:
        """[name, [what each one dumps]]."""
        return super().dumps()


class RandomOrderAug(_Several):
    """One augmenter after the other, in random order."""

    def __init__(self, ts: Sequence[Augmenter]) -> None:
        super().__init__(ts)

    def __call__(self, src: NDArray) -> NDArray:
        random.shuffle(self.ts)  # type: ignore[arg-type]
        for aug in self.ts:
            src = aug(src)
        return src

    def dumps(self) -> list[Any]:
        """[name, [what each one dumps]]."""
        return super().dumps()


# ---------------------------------------------------------------------------------------------- sizes
class ResizeAug(Augmenter):
    """``resize_short``: the shorter edge becomes ``size`` long."""

    def __init__(self, size: int, interp: int = 2) -> None:
        super().__init__(size=size, interp=interp)
        self.size = size
        self.interp = interp

    def __call__(self, src: NDArray) -> NDArray:
        return resize_short(src, self.size, self.interp)


class ForceResizeAug(Augmenter):
    """Resizes to ``size`` whatever the ratio was."""

    def __init__(self, size: Size, interp: int = 2) -> None:
        super().__init__(size=size, interp=interp)
        self.size = size
        self.interp = interp

    def __call__(self, src: NDArray) -> NDArray:
        sizes = (src.shape[0], src.shape[1], self.size[1], self.size[0])
        return imresize(src, *self.size, interp=_get_interp_method(self.interp, sizes))


class RandomCropAug(Augmenter):
    """``random_crop``."""

    def __init__(self, size: Size, interp: int = 2) -> None:
        super().__init__(size=size, interp=interp)
        self.size = size
        self.interp = interp

    def __call__(self, src: NDArray) -> NDArray:
        return random_crop(src, self.size, self.interp)[0]


class RandomSizedCropAug(Augmenter):
    """``random_size_crop``; ``min_area`` is an old name of ``area``."""

    def __init__(self, size: Size, area: Any, ratio: tuple[float, float], interp: int = 2, **kwargs: Any) -> None:
        super().__init__(size=size, area=area, ratio=ratio, interp=interp)
        self.size = size
        self.area = kwargs.pop("min_area", area)
        self.ratio = ratio
        self.interp = interp
        assert not kwargs, "unexpected keyword arguments for `RandomSizedCropAug`."

    def __call__(self, src: NDArray) -> NDArray:
        return random_size_crop(src, self.size, self.area, self.ratio, self.interp)[0]


class CenterCropAug(Augmenter):
    """``center_crop``."""

    def __init__(self, size: Size, interp: int = 2) -> None:
        super().__init__(size=size, interp=interp)
        self.size = size
        self.interp = interp

    def __call__(self, src: NDArray) -> NDArray:
        return center_crop(src, self.size, self.interp)[0]


class HorizontalFlipAug(Augmenter):
    """Columns in reverse order, with probability ``p``."""

    def __init__(self, p: float) -> None:
        super().__init__(p=p)
        self.p = p

    def __call__(self, src: NDArray) -> NDArray:
        return of_mode(nd).flip(src, axis=1) if random.random() < self.p else src


# ---------------------------------------------------------------------------------------------- colours
_BRIGHTNESS = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in the brightness of a pixel."""


def _weights(src: NDArray) -> NDArray:
    return _array([[_BRIGHTNESS]], ctx=src.context)


class BrightnessJitterAug(Augmenter):
    """Times a factor of [1 - brightness, 1 + brightness]."""

    def __init__(self, brightness: float) -> None:
        super().__init__(brightness=brightness)
        self.brightness = brightness

    def __call__(self, src: NDArray) -> NDArray:
        src *= 1.0 + random.uniform(-self.brightness, self.brightness)
        return src


class ContrastJitterAug(Augmenter):
    """Mixed with its mean brightness, of which the share is up to ``contrast``."""

    def __init__(self, contrast: float) -> None:
        super().__init__(contrast=contrast)
        self.contrast = contrast

    def __call__(self, src: NDArray) -> NDArray:
        alpha = 1.0 + random.uniform(-self.contrast, self.contrast)
        gray = src * _weights(src)
        gray = (3.0 * (1.0 - alpha) / gray.size) * of_mode(nd).sum(gray)
        src *= alpha
        src += gray
        return src


class SaturationJitterAug(Augmenter):
    """Mixed with each pixel's brightness, of which the share is up to ``saturation``."""

    def __init__(self, saturation: float) -> None:
        super().__init__(saturation=saturation)
        self.saturation = saturation

    def __call__(self, src: NDArray) -> NDArray:
        alpha = 1.0 + random.uniform(-self.saturation, self.saturation)
        gray = of_mode(nd).sum(src * _weights(src), axis=2, keepdims=True)
        gray *= 1.0 - alpha
        src *= alpha
        src += gray
        return src


class HueJitterAug(Augmenter):
    """Hues turned by up to ``hue`` half circles, in the colour space YIQ."""

    def __init__(self, hue: float) -> None:
        super().__init__(hue=hue)
        self.hue = hue
        self.tyiq = np.array([_BRIGHTNESS, [0.596, -0.274, -0.321], [0.211, -0.523, 0.311]])
        self.ityiq = np.array([[1.0, 0.956, 0.621], [1.0, -0.272, -0.647], [1.0, -1.107, 1.705]])

    def __call__(self, src: NDArray) -> NDArray:
        angle = random.uniform(-self.hue, self.hue) * np.pi
        cos, sin = np.cos(angle), np.sin(angle)
        turn = np.array([[1.0, 0.0, 0.0], [0.0, cos, -sin], [0.0, sin, cos]])
        return of_mode(nd).dot(src, _array((self.ityiq @ turn @ self.tyiq).T, ctx=src.context))


class ColorJitterAug(RandomOrderAug):
    """Brightness, contrast and saturation, those that are not 0, in random order."""

    def __init__(self, brightness: float, contrast: float, saturation: float) -> None:
        augs: list[Augmenter] = []
        if brightness > 0:
            augs.append(BrightnessJitterAug(brightness))
        if contrast > 0:
            augs.append(ContrastJitterAug(contrast))
        if saturation > 0:
            augs.append(SaturationJitterAug(saturation))
        super().__init__(augs)


class LightingAug(Augmenter):
    """Plus principal components of colours, each times a normal number (A. Krizhevsky et al., 2012).

    Args:
        alphastd: standard deviation of these numbers.
        eigval: (3,).
        eigvec: (3, 3), one in each column.
    """

    def __init__(self, alphastd: float, eigval: Any, eigvec: Any) -> None:
        super().__init__(alphastd=alphastd, eigval=eigval, eigvec=eigvec)
        self.alphastd = alphastd
        self.eigval = eigval
        self.eigvec = eigvec

    def __call__(self, src: NDArray) -> NDArray:
        alpha = np.random.normal(0, self.alphastd, size=(3,))
        src += _array(np.dot(self.eigvec * alpha, self.eigval), ctx=src.context)
        return src


class ColorNormalizeAug(Augmenter):
    """``color_normalize``."""

    def __init__(self, mean: Any, std: Any) -> None:
        super().__init__(mean=mean, std=std)
        self.mean = None if mean is None else mean if isinstance(mean, NDArray) else _array(mean)
        self.std = None if std is None else std if isinstance(std, NDArray) else _array(std)

    def __call__(self, src: NDArray) -> NDArray:
        return color_normalize(src, self.mean, self.std)


class RandomGrayAug(Augmenter):
    """All channels the brightness, with probability ``p``."""

    def __init__(self, p: float) -> None:
        super().__init__(p=p)
        self.p = p
        self.mat = _array([[0.21] * 3, [0.72] * 3, [0.07] * 3])

    def __call__(self, src: NDArray) -> NDArray:
        return of_mode(nd).dot(src, self.mat) if random.random() < self.p else src


class CastAug(Augmenter):
    """Another dtype."""

    def __init__(self, typ: str = "float32") -> None:
        super().__init__(type=typ)
        self.typ = typ

    def __call__(self, src: NDArray) -> NDArray:
        return src.astype(self.typ)


# ---------------------------------------------------------------------------------------------- all of them
# Of ImageNet: components of its colours, means and standard deviations of red, green and blue.
EIGENVALUES = (55.46, 4.794, 1.148)
EIGENVECTORS = ((-0.5675, 0.7192, 0.4009), (-0.5808, -0.0045, -0.8140), (-0.5836, -0.6948, 0.4203))
MEAN, STD = (123.68, 116.28, 103.53), (58.395, 57.12, 57.375)


def normalizing(mean: Any, std: Any, array: Callable[..., Any] = _array) -> tuple[Any, Any]:
    """mean and std as arrays: True stands for ImageNet's, made by ``array``; None stays.

    Raises:
        AssertionError: no arrays of 1 or 3 numbers.
    """
    found = []
    for name, value, default in (("mean", mean, MEAN), ("std", std, STD)):
        if value is True:
            value = array(default)
        elif value is not None:
            assert isinstance(value, np.ndarray | NDArray) and value.shape[0] in (1, 3), (
                f"{name} must be None, True, or an array of 1 or 3 numbers, got {value!r}"
            )
        found.append(value)
    return found[0], found[1]


def colour_augmenters(
    brightness: float, contrast: float, saturation: float, hue: float, pca_noise: float, rand_gray: float
) -> list[Augmenter]:
    """Those changes of colour that are wanted."""
    found: list[Augmenter] = []
    if brightness or contrast or saturation:
        found.append(ColorJitterAug(brightness, contrast, saturation))
    if hue:
        found.append(HueJitterAug(hue))
    if pca_noise > 0:
        found.append(LightingAug(pca_noise, np.array(EIGENVALUES), np.array(EIGENVECTORS)))
    if rand_gray > 0:
        found.append(RandomGrayAug(rand_gray))
    return found


def CreateAugmenter(  # noqa: N802
    data_shape: tuple[int, int, int],
    resize: int = 0,
    rand_crop: bool = False,
    rand_resize: bool = False,
    rand_mirror: bool = False,
    mean: Any = None,
    std: Any = None,
    brightness: float = 0,
    contrast: float = 0,
    saturation: float = 0,
    hue: float = 0,
    pca_noise: float = 0,
    rand_gray: float = 0,
    inter_method: int = 2,
) -> list[Augmenter]:
    """The usual augmenters for classification.

    Args:
        data_shape: (C, H, W) of the result.
        resize: length of the shorter edge before the crop; 0 leaves the size.
        rand_crop: crop at a random place, otherwise in the middle.
        rand_resize: crop at random size and place; needs ``rand_crop``.
        rand_mirror: flip every second picture.
        mean, std: True for ImageNet's, or arrays of 1 or 3 numbers.
        brightness, contrast, saturation, hue, pca_noise, rand_gray: see the augmenters; 0 leaves one out.
        inter_method: see ``resize_short``.

    Raises:
        AssertionError: ``rand_resize`` without ``rand_crop``; mean or std of another kind.
    """
    augs: list[Augmenter] = []
    if resize > 0:
        augs.append(ResizeAug(resize, inter_method))
    size = (data_shape[2], data_shape[1])
    if rand_resize:
        assert rand_crop, "rand_resize needs rand_crop"
        augs.append(RandomSizedCropAug(size, 0.08, (3.0 / 4.0, 4.0 / 3.0), inter_method))
    elif rand_crop:
        augs.append(RandomCropAug(size, inter_method))
    else:
        augs.append(CenterCropAug(size, inter_method))
    if rand_mirror:
        augs.append(HorizontalFlipAug(0.5))
    augs.append(CastAug())
    augs += colour_augmenters(brightness, contrast, saturation, hue, pca_noise, rand_gray)
    mean, std = normalizing(mean, std)
    if mean is not None or std is not None:
        augs.append(ColorNormalizeAug(mean, std))
    return augs
