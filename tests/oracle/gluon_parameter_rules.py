"""Writes tests/golden/gluon_parameter_rules.json: MXNet's Parameters in use: gradients, shapes, initializers, copies.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_parameter_rules
"""

import copy
import logging
import pickle
import threading
from multiprocessing.reduction import ForkingPickler

import numpy as np

from tests.oracle.gluon_common import arrays, attempt, check_complete, cleaned, collect, kind, warned
from tests.oracle.scenario import write


def one(mx, value=1.0, shape=(2,), ctx=None, **kwargs):
    param = mx.gluon.Parameter("w", shape=shape, **kwargs)
    param.initialize(mx.init.Constant(value), ctx=ctx)
    return param


def back(mx, param, factor=3.0, ctx=None):
    with mx.autograd.record():
        y = (param.data(ctx) * factor).sum()
    y.backward()


def grad_req(mx, put):
    param = one(mx)
    back(mx, param)
    first = param.grad()
    param.grad_req = "add"
    put("write to add after backward", [param.grad(), first, param.grad() is first])
    back(mx, param)
    back(mx, param)
    put("add sums", param.grad())
    param.grad_req = "add"
    put("add to add", param.grad())
    param.grad_req = "write"
    put("add to write", param.grad())
    back(mx, param, 5)
    put("written", param.grad())
    param.grad_req = "null"
    put("null", [attempt(param.grad), param.data().grad is None])
    put("null, record", kind(back, mx, param))
    param.grad_req = "write"
    put("null to write", param.grad())
    back(mx, param, 7)
    put("null to write, written", param.grad())
    late = mx.gluon.Parameter("w", shape=(2,))
    late.grad_req = "null"
    late.initialize(mx.init.One())
    put("null before initialize", [attempt(late.grad), attempt(late.list_grad), attempt(late.zero_grad)])
    late.grad_req = "add"
    back(mx, late)
    back(mx, late)
    put("add after initialize as null", late.grad())
    late.initialize(mx.init.Zero(), force_reinit=True)
    put("reinitialised", [late.data(), late.grad(), late.grad_req])
    back(mx, late)
    late.cast("float64")
    put("cast", [late.grad(), late.grad_req])
    back(mx, late)
    late.reset_ctx(mx.cpu(1))
    put("reset_ctx", [late.grad(), str(late.grad().context)])
    back(mx, late)
    late.set_data(mx.nd.array([4, 5], dtype="float64"))
    put("set_data", [late.data(), late.grad()])
    outside = one(mx)
    with mx.autograd.record():
        y = outside.data() * 2
        outside.grad_req = "add"
        z = y.sum() + outside.data().sum()
    put("switched between record and backward", kind(z.backward))
    outside = one(mx)
    with mx.autograd.record():
        y = (outside.data() * 2).sum()
    outside.grad_req = "null"
    put("null between record and backward", [kind(y.backward), attempt(outside.grad)])
    two = one(mx, ctx=[mx.cpu(0), mx.cpu(1)], grad_req="add")
    for ctx in (mx.cpu(0), mx.cpu(1), mx.cpu(1)):
        back(mx, two, ctx=ctx)
    put("add on two contexts", two.list_grad())
    two.zero_grad()
    put("zero_grad on two contexts", two.list_grad())
    half = one(mx, dtype="float16", grad_req="add")
    back(mx, half)
    back(mx, half)
    put("float16", half.grad())
    for dtype in ("int32", "int64", "uint8", "int8"):
        whole = one(mx, dtype=dtype)
        put("gradient of " + dtype, [whole.data(), whole.grad()])


