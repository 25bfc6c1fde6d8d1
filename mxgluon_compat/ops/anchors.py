"""Anchors of detection networks: making them, targets for training, boxes from predictions, region proposals."""

from __future__ import annotations

import math
from typing import Any

import torch

from .detection import first_rows, match_greedily, overlap, suppress, to_center, to_corner
from .elemwise import only_float
from .registry import operator
from .schema import Floats

__all__ = ["multi_proposal", "multibox_detection", "multibox_prior", "multibox_target", "proposal"]


# ---------------------------------------------------------------------------------------------- single shot detectors
@operator("_contrib_MultiBoxPrior", "_npx_multibox_prior")
def multibox_prior(
    data: torch.Tensor,
    *,
    sizes: Floats = (1.0,),
    ratios: Floats = (1.0,),
    clip: bool = False,
    steps: Floats = (-1.0, -1.0),
    offsets: Floats = (0.5, 0.5),
) -> torch.Tensor:
    """Anchors around each position of a feature map, in shares of the image. No gradient.

    data (N, C, H, W), only its shape counts -> corner boxes (1, H W (len(sizes) + len(ratios) - 1), 4): for each
    position all sizes with the first ratio, then the first size with the other ratios of width to height. ``steps`` and
    ``offsets`` (vertical, horizontal) say how far positions are apart, and where in a step an anchor's center is.
    """
    only_float(data)
    if data.ndim < 4:
        raise ValueError(f"data must have 4 dimensions, got {data.ndim}")
    if not sizes or not ratios or len(steps) != 2 or len(offsets) != 2:
        raise ValueError("sizes and ratios must not be empty, steps and offsets have 2 numbers")
    if min(ratios) <= 0 or min(offsets) < 0:
        raise ValueError(f"ratios must be positive and offsets not negative, got {ratios} and {offsets}")
    if steps[0] * steps[1] < 0:
        raise ValueError(f"steps must both be positive or both be left out, got {steps}")
    height, width = data.shape[2:4]
    step_y, step_x = (s if s > 0 else 1 / n for s, n in zip(steps, (height, width)))
    first = math.sqrt(ratios[0])
    halves = [(s * height / width * first / 2, s / first / 2) for s in sizes]
    halves += [(sizes[0] * height / width * math.sqrt(r) / 2, sizes[0] / math.sqrt(r) / 2) for r in ratios[1:]]
    half = data.new_tensor(halves)
    y = (torch.arange(height, dtype=data.dtype, device=data.device) + offsets[0]) * step_y
    x = (torch.arange(width, dtype=data.dtype, device=data.device) + offsets[1]) * step_x
    y, x = torch.meshgrid(y, x, indexing="ij")
    center = torch.stack((x, y), -1).reshape(-1, 1, 2)
    anchors = torch.cat((center - half, center + half), -1).reshape(1, -1, 4)
    return anchors.clamp(0, 1) if clip else anchors


def _check_variances(variances: Floats) -> None:
    if len(variances) != 4:
        raise ValueError(f"variances must be 4 numbers, got {variances}")


def _negatives(
    positive: torch.Tensor,
    best: torch.Tensor,
    prediction: torch.Tensor,
    ratio: float,
    threshold: float,
) -> torch.Tensor:
    """The hardest negatives (B, A): the least background-like anchors that overlap no object by ``threshold``."""
    if threshold <= 0:
        raise ValueError(f"negative_mining_thresh must be positive, got {threshold}")
    background = prediction.softmax(1)[:, 0]
    count = (positive.sum(1) * ratio).long()
    candidate = ~positive & (best < threshold)
    order = torch.where(candidate, background, torch.inf).argsort(dim=1, stable=True)
    rank = torch.empty_like(order).scatter_(
        1, order, torch.arange(order.shape[1], device=order.device).expand_as(order)
    )
    return candidate & (rank < count.unsqueeze(1))


