"""Arrays in both worlds: shared memory, DLPack, numpy's protocols, one backward pass through both."""

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import autograd, nd


@pytest.mark.parametrize("starts", ["mxnet", "torch"])
def test_one_backward_pass_through_both(starts):
    x, t = nd.array([1, 2, 3]), torch.tensor([2.0, 2.0, 2.0], requires_grad=True)
    x.attach_grad()
    with autograd.record():
        middle = (x * 3).to_torch() * t
        out = nd.exp(nd.NDArray(middle) / 10)
    expected = np.exp(0.6 * np.array([1, 2, 3]))
    out.backward() if starts == "mxnet" else out.to_torch().sum().backward()
    np.testing.assert_allclose(x.grad.asnumpy(), expected * 0.6, rtol=1e-5)
    np.testing.assert_allclose(t.grad, expected * 0.3 * np.array([1, 2, 3]), rtol=1e-5)


def test_tensors_share_elements_both_ways():
    x = nd.zeros((2, 2))
    x.to_torch()[0, 0] = 1
    y = mx.nd.NDArray(x.to_torch())
    y[1] = 5
    assert x.asnumpy().tolist() == [[1, 0], [5, 5]]


@pytest.mark.parametrize("name", ["to_dlpack_for_read", "to_dlpack_for_write"])
def test_dlpack_capsules(name):
    x = nd.array([1, 2])
    x.attach_grad()
    for capsule in (getattr(x, name)(), getattr(nd, name)(x)):
        y = nd.from_dlpack(capsule)
        y[0] = 7
        assert x.asnumpy().tolist() == [7, 2]
        x[0] = 1


def test_dlpack_of_other_libraries():
    x = nd.array([1, 2])
    np.testing.assert_array_equal(np.from_dlpack(x), [1, 2])
    torch.from_dlpack(x)[0] = 3
    assert x.asnumpy().tolist() == [3, 2]
    source = np.ones(2, np.float32)
    nd.from_dlpack(source)[:] = 4
    assert source.tolist() == [4, 4]
    assert x.__dlpack_device__() == (1, 0)


def test_numpys_protocols():
    x = nd.array([[1, 2], [3, 4]])
    assert np.asarray(x).dtype == np.float32 and np.asarray(x, np.float64).dtype == np.float64
    with pytest.raises(ValueError, match="always copied"):
        x.__array__(copy=False)
    assert np.concatenate([x, np.zeros((1, 2))]).shape == (3, 2)
    assert torch.as_tensor(x).tolist() == [[1, 2], [3, 4]]
