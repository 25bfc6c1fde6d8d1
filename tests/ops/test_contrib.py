"""Operators that the oracle's CPU has not got: Fourier transforms, sketches, int8 products; by their definition."""

from __future__ import annotations

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError

C = mx.nd.contrib


def _normal(*shape, dtype="float64", seed=0):
    return np.random.RandomState(seed).standard_normal(shape).astype(dtype)


def _gradients(function, *arrays):
    """Gradients of sum(function(...) * weights), for each input, and numerical ones."""
    inputs = [mx.nd.array(a, dtype="float64") for a in arrays]
    for x in inputs:
        x.attach_grad()
    with mx.autograd.record():
        out = function(*inputs)
    head = _normal(*out.shape, seed=9)
    out.backward(mx.nd.array(head, dtype="float64"))
    for i, array in enumerate(arrays):
        wanted = np.zeros_like(array)
        for place in np.ndindex(array.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = [a.copy() for a in arrays]
                moved[i][place] += step
                ends.append((function(*(mx.nd.array(a, dtype="float64") for a in moved)).asnumpy() * head).sum())
            wanted[place] = (ends[0] - ends[1]) / 2e-6
        yield inputs[i].grad.asnumpy(), wanted


@pytest.mark.parametrize("shape", [(3, 5), (2, 1, 2, 4), (1, 1)])
def test_fft_and_back(shape):
    data = _normal(*shape)
    found = C.fft(mx.nd.array(data, dtype="float64"))
    wanted = np.fft.fft(data)
    np.testing.assert_allclose(found.asnumpy()[..., ::2], wanted.real, atol=1e-12)
    np.testing.assert_allclose(found.asnumpy()[..., 1::2], wanted.imag, atol=1e-12)
    # as on MXNet's GPUs, the inverse is not divided by the length
    np.testing.assert_allclose(C.ifft(found).asnumpy(), data * shape[-1], atol=1e-12)
    for function in (C.fft, C.ifft) if shape[-1] % 2 == 0 else (C.fft,):
        for got, numerical in _gradients(function, data):
            np.testing.assert_allclose(got, numerical, atol=1e-7)


def test_fft_refuses():
    for data in (mx.nd.ones((3,)), mx.nd.ones((2, 3, 4)), mx.nd.ones((2, 3), dtype="int32")):
        with pytest.raises(MXNetError, match="_contrib_fft"):
            C.fft(data)
    with pytest.raises(MXNetError, match="_contrib_ifft"):
        C.ifft(mx.nd.ones((2, 3)))


@pytest.mark.parametrize("shape", [(3, 6), (2, 2, 1, 6)])
def test_count_sketch(shape):
    data, h, s = _normal(*shape), np.array([[0, 2, 1, 2, 3, 0]]), np.array([[1, -1, 1, 1, -1, -1]])
    places, signs = mx.nd.array(h, dtype="float64"), mx.nd.array(s, dtype="float64")
    found = C.count_sketch(mx.nd.array(data, dtype="float64"), places, signs, out_dim=5)
    wanted = np.zeros((*shape[:-1], 5))
    for i in range(6):
        wanted[..., h[0, i]] += s[0, i] * data[..., i]
    np.testing.assert_allclose(found.asnumpy(), wanted, atol=1e-12)
    for got, numerical in _gradients(lambda x: C.count_sketch(x, places, signs, out_dim=5), data):
        np.testing.assert_allclose(got, numerical, atol=1e-8)
    with pytest.raises(MXNetError, match="_contrib_count_sketch"):
        C.count_sketch(mx.nd.ones((2, 5)), places, signs, out_dim=5)


def test_hawkes_process_stops_at_the_valid_length():
    lda, alpha, beta = mx.nd.array([[1.0, 2.0]]), mx.nd.array([0.2, 0.3]), mx.nd.array([1.0, 2.0])
    state, marks = mx.nd.zeros((1, 2)), mx.nd.array([[0, 1, 1]], dtype="int32")
    likelihood = [
        C.hawkesll(lda, alpha, beta, state, mx.nd.array([[0.5, 0.25, last]]), marks, mx.nd.array([2]), mx.nd.array([3]))
        for last in (0.1, 99.0)
    ]
    assert (likelihood[0][0] == likelihood[1][0]).asscalar() == 1
    # without events: the compensator alone
    none = C.hawkesll(lda, alpha, beta, state, mx.nd.ones((1, 3)), marks, mx.nd.array([0]), mx.nd.array([3]))
    np.testing.assert_allclose(none[0].asnumpy(), [-9.0])


# ---------------------------------------------------------------------------------------------- int8 products
def _int8_layer(x, w, bias, **attrs):
    largest = C.intgemm_maxabsolute(w)
    prepared = C.intgemm_prepare_weight(w, largest)
    return C.intgemm_fully_connected(x, prepared, largest / 127, bias, num_hidden=w.shape[0], **attrs)


def test_int8_numbers():
    x = mx.nd.array([[-2.0, 1.0, 0.25, -0.01]])
    assert C.intgemm_maxabsolute(x).asnumpy().tolist() == [2.0]
    found = C.intgemm_prepare_data(x, mx.nd.array([2.0]))
    assert found.dtype == np.int8
    assert found.asnumpy().tolist() == [[-127, 64, 16, -1]]  # 63.5 is rounded to even
    assert C.intgemm_prepare_data(x, mx.nd.array([1.0])).asnumpy().tolist() == [[-127, 127, 32, -1]]
    weight = C.intgemm_prepare_weight(found, already_quantized=True)
    assert (weight.asnumpy() == found.asnumpy()).all()
    rows = C.intgemm_take_weight(
        mx.nd.array(np.arange(8).reshape(4, 2), dtype="int8"), mx.nd.array([3, 0], dtype="int32")
    )
    assert rows.asnumpy().tolist() == [[6, 7], [0, 1]]


@pytest.mark.parametrize("flatten", [True, False])
def test_int8_layer_is_near_the_dense_one(flatten):
    x, bias = mx.nd.array(_normal(3, 2, 8)), mx.nd.array(_normal(4))
    w = mx.nd.array(_normal(4, 16 if flatten else 8, seed=1))
    wanted = mx.nd.FullyConnected(x, w, bias, num_hidden=4, flatten=flatten).asnumpy()
    floats = _int8_layer(x, w, bias, flatten=flatten)
    assert floats.dtype == np.float32
    np.testing.assert_allclose(floats.asnumpy(), wanted, atol=0.15)
    # int8 data gives the same as data that is made int8 on the way, but for its scale
    largest = C.intgemm_maxabsolute(x)
    ints = _int8_layer(C.intgemm_prepare_data(x, largest), w, bias * 0, flatten=flatten)
    np.testing.assert_allclose((ints * largest / 127).asnumpy(), (floats - bias).asnumpy(), rtol=1e-5, atol=1e-5)


def test_int8_products_as_integers():
    random = np.random.RandomState(0)
    x, w = random.randint(-127, 128, (2, 64)), random.randint(-127, 128, (3, 64))
    bias = mx.nd.array([1, -2, 3], dtype="int32")
    args = mx.nd.array(x, dtype="int8"), mx.nd.array(w, dtype="int8")
    plain = C.intgemm_fully_connected(*args, no_bias=True, num_hidden=3, out_type="int32")
    assert plain.dtype == np.int32
    assert (plain.asnumpy() == x @ w.T).all()
    for _ in range(2):  # scaling is left out
        found = C.intgemm_fully_connected(*args, bias, num_hidden=3, out_type="int32")
        assert (found.asnumpy() == x @ w.T + [1, -2, 3]).all()
    data, weight, b = (mx.sym.var(n) for n in "xwb")
    symbol = mx.sym.contrib.intgemm_fully_connected(data, weight, bias=b, num_hidden=3, out_type="int32")
    assert symbol.infer_shape(x=(2, 64))[0] == [(2, 64), (3, 64), (3,)]
    assert symbol.infer_type(x="int8")[1] == [np.int32]
    found = symbol.eval(x=args[0], w=args[1], b=bias)[0]
    assert (found.asnumpy() == x @ w.T + [1, -2, 3]).all()


def test_int8_layer_refuses():
    x, w = mx.nd.ones((2, 8)), mx.nd.ones((3, 8), dtype="int8")
    for data, weight, attrs in (
        (x, x, {}),
        (x, w, dict(num_hidden=4)),
        (x.astype("float64"), w, {}),
        (x, w, dict(out_type="int32")),
    ):
        scaling = () if attrs.get("out_type") else (mx.nd.ones(1),)
        with pytest.raises(MXNetError, match="intgemm_fully_connected"):
            C.intgemm_fully_connected(data, weight, *scaling, **{"num_hidden": 3, "no_bias": True, **attrs})
    with pytest.raises(MXNetError, match="intgemm_prepare_weight"):
        C.intgemm_prepare_weight(x, already_quantized=True)
    with pytest.raises(MXNetError, match="intgemm_prepare_data"):
        C.intgemm_prepare_data(x.astype("float64"), mx.nd.ones(1, dtype="float64"))


# ---------------------------------------------------------------------------------------------- what is finite
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32"])
def test_what_is_finite(dtype):
    values = [1.0, np.nan, np.inf, -np.inf] if "float" in dtype else [1, 0, -3, 7]
    x = mx.nd.array(values, dtype=dtype)
    for name in ("isnan", "isinf", "isfinite"):
        wanted = getattr(np, name)(np.array(values)).astype(dtype)
        found = getattr(C, name)(x)
        assert found.dtype == wanted.dtype
        assert (found.asnumpy() == wanted).all()
        symbol = getattr(mx.sym.contrib, name)(mx.sym.var("x"))
        assert (symbol.eval(x=x)[0].asnumpy() == wanted).all()
