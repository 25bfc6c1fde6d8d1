"""The symbol of every operator against real MXNet's: names, automatic variables, symbol JSON."""

import json

import pytest

import mxgluon_compat as mx
from tests.oracle import symbol_operators as scenario
from tests.oracle.scenario import read

GOLDEN = read("symbol_operators")
# MXNet registers these so that no symbol of them can be made ("Not enough argument to call operator").
UNMADE = {op for op, wanted in GOLDEN.items() if "raises" in wanted["given"]}
# MXNet's have hidden outputs for their gradients, which are no part of ours: only ``node_row_ptr`` shows them.
HIDDEN_OUTPUTS = {"_linalg_det", "_linalg_slogdet"}


@pytest.fixture(scope="module")
def found():
    return scenario.results(mx, {op: list(wanted["names"]) for op, wanted in GOLDEN.items()})


def test_golden_file_has_all_operators_with_cases():
    missing = set(scenario.cases()) - set(GOLDEN)
    assert not missing, f"run tests.oracle.symbol_operators again, it knows nothing of {sorted(missing)}"


@pytest.mark.parametrize("op", sorted(set(GOLDEN) - UNMADE))
def test_as_mxnet(found, op):
    for use, wanted in GOLDEN[op].items():
        got = found[op][use]
        if op in HIDDEN_OUTPUTS and use != "names":
            got, wanted = dict(got), dict(wanted)
            texts = [json.loads(x.pop("json")) for x in (got, wanted)]
            assert all(t.pop("node_row_ptr") for t in texts)
            assert texts[0] == texts[1]
        assert got == wanted, use


@pytest.mark.parametrize("op", sorted(UNMADE))
def test_operators_whose_symbols_mxnet_refuses(found, op):
    assert "raises" not in found[op]["given"]
    assert mx.sym.load_json(found[op]["given"]["json"]).list_outputs() == [found[op]["given"]["name"] + "_output"] or (
        len(mx.sym.load_json(found[op]["given"]["json"])) > 1
    )