def loops(mx, put):
    nn = mx.gluon.nn
    for hybrid in (False, True):
        net = nn.HybridSequential(prefix="net_")
        with net.name_scope():
            net.add(nn.Dense(3, in_units=2, activation="tanh"), nn.Dense(1, in_units=3))
        net.initialize(mx.init.Zero())
        random = np.random.RandomState(3)
        for param in net.collect_params().values():
            param.set_data(mx.nd.array(random.uniform(-1, 1, param.shape)))
        if hybrid:
            net.hybridize()
        trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9})
        x, y = mx.nd.array(random.uniform(-1, 1, (4, 2))), mx.nd.array(random.uniform(-1, 1, (4, 1)))

        def step(ignore=False):
            with mx.autograd.record():
                loss = ((net(x) - y) ** 2).sum()
            loss.backward()
            trainer.step(4, ignore_stale_grad=ignore)
            return loss.asscalar()

        shown = []
        for i in range(12):
            if i == 3:
                net[0].collect_params().setattr("grad_req", "null")
            if i == 6:
                net[0].collect_params().setattr("grad_req", "write")
            if i == 8:
                net.collect_params().setattr("grad_req", "add")
            if i == 10:
                net.collect_params().zero_grad()
            shown.append(step())
        put("frozen, thawed, added, hybridized: %s" % hybrid, [shown, arrays(net.collect_params())])
        net.collect_params(".*bias").setattr("lr_mult", 0)
        net.collect_params(".*weight").setattr("wd_mult", 2.0)
        put("biases held, hybridized: %s" % hybrid, [step(), arrays(net.collect_params())])
        sums = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01, "wd": 0.1})
        net.collect_params().setattr("grad_req", "add")
        net.collect_params().zero_grad()
        for part in range(3):
            with mx.autograd.record():
                loss = ((net(x[part : part + 1]) - y[part : part + 1]) ** 2).sum()
            loss.backward()
        sums.step(3)
        put("small batches added up, hybridized: %s" % hybrid, arrays(net.collect_params()))


def shapes(mx, put):
    P = mx.gluon.Parameter
    forms = [None, 0, 3, (), (0,), (-1, 2), [0, 2], (2, None), (0, -1, 3)]
    for form in forms:
        made = kind(P, "w", shape=form)
        put(
            "made of %s" % (form,),
            [made, attempt(lambda: repr(P("w", shape=form))), attempt(lambda: P("w", shape=form).shape)],
        )
        put("initialize %s" % (form,), kind(P("w", shape=form).initialize, mx.init.One()))
        late = P("w", shape=form, allow_deferred_init=True)
        put("deferred %s" % (form,), [kind(late.initialize, mx.init.One()), late._data is not None, kind(late.data)])
        for new in [(2, 2), (0, 2), (-1, 2), (2,), (2, 0), (2, 5), (4, 0, 3)]:
            param = P("w", shape=form)
            put("%s, then %s" % (form, new), [attempt(setattr, param, "shape", new), param.shape])
    put("shape to None", kind(setattr, P("w", shape=(2, 2)), "shape", None))
    param = P("w")
    put("None, then None", [kind(setattr, param, "shape", None), param.shape])
    put("list", [attempt(setattr, param, "shape", [2, 3]), param.shape])
    ready = one(mx, shape=(2, 3))
    put(
        "initialised", [attempt(setattr, ready, "shape", (2, 3)), attempt(setattr, ready, "shape", (3, 2)), ready.shape]
    )
    for given in [(0, 3), (-1, 3), None, (5, 3), (2, 3, 1)]:
        param = P("w", shape=given, allow_deferred_init=True)
        put("initialized with %s" % (given,), attempt(param.initialize, mx.init.Zero()))
        put("set_data on %s" % (given,), [attempt(param.set_data, mx.nd.ones((2, 3))), param.shape])
        put("and finish on %s" % (given,), [kind(param._finish_deferred_init), kind(lambda: param.data())])
    put("numpy shape", attempt(lambda: P("w", shape=tuple(np.array([2, 3]))).shape))


