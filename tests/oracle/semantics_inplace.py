"""Scenarios: ``out=`` that is an input, views, and writing in place with and without ``record``.

Each scenario is a few statements over x = [[1, 2, 3], [4, 5, 6]] and y = [[6, 5, 4], [3, 2, 1]]; what the names hold
afterwards is the result, or the error. ``v`` and ``w`` are variables with these values.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.semantics_inplace
"""

import numpy as np

from tests.oracle.semantics_common import Table, main

X, Y = [[1, 2, 3], [4, 5, 6]], [[6, 5, 4], [3, 2, 1]]

# Statements outside of record, on arrays that are no variables.
PLAIN = (
    "nd.broadcast_add(x, y, out=x)", "nd.broadcast_mul(x, x, out=x)", "nd.elemwise_sub(x, y, out=y)",
    "nd.sqrt(x, out=x)", "nd.clip(x, 2, 4, out=x)", "nd.relu(x - 3, out=x)", "nd.dot(x, y.T, out=y[:, :2])",
    "nd.transpose(x, out=x)", "nd.reverse(x, axis=1, out=x)", "nd.flip(x, axis=0, out=x)", "nd.sum(x, axis=1, out=x)",
    "nd.softmax(x, out=x)", "nd.sort(x, is_ascend=False, out=x)", "nd.broadcast_to(x[0:1], shape=(2, 3), out=x)",
    "nd.where(x > 3, y, x, out=x)", "nd.concat(x, y, dim=0, out=x)",
    "nd.slice_axis(x, axis=0, begin=0, end=2, out=x)", "nd.add_n(x, y, x, out=x)",
    "nd.take(x, nd.array([1, 0]), out=x)", "nd.maximum(x, y)", "nd.zeros_like(x, out=x)", "nd.ones((2, 3), out=x)",
    "nd.random.uniform(shape=(2, 3), out=x); x[:] = 0", "nd.Reshape(x, shape=(3, 2), out=x)",
    "nd.cast(x, 'int32', out=x)", "z = nd.zeros((2, 3)); nd.exp(x, out=z)", "z = nd.zeros((3, 2)); nd.exp(x, out=z)",
    "z = nd.zeros(6); nd.exp(x, out=z)", "z = nd.zeros((2, 3), dtype='float64'); nd.exp(x, out=z)",
    "z = nd.exp(x, out=y)", "z = nd.exp(x, out=y) is y",
    "a, b = nd.zeros((2, 1)), nd.zeros((2, 1)); nd.topk(x, ret_typ='both', out=[a, b])",
    "nd.SliceChannel(x, num_outputs=3, out=[x[:, 0:1], x[:, 1:2], y[:, 0:1]])", "nd.broadcast_add(x, y[0:1], out=x)",
    "nd.broadcast_add(x, x[0:1], out=x)", "nd.broadcast_sub(x, x[:, 0:1], out=x)",
    "nd.broadcast_add(x[0], x[1], out=x[0])", "nd.cumsum(x, axis=1, out=x) if hasattr(nd, 'cumsum') else None",
    "nd.sgd_update(x, y, lr=0.5, out=x)", "nd.elemwise_add(x, y, out=x[:])", "nd.exp(x, out=x[0:1])",
    "nd.dot(x, x.T, out=x)",
    # writing
    "x[:] = y", "x[:] = 7", "x[0] = y[1]", "x[1] = x[0]", "x[0:2] = x[::-1]", "x[:, 1] = x[:, 0]",
    "x[0, 1:] = x[0, :2]", "x[0, :2] = x[0, 1:]", "x[:] = x.T.reshape((2, 3))", "x[::-1] = x", "x[:, ::2] = 9",
    "x[1, 2] = y[0, 0]", "x[x > 3] = 0", "x[nd.array([1, 0])] = y", "x[[1, 0]] = x", "x[[0, 0]] = y",
    "x[:] = [1, 2, 3]", "x[:] = [[1, 2]]", "x[0] = [7, 8, 9]", "x[:] = np.arange(6).reshape(2, 3)",
    "x[:, 0] = np.array([8, 9])", "x[0] = y", "x[:] = y[0]", "x[:] = y.astype('int32')",
    "x[:] = y.astype('float64') + 0.5", "x[0][1] = 50", "x[0][:] = 50", "x[:, 1][:] = 50", "x[0:1][0][2] = 50",
    "x[0] += 10", "x[0] += y[0]", "x[:, 0] *= 2", "x += y", "x += x", "x -= x", "x *= x", "x /= x", "x %= y",
    "x += 1", "x += y[0]", "x[0:1] += x[1:2]", "x += x[0]", "x -= x[0:1]", "x *= x[:, 0:1]", "x += np.float32(1)",
    "x /= 0", "x **= 2",
    # views
    "v = x[0]; v[:] = 9", "v = x[0:1]; v += 1", "v = x[:]; v += 1", "v = x.reshape((3, 2)); v[:] = 9",
    "v = x.reshape(-1); x += 1", "v = x[:, 1]; v[:] = 9", "v = x[:, 1:2]; v += 1", "v = x.T; v[:] = 9",
    "v = x[0]; x[:] = 0", "v = x[::-1]; v[:] = 9", "v = x.expand_dims(0); v[:] = 9", "v = x.flatten(); v[:] = 9",
    "v = x.slice_axis(0, 0, 1); v[:] = 9", "v = x[1:]; w = v[0]; w += 1", "v = x.detach(); v += 1",
    "v = x.copy(); v += 1", "v = x.astype('float32'); v += 1", "v = x.astype('float32', copy=False); v += 1",
    "v = x.as_in_context(mx.cpu()); v += 1", "v = x.copyto(mx.cpu()); v += 1", "v = x.swapaxes(0, 1); v += 1",
    "v = x[...]; v += 1", "v = x[None]; v += 1", "v = x[0, 0:2]; v += 1", "v = x[0, 1]; v += 1",
    "v = x.reshape((6,))[2:4]; v += 1", "v = x.squeeze(); v += 1", "v = nd.identity(x); v += 1",
    "v = nd.BlockGrad(x); v += 1", "v = x.asnumpy(); v += 1", "v = x.split(3, axis=1)[0]; v += 1",
    "v = [row for row in x]; v[0][:] = 9", "v = x.at(1) if hasattr(x, 'at') else x[1]; v += 1",
    "v = x._slice(1, 2); v += 1", "v = x._at(1); v += 1", "v = x._reshape((3, 2)) if hasattr(x, '_reshape') else 0",
    "v = nd.Reshape(x, shape=(3, 2)); v += 1",
)  # fmt: skip

