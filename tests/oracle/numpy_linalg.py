"""Writes tests/golden/numpy_linalg.json: what the operators of mx.np.linalg give, their gradients, what they refuse.

Run from the repository's root with an interpreter that has mxnet==1.9.1: PYTHON -m tests.oracle.numpy_linalg
"""

import numpy

from tests.oracle.scenario import plain, write

SYMMETRIC = [[4.0, 1.0, 2.0], [1.0, 3.0, 0.5], [2.0, 0.5, 5.0]]
REAL = [[1.0, 2.0, 0.0], [3.0, 1.0, 4.0], [0.0, 5.0, 1.0]]  # not symmetric, and of real eigenvalues
EMPTY = ((0, 0), (2, 0, 0), (0, 2, 2))
BOTH = ("float32", "float64")
INTEGERS = ("int32", "int64", "uint8", "int8")
INF = float("inf")
REFUSED_DTYPES = ("float16", "bool")
SVD, PINV, INVERSE, SOLVE = "_npi_svd", "_npi_pinv", "_npi_tensorinv", "_npi_tensorsolve"


def of(*shape):
    """Values in that shape, the same on both sides."""
    return numpy.random.RandomState(sum(shape) + len(shape)).uniform(-2, 2, shape).round(3).tolist()


def zeros(*shape):
    """Stands for that array: lists do not tell the shapes of all that are empty."""
    return {"zeros": list(shape)}


def array(values):
    return numpy.zeros(values["zeros"]) if isinstance(values, dict) else numpy.array(values)


def positive(*shape):
    """Symmetric positive definite matrices."""
    a = numpy.array(of(*shape))
    return (numpy.matmul(a, numpy.swapaxes(a, -1, -2)) + 2 * numpy.eye(shape[-1])).round(3).tolist()


