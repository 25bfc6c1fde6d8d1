"""Writes tests/golden/gluon_trainer_changes.json: MXNet's Trainer when Parameters change between its steps.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_trainer_changes
"""

import os

import numpy as np

from tests.oracle.gluon_common import arrays, attempt, check_complete, collect, kind
from tests.oracle.gluon_trainer import back, batch, made
from tests.oracle.scenario import write

SETTINGS = {"learning_rate": 0.1, "momentum": 0.9, "wd": 0.01}


def steps(mx, net, trainer, change, count=8):
    """Losses and final values of a training whose Parameters ``change(i)`` touches before step i."""
    x, y = batch(mx)
    losses = []
    for i in range(count):
        change(i)
        losses.append(back(mx, net, x, y))
        trainer.step(4)
    return [losses, {k: v.list_data() for k, v in sorted(net.collect_params().items())}]


def changes(mx, put):
    def set_data(net):
        return lambda i: net[0].weight.set_data(mx.nd.ones((4, 3)) * 0.1) if i == 4 else None

    def write_in_place(net):
        def change(i):
            if i == 4:
                for array in net[0].weight.list_data():
                    array[:] = 0.1

        return change

    def force_reinit(net):
        def change(i):
            if i == 4:
                net[0].weight.initialize(mx.init.Constant(0.1), ctx=net[0].weight.list_ctx(), force_reinit=True)

        return change

    def switch_grad_req(net):
        requests = {1: "add", 3: "write", 4: "null", 6: "write"}
        return lambda i: net[0].collect_params().setattr("grad_req", requests[i]) if i in requests else None

    def multipliers(net):
        def change(i):
            if i == 2:
                net.collect_params(".*weight").setattr("lr_mult", 0)
            if i == 4:
                net.collect_params(".*weight").setattr("lr_mult", 0.5)
                net.collect_params(".*bias").setattr("wd_mult", 10.0)

        return change

    def load(net):
        net.save_parameters("saved.params")
        return lambda i: net.load_parameters("saved.params") if i == 4 else None

    def share(net):
        other = made(mx, net.collect_params().list_ctx(), prefix="other_")
        second = mx.gluon.Trainer(other.collect_params(), "sgd", {"learning_rate": 0.5})
        x, y = batch(mx)

        def change(i):
            if i == 4:
                back(mx, other, x, y)
                second.step(4)

        return change

    for name, maker in (
        ("set_data", set_data), ("in place", write_in_place), ("force_reinit", force_reinit),
        ("grad_req", switch_grad_req), ("multipliers", multipliers), ("load", load), ("another Trainer", share),
    ):  # fmt: skip
        for contexts in (1, 2):
            for on_kvstore in (None, True, False):
                if on_kvstore and contexts == 1:
                    continue
                for optimizer in ("sgd", "adam"):
                    settings = dict(SETTINGS) if optimizer == "sgd" else {"learning_rate": 0.01}
                    net = made(mx, [mx.cpu(i) for i in range(contexts)])
                    trainer = mx.gluon.Trainer(net.collect_params(), optimizer, settings, update_on_kvstore=on_kvstore)
                    tag = "%s, %d contexts, update_on_kvstore %s, %s" % (name, contexts, on_kvstore, optimizer)
                    put(tag, attempt(steps, mx, net, trainer, maker(net)))


