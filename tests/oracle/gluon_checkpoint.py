"""Writes tests/golden/gluon_checkpoint.json: how MXNet's Blocks save and load Parameters.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_checkpoint
"""

from tests.oracle.gluon_common import arrays, attempt, check_complete, collect, kind, warned
from tests.oracle.scenario import write


def made(mx, prefix="net_", units=3, extra=False, init=True, in_units=2):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(nn.Dense(units, in_units=in_units), nn.BatchNorm(in_channels=units))
        inner = nn.HybridSequential()
        with inner.name_scope():
            inner.add(nn.Dense(1, in_units=units))
        net.add(inner)
        if extra:
            net.add(nn.Dense(1, in_units=1))
    if init:
        net.initialize(mx.init.Constant(0.5))
        net[0].weight.set_data(mx.nd.arange(units * in_units).reshape((units, in_units)))
    return net


def structural(mx, put):
    net = made(mx)
    net.save_parameters("net.params")
    put("names", sorted(mx.nd.load("net.params")))
    put("names in memory", list(net._collect_params_with_prefix()))
    target = made(mx, "other_", init=False)
    put("not initialised", [attempt(target.load_parameters, "net.params"), arrays(target.collect_params())])
    target = made(mx, "b_")
    target.initialize(mx.init.Zero(), force_reinit=True)
    put("initialised", [attempt(target.load_parameters, "net.params"), arrays(target.collect_params())])
    deferred = made(mx, "d_", in_units=0, init=False)
    deferred.initialize()
    put(
        "deferred",
        [attempt(deferred.load_parameters, "net.params"), deferred[0].weight.data(), deferred[0].weight.shape],
    )
    deferred = made(mx, "e_", in_units=0, init=False)
    put("unknown shape, not initialised", [attempt(deferred.load_parameters, "net.params"), deferred[0].weight.data()])
    put("forward", deferred(mx.nd.ones((1, 2))))
    more = made(mx, "m_", extra=True)
    put("missing", attempt(more.load_parameters, "net.params"))
    put("allow_missing", [attempt(more.load_parameters, "net.params", allow_missing=True), more[3].weight.data()])
    more.save_parameters("more.params")
    target = made(mx, "x_")
    target[0].weight.set_data(mx.nd.zeros((3, 2)))
    put("extra", kind(target.load_parameters, "more.params"))
    put("ignore_extra", [attempt(target.load_parameters, "more.params", ignore_extra=True), target[0].weight.data()])
    put("other shape", attempt(made(mx, units=4).load_parameters, "net.params"))
    mx.nd.save("list.params", [mx.nd.ones(1)])
    put("a list", kind(net.collect_params().load, "list.params"))
    put("save before", attempt(made(mx, init=False).save_parameters, "x.params"))
    late = mx.gluon.nn.Dense(2)
    late.initialize()
    put("save deferred", kind(late.save_parameters, "x.params"))
    put("nothing to save", attempt(mx.gluon.nn.Flatten().save_parameters, "x.params"))
    put("nothing to load", attempt(mx.gluon.nn.Flatten().load_parameters, "x.params"))
    put("positional", attempt(made(mx, "p_").load_parameters, "more.params", mx.cpu(), True, True))


def contexts(mx, put):
    net = made(mx)
    net.save_parameters("net.params")
    target = made(mx, init=False)
    two = [mx.cpu(0), mx.cpu(1)]
    put("two", [attempt(target.load_parameters, "net.params", ctx=two), [str(c) for c in target[0].weight.list_ctx()]])
    put("both", [a.asnumpy() for a in target[0].weight.list_data()])
    put("other order", attempt(target.load_parameters, "net.params", ctx=[mx.cpu(1), mx.cpu(0)]))
    put("other contexts", attempt(target.load_parameters, "net.params", ctx=mx.cpu(2)))
    put("none", attempt(target.load_parameters, "net.params"))
    fresh = made(mx, init=False)
    with mx.cpu(1):
        fresh.load_parameters("net.params")
    put("default", [str(c) for c in fresh[0].weight.list_ctx()])
    target[0].weight.list_data()[1][:] = 9
    target.save_parameters("mean.params")
    put("saved", mx.nd.load("mean.params")["0.weight"])
    deferred = made(mx, in_units=0, init=False)
    deferred.initialize(ctx=mx.cpu(1))
    put("deferred elsewhere", attempt(deferred.load_parameters, "net.params", ctx=mx.cpu(0)))
    put("deferred", [attempt(deferred.load_parameters, "net.params"), [str(c) for c in deferred[0].weight.list_ctx()]])


