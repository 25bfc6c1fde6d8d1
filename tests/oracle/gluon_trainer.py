"""Writes tests/golden/gluon_trainer.json: steps, rates, contexts and refusals of MXNet's Trainer.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_trainer
"""

import numpy as np

from tests.oracle.gluon_common import arrays, attempt, check_complete, collect, kind, warned
from tests.oracle.scenario import write


def made(mx, ctx=None, dtype="float32", prefix="net_"):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(nn.Dense(4, in_units=3, activation="tanh"), nn.Dense(2, in_units=4))
    net.cast(dtype)
    net.initialize(mx.init.Zero(), ctx=ctx)
    random = np.random.RandomState(1)
    for param in net.collect_params().values():
        param.set_data(mx.nd.array(random.uniform(-0.5, 0.5, param.shape), dtype=dtype))
    return net


def batch(mx, rows=4, dtype="float32"):
    random = np.random.RandomState(2)
    return mx.nd.array(random.uniform(-1, 1, (rows, 3)), dtype=dtype), mx.nd.array(
        random.uniform(-1, 1, (rows, 2)), dtype=dtype
    )


def back(mx, net, x, y):
    """One pass forward and backward on each context."""
    contexts = net.collect_params().list_ctx()
    losses = []
    with mx.autograd.record():
        for i, ctx in enumerate(contexts):
            n = x.shape[0] // len(contexts)
            a, b = (v[i * n : (i + 1) * n].as_in_context(ctx) for v in (x, y))
            losses.append(((net(a) - b) ** 2).sum())
    for loss in losses:
        loss.backward()
    return sum(float(loss.asscalar()) for loss in losses)


def train(mx, net, trainer, steps=4, rows=4, dtype="float32", **options):
    x, y = batch(mx, rows, dtype)
    losses = []
    for _ in range(steps):
        losses.append(back(mx, net, x, y))
        trainer.step(rows, **options)
    return losses


def optimizers(mx, put):
    runs = {
        "sgd": ("sgd", {"learning_rate": 0.1}),
        "sgd momentum": ("sgd", {"learning_rate": 0.1, "momentum": 0.9, "wd": 0.01}),
        "sgd clipped": ("sgd", {"learning_rate": 0.1, "clip_gradient": 0.05}),
        "sgd rescaled": ("sgd", {"learning_rate": 0.1, "rescale_grad": 0.5}),
        "SGD": ("SGD", {"learning_rate": 0.1}),
        "adam": ("adam", {"learning_rate": 0.01, "wd": 0.001}),
        "adam options": (
            "adam",
            {"learning_rate": 0.01, "beta1": 0.8, "beta2": 0.9, "epsilon": 1e-4, "clip_gradient": 0.1},
        ),
        "instance": (mx.optimizer.SGD(learning_rate=0.1, momentum=0.5), None),
        "no arguments": ("sgd", None),
    }
    for name, (optimizer, arguments) in runs.items():
        net = made(mx)
        trainer = mx.gluon.Trainer(net.collect_params(), optimizer, arguments)
        put(name, [train(mx, net, trainer), arrays(net.collect_params())])
    net = made(mx)
    net[0].collect_params().setattr("lr_mult", 0.1)
    net[1].weight.wd_mult = 3.0
    net[1].bias.grad_req = "null"
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "wd": 0.1, "momentum": 0.9})
    put("multipliers", [train(mx, net, trainer), arrays(net.collect_params())])
    net = made(mx)
    trainer = mx.gluon.Trainer(net.collect_params(".*weight"), "sgd", {"learning_rate": 0.1})
    put("some parameters", [train(mx, net, trainer), arrays(net.collect_params())])
    net = made(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    x, y = batch(mx)
    net.collect_params().setattr("grad_req", "add")
    for _ in range(2):
        back(mx, net, x, y)
        back(mx, net, x, y)
        trainer.step(8)
        net.collect_params().zero_grad()
    put("grad_req add", arrays(net.collect_params()))
    for hybrid in ({}, {"static_alloc": True}):
        net = made(mx)
        net.hybridize(**hybrid)
        trainer = mx.gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.01})
        put("hybridized %s" % hybrid, [train(mx, net, trainer), arrays(net.collect_params())])


