"""Writes tests/golden/gluon_block.json: names, children, hooks and initialisation of MXNet's Blocks.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_block
"""

import copy
import pickle

from tests.oracle.gluon_common import attempt, check_complete, cleaned, collect, kind, warned
from tests.oracle.scenario import write


def names(mx, put):
    nn = mx.gluon.nn
    net = nn.Sequential()
    with net.name_scope():
        net.add(nn.Dense(3), nn.Dense(2), nn.Conv2D(4, 3))
        inner = nn.HybridSequential()
        with inner.name_scope():
            inner.add(nn.Dense(1), nn.BatchNorm())
        net.add(inner)
    net.add(nn.Dense(4))
    with net.name_scope():
        net.add(nn.Dense(5))
    put("net", [net.prefix, net.name, str(net.params), str(net.collect_params())])
    put("children", [[c.prefix, c.name] for c in net])
    put("keys", list(net.collect_params().keys()))
    for select in ("sequential0_dense.*", "dense", ".*weight|.*gamma", ".*weight$", "", "x"):
        put("select %r" % select, list(net.collect_params(select).keys()))
    put("no length", kind(lambda: len(net.collect_params())))
    put("truth", [bool(mx.gluon.ParameterDict()), bool(net.params), "dense0_weight" in net.collect_params()])
    other = nn.Sequential()
    put("counter", other.prefix)
    put("alone", [nn.Dense(1).prefix, nn.Dense(1, prefix="fc_").prefix, nn.Dense(1, prefix="fc").name])
    with other.name_scope():
        put("in a scope", [nn.Dense(1).prefix, nn.Dense(1, prefix="fc_").prefix, nn.Dense(1, prefix="").prefix])
    bare = nn.HybridSequential(prefix="")
    with bare.name_scope():
        bare.add(nn.Dense(1), nn.Dense(1, prefix="q_"))
    put("empty prefix", [bare.prefix, bare.name, [c.prefix for c in bare], list(bare.collect_params().keys())])
    with other.name_scope():
        nested = nn.HybridSequential(prefix="")
        with nested.name_scope():
            nested.add(nn.Dense(1))
        put("empty prefix in a scope", [nested.prefix, [c.prefix for c in nested], nested.collect_params().prefix])
    with mx.name.Prefix("outer_"):
        put("name prefix", [nn.Dense(1).prefix, nn.Dense(2, prefix="x_").prefix])
    with mx.name.NameManager():
        put("new manager", nn.Dense(1).prefix)

    class MyNet_V2(mx.gluon.Block):
        pass

    class _Hidden(mx.gluon.HybridBlock):
        def _alias(self):
            return "shown"

    put("alias", [MyNet_V2().prefix, _Hidden().prefix, MyNet_V2("a").prefix, MyNet_V2("a_").name])


def sharing(mx, put):
    nn = mx.gluon.nn
    first = nn.Dense(3, in_units=2, prefix="a_")
    second = nn.Dense(3, in_units=2, params=first.params)
    third = nn.Dense(3, in_units=2, params=first.collect_params(), prefix="b_")
    put("params=", [second.prefix, list(second.collect_params().keys()), second.weight is first.weight])
    put("prefix and params=", [third.prefix, list(third.collect_params().keys()), third.bias is first.bias])
    net = nn.HybridSequential()
    with net.name_scope():
        one = nn.Dense(2, in_units=2)
        net.add(one, nn.Dense(2, in_units=2, params=one.params), nn.Dense(2, in_units=2))
    put("in a scope", [[c.prefix for c in net], list(net.collect_params().keys()), net[1].weight is net[0].weight])
    twin = nn.HybridSequential(params=net.params)
    with twin.name_scope():
        twin.add(nn.Dense(2, in_units=2), nn.Dense(2, in_units=2))
    put("whole net", [twin.prefix, list(twin.collect_params().keys())])
    net2 = nn.HybridSequential(prefix="enc_")
    with net2.name_scope():
        net2.add(nn.Dense(2, in_units=2))
    net3 = nn.HybridSequential(prefix="enc_", params=net2.collect_params())
    with net3.name_scope():
        net3.add(nn.Dense(2, in_units=2))
    put("collect_params of a net", [list(net3.collect_params().keys()), net3[0].weight is net2[0].weight])
    put("other shape", attempt(nn.Dense, 4, in_units=2, params=first.params))
    put("other in_units", attempt(nn.Dense, 3, in_units=5, params=first.params))
    put("other dtype", attempt(nn.Dense, 3, in_units=2, dtype="float16", params=first.params))
    clash = nn.Sequential()
    clash.add(nn.Dense(1, prefix="same_"), nn.Dense(1, prefix="same_"))
    put("same names", attempt(clash.collect_params))
    net.initialize(mx.init.One())
    net[0].weight.set_data(mx.nd.array([[1, 2], [3, 4]]))
    put("values", net(mx.nd.array([[1.0, -1.0]])))


