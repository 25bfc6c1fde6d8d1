"""Writes tests/golden/gluon_hybrid_files.json: what MXNet's HybridBlocks export, infer and are optimised for.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_hybrid_files
"""

import json
import os

from tests.oracle.gluon_common import attempt, check_complete, collect, kind, warned
from tests.oracle.gluon_hybrid import graph
from tests.oracle.scenario import write


def saved(mx, filename):
    return [[k, str(v.dtype), v.shape] for k, v in sorted(mx.nd.load(filename).items())]


def inputs_of(filename):
    """Names of the variables in a symbol JSON file."""
    with open(filename) as file:
        return [n["name"] for n in json.load(file)["nodes"] if n["op"] == "null"]


def exporting(mx, put):
    gluon, nn, nd = mx.gluon, mx.gluon.nn, mx.nd
    x = nd.ones((1, 2))

    def dense(prefix="d_", **kwargs):
        net = nn.Dense(2, in_units=2, prefix=prefix, **kwargs)
        net.initialize(mx.init.One())
        net.hybridize()
        return net

    net = dense()
    put("text", attempt(net.export, "net"))
    net(x)
    put("return value", attempt(net.export, "net"))
    put("return value by name", attempt(net.export, path="net", epoch=3))
    put("remove_amp_cast", [attempt(net.export, "net", 0, False), attempt(net.export, "net", remove_amp_cast=True)])
    put("unknown argument", kind(net.export, "net", foo=1))
    put("epochs", [kind(net.export, "e", e) for e in (0, 7, 12345)])
    put("text for epoch", kind(net.export, "t", "1"))
    put("float for epoch", kind(net.export, "t", 1.0))
    put("files", sorted(os.listdir(".")))
    os.mkdir("sub")
    net.export(os.path.join("sub", "a.b"))
    put("folder", sorted(os.listdir("sub")))
    put("path object", kind(net.export, __import__("pathlib").Path("p")))
    net.hybridize()
    put("hybridized again", attempt(net.export, "net"))
    net(x)
    net.hybridize(clear=False)
    put("hybridized without clear", kind(net.export, "net"))
    net.hybridize(False)
    put("off", attempt(net.export, "net"))
    net = dense()
    net(x)
    net.cast("float64")
    put("cast", attempt(net.export, "net"))
    net(x.astype("float64"))
    net.export("f64")
    put("float64", saved(mx, "f64-0000.params"))  # the JSON has the dtype of the first trace in MXNet
    early = dense("y_")
    early.cast("float64")
    early(x.astype("float64"))
    early.export("early")
    put("cast before the trace", [saved(mx, "early-0000.params"), graph("early-symbol.json")])
    half = dense("h_")
    half(x)
    half.cast("float16")
    half(mx.sym.var("q"))
    put("symbol input is no run", attempt(half.export, "half"))

    class Nests(gluon.HybridBlock):
        def hybrid_forward(self, F, a, pair, last=None):
            out = a + pair[0] * pair[1]
            return [out if last is None else out - last, pair[0]]

    nests = Nests(prefix="n_")
    nests.hybridize()
    nests(x, [x, x], x)
    nests.export("nests")
    put("names of nested inputs", graph("nests-symbol.json"))
    some = Nests(prefix="n_")
    some.hybridize()
    some(x, [x, x], None)
    some.export("some")
    put("names with None", inputs_of("some-symbol.json"))

    class Middle(gluon.HybridBlock):
        def hybrid_forward(self, F, a, b, c):
            return a + c if b is None else a + b + c

    for given in ((x, None, x), (x, x, x), (None, x, x)):
        middle = Middle(prefix="m_")
        middle.hybridize()
        name = "middle%d" % [g is None for g in given].count(True) + str(given[0] is None)
        put("name " + name, kind(lambda: [middle(*given), middle.export(name), inputs_of(name + "-symbol.json")][2]))

    class Two(gluon.HybridBlock):
        def hybrid_forward(self, F, a, b):
            return b * 2

    two = Two(prefix="t_")
    two.hybridize()
    put(
        "input that is not used", [warned(two, x, x)["warnings"], kind(two.export, "two"), inputs_of("two-symbol.json")]
    )

    class Only(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Only, self).__init__(**kwargs)
            with self.name_scope():
                self.w = self.params.get("w", shape=(2,), init="ones")
                self.c = self.params.get_constant("c", [[1, 2], [3, 4]])

        def hybrid_forward(self, F, x, w, c):
            return F.broadcast_mul(x, w), c, w

    only = Only(prefix="o_")
    only.initialize()
    only.hybridize()
    put("parameters as outputs", attempt(only, x))
    only.export("only")
    put("parameters and constants", [saved(mx, "only-0000.params"), graph("only-symbol.json")])

    class Ignores(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Ignores, self).__init__(**kwargs)
            with self.name_scope():
                self.w = self.params.get("w", shape=(2,), init="ones")

        def hybrid_forward(self, F, x, w):
            return w * 2

    ignores = Ignores(prefix="i_")
    ignores.initialize()
    ignores.hybridize()
    put("only parameters", [warned(ignores, x), warned(ignores, x), kind(ignores.export, "ignores")])
    put("only parameters, json", graph("ignores-symbol.json"))
    shared = nn.HybridSequential(prefix="s_")
    first = nn.Dense(2, in_units=2, prefix="a_")
    shared.add(first, nn.Dense(2, in_units=2, prefix="b_", params=first.params), first)
    shared.initialize()
    shared.hybridize()
    shared(x)
    shared.export("shared")
    put("shared", [saved(mx, "shared-0000.params"), graph("shared-symbol.json")])
    unused = nn.HybridSequential(prefix="u_")
    unused.add(nn.Dense(1, in_units=2, prefix="a_"))
    unused.extra = nn.Dense(3, prefix="e_")
    put("child that is an attribute", len(unused))

    class Left(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Left, self).__init__(**kwargs)
            self.used = nn.Dense(1, in_units=2, prefix="u_")
            self.left = nn.Dense(1, use_bias=False, prefix="l_")

        def hybrid_forward(self, F, x):
            return self.used(x)

    left = Left(prefix="z_")
    left.initialize(mx.init.One())
    left.hybridize()
    put("unused and deferred", [warned(left, x), kind(left.export, "left"), saved(mx, "left-0000.params")])
    frozen = dense("f_")
    frozen.collect_params().setattr("grad_req", "null")
    frozen(x)
    frozen.export("frozen")
    put("frozen", [saved(mx, "frozen-0000.params"), graph("frozen-symbol.json")])
    child = nn.HybridSequential(prefix="c_")
    child.add(dense("in_"))
    child(x)
    put("export of a hybridized child", [kind(child.export, "child"), kind(child[0].export, "child")])
    named = nn.Dense(2, in_units=2, prefix="k_")
    named.weight.lr_mult, named.bias.wd_mult = 0.5, 0.0
    named.initialize()
    named.hybridize()
    named(x)
    named.export("mults")
    put("multipliers", graph("mults-symbol.json"))


