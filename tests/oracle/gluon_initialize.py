"""Writes tests/golden/gluon_initialize.json: what MXNet's ``Block.initialize`` says, fills and refuses.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_initialize
"""

import contextlib
import io
import logging
import re

from tests.oracle.gluon_common import arrays, attempt, check_complete, cleaned, collect, kind, warned
from tests.oracle.scenario import write


def said(function, *args, **kwargs):
    """What the call prints, warns of and logs."""
    records = []

    class Handler(logging.Handler):
        def emit(self, record):
            text = re.sub(r"\d+\.\d+$", lambda found: "%.4f" % float(found.group()), cleaned(record.getMessage()))
            records.append([record.levelname, record.name, text])

    logger, handler = logging.getLogger(), Handler()
    before = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            result = warned(function, *args, **kwargs)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
    return {"did": result, "out": out.getvalue(), "err": err.getvalue(), "logged": records}


def made(mx, prefix="n_", in_units=2):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(nn.Dense(2, in_units=in_units), nn.BatchNorm(in_channels=2), nn.Dense(1, in_units=2,
                weight_initializer=mx.init.Constant(3), bias_initializer="ones"))  # fmt: skip
    return net


def verbose(mx, put):
    inits = {
        "zero": mx.init.Zero(), "one": mx.init.One(), "constant": mx.init.Constant(0.5), "uniform": mx.init.Uniform(),
        "normal": mx.init.Normal(0.1), "xavier": mx.init.Xavier(), "msra": mx.init.MSRAPrelu(),
        "orthogonal": mx.init.Orthogonal(), "mixed": mx.init.Mixed([".*weight", ".*"], [mx.init.One(), mx.init.Zero()]),
    }  # fmt: skip
    for name in sorted(inits):
        put(name, said(made(mx).initialize, inits[name], verbose=True))
        put(name + ", quiet", said(made(mx).initialize, inits[name]))
    put("default", said(made(mx).initialize, verbose=True))
    put("text", said(made(mx).initialize, "xavier", verbose=True))
    put("positional", said(made(mx).initialize, mx.init.One(), mx.cpu(1), True, True))
    deferred = made(mx, in_units=0)
    put("deferred", said(deferred.initialize, mx.init.One(), verbose=True))
    put("deferred, at the first pass", said(deferred, mx.nd.ones((1, 3))))
    again = made(mx)
    again.initialize()
    put("again", said(again.initialize, mx.init.One(), verbose=True))
    put("again, forced", said(again.initialize, mx.init.One(), verbose=True, force_reinit=True))
    loud = mx.init.One()
    loud.set_verbosity(True)
    put("of the initializer", said(made(mx).initialize, loud))
    loud.set_verbosity(True, lambda array: "told")
    put("own print function", said(made(mx).initialize, loud))
    put("a Parameter", said(made(mx)[0].weight.initialize, loud))
    put("two contexts", said(made(mx).initialize, mx.init.One(), [mx.cpu(0), mx.cpu(1)], verbose=True))
    put("ParameterDict", said(made(mx).collect_params(".*weight").initialize, mx.init.One(), verbose=True))


