"""Writes tests/golden/operator_calls.json: calls of operators as users write them, one value a line.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.operator_calls
"""

import os

import numpy as np

from tests.oracle.scenario import plain, write

# r(shape..., low, high, dtype) is an array of random values, the same on both sides. Lines that start with a letter
# and a colon are run in all dtypes of DTYPES[letter] as d.
DTYPES = {"N": ("float16", "float32", "float64", "uint8", "int8", "int32", "int64"), "F": ("float32", "float64")}
CALLS = """
nd.Dropout(r(2, 3), axes=None).shape
nd.slice(r(3, 4), begin=(0, 1), end=(2, 3), step=None)
nd.broadcast_axis(r(1, 3), axis=None, size=None)
nd.Reshape(r(2, 3), shape=(3, 2), target_shape=None)
nd.contrib.AdaptiveAvgPooling2D(r(1, 2, 4, 4), output_size=None)
nd.Deconvolution(r(1, 1, 3, 3), r(1, 1, 2, 2), kernel=(2, 2), num_filter=1, target_shape=None, no_bias=True)
nd.Crop(r(1, 1, 4, 4), offset=None, h_w=(2, 2))
nd.reverse(r(2, 3), axis=(1, 1))
nd.reverse(r(2, 3), axis=(1, 0, 1))
nd.reverse(r(2, 3), axis=2)
nd.contrib.MultiBoxPrior(r(1, 2, 2, 3, 5), sizes=(0.5,), ratios=(1,))
nd.contrib.MultiBoxPrior(r(2, 2, 3), sizes=(0.5,), ratios=(1,))
nd.contrib.box_nms(nd.ones((1, 2, 8)), coord_start=2, score_index=7, id_index=4)
nd.contrib.box_nms(nd.ones((1, 2, 8)), coord_start=2, score_index=5, id_index=0)
nd.contrib.box_nms(nd.ones((1, 2, 8)), coord_start=2, score_index=0, id_index=0)
nd.contrib.interleaved_matmul_selfatt_valatt(r(3, 2, 12), r(4, 1, 3), heads=2)
mx.sym.split_v2(mx.sym.var('a'), 1, name='o').list_outputs()
mx.sym.split(mx.sym.var('a'), 1, name='o').list_outputs()
mx.sym.multi_sgd_update(mx.sym.var('a'), mx.sym.var('b'), lrs=(1,), wds=(1,), num_weights=1, name='o').list_outputs()
learned(lambda x: nd.LayerNorm(x, nd.ones(4), nd.ones(4), output_mean_var=True))
learned(lambda x: nd.LayerNorm(x, nd.ones(4), nd.ones(4), output_mean_var=True)[1:])
learned(lambda x: nd.GroupNorm(x, nd.ones(3), nd.ones(3), num_groups=3, output_mean_var=True))
learned(lambda x: nd.BatchNorm(x, nd.ones(3), nd.ones(3), nd.zeros(3), nd.ones(3), output_mean_var=True))
learned(lambda x: nd.BatchNorm(x, nd.ones(3), nd.ones(3), nd.zeros(3), nd.ones(3), output_mean_var=True)[2:])
learned(lambda x: nd.topk(x, ret_typ='both', k=2))
learned(lambda x: nd.topk(x, ret_typ='both', k=2)[1:])
nd.slice_like(r(3, 4, 5), nd.zeros((2, 3)), axes=(-2,))
nd.slice_like(r(3, 4, 5), nd.zeros((2, 3)), axes=(0, -1))
nd.slice_like(r(3, 4, 5), nd.zeros((2, 3, 3)), axes=(0, -1))
nd.repeat(r(2, 3), repeats=0, axis=1).shape
type(nd.histogram(r(5), bins=3, range=(0, 1))).__name__
type(nd.histogram(r(5), bins=nd.array([0, 1]))).__name__
type(nd.histogram(r(5), bins=3)).__name__
nd.gather_nd(r(2, 3), nd.array([[0, 1], [0, -7]])).asnumpy()
nd.gather_nd(r(2, 3), nd.array([[5, 1], [0, 1]])).asnumpy()
nd.concat(r(2), r(2), num_args=2, dim=0)
nd.concat(r(2), r(2), num_args=3, dim=0)
nd.stack(r(2), r(2), num_args=1)
nd.add_n(r(2), r(2), num_args=1)
nd.broadcast_axis(r(1, 3), axis=0, size=-1)
nd.broadcast_axis(r(1, 3), axis=0, size=-2)
nd.sample_multinomial(nd.array([0.3, 0.7]), shape=-1)
nd.sample_multinomial(nd.array([0.3, 0.7]), shape=0).shape
nd.concatenate([])
nd.concatenate([r(2), r(2, dtype='int32')])
nd.concatenate([r(2), r(2, 1)])
mx.sym.contrib.allclose(mx.sym.var('a'), mx.sym.var('b')).infer_type(a='float32', b='float32')[1][0].__name__
[t.__name__ for t in mx.sym.batch_take(mx.sym.var('a'), mx.sym.var('i')).infer_type(a='float64')[0]]
nd.Pooling(r(1, 1, 3, 4, 4, dtype='float16'), kernel=(2, 2, 2), pool_type='avg')
nd.Pooling(r(1, 1, 3, 4, 4, dtype='float16'), kernel=(2, 3, 2), pool_type='sum', stride=(1, 2, 2))
finite(nd.zeros(1), r(3))
finite(nd.ones(1), r(3), r(2))
finite(nd.ones(1), r(3), nd.array([np.inf]))
nd.all_finite(nd.array([1, 2], dtype='int32'))
nd.all_finite(r(2), init_output=False, out=nd.ones(1))
nd.multi_all_finite(r(2), num_arrays=2)
nd.all_finite(r(2), foo=2)
read_only(np.ones(3, 'float32'))
nd.from_numpy(np.array((1,)).reshape(())).shape
nd.from_numpy(np.zeros((1, 0, 2))).shape
with_np_shape(lambda: nd.zeros((2, 3))[0, 0].shape)
with_np_shape(lambda: nd.arange(3)[1])
with_np_shape(lambda: nd.zeros((2, 3))[0].shape)
N: -nd.array([1, 2, 3], dtype=d)
N: nd.array([100, 7, 120], dtype=d) + nd.array([100, 7, 120], dtype=d)
N: nd.array([100, 7, 120], dtype=d) * 3
N: nd.array([100, 7, 120], dtype=d) / 7
N: 7 % nd.array([100, 3, 120], dtype=d)
N: nd.array([1, 2, 5], dtype=d) + 1.7
N: 1.7 - nd.array([1, 2, 5], dtype=d)
N: nd.array([1, 2, 5], dtype=d) > 1.5
N: nd.maximum(nd.array([1, 2, 5], dtype=d), 2.7)
N: nd.array([1, 2, 5], dtype=d).mean()
N: nd.array([100, 100, 100], dtype=d).sum()
N: nd.array([[1, 2], [3, 4]], dtype=d).prod(axis=-1, keepdims=True)
N: nd.argmax(nd.array([[1, 3, 3], [2, 2, 2]], dtype=d), axis=1)
N: nd.topk(nd.array([3, 1, 2], dtype=d), k=2, ret_typ='both')
N: nd.one_hot(nd.array([1, 0, 5], dtype=d), 3)
N: nd.take(nd.arange(4), nd.array([3, 0], dtype=d))
N: nd.where(nd.array([0, 1, 1], dtype=d), nd.array([1, 2, 3], dtype=d), nd.array([4, 5, 6], dtype=d))
N: nd.clip(nd.array([1, 2, 100], dtype=d), 1.5, 50.5)
N: nd.cumsum(nd.array([[100, 100], [1, 2]], dtype=d), axis=1)
N: nd.full((2,), 3.7, dtype=d)
F: nd.norm(nd.array([[3, -4], [0, 0]], dtype=d), ord=1, axis=1)
F: nd.moments(nd.array([[1, 2, 3], [4, 5, 9]], dtype=d), axes=(0,))
F: nd.linalg.gemm2(r(3, 2, 5, dtype=d), r(5, 2, 4, dtype=d), axis=-3)
F: nd.linalg.gemm(r(2, 5, 3, dtype=d), r(3, 5, 4, dtype=d), r(2, 5, 4, dtype=d), axis=1, alpha=2, beta=0.5)
F: nd.linalg.extracttrian(r(3, 3, dtype=d), offset=-1, lower=False)
F: nd.linalg.maketrian(r(3, dtype=d), offset=1)
F: nd.random_pdf_normal(r(2, 3, dtype=d), nd.array([0, 1], dtype=d), nd.array([1, 2], dtype=d), is_log=True)
nd.random.uniform(nd.array([[0, 10], [2, 3]]), nd.array([[1, 20], [3, 4]]), shape=(2, 2))
nd.random.uniform(nd.array([0, 10]), 1, shape=3)
nd.random.uniform(0, 1, shape=(2,), out=nd.zeros(3))
nd.random.uniform(2, 1, shape=(3,))
nd.random.uniform(shape=(2,), dtype='int32')
nd.random.normal(nd.array([0, 100]), nd.array([1, 2]), shape=(2,))
nd.random.normal(0, -1, shape=(2,))
nd.random.gamma(nd.array([1, 10]), nd.array([1, 0.1]), shape=2)
nd.random.poisson(nd.array([1, 10]), shape=3)
nd.random.negative_binomial(nd.array([5, 6]), nd.array([0.5, 0.1]), shape=2)
nd.random.generalized_negative_binomial(mu=2, alpha=0.5, shape=(4,))
nd.random.multinomial(nd.array([[0.1, 0.2, 0.7], [0.9, 0.05, 0.05]]), shape=4, get_prob=True)
nd.random.randint(-5, 5, shape=(5,), dtype='int64')
nd.random.randint(10, 0, shape=(2,))
nd.random.randint(0, 10.5)
nd.random.randn(2, loc=nd.array([1, 2]), scale=nd.array([1, 2]))
nd.random.shuffle(nd.arange(12).reshape((4, 3)))
nd.take(r(4, 5), nd.array([[0, 9], [-1, -7]]), axis=-1, mode='wrap')
nd.take(r(4, 5), nd.array([0, 9]), mode='raise').asnumpy()
nd.pick(r(3, 4), nd.array([0, 1, 5]), mode='wrap')
nd.scatter_nd(r(2), nd.array([[0, 2], [1, 1]], dtype='int32'), shape=(3, 3))
nd.unravel_index(nd.array([22, 41, 37]), shape=(-1, 6))
nd.reshape_like(nd.zeros((30, 12)), nd.zeros((4, 2, 2, 3)), lhs_begin=-1, rhs_begin=1).shape
nd.broadcast_like(r(1, 2, 1), r(9, 3), lhs_axes=(0, -1), rhs_axes=(-1, 0)).shape
nd.slice(r(3, 4, 5), begin=(-1, 0, 4), end=(-4, 2, 0), step=(-1, 1, -2))
nd.split_v2(r(5, 6), (2, 2))[1].shape
nd.split_v2(r(1, 6), 1, squeeze_axis=True).shape
nd.khatri_rao(r(2, 3), r(4, 3), r(1, 3))
nd.diag(r(2, 3, 4), k=1, axis1=-1, axis2=0)
nd.sum(r(2, 3), axis='(0,1)')
nd.sum(r(2, 3), axis=(0, 0))
nd.sum(r(2, 3), axis=2)
nd.elemwise_add(r(2), r(2), r(2))
nd.elemwise_add(r(2), 1)
nd.sum()
sym.elemwise_add(sym.arange(0, None, infer_range=True), sym.zeros(shape=[5])).bind(mx.cpu(), {}).forward()
sym.elemwise_add(sym.arange(5, infer_range=True), sym.var('x')).infer_shape(x=(4,))
sym.elemwise_add(sym.arange(5, infer_range=True), sym.var('x')).eval(x=nd.ones(4))
sym.elemwise_add(sym.arange(5, step=-0.3, infer_range=True), sym.var('x')).eval(x=nd.ones(7))
sym.elemwise_add(sym.arange(5, step=2, repeat=2, infer_range=True), sym.var('x')).eval(x=nd.ones(4))
sym.arange(5, infer_range=True).eval()
with_np_shape(lambda: sym.concat(sym.var('a'), sym.var('b'), dim=1).infer_shape(a=(2, 0), b=(2, 3)))
with_np_shape(lambda: sym.broadcast_add(sym.var('a'), sym.var('b')).infer_shape(a=(1, 2), b=(0, 2)))
with_np_shape(lambda: (sym.var('a') + sym.var('b')).infer_shape(a=(), b=()))
with_np_shape(lambda: (sym.var('a') + sym.var('b')).infer_shape_partial(a=(2, -1)))
with_np_shape(lambda: sym.transpose(sym.ones(shape=[1, -1])).infer_shape_partial())
with_np_shape(lambda: sym.elemwise_add(sym.ones(shape=[1, -1]), sym.ones(shape=[-1, 2])).infer_shape())
with_np_shape(lambda: sym.elemwise_add(sym.ones(shape=[1, -1]), sym.ones(shape=[-1, 2])).eval())
with_np_shape(lambda: sym.zeros((0, 2)).infer_shape())
with_np_shape(lambda: sym.zeros((0, 2)).eval())
"""


