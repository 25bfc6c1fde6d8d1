"""Writes tests/golden/executor_running.json: executors run forwards and backwards, reshaped, filled and watched.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.executor_running
"""

import os

# with oneDNN gradients of max pooling are wrong after a forward pass in predict mode
os.environ.setdefault("MXNET_MKLDNN_ENABLED", "0")

import numpy as np  # noqa: E402

from tests.ops import spec  # noqa: E402
from tests.oracle.executor_common import arrays, attempt, by_scenario, dense, filled, linear, state  # noqa: E402
from tests.oracle.scenario import plain, write  # noqa: E402
from tests.oracle.symbol_operators import cases, find  # noqa: E402


# ---------------------------------------------------------------------------------------------- running
def forwards(mx):
    nd = mx.nd
    e = filled(mx, dense(mx), x=(4, 3))

    def out(**k):
        return plain(e.forward(**k)[0])

    return {
        "predict": attempt(out),
        "train": attempt(out, is_train=True),
        "is_train=1": attempt(out, is_train=1),
        "array": attempt(out, x=nd.ones((4, 3))),
        "numpy": attempt(out, x=np.ones((4, 3)) * 2),
        "other dtype": attempt(out, x=nd.ones((4, 3), dtype="float64") * 3),
        "other context": attempt(out, x=nd.ones((4, 3), mx.cpu(1)) * 4),
        "unknown": attempt(out, more=nd.ones((4, 3))),
        "a state": attempt(out, bn_moving_mean=nd.ones(2)),
        "other shape": attempt(out, x=nd.ones((3, 3))),
        "number": attempt(out, x=3),
        "list": attempt(out, x=[[1]]),
        "after errors": attempt(lambda: state(e)),
    }


def backwards(mx):
    nd, one = mx.nd, mx.nd.ones((2, 2))

    def run(*a, **k):
        e = filled(mx, linear(mx), x=(2, 3))
        e.forward(is_train=k.pop("train", True))
        for gradient in k.pop("before", ()):
            e.backward(gradient)
        e.backward(*a, **k)
        return arrays(e.grad_dict)

    return {
        "array": attempt(run, one),
        "list": attempt(run, [one]),
        "tuple": attempt(run, (one,)),
        "dict": attempt(run, {"fc_output": one, "more": one}),
        "dict without": attempt(run, {"fc": one}),
        "too many": attempt(run, [one, one * 2]),
        "none": attempt(run),
        "empty": attempt(run, []),
        "number": attempt(run, 3),
        "numpy": attempt(run, one.asnumpy()),
        "list of None": attempt(run, [None]),
        "other shape": attempt(run, [nd.ones((2, 3))]),
        "smaller": attempt(run, [nd.ones((1, 2))]),
        "other dtype": attempt(run, [one.astype("float64") * 2]),
        "other context": attempt(run, [(one * 2).copyto(mx.cpu(1))]),
        "twice": attempt(run, one * 2, before=[one]),
        "after predict": attempt(run, one, train=False),
        "is_train=False": attempt(run, one, is_train=False),
        "no arguments wanted": attempt(lambda: filled(mx, linear(mx), grad_req="null", x=(2, 3)).backward()),
    }


