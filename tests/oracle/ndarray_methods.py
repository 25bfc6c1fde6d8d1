"""Writes tests/golden/ndarray_methods.json: methods and properties of NDArray, what they refuse, and how arrays print.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.ndarray_methods
"""

import copy
import os
import pickle

import numpy as np

from tests.oracle.scenario import attempt, write

# x is (2, 3), y (2, 3, 4), i int32 (2, 3), e empty (0, 3); one statement's value a line.
CALLS = """
x.shape ; x.ndim ; x.size ; x.dtype.__name__ ; i.dtype.__name__ ; str(x.context) ; str(x.ctx) ; x.stype ; x.grad
x.T ; y.T ; nd.arange(3).T ; x.T.shape ; x.asnumpy().flags.c_contiguous ; x.T.asnumpy().flags.c_contiguous
x.asnumpy().flags.writeable ; x.asscalar() ; y.asscalar() ; nd.array([3]).asscalar() ; e.asscalar() ; e.size ; e.shape
type(nd.array([3]).asnumpy().sum()).__name__ ; type(nd.array([[3]]).asnumpy().mean()).__name__
type(nd.array([3]).asnumpy().max(axis=0)).__name__ ; isinstance((nd.array([3]).asnumpy() == 3).all(), np.bool_)
type(nd.array([3]).asnumpy() @ nd.array([3]).asnumpy()).__name__ ; type(nd.array([3]).asnumpy().squeeze()).__name__
type(np.squeeze(nd.array([[3]]).asnumpy())).__name__ ; nd.array([[3]]).asnumpy().squeeze().shape
x.asnumpy() is x.asnumpy() ; x.handle is None ; x._fresh_grad ; repr(type(x)).split('.')[-1]
x.astype('int32') ; x.astype(np.float16) ; x.astype('float64').dtype.__name__ ; x.astype(np.dtype('uint8'))
x.astype('bool')
x.astype(bool) ; x.astype(int).dtype.__name__ ; x.astype(float).dtype.__name__ ; x.astype('foo')
x.astype('complex64')
x.astype('uint16') ; x.astype('float32') is x ; x.astype('float32', copy=False) is x
x.astype('int8', copy=False) is x
x.astype(None).dtype.__name__ ; nd.array([-1.5, 300, 2.7]).astype('uint8') ; nd.array([-1.5, 300, 2.7]).astype('int8')
nd.array([-1.5, 2.7, -0.2]).astype('int32') ; nd.array([0, 2, -3]).astype('bool') ; (x > 2).astype('bool')
x.astype(i.dtype)
nd.array([3e9]).astype('int64') ; nd.array([1.5]).astype('int32').astype('float32') ; i.astype('float16')
x.astype(dtype='int32')
x.copy() ; x.copy() is x ; x.copyto(nd.zeros((2, 3))) ; x.copyto(nd.zeros((3, 2)))
x.copyto(nd.zeros((2, 3), dtype='int32'))
x.copyto(mx.cpu(1)).context.device_id ; x.copyto(nd.zeros((2, 3), ctx=mx.cpu(1))).context.device_id ; x.copyto(3)
x.copyto(None)
x.copyto(nd.zeros((1, 2, 3))) ; x.as_in_context(mx.cpu()) is x ; x.as_in_context(mx.cpu(1)).context.device_id
x.as_in_context('cpu') ; x.as_in_context(None) ; x.as_nd_ndarray() is x ; x.tostype('default') ; x.tostype('foo')
x.detach() ; x.detach() is x ; x.wait_to_read() ; nd.waitall() ; len(x) ; len(e) ; [v.shape for v in x] ; list(e)
x.reshape((3, 2)) ; x.reshape(3, 2) ; x.reshape([3, 2]) ; x.reshape(-1) ; x.reshape((-1,)).shape ; x.reshape((0, -1))
x.reshape((-1, 0)).shape
x.reshape(shape=(3, 2)) ; x.reshape(shape=6) ; x.reshape(6) ; x.reshape((-2,)).shape ; x.reshape((-3,)).shape
y.reshape((-3, 0)).shape
y.reshape((0, -3)).shape ; y.reshape((-4, 1, 2, -2)).shape ; y.reshape((-4, -1, 2, -2)).shape
y.reshape((0, 0, -1)).shape
y.reshape((-1, 0), reverse=True).shape ; y.reshape((0, -4, -1, 2), reverse=True).shape
y.reshape((2, -4, 3, 1, 4)).shape
y.reshape((-2, 1)).shape ; y.reshape((1, -2)).shape ; x.reshape((4, 2)) ; x.reshape((5,)) ; x.reshape((-1, -1))
x.reshape((-5, 2))
x.reshape((2, 2)) ; x.reshape() ; x.reshape(foo=3) ; x.reshape((3, 2), foo=3) ; x.reshape((3, 2), reverse=3)
x.reshape('a') ; x.reshape(None)
x.reshape((4, -1)) ; x.reshape((0, 0, 0)) ; x.reshape((2.0, 3)) ; x.reshape(np.int64(3), np.int64(2)) ; x.reshape(())
nd.array([5]).reshape(()) ; nd.array([5]).reshape((1, 1, 1)) ; x.reshape(np.array([3, 2])) ; e.reshape((3, 0)).shape
e.reshape((-1,)).shape
x.reshape_like(nd.zeros((3, 2))) ; x.reshape_like(nd.zeros((4, 2)))
y.reshape_like(nd.zeros((6, 4)), lhs_begin=0, lhs_end=2, rhs_begin=0, rhs_end=1).shape
x.expand_dims(0).shape ; x.expand_dims(axis=-1).shape ; x.expand_dims(2).shape ; x.expand_dims(3) ; x.expand_dims(-4)
x.expand_dims()
x.expand_dims(0, inplace=True).shape ; x.expand_dims(-1, inplace=True).shape ; x.expand_dims(5, inplace=True)
shares(x.expand_dims(1, inplace=True), x)
y.flatten().shape ; x.flatten(inplace=True).shape ; nd.arange(3).flatten().shape ; shares(y.flatten(inplace=True), y)
shares(y.flatten(), y)
nd.ones((1, 2, 1)).squeeze().shape ; nd.ones((1, 2, 1)).squeeze(0).shape
nd.ones((1, 2, 1)).squeeze(axis=(0, 2)).shape
nd.ones((1, 2, 1)).squeeze(-1).shape ; nd.ones((1, 2, 1)).squeeze(1) ; nd.ones((1, 1)).squeeze().shape
nd.ones((1, 2, 1)).squeeze(5)
nd.ones((1, 2, 1)).squeeze(inplace=True).shape ; nd.ones((1, 2, 1)).squeeze(0, inplace=True).shape
nd.ones((1, 2, 1)).squeeze(axis=(0, 2), inplace=True).shape
nd.ones((1, 2, 1)).squeeze(1, inplace=True) ; nd.ones((1, 2)).squeeze((0, 0), inplace=True)
shares(v.squeeze(inplace=True), v) ; shares(v.squeeze(), v)
x.broadcast_to((4, 2, 3)).shape ; nd.ones((1, 3)).broadcast_to((2, 3)) ; nd.ones((1, 3)).broadcast_to((2, 0)).shape
nd.ones((1, 3)).broadcast_to((2, 4))
nd.ones((1, 3)).broadcast_to((2, 3)).shape ; nd.ones((1, 3)).broadcast_to(shape=(2, 3)).shape
nd.arange(3).broadcast_to((2, 3)).shape
nd.ones((1, 3)).broadcast_like(x).shape ; nd.ones((1, 3)).broadcast_like(nd.ones((2, 4)))
nd.ones((1, 1)).broadcast_axes(axis=(0, 1), size=(2, 3)).shape
x.transpose() ; x.transpose((1, 0)) ; x.transpose(axes=(1, 0)) ; y.transpose((2, 0, 1)).shape ; y.transpose((2, 0))
y.transpose((0, 0, 1))
y.transpose(2, 0, 1).shape ; x.transpose(1, 0) ; y.transpose((-1, 0, 1)) ; y.swapaxes(0, 2).shape
y.swapaxes(0, -1).shape ; y.swapaxes(dim1=1, dim2=2).shape
x.flip(axis=1) ; x.flip(0) ; x.flip(axis=(0, 1)) ; x.tile((2, 1)).shape ; x.tile(reps=2).shape ; x.repeat(2).shape
x.repeat(repeats=2, axis=1).shape
x.pad(mode='constant', pad_width=(0, 0, 0, 0))
nd.ones((1, 1, 2, 2)).pad(mode='edge', pad_width=(0, 0, 0, 0, 1, 1, 1, 1)).shape
x.split(num_outputs=3, axis=1)[1] ; x.split(3)[0] ; x.split(num_outputs=1).shape ; x.split(2) ; x.split_v2(2)
x.split_v2((1,), axis=1)[1].shape
x.slice(begin=(0, 1), end=(2, 3)) ; x.slice((0, 1), (2, None)) ; x.slice((None, -1), (None, None))
x.slice(begin=(0,), end=(2,), step=(2,))
x.slice_axis(axis=1, begin=0, end=2) ; x.slice_axis(axis=1, begin=-2, end=None) ; x.slice_axis(axis=2, begin=0, end=1)
x.slice_like(nd.zeros((1, 2)))
x.slice_like(nd.zeros((1, 2)), axes=(1,)).shape ; x.slice_assign(nd.zeros((1, 2)), (0, 1), (1, 3), (1, 1))
x.slice_assign_scalar(5, (0, 1), (1, 3), (1, 1)) ; x
x.take(nd.array([0, 1, 1])) ; x.take(nd.array([2]), axis=1) ; x.take(nd.array([5])) ; x.take([0])
x.take(nd.array([-1]), mode='wrap')
x.pick(nd.array([0, 1])) ; x.pick(nd.array([0, 1]), axis=1, keepdims=True) ; nd.array([0, 2]).one_hot(3)
nd.array([0, 2]).one_hot(depth=3, on_value=2, off_value=-1)
x.clip(1, 3) ; x.clip(a_min=1, a_max=3) ; x.clip(1) ; x.abs() ; (-x).abs() ; x.sign() ; x.sqrt() ; x.square()
x.exp() ; x.log() ; x.log2() ; x.log10()
x.log1p() ; x.expm1() ; x.rsqrt() ; x.cbrt() ; x.rcbrt() ; x.reciprocal() ; x.relu() ; x.sigmoid() ; x.tanh()
x.sin() ; x.cos() ; x.tan() ; x.sinh() ; x.cosh()
x.arcsin() ; x.arccos() ; x.arctan() ; x.arcsinh() ; x.arccosh() ; x.arctanh() ; x.degrees() ; x.radians() ; x.round()
(x / 4).rint() ; (x / 4).fix() ; (x / 4).floor()
(x / 4).ceil() ; (x / 4).trunc() ; x.softmax() ; x.softmax(axis=0) ; x.log_softmax() ; x.softmin()
x.softmax(axis=-1, temperature=2) ; x.softmax(-1)
x.sum() ; x.sum(0) ; x.sum(axis=1) ; x.sum(axis=(0, 1)) ; x.sum(axis=1, keepdims=True)
x.sum(axis=1, keepdims=1).shape ; x.sum(axis=0, exclude=True) ; x.sum(2) ; x.sum(axis=-1)
x.mean() ; x.mean(axis=1) ; x.mean(1, True).shape ; x.max() ; x.max(axis=0) ; x.min() ; x.min(axis=1) ; x.prod()
x.prod(axis=1) ; x.nansum() ; x.nanprod(axis=0) ; x.sum().shape
x.norm() ; x.norm(ord=1) ; x.norm(ord=2, axis=1) ; x.norm(1, 0) ; x.norm(ord=3) ; x.argmax() ; x.argmax(axis=1)
x.argmax(1) ; x.argmin(axis=0) ; x.argmax_channel() ; x.argmax(axis=1, keepdims=True)
x.sort() ; x.sort(is_ascend=False) ; x.sort(axis=0, is_ascend=0) ; x.argsort() ; x.argsort(axis=0, is_ascend=False)
x.topk() ; x.topk(k=2) ; x.topk(k=2, ret_typ='value') ; x.topk(k=1, ret_typ='both')
x.topk(axis=0, k=1, ret_typ='mask') ; x.shape_array() ; x.size_array() ; x.zeros_like() ; x.ones_like()
i.ones_like() ; x.diag() ; x.diag(k=1) ; x.diag(-1) ; nd.arange(3).diag()
nd.ones((1, 4, 1, 1)).depth_to_space(2).shape ; nd.ones((1, 1, 2, 2)).space_to_depth(2).shape ; i.sum() ; i.mean()
i.max() ; i.sqrt() ; i.argmax(axis=1) ; i.exp() ; i.softmax()
x.foo ; x.foo() ; x.item() ; x.tolist() ; x.view(3, 2) ; x.dot(x) ; x.std() ; x.asnumpy().tolist() ; x.shape[0]
x.sum().asscalar() ; x.max().asscalar() + 1
x.sum(axis=1, foo=3) ; x.exp(foo=3) ; x.sum(axis='a') ; x.mean(axis=1.5) ; x.sum(keepdims='a') ; x.clip('a', 3)
x.astype() ; x.copyto() ; x.sum(1, 2, 3, 4, 5, 6)
nd.exp(2) ; nd.exp([1, 2]) ; nd.exp(np.ones(2)) ; nd.exp(None) ; nd.exp() ; nd.exp('a') ; nd.exp(x, x, x, x)
nd.dot(x) ; nd.dot(x, 2) ; nd.dot(x, None) ; nd.dot(x, np.ones((3, 2)))
nd.concat(x, 2) ; nd.concat([x, x]) ; nd.concat() ; nd.concat(x, x, axis=0) ; nd.concat(x, x, dim=0).shape
nd.stack(x, x, axis=1).shape ; nd.stack(*[x, x]).shape ; nd.add_n(x, x, x)
nd.FullyConnected(x, nd.ones((2, 3)), num_hidden=2, no_bias=True)
nd.FullyConnected(x, nd.ones((2, 3)), num_hidden=2) ; nd.FullyConnected(x, num_hidden=2)
nd.FullyConnected(x, nd.ones((2, 3)), no_bias=True)
nd.FullyConnected(x, nd.ones((2, 4)), num_hidden=2, no_bias=True)
nd.FullyConnected(x, weight=nd.ones((2, 3)), bias=nd.ones(2), num_hidden=2)
nd.FullyConnected(data=x, weight=nd.ones((2, 3)), no_bias=1, num_hidden='2')
nd.FullyConnected(x, nd.ones((2, 3)), nd.ones(2), num_hidden=2, no_bias=True)
nd.FullyConnected(x, nd.ones((2, 3)), None, 2, True) ; nd.Activation(x, 'relu') ; nd.Activation(x, act_type='foo')
nd.Activation(x)
nd.sum(x, axis=1, name='s') ; nd.sum(data=x, axis=1) ; nd.sum(x, ctx=mx.cpu()) ; nd.relu(data=x)
nd.broadcast_add(lhs=x, rhs=x) ; nd.broadcast_add(x, x, x) ; nd.elemwise_add(x, nd.ones((2, 1)))
nd.elemwise_add(x, i) ; nd.dot(x, i.T) ; nd.concat(x, i, dim=0) ; nd.where(x > 2, x, i) ; nd.broadcast_mul(x, i)
nd.zeros_like(i).dtype.__name__ ; nd.slice_axis(x, 1, 0, 2) ; nd.slice_axis(x, 1)
pickle.loads(pickle.dumps(x)) ; pickle.loads(pickle.dumps(i)).dtype.__name__
pickle.loads(pickle.dumps(x.as_in_context(mx.cpu(1)))).context.device_id ; pickle.loads(pickle.dumps(e)).shape
pickle.loads(pickle.dumps([x, x]))[1] ; pickle.loads(pickle.dumps(x[0])) ; copy.deepcopy(x) ; copy.copy(x)
copy.deepcopy(x) is x ; shares(copy.deepcopy(x), x) ; shares(copy.copy(x), x)
copy.deepcopy(x.as_in_context(mx.cpu(1))).context.device_id ; x.asnumpy().dtype.name ; i.asnumpy().dtype.name
(x > 2).asnumpy().dtype.name ; isinstance(x, mx.nd.NDArray) ; type(x).__name__ ; x.__class__.__module__.split('.')[1:]
x._at(1) ; x._at(2) ; x._slice(0, 1) ; x._slice(1, 5).shape ; x._full(3) ; x._sync_copyfrom(np.ones((2, 3)))
x._sync_copyfrom(np.ones((3, 2))) ; x._sync_copyfrom([1]) ; x.__reduce__()[0] is None
"""
OUTS = """
nd.exp(x, out=o) ; nd.sum(x, axis=1, out=nd.zeros(2)) ; nd.sum(x, axis=1, out=nd.zeros(3))
nd.sum(x, axis=1, out=nd.zeros((2, 1))) ; nd.exp(x, out=nd.zeros((2, 3), dtype='int32'))
nd.exp(x, out=x) ; nd.exp(x, out=x) is x ; nd.exp(x, out=o) is o ; nd.split(x, 3, out=[a, b, c])[1]
nd.split(x, 3, out=[a, b]) ; nd.elemwise_add(x, x, out=x) ; nd.broadcast_add(x, x, out=x)
nd.dot(x, x.T, out=nd.zeros((2, 2))) ; nd.concat(x, x, dim=0, out=nd.zeros((4, 3))) ; nd.exp(x, out=x[0])
nd.exp(x[0], out=x[1]) ; nd.exp(x[0:1], out=x[1:2]) ; nd.exp(x, out=None) ; nd.exp(x, out=3) ; nd.exp(x, out=[o])
x.exp(out=o) ; x.sum(axis=1, out=a) ; nd.random.uniform(shape=(2, 3), out=o).shape ; nd.random.uniform(out=o).shape
nd.random.normal(0, 1, out=o) is o ; nd.zeros((2, 3), out=o) ; nd.ones((2, 3), out=o) ; nd.full((2, 3), 7, out=o)
nd.topk(x, k=1, ret_typ='both', out=[nd.zeros((2, 1)), nd.zeros((2, 1))])[1]
nd.sgd_update(x, nd.ones((2, 3)), lr=0.5, out=x) ; nd.sgd_update(x, nd.ones((2, 3)), lr=0.5) ; nd.clip(x, 1, 2, out=x)
nd.exp(out=o, data=x)
nd.exp(x, out=o[0:1]) ; nd.exp(x, out=nd.zeros((2, 3), ctx=mx.cpu(1))).context.device_id
nd.cast(x, dtype='int32', out=o) ; nd.cast(x, dtype='int32', out=nd.zeros((2, 3), dtype='int32'))
nd._internal._copyto(x, out=o) ; nd._internal._copyto(x, out=o) is o ; nd._internal._copyto(x, x) is x
nd._internal._copyto(x, out=nd.zeros((2, 3), dtype='int32')) ; nd._internal._copyto(x, out=nd.zeros((3, 2)))
nd._internal._copyto(x, out=nd.zeros((2, 3), ctx=mx.cpu(1))).context.device_id ; nd._internal._copyto(x)
nd._internal._copyto(x.tostype('csr'), out=o) ; nd._internal._copyto(data=x, out=nd.sparse.zeros('csr', (2, 3))).stype
nd._internal._copyto(3, out=o)
nd._internal._set_value(2.5, out=o) ; nd._internal._set_value(2.5, out=o) is o ; nd._internal._set_value(src=3, out=o)
nd._internal._set_value(2.7, out=nd.zeros(2, dtype='int32')) ; nd._internal._set_value(3)
nd._internal._set_value('a', out=o) ; nd._internal._set_value(float('nan'), out=o)
nd._internal._onehot_encode(nd.array([2, 0]), o, out=o) ; nd._internal._onehot_encode(nd.array([2, 0]), o)
nd._internal._onehot_encode(nd.array([2, 0]), o, out=o) is o ; nd._internal._onehot_encode(nd.array([1, 7]), o)
nd._internal._onehot_encode(nd.array([1, 2, 0]), o) ; nd._internal._onehot_encode(lhs=nd.array([1, 2]), rhs=o)
nd._internal.CachedOp is nd.CachedOp
"""
PRINTED = """
x ; y ; i ; e ; x.astype('float16') ; x.astype('float64') ; x.astype('int8') ; x.astype('uint8') ; x.astype('int64')
x.astype('bool') ; nd.array([3]) ; nd.array([1.5]) ; nd.zeros((1, 1))
nd.array([0.1, 1e-8, 1e8]) ; nd.array([1, 1000000]) ; nd.array([float('nan'), float('inf'), -float('inf')])
nd.zeros((2000,)) ; nd.zeros((100, 100)) ; nd.arange(1200).reshape((30, 40)) ; nd.array([-0.0, 1e-30])
nd.arange(5).as_in_context(mx.cpu(1))
nd.zeros((0,)) ; nd.zeros((2, 0, 3)) ; nd.array([1.0 / 3]) ; nd.array([1 / 3.0], dtype='float64')
nd.array([1 / 3.0], dtype='float16') ; x[0] ; x[0, 1] ; x[:, 1] ; nd.arange(3).reshape((1, 3, 1, 1))
nd.array([123456789], dtype='int64') ; nd.array([1e10], dtype='float64')
"""


