"""``ImageRecordIter`` and its kin: batches of pictures from record files."""

from __future__ import annotations

import logging
import os
import random
import struct
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
import torch

from .. import ndarray as nd
from ..base import MXNetError
from ..context import cpu
from ..ndarray import NDArray
from ..ops.schema import Dtype, Shape
from ..recordio.headers import unpack
from ..util import opencv
from .by_arguments import Ahead, Batch, Batches, by_arguments
from .parts import Part, labels_of_list
from .pictures import Augmentation, decoded, normalised

__all__ = [
    "ImageRecordInt8Iter", "ImageRecordIter", "ImageRecordIter_v1", "ImageRecordUInt8Iter", "ImageRecordUInt8Iter_v1",
    "Normalisation", "Threads", "of_kind", "unpacked",
]  # fmt: skip

_SEED = 111  # what MXNet adds to the seed of the order
_DTYPES = {torch.float32: np.float32, torch.uint8: np.uint8, torch.int8: np.int8}


def unpacked(record: bytes, where: str) -> tuple[int, Any, bytes]:
    """(number, labels, file of the picture) of a record; labels are a number or an array.

    Raises:
        MXNetError: it is none that ``pack`` made.
    """
    try:
        header, content = unpack(record)
    except (struct.error, ValueError) as error:
        raise MXNetError(f"{where}: {error}") from None
    return header.id, header.label, content


class Threads:
    """Threads that do something with each of a batch's examples.

    Args:
        count: how many; no more are made than there are processors.
    """

    def __init__(self, count: int) -> None:
        self.count = max(1, min(count, os.cpu_count() or 1))
        self._pool = ThreadPoolExecutor(self.count, "mx.io decode") if self.count > 1 else None
        if self._pool is not None:
            weakref.finalize(self, self._pool.shutdown, wait=False, cancel_futures=True)

    def each(self, function: Any, items: list[Any]) -> None:
        """Calls the function with (place, item) of each."""
        if self._pool is None:
            for place, item in enumerate(items):
                function(place, item)
            return
        for _ in self._pool.map(function, range(len(items)), items):
            pass


@dataclass(frozen=True, kw_only=True)
class Normalisation:
    """(picture - mean) * scale / std, and what is drawn besides; arguments of ``ImageRecordIter``, see there."""

    mirror: bool = False
    rand_mirror: bool = False
    mean_img: str = ""
    mean_r: float = 0.0
    mean_g: float = 0.0
    mean_b: float = 0.0
    mean_a: float = 0.0
    std_r: float = 1.0
    std_g: float = 1.0
    std_b: float = 1.0
    std_a: float = 1.0
    scale: float = 1.0
    max_random_contrast: float = 0.0
    max_random_illumination: float = 0.0

    def means(self, channels: int) -> np.ndarray | None:
        """A number for each channel, float32; None where all are 0."""
        found = np.array([self.mean_r, self.mean_g, self.mean_b, self.mean_a][:channels], np.float32)
        return found if found.any() else None

    def factors(self, channels: int) -> np.ndarray | None:
        """scale / std of each channel, float32; None where all are 1."""
        std = np.array([self.std_r, self.std_g, self.std_b, self.std_a][:channels], np.float32)
        if not std.all():
            raise MXNetError(f"std_r, std_g, std_b and std_a must not be 0, got {std.tolist()}")
        found = np.float32(self.scale) / std
        return None if (found == 1).all() else found


