"""Writes tests/golden/symbol_graphs.json: making, naming, composing, cutting and describing symbols.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.symbol_graphs
"""

import copy
import operator
import pickle

import numpy as np

from tests.oracle.scenario import attempt, plain, write


def show(symbol):
    """Everything that can be read off a symbol."""
    if symbol is None or isinstance(symbol, (str, int, float)):
        return symbol
    if isinstance(symbol, (list, tuple)):
        return [show(s) for s in symbol]
    return {
        "name": symbol.name,
        "repr": repr(symbol),
        "length": len(symbol),
        "outputs": symbol.list_outputs(),
        "arguments": symbol.list_arguments(),
        "states": symbol.list_auxiliary_states(),
        "inputs": symbol.list_inputs(),
        "inner": symbol.get_internals().list_outputs(),
        "attributes": symbol.attr_dict(),
        "json": symbol.tojson(),
    }


def mlp(mx):
    data = mx.sym.var("data")
    hidden = mx.sym.Activation(mx.sym.FullyConnected(data, num_hidden=8, name="fc1"), act_type="relu", name="relu1")
    return mx.sym.SoftmaxOutput(mx.sym.FullyConnected(hidden, num_hidden=3, name="fc2"), name="softmax")


def conv(mx):
    data = mx.sym.var("data")
    body = mx.sym.Convolution(data, kernel=(3, 3), num_filter=4, pad=(1, 1), no_bias=True)
    body = mx.sym.BatchNorm(body, fix_gamma=False, name="bn")
    body = mx.sym.Pooling(mx.sym.Activation(body, act_type="relu"), kernel=(2, 2), stride=(2, 2), pool_type="max")
    return mx.sym.Flatten(body) + 1


def split(mx):
    return mx.sym.split(mx.sym.var("data"), num_outputs=3, name="cut")


