"""Writes tests/golden/optimizer_own.json: optimizers that users wrote against MXNet's API, and each of MXNet's in a
Trainer.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.optimizer_own
"""

import importlib
import inspect
import math

import numpy as np

from tests.oracle.gluon_common import attempt, check_complete, collect, kind, warned
from tests.oracle.gluon_surface import called
from tests.oracle.gluon_trainer import made as made_net
from tests.oracle.gluon_trainer import train
from tests.oracle.optimizer_rules import OWN, described, shown, steps
from tests.oracle.scenario import write

# Names of optimizer.contrib that are its own.
LISTED = {"optimizer.contrib": ["GroupAdaGrad", "Optimizer", "register"]}


def own(mx):
    """Classes as public code has them: {name: (class, arguments)}."""
    opt, nd = mx.optimizer, mx.nd

    @opt.register
    class OwnSGD(opt.Optimizer):
        """Calls an operator."""

        def __init__(self, momentum=0.0, **kwargs):
            super(OwnSGD, self).__init__(**kwargs)
            self.momentum = momentum

        def create_state(self, index, weight):
            return nd.zeros(weight.shape, weight.context, dtype=weight.dtype)

        def update(self, index, weight, grad, state):
            self._update_count(index)
            nd.sgd_mom_update(
                weight, grad, state, out=weight, lr=self._get_lr(index), wd=self._get_wd(index),
                momentum=self.momentum, rescale_grad=self.rescale_grad,
            )  # fmt: skip

    @opt.register
    class AdamW(opt.Optimizer):
        """Decoupled decay by array arithmetic, as BERT's trainers had it."""

        def __init__(self, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-6, correct_bias=True, **kwargs):
            super(AdamW, self).__init__(learning_rate=learning_rate, **kwargs)
            self.beta1, self.beta2, self.epsilon, self.correct_bias = beta1, beta2, epsilon, correct_bias

        def create_state(self, index, weight):
            return (
                nd.zeros(weight.shape, weight.context, dtype=weight.dtype),
                nd.zeros(weight.shape, weight.context, dtype=weight.dtype),
            )

        def update(self, index, weight, grad, state):
            self._update_count(index)
            lr, wd, t = self._get_lr(index), self._get_wd(index), self._index_update_count[index]
            grad = grad * self.rescale_grad
            if self.clip_gradient is not None:
                grad = nd.clip(grad, -self.clip_gradient, self.clip_gradient)
            mean, var = state
            mean[:] = self.beta1 * mean + (1.0 - self.beta1) * grad
            var[:] = self.beta2 * var + (1.0 - self.beta2) * nd.square(grad)
            if self.correct_bias:
                lr *= math.sqrt(1.0 - self.beta2**t) / (1.0 - self.beta1**t)
            weight[:] -= lr * mean / (nd.sqrt(var) + self.epsilon)
            if wd > 0:
                weight[:] -= (lr * wd) * weight

    @opt.register
    class Lists(opt.Optimizer):
        """Gets lists, and calls an operator for several weights."""

        def __init__(self, size=2, **kwargs):
            super(Lists, self).__init__(**kwargs)
            self.aggregate_num = size
            self.calls = []

        def create_state(self, index, weight):
            return None

        def update(self, index, weight, grad, state):
            self.calls.append([type(index).__name__, list(index)])
            self._update_count(index)
            lrs, wds = self._get_lrs(index), self._get_wds(index)
            pairs = [a for pair in zip(weight, grad) for a in pair]
            nd.multi_sgd_update(*pairs, out=list(weight), num_weights=len(index), lrs=lrs, wds=wds)

    class Layerwise(opt.SGD):
        """A rate of its own for one weight, by a method that SGD does not ask."""

        def _get_lr(self, index):
            return 10.0

    class LayerwiseAdam(opt.Adam):
        """The same, where it is asked."""

        def _get_lr(self, index):
            return super(LayerwiseAdam, self)._get_lr(index) * (0.1 if index == 1 else 1.0)

    class Rates(opt.SGD):
        def _get_lrs(self, indices):
            return [lr * (0.5 if i else 1.0) for i, lr in zip(indices, super(Rates, self)._get_lrs(indices))]

        def _get_wds(self, indices):
            return [0.1 * wd for wd in super(Rates, self)._get_wds(indices)]

    class Clipped(opt.Adam):
        """Clips by norm, then does what Adam does."""

        def update(self, index, weight, grad, state):
            norm = grad.norm().asscalar()
            super(Clipped, self).update(index, weight, grad * min(1.0, 0.5 / norm), state)

    class NotAsked(opt.SGD):
        """SGD does its work in another method: this one never runs."""

        def update(self, index, weight, grad, state):
            raise ValueError("never")

    class Precise(opt.SGD):
        def update_multi_precision(self, index, weight, grad, state):
            self.seen = getattr(self, "seen", []) + [[type(index).__name__, len(index)]]
            super(Precise, self).update_multi_precision(index, weight, [g * 2 for g in grad], state)

    class Inner(opt.NAG):
        def _update_impl(self, index, weight, grad, state, multi_precision=False):
            super(Inner, self)._update_impl(index, weight, grad * 0.5, state, multi_precision=multi_precision)

    class Counting(opt.RMSProp):
        def _update_count(self, index):
            super(Counting, self)._update_count(index)
            super(Counting, self)._update_count(index)

    class States(opt.Adam):
        def create_state(self, index, weight):
            return nd.ones(weight.shape, dtype=weight.dtype), nd.ones(weight.shape, dtype=weight.dtype) * 2

    return {
        "OwnSGD": (OwnSGD, {"learning_rate": 0.1, "momentum": 0.9, "wd": 0.1}),
        "AdamW": (AdamW, {"learning_rate": 0.1, "wd": 0.1, "clip_gradient": 0.5}),
        "Lists": (Lists, {"learning_rate": 0.1, "wd": 0.1}),
        "Layerwise": (Layerwise, {"learning_rate": 0.1, "momentum": 0.9}),
        "LayerwiseAdam": (LayerwiseAdam, {"learning_rate": 0.1}),
        "Rates": (Rates, {"learning_rate": 0.1, "wd": 0.5, "momentum": 0.5}),
        "Clipped": (Clipped, {"learning_rate": 0.1}),
        "NotAsked": (NotAsked, {"learning_rate": 0.1}),
        "Precise": (Precise, {"learning_rate": 0.1, "momentum": 0.9}),
        "Inner": (Inner, {"learning_rate": 0.1, "momentum": 0.9}),
        "Counting": (Counting, {"learning_rate": 0.1}),
        "States": (States, {"learning_rate": 0.1}),
    }


