"""``ImageRecordIter`` and its kin: batches of pictures from record files."""

from __future__ import annotations

import logging
import os
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple

import numpy as np
import torch

from .. import ndarray as nd
from ..base import MXNetError
from ..context import cpu
from ..ndarray import NDArray
from ..ops.schema import Dtype, Shape
from ..recordio.headers import unpack
from ..util import opencv, progress
from .by_arguments import Ahead, Batch, Batches, by_arguments
from .parts import Part, Taken, labels_of_list
from .pictures import Augmentation, Picture, decoded, normalised
from .threads import Threads, Turns, WholeReads
from .twister import Twister

__all__ = [
    "ImageRecordInt8Iter", "ImageRecordIter", "ImageRecordIter_v1", "ImageRecordUInt8Iter", "ImageRecordUInt8Iter_v1",
    "Averaged", "Normalisation", "mean_image", "of_kind", "unpacked",
]  # fmt: skip

_SEED = 111  # what MXNet adds to the seeds of the order and of pictures
LONG = 3.0  # seconds after which what is done before the first batch shows how far it is
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


class Tones(NamedTuple):
    """What is drawn for a picture after its augmentation: whether it is turned around, a factor, and an addend."""

    mirror: bool
    contrast: np.float32 = np.float32(1)
    illumination: np.float32 = np.float32(0)


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

    @property
    def draws(self) -> bool:
        """Whether anything is drawn."""
        return self.rand_mirror or bool(self.max_random_contrast or self.max_random_illumination)

    def tones(self, draws: Twister, mirror_first: bool) -> Tones:
        """What MXNet draws for a float32 or int8 picture, in the order of ``ImageRecordIter`` or of version 1."""
        turned = self._turned(draws) if mirror_first else False
        contrast = 1 + draws.around(self.max_random_contrast)
        illumination = draws.around(self.max_random_illumination)
        return Tones(turned if mirror_first else self._turned(draws), contrast, illumination)

    def turned(self, draws: Twister) -> Tones:
        """What it draws for a uint8 picture."""
        return Tones(self._turned(draws))

    def _turned(self, draws: Twister) -> bool:
        return (self.rand_mirror and draws.coin()) or self.mirror


class _Prepared(NamedTuple):
    """An augmented record."""

    number: int
    labels: Any
    picture: Picture
    tones: Tones | None


class _Example(NamedTuple):
    """A record of a batch: the seed of its pictures' own generator, and itself where it is augmented already."""

    taken: Taken
    seed: int | None
    prepared: _Prepared | None


class Averaged:
    """A source of batches of pictures, whose mean can be taken."""

    mean: np.ndarray | None
    _factor: Any
    _part: Part

    def restart(self) -> None:
        """Begins an epoch."""
        raise NotImplementedError

    def _epoch(self, advance: Callable[[int], Any]) -> Iterator[Batch]:
        raise NotImplementedError

    def mean_of_all(self) -> np.ndarray:
        """The mean of the pictures of an epoch as they come, but for mean, deviation and scale: float32 (C, H, W)."""
        kept, self.mean, self._factor = (self.mean, self._factor), None, None
        total, count = np.zeros((), np.float32), 0
        with progress(self._part.size, "mean image", delay=LONG) as advance:
            for batch in self._epoch(advance):
                data = batch.data.asnumpy()
                total, count = total + data.sum(0), count + len(data)
        self.mean, self._factor = kept
        self.restart()
        return total * np.float32(1 / max(count, 1))


