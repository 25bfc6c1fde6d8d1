"""Writes tests/golden/contrib_quantization.json: what MXNet 1.9.1's mx.contrib.quantization makes of nets.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.contrib_quantization
"""

import inspect
import json
import os
import random

import numpy as np

from tests.oracle.scenario import attempt, plain, write

ENDS = ("min_calib_range", "max_calib_range")


def listed(symbol):
    """A line for each node, without ranges, and the outputs."""
    graph = json.loads(symbol.tojson())
    lines = []
    for node in graph["nodes"]:
        inputs = " ".join("%d:%d" % tuple(entry[:2]) for entry in node["inputs"])
        attrs = {k: v for k, v in node.get("attrs", {}).items() if k not in ENDS}
        lines.append("%s %s (%s) %s" % (node["op"], node["name"], inputs, json.dumps(attrs, sort_keys=True)))
    return lines, [entry[:2] for entry in graph["heads"]]


def ranges(symbol):
    """{node: its range}."""
    nodes = json.loads(symbol.tojson())["nodes"]
    return {n["name"]: [float(n["attrs"][end]) for end in ENDS] for n in nodes if ENDS[0] in n.get("attrs", {})}


def nets(sym):
    """name -> a net whose data are (4, 3, 8, 8)."""
    data = sym.var("data")

    def conv(x, name, **attrs):
        return sym.Convolution(x, kernel=(3, 3), pad=(1, 1), num_filter=4, name=name, **attrs)

    def dense(x, name, **attrs):
        return sym.FullyConnected(x, num_hidden=3, name=name, **attrs)

    def relu(x, name):
        return sym.Activation(x, act_type="relu", name=name)

    def pool(x, name, **attrs):
        return sym.Pooling(x, kernel=(2, 2), stride=(2, 2), name=name, **attrs)

    first, sigmoid, weight = conv(data, "c1"), sym.sigmoid(data, name="sg"), sym.var("w")
    rows = sym.reshape(data, shape=(0, 0, -1), name="rs")
    bn = sym.BatchNorm(first, name="bn", fix_gamma=False)
    found = {
        "dense": sym.SoftmaxOutput(dense(relu(dense(data, "fc1"), "r1"), "fc2"), name="softmax"),
        "convolutions": sym.softmax(dense(sym.Flatten(pool(relu(bn, "r1"), "p1"), name="flat"), "fc1", no_bias=True)),
        "residual": relu(sym.elemwise_add(conv(relu(first, "r1"), "c2"), first, name="add"), "r2"),
        "concat": dense(sym.Concat(first, sym.sigmoid(first, name="sg"), name="cat"), "fc"),
        "product": dense(sym.elemwise_mul(first, conv(data, "c2"), name="mul"), "fc"),
        "product at the end": sym.elemwise_mul(first, conv(data, "c2"), name="mul"),
        "pool first": conv(pool(data, "p1"), "c1"),
        "relu of float32": conv(relu(sigmoid, "r1"), "c1"),
        "pools": sym.Group([pool(data, "p%s" % k, pool_type=k) for k in ("max", "avg", "sum")]),
        "pools of rows": sym.Pooling(rows, kernel=(2,), name="p1"),
        "batch norm at the end": bn,
        "activations": sym.Activation(sym.relu(first, name="r1"), act_type="sigmoid", name="r2"),
        "one input": sym.Group([dense(data, "fc1"), dense(data, "fc2", flatten=False)]),
        "users in float32": sym.Group([sym.sigmoid(first, name="s1"), dense(first, "fc"), sym.tanh(first, name="t1")]),
        "shared weight": sym.Group([dense(data, "fc%d" % i, weight=weight, no_bias=True) for i in range(2)]),
        "made weight": sym.FullyConnected(data, weight=weight * 2, num_hidden=2, no_bias=True, name="fc"),
        "parts": dense(sym.SliceChannel(first, num_outputs=2, name="sl")[1], "fc"),
        "dropout": dense(sym.Dropout(dense(data, "fc1"), name="do"), "fc2"),
        "joined along 0": sym.Concat(first, first, dim=0, name="cat"),
        "groups": sym.Convolution(rows, kernel=(3,), num_filter=6, num_group=3, dilate=(2,), name="c1"),
        "embedding": dense(sym.Embedding(data, input_dim=7, output_dim=4, name="em"), "fc"),
        "attributes": dense(data, "fc", attr={"ctx_group": "dev1", "__foo__": "x"}),
    }
    found.update({"drawn %d" % seed: drawn(sym, seed) for seed in range(12)})
    return found


