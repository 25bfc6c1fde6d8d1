"""The nets of the model zoo against real MXNet's: what they are made of, outputs, losses, gradients, exports."""

from __future__ import annotations

import functools
import gc
import json
import lzma
import pathlib

import numpy as np
import pytest

import mxgluon_compat as mx

from . import observe

GOLDEN = pathlib.Path(__file__).parents[2] / "golden"
# Relative to the largest number: of outputs and losses, of gradients, of outputs after a step.
TOLERANCE = {"float32": (5e-6, 1e-4, 1e-4), "float64": (1e-9, 1e-6, 2e-6)}
DEEP = ("densenet161", "densenet169", "densenet201", "resnet101", "resnet152")


@pytest.fixture(autouse=True)
def freed():
    """Lets go of each net, hundreds of megabytes, before the next: Blocks refer to themselves."""
    yield
    gc.collect()


@functools.cache
def texts():
    with lzma.open(GOLDEN / "model_zoo.json.xz", "rt") as file:
        return json.load(file)


@functools.cache
def arrays():
    with np.load(GOLDEN / "model_zoo.npz") as file:
        return dict(file)


@pytest.mark.parametrize("text", [*observe.NAMES, *observe.OTHERS])
def test_looks(text):
    found, expected = observe.describe(mx, text), texts()[text]
    assert set(found) == set(expected)
    for part in ("repr", "blocks", "params", "structure", "json"):
        assert json.loads(json.dumps(found[part])) == expected[part], part


def same(found, text, dtype, parts):
    """Every face gives MXNet's numbers."""
    outputs, gradients, after = TOLERANCE[dtype]
    for face, results in found.items():
        if face != "import":
            assert {"predict", "loss", "norms", "products", "after"}.intersection(results) >= parts
        norms = arrays().get(f"{text}/{dtype}/norms")
        for part, got in results.items():
            want = arrays()[f"{text}/{dtype}/{part}"]
            assert (got.shape, got.dtype) == (want.shape, want.dtype), f"{face} {part}"
            if part in ("norms", "products"):
                # the gradient of a bias before BatchNorm is 0 but for rounding
                limits = gradients * norms + (1e-9 if dtype == "float64" else 1e-5) * norms.max()
            else:
                limits = (after if part == "after" else outputs) * np.abs(want).max()
            over = np.ravel(np.abs(got - want) - limits)
            worst = int(over.argmax())
            assert over[worst] <= 0, f"{face} {part} {worst}: {got.ravel()[worst]}, MXNet {want.ravel()[worst]}"


@pytest.mark.parametrize("name", observe.NAMES)
def test_predicts(name, tmp_path):
    faces = ["hybrid", "import"] if name.startswith(DEEP) else ["imperative", "hybrid", "import"]
    found = observe.run(mx, name, "float32", faces, step=False, folder=tmp_path)
    assert list(found) == faces
    same(found, name, "float32", {"predict"})


@pytest.mark.parametrize("name", observe.NAMES)
def test_takes_a_step(name):
    dtype = "float32" if observe.steps(name, "float32") else "float64"
    faces = ["imperative", "hybrid"] if name.endswith(("18_v1", "18_v2", "0.25", "1.1", "11")) else ["hybrid"]
    found = observe.run(mx, name, dtype, faces)
    same(found, name, dtype, {"predict", "loss", "norms", "products"})
    assert "after" in found["hybrid"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("text", [text for text, size in observe.OTHERS.items() if size])
def test_others(text, dtype, tmp_path):
    step = observe.steps(text, dtype)
    found = observe.run(mx, text, dtype, ["imperative", "hybrid", "import"], step, tmp_path)
    same(found, text, dtype, {"predict", "loss", "norms", "products"} if step else {"predict"})
    assert list(found["import"]) == ["after" if step else "predict"]
