"""Writes tests/golden/numpy_indexing.json: elements of mx.np arrays by all kinds of keys, read, written, gradients.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.numpy_indexing
"""

import itertools

import numpy as onp

from tests.oracle.numpy_common import evaluated, tried
from tests.oracle.scenario import plain, write

# The parts of keys for an array of shape (2, 2, 2); p, q are arrays of positions, m a mask of one axis.
PARTS = ("1", "-1", ":", "::-1", "1:", "None", "...", "p", "[1, 0]", "q", "m")
SHORT = ("-1", ":", "::2", "None", "...", "p", "q")


def keys():
    """Keys of one, two and three parts, those with two ellipses or masks at most once."""
    one = [(part,) for part in PARTS]
    two = itertools.product(PARTS, PARTS)
    three = itertools.product(SHORT, SHORT, SHORT)
    return [", ".join(key) for key in itertools.chain(one, two, three) if key.count("...") < 2]


# Of x (2, 3, 4), masks b, positions i and j, z without axes.
READS = """
x[np.array([[True, False], [False, True]])]
x[np.zeros((2, 3, 4), dtype='bool')]
x[np.ones((2, 3), dtype='bool')]
x[np.ones((2, 3), dtype='bool'), 1]
x[np.ones((2, 3), dtype='bool'), :]
x[np.ones((2, 3), dtype='bool'), ..., None]
x[0, np.array([True, False, True])]
x[:, np.array([True, False, True])]
x[:, np.array([True, False, True]), 1]
x[:, np.array([True, False, True]), ::2]
x[..., np.array([True, False, True, True])]
x[0, ..., np.array([True, False, True, True])]
x[b, np.array([0, 1, 2], dtype='int32')]
x[b, np.array([2], dtype='int32')]
x[[0, 1], np.array([True, False, True])]
x[onp.array([[True, False, True], [False, True, False]])]
x[[[True, False, True], [False, True, False]]]
x[:, [True, False, True]]
x[onp.array(1)]
x[onp.array([[0, 1], [1, 0]])]
x[onp.array([0, 1], dtype='uint8')]
x[onp.array([0., 1.])]
x[np.array([0, 1], dtype='int8')]
x[np.array([0.7, 1.2])]
x[np.array([0, 1], dtype='float64')]
x[np.array([-1, -2], dtype='int32')]
x[[0, -1], [-1, 0], [2, -3]]
x[[0, 1], [0, 1, 2]]
x[[0, 1], [[0], [1]]]
x[(0, 1), (1, 2)]
x[((0, 1), (1, 2))]
x[range(2)]
x[0, range(2)]
x[onp.int32(1), onp.int64(2)]
x[onp.bool_(True)]
x[onp.float32(1)]
x[1.0]
x[None, True]
x[0, True]
x[np.array(True)]
x[np.array(False)]
x[onp.array(True)]
x[slice(1, None)]
x[slice(None, None, None), slice(0, 2), slice(3, 0, -2)]
x[1.5:2]
x['a':]
x[:, :, :, None]
x[None, None, None]
x[:, :, :, :]
x[..., ...]
x[0:5]
x[5:9]
x[-9:1]
x[3:0]
x[:, 2:0:-1]
x[:, 2:0]
x[::-1, ::-1, ::-1]
x[1:0:-1]
x[::3]
x[::0]
x[None, 0]
x[0, None, 1]
x[..., 0, None]
x[0, ..., 0]
x[{}]
x[None][0].shape
x[[]].shape
x[[], [0]].shape
x[:, []].shape
x[np.zeros((0,), dtype='int32'), 1].shape
x[np.zeros((2, 0), dtype='int64')].shape
x[np.array([], dtype='bool')]
x[0][0][0]
x[0][0][0][()]
x[0, 0, 0].shape
x[0, 0, 0].item()
x[x]
x[i, ..., i]
x[..., i, i]
x[i, None, i].shape
x[i, 1].shape
x[1, i].shape
x[1, :, i].shape
x[i, :, 1].shape
x[None, 1, i].shape
x[i, i, i]
x[:, i, i].shape
x[:, i, :, None].shape
x[j, j]
x[j, :, j].shape
x[j, 0, 1]
x[:, j, 1].shape
x[j[0], j]
x.astype('int32')[i]
x.astype('bool')[0]
x.astype('float16')[..., 1]
x.astype('int64')[x > 20]
x.astype('uint8')[0, 0]
x.astype('float64')[b]
np.zeros((0, 3))[0:0]
np.zeros((0, 3))[0]
np.zeros((0, 3))[:, 0]
np.zeros((0, 3))[np.zeros((0,), dtype='int32')]
np.zeros((0, 3))[:, [0, 1]].shape
np.zeros((3, 0))[1]
np.zeros((3, 0))[[0, 1]].shape
np.zeros((3, 0))[..., None].shape
z[()]
z[...]
z[None]
z[None, ...]
z[..., None]
z[None, None]
z[True]
z[False]
z[0]
z[:]
z[[0]]
z[np.array([0], dtype='int32')]
z[z > 1]
z[z > 9]
z[()].shape
x._at(1)
x._at(-1)
x._slice(0, 1)
x._slice(0, 3)
x[i].__class__.__name__
[r.shape for r in x]
[float(r) for r in x[0, 0]]
[r for r in z]
[r for r in np.zeros((0, 3))]
len(x)
len(z)
1 in x
99 in x
x.item()
x.item(0)
x.item(23)
x.item(0, 1, 2)
x.item((1, 2, 3))
x.item(-1)
x.item(24)
z.item()
z.item(0)
bool(z)
bool(x)
bool(np.zeros((0,)))
bool(np.zeros((1, 1)))
int(z)
float(z)
float(x)
int(np.array([7]))
int(np.array([7, 8]))
float(np.array([2.5], dtype='float16'))
[0, 1, 2, 3, 4, 5][z.astype('int32')]
[0, 1, 2, 3, 4, 5][np.array(2)]
[0, 1, 2][i]
complex(z)
round(z)
z[True]
z[z > 1]
x[0, True].shape
x[True, 0].shape
x[True, True].shape
x[:, True].shape
x[i, True].shape
x[0, False].shape
x[True, False].shape
x[..., True].shape
x[True, ...].shape
x[True, i].shape
x[b, True].shape
"""

