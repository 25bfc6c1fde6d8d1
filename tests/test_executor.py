"""Executors against real MXNet's, and what is ours alone: speed, where MXNet is wrong, what torch makes different."""

import gc
import weakref

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat import nd
from mxgluon_compat.base import MXNetError, UnsupportedError
from mxgluon_compat.cached_op import CachedOp
from mxgluon_compat.executor import executor as executors
from tests.oracle import executor, executor_running, executor_training
from tests.oracle.executor_common import dense, filled, linear
from tests.oracle.scenario import plain, same
from tests.scenarios import against_mxnet

# float32 products and sums run in another order here; training carries the last digits on
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    executor, executor_running, executor_training, rtol=1e-5, atol=1e-6,
    differences=("binding: gradient of another dtype",),
)  # fmt: skip


# ---------------------------------------------------------------------------------------------- the graph
def test_forward_runs_the_cached_graph_and_nothing_else(monkeypatch):
    e = filled(mx, dense(mx), x=(4, 3))
    e.forward()
    e.forward(is_train=True)
    monkeypatch.setattr(e._cached_op, "_build", None)
    monkeypatch.setattr("mxgluon_compat.cached_op.run_nodes", None)
    for is_train in (False, True):
        e.forward(is_train=is_train)
    e.backward()


def test_reshaped_executors_share_the_graph():
    e = filled(mx, linear(mx), x=(4, 3))
    e.forward()
    assert e.reshape(x=(2, 3))._cached_op is e._cached_op


def test_the_graph_of_the_last_forward_is_released():
    e = filled(mx, dense(mx), x=(4, 3))
    e.forward(is_train=True)
    kept = weakref.ref(e._recorded[0])
    e.forward()
    gc.collect()
    assert kept() is None


def test_failing_nodes_are_named():
    e = filled(mx, linear(mx), x=(4, 3))
    e.arg_dict["w"]._data = torch.ones(2, 4)
    with pytest.raises(MXNetError, match="fc"):
        e.forward()


# ---------------------------------------------------------------------------------------------- gradients
def test_arrays_with_gradients_of_their_own_keep_them():
    """The executor's leaves are not the arrays: a variable of autograd gets nothing from an executor's backward."""
    weight = nd.ones((2, 3))
    weight.attach_grad()
    args = {"x": nd.ones((2, 3)), "w": weight, "b": nd.zeros((2,))}
    grads = {"w": nd.zeros((2, 3))}
    e = linear(mx).bind(mx.cpu(), args, grads)
    e.forward(is_train=True)
    e.backward(nd.ones((2, 2)))
    assert grads["w"].asnumpy().tolist() == [[2] * 3] * 2
    assert not weight.grad.asnumpy().any()
    with mx.autograd.record():
        (weight * 3).backward()
    assert weight.grad.asnumpy().tolist() == [[3] * 3] * 2
    assert grads["w"].asnumpy().tolist() == [[2] * 3] * 2


def test_gradients_do_not_share_elements():
    x, y = mx.sym.var("x"), mx.sym.var("y")
    grads = {"x": nd.zeros(2), "y": nd.zeros(2)}
    head = nd.ones(2)
    e = (x + y).bind(mx.cpu(), {"x": nd.ones(2), "y": nd.ones(2)}, grads)
    e.forward(is_train=True)
    e.backward(head)
    grads["x"][:] = 5
    assert grads["y"].asnumpy().tolist() == [1, 1]
    assert head.asnumpy().tolist() == [1, 1]


