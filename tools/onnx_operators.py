"""Writes mxgluon_compat/onnx/mx2onnx/operators.txt: operators whose ONNX file onnxruntime runs with the same results.

Each operator is exported in its cases of tests/ops/cases until one passes. It takes a quarter of an hour:
    python -m tools.onnx_operators
"""

from __future__ import annotations

import importlib
import pathlib
import pkgutil
import tempfile
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

import mxgluon_compat as mx
from mxgluon_compat.onnx import export_model
from mxgluon_compat.onnx.mx2onnx.inference import labels
from mxgluon_compat.ops.registry import get
from tests.ops import cases, faces, spec

PAGE = pathlib.Path(__file__).parent.parent / "mxgluon_compat" / "onnx" / "mx2onnx" / "operators.txt"
TRIES = 3


def cases_by_operator() -> dict[str, list[dict[str, Any]]]:
    """Cases in predict mode, with data, for float32."""
    found: dict[str, list[dict[str, Any]]] = {}
    for module in pkgutil.iter_modules(cases.__path__):
        rows = importlib.import_module(f"{cases.__name__}.{module.name}")
        for value in vars(rows).values():
            for case in value if isinstance(value, list) else ():
                if not isinstance(case, dict) or "op" not in case or case.get("error") or case.get("train"):
                    continue
                shapes = [a.shape for a in spec.arrays_of(case, "float32")[0] if a is not None]
                if "float32" in case.get("dtypes", spec.DTYPES) and shapes and all(s and 0 not in s for s in shapes):
                    found.setdefault(get(case["op"]).name, []).append(case)
    return found


def passes(case: dict[str, Any], path: str) -> bool:
    """Whether onnxruntime gives what the operator gives here."""
    import onnxruntime

    arrays = [a for a in spec.arrays_of(case, "float32")[0] if a is not None]
    symbol = faces._symbol(case)
    wanted = faces._run(symbol, [mx.nd.array(a, dtype=a.dtype) for a in arrays])
    wanted = wanted if isinstance(wanted, list) else [wanted]
    states = set(symbol.list_auxiliary_states())
    given = dict(zip(symbol.list_inputs(), arrays, strict=True))
    data = {name: a for name, a in given.items() if name not in states}
    params = {name: mx.nd.array(a, dtype=a.dtype) for name, a in given.items() if name in states}
    export_model(symbol, params, [a.shape for a in data.values()], [a.dtype for a in data.values()], path)
    session = onnxruntime.InferenceSession(path)
    found = session.run(None, {name: a for name, a in data.items() if name not in labels(symbol)})
    return len(found) == len(wanted) and all(
        np.allclose(f, w.asnumpy(), rtol=1e-4, atol=1e-4, equal_nan=True) for f, w in zip(found, wanted, strict=True)
    )


def supported() -> Iterator[str]:
    """Names of the operators, in alphabetical order."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, rows in sorted(cases_by_operator().items()):
            for case in rows[:TRIES]:
                try:
                    if passes(case, f"{folder}/operator.onnx"):
                        yield name
                        break
                except Exception:  # what refuses to be exported, for any reason, is not on the list
                    continue


if __name__ == "__main__":
    PAGE.write_text("".join(f"{name}\n" for name in supported()))
