"""Writes tests/golden/optimizer_files/: optimizer states that MXNet pickled, and in optimizer_files.json what training
goes on to with them.

Run from the repository's root with an interpreter that has mxnet==1.9.1:
    PYTHON -m tests.oracle.optimizer_files
"""

import os
import pickle

import numpy as np

from tests.oracle.gluon_common import check_complete, collect
from tests.oracle.scenario import GOLDEN, write

FOLDER = os.path.join(GOLDEN, "optimizer_files")


def sgd(mx):
    return mx.optimizer.SGD(momentum=0.9, lr_scheduler=mx.lr_scheduler.FactorScheduler(3, 0.5, base_lr=0.2))


def schedule(mx):
    return mx.lr_scheduler.MultiFactorScheduler(step=[2, 5], factor=0.5, base_lr=0.1, warmup_steps=2)


CASES = {
    "sgd": (sgd, "float32", "default"),
    "sgd_half": (lambda mx: mx.optimizer.SGD(momentum=0.9, multi_precision=True), "float16", "default"),
    "adam": (lambda mx: mx.optimizer.Adam(wd=0.1, param_idx2name={0: "a_weight", 1: "a_bias"}), "float32", "default"),
    "adam_sparse": (lambda mx: mx.optimizer.Adam(), "float32", "row_sparse"),
    "lamb_half": (lambda mx: mx.optimizer.LAMB(learning_rate=0.5, multi_precision=True), "float16", "default"),
    "nadam": (lambda mx: mx.optimizer.Nadam(learning_rate=0.1), "float64", "default"),
    "rmsprop": (lambda mx: mx.optimizer.RMSProp(centered=True, lr_scheduler=schedule(mx)), "float32", "default"),
    "lbsgd": (lambda mx: mx.optimizer.LBSGD(batch_scale=2, momentum=0.5, warmup_epochs=0), "float32", "default"),
    "lars": (lambda mx: mx.optimizer.LARS(momentum=0.5, eta=0.5), "float32", "default"),
    "numpy": (
        lambda mx: mx.optimizer.SGD(learning_rate=np.float32(0.25), momentum=np.float64(0.5)),
        "float32",
        "default",
    ),
}


class Run:
    """Two weights and an Updater."""

    def __init__(self, mx, name):
        make, self.dtype, self.stype = CASES[name]
        self.mx, self.random = mx, np.random.RandomState(5)
        self.updater = mx.optimizer.get_updater(make(mx))
        self.weights = [self.array().tostype(self.stype) for _ in range(2)]

    def array(self):
        return self.mx.nd.array(self.random.uniform(-1, 1, (2, 3)), dtype=self.dtype)

    def steps(self, count):
        for _ in range(count):
            grads = [self.array().tostype(self.stype) for _ in range(2)]
            for index, grad, weight in zip((0, "name"), grads, self.weights):
                self.updater(index, grad, weight)
        return self


def path(name):
    return os.path.join(FOLDER, name + ".states")


def content(name):
    with open(path(name), "rb") as file:
        return file.read()


def net(mx):
    made = mx.gluon.nn.Dense(2, in_units=3, prefix="net_")
    made.initialize(mx.init.One())
    return made


def train(mx, made, trainer, count):
    for i in range(count):
        with mx.autograd.record():
            loss = (made(mx.nd.array([[1.0, 2, i], [0.5, -1, 1]])) ** 2).sum()
        loss.backward()
        trainer.step(2)
    return [made.weight.data(), made.bias.data(), trainer.learning_rate, trainer._optimizer.num_update]


def trained(mx, count, name=None):
    made = net(mx)
    trainer = mx.gluon.Trainer(made.collect_params(), "adam", {"learning_rate": 0.1})
    if name is not None:
        trainer.load_states(path(name))
    return made, trainer, train(mx, made, trainer, count)


def stored(mx, name, store):
    """Updates inside a KVStore, from the states of a file."""
    store.set_optimizer(mx.optimizer.SGD(learning_rate=0.1, momentum=0.9))
    store.init(3, mx.nd.ones(4))
    if name is not None:
        store.load_optimizer_states(path(name))
    for i in range(2):
        store.push(3, mx.nd.array([1.0, 2, 3, i]))
    out = mx.nd.zeros(4)
    store.pull(3, out=out)
    return out


def files(mx):
    """Writes the files: MXNet alone can."""
    if not os.path.isdir(FOLDER):
        os.makedirs(FOLDER)

    def put(name, data):
        with open(path(name), "wb") as file:
            file.write(data)

    for name in CASES:
        run = Run(mx, name).steps(3)
        put(name, run.updater.get_states())
        put(name + "_dumped", run.updater.get_states(dump_optimizer=True))
    held = pickle.loads(content("adam_dumped"))
    for protocol in (0, 1, 2, 3):
        put("adam_protocol%d" % protocol, pickle.dumps(held, protocol))
    _, trainer, _ = trained(mx, 3)
    trainer.save_states(path("trainer"))
    for dumped in (False, True):
        store = mx.kv.create("local")
        stored(mx, None, store)
        store.save_optimizer_states(path("store_dumped" if dumped else "store"), dump_optimizer=dumped)


def updaters(mx, put):
    for name in sorted(CASES):
        for suffix in ("", "_dumped"):
            run = Run(mx, name).steps(3)
            other = Run(mx, name)
            other.weights, other.random = run.weights, run.random
            other.updater.set_states(content(name + suffix))
            optimizer = other.updater.optimizer
            put("%s%s" % (name, suffix), [other.updater.states, other.updater.states_synced])
            if suffix:
                apart = ("_index_update_count", "lr_scheduler", "param_dict")
                put("%s settings" % name, {k: v for k, v in vars(optimizer).items() if k not in apart})
                scheduler = optimizer.lr_scheduler
                put("%s scheduler" % name, scheduler and [type(scheduler).__name__, vars(scheduler)])
            other.steps(3)
            put("%s%s goes on" % (name, suffix), [other.weights, optimizer.num_update, optimizer.learning_rate])
    for protocol in range(4):
        run = Run(mx, "adam").steps(3)
        run.updater.set_states(content("adam_protocol%d" % protocol))
        put("protocol %d" % protocol, run.steps(2).weights)


def trainers(mx, put):
    put("trainer goes on", trained(mx, 2, "trainer")[2])
    for name in ("store", "store_dumped"):
        put("%s goes on" % name, stored(mx, name, mx.kv.create("local")))


PARTS = [updaters, trainers]


def results(mx):
    return collect(mx, PARTS)


if __name__ == "__main__":
    import mxnet

    files(mxnet)
    write("optimizer_files", check_complete(results(mxnet)))
