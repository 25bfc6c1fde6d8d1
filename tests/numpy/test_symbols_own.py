"""Symbols of mx.np in traces, pickles, executors and loops: what is ours alone."""

import copy
import pickle

import numpy as onp
import pytest

import mxgluon_compat as mx
from mxgluon_compat import autograd, gluon, np, npx
from mxgluon_compat.symbol.node import walk


@pytest.fixture(autouse=True)
def _np_mode():
    npx.set_np()
    yield
    npx.reset_np()


def block(function):
    """A HybridBlock that computes ``function(F, x, ...)``."""

    class Net(gluon.HybridBlock):
        def hybrid_forward(self, F, *args):  # noqa: N803
            return function(F, *args)

    return Net()


def operators(net):
    """Names of the operators in the graph of a hybridized Block."""
    return [n.op.name for n in walk(net._cached_graph[1]._outputs) if n.op is not None]


X = onp.arange(1, 7, dtype="float32").reshape(2, 3)


def written(F, x):  # noqa: N803
    """In-place writes, through views too."""
    y = x * 2
    y[0] = 5
    y[:, 1] += x[:, 0]
    y[1, 2] = y[0, 0]
    row = y[1]
    row[0] = 7
    row *= 2
    y[0:1, 0:2] = x[1, 0:2]
    y[1] -= x[0]
    return y


def scalars(F, x):  # noqa: N803
    """Writes into arrays without dimensions."""
    y = x.sum()
    y[()] = 3
    y += x.sum()
    z = x.max()
    z[...] = y
    return y, z


READ = {
    "x[None]": lambda F, x: x[None],
    "x[1:, None]": lambda F, x: x[1:, None],
    "x[..., 0]": lambda F, x: x[..., 0],
    "x[0, ..., 1:]": lambda F, x: x[0, ..., 1:],
    "x[..., None]": lambda F, x: x[..., None] * 2,
    "x[:, None, ::-1]": lambda F, x: x[:, None, ::-1],
    "x[0, 1][None, None]": lambda F, x: x[0, 1][None, None],
    "x[1, 2]": lambda F, x: x[1, 2],
    "x[-1]": lambda F, x: x[-1] + x[:, -1].sum(),
    "x[()]": lambda F, x: x.sum()[()] + x.sum()[...],
    "rows": lambda F, x: F.np.stack([row * 2 for row in x]),
    "len": lambda F, x: x * len(x),
    "shape": lambda F, x: F.np.zeros(x.shape) + x * x.ndim + x.size,
    "dtype": lambda F, x: x * (2 if x.dtype == "float32" else 3),
    "of a scalar": lambda F, x: x.sum() * (x.sum().ndim + 1) + x.sum().size,
    "split": lambda F, x: F.np.split(x, 3, axis=1),
    "split in one": lambda F, x: F.np.split(x, 1)[0],
    "written": written,
    "scalars": scalars,
}


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("shape", [(2, 3), (4, 3)])
def test_hybridized_as_not(name, shape):
    x = np.array(onp.sin(onp.arange(shape[0] * shape[1])).reshape(shape).astype("float32"))
    plain, net = block(READ[name]), block(READ[name])
    net.hybridize()
    wanted, found = plain(x), net(x)
    wanted, found = ([v] if isinstance(v, np.ndarray) else list(v) for v in (wanted, found))
    assert len(wanted) == len(found)
    for a, b in zip(wanted, found, strict=True):
        assert type(b) is np.ndarray and a.shape == b.shape and a.dtype == b.dtype
        onp.testing.assert_allclose(b.asnumpy(), a.asnumpy(), rtol=1e-6)


def test_one_graph_follows_new_shapes():
    net, plain = block(READ["rows"]), block(lambda F, x: x[1:] * x[0])
    for each in (net, plain):
        each.hybridize()
        for n in (2, 5, 3):
            assert each(np.ones((n, 3))).shape[1:] == (3,)
    assert len(net._graphs) == 3 and plain._reads is None  # one graph without any shape in it
    assert operators(plain) == ["slice", "slice", "_npx_reshape", "_npi_multiply"]


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (2, 0, 1)])
def test_no_dimensions_and_no_elements(shape):
    net = block(lambda F, x: (x * 2 + x.size, x.sum(), F.np.zeros(x.shape)))
    net.hybridize()
    doubled, total, zeros = net(np.ones(shape))
    assert doubled.shape == zeros.shape == shape and total.shape == () and total.item() == onp.ones(shape).sum()


def test_deferred_parameters_behind_scalars():
    net = gluon.nn.HybridSequential()
    net.add(
        gluon.nn.Dense(4), gluon.nn.HybridLambda(lambda F, x: x * F.np.sum(x)), gluon.nn.Dense(3), gluon.nn.BatchNorm()
    )
    net.initialize()
    net.hybridize()
    assert net(np.ones((2, 5))).shape == (2, 3)
    assert [p.shape for p in net.collect_params(".*weight|.*gamma").values()] == [(4, 5), (3, 4), (3,)]
    assert net(np.ones((0, 5))).shape == (0, 3)


