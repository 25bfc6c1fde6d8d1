"""Writes tests/golden/gluon_parameter_dict.json: MXNet's ParameterDicts and Constants in use.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_parameter_dict
"""

import copy
import logging
import pickle
import re

import numpy as np

from tests.oracle.gluon_common import arrays, attempt, check_complete, cleaned, collect, kind, warned
from tests.oracle.scenario import write


class Logged(logging.Handler):
    """Collects what is logged."""

    def __init__(self):
        super(Logged, self).__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(shown(record.getMessage()))

    def __enter__(self):
        self.before = logging.getLogger().level
        logging.getLogger().addHandler(self)
        logging.getLogger().setLevel(logging.INFO)
        return self

    def __exit__(self, *_):
        logging.getLogger().removeHandler(self)
        logging.getLogger().setLevel(self.before)


def shown(text):
    """``text`` without addresses, also those in the names of Constants' initializers."""
    return re.sub(r"(Constant_\w+?)_\d+", r"\1", cleaned(text))


def getting(mx, put):
    D = mx.gluon.ParameterDict
    wanted = {
        "shape": [(2, 3), (2, 0), (0, 0), (5, 3), (2, 3, 1), [2, 3], None, 3, (-1, 3), ()],
        "dtype": ["float32", np.float32, np.dtype("float32"), "float16", np.float64, None, "int32"],
        "init": [None, "ones", "zeros", mx.init.One(), mx.init.Zero(), mx.init.Normal(1), mx.init.Normal(2)],
        "grad_req": ["write", "add", "null", "x"],
        "lr_mult": [1.0, 1, 2.0, None],
        "wd_mult": [1.0, 0.5],
        "allow_deferred_init": [False, True],
        "differentiable": [True, False],
        "stype": ["default", "row_sparse"],
        "grad_stype": ["default", "row_sparse"],
        "other": [1, None],
    }
    stored = {
        "plain": {},
        "shaped": {"shape": (2, 3)},
        "open": {"shape": (2, 0)},
        "number": {"shape": 3},
        "half": {"shape": (2, 3), "dtype": "float16"},
        "named": {"init": "ones"},
        "made": {"init": mx.init.Normal(1)},
        "fixed": {"grad_req": "null", "lr_mult": 2.0, "wd_mult": 0.5},
    }
    for name in sorted(stored):
        for key in sorted(wanted):
            for value in wanted[key]:
                params = D("p_")
                first = params.get("w", **stored[name])
                tag = "%s, %s=%s" % (name, key, repr(value) if not isinstance(value, type) else [cleaned(value)])
                tag = re.sub(r"<[\w.]+ object at 0x[0-9a-f]+>", "<object>", tag)
                if isinstance(value, mx.init.Initializer):
                    tag += value.dumps()
                found = attempt(lambda: params.get("w", **{key: value}) is first)
                state = cleaned(getattr(first, key, "absent")) if key != "init" else ""
                if key in ("allow_deferred_init", "differentiable", "stype", "grad_stype"):
                    state = ""
                put(tag, [found, cleaned(first), state])
    params = D("p_")
    first = params.get("w", shape=(0, 3), allow_deferred_init=True)
    first.initialize(mx.init.One())
    params.get("w", shape=(2, 0))
    put("shape completed, then finished", [attempt(first._finish_deferred_init), first.data()])
    fixed = params.get_constant("c", [1.0, 2.0])
    put("get of a constant", attempt(lambda: params.get("c") is fixed))
    put("get of a constant, grad_req", attempt(params.get, "c", grad_req="write"))
    put("get of a constant, shape", attempt(params.get, "c", shape=(3,)))
    put("get of a constant, same shape", attempt(lambda: params.get("c", shape=(2,)) is fixed))
    put("positional", kind(params.get, "v", (2,)))
    put("names", [attempt(params.get, ""), attempt(params.get, "a.b"), list(params.keys())])
    put("name not a string", kind(params.get, 3))


