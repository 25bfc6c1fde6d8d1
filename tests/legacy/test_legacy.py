"""Programs written for MXNet print the same here: text to the letter, numbers to the precision of float32 training.

And they come by each use of MXNet of which doctor says that it works.
"""

from __future__ import annotations

import pathlib
import re

import pytest

from tests.doctor import marks

HERE = pathlib.Path(__file__).parent
GOLDEN = HERE.parent / "golden" / "legacy"
NUMBER = re.compile(r"[-+]?\d+\.\d*(?:e[-+]?\d+)?")


def programs():
    return sorted(p.stem for p in HERE.glob("*.py") if not p.stem.startswith(("test_", "__")))


@pytest.mark.parametrize("name", programs())
def test_prints_what_mxnet_prints(name, tmp_path):
    program = HERE / f"{name}.py"
    done, places = marks.run(program, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    expected = (GOLDEN / f"{name}.txt").read_text()
    words, expected_words = (
        re.sub(r"\s+(?=\])", "", re.sub(r"\s+", " ", NUMBER.sub("#", t))) for t in (done.stdout, expected)
    )
    assert words == expected_words
    numbers, expected_numbers = ([float(n) for n in NUMBER.findall(t)] for t in (done.stdout, expected))
    assert numbers == pytest.approx(expected_numbers, rel=1e-4, abs=1e-5)
    assert numbers, "a program that prints no numbers proves little"
    assert marks.missed(marks.uses_of(program), places) == []
