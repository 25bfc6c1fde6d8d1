"""Products by oneDNN against torch's own, whatever the processor."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch.autograd import forward_ad

import mxgluon_compat as mx
from mxgluon_compat.ops import products

CALLS = []


@pytest.fixture(autouse=True)
def by_onednn(monkeypatch):
    """As on a processor on which MKL is slow, for products of any size; the calls are counted."""
    if not hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        pytest.skip("this torch has no oneDNN")
    onednn = products._onednn
    CALLS.clear()
    monkeypatch.setattr(products, "_onednn", lambda *args: CALLS.append(args) or onednn(*args))
    monkeypatch.setattr(products, "_mkl_is_slow", lambda: True)
    monkeypatch.setattr(products, "_LARGE", 1)


def made(*shape, requires_grad=True):
    generator = torch.Generator().manual_seed(sum(shape))
    return torch.randn(shape, generator=generator).requires_grad_(requires_grad)


def close(found, wanted):
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shape", [(6, 5), (2, 3, 5), (5,), (40, 5)])
@pytest.mark.parametrize("biased", [True, False])
def test_linear_and_its_gradients(shape, biased):
    data, weight, bias = made(*shape), made(4, 5), made(4) if biased else None
    variables = [data, weight, *([bias] if biased else [])]
    results = []
    for linear in (products.linear, F.linear):
        out = linear(data, weight, bias)
        first = torch.autograd.grad(out.sigmoid().sum(), variables, create_graph=True)
        assert all(t.is_contiguous() for t in (out, *first))
        results.append((out, *first, *torch.autograd.grad(sum((g * g).sum() for g in first), variables)))
    assert len(CALLS) > 3
    for found, wanted in zip(*results, strict=True):
        close(found, wanted)


def test_products_of_strided_factors():
    left, right = made(7, 6)[:, 1:], made(5, 8)[:, ::2]
    close(products.mm(left, right), torch.mm(left, right))
    for rows, columns in ((9, 2), (2, 9)):  # the larger of the two factors first, and last
        left, right = made(5, rows), made(5, columns)
        close(products.transposed_mm(left, right), torch.mm(left.t(), right))
    assert len(CALLS) == 3


def test_a_weight_packed_once():
    data, weight, bias = made(3, 5), made(4, 5), made(4)
    with torch.no_grad():
        by_weight = products.linear_of(weight, 3)
        close(by_weight(data, bias), F.linear(data, weight, bias))
        close(by_weight(data[:, :5]), F.linear(data, weight))
    assert len(CALLS) == 2


def test_nothing_is_kept_for_gradients_that_nobody_wants():
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):
        products.linear(made(3, 5), made(4, 5, requires_grad=False))
    assert [tuple(t.shape) for t in kept] == [(4, 5)]


def test_layers_and_dot_take_this_way():
    x, w = mx.nd.array(made(3, 5).detach()), mx.nd.array(made(4, 5).detach())
    w.attach_grad()
    with mx.autograd.record():
        y = mx.nd.FullyConnected(x, w, no_bias=True, num_hidden=4) + mx.nd.dot(x, w, transpose_b=True)
    y.backward()
    assert len(CALLS) == 4
    close(y.to_torch(), 2 * F.linear(x.to_torch(), w.to_torch()))
    close(w.grad.to_torch(), 2 * x.to_torch().sum(0).expand(4, 5))


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning", "ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize(
    "way", ["trace", "autocast", "vmap", "grad", "forward", "float64", "meta", "fake", "compiling"]
)
def test_what_else_torch_does_sees_its_own_product(way, monkeypatch):
    data, weight = made(3, 5, requires_grad=False), made(4, 5, requires_grad=False)
    if way == "trace":
        assert "linear" in str(torch.jit.trace(lambda x: products.linear(x, weight), data, check_trace=False).graph)
    elif way == "autocast":
        with torch.autocast("cpu", torch.bfloat16):
            assert products.linear(data, weight).dtype is torch.bfloat16
    elif way == "vmap":
        found = torch.vmap(products.linear)(data.expand(2, 3, 5), weight.expand(2, 4, 5))
        assert found.shape == (2, 3, 4)
    elif way == "grad":
        close(torch.func.grad(lambda x: products.linear(x, weight).sum())(data), weight.sum(0).repeat(3, 1))
    elif way == "forward":
        with forward_ad.dual_level():
            tangent = forward_ad.unpack_dual(products.linear(forward_ad.make_dual(data, data), weight)).tangent
        close(tangent, F.linear(data, weight))
    elif way == "float64":
        assert products.linear(data.double(), weight.double()).dtype is torch.float64
    elif way == "meta":
        assert products.linear(data.to("meta"), weight.to("meta")).is_meta
    elif way == "fake":
        with torch._subclasses.FakeTensorMode() as mode:
            products.linear(mode.from_tensor(data), mode.from_tensor(weight))
    else:
        monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
        products.linear(data, weight)
    assert not CALLS


def test_small_products_are_left_to_torch(monkeypatch):
    monkeypatch.undo()
    assert not products._is_faster_by_onednn(made(2, 3), made(4, 3), 1)
    assert isinstance(products._mkl_is_slow(), bool)


@pytest.mark.parametrize(("data", "weight"), [((3, 5), (4, 6)), ((3, 5), (4,))])
def test_shapes_that_do_not_fit_are_refused_by_torch(data, weight):
    with pytest.raises(RuntimeError, match="size|shape"):
        products.linear(made(*data), made(*weight))
    assert not CALLS