def test_deferred_parameters_of_no_rows():
    net = gluon.nn.Dense(3)
    net.initialize()
    net.hybridize()
    assert net(np.ones((0, 5))).shape == (0, 3) and net.weight.shape == (3, 5)


def test_refused_in_traces():
    for function, kind, text in (
        (lambda F, x: x[[0, 1]], mx.base.UnsupportedError, "indexing a symbol by list.*use F.np.take, F.npx.pick"),
        (lambda F, x: x[x > 2], mx.base.UnsupportedError, "indexing a symbol by _Symbol"),
        (lambda F, x: x[0, ..., 1, ...], IndexError, "more than one ellipsis"),
        (lambda F, x: x[..., 0, 0, 0], IndexError, "too many indices"),
        (lambda F, x: len(x.sum()), TypeError, "unsized"),
        (lambda F, x: list(x.sum()), TypeError, "0-d"),
        (lambda F, x: bool(x), mx.base.NotImplementedForSymbol, "__bool__"),
    ):
        net = block(function)
        net.hybridize()
        with pytest.raises(kind, match=text):
            net(np.array(X))


def test_writes_that_do_not_fit():
    def wrong(F, x):  # noqa: N803
        y = x * 1
        y[0] = x
        return y

    net = block(wrong)
    net.hybridize()
    with pytest.raises(ValueError, match=r"shape \(2, 3\) does not fit an index of 1 dimensions"):
        net(np.array(X))
    net = block(lambda F, x: x.__setitem__(0, 1))
    net.hybridize()
    with pytest.raises(mx.base.UnsupportedError, match="writing into"):
        net(np.array(X))


def test_gradients_through_written_parts():
    net = block(written)
    net.hybridize()
    x = np.array(X)
    x.attach_grad()
    with autograd.record():
        net(x).sum().backward()
    assert x.grad.asnumpy().tolist() == [[-1, -1, -1], [3, 5, 0]]


class TestCopies:
    def test_of_symbols(self):
        symbol = mx.sym.var("x").as_np_ndarray() + 1
        for made in (copy.copy(symbol), copy.deepcopy(symbol), pickle.loads(pickle.dumps(symbol))):
            assert type(made) is mx.sym.np._Symbol and made.tojson() == symbol.tojson()

    def test_of_blocks(self):
        net = block(lambda F, x: x[0] + 1)
        net.hybridize()
        net(np.array(X))
        assert type(copy.deepcopy(net)(np.array(X))) is np.ndarray


def test_group_of_parts():
    x, y = (mx.sym.var(n).as_np_ndarray() for n in "xy")
    group = mx.sym.Group([x + 1, y], mx.sym.np._Symbol)
    assert group.num_outputs == len(group) == 2 and [part.name for part in group][1] == group[-1].name == "y"
    outputs = group.bind(mx.cpu(), {"x": np.zeros(()), "y": np.ones((0, 2))}).forward()
    assert [o.shape for o in outputs] == [(), (0, 2)]
    with pytest.raises(AttributeError, match="contains 2 elements"):
        _ = group.name
    with pytest.raises(TypeError, match="selects none of the 2 parts"):
        group[2:]


def test_executor_in_another_shape():
    x, y = (mx.sym.var(n).as_np_ndarray() for n in "xy")
    executor = (x * y).simple_bind(mx.cpu(), x=(2, 3), y=()).reshape(x=(0, 3), y=())
    assert executor.forward()[0].shape == (0, 3)
    with pytest.raises(RuntimeError, match="cannot decide shapes"):
        (x * y).simple_bind(mx.cpu(), x=(2, 3))


def test_shapes_that_are_not_known():
    x, y = (mx.sym.var(n).as_np_ndarray() for n in "xy")
    with pytest.warns(UserWarning, match=r"-1s in shape means unknown dimensions.*\s+y: None"):
        assert (x * y).infer_shape(x=(2, 3)) == (None, None, None)
    assert mx.sym.npx.fully_connected(x * mx.sym.np.ones(()), num_hidden=2).infer_shape(x=(0, 3))[1] == [(0, 2)]


def test_loops_take_legacy_symbols_and_arrays():
    x, y = (mx.sym.var(n).as_np_ndarray() for n in "xy")
    for call in (
        lambda: mx.sym.contrib.foreach(lambda d, s: (d + s, d + s), x, y),
        lambda: mx.sym.contrib.while_loop(lambda i: i < 5, lambda i: (i, [i + 1]), [x], max_iterations=5),
        lambda: mx.sym.contrib.cond(x < y, lambda: x, lambda: y),
        lambda: mx.nd.contrib.foreach(lambda d, s: (d + s, d + s), np.ones((2, 3)), np.ones(3)),
    ):
        with pytest.raises(TypeError, match="legacy"):
            call()
