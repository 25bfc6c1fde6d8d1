"""The layers that MXNet has with oneDNN only equal its own; here they run in every dtype and on any number of axes."""

from __future__ import annotations

import numpy as np
import pytest

import mxgluon_compat as mx

from ..harness.compare import against_mxnet
from . import onednn_cases

test_looks, test_runs, test_refused, test_scene = against_mxnet("layers_onednn", onednn_cases)

nn = mx.gluon.nn


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(("shape", "axis"), [((5, 3), 1), ((4, 3, 5), 1), ((4, 2, 3), -1), ((2, 3, 2, 2, 2), 1)])
@pytest.mark.parametrize("train", [False, True])
def test_batch_norm_relu_is_batch_norm_and_relu(shape, axis, dtype, train):
    """Also its gradient in predict mode, which is 0 in MXNet."""
    drawn = mx.nd.array(np.random.RandomState(0).standard_normal(shape), dtype=dtype)
    found = []
    for layer, after in ((nn.BatchNormReLU(axis=axis), lambda y: y), (nn.BatchNorm(axis=axis), mx.nd.relu)):
        layer.cast(dtype)
        layer.initialize()
        x = drawn.copy()
        x.attach_grad()
        with mx.autograd.record(train_mode=train):
            y = after(layer(x))
        y.backward(drawn)
        grads = [p.grad() for p in layer.collect_params().values() if p.grad_req != "null"]
        found.append([a.asnumpy() for a in (y, x.grad, *grads, layer.running_mean.data(), layer.running_var.data())])
    for ours, wanted in zip(*found, strict=True):
        np.testing.assert_allclose(ours, wanted, rtol=1e-3 if dtype == "float16" else 1e-5, atol=1e-5)
