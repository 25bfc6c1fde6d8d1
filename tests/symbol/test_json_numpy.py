"""Graphs of mx.np and mx.npx as MXNet writes them: they give the same outputs and gradients, write the same text."""

import numpy as np
import pytest

import mxgluon_compat as mx
from tests.oracle import symbol_json_numpy as scenario
from tests.oracle.scenario import read, same

GOLDEN = read("symbol_json_numpy")
LIMITS = {"float16": (4e-3, 4e-3), "float32": (5e-5, 1e-5), "float64": (1e-6, 1e-7)}
COMPARED = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
# Results of MXNet that are wrong.
DIFFERENCES = {
    "algebra: det",  # a scalar there, which nd's operator has as (1,)
    *(f"binary: {name} bool {number}{end}" for name in COMPARED for number in (2, 2.5) for end in ("", " reversed")),
}
# Gradients of MXNet that are 0 where they are not, or of other elements.
WHERE = ("algebra: where a number and", "algebra: where and a number")
WRONG_GRADIENTS = ("reduce: std", "reduce: var", "shape: atleast", "shape: rot90", "binary: arctan2 float")


def limits(name):
    """(rtol, atol) by the least exact dtype of the case."""
    dtypes = {out["dtype"] for out in GOLDEN[name]["outputs"]} | {dtype for _, dtype in GOLDEN[name]["inputs"]}
    return max((LIMITS[d] for d in dtypes if d in LIMITS), default=(0, 0))


def found(name):
    """The outputs and gradients of one case."""
    case = GOLDEN[name]
    specs = [(tuple(shape), dtype) for shape, dtype in case["inputs"]]
    with mx.util.np_shape(True):
        return scenario.run(mx, case["json"], specs)


@pytest.mark.parametrize("name", sorted(set(GOLDEN) - {"algebra: det"}))  # which has no hidden outputs here
def test_text(name):
    with mx.util.np_shape(True):
        assert mx.sym.load_json(GOLDEN[name]["json"]).tojson() == GOLDEN[name]["json"]


@pytest.mark.parametrize("name", sorted(set(GOLDEN) - set(DIFFERENCES)))
def test_as_mxnet(name):
    ours, case = found(name), GOLDEN[name]
    assert same(ours["outputs"], case["outputs"], *limits(name)), (ours["outputs"], case["outputs"])
    if case["gradients"] is not None and not name.startswith((*WRONG_GRADIENTS, *WHERE)):
        assert same(ours["gradients"], case["gradients"], *limits(name)), (ours["gradients"], case["gradients"])


@pytest.mark.parametrize("name", sorted(n for n in GOLDEN if n.startswith(WRONG_GRADIENTS) and GOLDEN[n]["gradients"]))
def test_gradients_that_mxnet_has_not(name):
    """Against numerical ones, in float64."""
    case = GOLDEN[name]
    specs = [(tuple(shape), dtype) for shape, dtype in case["inputs"]]
    ours = found(name)["gradients"]["x0"]["values"]
    symbol = mx.sym.load_json(case["json"])
    with mx.util.np_shape(True):
        arrays = dict(scenario.inputs_of(specs))
        weight = np.arange(1, 1 + sum(int(np.prod(o["shape"])) for o in case["outputs"]))

        def total(x):
            given = {**arrays, "x0": x}
            outputs = symbol.bind(mx.cpu(), {k: mx.nd.array(v, dtype="float64") for k, v in given.items()}).forward()
            return sum(float((o.asnumpy().ravel() * weight).sum()) for o in outputs)

        x, numeric = arrays["x0"].astype("float64"), []
        for place in np.ndindex(x.shape):
            above, below = x.copy(), x.copy()
            above[place] += 1e-6
            below[place] -= 1e-6
            numeric.append((total(above) - total(below)) / 2e-6)
    half = "float16" in {dtype for _, dtype in specs}
    if "axis', ()" in name or "scalar" in name:  # of one element each: the variance is 0, its root has no derivative
        assert "std" in name or not any(ours)
        return
    np.testing.assert_allclose(np.array(ours, dtype=float), numeric, *((3e-2, 3e-2) if half else (2e-3, 2e-4)))


def test_gradients_of_choices():
    """They go where the tensor was taken; all conditions hold."""
    taken_not, taken = (found(name)["gradients"]["x1"]["values"] for name in WHERE)
    assert taken_not == [0] * 6 and taken == [1, 2, 3, 4, 5, 6]
