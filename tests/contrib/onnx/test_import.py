"""ONNX files of MXNet's own exporter, of ONNX's own cases, and of other exporters."""

import collections
import importlib
import pathlib
import pkgutil

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.backend.test.case import node as onnxs_cases

import mxgluon_compat as mx
from mxgluon_compat import gluon, nd
from mxgluon_compat.base import MXNetError, UnsupportedError
from mxgluon_compat.contrib.onnx import get_model_metadata, import_model, import_to_gluon
from mxgluon_compat.contrib.onnx.onnx2mx.import_onnx import GraphProto, convert_map
from tests.onnx.torchlib import one_table  # noqa: F401  (a fixture)
from tests.oracle import onnx_files
from tests.oracle.scenario import read
from tests.scenarios import against_mxnet

FILES = pathlib.Path(onnx_files.FOLDER)
OUTPUTS = read("onnx_outputs")

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(onnx_files)


@pytest.mark.parametrize(("name", "data"), [("convolutions", onnx_files.X), ("words", onnx_files.TOKENS)])
def test_files_of_mxnet(name, data):
    block = import_to_gluon(str(FILES / f"{name}.onnx"), mx.cpu())
    assert isinstance(block, gluon.SymbolBlock)
    out = block(nd.array(data)).asnumpy()
    wanted = OUTPUTS[name]
    np.testing.assert_allclose(out, np.reshape(wanted["values"], wanted["shape"]), rtol=1e-5, atol=1e-6)
    # the size that the file leaves open is open
    axis = 0 if name == "convolutions" else 1
    more = block(nd.array(np.concatenate([data, data], axis))).asnumpy()
    np.testing.assert_allclose(more, np.concatenate([out, out], axis), rtol=1e-5, atol=1e-6)


def test_a_net_on_several_contexts():
    block = import_to_gluon(str(FILES / "convolutions.onnx"), [mx.cpu(0), mx.cpu(1)])
    data = nd.array(onnx_files.X)
    np.testing.assert_array_equal(block(data).asnumpy(), block(data.as_in_context(mx.cpu(1))).asnumpy())


def test_an_imported_net_can_be_trained_exported_and_bound(tmp_path):
    path = str(FILES / "convolutions.onnx")
    block = import_to_gluon(path, mx.cpu())
    data, label = nd.array(onnx_files.X), nd.array([0, 2])
    trainer = gluon.Trainer(block.collect_params(), "sgd", {"learning_rate": 0.1})
    losses = []
    for _ in range(5):
        with mx.autograd.record():
            loss = gluon.loss.SoftmaxCrossEntropyLoss()(block(data), label)
        loss.backward()
        trainer.step(2)
        losses.append(loss.mean().asscalar())
    assert losses[-1] < losses[0]
    block.export(str(tmp_path / "net"))
    again = gluon.SymbolBlock.imports(str(tmp_path / "net-symbol.json"), "data", str(tmp_path / "net-0000.params"))
    np.testing.assert_allclose(again(data).asnumpy(), block(data).asnumpy(), rtol=1e-6)
    sym, params, states = import_model(path)
    bound = sym.bind(mx.cpu(), {**params, "data": data}, aux_states=states)
    wanted = OUTPUTS["convolutions"]
    np.testing.assert_allclose(
        bound.forward()[0].asnumpy(), np.reshape(wanted["values"], wanted["shape"]), rtol=1e-5, atol=1e-6
    )


