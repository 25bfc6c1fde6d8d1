"""The update rules of mx.nd.contrib, against real MXNet."""

import pytest

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


@pytest.mark.parametrize("rescale_grad", [0.5, "symbol", 0.0])
@pytest.mark.parametrize("name", ["adamw_update", "mp_adamw_update"])
def test_symbols(name, rescale_grad):
    """MXNet's functions of these names raise whatever they are given; these do what those of nd do."""
    dtype = "float16" if name.startswith("mp") else "float32"
    inputs = ["weight", "grad", "mean", "var", *(["weight32"] if name.startswith("mp") else [])]
    arrays = {n: mx.nd.array([0.5, -2, 1], dtype=dtype if n in ("weight", "grad") else "float32") ** 2 for n in inputs}
    symbols = [mx.sym.var(n) for n in inputs]
    scale = mx.sym.var("scale") if rescale_grad == "symbol" else rescale_grad
    step = getattr(mx.sym.contrib, name)(*symbols, scale, 0.1, 1.0, wd=0.1, name="step")
    assert step.list_outputs() == ["step_output"]
    aux = step.list_auxiliary_states()
    assert aux == inputs[2:]
    given = {n: a.copy() for n, a in arrays.items() if n not in aux}
    if rescale_grad == "symbol":
        given["scale"] = mx.nd.array([2.0])
    (found,) = step.bind(mx.cpu(), given, aux_states={n: arrays[n].copy() for n in aux}).forward()
    number = 2.0 if rescale_grad == "symbol" else rescale_grad
    wanted = getattr(mx.nd.contrib, name)(*(arrays[n].copy() for n in inputs), number, 0.1, 1.0, wd=0.1)
    assert found.dtype == wanted.dtype and found.asnumpy().tolist() == wanted.asnumpy().tolist()
    assert (found.asnumpy() == arrays["weight"].asnumpy()).all() == (rescale_grad == 0)
