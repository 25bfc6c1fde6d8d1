"""Writes tests/golden/amp_float16.json: mixed precision in float16: casts, Trainers, scaled losses.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.amp_float16
"""

import numpy as np

from tests.oracle.amp_common import attempt, casts_of_operators, compact, dtype_of, logged, nodes
from tests.oracle.gluon_common import check_complete, collect, kind
from tests.oracle.gluon_surface import called
from tests.oracle.scenario import write
from tests.oracle.symbol_graphs import one_line


def before(mx, put):
    from_module = mx.contrib.amp
    p = mx.gluon.Parameter("p", shape=(2,))
    p.initialize()
    trainer = mx.gluon.Trainer([p], "sgd")
    put("init_trainer", attempt(from_module.init_trainer, trainer))
    put("init_trainer with an optimizer", attempt(from_module.init_trainer, mx.optimizer.SGD()))
    put("scale_loss", kind(lambda: from_module.scale_loss(mx.nd.ones(2), trainer).__enter__()))
    put("unscale", attempt(from_module.unscale, trainer))
    put("unscale an optimizer", attempt(from_module.unscale, mx.optimizer.SGD()))
    put("unscale a number", attempt(from_module.unscale, 3))
    for dtype in ("float32", "nothing", None, np.float32):
        put("init %s" % dtype, attempt(from_module.init, dtype))
    put("off", [from_module.amp._amp_initialized, hasattr(trainer, "_amp_loss_scaler")])
    with logged() as lines:
        from_module.init(target_precision_ops=None)
        from_module.init("bfloat16")
    put("log", lines)
    put("on", from_module.amp._amp_initialized)


def lists(mx, put):
    amp = mx.contrib.amp
    for name in sorted(n for n in dir(amp) if n.startswith("list_")):
        found = [attempt(getattr(amp, name), d) for d in ("float16", np.float16, amp.amp.bfloat16, "float32", None, 3)]
        put(name, [x if isinstance(x, dict) and "raises" in x else len(x) if x is not None else x for x in found])
    for module in (amp.lists.symbol_fp16, amp.lists.symbol_bf16):
        for name in sorted(n for n in dir(module) if n.isupper()):
            put("%s.%s" % (module.__name__.rpartition(".")[2], name), getattr(module, name))
    public = ("convert_bucketing_module", *amp.amp.__all__)
    put("called", {n: called(getattr(amp.amp, n)) for n in sorted(public) if callable(getattr(amp.amp, n))})
    scaler = amp.loss_scaler.LossScaler
    put("LossScaler", {n: called(v) for n, v in sorted(vars(scaler).items()) if not n.startswith("_")})
    put("in the package", [n for n in sorted(dir(amp)) if n in public or n in ("amp", "lists", "loss_scaler")])
    put("the same list", amp.list_fp32_ops("float16") is amp.lists.symbol_fp16.FP32_FUNCS)


def operators(mx, put):
    put("casts", casts_of_operators(mx))


def graphs(mx, put):
    x, y = mx.sym.var("x"), mx.sym.var("y")
    parts = mx.sym.split(x, num_outputs=2)
    made = {
        "names": lambda: mx.sym.FullyConnected(mx.sym.exp(x), num_hidden=3),
        "named": lambda: mx.sym.FullyConnected(x, y, num_hidden=3, no_bias=True, name="fc"),
        "no input": lambda: mx.sym.exp(),
        "arithmetic": lambda: (x + y) * 2 + 2 / x,
        "power": lambda: (2**x) ** y,
        "comparisons": lambda: (x == y) * (x > 2),
        "methods": lambda: x.exp().softmax().mean(),
        "part": lambda: mx.sym.FullyConnected(parts[1], num_hidden=2),
        "parts": lambda: mx.sym.add_n(*parts),
        "parts as one": lambda: mx.sym.concat(*parts, name="cc"),
        "three": lambda: mx.sym.add_n(x, y, x),
        "one": lambda: mx.sym.contrib.box_nms(x),
        "keywords": lambda: mx.sym.Concat(arg0=x, arg1=y, dim=1),
        "condition met": lambda: mx.sym.Activation(x, act_type="softrelu"),
        "condition not met": lambda: mx.sym.Activation(x, act_type="relu"),
        "condition by default": lambda: mx.sym.LeakyReLU(x),
        "loop": lambda: mx.sym.contrib.foreach(lambda d, s: (mx.sym.exp(d) + s, s), x, y)[0],
        "linalg": lambda: mx.sym.linalg.gemm2(x, y),
        "maximum": lambda: mx.sym.maximum(x, y) + mx.sym.maximum(x, 2),
        "hypot": lambda: mx.sym.hypot(x, y),
    }
    for name in sorted(made):
        put(name, attempt(lambda name=name: one_line(made[name]().tojson(remove_amp_cast=False))))
    with mx.AttrScope(ctx_group="g"), mx.name.Prefix("pre_"):
        put("scopes", one_line(mx.sym.FullyConnected(x, num_hidden=2).tojson(remove_amp_cast=False)))
    put("states", compact(mx.sym.contrib.SyncBatchNorm(x, key="a", name="s")))
    with logged() as lines:
        made = mx.sym.SoftmaxOutput(x, y, name="s")
    put("loss", [compact(made), lines])
    put("removed", [n["op"] for n in nodes(mx.sym.load_json(mx.sym.exp(x).tojson()))])
    put("types", mx.sym.FullyConnected(x, num_hidden=2).infer_type(x="float32")[1])
    put("types of a softmax", mx.sym.softmax(mx.sym.FullyConnected(x, num_hidden=2)).infer_type(x="float32")[1])