def cases():
    """{name: [operator, attributes, [[values, dtype] of each input]]}"""
    made = {}

    def add(op, attributes, *inputs):
        shown = ["%s %s" % (array(values).shape, dtype) for values, dtype in inputs]
        name = " ".join([op, *shown, *("%s=%s" % item for item in sorted(attributes.items()))])
        while name in made:
            name += "'"
        made[name] = [op, attributes, [list(x) for x in inputs]]

    for op in ("_npi_eig", "_npi_eigvals", "_npi_eigh", "_npi_eigvalsh"):
        for dtype in BOTH:
            for values in (SYMMETRIC, [SYMMETRIC, REAL], [[2.5]]):
                add(op, {}, (values, dtype))
        for shape in EMPTY:
            add(op, {}, (zeros(*shape), "float32"))
        for dtype in INTEGERS:
            add(op, {}, (SYMMETRIC, dtype))
    for op in ("_npi_eigh", "_npi_eigvalsh"):
        for triangle in "LU":
            add(op, {"UPLO": triangle}, (REAL, "float64"))
    for dtype in BOTH:
        for values in (SYMMETRIC, REAL, of(2, 3), of(2, 2, 4), of(1, 3), [[3.0, 0.0], [0.0, -2.0]], of(2, 2, 3, 3)):
            add(SVD, {}, (values, dtype))
            add("_npi_pinv_scalar_rcond", {}, (values, dtype))
        for values in (of(3, 2), of(2, 3, 2)):
            add("_npi_pinv_scalar_rcond", {"rcond": 0.5}, (values, dtype))
        add(PINV, {}, (of(3, 2), dtype), (1e-3, dtype))
        add(PINV, {"hermitian": True}, (SYMMETRIC, dtype), (1e-3, dtype))
        add(PINV, {"hermitian": True}, (REAL, dtype), (1e-3, dtype))
        add(PINV, {}, (of(2, 3, 2), dtype), ([1e-3, 0.9], dtype))
        add("_npi_pinv_scalar_rcond", {}, (zeros(2, 3), dtype))
        for shape, ind in (((2, 2, 4), 2), ((2, 3, 6), 2), ((4, 2, 2), 1), ((1, 1), 3), ((3, 3), 1), ((2, 3, 2, 3), 2)):
            add(INVERSE, {"ind": ind}, (of(*shape), dtype))
        add(INVERSE, {}, (of(2, 2, 4), dtype))
        for a, b, axes in (
            ((2, 3, 6), (2, 3), None), ((2, 3, 6), (3, 2), None), ((2, 6, 3), (6,), (0, 2)), ((6, 2, 3), (6,), (-1,)),
            ((3, 6, 2), (6,), (2, 0)), ((2, 2), (2,), None), ((2, 3, 6), (2, 3), ()),
        ):  # fmt: skip
            add(SOLVE, {} if axes is None else {"a_axes": axes}, (of(*a), dtype), (of(*b), dtype))
        for b in ((3,), (3, 1), (3, 2)):
            add("_npi_solve", {}, (SYMMETRIC, dtype), (of(*b), dtype))
        add("_npi_solve", {}, ([SYMMETRIC, REAL], dtype), (of(2, 3), dtype))
        add("_npi_solve", {}, ([SYMMETRIC, REAL], dtype), (of(2, 3, 2), dtype))
        for op in ("_npi_cholesky", "_npi_det", "_npi_slogdet"):
            add(op, {}, (SYMMETRIC, dtype))
            add(op, {}, (positive(2, 3, 3), dtype))
            if op != "_npi_cholesky":
                add(op, {}, (REAL, dtype))
                add(op, {}, (of(2, 2, 2, 2), dtype))
    for shape in EMPTY:
        for op in (SVD, "_npi_pinv_scalar_rcond", "_npi_cholesky"):
            add(op, {}, (zeros(*shape), "float32"))
    for op in ("_npi_det", "_npi_slogdet"):
        add(op, {}, (zeros(0, 2, 2), "float32"))
        add(op, {}, ([[1.0, 1.0], [1.0, 1.0]], "float32"))
    add("_npi_pinv_scalar_rcond", {}, (zeros(3, 0), "float32"))
    add("_npi_solve", {}, (zeros(0, 0), "float32"), ([], "float32"))
    for op in ("_npi_solve", SOLVE):
        for a, b in (("float32", "float64"), ("float64", "float32"), ("int32", "float32"), ("float32", "int32"),
                     ("int32", "int32"), ("int64", "float64"), ("uint8", "uint8")):  # fmt: skip
            add(op, {}, (SYMMETRIC, a), ([1, 2, 3], b))
    for dtype in BOTH:
        for flag, order, axes in (
            (-2, 2, (None,)), (1, 2, (None, (1,), (0, 1), (1, 2), (2, 0))), (2, 2, (None, (0, 1), (1, 2))),
            (0, 2, ((0, 1), (1, 2))), (0, -2, ((0, 1), (1, 2))),
            *((-1, order, (None,)) for order in (1, -1, 2, -2, INF, -INF)),
            *((-1, order, ((1,), (-1,))) for order in (0, 1, -1, 2, 3, 2.5)),
        ):  # fmt: skip
            for axis in axes:
                for keepdims in (False, True):
                    attributes = {"flag": flag, "ord": order, "axis": axis, "keepdims": keepdims}
                    # with more rows than columns MXNet has no singular values, if these axes are not the last
                    add("_npi_norm", attributes, (of(2, 3, 4), dtype))
        for order in (1, -1, 2, -2, 3, 0):
            add("_npi_norm", {"flag": -1, "ord": order}, (of(4), dtype))
        for order in (1, -1, 2, -2, INF, -INF):
            add("_npi_norm", {"flag": -1, "ord": order}, (of(2, 3), dtype))
            add("_npi_norm", {"flag": -1, "ord": order}, (of(3, 2), dtype))
        for flag in (1, 2):
            add("_npi_norm", {"flag": flag}, (of(2, 3), dtype))
        add("_npi_norm", {"flag": 1}, (of(3), dtype))
    for dtype in ("int32", "float16"):
        add("_npi_norm", {"flag": -2}, ([[1, 2], [3, 4]], dtype))
        add("_npi_norm", {"flag": -1, "ord": 1, "axis": (0,)}, ([[1, 2], [3, 4]], dtype))
    add("_npi_norm", {"flag": -2}, ([], "float32"))
    add("_npi_norm", {"flag": -2}, (3.0, "float32"))
    add("_npi_norm", {"flag": -1, "ord": 2}, (zeros(0, 3), "float32"))
    add("_npi_norm", {"flag": 1, "axis": (0,)}, (zeros(0, 3), "float32"))
    return made


ROTATION, SINGULAR = [[0.0, -1.0], [1.0, 0.0]], [[1.0, 1.0], [1.0, 1.0]]