def heads(mx):
    """Which outputs need gradients, and what becomes of those that none depends on."""
    nd, sym = mx.nd, mx.sym
    x = sym.var("x")
    one = nd.ones((2, 3))
    several = sym.Group(
        [sym.SoftmaxOutput(x, name="sm"), sym.BlockGrad(x, name="b"), sym.MakeLoss(x.sum(), name="l"), x + 1]
    )

    def run(symbol, gradients=None, **k):
        e = symbol.simple_bind(mx.cpu(), x=(2, 3), **k)
        e.arg_dict["x"][:] = nd.array([[1, 2, 3], [4, 5, 7]])
        e.forward(is_train=True)
        e.backward(gradients)
        return [plain(e.outputs), arrays(e.grad_dict)]

    found = {
        "several": attempt(run, several, [one * 5, one * 5, nd.ones(1) * 5, one]),
        "several, none": attempt(run, several),
        "several, too few": attempt(run, several, [one, one, nd.ones(1)]),
        "losses": attempt(run, sym.Group([several[0], several[1]])),
        "losses with": attempt(run, sym.Group([several[0], several[1]]), [one * 3, one * 4]),
        "losses with one": attempt(run, sym.Group([several[0], several[1]]), one),
        "two outputs": attempt(run, sym.Group([x * 2, x + 1]), [one, one * 3]),
        "one output twice": attempt(run, sym.Group([several[3], several[3] * 2]), [one, one * 3]),
        "split": attempt(run, sym.split(x, num_outputs=3, name="s"), [nd.ones((2, 1)) * k for k in (1, 2, 3)]),
        "a variable": attempt(run, x, [one * 3]),
        "a variable, none": attempt(run, x),
    }
    label = sym.var("l")
    for name, symbol, k in (
        ("LinearRegressionOutput", sym.LinearRegressionOutput(x, label), {}),
        ("MAERegressionOutput", sym.MAERegressionOutput(x, label), {}),
        ("LogisticRegressionOutput", sym.LogisticRegressionOutput(x, label), {}),
        ("MakeLoss", sym.MakeLoss(x * label, grad_scale=2), {"l": (2, 3)}),
        ("make_loss", sym.make_loss(x * label), {"l": (2, 3)}),
        ("SoftmaxOutput", sym.SoftmaxOutput(x, label, normalization="batch"), {}),
        ("softmax_cross_entropy", sym.softmax_cross_entropy(x, label), {}),
        ("zeros_like", sym.zeros_like(x), {}), ("argmax", sym.argmax(x, axis=1), {}), ("round", sym.round(x), {}),
        ("floor", sym.floor(x), {}), ("one_hot", sym.one_hot(x, 3), {}), ("equal", x == 2, {}),
        ("sign", sym.sign(x), {}),
    ):  # fmt: skip
        found[name] = attempt(run, symbol, **k)
    w, only_x = sym.var("w"), {"x": "write"}
    soft, loss = sym.SoftmaxOutput(x * 2, label, name="sm"), sym.MakeLoss(x * x)
    for name, symbol, k in (  # none is given: what depends on losses alone needs none
        ("reshaped loss", sym.Reshape(soft, shape=(1, -1, 3)), {}), ("sum of a loss", sym.sum(loss), {}),
        ("multiplied loss", loss * 2, {}), ("loss and variable", soft + w, {}),
        ("loss and unwanted variable", soft + w, {"grad_req": only_x}), ("two losses", sym.Concat(soft, loss), {}),
        ("reshaped block", sym.Reshape(sym.BlockGrad(x * 2), shape=(-1,)), {}),
        ("reshaped floor", sym.Reshape(sym.floor(x * 2), shape=(-1,)), {}), ("half of a loss", sym.log(soft), {}),
        ("masked loss", loss * (x > 2), {}),
        ("loss by way of the variable", loss * x, {}), ("another output", sym.Group([sym.sum(loss), x * 2]), {}),
        ("one of three", sym.split(soft, num_outputs=3, axis=1)[1], {}),
    ):  # fmt: skip
        found[name] = attempt(run, symbol, **k)
    y, z = sym.var("y"), sym.var("z")
    pair = sym.reshape(y, shape=(1, 2))
    for name, symbol, k in (  # beside losses: inputs that get no gradient, and operators whose gradient is 0
        ("pick", sym.pick(loss, y), {"y": (2,)}), ("pick of no loss", sym.pick(x, y), {"y": (2,)}),
        ("gather_nd", sym.gather_nd(loss, pair), {"y": (2,)}),
        ("scatter_nd", sym.scatter_nd(sym.pick(loss, y), pair, shape=(4,)), {"y": (2,)}),
        ("where", sym.where(y, loss, soft), {"y": (2, 3)}),
        ("where of no loss", sym.where(y, loss, x), {"y": (2, 3)}),
        ("reshape_like", sym.reshape_like(loss, y), {"y": (3, 2)}),
        ("broadcast_like", sym.broadcast_like(sym.sum(loss, keepdims=True), y), {"y": (2, 3)}),
        ("logical_not", loss * sym.logical_not(y), {"y": (2, 3)}),
        ("broadcast_logical_and", loss * sym.broadcast_logical_and(y, x), {"y": (2, 3)}),
        ("argsort", loss * sym.argsort(y), {"y": (2, 3)}), ("topk", loss * sym.topk(y, k=3), {"y": (2, 3)}),
        ("topk, mask", loss * sym.topk(y, k=2, ret_typ="mask"), {"y": (2, 3)}),
        ("topk, values", loss * sym.topk(y, k=3, ret_typ="value"), {"y": (2, 3)}),
        ("arange_like", loss * sym.contrib.arange_like(y), {"y": (2, 3)}),
        ("index_array", sym.broadcast_mul(loss, sym.cast(sym.contrib.index_array(y, axes=(0,)), "float32")),
         {"y": (2, 1)}),
        ("unravel_index", loss * sym.unravel_index(y, shape=(4, 4)), {"y": (3,)}),
        ("ravel_multi_index", sym.broadcast_mul(loss, sym.ravel_multi_index(y, shape=(4, 4))), {"y": (2, 3)}),
    ):  # fmt: skip
        found["beside a loss: " + name] = attempt(run, symbol, **k)
    ungraded = sym.Group([sym.BlockGrad(x * 2), y * 3, x * z])
    for req in ("write", "add"):
        e = ungraded.bind(mx.cpu(), {k: nd.ones(2) for k in "xyz"}, {k: nd.ones(2) * 9 for k in "xyz"}, req)
        e.forward(is_train=True)
        e.backward([nd.ones(2)] * 3)
        found["partly blocked, " + req] = arrays(e.grad_dict)
        e = sym.BlockGrad(x * y).bind(mx.cpu(), {k: nd.ones(2) for k in "xy"}, {k: nd.ones(2) * 9 for k in "xy"}, req)
        e.forward(is_train=True)
        e.backward()
        found["blocked, " + req] = arrays(e.grad_dict)
    emb = sym.Embedding(sym.var("i", dtype="int32"), input_dim=5, output_dim=2, name="emb")
    e = emb.simple_bind(mx.cpu(), grad_req={"emb_weight": "write"}, i=(3,))  # MXNet's has no gradient of indices
    e.arg_dict["i"][:] = nd.array([1, 4, 1])
    e.forward(is_train=True)
    e.backward(nd.ones((3, 2)))
    found["integers"] = arrays(e.grad_dict)
    return found


