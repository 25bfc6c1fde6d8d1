"""The fused recurrent operator where MXNet cannot be asked on a CPU: lengths, clipping, dropout, projections."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError
from mxgluon_compat.cached_op import CachedOp
from mxgluon_compat.ops.rnn import rnn

from .cases import rnn as cases

T, BATCH, INPUT, SIZE = 5, 3, cases.INPUT, cases.SIZE


class _NoStream:
    def __getattr__(self, name):
        raise AssertionError(f"nothing is to be drawn, but {name} was")


def draw(mode, layers=1, directions=1, projection=None, dtype=torch.float64):
    """Data, parameters and states, all differentiable."""
    torch_random = torch.Generator().manual_seed(3)

    def normal(*shape, scale=1.0):
        return (torch.randn(shape, generator=torch_random, dtype=dtype) * scale).requires_grad_()

    stacked = layers * directions
    found = [
        normal(T, BATCH, INPUT),
        normal(cases.parameters(mode, layers, directions, projection), scale=0.5),
        normal(stacked, BATCH, projection or SIZE),
    ]
    return [*found, normal(stacked, BATCH, SIZE)] if mode == "lstm" else found


def run(mode, tensors, layers=1, directions=1, lengths=None, **attrs):
    cell = tensors[3] if mode == "lstm" else None
    if lengths is not None:
        lengths, attrs["use_sequence_length"] = torch.tensor(lengths), True
    return rnn(
        *tensors[:3], cell, lengths, state_size=SIZE, num_layers=layers, bidirectional=directions == 2, mode=mode,
        state_outputs=True, **{"training": False, "stream": _NoStream(), **attrs},
    )  # fmt: skip


def gradients(outputs, tensors):
    heads = [torch.arange(1, o.numel() + 1, dtype=o.dtype).view(o.shape) / o.numel() for o in outputs]
    return torch.autograd.grad(outputs, tensors, heads)


@pytest.mark.parametrize("clip", [None, 1e6])  # too wide to clip: the other way of running it
@pytest.mark.parametrize(("layers", "directions"), [(1, 1), (2, 2)])
@pytest.mark.parametrize("mode", ["rnn_tanh", "gru", "lstm"])
def test_a_shorter_sequence_is_as_if_it_were_alone(mode, layers, directions, clip):
    if clip and mode != "lstm":
        pytest.skip("an LSTM's")
    attrs = {"lstm_state_clip_min": -clip, "lstm_state_clip_max": clip} if clip else {}
    lengths = [2, 5, 3]
    tensors = draw(mode, layers, directions)
    found = run(mode, tensors, layers, directions, lengths, **attrs)
    parts = []
    for i, n in enumerate(lengths):
        alone = [tensors[0][:n, i : i + 1], tensors[1], *[s[:, i : i + 1] for s in tensors[2:]]]
        output, *states = run(mode, alone, layers, directions)
        parts.append([torch.cat([output, output.new_zeros(T - n, *output.shape[1:])]), *states])
    wanted = [torch.cat(p, 1) for p in zip(*parts, strict=True)]
    for a, b in zip(found, wanted, strict=True):
        torch.testing.assert_close(a, b)
    for a, b in zip(gradients(found, tensors), gradients(wanted, tensors), strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("projection", [2, SIZE, SIZE + 2])
@pytest.mark.parametrize("directions", [1, 2])
def test_projection(projection, directions):
    tensors = draw("lstm", 2, directions, projection)
    run_it = lambda *t: run("lstm", t, 2, directions, projection_size=projection)  # noqa: E731
    output, hidden, cell = run_it(*tensors)
    assert output.shape == (T, BATCH, projection * directions)
    assert hidden.shape == (2 * directions, BATCH, projection) and cell.shape == (2 * directions, BATCH, SIZE)
    assert torch.autograd.gradcheck(run_it, tensors)


@pytest.mark.parametrize("directions", [1, 2])
def test_gradients_of_three_plain_layers(directions):
    """Those of MXNet's float64 kernel for the weights above the first layer are wrong."""
    tensors = draw("rnn_tanh", 3, directions)
    assert torch.autograd.gradcheck(lambda *t: run("rnn_tanh", t, 3, directions)[0], tensors)


