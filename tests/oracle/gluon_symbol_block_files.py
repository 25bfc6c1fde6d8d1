"""Writes tests/golden/gluon_symbol_block_files.json: SymbolBlocks made of symbols, files and other nets in MXNet.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_symbol_block_files
"""

import os

os.environ.setdefault("MXNET_MKLDNN_ENABLED", "0")

from tests.oracle.gluon_common import arrays, attempt, check_complete, collect, kind  # noqa: E402
from tests.oracle.gluon_hybrid import graph  # noqa: E402
from tests.oracle.gluon_hybrid_training import numbers, ready  # noqa: E402
from tests.oracle.scenario import write  # noqa: E402


def described(net):
    """Names, shapes, dtypes and the like of a net's Parameters, in order."""
    found = []
    for p in net.collect_params().values():
        shape = attempt(lambda p=p: p.data().shape)  # MXNet's Parameters themselves do not know it
        found.append([p.name, p.shape if "raises" in shape else shape, str(p.dtype), p.grad_req, p.lr_mult, p.wd_mult])
    return found


def small(mx, prefix="net_", x=None):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(nn.Conv2D(2, 3), nn.BatchNorm(), nn.Activation("relu"), nn.Dense(3))
    x = numbers(mx, (2, 1, 5, 5)) if x is None else x
    ready(mx, net, {}, x)(x)
    return net, x


