"""Writes tests/golden/gluon_sparse_training.json: MXNet's Embedding and SparseEmbedding, alone and in training.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_sparse_training
"""

import numpy as np

from tests.oracle.gluon_common import attempt, check_complete, collect, kind
from tests.oracle.gluon_sparse import of, stored
from tests.oracle.scenario import write

ROWS, SIZE = 8, 3


def given(mx, params, seed=1):
    """Fills initialised Parameters with the same numbers everywhere."""
    random = np.random.RandomState(seed)
    for param in params.values():
        param.set_data(mx.nd.array(random.uniform(-0.5, 0.5, param.shape)))


def words(mx, random, ctx, count):
    """Batches of indices (2, 3) and targets (2, 1), one for each context."""
    found = []
    for c in ctx:
        ids = mx.nd.array(random.randint(0, ROWS, (2, 3)), ctx=c)
        found.append((ids, mx.nd.array(random.uniform(-1, 1, (2, 1)), ctx=c)))
    return found


def all_rows(mx, param, ctx):
    return (
        param.data(ctx) if param._stype == "default" else param.row_sparse_data(mx.nd.arange(param.shape[0], ctx=ctx))
    )


def train(mx, net, trainer, ctx, steps=20, seed=4):
    """The losses of some steps."""
    random, losses = np.random.RandomState(seed), []
    for _ in range(steps):
        heads = []
        with mx.autograd.record():
            for ids, target in words(mx, random, ctx, 2):
                heads.append(((net(ids) - target) ** 2).sum())
        mx.autograd.backward(heads)
        trainer.step(2 * len(ctx))
        losses.append(sum(h.asscalar() for h in heads))
    return losses


def dense_weight_net(mx, hybrid, ctx, sparse_grad=True):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix="net_") if hybrid is not None else nn.Sequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Embedding(ROWS, SIZE, sparse_grad=sparse_grad), nn.Dense(4, activation="tanh", in_units=3 * SIZE))
        net.add(nn.Dense(1, in_units=4))
    net.initialize(mx.init.Zero(), ctx=ctx)
    given(mx, net.collect_params())
    if hybrid:
        net.hybridize()
    return net


def sparse_weight_net(mx, ctx):
    gluon = mx.gluon

    class Net(gluon.Block):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.embedding = gluon.contrib.nn.SparseEmbedding(ROWS, SIZE)
                self.out = gluon.nn.Dense(1, in_units=3 * SIZE)

        def forward(self, x):
            return self.out(mx.nd.tanh(self.embedding(x)))

    net = Net(prefix="net_")
    net.initialize(mx.init.Zero(), ctx=ctx)
    given(mx, net.collect_params())
    return net


OPTIMIZERS = (
    ("sgd", {"learning_rate": 0.1, "wd": 0.01}),
    ("sgd", {"learning_rate": 0.1, "momentum": 0.9, "wd": 0.01}),
    ("adam", {"learning_rate": 0.05, "wd": 0.01}),
)


def training(mx, put):
    contexts = {"one": [mx.cpu(0)], "two": [mx.cpu(0), mx.cpu(1)]}
    for name, arguments in OPTIMIZERS:
        for lazy in (True, False):
            settings = dict(arguments, lazy_update=lazy)
            for count in sorted(contexts):
                ctx = contexts[count]
                for store in ("None", "local", "device"):
                    if store == "None" and count == "two":
                        continue
                    for on_kvstore in (None, True):
                        if on_kvstore and count == "one":
                            continue  # MXNet stops on an AttributeError of its own
                        tag = "dense weight, %s %s lazy %s, %s contexts, kvstore %s, update_on_kvstore %s" % (
                            name, sorted(arguments), lazy, count, store, on_kvstore,
                        )  # fmt: skip
                        net = dense_weight_net(mx, store == "device", ctx)
                        trainer = mx.gluon.Trainer(
                            net.collect_params(), name, dict(settings), kvstore=None if store == "None" else store,
                            update_on_kvstore=on_kvstore,
                        )  # fmt: skip
                        put(
                            tag, [train(mx, net, trainer, ctx), net[0].weight.data(ctx[-1]), net[1].weight.data(ctx[0])]
                        )
                for store in ("local", "device"):
                    tag = "row_sparse weight, %s %s lazy %s, %s contexts, kvstore %s" % (
                        name, sorted(arguments), lazy, count, store,
                    )  # fmt: skip
                    net = sparse_weight_net(mx, ctx)
                    trainer = mx.gluon.Trainer(net.collect_params(), name, dict(settings), kvstore=store)
                    losses = train(mx, net, trainer, ctx)
                    put(tag, [losses, all_rows(mx, net.embedding.weight, ctx[-1]), net.out.weight.data(ctx[0])])


