"""Writes tests/golden/gluon_hybrid_training.json: MXNet's HybridBlocks in training: modes, dtypes, contexts, gradients.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_hybrid_training
"""

import os

os.environ.setdefault("MXNET_MKLDNN_ENABLED", "0")

from tests.oracle.gluon_common import arrays, attempt, check_complete, collect, kind  # noqa: E402
from tests.oracle.scenario import write  # noqa: E402

FLAGS = {
    "plain": None,
    "hybrid": {},
    "static_alloc": {"static_alloc": True},
    "static": {"static_alloc": True, "static_shape": True},
    "not inlined": {"inline_limit": 0},
    "bulks": {"forward_bulk_size": 2, "backward_bulk_size": 3},
}


def numbers(mx, shape, step=7):
    """The same small numbers everywhere."""
    count = 1
    for n in shape:
        count *= n
    return mx.nd.array([((i * step) % 11 - 5) / 4.0 for i in range(count)]).reshape(shape)


def ready(mx, net, flags, *args):
    """``net`` with fixed values in its Parameters."""
    net.initialize(mx.init.One())
    net(*args)
    for i, p in enumerate(net.collect_params().values()):
        value = numbers(mx, p.shape, 3 + i)
        p.set_data(value * value + 0.5 if "var" in p.name else value)
    if flags is not None:
        net.hybridize(**flags)
    return net


def flags(mx, put):
    nn, autograd = mx.gluon.nn, mx.autograd

    def made(given):
        net = nn.HybridSequential(prefix="n_")
        with net.name_scope():
            net.add(nn.Conv2D(3, 3, padding=1), nn.BatchNorm(), nn.Activation("relu"), nn.MaxPool2D(2), nn.Dense(2))
        return ready(mx, net, given, numbers(mx, (2, 2, 4, 4)))

    for name, given in FLAGS.items():
        net = made(given)
        x = numbers(mx, (2, 2, 4, 4), 5)
        found = [net(x)]
        trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
        for batch in (2, 2, 4, 2):
            data = numbers(mx, (batch, 2, 4, 4), batch + 3)
            data.attach_grad()
            with autograd.record():
                loss = (net(data) ** 2).mean()
            loss.backward()
            trainer.step(1)
            found += [loss, data.grad]
        put(name, found + [net(x), arrays(net.collect_params())])


