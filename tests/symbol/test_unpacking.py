"""Parameters of recurrent layers that lowered graphs hand on in parts."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import mxgluon_compat as mx
from mxgluon_compat.symbol.lowering import lower
from mxgluon_compat.symbol.run import run_nodes

CPU = torch.device("cpu")
GRU = [(6, 2), (6, 2), (6,), (6,)]  # of two units over two features


def variables(number=4):
    return [mx.sym.var(f"w{i}") for i in range(number)]


def flat(symbols, shape=-1):
    return [mx.sym.reshape(s, shape=shape) for s in symbols]


def packed(parts, dim=0):
    return mx.sym._internal._rnn_param_concat(*parts, dim=dim)


def rnn(parameters):
    return mx.sym.RNN(mx.sym.var("x"), parameters, mx.sym.var("h"), state_size=2, num_layers=1, mode="gru")


def check(symbol, operators, shapes=GRU):
    """The lowered graph has so many operators, and gives what all nodes, one by one, give; gradients too."""
    graph = lower(symbol, False, CPU)
    called = [node.target.__module__ for node in graph.graph.nodes if node.op == "call_function"]
    assert sum(module.startswith("mxgluon_compat.ops.") for module in called) == operators
    known = {"x": (3, 1, 2), "h": (1, 1, 2), **{f"w{i}": shape for i, shape in enumerate(shapes)}}
    random = np.random.RandomState(0)
    tensors = [torch.tensor(random.standard_normal(known[n]), requires_grad=True) for n in symbol.list_inputs()]
    results = []
    for outputs in (graph(*tensors), run_nodes(symbol, tensors, False, CPU)):
        gradients = torch.autograd.grad(sum((o * o).sum() for o in outputs), tensors)
        results.append([t.detach().numpy() for t in (*outputs, *gradients)])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_parts_reach_the_operator():
    check(rnn(packed(flat(variables()))), 1)


def test_parts_that_are_flat_already():
    check(rnn(packed(variables())), 1, [(12,), (12,), (6,), (6,)])


def test_parts_cut_elsewhere():
    check(rnn(packed(flat(variables(3)))), 1, [(5,), (5, 5), (6,)])


def test_other_reshapes_stay():
    check(rnn(packed(flat(variables(), shape=(-1,)))), 1)
    check(rnn(packed([mx.sym.reshape(s, shape=-1, reverse=True) for s in variables()])), 5)


def test_what_others_use_stays():
    parts = flat(variables())
    whole = packed(parts)
    check(mx.sym.Group([rnn(whole), whole]), 6)
    check(mx.sym.Group([rnn(whole), mx.sym.sum(whole)]), 7)
    check(mx.sym.Group([rnn(packed(parts)), parts[2]]), 2)
    check(rnn(whole) * rnn(whole), 3)


def test_a_vector_stays():
    check(rnn(mx.sym.var("w0")), 1, [(36,)])
    check(rnn(mx.sym.concat(*flat(variables()), dim=0)), 6)


def test_a_wrong_number_is_refused():
    graph = lower(rnn(packed(flat(variables()))), False, CPU)
    tensors = {"x": (3, 1, 2), "h": (1, 1, 2), "w0": (6, 2), "w1": (6, 2), "w2": (6,), "w3": (7,)}
    symbol = rnn(packed(flat(variables())))
    with pytest.raises(ValueError, match=r"parameters is \(37,\), inferred shape=\(36,\)"):
        graph(*[torch.zeros(tensors[n]) for n in symbol.list_inputs()])


def test_exported_graphs_have_all_nodes(tmp_path):
    net = mx.gluon.rnn.GRU(2, input_size=2)
    net.initialize()
    net.hybridize()
    seen = []
    net(mx.nd.ones((3, 1, 2)))
    net.register_op_hook(lambda name, operator, array: seen.append(operator))
    net(mx.nd.ones((3, 1, 2)))
    assert seen.count("Reshape") == 4 and seen.count("_rnn_param_concat") == 1
    net.export(str(tmp_path / "net"))
    assert "_rnn_param_concat" in (tmp_path / "net-symbol.json").read_text()
