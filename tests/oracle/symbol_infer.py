"""Writes tests/golden/symbol_infer.json: shapes and dtypes that follow from those of some variables; ``Symbol.eval``.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.symbol_infer
"""

import contextlib
import io
import warnings

import numpy as np

from tests.oracle.scenario import attempt, plain, write
from tests.oracle.symbol_graphs import conv, mlp, split


def shapes(mx):
    """(name, symbol, arguments of infer_shape)."""
    sym = mx.sym
    a, b, c = sym.var("a"), sym.var("b"), sym.var("c")
    yield "mlp", mlp(mx), {"data": (5, 7)}
    yield "mlp 3-d", mlp(mx), {"data": (5, 7, 2)}
    yield "mlp unknown batch", mlp(mx), {"data": (0, 7)}
    yield "mlp unknown features", mlp(mx), {"data": (5, 0)}
    yield "mlp nothing", mlp(mx), {}
    yield "mlp weight too", mlp(mx), {"data": (5, 7), "fc1_weight": (8, 7)}
    yield "mlp weight partly", mlp(mx), {"data": (5, 7), "fc1_weight": (0, 0)}
    yield "mlp only weight", mlp(mx), {"fc1_weight": (8, 7)}
    yield "mlp label", mlp(mx), {"data": (5, 7), "softmax_label": (5,)}
    yield "mlp wrong weight", mlp(mx), {"data": (5, 7), "fc1_weight": (8, 6)}
    yield "mlp wrong rank", mlp(mx), {"data": (5, 7), "fc1_weight": (8,)}
    yield "mlp unknown name", mlp(mx), {"data": (5, 7), "nothing": (1,)}
    yield "mlp list", mlp(mx), {"data": [5, 7]}
    yield "mlp number", mlp(mx), {"data": 5}
    yield "mlp None", mlp(mx), {"data": None}
    yield "mlp positions", mlp(mx), [(5, 7)]
    yield "mlp positions None", mlp(mx), [None, (8, 7)]
    yield "mlp too many positions", mlp(mx), [(5, 7)] + [None] * 9
    yield "mlp empty tuple", mlp(mx), {"data": ()}
    yield "conv", conv(mx), {"data": (2, 3, 8, 8)}
    yield "conv unknown batch", conv(mx), {"data": (0, 3, 8, 8)}
    yield "conv unknown size", conv(mx), {"data": (2, 3, 0, 0)}
    yield "conv unknown all", conv(mx), {"data": (0, 0, 0, 0)}
    yield "conv wrong rank", conv(mx), {"data": (2, 3, 8)}
    yield "conv state", conv(mx), {"data": (2, 3, 8, 8), "bn_moving_mean": (4,)}
    yield "conv wrong state", conv(mx), {"data": (2, 3, 8, 8), "bn_moving_mean": (5,)}
    yield "split", split(mx), {"data": (2, 6)}
    yield "split wrong", split(mx), {"data": (2, 5)}
    yield "declared", sym.var("a", shape=(2, 3)) + b, {}
    yield "declared partly", sym.var("a", shape=(0, 3)) + b, {"b": (2, 0)}
    yield "declared list", sym.exp(sym.var("a", shape=[2, 3])), {}
    yield "declared wrong", sym.var("a", shape=(2, 3)) + b, {"a": (2, 4)}
    yield "declared given", sym.exp(sym.var("a", shape=(0, 3))), {"a": (2, 3)}
    yield "variable", sym.var("a"), {"a": (2, 3)}
    yield "variable nothing", sym.var("a"), {}
    yield "group", sym.Group([a, sym.exp(b)]), {"a": (1,), "b": (2,)}
    yield "group half", sym.Group([a, sym.exp(b)]), {"a": (1,)}
    # backwards: from one input of an element-wise operator to the other, and from outputs to inputs
    yield "elementwise right", a + b, {"a": (2, 3)}
    yield "elementwise left", a * b, {"b": (2, 3)}
    yield "elementwise partly", a - b, {"a": (0, 3), "b": (2, 0)}
    yield "elementwise conflict", a - b, {"a": (2, 3), "b": (2, 4)}
    yield "elementwise chain", sym.exp(a) + sym.log(b + c), {"a": (2, 3)}
    yield "elementwise chain up", (sym.exp(a) + b) * sym.FullyConnected(c, num_hidden=4, name="f"), {"c": (2, 3)}
    yield "activation up", sym.Activation(a, act_type="relu") + b, {"b": (2, 3)}
    yield "dropout up", sym.Dropout(a) + b, {"b": (2, 3)}
    yield "softmax up", sym.softmax(a) + b, {"b": (2, 3)}
    yield "scalar up", (a * 2 + 1) + b, {"b": (2, 3)}
    yield "cast up", sym.Cast(a, dtype="float16") + b, {"b": (2, 3)}
    yield "blockgrad up", sym.BlockGrad(a) + b, {"b": (2, 3)}
    yield "clip up", sym.clip(a, 0, 1) + b, {"b": (2, 3)}
    yield "add_n", sym.add_n(a, b, c), {"b": (2, 3)}
    yield "where", sym.where(a, b, c), {"b": (2, 3)}
    yield "maximum", sym.maximum(a, b), {"b": (2, 3)}
    yield "broadcast_add", sym.broadcast_add(a, b), {"a": (2, 3), "b": (1, 3)}
    yield "broadcast_add half", sym.broadcast_add(a, b), {"a": (2, 3)}
    yield "broadcast_add unknown", sym.broadcast_add(a, b), {"a": (0, 3), "b": (1, 3)}
    yield "broadcast_add conflict", sym.broadcast_add(a, b), {"a": (2, 3), "b": (2, 2)}
    yield "zeros", sym.zeros((2, 0)) + b, {"b": (2, 3)}
    yield "zeros alone", sym.zeros((2, 3)), {}
    yield "zeros unknown", sym.zeros((0, 3)), {}
    yield "ones_like", sym.ones_like(a), {"a": (2, 0)}
    yield "reshape", sym.reshape(a, shape=(0, -1)), {"a": (2, 3, 4)}
    yield "reshape unknown batch", sym.reshape(a, shape=(0, -1)), {"a": (0, 3, 4)}
    yield "reshape -1 unknown", sym.reshape(a, shape=(-1, 4)), {"a": (0, 3, 4)}
    yield "reshape wrong", sym.reshape(a, shape=(5, -1)), {"a": (2, 3)}
    yield "transpose", sym.transpose(a, axes=(1, 0)), {"a": (2, 3)}
    yield "transpose partly", sym.transpose(a), {"a": (0, 3)}
    yield "flatten", sym.flatten(a), {"a": (0, 3, 4)}
    yield "concat", sym.concat(a, b, dim=1), {"a": (2, 3), "b": (2, 4)}
    yield "concat partly", sym.concat(a, b, dim=1), {"a": (2, 3), "b": (0, 4)}
    yield "concat half", sym.concat(a, b, dim=1), {"a": (2, 3)}
    yield "concat conflict", sym.concat(a, b, dim=1), {"a": (2, 3), "b": (3, 4)}
    yield "stack", sym.stack(a, b), {"a": (2, 3)}
    yield "sum", sym.sum(a, axis=1), {"a": (0, 3, 4)}
    yield "sum all", sym.sum(a), {"a": (0, 3)}
    yield "mean keep", sym.mean(a, axis=(1, 2), keepdims=True), {"a": (2, 3, 4)}
    yield "dot", sym.dot(a, b), {"a": (2, 3), "b": (3, 4)}
    yield "dot conflict", sym.dot(a, b), {"a": (2, 3), "b": (2, 4)}
    yield "batch_dot", sym.batch_dot(a, b), {"a": (5, 2, 3), "b": (5, 3, 4)}
    yield "embedding", sym.Embedding(a, input_dim=10, output_dim=4, name="e"), {"a": (2, 3)}
    yield "embedding unknown", sym.Embedding(a, input_dim=10, output_dim=4, name="e"), {"a": (0, 3)}
    yield "layer norm", sym.LayerNorm(a, name="n"), {"a": (2, 3)}
    yield "group norm", sym.GroupNorm(a, num_groups=2, name="n"), {"a": (2, 4, 3)}
    yield "instance norm", sym.InstanceNorm(a, name="n"), {"a": (2, 4, 3)}
    yield "batch norm outputs", sym.BatchNorm(a, output_mean_var=True, name="n"), {"a": (2, 4, 3)}
    yield "prelu", sym.LeakyReLU(a, act_type="prelu", name="p"), {"a": (2, 4, 3)}
    yield "deconvolution", sym.Deconvolution(a, kernel=(2, 2), num_filter=4, name="d"), {"a": (2, 3, 5, 5)}
    yield "convolution 1-d", sym.Convolution(a, kernel=(3,), num_filter=4, num_group=2, name="d"), {"a": (2, 6, 5)}
    yield "no flatten", sym.FullyConnected(a, num_hidden=4, flatten=False, name="f"), {"a": (2, 3, 5)}
    yield "slice_axis", sym.slice_axis(a, axis=1, begin=1, end=None), {"a": (2, 5)}
    yield "slice_axis unknown", sym.slice_axis(a, axis=1, begin=1, end=3), {"a": (0, 5)}
    yield "slice_like", sym.slice_like(a, b), {"a": (4, 5), "b": (2, 3)}
    yield "expand_dims", sym.expand_dims(a, axis=1), {"a": (0, 5)}
    yield "tile", sym.tile(a, reps=(2, 3)), {"a": (4, 5)}
    yield "take", sym.take(a, b), {"a": (4, 5), "b": (2, 3)}
    yield "pick", sym.pick(a, b), {"a": (4, 5), "b": (4,)}
    yield "one_hot", sym.one_hot(a, 5), {"a": (0, 3)}
    yield "topk both", sym.topk(a, k=2, ret_typ="both"), {"a": (4, 5)}
    yield "smooth_l1", sym.smooth_l1(a, scalar=1.0), {"a": (4, 5)}
    yield "softmax_cross_entropy", sym.softmax_cross_entropy(a, b), {"a": (4, 5), "b": (4,)}
    yield "LinearRegressionOutput", sym.LinearRegressionOutput(a, name="o"), {"a": (4, 5)}
    yield "SoftmaxOutput multi", sym.SoftmaxOutput(a, multi_output=True, name="o"), {"a": (4, 5, 6)}
    yield "pooling ceil", sym.Pooling(a, kernel=(2, 2), stride=(2, 2), pooling_convention="full"), {"a": (1, 1, 5, 5)}
    yield "pooling global", sym.Pooling(a, kernel=(2, 2), global_pool=True), {"a": (0, 3, 5, 5)}
    yield "random", sym.random.normal(shape=(2, 3)) + a, {}
    yield "internals", mlp(mx).get_internals(), {"data": (5, 7)}
    # known outputs and weights tell inputs
    steps = {"t0": (2, 3), "t1": (2, 3), "t2": (2, 3)}
    yield "states of no batch", recurrent(mx), steps
    yield "states of no batch, insides", recurrent(mx).get_internals(), steps
    yield "states of no batch, one step known", recurrent(mx), {"t0": (2, 3)}
    yield "zeros of no batch", sym.random.uniform(shape=(0, 3)) * a, {"a": (2, 3)}
    yield "layer's batch", sym.FullyConnected(a, num_hidden=3, name="f") + b, {"a": (0, 5), "b": (2, 3)}
    window = dict(kernel=(3, 3), num_filter=4, name="c")
    yield "convolution's size", sym.Convolution(a, **window) + b, {"a": (0, 3, 0, 0), "b": (2, 4, 6, 5)}
    yield (
        "convolution's size with strides",
        (sym.Convolution(a, stride=(2, 2), pad=(1, 1), **window) + b),
        {"a": (0, 3, 0, 0), "b": (2, 4, 6, 5)},
    )
    yield "transpose up", sym.transpose(a, axes=(2, 0, 1)) + b, {"b": (2, 3, 4)}
    yield "expand_dims up", sym.expand_dims(a, axis=1) + b, {"b": (2, 1, 4)}
    yield "reverse up", sym.reverse(a, axis=1) + b, {"b": (2, 3)}
    yield "concat up", sym.concat(a, c, dim=0) + b, {"a": (2, 3), "b": (5, 3), "c": (0, 0)}
    yield "reshape up", sym.reshape(a, shape=(-1, 4)) + b, {"a": (0, 3, 2, 2), "b": (6, 4)}
    yield "split up", sym.split(a, num_outputs=2, axis=1)[0] + b, {"a": (0, 6), "b": (2, 3)}
    yield "label partly", sym.SoftmaxOutput(a, name="o"), {"a": (4, 5), "o_label": (0,)}
    yield "pick", sym.pick(a, b, axis=1), {"a": (4, 5)}
    yield "sequence lengths", sym.SequenceMask(a, b, use_sequence_length=True), {"a": (7, 2, 3)}
    yield "where up", sym.where(a, b, c) + sym.exp(sym.var("d")), {"d": (2, 3), "a": (2, 3)}
    yield "declared and given partly", sym.exp(sym.var("a", shape=(3, 2))), {"a": (0, 2)}
    yield "negative is unknown", a + b, {"a": (-1, 2), "b": (3, 2)}
    yield "numpy integers", a + b, {"a": (np.int64(3), 2)}
    yield "float", a + b, {"a": (3.0, 2)}
    yield "array", a + b, {"a": np.array([3, 2])}
    yield "None inside", a + b, {"a": (3, None)}