def entries(text):
    """The pieces between line ends and semicolons."""
    return [piece.strip() for line in text.strip().splitlines() for piece in line.split(" ; ")]


def results(mx):
    nd = mx.nd

    def shares(one, other):
        one[:] = -7
        return bool((other.asnumpy() == -7).all())

    def scope():
        x = nd.array([[3, 1, 2], [6, 5, 4]])
        return {
            "mx": mx,
            "nd": nd,
            "np": np,
            "copy": copy,
            "pickle": pickle,
            "shares": shares,
            "x": x,
            "y": nd.arange(24).reshape((2, 3, 4)),
            "i": nd.array([[3, 1, 2], [6, 5, 4]], dtype="int32"),
            "e": nd.ones((2, 3))[1:1],
            "o": nd.zeros((2, 3)),
            "v": nd.ones((1, 2, 1)),
            "a": nd.zeros((2, 1)),
            "b": nd.zeros((2, 1)),
            "c": nd.zeros((2, 1)),
        }

    found = {}
    for text in entries(CALLS):
        names = scope()
        found[text] = attempt(lambda: eval(text, names))
    for text in entries(OUTS):
        mx.random.seed(1)
        names = scope()
        found[text] = attempt(lambda: [eval(text, names), names["x"], names["o"]])
    for text in entries(PRINTED):
        for way in (repr, str):
            names = scope()
            found["%s(%s)" % (way.__name__, text)] = attempt(lambda: way(eval(text, names)))
    return found


if __name__ == "__main__":
    os.environ["MXNET_ENGINE_TYPE"] = "NaiveEngine"  # so that errors come where they belong
    import mxnet

    write("ndarray_methods", results(mxnet))
