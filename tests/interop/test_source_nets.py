"""Whole nets as source: zoo models, language models, Transformers, graphs from files.

``python -m tests.interop.test_source_nets`` does it for all 34 models of the zoo and prints the largest difference.
"""

from __future__ import annotations

import pathlib
import sys

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import autograd, gluon, nd
from mxgluon_compat.gluon import nn, rnn
from mxgluon_compat.gluon.model_zoo import vision
from mxgluon_compat.interop import install, to_torch_source, uninstall
from mxgluon_compat.interop.tensors import leaves, unwrapped

TESTS = pathlib.Path(__file__).parents[1]


def same_gradients(net, made, *inputs, tolerance=1e-5):
    """Whether a training step's gradients are those of the net, parameter by parameter."""
    module = made.module().train()
    outputs = [x for x in leaves(module(*unwrapped(list(inputs)))) if x.is_floating_point()]
    head = torch.linspace(-1, 1, outputs[0].numel()).reshape(outputs[0].shape).to(outputs[0].dtype)
    outputs[0].backward(head)
    with autograd.record():
        result = next(iter(leaves(net(*inputs))))
    result.backward(nd.array(head.numpy(), dtype=head.numpy().dtype))
    params = {p.name: p for p in net.collect_params().values()}
    largest = max(float(p.grad().abs().max().asscalar()) for p in params.values() if p.grad_req != "null")
    compared = 0
    for name, tensor in module.named_parameters(remove_duplicate=False):
        param = params[made.names[name]]
        assert tensor.requires_grad == (param.grad_req != "null"), name
        if tensor.requires_grad:
            compared += 1
            np.testing.assert_allclose(
                tensor.grad.numpy(), param.grad().asnumpy(), rtol=0, atol=tolerance * largest, err_msg=name
            )
    assert compared
    return module


# ---------------------------------------------------------------------------------------------- the zoo
SIZES = {"inception": 299, "densenet": 224, "squeezenet": 224, "alexnet": 64}
# One of each family; DenseNet, VGG and Inception, whose own nets take seconds, are smaller ones of the same classes.
FAMILIES = {
    "resnet18_v1": (32, 'nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)', "features.4.0.body.0.weight"),
    "resnet18_v2": (32, "nn.BatchNorm2d(3)", "features.5.0.bn1.weight"),
    "mobilenet0.25": (32, "groups=", "features.0.weight"),
    "mobilenetv2_0.25": (32, "torch.clamp(x, 0, 6)", "features.0.weight"),
    "squeezenet1.1": (224, "ceil_mode=True", "features.0.weight"),
    "DenseNet": (56, "nn.AvgPool2d(2)", "features.0.weight"),
    "Inception": (8, "torch.cat([sequential0, sequential1, sequential2, x], dim=1)", "sequential0.0.0.weight"),
    "VGG": (32, "nn.Linear(32, 16)", "features.0.weight"),
}  # fmt: skip


def _family(name):
    if name == "DenseNet":
        return vision.DenseNet(8, 4, [2, 2], classes=5)
    if name == "Inception":
        return vision.inception._make_A(8, "A_")
    if name == "VGG":
        net = vision.VGG([1, 1, 1, 1, 1], [4, 8, 8, 8, 32], classes=5, batch_norm=True)
        net.features._children.popitem()
        for key in [k for k, child in net.features._children.items() if isinstance(child, (nn.Dense, nn.Dropout))]:
            del net.features._children[key]
        net.features.add(nn.Dense(16, activation="relu"))
        return net
    return vision.get_model(name, classes=5)


@pytest.mark.parametrize("name", FAMILIES)
def test_zoo(name):
    size, text, key = FAMILIES[name]
    mx.random.seed(3)
    net = _family(name)
    net.initialize(mx.init.Xavier())
    x = nd.random.uniform(shape=(2, 8 if name == "Inception" else 3, size, size))
    made = to_torch_source(net, x)
    assert made.difference <= 1e-6
    assert text in made.source and key in made.state_dict
    if size < 200:
        same_gradients(net, made, x)
    else:
        with torch.no_grad():
            np.testing.assert_allclose(made.module()(x.to_torch()).numpy(), net(x).asnumpy(), rtol=1e-6)