def arrays(mx, put):
    nd = mx.nd
    kinds = {d: nd.ones((2, 2)).astype(d) for d in ("float16", "float32", "float64", "int32")}
    kinds["bfloat16"] = nd.amp_cast(nd.ones((2, 2)), dtype=mx.contrib.amp.amp.bfloat16)

    def all_dtypes(function):
        return attempt(lambda: [dtype_of(a) for a in [function()]])

    functions = {
        "exp": nd.exp, "sqrt": nd.sqrt, "softmax": nd.softmax, "square": nd.square, "relu": nd.relu,
        "double": lambda x: x * 2, "power": lambda x: x**2, "divide": lambda x: 2 / x, "sum": lambda x: x.sum(),
        "norm": lambda x: x.norm(), "mean": lambda x: nd.mean(x), "log": lambda x: x.log(),
        "softrelu": lambda x: nd.Activation(x, act_type="softrelu"), "act": lambda x: nd.Activation(x, act_type="relu"),
        "elu": lambda x: nd.LeakyReLU(x, act_type="elu"), "argmax": lambda x: nd.argmax(x, axis=1),
        "layer norm": lambda x: nd.LayerNorm(x, nd.ones(2).astype(x.dtype), nd.ones(2).astype(x.dtype)),
    }  # fmt: skip
    for name in sorted(functions):
        # float16 on a CPU stays as it is in MXNet, in calls but not in graphs
        for dtype in ("bfloat16", "float32", "float64"):
            if not (dtype == "bfloat16" and name in ("layer norm", "argmax")):
                put("%s of %s" % (name, dtype), all_dtypes(lambda n=name, d=dtype: functions[n](kinds[d])))
    for dtype in ("bfloat16", "float32", "float64"):
        put("dense layer of %s" % dtype, all_dtypes(
            lambda d=dtype: nd.FullyConnected(kinds[d], kinds[d], no_bias=True, num_hidden=2)
        ))  # fmt: skip
    pairs = {
        "add": lambda a, b: a + b, "broadcast_mul": nd.broadcast_mul, "elemwise_add": nd.elemwise_add,
        "concat": lambda a, b: nd.concat(a, b, dim=0), "stack": nd.stack, "dot": nd.dot, "maximum": nd.maximum,
        "where": lambda a, b: nd.where(a, x=b, y=a), "equal": lambda a, b: a == b, "add_n": nd.add_n,
    }  # fmt: skip
    for name in sorted(pairs):
        for a, b in (("float16", "float32"), ("float32", "float16"), ("float32", "float32"), ("float16", "float16"),
                     ("float64", "float64"), ("float32", "float64"), ("float32", "int32")):  # fmt: skip
            if not (name == "dot" and a == "float16"):
                put("%s of %s and %s" % (name, a, b), kind(lambda n=name, a=a, b=b: [
                    dtype_of(x) for x in [pairs[n](kinds[a], kinds[b])]
                ]))  # fmt: skip

    def into():
        x = kinds["float32"].copy()
        x += kinds["float16"]
        return dtype_of(x)

    put("in place", attempt(into))