# Statements inside of record; then the sum of z (y where there is none) is differentiated.
RECORDED = (
    "z = v * 2; z += 1", "z = v * 2; z[:] = 0", "z = v * 2; z[0] = 0", "z = v * 2; z *= v", "z = v * 2; z[:] = z + 1",
    "v += 1; z = v", "v[:] = 0; z = v", "v[0] = 0; z = v * v", "z = nd.zeros((2, 3)); z[:] = v",
    "z = nd.zeros((2, 3)); z[0] = v[0]; z = z * 1", "z = nd.zeros((2, 3)); z[0] = v[0]; z[1] = v[1]",
    "z = nd.zeros((2, 3)); z += v", "z = nd.zeros((2, 3)); z[:, 1] = v[:, 0] * 2",
    "z = nd.zeros((2, 3)); nd.exp(v, out=z)", "z = v * 2; nd.exp(z, out=z)",
    "z = nd.exp(v); nd.broadcast_add(z, v, out=z)", "nd.exp(v, out=v); z = v", "x[:] = 0; z = v * x",
    "x += 1; z = v * x", "z = v * x; x[:] = 0", "z = v * x; x += 100", "z = nd.exp(v); u = z * x; x += 1; z = u",
    "z = v[0] * v[1]", "z = v[0:1]; z = z * z", "z = v.reshape((3, 2))[1] * 2", "z = v[:, 1] ** 2",
    "z = v[0]; z += 1", "z = v.reshape((6,)); z[:] = 1", "z = v[nd.array([0, 0])] * 2",
    "z = v[[1, 1]] * nd.array([[1], [10]])", "z = v[0, 1] * v[1, 2]", "z = v.T * 2", "z = v.copy() * 2",
    "z = v.detach() * v", "z = v.astype('float64') * 2", "z = v.copyto(x) * 3", "v.copyto(x); z = x * 2",
    "z = v.as_in_context(mx.cpu()) * 2", "z = v > 2; z *= 3; z = v * z", "z = v > 2; z[:] = 1; z = v * z",
    "m = nd.BlockGrad(v); m += 1; z = m * v", "m = v.detach(); m += 1; z = m * v",
    "m = nd.zeros((2, 3)); m[:] = 3; z = m * v", "m = nd.zeros((2, 3)); m[0] = 3; m += 1; z = m * v",
    "m = x * 2; m += 1; z = m * v", "m = x * y; m[0] = 0; z = m * v", "x[0] = v[0]; z = x * x", "x[:] = v; z = x * x",
    "x[:] = v * 2; x[:] = x * 3; z = x", "z = nd.concat(v[0:1], v[1:2], dim=0) * 2",
    "z = nd.stack(*[row for row in v]) * 3", "z = nd.add_n(*[v[i] for i in range(2)])",
    "z = sum([v[i] * i for i in range(2)])", "z = v.slice_axis(1, 0, 2) * 2", "z = nd.elemwise_add(v, v) * v",
    "with autograd.pause(): x[:] = v\nz = x * v", "with autograd.pause(): v[:] = 1\nz = v * v",
    "with autograd.pause(): v += 1\nz = v * v", "z = v * v\nwith autograd.pause(): x[:] = z",
    "z = v * v\nwith autograd.pause(): z[:] = 0", "z = v * v\nwith autograd.pause(): z += 1",
    "nd.sgd_update(x, v, lr=0.5, out=x); z = v * 1",
    "z = nd._internal._slice_assign(v, w[0:1] * 3, begin=(0, 0), end=(1, 3))",
    "z = nd._internal._slice_assign_scalar(v, scalar=3, begin=(0, 0), end=(1, 3))",
)  # fmt: skip


