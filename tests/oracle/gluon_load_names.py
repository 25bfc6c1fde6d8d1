"""Writes tests/golden/gluon_load_names.json: exported files into ParameterDicts, graphs and Blocks in MXNet, with all
options; BatchNorm with fix_gamma, whose saved gamma is not 1.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_load_names
"""

import itertools
import os

os.environ.setdefault("MXNET_MKLDNN_ENABLED", "0")

from tests.oracle.gluon_common import attempt, check_complete, cleaned, collect, kind  # noqa: E402
from tests.oracle.scenario import write  # noqa: E402


def made(mx, prefix="net_", in_units=2, units=3, init=True, dtype="float32"):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(nn.Dense(units, in_units=in_units, dtype=dtype), nn.BatchNorm(in_channels=units, scale=False))
        net.add(nn.Dense(1, in_units=units, dtype=dtype))
    if init:
        net.initialize(mx.init.Constant(0.5))
        if in_units:
            net[0].weight.set_data(mx.nd.arange(units * in_units).reshape((units, in_units)))
        net[1].gamma.set_data(mx.nd.array([2, 3, 4][:units]))
        net[1].running_mean.set_data(mx.nd.array([0.5, -1, 2][:units]))
        net[1].running_var.set_data(mx.nd.array([4, 0.25, 1][:units]))
    return net


def exported(mx):
    net = made(mx)
    net.hybridize()
    x = mx.nd.array([[1.0, 2], [0.5, -3]])
    net(x)
    # Hybridized nets that predict leave gamma as it is in MXNet; all others, and ours, set it to 1.
    net[1].gamma.set_data(mx.nd.array([2, 3, 4]))
    net.export("net")
    return net, x


def state(params):
    """What can be seen of every Parameter, initialised or not."""
    return {
        name: [
            list(p.shape) if p.shape else None, cleaned(p.dtype), p.grad_req,
            kind(lambda: [str(c) for c in p.list_ctx()]),
            kind(lambda: str(p.data(p.list_ctx()[0]).dtype)),
            kind(lambda: p.data(p.list_ctx()[0]).asnumpy().tolist()),
        ]
        for name, p in sorted(params.items())
    }  # fmt: skip


def fixed_gamma(mx, put):
    nn, nd = mx.gluon.nn, mx.nd
    net, x = exported(mx)
    net.save_parameters("s.params")
    put("output", net(x))
    arrays = nd.load("net-0000.params")
    put("saved", {k: v.asnumpy() for k, v in arrays.items()})
    block = mx.gluon.SymbolBlock.imports("net-symbol.json", ["data"], "net-0000.params")
    put("gamma after imports", block.collect_params()["net_batchnorm0_gamma"].data())
    put("imported", block(x))
    for name, start, hybrid in itertools.product(("s.params", "net-0000.params"), (True, False), (True, False)):
        other = made(mx, init=start)
        load = other.load_parameters if name == "s.params" else other.collect_params().load
        load(name)
        if hybrid:
            other.hybridize()
        tag = "%s, initialised: %s, hybridized: %s" % (name, start, hybrid)
        put(tag, [other[1].gamma.data().asnumpy(), other[1].gamma.grad_req, other(x)])
        trainer = mx.gluon.Trainer(other.collect_params(), "sgd", {"learning_rate": 0.1, "wd": 0.1})
        with mx.autograd.record():
            loss = other(x).sum()
        loss.backward()
        trainer.step(1)
        nd.waitall()
        put(tag + ", trained", [loss, other[1].running_mean.data(), other(x)])
        other.save_parameters("t.params")
        put(tag + ", saved again", nd.load("t.params")["1.gamma"])
    for scale, center in itertools.product((True, False), (True, False)):
        norm = nn.BatchNorm(in_channels=3, scale=scale, center=center, prefix="n_")
        nd.save("n.params", {"gamma": nd.array([2, 3, 4]), "beta": nd.array([1, -1, 2]),
                             "running_mean": nd.array([0, 1, 2]), "running_var": nd.array([1, 4, 9])})  # fmt: skip
        norm.load_parameters("n.params")
        put("scale %s, center %s" % (scale, center), norm(nd.array([[1.0, 2, 3], [4, 5, 7]])))
    data = mx.sym.var("data")
    for fix in (True, False):
        graph = mx.sym.BatchNorm(data, fix_gamma=fix, eps=1e-3, name="bn")
        block = mx.gluon.SymbolBlock(graph, data)
        nd.save("g.params", {"arg:bn_gamma": nd.array([2, 3]), "aux:bn_moving_var": nd.array([1, 4]),
                             "arg:bn_beta": nd.array([1, -1]), "aux:bn_moving_mean": nd.array([0, 1])})  # fmt: skip
        block.collect_params().load("g.params")
        put("graph, fix_gamma %s" % fix, block(nd.array([[1.0, 2], [4, 5]])))


