"""Reading and writing elements: against real MXNet, and the words of our errors."""

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import nd
from tests.ndarray.golden import disagreements
from tests.oracle import ndarray_indexing as scenario
from tests.oracle.scenario import read

EMPTY = "an empty selection is an empty array; MXNet fails for some of them"
NUMPY_KEYS = "keys that numpy takes and MXNet does not"
OVERLAP = "MXNet reads elements that it has overwritten already"
BOUNDS = "MXNet writes to wrong places, or outside of the array"
NO_NUMBER = "such a number in an array of integers is undefined in C"
DIFFERENCES = {
    "x[[]slice(3, 1)*": EMPTY,
    "x[[](slice(None), slice(1, 1))*": EMPTY,
    "x[[]3:1] = 1 *": EMPTY,
    "x[[][[][]]]*": EMPTY,
    'x[[]np.zeros((0,), "int64")]*': EMPTY,
    "x[[]nd.array(1)]*": NUMPY_KEYS,
    "x[[]np.array(2)]*": NUMPY_KEYS,
    "x[[]np.int8(1)]*": NUMPY_KEYS,
    "x[[][[]nd.array([[]1])]]*": NUMPY_KEYS,
    "x[[]True] = -1": "MXNet writes to all elements, but reads row 1",
    "x[[]False] = -1": "MXNet writes to all elements, but reads row 0",
    "x[[](0, True)] = -1": "MXNet writes to all of row 0, but reads one element",
    "x[[]([[]0, 1], None)]": "MXNet puts the new dimension in front, unlike numpy",
    "x[[]([[]0, 1], 5)] = -1": BOUNDS,
    "x[[]1:3] = x[[]0:2] *": OVERLAP,
    "x[[]0] = 1e40 (*int*": NO_NUMBER,
    "x[[]:] = -1e40 (*int*": NO_NUMBER,
    'x[[]:, 1] = float("nan") (*int*': NO_NUMBER,
}


def test_as_mxnet():
    lines = disagreements(scenario.results(mx), read("ndarray_indexing"), DIFFERENCES)
    assert not lines, "\n".join(lines)


@pytest.fixture
def x():
    return nd.array(np.arange(20).reshape(4, 5))


class TestDifferences:
    def test_empty_selections_are_empty_arrays(self, x):
        for key in (slice(3, 1), (slice(None), slice(1, 1)), [], np.zeros(0, "int64")):
            assert x[key].size == 0
            x[key] = 7
        assert x.asnumpy().max() == 19

    def test_numpy_scalars_and_arrays_of_one_number_are_integers(self, x):
        for key in (np.int8(1), np.uint8(1), np.array(1), nd.array(1)):
            assert x[key].asnumpy().tolist() == [5, 6, 7, 8, 9]

    def test_booleans_are_positions_when_written_too(self, x):
        x[True] = -1
        assert x.asnumpy()[:, 0].tolist() == [0, -1, 10, 15]

    def test_new_axis_beside_arrays_as_in_numpy(self, x):
        assert x[[0, 1], None].shape == x.asnumpy()[[0, 1], None].shape == (2, 1, 5)

    def test_overlapping_rows(self, x):
        wanted = x.asnumpy()
        wanted[1:3] = wanted[0:2].copy()
        x[1:3] = x[0:2]
        assert (x.asnumpy() == wanted).all()
        square = nd.array(np.arange(9).reshape(3, 3))
        square[:, 1] = square[0]
        assert square.asnumpy()[:, 1].tolist() == [0, 1, 2]

    def test_writing_with_positions_from_the_end(self, x):
        # MXNet writes in front of the array's memory.
        x[[0, -1]] = -1
        assert x.asnumpy()[:, 0].tolist() == [-1, 5, 10, -1]

    @pytest.mark.parametrize("key", [[0, 4], [-5], np.array([9]), range(5), ([0, 1], 5)], ids=str)
    def test_writing_out_of_bounds_is_refused(self, x, key):
        before = x.asnumpy()
        with pytest.raises(IndexError, match=r"index -?\d is out of bounds for axis \d with size \d"):
            x[key] = 1
        assert (x.asnumpy() == before).all()

    def test_writing_out_of_bounds_by_an_array_is_refused(self, x):
        with pytest.raises(IndexError, match="index 4 is out of bounds for axis 0 with size 4"):
            x[nd.array([0, 4])] = 1

    @pytest.mark.parametrize("number", [float("nan"), 1e40])
    def test_numbers_that_are_no_integers(self, number):
        with pytest.raises((ValueError, OverflowError)):
            nd.zeros(2, dtype="int32")[:] = number


