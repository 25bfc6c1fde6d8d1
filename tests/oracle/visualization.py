"""Writes tests/golden/visualization.json: the tables that MXNet's viz.print_summary prints, the drawings that
viz.plot_network asks graphviz for, and what both refuse.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.visualization
"""

import contextlib
import io
import sys
import types
import warnings

import numpy as np

from tests.oracle.scenario import attempt, write


class Digraph:
    """In the place of graphviz.Digraph: keeps what it is asked to draw."""

    def __init__(self, name=None, format=None):
        self.calls = [["graph", {"name": name, "format": format}]]

    def node(self, name, label=None, **attrs):
        self.calls.append(["node", dict(attrs, name=name, label=label)])

    def edge(self, tail_name, head_name, label=None, **attrs):
        self.calls.append(["edge", dict(attrs, tail_name=tail_name, head_name=head_name, label=label)])


@contextlib.contextmanager
def graphviz(there=True):
    """Puts the module above in the place of graphviz, or makes graphviz a module that is not installed."""
    real = sys.modules.get("graphviz")
    sys.modules["graphviz"] = types.SimpleNamespace(Digraph=Digraph) if there else None
    try:
        yield
    finally:
        sys.modules.pop("graphviz")
        if real is not None:
            sys.modules["graphviz"] = real