def states(mx):
    """BatchNorm's statistics change in ``backward`` after ``forward(is_train=True)``; Dropout drops in train mode."""
    nd = mx.nd
    x = mx.sym.var("x")
    norm = mx.sym.BatchNorm(x, fix_gamma=False, momentum=0.5, name="bn")
    head = nd.array(np.arange(8).reshape(4, 2) ** 2)

    def steps(symbol, what, **k):
        e = filled(mx, symbol, x=(4, 2), **k)
        seen = []
        for step in what:
            if step in "Bb":
                e.backward(head, is_train=step == "B")
            elif step == "S":
                mx.random.seed(7)
            else:
                e.forward(is_train=step == "T")
            nd.waitall()
            seen.append([plain(e.outputs[0]) if set("TP") & set(what[: len(seen) + 1]) else None, state(e)])
        return seen

    # MXNet's Dropout forgets what it dropped in a second backward
    found = {"BatchNorm " + s: attempt(steps, norm, s) for s in ("TB", "TBB", "TTB", "TPT", "TBTB", "Tb", "TbB")}
    found["BatchNorm null"] = attempt(steps, norm, "TB", grad_req="null")
    found["BatchNorm of fixed gamma"] = attempt(steps, mx.sym.BatchNorm(x, name="bn"), "PTB")
    found["BatchNorm beta only"] = attempt(steps, norm, "TB", grad_req={"bn_beta": "write"})
    below = mx.sym.FullyConnected(norm, num_hidden=2, name="fc")
    found["BatchNorm below what is wanted"] = attempt(steps, below, "TB", grad_req={"fc_weight": "write"})
    drop = mx.sym.Dropout(x, p=0.5, name="d")
    for s in ("STBTB", "SPTB", "STTB", "PB", "SPSTPTB", "STb", "STbTB"):
        found["Dropout " + s] = attempt(steps, drop, s)
    always = mx.sym.Dropout(x, p=0.5, mode="always", name="a")
    for s in ("STb", "SPb"):
        found["Dropout, always " + s] = attempt(steps, always, s)
    two = mx.sym.broadcast_mul(mx.sym.tanh(drop), drop)
    found["Dropout among others STb"] = attempt(steps, two, "STb")
    mx.random.seed(3)
    drawn = mx.sym.Group([mx.sym.random.uniform(shape=(3,)), mx.sym.Dropout(mx.sym.random.normal(shape=(4,)))])
    e = drawn.bind(mx.cpu(), {})
    found["random"] = [plain(e.forward(is_train=True)), plain(e.forward(is_train=True)), plain(e.forward())]
    return found