def making(mx):
    """Variables, groups, scopes, automatic names."""
    sym = mx.sym
    yield "var", lambda: sym.var("a")
    yield "Variable", lambda: sym.Variable("a")
    yield "var everything", lambda: sym.var(
        "a", attr={"mood": "good", "lr_mult": "3"}, shape=(2, 0), lr_mult=0.1, wd_mult=0, dtype="float16",
        init=mx.init.Xavier(magnitude=2), stype="row_sparse", __more__="yes",
    )  # fmt: skip
    yield "var list shape", lambda: sym.var("a", shape=[2, 3])
    yield "var number shape", lambda: sym.var("a", shape=(5,))
    yield "var empty shape", lambda: sym.var("a", shape=())
    yield "var init text", lambda: sym.var("a", init="anything")
    yield "var dtypes", lambda: [sym.var("a", dtype=d) for d in (np.float64, "int32", np.dtype("uint8"), bool)]
    yield "var bad name", lambda: sym.var(3)
    yield "var bad keyword", lambda: sym.var("a", color="red")
    yield "var bad attribute", lambda: sym.var("a", attr={"mood": 3})
    yield "var bad stype", lambda: sym.var("a", stype="dense")
    yield "var bad dtype", lambda: sym.var("a", dtype="complex")
    yield "var keyword number", lambda: sym.var("a", __number__=3)
    yield "var empty name", lambda: sym.var("")
    yield "group", lambda: sym.Group([sym.var("a"), sym.var("b"), split(mx)])
    yield "group of groups", lambda: sym.Group([sym.Group([sym.var("a")]), split(mx)[1]])
    yield "group of one", lambda: sym.Group([sym.exp(sym.var("a"), name="e")])
    yield "group of none", lambda: sym.Group([])
    yield "group wrong", lambda: sym.Group([sym.var("a"), 3])
    yield "group no list", lambda: sym.Group(sym.var("a"))
    yield "group parts of a node", lambda: sym.Group([split(mx)[0], split(mx)[1]])
    a, b = sym.var("a"), sym.var("b")
    for name in ("add", "sub", "mul", "truediv", "mod", "pow", "eq", "ne", "lt", "le", "gt", "ge"):
        function = getattr(operator, name)
        yield name + " symbols", lambda: function(a, b)
        yield name + " number", lambda: function(a, 2)
        yield name + " float", lambda: function(a, 2.5)
        yield name + " numpy", lambda: function(a, np.float32(0.1))
        yield name + " reflected", lambda: function(3, a)
        yield name + " bool", lambda: function(a, True)
        yield name + " text", lambda: function(a, "x")
    for name in ("iadd", "isub", "imul", "itruediv"):
        yield name, lambda: getattr(operator, name)(a, 2)
    yield "neg", lambda: -a
    yield "abs", lambda: abs(a)
    yield "bool", lambda: bool(a)
    yield "not", lambda: not a
    yield "in", lambda: a in [b]
    for name in ("maximum", "minimum", "power", "hypot", "pow"):
        function = getattr(sym, name)
        yield "function " + name + " symbols", lambda: function(a, b)
        yield "function " + name + " right", lambda: function(a, 2)
        yield "function " + name + " left", lambda: function(2, a)
        yield "function " + name + " numbers", lambda: function(2, 3)
        yield "function " + name + " wrong", lambda: function(a, "x")
    yield "zeros", lambda: sym.zeros((2, 3))
    yield "zeros named", lambda: sym.zeros((2, 0), dtype="int32", name="z")
    yield "zeros number", lambda: sym.zeros(3)
    yield "ones", lambda: sym.ones((2, 3), dtype=np.float16)
    yield "full", lambda: sym.full((2, 3), 2.5)
    yield "arange", lambda: sym.arange(3)
    yield "arange all", lambda: sym.arange(1, 9, 2, 2, name="r", dtype="int32")
    yield "linspace", lambda: sym.linspace(0, 1, 5)
    yield "eye", lambda: sym.eye(3, 4, 1)
    yield "split_v2", lambda: sym.split_v2(a, 2)
    yield "split_v2 indices", lambda: sym.split_v2(a, (1, 3), axis=1, squeeze_axis=False)
    yield "split_v2 wrong", lambda: sym.split_v2(a, "x")
    for name in ("uniform", "normal", "randint", "exponential"):
        function = getattr(sym.random, name)
        arguments = (0, 5) if name != "exponential" else (2,)
        yield "random " + name, lambda: function(*arguments, shape=(2, 3))
    yield "random normal of symbols", lambda: sym.random.normal(a, b, shape=2)
    yield "random normal mixed", lambda: sym.random.normal(a, 1)
    yield "random randn", lambda: sym.random.randn(2, 3, loc=1)
    yield "random shuffle", lambda: sym.random.shuffle(a)
    yield "random multinomial", lambda: sym.random.multinomial(a, 2, get_prob=False)
    yield "random multinomial both", lambda: sym.random.multinomial(a)
    yield "random uniform_like", lambda: sym.random.uniform_like(a, 0, 2)


def methods(mx):
    a, b = mx.sym.var("a"), mx.sym.var("b")
    calls = [
        ("abs",), ("argmax", 1), ("argsort",), ("astype", "float16"), ("astype", np.int32), ("broadcast_to", (2, 3)),
        ("clip", 0, 1), ("diag",), ("diag", 1), ("exp",), ("expand_dims", 1), ("flatten",), ("flip", 1),
        ("log_softmax",), ("max",), ("mean", 1), ("norm",), ("one_hot", 3), ("ones_like",), ("pick", b), ("prod",),
        ("relu",), ("repeat", 2), ("reshape", (2, -1)), ("reshape_like", b), ("round",), ("shape_array",),
        ("sigmoid",), ("slice", (0,), (1,)), ("slice_axis", 0, 0, 1), ("slice_like", b), ("softmax",), ("sort",),
        ("split", 2), ("split_v2", 2), ("sqrt",), ("square",), ("squeeze",), ("squeeze", 1), ("sum",),
        ("sum", 1, True), ("swapaxes", 0, 1), ("take", b), ("tanh",), ("tile", (2, 2)), ("topk",), ("transpose",),
        ("transpose", (1, 0)), ("zeros_like",), ("as_nd_ndarray",), ("asnumpy",), ("asscalar",), ("wait_to_read",),
        ("copy",), ("as_in_context",), ("backward",), ("detach",), ("gradient", ["a"]),
        ("pad", "constant", (0, 0, 0, 0, 1, 1, 1, 1)),
    ]  # fmt: skip
    for name, *arguments in calls:
        shown = ["sym" if a is b else str(a) for a in arguments]
        yield " ".join([name] + shown), lambda: getattr(a, name)(*arguments)
    yield "expand_dims inplace", lambda: a.expand_dims(1, inplace=True)
    yield "flatten inplace", lambda: a.flatten(inplace=True)
    yield "squeeze inplace", lambda: a.squeeze(inplace=True)
    yield "reshape keyword", lambda: a.reshape(shape=(0, -1))
    yield "reshape reverse", lambda: a.reshape((0, -1), reverse=True)
    yield "sum named", lambda: a.sum(axis=1, name="total")


