"""Mixed precision against real MXNet's, and where it is more than MXNet's on a CPU."""

from __future__ import annotations

import logging

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat.contrib import amp
from mxgluon_compat.contrib.amp.loss_scaler import all_finite
from mxgluon_compat.ops.registry import OPERATORS
from tests.oracle import amp_bfloat16, amp_convert, amp_float16
from tests.scenarios import against_mxnet

# bfloat16 has 8 bits; what is computed in it is rounded after other sums in MXNet.
ROUNDED = ("losses", "blocks: bfloat16", "blocks: imported")
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    amp_float16, amp_bfloat16, amp_convert,
    tolerance=lambda name: (2e-2, 1e-3) if any(part in name for part in ROUNDED) else (1e-6, 1e-9),
)  # fmt: skip

nn, gluon, autograd = mx.gluon.nn, mx.gluon, mx.autograd


@pytest.fixture(params=["float16", "bfloat16"])
def low(request):
    """Mixed precision in each dtype, while a test runs."""
    amp.init(request.param)
    yield request.param
    amp.amp._reset()


@pytest.fixture
def float16():
    amp.init()
    yield
    amp.amp._reset()


def name_of(array):
    return str(array._data.dtype).removeprefix("torch.")


def make_net(ctx=None):
    net = nn.HybridSequential()
    net.add(nn.Dense(16, activation="relu", in_units=4), nn.BatchNorm(in_channels=16), nn.Dense(3, in_units=16))
    net.initialize(mx.init.Xavier(), ctx=ctx or mx.cpu())
    return net


def batch(ctx=None, n=32):
    random = np.random.RandomState(1)
    x = random.uniform(-1, 1, (n, 4)).astype("float32")
    y = (x[:, 0] > 0).astype("float32") + (x[:, 1] > 0)
    return mx.nd.array(x, ctx=ctx), mx.nd.array(y, ctx=ctx)


def train(net, steps=30, trainer=None, clip=None, ctx=None, factors=()):
    """Losses of a training with scaled losses, or without where mixed precision is off."""
    x, y = batch(ctx)
    trainer = trainer or gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.02})
    scaled_by = amp.amp._amp_initialized
    if scaled_by:
        amp.init_trainer(trainer)
        scaler = trainer._amp_loss_scaler
        scaler._loss_scale = scaler._next_loss_scale = 1024.0  # what gradients of these losses bear in float16
    loss_of, losses = gluon.loss.SoftmaxCrossEntropyLoss(), []
    for step in range(steps):
        with autograd.record():
            loss = loss_of(net(x), y) * (factors[step] if factors else 1)
            if scaled_by:
                with amp.scale_loss(loss, trainer) as scaled:
                    scaled.backward()
            else:
                loss.backward()
        if clip:
            if scaled_by:
                amp.unscale(trainer)
            params = net.collect_params().values()
            gluon.utils.clip_global_norm([p.grad() for p in params if p.grad_req != "null"], clip)
        trainer.step(32)
        losses.append(float(loss.mean().asscalar()))
    return losses


# ---------------------------------------------------------------------------------------------- on and off
def test_off_again_nothing_is_cast(low):
    assert OPERATORS["FullyConnected"].amp is not None
    amp.amp._reset()
    assert all(op.amp is None for op in OPERATORS.values())
    x = mx.nd.ones((2, 2))
    assert name_of(mx.nd.FullyConnected(x, x, no_bias=True, num_hidden=2)) == "float32"


def test_a_refused_init_leaves_it_off():
    for arguments, error in (
        ({"target_precision_ops": ["nonsense"]}, AttributeError),
        ({"fp32_ops": "exp"}, ValueError),
        ({"conditional_fp32_ops": ["x"]}, ValueError),
        ({"conditional_fp32_ops": [("nonsense", "a", ["b"])]}, AttributeError),
    ):
        with pytest.raises(error):
            amp.init(**arguments)
        assert not amp.amp._amp_initialized and OPERATORS["exp"].amp is None


def test_own_lists():
    x = mx.nd.ones((2, 2))
    amp.init("float16", ["dot", "exp"], [("Activation", "act_type", ["relu"])], ["FullyConnected"])
    try:
        # dot is on the list of those that want the widest dtype too, and that is found first
        symbol = mx.sym.dot(mx.sym.var("a"), mx.sym.var("b"))
        assert [n.op.name for n in walk_operators(symbol)] == ["amp_multicast", "amp_cast", "amp_cast", "dot"]
        half = x.astype("float16")
        assert [name_of(a) for a in (
            mx.nd.dot(x, half), mx.nd.exp(x), mx.nd.FullyConnected(half, half, no_bias=True, num_hidden=2),
            mx.nd.Activation(half, act_type="relu"), mx.nd.Activation(half, act_type="tanh"), mx.nd.softmax(half),
        )] == ["float16", "float16", "float32", "float32", "float16", "float16"]  # fmt: skip
    finally:
        amp.amp._reset()


