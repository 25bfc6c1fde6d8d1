"""Quantized operators where MXNet 1.9.1 is wrong or cannot be asked: against the real numbers that they stand for."""

from __future__ import annotations

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError
from tests.oracle import quantization_graphs
from tests.scenarios import against_mxnet

C = mx.nd.contrib
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(quantization_graphs)


def _quantized(values, kind):
    return C.quantize_v2(mx.nd.array(values), out_type=kind)


def _ends(*values):
    return [mx.nd.array([float(v)]) for v in values]


@pytest.mark.parametrize("kind", ["int8", "uint8"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_convolution(kind, bias, layout):
    random = np.random.RandomState(0)
    x = random.uniform(0 if kind == "uint8" else -1, 1, (2, 4, 6, 5)).astype("float32")
    w, b = random.uniform(-2, 2, (4, 2, 3, 2)).astype("float32"), random.uniform(-3, 3, 4).astype("float32")
    attrs = dict(kernel=(3, 2), num_filter=4, num_group=2, stride=(2, 1), pad=(1, 0), no_bias=not bias)
    wanted = mx.nd.Convolution(*map(mx.nd.array, (x, w, b) if bias else (x, w)), **attrs).asnumpy()
    if layout == "NHWC":
        x, w, attrs["layout"] = x.transpose(0, 2, 3, 1), w.transpose(0, 2, 3, 1), layout
    parts = [_quantized(a, k) for a, k in ((x, kind), (w, "int8"), (b, "int8"))][: 2 + bias]
    found = C.quantized_conv(*[p[0] for p in parts], *[end for p in parts for end in p[1:]], **attrs)
    assert found[0].dtype == np.int32
    real = found[0].asnumpy() * (found[2].asscalar() / (2**31 - 1))
    if layout == "NHWC":
        real = real.transpose(0, 3, 1, 2)
    np.testing.assert_allclose(real, wanted, atol=0.1)
    small = C.requantize(*found)
    np.testing.assert_allclose(
        C.dequantize(*small).asnumpy().reshape(real.shape if layout == "NCHW" else (2, 3, 4, 4)),
        real if layout == "NCHW" else real.transpose(0, 2, 3, 1),
        atol=0.1,
    )


def test_relu_of_unsigned_numbers():
    found = C.quantized_act(mx.nd.array([0, 127, 255], dtype="uint8"), *_ends(0, 4), act_type="relu")
    assert found[0].dtype == np.uint8
    assert found[0].asnumpy().tolist() == [0, 127, 255]


@pytest.mark.parametrize("calibrated", [True, False])
def test_sum_of_signed_and_unsigned_numbers(calibrated):
    random = np.random.RandomState(0)
    x, y = random.uniform(-2, 2, (3, 4)), random.uniform(0, 3, (3, 4))
    a, b = _quantized(x, "int8"), _quantized(y, "uint8")
    ends = dict(min_calib_range=-5.0, max_calib_range=5.0) if calibrated else {}
    found, _, limit = C.quantized_elemwise_add(a[0], b[0], *a[1:], *b[1:], **ends)
    unit = limit.asscalar() / (127.5 if calibrated else 2**31 - 1)
    np.testing.assert_allclose(found.asnumpy() * unit, x + y, atol=0.05)


@pytest.mark.parametrize("kind", ["int8", "uint8"])
@pytest.mark.parametrize("fix_gamma", [True, False])
def test_batch_norm(fix_gamma, kind):
    random = np.random.RandomState(0)
    x = random.uniform(0 if kind == "uint8" else -2, 2, (2, 3, 4, 2))
    states = [mx.nd.array(v) for v in ([1.5, 2, 0.5], [0.1, 0, -0.2], [0.3, -0.1, 0], [1.0, 2.0, 0.5])]
    attrs = dict(fix_gamma=fix_gamma, eps=0.5)
    wanted = mx.nd.BatchNorm(mx.nd.array(x), *states, use_global_stats=True, **attrs).asnumpy()
    data = _quantized(x, kind)
    found = C.quantized_batch_norm(data[0], *states, *data[1:], min_calib_range=-4.0, max_calib_range=4.0, **attrs)
    np.testing.assert_allclose(C.dequantize(*found).asnumpy(), wanted, atol=0.06)
    for more in (dict(axis=2), dict(output_mean_var=True)):
        with pytest.raises(MXNetError, match="_contrib_quantized_batch_norm"):
            C.quantized_batch_norm(data[0], *states, *data[1:], min_calib_range=-4.0, max_calib_range=4.0, **more)


@pytest.mark.parametrize("kind", ["max", "avg"])
def test_pooling_of_blocks(kind):
    x = np.random.RandomState(0).uniform(-2, 2, (2, 3, 4, 4, 4))
    attrs = dict(kernel=(2, 2, 2), stride=(2, 2, 2), pool_type=kind)
    found = C.quantized_pooling(*_quantized(x, "int8"), **attrs)
    wanted = mx.nd.Pooling(mx.nd.array(x), **attrs).asnumpy()
    np.testing.assert_allclose(C.dequantize(*found).asnumpy(), wanted, atol=0.02)


def test_a_dense_layer_without_bias_by_position():
    random = np.random.RandomState(0)
    x, w = random.uniform(-1, 1, (2, 8)), random.uniform(-1, 1, (3, 8))
    a, b = _quantized(x, "int8"), _quantized(w, "int8")
    for _ in range(2):
        found = C.quantized_fully_connected(a[0], b[0], *a[1:], *b[1:], num_hidden=3, no_bias=True)
        real = found[0].asnumpy() * (found[2].asscalar() / (2**31 - 1))
        np.testing.assert_allclose(real, x @ w.T, atol=0.05)


@pytest.mark.parametrize("ends", [{}, dict(min_calib_range=-2.5, max_calib_range=6.0)])
def test_asymmetric(ends):
    """MXNet 1.9.1 ends the process; its documentation gives the formula."""
    x = np.random.RandomState(0).uniform(-2, 5, (3, 4)).astype("float32")
    found, scale, shift = C.quantize_asym(mx.nd.array(x), **ends)
    assert (found.dtype, scale.shape, shift.shape) == (np.uint8, (1,), (1,))
    np.testing.assert_allclose((found.asnumpy() - shift.asscalar()) / scale.asscalar(), x, atol=0.51 / scale.asscalar())
    low, high = ends.values() or (x.min(), x.max())
    np.testing.assert_allclose([low * scale.asscalar() + shift.asscalar(), high * scale.asscalar()],
                               [0, 255 - shift.asscalar()], atol=1e-4)  # fmt: skip


def test_asymmetric_edges():
    found, _, _ = C.quantize_asym(mx.nd.array([-9.0, 0.0, 9.0]), min_calib_range=-1.0, max_calib_range=1.0)
    assert found.asnumpy().tolist() == [0, 128, 255]  # beyond the range; a half goes up
    assert C.quantize_asym(mx.nd.ones(2))[0].asnumpy().tolist() == [255, 255]
    with pytest.raises(MXNetError, match="_contrib_quantize_asym.*float32"):
        C.quantize_asym(mx.nd.ones(2, dtype="int8"))


def test_products():
    """MXNet multiplies in graphs only, and lets what a given range cannot hold overflow."""
    a, b = (mx.nd.array(v, dtype="int8") for v in ([-128, 127, 5], [100, 127, 66]))
    found, low, high = C.quantized_elemwise_mul(a, b, *_ends(-1, 2, -3, 2.5), min_calib_range=-0.5, max_calib_range=0.6)
    assert found.asnumpy().tolist() == [-128, 127, 25]
    assert (low.asscalar(), high.asscalar()) == (-0.5, np.float32(0.6))
    with pytest.raises(MXNetError, match="_contrib_quantized_elemwise_mul.*int8"):
        C.quantized_elemwise_mul(a.astype("uint8"), b, *_ends(-1, 2, -3, 2.5))
