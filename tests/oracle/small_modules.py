"""Writes tests/golden/small_modules.json: mx.engine, error, runtime, base, libinfo, contrib.autograd, misc,
random.seed.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.small_modules
"""

import importlib
import types

import numpy as np

from tests.oracle.callback import logged
from tests.oracle.gluon_common import attempt, check_complete, collect, kind
from tests.oracle.scenario import write


def engine(mx, put):
    size = mx.engine.set_bulk_size
    first = size(3)
    put("set_bulk_size", [first, size(0), size(7), size(15)])
    put("no integer", [kind(size, 2.5), kind(size, "a"), size(15)])
    found = []
    with mx.engine.bulk(20) as scope:
        found += [type(scope).__name__, size(21)]
    found.append(size(15))
    with mx.engine.bulk(15):
        found.append(size(4))
    found.append(size(0))
    with mx.engine.bulk(5):
        pass
    found.append(size(15))
    put("bulk", found)
    put("bulk, attributes", vars(mx.engine.bulk(4)))
    size(0)


def error(mx, put):
    error, base = mx.error, mx.base
    before = sorted(base.error_types)
    put("registered", {name: base.error_types[name].__mro__[1].__name__ for name in before})
    put("__all__", sorted(error.__all__))

    @error.register
    class Mine(error.MXNetError):
        pass

    @error.register_error("some.Name")
    class Other(ValueError):
        pass

    found = error.register("Third", KeyError)
    put("register", [Mine.__name__, Other.__name__, found is KeyError, sorted(set(base.error_types) - set(before))])
    put("classes", [base.error_types[n].__name__ for n in ("Mine", "some.Name", "Third")])
    put(
        "InternalError",
        [str(error.InternalError("what")).split("\n")[0], issubclass(error.InternalError, mx.MXNetError)],
    )
    put("same", [error.register is base.register_error, error.MXNetError is mx.MXNetError])
    for name in ("Mine", "some.Name", "Third"):
        del base.error_types[name]


def runtime(mx, put):
    features = mx.runtime.Features()
    put("names", list(features))
    put("types", [type(features).__name__, type(features["CUDA"]).__name__, isinstance(features, dict)])
    put("one", [mx.runtime.Features() is features, mx.runtime.Features.instance is features])
    put("list", [f.name for f in mx.runtime.feature_list()])
    put("shown", sorted({repr(f)[0] for f in features.values()}) and repr(features["TENSORRT"]))
    put("repr", repr(features) == str([f for f in features.values()]))
    put("is_enabled", [features.is_enabled(n) for n in ("CUDA", "cuda", "tensorrt", "OPENMP", "lapack", "debug")])
    put("enabled", [features[n].enabled for n in ("TENSORRT", "OPENMP")] + [features[n].name for n in ("CUDA",)])
    put("unknown", attempt(features.is_enabled, "nope"))
    put("no name", kind(features.is_enabled, 3))
    put("missing", kind(lambda: features["cuda"]))


def base(mx, put):
    base = mx.base
    names, kinds, texts = (
        ["a", "b", "a", "num_args"],
        ["int", "float, optional", "x", "int"],
        ["first", "", "again", "n"],
    )
    put("build_param_doc", [base.build_param_doc(names, kinds, texts, flag) for flag in (True, False)])
    put("build_param_doc, nothing", base.build_param_doc([], [], []))
    put("py_str", base.py_str("caf\u00e9".encode("utf-8")))

    class Meta(type):
        def __new__(cls, name, bases, namespace):
            return type.__new__(cls, name, bases, dict(namespace, mark=len(bases)))

    class Of(base.with_metaclass(Meta, dict)):
        pass

    put("with_metaclass", [Of.mark, Of.__name__, Of.__bases__ == (dict,), type(Of) is Meta])
    module = types.ModuleType("made_up")

    def function():
        "Text."

    class Class:
        "Of a class."

        def method(self):
            "Of a method."

        def without(self):
            pass

    function.__module__ = Class.__module__ = Class.method.__module__ = "made_up"
    module.function, module.Class, module.number = function, Class, 3
    base.add_fileline_to_docstring(module)
    shown = [
        d.__doc__ if d.__doc__ is None else d.__doc__.split("From:")[0] for d in (function, Class.method, Class.without)
    ]
    put("add_fileline_to_docstring", shown)
    put("constants", [base.string_types == (str,), base.numeric_types[0].__name__, np.int64 in base.integer_types])
    put("versions", [mx.__version__, mx.libinfo.__version__])


