"""Data parallel training as programs written for MXNet do it: each worker has its part of the data."""

import argparse
import logging

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd

parser = argparse.ArgumentParser()
parser.add_argument("--kv-store", default="dist_sync")
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--batch-size", type=int, default=8, help="of one worker")
args = parser.parse_args()
logging.basicConfig(level=logging.INFO)

store = mx.kv.create(args.kv_store)
ctx = [mx.cpu(0)]


class SplitSampler(gluon.data.sampler.Sampler):
    """The part of one worker: ``length / num_parts`` numbers, in a fixed order."""

    def __init__(self, length, num_parts=1, part_index=0):
        self.part_len = length // num_parts
        self.start = self.part_len * part_index

    def __iter__(self):
        return iter(range(self.start, self.start + self.part_len))

    def __len__(self):
        return self.part_len


random = np.random.RandomState(3)
X = random.uniform(-1, 1, (64, 6)).astype("float32")
y = (X.sum(axis=1) > 0).astype("float32")
data = gluon.data.DataLoader(
    gluon.data.ArrayDataset(X, y), args.batch_size, sampler=SplitSampler(64, store.num_workers, store.rank)
)

np.random.seed(7)
mx.random.seed(7)
net = gluon.nn.HybridSequential(prefix="net_")
with net.name_scope():
    net.add(gluon.nn.Dense(16, activation="relu"), gluon.nn.Dense(2))
net.initialize(mx.init.Xavier(magnitude=2.24), ctx=ctx)
net.hybridize()
net(nd.zeros((1, 6)))
loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
trainer = gluon.Trainer(
    net.collect_params(), "sgd", {"learning_rate": 0.3, "momentum": 0.9, "wd": 1e-4}, kvstore=store,
    update_on_kvstore=None,
)  # fmt: skip
for epoch in range(args.epochs):
    metric, losses = mx.metric.Accuracy(), []
    for batch in data:
        parts = gluon.utils.split_and_load(batch[0], ctx), gluon.utils.split_and_load(batch[1], ctx)
        with autograd.record():
            outputs = [net(x) for x in parts[0]]
            parts_loss = [loss_fn(out, label) for out, label in zip(outputs, parts[1])]
        autograd.backward(parts_loss)
        trainer.step(args.batch_size * store.num_workers)
        metric.update(parts[1], outputs)
        losses.append(parts_loss[0].mean().asscalar())
    if store.rank == 0:
        print("epoch %d: loss %.5f, accuracy %.3f" % (epoch, np.mean(losses), metric.get()[1]))
for name in ("dense0_weight", "dense1_bias"):
    value = net.collect_params()["net_" + name].data().asnumpy()
    if store.rank == 0:
        print(name, "%.5f %.5f" % (value.mean(), np.abs(value).sum()))
store._barrier()
