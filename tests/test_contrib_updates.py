"""The update rules of mx.nd.contrib, against real MXNet."""

import mxgluon_compat as mx
from tests.ndarray.golden import disagreements
from tests.oracle import contrib_updates as scenario
from tests.oracle.scenario import read


def test_as_mxnet():
    lines = disagreements(scenario.results(mx), read("contrib_updates"), {}, rtol=2e-5)
    assert not lines, "\n".join(lines)


def test_the_gradient_stays():
    """MXNet's adamw_update writes the rescaled and bounded gradient back into its argument: a known difference."""
    weight, grad, mean, var = mx.nd.ones(2), mx.nd.array([3, 4]), mx.nd.zeros(2), mx.nd.zeros(2)
    mx.nd.contrib.adamw_update(weight, grad, mean, var, 2.0, 0.1, 1.0, out=weight)
    assert grad.asnumpy().tolist() == [3, 4]