def stale(mx, put):
    x, y = batch(mx)
    for on_kvstore in (None, True, False):
        for ignore in (False, True):
            net = made(mx, [mx.cpu(0), mx.cpu(1)])
            trainer = mx.gluon.Trainer(net.collect_params(), "sgd", dict(SETTINGS), update_on_kvstore=on_kvstore)
            tag = "update_on_kvstore %s, ignored %s: " % (on_kvstore, ignore)
            put(tag + "before backward", attempt(trainer.step, 4, ignore_stale_grad=ignore))
            back(mx, net, x, y)
            put(tag + "fresh", [attempt(trainer.step, 4, ignore_stale_grad=ignore), arrays_of(net)])
            put(tag + "stale", [attempt(trainer.step, 4, ignore_stale_grad=ignore), arrays_of(net)])
            net[0].collect_params().setattr("grad_req", "add")
            put(tag + "switched", [attempt(trainer.step, 4, ignore_stale_grad=ignore), arrays_of(net)])
    net = made(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", dict(SETTINGS))
    back(mx, net, x, y)
    net.collect_params().setattr("grad_req", "add")
    put("switched after backward", attempt(trainer.step, 4))
    back(mx, net, x, y)
    net.collect_params().zero_grad()
    put("zeroed after backward", [attempt(trainer.step, 4), arrays_of(net)])


def arrays_of(net):
    return {k: v.list_data()[-1] for k, v in sorted(net.collect_params().items())}


def defaults(mx, put):
    for value in ("0", "1"):
        os.environ["MXNET_UPDATE_ON_KVSTORE"] = value
        try:
            for store in ("local", "device", "object"):
                for asked in (None, True, False):
                    net = made(mx, [mx.cpu(0), mx.cpu(1)])
                    kvstore = mx.kv.create("local") if store == "object" else store
                    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", kvstore=kvstore, update_on_kvstore=asked)
                    back(mx, net, *batch(mx))
                    trainer.step(4)
                    put("%s, %s, asked for %s" % (value, store, asked), trainer._update_on_kvstore)
        finally:
            del os.environ["MXNET_UPDATE_ON_KVSTORE"]
    net = made(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", dict(SETTINGS))
    put("attributes", [trainer.learning_rate, type(trainer.optimizer).__name__, type(trainer).__name__])
    put("learning_rate =", kind(setattr, trainer, "learning_rate", 3))
    trainer.set_learning_rate(0.25)
    put("set_learning_rate", [trainer.learning_rate, trainer.optimizer.learning_rate, trainer.optimizer.lr])
    back(mx, net, *batch(mx))
    put("scale", [attempt(trainer.step, 2), trainer.optimizer.rescale_grad])
    put("values", arrays(net.collect_params()))
    late = mx.gluon.nn.Dense(2, prefix="late_")
    late.initialize()
    both = list(net.collect_params().values()) + list(late.collect_params().values())
    trainer = mx.gluon.Trainer(both, "sgd", dict(SETTINGS))
    put(
        "deferred among others",
        [attempt(trainer.step, 1), attempt(trainer.allreduce_grads), attempt(trainer.update, 1)],
    )
    put("save_states while deferred", attempt(trainer.save_states, "x.states"))
    late(mx.nd.array(np.ones((1, 2))))
    put("save_states before a step", attempt(trainer.save_states, "x.states"))


def statistics(mx, put):
    """On several contexts the first step makes all copies those of the first context, running statistics too."""
    nn, contexts = mx.gluon.nn, [mx.cpu(0), mx.cpu(1)]
    for store in ("device", None):
        for on_kvstore in (True, False) if store else (None,):
            net = nn.HybridSequential(prefix="net_")
            with net.name_scope():
                net.add(nn.Dense(3, in_units=2), nn.BatchNorm(in_channels=3), nn.Dense(1, in_units=3))
            net.initialize(mx.init.One(), ctx=contexts)
            trainer = mx.gluon.Trainer(
                net.collect_params(), "sgd", {"learning_rate": 0.01}, kvstore=store, update_on_kvstore=on_kvstore
            )
            random = np.random.RandomState(1)
            for step in range(3):
                heads = []
                with mx.autograd.record():
                    for ctx in contexts:
                        heads.append(net(mx.nd.array(random.uniform(-1, 1, (3, 2)), ctx=ctx)).sum())
                mx.autograd.backward(heads)
                trainer.step(6)
                tag = "kvstore %s, update_on_kvstore %s, step %d" % (store, on_kvstore, step)
                put(tag, {k: v.list_data() for k, v in sorted(net.collect_params().items())})


def internals(mx, put):
    """What programs touch although it is not public."""
    contexts = [mx.cpu(0), mx.cpu(1)]
    net = made(mx, contexts)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", dict(SETTINGS))
    put("before", [trainer._kv_initialized, len(trainer._params_to_init), trainer._scale, trainer._update_on_kvstore])
    trainer._init_kvstore()
    put("store", [trainer._kv_initialized, len(trainer._params_to_init), trainer._update_on_kvstore])
    trainer._init_params()
    put("parameters", len(trainer._params_to_init))
    x, y = batch(mx)
    back(mx, net, x, y)
    trainer._check_and_rescale_grad(trainer._scale / 4)
    trainer._allreduce_grads()
    trainer._update()
    put("by hand", arrays_of(net))
    trainer._reset_kvstore()
    put("reset", [trainer._kv_initialized, trainer._kvstore, trainer._update_on_kvstore, len(trainer._params_to_init)])
    back(mx, net, x, y)
    trainer.step(4)
    put("and on", arrays_of(net))


PARTS = [changes, stale, defaults, statistics, internals]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_trainer_changes", check_complete(results(mxnet)))