class _Records(Averaged):
    """The source: records, and batches of the pictures in them.

    What is random is drawn as MXNet does it with one thread: from one generator in the order of the file, or with
    ``seed_aug`` from one for each record, seeded by its place in what MXNet reads at a time. Several threads of MXNet's
    race for the records.

    Args:
        version: 1 has a generator for the augmentation and another one, seeded by ``seed``, for what comes after it,
            and no ``seed_aug``.
    """

    def __init__(
        self, part: Part, augmentation: Augmentation, normalisation: Normalisation, *, batch_size: int,
        label_width: int, labels: dict[int, np.ndarray] | None, threads: Threads, dtype: torch.dtype, shuffle: bool,
        seed: int, seed_aug: int | None, version: int, device_id: int = -1,
    ) -> None:  # fmt: skip
        channels = augmentation.data_shape[0]
        self._part, self._augment, self._normal = part, augmentation, normalisation
        self._label_width, self._labels = label_width, labels
        self._threads, self._dtype, self._size = threads, dtype, batch_size
        self._version, self._device_id = version, device_id
        self.mean = normalisation.means(channels)
        self._factor = normalisation.factors(channels)
        self._seed_aug = None if version == 1 else seed_aug
        self._draws, self._late = Twister(_SEED), Twister(seed)
        self._mixed = shuffle and not part.indexed
        self._filled = 0  # examples that the batch had when a read began
        random = augmentation.draws or (normalisation.draws and version != 1)
        self._ahead = self._mixed and random and self._seed_aug is None
        self._whole = WholeReads(part, threads, lambda *record: self._augmented(*record, None))  # type: ignore[call-arg]

    def restart(self) -> None:
        self._part.restart()

    def take(self, count: int) -> list[_Example]:
        found: list[_Example] = []
        for taken in self._part.take(count):
            seed = prepared = None
            if self._ahead:
                prepared = self._whole(taken)
            elif self._seed_aug is not None:
                if taken.place == 0:
                    self._filled = self._size - count + len(found)
                seed = _SEED + self._seed_aug + taken.place + (self._size if self._mixed else self._filled)
            found.append(_Example(taken, seed, prepared))
        return found

    def batch(self, examples: list[_Example], missing: int, pad: int) -> Batch:
        size, shape = len(examples) + missing, self._augment.data_shape
        # Not before the program does: to pin memory, CUDA has to be there, and processes cannot be forked well then.
        pinned = self._device_id >= 0 and torch.cuda.is_available() and torch.cuda.is_initialized()
        data = torch.empty((size, *shape), dtype=self._dtype, pin_memory=pinned)
        if missing:
            data[len(examples) :] = 0
        pictures = data.numpy()
        label = np.zeros((size, self._label_width), np.float32)
        index = np.zeros(size, np.uint64)
        turns = Turns()
        late = [self._normal.tones(self._late, False) for _ in examples] if self._version == 1 else []

        def prepare(place: int, example: _Example) -> None:
            taken, seed, one = example
            if one is None:
                one = self._augmented(taken.offset, taken.content, turns, place, seed)
            if self._version == 1:
                index[place] = one.number
            label[place] = self._label(one.labels, one.number, self._where(taken.offset))
            tones: Any = late[place] if late else one.tones
            self._put(one.picture, pictures[place], tones)

        self._threads.each(prepare, examples)
        labels = label[:, 0] if self._label_width == 1 else label
        return Batch(NDArray(data, cpu()), NDArray(torch.from_numpy(np.ascontiguousarray(labels)), cpu()), pad, index)

    def _epoch(self, advance: Callable[[int], Any]) -> Iterator[Batch]:
        """The batches of an epoch, for which only version 1 draws an order."""
        base = _SEED + (self._seed_aug or 0) + self._size
        seeded = self._seed_aug is not None
        for taken in self._part.in_order(self._size) if self._version > 1 else ():
            yield self.batch([_Example(one, base + one.place if seeded else None, None) for one in taken], 0, 0)
            advance(sum(len(one.content) for one in taken))
        while self._version == 1 and (examples := self.take(self._size)):
            yield self.batch(examples, 0, 0)
            advance(sum(len(one.taken.content) for one in examples))

    def _where(self, offset: int) -> str:
        return f"{self._part.file.name}: record at byte {offset}"

    def _augmented(self, offset: int, content: bytes, turns: Turns, place: int, seed: int | None) -> _Prepared:
        """A record; without a seed what is drawn for it is drawn at its turn."""
        where = self._where(offset)
        if seed is not None:
            number, labels, picture = self._decoded(content, where)
            plan, tones = self._plan(picture, Twister(seed), where)
        else:
            with turns.after(place, lambda: self._decoded(content, where)) as (number, labels, picture):
                plan, tones = self._plan(picture, self._draws, where)
        return _Prepared(number, labels, plan(picture), tones)

    def _decoded(self, content: bytes, where: str) -> tuple[int, Any, Picture]:
        number, labels, file = unpacked(content, where)
        return number, labels, decoded(file, self._augment.data_shape[0], where)

    def _plan(self, picture: Picture, draws: Twister, where: str) -> tuple[Any, Tones | None]:
        rows, columns = picture.shape[:2]
        plan = self._augment.plan(rows, columns, draws, where)
        if self._version == 1:
            return plan, None
        if self._dtype is torch.uint8:
            return plan, self._normal.turned(draws)
        return plan, self._normal.tones(draws, True)

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

    def _put(self, picture: Picture, out: np.ndarray, tones: Tones) -> None:
        normalised(picture, out, tones.mirror, self.mean, self._factor, tones.contrast, tones.illumination)