def naming(mx):
    sym = mx.sym

    def show_in(scope, make):
        with scope:
            return make()

    a = sym.var("a")

    def scoped(manager, inner=None):
        with manager:
            first = sym.exp(a)
            with inner or mx.name.NameManager():
                second = [sym.exp(first), sym.exp(first, name="given"), sym.var("free"), first + 1]
            return [first] + second + [sym.exp(a)]

    yield "manager", lambda: scoped(mx.name.NameManager())
    yield "prefix", lambda: scoped(mx.name.Prefix("pre_"))
    yield "prefix in prefix", lambda: scoped(mx.name.Prefix("pre_"), mx.name.Prefix("in_"))
    yield "prefix with arguments", lambda: show_in(mx.name.Prefix("pre_"), lambda: sym.FullyConnected(a, num_hidden=2))
    yield "manager counters", lambda: [mx.name.NameManager().get(n, h) for n, h in (("x", "y"), (None, "y"), ("", "y"))]
    yield "prefix get", lambda: [mx.name.Prefix("p_").get(n, h) for n, h in (("x", "y"), (None, "y"))]

    def attributes():
        with mx.AttrScope(ctx_group="one", __mood__="good"):
            first = sym.FullyConnected(sym.var("v"), num_hidden=2, name="fc")
            with mx.AttrScope(ctx_group="two", lr_mult="3"):
                second = sym.exp(first, name="e", attr={"__mood__": "bad"})
                third = sym.var("w", lr_mult=4) + second
            return sym.Group([third, first])

    yield "attribute scope", attributes
    yield "attribute scope plain", lambda: show_in(mx.AttrScope(mood="good"), lambda: sym.var("v"))
    yield "attribute scope plain on operator", lambda: show_in(mx.AttrScope(mood="good"), lambda: sym.exp(a))
    yield "attribute scope number", lambda: show_in(mx.AttrScope(mood=3), lambda: sym.var("v"))
    yield "attribute get", lambda: sorted(mx.AttrScope(x="1").get({"y": "2"}).items())
    yield "operator attr", lambda: sym.exp(a, name="e", attr={"mood": "good"})
    yield "operator hidden attr", lambda: sym.exp(a, name="e", lr_mult=2, __mood__="good", attr={"ctx_group": "x"})
    yield (
        "operator hidden attrs",
        lambda: sym.FullyConnected(a, num_hidden=2, name="f", wd_mult=1, force_mirroring=True),
    )
    yield "operator attr number", lambda: sym.exp(a, name="e", attr={"__mood__": 3})
    yield "operator mirror_stage", lambda: sym.exp(a, name="e", mirror_stage=2)
    yield "batch norm given states", lambda: sym.BatchNorm(a, moving_mean=sym.var("m", init="mine"), name="bn")