# What is left in x (2, 3).
WRITES = """
x[0] = np.array([[1, 2, 3]])
x[0] = np.array([[[1, 2, 3]]])
x[:] = 1.5
x[:] = True
x[:] = None
x[:] = [7, 8, 9]
x[:] = [[7], [8]]
x[:] = [7, 8]
x[:] = (7, 8, 9)
x[:] = range(3)
x[:] = onp.arange(3)
x[:] = onp.arange(6).reshape(2, 3)
x[:] = onp.arange(6, dtype='int64').reshape(1, 2, 3)
x[:] = np.arange(6).reshape(2, 3).astype('int32')
x[:] = np.arange(3).astype('float16')
x[:] = mx.nd.ones((2, 3))
x[0] = mx.nd.ones((3,))
x[...] = np.array(5)
x[()] = np.array([7, 8, 9])
x[0, 0] = np.array(5)
x[0, 0] = np.array([5])
x[0, 0] = [5]
x[0, 0] = np.array([5, 6])
x[0, 0] = onp.float64(5)
x[0, 0] = float('nan')
x[0, 0] = 1e60
x[0, 0] = 1j
x[0, 0] = '5'
x[-1, -1] = 9
x[2, 0] = 9
x[0, 3] = 9
x[0, 0, 0] = 9
x[0:0] = 9
x[0:0] = np.zeros((0, 3))
x[5:] = 9
x[1:, 1:] = np.array([8, 9])
x[1:, 1:] = np.array([7, 8, 9])
x[::-1] = np.arange(10, 16).reshape(2, 3)
x[::-1, ::-1] = np.arange(10, 16).reshape(2, 3)
x[:, ::-2] = np.array([[10], [20]])
x[:, None] = np.arange(10, 16).reshape(2, 1, 3)
x[None] = np.arange(10, 16).reshape(1, 2, 3)
x[..., None] = np.array([[[7], [8], [9]]])
x[i] = np.arange(10, 16).reshape(2, 3)
x[i] = np.array([7, 8, 9])
x[i] = [7, 8, 9]
x[i] = [7, 8]
x[i] = np.array([7, 8])
x[:, i] = np.array([7, 8])
x[:, i] = np.array([[7], [8]])
x[i, :] = 5
x[i, i] = 5
x[i, i] = np.array([8])
x[i, i] = np.array([7, 8, 9])
x[i, 1] = np.array([8, 9])
x[1, i] = np.array([8, 9])
x[1, [0, 2]] = [8, 9]
x[[0, 1], [1, 2]] = onp.array([8, 9])
x[[0, 1], 1:] = np.array([8, 9])
x[[]] = 1
x[np.array([0, 0], dtype='int32')] = 4
x[np.array([0., 1.])] = 4
x[onp.array([1])] = 4
x[onp.array([0, 1]), onp.array([1, 2])] = 4
x[(0, 1), (1, 2)] = 4
x[range(2)] = 4
x[True] = 4
x[False] = 4
x[1.5] = 4
x['a'] = 4
x[x > 2] = np.array(5)
x[x > 2] = np.array([5])
x[x > 2] = [5, 6, 7]
x[x > 2] = 5.5
x[x > 2] = onp.array([5, 6, 7])
x[x > 2] = x[x > 2] * 2
x[x > 2] += 1
x[x < 0] = np.zeros((0,))
x[np.array([True, False])] = np.array([7, 8, 9])
x[np.array([True, False])] = np.array([[7, 8, 9]])
x[np.array([True, True])] = np.array([7, 8, 9])
x[np.array([True, True])] = np.array([[7], [8]])
x[np.array([True, True])] = np.arange(10, 16).reshape(2, 3)
x[np.array([True, False]), 1] = np.array([7])
x[np.array([True, True]), 1] = np.array([7, 8])
x[:, np.array([True, False, True])] = 7
x[:, np.array([True, False, True])] = np.array([7, 8])
x[0, np.array([True, False, True])] = np.array([7, 8])
x[..., np.array([True, False, True])] = np.array([[7], [8]])
x[onp.array([True, False])] = 7
x[[False, True]] = 7
x[np.array([[True, False, True], [False, True, False]])] = np.array([7, 8, 9])
x[x.astype('bool')] = 7
x[(x > 2) & (x < 5)] = 7
x[~(x > 2)] = 7
x[0] = x[1]
x[:, 0] = x[:, 2]
x[0, :2] = x[0, 1:]
x[:] = x[::-1]
x[:] = x[:, ::-1]
x[:, :2] = x[:, 1:]
x[:] = x.T.reshape(2, 3)
x[0] += 10
x[0][1] = 9
x[0][1] += 9
x[0, 1] += 9
x[:, 1] *= 2
x[i] -= 1
x[i, i] /= 2
x += np.array([1, 2, 3])
x -= 1
x *= x
x **= 2
x /= 2
x %= 2
x //= 2
x += np.zeros((2, 2, 3))
x += np.ones((2, 3), dtype='int32')
x @= np.ones((3, 3))
x[0:1][0][1:][0] = 50
a, b = x; b[:] = 9
for r in x: r[:] = 4
for r in x: r += 4
y = x.reshape(6); y[0] = 9
y = x.reshape((3, 2))[1]; y[:] = 9
y = np.reshape(x, (3, 2)); y[:] = 9
y = np.ravel(x); y[:] = 9
y = np.squeeze(x[None]); y[:] = 9
y = np.transpose(x); y[:] = 9
y = np.atleast_2d(x); y[:] = 9
y = np.array(x, copy=False); y[:] = 9
y = np.array(x); y[:] = 9
y = x.as_in_ctx(mx.cpu()); y[:] = 9
y = x.as_in_context(mx.cpu(1)); y[:] = 9
y = x.as_np_ndarray(); y[:] = 9
y = x.asnumpy(); y[:] = 9
y = x.copyto(mx.cpu()); y[:] = 9
y = np.zeros((2, 3)); y.copyto(x)
y = np.zeros((3,)); y.copyto(x)
y = np.zeros((2, 3), dtype='int32'); y.copyto(x)
y = x.view(); y[:] = 9
y = np.split(x, 3, axis=1)[0]; y[:] = 9
y = np.concatenate([x]); y[:] = 9
y = np.diag(x); y[:] = 9
y = x.diagonal(); y[:] = 9
y = np.diagonal(x); y[:] = 9
y = np.moveaxis(x, 0, 1); y[:] = 9
y = np.flip(x); y[:] = 9
y = np.copy(x); y[:] = 9
y = x.clip(0, 9); y[:] = 9
y = mx.npx.reshape(x, (-1,)); y[:] = 9
y = x[:1, :]; y[:] = 9
y = x[0, 1:]; y[:] = 9
y = x[0, ::2]; y[:] = 9
y = x[1:2, 1:]; y[:] = 9
y = x[..., :]; y[:] = 9
y = x[0, None]; y[:] = 9
y = x[None, 0, None, 1:]; y[:] = 9
y = x[1, 1:2]; y[:] = 9
y = x[[0]]; y[:] = 9
y = x[x > -1]; y[:] = 9
y = x[True]; y[:] = 9
y = x._at(0); y[:] = 9
y = x._slice(0, 1); y[:] = 9
y = x.as_nd_ndarray()[0]; y[:] = 9
y = x.as_nd_ndarray().reshape((3, 2)); y[:] = 9
z[()] = 5; x[0] = z
z[...] = 5; x[0] = z
z[:] = 5; x[0] = z
z[0] = 5; x[0] = z
z[()] = np.array([5]); x[0] = z
z[()] = np.array(5); x[0] = z
z[()] = [5]; x[0] = z
z[()] = [5, 6]; x[0] = z
z[True] = 5; x[0] = z
z[False] = 5; x[0] = z
z[z > 1] = 5; x[0] = z
z[None] = 5; x[0] = z
z += 1; x[0] = z
x.sort(); x
x.sort(axis=0)
np.sort(x)[:] = 7
x.fill(3)
x.itemset(0, 5)
x.T[:] = 4
x.shape = (3, 2)
x.dtype = 'int32'
del x[0]
x[0, True] = 5
x[True, 0] = 5
x[0, False] = 5
x[i, True] = 5
x[True] = np.arange(6).reshape(1, 2, 3)
x[True] = np.array([7, 8, 9])
x[False] = np.array([7, 8, 9])
"""


