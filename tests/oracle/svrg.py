"""Writes tests/golden/svrg.json: what MXNet's SVRGModule and its optimizers compute, of linear regressions.

MXNet adds each full gradient to a share of the one before, and on a KVStore it takes the first step's gradients at
weights that are zero. So the runs with several full gradients start each from zero, and those on a KVStore have zeros
as their first weights. What MXNet does without that is in the part ``differing``.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.svrg
"""

import importlib
import re

import numpy as np

from tests.oracle.gluon_common import attempt, check_complete, collect, kind
from tests.oracle.module_common import watch
from tests.oracle.scenario import plain, write

RANDOM = np.random.RandomState(5)
DATA = RANDOM.rand(12, 3).astype("float32")
LABEL = (DATA.dot(np.array([1.0, 2.0, 3.0])) + 0.5).astype("float32")
OPTIMIZERS = (
    ("sgd", {"learning_rate": 0.1}),
    ("sgd", {"learning_rate": 0.05, "momentum": 0.9, "wd": 0.01}),
    ("adam", (("learning_rate", 0.1),)),
    ("sgd", {"learning_rate": 0.1, "clip_gradient": 0.2}),
    ("nag", {"learning_rate": 0.01, "momentum": 0.5, "rescale_grad": 1.0}),
)


def svrg(mx):
    return importlib.import_module(mx.__name__ + ".contrib.svrg_optimization.svrg_module").SVRGModule


def optimizers(mx):
    return importlib.import_module(mx.__name__ + ".contrib.svrg_optimization.svrg_optimizer")


def net(mx, name="fc"):
    found = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=1, name=name)
    return mx.sym.LinearRegressionOutput(found, mx.sym.Variable("y"), name="out")


def deep_net(mx):
    """A graph with auxiliary states and a random mask."""
    x = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=4, name="fc1")
    x = mx.sym.Dropout(mx.sym.BatchNorm(x, fix_gamma=False, name="bn"), p=0.5)
    return mx.sym.LinearRegressionOutput(
        mx.sym.FullyConnected(x, num_hidden=1, name="fc2"), mx.sym.Variable("y"), name="out"
    )


def iterator(mx, batch_size=4, count=12, **kwargs):
    return mx.io.NDArrayIter(DATA[:count], LABEL[:count], batch_size=batch_size, label_name="y", **kwargs)


def made(mx, cls=None, update_freq=2, graph=None, **kwargs):
    cls = svrg(mx) if cls is None else cls
    graph = net(mx) if graph is None else graph
    return cls(graph, label_names=("y",), update_freq=update_freq, **kwargs)


def bound(mx, initializer=None, **kwargs):
    found, data = made(mx, **kwargs), iterator(mx)
    found.bind(data.provide_data, data.provide_label)
    found.init_params(initializer or mx.init.One())
    return found


def ready(mx, store=None, optimizer="sgd", params=(("learning_rate", 0.1),), **kwargs):
    found = bound(mx, **kwargs)
    found.init_optimizer(store, optimizer, params)
    return found


def contexts(mx, count):
    return [mx.cpu(i) for i in range(count)]


def stepped(mx, module, data):
    """[the full gradients of each context, the gradients and the parameters of each step]"""
    module.update_full_grads(data)
    found = [plain(module._param_dict), []]
    data.reset()
    for batch in data:
        module.forward_backward(batch)
        module.update()
        found[1].append(plain([module._exec_group.grad_arrays, module.get_params()[0]]))
    return found


def fresh(mx):
    """The class with full gradients that start from zero."""

    class Fresh(svrg(mx)):
        def update_full_grads(self, train_data):
            for sums in self._param_dict:
                for array in sums.values():
                    array[:] = 0
            super().update_full_grads(train_data)

    return Fresh


