"""Functions that make arrays, and the helpers of ``nd``: against real MXNet, and where we differ on purpose."""

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import nd
from mxgluon_compat.util import np_shape
from tests.ndarray.golden import disagreements
from tests.oracle import ndarray_creation as scenario
from tests.oracle.scenario import read

CLASS = "refused with another class of error, and a text that names what is wrong"
MORE = "MXNet refuses it"
DIFFERENCES = {
    "nd.NDArray([[]1])": CLASS,
    "nd.array([[]1, 2], dtype='complex64')": CLASS,
    "nd.from_numpy(np.ones(2, 'complex64'))": CLASS,
    "nd.array(np.datetime64('2020-01-01'))": "a date is no number",
    "nd.array([[]nd.array*": MORE,
    "nd.array([[]x, x])*": MORE,
    "nd.concatenate([[]x, [[]1]])": CLASS,
    "nd.concatenate([[]x, x], axis=2)": CLASS,
    "nd.concatenate([[]x, x], axis=-1)": MORE,
    "nd.concatenate(x)": MORE,
    "nd.concatenate((x, x), 0)*": MORE,
    "nd.empty(-1)": CLASS,
    "nd.from_dlpack(3)": CLASS,
    "nd.onehot_encode(nd.array([[]0, 2]), nd.zeros((3, 3)))": CLASS,
    "nd.split_v2(y, [[]1])": MORE,
    "nd.zeros(np.array([[]2, 3])).shape": MORE,
}


@pytest.mark.filterwarnings("ignore")  # of the scenario's deprecated calls
def test_as_mxnet():
    lines = disagreements(scenario.results(mx), read("ndarray_creation"), DIFFERENCES)
    assert not lines, "\n".join(lines)


class TestArray:
    def test_copies(self):
        source = np.zeros(2, "float32")
        x = nd.array(source)
        x[:] = 5
        assert source.tolist() == [0, 0]
        y = nd.array(x)
        y[:] = 7
        assert x.asnumpy().tolist() == [5, 5]

    def test_more_sources(self):
        assert nd.array(torch.arange(3)).asnumpy().tolist() == [0, 1, 2]
        assert nd.array([nd.array([1, 2]), nd.array([3, 4])]).shape == (2, 2)
        assert nd.array(np.asfortranarray(np.arange(6).reshape(2, 3))).asnumpy().tolist() == [[0, 1, 2], [3, 4, 5]]
        read_only = np.arange(3)
        read_only.flags.writeable = False
        assert nd.array(read_only).asnumpy().tolist() == [0, 1, 2]

    def test_refused(self):
        for wrong in ("a", [[1, 2], [3]], {1: 2}, object(), [1j], np.array("2020-01-01", "datetime64")):
            with pytest.raises(TypeError, match="source_array must be array like object"):
                nd.array(wrong)
        with pytest.raises(TypeError, match="foo"):
            nd.array([1], foo=3)

    def test_bfloat16(self):
        x = nd.array([1.5, 2], dtype="bfloat16")
        assert x.to_torch().dtype is torch.bfloat16 and x.asnumpy().tolist() == [1.5, 2]


class TestShapes:
    @pytest.mark.parametrize("shape", [0, (2, 0), (), -1, (-1, 2)], ids=str)
    def test_refused(self, shape):
        for function in (nd.zeros, nd.ones, lambda s: nd.random.uniform(shape=s)):
            with pytest.raises(mx.MXNetError, match="every dimension must be at least 1"):
                function(shape)

    @pytest.mark.parametrize("function", [nd.empty, lambda shape: nd.full(shape, 3)])
    def test_without_an_operator(self, function):
        """No operator makes these, so that a 0 is a length and not an unknown one."""
        assert function((2, 0)).shape == (2, 0) and function(0).shape == (0,)
        for shape in ((), -1, (-1, 2)):
            with pytest.raises(mx.MXNetError, match="every dimension must be at least"):
                function(shape)

    def test_none(self):
        for function in (nd.zeros, nd.ones, nd.empty):
            with pytest.raises(mx.MXNetError, match="is not the shape of an array"):
                function(None)

    @pytest.mark.parametrize("shape", ["a", (2.0, 3), "3, a"], ids=str)
    def test_no_shape_at_all(self, shape):
        for function in (nd.zeros, nd.ones, nd.empty):
            with pytest.raises(mx.MXNetError, match=r"Invalid Parameter format for shape expect Shape\(tuple\)"):
                function(shape)

    def test_numpy_shapes(self):
        with np_shape(True):
            assert nd.zeros((2, 0)).shape == (2, 0) and nd.ones(()).shape == () and nd.empty((0,)).shape == (0,)
            with pytest.raises(mx.MXNetError, match="at least 0"):
                nd.zeros((-1,))

    def test_unknown_keywords(self):
        for function in (nd.zeros, nd.ones, nd.eye):
            with pytest.raises(mx.MXNetError, match="Cannot find argument 'foo'"):
                function(2, foo=3)
        with pytest.raises(TypeError, match="foo"):
            nd.empty(2, foo=3)

    def test_dtypes(self):
        with pytest.raises(TypeError, match="'foo' is not one of MXNet's"):
            nd.zeros(2, dtype="foo")


class TestHelpers:
    def test_arange_ignores_infer_range_as_mxnet_does(self):
        with pytest.warns(UserWarning, match="infer_range"):
            assert nd.arange(3, infer_range=True).asnumpy().tolist() == [0, 1, 2]

    def test_moveaxis_errors(self):
        x = nd.zeros((2, 3, 4))
        with pytest.raises(ValueError, match="source axis 3 is out of bounds for an array with 3 dimensions"):
            nd.moveaxis(x, 3, 0)
        with pytest.raises(ValueError, match="repeated source axis"):
            nd.moveaxis(x, [0, 0], [1, 2])

    def test_split_v2(self):
        x = nd.arange(6)
        with pytest.raises(ValueError, match="equal division: axis 0 of size 6 into 4 sections"):
            nd.split_v2(x, 4)
        assert [p.shape for p in nd.split_v2(x, [1, 3])] == [(1,), (2,), (3,)]

    def test_concatenate(self):
        with pytest.raises(AssertionError, match="must have NDArray type"):
            nd.concatenate([nd.ones(1), [1]])
        assert nd.concatenate([nd.ones((1, 2))] * 2, axis=-1).shape == (1, 4)

    def test_histogram_of_the_whole_array(self):
        counts, edges = nd.histogram(nd.arange(10).reshape((2, 5)), bins=2)
        assert counts.asnumpy().tolist() == [5, 5] and edges.asnumpy().tolist() == [0, 4.5, 9]

    def test_names_that_are_not_there(self):
        with pytest.raises(AttributeError, match="migration_guide"):
            nd.no_such_operator  # noqa: B018
        assert not hasattr(nd, "no_such_operator")