def corrupts(key):
    """Whether MXNet counts a negative number beside arrays from the wrong place where it writes: beyond the memory."""
    return "-1" in key and any(part in key.split(", ") for part in ("p", "q", "m", "[1", "0]"))


def scope_of(mx):
    np = mx.np
    return {
        "np": np,
        "onp": onp,
        "p": np.array([1, 0], dtype="int32"),
        "q": np.array([[0], [1]], dtype="int64"),
        "m": np.array([True, False], dtype="bool"),
    }


def of_cube(mx):
    np = mx.np
    return {
        "onp": onp,
        "x": np.arange(24).reshape(2, 3, 4),
        "b": np.array([True, False], dtype="bool"),
        "i": np.array([0, 1], dtype="int32"),
        "j": np.array([[0, 1], [1, 0]], dtype="int64"),
        "z": np.array(3.0),
    }


def array_of(mx):
    return mx.np.arange(8).reshape(2, 2, 2)


def short(array):
    """Shape and elements, which are whole numbers, in one line."""
    values = array.asnumpy()
    assert values.dtype == onp.float32, values.dtype
    return "%s: %s" % (list(values.shape), " ".join(str(int(n)) for n in values.ravel()))


def got(mx, key):
    """x[key] and, where it is recorded, the gradient of its elements times 1, 2, ..."""
    scope = dict(scope_of(mx), x=array_of(mx))
    found = [short(eval("x[%s]" % key, scope))]
    if corrupts(key):
        return found
    x = scope["x"]
    x.attach_grad()
    with mx.autograd.record():
        y = eval("x[%s]" % key, scope)
    y.backward(mx.np.arange(1, y.size + 1).reshape(y.shape))
    return found + [short(x.grad)]