def fitted(mx, module, data, **kwargs):
    """[log lines with numbers of four digits, parameters]"""
    kwargs.setdefault("optimizer_params", {"learning_rate": 0.3})
    kwargs.setdefault("initializer", mx.init.Zero())
    found = watch(module.fit, data, eval_metric="mse", **kwargs)
    for line in found["lines"]:
        line[2] = re.sub(r"(?<=mse=).+", lambda m: "%.4g" % float(m.group()), line[2])
    return [found, module.get_params()[0]]


def arguments(mx, put):
    for value in (None, 0, -1, 1.5, "a", 2, 2.0, np.int64(2), True):
        name = "update_freq=%r" % (value if value is None or isinstance(value, (int, str)) else float(value),)
        name += "" if not isinstance(value, np.integer) else " of NumPy"
        put(name, attempt(lambda value=value: made(mx, update_freq=value).update_freq))
    module = made(mx)
    put("looks", [module.update_freq, module.data_names, module.label_names, module.output_names])
    put("before bind", [kind(module.reshape, [("data", (2, 3))]), kind(module.init_optimizer)])
    put("forward before bind", kind(module.forward, next(iterator(mx))))
    module = bound(mx)
    put("bound again", watch(module.bind, [("data", (4, 3))], [("y", (4,))]))
    module.init_optimizer(None)
    put("initialized again", watch(module.init_optimizer, None))
    batch = next(iterator(mx))
    put("predict mode before full gradients", kind(module.forward, batch, is_train=False))
    put("train mode before full gradients", kind(module.forward, batch, is_train=True))
    put("backward before full gradients", kind(module.backward))
    put("no epochs", attempt(module.fit, iterator(mx)))
    put("unknown optimizer", attempt(bound(mx).init_optimizer, None, "nope"))
    put("bases", [c.__name__ for c in svrg(mx).__mro__])


def own_optimizers(mx, put):
    module = optimizers(mx)
    assign = module._AssignmentOptimizer()
    weight, grad = mx.nd.ones(2), mx.nd.array([3, 4])
    put("assigned", [assign.create_state(0, weight), assign.update(0, weight, grad, None), weight])
    grad[:] = 9
    put("a copy", weight)
    put("another shape", kind(assign.update, 0, weight, mx.nd.ones(3), None))
    put("registered", [type(mx.optimizer.create("_AssignmentOptimizer")).__name__])
    both = module._SVRGOptimizer
    names = {0: "a", 1: "b", 2: "a_full", 3: "b_full"}
    found = both("sgd", learning_rate=0.5, momentum=0.9, param_idx2name=names)
    for index in (0, 1, 2, 3, "a", "a_full", 7, "c", "c_full"):
        weight = mx.nd.ones(2)
        put("%r" % (index,), kind(lambda: [found._check_index(index), found.create_state(index, weight)]))
        put(
            "%r updated" % (index,),
            kind(lambda: [found.update(index, weight, grad, found.create_state(index, weight)), weight]),
        )
    put("counts", [found.num_update, found.default_opt.num_update])
    put("classes", [type(o).__name__ for o in (found, found.default_opt, found.aux_opt)])
    put("common", [found.lr, found.wd, found.rescale_grad, found.idx2name, found.default_opt.momentum])
    other = mx.optimizer.create("_svrgoptimizer", default_optimizer="adam", wd=0.1, beta1=0.5)
    put("adam", [other.lr, other.wd, other.default_opt.lr, other.default_opt.wd, other.default_opt.beta1])
    put("an object", both(mx.optimizer.SGD(momentum=0.3)).default_opt.momentum)
    put("_check_params", sorted(both._check_params(learning_rate=1, momentum=2, wd=3, sym=4, foo=5)))
    put("unknown", attempt(both, "nope"))
    put("unknown argument", kind(both, "sgd", nope=1))
    put("no optimizer", kind(both))


