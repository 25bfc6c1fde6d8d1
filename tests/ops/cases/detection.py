"""Boxes, anchors, matching, suppression, proposals."""

import numpy as np

from ..spec import N, U, V

FLOATS = ("float32", "float64", "float16")
SINGLE = ("float32",)  # MXNet has these in float32 only
ROUGH = {"float16": (1e-2, 1e-2)}


def _boxes(seed, *shape, **kwargs):
    """Corner boxes on a grid of 1/64 (equal in all dtypes, and some equal each other's edges), some inverted."""
    random = np.random.RandomState(seed)
    first = random.randint(0, 48, shape + (2,))
    size = random.randint(-2 if kwargs.pop("inverted", False) else 4, 40, shape + (2,))
    return np.concatenate((first, first + size), -1) / 64.0


def _rows(seed, *shape, **kwargs):
    """Rows of class, score, box; scores on a grid of 1/16, so that some are equal."""
    random = np.random.RandomState(seed)
    classes = random.randint(-1, 3, shape + (1,))
    scores = random.randint(-2, 16, shape + (1,)) / 16.0
    return V(np.concatenate((classes, scores, _boxes(seed + 1, *shape, **kwargs)), -1).tolist())


def _centers(seed, *shape):
    box = _boxes(seed, *shape)
    size = box[..., 2:] - box[..., :2]
    return np.concatenate((box[..., :2] + size / 2, size), -1)


ROWS = _rows(0, 2, 12)
CENTERS = V(np.concatenate((np.asarray(ROWS.args[0])[..., :2], _centers(5, 2, 12)), -1).tolist())
NMS = "_contrib_box_nms"
CASES = [
    dict(op=NMS, inputs=[ROWS], dtypes=FLOATS),
    dict(op=NMS, inputs=[_rows(1, 9)]),
    dict(op=NMS, inputs=[_rows(2, 2, 2, 5)]),
    dict(op=NMS, inputs=[_rows(3, 1, 1)]),
    dict(op=NMS, inputs=[_rows(4, 40, inverted=True)], attrs=dict(overlap_thresh=0.25)),
    dict(op=NMS, inputs=[ROWS], attrs=dict(id_index=0)),
    dict(op=NMS, inputs=[ROWS], attrs=dict(id_index=0, background_id=1, valid_thresh=0.25)),
    dict(op=NMS, inputs=[ROWS], attrs=dict(background_id=0)),
    dict(op=NMS, inputs=[ROWS], attrs=dict(id_index=0, force_suppress=True, overlap_thresh=0.125)),
    dict(op=NMS, inputs=[ROWS], attrs=dict(valid_thresh=-1.0, overlap_thresh=0.0)),
    dict(op=NMS, inputs=[ROWS], attrs=dict(overlap_thresh=-0.5)),
    dict(op=NMS, inputs=[ROWS], attrs=dict(overlap_thresh=1.0)),
    dict(op=NMS, inputs=[ROWS], attrs=dict(valid_thresh=2.0)),
    dict(op=NMS, inputs=[ROWS], attrs=dict(topk=3)),
    dict(op=NMS, inputs=[ROWS], attrs=dict(topk=3, id_index=0, overlap_thresh=0.125)),
    dict(op=NMS, inputs=[ROWS], attrs=dict(topk=0)),
    dict(op=NMS, inputs=[ROWS], attrs=dict(topk=0, out_format="center")),
    dict(op=NMS, inputs=[ROWS], attrs=dict(topk=-2)),
    dict(op=NMS, inputs=[ROWS], attrs=dict(topk=100)),
    dict(op=NMS, inputs=[CENTERS], attrs=dict(in_format="center", out_format="center")),
    dict(op=NMS, inputs=[CENTERS], attrs=dict(in_format="center", overlap_thresh=0.25)),
    dict(op=NMS, inputs=[ROWS], attrs=dict(out_format="center")),
    dict(op=NMS, inputs=[V(_boxes(6, 6).tolist())], attrs=dict(coord_start=0, score_index=3), error=True),
    dict(op=NMS, inputs=[(3, 5)], attrs=dict(coord_start=0, score_index=4, id_index=4), error=True),
    dict(op=NMS, inputs=[(3, 5)], attrs=dict(coord_start=0, score_index=4)),
    dict(
        op="_contrib_box_non_maximum_suppression",
        inputs=[V(np.concatenate((_boxes(7, 2, 6), _boxes(8, 2, 6)), -1).tolist())],
        attrs=dict(coord_start=0, score_index=7, id_index=4),
    ),
    dict(op=NMS, inputs=[(2, 5, 5)], error=True),
    dict(op=NMS, inputs=[(6,)], error=True),
    dict(op=NMS, inputs=[ROWS], attrs=dict(score_index=6), error=True),
    dict(op=NMS, inputs=[ROWS], attrs=dict(coord_start=-1), error=True),
    dict(op=NMS, inputs=[ROWS], attrs=dict(id_index=6), error=True),
    dict(op=NMS, inputs=[ROWS], attrs=dict(score_index=-1), error=True),
    dict(op=NMS, inputs=[ROWS], attrs=dict(in_format="side"), error=True),
    dict(op=NMS, inputs=[V(np.ones((2, 6)).tolist())], dtypes=["int32"], error=True),
]

