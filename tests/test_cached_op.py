"""Cached graphs: lowering, modes, dtypes, sharing, random numbers, states, backends, policy."""

import importlib.util
import pkgutil
import subprocess
import sys

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import cached_op, streams
from mxgluon_compat.base import MXNetError, UnsupportedError
from mxgluon_compat.cached_op import CachedOp, compile_policy, set_compile_policy
from mxgluon_compat.ops import registry
from tests.ops import cases, spec

sym, nn = mx.sym, mx.gluon.nn


@pytest.fixture(autouse=True)
def default_policy(monkeypatch):
    monkeypatch.setattr(cached_op, "_policy", "")
    monkeypatch.delenv("MXGLUON_COMPILE", raising=False)
    torch._dynamo.reset()


# ---------------------------------------------------------------------------------------------- the graph itself
def test_nodes_keep_their_names():
    data = sym.var("data")
    net = sym.Activation(sym.FullyConnected(data, num_hidden=2, name="fc"), act_type="relu", name="my-relu.1")
    names = [node.name for node in CachedOp(net).graph().graph.nodes]
    assert names == ["data", "fc_weight", "fc_bias", "fc", "my_relu_1", "output"]


def test_names_that_python_cannot_have():
    variables = [sym.var(n) for n in ("class", "a-b", "a.b", "1", "self", "a-b")]
    net = sym.add_n(*variables, name="lambda")
    assert CachedOp(net)(*[mx.nd.ones(2)] * 6).asnumpy().tolist() == [6, 6]


def test_train_and_predict_mode_are_two_graphs():
    net = CachedOp(sym.Dropout(sym.var("data"), p=0.5))
    x = mx.nd.ones((20, 20))
    assert net(x).asnumpy().min() == 1
    with mx.autograd.train_mode():
        assert set(np.unique(net(x).asnumpy())) == {0, 2}
    with mx.autograd.record(train_mode=False):
        assert net(x).asnumpy().min() == 1


def test_nothing_is_recorded_outside_of_record():
    x = mx.nd.ones(2)
    x.attach_grad()
    net = CachedOp(sym.var("x") * 2)
    assert not net(x).to_torch().requires_grad
    assert torch.is_grad_enabled()
    with mx.autograd.record():
        y = net(x)
    y.backward()
    assert x.grad.asnumpy().tolist() == [2, 2]


def test_calls_with_wrong_arguments():
    net = CachedOp(sym.var("a") + sym.var("b"))
    x = mx.nd.ones(2)
    with pytest.raises(MXNetError, match=r"2 inputs \(a, b\), got 1"):
        net(x)
    with pytest.raises(MXNetError, match="got 3"):
        net(x, x, x)
    with pytest.raises(TypeError, match="int"):
        net(x, 3)
    with pytest.raises(TypeError, match="color"):
        net(x, x, color=1)
    out = mx.nd.zeros(2)
    assert net(x, x, out=out) is out
    assert out.asnumpy().tolist() == [2, 2]
    with pytest.raises(UnsupportedError, match="static_everything"):
        CachedOp(sym.var("a"), [("static_everything", True)])


def test_mxnets_flags_are_taken():
    flags = {"static_alloc": True, "static_shape": True, "inline_limit": 2, "forward_bulk_size": 3,
             "backward_bulk_size": 4, "data_indices": [0], "param_indices": []}  # fmt: skip
    assert CachedOp(sym.var("a") + 1, flags.items())(mx.nd.ones(1)).asscalar() == 2
    with pytest.raises(MXNetError, match="static_alloc must be True"):
        CachedOp(sym.var("a") + 1, {"static_shape": True})


# ---------------------------------------------------------------------------------------------- dtypes and failures
def test_mixed_dtypes_name_the_node():
    a, b = sym.var("a"), sym.var("b")
    net = CachedOp(sym.elemwise_add(sym.exp(a), b, name="mixed"))
    x, y = mx.nd.ones(2), mx.nd.ones(2, dtype="float16")
    for _ in range(2):
        with pytest.raises(MXNetError, match="'mixed'.*elemwise_add.*float32.*float16.*astype"):
            net(x, y)
    assert net(x, x).dtype == np.float32
    assert net(y, y).dtype == np.float16


def test_mixed_dtypes_after_shapes_that_depend_on_values():
    some = sym.contrib.boolean_mask(sym.var("a"), sym.var("index"))
    net = CachedOp(sym.broadcast_add(some, sym.var("b"), name="mixed"))
    a, index, half = mx.nd.array([1, 2, 3]), mx.nd.array([1, 0, 1]), mx.nd.ones(1, dtype="float16")
    with pytest.raises(MXNetError, match="'mixed'.*float16"):
        net(a, index, half)
    for _ in range(3):
        assert net(a, index, mx.nd.ones(1)).asnumpy().tolist() == [2, 4]


