"""``mx.model`` against real MXNet's."""

import pathlib
import shutil

import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError, UnsupportedError
from tests.oracle import model as scenario
from tests.scenarios import against_mxnet

GOLDEN = pathlib.Path(__file__).parent / "golden"

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


@pytest.mark.parametrize("name", ["FeedForward", "DataParallelExecutorManager", "_train_multi_device"])
def test_what_needs_modules_says_so(name):
    assert not hasattr(mx.model, name)
    with pytest.raises(UnsupportedError, match=f"model.{name}.*not there yet.*migration_guide"):
        getattr(mx.model, name)


def test_other_names_are_not_there():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        mx.model.nothing  # noqa: B018
