"""ONNX files of nets of ten kinds: run by onnxruntime, and read back."""

import logging

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import nd
from mxgluon_compat.base import MXNetError, UnsupportedError
from mxgluon_compat.contrib.onnx import get_model_metadata, import_model, import_to_gluon
from mxgluon_compat.gluon import nn
from mxgluon_compat.interop import as_module
from mxgluon_compat.onnx import export_model
from mxgluon_compat.ops import OPERATORS

from . import nets
from .torchlib import one_table  # noqa: F401  (a fixture)


def run(path, *data):
    session = onnxruntime.InferenceSession(str(path))
    return session.run(None, dict(zip((i.name for i in session.get_inputs()), data, strict=True)))


def sizes(path):
    graph = onnx.load(str(path)).graph
    return {v.name: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim]
            for v in (*graph.input, *graph.output)}  # fmt: skip


def weights(path):
    return {t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(str(path)).graph.initializer}


@pytest.mark.parametrize("name", nets.NETS)
def test_ten_nets(tmp_path, name):
    net, path, data = nets.made(name), str(tmp_path / "net.onnx"), nets.arrays(name, rows=3)
    wanted = net(nd.array(data)).asnumpy()  # from here on, a gamma of fix_gamma is 1
    net.export(str(tmp_path / "net"))
    symbol, params, shape = tmp_path / "net-symbol.json", tmp_path / "net-0000.params", nets.NETS[name][1]
    made = export_model(str(symbol), str(params), [shape], np.float32, path,
                        dynamic=True, dynamic_input_shapes=[("batch", *shape[1:])])  # fmt: skip
    assert made == path
    onnx.checker.check_model(onnx.load(path), full_check=True)
    assert sizes(path)["data"] == ["batch", *shape[1:]]
    (output,) = (v for n, v in sizes(path).items() if n != "data")
    assert output[1 if name == "LSTM" else 0] == "batch"
    own, there = {k: v.data().asnumpy() for k, v in net.collect_params().items()}, weights(path)
    assert set(own) <= set(there)
    assert all(np.array_equal(there[k], own[k]) for k in own)
    (found,) = run(path, data)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)
    block = import_to_gluon(path, mx.cpu())
    np.testing.assert_allclose(block(nd.array(data)).asnumpy(), wanted, rtol=1e-4, atol=1e-4)


# ---------------------------------------------------------------------------------------------- graphs of Module
def digits(head="SoftmaxOutput", **attrs):
    data = mx.sym.var("data")
    layer = mx.sym.Activation(mx.sym.Convolution(data, num_filter=4, kernel=(3, 3), name="conv"), act_type="relu")
    layer = mx.sym.BatchNorm(layer, name="bn")
    layer = mx.sym.FullyConnected(mx.sym.Pooling(layer, kernel=(2, 2), stride=(2, 2)), num_hidden=5, name="fc")
    return getattr(mx.sym, head)(layer, name="softmax", **attrs)


def trained(sym, data_shape=(4, 1, 6, 6)):
    module = mx.mod.Module(sym)
    module.bind([("data", data_shape)], [("softmax_label", data_shape[:1])])
    mx.random.seed(2)
    module.init_params(mx.init.Xavier())
    return module


