"""Writes tests/golden/numpy_linalg_functions.json: mx.np.linalg and NumPy's own functions on arrays of mx.np.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.numpy_linalg_functions
"""

import numpy as onp

from tests.oracle.numpy_common import evaluated, tried
from tests.oracle.scenario import plain, write

# A (2, 3, 3), S (3, 3) symmetric, R (2, 3), D like S of float64; u(...) multiplies the parts of what is unique but for
# signs.
CALLS = """
u(L.svd(R))
L.svd(R)[1]
L.svd(R.T)
u(L.svd(A))
L.svd(D)[1]
[p.shape for p in L.svd(np.zeros((0, 3, 4)))]
L.svd(S.astype('float16'))
L.eigh(S)[0]
e(L.eigh(S, 'U'))
e(L.eigh(A))
L.eigh(R)
L.eigvalsh(A, 'U')
L.eigvalsh(D)
L.eigvalsh(np.eye(2, dtype='int32'))
onp.sort(L.eig(S)[0].asnumpy())
onp.sort(L.eigvals(A[0]).asnumpy())
L.eigvals(np.eye(2, dtype='int32'))
L.eig(np.array([[0, -1], [1, 0]]))
L.pinv(R)
L.pinv(R, rcond=0.9)
L.pinv(A)
L.pinv(A, np.array([0.1, 0.2]))
L.pinv(np.zeros((0, 3))).shape
L.tensorinv(np.eye(6).reshape(2, 3, 6) * 2, ind=2)
L.tensorinv(np.eye(6).reshape(6, 2, 3), ind=1)
L.tensorinv(R)
L.tensorinv(np.eye(6).reshape(2, 3, 6), ind=0)
L.tensorsolve(np.eye(6).reshape(2, 3, 6), np.ones((2, 3)))
L.tensorsolve(np.eye(6).reshape(2, 6, 3), np.ones((2, 6)), axes=(0,))
L.solve(A, np.ones((2, 3)))
L.solve(S, np.ones(3))
L.solve(A, np.ones((2, 3, 2)))
L.inv(A)
L.inv(R)
L.det(A)
L.det(S)
L.det(np.zeros((0, 3, 3)))
L.slogdet(A)
L.cholesky(A @ A.transpose(0, 2, 1) + np.eye(3))
L.cholesky(A)
L.norm(A)
L.norm(A, keepdims=True)
L.norm(A, ord=2)
L.norm(A[0], ord='inf')
L.norm(A, ord='inf', axis=1)
L.norm(A, ord='-inf', axis=(1, 2))
L.norm(A, ord=1, axis=(0, 1))
L.norm(A, ord=1, axis=(1, 0), keepdims=True)
L.norm(A, ord=-1, axis=(1, 2))
L.norm(A, ord=2, axis=(1, 2))
L.norm(A, ord=-2, axis=(1, 2), keepdims=True)
L.norm(A, ord='nuc', axis=(1, 2))
L.norm(A[0], ord='nuc')
L.norm(A, ord='fro', axis=(0, 1))
L.norm(A[0], ord='fro')
L.norm(R, ord=1, axis=1)
L.norm(R, ord=3, axis=1)
L.norm(R, ord=0, axis=0)
L.norm(R, ord='fro', axis=0)
L.norm(R[0], ord=1)
L.norm(R, axis=(0,))
L.norm(R, axis=[0, 1])
L.norm(R, ord='bad')
L.norm(np.zeros((0, 3)))
L.norm(np.zeros((0, 3)), axis=1)
L.norm(np.array(3.0))
L.cond(S)
L.matrix_rank(S)
L.multi_dot([R, S])
L.matrix_power(S, 2)
"""
# NumPy's functions on arrays of mx.np.
PROTOCOLS = """
onp.sum(R)
onp.mean(R, axis=0)
onp.concatenate([R, R])
onp.exp(R)
onp.add(R, R)
onp.add(R, 1)
onp.add(onp.ones(3), R)
onp.isclose(R, R)
onp.linalg.norm(R)
onp.median(R)
onp.dot(R, R.T)
onp.maximum.reduce(R)
onp.add.at(R, 0, 1)
onp.stack([R, R])
onp.split(R, 3, axis=1)
onp.float32(2) * R
onp.where(R > 0, R, 0)
onp.einsum('ij->i', R)
onp.triu(R)
onp.nanmean(R)
onp.unique(np.array([2, 1, 2]))
onp.sqrt(np.array([4.0])).sum()
onp.broadcast_arrays(R, R)
onp.matmul(R, R.T)
onp.greater(R, 0)
onp.may_share_memory(R, R)
np.isclose(R, R)
np.allclose(R, R)
np.cov(R)
np.nanmax(R)
np.ptp(R, axis=0)
np.digitize(np.array([3.0, 1.0]), np.array([0.0, 2.0]))
np.float_power(np.array([2.0]), 2)
np.modf(np.array([2.5]))
np.frexp(np.array([2.5]))
np.divmod(np.array([5.0]), 2)
np.interp(2.5, np.array([1.0, 2.0, 3.0]), np.array([3.0, 4.0, 6.0]))
np.count_nonzero(R)
np.searchsorted(np.array([1.0, 2.0]), 2)
np.positive(R)
np.signbit(R)
np.ndim(R)
np.size(R)
np.rollaxis(R, 1)
np.select([R > 0], [R])
np.lexsort(R)
np.take_along_axis(R, np.argsort(R), axis=1)
np.triu_indices_from(R)
np.in1d(R[0], R[1])
np.argwhere(R > 0)
np.flatnonzero(R)
np.vander(np.array([1.0, 2.0]))
np.trapz(R)
np.extract(R > 0, R)
np.compress([1, 0], R, axis=0)
np.promote_types('int32', 'float32')
np.npv(0.1, R)
np.msort(R)
np.alltrue(R)
np.array_equal(R, R)
np.union1d(np.array([1.0]), np.array([2.0]))
np.resize(R, (3, 2)).shape
np.unravel_index(np.array([3, 4], dtype='int64'), (2, 3))
np.unravel_index(4, (2, 3))
np.shape(R)
np.shape([[1, 2]])
np.shares_memory(R, R)
np.may_share_memory(R, R[0])
np.shares_memory(R, S)
np.polyfit(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0]), 1)
"""
GRADIENTS = """
L.svd(R)[1]
L.tensorinv(A.reshape(3, 3, 2)[:2].reshape(3, 2, 2)[:2].reshape(4, 2)[:, :2].reshape(2, 2, 2)[0], ind=1)
L.tensorsolve(S, R[0])
L.solve(A, np.ones((2, 3)))
L.cholesky(A @ A.transpose(0, 2, 1) + np.eye(3))
L.det(A)
L.slogdet(A)[1]
L.inv(A)
L.norm(A)
L.norm(A, ord=2, axis=(1, 2))
L.norm(A, ord='nuc', axis=(1, 2))
L.norm(R, ord=1, axis=1)
L.norm(R, ord=3, axis=1)
L.norm(R, ord='inf', axis=1)
L.norm(R, ord='fro')
L.norm(R, ord=-2, axis=(0, 1))
"""


