"""Symbols of mx.np and mx.npx: what functions, methods and indices write down; shapes, executors, graphs of Blocks.

Run from the repository's root with an interpreter that has mxnet==1.9.1: PYTHON -m tests.oracle.numpy_symbols
"""

import copy  # noqa: F401 - of expressions
import json
import os
import pickle  # noqa: F401
import tempfile
import warnings

import numpy

from tests.oracle.scenario import plain, write

SYMBOLS = """
x
repr(x)
repr(mx.sym.Group([x,y]))
mx.sym.var('a')
len(x)
len(two)
x[0]
x[-1]
x[1:3]
x[::2]
x[::-1]
x[None]
x[...]
x[0, 1]
x[0, 1:2]
x[:, None]
x[..., 0]
x[1, ...]
x[()]
x[(slice(None), -1)]
x[onp.int64(2)]
x[True]
x[y]
x['x']
x[[0,1]]
x[:, ::-1]
x[5:2]
x[0:0]
x[-2:]
two[0]
two[1]
two[-1]
two[5]
two[0:1]
two[0:2]
two[None]
two['split0_output0']
two[0, 1]
two[...]
two[onp.int32(1)]
list(two)
list(x)
[q for q in two]
x.num_outputs
two.num_outputs
two.name
x.name
x.T
-x
+x
abs(x)
~x
x + 1
1 + x
x - 1
1 - x
x * 2
2.5 * x
x / 2
2 / x
x // 2
x % 2
2 % x
x ** 2
2 ** x
x @ y
x & y
x | y
x ^ y
x << y
x + y
x - y
x * y
x / y
x % y
x ** y
x == y
x != y
x > y
x >= 1
x < 1.5
1 < x
x <= y
x == None
x != None
x == 'a'
x + True
x + onp.float32(1.5)
x + onp.int64(2)
onp.float32(1) + x
x + None
x + 'a'
bool(x)
x.__idiv__(1)
x.__itruediv__(1)
x.__iadd__(1)
x.__div__(2)
x.__rdiv__(2)
x.__setitem__(0, 1)
x.as_nd_ndarray()
x.as_np_ndarray() is x
x.as_nd_ndarray().as_np_ndarray()
x.get_internals()
(x+1).get_internals()
(x+1).get_children()
(x+1)['_plus_scalar0_output']
np.exp(x).get_internals()['exp0_output']
copy.deepcopy(x+1)
copy.copy(x+1)
pickle.loads(pickle.dumps(x+1))
mx.sym.load_json((x+1).tojson())
x.sum()
x.sum(axis=1, keepdims=True)
x.sum(1, 'float64')
x.mean()
x.mean(axis=(0,1), dtype='float64')
x.std(ddof=1)
x.var(0)
x.prod()
x.max(1)
x.min(axis=0, keepdims=True)
x.argmax()
x.argmax(1)
x.argmin(axis=-1)
x.argsort()
x.argsort(0)
x.argsort(0, 'a')
x.sort()
x.sort(axis=None)
x.clip(0, 1)
x.clip(0)
x.clip()
x.cumsum()
x.cumsum(1, 'float32')
x.dot(y)
x.reshape(2, 3)
x.reshape((2, 3))
x.reshape(-1)
x.reshape([2, -1])
x.reshape()
x.reshape(shape=(2,3))
x.reshape((2,3), order='C')
x.reshape((2,3), order='F')
x.reshape(newshape=(2,3))
x.transpose()
x.transpose(1, 0)
x.transpose((1, 0))
x.transpose(None)
x.transpose([1,0])
x.swapaxes(0, 1)
x.repeat(2)
x.repeat(2, axis=1)
x.repeat([1,2], axis=1)
x.round()
x.round(2)
x.squeeze()
x.squeeze(0)
x.squeeze((0,1))
x.take(y)
x.take(y, axis=0)
x.take(y, axis=0, mode='clip')
x.take(y, 0, 'wrap')
x.flatten()
x.flatten('F')
x.diag()
x.diag(1)
x.astype('float64')
x.astype(onp.int32)
x.astype('float64', copy=False)
x.astype('float64', order='C')
x.astype(bool)
x.astype('foo')
x.exp()
x.abs()
x.tanh()
x.split(2)
x.expand_dims(1)
x.tile(2)
x.flip(0)
x.norm()
x.broadcast_to((2,3))
x.zeros_like()
x.ones_like()
x.relu()
x.softmax()
x.one_hot(3)
x.pick(y)
x.topk()
x.slice(0,1)
x.nansum()
x.all()
x.any()
x.copy()
x.item()
x.tolist()
x.asnumpy()
x.asscalar()
x.wait_to_read()
x.detach()
x.backward()
x.as_in_context(mx.cpu())
x.shape
x.dtype
x.ndim
x.size
x.nonzero()
x.ravel()
x.attach_grad()
x.std(0, None, None, 1)
"""
FUNCTIONS = """
np.abs(x)
np.fabs(x)
np.absolute(x)
np.negative(x)
np.bitwise_not(x)
np.invert(x)
np.logical_not(x)
np.around(x)
np.around(x, 2)
np.round(x, 1)
np.round_(x, decimals=1)
np.rint(x)
np.deg2rad(x)
np.rad2deg(x)
np.degrees(x)
np.radians(x)
np.nan_to_num(x)
np.nan_to_num(x, nan=1.0, posinf=2.0, neginf=-2.0)
np.nan_to_num(x, copy=False)
np.clip(x, 0, 1)
np.clip(x, None, 1)
np.clip(x, 0, None)
np.exp(x, out=y)
np.exp(x, where=False)
np.exp(1.0)
np.exp('a')
np.exp(s)
np.exp(None)
np.add(x, y)
np.add(x, 1)
np.add(2, x)
np.add(1, 2)
np.add(x, s)
np.add(x, 'a')
np.subtract(x, 1)
np.subtract(1, x)
np.multiply(x, 2)
np.divide(x, 2)
np.divide(2, x)
np.true_divide(x, y)
np.mod(x, 2)
np.mod(2, x)
np.remainder(x, y)
np.power(x, 2)
np.power(2, x)
np.maximum(x, y)
np.maximum(x, 1)
np.maximum(1, x)
np.minimum(x, y)
np.minimum(x, 1)
np.hypot(x, y)
np.hypot(x, 1)
np.hypot(1, x)
np.arctan2(x, y)
np.arctan2(x, 1)
np.arctan2(1, x)
np.copysign(x, y)
np.copysign(x, 1)
np.copysign(1, x)
np.ldexp(x, y)
np.ldexp(x, 1)
np.ldexp(1, x)
np.lcm(x, y)
np.lcm(x, 2)
np.bitwise_and(x, y)
np.bitwise_and(x, 1)
np.bitwise_or(x, 1)
np.bitwise_xor(x, y)
np.equal(x, 1)
np.equal(1, x)
np.not_equal(x, y)
np.greater(x, 1)
np.greater(1, x)
np.greater_equal(1, x)
np.less(1, x)
np.less_equal(x, 2.5)
np.sum(x)
np.sum(x, axis=1)
np.sum(x, axis=(0, 1), keepdims=True)
np.sum(x, dtype='float64')
np.sum(x, initial=1)
np.prod(x, axis=0)
np.product(x)
np.mean(x)
np.mean(x, axis=1, keepdims=True)
np.mean(x, dtype='float64')
np.std(x)
np.std(x, axis=0, ddof=1)
np.var(x)
np.var(x, axis=0, dtype='float64', keepdims=True)
np.max(x)
np.max(x, axis=1)
np.amax(x, 0)
np.min(x, axis=1, keepdims=True)
np.amin(x)
np.argmax(x)
np.argmax(x, axis=1)
np.argmin(x, 0)
np.any(x)
np.any(x, axis=0, keepdims=True)
np.all(x)
np.all(x, axis=(0, 1))
np.sometrue(x)
np.cumsum(x)
np.cumsum(x, axis=1)
np.cumsum(x, axis=1, dtype='int64')
np.percentile(x, 50)
np.percentile(x, y, axis=0, interpolation='lower', keepdims=True)
np.quantile(x, 0.5)
np.quantile(x, y)
np.bincount(x)
np.bincount(x, y, 3)
np.bincount(x, weights=y)
np.diff(x)
np.diff(x, 2, 0)
np.ediff1d(x)
np.ediff1d(x, to_end=1, to_begin=y)
np.ediff1d(x, to_end=y)
np.dot(x, y)
np.matmul(x, y)
np.tensordot(x, y)
np.tensordot(x, y, 1)
np.tensordot(x, y, axes=([0], [1]))
np.tensordot(x, y, axes=((0, 1), (1, 0)))
np.tensordot(x, y, axes=(0, 1))
np.inner(x, y)
np.outer(x, y)
np.vdot(x, y)
np.einsum('ij,jk->ik', x, y)
np.einsum('ij->ji', x, optimize=True)
np.polyval(x, y)
np.trace(x)
np.trace(x, offset=1, axis1=1, axis2=0)
np.reshape(x, (2, 3))
np.reshape(x, -1)
np.reshape(x, newshape=(2, 3), order='C')
np.reshape(x, (2, 3), order='F')
np.ravel(x)
np.ravel(x, 'F')
np.transpose(x)
np.transpose(x, (1, 0))
np.moveaxis(x, 0, 1)
np.moveaxis(x, (0, 1), (1, 0))
np.swapaxes(x, 0, 1)
np.squeeze(x)
np.squeeze(x, 0)
np.squeeze(x, axis=(0, 1))
np.expand_dims(x, 1)
np.expand_dims(x, -1)
np.broadcast_to(x, (2, 3))
np.broadcast_to(x, 3)
np.atleast_1d(x)
np.atleast_2d(x)
np.atleast_3d(x, y)
np.concatenate([x, y])
np.concatenate((x, y), axis=1)
np.concatenate([x, y], axis=None)
np.concatenate(x)
np.append(x, y)
np.append(x, y, axis=0)
np.stack([x, y])
np.stack([x, y], axis=1)
np.vstack([x, y])
np.row_stack([x, y])
np.hstack([x, y])
np.dstack([x, y])
np.column_stack([x, y])
np.split(x, 2)
np.split(x, 3, axis=1)
np.split(x, [1, 3], axis=1)
np.split(x, (1,))
np.array_split(x, 3)
np.array_split(x, [1, 2])
np.vsplit(x, 2)
np.vsplit(x, [1])
np.hsplit(x, 2)
np.hsplit(x, (1, 2))
np.dsplit(x, 2)
np.flip(x)
np.flip(x, 0)
np.flip(x, axis=(0, 1))
np.flipud(x)
np.fliplr(x)
np.roll(x, 1)
np.roll(x, 1, axis=0)
np.roll(x, (1, 2), axis=(0, 1))
np.rot90(x)
np.rot90(x, 2, axes=(1, 0))
np.sort(x)
np.sort(x, axis=0)
np.sort(x, axis=None)
np.argsort(x)
np.argsort(x, axis=0)
np.argsort(x, axis=None)
np.tile(x, 2)
np.tile(x, (2, 3))
np.tile(2, 3)
np.repeat(x, 2)
np.repeat(x, 2, axis=0)
np.pad(x, ((1, 1), (2, 2)), mode='constant')
np.pad(x, ((1, 1),), mode='constant', constant_values=3)
np.pad(x, ((1, 1),), mode='edge')
np.pad(x, ((1, 1),), mode='reflect')
np.pad(x, ((1, 1),), mode='symmetric')
np.pad(x, ((1, 1),), mode='maximum')
np.pad(x, ((1, 1),), mode='minimum')
np.pad(x, 1)
np.pad(x, (1, 2))
np.insert(x, 1, y)
np.insert(x, 1, 5)
np.insert(x, slice(0, 2), y, axis=0)
np.insert(x, z, y, axis=1)
np.delete(x, 1)
np.delete(x, slice(0, 2), axis=0)
np.delete(x, z, axis=1)
np.diag(x)
np.diag(x, 1)
np.diag(x, k=-1)
np.diagflat(x)
np.diagflat(x, 1)
np.diagonal(x)
np.diagonal(x, 1, 1, 0)
np.tril(x)
np.tril(x, -1)
np.diag_indices_from(x)
np.take(x, y)
np.take(x, y, axis=1)
np.take(x, y, axis=1, mode='clip')
np.copy(x)
np.where(x, y, z)
np.where(x, y, 1)
np.where(x, 2.0, y)
np.where(x, 1, 2)
np.unravel_index(x, (2, 3))
np.resize(x, (2, 3))
np.shares_memory(x, y)
np.may_share_memory(x, x)
np.zeros((2, 3))
np.zeros(3)
np.zeros((2, 3), dtype='int32')
np.zeros((2, 3), ctx=mx.cpu(1))
np.zeros(())
np.ones((2, 3))
np.ones(2, dtype=onp.float64)
np.full((2, 3), 5)
np.full((2, 3), 5.5, dtype='float64')
np.full((2, 3), True)
np.full(2, x)
np.full_like(x, 2)
np.full_like(x, 2, dtype='int32')
np.zeros_like(x)
np.zeros_like(x, dtype='int32')
np.ones_like(x)
np.empty_like(x)
np.empty_like(x, dtype='int32')
np.arange(5)
np.arange(1, 5)
np.arange(1, 5, 2, dtype='int32')
np.arange(0.5, 2.5, 0.5)
np.linspace(0, 1)
np.linspace(0, 1, 5, endpoint=False)
np.linspace(0, 1, 5, retstep=True)
np.linspace(0, 1, num=3, dtype='float64')
np.logspace(0, 1)
np.logspace(0, 1, 5, base=2.0)
np.eye(3)
np.eye(3, 4, k=1)
np.eye(3, dtype='int32')
np.identity(3)
np.identity(3, dtype='int32')
np.indices((2, 3))
np.indices((2, 3), dtype='int64')
np.blackman(5)
np.hamming(5)
np.hanning(5, dtype='float64')
"""
OTHERS = """
mx.sym.Group([x,y],np._Symbol)
repr(mx.sym.Group([x,y],np._Symbol))
len(mx.sym.Group([x,y],np._Symbol))
mx.sym.Group([x,y],np._Symbol)[0]
mx.sym.Group([x,y],np._Symbol)[-1]
mx.sym.Group([x,y],np._Symbol)[-3]
mx.sym.Group([x,y],np._Symbol)[0:1]
mx.sym.Group([x,y],np._Symbol)[0:2]
mx.sym.Group([x,y],np._Symbol)[::-1]
mx.sym.Group([x,y],np._Symbol)[2:]
mx.sym.Group([x,y],np._Symbol)['x']
mx.sym.Group([x,y],np._Symbol)[None]
mx.sym.Group([x,y],np._Symbol)[...]
mx.sym.Group([x,y],np._Symbol)[0,1]
mx.sym.Group([x,y],np._Symbol)[(0,)]
mx.sym.Group([x,y],np._Symbol)[()]
list(mx.sym.Group([x,y],np._Symbol))
mx.sym.Group([x,y],np._Symbol)[onp.int32(1)]
mx.sym.Group([x,y],np._Symbol)[True]
mx.sym.Group([x,y],np._Symbol).num_outputs
mx.sym.Group([x,y],np._Symbol).name
mx.sym.Group([x],np._Symbol)
repr(mx.sym.Group([x],np._Symbol))
len(mx.sym.Group([x],np._Symbol))
mx.sym.Group([x],np._Symbol)[0]
mx.sym.Group([x,y],np._Symbol)+1
mx.sym.Group([x,y],np._Symbol).sum()
mx.sym.Group([x,y],np._Symbol).get_internals()
mx.sym.Group([x,y],np._Symbol).as_nd_ndarray()
mx.sym.Group([x,y],np._Symbol).list_outputs()
mx.sym.Group([x+1,y],np._Symbol)(x=z)
mx.sym.Group([s,y])
mx.sym.Group([x,y]).as_np_ndarray()
np.linalg.svd(x)
np.linalg.slogdet(x)
np.linalg.eigh(x)
np.linalg.eig(x)
np.linalg.det(x)
np.linalg.inv(x)
np.linalg.pinv(x)
np.linalg.pinv(x, 1e-10)
np.linalg.norm(x)
np.linalg.norm(x, axis=1)
np.linalg.norm(x, 'fro')
np.linalg.norm(x, ord=2, axis=(0,1))
np.linalg.norm(x, ord=1, axis=0)
np.linalg.cholesky(x)
np.linalg.solve(x,y)
np.linalg.tensorinv(x)
np.linalg.tensorinv(x, ind=1)
np.linalg.tensorsolve(x,y)
np.linalg.tensorsolve(x,y,axes=(0,2))
np.linalg.eigvals(x)
np.linalg.eigvalsh(x)
np.linalg.eigvalsh(x,'U')
np.unique(x)
np.unique(x, return_index=True)
np.unique(x, True, True, True)
np.histogram(x, bins=y)
np.histogram(x, bins=5, range=(0,1))
np.average(x)
np.average(x, axis=1, weights=y)
np.average(x, returned=True)
npx.topk(x)
npx.topk(x, k=2, ret_typ='both')
npx.topk(x, k=2, ret_typ='value')
npx.batch_norm(x, y, z, mx.sym.var('m').as_np_ndarray(), mx.sym.var('v').as_np_ndarray())
npx.batch_norm(x)
npx.layer_norm(x)
npx.layer_norm(x, output_mean_var=True)
npx.rnn(x, state_size=3, num_layers=1, mode='lstm', state_outputs=True)
npx.rnn(x, y, z, z, state_size=3, num_layers=1, mode='lstm', state_outputs=True)
npx.rnn(x, y, z, state_size=3, num_layers=1, mode='gru')
npx.multibox_target(x, y, z)
npx.multibox_detection(x, y, z)
npx.multibox_prior(x, sizes=(0.5,), ratios=(1,2))
npx.activation(x, act_type='relu')
npx.relu(x)
npx.sigmoid(x)
npx.softmax(x)
npx.softmax(x, axis=-1)
npx.softmax(x, y, use_length=True)
npx.log_softmax(x, axis=1)
npx.leaky_relu(x, act_type='gelu')
npx.leaky_relu(x, y, act_type='prelu')
npx.fully_connected(x, num_hidden=3)
npx.fully_connected(x, y, num_hidden=3, no_bias=True)
npx.fully_connected(x, y, z, num_hidden=3, flatten=False)
npx.convolution(x, kernel=(3,3), num_filter=2)
npx.deconvolution(x, kernel=(3,3), num_filter=2)
npx.pooling(x, kernel=(2,2), pool_type='max')
npx.dropout(x, p=0.5)
npx.dropout(x, 0.5)
npx.embedding(x, y, input_dim=3, output_dim=2)
npx.embedding(x, input_dim=3, output_dim=2)
npx.one_hot(x, 3)
npx.one_hot(x, depth=3, dtype='int32')
npx.pick(x, y)
npx.pick(x, y, axis=1, keepdims=True)
npx.gather_nd(x, y)
npx.reshape(x, (2,-1))
npx.reshape(x, newshape=(-2,-1), reverse=True)
npx.reshape_like(x, y)
npx.batch_dot(x, y)
npx.batch_dot(x, y, transpose_b=True)
npx.batch_flatten(x)
npx.erf(x)
npx.erfinv(x)
npx.gamma(x)
npx.gammaln(x)
npx.smooth_l1(x, scalar=2)
npx.sequence_mask(x, y, use_sequence_length=True, value=-1)
npx.sequence_mask(x)
npx.slice(x, begin=(0,), end=(1,))
npx.shape_array(x)
npx.arange_like(x)
npx.arange_like(x, axis=1)
npx.cast(x, dtype='int32')
npx.roi_pooling(x, y, pooled_size=(2,2), spatial_scale=1)
npx.nonzero(x)
npx.constraint_check(x, msg='m')
npx.relu(x, name='act')
npx.relu(s)
npx.relu(1)
npx.relu()
npx.random.bernoulli(0.5)
npx.random.bernoulli(0.5, size=(2,3))
npx.random.bernoulli(logit=x)
npx.random.bernoulli(prob=x, size=(2,3), dtype='int32')
npx.random.normal_n()
npx.random.normal_n(0, 1, batch_shape=(2,3))
npx.random.normal_n(x, y, batch_shape=2)
npx.random.uniform_n(0, x)
npx.image.to_tensor(x)
npx.image.normalize(x, mean=(0,), std=(1,))
npx.image.resize(x, size=(2,2))
npx.image.crop(x, 0, 0, 2, 2)
npx.image.flip_left_right(x)
npx.image.random_brightness(x, 0.1, 0.2)
np.random.uniform()
np.random.uniform(0, 1, (2,3))
np.random.uniform(x, 1, (2,3))
np.random.uniform(low=x, high=y, size=None, dtype='float64')
np.random.normal()
np.random.normal(0, 1, size=2)
np.random.normal(x, y)
np.random.lognormal(x, 1.0)
np.random.logistic(0, x)
np.random.gumbel()
np.random.gumbel(x, size=(2,))
np.random.randint(5)
np.random.randint(1, 5, (2,3))
np.random.randint(1, 5, size=2, dtype='int32')
np.random.rand()
np.random.rand(2, 3)
np.random.choice(5)
np.random.choice(x, 3)
np.random.choice(5, (2,), replace=False, p=y)
np.random.gamma(1.0)
np.random.gamma(x, 2.0, size=(2,3))
np.random.beta(1.0, 2.0)
np.random.beta(x, y)
np.random.chisquare(2.0)
np.random.chisquare(x, size=3)
np.random.exponential()
np.random.exponential(x)
np.random.exponential(2.0, size=(2,))
np.random.pareto(2.0)
np.random.pareto(x)
np.random.power(2.0, (3,))
np.random.weibull(x, (3,))
np.random.rayleigh()
np.random.rayleigh(x, (3,))
np.random.shuffle(x)
np.random.multivariate_normal(x, y)
np.random.multivariate_normal(x, y, size=2)
"""
SHAPES = """
(x + y).infer_shape(x=(2, 3), y=(3,))
(x + y).infer_shape(x=(0, 3), y=(3,))
(x + y).infer_shape(x=(), y=(3,))
(x + y).infer_shape(x=(), y=())
(x + y).infer_shape(x=(-1, 3), y=(3,))
(x + y).infer_shape(x=(2, 3))
(x + y).infer_shape(x=(2, 3), y=(4,))
(x + y).infer_shape_partial(x=(2, 3))
(x + y).infer_shape_partial(x=(-1, 3), y=(3,))
(x + y).infer_shape_partial()
x.sum().infer_shape(x=(2, 3))
x.sum(axis=0).infer_shape(x=(0, 3))
npx.fully_connected(x, num_hidden=3).infer_shape(x=(2, 5))
npx.fully_connected(x, num_hidden=3).infer_shape(x=(0, 5))
npx.fully_connected(x, num_hidden=3).infer_shape_partial(x=(-1, 5))
npx.fully_connected(x, num_hidden=3).infer_shape_partial()
npx.fully_connected(x, y, num_hidden=3, no_bias=True).infer_shape(x=(2, 5), y=(3, 4))
npx.convolution(x, kernel=(3, 3), num_filter=2).infer_shape(x=(1, 4, 5, 5))
npx.embedding(x, input_dim=3, output_dim=2).infer_shape(x=())
npx.layer_norm(x).infer_shape(x=(0, 3))
npx.batch_norm(x).infer_shape(x=(0, 3, 2))
np.dot(x, y).infer_shape(x=(2, 5), y=(5,))
np.dot(x, y).infer_shape(x=(2, 0), y=(0, 3))
np.zeros((0, 3)).infer_shape()
np.zeros(()).infer_shape()
np.zeros((-1, 3)).infer_shape()
(np.zeros(()) + x).infer_shape(x=(2,))
x[0].infer_shape(x=(2, 3))
x[0, 1].infer_shape(x=(2, 3))
x[:, -1].infer_shape(x=(2, 3))
x[1:1].infer_shape(x=(2, 3))
npx.nonzero(x).infer_shape(x=(2, 3))
np.concatenate([x, y]).infer_shape(x=(0, 3), y=(2, 3))
np.reshape(x, (-1,)).infer_shape(x=(2, 0))
np.where(x, y, z).infer_shape(x=(), y=(2,), z=(1,))
np.stack([x, y]).infer_shape(x=(), y=())
np.squeeze(x).infer_shape(x=(1, 1))
mx.sym.var('w', shape=(2, 3)).as_np_ndarray().sum().infer_shape()
mx.sym.var('w', shape=(0, 3)).as_np_ndarray().sum(axis=1).infer_shape()
mx.sym.var('w', shape=()).as_np_ndarray().sum().infer_shape()
(mx.sym.var('w', shape=(-1, 3)).as_np_ndarray() * x).infer_shape(x=(4, 3))
(mx.sym.var('w', shape=()).as_np_ndarray() * x).infer_shape(x=(4, 3))
(x + y).infer_type(x='float32', y='float64')
(x + y).infer_type(x='int32', y='float32')
(x > y).infer_type(x='float32', y='float32')
(x > y).infer_type(x='float64')
(x + y).infer_type(y='float16')
(x / y).infer_type_partial(x='float64')
(x ** y).infer_type(x='int32')
x.argmax().infer_type(x='float32')
x.sum().infer_type(x='int32')
x.mean().infer_type(x='int32')
(x / 2).infer_type(x='int32')
(x + 1.5).infer_type(x='int32')
run(x + y, x=a([1., 2.]), y=a([3., 4.]))
run(x + y, x=nd([1., 2.]), y=nd([3., 4.]))
run(x.sum(), x=a([1., 2.]))
run(x[0:0], x=a([[1., 2.], [3., 4.]]))
run(x[1, 0], x=a([[1., 2.], [3., 4.]]))
run(x[:, -1], x=a([[1., 2.], [3., 4.]]))
run(x[:, -1], x=a([[1.], [3.]]))
run(x[::-1], x=a([[1., 2.], [3., 4.]]))
run(x * 2, x=a([]))
run(x * 2, x=a(3.))
run(mx.sym.Group([x * 2, x.sum()], np._Symbol), x=a([1., 2.]))
(x + y).eval(x=a([1.]), y=a([2.]))
bound((x + y).simple_bind(mx.cpu(), x=(2, 3), y=(3,)), (2, 3))
bound((x * y).simple_bind(mx.cpu(), x=(), y=(3,)), (3,))
bound((x * y).simple_bind(mx.cpu(), x=(0, 3), y=(3,)), (0, 3))
bound((x * y).sum().simple_bind(mx.cpu(), x=(2, 3), y=(3,)), ())
bound((x + y).simple_bind(mx.cpu(), x=(2, 3)), (2, 3))
"""
BLOCKS = """
x[0] | (2, 3)
x[1, 2] * x | (2, 3)
x[:, -1] | (2, 3)
x[:, 1:] + x[:, :2] | (2, 3)
x[::-1].T | (2, 3)
x.sum() | (2, 3)
x + 1 | (0, 3)
x * 2 | ()
(x > 0.2) * x | (2, 3)
x.astype('float64').mean(axis=1) | (2, 3)
F.np.dot(x, x.T) | (2, 3)
F.np.concatenate([x, x], axis=1) | (2, 3)
F.np.split(x, 3, axis=1)[1] | (2, 3)
F.np.split(x, 3, axis=1) | (2, 3)
[x + 1, [x.sum(), x * 2]] | (2, 3)
F.npx.softmax(x, axis=-1) | (2, 3)
F.npx.relu(F.npx.reshape(x, (-2, -1))) | (2, 3)
F.np.where(x > 0.3, x, F.np.zeros_like(x)) | (2, 3)
F.np.sqrt(F.np.sum(F.np.square(x), axis=0, keepdims=True)) | (2, 3)
F.np.arange(3) + x | (2, 3)
F.np.ones((2, 1)) * x | (2, 3)
F.np.stack([x, x * 2]).transpose(1, 0, 2).reshape(2, -1) | (2, 3)
F.npx.one_hot(F.np.argmax(x, axis=1), 3) | (2, 3)
F.np.max(x, axis=1) - F.np.min(x) | (2, 3)
F.np.einsum('ij,kj->ik', x, x) | (2, 3)
F.npx.topk(x, k=2, ret_typ='both') | (2, 3)
"""


