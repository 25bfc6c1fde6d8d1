"""as_module: a torch module over the Parameters of a Block. Expected: what the Block gives, which others compare."""

import copy
import pickle
from multiprocessing.reduction import ForkingPickler

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import autograd, gluon, nd
from mxgluon_compat.base import UnsupportedError
from mxgluon_compat.gluon import nn
from mxgluon_compat.interop import as_module

X = torch.linspace(-1, 1, 5 * 64).reshape(5, 1, 8, 8)


def convolutions(dropout=0.0):
    mx.random.seed(7)
    net = nn.HybridSequential()
    net.add(nn.Conv2D(4, 3, activation="relu"), nn.BatchNorm(), nn.Flatten(), nn.Dense(3), nn.Dropout(dropout))
    net.initialize()
    return net


class Plain(gluon.Block):
    """A Block with a Parameter of its own, that cannot be traced."""

    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.body = nn.Dense(4, activation="relu")
            self.head = nn.Dense(2)
            self.scale = self.params.get("scale", shape=(2,), init="ones")

    def forward(self, x):
        return {"out": self.head(self.body(x)) * self.scale.data(), "twice": [x * 2]}


def arrays(net):
    return {k: v.data().asnumpy().copy() for k, v in net._collect_params_with_prefix().items()}


@pytest.mark.parametrize("hybrid", [False, True])
def test_it_gives_what_the_block_gives_on_the_same_memory(hybrid):
    net = convolutions()
    if hybrid:
        net.hybridize()
    module = as_module(net)
    assert isinstance(module, torch.nn.Module)
    module.eval()
    out = module(X)
    np.testing.assert_allclose(out.detach().numpy(), net(nd.array(X)).asnumpy(), rtol=1e-5, atol=1e-7)
    assert list(module.state_dict()) == list(net._collect_params_with_prefix())
    assert [n for n, _ in module.named_buffers()] == ["1.running_mean", "1.running_var"]
    for name, param in net._collect_params_with_prefix().items():
        assert module.state_dict()[name].data_ptr() == param.data().to_torch().data_ptr()
    # written by Gluon, seen by torch, and the other way
    net[3].bias.set_data(nd.array([1, 2, 3]))
    assert module.state_dict()["3.bias"].tolist() == [1, 2, 3]
    with torch.no_grad():
        module.get_parameter("3.bias").zero_()
    assert net[3].bias.data().asnumpy().tolist() == [0, 0, 0]
    assert "(3): Dense(dense" in repr(module) and "weight, bias)" in repr(module)


def test_gradients_are_in_both_places_by_the_rules_of_who_starts_the_backward_pass():
    net = nn.Dense(2, in_units=3)
    net.initialize()
    module, x = as_module(net), nd.ones((2, 3))
    for _ in range(2):  # MXNet's: replaced
        with autograd.record():
            loss = net(x).sum()
        loss.backward()
    assert (module.weight.grad == 2).all() and (net.weight.grad().asnumpy() == 2).all()
    module(x.to_torch()).sum().backward()  # torch's: added
    assert (module.weight.grad == 4).all() and (net.weight.grad().asnumpy() == 4).all()
    module.zero_grad()
    assert module.weight.grad is None and not net.weight.grad().asnumpy().any()
    net.weight.grad_req = "null"
    assert not module.weight.requires_grad
    net.weight.grad_req = "add"
    for _ in range(2):
        with autograd.record():
            loss = net(x).sum()
        loss.backward()
    assert (module.weight.grad == 4).all()
    net.weight.zero_grad()
    assert not module.weight.grad.any()


def test_gradients_that_were_added_up_before_stay():
    net = nn.Dense(1, in_units=1, use_bias=False)
    net.initialize()
    net.weight.grad_req = "add"
    with autograd.record():
        loss = net(nd.ones((1, 1)))
    loss.backward()
    module = as_module(net)
    module(torch.ones(1, 1)).sum().backward()
    assert module.weight.grad.item() == 2 and net.weight.grad().asscalar() == 2


def test_a_stopped_gradient_is_zeros_in_both_places():
    net = nn.Dense(1, in_units=1)
    net.initialize()
    module = as_module(net)
    for out in (lambda y: y, nd.stop_gradient):
        with autograd.record():
            loss = out(net(nd.ones((1, 1))))
        loss.backward()
    assert module.weight.grad.item() == 0 and net.weight.grad().asscalar() == 0


def test_torchs_optimizer_and_the_trainer_make_the_same_steps():
    curves = []
    for torchs in (False, True):
        net = convolutions()
        loss_of = gluon.loss.L2Loss()
        net(nd.array(X))
        if torchs:
            module = as_module(net)
            optimizer = torch.optim.SGD(module.parameters(), lr=0.01)
        else:
            trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})
        curve = []
        for _ in range(5):
            if torchs:
                optimizer.zero_grad()
                loss = as_module(loss_of)(module(X), torch.ones(5, 3)).mean()
                loss.backward()
                optimizer.step()
                curve.append(loss.item())
            else:
                with autograd.record():
                    loss = loss_of(net(nd.array(X)), nd.ones((5, 3)))
                loss.backward()
                trainer.step(5)
                curve.append(loss.mean().asscalar())
        curves.append(curve)
    np.testing.assert_allclose(*curves, rtol=1e-4)
    assert curves[0][-1] < curves[0][0]


