"""Models on integers against real MXNet's, and against themselves in float32."""

from __future__ import annotations

import logging

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.contrib import quantization
from mxgluon_compat.contrib.quantization.calibration import _collect_layer_statistics
from tests.oracle import contrib_quantization as script
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    script,
    rtol=1e-4,  # MXNet writes ranges with six digits after the point
    atol=1e-5,
    differences=("graph of pools", "graph of pools of rows"),
)

sym, nn = mx.sym, mx.gluon.nn
SHAPE = (4, 3, 8, 8)


def operators(symbol):
    return [line.split()[0] for line in script.listed(symbol)[0] if not line.startswith("null")]


def deep():
    """A net of all operators that there are for integers, but for Embedding."""

    def conv(x, name):
        return sym.Convolution(x, kernel=(3, 3), pad=(1, 1), num_filter=4, name=name)

    def pool(x, name, kind):
        return sym.Pooling(x, kernel=(2, 2), stride=(2, 2), pool_type=kind, name=name)

    x = sym.BatchNorm(conv(sym.var("data"), "c1"), fix_gamma=False, name="bn")
    x = sym.Activation(x, act_type="relu", name="r1")
    x = sym.Concat(pool(x, "p1", "max"), pool(x, "p2", "avg"), name="cat")
    y = conv(x, "c2")
    x = sym.elemwise_mul(sym.elemwise_add(y, conv(x, "c3"), name="add"), y, name="mul")
    return sym.FullyConnected(sym.Flatten(x, name="flat"), num_hidden=3, name="fc")


def data(low=-0.5, count=8, shape=SHAPE[1:]):
    return np.random.RandomState(1).uniform(low, low + 1, (count, *shape)).astype("float32")


def batches(*args, **kwargs):
    return mx.io.NDArrayIter(data(*args, **kwargs), None, batch_size=4, label_name=None)


def run(symbol, arguments, states, array):
    executor = symbol.bind(mx.cpu(), {**arguments, "data": mx.nd.array(array)}, aux_states=states, grad_req="null")
    return executor.forward(is_train=False)[0].asnumpy()


# ---------------------------------------------------------------------------------------------- models
@pytest.mark.parametrize("mode", ["smart", "full"])
@pytest.mark.parametrize("calib_mode", ["none", "naive"])
@pytest.mark.parametrize(("low", "dtype"), [(-0.5, "int8"), (-0.5, "auto"), (0, "auto")])
def test_as_in_float32(mode, calib_mode, low, dtype):
    arguments, states = script.params(mx, deep())
    model = quantization.quantize_model(
        deep(), arguments, states, calib_mode=calib_mode, calib_data=batches(low), quantized_dtype=dtype,
        quantize_mode=mode, label_names=None,
    )  # fmt: skip
    wanted = run(deep(), arguments, states, data(low))
    np.testing.assert_allclose(
        run(*model, data(low)), wanted, atol=0.08 * abs(wanted).max()
    )  # of seven layers in a row
    assert ("_contrib_quantized_elemwise_mul" in operators(model[0])) is (dtype == "int8")
    assert ("_contrib_quantized_batch_norm" in operators(model[0])) is (calib_mode == "naive")


def test_uint8_data_of_a_batch_norm():
    """MXNet's operator takes them for int8."""
    net = sym.BatchNorm(sym.var("data"), name="bn")
    arguments, states = script.params(mx, net)
    model = quantization.quantize_model(
        net, arguments, states, calib_mode="naive", calib_data=batches(0), quantized_dtype="auto",
        quantize_mode="full", label_names=None,
    )  # fmt: skip
    assert operators(model[0])[1] == "_contrib_quantized_batch_norm"
    wanted = run(net, arguments, states, data(0))
    np.testing.assert_allclose(run(*model, data(0)), wanted, atol=0.02 * abs(wanted).max())


def test_layers_of_one_sign_in_uint8():
    """Products of numbers that are not negative: the finer steps of uint8."""
    net = sym.FullyConnected(sym.var("data"), num_hidden=3, name="fc")
    arguments = {k: abs(v) for k, v in script.params(mx, net)[0].items()}
    wanted = run(net, arguments, {}, data(0))
    errors = {}
    for dtype in ("int8", "uint8", "auto"):
        model = quantization.quantize_model(
            net, arguments, {}, calib_mode="naive", calib_data=batches(0), quantized_dtype=dtype, label_names=None
        )
        errors[dtype] = abs(run(*model, data(0)) - wanted).max()
    assert errors["uint8"] == errors["auto"] < errors["int8"] < 0.01 * wanted.max()


