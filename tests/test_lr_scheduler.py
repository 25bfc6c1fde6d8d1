"""Learning rate schedulers against real MXNet's: rates, log messages, state, refusals."""

import pytest

import mxgluon_compat as mx
from tests.oracle import lr_scheduler as scenario
from tests.oracle.scenario import read, same

GOLDEN = read("lr_scheduler")


@pytest.fixture(scope="module")
def found():
    return scenario.results(mx)


def test_all_scenarios_ran(found):
    assert set(found) == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_as_mxnet(found, name):
    assert same(found[name], GOLDEN[name], rtol=1e-14, atol=0), f"{found[name]}\n{GOLDEN[name]}"
