"""Writes tests/golden/numpy_arrays.json: mx.np arrays, what makes them and what moves their elements.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.numpy_arrays
"""

import numpy as onp

from tests.oracle.numpy_common import evaluated, told, tried
from tests.oracle.scenario import plain, write

# Attributes and methods, text, copies, protocols.
ARRAYS = """
repr(x)
str(x)
repr(z)
str(z)
repr(i)
repr(b)
repr(j)
repr(x.astype('float16'))
repr(x.astype('float64'))
repr(x.astype('uint8')[0])
repr(e)
str(e)
repr(np.zeros((2, 0), dtype='int32'))
repr(np.array([1e-9, 1.0, 1e9]))
repr(np.array([0.1, float('nan'), float('inf')]))
str(np.arange(2000))
repr(np.array([True, False], dtype='bool'))
'%s' % z
'%.3f' % z
'%d' % z
'{}'.format(z)
'{:.2f}'.format(z)
'{:>8}'.format(z)
'{:.2f}'.format(v)
'{}'.format(v)
f'{v[0]:.3e}'
f'{v[0]:6.2f}|{v[1]!r}|{v[2]!s}'
f'{i[1]:d}'
f'{i[1]:03d}'
f'{x[0, 0]}'
x.shape
x.ndim
x.size
x.itemsize
x.nbytes
x.strides
x.flags
x.data
x.base
x.real
x.flat
x.dtype == onp.float32
x.dtype is onp.float32
x.dtype == 'float32'
x.dtype.name
x.dtype.itemsize
str(x.dtype)
x.context
x.ctx
x.stype
x.grad
x.T.shape
z.T
v.T
x.T.T is x
x.item
x.tolist()
i.tolist()
b.tolist()
z.tolist()
e.tolist()
z.item()
i[0].item()
type(i[0].item()).__name__
type(z.item()).__name__
type(b[0].item()).__name__
type(x.astype('float16')[0, 0, 0].item()).__name__
x.item(5)
x.asscalar()
z.asscalar()
z.asnumpy()
z.asnumpy().shape
onp.array(x).shape
onp.array(x, dtype='int64').dtype.name
x.copy()
x.copy('C').shape
x.copy('F')
x.copy(order='K')
x.copy() is x
x.astype('int32')
x.astype(onp.int8).dtype.name
x.astype(int).dtype.name
x.astype(float).dtype.name
x.astype(bool).dtype.name
x.astype('bool')
x.astype(np.float64).dtype.name
x.astype('float32') is x
x.astype('float32', copy=False) is x
x.astype('float32', copy=False, order='C') is x
x.astype('float16', order='F')
x.astype('float16', casting='safe')
x.astype('float16', subok=False)
x.astype('complex64')
x.astype('uint16')
x.astype('str')
x.astype(None)
x.astype()
v.astype('uint8')
(v * -100.7).astype('int8')
(v * 100.7).astype('uint8')
np.array([2.5, -2.5, 0.4, -0.4]).astype('int32')
np.array([2.5, 0.4, 0]).astype('bool')
b.astype('float32')
np.array([True, False], dtype='bool').astype('float32')
np.array([True, False], dtype='bool').astype('int32')
x.as_np_ndarray() is x
x.as_nd_ndarray().__class__.__name__
x.as_nd_ndarray().as_np_ndarray().__class__.__name__
x.as_in_ctx(mx.cpu()) is x
x.as_in_ctx(mx.cpu(1)).context
x.as_in_ctx(mx.cpu(1)).__class__.__name__
x.as_in_context(mx.cpu(1)).ctx
x.copyto(mx.cpu(1)).ctx
x.copyto(mx.cpu()).__class__.__name__
x.copyto(np.zeros((2, 3, 4))).__class__.__name__
x.copyto(np.zeros((2, 3, 4), dtype='int32')).dtype.name
x.copyto(np.zeros((4,)))
x.copyto(mx.nd.zeros((2, 3, 4))).__class__.__name__
x.copyto(x) is x
x.copyto(5)
x.detach().__class__.__name__
x.detach().grad
x.wait_to_read()
x.wait_to_write()
x.tostype('default').__class__.__name__
x.tostype('csr')
x.tostype('row_sparse')
x.reshape(4, 6).shape
x.reshape((4, 6)).shape
x.reshape([4, 6]).shape
x.reshape(-1).shape
x.reshape(-1, 2).shape
x.reshape((-1, 0)).shape
x.reshape(4, -1, 2).shape
x.reshape(-1, -1)
x.reshape(5, 5)
x.reshape(5, -1)
x.reshape(-2)
x.reshape(-2, 4)
x.reshape(-3, -3)
x.reshape(0, -1)
x.reshape(-5, 4)
x.reshape(newshape=(4, 6)).shape
x.reshape(shape=(4, 6)).shape
x.reshape((4, 6), order='C').shape
x.reshape((4, 6), order='F')
x.reshape((4, 6), order='A')
x.reshape()
x.reshape(())
z.reshape(1)
z.reshape(())
z.reshape(-1)
z.reshape(1, 1)
z.reshape(())[()]
v[:1].reshape(())
e.reshape(0)
e.reshape(3, 0)
e.reshape(-1, 3)
e.reshape(0, -1)
e.reshape(-1)
x.reshape(x.shape).shape
x.reshape(tuple(reversed(x.shape))).shape
x.reshape(onp.int64(4), 6).shape
x.reshape(4.0, 6)
x.reshape('a')
x.reshape_view(4, 6).shape
x.reshape_view((4, 6)).shape
x.reshape_view(-1).shape
x.reshape_view(-3, 0).shape
x.reshape_view(5, 5)
x.reshape_like(np.zeros((4, 6)))
x.flatten()
x.flatten('C').shape
x.flatten('F')
z.flatten()
x.ravel().shape
x.ravel('F')
x.transpose().shape
x.transpose(None).shape
x.transpose(1, 0, 2).shape
x.transpose((1, 0, 2)).shape
x.transpose([1, 0, 2]).shape
x.transpose(-1, 0, 1).shape
x.transpose(0, 1)
x.transpose(0, 0, 1)
x.transpose(0, 1, 5)
x.transpose(axes=(1, 0, 2)).shape
x.transpose(1, 0)
z.transpose()
v.transpose()
x.swapaxes(0, 2).shape
x.swapaxes(0, -1).shape
x.swapaxes(0, 5)
x.swapaxes(axis1=0, axis2=1).shape
x[None].squeeze().shape
x[None].squeeze(0).shape
x[None].squeeze(axis=(0,)).shape
x.squeeze(0)
x[None, :, None].squeeze((0, 2)).shape
x[None].squeeze(-4).shape
x[None].squeeze(7)
x.expand_dims(0)
x.broadcast_to((2, 2, 3, 4)).shape
v.broadcast_to((2, 3))
x.broadcast_like(x)
x.repeat(2).shape
v.repeat(2)
x.repeat(2, axis=1).shape
x.repeat(2, 0).shape
v.repeat([1, 2, 0])
v.repeat(-1)
v.repeat(0)
x.repeat(2, axis=5)
x.tile((2,))
x.take(np.array([0, 5]))
x.take(np.array([0, 5]), axis=2, mode='wrap').shape
x.clip(2, 4)
x.clip(2)
x.clip(max=2)
x.clip(min=2)
x.clip(None, None)
x.clip()
i.clip(0, 0)
v.clip(2, 1)
x.argsort()
x.argsort(axis=0)
x.argsort(axis=None)
(-v).argsort()
(-v).sort()
x.nonzero()
e.nonzero()
x.diag()
x.diagonal()
np.arange(9).reshape(3, 3).diag()
np.arange(9).reshape(3, 3).diag(1)
np.arange(9).reshape(3, 3).diagonal()
x.trace()
x.flip(0)
x.split(2)
x.slice_axis(axis=0, begin=0, end=1)
x.abs()
x.exp()
x.sqrt()
x.softmax()
x.norm()
x.zeros_like()
x.ones_like()
x.one_hot(3)
x.pad()
x.topk()
x.slice()
x.fill(3)
x.put(0, 3)
x.itemset(3)
x.view('int32')
x.tobytes()
x.dump('f')
x.resize(4)
x.compress([True])
x.choose([1])
x.partition(1)
x.searchsorted(1)
x.round()
x.ptp()
x.conj()
x.byteswap()
x.nosuch
x._fresh_grad
x.handle is None
x.writable
x == x.copy()
x is x
(x == None)
(x != None)
x == 'a'
x in [x]
v in [1, v]
__import__('copy').copy(v)
__import__('copy').deepcopy(v)
__import__('copy').deepcopy([v, {'a': i}])[1]['a'].dtype.name
__import__('copy').deepcopy(v) is v
__import__('copy').deepcopy(v).grad
__import__('pickle').loads(__import__('pickle').dumps(v))
__import__('pickle').loads(__import__('pickle').dumps(z)).shape
__import__('pickle').loads(__import__('pickle').dumps(e)).shape
__import__('pickle').loads(__import__('pickle').dumps(i)).dtype.name
__import__('pickle').loads(__import__('pickle').dumps(v.as_in_ctx(mx.cpu(2)))).ctx
__import__('pickle').loads(__import__('pickle').dumps([v, x.astype('bool')]))[1].dtype.name
__import__('pickle').loads(__import__('pickle').dumps(v)).__class__.__name__
sum([v, v])
sum(v)
max(v)
min(v)
sorted(v)
sorted(-v)
list(reversed(v))
list(zip(v, i))
[float(n) for n in v]
[a.shape for a in x]
dict(enumerate(v))
tuple(v)
a.shape if (a := x[0]) is not None else 0
len(v)
len(e)
list(e)
bool(v)
bool(v[0])
not z
z and 1
z or 1
if_ if (if_ := (v > 1).any()) else 0
int(v[1])
float(v[1])
int(v)
complex(v[1])
v[1].__index__()
[1, 2, 3][i[1]]
[1, 2, 3][v[1]]
list(range(i[1]))
'abc' * i[1]
divmod(v, 2)
pow(v, 2)
pow(2, v)
abs(-v)
round(v * 1.26)
round(v * 1.26, 1)
round(z)
__import__('math').floor(z)
__import__('math').ceil(z)
__import__('math').trunc(z)
__import__('math').sqrt(z)
__import__('math').floor(v)
np.ndarray.__name__
isinstance(v, mx.nd.NDArray)
isinstance(v, np.ndarray)
isinstance(mx.nd.ones(2), np.ndarray)
type(v).__mro__[1].__name__
mx.nd.ones((2, 2)).as_np_ndarray()
mx.nd.ones((2, 2)).as_np_ndarray().__class__.__name__
v.as_nd_ndarray() + 1
mx.nd.array([1, 2]).__class__.__name__
mx.nd.from_numpy(onp.ones(2, 'float32')).__class__.__name__
mx.nd.waitall()
v.attach_grad()
v.attach_grad('add')
v.attach_grad(grad_req='null')
v.attach_grad('bad')
v.attach_grad(grad_req='write', stype='row_sparse')
v.backward()
v.to_dlpack_for_read()
v.as_nd_ndarray().shape
v.__len__()
z.__len__()
x.T[0].shape
x._slice(0, 1).shape
mx.nd.ones((2,)) + v
v + mx.nd.ones((3,))
v + onp.ones(3)
onp.ones(3) + v
v + [1, 2, 3]
[1, 2, 3] + v
v + onp.float32(1)
onp.float32(1) + v
onp.float64(2) * i
v + 'a'
v * None
v + True
v + 1j
v == [1, 2, 3]
v == onp.array([1, 2, 3])
v > onp.array([1, 2, 3])
repr(np.arange(2000))
repr(np.arange(2000).astype('int32'))
repr(np.arange(2000).astype('int64'))
repr(np.arange(20).astype('int8'))
repr(np.arange(22).astype('uint8'))
repr(np.arange(19).astype('float16'))
repr(np.arange(18).astype('float64'))
repr(np.arange(18).astype('bool'))
repr(np.zeros((0,)))
repr(np.zeros((0,)).astype('bool'))
repr(np.zeros((0,)).astype('int32'))
repr(np.zeros((0, 2)).astype('int64'))
repr(np.zeros((0, 2)).astype('bool'))
repr(np.zeros((0, 2)).astype('int8'))
repr(np.array(2.5).astype('float64'))
repr(np.array(2).astype('int8'))
repr(np.array(2).astype('bool'))
repr(np.array([1.5, onp.nan, -onp.inf]).astype('float16'))
str(np.arange(2000).astype('int32'))
repr(x.astype('int32'))
repr([z, v])
repr({'a': z})
repr(v.as_in_ctx(mx.cpu(1)))
repr(v.as_nd_ndarray())
"""

