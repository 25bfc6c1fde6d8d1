"""Writes tests/golden/gluon_children.json: MXNet's rules for attributes, children and collected Parameters of Blocks.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_children
"""

from collections import OrderedDict

from tests.oracle.gluon_common import attempt, check_complete, collect, kind, warned
from tests.oracle.scenario import write


def private(mx, put):
    """Names with an underscore that packages use."""
    gluon, nn = mx.gluon, mx.gluon.nn
    block = gluon.block
    x, s = mx.nd.ones((1,)), mx.sym.var("a")
    put("module", [hasattr(block, n) for n in (
        "Block", "HybridBlock", "SymbolBlock", "Parameter", "ParameterDict", "DeferredInitializationError", "Symbol",
        "NDArray", "MXNetError", "HookHandle", "_BlockScope", "_flatten", "_regroup", "_indent", "_brief_print_list",
        "_common_prefix", "is_np_array")])  # fmt: skip
    put("_common_prefix", [block._common_prefix(n) for n in ([], ["ab1", "ab2"], ["a", "b"], ["x_y"])])
    put("_indent", [block._indent("a\nb\n\nc", 3), block._indent("a", 2)])
    put("_brief_print_list", [block._brief_print_list(list(range(n))) for n in (0, 1, 7, 8, 20)])
    for name, value in (
        ("array", x), ("list", [x, [x, None], (x,)]), ("None", None), ("symbol", s), ("empty", []), ("number", 3),
        ("number inside", (x, 3)), ("dict", {"a": 1}), ("group", mx.sym.Group([s, s])),
        ("groups", [mx.sym.Group([s, s]), s]),
    ):  # fmt: skip
        put("_flatten %s" % name, attempt(lambda: block._flatten(value, "input")))
    for leaves, fmt in (([1, 2, 3], [0, [0, 0]]), ([1, 2, 3], 2), ([None, 2], -1), ([5, 2], -1), ([5], [])):
        put("_regroup %s %s" % (leaves, fmt), attempt(lambda: block._regroup(leaves, fmt)))
    net = nn.HybridSequential(prefix="n_")
    net.add(nn.Dense(1), nn.Activation("relu"), nn.Dense(2))
    put("containers", [type(getattr(net, n)).__name__ for n in (
        "_children", "_reg_params", "_forward_hooks", "_forward_pre_hooks", "_params", "_scope")])  # fmt: skip
    put("values", [net._prefix, net._name, net._empty_prefix, nn.Flatten(prefix="")._empty_prefix, net._active])
    put("children are Blocks", [isinstance(c, gluon.Block) for c in net._children.values()])
    put("children's keys", list(net._children))
    put("registered", [list(net[0]._reg_params), net[0]._reg_params["weight"] is net[0].weight])
    put("collected", [type(net._collect_params_with_prefix()).__name__, type(net.params).__name__])
    net._children.pop("1")
    put("popped", [len(net), repr(net), list(net._children)])
    net.add(nn.Dense(3))
    put("added after a pop", [list(net._children), len(net)])
    net._children.clear()
    put("cleared", [len(net), repr(net)])
    last = nn.HybridSequential(prefix="l_")
    last.add(nn.Dense(1), nn.Dense(2))
    put("popitem", [last._children.popitem()[0], len(last)])
    last._children["0"] = nn.Dense(9)
    put("replaced", [repr(last[0]), list(last.collect_params().keys())])
    moved = OrderedDict((str(i), c) for i, c in enumerate(reversed(list(last._children.values()))))
    last._children = moved
    put("a new dict", [repr(last)])
    put("iterated", [c.name for c in last])
    put("classes", [c.__mro__[1].__name__ for c in (nn.Sequential, nn.HybridSequential, nn.Dense)][2:])
    put("is a HybridBlock", [isinstance(b, gluon.HybridBlock) for b in (nn.Sequential(), last, nn.Lambda("relu"))])
    put("_check_container_with_block", warned(net._check_container_with_block))


