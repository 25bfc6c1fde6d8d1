"""Each operator of mx.np and mx.npx, alone and in graphs that files hold: outputs, gradients, dtypes as MXNet's."""

from __future__ import annotations

import functools
import json
import re

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.cached_op import CachedOp
from mxgluon_compat.numpy.calls import call
from mxgluon_compat.ops import OPERATORS
from tests.ops import spec
from tests.oracle import numpy_operators as scenario

GOLDEN = scenario.read()
CASES = scenario.cases()
LIMITS = {"float16": (4e-3, 4e-3), "float32": (5e-5, 1e-5), "float64": (1e-6, 1e-7)}

# Results of MXNet that are wrong, and what it does not refuse.
DIFFERENCES = {
    r"_npi_around .*: int": "it cuts integers off: 15 to tens is 10, as is 19",
    r"_np_prod .* of 0x3": "the product of nothing is 0 there",
    r"_npi_mean .* of 0x3": "the mean of nothing is 0 there",
    r"_npi_(var|std) .*(float16|float64).*: int32": "of integers it is that of the sum less its rest",
    r"_npi_delete .*, int64 of 2": "places from the end are passed over there",
    r"_npi_insert_tensor .*of 2x3, float32 of (\(\)|1|3|1x3|2x1), int64 of 2 (12df5148|9278abe7|58eef514|61351211|"
    r"16d42e3a|1ee6dc6c|f8cd4caf|306b034a|252bdb09|c816ed19|2ea60945|42663015)": "a place that is not there",
    r"_npi_insert_tensor .*float32 of 2x1, int64 of \(\)": "not NumPy's: at one place the values' first axis goes in",
    r"_npi_boolean_mask_assign_tensor .*1}.*float32 of 2 ": "not NumPy's: values go along the last axis",
    r'_npi_average .*"axis": 1, "returned": true.*of 3 ': "not NumPy's: sums of the weights in the mean's shape",
    r"_npi_unique .*\"axis\": (0|-1)}: float32 of \(\)": "an axis that is not there",
}
# Gradients that MXNet has not, or not right; see tests/symbol/test_json_numpy.py for numerical ones.
GRADIENTS = {
    r"_npi_(var|std) |_np_atleast_.d |_npi_bincount ": "0 there",
    r"_npi_average .*(\"returned\": true|of \(\))": "0, or that of the mean alone",
    r"_npi_rot90 ": "of other elements, where axes of other lengths change places",
    r"_npi_rarctan2_scalar ": "of arctan2 with its inputs the other way round",
    r"_npi_mod .* f9630bd4": "by 0",
    r"_npi_power .* f6d11bde": "NaN for the exponent of 0",
    r"_npi_matmul .*2x1x3x4": "of other elements, where axes in front are broadcast",
    r"_np_prod .* 1f963c9a": "NaN where elements are 0",
}
# What MXNet refuses, most of it since it has no kernel for these dtypes, and is done here.
MORE = {
    r"bool of": "booleans",
    r"float16 of|\"float16\"": "float16",
    r"_npi_r?copysign_scalar ": "recorded, it counts its inputs wrongly",
    r"pairs .*(int|float).*, (int|float)|choices _npi_where": "two dtypes, or integers",
    r"_npi_insert_.*\"val\"": "its number is of another dtype",
    r"_npi_delete .*float64": "fails after another one of float32",
    r"_np_dot|_npi_matmul": "integers",
    r"_np_cumsum .*\"axis\": -1|_npi_flip .*\"axis\": -1": "axes from the end",
    r"_np_diagflat .* of \(\)": "a number",
    r"_npi_pad .*: (float32|int32) of 2 ": "one dimension",
    r"_npx_reshape .*-6, -1, 2, -1": "two lengths that follow",
    r"_npi_sort ": "no axis",
}


def among(table, name):
    return any(re.search(pattern, name) for pattern in table)


@pytest.fixture(autouse=True)
def _semantics():
    mx.npx.set_np()
    yield
    mx.npx.reset_np()


def limits(arrays):
    """(rtol, atol) by the least exact dtype."""
    return max((LIMITS[d] for d in arrays if d in LIMITS), default=(0, 0))


def compare(found, wanted, dtypes):
    for got, want in zip(found, wanted, strict=True):
        assert (got["dtype"], got["shape"]) == (want["dtype"], want["shape"])
        rtol, atol = limits([*dtypes, want["dtype"]])
        values = (np.array(x["values"], np.float64) for x in (got, want))
        np.testing.assert_allclose(*values, rtol=rtol, atol=atol)


def run(name, function):
    """The case's outputs and gradients by ``function(*inputs)``."""
    one, dtype = CASES[name]
    arrays, random = spec.arrays_of(one, dtype)
    inputs = [mx.np.array(a, dtype=a.dtype) for a in arrays]
    return scenario.differentiated(mx, function, inputs, one, dtype, random), [a.dtype.name for a in arrays]


def check(name, function):
    wanted = GOLDEN[name]
    found, dtypes = run(name, function)
    compare(found["outputs"], wanted["outputs"], dtypes)
    if wanted.get("gradients") is not None and not among(GRADIENTS, name):
        compare(found["gradients"], wanted["gradients"], dtypes)


def attributes(name):
    return {k: v for k, v in CASES[name][0]["attrs"].items() if v is not None}


@functools.cache
def texts():
    """{(operator, attributes, number of inputs): the graph that MXNet writes}"""
    return {_of(name): json.dumps(row["graph"]) for name, row in GOLDEN.items() if "graph" in row}


def _of(name):
    one, _ = CASES[name]
    return one["op"], repr(one["attrs"]), len(one["inputs"])


REFUSED = sorted(n for n, row in GOLDEN.items() if "raises" in row and not among(MORE, n))
TAKEN = sorted(n for n, row in GOLDEN.items() if "raises" not in row and not among(DIFFERENCES, n))


def test_golden_file_is_that_of_the_cases():
    assert set(GOLDEN) <= set(CASES)


@pytest.mark.parametrize("table", [DIFFERENCES, GRADIENTS, MORE])
def test_no_difference_is_stale(table):
    for pattern in table:
        assert any(re.search(pattern, name) for name in GOLDEN), pattern


@pytest.mark.parametrize("name", TAKEN)
def test_alone(name):
    check(name, lambda *inputs: call(CASES[name][0]["op"], inputs, attributes(name)))


@pytest.mark.parametrize("name", TAKEN)
def test_in_graphs(name):
    one, dtype = CASES[name]
    text = texts()[_of(name)]
    symbol = mx.sym.load_json(text)
    assert json.loads(symbol.tojson()) == json.loads(text)
    graph = CachedOp(symbol)
    inputs = symbol.list_inputs()
    check(name, lambda *arrays: graph(*arrays) if inputs else graph(default_ctx=mx.cpu()))
    arrays, _ = spec.arrays_of(one, dtype)
    found = scenario.inferred(symbol, arrays)
    for key in ("shapes", "dtypes"):
        told = zip(found[key], GOLDEN[name][key] or [None] * len(found[key]), strict=True)  # here more may be known
        assert all(want is None or got == want for got, want in told)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    with pytest.raises(mx.MXNetError, match=OPERATORS[CASES[name][0]["op"]].name):
        run(name, lambda *inputs: call(CASES[name][0]["op"], inputs, attributes(name)))