CREATION = """
np.array([1, 2])
np.array([1, 2], dtype='int32')
np.array([1, 2], 'float64')
np.array((1, 2))
np.array(range(3))
np.array([[1, 2], [3, 4]])
np.array([[1, 2], [3]])
np.array([])
np.array([[]])
np.array(5)
np.array(True)
np.array([True, False])
np.array(5.5, dtype='int32')
np.array('a')
np.array(None)
np.array({})
np.array([1j])
np.array(v)
np.array(v, dtype='int8')
np.array(i)
np.array(b)
np.array([v, v])
np.array([z, z])
np.array([v, [1, 2, 3]])
np.array((z, 1, i[1]))
np.array(onp.arange(3))
np.array(onp.arange(3, dtype='int8'))
np.array(onp.arange(3.0))
np.array(onp.float64(3))
np.array(onp.int64(3))
np.array(onp.bool_(True))
np.array(onp.array([True]))
np.array(onp.array(3))
np.array(onp.arange(6).reshape(2, 3).T)
np.array(onp.arange(3, dtype='uint16'))
np.array(onp.arange(3, dtype='complex64'))
np.array(onp.array(['a']))
np.array(onp.zeros((0, 2), 'int32'))
np.array([onp.float32(1), onp.int32(2)])
np.array([onp.arange(2), onp.arange(2)])
np.array([1, 2], dtype=None)
np.array([1, 2], dtype=int)
np.array([1.5, 2], dtype=bool)
np.array([300], dtype='uint8')
np.array([1, 2], dtype='complex64')
np.array([1, 2], dtype='str')
np.array([1, 2], ctx=mx.cpu(1)).ctx
np.array(v, ctx=mx.cpu(1)).ctx
np.array(v.as_in_ctx(mx.cpu(1))).ctx
np.array([1, 2], mx.cpu(1))
np.array([1, 2], copy=False)
np.array(mx.nd.ones((2,)))
np.array([mx.nd.ones((2,))])
np.array()
np.array(object=[1])
np.array([1e40])
np.array([2**40], dtype='int64')
np.array([2**40])
np.array(2**31, dtype='int64')
np.zeros(3)
np.zeros((2, 3))
np.zeros([2, 3])
np.zeros(())
np.zeros(0)
np.zeros((0, 2)).shape
np.zeros((2, 3), 'int32')
np.zeros((2, 3), dtype=onp.int8)
np.zeros((2, 3), dtype='bool')
np.zeros((2,), dtype=None)
np.zeros((2,), dtype=float).dtype.name
np.zeros((2,), dtype=int).dtype.name
np.zeros((2,), dtype=bool).dtype.name
np.zeros((2, 3), order='F')
np.zeros((2, 3), ctx=mx.cpu(1)).ctx
np.zeros((2, 3), 'float32', 'C', mx.cpu(1)).ctx
np.zeros(-1)
np.zeros((2, -1))
np.zeros('a')
np.zeros(2.0)
np.zeros((2.0, 3))
np.zeros(onp.int64(2))
np.zeros(v.shape)
np.zeros(i.shape, dtype=i.dtype)
np.zeros(z)
np.zeros((i[1], 2))
np.zeros(shape=(2,))
np.zeros((2,), dtype='nosuch')
np.ones(3)
np.ones((2, 3), 'float16')
np.ones((2,), dtype='bool')
np.ones(())
np.ones((2, 3), order='F')
np.ones((2,), ctx=mx.cpu(1)).ctx
np.empty(3).shape
np.empty((2, 3), 'int32').dtype.name
np.empty((2, 3), order='F')
np.empty((2, 3), ctx=mx.cpu(1)).ctx
np.full(3, 2)
np.full((2, 3), 2.5)
np.full((2,), 2.5, dtype='int32')
np.full((2,), 2, 'int8')
np.full((2,), True)
np.full((2,), False, dtype='float32')
np.full((), 5)
np.full((0, 2), 5).shape
np.full((2, 3), v)
np.full((2, 3), v, dtype='int32')
np.full((2,), z)
np.full((2, 2), v)
np.full((2,), [1, 2])
np.full((2,), onp.array([1, 2]))
np.full((2,), onp.float64(3))
np.full((2,), float('inf'))
np.full((2,), float('nan'))
np.full((2,), 'a')
np.full((2,), None)
np.full((2, 3), 1, order='F')
np.full((2,), 1, ctx=mx.cpu(1)).ctx
np.full((3,), 7, out=v) is v
np.full((3,), 7, dtype='int32', out=v)
np.full((3,), v, out=v)
np.zeros_like(x).shape
np.zeros_like(i)
np.zeros_like(i, dtype='float16')
np.zeros_like(b)
np.zeros_like(z)
np.zeros_like(e).shape
np.zeros_like(v, order='F')
np.zeros_like(v, ctx=mx.cpu(1)).ctx
np.zeros_like(v, out=np.ones(3))
np.ones_like(x).shape
np.ones_like(i)
np.ones_like(b)
np.ones_like(v, dtype='bool')
np.ones_like(v, dtype=int).dtype.name
np.full_like(v, 3)
np.full_like(i, 3.7)
np.full_like(v, True)
np.full_like(b, 2)
np.full_like(v, 2, dtype='int32')
np.full_like(v, float('inf'))
np.full_like(v, v)
np.full_like(v, [1, 2, 3])
np.full_like(v, 2, order='F')
np.full_like(v, 2, out=np.ones(3))
np.empty_like(i).dtype.name
np.empty_like(v, 'int8').dtype.name
np.empty_like(v, shape=(2,))
np.empty_like(v, subok=True)
np.empty_like(v, order='F')
np.arange(3)
np.arange(3.5)
np.arange(1, 4)
np.arange(1, 4, 2)
np.arange(4, 1, -1)
np.arange(4, 1)
np.arange(0)
np.arange(-2)
np.arange(0, 1, 0.25)
np.arange(0, 1, 0.3)
np.arange(1, 2, 0.1).shape
np.arange(3, dtype='int32')
np.arange(3, dtype='float16')
np.arange(3, dtype='int64')
np.arange(3, dtype='uint8')
np.arange(3, dtype='bool')
np.arange(2.5, dtype='int32')
np.arange(0.5, 3.5, dtype='int32')
np.arange(3, dtype=None)
np.arange(3, dtype=int).dtype.name
np.arange(3, ctx=mx.cpu(1)).ctx
np.arange(start=1, stop=3)
np.arange(start=3)
np.arange(stop=3)
np.arange(None)
np.arange(1, None)
np.arange(1, 3, None)
np.arange(1, 3, 0)
np.arange()
np.arange('a')
np.arange(v)
np.arange(z)
np.arange(i[1])
np.arange(onp.int64(3))
np.arange(onp.float32(2.5))
np.arange(True)
np.arange(2**24, 2**24 + 4, dtype='int64')
np.arange(1e9, 1e9 + 3, dtype='float64')
np.arange(10, 0, -2.5)
np.linspace(0, 1)
np.linspace(0, 1, 5)
np.linspace(0, 1, 5, False)
np.linspace(0, 1, 5, endpoint=False, retstep=True)
np.linspace(0, 1, 1)
np.linspace(0, 1, 1, endpoint=False)
np.linspace(0, 1, 0)
np.linspace(0, 1, 0, retstep=True)
np.linspace(0, 1, 1, retstep=True)
np.linspace(0, 1, -1)
np.linspace(0, 1, 2.0)
np.linspace(3, -3, 4)
np.linspace(0, 10, 4, dtype='int32')
np.linspace(-5, 5, 4, dtype='int32')
np.linspace(0, 1, 3, dtype='float64')
np.linspace(0, 1, 7, dtype='float64')
np.linspace(0, 1, 3, dtype='float16')
np.linspace(0, 1, 3, axis=1)
np.linspace(v, v, 3)
np.linspace([0], [1], 3)
np.linspace(z, 1, 3)
np.linspace(0, 1, 3, ctx=mx.cpu(1)).ctx
np.linspace(0, 1, num=onp.int64(3))
np.linspace(1, 1, 3)
np.linspace(start=0, stop=2, num=3)
np.linspace(0, 1, 1000)[[1, 333, 998]]
np.logspace(0, 2, 3)
np.logspace(0, 2)[[0, 1, -1]]
np.logspace(0, 2, 3, False)
np.logspace(0, 2, 3, base=2)
np.logspace(0, 2, 3, base=2.0, dtype='int32')
np.logspace(0, 2, 3, dtype='float64')
np.logspace(0, 2, 0)
np.logspace(0, 2, 1)
np.logspace(0, 2, -1)
np.logspace(0, 2, 3, axis=1)
np.logspace(v, 2, 3)
np.logspace(0, 2, 3, ctx=mx.cpu(1)).ctx
np.logspace(2, 0, 3, base=0.5)
np.eye(3)
np.eye(2, 3)
np.eye(2, M=3, k=1)
np.eye(3, k=-1)
np.eye(3, k=5)
np.eye(0)
np.eye(0, 2).shape
np.eye(3, dtype='int32')
np.eye(2, dtype='bool')
np.eye(2, dtype=None)
np.eye(2, order='F')
np.eye(2, ctx=mx.cpu(1)).ctx
np.eye(-1)
np.eye(2.5)
np.eye((2, 3))
np.eye(2, foo=1)
np.eye(2, None, 1)
np.identity(3)
np.identity(2, 'int32')
np.identity(0).shape
np.identity(-1)
np.identity(2.5)
np.identity(2, dtype='bool')
np.identity(2, ctx=mx.cpu(1)).ctx
np.indices((2, 3))
np.indices((2,), dtype='int64')
np.indices((2, 2), 'float32')
np.indices(())
np.indices((0, 2)).shape
np.indices([2, 3]).shape
np.indices(3)
np.indices((2, 3), ctx=mx.cpu(1)).ctx
np.tri(3)
np.tril(np.ones((3, 3)))
np.tril(np.ones((3, 3)), -1)
np.tril(np.ones((3, 4)), k=1)
np.tril(np.ones((2, 2, 3)))
np.tril(v)
np.tril(z)
np.tril(np.ones((2, 2)).astype('int32'))
np.tril(np.ones((2, 2)).astype('bool'))
np.tril(np.ones((0, 2))).shape
np.triu(np.ones((3, 3)))
np.meshgrid(v, v)
np.meshgrid(v, i)
np.meshgrid(v, v[:2], i, indexing='ij')
np.meshgrid(v, v[:2], i[:1])
np.meshgrid(v)
np.meshgrid()
np.meshgrid(z, v)
np.meshgrid(v, v, indexing='zz')
np.meshgrid(v, v, copy=False)
np.meshgrid(v, v, foo=1)
np.meshgrid(x, v)
np.meshgrid([1, 2], v)
np.meshgrid(v, e[:0, 0])
np.diag(v)
np.diag(v, 1)
np.diag(v, k=-1)
np.diag(np.arange(9).reshape(3, 3))
np.diag(np.arange(6).reshape(2, 3), 1)
np.diag(np.arange(6).reshape(2, 3), -1)
np.diag(np.arange(6).reshape(2, 3), 5)
np.diag(x)
np.diag(i)
np.diag(e).shape
np.diagflat(v)
np.diagflat(np.arange(4).reshape(2, 2), 1)
np.diagflat(z)
np.diagflat(i, k=-1)
np.diagonal(x)
np.diagonal(x, 1)
np.diagonal(x, -1, 1, 2)
np.diagonal(x, axis1=0, axis2=2)
np.diagonal(x, axis1=0, axis2=0)
np.diagonal(v)
np.diagonal(x, offset=9).shape
np.diagonal(x, axis1=-1, axis2=-2).shape
np.diag_indices_from(np.zeros((2, 2, 2)))
np.tril_indices(3)
np.blackman(4)
np.blackman(4, dtype='float64')
np.blackman(-1)
np.blackman(2.5)
np.blackman(5, dtype='int32')
np.blackman(5, ctx=mx.cpu(1)).ctx
np.hamming(1)
np.hamming(5)
np.hamming(0).shape
np.hanning(5)
np.hanning(1)
np.hanning(5, 'float64')
np.hanning(12)
np.copy(x).shape
np.copy(i)
np.copy(z)
np.copy(v, out=np.ones(3))
np.copy(v) is v
np.from_dlpack(v)
np.fromiter([1], 'f')
np.asarray([1])
np.ascontiguousarray(v)
np.frombuffer(b'1')
np.loadtxt('f')
np.vander(v)
np.shape(x)
np.shape([1, 2])
np.shape(5)
np.size(x)
np.ndim(x)
np.newaxis is None
np.pi
np.e
np.euler_gamma
np.inf
np.nan
np.arange(3, -1, 2)
np.arange(0, dtype='int32')
np.tril(i)
np.tril(np.ones((2,)), 1)
np.tril(v, -1)
"""

