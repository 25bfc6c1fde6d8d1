"""HybridBlocks against real MXNet's: structures, caches, modes, inference, export."""

import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError, UnsupportedError
from tests.oracle import (
    gluon_hybrid,
    gluon_hybrid_calls,
    gluon_hybrid_files,
    gluon_hybrid_layers,
    gluon_hybrid_training,
)
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    gluon_hybrid,
    gluon_hybrid_calls,
    gluon_hybrid_files,
    gluon_hybrid_layers,
    gluon_hybrid_training,
    rtol=1e-5,
    atol=1e-5,
)


def dense():
    net = mx.gluon.nn.Dense(2, in_units=2, prefix="d_")
    net.initialize(mx.init.One())
    return net


def test_unknown_flags_warn():
    # MXNet passes them to a backend, and drops them without a word where there is none.
    net = dense()
    with pytest.warns(UserWarning, match="bogus has no effect"):
        net.hybridize(bogus=True)
    assert net(mx.nd.ones((1, 2))).asnumpy().tolist() == [[2, 2]]
    with pytest.raises(UnsupportedError, match="bogus"):
        net.hybridize(backend="eager", bogus=True)


def test_backends_of_mxnet_warn_and_change_nothing():
    # MXNet prints such a line from its backend.
    net = dense()
    with pytest.warns(UserWarning, match="no backend 'MKLDNN'"):
        net.hybridize(backend="MKLDNN", option=1)
    assert net(mx.nd.ones((1, 2))).asnumpy().tolist() == [[2, 2]]
    with pytest.warns(UserWarning, match="no backend 'TensorRT'"):
        net.optimize_for(mx.nd.ones((1, 2)), backend="TensorRT")
    assert net._active


def test_static_shape_needs_static_alloc():
    net = dense()
    net.hybridize(static_shape=True)
    with pytest.raises(MXNetError, match="static_alloc must be True"):
        net(mx.nd.ones((1, 2)))


def test_optimize_for_builds_the_trace_that_is_there():
    net = dense()
    net.hybridize()
    net(mx.nd.ones((1, 2)))
    traced = net._cached_graph
    net.optimize_for(mx.nd.ones((1, 2)), backend="eager")
    assert net._cached_graph is traced and net._cached_op.flags["backend"] == "eager"


def test_optimize_for_a_backend_of_torch():
    net = dense()
    net.optimize_for(mx.nd.ones((1, 2)), backend="eager")
    assert net._active
    assert net(mx.nd.ones((3, 2))).asnumpy().tolist() == [[2, 2]] * 3


def test_none_among_the_outputs():
    # MXNet cannot hybridize such a Block.
    class Net(mx.gluon.HybridBlock):
        def hybrid_forward(self, F, x):
            return x + 1, None, [None, x * 2]

    net = Net()
    net.hybridize()
    one, nothing, (again, two) = net(mx.nd.ones(1))
    assert (one.asscalar(), nothing, again, two.asscalar()) == (2, None, None, 2)


def test_wrong_context_names_the_parameter():
    # A stack trace of the backend in MXNet.
    net = dense()
    net.hybridize()
    with pytest.raises(RuntimeError, match=r"'d_weight' was not initialized on context cpu\(1\)"):
        net(mx.nd.ones((1, 2), ctx=mx.cpu(1)))


def test_wrong_shapes_name_the_operator():
    net = dense()
    for hybrid in (False, True):
        if hybrid:
            net.hybridize()
        with pytest.raises(MXNetError, match="FullyConnected.*3"):
            net(mx.nd.ones((1, 3)))


def test_formats_in_errors_are_the_right_way_round():
    # MXNet calls the cached format the input's and the other way round.
    class Net(mx.gluon.HybridBlock):
        def hybrid_forward(self, F, x, pair):
            return x + pair[0]

    x = mx.nd.ones(1)
    net = Net()
    net.hybridize()
    net(x, [x])
    with pytest.raises(ValueError, match=r"Stored format = \[0, \[0\]\], input format = \[0, 0\]"):
        net(x, x)


def test_shapes_that_do_not_follow_are_named():
    class Blind(mx.gluon.HybridBlock):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.w = self.params.get("w", shape=(0, 0), allow_deferred_init=True)

        def hybrid_forward(self, F, x, w):
            return F.dot(x, w)

    net = Blind(prefix="blind_")
    net.initialize()
    with pytest.raises(ValueError, match="blind_w"):
        net(mx.nd.ones((1, 2)))


def test_equal_contexts_are_one():
    class Add(mx.gluon.HybridBlock):
        def hybrid_forward(self, F, x, y):
            return x + y

    net = Add()
    net.hybridize()
    x, y = mx.nd.ones(1, ctx=mx.cpu(0)), mx.nd.ones(1, ctx=mx.Context("cpu", 0))
    assert net(x, y).asscalar() == 2


def test_no_export_into_a_missing_folder(tmp_path):
    net = dense()
    net.hybridize()
    net(mx.nd.ones((1, 2)))
    with pytest.raises((MXNetError, OSError), match="nowhere"):
        net.export(str(tmp_path / "nowhere" / "net"))
