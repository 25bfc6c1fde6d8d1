"""``to_torch_source``: files, the proof, structure, what is refused."""

from __future__ import annotations

import ast
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import mxgluon_compat as mx
from mxgluon_compat import autograd, gluon, nd
from mxgluon_compat.base import UnsupportedError
from mxgluon_compat.gluon import nn
from mxgluon_compat.interop import TorchBlock, TorchSource, to_torch_source
from mxgluon_compat.interop.source import elementwise, table
from mxgluon_compat.interop.source.code import laid_out

from .test_source_nets import same_gradients

RUFF = [sys.executable, "-m", "ruff"]


class Many(gluon.HybridBlock):
    """Layers, Parameters, Constants and operators."""

    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.conv = nn.Conv2D(4, 3, padding=1)
            self.bn = nn.BatchNorm(scale=False)
            self.act = nn.Activation("tanh")
            self.prelu = nn.PReLU()
            self.scale = self.params.get("scale", shape=(4, 1, 1), init="ones")
            self.table = self.params.get_constant("table", np.arange(6).reshape(2, 3))
            self.fc_weight = self.params.get("fc_weight", shape=(5, 4))
            self.twice = nn.Dense(4, flatten=False)
            self.norms = nn.HybridSequential()
            self.norms.add(nn.LayerNorm(), nn.GroupNorm(2), nn.InstanceNorm(scale=True))

    def hybrid_forward(self, F, x, scale, table, fc_weight):  # noqa: N803
        y = self.prelu(self.norms[2](self.norms[1](self.bn(self.conv(x)))))
        y = F.broadcast_mul(y, scale)
        pooled = F.Pooling(y, global_pool=True, pool_type="max", kernel=(1, 1))
        a = self.norms[0](F.reshape(pooled, (0, -1)))
        b = self.twice(self.act(self.twice(a)))
        d = F.FullyConnected(b, fc_weight, num_hidden=5, no_bias=True)
        e = F.concat(d, a, dim=1)
        f = F.dot(F.slice_axis(e, axis=1, begin=0, end=3), F.transpose(table))
        g = F.where(f > 0, f, F.zeros_like(f)) + F.sum(e, axis=1, keepdims=True).broadcast_like(f)
        lengths = F.clip(F.argmax(e, axis=1), 1, 3)
        masked = F.SequenceMask(y.reshape((0, 0, -1)), lengths, use_sequence_length=True, axis=1, value=-1)
        return g, (F.relu(e).mean(axis=0), [masked, y.transpose((0, 2, 3, 1)).reshape((-3, 0, -4, 2, -1))])


def _many():
    mx.random.seed(11)
    net = Many()
    net.initialize(mx.init.Xavier())
    return net, nd.random.uniform(-1, 1, shape=(2, 3, 6, 6))


# ---------------------------------------------------------------------------------------------- files
def test_files(tmp_path):
    net, x = _many()
    made = to_torch_source(net, x, path=tmp_path / "net.py", class_name="ManyThings")
    assert isinstance(made, TorchSource) and made.difference <= 1e-6
    assert (made.path, made.weights_path) == (tmp_path / "net.py", tmp_path / "net.safetensors")
    assert made.path.read_text() == made.source
    assert sorted(p.name for p in tmp_path.iterdir()) == ["net.py", "net.safetensors"]
    weights = load_file(made.weights_path)
    assert list(made.state_dict) and set(weights) == set(made.state_dict)
    assert b"gluon" not in made.weights_path.read_bytes()[:2000]
    for name in ("conv.weight", "bn.running_mean", "twice.bias", "norms.0.weight", "scale", "table", "fc.weight"):
        torch.testing.assert_close(weights[name], net.collect_params()[made.names[name]].data().to_torch(), msg=name)
    assert "in net.safetensors" in made.source and "class ManyThings(nn.Module):" in made.source