def dtypes(mx, put):
    net = made(mx)
    net.save_parameters("net.params")
    half = made(mx, "h_")
    half.cast("float16")
    put("differs", attempt(half.load_parameters, "net.params"))
    half = made(mx, "h_")
    half.cast("float16")
    put("cast_dtype", [attempt(half.load_parameters, "net.params", cast_dtype=True), half[0].weight.data()])
    put("grad dtype", [half[0].weight.grad(), half[0].weight.dtype])
    put(
        "saved",
        [attempt(half.load_parameters, "net.params", cast_dtype=True, dtype_source="saved"), half[0].weight.data()],
    )
    put("saved, gradient", half[0].weight.grad())
    fresh = made(mx, "f_", init=False)
    fresh.cast("float64")
    put("not initialised", [attempt(fresh.load_parameters, "net.params", cast_dtype=True), fresh[0].weight.data()])
    fresh = made(mx, "f_", init=False)
    fresh.cast("float64")
    arguments = {"cast_dtype": True, "dtype_source": "saved"}
    put("not initialised, saved", [attempt(fresh.load_parameters, "net.params", **arguments), fresh[0].weight.data()])
    put("bad dtype_source", kind(half.load_parameters, "net.params", cast_dtype=True, dtype_source="x"))
    put("dtype_source alone", kind(made(mx).load_parameters, "net.params", dtype_source="saved"))


def shared(mx, put):
    nn = mx.gluon.nn

    def tied(prefix, tie=True):
        net = nn.HybridSequential(prefix=prefix)
        with net.name_scope():
            net.add(nn.Dense(2, in_units=2))
            net.add(nn.Dense(2, in_units=2, params=net[0].params if tie else None))
        net.initialize(mx.init.One())
        return net

    net = tied("t_")
    net[0].weight.set_data(mx.nd.array([[1, 2], [3, 4]]))
    net.save_parameters("all.params")
    net.save_parameters("once.params", deduplicate=True)
    put("names", [sorted(mx.nd.load("all.params")), sorted(mx.nd.load("once.params"))])
    for name in ("all.params", "once.params"):
        for tie in (True, False):
            target = tied("u_", tie)
            put("%s, tied: %s" % (name, tie), [attempt(target.load_parameters, name), arrays(target.collect_params())])
    mx.nd.save("last.params", {"1.weight": mx.nd.ones((2, 2)) * 7, "1.bias": mx.nd.ones(2)})
    target = tied("v_")
    put("under its other name", [attempt(target.load_parameters, "last.params"), arrays(target.collect_params())])


def legacy(mx, put):
    net = made(mx)
    put("save_params", warned(net.save_params, "old.params"))
    put("names", sorted(mx.nd.load("old.params")))
    for prefix in ("net_", "other_"):
        target = made(mx, prefix)
        target[0].weight.set_data(mx.nd.zeros((3, 2)))
        put(
            "load_parameters as " + prefix,
            [attempt(target.load_parameters, "old.params"), arrays(target.collect_params())],
        )
        put("load_params as " + prefix, warned(target.load_params, "old.params"))
    put("missing", attempt(made(mx, extra=True).load_parameters, "old.params"))
    put("allow_missing", attempt(made(mx, extra=True).load_parameters, "old.params", None, True))
    single = mx.gluon.nn.Dense(2, in_units=2, prefix="d_")
    single.initialize(mx.init.One())
    single.save_parameters("single.params")
    put("one layer", sorted(mx.nd.load("single.params")))
    put("one layer, back", attempt(mx.gluon.nn.Dense(2, in_units=2).load_parameters, "single.params"))


PARTS = [structural, contexts, dtypes, shared, legacy]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_checkpoint", check_complete(results(mxnet)))