def test_failures_name_node_operator_and_shapes():
    net = CachedOp(sym.dot(sym.exp(sym.var("a")), sym.var("b"), name="product"))
    good, bad = mx.nd.ones((2, 3)), mx.nd.ones((2, 4))
    for _ in range(2):
        with pytest.raises(MXNetError, match=r"'product'.*dot.*\(2, 3\).*\(2, 4\)"):
            net(good, bad)
    assert net(good, good.T).shape == (2, 2)


# ---------------------------------------------------------------------------------------------- sharing
SHARING = {
    "reshape": lambda x: sym.reshape(x, shape=(4,)),
    "transpose": lambda x: sym.transpose(x),
    "split": lambda x: sym.split(x, num_outputs=2),
    "identity": lambda x: sym.identity(x),
    "dropout": lambda x: sym.Dropout(x),
    "cast": lambda x: sym.Cast(x, dtype="float32"),
    "gradient blocked": lambda x: sym.BlockGrad(x),
    "through several": lambda x: sym.identity(sym.transpose(sym.reshape(x, shape=(4, 1)))),
    "parts": lambda x: sym.Group([sym.slice_axis(x, axis=0, begin=1, end=2), sym.reshape(x, shape=(4,))]),
    "of a result": lambda x: (lambda y: sym.Group([sym.BlockGrad(y), y, sym.reshape(y, shape=(4,))]))(sym.exp(x)),
}


@pytest.mark.parametrize("name", SHARING)
@pytest.mark.parametrize("record", [False, True])
def test_outputs_share_no_elements_with_inputs(name, record):
    x = mx.nd.array([[1, 2], [3, 4]])
    net = CachedOp(SHARING[name](sym.var("x")))
    if record:
        with mx.autograd.record(train_mode=False):
            outputs = net(x)
    else:
        outputs = net(x)
    for y in outputs if isinstance(outputs, list) else [outputs]:
        before = y.asnumpy()
        y += 1
        assert (y.asnumpy() == before + 1).all()
    assert x.asnumpy().tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("record", [False, True])
def test_an_input_comes_out_as_it_is_once(record):
    x = mx.nd.array([[1, 2], [3, 4]])
    net = CachedOp((lambda x: sym.Group([x, x, sym.reshape(x, shape=(4,))]))(sym.var("x")))
    with mx.autograd.record() if record else mx.autograd.pause():
        outputs = net(x)
    outputs[0][:] = 9
    assert x.asnumpy().tolist() == [[9, 9], [9, 9]]
    assert [o.asnumpy().ravel().tolist() for o in outputs[1:]] == [[1, 2, 3, 4]] * 2
    x.attach_grad()
    with mx.autograd.record():
        outputs = net(x)
    mx.autograd.backward(outputs)
    assert x.grad.asnumpy().tolist() == [[3, 3], [3, 3]]


def test_views_of_inner_results_are_not_copied():
    net = CachedOp(sym.reshape(sym.exp(sym.var("x")), shape=(4,)))
    assert net._aliases == []


def test_one_result_in_two_places_is_two_arrays():
    result = sym.exp(sym.var("x"))
    first, second = CachedOp(sym.Group([result, result]))(mx.nd.zeros(2))
    first += 1
    assert second.asnumpy().tolist() == [1, 1]


def _operator_cases():
    for _, family, _ in pkgutil.iter_modules(cases.__path__):
        for case in importlib.import_module(f"{cases.__name__}.{family}").CASES:
            if not case.get("error") and not registry.get(case["op"]).may_alias:
                yield case


def test_operators_that_share_elements_with_their_inputs_say_so():
    checked = 0
    for case in _operator_cases():
        op = registry.get(case["op"])
        arrays, _ = spec.arrays_of(case, case.get("dtypes", ["float32"])[0])
        tensors = [None if a is None else torch.tensor(a) for a in arrays]
        count = {op.count: len(tensors)} if op.count else {}
        parsed = op.parse({**case.get("attrs", {}), **count})
        cpu = torch.device("cpu")
        supplied = {"training": case.get("train", False), "stream": streams.stream_for(cpu), "device": cpu}
        arguments = op.arguments(parsed) | {k: supplied[k] for k in op.supplied}
        given = tensors if op.variadic else (tensors + [None] * len(op.inputs))[: len(op.inputs)]
        results = op.fn(*given, **arguments)
        results = results[: op.visible_outputs(parsed)] if isinstance(results, tuple) else (results,)
        places = [t.untyped_storage().data_ptr() for t in (*tensors, *results) if t is not None and t.numel()]
        assert len(set(places)) == len(places), f"{case} shares elements, but has no may_alias"
        checked += 1
    assert checked > 500


