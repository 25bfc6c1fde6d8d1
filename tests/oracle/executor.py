"""Writes tests/golden/executor.json: what executors are bound to, keep and share.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.executor
"""

import os

# with oneDNN gradients of max pooling are wrong after a forward pass in predict mode
os.environ.setdefault("MXNET_MKLDNN_ENABLED", "0")

import numpy as np  # noqa: E402

from tests.oracle.executor_common import arrays, attempt, by_scenario, dense, filled, linear, state  # noqa: E402
from tests.oracle.scenario import plain, write  # noqa: E402


# ---------------------------------------------------------------------------------------------- bind
def binding(mx):
    nd, cpu, net = mx.nd, mx.cpu(), linear(mx)

    def args():
        return {"x": nd.ones((2, 3)), "w": nd.ones((2, 3)) / 2, "b": nd.ones((2,)) / 4}

    def listed():
        return list(args().values())

    def sevens():
        return {k: nd.ones(a.shape) * 7 for k, a in args().items()}

    def bound(*a, **k):
        return state(net.bind(cpu, *a, **k))

    def gradients(times=1, **k):
        executor = net.bind(cpu, args(), **k)
        for _ in range(times):
            executor.forward(is_train=True)
            executor.backward(nd.ones((2, 2)))
        return arrays(executor.grad_dict)

    found = {
        "list": attempt(bound, listed(), listed()),
        "dict": attempt(bound, args(), sevens()),
        "dict with more": attempt(bound, dict(args(), more=nd.ones(1)), sevens()),
        "list too short": attempt(bound, listed()[:2]),
        "list too long": attempt(bound, [*listed(), nd.ones(1)]),
        "dict too short": attempt(bound, {"x": nd.ones((2, 3))}),
        "tuple": attempt(bound, tuple(listed())),
        "number": attempt(bound, 3),
        "nothing": attempt(bound, None),
        "numpy": attempt(bound, [a.asnumpy() for a in listed()]),
        "list with None": attempt(bound, [None, *listed()[1:]]),
        "dict with None": attempt(bound, dict(args(), x=None)),
        "shape": attempt(bound, dict(args(), w=nd.ones((2, 4)))),
        "dtype": attempt(bound, dict(args(), w=nd.ones((2, 3), dtype="float64"))),
        "context is no context": attempt(net.bind, "cpu", args()),
        "context is None": attempt(net.bind, None, args()),
        "array elsewhere": attempt(bound, dict(args(), x=nd.ones((2, 3), mx.cpu(1)))),
        "all elsewhere": attempt(
            lambda: str(net.bind(mx.cpu(1), [a.copyto(mx.cpu(1)) for a in listed()]).forward()[0].context)
        ),
        "some gradients": attempt(bound, args(), {"b": nd.ones((2,)), "more": nd.ones(1)}),
        "list of some gradients": attempt(bound, args(), [None, nd.ones((2, 3)), None]),
        "gradients too short": attempt(bound, args(), listed()[:2]),
        "gradients as tuple": attempt(bound, args(), tuple(listed())),
        "no gradients": attempt(bound, args(), {}),
        "grad_arrays without gradients": net.bind(cpu, args()).grad_arrays,
        "write": attempt(gradients, args_grad=sevens()),
        "write twice": attempt(gradients, 2, args_grad=sevens()),
        "add": attempt(gradients, args_grad=sevens(), grad_req="add"),
        "add twice": attempt(gradients, 2, args_grad=sevens(), grad_req="add"),
        "null": attempt(gradients, args_grad=sevens(), grad_req="null"),
        "req list": attempt(gradients, args_grad=sevens(), grad_req=["null", "add", "write"]),
        "req dict": attempt(gradients, args_grad=sevens(), grad_req={"x": "add", "w": "write", "more": "add"}),
        "req unknown in dict": attempt(gradients, args_grad=sevens(), grad_req={"x": "sum"}),
        "gradient of another shape": attempt(gradients, args_grad=dict(sevens(), x=nd.ones((3, 3)))),
        "gradient of another dtype": attempt(gradients, args_grad=dict(sevens(), x=nd.ones((2, 3), dtype="float64"))),
        "aux for none": attempt(bound, args(), aux_states=[nd.ones(1)]),
        "aux dict for none": attempt(bound, args(), sevens(), aux_states={"more": nd.ones(1)}),
    }
    found["req unknown"] = attempt(gradients, args_grad=sevens(), grad_req="sum")["raises"]
    norm = mx.sym.BatchNorm(mx.sym.var("x"), name="bn")
    given = {"x": nd.ones((2, 3)), "bn_gamma": nd.ones(3), "bn_beta": nd.ones(3)}
    found["aux missing"] = attempt(norm.bind, cpu, given)
    found["aux missing in dict"] = attempt(norm.bind, cpu, given, aux_states={"bn_moving_mean": nd.zeros(3)})
    found["aux by name"] = attempt(
        lambda: state(
            norm.bind(cpu, given, given, aux_states={"bn_moving_var": nd.ones(3), "bn_moving_mean": nd.zeros(3)})
        )
    )
    return found