IOU = "_contrib_box_iou"
FOUR, THREE = V(_boxes(10, 4).tolist()), V(_boxes(11, 3).tolist())
CASES += [
    dict(op=IOU, inputs=[FOUR, THREE], dtypes=FLOATS, tol=ROUGH),
    dict(op=IOU, inputs=[V(_boxes(12, 2, 3).tolist()), V(_boxes(13, 1, 4, inverted=True).tolist())]),
    dict(op=IOU, inputs=[V(_centers(12, 2, 3).tolist()), V(_centers(13, 5).tolist())], attrs=dict(format="center")),
    dict(op=IOU, inputs=[V([[0.0] * 4, [0, 0, 1, 1]]), V([[0.0] * 4, [0, 0, 1, 1], [1, 0, 2, 1], [0, 0, 1, 0]])]),
    dict(op=IOU, inputs=[(2, 5), (3, 4)], error=True),
    dict(op=IOU, inputs=[(2, 4), (3, 3)], error=True),
    dict(op=IOU, inputs=[(2, 4), (4,)], error=True),
    dict(op=IOU, inputs=[(4,), (2, 4)], error=True),
    dict(op=IOU, inputs=[FOUR, N(3, 4, dtype="float16")], dtypes=["float32"], error=True),
    dict(op=IOU, inputs=[V([[0, 0, 1, 1]]), V([[0, 0, 1, 1]])], dtypes=["int32"], error=True),
]

ENCODE, DECODE = "_contrib_box_encode", "_contrib_box_decode"
SAMPLES = V([[1, -1, 0, 1, 0.75], [1, 1, 1, 0.5, 0.25]])
MATCHES = V([[0, 1, 2, 2, 1], [2, 0, 0, 1, 1]])
ANCHORS, REFS = V(_boxes(20, 2, 5).tolist()), V(_boxes(21, 2, 3).tolist())
MEANS, STDS = V([0.0, 0.5, -0.25, 0.125]), V([0.125, 0.25, 0.5, 1.0])
SHIFTS, ONE = N(2, 5, 4), V(_boxes(22, 1, 5).tolist())
EXACT = dict(std0=0.125, std1=0.25, std2=0.5, std3=0.75)  # MXNet keeps attributes in float32
CASES += [
    dict(
        op=ENCODE, inputs=[SAMPLES, MATCHES, ANCHORS, REFS, MEANS, STDS], dtypes=FLOATS, tol={"float16": (2e-2, 5e-2)}
    ),
    dict(op=ENCODE, inputs=[SAMPLES, MATCHES, ANCHORS, REFS, V([0.0] * 4), V([1.0] * 4)]),
    dict(op=ENCODE, inputs=[SAMPLES, MATCHES, (2, 5, 3), REFS, MEANS, STDS], error=True),
    dict(op=ENCODE, inputs=[SAMPLES, MATCHES, (5, 4), REFS, MEANS, STDS], error=True),
    dict(op=DECODE, inputs=[SHIFTS, ONE], dtypes=FLOATS, tol={"float16": (2e-2, 2e-2)}),
    dict(op=DECODE, inputs=[SHIFTS, ONE], attrs=dict(format="corner", **EXACT)),
    dict(op=DECODE, inputs=[SHIFTS, ONE], attrs=dict(clip=0.25, **EXACT)),
    dict(op=DECODE, inputs=[SHIFTS, ONE], attrs=dict(clip=0.0, format="corner")),
    dict(op=DECODE, inputs=[SHIFTS, (2, 5, 4)], error=True),
    dict(op=DECODE, inputs=[SHIFTS, (1, 4, 4)], error=True),
    dict(op=DECODE, inputs=[SHIFTS, (5, 4)], error=True),
    dict(op=DECODE, inputs=[(2, 5, 3), ONE], error=True),
]