def graph(symbol):
    """The operators of a graph: [operator, name, attributes, inputs]."""
    found = json.loads(symbol.tojson())
    nodes = [[n["op"], n["name"], n.get("attrs", {}), [i[:2] for i in n["inputs"]]] for n in found["nodes"]]
    nodes = [n for n in nodes if n[0] != "null"]
    return {"class": kind(symbol), "nodes": nodes, "heads": [h[:2] for h in found["heads"]],
            "outputs": symbol.list_outputs(), "arguments": symbol.list_arguments()}  # fmt: skip


def kind(symbol):
    return "_Symbol" if "_Symbol" in repr(symbol) else "Symbol"


def told(value):
    if hasattr(value, "tojson"):
        return graph(value)
    if isinstance(value, (list, tuple)):
        return [told(v) for v in value]
    if isinstance(value, type):
        return numpy.dtype(value).name
    if hasattr(value, "asnumpy"):
        return {"class": type(value).__name__, "array": plain(value)}
    return plain(value)


def names(mx):
    def var(name):
        return mx.sym.var(name).as_np_ndarray()

    def nd(values):
        return mx.nd.array(values)

    def run(symbol, **arrays):
        executor = symbol.bind(mx.cpu(), arrays)
        return executor.forward(), type(executor.arg_dict["x"]).__name__

    def bound(executor, shape):
        for array in executor.arg_arrays:
            array[:] = 2
        outputs = [plain(x) for x in executor.forward(is_train=True)]
        executor.backward(mx.np.ones(shape))
        return outputs, {k: type(v).__name__ for k, v in executor.arg_dict.items()}, executor.grad_dict

    found = {"mx": mx, "np": mx.sym.np, "npx": mx.sym.npx, "onp": numpy, "s": mx.sym.var("s"), "a": mx.np.array,
             "nd": nd, "run": run, "bound": bound, "copy": copy, "pickle": pickle}  # fmt: skip
    found.update({name: var(name) for name in "xyz"})
    found["two"] = mx.sym.np.split(found["x"], 2)
    return found


