"""Methods, printing, pickling and ``out=`` of arrays: against real MXNet, and what is ours alone."""

import copy
import inspect
import pickle

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import nd
from mxgluon_compat.ops.placement import FLUENT
from tests.ndarray.golden import disagreements
from tests.oracle import ndarray_methods as scenario
from tests.oracle.scenario import read

DTYPE = "a dtype that MXNet has not is a TypeError that lists those it has; MXNet fails with a KeyError"
CONTEXT = "arrays keep their context; MXNet's come back on cpu(0)"
DIFFERENCES = {
    "copy.deepcopy(x.as_in_context(mx.cpu(1)))*": CONTEXT,
    "pickle.loads(pickle.dumps(x.as_in_context(mx.cpu(1))))*": CONTEXT,
    "x.astype('complex64')": DTYPE,
    "x.astype('uint16')": DTYPE,
    "x._at(2)": "an IndexError, like that of x[2]",
    "x.exp(foo=3)": "MXNet checks the keywords of those operators only that have parameters",
    "x.reshape(shape=6)": "a number stands for a tuple of one, as in x.reshape(6)",
    "?.transpose([0-9], *)*": "MXNet takes the second number for out=; here it is refused by name",
    "y.transpose((-1, 0, 1))": "axes may be counted from the end, as everywhere else",
}


@pytest.fixture(scope="module")
def found():
    return scenario.results(mx)


def test_as_mxnet(found):
    lines = disagreements(found, read("ndarray_methods"), DIFFERENCES, rtol=1e-5)
    assert not lines, "\n".join(lines)


def test_every_method_and_property_of_mxnet_is_there():
    missing = [name for name in MEMBERS.split() if not hasattr(nd.NDArray, name)]
    assert missing == []


# The public members of MXNet 1.9.1's NDArray.
MEMBERS = """
    T abs arccos arccosh arcsin arcsinh arctan arctanh argmax argmax_channel argmin argsort as_in_context
    as_nd_ndarray as_np_ndarray asnumpy asscalar astype attach_grad backward broadcast_axes broadcast_like
    broadcast_to cbrt ceil clip context copy copyto cos cosh ctx degrees depth_to_space detach diag dtype exp
    expand_dims expm1 fix flatten flip floor grad handle log log10 log1p log2 log_softmax max mean min nanprod
    nansum ndim norm one_hot ones_like pad pick prod radians rcbrt reciprocal relu repeat reshape reshape_like
    rint round rsqrt shape shape_array sigmoid sign sin sinh size size_array slice slice_assign
    slice_assign_scalar slice_axis slice_like softmax softmin sort space_to_depth split split_v2 sqrt square
    squeeze stype sum swapaxes take tan tanh tile to_dlpack_for_read to_dlpack_for_write topk tostype transpose
    trunc wait_to_read writable zeros_like
"""


@pytest.mark.parametrize("name", FLUENT)
def test_methods_are_the_functions(name):
    assert callable(getattr(nd.NDArray, name))
    assert callable(getattr(nd, name))


class TestPrinting:
    def test_name_shape_and_context(self):
        assert repr(nd.ones((2, 3), ctx=mx.cpu(1))) == "\n[[1. 1. 1.]\n [1. 1. 1.]]\n<NDArray 2x3 @cpu(1)>"
        assert repr(nd.ones((3, 2))[1:1]) == "\n[]\n<NDArray 0x2 @cpu(0)>"

    def test_format_and_percent(self):
        assert "<NDArray 1 @cpu(0)>" in f"{nd.ones(1)}"
        assert format(nd.full(1, 2.5).asscalar(), ".1f") == "2.5"


