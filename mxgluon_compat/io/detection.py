"""``ImageDetRecordIter``: pictures with boxes, from record files."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import torch

from ..base import MXNetError, torch_dtype
from ..context import cpu
from ..ndarray import NDArray
from ..ops.schema import Dtype, Floats, Shape
from ..util import opencv, progress
from .by_arguments import Ahead, Batch, Batches, by_arguments
from .parts import Part, Taken, labels_of_list
from .pictures import Picture, Plan, decoded, normalised, shifted
from .records import LONG, Averaged, Normalisation, mean_image, of_kind, unpacked
from .threads import Threads, Turns, WholeReads
from .twister import Twister

__all__ = ["ImageDetRecordIter"]

Boxes = np.ndarray
"""Objects, float32 (n, object width): a class, left, top, right, bottom, and whatever else."""

_FLOAT = np.float32
_SEED = 233  # that of pictures, and what MXNet adds to the seed of the order
_HARDLY_LARGER = 1.05
_TOGETHER = 64  # pictures whose mean is taken
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

    def draw(
        self, boxes: Boxes, shape: float, inside: Callable[[np.ndarray], np.ndarray], draws: Twister
    ) -> np.ndarray | None:
        """A part (left, top, width, height), from 0 to 1, that fits some object; None where none was found.

        Args:
            boxes: the objects.
            shape: the picture's width / height.
            inside: which objects count as in a part (left, top, right, bottom): there must be one.
        """
        for _ in range(self.trials):
            scale = draws.within(*self.scale)
            low, high = max(self.ratio[0] / shape, scale * scale), min(self.ratio[1] / shape, 1 / (scale * scale))
            root = np.sqrt(draws.within(low, high))  # type: ignore[arg-type]  # numpy's scalars
            width, height = min(scale * root, _FLOAT(1)), min(scale / root, _FLOAT(1))
            left, top = draws.unit() * (1 - width), draws.unit() * (1 - height)
            edges = np.array([left, top, left + width, top + height], np.float32)
            if self._fits(boxes[:, 1:5], edges) and (not len(boxes) or inside(edges).any()):
                return np.array([left, top, width, height], np.float32)
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

    def plan(self, rows: int, columns: int, boxes: Boxes, draws: Twister) -> tuple[Plan, Boxes]:
        """How to make a picture (rows, columns, C) one of data_shape's height and width or within them; its objects."""
        plan = Plan(rows, columns, self.inter_method, draws)
        if self.resize != -1:
            plan.resize_shorter(self.resize)
        self._recolour(plan, draws)
        if self.rand_mirror_prob > 0 and draws.unit() < self.rand_mirror_prob:
            plan.add(lambda picture: np.ascontiguousarray(picture[:, ::-1]))
            boxes = boxes.copy()
            boxes[:, [1, 3]] = 1 - boxes[:, [3, 1]]
        if self.rand_pad_prob > 0 and self.max_pad_scale > 1 and draws.unit() < self.rand_pad_prob:
            boxes = self._pad(plan, boxes, draws)
        if self.samplers and draws.unit() < self.rand_crop_prob:
            boxes = self._crop(plan, boxes, draws)
        self._fit(plan)
        return plan, boxes

    @property
    def draws(self) -> bool:
        """Whether anything is drawn."""
        chances = (
            self.random_hue_prob, self.random_saturation_prob, self.random_illumination_prob, self.random_contrast_prob,
            self.rand_mirror_prob, self.rand_pad_prob, self.rand_crop_prob,
        )  # fmt: skip
        return any(chances) or self.inter_method == 10

    def _recolour(self, plan: Plan, draws: Twister) -> None:
        limits = self.max_random_hue, self.max_random_saturation, self.max_random_illumination, self.max_random_contrast
        chances = (
            self.random_hue_prob, self.random_saturation_prob, self.random_illumination_prob, self.random_contrast_prob,
        )  # fmt: skip
        if not any(chances):
            return
        drawn = [draws.around(limit) for limit in limits]
        drawn = [value if draws.unit() < chance else _FLOAT(0) for value, chance in zip(drawn, chances, strict=True)]
        hue, saturation, lightness = map(int, drawn[:3])
        if self.data_shape[0] == 3 and (hue or saturation or lightness):
            plan.add(lambda picture: shifted(picture, hue, lightness, saturation))
        if drawn[3]:
            factor = 1 + drawn[3]
            plan.add(lambda picture: np.clip(np.rint(picture * factor), 0, 255).astype(np.uint8))

    def _pad(self, plan: Plan, boxes: Boxes, draws: Twister) -> Boxes:
        """The picture somewhere in a larger one, unless that is hardly larger."""
        scale = draws.within(1, self.max_pad_scale)
        if scale < _HARDLY_LARGER:
            return boxes
        left, top = draws.unit() * (scale - 1), draws.unit() * (scale - 1)
        rows, columns = plan.rows, plan.columns
        y, x = int(top * rows), int(left * columns)
        below, right = int((scale - top - 1) * rows), int((scale - left - 1) * columns)
        height, width = y + rows + below, x + columns + right

        def step(picture: Picture) -> Picture:
            found = np.full((height, width, picture.shape[2]), self.fill_value, np.uint8)
            found[y : y + rows, x : x + columns] = picture
            return found

        plan.add(step, height, width)
        return _within(boxes, np.array([-left, -top, scale - left, scale - top], np.float32))

    def _crop(self, plan: Plan, boxes: Boxes, draws: Twister) -> Boxes:
        """A part that a sampler found, with the objects that count as in it."""
        samplers = list(self.samplers)
        draws.shuffle(samplers)
        for sampler in samplers:
            part = sampler.draw(boxes, plan.columns / plan.rows, lambda part: self._inside(boxes, part), draws)
            if part is None:
                continue
            left, top, width, height = (
                int(value * size)
                for value, size in zip(part, (plan.columns, plan.rows) * 2, strict=True)
            )  # fmt: skip
            plan.part(top, left, height, width)
            edges = np.concatenate([part[:2], part[:2] + part[2:]])
            return _within(boxes[self._inside(boxes, edges)], edges)
        return boxes

    def _inside(self, boxes: Boxes, part: np.ndarray) -> np.ndarray:
        """Which objects count as in the part."""
        if self.crop_emit_mode == "center":
            middle = (boxes[:, 1:3] + boxes[:, 3:5]) / 2
            return ((middle >= part[:2]) & (middle <= part[2:])).all(1)
        return _shared(boxes[:, 1:5], part) / np.maximum(_areas(boxes[:, 1:5]), 1e-12) > self.emit_overlap_thresh

    def _fit(self, plan: Plan) -> None:
        _, height, width = self.data_shape
        if self.resize_mode == "force":
            plan.resize(width, height)
            return
        scale = min(_FLOAT(height) / _FLOAT(plan.rows), _FLOAT(width) / _FLOAT(plan.columns))
        if self.resize_mode == "fit" or scale < 1:
            plan.resize(max(1, min(width, int(scale * plan.columns))), max(1, min(height, int(scale * plan.rows))))


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


