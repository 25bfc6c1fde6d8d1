"""Writes tests/golden/test_utils_graphs.json: MXNet's checks of graphs and gradients.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.test_utils_graphs
"""

import numpy as np

from tests.oracle.gluon_common import check_complete, collect
from tests.oracle.scenario import write
from tests.oracle.test_utils_checks import said

X = np.arange(6).reshape(2, 3).astype("float32")
W = np.array([[0.125, -0.25, 0.375], [0.5, 0.25, 0.125], [1, 2, 0]], "float32")
OUT = X.dot(W.T)
HEAD = np.array([[1, 0.5, 2], [0, 1, -1]], "float32")
GRADS = [HEAD.dot(W), HEAD.T.dot(X)]


def graphs(mx):
    sym = mx.sym
    data, weight = sym.var("data"), sym.var("w")
    return {
        "fc": sym.FullyConnected(data, weight, num_hidden=3, no_bias=True, name="fc"),
        "bn": sym.BatchNorm(data, fix_gamma=False, name="bn"),
        "two": sym.Group([data * weight, data + weight]),
        "stopped": sym.BlockGrad(data) * weight,
    }


def drawn(function, *args, **kwargs):
    """As ``said``, the arrays that come back, and numpy's next number."""
    np.random.seed(3)
    kept = []

    def call():
        kept.append(function(*args, **kwargs))

    outcome = said(call)
    value = kept[0] if kept else None
    if isinstance(value, dict):
        value = {k: v for k, v in value.items()}
    return [outcome, value, np.random.rand()]


def forward(mx, put):
    tu, found = mx.test_utils, graphs(mx)
    fc, bn, two = found["fc"], found["bn"], found["two"]
    check = tu.check_symbolic_forward
    put("simple_forward", [tu.simple_forward(fc, data=X, w=W), tu.simple_forward(two, data=X, w=X)])
    put("simple_forward, missing", drawn(tu.simple_forward, fc, data=X)[0][0])
    cases = {
        "dict": ({"data": X, "w": W}, [OUT]), "list": ([X, W], [OUT]), "by output": ([X, W], {"fc_output": OUT}),
        "arrays": ([mx.nd.array(X), mx.nd.array(W)], [mx.nd.array(OUT)]), "no weight": ([X], [OUT]),
        "missing": ({"data": X}, [OUT]), "unknown": ({"data": X, "w": W, "q": W}, [OUT]),
        "other output": ([X, W], {"other": OUT}), "more expected": ([X, W], [OUT, OUT]), "none expected": ([X, W], []),
        "no location": (3, [OUT]), "one is an array": ([mx.nd.array(X), W], (OUT,)),
    }  # fmt: skip
    for name in sorted(cases):
        found = drawn(check, fc, *cases[name])
        if "location.keys" in str(found[0]) or name == "no location":  # sets are shown in any order
            found = found[0][0]
        put(name, found)
    put("wrong", drawn(check, fc, [X, W], [OUT + 1]))
    put("tolerance", [drawn(check, fc, [X, W], [OUT + 0.1], r, a)[0] for r, a in ((0, 0.11), (1, 0), (1e-3, 1e-3))])
    for dtype in (np.float64, "asnumpy"):
        put("dtype, %s" % np.dtype(dtype if dtype != "asnumpy" else "float32").name + str(dtype == "asnumpy"),
            drawn(check, fc, [X.astype("f8"), W.astype("f8")], [OUT], dtype=dtype))  # fmt: skip
    put("other dtypes", [drawn(check, fc, [X, W], [OUT], dtype=d)[0][0] for d in ("int32", np.int32, "float64")])
    gamma, beta, mean, var = np.ones(3), np.zeros(3), np.zeros(3) + 0.5, np.ones(3)
    wanted = (X - 0.5) / np.sqrt(1 + 1e-3)
    for name, states in (
        ("list", [mean, var]), ("dict", {"bn_moving_mean": mean, "bn_moving_var": var}), ("none", None),
        ("part of a dict", {"bn_moving_mean": mean}), ("part of a list", [mean]),
    ):  # fmt: skip
        found = drawn(check, bn, [X, gamma, beta], [wanted], aux_states=states)
        put("aux_states, " + name, found[0][0] if name == "part of a dict" else found)
    put("several outputs", drawn(check, two, [X, X], [X * X, X + X]))
    put("several outputs, wrong", drawn(check, two, [X, X], [X * X, X + X + 1]))
    nan = np.where(X == 2, np.nan, X)
    put("equal_nan", [drawn(check, two, [nan, X], [nan * X, nan + X], equal_nan=f)[0] for f in (True, False)])


