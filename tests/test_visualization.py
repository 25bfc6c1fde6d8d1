"""``mx.viz`` against real MXNet, and what is ours alone: what MXNet fails on or shows wrongly, graphviz missing."""

import copy
import sys

import pytest

import mxgluon_compat as mx
from mxgluon_compat.ops.registry import OPERATORS
from mxgluon_compat.symbol.node import Node
from tests.oracle import visualization as scenario
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario, rtol=0, atol=0)


def table_of(symbol, **shape):
    return "\n".join(scenario.printed(mx.viz.print_summary, symbol, shape))


def test_results_of_one_dimension():
    # MXNet: IndexError: tuple index out of range
    loss = mx.sym.mean(mx.sym.Variable("data"), axis=1, name="loss")
    table = table_of(mx.sym.sqrt(loss, name="root"), data=(2, 3))
    assert "root(sqrt)" in table and "Total params: 0" in table


def test_the_number_of_an_output_is_no_node():
    # MXNet takes the weight, the second node, for a layer since the output is the second one
    net = mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=4, no_bias=True, name="fc")
    second = mx.sym.SliceChannel(net, num_outputs=2, name="halves")[1]
    table = table_of(second, data=(2, 3))
    assert "fc_weight" not in table and "Total params: 12" in table


def drawing_of(symbol, **kwargs):
    return scenario.drawn(mx, symbol, **kwargs)["calls"]


def edges(calls):
    return {(c["tail_name"], c["head_name"]): c["label"] for kind, c in calls if kind == "edge"}


def test_pooling_of_the_default_type():
    # MXNet: KeyError: 'pool_type'
    calls = drawing_of(mx.sym.Pooling(mx.sym.Variable("data"), kernel=(2, 2), name="pool"))
    assert calls[2][1]["label"] == "Pooling\nmax, 2x2/1"


def test_shapes_of_several_outputs():
    # MXNet: KeyError: 'pair_output'
    pair = mx.sym.topk(mx.sym.Variable("data"), k=2, ret_typ="both", name="pair")
    calls = drawing_of(mx.sym.broadcast_add(pair[0], pair[1], name="sum"), shape={"data": (4, 3)})
    assert edges(calls) == {("pair", "data"): "3", ("sum", "pair"): "2"}


def under_another_name(operator, name):
    """The operator as MXNet's graphs call one that is drawn in its own way, whether or not the table has that one."""
    renamed = copy.copy(OPERATORS[operator])
    renamed.name = name
    return renamed


def test_a_resizing_has_one_arrow():
    # expected from MXNet: contrib.BilinearResize2D(a, b, mode="like")
    resize = under_another_name("elemwise_add", "_contrib_BilinearResize2D")
    a, b = mx.sym.Variable("a"), mx.sym.Variable("b")
    net = mx.sym.Symbol([(Node(resize, "r", {}, [*a._outputs, *b._outputs]), 0)])
    assert edges(drawing_of(net)) == {("r", "a"): ""}


def test_a_custom_operator_shows_its_type():
    custom = under_another_name("relu", "Custom")
    net = mx.sym.Symbol([(Node(custom, "mine", {"op_type": "my_type"}, mx.sym.Variable("a")._outputs), 0)])
    assert [c["label"] for kind, c in drawing_of(net) if kind == "node"] == ["a", "my_type"]


def test_without_graphviz(monkeypatch):
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(ImportError, match=r"requires graphviz library: pip install 'mxgluon_compat\[plot\]'"):
        mx.viz.plot_network(mx.sym.Variable("data"))
