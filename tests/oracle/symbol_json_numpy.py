"""Graphs of mx.np and mx.npx as MXNet 1.9.1 writes them: the text of each, its outputs and its gradients.

Run from the repository's root with an interpreter that has mxnet==1.9.1: PYTHON -m tests.oracle.symbol_json_numpy
"""

import numpy

from tests.oracle.scenario import plain, write

FLOATS, INTEGERS, ALL = ("float32", "float64"), ("int32", "int64"), ("bool", "int8", "int32", "float16", "float32")
UNARY = (
    "abs", "negative", "exp", "expm1", "log", "log10", "log1p", "log2", "sqrt", "cbrt", "square", "reciprocal",
    "sign", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arctanh",
    "degrees", "radians", "ceil", "floor", "trunc", "fix", "rint",
)  # fmt: skip
TESTS = (
    "logical_not", "isnan", "isinf", "isfinite", "isposinf", "isneginf",
)  # fmt: skip
BINARY = (
    "add", "subtract", "multiply", "true_divide", "power", "mod", "maximum", "minimum", "hypot", "arctan2",
    "copysign",
)  # fmt: skip
COMPARE = (
    "equal", "not_equal", "less", "less_equal", "greater", "greater_equal",
)  # fmt: skip
REDUCE = (
    "sum", "prod", "max", "min", "mean", "std", "var", "argmax", "argmin", "any", "all",
)  # fmt: skip


def made(shape, dtype, seed):
    """An array without values at which functions have no derivative; positive, and below 1 where it is of floats."""
    values = numpy.random.RandomState(seed).uniform(0.15, 0.9, shape)
    return (values if dtype.startswith("float") else values * 7 - 1).astype(dtype)


def _elementwise():
    for name in UNARY:
        for dtype in (*FLOATS, "int32"):
            yield "%s %s" % (name, dtype), lambda np, npx, x, n=name: getattr(np, n)(x), [((2, 3), dtype)]
    yield "arccosh", lambda np, npx, x: np.arccosh(x + 1), [((2, 3), "float32")]
    for name in TESTS:
        for dtype in ("float32", "int32"):
            yield "%s %s" % (name, dtype), lambda np, npx, x, n=name: getattr(np, n)(x), [((2, 3), dtype)]
    for decimals in (0, 1, -1):
        yield "around %d" % decimals, lambda np, npx, x, d=decimals: np.around(x * 20, d), [((2, 3), "float32")]
    yield "bitwise_not", lambda np, npx, x: np.bitwise_not(x), [((4,), "int32")]
    yield "bitwise_not bool", lambda np, npx, x: np.bitwise_not(x), [((4,), "bool")]
    yield "clip", lambda np, npx, x: np.clip(x, 0.3, 0.6), [((2, 3), "float32")]
    yield "nan_to_num", lambda np, npx, x: np.nan_to_num(np.log(x - 0.5), nan=2.0), [((2, 3), "float32")]
    yield "scalar of no dimensions", lambda np, npx, x: np.exp(x), [((), "float32")]
    yield "no elements", lambda np, npx, x: np.exp(x) + 1, [((0, 3), "float32")]
    yield "copy", lambda np, npx, x: np.copy(x), [((2, 3), "float32")]
    yield "astype", lambda np, npx, x: x.astype("float64"), [((2, 3), "float32")]


