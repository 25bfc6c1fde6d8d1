"""What the case tables cannot hold: calls with which MXNet spoils memory or its inputs, and rules for all operators."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mxgluon_compat import streams
from mxgluon_compat.ops import OPERATORS, registry

from . import spec
from .test_table import _rows as all_rows


def call(name, *inputs, **attrs):
    op = registry.get(name)
    return op.fn(*inputs, **op.arguments(op.parse(attrs)))


def test_sequence_last_has_a_gradient_without_lengths():
    data = torch.arange(12.0).reshape(3, 2, 2).requires_grad_()
    call("SequenceLast", data).sum().backward()
    expected = torch.zeros(3, 2, 2)
    expected[2] = 1
    assert torch.equal(data.grad, expected)


def test_gather_nd_has_a_gradient_for_negative_indices():
    data = torch.arange(6.0).reshape(2, 3).requires_grad_()
    (call("gather_nd", data, torch.tensor([[1, -1], [-3, 2]])) * torch.tensor([2.0, 5.0])).sum().backward()
    assert torch.equal(data.grad, torch.tensor([[0.0, 0.0, 0.0], [2.0, 0.0, 5.0]]))


def test_sequence_lengths_out_of_range_take_the_nearest_step():
    data = torch.arange(6.0).reshape(3, 2)
    last = call("SequenceLast", data, torch.tensor([0, 9]), use_sequence_length=True)
    assert torch.equal(last, torch.tensor([0.0, 5.0]))
    flipped = call("SequenceReverse", data, torch.tensor([0, 9]), use_sequence_length=True)
    assert torch.equal(flipped, torch.tensor([[0.0, 5.0], [2.0, 3.0], [4.0, 1.0]]))


def test_float16_ramps_keep_their_fractions():
    op = registry.get("_arange")
    attrs = op.arguments(op.parse(dict(start=0.5, stop=2, step=0.25, dtype="float16")))
    ramp = op.fn(**attrs, device=torch.device("cpu"))
    assert ramp.tolist() == [0.5, 0.75, 1.0, 1.25, 1.5, 1.75]


@pytest.mark.parametrize("name", ["_adamw_update", "_mp_adamw_update"])
def test_adamw_rescales_and_bounds_without_changing_the_gradient(name):
    """MXNet 1.9.1 gives these numbers, and writes the bounded gradient back, which we do not."""
    weight, grad = torch.tensor([1.0, 2.0]), torch.tensor([0.5, -3.0])
    mean, var, scale = torch.tensor([0.1, 0.2]), torch.tensor([0.1, 0.2]), torch.tensor([2.0])
    copy = [weight.clone()] if name == "_mp_adamw_update" else []
    new = call(name, weight, grad, mean, var, *copy, scale, lr=0.1, eta=0.5, wd=0.01, clip_gradient=1)
    np.testing.assert_allclose(new, [0.965092658996582, 1.9810736179351807], rtol=1e-6)
    np.testing.assert_allclose(mean, [0.1900000274181366, 0.07999996840953827], rtol=1e-6)
    np.testing.assert_allclose(var, [0.10089998692274094, 0.20079998672008514], rtol=1e-6)
    assert grad.tolist() == [0.5, -3.0]


@pytest.mark.parametrize("scale", [0.0, float("inf"), float("nan")])
def test_adamw_skips_a_step_whose_scale_is_of_no_use(scale):
    weight, grad = torch.tensor([1.0, 2.0]), torch.tensor([float("nan"), -3.0])
    mean, var = torch.tensor([0.1, 0.2]), torch.tensor([0.1, 0.2])
    new = call("_adamw_update", weight, grad, mean, var, torch.tensor([scale]), lr=0.1, eta=0.5, wd=0.01)
    assert torch.equal(new, weight)
    assert torch.equal(mean, torch.tensor([0.1, 0.2])) and torch.equal(var, torch.tensor([0.1, 0.2]))


def test_operators_declare_their_outputs_and_whether_these_are_views():
    """For every case of every family: as many outputs as named, a tuple where promised, and no undeclared view."""
    cpu = torch.device("cpu")
    supplied = {"training": False, "stream": streams.stream_for(cpu), "device": cpu}
    checked, wrong = set(), set()
    for row in all_rows():
        _, case, dtype = row.values
        op = OPERATORS.get(case["op"])
        if case.get("error") or op is None:
            continue
        parsed = op.parse(case.get("attrs", {}))
        tensors = [None if a is None else torch.from_numpy(np.array(a)) for a in spec.arrays_of(case, dtype)[0]]
        results = op.fn(*tensors, **op.arguments(parsed), **{k: supplied[k] for k in op.supplied})
        if isinstance(results, tuple) is op.single_output:
            wrong.add((op.name, "tuple or not"))
        results = results if isinstance(results, tuple) else (results,)
        if len(results) != len(op.output_names(parsed)):
            wrong.add((op.name, "number of outputs"))
        memory = {t.untyped_storage().data_ptr() for t in tensors if t is not None and t.numel()}
        if not op.may_alias and any(
            r.numel() and r.untyped_storage().data_ptr() in memory for r in results[: op.visible_outputs(parsed)]
        ):
            wrong.add((op.name, "undeclared view"))
        checked.add(op.name)
    assert not wrong
    assert len(checked) > 100


@pytest.mark.parametrize(
    ("name", "shape", "attribute", "others"),
    [
        ("Pooling", (1, 1, 4, 4), "stride", {"kernel": (2, 2), "pool_type": "max"}),
        ("Pooling", (1, 1, 4, 4), "pad", {"kernel": (2, 2), "pool_type": "max"}),
        ("slice_like", (3, 4), "axes", {}),
        ("transpose", (3, 4), "axes", {}),
    ],
)
@pytest.mark.parametrize("none", [None, "None"])
def test_none_for_a_shape_is_as_left_out(name, shape, attribute, others, none):
    inputs = [torch.arange(float(np.prod(shape))).reshape(shape)] + [torch.zeros(2, 3)] * (name == "slice_like")
    found, wanted = call(name, *inputs, **{attribute: none}, **others), call(name, *inputs, **others)
    found, wanted = (r[0] if isinstance(r, tuple) else r for r in (found, wanted))
    assert torch.equal(found, wanted)


def test_flip_counts_negative_axes_from_the_end():
    assert call("reverse", torch.arange(6.0).reshape(2, 3), axis=(-1,)).tolist() == [[2, 1, 0], [5, 4, 3]]