def attributes(mx, put):
    gluon, nn = mx.gluon, mx.gluon.nn

    class Net(gluon.Block):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.fc = nn.Dense(2)
                self.weight = self.params.get("weight", shape=(2, 2))
            self.number = 3

    class Early(gluon.Block):
        def __init__(self):
            self.fc = nn.Dense(1)

    class EarlyNumber(gluon.Block):
        def __init__(self):
            self.number = 1
            super(EarlyNumber, self).__init__()

    class MyDense(nn.Dense):
        pass

    net = Net()
    put("repr", repr(net))
    put("children", [list(net._children), list(net.collect_params().keys())])
    put("same type", attempt(setattr, net, "fc", nn.Dense(3)))
    put("after replacing", [repr(net), list(net.collect_params().keys())])
    put("subclass", attempt(setattr, net, "fc", MyDense(3)))
    put("superclass", attempt(setattr, net, "fc", nn.Dense(3)))
    put("other block", attempt(setattr, net, "fc", nn.Conv2D(1, 1)))
    put("none", attempt(setattr, net, "fc", None))
    put("number", attempt(setattr, net, "fc", 3))
    put("parameter again", kind(setattr, net, "weight", gluon.Parameter("w2", shape=(2, 2))))
    put("same parameter again", kind(setattr, net, "weight", net.weight))
    put("parameter to none", attempt(setattr, net, "weight", None))
    put("block for a number", attempt(setattr, net, "number", nn.Dense(7)))
    put("new", [attempt(setattr, net, "later", nn.Dense(8)), list(net._children)])
    put("parameter of my own", [attempt(setattr, net, "extra", gluon.Parameter("extra", shape=(1,)))])
    put("collected", list(net.collect_params().keys()))
    put("with prefix", list(net._collect_params_with_prefix().keys()))
    put("early", kind(Early))
    put("early number", EarlyNumber().number)
    del net.later
    put("del", [list(net._children), repr(net)])
    put("two names", attempt(setattr, net, "fc_again", net.fc))
    put("two names collected", [list(net._children), list(net._collect_params_with_prefix().keys())])
    put("constant", [attempt(setattr, net, "c", net.params.get_constant("c", [1, 2])), str(net.params)])


def children(mx, put):
    gluon, nn = mx.gluon, mx.gluon.nn

    class Net(gluon.Block):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            self.register_child(nn.Dense(1))
            self.register_child(nn.Dense(2), "named")
            self.register_child(nn.Dense(3))
            self.listed = [nn.Dense(4)]

    net = Net()
    put("keys", list(net._children))
    put("hidden", warned(lambda: list(net.collect_params().keys())))
    put("structure", list(net._collect_params_with_prefix()))
    put("repr", repr(net))
    put("returns", attempt(net.register_child, nn.Dense(1)))

    class Lists(gluon.Block):
        def __init__(self, container, register=()):
            super(Lists, self).__init__()
            for block in register:
                self.register_child(block)
            self.things = container

    dense = nn.Dense(1)
    put("dict", warned(lambda: len(Lists({"a": nn.Dense(1)}).collect_params().keys())))
    put("tuple", warned(lambda: len(Lists((nn.Dense(1), 2)).collect_params().keys())))
    put("nested", warned(lambda: len(Lists([[nn.Dense(1)], {"a": [nn.Dense(2)]}]).collect_params().keys())))
    put("registered", warned(lambda: len(Lists([dense], [dense]).collect_params().keys())))
    put("no blocks", warned(lambda: len(Lists([1, "a"]).collect_params().keys())))
    put("initialize", warned(Lists([nn.Dense(1)]).initialize))
    put("in a parent", warned(lambda: len(Lists(Lists([nn.Dense(1)])).collect_params().keys())))

    class Hybrid(gluon.HybridBlock):
        def hybrid_forward(self, F, x):
            return x

    put("plain child by attribute", attempt(lambda: setattr(Hybrid(), "a", nn.Sequential())))
    put("plain child by register", attempt(lambda: Hybrid().register_child(nn.Sequential())))
    put("hybrid child", attempt(lambda: Hybrid().register_child(nn.Dense(1))))
    put("no block", attempt(lambda: Hybrid().register_child(3)))
    put("no block in a Block", kind(lambda: Net().register_child(3)))
    order = []
    net = nn.Sequential(prefix="n_")
    inner = nn.Sequential(prefix="i_")
    inner.add(nn.Dense(1, prefix="x_"), nn.Dense(1, prefix="y_"))
    net.add(inner, nn.Dense(1, prefix="z_"))
    put("apply", [net.apply(lambda block: order.append(block.name)) is net, order])
    put("nested repr", [repr(net), repr(Hybrid()), repr(nn.Sequential())])