def test_a_module_with_its_label(tmp_path, caplog):
    module, path = trained(digits()), str(tmp_path / "net.onnx")
    arg, aux = module.get_params()
    arg["bn_gamma"][:] = 3  # which fix_gamma takes for 1
    with caplog.at_level(logging.INFO):
        export_model(module.symbol, {**arg, **aux}, [(1, 1, 6, 6), (1,)], onnx_file_path=path, verbose=True,
                     dynamic=True, dynamic_input_shapes=[("n", 1, 6, 6)], run_shape_inference=True)  # fmt: skip
    assert any(text.startswith("Softmax ") for text in caplog.messages)
    assert any(text.startswith("conv: ") for text in caplog.messages)
    assert sizes(path) == {"data": ["n", 1, 6, 6], "softmax": ["n", 5]}
    assert (weights(path)["bn_gamma"] == 1).all() and (arg["bn_gamma"].asnumpy() == 3).all()
    assert onnx.load(path).graph.value_info
    data = np.random.RandomState(0).standard_normal((4, 1, 6, 6)).astype("float32")
    wanted = module.predict(mx.io.NDArrayIter(data, batch_size=4)).asnumpy()
    np.testing.assert_allclose(run(path, data)[0], wanted, rtol=1e-4, atol=1e-6)
    sym, params, states = import_model(path)
    assert sym.list_outputs() == ["softmax_output"] and set(states) == set(aux)
    again = mx.mod.Module(sym, label_names=None)
    again.bind([("data", data.shape)], for_training=False)
    again.set_params(params, states)
    found = again.predict(mx.io.NDArrayIter(data, batch_size=4)).asnumpy()
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6)


HEADS = [
    ("SoftmaxOutput", {"multi_output": True}, lambda x: torch.softmax(x, 1)),
    ("SoftmaxOutput", {"preserve_shape": True}, lambda x: torch.softmax(x, -1)),
    ("SoftmaxOutput", {}, lambda x: torch.softmax(x.flatten(1), 1).reshape(x.shape)),
    ("LinearRegressionOutput", {}, lambda x: x),
]


def test_heads(tmp_path):
    layer = mx.sym.var("data") * 2
    heads = [getattr(mx.sym, head)(layer, name=f"out{i}", **attrs) for i, (head, attrs, _) in enumerate(HEADS)]
    path = export_model(mx.sym.Group(heads), {}, [(2, 3, 4)], onnx_file_path=str(tmp_path / "net.onnx"))
    data = np.random.RandomState(0).standard_normal((2, 3, 4)).astype("float32")
    assert list(sizes(path)) == ["data", "out0", "out1", "out2", "out3"]
    for found, (_, _, function) in zip(run(path, data), HEADS, strict=True):
        np.testing.assert_allclose(found, function(torch.tensor(data) * 2).numpy(), rtol=1e-5)


def test_a_label_that_is_used_is_an_input():
    from mxgluon_compat.onnx.mx2onnx.inference import labels

    label = mx.sym.var("label")
    head = mx.sym.SoftmaxOutput(mx.sym.var("data"), label)
    assert labels(head) == ["label"]
    assert labels(mx.sym.Group([head, label * 2])) == []
    assert labels(mx.sym.Group([head, label])) == []


# ---------------------------------------------------------------------------------------------- arguments
def dense():
    data = mx.sym.var("data")
    params = {"arg:fc_weight": nd.array([[1, 2], [3, 4], [5, 6]]), "arg:fc_bias": nd.array([1, 2, 3])}
    return mx.sym.FullyConnected(data, num_hidden=3, name="fc"), params


def test_older_names_of_arguments_and_prefixes_of_parameters(tmp_path):
    sym, params = dense()
    path = str(tmp_path / "net.onnx")
    export_model(sym, params, input_shape=[(1, 2)], input_type=np.float32, onnx_file_path=path, opset_version=18)
    assert {"fc_weight", "fc_bias"} <= set(weights(path)) and sizes(path) == {"data": [1, 2], "fc": [1, 3]}
    assert [o.version for o in onnx.load(path).opset_import if not o.domain] == [18]
    np.testing.assert_array_equal(run(path, np.ones((1, 2), "float32"))[0], [[4, 9, 14]])
    assert get_model_metadata(path) == {
        "input_tensor_data": [("data", (1, 2), 1)],
        "output_tensor_data": [("fc", (1, 3))],
    }