def recurrent(mx):
    """Three steps of a cell whose first state has an unknown batch."""
    sym = mx.sym
    shared = {k: sym.var(k) for k in ("iw", "ib", "hw", "hb")}
    state, outputs = sym.zeros((0, 4), name="h0"), []
    for i in range(3):
        new = sym.FullyConnected(sym.var("t%d" % i), shared["iw"], shared["ib"], num_hidden=4, name="i%d" % i)
        old = sym.FullyConnected(state, shared["hw"], shared["hb"], num_hidden=4, name="s%d" % i)
        state = sym.Activation(new + old, act_type="tanh", name="h%d" % (i + 1))
        outputs.append(state)
    return sym.Group(outputs)


def dtypes(mx):
    sym = mx.sym
    a, b, c = sym.var("a"), sym.var("b"), sym.var("c")
    yield "mlp", mlp(mx), {"data": "float32"}
    yield "mlp float16", mlp(mx), {"data": np.float16}
    yield "mlp nothing", mlp(mx), {}
    yield "mlp positions", mlp(mx), ["float64"]
    yield "mlp unknown name", mlp(mx), {"nothing": "float32"}
    yield "mlp only weight", mlp(mx), {"fc2_weight": "float64"}
    yield "conv", conv(mx), {"data": "float64"}
    yield "conv float16", conv(mx), {"data": "float16"}
    yield "conv nothing", conv(mx), {}
    yield "cast", sym.Cast(a, dtype="float16") + b, {"a": "int32"}
    yield "cast nothing", sym.Cast(a, dtype="float16") + b, {}
    yield "declared", sym.var("a", dtype="float64") + b, {}
    yield "declared other", sym.var("a", dtype="float64") + b, {"b": "float64"}
    yield "conflict", a + b, {"a": "float64", "b": "float32"}
    yield "elementwise", a + b, {"b": "int64"}
    yield "embedding", sym.Embedding(a, input_dim=5, output_dim=2, name="e"), {"a": "int32"}
    yield "argmax", sym.argmax(a, axis=1), {"a": "float64"}
    yield "topk", sym.topk(a, ret_typ="both", dtype="int32"), {"a": "float64"}
    yield "one_hot", sym.one_hot(a, 3, dtype="int32"), {"a": "float64"}
    yield "zeros", sym.zeros((2,), dtype="int8"), {}
    yield "zeros added", sym.zeros((2,), dtype="int8") + a, {}
    yield "variable", a, {"a": "uint8"}
    yield "variable nothing", a, {}
    yield "where", sym.where(a, b, sym.var("c")), {"a": "int32", "b": "float64"}
    yield "concat", sym.concat(a, b), {"a": "float16"}
    yield "group", sym.Group([sym.exp(a), sym.exp(b)]), {"a": "float64"}
    yield "wrong", a + b, {"a": "complex"}
    yield "shape_array", sym.shape_array(a), {"a": "float16"}
    yield "equal", a == b, {"a": "float16"}
    yield "scalar", a + 1, {"a": "int32"}
    yield "both", sym.Group([a, b]), {"a": "int8"}
    yield "zeros up", sym.zeros((2,)) + a, {"a": "float32"}
    yield "batch norm up", sym.BatchNorm(a, name="n") + b, {"b": "float16"}
    yield "gather_nd up", sym.gather_nd(a, b) + c, {"b": "int32", "c": "float64"}
    yield "take up", sym.take(a, b) + c, {"b": "int32", "c": "float64"}
    yield "where up", sym.where(a, b, sym.var("d")) + c, {"a": "int32", "c": "float64"}
    yield "sequence lengths", sym.SequenceMask(a, b, use_sequence_length=True), {"a": "float16"}
    yield "softmax to", sym.softmax(a, dtype="float64"), {"a": "float32"}
    yield "norm to", sym.norm(a, out_dtype="float64"), {"a": "float32"}
    yield "randint", sym.random.randint(0, 5, shape=(2,)), {}
    yield "sample", sym.random.normal(a, b, shape=(2,)), {"a": "float64"}
    yield "finite", sym.all_finite(a), {"a": "float64"}
    yield "embedding float64", sym.Embedding(a, b, input_dim=5, output_dim=2), {"a": "int32", "b": "float64"}
    yield "amp_cast float64", sym.amp_cast(a, dtype="float16"), {"a": "float64"}
    yield "amp_cast", sym.amp_cast(a, dtype="float16"), {"a": "float32"}
    yield "amp_multicast", sym.amp_multicast(a, b, num_outputs=2), {"a": "float16", "b": "float32"}
    yield "histogram", sym.histogram(a, 3, (0, 3)), {"a": "float64"}
    yield "declared and given", sym.exp(sym.var("a", dtype="float64")), {"a": "float32"}
    yield "dtype object", a + b, {"a": np.dtype("int8")}
    yield "Python's int", a + b, {"a": int}
    yield "flag", a + b, {"a": 3}