def plain_statements(mx, text):
    """What x, y and the other names hold after the statements."""
    names = {"mx": mx, "nd": mx.nd, "np": np, "x": mx.nd.array(X), "y": mx.nd.array(Y)}
    exec(text, names)
    kept = ("x", "y", "z", "v", "w", "a", "b")
    return {k: names[k] for k in kept if k in names}


def recorded_statements(mx, text, req="write"):
    """Gradients of v and w, and what the names hold after backward."""
    names = {"mx": mx, "nd": mx.nd, "np": np, "autograd": mx.autograd, "x": mx.nd.array(X), "y": mx.nd.array(Y)}
    for name, values in (("v", X), ("w", Y)):
        names[name] = mx.nd.array(values)
        names[name].attach_grad(req)
        names[name].grad[:] = 0.25
    with mx.autograd.record():
        exec(text, names)
    names["z"].backward()
    mx.nd.waitall()
    return {
        "gradients": [names["v"].grad, names["w"].grad], "x": names["x"], "v": names["v"], "z": names["z"],
    }  # fmt: skip


def outside(mx, when):
    """A variable changed after the graph was recorded, before backward."""
    v, x = mx.nd.array(X), mx.nd.array(Y)
    v.attach_grad()
    with mx.autograd.record():
        z = v * x
    if when == "operand":
        x[:] = 100
    elif when == "variable":
        v[:] = 100
    elif when == "result":
        z[:] = 100
    elif when == "gradient":
        v.grad[:] = 100
    z.backward()
    return v.grad, z


def results(mx):
    """{name: what MXNet does}."""
    table = Table(mx)
    for text in PLAIN:
        table.of("plain: " + text, plain_statements, text)
    for text in RECORDED:
        table.of("recorded: " + text, recorded_statements, text)
        table.of("recorded, add: " + text, recorded_statements, text, "add")
    for when in ("operand", "variable", "result", "gradient"):
        table.of("changed before backward: " + when, outside, when)
    return table.found


if __name__ == "__main__":
    main("semantics_inplace", results)
