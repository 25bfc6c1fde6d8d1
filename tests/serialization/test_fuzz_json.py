"""Symbol JSON that is damaged, or is anything: refused with MXNetError, or a graph; see ``fuzz_json.py``."""

import cProfile
import json
import os
import pstats

import hypothesis
import pytest
from hypothesis import strategies as st

import mxgluon_compat as mx
from tests.serialization import fuzz_json

COUNT = int(os.environ.get("MXGLUON_FUZZ", "12000"))
"""The environment variable MXGLUON_FUZZ asks for more."""


@pytest.mark.parametrize("seed", [1, 2])
def test_damaged_graphs(seed):
    read, refused = fuzz_json.run(COUNT // 2, seed)
    assert read > COUNT // 50 and refused > COUNT // 8  # neither all good nor all hopeless


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["nodes", "heads", "op", "name", "inputs", "attrs", "param", "subgraphs", "arg_nodes", "x"]),
        inner, max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip
SETTINGS = hypothesis.settings(max_examples=400, deadline=None, derandomize=True)


@SETTINGS
@hypothesis.given(JSON)
def test_any_json(value):
    fuzz_json.loads_or_refuses(json.dumps(value))


@SETTINGS
@hypothesis.given(st.text())
def test_any_text(text):
    assert not fuzz_json.loads_or_refuses(text)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"nodes":' * 50_000, '{"a":[' * 40_000])
def test_deep_nesting(text):
    with pytest.raises(mx.MXNetError):
        mx.sym.load_json(text)


def chain(count):
    nodes = [{"op": "null", "name": "x", "inputs": []}]
    nodes += [{"op": "relu", "name": f"r{i}", "inputs": [[i, 0, 0]]} for i in range(count)]
    return json.dumps({"nodes": nodes, "arg_nodes": [0], "heads": [[count, 0, 0]]})


def test_long_graphs_take_work_that_grows_with_them():
    """20,000 nodes one after the other: no recursion; ten times the nodes are ten times the calls of functions."""
    calls = []
    for count in (2_000, 20_000):
        text, profile = chain(count), cProfile.Profile()
        symbol = profile.runcall(mx.sym.load_json, text)
        assert len(profile.runcall(symbol.get_internals().list_outputs)) == count + 1
        calls.append(pstats.Stats(profile).total_calls)
    assert calls[0] > 2_000
    assert calls[1] < 11 * calls[0]


@pytest.mark.parametrize(
    "inputs", [[[1, 0, 0]], [[7, 0, 0]], [[-1, 0, 0]], [[0, 5, 0]], [[0, -1, 0]], [["0", 0, 0]], 3, [[]]]
)
def test_dangling_and_cyclic_references(inputs):
    nodes = [{"op": "null", "name": "x", "inputs": []}, {"op": "relu", "name": "r", "inputs": inputs}]
    with pytest.raises(mx.MXNetError):
        mx.sym.load_json(json.dumps({"nodes": nodes, "arg_nodes": [0], "heads": [[1, 0, 0]]}))
