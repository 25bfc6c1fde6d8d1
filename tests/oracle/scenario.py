"""Scenarios: functions ``results(mx)`` that use the public API and return what a golden JSON file can hold.

The same function runs with real MXNet, which writes the golden file, and with mxgluon_compat, which must agree with it.
"""

import json
import os

import numpy as np

GOLDEN = os.path.join(os.path.dirname(__file__), "..", "golden")


def plain(value):
    """``value`` as JSON: arrays become {"dtype", "shape", "values"}, other objects their class's name."""
    if hasattr(value, "asnumpy"):
        value = value.asnumpy()
    if isinstance(value, np.ndarray):
        return {"dtype": value.dtype.name, "shape": list(value.shape), "values": plain(value.ravel().tolist())}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return "<%s>" % type(value).__name__


def attempt(function, *args, **kwargs):
    """What the call returns, or [the error's class, its text]: texts of the backend's own errors are left out."""
    try:
        return plain(function(*args, **kwargs))
    except Exception as error:
        kind = type(error).__name__
        return {"raises": kind, "text": "" if kind == "MXNetError" else str(error)}


def write(name, results):
    """Writes tests/golden/NAME.json."""
    path = os.path.join(GOLDEN, name + ".json")
    with open(path, "w") as file:
        lines = (json.dumps(k) + ": " + json.dumps(results[k], sort_keys=True) for k in sorted(results))
        file.write("{\n" + ",\n".join(lines) + "\n}\n")
    print(path, len(results), "results")


def read(name):
    """The golden results."""
    with open(os.path.join(GOLDEN, name + ".json")) as file:
        return json.load(file)


def same(found, wanted, rtol=1e-6, atol=1e-9):
    """Whether two results agree: numbers within the tolerance, everything else exactly."""
    if isinstance(wanted, dict):
        return (
            isinstance(found, dict)
            and set(found) == set(wanted)
            and all(same(found[k], wanted[k], rtol, atol) for k in wanted)
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(same(f, w, rtol, atol) for f, w in zip(found, wanted))
        )
    if isinstance(wanted, float) and isinstance(found, (int, float)) and not isinstance(found, bool):
        return abs(found - wanted) <= atol + rtol * abs(wanted)
    return found == wanted