MATCHING = "_contrib_bipartite_matching"
_SCORES = np.random.RandomState(30).randint(0, 16, (2, 5, 4)) / 16.0
SCORES, WIDE = V(_SCORES.tolist()), V(_SCORES.swapaxes(1, 2).tolist())
CASES += [
    dict(op=MATCHING, inputs=[SCORES], attrs=dict(threshold=1e-12), dtypes=FLOATS),
    dict(op=MATCHING, inputs=[WIDE], attrs=dict(threshold=0.5), dtypes=FLOATS),
    dict(op=MATCHING, inputs=[SCORES], attrs=dict(threshold=0.5, is_ascend=True)),
    dict(op=MATCHING, inputs=[V(_SCORES[0].tolist())], attrs=dict(threshold=0.75)),
    dict(op=MATCHING, inputs=[V(_SCORES[None].tolist())], attrs=dict(threshold=0.125, topk=-1)),
    dict(op=MATCHING, inputs=[SCORES], attrs=dict(threshold=2.0)),
    dict(op=MATCHING, inputs=[SCORES], attrs=dict(threshold=-1.0, topk=10)),
    dict(op=MATCHING, inputs=[SCORES], attrs=dict(threshold=0.1, topk=0)),
    dict(op=MATCHING, inputs=[V([[0.5, 0.5], [0.5, 0.5]])], attrs=dict(threshold=0.25)),
    dict(op=MATCHING, inputs=[SCORES], error=True),
    dict(op=MATCHING, inputs=[(4,)], attrs=dict(threshold=0.5), error=True),
    dict(op=MATCHING, inputs=[V([[1, 2]])], attrs=dict(threshold=0.5), dtypes=["int32"], error=True),
]

PRIOR, TARGET, FOUND = "_contrib_MultiBoxPrior", "_contrib_MultiBoxTarget", "_contrib_MultiBoxDetection"
MAP = (2, 3, 2, 3)
CASES += [
    dict(op=PRIOR, inputs=[MAP], dtypes=SINGLE),
    dict(op=PRIOR, inputs=[MAP], attrs=dict(sizes=(0.5, 0.25, 0.125), ratios=(1.0, 2.0, 0.5)), dtypes=SINGLE),
    dict(op=PRIOR, inputs=[MAP], attrs=dict(sizes=(0.9,), ratios=(2.0, 0.3), clip=True), dtypes=SINGLE),
    dict(op=PRIOR, inputs=[MAP], attrs=dict(steps=(0.25, 0.75), offsets=(0.1, 0.9)), dtypes=SINGLE),
    dict(op=PRIOR, inputs=[MAP], attrs=dict(steps=(0.5, -1.0)), dtypes=SINGLE, error=True),
    dict(op=PRIOR, inputs=[MAP], attrs=dict(steps=(0.5,)), dtypes=SINGLE, error=True),
    dict(op=PRIOR, inputs=[MAP], attrs=dict(offsets=(-0.5, 0.5)), dtypes=SINGLE, error=True),
    dict(op=PRIOR, inputs=[MAP], attrs=dict(sizes=()), dtypes=SINGLE, error=True),
    dict(op=PRIOR, inputs=[(2, 3, 2)], dtypes=SINGLE, error=True),
]

