"""Public names, name managers, attributes, renaming and files of older versions, against real MXNet's."""

import json
import threading

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError, UnsupportedError
from tests.oracle import symbol_names as scenario
from tests.oracle.scenario import read

GOLDEN = read("symbol_names")
# Same error, other words.
OTHER_WORDS = {"attributes: variable's attr number key", "parts: split[0:9:None]"}
# Each has its test below.
DIFFERENT = {"public: Symbol", "old files: unknown operator", "old files: None no states", "old files: 800 no states"}
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


def test_unknown_operators_are_named(found):
    assert GOLDEN["old files: unknown operator"]["raises"] == "MXNetError"
    assert found["old files: unknown operator"]["raises"] == "UnsupportedError"
    assert issubclass(UnsupportedError, MXNetError)
    assert "NoSuch (x1)" in found["old files: unknown operator"]["text"]


@pytest.mark.parametrize("name", ["old files: None no states", "old files: 800 no states"])
def test_added_states_are_states(found, name):
    # MXNet adds the missing states without the mark of what is written to; nothing reads it.
    got, wanted = (json.loads(x["json"]) for x in (found[name], GOLDEN[name]))
    assert [i[2] for i in got["nodes"][-1]["inputs"]] == [0, 0, 0, 1, 1]
    for node in (*got["nodes"], *wanted["nodes"]):
        node["inputs"] = [i[:2] for i in node["inputs"]]
    assert got == wanted
    assert found[name]["states"] == GOLDEN[name]["states"]


def test_a_refused_attribute_changes_nothing():
    # MXNet keeps the value that it refuses, and the symbol is of no use any more.
    symbol = sym.FullyConnected(sym.var("a"), num_hidden=2, name="f")
    with pytest.raises(MXNetError, match="num_hidden expect int but value='many'"):
        symbol._set_attr(num_hidden="many")
    assert symbol.attr("num_hidden") == "2"
    assert symbol.infer_shape(a=(1, 3))[1] == [(1, 2)]


def test_names_are_strings():
    # MXNet: AttributeError, from within
    with pytest.raises(TypeError, match="name of a symbol is a string, got 3"):
        sym.exp(sym.var("a"), name=3)


def test_equal_names_share_one_value():
    # MXNet's eval counts the variables and refuses.
    net = scenario.same_names(mx)
    (y,) = net.eval(a=mx.nd.ones((2, 2)), f_weight=mx.nd.ones((2, 2)), f_bias=mx.nd.ones(2))
    assert y.asnumpy().tolist() == [[7, 7], [7, 7]]


# ---------------------------------------------------------------------------------------------- ours alone
def test_attributes_of_inputs_are_refused_by_name():
    with pytest.raises(MXNetError, match=r"(?s)weight_lr_mult is deprecated.*Variable\(lr_mult=3\)"):
        sym.FullyConnected(sym.var("a"), num_hidden=2, weight_lr_mult=3)


def test_numpy_booleans_are_no_numbers():
    with pytest.raises(TypeError, match="not supported"):
        sym.var("a") + np.bool_(True)


def test_managers_of_threads_are_their_own():
    seen = {}
    inside, checked = threading.Event(), threading.Event()

    def other():
        with mx.name.Prefix("other_"), mx.AttrScope(mood="other"):
            inside.set()
            checked.wait(10)
            seen["other"] = (sym.exp(sym.var("a")).name, sym.var("v").attr("mood"))

    thread = threading.Thread(target=other)
    thread.start()
    assert inside.wait(10)
    with mx.name.NameManager():
        seen["main"] = (sym.exp(sym.var("a")).name, sym.var("v").attr("mood"))
    checked.set()
    thread.join()
    assert seen == {"other": ("other_exp0", "other"), "main": ("exp0", None)}


def test_histogram_runs():
    counts, edges = sym.histogram(sym.var("x"), 3, (0, 3)).eval(x=mx.nd.array([0, 1, 2.5, 3, 3, -1, 7]))
    assert counts.asnumpy().tolist() == [1, 1, 3] and counts.dtype is np.int64
    assert edges.asnumpy().tolist() == [0, 1, 2, 3]
