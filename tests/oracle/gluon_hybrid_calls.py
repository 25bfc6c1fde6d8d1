"""Writes tests/golden/gluon_hybrid_calls.json: what MXNet's HybridBlocks take, refuse, warn of and forget.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_hybrid_calls
"""

import copy
import pickle

from tests.oracle.gluon_common import arrays, attempt, check_complete, collect, kind, warned
from tests.oracle.scenario import write


def arguments(mx, put):
    gluon, nd, sym = mx.gluon, mx.nd, mx.sym

    class Defaults(gluon.HybridBlock):
        def hybrid_forward(self, F, x, y=None, scale=2, flag=True):
            out = x * scale if flag else x
            return out if y is None else out + y

    class Three(gluon.HybridBlock):
        def hybrid_forward(self, F, a, b, c):
            given = [v for v in (a, b, c) if v is not None]
            return F.add_n(*given) if len(given) > 1 else given[0] * 1

    class Lists(gluon.HybridBlock):
        def hybrid_forward(self, F, first, rest):
            if not isinstance(first, (list, tuple)):
                first = [first]
            return first[0] + rest[0], [r * 2 for r in rest]

    class Nones(gluon.HybridBlock):
        def hybrid_forward(self, F, pair, x):
            out = x if pair[0] is None else x + pair[0]
            return out if pair[1] is None else out * pair[1]

    x, y, z = nd.array([1.0, 2]), nd.array([3.0, 4]), nd.array([5.0, 6])
    for hybrid in (False, True):
        tag = ", hybridized" if hybrid else ""

        def new(cls, hybrid=hybrid):
            net = cls(prefix="n_")
            if hybrid:
                net.hybridize()
            return net

        put("defaults" + tag, [attempt(new(Defaults), x), attempt(new(Defaults), x, y)])
        put("number for default" + tag, attempt(new(Defaults), x, y, 3))
        put("bool for default" + tag, attempt(new(Defaults), x, None, 3, False))
        put("keyword" + tag, kind(lambda: new(Defaults)(x, scale=3)))
        put("keyword first" + tag, kind(lambda: new(Defaults)(x=x)))
        put("too many" + tag, kind(new(Defaults), x, y, z, z, z))
        put("too few" + tag, kind(new(Three), x, y))
        put("no argument" + tag, kind(lambda: new(Three)()))
        put("string" + tag, kind(new(Three), x, "a", y))
        put("numpy" + tag, attempt(new(Three), x.asnumpy(), x, y)["raises"])
        put("only a number" + tag, attempt(new(Defaults), 3))
        put("only a list of numbers" + tag, attempt(new(Lists), [1], [2]))
        put("empty list" + tag, kind(new(Lists), x, []))
        put("empty list first" + tag, kind(new(Lists), [], [x]))
        for i in range(3):
            given = [x, y, z]
            given[i] = None
            put("None at %d%s" % (i, tag), attempt(new(Three), *given))
            net = new(Three)
            put("None at %d, then all%s" % (i, tag), [attempt(net, *given), kind(net, x, y, z)])
            net = new(Three)
            put("all, then None at %d%s" % (i, tag), [attempt(net, x, y, z), kind(net, *given)])
        net = new(Three)
        put("None elsewhere" + tag, [attempt(net, None, y, z), kind(net, x, None, z)])
        put("two Nones" + tag, attempt(new(Three), None, y, None))
        put("all None" + tag, attempt(new(Three), None, None, None))
        put("nested None" + tag, [attempt(new(Nones), [None, y], x), attempt(new(Nones), [y, None], x)])
        put("nested Nones" + tag, attempt(new(Nones), (None, None), x))
        put("lists" + tag, attempt(new(Lists), [x], [y, z]))
        put("tuple first" + tag, attempt(new(Lists), (x,), (y, z)))
        net = new(Lists)
        put("list length" + tag, [attempt(net, x, [y]), kind(net, x, [y, z])])
        put("list for an array" + tag, kind(lambda: (lambda n: (n(x, [y]), n([x], [y])))(new(Lists))))
        put("same array twice" + tag, attempt(new(Three), x, x, x))
        put("symbol after array" + tag, attempt(new(Three), x, y, sym.var("s")))
        put("array after symbol" + tag, attempt(new(Three), sym.var("s"), y, x))
        put("symbol in a list" + tag, kind(new(Lists), x, [sym.var("s")]))
        put("contexts" + tag, kind(new(Three), x, y, z.as_in_context(mx.cpu(1))))
    put("symbol outputs", [s.name for s in Three(prefix="n_")(sym.var("a"), sym.var("b"), None)][0])
    a = sym.var("a")
    out = Lists(prefix="n_")([a], [sym.var("b"), sym.var("c")])
    put("symbol lists", [type(out).__name__, out[0].name, [s.name for s in out[1]]])


