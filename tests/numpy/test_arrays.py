"""mx.np arrays, what makes them and what moves their elements: against real MXNet, where it fails against numpy."""

from __future__ import annotations

import glob
import warnings

import numpy as onp
import pytest

import mxgluon_compat as mx
from tests.ndarray.golden import disagreements
from tests.oracle import numpy_arrays as scenario
from tests.oracle.scenario import read

# What MXNet refuses, or gets wrong, and numpy does: here as in numpy.
AS_NUMPY = """
np.array_split(v, 0)
np.delete(v, np.array([0, 0, -1], dtype='int64'))
np.diagflat(z)
np.eye(2, dtype='bool')
np.eye(2, foo=1)
np.flip(x, -1)[0, 0]
np.hsplit(x, 2)
np.insert(v, np.array([2, 0], dtype='int32'), np.array([7, 8]))
np.linspace(0, 1, 5, endpoint=False, retstep=True)
np.moveaxis(x, (0, 1), (2,))
np.pad(i, ((1, 1),), 'edge')
np.pad(i, ((1, 1),), constant_values=5)
np.pad(v, ((1, 2),))
np.pad(v, ((3, 3),), 'symmetric')
np.pad(v, ((5, 5),), 'reflect')
np.pad(v, ((5, 5),), 'symmetric')
np.pad(v.astype('float16'), ((1, 1),)).dtype.name
np.pad(v.astype('int8'), ((1, 1),)).dtype.name
np.pad(v[:1], ((2, 2),), 'reflect')
np.pad(x[0], ((1, 0), (0, 1)), 'constant', constant_values=7)
np.pad(x[0], ((1, 1), (2, 2)), 'nosuch')
np.pad(x[0], (1, 2), 'edge')
np.shape(5)
np.shape([1, 2])
np.split(v, onp.array([1]))
np.tril(np.ones((2, 2)).astype('bool'))
np.unravel_index([5], (2, 3))
np.unravel_index(np.array([-1], dtype='int64'), (2, 3))
np.unravel_index(np.array([5.0]), (2, 3))
np.unravel_index(np.array([7], dtype='int64'), (2, 3))
np.where(v > 1, v)
np.where(v > 1, v.astype('float16'), v)
v.clip(2, 1)
x.reshape([4, 6]).shape
[1, 2, 3][i[1]]
list(range(i[1]))
"""
LOOSE = {  # as numpy's but for the dtype, or more than numpy's
    "an array without axes is in order": ["np.argsort(z)", "np.sort(z)", "np.pad(z, ())", "np.array_split(z, 1)"],
    "an array of float32 or booleans is one of indices too": [
        "np.insert(v, np.array([2, 0]), np.array([7, 8]))", "np.insert(v, b, 5)", "np.insert(v, True, 5)",
    ],
    "dtypes are promoted": ["np.where(v > 1, i[0], v)", "np.pad(b, ((1, 1),))"],
    "computed in float64, then rounded": ["np.blackman(4)"],
    "an order is refused that MXNet ignores": ["np.reshape(x, (4, 6), order='F')"],
    "an error of another class": [
        "np.flip(x, (0, 0))", "np.split(v, -1)", "np.split(v, 0)", "np.moveaxis(x, (0, 1), 2)", "np.arange(None)",
        "np.zeros((2.0, 3))",
        "np.pad(x[0], ((1, 0), (0, 1)), constant_values=((1, 2), (3, 4)))", "np.where(v > 1, y=v)",
        "v[1].__index__()",
    ],
    "no such dtype: a TypeError, as everywhere": [
        "np.array([1, 2], dtype='complex64')", "np.array([1, 2], dtype='str')", "x.astype('complex64')",
        "np.array(onp.arange(3, dtype='complex64'))", "np.array(onp.arange(3, dtype='uint16'))",
        "np.array(onp.array(['a']))", "x.astype('str')", "x.astype('uint16')",
    ],
    "arrays of mx.nd and numbers of any kind are values too": [
        "np.array([mx.nd.ones((2,))])", "x.copyto(mx.nd.zeros((2, 3, 4))).__class__.__name__",
        "np.zeros((i[1], 2))", "x.reshape(4.0, 6)",
    ],
    "MXNet's method, or argument, fails or is not there": [
        "(-v).sort()", "np.zeros_like(v, ctx=mx.cpu(1)).ctx", "x.wait_to_write()", "x.tostype('csr')",
        "x.tostype('default').__class__.__name__", "x.tostype('row_sparse')", "x.copyto(x) is x",
        "v.attach_grad(grad_req='write', stype='row_sparse')",
    ],
    "MXNet has no gradient, or one of zeros, or a wrong one": [
        "gradients: np.atleast_2d(v, m)[0]", "gradients: np.atleast_3d(m)", "gradients: np.delete(m, 0, axis=0)",
        "gradients: np.insert(m, 1, v, axis=0)", "gradients: np.rot90(m)", "gradients: np.where(m > 2, 5, m)",
        *(f"gradients: np.pad(m, ((1, 1), (2, 2)), '{mode}')" for mode in scenario.PAD_MODES),
    ],
    "what no variable is behind has no gradient, as in mx.nd": [
        "gradients: np.where(m > 2, 5, 6)", "gradients: np.zeros_like(m)", "gradients: np.full_like(m, 2)",
        "gradients: np.argsort(m)", "gradients: m.astype('int32')",
    ],
    "a ValueError, at once": [
        "gradients: np.resize(m, (2, 2))", "gradients: np.unravel_index(m.astype('int64'), (2, 6))",
    ],
    "an index beyond the ends is refused at once": ["gradients: np.take(m, np.array([0, 5, 5, 9]))"],
}  # fmt: skip
DIFFERENCES = {glob.escape(line): reason for reason, lines in LOOSE.items() for line in lines}
DIFFERENCES |= {glob.escape(line): "as numpy" for line in AS_NUMPY.strip().splitlines()}
# MXNet does not do these with booleans.
WITH_BOOLEANS = """
a.T
a.argsort()
a.swapaxes(0, 1)
a[0] = [1, 2, 3]
a[0] = a[1]
a[0] = onp.array([1.9, 2.9, 3.9])
a[:, 1] = np.array([5, 6])
np.around(a)
np.array_split(a, 2, axis=1)
np.column_stack([a[0], a[1]])
np.delete(a, 1, axis=1)
np.delete(a, p)
np.diag(a)
np.diag(a[0])
np.diagflat(a[0])
np.diagonal(a)
np.dstack([a, a])
np.flip(a, 1)
np.fliplr(a)
np.hstack([a, a])
np.insert(a, 1, a[0], axis=0)
np.insert(a, p, a[0, :2])
np.moveaxis(a, 0, 1)
np.roll(a, 1)
np.roll(a, 1, 0)
np.rot90(a)
np.sort(a)
np.sort(a, axis=0)
np.split(a, 3, axis=1)
np.trace(a)
np.tril(a)
np.unique(a)
np.vstack([a, a])
"""
DIFFERENCES |= {f"{glob.escape(line)} of bool": "works all the same" for line in WITH_BOOLEANS.strip().splitlines()}
WITH_FLOAT16 = ("a.argsort()", "np.around(a)", "np.sort(a)", "np.sort(a, axis=0)", "np.unravel_index(a, (9, 9))")
DIFFERENCES |= {f"{glob.escape(line)} of float16": "works, or fails as numpy" for line in WITH_FLOAT16}
DIFFERENCES |= {
    "np.flip(v, out=mx.nd.*": "arrays of mx.nd take results too",
    "x.attach_grad('null')\nx = x.grad": "no gradient, as in mx.nd; in MXNet an array of zeros",
    "*y[[]0] = x[[]1] * 3*": "what was written has its gradient; MXNet refuses it",
    "*y[[]i] = x * x*": "what was written has its gradient; MXNet refuses it",
    "*y.backward(np.ones((3,)))*": "a gradient of another shape is refused; MXNet reads beyond it",
    "*y = x[[]0]\ny[[]:] = 4": "what was recorded keeps its values, as in mx.nd",
    "*mx.autograd.grad(y, x)": "gradients are arrays of mx.np; MXNet's are of mx.nd",
}
# In MXNet an AssertionError.
NO_ARRAYS = """
np.zeros_like([1, 2])
np.tril([[1, 2], [3, 4]])
np.diag([1, 2])
np.copy([1, 2])
np.reshape(5, (1,))
np.transpose([[1, 2]])
np.broadcast_to([1, 2], (2, 2))
np.atleast_2d([1, 2])
np.concatenate([v, [1, 2]])
np.append(v, 5)
np.stack([v, [1, 2, 3]])
np.repeat(5, 3)
np.insert([1, 2], 0, 5)
np.nonzero([1, 0])
np.where([True, False, True], v, v)
np.where(onp.array([True, False, True]), v, 0)
np.take(v, 0)
np.sort([2, 1])
"""


