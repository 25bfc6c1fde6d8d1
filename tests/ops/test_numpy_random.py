"""The operators of mx.np.random draw MXNet's numbers, alone, one after the other, and in graphs that files hold."""

from __future__ import annotations

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.cached_op import CachedOp
from mxgluon_compat.ndarray.invoke import invoke
from mxgluon_compat.ops import registry
from tests.oracle import numpy_random as scenario
from tests.oracle.scenario import read

GOLDEN = read("numpy_random")
# Made with functions that C libraries round differently: units in the last place.
ULPS = 2
EXACT = ("_npi_uniform", "_npi_bernoulli", "_npi_choice", "_npi_multinomial")


def call(op, inputs, attributes):
    row = registry.get(op)
    parsed = row.parse(attributes)
    row.check_inputs([True] * len(inputs), parsed)
    return invoke(row, inputs, parsed)


def check(found, wanted, name):
    """The same shapes and dtypes, and numbers to the last places."""
    assert (found["dtype"], found["shape"]) == (wanted["dtype"], wanted["shape"])
    got, want = (np.array(x["values"], np.float64) for x in (found, wanted))
    if name.startswith(EXACT) or "float" not in wanted["dtype"]:
        assert got.tolist() == want.tolist()
    else:
        # float16 parameters round to float16 on the way, whatever the result is
        step = np.float16 if "float16" in name else np.float32
        allowed = ULPS * np.maximum(np.spacing(np.abs(want).astype(step)), np.finfo(step).tiny).astype(np.float64)
        np.testing.assert_array_less(np.abs(got - want), allowed)


@pytest.fixture(autouse=True)
def _shapes():
    with mx.util.np_shape(True):
        yield


@pytest.mark.parametrize("name", sorted(GOLDEN["drawn"]))
def test_draws(name):
    steps = scenario.sequences()[name]
    for found, wanted, (op, *_) in zip(scenario.drawn(mx, steps, call), GOLDEN["drawn"][name], steps, strict=True):
        check(found, wanted, name if op.startswith("_") and name != "mixed" else op)


@pytest.mark.parametrize("name", sorted(GOLDEN["graphs"]))
def test_graphs(name):
    case = GOLDEN["graphs"][name]
    symbol = mx.sym.load_json(case["json"])
    assert symbol.tojson() == case["json"]
    for text in (case["json"], symbol.tojson()):
        found = scenario.graph(mx, text, case["inputs"])
        check(found["output"], case["output"], name)
        for got, want in zip(found["gradients"] or [], case["gradients"] or [], strict=True):
            assert got["shape"] == want["shape"]
            np.testing.assert_allclose(got["values"], want["values"], rtol=3e-5, atol=1e-5)


@pytest.mark.parametrize(("op", "attributes", "inputs", "kind"), GOLDEN["refused"])
def test_refused(op, attributes, inputs, kind):
    """As ValueError where MXNet raises that; always as MXNetError."""
    errors = (mx.MXNetError, ValueError) if kind == "ValueError" else (mx.MXNetError,)
    for error in errors:
        with pytest.raises(error):
            call(op, scenario.arrays(mx, inputs), attributes)


@pytest.mark.parametrize("flags", [{}, {"backend": "aot_eager"}], ids=["plain", "compiled"])
# what torch.compile itself does with each autograd.Function that it traces
@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning", "ignore:The .grad attribute")
def test_refused_in_graphs(flags):
    graph = CachedOp(mx.sym.load_json(GOLDEN["graphs"]["_npi_normal of float32 to float32"]["json"]), flags)
    loc, scale = mx.nd.array([[1, 2, 3]]), mx.nd.array([[1], [2]])
    assert graph(loc, scale).shape == (2, 3)
    with pytest.raises(ValueError, match="scale must not be negative"):
        graph(loc, -scale).asnumpy()


@pytest.mark.parametrize("name", ["_npi_choice of a number", "_npi_gamma dtypes", "_npi_multinomial of None", "mixed"])
# what torch.compile itself does with each autograd.Function that it traces
@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning", "ignore:The .grad attribute")
def test_compiled(name):
    """The same numbers, for they are drawn before the graph runs."""
    graph = CachedOp(mx.sym.load_json(GOLDEN["graphs"][name]["json"]), {"backend": "aot_eager"})
    mx.random.seed(7)
    check(scenario.some(graph(default_ctx=mx.cpu())), GOLDEN["graphs"][name]["output"], name)


def test_arrays_of_integers_leave_numbers_as_they_are():
    """MXNet rounds the numbers beside an array of integers down: 9.9 becomes 9, and 1 / a becomes 0."""
    none = [mx.nd.array([0, 0], dtype="int32")]
    high = call("_npi_uniform", none, {"low": None, "high": 0.5, "size": (50, 2)}).asnumpy()
    assert high.min() > 0 and 0.4 < high.max() < 0.5
    a = call("_npi_weibull", [mx.nd.array([2, 3], dtype="int32")], {"a": None, "size": (50, 2)}).asnumpy()
    assert a.std() > 0.1


def test_what_mxnet_does_not_survive():
    """It ends the process, hands out what lies beyond the array, or fails to get memory."""
    weights = mx.nd.array([0.5, 0.5])
    for op, inputs, attributes in (
        ("_npi_choice", [], {"a": 0, "size": 3}),
        ("_npi_choice", [], {"a": 5, "size": 6, "replace": False}),
        ("_npi_choice", [weights], {"a": 4, "size": 3, "weighted": True}),
        ("_npi_multinomial", [], {"n": -5, "pvals": (0.5, 0.5)}),
        ("_npi_uniform", [mx.nd.zeros((1, 3)), mx.nd.ones((2, 1))], {"low": None, "high": None, "size": (3,)}),
    ):
        with pytest.raises(mx.MXNetError):
            call(op, inputs, attributes)
