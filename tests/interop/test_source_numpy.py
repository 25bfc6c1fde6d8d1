"""Source text of Blocks on arrays of mx.np: it computes what the Block does, and its gradient."""

from __future__ import annotations

import numpy as onp
import pytest
import torch

from mxgluon_compat import autograd, gluon, np, npx
from mxgluon_compat.base import UnsupportedError
from mxgluon_compat.interop import to_torch_source
from mxgluon_compat.interop.source.numpy_rows import NUMPY
from mxgluon_compat.symbol.node import walk

EXPRESSIONS = """
x[0] | x[-1, 1] | x[:, -1] | x[1:] | x[..., 0] | x[:, None] * 2 | x[0, 1, 2] * x
x.sum() | x.sum(axis=1) | x.mean(axis=(0, 2), keepdims=True) | x.max(axis=1) | x.min() | F.np.prod(x, axis=0)
x.std() | x.var(axis=1, ddof=1, keepdims=True) | F.npx.one_hot(F.np.argmax(x, axis=2), 4) * x
F.npx.one_hot(F.np.argmin(x, axis=2), 4) * x | F.np.exp(x) + F.np.tanh(x) * 2 - 1 / (x + 3) | 2**x | 1 - x | x / 2
-x | abs(x) | F.np.sqrt(F.np.square(x) + 1) | F.np.log1p(F.np.expm1(x) + 2) | x / (x + 3) | (x + 2) ** x | (x + 2) ** 2
F.np.sin(x) + F.np.cos(x) * F.np.sinh(x) - F.np.arctan(x) | F.np.reciprocal(x + 2) | F.np.cosh(F.np.degrees(x) / 60)
F.np.arcsin(x / 2) * F.np.arccos(x / 2) + F.np.arctanh(x / 2) | F.np.arcsinh(x) - F.np.arccosh(x + 3) | F.np.tan(x)
F.np.log(x + 2) - F.np.log2(x + 2) * F.np.log10(x + 3) + F.np.radians(x) | F.np.negative(x) * F.np.sign(x) * x
(F.np.floor(x * 3) + F.np.ceil(x * 3) + F.np.trunc(x * 2) + F.np.fix(x * 2)) * x | F.np.copy(x) * x
F.np.dot(x, x[0].T) | F.np.dot(x, x[0, 0]) | F.np.dot(x, x.sum()) | F.np.dot(x[0], x[1].T)
F.np.dot(x, x.swapaxes(1, 2)) | ((x - 1) < 0.3) * x
F.np.matmul(x, x.transpose(0, 2, 1)) | F.np.einsum("ijk,ilk->ijl", x, x) | F.npx.batch_dot(x, x, transpose_b=True)
x.reshape(-1) * 2 | x.reshape(2, -1) * 2 | x.sum().reshape(()) | F.npx.reshape(x, (-2, -1)) * 2 | x.T * 2 | x[0].T * 2
F.npx.reshape(x, (-2, -4)) * 2 | x.flatten() * 2 | F.np.squeeze(x[:1]) * 2 | F.np.squeeze(x[:1], axis=0) * 2
F.np.concatenate([x, x * 2], axis=-1) | F.np.stack([x, x * 2]) | F.np.split(x * 2, 2, axis=2)
F.np.expand_dims(x, 1) * 2 | F.np.stack([x, x], axis=-1)
F.np.broadcast_to(x[:1], (2, 3, 4)) * x | F.npx.relu(x) | F.npx.sigmoid(x) | F.npx.softmax(x) | F.np.clip(x, 0, 1)
F.np.where(x > 0, x, x * 0.1) | F.np.where(x, x, x * 0.1) | (x > 0.5) * x + (x <= 0.1) * x + (x == x) * x | (x != x) * x
(0.2 < x) * x + (x >= 0.3) * x + (x < x[0]) * x + (x > x[1]) * x + (x >= x[0]) * x + (x <= x[0]) * x + (x == 0.5) * x
(x != 0.5) * x | F.np.ones((2, 1, 1)) * x + F.np.zeros((4,)) | x.astype("float64") * 2
"""
CASES = [case.strip() for line in EXPRESSIONS.strip().splitlines() for case in line.split(" | ")]
SEEN: set[str] = set()


@pytest.fixture(autouse=True)
def _np_mode():
    npx.set_np()
    yield
    npx.reset_np()


def block(text):
    """A HybridBlock that computes an expression of F and x."""

    class Net(gluon.HybridBlock):
        def hybrid_forward(self, F, x):  # noqa: N803
            return eval(text)

    return Net()


@pytest.mark.parametrize("text", CASES)
def test_computes_the_same(text):
    x = np.array(onp.sin(onp.arange(24)).reshape(2, 3, 4).astype("float32"))
    net = block(text)
    made = to_torch_source(net, x)
    assert made.difference < 1e-6
    tensor = torch.tensor(x.asnumpy(), requires_grad=True)
    outputs = made.module()(tensor)
    total = sum(o.double().sum() for o in (outputs if isinstance(outputs, (list, tuple)) else [outputs]))
    total.backward()
    x.attach_grad()
    with autograd.record():
        outputs = net(x)
    autograd.backward(outputs if isinstance(outputs, list) else [outputs])
    onp.testing.assert_allclose(tensor.grad.numpy(), x.grad.asnumpy(), rtol=1e-5, atol=1e-6)
    net.hybridize()
    net(x)
    SEEN.update(n.op.name for n in walk(net._cached_graph[1]._outputs) if n.op is not None)


def test_every_row_was_seen():
    assert set(NUMPY) - SEEN == set()


def test_of_layers():
    net = gluon.nn.HybridSequential()
    net.add(
        gluon.nn.Conv2D(2, 3),
        gluon.nn.BatchNorm(),
        gluon.nn.Activation("relu"),
        gluon.nn.Dense(4),
        gluon.nn.LayerNorm(),
    )
    net.initialize()
    x = np.ones((2, 1, 6, 6))
    net(x)
    assert to_torch_source(net, x).difference < 1e-6


def test_refused():
    for text, reason in (
        ("F.np.linalg.norm(x)", "_npi_norm .* has no translation"),
        ("x.sum(dtype='float64')", "dtype"),
        ("F.np.concatenate([x, x], axis=None)", "axis=None"),
        ("F.npx.reshape(x, (-5, -4))", "newshape"),
        ("F.np.max(x, axis=())", "axis"),
    ):
        with pytest.raises(UnsupportedError, match=reason):
            to_torch_source(block(text), np.ones((2, 3, 4)))
