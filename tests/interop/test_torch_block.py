"""TorchBlock: a torch module as a layer of a Gluon net."""

import copy
import pickle

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import autograd, gluon, nd
from mxgluon_compat.base import MXNetError, UnsupportedError
from mxgluon_compat.gluon import nn
from mxgluon_compat.interop import TorchBlock, as_module

X = nd.array(np.linspace(-1, 1, 20).reshape(5, 4))


class Scaled(torch.nn.Module):
    """A parameter and a counter of no dimensions, and a submodule under two names."""

    def __init__(self):
        super().__init__()
        self.first = self.again = torch.nn.Linear(4, 4)
        self.scale = torch.nn.Parameter(torch.tensor(2.0))
        self.norm = torch.nn.BatchNorm1d(4)
        self.register_buffer("shift", torch.ones(4), persistent=False)

    def forward(self, x):
        return self.norm(self.again(torch.relu(self.first(x))) * self.scale) + self.shift


def make(hybrid=False, module=None):
    torch.manual_seed(0)
    mx.random.seed(1)
    module = Scaled() if module is None else module
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Dense(4, activation="relu"), TorchBlock(module, prefix="torch_"), nn.Dense(3))
    net.initialize()
    if hybrid:
        net.hybridize()
    return net, module


def train(net, optimizer=None, steps=4):
    trainer = optimizer or gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    losses = []
    for _ in range(steps):
        with autograd.record():
            loss = (net(X) ** 2).mean()
        loss.backward()
        if optimizer is None:
            trainer.step(1)
        else:
            optimizer.step()
        losses.append(loss.asscalar())
    return losses


def test_its_parameters_are_the_nets():
    net, module = make()
    names = [n.removeprefix("net_torch_") for n in net.collect_params() if n.startswith("net_torch_")]
    assert names == ["scale", "first.weight", "first.bias", "norm.weight", "norm.bias", "norm.running_mean",
                     "norm.running_var", "norm.num_batches_tracked"]  # fmt: skip
    for name in names:
        param = net.collect_params()["net_torch_" + name]
        assert param.data().to_torch() is module.get_parameter(name) if param.grad_req == "write" else True
    assert net.collect_params()["net_torch_norm.running_mean"].grad_req == "null"
    structural = net._collect_params_with_prefix()
    assert structural["1.again.weight"] is structural["1.first.weight"]


def test_the_trainer_trains_it_hybridized_or_not_as_torchs_optimizer_does():
    curves = []
    for hybrid, torchs in ((False, False), (True, False), (True, True)):
        net, module = make(hybrid)
        net(X)
        optimizer = torch.optim.SGD(as_module(net).parameters(), lr=0.1) if torchs else None
        curves.append(train(net, optimizer))
        assert module.norm.num_batches_tracked == 4 and module.scale != 2
        assert not np.allclose(module.norm.running_mean, 0)
        net(X)
        assert not module.training
    np.testing.assert_allclose(curves[1], curves[0], rtol=1e-5)
    np.testing.assert_allclose(curves[2], curves[0], rtol=1e-5)
    assert curves[0][-1] < curves[0][0]