class _Records:
    """The source: records, and batches of the pictures in them."""

    def __init__(
        self, part: Part, augmentation: Augmentation, normalisation: Normalisation, *, label_width: int,
        labels: dict[int, np.ndarray] | None, threads: Threads, dtype: torch.dtype, seed_aug: int | None,
        numbered: bool, mean: np.ndarray | None = None,
    ) -> None:  # fmt: skip
        channels = augmentation.data_shape[0]
        self._part, self._augment, self._normal = part, augmentation, normalisation
        self._label_width, self._labels = label_width, labels
        self._threads, self._dtype = threads, dtype
        self._seed = seed_aug or 0
        self._numbered = numbered
        self._taken = 0  # records so far: each has a number of its own to draw from
        self._mean = normalisation.means(channels) if mean is None else mean
        self._factor = normalisation.factors(channels)

    def restart(self) -> None:
        self._part.restart()

    def take(self, count: int) -> list[tuple[int, int, bytes]]:
        found = [(self._taken + i, offset, record) for i, (offset, record) in enumerate(self._part.take(count))]
        self._taken += len(found)
        return found

    def batch(self, examples: list[tuple[int, int, bytes]], missing: int, pad: int) -> Batch:
        size, shape = len(examples) + missing, self._augment.data_shape
        data = torch.empty((size, *shape), dtype=self._dtype)
        if missing:
            data[len(examples) :] = 0
        pictures = data.numpy()
        label = np.zeros((size, self._label_width), np.float32)
        index = np.zeros(size, np.uint64)

        def prepare(place: int, example: tuple[int, int, bytes]) -> None:
            drawn, offset, record = example
            where = f"{self._part.file.name}: record at byte {offset}"
            number, labels, content = unpacked(record, where)
            if self._numbered:
                index[place] = number
            label[place] = self._label(labels, number, where)
            draws = random.Random(self._seed << 40 | drawn)
            picture = self._augment(decoded(content, shape[0], where), draws, where)
            self._put(picture, pictures[place], draws)

        self._threads.each(prepare, examples)
        labels = label[:, 0] if self._label_width == 1 else label
        return Batch(NDArray(data, cpu()), NDArray(torch.from_numpy(np.ascontiguousarray(labels)), cpu()), pad, index)

    def _label(self, labels: Any, number: int, where: str) -> Any:
        width = self._label_width
        if self._labels is not None:
            if number not in self._labels:
                raise MXNetError(f"{where}: fail to find imagelabel for id {number}: the list has no such line")
            found = self._labels[number]
            if len(found) < width:
                raise MXNetError(f"{where}: the list has {len(found)} labels for id {number}, label_width is {width}")
            return found[:width]
        count = np.size(labels)
        if count != width:
            raise MXNetError(f"{where}: rec file provide {count}-dimensional label but label_width is set to {width}")
        return labels

    def _put(self, picture: np.ndarray, out: np.ndarray, draws: random.Random) -> None:
        normal = self._normal
        mirror = normal.mirror or (normal.rand_mirror and draws.random() < 0.5)
        factor, added = self._factor, 0.0
        if normal.max_random_contrast or normal.max_random_illumination:
            contrast = 1 + draws.uniform(-normal.max_random_contrast, normal.max_random_contrast)
            added = draws.uniform(-normal.max_random_illumination, normal.max_random_illumination)
            factor = np.float32(contrast) * (np.ones(len(out), np.float32) if factor is None else factor)
        normalised(picture, out, mirror, self._mean, factor, added)


def _mean_image(path: str, make: Any) -> np.ndarray:
    """The array (C, H, W) in a file of MXNet, which is written where it is not there."""
    if os.path.exists(path):
        logging.info("Load mean image from %s", path)
        found = nd.load(path)
        arrays = list(found.values()) if isinstance(found, dict) else found
        if len(arrays) != 1:
            raise MXNetError(f"{path} must hold one array, the mean picture, it holds {len(arrays)}")
        return arrays[0].asnumpy()
    logging.info("Cannot find %s: create mean image, this will take some time...", path)
    mean = make()
    nd.save(path, {"mean_img": nd.array(mean)}, format="mxnet")
    logging.info("Save mean image to %s..", path)
    return mean


def of_kind(kind: type, given: dict[str, Any]) -> Any:
    """A dataclass of those arguments that it has."""
    return kind(**{field.name: given[field.name] for field in fields(kind) if field.name in given})