def hooks(mx, put):
    _gluon, nn = mx.gluon, mx.gluon.nn
    seen = []

    def shape(x):
        return "Symbol" if isinstance(x, mx.sym.Symbol) else list(x.shape)

    def pre(tag):
        return lambda block, inputs: seen.append([tag, block.name, len(inputs), shape(inputs[0])])

    def post(tag):
        return lambda block, inputs, out: seen.append([tag, block.name, shape(inputs[0]), shape(out)])

    net = nn.HybridSequential(prefix="net_")
    net.add(nn.Dense(3, in_units=2, prefix="a_"), nn.Dense(1, in_units=3, prefix="b_"))
    net.initialize()
    x = mx.nd.ones((4, 2))
    handles = [net.register_forward_hook(post("1")), net.register_forward_hook(post("2"))]
    handles.append(net.register_forward_pre_hook(pre("pre")))
    net[0].register_forward_hook(post("child"))
    net(x)
    put("order", list(seen))
    handles[0].detach()
    handles[0].detach()
    del seen[:]
    net(x)
    put("detached", list(seen))
    put("attached twice", attempt(handles[1].attach, net._forward_hooks, post("3")))
    del seen[:]
    put("hybridize", warned(net.hybridize))
    net(x)
    put("hybridized", list(seen))
    with net.register_forward_hook(post("with")):
        del seen[:]
        net(x)
        put("with", list(seen))
    del seen[:]
    net(x)
    put("after with", list(seen))
    replaced = nn.Dense(1, in_units=2)
    replaced.initialize()
    replaced.register_forward_hook(lambda block, inputs, out: 3)
    replaced.register_forward_pre_hook(lambda block, inputs: (1, 2))
    put("returned values", type(replaced(x)).__name__)
    plain_net = nn.Sequential(prefix="p_")
    plain_net.add(net)
    put("hybridize of a parent", warned(plain_net.hybridize))
    put("hybridize off", warned(net.hybridize, False))
    quiet = nn.HybridSequential(prefix="q_")
    quiet.add(nn.Dense(1))
    quiet.register_forward_pre_hook(pre("q"))
    put("pre-hook alone", warned(quiet.hybridize))
    put("pre-hook alone, off", warned(quiet.hybridize, False))
    nodes = []  # MXNet passes names as bytes and the arrays' handles
    hooked = nn.HybridSequential(prefix="h_")
    with hooked.name_scope():
        hooked.add(nn.Dense(2, in_units=2), nn.Activation("relu"))
    hooked.initialize()
    hooked.register_op_hook(lambda name, op, array: nodes.append([_text(name), _text(op)]))
    hooked.hybridize()
    hooked(x)
    put("op hook", nodes)
    hooked = nn.Dense(2, in_units=2, prefix="all_")
    hooked.initialize()
    hooked.register_op_hook(lambda name, op, array: nodes.append([_text(name), _text(op)]), monitor_all=True)
    hooked.hybridize()
    del nodes[:]
    hooked(x)
    put("op hook, monitor_all", nodes)


def _text(name):
    return name.decode() if isinstance(name, bytes) else name


