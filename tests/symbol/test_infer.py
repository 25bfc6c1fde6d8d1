"""Inference of shapes and dtypes, and ``eval``, against real MXNet's."""

import warnings

import pytest

import mxgluon_compat as mx
from mxgluon_compat.base import MXNetError
from tests.oracle import symbol_infer as scenario
from tests.oracle.scenario import read, same
from tests.oracle.symbol_graphs import conv, mlp

GOLDEN = read("symbol_infer")
sym = mx.sym
# What ours finds where MXNet fails or knows less, deliberately: dimensions that do follow although others are unknown.
# MXNet drops a shape's known part when a pooling, Flatten or one_hot sees an unknown dimension, takes unknown ones for
# -1 in convolutions and layers, and does not tell stack's inputs of each other.
MORE = {
    "partial: conv unknown all": [[[0, 0, 0, 0], [4, 0, 3, 3], [4], [4]], [[0, 0]], [[4], [4]]],
    "partial: conv unknown batch": [[[0, 3, 8, 8], [4, 3, 3, 3], [4], [4]], [[0, 64]], [[4], [4]]],
    "partial: conv unknown size": [[[2, 3, 0, 0], [4, 3, 3, 3], [4], [4]], [[2, 0]], [[4], [4]]],
    "partial: flatten": [[[0, 3, 4]], [[0, 12]], []],
    "partial: mlp unknown features": [[[5, 0], [8, 0], [8], [3, 8], [3], [5]], [[5, 3]], []],
    "partial: one_hot": [[[0, 3]], [[0, 3, 5]], []],
    "partial: reshape unknown batch": [[[0, 3, 4]], [[0, 12]], []],
    "partial: stack": [[[2, 3], [2, 3]], [[2, 2, 3]], []],
    "partial: concat half": [[[2, 3], [2, 0]], [[2, 0]], []],  # MXNet: (2, 3), as if b were empty
    "partial: where": [[[], [2, 3], [2, 3]], [[]], []],  # x and y have one shape
    "shape: conv unknown all": [None, None, None],
    "shape: conv unknown size": [None, None, None],
    "shape: mlp unknown features": [None, None, None],
    "partial: concat up": [[[2, 3], [3, 3], [5, 3]], [[5, 3]], []],
    "shape: concat up": [[[2, 3], [3, 3], [5, 3]], [[5, 3]], []],
    "shape: where": [None, None, None],
    "shape: stack": [[[2, 3], [2, 3]], [[2, 2, 3]], []],
    # MXNet 1.9.1 fails on everything that is given by position ("basic_string: construct null not valid").
    "partial: mlp positions": [[[5, 7], [8, 7], [8], [3, 8], [3], [5]], [[5, 3]], []],
    "shape: mlp positions": [[[5, 7], [8, 7], [8], [3, 8], [3], [5]], [[5, 3]], []],
    "partial: mlp positions None": [[[], [8, 7], [], [], [], []], [[]], []],
    "shape: mlp positions None": [None, None, None],
    "type: mlp positions": [["float64"] * 6, ["float64"], []],
    "type partial: mlp positions": [["float64"] * 6, ["float64"], []],
}
# Same error; MXNet's words are Python's.
OTHER_WORDS = {f"{method}: {what}" for method in ("shape", "partial") for what in ("None inside", "float")}
# What ours refuses and MXNet takes: a state of the wrong shape, sizes that do not fit, dtypes it does not know.
REFUSED = {
    "partial: conv wrong state": "MXNetError", "shape: conv wrong state": "MXNetError",
    "partial: reshape wrong": "MXNetError", "shape: reshape wrong": "MXNetError",
    "type: wrong": "TypeError", "type partial: wrong": "TypeError",
}  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return scenario.results(mx)


def test_all_scenarios_ran(found):
    assert set(found) == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(OTHER_WORDS))
def test_same_error(found, name):
    assert found[name]["result"]["raises"] == GOLDEN[name]["result"]["raises"] == "TypeError"
    assert "'a' is (3" in found[name]["result"]["text"]


@pytest.mark.parametrize("name", sorted(set(GOLDEN) - set(MORE) - set(REFUSED) - OTHER_WORDS))
def test_as_mxnet(found, name):
    assert same(found[name], GOLDEN[name]), f"{found[name]}\n{GOLDEN[name]}"


@pytest.mark.parametrize("name", sorted(MORE))
def test_ours_knows_more(found, name):
    assert found[name]["result"] == MORE[name]
    assert found[name] != GOLDEN[name]


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_ours_refuses(found, name):
    assert found[name]["result"]["raises"] == REFUSED[name]
    assert "raises" not in GOLDEN[name]["result"]


def test_errors_name_node_operator_and_shapes():
    with pytest.raises(MXNetError, match=r"fc1 \(FullyConnected\).*weight.*\(8, 6\).*\(8, 7\)"):
        mlp(mx).infer_shape(data=(5, 7), fc1_weight=(8, 6))
    with pytest.raises(MXNetError, match=r"bn \(BatchNorm\).*moving_mean.*\(5,\).*\(4,\)"):
        conv(mx).infer_shape(data=(2, 3, 8, 8), bn_moving_mean=(5,))
    with pytest.raises(MXNetError, match="nothing.*data"):
        mlp(mx).infer_shape(nothing=(1,))
    with (
        pytest.raises(MXNetError, match=r"_plus0.*elemwise_add.*b should be float64, got float32"),
        mx.name.NameManager(),
    ):
        (sym.var("a") + sym.var("b")).infer_type(a="float64", b="float32")


def test_long_chains_are_inferred_in_both_directions():
    a = b = sym.var("a")
    for _ in range(500):
        b = sym.exp(b)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (b + sym.var("c")).infer_shape(c=(2, 3))[0] == [(2, 3), (2, 3)]
        assert (b + sym.var("c")).infer_shape(a=(2, 3))[0] == [(2, 3), (2, 3)]
        assert (b + a).infer_type(a="float16")[1][0] is mx.nd.ones(1, dtype="float16").dtype


def test_shapes_do_not_depend_on_dtypes():
    weight = sym.var("w", dtype="float64")
    net = sym.FullyConnected(sym.Cast(sym.var("a"), dtype="float16"), weight, num_hidden=4, no_bias=True)
    assert net.infer_shape(a=(2, 3))[1] == [(2, 4)]


def test_declared_shapes_that_are_none():
    with pytest.raises(MXNetError, match="__shape__"):
        sym.exp(sym.var("a", __shape__="many")).infer_shape()


def test_eval_takes_states_and_records_nothing():
    x = mx.nd.random.normal(shape=(2, 3, 4, 4))
    net = sym.BatchNorm(sym.var("data"), name="bn")
    values = dict.fromkeys(("bn_gamma", "bn_beta", "bn_moving_mean", "bn_moving_var"), mx.nd.ones(3))
    x.attach_grad()
    with mx.autograd.record():
        (y,) = net.eval(ctx=mx.cpu(1), data=x, **values)
    assert y.context == mx.cpu(1)
    assert not y.to_torch().requires_grad
    with pytest.raises(MXNetError, match="'bn'.*BatchNorm"):
        net.eval(data=x, **{**values, "bn_gamma": mx.nd.ones(2)})


def test_eval_copies_variables():
    x = mx.nd.ones(3)
    (y,) = sym.Group([sym.var("x")]).eval(x=x)
    y += 1
    assert x.asnumpy().tolist() == [1, 1, 1]
