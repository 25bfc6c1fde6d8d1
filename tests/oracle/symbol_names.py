"""Writes tests/golden/symbol_names.json: public names, name managers, attributes, renaming, files of older versions.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.symbol_names
"""

import json
import operator
import threading
import warnings
from decimal import Decimal

import numpy as np

from tests.oracle.scenario import attempt, plain, write
from tests.oracle.symbol_graphs import mlp, show, split, squeeze


def public(mx):
    """Names without a leading underscore; those of operators that are in our table are compared elsewhere."""
    yield "Symbol", lambda: [n for n in dir(mx.sym.Symbol) if not n.startswith("_")]
    yield "Symbol's operators", lambda: [n for n in dir(mx.sym.Symbol) if n in DUNDERS]
    yield "NameManager", lambda: [hasattr(mx.name.NameManager, n) for n in ("_current", "current", "get")]
    yield "AttrScope", lambda: [hasattr(mx.AttrScope, n) for n in ("_current", "current", "get")]
    yield "module", lambda: [hasattr(mx.symbol.symbol, n) for n in MODULE]
    yield "package", lambda: [hasattr(mx.sym, n) for n in MODULE]
    yield "same class", lambda: mx.symbol.symbol.Symbol is mx.sym.Symbol is mx.symbol.Symbol


DUNDERS = (
    "__abs__", "__add__", "__bool__", "__call__", "__copy__", "__deepcopy__", "__div__", "__eq__", "__ge__",
    "__getitem__", "__gt__", "__iadd__", "__idiv__", "__imul__", "__isub__", "__iter__", "__itruediv__", "__le__",
    "__len__", "__lt__", "__mod__", "__mul__", "__ne__", "__neg__", "__nonzero__", "__pow__", "__radd__", "__rdiv__",
    "__rmod__", "__rmul__", "__rpow__", "__rsub__", "__rtruediv__", "__sub__", "__truediv__",
)  # fmt: skip
MODULE = (
    "Group", "Symbol", "Variable", "arange", "eye", "full", "histogram", "hypot", "linspace", "load", "load_json",
    "maximum", "minimum", "ones", "pow", "power", "split_v2", "var", "zeros",
)  # fmt: skip


