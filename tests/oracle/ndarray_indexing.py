"""Writes tests/golden/ndarray_indexing.json: reading and writing elements of arrays.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.ndarray_indexing
"""

import os

import numpy as np

from tests.oracle.scenario import attempt, plain, write

# Keys of x (4, 5) and of y (2, 3, 4), as source text.
KEYS_2D = """
    0 | 3 | -1 | -4 | 4 | -5 | np.int64(2) | np.int8(1) | True | slice(None) | ... | None | () | slice(1, 3)
    slice(-3, None) | slice(None, -1) | slice(0, 4, 2) | slice(1, None, 3) | slice(2, 2) | slice(3, 1)
    slice(None, None, -1) | slice(3, 0, -2) | slice(-1, -10, -1) | slice(10, None) | slice(0, 100) | slice(4, 4)
    slice(0, 2, 0) | slice(1.0, 2) | slice(np.int64(1), np.int32(3)) | (0, 0) | (1, -1) | (3, 4) | (4, 0) | (0, 5)
    (0, -6) | (1, slice(None)) | (slice(None), 2) | (slice(None), -1) | (slice(1, 3), slice(2, 4))
    (slice(None, None, 2), slice(None, None, 2)) | (slice(None), slice(None, None, -1))
    (slice(None, None, -1), slice(None, None, -2)) | (slice(None), slice(1, 1)) | (0, 0, 0) | (Ellipsis, 0)
    (0, Ellipsis) | (Ellipsis, Ellipsis) | (None, 1) | (1, None) | (None, slice(None), None) | (slice(None), None, 2)
    (Ellipsis, None) | (None, Ellipsis, 1) | (None, None, 0, 0) | (slice(None), Ellipsis, slice(0, 2))
    (0, 1, Ellipsis) | [0, 2] | [0, -1] | [3] | [] | [[0, 1], [2, 3]] | [0, 4] | [-5] | [True, False, True, False]
    [0.0, 1.7] | np.array([1, 0]) | np.array([[1], [0]]) | np.array([1, 0], "float32") | np.array(2)
    np.zeros((0,), "int64") | np.array([True, False, True, True]) | nd.array([1, 0]) | nd.array([1, 0], dtype="int32")
    nd.array([[2, 0]]) | nd.array([-1, 4]) | nd.array([1, 0, 1, 0]) | x > 7 | ([0, 1], [2, 3]) | ([0, 1], 2)
    (2, [0, 1]) | ([[0], [1]], [2, 3]) | ([0, 1], slice(None)) | (slice(None), [0, 2, 2]) | (slice(1, 3), [4, 0])
    (slice(None, None, -1), [1]) | ([0, 3], slice(None, None, -1)) | ([0, 3], slice(1, 3))
    (nd.array([0, 1]), nd.array([1, 2])) | (nd.array([0, 1]), 2) | (np.array([0, 1]), [2, 3])
    (nd.array([0]), slice(1, 3)) | ([0, 1], [0, 1, 2]) | ([0, 1], 5) | (None, [0, 1]) | ([0, 1], None)
    (Ellipsis, [0, 1]) | ([0, 1], Ellipsis) | ([0, 1], None, [1, 2]) | (slice(None), None, [1, 2]) | "a" | 1.0 | {1: 2}
    (0, "a") | (0, 1.0) | np.float32(1) | range(2) | (0, True) | False | nd.array([2]) | [nd.array([1])]
    [np.int64(1), 2] | (nd.array([1], dtype="int64"), 0) | (1, nd.array([2])) | nd.array(1) | [[0, 1], [2]]
    ([0], [1], [2]) | slice(0, None, -1) | slice(2, 1, -1) | slice(None, None, -4) | (slice(1, 0, -1), 2)
    (slice(3, None, -2), slice(0, None, -1)) | ((0, 2),) | ((0, 2), (1, 3)) | (slice(None), (0, 2, 2)) | ((0, 1), 2)
    (slice(None), ((0, 1), (2, 3))) | (slice(None), (0.0, 1.7)) | (slice(None), (0, "a")) | ((0, 1), (0, 1, 2))
"""
KEYS_3D = """
    1 | -1 | (1, 2) | (1, 2, 3) | (0, slice(1, 3)) | (0, slice(None), 1) | (slice(None), 0) | (slice(None), 0, 1)
    (slice(None), slice(None), 0) | (Ellipsis, 0) | (Ellipsis, slice(None, None, -1)) | (0, Ellipsis, 2) | (0, None, 2)
    (slice(None), [0, 2]) | (slice(None), [0, 2], 1) | ([0, 1], slice(None), [1, 2]) | (0, slice(None), [1, 2])
    ([0, 1], [0, 1]) | (0, [0, 1], [2, 3]) | (slice(None), [0, 1], [2, 3]) | ([1], Ellipsis, [0])
    ([[0, 1]], slice(0, 2)) | (slice(None), nd.array([0, 2]), slice(None, None, 2)) | (nd.array([1]), [2], 3)
    (1, slice(None, None, -2), slice(3, 0, -1)) | (None, 0, None, 1, None) | (slice(0, 1), slice(0, 1), slice(0, 1))
    ([0, 1], 0, [1, 2]) | (0, [1, 2], slice(None)) | ([0, 1], None, slice(None), [1, 2])
    (slice(None, None, -1), [0, 2], slice(None, None, -1)) | ((0, 1), slice(None), (1, 2)) | ((0, 1), [0, 2], (3, 1))
"""

