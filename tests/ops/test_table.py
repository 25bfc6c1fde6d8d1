"""Every operator case: outputs, gradients and changed inputs equal real MXNet's, and all faces agree."""

from __future__ import annotations

import functools
import importlib
import json
import pathlib
import pkgutil

import numpy as np
import pytest
import torch
import torch._dynamo

from mxgluon_compat.ops import registry

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


ROWS = list(_rows())


def _compared(face, family, case, dtype):
    """Runs a case through a face and compares what it gives with the golden file."""
    golden, _ = _golden(family)
    name = f"{spec.key(case)}/{dtype}"
    _same(faces.run(face, case, dtype), golden[name], case, dtype, f"{face} {name}")


@pytest.mark.parametrize(("family", "case", "dtype"), ROWS)
def test_operator(family, case, dtype):
    _, errors = _golden(family)
    name = f"{spec.key(case)}/{dtype}"
    refused = case.get("error", False)
    assert (name in errors) == refused, f"golden file of {family!r} is older than its cases: run tests.oracle.ops"
    for face in case.get("faces", faces.FACES):
        if refused:
            with pytest.raises(faces.MXNetError) as info:
                faces.run(face, case, dtype)
            assert case["op"] in str(info.value)
        else:
            _compared(face, family, case, dtype)


# ---------------------------------------------------------------------------------------------- compiled
# Operators that torch.compile does not trace in one piece -> why.
BROKEN = {
    "CTCLoss": "torch's own loss reads the lengths on the host",
    "_contrib_boolean_mask": "the shape of the output depends on values: the graph runs as it is",
    "_contrib_SyncBatchNorm": "compiled in train mode, it would not see other processes that join later",
    "cast_storage": "a cached graph has dense arrays only: there is nothing to do",
    "_contrib_calibrate_entropy": "done once for a network, on the host: the next best depends on values",
    "_copy": "gives its input",
    "_identity_with_attr_like_rhs": "gives its input",
}


def _telling(row):
    """How much of an operator a case runs: gradients, inputs, attributes."""
    _, case, dtype = row.values
    return any(spec.grads_of(case, dtype)), len(case["inputs"]), len(case.get("attrs", {}))


def _one_case_each():
    """For each operator the case that runs most of it: compiling takes some 0.2 s, too long for all of them."""
    found = {}
    for row in ROWS:
        _, case, _ = row.values
        if not case.get("error") and "sym" in case.get("faces", faces.FACES):
            name = registry.get(case["op"]).name
            if name not in found or _telling(row) > _telling(found[name]):
                found[name] = row
    return [pytest.param(*row.values, id=name) for name, row in sorted(found.items())]


# what torch.compile itself does with each autograd.Function that it traces, and where it goes on after a break
@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning", "ignore:The .grad attribute")
@pytest.mark.parametrize(("family", "case", "dtype"), _one_case_each())
def test_compiled(family, case, dtype):
    """Traced by torch.compile, without a break, and the same numbers."""
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    _compared("compiled", family, case, dtype)
    counters = torch._dynamo.utils.counters
    op = registry.get(case["op"])
    whole = counters["stats"]["unique_graphs"] == 1 and not counters["graph_break"]
    if "stream" in op.supplied and not counters["stats"]["unique_graphs"]:
        whole = True  # numbers are drawn before the graph runs: nothing may be left of it
    assert whole != (op.name in BROKEN), dict(counters["graph_break"])