def _clipped_by_hand(data, parameters, hidden, cell, low, high):
    """An LSTM of one layer in numpy, its cell state clipped."""
    data, parameters, hidden, cell = (t.detach().numpy() for t in (data, parameters, hidden, cell))
    rows = 4 * SIZE
    cuts = np.cumsum([rows * INPUT, rows * SIZE, rows])
    w_input, w_hidden, b_input, b_hidden = np.split(parameters, cuts)
    w_input, w_hidden = w_input.reshape(rows, INPUT), w_hidden.reshape(rows, SIZE)
    hidden, cell, outputs = hidden[0], cell[0], []
    for x in data:
        i, f, g, o = np.split(x @ w_input.T + hidden @ w_hidden.T + b_input + b_hidden, 4, axis=1)
        i, f, o = (1 / (1 + np.exp(-v)) for v in (i, f, o))
        cell = f * cell + i * np.tanh(g)
        cell = np.clip(cell, low, high)
        hidden = o * np.tanh(cell)
        outputs.append(hidden)
    return np.stack(outputs), hidden[None], cell[None]


def test_clipping():
    tensors = draw("lstm")
    found = run("lstm", tensors, lstm_state_clip_min=-0.1, lstm_state_clip_max=0.2)
    for a, b in zip(found, _clipped_by_hand(*tensors, -0.1, 0.2), strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b)
    assert found[2].min() == -0.1 and found[2].max() == 0.2
    assert torch.autograd.gradcheck(
        lambda *t: run("lstm", t, 1, lstm_state_clip_min=-0.1, lstm_state_clip_max=0.2), tensors
    )


@pytest.mark.parametrize("stop", [False, True])
def test_nan_in_a_clipped_state(stop):
    tensors = [t.detach() for t in draw("lstm")]
    tensors[3][0, 1, 2] = float("nan")
    output, _, cell = run("lstm", tensors, lstm_state_clip_min=-0.1, lstm_state_clip_max=0.2, lstm_state_clip_nan=stop)
    assert bool(output.isnan().any()) == (not stop)
    assert bool(cell[0, 1].isnan().any()) == (not stop)
    assert not output[:, 0].isnan().any()


@pytest.mark.parametrize(
    ("mode", "attrs", "says"),
    [
        ("gru", {"lstm_state_clip_min": -1.0, "lstm_state_clip_max": 1.0}, "for mode lstm"),
        ("gru", {"projection_size": 2}, "for mode lstm"),
        ("lstm", {"lstm_state_clip_min": -1.0}, "together"),
        ("lstm", {"lstm_state_clip_max": 1.0}, "together"),
        ("lstm", {"lstm_state_clip_min": 1.0, "lstm_state_clip_max": -1.0}, "greater"),
        ("lstm", {"projection_size": 0}, "positive"),
        ("lstm", {"p": 1.0}, "p must be"),
        ("lstm", {"lengths": [0, 5, 5]}, "from 1 to 5"),
        ("lstm", {"lengths": [1, 5, 6]}, "from 1 to 5"),
        ("lstm", {"lengths": [1, 5]}, "sequence_length is"),
    ],
)
def test_refused(mode, attrs, says):
    with pytest.raises(ValueError, match=says):
        run(mode, draw(mode), **attrs)


def _two_layers_that_pass_on(p, training=True, seed=0, dtype="float32"):
    """Two layers of relu whose weights are the identity: what arrives is data times the mask between them."""
    size = 40
    eye, none = np.eye(size).ravel(), np.zeros(size * size)
    parameters = np.concatenate([eye, none, eye, none, np.zeros(4 * size)])
    mx.random.seed(seed)
    data = mx.nd.ones((20, 10, size), dtype=dtype)
    data.attach_grad()
    with mx.autograd.record(train_mode=training):
        output = mx.nd.RNN(
            data, mx.nd.array(parameters, dtype=dtype), mx.nd.zeros((2, 10, size), dtype=dtype), state_size=size,
            num_layers=2, mode="rnn_relu", p=p,
        )  # fmt: skip
    output.backward()
    return output.asnumpy(), data.grad.asnumpy()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_dropout_between_layers(dtype):
    output, gradient = _two_layers_that_pass_on(0.3, dtype=dtype)
    assert set(np.unique(output.round(5))) == {0, np.asarray(1 / 0.7, dtype).round(5)}
    assert abs((output == 0).mean() - 0.3) < 0.02  # of 8000: 4 standard deviations
    np.testing.assert_allclose(gradient, output)
    np.testing.assert_array_equal(output, _two_layers_that_pass_on(0.3, dtype=dtype)[0])
    assert (output != _two_layers_that_pass_on(0.3, seed=1, dtype=dtype)[0]).any()


