"""Writes tests/golden/gluon_symbol_block.json: MXNet's SymbolBlocks, imported, composed and trained.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_symbol_block
"""

from tests.oracle.gluon_common import arrays, attempt, check_complete, collect, kind
from tests.oracle.scenario import write


def exported(mx, name="net"):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Conv2D(2, 3, in_channels=1), nn.BatchNorm(), nn.Activation("relu"), nn.Dense(4), nn.Dropout(0.5))
        net.add(nn.Dense(3))
    net.initialize(mx.init.Xavier())
    net.hybridize()
    x = mx.nd.arange(50).reshape((2, 1, 5, 5)) / 50
    net(x)
    net.export(name)
    return net, x


def importing(mx, put):
    block = mx.gluon.SymbolBlock
    net, x = exported(mx)
    wanted = net(x)
    loaded = block.imports("net-symbol.json", ["data"], "net-0000.params")
    put("same", bool((loaded(x).asnumpy() == wanted.asnumpy()).all()))
    put("names", [list(loaded.collect_params().keys()), list(loaded.params.keys()), loaded.prefix, loaded.name])
    put("structural", sorted(loaded._collect_params_with_prefix()))
    put("grad_req", {k: p.grad_req for k, p in loaded.collect_params().items()})
    put("repr", repr(loaded))
    put(
        "string",
        bool((block.imports("net-symbol.json", "data", "net-0000.params")(x).asnumpy() == wanted.asnumpy()).all()),
    )
    two = block.imports("net-symbol.json", ["data"], "net-0000.params", ctx=[mx.cpu(0), mx.cpu(1)])
    put("ctx", [str(c) for c in two.collect_params()["net_dense0_weight"].list_ctx()])
    put("second context", str(two(x.as_in_context(mx.cpu(1))).context))
    bare = block.imports("net-symbol.json", ["data"])
    put("no file of arrays", attempt(bare, x))
    bare.initialize(mx.init.One())
    put("no file of arrays, initialised", bare(x))
    put("unused input", attempt(block.imports, "net-symbol.json", ["data", "label"], "net-0000.params"))
    put("wrong input", attempt(block.imports, "net-symbol.json", ["input"], "net-0000.params"))
    params = mx.nd.load("net-0000.params")
    short = {k: v for k, v in params.items() if "dense1" not in k}
    mx.nd.save("short.params", short)
    put("missing", attempt(block.imports, "net-symbol.json", ["data"], "short.params"))
    partial = block.imports("net-symbol.json", ["data"], "short.params", allow_missing=True)
    put("allow_missing", attempt(partial, x))
    partial.initialize(mx.init.One())
    put("allow_missing, initialised", [partial(x).shape, partial.collect_params()["net_dense1_weight"].data()])
    mx.nd.save("long.params", dict(params, **{"arg:more": mx.nd.ones(2)}))
    put("extra", attempt(block.imports, "net-symbol.json", ["data"], "long.params"))
    relaxed = block.imports("net-symbol.json", ["data"], "long.params", ignore_extra=True)
    put("ignore_extra", bool((relaxed(x).asnumpy() == wanted.asnumpy()).all()))
    net.save_parameters("structural.params")
    put("structural file", kind(block.imports, "net-symbol.json", ["data"], "structural.params"))
    mx.nd.save("foreign.params", {"arg:a": mx.nd.ones(1)})
    put("foreign file", kind(block.imports, "net-symbol.json", ["data"], "foreign.params"))
    with open("net-0000.params", "rb") as file:
        content = file.read()
    with open("cut.params", "wb") as file:
        file.write(content[: len(content) // 2])
    put("truncated", kind(block.imports, "net-symbol.json", ["data"], "cut.params"))
    put("no such file", kind(block.imports, "nothing.json", ["data"]))
    loaded.export("again")
    put("export again", sorted(mx.nd.load("again-0000.params")))
    put("numpy input", attempt(loaded, x.asnumpy()))
    put("list input", kind(loaded, [x]))
    put("two inputs", kind(loaded, x, x))
    put("other width", kind(loaded, mx.nd.ones((1, 1, 9, 9))))
    composed = loaded(mx.sym.var("other"))
    put("composed", [composed.list_arguments(), composed.list_auxiliary_states()])
    put("not shared", loaded(mx.sym.var("b")).list_arguments()[0])
    put("shapes", [p.data().shape for p in loaded.collect_params().values()])
    loaded.cast("float64")
    put("cast", str(loaded(x.astype("float64")).dtype))
    loaded.cast("float32")
    put("cast back", bool((loaded(x).asnumpy() == wanted.asnumpy()).all()))
    loaded.collect_params().reset_ctx(mx.cpu(1))
    put("reset_ctx", str(loaded(x.as_in_context(mx.cpu(1))).context))
    later = block.imports("net-symbol.json", ["data"])
    later.collect_params().load("net-0000.params")
    put("loaded later", bool((later(x).asnumpy() == wanted.asnumpy()).all()))


def tuning(mx, put):
    gluon, autograd = mx.gluon, mx.autograd
    net, x = exported(mx)
    params = {k: v for k, v in mx.nd.load("net-0000.params").items()}
    random = [((i * 7) % 11 - 5) / 10.0 for i in range(1000)]
    for k, v in params.items():
        params[k] = mx.nd.array(random[: v.size]).reshape(v.shape)
        if "var" in k:
            params[k] = mx.nd.ones(v.shape)
    mx.nd.save("fixed.params", params)
    label = mx.nd.array([[1, 0, 2], [0, 1, 1]])
    for hybrid in (False, True):
        loaded = gluon.SymbolBlock.imports("net-symbol.json", ["data"], "fixed.params")
        if hybrid:
            loaded.hybridize(static_alloc=True)
        trainer = gluon.Trainer(loaded.collect_params(), "sgd", {"learning_rate": 0.05, "momentum": 0.9})
        losses = []
        for _ in range(3):
            with autograd.record(train_mode=False):  # without dropout, whose numbers depend on the order of draws
                loss = ((loaded(x) - label) ** 2).sum()
            loss.backward(train_mode=False)
            trainer.step(2)
            losses.append(float(loss.asscalar()))
        put("losses, hybridized: %s" % hybrid, losses)
        put("arrays, hybridized: %s" % hybrid, arrays(loaded.collect_params()))
        with autograd.record():
            out = loaded(x)
        out.backward()
        put("statistics, hybridized: %s" % hybrid, arrays(loaded.collect_params(".*running.*")))
        loaded.collect_params(".*dense.*").setattr("grad_req", "null")
        put("frozen, hybridized: %s" % hybrid, {k: p.grad_req for k, p in loaded.collect_params().items()})
        with autograd.record():
            outs = [loaded(x), loaded(x)]
        put("dropout, hybridized: %s" % hybrid, bool((outs[0].asnumpy() != outs[1].asnumpy()).any()))
        put("no dropout, hybridized: %s" % hybrid, bool((loaded(x).asnumpy() == loaded(x).asnumpy()).all()))


def internals(mx, put):
    gluon, nn, sym = mx.gluon, mx.gluon.nn, mx.sym
    net, x = exported(mx)
    data = sym.var("data")
    out = net(data)
    names = [n for n in out.get_internals().list_outputs() if n.endswith("_output")]
    put("internals", names)
    features = out.get_internals()[names[2]]
    block = gluon.SymbolBlock(features, data, params=net.collect_params())
    put("features", [block(x).shape, list(block.collect_params().keys())])
    put("shares", block.collect_params()["net_conv0_weight"] is net.collect_params()["net_conv0_weight"])
    put("values", bool((block(x).asnumpy() == net[2](net[1](net[0](x))).asnumpy()).all()))
    several = gluon.SymbolBlock([out.get_internals()[names[0]], out], [data], params=net.collect_params())
    put("several outputs", [o.shape for o in several(x)])
    put("several repr", repr(several))
    grouped = gluon.SymbolBlock(sym.Group([out.get_internals()[names[0]], out]), data, params=net.collect_params())
    put("grouped outputs", [o.shape for o in grouped(x)])
    head = nn.HybridSequential(prefix="all_")
    head.add(block, nn.Dense(2, prefix="head_"))
    head.initialize()
    put("in a net", [head(x).shape, list(head.collect_params().keys())])
    head.hybridize()
    put("in a hybridized net", head(x).shape)
    a, b = sym.var("a"), sym.var("b")
    two = gluon.SymbolBlock([a * b, a + b], [a, b])
    put("two inputs", two(mx.nd.array([2.0]), mx.nd.array([3.0])))
    put("two inputs, composed", [s.list_arguments() for s in two(sym.var("x"), sym.var("y"))])
    put("one input for two", kind(two, mx.nd.ones(1)))
    one = gluon.SymbolBlock([a * 2], [a])
    put("list of one", type(one(mx.nd.ones(1))).__name__)
    put("not a variable", attempt(gluon.SymbolBlock, a * b, a * b))
    weight = sym.var("w", shape=(2, 2), lr_mult=0.5, wd_mult=2, init=mx.init.One())
    own = gluon.SymbolBlock(sym.dot(a, weight), a)
    put("attributes", [[p.lr_mult, p.wd_mult] for p in own.collect_params().values()])
    put("shapes of variables", kind(lambda: [own.initialize(), own(mx.nd.ones((1, 2))).shape]))
    pick = gluon.SymbolBlock(sym.split(a, num_outputs=2, axis=1), a)
    put("outputs of one operator", [o.shape for o in pick(mx.nd.ones((2, 4)))])


PARTS = [importing, tuning, internals]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_symbol_block", check_complete(results(mxnet)))
