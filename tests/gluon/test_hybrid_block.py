"""HybridBlocks against real MXNet's: structures, caches, modes, inference, export."""

import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError, UnsupportedError
from tests.oracle import gluon_hybrid as scenario
from tests.oracle.scenario import read, same

GOLDEN = read("gluon_hybrid")


@pytest.fixture(scope="module")
def found():
    return scenario.results(mx)


def test_all_scenarios_ran(found):
    assert set(found) == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_as_mxnet(found, name):
    assert same(found[name], GOLDEN[name], rtol=1e-6, atol=1e-6), f"{found[name]}\n{GOLDEN[name]}"


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