def rates(mx, put):
    net = made(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    put("learning_rate", trainer.learning_rate)
    trainer.set_learning_rate(0.2)
    put("set_learning_rate", [trainer.learning_rate, trainer.optimizer.learning_rate, type(trainer.optimizer).__name__])
    train(mx, net, trainer, 1)
    put("trained", arrays(net.collect_params()))
    put("rescale_grad", trainer.optimizer.rescale_grad)
    scheduler = mx.lr_scheduler.FactorScheduler(step=2, factor=0.5, base_lr=0.4)
    net = made(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.4, "lr_scheduler": scheduler})
    seen = [trainer.learning_rate]
    x, y = batch(mx)
    for _ in range(7):
        back(mx, net, x, y)
        trainer.step(4)
        seen.append(trainer.learning_rate)
    put("scheduler", [seen, arrays(net.collect_params()), trainer.optimizer.num_update])
    put("set with a scheduler", attempt(trainer.set_learning_rate, 0.1))
    other = mx.lr_scheduler.FactorScheduler(step=2, factor=0.5)
    put("scheduler and rate", [mx.optimizer.SGD(learning_rate=0.3, lr_scheduler=other).learning_rate, other.base_lr])
    put("scheduler alone", mx.optimizer.SGD(lr_scheduler=mx.lr_scheduler.FactorScheduler(2, base_lr=0.7)).learning_rate)


def half(mx, put):
    for name, arguments in (
        ("sgd", {"learning_rate": 0.1, "momentum": 0.9}),
        ("sgd", {"learning_rate": 0.1}),
        ("adam", {"learning_rate": 0.01}),
    ):
        for multi in (False, True):
            random = np.random.RandomState(5)
            param = mx.gluon.Parameter("w", shape=(3, 2), dtype="float16")
            param.initialize()
            param.set_data(mx.nd.array(random.uniform(-1, 1, (3, 2)), dtype="float16"))
            trainer = mx.gluon.Trainer([param], name, dict(arguments, multi_precision=multi))
            shown = []
            for _ in range(5):
                factor = mx.nd.array(random.uniform(-1, 1, (3, 2)), dtype="float16")
                with mx.autograd.record():
                    loss = param.data() * factor
                loss.backward()
                shown.append(warned(trainer.step, 2)["warnings"])
            put("%s %s multi_precision=%s" % (name, sorted(arguments), multi), [param.data(), shown])