def reshaping(mx):
    net = dense(mx)

    def reshape(**k):
        """The new executor's arrays, and the old one's after writes into the new."""
        e = filled(mx, net, x=(4, 3))
        new = e.reshape(**k)
        before = state(new)
        for table in (new.arg_dict, new.grad_dict, new.aux_dict):
            for array in table.values():
                array[:] = 9
        if k.get("allow_up_sizing"):  # what MXNet's new arrays hold is not set
            before = {name: [a[:3] for a in table.values()] for name, table in before.items() if name != "outputs"}
        return [before, state(e)]

    rows = {"x": (2, 3), "sm_label": (2,)}
    found = {
        "same": attempt(reshape, x=(4, 3)),
        "fewer rows": attempt(reshape, **rows),
        "x only": attempt(reshape, x=(2, 3)),
        "x only, partial": attempt(reshape, partial_shaping=True, x=(2, 3)),
        "more rows": attempt(reshape, x=(8, 3), sm_label=(8,)),
        "more rows, allowed": attempt(reshape, allow_up_sizing=True, x=(8, 3), sm_label=(8,)),
        "wider": attempt(reshape, x=(4, 5), allow_up_sizing=True),
        "wider, partial": attempt(reshape, partial_shaping=True, x=(4, 5)),
        "wider, partial, allowed": attempt(reshape, partial_shaping=True, allow_up_sizing=True, x=(4, 5)),
        "wider, named": attempt(reshape, allow_up_sizing=True, x=(4, 5), fc_weight=(2, 5)),
        "narrower, partial": attempt(reshape, partial_shaping=True, x=(4, 2)),
        "nothing": attempt(reshape),
        "nothing, partial": attempt(reshape, partial_shaping=True),
        "a stranger": attempt(reshape, more=(4, 3)),
        "list": attempt(reshape, x=[2, 3]),
        "conflict": attempt(reshape, fc_weight=(2, 7), **rows),
        "label only": attempt(reshape, sm_label=(2,)),
    }
    norm = mx.sym.BatchNorm(mx.sym.var("x"), name="bn")

    def states(**k):
        new = norm.simple_bind(mx.cpu(), x=(4, 3)).reshape(**k)
        return [list(a.shape) for a in new.arg_arrays + new.aux_arrays]

    found["states"] = [
        attempt(states, x=(2, 3)), attempt(states, x=(4, 2)), attempt(states, x=(4, 2), partial_shaping=True),
        attempt(states, x=(4, 2), bn_gamma=(2,), bn_beta=(2,)),
        attempt(states, x=(4, 5), partial_shaping=True, allow_up_sizing=True),
    ]  # fmt: skip

    def alternately():
        """Both executors run, each with its own shapes, on the same weights."""
        plain_net = mx.sym.SoftmaxOutput(linear(mx), name="sm")
        # MXNet leaves the label's gradient as it was
        e = filled(mx, plain_net, grad_req=dict.fromkeys("xwb", "write"), x=(4, 3))
        new = e.reshape(**rows)
        seen = []
        for which in (new, e, new):
            which.forward(is_train=True, x=mx.nd.array(np.arange(which.arg_dict["x"].size).reshape(-1, 3)))
            which.backward()
            which.arg_dict["w"][:] -= 0.1 * which.grad_dict["w"]
            mx.nd.waitall()
            seen.append([plain(which.outputs[0]), state(which)])
        return [seen, state(e)]

    def bare():
        """Made by bind, some gradients, which add up."""
        nd = mx.nd
        args = {"x": nd.ones((4, 3)), "w": nd.ones((2, 3)), "b": nd.ones(2)}
        e = linear(mx).bind(mx.cpu(), args, {"w": nd.zeros((2, 3))}, "add")
        new = e.reshape(x=(2, 3))
        for _ in range(2):
            new.forward(is_train=True)
            new.backward(nd.ones((2, 2)))
        return [arrays(e.grad_dict), linear(mx).bind(mx.cpu(), args).reshape(x=(2, 3)).grad_arrays]

    found["alternately"] = attempt(alternately)
    found["bare"] = attempt(bare)
    return found


