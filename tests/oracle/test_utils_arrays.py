"""Writes tests/golden/test_utils_arrays.json: arrays, shapes and settings of MXNet's test_utils.

Run from the repository's root with an interpreter that has mxnet==1.9.1, and no scipy:
    PYTHON -m tests.oracle.test_utils_arrays
"""

import random

import numpy as np

from tests.oracle.gluon_common import attempt, check_complete, collect, kind
from tests.oracle.scenario import write


def described(value):
    """A result with its type: sparse arrays by their parts."""
    if isinstance(value, tuple):
        return ["tuple"] + [described(v) for v in value]
    if isinstance(value, list):
        return ["list"] + [described(v) for v in value]
    if hasattr(value, "stype"):
        parts = {"stype": value.stype, "dtype": np.dtype(value.dtype).name, "dense": value.asnumpy()}
        if value.stype != "default":
            parts["indices"] = value.indices.asnumpy()
        return parts
    if isinstance(value, (np.ndarray, np.generic)):
        return {"dtype": value.dtype.name, "array": np.asarray(value)}
    return value


def seeded(mx, function, *args, **kwargs):
    """What a call gives after ``seed(3)`` everywhere, and numpy's next number: it has drawn as many."""
    np.random.seed(3)
    random.seed(3)
    mx.random.seed(3)
    try:
        found = described(function(*args, **kwargs))
    except Exception as error:
        return {"raises": type(error).__name__, "next": np.random.rand()}
    return [found, np.random.rand()]


def shapes(mx, put):
    tu = mx.test_utils
    for name, args in (("rand_shape_2d", (3, 40)), ("rand_shape_3d", (3, 40, 5)), ("rand_shape_nd", (4, 6))):
        function = getattr(tu, name)
        put(name, seeded(mx, function, *args))
        put(name + ", zero", seeded(mx, function, *args, allow_zero_size=True))
        if name != "rand_shape_nd":
            put(name + ", defaults", seeded(mx, function))
    put("rand_shape_nd, default", seeded(mx, tu.rand_shape_nd, 3))
    put("rand_coord_2d", seeded(mx, tu.rand_coord_2d, 1, 50, 20, 700))
    put("random_sample", seeded(mx, tu.random_sample, list("abcdefg"), 4))
    put("random_sample, too many", seeded(mx, tu.random_sample, [1, 2], 4))


def dense(mx, put):
    tu = mx.test_utils
    put("random_arrays, one", seeded(mx, tu.random_arrays, (2, 3)))
    put("random_arrays, two", seeded(mx, tu.random_arrays, (2,), (3, 1)))
    put("random_arrays, scalar", seeded(mx, tu.random_arrays, (), (1,)))
    put("random_uniform_arrays", seeded(mx, tu.random_uniform_arrays, (2,), (3, 1)))
    put("random_uniform_arrays, options", seeded(mx, tu.random_uniform_arrays, (2,), low=-4, high=3, dtype="float64"))
    put("random_uniform_arrays, other", seeded(mx, tu.random_uniform_arrays, (2,), scale=2))
    put("rand_ndarray", seeded(mx, tu.rand_ndarray, (2, 3)))
    for dtype in ("float16", "float64", "int32"):
        put("rand_ndarray, " + dtype, seeded(mx, tu.rand_ndarray, (2, 3), dtype=dtype))
    put("rand_ndarray, cpu(1)", str(tu.rand_ndarray((1,), ctx=mx.cpu(1)).context))
    put("rand_ndarray, other", seeded(mx, tu.rand_ndarray, (2, 3), "sparse"))
    put("rand_ndarray, distribution", seeded(mx, tu.rand_ndarray, (2, 3), distribution="uniform"))
    put("create_2d_tensor", described(tu.create_2d_tensor(3, 2)))
    put("create_2d_tensor, float32", described(tu.create_2d_tensor(2, 2, "float32")))
    put("create_vector", described(tu.create_vector(4)))
    put("create_vector, int32", described(tu.create_vector(3, "int32")))
    put("get_identity_mat", described(tu.get_identity_mat(3)))
    put("get_identity_mat_batch", described(tu.get_identity_mat_batch(2)))
    for n in (2, 3, 4):
        put("real_eigvals, %d" % n, seeded(mx, tu.new_matrix_with_real_eigvals_2d, n))
        put("orthonormal, %d" % n, seeded(mx, tu.new_orthonormal_matrix_2d, n))
        put("sym, %d" % n, seeded(mx, tu.new_sym_matrix_with_real_eigvals_2d, n))
    put("real_eigvals, nd", seeded(mx, tu.new_matrix_with_real_eigvals_nd, (2, 1, 2, 2)))
    put("sym, nd", seeded(mx, tu.new_sym_matrix_with_real_eigvals_nd, (2, 1, 2, 2)))