class TestPickling:
    @pytest.mark.parametrize(
        "dtype", ["float16", "float32", "float64", "int8", "uint8", "int32", "int64", "bool", "bfloat16"]
    )
    def test_all_dtypes(self, dtype):
        x = nd.array([[0, 1], [2, 3]]).astype(dtype)
        for y in (pickle.loads(pickle.dumps(x)), copy.deepcopy(x), copy.copy(x)):
            assert y.dtype == x.dtype and y.shape == x.shape
            assert (y.to_torch() == x.to_torch()).all()

    def test_contexts_stay(self):
        x = nd.ones(2, ctx=mx.cpu(3))
        assert pickle.loads(pickle.dumps(x)).context == copy.deepcopy(x).context == mx.cpu(3)

    def test_a_gpu_that_is_not_there_becomes_the_cpu(self):
        x = nd.ones(2)
        x._ctx = mx.gpu(99)
        assert pickle.loads(pickle.dumps(x)).context == mx.cpu()

    def test_variables(self):
        x = nd.ones(2)
        x.attach_grad()
        for y in (pickle.loads(pickle.dumps(x)), copy.deepcopy(x)):
            assert y.grad is None and not y.to_torch().requires_grad

    def test_deepcopy_of_structures_keeps_identity(self):
        x = nd.ones(2)
        first, second = copy.deepcopy([x, x])
        assert first is second and first is not x


class TestRefused:
    def test_dtypes(self):
        with pytest.raises(TypeError, match="'complex64' is not one of MXNet's: float32, float64"):
            nd.ones(1).astype("complex64")

    def test_keywords(self):
        with pytest.warns(UserWarning, match="exp takes no arguments but its inputs: foo=3 is passed over") as caught:
            assert nd.exp(nd.zeros(1), foo=3).asscalar() == 1
        assert caught[0].filename == __file__
        with pytest.raises(
            mx.MXNetError, match=r"(?s)Cannot find argument 'foo', Possible Arguments:.*keepdims : boolean"
        ):
            nd.ones(1).sum(foo=3)

    def test_what_equals_an_integer_and_is_none(self):
        assert nd.sum(nd.ones((2, 3)), axis=1).shape == (2,)
        for axis in (True, 1.0):
            with pytest.raises(mx.MXNetError, match=f"Invalid Parameter format for axis .* value='{axis}'"):
                nd.sum(nd.ones((2, 3)), axis=axis)

    def test_inputs(self):
        with pytest.raises(AssertionError, match="Argument data must have NDArray type, but got 2"):
            nd.exp(2)
        with pytest.raises(mx.MXNetError, match=r"FullyConnected expects 3 inputs \(data, weight, bias\), but got 2"):
            nd.FullyConnected(nd.ones((1, 2)), nd.ones((1, 2)), num_hidden=1)
        with pytest.raises(mx.MXNetError, match="Required parameter num_hidden of int is not presented"):
            nd.FullyConnected(nd.ones((1, 2)), nd.ones((1, 2)), no_bias=True)
        with pytest.raises(mx.MXNetError, match=r"dot.*\(2, 3\).*\(2, 3\)"):
            nd.dot(nd.ones((2, 3)), nd.ones((2, 3)))

    def test_axes_as_separate_numbers(self):
        with pytest.raises((mx.MXNetError, TypeError)):
            nd.ones((2, 3)).transpose(1, 0)

    def test_out(self):
        x = nd.ones((2, 3))
        with pytest.raises(mx.MXNetError, match=r"exp: output 0 is \(2, 3\).*but out is \(3, 2\)"):
            nd.exp(x, out=nd.zeros((3, 2)))
        with pytest.raises(mx.MXNetError, match=r"float32, but out is .* torch.int32"):
            nd.exp(x, out=nd.zeros((2, 3), dtype="int32"))
        with pytest.raises(TypeError, match="out must be an NDArray"):
            nd.exp(x, out=3)
        with pytest.raises(mx.MXNetError, match="3 output"):
            nd.split(x, 3, out=[nd.zeros((2, 1))])

    def test_tostype(self):
        with pytest.raises(ValueError, match=r"To convert to a CSR, .*2 Dimensional.*\(1,\)"):
            nd.ones(1).tostype("csr")


