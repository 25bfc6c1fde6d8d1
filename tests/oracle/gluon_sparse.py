"""Writes tests/golden/gluon_sparse.json: row_sparse Parameters and gradients of MXNet's gluon.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.gluon_sparse
"""

import copy

import numpy as np

from tests.oracle.gluon_common import attempt, check_complete, collect, kind
from tests.oracle.scenario import write

DENSE = np.arange(1.0, 9.0, dtype="float32").reshape(4, 2)


def stored(array):
    """Storage type, context, stored rows and values of an array."""
    if isinstance(array, (list, tuple)):
        return [stored(a) for a in array]
    if array is None or not hasattr(array, "stype"):
        return array
    found = {"stype": array.stype, "context": str(array.context), "dense": array.asnumpy()}
    if array.stype == "row_sparse":
        found["rows"] = array.indices.asnumpy().tolist()
    return found


def of(function, *args, **kwargs):
    """As ``attempt``, arrays with what is stored of them."""
    return attempt(lambda: stored(function(*args, **kwargs)))


def kind_of(function, *args, **kwargs):
    return kind(lambda: stored(function(*args, **kwargs)))


def made(mx, name="w", stype="row_sparse", grad_stype="row_sparse", ctx=None, values=DENSE, dtype="float32", **kwargs):
    param = mx.gluon.Parameter(
        name, shape=(4, 2), stype=stype, grad_stype=grad_stype, dtype=dtype, init=Filled(mx, values), **kwargs
    )
    param.initialize(ctx=ctx)
    return param


def Filled(mx, values):
    class Given(mx.init.Initializer):
        def _init_weight(self, _, arr):
            arr[:] = mx.nd.array(values, dtype=arr.dtype)

    return Given()


def parameter(mx, put):
    P = mx.gluon.Parameter
    for stype in ("default", "row_sparse", "csr"):
        for grad_stype in ("default", "row_sparse", "csr"):
            tag = "%s %s " % (stype, grad_stype)
            param = P("w", shape=(4, 2), stype=stype, grad_stype=grad_stype)
            put(tag + "before", [attempt(f) for f in (param.data, param.grad, param.list_data, param.list_grad)])
            put(
                tag + "rows before",
                [attempt(f, mx.nd.array([0])) for f in (param.row_sparse_data, param.list_row_sparse_data)],
            )
            put(tag + "var", param.var().attr_dict())
            if stype == "csr":
                put(tag + "initialize", attempt(param.initialize, mx.init.One())["raises"])
                continue
            param.initialize(mx.init.One())
            put(tag + "made", [repr(param), [str(c) for c in param.list_ctx()]])
            put(tag + "data", [of(param.data), of(param.list_data)])
            if grad_stype != "csr":
                put(tag + "grad", [of(param.grad), of(param.list_grad)])
            put(
                tag + "rows",
                [of(param.row_sparse_data, mx.nd.array([0])), of(param.list_row_sparse_data, mx.nd.array([0]))],
            )
            put(
                tag + "set_data",
                [attempt(param.set_data, mx.nd.ones((4, 2)) * 3), attempt(param.set_data, mx.nd.ones((3, 2)))],
            )
            put(
                tag + "grad_req",
                [attempt(setattr, param, "grad_req", "null"), attempt(param.grad), attempt(param.zero_grad)],
            )
            put(tag + "cast", [attempt(param.cast, "float64"), repr(param)])
    param = made(mx)
    put(
        "no Trainer",
        [attempt(param.row_sparse_data, mx.nd.array([0])), attempt(param.list_row_sparse_data, mx.nd.array([0]))],
    )
    trainer = mx.gluon.Trainer([param], "sgd", {"learning_rate": 1.0})
    rows = param.row_sparse_data(mx.nd.array([2, 0, 2]))
    put("rows", stored(rows))
    put(
        "rows again",
        [
            stored(param.row_sparse_data(mx.nd.array([1]))),
            stored(rows),
            rows is param.row_sparse_data(mx.nd.array([1])),
        ],
    )
    for name, ids in {
        "nested": mx.nd.array([[0, 1], [2, 2]]), "int64": mx.nd.array([3, 1], dtype="int64"),
        "int32": mx.nd.array([3, 1], dtype="int32"),
    }.items():  # fmt: skip
        put("rows of " + name, of(param.row_sparse_data, ids))
        put("list of rows of " + name, of(param.list_row_sparse_data, ids))
    put("rows of a list", attempt(param.row_sparse_data, [0, 1]))
    put("list of rows of a list", attempt(param.list_row_sparse_data, [0, 1]))
    put("rows on another context", attempt(param.row_sparse_data, mx.nd.array([0], ctx=mx.cpu(1))))
    put("data", [attempt(param.data), attempt(param.list_data), attempt(param.data, mx.cpu(0))])
    everything = mx.nd.arange(4)
    put("set_data dense", [attempt(param.set_data, mx.nd.array(DENSE) * 10), of(param.row_sparse_data, everything)])
    some = mx.nd.sparse.row_sparse_array(([[5.0, 6.0]], [1]), shape=(4, 2))
    put("set_data row_sparse", [attempt(param.set_data, some), of(param.row_sparse_data, everything)])
    put("all rows", of(param._reduce))
    put("more than one Trainer", attempt(mx.gluon.Trainer, [param], "sgd"))
    put("trainer's view", [trainer._contains_sparse_weight, trainer._contains_sparse_grad, trainer._update_on_kvstore])
    two = made(mx, ctx=[mx.cpu(0), mx.cpu(1)])
    mx.gluon.Trainer([two], "sgd")
    put(
        "rows on two contexts",
        [of(two.list_row_sparse_data, mx.nd.array([1, 3])), of(two.row_sparse_data, mx.nd.array([2], ctx=mx.cpu(1)))],
    )
    put("copy", kind(lambda: copy.deepcopy(made(mx)).name))
    reset = made(mx)
    mx.gluon.Trainer([reset], "sgd")
    put("reset_ctx", [attempt(reset.reset_ctx, mx.cpu(1)), attempt(lambda: [str(c) for c in reset.list_ctx()])])
    gradient = made(mx)
    mx.gluon.Trainer([gradient], "sgd")
    with mx.autograd.record():
        y = mx.nd.sparse.dot(csr(mx), gradient.row_sparse_data(mx.nd.array([0, 2])))
    y.backward()
    put("gradient", [stored(gradient.grad()), stored(y)])
    gradient.zero_grad()
    put("zero_grad", stored(gradient.grad()))
    for init in ("zeros", "ones", mx.init.Normal(1), mx.init.Xavier()):
        for dtype in ("float32", "float64"):
            mx.random.seed(3)
            param = P("e_weight", shape=(4, 2), stype="row_sparse", dtype=dtype, init=init)
            put(
                "init %s %s" % (init if isinstance(init, str) else init.dumps(), dtype),
                [kind(param.initialize), attempt(lambda: stored(param._data[0]))],
            )
    params = mx.gluon.ParameterDict("p_")
    first = params.get("w", shape=(4, 2), stype="row_sparse", grad_stype="row_sparse")
    put(
        "get",
        [params.get("w", stype="row_sparse") is first, attempt(params.get, "w", grad_stype="row_sparse") is not None],
    )
    put("get, stype differs", attempt(params.get, "w", stype="default"))
    put("get, grad_stype differs", attempt(params.get, "w", grad_stype="default"))
    put("stype =", [attempt(lambda: first._stype), attempt(lambda: first._grad_stype)])