def full_gradients(mx, put):
    for count in (1, 2):
        module = ready(mx, context=contexts(mx, count))
        module.update_full_grads(iterator(mx))
        put("%d contexts" % count, module._param_dict)
        module = ready(mx, context=contexts(mx, count))
        module.update_full_grads(iterator(mx, count=10))
        put("%d contexts, filled up" % count, module._param_dict)
    module, data = ready(mx), iterator(mx)
    next(data)
    module.update_full_grads(data)
    put("data not at their beginning", [module._param_dict, kind(data.next)])
    module = ready(mx, "device", initializer=mx.init.Zero(), context=contexts(mx, 2))
    module.update_full_grads(iterator(mx))
    put("on a KVStore", module._param_dict)
    arrays = [mx.nd.array(v) for v in ([1, 2], [10, 10], [100, 200])]
    put("rule", [module._svrg_grads_update_rule(*arrays), arrays])


def steps(mx, put):
    for optimizer, params in OPTIMIZERS:
        module = ready(mx, optimizer=optimizer, params=params)
        put("%s %s" % (optimizer, sorted(dict(params).items())), stepped(mx, module, iterator(mx)))
    schedule = {"learning_rate": 0.1, "lr_scheduler": mx.lr_scheduler.FactorScheduler(1, 0.5)}
    put("lr_scheduler", stepped(mx, ready(mx, params=schedule), iterator(mx)))
    put("an object", stepped(mx, ready(mx, optimizer=mx.optimizer.SGD(learning_rate=0.02)), iterator(mx)))
    put("filled up", stepped(mx, ready(mx), iterator(mx, count=10)))
    put("2 contexts, no KVStore", stepped(mx, ready(mx, context=contexts(mx, 2)), iterator(mx)))
    zeros = {"initializer": mx.init.Zero()}
    for optimizer, params in OPTIMIZERS[:3]:
        name = "%s %s" % (optimizer, sorted(dict(params).items()))
        module = ready(mx, mx.kv.create("local"), optimizer, params, **zeros)
        put("KVStore, " + name, stepped(mx, module, iterator(mx)))
    for store in ("local", "device"):
        module = ready(mx, store, context=contexts(mx, 2), **zeros)
        put("2 contexts, " + store, stepped(mx, module, iterator(mx)))

    class Plain(svrg(mx)):
        def _svrg_grads_update_rule(self, current, special, full):
            return current * 2 - special

    put("another rule", stepped(mx, ready(mx, cls=Plain), iterator(mx))[1][0][1])


def other_shapes(mx, put):
    module = ready(mx)
    module.update_full_grads(iterator(mx))
    module.reshape([("data", (2, 3))], [("y", (2,))])
    put("reshape", [[d.shape for d in m.data_shapes] for m in (module, module._mod_aux)])
    for size in (2, 6):
        module.forward_backward(next(iterator(mx, size)))
        module.update()
        put("batches of %d" % size, [module.get_params()[0], [d.shape for d in module._mod_aux.data_shapes]])
    module.bind([("data", (4, 3))], [("y", (4,))], force_rebind=True)
    module.forward_backward(next(iterator(mx)))
    module.update()
    put("force_rebind", module.get_params()[0])
    module.init_optimizer(None, "sgd", {"learning_rate": 0.1}, force_init=True)
    put("force_init", module._param_dict)
    put("predict", module.predict(iterator(mx)))
    put("score", module.score(iterator(mx), "mse"))
    module.bind([("data", (4, 3))], [("y", (4,))], for_training=False, force_rebind=True)
    module.forward(next(iterator(mx)))
    put("not for training", [module.get_outputs()[0], kind(module.backward)])