def put(mx, key, value):
    """The elements of x after ``x[key] = value``, where y is an array of the shape of x[key]."""
    scope = dict(scope_of(mx), x=array_of(mx))
    if value == "y":
        shape = eval("x[%s]" % key, scope).shape
        size = 1
        for n in shape:
            size *= n
        scope["y"] = mx.np.arange(20, 20 + size).reshape(shape)
    exec("x[%s] = %s" % (key, value), scope)
    return short(scope["x"]).partition(": ")[2]


def left(mx, statement):
    """x after the statement."""
    np = mx.np
    scope = {
        "mx": mx,
        "np": np,
        "onp": onp,
        "x": np.arange(6).reshape(2, 3),
        "i": np.array([0, 1], dtype="int32"),
        "z": np.array(3.0),
    }

    def run():
        exec(statement, scope)
        return plain(scope["x"])

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
        for key in keys():
            found["x[%s]" % key] = tried(lambda: got(mx, key))
            if corrupts(key):
                continue
            found["x[%s] = 50" % key] = tried(lambda: put(mx, key, "50"))
            found["x[%s] = y" % key] = tried(lambda: put(mx, key, "y"))
        for line in READS.strip().splitlines():
            found.update(evaluated(mx, line, lambda: of_cube(mx)))
            settle(mx)
        for line in WRITES.strip().splitlines():
            found["written: " + line] = left(mx, line)
            settle(mx)
        return found
    finally:
        mx.npx.reset_np()


if __name__ == "__main__":
    import mxnet

    write("numpy_indexing", results(mxnet))
