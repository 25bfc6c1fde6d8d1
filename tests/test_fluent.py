"""Methods of NDArray and Symbol that are operators: against MXNet, and against the function of the same name."""

import pytest

import mxgluon_compat as mx
from mxgluon_compat.ops.placement import FLUENT
from tests.oracle import fluent
from tests.oracle.scenario import attempt
from tests.scenarios import against_mxnet

# MXNet's symbols take the second number for ``reverse=`` and refuse it; here they do what its arrays do.
NUMBERS = "x.reshape(6, 4)"
# Of this one MXNet has no gradient and refuses any graph with it; here it is zero, like that of argmax.
NO_GRADIENT = "flat.argmax_channel()"
found, test_all_scenarios_ran, test_as_mxnet = against_mxnet(
    fluent, rtol=2e-5, atol=1e-5, differences=[f"Symbol: {NUMBERS}", f"NDArray: {NO_GRADIENT}"]
)


def test_every_method_is_called():
    assert set(FLUENT) <= {method for _, method, _ in fluent.calls()}


def function_call(method, arguments):
    """The function of that name, given the array first."""
    holder = {mx.nd.NDArray: mx.nd, mx.sym.Symbol: mx.sym}
    return lambda it, names: eval(f"f(it, {arguments})", {**names, "it": it, "f": getattr(holder[type(it)], method)})


# Methods that take more than the function of their name does.
MORE = (NUMBERS, "x.astype('float64')", "x.astype(dtype='int32')")
# Symbol's methods write down a default that the functions leave out.
WRITTEN = ("ones.squeeze()", "flat.diag()")


@pytest.mark.parametrize("face", sorted(fluent.FACES))
@pytest.mark.parametrize(("array", "method", "arguments"), fluent.calls(), ids=lambda text: text)
def test_as_the_function(found, face, array, method, arguments):
    text = f"{array}.{method}({arguments})"
    if text in MORE:
        return
    of_method = list(found[fluent][f"{face}: {text}"])
    with mx.name.NameManager():
        of_function = attempt(fluent.FACES[face], mx, array, function_call(method, arguments))
    if face == "Symbol" and text in WRITTEN:
        assert (of_function.pop(1), len(of_method.pop(1))) == ({}, 1)
    assert of_function == of_method


def test_the_shape_of_a_symbol_as_numbers(found):
    assert found[fluent][f"Symbol: {NUMBERS}"][3] == found[fluent][f"NDArray: {NUMBERS}"][1]


def test_no_gradient_is_zero(found):
    _, values, gradient = found[fluent][f"NDArray: {NO_GRADIENT}"]
    assert values == found[fluent][f"Symbol: {NO_GRADIENT}"][3]
    assert set(gradient["values"]) == {1.0}