MANIPULATION = """
np.reshape(x, (4, 6)).shape
np.reshape(x, -1).shape
np.reshape(x, (-1, 2)).shape
np.reshape(x, (-1, 5))
np.reshape(x, (-1, -1))
np.reshape(x, (-2,))
np.reshape(x, (4, 6), order='F')
np.reshape(x, [4, 6]).shape
np.reshape(v, (3,), out=np.zeros(3))
np.reshape(z, (1,))
np.reshape(z, ())
np.reshape(e, (0, 5))
np.reshape(e, (-1, 3)).shape
np.reshape(a=x, newshape=24).shape
np.reshape(x, newshape=(2, -1)).shape
np.ravel(x).shape
np.ravel(z)
np.ravel(e)
np.ravel(x, 'F')
np.ravel(5)
np.ravel([[1, 2]])
np.ravel(x, order='C').shape
np.transpose(x).shape
np.transpose(x, (1, 0, 2)).shape
np.transpose(x, [2, 0, 1]).shape
np.transpose(x, axes=(-1, 0, 1)).shape
np.transpose(x, (0, 1))
np.transpose(x, (0, 1, 1))
np.transpose(v)
np.transpose(z)
np.transpose(e).shape
np.moveaxis(x, 0, -1).shape
np.moveaxis(x, (0, 1), (-1, 0)).shape
np.moveaxis(x, [0, 1], [2, 1]).shape
np.moveaxis(x, 0, 5)
np.moveaxis(x, (0, 0), (1, 2))
np.moveaxis(x, (0, 1), 2)
np.moveaxis(x, (0, 1), (2,))
np.moveaxis(x, -1, 0)
np.swapaxes(x, 0, 2).shape
np.swapaxes(x, -1, 0).shape
np.swapaxes(x, 1, 1).shape
np.swapaxes(x, 0, 3)
np.swapaxes(v, 0, 1)
np.rollaxis(x, 2).shape
np.rollaxis(x, 2, 1).shape
np.squeeze(x[None]).shape
np.squeeze(x[None], 0).shape
np.squeeze(x[None], (0,)).shape
np.squeeze(x[None, ..., None], (0, -1)).shape
np.squeeze(x, 0)
np.squeeze(x, 5)
np.squeeze(z)
np.squeeze(np.zeros((1, 1)))
np.squeeze(np.zeros((1, 0, 1))).shape
np.squeeze(v[None], out=np.zeros(3))
np.expand_dims(v, 0).shape
np.expand_dims(v, 1).shape
np.expand_dims(v, -1).shape
np.expand_dims(v, -2).shape
np.expand_dims(v, 2)
np.expand_dims(v, -3)
np.expand_dims(z, 0).shape
np.expand_dims(z, -1).shape
np.expand_dims(v, None)
np.broadcast_to(v, (2, 3))
np.broadcast_to(z, (2, 2))
np.broadcast_to(v, 3)
np.broadcast_to(v, (3, 2))
np.broadcast_to(v, (3,)).shape
np.broadcast_to(x, (3, 4))
np.broadcast_to(v, (0, 3)).shape
np.broadcast_to(5, (2,))
np.broadcast_to(v[:1], (2, 4))
np.broadcast_to(v[:, None], (3, -1))
np.broadcast_arrays(v, v[:, None])
np.broadcast_arrays(v)
np.broadcast_arrays(v, z)
np.broadcast_arrays(v, i)
np.broadcast_arrays([1], v)
np.broadcast_arrays()
np.atleast_1d(z)
np.atleast_1d(z, v)
np.atleast_1d()
np.atleast_2d(v)
np.atleast_2d(z, x)[1].shape
np.atleast_3d(v).shape
np.atleast_3d(np.zeros((2, 3))).shape
np.atleast_3d(z, e)[0].shape
np.concatenate((v, v))
np.concatenate([v, i])
np.concatenate([i, i])
np.concatenate((x, x), axis=1).shape
np.concatenate((x, x), -1).shape
np.concatenate((x, x), axis=None).shape
np.concatenate((x, v), axis=None).shape
np.concatenate((x, x), axis=5)
np.concatenate((x, v))
np.concatenate((x, x[:, :2]), axis=0)
np.concatenate((x, x[:, :2]), axis=1).shape
np.concatenate((z, z))
np.concatenate((e, e)).shape
np.concatenate((e, np.ones((1, 3))))
np.concatenate((v,))
np.concatenate(())
np.concatenate(x).shape
np.concatenate(v)
np.concatenate((v, v), out=np.zeros(6))
np.concatenate((v, v), out=np.zeros(5))
np.concatenate((b, b))
np.concatenate([v.astype('float16'), v.astype('float16')]).dtype.name
np.concatenate([v.astype('float64'), v])
np.concatenate(seq=[v, v]).shape
np.append(v, v)
np.append(x, x, axis=1).shape
np.append(x, v)
np.append(x, v, axis=0)
np.append(v, z)
np.stack((v, v))
np.stack([v, v], 1)
np.stack([v, v], axis=-1)
np.stack([v, v], axis=-3)
np.stack([v, v], axis=2)
np.stack([v, i[:1]])
np.stack([z, z])
np.stack(x).shape
np.stack(v)
np.stack([v, v], out=np.zeros((2, 3)))
np.stack([])
np.stack([e, e]).shape
np.stack(arrays=(v, v), axis=0).shape
np.vstack((v, v))
np.vstack([x[0], x[1]]).shape
np.vstack((z, z))
np.vstack((v, x))
np.vstack([v])
np.vstack(v)
np.vstack((v, v), out=np.zeros((2, 3)))
np.row_stack((v, v))
np.hstack((v, v))
np.hstack((x, x)).shape
np.hstack((z, z))
np.hstack((x, v))
np.hstack([v[:, None], v[:, None]])
np.dstack((v, v)).shape
np.dstack((x, x)).shape
np.dstack((z, z)).shape
np.dstack((x[0], x[0])).shape
np.dstack((x, v))
np.column_stack((v, v))
np.column_stack((x[0], x[0])).shape
np.column_stack((v, x[0]))
np.column_stack((v, v[:, None])).shape
np.column_stack((z, z))
np.split(x, 2)[1].shape
np.split(v, 3)
np.split(v, 2)
np.split(v, 1)
np.split(v, 0)
np.split(v, -1)
np.split(v, (1,))
np.split(v, [1, 1])
np.split(v, [2, 1])
np.split(v, [5])
np.split(v, [-1])
np.split(v, [])
np.split(v, ())
np.split(x, 3, axis=1)[0].shape
np.split(x, 2, -1)[0].shape
np.split(x, 2, 7)
np.split(v, 1.5)
np.split(v, i)
np.split(v, onp.array([1]))
np.split(z, 1)
np.split(v, 'a')
np.split(v, None)
np.split([1, 2], 2)
np.split(v, onp.int64(3))
np.array_split(v, 2)
np.array_split(np.arange(7), 3)
np.array_split(v, 5)
np.array_split(v, [1])
np.array_split(x, 3, axis=2)[0].shape
np.array_split(v, 0)
np.array_split(z, 1)
np.hsplit(x, 3)[0].shape
np.hsplit(v, 3)
np.hsplit(v, [1])
np.hsplit(z, 1)
np.hsplit(x, 2)
np.hsplit(x, (1, 2))[2].shape
np.vsplit(x, 2)[0].shape
np.vsplit(v, 3)
np.vsplit(x, [1])[0].shape
np.dsplit(x, 2)[0].shape
np.dsplit(x, [1, 3])[1].shape
np.dsplit(v, 2)
np.dsplit(x, 3)
np.flip(v)
np.flip(x, 0)[0, 0]
np.flip(x, (0, 1))[0, 0]
np.flip(x, -1)[0, 0]
np.flip(x, 5)
np.flip(x, (0, 0))
np.flip(z)
np.flip(e).shape
np.flip(5)
np.flip([1, 2])
np.flip(x, axis=None)[0, 0]
np.flip(v, out=np.zeros(3))
np.flipud(v)
np.fliplr(v)
np.fliplr(x)[0]
np.flipud(x)[0]
np.roll(v, 1)
np.roll(v, -1)
np.roll(v, 7)
np.roll(x, 1, axis=1)[0]
np.roll(x, (1, 2), axis=(0, 1))[0]
np.roll(x, 1, (0, 1))[0]
np.roll(x, (1, 2), 0)[0]
np.roll(x, (1, 2, 3), axis=(0, 1))
np.roll(x, 5)[0]
np.roll(v, 1, axis=1)
np.roll(z, 1)
np.roll(e, 1).shape
np.roll(i, 1)
np.rot90(x)[0]
np.rot90(x, 2)[0]
np.rot90(x, -1, (1, 2))[0]
np.rot90(x, 3, axes=[0, 2])[0]
np.rot90(x, 0)[0]
np.rot90(x, 1, (0, 0))
np.rot90(x, 1, (0, 5))
np.rot90(v)
np.rot90(x, 1, (0, 1, 2))
np.tile(v, 2)
np.tile(v, (2,))
np.tile(v, (2, 2))
np.tile(x, (2, 1)).shape
np.tile(z, 3)
np.tile(z, (2, 2))
np.tile(v, ())
np.tile(v, 0)
np.tile(v, (2, 0)).shape
np.tile(v, -1)
np.tile(5, 3)
np.tile([1, 2], 2)
np.tile(i, [2, 1])
np.tile(x, (1, 1, 1, 2)).shape
np.tile(x, (2, 1, 1, 1)).shape
np.tile(A=v, reps=2)
np.repeat(v, 2)
np.repeat(x, 2, axis=0).shape
np.repeat(x, 2, -1).shape
np.repeat(v, [1, 2, 3])
np.repeat(v, (1, 0, 3))
np.repeat(x, [2, 1], axis=0).shape
np.repeat(x, [2, 1, 0], axis=1).shape
np.repeat(v, [1, 2])
np.repeat(v, np.array([1, 2, 3]))
np.repeat(z, 3)
np.repeat(v, 0)
np.repeat(v, -1)
np.repeat(x, 2, axis=3)
np.repeat(e, 2).shape
np.pad(v, (1, 2))
np.pad(v, ((1, 2),))
np.pad(v, 1)
np.pad(v, (1,))
np.pad(v, [1, 2])
np.pad(x[0], ((1, 0), (0, 1)))
np.pad(x[0], ((1, 0), (0, 1)), 'constant', constant_values=7)
np.pad(x[0], ((1, 0), (0, 1)), constant_values=((1, 2), (3, 4)))
np.pad(x[0], (1, 2), 'edge')
np.pad(x[0], ((1, 1), (2, 2)), 'reflect')
np.pad(x[0], ((1, 1), (2, 2)), mode='symmetric')
np.pad(x[0], ((1, 1), (2, 2)), 'reflect', reflect_type='odd')
np.pad(x[0], ((1, 1), (2, 2)), 'maximum')
np.pad(x[0], ((1, 1), (2, 2)), 'minimum')
np.pad(x[0], ((1, 1), (2, 2)), 'maximum', stat_length=1)
np.pad(x[0], ((1, 1), (2, 2)), 'mean')
np.pad(x[0], ((1, 1), (2, 2)), 'wrap')
np.pad(x[0], ((1, 1), (2, 2)), 'linear_ramp')
np.pad(x[0], ((1, 1), (2, 2)), 'empty')
np.pad(x[0], ((1, 1), (2, 2)), 'nosuch')
np.pad(x[0], ((1, 1), (2, 2)), 'edge', constant_values=1)
np.pad(v, ((5, 5),), 'reflect')
np.pad(v, ((5, 5),), 'symmetric')
np.pad(v, ((3, 3),), 'symmetric')
np.pad(v[:1], ((2, 2),), 'reflect')
np.pad(i, ((1, 1),), constant_values=5)
np.pad(i, ((1, 1),), 'edge')
np.pad(b, ((1, 1),))
np.pad(v.astype('float16'), ((1, 1),)).dtype.name
np.pad(v.astype('int8'), ((1, 1),)).dtype.name
np.pad(z, ((1, 1),))
np.pad(z, ())
np.pad(x, ((0, 0), (0, 0), (1, 1))).shape
np.pad(x, ((0, 0), (0, 0)))
np.pad(e, ((1, 1), (0, 0)))
np.pad(v, None)
np.pad(v)
np.insert(v, 0, 5)
np.insert(v, 3, 5)
np.insert(v, -1, 5)
np.insert(v, 1, v)
np.insert(v, 1, np.array([7]))
np.insert(v, 4, 5)
np.insert(v, -4, 5)
np.insert(x[0], 1, v[:1], axis=1)
np.insert(x[0], 1, np.arange(4), axis=0)
np.insert(x[0], 1, np.arange(3), axis=1)
np.insert(x, 1, np.zeros((3, 4)), axis=0).shape
np.insert(v, slice(0, 2), np.array([7, 8]))
np.insert(v, slice(None), np.array([7, 8, 9]))
np.insert(v, slice(None, None, -1), np.array([7, 8, 9]))
np.insert(v, slice(0, 2), np.array([7, 8, 9]))
np.insert(v, np.array([0, 0], dtype='int64'), np.array([7, 8]))
np.insert(v, np.array([2, 0], dtype='int64'), np.array([7, 8]))
np.insert(v, np.array([2, 0], dtype='int32'), np.array([7, 8]))
np.insert(v, np.array([2, 0]), np.array([7, 8]))
np.insert(v, np.array([-1], dtype='int64'), np.array([7]))
np.insert(v, np.array([1], dtype='int64'), np.array([7, 8]))
np.insert(v, np.array(1, dtype='int64'), np.array([7, 8]))
np.insert(v, b, 5)
np.insert(v, [1], np.array([5]))
np.insert(v, 1, [5])
np.insert(i, 1, np.array([7.5]))
np.insert(v, 1, z)
np.insert(x[0], 1, z, axis=1)
np.insert(v, 1, 5, axis=1)
np.insert(v, 1.0, 5)
np.insert(v, True, 5)
np.insert(e, 0, v, axis=0)
np.delete(v, 0)
np.delete(v, 2)
np.delete(v, -3)
np.delete(v, 3)
np.delete(v, -4)
np.delete(x[0], 1, 0)
np.delete(x[0], 1, axis=1)
np.delete(x[0], slice(0, 2), axis=-1)
np.delete(v, slice(None))
np.delete(v, slice(0, 0))
np.delete(v, slice(None, None, -1))
np.delete(v, slice(2, 0, -1))
np.delete(v, np.array([0, 2], dtype='int64'))
np.delete(v, np.array([0, 0, -1], dtype='int64'))
np.delete(v, np.array([], dtype='int64'))
np.delete(v, np.array([0, 2]))
np.delete(v, np.array([7], dtype='int64'))
np.delete(v, np.array(1, dtype='int64'))
np.delete(v, [1])
np.delete(v, 1.0)
np.delete(v, b)
np.delete(z, 0)
np.delete(e, 0, axis=1).shape
np.delete([1, 2], 0)
np.resize(v, 5)
np.resize(v, (2, 4))
np.resize(v, 0)
np.resize(e, (2,))
np.resize(z, (2, 2))
np.unravel_index(np.array([5, 0], dtype='int32'), (2, 3))
np.unravel_index(np.array([5, 0], dtype='int64'), (2, 3))
np.unravel_index(np.array([5, 0], dtype='int64'), (2, 3, 4))
np.unravel_index(np.array([[5], [0]], dtype='int64'), (2, 3))
np.unravel_index(np.array(5, dtype='int64'), (2, 3))
np.unravel_index(np.array([5.0]), (2, 3))
np.unravel_index(np.array([7], dtype='int64'), (2, 3))
np.unravel_index(np.array([-1], dtype='int64'), (2, 3))
np.unravel_index([5], (2, 3))
np.unravel_index(5, (2, 3))
np.unravel_index(np.array([5], dtype='int64'), 6)
np.unravel_index(np.array([5, 0], dtype='int64'), (2, 3), order='F')
np.nonzero(v)
np.nonzero(x > 20)
np.nonzero(e)
np.nonzero(z)
np.nonzero(i)
np.flatnonzero(v - 2)
np.argwhere(v - 2)
np.where(v > 1, v, -v)
np.where(v > 1, 5, v)
np.where(v > 1, v, 5)
np.where(v > 1, 1, 0)
np.where(v > 1, 1.5, 0.5)
np.where(v > 1, i[0], v)
np.where(v > 1, i[0], i[1])
np.where(v, v, v)
np.where(i, i, i)
np.where(i, 1, i)
np.where(i, 1.5, i)
np.where(v > 1, v, v[:, None])
np.where(z > 1, v, 0)
np.where(True, v, 5)
np.where(0, v, 5)
np.where(1, 2, 3)
np.where(v > 1)
np.where(v > 1, v)
np.where(v > 1, y=v)
np.where(v > 1, [1, 2, 3], v)
np.where(v > 1, v, x)
np.where(v > 1, True, False)
np.where(v > 1, v.astype('float16'), v.astype('float16')).dtype.name
np.where(v > 1, v.astype('float16'), v)
np.where(e, e, e).shape
np.take(x, i)
np.take(x, i, 0).shape
np.take(x, i, axis=1).shape
np.take(x, i, axis=-1).shape
np.take(x, np.array([[0, 1], [2, 9]]), axis=2, mode='clip').shape
np.take(x, np.array([-1, 4, -6]), axis=2, mode='wrap')[0]
np.take(x, np.array([-1, 4, -6]), axis=2, mode='clip')[0]
np.take(x, i.astype('int64'))
np.take(x, i.astype('uint8'))
np.take(x, np.array([0.7, 1.2]))
np.take(z, i)
np.take(x, np.array(1), axis=0).shape
np.take(x, i, axis=3)
np.take(x, i, mode='other')
np.take(i, i)
np.take(b, i)
np.take(v, i, out=np.zeros(2))
np.take(v, e[:, 0])
np.take(e, i, axis=1).shape
np.take(v, b)
np.sort(-v)
np.sort(x[:, ::-1], axis=1)[0]
np.sort(-x, axis=None)
np.sort(-x, 0)[0]
np.sort(i)
np.sort(-i)
np.sort(b)
np.sort(z)
np.sort(e).shape
np.sort(v, kind='mergesort')
np.sort(v, order='a')
np.sort(x, axis=5)
np.sort(np.array([2, onp.nan, 1]))
np.sort(v.astype('float64')).dtype.name
np.sort(np.array([3, 1, 2], dtype='uint8'))
np.argsort(-v)
np.argsort(x[:, ::-1], axis=1)[0]
np.argsort(-x, axis=None)
np.argsort(i)
np.argsort(z)
np.argsort(e).shape
np.argsort(v, order='a')
np.argsort(np.array([1, 1, 0, 1, 0]))
np.argsort(np.array([2, onp.nan, 1]))
np.argsort(x, 5)
np.lexsort((v, v))
np.searchsorted(v, 2)
np.clip(v, 2, 3)
np.clip(v, None, 2)
np.clip(v, 2, None)
np.clip(v, None, None)
np.clip(i, 1, 1)
np.clip(i, 0.5, 2.5)
np.clip(b, 0, 1)
np.clip(v, v, 3)
np.clip(v, 2)
np.clip(v, a_min=2, a_max=3)
np.clip(v, 2, 3, out=np.zeros(3))
np.clip(z, 0, 1)
np.clip(5, 0, 1)
np.clip(np.array([onp.nan, 1]), 0, 1)
np.clip(e, 0, 1).shape
np.trace(x)
np.trace(x, 1)
np.trace(x, -1, 1, 2)
np.trace(x, axis1=0, axis2=2)
np.trace(x, axis1=1, axis2=1)
np.trace(v)
np.trace(np.eye(3, dtype='int32'))
np.trace(np.eye(3), out=np.zeros(()))
np.trace(e)
np.around(v * 1.234, 1)
np.around(np.array([0.5, 1.5, 2.5, -0.5]))
np.round(v * 123.4, -1)
np.round_(v, decimals=1)
np.round(5.67, 1)
np.round('a')
np.around(v, out=np.zeros(3))
np.fix(v * -1.5)
np.nan_to_num(np.array([onp.nan, onp.inf, -onp.inf, 1]))
np.nan_to_num(np.array([onp.nan, onp.inf, -onp.inf, 1]), nan=1, posinf=2, neginf=3)
np.nan_to_num(np.array([onp.nan, onp.inf]), copy=False)
np.nan_to_num(i)
np.nan_to_num(float('nan'))
np.nan_to_num([1])
np.ix_(i, i)
np.shares_memory(v, v)
np.shares_memory(v, v[1:])
np.shares_memory(v, v.copy())
np.may_share_memory(v, v.reshape(3, 1))
np.unravel_index(np.array([5, 0], dtype='int8'), (2, 3))
np.unravel_index(np.array([5, 0], dtype='uint8'), (2, 3))
np.unravel_index(np.zeros((0,), dtype='int64'), (2, 3))
np.unravel_index(np.array([5], dtype='int64'), (6,))
np.unravel_index(np.array([5], dtype='int64'), [2, 3])
np.unravel_index(indices=np.array([5], dtype='int64'), shape=(2, 3))
np.around(np.array([0.25, 0.35, -0.25, 0.05]), 1)
np.around(np.array([25., 35, 15, -25]), -1)
np.broadcast_to(2.5, (2, 2))
np.broadcast_to(True, 2)
"""