def test_a_module_runs_it_and_files_keep_it(tmp_path):
    arguments, states = script.params(mx, deep())
    model = quantization.quantize_model(
        deep(), arguments, states, calib_mode="naive", calib_data=batches(), label_names=None
    )
    mx.model.save_checkpoint(str(tmp_path / "net"), 1, *model)
    module = mx.mod.Module.load(str(tmp_path / "net"), 1, label_names=None)
    module.bind([("data", SHAPE)], for_training=False)
    module.forward(mx.io.DataBatch([mx.nd.array(data(count=4))]), is_train=False)
    np.testing.assert_array_equal(module.get_outputs()[0].asnumpy(), run(*model, data(count=4)))


def test_zero_parameters_and_data():
    net = sym.FullyConnected(sym.var("data"), num_hidden=3, name="fc")
    arguments = {k: mx.nd.zeros(v.shape) for k, v in script.params(mx, net)[0].items()}
    model = quantization.quantize_model(net, arguments, {}, calib_mode="none")
    np.testing.assert_array_equal(run(*model, data()), np.zeros((8, 3)))


def test_labels_of_a_net_and_of_none():
    net = script.nets(sym)["dense"]
    arguments, states = script.params(mx, net)
    labelled = mx.io.NDArrayIter(data(), np.zeros(8), batch_size=4)
    model = quantization.quantize_model(net, arguments, states, calib_mode="naive", calib_data=labelled)
    assert list(script.ranges(model[0])) == ["data_quantize", "requantize_fc1", "requantize_fc2"]
    labelled.reset()
    net = net.get_internals()["fc1_output"]
    arguments, states = script.params(mx, net)
    model = quantization.quantize_model(net, arguments, states, calib_mode="naive", calib_data=labelled)
    assert list(script.ranges(model[0])) == ["data_quantize", "requantize_fc1"]


def test_what_is_done_is_logged(caplog):
    net = sym.FullyConnected(sym.var("data"), num_hidden=3, name="fc")
    logger = logging.getLogger("quantization")
    with caplog.at_level(logging.DEBUG, "quantization"):
        quantization.quantize_model(
            net, *script.params(mx, net), calib_mode="naive", calib_data=batches(), label_names=None, logger=logger
        )
    text = caplog.text
    for line in ("Quantizing symbol", "Quantizing parameters", "Collecting layer fc_output min_range=", "2 batches"):
        assert line in text


# ---------------------------------------------------------------------------------------------- other than MXNet
def test_sums_of_windows_stay_in_float32():
    """MXNet gives the float32 operator the ranges as further inputs."""
    net = script.nets(sym)["pools"]
    model = quantization.quantize_model(net, {}, {}, calib_mode="none", quantize_mode="full")
    line = next(line for line in script.listed(model[0])[0] if " psum " in line)
    assert line.startswith("Pooling psum (0:0)")


def test_pooling_of_rows_stays_in_float32():
    """MXNet's operator takes pictures and blocks, and its graph does not run."""
    net = script.nets(sym)["pools of rows"]
    model = quantization.quantize_model(net, {}, {}, calib_mode="none", quantize_mode="full")
    assert operators(model[0]) == ["Reshape", "Pooling"]


def test_recurrent_layers_stay_in_float32():
    """MXNet puts quantized_rnn in, which does not run there."""
    net = sym.RNN(sym.reshape(sym.var("data"), shape=(0, 0, -1)), state_size=2, num_layers=1, mode="lstm")
    made = quantization.quantize_graph(net, {}, {}, calib_mode="naive")
    assert operators(made[0]) == ["Reshape", "RNN"]


def test_an_output_that_an_operator_takes_in_float32():
    """MXNet makes float32 of what is float32 already, and does not run the graph."""
    layer = sym.FullyConnected(sym.var("data"), num_hidden=3, name="fc")
    net = sym.Group([layer, sym.sigmoid(layer, name="sg"), layer])
    arguments, states = script.params(mx, net)
    model = quantization.quantize_model(net, arguments, states, calib_mode="none")
    assert operators(model[0]).count("_contrib_dequantize") == 1
    np.testing.assert_allclose(run(*model, data()), run(net, arguments, states, data()), atol=0.2)


def test_batch_norms_need_ranges():
    """MXNet's do not run without; here they stay in float32."""
    net = sym.BatchNorm(sym.var("data"), name="bn")
    arguments, states = script.params(mx, net)
    model = quantization.quantize_model(net, arguments, states, calib_mode="none", quantize_mode="full")
    np.testing.assert_array_equal(run(*model, data()), run(net, arguments, states, data()))
    for attrs in (dict(axis=3), dict(output_mean_var=True)):  # the operator on integers has no such
        made = quantization.quantize_graph(sym.BatchNorm(sym.var("data"), **attrs)[0], {}, {}, calib_mode="naive")
        assert operators(made[0]) == ["BatchNorm"]


