"""Where MXNet's recurrent cells refuse or go wrong and ours work."""

from __future__ import annotations

import numpy as np
import pytest

import mxgluon_compat as mx

from ..harness import inputs, observe

rnn, contrib, nd = mx.gluon.rnn, mx.gluon.contrib.rnn, mx.nd


def series(*shape):
    return nd.array(np.random.RandomState(0).standard_normal(shape))


def ready(cell):
    cell.initialize()
    observe.fill(mx, cell)
    return cell


def net_of(text, length, *args, **kwargs):
    with mx.name.NameManager():
        return inputs.unrolled(mx, text, length, *args, **kwargs)


@pytest.mark.parametrize("text", ["rnn.LSTMCell(2)", "rnn.BidirectionalCell(rnn.RNNCell(2), rnn.GRUCell(2))"])
@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_states_to_begin_with_have_the_cells_dtype(text, dtype):
    """MXNet's are float32, which it then refuses beside other inputs."""
    x, results = series(2, 3, 4), {}
    for kind in (dtype, "float32"):
        for hybrid in (False, True):
            net = net_of(text, 3, merge_outputs=True)
            net.cast(kind)
            net.initialize()
            net.hybridize(hybrid)
            net(x.astype(kind))
            observe.fill(mx, net)
            out, states = net(x.astype(kind))
            assert {out.dtype, *(s.dtype for s in states)} == {np.dtype(kind).type}
            results[kind, hybrid] = out.astype("float32").asnumpy()
    for hybrid in (False, True):
        np.testing.assert_allclose(results[dtype, hybrid], results["float32", False], rtol=5e-3, atol=5e-3)


def test_both_directions_with_lengths_and_no_word_on_merging():
    """On arrays (N, T, C) MXNet joins outputs (N, T, C) with outputs (T, N, C): it refuses, or takes T for N."""
    for batch in (2, 3):
        x, lengths = series(batch, 3, 4), nd.array([3, 1, 2][:batch])
        cell = rnn.BidirectionalCell(rnn.RNNCell(2, input_size=4), rnn.GRUCell(2, input_size=4))
        ready(cell)
        found, states = cell.unroll(3, x, valid_length=lengths)
        expected, _ = cell.unroll(3, x, valid_length=lengths, merge_outputs=True)
        assert found.shape == (batch, 3, 4)
        np.testing.assert_array_equal(found.asnumpy(), expected.asnumpy())
        moved, _ = cell.unroll(3, x.swapaxes(0, 1), valid_length=lengths, layout="TNC")
        np.testing.assert_allclose(found.asnumpy(), moved.swapaxes(0, 1).asnumpy(), rtol=1e-6)


@pytest.mark.parametrize(
    "text",
    [
        "rnn.ResidualCell(rnn.RNNCell(3))",
        "rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2))",
        "mx.gluon.contrib.rnn.VariationalDropoutCell(rnn.RNNCell(2), 0.2)",
    ],
)
def test_lists_of_masked_outputs_are_lists_when_hybridized(text):
    """MXNet's symbols come as a list of one symbol of all steps, and cannot be added by ResidualCell."""
    x, lengths = series(2, 3, 3), nd.array([3, 1])
    found = []
    for hybrid in (False, True):
        net = net_of(text, 3, True, merge_outputs=False)
        net.initialize()
        net.hybridize(hybrid)
        net(x, lengths)
        observe.fill(mx, net)
        outputs, _ = net(x, lengths)
        assert [type(o).__name__ for o in outputs] == ["NDArray"] * 3
        found.append([o.asnumpy() for o in outputs])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5, atol=1e-6)
    with mx.name.NameManager():
        cell = inputs.evaluated(mx, text)
    symbols, _ = cell.unroll(3, mx.sym.var("x"), merge_outputs=False, valid_length=mx.sym.var("n"))
    assert len(symbols) == 3


@pytest.mark.parametrize("activation", [mx.gluon.nn.Swish, lambda: mx.gluon.nn.Activation("tanh")])
def test_blocks_are_activations(activation):
    """MXNet takes LeakyReLU only, fails in reset() with it, and has it not as LSTMCell's activation."""
    x, h = series(2, 3), nd.ones((2, 2))
    for made in (activation(), mx.gluon.nn.LeakyReLU(0.1)):
        for cell, states in (
            (rnn.RNNCell(2, made, input_size=3), [h]),
            (rnn.LSTMCell(2, input_size=3, activation=made), [h, h]),
        ):
            ready(cell)
            out, _ = cell(x, states)
            steps, _ = cell.unroll(1, x.expand_dims(1), begin_state=states)
            np.testing.assert_allclose(out.asnumpy(), steps[0].asnumpy(), rtol=1e-6)
    plain, block = (
        ready(rnn.LSTMCell(2, activation=a, prefix="l_", input_size=3))
        for a in ("tanh", mx.gluon.nn.Activation("tanh"))
    )
    x, h = series(2, 3), nd.ones((2, 2))
    np.testing.assert_allclose(plain(x, [h, h])[0].asnumpy(), block(x, [h, h])[0].asnumpy(), rtol=1e-6)