def users(mx, put):
    for name, (cls, arguments) in sorted(own(mx).items()):
        made = cls(**arguments)
        put(name, steps(mx, made, count=6))
        put("%s counts" % name, [made._index_update_count, getattr(made, "calls", None), getattr(made, "seen", None)])
        half = cls(multi_precision=True, **arguments)
        if name not in ("Lists",):
            put("%s in float16 multi_precision=True" % name, steps(mx, half, "float16", count=4))
        schedule = mx.lr_scheduler.FactorScheduler(2, 0.5, base_lr=0.1)
        put("%s with a scheduler" % name, steps(mx, cls(lr_scheduler=schedule, **arguments), count=6))
    put("by name", [type(mx.optimizer.create(n)).__name__ for n in ("ownsgd", "AdamW", "lists")])


def bases(mx, put):
    opt = mx.optimizer

    class Nothing(opt.Optimizer):
        pass

    weight = mx.nd.ones(2)
    put("no update", kind(opt.get_updater(Nothing()), 0, weight, weight))
    put("base state", opt.Optimizer().create_state(0, weight))
    put(
        "base half state",
        warned(lambda: described(opt.Optimizer().create_state_multi_precision(0, weight.astype("float16")))),
    )
    put("not an optimizer", kind(opt.Optimizer.register, 3))
    for bad in ([], [1], "a"):
        put("param_idx2name %r" % (bad,), attempt(opt.SGD, param_idx2name=bad))
    put("rescale and mults", [vars(opt.SGD(rescale_grad=2, param_idx2name={0: "a_weight", 1: "a_bias"}))[k]
                              for k in ("rescale_grad", "lr_mult", "wd_mult", "idx2name", "sym_info")])  # fmt: skip
    net = mx.sym.FullyConnected(mx.sym.var("data"), mx.sym.var("w", lr_mult=0.5), num_hidden=2, name="fc")
    put("sym_info", opt.SGD(sym=net).sym_info)


def trainers(mx, put):
    for name, arguments in [("SGD", {"momentum": 0.9}), ("Adam", {})] + OWN:
        if name in ("GroupAdaGrad", "Test") or arguments.get("warmup_strategy") or "lower_bound" in arguments:
            continue
        arguments = dict(arguments, learning_rate=0.05, wd=0.01)
        for contexts in (None, [mx.cpu(0), mx.cpu(1)]):
            mx.random.seed(3)
            net = made_net(mx, contexts)
            trainer = mx.gluon.Trainer(net.collect_params(), name, arguments)
            losses = train(mx, net, trainer, 4)
            values = [float(np.abs(p.data(p.list_ctx()[0]).asnumpy()).sum()) for p in net.collect_params().values()]
            put(
                "%s on %s" % (shown(name, arguments), len(contexts or [0])),
                [losses, values, trainer._optimizer.num_update],
            )
    for name, (cls, arguments) in sorted(own(mx).items()):
        if name in ("Precise", "Inner"):
            continue
        net = made_net(mx)
        put(name, train(mx, net, mx.gluon.Trainer(net.collect_params(), cls(**arguments)), 4))


def surface(mx, put):
    """How each public name of the three modules is called, and each member of their classes."""
    for path in ("optimizer", "optimizer.contrib", "optimizer.optimizer"):
        module = importlib.import_module("%s.%s" % (mx.__name__, path))
        for name, value in sorted(vars(module).items()):
            ours = (getattr(value, "__module__", None) or "").startswith("%s.optimizer" % mx.__name__)
            listed = name in module.__all__ and not inspect.ismodule(value)
            if (ours or listed) and not name.startswith("_") and name in LISTED.get(path, [name]):
                put("%s.%s" % (path, name), called(value) if inspect.isclass(value) or ours else callable(value))
                if inspect.isclass(value):
                    members = {n: called(getattr(value, n)) for n in dir(value) if not n.startswith("_")}
                    put("%s.%s members" % (path, name), members)


PARTS = [users, bases, trainers, surface]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("optimizer_own", check_complete(results(mxnet)))
