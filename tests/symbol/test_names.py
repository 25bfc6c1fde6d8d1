"""Public names, name managers, attributes, renaming and files of older versions, against real MXNet's."""

import pytest

import mxgluon_compat as mx
from tests.oracle import symbol_names as scenario
from tests.oracle.scenario import read

GOLDEN = read("symbol_names")
# Same error, other words.
OTHER_WORDS = {"attributes: variable's attr number key", "parts: split[0:9:None]"}
# The first has its test below, the other one in test_json_old.py.
DIFFERENT = {"public: Symbol", "old files: unknown operator"}
sym = mx.sym


@pytest.fixture(scope="module")
def found():
    with pytest.warns(DeprecationWarning):
        return scenario.results(mx)


def test_all_scenarios_ran(found):
    assert set(found) == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(set(GOLDEN) - DIFFERENT))
def test_as_mxnet(found, name):
    got, wanted = found[name], GOLDEN[name]
    if name in OTHER_WORDS:
        got, wanted = got["raises"], wanted["raises"]
    assert got == wanted


# ---------------------------------------------------------------------------------------------- deliberate differences
def test_symbols_have_mxnets_public_names(found):
    # ``handle`` is a pointer of MXNet's library
    assert set(GOLDEN["public: Symbol"]) - set(found["public: Symbol"]) == {"handle"}
    assert not set(found["public: Symbol"]) - set(GOLDEN["public: Symbol"])
