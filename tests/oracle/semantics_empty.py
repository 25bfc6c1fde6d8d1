"""Scenarios: arrays without elements, and arrays without dimensions under NumPy's shapes.

A scenario is an expression over e (0, 3), c (2, 0), n (0,), x (2, 3), s (1,), and under np_shape z ().

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.semantics_empty
"""

import numpy as np

from tests.oracle.semantics_common import Table, main

MAKING = (
    "nd.zeros((0, 3))", "nd.zeros((0,))", "nd.zeros(0)", "nd.zeros(())", "nd.ones((2, 0))", "nd.array([])",
    "nd.array([[], []])", "nd.array(np.zeros((0, 3)))", "nd.array(5.0)", "nd.array(np.float32(5))",
    "nd.array(np.array(5.0))", "nd.empty((0, 2))", "nd.full((0, 2), 3)", "nd.arange(0)", "nd.arange(3, 3)",
    "nd.arange(5, 3)", "nd.random.uniform(shape=(0, 2))", "nd.random.normal(shape=(0,))", "nd.zeros((-1, 3))",
    "nd.linspace(0, 1, 0)", "nd.eye(0)", "nd.from_numpy(np.zeros((0, 3)))", "nd.array([], dtype='int32')",
    "nd.zeros((0, 3), dtype='float16')", "nd.random.uniform(shape=())", "nd.zeros((2, 3))[0, 0]",
)  # fmt: skip

PLAIN = (
    "e.shape", "e.size", "e.ndim", "len(e)", "e.asnumpy()", "e.T", "e + 1", "e + e", "e * nd.ones((1, 3))", "e + x",
    "e + nd.ones((1, 1))", "c + nd.ones((2, 1))", "c + nd.ones((1, 2))", "e == e", "-e", "abs(e)", "nd.exp(e)",
    "nd.relu(e)", "nd.clip(e, 0, 1)", "e.sum()", "e.sum(axis=0)", "e.sum(axis=1)", "c.sum(axis=1)", "c.mean(axis=1)",
    "e.mean()", "e.max()", "e.max(axis=0)", "e.max(axis=1)", "c.min(axis=0)", "e.prod()", "e.norm()",
    "e.argmax(axis=1)", "e.argmax(axis=0)", "nd.sort(e)", "nd.topk(e, k=1)", "nd.argsort(e)", "e.reshape((0, 3))",
    "e.reshape((3, 0))", "e.reshape((-1, 3))", "e.reshape(-1)", "e.reshape((2, 0))", "c.reshape((0,))",
    "nd.concat(e, x, dim=0)", "nd.concat(e, e, dim=0)", "nd.concat(e, e, dim=1)", "nd.stack(e, e)",
    "nd.concat(n, s, dim=0)", "nd.split(e, 3, axis=1)", "nd.transpose(e)", "nd.expand_dims(e, 0)",
    "nd.squeeze(nd.zeros((1, 0)))", "nd.flip(e, axis=0)", "nd.tile(e, (2, 1))", "nd.repeat(e, 2, axis=0)",
    "nd.slice_axis(x, 0, 0, 0)", "nd.slice_axis(x, 0, 2, 2)", "nd.slice(x, (1, 0), (1, 3))", "x[1:1]", "x[2:]",
    "x[5:]", "x[0:0]", "x[:, 3:]", "nd.dot(e.T, e)", "nd.dot(c, nd.ones((0, 3)))", "nd.dot(e, nd.ones((3, 2)))",
    "nd.FullyConnected(e, nd.ones((4, 3)), nd.ones(4), num_hidden=4)",
    "nd.batch_dot(nd.zeros((0, 2, 3)), nd.zeros((0, 3, 2)))", "nd.softmax(e)", "nd.softmax(c, axis=0)",
    "nd.softmax(c)", "nd.log_softmax(e)", "nd.take(x, n)", "nd.Embedding(n, x, input_dim=2, output_dim=3)",
    "nd.one_hot(n, 3)", "nd.pick(e, n)", "nd.gather_nd(x, nd.zeros((2, 0)))", "nd.where(e, e, e)",
    "nd.contrib.boolean_mask(x, nd.array([0, 0]))", "nd.SequenceMask(nd.zeros((0, 2)))",
    "nd.BatchNorm(e, nd.ones(3), nd.zeros(3), nd.zeros(3), nd.ones(3))", "nd.LayerNorm(e, nd.ones(3), nd.zeros(3))",
    "nd.Dropout(e)",
    "nd.Convolution(nd.zeros((0, 3, 4, 4)), nd.ones((2, 3, 3, 3)), nd.ones(2), kernel=(3, 3), num_filter=2)",
    "nd.Pooling(nd.zeros((0, 3, 4, 4)), kernel=(2, 2))", "nd.Activation(e, act_type='tanh')", "nd.cast(e, 'int32')",
    "e.astype('float64')", "nd.zeros_like(e)", "nd.ones_like(e)", "nd.shape_array(e)", "nd.size_array(e)",
    "nd.add_n(e, e)", "nd.broadcast_to(nd.zeros((1, 3)), shape=(0, 3))",
    "nd.broadcast_to(nd.zeros((1, 3)), shape=(4, 3))", "nd.broadcast_like(nd.zeros((1, 3)), e)",
    "nd.broadcast_axis(nd.zeros((1, 3)), axis=0, size=0)", "nd.maximum(e, 0)",
    "nd.broadcast_maximum(e, nd.ones((1, 3)))", "e.copy()", "e.copyto(mx.cpu())", "e.as_in_context(mx.cpu())",
    "e.asscalar()", "bool(e)", "bool(n)", "[r for r in e]", "e.tolist() if hasattr(e, 'tolist') else 0", "e[0]",
    "e[:]", "e[[]]", "nd.smooth_l1(e)", "nd.L2Normalization(e)", "nd.linalg.gemm2(c, nd.ones((0, 3)))",
    "nd.sum(nd.zeros((2, 0, 3)), axis=1)", "nd.arange_like(e) if hasattr(nd, 'arange_like') else 0",
    "nd.contrib.arange_like(e, axis=0)", "nd.diag(e)", "nd.flatten(e)", "nd.Reshape(x, shape=(0, 0))",
    "nd.Reshape(x, shape=(0, -1))", "str(e)", "repr(n)",
)  # fmt: skip

