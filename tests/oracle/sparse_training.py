"""Writes tests/golden/sparse_training.json: gradients in sparse arrays, and optimizers' updates by them.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.sparse_training
"""

import itertools

import numpy as np

from tests.oracle.scenario import write
from tests.oracle.sparse_common import attempt, csr, look, rsp


def weights(mx, stype="default", dtype="float32"):
    """(5, 2), every row stored."""
    return mx.nd.array(np.arange(10).reshape(5, 2) + 1, dtype=dtype).tostype(stype)


def embed(mx, weight, ids, **kwargs):
    return mx.nd.Embedding(mx.nd.array(ids), weight, input_dim=5, output_dim=2, sparse_grad=True, **kwargs)


def results(mx):
    """name -> plain values."""
    found = {}
    gradients(mx, found)
    recorded(mx, found)
    products(mx, found)
    updates(mx, found)
    return found


def gradients(mx, found):
    """What gradient arrays of each storage type hold after backward."""
    nd, autograd = mx.nd, mx.autograd
    half = nd.array([[1, 1], [0, 0], [2, 0], [0, 0], [0, 3]])
    functions = {
        "twice": lambda w: w * 2, "some rows": lambda w: w * half, "embedding": lambda w: embed(mx, w, [1, 3, 1]),
        "same row": lambda w: embed(mx, w, [4, 4]), "zero gradient": lambda w: embed(mx, w, [1, 4]) * 0,
        "embedding and rows": lambda w: embed(mx, w, [4, 0]) + w[1:3],
        "of a product": lambda w: embed(mx, w * 2, [4, 0]),
        "two embeddings": lambda w: embed(mx, w, [4, 0]) + embed(mx, w, [4, 1]),
        "matrix of ids": lambda w: embed(mx, w, [[0, 1], [3, 1]]), "dot": lambda w: nd.dot(csr(mx), w),
        "dot, few columns": lambda w: nd.dot(csr(mx)[0:2], w), "dot of a product": lambda w: nd.dot(csr(mx), w * 2),
        "transposed dot": lambda w: nd.dot(csr(mx), w[0:4], transpose_a=True),
    }  # fmt: skip
    # In float32 only: the array that attach_grad(stype=...) makes is float32 in MXNet, whatever the variable's dtype.
    for name, stype in itertools.product(functions, ("row_sparse", "csr")):
        if stype == "csr" and name not in ("twice", "some rows"):
            continue  # MXNet refuses these gradients
        weight = weights(mx)
        weight.attach_grad(stype=stype)
        key = "%s %s" % (name, stype)

        def run(function=functions[name], weight=weight):
            with autograd.record():
                y = function(weight)
            y.backward()
            return [y, weight.grad]

        found[key] = attempt(run)
        if name != "embedding":
            continue
        with autograd.record():  # another backward leaves nothing of the first one
            z = embed(mx, weight, [0, 3])
        z.backward(nd.array([[2, 3], [4, 5]]))
        found[key + " again"] = look(weight.grad)
        weight.grad[:] = 0
        found[key + " zeroed"] = look(weight.grad)
        with autograd.record():
            z = embed(mx, weight, [2, 0])
        found[key + " returned"] = look(autograd.grad(z, weight))


def recorded(mx, found):
    """Operators on row_sparse variables, recorded."""
    nd, autograd = mx.nd, mx.autograd
    functions = {
        "twice": lambda w: w * 2, "square": lambda w: w.square(), "sum": lambda w: w.sum(), "add": lambda w: w + w,
        "elementwise product": lambda w: nd.elemwise_mul(w, w), "embedding": lambda w: embed(mx, w, [4, 0, 1]),
        "dot": lambda w: nd.dot(csr(mx), w), "exp": lambda w: w.exp(), "add_n": lambda w: nd.add_n(w, w, w),
        "retain": lambda w: nd.sparse.retain(w, nd.array([0, 2])), "norm": lambda w: w.norm(),
        "dense": lambda w: w.tostype("default") * 3,
    }  # fmt: skip
    for name in sorted(functions):
        variable = rsp(mx, shape=(5, 2), rows=(0, 2, 4))
        variable.attach_grad()

        def run(variable=variable, name=name):
            with autograd.record():
                y = functions[name](variable)
            y.backward()
            return [y, variable.grad]

        found["variable: " + name] = attempt(run)
    matrix = csr(mx)
    matrix.attach_grad("write", "default")
    with autograd.record():
        y = (matrix * 2).sum()
    y.backward()
    found["variable: csr"] = [look(y), look(matrix.grad)]