def mean_image(path: str, shape: tuple[int, ...], make: Callable[[], np.ndarray]) -> np.ndarray:
    """The array (C, H, W) in a file of MXNet's, which is made and written where it is not there.

    Raises:
        MXNetError: it holds something else.
    """
    if os.path.exists(path):
        logging.info("Load mean image from %s", path)
        found = nd.load(path)
        arrays = list(found.values()) if isinstance(found, dict) else found
        if len(arrays) != 1:
            raise MXNetError(f"{path} must hold one array, the mean picture, it holds {len(arrays)}")
        mean = arrays[0].asnumpy()
    else:
        logging.info("Cannot find %s: create mean image, this will take some time...", path)
        mean = make()
        nd.save(path, {"mean_img": nd.array(mean)}, format="mxnet")
        logging.info("Save mean image to %s..", path)
    if mean.shape != shape:
        raise MXNetError(f"{path} is of shape {mean.shape}, data_shape is {shape}")
    return mean


def of_kind(kind: type, given: dict[str, Any]) -> Any:
    """A dataclass of those arguments that it has."""
    return kind(**{field.name: given[field.name] for field in fields(kind) if field.name in given})


def _iterator(title: str, given: dict[str, Any], dtype: torch.dtype, version: int) -> Ahead:
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
    if given["device_id"] < -1 or (torch.cuda.is_available() and given["device_id"] >= torch.cuda.device_count()):
        raise MXNetError(f"{title}: device_id must be -1 or the number of a GPU, got {given['device_id']}")
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

    index = given["path_imgidx"] if version > 1 else ""
    part = Part(
        path, index, given["part_index"], given["num_parts"], given["shuffle"], _SEED + given["seed"],
        given["shuffle_chunk_size"], given["shuffle_chunk_seed"],
    )  # fmt: skip
    records = _Records(
        part, augmentation, normalisation, batch_size=given["batch_size"], label_width=given["label_width"],
        labels=labels, threads=threads, dtype=dtype, shuffle=given["shuffle"], seed=given["seed"],
        seed_aug=given["seed_aug"], version=version, device_id=given["device_id"] if version > 1 else -1,
    )  # fmt: skip
    if normalisation.mean_img and dtype is not torch.uint8:
        records.mean = mean_image(normalisation.mean_img, shape, records.mean_of_all)
    return Ahead(Batches(records, given["batch_size"], given["round_batch"], path), given["prefetch_buffer"])


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
        path_imgidx: the index of the record file; parts are of equal numbers of records then, otherwise of bytes, and
            ``shuffle`` mixes all of them. Version 1 does without, as MXNet's.
        aug_seq: 'aug_default'.
        label_width: numbers in each label.
        preprocess_threads: that decode; no more than there are processors.
        verbose: log what is read.
        num_parts, part_index: use one of several parts.
        device_id: of the GPU that the batches, made on the CPU, are for: their memory is pinned where the program uses
            GPUs, which can copy them beside their work; -1: not. Version 1 does without, as MXNet's.
        ctx: ``'cpu'`` or ``'gpu'``; what MXNet chooses its number of threads by.
        shuffle, seed: draw the order of each epoch; without ``path_imgidx`` that of each 8 MB, as MXNet reads them.
        shuffle_chunk_size, shuffle_chunk_seed: draw the order of pieces of so many MB too, without ``path_imgidx``.
        seed_aug: gives each picture a generator of its own, seeded by its place in what MXNet reads at a time;
            otherwise one draws for all of them, in the order of the file. The numbers are those of MXNet's with
            ``preprocess_threads=1``. Version 1 does without, as MXNet's.
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


def _made(title: str, fixed: torch.dtype | None, version: int) -> Any:
    """The function ``title``: ``fixed`` is its dtype, or None for the argument's."""

    def make(**given: Any) -> Ahead:
        dtype = given["dtype"] or fixed or torch.float32
        if dtype not in _DTYPES or (fixed is not None and dtype is not fixed):
            raise MXNetError(f"unknown dtype for {title}: {dtype}")
        return _iterator(title, given, dtype, version)

    make.__name__, make.__module__, make.__doc__ = title, __name__, _arguments.__doc__
    return by_arguments(make, _arguments)


ImageRecordIter = _made("ImageRecordIter", None, 2)
ImageRecordUInt8Iter = _made("ImageRecordUInt8Iter", torch.uint8, 2)
ImageRecordInt8Iter = _made("ImageRecordInt8Iter", torch.int8, 2)
ImageRecordIter_v1 = _made("ImageRecordIter_v1", torch.float32, 1)
ImageRecordUInt8Iter_v1 = _made("ImageRecordUInt8Iter_v1", torch.uint8, 1)
