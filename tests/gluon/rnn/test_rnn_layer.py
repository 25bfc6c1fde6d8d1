"""Fused recurrent layers equal real MXNet's, and do what MXNet leaves out on a CPU."""

from __future__ import annotations

import numpy as np
import pytest

import mxgluon_compat as mx

from ..harness.compare import against_mxnet
from . import layer_cases

test_looks, test_runs, test_refused, test_scene = against_mxnet("rnn_layers", layer_cases)

rnn, nd = mx.gluon.rnn, mx.nd
STEPS, BATCH, INPUT, SIZE = 4, 3, 2, 3
KINDS = [("RNN", {}), ("RNN", {"activation": "tanh"}), ("LSTM", {}), ("GRU", {})]


def drawn(*shape, seed=0, dtype="float64"):
    return nd.array(np.random.RandomState(seed).standard_normal(shape), dtype=dtype)


def made(cls, layers=1, **options):
    """A layer in float64 with normal weights."""
    layer = getattr(rnn, cls)(SIZE, layers, input_size=INPUT, dtype="float64", **options)
    layer.initialize(mx.init.Normal(0.5))
    for i, param in enumerate(layer.collect_params().values()):
        param.set_data(drawn(*param.shape, seed=i) * 0.5)
    return layer


def states_of(layer, batch=BATCH):
    return [drawn(*info["shape"], seed=7 + i) for i, info in enumerate(layer.state_info(batch))]


def gradients(layer, *args):
    """Output, states and the Parameters' gradients of the sum of them, weighted."""
    with mx.autograd.record():
        out, states = layer(*args)
        loss = sum(
            (x * drawn(*x.shape, seed=3 + i).as_in_context(x.context)).sum() for i, x in enumerate([out, *states])
        )
    loss.backward()
    return [x.asnumpy() for x in (out, *states, *(p.grad() for p in layer.collect_params().values()))]


# ---------------------------------------------------------------------------------------------- sequence lengths
@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("layout", ["TNC", "NTC"])
@pytest.mark.parametrize(("cls", "options"), KINDS)
def test_a_shorter_sequence_is_as_if_it_were_alone(cls, options, layout, hybrid):
    """MXNet leaves the lengths out on a CPU, and hybridizes only LSTMs that use them."""
    layer = made(cls, 2, bidirectional=True, layout=layout, use_sequence_length=True, **options)
    alone = getattr(rnn, cls)(
        SIZE, 2, input_size=INPUT, bidirectional=True, layout=layout, params=layer.params, dtype="float64", **options
    )
    layer.hybridize(hybrid)
    x, states, lengths = drawn(STEPS, BATCH, INPUT), states_of(layer), [4, 1, 3]
    data = x if layout == "TNC" else x.swapaxes(0, 1)
    out, ends = layer(data, states, nd.array(lengths))
    out = out if layout == "TNC" else out.swapaxes(0, 1)
    without = layer(data, sequence_length=nd.array(lengths, dtype="int32"))
    assert without.shape == data.shape[:2] + (2 * SIZE,)
    for i, n in enumerate(lengths):
        one = x[:n, i : i + 1] if layout == "TNC" else x[:n, i : i + 1].swapaxes(0, 1)
        found, last = alone(one, [s[:, i : i + 1] for s in states])
        found = found if layout == "TNC" else found.swapaxes(0, 1)
        np.testing.assert_allclose(out[:n, i].asnumpy(), found[:, 0].asnumpy(), rtol=1e-9)
        assert not out.asnumpy()[n:, i].any()
        for a, b in zip(ends, last, strict=True):
            np.testing.assert_allclose(a[:, i].asnumpy(), b[:, 0].asnumpy(), rtol=1e-9)