def refusing(mx):
    """Calls that MXNet refuses, and some that it surprisingly does not."""
    sym = mx.sym
    a = sym.var("a")
    two = sym.Group([a, sym.var("b")])
    yield "unknown argument", lambda: sym.exp(a, color="red")
    yield "unknown input", lambda: sym.exp(a, weight=a)
    yield "missing attribute", lambda: sym.FullyConnected(a)
    yield "bad attribute", lambda: sym.FullyConnected(a, num_hidden="many")
    yield "bad choice", lambda: sym.Activation(a, act_type="steep")
    yield "array as input", lambda: sym.exp(mx.nd.ones(2))
    yield "number as input", lambda: sym.exp(3)
    yield "number in list", lambda: sym.concat(a, 3)
    yield "group as input", lambda: sym.exp(two)
    yield "split as input", lambda: sym.exp(split(mx))
    yield "split in list", lambda: sym.concat(split(mx), a, name="c")
    yield "star split in list", lambda: sym.concat(*split(mx), name="c")
    yield "none in the middle", lambda: sym.FullyConnected(a, None, sym.var("b"), num_hidden=2, name="f")
    yield "no inputs", lambda: sym.FullyConnected(num_hidden=2, name="f")
    yield "only bias", lambda: sym.FullyConnected(bias=a, num_hidden=2, name="f")
    yield "no bias but given", lambda: sym.FullyConnected(a, a, a, num_hidden=2, no_bias=True, name="f")
    yield "too many inputs", lambda: sym.exp(a, a)
    yield "concat keyword", lambda: sym.concat(a, arg1=sym.var("b"), name="c")
    yield "concat count", lambda: sym.concat(num_args=2, name="c")
    yield "concat short", lambda: sym.concat(a, num_args=3, name="c")
    yield "add_n", lambda: sym.add_n(a, sym.var("b"), name="n")
    yield "ElementWiseSum", lambda: sym.ElementWiseSum(a, sym.var("b"))
    yield "string attributes", lambda: sym.Convolution(a, kernel="(3,3)", num_filter="4", no_bias="1", name="c")
    yield "list attributes", lambda: sym.Convolution(a, kernel=[3, 3], num_filter=4, pad=[1, 1], name="c")
    yield "numpy attributes", lambda: sym.FullyConnected(a, num_hidden=np.int64(4), name="c")
    yield "dtype class", lambda: sym.Cast(a, dtype=np.float64, name="c")
    yield "dtype dtype", lambda: sym.Cast(a, dtype=np.dtype("int8"), name="c")
    yield "None attribute", lambda: sym.sum(a, axis=None, name="s")
    yield "bool attribute", lambda: sym.sum(a, axis=1, keepdims=True, name="s")
    yield "ctc third input", lambda: sym.CTCLoss(a, sym.var("l"), sym.var("n"), use_label_lengths=True, name="c")
    yield (
        "ctc named",
        lambda: sym.CTCLoss(a, sym.var("l"), label_lengths=sym.var("n"), use_label_lengths=True, name="c"),
    )
    yield "ctc automatic", lambda: sym.CTCLoss(a, use_label_lengths=True, name="c")
    yield "leaky", lambda: sym.LeakyReLU(a, act_type="leaky", name="l")
    yield "prelu", lambda: sym.LeakyReLU(a, act_type="prelu", name="l")
    yield "out argument", lambda: sym.exp(a, out=None, name="e")


def lists(mx):
    """Operators that take a list of inputs."""
    sym = mx.sym
    new = lambda name="a": sym.var(name)  # noqa: E731
    up = {"scale": 2, "name": "u"}
    bilinear = dict(up, sample_type="bilinear", num_filter=3)
    yield "nearest one", lambda: sym.UpSampling(new(), sample_type="nearest", **up)
    yield "nearest two", lambda: sym.UpSampling(new(), new("b"), sample_type="nearest", num_args=2, **up)
    yield "nearest short", lambda: sym.UpSampling(new(), sample_type="nearest", num_args=2, **up)
    yield "bilinear", lambda: sym.UpSampling(new(), **bilinear)
    yield "bilinear counted", lambda: sym.UpSampling(new(), num_args=2, **bilinear)
    yield "bilinear two", lambda: sym.UpSampling(new(), new("b"), **bilinear)
    yield "bilinear named", lambda: sym.UpSampling(data=new(), weight=new("b"), **bilinear)
    yield "bilinear named in another order", lambda: sym.UpSampling(weight=new(), data=new("b"), num_args=2, **bilinear)
    yield "bilinear only data named", lambda: sym.UpSampling(data=new(), num_args=2, **bilinear)
    yield "concat named in another order", lambda: sym.concat(arg1=new(), arg0=new("b"), name="c")
    yield "concat one named", lambda: sym.concat(arg1=new(), num_args=3, name="c")
    yield "concat wrong name", lambda: sym.concat(z=new(), name="c")
    yield "concat name beyond", lambda: sym.concat(arg1=new(), name="c")
    yield "concat too many", lambda: sym.concat(new(), new("b"), num_args=1, name="c")
    yield "concat nothing", lambda: sym.concat(name="c")
    yield "add_n nothing", lambda: sym.add_n()
    yield "stack nothing", lambda: sym.stack(num_args=0)
    yield "amp_multicast short", lambda: sym.amp_multicast(new(), num_outputs=2, name="m")
    yield "amp_multicast too many", lambda: sym.amp_multicast(new(), new("b"), num_outputs=1, name="m")
    yield "state made by an operator", lambda: sym.BatchNorm(new(), moving_mean=sym.exp(new("b")), name="bn")
    yield "one input too many", lambda: sym.CTCLoss(new(), new("b"), new("c"), name="c")