def drawn(sym, seed):
    """A net of layers at random."""
    draws, values = random.Random(seed), [sym.var("data")]
    for i in range(draws.randint(4, 9)):
        kind = draws.choice(["conv", "conv", "relu", "pool", "cat", "add", "mul", "sigmoid", "norm", "dense"])
        x, y = draws.choice(values[-3:]), draws.choice(values[-3:])
        name = "%s%d" % (kind, i)
        if kind == "conv":
            x = sym.Convolution(x, kernel=(1, 1), num_filter=2, name=name)
        elif kind == "relu":
            x = sym.Activation(x, act_type="relu", name=name)
        elif kind == "pool":
            x = sym.Pooling(x, kernel=(1, 1), name=name)
        elif kind == "cat":
            x = sym.Convolution(sym.Concat(x, y, name=name), kernel=(1, 1), num_filter=2, name=name + "c")
        elif kind == "add":
            x = sym.broadcast_add(sym.elemwise_add(x, x, name=name), y, name=name + "b")
        elif kind == "mul":
            x = sym.elemwise_mul(x, x, name=name)
        elif kind == "sigmoid":
            x = sym.sigmoid(x, name=name)
        elif kind == "norm":
            x = sym.BatchNorm(x, name=name)
        else:
            x = sym.FullyConnected(sym.Flatten(x, name=name), num_hidden=2, name=name + "f")
            x = sym.reshape(x, shape=(0, 2, 1, 1), name=name + "r")
        values.append(x)
    return values[-1]


def params(mx, symbol, shape=(4, 3, 8, 8)):
    """Parameters and auxiliary states of a net, the same each time."""
    draws = np.random.RandomState(7)
    shapes, _, states = symbol.infer_shape(data=shape)
    arguments = {
        n: mx.nd.array(draws.uniform(-1, 1, s))
        for n, s in zip(symbol.list_arguments(), shapes)
        if n != "data" and not n.endswith("label")
    }
    aux = {n: mx.nd.array(draws.uniform(0.5, 1, s)) for n, s in zip(symbol.list_auxiliary_states(), states)}
    return arguments, aux


def graphs(mx, put):
    quantization = mx.contrib.quantization
    for name, symbol in nets(mx.sym).items():
        known = {n: mx.nd.array([1.0, -2.0]) for n in symbol.list_arguments() if n != "data" and "label" not in n}
        made = [
            # with a range to come: without any MXNet's batch norms do not run
            quantization.quantize_graph(symbol, known, {}, calib_mode="naive", quantize_mode=mode)
            for mode in ("smart", "full")
        ]
        put("graph of %s" % name, [listed(m[0]) + (list(m[3].include_layer),) for m in made])
    symbol = nets(mx.sym)["dense"]
    for name, options in {
        "no parameters": dict(arg_params={}),
        "one name": dict(excluded_sym_names=["fc1"]),
        "one operator": dict(excluded_op_names=["FullyConnected"]),
        "uint8": dict(quantized_dtype="uint8"),
        "auto": dict(quantized_dtype="auto", calib_mode=None),
        "channels": dict(quantize_granularity="channel-wise"),
    }.items():
        arguments, aux = params(mx, symbol)
        given = dict(dict(arg_params=dict(arguments, extra=mx.nd.ones(2)), aux_params={}, calib_mode="none"), **options)
        made = quantization.quantize_graph(symbol, **given)
        put("options: " + name, [listed(made[0]), {k: v for k, v in made[1].items() if "fc2" in k}, made[3]])


def calibration(mx, put):
    quantization = mx.contrib.quantization
    for name in ("dense", "convolutions", "residual", "parts"):
        symbol = nets(mx.sym)[name]
        arguments, aux = params(mx, symbol)
        for low, dtype, mode, count in ((-0.5, "int8", "naive", None), (0, "auto", "naive", 5)):
            data = np.random.RandomState(3).uniform(low, low + 1, (12, 3, 8, 8)).astype("float32")
            label = "softmax_label" if name == "dense" else None
            batches = mx.io.NDArrayIter(data, label and np.zeros(12), batch_size=4, label_name=label)
            qsym, qargs, qaux = quantization.quantize_model(
                symbol, arguments, aux, calib_mode=mode, calib_data=batches, num_calib_examples=count,
                quantized_dtype=dtype, quantize_mode="full", label_names=label and [label],
            )  # fmt: skip
            put("ranges of %s, %s, %s" % (name, dtype, mode), [ranges(qsym), sorted(qargs), sorted(qaux)])
            if name == "dense" and mode == "naive":
                values = dict(qargs, data=mx.nd.array(data[:4]), softmax_label=mx.nd.zeros(4))
                output = qsym.bind(mx.cpu(), values, grad_req="null").forward(is_train=False)[0]
                put("output of %s, %s, %s" % (name, dtype, mode), output)
    symbol = mx.sym.softmax(mx.sym.FullyConnected(mx.sym.var("data"), num_hidden=3, name="fc"))
    arguments, aux = params(mx, symbol)
    for low, dtype in ((0, "uint8"), (-0.5, "auto")):
        data = np.random.RandomState(3).uniform(low, low + 1, (8, 3, 8, 8)).astype("float32")
        batches = mx.io.NDArrayIter(data, None, batch_size=4, label_name=None)
        qsym, _, _ = quantization.quantize_model(
            symbol, arguments, aux, calib_mode="entropy", calib_data=batches, quantized_dtype=dtype, label_names=None
        )
        put("ranges of entropy, %s" % dtype, ranges(qsym))


