"""Writes tests/golden/sparse_gradients.json: gradients through operators on sparse arrays, and symbols of such arrays.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.sparse_gradients
"""

import itertools

import numpy as np

from tests.oracle.scenario import write
from tests.oracle.sparse_common import attempt, csr, look, rsp

UNARY = "abs relu sqrt square sin tanh sign floor log1p expm1 negative exp"


def results(mx):
    """name -> plain values."""
    nd, sym = mx.nd, mx.sym
    sparse, found = nd.sparse, {}

    def grads(function, *arrays):
        for x in arrays:
            x.attach_grad()
        with mx.autograd.record():
            y = function(*arrays)
        y.backward()
        return [look(y)] + [look(x.grad) for x in arrays]

    def put(name, function, *arrays):
        found[name] = attempt(grads, function, *arrays)

    for name in UNARY.split():
        for make in (rsp, csr):
            put("%s of %s" % (name, make.__name__), getattr(sparse, name), make(mx))
    for name, function in (
        ("add", lambda a, b: a + b), ("mul", lambda a, b: a * b), ("sub", lambda a, b: a - b),
        ("elemwise_mul", nd.elemwise_mul),
    ):  # fmt: skip
        put(name + " of rsp", function, rsp(mx), rsp(mx, rows=(0, 1)))
        put(name + " of rsp and dense", function, rsp(mx), nd.ones((5, 3)) * 3)
        put(name + " of csr and dense", function, csr(mx), nd.ones((4, 5)) * 3)
    ones = nd.ones((3, 2))
    put("sum of csr", lambda x: sparse.sum(x, axis=1), csr(mx))
    put("sum of rsp", sparse.sum, rsp(mx))
    put("norm of rsp", sparse.norm, rsp(mx))
    put("cast_storage", lambda x: sparse.cast_storage(x, "row_sparse").square(), ones.copy())
    put("tostype of rsp", lambda x: x.tostype("default") * 2, rsp(mx))
    put("tostype twice", lambda x: x.tostype("csr").tostype("default") * 2, ones.copy())
    put("retain", lambda x: sparse.retain(x, nd.array([1])), rsp(mx))
    put("slice", lambda x: sparse.slice(x, begin=(1,), end=(3,)), csr(mx))
    for keep in (False, True):
        put("square_sum %s" % keep, lambda x: nd._internal._square_sum(x, axis=1, keepdims=keep), rsp(mx))
    put("where", lambda x, y: nd.where(csr(mx), x, y), nd.ones((4, 5)), nd.zeros((4, 5)))

    def product(stored, first, second, stype):
        w = np.arange(8 if first else 10).reshape((2, -1) if second else (-1, 2))
        w = nd.array(w).tostype(stype)
        w.attach_grad(stype=stored)
        with mx.autograd.record():
            y = nd.dot(csr(mx), w, transpose_a=first, transpose_b=second)
        y.backward()
        return [look(y), look(w.grad)]

    kinds = ("default", "row_sparse")
    for case in itertools.product(kinds, (False, True), (False, True), kinds):
        found["dot, gradient %s, transposed %s %s, weight %s" % case] = attempt(product, *case)
    for transpose, shape in ((False, (2, 4)), (True, (2, 5))):
        w = nd.array(np.arange(shape[0] * shape[1]).reshape(shape))
        put("dense by csr %s" % transpose, lambda w: nd.dot(
            w, csr(mx), transpose_b=transpose, forward_stype="default"
        ), w)  # fmt: skip

    def embedded(*batches):
        w, seen = nd.array(np.arange(10).reshape(5, 2)), []
        w.attach_grad(stype="row_sparse")
        for batch in batches:
            with mx.autograd.record():
                y = 0
                for ids in batch:
                    y = y + nd.Embedding(nd.array(ids), w, input_dim=5, output_dim=2, sparse_grad=True)
            y.backward()
            seen += [look(y), look(w.grad)]
        return seen

    found["Embedding"] = attempt(embedded, [[[3, 1], [3, 0]]])
    found["Embedding twice"] = attempt(embedded, [[3, 1], [2, 1]])
    found["Embedding step by step"] = attempt(embedded, [[3, 1]], [[0]], [[4, 4, 4]])

    def bound(symbol, arrays, grad=None):
        e = symbol.bind(mx.cpu(), arrays, args_grad=grad, grad_req="write" if grad else "null")
        (out,) = e.forward(is_train=bool(grad))
        seen = [out.asnumpy().tolist()]
        if grad:
            e.backward([nd.ones(out.shape)])
            seen += [look(g) for g in e.grad_arrays if g is not None]
        return seen

    def var(name, stype):
        return sym.var(name, stype=stype)

    x, w = var("x", "csr"), var("w", "default")
    arrays = {"x": csr(mx), "w": nd.ones((5, 2))}
    found["symbol dot"] = attempt(bound, sym.sparse.dot(x, w), arrays)
    found["symbol dot, gradient"] = attempt(
        bound, sym.sparse.dot(x, w), arrays, {"w": nd.zeros((5, 2), stype="row_sparse")}
    )
    tall = {"x": csr(mx), "w": nd.ones((4, 2))}
    found["symbol dot, transposed"] = attempt(bound, sym.sparse.dot(x, w, transpose_a=True), tall)
    rows = [var(n, "row_sparse") for n in "ab"]
    both = {"a": rsp(mx), "b": rsp(mx, rows=(0,))}
    found["symbol add"] = attempt(bound, sym.sparse.elemwise_add(*rows), both)
    found["symbol cast"] = attempt(bound, sym.cast_storage(w, "csr"), {"w": nd.ones((2, 2))})
    dense = sym.sparse.FullyConnected(x, w, num_hidden=2, no_bias=True)
    found["symbol FullyConnected"] = attempt(bound, dense, {"x": csr(mx), "w": nd.ones((2, 5))})
    graph = sym.sparse.dot(x, rows[0])
    found["symbol json"] = sym.load_json(graph.tojson()).attr_dict()
    e = graph.simple_bind(mx.cpu(), x=(4, 5), a=(5, 2), grad_req={"x": "null", "a": "write"})
    found["simple_bind"] = [e.arg_dict["x"].stype, e.arg_dict["a"].stype, e.grad_dict["a"].stype]
    csr(mx).copyto(e.arg_dict["x"])
    rsp(mx, shape=(5, 2)).copyto(e.arg_dict["a"])
    e.forward(is_train=True)
    e.backward(nd.ones((4, 2)))
    found["simple_bind, run"] = [look(e.outputs[0]), look(e.grad_dict["a"])]
    return found


if __name__ == "__main__":
    import mxnet

    write("sparse_gradients", results(mxnet))