# Of a (2, 3) of each dtype, two positions p.
DTYPES = ("float16", "int8", "int64", "bool")
OF_DTYPES = """
a[0]
a[1, 2]
a[:, ::2]
a[p]
a[:, [0, 2]]
a[a > 1]
a[mask]
a.T
a.reshape(-1)
a.copy()
a.repeat(2)
a.repeat(2, axis=0)
a.take(p, axis=1)
np.take(a, p)
a.clip(0, 1)
a.argsort()
np.sort(a)
np.sort(a, axis=0)
a.flatten()
a.squeeze()
a.swapaxes(0, 1)
a.astype('int32')
a.astype('bool')
a.nonzero()
np.nonzero(a)
np.concatenate([a, a])
np.concatenate([a, a], axis=None)
np.stack([a, a], axis=-1)
np.vstack([a, a])
np.hstack([a, a])
np.dstack([a, a])
np.column_stack([a[0], a[1]])
np.append(a, a)
np.split(a, 3, axis=1)
np.array_split(a, 2, axis=1)
np.flip(a, 1)
np.roll(a, 1)
np.roll(a, 1, 0)
np.rot90(a)
np.tile(a, (1, 2))
np.pad(a, ((1, 0), (0, 1)))
np.pad(a, ((1, 0), (0, 1)), 'edge')
np.pad(a, ((1, 0), (0, 1)), 'reflect')
np.pad(a, ((1, 0), (0, 1)), 'maximum')
np.insert(a, 1, a[0], axis=0)
np.insert(a, p, a[0, :2])
np.delete(a, 1, axis=1)
np.delete(a, p)
np.diag(a)
np.diag(a[0])
np.diagonal(a)
np.diagflat(a[0])
np.trace(a)
np.tril(a)
np.broadcast_to(a[0], (2, 3))
np.expand_dims(a, 0)
np.atleast_3d(a)
np.where(a > 1, a, a)
np.where(a, a, a)
np.where(a > 1, a, 1)
np.where(a > 1, 1, a)
np.zeros_like(a)
np.ones_like(a)
np.full_like(a, 1)
np.meshgrid(a[0], a[0])[0]
np.moveaxis(a, 0, 1)
np.unravel_index(a, (9, 9))
np.around(a)
np.nan_to_num(a)
np.array(a)
np.full((2, 3), a)
np.fliplr(a)
a.tolist()
a.item(1)
repr(a)
a[0:0]
a.max()
np.unique(a)
np.resize(a, 4)
a.as_nd_ndarray().as_np_ndarray()
"""