def identity(mx):
    """What an executor keeps of what it was given, and what stays the same from call to call."""
    nd, cpu, net = mx.nd, mx.cpu(), linear(mx)
    args = {"x": nd.ones((2, 3)), "w": nd.ones((2, 3)), "b": nd.ones((2,))}
    grads = {k: nd.zeros(a.shape) for k, a in args.items()}
    e = net.bind(cpu, args, grads)
    found = {
        "arg_arrays": [a is args[k] for k, a in zip(net.list_arguments(), e.arg_arrays)],
        "arg_dict": [e.arg_dict[k] is a for k, a in args.items()],
        "grad_arrays": [g is grads[k] for k, g in zip(net.list_arguments(), e.grad_arrays)],
        "dicts stay": [e.arg_dict is e.arg_dict, e.grad_dict is e.grad_dict, e.output_dict is e.output_dict],
        "forward returns outputs": e.forward() is e.outputs,
    }
    given = list(args.values())
    found["the caller's list"] = net.bind(cpu, given).arg_arrays is given
    args["x"][:] = 2
    args["w"][0] = 3
    found["arrays written to"] = plain(e.forward()[0])
    first = e.outputs[0]
    view = first[1:2]
    e.forward(x=nd.ones((2, 3)) * 5)
    found["former outputs"] = [plain(first), plain(view)]
    found["argument after forward(x=...)"] = plain(args["x"])
    e.forward(is_train=True)
    e.backward(nd.ones((2, 2)))
    row = grads["w"][0:1]
    e.forward(is_train=True, b=np.array([1, 2], "float32"), x=nd.ones((2, 3)) * 4)
    e.backward(nd.ones((2, 2)))
    found["views of gradients"] = plain(row)
    one = nd.ones((2, 3))
    found["one array twice"] = plain(net.bind(cpu, [one, one, nd.zeros(2)]).forward()[0])
    v = mx.sym.var("v")
    twice = mx.sym.var("v") + mx.sym.var("v")
    found["one name twice"] = [
        plain(twice.bind(cpu, [nd.ones(2), nd.ones(2) * 3]).forward()[0]),
        plain(twice.bind(cpu, {"v": nd.ones(2)}).forward()[0]),
        attempt(lambda: twice.bind(cpu, {"v": nd.ones(2)}).arg_dict),
        attempt(lambda: mx.sym.Group([v, v]).bind(cpu, {"v": nd.ones(2)}).output_dict),
    ]
    found["a variable"] = plain(v.bind(cpu, {"v": nd.ones(2)}).forward())
    found["no arguments"] = [plain(mx.sym.zeros((2,)).bind(cpu, given).forward()) for given in ({}, [])]
    bound = v + 1
    e = bound.bind(cpu, {"v": nd.ones(2)})
    bound._compose(v=mx.sym.var("w") * 5)
    found["symbol changed since"] = [plain(e.forward()), list(e.arg_dict)]
    found["symbol"] = [e.get_optimized_symbol().list_outputs(), e.get_optimized_symbol().tojson() == (v + 1).tojson()]
    text = dense(mx).simple_bind(cpu, grad_req="null", x=(4, 3)).debug_str()
    found["debug_str"] = text[: text.index("Total")]
    for name in ("eval", "attr"):
        array = nd.ones(2)
        array.attach_grad()
        with mx.autograd.record():  # nothing that an executor does is recorded
            out = (v * 2).bind(cpu, {"v": array}).forward(is_train=True)[0] if name == "attr" else array * 3
            total = (out + array).sum()
        total.backward()
        found["inside record: " + name] = plain(array.grad)
    return found