# ---------------------------------------------------------------------------------------------- ONNX's own cases
# Of each operator those inputs that graphs have written down: shapes, axes, bounds, weights.
WRITTEN = {
    "Reshape": [1], "Squeeze": [1], "Unsqueeze": [1], "Expand": [1], "Split": [1], "Slice": [1, 2, 3, 4],
    "Pad": [1, 2, 3], "Tile": [1], "Clip": [1, 2], "OneHot": [1, 2], "TopK": [1], "CumSum": [1], "Resize": [1, 2, 3],
    "Upsample": [1], "Dropout": [1, 2], "BatchNormalization": [1, 2, 3, 4], "LayerNormalization": [1, 2],
    "GroupNormalization": [1, 2], "InstanceNormalization": [1, 2], "LSTM": [1, 2, 3, 4, 5, 6, 7], "GRU": range(1, 6),
    "RNN": range(1, 6), "Conv": [1, 2], "ConvTranspose": [1, 2], "PRelu": [1],
}  # fmt: skip
# Why some cases cannot be had; the values that others need are in the names of the cases.
NO_DTYPE = ("int16", "uint16", "uint32", "uint64", "FLOAT8", "FLOAT4", "INT4", "INT2", "BFLOAT16", "bfloat16", "E8M0")
OTHER_RULES = (
    "_expanded", "castlike", "empty_set", "training", "string", "mod_float_edge", "allowzero", "zero_size",
    "no_saturate", "e8m0",
)  # fmt: skip
REFUSED = (
    "select_last_index", "dilations", "output_shape", "kernel_shape", "autopad_same", "exclusive",
    "cumsum_1d_reverse", "batch_dim1", "gru_", "batchwise", "peephole",
    "onehot_", "antialias", "cubic", "tf_crop", "nearest_floor", "nearest_ceil", "downsample", "not_larger",
    "not_smaller", "crd_mode", "layer_normalization", "start_out_of_bounds", "default_mask", "reflect_pad",
    "wrap_pad", "constantofshape", "resize_upsample_s", "upsample_nearest", "edge_pad", "slice_neg_steps", "softmax_",
)  # fmt: skip


# Pooling in Python's loops takes seconds: see test_pooling.
SLOW = ("averagepool", "lppool", "maxpool")


def cases():
    for module in pkgutil.iter_modules(onnxs_cases.__path__):
        if module.name not in SLOW:
            importlib.import_module(f"{onnxs_cases.__name__}.{module.name}")
    for case in onnxs_cases._NodeTestCases:
        operators = {n.op_type for n in case.model.graph.node}
        if operators <= set(convert_map) and not any(word in case.name for word in (*NO_DTYPE, *OTHER_RULES)):
            yield case


def read_case(case, arrays):
    """The case's graph with what graphs have written down in it; the arrays that remain."""
    proto = onnx.GraphProto()
    proto.CopyFrom(case.model.graph)
    node = proto.node[0]
    places = WRITTEN.get(node.op_type, [1] if node.op_type.startswith("Reduce") else [])
    written = {node.input[k] for k in places if k < len(node.input)}
    del proto.input[:]
    rest = []
    for value, array in zip(case.model.graph.input, arrays, strict=True):
        if value.name in written:
            proto.initializer.append(numpy_helper.from_array(np.asarray(array), value.name))
        else:
            proto.input.append(value)
            rest.append(np.asarray(array))
    opset = max(o.version for o in case.model.opset_import)
    block = GraphProto().graph_to_gluon(proto, mx.cpu(), opset)
    return block(*[nd.array(a, dtype=a.dtype) for a in rest])


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::DeprecationWarning")  # of the cases, when they are made
def test_onnxs_own_cases():
    ran, refused, wrong = collections.Counter(), set(), []
    for case in cases():
        operator = case.model.graph.node[0].op_type
        if ran[operator] >= 3:  # of each operator a few: all of them take long
            continue
        for arrays, wanted in case.data_sets:
            arrays, wanted = (
                [numpy_helper.to_array(a) if isinstance(a, onnx.TensorProto) else a for a in given]
                for given in (arrays, wanted)
            )
            if not all(isinstance(a, np.ndarray) or np.isscalar(a) for a in (*arrays, *wanted)):
                continue
            try:
                given = read_case(case, arrays)
            except UnsupportedError:
                refused.add(case.name)
                continue
            given = given if isinstance(given, list) else [given]
            for ours, value in zip(given, wanted, strict=False):
                value = np.asarray(value, dtype="float64")
                ours = ours.asnumpy().astype("float64")
                if ours.size != value.size or not np.allclose(
                    ours.reshape(value.shape), value, rtol=1e-3, atol=1e-5, equal_nan=True
                ):
                    wrong.append(case.name)
            ran[operator] += 1
    assert not wrong
    assert sorted(name for name in refused if not any(word in name for word in REFUSED)) == []
    # the rest is in the tests below
    rest = {"AveragePool", "CastLike", "GRU", "GlobalLpPool", "LayerNormalization", "LpPool", "MaxPool", "Upsample"}
    assert set(convert_map) - set(ran) == rest