# What is left in a.
WRITES_OF_DTYPES = """
a[0] = 1
a[0] = 2.7
a[0] = -1
a[0] = 300
a[0] = True
a[0] = a[1]
a[:, 1] = np.array([5, 6])
a[:] = np.array([1.5, -2.5, 300])
a[a > 1] = 9
a[a > 1] = a[a > 1]
a[p] = 4
a[p, p] = np.array([7.5, 8.5])
a[0] = [1, 2, 3]
a[0] = onp.array([1.9, 2.9, 3.9])
a[0, 0] = onp.float64(2.9)
"""

# Results that are written into arrays.
OUTPUTS = """
np.exp(v, out=np.zeros(3))
np.flip(v, 0, np.zeros(3))
np.reshape(v, (3, 1), 'C', np.zeros((3, 1)))
np.squeeze(v[None], 0, np.zeros(3))
np.squeeze(v[None], 0, np.zeros(4))
np.squeeze(v[None], 0, np.zeros(3, dtype='int32'))
np.concatenate([v, v], 0, np.zeros(6))
np.concatenate([v, v], 0, np.zeros(6, dtype='float64'))
np.stack([v, v], 0, np.zeros((2, 3)))
np.vstack([v, v], np.zeros((2, 3)))
np.take(v, i, None, 'clip', np.zeros(2))
np.clip(v, 1, 2, np.zeros(3))
np.clip(v, 1, 2, v)
np.trace(x, 0, 1, 2, np.zeros(2))
np.copy(v, np.zeros(3))
np.around(v, 0, np.zeros(3))
np.full((2,), 1.5, out=np.zeros(2))
np.full((2,), 1.5, out=np.zeros(3))
np.zeros_like(v, out=np.ones(3))
np.ones_like(v, out=np.ones(3, dtype='int32'))
np.flip(v, out=mx.nd.zeros(3))
np.concatenate([v, v], out=5)
np.clip(v, 1, 2, out=[np.zeros(3)])
x.sum(out=np.zeros(()))
x.argmax(out=np.zeros(()))
x.argmax(out=np.zeros((), dtype='int64'))
x.clip(0, 1, np.zeros((2, 3, 4))).shape
x.round(0, np.zeros((2, 3, 4))).shape
x.max(0, np.zeros((3, 4))).shape
x.cumsum(0, None, np.zeros((2, 3, 4))).shape
np.flip(i, out=np.zeros(2))
np.flip(v, out=np.zeros(3)) is None
(lambda o: np.flip(v, out=o) is o)(np.zeros(3))
(lambda o: np.concatenate([v], out=o) is o)(np.zeros(3))
(lambda o: np.clip(v, 0, 1, out=o) is o)(np.zeros(3))
(lambda o: (np.clip(v, 0, 1, out=o[0]), o)[1])(np.zeros((2, 3)))
(lambda o: (np.flip(v, out=o[:, 1]), o)[1])(np.zeros((3, 2)))
"""

