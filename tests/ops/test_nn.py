"""Network operators: what a row of cases cannot say."""

from __future__ import annotations

import pytest
import torch

from mxgluon_compat import streams
from mxgluon_compat.ops import conv, loss, nn, norm
from tests.oracle import nn_rules as scenario
from tests.scenarios import against_mxnet

CPU = streams.stream_for("cpu")
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario, rtol=2e-5, atol=1e-5)


def _normal(*shape, **kwargs):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)), dtype=torch.float64, **kwargs)


# ---------------------------------------------------------------------------------------------- BatchNorm
def _stats():
    return torch.zeros(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64)


def test_batch_norm_compiled_updates_in_the_forward_pass():
    def step(x, gamma, beta, mean, var):
        return norm.batch_norm(x, gamma, beta, mean, var, fix_gamma=False, training=True)[0]

    x, gamma, beta = (_normal(*s).requires_grad_() for s in ((5, 3, 2), (3,), (3,)))
    plain, compiled = _stats(), _stats()
    expected = step(x, gamma, beta, *plain)
    expected.sum().backward()
    torch._dynamo.reset()
    out = torch.compile(step, backend="aot_eager", fullgraph=True)(x, gamma, beta, *compiled)
    torch.testing.assert_close(out, expected)
    assert not torch.equal(compiled[0], torch.zeros(3, dtype=torch.float64))
    torch.testing.assert_close(compiled, plain)


def test_batch_norm_keeps_channels_last():
    x = _normal(4, 3, 5, 5).to(memory_format=torch.channels_last).requires_grad_()
    for training in (True, False):
        out = norm.batch_norm(x, _normal(3), _normal(3), *_stats(), training=training)[0]
        assert out.is_contiguous(memory_format=torch.channels_last)


def test_batch_norm_leaves_statistics_alone_in_a_graph_without_gradients():
    mean, var = _stats()
    norm.batch_norm(_normal(4, 3), torch.ones(3).double(), torch.zeros(3).double(), mean, var, training=True)
    assert torch.equal(mean, torch.zeros(3)) and torch.equal(var, torch.ones(3).double())


# ---------------------------------------------------------------------------------------------- convolution
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("place", range(4))
def test_batch_norm_wants_one_number_for_each_channel(place, training):
    """MXNet reads, and torch's training writes, past the end of what is too small."""
    vectors = [torch.ones(4096 if i == place else 8192) for i in range(4)]
    with pytest.raises(ValueError, match=r"data \(2, 8192\) has 8192 channels at axis 1, but .*\(4096,\)"):
        norm.batch_norm(torch.ones(2, 8192), *vectors, training=training)
    with pytest.raises(ValueError, match="Channel axis out of range: 2"):
        norm.batch_norm(torch.ones(2, 3), *[torch.ones(3)] * 4, axis=2, training=training)


@pytest.mark.parametrize(("layout", "axes"), [("NHWC", 2), ("NDHWC", 3)])
def test_channels_last_layouts_are_the_others_permuted(layout, axes):
    x, weight, kernel = _normal(2, 4, *[5] * axes), _normal(6, 4, *[3] * axes), (3,) * axes
    last = x.movedim(1, -1).contiguous(), weight.movedim(1, -1).contiguous()
    out = conv.convolution(*last, kernel=kernel, num_filter=6, no_bias=True, layout=layout)
    torch.testing.assert_close(out.movedim(-1, 1), conv.convolution(x, weight, kernel=kernel, num_filter=6))
    back = _normal(4, 6, *[3] * axes)
    out = conv.deconvolution(last[0], back.movedim(1, -1), kernel=kernel, num_filter=6, layout=layout)
    torch.testing.assert_close(out.movedim(-1, 1), conv.deconvolution(x, back, kernel=kernel, num_filter=6))


def test_deconvolution_over_three_axes_is_the_adjoint_of_convolution():
    geometry = dict(kernel=(2, 3, 2), stride=(2, 1, 3), pad=(1, 1, 0), num_group=2)
    weight, small, large = _normal(4, 3, 2, 3, 2), _normal(1, 4, 3, 4, 2), _normal(1, 6, 4, 4, 5)
    up = conv.deconvolution(small, weight, num_filter=6, **geometry)
    assert up.shape == large.shape
    down = conv.convolution(large, weight, num_filter=4, **geometry)
    torch.testing.assert_close((up * large).sum(), (small * down).sum())


