"""Augmenters of pictures with objects in them.

A label is a numpy array (objects, 5 or more): class, left, top, right and bottom edge as shares of the picture's width
and height, anything else.
"""

from __future__ import annotations

import json
import logging
import random
import warnings
from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np

from .. import ndarray as nd
from ..base import numeric_types
from ..ndarray import NDArray
from ..numpy.family import of_mode
from .augmenters import (
    Augmenter,
    CastAug,
    ColorNormalizeAug,
    ForceResizeAug,
    ResizeAug,
    colour_augmenters,
    normalizing,
    plain_options,
)
from .functions import copyMakeBorder, fixed_crop

__all__ = [
    "CreateDetAugmenter", "CreateMultiRandCropAugmenter", "DetAugmenter", "DetBorrowAug", "DetHorizontalFlipAug",
    "DetRandomCropAug", "DetRandomPadAug", "DetRandomSelectAug",
]  # fmt: skip

Changed = tuple[NDArray, np.ndarray]
"""A picture and its label."""


class DetAugmenter:
    """Base class: subclasses define ``__call__(src, label)``, which returns the changed picture and label.

    Args:
        kwargs: what ``dumps`` writes.
    """

    def __init__(self, **kwargs: Any) -> None:
        self._kwargs = plain_options(kwargs)

    def dumps(self) -> Any:
        """``'["name", {options}]'``."""
        return json.dumps([type(self).__name__.lower(), self._kwargs])

    def __call__(self, src: NDArray, label: np.ndarray) -> Changed:
        raise NotImplementedError("Must override implementation.")


class DetBorrowAug(DetAugmenter):
    """An augmenter of pictures that leaves the label as it is.

    Raises:
        TypeError: no Augmenter.
    """

    def __init__(self, augmenter: Augmenter) -> None:
        super().__init__()
        if not isinstance(augmenter, Augmenter):
            raise TypeError("Borrowing from invalid Augmenter")
        self.augmenter = augmenter

    def dumps(self) -> list[Any]:
        """[name, what the augmenter dumps]."""
        return [type(self).__name__.lower(), self.augmenter.dumps()]

    def __call__(self, src: NDArray, label: np.ndarray) -> Changed:
        return self.augmenter(src), label


class DetRandomSelectAug(DetAugmenter):
    """One of several augmenters, or with probability ``skip_prob`` none.

    Raises:
        ValueError: one is no DetAugmenter.
    """

    def __init__(self, aug_list: Sequence[DetAugmenter] | DetAugmenter, skip_prob: float = 0) -> None:
        super().__init__(skip_prob=skip_prob)
        augs = list(aug_list) if isinstance(aug_list, list | tuple) else [aug_list]
        if not all(isinstance(aug, DetAugmenter) for aug in augs):
            raise ValueError("Allow DetAugmenter in list only")
        self.aug_list: list[Any] = augs
        self.skip_prob = skip_prob if augs else 1

    def dumps(self) -> list[Any]:
        """[name, [what each one dumps]]."""
        return [type(self).__name__.lower(), [aug.dumps() for aug in self.aug_list]]

    def __call__(self, src: NDArray, label: np.ndarray) -> Changed:
        if random.random() < self.skip_prob:
            return src, label
        random.shuffle(self.aug_list)
        return self.aug_list[0](src, label)


class DetHorizontalFlipAug(DetAugmenter):
    """Columns in reverse order, with probability ``p``; changes the label itself."""

    def __init__(self, p: float) -> None:
        super().__init__(p=p)
        self.p = p

    def __call__(self, src: NDArray, label: np.ndarray) -> Changed:
        if random.random() < self.p:
            src = of_mode(nd).flip(src, axis=1)
            label[:, [1, 3]] = 1.0 - label[:, [3, 1]]
        return src, label


def _areas(boxes: np.ndarray) -> np.ndarray:
    """Of boxes (N, 4): left, top, right, bottom."""
    return np.maximum(0, boxes[:, 2] - boxes[:, 0]) * np.maximum(0, boxes[:, 3] - boxes[:, 1])


