"""Writes tests/golden/optimizer.json: SGD and Adam of MXNet step by step, and the machinery around optimizers.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.optimizer
"""

import itertools

import numpy as np

from tests.oracle.gluon_common import attempt, check_complete, collect, kind, warned
from tests.oracle.scenario import write

SHAPES = ((3, 2), (4,), (1,))


def arrays(mx, random, dtype, scale=1.0):
    return [mx.nd.array(random.uniform(-scale, scale, s), dtype=dtype) for s in SHAPES]


def steps(mx, optimizer, dtype="float32", count=20, one_by_one=False):
    """Weights after ``count`` updates with fixed gradients, through an Updater."""
    random = np.random.RandomState(3)
    updater = mx.optimizer.get_updater(optimizer)
    weights = arrays(mx, random, dtype)
    indices = list(range(len(weights)))
    for _ in range(count):
        grads = arrays(mx, random, dtype, 2.0)
        if one_by_one or not updater.aggregate_updates:
            for i in indices:
                updater(i, grads[i], weights[i])
        else:
            updater(indices, grads, weights)
    return [weights, optimizer.num_update]


def rules(mx, put):
    common = {"wd": (0.0, 0.01), "clip_gradient": (None, 0.5), "rescale_grad": (1.0, 0.125)}
    own = {
        "SGD": [{"momentum": 0.0}, {"momentum": 0.9}],
        "Adam": [{}, {"beta1": 0.7, "beta2": 0.9, "epsilon": 1e-3}],
    }
    for name in sorted(own):
        for extra in own[name]:
            for values in itertools.product(*(common[k] for k in sorted(common))):
                arguments = dict(zip(sorted(common), values), learning_rate=0.05, **extra)
                shown = " ".join("%s=%s" % (k, arguments[k]) for k in sorted(arguments))
                put("%s %s" % (name, shown), steps(mx, getattr(mx.optimizer, name)(**arguments)))
            for multi, dtype in itertools.product((False, True), ("float16", "float64")):
                if name == "SGD" and dtype == "float64" and multi:
                    continue
                arguments = dict(learning_rate=0.05, wd=0.01, multi_precision=multi, **extra)
                shown = "%s %s %s multi_precision=%s" % (name, sorted(extra.items()), dtype, multi)
                put(shown, steps(mx, getattr(mx.optimizer, name)(**arguments), dtype))
    put("one by one", steps(mx, mx.optimizer.SGD(learning_rate=0.1, momentum=0.9), one_by_one=True))
    put("lazy_update", steps(mx, mx.optimizer.SGD(learning_rate=0.1, lazy_update=False)))
    put("begin_num_update", steps(mx, mx.optimizer.Adam(learning_rate=0.1, begin_num_update=10), count=3))
    scheduler = mx.lr_scheduler.MultiFactorScheduler(step=[3, 6], factor=0.1, base_lr=0.5)
    put("scheduler", steps(mx, mx.optimizer.SGD(lr_scheduler=scheduler), count=9))
    scheduler = mx.lr_scheduler.PolyScheduler(max_update=10, base_lr=0.5)
    put("adam scheduler", steps(mx, mx.optimizer.Adam(lr_scheduler=scheduler), count=9))


def multipliers(mx, put):
    names = {0: "fc_weight", 1: "fc_bias", 2: "bn_gamma", 3: "bn_beta"}
    optimizer = mx.optimizer.SGD(learning_rate=0.5, wd=0.1, param_idx2name=names)
    put("wd_mult", optimizer.wd_mult)
    put("wds", [optimizer._get_wd(i) for i in range(5)])
    optimizer.set_lr_mult({"fc_weight": 0.5, 3: 0.1})
    optimizer.set_wd_mult({"fc_bias": 2.0})
    put("lrs", [optimizer._get_lr(i) for i in range(5)])
    put("lrs at once", optimizer._get_lrs([0, 1, 2, 3]))
    put("wds after", [optimizer._get_wd(i) for i in range(5)])
    data = mx.sym.var("data")
    weight = mx.sym.var("fc_weight", lr_mult=0.25, wd_mult=0.5)
    net = mx.sym.FullyConnected(data, weight, num_hidden=2, name="fc")
    optimizer = mx.optimizer.SGD(learning_rate=0.5, wd=0.1, param_idx2name=names, sym=net)
    put("from a symbol", [optimizer.lr_mult, optimizer.wd_mult])
    params = {0: mx.gluon.Parameter("a", lr_mult=0.1, wd_mult=3.0)}
    optimizer = mx.optimizer.SGD(
        learning_rate=0.5, wd=0.1, param_dict=params, param_idx2name={0: "a_bias", 1: "b_bias"}
    )
    put("param_dict", [optimizer._get_lr(0), optimizer._get_lr(1), optimizer._get_wd(0), optimizer._get_wd(1)])
    put("bad names", attempt(mx.optimizer.SGD, param_idx2name=["a"]))


