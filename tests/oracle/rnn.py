"""Writes tests/golden/rnn.json: the graphs, weights and texts of mx.rnn's cells in real MXNet 1.9.1.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.rnn
"""

import json
import random

import numpy as np

from tests.oracle.gluon_common import attempt, check_complete, collect, kind, printed, warned
from tests.oracle.module_common import shown, watch
from tests.oracle.scenario import write


def flat(value):
    return [v for item in value for v in flat(item)] if isinstance(value, (list, tuple)) else [value]


def graph(mx, cell, layout="NTC", merge=None, inputs=None):
    """The unrolled cell: its nodes, outputs, shapes, and what it computes from fixed weights."""
    with mx.name.NameManager():
        inputs = mx.sym.var("data") if inputs is None else inputs
        outputs, states = cell.unroll(2, inputs, layout=layout, merge_outputs=merge)
        whole = mx.sym.Group(flat([outputs, states]))
        shape = (3, 2, 4) if layout == "NTC" else (2, 3, 4)
        given = {"data": shape} if "data" in whole.list_arguments() else {"a": (3, 4), "b": (3, 4)}
        executor = whole.simple_bind(mx.cpu(), grad_req="null", **given)
        for i, array in enumerate(executor.arg_dict.values()):
            array[:] = np.sin(np.arange(array.size) + i).reshape(array.shape) / 2
        return {
            "merged": not isinstance(outputs, list),
            "states": [len(s) if isinstance(s, list) else 1 for s in states],
            "nodes": [n["name"] + ":" + n["op"] for n in json.loads(whole.tojson())["nodes"]],
            "outputs": whole.list_outputs(),
            "initializers": {k: v["__init__"] for k, v in whole.attr_dict().items() if "__init__" in v},
            "shapes": {k: list(a.shape) for k, a in executor.arg_dict.items()},
            "values": [[round(float(v), 5) for v in o.asnumpy().ravel()[:6]] for o in executor.forward()],
        }


def kinds(mx):
    r = mx.rnn
    stack = lambda: _stack(mx)  # noqa: E731
    return {
        "rnn": lambda: r.RNNCell(5), "relu": lambda: r.RNNCell(5, activation="relu", prefix="q_"),
        "lstm": lambda: r.LSTMCell(5), "gru": lambda: r.GRUCell(5), "lstm, bias": lambda: r.LSTMCell(5, forget_bias=2),
        "dropout": lambda: r.DropoutCell(0.5), "no dropout": lambda: r.DropoutCell(0.0),
        "residual": lambda: r.ResidualCell(r.RNNCell(4)), "residual gru": lambda: r.ResidualCell(r.GRUCell(4)),
        "zoneout": lambda: r.ZoneoutCell(r.LSTMCell(4), 0.2, 0.3), "stack": stack,
        "both": lambda: r.BidirectionalCell(r.LSTMCell(5, prefix="l_"), r.GRUCell(5, prefix="r_")),
        "named": lambda: r.BidirectionalCell(r.RNNCell(3, prefix="l_"), r.RNNCell(3, prefix="r_"), output_prefix="o_"),
    }  # fmt: skip


def _stack(mx):
    stack = mx.rnn.SequentialRNNCell()
    stack.add(mx.rnn.LSTMCell(5, prefix="a_"))
    stack.add(mx.rnn.DropoutCell(0.3, prefix="d_"))
    stack.add(mx.rnn.ResidualCell(mx.rnn.GRUCell(5, prefix="b_")))
    stack.add(mx.rnn.RNNCell(3, prefix="c_"))
    return stack


def unrolled(mx, put):
    for name, make in kinds(mx).items():
        put(name + ": states", make().state_info)
        for layout in ("NTC", "TNC"):
            for merge in (None, True, False):
                if layout == "NTC" or merge:
                    put("%s, %s, %s" % (name, layout, merge), graph(mx, make(), layout, merge))
        put(name + ", a list", graph(mx, make(), "NTC", True, [mx.sym.var("a"), mx.sym.var("b")]))


