"""Scenarios: dtypes of results, arithmetic of integers and booleans, what float16 adds up to.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.semantics_dtypes
"""

import itertools

import numpy as np

from tests.oracle.semantics_common import INF, NAN, Table, main

ALL = ("float16", "float32", "float64", "int8", "uint8", "int32", "int64", "bool")
INTS = ("int8", "int32", "int64")


def evaluated(mx, text, dtype="float32", x=(7, -7, 7, -7, 0), y=(3, 3, -3, -3, 5)):
    """The expression over arrays x and y, with the dtypes of its results."""
    return eval(
        text, {"mx": mx, "nd": mx.nd, "np": np, "x": mx.nd.array(x, dtype=dtype), "y": mx.nd.array(y, dtype=dtype)}
    )


def arithmetic(table):
    """Signs of quotients and remainders, zero divisors of remainders, wrapping around."""
    for dtype in INTS + ("float32", "float64", "float16"):
        for text in (
            "x % y", "x / y", "x % 3", "x % -3", "3 % (x + 1)", "-3 % (x + 1)", "x / 2", "x / -2", "x % 2.5",
            "x / 2.5", "x * 0.5", "x + 0.9", "x - 1.9", "2 ** y", "y ** 2", "y ** 3", "y ** -1", "y ** 0.5",
            "0 ** (y * y)", "-x", "abs(x)", "x > 2.5", "x == 7.2", "x >= y", "x * y", "nd.maximum(x, 2.5)",
            "nd.minimum(x, -2.5)", "x % 1", "nd.abs(x)", "nd.sign(x)", "nd.square(x)", "nd.clip(x, -2.5, 2.5)",
            "nd.mean(x)", "nd.sum(x)", "nd.prod(x)", "nd.max(x)", "nd.norm(x)", "nd.norm(x, ord=1)", "nd.argmax(x)",
            "nd.argmin(x)", "nd.sqrt(nd.abs(x))", "nd.exp(y / 3)", "nd.floor(x / 2)", "nd.cast(x, 'float32') / 2",
            "nd.dot(x, y)", "nd.broadcast_logical_and(x, y)", "nd.logical_not(x)",
            "nd.cumsum(x) if hasattr(nd, 'cumsum') else 0", "nd.sum(x, keepdims=True)", "nd.mean(x, axis=0)",
            "nd.smooth_l1(x)", "x.astype('uint8')", "x.astype('bool')", "nd.where(x > 0, x, y)",
            "nd.one_hot(nd.abs(y), 6)", "nd.relu(x)", "nd.topk(x)", "nd.sort(x)", "nd.argsort(x)",
            "nd.flip(x, axis=0)", "nd.tile(x, 2)", "nd.shape_array(x)", "nd.size_array(x)", "nd.zeros_like(x)",
            "nd.ones_like(x)", "nd.full((2,), 1.5, dtype=x.dtype)", "nd.concat(x, y, dim=0)", "nd.stack(x, y)",
            "nd.add_n(x, y)", "nd.elemwise_div(x, y)", "nd._internal._mod(x, y)",
            "nd.linalg.gemm2(x.reshape((1, 5)), y.reshape((5, 1)))",
        ):  # fmt: skip
            if "float16" in dtype and ("dot" in text or "gemm" in text):
                continue  # no such product on the CPU
            table.of("%s (%s)" % (text, dtype), evaluated, text, dtype)
        table.of("x %% 0 (%s)" % dtype, evaluated, "x % 0", dtype)
        table.of("x %% zeros (%s)" % dtype, evaluated, "x % (y * 0)", dtype)
        table.of("5 %% (x * 0) (%s)" % dtype, evaluated, "5 % (x * 0)", dtype)
        if "float" in dtype:
            for text in ("x / 0", "x / (y * 0)", "0 / (x * 0)"):
                table.of("%s (%s)" % (text, dtype), evaluated, text, dtype)
    for text in ("x + 100", "x * 100", "x - y - y - y", "x % 16", "-x", "x / 7", "x ** 2", "x > 127", "x % 0",
                 "x - 300", "x + 1.5",
                 "x.sum()", "x.mean()", "nd.square(x)", "nd.norm(x)", "x.max()", "x.argmax()",
                 "nd.abs(-x)"):  # fmt: skip
        table.of("%s (uint8)" % text, evaluated, text, "uint8", [200, 7, 255, 0], [100, 9, 1, 3])
    for text in ("x + y", "x * 2", "x * x", "x - 1 - y", "abs(x)", "-x", "x / -1 if False else x"):
        for dtype, big in (("int8", 127), ("int32", 2**31 - 1), ("int64", 2**53)):
            table.of("%s (large %s)" % (text, dtype), evaluated, text, dtype, [big, -big], [1, -1])


