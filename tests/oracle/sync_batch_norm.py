"""Writes tests/golden/sync_batch_norm.json: MXNet's SyncBatchNorm on two contexts, and BatchNorm of the whole batch.

MXNet's devices wait for each other for ever in most nets on a CPU, so that only single layers run there; a net on
several contexts must give what the same net with BatchNorm gives for all batches in one.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.sync_batch_norm
"""

import itertools
import os

# several devices' operators must not become one
os.environ.setdefault("MXNET_EXEC_BULK_EXEC_TRAIN", "0")
import numpy as np

from tests.oracle.scenario import plain, write

NUMBERS = itertools.count()
SETTINGS = {"plain": {}, "no scale": {"scale": False, "epsilon": 0.1}, "no center": {"center": False, "momentum": 0.5}}
DATA, LABELS, STEPS = (6, 2, 4, 5), (6, 2), 3


def values(*shape):
    return np.random.RandomState(sum(shape)).standard_normal(shape).astype("float32")


def network(mx, norm, **settings):
    """A net with two layers of that kind; Parameters from a formula."""
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(nn.Conv2D(3, 3, padding=1, in_channels=2), norm(in_channels=3, **settings), nn.Activation("relu"))
    net.add(nn.Conv2D(2, 1, in_channels=3), norm(in_channels=2), nn.GlobalAvgPool2D(), nn.Flatten())
    net.add(nn.Dense(2, in_units=2))
    return net


def start(mx, net, contexts):
    """Gives the net's Parameters known values."""
    net.initialize(ctx=contexts)
    for i, param in enumerate(net.collect_params().values()):
        if not param.name.endswith(("mean", "var")):
            param.set_data(mx.nd.array(0.5 * values(i + 1, *param.shape)[0] + param.name.endswith("gamma")))


def loss_of(mx, net, x, y):
    return ((net(x) - y) ** 2).sum(axis=1)


def whole(mx, norm, settings):
    """The net on one context: results, gradients, states; and its losses while it is trained."""
    net = network(mx, norm, **settings)
    start(mx, net, [mx.cpu()])
    x, y = mx.nd.array(values(*DATA)), mx.nd.array(values(*LABELS))
    x.attach_grad()
    with mx.autograd.record():
        losses = loss_of(mx, net, x, y)
    losses.backward()
    mx.nd.waitall()
    params = net.collect_params().values()
    found = {
        "losses": losses, "x": x.grad, "grads": [p.grad() for p in params if p.grad_req != "null"],
        "states": [p.data() for p in params if p.grad_req == "null"],
    }  # fmt: skip
    found = plain(found)
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9})
    found["trained"] = []
    for _ in range(STEPS):
        with mx.autograd.record():
            losses = loss_of(mx, net, x, y)
        losses.backward()
        trainer.step(DATA[0])
        found["trained"].append(plain(losses))
    found["predicted"] = plain(net(x))
    return found


def single(mx, settings, at_once):
    """One SyncBatchNorm on two contexts, batches of one length: MXNet takes the mean of the devices' means."""
    contexts = [mx.cpu(0), mx.cpu(1)]
    # MXNet keeps state under the prefix, so that each layer has one of its own.
    net = mx.gluon.contrib.nn.SyncBatchNorm(
        in_channels=2, num_devices=2, prefix="sync%d_" % next(NUMBERS), **settings
    )  # fmt: skip
    start(mx, net, contexts)
    xs = mx.gluon.utils.split_and_load(values(*DATA), contexts)
    heads = mx.gluon.utils.split_and_load(values(*DATA[::-1]).T, contexts)
    for x in xs:
        x.attach_grad()
    with mx.autograd.record():
        outs = [net(x) for x in xs]
    if at_once:
        mx.autograd.backward(outs, heads)
    else:
        for out, head in zip(outs, heads):
            out.backward(head)
    mx.nd.waitall()
    params = net.collect_params().values()
    return plain([
        [out.asnumpy() for out in outs], [x.grad.asnumpy() for x in xs],
        [[a.asnumpy() for a in p.list_data()] for p in params],
        [[a.asnumpy() for a in p.list_grad()] for p in params if p.grad_req != "null"],
    ])  # fmt: skip


def results(mx):
    found = {}
    for name, settings in SETTINGS.items():
        found["whole: " + name] = whole(mx, mx.gluon.nn.BatchNorm, settings)
        for at_once in (True, False):
            found["single: %s, %s" % (name, at_once)] = single(mx, settings, at_once)
    found["single: global"] = single(mx, {"use_global_stats": True}, True)
    return found


if __name__ == "__main__":
    import mxnet

    write("sync_batch_norm", results(mxnet))