def composing(mx):
    sym = mx.sym

    def compose(**kwargs):
        net = mlp(mx)
        net._compose(**kwargs)
        return net

    new = lambda name="new": sym.exp(sym.var(name), name="e_" + name)  # noqa: E731
    yield "keyword", lambda: mlp(mx)(data=new())
    yield "name", lambda: mlp(mx)(data=new(), name="other")
    yield "positional", lambda: mlp(mx)(new())
    yield "positional two", lambda: mlp(mx)(new(), new("w"))
    yield "by weight", lambda: mlp(mx)(fc1_weight=new(), fc2_bias=new("b"))
    yield "unknown name", lambda: mlp(mx)(nothing=new())
    yield "mixed", lambda: mlp(mx)(new(), fc1_weight=new())
    yield "too many", lambda: mlp(mx)(*[new(str(i)) for i in range(9)])
    yield "not a symbol", lambda: mlp(mx)(data=3)
    yield "not a symbol positional", lambda: mlp(mx)(3)
    yield "split", lambda: mlp(mx)(data=split(mx))
    yield "one of a split", lambda: mlp(mx)(data=split(mx)[1])
    yield "group", lambda: sym.Group([mlp(mx), conv(mx)])(data=new())
    yield "shared", lambda: mlp(mx)(data=sym.var("fc1_weight"))
    yield "in place", lambda: compose(data=new())
    yield "net over net", lambda: mlp(mx)(data=conv(mx))
    yield "states", lambda: conv(mx)(bn_moving_mean=new())
    yield "nothing", lambda: mlp(mx)()

    def original():
        net = mlp(mx)
        net(data=new())
        return net

    yield "original stays", original


def cutting(mx):
    net, many = conv(mx), split(mx)
    inner = net.get_internals()
    group = mx.sym.Group([many, net])
    yield "net", lambda: net
    yield "mlp", lambda: mlp(mx)
    yield "split", lambda: many
    for index in (
        0,
        2,
        3,
        -1,
        -3,
        "cut_output1",
        "cut",
        "nothing",
        slice(0, 2),
        slice(1, None),
        slice(3, 5),
        1.0,
        None,
    ):
        yield "split[%s]" % (index,), lambda: many[index]
    yield "first of a variable", lambda: mx.sym.var("a")[0]
    yield "inner[bn_output]", lambda: inner["bn_output"]
    yield "inner[data]", lambda: inner["data"]
    yield "inner[3]", lambda: inner[3]
    yield "inner", lambda: inner
    yield "group", lambda: group
    yield "group[3]", lambda: group[3]
    yield "group name twice", lambda: mx.sym.Group([many, many])["cut_output0"]
    yield "iteration", lambda: list(many)
    yield "iteration of one", lambda: list(net)
    yield "iteration of a group", lambda: [s.name for s in group]
    yield "children", lambda: net.get_children()
    yield "children of a variable", lambda: mx.sym.var("a").get_children()
    yield "children of a group", lambda: group.get_children()
    yield "children twice", lambda: (mx.sym.var("a") + mx.sym.var("a")).get_children()
    yield "children of a part", lambda: many[1].get_children()
    yield "children of inner", lambda: net.get_internals()["bn_output"].get_children()
    yield "same variable twice", lambda: mx.sym.var("a") * mx.sym.var("a")
    yield "debug mlp", lambda: mlp(mx).debug_str()
    yield "debug net", lambda: net.debug_str()
    yield "debug split", lambda: group.debug_str()
    yield "debug var", lambda: mx.sym.var("a", shape=(1,)).debug_str()
    yield "str", lambda: str(group)