@pytest.fixture
def np_mode():
    mx.npx.set_np()
    yield
    mx.npx.reset_np()


def test_as_mxnet():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=RuntimeWarning)  # of an array that is copied to itself
        found = scenario.results(mx)
    lines = disagreements(found, read("numpy_arrays"), DIFFERENCES, rtol=1e-5)
    assert not lines, "\n".join(lines)


def _value(line, scope):
    try:
        return eval(line, dict(scope))
    except Exception as error:
        return error


@pytest.mark.parametrize("line", AS_NUMPY.strip().splitlines())
def test_as_numpy(np_mode, line):
    scope = scenario.names(mx)
    plain = {name: x.asnumpy() if isinstance(x, mx.np.ndarray) else x for name, x in scope.items()} | {"np": onp}
    found, wanted = _value(line, scope | {"np": mx.np}), _value(line, plain)
    if isinstance(wanted, Exception):
        assert isinstance(found, type(wanted)), found
    elif isinstance(wanted, list | tuple) and any(isinstance(w, onp.ndarray) for w in wanted):
        for one, other in zip(found, wanted, strict=True):
            onp.testing.assert_allclose(onp.asarray(one), other, rtol=1e-6)
    else:
        onp.testing.assert_array_equal(onp.asarray(found), wanted)