def test_gradients_that_are_views_become_arrays_of_their_own():
    """Reshape's gradient is a view of the head gradient, a sum's the same tensor for both."""
    x, y = mx.sym.var("x"), mx.sym.var("y")
    e = (x.reshape((-1,)) + y.reshape((-1,))).simple_bind(mx.cpu(), x=(2, 3), y=(3, 2))
    head = nd.ones(6)
    e.forward(is_train=True)
    e.backward(head)
    head[:] = 9
    e.grad_dict["x"][:] = 5
    assert e.grad_dict["y"].asnumpy().tolist() == [[1, 1]] * 3
    a, b = nd.ones((2, 3)), nd.ones((3, 2))
    a.attach_grad()
    b.attach_grad()
    with mx.autograd.record():
        total = a.reshape((-1,)) + b.reshape((-1,))
    head = nd.ones(6)
    total.backward(head)
    head[:] = 9
    a.grad[:] = 5
    assert b.grad.asnumpy().tolist() == [[1, 1]] * 3


def test_a_variable_as_an_output():
    x, y = mx.sym.var("x"), mx.sym.var("y")
    e = mx.sym.Group([x, x * y]).simple_bind(mx.cpu(), x=(2,), y=(2,))
    e.forward(x=nd.ones(2) * 2, y=nd.ones(2) * 3)
    e.forward(is_train=True)
    e.backward([nd.ones(2), nd.ones(2)])
    assert e.grad_dict["x"].asnumpy().tolist() == [4, 4]
    assert e.grad_dict["y"].asnumpy().tolist() == [2, 2]
    e.forward(x=nd.ones(2) * 5)
    assert e.outputs[0].asnumpy().tolist() == [5, 5]


def test_a_second_backward_drops_the_same_elements():
    """MXNet forgets what Dropout dropped: its second backward is that of predict mode."""
    e = mx.sym.Dropout(mx.sym.var("x"), p=0.5).bind(mx.cpu(), [nd.ones(64)], [nd.zeros(64)])
    e.forward(is_train=True)
    for _ in range(2):
        e.backward(nd.ones(64))
        assert e.grad_arrays[0].asnumpy().tolist() == e.outputs[0].asnumpy().tolist()


def test_backward_after_predict_differentiates_predict_mode():
    """MXNet's BatchNorm mixes the gradient of train mode with the statistics of predict mode."""
    norm = mx.sym.BatchNorm(mx.sym.var("x"), fix_gamma=False, eps=0, name="bn")
    e = norm.simple_bind(mx.cpu(), x=(4, 2))
    e.arg_dict["bn_gamma"][:] = 3
    e.aux_dict["bn_moving_var"][:] = 4
    for is_train, also in ((False, True), (True, False)):
        e.forward(is_train=is_train, x=nd.random.normal(shape=(4, 2)))
        e.backward(nd.ones((4, 2)), is_train=also)
        assert e.grad_dict["x"].asnumpy().tolist() == [[1.5] * 2] * 4
    assert e.aux_dict["bn_moving_var"].asnumpy().tolist() == [4, 4]


def test_backward_in_predict_mode_keeps_what_was_dropped():
    """In MXNet too, but BatchNorm beside it has the gradient of no function there: here predict mode's as a whole."""
    x = mx.sym.var("x")
    drop = mx.sym.Dropout(x, p=0.5, name="d")
    e = drop.bind(mx.cpu(), [nd.ones((8, 8))], [nd.zeros((8, 8))])
    e.forward(is_train=True)
    for is_train in (False, True):
        e.backward(nd.ones((8, 8)), is_train=is_train)
        assert e.grad_arrays[0].asnumpy().tolist() == e.outputs[0].asnumpy().tolist()
    for normalized in (
        mx.sym.BatchNorm(drop, eps=0, name="bn"),
        mx.sym.contrib.foreach(lambda row, s: (mx.sym.BatchNorm(row, eps=0, name="bn"), s), drop, [])[0],
    ):
        e = normalized.simple_bind(mx.cpu(), x=(8, 8, 8))
        variance = {**e.arg_dict, **e.aux_dict}[next(n for n in normalized.list_inputs() if n.endswith("moving_var"))]
        variance[:] = 4
        e.forward(is_train=True, x=nd.random.normal(shape=(8, 8, 8)))
        e.backward(nd.ones((8, 8, 8)), is_train=False)
        assert (e.grad_dict["x"].asnumpy() == 0.5).all()
        assert (variance.asnumpy() == 4).all()
    still = mx.sym.BatchNorm(drop, use_global_stats=True, eps=0, name="bn").simple_bind(mx.cpu(), x=(8, 8))
    still.aux_dict["bn_moving_var"][:] = 4
    still.forward(is_train=True, x=nd.ones((8, 8)))
    still.backward(nd.ones((8, 8)), is_train=False)
    assert still.grad_dict["x"].asnumpy().tolist() == still.outputs[0].asnumpy().tolist()
    assert set(still.outputs[0].asnumpy().ravel().tolist()) == {0, 1}


