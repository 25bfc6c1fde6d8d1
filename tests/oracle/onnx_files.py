"""Writes tests/golden/onnx_files.json, and ONNX files of MXNet's own exporter in tests/golden/onnx.

Run from the repository's root with an interpreter that has mxnet==1.9.1 and onnx==1.8.1:
    PYTHON -m tests.oracle.onnx_files
"""

import os
import tempfile

import numpy as np

from tests.oracle.scenario import GOLDEN, attempt, write

FOLDER = os.path.join(GOLDEN, "onnx")
X = np.linspace(-1, 1, 72).reshape(2, 1, 6, 6).astype("float32")
TOKENS = np.arange(8).reshape(4, 2) % 5


def fill(mx, net):
    for i, (name, param) in enumerate(sorted(net.collect_params().items())):
        size = int(np.prod(param.shape))
        values = np.cos(np.arange(size) * (i + 1)).reshape(param.shape) * 0.5
        param.set_data(mx.nd.array(np.abs(values) + 0.5 if name.endswith(("var", "gamma")) else values))


def convolutions(mx):
    net = mx.gluon.nn.HybridSequential(prefix="net_")
    with net.name_scope():
        nn = mx.gluon.nn
        net.add(nn.Conv2D(4, 3), nn.BatchNorm(), nn.Activation("relu"), nn.MaxPool2D(), nn.Dense(3))
    return net, mx.nd.array(X)


class Words(object):
    """A language model, and how it is made: the class needs the package that it is of."""

    @staticmethod
    def made(mx):
        class Net(mx.gluon.HybridBlock):
            def __init__(self, **kwargs):
                super(Net, self).__init__(**kwargs)
                with self.name_scope():
                    # as wide as the states: MXNet's file of another width cannot be run
                    self.embed = mx.gluon.nn.Embedding(5, 4)
                    self.lstm = mx.gluon.rnn.LSTM(4, 2)
                    self.out = mx.gluon.nn.Dense(5, flatten=False)

            def hybrid_forward(self, F, x):  # noqa: N803
                return F.softmax(self.out(self.lstm(self.embed(x))))

        return Net(prefix="words_"), mx.nd.array(TOKENS)


NETS = {"convolutions": convolutions, "words": Words.made}


def saved(mx, name, folder):
    """The net's files, its data and its output."""
    net, data = NETS[name](mx)
    net.initialize()
    net.hybridize()
    net(data)
    fill(mx, net)
    net.export(os.path.join(folder, name), 0)
    prefix = os.path.join(folder, name)
    return prefix + "-symbol.json", prefix + "-0000.params", data, net(data)


def described(path, given):
    """Inputs, outputs, and which of the names in ``given`` the file has."""
    import onnx

    graph = onnx.load(path).graph

    def shown(values):
        return [[v.name, [d.dim_value for d in v.type.tensor_type.shape.dim]] for v in values]

    weights = {t.name for t in graph.initializer}
    return {
        "inputs": shown(v for v in graph.input if v.name not in weights),
        "outputs": shown(graph.output),
        "parameters": sorted(weights & set(given)),
    }


def heads(mx):
    """{what: a graph of two layers, its parameters}."""
    data = mx.sym.var("data")
    layer = mx.sym.FullyConnected(data, num_hidden=3, name="fc")
    params = {"fc_weight": mx.nd.ones((3, 2)), "fc_bias": mx.nd.ones(3)}
    return {
        "LogisticRegressionOutput": (mx.sym.LogisticRegressionOutput(layer, name="out"), params),
        "two outputs": (mx.sym.Group([data * 2, mx.sym.SliceChannel(layer, num_outputs=3, name="part")]), params),
    }


def results(mx):
    found = {}
    export = mx.onnx.export_model
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "net.onnx")
        sym, params, data, _ = saved(mx, "convolutions", folder)
        given = [k.split(":")[1] for k in mx.nd.load(params)]
        found["the path is returned"] = os.path.basename(export(sym, params, [data.shape], np.float32, path))
        found["export of convolutions"] = described(path, given)
        for name, (sym, params) in heads(mx).items():
            found["export of " + name] = described(export(sym, params, [(2, 2)], onnx_file_path=path), params)
        json, params, data, _ = saved(mx, "convolutions", folder)
        sym, arrays = mx.sym.load(json), mx.nd.load(params)
        shapes = [data.shape]
        found["no such files"] = attempt(export, "no.json", params, shapes, onnx_file_path=path)
        found["a graph and a file"] = attempt(export, sym, params, shapes, onnx_file_path=path)
        found["a file and arrays"] = attempt(export, json, arrays, shapes, onnx_file_path=path)
        found["no parameters"] = attempt(export, sym, [], shapes, onnx_file_path=path)
        found["dtypes and shapes"] = attempt(export, json, params, shapes, [np.float32, np.int32], path)
    read = mx.contrib.onnx
    for name in sorted(os.listdir(FOLDER)):
        path = os.path.join(FOLDER, name)
        found["metadata of " + name] = read.get_model_metadata(path)
    # MXNet cannot read what it writes of recurrent layers.
    _, params, states = read.import_model(os.path.join(FOLDER, "convolutions.onnx"))
    found["arrays of convolutions.onnx"] = [{k: v.shape for k, v in arrays.items()} for arrays in (params, states)]
    found["no such file to read"] = attempt(read.import_model, "no.onnx")
    return found


def write_files(mx):
    """MXNet's own files, and what its nets give."""
    outputs = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in NETS:
            sym, params, data, out = saved(mx, name, folder)
            path = os.path.join(FOLDER, name + ".onnx")
            dynamic = [("batch", 1, 6, 6)] if name == "convolutions" else [(4, "batch")]
            mx.onnx.export_model(
                sym, params, [data.shape], np.float32, path, dynamic=True, dynamic_input_shapes=dynamic
            )
            outputs[name] = out
    write("onnx_outputs", {name: attempt(lambda a: a, out) for name, out in outputs.items()})


if __name__ == "__main__":
    import mxnet

    if not os.path.isdir(FOLDER):
        os.makedirs(FOLDER)
    write_files(mxnet)
    write("onnx_files", results(mxnet))
