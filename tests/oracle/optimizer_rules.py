"""Writes tests/golden/optimizer_rules.json: 20 steps of each of MXNet's optimizers, with all their arguments.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.optimizer_rules
"""

import itertools
import logging

import numpy as np

from tests.oracle.gluon_common import attempt, check_complete, collect, kind, warned
from tests.oracle.scenario import write

SHAPES = ((3, 2), (2, 2), (1, 4))
OWN = [
    ("NAG", {}), ("NAG", {"momentum": 0.9}),
    ("SGLD", {}),
    ("Signum", {}), ("Signum", {"momentum": 0.5, "wd_lh": 0.02}), ("Signum", {"momentum": 0.0}),
    ("FTML", {}), ("FTML", {"beta1": 0.4, "beta2": 0.9, "epsilon": 1e-3}),
    ("LARS", {"eta": 0.5}), ("LARS", {"momentum": 0.9, "eta": 0.5, "eps": 0.1}),
    ("LARS", {"momentum": 0.9, "eta": 0.5, "momentum_correction": False, "lazy_update": False}),
    ("LAMB", {}), ("LAMB", {"bias_correction": False, "beta1": 0.8, "beta2": 0.9, "epsilon": 1e-3}),
    ("LAMB", {"lower_bound": 2.0}), ("LAMB", {"upper_bound": 0.5}), ("LAMB", {"lower_bound": 0.5, "upper_bound": 1.5}),
    ("LBSGD", {}), ("LBSGD", {"momentum": 0.9, "batch_scale": 2, "warmup_epochs": 1, "updates_per_epoch": 12}),
    ("LBSGD", {"batch_scale": 3, "warmup_strategy": "power2", "warmup_epochs": 2, "updates_per_epoch": 8}),
    ("LBSGD", {"batch_scale": 2, "warmup_strategy": "sqrt", "warmup_epochs": 1, "updates_per_epoch": 40}),
    ("LBSGD", {"momentum": 0.9, "batch_scale": 2, "warmup_strategy": "lars", "begin_epoch": 1, "num_epochs": 3}),
    ("LBSGD", {"batch_scale": 2, "warmup_strategy": "other", "warmup_epochs": 1, "updates_per_epoch": 12}),
    ("DCASGD", {}), ("DCASGD", {"lamda": 0.5}),
    ("AdaGrad", {}), ("AdaGrad", {"eps": 0.1}),
    ("AdaDelta", {}), ("AdaDelta", {"rho": 0.7, "epsilon": 1e-3}),
    ("Adamax", {}), ("Adamax", {"beta1": 0.7, "beta2": 0.9}),
    ("Nadam", {}), ("Nadam", {"beta1": 0.7, "beta2": 0.9, "epsilon": 1e-3, "schedule_decay": 0.1}),
    ("RMSProp", {}), ("RMSProp", {"gamma1": 0.7, "epsilon": 1e-3, "clip_weights": 0.6}),
    ("RMSProp", {"centered": True}), ("RMSProp", {"centered": True, "gamma1": 0.7, "gamma2": 0.5, "clip_weights": 0.6}),
    ("Ftrl", {}), ("Ftrl", {"lamda1": 0.5, "beta": 0.3}),
    ("Test", {}),
    ("ccSGD", {"momentum": 0.9}),
    ("GroupAdaGrad", {}), ("GroupAdaGrad", {"eps": 0.1}),
]  # fmt: skip
SINGLE = ("AdaGrad", "AdaDelta", "RMSProp", "Ftrl", "GroupAdaGrad")  # float32 only
LISTS = ("LARS", "LAMB", "ccSGD")


def arrays(mx, random, dtype, scale=1.0, ctx=None):
    return [mx.nd.array(random.uniform(-scale, scale, s), dtype=dtype, ctx=ctx) for s in SHAPES]


def steps(mx, optimizer, dtype="float32", count=20, one_by_one=False, names=(0, 1, 2), stype="default"):
    """Weights and states after ``count`` updates with changing gradients, through an Updater."""
    mx.random.seed(7)
    random = np.random.RandomState(3)
    updater = mx.optimizer.get_updater(optimizer)
    weights = arrays(mx, random, dtype)
    for _ in range(count):
        grads = [g.tostype(stype) for g in arrays(mx, random, dtype, 2.0)]
        if one_by_one or not updater.aggregate_updates:
            for i, g, w in zip(names, grads, weights):
                updater(i, g, w)
        else:
            updater(list(names), grads, weights)
    return [weights, optimizer.num_update]


def shown(name, arguments):
    return "%s %s" % (name, " ".join("%s=%s" % (k, arguments[k]) for k in sorted(arguments)))


def made(mx, name, **arguments):
    return mx.optimizer.create(name, **arguments)