def test_backward_in_predict_mode_of_dropout_between_recurrent_layers():
    """MXNet on oneDNN drops nothing between them, and without it computes from memory that nobody wrote."""
    symbol = mx.sym.RNN(
        mx.sym.var("x"), mx.sym.var("p"), mx.sym.var("s"), mode="gru", state_size=2, num_layers=2, p=0.5
    )
    e = symbol.simple_bind(mx.cpu(), x=(3, 2, 2))
    for array in e.arg_arrays:
        array[:] = nd.random.normal(shape=array.shape)
    found = []
    for is_train in (True, False):
        e.forward(is_train=True)
        for also in (is_train, not is_train):
            e.backward(nd.ones((3, 2, 2)), is_train=also)
            found.append({k: g.asnumpy().tolist() for k, g in e.grad_dict.items()})
    assert found[0] == found[1] and found[2] == found[3]
    assert found[0] != found[2]


def test_labels_get_a_gradient_of_zero():
    """MXNet leaves the gradient array of a loss's label as it was."""
    e = mx.sym.SoftmaxOutput(mx.sym.var("x"), name="sm").simple_bind(mx.cpu(), x=(2, 3))
    e.grad_dict["sm_label"][:] = 7
    e.forward(is_train=True)
    e.backward()
    assert e.grad_dict["sm_label"].asnumpy().tolist() == [0, 0]


def test_arguments_changed_between_forward_and_backward_are_an_error():
    """MXNet computes with what the arrays hold by then."""
    x, y = mx.sym.var("x"), mx.sym.var("y")
    e = (x * y).simple_bind(mx.cpu(), x=(2,), y=(2,))
    e.forward(is_train=True)
    e.arg_dict["x"][:] = 2
    with pytest.raises(MXNetError, match="changed in place"):
        e.backward(nd.ones(2))


def test_backward_inside_record_leaves_recording_alone():
    e = filled(mx, dense(mx), x=(4, 3))
    with mx.autograd.record(train_mode=False):
        e.forward(is_train=True)
        e.backward()
        assert mx.autograd.is_recording() and not mx.autograd.is_training()
    assert e.grad_dict["fc_weight"].asnumpy().any()


# ---------------------------------------------------------------------------------------------- differences
def test_gradients_of_another_dtype():
    """In MXNet the last operator of ``backward`` decides whether that works; here it does for all."""
    for req, wanted in (("write", [2, 4]), ("add", [3, 5])):
        for dtype in ("float64", "float16", "int32"):
            gradient = nd.ones(2, dtype=dtype)
            e = mx.sym.square(mx.sym.var("x")).bind(mx.cpu(), {"x": nd.array([1, 2])}, {"x": gradient}, req)
            e.forward(is_train=True)
            e.backward(nd.ones(2))
            assert gradient.asnumpy().dtype == dtype
            assert gradient.asnumpy().tolist() == wanted


def test_outputs_are_the_same_arrays_at_each_forward():
    """In MXNet they are new ones on the same memory: what an old one shows is the same."""
    e = filled(mx, linear(mx), x=(4, 3))
    first = e.forward()[0]
    assert e.forward()[0] is first
    assert not linear(mx).simple_bind(mx.cpu(), x=(4, 3)).outputs[0].asnumpy().any(), "zeros before the first"


