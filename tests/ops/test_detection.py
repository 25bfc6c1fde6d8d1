"""Detection and region operators: what the case tables cannot hold, deliberate differences included."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from mxgluon_compat.ops import detection, registry


def call(name, *inputs, **attrs):
    op = registry.get(name)
    return op.fn(*inputs, **op.arguments(op.parse(attrs)))


def _rows(count, spread, seed=0, classes=3, batch=1):
    random = np.random.RandomState(seed)
    rows = np.zeros((batch, count, 6), np.float32)
    rows[..., 0] = random.randint(0, classes, (batch, count))
    rows[..., 1] = random.permutation(batch * count).reshape(batch, count) / (batch * count) + 1e-3
    rows[..., 2:4] = random.uniform(-1, 1, (batch, count, 2))
    rows[..., 4:] = rows[..., 2:4] + random.uniform(0.2, 1, (batch, count, 2)) * spread
    return rows


def _iou(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return np.float32(0)
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def _plain_nms(rows, threshold, by_class):
    """The definition: one box after the other."""
    left = sorted(rows, key=lambda row: -row[1])
    kept = []
    while left:
        best = left.pop(0)
        kept.append(best)
        left = [r for r in left if (by_class and r[0] != best[0]) or not _iou(best[2:], r[2:]) > threshold]
    return np.array(kept)


# ---------------------------------------------------------------------------------------------- suppression
@pytest.mark.parametrize("by_class", [False, True])
@pytest.mark.parametrize(("count", "spread"), [(700, 0.1), (700, 1.0), (300, 4.0)])
def test_suppression_of_many_boxes_is_that_of_one_after_the_other(count, spread, by_class):
    """More boxes than are compared at a time, in two images."""
    rows = _rows(count, spread, batch=2)
    out, index = call("_contrib_box_nms", torch.from_numpy(rows), id_index=0 if by_class else -1)
    for image in range(2):
        expected = _plain_nms(rows[image], 0.5, by_class)
        kept = len(expected)
        assert 0 < kept < count
        np.testing.assert_array_equal(out[image, :kept], expected)
        assert (out[image, kept:] == -1).all() and (index[image, kept:] == -1).all()
        np.testing.assert_array_equal(rows.reshape(-1, 6)[index[image, :kept, 0].long()], expected)


def test_suppression_takes_boxes_without_sense():
    """Not finite, inverted and empty boxes neither hide others nor stop the search for them."""
    nan, inf = math.nan, math.inf
    odd = [[nan] * 4, [-inf, 0, inf, 1], [inf, inf, inf, inf], [0, 0, 0, 0], [2, 2, 1, 1], [1e30, 0, 2e30, 1]]
    good = [[0, 0, 1, 1], [0, 0.05, 1, 1], [5, 5, 6, 6]]
    boxes = torch.tensor([odd + good])
    keep = detection.suppress(boxes, None, torch.ones(1, 9, dtype=torch.bool), 0.5)
    assert keep.tolist() == [[True] * 6 + [True, False, True]]


def test_suppression_of_equal_boxes_leaves_one():
    boxes = torch.tensor([0.0, 0.0, 2.0, 1.0]).expand(1, 600, 4)
    alive = torch.ones(1, 600, dtype=torch.bool)
    alive[0, 0] = False
    assert detection.suppress(boxes, None, alive, 0.5).nonzero().tolist() == [[0, 1]]


def test_nms_of_nothing():
    out, index = call("_contrib_box_nms", torch.zeros(2, 0, 6))
    assert out.shape == (2, 0, 6) and index.shape == (2, 0, 1)


# ---------------------------------------------------------------------------------------------- matching, anchors
def test_topk_bounds_rows_and_columns_of_a_matching():
    """MXNet takes one pair more."""
    rows, columns = call("_contrib_bipartite_matching", torch.tensor([[0.9, 0.1], [0.2, 0.8]]), threshold=0.05, topk=1)
    assert rows.tolist() == [0, -1] and columns.tolist() == [0, -1]


def test_matching_of_many_is_that_of_one_after_the_other():
    scores = np.random.RandomState(3).randint(0, 50, (60, 40)).astype(np.float32)
    rows, columns = call("_contrib_bipartite_matching", torch.from_numpy(scores), threshold=5)
    expected = np.full(60, -1.0)
    taken = set()
    for flat in np.argsort(-scores, axis=None, kind="stable"):
        row, column = divmod(int(flat), 40)
        if scores[row, column] > 5 and expected[row] < 0 and column not in taken:
            expected[row] = column
            taken.add(column)
    np.testing.assert_array_equal(rows, expected)
    assert all(rows[int(row)] == column for column, row in enumerate(columns) if row >= 0)
    assert (columns >= 0).sum() == (rows >= 0).sum()


def test_too_few_candidates_for_negatives_are_all_taken():
    """MXNet refuses the batch."""
    anchor = torch.tensor([[[0.0, 0, 1, 1], [0, 0, 1, 0.6], [2, 2, 3, 3]]])
    label = torch.tensor([[[1.0, 0, 0, 1, 1]]])
    classes = call(
        "_contrib_MultiBoxTarget", anchor, label, torch.zeros(1, 3, 3), overlap_threshold=0.9,
        negative_mining_ratio=2, negative_mining_thresh=0.5,
    )[2]  # fmt: skip
    assert classes.tolist() == [[2, -1, 0]]


def test_labels_of_another_batch_are_refused():
    """MXNet reads beyond the predictions."""
    with pytest.raises(ValueError, match="cls_pred"):
        call("_contrib_MultiBoxTarget", torch.zeros(1, 4, 4), torch.zeros(3, 1, 5), torch.zeros(2, 3, 4))


# ---------------------------------------------------------------------------------------------- regions
@pytest.mark.parametrize("position_sensitive", [False, True])
@pytest.mark.parametrize("ratio", [-1, 2])
def test_regions_of_no_image_are_zero(ratio, position_sensitive):
    """MXNet 1.9.1 leaves what was in memory, and clears an element of another region."""
    data = torch.randn(2, 8, 5, 5, generator=torch.Generator().manual_seed(0))
    rois = torch.tensor([[1.0, 0, 0, 4, 4], [-1, 0, 0, 4, 4]])
    attrs = dict(pooled_size=(2, 2), spatial_scale=1, sample_ratio=ratio, position_sensitive=position_sensitive)
    out = call("_contrib_ROIAlign", data, rois, **attrs)
    assert (out[1] == 0).all() and (out[0] != 0).all()
    assert torch.equal(out[:1], call("_contrib_ROIAlign", data, rois[:1], **attrs))


def test_regions_far_larger_than_the_map():
    """Only samples that can lie in the map are computed: a million pixels a side need no memory of their own."""
    data = torch.ones(1, 1, 4, 4, dtype=torch.float64)
    rois = torch.tensor([[0.0, -5e5, -5e5, 5e5, 5e5]], dtype=torch.float64)
    out = call("_contrib_ROIAlign", data, rois, pooled_size=(1, 1), spatial_scale=1)
    inside = 5  # samples a pixel apart, half a pixel beside whole numbers, from -0.5 to 3.5; -1 to 4 count
    assert out.item() == pytest.approx(inside**2 / 1e12)


def test_no_regions():
    rois = torch.zeros(0, 5)
    data = torch.zeros(1, 4, 5, 5, requires_grad=True)
    size = dict(pooled_size=(2, 2), spatial_scale=1)
    outs = [
        call("_contrib_ROIAlign", data, rois, **size),
        call("_contrib_ROIAlign", data, rois, sample_ratio=2, **size),
        call("_contrib_RROIAlign", data, torch.zeros(0, 6), **size),
        call("ROIPooling", data, rois, **size)[0],
    ]
    assert [tuple(out.shape) for out in outs] == [(0, 4, 2, 2)] * 4
    outs.append(call("_contrib_PSROIPooling", data, rois, spatial_scale=1, output_dim=1, pooled_size=2))
    assert outs[-1].shape == (0, 1, 2, 2)
    sum(out.sum() for out in outs).backward()
    assert not data.grad.any()


@pytest.mark.parametrize("ratio", [-1, 2])
def test_rotated_regions_have_a_gradient(ratio):
    """MXNet has none."""
    generator = torch.Generator().manual_seed(0)
    data = torch.randn(1, 2, 5, 6, generator=generator, dtype=torch.float64, requires_grad=True)
    rois = torch.tensor([[0, 2.3, 2.6, 4.1, 3.2, 33.0], [0, 4.0, 1.0, 2.0, 5.0, -70.0]], dtype=torch.float64)
    attrs = dict(pooled_size=(2, 2), spatial_scale=1, sampling_ratio=ratio)
    assert torch.autograd.gradcheck(lambda d: call("_contrib_RROIAlign", d, rois, **attrs), (data,))


@pytest.mark.parametrize("name", ["_contrib_PSROIPooling", "_contrib_DeformablePSROIPooling"])
def test_channels_must_be_as_many_as_the_bins_need(name):
    """MXNet reads beyond the data."""
    attrs = dict(output_dim=3, pooled_size=2, group_size=2, spatial_scale=1)
    if "Deformable" in name:
        attrs["no_trans"] = True
    with pytest.raises(ValueError, match="channels"):
        call(name, torch.zeros(1, 8, 5, 5), torch.zeros(1, 5), **attrs)


# ---------------------------------------------------------------------------------------------- deformable convolution
@pytest.mark.parametrize("groups", [1, 2])
def test_modulated_deformable_convolution_has_the_gradient_of_its_result(groups):
    """MXNet has this gradient on GPUs only, so its CPU cannot tell; finite differences can."""
    generator = torch.Generator().manual_seed(groups)

    def draw(*shape, low=-1.0):
        return torch.empty(shape, dtype=torch.float64).uniform_(low, 1, generator=generator).requires_grad_()

    data, weight, bias = draw(1, 4, 4, 5), draw(2, 4 // groups, 2, 3), draw(2)
    offset, mask = draw(1, 12 * groups, 3, 2), draw(1, 6 * groups, 3, 2, low=0)
    attrs = dict(
        kernel=(2, 3), num_filter=2, stride=(2, 2), pad=(1, 0), num_group=groups, num_deformable_group=groups
    )  # fmt: skip
    assert torch.autograd.gradcheck(
        lambda *inputs: call("_contrib_ModulatedDeformableConvolution", *inputs, **attrs),
        (data, offset, mask, weight, bias),
    )


def test_without_offsets_it_is_a_convolution():
    generator = torch.Generator().manual_seed(0)
    data, weight = torch.randn(2, 4, 6, 5, generator=generator), torch.randn(6, 2, 3, 3, generator=generator)
    attrs = dict(kernel=(3, 3), num_filter=6, num_group=2, stride=(2, 1), pad=(1, 1), no_bias=True)
    expected = torch.conv2d(data, weight, None, (2, 1), 1, 1, 2)
    offset, mask = torch.zeros(2, 18, 3, 5), torch.ones(2, 9, 3, 5)
    out = call("_contrib_DeformableConvolution", data, offset, weight, **attrs)
    torch.testing.assert_close(out, expected, rtol=1e-5, atol=1e-5)
    out = call("_contrib_ModulatedDeformableConvolution", data, offset, mask, weight, **attrs)
    torch.testing.assert_close(out, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["_contrib_DeformableConvolution", "_contrib_ModulatedDeformableConvolution"])
def test_shapes_of_parameters_follow_from_the_data(name):
    op = registry.get(name)
    attrs = op.parse(dict(kernel="(3, 3)", num_filter=6, pad="(1, 1)", num_group=2, num_deformable_group=4))
    mask = [(2, 36, 7, 5)] if "Modulated" in name else []
    unknown = [None] * (3 + len(mask))
    expected = [(2, 8, 7, 5), (2, 72, 7, 5), *mask, (6, 4, 3, 3), (6,)]
    assert op.complete_shapes([(2, 8, 7, 5), *unknown], attrs) == expected
    attrs = {**attrs, "no_bias": True}
    assert op.complete_shapes([(2, 8, 7, 5), *unknown[:-1]], attrs) == expected[:-1]


# ---------------------------------------------------------------------------------------------- shapes and graphs
def _examples():
    boxes = torch.rand(1, 8, 4)
    rois = torch.tensor([[0.0, 0, 0, 3, 3], [0, 1, 1, 4, 4]])
    size = dict(pooled_size=(2, 2), spatial_scale=1.0)
    rpn = dict(scales=(1.0,), ratios=(1.0,), feature_stride=4, rpn_min_size=1, rpn_post_nms_top_n=3)
    return [
        ("_contrib_box_nms", [torch.rand(2, 8, 6)], dict(topk=5)),
        ("_contrib_bipartite_matching", [torch.rand(2, 3, 4)], dict(threshold=0.1, topk=2)),
        ("_contrib_MultiBoxTarget", [boxes, torch.rand(2, 3, 5), torch.rand(2, 3, 8)], dict(negative_mining_ratio=1)),
        ("_contrib_MultiBoxDetection", [torch.rand(2, 3, 8), torch.rand(2, 32), boxes], dict(nms_topk=3)),
        (
            "_contrib_MultiProposal",
            [torch.rand(1, 2, 3, 3), torch.rand(1, 4, 3, 3), torch.tensor([[12.0, 12, 1]])],
            rpn,
        ),
        ("_contrib_ROIAlign", [torch.rand(1, 4, 5, 5), rois], dict(sample_ratio=2, **size)),
        ("_contrib_ROIAlign", [torch.rand(1, 4, 5, 5), rois], size),
        ("ROIPooling", [torch.rand(1, 4, 5, 5), rois], size),
    ]


@pytest.mark.parametrize("at", range(8))
def test_meta_tensors_have_the_shapes_and_dtypes_of_the_result(at):
    name, inputs, attrs = _examples()[at]
    found, expected = call(name, *(t.to("meta") for t in inputs), **attrs), call(name, *inputs, **attrs)
    pairs = zip(found, expected, strict=True) if isinstance(found, tuple) else [(found, expected)]
    assert all(f.shape == e.shape and f.dtype == e.dtype and f.is_meta for f, e in pairs)


@pytest.mark.parametrize("at", range(6))
def test_they_are_one_graph(at):
    """Compiled without a break: sequential parts are operators of torch's own."""
    name, inputs, attrs = _examples()[at]
    compiled = torch.compile(lambda *tensors: call(name, *tensors, **attrs), backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(*inputs), call(name, *inputs, **attrs))