def constructed(mx, put):
    gluon, nn, nd, sym = mx.gluon, mx.gluon.nn, mx.nd, mx.sym
    block = gluon.SymbolBlock
    a, b, c = sym.var("a"), sym.var("b"), sym.var("c")
    x, y = nd.array([1.0, 2]), nd.array([3.0, 4])
    forms = {
        "symbol and symbol": lambda: block(a * 2, a),
        "list and list": lambda: block([a * 2], [a]),
        "tuples": lambda: block((a * 2, a + 1), (a,)),
        "two inputs": lambda: block(a - b, [a, b]),
        "inputs reversed": lambda: block(a - b, [b, a]),
        "group": lambda: block(sym.Group([a - b, a * b]), [a, b]),
        "group of inputs": lambda: block(a - b, sym.Group([a, b])),
        "list of groups": lambda: block([sym.Group([a - b, a * b]), a], [a, b]),
        "nested outputs": lambda: block([[a - b], a * b], [a, b]),
        "nested inputs": lambda: block(a - b, [a, [b]]),
        "input as output": lambda: block([a, a * 2], a),
        "input twice": lambda: block(a * 2, [a, a]),
        "unused input": lambda: block(a * 2, [a, c]),
        "several outputs of one": lambda: block(sym.split(a, num_outputs=2, axis=0), a),
        "in a list": lambda: block([sym.split(a, num_outputs=2, axis=0)], a),
        "internals": lambda: block((a * 2 + 1).get_internals(), a),
        "no inputs": lambda: block(a * 2, []),
        "None for inputs": lambda: block(a * 2, None),
        "string": lambda: block("a", a),
        "operator as input": lambda: block(a * 2, a * 2),
        "array as output": lambda: block(x, a),
    }
    for name, make in forms.items():
        made = attempt(make)
        if isinstance(made, dict):
            put(name, "refused")
            continue
        net = make()
        given = (x, [y]) if name == "nested inputs" else (x, y)[: len(net._cached_graph[0])]
        out = attempt(net, *given)
        put(name, {"raises": out["raises"]} if isinstance(out, dict) and "raises" in out else out)
        put(name + ", repr", repr(net))
        if name == "unused input":  # MXNet cannot compose it
            continue
        put(name + ", composed", kind(lambda: str(net(*[sym.var("v%d" % i) for i in range(len(given))])))
            if name != "nested inputs" else None)  # fmt: skip
    w = sym.var("w", shape=(2,), lr_mult=0.5, wd_mult=0.1, init=mx.init.One())
    put("attributes of a variable", described(block(a * w, a)))
    put("prefix and name", [block(a * w, a).prefix, block(a * w, a).name, list(block(a * w, a).params)])
    params = gluon.ParameterDict()
    params.get("w", shape=(2,), init="ones")
    shared = block(a * sym.var("w"), a, params=params)
    shared.initialize()
    put("params", [shared(x), list(shared.collect_params()), shared.params["w"] is params["w"]])
    more = gluon.ParameterDict("p_")
    more.get("w", shape=(2,))
    put("params with a prefix", [list(block(a * sym.var("p_w"), a, params=more).collect_params()), list(more)])
    put("params that lack one", list(block(a * sym.var("w") + sym.var("z"), a, params=params).collect_params()))
    put("dict for params", kind(lambda: list(block(a * sym.var("w"), a, params={"w": params["w"]}).collect_params())))
    put("arrays for params", kind(lambda: block(a * sym.var("w"), a, params={"w": x})(x)))
    loose = block(sym.FullyConnected(a, num_hidden=2, name="fc"), a)
    put("no shapes", described(loose))
    loose.initialize(mx.init.One())
    put("deferred", [attempt(loose, nd.ones((1, 3))), described(loose)])
    put("structural names", sorted(loose._collect_params_with_prefix()))
    two = block(sym.FullyConnected(sym.FullyConnected(a, num_hidden=2, name="net_a"), num_hidden=1, name="net_b"), a)
    put("common prefix", sorted(two._collect_params_with_prefix()))
    put("hybrid_forward", kind(two.hybrid_forward, nd, x))
    put("infer_shape", [attempt(two.infer_shape, nd.ones((1, 3))), described(two)])
    fresh = block(sym.FullyConnected(a, num_hidden=2, name="fc"), a)
    put("infer_type", [attempt(fresh.infer_type, nd.ones((1, 3), dtype="float64")), described(fresh)])
    put("sparse variable", attempt(lambda: block(a * sym.var("s", stype="row_sparse"), a)))
    put("not initialised", attempt(fresh, nd.ones((1, 3))))
    put("numpy", kind(fresh, x.asnumpy()))
    put("no argument", kind(lambda: fresh()))
    put("None", kind(fresh, None))
    mixed = block(a - b, [a, b])
    put("too many", kind(mixed, x, y, x))
    put("a list", kind(mixed, [x, y]))
    put("symbol after array", "raises" in attempt(mixed, x, sym.var("s")))
    put("array after symbol", kind(mixed, sym.var("s"), x))
    put("two contexts", "raises" in attempt(mixed, x, y.as_in_context(mx.cpu(1))))
    net = nn.HybridSequential(prefix="h_")
    net.add(block(a * 2, a), nn.Dense(1, in_units=2, prefix="d_"), block(a + 1, a))
    net.initialize(mx.init.One())
    put("in a net", [net(nd.ones((1, 2))), list(net.collect_params()), sorted(net._collect_params_with_prefix())])
    net.hybridize()
    put("in a hybridized net", net(nd.ones((1, 2))))
    net.export("net")
    put("in an exported net", graph("net-symbol.json"))
    put("names, composed", net(sym.var("q")).get_internals().list_outputs())
    plain = nn.Sequential(prefix="s_")
    plain.add(block(a * 2, a))
    plain.hybridize()
    put("in a Block", plain(x))
    put("child of another", kind(lambda: gluon.SymbolBlock(a, a).register_child(nn.Dense(1))))


def types(mx, put):
    block, sym = mx.gluon.SymbolBlock, mx.sym
    a, half = sym.var("a"), sym.var("h", dtype="float16")

    def dense(*inputs):
        return sym.FullyConnected(*inputs, num_hidden=2, name="fc")

    index = sym.var("i", dtype="int32")
    forms = {
        "untyped": lambda: block(dense(a), a),
        "typed input": lambda: block(dense(half), half),
        "typed input and weight": lambda: block(dense(half, sym.var("w", dtype="float16")), half),
        "typed by another variable": lambda: block(dense(a), sym.var("a", dtype="float64")),
        "contradiction": lambda: block(dense(half, sym.var("w", dtype="float64")), half),
        "batch norm of half": lambda: block(sym.BatchNorm(dense(half), name="bn"), half),
        "embedding": lambda: block(sym.Embedding(a, input_dim=3, output_dim=2, name="e"), a),
        "embedding of integers": lambda: block(sym.Embedding(index, input_dim=3, output_dim=2, name="e"), index),
    }
    for name, make in forms.items():
        put(name, described(make()))
    net = mx.gluon.nn.Dense(2, in_units=2, prefix="d_")
    net.initialize(mx.init.One())
    net.cast("float64")
    net.hybridize()
    net(mx.nd.ones((1, 2), dtype="float64"))
    net.export("net")
    typed = block(sym.load("net-symbol.json"), sym.var("data", dtype="float64"))
    typed.collect_params().load("net-0000.params")
    put("file into typed", [str(p.data().dtype) for p in typed.collect_params().values()])


