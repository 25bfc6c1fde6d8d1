"""Writes tests/golden/test_utils_checks.json: what the checks of MXNet's test_utils accept, refuse, print and return.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.test_utils_checks
"""

import contextlib
import io
import re
import types

import numpy as np

from tests.oracle.gluon_common import check_complete, collect, kind
from tests.oracle.scenario import write

A = np.arange(6).reshape(2, 3).astype("float32")
NAN, INF = np.nan, np.inf


def said(function, *args, **kwargs):
    """[whether it passes, or the error's class; its text, if it is that of a comparison; what is printed]"""
    out = io.StringIO()
    text = ""
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        try:
            result = function(*args, **kwargs)
            outcome = result if result is None or isinstance(result, bool) else "passes"
        except Exception as error:
            outcome = type(error).__name__
            text = str(error) if isinstance(error, AssertionError) and str(error).startswith("\n") else ""
    return [outcome, lines(text), lines(out.getvalue())]


def lines(text):
    """Lines; numbers of more than 6 digits apart from them, and without what newer versions of numpy write."""
    text = re.sub(r",\s*shape=\([\d, ]+\)(?=[,)])", "", text)
    return [[re.sub(NUMBER, "#", line), [float(n) for n in re.findall(NUMBER, line)]] for line in text.split("\n")]


NUMBER = r"-?\d+\.\d{4,}(?:e[+-]\d+)?"


def compared(mx, put):
    tu = mx.test_utils
    check = tu.assert_almost_equal
    cases = {
        "equal": (A, A), "float32": (A, A + 1), "float16": (A.astype("f2"), A.astype("f2") + 1),
        "float64": (A.astype("f8"), A.astype("f8") + 1e-3), "int32": (A.astype("i4"), A.astype("i4") + 1),
        "mixed dtypes": (A.astype("f2"), A + 0.5), "one place": (A, np.where(A == 4, 4.5, A).astype("f4")),
        "large": (np.arange(100.0), np.arange(100.0) + 1), "no elements": (np.zeros((0, 3)), np.zeros((0, 3))),
        "nan": (np.array([1, NAN, 3]), np.array([1, 2, 3.0])), "nan of both": (A * NAN, A * NAN),
        "inf": (np.array([1, 1, 1, INF, -INF, 2.0]), np.array([1, INF, -INF, INF, 1, 1])),
        "inf and nan": (np.array([INF, NAN, 1, 3.0]), np.array([1, 1, NAN, 1])),
        "equal inf": (np.array([INF, -INF]), np.array([INF, -INF])), "numbers": (1.0, 2.0), "ints": (5, 5.0001),
        "equal numbers": (1, 1.0), "scalars": (np.float32(1), np.float32(2)), 
        "equal bool": (A > 2, A > 2), "broadcast": (A, A[:1]), "broadcast, equal": (np.ones((2, 3)), np.ones(3)),
        "larger second": (np.ones((1, 3)) * 2, np.ones((2, 3))), "misfit": (A, np.ones((5, 5))),
        "list": ([1.0], [1.0]), "nothing": (A, None), "tiny": (np.array([1e-8, 1]), np.array([1.1e-8, 1])),
    }  # fmt: skip
    for name in sorted(cases):
        a, b = cases[name]
        put(name, said(check, a, b))
        if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.dtype != bool and a.shape == b.shape:
            put(name + ", arrays", said(check, mx.nd.array(a, dtype=a.dtype), mx.nd.array(b, dtype=b.dtype)))
            put(name + ", one array", said(check, a, mx.nd.array(b, dtype=b.dtype)))
    put("bool", kind(check, A > 2, A > 3))
    put("names", said(check, A, A + 1, names=("left", "right")))
    put("rtol, atol", [said(check, A, A + 0.1, r, a) for r, a in ((0.2, 0.1), (0, 0.05), (1e-3, 1e-3))])
    put("tables", said(check, A, A + 0.1, {np.dtype("float32"): 0.0}, {np.dtype("float32"): 0.2}))
    put("equal_nan", said(check, np.array([NAN, 1]), np.array([NAN, 2.0]), equal_nan=True))
    put("equal_nan, same", said(check, A * NAN, A * NAN, equal_nan=True))
    put("use_broadcast", said(check, A, A[:1], use_broadcast=False))
    wrong = np.zeros(4), np.ones(4)
    for mismatches in ((0, 5), (5, 0), (1, 3), (3, 1), (9, 4), (2, 3), (0, 0), (10, 10)):
        put("mismatches=%s" % (mismatches,), said(check, *wrong, mismatches=mismatches))
    put("arrays of other shapes", kind(check, mx.nd.ones((2, 3)), mx.nd.ones(3)))
    put("sparse", said(check, mx.nd.array(A), mx.nd.array(A).tostype("csr")))
    put("sparse, wrong", said(check, mx.nd.array(A + 1).tostype("row_sparse"), mx.nd.array(A).tostype("row_sparse")))


