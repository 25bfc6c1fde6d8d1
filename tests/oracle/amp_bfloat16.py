"""Writes tests/golden/amp_bfloat16.json: mixed precision in bfloat16, which MXNet computes on a CPU.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.amp_bfloat16
"""

import numpy as np

from tests.oracle.amp_common import attempt, casts_of_operators, dtype_of, turned_on
from tests.oracle.gluon_common import check_complete, collect
from tests.oracle.scenario import write


def operators(mx, put):
    put("casts", casts_of_operators(mx))


def arrays(mx, put):
    nd = mx.nd
    ones = nd.ones((2, 2))
    low = nd.amp_cast(ones, dtype=mx.contrib.amp.amp.bfloat16)
    for name, x in (("bfloat16", low), ("float32", ones), ("float64", ones.astype("float64"))):
        functions = {
            "exp": nd.exp, "sqrt": nd.sqrt, "square": nd.square, "double": lambda x: x * 2, "sum": lambda x: x.sum(),
            "dense layer": lambda x: nd.FullyConnected(x, x, no_bias=True, num_hidden=2), "relu": nd.relu,
            "reshape": lambda x: nd.Reshape(x, shape=(-1,)), "softmax": nd.softmax, "tanh": nd.tanh,
        }  # fmt: skip
        for function in sorted(functions):
            put("%s of %s" % (function, name), attempt(lambda f=function: dtype_of(functions[f](x))))
    for name, function in (("add", lambda a, b: a + b), ("stack", nd.stack), ("broadcast_mul", nd.broadcast_mul)):
        for a, b in ((low, ones), (ones, low), (low, low), (ones, ones)):
            put("%s of %s and %s" % (name, dtype_of(a), dtype_of(b)), attempt(lambda: dtype_of(function(a, b))))


def make_net(mx, **kwargs):
    nn = mx.gluon.nn
    net = nn.HybridSequential(prefix="n_", **kwargs)
    with net.name_scope():
        net.add(nn.Dense(8, in_units=4), nn.BatchNorm(in_channels=8), nn.Activation("relu"))
        net.add(nn.Dense(3, in_units=8))
    net.initialize()
    random = np.random.RandomState(3)
    for _, param in sorted(net.collect_params("(?!.*running).*").items()):
        param.set_data(mx.nd.array(random.uniform(-1, 1, param.shape)))
    return net


def batch(mx):
    random = np.random.RandomState(5)
    return mx.nd.array(random.uniform(-1, 1, (16, 4))), mx.nd.array(random.randint(0, 3, 16).astype("float32"))


def training(mx, put):
    """Ten steps of a small net, as it is and hybridized."""
    amp = mx.contrib.amp
    for hybridize in (False, True):
        net, (x, y) = make_net(mx), batch(mx)
        if hybridize:
            net.hybridize()
        trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9})
        amp.init_trainer(trainer)
        loss_of = mx.gluon.loss.SoftmaxCrossEntropyLoss()
        losses = []
        for _ in range(10):
            with mx.autograd.record():
                out = net(x)
                loss = loss_of(out, y)
                with amp.scale_loss(loss, trainer) as scaled:
                    scaled.backward()
            trainer.step(16)
            losses.append(float(loss.mean().asscalar()))
        note = " hybridized" if hybridize else ""
        put("dtypes" + note, [dtype_of(out), dtype_of(loss), dtype_of(scaled)])
        put(
            "gradients' dtypes" + note,
            {k: dtype_of(p.grad()) for k, p in net.collect_params("(?!.*running).*").items()},
        )
        put("parameters' dtypes" + note, {k: dtype_of(p.data()) for k, p in net.collect_params().items()})
        put("losses" + note, losses)


def traced(mx, put, when):
    """A net that is traced before init, and one after."""
    net, (x, _) = make_net(mx), batch(mx)
    net.hybridize()
    put("dtype of a net traced %s init" % when, dtype_of(net(x)))
    if when == "before":
        kept.append(net)
    else:
        put("the first net", dtype_of(kept.pop()(x)))


kept = []


def before(mx, put):
    traced(mx, put, "before")


def after(mx, put):
    traced(mx, put, "after")


PARTS = [operators, arrays, training, after]


def results(mx):
    import importlib

    importlib.import_module(mx.__name__ + ".contrib.amp")
    found = collect(mx, [before])
    with turned_on(mx, "bfloat16"):
        found.update(collect(mx, PARTS))
    return found


if __name__ == "__main__":
    import mxnet

    write("amp_bfloat16", check_complete(results(mxnet)))