def test_grad_dict_without_gradients():
    """MXNet raises a TypeError."""
    e = linear(mx).bind(mx.cpu(), [nd.ones((4, 3)), nd.ones((2, 3)), nd.ones((2,))])
    assert e.grad_dict == {"x": None, "w": None, "b": None}


@pytest.mark.parametrize("grad_req", [["write"], ["write"] * 4])
def test_grad_req_of_another_length(grad_req):
    """MXNet reads past the end of the list, or ignores the rest."""
    with pytest.raises(ValueError, match="for 3 arguments"):
        linear(mx).bind(mx.cpu(), [nd.ones((4, 3)), nd.ones((2, 3)), nd.ones((2,))], grad_req=grad_req)


@pytest.mark.parametrize("grad_req", [3, None])
def test_grad_req_of_another_type(grad_req):
    """MXNet raises an UnboundLocalError; a tuple is as good as a list here."""
    args = [nd.ones((4, 3)), nd.ones((2, 3)), nd.ones((2,))]
    with pytest.raises(TypeError, match="grad_req"):
        linear(mx).bind(mx.cpu(), args, grad_req=grad_req)
    linear(mx).bind(mx.cpu(), args, grad_req=("write", "add", "null"))


def test_shared_exec_must_be_an_executor():
    for make in (
        lambda: linear(mx).simple_bind(mx.cpu(), x=(4, 3), shared_exec=3),
        lambda: linear(mx).bind(mx.cpu(), [], shared_exec=3),
    ):
        with pytest.raises(TypeError, match="shared_exec"):
            make()


def test_states_of_another_shape_are_refused():
    """MXNet computes with them."""
    norm = mx.sym.BatchNorm(mx.sym.var("x"), name="bn")
    args = {"x": nd.ones((2, 3)), "bn_gamma": nd.ones(3), "bn_beta": nd.ones(3)}
    with pytest.raises(MXNetError, match="moving_var"):
        norm.bind(mx.cpu(), args, aux_states=[nd.zeros(3), nd.zeros(4)])


def test_errors_say_what_is_wanted():
    with pytest.raises(RuntimeError, match=r"simple_bind error. Arguments:\nw: \(2, 3\)\n(.|\n)*x: None") as e:
        linear(mx).simple_bind(mx.cpu(), w=(2, 3))
    assert not isinstance(e.value, MXNetError)
    with pytest.raises(MXNetError, match="pass it through the make_loss"):
        bound = filled(mx, linear(mx), x=(4, 3))
        bound.forward(is_train=True)
        bound.backward()
    with pytest.raises(MXNetError, match="sm_label changed(.|\n)*partial_shaping=True"):
        filled(mx, dense(mx), x=(4, 3)).reshape(x=(2, 3))
    with pytest.raises(MXNetError, match="x is larger than original(.|\n)*allow_up_sizing=True"):
        filled(mx, dense(mx), x=(4, 3)).reshape(x=(8, 3))
    with pytest.raises(MXNetError, match=r"w is in cpu\(1\) while binding with ctx=cpu\(0\)"):
        linear(mx).bind(mx.cpu(), [nd.ones((4, 3)), nd.ones((2, 3), mx.cpu(1)), nd.ones((2,))])


def test_monitors_see_arrays_and_may_raise():
    """MXNet passes names as bytes and addresses of handles, and prints what the callback raises."""
    e = filled(mx, linear(mx), x=(4, 3))
    seen = {}
    e.set_monitor_callback(seen.__setitem__, True)
    out = e.forward(is_train=True)[0]
    assert seen["fc_weight"].asnumpy().tolist() == e.arg_dict["w"].asnumpy().tolist()
    assert seen["fc_output"].asnumpy().tolist() == out.asnumpy().tolist()
    e.backward(out)
    assert e.grad_dict["w"].asnumpy().any()

    def refuse(name, array):
        raise ValueError(name)

    e.set_monitor_callback(refuse)
    with pytest.raises(ValueError, match="fc_output"):
        e.forward()