def epochs(mx, put):
    put("up to the second full gradient", fitted(mx, made(mx), iterator(mx), num_epoch=2))
    put("with evaluation", fitted(mx, made(mx), iterator(mx), eval_data=iterator(mx, count=8), num_epoch=2))
    for update_freq in (1, 2, 3):
        module = made(mx, fresh(mx), update_freq)
        put("update_freq=%d" % update_freq, fitted(mx, module, iterator(mx), num_epoch=5))
    module = made(mx, fresh(mx), 2)
    for first in (0, 2):
        put("begin_epoch=%d" % first, fitted(mx, module, iterator(mx), begin_epoch=first, num_epoch=first + 2))
    for optimizer, params in OPTIMIZERS[:3]:
        module = made(mx, fresh(mx), 1)
        name = "%s %s" % (optimizer, sorted(dict(params).items()))
        put(name, fitted(mx, module, iterator(mx), optimizer=optimizer, optimizer_params=params, num_epoch=4))
    module = made(mx, fresh(mx), 1)
    put("KVStore", fitted(mx, module, iterator(mx), kvstore=mx.kv.create("local"), num_epoch=4))
    for store in ("local", "device"):
        module = made(mx, fresh(mx), 2, context=contexts(mx, 2))
        put("2 contexts, " + store, fitted(mx, module, iterator(mx), kvstore=store, num_epoch=4))
    np.random.seed(7)
    data = iterator(mx, shuffle=True)
    put("shuffled", fitted(mx, made(mx, fresh(mx), 2), data, num_epoch=4))
    mx.random.seed(3)
    module = made(mx, graph=deep_net(mx))
    fitted(mx, module, iterator(mx), initializer=mx.init.Xavier(), optimizer_params={"learning_rate": 0.1}, num_epoch=2)
    put("auxiliary states and Dropout", module.get_params())
    put("begins too late", kind(made(mx).fit, iterator(mx), begin_epoch=1, num_epoch=2, eval_metric="mse"))


def differing(mx, put):
    module, data = ready(mx), iterator(mx, count=10)
    module.update_full_grads(data)
    first = plain(module._param_dict)
    module.update_full_grads(data)
    put("a second full gradient", [first, module._param_dict])
    put("update_freq=1", fitted(mx, made(mx, update_freq=1), iterator(mx), num_epoch=3)[1])
    put("KVStore", stepped(mx, ready(mx, mx.kv.create("local")), iterator(mx)))
    with mx.name.NameManager():
        module = made(mx, graph=net(mx, None))
    put("full in a name", fitted(mx, module, iterator(mx), num_epoch=2)[1])
    module = ready(mx)
    module.update_full_grads(iterator(mx))
    batch = next(iterator(mx))
    module.forward(batch)
    module.backward()
    module.update()
    put("forward without is_train", module.get_params()[0])
    weight = mx.sym.Variable("fc_weight", lr_mult=0.0)
    graph = mx.sym.FullyConnected(mx.sym.Variable("data"), weight=weight, num_hidden=1, name="fc")
    graph = mx.sym.LinearRegressionOutput(graph, mx.sym.Variable("y"), name="out")
    put("lr_mult of the graph", stepped(mx, ready(mx, graph=graph), iterator(mx))[1][0][1]["fc_weight"])
    module = ready(mx, fixed_param_names=["fc_bias"])
    put("fixed_param_names", kind(module.update_full_grads, iterator(mx)))
    module = made(mx)
    lines = fitted(mx, module, iterator(mx), num_epoch=1, batch_end_callback=lambda p: p.eval_metric.reset_local())
    put("metric reset by a callback", lines[0]["lines"][0])
    module = made(mx, fresh(mx), 2)
    fitted(mx, module, iterator(mx), num_epoch=1)
    put("goes on", fitted(mx, module, iterator(mx), begin_epoch=1, num_epoch=2)[1])
    module = ready(mx)
    module._optimizer.set_learning_rate(0.5)
    put("set_learning_rate", module._optimizer.default_opt.learning_rate)
    put("an optimizer that is none", kind(bound(mx).init_optimizer, None, 3))


PARTS = [arguments, own_optimizers, full_gradients, steps, other_shapes, epochs, differing]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("svrg", check_complete(results(mxnet)))