# Writing under these, MXNet writes outside of the array's memory; tests/ndarray/test_indexing.py has what we do.
CORRUPTING = ("[0, -1]", "[0, 4]", "[-5]", "nd.array([-1, 4])")

# What is written to x (4, 5) under which key.
ASSIGNMENTS = """
    x[:] = 3 | x[:] = 2.5 | x[:] = np.float64(2.5) | x[:] = True | x[:] = np.arange(20).reshape(4, 5)
    x[:] = np.arange(5) | x[:] = [1, 2, 3, 4, 5] | x[:] = (5, 4, 3, 2, 1) | x[:] = [[1], [2], [3], [4]]
    x[:] = nd.ones((4, 5)) | x[:] = nd.arange(5) | x[:] = nd.ones((4, 1), dtype="int32") | x[:] = nd.ones((1, 1, 5))
    x[:] = np.ones((1, 4, 5)) | x[:] = nd.ones((2, 4, 5)) | x[:] = nd.ones((4,)) | x[:] = [1, 2]
    x[:] = np.ones((3, 5)) | x[:] = "a" | x[:] = None | x[:] = nd.array([7]) | x[:] = x
    x[:] = np.arange(20).reshape(4, 5).T.copy().T | x[:] = np.float16(1.5) | x[:] = np.array(4.5) | x[:] = [[1, 2]]
    x[...] = 3 | x[...] = np.arange(5) | x[None] = 3 | x[None] = np.ones((1, 4, 5)) | x[()] = 7 | x[1] = 9 | x[-1] = 9
    x[4] = 9 | x[-5] = 9 | x[1] = [5, 4, 3, 2, 1] | x[1] = nd.arange(5) | x[1] = nd.ones((1, 5)) | x[1] = [1, 2]
    x[np.int32(1)] = 9 | x[1] = np.ones((1, 1, 5)) | x[1] = nd.ones((2, 5)) | x[0] = x[1] | x[1:3] = x[0:2]
    x[0:3] = x[1:4] | x[1:3] = 4 | x[1:3] = nd.ones((2, 5)) | x[1:3] = nd.arange(5)
    x[1:3] = np.arange(10).reshape(2, 5) | x[1:3] = nd.ones((3, 5)) | x[::2] = 1 | x[::2] = nd.arange(5)
    x[::-1] = np.arange(20).reshape(4, 5) | x[::-1] = [[1], [2], [3], [4]] | x[3:0:-2] = -1 | x[2:2] = 1 | x[3:1] = 1
    x[10:] = 1 | x[:100] = 1 | x[1, 2] = 9 | x[1, -1] = nd.array([9]) | x[1, 2] = np.array(9) | x[1, 2] = [9]
    x[4, 0] = 1 | x[0, 5] = 1 | x[0, 0, 0] = 1 | x[1, 2] = x[0, 1] | x[1, 2] = [1, 2] | x[1, 2] = np.float32(4)
    x[:, 1] = 5 | x[:, 1] = [1, 2, 3, 4] | x[:, 1] = nd.arange(4) | x[:, 1] = nd.ones((4, 1)) | x[:, 1] = [1, 2]
    x[:, 1:2] = nd.ones((4, 1)) | x[:, -1] = x[:, 0] | x[:, ::-1] = nd.arange(5)
    x[:, ::-2] = np.arange(12).reshape(4, 3) | x[1:3, 2:4] = 0 | x[1:3, 2:4] = [[1, 2], [3, 4]] | x[1:3, 2:4] = [1, 2]
    x[::2, ::2] = np.arange(6).reshape(2, 3) | x[::-1, ::-1] = np.arange(20).reshape(4, 5) | x[..., 0] = 1
    x[0, ...] = [1, 2, 3, 4, 5] | x[:, None, 1] = 5 | x[None, 1] = nd.ones((1, 5)) | x[:, :] = 2
    x[:, :] = nd.arange(5) | x[1, :] = 5 | x[[0, 2]] = 5 | x[[0, 2]] = nd.arange(5) | x[[0, 2]] = [[1], [2]]
    x[[0, 2]] = np.ones((2, 5)) | x[[0, 0]] = 5 | x[[0, 1], [2, 3]] = 5 | x[[0, 1], [2, 3]] = [7, 8]
    x[[0, 1], 2] = [7, 8] | x[[0, 1], [0, 1, 2]] = 1 | x[nd.array([0, 2])] = 5 | x[nd.array([0, 2])] = nd.arange(5)
    x[np.array([1, 3])] = 5 | x[nd.array([0, 1]), nd.array([2, 3])] = 5 | x[:, [0, 2]] = 5 | x[:, [0, 2]] = [7, 8]
    x[1:3, [4, 0]] = [[1, 2], [3, 4]] | x[[0, 3], 1:3] = [[1, 2], [3, 4]] | x[[0, 3], ::-1] = nd.arange(5)
    x[::-1, [1]] = [[1], [2], [3], [4]] | x[[]] = 5 | x[x > 7] = 0 | x["a"] = 1 | x[1.0] = 1 | x[[[0, 1], [2, 3]]] = 5
    x[[[0, 1], [2, 3]], 0] = [[1, 2], [3, 4]] | x[nd.array([0, 2])] = [1, 2] | x[[0, 2]] = [1, 2] | x[0][1] = 5
    x[1:3][0][:] = 5 | x[1:3][:, 1] = 5 | x[::2][:] = 5 | x[:, 1:3][:] = 5 | x[[0, 1]][:] = 5 | x[:][1] = 5
    x[1, 1:4][:] = 5 | x[1:2, 1:4][:] = 5 | x[None][:] = 5 | x[1:3, :][:] = 5 | x[..., :][:] = 5
    x[0:1][0][0:2][:] = 5 | x.reshape((5, 4))[0] = 5 | x.reshape((-1,))[3] = 5 | x[1:3].reshape((5, 2))[0] = 5
    x.T[0] = 5 | x.flatten()[0] = 5 | x.expand_dims(0)[:] = 5 | x.squeeze()[:] = 5 | x.astype("float32")[:] = 5
    x.astype("float32", copy=False)[:] = 5 | x.copy()[:] = 5 | x.as_in_context(mx.cpu())[:] = 5 | x.detach()[:] = 5
    x.slice((0, 0), (1, 1))[:] = 5 | x.broadcast_to((4, 5))[:] = 5 | x.split(1, axis=0)[:] = 5
    x.slice_axis(0, 0, 2)[:] = 5 | x.transpose((0, 1))[:] = 5 | x.swapaxes(0, 0)[:] = 5 | x.flip(0)[:] = 5
    nd.stop_gradient(x)[:] = 5 | nd.identity(x)[:] = 5 | nd.reshape(x, shape=(5, 4))[:] = 5 | nd.Flatten(x)[:] = 5
    nd.concat(x, dim=0)[:] = 5 | x.reshape_like(nd.zeros((5, 4)))[:] = 5 | x.expand_dims(0).squeeze(0)[:] = 5
    x._at(1)[:] = 5 | x._slice(1, 3)[:] = 5 | x.round()[:] = 5 | x[2] += 1 | x[1:3] *= 2 | x[:, 1] -= 5
    x[[0, 1]] += 1 | x[0, 0] /= 2 | x += 1 | x -= nd.ones((4, 5)) | x *= nd.arange(5) | x /= 2 | x **= 2 | x %= 3
    x += np.float32(1) | x += [1] | x += np.ones((4, 5)) | x += nd.ones((2, 4, 5))
    x += nd.ones((4, 5), dtype="int32") | x //= 2 | x += None | x *= True | x[:] = 300 | x[:] = -1.5 | x[0] = 1e40
    x[:] = -1e40 | x[:, 1] = float("nan") | x[[0]] = 300 | x[1:3, ::-1] = [1, 2, 3, 4, 5] | x[::-1][0] = 5
    x[3:0:-2] = 7 | x[:, ::-1] = 7 | x[::-1, [0, 1]] = 7 | x[-1:-3:-1] = nd.arange(5)
"""