def warned(function):
    """What the call returns, and the warnings that it gives."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        found = function()
    return [found, sorted({"%s: %s" % (w.category.__name__, w.message) for w in seen})]


def elsewhere(function):
    """The same, from another thread."""
    found = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


def managers(mx):
    sym, manager, scope = mx.sym, mx.name.NameManager, mx.AttrScope
    a = sym.var("a")

    class Upper(manager):
        def get(self, name, hint):
            return super(Upper, self).get(name, hint).upper()

    class Nothing(manager):
        def get(self, name, hint):
            return None

    class Number(manager):
        def __init__(self):
            pass

        def get(self, name, hint):
            return "same"

    class Marked(scope):
        def get(self, attr):
            return dict(attr or {}, __mark__="yes")

    def within(context, make):
        with context:
            return make()

    def reentered(m):
        with m as first, m as second:
            return [first is m, second is m, sym.exp(a).name, sym.exp(a).name, manager._current.value is m]

    nets = lambda: sym.Group([sym.FullyConnected(a, num_hidden=3), a + 1, split(mx), sym.BatchNorm(a, name="bn")])  # noqa: E731
    yield "upper", lambda: show(within(Upper(), nets))
    yield "nothing", lambda: show(within(Nothing(), lambda: sym.exp(a)))
    yield "nothing with parameters", lambda: show(within(Nothing(), lambda: sym.FullyConnected(a, num_hidden=3)))
    yield "same", lambda: show(within(Number(), lambda: sym.exp(a) + 1))
    yield "marked", lambda: show(within(Marked(), lambda: sym.exp(sym.var("b"))))
    yield "current", lambda: warned(lambda: type(manager.current).__name__)
    yield "current scope", lambda: warned(lambda: type(scope.current).__name__)
    yield "current value", lambda: type(manager._current.value).__name__ + type(scope._current.value).__name__
    yield "reentered", lambda: reentered(manager())
    yield "prefix in a thread", lambda: within(mx.name.Prefix("p_"), lambda: elsewhere(lambda: sym.exp(a).name))
    yield "scope in a thread", lambda: within(scope(mood="x"), lambda: elsewhere(lambda: sym.var("v").attr("mood")))

    def assigned():
        old = manager._current.value
        manager.current = mx.name.Prefix("z_")
        found = sym.exp(a).name
        manager._current.value = old
        return [found, sym.exp(a).name.startswith("z_")]

    yield "assigned", lambda: warned(assigned)[0]

    def after_failure():
        m = manager()
        try:
            with m:
                raise KeyError
        except KeyError:
            return manager._current.value is m

    yield "left by an error", after_failure

    def counted():
        with manager():
            for make in (lambda: split(mx) + 1, lambda: sym.exp(3), lambda: sym.Activation(a, act_type="x")):
                try:
                    make()
                except Exception:
                    pass
            return [(a + 1).name, sym.exp(a).name, sym.Activation(a, act_type="relu").name]

    yield "numbers that failures take", counted

    def threads():
        names = {}

        def build(key):
            with mx.name.Prefix(key):
                symbol = a
                for _ in range(50):
                    symbol = sym.exp(symbol + 1)
                names[key] = symbol.get_internals().list_outputs()

        workers = [threading.Thread(target=build, args=(key,)) for key in ("one_", "two_", "three_")]
        for w in workers:
            w.start()
        for w in workers:
            w.join()
        return [names["one_"][-1], names["two_"][-1], len(set(names["three_"]))]

    yield "threads at once", threads

    def scopes():
        outer = scope(x="1")
        with scope(y="2"), outer:
            first = sorted(sym.var("v").list_attr().items())
        with outer:
            return [first, sorted(sym.var("v").list_attr().items()), sorted(outer.get({"x": "9"}).items())]

    yield "scope used twice", scopes


def attributes(mx):
    sym = mx.sym
    a = sym.var("a")
    both, other = {"lr_mult": "3", "__lr_mult__": "5"}, {"__lr_mult__": "5", "lr_mult": "3"}
    yield "hidden first", lambda: sym.exp(a, name="e", attr=other)
    yield "hidden second", lambda: sym.exp(a, name="e", attr=both)
    yield "variable hidden second", lambda: sym.var("v", attr=both)
    yield "variable all three", lambda: sym.var("v", attr=both, lr_mult=7)
    for name, kwargs in (
        ("keyword and attr", dict(lr_mult=2, attr={"lr_mult": "5"})),
        ("keyword and hidden attr", dict(lr_mult=2, attr={"__lr_mult__": "5"})),
        ("hidden keyword and attr", dict(__lr_mult__=2, attr={"lr_mult": "5"})),
        ("hidden keyword and hidden attr", dict(__lr_mult__=2, attr={"__lr_mult__": "5"})),
        ("user's keyword and attr", dict(__x__=2, attr={"__x__": "5"})),
        ("two keywords", dict(__lr_mult__=2, lr_mult=4)),
        ("number as attr", dict(attr={"__x__": 3})),
        ("None as attr", dict(attr={"__x__": None})),
        ("profiler scope", dict(attr={"profiler_scope": "p:", "mirror_stage": "1"})),
        ("input's attribute", dict(weight_lr_mult=3)),
        ("input's attribute as attr", dict(attr={"bias_wd_mult": "3"})),
    ):
        yield name, lambda: sym.exp(a, name="e", **kwargs)
    dense = lambda **kwargs: sym.FullyConnected(a, name="f", **kwargs)  # noqa: E731
    yield "operator's attribute as attr", lambda: dense(num_hidden=2, attr={"num_hidden": "5", "no_bias": "True"})
    yield "operator's attribute only as attr", lambda: dense(attr={"num_hidden": "5"})
    yield "unknown attr", lambda: dense(num_hidden=2, attr={"mood": "5"})
    yield "parameters inherit", lambda: dense(num_hidden=2, lr_mult=3, attr={"__init__": "zz", "__shape__": "(2,3)"})
    yield "given parameters do not", lambda: dense(weight=sym.var("w", lr_mult=2), num_hidden=2, lr_mult=0)
    with mx.AttrScope(num_hidden="3"):
        yield "operator's attribute in a scope", lambda: dense(num_hidden=4)
        yield "unknown attribute in a scope", lambda: sym.Activation(a, act_type="relu")
        yield "scope and no attributes", lambda: sym.exp(a, name="e")
    with mx.AttrScope(lr_mult="3"):
        yield "scope and keyword", lambda: sym.exp(a, name="e", lr_mult=4)
        yield "scope and hidden attr", lambda: sym.exp(a, name="e", attr={"__lr_mult__": "7"})
        yield "scope and variable's attr", lambda: sym.var("v", attr={"__lr_mult__": "7"})
        yield "scope and variable's keyword", lambda: sym.var("v", lr_mult=7)
    with mx.AttrScope(__x__="1", ctx_group="g"):
        yield (
            "scope everywhere",
            lambda: [
                sym.zeros((2,)),
                sym.arange(3),
                sym.random.normal(shape=(2,)),
                sym.split_v2(a, 2),
                a.reshape((1, 2)),
                a.astype("float16"),
                a + 1,
                2**a,
                -a,
                abs(a),
                sym.Group([a]),
                sym.maximum(a, 2),
                sym.BatchNorm(a),
            ],  # fmt: skip
        )
    yield "variable's attr of an input", lambda: sym.var("v", attr={"weight_lr_mult": "2"})
    yield "variable's attr number key", lambda: sym.var("v", attr={3: "2"})
    yield "variable's attrs as keywords", lambda: sym.var("v", attr={"__shape__": "(1, 2)", "__dtype__": "1"})
    yield "name is number", lambda: [sym.exp(a, name="x y/z"), sym.exp(a, name="")]

    def set_on(symbol, **kwargs):
        symbol._set_attr(**kwargs)
        return symbol

    yield "set name", lambda: set_on(dense(num_hidden=2), name="other")
    yield "set variable's name", lambda: set_on(sym.var("v"), name="other")
    yield "set hidden", lambda: set_on(sym.var("v"), __x__="1", lr_mult="2")
    yield "set operator's attribute", lambda: set_on(dense(num_hidden=2), num_hidden="5")
    yield "set operator's attribute wrong", lambda: set_on(dense(num_hidden=2), num_hidden="many")
    yield "set unknown attribute", lambda: set_on(dense(num_hidden=2), mood="5")
    yield "set unknown attribute where are none", lambda: set_on(sym.exp(a, name="e"), mood="5")
    yield "set on outputs", lambda: set_on(split(mx), __x__="1")[0]
    yield "set on one output", lambda: set_on(split(mx)[1], __x__="1")
    f = dense(num_hidden=2, attr={"__lr_mult__": "2"})
    keys = ("num_hidden", "no_bias", "lr_mult", "__lr_mult__", "name", "op", "weight_lr_mult", "")
    yield "attr", lambda: [f.attr(k) for k in keys]
    cut = split(mx)
    yield (
        "names of parts",
        lambda: [sym.Group(g).name for g in ([cut[0], cut[1]], [cut[1]], [cut, cut], [cut[0], a], [a])],
    )
    yield "reprs of parts", lambda: [repr(sym.Group(g)) for g in ([cut[0], cut[1]], [cut[1]], [cut, cut], [cut[0], a])]


def numbers(mx):
    a = mx.sym.var("a")
    values = (np.float64(2.5), np.int8(3), 1e-8, 1e20, float("inf"), float("nan"), -0.0, 10**30)
    for name in ("add", "sub", "truediv", "pow", "eq", "lt"):
        function = getattr(operator, name)
        yield name, lambda: [function(a, v) for v in values]
        yield name + " reflected", lambda: [function(v, a) for v in values]
        yield name + " Decimal", lambda: function(a, Decimal(1))
        for i, v in enumerate((None, [1], object, 1j)):
            yield "%s refused %d" % (name, i), lambda: function(a, v)
    for name in ("floordiv", "and_", "or_", "xor", "lshift", "invert", "pos", "index"):
        arguments = (a,) if name in ("invert", "pos", "index") else (a, 2)
        yield name, lambda: getattr(operator, name)(*arguments)
    for function in (len, list, str, repr):
        yield function.__name__, lambda: function(a)
    for function in (bool, round, bytes, complex, next):
        yield function.__name__, lambda: attempt(lambda: function(a)).get("raises")
    yield "power keywords", lambda: [mx.sym.power(base=a, exp=2), mx.sym.pow(base=2, exp=a)]
    yield "maximum keywords", lambda: [mx.sym.maximum(left=a, right=2), mx.sym.hypot(left=2, right=a)]
    yield "in", lambda: attempt(lambda: mx.sym.var("b") in [a]).get("raises")


def parts(mx):
    sym = mx.sym
    group = lambda: sym.Group([sym.exp(sym.var("x"), name="e"), sym.var("b")])  # noqa: E731
    slices = (slice(None), slice(0, 1), slice(0, 9), slice(None, None, 2), slice(1, 2), slice(-1, None), slice(1, 0))
    for index in slices:
        kind = "split[%s:%s:%s]" % (index.start, index.stop, index.step)
        refused = index in slices[-2:]  # the texts are MXNet's own check's
        yield kind, lambda: attempt(lambda: show(split(mx)[index]))["raises"] if refused else split(mx)[index]
    yield "group named", lambda: group()(x=sym.var("new"), name="g")
    yield "group replaced", lambda: group()(x=sym.var("new"), b=sym.var("c"))
    yield "group swapped", lambda: group()(x=sym.var("b"), b=sym.var("x"))
    yield "net named", lambda: mlp(mx)(name="other")
    yield "part named", lambda: mlp(mx).get_internals()["fc1_output"](data=sym.var("new"), name="other")
    yield "internals", lambda: mlp(mx).get_internals()(data=sym.exp(sym.var("x"), name="e"))
    yield "automatic input", lambda: sym.FullyConnected(num_hidden=2, name="f")(f_data=sym.exp(sym.var("x"), name="e"))
    yield "debug of an atom", lambda: sym.zeros((2,)).debug_str()
    yield "debug of a used atom", lambda: (sym.zeros((2,), name="z") + 1).debug_str()
    yield "two of a name", lambda: same_names(mx).list_arguments()
    yield "two of a name, attributes", lambda: same_names(mx)
    yield "histogram", lambda: sym.histogram(sym.var("x"), 3, (0, 3), name="h")
    yield "histogram of edges", lambda: sym.histogram(sym.var("x"), bins=sym.var("e"), name="h", attr={"__a__": "1"})
    yield "histogram without range", lambda: sym.histogram(sym.var("x"), 3)
    yield "histogram wrong", lambda: sym.histogram(sym.var("x"), "x", (0, 1))
    yield "histogram shape", lambda: sym.histogram(sym.var("x"), 3, (0, 3)).infer_shape(x=(4, 5))
    yield "astype named", lambda: sym.var("x").astype("float16", name="n", attr={"__a__": "1"})
    yield "astype copy", lambda: sym.var("x").astype("float16", copy=False)
    yield "astype nothing", lambda: sym.var("x").astype()
    yield "reshape named", lambda: sym.var("x").reshape((1, 2), name="n", attr={"__a__": "1"})


def same_names(mx):
    inner = mx.sym.FullyConnected(mx.sym.var("a"), num_hidden=2, name="f")
    return mx.sym.FullyConnected(inner, num_hidden=2, name="f")


def graph(nodes, version):
    """Symbol JSON of nodes (op, name, inputs, {field: attributes})."""
    found = {
        "nodes": [dict(dict(op=op, name=name, inputs=inputs), **fields) for op, name, inputs, fields in nodes],
        "arg_nodes": [i for i, node in enumerate(nodes) if node[0] == "null"],
        "heads": [[len(nodes) - 1, 0]],
    }
    if version is not None:
        found["attrs"] = {"mxnet_version": ["int", version]}
    return json.dumps(found)


def old_files(mx):
    """Files of versions that write less, or other names; from 0.8 on, which writes no version."""
    load = mx.sym.load_json
    data, weight, bias = (("null", n, [], {}) for n in ("data", "w", "b"))
    dense = {"num_hidden": "3"}
    norm = {"eps": "0.001", "fix_gamma": "True"}
    early = [("null", n, [], {"param": {}, "backward_source_id": -1}) for n in ("data", "w", "b")]
    layer = ("FullyConnected", "fc", [[0, 0], [1, 0], [2, 0]], {"param": dense, "backward_source_id": -1})
    yield "0.8", lambda: load(graph(early + [layer], None))
    hidden = dict(dense, no_bias="True", weight_lr_mult="4", lr_mult="5", weight_wd_mult="7", ctx_group="d")
    marked = ("null", "data", [], {"attr": {"lr_mult": "3", "__x__": "q", "foo": "bar"}})
    sums = [("_Plus", "s"), ("_MulScalar", "s"), ("Softmax", "s"), ("relu", "s"), ("ElementWiseSum", "s")]
    for version in (None, 800, 903, 904, 905, 1000, 1200, 10600):
        for op in ("argmax", "argmin"):
            for axis in ("-1", "1", "None"):
                node = (op, "m", [[0, 0]], {"attr": {"axis": axis}})
                yield "%s %s %s" % (version, op, axis), lambda: load(graph([data, node], version))
        node = ("FullyConnected", "fc", [[0, 0], [1, 0]], {"attr": hidden})
        yield "%s hidden" % version, lambda: load(graph([data, weight, node], version))
        yield "%s variable" % version, lambda: load(graph([marked], version))
    for version in (None, 800):
        short = ("FullyConnected", "fc", [[0, 0]], {"attr": dense})
        yield "%s no parameters" % version, lambda: load(graph([data, short], version))
        stateless = ("BatchNorm", "bn", [[0, 0], [1, 0], [2, 0]], {"param": norm})
        yield "%s no states" % version, lambda: load(graph([data, weight, bias, stateless], version))
    for op, name in sums:
        two = op in ("_Plus", "ElementWiseSum")
        inputs = [[0, 0], [1, 0]] if two else [[0, 0]]
        param = {"ElementWiseSum": {"num_args": "2"}, "_MulScalar": {"scalar": "2.0"}}.get(op, {})
        node = (op, name, inputs, {"param": param})
        yield "alias " + op, lambda: load(graph([data, weight][: len(inputs)] + [node], None))
    yield (
        "param and attr",
        lambda: load(
            graph([data, ("Activation", "r", [[0, 0]], {"param": {"act_type": "relu"}, "attr": {"__x__": "1"}})], None)
        ),
    )
    for name, attrs in (("missing", {}), ("wrong", {"num_hidden": "x"}), ("unknown", dict(dense, mood="x"))):
        node = ("FullyConnected", "fc", [[0, 0], [1, 0], [2, 0]], {"attrs": attrs})
        yield "attribute " + name, lambda: load(graph([data, weight, bias, node], 10901))
    yield "unknown operator", lambda: attempt(lambda: load(graph([data, ("NoSuch", "n", [[0, 0]], {})], 10901)))
    yield "unused node", lambda: load(graph([weight, data, ("exp", "e", [[1, 0]], {})], 10901))


PARTS = {
    "public": public, "managers": managers, "attributes": attributes, "numbers": numbers, "parts": parts,
    "old files": old_files,
}  # fmt: skip


def results(mx):
    found = {}
    for part, scenes in PARTS.items():
        with mx.name.NameManager():
            for name, make in scenes(mx):
                key = part + ": " + name
                assert key not in found, key
                with mx.name.NameManager():
                    found[key] = squeeze(attempt(lambda: plain(shown(make()))))
    return found


def shown(found):
    return found if isinstance(found, (dict, bool)) or found is None else show(found) if symbols(found) else found


def symbols(found):
    return hasattr(found, "list_outputs") or isinstance(found, list) and any(symbols(x) for x in found)


if __name__ == "__main__":
    import mxnet

    write("symbol_names", results(mxnet))
