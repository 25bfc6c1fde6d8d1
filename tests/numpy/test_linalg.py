"""mx.np.linalg, functions that NumPy computes, and NumPy's own functions on arrays of mx.np: against real MXNet."""

from __future__ import annotations

import numpy as onp
import pytest

import mxgluon_compat as mx
from tests.ndarray.golden import disagreements
from tests.oracle import numpy_linalg_functions as scenario
from tests.oracle.scenario import read

DIFFERENCES = {
    "gradients: L.solve(A, np.ones((2, 3)))": "MXNet cannot differentiate what it solves for one vector",
    "np.promote_types('int32', 'float32')": "a dtype all the same: NumPy's class of it has another name now",
    "np.shape([[][[]1, 2*": "lists have a shape here",
}


def test_as_mxnet():
    lines = disagreements(scenario.results(mx), read("numpy_linalg_functions"), DIFFERENCES, rtol=1e-4)
    assert not lines, "\n".join(lines)


def test_numpy_computes_nothing_that_is_recorded():
    x = mx.np.ones(3)
    x.attach_grad()
    with mx.autograd.record(), pytest.raises(ValueError, match="nanmax is computed by NumPy and has no gradient"):
        mx.np.nanmax(x)
    with mx.autograd.record():
        y = onp.square(x).sum()  # NumPy hands it on
    y.backward()
    assert x.grad.asnumpy().tolist() == [2, 2, 2]


def test_results_of_numpy_are_where_the_arrays_are():
    ctx = mx.cpu(1)
    found = mx.np.cov(mx.np.ones((2, 3), ctx=ctx))
    assert isinstance(found, mx.np.ndarray)
    assert found.ctx == ctx


def test_out_is_of_mx_np():
    x = mx.np.ones(3)
    onp.multiply(x, 3, out=x)
    assert x.tolist() == [3, 3, 3]
    with pytest.raises(TypeError, match="out must"):
        onp.multiply(x, 3, out=onp.ones(3))