def training(mx, put):
    gluon, autograd, nd, sym = mx.gluon, mx.autograd, mx.nd, mx.sym
    net, x = small(mx)
    net.export("net")
    for hybrid in (None, {}, {"static_alloc": True}, {"static_alloc": True, "static_shape": True}):
        tag = ", %s" % hybrid
        block = gluon.SymbolBlock.imports("net-symbol.json", ["data"], "net-0000.params")
        if hybrid is not None:
            block.hybridize(**hybrid)
        trainer = gluon.Trainer(block.collect_params(), "sgd", {"learning_rate": 0.01, "wd": 0.1})
        found = []
        for _ in range(2):
            with autograd.record():
                loss = (block(x) ** 2).mean()
            loss.backward()
            trainer.step(1)
            found.append(float(loss.asscalar()))
        put("losses" + tag, found)
        put("statistics" + tag, arrays(block.collect_params(".*running.*")))
        put("predicts" + tag, block(x))
    put("active from the start", gluon.SymbolBlock.imports("net-symbol.json", ["data"], "net-0000.params")._active)
    block = gluon.SymbolBlock.imports("net-symbol.json", ["data"], "net-0000.params")
    put("described", described(block))
    features = block(sym.var("data")).get_internals()["net_relu0_fwd_output"]
    head = mx.gluon.nn.HybridSequential(prefix="new_")
    body = gluon.SymbolBlock(features, sym.var("data"), params=block.collect_params())
    head.add(body, mx.gluon.nn.Dense(2, prefix="out_"))
    head[1].initialize(mx.init.One())
    body.collect_params().setattr("grad_req", "null")
    for hybrid in (False, True):
        head.hybridize(hybrid)
        with autograd.record():
            loss = head(x).sum()
        loss.backward()
        grads = [p.grad() for p in head.collect_params().values() if p.grad_req != "null"]
        put("frozen body, hybridized: %s" % hybrid, [loss, grads, list(head.collect_params())])
        put("statistics of the body, hybridized: %s" % hybrid, arrays(body.collect_params(".*running.*")))
    head.save_parameters("head.params")
    put("saved names", sorted(nd.load("head.params")))
    block.save_parameters("block.params")
    put("saved names of the block", sorted(nd.load("block.params")))
    again = gluon.SymbolBlock.imports("net-symbol.json", ["data"])  # MXNet does not load block.params into it
    other = gluon.SymbolBlock.imports("net-symbol.json", ["data"])
    put("load_parameters of an exported file", kind(other.load_parameters, "net-0000.params"))
    put("load_parameters, missing", kind(again.load_parameters, "head.params"))
    twice = gluon.SymbolBlock.imports("net-symbol.json", ["data"], "net-0000.params")
    twice(x)
    twice.export("twice", 5)
    put("export again", [graph("twice-symbol.json") == graph("net-symbol.json"), sorted(nd.load("twice-0005.params"))])
    never = gluon.SymbolBlock.imports("net-symbol.json", ["data"], "net-0000.params")
    put("export before a run", attempt(never.export, "never"))
    seen = []
    never.register_op_hook(lambda name, op, array: seen.append(name if isinstance(name, str) else name.decode()))
    never(x)
    nd.waitall()
    put("op hook", seen)