def fused(mx, put):
    for mode in ("lstm", "gru", "rnn_relu", "rnn_tanh"):
        for both in (False, True):
            make = lambda m=mode, b=both, **kw: mx.rnn.FusedRNNCell(5, 2, m, b, get_next_state=True, **kw)  # noqa: E731
            name = "%s, %s" % (mode, both)
            put(name + ": states", make().state_info)
            put(name + ": NTC", warned(graph, mx, make()))
            put(name + ": TNC", warned(graph, mx, make(prefix="z_"), "TNC", False))
            put(name + ": unfused", graph(mx, make(dropout=0.3).unfuse()))
            cell = mx.rnn.FusedRNNCell(5, 2, mode, both, prefix="l_")
            outputs = cell.unroll(2, mx.sym.var("data"), layout="TNC")[0]
            size = dict(zip(outputs.list_arguments(), outputs.infer_shape(data=(2, 3, 4))[0]))["l_parameters"][0]
            parts = cell.unpack_weights({"l_parameters": mx.nd.arange(size), "other": mx.nd.ones((1,))})
            put(name + ": unpacked", {k: [list(v.shape), float(v.asnumpy().ravel()[0])] for k, v in parts.items()})
            whole = cell.pack_weights(parts)
            put(
                name + ": packed", [sorted(whole), bool((whole["l_parameters"] == mx.nd.arange(size)).min().asscalar())]
            )
            put(name + ": moved", {k: list(v.shape) for k, v in cell.unfuse().pack_weights(parts).items()})
    cell = mx.rnn.FusedRNNCell(4)
    put("one step", attempt(cell, mx.sym.var("a"), []))
    put("no parameters", attempt(cell.unpack_weights, {}))
    put("wrong parameters", kind(cell.unpack_weights, {"lstm_parameters": mx.nd.ones((7,))}))
    put("residual", warned(graph, mx, mx.rnn.ResidualCell(mx.rnn.FusedRNNCell(4, prefix="f_"))))
    both = mx.rnn.BidirectionalCell(mx.rnn.FusedRNNCell(4, prefix="f_"), mx.rnn.FusedRNNCell(4, prefix="g_"))
    for merge in (None, True, False):
        put("both, %s" % merge, graph(mx, both, "TNC", merge))


def weights(mx, put):
    for name, make in kinds(mx).items():
        cell = make()
        outputs, states = cell.unroll(1, mx.sym.var("data"))
        whole = mx.sym.Group(flat([outputs, states]))
        shapes = dict(zip(whole.list_arguments(), whole.infer_shape(data=(3, 1, 4))[0]))
        given = {k: mx.nd.arange(int(np.prod(s))).reshape(s) for k, s in shapes.items() if k != "data"}
        parts = cell.unpack_weights(given)
        put(name + ": unpacked", {k: [list(v.shape), float(v.asnumpy().ravel()[0])] for k, v in sorted(parts.items())})
        back = cell.pack_weights(parts)
        put(name + ": packed", {k: bool((v == given[k]).min().asscalar()) for k, v in sorted(back.items())})


def convolutional(mx, put):
    for kind_ in ("ConvRNNCell", "ConvLSTMCell", "ConvGRUCell"):
        cell = getattr(mx.rnn, kind_)((1, 4, 6, 6), 5)
        put(kind_ + ": states", cell.state_info)
        outputs, states = cell.unroll(2, [mx.sym.var("a"), mx.sym.var("b")])
        whole = mx.sym.Group(outputs + states)
        shapes = whole.infer_shape(a=(2, 4, 6, 6), b=(2, 4, 6, 6))
        put(kind_ + ": shapes", [dict(zip(whole.list_arguments(), shapes[0])), shapes[1]])
        nodes = json.loads(whole.tojson())["nodes"]
        put(kind_ + ": nodes", [n["name"] + ":" + n["op"] for n in nodes if n["name"][0] not in "l_"])
        put(kind_ + ": attributes", {k: v for k, v in whole.attr_dict().items() if k[0] not in "l_"})
        executor = whole.simple_bind(mx.cpu(), grad_req="null", a=(2, 4, 6, 6), b=(2, 4, 6, 6))
        for i, array in enumerate(executor.arg_dict.values()):
            array[:] = np.sin(np.arange(array.size) + i).reshape(array.shape) / 4
        put(kind_ + ": values", [o.asnumpy().ravel()[:8] for o in executor.forward()])
    put("even", attempt(mx.rnn.ConvRNNCell, (1, 4, 6, 6), 5, h2h_kernel=(2, 2)))
    put("last channels", mx.rnn.ConvRNNCell((1, 6, 6, 4), 5, conv_layout="NHWC").state_info)