def printed(function, *args, **kwargs):
    """The lines on stdout, and what the call returned if that is anything."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = function(*args, **kwargs)
    assert value is None, value
    return out.getvalue().split("\n")


def drawn(mx, *args, **kwargs):
    """The calls and the RuntimeWarnings."""
    with graphviz(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        dot = mx.viz.plot_network(*args, **kwargs)
    return {"calls": dot.calls, "warnings": [str(w.message) for w in caught if w.category is RuntimeWarning]}


def mlp(mx):
    net = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=128, name="fc1")
    net = mx.sym.Activation(net, act_type="relu", name="relu1")
    net = mx.sym.FullyConnected(net, num_hidden=10, no_bias=True, name="fc2")
    return mx.sym.SoftmaxOutput(net, name="softmax")


def lenet(mx):
    net = mx.sym.Variable("data")
    for i, filters in enumerate((20, 50)):
        net = mx.sym.Convolution(net, kernel=(5, 5), num_filter=filters, name="conv%d" % i)
        net = mx.sym.Activation(net, act_type="tanh", name="tanh%d" % i)
        net = mx.sym.Pooling(net, pool_type="max", kernel=(2, 2), stride=(2, 2), name="pool%d" % i)
    net = mx.sym.FullyConnected(mx.sym.Flatten(net, name="flatten"), num_hidden=500, name="fc1")
    net = mx.sym.LeakyReLU(net, name="leaky")
    return mx.sym.SoftmaxOutput(mx.sym.FullyConnected(net, num_hidden=10, name="fc2"), name="softmax")


def resnet(mx):
    weight = mx.sym.Variable("shared_weight")
    net = mx.sym.BatchNorm(mx.sym.Variable("data"), name="bn_data")
    net = mx.sym.Convolution(net, kernel=(3, 3), pad=(1, 1), num_filter=8, no_bias=True, name="conv0")
    for i in range(2):
        left = mx.sym.BatchNorm(net, fix_gamma=False, name="bn%d" % i)
        left = mx.sym.LeakyReLU(left, act_type="elu", name="elu%d" % i)
        left = mx.sym.Convolution(
            left, weight=weight, kernel=(3, 3), stride=(1, 1), pad=(1, 1), num_filter=8, name="unit%d" % i
        )
        net = mx.sym.elemwise_add(left, net, name="plus%d" % i)
    net = mx.sym.Convolution(net, kernel=(1, 1), num_filter=16, num_group=4, name="grouped")
    net = mx.sym.Pooling(net, pool_type="avg", global_pool=True, kernel=(1, 1), name="pool")
    return mx.sym.FullyConnected(net, num_hidden=4, name="fc")


def two_inputs(mx):
    left = mx.sym.FullyConnected(mx.sym.Variable("left"), num_hidden=3, name="left_fc")
    right = mx.sym.FullyConnected(mx.sym.Variable("right"), num_hidden=5, name="right_fc")
    both = mx.sym.Concat(left, right, dim=1, name="both")
    return mx.sym.FullyConnected(both + mx.sym.Variable("shift"), num_hidden=2, name="top")


def two_outputs(mx):
    data = mx.sym.Variable("data")
    trunk = mx.sym.FullyConnected(data, num_hidden=6, name="trunk")
    one = mx.sym.FullyConnected(trunk, num_hidden=2, name="one")
    two = mx.sym.LinearRegressionOutput(trunk, mx.sym.Variable("target"), name="two")
    return mx.sym.Group([one, two, data])


def generator(mx):
    net = mx.sym.Reshape(mx.sym.Variable("noise"), shape=(-1, 4, 1, 1), name="image")
    net = mx.sym.Deconvolution(net, kernel=(4, 4), num_filter=6, name="up1")
    net = mx.sym.UpSampling(net, scale=2, sample_type="nearest", name="up2")
    return mx.sym.Convolution(net, kernel=(3,) * 2, num_filter=3, num_group=3, no_bias=True, name="paint")


def words(mx):
    net = mx.sym.Embedding(mx.sym.Variable("words"), input_dim=50, output_dim=7, name="embed")
    parts = mx.sym.SliceChannel(net, num_outputs=3, axis=1, squeeze_axis=True, name="parts")
    net = mx.sym.FullyConnected(parts[0] * parts[2], num_hidden=2, name="fc")
    return mx.sym.softmax(mx.sym.Dropout(net, p=0.5, name="drop"), name="prob")


def sequence(mx):
    net = mx.sym.Convolution(mx.sym.Variable("signal"), kernel=(3,), stride=(2,), num_filter=4, name="conv")
    net = mx.sym.BatchNorm(net, output_mean_var=True, name="bn")[0]
    return mx.sym.Activation(net, act_type="sigmoid", name="act")


def hybrid(mx):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Conv2D(4, 3), nn.BatchNorm(), nn.Activation("relu"), nn.GlobalAvgPool2D(), nn.Dense(3))
    return net(mx.sym.Variable("data"))


def repeated(mx):
    net = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=2, name="same")
    return mx.sym.FullyConnected(net, num_hidden=2, name="same", weight=mx.sym.Variable("other_weight"), no_bias=True)


def second_variable(mx):
    return mx.sym.Group([mx.sym.relu(mx.sym.Variable("a"), name="relu"), mx.sym.Variable("b")])


def weight_is_an_output(mx):
    weight = mx.sym.Variable("fc_weight")
    net = mx.sym.FullyConnected(mx.sym.Variable("data"), weight=weight, num_hidden=3, name="fc")
    return mx.sym.Group([weight, net])


NETS = {
    "mlp": (mlp, {"data": (32, 100)}),
    "lenet": (lenet, {"data": (2, 1, 28, 28)}),
    "resnet": (resnet, {"data": (2, 3, 8, 8)}),
    "two inputs": (two_inputs, {"left": (2, 4), "right": (2, 6), "shift": (2, 8)}),
    "two outputs": (two_outputs, {"data": (2, 4)}),
    "generator": (generator, {"noise": (2, 4)}),
    "words": (words, {"words": (2, 3)}),
    "sequence": (sequence, {"signal": (2, 3, 9)}),
    "hybrid": (hybrid, {"data": (1, 3, 6, 6)}),
    "variable": (lambda mx: mx.sym.Variable("data"), {"data": (2, 3)}),
    "two variables": (lambda mx: mx.sym.Group([mx.sym.var("a"), mx.sym.var("b")]), {"a": (2, 3), "b": (4, 5)}),
    "second variable": (second_variable, {"a": (2, 3), "b": (4, 5)}),
    "weight is an output": (weight_is_an_output, {"data": (2, 4)}),
    "repeated": (repeated, {"data": (2, 3)}),
    "no data": (lambda mx: mx.sym.relu(mx.sym.zeros((2, 3), name="zeros"), name="relu"), {}),
}  # fmt: skip


def tables(mx):
    found = {}
    for name, (net, shape) in NETS.items():
        found["table of " + name] = attempt(printed, mx.viz.print_summary, net(mx), shape=shape)
        found["table of " + name + " without shapes"] = attempt(printed, mx.viz.print_summary, net(mx))
    net, shape = lenet(mx), {"data": (2, 1, 28, 28)}

    def table(*args, **kwargs):
        return attempt(printed, mx.viz.print_summary, *args, **kwargs)

    found["narrow table"] = table(net, shape, 60)
    found["table with columns by share"] = table(net, shape, 80, [0.3, 0.5, 0.9, 1])
    found["table with columns by character"] = table(net, shape, 50, [8, 20, 30, 50])
    found["table with three columns"] = table(net, shape, 50, [8, 20, 30])
    found["table with five columns"] = table(net, shape, 50, [8, 20, 30, 40, 50])
    found["table of internals"] = table(net.get_internals(), shape)
    found["table of one internal"] = table(net.get_internals()["pool0_output"], shape)
    found["table of no shapes"] = table(net, {})
    found["table of unknown batch"] = table(mlp(mx), {"data": (0, 100)})
    found["table of part of the inputs"] = table(two_inputs(mx), {"left": (2, 4)})
    found["table of an unknown name"] = table(mlp(mx), {"nothing": (2, 3)})
    found["table of a wrong shape"] = table(resnet(mx), {"data": (2, 3)})
    found["table of a shape that is none"] = table(mlp(mx), {"data": 3})
    found["table of a list of shapes"] = table(mlp(mx), [("data", (2, 3))])["raises"]  # Python's own text
    for other in (None, "net", 3, [mlp(mx)], mx.nd.zeros(2), mx.gluon.nn.Dense(2)):
        found["table of %s" % type(other).__name__] = table(other)
    found["aliases"] = [mx.viz is mx.visualization, mx.viz.print_summary.__module__.split(".")[-1]]
    return found


def drawings(mx):
    found = {}

    def drawing(*args, **kwargs):
        return attempt(drawn, mx, *args, **kwargs)

    for name, (net, shape) in NETS.items():
        if name != "words":
            found["drawing of " + name + " with shapes"] = drawing(net(mx), shape=shape)
        found["drawing of " + name] = drawing(net(mx), name)
    net, shape = lenet(mx), {"data": (2, 1, 28, 28)}
    found["drawing of words with shapes"] = drawing(words(mx), shape={"words": (2, 3)})
    found["drawing with weights"] = drawing(resnet(mx), hide_weights=False, shape={"data": (2, 3, 8, 8)})
    found["drawing with dtypes"] = drawing(net, dtype={"data": np.float16})
    found["drawing with dtypes and weights"] = drawing(net, dtype={"data": np.float64}, hide_weights=False)
    found["drawing with shapes and dtypes"] = drawing(net, shape=shape, dtype={"data": np.float32})
    found["drawing of words with dtypes"] = drawing(words(mx), dtype={"words": np.float32})
    found["drawing with attributes"] = drawing(
        net, "title", "png", node_attrs={"shape": "oval", "fixedsize": "false", "fillcolor": "red", "color": "blue"}
    )
    found["drawing without attributes after it"] = drawing(mlp(mx))
    found["drawing of internals"] = drawing(mlp(mx).get_internals(), shape={"data": (2, 100)})
    found["drawing of no shapes"] = drawing(net, shape={})
    found["drawing of no dtypes"] = drawing(net, dtype={})
    found["drawing of part of the inputs"] = drawing(two_inputs(mx), shape={"left": (2, 4)})
    found["drawing of an unknown name"] = drawing(net, shape={"nothing": (2, 3)})
    found["drawing of a wrong shape"] = drawing(resnet(mx), shape={"data": (2, 3)})
    for other in (None, "net", 3, [net], mx.nd.zeros(2), mx.gluon.nn.Dense(2)):
        found["drawing of %s" % type(other).__name__] = drawing(other)
    with graphviz(there=False):
        found["no graphviz"] = attempt(mx.viz.plot_network, net)["raises"]
        found["no graphviz and no symbol"] = attempt(mx.viz.plot_network, 3)["raises"]
    return found


def results(mx):
    with mx.name.NameManager():
        found = tables(mx)
        found.update(drawings(mx))
    return found


if __name__ == "__main__":
    import mxnet

    write("visualization", results(mxnet))