def numpy_shapes(mx, put):
    """Under ``np_shape``, where 0 is a length like others, what a layer does not know is -1."""
    P, nn, rnn, nd = mx.gluon.Parameter, mx.gluon.nn, mx.gluon.rnn, mx.nd
    layers = {
        "Dense": (lambda: nn.Dense(3), nd.ones((2, 4))),
        "BatchNorm": (nn.BatchNorm, nd.ones((2, 3))),
        "LayerNorm": (nn.LayerNorm, nd.ones((2, 3))),
        "Conv2DTranspose": (lambda: nn.Conv2DTranspose(2, 3), nd.ones((1, 2, 4, 4))),
        "LSTM": (lambda: rnn.LSTM(3), nd.ones((2, 2, 3))),
    }
    with mx.util.np_shape(True):
        for form in (None, 3, (0,), (2, 0), (-1, 2), [0, 2], (2, 3)):
            param = P("w", shape=form, allow_deferred_init=True)
            put("np_shape: made of %s" % (form,), [repr(param), param.shape])
            put("np_shape: initialize %s" % (form,), [kind(param.initialize, mx.init.One()), param._data is not None])
            put("np_shape: set_data on %s" % (form,), [kind(param.set_data, nd.ones((2, 3))), param.shape])
        for name, (make, data) in layers.items():
            for hybrid in (False, True):
                net = make()
                net.hybridize(hybrid)
                net.initialize(mx.init.One())
                before = [p.shape for p in net.collect_params().values()]
                put("np_shape: %s, hybridized: %s" % (name, hybrid), [before, net(data), arrays(net.collect_params())])
        params = mx.gluon.ParameterDict()
        params.get("w", shape=(2, 0), allow_deferred_init=True)
        put("np_shape: get", [attempt(lambda: params.get("w", shape=s).shape) for s in ((0, 3), (2, -1), (4, 3))])
        net = nn.Dense(2)
        net.initialize(mx.init.One())
    put("np_shape: made under it, called without", [net(nd.ones((1, 3))), net.weight.shape])


def initializers(mx, put):
    P = mx.gluon.Parameter
    for form in [
        "ones",
        "Zero",
        "zeros",
        "XAVIER",
        mx.init.One(),
        '["constant", {"value": 3}]',
        None,
        "nope",
        3,
        mx.init.One,
    ]:
        param = attempt(P, "w_weight", shape=(2, 2), init=form)
        param = P("w_weight", shape=(2, 2), init=form)
        put("init %s" % cleaned(form), [attempt(param.initialize), kind(param.data), cleaned(param.init)])
        param = P("w_weight", shape=(2, 2))
        put("initialize(%s)" % cleaned(form), [attempt(param.initialize, form), kind(param.data)])
        param = P("w_weight", shape=(2, 2))
        if form is not None:
            put("default_init %s" % cleaned(form), [attempt(param.initialize, default_init=form), kind(param.data)])
        block = mx.gluon.nn.Dense(2, in_units=2, weight_initializer=form, bias_initializer="ones", prefix="d_")
        put("Dense with %s" % cleaned(form), [attempt(block.initialize), kind(block.weight.data)])
    param = P("w_bias", shape=(3,), init=mx.init.Mixed([".*"], [mx.init.One()]))
    put("Mixed as init", [kind(param.initialize), kind(param.data)])
    param = P("w_bias", shape=(3,))
    put(
        "Mixed as default_init",
        [kind(param.initialize, default_init=mx.init.Mixed([".*bias", ".*"], ["ones", "zeros"]))],
    )
    mixed = mx.init.Mixed([".*bias", ".*"], [mx.init.One(), mx.init.Zero()])
    put("Mixed of initializers", [kind(param.initialize, default_init=mixed), kind(param.data)])
    param = P("saved", shape=(2,))
    load = mx.init.Load({"arg:saved": mx.nd.array([5, 6])})
    put("Load", [kind(param.initialize, default_init=load), kind(param.data)])

    @mx.init.register
    class Counting(mx.init.Initializer):
        def __init__(self, start=0):
            super(Counting, self).__init__(start=start)
            self.start = start

        def _init_weight(self, name, arr):
            arr[:] = np.arange(arr.size).reshape(arr.shape) + self.start

    for form in ("counting", Counting(4), '["counting", {"start": 7}]'):
        param = P("a_bias", shape=(3,), init=form)
        param.initialize()
        put("own %s" % cleaned(form), [param.data(), param.var().attr("__init__")])
    param = P("a_gamma", shape=(3,))
    param.initialize(default_init=Counting(2))
    put("own as default", param.data())

    class ByName(mx.init.Initializer):
        def __call__(self, name, arr):
            arr[:] = len(name)

    param = P("abcde", shape=(1,))
    param.initialize(default_init=ByName())
    put("own __call__", param.data())
    random = P("r_weight", shape=(2, 3))
    mx.random.seed(7)
    random.initialize(mx.init.Xavier(), ctx=[mx.cpu(0), mx.cpu(1)])
    put("drawn once for all contexts", random.list_data())
    mx.random.seed(7)
    half = P("r_weight", shape=(2, 3), dtype="float16")
    put("drawn in float16", [attempt(half.initialize, mx.init.Uniform(1)), kind(half.data)])
    double = P("r_weight", shape=(2, 3), dtype="float64")
    mx.random.seed(7)
    put("drawn in float64", [attempt(double.initialize, mx.init.Normal(1)), kind(double.data)])


