"""Where MXNet's layers and losses refuse or go wrong and ours work, and what of MXNet's is refused here."""

from __future__ import annotations

import numpy as np
import pytest

import mxgluon_compat as mx

from .. import loss_cases
from ..harness import compare, observe
from . import cases

nn, loss = mx.gluon.nn, mx.gluon.loss
SINGLE_ONLY = [
    (name, case)
    for name, table in (("layers", cases.CASES), ("losses", loss_cases.CASES))
    for case in table
    if observe.dtypes_of(case) == ("float32",)
]


@pytest.mark.parametrize(("name", "case"), SINGLE_ONLY, ids=lambda x: x if isinstance(x, str) else x[0])
def test_float64_where_mxnet_has_float32_only(name, case):
    expected = compare.golden(name)[1][f"{case[0]}/float32"]
    for face in ("imperative", "hybrid"):
        found, _ = observe.run(mx, case, "float64", face)
        assert set(found) == set(expected)
        for part, want in expected.items():
            assert found[part].dtype == np.float64
            np.testing.assert_allclose(found[part], want, rtol=1e-4, atol=1e-5, err_msg=f"{face} {part}")


def _moved(array, source, destination):
    return mx.nd.array(np.ascontiguousarray(np.moveaxis(array.asnumpy(), source, destination)))


@pytest.mark.parametrize(
    ("axes", "last", "first"),
    [
        (2, "nn.Conv2D(4, 3, groups=2, layout='NHWC')", "nn.Conv2D(4, 3, groups=2)"),
        (2, "nn.Conv2D(3, 2, 2, 1, layout='NHWC', use_bias=False)", "nn.Conv2D(3, 2, 2, 1, use_bias=False)"),
        (3, "nn.Conv3D(2, 2, layout='NDHWC')", "nn.Conv3D(2, 2)"),
        (2, "nn.Conv2DTranspose(3, 2, 2, layout='NHWC')", "nn.Conv2DTranspose(3, 2, 2)"),
        (3, "nn.Conv3DTranspose(3, 2, 2, layout='NDHWC')", "nn.Conv3DTranspose(3, 2, 2)"),
    ],
)
@pytest.mark.parametrize("hybrid", [False, True])
def test_channels_last_is_channels_first_moved(axes, last, first, hybrid):
    """MXNet has these layouts on GPUs only."""
    x = mx.nd.array(np.random.RandomState(0).standard_normal((2, 4, 5, 4, 6)[: axes + 2]))
    net, plain = observe.make(mx, last), observe.make(mx, first)
    if hybrid:
        net.hybridize()
    moved = _moved(x, 1, -1)
    for layer, data in ((plain, x), (net, moved)):
        layer.initialize(mx.init.Zero())
        layer(data)
    observe.fill(mx, plain)
    for p, q in zip(net.collect_params().values(), plain.collect_params().values(), strict=True):
        p.set_data(_moved(q.data(), 1, -1) if len(q.shape) > 1 else q.data())
    found = _moved(net(moved), -1, 1).asnumpy()
    np.testing.assert_allclose(found, plain(x).asnumpy(), rtol=1e-5, atol=1e-5)


def test_grouped_transpose_needs_no_in_channels():
    """MXNet refuses groups while in_channels is unknown."""
    net = nn.Conv2DTranspose(4, 2, groups=2)
    net.initialize()
    assert net(mx.nd.ones((1, 6, 3, 3))).shape == (1, 4, 4, 4)
    assert net.weight.shape == (6, 2, 2, 2)


def test_full_poisson_loss_of_zero_counts():
    """MXNet gives NaN for targets of 0, and refuses to record the loss at all."""
    pred, target = mx.nd.array([[0.5, 1.0]]), mx.nd.array([[0.0, 3.0]])
    pred.attach_grad()
    for hybrid in (False, True):
        criterion = loss.PoissonNLLLoss(compute_full=True)
        criterion.hybridize(hybrid)
        with mx.autograd.record():
            value = criterion(pred, target)
        value.backward()
        stirling = 3 * np.log(3) - 3 + 0.5 * np.log(2 * np.pi * 3)
        expected = (np.exp(0.5) + np.exp(1.0) - 3 + stirling) / 2
        np.testing.assert_allclose(value.asnumpy(), [expected], rtol=1e-6)
        np.testing.assert_allclose(pred.grad.asnumpy(), [[np.exp(0.5) / 2, (np.e - 3) / 2]], rtol=1e-5)


def test_sdml_loss_hybridizes_for_any_batch():
    """MXNet's looks at a shape, which its trace has not."""
    criterion, plain = loss.SDMLLoss(), loss.SDMLLoss()
    criterion.hybridize()
    for rows in (2, 5):
        x = mx.nd.array(np.random.RandomState(rows).standard_normal((rows, 3)))
        y = mx.nd.array(np.random.RandomState(rows + 9).standard_normal((rows, 3)))
        assert criterion(x, y).shape == (rows,)
        np.testing.assert_allclose(criterion(x, y).asnumpy(), plain(x, y).asnumpy(), rtol=1e-6)