def initialisation(mx, put):
    gluon, nn = mx.gluon, mx.gluon.nn
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(
            nn.Dense(3, weight_initializer="zeros"), nn.BatchNorm(), nn.Dense(2, in_units=3, bias_initializer="ones")
        )
    x = mx.nd.ones((2, 4))
    put("forward before", attempt(net, x))
    put("data before", attempt(net[0].weight.data))
    put("grad before", attempt(net[0].weight.grad))
    put("list_ctx before", attempt(net[0].weight.list_ctx))
    put("initialize", warned(net.initialize, mx.init.Constant(0.5)))
    put("shapes", [[k, v.shape] for k, v in net.collect_params().items()])
    put("data deferred", attempt(net[0].weight.data))
    put("grad deferred", attempt(net[0].weight.grad))
    put("list_data deferred", attempt(net[0].weight.list_data))
    put("list_grad deferred", attempt(net[0].weight.list_grad))
    put("list_ctx deferred", [str(c) for c in net[0].weight.list_ctx()])
    put("known", net[2].weight.data())
    put("again, deferred", warned(net.initialize))
    put("repr", repr(net))
    put("forward", attempt(net, x))
    put("repr after", repr(net))
    put("values", {k: v.data() for k, v in net.collect_params().items()})
    put("other width", kind(net, mx.nd.ones((2, 5))))
    put("again", warned(net.initialize))
    put("force", warned(net.initialize, "ones", force_reinit=True))
    put("values after", {k: v.data() for k, v in net.collect_params().items()})
    put("strings", {s: attempt(lambda: _first(mx, nn.Dense(2, in_units=2), s)) for s in ("xavier", "Normal", "nope")})
    put("initializer object", attempt(lambda: _first(mx, nn.Dense(2, in_units=2), mx.init.Uniform(0.1))))
    put("no initializer", kind(lambda: _first(mx, nn.Dense(2, in_units=2), 3)))
    put("contexts", [str(c) for c in _made(mx, [mx.cpu(0), mx.cpu(1)]).collect_params().list_ctx()])
    put("tuple of contexts", attempt(lambda: [str(c) for c in _made(mx, (mx.cpu(0), mx.cpu(1))).weight.list_ctx()]))
    put("other context", attempt(_made(mx, [mx.cpu(0), mx.cpu(1)]), mx.nd.ones((1, 2), ctx=mx.cpu(2))))
    two = _made(mx, [mx.cpu(0), mx.cpu(1)])
    put(
        "current context",
        [attempt(two.weight.data), attempt(two.weight.data, mx.cpu(1)), attempt(two.weight.data, mx.cpu(3))],
    )
    with mx.cpu(1):
        put("inside a context", [str(two.weight.data().context), str(_made(mx, None).weight.data().context)])
    two.weight.set_data(mx.nd.array([[3, 4], [5, 6]]))
    put("set_data", [a.asnumpy() for a in two.weight.list_data()])
    outs = [two(mx.nd.ones((1, 2), ctx=c)) for c in (mx.cpu(0), mx.cpu(1))]
    put("both contexts", [[o, str(o.context)] for o in outs])
    deep = nn.Sequential(prefix="d_")
    deep.add(nn.Dense(2, prefix="x_"), nn.Dense(3, prefix="y_"))
    deep.initialize(mx.init.One(), ctx=[mx.cpu(0), mx.cpu(1)])
    deep(mx.nd.ones((1, 3), ctx=mx.cpu(1)))
    put("deferred on two contexts", [[str(c) for c in p.list_ctx()] for p in deep.collect_params().values()])

    class Fixed(gluon.HybridBlock):
        def __init__(self, allow, **kwargs):
            super(Fixed, self).__init__(**kwargs)
            self.w = self.params.get("w", shape=(0, 2), allow_deferred_init=allow)

        def hybrid_forward(self, F, x, w):
            return F.reshape(x, (0, -1))

    put("deferral refused", attempt(Fixed(False, prefix="f_").initialize))
    unused = Fixed(True, prefix="f_")
    unused.initialize()
    stuck = attempt(unused, x)
    put("never inferred", [stuck["raises"], stuck["text"][:60]])
    plain_block = _Plain(mx)
    plain_block.initialize()
    put("plain Block", attempt(plain_block, x))


def _Plain(mx):
    class Scale(mx.gluon.Block):
        def __init__(self, **kwargs):
            super(Scale, self).__init__(**kwargs)
            self.w = self.params.get("w", shape=(1, 4), init=mx.init.Constant(3))

        def forward(self, x):
            return x * self.w.data()

    return Scale(prefix="s_")


def _made(mx, ctx):
    dense = mx.gluon.nn.Dense(2, in_units=2, prefix="d_")
    dense.initialize(mx.init.One(), ctx=ctx)
    return dense


def _first(mx, dense, init):
    mx.random.seed(5)
    dense.initialize(init)
    return dense.weight.data()