def call(method, given):
    """The result, the lines of every warning, and what is printed."""
    printed = io.StringIO()
    with warnings.catch_warnings(record=True) as seen, contextlib.redirect_stdout(printed):
        warnings.simplefilter("always")
        found = attempt(lambda: shown(method(*given) if isinstance(given, list) else method(**given)))
    lines = printed.getvalue().splitlines()
    shown_too = {"printed": lines} if lines else {}
    return dict({"result": found, "warnings": [str(w.message).splitlines() for w in seen]}, **shown_too)


def shown(found):
    if isinstance(found, (list, tuple)):
        return [shown(x) for x in found]
    return found if found is None or isinstance(found, int) else np.dtype(found).name


def evaluate(mx):
    sym, nd = mx.sym, mx.nd
    a, b = sym.var("a"), sym.var("b")
    x, y = nd.array([1, 2]), nd.array([3, 4])
    yield "sum", lambda: (a + b).eval(a=x, b=y)
    yield "ctx", lambda: (a + b).eval(ctx=mx.cpu(), a=x, b=y)
    yield "group", lambda: sym.Group([a * 2, b, a + b]).eval(a=x, b=y)
    yield "split", lambda: sym.split(a, num_outputs=2, axis=0).eval(a=x)
    yield "zeros", lambda: sym.zeros((2, 3)).eval()
    yield "missing", lambda: (a + b).eval(a=x)
    yield "not an array", lambda: (a + b).eval(a=x, b=3)
    yield "dropout", lambda: sym.Dropout(a).eval(a=x)
    yield "extra", lambda: (a + 1).eval(a=x, z=y)
    yield "zeros of no batch", lambda: (sym.zeros((0, 3)) + a).eval(a=nd.ones((2, 3)))
    yield "ones of no shape", lambda: (sym.ones((0, 0)) * a).eval(a=nd.ones((2, 3)))
    weights = {"iw": nd.ones((4, 3)), "ib": nd.zeros(4), "hw": nd.ones((4, 4)) / 4, "hb": nd.zeros(4)}
    steps = {"t%d" % i: nd.ones((2, 3)) / 4 for i in range(3)}
    yield "recurrent", lambda: recurrent(mx).eval(**dict(weights, **steps))
    yield "shapes", lambda: (a + b).eval(a=x, b=nd.ones((2, 2)))


def results(mx):
    with mx.name.NameManager():
        return {name: make() for name, make in scenes(mx)}


def scenes(mx):
    for name, symbol, given in shapes(mx):
        yield "shape: " + name, lambda: call(symbol.infer_shape, given)
        yield "partial: " + name, lambda: call(symbol.infer_shape_partial, given)
    for name, symbol, given in dtypes(mx):
        yield "type: " + name, lambda: call(symbol.infer_type, given)
        yield "type partial: " + name, lambda: call(symbol.infer_type_partial, given)
    for name, make in evaluate(mx):
        yield "eval: " + name, lambda: attempt(lambda: plain(make()))


if __name__ == "__main__":
    import mxnet

    write("symbol_infer", results(mxnet))