def kin(mx, put):
    tu = mx.test_utils
    arrays = [A, A + 1, A[0], A.astype("f8"), np.array(1.0), mx.nd.array(A)]
    put("same", [tu.same(a, b) for a in arrays[:5] for b in arrays[:5]] + [tu.same(arrays[5], arrays[5])])
    put("almost_equal", [tu.almost_equal(A, A), tu.almost_equal(A, A + 1e-7), tu.almost_equal(A, A[0])])
    put("almost_equal, nan", [tu.almost_equal(A * NAN, A * NAN), tu.almost_equal(A * NAN, A * NAN, equal_nan=True)])
    put("almost_equal, tolerances", [tu.almost_equal(A, A + 1, 0, 1), tu.almost_equal(A, A + 1, 0, 0.9)])
    put("almost_equal, shapes", said(tu.almost_equal, A, A[0], use_broadcast=False))
    put("almost_equal, misfit", said(tu.almost_equal, A, np.ones((5, 5))))
    x = mx.nd.array(A)
    found = [tu.same_array(x, y) for y in (x, x.copy(), x[0:2], x[0:1])]
    put("same_array", found + [x])
    sym = mx.sym
    fc = sym.FullyConnected(sym.var("data"), num_hidden=2, name="fc")
    others = [
        fc, sym.FullyConnected(sym.var("x"), num_hidden=5, name="q"), sym.Activation(fc, act_type="relu"),
        sym.Activation(fc, act_type="tanh"), sym.FullyConnected(sym.var("data"), num_hidden=2, no_bias=True),
        sym.var("data"), sym.var("data") + sym.var("b"), sym.var("data") * sym.var("b"),
    ]  # fmt: skip
    put("same_symbol_structure", [tu.same_symbol_structure(a, b) for a in others for b in others])
    a, b, c = (sym.var(n) for n in "abc")
    parts = [sym.split(a, num_outputs=2)[i] for i in (0, 1)]
    pairs = [
        ((a + b) * a, (a + b) * b), ((a + b) * a, (a + b) * (a + b)), ((a + b) * c, a + b * c), (a + b + c, a + b),
        (sym.Group([a + b, a * b]), sym.Group([a * b, a + b])), parts, [sym.exp(part) for part in parts],
        (a, sym.Group([a, b])), (sym.concat(a, b), sym.concat(a, b, c)), (sym.exp(a) + b, sym.exp(a) + sym.exp(a)),
    ]  # fmt: skip
    put("same_symbol_structure, more", [tu.same_symbol_structure(*pair) for pair in pairs])
    put("checkShapes", [said(tu.checkShapes, A, A), said(tu.checkShapes, A, A.T)])
    put("locationError", [tu.locationError(A, A + 1, (0, 1), ("p", "q"), flag) for flag in (False, True)])
    b = np.arange(20.0)
    c = b.copy()
    c[3] += 1
    for etol in (None, 0, 0.04, 0.05, 0.1):
        put("with_err, %s" % etol, said(tu.assert_almost_equal_with_err, b, c, etol=etol))
    put("with_err, names", said(tu.assert_almost_equal_with_err, b, c, 1e-3, 1e-3, 0.01, ("p", "q")))
    nan = np.array([NAN, 2.0]), np.array([NAN, 2.0])
    put("with_err, nan", [said(tu.assert_almost_equal_with_err, *nan, etol=0.1, equal_nan=f) for f in (True, False)])
    put("with_err, arrays", said(tu.assert_almost_equal_with_err, mx.nd.array(b), mx.nd.array(c), etol=0.01))
    ignore = tu.assert_almost_equal_ignore_nan
    put("ignore_nan", [said(ignore, np.array([NAN, 2.0, 3]), np.array([1, NAN, x])) for x in (3.0, 4.0)])
    put("assert_allclose", [said(tu.assert_allclose, b, b), said(tu.assert_allclose, b, c)])
    put("assert_allclose, nan", said(tu.assert_allclose, *nan))
    one, two = mx.nd.ones(2), mx.nd.zeros(2)
    put("compare_ndarray_tuple", [said(tu.compare_ndarray_tuple, s, t) for s, t in (
        ((one, (two, None)), (one, (two, one))), ((one,), (two,)), (None, None), (one, two), (None, two),
        ((one, one), (one,)), (one, one))])  # fmt: skip
    put("compare_ndarray_tuple, list", kind(tu.compare_ndarray_tuple, [one], [one]))

    def fails(error):
        raise error("no")

    put("assert_exception", [kind(tu.assert_exception, *a) for a in (
        (fails, ValueError, ValueError), (fails, ValueError, KeyError), (fails, (ValueError, KeyError), KeyError),
        (len, ValueError, []))])  # fmt: skip