def test_a_gluon_loop_with_torchs_optimizer_and_a_torch_loop_with_the_trainer():
    net = nn.Dense(1, in_units=2)
    net.initialize(mx.init.One())
    module = as_module(net)
    optimizer = torch.optim.SGD(module.parameters(), lr=1.0)
    for expected in (0.0, -1.0):
        with autograd.record():
            loss = net(nd.ones((1, 2)))
        loss.backward()
        optimizer.step()  # MXNet's loop has no zero_grad, and needs none
        assert net.weight.data().asnumpy().tolist() == [[expected] * 2]
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 1.0})
    module.zero_grad()
    module(torch.ones(1, 2)).sum().backward()
    trainer.step(1)
    assert module.weight.tolist() == [[-2, -2]]


def test_blocks_that_cannot_be_traced_run_as_they_are():
    net = Plain()
    net.initialize()
    module, x = as_module(net), torch.ones(3, 5)
    out = module(x)
    assert out["twice"][0].equal(x * 2) and isinstance(out["out"], torch.Tensor)
    out["out"].sum().backward()
    assert sorted(n for n, p in module.named_parameters() if p.grad.any()) == sorted(dict(module.named_parameters()))
    np.testing.assert_array_equal(out["out"].detach().numpy(), net(nd.ones((3, 5)))["out"].asnumpy())
    zeros = {name: torch.zeros_like(p) for name, p in module.named_parameters()}
    assert not torch.func.functional_call(module, zeros, (x,))["out"].any()
    assert net.scale.data().asnumpy().all()