# ---------------------------------------------------------------------------------------------- nets
def _net(prefix, *layers):
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(*[make() for make in layers])
    return net


def _dense():
    layers = (lambda: nn.Dense(8, activation="relu", in_units=6), lambda: nn.Dense(3, in_units=8))
    return _net("dense_", *layers), (4, 6)


def _conv():
    layers = (
        lambda: nn.Conv2D(4, 3, padding=1, in_channels=3), lambda: nn.BatchNorm(in_channels=4),
        lambda: nn.Activation("relu"), lambda: nn.MaxPool2D(2), lambda: nn.BatchNorm(scale=False, in_channels=4),
        lambda: nn.GlobalAvgPool2D(), lambda: nn.Dense(2, in_units=4),
    )  # fmt: skip
    return _net("conv_", *layers), (2, 3, 8, 8)


def _dropout():
    layers = (
        lambda: nn.Dense(16, in_units=6), lambda: nn.Dropout(0.5), lambda: nn.Dense(16, in_units=16),
        lambda: nn.Dropout(0.3, axes=(0,)), lambda: nn.Dense(3, in_units=16),
    )  # fmt: skip
    return _net("dropout_", *layers), (4, 6)


def _embedding():
    layers = (lambda: nn.Embedding(10, 5), lambda: nn.Dropout(0.2), lambda: nn.Dense(3, flatten=False, in_units=5))
    return _net("embedding_", *layers), (2, 3)


NETS = {"dense": _dense, "conv": _conv, "dropout": _dropout, "embedding": _embedding}


def _train(name, **flags):
    """Outputs, gradients, parameters and states of three steps, and a prediction."""
    mx.random.seed(3)
    net, shape = NETS[name]()
    net.initialize(mx.init.Xavier())
    if flags:
        net.hybridize(**{k: v for k, v in flags.items() if k != "plain"})
    x = (
        mx.nd.random.randint(0, 10, shape=shape).astype("float32")
        if name == "embedding"
        else mx.nd.random.normal(shape=shape)
    )
    x.attach_grad()
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    found = []
    for _ in range(3):
        with mx.autograd.record():
            y = net(x)
            loss = (y * y).sum()
        loss.backward()
        found += [y, x.grad.copy(), *(p.grad().copy() for p in net.collect_params().values() if p.grad_req != "null")]
        trainer.step(2)
    found += [net(x), *(p.data() for p in net.collect_params().values())]
    return [array.asnumpy() for array in found]


def _same(found, wanted):
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", NETS)
def test_hybridized_nets_train_as_others(name):
    _same(_train(name, plain=True), _train(name))


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
@pytest.mark.parametrize("name", NETS)
def test_compiled_nets_train_as_others(name, backend):
    _same(_train(name, backend=backend), _train(name))


@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")  # its own, on import
def test_inductor_trains_as_others():
    _same(_train("dropout", backend="inductor"), _train("dropout"))


class Counting:
    """A backend that counts the graphs it is given."""

    def __init__(self):
        self.graphs = []

    def __call__(self, graph, _):
        self.graphs.append(graph)
        return graph.forward


@pytest.mark.parametrize("name", NETS)
def test_nets_are_compiled_in_one_piece(name):
    backend = Counting()
    _same(_train(name, backend=backend), _train(name))
    assert len(backend.graphs) == 2  # train and predict mode


def test_random_numbers_of_a_compiled_graph_are_mxnets_and_in_order():
    x = sym.var("x")
    parts = [sym.Dropout(x, mode="always"), sym.random.normal(0, 1, shape=(3,)), sym.Dropout(x, p=0.2, mode="always"),
             sym.random.uniform(0, 2, shape=(2,)), sym.random.shuffle(x)]  # fmt: skip
    net, array = sym.Group(parts), mx.nd.arange(10)
    backend = Counting()
    plain, compiled = CachedOp(net), CachedOp(net, {"backend": backend})
    wanted = []
    mx.random.seed(5)
    for _ in range(3):
        wanted.append([y.asnumpy() for y in plain(array)])
    mx.random.seed(5)
    for want in wanted:
        for y, z in zip(compiled(array), want, strict=True):
            assert (y.asnumpy() == z).all()
    assert len(backend.graphs) == 1
    assert (wanted[0][0] != wanted[1][0]).any()


