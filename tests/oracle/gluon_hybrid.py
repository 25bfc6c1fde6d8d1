"""Writes tests/golden/gluon_hybrid.json: tracing, caches, formats and export of MXNet's HybridBlocks.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_hybrid
"""

import json
import os
import re

from tests.oracle.gluon_common import arrays, attempt, check_complete, collect, kind, warned
from tests.oracle.scenario import write


def structures(mx, put):
    gluon, nd = mx.gluon, mx.nd

    class Nested(gluon.HybridBlock):
        def hybrid_forward(self, F, a, pair, c=None):
            b, deep = pair
            return [a + b if c is None else a + b + c, [deep[0] * 2, (b,)]]

    class Plain(gluon.HybridBlock):
        def hybrid_forward(self, F, a, b):
            return a - b

    class Tuple(gluon.HybridBlock):
        def hybrid_forward(self, F, a):
            return a, (a * 2, [a * 3])

    class Split(gluon.HybridBlock):
        def hybrid_forward(self, F, a):
            return F.split(a, num_outputs=2, axis=0)

    class SplitBeside(gluon.HybridBlock):
        def hybrid_forward(self, F, a):
            return [F.split(a, num_outputs=2, axis=0), a]

    class One(gluon.HybridBlock):
        def hybrid_forward(self, F, a):
            return [a + 1]

    class Optional(gluon.HybridBlock):
        def hybrid_forward(self, F, a, mask=None, b=None):
            out = a if mask is None else a * mask
            return out if b is None else out + b

    def kinds(value):
        if isinstance(value, (list, tuple)):
            return [type(value).__name__, [kinds(v) for v in value]]
        return type(value).__name__

    x, y, z = nd.array([1.0, 2]), nd.array([3.0, 4]), nd.array([5.0, 6])
    for hybrid in (False, True):
        tag = ", hybridized" if hybrid else ""

        def new(cls, hybrid=hybrid):
            net = cls(prefix="n_")
            if hybrid:
                net.hybridize()
            return net

        nested = new(Nested)
        out = attempt(nested, x, [y, [z]])
        put("nested" + tag, out)
        put("nested kinds" + tag, attempt(lambda: kinds(nested(x, [y, [z]]))))
        put("tuples for lists" + tag, attempt(nested, x, (y, (z,))))
        put("other structure" + tag, kind(nested, x, [y, z]))
        put("c given" + tag, (kind if hybrid else attempt)(nested, x, [y, [z]], x))
        put("c from the start" + tag, attempt(new(Nested), x, [y, [z]], x))
        put("tuple" + tag, [attempt(new(Tuple), x), attempt(lambda: kinds(new(Tuple)(x)))])
        put("split" + tag, [attempt(new(Split), x), attempt(lambda: kinds(new(Split)(x)))])
        put("split beside" + tag, [attempt(new(SplitBeside), x), attempt(lambda: kinds(new(SplitBeside)(x)))])
        put("list of one" + tag, [attempt(new(One), x), attempt(lambda: kinds(new(One)(x)))])
        put("none first" + tag, attempt(new(Optional), x, None, y))
        put("none last" + tag, attempt(new(Optional), x, y, None))
        optional = new(Optional)
        put("none, then not" + tag, [attempt(optional, x, None), kind(optional, x, y)])
        put("not, then none" + tag, kind(lambda: (lambda net: (net(x, y), net(x, None)))(new(Optional))))
        put("left out, then given" + tag, kind(lambda: (lambda net: (net(x), net(x, y)))(new(Optional))))
        put("scalar argument" + tag, attempt(new(Plain), x, 3))
        put("mixed with symbols" + tag, attempt(new(Plain), x, mx.sym.var("s")))
        put("two contexts" + tag, kind(new(Plain), x, y.as_in_context(mx.cpu(1))))
        put("only none" + tag, kind(new(Optional), None))
        put("keyword" + tag, kind(lambda: new(Plain)(x, b=y)))
    symbols = Nested(prefix="n_")(mx.sym.var("a"), [mx.sym.var("b"), [mx.sym.var("c")]])
    put("symbols", [symbols[0].list_arguments(), symbols[1][0].name])


def warnings_of(mx, put):
    gluon, nn = mx.gluon, mx.gluon.nn

    class Unused(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Unused, self).__init__(**kwargs)
            with self.name_scope():
                self.used = nn.Dense(1, in_units=2)
                self.left = nn.Dense(1, in_units=2, use_bias=False)  # several would come in no fixed order

        def hybrid_forward(self, F, a, b, c):
            return self.used(b)

    net = Unused(prefix="n_")
    net.initialize(mx.init.One())
    net.hybridize()
    x = mx.nd.ones((1, 2))
    put("unused", warned(net, x, x, x))
    put("second call", warned(net, x, x, x))

    class Foreign(gluon.HybridBlock):
        def __init__(self, other, **kwargs):
            super(Foreign, self).__init__(**kwargs)
            self.others = [other]

        def hybrid_forward(self, F, x):
            return self.others[0](x)

    dense = nn.Dense(1, in_units=2, prefix="d_")
    dense.initialize(mx.init.One())
    net = Foreign(dense, prefix="f_")
    put("hidden child", warned(net, x))
    net.hybridize()
    put("hidden child, hybridized", kind(net, x))


