"""Writes tests/golden/gluon_load.json: more of how MXNet's Blocks take Parameters from files.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_load
"""

import os

from tests.oracle.gluon_checkpoint import made
from tests.oracle.gluon_common import arrays, attempt, check_complete, cleaned, collect, kind, warned
from tests.oracle.scenario import write


def state(net):
    """What can be seen of every Parameter, initialised or not."""
    return {
        name: [
            list(p.shape) if p.shape else p.shape, cleaned(p.dtype), p.grad_req, attempt(lambda: [str(c) for c in
            p.list_ctx()]), attempt(p.data), attempt(p.grad),
        ]
        for name, p in sorted(net.collect_params().items())
    }  # fmt: skip


def hybridized(mx, put):
    x = mx.nd.array([[1.0, 2.0]])
    source = made(mx, "s_")
    source.save_parameters("net.params")
    target = made(mx, "t_")
    target.initialize(mx.init.One(), force_reinit=True)
    target.hybridize()
    before = target(x)
    held = target[0].weight.data()
    put("loaded", [attempt(target.load_parameters, "net.params"), before, target(x), source(x)])
    put("the same array", [held is target[0].weight.data(), held])
    target.hybridize(static_alloc=True)
    target(x)
    target.initialize(mx.init.Zero(), force_reinit=True)
    put("initialised anew", target(x))
    target.load_parameters("net.params")
    put("loaded again", target(x))
    deferred = made(mx, "d_", in_units=0, init=False)
    deferred.hybridize()
    put("before", kind(deferred, x))
    put("not initialised", [attempt(deferred.load_parameters, "net.params"), deferred(x)])
    deferred = made(mx, "d_", in_units=0, init=False)
    deferred.initialize()
    deferred.hybridize()
    put("deferred", [attempt(deferred.load_parameters, "net.params"), deferred(x)])
    put("other width then", kind(deferred, mx.nd.ones((1, 3))))
    source.cast("float64")
    source.save_parameters("double.params")
    target(x)
    put("dtype refused", [attempt(target.load_parameters, "double.params"), target(x)])
    put("cast", [attempt(target.load_parameters, "double.params", cast_dtype=True), target(x)])
    put("cast to the saved", [
        attempt(target.load_parameters, "double.params", cast_dtype=True, dtype_source="saved"),
        cleaned(target[0].weight.dtype), kind(target, x),
    ])  # fmt: skip
    target.hybridize()
    put("traced again", target(x.astype("float64")))
    trained = _linear(mx)
    trained.save_parameters("linear.params")
    trainer = mx.gluon.Trainer(trained.collect_params(), "sgd", {"learning_rate": 0.5, "momentum": 0.5})
    for _ in range(2):
        with mx.autograd.record():
            loss = trained(x).sum()
        loss.backward()
        trainer.step(1)
    put("trained", arrays(trained.collect_params()))
    trained.load_parameters("linear.params")
    put("gradients stay", {k: p.grad() for k, p in trained.collect_params(".*weight").items()})
    with mx.autograd.record():
        loss = trained(x).sum()
    loss.backward()
    trainer.step(1)
    put("trained on", arrays(trained.collect_params()))
    with mx.autograd.record():
        trained(x)
        put("while recording", kind(trained.load_parameters, "linear.params"))


def _linear(mx):
    net = mx.gluon.nn.HybridSequential(prefix="r_")
    with net.name_scope():
        net.add(mx.gluon.nn.Dense(2, in_units=2), mx.gluon.nn.Dense(1, in_units=2))
    net.initialize(mx.init.Constant(0.5))
    return net


