"""The Estimator: a classifier with handlers of its own, stopped early and resumed; a regressor with two inputs."""

import logging
import os
import re
import tempfile
import warnings

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon
from mxnet.gluon import nn
from mxnet.gluon.contrib.estimator import (
    BatchEnd,
    BatchProcessor,
    CheckpointHandler,
    EarlyStoppingHandler,
    EpochBegin,
    EpochEnd,
    Estimator,
    LoggingHandler,
    TrainBegin,
    TrainEnd,
    ValidationHandler,
)

warnings.filterwarnings("ignore")
mx.random.seed(11)
np.random.seed(11)


def pictures(n, seed):
    """Bars in one of four places, in noise."""
    random = np.random.RandomState(seed)
    x = random.normal(0, 0.8, (n, 1, 8, 8)).astype("float32")
    y = random.randint(0, 4, n)
    for i, place in enumerate(y):
        if place < 2:
            x[i, 0, 2 + 3 * place] += 1
        else:
            x[i, 0, :, 2 + 3 * (place - 2)] += 1
    return gluon.data.ArrayDataset(x, y.astype("float32"))


train_data = gluon.data.DataLoader(pictures(96, 1), batch_size=16)
val_data = gluon.data.DataLoader(pictures(48, 2), batch_size=16)


class Printer(logging.Handler):
    def emit(self, record):
        line = re.sub(r"\d+\.\d+s|total \d+s", "some time", record.getMessage())
        print(re.sub(r": \d\.\d{4}", ": some", line))  # History has all digits


class History(TrainBegin, EpochEnd, TrainEnd):
    """Collects all metrics by name."""

    priority = 100

    def train_begin(self, estimator, *args, **kwargs):
        self.history = {}

    def epoch_end(self, estimator, *args, **kwargs):
        for metric in estimator.train_metrics + estimator.val_metrics:
            name, value = metric.get()
            self.history.setdefault(name, []).append(value)

    def train_end(self, estimator, *args, **kwargs):
        for name in sorted(self.history):
            print(name, ["%.6g" % v for v in self.history[name]])


class Warmup(EpochBegin, BatchEnd):
    """Raises the learning rate batch by batch in the first epoch, halves it every third."""

    def __init__(self, base, batches):
        self.base, self.batches, self.epoch, self.batch = base, batches, -1, 0

    def epoch_begin(self, estimator, *args, **kwargs):
        self.epoch += 1
        if self.epoch and self.epoch % 3 == 0:
            estimator.trainer.set_learning_rate(estimator.trainer.learning_rate / 2)

    def batch_end(self, estimator, *args, **kwargs):
        self.batch += 1
        if self.epoch == 0:
            estimator.trainer.set_learning_rate(self.base * self.batch / self.batches)


def classifier(context=None):
    net = nn.HybridSequential(prefix="classifier_")
    with net.name_scope():
        net.add(nn.Conv2D(6, 3, activation="relu"), nn.BatchNorm(), nn.MaxPool2D(), nn.Dense(4))
    net.initialize(mx.init.Xavier(), ctx=context)
    net.hybridize()
    return net


def make(net, **kwargs):
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.05, "momentum": 0.9})
    made = Estimator(net, gluon.loss.SoftmaxCrossEntropyLoss(), trainer=trainer, **kwargs)
    made.logger.handlers[:] = [Printer()]
    return made


folder = tempfile.mkdtemp()
os.chdir(folder)

print("--- classifier")
est = make(classifier(), train_metrics=[mx.metric.Accuracy(), mx.metric.Loss("loss")])
early = EarlyStoppingHandler(est.val_metrics[1], patience=2, mode="min", min_delta=0.02)
handlers = [
    History(),
    Warmup(0.05, len(train_data)),
    LoggingHandler(log_interval=3, metrics=est.train_metrics),
    CheckpointHandler("best", model_prefix="bars", monitor=est.val_metrics[0], save_best=True, mode="max"),
    early,
]
est.fit(train_data, val_data, epochs=12, event_handlers=handlers)
print(sorted(f for f in os.listdir("best") if not f.endswith(".json")), early.wait, early.stopped_epoch)
best = gluon.SymbolBlock.imports("best/bars-symbol.json", ["data"])
best.collect_params().initialize()
net = classifier()
net.load_parameters("best/bars-best.params")
est = make(net, val_metrics=mx.metric.TopKAccuracy(2))
est.evaluate(val_data)
print(est.val_metrics[0].get()[0], "%.6f" % est.val_metrics[0].get()[1])

print("--- interrupted")
totals = []
for parts in ((6,), (2, 6)):
    name = "parts%d" % len(parts)
    for epochs in parts:
        mx.random.seed(5)
        est = make(classifier())
        checkpoints = CheckpointHandler(name, resume_from_checkpoint=True, max_checkpoints=10)
        est.fit(train_data, epochs=epochs, event_handlers=[checkpoints])
    totals.append([float(p.data().abs().sum().asscalar()) for p in est.net.collect_params().values()])
    print(len(os.listdir(name)), ["%.6g" % t for t in totals[-1]])
print("the same:", np.allclose(totals[0], totals[1], atol=1e-5))

print("--- two contexts, by batches")
contexts = [mx.cpu(0), mx.cpu(1)]
mx.random.seed(6)
est = make(classifier(contexts), context=contexts)
validation = ValidationHandler(val_data, est.evaluate, epoch_period=None, batch_period=5)
est.fit(train_data, batches=15, event_handlers=[validation, History()])

print("--- two inputs")


class Pairs(BatchProcessor):
    """Data are (left, right, target)."""

    def _run(self, net, loss, batch):
        left, right, target = batch
        pred = net(mx.nd.concat(left, right, dim=1))
        return [left, right], [target], [pred], [loss(pred, target)]

    def fit_batch(self, estimator, train_batch, batch_axis=0):
        with autograd.record():
            found = self._run(estimator.net, estimator.loss, train_batch)
        for loss in found[-1]:
            loss.backward()
        return found

    def evaluate_batch(self, estimator, val_batch, batch_axis=0):
        return self._run(estimator.val_net, estimator.val_loss, val_batch)


random = np.random.RandomState(3)
left, right = (random.normal(size=(60, 2)).astype("float32") for _ in range(2))
target = (left * right).sum(axis=1, keepdims=True)
pairs = gluon.data.DataLoader(gluon.data.ArrayDataset(left, right, target), batch_size=20)
mx.random.seed(7)
net = nn.HybridSequential(prefix="regressor_")
with net.name_scope():
    net.add(nn.Dense(16, activation="tanh"), nn.Dense(1))
net.initialize(mx.init.Xavier())
est = Estimator(
    net,
    gluon.loss.L2Loss(),
    train_metrics=[mx.metric.MAE(), mx.metric.RMSE()],
    trainer=gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.02}),
    batch_processor=Pairs(),
)
est.logger.setLevel(logging.WARNING)
est.fit(pairs, pairs, epochs=8, event_handlers=[History()])