def caches(mx, put):
    gluon, nn = mx.gluon, mx.gluon.nn
    calls = []

    class Net(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            self.factor = 2
            with self.name_scope():
                self.fc = nn.Dense(2, in_units=2, use_bias=False)

        def hybrid_forward(self, F, x):
            calls.append("nd" if F is mx.nd else "sym" if F is mx.sym else "?")
            return self.fc(x) * self.factor

    net = Net(prefix="n_")
    net.initialize(mx.init.One())
    x = mx.nd.array([[1.0, 2]])

    def run(note, *args):
        del calls[:]
        out = attempt(net, *(args or (x,)))
        put(note, [out, list(calls)])

    run("plain")
    net.hybridize()
    run("traced")
    run("cached")
    net.factor = 5
    run("number set: cache kept")
    net.fc = nn.Dense(2, in_units=2, use_bias=False, prefix="new_")
    net.fc.initialize(mx.init.Constant(3))
    run("child set: cache dropped")
    net.register_child(nn.Dense(1, prefix="more_"), "more")
    run("child registered")
    net.cast("float64")
    run("cast", x.astype("float64"))
    net.cast("float32")
    net.hybridize()
    run("hybridized again")
    net.hybridize(clear=False)
    net.factor = 7
    run("hybridized without clear")
    net.hybridize(False)
    run("off")
    net.hybridize(static_alloc=True)
    run("static_alloc")
    net.hybridize(static_alloc=True, static_shape=True)
    run("static_shape")
    run("static_shape, other shape", mx.nd.ones((3, 2)))
    net.hybridize(inline_limit=0, forward_bulk_size=3, backward_bulk_size=4)
    run("engine hints")
    run("other batch", mx.nd.ones((4, 2)))
    del calls[:]
    put("other width", [kind(net, mx.nd.ones((4, 3))), list(calls)])
    run("after the error")
    net.hybridize()
    with mx.autograd.record():
        out = net(x).sum()
    out.backward()
    put("gradient", net.fc.weight.grad())
    parent = nn.Sequential(prefix="p_")
    parent.add(net)
    parent.hybridize(False)
    del calls[:]
    put("child of a Block", [parent(x), list(calls)])
    parent.hybridize()
    parent(x)
    del calls[:]
    put("child of a Block, hybridized", [parent(x), list(calls)])
    net.hybridize()
    put("symbol input", [str(net(mx.sym.var("q"))), net(mx.sym.var("q")).list_arguments()])
    put("symbol input gives a new graph", net(mx.sym.var("q")).name)


def modes(mx, put):
    _gluon, nn = mx.gluon, mx.gluon.nn
    x = mx.nd.arange(24).reshape((2, 3, 2, 2)) / 10

    def made():
        net = nn.HybridSequential(prefix="n_")
        net.add(nn.Conv2D(2, 1, in_channels=3, prefix="c_"), nn.BatchNorm(in_channels=2, prefix="b_"), nn.Dropout(0.5))
        net.initialize(mx.init.Constant(0.25))
        return net

    for hybrid in (False, True):
        net = made()
        if hybrid:
            net.hybridize()
        tag = ", hybridized" if hybrid else ""
        put("predict" + tag, net(x))
        put("statistics before" + tag, arrays(net.collect_params(".*running.*")))
        with mx.autograd.record():
            out = net(x)
        put("train drops" + tag, bool((out.asnumpy() == 0).any()))
        put("statistics after" + tag, arrays(net.collect_params(".*running.*")))
        put("predict after" + tag, net(x))
        with mx.autograd.record(train_mode=False):
            out = net(x)
        put("record in predict mode" + tag, out)
        with mx.autograd.train_mode():
            net(x)
        put("train_mode alone" + tag, arrays(net.collect_params(".*running.*")))
        out.backward(train_mode=False)
        put("gradient in predict mode" + tag, net[0].weight.grad())


def inference(mx, put):
    gluon, nn = mx.gluon, mx.gluon.nn
    net = nn.HybridSequential(prefix="n_")
    with net.name_scope():
        net.add(nn.Conv2D(4, 3), nn.BatchNorm(), nn.Flatten(), nn.Dense(2))
    x = mx.nd.ones((1, 3, 5, 5))
    put("infer_shape", [attempt(net.infer_shape, x), [[k, p.shape] for k, p in net.collect_params().items()]])
    net.infer_type(x)
    put("infer_type", [str(p.dtype) for p in net.collect_params().values()])
    clash = nn.Dense(2, in_units=3, prefix="c_")
    clash.initialize()
    clash.hybridize()
    put("clash", kind(clash, mx.nd.ones((1, 4))))

    class Blind(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Blind, self).__init__(**kwargs)
            self.w = self.params.get("w", shape=(0, 0), allow_deferred_init=True)

        def hybrid_forward(self, F, x, w):
            return F.dot(x, w)

    for hybrid in (False, True):
        blind = Blind(prefix="b%d_" % hybrid)
        blind.initialize()
        if hybrid:
            blind.hybridize()
        failed = attempt(blind, mx.nd.ones((1, 2)))
        put("cannot be inferred, hybridized: %s" % hybrid, [failed["raises"], failed["text"][:60]])

    class Knows(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Knows, self).__init__(**kwargs)
            self.w = self.params.get("w", shape=(0, 2), init="ones", allow_deferred_init=True)

        def infer_shape(self, x):
            self.w.shape = (x.shape[1], 2)

        def hybrid_forward(self, F, x, w):
            return F.dot(x, w)

    for hybrid in (False, True):
        knows = Knows(prefix="k%d_" % hybrid)
        knows.initialize()
        if hybrid:
            knows.hybridize()
        put("own infer_shape, hybridized: %s" % hybrid, attempt(knows, mx.nd.ones((1, 3))))
    for hybrid in (False, True):
        fresh = nn.HybridSequential(prefix="f%d_" % hybrid)
        fresh.add(nn.Dense(2, prefix="a_"), nn.Dense(1, prefix="b_"))
        if hybrid:
            fresh.hybridize()
        put("not initialised, hybridized: %s" % hybrid, attempt(fresh, mx.nd.ones((1, 2))))
        fresh.initialize(mx.init.One())
        put("deferred, hybridized: %s" % hybrid, attempt(fresh, mx.nd.ones((1, 2))))
        if not hybrid:  # MXNet gives a stack trace of its backend otherwise
            put("other context", attempt(fresh, mx.nd.ones((1, 2), ctx=mx.cpu(1))))


def graph(filename):
    """Symbol JSON without what depends on the run: addresses in names, how often states were composed before."""
    with open(filename) as file:
        found = json.loads(re.sub(r"(Constant_\w+?)_\d{6,}", r"\1", file.read()))
    for node in found["nodes"]:
        node["inputs"] = [entry[:2] for entry in node["inputs"]]
    return found


def exports(mx, put):
    gluon, nn = mx.gluon, mx.gluon.nn
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Conv2D(4, 3, in_channels=1, activation="relu"), nn.BatchNorm(), nn.MaxPool2D(), nn.Flatten())
        net.add(nn.Dense(3), nn.Dropout(0.3))
    net.initialize(mx.init.One())
    x = mx.nd.ones((1, 1, 6, 6))
    put("before hybridize", attempt(net.export, "net"))
    net(x)
    put("run but not hybridized", attempt(net.export, "net"))
    net.hybridize()
    put("not run since", attempt(net.export, "net"))
    net(x)
    put("export", kind(net.export, "net"))
    put("files", sorted(os.listdir(".")))
    put("epoch", [kind(net.export, "net", epoch=12), kind(net.export, "other", 10000), sorted(os.listdir("."))])
    put("arrays", [[k, v.shape] for k, v in sorted(mx.nd.load("net-0000.params").items())])
    put("json", graph("net-symbol.json"))
    net.save_parameters("structural.params")
    twin = nn.HybridSequential(prefix="net_")
    with twin.name_scope():
        twin.add(nn.Conv2D(4, 3, in_channels=1, activation="relu"), nn.BatchNorm(), nn.MaxPool2D(), nn.Flatten())
        twin.add(nn.Dense(3), nn.Dropout(0.3))
    put("exported file into a Block", kind(twin.collect_params().load, "net-0000.params"))

    class Several(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Several, self).__init__(**kwargs)
            with self.name_scope():
                self.fc = nn.Dense(2, in_units=2, flatten=False)
                self.unused = nn.Dense(1, in_units=1)
                self.scale = self.params.get_constant("scale", [2])

        def hybrid_forward(self, F, a, b, scale):
            return [self.fc(a[0]) + a[1], F.broadcast_mul(b, scale)]

    several = Several(prefix="s_")
    several.initialize(mx.init.One())
    several.hybridize()
    several([mx.nd.ones((1, 2)), mx.nd.ones((1, 2))], mx.nd.ones((1, 2)))
    several.export("several", 3)
    put("several arrays", [[k, v.shape] for k, v in sorted(mx.nd.load("several-0003.params").items())])
    put("several json", graph("several-symbol.json"))
    trained = nn.Dense(2, in_units=2, prefix="t_")
    trained.initialize(mx.init.One(), ctx=[mx.cpu(0), mx.cpu(1)])
    trained.hybridize()
    trained(mx.nd.ones((1, 2)))
    trained.weight.list_data()[1][:] = 3
    trained.export("trained")
    put("two contexts", mx.nd.load("trained-0000.params")["arg:t_weight"])


def optimising(mx, put):
    nn = mx.gluon.nn
    net = nn.Dense(2, in_units=2, prefix="n_")
    net.initialize(mx.init.One())
    x = mx.nd.ones((1, 2))
    put("no backend", kind(net.optimize_for, x))
    put("works after", attempt(net, x))
    put("active", net._active)


PARTS = [structures, warnings_of, caches, modes, inference, exports, optimising]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_hybrid", check_complete(results(mxnet)))