def options(mx, put):
    net, x = exported(mx)
    arrays = mx.nd.load("net-0000.params")
    keys = sorted(arrays)
    files = {
        "all": arrays,
        "short": {k: arrays[k] for k in keys if "dense1" not in k},
        "long": dict(arrays, **{"arg:more": mx.nd.ones(2), "aux:other": mx.nd.ones(1)}),
        "both": dict({k: arrays[k] for k in keys if "dense0" not in k}, **{"arg:more": mx.nd.ones(2)}),
        "shape": dict(arrays, **{"arg:net_dense1_bias": mx.nd.ones(2)}),
        "rank": dict(arrays, **{"arg:net_dense1_weight": mx.nd.ones(3)}),
        "half": {k: v.astype("float16") for k, v in arrays.items()},
        "double": {k: v.astype("float64") for k, v in arrays.items()},
        "mixed": {k: v.astype("float64") if "dense1" in k else v for k, v in arrays.items()},
        "swapped": {("aux:" if k[:3] == "arg" else "arg:") + k[4:]: v for k, v in arrays.items()},
        "bare": {k[4:]: v for k, v in arrays.items()},
    }
    for name, content in files.items():
        mx.nd.save(name, content)
    for name, missing, extra in itertools.product(sorted(files), (False, True), (False, True)):
        tag = "%s, allow_missing %s, ignore_extra %s" % (name, missing, extra)
        for start in (True, False):
            target = made(mx, init=start)
            target[0].bias.grad_req = "null"
            if start:
                target.initialize(mx.init.One(), force_reinit=True)
            found = attempt(target.collect_params().load, name, None, missing, extra)
            if isinstance(found, dict):  # MXNet has then loaded some
                put("%s, initialised: %s" % (tag, start), found)
            else:
                put("%s, initialised: %s" % (tag, start), [found, state(target.collect_params())])
        block = mx.gluon.SymbolBlock
        found = attempt(lambda: block.imports("net-symbol.json", ["data"], name, None, missing, extra) and None)
        if name in ("shape", "rank", "mixed"):
            continue
        put(tag + ", imported", found)
        if found is None:
            loaded = block.imports("net-symbol.json", ["data"], name, None, missing, extra)
            seen = {k: v[1:] for k, v in state(loaded.collect_params()).items()}  # MXNet's do not know their shapes
            put(tag + ", imported state", seen)
    for name, cast, source, dtype in itertools.product(
        ("half", "double", "all", "mixed"), (False, True), ("current", "saved"), ("float32", "float64")
    ):
        target = made(mx, init=dtype == "float32", dtype=dtype)
        found = attempt(target.collect_params().load, name, None, False, False, "", cast, source)
        if isinstance(found, dict):
            found["text"] = found["text"].split("expected")[0]
        tag = "%s, cast_dtype %s, %s, model of %s" % (name, cast, source, dtype)
        put(tag, found if isinstance(found, dict) else state(target.collect_params()))


def contexts(mx, put):
    net, x = exported(mx)
    places = {"none": None, "one": mx.cpu(1), "list": [mx.cpu(1)], "two": [mx.cpu(0), mx.cpu(1)]}
    for name, start, in_units in itertools.product(sorted(places), (None, mx.cpu(0), [mx.cpu(1), mx.cpu(0)]), (2, 0)):
        target = made(mx, init=False, in_units=in_units)
        if start is not None:
            target.initialize(ctx=start)
        found = attempt(target.collect_params().load, "net-0000.params", places[name])
        where = sorted({str(kind(lambda: [str(c) for c in p.list_ctx()])) for p in target.collect_params().values()})
        put("%s onto %s, in_units %d" % (name, start, in_units), [found, where])
    for name in sorted(places):
        block = mx.gluon.SymbolBlock.imports("net-symbol.json", ["data"], "net-0000.params", places[name])
        put("imports, " + name, sorted({str([str(c) for c in p.list_ctx()]) for p in block.collect_params().values()}))
    mx.nd.save("short", {k: v for k, v in mx.nd.load("net-0000.params").items() if "dense1" not in k})
    block = mx.gluon.SymbolBlock.imports("net-symbol.json", ["data"], "short", mx.cpu(1), True)
    put("imports, allow_missing", {k: v[2:] for k, v in state(block.collect_params()).items()})
    block.collect_params("net_dense1.*").initialize(mx.init.One(), ctx=mx.cpu(1))
    put("then", block(x.as_in_context(mx.cpu(1))))


def dicts(mx, put):
    """load_dict: arrays that are in memory."""
    net, x = exported(mx)
    arrays = mx.nd.load("net-0000.params")
    target = made(mx, init=False)
    put("marked", [attempt(target.collect_params().load_dict, arrays), target(x)])
    target = made(mx, init=False)
    put("bare", [attempt(target.collect_params().load_dict, {k[4:]: v for k, v in arrays.items()}), target(x)])
    target = made(mx, init=False)
    stripped = {k[8:]: v for k, v in arrays.items()}
    put("restore_prefix", [attempt(target.collect_params().load_dict, stripped, restore_prefix="net_"), target(x)])
    put("missing", attempt(target.collect_params().load_dict, {k: v for k, v in arrays.items() if "dense1" not in k}))
    put("extra", attempt(target.collect_params().load_dict, dict(arrays, more=mx.nd.ones(1))))
    put(
        "extra ignored", attempt(target.collect_params().load_dict, dict(arrays, more=mx.nd.ones(1)), ignore_extra=True)
    )
    put("empty", attempt(target.collect_params().load_dict, {}))
    put("empty, allowed", attempt(target.collect_params().load_dict, {}, allow_missing=True))
    put("filename", attempt(target.collect_params().load_dict, {}, filename="x.params"))


PARTS = [fixed_gamma, options, contexts, dicts]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_load_names", check_complete(results(mxnet)))
