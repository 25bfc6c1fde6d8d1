"""hybrid_forward that reads shapes, slices and writes: hybridized or not, as real MXNet on arrays."""

import warnings

import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError, UnsupportedError
from mxgluon_compat.gluon.block import hybrid
from tests.oracle import gluon_hybrid_traced as scenario
from tests.oracle.scenario import read, same

GOLDEN = read("gluon_hybrid_traced")


@pytest.fixture(scope="module")
def found():
    return {hybridized: scenario.results(mx, hybridized) for hybridized in (False, True)}


@pytest.mark.parametrize("hybridized", [False, True])
def test_all_scenarios_ran(found, hybridized):
    assert set(found[hybridized]) == set(GOLDEN)


@pytest.mark.parametrize("hybridized", [False, True])
@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_as_mxnets_arrays(found, name, hybridized):
    ours, wanted = found[hybridized][name], GOLDEN[name]
    assert same(ours, wanted, rtol=1e-5, atol=1e-6), f"{ours}\n{wanted}"


# ---------------------------------------------------------------------------------------------- what a trace costs
def block_of(function, count=1):
    """(a hybridized Block of ``function(F, *inputs)``, the list of its traces)."""
    traces = []

    class Net(mx.gluon.HybridBlock):
        def hybrid_forward(self, F, *args):
            if F is mx.sym:
                traces.append(None)
            return function(F, *args)

    net = Net(prefix="n_")
    net.hybridize()
    return net, traces


def shapes(*given):
    return [mx.nd.ones(shape) for shape in given]


def test_a_net_that_reads_nothing_has_one_graph():
    net, traces = block_of(lambda F, x: F.reshape(x, shape=(0, -1)) * 2)
    for x in shapes((1, 2), (3, 4, 5), (2,) * 4):
        net(x)
    assert len(traces) == 1 and net._reads is None and not net._graphs


def test_a_graph_for_each_shape():
    net, traces = block_of(lambda F, x: x / x.shape[0])
    for x in shapes((1, 2), (2, 2), (1, 2), (2, 2), (1, 2)):
        assert (net(x).asnumpy() == 1 / len(x)).all()
    assert len(traces) == 2


def test_slices_need_the_number_of_dimensions_only():
    net, traces = block_of(lambda F, x: F.broadcast_add(x[:, 1:], x[..., -1:]))
    for x in shapes((1, 2), (3, 4), (5, 6)):
        assert net(x).shape == (x.shape[0], x.shape[1] - 1)
    assert len(traces) == 1
    assert net(mx.nd.ones((1, 2, 3))).shape == (1, 2, 3)
    assert len(traces) == 2


def test_only_the_input_that_was_read_counts():
    net, traces = block_of(lambda F, x, y: F.broadcast_add(x / x.shape[0], y))
    for x, y in (shapes((2, 3), (1, 3)), shapes((2, 3), (2, 3)), shapes((2, 3), (2, 1))):
        net(x, y)
    assert len(traces) == 1
    net(*shapes((4, 3), (1, 3)))
    assert len(traces) == 2


def test_what_follows_from_an_input_is_read_from_it():
    net, traces = block_of(lambda F, x, y: F.relu(F.sum(x, axis=1) * 2) + F.relu(y).shape[0])
    assert net(*shapes((2, 3), (5,))).asnumpy().tolist() == [11, 11]
    assert net(*shapes((4, 3), (5,))).shape == (4,)
    assert len(traces) == 1
    assert net(*shapes((2, 3), (7,))).asnumpy().tolist() == [13, 13]
    assert len(traces) == 2


def test_reading_more_for_one_shape():
    net, traces = block_of(lambda F, x: x * (x.shape[1] if x.ndim == 2 else 1))
    assert net(mx.nd.ones(3)).asnumpy().tolist() == [1, 1, 1]
    for width in (2, 3, 2):
        assert (net(mx.nd.ones((1, width))).asnumpy() == width).all()
    assert net(mx.nd.ones(4)).asnumpy().tolist() == [1] * 4


