"""Blocks against real MXNet's: names, children, attributes, hooks, initialisation."""

import copy
import pickle
import threading

import pytest

import mxgluon_compat as mx
from tests.oracle import gluon_block, gluon_children, gluon_hooks, gluon_initialize, gluon_naming, gluon_reprs
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    gluon_block, gluon_children, gluon_hooks, gluon_initialize, gluon_naming, gluon_reprs, atol=1e-7
)


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


def test_overriding_a_parameter_names_it():
    # MXNet's text has a %s in its place.
    net = mx.gluon.nn.Dense(1)
    with pytest.raises(AssertionError, match="Overriding Parameter attribute weight"):
        net.weight = mx.gluon.Parameter("other")


def test_a_scope_inside_itself():
    # MXNet stops on an AttributeError of its own.
    net = mx.gluon.nn.HybridSequential(prefix="net_")
    with net.name_scope():
        with net.name_scope():
            assert mx.gluon.nn.Dense(1).prefix == "net_dense0_"
        assert mx.gluon.nn.Dense(1).prefix == "net_dense1_"
    assert not mx.gluon.nn.Dense(1).prefix.startswith("net_")


def test_a_scope_in_two_threads_at_once():
    # MXNet keeps what a scope replaced in the scope itself, so that one thread leaves it into the other's.
    net, barrier, after = mx.gluon.nn.HybridSequential(prefix="net_"), threading.Barrier(2), {}

    def build(number):
        outer = mx.gluon.nn.HybridSequential(prefix=f"outer{number}_")
        with outer.name_scope():
            barrier.wait()
            with net.name_scope():
                barrier.wait()
            after[number] = mx.gluon.nn.Dense(1).prefix

    threads = [threading.Thread(target=build, args=(i,)) for i in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert after == {0: "outer0_dense0_", 1: "outer1_dense0_"}