# ---------------------------------------------------------------------------------------------- simple_bind
def simple(mx):
    cpu, net = mx.cpu(), dense(mx)
    var, fc = mx.sym.var, mx.sym.FullyConnected

    def bound(symbol=None, ctx=cpu, **k):
        return state((symbol or net).simple_bind(ctx, **k))

    x = {"x": (4, 3)}
    names = ["null", "write", "write", "null", "null", "null"]
    integers = mx.sym.Embedding(var("i", dtype="int32"), input_dim=5, output_dim=2, name="emb")
    found = {
        "plain": attempt(bound, **x),
        "null": attempt(bound, grad_req="null", **x),
        "None": attempt(bound, grad_req=None, **x),
        "req dict": attempt(bound, grad_req={"fc_weight": "write", "fc_bias": "add", "more": "write"}, **x),
        "req list": attempt(bound, grad_req=names, **x),
        "req list too short": attempt(bound, grad_req=names[:2], **x),
        "req empty list": attempt(bound, grad_req=[], **x),
        "req empty dict": attempt(bound, grad_req={}, **x),
        "req unknown": attempt(bound, grad_req="sum", **x),
        "req unknown in dict": attempt(bound, grad_req={"x": "sum"}, **x),
        "type_dict": attempt(bound, type_dict={"x": "float64"}, **x),
        "type_dict numpy": attempt(bound, type_dict={"x": np.float64}, **x),
        "type_dict float16": attempt(bound, type_dict={"x": np.float16}, **x),
        "type_dict of a stranger": attempt(bound, type_dict={"more": "float32"}, **x),
        "type_dict conflict": attempt(bound, type_dict={"x": "float64", "fc_weight": "float32"}, **x),
        "no shape": attempt(bound),
        "too few shapes": attempt(bound, fc_weight=(2, 3)),
        "shape of a stranger": attempt(bound, more=(2, 3), **x),
        "shape as list": attempt(bound, x=[4, 3]),
        "shape as number": attempt(bound, x=4),
        "shape conflict": attempt(bound, fc_weight=(2, 5), **x),
        "unknown dimension": attempt(bound, x=(0, 3)),
        "shape of a state": attempt(bound, bn_moving_mean=(2,), **x),
        "backwards": attempt(bound, var("a") + var("c"), c=(3,)),
        "cpu(1)": attempt(bound, ctx=mx.cpu(1), **x),
        "ctx is no context": attempt(bound, ctx="cpu", **x),
        "integers": attempt(bound, integers, i=(4,)),
        "integers by type_dict": attempt(bound, mx.sym.Embedding(var("i"), input_dim=5, output_dim=2, name="emb"),
                                         type_dict={"i": "int32"}, i=(4,)),
        "integers alone": attempt(bound, var("a", dtype="int32") + 1, a=(3,)),
        "shape attribute": attempt(bound, fc(var("x", shape=(4, 3)), num_hidden=2, name="fc")),
        "shape attribute and keyword": attempt(bound, fc(var("x", shape=(4, 3)), num_hidden=2, name="fc"), x=(2, 3)),
        "dtype attribute": attempt(bound, fc(var("x", dtype="float64"), num_hidden=2, name="fc"), **x),
        "init attribute": attempt(bound, fc(var("x"), var("w", init=mx.init.One()), num_hidden=2, name="fc"), **x),
        "shared_buffer of another type": attempt(bound, shared_buffer=3, **x),
        "shared_arg_names of another type": attempt(bound, shared_arg_names="x", **x),
        "shared_arg_names alone": attempt(bound, shared_arg_names=["x"], **x),
    }  # fmt: skip
    found["unknown dtype"] = attempt(bound, type_dict={"x": "flat"}, **x)["raises"]
    return found


