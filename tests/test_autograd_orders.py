"""Derivatives of derivatives: as MXNet's where it has them, as differences of the first ones where it refuses."""

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat import autograd, gluon, nd
from tests.oracle import autograd_orders as scenario
from tests.oracle.scenario import plain, read, same

GOLDEN = read("autograd_orders")
WRONG_IN_MXNET = {  # name -> from which order on (of those with several arrays: 2)
    "arccosh": 2,  # the second derivative has the wrong sign
    "arcsinh": 2,
    "several: tanh of FullyConnected": 2,  # what goes through the gradient of the layer's output is lost
}
NO_GRADIENT = ("ones_like", "zeros_like")  # tests/test_autograd.py: refused, not zero


@pytest.fixture(scope="module")
def found():
    return plain(scenario.results(mx))


def test_all_scenarios_ran(found):
    assert set(found) == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(set(GOLDEN) - {*NO_GRADIENT}))
def test_as_mxnet(found, name):
    ours, wanted = found[name], GOLDEN[name]
    if name in scenario.UNARY:
        wanted = [one for one in wanted if "raises" not in one][: WRONG_IN_MXNET.get(name, 4) - 1]
        assert len(wanted) >= 1 and len(ours) == 3
        ours = ours[: len(wanted)]
    elif "raises" in wanted:
        assert all(
            "values" in one for one in (*ours[0], *ours[1])
        )  # MXNet refuses; test_second_of_several has the numbers
        return
    elif name in WRONG_IN_MXNET:
        ours, wanted = ours[0], wanted[0]
    # MXNet's float32 formulas cancel more than torch's
    assert same(ours, wanted, 2e-5, 2e-6), f"ours:  {ours}\nMXNet: {wanted}"


@pytest.mark.parametrize("name", sorted(WRONG_IN_MXNET))
def test_still_wrong_in_mxnet(found, name):
    assert not same(found[name][1], GOLDEN[name][1], 1e-2, 1e-2)


# ---------------------------------------------------------------------------------------------- by differences
def gradients(run, arrays, create_graph=False):
    """d(weighted sum of what run() returns)/d(arrays); the elements' weights differ."""
    with autograd.record():
        y = run()
        ys = list(y) if isinstance(y, (list, tuple)) else [y]
        weights = [scenario.heads(nd, one.shape, 0).astype(one.dtype) for one in ys]
        return autograd.grad(ys, arrays, weights, create_graph=create_graph, retain_graph=create_graph)


def check_second(run, arrays, rtol=1e-4, atol=1e-6, step=1e-4):
    """Hessian times a direction: of backward, and of differences of the gradients.  arrays: float64, attached."""
    rng = np.random.RandomState(5)
    start = [x.asnumpy() for x in arrays]
    directions = [rng.uniform(-1, 1, x.shape) for x in arrays]
    firsts = gradients(run, arrays, create_graph=True)
    with autograd.record():
        total = sum((g * nd.array(v, dtype="float64")).sum() for g, v in zip(firsts, directions, strict=True))
    total.backward()
    found, moved = [x.grad.asnumpy() for x in arrays], []
    for sign in (1, -1):
        for x, at, v in zip(arrays, start, directions, strict=True):
            x[:] = at + sign * step * v
        moved.append([g.asnumpy() for g in gradients(run, arrays)])
    for ours, up, down in zip(found, *moved, strict=True):
        np.testing.assert_allclose(ours, (up - down) / (2 * step), rtol, atol)
    return found


def attached(values):
    arrays = [nd.array(v, dtype="float64") for v in values]
    for x in arrays:
        x.attach_grad()
    return arrays


@pytest.mark.parametrize("name", sorted(set(scenario.UNARY) - {*NO_GRADIENT}))
def test_second_of_unary(name):
    (x,) = attached([scenario.UNARY[name]])
    check_second(lambda: getattr(nd, name)(x), [x])


@pytest.mark.parametrize("name", sorted(scenario.SEVERAL))
def test_second_of_several(name):
    function, values = scenario.SEVERAL[name]
    arrays = attached(values)
    check_second(lambda: function(nd, *arrays), arrays)


