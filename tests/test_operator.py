"""Custom operators against real MXNet's, and what is ours alone."""

import gc
import threading
import weakref

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import autograd, nd, sym
from mxgluon_compat.base import MXNetError, UnsupportedError
from mxgluon_compat.cached_op import CachedOp
from tests.oracle import custom_operator, custom_operator_graphs
from tests.oracle.custom_operator_common import double, make, squared, with_label, with_states
from tests.scenarios import against_mxnet

DIFFERENCES = {"refused: row_sparse"}  # see TestRefused

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    custom_operator, custom_operator_graphs, rtol=1e-5, atol=1e-6, differences=DIFFERENCES
)


@pytest.fixture
def x():
    array = nd.array([[1, 2, 3]])
    array.attach_grad()
    return array


# ---------------------------------------------------------------------------------------------- what is refused
class TestRefused:
    """The message names the operator and what failed, and the user's own error is the cause."""

    @pytest.mark.parametrize("arrays", [True, False])
    def test_constructor(self, x, arrays):
        """MXNet's process ends here."""

        @mx.operator.register("strict")
        class Strict(mx.operator.CustomOpProp):
            def __init__(self, a):
                super().__init__()

        use, data = (nd.Custom, x) if arrays else (sym.Custom, sym.var("d"))
        for attrs in ({}, {"a": 1, "b": 2}):
            with pytest.raises(MXNetError, match="custom operator 'strict': __init__ raised TypeError.*'[ab]'") as info:
                use(data, op_type="strict", **attrs)
            assert isinstance(info.value.__cause__, TypeError)

    def test_forward_and_backward(self, x):
        def fails(*_):
            raise KeyError("inside")

        make(mx, "fails", forward=fails)
        with pytest.raises(MXNetError, match="'fails': forward raised KeyError: 'inside'") as info:
            nd.Custom(x, op_type="fails")
        assert isinstance(info.value.__cause__, KeyError)
        make(mx, "fails", backward=fails)
        with autograd.record():
            y = nd.Custom(x, op_type="fails")
        with pytest.raises(MXNetError, match="'fails': backward raised KeyError: 'inside'"):
            y.backward()
        assert not autograd.is_recording() and torch.is_grad_enabled()

    def test_in_a_graph(self, x):
        def fails(*_):
            raise KeyError("inside")

        make(mx, "fails", forward=fails)
        symbol = sym.Custom(sym.var("d") * 2, op_type="fails")
        with pytest.raises(MXNetError, match="'fails': forward raised KeyError: 'inside'"):
            CachedOp(symbol)(x)
        with pytest.raises(MXNetError, match="'fails': forward raised KeyError: 'inside'"):
            symbol.bind(mx.cpu(), {"d": x}).forward()

    def test_unregistered(self, x):
        with pytest.raises(MXNetError, match="Cannot find custom operator nobody"):
            nd.Custom(x, op_type="nobody")

    def test_shape_of_an_output_unknown(self, x):
        make(mx, "unknown", infer_shape=lambda s: (s, [()], []))
        with pytest.raises(MXNetError, match="unknown.infer_shape does not tell that of output"):
            nd.Custom(x, op_type="unknown")

    def test_second_derivative(self):
        """Also where another path has one: a constant in place of the rest would be silently wrong."""
        squared(mx)
        x = nd.array([2.0])
        x.attach_grad()
        with autograd.record():
            y = nd.Custom(x, op_type="squared") + x * x
            slope = autograd.grad(y, x, create_graph=True)[0]
        assert slope.asscalar() == 8
        with pytest.raises(MXNetError, match="_backward_Custom is non-differentiable"):
            slope.backward()

    def test_sparse_arrays(self, x):
        """MXNet passes them to operators whose Prop says so; here they get dense ones only."""
        make(mx, "plain")
        with pytest.raises(UnsupportedError, match="'plain' with sparse arrays"):
            nd.Custom(x.tostype("row_sparse"), op_type="plain")
        make(mx, "to_csr", infer_storage_type=lambda s: (s, ["csr"], []))
        with pytest.raises(UnsupportedError, match="'to_csr' with sparse arrays"):
            nd.Custom(x, op_type="to_csr")
        make(mx, "of_csr", infer_storage_type_backward=lambda g, i, o, into, a: (g, i, o, ["row_sparse"], a))
        with pytest.raises(UnsupportedError, match="'of_csr' with sparse arrays"):
            nd.Custom(x, op_type="of_csr")

    def test_deprecated_classes(self):
        """MXNet's process ends where their shapes are inferred, or one has several outputs."""

        class Two(mx.operator.NumpyOp):
            def list_outputs(self):
                return ["x", "y"]

            def infer_shape(self, in_shape):
                return in_shape, [in_shape[0], [1]]

            def forward(self, in_data, out_data):
                out_data[0][:] = in_data[0] + 1
                out_data[1][:] = in_data[0].sum()

            def backward(self, out_grad, in_data, out_data, in_grad):
                in_grad[0][:] = out_grad[0] + out_grad[1]

        for kind in (mx.operator.NumpyOp, mx.operator.NDArrayOp):
            with pytest.warns(UserWarning, match="has been deprecated") as seen:
                op = kind()
            assert [str(w.message).split()[0] for w in seen] == ["PythonOp", kind.__name__]
            assert (op.list_arguments(), op.list_outputs(), op.need_top_grad()) == (["data"], ["output"], True)
            assert op.infer_shape([(2,)]) == ([(2,)], [(2,)])
            assert op(sym.var("d")).infer_shape(d=(2, 3)) == ([(2, 3)], [(2, 3)], [])
        with pytest.warns(UserWarning):
            e = Two()(sym.var("d")).simple_bind(mx.cpu(), d=(3,))
        outputs = e.forward(is_train=True, d=nd.array([1, 2, 3]))
        assert [y.asnumpy().tolist() for y in outputs] == [[2, 3, 4], [6]]
        e.backward([nd.array([1, 2, 3]), nd.array([10])])
        assert e.grad_dict["d"].asnumpy().tolist() == [11, 12, 13]
        with pytest.warns(UserWarning), pytest.raises(NotImplementedError):
            mx.operator.PythonOp().get_symbol(sym.var("d"))


