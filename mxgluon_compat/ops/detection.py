"""Boxes: overlap, suppression, matching, encoding.

A box is four numbers: ``corner`` x_min, y_min, x_max, y_max, or ``center`` x, y, width, height.
Suppression and matching are sequential by definition and stop when nothing is left to do; they are operators of torch's
own, so that graphs and meta tensors see one call with a known shape.
"""

from __future__ import annotations

from typing import Any, Literal

import torch

from .elemwise import only_float
from .loss import with_gradient
from .registry import operator

__all__ = [
    "bipartite_matching", "box_decode", "box_encode", "box_iou", "box_nms", "first_rows", "match_greedily", "overlap",
    "suppress", "to_center", "to_corner",
]  # fmt: skip

Format = Literal["center", "corner"]

_CHUNK = {"cpu": 256}  # boxes that are compared at a time with those kept so far: few enough for a cache
_CHUNK_ELSEWHERE = 4096


# ---------------------------------------------------------------------------------------------- shared by other files
def to_corner(boxes: torch.Tensor) -> torch.Tensor:
    """Center boxes (..., 4) as corner boxes."""
    x, y, width, height = boxes.unbind(-1)
    half_width, half_height = width / 2, height / 2
    return torch.stack((x - half_width, y - half_height, x + half_width, y + half_height), -1)


def to_center(boxes: torch.Tensor) -> torch.Tensor:
    """Corner boxes (..., 4) as center boxes."""
    left, top, right, bottom = boxes.unbind(-1)
    return torch.stack(((left + right) / 2, (top + bottom) / 2, right - left, bottom - top), -1)


def area(boxes: torch.Tensor) -> torch.Tensor:
    """Of corner boxes (..., 4), 0 where a side is negative -> (...)."""
    left, top, right, bottom = boxes.unbind(-1)
    return (right - left).clamp(min=0) * (bottom - top).clamp(min=0)