def entries(text):
    """The pieces between line ends and bars."""
    return [piece.strip() for line in text.strip().splitlines() for piece in line.split("|")]


def results(mx):
    nd = mx.nd
    found = {}

    def values(dtype="float32"):
        x = nd.array(np.arange(20).reshape(4, 5), dtype=dtype)
        y = nd.array(np.arange(24).reshape(2, 3, 4), dtype=dtype)
        return {"mx": mx, "nd": nd, "np": np, "x": x, "y": y}

    for name, keys in (("x", KEYS_2D), ("y", KEYS_3D)):
        for key in entries(keys):
            scope = values()
            found["%s[%s]" % (name, key)] = attempt(lambda: scope[name][eval(key, scope)])

            # What a write to the result does to the array itself.
            def share():
                part = scope[name][eval(key, scope)]
                part[:] = -1
                return int((scope[name].asnumpy() == -1).sum())

            found["%s[%s][:] = -1" % (name, key)] = attempt(share)

            def assign():
                scope[name][eval(key, scope)] = -1
                return scope[name]

            if key not in CORRUPTING:
                scope = values()
                found["%s[%s] = -1" % (name, key)] = attempt(assign)
    for statement in entries(ASSIGNMENTS):
        for dtype in ("float32", "int32", "uint8", "float16"):
            scope = values(dtype)

            def run():
                exec(statement, scope)
                return scope["x"]

            found["%s (%s)" % (statement, dtype)] = attempt(run)
    for shape in ((1,), (3,), (1, 1), (2, 1, 2)):
        z = nd.array(np.arange(np.prod(shape)).reshape(shape))
        for key in (
            "0",
            "-1",
            "(0,)",
            "slice(0, 1)",
            "slice(1, 2)",
            "[0]",
            "(Ellipsis, 0)",
            "None",
            "slice(None, None, -1)",
        ):
            found["%s of shape %s" % (key, shape)] = attempt(lambda: z[eval(key)])
    found["iteration"] = plain([list(v.shape) for v in nd.ones((3, 2))] + [v.asscalar() for v in nd.arange(3)])
    found["in"] = attempt(lambda: 3 in nd.arange(4))
    return found


if __name__ == "__main__":
    os.environ["MXNET_ENGINE_TYPE"] = "NaiveEngine"  # so that errors come where they belong
    import mxnet

    write("ndarray_indexing", results(mxnet))