def backward(mx, put):
    tu, found = mx.test_utils, graphs(mx)
    fc, two = found["fc"], found["two"]
    check = tu.check_symbolic_backward
    given, grads = {"data": X, "w": W}, dict(zip(("data", "w"), GRADS))
    cases = {
        "dict": (given, [HEAD], grads), "list": ([X, W], [HEAD], GRADS),
        "by output": (given, {"fc_output": HEAD}, grads),
        "arrays": ([mx.nd.array(X), mx.nd.array(W)], [mx.nd.array(HEAD)], [mx.nd.array(g) for g in GRADS]),
        "one": (given, [HEAD], {"w": GRADS[1]}), "first": (given, [HEAD], GRADS[:1]),
        "wrong": (given, [HEAD], {"data": GRADS[0] + 1}), "no head": (given, None, grads),
        "unknown": (given, [HEAD], {"z": X}),
        "other head": (given, 3, grads), "head without a list": (given, HEAD, grads),
        "lists": (given, [HEAD.tolist()], grads),
        "head of another output": (given, {"z": HEAD}, grads),
    }  # fmt: skip
    for name in sorted(cases):
        put(name, drawn(check, fc, *cases[name]))
    reqs = {
        "add": "add", "null": "null", "dict": {"data": "write", "w": "null"}, "list": ["add", "write"],
        "tuple": ("null", "add"), "unknown": "other",
    }  # fmt: skip
    for name in sorted(reqs):
        put("grad_req, " + name, drawn(check, fc, given, [HEAD], grads, grad_req=reqs[name]))
        wrong = [GRADS[0], GRADS[1] + 1]
        put("grad_req, %s, wrong" % name, drawn(check, fc, given, [HEAD], wrong, grad_req=reqs[name])[0][0])
    put("dtype", drawn(check, fc, [X, W], [HEAD], [g.astype("f8") for g in GRADS], dtype=np.float64))
    eight = [X.astype("f8"), W.astype("f8")]
    put("asnumpy", drawn(check, fc, eight, [HEAD.astype("f8")], [g.astype("f8") for g in GRADS], dtype="asnumpy"))
    put("other dtype", drawn(check, fc, given, [HEAD], grads, dtype="int32")[0][0])
    put("several outputs", drawn(check, two, [X, X + 1], [np.ones_like(X), X], [X + 1 + X, X + X]))
    square = mx.sym.sparse.square(mx.sym.var("r", stype="row_sparse"))
    rows = mx.nd.array([[1.0, 2], [0, 0], [0, 3]]).tostype("row_sparse")
    for stypes in ({"r": "row_sparse"}, {"r": "default"}):
        found = drawn(check, square, [rows], [np.ones((3, 2))], [2 * rows.asnumpy()], grad_stypes=stypes)
        kinds = None if found[1] is None else {k: v.stype for k, v in found[1].items()}
        put("grad_stypes, %s" % (stypes,), [found[0], kinds, found[2]])


def numeric(mx, put):
    tu, found = mx.test_utils, graphs(mx)
    fc, bn = found["fc"], found["bn"]
    check = tu.check_numeric_gradient
    close = {"numeric_eps": 1e-2, "rtol": 1e-2, "atol": 1e-2}
    given = {"data": X, "w": W}
    cases = {
        "dict": (fc, given, {}), "list": (fc, [X, W], {}), "arrays": (fc, [mx.nd.array(X), mx.nd.array(W)], {}),
        "one": (fc, given, {"grad_nodes": ["w"]}), "tuple": (fc, given, {"grad_nodes": ("data",)}),
        "add": (fc, given, {"grad_nodes": {"w": "add", "data": "write"}}),
        "null": (fc, given, {"grad_nodes": {"w": "null"}}),
        "no names": (fc, given, {"grad_nodes": 3}), "unknown": (fc, given, {"grad_nodes": ["z"]}),
        "no weight": (fc, [X], {}), "float64": (fc, given, {"dtype": np.float64}),
        "predict": (fc, given, {"use_forward_train": False}),
        "int32": (fc, given, {"dtype": "int32"}), "asnumpy": (fc, given, {"dtype": "asnumpy"}),
        "scalar": (mx.sym.sum(mx.sym.square(mx.sym.var("data"))), [X], {}),
        "square": (mx.sym.square(mx.sym.var("data")), [X], {}),
        "bn": (bn, [X, np.ones(3), np.zeros(3)], {"aux_states": [np.zeros(3), np.ones(3)], "rtol": 0.16, "atol": 0.05}),
        "embedding": (mx.sym.Embedding(mx.sym.var("data"), mx.sym.var("w"), input_dim=4, output_dim=2),
                      [np.array([0.0, 1, 1]), np.arange(8).reshape(4, 2) * 0.1], {"grad_nodes": ["w"]}),
    }  # fmt: skip
    for name in sorted(cases):
        graph, location, options = cases[name]
        found = drawn(check, graph, location, **dict(close, **options))
        put(name, [found[0] if found[0][0] is None else found[0][0], found[2]])
    put("defaults", drawn(check, mx.sym.var("data") * 2, [X])[0])
    stopped = drawn(check, found_stopped(mx), [X, X], **close)
    put("wrong", [stopped[0][0], [line for line, _ in stopped[0][1]][:4], stopped[2]])
    executor = mx.sym.sum(mx.sym.var("data") * 3).bind(mx.cpu(), args={"data": mx.nd.array(X)})
    put("numeric_grad", tu.numeric_grad(executor, {"data": X}, eps=0.5))
    put("numeric_grad, int", tu.numeric_grad(executor, {"data": X.astype("int32")}, eps=0.5))
    put("numeric_grad, unknown", drawn(tu.numeric_grad, executor, {"z": X})[0][0])


