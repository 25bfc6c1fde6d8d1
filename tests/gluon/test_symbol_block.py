"""SymbolBlocks against real MXNet's: imported, trained further, cut out of other nets."""

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError
from tests.oracle import gluon_symbol_block as scenario
from tests.oracle.scenario import read, same

GOLDEN = read("gluon_symbol_block")


@pytest.fixture(scope="module")
def found():
    return scenario.results(mx)


def test_all_scenarios_ran(found):
    assert set(found) == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_as_mxnet(found, name):
    assert same(found[name], GOLDEN[name], rtol=1e-5, atol=1e-6), f"{found[name]}\n{GOLDEN[name]}"


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