NUMPY = (
    "nd.zeros(())", "nd.ones((), dtype='int32')", "nd.array(5.0)", "nd.array(np.array(5.0))", "nd.full((), 2.5)",
    "z.shape", "z.size", "z.ndim", "len(z)", "z.asnumpy()", "z.asscalar()", "float(z)", "bool(z)", "z + 1", "z + z",
    "z * x", "x * z", "x + nd.zeros(())", "nd.exp(z)", "z == z", "x.sum()", "x.mean()", "x.max()", "x.prod()",
    "x.norm()", "nd.sum(x, axis=(0, 1))", "nd.sum(x, axis=(0, 1), keepdims=True)", "s.sum()", "s.sum(axis=0)",
    "z.sum()", "z.max()", "z.reshape((1,))", "z.reshape((1, 1))", "z.reshape(())", "s.reshape(())", "s.squeeze()",
    "nd.squeeze(nd.ones((1, 1)))", "z.expand_dims(0)", "z.T", "z.copy()", "z.astype('float64')",
    "nd.cast(z, 'int32')", "nd.stack(z, z)", "nd.concat(z, z, dim=0)", "x[0, 0]", "s[0]", "z[()]", "z[...]",
    "z[None]", "x[0][0]", "nd.take(s, z)", "nd.take(x, z)", "nd.one_hot(z, 3)", "nd.where(z, z, z)", "nd.dot(s, s)",
    "nd.dot(x[0], x[0])", "nd.argmax(x)", "nd.argmax(s)", "nd.argmax(x, axis=0)", "nd.clip(z, 0, 1)",
    "nd.broadcast_to(z, shape=(2, 2))", "nd.zeros_like(z)", "nd.shape_array(z)", "nd.size_array(z)", "nd.softmax(z)",
    "nd.Dropout(z)", "nd.relu(z)", "nd.add_n(z, z)", "nd.transpose(z)", "nd.flip(z, axis=0)", "nd.tile(z, 2)",
    "nd.random.uniform(shape=())", "nd.random.normal(shape=(0, 2))", "e + 1", "e.sum(axis=0)", "e.sum()",
    "c.sum(axis=1)", "nd.concat(e, x, dim=0)", "e.reshape((0, 3))", "e.reshape((-1, 3))", "e.reshape((3, 0))",
    "x.reshape((0, -1))", "x.reshape((-2, 3))", "x[2:]", "x[0:0]", "x[:, 3:]", "nd.softmax(e)", "nd.take(x, n)",
    "e.max()", "e.mean()", "e + x", "e * nd.ones((1, 3))", "nd.zeros((0, 3)).T", "nd.stack(e, e)",
    "nd.split(e, 3, axis=1)", "nd.where(e, e, e)", "nd.zeros((-1, 3))", "nd.arange(0)", "nd.sort(e)",
    "nd.topk(e, k=1)", "nd.FullyConnected(e, nd.ones((4, 3)), nd.ones(4), num_hidden=4)",
    "nd.broadcast_to(nd.zeros((1, 3)), shape=(0, 3))", "nd.one_hot(n, 3)", "nd.shape_array(e)", "repr(z)",
    "[v for v in z]", "nd.norm(z)", "nd.mean(s, axis=0)",
)  # fmt: skip

