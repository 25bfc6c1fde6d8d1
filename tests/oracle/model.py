"""Writes tests/golden/model.json: checkpoints and the helpers of training loops of mx.model in MXNet.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.model
"""

import json
import logging
import os
import pathlib

import numpy as np

from tests.oracle.gluon_common import attempt, check_complete, collect, kind
from tests.oracle.scenario import write


def fc(mx):
    data = mx.sym.var("data")
    net = mx.sym.BatchNorm(mx.sym.FullyConnected(data, num_hidden=2, name="fc"), name="bn")
    arguments = {
        "fc_weight": mx.nd.arange(6).reshape((2, 3)), "fc_bias": mx.nd.array([0.5, -1]),
        "bn_gamma": mx.nd.array([2.0, 3]), "bn_beta": mx.nd.zeros(2),
    }  # fmt: skip
    return net, arguments, {"bn_moving_mean": mx.nd.array([1.0, 2]), "bn_moving_var": mx.nd.array([0.5, 4])}


def graph(name):
    with open(name) as file:
        return json.load(file)


def saved(mx, name):
    return {k: v.asnumpy() for k, v in mx.nd.load(name).items()}


def values(found):
    return [{k: v.asnumpy() for k, v in part.items()} for part in found]


class Messages(logging.Handler):
    """What is logged."""

    def __init__(self):
        super(Messages, self).__init__(logging.INFO)
        self.found = []

    def emit(self, record):
        self.found.append([record.levelname, record.getMessage()])


def files(mx, put):
    model = mx.model
    net, arguments, states = fc(mx)
    handler, root = Messages(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        put("save", model.save_checkpoint("net", 3, net, arguments, states))
        model.save_checkpoint("none", 0, None, {}, {})
        put("nothing", model.load_params("none", 0))
        model.load_checkpoint("net", 3)
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    put("logged", handler.found)
    put("files", sorted(os.listdir(".")))
    put("arrays", saved(mx, "net-0003.params"))
    put("order", list(mx.nd.load("net-0003.params")))
    put("graph", graph("net-symbol.json")["nodes"][-1]["name"])
    symbol, *rest = model.load_checkpoint("net", 3)
    put("load", [symbol.list_outputs(), symbol.list_arguments(), symbol.list_auxiliary_states(), values(rest)])
    put("load_params", values(model.load_params("net", 3)))
    put("runs", symbol.bind(mx.cpu(), dict(rest[0], data=mx.nd.ones((1, 3))), aux_states=rest[1]).forward()[0])
    put(
        "names of files",
        kind(lambda: [model.save_checkpoint("n", e, None, arguments, {}) for e in (0, 12345, -3, 1.0)]),
    )
    put("more files", sorted(os.listdir(".")))
    for epoch in ("1", None):
        put("epoch %r" % (epoch,), kind(model.save_checkpoint, "e", epoch, net, arguments, {}))
    put("path", kind(model.save_checkpoint, pathlib.Path("path"), 1, net, arguments, states))
    put("path, back", values(model.load_checkpoint(pathlib.Path("path"), 1)[1:]))
    put("no graph", kind(model.load_checkpoint, "n", 0))
    put("no arrays", "raises" in attempt(model.load_checkpoint, "net", 4))
    put("no file", "raises" in attempt(model.load_params, "nothing", 0))
    put("no folder", "raises" in attempt(model.save_checkpoint, "nothing/net", 0, net, arguments, states))
    put("None for arrays", kind(model.save_checkpoint, "x", 0, None, None, {}))
    put("None for states", kind(model.save_checkpoint, "x", 0, None, {}, None))
    put("numbers for arrays", kind(model.save_checkpoint, "x", 0, None, {"a": 1}, {}))
    put("numpy arrays", kind(model.save_checkpoint, "x", 0, None, {"a": np.ones(2)}, {}))
    put("text for a graph", kind(model.save_checkpoint, "x", 0, "graph", arguments, {}))
    model.save_checkpoint("x", 0, None, {1: mx.nd.ones(1), "a:b": mx.nd.ones(1)}, {"": mx.nd.ones(1)})
    put("odd names", values(model.load_params("x", 0)))
    mx.nd.save("y-0000.params", {"w": mx.nd.ones(1)})
    put("names without a kind", kind(model.load_params, "y", 0))
    mx.nd.save("y-0000.params", {"opt:w": mx.nd.ones(1), "arg:w": mx.nd.ones(1)})
    put("names of another kind", values(model.load_params("y", 0)))
    elsewhere = {"a": mx.nd.ones(2, ctx=mx.cpu(1)), "s": mx.nd.array([[0, 0], [1, 2]]).tostype("row_sparse")}
    model.save_checkpoint("ctx", 1, None, elsewhere, {})
    back = model.load_params("ctx", 1)[0]
    put("contexts and storage", sorted([k, str(v.context), v.stype, v.asnumpy().tolist()] for k, v in back.items()))
    types = {d: mx.nd.ones(1).astype(d) for d in ("float16", "float64", "int8", "int64", "uint8")}
    model.save_checkpoint("types", 1, None, types, {})
    put("types", values(model.load_params("types", 1)))
    cast = mx.sym.amp_cast(net, dtype="float16", name="cast")
    end = mx.sym.relu(cast, name="end")
    model.save_checkpoint("amp", 0, end, {}, {})
    model.save_checkpoint("kept", 0, end, {}, {}, False)
    put("amp casts", [[n["op"] for n in graph(f)["nodes"] if "cast" in n["op"]]
                      for f in ("amp-symbol.json", "kept-symbol.json")])  # fmt: skip


def blocks(mx, put):
    """Between Blocks and checkpoints."""
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Dense(2, in_units=3), nn.BatchNorm(in_channels=2))
    net.initialize(mx.init.One())
    net[1].running_mean.set_data(mx.nd.array([1.0, 2]))
    net.hybridize()
    x = mx.nd.array([[1.0, 2, 3]])
    wanted = net(x)
    net.export("net", 7)
    symbol, arguments, states = mx.model.load_checkpoint("net", 7)
    put("of export", [symbol.list_outputs(), sorted(arguments), sorted(states)])
    mx.model.save_checkpoint("again", 1, symbol, arguments, states)
    block = mx.gluon.SymbolBlock.imports("again-symbol.json", ["data"], "again-0001.params")
    put("imported", [block(x), wanted])
    block = mx.gluon.SymbolBlock(symbol, mx.sym.var("data"))
    block.collect_params().load_dict(dict(arguments, **states))
    put("load_dict", block(x))
    block = mx.gluon.SymbolBlock(outputs=symbol, inputs=mx.sym.var("data"))
    params = block.collect_params()  # as tutorials do it
    for values_of in (arguments, states):
        for name, value in values_of.items():
            if name in params:
                params[name]._load_init(value, ctx=mx.cpu(1))
    put("one by one", block(x.as_in_context(mx.cpu(1))))
    wrong = mx.gluon.SymbolBlock(symbol, mx.sym.var("data"))
    wrong.collect_params()["net_dense0_weight"]._load_init(arguments["net_dense0_weight"], mx.cpu())
    double = arguments["net_dense0_weight"].astype("float64")
    put("another dtype", kind(wrong.collect_params()["net_dense0_weight"]._load_init, double, mx.cpu()))
    put(
        "another context",
        kind(wrong.collect_params()["net_dense0_weight"]._load_init, double.astype("float32"), mx.cpu(2)),
    )
    block.collect_params().load("again-0001.params", ctx=mx.cpu(1))
    put("the whole file", block(x.as_in_context(mx.cpu(1))))
    outputs = mx.gluon.SymbolBlock(symbol.get_internals()["net_dense0_fwd_output"], mx.sym.var("data"))
    put("cut, extra", kind(outputs.collect_params().load_dict, dict(arguments, **states)))
    outputs.collect_params().load_dict(dict(arguments, **states), ignore_extra=True)
    put("cut", outputs(x))


