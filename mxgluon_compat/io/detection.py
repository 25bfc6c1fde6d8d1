"""``ImageDetRecordIter``: pictures with boxes, from record files."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch

from ..base import MXNetError, torch_dtype
from ..context import cpu
from ..ndarray import NDArray
from ..ops.schema import Dtype, Floats, Shape
from ..util import opencv
from .by_arguments import Ahead, Batch, Batches, by_arguments
from .parts import Part, labels_of_list
from .pictures import decoded, normalised, resized, shifted
from .records import Normalisation, Threads, of_kind, unpacked

__all__ = ["ImageDetRecordIter"]

Picture = np.ndarray
Boxes = np.ndarray
"""Objects, float32 (n, object width): a class, left, top, right, bottom, and whatever else."""

_SEED = 233  # what MXNet adds to the seed of the order
_AHEAD = 4  # numbers before the label in a batch: channels, height, width, length of the label


# ---------------------------------------------------------------------------------------------- boxes
def _areas(boxes: np.ndarray) -> np.ndarray:
    return np.maximum(boxes[:, 2] - boxes[:, 0], 0) * np.maximum(boxes[:, 3] - boxes[:, 1], 0)


def _shared(boxes: np.ndarray, box: np.ndarray) -> np.ndarray:
    """The area of each that lies in ``box``."""
    low, high = np.maximum(boxes[:, :2], box[:2]), np.minimum(boxes[:, 2:], box[2:])
    return _areas(np.concatenate([low, high], 1))


def _within(boxes: Boxes, box: np.ndarray) -> Boxes:
    """The objects in the coordinates of a part of the picture, cut off at its edges."""
    found = boxes.copy()
    size = box[2:] - box[:2]
    found[:, 1:5] = (boxes[:, 1:5] - np.tile(box[:2], 2)) / np.tile(size, 2)
    found[:, 1:5] = np.clip(found[:, 1:5], 0, 1)
    return found


@dataclass(frozen=True)
class Sampler:
    """One way to draw a part of the picture: limits of its size, shape and of what it has of objects; each (low, high).

    Args:
        scale: root of its share of the area.
        ratio: width / height.
        overlap: of it with an object: intersection over union.
        sample_coverage: the share of it that is object.
        object_coverage: the share of an object that is in it.
        trials: how often to try.
    """

    scale: tuple[float, float]
    ratio: tuple[float, float]
    overlap: tuple[float, float]
    sample_coverage: tuple[float, float]
    object_coverage: tuple[float, float]
    trials: int

    def draw(self, boxes: Boxes, draws: random.Random) -> np.ndarray | None:
        """A part (left, top, right, bottom), from 0 to 1, that fits some object; None where none was found."""
        for _ in range(self.trials):
            scale = draws.uniform(*self.scale)
            low, high = max(self.ratio[0], scale * scale), min(self.ratio[1], 1 / max(scale * scale, 1e-12))
            if low > high:
                continue
            root = draws.uniform(low, high) ** 0.5
            width, height = min(scale * root, 1.0), min(scale / root, 1.0)
            left, top = draws.uniform(0, 1 - width), draws.uniform(0, 1 - height)
            part = np.array([left, top, left + width, top + height], np.float32)
            if self._fits(boxes[:, 1:5], part):
                return part
        return None

    def _fits(self, boxes: np.ndarray, part: np.ndarray) -> bool:
        if not len(boxes):
            return True
        shared, areas, own = _shared(boxes, part), np.maximum(_areas(boxes), 1e-12), max(_areas(part[None])[0], 1e-12)
        shares = (shared / (areas + own - shared), shared / own, shared / areas)
        fits = np.ones(len(boxes), bool)
        for share, (low, high) in zip(shares, (self.overlap, self.sample_coverage, self.object_coverage), strict=True):
            if (low, high) != (0, 1):
                fits &= (share >= low) & (share <= high)
        return bool(fits.any())


# ---------------------------------------------------------------------------------------------- augmentation
@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """The arguments of ``ImageDetRecordIter`` that change pictures; see there."""

    data_shape: tuple[int, ...]
    resize: int
    samplers: tuple[Sampler, ...]
    rand_crop_prob: float
    crop_emit_mode: str
    emit_overlap_thresh: float
    rand_pad_prob: float
    max_pad_scale: float
    max_random_hue: int
    random_hue_prob: float
    max_random_saturation: int
    random_saturation_prob: float
    max_random_illumination: int
    random_illumination_prob: float
    max_random_contrast: float
    random_contrast_prob: float
    rand_mirror_prob: float
    fill_value: int
    inter_method: int
    resize_mode: str

    def __call__(self, picture: Picture, boxes: Boxes, draws: random.Random) -> tuple[Picture, Boxes]:
        """The picture (H, W, C), resized to data_shape's height and width or within them, and its objects."""
        if self.resize != -1:
            rows, columns = picture.shape[:2]
            if rows > columns:
                size = self.resize, int(rows * self.resize / columns)
            else:
                size = int(columns * self.resize / rows), self.resize
            picture = resized(picture, *size, self.inter_method, draws)
        picture = self._recoloured(picture, draws)
        if draws.random() < self.rand_mirror_prob:
            picture, boxes = np.ascontiguousarray(picture[:, ::-1]), boxes.copy()
            boxes[:, [1, 3]] = 1 - boxes[:, [3, 1]]
        if self.max_pad_scale > 1 and draws.random() < self.rand_pad_prob:
            picture, boxes = self._padded(picture, boxes, draws)
        if self.samplers and draws.random() < self.rand_crop_prob:
            picture, boxes = self._cropped(picture, boxes, draws)
        return self._fitted(picture, draws), boxes

    def _recoloured(self, picture: Picture, draws: random.Random) -> Picture:
        limits = [
            limit if limit and draws.random() < chance else 0
            for limit, chance in (
                (self.max_random_hue, self.random_hue_prob),
                (self.max_random_illumination, self.random_illumination_prob),
                (self.max_random_saturation, self.random_saturation_prob),
            )
        ]
        if picture.shape[2] == 3 and any(limits):
            picture = shifted(picture, *limits, draws)  # type: ignore[call-arg,arg-type]  # two limits
        if self.max_random_contrast and draws.random() < self.random_contrast_prob:
            factor = 1 + draws.uniform(-self.max_random_contrast, self.max_random_contrast)
            picture = np.clip(np.rint(picture * np.float32(factor)), 0, 255).astype(np.uint8)
        return picture

    def _padded(self, picture: Picture, boxes: Boxes, draws: random.Random) -> tuple[Picture, Boxes]:
        """The picture somewhere in a larger one."""
        scale = draws.uniform(1, self.max_pad_scale)
        rows, columns = picture.shape[:2]
        height, width = int(rows * scale), int(columns * scale)
        y, x = draws.randint(0, height - rows), draws.randint(0, width - columns)
        found = np.full((height, width, picture.shape[2]), self.fill_value, np.uint8)
        found[y : y + rows, x : x + columns] = picture
        part = np.array([-x / columns, -y / rows, (width - x) / columns, (height - y) / rows], np.float32)
        return found, _within(boxes, part)

    def _cropped(self, picture: Picture, boxes: Boxes, draws: random.Random) -> tuple[Picture, Boxes]:
        """A part that a sampler, drawn among those that found one, found; with the objects that count as in it."""
        parts = [part for part in (s.draw(boxes, draws) for s in self.samplers) if part is not None]
        draws.shuffle(parts)
        for part in parts:
            if self.crop_emit_mode == "center":
                middle = (boxes[:, 1:3] + boxes[:, 3:5]) / 2
                kept = ((middle >= part[:2]) & (middle <= part[2:])).all(1)
            else:
                share = _shared(boxes[:, 1:5], part) / np.maximum(_areas(boxes[:, 1:5]), 1e-12)
                kept = share > self.emit_overlap_thresh
            if len(boxes) and not kept.any():
                continue
            rows, columns = picture.shape[:2]
            left, top = int(part[0] * columns), int(part[1] * rows)
            right, bottom = max(int(part[2] * columns), left + 1), max(int(part[3] * rows), top + 1)
            return picture[top:bottom, left:right], _within(boxes[kept], part)
        return picture, boxes

    def _fitted(self, picture: Picture, draws: random.Random) -> Picture:
        _, height, width = self.data_shape
        rows, columns = picture.shape[:2]
        if self.resize_mode == "force":
            return resized(picture, width, height, self.inter_method, draws)
        scale = min(height / rows, width / columns)
        if self.resize_mode == "shrink" and scale >= 1:
            return picture
        size = max(1, min(width, int(scale * columns))), max(1, min(height, int(scale * rows)))
        return resized(picture, *size, self.inter_method, draws)