# Programs that leave a result in x, which is (2, 3) at first; i are positions.
PROGRAMS = """
x.attach_grad()
x[0] = 5
---
x.attach_grad()
x += 1
---
x.attach_grad('null')
x[0] = 5
---
x = x.astype('int32')
x.attach_grad()
---
x.attach_grad()
x = x.grad
---
x.attach_grad('add')
x = x.grad
---
x.attach_grad('null')
x = x.grad
---
x.attach_grad()
x = x.detach().grad
---
x.attach_grad()
x = x.copy().grad
---
x.attach_grad()
x = x.as_nd_ndarray().grad
---
x.attach_grad()
x = x[0].grad
---
x.attach_grad()
x.grad[:] = 4
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    y = x * 2
    y[0] = 5
y.backward()
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    x[0] = 5
    y = x * 2
y.backward()
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    y = np.zeros((2, 3))
    y[0] = x[1] * 3
    z = y * 2
z.backward()
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    y = np.zeros((2, 3))
    y[:] = x * x
y.backward()
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    y = np.zeros((2, 3))
    y[i] = x * x
y.backward()
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    y = np.zeros((2, 3))
    y[np.array([[True, False, True], [False, True, False]], dtype='bool')] = 3
    z = y * x
z.backward()
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    y = x * 1
    y += 1
y.backward()
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    y = x * 1
    y[x > 2] = 0
y.backward()
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    x += 1
---
x.attach_grad()
with mx.autograd.record():
    y = x[x > 2] * x[0, 1]
y.backward()
x = x.grad
---
x.attach_grad('add')
for k in range(3):
    with mx.autograd.record():
        y = (x[k % 2] ** 2).sum()
    y.backward()
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    y = x[0]
    z = y[1]
    w = z * z
w.backward()
x = x.grad
---
x.attach_grad()
y = x[0]
with mx.autograd.record():
    z = y * 2
z.backward()
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    y = x.detach() * x
y.backward()
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    y = x * 2
    y.attach_grad()
    z = y * y
z.backward()
x = np.stack([x.grad, y.grad])
---
with mx.autograd.record():
    y = x * 2
y.backward()
---
x.attach_grad()
with mx.autograd.record():
    y = x * 2
y.backward()
y.backward()
---
x.attach_grad()
with mx.autograd.record():
    y = x * 2
y.backward(retain_graph=True)
y.backward(np.ones((2, 3)) * 4)
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    y = x * 2
y.backward(mx.nd.ones((2, 3)))
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    y = x * 2
y.backward(np.ones((3,)))
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    y = x[:, 1].sum() + x[i, i].sum() + np.take(x, i).sum() + x.T[2].sum()
x = mx.autograd.grad(y, x)
---
x.attach_grad()
with mx.autograd.record():
    y = [r * (k + 1) for k, r in enumerate(x)]
mx.autograd.backward(y)
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    y = np.array([r.sum() for r in x])
    z = y * 2
z.backward()
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    y = np.full((2, 3), x[0]) * 2
y.backward()
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    y = x.as_in_ctx(mx.cpu(1)) * 2
y.backward()
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    y = np.zeros((2, 3))
    x.copyto(y)
    z = y * 2
z.backward()
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    z = mx.nd.sum(x.as_nd_ndarray() * 2)
z.backward()
x = x.grad
---
y = x.as_nd_ndarray()
y.attach_grad()
z = y.as_np_ndarray()
with mx.autograd.record():
    w = z * 3
w.backward()
x = y.grad.as_np_ndarray()
---
x.attach_grad()
with mx.autograd.record():
    y = x.reshape(3, 2)
    y[:] = 4
---
x.attach_grad()
with mx.autograd.record():
    y = x.reshape(3, 2)
y[:] = 4
---
x.attach_grad()
with mx.autograd.record():
    y = x[0]
y[:] = 4
---
x.attach_grad()
with mx.autograd.record():
    y = np.concatenate([x, x], out=np.zeros((4, 3)))
y.backward()
x = x.grad
---
x.attach_grad()
with mx.autograd.record():
    y = np.zeros((2, 3))
    np.multiply(x, 2, out=y)
y.backward()
x = x.grad
"""

