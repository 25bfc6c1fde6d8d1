"""Every layer of gluon.contrib.cnn equals real MXNet's: names, Parameters, repr, symbol JSON, outputs, gradients."""

from __future__ import annotations

import numpy as np
import pytest

import mxgluon_compat as mx

from ...harness.compare import against_mxnet
from . import cases

test_looks, test_runs, test_refused, test_scene = against_mxnet("contrib_cnn", cases)


# ---------------------------------------------------------------------------------------------- without an oracle
# MXNet computes ModulatedDeformableConvolution on a GPU only.
def _modulated(**kwargs):
    net = mx.gluon.contrib.cnn.ModulatedDeformableConvolution(4, 3, padding=1, num_deformable_group=2, **kwargs)
    net.initialize(mx.init.Normal(0.5))
    x = mx.nd.random.normal(shape=(2, 4, 5, 4))
    net(x)
    return net, x


def test_a_fresh_modulated_layer_is_a_convolution():
    net, x = _modulated(bias_initializer="ones")
    weight, bias = net.deformable_conv_weight.data(), net.deformable_conv_bias.data()
    wanted = mx.nd.Convolution(x, weight, bias, kernel=(3, 3), pad=(1, 1), num_filter=4)
    np.testing.assert_allclose(net(x).asnumpy(), wanted.asnumpy(), rtol=1e-5, atol=1e-5)


def test_modulated_layers_hand_offsets_and_weights_to_their_operator(tmp_path):
    normal = mx.init.Normal(0.5)
    net, x = _modulated(activation="relu", offset_weight_initializer=normal, offset_bias_initializer=normal)
    both = mx.nd.Convolution(
        x, net.offset_weight.data(), net.offset_bias.data(), kernel=(3, 3), pad=(1, 1), num_filter=54
    )
    wanted = mx.nd.contrib.ModulatedDeformableConvolution(
        x, both[:, :36], 2 * mx.nd.sigmoid(both[:, 36:]), net.deformable_conv_weight.data(),
        net.deformable_conv_bias.data(), kernel=(3, 3), pad=(1, 1), num_filter=4, num_deformable_group=2,
    ).relu()  # fmt: skip
    gradients = []
    for hybridized in (False, True):
        net.hybridize(hybridized)
        with mx.autograd.record():
            out = net(x)
        np.testing.assert_allclose(out.asnumpy(), wanted.asnumpy(), rtol=1e-5, atol=1e-5)
        out.backward()
        gradients.append([p.grad().asnumpy() for p in net.collect_params().values()])
    for plain, hybrid in zip(*gradients, strict=True):
        assert np.abs(plain).sum() > 0
        np.testing.assert_allclose(hybrid, plain, rtol=1e-4, atol=1e-4)
    net.export(str(tmp_path / "net"))
    read = mx.gluon.SymbolBlock.imports(str(tmp_path / "net-symbol.json"), ["data"], str(tmp_path / "net-0000.params"))
    np.testing.assert_allclose(read(x).asnumpy(), wanted.asnumpy(), rtol=1e-5, atol=1e-5)


def test_errors_name_the_argument():
    for arguments, text in (({"kernel_size": (3,)}, "kernel_size"), ({"kernel_size": 3, "adj": (0, 0)}, "adj")):
        with pytest.raises((IndexError, mx.MXNetError), match=text):
            mx.gluon.contrib.cnn.DeformableConvolution(4, **arguments)