def copying(mx):
    nd = mx.nd

    def copied(*a, **k):
        e = filled(mx, dense(mx), x=(4, 3))
        result = e.copy_params_from(*a, **k)
        return [result, state(e)]

    weight = nd.ones((2, 3)) * 9
    return {
        "arguments": attempt(copied, {"fc_weight": weight}),
        "both": attempt(copied, {"fc_weight": weight}, {"bn_moving_mean": nd.ones(2) * 3}),
        "stranger": attempt(copied, {"more": weight}),
        "strange state": attempt(copied, {}, {"more": weight}),
        "state as argument": attempt(copied, {"bn_moving_mean": nd.ones(2)}),
        "strangers allowed": attempt(copied, {"more": weight}, {"more": weight}, allow_extra_params=True),
        "other shape": attempt(copied, {"fc_weight": nd.ones((2, 4))}),
        "one row": attempt(copied, {"fc_weight": nd.ones((1, 3))}),
        "other dtype": attempt(copied, {"fc_weight": weight.astype("float64")}),
        "no dict": attempt(copied, [weight]),
        "nothing": attempt(copied, None),
    }


# ---------------------------------------------------------------------------------------------- monitors
def text(name):
    return name.decode() if isinstance(name, bytes) else name


def watched(mx, e, monitor_all, is_train):
    seen = []
    e.set_monitor_callback(lambda name, array: seen.append(text(name)), monitor_all)
    e.forward(is_train=is_train)
    mx.nd.waitall()
    return seen


def operator_names(mx, op, case):
    """Names in a graph of one operator N, whose inputs are variables."""
    given, _ = spec.arrays_of(case, case.get("dtypes", ["float32"])[0])
    inputs = [mx.nd.array(a, dtype=a.dtype) for a in given if a is not None]
    symbol = find(mx, op)(*[mx.sym.var("v%d" % i) for i in range(len(inputs))], name="N", **case.get("attrs", {}))
    named = {"v%d" % i: a for i, a in enumerate(inputs)}
    if set(symbol.list_inputs()) != set(named):
        return None
    e = symbol.bind(mx.cpu(), {k: named[k] for k in symbol.list_arguments()},
                    aux_states={k: named[k] for k in symbol.list_auxiliary_states()})  # fmt: skip
    return watched(mx, e, True, True)


