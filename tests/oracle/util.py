"""Writes tests/golden/util.json: MXNet's util, registry and log.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.util
"""

import importlib
import logging
import os
import tempfile
import time
import warnings
from pathlib import Path

from tests.oracle.scenario import attempt, plain, write


def np_semantics(mx, found):
    util = mx.util
    found["set_np_shape"] = [util.is_np_shape()]
    for active in (True, True, False, False):
        found["set_np_shape"] += [util.set_np_shape(active), util.is_np_shape()]
    found["shape without array"] = attempt(util.set_np, shape=False, array=True)
    util.set_np(shape=True, array=False)
    found["set_np shape"] = [util.is_np_shape(), util.is_np_array()]
    util.reset_np()
    found["reset_np"] = [util.is_np_shape(), util.is_np_array()]
    scope = util.np_shape()
    with scope:
        with util.np_shape(False):
            found["np_shape"] = [util.is_np_shape()]
        found["np_shape"].append(util.is_np_shape())
    found["np_shape"].append(util.is_np_shape())
    with util.np_array(False):
        found["np_array off"] = util.is_np_array()
    scopes = util._NumpyShapeScope(True), util._NumpyArrayScope(False)
    with scopes[0], scopes[1]:
        found["scopes"] = [util.is_np_shape(), util.is_np_array()]
    found["class of np_shape()"] = type(util.np_shape()) is util._NumpyShapeScope
    found["class of np_array()"] = type(util.np_array(False)) is util._NumpyArrayScope

    @util.use_np_shape
    def inside(a, b=2):
        "doc"
        return [util.is_np_shape(), a, b]

    @util.use_np_shape
    class Everything:
        def __init__(self):
            self.at_start = util.is_np_shape()

        def method(self):
            return util.is_np_shape()

        @property
        def value(self):
            return util.is_np_shape()

        @staticmethod
        def static():
            return util.is_np_shape()

        def __call__(self):
            return util.is_np_shape()

    one = Everything()
    found["use_np_shape"] = [inside(1), inside(1, b=3), inside.__name__, inside.__doc__, util.is_np_shape()]
    found["use_np_shape class"] = [one.at_start, one.method(), one.value, Everything.static(), one()]
    for name in ("use_np_shape", "use_np_array"):
        found[name + " refuses"] = attempt(getattr(util, name), 3)


def ufuncs(mx, found):
    util = mx.util
    options = [
        ("where", True), ("where", False), ("casting", "same_kind"), ("casting", "x"), ("casting", "no"),
        ("order", "K"),         ("order", "C"), ("dtype", "float32"), ("dtype", "f4"), ("dtype", "int16"),
        ("subok", True), ("subok", False), ("zz", 1),
    ]  # fmt: skip

    @util.wrap_np_unary_func
    def unary(x, out=None, **kwargs):
        return [x, out]

    @util.wrap_np_binary_func
    def binary(x1, x2, out=None, **kwargs):
        return [x1, x2, out]

    for key, value in options:
        found["legal %s=%s" % (key, value)] = util.np_ufunc_legal_option(key, value)
        found["unary %s=%s" % (key, value)] = attempt(unary, 1, **{key: value})
        refused = attempt(binary, 1, 2, **{key: value})
        found["binary %s=%s" % (key, value)] = refused["raises"] if isinstance(refused, dict) else refused
    found["unary out"] = unary(1, out=3)
    found["binary out"] = binary(1, 2, out=3)


def environment(mx, found):
    util = mx.util
    name = "MXGLUON_TEST_VARIABLE"
    found["getenv"] = [util.getenv(name)]
    util.setenv(name, "3")
    found["getenv"].append(util.getenv(name))
    util.setenv(name, None)
    found["getenv"].append(util.getenv(name))
    os.environ[name] = "1"
    found["getenv"].append(util.getenv(name))
    del os.environ[name]

    @util.set_module("abc")
    def function():
        pass

    found["set_module"] = [function.__module__, util.set_module(None)(function).__module__]
    found["compute capability"] = attempt(util.get_cuda_compute_capability, mx.cpu())
    found["no such GPU"] = attempt(util.get_gpu_memory, 99)["raises"]


