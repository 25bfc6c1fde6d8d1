"""Writes tests/golden/module_sparse.json: modules whose weights and gradients are row_sparse, in real MXNet 1.9.1.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.module_sparse
"""

import os

import numpy as np

from tests.oracle.gluon_common import check_complete, collect, kind
from tests.oracle.scenario import write

WIDE = 12


def graphs(mx):
    """{name: (graph of data x and weight w, shape of w)}; the gradient of w is looked at."""
    sym = mx.sym
    x, w = sym.var("x", stype="csr"), sym.var("w", stype="row_sparse")
    plain, total, flat = sym.var("w"), sym._internal._square_sum, sym.var("x")
    tall, row = (WIDE, 2), dict(axis=1, keepdims=True)
    embedding = dict(input_dim=WIDE, output_dim=2, sparse_grad=True)
    of_squares = sym.sum(sym.square(sym.dot(x, w)), **row)
    return {
        "dot": (sym.dot(x, w), tall), "dot, plain": (sym.dot(x, plain), tall),
        "dot, not csr": (sym.dot(flat, w), tall), "dot, cast": (sym.dot(sym.cast_storage(flat, stype="csr"), w), tall),
        "dot, transposed": (sym.dot(x, w, transpose_a=True), (3, 2)),
        "dot, weight transposed": (sym.dot(x, w, transpose_b=True), (2, WIDE)),
        "two dots": (sym.dot(x, w) + sym.dot(sym.square(x), w), tall),
        "factorization": (of_squares - sym.dot(sym.square(x), sym.sum(sym.square(w), **row)), tall),
        "scaled": (sym.dot(x, w * 2.0), tall), "scaled, plain": (sym.dot(x, plain * 2.0), tall),
        "negative": (sym.dot(x, -w), tall), "sum": (sym.dot(x, w + w), tall),
        "copy": (sym.dot(x, sym.identity(w)), tall),
        "blocked": (sym.dot(x, w) + sym.dot(x, sym.BlockGrad(w)), tall),
        "square, plain": (sym.dot(x, sym.square(plain)), tall),
        "dot and norm": (sym.broadcast_add(sym.dot(x, w), sym.sum(sym.square(w))), tall),
        "dot and square_sum": (sym.broadcast_add(sym.dot(x, w), sym.sum(total(w, **row))), tall),
        "square_sum": (total(w, axis=1), tall), "square_sum, all rows": (total(w, axis=0), tall),
        "square": (sym.square(w), tall), "added": (w + w, tall), "summed": (sym.sum(w), tall),
        "cast": (sym.cast_storage(plain, stype="row_sparse"), tall),
        "cast, dot": (sym.dot(x, sym.cast_storage(w, stype="default")), tall),
        "Embedding": (sym.Embedding(flat, w, **embedding), tall),
        "Embedding twice": (sym.Embedding(flat, w, **embedding) * 2 + sym.Embedding(flat, w, **embedding), tall),
        "Embedding and take": (sym.Embedding(flat, w, **embedding) + sym.take(w, flat), tall),
    }  # fmt: skip


def gradients(mx, put):
    some = np.zeros((3, WIDE), "float32")
    some[0, 1], some[2, 4], some[0, 0] = 1, 2, 1
    for name, (graph, shape) in graphs(mx).items():
        shapes = {"w": shape, "x": (3,) if "Embedding" in name else (3, WIDE)}
        shapes = {k: v for k, v in shapes.items() if k in graph.list_arguments()}
        executor = graph.simple_bind(mx.cpu(), grad_req={k: "write" if k == "w" else "null" for k in shapes}, **shapes)
        if "x" in shapes:
            values = mx.nd.array([1, 4, 1]) if "Embedding" in name else mx.nd.array(some)
            executor.arg_dict["x"][:] = values.tostype(executor.arg_dict["x"].stype)
        weight = executor.arg_dict["w"]
        weight[:] = mx.nd.array(1 + np.arange(np.prod(shape)).reshape(shape) / 8.0).tostype(weight.stype)
        executor.forward(is_train=True)
        executor.backward(mx.nd.ones(executor.outputs[0].shape))
        found = executor.grad_dict["w"]
        put(name, [found.stype, found.indices.asnumpy().tolist() if found.stype == "row_sparse" else None, found])


def linear(mx):
    weight = mx.sym.var("weight", shape=(WIDE, 2), init=mx.init.Normal(0.1), stype="row_sparse")
    scores = mx.sym.broadcast_add(
        mx.sym.sparse.dot(mx.sym.var("data", stype="csr"), weight), mx.sym.var("bias", shape=(2,))
    )
    return mx.sym.SoftmaxOutput(scores, mx.sym.var("softmax_label"), name="softmax")


def factorization(mx):
    x = mx.sym.var("data", stype="csr")
    v = mx.sym.var("v", shape=(WIDE, 3), stype="row_sparse", init=mx.init.Normal(0.1), wd_mult=0.5)
    w = mx.sym.var("w", shape=(WIDE, 1), stype="row_sparse", init=mx.init.Normal(0.1), lr_mult=2.0)
    first = mx.sym.broadcast_add(mx.sym.dot(x, w), mx.sym.var("w0", shape=(1,), init=mx.init.One()))
    squares = mx.sym._internal._square_sum(data=v, axis=1, keepdims=True)
    second = 0.5 * mx.sym.square(mx.sym.dot(x, v))
    out = mx.sym.sum(mx.sym.Concat(first, second, dim=1), axis=1, keepdims=True)
    out = out - 0.5 * mx.sym.dot(mx.sym.square(x), squares)
    return mx.sym.LogisticRegressionOutput(out, mx.sym.var("softmax_label"))