def attributes(mx, put):
    gluon, nn = mx.gluon, mx.gluon.nn

    class Net(gluon.HybridBlock):
        shared_attribute = 3

        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.a = nn.Dense(2, in_units=2)
                self.w = self.params.get("w", shape=(2,))
                self.nothing = None
                self.c = self.params.get_constant("c", [[1.0, 2.0]])

        @property
        def double(self):
            return 2

        @property
        def layer(self):
            return self.a

    net = Net(prefix="net_")
    put("none to block", [attempt(setattr, net, "nothing", nn.Dense(1)), list(net._children)])
    put("block to none", attempt(setattr, net, "nothing", None))
    put("block to parameter", attempt(setattr, net, "a", gluon.Parameter("x")))
    put("block to list", attempt(setattr, net, "a", [net.a]))
    put("parameter to block", attempt(setattr, net, "w", nn.Dense(1)))
    put("parameter to array", attempt(setattr, net, "w", mx.nd.ones(1)))
    put("parameter to constant", kind(setattr, net, "w", net.c))
    put("constant to constant", kind(setattr, net, "c", net.params.get_constant("d", [1])))
    put("constant to parameter", attempt(setattr, net, "c", gluon.Parameter("x")))
    put("class attribute", [attempt(setattr, net, "shared_attribute", nn.Dense(4)), list(net._children)])
    put("property", kind(setattr, net, "double", 3))
    put("property, a block", [kind(setattr, net, "double", nn.Dense(3)), list(net._children)])
    put("property read", net.layer is net.a)
    put("missing", attempt(getattr, net, "zzz"))
    put("still there", [sorted(net._children), sorted(net._reg_params), list(net.collect_params().keys())])
    del net.w
    put("parameter deleted", [sorted(net._reg_params), hasattr(net, "w"), list(net.collect_params().keys())])
    put("and set again", kind(setattr, net, "w", gluon.Parameter("w3", shape=(2,))))
    put("vars", sorted(k for k, v in vars(net).items() if isinstance(v, (gluon.Block, gluon.Parameter))))
    other = Net(prefix="other_")
    other.a = net.a
    put("a child of another", [other.a is net.a, list(other.collect_params().keys())])
    put("the old names stay", list(other.params.keys()))
    put("itself", kind(_itself, Net(prefix="i_")))

    class Sub(nn.Dense):
        pass

    deep = nn.HybridSequential(prefix="d_")
    deep.x = Sub(1, prefix="s_")
    put("subclass replaced by subclass", [attempt(setattr, deep, "x", Sub(2, prefix="t_")), repr(deep)])
    put("by its base", attempt(setattr, deep, "x", nn.Dense(3)))

    class Slots(gluon.Block):
        def __setattr__(self, name, value):
            super(Slots, self).__setattr__(name, value)
            if isinstance(value, gluon.Block):
                self.__dict__.setdefault("seen", []).append(name)

    slots = Slots()
    slots.q = nn.Dense(1)
    put("own __setattr__", [slots.seen, list(slots._children)])
    multi = type("Multi", (_Mixin, gluon.HybridBlock), {})()
    put("mixin", [multi.mixed, multi.prefix])


class _Mixin(object):
    mixed = "mixed"


def _itself(net):
    net.me = net.a
    return list(net._children)


def registration(mx, put):
    gluon, nn = mx.gluon, mx.gluon.nn

    def keys(*names):
        net = gluon.Block(prefix="b_")
        for name in names:
            net.register_child(nn.Dense(1, in_units=1, prefix="d%d_" % len(net._children)), name)
        return [list(net._children), list(net._collect_params_with_prefix()), list(net.collect_params().keys())]

    put("numbers", keys(None, None, None))
    put("names", keys("x", "y.z", ""))
    put("mixed", keys("x", None, "3", None))
    put("clash of number and name", keys("1", None))
    put("twice the same", keys("x", "x"))
    put("no text", kind(keys, 3))
    net = gluon.Block()
    dense = nn.Dense(1, in_units=1)
    put("one child twice", [net.register_child(dense), net.register_child(dense), list(net._children)])
    put("collected once", [list(net._collect_params_with_prefix()), len(list(net.collect_params().keys()))])
    sequential = nn.Sequential()
    put("add returns", attempt(sequential.add, nn.Dense(1)))
    put("add nothing", attempt(sequential.add))
    put("add no Block", [kind(nn.Sequential().add, 3), kind(nn.HybridSequential().add, 3)])
    put("add a plain Block", attempt(nn.HybridSequential().add, nn.Sequential()))
    put("add a list", kind(nn.HybridSequential().add, [nn.Dense(1)]))
    put("add a Lambda", attempt(nn.HybridSequential().add, nn.Lambda("relu", prefix="l_")))

    class Counting(gluon.Block):
        def register_child(self, block, name=None):
            super(Counting, self).register_child(block, "my_" + str(name))

    counting = Counting()
    counting.a = nn.Dense(1)
    put("own register_child", list(counting._children))
    hybrid = gluon.HybridBlock(prefix="h_")
    put("attribute refused leaves", [kind(setattr, hybrid, "a", gluon.Block()), hasattr(hybrid, "a"),
                                     list(hybrid._children)])  # fmt: skip
    for index in (0, -1, 5, slice(1, 3), slice(None, None, -1), slice(5, 9), "0", 1.0, None):
        filled = nn.HybridSequential(prefix="f_")
        filled.add(*[nn.Dense(i + 1, prefix="%d_" % i) for i in range(3)])
        put("index %r" % (index,), _indexed(filled, index))
    put("slice's prefix", [filled[1:].prefix, list(filled[1:].collect_params().keys())])
    plain = nn.Sequential()
    plain.add(*[nn.Dense(i + 1) for i in range(3)])
    put("plain slice", [type(plain[:2]).__name__, plain[:2].prefix == plain.prefix, len(plain[:2])])
    put("assigned", kind(lambda: plain.__setitem__(0, nn.Dense(1))))
    put("deleted", kind(lambda: plain.__delitem__(0)))
    put("contains", [plain[0] in plain, nn.Dense(1) in list(plain)])
    put("truth", [bool(nn.Sequential()), bool(plain), bool(nn.Dense(1)), len(plain)])
    put("length of a layer", kind(len, nn.Dense(1)))
    put("equality", [plain == plain, plain != plain[0], plain[0] == nn.Dense(1), len({plain, plain[0], plain})])


