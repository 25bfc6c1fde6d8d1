"""Writes tests/golden/amp_convert.json: graphs, models and nets that are converted to mixed precision.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.amp_convert
"""

import os

import numpy as np

from tests.oracle.amp_common import attempt, compact, dtype_of, nodes
from tests.oracle.gluon_common import check_complete, collect, kind
from tests.oracle.scenario import write
from tests.oracle.symbol_graphs import one_line


def make(mx):
    """Small graphs by name."""
    S = mx.sym  # noqa: N806
    x, y, w = S.var("x"), S.var("y"), S.var("w")

    def fc(data, name, weight=None):
        given = {} if weight is None else {"weight": weight}
        return S.FullyConnected(data, num_hidden=2, no_bias=True, name=name, **given)

    def low(name="f"):
        return fc(x, name)

    def high(name="e"):
        return S.exp(S.var("z"), name=name)

    def unknown(name="u"):
        return S.Activation(S.var("uv"), act_type="relu", name=name)

    def add(a, b, name="s"):
        return S.broadcast_add(a, b, name=name)

    def group(*symbols):
        return S.Group(list(symbols))

    def act(data, name="r", kind="relu"):
        return S.Activation(data, act_type=kind, name=name)

    shared, relu, split = low(), act(x), S.split(low(), num_outputs=2, name="sp")
    plain = {
        "high of high": S.exp(S.exp(x, name="a"), name="b"),
        "high of low": S.exp(S.exp(low(), name="a"), name="b"),
        "low of low": fc(low(), "g"),
        "low of high": fc(high(), "g"),
        "one weight twice": fc(fc(x, "f", w), "g", w),
        "a weight in low and high": S.exp(w, name="e") + fc(x, "f", w),
        "data as weight": fc(x, "f", x),
        "one input of all": group(low("f"), low("g"), S.exp(x, name="e")),
        "two of low": group(S.exp(shared, name="e"), S.log(shared, name="l")),
        "two of high": (lambda e: group(fc(e, "g"), fc(e, "h")))(high()),
        "two outputs": group(S.exp(split[1], name="e"), split[0]),
        "widest of low and high": add(low(), high()),
        "widest of low and unknown": add(low(), y),
        "widest of high and unknown": add(high(), y),
        "widest of unknown": add(x, y),
        "widest of low": S.exp(add(low(), low("g")), name="e"),
        "widest of high": add(high(), high("e2")),
        "widest of cast data": add(low(), x),
        "widest of cast data and high": group(low(), add(high(), x)),
        "widest before the cast": group(add(high(), x), low()),
        "widest of what was cast": (lambda f: add(f, relu))(fc(relu, "f")),
        "widest twice": group(add(shared, y), S.broadcast_sub(shared, y, name="s2")),
        "widest of widest": add(add(low(), y), high(), "s2"),
        "low of widest": fc(add(low(), low("g")), "H"),
        "low of unknown": fc(add(low(), y), "H"),
        "add_n": S.add_n(low(), high(), y, name="an"),
        "concat": S.concat(low(), high(), x, dim=1, name="s"),
        "where": S.where(low(), high(), fc(y, "g"), name="wh"),
        "where with a variable": fc(S.where(y, low(), low("g"), name="wh"), "H"),
        "dot": S.dot(low(), high(), name="d"),
        "nms": S.contrib.box_nms(low(), name="nm"),
        "any of low": fc(act(low()), "g"),
        "any of high": S.exp(act(high()), name="q"),
        "any of a variable": S.exp(act(x), name="q"),
        "any of high, low": fc(act(high()), "g"),
        "any of two, low": fc(S.slice_like(low(), low("g"), name="s"), "H"),
        "any of two, high": S.exp(S.slice_like(high(), high("e2"), name="s"), name="q"),
        "any of two, mixed": S.slice_like(low(), high(), name="s"),
        "batch norm of low": fc(S.BatchNorm(low(), name="bn"), "H"),
        "batch norm of high": S.exp(S.BatchNorm(high(), name="bn"), name="q"),
        "batch norm of data": fc(S.BatchNorm(x, name="bn"), "H"),
        "layer norm": S.LayerNorm(low(), name="ln"),
        "condition": act(low(), kind="softrelu"),
        "no condition": S.LeakyReLU(low(), name="r"),
        "argmax": fc(S.argmax(low(), axis=1, keepdims=True, name="c"), "H"),
        "split": fc(S.split(low(), num_outputs=2, name="sp")[1], "H"),
        "topk": fc(S.topk(low(), k=1, name="t"), "H"),
        "cast of low": S.exp(S.cast(low(), dtype="float32", name="c"), name="q"),
        "cast of high": fc(S.cast(high(), dtype="float16", name="c"), "H"),
        "cast of data": group(S.exp(S.cast(x, dtype="float32", name="c"), name="q"), low()),
        "zeros": add(low(), S.zeros((2, 2), name="ze")),
        "zeros_like": add(low(), S.zeros_like(low("g"), name="ze")),
        "data as output": group(x, low()),
        "other data as output": group(y, low()),
        "scalar": fc(high() * 2, "H"),
        "loss": S.SoftmaxOutput(low(), y, name="so"),
        "RNN": S.RNN(high(), state_size=2, num_layers=1, mode="lstm", name="r"),
        "embedding": fc(S.Embedding(x, w, input_dim=4, output_dim=2, name="em"), "f"),
        "loop": S.contrib.foreach(lambda d, s: (fc(d, "f") + s, S.exp(d, name="e") + s), x, y)[0],
        "casts that are there": S.exp(S.amp_cast(low(), dtype="float16", name="ac"), name="e"),
        "variables of other dtypes": S.exp(S.var("h", dtype="float16"), name="e") + fc(
            S.var("d", dtype="float64"), "f"
        ),
        "output names": group(*[
            S.exp(s, name="q%d" % i) for i, s in enumerate((
                S.Pooling(low("f0"), kernel=(1, 1), name="po"), S.relu(low("f1"), name="re"),
                S.Dropout(low("f2"), name="dr"), S.Flatten(low("f3"), name="fl"), S.transpose(low("f4"), name="tr"),
                S.SwapAxis(low("f5"), name="sw"), S.clip(low("f6"), 0, 1, name="cl"), low("f7") + low("f8"),
                S.sigmoid(low("f9"), name="si"), S.L2Normalization(low("f10"), name="l2"),
            ))
        ]),
    }  # fmt: skip
    return plain, fc, low, high, unknown, add, group, act, x, y, w