def _iterator(title: str, given: dict[str, Any], dtype: torch.dtype, numbered: bool) -> Ahead:
    """What the iterators of this module are."""
    shape, path = given["data_shape"], given["path_imgrec"]
    if len(shape) != 3:
        raise MXNetError(f"value {shape} for Parameter data_shape has wrong dimensions, expected dimension=3")
    if shape[0] not in (1, 3, 4):
        raise MXNetError(f"{title}: Invalid output shape {shape}: pictures have 1, 3 or 4 channels")
    if not path:
        raise MXNetError(f"{title}: must specify path_imgrec")
    if given["label_width"] < 1:
        raise MXNetError(f"{title}: label_width must be at least 1, got {given['label_width']}")
    if any(name not in ("", "aug_default") for name in given["aug_seq"].split(",")):
        raise MXNetError(f"{title}: aug_seq must be 'aug_default', got {given['aug_seq']!r}")
    opencv("reading pictures")
    augmentation, normalisation = of_kind(Augmentation, given), of_kind(Normalisation, given)
    labels = None
    if given["path_imglist"]:
        labels = labels_of_list(given["path_imglist"])
        if given["verbose"]:
            logging.info("Loaded ImageList from %s %d Image records", given["path_imglist"], len(labels))
    threads = Threads(given["preprocess_threads"])
    if given["verbose"]:
        logging.info("ImageRecordIOParser2: %s, use %d threads for decoding..", path, threads.count)

    def source(normal: Normalisation, mean: np.ndarray | None = None, **order: Any) -> _Records:
        order = {"shuffle": given["shuffle"], "chunk": given["shuffle_chunk_size"], **order}
        part = Part(
            path, given["path_imgidx"], given["part_index"], given["num_parts"], seed=_SEED + given["seed"],
            chunk_seed=given["shuffle_chunk_seed"], **order,
        )  # fmt: skip
        return _Records(
            part, augmentation, normal, label_width=given["label_width"], labels=labels, threads=threads, dtype=dtype,
            seed_aug=given["seed_aug"], numbered=numbered, mean=mean,
        )  # fmt: skip

    def mean_of_all() -> np.ndarray:
        """The mean of the pictures as they would come without normalisation."""
        records = source(Normalisation(mirror=normalisation.mirror), shuffle=False, chunk=0)
        total, count = np.zeros(shape, np.float32), 0
        while examples := records.take(64):
            total += records.batch(examples, 0, 0).data.asnumpy().sum(0)
            count += len(examples)
        return total * np.float32(1 / max(count, 1))

    mean = None
    if normalisation.mean_img and dtype is not torch.uint8:
        mean = _mean_image(normalisation.mean_img, mean_of_all)
        if mean.shape != shape:
            raise MXNetError(f"{normalisation.mean_img} is of shape {mean.shape}, data_shape is {shape}")
    return Ahead(
        Batches(source(normalisation, mean), given["batch_size"], given["round_batch"], path), given["prefetch_buffer"]
    )