def attributes(mx):
    net = conv(mx)
    bn = net.get_internals()["bn_output"]
    var = mx.sym.var("v", lr_mult=2, attr={"mood": "good", "ctx_group": "x"})
    for key in ("lr_mult", "__lr_mult__", "mood", "ctx_group", "__ctx_group__", "nothing", "name"):
        yield "attr %s" % key, lambda: var.attr(key)
    yield "attr of operator", lambda: bn.attr("fix_gamma")
    yield "attr default", lambda: bn.attr("momentum")
    yield "list_attr", lambda: plainly(bn.list_attr())
    yield "list_attr var", lambda: plainly(var.list_attr())
    yield "list_attr recursive", lambda: bn.list_attr(recursive=True)
    yield "list_attr group", lambda: plainly(split(mx).list_attr())
    yield "list_attr real group", lambda: plainly(mx.sym.Group([var, bn]).list_attr())
    yield "attr real group", lambda: mx.sym.Group([var, bn]).attr("mood")
    yield "set on group", lambda: mx.sym.Group([var, bn])._set_attr(mood="x")
    yield "attr_dict", lambda: show(net)

    def set_attr(**kwargs):
        symbol = mx.sym.exp(mx.sym.var("v"), name="e")
        symbol._set_attr(**kwargs)
        return symbol

    yield "set", lambda: set_attr(mood="good")
    yield "set hidden", lambda: set_attr(lr_mult="3", __x__="y")
    yield "set number", lambda: set_attr(mood=3)
    yield "set keeps copies", lambda: changed_copy(mx)


def changed_copy(mx):
    symbol = mx.sym.var("v")
    shallow, deep = copy.copy(symbol), copy.deepcopy(symbol)
    symbol._set_attr(mood="good")
    return [shallow, deep]


def plainly(attrs):
    return str(sorted(attrs.items()) if not isinstance(attrs, str) else attrs)


def files(mx):
    nets = {"mlp": mlp(mx), "conv": conv(mx), "split": split(mx), "var": mx.sym.var("a", shape=(2,))}
    nets["group"] = mx.sym.Group([nets["mlp"], nets["conv"].get_internals()["bn_output"], nets["split"][2]])
    x, y = mx.sym.var("x"), mx.sym.var("y")
    cast = mx.sym.amp_cast(x, dtype="float16", name="cast")
    both = mx.sym.amp_multicast(x, y, num_outputs=2, name="both")
    nets["amp"] = mx.sym.exp(cast, name="e") + both[1]
    nets["amp heads"] = mx.sym.Group([cast, both, mx.sym.exp(both[0], name="e")])
    nets["amp chain"] = mx.sym.exp(mx.sym.amp_cast(cast, dtype="float32", name="cast2"), name="e")
    nets["unicode"] = mx.sym.exp(mx.sym.var("größe", attr={"__note__": 'a "quoted"\\\n\ttext/'}), name="名")
    nets["long"] = mx.sym.add_n(*[mx.sym.var("v%d" % i) for i in range(12)], name="sum")
    for name in sorted(nets):
        net = nets[name]
        yield name, lambda: net
        yield name + " with casts", lambda: net.tojson(remove_amp_cast=False)
        yield name + " reloaded", lambda: mx.sym.load_json(net.tojson())
        yield name + " pickled", lambda: pickle.loads(pickle.dumps(net))
        yield name + " copied", lambda: copy.deepcopy(net)
        yield name + " copied lightly", lambda: copy.copy(net)
    for name, text in (
        ("number", 3),
        ("none", None),
        ("no JSON", "{"),
        ("empty", ""),
        ("list", "[]"),
        ("other", '{"a": 1}'),
    ):
        yield "load_json " + name, lambda: mx.sym.load_json(text)
    yield "load nothing", lambda: mx.sym.load("/nowhere/nothing.json")
    yield "load number", lambda: mx.sym.load(3)
    yield "save number", lambda: nets["mlp"].save(3)


PARTS = {
    "making": making, "methods": methods, "naming": naming, "refusing": refusing, "lists": lists,
    "composing": composing, "cutting": cutting, "attributes": attributes, "files": files,
}  # fmt: skip


def results(mx):
    found = {}
    for part, scenes in PARTS.items():
        with mx.name.NameManager():
            for name, make in scenes(mx):
                with mx.name.NameManager():
                    key = part + ": " + name
                    assert key not in found, key
                    found[key] = squeeze(attempt(lambda: plain(show(make()))))
    return found


def squeeze(shown):
    """JSON texts without their indentation, which other cases check."""
    if isinstance(shown, list):
        return [squeeze(s) for s in shown]
    if isinstance(shown, dict) and "json" in shown:
        return dict(shown, json=one_line(shown["json"]))
    return shown


def one_line(text):
    return " ".join(text.split())


if __name__ == "__main__":
    import mxnet

    write("symbol_graphs", results(mxnet))
