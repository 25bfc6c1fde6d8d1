"""Parameters, Constants and ParameterDicts against real MXNet's."""

import pytest

import mxgluon_compat as mx
from tests.oracle import gluon_parameter as scenario
from tests.oracle.scenario import read, same

GOLDEN = read("gluon_parameter")


@pytest.fixture(scope="module")
def found():
    return scenario.results(mx)


def test_all_scenarios_ran(found):
    assert set(found) == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_as_mxnet(found, name):
    assert same(found[name], GOLDEN[name], rtol=1e-6, atol=1e-7), f"{found[name]}\n{GOLDEN[name]}"