def rules(mx, put):
    common = [
        {}, {"wd": 0.01, "rescale_grad": 0.125}, {"clip_gradient": 0.5, "rescale_grad": 0.5},
        {"wd": 0.05, "clip_gradient": 0.3}, {"clip_gradient": 0.0},
    ]  # fmt: skip
    for (name, own), shared in itertools.product(OWN, common):
        if (name == "GroupAdaGrad" and "wd" in shared) or (name == "Adamax" and shared.get("clip_gradient") == 0):
            continue
        arguments = dict(own, learning_rate=0.05, **shared)
        put(shown(name, arguments), steps(mx, made(mx, name, **arguments)))


def dtypes(mx, put):
    for (name, own), dtype, multi in itertools.product(OWN, ("float16", "float64"), (False, True)):
        if dtype == "float64" and multi:
            continue
        arguments = dict(own, learning_rate=0.05, multi_precision=multi)
        if name != "GroupAdaGrad":
            arguments["wd"] = 0.01
        run = kind if name in SINGLE else attempt
        put("%s in %s" % (shown(name, arguments), dtype), run(steps, mx, made(mx, name, **arguments), dtype))


def one_by_one(mx, put):
    for name, own in OWN:
        if name in LISTS:
            put(shown(name, own), steps(mx, made(mx, name, learning_rate=0.05, **own), one_by_one=True))
    names = {0: "a_weight", 1: "a_gamma", 2: "b_weight"}
    for name, own in OWN:
        if name in LISTS:
            optimizer = made(mx, name, learning_rate=0.05, wd=0.1, param_idx2name=names, **own)
            put("names %s" % shown(name, own), steps(mx, optimizer))
            put("wd_mult %s" % shown(name, own), optimizer.wd_mult)


def schedules(mx, put):
    for name, own in OWN:
        scheduler = mx.lr_scheduler.PolyScheduler(max_update=12, base_lr=0.05)
        arguments = dict(own)
        if name not in ("FTML", "NAG", "SGLD", "LARS", "LBSGD", "DCASGD", "AdaGrad", "AdaDelta", "Test", "ccSGD",
                        "GroupAdaGrad", "Ftrl"):  # fmt: skip
            arguments["learning_rate"] = 0.05
        optimizer = made(mx, name, lr_scheduler=scheduler, begin_num_update=2, **arguments)
        count = 9 if name in ("SGLD", "FTML", "Ftrl") else 12  # rates of 0 are no use to these
        put(shown(name, own), steps(mx, optimizer, count=count))

    class Seen(mx.lr_scheduler.LRScheduler):
        def __init__(self):
            super(Seen, self).__init__(0.1)
            self.seen = []

        def __call__(self, num_update):
            self.seen.append(num_update)
            return 0.1 / num_update if num_update else 0.1

    for name, own in [("SGD", {"momentum": 0.9})] + OWN:
        optimizer = made(mx, name, **own)
        optimizer.lr_scheduler = Seen()
        updater = mx.optimizer.get_updater(optimizer)
        weights = [mx.nd.ones((2, 2)) for _ in range(6)]
        for indices in ([0, 1], [1], [0, 1, 2, 3, 4, 5], [0]):
            if updater.aggregate_updates:
                updater(indices, [weights[i] for i in indices], [weights[i] for i in indices])
            else:
                for i in indices:
                    updater(i, weights[i], weights[i])
        seen = optimizer.lr_scheduler.seen
        put("asked %s" % shown(name, own), [seen, optimizer.num_update, optimizer._index_update_count])


def multipliers(mx, put):
    for name, own in OWN:
        params = {0: mx.gluon.Parameter("a", lr_mult=0.1, wd_mult=3.0)}
        names = {1: "b_weight", 2: "c_bias"}
        optimizer = made(mx, name, learning_rate=0.05, wd=0.1, param_dict=params, param_idx2name=names, **own)
        optimizer.set_lr_mult({"b_weight": 0.5})
        put(shown(name, own), attempt(steps, mx, optimizer, count=5))


def sparse(mx, put):
    for name, own in OWN + [("NAG", {"momentum": 0.9, "wd": 0.1}), ("LAMB", {"wd": 0.1}), ("Ftrl", {"wd": 0.1}),
                            ("AdaGrad", {"wd": 0.1}), ("LARS", {"wd": 0.1, "eta": 0.5}), ("Adamax", {"wd": 0.1}),
                            ("LBSGD", {"wd": 0.1}), ("Signum", {"wd": 0.1}), ("NAG", {"wd": 0.1})]:  # fmt: skip
        if name in ("Test", "SGLD", "FTML") or own.get("warmup_strategy"):
            continue
        for stype, dtype, multi in (
            ("default", "float32", False), ("row_sparse", "float32", False), ("default", "float16", True),
        ):  # fmt: skip
            if multi and name == "LARS":
                continue  # MXNet's divides norms in float16 there
            random = np.random.RandomState(2)
            optimizer = made(mx, name, learning_rate=0.1, multi_precision=multi, **own)
            updater = mx.optimizer.get_updater(optimizer)
            weight = mx.nd.array(random.uniform(-1, 1, (5, 3)), dtype=dtype).tostype(stype)
            results = []
            for ids in ([0, 2], [2, 4], [1, 2, 3]):
                values = random.uniform(-1, 1, (len(ids), 3)).astype(dtype)
                grad = mx.nd.sparse.row_sparse_array((values, ids), shape=(5, 3), dtype=dtype)
                results.append(kind(updater, 0, grad, weight))
            put("%s %s %s" % (shown(name, own), stype, dtype), [results, weight.asnumpy(), weight.stype])