# ---------------------------------------------------------------------------------------------- graphs of others
def model(nodes, inputs, outputs, weights=(), opset=18):
    """A file's bytes; inputs by name with shapes, weights by name with arrays."""
    infos = [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n, shape in inputs.items()]
    made = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in outputs]
    arrays = [numpy_helper.from_array(np.asarray(a), n) for n, a in dict(weights).items()]
    graph = helper.make_graph(nodes, "graph", infos, made, arrays)
    opsets = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()


def as_onnxruntime(tmp_path, content, *data):
    """Compares the imported net with onnxruntime, and gives it."""
    (tmp_path / "net.onnx").write_bytes(content)
    block = import_to_gluon(tmp_path / "net.onnx", mx.cpu())
    out = block(*[nd.array(d) for d in data])
    out = out if isinstance(out, list) else [out]
    session = onnxruntime.InferenceSession(content)
    wanted = session.run(None, dict(zip((i.name for i in session.get_inputs()), data, strict=True)))
    for ours, value in zip(out, wanted, strict=True):
        np.testing.assert_allclose(ours.asnumpy(), value, rtol=1e-4, atol=1e-5)
    return block


def normal(*shape, seed=0):
    return np.random.RandomState(seed).standard_normal(shape).astype("float32")


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize(("op", "gates"), [("LSTM", 4), ("GRU", 3), ("RNN", 1)])
def test_recurrent_layers(tmp_path, op, gates, direction):
    d = 2 if direction == "bidirectional" else 1
    weights = {"w": normal(d, gates * 4, 3), "r": normal(d, gates * 4, 4, seed=1), "b": normal(d, gates * 8, seed=2)}
    more = {"linear_before_reset": 1} if op == "GRU" else {}
    node = helper.make_node(op, ["x", "w", "r", "b"], ["y", "h"], "layer", hidden_size=4, direction=direction, **more)
    content = model([node], {"x": ["steps", "batch", 3]}, ["y", "h"], weights)
    block = as_onnxruntime(tmp_path, content, normal(5, 2, 3))
    assert block(nd.array(normal(6, 7, 3)))[0].shape == (6, d, 7, 4)


POOLS = [
    ("MaxPool", (7, 8), {"strides": [2, 2]}),
    ("MaxPool", (7, 8), {"strides": [2, 1], "pads": [1, 0, 0, 1]}),
    ("MaxPool", (7, 9), {"strides": [2, 2], "ceil_mode": 1}),
    ("MaxPool", (5, 5), {"strides": [3, 3], "ceil_mode": 1, "pads": [1, 1, 1, 1]}),
    ("MaxPool", (8,), {"auto_pad": "SAME_UPPER"}),
    ("MaxPool", (4, 5, 6), {"auto_pad": "SAME_LOWER", "strides": [2, 2, 2]}),
    ("AveragePool", (7, 8), {"auto_pad": "VALID"}),
    ("AveragePool", (7, 8), {"pads": [1, 1, 1, 1]}),
    ("AveragePool", (7, 8), {"pads": [1, 1, 1, 1], "count_include_pad": 1}),
    ("AveragePool", (7, 8), {"pads": [0, 1, 1, 0]}),
    ("AveragePool", (7, 8), {"pads": [0, 1, 1, 0], "count_include_pad": 1}),
    ("AveragePool", (8,), {"strides": [2], "auto_pad": "SAME_LOWER"}),
    ("AveragePool", (4, 5, 6), {"strides": [2, 1, 2]}),
    ("AveragePool", (7, 9), {"strides": [2, 2], "ceil_mode": 1}),
    ("LpPool", (7, 8), {"strides": [2, 2]}),
    ("LpPool", (7, 8), {"p": 1, "pads": [1, 1, 1, 1]}),
    ("LpPool", (7, 8), {"p": 2, "pads": [0, 1, 1, 0]}),
]


@pytest.mark.parametrize(("op", "shape", "attrs"), POOLS)
def test_pooling(tmp_path, op, shape, attrs):
    node = helper.make_node(op, ["x"], ["y"], kernel_shape=[3 if "LOWER" in str(attrs) else 2] * len(shape), **attrs)
    as_onnxruntime(tmp_path, model([node], {"x": ["n", 2, *shape]}, ["y"]), normal(3, 2, *shape))


