"""Products of a sequence's steps with the same weights are one product in the lowered graph, with the same results."""

from __future__ import annotations

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.cached_op import CachedOp
from mxgluon_compat.symbol.steps import product_of_parts


def products(op):
    return sum(node.target is product_of_parts for node in op.graph().graph.nodes)


def both(sym, arrays):
    """(results, gradients) of the lowered graph and of node after node."""
    found = []
    for monitored in (False, True):
        for x in arrays:
            x.attach_grad()
        op = CachedOp(sym, {})
        with mx.autograd.record():
            tensors = [x._data for x in arrays]
            if monitored:
                out = op.run_monitored(tensors, mx.cpu(), [(lambda *_: None, False)])
            else:
                out = op.run(tensors, mx.cpu())
            out = [mx.nd.NDArray(t, mx.cpu()) for t in out]
            total = sum((o * (i + 1)).sum() for i, o in enumerate(out))
        total.backward()
        found.append([*(o.asnumpy() for o in out), *(x.grad.asnumpy() for x in arrays)])
    return found


@pytest.mark.parametrize(
    ("shape", "axis", "flatten", "bias", "merged"),
    [
        ((2, 3, 4), 1, True, True, 1),
        ((3, 2, 4), 0, True, True, 1),
        ((2, 3, 4), -2, False, False, 1),
        ((2, 5, 3), 2, True, True, 1),  # parts along the last axis are no rows of one product
        ((3, 2, 2, 2), 0, True, True, 1),  # nor are images flattened together
        ((2, 3, 2, 4), 1, False, True, 1),
    ],
)
def test_same_results(shape, axis, flatten, bias, merged):
    steps = shape[axis]
    parts = mx.sym.split(mx.sym.var("x"), num_outputs=steps, axis=axis, squeeze_axis=True)
    weights = [mx.sym.var("w"), *([mx.sym.var("b")] if bias else [])]
    made = [
        mx.sym.FullyConnected(parts[t], *weights, num_hidden=6, flatten=flatten, no_bias=not bias) for t in range(steps)
    ]
    sym = mx.sym.Group([mx.sym.tanh(m) for m in made])
    assert products(CachedOp(sym, {})) == merged
    rest = [n for i, n in enumerate(shape) if i != axis % len(shape)]
    width = int(np.prod(rest[1:])) if flatten else rest[-1]
    random = np.random.RandomState(0)
    arrays = [mx.nd.array(random.standard_normal(s)) for s in (shape, (6, width), (6,))[: 2 + bias]]
    for found, expected in zip(*both(sym, arrays), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_only_what_is_alike_goes_together():
    x, w, v = mx.sym.var("x"), mx.sym.var("w"), mx.sym.var("v")
    parts = mx.sym.split(x, num_outputs=2, axis=1, squeeze_axis=True)

    def product(part, weight, **kwargs):
        return mx.sym.FullyConnected(part, weight, num_hidden=4, no_bias=True, **kwargs)

    alike = [mx.sym.tanh(product(parts[t], w)) for t in range(2)]
    assert products(CachedOp(mx.sym.Group(alike), {})) == 1
    assert products(CachedOp(mx.sym.Group([product(parts[t], w) for t in range(2)]), {})) == 0  # outputs
    other = [mx.sym.tanh(product(parts[0], w)), mx.sym.tanh(product(parts[1], v))]
    assert products(CachedOp(mx.sym.Group(other), {})) == 0  # other weights
    other = [mx.sym.tanh(product(parts[0], w)), mx.sym.tanh(product(parts[1], w, flatten=False))]
    assert products(CachedOp(mx.sym.Group(other), {})) == 0  # other attributes
    whole = mx.sym.split(x, num_outputs=2, axis=1)
    other = [mx.sym.tanh(product(whole[t], w)) for t in range(2)]
    assert products(CachedOp(mx.sym.Group(other), {})) == 0  # parts that keep the axis


def test_unrolled_cells_have_one_product_of_the_inputs():
    net = mx.gluon.rnn.BidirectionalCell(mx.gluon.rnn.LSTMCell(2, input_size=3), mx.gluon.rnn.GRUCell(2, input_size=3))
    outputs, states = net.unroll(4, mx.sym.var("x"), merge_outputs=True)
    op = CachedOp(mx.sym.Group([outputs, *states]), {})
    assert products(op) == 2
    assert sum(n.op == "call_function" and n.name.endswith("i2h") for n in op.graph().graph.nodes) == 0