def _indexed(net, index):
    found = attempt(lambda: repr(net[index]))
    return {"raises": found["raises"]} if isinstance(found, dict) else found


def collecting(mx, put):
    gluon, nn = mx.gluon, mx.gluon.nn

    class Net(gluon.Block):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.z = nn.Dense(2, in_units=2)
                self.bn = nn.BatchNorm(in_channels=2)
                self.w = self.params.get("w", shape=(2,))
                self.a = nn.HybridSequential()
                with self.a.name_scope():
                    self.a.add(nn.Dense(1, in_units=2), nn.Conv2D(1, 1, in_channels=1))
                self.params.get("unbound", shape=(3,))

    net = Net(prefix="net_")
    params = net.collect_params()
    put("order", list(params.keys()))
    put("structure", list(net._collect_params_with_prefix()))
    put("structure with a prefix", list(net._collect_params_with_prefix("x.y")))
    put("own", list(net.params.keys()))
    for select in (
        ".*", ".*weight", ".*weight$", "net_dense0.*", "net_dense0_weight|net_w", "weight", "^net_w$", "(?!.*dense).*",
        ".*_(gamma|beta)", ".*running.*", "NET.*", "(?i)NET.*", "net_hybridsequential0_", "$", ".*d", "net_w",
    ):  # fmt: skip
        put("select %s" % select, list(net.collect_params(select).keys()))
    put("bad regex", kind(net.collect_params, "("))
    put("compiled regex", kind(lambda: list(net.collect_params(__import__("re").compile(".*bias")).keys())))
    put("no text", kind(net.collect_params, 3))
    put("by keyword", list(net.collect_params(select=".*w").keys()))
    put("prefix", [params.prefix, net.collect_params(".*w").prefix, repr(net.collect_params("net_w"))])
    put("same objects", [params["net_w"] is net.w, params is net.collect_params(), net.params is net.params])
    params.get("new", shape=(1,))
    put("a new one in the collected", [list(net.collect_params().keys()) == list(params.keys()), "net_new" in params])
    net.params.get("own", shape=(1,))
    put("a new one in its own", list(net.collect_params("net_own").keys()))
    put("missing", kind(lambda: params["nothing"]))
    put("types", [type(k).__name__ + type(v).__name__ for k, v in net.collect_params("net_w").items()])
    both = Net(prefix="two_")
    params.update(both.collect_params())
    put("updated", [len(list(params.keys())), len(list(net.collect_params().keys()))])
    put("two nets of one prefix", kind(lambda: params.update(Net(prefix="two_").collect_params())))
    conflict = nn.Sequential(prefix="c_")
    conflict.add(nn.Dense(1, in_units=1, prefix="s_"), nn.Dense(2, in_units=1, prefix="s_"))
    put("conflict", attempt(conflict.collect_params))
    put("conflict, selected away", attempt(lambda: list(conflict.collect_params("x").keys())))
    put("conflict, structure", list(conflict._collect_params_with_prefix()))
    put("conflict, initialize", kind(conflict.initialize))
    loop = gluon.Block(prefix="loop_")
    loop.a = nn.Dense(1, in_units=1, prefix="x_")
    loop.b = loop.a
    put("twice in one", [list(loop.collect_params().keys()), list(loop._collect_params_with_prefix())])
    order = []
    loop.apply(lambda block: order.append(block.name))
    put("apply", order)
    order = []
    net.apply(lambda block: order.append(type(block).__name__))
    put("apply's order", order)
    put("apply's result", net.apply(lambda block: 3) is net)
    put("apply no function", kind(net.apply, 3))

    def init(block):
        if isinstance(block, nn.Dense):
            block.weight.initialize(mx.init.One())

    net.apply(init)
    put("apply to initialise", [net.z.weight.data(), kind(net.bn.gamma.data)])

    class Override(Net):
        def collect_params(self, select=None):
            return super(Override, self).collect_params("net_w" if select is None else select)

    parent = nn.Sequential(prefix="p_")
    parent.add(Override(prefix="net_"))
    put("overridden", list(parent.collect_params().keys()))


