"""Creation, manipulation and indices of mx.np in hybridized Blocks: as without."""

from __future__ import annotations

import numpy as onp
import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import UnsupportedError

# Of m (2, 3), v (3,), positions i.
EXPRESSIONS = """
F.np.reshape(m, (3, 2))
F.np.reshape(m, -1)
m.reshape(-1)
m.reshape((3, -1))
m.reshape(2, 1, 3)
m.T
m.transpose(1, 0)
m.transpose()
F.np.transpose(m)
F.np.transpose(m, (1, 0))
F.np.ravel(m)
m.flatten()
F.np.moveaxis(m, 0, 1)
F.np.swapaxes(m, 0, 1)
m.swapaxes(0, 1)
F.np.squeeze(F.np.expand_dims(m, 0))
F.np.expand_dims(m, -1)
F.np.broadcast_to(m, (2, 2, 3))
F.np.broadcast_to(v, (2, 3))
F.np.concatenate([m, m], axis=1)
F.np.concatenate([m, m], axis=None)
F.np.append(m, m)
F.np.stack([m, m], axis=1)
F.np.vstack([m, v])
F.np.hstack([v, v])
F.np.dstack([m, m])
F.np.column_stack([v, v])
F.np.split(m, 3, axis=1)[1]
F.np.split(v, (1,))[1]
F.np.split(v, 3)[2]
F.np.array_split(v, 2)[0]
F.np.hsplit(m, 3)[1]
F.np.vsplit(m, 2)[1]
F.np.flip(m, 1)
F.np.flip(m)
F.np.flipud(m)
F.np.fliplr(m)
F.np.roll(m, 1)
F.np.roll(m, 1, axis=1)
F.np.rot90(m)
F.np.tile(m, 2)
F.np.tile(m, (2, 1, 2))
F.np.repeat(m, 2)
F.np.repeat(m, 2, axis=1)
m.repeat(2)
F.np.pad(m, ((1, 1), (0, 2)))
F.np.pad(m, ((1, 1), (0, 2)), 'edge')
F.np.insert(m, 1, 9, axis=1)
F.np.insert(m, 1, v, axis=0)
F.np.delete(m, 1, axis=1)
F.np.delete(m, 1)
F.np.diag(v)
F.np.diag(m)
F.np.diagonal(m)
F.np.diagflat(v)
F.np.trace(m)
F.np.tril(m)
F.np.where(m > 2, m, v)
F.np.where(m > 2, m, 0)
F.np.where(m > 2, 0, m)
F.np.where(m > 2, 0, 1)
F.np.take(m, i)
F.np.take(m, i, axis=1)
F.np.take(m, i, axis=1, mode='clip')
m.take(i)
F.np.sort(m, axis=0)
F.np.argsort(m)
m.argsort()
F.np.clip(m, 2, 3)
m.clip(2, 3)
F.np.copy(m)
F.np.around(m)
F.np.nan_to_num(m)
F.np.atleast_2d(v)
F.np.atleast_1d(v, m)[1]
F.np.zeros((2, 3)) + m
F.np.ones((2, 3), dtype='float32') + m
F.np.full((2, 3), 2) + m
F.np.arange(3) + v
F.np.arange(1, 4, 1) + v
F.np.linspace(0, 1, 3) + v
F.np.logspace(0, 1, 3) + v
F.np.eye(3) * v
F.np.identity(3) * v
F.np.indices((2, 3))[0] + m
F.np.hamming(3) + v
F.np.zeros_like(m)
F.np.ones_like(m) + m
F.np.full_like(m, 3) + m
F.npx.nonzero(m)
F.np.unique(m)
F.npx.reshape(m, (-2, 3))
F.npx.reshape(m, (-1,))
m[0]
m[0, 1]
m[:, 1]
m[:, 1:]
m[::-1]
m[..., 0]
m[None]
m[:, None]
m[-1]
m[0:1]
m[1:, 0]
m.astype('float16')
m.astype('int32')
m.squeeze()
"""


@pytest.fixture(autouse=True)
def np_mode():
    mx.npx.set_np()
    yield
    mx.npx.reset_np()


def run(expression, hybridize):
    """The first result, and the gradients of m and v."""

    class Net(mx.gluon.HybridBlock):
        def hybrid_forward(self, F, m, v, i):  # noqa: N803
            y = eval(expression, {"F": F, "m": m, "v": v, "i": i})
            return [y[0] if isinstance(y, (list, tuple)) else y, m, v, i]  # all of them used

    net = Net()
    if hybridize:
        net.hybridize()
    m, v = mx.np.array([[3.0, 1, 2], [5, 4, 4]]), mx.np.array([1.0, 2.0, 3.0])
    m.attach_grad()
    v.attach_grad()
    with mx.autograd.record():
        y = net(m, v, mx.np.array([0, 1], dtype="int32"))[0]
        head = (y * 2 * (m.sum() + v.sum())).sum() if y.dtype == onp.float32 else (m * v).sum()
    head.backward()
    return y, m.grad, v.grad


@pytest.mark.parametrize("expression", EXPRESSIONS.strip().splitlines())
def test_as_without(expression):
    for one, other in zip(run(expression, True), run(expression, False), strict=True):
        assert type(one) is type(other) is mx.np.ndarray
        assert one.dtype == other.dtype
        onp.testing.assert_allclose(one.asnumpy(), other.asnumpy(), rtol=1e-6, strict=True)


@pytest.mark.parametrize("key", ["[i]", "[m > 2]"])
def test_keys_that_graphs_have_not(key):
    with pytest.raises(UnsupportedError, match="index"):
        run(f"m{key}", True)
