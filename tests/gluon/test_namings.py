"""Parameters that MXNet saved under all its names, into Blocks, ParameterDicts and SymbolBlocks of other names."""

import json
import pathlib
import warnings

import numpy as np
import pytest

import mxgluon_compat as mx
from tests.oracle import gluon_load_names, namings
from tests.oracle.scenario import same
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(gluon_load_names, rtol=1e-5, atol=1e-6)

FILES = pathlib.Path(__file__).parent.parent / "golden" / "namings"
OUTPUTS = json.loads((FILES / "outputs.json").read_text())
SAVED = ("{}.structural", "{}.once", "{}.full", "{}.stripped", "{}-0000.params", "{}_backwards-0000.params")
CASES = [pytest.param(net, FILES / name.format(net), id=name.format(net)) for net in OUTPUTS for name in SAVED]
PREFIXES = ("net_", "other_", "", None)


# Structural names say nothing of which layer of a graph is meant; of these files, the shapes do.
BY_SHAPE = ("double.structural", "double.once", "tied.once")


def made(net, prefix):
    with mx.name.NameManager():
        return namings.NETS[net](mx, prefix)


def gives(net, block, x):
    return same(namings.plain(block(x)), OUTPUTS[net], 1e-5, 1e-6)


@pytest.fixture(autouse=True)
def nothing_is_guessed():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(("net", "file"), CASES)
def test_into_a_block(net, file, prefix):
    block, x = made(net, prefix)
    block.load_parameters(file)
    assert gives(net, block, x)
    block.hybridize()
    assert gives(net, block, x)


@pytest.mark.parametrize(("net", "file"), CASES)
def test_into_a_block_that_waits_for_shapes(net, file):
    for hybrid in (False, True):
        block, x = made(net, "other_")
        block.initialize(ctx=[mx.cpu(1), mx.cpu(0)])
        block.hybridize(hybrid)
        block.load_parameters(file)
        assert gives(net, block, x) and gives(net, block, x.as_in_context(mx.cpu(1)))


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(("net", "file"), CASES)
def test_into_a_parameter_dict(net, file, prefix):
    block, x = made(net, prefix)
    block.initialize(mx.init.Zero())
    block(x)
    block.collect_params().load(file)
    assert gives(net, block, x)


@pytest.mark.parametrize("prefix", ["net_", "other_", "", "a_b_net3_"])
@pytest.mark.parametrize(("net", "file"), CASES)
def test_into_a_graph(tmp_path, net, file, prefix):
    text = (FILES / f"{net}-symbol.json").read_text()
    (tmp_path / "s.json").write_text(text.replace('"net_', f'"{prefix}'))
    x = made(net, "")[1]
    structural = file.suffix in (".structural", ".once")
    if structural and file.name not in BY_SHAPE:
        with pytest.raises(AssertionError, match="is missing in file.*in all, |is missing in file.*In all, "):
            mx.gluon.SymbolBlock.imports(tmp_path / "s.json", ["data"], file)
        return
    if structural:
        with pytest.warns(UserWarning, match="matched by their shapes, which fit in one way only"):
            block = mx.gluon.SymbolBlock.imports(tmp_path / "s.json", ["data"], file)
    else:
        block = mx.gluon.SymbolBlock.imports(tmp_path / "s.json", ["data"], file)
    assert gives(net, block, x)
    if not structural:
        again = mx.gluon.SymbolBlock.imports(tmp_path / "s.json", ["data"])
        again.load_parameters(file, cast_dtype=True, dtype_source="saved")
        assert gives(net, again, x)


@pytest.mark.parametrize(("net", "file"), CASES)
def test_onto_several_contexts(net, file):
    block, x = made(net, "other_")
    contexts = [mx.cpu(1), mx.cpu(2)]
    block.load_parameters(file, ctx=contexts)
    assert all(p.list_ctx() == contexts for p in block.collect_params().values())
    assert all(gives(net, block, x.as_in_context(c)) for c in contexts)


@pytest.mark.parametrize(("net", "file"), CASES)
def test_into_another_dtype(net, file):
    dtype = "float32" if net == "double" else "float64"
    block, x = made(net, "other_")
    block.cast(dtype)
    with pytest.raises(AssertionError, match="dtype incompatible.*Set cast_dtype=True"):
        block.load_parameters(file)
    assert all(p._data is None for p in block.collect_params().values())
    block.load_parameters(file, cast_dtype=True)
    assert {str(np.dtype(p.dtype)) for p in block.collect_params().values()} == {dtype}
    wanted = {**OUTPUTS[net], "dtype": dtype}
    assert same(namings.plain(block(x.astype(dtype))), wanted, 1e-4, 1e-5)
    block.load_parameters(file, cast_dtype=True, dtype_source="saved")
    assert gives(net, block, x)
