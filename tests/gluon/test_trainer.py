"""Trainer against real MXNet's: steps, rates, contexts, stale gradients, users' optimizers."""

import pickle

import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError, UnsupportedError
from mxgluon_compat.kvstore.base import TestStore
from tests.oracle import gluon_trainer as scenario
from tests.oracle import gluon_trainer_changes
from tests.scenarios import against_mxnet

# Rules in float16 round after each term, and the terms come in another order.
HALF = "half: adam ['learning_rate'] multi_precision=False"
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    scenario, gluon_trainer_changes, tolerance=lambda name: (0.1 if name == HALF else 1e-5, 1e-6)
)


def scheduled(name):
    scheduler = mx.lr_scheduler.FactorScheduler(step=2, factor=0.5, base_lr=0.1)
    return name, {"learning_rate": 0.1, "lr_scheduler": scheduler, "wd": 0.01}


@pytest.mark.parametrize("on_kvstore", [None, False])
@pytest.mark.parametrize("contexts", [[mx.cpu(0)], [mx.cpu(0), mx.cpu(1)]])
@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_states_go_on_where_they_were(tmp_path, name, contexts, on_kvstore):
    def start():
        net = scenario.made(mx, contexts)
        optimizer, arguments = scheduled(name)
        if name == "sgd":
            arguments["momentum"] = 0.9
        return net, mx.gluon.Trainer(net.collect_params(), optimizer, arguments, update_on_kvstore=on_kvstore)

    net, trainer = start()
    scenario.train(mx, net, trainer, 3)
    trainer.save_states(str(tmp_path / "states"))
    net.save_parameters(str(tmp_path / "net"))
    wanted = scenario.train(mx, net, trainer, 3)
    other, resumed = start()
    other.load_parameters(str(tmp_path / "net"))
    resumed.load_states(str(tmp_path / "states"))
    assert scenario.train(mx, other, resumed, 3) == wanted
    assert resumed.learning_rate == trainer.learning_rate < 0.1
    for a, b in zip(net.collect_params().values(), other.collect_params().values()):
        for one, two in zip(a.list_data(), b.list_data()):
            assert (one.asnumpy() == two.asnumpy()).all()


def test_states_of_something_else(tmp_path):
    net = scenario.made(mx)
    sgd = mx.gluon.Trainer(net.collect_params(), "sgd", {"momentum": 0.9})
    adam = mx.gluon.Trainer(net.collect_params(), "adam")
    name = str(tmp_path / "states")
    scenario.train(mx, net, sgd, 1)
    sgd.save_states(name)
    with pytest.raises(MXNetError, match="states of SGD, but the optimizer is Adam"):
        adam.load_states(name)
    ran = []

    class Harmful:
        def __reduce__(self):
            return ran.append, (1,)

    with open(name, "wb") as file:
        pickle.dump(Harmful(), file)
    with pytest.raises(MXNetError, match="pickle"):
        sgd.load_states(name)
    assert not ran
    net.save_parameters(name)
    with pytest.raises(MXNetError, match="no optimizer states"):
        sgd.load_states(name)


def test_nothing_to_update_in():
    # MXNet stops on an AttributeError of its own.
    net = scenario.made(mx, [mx.cpu(0), mx.cpu(1)])
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", kvstore=None, update_on_kvstore=True)
    scenario.back(mx, net, *scenario.batch(mx))
    with pytest.raises(ValueError, match="without a kvstore"):
        trainer.step(1)


def test_unknown_kvstores_are_refused():
    # MXNet takes any word for 'local'.
    net = scenario.made(mx, [mx.cpu(0), mx.cpu(1)])
    scenario.back(mx, net, *scenario.batch(mx))
    with pytest.raises(MXNetError, match="'nope'"):
        mx.gluon.Trainer(net.collect_params(), "sgd", kvstore="nope").step(1)
    with pytest.raises(UnsupportedError, match="dist_async"):
        mx.gluon.Trainer(net.collect_params(), "sgd", kvstore="dist_async").step(1)


def test_set_data_with_a_kvstore_of_the_users_own():
    # MXNet stops on a duplicate init.
    net = scenario.made(mx, [mx.cpu(0), mx.cpu(1)])
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0}, kvstore=mx.kv.create("local"))
    scenario.train(mx, net, trainer, 2)
    net[0].bias.set_data(mx.nd.ones(4))
    scenario.train(mx, net, trainer, 1)
    assert (net[0].bias.data(mx.cpu(1)).asnumpy() == 1).all()


def test_stores_that_cannot_compress_say_so():
    # MXNet stops on an attribute.
    params = scenario.made(mx).collect_params()
    trainer = mx.gluon.Trainer(params, "sgd", kvstore=TestStore(), compression_params={"type": "2bit"})
    with pytest.raises(UnsupportedError, match="TestStore cannot compress"):
        trainer.step(1)
