"""Writes tests/golden/numpy_protocols.json: NumPy's own functions on arrays of mx.np, functions that NumPy computes,
arrays of both worlds together, legacy functions in np mode.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.numpy_protocols
"""

import os
import warnings

from tests.oracle.numpy_common import evaluated
from tests.oracle.scenario import write

# a is [[1, 2], [3, 4]], i integers, b an array of NumPy, n one of mx.nd.
CALLS = """
onp.median(a)
onp.median(a, axis=0)
onp.exp(a)
onp.add(a, 1)
onp.add(1, a)
onp.add(a, b)
onp.add(b, a)
a + b
b + a
onp.exp(a, out=b)
onp.exp(b, out=a)
[onp.add(a, a, out=a), a]
onp.exp(a, where=False)
onp.add.reduce(a)
onp.add.outer(a, a)
onp.sinc(a)
onp.ldexp(a, i)
onp.divmod(a, 2)
onp.logaddexp(a, a)
onp.logical_and(a, a)
onp.floor_divide(a, 2)
onp.exp2(a)
onp.isnan(a)
onp.power(a, 2)
onp.greater(a, 2)
onp.lcm(i, i)
onp.invert(i)
onp.concatenate([a, a])
onp.concatenate([a, b])
onp.concatenate([a, n])
onp.dot(a, b)
onp.dot(a, a)
onp.add(a, n)
onp.kron(a, a)
onp.triu(a)
onp.allclose(a, a)
onp.allclose(a, b)
onp.array_equal(a, a)
onp.isclose(a, b)
onp.where(a > 2, a, 0)
onp.where(a > 2)
onp.sum(a)
onp.sum(a, axis=1, keepdims=True)
onp.mean(a, dtype='float64')
onp.histogram(a)
onp.linspace(a[0], 3, 3)
onp.percentile(a, 50)
onp.argmax(a)
onp.clip(a, 1, 2)
onp.pad(a, ((1, 1), (0, 0)))
onp.nonzero(a)
onp.meshgrid(i, i)
onp.unique(i)
onp.split(a, 2)
onp.zeros_like(a)
onp.full_like(a, 3)
onp.size(a)
onp.ndim(a)
onp.shape(a)
onp.linalg.norm(a)
onp.linalg.qr(a)
onp.linalg.inv(a)
onp.linalg.solve(a, a)
onp.may_share_memory(a, a)
onp.apply_along_axis(lambda x: x.sum(), 0, a)
onp.float32(3) * a
a * onp.float64(3)
onp.float64(3) * a
np.alltrue(a)
np.apply_over_axes(onp.sum, a, [0])
np.argpartition(i, 1)
np.argwhere(a)
np.array_equal(a, a)
np.array_equiv(a, a[0])
np.choose(np.array([0, 1], dtype='int64'), [i, i])
np.compress([True, False], a, axis=0)
np.corrcoef(a)
np.correlate(i, i)
np.count_nonzero(a)
np.cov(a)
np.cov(b)
np.digitize(a[0], a[1])
np.divmod(a, 2)
np.extract(a > 2, a)
np.flatnonzero(a)
np.float_power(a, 2)
np.frexp(a)
np.heaviside(a, 0.5)
np.histogram2d(a[0], a[1], 2)
np.histogram_bin_edges(a, 3)
np.i0(a)
np.in1d(a, a)
np.interp(1.5, a[0], a[1])
np.intersect1d(a, a)
np.isin(a, a)
np.ix_(i, i)
np.lexsort((i, i))
np.modf(a)
np.msort(a)
np.nanargmax(a)
np.nancumsum(a)
np.nanmax(a, axis=0)
np.nanmedian(a)
np.nanpercentile(a, 30)
np.npv(0.1, a[0])
np.packbits(np.array([1, 0, 1], dtype='uint8'))
np.partition(i, 1)
np.piecewise(a, [a > 2], [1.0])
np.poly(a)
np.polyfit(a[0], a[1], 1)
np.polymul(a[0], a[1])
np.positive(a)
np.ptp(a)
np.real(a)
np.rollaxis(a, 1)
np.roots(a[0])
np.searchsorted(a[0], 1.5)
np.select([a > 2], [a])
np.setdiff1d(a, a[0])
np.signbit(a)
np.take_along_axis(a, np.zeros((1, 2), dtype='int64'), 0)
np.trapz(a)
np.tril_indices_from(a)
np.trim_zeros(np.array([0, 1, 0]))
np.union1d(a, a[0])
np.unwrap(a)
np.vander(i)
np.median(a)
np.linalg.cond(a)
np.linalg.lstsq(a, a, rcond=None)
np.linalg.matrix_power(a, 2)
np.linalg.matrix_rank(a)
np.linalg.multi_dot([a, a])
np.fallback.nanstd(a)
np.multiarray.zeros(2)
np.finfo(np.float32).eps
[np.PZERO, np.NINF, np.pi, np.e]
mx.nd.array([1, 2])
mx.nd.array(3.0)
mx.nd.ones((2, 0))
mx.nd.zeros(())
mx.nd.array([1])[0]
mx.nd.exp(a)
mx.nd.ones(3) + a
mx.nd.concat(a, a)
mx.test_utils.rand_ndarray((2, 3)).shape
mx.test_utils.assert_almost_equal(a, a)
mx.test_utils.assert_almost_equal(a, b)
mx.test_utils.assert_almost_equal(a, a + 1)
mx.test_utils.same(b, b)
mx.test_utils.collapse_sum_like(a, (1, 2))
mx.test_utils.check_numeric_gradient(mx.sym.np.exp(s), [b])
mx.test_utils.check_symbolic_forward(mx.sym.np.exp(s), [b], [onp.exp(b)])
mx.test_utils.simple_forward(mx.sym.np.exp(s), s=b)
mx.util.set_np_shape(False)
mx.util.np_ufunc_legal_option('dtype', np.float32)
"""


def names(mx):
    import numpy as onp

    np = mx.np
    return {
        "a": np.array([[1.0, 2.0], [3.0, 4.0]]),
        "i": np.array([1, 2], dtype="int32"),
        "b": onp.array([[1.0, 2.0], [3.0, 4.0]], "float32"),
        "n": mx.nd.ones((2, 2)),
        "s": mx.sym.var("s").as_np_ndarray(),
        "onp": onp,
    }


def results(mx):
    mx.npx.set_np()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy's, of old functions
            return evaluated(mx, CALLS, lambda: names(mx))
    finally:
        mx.npx.reset_np()


if __name__ == "__main__":
    os.environ["MXNET_ENGINE_TYPE"] = "NaiveEngine"  # so that errors come where they belong
    import mxnet

    write("numpy_protocols", results(mxnet))