def inferring(mx, put):
    gluon, nn, nd = mx.gluon, mx.gluon.nn, mx.nd

    def made(prefix):
        net = nn.HybridSequential(prefix=prefix)
        with net.name_scope():
            net.add(nn.Conv2D(3, 3), nn.BatchNorm(), nn.Dense(4, use_bias=False), nn.PReLU(), nn.Dense(2))
        return net

    def shapes(net):
        return [[p.name, p.shape, str(p.dtype)] for p in net.collect_params().values()]

    x = nd.ones((2, 1, 4, 4))
    net = made("a_")
    put("before", shapes(net))
    put("infer_shape returns", attempt(net.infer_shape, x))
    put("infer_shape", shapes(net))
    put("again with another shape", kind(net.infer_shape, nd.ones((2, 2, 4, 4))))
    put("after the other shape", shapes(net))
    net = made("b_")
    net.initialize()
    put("infer_shape keeps deferred", [attempt(net.infer_shape, x), kind(net[0].weight.data)])
    put("then run", net(x).shape)
    net = made("c_")
    put("infer_type", [attempt(net.infer_type, x.astype("float64")), shapes(net)])
    net = made("d_")
    net.cast("float16")
    put("cast before shapes", shapes(net))
    put("infer_type of another", [attempt(net.infer_type, x.astype("float32")), shapes(net)])
    net = nn.Dense(2, prefix="e_")
    put("infer_shape of a symbol", kind(net.infer_shape, mx.sym.var("q", shape=(2, 3))))

    class Own(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Own, self).__init__(**kwargs)
            self.asked = []
            with self.name_scope():
                self.w = self.params.get("w", shape=(0, 2), init="ones", allow_deferred_init=True)

        def infer_shape(self, *args):
            self.asked.append([type(a).__name__ for a in args])
            self.w.shape = (args[0].shape[1], 2)

        def hybrid_forward(self, F, x, w):
            return F.dot(x, w)

    for hybrid in (False, True):
        own = Own(prefix="o%d_" % hybrid)
        own.initialize()
        if hybrid:
            own.hybridize()
        outs = [own(nd.ones((1, 3))), own(nd.ones((1, 3)))]
        put("own infer_shape, hybridized: %s" % hybrid, [outs, own.asked])
        above = nn.HybridSequential(prefix="p%d_" % hybrid)
        above.add(Own(prefix="q%d_" % hybrid), nn.Dense(1, prefix="r%d_" % hybrid))
        above.initialize(mx.init.One())
        if hybrid:
            above.hybridize()
        put("own infer_shape below, hybridized: %s" % hybrid,
            [kind(above, nd.ones((1, 3))), above[0].asked])  # fmt: skip

    class Wrong(Own):
        def infer_shape(self, *args):
            raise RuntimeError("cannot say")

    class Silent(Own):
        def infer_shape(self, *args):
            pass

    for cls in (Wrong, Silent):
        net = cls(prefix="w_")
        net.initialize()
        found = attempt(net, nd.ones((1, 3)))
        put("infer_shape of " + cls.__name__, [found["raises"], found["text"][:71]])
    for hybrid in (False, True):
        net = made("g%d_" % hybrid)
        net.initialize(mx.init.One(), ctx=[mx.cpu(0), mx.cpu(1)])
        if hybrid:
            net.hybridize()
        out = net(x.as_in_context(mx.cpu(1)))
        put("several contexts, hybridized: %s" % hybrid,
            [out.shape, shapes(net), [str(c) for c in net[0].weight.list_ctx()]])  # fmt: skip
        lazy = made("h%d_" % hybrid)
        if hybrid:
            lazy.hybridize()
        put("never initialised, hybridized: %s" % hybrid, attempt(lazy, x))
        lazy.initialize(mx.init.One())
        lazy(x)
        put("force_reinit, hybridized: %s" % hybrid,
            [kind(lazy.initialize, mx.init.Zero(), force_reinit=True), float(lazy(x).sum().asscalar())])  # fmt: skip
        grown = made("j%d_" % hybrid)
        if hybrid:
            grown.hybridize()
        lazy.save_parameters("lazy.params")
        grown.load_parameters("lazy.params")
        put("shapes from a file, hybridized: %s" % hybrid, [grown(x).shape, shapes(grown)])
        partly = made("k%d_" % hybrid)
        partly.initialize(mx.init.One())
        if hybrid:
            partly.hybridize()
        put("one deferred child run before, hybridized: %s" % hybrid,
            [partly[0](x).shape, shapes(partly)[:2], partly(x).shape])  # fmt: skip

    class Steps(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Steps, self).__init__(**kwargs)
            with self.name_scope():
                self.a, self.b = nn.Dense(3), nn.Dense(2)

        def hybrid_forward(self, F, x):
            return self.b(F.reshape(self.a(x), shape=(-1, 6)))

    for hybrid in (False, True):
        steps = Steps(prefix="l%d_" % hybrid)
        steps.initialize(mx.init.One())
        if hybrid:
            steps.hybridize()
        put("through a reshape, hybridized: %s" % hybrid, [steps(nd.ones((4, 5))), shapes(steps)])