def test_dropout_only_in_training():
    assert (_two_layers_that_pass_on(0.3, training=False)[0] == 1).all()


@pytest.mark.parametrize("mode", ["rnn_tanh", "gru", "lstm"])
def test_compiled(mode):
    """Inside a compiled graph, dropout included; the same numbers as in the graph that is not."""
    arrays = [mx.nd.from_torch(t.detach().float()) for t in draw(mode, 2, 2)]
    names = ["data", "parameters", "state", "state_cell"][: len(arrays)]
    symbol = mx.sym.RNN(
        *[mx.sym.var(n) for n in names], state_size=SIZE, num_layers=2, bidirectional=True, mode=mode,
        state_outputs=True, p=0.4,
    )  # fmt: skip
    results = []
    for flags in ({}, {"backend": "aot_eager"}):
        arrays[0].attach_grad()
        mx.random.seed(5)
        with mx.autograd.record():
            outputs = CachedOp(symbol, flags)(*arrays)
        mx.autograd.backward(outputs)
        results.append([o.asnumpy() for o in (*outputs, arrays[0].grad)])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_results_are_arrays_of_their_own():
    for mode in ("rnn_relu", "gru", "lstm"):
        outputs = run(mode, [t.detach().float() for t in draw(mode)])
        assert len({o.untyped_storage().data_ptr() for o in outputs}) == len(outputs)


def test_float16():
    tensors = [t.detach() for t in draw("lstm", 2, 2)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = run("lstm", [t.half() for t in tensors], 2, 2)
    for a, b in zip(found, run("lstm", tensors, 2, 2), strict=True):
        assert a.dtype is torch.float16
        np.testing.assert_allclose(a.numpy(), b.numpy(), atol=5e-3)


def test_shapes_and_types_of_inputs_are_inferred():
    symbol = mx.sym.RNN(
        mx.sym.var("data"), state_size=5, num_layers=2, bidirectional=True, mode="lstm", projection_size=3,
        use_sequence_length=True, state_outputs=True, name="r",
    )  # fmt: skip
    assert symbol.list_inputs() == ["data", "r_parameters", "r_state", "r_state_cell", "r_sequence_length"]
    assert symbol.list_outputs() == ["r_output", "r_state_output", "r_statecell_output"]
    arguments, outputs, _ = symbol.infer_shape(data=(3, 2, 4))
    assert arguments == [(3, 2, 4), (860,), (4, 2, 3), (4, 2, 5), (2,)]
    assert outputs == [(3, 2, 6), (4, 2, 3), (4, 2, 5)]
    arguments, outputs, _ = symbol.infer_type(data="float64")
    assert arguments == [np.float64] * 5 and outputs == [np.float64] * 3
    arguments, _, _ = symbol.infer_type(data="float64", r_sequence_length="int32")
    assert arguments == [np.float64] * 4 + [np.int32]


def test_states_of_an_unknown_batch_are_inferred():
    """As MXNet's recurrent layers write them: zeros whose batch size is 0."""
    data = mx.sym.var("data")
    parts = [mx.sym.var(n, shape=s) for n, s in (("w", (15, 0)), ("u", (15, 5)), ("a", (15,)), ("b", (15,)))]
    parameters = mx.sym._internal._rnn_param_concat(*[mx.sym.reshape(p, shape=(-1,)) for p in parts], dim=0)
    symbol = mx.sym.RNN(data, parameters, mx.sym.zeros((1, 0, 5)), state_size=5, num_layers=1, mode="gru")
    arguments, outputs, _ = symbol.infer_shape(data=(3, 7, 4))
    assert dict(zip(symbol.list_arguments(), arguments, strict=True)) == {
        "data": (3, 7, 4), "w": (15, 4), "u": (15, 5), "a": (15,), "b": (15,),
    }  # fmt: skip
    assert outputs == [(3, 7, 5)]
    executor = symbol.simple_bind(mx.cpu(), data=(3, 7, 4))
    assert executor.forward()[0].shape == (3, 7, 5)
    with pytest.raises(MXNetError, match="Shape inconsistent"):
        symbol.infer_shape(data=(3, 7, 4), w=(15, 6))