# ---------------------------------------------------------------------------------------------- deliberate differences
def test_gradients_are_added_by_torch(x):
    """``req`` is 'write' also where gradients are added up, and ``in_grad`` holds zeros: operators that do not look at
    ``req`` add up too, where they lose the earlier gradients in MXNet."""
    seen = []

    def backward(op, req, out_grad, in_data, out_data, in_grad, aux):
        seen.append((req, in_grad[0].asnumpy().tolist()))
        in_grad[0][:] = out_grad[0] * 2

    make(mx, "careless", backward=backward)
    x.attach_grad("add")
    for _ in range(2):
        with autograd.record():
            y = nd.Custom(x, op_type="careless")
        y.backward()
    assert x.grad.asnumpy().tolist() == [[4, 4, 4]]
    assert seen == [(["write"], [[0, 0, 0]])] * 2


def test_the_graphs_own_attributes_are_not_passed_on():
    """``ctx_group`` of a scope: MXNet passes it, and its process ends where a Prop does not take it."""

    @mx.operator.register("strict")
    class Strict(mx.operator.CustomOpProp):
        def __init__(self, a):
            super().__init__()

    with mx.AttrScope(ctx_group="dev1"):
        symbol = sym.Custom(sym.var("d"), op_type="strict", a=1, lr_mult=2, attr={"__mood__": "good"})
    kept = {"op_type": "strict", "a": "1", "__ctx_group__": "dev1", "__lr_mult__": "2", "__mood__": "good"}
    assert kept.items() <= symbol.list_attr().items()


def test_attributes_of_any_name(x):
    seen = []
    make(mx, "names", init=seen.append)
    given = {"what": 1, "function": 2, "use": 3, "training": 4, "device": 5, "self_": 6, "data": 7, "shape": "(2,)"}
    nd.Custom(x, op_type="names", **given)
    symbol = sym.Custom(sym.var("d"), op_type="names", **given)
    CachedOp(mx.sym.load_json(symbol.tojson()))(x)
    assert all(kwargs == {k: str(v) for k, v in given.items()} for kwargs in seen) and len(seen) >= 3