def embedding(mx, put):
    nn = mx.gluon.nn
    put(
        "repr",
        [
            repr(nn.Embedding(3, 2)),
            repr(nn.Embedding(3, 2, sparse_grad=True)),
            repr(nn.Embedding(3, 2, dtype="float64")),
        ],
    )
    ids = mx.nd.array([[1, 3], [3, 0]])
    for sparse_grad in (False, True):
        for form in ("plain", "hybridized", "static"):
            for dtype in ("float32", "float64"):
                tag = "sparse_grad %s %s %s " % (sparse_grad, form, dtype)
                layer = nn.Embedding(5, 2, dtype=dtype, sparse_grad=sparse_grad, prefix="e_")
                layer.initialize(mx.init.One())
                if form != "plain":
                    layer.hybridize(static_alloc=form == "static", static_shape=form == "static")
                with mx.autograd.record():
                    y = layer(ids)
                    z = (y * y).sum()
                z.backward()
                put(tag + "gradient", [y, stored(layer.weight.grad()), layer.weight._grad_stype, layer.weight._stype])
                with mx.autograd.record():
                    z = layer(mx.nd.array([2, 2])).sum() + layer(mx.nd.array([4])).sum()
                z.backward()
                put(tag + "used twice", stored(layer.weight.grad()))
                layer.weight.zero_grad()
                put(tag + "zero_grad", stored(layer.weight.grad()))
                with mx.autograd.record():
                    z = (layer.weight.data() * 2).sum() if not sparse_grad else layer(mx.nd.array([[[0]]])).sum()
                z.backward()
                put(tag + "another way", stored(layer.weight.grad()))
    for ids in ([0, 4], [-1], [5], [1.7]):
        layer = nn.Embedding(5, 2, sparse_grad=True, prefix="e_")
        layer.initialize(mx.init.One())
        given(mx, layer.collect_params())

        def back(layer=layer, ids=ids):
            with mx.autograd.record():
                y = layer(mx.nd.array(ids))
            y.backward()
            return [stored(y), stored(layer.weight.grad())]

        put("indices %s" % ids, kind(back))
    weight = mx.nd.array(np.arange(8.0).reshape(4, 2))
    weight.attach_grad(stype="row_sparse")
    with mx.autograd.record():
        y = mx.nd.Embedding(mx.nd.array([1, 1, 3]), weight, input_dim=4, output_dim=2, sparse_grad=True)
    y.backward()
    put("operator", [y, stored(weight.grad)])
    symbol = nn.Embedding(3, 2, sparse_grad=True, prefix="e_")(mx.sym.Variable("data"))
    put("symbol", [symbol.list_arguments(), symbol.attr_dict()])
    net = dense_weight_net(mx, True, None)
    for sparse_grad in (True, False):
        net = dense_weight_net(mx, True, None, sparse_grad)
        net.save_parameters("e.params")
        other = dense_weight_net(mx, True, None, not sparse_grad)
        put("files %s" % sparse_grad, [attempt(other.load_parameters, "e.params"), other[0].weight.data()])


def sparse_embedding(mx, put):
    gluon = mx.gluon
    SparseEmbedding = gluon.contrib.nn.SparseEmbedding
    layer = SparseEmbedding(5, 2, prefix="s_")
    put("repr", [repr(layer), repr(SparseEmbedding(5, 2, dtype="float64")), [p.name for p in layer.params.values()]])
    put("kind", [isinstance(layer, gluon.HybridBlock), isinstance(layer, gluon.Block)])
    put("weight", [repr(layer.weight), layer.weight._stype, layer.weight._grad_stype])
    ids = mx.nd.array([[1, 3], [3, 0]])
    put("before initialize", attempt(layer, ids))
    layer.initialize(mx.init.One())
    put("no Trainer", attempt(layer, ids))
    trainer = gluon.Trainer(layer.collect_params(), "sgd", {"learning_rate": 0.25})
    put("forward", of(layer, ids))
    with mx.autograd.record():
        y = layer(ids)
    y.backward()
    put("gradient", [stored(layer.weight.grad()), attempt(trainer.step, 1), of(layer, mx.nd.arange(5))])
    with mx.autograd.record():
        z = layer(mx.nd.array([1])).sum() + (layer(mx.nd.array([2, 4])) * 3).sum()
    z.backward()
    put("used twice", stored(layer.weight.grad()))
    put("on a Symbol", kind(layer, mx.sym.Variable("x")))
    put("hybridize", [attempt(layer.hybridize), of(layer, ids)])
    parent = gluon.nn.HybridSequential()
    put("in a HybridBlock", attempt(parent.add, layer))
    layer.save_parameters("s.params")
    put("file", {k: stored(v) for k, v in mx.nd.load("s.params").items()})
    other = SparseEmbedding(5, 2, prefix="t_")
    other.initialize()
    gluon.Trainer(other.collect_params(), "sgd")
    put("loaded", [attempt(other.load_parameters, "s.params"), of(other, mx.nd.arange(5))])
    unready = SparseEmbedding(5, 2, prefix="u_")
    put("loaded before initialize", kind(unready.load_parameters, "s.params", mx.cpu(0)))
    two = SparseEmbedding(5, 2, prefix="v_")
    two.initialize(mx.init.One(), ctx=[mx.cpu(0), mx.cpu(1)])
    trainer = gluon.Trainer(two.collect_params(), "sgd", {"learning_rate": 1.0})
    with mx.autograd.record():
        heads = [two(mx.nd.array(i, ctx=mx.cpu(c))) * (c + 1) for c, i in enumerate(([0, 1], [1, 4]))]
    mx.autograd.backward(heads)
    trainer.step(1)
    put("two contexts", [stored(two.weight.list_grad()), of(two, mx.nd.arange(5, ctx=mx.cpu(1)))])