def text(mx, symbol, **kwargs):
    return attempt(lambda: compact(mx.contrib.amp.convert_symbol(symbol, **kwargs)))


def graphs(mx, put):
    plain = make(mx)[0]
    for name in sorted(plain):
        put(name, text(mx, plain[name]))
    net = deep(mx)
    put("whole", one_line(mx.contrib.amp.convert_symbol(net, data_names=["data"]).tojson(remove_amp_cast=False)))
    put("without casts", one_line(mx.contrib.amp.convert_symbol(net).tojson()) == one_line(net.tojson()))
    twice = mx.contrib.amp.convert_symbol(mx.contrib.amp.convert_symbol(plain["high of low"]))
    put("twice", compact(twice))


def deep(mx):
    S = mx.sym  # noqa: N806
    c = S.Convolution(S.var("data"), num_filter=2, kernel=(1, 1), name="c1")
    r = S.Activation(S.BatchNorm(c, name="bn"), act_type="relu", name="r")
    a = r + S.Convolution(r, num_filter=2, kernel=(1, 1), name="c2")
    weight = S.var("f_weight", shape=(2, 8), init="zeros", lr_mult=2)
    f = S.FullyConnected(S.exp(a, name="e"), weight, num_hidden=2, name="f", attr={"__mark__": "2"})
    return S.softmax(f, name="sm")