def names(mx):
    np = mx.np
    draw = onp.random.RandomState(0).randn
    symmetric = draw(3, 3)
    symmetric = (symmetric + symmetric.T).astype("float32")

    def recomposed(parts):
        u, values, v = (p.asnumpy() for p in parts)
        return (u * values[..., None, :]) @ v

    def from_eigenvectors(parts):
        values, vectors = (p.asnumpy() for p in parts)
        return (vectors * values[..., None, :]) @ onp.swapaxes(vectors, -1, -2)

    return {
        "onp": onp, "np": np, "L": np.linalg, "S": np.array(symmetric), "D": np.array(symmetric.astype("float64")),
        "A": np.array(draw(2, 3, 3).astype("float32")), "R": np.array(draw(2, 3).astype("float32")), "u": recomposed,
        "e": from_eigenvectors,
    }  # fmt: skip


def gradients(mx, expression):
    """The gradients of A, S and R."""
    scope = names(mx)

    def run():
        for name in "ASR":
            scope[name].attach_grad()
        with mx.autograd.record():
            head = eval(expression, scope)
        head.backward()
        return [plain(scope[name].grad) for name in "ASR"]

    return tried(run)


def results(mx):
    mx.npx.set_np()
    try:
        found = {}
        for text in (CALLS, PROTOCOLS):
            found.update(evaluated(mx, text, lambda: names(mx)))
        found.update({"gradients: " + line: gradients(mx, line) for line in GRADIENTS.strip().splitlines()})
        return found
    finally:
        mx.npx.reset_np()


if __name__ == "__main__":
    import mxnet

    write("numpy_linalg_functions", results(mxnet))
