"""Exports both ways: nets that MXNet exported run here, and what is exported here is what MXNet writes and runs."""

import collections
import os
import pathlib
import re
import subprocess

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.symbol import control_flow
from tests.oracle import exports as scenario

EXPORTS = pathlib.Path(scenario.FOLDER).resolve()
ROOT = pathlib.Path(__file__).parent.parent.parent
NETS = pytest.mark.parametrize("make", scenario.NETS, ids=lambda make: make.__name__)


def golden(name):
    """(inputs, outputs) of a net."""
    with np.load(EXPORTS / f"{name}.npz") as file:
        found = {key: file[key] for key in file.files}
    return [[found[f"{kind}{k}"] for k in range(sum(f.startswith(kind) for f in found))] for kind in ("in", "out")]


def same(found, wanted):
    assert [x.shape for x in found] == [x.shape for x in wanted]
    for ours, theirs in zip(found, wanted, strict=True):
        assert ours.dtype == theirs.dtype
        half = theirs.dtype == np.float16
        np.testing.assert_allclose(ours, theirs, *((4e-3, 4e-3) if half else (1e-5, 1e-5)))


def imported(name, hybridize=False):
    """A net that MXNet exported, on its inputs."""
    inputs, outputs = golden(name)
    net = scenario.imported(mx, EXPORTS, name, len(inputs))
    if hybridize:
        net.hybridize()
    return net, [mx.nd.array(x, dtype=x.dtype) for x in inputs], outputs


@pytest.mark.parametrize("hybridize", [False, True], ids=["", "hybridized"])
@NETS
def test_mxnets_export_runs(make, hybridize):
    net, inputs, outputs = imported(make.__name__, hybridize)
    same(scenario.flat(net(*inputs)), outputs)


@NETS
def test_mxnets_files_are_written_back_byte_for_byte(make, tmp_path):
    pair = f"{make.__name__}-symbol.json", f"{make.__name__}-0000.params"
    assert mx.sym.load(str(EXPORTS / pair[0])).tojson() == (EXPORTS / pair[0]).read_text()
    mx.nd.save(tmp_path / "again", mx.nd.load(EXPORTS / pair[1]), format="mxnet")
    assert (tmp_path / "again").read_bytes() == (EXPORTS / pair[1]).read_bytes()


@NETS
def test_the_same_program_exports_the_same_bytes(make, tmp_path, monkeypatch):
    # Loops are numbered in a process, and MXNet exported each net in a new one.
    monkeypatch.setattr(control_flow, "_used", collections.Counter())
    found = scenario.export(mx, make, tmp_path, format="mxnet")
    inputs, outputs = golden(make.__name__)
    same([found[f"out{k}"] for k in range(len(outputs))], outputs)
    name = f"{make.__name__}-symbol.json"
    # MXNet names a Constant's initializer by its address.
    assert (tmp_path / name).read_text() == re.sub(r"(Constant_\w+?)_\d+", r"\1", (EXPORTS / name).read_text())
    arrays = mx.nd.load(EXPORTS / f"{make.__name__}-0000.params")
    if make is scenario.conv:  # MXNet writes ones to a gamma that is fixed in some of its kernels, not in the one here
        arrays["arg:conv_batchnorm0_gamma"][:] = 1
    mx.nd.save(tmp_path / "golden", arrays, format="mxnet")
    assert (tmp_path / f"{make.__name__}-0000.params").read_bytes() == (tmp_path / "golden").read_bytes()


@NETS
def test_an_import_exports_again(make, tmp_path):
    """MXNet's export, imported, exported as safetensors and imported again gives the same outputs."""
    net, inputs, outputs = imported(make.__name__, hybridize=True)
    net(*inputs)
    net.export(str(tmp_path / make.__name__))
    again = scenario.imported(mx, tmp_path, make.__name__, len(inputs))
    same(scenario.flat(again(*inputs)), outputs)


@pytest.mark.oracle
@pytest.mark.skipif("MXNET_ORACLE_PYTHON" not in os.environ, reason="needs real MXNet")
def test_mxnet_runs_what_is_exported_here(tmp_path):
    for make in scenario.NETS:
        found = scenario.export(mx, make, tmp_path, format="mxnet")
        np.savez(tmp_path / f"{make.__name__}.npz", **found)
    command = [os.environ["MXNET_ORACLE_PYTHON"], "-m", "tests.oracle.exports", "run", str(tmp_path)]
    environment = {**os.environ, "MXNET_MKLDNN_ENABLED": "1"}  # without it there is no recurrent operator of float32
    subprocess.run(command, cwd=ROOT, check=True, timeout=600, env=environment)
    for make in scenario.NETS:
        with np.load(tmp_path / f"{make.__name__}-outputs.npz") as file:
            outputs = [file[key] for key in file.files]
        same(outputs, golden(make.__name__)[1])
