"""The works of reading data, ``pictures`` and ``records``: each side runs ``benchmarks.NAME`` in a process of its own.

What they print is their result: it goes to ``benchmarks/results/NAME-rates.md``, beside the table of the other works.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .measure import ROOT, WorkerError

READING = ("pictures", "records")


def _run(python: str, *arguments: str) -> list[str]:
    """The lines that ``PYTHON -m benchmarks.NAME ...`` prints."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [python, "-m", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise WorkerError(f"{' '.join(arguments)}: {done.stderr.strip() or done.returncode}")
    return done.stdout.splitlines()


def rates(name: str, oracle: str | None, quick: bool) -> list[str]:
    """A sentence for each side and way to read.

    Args:
        name: one of ``READING``.
        oracle: an interpreter with MXNet, or None.
        quick: few pictures or records: the figures mean nothing.

    Raises:
        WorkerError: a side failed.
    """
    sides = [("mxgluon_compat", sys.executable)] + ([("mxnet", oracle)] if oracle else [])
    if name == "records":
        return [
            line
            for side, python in sides
            for line in _run(python, "benchmarks.records", side, "--share", "0.01" if quick else "1")
        ]
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "pictures.rec")
        more = ["8" if quick else "160", "--file", file, "--workers", *(["0"] if quick else ["0", "1", "2"])]
        return [
            line
            for side, python in [*sides[:1], ("torch", sys.executable), *sides[1:]]
            for line in _run(python, "benchmarks.pictures", side, *more)
        ]