def test_dtypes():
    net, traces = block_of(lambda F, x: F.zeros((2,), dtype=x.dtype) + x)
    for dtype in ("float32", "float64", "int32", "float64", "float32"):
        out = net(mx.nd.ones(2, dtype=dtype))
        assert out.dtype is mx.nd.ones(1, dtype=dtype).dtype and out.asnumpy().tolist() == [1, 1]
    assert len(traces) == 3


def test_many_shapes_warn_and_go_on(monkeypatch):
    monkeypatch.setattr(hybrid, "_MAX_GRAPHS", 3)
    net, traces = block_of(lambda F, x: x / x.shape[0])
    for n in (1, 2, 3):
        net(mx.nd.ones(n))
    with pytest.warns(UserWarning, match="'n'.*reads the shapes.*only 3 graphs are kept"):
        assert net(mx.nd.ones(4)).asnumpy().tolist() == [0.25] * 4
    assert len(net._graphs) == 3
    net(mx.nd.ones(3))
    assert len(traces) == 4
    with pytest.warns(UserWarning, match="reads the shapes"):
        net(mx.nd.ones(1))
    assert len(traces) == 5


def test_caches_are_dropped_as_ever():
    net, traces = block_of(lambda F, x: x / x.shape[0])
    net(mx.nd.ones(2))
    net.hybridize()
    assert net._reads is None and not net._graphs
    net(mx.nd.ones(2))
    net.child = mx.gluon.nn.Activation("relu")
    net(mx.nd.ones(2))
    assert len(traces) == 3
    net.hybridize(False)
    assert net(mx.nd.ones(4)).asnumpy().tolist() == [0.25] * 4 and len(traces) == 3


def test_export_writes_the_graph_of_the_last_call(tmp_path):
    net, _ = block_of(lambda F, x: F.reshape(x, shape=(x.shape[1], x.shape[0])))
    for shape in ((2, 3), (4, 5), (2, 3)):
        net(mx.nd.ones(shape))
    with pytest.warns(UserWarning, match="'n'.*the last call"):
        net.export(str(tmp_path / "net"))
    loaded = mx.gluon.SymbolBlock.imports(str(tmp_path / "net-symbol.json"), ["data"])
    assert loaded(mx.nd.ones((3, 2))).shape == (3, 2)
    assert "(3, 2)" in (tmp_path / "net-symbol.json").read_text()
    plain, _ = block_of(lambda F, x: x[:, 0])
    plain(mx.nd.ones((2, 3)))
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        with pytest.warns(UserWarning):
            plain.export(str(tmp_path / "plain"))


def test_other_structures_are_refused_as_ever():
    net, _ = block_of(lambda F, x, y=None: x / x.shape[0] if y is None else x + y)
    net(mx.nd.ones(2), None)
    with pytest.raises(ValueError, match="argument structure"):
        net(mx.nd.ones(2), mx.nd.ones(2))


def test_shapes_of_parameters_and_before_they_are_known():
    class Net(mx.gluon.HybridBlock):
        def __init__(self):
            super().__init__(prefix="w_")
            self.w = self.params.get("w", shape=(0, 2), init="ones", allow_deferred_init=True)

        def hybrid_forward(self, F, x, w):
            return F.FullyConnected(x, F.transpose(w), num_hidden=2, no_bias=True) / w.shape[0]

    net = Net()
    net.initialize()
    with pytest.raises(ValueError, match="w_w"):
        net(mx.nd.ones((1, 3)))
    net.w.shape = (3, 2)
    net.hybridize()
    assert net(mx.nd.ones((1, 3))).asnumpy().tolist() == [[1, 1]]
    assert net._reads is None  # Parameters do not change their shapes


def test_a_symbol_block_inside():
    a = mx.sym.var("a")
    inner = mx.gluon.SymbolBlock(mx.sym.expand_dims(a, axis=0), a)
    net, _ = block_of(lambda F, x: inner(x) * inner(x).shape[1])
    net.inner = inner
    assert net(mx.nd.ones(3)).asnumpy().tolist() == [[3, 3, 3]]


