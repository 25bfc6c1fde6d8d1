"""Batches of pictures with objects in them."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from .. import opencv
from ..base import MXNetError
from ..ndarray import NDArray
from .detection_augmenters import CreateDetAugmenter, DetAugmenter
from .iterator import ImageIter

__all__ = ["ImageDetIter"]


class ImageDetIter(ImageIter):
    """``ImageIter`` for detection: each picture has any number of objects.

    A label in a list or record is ``[header width, object width, (more of the header,) object, object, ...]``, an
    object ``[class, left, top, right, bottom, (more)]`` with edges as shares of width and height. Batches hold labels
    (N, objects, object width), filled up with -1; the size is read off all labels at the start. Pictures whose label
    has no valid object are skipped, with a log line.

    Args:
        batch_size, data_shape, path_imgrec, path_imglist, path_root, path_imgidx, shuffle, part_index, num_parts,
            imglist, data_name, label_name, last_batch_handle: see ``ImageIter``.
        aug_list: detection augmenters; default ``CreateDetAugmenter(data_shape, **kwargs)``.
        kwargs: of ``CreateDetAugmenter``.

    Raises:
        RuntimeError: a label that is none.
        ValueError: an augmenter that is none for detection.
    """

    def __init__(
        self,
        batch_size: int,
        data_shape: tuple[int, int, int],
        path_imgrec: str | None = None,
        path_imglist: str | None = None,
        path_root: str | None = None,
        path_imgidx: str | None = None,
        shuffle: bool = False,
        part_index: int = 0,
        num_parts: int = 1,
        aug_list: list[DetAugmenter] | None = None,
        imglist: list[Any] | None = None,
        data_name: str = "data",
        label_name: str = "label",
        last_batch_handle: str = "pad",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            batch_size=batch_size, data_shape=data_shape, path_imgrec=path_imgrec, path_imglist=path_imglist,
            path_root=path_root, path_imgidx=path_imgidx, shuffle=shuffle, part_index=part_index,
            num_parts=num_parts, aug_list=[], imglist=imglist, data_name=data_name, label_name=label_name,
            last_batch_handle=last_batch_handle,
        )  # fmt: skip
        self.auglist = CreateDetAugmenter(data_shape, **kwargs) if aug_list is None else aug_list
        for aug in self.auglist:
            if not isinstance(aug, DetAugmenter):
                raise ValueError(f"aug_list must hold DetAugmenters, got {type(aug).__name__}")
        label_shape = self._estimate_label_shape()
        self.provide_label = [(label_name, (self.batch_size, *label_shape))]
        self.label_shape = label_shape

    # ------------------------------------------------------------------------------------------ labels
    def _check_valid_label(self, label: np.ndarray) -> None:
        """Raises:
        RuntimeError: no object of a class in it.
        """
        if label.ndim != 2 or label.shape[1] < 5:
            raise RuntimeError(f"Label with shape (1+, 5+) required, {label} received.")
        valid = (label[:, 0] >= 0) & (label[:, 3] > label[:, 1]) & (label[:, 4] > label[:, 2])
        if not valid.any():
            raise RuntimeError("Invalid label occurs.")

    def _estimate_label_shape(self) -> tuple[int, int]:
        """(most objects of a picture, width of an object), read off all labels."""
        most, width = 0, 0
        self.reset()
        try:
            while True:
                label = self._parse_label(self.next_sample()[0])
                most, width = max(most, label.shape[0]), label.shape[1]
        except StopIteration:
            pass
        except RuntimeError as error:
            if self.imgrec is None or isinstance(error, MXNetError):
                raise
            raise RuntimeError(f"{error} ({self._record()})") from None
        if not most:
            raise ValueError("there is not one picture: the list or the record file is empty")
        self.reset()
        return most, width

    def _parse_label(self, label: Any) -> np.ndarray:
        """The objects (objects, width) in a label whose edges are in order.

        Raises:
            RuntimeError: too short, of another width than it says, or without an object.
        """
        raw = (label.asnumpy() if isinstance(label, NDArray) else np.asarray(label)).ravel()
        if raw.size < 7:
            raise RuntimeError(f"Label shape is invalid: {raw.shape}")
        header, width = int(raw[0]), int(raw[1])
        if width < 5 or header < 2 or (raw.size - header) % width:
            raise RuntimeError(f"Label shape {raw.shape} inconsistent with annotation width {width}.")
        objects = raw[header:].reshape(-1, width)
        objects = objects[(objects[:, 3] > objects[:, 1]) & (objects[:, 4] > objects[:, 2])]
        if not len(objects):
            raise RuntimeError("Encounter sample with no valid label.")
        return objects

    def check_label_shape(self, label_shape: tuple[int, ...]) -> None:
        """Raises:
        ValueError: not (objects, width), fewer objects than the labels have, or another width.
        """
        if len(label_shape) != 2:
            raise ValueError("label_shape should have length 2")
        if label_shape[0] < self.label_shape[0]:
            raise ValueError(
                f"Attempts to reduce label count from {self.label_shape[0]} to {label_shape[0]}, not allowed."
            )
        if label_shape[1] != self.provide_label[0][1][2]:
            raise ValueError(
                f"label_shape object width inconsistent: {self.provide_label[0][1][2]} vs {label_shape[1]}."
            )

    def reshape(self, data_shape: tuple[int, int, int] | None = None, label_shape: Any = None) -> None:
        """Other shapes of pictures and labels from the next batch on; None leaves one. The augmenters stay."""
        if data_shape is not None:
            self.check_data_shape(data_shape)
            self.provide_data = [(self.provide_data[0][0], (self.batch_size, *data_shape))]
            self.data_shape = data_shape
        if label_shape is not None:
            self.check_label_shape(label_shape)
            self.provide_label = [(self.provide_label[0][0], (self.batch_size, *label_shape))]
            self.label_shape = label_shape

    def sync_label_shape(self, it: ImageDetIter, verbose: bool = False) -> ImageDetIter:
        """Gives this iterator and ``it`` the larger of their label shapes: for training and validation.

        Args:
            it: another one.
            verbose: log the new shape.

        Returns:
            ``it``.

        Raises:
            AssertionError: no ImageDetIter, or objects of another width.
        """
        assert isinstance(it, ImageDetIter), "Synchronize with invalid iterator."
        ours, theirs = self.label_shape, it.label_shape
        assert ours[1] == theirs[1], "object width mismatch."
        most = max(ours[0], theirs[0])
        if most > ours[0]:
            self.reshape(None, (most, ours[1]))
        if most > theirs[0]:
            it.reshape(None, (most, theirs[1]))
        if verbose and most > min(ours[0], theirs[0]):
            logging.info("Resized label_shape to (%d, %d).", most, ours[1])
        return it

    # ------------------------------------------------------------------------------------------ batches
    def _sample(self) -> tuple[NDArray, Any] | None:
        label, content = self.next_sample()
        image = self.imdecode(content)
        try:
            self.check_valid_image(image)
            objects = self._parse_label(label)
            image, objects = self.augmentation_transform(image, objects)
            self._check_valid_label(objects)
        except RuntimeError as error:
            logging.debug("Invalid image, skipping:  %s", error)
            return None
        return image, objects

    def _put_label(self, label: NDArray, place: int, value: Any) -> None:
        row = np.full(label.shape[1:], -1.0, dtype=np.float32)
        if value.shape[0] > row.shape[0] or value.shape[1] != row.shape[1]:
            raise ValueError(
                f"Label of {self._where()} has {value.shape[0]} objects of width {value.shape[1]}, label_shape is "
                f"{row.shape}"
            )
        row[: value.shape[0]] = value
        label[place] = row

    def augmentation_transform(self, data: NDArray, label: np.ndarray) -> tuple[NDArray, np.ndarray]:  # type: ignore[override]
        """The picture and its label after all augmenters."""
        aug: Any
        for aug in self.auglist:
            data, label = aug(data, label)
        return data, label

    # ------------------------------------------------------------------------------------------ drawing
    def draw_next(
        self,
        color: Any = None,
        thickness: int = 2,
        mean: Any = None,
        std: Any = None,
        clip: bool = True,
        waitKey: int | None = None,  # noqa: N803
        window_name: str = "draw_next",
        id2labels: Mapping[int, str] | None = None,
    ) -> Iterator[np.ndarray]:
        """One picture after the other, augmented, with its boxes drawn in.

        Args:
            color: (red, green, blue) of boxes; default a random one for each.
            thickness: of lines, in pixels.
            mean, std: what the augmenters normalised with, to undo it; True for ImageNet's.
            clip: cut values off at 0 and 255.
            waitKey: show each picture in a window for so many milliseconds, 0 for ever; None shows none.
            window_name: of that window.
            id2labels: {class: text} to write beside boxes.

        Yields:
            (H, W, 3), uint8, red first.
        """
        if not opencv.available():
            warnings.warn("Unable to import cv2, skip drawing: pip install 'mxgluon_compat[image]'", stacklevel=2)
            return
        from .drawing import drawn, show

        try:
            while True:
                sample = self._sample()
                if sample is None:
                    continue
                picture = drawn(*sample, color, thickness, mean, std, clip, id2labels)
                if waitKey is not None:
                    show(picture, window_name, waitKey)
                yield picture
        except StopIteration:
            if not self.cur:
                return