# Gradients of m (2, 3) and v (3,), weighted with 1, 2, ...
GRADIENTS = """
m.reshape(6)
m.T
m.ravel()
m.flatten()
m.copy()
m.astype('float64')
m.astype('float16')
m.astype('int32')
m.squeeze()
m.swapaxes(0, 1)
m.repeat(2)
m.repeat(2, axis=1)
m.repeat([1, 2], axis=0)
m.take(np.array([0, 1, 1]), axis=1)
np.take(m, np.array([0, 5, 5, 9]))
np.take(m, np.array([-1, 7]), mode='wrap')
np.take(m, np.array([-1, 7]), mode='clip')
m.clip(2, 4)
np.clip(m, None, 3)
m.as_in_ctx(mx.cpu(1))
m.copyto(mx.cpu(1))
m.detach()
m.as_nd_ndarray().as_np_ndarray() * 2
m[0]
m[:, 1]
m[..., None]
m[None, 1:]
m[[0, 0, 1]]
m[m > 2]
m[:, [2, 0]]
m[True]
m[0, 1]
m[::-1, ::2]
m[0][1]
[m[0], m[1]]
list(m)[1]
np.reshape(m, (3, 2))
np.transpose(m)
np.moveaxis(m, 0, 1)
np.concatenate([m, m])
np.concatenate([m, v[None]], axis=0)
np.concatenate([m, v], axis=None)
np.append(m, v)
np.stack([m, m * 2])
np.vstack([m, v])
np.hstack([v, v])
np.dstack([m, m])
np.column_stack([v, v * 2])
np.split(m, 2)
np.split(m, 3, axis=1)[1]
np.array_split(m, 2, axis=1)[1]
np.hsplit(m, 3)[2]
np.vsplit(m, 2)[1]
np.flip(m)
np.flip(m, 1)
np.roll(m, 1)
np.roll(m, 1, axis=1)
np.rot90(m)
np.tile(m, 2)
np.tile(m, (2, 1, 2))
np.pad(m, ((1, 1), (2, 2)))
np.pad(m, ((1, 1), (2, 2)), 'edge')
np.pad(m, ((1, 1), (2, 2)), 'reflect')
np.pad(m, ((1, 1), (2, 2)), 'symmetric')
np.pad(m, ((1, 1), (2, 2)), 'maximum')
np.pad(m, ((1, 1), (2, 2)), 'minimum')
np.broadcast_to(v, (2, 3))
np.broadcast_to(m, (2, 2, 3))
np.broadcast_arrays(v, m)
np.expand_dims(m, 0)
np.squeeze(m[None])
np.atleast_3d(m)
np.atleast_2d(v, m)[0]
np.diag(v)
np.diag(v, 1)
np.diag(m)
np.diagonal(m)
np.diagflat(v, 1)
np.trace(m)
np.trace(m, 1)
np.tril(m)
np.tril(m, -1)
np.where(m > 2, m, m * 3)
np.where(m > 2, m, v)
np.where(m > 2, 5, m)
np.where(m > 2, 5, 6)
np.sort(m, axis=1)
np.sort(m, axis=None)
np.argsort(m)
np.copy(m)
np.around(m)
np.nan_to_num(m)
np.nan_to_num(m / 0)
np.meshgrid(v, v)
np.meshgrid(v, v)[1]
np.full((2, 3), v)
np.zeros_like(m)
np.full_like(m, 2)
np.array(m)
np.delete(m, 0, axis=0)
np.insert(m, 1, v, axis=0)
np.unravel_index(m.astype('int64'), (2, 6))
np.resize(m, (2, 2))
"""
PAD_MODES = ("edge", "maximum", "minimum", "reflect", "symmetric")