def test_small_ranges_are_kept():
    """MXNet writes ranges with six digits after the point: 0 here, to divide by."""
    net = sym.FullyConnected(sym.var("data"), num_hidden=3, no_bias=True, name="fc")
    arguments, states = script.params(mx, net)
    small = data() * np.float32(1e-7)
    iterator = mx.io.NDArrayIter(small, None, batch_size=4, label_name=None)
    model = quantization.quantize_model(
        net, arguments, states, calib_mode="naive", calib_data=iterator, label_names=None
    )
    assert script.ranges(model[0])["data_quantize"] == [small.min(), small.max()]
    wanted = run(net, arguments, states, small)
    np.testing.assert_allclose(run(*model, small), wanted, atol=0.02 * abs(wanted).max())


def test_a_calibrated_graph_is_a_new_one():
    """MXNet writes into the graph that it is given."""
    net = sym.FullyConnected(sym.var("data"), num_hidden=3, name="fc")
    arguments, states = script.params(mx, net)
    qsym, made, _, collector = quantization.quantize_graph(net, arguments, states, calib_mode="naive")
    before = qsym.tojson()
    collector.min_max_dict = {"data": (-1, 1), "fc_output": (-2, 3)}
    for given in (arguments, made):  # of the second MXNet says KeyError
        found, params, _ = quantization.calib_graph(qsym, given, states, collector, calib_mode="naive")
        assert script.ranges(found) == {"data_quantize": [-1, 1], "requantize_fc": [-2, 3]}
        assert params["fc_weight_quantize"].dtype == np.int8
    assert qsym.tojson() == before


def test_no_batch_to_calibrate_by():
    """MXNet goes on without ranges."""
    net = sym.FullyConnected(sym.var("data"), num_hidden=3, name="fc")
    used = batches()
    assert len(list(used)) == 2
    with pytest.raises(ValueError, match="calib_data gave no batch"):
        quantization.quantize_model(net, *script.params(mx, net), calib_mode="naive", calib_data=used, label_names=None)


# ---------------------------------------------------------------------------------------------- collectors
def test_the_least_and_the_greatest():
    collector = quantization._LayerOutputMinMaxCollector("int8", include_layer=["a"])
    for name, values in (("a", [1, 2, -3.0]), ("b", [7.0]), ("a", [[5.0, 0.0]])):
        collector.collect(name, mx.nd.array(values))
    assert collector.min_max_dict == {"a": (-3, 5)}


def test_histograms():
    collector = quantization._LayerHistogramCollector(num_bins=11, include_layer=["a"])
    for name, values in (("a", [1, 2, -3.0, 4, 5]), ("b", [7.0]), ("a", [0.5, 7]), ("a", [[-26.0, 1]])):
        collector.collect(name, mx.nd.array(values))
    assert list(collector.hist_dict) == ["a"]
    counts, edges, low, high, end = collector.hist_dict["a"]
    assert (counts.sum(), len(counts), len(edges), low, high) == (9, 59, 60, -26, 7)
    np.testing.assert_allclose([end, edges[0], edges[-1]], [26.81818, -26.81818, 26.81818], rtol=1e-5)


class Names:
    """A collector of one's own."""

    def __init__(self, include_layer=None):
        self.include_layer, self.shapes, self.min_max_dict = include_layer, {}, {"data": (-2, 2)}

    def collect(self, name, arr):
        self.shapes[name] = arr.shape


def test_a_collector_sees_all_layers_or_some():
    net = sym.softmax(sym.FullyConnected(sym.var("data"), num_hidden=3, name="fc"), name="out")
    params = script.params(mx, net)
    for included, names in (
        (None, ["data", "fc_weight", "fc_bias", "fc_output", "out_output"]),
        (["fc_output"], ["fc_output"]),
    ):
        collector, source = Names(included), batches()
        shapes = (source.provide_data, None)
        count = _collect_layer_statistics(net, params, (["data"], None), mx.cpu(), source, shapes, collector, 3)
        assert list(collector.shapes) == names
        assert collector.shapes["fc_output"] == (4, 3)
        assert count == 4


# ---------------------------------------------------------------------------------------------- nets
def blocks():
    net = nn.HybridSequential(prefix="n_")
    with net.name_scope():
        net.add(
            nn.Conv2D(4, 3, padding=1), nn.BatchNorm(), nn.Activation("relu"), nn.MaxPool2D(), nn.Flatten(),
            nn.Dense(5, activation="relu"), nn.Dense(3),
        )  # fmt: skip
    mx.random.seed(1)
    net.initialize(mx.init.Xavier())
    return net


def loader(*more):
    return mx.gluon.data.DataLoader(mx.gluon.data.ArrayDataset(data(0), *more), batch_size=4)


def close(net, made, *arrays):
    wanted = net(*arrays).asnumpy()
    np.testing.assert_allclose(made(*arrays).asnumpy(), wanted, atol=0.05 * abs(wanted).max())


