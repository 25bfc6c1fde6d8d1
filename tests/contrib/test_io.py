"""mx.contrib.io against real MXNet's, and where both differ."""

import numpy as np
import pytest

import mxgluon_compat as mx
from tests.oracle import contrib_io as scenario
from tests.oracle.contrib_io import loader, pairs
from tests.scenarios import against_mxnet

DataLoaderIter = mx.contrib.io.DataLoaderIter
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario, rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float16", "int32"])
def test_what_fills_a_batch_up_is_zeros_of_the_dtype(dtype):
    # In MXNet it is what happens to be in memory, and the batch is float32 whatever dtype says.
    last = list(DataLoaderIter(loader(mx), dtype=dtype))[-1]
    assert last.pad == 2
    assert {a.dtype for a in (*last.data, *last.label)} == {np.dtype(dtype).type}
    assert last.data[0].asnumpy().tolist() == [[16, 17], [18, 19], [0, 0], [0, 0]]
    assert last.label[0].asnumpy().tolist() == [8, 9, 0, 0]


def test_a_filled_batch_stays_on_its_context():
    batches = [tuple(a.as_in_context(mx.cpu(1)) for a in pair) for pair in pairs(mx, (4, 4), (2, 2))]
    assert [b.data[0].context for b in DataLoaderIter(batches)] == [mx.cpu(1)] * 2


@pytest.mark.parametrize("batches", [[], mx.gluon.data.DataLoader(np.ones((2, 2)), 4, last_batch="discard")])
def test_an_empty_loader(batches):
    # A StopIteration that leaves the constructor, as in MXNet, would end any loop around it in silence.
    with pytest.raises(ValueError, match="no batch to read the shapes from"):
        DataLoaderIter(batches)


def test_batches_that_are_no_pairs():
    with pytest.raises(ValueError, match="must be a pair: one array of data and one of labels"):
        DataLoaderIter(mx.gluon.data.DataLoader(np.ones((4, 2)), 4))
    with pytest.raises(ValueError, match="must be a pair"):  # MXNet takes the two rows for data and labels
        DataLoaderIter(mx.gluon.data.DataLoader(np.ones((4, 2)), 2))
    with pytest.raises(ValueError, match="must be a pair"):
        DataLoaderIter([None])
    with pytest.raises(TypeError, match="must be arrays, not list"):
        DataLoaderIter([([mx.nd.ones(2)], mx.nd.ones(2))])
    later = DataLoaderIter([*pairs(mx, (2, 2)), (mx.nd.ones(2), 3.0)])
    next(later)
    with pytest.raises(TypeError, match="must be arrays, not float"):
        next(later)


def test_a_larger_batch_is_told():
    with pytest.raises(ValueError, match="a batch of 4 examples after a first one of 2"):
        list(DataLoaderIter(pairs(mx, (2, 2), (4, 4))))


def test_no_current_batch_is_told():
    with pytest.raises(TypeError, match="there is no current batch"):
        DataLoaderIter(pairs(mx, (2, 2))).getlabel()