# ---------------------------------------------------------------------------------------------- the source
def _objects(label: Any, where: str) -> tuple[np.ndarray, Boxes]:
    """(header, objects) of a label: width of the header, width of an object, the rest of the header, objects.

    Raises:
        MXNetError: it is none such.
    """
    label = np.atleast_1d(np.asarray(label, np.float32))
    if len(label) < 2 or not (2 <= label[0] <= len(label)) or label[1] < 5:
        raise MXNetError(
            f"{where}: Not enough label packed in img_list or rec file: expected the header's width (2 or more), the "
            f"objects' width (5 or more), the rest of the header, objects; got {label[:8].tolist()}"
        )
    start, width = int(label[0]), int(label[1])
    if (len(label) - start) % width:
        raise MXNetError(f"{where}: {len(label) - start} numbers behind the header are no objects of {width} each")
    return label[:start], label[start:].reshape(-1, width)


class _Detections:
    """The source: records, and batches of their pictures and boxes."""

    def __init__(
        self, part: Part, augmentation: Augmentation, normalisation: Normalisation, *,
        labels: dict[int, np.ndarray] | None, threads: Threads, label_width: int, pad_width: int, pad_value: float,
    ) -> None:  # fmt: skip
        channels = augmentation.data_shape[0]
        self._part, self._augment, self._labels, self._threads = part, augmentation, labels, threads
        self._mean, self._factor = normalisation.means(channels), normalisation.factors(channels)
        self._normal = normalisation
        self._taken = 0
        widths = [0]
        for offset, record in part.each():
            number, label, _ = unpacked(record, self._where(offset))
            label = self._label(number, label, offset)
            if label_width > 0 and np.size(label) != label_width:
                raise MXNetError(
                    f"{self._where(offset)}: rec file provide {np.size(label)}-dimensional label but label_width is "
                    f"set to {label_width}"
                )
            _objects(label, self._where(offset))
            widths.append(np.size(label))
        self.widest = max(widths)
        if 0 < pad_width < self.widest:
            raise MXNetError(f"label_pad_width: {pad_width} smaller than estimated width: {self.widest}")
        self._width, self._fill = pad_width or self.widest, pad_value

    def _where(self, offset: int) -> str:
        return f"{self._part.file.name}: record at byte {offset}"

    def _label(self, number: int, label: Any, offset: int) -> Any:
        if self._labels is None:
            return label
        if number not in self._labels:
            raise MXNetError(f"{self._where(offset)}: fail to find imagelabel for id {number}")
        return self._labels[number]

    def restart(self) -> None:
        self._part.restart()

    def take(self, count: int) -> list[tuple[int, int, bytes]]:
        found = [(self._taken + i, offset, record) for i, (offset, record) in enumerate(self._part.take(count))]
        self._taken += len(found)
        return found

    def batch(self, examples: list[tuple[int, int, bytes]], missing: int, pad: int) -> Batch:
        shape, size = self._augment.data_shape, len(examples) + missing
        data = torch.zeros((size, *shape))
        pictures = data.numpy()
        labels = np.full((size, _AHEAD + self._width), self._fill, np.float32)
        index = np.zeros(size, np.uint64)

        def prepare(place: int, example: tuple[int, int, bytes]) -> None:
            drawn, offset, record = example
            where = self._where(offset)
            number, label, content = unpacked(record, where)
            header, boxes = _objects(self._label(number, label, offset), where)
            picture, boxes = self._augment(decoded(content, shape[0], where), boxes, random.Random(drawn))
            height, width = picture.shape[:2]
            if picture.shape[:2] != shape[1:]:
                canvas = np.zeros((*shape[1:], shape[0]), np.uint8)
                canvas[:height, :width] = picture
                picture = canvas
            normalised(picture, pictures[place], False, self._mean, self._factor)
            row = np.concatenate([[shape[0], height, width, len(header) + boxes.size], header, boxes.ravel()])
            labels[place, : len(row)] = row
            index[place] = number

        self._threads.each(prepare, examples)
        return Batch(NDArray(data, cpu()), NDArray(torch.from_numpy(labels), cpu()), pad, index)


