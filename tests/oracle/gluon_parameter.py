"""Writes tests/golden/gluon_parameter.json: Parameters, Constants and ParameterDicts of MXNet.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_parameter
"""

import numpy as np

from tests.oracle.gluon_common import arrays, attempt, check_complete, cleaned, collect, kind, warned
from tests.oracle.scenario import write


def making(mx, put):
    P = mx.gluon.Parameter
    put("repr", [repr(P("w")), repr(P("w", shape=3)), repr(P("w", shape=(2, 0), dtype="float16"))])
    put("shapes", [P("w").shape, P("w", shape=3).shape, P("w", shape=[2, 3]).shape, P("w", shape=(-1, 2)).shape])
    put("defaults", [P("w").grad_req, P("w").lr_mult, P("w").wd_mult, P("w").init, cleaned(P("w").dtype)])
    put("grad_req", attempt(P, "w", grad_req="sum"))
    put("stype", attempt(P, "w", stype="dense"))
    put("grad_stype", attempt(P, "w", grad_stype="dense"))
    put("not differentiable", P("w", differentiable=False).grad_req)
    frozen = P("w", differentiable=False)
    frozen.grad_req = "write"
    put("not differentiable, set", frozen.grad_req)
    p = P("w", shape=(2, 0))
    put("shape", [attempt(setattr, p, "shape", (2, 5)), p.shape])
    put("shape again", [attempt(setattr, p, "shape", (2, 6)), p.shape])
    put("shape of other length", [attempt(setattr, p, "shape", (2,)), p.shape])
    p = P("w", shape=(2, 0))
    put("shape with unknown", [attempt(setattr, p, "shape", (0, 5)), p.shape])
    p = P("w", shape=(2, -1))
    put("shape with -1", [attempt(setattr, p, "shape", (2, 5)), p.shape])
    p = P("w", shape=(2, 3), init="ones", lr_mult=0.5, wd_mult=2.0)
    put("var", [p.var().name, p.var().attr_dict(), p.var() is p.var()])
    put("var of no shape", P("w").var().attr_dict())
    put("var with initializer", P("w", shape=(1,), init=mx.init.Normal(0.5)).var().attr_dict())
    put("row_sparse", [kind(p.row_sparse_data, mx.nd.array([0])), kind(p.list_row_sparse_data, mx.nd.array([0]))])


def values(mx, put):
    P = mx.gluon.Parameter
    put("no shape", attempt(P("w").initialize))
    put("unknown shape", attempt(P("w", shape=(0, 2)).initialize))
    put("deferred", [attempt(P("w", allow_deferred_init=True).initialize)])
    p = P("net_weight", shape=(2, 2))
    put("before", [attempt(f) for f in (p.data, p.grad, p.list_data, p.list_grad, p.list_ctx)])
    put("set_data before", attempt(p.set_data, mx.nd.ones((2, 2))))
    put("zero_grad before", attempt(p.zero_grad))
    p.initialize(mx.init.Constant(2), ctx=[mx.cpu(0), mx.cpu(1)])
    put("data", [p.data(), p.data(mx.cpu(1)), str(p.data(mx.cpu(1)).context)])
    put("grad", [p.grad(), p.grad(mx.cpu(1)), len(p.list_grad()), len(p.list_data())])
    put("pinned", str(attempt(lambda: str(p.data(mx.cpu_pinned(0)).context))))
    put("other context", [attempt(p.data, mx.cpu(5)), attempt(p.grad, mx.cpu(5))])
    put("list_ctx", [str(c) for c in p.list_ctx()])
    put("set_data", [attempt(p.set_data, mx.nd.array([[1, 2], [3, 4]])), p.data(mx.cpu(1))])
    put("set_data, other shape", [attempt(p.set_data, mx.nd.ones((3, 2))), p.shape])
    put("set_data, other dtype", [kind(p.set_data, mx.nd.ones((2, 2), dtype="float64")), str(p.data().dtype)])
    kept = p.data()
    p.set_data(mx.nd.full((2, 2), 7))
    put("same array", [kept, kept is p.data()])
    gradient = p.grad()
    p.grad_req = "add"
    put("add keeps the gradient", [p.grad().shape, p.grad_req])
    p.grad_req = "null"
    put("null", [attempt(p.grad), attempt(p.list_grad), attempt(p.zero_grad), p.data()])
    p.grad_req = "write"
    put("write again", [p.grad(), gradient.shape])
    put("bad grad_req", [attempt(setattr, p, "grad_req", "x"), p.grad_req])
    p.cast("float16")
    put("cast", [repr(p), p.data(), p.grad()])
    put("dtype =", [attempt(setattr, p, "dtype", "float64"), str(p.data().dtype), repr(p)])
    put("reset_ctx", [attempt(p.reset_ctx, mx.cpu(2)), [str(c) for c in p.list_ctx()], p.data()])
    with mx.cpu(1):
        put("reset_ctx none", [attempt(p.reset_ctx, None), [str(c) for c in p.list_ctx()]])
    put("again", warned(p.initialize, mx.init.One()))
    put("forced", [attempt(p.initialize, mx.init.One(), force_reinit=True), p.data()])
    put("init wins", [attempt(p.initialize, "zeros", default_init=mx.init.One(), force_reinit=True), p.data()])
    own = P("w_weight", shape=(2,), init="ones")
    own.initialize(default_init=mx.init.Zero())
    put("own init before the default", own.data())
    own.initialize(mx.init.Zero(), force_reinit=True)
    put("init before own", own.data())
    plain = P("w_weight", shape=(2,))
    plain.initialize()
    put("uniform", plain.data())
    for name in ("b_bias", "g_gamma", "m_moving_mean", "v_running_var", "other", "x_min"):
        q = P(name, shape=(2,))
        put("default init of " + name, attempt(lambda: (q.initialize(mx.init.Normal()), q.data())[1]))
        q = P(name, shape=(2,))
        put("global init of " + name, attempt(lambda: (q.initialize(default_init="ones"), q.data())[1]))
    late = P("l_weight", shape=(0, 2), allow_deferred_init=True)
    late.initialize(mx.init.Zero())
    put("late set_data", [attempt(late.set_data, mx.nd.ones((3, 2))), late.shape])
    put("late data", attempt(late.data))
    put("late finish", [attempt(late._finish_deferred_init), late.data()])
    integer = P("i_weight", shape=(2,), dtype="int32", init="ones")
    put("integer", [attempt(integer.initialize), integer.data()])
    scalar = P("s", shape=())
    put("no dimensions", attempt(scalar.initialize))
    x = P("x", shape=(3,))
    x.initialize(mx.init.One())
    with mx.autograd.record():
        y = (x.data() * 3).sum()
    y.backward()
    put("gradient", x.grad())
    x.grad()[:] = 5
    put("gradient written", x.grad())
    x.zero_grad()
    put("gradient zero", x.grad())
    x.data()[0] = 9
    put("data written", x.data())