def contrib_autograd(mx, put):
    ag, auto = mx.contrib.autograd, mx.autograd
    modes = lambda: [auto.is_recording(), auto.is_training()]  # noqa: E731
    found = [modes()]
    with ag.train_section() as scope:
        found += [scope, modes()]
        with ag.test_section():
            found.append(modes())
            with ag.test_section():
                found.append(modes())
            found.append(modes())
        found.append(modes())
        with ag.train_section():
            found.append(modes())
        found.append(modes())
    put("sections", found + [modes()])
    put("set_is_training", [ag.set_is_training(True), modes(), ag.set_is_training(False), modes()])
    x, y = mx.nd.array([1.0, 2]), mx.nd.array([3.0, 6])
    for req in ("write", "add"):
        gradient = mx.nd.ones(2)
        ag.mark_variables([x], [gradient], req)
        with ag.train_section():
            out = x * x * y
        ag.backward([out])
        put("backward, " + req, [out, gradient])
        with ag.train_section():
            out = x * y
        ag.compute_gradient([out])
        put("compute_gradient, " + req, gradient)
        with ag.train_section():
            out = x * x
        ag.backward((out,), (mx.nd.array([1.0, 10]),), retain_graph=True)
        ag.backward([out], [None])
        put("out_grads, " + req, gradient)
    product = lambda a, b: a * a * b  # noqa: E731
    for argnum in (None, 0, 1, [1], [1, 0]):
        put("grad_and_loss, %s" % argnum, ag.grad_and_loss(product, argnum)(x, y))
        put("grad, %s" % argnum, ag.grad(product, argnum)(x, y))
    put("several outputs", ag.grad_and_loss(lambda a, b: [a * b, a + b])(x, y))
    put("name", ag.grad(contrib_autograd).__name__)
    put("no array", attempt(ag.grad(lambda a: a), 3))
    put("no list", attempt(ag.backward, x))


def seeding(mx, put):
    draw = lambda ctx: mx.nd.random.uniform(shape=2, ctx=ctx)  # noqa: E731
    one, two = mx.cpu(0), mx.cpu(1)
    mx.random.seed(7)
    put("all", [draw(one), draw(two)])
    mx.random.seed(7, ctx=one)
    put("of one context", draw(one))
    mx.random.seed(7, ctx="all")
    first = draw(one)
    mx.random.seed(np.int32(7))
    put("int32", [first, draw(one)])
    for name, args in (
        ("float", (1.5,)), ("text", ("1",)), ("None", (None,)), ("negative", (-1,)),
        ("large", (2**40,)), ("bool", (True,)), ("int64", (np.int64(3),)),
    ):  # fmt: skip
        put(name, kind(mx.random.seed, *args))
    mx.random.seed(-1)
    put("after a negative one", draw(one))
    mx.random.seed(2**32 - 1)
    put("after the largest", draw(one))
    before = np.random.RandomState(3).rand()
    np.random.seed(3)
    mx.random.seed(4)
    put("numpy's generator is not touched", np.random.rand() == before)
    np.random.seed(9)
    mx.random.seed(7)
    put("nor looked at", draw(one))


def misc(mx, put):
    module = importlib.import_module(mx.__name__ + ".misc")
    for args in ((0,), (1, 1.0), (1, 2)):
        put("FactorScheduler%r" % (args,), attempt(module.FactorScheduler, *args))
    schedule = module.LearningRateScheduler()
    put("base class", [vars(schedule), attempt(schedule, 1)])
    for base_lr in (None, 0.5):
        schedule = module.FactorScheduler(3, 0.5)
        schedule.base_lr = base_lr or schedule.base_lr
        with logged() as lines:
            rates = [schedule(i) for i in (0, 2, 3, 4, 6, 7, 5, 100)]
        put("rates, base_lr=%s" % base_lr, [rates, lines, vars(schedule)])
    put("default factor", module.FactorScheduler(5).factor)
    optimizer = mx.optimizer.SGD(lr_scheduler=module.FactorScheduler(2, 0.5))
    weight, rates = mx.nd.ones(1), []
    for _ in range(5):
        optimizer.update(0, weight, mx.nd.ones(1), None)
        rates.append(optimizer.learning_rate)
    put("in an optimizer", [rates, weight])


PARTS = [engine, error, runtime, base, contrib_autograd, seeding, misc]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("small_modules", check_complete(results(mxnet)))