def histograms(mx, put):
    quantization = mx.contrib.quantization
    counts, edges = np.histogram([1, 2, -3.0, 4, 5], bins=11, range=(-5, 5))
    for values in ([4.0, -1], [9.0, -1], [-5.0], [[30.0], [-2.0]]):
        array = np.array(values)
        ends = array.min(), array.max(), abs(array).max()
        put("combined with %s" % values, quantization.combine_histogram((counts, edges, -3, 5, 5), array, *ends))
    draws = np.random.RandomState(3).normal(size=2000)
    for name, array in (("both signs", draws), ("no sign", abs(draws))):
        end = abs(array).max()
        counts, edges = np.histogram(array, bins=1001, range=(-end, end))
        row = counts, edges, array.min(), array.max(), end
        for dtype in ("int8", "uint8", "auto"):
            put("threshold of %s, %s" % (name, dtype), quantization._get_optimal_threshold(row, dtype))
        kept = {"a": row}
        found = quantization._get_optimal_thresholds(kept, "auto", num_quantized_bins=63)
        put("thresholds of %s" % name, [[np.ravel(end)[0] for end in found["a"]], kept])


def refusals(mx, put):
    quantization, net = mx.contrib.quantization, nets(mx.sym)["dense"]
    data = np.zeros((4, 3, 8, 8), "float32")
    batches = mx.io.NDArrayIter(data, np.zeros(4), batch_size=4)
    loader = mx.gluon.data.DataLoader(mx.gluon.data.ArrayDataset(data, np.zeros(4)), batch_size=4)
    arguments, aux = params(mx, net)

    def model(**options):
        given = dict(dict(arg_params=arguments, calib_mode="none"), **options)
        return [type(x).__name__ for x in quantization.quantize_model(net, aux_params=aux, **given)]

    def graph(**options):
        return type(quantization.quantize_graph(net, arguments, aux, **options)[3]).__name__

    def calibrated(mode):
        found = quantization.quantize_graph(net, arguments, aux, calib_mode="naive")
        return [type(x).__name__ for x in quantization.calib_graph(found[0], arguments, aux, found[3], mode)]

    for name, options in {
        "a mode": dict(calib_mode="foo"), "a mode with data": dict(calib_mode="foo", calib_data=batches),
        "no data": dict(calib_mode="naive"), "an array": dict(calib_mode="naive", calib_data=data),
        "a loader": dict(calib_mode="naive", calib_data=loader), "a dtype": dict(quantized_dtype="int4"),
        "a kind": dict(quantize_mode="foo"), "a name": dict(excluded_sym_names="fc1"),
        "an operator": dict(excluded_op_names="FullyConnected"), "unknown names": dict(excluded_sym_names=["zzz"]),
        "no labels": dict(calib_mode="naive", calib_data=batches, label_names=None),
        "other data": dict(calib_mode="naive", calib_data=batches, arg_params={}),
        "none": dict(calib_mode=None),
    }.items():  # fmt: skip
        put("model: " + name, json.loads(json.dumps(attempt(model, **options)).replace(mx.__name__ + ".", "mx.")))
    for mode in ("none", None, "naive", "entropy", "customize", "foo"):
        put("collector for %s" % mode, attempt(graph, calib_mode=mode))
        put("calibrated by %s" % mode, attempt(calibrated, mode) if mode != "entropy" else None)
    for name, ctx in (("a GPU", mx.gpu(0)), ("a string", "cpu")):
        put("oneDNN on %s" % name, attempt(quantization.quantize_model_mkldnn, net, arguments, aux, ctx=ctx))
    dense = mx.gluon.nn.Dense(2)
    dense.initialize()
    for name, options in {
        "no shapes": {}, "no data": dict(calib_mode="naive", data_shapes=[mx.io.DataDesc("data", (2, 3))]),
        "a number": dict(calib_data=3),
    }.items():  # fmt: skip
        put("net: " + name, attempt(quantization.quantize_net_v2, dense, **options))


def signatures(mx, put):
    for name in (
        "calib_graph", "combine_histogram", "quantize_graph", "quantize_model", "quantize_model_mkldnn",
        "quantize_net", "quantize_net_v2",
    ):  # fmt: skip
        given = inspect.signature(getattr(mx.contrib.quantization, name)).parameters.values()
        put("signature of %s" % name, [[p.name, str(getattr(p.default, "__name__", p.default))] for p in given])


def results(mx):
    """name -> plain values."""
    found = {}

    def put(name, value):
        assert name not in found
        found[name] = plain(value)

    for part in (graphs, calibration, histograms, refusals, signatures):
        part(mx, put)
    return found


if __name__ == "__main__":
    # MXNet fuses layers, and so finds no ranges of what was in them
    os.environ["MXNET_SUBGRAPH_BACKEND"] = "NONE"
    import mxnet

    mxnet.contrib.quantization.stats = object()  # scipy, which it asks for and does not use
    write("contrib_quantization", results(mxnet))
