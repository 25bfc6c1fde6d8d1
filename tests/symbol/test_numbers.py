"""Numbers of NumPy in attributes, biases that are columns, operators out of a graph: as in MXNet."""

import mxgluon_compat as mx
from tests.oracle import symbol_numbers as scenario
from tests.scenarios import against_mxnet

found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(scenario, rtol=1e-6)


def test_the_gradient_of_a_column():
    bias = mx.nd.ones((4, 1))
    bias.attach_grad()
    with mx.autograd.record():
        out = mx.nd.FullyConnected(mx.nd.ones((2, 3)), mx.nd.ones((4, 3)), bias, num_hidden=4)
    out.backward()
    assert bias.grad.shape == (4, 1)
    assert (bias.grad.asnumpy() == 2).all()