def hybrid(mx, put):
    """HybridBlocks with row_sparse Parameters, as MXNet's own users write them."""
    gluon = mx.gluon

    class Linear(gluon.HybridBlock):
        def __init__(self, stype="row_sparse", grad_stype="row_sparse", **kwargs):
            super(Linear, self).__init__(**kwargs)
            with self.name_scope():
                self.weight = self.params.get("weight", shape=(4, 2), stype=stype, grad_stype=grad_stype, init="ones")

        def hybrid_forward(self, F, x, weight):
            return F.sparse.dot(x, weight) if hasattr(F, "sparse") else F.dot(x, weight)

    x = mx.nd.array([[1, 0, 0, 2], [0, 0, 3, 0]])
    for stype in ("default", "row_sparse"):
        for form in ("plain", "hybridized"):
            tag = "%s %s " % (stype, form)
            net = Linear(stype, prefix="l_")
            net.initialize()
            if form == "hybridized":
                net.hybridize()
            put(tag + "no Trainer", attempt(lambda: net(x).asnumpy()))
            trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 1.0})
            put(tag + "Trainer", attempt(lambda: net(x).asnumpy()))
            for kept in ("csr", "default"):

                def back(kept=kept):
                    with mx.autograd.record():
                        y = net(x.tostype(kept))
                    y.backward()
                    return stored(net.weight.grad())

                found = attempt(back)
                if isinstance(found, dict) and isinstance(found.get("rows"), list) and kept == "default":
                    found["rows"] = "any"  # a dense gradient that became row_sparse
                put(tag + "backward " + kept, found)
            put(tag + "step", kind(trainer.step, 1))
    net = Linear(prefix="l_")
    net.initialize()
    out = net(mx.sym.Variable("data"))
    put("symbol", [out.list_arguments(), out.attr_dict().get("l_weight")])


def several_uses(mx, put):
    """One weight in several operators: its gradients are summed, row_sparse and dense ones."""

    class Net(mx.gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            with self.name_scope():
                self.weight = self.params.get("weight", shape=(4, 2), init="ones", grad_stype="row_sparse")

        def hybrid_forward(self, F, x, y, weight):
            first = F.Embedding(x, weight, input_dim=4, output_dim=2, sparse_grad=True)
            second = F.Embedding(y, weight, input_dim=4, output_dim=2, sparse_grad=True)
            return first.sum() + second.sum() * 2

    for form in ("plain", "hybridized"):
        net = Net(prefix="n_")
        net.initialize()
        trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
        if form == "hybridized":
            net.hybridize()
        for step in range(2):
            with mx.autograd.record():
                y = net(mx.nd.array([1, 2]), mx.nd.array([2, 3]))
            y.backward()
            trainer.step(1)
            put("%s, step %d" % (form, step), [stored(net.weight.grad()), net.weight.data()])
    for stype in ("default", "row_sparse"):
        weight = mx.nd.ones((4, 2))
        weight.attach_grad(stype=stype)
        with mx.autograd.record():
            y = mx.nd.Embedding(mx.nd.array([1, 1]), weight, input_dim=4, output_dim=2, sparse_grad=True).sum()
            y = y + (mx.nd.slice_axis(weight, axis=0, begin=2, end=3) * 3).sum()
        y.backward()
        put("and a dense gradient, %s" % stype, stored(weight.grad))
        with mx.autograd.record():
            y = mx.nd.Embedding(mx.nd.array([1, 1]), weight * 2, input_dim=4, output_dim=2, sparse_grad=True).sum()
        y.backward()
        put("of a result, %s" % stype, stored(weight.grad))


PARTS = [training, embedding, sparse_embedding, hybrid, several_uses]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_sparse_training", check_complete(results(mxnet)))