def sharing(mx):
    cpu, net = mx.cpu(), dense(mx)

    def pair(**k):
        """An executor, one that shares with it, and both after writes into the second one."""
        first = filled(mx, net, x=(4, 3))
        second = net.simple_bind(cpu, shared_exec=first, shared_arg_names=["fc_weight", "fc_bias"], **k)
        before = state(second)
        for table in (second.arg_dict, second.grad_dict, second.aux_dict):
            for array in table.values():
                array[:] = 9
        return [before, state(first)]

    buffer = {}
    found = {
        "no buffer": attempt(pair, x=(2, 3)),
        "buffer": attempt(pair, x=(2, 3), shared_buffer=buffer),
        "names in the buffer": sorted(buffer),
        "other shape": attempt(pair, x=(2, 5), shared_buffer={}),
        "other dtype": attempt(pair, x=(2, 3), type_dict={"x": "float64"}, shared_buffer={}),
        "not there": attempt(
            lambda: linear(mx).simple_bind(
                cpu, shared_exec=filled(mx, net, x=(4, 3)), shared_arg_names=["w"], shared_buffer={}, x=(4, 3)
            )
        ),
    }
    buffer, steps = {}, []
    former = None
    for rows in (4, 2, 8, 3):
        e = net.simple_bind(cpu, shared_buffer=buffer, x=(rows, 3))
        steps.append(
            [state(e), None if former is None else state(former), sorted([k, list(a.shape)] for k, a in buffer.items())]
        )
        e.arg_dict["x"][:] = rows
        e.grad_dict["fc_weight"][:] = -rows
        former = e
    found["buffer that grows"] = steps
    found["buffer of another dtype"] = attempt(
        net.simple_bind, cpu, type_dict={"x": "float64"}, shared_buffer=buffer, x=(4, 3)
    )
    return found


def groups(mx):
    """``group2ctx``: contexts by attribute."""
    nd, scope, fc = mx.nd, mx.AttrScope, mx.sym.FullyConnected
    where = {"one": mx.cpu(1), "two": mx.cpu(2)}
    with scope(ctx_group="one"):
        p = mx.sym.var("p")
        q = fc(p, num_hidden=2, name="q")
    with scope(ctx_group="two"):
        r = fc(q, num_hidden=3, name="r")
    x = mx.sym.var("x")
    u = fc(x, num_hidden=2, name="u")
    with scope(ctx_group="two"):
        v = fc(u, num_hidden=2, name="v")

    def contexts(symbol, **k):
        e = symbol.simple_bind(mx.cpu(), **k)
        return [arrays(e.arg_dict), arrays(e.grad_dict), [str(o.context) for o in e.forward()]]

    def run():
        e = filled(mx, r, group2ctx=where, p=(4, 3))
        out = e.forward(is_train=True)[0]
        e.backward(nd.ones((4, 3), mx.cpu(2)))
        return [str(out.context), plain(out), state(e)]

    return {
        "all": attempt(contexts, r, group2ctx=where, p=(4, 3)),
        "none": attempt(contexts, r, p=(4, 3)),
        "empty": attempt(contexts, r, group2ctx={}, p=(4, 3)),
        "some": attempt(contexts, r, group2ctx={"one": mx.cpu(1)}, p=(4, 3)),
        "unused": attempt(contexts, u, group2ctx=where, x=(4, 3)),
        "the last part": attempt(contexts, v, group2ctx=where, x=(4, 3)),
        "a branch": attempt(contexts, fc(x, num_hidden=2, name="w") + v, group2ctx=where, x=(4, 3)),
        "run": attempt(run),
    }