def sharing(mx, put):
    D = mx.gluon.ParameterDict
    base = D("net_")
    w = base.get("w", shape=(2,))
    first = D("net_", shared=base)
    second = D("net_", base)
    put("second argument", [second.get("w") is w, list(second.keys())])
    put("not there before get", ["net_w" in first, list(first.keys()), first.get("w") is w, "net_w" in first])
    fresh = first.get("v", shape=(1,))
    put("new ones stay apart", [list(base.keys()), list(first.keys()), fresh.name])
    chain = D("net_", shared=first)
    put("chains", [attempt(lambda: chain.get("w") is w), list(chain.keys())])
    put("found through sharing, conflict", attempt(D("net_", shared=base).get, "w", shape=(3,)))
    constant = base.get_constant("c", [1, 2])
    put("constants shared", [D("net_", shared=base).get_constant("c") is constant])
    put("repr", [str(first), repr(second), str(chain)])
    put("truth", [bool(D()), bool(first)])
    put("len", kind(len, first))
    put("equal", [D() == D(), first == first])
    for form in ("items", "keys", "values"):
        found = getattr(first, form)()
        put(form, [len(found), sorted(str(v) for v in found)])
    put("missing item", attempt(first.__getitem__, "zz"))
    put("setting an item", kind(lambda: first.__setitem__("a", w)))
    put("deleting", kind(lambda: first.__delitem__("net_w")))
    put("contains", ["net_w" in first, "w" in first, w in first])
    put("prefix", [first.prefix, kind(setattr, first, "prefix", "x")])
    put("attributes", [hasattr(first, n) for n in ("_params", "_prefix", "_shared", "pop", "copy", "clear")])


def updating(mx, put):
    D = mx.gluon.ParameterDict
    a, b = D("a_"), D("b_")
    a.get("x", shape=(1,))
    b.get("y", shape=(2,))
    put("update", [attempt(a.update, b), list(a.keys()), a["b_y"] is b["b_y"], list(b.keys())])
    put("again", [attempt(a.update, b), list(a.keys())])
    clash = D("b_")
    clash.get("y", shape=(2,))
    put("clash", [attempt(a.update, clash), a["b_y"] is b["b_y"]])
    half = D("c_")
    half.get("a", shape=(1,))
    half._params["b_y"] = clash["b_y"]
    put("clash in the middle", [attempt(a.update, half), list(a.keys())])
    put("with a dict", [attempt(a.update, {"other": mx.gluon.Parameter("other")}), list(a.keys())])
    put("with itself", [attempt(a.update, a), list(a.keys())])


def filling(mx, put):
    D = mx.gluon.ParameterDict

    def made():
        params = D("net_")
        params.get("a_weight", shape=(2, 2))
        params.get("a_bias", shape=(2,))
        params.get("b_gamma", shape=(2,), init="zeros")
        params.get("late_weight", shape=(0,), allow_deferred_init=True)
        params.get_constant("c", [5.0])
        return params

    for verbose in (False, True):
        for name, init in (("default", None), ("Constant", mx.init.Constant(2)), ("One", mx.init.One())):
            params = made()
            with Logged() as logged:
                given = [] if init is None else [init]
                put("initialize %s, verbose=%s" % (name, verbose), attempt(params.initialize, *given, verbose=verbose))
                put("logged %s, verbose=%s" % (name, verbose), logged.lines)
                params["net_late_weight"].shape = (3,)
                params["net_late_weight"]._finish_deferred_init()
                put("logged late %s, verbose=%s" % (name, verbose), logged.lines)
            if name != "default":
                put("values %s, verbose=%s" % (name, verbose), arrays(params))
    for form in ("ones", "nope", 3, mx.init.One):
        put("initialize with %s" % cleaned(form), kind(made().initialize, form))
    put("verbose with a name", kind(made().initialize, "ones", verbose=True))
    params = made()
    params.initialize(mx.init.One())
    again = warned(params.initialize, mx.init.Zero())
    put("again", [again, arrays_ready(params)])
    put("forced", [warned(params.initialize, mx.init.Zero(), force_reinit=True), arrays_ready(params)])
    params = made()
    put("list_ctx before", attempt(params.list_ctx))
    put("reset_ctx before", attempt(params.reset_ctx, mx.cpu(1)))
    put("zero_grad before", attempt(params.zero_grad))
    put("save before", attempt(params.save, "x.params"))
    params.initialize(mx.init.One(), ctx=[mx.cpu(1), mx.cpu(0)])
    put("list_ctx", sorted(str(c) for c in params.list_ctx()))
    put("save deferred", attempt(params.save, "x.params"))
    params.reset_ctx([mx.cpu(2)])
    put(
        "reset_ctx", [sorted(str(c) for c in params.list_ctx()), [str(c) for c in params["net_late_weight"].list_ctx()]]
    )
    params["net_a_bias"].grad()[:] = 4
    params["net_a_weight"].grad()[:] = 4
    params.zero_grad()
    put("zero_grad", [params["net_a_bias"].grad(), params["net_a_weight"].grad()])
    put("setattr", [attempt(params.setattr, "lr_mult", 0.5), {k: v.lr_mult for k, v in params.items()}])
    put("setattr grad_req", [warned(params.setattr, "grad_req", "add"), {k: v.grad_req for k, v in params.items()}])
    put("setattr of anything", [attempt(params.setattr, "mine", 3), {k: v.mine for k, v in params.items()}])
    put("setattr refused", attempt(params.setattr, "grad_req", "x"))
    put("setattr dtype", [attempt(params.setattr, "dtype", "float16"), str(params["net_a_bias"].data().dtype)])
    put("empty", [attempt(D().initialize), attempt(D().zero_grad), attempt(D().list_ctx), attempt(D().setattr, "a", 1)])
    mixed = D("m_")
    mixed.get("x", shape=(1,)).initialize(ctx=mx.cpu(0))
    mixed.get("y", shape=(1,)).initialize(ctx=[mx.cpu(1), mx.cpu(0)])
    put("list_ctx of different ones", sorted(str(c) for c in mixed.list_ctx()))
    for name, made_by in (("deepcopy", copy.deepcopy), ("pickle", lambda p: pickle.loads(pickle.dumps(p)))):
        put("%s" % name, [attempt(lambda: arrays_ready(made_by(params))), kind(lambda: str(made_by(params)))])