def test_all_sizes_that_may_change(tmp_path):
    data = mx.sym.var("data")
    net = mx.sym.relu(mx.sym.Convolution(data, num_filter=2, kernel=(3, 3), no_bias=True, name="conv"))
    params = {"conv_weight": nd.ones((2, 1, 3, 3))}
    path = export_model(net, params, [(1, 1, 8, 8)], onnx_file_path=str(tmp_path / "net.onnx"), dynamic=True)
    batch, channels, height, width = sizes(path)["data"]
    assert channels == 1 and all(isinstance(n, str) for n in (batch, height, width))
    assert run(path, np.ones((3, 1, 5, 9), "float32"))[0].shape == (3, 2, 3, 7)
    block = import_to_gluon(path, mx.cpu())
    assert block(nd.ones((3, 1, 5, 9))).shape == (3, 2, 3, 7)


def test_integers_and_two_inputs(tmp_path):
    rows, table = mx.sym.var("rows"), mx.sym.var("table")
    sym = mx.sym.take(mx.sym.Embedding(rows, table, input_dim=4, output_dim=2), mx.sym.var("order"))
    params = {"order": nd.array([1, 2, 0], dtype="int32")}
    path = export_model(sym, params, [(3,), (4, 2)], [np.int32, np.float32], str(tmp_path / "net.onnx"))
    values = np.arange(8, dtype="float32").reshape(4, 2)
    np.testing.assert_array_equal(run(path, np.array([1, 3, 0], "int32"), values)[0], values[[3, 0, 1]])
    assert weights(path)["order"].dtype == np.int32
    block = import_to_gluon(path, mx.cpu())
    out = block(nd.array([1, 3, 0], dtype="int32"), nd.array(values))
    np.testing.assert_array_equal(out.asnumpy(), values[[3, 0, 1]])


def test_what_is_refused(tmp_path):
    sym, params = dense()
    path = str(tmp_path / "net.onnx")
    with pytest.raises(UnsupportedError, match=r"opset_version=13.*writes 18 and later"):
        export_model(sym, params, [(1, 2)], onnx_file_path=path, opset_version=13)
    with pytest.raises(ValueError, match="needs in_shapes"):
        export_model(sym, params, onnx_file_path=path)
    with pytest.raises(ValueError, match=r"2 shapes, but the inputs .* \['data'\]"):
        export_model(sym, params, [(1, 2), (3,)], onnx_file_path=path)
    with pytest.raises(ValueError, match=r"\['data', 'fc_bias'\]"):
        export_model(sym, {"fc_weight": params["arg:fc_weight"]}, [(1, 2)], onnx_file_path=path)
    with pytest.raises(ValueError, match=r"data has the shape \(0, 2\)"):
        export_model(sym, params, [(0, 2)], onnx_file_path=path)
    with pytest.raises(AssertionError, match="Please set dynamic=True"):
        export_model(sym, params, [(1, 2)], onnx_file_path=path, dynamic_input_shapes=[("n", 2)])
    with pytest.raises(ValueError, match=r"\('n', 3\) is no form of data's shape \(1, 2\)"):
        export_model(sym, params, [(1, 2)], onnx_file_path=path, dynamic=True, dynamic_input_shapes=[("n", 3)])
    with pytest.raises(UnsupportedError, match=r"axis 1 \('k'\) of data.*the net fixes it at 2"):
        export_model(sym, params, [(1, 2)], onnx_file_path=path, dynamic=True, dynamic_input_shapes=[(1, "k")])
    with pytest.raises(MXNetError, match="fc"):
        export_model(sym, params, [(1, 7)], onnx_file_path=path)
    with pytest.raises(UnsupportedError, match="random numbers"):
        export_model(mx.sym.random.uniform(shape=(2,)) + mx.sym.var("data"), {}, [(2,)], onnx_file_path=path)
    with pytest.raises(UnsupportedError, match="depends on values"):
        export_model(
            mx.sym.sample_uniform(mx.sym.var("low"), mx.sym.var("high")), {}, [(2,), (2,)], onnx_file_path=path
        )
    with pytest.raises(UnsupportedError, match="PyTorch: .*linalg_qr"):
        export_model(mx.sym.linalg.gelqf(mx.sym.var("data")), {}, [(2, 3)], onnx_file_path=path)
    assert not list(tmp_path.iterdir())