def constants(mx, put):
    C = mx.gluon.Constant
    c = C("c", [[1, 2], [3, 4]])
    put("repr", [repr(c), c.grad_req, c.shape, c.value])
    c.initialize()
    put("data", [c.data(), attempt(c.grad)])
    put("grad_req", [warned(setattr, c, "grad_req", "write"), c.grad_req])
    put("grad_req null", warned(setattr, c, "grad_req", "null"))
    put("numpy", [C("n", np.array([1.5, 2])).value, C("n", np.arange(3)).value])
    put("array", C("n", mx.nd.array([1, 2], dtype="int32")).value)
    params = mx.gluon.ParameterDict("p_")
    first = params.get_constant("c", np.array([1.0, 2]))
    put("same", [params.get_constant("c", np.array([1.0, 2])) is first, params.get_constant("c") is first, first.name])
    put("other value", attempt(params.get_constant, "c", np.array([1, 3])))
    put("other shape", attempt(params.get_constant, "c", np.array([1, 2, 3])))
    put("none", attempt(params.get_constant, "d"))
    params.get("w", shape=(1,))
    put("a parameter", attempt(params.get_constant, "w", np.array([1])))

    class Net(mx.gluon.HybridBlock):
        def __init__(self, **kwargs):
            super(Net, self).__init__(**kwargs)
            self.scale = self.params.get_constant("scale", [1, 2])
            self.w = self.params.get("w", shape=(2,), init="ones")

        def hybrid_forward(self, F, x, scale, w):
            return x * scale * w

    for hybrid in (False, True):
        net = Net(prefix="net%d_" % hybrid)
        net.initialize()
        if hybrid:
            net.hybridize()
        x = mx.nd.array([3, 4])
        with mx.autograd.record():
            out = net(x)
        out.backward()
        put("in a net, hybridized: %s" % hybrid, [out, net.w.grad()])
        trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
        trainer.step(1)
        put("trained, hybridized: %s" % hybrid, arrays(net.collect_params()))
    net.save_parameters("c.params")
    twin = Net(prefix="net1_")
    twin.load_parameters("c.params")
    put("loaded", arrays(twin.collect_params()))