@operator("_contrib_MultiBoxTarget", "_npx_multibox_target", outputs=("loc_target", "loc_mask", "cls_target"))
def multibox_target(
    anchor: torch.Tensor,
    label: torch.Tensor,
    cls_pred: torch.Tensor,
    *,
    overlap_threshold: float = 0.5,
    ignore_label: float = -1.0,
    negative_mining_ratio: float = -1.0,
    negative_mining_thresh: float = 0.5,
    minimum_negative_samples: int = 0,
    variances: Floats = (0.1, 0.1, 0.2, 0.2),
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What to train the anchors of a single-shot detector on. No gradient.

    anchor (1, A, 4), corner; label (B, G, 5 or more), rows of class and corner box, those from the first class of -1 on
    padding; cls_pred (B, classes + 1, A), background first -> offsets of the objects from their anchors (B, 4 A), 1 for
    those that count (B, 4 A), and each anchor's class plus 1, 0 for background, or ``ignore_label`` (B, A).
    Each object gets the anchor that overlaps it most; other anchors that overlap an object by more than
    ``overlap_threshold`` get it too. With ``negative_mining_ratio`` only so many negatives for each positive count.
    MXNet has no use for ``minimum_negative_samples``, nor have we.
    """
    only_float(anchor)
    _check_variances(variances)
    if anchor.ndim != 3 or anchor.shape[0] != 1 or anchor.shape[2] != 4:
        raise ValueError(f"anchor must have shape (1, anchors, 4), got {tuple(anchor.shape)}")
    if label.ndim != 3 or label.shape[2] < 5:
        raise ValueError(f"label must have shape (batch, objects, 5 or more), got {tuple(label.shape)}")
    if cls_pred.ndim != 3 or cls_pred.shape[2] != anchor.shape[1] or cls_pred.shape[0] != label.shape[0]:
        raise ValueError(
            f"cls_pred must have shape ({label.shape[0]}, classes + 1, {anchor.shape[1]}), got {tuple(cls_pred.shape)}"
        )
    with torch.no_grad():
        boxes = label[..., 1:5]
        there = (label[..., 0] != -1).long().cumprod(1).bool().unsqueeze(1)
        iou = overlap(anchor.unsqueeze(2), boxes.unsqueeze(1))
        iou = torch.where(there, iou, -1.0)
        own = match_greedily(iou, there & (iou > 1e-6))
        best, nearest = iou.max(2)
        positive = own >= 0
        if overlap_threshold > 0:
            positive = positive | (best > overlap_threshold)
        match = torch.where(own >= 0, own, nearest)
        if negative_mining_ratio > 0:
            negative = _negatives(positive, best, cls_pred, negative_mining_ratio, negative_mining_thresh)
        else:
            negative = ~positive
        negative = negative & there.any(2)
        truth = label.gather(1, match.unsqueeze(2).expand(-1, -1, label.shape[2]))
        classes = torch.where(negative, 0.0, ignore_label)
        classes = torch.where(positive, truth[..., 0] + 1, classes)
        box, prior = to_center(truth[..., 1:5]), to_center(anchor)
        offsets = (box[..., :2] - prior[..., :2]) / prior[..., 2:]
        scales = (box[..., 2:] / prior[..., 2:]).log()
        target = torch.cat((offsets, scales), -1) / anchor.new_tensor(variances)
        mask = positive.unsqueeze(2).expand_as(target)
        return torch.where(mask, target, 0.0).flatten(1), mask.to(anchor.dtype).flatten(1), classes


@operator("_contrib_MultiBoxDetection", "_npx_multibox_detection")
def multibox_detection(
    cls_prob: torch.Tensor,
    loc_pred: torch.Tensor,
    anchor: torch.Tensor,
    *,
    clip: bool = True,
    threshold: float = 0.01,
    background_id: int = 0,
    nms_threshold: float = 0.5,
    force_suppress: bool = False,
    variances: Floats = (0.1, 0.1, 0.2, 0.2),
    nms_topk: int = -1,
) -> torch.Tensor:
    """Boxes from what a single-shot detector predicts. No gradient.

    cls_prob (B, classes + 1, A), loc_pred (B, 4 A), anchor (1, A, 4), corner -> (B, A, 6): rows of class, score and
    corner box, best first, the class -1 where a better box of the class overlaps; then rows of -1.
    """
    only_float(cls_prob)
    _check_variances(variances)
    batch, classes, count = cls_prob.shape if cls_prob.ndim == 3 else (0, 0, 0)
    if classes < 2 or loc_pred.shape != (batch, 4 * count) or anchor.shape != (1, count, 4):
        raise ValueError("cls_prob must have shape (B, classes + 1, A), loc_pred (B, 4 A), anchor (1, A, 4)")
    with torch.no_grad():
        score, best = cls_prob[:, 1:].max(1)
        valid = score >= threshold
        prior = to_center(anchor)
        shift = loc_pred.reshape(batch, count, 4) * anchor.new_tensor(variances)
        center = shift[..., :2] * prior[..., 2:] + prior[..., :2]
        boxes = to_corner(torch.cat((center, shift[..., 2:].exp() * prior[..., 2:]), -1))
        if clip:
            boxes = boxes.clamp(0, 1)
        rows = torch.cat((best.to(boxes.dtype).unsqueeze(2), score.unsqueeze(2), boxes), -1)
        # Without suppression boxes keep their order, and so do those beyond the best nms_topk, which lose their class.
        front, filled = first_rows(valid)
        found = torch.where(filled.unsqueeze(2), rows.gather(1, front.unsqueeze(2).expand_as(rows)), -1.0)
        if not 0 < nms_threshold <= 1:
            return found
        order = torch.where(filled, found[..., 1], -torch.inf).argsort(dim=1, descending=True, stable=True)
        ranked = found.gather(1, order.unsqueeze(2).expand_as(rows))
        if 0 < nms_topk < count:
            ranked = torch.cat((ranked[:, :nms_topk], found[:, nms_topk:]), 1)
            filled = torch.cat((filled[:, :nms_topk], torch.zeros_like(filled[:, nms_topk:])), 1)
        keep = suppress(
            ranked[..., 2:], None if force_suppress else ranked[..., 0], filled, nms_threshold, touching=True
        )
        return torch.cat((torch.where(keep.unsqueeze(2), ranked[..., :1], -1.0), ranked[..., 1:]), -1)


# ---------------------------------------------------------------------------------------------- region proposals
def _base_anchors(stride: int, scales: Floats, ratios: Floats) -> list[tuple[float, float, float, float]]:
    """Corner boxes of whole pixels around the first cell, for each ratio of height to width all scales."""
    middle = 0.5 * (stride - 1)
    found = []
    for ratio in ratios:
        width = math.floor(math.sqrt(math.floor(stride * stride / ratio)) + 0.5)
        height = math.floor(width * ratio + 0.5)
        for scale in scales:
            x, y = 0.5 * (width * scale - 1), 0.5 * (height * scale - 1)
            found.append((middle - x, middle - y, middle + x, middle + y))
    return found


def _moved(anchors: torch.Tensor, shift: torch.Tensor, limit: torch.Tensor, by_corners: bool) -> torch.Tensor:
    """Anchors (N, 4) of whole pixels moved by predictions (B, N, 4), inside of the image, whose last pixel is limit."""
    if by_corners:
        boxes = anchors + shift
    else:
        size = anchors[..., 2:] - anchors[..., :2] + 1
        center = shift[..., :2] * size + anchors[..., :2] + 0.5 * (size - 1)
        half = 0.5 * (shift[..., 2:].exp() * size - 1)
        boxes = torch.cat((center - half, center + half), -1)
    return torch.minimum(boxes, limit).clamp(min=0)


def _proposals(
    cls_prob: torch.Tensor,
    bbox_pred: torch.Tensor,
    im_info: torch.Tensor,
    rpn_pre_nms_top_n: int,
    rpn_post_nms_top_n: int,
    threshold: float,
    rpn_min_size: int,
    scales: Floats,
    ratios: Floats,
    feature_stride: int,
    iou_loss: bool,
) -> tuple[torch.Tensor, torch.Tensor]:
    """See ``proposal``."""
    only_float(cls_prob)
    base = cls_prob.new_tensor(_base_anchors(feature_stride, scales, ratios))
    kinds = len(base)
    if cls_prob.ndim != 4 or cls_prob.shape[1] != 2 * kinds:
        raise ValueError(f"cls_prob must have shape (B, {2 * kinds}, H, W), got {tuple(cls_prob.shape)}")
    batch, _, height, width = cls_prob.shape
    if bbox_pred.shape != (batch, 4 * kinds, height, width) or im_info.shape != (batch, 3):
        raise ValueError(f"bbox_pred must have shape {(batch, 4 * kinds, height, width)}, im_info {(batch, 3)}")
    y = torch.arange(height, device=base.device, dtype=base.dtype)
    x = torch.arange(width, device=base.device, dtype=base.dtype)
    y, x = torch.meshgrid(y, x, indexing="ij")
    anchors = torch.stack((x, y, x, y), -1).reshape(-1, 1, 4) * feature_stride + base
    shift = bbox_pred.reshape(batch, kinds, 4, height, width).permute(0, 3, 4, 1, 2).reshape(batch, -1, 4)
    info = im_info.reshape(batch, 3, 1)
    limit = torch.cat((info[:, 1], info[:, 0], info[:, 1], info[:, 0]), 1).unsqueeze(1) - 1
    boxes = _moved(anchors.reshape(-1, 4), shift, limit, iou_loss)
    score = cls_prob[:, kinds:].permute(0, 2, 3, 1)
    cells = (info / feature_stride).floor().unsqueeze(3)
    score = torch.where((y.unsqueeze(2) < cells[:, :1]) & (x.unsqueeze(2) < cells[:, 1:2]), score, -1.0)
    score = score.reshape(batch, -1)
    # Boxes that are too small grow, and come last.
    least = info[:, 2] * rpn_min_size
    small = (boxes[..., 2:] - boxes[..., :2] + 1 < least.unsqueeze(2)).any(2)
    half = (least / 2).unsqueeze(2)
    boxes = torch.where(small.unsqueeze(2), torch.cat((boxes[..., :2] - half, boxes[..., 2:] + half), -1), boxes)
    score = torch.where(small, -1.0, score)
    score, order = score.sort(dim=1, descending=True, stable=True)
    if rpn_pre_nms_top_n > 0:
        score, order = score[:, :rpn_pre_nms_top_n], order[:, :rpn_pre_nms_top_n]
    boxes = boxes.gather(1, order.unsqueeze(2).expand(-1, -1, 4))
    every = torch.ones_like(order, dtype=torch.bool)
    keep = suppress(boxes, None, every, threshold, extra=1.0, most=rpn_post_nms_top_n)
    front, filled = first_rows(keep)
    # As many as wanted: where too few are left, they are repeated.
    wanted = torch.arange(rpn_post_nms_top_n, device=base.device)
    front = front.gather(1, wanted % filled.sum(1, keepdim=True).clamp(max=rpn_post_nms_top_n))
    boxes = boxes.gather(1, front.unsqueeze(2).expand(-1, -1, 4))
    number = torch.arange(batch, device=base.device, dtype=base.dtype).reshape(-1, 1, 1).expand(-1, len(wanted), 1)
    return torch.cat((number, boxes), 2).flatten(0, 1), score.gather(1, front).reshape(-1, 1)


def _proposal_outputs(output_score: bool, **_: Any) -> int:
    return 2 if output_score else 1


@operator("_contrib_MultiProposal", outputs=("output", "score"), visible=_proposal_outputs)
def multi_proposal(
    cls_prob: torch.Tensor,
    bbox_pred: torch.Tensor,
    im_info: torch.Tensor,
    *,
    rpn_pre_nms_top_n: int = 6000,
    rpn_post_nms_top_n: int = 300,
    threshold: float = 0.7,
    rpn_min_size: int = 16,
    scales: Floats = (4.0, 8.0, 16.0, 32.0),
    ratios: Floats = (0.5, 1.0, 2.0),
    feature_stride: int = 16,
    output_score: bool = False,
    iou_loss: bool = False,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Regions that a region proposal network finds most like objects. No gradient.

    cls_prob (B, 2 A, H, W), background first, bbox_pred (B, 4 A, H, W), for A = len(ratios) len(scales) anchors at each
    position; im_info (B, 3), height, width and scale of each image -> (B rpn_post_nms_top_n, 5), rows of image number
    and corner box in pixels, and their scores (B rpn_post_nms_top_n, 1), hidden unless ``output_score``. ``iou_loss``:
    predictions are offsets of corners.
    """
    with torch.no_grad():
        return _proposals(
            cls_prob, bbox_pred, im_info, rpn_pre_nms_top_n, rpn_post_nms_top_n, threshold, rpn_min_size, scales,
            ratios, feature_stride, iou_loss,
        )  # fmt: skip


@operator("_contrib_Proposal", outputs=("output", "score"), visible=_proposal_outputs)
def proposal(
    cls_prob: torch.Tensor,
    bbox_pred: torch.Tensor,
    im_info: torch.Tensor,
    *,
    rpn_pre_nms_top_n: int = 6000,
    rpn_post_nms_top_n: int = 300,
    threshold: float = 0.7,
    rpn_min_size: int = 16,
    scales: Floats = (4.0, 8.0, 16.0, 32.0),
    ratios: Floats = (0.5, 1.0, 2.0),
    feature_stride: int = 16,
    output_score: bool = False,
    iou_loss: bool = False,
) -> tuple[torch.Tensor, torch.Tensor]:
    """``_contrib_MultiProposal`` for a single image."""
    if cls_prob.shape[0] != 1:
        raise ValueError(f"only one image is accepted, got {cls_prob.shape[0]}")
    with torch.no_grad():
        return _proposals(
            cls_prob, bbox_pred, im_info, rpn_pre_nms_top_n, rpn_post_nms_top_n, threshold, rpn_min_size, scales,
            ratios, feature_stride, iou_loss,
        )  # fmt: skip
