"""Optimizers against real MXNet's."""

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from tests.oracle import optimizer, optimizer_sparse
from tests.scenarios import against_mxnet

# Rules in float16 round after each term, and the terms come in another order.
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    optimizer, optimizer_sparse,
    tolerance=lambda name: (3e-2, 3e-3) if "float16 multi_precision=False" in name else (1e-6, 1e-6),
)  # fmt: skip


def arrays(count=3, dtype="float32"):
    random = np.random.RandomState(0)
    return [mx.nd.array(random.uniform(-1, 1, (4, 3)), dtype=dtype) for _ in range(count)]


@pytest.mark.parametrize("clip", [None, 0.1])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sgd_is_its_operator(clip, momentum):
    weight, grad, _ = arrays()
    twin = weight.copy()
    optimizer = mx.optimizer.SGD(learning_rate=0.1, momentum=momentum, wd=0.01, clip_gradient=clip, rescale_grad=0.5)
    state, mom = optimizer.create_state(0, weight), mx.nd.zeros(weight.shape)
    options = {"lr": 0.1, "wd": 0.01, "rescale_grad": 0.5, "clip_gradient": -1 if clip is None else clip}
    for _ in range(3):
        optimizer.update(0, weight, grad, state)
        if momentum:
            mx.nd.sgd_mom_update(twin, grad, mom, momentum=momentum, out=twin, **options)
        else:
            mx.nd.sgd_update(twin, grad, out=twin, **options)
    assert (weight.asnumpy() == twin.asnumpy()).all()


def test_adam_is_its_operator():
    weight, grad, _ = arrays()
    twin = weight.copy()
    optimizer = mx.optimizer.Adam(learning_rate=0.1, wd=0.01)
    state = optimizer.create_state(0, weight)
    mean, var = mx.nd.zeros(weight.shape), mx.nd.zeros(weight.shape)
    for t in range(1, 4):
        optimizer.update(0, weight, grad, state)
        lr = 0.1 * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t)
        mx.nd.adam_update(twin, grad, mean, var, lr=lr, wd=0.01, out=twin)
    assert np.allclose(weight.asnumpy(), twin.asnumpy(), rtol=1e-7, atol=0)


def test_rules_run_on_many_tensors_at_once(monkeypatch):
    calls = []
    real = torch._foreach_add_
    monkeypatch.setattr(torch, "_foreach_add_", lambda *a, **k: calls.append(len(a[0])) or real(*a, **k))
    weights = arrays(5)
    updater = mx.optimizer.get_updater(mx.optimizer.SGD(learning_rate=0.1))
    updater(list(range(5)), arrays(5), weights)
    assert calls == [5]


def test_states_without_the_optimizer():
    weights, grads = arrays(2), arrays(2)
    updater = mx.optimizer.get_updater(mx.optimizer.Adam(learning_rate=0.1))
    updater([0, "b"], grads, weights)
    other = mx.optimizer.get_updater(mx.optimizer.Adam(learning_rate=0.3))
    other.set_states(updater.get_states())
    assert other.optimizer.learning_rate == 0.3 and list(other.states) == [0, "b"]
    assert isinstance(other.states["b"], tuple)
    assert (other.states["b"][1].asnumpy() == updater.states["b"][1].asnumpy()).all()
    other.set_states(updater.get_states(dump_optimizer=True))
    assert other.optimizer.learning_rate == 0.1
    assert other.optimizer._index_update_count == {0: 1, "b": 1}


def test_states_that_no_file_can_hold():
    updater = mx.optimizer.get_updater(mx.optimizer.SGD())
    updater.states[0] = object()
    with pytest.raises(TypeError, match="object"):
        updater.get_states()