def losses(mx, put):
    """Loss layers, before there is a Trainer and after."""
    data, label = mx.nd.array([[1.0, 2, 3], [3, 2, 1]]), mx.nd.array([0.0, 1])
    data.attach_grad()

    def gradient(function, *args, **kwargs):
        with mx.autograd.record():
            out = function(*args, **kwargs)
        out.backward()
        return data.grad.asnumpy()

    def all_of(note):
        put("SoftmaxOutput " + note, gradient(mx.nd.SoftmaxOutput, data, label))
        put("SoftmaxOutput with grad_scale " + note, gradient(mx.nd.SoftmaxOutput, data, label, grad_scale=2.0))
        put("LinearRegressionOutput " + note, gradient(mx.nd.LinearRegressionOutput, data, data * 2))
        put("MakeLoss " + note, gradient(mx.nd.MakeLoss, data))

    all_of("before")
    first, _ = trainer_of(mx)
    first._amp_loss_scaler._loss_scale = 4.0
    all_of("with the first Trainer's scale")
    second, _ = trainer_of(mx)
    second._amp_loss_scaler._loss_scale = 8.0
    all_of("with a second Trainer")
    put(
        "scalers",
        [first._amp_loss_scaler is mx.contrib.amp.amp._loss_scaler, first._amp_loss_scaler is second._amp_loss_scaler],
    )


def trainer_of(mx, ctx=None, optimizer="sgd", rescale=1.0, **kwargs):
    p = mx.gluon.Parameter("p", shape=(2,))
    p.initialize(mx.init.One(), ctx=ctx or mx.cpu())
    trainer = mx.gluon.Trainer([p], optimizer, {"learning_rate": 0.5, "rescale_grad": rescale}, **kwargs)
    mx.contrib.amp.init_trainer(trainer)
    return trainer, p


def training(mx, put):
    amp = mx.contrib.amp
    trainer, p = trainer_of(mx)
    scaler = trainer._amp_loss_scaler
    put("attributes", [vars(scaler), trainer._amp_original_scale, type(scaler).__name__])
    x = mx.nd.ones(2)

    def step(name, factor=1.0, batch_size=1, unscale=False):
        with mx.autograd.record():
            loss = (p.data() * x).sum()
            with amp.scale_loss(loss, trainer) as scaled:
                scaled.backward()
        p.grad()[:] = p.grad() * factor
        found = [scaled, trainer._scale, p.grad().copy()]
        with logged() as lines:
            if unscale:
                amp.unscale(trainer)
                found += [p.grad().copy(), trainer._scale]
            trainer.step(batch_size)
        found += [
            p.data().copy(),
            vars(trainer._amp_loss_scaler).copy(),
            trainer._scale,
            trainer._optimizer.rescale_grad,
        ]
        put(name, [*found, trainer._optimizer.num_update, lines])

    step("1")
    step("2, of two", batch_size=2)
    step("3, infinite", float("inf"))
    step("4, not a number", float("nan"))
    step("5, unscaled", unscale=True)
    step("6, infinite and unscaled", float("inf"), unscale=True)
    step("7")
    scaler._unskipped = 1998
    step("8")
    step("9, the last before the scale grows")
    step("10")
    scaler._loss_scale = scaler._next_loss_scale = 0.5
    step("11, infinite", float("inf"))
    step("12")
    scaler._loss_scale = scaler._next_loss_scale = 2.0**24
    scaler._unskipped = 1999
    step("13, the largest scale")
    step("14")
    amp.init_trainer(trainer)
    put("twice", [trainer._amp_loss_scaler is scaler, trainer._amp_original_scale])