# ---------------------------------------------------------------------------------------------- clipping, projection
def test_clipped_states():
    """MXNet leaves clipping out on a CPU."""
    layer = made("LSTM", 2, state_clip_min=-0.1, state_clip_max=0.2)
    wide = rnn.LSTM(
        SIZE, 2, input_size=INPUT, params=layer.params, state_clip_min=-9, state_clip_max=9, dtype="float64"
    )
    plain = rnn.LSTM(SIZE, 2, input_size=INPUT, params=layer.params, dtype="float64")
    x, states = drawn(STEPS, BATCH, INPUT), states_of(layer)
    _, (_, cell) = layer(x, states)
    assert cell.min().asscalar() == -0.1 and cell.max().asscalar() == 0.2
    for a, b in zip(gradients(wide, x, states), gradients(plain, x, states), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    states[1][0, 0, 0] = np.nan
    for stop in (False, True):
        kept = rnn.LSTM(
            SIZE, 2, input_size=INPUT, params=layer.params, state_clip_min=-1, state_clip_max=1, state_clip_nan=stop,
            dtype="float64",
        )  # fmt: skip
        assert np.isnan(kept(x, states)[0].asnumpy()).any() == (not stop)


@pytest.mark.parametrize("bounds", [{"state_clip_min": -1}, {"state_clip_max": 1}])
def test_one_bound_alone_is_refused(bounds):
    """MXNet passes over it."""
    with pytest.raises(mx.MXNetError, match="must be given together"):
        made("LSTM", **bounds)(drawn(STEPS, BATCH, INPUT))


@pytest.mark.parametrize("both", [False, True])
def test_projection_has_gradients(both):
    """MXNet has none on a CPU: here they are those of finite differences."""
    layer = made("LSTM", 2, projection_size=2, bidirectional=both)
    x, states = drawn(STEPS, BATCH, INPUT), states_of(layer)
    start = gradients(layer, x, states)
    for i, param in enumerate(layer.collect_params().values()):
        found = param.grad().asnumpy().copy()
        direction, data = drawn(*param.shape, seed=50 + i).asnumpy(), param.data().asnumpy()
        ends = []
        for step in (1e-5, -1e-5):
            param.set_data(nd.array(data + step * direction, dtype="float64"))
            arrays = layer(x, states)
            ends.append(
                sum(
                    float((a * drawn(*a.shape, seed=3 + k)).sum().asscalar())
                    for k, a in enumerate([arrays[0], *arrays[1]])
                )
            )
        param.set_data(nd.array(data, dtype="float64"))
        np.testing.assert_allclose((found * direction).sum(), (ends[0] - ends[1]) / 2e-5, rtol=1e-5, atol=1e-7)
    assert start[0].shape == (STEPS, BATCH, 4 if both else 2)


# ---------------------------------------------------------------------------------------------- dropout
@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dropout_is_between_the_layers(dtype, hybrid):
    """MXNet leaves it out in float32, and its gradients through it are wrong in float64."""
    layer = made("GRU", 2, dropout=0.5)
    layer.cast(dtype)
    layer.hybridize(hybrid)
    first, second = (rnn.GRU(SIZE, input_size=n, dtype=dtype) for n in (INPUT, SIZE))
    for i, part in enumerate((first, second)):
        part.initialize()
        for name, param in part.collect_params().items():
            param.set_data(layer.collect_params()[layer.prefix + f"l{i}" + name.split("_l0", 1)[1]].data())
    x = drawn(STEPS, BATCH, INPUT, dtype=dtype)
    mx.random.seed(4)
    with mx.autograd.record():
        out = layer(x)
    out.backward()
    mx.random.seed(4)
    ones = made("RNN", 2, dropout=0.5)  # shows the mask: it passes on what it gets
    for name, param in ones.collect_params().items():
        eye = nd.array(np.eye(*param.shape), dtype="float64") if name.endswith("l1_i2h_weight") else param.data() * 0
        param.set_data(eye + 1 if name.endswith("l0_i2h_bias") else eye)
    with mx.autograd.record():
        mask = ones(drawn(STEPS, BATCH, INPUT)).astype(dtype)
    assert set(np.unique(mask.asnumpy())) == {0, 2}
    with mx.autograd.record():
        expected = second(first(x) * mask)
    expected.backward()
    np.testing.assert_allclose(out.asnumpy(), expected.asnumpy(), rtol=1e-5, atol=1e-6)
    for name in ("i2h_weight", "h2h_weight", "i2h_bias", "h2h_bias"):
        found, want = getattr(layer, "l0_" + name).grad(), getattr(first, "l0_" + name).grad()
        np.testing.assert_allclose(found.asnumpy(), want.asnumpy(), rtol=1e-4, atol=1e-6)


# ---------------------------------------------------------------------------------------------- unfused, other dtypes
@pytest.mark.parametrize(("layers", "both", "layout"), [(1, False, "TNC"), (2, False, "NTC"), (2, True, "TNC")])
@pytest.mark.parametrize(("cls", "options"), KINDS)
def test_cells_compute_the_same(cls, options, layers, both, layout):
    layer = made(cls, layers, bidirectional=both, layout=layout, **options)
    cells = layer._unfuse()
    x, states = drawn(STEPS, BATCH, INPUT), states_of(layer)
    data = x if layout == "TNC" else x.swapaxes(0, 1)
    found = gradients(layer, data, states)
    # cells take their states one by one: of each layer and direction, h and c
    flat = [s[i] for i in range(layers * (1 + both)) for s in states]

    def unrolled(data, states):
        out, ends = cells.unroll(STEPS, data, states, layout, True)
        kinds = len(ends) // (layers * (1 + both))
        return out, [nd.stack(*ends[k::kinds]) for k in range(kinds)]

    unrolled.collect_params = layer.collect_params
    expected = gradients(unrolled, data, flat)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(("cls", "options"), KINDS)
def test_float16(cls, options):
    """MXNet's CPU has none."""
    layer = made(cls, 2, bidirectional=True, **options)
    x = drawn(STEPS, BATCH, INPUT)
    expected = layer(x).asnumpy()
    layer.cast("float16")
    out = layer(x.astype("float16"))
    assert out.dtype == np.float16 and layer.begin_state(2)[0].dtype == np.float16
    np.testing.assert_allclose(out.asnumpy(), expected, rtol=2e-2, atol=1e-2)


def test_hybridized_with_states_and_without():
    """MXNet keeps the outputs of the first call."""
    layer, x = made("LSTM"), drawn(STEPS, BATCH, INPUT)
    plain, states = layer(x).asnumpy(), layer.begin_state(BATCH)
    layer.hybridize()
    for _ in range(2):
        np.testing.assert_allclose(layer(x).asnumpy(), plain, rtol=1e-9)
        out, ends = layer(x, states)
        np.testing.assert_allclose(out.asnumpy(), plain, rtol=1e-9)
        assert [s.shape for s in ends] == [(1, BATCH, SIZE)] * 2


# ---------------------------------------------------------------------------------------------- files
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("dropout", [0, 0.5])
def test_files_of_cells_and_of_layers(tmp_path, dropout, both):
    """The names of cells, ``_unfused``, and of the attributes, which MXNet 2 writes; MXNet takes its own only."""
    path, x = str(tmp_path / "p"), drawn(STEPS, BATCH, INPUT)
    layer = made("GRU", 2, dropout=dropout, bidirectional=both)
    cells, expected = layer._unfuse(), layer(x).asnumpy()

    def net(block):
        found = mx.gluon.nn.HybridSequential()
        found.add(mx.gluon.nn.Dense(INPUT, in_units=INPUT, flatten=False, dtype="float64"), block)
        found[0].initialize()
        return found

    def loaded(wrap, block):
        wrap(block).load_parameters(path)
        if isinstance(block, rnn.GRU):
            return block(x).asnumpy()
        return block.unroll(STEPS, x, layout="TNC", merge_outputs=True)[0].asnumpy()

    def attributes(block):
        return {name: param.data() for name, param in block._reg_params.items()}

    def fresh():
        return rnn.GRU(SIZE, 2, dropout=dropout, bidirectional=both, input_size=INPUT, dtype="float64")

    for wrap in (lambda block: block, net):
        for source in (layer, cells):
            wrap(source).save_parameters(path)
            for target in (fresh(), fresh()._unfuse()):
                np.testing.assert_allclose(loaded(wrap, target), expected, rtol=1e-9)
    nd.save(path, {"0.weight": drawn(2, 2), "0.bias": drawn(2), **{f"1.{k}": v for k, v in attributes(layer).items()}})
    np.testing.assert_allclose(loaded(net, fresh()), expected, rtol=1e-9)
    nd.save(path, attributes(layer))
    np.testing.assert_allclose(loaded(lambda block: block, fresh()), expected, rtol=1e-9)


def test_files_of_other_layers_are_refused(tmp_path):
    path = str(tmp_path / "p")
    made("GRU", 1, bidirectional=True).save_parameters(path)
    with pytest.raises(AssertionError, match=r"'_unfused.0.i2h_weight' is missing"):
        made("GRU", 1).load_parameters(path)
    made("GRU", 2).save_parameters(path)
    with pytest.raises(ValueError, match=r"'_unfused.1.i2h_weight'.* is not present"):
        made("GRU", 1).load_parameters(path)


def test_more_than_ten_layers_have_names(tmp_path):
    """MXNet cannot save them."""
    layer = made("RNN", 11)
    layer.save_parameters(str(tmp_path / "p"))
    assert "_unfused.10.h2h_bias" in nd.load(str(tmp_path / "p"))


@pytest.mark.gpu
@pytest.mark.parametrize(("cls", "options"), KINDS)
def test_gpu(cls, options):
    layer = made(cls, 2, bidirectional=True, **options)
    x, states = drawn(STEPS, BATCH, INPUT), states_of(layer)
    expected = gradients(layer, x, states)
    layer.collect_params().reset_ctx(mx.gpu())
    found = gradients(layer, x.as_in_context(mx.gpu()), [s.as_in_context(mx.gpu()) for s in states])
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-8)