class _Prepared(NamedTuple):
    """An augmented record."""

    number: int
    header: np.ndarray
    boxes: Boxes
    picture: Picture


class _Detections(Averaged):
    """The source: records, and batches of their pictures and boxes."""

    def __init__(
        self, part: Part, augmentation: Augmentation, normalisation: Normalisation, *,
        labels: dict[int, np.ndarray] | None, threads: Threads, shuffle: bool, label_width: int, pad_width: int,
        pad_value: float,
    ) -> None:  # fmt: skip
        channels = augmentation.data_shape[0]
        self._part, self._augment, self._labels, self._threads = part, augmentation, labels, threads
        self.mean, self._factor = normalisation.means(channels), normalisation.factors(channels)
        self._normal = normalisation
        self._draws = Twister(_SEED)
        self._mixed = shuffle and augmentation.draws
        self._whole = WholeReads(part, threads, self._augmented)
        with progress(part.size, "labels", delay=LONG) as advance:
            self.widest = max((self._width_of(*record, label_width, advance) for record in part.each()), default=0)
        if 0 < pad_width < self.widest:
            raise MXNetError(f"label_pad_width: {pad_width} smaller than estimated width: {self.widest}")
        self._width, self._fill = pad_width or self.widest, pad_value

    def _width_of(self, offset: int, record: bytes, label_width: int, advance: Callable[[int], Any]) -> int:
        """Numbers in a record's label."""
        number, label, _ = unpacked(record, self._where(offset))
        label = self._label(number, label, offset)
        if label_width > 0 and np.size(label) != label_width:
            raise MXNetError(
                f"{self._where(offset)}: rec file provide {np.size(label)}-dimensional label but label_width is "
                f"set to {label_width}"
            )
        _objects(label, self._where(offset))
        advance(len(record))
        return np.size(label)

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

    def take(self, count: int) -> list[tuple[Taken, _Prepared | None]]:
        return [(taken, self._whole(taken) if self._mixed else None) for taken in self._part.take(count)]

    def batch(self, examples: list[tuple[Taken, _Prepared | None]], missing: int, pad: int) -> Batch:
        shape, size = self._augment.data_shape, len(examples) + missing
        data = torch.zeros((size, *shape))
        pictures = data.numpy()
        labels = np.full((size, _AHEAD + self._width), self._fill, np.float32)
        index = np.zeros(size, np.uint64)
        turns = Turns()

        def prepare(place: int, example: tuple[Taken, _Prepared | None]) -> None:
            taken, one = example
            one = one or self._augmented(taken.offset, taken.content, turns, place)
            picture = one.picture
            height, width = picture.shape[:2]
            if picture.shape[:2] != shape[1:]:
                canvas = np.zeros((*shape[1:], shape[0]), np.uint8)
                canvas[:height, :width] = picture
                picture = canvas
            normalised(picture, pictures[place], False, self.mean, self._factor)
            found = [shape[0], height, width, len(one.header) + one.boxes.size]
            row = np.concatenate([found, one.header, one.boxes.ravel()])
            labels[place, : len(row)] = row
            index[place] = one.number

        self._threads.each(prepare, examples)
        return Batch(NDArray(data, cpu()), NDArray(torch.from_numpy(labels), cpu()), pad, index)

    def _augmented(self, offset: int, content: bytes, turns: Turns, place: int) -> _Prepared:
        """A record; what is drawn for it is drawn at its turn."""
        where = self._where(offset)

        def decode() -> tuple[int, np.ndarray, Boxes, Picture]:
            number, label, file = unpacked(content, where)
            header, boxes = _objects(self._label(number, label, offset), where)
            return number, header, boxes, decoded(file, self._augment.data_shape[0], where)

        with turns.after(place, decode) as (number, header, boxes, picture):
            plan, boxes = self._augment.plan(*picture.shape[:2], boxes, self._draws)  # type: ignore[call-arg]
        return _Prepared(number, header, boxes, plan(picture))

    def _epoch(self, advance: Callable[[int], Any]) -> Iterator[Batch]:
        """The batches of an epoch."""
        while examples := self.take(_TOGETHER):
            yield self.batch(examples, 0, 0)
            advance(sum(len(taken.content) for taken, _ in examples))


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
        mean_img: as of ``ImageRecordIter``.
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
        shuffle=shuffle, label_width=label_width, pad_width=label_pad_width, pad_value=label_pad_value,
    )  # fmt: skip
    if verbose:
        logging.info("ImageDetRecordIOParser: %s, label padding width: %d", path_imgrec, source.widest)
    if mean_img:
        source.mean = mean_image(mean_img, data_shape, source.mean_of_all)
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