def found_stopped(mx):
    return graphs(mx)["stopped"]


def consistency(mx, put):
    tu, sym = mx.test_utils, mx.sym
    fc = sym.FullyConnected(sym.var("data"), num_hidden=3, name="fc")
    pair = [
        {"ctx": mx.cpu(0), "data": (2, 4), "type_dict": {"data": np.float64}},
        {"ctx": mx.cpu(0), "data": (2, 4), "type_dict": {"data": np.float32}},
    ]
    cases = {
        "default": (fc, pair, {}), "reversed": (fc, pair[::-1], {}), "list": ([fc, fc], pair, {}),
        "null": (fc, pair, {"grad_req": "null"}),
        "add": (fc, pair, {"grad_req": "add"}), "uniform": (fc, pair, {"use_uniform": True, "scale": 0.1}),
        "scale": (fc, pair, {"scale": 2.0}), "one": (fc, pair[:1], {}),
        "float16": (fc, pair, {"rand_type": np.float16}),
        "arg_params": (fc, pair, {"arg_params": {"fc_weight": np.ones((3, 4))}}), "too few": ([fc], pair, {}),
        "exact": (fc, pair, {"rtol": 1e-13, "atol": 1e-13}),
        "tables": (fc, pair, {"rtol": {np.dtype("float32"): 1.0}, "atol": 1}),
        "ground_truth": (fc, pair, {"ground_truth": {k: np.ones(s) for k, s in (
            ("fc_output", (2, 3)), ("data", (2, 4)), ("fc_weight", (3, 4)), ("fc_bias", (3,)))}}),
    }  # fmt: skip
    for name in sorted(cases):
        graph, contexts, options = cases[name]
        found = drawn(tu.check_consistency, graph, contexts, **options)
        put(name, [found[0][0], found[1], found[2]])
    bn = sym.BatchNorm(sym.var("data"), fix_gamma=False, name="bn")
    wide = [dict(c, data=(2, 3, 4)) for c in pair]
    put("aux_params", drawn(tu.check_consistency, bn, wide, rtol=1e-3, atol=1e-2)[1:])
    params = {"bn_moving_mean": np.ones(3), "bn_moving_var": np.ones(3)}
    put("aux_params, given", drawn(tu.check_consistency, bn, wide, aux_params=params, rtol=1e-3, atol=1e-2)[1:])
    printed = drawn(tu.check_consistency, fc, pair, rtol=1e-13, atol=1e-13, raise_on_err=False)
    heads = [line for line, _ in printed[0][2] if " Err: " in line]
    put("raise_on_err", [printed[0][0], heads, printed[2]])
    given = {"data": np.ones((2, 4)), "fc_weight": np.ones((3, 4)), "fc_bias": np.ones(3)}
    for name, args, kwargs in (
        ("shapes", (), {"data": (2, 4)}), ("location", (given,), {}),
        ("forward", (), {"data": (2, 4), "typ": "forward", "grad_req": "null"}),
        ("typ", (), {"data": (2, 4), "typ": "both"}),
        ("no dict", (3,), {}),
    ):  # fmt: skip
        np.random.seed(2)
        outcome = said(tu.check_speed, fc, *args, N=2, **kwargs)
        put("check_speed, " + name, [outcome, np.random.rand()])


PARTS = [forward, backward, numeric, consistency]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("test_utils_graphs", check_complete(results(mxnet)))