def sparse(mx, put):
    tu = mx.test_utils
    plus = lambda x: x + 1  # noqa: E731
    rows = {
        "default": {}, "density": {"density": 0.5}, "float64": {"density": 0.6, "dtype": "float64"},
        "nothing": {"density": 0}, "all": {"density": 1}, "modifier": {"density": 0.5, "modifier_func": plus},
        "powerlaw": {"density": 0.5, "distribution": "powerlaw"}, "distribution": {"distribution": "normal"},
        "too dense": {"density": 2}, "negative": {"density": -1}, "shuffled": {"shuffle_csr_indices": True},
    }  # fmt: skip
    for name, options in rows.items():
        for stype in ("row_sparse", "csr"):
            put("rand_ndarray, %s, %s" % (stype, name), seeded(mx, tu.rand_ndarray, (4, 6), stype, **options))
            found = seeded(mx, tu.rand_sparse_ndarray, (4, 6), stype, **options)
            put("rand_sparse_ndarray, %s, %s" % (stype, name), found)
    given = {
        "data_init": {"density": 0.5, "data_init": 3}, "dtype": {"density": 0.4, "dtype": "float64"},
        "rows": {"rsp_indices": [3, 0]}, "rows, data_init": {"rsp_indices": [3, 1], "data_init": 2},
        "modifier": {"modifier_func": plus}, "shuffled": {"shuffle_csr_indices": True}, "no rows": {"rsp_indices": []},
    }  # fmt: skip
    for name, options in given.items():
        for stype in ("row_sparse", "csr"):
            found = seeded(mx, tu.create_sparse_array, (4, 3), stype, **options)
            put("create_sparse_array, %s, %s" % (stype, name), found)
            for density in (0, 0.5):
                found = seeded(mx, tu.create_sparse_array_zd, (4, 3), stype, **dict(options, density=density))
                put("create_sparse_array_zd, %s, %s, %s" % (stype, name, density), found)
    rows = np.array([2, 1])
    put("rsp_indices", seeded(mx, tu.rand_sparse_ndarray, (4, 2), "row_sparse", rsp_indices=rows, modifier_func=plus))
    put("three dimensions", seeded(mx, tu.rand_sparse_ndarray, (4, 2, 3), "row_sparse", density=0.5))
    put("csr of three", seeded(mx, tu.rand_sparse_ndarray, (4, 2, 3), "csr", density=0.5))
    put("other", [seeded(mx, f, (2, 2), "default") for f in (tu.rand_sparse_ndarray, tu.create_sparse_array)])
    put("empty csr", seeded(mx, tu.rand_sparse_ndarray, (0, 2), "csr", density=0.5))
    for shape in ((2, 16), (8, 16), (5, 4), (6, 3), (40, 20), (3, 1)):
        for density in (0.3, 0.5, 0.9, 1.0):
            found = seeded(mx, tu.rand_sparse_ndarray, shape, "csr", density=density, distribution="powerlaw")
            put("powerlaw, %s, %s" % (shape, density), found)


class Csr:
    def __init__(self):
        self.indptr = np.array([0, 3, 3, 5])
        self.indices = np.array([0, 1, 2, 4, 5])


def one_by_one(mx, put):
    tu = mx.test_utils
    csr = Csr()
    put("shuffle_csr_column_indices", [seeded(mx, tu.shuffle_csr_column_indices, csr), csr.indices])
    a, b = np.arange(6.0).reshape(2, 3), np.arange(24).reshape(2, 3, 4)
    for axis in (0, 1, -1, (0, 2), (0, 1, 2), None, [-1, 0]):
        for keepdims in (True, False):
            put("np_reduce, %s, %s" % (axis, keepdims), described(tu.np_reduce(b, axis, keepdims, np.sum)))
    put("np_reduce, max", described(tu.np_reduce(b, (1, 2), True, np.max)))
    for shape in ((3, 1), (1, 4), (2, 1, 4), (4,), (1,), ()):
        put("collapse_sum_like, %s" % (shape,), described(tu.collapse_sum_like(b, shape)))
    put("collapse_sum_like, no elements", described(tu.collapse_sum_like(np.ones((2, 0)), (1, 0))))
    put("collapse_sum_like, misfits", [kind(tu.collapse_sum_like, a, s) for s in ((2, 2), (2, 3, 1))])
    put("collapse_sum_like, arrays", described(tu.collapse_sum_like(mx.nd.ones((2, 3)), (1, 3))))
    put("assign_each", described(tu.assign_each(a, lambda x: x * x)))
    put("assign_each, nothing", described(tu.assign_each(a.astype("int32"), None)))
    put("assign_each, int", described(tu.assign_each(a.astype("int32"), lambda x: x + 0.5)))
    put("assign_each, scalar", described(tu.assign_each(np.float32(3), lambda x: x + 1)))
    put("assign_each2", described(tu.assign_each2(a, a + 1, lambda x, y: x * y)))
    put("assign_each2, nothing", described(tu.assign_each2(a, a + 1, None)))
    put("assign_each2, misfits", kind(tu.assign_each2, a, a.T, lambda x, y: x))