# Helpers of optimizers, and operators that MXNet can hardly bind. Of these quantized ones it has oneDNN's kernels only:
# without them batch_norm and concat end the process, the others are refused.
LEFT_OUT = (
    "CTCLoss",
    "_contrib_quantized_batch_norm",
    "_contrib_quantized_concat",
    "_contrib_quantized_elemwise_add",
    "_contrib_quantized_fully_connected",
    "_contrib_quantized_pooling",
    "_shuffle",
    "all_finite",
    "fill_element_0index",
    "khatri_rao",
    "multi_all_finite",
    "multi_sum_sq",
)


def monitors(mx):
    sym = mx.sym
    x = sym.var("x")
    net = sym.Activation(sym.Convolution(x, kernel=(3, 3), num_filter=2, name="c"), act_type="relu", name="a")
    net = sym.Flatten(sym.Dropout(sym.Pooling(net, kernel=(2, 2), name="p"), name="d"), name="f")
    conv = sym.SoftmaxOutput(sym.FullyConnected(net * 2, num_hidden=3, name="fc"), name="sm")
    found = {}
    for name, symbol, shape in (("dense", dense(mx), (4, 3)), ("conv", conv, (2, 1, 6, 6)), ("twice", x * x + x, (2,))):
        for monitor_all in (False, True):
            for is_train in (False, True):
                e = symbol.simple_bind(mx.cpu(), x=shape)
                found["%s all=%s train=%s" % (name, monitor_all, is_train)] = watched(mx, e, monitor_all, is_train)
    e = dense(mx).simple_bind(mx.cpu(), x=(4, 3))
    first = []
    e.set_monitor_callback(lambda name, array: first.append(text(name)))
    found["the last one counts"] = [watched(mx, e, False, True), first]
    e = linear(mx).simple_bind(mx.cpu(), x=(4, 3))
    seen = []
    e.set_monitor_callback(lambda name, array: seen.append(text(name)), True)
    e.reshape(x=(2, 3)).forward()
    mx.nd.waitall()
    found["after reshape"] = seen
    for op, case in sorted(cases().items()):
        if op in LEFT_OUT or "update" in op or op.startswith("_linalg") or not any(spec.inputs_of(case)):
            continue
        found["operator " + op] = operator_names(mx, op, case)
    return found


def evaluation(mx):
    """``Symbol.eval`` and what is not there."""
    nd = mx.nd
    x, y = mx.sym.var("x"), mx.sym.var("y")
    return {
        "eval": attempt((x * 2).eval, x=nd.ones(2)),
        "eval group": attempt(mx.sym.Group([x * y, x + 1]).eval, x=nd.ones(2), y=nd.ones(2) * 3),
        "eval missing": attempt((x * y).eval, x=nd.ones(2)),
        "eval with more": attempt((x * 2).eval, x=nd.ones(2), more=nd.ones(2)),
        "eval elsewhere": attempt(lambda: str((x * 2).eval(ctx=mx.cpu(1), x=nd.ones(2, mx.cpu(1)))[0].context)),
        "eval numpy": attempt((x * 2).eval, x=np.ones(2)),
        "eval shapes": attempt((x + y).eval, x=nd.ones(2), y=nd.ones(3)),
        "eval dropout": attempt(mx.sym.Dropout(x).eval, x=nd.ones(4)),
        "grad": attempt(lambda: (x * 2).grad(["x"]))["raises"],
        "_bind": [hasattr(x, n) for n in ("bind", "simple_bind", "_bind", "_simple_bind", "grad")],
        "module": [mx.executor.Executor.__name__, type((x * 2).simple_bind(mx.cpu(), x=(2,))) is mx.executor.Executor],
    }


SCENARIOS = (forwards, backwards, heads, states, reshaping, copying, monitors, evaluation)


def results(mx):
    return by_scenario(mx, SCENARIOS)


if __name__ == "__main__":
    import mxnet

    write("executor_running", results(mxnet))