def arguments(mx, put):
    _, fc, low, high, unknown, add, group, act, x, y, w = make(mx)
    chain = S = mx.sym.exp(low(), name="e")  # noqa: N806
    for dtype in ("bfloat16",):
        put("bfloat16 chain", text(mx, chain, target_dtype=dtype))
        put("bfloat16 scalar", text(mx, low() * 2, target_dtype=dtype))
        put("bfloat16 widest", text(mx, mx.sym.broadcast_mul(low(), high(), name="s"), target_dtype=dtype))
        put("bfloat16 concat", text(mx, mx.sym.concat(low(), low("g"), dim=1, name="s"), target_dtype=dtype))
        put("bfloat16 whole", text(mx, deep(mx), target_dtype=dtype, data_names=["data"], cast_optional_params=True))
    put("data", text(mx, chain, data_names=["x"]))
    put("two data", text(mx, add(low(), fc(y, "g")), data_names=["x", "y"]))
    for name, symbol in (
        ("chain", chain), ("batch norm", fc(mx.sym.BatchNorm(low(), name="bn"), "g")), ("widest", add(low(), w)),
        ("any", group(fc(x, "f", w), act(w))), ("widest of weights", group(fc(x, "f", w), add(w, x))),
        ("before", group(add(w, x), fc(x, "f", w))), ("output", group(w, fc(x, "g", w))),
        ("twice", group(fc(x, "f", w), fc(x, "g", w))), ("high", mx.sym.exp(w, name="e") + x),
        ("embedding", fc(mx.sym.Embedding(x, w, input_dim=4, output_dim=2, name="em"), "f")), ("whole", deep(mx)),
    ):  # fmt: skip
        data = ["data"] if name == "whole" else ["x"]
        put("cast_optional_params, %s" % name, text(mx, symbol, data_names=data, cast_optional_params=True))
    put("cast_optional_params without data", text(mx, chain, cast_optional_params=True))
    declared = fc(mx.sym.var("x", dtype="float32"), "f", mx.sym.var("w", dtype="float32"))
    put("declared dtypes", text(mx, declared))
    put("declared dtypes, cast_optional_params", text(mx, declared, cast_optional_params=True))
    put("declared dtypes, data", text(mx, declared, data_names=["x"], cast_optional_params=True))
    put("excluded", text(mx, chain, excluded_sym_names=["f"]))
    put("excluded e", text(mx, chain, excluded_sym_names=["e"]))
    put("excluded widest", text(mx, add(low(), high()), excluded_sym_names=["s"]))
    put("excluded variables", text(mx, chain, excluded_sym_names=["x", "nobody"]))
    put("no fp32_ops", text(mx, chain, fp32_ops=[]))
    put("own lists", text(mx, chain, target_dtype_ops=["FullyConnected", "exp"], fp32_ops=[]))
    put("own condition", text(mx, act(low()), conditional_fp32_ops=[("Activation", "act_type", ["relu"])]))
    put(
        "contradiction",
        kind(mx.contrib.amp.convert_symbol, chain, target_dtype_ops=["log"], fp32_ops=["FullyConnected"]),
    )
    for name, kwargs in (
        ("dtype", {"target_dtype": "float32"}), ("numpy dtype", {"target_dtype": np.float16}),
        ("target_dtype_ops", {"target_dtype_ops": "x"}), ("fp32_ops", {"fp32_ops": "exp"}),
        ("two lists", {"target_dtype_ops": ["exp"]}),
        ("two given lists", {"target_dtype_ops": ["exp"], "fp32_ops": ["exp"]}),
        ("unknown operator", {"fp32_ops": ["nonsense"]}), ("of no list", {"target_dtype_ops": ["dot"]}),
        ("unknown target", {"target_dtype_ops": ["nonsense"]}),
        ("excluded_sym_names", {"excluded_sym_names": "zz"}),
        ("condition in fp32_ops", {"conditional_fp32_ops": [("exp", "a", ["b"])], "fp32_ops": ["exp"]}),
        ("condition in target", {"conditional_fp32_ops": [("FullyConnected", "a", ["b"])]}),
        ("unknown condition", {"conditional_fp32_ops": [("nonsense", "a", ["b"])]}),
    ):  # fmt: skip
        put("refused %s" % name, attempt(mx.contrib.amp.convert_symbol, S, **kwargs))
    put("refused data_names", kind(mx.contrib.amp.convert_symbol, S, data_names=["nobody"]))
    put("refused symbol", attempt(mx.contrib.amp.convert_symbol, 3))


