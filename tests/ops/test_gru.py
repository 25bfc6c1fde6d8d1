"""The GRU whose gradient is written by hand, beside torch's."""

from __future__ import annotations

import pytest
import torch

from mxgluon_compat.ops import gru, products

STEPS, BATCH, INPUT, SIZE = 5, 2, 3, 4


def drawn(layers, both, dtype=torch.float64):
    """(module, data, state, cells)"""
    torch.manual_seed(0)
    module = torch.nn.GRU(INPUT, SIZE, layers, bidirectional=both, dtype=dtype)
    stacked = layers * (2 if both else 1)
    data, state = (torch.randn(s, dtype=dtype) for s in ((STEPS, BATCH, INPUT), (stacked, BATCH, SIZE)))
    weights = list(module.parameters())
    return module, data, state, [weights[4 * i : 4 * i + 4] for i in range(stacked)]


def loss(outputs, end):
    return (outputs * outputs).sum() + (end * end * end).sum()


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("both", [False, True])
def test_values_and_two_derivatives(layers, both):
    module, data, state, cells = drawn(layers, both)
    variables = [data.requires_grad_(), state.requires_grad_(), *module.parameters()]
    assert gru.differentiates_faster(variables)
    results = []
    for outputs in (module(data, state), gru.gru_layers(data, state, cells, both)):
        total = loss(*outputs)
        once = torch.autograd.grad(total, variables, retain_graph=True)
        again = torch.autograd.grad(total, variables, create_graph=True)
        twice = torch.autograd.grad(sum((g * g).sum() for g in again), variables)
        results.append([*outputs, *once, *again, *twice])
    for a, b in zip(*results, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("both", [False, True])
def test_by_onednn(both, monkeypatch):
    if not hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        pytest.skip("this torch has no oneDNN")
    monkeypatch.setattr(products, "_mkl_is_slow", lambda: True)
    monkeypatch.setattr(products, "_LARGE", 1)
    module, data, state, cells = drawn(2, both, torch.float32)
    variables = [data.requires_grad_(), state.requires_grad_(), *module.parameters()]
    results = [
        [*outputs, *torch.autograd.grad(loss(*outputs), variables)]
        for outputs in (module(data, state), gru.gru_layers(data, state, cells, both))
    ]
    for a, b in zip(*results, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("wanted", ["data", "state", "one weight", "all weights"])
def test_gradients_of_some(wanted):
    module, data, state, cells = drawn(2, True)
    module.requires_grad_(False)
    variables = {
        "data": [data], "state": [state], "one weight": [cells[1][0]], "all weights": list(module.parameters()),
    }[wanted]  # fmt: skip
    for variable in variables:
        variable.requires_grad_()
    for create in (False, True):
        found, expected = (
            torch.autograd.grad(loss(*outputs), variables, create_graph=create)
            for outputs in (gru.gru_layers(data, state, cells, True), module(data, state))
        )
        for a, b in zip(found, expected, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-11)


def test_one_output_alone():
    module, data, state, cells = drawn(1, False)
    for i in (0, 1):
        found, expected = (
            torch.autograd.grad(outputs[i].sum(), list(module.parameters()))
            for outputs in (gru.gru_layers(data, state, cells, False), module(data, state))
        )
        for a, b in zip(found, expected, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-11)


def test_outputs_keep_to_themselves():
    """What is written into an output changes neither the other nor what is known of it when a gradient is taken."""
    module, data, state, cells = drawn(1, False)
    outputs, end = gru.gru_layers(data, state, cells, False)
    kept = end.detach().clone()
    with torch.no_grad():
        outputs.zero_()
    torch.testing.assert_close(end.detach(), kept)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        end.sum().backward()


def test_where_torch_is_taken():
    module, data, state, _ = drawn(1, False)
    variables = [data, state, *module.parameters()]
    assert gru.differentiates_faster(variables)
    with torch.no_grad():
        assert not gru.differentiates_faster(variables)
    assert not gru.differentiates_faster([t.detach() for t in variables])
    assert not gru.differentiates_faster([t.to(torch.bfloat16) for t in variables])
    assert not gru.differentiates_faster([t.to("meta") for t in variables])
