"""Batches of pictures from lists, list files and records."""

from __future__ import annotations

import logging
import os
import random
from typing import Any

import numpy as np

from .. import ndarray as nd
from .. import recordio
from ..base import numeric_types
from ..io import DataBatch, DataIter
from ..io.records import unpacked
from ..ndarray import NDArray
from ..numpy.family import array, as_mode, of_mode
from .augmenters import CreateAugmenter
from .functions import imdecode

__all__ = ["ImageIter"]

_LABEL_DTYPES = ("int32", "float32", "int64", "float64")
_LAST_BATCH = ("pad", "discard", "roll_over")


class ImageIter(DataIter):
    """Batches of pictures, decoded and augmented one after the other.

    Pictures come from one of: a record file; a list file with lines ``number TAB label... TAB file``; a list. With a
    record file *and* a list, labels are the list's.

    Args:
        batch_size: pictures in a batch.
        data_shape: (3, H, W) of each.
        label_width: numbers in each label.
        path_imgrec: the record file.
        path_imglist: the list file.
        path_root: folder of the pictures in a list.
        path_imgidx: index of the record file; ``shuffle`` and ``num_parts`` need it.
        shuffle: draw the order of each epoch, from Python's ``random``.
        part_index, num_parts: use one of several equal parts.
        aug_list: augmenters; default ``CreateAugmenter(data_shape, **kwargs)``.
        imglist: list of ``[label, file]`` or ``[number, number..., file]``.
        data_name, label_name: names in ``provide_data`` and ``provide_label``.
        dtype: of labels in lists: int32, float32, int64 or float64.
        last_batch_handle: ``'pad'`` fills the last batch up from the beginning, ``'discard'`` leaves it out,
            ``'roll_over'`` makes it the first of the next epoch.
        kwargs: of ``CreateAugmenter``.

    Raises:
        AssertionError: no source, no index where one is needed, another dtype or part.
        ValueError: a shape, a list or a label that does not fit; another ``last_batch_handle``.
        RuntimeError: a picture that cannot be decoded, with its file or index.
    """

    def __init__(
        self,
        batch_size: int,
        data_shape: tuple[int, int, int],
        label_width: int = 1,
        path_imgrec: str | None = None,
        path_imglist: str | None = None,
        path_root: str | None = None,
        path_imgidx: str | None = None,
        shuffle: bool = False,
        part_index: int = 0,
        num_parts: int = 1,
        aug_list: list[Any] | None = None,
        imglist: list[Any] | None = None,
        data_name: str = "data",
        label_name: str = "softmax_label",
        dtype: str = "float32",
        last_batch_handle: str = "pad",
        **kwargs: Any,
    ) -> None:
        super().__init__()
        assert path_imgrec or path_imglist or isinstance(imglist, list), (
            "give path_imgrec, path_imglist or imglist (a list)"
        )
        assert dtype in _LABEL_DTYPES, f"{dtype} label not supported"
        if last_batch_handle not in _LAST_BATCH:
            raise ValueError(f"last_batch_handle must be one of {', '.join(_LAST_BATCH)}, got {last_batch_handle!r}")
        logging.info("Using %s threads for decoding...", os.environ.get("MXNET_CPU_WORKER_NTHREADS", 1))
        logging.info("Set enviroment variable MXNET_CPU_WORKER_NTHREADS to a larger number to use more threads.")
        name = type(self).__name__
        self.imgrec: Any = None
        self.imgidx: list[Any] | None = None
        if path_imgrec:
            logging.info("%s: loading recordio %s...", name, path_imgrec)
            if path_imgidx:
                self.imgrec = recordio.MXIndexedRecordIO(path_imgidx, path_imgrec, "r")
                self.imgidx = list(self.imgrec.keys)
            else:
                self.imgrec = recordio.MXRecordIO(path_imgrec, "r")
        self.imglist: dict[Any, tuple[NDArray, str]] | None = None
        keys: list[Any] = []
        if path_imglist:
            logging.info("%s: loading image list %s...", name, path_imglist)
            self.imglist, keys = _list_file(path_imglist, dtype)
        elif isinstance(imglist, list):
            logging.info("%s: loading image list...", name)
            self.imglist, keys = _list(imglist, dtype)
        self.path_root = path_root

        self.check_data_shape(data_shape)
        self.provide_data = [(data_name, (batch_size, *data_shape))]
        self.provide_label: list[tuple[str, tuple[int, ...]]] = [
            (label_name, (batch_size, label_width) if label_width > 1 else (batch_size,))
        ]
        self.batch_size = batch_size
        self.data_shape = data_shape
        self.label_width = label_width
        self.shuffle = shuffle
        self.seq: list[Any] | None = None
        if self.imgrec is None:
            self.seq = keys
        elif shuffle or num_parts > 1 or path_imgidx:
            assert self.imgidx is not None, "shuffle and num_parts need the records' index: path_imgidx"
            self.seq = self.imgidx
        if num_parts > 1:
            assert part_index < num_parts, f"part_index must be less than num_parts, got {part_index} of {num_parts}"
            length = len(self.seq) // num_parts  # type: ignore[arg-type]
            self.seq = self.seq[part_index * length : (part_index + 1) * length]  # type: ignore[index]
        self.auglist = CreateAugmenter(data_shape, **kwargs) if aug_list is None else aug_list
        self.cur = 0
        self.num_image = None if self.seq is None else len(self.seq)
        self.last_batch_handle = last_batch_handle
        self._exhausted = False
        self._rest: tuple[NDArray, NDArray, int] | None = None  # of the last epoch: data, label, how many are there
        self.reset()

    def reset(self) -> None:
        """Starts the next epoch."""
        if self.seq is not None and self.shuffle:
            random.shuffle(self.seq)
        if self.last_batch_handle != "roll_over" or self._rest is None:
            self._rewind()
        self._exhausted = False

    def hard_reset(self) -> None:
        """Starts again from the beginning, without what would roll over."""
        if self.seq is not None and self.shuffle:
            random.shuffle(self.seq)
        self._rewind()
        self._exhausted = False
        self._rest = None

    def _rewind(self) -> None:
        if self.imgrec is not None:
            self.imgrec.reset()
        self.cur = 0

    def next_sample(self) -> tuple[Any, bytes]:
        """The label and the file's bytes of the next picture.

        Raises:
            StopIteration: the epoch is over; what is asked next is the first of a new one, but for ``'discard'``.
        """
        if self._exhausted:
            raise StopIteration
        if self.seq is None:
            record = self.imgrec.read()
            if record is None:
                if self.last_batch_handle != "discard":
                    self.imgrec.reset()
                raise StopIteration
            self.cur += 1
            return self._unpacked(record)
        if self.cur >= len(self.seq):
            if self.last_batch_handle != "discard":
                self.cur = 0
            raise StopIteration
        key = self.seq[self.cur]
        self.cur += 1
        if self.imgrec is None:
            label, name = self.imglist[key]  # type: ignore[index]
            return label, self.read_image(name)
        label, image = self._unpacked(self.imgrec.read_idx(key))
        if self.imglist is None:
            return label, image
        if key not in self.imglist:
            raise ValueError(f"the list has no label for record {key} of {self.imgrec.uri}")
        return self.imglist[key][0], image

    def _unpacked(self, record: bytes) -> tuple[Any, bytes]:
        _, label, image = unpacked(record, self._record())
        return label, image

    def _record(self) -> str:
        return f"{self.imgrec.uri}: record at byte {self.imgrec.offset}"

    def _where(self) -> str:
        """The picture that was read last, for errors."""
        if self.seq is None:
            return f"index: {self.cur - 1}"
        key = self.seq[self.cur - 1]
        return f"index: {key}" if self.imglist is None else f"filename: {self.imglist[key][1]}"

    def _batch(self, data: NDArray, label: NDArray, start: int = 0) -> int:
        """Fills a batch from place ``start`` on; up to which place it is full.

        Raises:
            StopIteration: nothing came.
        """
        place = start
        try:
            while place < self.batch_size:
                sample = self._sample()
                if sample is not None:
                    self._put(data, label, place, *sample)
                    place += 1
        except StopIteration:
            if place == start:
                raise
        return place

    def _sample(self) -> tuple[NDArray, Any] | None:
        """The next picture, augmented, and its label; None for one that is skipped."""
        label, content = self.next_sample()
        image = self.imdecode(content)
        try:
            self.check_valid_image(image)
        except RuntimeError as error:
            logging.debug("Invalid image, skipping:  %s", error)
            return None
        return self.augmentation_transform(image), label

    def _put(self, data: NDArray, label: NDArray, place: int, image: NDArray, value: Any) -> None:
        image = self.postprocess_data(image)
        if image.shape != data.shape[1:]:
            raise ValueError(
                f"Broken image {self._where()}: the augmenters give the shape {image.shape}, data_shape is "
                f"{data.shape[1:]}"
            )
        data[place] = image
        self._put_label(label, place, value)

    def _put_label(self, label: NDArray, place: int, value: Any) -> None:
        row = np.asarray(value.asnumpy() if isinstance(value, NDArray) else value)
        if row.size not in (1, self.label_width):
            raise ValueError(f"Label of {self._where()} has {row.size} numbers, label_width is {self.label_width}")
        label[place] = row if self.label_width > 1 else row.reshape(())

    def next(self) -> DataBatch:
        """The next batch.

        Raises:
            StopIteration: the epoch is over.
        """
        if self._rest is not None:
            data, label, filled = self._rest
            rolled, self._rest = self.batch_size - filled, None
            self._fill_up(data, label, filled)
            return DataBatch([data], [label], pad=rolled)
        data = as_mode(nd.zeros((self.batch_size, *self.data_shape)))
        label = as_mode(nd.zeros(self.provide_label[0][1]))
        filled = self._batch(data, label)
        pad = self.batch_size - filled
        if pad:
            if self.last_batch_handle == "discard":
                raise StopIteration
            if self.last_batch_handle == "roll_over":
                self._rest = (data, label, filled)
                raise StopIteration
            self._fill_up(data, label, filled)
            self._exhausted = True
        return DataBatch([data], [label], pad=pad)

    def _fill_up(self, data: NDArray, label: NDArray, filled: int) -> None:
        """The rest of a batch from the beginning on, as often as it takes."""
        while filled < self.batch_size:
            filled = self._batch(data, label, filled)

    def check_data_shape(self, data_shape: tuple[int, ...]) -> None:
        """Raises:
        ValueError: not (3, H, W).
        """
        if len(data_shape) != 3:
            raise ValueError("data_shape should have length 3, with dimensions CxHxW")
        if data_shape[0] != 3:
            raise ValueError("This iterator expects inputs to have 3 channels.")

    def check_valid_image(self, data: Any) -> None:
        """Raises:
        RuntimeError: ``data[0]`` is no picture; such a one is skipped.
        """
        if len(data[0].shape) == 0:
            raise RuntimeError("Data shape is wrong")

    def imdecode(self, s: Any) -> NDArray:
        """The picture (H, W, 3) in the bytes of a file.

        Raises:
            RuntimeError: none; the message names the file or index.
        """
        try:
            return imdecode(s)
        except ImportError:
            raise
        except Exception as error:
            place = "" if self.imgrec is None else f" ({self._record()})"
            raise RuntimeError(f"Broken image {self._where()}, {error}{place}") from error

    def read_image(self, fname: str) -> bytes:
        """The bytes of a file in the folder ``path_root``."""
        with open(os.path.join(self.path_root or "", fname), "rb") as file:
            return file.read()

    def augmentation_transform(self, data: NDArray) -> NDArray:
        """The picture after all augmenters."""
        for aug in self.auglist:
            data = aug(data)
        return data

    def postprocess_data(self, datum: NDArray) -> NDArray:
        """The picture (H, W, C) as batches hold it: (C, H, W)."""
        return of_mode(nd).transpose(datum, axes=(2, 0, 1))