def registries(mx, found):
    registry = mx.registry

    class Base:
        def __init__(self, a=1, b=2):
            self.shown = [type(self).__name__, a, b]

    class Foo(Base):
        pass

    class Foo2(Base):
        pass

    register = registry.get_register_func(Base, "thing")
    alias = registry.get_alias_func(Base, "thing")
    create = registry.get_create_func(Base, "thing")

    def told(function, *args):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = function(*args)
        return [result.__name__, [[w.category.__name__, str(w.message).replace(Base.__module__, "M")] for w in caught]]

    found["register"] = [
        told(register, Foo),
        told(register, Foo, "Bar"),
        told(register, Foo2),
        told(register, Foo2, "FOO"),
    ]
    found["register refuses"] = attempt(register, int)
    found["alias"] = [told(alias("q", "R"), Foo2), sorted(registry.get_registry(Base)), registry.get_registry(int)]
    calls = [
        (("foo",), {}), (("FOO", 3), {"b": 4}), (("bar",), {}), (("r",), {}), (("nope",), {}),
        ((), {"thing": "foo", "a": 4}),
        (('["foo", {"a": 5}]',), {}), (('{"thing": "foo", "a": 7}',), {}), (({"thing": "foo", "b": 9},), {}),
        ((3,), {}),
        ((None,), {}), (('{"a": 1}',), {}), ((), {}), ((["foo", {}],), {}), (("foo",), {"thing": "x"}),
    ]  # fmt: skip
    for i, (args, kwargs) in enumerate(calls):
        outcome = attempt(lambda: create(*args, **kwargs).shown)
        if isinstance(outcome, dict) and outcome["raises"] == "TypeError":
            outcome["text"] = ""  # Python's own, which differs between versions
        found["create %d" % i] = outcome
    instance = Foo()
    found["create instance"] = [
        create(instance) is instance,
        attempt(create, instance, 3),
        attempt(create, instance, b=3),
    ]
    found["create with too much"] = [
        attempt(create, '["foo", {"a": 5}]', 3)["raises"], attempt(create, '{"thing": "foo"}', b=3)["raises"],
    ]  # fmt: skip


def logs(mx, found):
    log = importlib.import_module(mx.__name__ + ".log")
    logger = log.get_logger("mxgluon test one", level=log.INFO)
    again = log.get_logger("mxgluon test one", level=log.DEBUG)
    found["get_logger"] = [again is logger, len(logger.handlers), logger.level, type(logger.handlers[0]).__name__]
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "x.log")
        logger = log.get_logger("mxgluon test two", name)
        logger.propagate = False
        logger.warning("hi %d", 3)
        logger.info("no")
        found["file"] = [logger.handlers[0].mode, logger.level, Path(name).read_text()]
        logger.handlers[0].close()
        logger = log.get_logger("mxgluon test three", name, "w")
        found["file mode"] = logger.handlers[0].mode
        logger.handlers[0].close()
        found["root"] = log.get_logger(None, name) is logging.getLogger()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        log.getLogger("mxgluon test four")
    found["getLogger"] = [[w.category.__name__, str(w.message)] for w in caught]
    formatter = log._Formatter()
    formatter.converter = time.gmtime
    for level in (5, 10, 20, 25, 30, 35, 40, 50):
        record = logging.LogRecord("n", level, "/p/f.py", 12, "msg %s", ("a",), None, "fn")
        record.process, record.created = 7, 86400 * 200
        found["format %d" % level] = formatter.format(record)


def results(mx):
    found = {}
    for part in (np_semantics, ufuncs, environment, registries, logs):
        part(mx, found)
    return plain(found)


if __name__ == "__main__":
    import mxnet

    write("util", results(mxnet))