def evaluated(mx, line):
    known = names(mx)
    with mx.name.NameManager():
        try:
            return told(eval(line, known))
        except Exception as error:
            return {"raises": type(error).__name__}


def block(mx, text):
    """A HybridBlock that computes the expression of F and x."""

    class Net(mx.gluon.HybridBlock):
        def hybrid_forward(self, F, x):
            return eval(text, {"F": F, "x": x})

    return Net(prefix="net_")


def data(mx, shape):
    size = int(numpy.prod(shape))
    return mx.np.array(numpy.sin(numpy.arange(size)).reshape(shape).astype("float32"))


def traced(mx, line, folder):
    """What a hybridized Block gives, the graph that it exports, and what that gives when it is imported."""
    text, _, shape = line.rpartition(" | ")
    net, x = block(mx, text), data(mx, eval(shape))
    net.hybridize()
    outputs = told(net(x))
    net.export(os.path.join(folder, "net"))
    with open(os.path.join(folder, "net-symbol.json")) as file:
        text = file.read()
    imported = mx.gluon.SymbolBlock.imports(os.path.join(folder, "net-symbol.json"), ["data"])
    return {"outputs": outputs, "json": text, "imported": told(imported(x))}


def layers(mx, folder):
    """A net of layers: its graph, its file and what is computed of it, with deferred Parameters."""
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Conv2D(2, 3), nn.BatchNorm(), nn.Activation("relu"), nn.MaxPool2D(), nn.Flatten(),
                nn.Dense(4, activation="tanh"), nn.LayerNorm(), nn.Dropout(0.5), nn.Dense(2))  # fmt: skip
    net.initialize(mx.init.One())
    net.hybridize()
    x = data(mx, (2, 1, 6, 6))
    outputs = told(net(x))
    net.export(os.path.join(folder, "layers"), 3)
    with open(os.path.join(folder, "layers-symbol.json")) as file:
        text = file.read()
    files = [os.path.join(folder, "layers-symbol.json"), ["data"], os.path.join(folder, "layers-0003.params")]
    return {"outputs": outputs, "json": text, "shapes": {k: list(p.shape) for k, p in net.collect_params().items()},
            "imported": told(mx.gluon.SymbolBlock.imports(*files)(x))}  # fmt: skip


def results(mx):
    found = {}
    mx.npx.set_np()
    try:
        with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
            warnings.simplefilter("ignore")
            for text in (SYMBOLS, FUNCTIONS, OTHERS, SHAPES):
                for line in text.strip().splitlines():
                    found[line] = evaluated(mx, line)
            for line in BLOCKS.strip().splitlines():
                with mx.name.NameManager():
                    found["traced: " + line] = traced(mx, line, folder)
            with mx.name.NameManager():
                found["layers"] = layers(mx, folder)
    finally:
        mx.npx.reset_np()
    return found


if __name__ == "__main__":
    import mxnet

    write("numpy_symbols", results(mxnet))