def dtypes(mx, put):
    P = mx.gluon.Parameter
    for form in [
        "float16",
        "float64",
        np.float32,
        np.dtype("float16"),
        "int32",
        np.int64,
        "uint8",
        "int8",
        "bool",
        float,
        int,
    ]:
        param = P("w", shape=(2,), dtype=form)
        tag = form if isinstance(form, str) else [cleaned(form)]
        put("made with %s" % repr(tag), [cleaned(repr(param)), kind(param.initialize, mx.init.One()), kind(param.data)])
        put("var with %s" % repr(tag), kind(lambda: param.var().attr_dict()))
    for form in ["nope", None, "float31"]:
        param = P("w", shape=(2,), dtype=form)
        put("refused: %s" % form, [cleaned(repr(param)), kind(param.initialize, mx.init.One())])
    for form in ["float16", np.float64, "int32"]:
        param = one(mx, 2.5)
        put("cast to %s" % cleaned(form), [attempt(param.cast, form), cleaned(repr(param)), param.data(), param.grad()])
        param = P("w", shape=(2, 0), allow_deferred_init=True)
        param.initialize(mx.init.One())
        param.cast(form)
        param.shape = (2, 2)
        param._finish_deferred_init()
        put("deferred cast to %s" % cleaned(form), param.data())
        param = P("w", shape=(2,))
        param.dtype = form
        param.initialize(mx.init.One())
        put("dtype = %s before" % cleaned(form), param.data())
    param = one(mx)
    same = one(mx)
    kept = same.data()
    same.cast("float32")
    put("cast to the same", [same.data() is kept])


def access(mx, put):
    P = mx.gluon.Parameter
    bare, late = P("bare", shape=(2,)), P("late", shape=(0,), allow_deferred_init=True)
    late.initialize(ctx=[mx.cpu(0), mx.cpu(1)])
    for name, param in (("bare", bare), ("late", late)):
        for ctx in (None, mx.cpu(0), mx.cpu(3)):
            put("%s data %s" % (name, ctx), attempt(param.data, ctx))
            put("%s grad %s" % (name, ctx), attempt(param.grad, ctx))
        put("%s lists" % name, [attempt(param.list_data), attempt(param.list_grad)])
        put("%s list_ctx" % name, attempt(lambda: [str(c) for c in param.list_ctx()]))
        put("%s zero_grad" % name, attempt(param.zero_grad))
        put(
            "%s rows" % name,
            [kind(param.row_sparse_data, mx.nd.array([0])), kind(param.list_row_sparse_data, mx.nd.array([0]))],
        )
        put("%s set_data" % name, attempt(param.set_data, mx.nd.ones((2,))))
        put(
            "%s reset_ctx" % name,
            [attempt(param.reset_ctx, mx.cpu(2)), attempt(lambda: [str(c) for c in param.list_ctx()])],
        )
        put("%s cast" % name, attempt(param.cast, "float64"))
        put("%s var" % name, param.var().attr_dict())
    two = one(mx, ctx=[mx.cpu(1), mx.cpu(2)])
    put("not on the current context", [attempt(two.data), attempt(two.grad)])
    with mx.cpu(2):
        put("on the current context", str(two.data().context))
    put("wrong contexts", [attempt(two.data, mx.cpu(0)), attempt(two.grad, mx.cpu(7))])
    put("gpu", [attempt(two.data, mx.gpu(0))])
    put("same object", [two.data(mx.cpu(1)) is two.data(mx.cpu(1))])
    put("is the list's", two.data(mx.cpu(2)) is two.list_data()[1])
    one_of = one(mx, ctx=mx.cpu(3))
    put("one context needs no name", str(one_of.data().context))
    for form in ([mx.cpu(0)], (mx.cpu(0), mx.cpu(1)), [], [mx.cpu(0), mx.cpu(0)], 3):
        param = P("w", shape=(2,))
        put(
            "ctx %s" % (form,),
            [kind(param.initialize, mx.init.One(), ctx=form), kind(lambda: [str(c) for c in param.list_ctx()])],
        )
        param = one(mx)
        put("reset_ctx %s" % (form,), [kind(param.reset_ctx, form), kind(lambda: [str(c) for c in param.list_ctx()])])
    param = one(mx, 4.0)
    kept = param.data()
    param.reset_ctx([mx.cpu(0), mx.cpu(1)])
    put("reset_ctx to more", [param.list_data(), param.data(mx.cpu(0)) is kept])
    param.data(mx.cpu(1))[:] = 8
    param.reset_ctx(mx.cpu(0))
    put("reset_ctx of copies that differ", param.data())
    for given in (np.ones((2,), "float32"), [1.0, 2.0], 3.0, mx.nd.ones((2,), dtype="int32"), mx.nd.ones((1,))):
        param = one(mx, 4.0)
        put(
            "set_data of %s" % (cleaned(type(given)) + str(getattr(given, "shape", ""))),
            [kind(param.set_data, given), param.data()],
        )
    param = one(mx)
    source = mx.nd.array([1, 2])
    param.set_data(source)
    source[:] = 9
    put("set_data copies", param.data())
    own = one(mx, 3.0)
    own.set_data(own.data() * 2)
    put("set_data from its own", own.data())
    with mx.autograd.record():
        put("set_data in record", kind(own.set_data, mx.nd.array([7, 8])))