def test_repeated_blocks_become_one_class():
    net = vision.get_model("resnet18_v1", classes=5)
    net.initialize()
    source = to_torch_source(net, nd.ones((1, 3, 32, 32))).source
    assert source.count("class ") == 3
    assert "nn.Sequential(BasicBlockV1(64), BasicBlockV1(64))" in source
    assert "nn.Sequential(BasicBlockV1B(256, 512), BasicBlockV1(512))" in source


# ---------------------------------------------------------------------------------------------- language models
def _classes_of(path):
    """The classes of a program, without what it does with them."""
    install()
    try:
        names = {"__name__": "program"}
        text = path.read_text().split("\nnet = ")[0].split("\nmodel = ")[0]
        exec(compile(text, str(path), "exec"), names)
        return names
    finally:
        uninstall()


def test_language_model(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["program"])
    net = _classes_of(TESTS / "curves" / "language_model.py")["Model"]()
    net.initialize(mx.init.Xavier())
    words = nd.array(np.arange(15).reshape(5, 3))
    made = to_torch_source(net, words, net.rnn.begin_state(3))
    for text in (
        "self.rnn = nn.LSTM(64, 64, num_layers=2)",
        "self.decoder.weight = self.encoder.weight",
        "output, (h, c) = self.rnn(",
        ", (hidden[0], hidden[1]))",
        "return output, [h, c]",
    ):
        assert text in made.source
    module = made.module()
    assert module.decoder.weight is module.encoder.weight
    longer = torch.randint(0, 60, (7, 2))  # time and batch are those of the input
    states = [torch.zeros(2, 2, 64)] * 2
    np.testing.assert_allclose(
        module(longer, states)[0].detach().numpy(),
        net(nd.array(longer.numpy()), net.rnn.begin_state(2))[0].asnumpy(),
        atol=1e-6,
    )


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_recurrent_layers(kind):
    net = nn.HybridSequential()
    layer = getattr(rnn, kind)(6, 2, layout="NTC", bidirectional=True)
    net.add(nn.Embedding(10, 4), layer, nn.Dense(3, flatten=False))
    net.initialize()
    words = nd.array(np.arange(12).reshape(3, 4) % 10)
    made = to_torch_source(net, words)
    assert f"nn.{kind}(4, 6, num_layers=2" in made.source and "bidirectional=True" in made.source
    same_gradients(net, made, words)
    made = to_torch_source(layer, nd.ones((3, 4, 4)), layer.begin_state(3))
    assert made.class_name == kind and "states: list[Tensor]" in made.source
    made = to_torch_source(rnn_with_projection := _initialized(rnn.LSTM(5, projection_size=3)), nd.ones((4, 2, 3)))
    assert "proj_size=3" in made.source and rnn_with_projection.l0_h2r_weight.name in made.names.values()


def _initialized(net):
    net.initialize()
    return net


class Unrolled(gluon.HybridBlock):
    def __init__(self, cell, steps):
        super().__init__()
        self._steps = steps
        with self.name_scope():
            self.cell = cell
            self.out = nn.Dense(3, flatten=False)

    def hybrid_forward(self, F, x):  # noqa: N803
        y, states = self.cell.unroll(self._steps, x, layout="NTC", merge_outputs=True)
        return self.out(y), states


@pytest.mark.parametrize("kind", ["LSTMCell", "GRUCell", "RNNCell"])
def test_cells(kind):
    net = _initialized(Unrolled(getattr(rnn, kind)(4), 3))
    x = nd.random.uniform(shape=(2, 3, 5))
    made = to_torch_source(net, x)
    assert f"self.cell = nn.{kind}(5, 4)" in made.source
    assert "zeros(x.shape[0], 4, device=x.device)" in made.source
    module = same_gradients(net, made, x)
    assert module(torch.rand(7, 3, 5))[0].shape == (7, 3, 3)


def test_cells_in_cells():
    stack = rnn.HybridSequentialRNNCell()
    for cell in (rnn.LSTMCell(4), rnn.DropoutCell(0.3), rnn.ResidualCell(rnn.GRUCell(4))):
        stack.add(cell)
    x = nd.random.uniform(shape=(2, 3, 5))
    source = to_torch_source(_initialized(Unrolled(stack, 3)), x).source
    assert "F.dropout(h, 0.3, self.training)" in source and "self.cell[2].base_cell(" in source
    made = to_torch_source(_initialized(Unrolled(rnn.BidirectionalCell(rnn.LSTMCell(4), rnn.GRUCell(4)), 3)), x)
    assert "self.cell.l_cell(" in made.source and "cell.r_cell.weight_ih" in made.state_dict
    relu = to_torch_source(_initialized(Unrolled(rnn.RNNCell(4, activation="softrelu"), 2)), x[:, :2])
    assert "class RNNCell(nn.Module):" in relu.source and "cell.h2h.weight" in relu.state_dict


