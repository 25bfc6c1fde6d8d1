"""What hooks on operators are called with, against real MXNet's."""

import numpy as np
import pytest

import mxgluon_compat as mx
from mxgluon_compat.cached_op import CachedOp
from tests.oracle import symbol_monitor as scenario
from tests.oracle.scenario import read

GOLDEN = read("symbol_monitor")


@pytest.fixture(scope="module")
def found():
    return scenario.results(mx, GOLDEN)


def test_all_scenarios_ran(found):
    assert set(found) == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_as_mxnet(found, name):
    assert found[name] == GOLDEN[name]


def test_hooks_get_arrays_and_change_nothing():
    net, (ones,) = scenario.layers(mx)
    x = mx.nd.random.normal(shape=ones.shape)
    graph = CachedOp(_traced(net))
    inputs = _inputs(net, graph, x)
    seen = {}
    mx.random.seed(1)
    with mx.autograd.record():
        (y,) = graph.run_monitored(
            [i._data for i in inputs], x.context, [(lambda name, op, a: seen.update({name: a}), True)]
        )
    mx.random.seed(1)
    with mx.autograd.record():
        wanted = graph(*inputs)
    # a graph may compute convolutions in another memory layout
    np.testing.assert_allclose(seen["n_dense0_fwd_output"].asnumpy(), wanted.asnumpy(), rtol=1e-5, atol=1e-6)
    assert seen["n_conv0_fwd_data"].shape == x.shape
    assert seen["n_dense0_fwd_output"].context == x.context
    assert not seen["n_dense0_fwd_output"].to_torch().requires_grad
    assert y.requires_grad and wanted.to_torch().requires_grad
    assert not graph.run_monitored([i._data for i in inputs], x.context, [])[0].requires_grad


def test_the_last_hook_counts():
    net, inputs = scenario.parts(mx)
    calls = []
    net.register_op_hook(lambda *args: calls.append("first"))
    net.register_op_hook(lambda *args: calls.append("second"), True)
    net.hybridize()
    net(*inputs)
    assert set(calls) == {"second"} and len(calls) == 13


def _traced(net):
    return net(mx.sym.var("data"))


def _inputs(net, graph, x):
    params = {p.name: p for p in net.collect_params().values()}
    return [x if name == "data" else params[name].data() for name in graph.symbol.list_inputs()]
