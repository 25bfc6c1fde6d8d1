"""Writes tests/golden/kvstore_dist.json: MXNet's KVStore and Trainer over two processes, with a server and a scheduler.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.kvstore_dist
"""

import json
import os
import subprocess
import sys
import tempfile

import numpy as np

from tests.oracle import svrg
from tests.oracle.gluon_common import attempt, kind
from tests.oracle.gluon_sparse import stored
from tests.oracle.scenario import plain, write


def values(mx, put, store="dist_sync"):
    nd, kv = mx.nd, mx.kv.create(store)
    mine = kv.rank + 1

    def value(key, shape=3):
        out = nd.zeros(shape)
        kv.pull(key, out=out)
        return out

    put("made", [kv.type, kv.num_workers, kv.rank in (0, 1), kv.is_capable("optimizer"), attempt(kv._barrier)])
    kv.init("a", nd.ones(3) * mine)
    put("init", value("a"))
    kv.push("a", nd.ones(3) * mine)
    put("push", value("a"))
    kv.push("a", [nd.ones(3) * mine, nd.ones(3, ctx=mx.cpu(1)) * 10])
    put("push of two contexts", value("a"))
    outs = [nd.zeros(3, ctx=mx.cpu(i)) for i in range(2)]
    kv.pull("a", out=outs)
    put("pull into two contexts", [[o, str(o.context)] for o in outs])
    gradient, out = nd.ones(3) * (mine + 4), nd.zeros(3)
    kv.pushpull("a", gradient, out=out)
    put("pushpull", [out, value("a")])
    gradient = nd.ones(3) * mine
    kv.pushpull("a", gradient)
    put("pushpull in place", [gradient, value("a")])
    kv.broadcast("b", nd.ones(3) * (mine + 6), out=out)
    put("broadcast", [out, value("b")])
    put("init again", kind(kv.init, "a", nd.ones(3)))
    put("push of an unknown key", kind(kv.push, "z", nd.ones(3)))
    kv.init(["x", "y"], [nd.ones(3) * mine] * 2)
    kv.push(["x", "y"], [nd.ones(3) * mine, nd.ones(3) * mine * 10])
    put("lists", [value("x"), value("y")])
    kv.init("f", nd.zeros((2, 2), dtype="float64"))
    kv.push("f", nd.ones((2, 2), dtype="float64") * mine)
    out = nd.zeros((2, 2), dtype="float64")
    kv.pull("f", out=out)
    put("float64", out)


def updating(mx, put):
    nd, kv = mx.nd, mx.kv.create("dist_sync")
    mine = kv.rank + 1
    kv.init("o", nd.ones(3))
    table = nd.sparse.row_sparse_array(nd.arange(1, 9).reshape((4, 2)), shape=(4, 2))
    kv.init("s", table)
    out = nd.sparse.zeros("row_sparse", (4, 2))
    kv.row_sparse_pull("s", out=out, row_ids=nd.array([0, 2]))
    put("rows", stored(out))
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.1, momentum=0.9, wd=0.1))
    for _ in range(3):
        kv.push("o", [nd.ones(3) * mine, nd.ones(3, ctx=mx.cpu(1))])
        rows, ids = ([[1, 1], [2, 2]], [0, 2]) if mine == 1 else ([[5, 5], [6, 6]], [2, 3])
        kv.push("s", nd.sparse.row_sparse_array((rows, ids), shape=(4, 2), dtype="float32"))
    dense = nd.zeros(3)
    kv.pull("o", out=dense)
    put("optimizer", dense)
    kv.row_sparse_pull("s", out=out, row_ids=nd.arange(4))
    put("rows, updated", stored(out))
    kv.pushpull("o", nd.ones(3) * mine, out=dense)
    put("pushpull with an optimizer", dense)


