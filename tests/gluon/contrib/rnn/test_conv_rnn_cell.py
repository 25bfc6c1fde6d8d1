"""The recurrent cells that convolve equal real MXNet's: a step, unrolled, hybridized, exported and compiled."""

from __future__ import annotations

import numpy as np
import pytest

import mxgluon_compat as mx

from ...harness.compare import against_mxnet
from . import conv_cases

test_looks, test_runs, test_refused, test_scene = against_mxnet("conv_cells", conv_cases)

rnn = mx.gluon.contrib.rnn


def moved(array, source, destination):
    return mx.nd.array(np.ascontiguousarray(np.moveaxis(array.asnumpy(), source, destination)))


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize(("first", "last"), [("NCHW", "NHWC"), ("NCDHW", "NDHWC")])
def test_channels_last_is_channels_first_moved(kind, first, last):
    """MXNet has these layouts on GPUs only."""
    make = getattr(rnn, f"Conv{len(first) - 2}D{kind}Cell")
    shape = (3, 5, 4, 3)[: len(first) - 1]
    plain = make(shape, 2, 3, 3, conv_layout=first)
    cell = make((*shape[1:], shape[0]), 2, 3, 3, conv_layout=last)
    for net in (plain, cell):
        net.initialize(mx.init.Xavier())
    for name, param in plain.collect_params().items():
        twin = cell.collect_params()[name.replace(plain.prefix, cell.prefix)]
        twin.set_data(moved(param.data(), 1, -1) if name.endswith("weight") else param.data())
    x = mx.nd.random.normal(shape=(2, *shape))
    states = plain.begin_state(2, mx.nd.ones)
    wanted, wanted_states = plain(x, states)
    found, found_states = cell(moved(x, 1, -1), [moved(s, 1, -1) for s in states])
    assert [list(s["shape"]) for s in cell.state_info(2)] == [list(s.shape) for s in found_states]
    for got, want in zip([found, *found_states], [wanted, *wanted_states], strict=True):
        np.testing.assert_allclose(moved(got, -1, 1).asnumpy(), want.asnumpy(), rtol=1e-5, atol=1e-6)


def test_too_few_sizes_are_refused():
    # MXNet makes the cell, whose states then have an axis too few.
    with pytest.raises(ValueError, match=r"Conv2DLSTMCell: input_shape=\(2, 5\) must have 3 numbers.* NCHW"):
        rnn.Conv2DLSTMCell((2, 5), 3, 3, 3)


def test_kernels_may_be_lists_and_numpy_integers():
    # MXNet fails to add a list to a tuple, and to measure a number of NumPy.
    cell = rnn.Conv2DGRUCell((2, 5, 4), 3, [3, 2], [1, 3], i2h_pad=np.int64(1))
    assert cell.i2h_weight.shape == (9, 2, 3, 2) and cell.h2h_weight.shape == (9, 3, 1, 3)
    assert cell.state_info(2)[0]["shape"] == (2, 3, 5, 5)


@pytest.mark.parametrize("activation", [mx.gluon.nn.ELU(), mx.gluon.nn.PReLU()])
def test_any_layer_is_an_activation(activation):
    # MXNet calls all but LeakyReLU with a name, which a Block does not take.
    cell = rnn.Conv1DLSTMCell((2, 5), 3, 3, 3, activation=activation)
    cell.initialize()
    x = mx.nd.random.normal(shape=(2, 2, 5))
    wanted, _ = cell(x, cell.begin_state(2))
    cell.hybridize()
    found, _ = cell(x, cell.begin_state(2))
    assert found.shape == (2, 3, 3)
    np.testing.assert_allclose(found.asnumpy(), wanted.asnumpy(), rtol=1e-5, atol=1e-6)