def test_shapes_that_follow_from_those_of_the_data(tmp_path):
    nodes = [
        helper.make_node("Shape", ["x"], ["shape"]),
        helper.make_node("Gather", ["shape", "zero"], ["rows"]),
        helper.make_node("Gather", ["shape", "one"], ["columns"]),
        helper.make_node("Mul", ["rows", "columns"], ["all"]),
        helper.make_node("Concat", ["all", "three"], ["flat"], axis=0),
        helper.make_node("Reshape", ["x", "flat"], ["a"]),  # (N T, 3)
        helper.make_node("Concat", ["rows", "columns", "three"], ["whole"], axis=0),
        helper.make_node("Reshape", ["a", "whole"], ["b"]),  # and back
        helper.make_node("ConstantOfShape", ["whole"], ["twos"], value=numpy_helper.from_array(np.float32([2]))),
        helper.make_node("Squeeze", ["columns", "zero"], ["length"]),
        helper.make_node("Range", ["nought", "length", "step"], ["places"]),
        helper.make_node("Cast", ["places"], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["numbers", "one"], ["column"]),
        helper.make_node("Add", ["b", "column"], ["c"]),
        helper.make_node("Mul", ["c", "twos"], ["d"]),
        helper.make_node("Slice", ["table", "zero", "columns", "zero"], ["rows_of_table"]),
        helper.make_node("Add", ["d", "rows_of_table"], ["y"]),
    ]
    weights = {"zero": [0], "one": [1], "three": [3], "nought": 0, "step": 1, "table": normal(9, 3)}
    weights = {k: v if k == "table" else np.asarray(v, "int64") for k, v in weights.items()}
    content = model(nodes, {"x": ["n", "t", 3]}, ["y", "a"], weights)
    block = as_onnxruntime(tmp_path, content, normal(2, 4, 3))
    for shape in ((1, 1, 3), (5, 7, 3)):
        as_onnxruntime(tmp_path, content, normal(*shape))
    with pytest.raises(MXNetError):
        block(nd.ones((2, 4, 5)))


@pytest.mark.parametrize("opset", [18, 21])
def test_groups(tmp_path, opset):
    size = 2 if opset < 21 else 4
    node = helper.make_node("GroupNormalization", ["x", "scale", "bias"], ["y"], num_groups=2)
    weights = {"scale": normal(size), "bias": normal(size, seed=1)}
    as_onnxruntime(tmp_path, model([node], {"x": ["n", 4, 3, 5]}, ["y"], weights, opset), normal(2, 4, 3, 5))


@pytest.mark.parametrize(("axis", "shape"), [(-1, (5,)), (2, (3, 5)), (1, (4, 3, 5))])
def test_normalisation_over_axes(tmp_path, axis, shape):
    nodes = [
        helper.make_node("LayerNormalization", ["x", "scale", "bias"], ["a"], axis=axis, epsilon=1e-3),
        helper.make_node("LayerNormalization", ["a", "scale"], ["b"], axis=axis),
        helper.make_node("GlobalLpPool", ["b"], ["y"], p=2),
    ]
    weights = {"scale": normal(*shape), "bias": normal(*shape, seed=1)}
    as_onnxruntime(tmp_path, model(nodes, {"x": ["n", 4, 3, 5]}, ["y"], weights), normal(2, 4, 3, 5))


def test_older_versions(tmp_path):
    nodes = [
        helper.make_node("Upsample", ["x", "scales"], ["a"], mode="nearest"),
        helper.make_node("Softmax", ["a"], ["b"]),  # over all axes but the first
        helper.make_node("Unsqueeze", ["b"], ["c"], axes=[0]),
        helper.make_node("ReduceSum", ["c"], ["y"], axes=[2], keepdims=0),
    ]
    content = model(nodes, {"x": ["n", 2, 3, 4]}, ["y"], {"scales": np.float32([1, 1, 2, 2])}, opset=9)
    as_onnxruntime(tmp_path, content, normal(3, 2, 3, 4))


def test_constants_parameters_and_inputs_that_come_out(tmp_path):
    nodes = [
        helper.make_node("Transpose", ["w"], ["turned"]),
        helper.make_node("MatMul", ["x", "turned"], ["a"]),
        helper.make_node("CastLike", ["a", "x"], ["y"]),
    ]
    content = model(nodes, {"x": ["n", 3]}, ["y", "x", "w"], {"w": normal(2, 3)}, opset=19)
    block = as_onnxruntime(tmp_path, content, normal(4, 3))
    assert [s.rpartition("_")[0] for s in block(mx.sym.var("data"))[0].list_outputs()] == ["y"]
    sym, params, states = import_model(tmp_path / "net.onnx")
    assert sym.list_outputs()[0] == "y_output" and set(params) == {"w", "turned_transposed"} and not states