def arrays_ready(params):
    return {k: v.data().asnumpy() for k, v in sorted(params.items()) if v._data is not None}


def files(mx, put):
    D = mx.gluon.ParameterDict

    def made(prefix="net_"):
        params = D(prefix)
        params.get("w", shape=(2, 2), init="ones")
        params.get_constant("c", [1.0, 2.0])
        params.initialize()
        return params

    params = made()
    params.save("one.params")
    put("constants in files", sorted(mx.nd.load("one.params")))
    other = D("net_")
    other.get("w", shape=(2, 2))
    other.get_constant("c", [5.0, 6.0])
    other.initialize()
    put("constants loaded", [attempt(other.load, "one.params"), other["net_c"].data(), other["net_c"].value])
    fresh = D("net_")
    fresh.get("w", shape=(2, 2))
    fresh.get_constant("c", [5.0, 6.0])
    put("loaded into what is not initialised", [attempt(fresh.load, "one.params"), arrays(fresh)])
    put("strip all", [attempt(params.save, "s.params", strip_prefix="net_w")])
    for restore in ("", "net_", "other_"):
        target = made()
        put("restore %r" % restore, attempt(target.load, "one.params", restore_prefix=restore))
        target = made("other_")
        put("other, restore %r" % restore, attempt(target.load, "one.params", restore_prefix=restore))
        target = made("other_")
        put("other, restore %r, lenient" % restore,
            [attempt(target.load, "one.params", None, True, True, restore), arrays(target)])  # fmt: skip
    marked = {"arg:net_w": mx.nd.zeros((2, 2)), "aux:net_c": mx.nd.ones((2,))}
    mx.nd.save("marked.params", marked)
    target = made()
    put("marked names", [attempt(target.load, "marked.params"), arrays(target)])
    many = D("net_")
    for i in range(30):
        many.get("w%02d" % i, shape=(1,), init="ones")
    many.initialize()
    many.save("many.params")
    put("many missing", attempt(many.load, "one.params"))
    put("many extra", attempt(made().load, "many.params", allow_missing=True))
    two = made()
    two.reset_ctx([mx.cpu(0), mx.cpu(1)])
    put("on two contexts", [attempt(two.load, "one.params"), two["net_w"].list_data()])
    put("on two contexts, named", [attempt(two.load, "one.params", ctx=[mx.cpu(1), mx.cpu(0)])])
    put("on two contexts, one named", [attempt(two.load, "one.params", ctx=mx.cpu(0))])
    two["net_w"].data(mx.cpu(1))[:] = 3
    two.save("mean.params")
    put("mean of the contexts", mx.nd.load("mean.params")["net_w"])
    whole = D("i_")
    whole.get("w", shape=(2,), dtype="int32", init="ones")
    whole.initialize(ctx=[mx.cpu(0), mx.cpu(1)])
    whole["i_w"].data(mx.cpu(1))[:] = 4
    whole.save("whole.params")
    put("mean of integers", mx.nd.load("whole.params")["i_w"])