def casting(mx, put):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Dense(3, in_units=2), nn.BatchNorm(in_channels=3), nn.Dense(2))
    net.initialize(mx.init.One())
    put("float64", [attempt(net.cast, "float64"), {k: cleaned(v.dtype) for k, v in net.collect_params().items()}])
    put("data", {k: str(v.data().dtype) for k, v in list(net.collect_params().items())[:6]})
    put("float32 input", kind(net, mx.nd.ones((1, 2))))
    put("float64 input", net(mx.nd.ones((1, 2), dtype="float64")))
    put("deferred", [cleaned(net[2].weight.data().dtype), cleaned(net[2].weight.grad().dtype)])
    net.hybridize()
    put("hybridized", net(mx.nd.ones((1, 2), dtype="float64")))
    net.cast("float32")
    put("back", net(mx.nd.ones((1, 2))))
    net.cast("float16")
    put("float16", {k: cleaned(v.dtype) for k, v in net.collect_params().items()})
    put("gradients", [cleaned(net[0].weight.grad().dtype), net[0].weight.grad().shape])
    put("no dtype", kind(net.cast, "float3"))


def running(mx, put):
    gluon, nn = mx.gluon, mx.gluon.nn

    class Nothing(gluon.Block):
        pass

    class NothingHybrid(gluon.HybridBlock):
        pass

    class Many(gluon.Block):
        def forward(self, a, b=None, *rest):
            return [a, b, len(rest)]

    x = mx.nd.ones((2, 2))
    put("no forward", kind(Nothing(), x))
    put("no hybrid_forward", kind(NothingHybrid(), x))
    put("any arguments", [Many()(1), Many()("a", None, 3), kind(lambda: Many()(1, b=2))])
    put("no arguments", kind(Many()))
    put("hybrid without arrays", attempt(nn.Dense(1), 3))
    put("hybrid with numpy", attempt(nn.Dense(1), x.asnumpy()))
    net = nn.Dense(2, in_units=2, prefix="d_")
    net.initialize(mx.init.One())
    params = net.collect_params()
    with mx.autograd.record():
        loss = net(x).sum()
    loss.backward()
    put("gradients", {k: p.grad() for k, p in params.items()})
    params.zero_grad()
    put("zero_grad", {k: p.grad() for k, p in params.items()})
    params.setattr("grad_req", "add")
    for _ in range(2):
        with mx.autograd.record():
            loss = net(x).sum()
        loss.backward()
    put("add", {k: p.grad() for k, p in params.items()})
    params.setattr("lr_mult", 0.5)
    put("lr_mult", [p.lr_mult for p in params.values()])
    params.setattr("grad_req", "null")
    put("null", [attempt(net.weight.grad), attempt(net.weight.list_grad)])
    params.reset_ctx([mx.cpu(1), mx.cpu(2)])
    put("reset_ctx", [[str(c) for c in p.list_ctx()] for p in params.values()])
    put("on the new ones", net(mx.nd.ones((1, 2), ctx=mx.cpu(2))))
    put("on the old one", attempt(net, x))
    put("reset_ctx before", attempt(nn.Dense(2, prefix="n_").collect_params().reset_ctx, mx.cpu()))
    deferred = nn.Dense(2)
    deferred.initialize()
    deferred.collect_params().reset_ctx(mx.cpu(1))
    deferred(mx.nd.ones((1, 2), ctx=mx.cpu(1)))
    put("reset_ctx deferred", [str(c) for c in deferred.weight.list_ctx()])


def copies(mx, put):
    nn = mx.gluon.nn
    x = mx.nd.array([[1.0, -2.0]])
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Dense(3, in_units=2), nn.Dense(1, in_units=3))
    net.initialize(mx.init.Constant(0.25))
    wanted = net(x)

    def deep():
        twin = copy.deepcopy(net)
        twin[0].weight.set_data(mx.nd.zeros((3, 2)))
        return [twin(x), net(x), twin[0].weight is net[0].weight, list(twin.collect_params().keys())]

    put("before", wanted)
    put("deepcopy", attempt(deep))
    put("deepcopy children", attempt(lambda: copy.deepcopy(net)[0].prefix))
    put("pickle", kind(lambda: pickle.loads(pickle.dumps(net))(x)))
    put("pickle of a Parameter", kind(lambda: len(pickle.dumps(net[0].weight)) > 0))
    put("deepcopy not initialised", attempt(lambda: copy.deepcopy(nn.Dense(2, prefix="u_")).prefix))

    def scoped():
        twin = copy.deepcopy(net)
        with twin.name_scope():
            return nn.Dense(1).prefix

    put("scope of a copy", attempt(scoped))


PARTS = [
    names, sharing, attributes, children, hooks, initialisation, casting, running, copies,
]  # fmt: skip


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_block", check_complete(results(mxnet)))