def loops(mx, put):
    model, nd = mx.model, mx.nd
    put(
        "BatchEndParam",
        [list(model.BatchEndParam._fields), list(model.BatchEndParam(1, nbatch=2, eval_metric=None, locals={}))],
    )
    put("BatchEndParam, too few", kind(model.BatchEndParam, 1))
    store = mx.kv.create("local")
    small, large = {"a": nd.ones(2)}, {"a": nd.ones(2), "b": nd.zeros((4097, 4096), dtype="int8")}
    for name, given in (("None", None), ("local", "local"), ("device", "device"), ("KVStore", store)):
        for devices in (1, 2):
            for size, arrays in (("small", small), ("large", large)):
                made = model._create_kvstore(given, devices, arrays)
                put(
                    "_create_kvstore %s %d %s" % (name, devices, size),
                    [type(made[0]).__name__, made[0] and made[0].type, made[1]],
                )
    put("_create_kvstore 3", attempt(model._create_kvstore, 3, 1, small))
    put(
        "_create_kvstore without arrays",
        [
            kind(model._create_kvstore, "device", 2, {})[1:] == [True],
            "raises" in attempt(model._create_kvstore, "local", 2, {}),
        ],
    )
    put("_create_sparse_kvstore", [kind(model._create_sparse_kvstore, g) for g in ("local", store)])
    put("_create_sparse_kvstore, refused", [attempt(model._create_sparse_kvstore, g) for g in (None, 3)])
    seen = []
    model._multiple_callbacks(None, 1)
    model._multiple_callbacks([], 1)
    model._multiple_callbacks(lambda *a, **k: seen.append([a, k]), 1, b=2)
    model._multiple_callbacks([lambda *a: seen.append(a), lambda *a: seen.append(a)], 3)
    put("_multiple_callbacks", seen)

    def arrays(start, contexts):
        return [[nd.array([start + i, 1.0], ctx=mx.cpu(c)) for c in range(contexts)] for i in range(3)]

    for contexts in (1, 2):
        for kind_of in (None, "local"):
            weights, gradients = arrays(1.0, contexts), arrays(0.5, contexts)
            gradients[1] = [None] * contexts
            calls = []
            kv = kind_of and mx.kv.create(kind_of)
            names = ["x", "y", "z"]
            if kv:
                model._initialize_kvstore(kv, weights, {n: w[0] for n, w in zip(names, weights)}, names, False)

            def update(indices, grads, weights, calls=calls):
                calls.append([list(indices), [g.asnumpy() for g in grads], [w.asnumpy() for w in weights]])
                for g, w in zip(grads, weights):
                    w -= g

            model._update_params(weights, gradients, update, contexts, kv, names)
            put("_update_params %d %s" % (contexts, kind_of), [calls, weights])
        weights, gradients = arrays(1.0, contexts), arrays(0.5, contexts)
        gradients[1] = [None] * contexts
        kv = mx.kv.create("local")
        kv._set_updater(lambda key, grad, weight: weight.__isub__(grad * 0.5))
        first = {"x": nd.array([7.0, 8]), "y": nd.array([9.0, 1]), "z": nd.array([2.0, 3])}
        model._initialize_kvstore(kv, weights, first, ["x", "y", "z"], True)
        put("_initialize_kvstore %d" % contexts, weights)
        model._update_params_on_kvstore(weights, gradients, kv, ["x", "y", "z"])
        put("_update_params_on_kvstore %d" % contexts, weights)


PARTS = [files, blocks, loops]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("model", check_complete(results(mxnet)))