def results(mx):
    nd = mx.nd

    def r(*shape, low=-2, high=2, dtype="float32"):
        return nd.array(np.random.RandomState(3).uniform(low, high, shape), dtype=dtype)

    def finite(out, *arrays):
        nd.multi_all_finite(*arrays, num_arrays=len(arrays), init_output=False, out=out)
        return out

    def read_only(source):
        array = nd.from_numpy(source)
        array[1] = 7
        array.wait_to_read()
        return source.flags.writeable, array, source.tolist(), nd.from_numpy(source)

    def with_np_shape(function):
        with mx.np_shape(True):
            return function()

    def learned(function):
        """The gradient of what gives several outputs, all heads at once."""
        x = r(2, 3, 4)
        x.attach_grad()
        with mx.autograd.record():
            found = function(x)
        mx.autograd.backward(found, [nd.arange(y.size).reshape(y.shape) for y in found])
        return x.grad

    names = dict(
        mx=mx,
        learned=learned,
        nd=nd,
        sym=mx.sym,
        np=np,
        r=r,
        finite=finite,
        read_only=read_only,
        with_np_shape=with_np_shape,
    )

    def found(text, **more):
        mx.random.seed(42)
        try:
            return plain(eval(text, dict(names, **more)))
        except Exception as error:
            kinds = [kind for kind in (IndexError, mx.MXNetError) if isinstance(error, kind)]
            return {"raises": (kinds or [type(error)])[0].__name__}

    by_line = {}
    for line in filter(None, CALLS.splitlines()):
        letter, _, text = line.partition(": ")
        dtypes = DTYPES.get(letter)
        by_line[line] = found(line) if dtypes is None else {d: found(text, d=d) for d in dtypes}
    return by_line


if __name__ == "__main__":
    os.environ["MXNET_ENGINE_TYPE"] = "NaiveEngine"  # so that errors come where they belong
    os.environ["MXNET_MKLDNN_ENABLED"] = "0"
    import mxnet

    write("operator_calls", results(mxnet))