def rules(mx, put):
    nn = mx.gluon.nn

    def filled(init, **kwargs):
        net = made(mx)
        found = attempt(net.initialize, init, **kwargs)
        return [found, attempt(lambda: arrays(net.collect_params()))]

    put("one", filled(mx.init.One()))
    put("class", kind(made(mx).initialize, mx.init.One))
    put("text", filled("ones"))
    put("text of a class", filled("One"))
    put("unknown text", kind(made(mx).initialize, "nope"))
    put("function", kind(made(mx).initialize, lambda name, array: None))
    put("mixed", filled(mx.init.Mixed(["n_dense0.*", ".*"], [mx.init.Constant(7), mx.init.Constant(8)])))
    put("mixed without a match", kind(made(mx).initialize, mx.init.Mixed(["x"], [mx.init.Zero()])))
    put("load", filled(mx.init.Load({"n_dense0_weight": mx.nd.ones((2, 2)) * 4}, mx.init.Zero())))

    class Mine(mx.init.Initializer):
        def __init__(self):
            super(Mine, self).__init__()
            self.seen = []

        def _init_weight(self, name, array):
            self.seen.append([str(name), type(name).__name__, list(array.shape)])
            array[:] = 2

    mine = Mine()
    put("own", [filled(mine), mine.seen])

    class Named(mx.init.Initializer):
        def __call__(self, name, array):
            array[:] = len(str(name))

    put("own __call__", filled(Named()))
    put("ctx", [kind(made(mx).initialize, ctx=3), kind(made(mx).initialize, ctx="cpu"), kind(made(mx).initialize,
                ctx=[])])  # fmt: skip
    net = made(mx)
    net.initialize(mx.init.One(), ctx=mx.cpu(1))
    put("other context", [warned(net.initialize, mx.init.Zero(), ctx=mx.cpu(0)),
                          [str(c) for c in net[0].weight.list_ctx()]])  # fmt: skip
    put("other context, forced", [warned(net.initialize, mx.init.Zero(), ctx=mx.cpu(0), force_reinit=True),
                                  [str(c) for c in net[0].weight.list_ctx()], net[0].weight.data()])  # fmt: skip
    half = made(mx)
    half[0].initialize(mx.init.Constant(9))
    put("a part before", [warned(half.initialize, mx.init.One()), arrays(half.collect_params())])
    put("params, not collect_params", [attempt(lambda: net.params.initialize()), kind(made(mx)[0].weight.data)])
    with mx.cpu(2):
        inside = made(mx)
        inside.initialize()
    put("inside a context", [str(c) for c in inside[0].weight.list_ctx()])
    deferred = made(mx, in_units=0)
    deferred.initialize(mx.init.Constant(1))
    put("deferred, twice", [warned(deferred.initialize, mx.init.Constant(2)), attempt(deferred, mx.nd.ones((1, 2))),
                            deferred[0].weight.data()])  # fmt: skip
    deferred = made(mx, in_units=0)
    deferred.initialize(mx.init.Constant(1))
    put("deferred, forced", [warned(deferred.initialize, mx.init.Constant(2), force_reinit=True),
                             attempt(deferred, mx.nd.ones((1, 2))), deferred[0].weight.data()])  # fmt: skip
    deferred = made(mx, in_units=0)
    deferred.initialize(mx.init.Constant(1))
    deferred[0].weight.set_data(mx.nd.array([[5, 6], [7, 8]]))
    put("deferred, set_data", [deferred[0].weight.shape, kind(deferred[0].weight.data),
                               attempt(deferred, mx.nd.ones((1, 2))), deferred[0].weight.data()])  # fmt: skip
    deferred = made(mx, in_units=0)
    deferred.initialize(mx.init.Constant(1))
    deferred.cast("float64")
    put("deferred, cast", [attempt(deferred, mx.nd.ones((1, 2), dtype="float64")), deferred[0].weight.data()])
    deferred = made(mx, in_units=0)
    deferred.initialize(mx.init.Constant(1))
    deferred[0].weight.shape = (2, 3)
    put("deferred, shape set", [kind(deferred[0].weight.data), kind(deferred, mx.nd.ones((1, 2))),
                                attempt(deferred, mx.nd.ones((1, 3)))])  # fmt: skip
    mx.random.seed(7)
    seeded = [made(mx), made(mx)]
    for net in seeded:
        mx.random.seed(7)
        net.initialize(mx.init.Xavier(rnd_type="gaussian", factor_type="in", magnitude=2))
    put("seeded", [seeded[0][0].weight.data(), arrays(seeded[1].collect_params())])
    plain = nn.Sequential()
    plain.add(nn.Dense(2), nn.Dense(2))
    mx.random.seed(7)
    plain.initialize(mx.init.Normal(1))
    plain(mx.nd.ones((1, 3)))
    put("seeded, deferred", [layer.weight.data() for layer in plain])
    net = made(mx)
    net.initialize()
    net.collect_params().zero_grad()
    put("zero_grad", [kind(net.zero_grad) if hasattr(net, "zero_grad") else None, net[0].weight.grad()])
    put("zero_grad before", kind(made(mx).collect_params().zero_grad))
    put("reset_ctx of a Block", [hasattr(net, n) for n in ("reset_ctx", "zero_grad", "setattr", "share_parameters")])
    put("setattr before", kind(made(mx).collect_params().setattr, "grad_req", "null"))
    put("setattr of what is not there", [kind(net.collect_params().setattr, "zzz", 3), net[0].weight.zzz])
    put("setattr, refused", [kind(net.collect_params().setattr, "grad_req", "x"),
                             kind(net.collect_params().setattr, "shape", (3, 3))])  # fmt: skip


def order(mx, put):
    """In which order Parameters that wait for their shapes draw random numbers, where a net uses them in another."""
    gluon = mx.gluon

    class Backwards(gluon.HybridBlock):
        def __init__(self, unused, **kwargs):
            super(Backwards, self).__init__(**kwargs)
            with self.name_scope():
                for name in ("first", "second", "third", *unused):
                    setattr(self, name, gluon.nn.Dense(2, use_bias=name == "third"))

        def hybrid_forward(self, F, x):  # noqa: N803
            third, first = self.third(x), self.first(x)
            return third * self.second(x) + first

    for hybrid in (False, True):
        for unused in ((), ("unused",)):
            net = Backwards(unused, prefix="n_")
            net.hybridize(hybrid)
            mx.random.seed(7)
            net.initialize(mx.init.Normal(1))
            result = kind(net, mx.nd.ones((1, 2)))
            put(
                "hybridized %s, %s" % (hybrid, unused),
                [result, [attempt(p.data) for p in net.collect_params().values()]],
            )


PARTS = [verbose, rules, order]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_initialize", check_complete(results(mxnet)))