class TestSignatures:
    def test_of_operators(self):
        assert list(inspect.signature(nd.Convolution).parameters) == [
            "data",
            "weight",
            "bias",
            "kernel",
            "stride",
            "dilate",
            "pad",
            "num_filter",
            "num_group",
            "workspace",
            "no_bias",
            "cudnn_tune",
            "cudnn_off",
            "layout",
            "out",
            "name",
            "kwargs",
        ]
        assert str(inspect.signature(nd.exp)) == "(data=None, out=None, name=None, **kwargs)"
        assert list(inspect.signature(nd.concat).parameters) == ["data", "dim", "out", "name", "kwargs"]

    def test_documentation(self):
        text = nd.Convolution.__doc__
        assert "num_filter : int, required" in text and "num_group : int, optional, default=1" in text
        assert nd.Convolution.__name__ == "Convolution" and nd.NDArray.sum.__doc__

    def test_every_function_has_a_docstring(self):
        bare = [n for n in nd.__all__ if callable(getattr(nd, n)) and not getattr(nd, n).__doc__]
        assert bare == []

    def test_dir(self):
        names = dir(nd)
        assert {"Convolution", "array", "random", "contrib", "linalg", "add", "softmax_cross_entropy"} <= set(names)
        assert "asnumpy" in dir(nd.ones(1))


class TestInterop:
    def test_torch_shares_elements(self):
        tensor = torch.zeros(2, 3)
        x = nd.from_torch(tensor)
        x[0] = 5
        tensor[1, 0] = 7
        assert x.to_torch() is tensor
        assert x.asnumpy().tolist() == tensor.tolist() == [[5, 5, 5], [7, 0, 0]]
        x += 1
        assert tensor[0, 0] == 6

    def test_dlpack_both_ways(self):
        x = nd.zeros(3)
        tensor = torch.from_dlpack(x)
        tensor[0] = 1
        x[1] = 2
        array = np.from_dlpack(nd.from_torch(tensor))
        back = nd.from_dlpack(tensor)
        back[2] = 3
        assert x.asnumpy().tolist() == tensor.tolist() == array.tolist() == [1, 2, 3]
        assert nd.from_dlpack(nd.to_dlpack_for_write(x)).to_torch().data_ptr() == tensor.data_ptr()

    def test_numpy_shares_elements(self):
        array = np.zeros(3, "float32")
        x = nd.from_numpy(array)
        x[0] = 5
        assert x.asnumpy().tolist() == array.tolist() == [5, 0, 0]
        with pytest.raises(ValueError, match="read-only"):
            array[1] = 7
        nd.from_numpy(array)[2] = 3
        assert x.asnumpy().tolist() == [5, 0, 3]
        x = nd.from_numpy(array, zero_copy=False)
        x[:] = 0
        assert array.tolist() == [5, 0, 3]

    def test_variables_are_exported_without_their_history(self):
        x = nd.ones(2)
        x.attach_grad()
        assert not torch.from_dlpack(x).requires_grad

    def test_refused(self):
        with pytest.raises(TypeError, match=r"needs a torch.Tensor, got <class 'list'>"):
            nd.from_torch([1])
        with pytest.raises(TypeError, match="complex64"):
            nd.from_torch(torch.zeros(1, dtype=torch.complex64))
        with pytest.raises(TypeError, match="nd.array makes an array"):
            nd.NDArray([1])

    def test_gradient_seen_through_torch(self):
        x = nd.array([1, 2])
        x.attach_grad()
        gradient = x.grad.to_torch()
        with mx.autograd.record():
            y = x * x
        y.backward()
        assert gradient.tolist() == [2, 4]


def test_inplace_methods_share_elements():
    x = nd.zeros((1, 2))
    for view in (x.expand_dims(0, inplace=True), x.squeeze(inplace=True), x.flatten(inplace=True), x.reshape((2,))):
        view[:] = view + 1
    assert x.asnumpy().tolist() == [[4, 4]]
    with pytest.raises(AssertionError, match="Squeeze target axis 1 must be size 1, got 2"):
        x.squeeze(1, inplace=True)


def test_waiting():
    x = nd.ones(2)
    assert x.wait_to_read() is None and nd.waitall() is None