def products(mx, found):
    """``dot`` of csr matrices in other dtypes and sizes."""
    nd = mx.nd
    parts = (np.arange(1, 8, dtype="float32"), [1, 7, 3, 3, 0, 7, 8], [0, 2, 2, 3, 6, 7])
    wide = nd.sparse.csr_matrix(parts, shape=(5, 9))
    for dtype in ("float32", "float64"):
        x = wide.astype(dtype)
        left = nd.array(np.arange(10).reshape(5, 2), dtype=dtype)
        right = nd.array(np.arange(27).reshape(9, 3), dtype=dtype)
        found["dot " + dtype] = [look(nd.dot(x, right)), look(nd.dot(x, left, transpose_a=True))]
        found["dot of rows " + dtype] = [look(nd.dot(x[1:4], right)), look(nd.dot(x[1:4], left[1:4], transpose_a=True))]
        found["dot transposed " + dtype] = look(nd.dot(x, right.T, transpose_b=True))
    empty = nd.sparse.zeros("csr", (4, 5))
    found["dot of nothing"] = look(nd.dot(empty, weights(mx)))
    found["transposed dot of nothing"] = look(nd.dot(empty, weights(mx)[0:4], transpose_a=True))


def updates(mx, found):
    """Optimizers' operators with row_sparse gradients; None: MXNet refuses or goes wrong with that storage."""
    nd = mx.nd
    operators = {
        "sgd_update": (nd.sgd_update, 0, dict(lr=0.1, wd=0.5)),
        "sgd_update all": (nd.sgd_update, 0, dict(lr=0.1, wd=0.5, lazy_update=False)),
        "sgd_update clip": (nd.sgd_update, 0, dict(lr=0.1, rescale_grad=0.5, clip_gradient=1.0)),
        "sgd_mom_update": (nd.sgd_mom_update, 1, dict(lr=0.1, wd=0.5, momentum=0.5)),
        "sgd_mom_update all": (nd.sgd_mom_update, 1, dict(lr=0.1, wd=0.5, momentum=0.5, lazy_update=False)),
        "adam_update": (nd.adam_update, 2, dict(lr=0.1, wd=0.5)),
        "adam_update all": (nd.adam_update, 2, dict(lr=0.1, wd=0.5, lazy_update=False)),
        "adam_update clip": (nd.adam_update, 2, dict(lr=0.1, beta1=0.5, rescale_grad=0.5, clip_gradient=1.0)),
        "ftrl_update": (nd.ftrl_update, 2, dict(lr=0.1, wd=0.5, lamda1=0.3)),
        "adagrad_update": (nd.sparse.adagrad_update, 1, dict(lr=0.1, epsilon=0.5)),
        "adagrad_update clip": (nd.sparse.adagrad_update, 1, dict(lr=0.1, rescale_grad=0.5, clip_gradient=1.0)),
        "group_adagrad_update": (nd.contrib.group_adagrad_update, 1, dict(lr=0.1, epsilon=0.5)),
        "rmsprop_update": (nd.rmsprop_update, 1, dict(lr=0.1, wd=0.5)),
        "nag_mom_update": (nd.nag_mom_update, 1, dict(lr=0.1, momentum=0.5)),
        "signsgd_update": (nd.signsgd_update, 0, dict(lr=0.1)),
    }
    gradients = {"rows": rsp(mx, shape=(5, 2)), "none": nd.sparse.zeros("row_sparse", (5, 2))}
    for name, weight_stype, state_stype, start in itertools.product(
        operators, ("default", "row_sparse"), ("default", "row_sparse"), ("ones", "zeros")
    ):
        operator, count, attributes = operators[name]
        adagrad = "adagrad" in name
        if adagrad and weight_stype != state_stype or (not count and (state_stype, start) != ("default", "ones")):
            continue
        if name == "rmsprop_update" and start == "zeros":
            continue
        for which, gradient in gradients.items():
            weight = weights(mx, weight_stype)
            shape = (5, 1) if name.startswith("group") else (5, 2)
            made = nd.ones(shape) if start == "ones" else nd.zeros(shape)
            states = [made.tostype(state_stype) for _ in range(count)]
            key = "%s: %s weight, %s states of %s, %s" % (name, weight_stype, state_stype, start, which)
            found[key] = attempt(operator, weight, gradient, *states, out=weight, **attributes)
            found[key] = [found[key], [s.stype for s in states], [s.asnumpy().tolist() for s in states]]


if __name__ == "__main__":
    import mxnet

    write("sparse_training", results(mxnet))