def names(mx):
    np = mx.np
    return {
        "onp": onp,
        "x": np.arange(24).reshape(2, 3, 4),
        "m": np.array([[3.0, 1, 2], [5, 4, 4]]),
        "v": np.array([1.0, 2.0, 3.0]),
        "i": np.array([0, 1], dtype="int32"),
        "j": np.array([[0, 1], [1, 0]], dtype="int64"),
        "b": np.array([True, False]),
        "z": np.array(3.0),
        "e": np.zeros((0, 3)),
    }


def gradients(mx, expression):
    """Those of m and v."""
    scope = dict(names(mx), np=mx.np, mx=mx)

    def run():
        scope["m"].attach_grad()
        scope["v"].attach_grad()
        with mx.autograd.record():
            head = eval(expression, scope)
        head = head[0] if isinstance(head, (list, tuple)) else head
        head.backward(mx.np.arange(1, head.size + 1).reshape(head.shape).astype(head.dtype))
        return [plain(scope["m"].grad), plain(scope["v"].grad)]

    return tried(run)


def of_dtype(mx, line, dtype):
    """What an expression gives, or a statement leaves in a."""
    np = mx.np
    scope = {
        "np": np,
        "onp": onp,
        "a": np.array([[3, 0, 2], [1, 1, 0]], dtype=dtype),
        "p": np.array([0, 1], dtype="int64"),
        "mask": np.array([[True, False, True], [False, True, False]], dtype="bool"),
    }

    def run():
        if " = " not in line:
            return told(eval(line, scope))
        exec(line, scope)
        return plain(scope["a"])

    return tried(run)


def left(mx, program):
    """x after the program."""
    np = mx.np
    scope = {"mx": mx, "np": np, "x": np.arange(6).reshape(2, 3), "i": np.array([0, 1], dtype="int32")}

    def run():
        exec(program, scope)
        return told(scope["x"])

    return tried(run)


def settle(mx):
    """Waits, so that an error that comes late is not taken for one of the next line."""
    try:
        mx.nd.waitall()
    except Exception:
        pass


def results(mx):
    mx.npx.set_np()
    try:
        found = {}
        for line in (ARRAYS + CREATION + MANIPULATION + OUTPUTS).split("\n"):
            if line:
                found.update(evaluated(mx, line, lambda: names(mx)))
                settle(mx)
        for line in (OF_DTYPES + WRITES_OF_DTYPES).split("\n"):
            for dtype in DTYPES if line else ():
                found["%s of %s" % (line, dtype)] = of_dtype(mx, line, dtype)
                settle(mx)
        for program in PROGRAMS.strip().split("\n---\n"):
            found[program] = left(mx, program)
            settle(mx)
        for line in GRADIENTS.strip().splitlines():
            found["gradients: " + line] = gradients(mx, line)
            settle(mx)
        return found
    finally:
        mx.npx.reset_np()


if __name__ == "__main__":
    import mxnet

    write("numpy_arrays", results(mxnet))