def outputs(mx, put):
    gluon, nd = mx.gluon, mx.nd
    x = nd.array([1.0, 2])

    def net(function):
        class Net(gluon.HybridBlock):
            def hybrid_forward(self, F, x):
                return function(F, x)

        return Net(prefix="n_")

    def kinds(value):
        if isinstance(value, (list, tuple)):
            return [type(value).__name__, [kinds(v) for v in value]]
        return type(value).__name__

    forms = {
        "input itself": lambda F, x: x,
        "input twice": lambda F, x: [x, x],
        "list": lambda F, x: [x + 1, x + 2],
        "tuple": lambda F, x: (x + 1, x + 2),
        "empty list": lambda F, x: [],
        "nested": lambda F, x: [[x, [x + 1]], (x + 2,)],
        "number": lambda F, x: 3,
        "string": lambda F, x: "a",
        "dict": lambda F, x: {"a": x},
        "None": lambda F, x: None,
        "list with None": lambda F, x: [x, None],
        "list with a number": lambda F, x: [x, 1],
        "generator": lambda F, x: (v for v in (x, x)),
        "split in a list": lambda F, x: [F.split(x, num_outputs=2, axis=0)],
        "topk": lambda F, x: F.topk(x, ret_typ="both", k=2),
    }
    for name, function in forms.items():
        for hybrid in (False, True):
            block = net(function)
            if hybrid:
                block.hybridize()
            found = attempt(lambda: kinds(block(x)))
            if hybrid and name == "list with None":  # MXNet cannot
                continue
            if hybrid and name == "empty list":
                found = "raises" in found
            elif hybrid and name == "generator":
                found = found["raises"]
            put("%s, hybridized: %s" % (name, hybrid), found)
    block = net(lambda F, x: x)
    block.hybridize()
    out = block(x)
    out[:] = 9
    put("the input is not the output", x)


def hooks(mx, put):
    nn, nd = mx.gluon.nn, mx.nd
    x = nd.ones((1, 2))

    def made():
        net = nn.HybridSequential(prefix="n_")
        net.add(nn.Dense(2, in_units=2, prefix="a_"), nn.Dense(1, in_units=2, prefix="b_"))
        net.initialize(mx.init.One())
        return net

    net, seen = made(), []
    net.register_forward_hook(lambda block, args, out: seen.append(["after", block.name, len(args)]))
    net.register_forward_pre_hook(lambda block, args: seen.append(["before", block.name]))
    net[0].register_forward_hook(lambda block, args, out: seen.append(["after", block.name, type(out).__name__]))
    net[1].register_forward_pre_hook(lambda block, args: seen.append(["before", block.name, type(args[0]).__name__]))
    net(x)
    put("plain", list(seen))
    put("hybridize warns", warned(net.hybridize))
    del seen[:]
    net(x)
    put("first call, hybridized", list(seen))
    del seen[:]
    net(x)
    put("later call, hybridized", list(seen))
    put("off warns", warned(net.hybridize, False))
    del seen[:]
    net(x)
    put("off again", list(seen))
    parent = nn.Sequential(prefix="p_")
    parent.add(made())
    parent[0].register_forward_hook(lambda *args: seen.append("child of a Block"))
    put("a Block warns", warned(parent.hybridize))
    del seen[:]
    parent(x)
    parent(x)
    put("child of a Block", list(seen))
    inner = made()
    handle = inner.register_forward_hook(lambda *args: None)
    handle.detach()
    put("detached", warned(inner.hybridize))
    before = made()
    before.register_forward_pre_hook(lambda *args: None)
    put("pre hook only", [warned(before.hybridize), warned(before.hybridize, False)])
    late = made()
    late.hybridize()
    late(x)
    late[0].register_forward_hook(lambda *args: seen.append("late"))
    del seen[:]
    late(x)
    put("registered after the trace", list(seen))