PRIORS = V(_boxes(40, 1, 10).tolist())
_LABELS = np.concatenate((np.random.RandomState(41).randint(0, 3, (3, 4, 1)), _boxes(42, 3, 4)), -1)
_LABELS[1, 2:] = -1
_LABELS[2] = -1
LABELS, LOGITS = V(_LABELS.tolist()), N(3, 4, 10)
WIDER = V(np.concatenate((_LABELS, np.ones((3, 4, 1))), -1).tolist())
MINED = dict(negative_mining_ratio=1.0, negative_mining_thresh=0.9)
PROBABILITIES = U((2, 4, 10), 0, 1)
DRAWN = V((np.random.RandomState(43).randint(0, 5, (2, 3, 10)) / 8.0).tolist())
MOVES = N(2, 40)
CASES += [
    dict(op=TARGET, inputs=[PRIORS, LABELS, LOGITS], dtypes=SINGLE),
    dict(op=TARGET, inputs=[PRIORS, WIDER, LOGITS], attrs=dict(overlap_threshold=0.25), dtypes=SINGLE),
    dict(op=TARGET, inputs=[PRIORS, LABELS, LOGITS], attrs=dict(overlap_threshold=-1.0), dtypes=SINGLE),
    dict(op=TARGET, inputs=[PRIORS, LABELS, LOGITS], attrs=dict(variances=(0.5, 0.25, 1.0, 2.0)), dtypes=SINGLE),
    dict(op=TARGET, inputs=[PRIORS, LABELS, LOGITS], attrs=MINED, dtypes=SINGLE),
    dict(op=TARGET, inputs=[PRIORS, LABELS, LOGITS], attrs=dict(ignore_label=-2.0, **MINED), dtypes=SINGLE),
    # MXNet has the attribute and does not look at it
    dict(op=TARGET, inputs=[PRIORS, LABELS, LOGITS], attrs=dict(minimum_negative_samples=9, **MINED), dtypes=SINGLE),
    dict(
        op=TARGET,
        inputs=[PRIORS, LABELS, LOGITS],
        attrs=dict(negative_mining_ratio=1.0, negative_mining_thresh=0.0),
        dtypes=SINGLE,
        error=True,
    ),
    dict(op=TARGET, inputs=[PRIORS, LABELS, (3, 4, 9)], dtypes=SINGLE, error=True),
    dict(op=TARGET, inputs=[(10, 4), LABELS, LOGITS], dtypes=SINGLE, error=True),
    dict(op=TARGET, inputs=[PRIORS, (3, 4, 4), LOGITS], dtypes=SINGLE, error=True),
    dict(op=FOUND, inputs=[PROBABILITIES, MOVES, PRIORS], dtypes=SINGLE),
    dict(op=FOUND, inputs=[DRAWN, MOVES, PRIORS], attrs=dict(clip=False, threshold=0.25), dtypes=SINGLE),
    dict(op=FOUND, inputs=[DRAWN, MOVES, PRIORS], attrs=dict(threshold=2.0), dtypes=SINGLE),
    dict(
        op=FOUND,
        inputs=[PROBABILITIES, MOVES, PRIORS],
        attrs=dict(nms_threshold=0.125, force_suppress=True, variances=(0.5, 0.25, 1.0, 0.5)),
        dtypes=SINGLE,
    ),
    dict(op=FOUND, inputs=[PROBABILITIES, MOVES, PRIORS], attrs=dict(nms_topk=3, threshold=0.75), dtypes=SINGLE),
    dict(op=FOUND, inputs=[DRAWN, MOVES, PRIORS], attrs=dict(nms_topk=0, background_id=1), dtypes=SINGLE),
    dict(op=FOUND, inputs=[DRAWN, MOVES, PRIORS], attrs=dict(nms_threshold=0.0), dtypes=SINGLE),
    dict(op=FOUND, inputs=[DRAWN, MOVES, PRIORS], attrs=dict(nms_threshold=1.5, nms_topk=3), dtypes=SINGLE),
    dict(op=FOUND, inputs=[PROBABILITIES, (2, 39), PRIORS], dtypes=SINGLE, error=True),
    dict(op=FOUND, inputs=[PROBABILITIES, (2, 44), (1, 11, 4)], dtypes=SINGLE, error=True),
    dict(op=FOUND, inputs=[PROBABILITIES, MOVES, PRIORS], attrs=dict(variances=(1.0,)), dtypes=SINGLE, error=True),
]

PROPOSAL, PROPOSALS = "_contrib_Proposal", "_contrib_MultiProposal"
SMALL = dict(scales=(1.0, 2.5), ratios=(0.5, 1.0, 2.0), feature_stride=8, rpn_min_size=4, rpn_post_nms_top_n=6)
RPN = [U((1, 12, 3, 4), 0, 1), N(1, 24, 3, 4)]
RPNS = [U((2, 12, 3, 4), 0, 1), N(2, 24, 3, 4)]
INFO, INFOS = V([[24.0, 32.0, 1.0]]), V([[24.0, 32.0, 1.0], [20.0, 27.0, 1.5]])
for op, maps, info in ((PROPOSAL, RPN, INFO), (PROPOSALS, RPNS, INFOS), (PROPOSALS, RPN, INFO)):
    CASES += [
        dict(op=op, inputs=[*maps, info], attrs=dict(output_score=True, **SMALL), dtypes=SINGLE),
        dict(op=op, inputs=[*maps, info], attrs=dict(iou_loss=True, threshold=0.25, **SMALL), dtypes=SINGLE),
        dict(op=op, inputs=[*maps, info], attrs=dict(rpn_pre_nms_top_n=3, output_score=True, **SMALL), dtypes=SINGLE),
        dict(op=op, inputs=[*maps, info], attrs=dict(SMALL, rpn_pre_nms_top_n=-1, rpn_min_size=16), dtypes=SINGLE),
        dict(op=op, inputs=[*maps, info], dtypes=SINGLE, error=True),
    ]
CASES += [
    dict(op=PROPOSAL, inputs=[*RPNS, INFOS], attrs=SMALL, dtypes=SINGLE, error=True),
    dict(
        op=PROPOSAL,
        inputs=[U((1, 24, 2, 2), 0, 1), N(1, 48, 2, 2), V([[32.0, 32.0, 1.0]])],
        attrs=dict(rpn_post_nms_top_n=20),
        dtypes=SINGLE,
    ),
]