def partly(mx, put):
    """allow_missing and ignore_extra, together with what was and was not initialised."""
    made(mx).save_parameters("net.params")
    more = made(mx, "m_", extra=True)
    more.save_parameters("more.params")
    fresh = made(mx, "f_", extra=True, init=False)
    put("nothing initialised", [attempt(fresh.load_parameters, "net.params", allow_missing=True), state(fresh)])
    put("then", [warned(fresh.initialize, mx.init.One()), state(fresh)["f_dense1_weight"]])
    values = {k: mx.nd.ones((1,)) for k in ("a.b", "c.d", "0.weight")}
    mx.nd.save("mixed.params", dict(values, **{"0.weight": mx.nd.ones((3, 2))}))
    target = made(mx, "t_")
    put("both", [attempt(target.load_parameters, "mixed.params", None, True, True), target[0].weight.data()])
    put("missing comes first", attempt(made(mx).load_parameters, "mixed.params"))
    put("nothing matches", attempt(made(mx).load_parameters, "mixed.params", ignore_extra=True))
    mx.nd.save("other.params", {"x.y": mx.nd.ones(1), "z.w": mx.nd.ones(2)})
    put("nothing at all matches", [attempt(target.load_parameters, "other.params", allow_missing=True,
                                           ignore_extra=True)])  # fmt: skip
    put("nothing matches, extra refused", kind(target.load_parameters, "other.params", allow_missing=True))
    big = mx.gluon.nn.HybridSequential(prefix="big_")
    with big.name_scope():
        for _ in range(6):
            big.add(mx.gluon.nn.Dense(1, in_units=1))
    big.initialize()
    big.save_parameters("big.params")
    put("long list of names", attempt(made(mx).load_parameters, "big.params"))
    put("missing of a long list", attempt(big.load_parameters, "net.params"))
    put("file for a Block without Parameters", kind(mx.gluon.nn.Flatten().load_parameters, "net.params"))
    put("the same, extra ignored", kind(mx.gluon.nn.Flatten().load_parameters, "net.params", ignore_extra=True))
    for name, value in (("list", [mx.nd.ones(1)]), ("array", mx.nd.ones(1)), ("empty list", [])):
        mx.nd.save("%s.params" % name, value)
        put("file of a(n) %s" % name, attempt(lambda: kind(made(mx).load_parameters, "%s.params" % name) and "error"))
    with open("text.params", "w") as file:
        file.write("no array file")
    put("other file", kind(made(mx).load_parameters, "text.params"))
    put("no name", kind(made(mx).load_parameters, None))


def shapes(mx, put):
    nn = mx.gluon.nn
    made(mx).save_parameters("net.params")
    put("units", attempt(made(mx, units=4).load_parameters, "net.params"))
    put("in_units", attempt(made(mx, in_units=5).load_parameters, "net.params"))
    put("units, deferred", attempt(made(mx, "d_", units=4, in_units=0, init=False).load_parameters, "net.params"))
    waiting = made(mx, "w_", units=4, in_units=0, init=False)
    waiting.initialize()
    put("units, deferred and initialised", attempt(waiting.load_parameters, "net.params"))
    convolution = nn.Conv2D(3, 2)
    convolution.initialize()
    mx.nd.save("flat.params", {"weight": mx.nd.ones((3, 2)), "bias": mx.nd.ones(3)})
    put("rank", kind(convolution.load_parameters, "flat.params"))
    dense = nn.Dense(3, prefix="x_")
    put("one layer, flat names", [attempt(dense.load_parameters, "flat.params"), state(dense)])

    class Net(mx.gluon.HybridBlock):
        def __init__(self, shape, **kwargs):
            super(Net, self).__init__(prefix="net_", **kwargs)
            self.w = self.params.get("w", shape=shape, allow_deferred_init=True)
            self.child = nn.Flatten()

    mx.nd.save("w.params", {"w": mx.nd.ones((2, 3))})
    for shape in ((2, 3), (0, 3), (0, 0), (2, 0), (3, 0), (6,)):
        put("shape %s" % (shape,), _loads(Net(shape), "w.params"))
        started = Net(shape)
        if kind(started.initialize) is None:
            put("shape %s, initialised" % (shape,), _loads(started, "w.params"))
    constant = Net((2, 3))
    constant.c = constant.params.get_constant("c", [1.0, 2.0])
    constant.initialize(mx.init.Zero())
    constant.save_parameters("constant.params")
    put("constants are saved", {k: v.asnumpy() for k, v in mx.nd.load("constant.params").items()})
    mx.nd.save("constant.params", {"w": mx.nd.ones((2, 3)), "c": mx.nd.array([5, 6])})
    put("constants are loaded", [attempt(constant.load_parameters, "constant.params"), constant.c.data(),
                                 constant.c.value])  # fmt: skip


