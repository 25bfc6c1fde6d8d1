"""Nets that are cast to float16, with float32 copies of the weights in the optimizer."""

from __future__ import annotations

import numpy as np
import pytest

import mxgluon_compat as mx
from tests.oracle import gluon_float16
from tests.scenarios import against_mxnet

# float16 has 11 bits, and sums are taken in another order; Adam's states in it lose most of them.
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    gluon_float16,
    tolerance=lambda name: (3e-2, 5e-3) if "adam ['epsilon'] multi_precision=False" in name else (5e-3, 2e-3),
)


nn = mx.gluon.nn


def make_net():
    mx.random.seed(2)
    net = nn.HybridSequential()
    net.add(nn.Conv2D(8, 3, padding=1, in_channels=1), nn.BatchNorm(in_channels=8), nn.Activation("relu"))
    net.add(nn.MaxPool2D(), nn.Flatten(), nn.Dense(10, in_units=8 * 16))
    net.initialize(mx.init.Xavier(), ctx=[mx.cpu(0), mx.cpu(1)])
    return net


def train(dtype, optimizer, settings, hybridize=True, steps=12):
    """The loop of image classification scripts: batches split over devices, and cast to the dtype."""
    net = make_net()
    net.cast(dtype)
    if hybridize:
        net.hybridize(static_alloc=True, static_shape=True)
    settings = dict(settings)
    if dtype != "float32":
        settings["multi_precision"] = True
    trainer = mx.gluon.Trainer(net.collect_params(), optimizer, settings)
    loss_of, metric = mx.gluon.loss.SoftmaxCrossEntropyLoss(), mx.metric.Accuracy()
    random = np.random.RandomState(0)
    labels = np.arange(16) % 4
    data = random.uniform(-0.3, 0.3, (16, 1, 8, 8)) + labels[:, None, None, None] / 4
    losses = []
    for _ in range(steps):
        parts = mx.gluon.utils.split_and_load(mx.nd.array(data), [mx.cpu(0), mx.cpu(1)])
        wanted = mx.gluon.utils.split_and_load(mx.nd.array(labels), [mx.cpu(0), mx.cpu(1)])
        with mx.autograd.record():
            outputs = [net(x.astype(dtype, copy=False)) for x in parts]
            loss = [loss_of(y, label.astype(dtype, copy=False)) for y, label in zip(outputs, wanted, strict=True)]
        for part in loss:
            part.backward()
        trainer.step(16)
        metric.update(wanted, outputs)
        losses.append(sum(part.mean().asscalar().item() for part in loss) / 2)
    return net, trainer, losses, metric.get()[1]


@pytest.mark.parametrize("hybridize", [False, True])
@pytest.mark.parametrize(
    ("optimizer", "settings"),
    [("sgd", {"learning_rate": 0.1, "momentum": 0.9, "wd": 1e-4}), ("adam", {"learning_rate": 0.01})],
)
def test_the_training_follows_that_in_float32(optimizer, settings, hybridize):
    net, _, losses, accuracy = train("float16", optimizer, settings, hybridize)
    _, _, wanted, _ = train("float32", optimizer, settings, hybridize)
    assert losses != wanted and losses[-1] < 0.6 * losses[0] and accuracy > 0.4
    assert np.allclose(losses, wanted, rtol=0.05, atol=0.02)
    dtypes = {name.rpartition("_")[2]: p.data().dtype for name, p in net.collect_params().items()}
    halves = {"weight", "bias"}
    assert {k for k, d in dtypes.items() if d is np.float16} == halves
    assert {d for k, d in dtypes.items() if k not in halves} == {np.float32}


def test_states_with_float32_copies_are_saved(tmp_path):
    """A training goes on from files as it would have gone on."""
    settings = {"learning_rate": 0.1, "momentum": 0.9}
    net, trainer, _, _ = train("float16", "sgd", settings, steps=3)
    net.save_parameters(str(tmp_path / "params"))
    trainer.save_states(str(tmp_path / "states"))
    other, second, _, _ = train("float16", "sgd", settings, steps=1)
    other.load_parameters(str(tmp_path / "params"))
    second.load_states(str(tmp_path / "states"))
    x = mx.nd.ones((2, 1, 8, 8), dtype="float16")
    for each, one in ((net, trainer), (other, second)):
        with mx.autograd.record():
            losses = [(each(x.as_in_context(c)) ** 2).sum() for c in (mx.cpu(0), mx.cpu(1))]
        mx.autograd.backward(losses)
        one.step(4)
    for (name, a), (_, b) in zip(net.collect_params().items(), other.collect_params().items(), strict=True):
        if "running" not in name:  # each device has its own, and their mean is saved
            assert (a.data(mx.cpu(0)).asnumpy() == b.data(mx.cpu(0)).asnumpy()).all(), name


def test_a_file_in_float32_goes_into_a_net_in_float16(tmp_path):
    net = make_net()
    net.save_parameters(str(tmp_path / "params"))
    other = make_net()
    other.cast("float16")
    other.load_parameters(str(tmp_path / "params"), cast_dtype=True)
    weights = [each[0].weight.data(mx.cpu(0)) for each in (net, other)]
    assert weights[1].dtype is np.float16
    assert (weights[0].asnumpy().astype("float16") == weights[1].asnumpy()).all()