def compressing(mx, put, store="dist_sync"):
    nd, kv = mx.nd, mx.kv.create(store)
    mine = kv.rank + 1
    kv.set_gradient_compression({"type": "2bit", "threshold": 0.5})
    kv.init("c", nd.zeros(5))
    kv.init("i", nd.ones(5) * 0.3)
    out = nd.zeros(5)
    kv.pull("i", out=out)
    put("init is not compressed", out)
    seen = []
    for i in range(6):
        gradient = [nd.array([0.3, 0.5, -0.7, 1.3, 0.2 * mine], ctx=mx.cpu(c)) for c in range(1 + i // 4)]
        kv.push("c", gradient)
        kv.pull("c", out=out)
        seen.append(out.asnumpy())
    put("pushed", seen)


def compressing_on_devices(mx, put):
    compressing(mx, put, "dist_device_sync")


def values_on_devices(mx, put):
    values(mx, put, "dist_device_sync")


def training(mx, put, contexts=1, store="dist_sync", optimizer="sgd", **options):
    contexts = [mx.cpu(i) for i in range(contexts)]
    net = mx.gluon.nn.Dense(2, in_units=3, prefix="net_")
    net.initialize(mx.init.One(), ctx=contexts)
    settings = {"learning_rate": 0.1, "momentum": 0.9, "wd": 0.01} if optimizer == "sgd" else {"learning_rate": 0.02}
    kv = mx.kv.create(store)
    trainer = mx.gluon.Trainer(net.collect_params(), optimizer, settings, kvstore=kv, **options)
    for step in range(3):
        x = np.random.RandomState(10 * kv.rank + step).uniform(-1, 1, (4, 3))
        with mx.autograd.record():
            losses = [(net(part) ** 2).sum() for part in mx.gluon.utils.split_and_load(mx.nd.array(x), contexts)]
        mx.autograd.backward(losses)
        trainer.step(8)
    put("trained", [net.weight.data(contexts[-1]), net.bias.data(contexts[0])])
    put("where", [trainer._update_on_kvstore, trainer._distributed, trainer._kvstore.type])
    put("allreduce_grads", attempt(trainer.allreduce_grads))
    put("another batch_size", attempt(trainer.step, 4) if trainer._update_on_kvstore else None)


def training_adam(mx, put):
    training(mx, put, optimizer="adam")


def training_here(mx, put):
    training(mx, put, update_on_kvstore=False)


def training_on_two(mx, put):
    training(mx, put, contexts=2, store="dist_device_sync")


def training_rows(mx, put):
    net = mx.gluon.nn.Embedding(4, 2, sparse_grad=True, prefix="net_")
    net.initialize(mx.init.One())
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", kvstore="dist_sync", update_on_kvstore=False)
    with mx.autograd.record():
        loss = net(mx.nd.array([0, 1])).sum()
    loss.backward()
    put("refused", attempt(trainer.step, 1))


def variance_reduced(mx, put):
    """SVRG: MXNet's servers fail to load its optimizer, and leave the sum of the gradients in the weights."""
    kv = mx.kv.create("dist_sync")
    rows = slice(6 * kv.rank, 6 * kv.rank + 6)
    data = mx.io.NDArrayIter(svrg.DATA[rows], svrg.LABEL[rows], batch_size=3, label_name="y")
    module = svrg.made(mx)
    module.bind(data.provide_data, data.provide_label)
    module.init_params(mx.init.Zero())  # MXNet takes the first gradients at 0
    module.init_optimizer(kv, "sgd", {"learning_rate": 0.1})
    module.update_full_grads(data)
    put("full gradient", module._param_dict[0])
    data.reset()
    module.forward_backward(next(data))
    module.update()
    put("weights after a step", module.get_params()[0])


PARTS = [values, values_on_devices, updating, compressing, compressing_on_devices, training, training_adam,
         training_here, training_on_two, training_rows, variance_reduced]  # fmt: skip


def worker(mx, part):
    """{name: result} of one process of two."""
    found = {}
    part(mx, lambda name, value: found.update({"%s: %s" % (part.__name__, name): plain(value)}))
    return found


def launch(part, port):
    """What both workers found: the same."""
    with tempfile.TemporaryDirectory() as folder:
        shared = dict(os.environ, DMLC_PS_ROOT_URI="127.0.0.1", DMLC_PS_ROOT_PORT=str(port), DMLC_NUM_WORKER="2",
                      DMLC_NUM_SERVER="1")  # fmt: skip
        started = []
        for i, role in enumerate(["scheduler", "server", "worker", "worker"]):
            command = [sys.executable, "-m", "tests.oracle.kvstore_dist", part, os.path.join(folder, str(i))]
            started.append(subprocess.Popen(command, env=dict(shared, DMLC_ROLE=role), stderr=subprocess.DEVNULL))
        for process in started[2:] + started[:2]:
            process.wait(60)
        both = []
        for i in (2, 3):
            with open(os.path.join(folder, str(i))) as file:
                both.append(json.load(file))
    assert both[0] == both[1], both
    return both[0]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        import mxnet  # a server or scheduler stays here

        with open(sys.argv[2], "w") as out:
            json.dump(worker(mxnet, globals()[sys.argv[1]]), out)
    else:
        results = {}
        for number, one in enumerate(PARTS):
            results.update(launch(one.__name__, 9400 + number))
        write("kvstore_dist", results)