def _range(name: str, value: Any, of: str) -> Any:
    """(least, most); one number stands for both."""
    if isinstance(value, tuple | list):
        return value
    assert isinstance(value, numeric_types), f"{name} must be a number or a pair, got {value!r}"
    logging.info("Using fixed %s: %s in %s", "area range" if name == "area_range" else "aspect ratio", value, of)
    return (value, value)


class _RandomPlace(DetAugmenter):
    """A random size, ratio and place, tried several times."""

    def _set_ranges(self, aspect_ratio_range: Any, area_range: Any, least_area: float) -> None:
        name = type(self).__name__
        self.aspect_ratio_range = _range("aspect_ratio_range", aspect_ratio_range, name)
        self.area_range = _range("area_range", area_range, name)
        self.enabled = False
        if self.area_range[1] <= least_area or self.area_range[0] > self.area_range[1]:
            warnings.warn(f"Skip {name} due to invalid area_range: {self.area_range}", stacklevel=3)
        elif self.aspect_ratio_range[0] > self.aspect_ratio_range[1] or self.aspect_ratio_range[0] <= 0:
            warnings.warn(f"Skip {name} due to invalid aspect_ratio_range: {self.aspect_ratio_range}", stacklevel=3)
        else:
            self.enabled = True


class DetRandomCropAug(_RandomPlace):
    """A random part of the picture, with enough of the objects in it; the picture itself where none is found.

    Args:
        min_object_covered: the part must hold more than this share of each object that it holds anything of.
        aspect_ratio_range: (least, most) width / height.
        area_range: (least, most) share of the picture.
        min_eject_coverage: objects of which the part holds no more than this share are dropped from the label.
        max_attempts: how often to try.
    """

    def __init__(
        self,
        min_object_covered: float = 0.1,
        aspect_ratio_range: Any = (0.75, 1.33),
        area_range: Any = (0.05, 1.0),
        min_eject_coverage: float = 0.3,
        max_attempts: int = 50,
    ) -> None:
        self._set_ranges(aspect_ratio_range, area_range, 0)
        super().__init__(
            min_object_covered=min_object_covered, aspect_ratio_range=self.aspect_ratio_range,
            area_range=self.area_range, min_eject_coverage=min_eject_coverage, max_attempts=max_attempts,
        )  # fmt: skip
        self.min_object_covered = min_object_covered
        self.min_eject_coverage = min_eject_coverage
        self.max_attempts = max_attempts

    def __call__(self, src: NDArray, label: np.ndarray) -> Changed:
        found = self._propose(label, *src.shape[:2])
        if found is None:
            return src, label
        x, y, width, height, label = found
        return fixed_crop(src, x, y, width, height, None), label

    def _propose(self, label: np.ndarray, height: int, width: int) -> tuple[int, int, int, int, np.ndarray] | None:
        """(x, y, width, height, label) of a part that will do."""
        if not self.enabled or height <= 0 or width <= 0:
            return None
        least, most = (share * height * width for share in self.area_range)
        for _ in range(self.max_attempts):
            ratio = random.uniform(*self.aspect_ratio_range)
            size = self._size(ratio, least, most, height, width) if ratio > 0 else None
            if size is None:
                continue
            w, h = size
            y = random.randint(0, max(0, height - h))
            x = random.randint(0, max(0, width - w))
            if not self._covers(label, x, y, w, h, width, height):
                continue
            new_label = self._relabel(label, (x, y, w, h), height, width)
            if new_label is not None:
                return x, y, w, h, new_label
        return None

    @staticmethod
    def _size(ratio: float, least: float, most: float, height: int, width: int) -> tuple[int, int] | None:
        """(width, height) of that ratio and an area within the limits."""
        h, most_h = int(round(sqrt(least / ratio))), int(round(sqrt(most / ratio)))
        if round(most_h * ratio) > width:
            most_h = int((width + 0.4999999) / ratio)
        most_h = min(most_h, height)
        h = min(h, most_h)
        if h < most_h:
            h = random.randint(h, most_h)
        w = int(round(h * ratio))
        if w * h < least:
            h += 1
            w = int(round(h * ratio))
        if w * h > most:
            h -= 1
            w = int(round(h * ratio))
        if not (least <= w * h <= most and 0 <= w <= width and 0 <= h <= height):
            return None
        return w, h

    def _covers(self, label: np.ndarray, x: int, y: int, w: int, h: int, width: int, height: int) -> bool:
        """Whether the part holds enough of each object that it holds anything of."""
        if w * h < 2:
            return False
        areas = _areas(label[:, 1:])
        seen = areas * width * height > 2
        boxes = label[seen, 1:5]
        edges = np.array([x / width, y / height, (x + w) / width, (y + h) / height])
        both = np.concatenate([np.maximum(boxes[:, :2], edges[:2]), np.minimum(boxes[:, 2:], edges[2:])], 1)
        coverages = _areas(both) / areas[seen]
        coverages = coverages[coverages > 0]
        return coverages.size > 0 and bool(coverages.min() > self.min_object_covered)

    def _relabel(self, label: np.ndarray, box: tuple[int, int, int, int], height: int, width: int) -> np.ndarray | None:
        """The label in the part; None where no object is left."""
        x, y, w, h = box[0] / width, box[1] / height, box[2] / width, box[3] / height
        found = label.copy()
        found[:, (1, 3)] -= x
        found[:, (2, 4)] -= y
        found[:, (1, 3)] /= w
        found[:, (2, 4)] /= h
        found[:, 1:5] = found[:, 1:5].clip(0, 1)
        coverage = _areas(found[:, 1:]) * w * h / _areas(label[:, 1:])
        kept = (found[:, 3] > found[:, 1]) & (found[:, 4] > found[:, 2]) & (coverage > self.min_eject_coverage)
        return found[kept] if kept.any() else None