def statistics(mx, put):
    tu = mx.test_utils
    normal = lambda n: np.random.RandomState(1).normal(1, 2, n)  # noqa: E731
    put("mean_check", [bool(tu.mean_check(normal, m / 20.0, 2, 1000)) for m in range(10, 30)])
    put("mean_check, sigma", [bool(tu.mean_check(normal, 1.2, s / 10.0, 1000)) for s in range(1, 40)])
    put("var_check", [bool(tu.var_check(normal, s / 50.0, 1000)) for s in range(75, 125)])
    put("gen_buckets", [tu.gen_buckets_probs_with_ppf(lambda x: 4 * x - 1, n) for n in (1, 4)])
    put("gen_buckets, none", kind(tu.gen_buckets_probs_with_ppf, lambda x: x, 0))


def gluon(mx, put):
    tu = mx.test_utils
    sgd = lambda **k: mx.optimizer.SGD(learning_rate=0.1, **k)  # noqa: E731
    adam = lambda **k: mx.optimizer.Adam(learning_rate=0.1, **k)  # noqa: E731
    for name, one, two in (
        ("SGD", sgd(momentum=0.9), sgd(momentum=0.9)), ("SGD, wd", sgd(wd=0.1), sgd()), ("Adam", adam(), adam()),
        ("Adam, beta1", adam(), adam(beta1=0.5)), ("SGD, lr", sgd(), mx.optimizer.SGD(learning_rate=0.2)),
        ("SGD and Adam", sgd(momentum=0.9), adam()),
    ):  # fmt: skip
        for options in (
            {"shape": (4, 3)}, {"shape": (4, 3), "w_stype": "row_sparse", "g_stype": "row_sparse"},
            {"shape": (4, 3), "g_stype": "row_sparse"}, {"shape": (4, 3), "compare_states": False},
            {"shape": (2, 2), "w_stype": "other"}, {"shape": (2, 2), "g_stype": "other"},
            {"shape": (4, 3), "ntensors": 2},
        ):  # fmt: skip
            np.random.seed(1)
            mx.random.seed(1)
            found = said(tu.compare_optimizer, one, two, dtype="float32", **options)
            put("compare_optimizer, %s, %s" % (name, sorted(options.items())), [found[0], np.random.rand()])
    np.random.seed(1)
    put("two tensors", said(tu.compare_optimizer, sgd(), sgd(), [(2, 3), (3,)], "float32", ntensors=2))

    class OneByOne(mx.optimizer.Optimizer):
        """SGD that takes no lists."""

        def create_state(self, index, weight):
            return None

        def update(self, index, weight, grad, state):
            self._update_count(index)
            weight -= self._get_lr(index) * grad.reshape(weight.shape)

    for shapes in ([(2, 3)], [(2, 3), (3,), (4, 1)]):
        one = OneByOne(learning_rate=0.1)
        put("one by one, %d" % len(shapes), said(
            tu.compare_optimizer, one, sgd(), shapes, "float32", ntensors=len(shapes)))  # fmt: skip
    put("two tensors, wrong", said(tu.compare_optimizer, sgd(), sgd(wd=1), [(2, 3), (3,)], "float32", ntensors=2)[0])


def imported(mx, put):
    """Tests that begin with this line have modules from it; requests and scipy's stats are there where installed."""
    names = {}
    exec("from %s.test_utils import *" % mx.__name__, names)
    modules = {n: m.__name__ for n, m in names.items() if isinstance(m, types.ModuleType) and m is not mx}
    put("modules", {n: m for n, m in sorted(modules.items()) if n not in ("requests", "ss")})
    put("mx", names["mx"] is mx)
    put("others", [names[n].__module__ for n in ("OrderedDict", "contextmanager")])


PARTS = [imported, compared, kin, statistics, gluon]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("test_utils_checks", check_complete(results(mxnet)))