def truths(table):
    """Comparisons, logic and reductions of booleans and floats: dtypes and values."""
    for dtype in ALL:
        for text in (
            "x == y", "x != y", "x > y", "x < 1", "x >= 1", "x == True", "nd.logical_not(x)",
            "nd.broadcast_logical_or(x, y)", "nd.logical_and(x, y)", "nd.logical_xor(x, 1)",
            "nd.broadcast_equal(x, y)", "nd.sum(x == y)", "(x == y).mean()", "(x == y).astype('int32').sum()",
            "x.argmax()", "x.argmax(axis=0, keepdims=True)", "nd.argmax_channel(x.reshape((1, 3)))",
            "nd.shape_array(x)", "nd.size_array(x)", "x.sum()", "x.max()", "nd.sum(x)", "x * 2", "x + 1", "x + 1.5",
            "x + True", "x / 2", "x ** 2", "-x", "1 - x", "nd.where(x, x, y)", "nd.where(x == y, x, y)",
            "nd.zeros_like(x)", "nd.cast(x, 'int8')", "x.copy()", "nd.contrib.boolean_mask(y, x)", "nd.take(y, x)",
            "nd.concat(x, y, dim=0)", "nd.tile(x, 2)", "x.reshape((3, 1))", "nd.clip(x, 0, 1)", "nd.maximum(x, y)",
            "nd.all_finite(x)", "nd.contrib.allclose(x, y)", "nd.sort(x)", "nd.argsort(x)", "nd.topk(x, k=2)",
            "nd.flip(x, 0)", "nd.one_hot(x, 2)", "nd.isnan(x) if hasattr(nd, 'isnan') else nd.contrib.isnan(x)",
            "nd.contrib.isinf(x)", "nd.contrib.isfinite(x)", "x.asnumpy().dtype.name", "np.dtype(x.dtype).name",
            "nd.repeat(x, 2)", "nd.slice(x, (0,), (2,))", "x[0]", "x[0].asscalar()", "bool(x[1])", "nd.stack(x, y)",
            "nd.pad(x.reshape((1, 1, 1, 3)), 'constant', (0, 0, 0, 0, 1, 1, 1, 1))",
        ):  # fmt: skip
            table.of("truths: %s (%s)" % (text, dtype), evaluated, text, dtype, [0, 1, 1], [0, 0, 1])


def mixed(table):
    """Two dtypes in one operator."""
    for left, right in itertools.permutations(("float32", "float64", "float16", "int32", "bool"), 2):
        for text in (
            "x + y",
            "x * y",
            "x == y",
            "nd.dot(x, y)",
            "nd.concat(x, y, dim=0)",
            "nd.where(x, y, y)",
            "nd.maximum(x, y)",
        ):
            table.of("%s (%s and %s)" % (text, left, right), two, text, left, right)


def two(mx, text, left, right):
    return eval(text, {"nd": mx.nd, "x": mx.nd.array([1, 0, 1], dtype=left), "y": mx.nd.array([1, 1, 0], dtype=right)})


def halves(table):
    """float16: which reductions add up in it."""
    many, small = [1.0] * 4099, [1000.0] + [0.3] * 99
    for text in ("x.sum()", "x.mean()", "nd.sum(x * x)", "nd.square(x).mean()", "nd.sum(x.reshape((1, -1)), axis=1)",
                 "x.max()", "nd.sum(x.reshape((-1, 1)), axis=0)", "nd.nansum(x)",
                 "nd.norm(x.reshape((1, -1)), ord=1, axis=1)",
                 "nd.norm(x[:100])", "nd.softmax(x[:64]).sum()", "nd.log_softmax(x[:64])[0]",
                 "nd.mean(x.reshape((1, -1)), axis=1)", "nd.cumsum(x)[-1] if hasattr(nd, 'cumsum') else 0",
                 "nd.add_n(*[x[:2]] * 5)"):  # fmt: skip
        table.of("many: " + text, evaluated, text, "float16", many, many)
        table.of("small: " + text, evaluated, text, "float16", small, small)
    for text in (
        "x * 2",
        "x * x",
        "x / 3",
        "x + 1",
        "x - 65504",
        "nd.exp(x)",
        "x.sum()",
        "x.mean()",
        "nd.square(x)",
        "x * 0",
    ):
        table.of("large: " + text, evaluated, text, "float16", [65504.0, 60000.0, 300.0, 11.5], [1.0] * 4)
    for text in (
        "x.astype('float16')",
        "x.astype('float16').astype('float32')",
        "x.astype('int32')",
        "x.astype('uint8')",
    ):
        table.of("casts: " + text, evaluated, text, "float32", [1.0009765, 2049.0, 6e-8, 0.1, 3.9], [1.0] * 5)
    for text in ("x.astype('int32')", "x.astype('int64')", "x.astype('bool')", "x.astype('float16')"):
        table.of("strange casts: " + text, evaluated, text, "float32", [-0.5, 0.999, -1.999, 0.0], [0.0] * 4)
    table.of("NaN is true", evaluated, "x.astype('bool')", "float32", [NAN, INF, 0.0, -0.0], [0.0] * 4)


def results(mx):
    """{name: what MXNet does}."""
    table = Table(mx)
    arithmetic(table)
    truths(table)
    mixed(table)
    halves(table)
    return table.found


if __name__ == "__main__":
    main("semantics_dtypes", results)