def changes(mx, put):
    gluon, nn, nd = mx.gluon, mx.gluon.nn, mx.nd
    x = nd.array([[1.0, 2]])
    calls = []

    class Net(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            self.note = "a"
            with self.name_scope():
                self.fc = nn.Dense(2, in_units=2, use_bias=False)
                self.scale = self.params.get("scale", shape=(1,), init="ones")

        def hybrid_forward(self, F, x, scale):
            calls.append("nd" if F is mx.nd else "sym")
            return F.broadcast_mul(self.fc(x), scale)

    def made(**flags):
        net = Net(prefix="n_")
        net.initialize(mx.init.One())
        net.hybridize(**flags)
        net(x)
        return net

    def after(change, arg=x, **flags):
        net = made(**flags)
        del calls[:]
        change(net)
        out = attempt(net, arg)
        return [out, list(calls)]

    def shared(net):
        net.fc.weight.set_data(nd.array([[1.0, 2], [3, 4]]))

    put("set_data", after(shared))
    put("set_data of another dtype", after(lambda n: n.fc.weight.set_data(nd.ones((2, 2), dtype="float64") * 3)))
    put("set_data of another shape", attempt(lambda: made().fc.weight.set_data(nd.ones((3, 2)))))
    put("initialize again", after(lambda n: n.initialize(mx.init.Constant(2), force_reinit=True)))
    put("initialize without force", after(lambda n: n.initialize(mx.init.Constant(2))))
    put("zero_grad", after(lambda n: n.collect_params().zero_grad()))
    put("cast", after(lambda n: n.cast("float64"), x.astype("float64")))
    put("cast of a child", after(lambda n: n.fc.cast("float32")))
    put("cast of params", after(lambda n: n.collect_params().cast("float64"), x.astype("float64"))
        if hasattr(gluon.ParameterDict, "cast") else None)  # fmt: skip
    put("cast of one Parameter", after(lambda n: [p.cast("float64") for p in n.collect_params().values()],
                                       x.astype("float64")))  # fmt: skip
    put("string attribute", after(lambda n: setattr(n, "note", "b")))
    put("same child", after(lambda n: setattr(n, "fc", n.fc)))
    put("hybridize", after(lambda n: n.hybridize()))
    put("hybridize, clear=False", after(lambda n: n.hybridize(clear=False)))
    put("hybridize of the child", after(lambda n: n.fc.hybridize()))
    put("off, on", after(lambda n: [n.hybridize(False), n.hybridize()]))
    put("off", after(lambda n: n.hybridize(False)))
    put("off, clear=False", after(lambda n: n.hybridize(False, clear=False)))
    put("off, on, clear=False", after(lambda n: [n.hybridize(False, clear=False), n.hybridize(True, clear=False)]))
    put("only the parent off", after(lambda n: setattr(n, "_active", False)))
    put("grad_req", after(lambda n: n.collect_params().setattr("grad_req", "null")))
    put("reset_ctx", after(lambda n: n.collect_params().reset_ctx(mx.cpu(1)), x.as_in_context(mx.cpu(1))))

    def load(net):
        other = Net(prefix="o_")
        other.initialize(mx.init.Constant(5))
        other.save_parameters("o.params")
        net.load_parameters("o.params")

    put("load_parameters", after(load))

    def load64(net):
        other = Net(prefix="o_")
        other.initialize(mx.init.Constant(5))
        other.cast("float64")
        other.save_parameters("o64.params")
        net.load_parameters("o64.params", cast_dtype=True, dtype_source="saved")

    put("load_parameters, saved dtype", after(load64, x.astype("float64")))
    put("load_parameters, other dtype", attempt(lambda: load64(made()) or made().load_parameters("o64.params")))

    def more(net):
        net.register_child(nn.Dense(1, prefix="m_"), "more")

    put("register_child", after(more))
    put("register_child of a Block", attempt(made().register_child, nn.Sequential(prefix="s_")))
    put("Block as an attribute", attempt(setattr, made(), "block", nn.Sequential(prefix="s_")))
    put("Block for the child", attempt(setattr, made(), "fc", nn.Sequential(prefix="s_")))
    put("number for the child", attempt(setattr, made(), "fc", 3))
    put("lambda as an attribute", attempt(setattr, made(), "f", len))
    put("Parameter again", kind(lambda: setattr(made(), "scale", gluon.Parameter("q", shape=(1,)))))

    sequential = nn.HybridSequential(prefix="q_")
    put("Block in a HybridSequential", attempt(sequential.add, nn.Sequential(prefix="s_")))
    sequential.add(nn.Dense(2, in_units=2, prefix="d_"))
    sequential.initialize(mx.init.One())
    sequential.hybridize()
    sequential(x)
    sequential.add(nn.Dense(1, in_units=2, prefix="e_"))
    sequential.initialize(mx.init.One())
    put("added after the trace", [sequential(x), sequential[1]._active])
    block = nn.Dense(2, in_units=2, prefix="d_")
    block.initialize(mx.init.One())
    block.hybridize()
    block(x)
    block.act = nn.Activation("relu")
    block.weight.set_data(-nd.ones((2, 2)))
    put("activation set after the trace", block(x))

    # a cast child below a traced parent that is not told
    outer = nn.HybridSequential(prefix="z_")
    outer.add(nn.Dense(2, in_units=2, prefix="y_"))
    outer.initialize(mx.init.One())
    outer.hybridize()
    outer(x)
    outer[0].cast("float64")
    put("cast of the child, traced", attempt(outer, x.astype("float64")))
    outer.fresh = nn.Dense(1, prefix="w_")
    put("child as attribute of a traced HybridSequential", kind(outer, x.astype("float64")))


def mixtures(mx, put):
    gluon, nn, nd = mx.gluon, mx.gluon.nn, mx.nd
    x = nd.array([[1.0, -2]])
    seen = []

    class Leaf(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Leaf, self).__init__(**kwargs)
            with self.name_scope():
                self.fc = nn.Dense(2, in_units=2)

        def hybrid_forward(self, F, x):
            seen.append(["leaf", "nd" if F is mx.nd else "sym"])
            return self.fc(x)

    class Plain(gluon.Block):
        def __init__(self, **kwargs):
            super(Plain, self).__init__(**kwargs)
            with self.name_scope():
                self.leaf = Leaf()
                self.again = Leaf()

        def forward(self, x):
            seen.append(["plain", type(x).__name__])
            y = self.leaf(x)
            if y.sum().asscalar() > 0:
                return self.again(y)
            return self.again(-y)

    class Parent(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Parent, self).__init__(**kwargs)
            with self.name_scope():
                self.leaf = Leaf()

        def hybrid_forward(self, F, x):
            seen.append(["parent", "nd" if F is mx.nd else "sym"])
            return self.leaf(x) + 1

    def run(net, arg=x):
        found = []
        for _ in range(2):
            del seen[:]
            out = attempt(net, arg)
            found.append([out, list(seen)])
        return found

    plain = Plain(prefix="p_")
    plain.initialize(mx.init.One())
    put("plain", run(plain))
    plain.hybridize()
    put("plain, hybridized", run(plain))
    put("active", [plain.leaf._active, plain.again._active, plain.leaf.fc._active])
    parent = Parent(prefix="h_")
    parent.initialize(mx.init.One())
    parent.leaf.hybridize()
    put("only the child hybridized", run(parent))
    parent.hybridize()
    put("both", run(parent))
    parent.leaf.hybridize(False)
    put("child off, parent's trace", run(parent))
    parent.hybridize(False)
    parent.leaf.hybridize()
    with mx.autograd.record():
        out = parent(x).sum()
    out.backward()
    put("gradient through a hybridized child", parent.leaf.fc.weight.grad())
    parent.hybridize()
    parent(x)
    leaf = parent.leaf
    put("child of a traced parent alone", run(leaf))
    put("forward of the child by hand", attempt(leaf.forward, x))

    class Forward(gluon.HybridBlock):
        def forward(self, x):
            seen.append(["forward", type(x).__name__])
            return x * 2

    forward = Forward(prefix="f_")
    put("forward overridden", run(forward))
    forward.hybridize()
    put("forward overridden, hybridized", run(forward))

    class Both(gluon.HybridBlock):
        def forward(self, x, *args):
            seen.append(["forward", type(x).__name__])
            return super(Both, self).forward(x + 1, *args)

        def hybrid_forward(self, F, x):
            seen.append(["hybrid_forward", "nd" if F is mx.nd else "sym"])
            return x * 3

    both = Both(prefix="b_")
    put("both overridden", run(both))
    both.hybridize()
    put("both overridden, hybridized", run(both))
    put("no hybrid_forward", kind(gluon.HybridBlock(prefix="n_"), x))
    wrong = nn.HybridSequential(prefix="w_")
    wrong.add(both)
    wrong.hybridize()
    put("both overridden, below", run(wrong))
    shared = nn.Dense(2, in_units=2, prefix="s_")
    twice = nn.HybridSequential(prefix="t_")
    twice.add(shared, nn.Activation("relu"), shared)
    twice.initialize(mx.init.One())
    put("twice in one net", run(twice)[0][0])
    twice.hybridize()
    with mx.autograd.record():
        out = twice(x)
    out.backward()
    put("twice in one net, hybridized", [out, shared.weight.grad(), shared.bias.grad()])
    put("names of twice", [list(twice.collect_params()), twice(mx.sym.var("a")).get_internals().list_outputs()])
    tied = nn.HybridSequential(prefix="u_")
    first = nn.Dense(2, in_units=2, prefix="v_")
    tied.add(first, nn.Dense(2, in_units=2, prefix="v_", params=first.collect_params()))
    tied.initialize(mx.init.Constant(0.5))
    tied.hybridize()
    with mx.autograd.record():
        out = tied(x)
    out.backward()
    put("shared parameters", [out, first.weight.grad(), list(tied.collect_params())])


def copies(mx, put):
    nn, nd = mx.gluon.nn, mx.nd
    x = nd.ones((1, 2))
    net = nn.HybridSequential(prefix="n_")
    with net.name_scope():
        net.add(nn.Dense(2, in_units=2), nn.Dense(1, in_units=2))
    net.initialize(mx.init.One())
    twin = copy.copy(net)
    put("copy", [twin(x), list(twin.collect_params()), twin[0] is net[0]])
    put("deepcopy of a Parameter", kind(lambda: copy.deepcopy(net[0].weight).data()))
    put("deepcopy of an array", copy.deepcopy(net[0].weight.data()))
    lam = nn.HybridLambda("relu", prefix="l_")
    put("deepcopy of a lambda", kind(lambda: copy.deepcopy(lam)(x)))
    act = nn.Activation("relu", prefix="a_")
    put("deepcopy of an activation", kind(lambda: copy.deepcopy(act)(x)))
    put("pickle of an activation", kind(lambda: pickle.loads(pickle.dumps(act))(x)))
    put("pickle of an array", pickle.loads(pickle.dumps(x)))
    put("arrays", arrays(net.collect_params()))


def lengths(mx, put):
    """A 0 in the shape of zeros and ones is a length that their use tells, at each call anew."""
    nd, gluon = mx.nd, mx.gluon

    class Added(gluon.HybridBlock):
        def hybrid_forward(self, F, x):
            return F.concat(F.ones((0, 3)) + x, x, dim=1)

    net = Added(prefix="n_")
    net.hybridize()
    for call, rows in enumerate((2, 5, 2)):
        x = nd.arange(rows * 3).reshape((rows, 3))
        x.attach_grad()
        with mx.autograd.record():
            y = net(x)
        y.backward()
        put("%d: %d rows" % (call, rows), [y, x.grad])
    seen = []
    net.register_op_hook(lambda name, op, array: seen.append(1), True)
    put("with a hook", [attempt(net, nd.ones((4, 3))), len(seen)])


PARTS = [arguments, outputs, hooks, changes, mixtures, copies, lengths]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_hybrid_calls", check_complete(results(mxnet)))
