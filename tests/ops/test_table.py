"""Every operator case: outputs, gradients and changed inputs equal real MXNet's, and all faces agree."""

from __future__ import annotations

import functools
import importlib
import json
import pathlib
import pkgutil

import numpy as np
import pytest

from . import cases as all_cases
from . import faces, spec

GOLDEN = pathlib.Path(__file__).parent.parent / "golden" / "ops"
TOLERANCE = {"float64": (1e-9, 1e-10), "float32": (2e-5, 2e-6), "float16": (4e-3, 4e-3)}


def _rows():
    for _, family, _ in pkgutil.iter_modules(all_cases.__path__):
        seen = {}
        for case in importlib.import_module(f"{all_cases.__name__}.{family}").CASES:
            for dtype in case.get("dtypes", spec.DTYPES):
                name = f"{family}:{spec.key(case)}:{dtype}"
                assert name not in seen, f"two cases are the same: {case}"
                seen[name] = True
                yield pytest.param(family, case, dtype, id=name)


@functools.cache
def _golden(family):
    with np.load(GOLDEN / f"{family}.npz") as file:
        arrays = dict(file)
    by_case = {}
    for name, array in arrays.items():
        case, _, part = name.rpartition("/")
        by_case.setdefault(case, {})[part] = array
    return by_case, json.loads((GOLDEN / f"{family}.json").read_text())


def _same(found, expected, case, dtype, where):
    assert set(found) == set(expected), f"{where}: has {sorted(found)}, MXNet {sorted(expected)}"
    for part, want in expected.items():
        got = found[part]
        assert got.shape == want.shape, f"{where} {part}: shape {got.shape}, MXNet {want.shape}"
        assert got.dtype == want.dtype, f"{where} {part}: dtype {got.dtype}, MXNet {want.dtype}"
        worst = max((d for d in (dtype, str(want.dtype)) if d in TOLERANCE), default=None, key=lambda d: TOLERANCE[d])
        rtol, atol = case.get("tol", {}).get(dtype) or TOLERANCE.get(worst, (0, 0))
        np.testing.assert_allclose(got, want, rtol=rtol, atol=atol, err_msg=f"{where} {part}")


@pytest.mark.parametrize(("family", "case", "dtype"), list(_rows()))
def test_operator(family, case, dtype):
    golden, errors = _golden(family)
    name = f"{spec.key(case)}/{dtype}"
    refused = case.get("error", False)
    assert (name in errors) == refused, f"golden file of {family!r} is older than its cases: run tests.oracle.ops"
    for face in case.get("faces", faces.FACES):
        if refused:
            with pytest.raises(faces.MXNetError) as info:
                faces.run(face, case, dtype)
            assert case["op"] in str(info.value)
        else:
            _same(faces.run(face, case, dtype), golden[name], case, dtype, f"{face} {name}")