def lines(path, count=24):
    """A file of numbered features, some at each line."""
    random = np.random.RandomState(3)
    with open(path, "w") as file:
        for _ in range(count):
            places = np.sort(random.choice(WIDE, random.randint(2, 5), replace=False))
            values = " ".join("%d:%.3f" % (p, random.rand()) for p in places)
            file.write("%d %s\n" % (places[0] < 4, values))
    return path


def rows(batch):
    found = batch.data[0].indices
    return {"weight": found}


def both_rows(batch):
    found = batch.data[0].indices
    return {"v": found, "w": found}


def learned(mx, module):
    every = mx.nd.arange(0, WIDE, dtype="int64")
    names = [n for n in module.symbol.list_arguments() if n in ("weight", "v", "w")]
    module.prepare(None, lambda batch: {n: every for n in names})
    return [[name, array.stype, array] for name, array in sorted(module.get_params()[0].items())]


def trainings(mx, put):
    path = os.path.abspath(lines("some.libsvm"))
    for name, make, wanted, store, optimizer, params in [
        ("linear, sgd", linear, rows, "object", "sgd", {"learning_rate": 0.5, "momentum": 0.9, "wd": 0.01}),
        ("linear, adagrad", linear, rows, "object", "adagrad", {"learning_rate": 0.1}),
        ("linear, by name", linear, rows, "local", "sgd", {"learning_rate": 0.5, "momentum": 0.9, "wd": 0.01}),
        ("linear, no store", linear, rows, None, "ftrl", {"learning_rate": 0.1}),
        ("factorization, adam", factorization, both_rows, "object", "adam", {"learning_rate": 0.02, "wd": 0.01}),
        ("factorization, sgd", factorization, both_rows, "local", "sgd", {"learning_rate": 0.5}),
    ]:
        mx.random.seed(1)
        data = mx.io.LibSVMIter(data_libsvm=path, data_shape=(WIDE,), batch_size=8)
        module = mx.mod.Module(make(mx))
        module.bind(data.provide_data, data.provide_label)
        module.init_params(mx.init.Normal(0.1))
        module.init_optimizer(
            kvstore=mx.kv.create("local") if store == "object" else store, optimizer=optimizer, optimizer_params=params
        )
        metric, seen = mx.metric.create("mse" if make is factorization else "ce"), []
        for _ in range(2):
            metric.reset()
            for batch in data:
                module.prepare(batch, sparse_row_id_fn=wanted)
                module.forward_backward(batch)
                seen.append([[g[0].stype, g[0].asnumpy().any(axis=1).tolist() if g[0].ndim == 2 else None]
                             for g in module._exec_group.grad_arrays])  # fmt: skip
                module.update()
                module.update_metric(metric, batch.label)
            seen.append(metric.get()[1])
            data.reset()
        put(name, [seen, learned(mx, module)])


def fitted(mx, put):
    path = os.path.abspath(lines("some.libsvm"))
    mx.random.seed(1)
    data = mx.io.LibSVMIter(data_libsvm=path, data_shape=(WIDE,), batch_size=8)
    module = mx.mod.Module(linear(mx))
    module.fit(data, num_epoch=2, kvstore=mx.kv.create("local"), initializer=mx.init.Normal(0.1), sparse_row_id_fn=rows,
               optimizer_params={"learning_rate": 0.5})  # fmt: skip
    put("parameters", learned(mx, module))
    put("score", module.score(data, "ce", sparse_row_id_fn=rows))
    put("predictions", module.predict(data, sparse_row_id_fn=rows))
    module.save_checkpoint("lin", 1, save_optimizer_states=True)
    put("in the file", sorted((k, v.stype, v.shape) for k, v in mx.nd.load("lin-0001.params").items()))
    again = mx.mod.Module.load("lin", 1, load_optimizer_states=True)
    again.bind(data.provide_data, data.provide_label)
    again.init_optimizer(kvstore=mx.kv.create("local"), optimizer_params={"learning_rate": 0.5})
    data.reset()
    batch = data.next()
    again.prepare(batch, rows)
    again.forward_backward(batch)
    again.update()
    put("goes on", learned(mx, again))


def stores(mx, put):
    for contexts in ([mx.cpu(0)], [mx.cpu(0), mx.cpu(1)]):
        for name, store in (("local", "local"), ("None", None), ("object", mx.kv.create("local")), ("3", 3)):
            module = mx.mod.Module(linear(mx), context=contexts)
            module.bind([("data", (4, WIDE))], [("softmax_label", (4,))])
            module.init_params(mx.init.Normal(0.1))
            refused = kind(module.init_optimizer, kvstore=store)
            put("%s on %d" % (name, len(contexts)), [refused, module._update_on_kvstore, module._kvstore is None])


def results(mx):
    return collect(mx, [gradients, trainings, fitted, stores])


if __name__ == "__main__":
    import mxnet

    write("module_sparse", check_complete(results(mxnet)))