def refused():
    """[operator, attributes, inputs] of calls that MXNet refuses."""
    square = ("_npi_eig", "_npi_eigvals", "_npi_eigh", "_npi_eigvalsh", "_npi_cholesky", "_npi_det", "_npi_slogdet")
    for op in square:
        for values in ([1.0, 2.0], 2.0, of(2, 3)):
            yield [op, {}, [[values, "float32"]]]
    for op in (*square[:5], SVD, "_npi_pinv_scalar_rcond"):
        for dtype in REFUSED_DTYPES:
            yield [op, {}, [[[[2, 1], [1, 2]], dtype]]]
    for op in (SVD, "_npi_pinv_scalar_rcond"):
        yield [op, {}, [[[1.0, 2.0], "float32"]]]
        yield [op, {}, [[[[2, 1], [1, 2]], "int32"]]]
    yield [SVD, {}, [[of(3, 2), "float32"]]]
    for op in ("_npi_eig", "_npi_eigvals"):
        yield [op, {}, [[ROTATION, "float64"]]]
    yield ["_npi_cholesky", {}, [[[[-1.0, 0.0], [0.0, 1.0]], "float64"]]]
    yield [PINV, {}, [[of(2, 3, 2), "float32"], [[1e-3, 1e-3], "float64"]]]
    yield [PINV, {}, [[of(2, 3, 2), "float32"], [[[1e-3, 1e-3], [1e-3, 1e-3]], "float32"]]]
    yield [PINV, {}, [[of(3, 2), "float32"], [[1e-3, 1e-3], "float32"]]]
    for shape, ind in (((4, 2, 2), 0), ((2, 2), -1), ((4, 2, 3), 1)):
        yield [INVERSE, {"ind": ind}, [[of(*shape), "float32"]]]
    yield [INVERSE, {"ind": 1}, [[SINGULAR, "float32"]]]
    yield [INVERSE, {"ind": 1}, [[SINGULAR, "int32"]]]
    yield [SOLVE, {}, [[of(2, 3, 6), "float32"], [of(7), "float32"]]]
    yield [SOLVE, {"a_axes": (1,)}, [[of(2, 3, 6), "float32"], [of(2, 6), "float32"]]]
    for op in (SOLVE, "_npi_solve"):
        yield [op, {}, [[SINGULAR, "float32"], [[1.0, 2.0], "float32"]]]
        for dtype in REFUSED_DTYPES:
            yield [op, {}, [[[[2, 1], [1, 2]], dtype], [[1.0, 2.0], "float32"]]]
    yield ["_npi_solve", {}, [[[SYMMETRIC] * 2, "float32"], [[1.0, 2.0, 3.0], "float32"]]]
    yield ["_npi_solve", {}, [[SYMMETRIC, "float32"], [[1.0, 2.0], "float32"]]]
    yield ["_npi_norm", {"flag": 2, "axis": (1,)}, [[of(2, 3), "float32"]]]
    yield ["_npi_norm", {"flag": 2}, [[of(3), "float32"]]]
    for flag in (0, 1, 2):
        yield ["_npi_norm", {"flag": flag, "axis": (0, 1, 2)}, [[of(2, 3, 4), "float32"]]]
    yield ["_npi_norm", {"flag": 1, "axis": ()}, [[of(2, 3), "float32"]]]


def arrays(mx, inputs):
    return [mx.nd.array(array(values), dtype=dtype) for values, dtype in inputs]


def graph(mx, text, inputs):
    """The outputs and the gradients of the inputs, that of each output being 1, 2, 3..."""
    symbol = mx.sym.load_json(text)
    given = dict(zip(symbol.list_arguments(), inputs))
    floats = all(a.size and numpy.dtype(a.dtype).kind == "f" for a in inputs)  # of none MXNet's norm does not return
    grads = {n: mx.nd.zeros(a.shape, dtype=a.dtype) for n, a in given.items()}
    executor = symbol.bind(mx.cpu(), given, grads if floats else None, "write" if floats else "null")
    outputs = executor.forward(is_train=floats)
    found = {"outputs": plain(outputs), "gradients": None}
    if floats and all(o.size for o in outputs) and all(o.dtype == inputs[0].dtype for o in outputs):
        heads = [numpy.arange(1, o.size + 1).reshape(o.shape) for o in outputs]
        executor.backward([mx.nd.array(h, dtype=o.dtype) for h, o in zip(heads, outputs)])
        found["gradients"] = plain([grads[n] for n in symbol.list_arguments()])
    return found


def main():
    import mxnet as mx

    results = {"graphs": {}, "refused": []}
    with mx.util.np_shape(True):
        for name, (op, attributes, inputs) in cases().items():
            with mx.name.NameManager():
                variables = [mx.sym.var("x%d" % i).as_np_ndarray() for i in range(len(inputs))]
                made = getattr(mx.sym.numpy._internal, op[5:])(*variables, **attributes)
                text = (mx.sym.Group(made) if isinstance(made, list) else made).tojson()
            try:
                found = graph(mx, text, arrays(mx, inputs))
            except Exception as error:
                print("REFUSED", name, str(error).strip().splitlines()[-1][:100])
                continue
            results["graphs"][name] = {"json": text, **found}
        for op, attributes, inputs in refused():
            try:
                made = getattr(mx.nd.numpy._internal, op[5:])(
                    *[x.as_np_ndarray() for x in arrays(mx, inputs)], **attributes
                )
                for x in made if isinstance(made, (list, tuple)) else [made]:
                    x.asnumpy()
            except Exception:
                results["refused"].append([op, attributes, inputs])
            else:
                print("NOT REFUSED", op, attributes, inputs)
    write("numpy_linalg", results)


if __name__ == "__main__":
    main()