def _binary():
    shapes = ((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (4,)), ((), (2, 2)), ((2, 0), (1,))
    for name in (*BINARY, *COMPARE):
        for a, b in shapes:
            yield "%s %s %s" % (name, a, b), lambda np, npx, x, y, n=name: getattr(np, n)(x, y), [
                (a, "float32"), (b, "float32")]  # fmt: skip
        for a, b in (("float64",) * 2, ("int32",) * 2, ("int32", "float32"), ("int32", "int64"), ("float32", "float64"),
                     ("float16", "float32"), ("bool", "float32"), ("bool", "bool"), ("bool", "int32")):  # fmt: skip
            yield "%s %s %s" % (name, a, b), lambda np, npx, x, y, n=name: getattr(np, n)(x, y), [((3,), a), ((3,), b)]
        for dtype in ALL:
            for number in (2, 2.5):
                for reverse in (False, True):
                    key = "%s %s %s%s" % (name, dtype, number, " reversed" * reverse)
                    yield (
                        key,
                        lambda np, npx, x, n=name, m=number, r=reverse: (
                            getattr(np, n)(m, x) if r else getattr(np, n)(x, m)
                        ),
                        [((2, 3), dtype)],
                    )
    for name in ("bitwise_and", "bitwise_or", "bitwise_xor", "lcm"):
        for dtype in INTEGERS:
            yield "%s %s" % (name, dtype), lambda np, npx, x, y, n=name: getattr(np, n)(x, y), [((3,), dtype)] * 2
    yield "ldexp", lambda np, npx, x, y: np.ldexp(x, y), [((3,), "float32"), ((3,), "float32")]


def _reduce():
    options = ({}, {"axis": 1}, {"axis": (0, 2)}, {"axis": -1, "keepdims": True}, {"keepdims": True}, {"axis": ()})
    for name in REDUCE:
        for given in options:
            if name.startswith("arg") and not isinstance(given.get("axis", 0), int):
                continue
            yield "%s %s" % (name, sorted(given.items())), lambda np, npx, x, n=name, g=given: getattr(np, n)(x, **g), [
                ((2, 3, 2), "float32")]  # fmt: skip
        for dtype in (*ALL, "float64"):
            yield "%s %s" % (name, dtype), lambda np, npx, x, n=name: getattr(np, n)(x), [((2, 3), dtype)]
            yield "%s %s axis" % (name, dtype), lambda np, npx, x, n=name: getattr(np, n)(x, axis=0), [((2, 3), dtype)]
        yield "%s scalar" % name, lambda np, npx, x, n=name: getattr(np, n)(x), [((), "float32")]
    for name in ("sum", "mean", "prod", "std"):
        for dtype in ("float64", "int32"):
            yield "%s to %s" % (name, dtype), lambda np, npx, x, n=name, d=dtype: getattr(np, n)(x, axis=0, dtype=d), [
                ((2, 3), "float32")]  # fmt: skip
    yield "std ddof", lambda np, npx, x: np.std(x, axis=1, ddof=1), [((2, 3), "float32")]
    yield "var ddof", lambda np, npx, x: np.var(x, ddof=1), [((2, 3), "float32")]
    yield "max of equals", lambda np, npx, x: np.max(np.floor(x * 2), axis=0), [((5, 3), "float32")]
    yield "cumsum", lambda np, npx, x: np.cumsum(x, axis=1), [((2, 3), "float32")]
    yield "cumsum flat", lambda np, npx, x: np.cumsum(x), [((2, 3), "float32")]
    yield "average", lambda np, npx, x, y: np.average(x, axis=1, weights=y), [((2, 3), "float32"), ((3,), "float32")]
    yield "average of all", lambda np, npx, x: np.average(x, axis=0), [((2, 3), "float32")]
    yield "norm", lambda np, npx, x: np.linalg.norm(x), [((2, 3), "float32")]
    yield "norm axis", lambda np, npx, x: np.linalg.norm(x, axis=1), [((2, 3), "float32")]
    yield "norm keepdims", lambda np, npx, x: np.linalg.norm(x, ord=2, axis=1, keepdims=True), [((2, 3), "float32")]


def _shape():
    x234, x2 = [((2, 3, 4), "float32")], [((2, 3), "float32"), ((2, 3), "float32")]
    for shape in ((6, 4), (-1,), (2, -1), (4, 3, 2), (1, 24, 1)):
        yield "reshape %s" % (shape,), lambda np, npx, x, s=shape: np.reshape(x, s), x234
    yield "reshape to ()", lambda np, npx, x: np.reshape(x, ()), [((1, 1), "float32")]
    for shape in ((-2, -1), (-2, -2, -1), (-4,), (-5, -4), (-2, -5), (-6, 1, 2, -4), (-2, -6, -1, 3, -4), (-1, -2, 4)):
        yield "npx.reshape %s" % (shape,), lambda np, npx, x, s=shape: npx.reshape(x, s), x234
    yield "npx.reshape -3", lambda np, npx, x: npx.reshape(x, (-3, -4)), [((1, 2, 3), "float32")]
    yield "npx.reshape reverse", lambda np, npx, x: npx.reshape(x, (-1, -2), reverse=True), x234
    yield "transpose", lambda np, npx, x: np.transpose(x), x234
    yield "transpose axes", lambda np, npx, x: np.transpose(x, (1, 0, -1)), x234
    yield "T", lambda np, npx, x: x.T, x234
    yield "moveaxis", lambda np, npx, x: np.moveaxis(x, 0, -1), x234
    yield "moveaxis two", lambda np, npx, x: np.moveaxis(x, (0, 1), (-1, 0)), x234
    yield "swapaxes", lambda np, npx, x: np.swapaxes(x, 0, 2), x234
    yield "expand_dims", lambda np, npx, x: np.expand_dims(x, 1), x234
    yield "expand_dims of a scalar", lambda np, npx, x: np.expand_dims(x, 0), [((), "float32")]
    yield "squeeze", lambda np, npx, x: np.squeeze(x), [((1, 3, 1), "float32")]
    yield "squeeze to a scalar", lambda np, npx, x: np.squeeze(x), [((1, 1), "float32")]
    yield "squeeze axis", lambda np, npx, x: np.squeeze(x, axis=(0,)), [((1, 3, 1), "float32")]
    yield "broadcast_to", lambda np, npx, x: np.broadcast_to(x, (2, 3)), [((3,), "float32")]
    for axis in (0, 1, -1):
        yield "concatenate %d" % axis, lambda np, npx, x, y, a=axis: np.concatenate([x, y], axis=a), x2
        yield "stack %d" % axis, lambda np, npx, x, y, a=axis: np.stack([x, y], axis=a), x2
    yield "concatenate flat", lambda np, npx, x, y: np.concatenate([x, y], axis=None), x2
    for name in ("vstack", "hstack", "dstack", "column_stack"):
        yield name, lambda np, npx, x, y, n=name: getattr(np, n)([x, y]), x2
        yield name + " 1-D", lambda np, npx, x, y, n=name: getattr(np, n)([x, y]), [((3,), "float32")] * 2
    yield "split", lambda np, npx, x: np.split(x, 2, axis=2)[1], x234
    yield "split all", lambda np, npx, x: np.split(x, (1, 3), axis=-1), x234
    yield "hsplit", lambda np, npx, x: np.hsplit(x, 3)[1], x234
    yield "vsplit", lambda np, npx, x: np.vsplit(x, 2)[1], x234
    yield "dsplit", lambda np, npx, x: np.dsplit(x, (1, 3))[1], x234
    yield "tile", lambda np, npx, x: np.tile(x, (2, 1)), [((2, 3), "float32")]
    yield "repeat", lambda np, npx, x: np.repeat(x, 2, axis=1), [((2, 3), "float32")]
    yield "flip", lambda np, npx, x: np.flip(x, 1), x234
    yield "flip all", lambda np, npx, x: np.flip(x), x234
    yield "roll", lambda np, npx, x: np.roll(x, 1, axis=2), x234
    yield "roll flat", lambda np, npx, x: np.roll(x, 5), x234
    yield "rot90", lambda np, npx, x: np.rot90(x), x234
    yield "rot90 -1", lambda np, npx, x: np.rot90(x, k=-1, axes=(1, 2)), x234
    yield "diag", lambda np, npx, x: np.diag(x, k=1), [((3, 3), "float32")]
    yield "diag of a vector", lambda np, npx, x: np.diag(x), [((3,), "float32")]
    yield "diagonal", lambda np, npx, x: np.diagonal(x, offset=1, axis1=1, axis2=2), x234
    yield "diagflat", lambda np, npx, x: np.diagflat(x, k=-1), [((2, 2), "float32")]
    yield "trace", lambda np, npx, x: np.trace(x, axis1=1, axis2=2), x234
    yield "tril", lambda np, npx, x: np.tril(x, k=-1), x234
    yield "diff", lambda np, npx, x: np.diff(x, n=2, axis=2), x234
    yield "atleast", lambda np, npx, x: np.atleast_2d(x), [((3,), "float32")]
    yield "atleast 3", lambda np, npx, x: np.atleast_3d(x), [((3, 2), "float32")]
    yield "atleast 1", lambda np, npx, x: np.atleast_1d(x), [((), "float32")]
    yield "pad", lambda np, npx, x: np.pad(x, ((1, 0), (2, 1)), mode="constant", constant_values=3), [
        ((2, 3), "float32")]  # fmt: skip
    yield "pad edge", lambda np, npx, x: np.pad(x, ((1, 0), (2, 1)), mode="edge"), [((2, 3), "float32")]
    yield "pad reflect", lambda np, npx, x: np.pad(x, ((1, 0), (2, 1)), mode="reflect"), [((2, 3), "float32")]
    yield "slicing", lambda np, npx, x: x[:, 1:, 0], x234
    yield "item", lambda np, npx, x: x[1], x234
    yield "take", lambda np, npx, x, i: np.take(x, i, axis=0), [((5, 2), "float32"), ((3,), "int32")]


def _creation():
    for name in ("zeros", "ones"):
        yield name, lambda np, npx, x, n=name: x + getattr(np, n)((2, 3)), [((2, 3), "float32")]
        yield name + " int", lambda np, npx, x, n=name: getattr(np, n)((2,), dtype="int32") + x, [((2,), "int32")]
        yield name + " ()", lambda np, npx, x, n=name: getattr(np, n)(()) + x, [((2,), "float32")]
        yield name + "_like", lambda np, npx, x, n=name: getattr(np, n + "_like")(x), [((2, 3), "float32")]
    yield "full", lambda np, npx, x: np.full((2, 3), 7) * x, [((2, 3), "float32")]
    yield "full_like", lambda np, npx, x: np.full_like(x, 7, dtype="float64"), [((2, 3), "float32")]
    yield "arange", lambda np, npx, x: np.arange(1, 7, 2) + x, [((3,), "float32")]
    yield "arange n", lambda np, npx, x: np.arange(3) + x, [((3,), "float32")]
    yield "linspace", lambda np, npx, x: np.linspace(0, 1, 5) + x, [((5,), "float32")]
    yield "eye", lambda np, npx, x: np.eye(2, 3, 1) + x, [((2, 3), "float32")]
    yield "identity", lambda np, npx, x: np.identity(3) + x, [((3, 3), "float32")]
    yield "logspace", lambda np, npx, x: np.logspace(0, 2, 3) + x, [((3,), "float32")]
    yield "indices", lambda np, npx, x: np.indices((2, 3)), [((1,), "float32")]


def _algebra():
    for a, b in (((2, 3), (3, 4)), ((3,), (3,)), ((2, 3), (3,)), ((2, 3, 4), (4, 2)), ((2, 3, 4), (4,)), ((), (2, 3)),
                 ((2, 3), ()), ((2, 3, 4), (2, 4, 5)), ((4,), (3, 4, 2))):  # fmt: skip
        for name in ("dot", "matmul"):
            for dtype in FLOATS:
                yield "%s %s %s %s" % (name, a, b, dtype), lambda np, npx, x, y, n=name: getattr(np, n)(x, y), [
                    (a, dtype), (b, dtype)]  # fmt: skip
    for axes in (1, 2, 0, ((1,), (0,)), ((0, 1), (0, 1))):
        shapes = ((2, 3), (3, 4)) if axes in (1, ((1,), (0,)), 0) else ((2, 3), (2, 3))
        yield "tensordot %s" % (axes,), lambda np, npx, x, y, a=axes: np.tensordot(x, y, a), [
            (s, "float32") for s in shapes]  # fmt: skip
    for text in ("ij,jk->ik", "ij,ik", "ij,ij->", "bij,bjk->bik"):
        shapes = {"ij,jk->ik": ((2, 3), (3, 2)), "bij,bjk->bik": ((2, 2, 3), (2, 3, 2))}.get(text, ((2, 3), (2, 3)))
        yield "einsum " + text, lambda np, npx, x, y, t=text: np.einsum(t, x, y), [(s, "float32") for s in shapes]
    yield "inner", lambda np, npx, x, y: np.inner(x, y), [((2, 3), "float32"), ((4, 3), "float32")]
    yield "outer", lambda np, npx, x, y: np.outer(x, y), [((2,), "float32"), ((3,), "float32")]
    yield "where", lambda np, npx, c, x, y: np.where(c, x, y), [
        ((2, 3), "bool"), ((2, 3), "float32"), ((3,), "float32")]  # fmt: skip
    yield "where of floats", lambda np, npx, c, x, y: np.where(np.floor(c * 2), x, y), [((2, 3), "float32")] * 3
    yield "where numbers", lambda np, npx, c: np.where(c > 0.5, 1.5, 2.5), [((2, 3), "float32")]
    yield "where and a number", lambda np, npx, c, x: np.where(c, x, 2.5), [((2, 3), "bool"), ((2, 3), "float32")]
    yield "where a number and", lambda np, npx, c, x: np.where(c, 2.5, x), [((2, 3), "bool"), ((2, 3), "float32")]
    spd = lambda np, x: np.matmul(x, np.transpose(x)) + np.eye(3)  # noqa: E731
    yield "cholesky", lambda np, npx, x: np.linalg.cholesky(spd(np, x)), [((3, 3), "float64")]
    yield "inv", lambda np, npx, x: np.linalg.inv(spd(np, x)), [((3, 3), "float64")]
    yield "det", lambda np, npx, x: np.linalg.det(spd(np, x)), [((3, 3), "float64")]
    yield "solve", lambda np, npx, x, y: np.linalg.solve(spd(np, x), y), [((3, 3), "float64"), ((3, 2), "float64")]


def _npx():
    image = ((2, 3, 6, 6), "float32")
    for name in ("relu", "sigmoid", "softmax", "log_softmax", "erf", "gamma", "gammaln", "batch_flatten"):
        yield name, lambda np, npx, x, n=name: getattr(npx, n)(x), [((2, 3), "float32")]
    yield "activation", lambda np, npx, x: npx.activation(x, act_type="softrelu"), [((2, 3), "float32")]
    yield "leaky_relu", lambda np, npx, x: npx.leaky_relu(x - 0.5, act_type="gelu"), [((2, 3), "float32")]
    yield "convolution", lambda np, npx, x, w, b: npx.convolution(x, w, b, kernel=(3, 3), num_filter=2), [
        image, ((2, 3, 3, 3), "float32"), ((2,), "float32")]  # fmt: skip
    yield "pooling", lambda np, npx, x: npx.pooling(x, kernel=(2, 2), stride=(2, 2), pool_type="avg"), [image]
    yield "fully_connected", lambda np, npx, x, w, b: npx.fully_connected(x, w, b, num_hidden=4, flatten=False), [
        ((2, 3, 5), "float32"), ((4, 5), "float32"), ((4,), "float32")]  # fmt: skip
    yield "layer_norm", lambda np, npx, x, g, b: npx.layer_norm(x, g, b), [
        ((2, 3), "float32"), ((3,), "float32"), ((3,), "float32")]  # fmt: skip
    yield "embedding", lambda np, npx, i, w: npx.embedding(i, w, input_dim=6, output_dim=3), [
        ((4,), "int32"), ((6, 3), "float32")]  # fmt: skip
    yield "one_hot", lambda np, npx, i: npx.one_hot(i, 6), [((4,), "int32")]
    yield "topk", lambda np, npx, x: npx.topk(x, k=2, ret_typ="value"), [((2, 5), "float32")]
    yield "pick", lambda np, npx, x, i: npx.pick(x, i), [((3, 7), "float32"), ((3,), "int32")]
    yield "sequence_mask", lambda np, npx, x: npx.sequence_mask(x), [((2, 3), "float32")]
    yield "batch_dot", lambda np, npx, x, y: npx.batch_dot(x, y), [((2, 2, 3), "float32"), ((2, 3, 2), "float32")]
    yield "gather_nd", lambda np, npx, x, i: npx.gather_nd(x, i), [((6, 6), "float32"), ((2, 3), "int32")]
    yield "reshape_like", lambda np, npx, x, y: npx.reshape_like(x, y), [((2, 3), "float32"), ((3, 2), "float32")]
    yield "arange_like", lambda np, npx, x: npx.arange_like(x, axis=1), [((2, 3), "float32")]
    yield "smooth_l1", lambda np, npx, x: npx.smooth_l1(x, scalar=1), [((2, 3), "float32")]
    yield "attention", lambda np, npx, q, k, v: np.matmul(
        npx.softmax(np.matmul(q, np.swapaxes(k, 1, 2)) / np.sqrt(np.ones(()) * 4)), v
    ), [((2, 3, 4), "float32")] * 3  # fmt: skip


def cases():
    """{name: (function of np, npx and the inputs, [(shape, dtype) of each input])}"""
    found = {}
    for part in (_elementwise, _binary, _reduce, _shape, _creation, _algebra, _npx):
        for name, function, inputs in part():
            key = "%s: %s" % (part.__name__[1:], name)
            assert key not in found, key
            found[key] = (function, inputs)
    return found


def inputs_of(specs):
    """[(name, array)]"""
    return [("x%d" % i, made(tuple(shape), dtype, i)) for i, (shape, dtype) in enumerate(specs)]


def run(mx, text, specs):
    """Outputs of a graph and the gradients of its inputs, the gradient of each output being 1, 2, 3...

    Inputs that the graph does not use have none.
    """
    symbol = mx.sym.load_json(text)
    used = symbol.list_arguments()
    arrays = {n: mx.nd.array(a, dtype=a.dtype) for n, a in inputs_of(specs) if n in used}
    floats = [n for n, a in arrays.items() if numpy.dtype(a.dtype).kind == "f"]
    grads = {n: mx.nd.zeros(arrays[n].shape, dtype=arrays[n].dtype) for n in floats}
    need = {n: "write" if n in floats else "null" for n in arrays}
    outputs = symbol.bind(mx.cpu(), arrays, grads, need).forward(is_train=False)
    found = {"outputs": plain(outputs), "gradients": None}
    if floats and all(numpy.dtype(o.dtype).kind == "f" and o.size for o in outputs):
        executor = symbol.bind(mx.cpu(), arrays, grads, need)
        heads = [numpy.arange(1, o.size + 1).reshape(o.shape) for o in executor.forward(is_train=True)]
        executor.backward([mx.nd.array(h, dtype=o.dtype) for h, o in zip(heads, outputs)])
        found["gradients"] = plain({n: grads[n] for n in floats})
    return found


def main():
    import mxnet as mx

    results, refused = {}, {}
    with mx.util.np_shape(True), mx.util.np_array(True):
        for name, (function, specs) in cases().items():
            with mx.name.NameManager():
                try:
                    variables = [mx.sym.var(n).as_np_ndarray() for n, _ in inputs_of(specs)]
                    symbol = function(mx.sym.np, mx.sym.npx, *variables)
                    if isinstance(symbol, list):
                        symbol = mx.sym.Group(symbol)
                    text = symbol.tojson()
                except Exception as error:
                    refused[name] = str(error).strip().splitlines()[-1][:150]
                    continue
            with mx.util.np_array(False):
                try:
                    found = run(mx, text, specs)
                except Exception as error:
                    refused[name] = str(error).strip().splitlines()[-1][:150]
                    continue
            results[name] = {"json": text, "inputs": specs, **found}
    for name in refused:
        print("MXNet refuses", name, refused[name])
    write("symbol_json_numpy", results)


if __name__ == "__main__":
    main()