def test_an_unhybridized_net_with_shapes_to_infer():
    class Net(mx.gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            with self.name_scope():
                self.w = self.params.get("w", shape=(3, 0), init="ones", allow_deferred_init=True)

        def hybrid_forward(self, F, x, w):
            return F.FullyConnected(x[:, 1:], w, num_hidden=3, no_bias=True) * x.shape[0]

    net = Net()
    net.initialize()
    assert net(mx.nd.ones((2, 5))).asnumpy().tolist() == [[8] * 3] * 2
    assert net.w.shape == (3, 4)


# ---------------------------------------------------------------------------------------------- limits
def test_index_0_says_that_it_is_not_mxnets():
    for function in (lambda F, x: x[0], lambda F, x: F.stack(*x), lambda F, x: x * len(x)):
        net, _ = block_of(function)
        with pytest.warns(UserWarning, match="MXNet's hybridized Blocks take the symbol for a list of outputs"):
            net(mx.nd.ones((2, 2)))


def test_parts_of_a_split_are_a_list_whatever_their_number():
    # As MXNet's symbols; nd.split into one part gives the array itself.
    for n in (1, 2):
        net, _ = block_of(lambda F, x, n=n: F.concat(*F.split(x, num_outputs=n, axis=1), dim=0))
        assert net(mx.nd.ones((1, 2))).shape == (n, 2 // n)
        net, _ = block_of(lambda F, x, n=n: F.split(x, num_outputs=n, axis=1)[0])
        assert net(mx.nd.ones((1, 2))).shape == (1, 2 // n)


def test_inputs_and_parameters_are_not_written():
    def write(F, x):
        x[:] = 1
        return x

    def add(F, x):
        x += 1
        return x

    def write_view(F, x):
        y = x[1:]
        y[:] = 1
        return x

    for function in (write, add, write_view):
        net, _ = block_of(function)
        with pytest.raises(UnsupportedError, match="cannot write into the Block's inputs"):
            net(mx.nd.ones((2, 2)))


@pytest.mark.parametrize("key", [[0, 1], mx.nd.array([0]), True, (slice(None), [0])])
def test_lists_of_positions_name_the_operators(key):
    net, _ = block_of(lambda F, x: x[key])
    with pytest.raises(UnsupportedError, match="F.take, F.pick or F.gather_nd"):
        net(mx.nd.ones((2, 2)))


def test_symbols_outside_of_a_trace_are_mxnets():
    kept = []
    net, _ = block_of(lambda F, x: kept.append(x * 2) or x * 2)
    net(mx.nd.ones((2, 3)))
    for symbol in (mx.sym.var("a"), kept[0]):
        for name in ("shape", "ndim", "size", "dtype", "T"):
            assert not hasattr(symbol, name)
        assert len(symbol) == 1 and len(list(symbol)) == 1 and len(symbol[0]) == 1
        with pytest.raises(MXNetError):
            symbol += 1
    assert type(net._cached_graph[1]) is mx.sym.Symbol
    with pytest.raises(AttributeError, match="'Symbol' object has no attribute 'shape'"):
        block_of(lambda F, x: x * x.shape[0])[0](mx.sym.var("a"))


def test_symbols_print_as_symbols():
    seen = []
    net, _ = block_of(lambda F, x: seen.append((type(x).__name__, repr(x))) or x * 2)
    net(mx.nd.ones(1))
    assert seen == [("Symbol", "<Symbol data>")]


def test_copies_and_pickles_are_traced_anew():
    import copy

    net = mx.gluon.nn.HybridLambda(lambda F, x: x / x.shape[0])
    net.hybridize()
    net(mx.nd.ones(2))
    twin = copy.deepcopy(net)
    for n in (2, 3, 2):
        assert (twin(mx.nd.ones(n)).asnumpy() == mx.nd.ones(n).asnumpy() / n).all()
    assert len(net._graphs) == 1