def walk_operators(symbol):
    from mxgluon_compat.symbol.node import walk

    return [n for n in walk(symbol._outputs) if n.op is not None]


def test_operators_that_the_table_has_not_may_be_listed():
    amp.init("float16", fp32_ops=["_cvimread", "exp"])
    amp.amp._reset()


# ---------------------------------------------------------------------------------------------- casts of arrays
def test_arrays_are_cast_like_symbols(low):
    """MXNet leaves float16 arrays on a CPU as they are where its graphs cast them, and multiplies the loss."""
    x = mx.nd.ones((2, 3)).astype(low)
    cases = {
        "softmax": lambda F, x: F.softmax(x), "exp": lambda F, x: F.exp(x), "sum": lambda F, x: F.sum(x),
        "widest": lambda F, x: F.broadcast_add(x, F.cast(x, dtype="float32")), "method": lambda F, x: x.mean(),
        "arithmetic": lambda F, x: 2 / x, "layer": lambda F, x: F.FullyConnected(x, x, no_bias=True, num_hidden=2),
        "power": lambda F, x: x**x, "condition": lambda F, x: F.Activation(x, act_type="softrelu"),
        "neither": lambda F, x: F.sqrt(x), "three": lambda F, x: F.add_n(x, F.cast(x, dtype="float32"), x),
    }  # fmt: skip
    for name, function in cases.items():
        symbol = function(mx.sym, mx.sym.var("x"))
        graph = symbol.bind(mx.cpu(), {"x": x}).forward()[0]
        assert name_of(function(mx.nd, x)) == name_of(graph), name


def test_other_half_precision_goes_where_graphs_take_it(float16):
    low, full = mx.nd.ones(2).astype("bfloat16"), mx.nd.ones(2)
    assert name_of(low + full) == "float32"  # an error in MXNet, where calls know one half-precision dtype
    assert name_of(low + low) == "bfloat16"


def test_gradients_flow_through_casts(low):
    x, w = mx.nd.array([[1.0, 2], [3, 4]]), mx.nd.array([[0.5, -1], [2, 0.25]])
    w.attach_grad()
    with autograd.record():
        y = mx.nd.softmax(mx.nd.FullyConnected(x, w, no_bias=True, num_hidden=2))
        loss = (y * mx.nd.array([[1.0, 0], [0, 1]])).sum()
    loss.backward()
    assert name_of(y) == "float32" and name_of(w.grad) == "float32"
    amp.amp._reset()
    was = w.grad.asnumpy()
    with autograd.record():
        y = mx.nd.softmax(mx.nd.FullyConnected(x, w, no_bias=True, num_hidden=2))
        loss = (y * mx.nd.array([[1.0, 0], [0, 1]])).sum()
    loss.backward()
    assert np.abs(was).max() > 0.01
    assert np.allclose(was, w.grad.asnumpy(), rtol=5e-2, atol=2e-3)