def csr(mx, dtype="float32", ctx=None):
    return mx.nd.array([[1, 0, 0, 2], [0, 0, 3, 0]], dtype=dtype, ctx=ctx).tostype("csr")


def files(mx, put):
    def dictionary(**kwargs):
        params = mx.gluon.ParameterDict("p_")
        params.get("w", shape=(4, 2), stype="row_sparse", init=Filled(mx, DENSE), **kwargs)
        params.get("b", shape=(2,), init="ones")
        params.initialize()
        return params

    params = dictionary()
    trainer = mx.gluon.Trainer(params, "sgd")
    put("save", attempt(params.save, "s.params"))
    put("file", {k: stored(v) for k, v in sorted(mx.nd.load("s.params").items())})
    trainer._row_sparse_pull(params["p_w"], params["p_w"]._data[0], mx.nd.array([0]))
    params.save("s.params")
    put("file after rows were pulled", {k: stored(v) for k, v in sorted(mx.nd.load("s.params").items())})
    other = dictionary()
    mx.gluon.Trainer(other, "sgd")
    mx.nd.save("t.params", {"p_w": mx.nd.array(DENSE * 2).tostype("row_sparse"), "p_b": mx.nd.zeros(2)})
    put("load", [attempt(other.load, "t.params"), of(other["p_w"].row_sparse_data, mx.nd.array([0, 3]))])
    mx.nd.save("d.params", {"p_w": mx.nd.array(DENSE * 3), "p_b": mx.nd.zeros(2)})
    put("load dense", [attempt(other.load, "d.params"), of(other["p_w"].row_sparse_data, mx.nd.array([0, 3]))])
    bare = dictionary()
    put("load without a Trainer", [attempt(bare.load, "t.params"), of(lambda: bare["p_w"]._data[0])])
    dense = mx.gluon.ParameterDict("p_")
    dense.get("w", shape=(4, 2))
    dense.get("b", shape=(2,))
    put("load into dense, not initialised", [attempt(dense.load, "t.params"), of(dense["p_w"].data)])
    put("load into dense", [attempt(dense.load, "s.params"), of(dense["p_w"].data)])