def test_monitors_see_nothing_of_backward():
    """What operators hand back is noted where ``forward`` ran in train mode; see tests/test_monitor.py."""
    e = filled(mx, linear(mx), x=(4, 3))
    seen = []
    e.set_monitor_callback(lambda name, array: seen.append(name))
    e.forward()
    e.backward(nd.ones((4, 2)))
    assert seen == ["fc_output"]


def test_gradients_of_rows_add_up():
    """MXNet has no 'add' for the row_sparse gradient of Embedding."""
    emb = mx.sym.Embedding(mx.sym.var("q"), mx.sym.var("w"), input_dim=5, output_dim=2, sparse_grad=True)
    e = emb.simple_bind(mx.cpu(), grad_req={"w": "add"}, q=(2,))
    for rows in ([1, 3], [3, 3]):
        e.forward(is_train=True, q=nd.array(rows))
        e.backward(nd.ones((2, 2)))
    assert e.grad_dict["w"].stype == "row_sparse"
    assert e.grad_dict["w"].asnumpy()[:, 0].tolist() == [0, 1, 0, 3, 0]


# ---------------------------------------------------------------------------------------------- devices
def test_one_device_for_a_graph(monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 1)
    with mx.AttrScope(ctx_group="one"):
        net = mx.sym.var("x") * 2
    with pytest.raises(UnsupportedError, match="group2ctx"):
        net.simple_bind(mx.cpu(), group2ctx={"one": mx.gpu(0)}, x=(2,))


@pytest.mark.gpu
def test_on_a_gpu():
    e, on_cpu = (net.simple_bind(ctx, x=(4, 3)) for net, ctx in ((dense(mx), mx.gpu(0)), (dense(mx), mx.cpu())))
    for bound in (e, on_cpu):
        for k, array in enumerate((*bound.arg_arrays, *bound.aux_arrays)):
            array[:] = nd.arange(array.size).reshape(array.shape) / 8 + k
        for _ in range(2):
            bound.forward(is_train=True)
            bound.backward()
    assert e.outputs[0].context == e.grad_dict["x"].context == mx.gpu(0)
    assert same(plain(e.grad_dict), plain(on_cpu.grad_dict), 1e-3, 1e-4)
    assert same(plain(e.aux_dict), plain(on_cpu.aux_dict), 1e-4)


def test_a_graph_bound_again_is_traced_once(monkeypatch):
    made = []
    monkeypatch.setattr(executors, "CachedOp", lambda symbol: made.append(symbol) or CachedOp(symbol))
    x = mx.sym.var("x")
    graph = mx.sym.LeakyReLU(x, act_type="leaky", slope=0.5, name="leaky")
    arrays = [mx.nd.array([-2.0, 4.0])]
    for _ in range(3):
        assert graph.bind(mx.cpu(), arrays).forward()[0].asnumpy().tolist() == [-1.0, 4.0]
    assert graph.bind(mx.cpu(), [mx.nd.array([-2.0], dtype="float64")]).forward()[0].dtype == np.float64
    assert len(made) == 1
    bound = graph.bind(mx.cpu(), arrays)
    graph._set_attr(slope="0.25")  # a node's attributes can be set at any time
    assert graph.bind(mx.cpu(), arrays).forward()[0].asnumpy().tolist() == [-0.5, 4.0]
    assert bound.forward()[0].asnumpy().tolist() == [-1.0, 4.0]
    graph._compose(x=mx.sym.relu(mx.sym.var("y")))
    assert graph.bind(mx.cpu(), arrays).forward()[0].asnumpy().tolist() == [0.0, 4.0]
    assert len(made) == 3


def test_no_more_graphs_are_kept_than_a_few():
    for k in range(40):
        (mx.sym.var("x") * k).bind(mx.cpu(), [mx.nd.ones((1,))])
    assert len(executors._graphs) == executors._KEPT