def test_sparse_arrays_and_custom_operators(low):
    csr = mx.nd.array([[0.0, 1], [2, 0]]).tostype("csr")
    assert (mx.nd.dot(csr, mx.nd.ones((2, 2))).asnumpy() == [[1, 1], [2, 2]]).all()
    seen = []

    @mx.operator.register("seen_by_amp")
    class Prop(mx.operator.CustomOpProp):
        def create_operator(self, ctx, shapes, dtypes):
            return Op()

    class Op(mx.operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            seen.append(name_of(in_data[0]))
            self.assign(out_data[0], req[0], in_data[0])

    mx.nd.Custom(mx.nd.ones(2).astype(low), op_type="seen_by_amp")
    assert seen == ["float32"]


def test_a_trace_that_reads_shapes(low):
    class Net(gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            self.dense = nn.Dense(3, in_units=4)

        def hybrid_forward(self, F, x):
            y = self.dense(x)
            return F.softmax(y.reshape((y.shape[0], -1)))

    net = Net()
    net.initialize()
    plain = net(mx.nd.ones((2, 4)))
    net.hybridize()
    assert (net(mx.nd.ones((2, 4))).asnumpy() == plain.asnumpy()).all()


# ---------------------------------------------------------------------------------------------- training
@pytest.mark.parametrize("hybridize", [False, True])
def test_training_follows_that_in_float32(low, hybridize):
    mx.random.seed(3)
    net = make_net()
    if hybridize:
        net.hybridize()
    losses = train(net)
    assert {name_of(p.data()) for p in net.collect_params().values()} == {"float32"}
    amp.amp._reset()
    mx.random.seed(3)
    wanted = train(make_net())
    assert losses != wanted
    assert losses[-1] < 0.5 * losses[0]
    assert np.allclose(losses, wanted, rtol=0.05, atol=0.01)


def test_a_compiled_graph_casts(low):
    net = make_net()
    net.hybridize(backend="aot_eager")
    x = batch()[0]
    out = net(x)
    net.hybridize(False)
    assert name_of(out) == low
    assert np.allclose(out.astype("float32").asnumpy(), net(x).astype("float32").asnumpy(), rtol=0.02, atol=0.02)


def test_overflow_skips_the_step_and_training_goes_on(float16, caplog):
    mx.random.seed(3)
    net = make_net()
    trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.02})
    with caplog.at_level(logging.INFO):
        losses = train(net, 6, trainer, factors=(1, 1, 1e36, 1, 1, 1))
    assert caplog.messages.count("AMP: decreasing loss scale to 512.000000") == 1
    assert trainer.optimizer.num_update == 5
    assert np.isfinite(losses[3:]).all() and losses[5] < losses[0]


def test_clipping_between_unscale_and_step(float16):
    mx.random.seed(3)
    losses = train(make_net(), 10, clip=0.5)
    amp.amp._reset()
    mx.random.seed(3)
    assert np.allclose(losses, train(make_net(), 10, clip=0.5), rtol=0.05, atol=0.01)


@pytest.mark.parametrize("update", [None, True, False])
def test_overflow_on_several_contexts(float16, update):
    """Where the KVStore updates, MXNet adds the infinite gradients to the weights before it looks at them."""
    devices = [mx.cpu(0), mx.cpu(1)]
    p = gluon.Parameter("p", shape=(2,))
    p.initialize(mx.init.One(), ctx=devices)
    trainer = gluon.Trainer([p], "sgd", {"learning_rate": 0.5}, update_on_kvstore=update)
    amp.init_trainer(trainer)
    values = []
    for factor in (1.0, float("inf"), 1.0):
        with autograd.record():
            losses = [(p.data(c) * (factor if c == devices[1] else 1.0)).sum() for c in devices]
            with amp.scale_loss(losses, trainer) as scaled:
                autograd.backward(scaled)
        trainer.step(2)
        values.append([p.data(c).asnumpy().tolist() for c in devices])
    assert values == [[[0.5, 0.5]] * 2, [[0.5, 0.5]] * 2, [[0.0, 0.0]] * 2]
    assert trainer._amp_loss_scaler.loss_scale == 32768


def test_all_finite():
    big = mx.nd.array([1e38, -1e38])
    arrays = [big, mx.nd.ones((2, 2)).astype("float16"), mx.nd.ones((4, 2)).tostype("row_sparse")]
    assert all_finite(arrays) and all_finite([])
    for bad in (float("inf"), -float("inf"), float("nan")):
        for dtype in ("float16", "float32", "bfloat16", "float64"):
            assert not all_finite([*arrays, mx.nd.array([1.0, bad]).astype(dtype)])
    assert not all_finite([mx.nd.array([[0.0], [float("nan")]]).tostype("row_sparse"), big])


def test_gradients_with_few_rows(float16):
    embedding = nn.Embedding(5, 2, sparse_grad=True)
    embedding.initialize(mx.init.One())
    trainer = gluon.Trainer(embedding.collect_params(), "sgd", {"learning_rate": 1.0})
    amp.init_trainer(trainer)
    with autograd.record(), amp.scale_loss(embedding(mx.nd.array([1, 3])).sum(), trainer) as scaled:
        scaled.backward()
    grad = embedding.weight.grad()
    assert grad.stype == "row_sparse" and grad.asnumpy()[1, 0] == 65536
    amp.unscale(trainer)
    assert embedding.weight.grad().asnumpy()[:, 0].tolist() == [0, 1, 0, 1, 0]
    trainer.step(1)
    assert embedding.weight.data().asnumpy()[:, 0].tolist() == [1, 0, 1, 0, 1]


