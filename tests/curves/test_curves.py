"""Losses of whole training runs: 100 steps each follow MXNet's, step by step."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent
GOLDEN = json.loads((HERE.parent / "golden" / "curves.json").read_text())
RELATIVE = 1e-3
SPREADS = 4.0


def losses_here(run: str) -> list[float]:
    """What a program prints, run unchanged; ``run`` is its name and its options."""
    name, *options = run.split()
    command = [sys.executable, "-m", "mxgluon_compat", "run", str(HERE / f"{name}.py"), *options]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [float(line) for line in done.stdout.split()]


def test_every_program_has_both_curves() -> None:
    programs = {p.stem for p in HERE.glob("*.py") if not p.stem.startswith(("test_", "__"))}
    assert set(GOLDEN) == {run for p in programs for run in (p, f"{p} --no-hybridize")}


@pytest.mark.parametrize("run", GOLDEN)
def test_follows_mxnet(run: str) -> None:
    """Within 1e-3 of MXNet's loss, or within four times what MXNet's own runs differ by at that step."""
    expected, spread = GOLDEN[run]["losses"], GOLDEN[run]["spread"]
    losses = losses_here(run)
    assert len(losses) == len(expected) == 100
    apart = [abs(a - b) / abs(b) for a, b in zip(losses, expected, strict=True)]
    beyond = [
        (step, d) for step, (d, s) in enumerate(zip(apart, spread, strict=True)) if d > max(RELATIVE, SPREADS * s)
    ]
    assert not beyond, f"steps and relative differences: {beyond}"
    assert losses[-1] < 0.7 * losses[0], "a run that does not learn proves little"