def test_it_runs_without_this_package(tmp_path):
    net, x = _many()
    made = to_torch_source(net, x, path=tmp_path / "net.py")
    torch.save((x.to_torch(), net(x)[0].to_torch()), tmp_path / "example.pt")
    program = f"""
import importlib.util, sys, torch
from safetensors.torch import load_file
sys.path[:] = [p for p in sys.path if p != {str(pathlib.Path(mx.__file__).parents[1])!r}]
spec = importlib.util.spec_from_file_location("net", {str(made.path)!r})
net = importlib.util.module_from_spec(spec)
spec.loader.exec_module(net)
module = net.Many()
module.load_state_dict(load_file({str(made.weights_path)!r}), strict=True)
x, wanted = torch.load({str(tmp_path / "example.pt")!r})
torch.testing.assert_close(module.eval()(x)[0], wanted, rtol=1e-5, atol=1e-5)
assert not {{"mxgluon_compat", "mxnet"}} & {{name.partition(".")[0] for name in sys.modules}}
"""
    subprocess.run([sys.executable, "-I", "-c", program], check=True, cwd=tmp_path)
    imported = [n for n in ast.walk(ast.parse(made.source)) if isinstance(n, (ast.Import, ast.ImportFrom))]
    roots = {(n.module if isinstance(n, ast.ImportFrom) else n.names[0].name).partition(".")[0] for n in imported}
    assert roots <= {"math", "torch"} and "mxgluon" not in made.source and "mxnet" not in made.source.lower()


@pytest.mark.parametrize("width", [88, 120])
def test_it_is_clean(tmp_path, width):
    net, x = _many()
    to_torch_source(net, x, path=tmp_path / "many.py")
    zoo = gluon.model_zoo.vision.get_model("mobilenetv2_0.25", classes=3)
    zoo.initialize()
    to_torch_source(zoo, nd.ones((2, 3, 32, 32)), path=tmp_path / "zoo.py")
    options = ["--isolated", "--line-length", str(width), str(tmp_path)]
    subprocess.run([*RUFF, "check", "--select", "E4,E7,E9,F,E501,I,UP,B,RET505", *options], check=True)
    subprocess.run([*RUFF, "format", "--check", *options], check=True)


def test_long_lines():
    assert laid_out("x = self.layer(" + "first_argument, " * 5 + "last)", 8) == [
        "        x = self.layer(", *["            first_argument,"] * 5, "            last,", "        )",
    ]  # fmt: skip
    long = "x = " + " + ".join(["some_name.sum(1, keepdim=True)"] * 4)
    lines = laid_out(long, 4)
    assert lines[0] == "    x = (" and lines[2].startswith("        + some_name")
    text = "def f(self, x):\n" + "\n".join(lines) + "\n    return x\n"
    done = subprocess.run([*RUFF, "format", "--isolated", "-"], input=text, text=True, capture_output=True, check=True)
    assert done.stdout == text


# ---------------------------------------------------------------------------------------------- the same
def test_gradients_and_structure():
    net, x = _many()
    made = to_torch_source(net, x)
    module = same_gradients(net, made, x)
    outputs = module.eval()(x.to_torch())
    wanted = net(x)
    assert isinstance(outputs, tuple) and isinstance(outputs[1][1], list)
    np.testing.assert_allclose(outputs[1][1][1].detach().numpy(), wanted[1][1][1].asnumpy(), atol=1e-6)
    assert module(torch.rand(5, 3, 6, 6))[0].shape == (5, 2)  # the batch is the input's
    assert {name for name, _ in module.named_buffers() if "running" not in name} == {"bn.num_batches_tracked", "table"}
    for text in (
        "self.fc = nn.Linear(4, 5, bias=False)",
        'self.register_buffer("table", torch.zeros(2, 3))',
        "F.group_norm(",
        ".repeat_interleave(2)",
        "mask_sequences(",
        "def mask_sequences(",
        ") -> tuple[Tensor, tuple[Tensor, list[Tensor]]]:",
    ):
        assert text in made.source, text


def test_the_net_stays_as_it_is():
    net, x = _many()
    net.hybridize()
    net(x)
    before = {k: p.data().asnumpy() for k, p in net.collect_params().items()}
    op, expected = net._cached_op, net(x)[0].asnumpy()
    to_torch_source(net, x)
    assert net._cached_op is op and net._active and "forward" not in net.__dict__
    np.testing.assert_array_equal(net(x)[0].asnumpy(), expected)
    for name, param in net.collect_params().items():
        np.testing.assert_array_equal(param.data().asnumpy(), before[name])
    assert sys.gettrace() is None


def test_running_statistics():
    """The mean moves as MXNet's; the variance towards that of n - 1, as PyTorch has it."""
    net = nn.HybridSequential()
    net.add(nn.BatchNorm(momentum=0.8, epsilon=1e-3))
    net.initialize()
    x = nd.random.normal(2, 3, shape=(10, 4))
    made = to_torch_source(net, x)
    assert "nn.BatchNorm1d(4, eps=0.001, momentum=0.2)" in made.source and "running_var moves" in made.source
    module = made.module().train()
    module(x.to_torch())
    with autograd.record():
        out = net(x)
    out.backward()
    state = module.state_dict()
    np.testing.assert_allclose(state["layers.0.running_mean"], net[0].running_mean.data().asnumpy(), rtol=1e-5)
    ours = net[0].running_var.data().asnumpy()
    np.testing.assert_allclose(state["layers.0.running_var"] - 0.8, (ours - 0.8) * 10 / 9, rtol=1e-5)