OTHERS = {
    "L2Normalization": lambda x: nd.L2Normalization(x),
    "LRN": lambda x: nd.LRN(x.reshape((1, 2, 3, 1)), nsize=3, alpha=0.5),
    "quadratic": lambda x: nd.contrib.quadratic(x, a=1, b=2, c=3),
    "BlockGrad": lambda x: nd.BlockGrad(nd.ones((2, 3), dtype="float64")) * x**3,
    "UpSampling": lambda x: nd.UpSampling((x * x).reshape((1, 1, 2, 3)), scale=2, sample_type="nearest"),
    "BilinearResize2D": lambda x: nd.contrib.BilinearResize2D((x**3).reshape((1, 1, 2, 3)), height=3, width=4),
    "topk": lambda x: nd.topk(x**3, k=2, ret_typ="value"),
    "sort": lambda x: nd.sort(x**3, axis=1),
    "gemm2": lambda x: nd.linalg.gemm2(x, x, transpose_b=True),
    "potrf": lambda x: nd.linalg.potrf(nd.linalg.gemm2(x, x, transpose_b=True) + 3 * nd.eye(2, dtype="float64")),
    "max Pooling": lambda x: nd.Pooling((x**3).reshape((1, 1, 2, 3)), kernel=(2, 2), pool_type="max"),
    "lp Pooling": lambda x: nd.Pooling(x.reshape((1, 1, 2, 3)), kernel=(2, 2), pool_type="lp", p_value=2),
    "div_sqrt_dim": lambda x: nd.contrib.div_sqrt_dim(x**3),
    "norm along": lambda x: nd.norm(x, axis=1),
    "MakeLoss": lambda x: nd.make_loss(x**3),
    "Pad": lambda x: nd.Pad((x**3).reshape((1, 1, 2, 3)), mode="reflect", pad_width=(0, 0, 0, 0, 1, 1, 1, 1)),
    "pick": lambda x: nd.pick(x**3, nd.array([0, 2])),
    "gather_nd": lambda x: nd.gather_nd(x**3, nd.array([[0, 0, 1], [1, 1, 2]])),
    "SequenceMask": lambda x: nd.SequenceMask(x**3, nd.array([1, 2, 1], dtype="float64"), use_sequence_length=True),
}


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_second_of_others(name):
    (x,) = attached([[[0.3, -0.5, 0.8], [1.2, 0.1, -0.4]]])
    (found,) = check_second(lambda: OTHERS[name](x), [x])
    assert abs(found).max() > 1e-3


def conv(kind, **options):
    return lambda: getattr(gluon.nn, kind)(2, 2, **options)


IMAGE, SEQUENCE = (2, 2, 4, 4), (3, 2, 4)
LAYERS = {
    "Dense": (lambda: gluon.nn.Dense(3, activation="tanh"), [(2, 4)]),
    "Dense sigmoid": (lambda: gluon.nn.Dense(3, activation="sigmoid", flatten=False), [SEQUENCE]),
    "Conv1D": (conv("Conv1D", activation="softrelu"), [SEQUENCE]),
    "Conv2D": (conv("Conv2D", activation="tanh", strides=2, padding=1), [IMAGE]),
    "Conv2D groups": (conv("Conv2D", groups=2, activation="tanh"), [IMAGE]),
    "Conv3D": (conv("Conv3D", activation="tanh"), [(1, 2, 3, 3, 3)]),
    "Conv2DTranspose": (conv("Conv2DTranspose", activation="sigmoid"), [IMAGE]),
    "BatchNorm": (gluon.nn.BatchNorm, [IMAGE]),
    "BatchNorm global": (lambda: gluon.nn.BatchNorm(use_global_stats=True), [IMAGE]),
    "LayerNorm": (gluon.nn.LayerNorm, [(2, 4)]),
    "GroupNorm": (lambda: gluon.nn.GroupNorm(2), [IMAGE]),
    "InstanceNorm": (gluon.nn.InstanceNorm, [IMAGE]),
    "MaxPool2D": (lambda: squared(gluon.nn.MaxPool2D(2)), [IMAGE]),
    "AvgPool2D": (lambda: squared(gluon.nn.AvgPool2D(2, padding=1)), [IMAGE]),
    "GlobalAvgPool2D": (lambda: squared(gluon.nn.GlobalAvgPool2D()), [IMAGE]),
    "GlobalMaxPool2D": (lambda: squared(gluon.nn.GlobalMaxPool2D()), [IMAGE]),
    "ELU": (gluon.nn.ELU, [(2, 4)]),
    "SELU": (gluon.nn.SELU, [(2, 4)]),
    "GELU": (gluon.nn.GELU, [(2, 4)]),
    "Swish": (gluon.nn.Swish, [(2, 4)]),
    "PReLU": (lambda: squared(gluon.nn.PReLU()), [(2, 4)]),
    "LeakyReLU": (lambda: squared(gluon.nn.LeakyReLU(0.3)), [(2, 4)]),
    "Flatten": (lambda: squared(gluon.nn.Flatten()), [IMAGE]),
    "RNN": (lambda: gluon.rnn.RNN(3, activation="tanh"), [SEQUENCE]),
    "LSTM": (lambda: gluon.rnn.LSTM(3, num_layers=2, bidirectional=True), [SEQUENCE]),
    "GRU": (lambda: gluon.rnn.GRU(3), [SEQUENCE]),
    "RNNCell": (lambda: unrolled(gluon.rnn.RNNCell(3)), [(2, 3, 4)]),
    "LSTMCell": (lambda: unrolled(gluon.rnn.LSTMCell(3)), [(2, 3, 4)]),
    "GRUCell": (lambda: unrolled(gluon.rnn.GRUCell(3)), [(2, 3, 4)]),
    "Embedding": (lambda: chain(gluon.nn.Embedding(5, 3), gluon.nn.Dense(2, activation="tanh")), [[1, 4, 1]]),
    "a net": (
        lambda: chain(
            gluon.nn.Conv2D(3, 3), gluon.nn.BatchNorm(), gluon.nn.Swish(), gluon.nn.GlobalAvgPool2D(), gluon.nn.Dense(2)
        ),
        [IMAGE],
    ),
}