def test_distributions_of_symbols_are_not_compiled_but_right():
    backend = Counting()
    net = sym.random.normal(sym.var("mu"), sym.var("sigma"), shape=2)
    compiled = CachedOp(net, {"backend": backend})
    arrays = [mx.nd.array([0, 100]), mx.nd.array([1, 1])]
    mx.random.seed(2)
    wanted = CachedOp(net)(*arrays).asnumpy()
    mx.random.seed(2)
    assert (compiled(*arrays).asnumpy() == wanted).all()
    assert not backend.graphs


# ---------------------------------------------------------------------------------------------- when to compile
def test_changing_shapes_stop_compiling():
    backend = Counting()
    net = CachedOp(sym.Dropout(sym.exp(sym.var("x")), mode="always", p=0) * 2, {"backend": backend})
    for n in range(1, 30):
        assert net(mx.nd.zeros((n, n % 5 + 1))).shape == (n, n % 5 + 1)
    assert 1 <= len(backend.graphs) <= cached_op._MAX_COMPILED_SHAPES
    (function,) = net._graphs.values()
    assert len(function._by_shapes) == cached_op._MAX_COMPILED_SHAPES


def _compiles(monkeypatch, **flags):
    """The backend that torch.compile is asked for, or None."""
    asked = []
    monkeypatch.setattr(torch, "compile", lambda module, backend, mode: asked.append(backend) or module)
    assert CachedOp(sym.var("x") + 1, flags)(mx.nd.ones(1)).asscalar() == 2
    return asked[0] if asked else None


@pytest.mark.parametrize(
    ("policy", "flags", "backend"),
    [
        ("auto", {}, None), ("auto", {"static_alloc": True}, None), ("auto", {"backend": "aot_eager"}, "aot_eager"),
        ("never", {"static_alloc": True}, None), ("never", {"backend": "eager"}, "eager"),
        ("always", {}, None), ("always", {"static_alloc": True}, "inductor"),
        ("always", {"static_alloc": True, "static_shape": True}, "inductor"),
    ],
)  # fmt: skip
def test_policy(monkeypatch, policy, flags, backend):
    set_compile_policy(policy)
    assert _compiles(monkeypatch, **flags) == backend


def test_policy_of_the_environment(monkeypatch):
    assert compile_policy() == "auto"
    monkeypatch.setenv("MXGLUON_COMPILE", "always")
    assert _compiles(monkeypatch, static_alloc=True) == "inductor"
    assert set_compile_policy("never") == "always"
    assert compile_policy() == "never"
    with pytest.raises(ValueError, match="sometimes"):
        set_compile_policy("sometimes")


def test_wrong_policy_of_the_environment(monkeypatch):
    monkeypatch.setenv("MXGLUON_COMPILE", "sometimes")
    assert CachedOp(sym.var("x") + 1)(mx.nd.ones(1)).asscalar() == 2
    with pytest.raises(MXNetError, match="MXGLUON_COMPILE.*sometimes"):
        CachedOp(sym.var("x") + 1, {"static_alloc": True})(mx.nd.ones(1))


def test_importing_does_not_load_the_compiler():
    program = "import sys, mxgluon_compat; sys.exit('torch._dynamo' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_what_a_cuda_graph_gives_is_copied():
    """Its next run, forward or backward, writes to the same memory; here a function does that on a CPU."""
    pool = {}

    class Graph(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, w):
            ctx.save_for_backward(x, w)
            return pool.setdefault("y", torch.empty(2)).copy_(x * w).detach()

        @staticmethod
        def backward(ctx, gradient):
            x, w = ctx.saved_tensors
            return None, pool.setdefault("w", torch.empty(2)).copy_(gradient * x)

    run = cached_op._copying(lambda x, w: (Graph.apply(x, w), x))
    w = torch.tensor([3.0, 5.0], requires_grad=True)
    inputs, grads = [torch.tensor([1.0, 2.0]), torch.tensor([4.0, 8.0])], []
    outputs = [run(x, w) for x in inputs]
    for (y, same), x in zip(outputs, inputs, strict=True):
        assert same is x and y.tolist() == (x * w).tolist()
        y.sum().backward()
        grads.append(w.grad)
        w.grad = None
    assert [g.tolist() for g in grads] == [[1, 2], [4, 8]]
    with torch.no_grad():
        outputs = [run(x, w)[0] for x in inputs]
    assert [y.tolist() for y in outputs] == [[3, 10], [12, 40]]
    assert run(w, w)[1] is w


@pytest.mark.parametrize(
    ("triton", "capability", "wanted"), [(None, (9, 0), False), ("there", (6, 1), False), ("there", (7, 0), True)]
)
def test_gpus_that_graphs_are_compiled_for(monkeypatch, triton, capability, wanted):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: triton)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert cached_op._has_triton(torch.device("cuda", 0)) is wanted
