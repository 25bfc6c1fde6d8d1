"""Writes tests/golden/ndarray_creation.json: functions that make arrays, and the helpers of nd beside the operators.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.ndarray_creation
"""

import os

import numpy as np

from tests.oracle.ndarray_methods import entries
from tests.oracle.scenario import attempt, write

CALLS = """
nd.array([1, 2, 3]) ; nd.array((1, 2)) ; nd.array([[1, 2], [3, 4]]) ; nd.array(5) ; nd.array(5).shape
nd.array(2.5).shape ; nd.array(np.float64(2.5)).shape ; nd.array([]) ; nd.array([]).shape ; nd.array([[]]).shape
nd.array(np.arange(3)) ; nd.array(np.arange(3)).dtype.__name__ ; nd.array(np.arange(3.0)).dtype.__name__
nd.array(np.ones(2, 'int8')).dtype.__name__ ; nd.array(np.ones(2, 'float16')).dtype.__name__ ; nd.array([True, False])
nd.array(np.array([True, False])).dtype.__name__ ; nd.array(x).dtype.__name__ ; nd.array(i).dtype.__name__
nd.array(i) ; nd.array(i, dtype='float64').dtype.__name__ ; nd.array(i) is i ; shares(nd.array(x), x)
nd.array([1.7, -2.7], dtype='int32') ; nd.array([1, 2], dtype='bool') ; nd.array([300, -1], dtype='uint8')
nd.array([1, 2], dtype=np.float16) ; nd.array([1, 2], dtype=int).dtype.__name__
nd.array([1], dtype=float).dtype.__name__
nd.array([1, 2], dtype='foo') ; nd.array([1, 2], dtype='complex64') ; nd.array([1, 2], mx.cpu(1)).context.device_id
nd.array([1, 2], ctx=mx.cpu(2), dtype='int8').context.device_id ; nd.array([1, 2], ctx='cpu')
nd.array('a') ; nd.array(['a', 'b']) ; nd.array(None) ; nd.array([None]) ; nd.array([[1, 2], [3]]) ; nd.array({1: 2})
nd.array([1, 2], foo=3) ; nd.array(object()) ; nd.array([1j]) ; nd.array() ; nd.array(range(3))
nd.array(v for v in [1])
nd.array([nd.array([1]), nd.array([2])]) ; nd.array([x, x]).shape ; nd.array([np.ones(2), np.zeros(2)])
nd.array([np.float32(1), 2]) ; nd.array(np.ones((2, 3)).T).shape ; nd.array(np.arange(6).reshape(2, 3)[:, ::-1])
nd.array(np.arange(3.0).reshape(3, 1)[:, ::-1]) ; nd.from_numpy(np.arange(2.0).reshape(1, 2)[::-1])
nd.array(np.arange(4, dtype='>f4')) ; nd.array(np.ones(2, 'uint16')).dtype.__name__
nd.array(np.ones(2, 'uint16'), dtype='int32') ; nd.array(np.datetime64('2020-01-01'))
nd.array(np.zeros((0, 2))).shape ; nd.array(np.array(3)).shape
nd.array([1e400]) ; nd.array([2 ** 31]) ; nd.array([2 ** 40], dtype='int64') ; nd.array([2 ** 63], dtype='int64')
nd.array([float('nan')]) ; nd.array(np.ma.array([1, 2])) ; nd.array(np.matrix([[1, 2]])).shape ; nd.NDArray([1])
nd.zeros((2, 3)) ; nd.zeros(3) ; nd.zeros([2, 2]) ; nd.zeros((2,), dtype='int32')
nd.zeros((2,), mx.cpu(1)).context.device_id ; nd.zeros((2, 0)) ; nd.zeros(0) ; nd.zeros(()) ; nd.zeros((-1, 2))
nd.zeros('a') ; nd.zeros(None) ; nd.zeros()
nd.zeros((2.0, 3)) ; nd.zeros((np.int64(2), 3)).shape ; nd.zeros(np.int32(2)).shape ; nd.zeros(2, dtype='foo')
nd.zeros(2, dtype=None).dtype.__name__ ; nd.zeros(2, foo=3) ; nd.zeros((2, 2), stype='default').shape
nd.zeros(2, None, 'float64').dtype.__name__
nd.zeros(2, dtype=np.uint8).dtype.__name__ ; np.dtype(nd.zeros(2, dtype=bool).dtype).name ; nd.zeros(x.shape)
nd.zeros(shape=(1, 2)) ; nd.zeros((2, 3), out=nd.ones((2, 3))) ; nd.zeros((2, 3), name='z')
nd.zeros(np.array([2, 3])).shape ; nd.zeros(True).shape
nd.ones((2, 3)) ; nd.ones(3) ; nd.ones((2,), dtype='bool') ; nd.ones((2,), ctx=mx.cpu(1)).context.device_id
nd.ones((2, 0)) ; nd.ones(2, foo=3) ; nd.ones(2, dtype=None).dtype.__name__ ; nd.ones((2,), stype='default')
nd.full((2, 3), 7) ; nd.full(2, 2.5) ; nd.full(2, 2.5, dtype='int32') ; nd.full((2,), True) ; nd.full((2,), 'a')
nd.full((2,), 3, mx.cpu(1)).context.device_id ; nd.full((2, 2), val=1.5, dtype='float16') ; nd.full(2, 3, foo=3)
nd.full((2,)) ; nd.full(2, 1e40) ; nd.full(2, float('inf')) ; nd.full(2, 300, dtype='uint8')
nd.full(2, nd.array([3])) ; nd.full(2, np.float32(3))
nd.empty((2, 3)).shape ; nd.empty(3).shape ; nd.empty((2,), dtype='int8').dtype.__name__
nd.empty((2,), mx.cpu(1)).context.device_id ; nd.empty((2, 0)).shape ; nd.empty() ; nd.empty(2, foo=3)
nd.empty(2, stype='default').shape ; nd.empty(-1)
nd.arange(5) ; nd.arange(5).dtype.__name__ ; nd.arange(2, 5) ; nd.arange(2, 10, 3) ; nd.arange(5, 2, -1)
nd.arange(0, 1, 0.25) ; nd.arange(3, repeat=2) ; nd.arange(2.5) ; nd.arange(5, dtype='int32')
nd.arange(5, ctx=mx.cpu(1)).context.device_id ; nd.arange(0) ; nd.arange(5, 2) ; nd.arange(0, 5, 0)
nd.arange(0, 3, dtype='int64').dtype.__name__ ; nd.arange('a') ; nd.arange(5, foo=1) ; nd.arange(0, 1, 0.1).shape
nd.arange(start=1, stop=3) ; nd.arange(5, None, 2) ; nd.arange(5, dtype=None).dtype.__name__
nd.arange(1, 7, step=2, repeat=3, dtype='float16') ; nd.arange(3, infer_range=False) ; nd.arange(3, infer_range=True)
nd.linspace(0, 1, 5) ; nd.linspace(0, 1, 5, endpoint=False) ; nd.linspace(0, 1, 1) ; nd.linspace(5, 0, 3)
nd.linspace(0, 1, 0) ; nd.linspace(0, 10, 5, dtype='int32') ; nd.linspace(0, 1, -1)
nd.linspace(0, 1, 3, ctx=mx.cpu(1)).context.device_id ; nd.linspace(0, 1) ; nd.linspace(0, 1, 2.5)
nd.eye(3) ; nd.eye(2, 3) ; nd.eye(3, k=1) ; nd.eye(3, 4, -1) ; nd.eye(2, dtype='int32') ; nd.eye(0)
nd.eye(2, ctx=mx.cpu(1)).context.device_id ; nd.eye(2, foo=3) ; nd.eye(-1) ; nd.eye('a') ; nd.eye(2, 2, 5)
nd.concatenate([x, x]) ; nd.concatenate([x, x], axis=1) ; nd.concatenate([x]) ; nd.concatenate([x]) is x
nd.concatenate([x], always_copy=False) is x ; nd.concatenate([]) ; nd.concatenate([x, y]) ; nd.concatenate([x, i])
nd.concatenate((x, x), 0).shape ; nd.concatenate([x, x], axis=2) ; nd.concatenate([x, x], axis=-1)
nd.concatenate([x, [1]]) ; nd.concatenate(x) ; nd.concatenate([x, nd.ones((1, 3))])
nd.concatenate([y, y], axis=1).shape ; nd.concatenate([x, x], axis=0, always_copy=False).shape
nd.moveaxis(y, 0, 2).shape ; nd.moveaxis(y, [0, 1], [2, 0]).shape ; nd.moveaxis(y, -1, 0).shape
nd.moveaxis(y, (0, 2), (1, 0)).shape ; nd.moveaxis(y, 3, 0) ; nd.moveaxis(y, 0, 5) ; nd.moveaxis(y, [0, 0], [1, 2])
nd.moveaxis(y, [0, 1], [1]) ; nd.moveaxis(y, 0, 1) ; nd.moveaxis(y, 'a', 0) ; nd.moveaxis(y, [0, 1], [1, 1])
nd.moveaxis(y, 0, -1).shape
nd.onehot_encode(nd.array([0, 2]), nd.zeros((2, 3))) ; nd.onehot_encode(nd.array([0, 5]), nd.zeros((2, 3)))
nd.onehot_encode(nd.array([0, 2]), nd.zeros((3, 3))) ; nd.onehot_encode(nd.array([1]), nd.ones((1, 2)))
nd.split_v2(y, 2) ; nd.split_v2(y, (1, 2), axis=1)[1] ; nd.split_v2(y, 3, axis=1, squeeze_axis=True)[0].shape
nd.split_v2(y, 5) ; nd.split_v2(y, [1]) ; nd.split_v2(y, 'a') ; nd.split_v2(y, (2,), axis=2)[0].shape
nd.split_v2(y, 1).shape ; nd.split_v2(y, (1,), axis=-1)[1].shape ; nd.split_v2(y, ()).shape ; nd.split_v2(y, 2.0)
nd.split_v2(y, {1}) ; len(nd.split_v2(y, 2, squeeze_axis=True)) ; nd.split_v2(y, (2, 1), axis=1)
nd.split_v2(y, (1, 7), axis=1)
nd.from_numpy(np.ones((2, 3), 'float32')) ; nd.from_numpy(np.ones(2)).dtype.__name__
nd.from_numpy(np.ones((2, 3)).T) ; nd.from_numpy(np.ones((2, 3)).T, zero_copy=False).shape ; nd.from_numpy([1, 2])
nd.from_numpy(np.ones(2, 'complex64')) ; nd.from_numpy(np.arange(3)).dtype.__name__
nd.from_numpy(np.ones(2, 'float32'), zero_copy=False)
nd.from_dlpack(nd.to_dlpack_for_read(x)) ; nd.from_dlpack(nd.to_dlpack_for_write(x))
nd.from_dlpack(x.to_dlpack_for_read()).shape ; shares(nd.from_dlpack(x.to_dlpack_for_write()), x) ; nd.from_dlpack(3)
nd.waitall()
nd.histogram(nd.array([0, 1, 1, 3, 9.5]), bins=5) ; nd.histogram(nd.array([0, 1, 1, 3]), bins=3, range=(0, 3))
nd.histogram(nd.array([0, 1, 1, 3]), bins=nd.array([0, 1, 2, 3])) ; nd.histogram(nd.array([0, 1]), bins=3)
nd.histogram(nd.array([0, 1]), bins='a') ; nd.histogram(3)
nd.zeros_like(i) ; nd.ones_like(x) ; nd.stack(x, x).shape ; nd.add(x, 1) ; nd.maximum(x, 3) ; nd.maximum(2, 3)
nd.minimum(x, i) ; nd.power(2, 3) ; nd.equal(x, 3) ; nd.logical_and(x, 0) ; nd.true_divide(x, 2)
nd.foo ; nd.foo(x) ; mx.nd.op.exp(x) ; nd.op.relu(-x) ; nd._internal._plus_scalar(x, scalar=2) ; nd._plus_scalar(x, 2)
nd.linalg.gemm2(x, x.T) ; nd.linalg_gemm2(x, x, transpose_b=True) ; nd.contrib.arange_like(x, axis=0)
nd.ndarray.NDArray is nd.NDArray ; nd.utils.zeros is not None
nd.NDArray is mx.ndarray.NDArray ; mx.nd is mx.ndarray ; nd.ndarray.array([1]) ; nd.utils.array([1])
nd.array.__name__ ; nd.zeros.__name__ ; nd.exp.__name__ ; nd.Convolution.__name__
"""


def results(mx):
    nd = mx.nd

    def shares(one, other):
        one[:] = -7
        return bool((other.asnumpy() == -7).all())

    found = {}
    for text in entries(CALLS):
        names = {
            "mx": mx,
            "nd": nd,
            "np": np,
            "x": nd.array([[3, 1, 2], [6, 5, 4]]),
            "i": nd.array([[3, 1, 2], [6, 5, 4]], dtype="int32"),
        }
        names.update(y=nd.arange(24).reshape((2, 3, 4)), shares=shares)
        found[text] = attempt(lambda: eval(text, names))
    return found


if __name__ == "__main__":
    os.environ["MXNET_ENGINE_TYPE"] = "NaiveEngine"  # so that errors come where they belong
    import mxnet

    write("ndarray_creation", results(mxnet))