def recording(mx, put):
    gluon, nn, nd, autograd = mx.gluon, mx.gluon.nn, mx.nd, mx.autograd

    class Asks(gluon.HybridBlock):
        def hybrid_forward(self, F, x):
            return F.Dropout(x, p=0.5) * 2

    class Records(gluon.Block):
        def __init__(self, **kwargs):
            super(Records, self).__init__(**kwargs)
            self.fc = nn.Dense(1, in_units=2, use_bias=False, prefix="fc_")

        def forward(self, x):
            with autograd.pause():
                y = self.fc(x)
            return self.fc(x) * y

    x = numbers(mx, (2, 2))
    for name, given in FLAGS.items():
        net = ready(mx, nn.Dense(2, in_units=2, prefix="d_"), given, x)
        weight = net.weight
        with autograd.record():
            first = net(x + 1)  # of one array, not attached, MXNet can go back only once
            second = net(x * 2)
        first.backward()
        put("two calls, first: " + name, weight.grad())
        second.backward()
        put("two calls, second: " + name, weight.grad())
        if name == "static":  # there MXNet's second call writes over what the first one keeps for its gradient
            net.hybridize(static_alloc=True)
        with autograd.record():
            total = net(net(x)).sum()
        total.backward(retain_graph=True)
        put("called on its output: " + name, weight.grad())
        total.backward()
        put("retain_graph, twice: " + name, weight.grad())
        put("third time: " + name, kind(total.backward)["raises"])
        weight.grad_req = "add"
        weight.zero_grad()
        for _ in range(3):
            with autograd.record():
                out = net(x)
            out.backward()
        put("add: " + name, weight.grad())
        weight.grad_req = "null"
        with autograd.record():
            out = net(x)
        out.backward()
        put("null: " + name, [net.bias.grad(), kind(weight.grad)])
        weight.grad_req = "write"
        with autograd.record():
            y = net(x)
            with autograd.pause():
                z = net(x)
            w = y * z
        w.backward()
        put("pause inside: " + name, weight.grad())
        with autograd.pause(), autograd.record():
            out = net(x)
        out.backward()
        put("record inside pause: " + name, weight.grad())
        with autograd.record():
            out = net(x)
            loss = (out.detach() * out).sum()
        loss.backward()
        put("detach: " + name, weight.grad())
        out = net(x)
        put("outside: " + name, kind(out.backward))
        with autograd.record():
            heads = [net(x * 2), net(x + 1)]
        autograd.backward(heads, [nd.ones((2, 2)), nd.ones((2, 2)) * 2])
        put("two heads: " + name, weight.grad())
        x.attach_grad()
        with autograd.record():
            out = net(x)
        grads = autograd.grad(out, [x, weight.data()], head_grads=nd.ones((2, 2)) * 3)
        put("grad: " + name, grads)
        both = Records(prefix="r_")
        both.fc.initialize(mx.init.One())
        if given is not None:
            both.hybridize(**given)
        with autograd.record():
            out = both(x)
        out.backward()
        put("pause in forward: " + name, both.fc.weight.grad())
        asks = Asks(prefix="a_")
        if given is not None:
            asks.hybridize(**given)
        ones = nd.ones((8, 8))
        found = []
        for _ in range(2):
            found.append(sorted(set(asks(ones).asnumpy().ravel().tolist())))
            with autograd.record():
                found.append(sorted(set(asks(ones).asnumpy().ravel().tolist())))
            with autograd.record(train_mode=False):
                found.append(sorted(set(asks(ones).asnumpy().ravel().tolist())))
            with autograd.train_mode():
                found.append(sorted(set(asks(ones).asnumpy().ravel().tolist())))
            with autograd.record(), autograd.predict_mode():
                found.append(sorted(set(asks(ones).asnumpy().ravel().tolist())))
        put("modes: " + name, found)

    class Square(gluon.HybridBlock):
        def hybrid_forward(self, F, x):
            return F.sin(F.log(x))

    for hybrid in (False, True):
        square = Square(prefix="s_")
        if hybrid:
            square.hybridize()
        x = nd.array([1.0, 2, 3])
        x.attach_grad()

        def second_order(square=square, x=x):
            with autograd.record():
                y = square(x)
                grad = autograd.grad(y, x, create_graph=True, retain_graph=True)[0]
            grad.backward()
            return x.grad

        # MXNet's cached graphs have no second derivatives on some platforms; where they have, these are they
        put("grad of grad, hybridized: %s" % hybrid, attempt(second_order))