def settings(mx, put):
    tu = mx.test_utils
    put("default_dtype", np.dtype(tu.default_dtype()).name)
    for name in ("default_rtols", "default_atols", "default_numeric_eps"):
        put(name, {dtype.name: value for dtype, value in getattr(tu, name)().items()})
    for name in ("get_rtol", "get_atol"):
        function = getattr(tu, name)
        found = [function(), function(0.5), function(dtype=np.dtype("float16")), function(None, np.dtype("int8"))]
        put(name, found + [kind(function, None, "float32")])
    put("get_etol", [tu.get_etol(), tu.get_etol(0.25)])
    arrays = [np.ones(2, d) for d in ("float16", "float32", "float64", "int32")] + [mx.nd.ones(2), 1.0, 3, True]
    put("effective_dtype", [tu.effective_dtype(x).name for x in arrays[:5]])
    put("effective_dtype, number", kind(tu.effective_dtype, 1.0))
    table = {np.dtype("float32"): 0.5, np.dtype("float64"): 0.25}
    for name, rtol, atol in (("none", None, None), ("numbers", 0.1, 0), ("tables", table, table), ("one", None, 0.5)):
        put("get_tols, " + name, [list(tu.get_tols(x, y, rtol, atol)) for x in arrays for y in arrays])
    put("get_tols, list", kind(tu.get_tols, [1.0], [1.0], None, None))
    one = arrays[1]
    tables = ((None, table), (7, {}), (table, table), ({}, table))
    put("get_tolerance", [tu.get_tolerance(one, *pair) for pair in tables])
    put("get_tolerance, unknown", kind(tu.get_tolerance, arrays[0], None, table))
    put("default_context", [str(tu.default_context()), str(tu.current_context())])
    tu.set_default_context(mx.cpu(3))
    found = [str(tu.default_context()), str(mx.nd.ones(1).context), str(mx.current_context())]
    with mx.cpu(1):
        found.append(str(tu.default_context()))
        tu.set_default_context(mx.cpu(2))
        found.append(str(tu.default_context()))
    found.append(str(tu.default_context()))
    tu.set_default_context(mx.cpu(0))
    put("set_default_context", found + [str(tu.default_context())])
    put("list_gpus", list(tu.list_gpus()))
    put("flags", [tu.has_tvm_ops(), tu.is_op_runnable(), tu.is_aarch64_run()])
    with tu.environment("CD_JOB", "1"):
        put("is_cd_run", tu.is_cd_run())
    put("is_cd_run, else", tu.is_cd_run())


def surroundings(mx, put):
    import os

    tu = mx.test_utils
    read = lambda: [os.environ.get(n) for n in ("MXGLUON_TEST_A", "MXGLUON_TEST_B")]  # noqa: E731
    found = [read()]
    with tu.environment("MXGLUON_TEST_A", "1") as nothing:
        found += [nothing, read(), tu.getenv("MXGLUON_TEST_A")]
        with tu.environment({"MXGLUON_TEST_A": None, "MXGLUON_TEST_B": "2"}):
            found.append(read())
        found.append(read())
        try:
            with tu.environment("MXGLUON_TEST_A", "3"):
                raise KeyError
        except KeyError:
            found.append(read())
    put("environment", found + [read()])

    def enter(*args):
        with tu.environment(*args):
            pass

    put("environment, arguments", [attempt(enter, *a) for a in ((), ("A",), ("A", "B", "C"))])
    put("environment, values", [kind(enter, *a) for a in (("A", 1), ({"A": 1},))])

    calls = []

    def fails(times, error=AssertionError, tries=3):
        del calls[:]

        @tu.retry(tries)
        def test(x, y=0):
            calls.append([x, y])
            if len(calls) <= times:
                raise error("call %d" % len(calls))
            return 7

        return [attempt(test, 1, y=2), list(calls)]

    put("retry", [fails(0), fails(2), fails(3), fails(1, ValueError), fails(1, tries=1)])
    put("retry, never", kind(tu.retry, 0))
    with tu.discard_stderr() as nothing:
        os.write(2, b"not to be seen")
        put("discard_stderr", nothing)


PARTS = [shapes, dense, sparse, one_by_one, settings, surroundings]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("test_utils_arrays", check_complete(results(mxnet)))