def copies(mx, put):
    param = one(mx, 2.0, lr_mult=0.5, init="ones")
    back(mx, param)
    makers = {
        "deepcopy": copy.deepcopy, "pickle": lambda p: pickle.loads(pickle.dumps(p)), "copy": copy.copy,
        "pickle 2": lambda p: pickle.loads(pickle.dumps(p, 2)),
        "sending": lambda p: pickle.loads(ForkingPickler.dumps(p)),
    }  # fmt: skip
    for name, made in sorted(makers.items()):
        twin = made(param)
        put("%s of a Parameter" % name, [repr(twin), twin.data(), twin.grad_req, twin.lr_mult, twin.init])
        twin.set_data(mx.nd.array([7, 8]))
        put("%s has values of its own" % name, [twin.data(), param.data()])
        param.set_data(mx.nd.array([2, 2]))
        two = made(one(mx, ctx=[mx.cpu(0), mx.cpu(1)]))
        put("%s on two contexts" % name, [[str(c) for c in two.list_ctx()], two.list_data()])
        fixed = made(mx.gluon.Constant("c", [1, 2]))
        put("%s of a Constant" % name, [repr(fixed), fixed.value])
    bare = mx.gluon.Parameter("w", shape=(2, 0), allow_deferred_init=True)
    put("deepcopy of one not initialised", [kind(lambda: copy.deepcopy(bare).shape)])
    put("pickle of one not initialised", [kind(lambda: pickle.loads(pickle.dumps(bare)).shape)])