def dtypes(mx, put):
    gluon, nn, nd, autograd = mx.gluon, mx.gluon.nn, mx.nd, mx.autograd

    class Scale(gluon.HybridBlock):
        def hybrid_forward(self, F, x):
            return x * 2 + 1

    class Pick(gluon.HybridBlock):
        def hybrid_forward(self, F, x, index):
            return F.pick(x, index), F.cast(index, "int32") + 1, F.one_hot(index, 3)

    class Casts(gluon.HybridBlock):
        def hybrid_forward(self, F, x):
            return F.cast(x, "float16") * 1.5, x.astype("float64")

    for hybrid in (False, True):
        tag = ", hybridized" if hybrid else ""
        scale, pick, casts = Scale(prefix="s_"), Pick(prefix="p_"), Casts(prefix="c_")
        if hybrid:
            for block in (scale, pick, casts):
                block.hybridize()
        for i, dtype in enumerate(("float32", "float64", "float16", "int32", "int64", "uint8", "int8", "float32")):
            put("scale %d %s%s" % (i, dtype, tag), scale(nd.array([1, 2, 3], dtype=dtype)))
        for dtype in ("float32", "int32", "int64", "uint8"):
            index = nd.array([0, 2], dtype=dtype)
            put("pick by %s%s" % (dtype, tag), pick(numbers(mx, (2, 3)), index))
        put("casts" + tag, casts(nd.array([1.0, 2])))
        net = ready(mx, nn.Dense(2, in_units=2, prefix="d_"), {} if hybrid else None, nd.ones((1, 2)))
        put("float64 into float32" + tag, kind(net, nd.ones((1, 2), dtype="float64")))
        put("int into float32" + tag, kind(net, nd.ones((1, 2), dtype="int32")))
        put("works after" + tag, net(nd.ones((1, 2))))
        for dtype in ("float64", "float16", "float32"):
            net.cast(dtype)
            put("cast %s%s" % (dtype, tag), [str(p.dtype) for p in net.collect_params().values()])
            if dtype != "float16":
                x = nd.ones((1, 2), dtype=dtype)
                with autograd.record():
                    out = net(x)
                out.backward()
                put("gradient %s%s" % (dtype, tag), [out, net.weight.grad()])
        embedding = ready(mx, nn.Embedding(4, 2, prefix="e_"), {} if hybrid else None, nd.array([0]))
        for dtype in ("float32", "int32", "int64", "uint8"):
            with autograd.record():
                out = embedding(nd.array([[1, 3], [3, 0]], dtype=dtype))
            out.backward()
            put("embedding of %s%s" % (dtype, tag), [out, embedding.weight.grad()])
        deferred = nn.Dense(2, prefix="f_", dtype="float64")
        deferred.initialize(mx.init.One())
        if hybrid:
            deferred.hybridize()
        put("deferred float64" + tag, deferred(nd.ones((1, 3), dtype="float64")))
        clash = nn.Dense(2, prefix="g_")
        clash.initialize(mx.init.One())
        if hybrid:
            clash.hybridize()
        put("deferred, other dtype" + tag, kind(clash, nd.ones((1, 3), dtype="float64")))
        put("deferred, after other dtype" + tag, [kind(clash, nd.ones((1, 3))), clash.weight.shape])
        shapes = ready(mx, nn.Conv1D(2, 2, in_channels=1, prefix="v_"), {} if hybrid else None, nd.ones((1, 1, 3)))
        put("shapes" + tag, [shapes(numbers(mx, s)) for s in ((1, 1, 3), (2, 1, 5), (3, 1, 2), (1, 1, 3))])
        put("bad shape" + tag, [kind(shapes, nd.ones((1, 2, 3))), shapes(nd.ones((1, 1, 3)))])


def contexts(mx, put):
    gluon, nn, nd, autograd = mx.gluon, mx.gluon.nn, mx.nd, mx.autograd
    both = [mx.cpu(0), mx.cpu(1)]
    for name, given in FLAGS.items():
        net = nn.HybridSequential(prefix="n_")
        with net.name_scope():
            net.add(nn.Dense(2), nn.BatchNorm(), nn.Dense(1))
        net.initialize(mx.init.One(), ctx=both)
        if given is not None:
            net.hybridize(**given)
        parts = gluon.utils.split_and_load(numbers(mx, (6, 3)), both)
        with autograd.record():
            outs = [net(p) for p in parts]
        for out in outs:
            out.backward()
        put("outputs: " + name, [outs, [str(o.context) for o in outs]])
        put("gradients: " + name, [g for p in net.collect_params(".*weight").values() for g in p.list_grad()])
        put("statistics: " + name, [d for p in net.collect_params(".*mean").values() for d in p.list_data()])
        trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.5})
        trainer.step(6)
        put("updated: " + name, [net(p) for p in parts])  # the first step makes all copies equal, statistics too
    # shapes become known on the second context
    late = nn.Dense(2, prefix="l_")
    late.initialize(mx.init.One(), ctx=both)
    late.hybridize()
    put("deferred on cpu(1)", [late(nd.ones((1, 3), ctx=mx.cpu(1))), late(nd.ones((1, 3), ctx=mx.cpu(0)))])
    put("context of the output", str(late(nd.ones((1, 3), ctx=mx.cpu(1))).context))
    with mx.cpu(1):
        inside = nn.Dense(2, in_units=2, prefix="i_")
        inside.initialize(mx.init.One())
        put("current context", [str(inside.weight.list_ctx()[0]), str(inside(nd.ones((1, 2))).context)])

    class Makes(gluon.HybridBlock):
        def hybrid_forward(self, F, x):
            return F.broadcast_add(x, F.arange(0, 3)), F.zeros((2,)) + 1

    for hybrid in (False, True):
        makes = Makes(prefix="m_")
        if hybrid:
            makes.hybridize()
        out = makes(nd.ones((1, 3), ctx=mx.cpu(1)))
        put("arrays made inside, hybridized: %s" % hybrid, [out, [str(o.context) for o in out]])


PARTS = [flags, recording, dtypes, contexts]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_hybrid_training", check_complete(results(mxnet)))