@pytest.mark.parametrize("line", WITH_BOOLEANS.strip().splitlines())
def test_of_booleans_as_numpy(np_mode, line):
    scopes = []
    for np in (mx.np, onp):
        a = np.array([[3, 0, 2], [1, 1, 0]], dtype="bool")
        scope = {"np": np, "onp": onp, "a": a, "p": np.array([0, 1], dtype="int64")}
        if " = " in line:
            exec(line, scope)
        else:
            scope["a"] = eval(line, scope)
        scopes.append(scope["a"])
    if isinstance(scopes[0], list):
        scopes = [onp.concatenate([onp.asarray(part) for part in parts], 1) for parts in scopes]
    onp.testing.assert_array_equal(onp.asarray(scopes[0]), scopes[1])
    assert onp.asarray(scopes[0]).dtype == scopes[1].dtype or "around" in line  # that of numpy is float16


@pytest.mark.parametrize("line", NO_ARRAYS.strip().splitlines())
def test_other_values_are_no_arrays(np_mode, line):
    kind, text = (TypeError, "not supported") if "where" in line else (AssertionError, "must be an array or symbol")
    with pytest.raises(kind, match=text):
        eval(line, scenario.names(mx) | {"np": mx.np})


def test_gradients_that_mxnet_gets_wrong(np_mode):
    weights = onp.arange(1, 7, dtype="float32")
    wanted = {
        "np.rot90(m)": onp.rot90(weights.reshape(3, 2), -1),
        "np.atleast_3d(m)": weights.reshape(2, 3),
        "np.delete(m, 0, axis=0)": onp.stack([[0, 0, 0], weights[:3]]),
        "np.where(m > 2, 5, m)": onp.array([[0, 2, 3], [0, 0, 0]]),
        "np.where(m > 2, m, 5)": onp.array([[1, 0, 0], [4, 5, 6]]),
    }
    for line, gradient in wanted.items():
        m = mx.np.array([[3.0, 1, 2], [5, 4, 4]])
        m.attach_grad()
        with mx.autograd.record():
            y = eval(line, {"np": mx.np, "m": m})
        y.backward(mx.np.array(weights[: y.size]).reshape(y.shape))
        onp.testing.assert_array_equal(m.grad.asnumpy(), gradient, err_msg=line)


@pytest.mark.parametrize("mode", scenario.PAD_MODES)
def test_gradients_of_pad(np_mode, mode):
    m = mx.np.array([[3.0, 1, 2], [5, 4, 6]])
    m.attach_grad()
    with mx.autograd.record():
        y = mx.np.pad(m, ((1, 1), (2, 2)), mode)
    weights = onp.arange(1, y.size + 1, dtype="float32").reshape(y.shape)
    y.backward(mx.np.array(weights))
    places = onp.pad(onp.array([[3, 1, 2], [5, 4, 6]]), ((1, 1), (2, 2)), mode)  # all elements are different ones
    gradient = [[weights[places == n].sum() for n in row] for row in m.asnumpy()]
    onp.testing.assert_array_equal(m.grad.asnumpy(), gradient)


def test_a_gradient_is_of_the_world_of_the_array_that_is_asked(np_mode):
    x = mx.np.ones((2, 3))
    x.attach_grad()
    old = x.as_nd_ndarray()
    assert type(old.grad) is mx.nd.NDArray and type(x.grad) is mx.np.ndarray and x.grad is x.grad
    with mx.autograd.record():
        y = mx.nd.square(old)
    y.backward()
    assert old.grad.asnumpy().tolist() == x.grad.tolist() == [[2.0] * 3] * 2
    assert type(old.as_np_ndarray().grad) is mx.np.ndarray
