"""Symbols against real MXNet's: making, naming, composing, cutting, describing, saving."""

import copy
import json
import pickle

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError, UnsupportedError
from tests.oracle import symbol_graphs as scenario
from tests.oracle.scenario import read

GOLDEN = read("symbol_graphs")
# Same error, other words: MXNet's names its own module, has lost a space, or says less.
OTHER_WORDS = {
    "composing: mixed", "cutting: split[1.0]", "cutting: split[3]", "cutting: split[None]",
    "cutting: split[slice(3, 5, None)]", "making: function hypot wrong", "making: function maximum wrong",
    "making: function minimum wrong", "making: function pow wrong", "making: function power wrong", "making: iadd",
    "making: random normal mixed", "refusing: concat keyword",
}  # fmt: skip
# Deliberate differences; each has its test below.
DIFFERENT = {
    "composing: group", "cutting: children of inner", "cutting: inner", "files: amp chain pickled",
    "files: amp pickled", "files: load_json empty", "files: load_json no JSON", "making: group no list",
    "making: var bad dtype", "methods: gradient ['a']", "refusing: unknown argument",
}  # fmt: skip
sym = mx.sym


@pytest.fixture(scope="module")
def found():
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
def test_composing_replaces_all_variables_of_a_name():
    # MXNet replaces none where two of them have the name, and says nothing.
    group = sym.Group([sym.exp(sym.var("data")), sym.log(sym.var("data"))])
    composed = group(data=sym.var("new"))
    assert composed.list_arguments() == ["new"]


@pytest.mark.parametrize("name", ["cutting: inner", "cutting: children of inner"])
def test_heads_have_no_versions(found, name):
    # MXNet counts there how often an auxiliary state is written to; nothing reads it.
    got, wanted = (json.loads(x["json"]) for x in (found[name], GOLDEN[name]))
    assert [h[:2] for h in got.pop("heads")] == [h[:2] for h in wanted.pop("heads")]
    assert got == wanted
    for part in set(GOLDEN[name]) - {"json"}:
        assert found[name][part] == GOLDEN[name][part]


def test_pickles_keep_the_casts_of_amp():
    symbol = sym.exp(sym.amp_cast(sym.var("x"), dtype="float16", name="cast"))
    assert "cast_output" in pickle.loads(pickle.dumps(symbol)).get_internals().list_outputs()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"nodes": []}', "\x00"])
def test_what_is_no_json_is_an_mxnet_error(text):
    # MXNet's parser reads beyond the end of some of these.
    with pytest.raises(MXNetError, match="symbol JSON"):
        sym.load_json(text)


def test_a_group_of_a_symbol_is_that_of_its_outputs():
    assert sym.Group(scenario.split(mx)).list_outputs() == ["cut_output0", "cut_output1", "cut_output2"]


def test_unknown_dtype_is_a_type_error_that_names_the_dtypes():
    with pytest.raises(TypeError, match="float32, float64"):
        sym.var("a", dtype="complex")


def test_unknown_arguments_are_kept_where_the_operator_has_no_attributes():
    with pytest.warns(UserWarning, match="exp takes no arguments but its inputs: color='red'") as caught:
        made = sym.exp(sym.var("a"), color="red", name="e")
    assert caught[0].filename == __file__
    assert made.attr_dict() == sym.load_json(made.tojson()).attr_dict() == {"e": {"color": "red"}}
    assert made.eval(a=mx.nd.zeros(1))[0].asscalar() == 1


@pytest.mark.parametrize("method", ["gradient", "get_backend_symbol", "optimize_for"])
def test_missing_methods_say_so(method):
    with pytest.raises(UnsupportedError, match=f"Symbol.{method}"):
        getattr(sym.var("a"), method)("x")


# ---------------------------------------------------------------------------------------------- ours alone
def test_copies_share_no_nodes():
    symbol = scenario.conv(mx)
    for other in (copy.copy(symbol), copy.deepcopy(symbol), symbol()):
        inner = other.get_internals()["bn_output"]
        inner._set_attr(__mark__="yes")
        assert symbol.get_internals()["bn_output"].attr("__mark__") is None
        assert inner.attr("__mark__") == "yes"


def test_long_chains_need_no_recursion():
    symbol = sym.var("x")
    for _ in range(3000):
        symbol = symbol + 1
    again = pickle.loads(pickle.dumps(copy.deepcopy(symbol)))
    assert again.list_arguments() == ["x"]
    assert len(again.get_internals()) == 3001
    assert again.eval(x=mx.nd.zeros(2))[0].asnumpy().tolist() == [3000, 3000]


def test_symbols_are_keys_by_identity():
    a, b = sym.var("a"), sym.var("a")
    assert {a: 1, b: 2}[a] == 1


def test_numpy_integers_index():
    assert scenario.split(mx)[np.int64(1)].list_outputs() == ["cut_output1"]


def test_files(tmp_path):
    path = tmp_path / "net-symbol.json"
    symbol = scenario.conv(mx)
    symbol.save(path)
    assert path.read_text() == symbol.tojson()
    assert sym.load(str(path)).tojson() == symbol.tojson()
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MXNetError, match="net-symbol.json"):
        sym.load(path)
    with pytest.raises(MXNetError, match="nothing"):
        sym.load(tmp_path / "nothing")


def test_a_state_must_be_a_variable():
    with pytest.raises(MXNetError, match="bn.*moving_mean must be a variable"):
        scenario.conv(mx)(bn_moving_mean=sym.exp(sym.var("a")))
    with pytest.raises(MXNetError, match="moving_var must be a variable"):
        sym.BatchNorm(sym.var("a"), moving_var=sym.exp(sym.var("a")))