# ---------------------------------------------------------------------------------------------- Transformers
def test_transformer(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["program"])
    net = _classes_of(TESTS / "curves" / "transformer.py")["Encoder"](2, dropout=0.0)
    net.initialize(mx.init.Xavier())
    words = nd.array(np.random.RandomState(0).randint(0, 20, (2, 8)))
    made = to_torch_source(net, words)
    for text in (
        "self.layers = nn.Sequential(Layer(), Layer())",
        "self.norms = nn.ModuleList([nn.LayerNorm(48), nn.LayerNorm(48)])",
        "self.position = nn.Parameter(torch.zeros(1, 8, 48))",
        ".chunk(3, dim=2)",
        ".shape[:2], 4, -1)",
        "k = x.reshape(-1, x.shape[2], x.shape[3])",
        "q = torch.bmm(q, k.mT)",
    ):
        assert text in made.source
    module = same_gradients(net, made, words)
    assert module(torch.zeros(5, 8, dtype=torch.long)).shape == (5, 8, 20)


def test_transformer_with_masks(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["program"])
    names = _classes_of(TESTS / "legacy" / "transformer.py")
    net = _initialized(names["Encoder"](8, 2, 2))
    x, mask = nd.random.uniform(shape=(4, 6, 8)), nd.array(np.tril(np.ones((4, 6, 6))))
    made = to_torch_source(net, x, mask)
    assert "def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, list[Tensor]]:" in made.source
    assert "math.sqrt(q.shape[-1])" in made.source and "torch.where(mask != 0, score, ones)" in made.source
    module = same_gradients(net, made, x, mask)
    assert module(torch.rand(2, 9, 8), torch.ones(2, 9, 9))[0].shape == (2, 9, 8)


# ---------------------------------------------------------------------------------------------- graphs from files
def test_graph_from_a_file(tmp_path):
    net = _initialized(vision.get_model("resnet18_v1", classes=5, thumbnail=True))
    x = nd.random.uniform(shape=(2, 3, 8, 8))
    net.hybridize()
    net(x)
    net.export(str(tmp_path / "net"), format="mxnet")
    block = gluon.SymbolBlock.imports(str(tmp_path / "net-symbol.json"), ["data"], str(tmp_path / "net-0000.params"))
    made = to_torch_source(block, x, class_name="ResNet")
    assert "self.stage1_conv0 = nn.Conv2d(64, 64, 3, padding=1, bias=False)" in made.source
    assert "def forward(self, data: Tensor) -> Tensor:" in made.source
    np.testing.assert_allclose(made.module()(x.to_torch()).detach().numpy(), net(x).asnumpy(), atol=1e-5)


def test_packed_parameters_of_a_graph():
    data, parameters, state = (mx.sym.var(n) for n in ("data", "rnn_parameters", "state"))
    out = mx.sym.RNN(data, parameters, state, state_size=3, num_layers=2, mode="gru", state_outputs=True)
    block = gluon.SymbolBlock(list(out), [data, state])
    block.collect_params()["rnn_parameters"].shape = (162,)
    block.initialize(mx.init.Uniform())
    made = to_torch_source(block, nd.random.uniform(shape=(4, 2, 5)), nd.zeros((2, 2, 3)))
    assert "nn.GRU(5, 3, num_layers=2)" in made.source and len(made.state_dict) == 8
    assert set(made.names.values()) == {"rnn_parameters"}


def everything():
    """All models of the zoo."""
    worst = 0.0
    for name in sorted(vision._models):
        size = next((n for family, n in SIZES.items() if family in name), 64)
        net = vision.get_model(name, classes=10)
        net.initialize(mx.init.Xavier())
        made = to_torch_source(net, nd.random.uniform(shape=(1 if size > 100 else 2, 3, size, size)))
        worst = max(worst, made.difference)
        print(f"{name:20} {size:4} {made.difference:.2g} {len(made.source.splitlines())} lines", flush=True)
    print(f"largest difference: {worst:.2g}")


if __name__ == "__main__":
    everything()