def overlap(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Area of intersection over area of union, 0 where the union is empty.

    a (..., 4), b (..., 4), corner, broadcast -> (...).
    """
    width = torch.minimum(a[..., 2], b[..., 2]) - torch.maximum(a[..., 0], b[..., 0])
    height = torch.minimum(a[..., 3], b[..., 3]) - torch.maximum(a[..., 1], b[..., 1])
    both = width.clamp(min=0) * height.clamp(min=0)
    union = area(a) + area(b) - both
    return torch.where(union > 0, both / union, torch.zeros_like(both))


# ---------------------------------------------------------------------------------------------- suppression
torch.library.define(
    "mxgluon_compat::suppress",
    "(Tensor boxes, Tensor? groups, Tensor alive, float threshold, bool touching, float extra, int most) -> Tensor",
)


@torch.library.register_fake("mxgluon_compat::suppress")
def _(boxes: torch.Tensor, groups: Any, alive: torch.Tensor, *_: Any) -> torch.Tensor:
    return torch.empty_like(alive)


def _too_much(a: torch.Tensor, b: torch.Tensor, threshold: float, touching: bool, extra: float) -> torch.Tensor:
    """Which boxes of a overlap which of b by more than ``threshold``: columns of edges, areas, groups -> (A, B)."""
    x1, y1, x2, y2, areas, *groups = a.unsqueeze(2)
    width = torch.minimum(x2, b[2]).sub_(torch.maximum(x1, b[0]))
    height = torch.minimum(y2, b[3]).sub_(torch.maximum(y1, b[1]))
    if extra:
        width += extra
        height += extra
    both = width.clamp_(min=0).mul_(height.clamp_(min=0))
    both /= torch.add(areas, b[4], out=height).sub_(both)
    hit = both >= threshold if touching else both > threshold
    return hit.logical_and_(groups[0] == b[5]) if groups else hit


def _survivors(columns: torch.Tensor, most: int, *rule: Any) -> torch.Tensor:
    """Numbers of the boxes that stay, best first, at most about ``most``: columns as in ``_too_much``."""
    chunk = _CHUNK.get(columns.device.type, _CHUNK_ELSEWHERE)
    numbers = torch.arange(columns.shape[1], device=columns.device)
    kept = numbers[:0]
    for start in range(0, columns.shape[1], chunk):
        new = numbers[start : start + chunk]
        if kept.numel():
            new = new[~_too_much(columns[:, kept], columns[:, new], *rule).any(0)]
        among = _too_much(columns[:, new], columns[:, new], *rule).triu_(1).to(columns.dtype)
        # What better boxes take away is settled from the best one on, a link of a chain of overlaps in each round.
        stays, before = among.new_ones(new.numel()), None
        while before is None or not torch.equal(stays, before):
            stays, before = (stays @ among == 0).to(among.dtype), stays
        kept = torch.cat((kept, new[stays.bool()]))
        if kept.numel() >= most:
            break
    return kept


@torch.library.impl("mxgluon_compat::suppress", "default")
def _suppress(
    boxes: torch.Tensor,
    groups: torch.Tensor | None,
    alive: torch.Tensor,
    threshold: float,
    touching: bool,
    extra: float,
    most: int,
) -> torch.Tensor:
    """See ``suppress``."""
    if boxes.dtype in (torch.float16, torch.bfloat16):
        boxes = boxes.float()
    x1, y1, x2, y2 = boxes.unbind(2)
    areas = (x2 - x1 + extra).clamp_(min=0) * (y2 - y1 + extra).clamp_(min=0)
    columns = [x1, y1, x2, y2, areas] if groups is None else [x1, y1, x2, y2, areas, groups.to(boxes.dtype)]
    keep = torch.zeros_like(alive)
    for here, there, of_image in zip(keep, alive, torch.stack(columns, 1), strict=True):
        numbers = there.nonzero().squeeze(1)
        here[numbers[_survivors(of_image[:, numbers], most, threshold, touching, extra)]] = True
    return keep


def suppress(
    boxes: torch.Tensor,
    groups: torch.Tensor | None,
    alive: torch.Tensor,
    threshold: float,
    *,
    touching: bool = False,
    extra: float = 0.0,
    most: int | None = None,
) -> torch.Tensor:
    """Non-maximum suppression: which boxes stay when each takes away those after it that overlap it too much.

    boxes (B, N, 4), corner, best first; groups (B, N), boxes of different groups let each other be, or None; alive
    (B, N) bool, those to consider -> (B, N) bool. ``touching``: an overlap that equals the threshold is too much;
    ``extra`` is added to each width and height: 1 for boxes of whole pixels, whose last one is inside. ``most``: how
    many are wanted; not all that would come after these are told.
    """
    wanted = boxes.shape[1] if most is None else most
    return torch.ops.mxgluon_compat.suppress(boxes.detach(), groups, alive, threshold, touching, extra, wanted)


def first_rows(keep: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Indices that bring what is kept to the front, (B, N), and which of the places are then filled, (B, N)."""
    kept = keep.cumsum(1)
    numbers = torch.arange(keep.shape[1], device=keep.device).expand_as(keep)
    total = kept[:, -1:]
    place = torch.where(keep, kept - 1, total + numbers - kept)
    return torch.empty_like(place).scatter_(1, place, numbers), numbers < total


@operator("_contrib_box_nms", "_contrib_box_non_maximum_suppression", outputs=("output0", "output1"), visible=1)
def box_nms(
    data: torch.Tensor,
    *,
    overlap_thresh: float = 0.5,
    valid_thresh: float = 0.0,
    topk: int = -1,
    coord_start: int = 2,
    score_index: int = 1,
    id_index: int = -1,
    background_id: int = -1,
    force_suppress: bool = False,
    in_format: Format = "corner",
    out_format: Format = "corner",
) -> tuple[torch.Tensor, torch.Tensor]:
    """Non-maximum suppression of rows that hold a box, a score and perhaps a class.

    data (..., N, K) -> the same shape: the rows that stay, best first, then rows of -1; and, hidden, the index of each
    row among all (..., N, 1). Rows whose score is not above ``valid_thresh`` or whose class is ``background_id`` are
    left out, so are all but the ``topk`` best. With ``id_index`` only boxes of one class suppress each other.
    The gradient of a box is handed on as it is, in whatever format.
    """
    only_float(data)
    if data.ndim < 2:
        raise ValueError(f"data must have 2 dimensions or more, got {data.ndim}")
    width = data.shape[-1]
    if width < 5 + (id_index >= 0):
        raise ValueError(f"rows hold a score and four coordinates, and a class with id_index: {width} are too few")
    if not 0 <= coord_start <= width - 4 or not 0 <= score_index < width or id_index >= width:
        raise ValueError(f"coord_start, score_index and id_index must fit into rows of {width}")
    if coord_start <= score_index < coord_start + 4 or coord_start <= id_index < coord_start + 4:
        raise ValueError(f"score {score_index} or class {id_index} stands among the coordinates, from {coord_start} on")
    if id_index == score_index:
        raise ValueError(f"score_index and id_index are both {id_index}")
    if topk == 0 or not data.numel():
        index = torch.arange(data.numel() // width, device=data.device, dtype=data.dtype)
        return data.clone(), index.reshape(*data.shape[:-1], 1)
    rows = data.reshape(-1, *data.shape[-2:])
    count = rows.shape[1]
    scores = rows[..., score_index].detach()
    valid = scores > valid_thresh
    if id_index >= 0:
        valid = valid & (rows[..., id_index] != background_id)
    order = torch.where(valid, scores, -torch.inf).argsort(dim=1, descending=True, stable=True)
    if 0 < topk < count:
        order = order[:, :topk]
    sorted_rows = rows.gather(1, order.unsqueeze(2).expand(-1, -1, width))
    boxes = sorted_rows[..., coord_start : coord_start + 4]
    groups = sorted_rows[..., id_index].detach() if id_index >= 0 and not force_suppress else None
    corner = to_corner(boxes) if in_format == "center" else boxes
    keep = suppress(corner, groups, valid.gather(1, order), overlap_thresh)
    front, filled = first_rows(keep)
    if in_format != out_format:
        with torch.no_grad():
            changed = corner if out_format == "corner" else to_center(boxes)
        boxes = with_gradient(boxes, changed.detach(), torch.ones_like(changed), chain=True)  # as MXNet has it
        sorted_rows = torch.cat((sorted_rows[..., :coord_start], boxes, sorted_rows[..., coord_start + 4 :]), -1)
    out = sorted_rows.gather(1, front.unsqueeze(2).expand(-1, -1, width))
    out = torch.where(filled.unsqueeze(2), out, -1.0)
    index = order.gather(1, front) + torch.arange(rows.shape[0], device=data.device).unsqueeze(1) * count
    index = torch.where(filled, index, -1).to(data.dtype).unsqueeze(2)
    if out.shape[1] < count:
        rest = (0, 0, 0, count - out.shape[1])
        out, index = (torch.nn.functional.pad(x, rest, value=-1.0) for x in (out, index))
    return out.reshape(data.shape), index.reshape(*data.shape[:-1], 1)


# ---------------------------------------------------------------------------------------------- overlap and encoding
def _check_boxes(name: str, boxes: torch.Tensor, dimensions: int | None = None) -> None:
    if boxes.shape[-1:] != (4,) or dimensions not in (None, boxes.ndim):
        shape = "(..., 4)" if dimensions is None else f"{dimensions} dimensions, the last of length 4"
        raise ValueError(f"{name} must be boxes, {shape}, got {tuple(boxes.shape)}")


@operator("_contrib_box_iou")
def box_iou(lhs: torch.Tensor, rhs: torch.Tensor, *, format: Format = "corner") -> torch.Tensor:
    """Intersection over union of each box with each: lhs (A..., 4), rhs (B..., 4) -> (A..., B...). No gradient."""
    only_float(lhs)
    for name, boxes in (("lhs", lhs), ("rhs", rhs)):
        _check_boxes(name, boxes)
        if boxes.ndim < 2:
            raise ValueError(f"{name} must have 2 dimensions or more, got {boxes.ndim}")
    a, b = lhs.detach().reshape(-1, 1, 4), rhs.detach().reshape(1, -1, 4)
    if format == "center":
        a, b = to_corner(a), to_corner(b)
    return overlap(a, b).reshape(lhs.shape[:-1] + rhs.shape[:-1])


@operator("_contrib_box_encode", outputs=("output0", "output1"))
def box_encode(
    samples: torch.Tensor,
    matches: torch.Tensor,
    anchors: torch.Tensor,
    refs: torch.Tensor,
    means: torch.Tensor,
    stds: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """What a network should predict to move anchors onto the boxes that they were matched with. No gradient.

    samples (B, N), 1 for an anchor to train on; matches (B, N), row of refs; anchors (B, N, 4), refs (B, M, 4), corner;
    means, stds (4,) -> (B, N, 4): offsets of the centers in anchors and logarithms of the ratios of widths and heights,
    less means, over stds, 0 where there is no sample; and (B, N, 4): 1 where there is one.
    """
    only_float(samples)
    _check_boxes("anchors", anchors, 3)
    _check_boxes("refs", refs, 3)
    with torch.no_grad():
        picked = refs.gather(1, matches.long().unsqueeze(2).expand(-1, -1, 4))
        box, anchor = to_center(picked), to_center(anchors)
        offset = (box[..., :2] - anchor[..., :2]) / anchor[..., 2:]
        target = torch.cat((offset, (box[..., 2:] / anchor[..., 2:]).log()), -1).sub(means).div(stds)
        there = (samples > 0.5).unsqueeze(2).expand_as(target)
        return torch.where(there, target, 0.0), there.to(target.dtype)


@operator("_contrib_box_decode")
def box_decode(
    data: torch.Tensor,
    anchors: torch.Tensor,
    *,
    std0: float = 1.0,
    std1: float = 1.0,
    std2: float = 1.0,
    std3: float = 1.0,
    clip: float = -1.0,
    format: Format = "center",
) -> torch.Tensor:
    """Predicted boxes, the inverse of ``box_encode``. No gradient.

    data (B, N, 4), anchors (1, N, 4) of that format -> corner boxes (B, N, 4). ``clip`` bounds the logarithms of the
    ratios of widths and heights, if positive.
    """
    only_float(data)
    _check_boxes("data", data, 3)
    if anchors.shape != (1, *data.shape[1:]):
        raise ValueError(f"anchors must have shape {(1, *data.shape[1:])}, got {tuple(anchors.shape)}")
    with torch.no_grad():
        anchor = to_center(anchors) if format == "corner" else anchors
        dx, dy, dw, dh = data.unbind(-1)
        x, y, width, height = anchor.unbind(-1)
        dw, dh = dw * std2, dh * std3
        if clip > 0:
            dw, dh = dw.clamp(max=clip), dh.clamp(max=clip)
        center_x, center_y = dx * std0 * width + x, dy * std1 * height + y
        half_width, half_height = dw.exp() * width * 0.5, dh.exp() * height * 0.5
        return torch.stack(
            (center_x - half_width, center_y - half_height, center_x + half_width, center_y + half_height), -1
        )


# ---------------------------------------------------------------------------------------------- matching
torch.library.define("mxgluon_compat::match_greedily", "(Tensor scores, Tensor valid) -> Tensor")


@torch.library.register_fake("mxgluon_compat::match_greedily")
def _(scores: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
    return scores.new_empty(scores.shape[:2], dtype=torch.long)


@torch.library.impl("mxgluon_compat::match_greedily", "default")
def _match_greedily(scores: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
    """See ``match_greedily``. Pairs that are best for both their row and their column are found all at once."""
    batches, rows, columns = scores.shape
    matched = scores.new_full((batches, rows), -1, dtype=torch.long)
    if not scores.numel():
        return matched
    left = torch.where(valid, scores, -torch.inf)
    swapped = rows > columns
    left = left.transpose(1, 2).contiguous() if swapped else left  # few lines, each of many places
    line = torch.arange(left.shape[1], device=scores.device)
    while True:
        place = left.argmax(2, keepdim=True)
        score = left.gather(2, place)
        best_line = left.gather(2, place.transpose(1, 2).expand(-1, left.shape[1], -1)).argmax(1)
        b, few = ((best_line == line) & (score.squeeze(2) > -torch.inf)).nonzero().unbind(1)
        if not few.numel():
            return matched
        many = place[b, few, 0]
        if swapped:
            matched[b, many] = few
        else:
            matched[b, few] = many
        left[b, few] = -torch.inf
        left[b, :, many] = -torch.inf


def match_greedily(scores: torch.Tensor, valid: torch.Tensor) -> torch.Tensor:
    """The column that each row gets when pairs are taken from the highest score down, no row or column twice.

    scores (B, N, M), equal ones in the order of rows, then columns; valid (B, N, M) bool, pairs that may be taken ->
    (B, N), int64, -1 for a row that gets none.
    """
    return torch.ops.mxgluon_compat.match_greedily(scores, valid)


@operator("_contrib_bipartite_matching", outputs=("output0", "output1"))
def bipartite_matching(
    data: torch.Tensor, *, is_ascend: bool = False, threshold: float, topk: int = -1
) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows and columns paired greedily, best score first, no row or column twice. No gradient.

    data (..., N, M), scores -> (..., N), the column of each row, and (..., M), the row of each column; -1 where there
    is none. Higher scores than ``threshold`` count, with ``is_ascend`` lower ones, the lowest being the best; ``topk``
    bounds the number of pairs.
    """
    only_float(data)
    if data.ndim < 2:
        raise ValueError(f"data must have 2 dimensions or more, got {data.ndim}")
    rows, columns = data.shape[-2:]
    scores = data.detach().reshape(-1, rows, columns)
    valid = scores < threshold if is_ascend else scores > threshold
    if is_ascend:
        scores = -scores
    column = match_greedily(scores, valid)
    if 0 < topk < min(rows, columns):
        score = scores.gather(2, column.clamp(min=0).unsqueeze(2)).squeeze(2)
        best = torch.where(column >= 0, score, -torch.inf).argsort(dim=1, descending=True, stable=True)
        column = column.scatter(1, best[:, topk:], -1)
    row = scores.new_full((scores.shape[0], columns + 1), -1)  # one more place, for the rows without a column
    numbers = torch.arange(rows, device=data.device, dtype=data.dtype).expand(scores.shape[0], -1)
    row = row.scatter(1, torch.where(column < 0, columns, column), numbers)[:, :columns]
    return column.to(data.dtype).reshape(data.shape[:-1]), row.reshape(*data.shape[:-2], columns)