def containers(mx, put):
    gluon, nn = mx.gluon, mx.gluon.nn

    class Holder(gluon.Block):
        def __init__(self, things, register=(), **kwargs):
            super(Holder, self).__init__(**kwargs)
            for block in register:
                self.register_child(block)
            self.things = things

        def forward(self, x):
            return x

    a, b = nn.Dense(1), nn.Dense(1)

    def warns(things, register=(), call=lambda net: list(net.collect_params().keys())):
        return warned(lambda: call(Holder(things, register, prefix="h_")))

    put("list", warns([a]))
    put("tuple", warns((a, b)))
    put("dict", warns({"a": a}))
    put("keys of a dict", warns({a: 1}))
    put("ordered dict", warns(OrderedDict(a=a)))
    put("set", warns({a}))
    put("deep", warns([[[{"x": (1, [a])}]]]))
    put("some registered", warns([a, b], [a]))
    put("all registered", warns([a, b], [a, b]))
    put("all registered, nested", warns([[a], {"b": b}], [a, b]))
    put("no Blocks", warns([1, "a", None, [2]]))
    put("empty", warns([]))
    put("parameters", warns([gluon.Parameter("p")]))
    put("generator", warns(x for x in [a]))
    put("subclass of list", warns(type("L", (list,), {})([a])))
    put("select", warns([a], (), lambda net: list(net.collect_params(".*").keys())))
    put("initialize", warns([a], (), lambda net: net.initialize()))
    put("cast", warns([a], (), lambda net: net.cast("float64")))
    put("hybridize", warns([a], (), lambda net: net.hybridize()))
    put("call", warns([a], (), lambda net: net(3)))
    put("repr", warns([a], (), repr))
    put("save_parameters", warns([a], (), lambda net: net.save_parameters("x.params")))
    two = Holder([a], prefix="t_")
    two.others = {"b": [b]}
    put("two containers", warned(lambda: list(two.collect_params().keys())))
    put("each time", [warned(two.collect_params)["warnings"] == warned(two.collect_params)["warnings"]])
    outer = nn.Sequential(prefix="o_")
    outer.add(Holder([a], prefix="i_"), Holder([b], prefix="j_"))
    put("in children", warned(lambda: list(outer.collect_params().keys())))
    two.dunder = Holder([a], prefix="k_")
    setattr(two, "__private", [a])
    put("private", warned(lambda: list(two.collect_params().keys())))

    class Hybrid(gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Hybrid, self).__init__(**kwargs)
            self._layers = [nn.Dense(1, in_units=1, prefix="z_")]

        def hybrid_forward(self, F, x):
            return self._layers[0](x)

    put("a HybridBlock", warned(lambda: list(Hybrid(prefix="h_").collect_params().keys())))
    net = Hybrid(prefix="h_")
    net.initialize()
    put("used", kind(net, mx.nd.ones((1, 1))))
    net._layers[0].initialize(mx.init.One())
    put("used then", net(mx.nd.ones((1, 1))))
    net.hybridize()
    put("hybridized", kind(net, mx.nd.ones((1, 1))))


PARTS = [private, attributes, registration, collecting, containers]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_children", check_complete(results(mxnet)))
