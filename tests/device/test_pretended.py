"""Code for GPUs on a device that is only pretended (see ``pretended``): tests marked ``gpu``, and checks of its own.

In a process of its own, since torch knows the device for the rest of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from . import pretended

ROOT = Path(__file__).parents[2]


def marked() -> list[str]:
    """The files with tests that need a GPU."""
    files = (path for path in sorted((ROOT / "tests").rglob("test_*.py")) if path.parent != Path(__file__).parent)
    return [str(path.relative_to(ROOT)) for path in files if "mark.gpu" in path.read_text()]


@pytest.mark.skipif(not pretended.AVAILABLE, reason="this torch has no devices written in Python")
@pytest.mark.parametrize("what", ["marked", "checks"])
def test_on_a_pretended_device(what: str) -> None:
    checks = [str(path.relative_to(ROOT)) for path in sorted(Path(__file__).parent.glob("checks_*.py"))]
    chosen = ["-m", "gpu", *marked()] if what == "marked" else checks
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.device.plugin", "-p", "no:cacheprovider", *chosen],
        cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-5000:]
    assert " passed" in done.stdout