def models(mx, put):
    amp, net = mx.contrib.amp, deep(mx)
    shapes, _, states = net.infer_shape(data=(1, 2, 2, 2))
    args = {n: mx.nd.ones(s) for n, s in zip(net.list_arguments(), shapes) if n != "data"}
    aux = {n: mx.nd.ones(s) for n, s in zip(net.list_auxiliary_states(), states)}
    for cast in (False, True):
        sym, new_args, new_aux = amp.convert_model(net, args, aux, cast_optional_params=cast)
        put("graph %s" % cast, compact(sym))
        put("parameters %s" % cast, [{k: dtype_of(v) for k, v in p.items()} for p in (new_args, new_aux)])
    more = amp.convert_model(net, dict(args, other=mx.nd.ones(2)), aux)[1]
    put("another parameter", sorted(more))
    half = {n: a.astype("float16") for n, a in args.items()}
    put("float16 parameters", {k: dtype_of(v) for k, v in amp.convert_model(net, half, aux)[1].items()})
    put("refused", [attempt(amp.convert_model, *a) for a in ((3, args, aux), (net, 3, aux), (net, args, 3))])
    put("refused dtype", attempt(amp.convert_model, net, args, aux, "float32"))


def make_net(mx, hybridize=True, run=True):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix="n_")
    with net.name_scope():
        net.add(nn.Dense(3, in_units=4), nn.BatchNorm(in_channels=3), nn.Activation("relu"), nn.Dense(2, in_units=3))
    net.initialize()
    if hybridize:
        net.hybridize()
    if run:
        net(mx.nd.ones((2, 4)))
    return net


def blocks(mx, put):
    amp = mx.contrib.amp
    for hybridize, run in ((False, False), (True, False), (False, True)):
        put("refused, hybridize=%s, run=%s" % (hybridize, run), attempt(
            amp.convert_hybrid_block, make_net(mx, hybridize, run), ctx=mx.cpu()
        ))  # fmt: skip
    put("refused number", attempt(amp.convert_hybrid_block, 3, ctx=mx.cpu()))
    net = make_net(mx)
    put("refused dtype", attempt(amp.convert_hybrid_block, net, "float32", ctx=mx.cpu()))
    for cast in (False, True):
        made = amp.convert_hybrid_block(net, ctx=[mx.cpu(0), mx.cpu(1)], cast_optional_params=cast)
        params = made.collect_params()
        put("float16 %s" % cast, [
            type(made).__name__, made._active, repr(made), compact(made._cached_graph[1]), list(params),
            {k: [np.dtype(p.dtype).name, p.data(mx.cpu(1)).dtype, p.grad_req, p.list_ctx()] for k, p in params.items()},
        ])  # fmt: skip
    made = amp.convert_hybrid_block(net, "bfloat16", ctx=mx.cpu())
    random = np.random.RandomState(1)
    for _, param in sorted(net.collect_params().items()):
        param.set_data(mx.nd.array(random.uniform(0.5, 1, param.shape)))
    made = amp.convert_hybrid_block(net, "bfloat16", ctx=mx.cpu())
    x = mx.nd.array(random.uniform(-1, 1, (5, 4)))
    put("bfloat16", [made(x), dtype_of(made(x))])
    made.export("converted", remove_amp_cast=False)
    with open("converted-symbol.json") as file:
        put("exported", one_line(file.read()))
    loaded = mx.gluon.SymbolBlock.imports("converted-symbol.json", ["data"], "converted-0000.params")
    put("imported", loaded(x))
    made.export("plain")
    put("exported without casts", [n["op"] for n in nodes(mx.sym.load("plain-symbol.json"))])
    put("files", sorted(os.listdir(".")))
    excluded = amp.convert_hybrid_block(net, "bfloat16", ctx=mx.cpu(), excluded_sym_names=["n_dense0_fwd"])
    put("excluded", compact(excluded._cached_graph[1]))

    class Two(mx.gluon.HybridBlock):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            with self.name_scope():
                self.dense = mx.gluon.nn.Dense(2, in_units=2)

        def hybrid_forward(self, F, a, b):  # noqa: N803
            return self.dense(a) + b, F.exp(a)

    two = Two(prefix="t_")
    two.initialize()
    two.hybridize()
    two(mx.nd.ones((2, 2)), mx.nd.ones((2, 2)))
    made = amp.convert_hybrid_block(two, "bfloat16", ctx=mx.cpu())
    put(
        "two inputs and outputs",
        [compact(made._cached_graph[1]), [dtype_of(o) for o in made(mx.nd.ones((2, 2)), mx.nd.ones((2, 2)))]],
    )


PARTS = [graphs, arguments, models, blocks]


def results(mx):
    import importlib

    importlib.import_module(mx.__name__ + ".contrib.amp")
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("amp_convert", check_complete(results(mxnet)))
