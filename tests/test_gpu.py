"""On a CUDA device: the same training run gives the CPU's numbers, and arrays know where they are."""

from __future__ import annotations

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat import autograd, gluon
from mxgluon_compat.gluon import nn

pytestmark = pytest.mark.gpu


def _net():
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Conv2D(8, 3, padding=1), nn.BatchNorm(), nn.Activation("relu"), nn.MaxPool2D(), nn.Dense(5))
    return net


def _losses(ctx, **flags):
    random = np.random.RandomState(0)
    images, labels = random.uniform(size=(16, 1, 8, 8)).astype("float32"), random.randint(0, 5, 16)
    mx.random.seed(0)
    net = _net()
    net.initialize(mx.init.Xavier(), ctx=mx.cpu())
    net(mx.nd.zeros((1, 1, 8, 8)))
    net.collect_params().reset_ctx(ctx)  # weights are drawn on the CPU, so that both start from the same
    if flags:
        net.hybridize(**flags)
    x, y = mx.nd.array(images, ctx=ctx), mx.nd.array(labels, ctx=ctx)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9})
    loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
    found = []
    for _ in range(5):
        with autograd.record():
            loss = loss_fn(net(x), y)
        loss.backward()
        trainer.step(16)
        assert loss.context == ctx
        found.append(float(loss.mean().asscalar()))
    return found


@pytest.mark.filterwarnings(r"ignore:::torch\._inductor")  # what else this GPU could do
@pytest.mark.parametrize("flags", [{}, {"active": True}, {"static_alloc": True, "static_shape": True}])
def test_training_follows_the_cpu(flags):
    assert _losses(mx.gpu(0), **flags) == pytest.approx(_losses(mx.cpu()), rel=2e-3)


def test_copies_and_errors():
    x = mx.nd.ones((2, 3), ctx=mx.gpu(0))
    assert x.context == mx.gpu(0)
    assert x.as_in_context(mx.cpu()).context == mx.cpu()
    with pytest.raises(mx.MXNetError, match="on one device"):
        mx.nd.broadcast_add(x, mx.nd.ones((2, 3)))
    with mx.gpu(0):
        assert mx.nd.zeros((1,)).context == mx.gpu(0)
    net = nn.Dense(2, in_units=3)
    net.initialize(ctx=mx.gpu(0))
    with pytest.raises(RuntimeError, match="not initialized on context cpu"):
        net(mx.nd.ones((2, 3)))


def test_random_streams_are_reproducible():
    draws = []
    for _ in range(2):
        mx.random.seed(5)
        draws.append(mx.nd.random.normal(shape=(100,), ctx=mx.gpu(0)).asnumpy())
    assert np.array_equal(*draws)