def dtypes(mx, put):
    gluon, nd, sym = mx.gluon, mx.nd, mx.sym
    imports = gluon.SymbolBlock.imports
    net, x = small(mx)
    params = nd.load("net-0000.params") if os.path.exists("net-0000.params") else None
    assert params is None
    net.export("net")
    params = nd.load("net-0000.params")
    for dtype in ("float64", "float16"):
        nd.save("other.params", {k: v.astype(dtype) for k, v in params.items()})
        block = imports("net-symbol.json", ["data"], "other.params")
        put("file of " + dtype, described(block))
        put("runs in " + dtype, attempt(block, x.astype(dtype)) if dtype == "float64" else None)
        put("runs in float32, file of " + dtype, kind(block, x))
        put("cast back from " + dtype, [kind(block.cast, "float32"), kind(lambda: block(x).shape), described(block)])
    wide, xw = small(mx, "wide_")
    wide.hybridize()
    wide.cast("float64")
    wide(xw.astype("float64"))
    wide.export("wide")
    block = imports("wide-symbol.json", ["data"], "wide-0000.params")
    put("float64 model", [described(block), block(xw.astype("float64"))])
    put("float64 model, float32 input", kind(block, xw))
    mixed = {k: v.astype("float64") if "dense" in k else v for k, v in params.items()}
    nd.save("mixed.params", mixed)
    put("mixed file", kind(lambda: described(imports("net-symbol.json", ["data"], "mixed.params"))))
    block = imports("net-symbol.json", ["data"], "net-0000.params")
    block.cast("float64")
    put("cast", [described(block), block(x.astype("float64"))])
    block.cast("float16")
    put("cast to float16", [[str(p.dtype), str(p.data().dtype)] for p in block.collect_params().values()])
    nd.save("short.params", {k: v for k, v in params.items() if "bias" not in k})
    put("missing", attempt(imports, "net-symbol.json", ["data"], "short.params"))
    put("missing, by keyword", kind(lambda: imports("net-symbol.json", ["data"], "short.params", allow_missing=False)))
    nd.save("wrong.params", {k: nd.ones((7,)) if "bias" in k else v for k, v in params.items()})
    put("wrong shape", kind(lambda: imports("net-symbol.json", ["data"], "wrong.params")(x)))
    nd.save("aux.params", {k.replace("aux:", "arg:"): v for k, v in params.items()})
    put("states as arguments", kind(lambda: imports("net-symbol.json", ["data"], "aux.params")(x)))
    nd.save("bare.params", {k[4:]: v for k, v in params.items()})
    put("names without arg:", kind(lambda: imports("net-symbol.json", ["data"], "bare.params")(x)))
    nd.save("list.params", list(params.values()))
    put("file without names", "raises" in attempt(lambda: imports("net-symbol.json", ["data"], "list.params")))
    put("tuple of names", kind(lambda: imports("net-symbol.json", ("data",), "net-0000.params")(x)))
    put("no names", kind(lambda: imports("net-symbol.json", [], "net-0000.params")))
    put("ctx without a file", kind(lambda: imports("net-symbol.json", ["data"], ctx=mx.cpu(1))))
    on = imports("net-symbol.json", ["data"], "net-0000.params", mx.cpu(1))
    put("ctx", [[str(c) for c in p.list_ctx()] for p in on.collect_params().values()][0])
    put("ctx, elsewhere", "raises" in attempt(on, x))
    put("ctx, there", str(on(x.as_in_context(mx.cpu(1))).context))
    both = imports("net-symbol.json", ["data"], "net-0000.params", ctx=[mx.cpu(0), mx.cpu(1)])
    put("contexts", [both(x.as_in_context(c)) for c in (mx.cpu(0), mx.cpu(1))])
    with mx.cpu(1):
        default = imports("net-symbol.json", ["data"], "net-0000.params")
        put("current context", [str(c) for c in default.collect_params()["net_dense0_weight"].list_ctx()])
    put("bytes for names", kind(lambda: imports("net-symbol.json", 3)))
    internals = sym.load("net-symbol.json").get_internals()
    cut = gluon.SymbolBlock(internals["net_batchnorm0_fwd_output"], [sym.var("data")])
    put("cut, extra", kind(cut.collect_params().load, "net-0000.params"))
    put("cut, ignore_extra", kind(lambda: cut.collect_params().load("net-0000.params", ignore_extra=True)))
    put("cut", cut(x))
    label = sym.SoftmaxOutput(sym.load("net-symbol.json"), name="softmax")
    ends = gluon.SymbolBlock(label, [sym.var("data"), sym.var("softmax_label")])
    ends.collect_params().load("net-0000.params")
    put("with a label", ends(x, nd.array([0, 1])))
    softmax = gluon.SymbolBlock(label, [sym.var("data")])
    put("label as Parameter", [p.name for p in softmax.collect_params().values()])


PARTS = [constructed, types, training, dtypes]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_symbol_block_files", check_complete(results(mxnet)))
