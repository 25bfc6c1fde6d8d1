"""NumPy's own functions on arrays of mx.np, and functions that NumPy computes, against real MXNet."""

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from tests.oracle import numpy_protocols
from tests.scenarios import against_mxnet

# NumPy's edges are float32 since version 2
DIFFERENCES = ("np.histogram2d(a[0], a[1], 2)",)

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    numpy_protocols, rtol=1e-5, atol=1e-6, differences=DIFFERENCES
)


@pytest.fixture(autouse=True)
def np_mode():
    mx.npx.set_np()
    yield
    mx.npx.reset_np()


def test_histogram2d():
    a = mx.np.array([[1.0, 2.0], [3.0, 4.0]])
    counts, *edges = mx.np.histogram2d(a[0], a[1], 2)
    assert counts.tolist() == [[1, 0], [0, 1]]
    assert [e.tolist() for e in edges] == [[1, 1.5, 2], [3, 3.5, 4]]


@pytest.mark.parametrize("function", [np.median, np.sinc, mx.np.modf, mx.np.allclose])
def test_no_gradient_is_no_silence(function):
    a = mx.np.ones((2, 2))
    a.attach_grad()
    with mx.autograd.record(), pytest.raises(ValueError, match="no gradient"):
        function(*[a] * (2 if function is mx.np.allclose else 1))


def test_gradient_through_numpys_functions():
    a = mx.np.array([[1.0, 2.0], [3.0, 4.0]])
    a.attach_grad()
    with mx.autograd.record():
        y = np.sum(np.exp(np.concatenate([a, 2 * a])))
    y.backward()
    np.testing.assert_allclose(a.grad.asnumpy(), np.exp(a.asnumpy()) + 2 * np.exp(2 * a.asnumpy()), rtol=1e-6)


def test_numeric_gradient_of_a_wrong_gradient_is_found():
    s = mx.sym.var("s").as_np_ndarray()
    wrong = mx.sym.BlockGrad(s.as_nd_ndarray()).as_np_ndarray() + mx.sym.np.exp(s)
    with pytest.raises(AssertionError):
        mx.test_utils.check_numeric_gradient(wrong, [np.ones((2, 2), np.float32)])


def test_torch_and_dlpack_share_the_elements():
    a = mx.np.zeros((2, 2))
    a.to_torch()[0, 0] = 5
    assert a[0, 0].item() == 5
    b = torch.from_dlpack(a)
    b[1, 1] = 7
    assert a[1, 1].item() == 7
    c = mx.np.ndarray(torch.ones(3))
    assert isinstance(c + 1, mx.np.ndarray)


def test_operators_by_their_own_names():
    a = mx.np.array([[1.0, 2.0], [3.0, 4.0]])
    assert mx.nd.np._internal.add_scalar(a, scalar=1).tolist() == [[2, 3], [4, 5]]
    assert mx.sym.np._internal.exp(mx.sym.var("s").as_np_ndarray()).list_outputs()[0].startswith("exp")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        mx.nd.np._internal.nothing  # noqa: B018 - the attribute's error is what is tested
    assert mx.sym.np._symbol._Symbol is mx.sym.np._Symbol


def test_lists_of_numpys_functions():
    from mxgluon_compat import numpy_dispatch_protocol as protocol

    assert {"concatenate", "sum", "linalg.inv"} <= set(protocol._NUMPY_ARRAY_FUNCTION_LIST)
    assert {"add", "exp"} <= set(protocol._NUMPY_ARRAY_UFUNC_LIST)
    assert not {"histogram", "ldexp", "median"} & {
        *protocol._NUMPY_ARRAY_FUNCTION_LIST,
        *protocol._NUMPY_ARRAY_UFUNC_LIST,
    }
    assert protocol.with_array_function_protocol(np.sum) is np.sum
    assert protocol.with_array_ufunc_protocol(np.sum) is np.sum