@by_arguments
def ImageDetRecordIter(  # noqa: N802
    *,
    data_shape: Shape,
    batch_size: int,
    path_imglist: str = "",
    path_imgrec: str = "./data/imgrec.rec",
    aug_seq: str = "det_aug_default",
    label_width: int = -1,
    preprocess_threads: int = 4,
    verbose: bool = True,
    num_parts: int = 1,
    part_index: int = 0,
    shuffle_chunk_size: int = 0,
    shuffle_chunk_seed: int = 0,
    label_pad_width: int = 0,
    label_pad_value: float = -1.0,
    shuffle: bool = False,
    seed: int = 0,
    round_batch: bool = True,
    prefetch_buffer: int = 4,
    ctx: Literal["cpu", "gpu"] = "gpu",
    dtype: Dtype | None = None,
    resize: int = -1,
    rand_crop_prob: float = 0.0,
    min_crop_scales: Floats = (0.0,),
    max_crop_scales: Floats = (1.0,),
    min_crop_aspect_ratios: Floats = (1.0,),
    max_crop_aspect_ratios: Floats = (1.0,),
    min_crop_overlaps: Floats = (0.0,),
    max_crop_overlaps: Floats = (1.0,),
    min_crop_sample_coverages: Floats = (0.0,),
    max_crop_sample_coverages: Floats = (1.0,),
    min_crop_object_coverages: Floats = (0.0,),
    max_crop_object_coverages: Floats = (1.0,),
    num_crop_sampler: int = 1,
    crop_emit_mode: Literal["center", "overlap"] = "center",
    emit_overlap_thresh: float = 0.3,
    max_crop_trials: Shape = (25,),
    rand_pad_prob: float = 0.0,
    max_pad_scale: float = 1.0,
    max_random_hue: int = 0,
    random_hue_prob: float = 0.0,
    max_random_saturation: int = 0,
    random_saturation_prob: float = 0.0,
    max_random_illumination: int = 0,
    random_illumination_prob: float = 0.0,
    max_random_contrast: float = 0.0,
    random_contrast_prob: float = 0.0,
    rand_mirror_prob: float = 0.0,
    fill_value: int = 127,
    inter_method: int = 1,
    resize_mode: Literal["fit", "force", "shrink"] = "force",
    mean_img: str = "",
    mean_r: float = 0.0,
    mean_g: float = 0.0,
    mean_b: float = 0.0,
    mean_a: float = 0.0,
    std_r: float = 0.0,
    std_g: float = 0.0,
    std_b: float = 0.0,
    std_a: float = 0.0,
    scale: float = 1.0,
) -> Any:
    """Batches of pictures with boxes, from a record file whose labels are ``[width of the header, width of an object,
    rest of the header..., objects...]``; an object is ``[class, left, top, right, bottom, ...]``, from 0 to 1.

    A batch's label is (batch_size, 4 + label_pad_width): ``[channels, height, width, length of the label, label...,
    label_pad_value...]``.

    Args:
        data_shape, batch_size, path_imglist, path_imgrec, preprocess_threads, verbose, num_parts, part_index, shuffle,
            seed, shuffle_chunk_size, shuffle_chunk_seed, round_batch, prefetch_buffer, ctx, inter_method, resize,
            mean_r, mean_g, mean_b, mean_a, scale: as of ``ImageRecordIter``.
        std_r, std_g, std_b, std_a: as there; 0 for none.
        aug_seq: 'det_aug_default'.
        label_width: numbers in each label; -1: as many as there are.
        label_pad_width, label_pad_value: how many numbers of label a batch has; 0: as the longest label needs.
        dtype: float32.
        mean_img: must be "".
        rand_crop_prob: chance of cutting out a part that one of ``num_crop_sampler`` samplers draws, each by its
            entries in the tuples ``min_crop_...``, ``max_crop_...`` and ``max_crop_trials`` (one entry is for all).
        crop_emit_mode: keep the objects whose middle is in the part, or of which more than ``emit_overlap_thresh`` is.
        rand_pad_prob, max_pad_scale: chance of putting the picture into one up to so many times as large.
        max_random_hue, max_random_saturation, max_random_illumination, max_random_contrast, random_..._prob: how far to
            draw changes, and the chances of each.
        rand_mirror_prob: chance of turning left and right around.
        fill_value: of what padding leaves empty.
        resize_mode: 'force' to data_shape; 'fit' into it, zeros beside; 'shrink': only what is larger.
        data_name, label_name: names in ``provide_data`` and ``provide_label``.

    Raises:
        MXNetError: files that are not there or do not fit, damaged records, labels that are none such.
        ImportError: OpenCV is not installed.
    """
    given = dict(locals())
    if len(data_shape) != 3 or data_shape[0] not in (1, 3, 4):
        raise MXNetError(f"data_shape must be (1, 3 or 4, height, width), got {data_shape}")
    if dtype not in (None, torch_dtype("float32")):
        raise MXNetError(f"ImageDetRecordIter gives float32 alone, got dtype={dtype}")
    if aug_seq != "det_aug_default":
        raise MXNetError(f"ImageDetRecordIter: aug_seq must be 'det_aug_default', got {aug_seq!r}")
    if mean_img:
        raise MXNetError(
            "ImageDetRecordIter: mean_img: pictures differ in size before they are resized; use mean_r, ..."
        )
    if inter_method not in (0, 1, 2, 3, 4, 9, 10):
        raise MXNetError(f"inter_method must be 0 to 4, 9 or 10, got {inter_method}")
    opencv("reading pictures")
    for name in ("std_r", "std_g", "std_b", "std_a"):
        given[name] = given[name] or 1.0
    given["samplers"] = _samplers(given)
    labels = labels_of_list(path_imglist) if path_imglist else None
    threads = Threads(preprocess_threads)
    if verbose:
        logging.info("ImageDetRecordIOParser: %s, use %d threads for decoding..", path_imgrec, threads.count)
    part = Part(path_imgrec, "", part_index, num_parts, shuffle, _SEED + seed, shuffle_chunk_size, shuffle_chunk_seed)
    source = _Detections(
        part, of_kind(Augmentation, given), of_kind(Normalisation, given), labels=labels, threads=threads,
        label_width=label_width, pad_width=label_pad_width, pad_value=label_pad_value,
    )  # fmt: skip
    if verbose:
        logging.info("ImageDetRecordIOParser: %s, label padding width: %d", path_imgrec, source.widest)
    return Ahead(Batches(source, batch_size, round_batch, path_imgrec), prefetch_buffer)


def _samplers(given: dict[str, Any]) -> tuple[Sampler, ...]:
    """Those that the arguments describe.

    Raises:
        MXNetError: tuples of another length, or limits the wrong way round.
    """
    count = given["num_crop_sampler"]
    if given["rand_crop_prob"] <= 0 or count < 1:
        return ()

    def each(name: str) -> list[Any]:
        values = given[name]
        if len(values) not in (1, count):
            raise MXNetError(f"{name} must have 1 or num_crop_sampler={count} entries, got {values}")
        return list(values) * count if len(values) == 1 else list(values)

    limits = []
    for name in ("scales", "aspect_ratios", "overlaps", "sample_coverages", "object_coverages"):
        pairs = list(zip(each(f"min_crop_{name}"), each(f"max_crop_{name}"), strict=True))
        for low, high in pairs:
            if low > high or low < 0 or (name == "scales" and (high > 1 or low == high)):
                raise MXNetError(f"min_crop_{name} must be smaller than max_crop_{name}, got {low} and {high}")
        limits.append(pairs)
    rows: Any = zip(*limits, each("max_crop_trials"), strict=True)
    return tuple(Sampler(*row) for row in rows)