def scaling(mx, put):
    amp = mx.contrib.amp
    trainer, p = trainer_of(mx, rescale=0.5)
    with mx.autograd.record():
        loss = p.data().sum()
        for losses in ([loss, loss * 2], (loss,)):
            with amp.scale_loss(losses, trainer) as scaled:
                put("%s of losses" % type(losses).__name__, [type(scaled).__name__, scaled, trainer._scale])
        with amp.scale_loss([loss, loss * 2], trainer) as scaled:
            mx.autograd.backward(scaled)
    put("gradient", p.grad().copy())
    amp.unscale(trainer)
    put("unscaled", [p.grad().copy(), trainer._scale])
    amp.unscale(trainer)
    put("unscaled again", [p.grad().copy(), trainer._scale])
    trainer.step(1)
    put("step", p.data())
    put("no Trainer", kind(lambda: amp.scale_loss(mx.nd.ones(2), 3).__enter__()))
    with mx.autograd.record(), amp.scale_loss(p.data().sum(), trainer) as scaled:
        scaled.backward()
    trainer.allreduce_grads()
    trainer.update(1)
    put("update", [p.data(), vars(trainer._amp_loss_scaler)])
    p = mx.gluon.Parameter("q", shape=(2,), grad_req="add")
    p.initialize(mx.init.One())
    trainer = mx.gluon.Trainer([p], "adam", {"learning_rate": 0.5})
    amp.init_trainer(trainer)
    for _ in range(3):
        with mx.autograd.record():
            loss = (p.data() ** 2).sum()
            with amp.scale_loss(loss, trainer) as scaled:
                scaled.backward()
    put("sum of three", p.grad())
    trainer.step(3)
    put("step from the sum", p.data())
    p.zero_grad()
    put("overflow", [trainer._amp_loss_scaler.has_overflow([p]), vars(trainer._amp_loss_scaler)])


def contexts(mx, put):
    amp = mx.contrib.amp
    for update in (None, True, False):
        trainer, p = trainer_of(mx, ctx=[mx.cpu(0), mx.cpu(1)], update_on_kvstore=update)
        for number, factor in enumerate((1.0, float("inf"), 1.0)):
            losses = []
            with mx.autograd.record():
                losses = [(p.data(c) * factor).sum() for c in (mx.cpu(0), mx.cpu(1))]
                with amp.scale_loss(losses, trainer) as scaled:
                    mx.autograd.backward(scaled)
            with logged() as lines:
                trainer.step(2)
            found = [p.list_data(), vars(trainer._amp_loss_scaler).copy(), lines]
            # a step that is to be skipped changes the weights in MXNet where the KVStore updates them
            put("update_on_kvstore=%s, step %d" % (update, number), found if update is False or not number else lines)


def nets(mx, put):
    nn = mx.gluon.nn

    class Net(mx.gluon.HybridBlock):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            with self.name_scope():
                self.conv = nn.Conv2D(3, 3, in_channels=1)
                self.norm = nn.BatchNorm(in_channels=3)
                self.out = nn.Dense(2, in_units=12)
                self.shift = self.params.get("shift", shape=(1, 2))

        def hybrid_forward(self, F, x, shift):  # noqa: N803
            y = F.Activation(self.norm(self.conv(x)), act_type="softrelu")
            return F.log_softmax(F.broadcast_add(self.out(y), shift) * 2)

    def exported(net, *inputs):
        net.initialize()
        net.hybridize()
        net(*inputs)
        return [one_line(net._cached_graph[1].tojson(remove_amp_cast=False)), sorted(net.collect_params())]

    put("convolution net", attempt(exported, Net(prefix="n_"), mx.nd.ones((1, 1, 4, 4))))
    put("LSTM", attempt(exported, mx.gluon.rnn.LSTM(3, 2, input_size=2, prefix="l_"), mx.nd.ones((2, 1, 2))))
    put("cell", attempt(
        lambda: [compact(s) for s in mx.gluon.rnn.GRUCell(2, input_size=2, prefix="c_")(
            mx.sym.var("x"), [mx.sym.var("s")])[1]]
    ))  # fmt: skip
    loss = mx.gluon.loss.SoftmaxCrossEntropyLoss(prefix="s_")
    put("loss", compact(loss(mx.sym.var("p"), mx.sym.var("l"))))
    put("loss of sigmoids", compact(mx.gluon.loss.SigmoidBCELoss(prefix="s_")(mx.sym.var("p"), mx.sym.var("l"))))


# Those that leave float16 layers behind come last: MXNet meets their failure at some later wait.
PARTS = [before, lists, operators, graphs, losses, training, scaling, contexts, nets, arrays]


def results(mx):
    import importlib

    importlib.import_module(mx.__name__ + ".contrib.amp")
    try:
        return collect(mx, PARTS)
    finally:
        if hasattr(mx.contrib.amp.amp, "_reset"):
            mx.contrib.amp.amp._reset()


if __name__ == "__main__":
    import os

    import mxnet

    write("amp_float16", check_complete(results(mxnet)))
    os._exit(0)  # MXNet's end waits for float16 layers, which a CPU has not
