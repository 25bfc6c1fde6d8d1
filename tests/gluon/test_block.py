"""Blocks against real MXNet's: names, children, attributes, hooks, initialisation."""

import copy
import pickle

import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import UnsupportedError
from tests.oracle import gluon_block as scenario
from tests.oracle.scenario import read, same

GOLDEN = read("gluon_block")


@pytest.fixture(scope="module")
def found():
    return scenario.results(mx)


def test_all_scenarios_ran(found):
    assert set(found) == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_as_mxnet(found, name):
    assert same(found[name], GOLDEN[name], rtol=1e-6, atol=1e-7), f"{found[name]}\n{GOLDEN[name]}"


def dense_net(prefix="net_"):
    net = mx.gluon.nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(mx.gluon.nn.Dense(3, in_units=2, activation="relu"), mx.gluon.nn.BatchNorm(in_channels=3))
        net.add(mx.gluon.nn.Dense(1, in_units=3))
    net.initialize(mx.init.Constant(0.5))
    return net


@pytest.mark.parametrize("hybridize", [False, True])
@pytest.mark.parametrize("make", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_copies_can_be_trained(make, hybridize):
    # In MXNet copies have lost their gradients, and hybridized Blocks cannot be copied.
    net, x = dense_net(), mx.nd.array([[1.0, 2.0]])
    if hybridize:
        net.hybridize()
    wanted = net(x)
    twin = make(net)
    assert (twin(x).asnumpy() == wanted.asnumpy()).all()
    trainer = mx.gluon.Trainer(twin.collect_params(), "sgd", {"learning_rate": 0.1})
    with mx.autograd.record():
        loss = twin(x).sum()
    loss.backward()
    trainer.step(1)
    assert (net(x).asnumpy() == wanted.asnumpy()).all()
    assert (twin[2].bias.data().asnumpy() != net[2].bias.data().asnumpy()).all()
    assert twin[0].weight._trainer is trainer and net[0].weight._trainer is None


def test_copies_keep_their_contexts():
    net = mx.gluon.nn.Dense(2, in_units=2)
    net.initialize(ctx=[mx.cpu(0), mx.cpu(1)])
    net.weight.list_data()[1][:] = 7
    twin = copy.deepcopy(net)
    assert twin.weight.list_ctx() == [mx.cpu(0), mx.cpu(1)]
    assert (twin.weight.data(mx.cpu(1)).asnumpy() == 7).all()


def test_op_hooks_get_text_and_arrays():
    # MXNet passes bytes and the address of a handle.
    seen = []
    net = dense_net()
    net.register_op_hook(lambda name, op, array: seen.append((name, op, array)))
    net.hybridize()
    out = net(mx.nd.ones((4, 2)))
    assert [name for name, _, _ in seen][0] == "net_dense0_fwd_output"
    assert (seen[-1][2].asnumpy() == out.asnumpy()).all()


def test_whole_models_have_other_files(tmp_path):
    for call in (dense_net().save, dense_net().load):
        with pytest.raises(UnsupportedError, match=r"Block\.(save|load)"):
            call(str(tmp_path / "net"))


def test_overriding_a_parameter_names_it():
    # MXNet's text has a %s in its place.
    net = mx.gluon.nn.Dense(1)
    with pytest.raises(AssertionError, match="Overriding Parameter attribute weight"):
        net.weight = mx.gluon.Parameter("other")