def _loads(net, name):
    return [attempt(net.load_parameters, name), list(net.w.shape or ()), attempt(net.w.data)]


def placed(mx, put):
    """Contexts."""
    made(mx).save_parameters("net.params")
    cases = {"one": mx.cpu(1), "list": [mx.cpu(1)], "two": [mx.cpu(1), mx.cpu(2)], "none": None}
    for name in sorted(cases):
        for start in (None, mx.cpu(0), [mx.cpu(1), mx.cpu(2)]):
            for in_units in (2, 0):
                net = made(mx, "n_", init=False, in_units=in_units)
                if start is not None:
                    net.initialize(ctx=start)
                key = "%s onto %s, in_units %d" % (name, start, in_units)
                put(key, [attempt(net.load_parameters, "net.params", ctx=cases[name]), _where(net)])
    fresh = made(mx, "t_", init=False)
    put("tuple", [attempt(fresh.load_parameters, "net.params", ctx=(mx.cpu(1), mx.cpu(2))), _where(fresh)])
    put("another tuple", kind(fresh.load_parameters, "net.params", ctx=(mx.cpu(0), mx.cpu(2))))
    put("no context", kind(made(mx, init=False).load_parameters, "net.params", ctx=3))
    put("text", kind(made(mx, init=False).load_parameters, "net.params", ctx="cpu"))
    put("empty list", kind(made(mx, init=False).load_parameters, "net.params", ctx=[]))
    with mx.Context("cpu", 2):
        net = made(mx, init=False)
        net.load_parameters("net.params")
        put("inside a context", _where(net))


def _where(net):
    return sorted({str(attempt(lambda: [str(c) for c in p.list_ctx()])) for p in net.collect_params().values()})


def types(mx, put):
    """Every dtype in the file, every dtype in the model."""
    nn = mx.gluon.nn
    for saved in ("float16", "float32", "float64", "int32"):
        mx.nd.save("%s.params" % saved, {"weight": mx.nd.ones((1, 2), dtype=saved) * 3,
                                         "bias": mx.nd.ones(1, dtype=saved)})  # fmt: skip
        for current in ("float16", "float32", "float64"):
            for options in ((), (False, "saved"), (True, "current"), (True, "saved")):
                for start in (False, True):
                    net = nn.Dense(1, in_units=2, dtype=current, prefix="d_")
                    if start:
                        net.initialize()
                    found = attempt(net.load_parameters, "%s.params" % saved, None, False, False, *options)
                    if isinstance(found, dict) and options == (False, "saved"):
                        found = found["raises"]
                    key = "%s into %s %s %s" % (saved, current, options, start)
                    put(key, [found, cleaned(net.weight.dtype), attempt(lambda: str(net.weight.data().dtype)),
                              attempt(lambda: net.weight.data().asnumpy().tolist()),
                              attempt(lambda: str(net.weight.grad().dtype))])  # fmt: skip