def described(state):
    """Shapes, dtypes and kinds of a state."""
    if isinstance(state, (list, tuple)):
        return {type(state).__name__: [described(s) for s in state]}
    if state is None:
        return None
    return [list(state.shape), np.dtype(state.dtype).name, state.stype, type(state).__name__]


def states(mx, put):
    for name, own in [("SGD", {}), ("SGD", {"momentum": 0.9}), ("Adam", {}), ("DCASGD", {"momentum": 0.9})] + OWN:
        for dtype, stype in (("float32", "default"), ("float32", "row_sparse"), ("float64", "default")):
            weight = mx.nd.ones((3, 2), dtype=dtype).tostype(stype)
            put("%s %s %s" % (shown(name, own), dtype, stype), described(made(mx, name, **own).create_state(0, weight)))
        half = mx.nd.ones((3, 2), dtype="float16")
        for multi in (False, True):
            optimizer = made(mx, name, multi_precision=multi, **own)
            for method in ("create_state", "create_state_multi_precision"):
                put("%s %s multi_precision=%s" % (shown(name, own), method, multi),
                    warned(lambda: described(getattr(optimizer, method)(0, half))))  # fmt: skip


def settings(mx, put):
    for name, own in [("SGD", {}), ("Adam", {})] + OWN:
        put(shown(name, own), {k: v for k, v in vars(made(mx, name, **own)).items() if k != "_index_update_count"})


class Lines(logging.Handler):
    def __init__(self):
        super(Lines, self).__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append([record.name, record.levelname, record.getMessage()])


def machinery(mx, put):
    opt = mx.optimizer
    put("registry", sorted(n for n in opt.Optimizer.opt_registry if n in [k.lower() for k, _ in OWN] + ["sgd", "adam"]))
    lines, root = Lines(), logging.getLogger()
    before = root.level
    root.addHandler(lines)
    root.setLevel(logging.INFO)
    try:
        opt.LBSGD(batch_scale=3, warmup_strategy="lars")
    finally:
        root.removeHandler(lines)
        root.setLevel(before)
    put("LBSGD says", lines.lines)
    weight = mx.nd.ones((2, 2))
    for name, own in OWN:
        if name not in ("Test",):
            put("no arrays: %s" % shown(name, own), kind(made(mx, name, **own).update, 0, 1, 2, None))
    put(
        "GroupAdaGrad with decay",
        attempt(opt.contrib.GroupAdaGrad(wd=0.1).update, 0, weight, weight, mx.nd.zeros((2, 1))),
    )
    put("GroupAdaGrad of a vector", attempt(opt.contrib.GroupAdaGrad().create_state, 0, mx.nd.ones(3)))
    put(
        "Test",
        [opt.Test().create_state(0, weight), kind(opt.Test().update, 0, weight, weight, mx.nd.zeros((2, 2))), weight],
    )
    for name, own in OWN:
        grad = mx.nd.array([[1.0, -2], [3, 0.5]])
        updater = opt.get_updater(made(mx, name, rescale_grad=0.5, clip_gradient=0.7, **own))
        updater(0, grad, mx.nd.ones((2, 2)))
        put("gradient after %s" % shown(name, own), grad)
    stopped = mx.nd.ones((2, 2))
    opt.get_updater(opt.LARS(learning_rate=0.1, wd=0.1, rescale_grad=0.0))(0, weight, stopped)
    put("LARS of a gradient times 0", stopped)
    schedule = mx.lr_scheduler.FactorScheduler(2, base_lr=0.3)
    put("lr beside a schedule", [opt.SGD(lr_scheduler=schedule).lr, opt.SGD(0.5, lr_scheduler=schedule).lr])
    for name in ("SGD", "LARS", "LAMB", "Adam"):
        for size in ("", "0", "1", "2", "100", "-3", "x"):
            put("aggregation size %s %r" % (name, size), attempt(_aggregated, mx, name, size))


def _aggregated(mx, name, size):
    import os

    os.environ["MXNET_OPTIMIZER_AGGREGATION_SIZE"] = size
    try:
        optimizer = made(mx, name)
        return [optimizer.aggregate_num, mx.optimizer.get_updater(optimizer).aggregate_updates]
    finally:
        del os.environ["MXNET_OPTIMIZER_AGGREGATION_SIZE"]


PARTS = [rules, dtypes, one_by_one, schedules, multipliers, sparse, states, settings, machinery]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("optimizer_rules", check_complete(results(mxnet)))