def test_runs_in_the_callers_thread(x):
    """MXNet has threads of its own for Python code."""
    seen = []

    def forward(op, *args):
        seen.append(threading.get_ident())
        double(op, *args)

    make(mx, "threads", forward=forward)
    nd.Custom(x, op_type="threads")
    assert seen == [threading.get_ident()]


def test_an_input_changed_before_backward_is_refused(x):
    """MXNet's backward reads the new elements."""
    squared(mx)
    with autograd.record():
        y = nd.Custom(x, op_type="squared")
    x[:] = 100
    with pytest.raises(MXNetError, match="changed in place after it was recorded"):
        y.backward()


def test_outputs_and_gradients_start_from_zeros(x):
    """Where MXNet has whatever was in the memory."""
    make(mx, "lazy", forward=lambda *_: None, backward=lambda *_: None)
    with autograd.record():
        y = nd.Custom(x, op_type="lazy")
    y.backward()
    assert y.asnumpy().tolist() == x.grad.asnumpy().tolist() == [[0, 0, 0]]


def test_infer_shape_that_fails_for_unknown_shapes():
    """Nothing is inferred; MXNet fails."""
    with_label(mx)
    symbol = sym.Custom(sym.var("d"), op_type="with_label", name="n")
    assert symbol.infer_shape_partial(n_label=(3,)) == ([(), (3,)], [()], [])


# ---------------------------------------------------------------------------------------------- graphs
class Net(mx.gluon.HybridBlock):
    """Ordinary operators around a custom one."""

    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.first = mx.gluon.nn.Dense(4)
            self.mean = self.params.get("mean", shape=(4,), grad_req="null", init="zeros")
            self.count = self.params.get("count", shape=(1,), grad_req="null", init="zeros")
            self.last = mx.gluon.nn.Dense(2)

    def hybrid_forward(self, F, x, mean, count):  # noqa: N803
        return self.last(F.tanh(F.Custom(self.first(x), mean, count, op_type="with_states")))


def trained(**flags):
    """Outputs, gradients and states of three steps."""
    with_states(mx)
    mx.random.seed(3)
    net = Net()
    net.initialize()
    if flags:
        net.hybridize(**flags)
    x = nd.array(np.random.RandomState(1).rand(5, 3))
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.05})
    seen = []
    for _ in range(3):
        with autograd.record():
            y = net(x)
        y.backward()
        trainer.step(5)
        seen += [y, net.first.weight.grad(), net.mean.data(), net.count.data()]
    return [a.asnumpy() for a in (*seen, net(x))]


# torch's compiler asks for it at what a graph break hands on
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf:UserWarning")
@pytest.mark.parametrize("flags", [dict(active=True), dict(backend="eager"), dict(backend="aot_eager")], ids=str)
def test_hybridized_and_compiled(flags):
    for ours, wanted in zip(trained(**flags), trained(), strict=True):
        np.testing.assert_allclose(ours, wanted, rtol=1e-5, atol=1e-6)


def test_traced_shape_is_known():
    with_label(mx)
    seen = []

    class Looks(mx.gluon.HybridBlock):
        def hybrid_forward(self, F, x, label):  # noqa: N803
            y = F.Custom(x, label, op_type="with_label")
            seen.append(y.shape)
            return y

    net = Looks()
    net.hybridize()
    net(nd.ones((2, 3)), nd.ones((2,)))
    assert seen == [(2, 3)]


def test_states_of_another_layout():
    """Arrays in forward are contiguous, so that writing into a part of one is writing into it."""

    def forward(op, is_train, req, in_data, out_data, aux):
        flat = in_data[0].reshape((-1,))
        out_data[0].reshape((-1,))[:] = flat * 2

    make(mx, "flat", forward)
    image = nd.array(np.random.RandomState(0).rand(1, 3, 4, 4))
    strided = torch.empty(1, 3, 4, 4).to(memory_format=torch.channels_last).copy_(image.to_torch())
    y = nd.Custom(nd.from_torch(strided), op_type="flat")
    np.testing.assert_allclose(y.asnumpy(), image.asnumpy() * 2)


