"""``autograd.get_symbol``: as MXNet's, where a program asks for history; what is refused; nothing is kept unasked."""

import gc
import json
import os
import subprocess
import sys
import weakref

import pytest

import mxgluon_compat as mx
from mxgluon_compat import autograd, nd
from mxgluon_compat.ndarray import history
from tests.oracle import autograd_history as scenario
from tests.oracle.scenario import read, same

GOLDEN = read("autograd_history")


@pytest.fixture
def kept():
    before = autograd.keep_history()
    yield
    autograd.keep_history(before)


@pytest.fixture(scope="module")
def found():
    before = autograd.keep_history()
    try:
        return scenario.results(mx)
    finally:
        autograd.keep_history(before)


def test_all_scenarios_ran(found):
    assert set(found) == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_as_mxnet(found, name):
    assert same(found[name], GOLDEN[name]), f"ours:  {found[name]}\nMXNet: {GOLDEN[name]}"


@pytest.fixture
def x():
    x = nd.array([[1, 2], [3, 4]])
    x.attach_grad()
    return x


def test_attributes_and_names(kept, x):
    with autograd.record():
        y = nd.Cast(nd.clip(x, 0, 3), dtype="float64")
    symbol = autograd.get_symbol(y)
    assert symbol.list_arguments() == ["var0"] and symbol.list_outputs() == ["node_1_output"]
    assert symbol.attr_dict() == {"node_0": {"a_min": "0.0", "a_max": "3.0"}, "node_1": {"dtype": "float64"}}


def test_what_leaves_no_note(kept, x):
    class Twice(autograd.Function):
        def forward(self, x):
            return x * 2

        def backward(self, dy):
            return dy * 2

    net = mx.gluon.nn.Dense(2, in_units=2)
    net.initialize()
    net.hybridize()
    net(x)
    seen = []
    net.register_op_hook(lambda name, op, array: seen.append(name))
    for make in (lambda: Twice()(x), lambda: net(x), lambda: x[[0, 1]], lambda: x[nd.array([0])]):
        with autograd.record():
            y = make() * 3
        with pytest.raises(NotImplementedError, match="get_symbol through torch's .*Backward.*operators leave notes"):
            autograd.get_symbol(y)


@pytest.mark.parametrize("flags", [{}, {"static_alloc": True}, {"static_alloc": True, "static_shape": True}])
def test_hybridized_nets_of_any_size_and_flags(kept, x, flags):
    """MXNet has an opaque ``_CachedOp`` in the place of a net with ``static_alloc`` or more than two operators."""
    net = mx.gluon.nn.HybridSequential()
    net.add(mx.gluon.nn.Dense(3, activation="relu"), mx.gluon.nn.Dropout(0.5), mx.gluon.nn.Dense(2))
    net.initialize()
    net.hybridize(**flags)
    with autograd.record():
        y = net(x)
    y.backward(retain_graph=True)
    symbol = autograd.get_symbol(y)
    operators = [node["op"] for node in json.loads(symbol.tojson())["nodes"] if node["op"] != "null"]
    assert operators == ["FullyConnected", "Activation", "Dropout", "FullyConnected"]
    assert len(symbol.list_arguments()) == 5
    given = [x, *(p.data() for p in net.collect_params().values())]
    executor = symbol.bind(mx.cpu(), given, [nd.zeros(a.shape) for a in given])
    assert abs(executor.forward()[0] - net(x)).max().asscalar() < 1e-6
    assert net[2].bias.grad().asnumpy().tolist() == [2, 2]


def recorded(make):
    """What ``make`` gives while recording, in a function that does not name ``get_symbol``."""
    with autograd.record():
        return make()


def test_history_is_kept_when_asked_for(x):
    assert not autograd.keep_history(False)

    def begin_without():
        y = x * x
        assert autograd.keep_history() is False
        return y, y * 2

    y, z = recorded(begin_without)
    assert not y._data.grad_fn.metadata and not z._data.grad_fn.metadata
    try:
        z = recorded(lambda: y * 2)
        with pytest.raises(NotImplementedError, match="through torch's MulBackward0"):
            autograd.get_symbol(z)
    finally:
        assert autograd.keep_history(False) is True
    with pytest.raises(NotImplementedError, match=r"keep_history\(\) before record.*MXGLUON_HISTORY=1"):
        autograd.get_symbol(y)


def test_history_is_kept_where_it_is_asked_for(x):
    assert not autograd.history.kept
    with autograd.record():
        y = x * x + 2 * x - 1
        with autograd.pause():
            assert autograd.history.kept
    assert not autograd.history.kept
    assert len(autograd.get_symbol(y).list_arguments()) == 1
    assert not recorded(lambda: x * x)._data.grad_fn.metadata


def test_notes_end_with_the_graph(kept, x):
    constant = nd.ones((2, 2))
    with autograd.record():
        y = (x + constant) * constant
    tensor = weakref.ref(y)
    count = len(history._constants)
    y.backward()
    assert x.grad.asnumpy().tolist() == [[1, 1], [1, 1]]
    del y, constant
    gc.collect()
    assert tensor() is None and len(history._constants) == count - 1


def test_environment_variable():
    code = (
        "import mxgluon_compat as mx\nx = mx.nd.ones((1,))\nx.attach_grad()\n"
        "with mx.autograd.record():\n    y = x * x + 2 * x - 1\n"
        "assert len(mx.autograd.get_symbol(y).list_arguments()) == 1"
    )
    env = {**os.environ, "MXGLUON_HISTORY": "1"}
    subprocess.run([sys.executable, "-c", code], check=True, env=env)