class Through(gluon.HybridBlock):
    """A layer, and a function of its output."""

    def __init__(self, inner, function):
        super().__init__()
        self.inner, self.function = inner, function

    def hybrid_forward(self, F, x):
        return self.function(self.inner, x)


def squared(inner):
    return Through(inner, lambda inner, x: inner(x) ** 2)


def unrolled(cell):
    return Through(cell, lambda cell, x: cell.unroll(3, x, merge_outputs=True)[0])


def chain(*layers):
    net = gluon.nn.HybridSequential()
    net.add(*layers)
    return net


@pytest.mark.parametrize("hybridize", [False, True], ids=["imperative", "hybridized"])
@pytest.mark.parametrize("name", sorted(LAYERS))
def test_second_of_layers(name, hybridize):
    make, inputs = LAYERS[name]
    mx.random.seed(11)
    rng = np.random.RandomState(3)
    block = make()
    block.initialize(mx.init.Uniform(0.8))
    block.cast("float64")
    given = [nd.array(rng.uniform(-1, 1, s) if isinstance(s, tuple) else s, dtype="float64") for s in inputs]
    if hybridize:
        block.hybridize()
    block(*given)
    arrays = [p.data() for p in block.collect_params().values() if p.grad_req != "null"]
    if isinstance(inputs[0], tuple):
        for x in given:
            x.attach_grad()
        arrays += given
    found = check_second(lambda: block(*given), arrays)
    assert any(abs(one).max() > 1e-3 for one in found)


LOSSES = {
    "L2Loss": [(2, 3), (2, 3)],
    "SigmoidBinaryCrossEntropyLoss": [(2, 3), (2, 3)],
    "SoftmaxCrossEntropyLoss": [(2, 3), [0, 2]],
    "KLDivLoss": [(2, 3), (2, 3)],
    "HuberLoss": [(2, 3), (2, 3)],
    "LogisticLoss": [(2, 3), [[1, -1, 1], [-1, 1, 1]]],
    "PoissonNLLLoss": [(2, 3), (2, 3)],
    "CosineEmbeddingLoss": [(2, 3), (2, 3), [1, -1]],
    "SquaredHingeLoss": [(2, 3), [[1, -1, 1], [-1, 1, 1]]],
}


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_second_of_losses(name):
    rng = np.random.RandomState(4)
    given = attached([rng.uniform(0.1, 1, s) if isinstance(s, tuple) else s for s in LOSSES[name]])
    loss = getattr(gluon.loss, name)(**({"from_logits": False} if name == "KLDivLoss" else {}))
    moved = given[:1] if name != "CosineEmbeddingLoss" else given[:2]
    found = check_second(lambda: loss(*given), moved)
    assert abs(found[0]).max() > 1e-3


# ---------------------------------------------------------------------------------------------- what is refused
def test_compiled_graphs():
    net = gluon.nn.Dense(2, in_units=2, activation="tanh")
    net.initialize()
    net.hybridize(backend="aot_eager")
    x = nd.ones((2, 2))
    x.attach_grad()
    with autograd.record():
        (g,) = autograd.grad(net(x), x, create_graph=True)
        total = (g * g).sum()
    with pytest.raises(mx.MXNetError, match=r"compiled graph cannot be differentiated twice.*hybridize\(\) without"):
        total.backward()


REFUSED = {
    "SoftmaxOutput": lambda x, label: nd.SoftmaxOutput(x, label),
    "softmax_cross_entropy": lambda x, label: nd.softmax_cross_entropy(x, label),
    "SVMOutput": lambda x, label: nd.SVMOutput(x, label),
    "linear_reg_out": lambda x, label: nd.LinearRegressionOutput(x, nd.ones((2, 3))),
    "logistic_reg_out": lambda x, label: nd.LogisticRegressionOutput(x, nd.ones((2, 3))),
    "mae_reg_out": lambda x, label: nd.MAERegressionOutput(x, nd.ones((2, 3))),
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_gradients_of_losses_that_are_constants_to_torch(name):
    # A loss's own gradient cannot be differentiated, in MXNet neither; zeros would be wrong.
    x = nd.array([[0.3, -0.5, 0.8], [1.2, 0.1, -0.4]])
    x.attach_grad()
    with autograd.record():
        y = REFUSED[name](x, nd.array([0, 1]))
        (g,) = autograd.grad(y, x, create_graph=True, retain_graph=True)
        total = (g * g).sum()
    with pytest.raises(mx.MXNetError, match=f"Operator _backward_{name} is non-differentiable"):
        total.backward()
    y.backward()
    assert x.grad.asnumpy().tolist() == g.asnumpy().tolist() and x.grad.asnumpy().any()