Listed = tuple[dict[Any, tuple[NDArray, str]], list[Any]]
"""{key: (label, file)}, and the keys in their order."""


def _list_file(path: str, dtype: str) -> Listed:
    """The lines of a list file.

    Raises:
        ValueError: a line that is no list of a number, labels and a file.
    """
    found: dict[Any, tuple[NDArray, str]] = {}
    keys = []
    with open(path) as file:
        for number, line in enumerate(file, 1):
            parts = line.strip().split("\t")
            try:
                key, label = int(parts[0]), [float(part) for part in parts[1:-1]]
                if not label:
                    raise ValueError("no label")
            except ValueError as error:
                raise ValueError(
                    f"{path}, line {number}: expected 'number TAB label... TAB file', got {line.rstrip()!r} ({error})"
                ) from None
            found[key] = (array(np.array(label), dtype=dtype), parts[-1])
            keys.append(key)
    return found, keys


def _list(images: list[Any], dtype: str) -> Listed:
    found: dict[Any, tuple[NDArray, str]] = {}
    for number, image in enumerate(images, 1):
        if len(image) > 2:
            label = image[:-1]
        elif isinstance(image[0], numeric_types):
            label = [image[0]]
        else:
            label = image[0]
        if isinstance(label, NDArray):
            label = label.asnumpy()
        found[str(number)] = (array(np.array(label), dtype=dtype), image[-1])
    return found, list(found)