def reader(path):
    """Imports a file of nodes that is written to that path."""

    def read_it(nodes, **weights):
        path.write_bytes(model(nodes, {"x": ["n", 3]}, ["y"], weights))
        return import_model(path)

    return read_it


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (helper.make_node("Relu", ["z"], ["y"]), "the ONNX graph reads 'z', which is no input"),
        (helper.make_node("Relu", ["x"], ["z"]), "the ONNX graph reads 'y', which is no input"),
        (helper.make_node("Add", ["x", ""], ["y"]), r"Add \(node 'y'\): its input 1 is missing"),
        (helper.make_node("Shape", [], ["y"], "size"), r"Shape \(node 'size'\): its input 0 is missing"),
        (helper.make_node("Reshape", ["x"], ["y"]), r"Reshape \(node 'y'\): its input 1 \(shape\) is missing"),
        (helper.make_node("Tile", ["x"], ["y"]), r"Tile \(node 'y'\): its input 1 is missing"),
        (helper.make_node("Cast", ["x"], ["y"]), r"Cast \(node 'y'\): its attribute 'to' is missing"),
        (helper.make_node("CumSum", ["x", "w"], ["y"]), r"input 1 is \[1, 2\], expected one number"),
        (helper.make_node("Add", ["w"], ["y"]), r"Add \(node 'y'\): .*missing"),
    ],
)
def test_files_that_lack_something(tmp_path, node, message):
    with pytest.raises(MXNetError, match=message):
        reader(tmp_path / "net.onnx")([node], w=np.int64([1, 2]))


def test_numbers_that_follow_from_sizes(tmp_path):
    """A Range as long as an axis but for one, and truth values that are not the same for all sizes."""
    nodes = [
        helper.make_node("Shape", ["x"], ["rows"], start=0, end=1),
        helper.make_node("Squeeze", ["rows"], ["count"]),
        helper.make_node("Range", ["nought", "count", "step"], ["places"]),
        helper.make_node("Greater", ["places", "nought"], ["later"]),
        helper.make_node("Cast", ["later"], ["y"], to=TensorProto.FLOAT),
    ]
    content = model(nodes, {"x": ["n", 3]}, ["y"], {"nought": np.int64(0), "step": np.int64(1)})
    for rows in (1, 4):
        as_onnxruntime(tmp_path, content, normal(rows, 3))


def test_what_is_refused(tmp_path):
    path = tmp_path / "net.onnx"
    read_it = reader(path)
    with pytest.raises(UnsupportedError, match=r"Det \(node 'first'\), NonMaxSuppression \(node 'z'\), which are"):
        read_it([helper.make_node("Det", ["x"], ["z"], "first"), helper.make_node("NonMaxSuppression", ["z"], ["z"])])
    with pytest.raises(UnsupportedError, match=r"Reshape \(node 'y'\) whose input 1 \('x'\)"):
        read_it([helper.make_node("Reshape", ["x", "x"], ["y"])])
    with pytest.raises(UnsupportedError, match="'s' depends on the sizes of the data"):
        odd = [helper.make_node("Shape", ["x"], ["s"]), helper.make_node("Mul", ["s", "k"], ["y"])]
        read_it(odd, k=np.int64([[1, 2], [4, 3]]))
    with pytest.raises(MXNetError, match=r"Add \(node 'sum'\)"):
        read_it([helper.make_node("Add", ["x", "w"], ["y"], "sum")], w=normal(5))
    path.write_bytes(b"no ONNX file")
    for function in (import_model, get_model_metadata):
        with pytest.raises(MXNetError, match=r"net.onnx is no ONNX file"):
            function(path)
    content = onnx.load_from_string(model([helper.make_node("Relu", ["x"], ["y"])], {"x": [3]}, ["y"]))
    content.graph.node[0].domain = "com.example"
    path.write_bytes(content.SerializeToString())
    with pytest.raises(UnsupportedError, match=r"com\.example\.Relu"):
        import_model(path)
    content.graph.node[0].domain = ""
    content.graph.input[0].type.tensor_type.ClearField("shape")
    path.write_bytes(content.SerializeToString())
    with pytest.raises(UnsupportedError, match="input 'x' has no shape"):
        import_model(path)