def test_children_may_have_names_that_modules_have_for_themselves():
    class Named(gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            with self.name_scope():
                self.type, self.half, self.train = nn.Dense(4), nn.Dense(2), nn.Dense(3)

        def hybrid_forward(self, F, x):  # noqa: N803
            return self.train(self.half(self.type(x)))

    net = Named()
    net.initialize()
    module = as_module(net)
    out = module(torch.ones(3, 5))
    out.sum().backward()
    assert "half.weight" in module.state_dict() and module.float() is module
    np.testing.assert_array_equal(out.detach().numpy(), net(nd.ones((3, 5))).asnumpy())


def test_modes_are_mxnets_and_submodules_may_have_their_own():
    net = convolutions(dropout=0.5)
    module = as_module(net)
    module(X)
    mean = net[1].running_mean.data().asnumpy().copy()
    assert (module(X) == 0).any() and not (module.eval()(X) == 0).any()
    module.train()(X).sum().backward()
    moved = net[1].running_mean.data().asnumpy()
    assert (moved != mean).all()
    module.get_submodule("1").eval()
    module(X).sum().backward()
    np.testing.assert_array_equal(net[1].running_mean.data().asnumpy(), moved)
    with torch.no_grad():
        assert not module(X).requires_grad


def test_hooks_of_both_worlds():
    net, seen = convolutions(), []
    module = as_module(net)
    expected = module.eval()(X)
    net[3].register_forward_hook(lambda block, inputs, out: seen.append(("gluon", type(out))))
    net.register_forward_hook(lambda block, inputs, out: seen.append(("root", type(out))))
    handle = module.get_submodule("3").register_forward_hook(lambda m, inputs, out: out + 1)
    module.register_forward_pre_hook(lambda m, inputs: seen.append("pre"))
    out = module(X)
    assert torch.allclose(out, expected + 1)
    assert seen == ["pre", ("gluon", nd.NDArray), ("root", nd.NDArray)]
    handle.remove()
    assert module(X).equal(expected)


def test_parameters_without_a_shape_are_lazy_ones():
    net = convolutions()
    module = as_module(net)
    lazy = dict(module.named_parameters())["3.weight"]
    assert torch.nn.parameter.is_lazy(lazy)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    module(X).sum().backward()
    assert lazy is net[3].weight.data().to_torch() and lazy.shape == (3, 144)
    before = net[3].weight.data().asnumpy().copy()
    optimizer.step()
    assert (net[3].weight.data().asnumpy() != before).any()
    fresh = as_module(convolutions())
    fresh.load_state_dict(module.state_dict())
    assert fresh.eval()(X).equal(module.eval()(X))


def test_state_dicts_and_gluons_files(tmp_path):
    net = convolutions()
    module = as_module(net)
    module(X)
    net.save_parameters(str(tmp_path / "net.params"))
    other = convolutions()
    twin = as_module(other)
    twin(X)
    with torch.no_grad():
        for p in twin.parameters():
            p.zero_()
    other.load_parameters(str(tmp_path / "net.params"))
    assert twin.eval()(X).equal(module.eval()(X))
    twin.load_state_dict({k: torch.ones_like(v) for k, v in twin.state_dict().items()}, assign=True)
    assert all((a == 1).all() for a in arrays(other).values())


def test_what_gluon_makes_anew_is_the_modules_too():
    net = convolutions()
    module = as_module(net)
    module(X)
    net.initialize(mx.init.Zero(), force_reinit=True)
    assert not module.state_dict()["0.weight"].any() and not module(X).any()
    net.cast("float64")
    assert module(X.double()).dtype is torch.float64
    module.float()
    assert net[0].weight.dtype == "float32" and net(nd.array(X)).dtype is np.float32
    module(X).sum().backward()
    assert net[0].weight.grad().dtype is np.float32


def test_copies_and_pickles_are_nets_of_their_own():
    net = convolutions()
    module = as_module(net)
    module.eval()
    expected = module(X)
    sent = ForkingPickler.dumps(module)  # to another process, as torch.multiprocessing.spawn does
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module)), pickle.loads(sent)):
        assert twin(X).equal(expected) and not twin.training
        with torch.no_grad():
            twin.get_parameter("0.weight").zero_()
        assert module(X).equal(expected)


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_compiled(dropout):
    module = as_module(convolutions(dropout))
    module(X)
    compiled = torch.compile(module, backend="aot_eager")
    for _ in range(2):  # the first call lowers the graph, the second one compiles it
        mx.random.seed(1)
        expected = module(X)
        mx.random.seed(1)
        out = compiled(X)
        torch.testing.assert_close(out, expected)
        module.zero_grad()
        out.sum().backward()
        assert all(p.grad is not None for p in module.parameters())
    module.eval()
    compiled(X)
    whole = torch.compile(module, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(whole(X), module(X))


def test_exported():
    module = as_module(convolutions(0.5)).eval()
    module(X)
    program = torch.export.export(module, (X,))
    torch.testing.assert_close(program.module()(X), module(X))
    with pytest.raises(UnsupportedError, match="may draw random numbers"):
        torch.export.export(module.train(), (X,))


class Noisy(gluon.Block):
    def forward(self, x):
        return x + nd.random.normal(shape=(3,))


class HybridNoisy(gluon.HybridBlock):
    def hybrid_forward(self, F, x):  # noqa: N803
        return x + F.random.uniform_like(x)


@pytest.mark.parametrize("kind", [Noisy, HybridNoisy])
def test_what_draws_in_eval_mode_too_is_not_exported(kind):
    module = as_module(kind()).eval()
    x = torch.ones(2, 3)
    assert not torch.equal(module(x), module(x))
    with pytest.raises(UnsupportedError, match="may draw random numbers"):
        torch.export.export(module, (x,))
    assert not torch.equal(module(x), module(x))  # and goes on drawing


def test_recurrent_layers_and_symbol_blocks(tmp_path):
    layer = gluon.rnn.LSTM(4, input_size=5)
    layer.initialize()
    x = torch.ones(3, 2, 5)
    module = as_module(layer)
    out = module(x)
    np.testing.assert_array_equal(out.detach().numpy(), layer(nd.ones((3, 2, 5))).asnumpy())
    states = [torch.zeros(1, 2, 4), torch.zeros(1, 2, 4)]
    again, new = module(x, states)
    assert again.equal(out) and [s.shape for s in new] == [s.shape for s in states]
    net = convolutions()
    net.hybridize()
    net(nd.array(X))
    net.export(str(tmp_path / "net"))
    block = gluon.SymbolBlock.imports(str(tmp_path / "net-symbol.json"), "data", str(tmp_path / "net-0000.params"))
    module = as_module(block).eval()
    assert module(X).equal(as_module(net).eval()(X))
    assert sorted(n.rpartition("_running_")[2] for n, _ in module.named_buffers()) == ["mean", "var"]


def test_what_is_refused():
    with pytest.raises(TypeError, match="takes a Gluon Block, got Linear"):
        as_module(torch.nn.Linear(1, 1))
    with pytest.raises(RuntimeError, match="has not been initialized"):
        as_module(nn.Dense(2))
    net = nn.Dense(2, in_units=2)
    net.initialize(ctx=[mx.cpu(0), mx.cpu(1)])
    with pytest.raises(ValueError, match=r"as_module\(ctx=...\)"):
        as_module(net)
    module = as_module(net, mx.cpu(1))
    assert module.weight is net.weight.data(mx.cpu(1)).to_torch()
    with pytest.raises(RuntimeError, match=r"not initialized on context cpu\(2\)"):
        as_module(net, mx.cpu(2))
    sparse = gluon.contrib.nn.SparseEmbedding(4, 2)
    sparse.initialize()
    with pytest.raises(UnsupportedError, match="row_sparse Parameter"):
        as_module(sparse)