def test_prop_is_made_once_for_a_symbol(x):
    made = []
    make(mx, "counted", init=made.append)
    symbol = sym.Custom(sym.var("d"), op_type="counted")
    op = CachedOp(symbol)
    for _ in range(3):
        op(x)
    symbol.infer_shape(d=(2, 3))
    assert len(made) == 1


def test_prop_is_asked_once_for_shapes_that_stay(x):
    asked = []

    def shapes(s):
        asked.append(s)
        return s, s, []

    make(mx, "asked", infer_shape=shapes)
    op = CachedOp(sym.Custom(sym.var("d"), op_type="asked"))
    op(x)
    del asked[:]
    op(x)
    op(x)
    assert not asked
    assert op(nd.ones((2, 2))).shape == (2, 2) and [[2, 2]] in asked


def test_registered_again(x):
    """A new class of the name serves new uses; graphs that are there keep theirs."""
    make(mx, "again")
    op = CachedOp(sym.Custom(sym.var("d"), op_type="again"))
    make(mx, "again", forward=lambda op, t, req, i, o, aux: op.assign(o[0], req[0], i[0] * 5))
    assert nd.Custom(x, op_type="again").asnumpy().tolist() == [[5, 10, 15]]
    assert op(x).asnumpy().tolist() == [[2, 4, 6]]


# ---------------------------------------------------------------------------------------------- memory
@pytest.mark.parametrize(
    ("rule", "kept"), [(lambda g, i, o: g + i + o, 2), (lambda g, i, o: g, 0), (lambda g, i, o: o, 1)]
)
def test_only_what_backward_reads_is_kept(x, rule, kept):
    saved = []
    make(mx, "frugal", lambda *_: None, lambda *_: None, declare_backward_dependency=rule)
    with autograd.record(), torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        y = nd.Custom(x, op_type="frugal")
    assert len(saved) == kept
    assert y.shape == x.shape


def test_a_pass_is_forgotten_after_backward(x):
    made = []

    def create(*_):
        class Op(mx.operator.CustomOp):
            def forward(self, is_train, req, in_data, out_data, aux):
                self.assign(out_data[0], req[0], in_data[0])

            def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
                self.assign(in_grad[0], req[0], out_grad[0])

        op = Op()
        made.append(weakref.ref(op))
        return op

    make(mx, "forgotten", create=create)
    with autograd.record():
        y = nd.Custom(x, op_type="forgotten")
    assert made[0]() is not None
    y.backward()
    del y
    gc.collect()
    assert made[0]() is None


def test_in_threads():
    """Each thread has its own switches; one class serves them all."""
    squared(mx)
    results = {}

    def work(k):
        x = nd.array([float(k)])
        x.attach_grad()
        with autograd.record(train_mode=k % 2 == 0):
            y = nd.Custom(x * 1, op_type="squared")
        y.backward()
        results[k] = (y.asscalar(), x.grad.asscalar())

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {k: (k * k, 2 * k) for k in range(4)}


@pytest.mark.gpu
@pytest.mark.parametrize("hybrid", [False, True])
def test_on_a_gpu(hybrid):
    """Backward runs in a thread of torch's own there, with the switches and the context of forward."""
    seen = []

    def backward(op, req, out_grad, in_data, out_data, in_grad, aux):
        seen.append((autograd.is_recording(), autograd.is_training(), str(nd.zeros(1).context), str(aux)))
        op.assign(in_grad[0], req[0], out_grad[0] * 2)

    make(mx, "on_gpu", backward=backward)
    x = nd.array([[1, 2, 3]], ctx=mx.gpu(0))
    x.attach_grad()
    run = CachedOp(sym.Custom(sym.var("d"), op_type="on_gpu")) if hybrid else lambda x: nd.Custom(x, op_type="on_gpu")
    with autograd.record():
        y = run(x)
    y.backward()
    assert (y.context, x.grad.context) == (mx.gpu(0), mx.gpu(0))
    assert x.grad.asnumpy().tolist() == [[2, 2, 2]]
    assert seen == [(False, True, "gpu(0)", "[]")]