def test_gradients_are_those_of_plain_torch():
    net, module = make()
    net(X)
    with autograd.record():
        loss = (net(X) ** 2).sum()
    loss.backward()
    twin = Scaled()
    twin.load_state_dict(module.state_dict())
    weights = [net[i].weight.data().to_torch().detach() for i in (0, 2)]
    (torch.nn.functional.linear(twin(torch.relu(X.to_torch() @ weights[0].T)), weights[1]) ** 2).sum().backward()
    for (name, ours), (_, theirs) in zip(module.named_parameters(), twin.named_parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(net[1]._reg_params[name].grad().asnumpy(), ours.grad)


@pytest.mark.parametrize("hybrid", [False, True])
def test_saved_loaded_copied(tmp_path, hybrid):
    net, module = make(hybrid)
    net(X)
    train(net)
    expected = net(X).asnumpy()
    net.save_parameters(str(tmp_path / "net.params"))
    other, twin = make(hybrid)
    other.load_parameters(str(tmp_path / "net.params"))
    np.testing.assert_array_equal(other(X).asnumpy(), expected)
    torch.testing.assert_close(twin.state_dict(), module.state_dict(), rtol=0, atol=0)
    net.collect_params().setattr("lr_mult", 0.5)
    for copied in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        np.testing.assert_array_equal(copied(X).asnumpy(), expected)
        assert copied[1].module is not module and copied[1]._reg_params["scale"].lr_mult == 0.5
        copied[1].module.scale.data.zero_()
    np.testing.assert_array_equal(net(X).asnumpy(), expected)


def test_initialize_leaves_the_modules_values_unless_forced():
    net, module = make()
    before = module.first.weight.detach().clone()
    net[1].initialize(mx.init.Zero())
    assert module.first.weight.equal(before)
    net.initialize(mx.init.Zero(), force_reinit=True)
    assert not module.first.weight.any() and (module.norm.running_var == 1).all()


@pytest.mark.parametrize("hybrid", [False, True])
def test_several_contexts(hybrid):
    net, module = make(hybrid)
    net(X)
    contexts = [mx.cpu(0), mx.cpu(1)]
    net.collect_params().reset_ctx(contexts)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    with autograd.record():
        losses = [(net(X.as_in_context(ctx)) ** 2).sum() for ctx in contexts]
    autograd.backward(losses)
    trainer.step(2)
    first, second = (net[1]._reg_params["scale"].data(ctx) for ctx in contexts)
    assert first.asnumpy() == second.asnumpy() != 2
    assert first.to_torch() is module.scale and second.to_torch() is not module.scale


def test_cast_and_what_torch_does_with_the_module():
    net, module = make(True)
    net(X)
    net.cast("float64")
    assert module.first.weight.dtype is torch.float64 and module.norm.num_batches_tracked.dtype is torch.int64
    assert net(X.astype("float64")).dtype is np.float64
    module.first.weight.requires_grad_(False)
    with autograd.record():
        loss = net(X.astype("float64")).sum()
    loss.backward()
    assert module.first.weight.grad is None and module.scale.grad is not None


def test_as_module_has_the_module_itself():
    net, module = make()
    whole = as_module(net)
    whole(X.to_torch())
    assert whole.get_submodule("1") is module and as_module(net[1]) is module
    assert "1.first.weight" in whole.state_dict()
    seen = []
    module.norm.register_forward_hook(lambda *_: seen.append(1))
    whole.eval()
    np.testing.assert_array_equal(whole(X.to_torch()).detach().numpy(), net(X).asnumpy())
    assert seen == [1, 1]
    changed = {name: torch.zeros_like(p) for name, p in whole.named_parameters()}
    assert not torch.func.functional_call(whole, changed, (X.to_torch(),), tie_weights=False).any()
    compiled = torch.compile(whole, backend="aot_eager")
    compiled(X.to_torch())
    torch.testing.assert_close(compiled(X.to_torch()), whole(X.to_torch()))


class Pair(torch.nn.Module):
    def forward(self, x, y):
        return {"sum": x + y} if x.shape[0] == 1 else (x + y, x - y)


def test_several_outputs_and_structures():
    block = TorchBlock(Pair(), num_outputs=2)
    one = nd.ones((1, 2))
    assert block(one, one)["sum"].asnumpy().tolist() == [[2, 2]]

    class Net(gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            self.pair = block

        def hybrid_forward(self, F, x):  # noqa: N803
            a, b = self.pair(x, 2 * x)
            return a - b

    net, x = Net(), nd.ones((2, 2))
    plain = net(x).asnumpy()
    net.hybridize()
    np.testing.assert_array_equal(net(x).asnumpy(), plain)
    with pytest.raises(MXNetError, match=r"must give 2 tensor\(s\), got dict"):
        net(one)


def test_deferred_parameters_behind_it_and_what_meta_tensors_cannot_do():
    class OnTheHost(torch.nn.Module):
        def forward(self, x):
            return torch.from_numpy(x.detach().numpy()[:, :2].copy())

    net = nn.HybridSequential()
    net.add(nn.Dense(4), TorchBlock(OnTheHost()), nn.Dense(3))
    net.initialize()
    net.hybridize()
    assert net(X).shape == (5, 3) and net[2].weight.shape == (3, 2)


def test_what_is_refused(tmp_path):
    with pytest.raises(TypeError, match=r"takes a torch.nn.Module, got Dense"):
        TorchBlock(nn.Dense(1))
    dense = nn.Dense(1, in_units=1)
    dense.initialize()
    with pytest.raises(TypeError, match="a Gluon Block in this module already"):
        TorchBlock(as_module(dense))
    with pytest.raises(ValueError, match="weight, bias of the module have no shape yet"):
        TorchBlock(torch.nn.LazyLinear(2))
    net, _ = make(True)
    net(X)
    with pytest.raises(UnsupportedError, match=r"\(TorchBlock\) is not supported: it holds a PyTorch module"):
        net.export(str(tmp_path / "net"))
