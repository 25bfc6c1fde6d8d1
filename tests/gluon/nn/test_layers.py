"""Every layer equals real MXNet's: names, Parameters, repr, symbol JSON, outputs, gradients, running statistics."""

from __future__ import annotations

import pytest

from . import behaviour, cases, compare, observe

NAME = "layers"
RUNS = [(case, dtype) for case in cases.CASES for dtype in observe.dtypes_of(case)]


@pytest.mark.parametrize("case", cases.CASES, ids=lambda case: case[0])
def test_looks(case):
    compare.check_looks(NAME, case)


@pytest.mark.parametrize(("case", "dtype"), RUNS, ids=lambda x: x if isinstance(x, str) else x[0])
def test_runs(case, dtype, tmp_path):
    compare.check_runs(NAME, case, dtype, str(tmp_path))


@pytest.mark.parametrize("text", cases.REFUSED)
def test_refused(text):
    compare.check_refused(NAME, text)


@pytest.mark.parametrize("scene", behaviour.SCENES, ids=lambda scene: scene.__name__)
def test_scene(scene):
    compare.check_scene(NAME, scene)