@pytest.mark.parametrize(
    "options",
    [
        dict(data_shapes=[(1, *SHAPE[1:])]),
        dict(data_shapes=[mx.io.DataDesc("data", SHAPE)], calib_mode=None, quantize_mode="smart"),
        dict(calib_data=loader(np.arange(8)), calib_mode="naive", quantized_dtype="int8"),
        dict(calib_data=loader(), calib_mode="naive", num_calib_examples=5),
        dict(calib_data=batches(0), calib_mode="naive"),
        dict(calib_data=(mx.nd.array(x) for x in np.split(data(0), 2)), calib_mode="naive"),
    ],
)
def test_a_net(options):
    net, x = blocks(), mx.nd.array(data(0))
    made = quantization.quantize_net_v2(net, **options)
    assert made.collect_params()["n_dense0_weight_quantize"].dtype == np.int8
    close(net, made, x)
    plain = made(x).asnumpy()
    made.hybridize()
    np.testing.assert_allclose(made(x).asnumpy(), plain, rtol=1e-5)


def test_layers_that_are_left_out():
    for options, kinds in (
        (dict(exclude_layers_match=["dense"]), {"Convolution"}),
        (dict(exclude_layers=["n_conv0_fwd"]), {"FullyConnected"}),
        (dict(exclude_operators=["FullyConnected", "Convolution"]), set()),
    ):
        made = quantization.quantize_net_v2(blocks(), calib_data=loader(), calib_mode="naive", **options)
        names = {name for name in operators(made(sym.var("data"))) if name in ("Convolution", "FullyConnected")}
        assert names == {"Convolution", "FullyConnected"} - kinds


def test_a_net_in_files(tmp_path):
    made = quantization.quantize_net_v2(blocks(), calib_data=loader(), calib_mode="naive")
    x = mx.nd.array(data(0))
    made.hybridize()
    wanted = made(x).asnumpy()
    made.export(str(tmp_path / "net"))
    files = str(tmp_path / "net-symbol.json"), ["data"], str(tmp_path / "net-0000.params")
    np.testing.assert_allclose(mx.gluon.SymbolBlock.imports(*files)(x).asnumpy(), wanted, rtol=1e-5)


class Two(mx.gluon.HybridBlock):
    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Dense(3), nn.Dense(3)

    def hybrid_forward(self, F, a, b):  # noqa: N803
        return self.left(a) + self.right(b)


@pytest.mark.parametrize("labels", [(), (np.arange(8),)])
def test_a_net_of_two_inputs(labels):
    """MXNet takes two arrays for data and labels."""
    net = Two()
    net.initialize(mx.init.Uniform(1))
    made = quantization.quantize_net_v2(net, calib_data=loader(data(-1), *labels), calib_mode="naive")
    assert list(script.ranges(made(sym.var("data0"), sym.var("data1"))))[0] == "data0_quantize"
    close(net, made, mx.nd.array(data(0)), mx.nd.array(data(-1)))


def test_five_dimensions():
    """MXNet makes pictures of the second of them."""
    net = nn.Conv3D(2, 3)
    net.initialize(mx.init.Uniform(1))
    blocks = mx.nd.array(data(shape=(3, 4, 4, 4)))
    close(net, quantization.quantize_net_v2(net, calib_data=[blocks], calib_mode="naive"), blocks)


def test_a_collector_of_ones_own():
    collector = Names(["data"])
    made = quantization.quantize_net_v2(
        blocks(), calib_data=loader(), calib_mode="customize", LayerOutputCollector=collector
    )
    assert script.ranges(made(sym.var("data"))) == {"data_quantize": [-2, 2]}
    assert collector.shapes == {"data": SHAPE}


def test_the_first_name_of_quantize_net_v2():
    net = blocks()
    with pytest.warns(UserWarning, match="quantize_net_v2"):
        made = quantization.quantize_net(net, calib_data=loader(), calib_mode="naive")
    close(net, made, mx.nd.array(data(0)))
    assert mx.contrib.quant is quantization


@pytest.mark.parametrize(
    ("network", "options", "error"),
    [
        (nn.Sequential(), dict(data_shapes=[SHAPE]), "TypeError: network must be a HybridBlock, got Sequential"),
        (Two(), dict(calib_data=[]), "ValueError: calib_data gave no batch"),
        (Two(), dict(data_shapes=[SHAPE]), "TypeError: .*missing 1 required positional argument"),
    ],
)
def test_refused_nets(network, options, error):
    kind, _, text = error.partition(": ")
    network.initialize()
    with pytest.raises({"TypeError": TypeError, "ValueError": ValueError}[kind], match=text):
        quantization.quantize_net_v2(network, **options)