class TestErrors:
    def test_bounds(self, x):
        with pytest.raises(IndexError, match="index 4 is out of bounds for axis 0 with size 4"):
            x[4]
        with pytest.raises(IndexError, match="index -6 is out of bounds for axis 1 with size 5"):
            x[0, -6]
        with pytest.raises(IndexError, match="too many indices"):
            x[0, 0, 0]
        with pytest.raises(IndexError, match="index 7 is out of bounds for axis 1 with size 5"):
            x[:, [0, 7]]

    def test_broadcasting(self, x):
        text = r"operands could not be broadcast together with remapped shapes\[original->remapped\]: "
        for key, value, wanted in (
            (1, [1, 2], r"\(2,\) and requested shape \(5,\)"),
            ((1, 2), [1, 2], r"\(2,\) and requested shape \(1,\)"),
            (slice(None), nd.ones((2, 4, 5)), r"\(2, 4, 5\) and requested shape \(4, 5\)"),
            ([0, 2], [1, 2], r"\(2,\) and requested shape \(2, 5\)"),
            (slice(None, None, -1), [1, 2], r"\(2,\) and requested shape \(4, 5\)"),
        ):
            with pytest.raises(ValueError, match=text + wanted):
                x[key] = value

    def test_keys(self, x):
        with pytest.raises(ValueError, match="NDArray does not support slicing with key a of type <class 'str'>"):
            x["a"]
        with pytest.raises(ValueError, match=r"index arrays of shapes \(2\), \(3\) are not broadcastable"):
            x[[0, 1], [0, 1, 2]]
        with pytest.raises(IndexError, match="more than one ellipsis"):
            x[..., ...]
        with pytest.raises(TypeError, match="array like"):
            x[[[0, 1], [2]]]

    def test_values(self, x):
        with pytest.raises(TypeError, match="does not support assignment with non-array-like object a of type"):
            x[:] = "a"


class TestSharing:
    """Which results are views: rows and reshapes are, results of operators never."""

    def test_rows_and_reshapes(self, x):
        row, rows, flat = x[1], x[1:3], x.reshape((-1,))
        x[1, 2] = 100
        assert row[2].asscalar() == rows[0, 2].asscalar() == flat[7].asscalar() == 100
        flat[0] = -1
        rows[1, 0] = -2
        assert x[0, 0].asscalar() == -1 and x[2, 0].asscalar() == -2

    def test_columns_steps_and_arrays_are_copies(self, x):
        before = x.asnumpy()
        for part in (x[:, 1], x[::2], x[::-1], x[[0, 1]], x[nd.array([0])], x[:, 1:3]):
            part[:] = -1
        assert (x.asnumpy() == before).all()

    @pytest.mark.parametrize("name", ["BlockGrad", "identity", "transpose", "squeeze", "flatten", "relu", "SwapAxis"])
    def test_results_of_operators_are_copies(self, name):
        data = nd.ones((2, 3))
        result = getattr(nd, name)(data)
        result[:] = 5
        assert data.asnumpy().tolist() == np.ones((2, 3)).tolist()

    def test_results_of_operators_are_copies_of_one_element_too(self):
        data = nd.ones((1, 1))
        for result in (
            data.T,
            data.sum(axis=0, keepdims=True),
            data.max(axis=1),
            data.mean(),
            nd.concat(data, dim=0),
            data.broadcast_to((1, 1)),
            data.clip(0, 2),
            nd.stack(data),
            data.split(1),
        ):
            result[:] = 5
        assert data.asscalar() == 1

    def test_arrays_that_are_not_contiguous(self):
        tensor = torch.arange(6.0).reshape(2, 3).t()
        x = nd.from_torch(tensor)
        x[::-1] = nd.array([[1, 2], [3, 4], [5, 6]])
        assert tensor.tolist() == [[5, 6], [3, 4], [1, 2]]
        x[0] = 9
        assert tensor[0].tolist() == [9, 9]


def test_numbers_that_do_not_fit_wrap_around():
    x = nd.zeros(2, dtype="uint8")
    x[:] = 300
    x[[1]] = -1
    assert x.asnumpy().tolist() == [44, 255]
    half = nd.zeros(2, dtype="float16")
    half[0] = 1e6
    assert half.asnumpy().tolist() == [np.inf, 0]


def test_large_indices_as_numpy():
    random = np.random.RandomState(0)
    array = random.rand(3, 4, 5, 2).astype("float32")
    x = nd.array(array)
    pieces = [
        0,
        -1,
        slice(None),
        slice(1, None),
        slice(None, None, -1),
        slice(None, None, 2),
        None,
        Ellipsis,
        [0, 1],
        [1, 0],
    ]
    tried = 0
    for _ in range(400):
        key = tuple(pieces[i] for i in random.randint(0, len(pieces), random.randint(1, 5)))
        if sum(k is Ellipsis for k in key) > 1 or sum(k is not None and k is not Ellipsis for k in key) > 4:
            continue
        wanted = array[tuple(np.array(k) if isinstance(k, list) else k for k in key)]
        found = x[key]
        assert found.shape == (wanted.shape or (1,)), key
        assert (found.asnumpy().ravel() == wanted.ravel()).all(), key
        changed, ours = array.copy(), nd.array(array)
        changed[key] = ours[key] = np.asarray(random.rand(*wanted.shape), "float32")
        assert (ours.asnumpy() == changed).all(), key
        tried += 1
    assert tried > 200