@pytest.mark.parametrize("kind", [rnn.SequentialRNNCell, rnn.HybridSequentialRNNCell])
def test_sequences_are_iterated(kind):
    """MXNet's iteration ends in a KeyError."""
    cells = [rnn.RNNCell(2), rnn.GRUCell(2)]
    net = kind()
    for cell in cells:
        net.add(cell)
    assert list(net) == cells


@pytest.mark.parametrize("kind", [rnn.SequentialRNNCell, rnn.HybridSequentialRNNCell])
def test_what_cannot_be_stepped_is_refused_in_sequences_too(kind):
    """MXNet looks for an attribute that is not there, or accepts the cell and fails when it runs."""
    net = kind()
    net.add(rnn.BidirectionalCell(rnn.RNNCell(2), rnn.RNNCell(2)))
    with pytest.raises(AssertionError, match="support zoneout"):
        rnn.ZoneoutCell(net, 0.5)
    with pytest.raises(AssertionError, match="support variational state dropout"):
        contrib.VariationalDropoutCell(net, drop_states=0.5)


def test_a_cell_stays_with_its_modifier_after_an_error():
    """MXNet sets it free."""
    cell = rnn.ResidualCell(ready(rnn.RNNCell(3, input_size=3)))
    with pytest.raises(AssertionError):
        cell.unroll(5, series(2, 3, 3))
    assert cell.base_cell._modified


def test_the_same_array_twice_among_heads():
    """MXNet's backward takes the last one's gradient; a plain cell's output is its state."""
    cell = ready(rnn.RNNCell(2, input_size=3))
    x, h = series(2, 3), nd.ones((2, 2))
    x.attach_grad()
    found = []
    for hybrid in (False, True):
        cell.hybridize(hybrid)
        with mx.autograd.record():
            out, (state,) = cell(x, [h])
        mx.autograd.backward([out, state], [nd.ones((2, 2)), nd.ones((2, 2)) * 10])
        found.append(x.grad.asnumpy())
    np.testing.assert_allclose(found[0], found[1], rtol=1e-6)


@pytest.mark.parametrize("where", ["drop_inputs", "drop_outputs"])
def test_dynamic_unroll_drops_the_same_elements_in_all_steps(where):
    """With (N, T, C) MXNet drops the same elements of all sequences, others in each step."""
    x, cell = nd.ones((4, 5, 6)), rnn.ResidualCell(rnn.DropoutCell(0))
    for layout, time in (("NTC", 1), ("TNC", 0)):
        mx.random.seed(1)
        with mx.autograd.record():
            out, _ = contrib.rnn_cell.dynamic_unroll(cell, x, [], layout=layout, **{where: 0.5})
        dropped = np.moveaxis(out.asnumpy() == 0, time, 0)
        assert (dropped == dropped[0]).all() and not (dropped[:, :1] == dropped).all()


@pytest.mark.parametrize("layout", ["NCT", "foo", "CNT"])
def test_dynamic_unroll_refuses_other_layouts(layout):
    with pytest.raises(ValueError, match="layout must begin with"):
        contrib.rnn_cell.dynamic_unroll(rnn.RNNCell(2), nd.ones((2, 2, 2)), [nd.ones((2, 2))], layout=layout)


def test_a_failed_first_call_leaves_nothing_behind():
    """The trace of arguments that do not fit must not be used for those that do."""
    cell = rnn.LSTMCell(2)
    cell.initialize()
    x, h = series(2, 3), nd.ones((2, 2))
    with pytest.raises(ValueError, match="Deferred initialization failed"):
        cell(x, [h])
    assert cell(x, [h, h])[0].shape == (2, 2)


@pytest.mark.gpu
@pytest.mark.parametrize("hybrid", [False, True])
def test_gpu(hybrid):
    """Unrolled cells give on a GPU what they give on a CPU; their zero states are made there."""
    net = net_of("rnn.BidirectionalCell(rnn.LSTMCell(3), rnn.GRUCell(3))", 4, True, merge_outputs=True)
    net.hybridize(hybrid)
    net.initialize()
    x, lengths, found = series(2, 4, 5), nd.array([4, 2]), []
    net(x, lengths)
    observe.fill(mx, net)
    for ctx in (mx.cpu(), mx.gpu()):
        net.collect_params().reset_ctx(ctx)
        outputs, states = net(x.as_in_context(ctx), lengths.as_in_context(ctx))
        assert {a.context for a in (outputs, *states)} == {ctx}
        found.append([a.asnumpy() for a in (outputs, *states)])
    for left, right in zip(*found, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-3, atol=1e-4)
