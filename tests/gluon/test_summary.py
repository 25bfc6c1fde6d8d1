"""The tables of Block.summary against real MXNet's."""

import mxgluon_compat as mx
from tests.oracle import gluon_summary as scenario
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario, atol=1e-7)


def test_a_layer_used_twice_has_a_row_for_each_use(capsys):
    # MXNet hooks such a layer twice and prints four rows.
    dense = mx.gluon.nn.Dense(3, in_units=3)
    net = mx.gluon.nn.HybridSequential()
    net.add(dense, dense)
    net.initialize()
    net.summary(mx.nd.ones((1, 3)))
    out = capsys.readouterr().out
    assert out.count("Dense-") == 2
    assert "Total params: 24" in out and "Unique parameters in model: 12" in out


def test_deferred_shapes_print_no_rows_of_symbols(capsys):
    # MXNet's first summary also shows the pass with symbols that finds the shapes.
    net = mx.gluon.nn.HybridSequential()
    net.add(mx.gluon.nn.Conv2D(2, 3, activation="relu"))
    net.initialize()
    net.summary(mx.nd.ones((1, 3, 8, 8)))
    first = capsys.readouterr().out
    net.summary(mx.nd.ones((1, 3, 8, 8)))
    assert first == capsys.readouterr().out and "Symbol" not in first
