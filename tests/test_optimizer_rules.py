"""Each optimizer, with all its arguments, against real MXNet's."""

import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError
from tests.oracle import optimizer_rules
from tests.scenarios import against_mxnet

# MXNet's leaves its gradient multiplied by rescale_grad there.
GRADIENTS = ("machinery: gradient after AdaDelta ", "machinery: gradient after AdaDelta epsilon=0.001 rho=0.7")


def tolerance(name):
    """Weights are about 1, and their float32 sums have their terms in another order than MXNet's."""
    if "multi_precision=False" in name and "float16" in name:
        return 3e-2, 1e-2  # rules in float16 round after each term
    if ("LAMB" in name or "LARS" in name) and "float16" in name:
        return 1e-3, 1e-6  # norms of halves, which MXNet squares as halves; the result has 11 bits
    return 1e-6, 1e-6


found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    optimizer_rules, tolerance=tolerance, differences=GRADIENTS
)


@pytest.mark.parametrize("name", GRADIENTS)
def test_adadelta_leaves_the_gradient(found, name):
    assert found[optimizer_rules][name]["values"] == [1.0, -2.0, 3.0, 0.5]


def test_dcasgd_with_momentum():
    """MXNet's stops there, on the truth of an array."""
    weight, grad, ones = mx.nd.array([1.0, 2.0]), mx.nd.array([1.0, -2.0]), mx.nd.ones(2)
    updater = mx.optimizer.get_updater(mx.optimizer.DCASGD(momentum=0.5, lamda=0.25, learning_rate=0.5))
    updater(0, grad, weight)
    assert weight.asnumpy().tolist() == [0.5, 3.0]
    updater(0, ones, weight)  # mom = 0.5 mom - lr (g + lamda g^2 (w - previous)): -0.25 - 0.5 (1 - 0.125), ...
    assert weight.asnumpy().tolist() == [-0.1875, 2.875]


def test_lbsgd_sums_gradients_of_one_array():
    """MXNet's keeps the first gradient's array, so that it would count the second gradient twice."""
    weight, grad = mx.nd.zeros(1), mx.nd.ones(1)
    updater = mx.optimizer.get_updater(mx.optimizer.LBSGD(batch_scale=2, warmup_epochs=0, learning_rate=1.0))
    updater(0, grad, weight)
    grad[:] = 3
    updater(0, grad, weight)
    assert weight.asscalar() == -4.0  # twice the rate, and the mean of both


@pytest.mark.parametrize("name", ["sgd", "sgld", "adagrad", "adadelta", "adamax", "nadam", "dcasgd", "groupadagrad"])
def test_a_negative_bound_is_none(name):
    def step(clip):
        mx.random.seed(1)
        weight, grad = mx.nd.ones((2, 2)), mx.nd.array([[1.0, -2], [3, 0.5]])
        mx.optimizer.get_updater(mx.optimizer.create(name, clip_gradient=clip))(0, grad, weight)
        return weight.asnumpy().tolist()

    assert step(-0.5) == step(None)


def test_norms_of_large_halves():
    """Their squares are infinite as halves: MXNet's LARS divides by that."""
    weight, grad = mx.nd.full(4, 400.0, dtype="float16"), mx.nd.ones(4, dtype="float16")
    updater = mx.optimizer.get_updater(mx.optimizer.LARS(eta=0.1, learning_rate=1.0, multi_precision=True))
    updater(0, grad, weight)
    assert weight.asnumpy().tolist() == [360.0] * 4  # 0.1 |w| / |g| is 40


def test_lamb_changes_its_copy():
    weight, ones = mx.nd.ones(4, dtype="float16"), mx.nd.ones(4, dtype="float16")
    optimizer = mx.optimizer.LAMB(learning_rate=0.1, multi_precision=True)
    state = optimizer.create_state_multi_precision(0, weight)
    for _ in range(2):
        optimizer.update_multi_precision(0, weight, ones, state)
    assert abs(state[0].asnumpy() - 0.81).max() < 1e-4 and abs(weight.asnumpy() - 0.81).max() < 1e-3


STATEFUL = (
    ("sgd", {"momentum": 0.9}), ("nag", {"momentum": 0.9}), ("signum", {}), ("dcasgd", {}), ("lars", {"momentum": 0.9}),
    ("adam", {}), ("adagrad", {}), ("adadelta", {}), ("adamax", {}), ("nadam", {}), ("rmsprop", {}),
    ("rmsprop", {"centered": True}), ("ftrl", {}), ("ftml", {}), ("lamb", {}),
)  # fmt: skip


@pytest.mark.parametrize("other", [(1, 3), (3, 4), (4, 5), (2,)])
@pytest.mark.parametrize(("name", "settings"), STATEFUL, ids=str)
def test_states_of_another_shape_are_refused(name, settings, other):
    """And nothing has changed: they may come from a file of another net."""

    def resized(state):
        if isinstance(state, (list, tuple)):
            return tuple(map(resized, state))
        return None if state is None else mx.nd.zeros(other)

    optimizer = mx.optimizer.create(name, **settings)
    weight = mx.nd.ones((4, 3))
    updater = mx.optimizer.get_updater(optimizer)
    updater(0, mx.nd.ones((4, 3)), weight)
    before = weight.asnumpy()
    updater.states[0] = resized(updater.states[0])
    with pytest.raises(MXNetError, match=r"Shape inconsistent: \w+ must have the weight's shape \(4, 3\), got"):
        updater(0, mx.nd.ones((4, 3)), weight)
    assert (weight.asnumpy() == before).all()


@pytest.mark.parametrize("name", ["sgd_mom_update", "nag_mom_update", "signum_update", "rmsprop_update"])
def test_operators_refuse_states_of_another_shape(name):
    weight, small = mx.nd.ones((4, 3)), mx.nd.zeros((1, 3))
    with pytest.raises(MXNetError, match="Shape inconsistent"):
        getattr(mx.nd, name)(weight, mx.nd.ones((4, 3)), small, lr=0.1)