@pytest.mark.parametrize("kind", ["max", "avg", "sum"])
@pytest.mark.parametrize("convention", ["valid", "full"])
def test_pooling_keeps_channels_last(kind, convention):
    x = _normal(2, 3, 6, 6).to(memory_format=torch.channels_last)
    out = conv.pooling(x, kernel=(3, 3), stride=(2, 2), pool_type=kind, pooling_convention=convention)[0]
    assert out.is_contiguous(memory_format=torch.channels_last)


# ---------------------------------------------------------------------------------------------- where MXNet is wrong
def test_selu_has_its_own_derivative():
    x = _normal(9).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: nn.leaky_relu(x, act_type="selu", training=False, stream=CPU), x)


def test_softmax_activation_has_its_own_derivative():
    assert torch.autograd.gradcheck(nn.softmax_activation, _normal(2, 3, 2).requires_grad_())


def test_out_grad_multiplies_by_the_incoming_gradient():
    label, head = torch.tensor([0.0, 2.0]).double(), _normal(2, 3)
    grads = []
    for flag in (False, True):
        x = _normal(3, 3)[:2].requires_grad_()
        loss.softmax_output(x, label, out_grad=flag).backward(head)
        grads.append(x.grad)
    torch.testing.assert_close(grads[1], grads[0] * head)


def test_label_that_does_not_fit_gives_no_gradient():
    x = _normal(2, 1, 4).requires_grad_()
    out = loss.ctc_loss(x, torch.tensor([[1, 1]]))[0]
    out.backward()
    assert out.item() == 0 and not x.grad.any()


# ---------------------------------------------------------------------------------------------- random operators
def test_rrelu_draws_its_slopes_while_training():
    x = torch.linspace(-1, 1, 200, dtype=torch.float32).requires_grad_()
    runs = []
    for _ in range(2):
        streams.seed(3)
        out, slopes = nn.leaky_relu(x, act_type="rrelu", lower_bound=0.1, upper_bound=0.4, training=True, stream=CPU)
        runs.append(out)
        assert slopes.min() >= 0.1 and slopes.max() < 0.4 and slopes.std() > 0.05
        torch.testing.assert_close(out, torch.where(x > 0, x, x * slopes))
    assert torch.equal(*runs)
    (grad,) = torch.autograd.grad(out.sum(), x)
    torch.testing.assert_close(grad, torch.where(x > 0, 1.0, slopes))


def test_dropout_of_bfloat16():
    streams.seed(0)
    out, mask = nn.dropout(torch.ones(64, dtype=torch.bfloat16), training=True, stream=CPU)
    assert out.dtype == torch.bfloat16 and set(out.tolist()) == {0.0, 2.0} and torch.equal(out, mask)


# ---------------------------------------------------------------------------------------------- compiled losses
# torch itself instantiates the autograd function while it traces
@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")
def test_losses_compile():
    def step(x, label):
        return loss.softmax_output(x, label, use_ignore=True, normalization="valid", grad_scale=2.0)

    label = torch.tensor([0.0, 2.0, -1.0]).double()
    grads = []
    torch._dynamo.reset()
    for function in (step, torch.compile(step, backend="aot_eager", fullgraph=True)):
        x = _normal(3, 4).requires_grad_()
        function(x, label).sum().backward()
        grads.append(x.grad)
    torch.testing.assert_close(*grads)


@pytest.mark.parametrize("label", [4, -2])
def test_ctc_labels_are_classes(label):
    """Torch's would write the gradient of other ones outside of its array."""
    data, lengths = torch.zeros(5, 2, 4, requires_grad=True), torch.tensor([2, 1])
    labels = torch.tensor([[1, 2], [3, label]])
    with pytest.raises(ValueError, match="labels must be from 0 to 3, got "):
        loss.ctc_loss(data, labels, label_lengths=torch.tensor([2, 2]), use_label_lengths=True)
    loss.ctc_loss(data, labels, label_lengths=lengths, use_label_lengths=True)[0].sum().backward()  # it is padding
    assert data.grad.isfinite().all()
