"""``python -m benchmarks`` runs, compares like with like and writes what it says it writes. No time is asserted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from benchmarks import torch_nets, works
from benchmarks.measure import Work
from benchmarks.report import targets

ROOT = Path(__file__).parents[1]
ORACLE = os.environ.get("MXNET_ORACLE_PYTHON")


def run(out: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--compile", "none", "--out", str(out), *arguments]
    variables = {k: v for k, v in os.environ.items() if k != "MXNET_ORACLE_PYTHON"} | environment
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=300)


def rows(out: Path) -> dict[tuple[str, str], dict[str, Any]]:
    report = json.loads((out / "cpu.json").read_text())
    assert report["machine"]["device"] == "cpu" and report["machine"]["cores"] >= 1 and report["machine"]["torch"]
    assert report["settings"]["quick"] is True
    return {(row["name"], row["mode"]): row for row in report["results"]}


def check_row(row: dict[str, Any], contestants: set[str]) -> None:
    assert row["failures"] == {}
    assert set(row["rounds"]) == set(row["seconds"]) == contestants
    assert all(len(times) == 2 and min(times) > 0 for times in row["rounds"].values())
    for key, times in row["rounds"].items():
        assert row["seconds"][key] == pytest.approx(sum(times) / 2)
    assert isinstance(row["steady"], bool)
    for side, target in row["targets"].items():
        compared = side in row["ratios"]
        assert target["met"] is ((row["ratios"][side] <= target["limit"]) if compared else None)


def test_quick_run(tmp_path: Path) -> None:
    done = run(tmp_path, "--only", "relu", "--only", "mlp", "--only", "gru", "--oracle", "")
    assert done.returncode == 0, done.stderr
    found = rows(tmp_path)
    assert set(found) == {("relu", ""), *((net, mode) for net in ("mlp", "gru") for mode in ("step", "inference"))}
    check_row(found["relu", ""], {"ours-imperative", "torch-eager"})
    for mode in ("step", "inference"):
        for net in ("mlp", "gru"):
            check_row(found[net, mode], {"ours-hybridized", "ours-imperative", "torch-eager"})
        assert set(found["mlp", mode]["ratios"]) == {"torch"}
    assert {side: t["limit"] for side, t in found["mlp", "step"]["targets"].items()} == {"torch": 1.15, "mxnet": 0.6}
    assert {side: t["limit"] for side, t in found["gru", "step"]["targets"].items()} == {"torch": 1.05, "mxnet": 1.0}
    table = (tmp_path / "cpu.md").read_text()
    assert table.strip() == done.stdout.strip()
    assert "| mlp step |" in table and "MXNet <= 0.6: not measured" in table


def test_reading(tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    done = run(tmp_path, "--only", "pictures", "--only", "records", "--oracle", "")
    assert done.returncode == 0, done.stderr
    pictures, records = ((tmp_path / f"{name}-rates.md").read_text() for name in ("pictures", "records"))
    for line in ("mxgluon_compat, 0 workers, ImageRecordIter: ", "torch, 0 workers, DataLoader: "):
        assert line in pictures and line in done.stdout
    assert records.count("records of ") == 3 and "the figures mean nothing" in records
    assert not (tmp_path / "cpu.json").exists()


FEW_WEIGHTS = """
import json
from benchmarks import works
works.resnet50_shapes = lambda: [(3, 2), (4,), (2, 3, 3, 3)]
from benchmarks.worker import make_side
ours, torch = make_side("ours", "cpu"), make_side("torch", "cpu")
for name in works.UPDATES:
    sides = (ours, "imperative"), (torch, "fused"), (torch, "foreach")
    print(json.dumps([side.update(name, "", variant)[2] for side, variant in sides]))
