"""SymbolBlocks against real MXNet's: imported, trained further, cut out of other nets."""

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError
from tests.oracle import gluon_symbol_block as scenario
from tests.oracle import gluon_symbol_block_files
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    scenario,
    gluon_symbol_block_files,
    rtol=1e-5,
    atol=1e-6,
    differences=("importing: structural file",),  # MXNet refuses all of them
)


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return scenario.exported(mx)


def test_shapes_are_known_after_loading(files):
    # MXNet's Parameters still have no shape then.
    loaded = mx.gluon.SymbolBlock.imports("net-symbol.json", ["data"], "net-0000.params")
    assert loaded.collect_params()["net_dense1_weight"].shape == (3, 4)


def test_reset_ctx(files):
    # MXNet's SymbolBlock.reset_ctx stops on an error of its own.
    net, x = files
    loaded = mx.gluon.SymbolBlock.imports("net-symbol.json", ["data"], "net-0000.params")
    loaded.reset_ctx(mx.cpu(1))
    out = loaded(x.as_in_context(mx.cpu(1)))
    assert out.context == mx.cpu(1) and (out.asnumpy() == net(x).asnumpy()).all()


def test_files_that_are_none(files):
    with open("bad.json", "w") as file:
        file.write('{"nodes": ')
    with pytest.raises(MXNetError):
        mx.gluon.SymbolBlock.imports("bad.json", ["data"], "net-0000.params")
    with pytest.raises((MXNetError, OSError), match="nothing"):
        mx.gluon.SymbolBlock.imports("net-symbol.json", ["data"], "nothing.params")


def test_dtype_of_the_graph(files):
    net, x = files
    net.cast("float64")
    net(x.astype("float64"))
    net.export("double")
    loaded = mx.gluon.SymbolBlock.imports("double-symbol.json", ["data"])
    loaded.initialize(mx.init.One())
    assert loaded(x.astype("float64")).dtype is np.float64


def test_an_input_that_the_graph_does_not_use(files):
    net, x = files
    loaded = mx.gluon.SymbolBlock.imports("net-symbol.json", ["data", "label"], "net-0000.params")
    label = mx.sym.var("label")
    assert loaded(mx.sym.var("x"), label).list_arguments()[0] == "x"


def test_dtypes_that_only_the_graph_tells():
    # MXNet takes an input without a dtype for float32, and all Parameters of a graph that contradicts that too.
    a, w = mx.sym.var("a"), mx.sym.var("w", dtype="float16")
    block = mx.gluon.SymbolBlock(mx.sym.FullyConnected(a, w, num_hidden=2, name="fc"), a)
    assert [p.dtype for p in block.collect_params().values()] == [np.float16, np.float16]


def test_more_values_than_inputs_are_refused():
    a, b = mx.sym.var("a"), mx.sym.var("b")
    block = mx.gluon.SymbolBlock(a - b, [a, b])
    x = mx.nd.ones(1)
    for args in ((x,), (x, x, x)):
        with pytest.raises(ValueError, match="argument structure"):
            block(*args)
    with pytest.raises(ValueError, match="contexts"):
        block(x, x.as_in_context(mx.cpu(1)))


def test_own_files_load_again(files):
    # MXNet's load_parameters takes the names for full ones, as they have no dot.
    net, x = files
    loaded = mx.gluon.SymbolBlock.imports("net-symbol.json", ["data"], "net-0000.params")
    loaded.save_parameters("own.params")
    again = mx.gluon.SymbolBlock.imports("net-symbol.json", ["data"])
    again.load_parameters("own.params")
    assert (again(x).asnumpy() == net(x).asnumpy()).all()


def test_a_structural_file(files):
    net, x = files
    net.save_parameters("structural.params")
    with pytest.warns(UserWarning, match="structural.params: no name is that of a Parameter.*fit in one way only"):
        loaded = mx.gluon.SymbolBlock.imports("net-symbol.json", ["data"], "structural.params")
    assert (loaded(x).asnumpy() == net(x).asnumpy()).all()


def test_a_structural_file_that_fits_in_several_ways(files):
    net = mx.gluon.nn.HybridSequential()
    net.add(*(mx.gluon.nn.Dense(2, in_units=2) for _ in range(3)))
    net.initialize()
    net.hybridize()
    net(mx.nd.ones((1, 2)))
    net.export("same")
    net.save_parameters("same.params")
    with pytest.raises(AssertionError, match="fit in several ways.*load it there, and export that"):
        mx.gluon.SymbolBlock.imports("same-symbol.json", ["data"], "same.params")


def test_repr_names_the_subclass():
    class Expander(mx.gluon.SymbolBlock):
        pass

    data = mx.sym.var("x")
    assert repr(Expander(mx.sym.exp(data, name="e"), data)) == "Expander(\n<Symbol e> : 1 -> 1\n)"