class DetRandomPadAug(_RandomPlace):
    """The picture at a random place in a larger one.

    Args:
        aspect_ratio_range: (least, most) width / height.
        area_range: (least, most) area, the picture's own being 1.
        max_attempts: how often to try.
        pad_val: the colour around it; one number stands for a gray.
    """

    def __init__(
        self,
        aspect_ratio_range: Any = (0.75, 1.33),
        area_range: Any = (1.0, 3.0),
        max_attempts: int = 50,
        pad_val: Any = (128, 128, 128),
    ) -> None:
        self.pad_val = pad_val if isinstance(pad_val, list | tuple) else (pad_val,) * 3
        assert all(isinstance(v, numeric_types) for v in self.pad_val), f"pad_val must be numbers, got {pad_val!r}"
        self._set_ranges(aspect_ratio_range, area_range, 1.0)
        super().__init__(
            aspect_ratio_range=self.aspect_ratio_range, area_range=self.area_range, max_attempts=max_attempts,
            pad_val=pad_val,
        )  # fmt: skip
        self.max_attempts = max_attempts

    def __call__(self, src: NDArray, label: np.ndarray) -> Changed:
        height, width = src.shape[:2]
        found = self._propose(label, height, width)
        if found is None:
            return src, label
        x, y, w, h, label = found
        return copyMakeBorder(src, y, h - y - height, x, w - x - width, 16, values=self.pad_val), label

    def _propose(self, label: np.ndarray, height: int, width: int) -> tuple[int, int, int, int, np.ndarray] | None:
        """(x, y) of the picture, (width, height) of the larger one, and the label there."""
        if not self.enabled or height <= 0 or width <= 0:
            return None
        least, most = (share * height * width for share in self.area_range)
        for _ in range(self.max_attempts):
            ratio = random.uniform(*self.aspect_ratio_range)
            if ratio <= 0:
                continue
            h, most_h = int(round(sqrt(least / ratio))), int(round(sqrt(most / ratio)))
            if round(h * ratio) < width:
                h = int((width + 0.499999) / ratio)
            h = min(max(h, height), most_h)
            if h < most_h:
                h = random.randint(h, most_h)
            w = int(round(h * ratio))
            if h - height < 2 or w - width < 2:  # hardly larger
                continue
            y = random.randint(0, max(0, h - height))
            x = random.randint(0, max(0, w - width))
            found = label.copy()
            found[:, (1, 3)] = (found[:, (1, 3)] * width + x) / w
            found[:, (2, 4)] = (found[:, (2, 4)] * height + y) / h
            return x, y, w, h, found
        return None