def constants(mx, put):
    C = mx.gluon.Constant
    forms = {
        "list": [1, 2], "nested": [[1.5], [2]], "number": 3, "array": np.array([1, 2]), "int array": np.arange(3),
        "float64": np.array([1.0], dtype="float64"), "half": np.array([1, 2], dtype="float16"), "empty": [],
        "NDArray": mx.nd.array([1, 2], dtype="int32"), "tuple": (1, 2), "scalar array": np.array(2.0), "text": "a",
        "none": None, "bool": [True, False],
    }  # fmt: skip
    for name in sorted(forms):
        put("from %s" % name, kind(lambda: repr(C("c", forms[name]))))

        def ready():
            constant = C("c", forms[name])
            constant.initialize()
            return [constant.data(), constant.value, constant.shape, cleaned(constant.dtype)]

        put("value from %s" % name, kind(ready))
        put(
            "get_constant from %s" % name,
            kind(lambda: repr(mx.gluon.ParameterDict("p_").get_constant("c", forms[name]))),
        )
    c = C("fixed", [1.0, 2.0])
    put(
        "is a Parameter", [isinstance(c, mx.gluon.Parameter), c.lr_mult, c.wd_mult, c.name, type(c.init).__name__ != ""]
    )
    put("before initialize", [attempt(c.data), attempt(c.list_ctx), attempt(c.grad)])
    c.initialize(ctx=[mx.cpu(0), mx.cpu(1)])
    put("on two contexts", [c.list_data(), attempt(c.list_grad), attempt(c.zero_grad)])
    put("set_data", [attempt(c.set_data, mx.nd.array([5, 6])), c.data(mx.cpu(0)), c.value])
    put("initialize again", [warned(c.initialize, mx.init.One()), c.data(mx.cpu(1))])
    put("forced", [attempt(c.initialize, force_reinit=True), c.data()])
    put("forced with another", [attempt(c.initialize, mx.init.One(), force_reinit=True), c.data()])
    put("cast", [attempt(c.cast, "float16"), c.data(), str(c.value.dtype), repr(c)])
    put("var", {k: shown(v) for k, v in C("fixed", [1.0, 2.0]).var().attr_dict()["fixed"].items()})
    for req in ("write", "add", "null", "x"):
        put("grad_req %s" % req, [warned(setattr, c, "grad_req", req), c.grad_req])
    put("in a Trainer", [attempt(lambda: mx.gluon.Trainer([c], "sgd").step(1))])
    params = mx.gluon.ParameterDict("p_")
    params.get_constant("c", [1.0, 2.0])
    for name in sorted(forms):
        if hasattr(forms[name], "shape"):
            put("asked again with %s" % name, attempt(lambda: params.get_constant("c", forms[name]).name))
    put("asked again with an equal NDArray", attempt(lambda: params.get_constant("c", mx.nd.array([1, 2])).name))

    class Net(mx.gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            self.weight = self.params.get("weight", shape=(2, 2), init="ones")
            self.fixed = self.params.get_constant("fixed", [[1.0, 2.0], [3.0, 4.0]])

        def hybrid_forward(self, F, x, weight, fixed):
            return F.dot(F.dot(x, weight), fixed)

    net = Net(prefix="net_")
    net.initialize()
    x = mx.nd.array([[1.0, 2.0]])
    plain = net(x)
    net.hybridize()
    put("hybridized", [plain, net(x)])
    net.export("net", 3)
    put("exported", sorted(mx.nd.load("net-0003.params")))
    back = mx.gluon.SymbolBlock.imports("net-symbol.json", ["data"], "net-0003.params")
    put("imported", [back(x), [p.name for p in back.collect_params().values()]])
    put("collect_params", str(net.collect_params()))
    put(
        "setattr on a net",
        [warned(net.collect_params().setattr, "grad_req", "add"), net.weight.grad_req, net.fixed.grad_req],
    )
    symbol = net(mx.sym.Variable("data"))
    put("in symbols", [symbol.list_arguments(), symbol.list_auxiliary_states()])


PARTS = [getting, sharing, updating, filling, files, constants]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_parameter_dict", check_complete(results(mxnet)))