def test_negative_elu_has_a_derivative_of_its_own():
    """MXNet takes the sign of the output for that of the input, and 1 for the derivative."""
    net, x = nn.ELU(-2.0), mx.nd.array([-1.0, 2.0])
    x.attach_grad()
    with mx.autograd.record():
        y = net(x)
    y.backward()
    np.testing.assert_allclose(y.asnumpy(), [-2 * (np.exp(-1) - 1), 2], rtol=1e-6)
    np.testing.assert_allclose(x.grad.asnumpy(), [-2 * np.exp(-1), 1], rtol=1e-6)


@pytest.mark.parametrize("alpha", [0.25, -0.5])
def test_slopes_of_prelu_learn_the_same_hybridized(alpha):
    """In a graph MXNet takes the slope's gradient from the input's, which has been multiplied by the slope."""
    net = nn.HybridSequential()
    net.add(nn.Dense(4, in_units=3), nn.PReLU(mx.init.Constant(alpha)), nn.Dense(2, in_units=4))
    net.initialize(mx.init.Xavier())
    x = mx.nd.array(np.random.RandomState(2).standard_normal((5, 3)))
    negative = np.minimum(net[0](x).asnumpy(), 0)
    want = (negative * net[2].weight.data().asnumpy().sum(axis=0)).sum()
    for hybrid in (False, True):
        net.hybridize(hybrid)
        with mx.autograd.record():
            loss = net(x).sum()
        loss.backward()
        np.testing.assert_allclose(net[1].alpha.grad().asscalar(), want, rtol=1e-4)


def test_transposed_convolution_over_three_axes_dilates():
    """MXNet refuses it; over one slice it is that over two axes."""
    flat, deep = (
        nn.Conv2DTranspose(3, 2, 2, dilation=(2, 3)),
        nn.Conv3DTranspose(3, (1, 2, 2), (1, 2, 2), dilation=(4, 2, 3)),
    )
    x = mx.nd.array(np.random.RandomState(0).standard_normal((2, 2, 3, 4)))
    for layer, data in ((flat, x), (deep, x.expand_dims(2))):
        layer.initialize(mx.init.Zero())
        layer(data)
    observe.fill(mx, flat)
    for p, q in zip(deep.collect_params().values(), flat.collect_params().values(), strict=True):
        p.set_data(q.data().reshape(p.shape))
    np.testing.assert_allclose(deep(x.expand_dims(2))[:, :, 0].asnumpy(), flat(x).asnumpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "text",
    [
        "called('nn.BatchNorm(in_channels=3)', mx.nd.ones((2, 4)))",  # MXNet's reads beyond the Parameters
        "called('nn.MaxPool2D(0)', mx.nd.ones((1, 1, 2, 2)))",  # these end MXNet's process
        "called('nn.MaxPool2D(2, 0)', mx.nd.ones((1, 1, 2, 2)))",
        "nn.Conv2D(2, 2, groups=0)",
        "called('nn.MaxPool2D(2, (1, 1, 1))', mx.nd.ones((1, 1, 3, 3)))",  # MXNet's leaves out the third number
    ],
)
def test_refused_here_only(text):
    kind, message = observe.refusal(mx, text)
    assert kind == "MXNetError" and message == ""  # observe.refusal leaves the texts of these out


HALF = [
    ("nn.Dense(3, activation='relu')", (4, 5)),
    ("nn.Conv1D(2, 3)", (2, 2, 6)),
    ("nn.Conv2D(4, 2, groups=2, activation='tanh')", (2, 2, 4, 4)),
    ("nn.Conv3D(2, 2)", (1, 2, 3, 3, 3)),
    ("nn.Conv2DTranspose(2, 3, 2)", (1, 2, 3, 3)),
    ("nn.InstanceNorm()", (2, 3, 8)),
    ("stack('nn.Conv2D(2, 3, use_bias=False)', 'nn.BatchNorm()', 'nn.PReLU()', 'nn.Dense(2)')", (4, 2, 5, 5)),
]


@pytest.mark.parametrize(("text", "shape"), HALF, ids=lambda x: x if isinstance(x, str) else "")
@pytest.mark.parametrize("face", ["imperative", "hybrid"])
def test_float16_is_rounded_float32(text, shape, face):
    """MXNet's CPU has no float16 products; BatchNorm's Parameters stay float32 there too."""
    case = (text, [shape])
    half, single = (observe.run(mx, case, dtype, face)[0] for dtype in ("float16", "float32"))
    for part in ("predict", "train", "grad of input 0"):
        if part in half:
            assert half[part].dtype == np.float16
            scale = np.abs(single[part]).max()
            np.testing.assert_allclose(half[part], single[part], rtol=2e-2, atol=2e-2 * scale, err_msg=part)