def contexts(mx, put):
    two = [mx.cpu(0), mx.cpu(1)]
    stores = {"default": "device", "local": "local", "None": None, "object": mx.kv.create("local")}
    for name, store in stores.items():
        for on_kvstore in (None, True, False):
            for ctx in (two, [mx.cpu(0)]):
                if name == "object" and on_kvstore is not None:
                    continue
                if on_kvstore and (name == "None" or len(ctx) == 1):
                    continue  # MXNet stops on an AttributeError of its own
                if name == "object":
                    store = mx.kv.create("local")
                tag = "kvstore %s, update_on_kvstore %s, %d contexts" % (name, on_kvstore, len(ctx))
                net = made(mx, ctx)
                trainer = mx.gluon.Trainer(
                    net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9, "wd": 0.01},
                    kvstore=store, update_on_kvstore=on_kvstore,
                )  # fmt: skip
                losses = attempt(train, mx, net, trainer)
                put(tag, [losses, net[0].weight.data(ctx[0]), net[1].bias.data(ctx[-1]), trainer._update_on_kvstore])
    net = made(mx, two)
    trainer = mx.gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.01}, update_on_kvstore=False)
    put("adam", [train(mx, net, trainer), net[0].weight.data(mx.cpu(1))])
    net = made(mx, two)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1}, update_on_kvstore=False)
    x, y = batch(mx)
    back(mx, net, x, y)
    before = [g.asnumpy() for g in net[1].bias.list_grad()]
    trainer.allreduce_grads()
    put("allreduce_grads", [before, [g.asnumpy() for g in net[1].bias.list_grad()]])
    for gradient in net[1].bias.list_grad():
        gradient *= 0.5
    trainer.update(4)
    put("update", [net[1].bias.data(c) for c in two])
    net = made(mx, two)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1}, update_on_kvstore=True)
    back(mx, net, x, y)
    put("allreduce_grads refused", attempt(trainer.allreduce_grads))
    put("update refused", attempt(trainer.update, 4))
    put("default on kvstore", attempt(mx.gluon.Trainer(made(mx, two).collect_params(), "sgd").allreduce_grads))
    put("default on one context", attempt(mx.gluon.Trainer(made(mx).collect_params(), "sgd").allreduce_grads))
    net = made(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    back(mx, net, x, y)
    trainer.allreduce_grads()
    trainer.update(4)
    put("update on one context", arrays(net.collect_params()))
    elsewhere = made(mx)
    trainer = mx.gluon.Trainer(elsewhere.collect_params(), "sgd", {"learning_rate": 0.1})
    train(mx, elsewhere, trainer, 1)
    put("reset_ctx after a step", attempt(elsewhere.collect_params().reset_ctx, mx.cpu(1)))


def stale(mx, put):
    nn = mx.gluon.nn

    def branches():
        net = nn.Sequential(prefix="net_")
        net.add(nn.Dense(1, in_units=1, prefix="a_"), nn.Dense(1, in_units=1, prefix="b_"))
        net.initialize(mx.init.One())
        return net

    x = mx.nd.ones((1, 1))

    def back_one(net, which=0):
        with mx.autograd.record():
            out = net[which](x)
        out.backward()

    net = branches()
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9})
    put("before backward", attempt(trainer.step, 1))
    back_one(net)
    put("half of them", [attempt(trainer.step, 1), arrays(net.collect_params())])
    put("ignored", [attempt(trainer.step, 1, ignore_stale_grad=True), arrays(net.collect_params())])
    back_one(net, 1)
    put("ignored again", [attempt(trainer.step, 1, True), arrays(net.collect_params())])
    put("nothing new, ignored", [attempt(trainer.step, 1, True), arrays(net.collect_params())])
    put("nothing new", attempt(trainer.step, 1))
    frozen = branches()
    frozen[1].collect_params().setattr("grad_req", "null")
    trainer = mx.gluon.Trainer(frozen.collect_params(), "sgd", {"learning_rate": 0.1})
    back_one(frozen)
    put("frozen", [attempt(trainer.step, 1), arrays(frozen.collect_params())])
    written = branches()
    trainer = mx.gluon.Trainer(written.collect_params(), "sgd", {"learning_rate": 0.1})
    back_one(written)
    for param in written[1].collect_params().values():
        param.grad()[:] = 1
    put("gradient written by hand", attempt(trainer.step, 1))
    updated = branches()
    trainer = mx.gluon.Trainer(updated.collect_params(), "sgd", {"learning_rate": 0.1}, update_on_kvstore=False)
    back_one(updated)
    put("update", attempt(trainer.update, 1))
    put("update, ignored", [attempt(trainer.update, 1, ignore_stale_grad=True), arrays(updated.collect_params())])
    on_two = branches()
    on_two.collect_params().reset_ctx([mx.cpu(0), mx.cpu(1)])
    trainer = mx.gluon.Trainer(on_two.collect_params(), "sgd", {"learning_rate": 0.1})
    back_one(on_two)
    back_one(on_two, 1)
    put("one context of two", attempt(trainer.step, 1))


def construction(mx, put):
    gluon = mx.gluon
    net = made(mx)
    params = net.collect_params()
    put("list", attempt(gluon.Trainer, list(params.values()), "sgd"))
    put("tuple", attempt(gluon.Trainer, tuple(params.values()), "sgd"))
    put("dict", attempt(gluon.Trainer, dict(params.items()), "sgd"))
    put("one parameter", attempt(gluon.Trainer, net[0].weight, "sgd"))
    put("a Block", attempt(gluon.Trainer, net, "sgd"))
    put("numbers", attempt(gluon.Trainer, [1, 2], "sgd"))
    put("generator", kind(gluon.Trainer, (p for p in params.values()), "sgd"))
    put("no optimizer", kind(gluon.Trainer, params))
    put("unknown optimizer", attempt(gluon.Trainer, params, "nope"))
    put("optimizer_params of an instance", attempt(gluon.Trainer, params, mx.optimizer.SGD(), {"learning_rate": 1}))
    put("empty optimizer_params of an instance", attempt(gluon.Trainer, params, mx.optimizer.SGD(), {}))
    put("unknown argument", kind(gluon.Trainer, params, "sgd", {"bogus": 1}))
    put("kvstore number", attempt(lambda: gluon.Trainer(params, "sgd", kvstore=3).step(1)))
    fresh = made(mx)
    bare = gluon.nn.Dense(2, in_units=2, prefix="bare_")
    put("not initialised", attempt(gluon.Trainer, bare.collect_params(), "sgd"))
    put("not initialised, step", attempt(lambda: gluon.Trainer(bare.collect_params(), "sgd").step(1)))
    late = gluon.nn.Dense(2, prefix="late_")
    late.initialize()
    put("deferred, step", attempt(lambda: gluon.Trainer(late.collect_params(), "sgd").step(1)))
    trainer = gluon.Trainer(late.collect_params(), "sgd", {"learning_rate": 0.1})
    with mx.autograd.record():
        out = late(mx.nd.ones((1, 2)))
    out.backward()
    put("deferred, then run", [attempt(trainer.step, 1), late.bias.data()])
    mixed = [made(mx, prefix="m_")[0].weight, made(mx, [mx.cpu(1)], prefix="n_")[0].weight]
    put("other contexts", attempt(gluon.Trainer, mixed, "sgd"))
    put("order", [p.name for p in gluon.Trainer(fresh.collect_params(), "sgd")._params])
    second = gluon.Trainer(params, "sgd", {"learning_rate": 0.5})
    x, y = batch(mx)
    back(mx, net, x, y)
    put("second trainer", [attempt(second.step, 4), net[1].bias.data()])
    put("batch_size 0", kind(second.step, 0))
    back(mx, net, x, y)
    put("float batch_size", [attempt(second.step, 2.5), net[1].bias.data()])
    shared = made(mx)
    doubled = list(shared.collect_params().values()) * 2
    put("a parameter twice", attempt(gluon.Trainer, doubled, "sgd"))