def test_shared_and_frozen_parameters():
    inner = nn.Dense(3, flatten=False, in_units=3)

    class Residual(gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            self.inner = inner

        def hybrid_forward(self, F, x):  # noqa: N803
            return F.relu(self.inner(x)) + x

    net = nn.HybridSequential()
    net.add(
        Residual(), Residual(), nn.Dense(3, flatten=False, params=inner.params), nn.BatchNorm(use_global_stats=True)
    )
    net.initialize()
    net[3].gamma.grad_req = "null"
    x = nd.random.uniform(shape=(2, 3))
    made = to_torch_source(net, x)
    module = same_gradients(net, made, x)
    assert "self.layers[1].inner = self.layers[0].inner" in made.source
    assert module.layers[2].weight is module.layers[0].inner.weight
    assert not module.layers[3].weight.requires_grad and module.layers[3].bias.requires_grad
    assert "class FrozenBatchNorm1d(nn.BatchNorm1d):" in made.source and not module.train().layers[3].training


def test_dtypes():
    net = nn.HybridSequential()
    net.add(nn.Dense(4), nn.BatchNorm(), nn.Dense(2))
    net.initialize()
    net.cast("float64")
    made = to_torch_source(net, nd.ones((3, 2), dtype="float64") * nd.arange(3, dtype="float64").reshape((3, 1)))
    assert "nn.Linear(2, 4, dtype=torch.float64)" in made.source
    assert made.state_dict["layers.1.running_var"].dtype is torch.float64


def test_deferred_parameters_are_finished():
    net = nn.HybridSequential()
    net.add(nn.Dense(4, activation="relu"), nn.Dropout(0.5), nn.Dense(1))
    net.initialize()
    made = to_torch_source(net, torch.rand(2, 7))
    assert "nn.Sequential(nn.Linear(7, 4), nn.ReLU())" in made.source and "nn.Dropout(0.5)" in made.source
    assert net[0].weight.shape == (4, 7)


def test_shapes_that_code_reads_are_told():
    class Reads(gluon.HybridBlock):
        def hybrid_forward(self, F, x):  # noqa: N803
            return x.reshape((x.shape[0], -1)) * x.shape[1]

    made = to_torch_source(Reads(), nd.ones((2, 3, 4)))
    assert "The code of Reads read shapes" in made.source and "x.reshape(2, -1)" in made.source


def test_plain_blocks():
    class Plain(gluon.Block):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential()
            self.body.add(nn.Dense(3), nn.Dense(2))

        def forward(self, x, states):
            return self.body(x + states[0]).exp(), [states[0] * 2]

    net = Plain()
    net.initialize()
    made = to_torch_source(net, nd.ones((2, 3)), [nd.ones((2, 3))])
    assert "def forward(\n" in made.source or "states: list[Tensor]" in made.source
    same_gradients(net, made, nd.ones((2, 3)), [nd.ones((2, 3))])


@pytest.mark.gpu
def test_on_a_gpu():
    net = nn.HybridSequential()
    net.add(nn.Conv2D(4, 3), nn.BatchNorm(), nn.Dense(2))
    net.initialize(ctx=mx.gpu())
    made = to_torch_source(net, nd.random.uniform(shape=(2, 3, 5, 5), ctx=mx.gpu()))
    assert {t.device.type for t in made.state_dict.values()} == {"cpu"} and made.difference <= 1e-6


# ---------------------------------------------------------------------------------------------- refused
def test_a_wrong_translation_is_found(monkeypatch, tmp_path):
    monkeypatch.setitem(table.TEMPLATES, "tanh", elementwise.ELEMENTWISE["sigmoid"])

    class Part(gluon.HybridBlock):
        def __init__(self, wrong):
            super().__init__()
            self.wrong, self.dense = wrong, nn.Dense(3)

        def hybrid_forward(self, F, x):  # noqa: N803
            return self.dense(F.tanh(x) if self.wrong else F.relu(x))

    net = nn.HybridSequential()
    net.add(Part(False), Part(True), Part(False))
    net.initialize(mx.init.Normal(1))
    with pytest.raises(RuntimeError, match="eval mode .*; the first module that differs is 'layers.1.dense'"):
        to_torch_source(net, nd.ones((2, 3)), path=tmp_path / "net.py")
    assert not list(tmp_path.iterdir())


def test_a_difference_below_the_tolerance_passes():
    class Nearly(gluon.HybridBlock):
        def hybrid_forward(self, F, x):  # noqa: N803
            return x / 3 * 3

    assert 0 <= to_torch_source(Nearly(), nd.ones((2,)), tolerance=1e-6).difference <= 1e-6


class Branches(gluon.HybridBlock):
    def hybrid_forward(self, F, x):  # noqa: N803
        return x if x.sum() > 0 else x * 2


class Unknown(gluon.HybridBlock):
    def hybrid_forward(self, F, x):  # noqa: N803
        return F.contrib.fft(x)


class Loops(gluon.HybridBlock):
    def hybrid_forward(self, F, x):  # noqa: N803
        return F.contrib.foreach(lambda row, s: (row + s, row + s), x, F.zeros((3,)))[0]


class Keeps(gluon.HybridBlock):
    def __init__(self):
        super().__init__()
        self.part = Keeper()

    def hybrid_forward(self, F, x):  # noqa: N803
        return self.part(x) + self.part(x * 2)


class Keeper(gluon.HybridBlock):
    def __init__(self):
        super().__init__()
        self.last = None

    def hybrid_forward(self, F, x):  # noqa: N803
        out = x if self.last is None or isinstance(self.last, nd.NDArray) else x + self.last
        self.last = x
        return out


class Loss(gluon.HybridBlock):
    def hybrid_forward(self, F, x):  # noqa: N803
        return F.SoftmaxOutput(x, F.ones((2,)))


def _torch_block():
    net = nn.HybridSequential()
    net.add(TorchBlock(torch.nn.Linear(3, 2)))
    return net


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (Branches, "Branches 'branches.*its code does not run on symbols.*F.where"),
        (Unknown, "operator _contrib_fft .*of Unknown 'unknown.*no translation"),
        (Loops, "operator _foreach .*of Loops"),
        (Keeps, "Keep(s|er).*(from one call to the next|something else each time)"),
        (Loss, "operator SoftmaxOutput .*cross_entropy"),
        (_torch_block, "operator TorchBlock .*holds a PyTorch module"),
        (lambda: nn.HybridLambda(_always), "operator Dropout .*mode='always'"),
    ],
)
def test_refused(make, message, tmp_path):
    net = make()
    net.initialize()
    with pytest.raises(UnsupportedError, match=f"(?s)to_torch_source: .*{message}"):
        to_torch_source(net, nd.ones((2, 3)), path=tmp_path / "net.py")
    assert not list(tmp_path.iterdir())