def CreateMultiRandCropAugmenter(  # noqa: N802
    min_object_covered: Any = 0.1,
    aspect_ratio_range: Any = (0.75, 1.33),
    area_range: Any = (0.05, 1.0),
    min_eject_coverage: Any = 0.3,
    max_attempts: Any = 50,
    skip_prob: float = 0,
) -> DetRandomSelectAug:
    """One of several ``DetRandomCropAug``: each argument may be a list with one value for each of them.

    Raises:
        AssertionError: lists of different lengths.
    """
    given = (min_object_covered, aspect_ratio_range, area_range, min_eject_coverage, max_attempts)
    lists = [value if isinstance(value, list) else [value] for value in given]
    count = max(map(len, lists))
    for values in lists:
        assert len(values) in (1, count), f"lists must have one length, got {[len(v) for v in lists]}"
    each = zip(*(values * count if len(values) == 1 else values for values in lists), strict=True)
    return DetRandomSelectAug([DetRandomCropAug(*options) for options in each], skip_prob=skip_prob)


def CreateDetAugmenter(  # noqa: N802
    data_shape: tuple[int, int, int],
    resize: int = 0,
    rand_crop: float = 0,
    rand_pad: float = 0,
    rand_gray: float = 0,
    rand_mirror: bool = False,
    mean: Any = None,
    std: Any = None,
    brightness: float = 0,
    contrast: float = 0,
    saturation: float = 0,
    pca_noise: float = 0,
    hue: float = 0,
    inter_method: int = 2,
    min_object_covered: Any = 0.1,
    aspect_ratio_range: Any = (0.75, 1.33),
    area_range: Any = (0.05, 3.0),
    min_eject_coverage: Any = 0.3,
    max_attempts: Any = 50,
    pad_val: Any = (127, 127, 127),
) -> list[DetAugmenter]:
    """The usual augmenters for detection.

    Args:
        data_shape: (C, H, W) of the result.
        resize: length of the shorter edge first; 0 leaves the size.
        rand_crop, rand_pad: probabilities of a random part, and of a border.
        rand_mirror: flip every second picture.
        mean, std: True for ImageNet's, or arrays of 1 or 3 numbers.
        brightness, contrast, saturation, hue, pca_noise, rand_gray: see the augmenters; 0 leaves one out.
        inter_method: see ``resize_short``.
        min_object_covered, aspect_ratio_range, area_range, min_eject_coverage, max_attempts: see
            ``CreateMultiRandCropAugmenter``; borders are of areas between 1 and ``area_range[1]``.
        pad_val: the border's colour.
    """
    augs: list[DetAugmenter] = []
    if resize > 0:
        augs.append(DetBorrowAug(ResizeAug(resize, inter_method)))
    if rand_crop > 0:
        augs.append(
            CreateMultiRandCropAugmenter(
                min_object_covered,
                aspect_ratio_range,
                area_range,
                min_eject_coverage,
                max_attempts,
                skip_prob=1 - rand_crop,
            )  # fmt: skip
        )
    if rand_mirror > 0:
        augs.append(DetHorizontalFlipAug(0.5))
    if rand_pad > 0:
        padding = DetRandomPadAug(aspect_ratio_range, (1.0, area_range[1]), max_attempts, pad_val)
        augs.append(DetRandomSelectAug([padding], 1 - rand_pad))
    augs.append(DetBorrowAug(ForceResizeAug((data_shape[2], data_shape[1]), inter_method)))
    augs.append(DetBorrowAug(CastAug()))
    augs += map(DetBorrowAug, colour_augmenters(brightness, contrast, saturation, hue, pca_noise, rand_gray))
    mean, std = normalizing(mean, std, np.array)
    if mean is not None or std is not None:
        augs.append(DetBorrowAug(ColorNormalizeAug(mean, std)))
    return augs