def texts(mx, put):
    r, var = mx.rnn, mx.sym.var
    put("no inputs", attempt(r.RNNCell(5).unroll, 3, None))
    put("grouped", attempt(r.RNNCell(5).unroll, 3, mx.sym.Group([var("a"), var("b")])))
    put("few steps", kind(r.RNNCell(5).unroll, 3, [var("a")]))
    put("both stepped", attempt(r.BidirectionalCell(r.RNNCell(2), r.RNNCell(2)), 1, 2))
    put("zoneout, both", attempt(r.ZoneoutCell, r.BidirectionalCell(r.RNNCell(2), r.RNNCell(2))))
    put("zoneout, fused", attempt(r.ZoneoutCell, r.FusedRNNCell(5), 0.1, 0.1))
    put("no dropout", attempt(r.DropoutCell, "x"))
    put("modified", attempt(r.ZoneoutCell(r.LSTMCell(5)).base_cell.begin_state))
    put(
        "abstract",
        [
            kind(lambda: r.BaseRNNCell().state_info),
            kind(r.BaseRNNCell(), 1, 2),
            kind(r.ModifierCell(r.RNNCell(2)), 1, 2),
        ],
    )
    stack = r.SequentialRNNCell(params=r.RNNParams("y_"))
    put("params twice", attempt(stack.add, r.RNNCell(3, params=r.RNNParams("q_"))))
    put("params", r.RNNCell(5, params=r.RNNParams("y_")).unroll(1, var("data"))[0][0].list_arguments())
    both = r.SequentialRNNCell()
    both.add(r.BidirectionalCell(r.RNNCell(2), r.RNNCell(2)))
    put("both in a stack, stepped", kind(both, var("a"), both.begin_state()))
    cell = r.LSTMCell(4)
    names = []
    for _ in range(2):
        out, states = cell(var("x"), cell.begin_state())
        names.append([out.name, [s.name for s in states], [s.name for s in cell.begin_state()]])
    cell.reset()
    put("steps", [names, cell(var("x"), cell.begin_state())[0].name, cell.state_shape])
    put("begin_state", [s.list_arguments() for s in cell.begin_state(func=mx.sym.var)])
    put("shared", r.RNNParams("x_").get("w", init="zeros").attr_dict())
    put("rnn_unroll", kind(r.rnn_unroll, r.RNNCell(5), 2, [var("a"), var("b")]) and None)


def files(mx, put):
    cell = mx.rnn.LSTMCell(4, prefix="l_")
    outputs = cell.unroll(2, mx.sym.var("data"), merge_outputs=True)[0]
    given = {"l_i2h_weight": (16, 3), "l_i2h_bias": (16,), "l_h2h_weight": (16, 4), "l_h2h_bias": (16,)}
    given = {k: mx.nd.ones(s) for k, s in given.items()}
    put("save", watch(mx.rnn.save_rnn_checkpoint, [cell], "rc", 1, outputs, given, {}))
    put("saved", {k: list(v.shape) for k, v in sorted(mx.nd.load("rc-0001.params").items())})
    put("loaded", {k: list(v.shape) for k, v in sorted(mx.rnn.load_rnn_checkpoint(cell, "rc", 1)[1].items())})
    callback = mx.rnn.do_rnn_checkpoint(cell, "re", 2)
    put("do_rnn_checkpoint", watch(lambda: [callback(i, outputs, given, {}) for i in range(4)]))


def sentences(mx, put):
    words = [["a", "b"], ["b", "c"]]
    encode = mx.rnn.encode_sentences
    for name, kwargs in {
        "counted": {}, "from 1": {"invalid_label": 0, "start_label": 1, "invalid_key": "?"},
        "over 1": {"invalid_label": 1}, "given": {"vocab": {"a": 1, "b": 2}},
        "unknown": {"vocab": {"a": 1, "b": 2}, "unknown_token": "<u>"},
        "known unknown": {"vocab": {"a": 1, "b": 2, "<u>": 3}, "unknown_token": "<u>"},
    }.items():  # fmt: skip
        put("encode: " + name, attempt(encode, words, **kwargs))
    rows = [[i % 7 + j for j in range(i % 5 + 1)] for i in range(40)] + [[1] * 30]
    for name, kwargs in {
        "default": {}, "buckets": {"buckets": [9, 3, 5]}, "time first": {"layout": "TN", "invalid_label": 0},
        "int32": {"dtype": "int32", "data_name": "d", "label_name": "l"},
    }.items():  # fmt: skip
        random.seed(3)
        np.random.seed(3)
        made = []
        put(name + ": printed", printed(lambda k=kwargs: made.append(mx.rnn.BucketSentenceIter(rows, 4, **k))))
        it = made[0]
        put(name, [it.buckets, it.default_bucket_key, shown(it.provide_data), shown(it.provide_label), it.batch_size])
        batches = list(it)
        put(name + ": batches", [
            [b.bucket_key, b.data[0], b.label[0], shown(b.provide_data), shown(b.provide_label), b.pad]
            for b in batches[:3]
        ])  # fmt: skip
        it.reset()
        put(name + ": again", [b.bucket_key for b in it])
    put("layout", attempt(mx.rnn.BucketSentenceIter, rows, 4, layout="XX"))


PARTS = [unrolled, fused, weights, convolutional, texts, files, sentences]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("rnn", check_complete(results(mxnet)))