def test_states_of_the_optimizer_are_saved_beside(float16, tmp_path):
    net = make_net()
    trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.02})
    train(net, 2, trainer)
    trainer.save_states(str(tmp_path / "states"))
    trainer.load_states(str(tmp_path / "states"))
    assert trainer._scale == trainer._amp_original_scale / 1024


# ---------------------------------------------------------------------------------------------- conversion
def test_weights_that_float32_needs_are_not_cast():
    """MXNet casts them where any operator wants them low, and then finds that the graph contradicts itself."""
    w = mx.sym.var("w")
    dense = mx.sym.FullyConnected(mx.sym.var("x"), w, num_hidden=2, no_bias=True, name="f")
    made, args, _ = amp.convert_model(
        mx.sym.exp(w, name="e") + dense, {"w": mx.nd.ones((2, 2))}, {}, cast_optional_params=True
    )
    assert name_of(args["w"]) == "float32"
    assert "w_amp_cast_float16" in [n.name for n in walk_operators(made)]
    assert made.bind(mx.cpu(), {**args, "x": mx.nd.ones((2, 2))}).forward()[0].dtype is np.float32


def test_operators_that_want_all_dtypes_are_converted():
    """MXNet's rules of these fail where it asks them with the first input's dtype alone."""
    low = mx.sym.FullyConnected(mx.sym.var("x"), num_hidden=2, no_bias=True, name="f")
    for symbol in (mx.sym.take(low, mx.sym.var("i")), mx.sym.pick(low, mx.sym.var("i"))):
        arrays = {"x": mx.nd.ones((2, 2)), "f_weight": mx.nd.ones((2, 2)), "i": mx.nd.array([1, 0])}
        out = amp.convert_symbol(symbol).bind(mx.cpu(), arrays).forward()[0]
        assert name_of(out) == "float32" and (out.asnumpy() == 2).all()


@pytest.mark.parametrize("cast", [False, True])
def test_a_converted_net_gives_nearly_the_same(cast, tmp_path):
    net = make_net()
    net.hybridize()
    x = batch()[0]
    wanted = net(x).asnumpy()
    made = amp.convert_hybrid_block(net, "float16", ctx=mx.cpu(), cast_optional_params=cast)
    out = made(x)
    assert name_of(out) == "float32" and not (out.asnumpy() == wanted).all()
    assert np.allclose(out.asnumpy(), wanted, rtol=2e-2, atol=2e-3)
    made.export(str(tmp_path / "m"), remove_amp_cast=False)
    loaded = gluon.SymbolBlock.imports(str(tmp_path / "m-symbol.json"), ["data"], str(tmp_path / "m-0000.params"))
    assert (loaded(x).asnumpy() == out.asnumpy()).all()
    weights = {name_of(p.data()) for n, p in loaded.collect_params().items() if n.endswith("weight")}
    assert weights == {"float16" if cast else "float32"}


def test_a_converted_net_is_another():
    net = make_net()
    net.hybridize()
    net(batch()[0])
    made = amp.convert_hybrid_block(net, ctx=mx.cpu())
    for param in made.collect_params().values():
        param.data()[:] = 0
    assert all(np.abs(p.data().asnumpy()).max() > 0 for n, p in net.collect_params().items() if n.endswith("weight"))


# ---------------------------------------------------------------------------------------------- GPUs
@pytest.mark.gpu
@pytest.mark.parametrize("hybridize", [False, True])
def test_training_on_a_gpu(low, hybridize):
    mx.random.seed(3)
    net = make_net(mx.gpu())
    if hybridize:
        net.hybridize()
    losses = train(net, ctx=mx.gpu())
    assert losses[-1] < 0.5 * losses[0]
    assert {p.data()._data.device for p in net.collect_params().values()} == {mx.gpu().torch_device}


@pytest.mark.gpu
@pytest.mark.filterwarnings("ignore:Synchronization debug mode is a prototype")  # whenever the mode is set
def test_a_step_waits_for_the_gpu_once(float16):
    net = make_net(mx.gpu())
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.02})
    train(net, 2, trainer, ctx=mx.gpu())
    torch.cuda.set_sync_debug_mode("warn")
    try:
        with pytest.warns(UserWarning) as caught:
            trainer.step(32, ignore_stale_grad=True)
        waits = [w for w in caught if "called a synchronizing CUDA operation" in str(w.message)]
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert len(waits) == 1