def _always(F, x):  # noqa: N803
    return F.Dropout(x, p=0.5, mode="always")


def test_custom_operators_are_refused():
    class Twice(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            self.assign(out_data[0], req[0], in_data[0] * 2)

    @mx.operator.register("twice_for_source")
    class TwiceProp(mx.operator.CustomOpProp):
        def create_operator(self, ctx, in_shapes, in_dtypes):
            return Twice()

    class Net(gluon.HybridBlock):
        def hybrid_forward(self, F, x):  # noqa: N803
            return F.Custom(x, op_type="twice_for_source")

    with pytest.raises(UnsupportedError, match="operator Custom .*autograd.Function"):
        to_torch_source(Net(), nd.ones((2, 3)))


def test_wrong_arguments(tmp_path):
    net = nn.Dense(2)
    net.initialize()
    with pytest.raises(TypeError, match="takes a Gluon Block, got Linear"):
        to_torch_source(torch.nn.Linear(2, 2), nd.ones((1, 2)))
    with pytest.raises(TypeError, match="needs the inputs"):
        to_torch_source(net)
    with pytest.raises(TypeError, match="got 'model.py'; the file to write is named by path="):
        to_torch_source(net, nd.ones((1, 2)), "model.py")
    with pytest.raises(ValueError, match="class_name 'my net' is no name"):
        to_torch_source(net, nd.ones((1, 2)), class_name="my net")
    with pytest.raises(ValueError, match="must end in .py"):
        to_torch_source(net, nd.ones((1, 2)), path=tmp_path / "net.txt")
    with pytest.raises(RuntimeError, match="not been initialized"):
        to_torch_source(nn.Dense(2), nd.ones((1, 2)))