def rules(mx, put):
    """What the Trainer does with each kind of Parameters, store and place of the update."""
    for stype, grad_stype in (("default", "row_sparse"), ("row_sparse", "row_sparse"), ("row_sparse", "default")):
        for store in ("None", "local", "device", "object"):
            for on_kvstore in (None, True, False):
                for count in (1, 2):
                    if on_kvstore and stype == "default" and (store == "None" or count == 1) and store != "object":
                        continue  # MXNet stops on an AttributeError of its own
                    ctx = [mx.cpu(i) for i in range(count)]
                    param = made(mx, stype=stype, grad_stype=grad_stype, ctx=ctx)
                    kvstore = mx.kv.create("local") if store == "object" else None if store == "None" else store
                    trainer = mx.gluon.Trainer(
                        [param], "sgd", {"learning_rate": 1.0}, kvstore=kvstore, update_on_kvstore=on_kvstore
                    )
                    tag = "%s %s kvstore %s update_on_kvstore %s contexts %d" % (
                        stype,
                        grad_stype,
                        store,
                        on_kvstore,
                        count,
                    )

                    def step():
                        rows = {}
                        with mx.autograd.record():
                            for c in ctx:
                                w = (
                                    param.data(c)
                                    if stype == "default"
                                    else param.row_sparse_data(mx.nd.array([0, 2], ctx=c))
                                )
                                rows[c] = mx.nd.sparse.dot(csr(mx, ctx=c), w)
                        for c in ctx:
                            rows[c].backward()
                        trainer.step(1)
                        return (param.data(ctx[-1]) if stype == "default" else
                                param.row_sparse_data(mx.nd.arange(4, ctx=ctx[-1])))  # fmt: skip

                    put(tag, [of(step), trainer._update_on_kvstore, trainer._kvstore is not None])
    mixed = [made(mx, "a"), made(mx, "b", "default", "default")]
    trainer = mx.gluon.Trainer(mixed, "sgd", {"learning_rate": 1.0})
    with mx.autograd.record():
        y = mx.nd.sparse.dot(csr(mx), mixed[0].row_sparse_data(mx.nd.arange(4))) * mx.nd.sum(mixed[1].data())
    y.backward()
    put(
        "mixed",
        [
            attempt(trainer.step, 1),
            of(mixed[0].row_sparse_data, mx.nd.arange(4)),
            of(mixed[1].data),
            trainer._update_on_kvstore,
        ],
    )
    put("allreduce_grads", attempt(trainer.allreduce_grads))
    put("update", attempt(trainer.update, 1))
    put("stale", attempt(trainer.step, 1))
    put(
        "stale ignored",
        [
            attempt(trainer.step, 1, ignore_stale_grad=True),
            of(mixed[0].row_sparse_data, mx.nd.arange(4)),
            of(mixed[1].data),
        ],
    )
    dense = [made(mx, "c", "default", "row_sparse")]
    trainer = mx.gluon.Trainer(dense, "sgd", {"learning_rate": 1.0})
    put("stale dense", attempt(trainer.step, 1))
    with mx.autograd.record():
        y = mx.nd.sparse.dot(csr(mx), dense[0].data())
    y.backward()
    put(
        "ignored dense",
        [attempt(trainer.step, 1, True), of(dense[0].data), attempt(trainer.step, 1, True), of(dense[0].data)],
    )
    late = mx.gluon.Parameter("late", shape=(0, 2), stype="row_sparse", allow_deferred_init=True)
    late.initialize(mx.init.One())
    trainer = mx.gluon.Trainer([late], "sgd")
    put(
        "deferred",
        [attempt(late.row_sparse_data, mx.nd.array([0])), attempt(late.list_row_sparse_data, mx.nd.array([0]))],
    )
    frozen = made(mx, grad_req="null")
    trainer = mx.gluon.Trainer([frozen], "sgd", {"learning_rate": 1.0})
    put("frozen", [attempt(trainer.step, 1), of(frozen.row_sparse_data, mx.nd.arange(4))])


def initializers(mx, put):
    init = mx.init
    made = {
        "Zero": init.Zero(), "One": init.One(), "Constant": init.Constant(2.5), "Uniform": init.Uniform(0.5),
        "array": init.Constant(mx.nd.array(DENSE)), "Normal": init.Normal(2), "Orthogonal": init.Orthogonal(),
        "Xavier": init.Xavier(factor_type="in"), "MSRAPrelu": init.MSRAPrelu(),
        "Load": init.Load({"a_weight": mx.nd.array(DENSE)}),
        "Mixed": init.Mixed([".*weight", ".*"], [init.One(), init.Zero()]),
    }  # fmt: skip
    for name in sorted(made):
        for ending in ("weight", "bias", "gamma"):
            array = mx.nd.sparse.zeros("row_sparse", (4, 2))
            mx.random.seed(5)
            put("%s of a %s" % (name, ending), [kind(made[name], init.InitDesc("a_" + ending), array), stored(array)])
        array = mx.nd.sparse.zeros("csr", (4, 2))
        put("%s of csr" % name, kind(made[name], init.InitDesc("a_weight"), array))
        own = init.InitDesc("a_bias", {"__init__": made[name].dumps() if hasattr(made[name], "dumps") else ""})
        array = mx.nd.sparse.zeros("row_sparse", (4, 2))
        mx.random.seed(5)
        if own.attrs["__init__"]:
            put("%s as the variable's own" % name, [kind(init.Zero(), own, array), stored(array)])


PARTS = [parameter, files, rules, initializers]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    write("gluon_sparse", check_complete(results(mxnet)))