def own_optimizer(mx, put):
    class Halving(mx.optimizer.Optimizer):
        """weight -= lr * sign(grad + wd * weight), the running mean of gradients as its state."""

        def __init__(self, decay=0.5, **kwargs):
            super(Halving, self).__init__(**kwargs)
            self.decay = decay

        def create_state(self, index, weight):
            return (mx.nd.zeros(weight.shape, weight.context, dtype=weight.dtype), None)

        def update(self, index, weight, grad, state):
            self._update_count(index)
            lr, wd = self._get_lr(index), self._get_wd(index)
            grad = grad * self.rescale_grad
            if self.clip_gradient is not None:
                grad = mx.nd.clip(grad, -self.clip_gradient, self.clip_gradient)
            mean = state[0]
            mean[:] = self.decay * mean + (1 - self.decay) * (grad + wd * weight)
            weight[:] = weight - lr * mx.nd.sign(mean) / self._index_update_count[index]

    class InPlace(mx.optimizer.Optimizer):
        def create_state(self, index, weight):
            return mx.nd.zeros_like(weight)

        def update(self, index, weight, grad, state):
            self._update_count(index)
            mx.nd.sgd_mom_update(
                weight, grad, state, out=weight, lr=self._get_lr(index), wd=self._get_wd(index), momentum=0.9,
                rescale_grad=self.rescale_grad,
            )  # fmt: skip

    class Doubled(mx.optimizer.Adam):
        def update(self, index, weight, grad, state):
            assert not isinstance(index, (list, tuple))
            super(Doubled, self).update(index, weight, 2 * grad, state)

    for optimizer in (Halving(learning_rate=0.01, wd=0.1), InPlace(learning_rate=0.1), Doubled(learning_rate=0.01)):
        for contexts_of in (None, [mx.cpu(0), mx.cpu(1)]):
            net = made(mx, contexts_of)
            trainer = mx.gluon.Trainer(net.collect_params(), optimizer)
            first = (contexts_of or [mx.cpu(0)])[0]
            name = "%s on %s" % (type(optimizer).__name__, contexts_of)
            put(name, [train(mx, net, trainer), net[0].weight.data(first), net[1].bias.data(first)])
    half_net = made(mx, dtype="float16")
    trainer = mx.gluon.Trainer(half_net.collect_params(), Halving(learning_rate=0.01, multi_precision=True))
    weight = half_net[1].bias
    for param in half_net.collect_params().values():
        with mx.autograd.record():
            loss = (param.data() * param.data()).sum()
        loss.backward()
    trainer.step(1)
    put("own, multi_precision", weight.data())
    mx.optimizer.register(Halving)
    net = made(mx)
    trainer = mx.gluon.Trainer(net.collect_params(), "halving", {"learning_rate": 0.01, "decay": 0.25})
    put("registered", [train(mx, net, trainer, 2), net[1].bias.data()])


PARTS = [optimizers, rates, half, contexts, stale, construction, own_optimizer]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_trainer", check_complete(results(mxnet)))