def threads(mx, put):
    param = one(mx, 2.0)
    seen = {}

    def work(i):
        with mx.autograd.record():
            y = (param.data() * (i + 1)).sum()
        seen[i] = y.asscalar()
        with mx.cpu(i):
            own = mx.gluon.Parameter("w%d" % i, shape=(2,))
            own.initialize(mx.init.Constant(i))
        seen["own%d" % i] = [own.data(), [str(c) for c in own.list_ctx()]]

    workers = [threading.Thread(target=work, args=(i,)) for i in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    put("threads", {str(k): seen[k] for k in sorted(seen, key=str)})


def internals(mx, put):
    """What subclasses in packages touch although it is not public."""
    param = one(mx, 2.0, ctx=[mx.cpu(1), mx.cpu(0)])
    back(mx, param, ctx=mx.cpu(1))
    put("lists", [param._data, param._grad, [str(c) for c in param._ctx_list], param._ctx_map])
    put("one", [param._check_and_get(param._data, mx.cpu(1)), param._check_and_get(param._grad, mx.cpu(1))])
    put("all", len(param._check_and_get(param._data, list)))
    put("elsewhere", attempt(param._check_and_get, param._data, mx.cpu(4)))
    bare = mx.gluon.Parameter("bare", shape=(2,))
    put("bare", [bare._data, bare._grad, bare._ctx_list, attempt(bare._check_and_get, bare._data, None)])
    late = mx.gluon.Parameter("late", shape=(0, 2), allow_deferred_init=True)
    late.initialize()
    put("unknown shape", attempt(late._finish_deferred_init))
    late._shape = None
    put("loaded", [attempt(late._load_init, mx.nd.ones((3, 2)), mx.cpu(0)), late.data()])
    put("reduced", param._reduce())

    class Dropped(mx.gluon.Parameter):
        """The values of another Parameter, changed when they are read."""

        def __init__(self, other):
            for name in ("_deferred_init", "_shape", "_var"):
                setattr(self, name, getattr(other, name))
            super(Dropped, self).__init__(
                other.name, other.grad_req, other._shape, other._dtype, other.lr_mult, other.wd_mult, other.init,
                other._allow_deferred_init, other._differentiable,
            )  # fmt: skip
            for name in ("_data", "_grad", "_ctx_list", "_ctx_map", "_trainer"):
                setattr(self, name, getattr(other, name))

        def data(self, ctx=None):
            return self._check_and_get(self._data, ctx) * 10

    class Net(mx.gluon.HybridBlock):
        def __init__(self, weight):
            super(Net, self).__init__(prefix="net_")
            with self.name_scope():
                self.weight = weight

        def hybrid_forward(self, F, x, weight):
            return x * weight

    for hybrid in (False, True):
        given = one(mx, 2.0)
        dropped = Dropped(given)
        put("subclass, hybridized: %s" % hybrid, [dropped.data(), dropped.list_data(), dropped.list_grad()])
        net = Net(dropped)
        net.params._params["w"] = dropped
        if hybrid:
            net.hybridize()
        with mx.autograd.record():
            y = net(mx.nd.array([1, 3]))
        y.backward()
        put("in a net, hybridized: %s" % hybrid, [y, dropped.grad(), given.grad()])


def texts(mx, put):
    P = mx.gluon.Parameter
    put(
        "str",
        [str(P("w", shape=(2, 3))), str(mx.gluon.Constant("c", [[1, 2]])), cleaned(repr(P("w", dtype=np.float16)))],
    )
    put("attributes", [P("w", lr_mult=2, wd_mult=0).lr_mult, P("w", wd_mult=0).wd_mult, P("w").name])
    param = P("w", shape=(1,))
    param.lr_mult, param.wd_mult, param.name = 0.25, 4.0, "renamed"
    put("set", [param.lr_mult, param.wd_mult, repr(param), param.var().name, param.var().attr_dict()])
    put("grad_req None", attempt(P, "w", grad_req=None))
    put(
        "var first, mult after",
        [param.var().attr("__lr_mult__"), attempt(setattr, param, "lr_mult", 9), param.var().attr("__lr_mult__")],
    )
    put("stype", [attempt(P, "w", stype="x"), attempt(P, "w", grad_stype=None), attempt(P, "w", stype=1)])
    put("equal", [P("w") == P("w"), len({P("w"), P("w")})])
    put("initialized twice", warned(one(mx).initialize))
    put("forced twice", warned(one(mx).initialize, force_reinit=True))
    put("uninitialised with a Trainer", attempt(mx.gluon.Trainer, [P("bare", shape=(1,))], "sgd"))
    logging.getLogger()
    put("tensor_types", [t.__name__ for t in mx.gluon.tensor_types])
    put(
        "errors",
        [
            mx.gluon.DeferredInitializationError.__name__,
            issubclass(mx.gluon.DeferredInitializationError, mx.MXNetError),
        ],
    )


PARTS = [grad_req, loops, shapes, numpy_shapes, initializers, dtypes, access, copies, threads, internals, texts]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_parameter_rules", check_complete(results(mxnet)))