def machinery(mx, put):
    opt = mx.optimizer
    put("defaults", [[o.lr, o.wd, o.rescale_grad, o.clip_gradient] for o in (opt.SGD(), opt.Adam())])
    put("create", [type(opt.create(n)).__name__ for n in ("sgd", "SGD", "adam", "Adam")])
    put("create with arguments", opt.create("sgd", learning_rate=0.3).learning_rate)
    put("Optimizer.create_optimizer", type(opt.Optimizer.create_optimizer("adam")).__name__)
    put("unknown", attempt(opt.create, "nope"))
    put("not a name", kind(opt.create, 3))
    put("unknown argument", kind(opt.create, "sgd", bogus=1))
    sgd = opt.SGD(learning_rate=0.1)
    sgd.set_learning_rate(0.4)
    put("set_learning_rate", [sgd.learning_rate, sgd.lr])
    put("set_lr_scale", kind(sgd.set_lr_scale, {}))
    put("scheduler", attempt(opt.SGD(lr_scheduler=mx.lr_scheduler.FactorScheduler(2)).set_learning_rate, 1))
    put("base", [attempt(opt.Optimizer().create_state, 0, mx.nd.ones(1)), kind(opt.Optimizer().update, 0, 1, 2, 3)])
    put("states", [kind(sgd.create_state, 0, mx.nd.ones(2)), opt.SGD(momentum=0.9).create_state(0, mx.nd.ones(2))])
    put("states of Adam", opt.Adam().create_state(0, mx.nd.ones(2)))
    half = mx.nd.ones(2, dtype="float16")
    for multi in (False, True):
        made = opt.Adam(multi_precision=multi)
        put("state of a half, %s" % multi, warned(made.create_state_multi_precision, 0, half))

    class Mine(opt.Optimizer):
        def create_state(self, index, weight):
            return mx.nd.zeros(weight.shape)

        def update(self, index, weight, grad, state):
            self._update_count(index)
            state += grad
            weight -= self._get_lr(index) * state

    put("register", opt.register(Mine) is Mine)
    put("registered", type(opt.create("mine", learning_rate=2)).__name__)
    put("steps", steps(mx, opt.create("mine", learning_rate=0.1), count=3))
    put("steps in half", steps(mx, opt.create("mine", learning_rate=0.1, multi_precision=True), "float16", 3))
    put("registered twice", warned(opt.register, type("Mine", (Mine,), {}))["result"])
    updater = opt.get_updater(opt.SGD(learning_rate=0.5, momentum=0.9))
    weight, grad = mx.nd.ones(2), mx.nd.ones(2)
    updater(0, grad, weight)
    updater("name", grad, weight)
    put("updater", [weight, sorted(map(str, updater.states)), updater.states[0], type(updater).__name__])
    counts = opt.SGD()
    counts._update_count(3)
    counts._update_count([3, 4])
    put("counts", [counts.num_update, counts._index_update_count])
    counts._set_current_context(1)
    counts._update_count(3)
    put("counts of another device", [counts.num_update, counts._index_update_count, counts._all_index_update_counts])
    put("update", attempt(_one_update, mx))


def _one_update(mx):
    sgd = mx.optimizer.SGD(learning_rate=0.1, momentum=0.9)
    weight, grad = mx.nd.array([1.0, 2]), mx.nd.array([1.0, -1])
    state = sgd.create_state(0, weight)
    sgd.update(0, weight, grad, state)
    sgd.update(0, weight, grad, state)
    sgd.update([0, 1], [weight, grad], [grad, grad], [state, sgd.create_state(1, grad)])
    return [weight, state, sgd.num_update]


PARTS = [rules, multipliers, machinery]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("optimizer", check_complete(results(mxnet)))