def storage(mx):
    """Sparse arguments, and gradients that are."""
    nd, sym = mx.nd, mx.sym
    x, w = sym.var("x", stype="csr"), sym.var("w", stype="row_sparse")
    q, dense_w = sym.var("q"), sym.var("w")
    req = {"w": "write"}

    def embedding(weight, sparse_grad=True):
        return sym.Embedding(q, weight, input_dim=5, output_dim=2, sparse_grad=sparse_grad, name="e")

    def stypes(symbol, **k):
        e = symbol.simple_bind(mx.cpu(), **k)
        tables = [{n: a if a is None else a.stype for n, a in table.items()} for table in (e.arg_dict, e.grad_dict)]
        return [*tables, [o.stype for o in e.outputs]]

    def looked_up(to_sparse):
        e = embedding(w if to_sparse else dense_w).simple_bind(mx.cpu(), grad_req=req, q=(4,))
        value = nd.array(np.arange(10).reshape(5, 2))
        e.arg_dict["w"][:] = value.tostype("row_sparse") if to_sparse else value
        seen = []
        for rows in ([1, 3, 1, 0], [2, 2, 2, 3]):
            e.forward(is_train=True, q=nd.array(rows))
            e.backward(nd.ones((4, 2)))
            grad = e.grad_dict["w"]
            seen.append([plain(e.outputs[0]), plain(grad.indices), plain(grad.data)])
        return seen

    def product(symbol):
        e = symbol.simple_bind(mx.cpu(), grad_req=req, x=(4, 5), w=(5, 2))
        e.arg_dict["x"][:] = nd.array(np.eye(4, 5)).tostype("csr")
        value = nd.array(np.arange(10).reshape(5, 2))
        e.arg_dict["w"][:] = value.tostype(e.arg_dict["w"].stype)
        e.forward(is_train=True)
        e.backward(nd.ones((4, 2)))
        return [plain(e.outputs[0]), plain(e.grad_dict["w"].indices), plain(e.grad_dict["w"])]

    def bound():
        args = {"x": nd.array(np.eye(4, 5)).tostype("csr"), "w": nd.array(np.ones((5, 2))).tostype("row_sparse")}
        grads = {"w": nd.sparse.zeros("row_sparse", (5, 2))}
        e = sym.sparse.dot(x, w).bind(mx.cpu(), args, grads, req)
        e.forward(is_train=True)
        e.backward(nd.ones((4, 2)))
        return [plain(e.outputs[0]), plain(grads["w"])]

    shapes = {"x": (4, 5), "w": (5, 2)}
    both = embedding(dense_w) * 2 + embedding(dense_w)
    mixed = sym.sum(embedding(dense_w)) + sym.sum(dense_w * 2)
    return {
        "dot of csr and row_sparse": attempt(stypes, sym.sparse.dot(x, w), **shapes),
        "dot of csr and dense": attempt(stypes, sym.sparse.dot(x, dense_w), grad_req=req, **shapes),
        "dot by stype_dict": attempt(
            stypes,
            sym.sparse.dot(sym.var("x"), dense_w),
            stype_dict={"x": "csr", "w": "row_sparse"},
            grad_req=req,
            **shapes,
        ),
        "Embedding": attempt(stypes, embedding(dense_w), grad_req=req, q=(4,)),
        "Embedding of row_sparse": attempt(stypes, embedding(w), grad_req=req, q=(4,)),
        "Embedding, dense gradient": attempt(stypes, embedding(w, False), grad_req=req, q=(4,)),
        "Embedding twice": attempt(stypes, both, grad_req=req, q=(4,)),
        "Embedding and others": attempt(stypes, mixed, grad_req=req, q=(4,)),
        "looked up": attempt(looked_up, False),
        "looked up, row_sparse": attempt(looked_up, True),
        "product": attempt(product, sym.sparse.dot(x, w)),
        "product of dense": attempt(product, sym.sparse.dot(x, dense_w)),
        "bound": attempt(bound),
    }


SCENARIOS = (binding, identity, simple, sharing, groups, storage)


def results(mx):
    return by_scenario(mx, SCENARIOS)


if __name__ == "__main__":
    import mxnet

    write("executor", results(mxnet))