def optimising(mx, put):
    nn, nd = mx.gluon.nn, mx.nd
    x = nd.ones((1, 2))

    def dense(deferred=False):
        net = nn.Dense(2, in_units=0 if deferred else 2, prefix="n_")
        net.initialize(mx.init.One())
        return net

    net = dense()
    put("nothing", attempt(net.optimize_for, x))
    put("None", attempt(net.optimize_for, x, backend=None))
    put("flags without backend", attempt(net.optimize_for, x, static_alloc=True, static_shape=True))
    put("empty name", attempt(net.optimize_for, x, backend=""))
    put("unknown backend", kind(dense().optimize_for, x, backend="no_such_backend"))
    put("hybridize, unknown backend", kind(lambda: [dense().hybridize(backend="no_such_backend")]))
    net = dense()
    net.hybridize(backend="no_such_backend")
    put("runs, unknown backend", kind(net, x))
    put("keywords", kind(dense().hybridize, backend_opts=1))
    net = dense()
    put("keyword of MXNet 1.5", [warned(net.hybridize, True, None, True, True), net(x)])
    put("by position", [kind(net.hybridize, True, None, True, True, True, 3, 4, 5), net(x)])
    put("static_shape alone", [kind(net.hybridize, static_shape=True), kind(net, x)])
    put("block", kind(nn.Sequential().hybridize, True, static_alloc=True, inline_limit=3))
    sequential = nn.Sequential(prefix="s_")
    sequential.add(dense())
    put("below a Block", [kind(sequential.hybridize, True, static_alloc=True, inline_limit=3), sequential(x)])
    put("positional below a Block", kind(sequential.hybridize, True, None, True))


PARTS = [exporting, inferring, optimising]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_hybrid_files", check_complete(results(mxnet)))