def dictionaries(mx, put):
    D = mx.gluon.ParameterDict
    params = D("net_")
    w = params.get("w", shape=(2, 0), init="ones", allow_deferred_init=True)
    put("get", [w.name, params.get("w") is w, list(params.keys()), params.prefix, "net_w" in params, "w" in params])
    put("repr", [str(params), str(D()), str(D("x_"))])
    put("shape completed", [params.get("w", shape=(2, 3)).shape, params.get("w", shape=(0, 3)).shape])
    put("shape differs", attempt(params.get, "w", shape=(5, 3)))
    put("shape of other length", attempt(params.get, "w", shape=(2, 3, 4)))
    put("dtype differs", attempt(params.get, "w", dtype="float16"))
    put("same dtype otherwise", attempt(lambda: params.get("w", dtype="float32") is w))
    put("lr_mult differs", attempt(params.get, "w", lr_mult=3.0))
    put("init differs", attempt(params.get, "w", init="zeros"))
    put("init none", attempt(lambda: params.get("w", init=None) is w))
    put("no such attribute", attempt(params.get, "w", bogus=1))
    put("no such argument", kind(params.get, "v", bogus=1))
    put("item", [params["net_w"] is w, kind(params.__getitem__, "w")])
    shared = D("other_", shared=params)
    put("shared", [shared.get("x", shape=(1,)).name, list(shared.keys())])
    same = D("net_", shared=params)
    put("shared, same prefix", [same.get("w") is w, list(same.keys())])
    other = D("net_")
    other.get("w", shape=(1,))
    put("update refused", attempt(params.update, other))
    third = D("third_")
    third.get("t", shape=(1,))
    put("update", [attempt(params.update, third), list(params.keys())])
    params.get("w").shape = (2, 3)
    params.initialize(mx.init.Zero(), ctx=[mx.cpu(0), mx.cpu(1)])
    put("initialize", arrays(_on(mx, params)))
    put("list_ctx", sorted(str(c) for c in params.list_ctx()))
    put("setattr", [attempt(params.setattr, "grad_req", "null"), [p.grad_req for p in params.values()]])
    put("reset_ctx", [attempt(params.reset_ctx, mx.cpu(0)), sorted(str(c) for c in params.list_ctx())])
    put("items", [[k, v.name] for k, v in params.items()])
    put("iteration", list(params))


def _on(mx, params):
    params.reset_ctx(mx.cpu(0))
    return params


def files(mx, put):
    D = mx.gluon.ParameterDict

    def made(prefix="net_", init=None, shape=(2, 2)):
        params = D(prefix)
        params.get("w", shape=shape, init="ones")
        params.get("b", shape=(2,), init="zeros")
        if init is not False:
            params.initialize()
        return params

    params = made()
    params["net_w"].set_data(mx.nd.array([[1, 2], [3, 4]]))
    params.save("full.params")
    params.save("stripped.params", strip_prefix="net_")
    put("names", [sorted(mx.nd.load("full.params")), sorted(mx.nd.load("stripped.params"))])
    put("bad strip", attempt(params.save, "x.params", strip_prefix="other_"))
    target = made()
    put("load", [attempt(target.load, "full.params"), arrays(target)])
    put("names differ", attempt(made("other_").load, "full.params"))
    target = made("other_")
    put("restore_prefix", [attempt(target.load, "stripped.params", restore_prefix="other_"), arrays(target)])
    put("bad restore_prefix", attempt(made("other_").load, "stripped.params", restore_prefix="net_"))
    more = made()
    more.get("extra", shape=(1,))
    more["net_extra"].initialize(mx.init.One())
    put("missing", attempt(more.load, "full.params"))
    put("allow_missing", [attempt(more.load, "full.params", allow_missing=True), arrays(more)])
    more.save("more.params")
    put("extra", attempt(made().load, "more.params"))
    target = made()
    put("ignore_extra", [attempt(target.load, "more.params", ignore_extra=True), arrays(target)])
    put("other shape", attempt(made(shape=(3, 2)).load, "full.params"))
    unready = made(init=False)
    put("not initialised", [attempt(unready.load, "full.params"), [str(c) for c in unready["net_w"].list_ctx()]])
    unready = made(init=False)
    put("with ctx", [attempt(unready.load, "full.params", ctx=[mx.cpu(0), mx.cpu(1)])])
    put("with ctx, contexts", [str(c) for c in unready["net_w"].list_ctx()])
    put("with another ctx", attempt(made().load, "full.params", ctx=mx.cpu(1)))
    late = D("net_")
    late.get("w", shape=(0, 0), allow_deferred_init=True)
    late.get("b", shape=(2,))
    late.initialize(ctx=mx.cpu(1))
    put("deferred", [attempt(late.load, "full.params"), late["net_w"].shape, str(late["net_w"].data().context)])
    half = made()
    half["net_w"].cast("float16")
    put("dtype differs", attempt(half.load, "full.params"))
    put("cast_dtype", [attempt(half.load, "full.params", cast_dtype=True), half["net_w"].data()])
    put("saved dtype", [attempt(half.load, "full.params", cast_dtype=True, dtype_source="saved"), half["net_w"].data()])
    put("bad dtype_source", kind(half.load, "full.params", cast_dtype=True, dtype_source="x"))
    given = {"net_w": mx.nd.full((2, 2), 3), "arg:net_b": mx.nd.full((2,), 4)}
    put("load_dict", [attempt(target.load_dict, given), arrays(target)])
    put("load_dict missing", attempt(target.load_dict, {"net_w": mx.nd.ones((2, 2))}))
    put("load_dict extra", attempt(target.load_dict, dict(given, z=mx.nd.ones(1))))
    mx.nd.save("list.params", [mx.nd.ones(1)])
    put("a list", kind(target.load, "list.params"))
    with open("bad.params", "wb") as file:
        file.write(b"not an array file")
    put("no array file", kind(target.load, "bad.params"))


PARTS = [making, values, constants, dictionaries, files]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_parameter", check_complete(results(mxnet)))