# What ends MXNet's process.
FATAL = ("e.reshape((0, -1))", "nd.take(e, nd.array([0]))", "nd.SoftmaxOutput(e, n)")
FATAL_NUMPY = ("nd.dot(c, e)", "nd.dot(e.T, e)", "nd.dot(c, nd.ones((0, 3)))", "nd.SequenceMask(nd.zeros((0, 2)))")


def names_of(mx, numpy=False):
    nd = mx.nd
    names = {
        "mx": mx, "nd": nd, "np": np, "x": nd.array([[1, 2, 3], [4, 5, 6]]), "s": nd.array([2]),
        "e": nd.array(np.zeros((0, 3))), "c": nd.array(np.zeros((2, 0))), "n": nd.array(np.zeros((0,))),
    }  # fmt: skip
    if numpy:
        names["z"] = nd.array([2.5]).reshape(())
    return names


def evaluated(mx, text):
    return eval(text, names_of(mx))


def under_numpy(mx, text):
    with mx.util.np_shape(True):
        found = eval(text, names_of(mx, True))
        if isinstance(found, mx.nd.NDArray):
            return [list(found.shape), found.asnumpy()]
        return found


def gradient(mx, text, numpy):
    """Gradients of an expression over variables e, c and x (and z)."""
    with mx.util.np_shape(numpy):
        names = names_of(mx, numpy)
        variables = [names[k] for k in ("e", "c", "x") + (("z",) if numpy else ())]
        for v in variables:
            v.attach_grad()
        with mx.autograd.record():
            y = eval(text, names)
        y.backward()
        return [y.asnumpy()] + [v.grad.asnumpy() for v in variables]


def saved(mx, numpy):
    """An array without elements (and one without dimensions) in a file and back."""
    import os
    import tempfile

    with mx.util.np_shape(numpy), tempfile.TemporaryDirectory() as folder:
        names = names_of(mx, numpy)
        arrays = [names["e"], names["x"]] + ([names["z"]] if numpy else [])
        path = os.path.join(folder, "arrays")
        mx.nd.save(path, arrays)
        return [[list(a.shape), a.asnumpy()] for a in mx.nd.load(path)]


def results(mx):
    """{name: what MXNet does}."""
    table = Table(mx)
    for text in MAKING + PLAIN:
        table.of("plain: " + text, evaluated, text)
    for text in NUMPY + PLAIN:  # without NumPy's shapes MXNet refuses most of what it does with them
        if text not in FATAL_NUMPY and "np_shape: " + text not in table.found:
            table.of("np_shape: " + text, under_numpy, text)
    for text in (
        "e * 2 + 1",
        "e.sum() + x.sum()",
        "x[0:0].sum() + x.sum()",
        "nd.dot(c, e) * x",
        "nd.concat(e, x, dim=0) * 3",
    ):
        for numpy in (False, True):
            if numpy and "dot" in text:
                continue  # ends MXNet's process
            table.of("gradient: %s, np_shape=%s" % (text, numpy), gradient, text, numpy)
    for text in ("z * x", "x.sum() * z", "x.mean()", "x[0, 0] * z", "nd.broadcast_to(z, shape=(2, 3)) * x"):
        table.of("gradient: %s, np_shape=True" % text, gradient, text, True)
    table.of("saved", saved, False)
    table.of("saved, np_shape", saved, True)
    table.of("scopes", scopes)
    return table.found


def scopes(mx):
    """What switches NumPy's shapes on and off."""
    util = mx.util
    found = [util.is_np_shape()]
    with util.np_shape(True):
        found.append(util.is_np_shape())
        with util.np_shape(False):
            found.append(util.is_np_shape())
        found.append(mx.nd.zeros(()).shape)
    found.append(util.is_np_shape())

    @util.use_np_shape
    def inside():
        return util.is_np_shape(), mx.nd.ones(()).shape

    found.append(inside())
    previous = util.set_np_shape(True)
    found += [previous, util.is_np_shape()]
    util.set_np_shape(False)
    return found + [util.is_np_shape()]


if __name__ == "__main__":
    main("semantics_empty", results)