"""


def test_updates_agree() -> None:
    """All sides of the works of all weights, on a few of them."""
    assert len(works.resnet50_shapes()) == 161
    done = subprocess.run([sys.executable, "-c", FEW_WEIGHTS], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == len(works.UPDATES)
    for ours, *others in found:
        assert len(ours) == 2
        for theirs in others:
            assert ours == pytest.approx(theirs, rel=1e-6)
    compared = Work("update", "trainer-step-sgd")
    assert targets(compared) == {"torch": 1.1, "mxnet": 0.5}
    assert ("torch", "fused") in compared.contestants(["ours", "torch"], [])


def test_convolution_nets_have_both_layouts(tmp_path: Path) -> None:
    done = run(tmp_path, "--only", "lenet", "--oracle", "")
    assert done.returncode == 0, done.stderr
    found = rows(tmp_path)
    assert len(found) == 2
    for row in found.values():
        check_row(row, {"ours-hybridized", "ours-imperative", "torch-eager", "torch-channels_last"})


@pytest.mark.parametrize("name", [name for name, net in works.NETS.items() if net.zoo])
def test_zoo_in_torch_is_the_zoo(name: str) -> None:
    """The same parameters in the same order, the same outputs."""
    net = getattr(mx.gluon.model_zoo.vision, name.split("-")[0])(classes=10)
    ours = [p for p in net.collect_params().values() if p.grad_req != "null"]
    theirs = torch_nets.make(name, 10).eval()
    x = np.random.RandomState(0).uniform(size=(1, 3, 221, 221)).astype(np.float32)
    net.initialize(mx.init.Zero())
    net.infer_shape(mx.nd.array(x))
    with torch.no_grad():
        for place, (param, (key, tensor)) in enumerate(zip(ours, theirs.named_parameters(), strict=True)):
            value = works.initial(param.name, place, param.shape)
            assert np.array_equal(value, works.initial(key, place, tuple(tensor.shape)))
            param.set_data(mx.nd.array(value))
            tensor.copy_(torch.from_numpy(value))
        expected = theirs(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(net(mx.nd.array(x)).asnumpy(), expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())


def test_other_numbers_are_a_failure() -> None:
    from benchmarks.measure import Settings, Work, measure

    class Fake:
        """A worker that computes ``check``."""

        def __init__(self, check: list[float]) -> None:
            self.check = check

        def ask(self, do: str, **request: Any) -> dict[str, Any]:
            return {"check": self.check} if do == "prepare" else {"seconds": 1.0}

        def drop(self) -> None:
            pass

    workers: Any = {"ours": Fake([2.0, 1.0]), "torch": Fake([2.0, 1.1])}
    result = measure(Work("operator", "relu"), workers, [], Settings.quick(), tolerance=1e-3)
    assert set(result.failures) == {"torch-eager"} and set(result.seconds) == {"ours-imperative"}


def test_oracle_that_is_not_there(tmp_path: Path) -> None:
    done = run(tmp_path, "--only", "relu", "--oracle", str(tmp_path / "python"))
    assert done.returncode == 1 and "the mxnet process does not start" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.oracle
@pytest.mark.skipif(not ORACLE, reason="MXNET_ORACLE_PYTHON is not set")
def test_beside_mxnet(tmp_path: Path) -> None:
    """All works but the zoo's: the nets of all sides compute the same losses, else there would be failures."""
    nets = [name for name, net in works.NETS.items() if not net.zoo]
    only = [word for name in [*nets, "operators"] for word in ("--only", name)]
    done = run(tmp_path, *only, MXNET_ORACLE_PYTHON=str(ORACLE))
    assert done.returncode == 0, done.stderr
    for (_, mode), row in rows(tmp_path).items():
        contestants = {"ours-imperative", "torch-eager", "mxnet-imperative"}
        if mode:
            contestants |= {"ours-hybridized", "mxnet-hybridized"}
            contestants |= {"torch-channels_last"} if works.NETS[row["name"]].images else set()
        check_row(row, contestants)
        assert set(row["ratios"]) == {"torch", "mxnet"}
