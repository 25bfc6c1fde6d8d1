"""``mx.model`` against real MXNet's."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError, UnsupportedError
from tests.oracle import model as scenario
from tests.oracle import namings
from tests.oracle.scenario import same
from tests.scenarios import against_mxnet

NAMINGS = pathlib.Path(__file__).parent / "golden" / "namings"
OUTPUTS = json.loads((NAMINGS / "outputs.json").read_text())
ORACLE = os.environ.get("MXNET_ORACLE_PYTHON")

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario)


@pytest.mark.parametrize("format", [None, "mxnet", "safetensors", "npz"])
def test_formats(tmp_path, format):
    net, arguments, states = scenario.fc(mx)
    mx.model.save_checkpoint(tmp_path / "net", 1, net, arguments, states, format=format)
    head = (tmp_path / "net-0001.params").read_bytes()[:10]
    kinds = {"mxnet": head[:8] == b"\x12\x01" + bytes(6), "npz": head[:2] == b"PK", "safetensors": head[8:9] == b"{"}
    assert kinds[format or mx.file_format()]
    symbol, *back = mx.model.load_checkpoint(str(tmp_path / "net"), 1)
    assert symbol.tojson() == net.tojson()
    for given, read_back in zip((arguments, states), back, strict=True):
        assert list(given) == list(read_back)
        assert all((read_back[k].asnumpy() == v.asnumpy()).all() for k, v in given.items())


def test_the_format_of_the_process(tmp_path):
    former = mx.set_file_format("mxnet")
    try:
        mx.model.save_checkpoint(tmp_path / "net", 1, *scenario.fc(mx))
    finally:
        mx.set_file_format(former)
    assert (tmp_path / "net-0001.params").read_bytes()[:8] == b"\x12\x01" + bytes(6)


def test_a_list_of_arrays_is_refused(tmp_path):
    # MXNet stops on an AttributeError of its own.
    mx.nd.save(tmp_path / "net-0001.params", [mx.nd.ones(1)])
    with pytest.raises(ValueError, match="list of arrays without names"):
        mx.model.load_params(tmp_path / "net", 1)


def test_a_name_without_a_kind_is_shown(tmp_path):
    mx.nd.save(tmp_path / "net-0001.params", {"fc_weight": mx.nd.ones(1)})
    with pytest.raises(ValueError, match="'fc_weight' does not begin with 'arg:'"):
        mx.model.load_params(tmp_path / "net", 1)


def test_what_cannot_be_saved_leaves_the_files_as_they_were(tmp_path):
    # MXNet has written the graph by then.
    net, arguments, states = scenario.fc(mx)
    mx.model.save_checkpoint(tmp_path / "net", 1, net, arguments, states)
    before = {f.name: f.read_bytes() for f in tmp_path.iterdir()}
    with pytest.raises(AttributeError):
        mx.model.save_checkpoint(tmp_path / "net", 1, mx.sym.var("other"), {"a": 3}, {})
    assert {f.name: f.read_bytes() for f in tmp_path.iterdir()} == before


@pytest.mark.parametrize("content", [b"", b"{", b"<!DOCTYPE html>", b"\x12\x01\x00\x00", b"\x80\x02."])
def test_foreign_files(tmp_path, content):
    mx.model.save_checkpoint(tmp_path / "net", 1, *scenario.fc(mx))
    (tmp_path / "bad-0001.params").write_bytes(content)
    shutil.copy(tmp_path / "net-symbol.json", tmp_path / "bad-symbol.json")
    with pytest.raises(MXNetError, match="bad-0001.params"):
        mx.model.load_checkpoint(tmp_path / "bad", 1)
    (tmp_path / "bad-symbol.json").write_bytes(content)
    with pytest.raises(MXNetError, match="bad-symbol.json"):
        mx.model.load_checkpoint(tmp_path / "bad", 1)


def test_what_is_not_there_says_so():
    name = "_update_params_on_kvstore_nccl"
    assert not hasattr(mx.model, name)
    with pytest.raises(UnsupportedError, match=f"model.{name}.*not there.*migration_guide"):
        getattr(mx.model, name)


def test_other_names_are_not_there():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        mx.model.nothing  # noqa: B018


@pytest.mark.parametrize("net", OUTPUTS)
def test_files_of_mxnet_byte_by_byte(tmp_path, net):
    symbol, arguments, states = mx.model.load_checkpoint(NAMINGS / net, 0)
    turned = [dict(reversed(d.items())) for d in (arguments, states)]  # as MXNet saved them
    mx.model.save_checkpoint(tmp_path / net, 0, symbol, *turned, format="mxnet")
    wanted = NAMINGS / f"{net}_backwards-0000.params"
    assert (tmp_path / f"{net}-0000.params").read_bytes() == wanted.read_bytes()
    if net != "conv":  # where the inputs' last number counts how often MXNet saw a state written
        assert (tmp_path / f"{net}-symbol.json").read_text() == (NAMINGS / f"{net}-symbol.json").read_text()


@pytest.mark.parametrize("format", ["mxnet", "safetensors", "npz"])
def test_what_is_saved_runs(tmp_path, format):
    for net in OUTPUTS:
        mx.model.save_checkpoint(tmp_path / net, 0, *mx.model.load_checkpoint(NAMINGS / net, 0), format=format)
    assert same(namings.run(mx, tmp_path), OUTPUTS, 1e-5, 1e-6)


@pytest.mark.oracle
@pytest.mark.skipif(not ORACLE, reason="MXNET_ORACLE_PYTHON is not set")
def test_mxnet_runs_what_is_saved(tmp_path):
    for net in OUTPUTS:
        mx.model.save_checkpoint(tmp_path / net, 0, *mx.model.load_checkpoint(NAMINGS / net, 0), format="mxnet")
    command = [ORACLE, "-m", "tests.oracle.namings", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert same(json.loads(done.stdout.splitlines()[-1]), OUTPUTS, 1e-5, 1e-6)