def names(mx, put):
    """Files of other namings."""
    nn = mx.gluon.nn
    net = made(mx, "net_")
    x = mx.nd.ones((1, 2))
    params = net.collect_params()
    params.save("full.params")
    params.save("stripped.params", strip_prefix="net_")
    put("names in the files", [sorted(mx.nd.load(n)) for n in ("full.params", "stripped.params")])
    for prefix in ("net_", "other_"):
        target = made(mx, prefix)
        target.initialize(mx.init.Zero(), force_reinit=True)
        put("stripped into " + prefix, [attempt(target.load_parameters, "stripped.params"), target(x)])
        target.initialize(mx.init.Zero(), force_reinit=True)
        put("load_params, stripped into " + prefix, [warned(target.load_params, "stripped.params"), target(x)])
    same = made(mx, "net_", init=False)
    put("collect_params().load", [attempt(same.collect_params().load, "full.params"), same(x)])
    same = made(mx, "net_", init=False)
    put("restore_prefix", [attempt(same.collect_params().load, "stripped.params", restore_prefix="net_"), same(x)])
    put("another's restore_prefix", attempt(made(mx, "o_").collect_params().load, "stripped.params",
                                            restore_prefix="o_"))  # fmt: skip
    put("wrong restore_prefix", attempt(same.collect_params().load, "stripped.params", restore_prefix="zzz_"))
    put("no restore_prefix", attempt(same.collect_params().load, "stripped.params"))
    put("wrong strip_prefix", attempt(params.save, "x.params", strip_prefix="net_dense"))
    put("other prefix", attempt(made(mx, "o_").collect_params().load, "full.params"))
    put("other prefix, allowed", attempt(made(mx, "o_").collect_params().load, "full.params", None, True, True))
    put("selected", attempt(made(mx, "net_").collect_params(".*weight").load, "full.params", ignore_extra=True))
    put("selected, extra", attempt(made(mx, "net_").collect_params(".*weight").load, "full.params"))
    net.hybridize()
    net(x)
    net.export("exported")
    put("exported names", sorted(mx.nd.load("exported-0000.params")))
    put("export into a ParameterDict", [attempt(same.collect_params().load, "exported-0000.params"), same(x)])
    bare = nn.HybridSequential(prefix="")
    with bare.name_scope():
        bare.add(nn.Dense(2, in_units=2, prefix="a_"))
    bare.initialize(mx.init.One())
    put("empty prefix, save_params", [warned(bare.save_params, "bare.params"), sorted(mx.nd.load("bare.params"))])
    put("empty prefix, load", attempt(bare.load_parameters, "bare.params"))
    single = nn.Dense(2, in_units=2, prefix="one_")
    single.initialize(mx.init.One())
    put("one layer, save_params", [warned(single.save_params, "one.params"), sorted(mx.nd.load("one.params"))])
    put("one layer, load", [attempt(nn.Dense(2, in_units=2, prefix="two_").load_parameters, "one.params")])
    put("structural into a net with flat names", [attempt(made(mx, "q_").load_params, "one.params")])
    replaced = made(mx, "r_")
    replaced.extra = nn.Dense(1, in_units=1)
    replaced.extra.initialize()
    replaced.save_parameters("attr.params")
    put("attribute beside numbers", sorted(mx.nd.load("attr.params")))
    replaced.register_child(replaced[0], "again")
    replaced.save_parameters("twice.params")
    replaced.save_parameters("once.params", deduplicate=True)
    put("a child under two names", [sorted(mx.nd.load(n)) for n in ("twice.params", "once.params")])
    put("back", [attempt(replaced.load_parameters, n) for n in ("twice.params", "once.params", "attr.params")])
    other = made(mx, "s_")
    put("into one without", [kind(other.load_parameters, n) for n in ("twice.params", "once.params")])
    net.save_parameters("by position.params", True)
    put("deduplicate by position", sorted(mx.nd.load("by position.params")))
    nothing = nn.Dense(1, prefix="n_")
    put("save before", [attempt(nothing.save_parameters, "n.params"), os.path.exists("n.params")])
    nothing.initialize()
    put("save deferred", [attempt(nothing.save_parameters, "n.params"), os.path.exists("n.params")])
    put("save_params before", [attempt(nn.Dense(1, prefix="n_").save_params, "n.params")])


PARTS = [hybridized, partly, shapes, placed, types, names]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_load", check_complete(results(mxnet)))