def test_operators_that_are_said_to_be_supported():
    names = mx.onnx.get_operator_support()
    assert len(names) == len(set(names)) > 250 and set(names) <= set(OPERATORS)
    assert mx.onnx.get_operator_support(18) == names and mx.onnx.get_operator_support(13) == []
    assert {"Convolution", "BatchNorm", "RNN", "SoftmaxOutput", "Embedding", "_contrib_ROIAlign"} <= set(names)


def test_without_the_packages(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(ImportError, match=r"export_model needs the package onnx: pip install 'mxgluon_compat\[onnx\]'"):
        export_model(*dense(), [(1, 2)])
    with pytest.raises(ImportError, match=r"import_model needs .*\[onnx\]"):
        import_model("net.onnx")


# ---------------------------------------------------------------------------------------------- PyTorch's own ways
@pytest.fixture
def small():
    return nets.ready(nets.sequential(nn.Dense(4, activation="relu"), nn.BatchNorm(), nn.Dense(2)), np.ones((2, 3)))


@pytest.mark.filterwarnings("ignore:`isinstance:FutureWarning")  # of PyTorch, about itself
def test_torchs_exporter_takes_the_module(small, tmp_path):
    module, x = as_module(small).eval(), torch.randn(2, 3)
    module(x)
    batch = torch.export.Dim("batch")
    program = torch.onnx.export(
        module, (x,), dynamo=True, input_names=["x"], dynamic_shapes=(({0: batch},),), verbose=False
    )
    program.save(str(tmp_path / "net.onnx"))
    data = torch.randn(5, 3)
    np.testing.assert_allclose(run(tmp_path / "net.onnx", data.numpy())[0], module(data).detach().numpy(), atol=1e-5)


def test_a_package_of_torch_export(small, tmp_path):
    module, x = as_module(small).eval(), torch.randn(2, 3)
    program = torch.export.export(module, (x,), dynamic_shapes=(({0: torch.export.Dim("batch")},),))
    assert not [n for n in program.graph.nodes if "permute" in str(n.target)]
    torch.export.save(program, str(tmp_path / "net.pt2"))
    loaded = torch.export.load(str(tmp_path / "net.pt2"))
    assert set(loaded.state_dict) == set(module.state_dict())
    for rows in (1, 2, 7):
        data = torch.randn(rows, 3)
        torch.testing.assert_close(loaded.module()(data), module(data))


@pytest.mark.parametrize(("name", "attrs"), [
    ("Pooling", {"kernel": (3, 3), "pool_type": "lp", "p_value": 2}),
    ("Pooling", {"kernel": (2, 3), "pool_type": "sum", "stride": (2, 2), "pad": (1, 0)}),
    ("topk", {"k": 2, "axis": 1, "ret_typ": "value"}),
    ("topk", {"k": 3, "axis": -1, "ret_typ": "indices", "is_ascend": True}),
    ("sort", {"axis": 2, "is_ascend": False}),
    ("argsort", {"axis": 0}),
    ("mean", {}),
    ("max", {}),
    ("min", {"keepdims": True}),
])  # fmt: skip
def test_what_torchs_exporter_does_not_translate_itself(tmp_path, name, attrs):
    path, data = str(tmp_path / "net.onnx"), nd.arange(120).reshape((2, 3, 4, 5)) * 37 % 41
    graph = getattr(mx.sym, name)(mx.sym.var("data"), **attrs)
    wanted = graph.eval(data=data)[0].asnumpy()
    export_model(graph, {}, [data.shape], np.float32, path)
    np.testing.assert_allclose(run(path, data.asnumpy())[0], wanted, rtol=1e-5)