def _arguments(
    *,
    data_shape: Shape,
    batch_size: int,
    path_imglist: str = "",
    path_imgrec: str = "",
    path_imgidx: str = "",
    aug_seq: str = "aug_default",
    label_width: int = 1,
    preprocess_threads: int = 4,
    verbose: bool = True,
    num_parts: int = 1,
    part_index: int = 0,
    device_id: int = 0,
    shuffle_chunk_size: int = 0,
    shuffle_chunk_seed: int = 0,
    seed_aug: int | None = None,
    shuffle: bool = False,
    seed: int = 0,
    round_batch: bool = True,
    prefetch_buffer: int = 4,
    ctx: Literal["cpu", "gpu"] = "gpu",
    dtype: Dtype | None = None,
    resize: int = -1,
    rand_crop: bool = False,
    random_resized_crop: bool = False,
    max_rotate_angle: int = 0,
    max_aspect_ratio: float = 0.0,
    min_aspect_ratio: float | None = None,
    max_shear_ratio: float = 0.0,
    max_crop_size: int = -1,
    min_crop_size: int = -1,
    max_random_scale: float = 1.0,
    min_random_scale: float = 1.0,
    max_random_area: float = 1.0,
    min_random_area: float = 1.0,
    max_img_size: float = 1e10,
    min_img_size: float = 0.0,
    brightness: float = 0.0,
    contrast: float = 0.0,
    saturation: float = 0.0,
    pca_noise: float = 0.0,
    random_h: int = 0,
    random_s: int = 0,
    random_l: int = 0,
    rotate: int = -1,
    fill_value: int = 255,
    inter_method: int = 1,
    pad: int = 0,
    mirror: bool = False,
    rand_mirror: bool = False,
    mean_img: str = "",
    mean_r: float = 0.0,
    mean_g: float = 0.0,
    mean_b: float = 0.0,
    mean_a: float = 0.0,
    std_r: float = 1.0,
    std_g: float = 1.0,
    std_b: float = 1.0,
    std_a: float = 1.0,
    scale: float = 1.0,
    max_random_contrast: float = 0.0,
    max_random_illumination: float = 0.0,
) -> None:
    """Batches of pictures from a record file that ``im2rec`` or ``pack_img`` made, decoded and augmented by threads.

    Args:
        data_shape: (1, 3 or 4, height, width) of each; red first.
        batch_size: pictures in a batch.
        path_imgrec: the record file.
        path_imglist: a list file whose labels to take, by the records' numbers.
        path_imgidx: the index of the record file; parts are of equal numbers of records then, otherwise of bytes.
        aug_seq: 'aug_default'.
        label_width: numbers in each label.
        preprocess_threads: that decode; no more than there are processors.
        verbose: log what is read.
        num_parts, part_index: use one of several parts.
        device_id, ctx: what the batches are for; they are made on the CPU in any case.
        shuffle, seed: draw the order of each epoch.
        shuffle_chunk_size, shuffle_chunk_seed: draw the order of pieces of so many MB; ``shuffle`` then acts in each.
        seed_aug: of what is drawn for the pictures.
        round_batch: fill the last batch up from the beginning, and begin the next epoch behind that.
        prefetch_buffer: batches to prepare ahead.
        dtype: of the pictures: float32, uint8 or int8 (values over 127 become 127); the last two are not normalised.
        resize: length of the shorter edge to resize to first.
        rotate, max_rotate_angle: degrees; the angle, or how far to draw it on each side.
        max_shear_ratio, max_aspect_ratio: how far to draw shear, and the ratio of width and height around 1.
        min_random_scale, max_random_scale, min_img_size, max_img_size: to draw a factor from; limits of the edges.
        pad, fill_value: a border so wide; its value, also that of what turning leaves empty.
        rand_crop: cut the part out at random, not in the middle.
        min_crop_size, max_crop_size: cut out a square so large, resized.
        random_resized_crop, min_random_area, max_random_area, min_aspect_ratio: cut out a random share of the area.
        inter_method: 0 nearest, 1 bilinear, 2 bicubic, 3 area, 4 Lanczos, 9 by the sizes, 10 drawn.
        brightness, contrast, saturation, pca_noise: how far to draw changes; the last is a standard deviation.
        random_h, random_s, random_l: how far to draw shifts of hue, saturation and lightness.
        mirror, rand_mirror: turn left and right around; half of the pictures.
        mean_img: file of a mean picture to subtract, made where it is not there.
        mean_r, mean_g, mean_b, mean_a, std_r, std_g, std_b, std_a, scale: (picture - mean) * scale / std.
        max_random_contrast, max_random_illumination: how far to draw a factor around 1, and an addend.
        data_name, label_name: names in ``provide_data`` and ``provide_label``.

    Raises:
        MXNetError: files that are not there or do not fit; at a batch: damaged records, labels of another width.
        ImportError: OpenCV is not installed.
    """


def _made(title: str, fixed: torch.dtype | None, numbered: bool) -> Any:
    """The function ``title``: ``fixed`` is its dtype, or None for the argument's."""

    def make(**given: Any) -> Ahead:
        dtype = given["dtype"] or fixed or torch.float32
        if dtype not in _DTYPES or (fixed is not None and dtype is not fixed):
            raise MXNetError(f"unknown dtype for {title}: {dtype}")
        return _iterator(title, given, dtype, numbered)

    make.__name__, make.__module__, make.__doc__ = title, __name__, _arguments.__doc__
    return by_arguments(make, _arguments)


ImageRecordIter = _made("ImageRecordIter", None, False)
ImageRecordUInt8Iter = _made("ImageRecordUInt8Iter", torch.uint8, False)
ImageRecordInt8Iter = _made("ImageRecordInt8Iter", torch.int8, False)
ImageRecordIter_v1 = _made("ImageRecordIter_v1", torch.float32, True)
ImageRecordUInt8Iter_v1 = _made("ImageRecordUInt8Iter_v1", torch.uint8, True)
