"""Every loss equals real MXNet's: values, gradients, symbol JSON, hybridized and exported."""

from __future__ import annotations

import pytest

from . import loss_cases
from .nn import compare, observe

NAME = "losses"
RUNS = [(case, dtype) for case in loss_cases.CASES for dtype in observe.dtypes_of(case)]


@pytest.mark.parametrize("case", loss_cases.CASES, ids=lambda case: case[0])
def test_looks(case):
    compare.check_looks(NAME, case)


@pytest.mark.parametrize(("case", "dtype"), RUNS, ids=lambda x: x if isinstance(x, str) else x[0])
def test_runs(case, dtype, tmp_path):
    compare.check_runs(NAME, case, dtype, str(tmp_path))


@pytest.mark.parametrize("text", loss_cases.REFUSED)
def test_refused(text):
    compare.check_refused(NAME, text)


@pytest.mark.parametrize("scene", loss_cases.SCENES, ids=lambda scene: scene.__name__)
def test_scene(scene):
    compare.check_scene(NAME, scene)
