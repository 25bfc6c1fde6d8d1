"""Transfer learning: train a small network, export it, take its features, train a new head, then fine-tune."""

import os
import tempfile

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(3)
np.random.seed(3)
ctx = mx.cpu()


def make_data(classes, n=48):
    label = np.arange(n) % classes
    data = np.random.normal(0, 0.3, size=(n, 1, 8, 8))
    for i, k in enumerate(label):
        data[i, 0, k : k + 3, 2:6] += 1
    return nd.array(data, ctx=ctx), nd.array(label, ctx=ctx)


def evaluate(net, data, label):
    acc = mx.metric.Accuracy()
    acc.update([label], [net(data)])
    return acc.get()


def train(net, trainer, data, label, epochs, batch_size=16):
    loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
    for epoch in range(epochs):
        total = 0.0
        for i in range(0, data.shape[0], batch_size):
            x, y = data[i : i + batch_size], label[i : i + batch_size]
            with autograd.record():
                loss = loss_fn(net(x), y)
            loss.backward()
            trainer.step(batch_size)
            total += loss.sum().asscalar()
        print("  epoch %d loss %.4f lr %g" % (epoch, total / data.shape[0], trainer.learning_rate))


source = nn.HybridSequential(prefix="source_")
with source.name_scope():
    source.add(nn.Conv2D(6, 3, padding=1, use_bias=False))
    source.add(nn.BatchNorm(epsilon=1e-4))
    source.add(nn.Activation("relu"))
    source.add(nn.MaxPool2D(2))
    source.add(nn.Conv2D(8, 3, padding=1, activation="tanh"))
    source.add(nn.GlobalAvgPool2D())
    source.add(nn.Flatten())
    source.add(nn.Dense(3))
source.initialize(mx.init.Xavier(), ctx=ctx)
source.hybridize()
print("training the source network")
data, label = make_data(3)
train(source, gluon.Trainer(source.collect_params(), "adam", {"learning_rate": 0.01}), data, label, 3)
print(evaluate(source, data, label))

prefix = os.path.join(tempfile.mkdtemp(), "source")
source.export(prefix, epoch=3)
print(sorted(f for f in os.listdir(os.path.dirname(prefix))))
sym = mx.sym.load(prefix + "-symbol.json")
saved = nd.load(prefix + "-0003.params")
arg_params = {k[4:]: v for k, v in saved.items() if k.startswith("arg:")}
aux_params = {k[4:]: v for k, v in saved.items() if k.startswith("aux:")}
print(sorted(arg_params), sorted(aux_params))
internals = sym.get_internals()
print(internals.list_outputs())
features_sym = internals["source_flatten0_flatten0_output"]
print(features_sym.name, features_sym.list_arguments()[-2:], features_sym.list_auxiliary_states())
cut = [n for n in internals.list_outputs() if "pool" in n][-1]
features = gluon.SymbolBlock(internals[cut], mx.sym.var("data"))
features.load_parameters(prefix + "-0003.params", ctx=ctx, ignore_extra=True)
print(cut, features(data[:2]).shape)
print(list(features.collect_params().keys()))


class FineTuned(gluon.nn.HybridBlock):
    def __init__(self, features, classes, **kwargs):
        super(FineTuned, self).__init__(**kwargs)
        with self.name_scope():
            self.features = features
            self.output = nn.HybridSequential(prefix="output_")
            with self.output.name_scope():
                self.output.add(nn.Flatten(), nn.Dense(16, activation="relu"), nn.Dropout(0.0), nn.Dense(4))

    def hybrid_forward(self, F, x):
        return self.output(self.features(x))


net = FineTuned(features, 4, prefix="target_")
net.output.initialize(mx.init.Normal(0.1), ctx=ctx)
data, label = make_data(4)
print("frozen features")
net.features.collect_params().setattr("grad_req", "null")
frozen = {k: v.data().asnumpy() for k, v in net.features.collect_params().items()}
print([(k, v.grad_req, v.lr_mult) for k, v in sorted(net.collect_params().items())])
train(net, gluon.Trainer(net.output.collect_params(), "sgd", {"learning_rate": 0.2, "momentum": 0.9}), data, label, 3)
for k, v in net.features.collect_params().items():
    moved = np.abs(frozen[k] - v.data().asnumpy()).max()
    print("  ", k, "moved" if moved > 0 else "still")
print("fine-tuning all of it")
net.features.collect_params(".*weight|.*bias|.*gamma|.*beta").setattr("grad_req", "write")
net.features.collect_params().setattr("lr_mult", 0.1)
net.output.collect_params().setattr("lr_mult", 2)
net.hybridize()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.05, "wd": 1e-4})
train(net, trainer, data, label, 3)
for k, v in sorted(net.collect_params().items()):
    print("  ", k, v.data().shape, v.lr_mult, v.wd_mult, v.grad_req, "%.4f" % v.data().norm().asscalar())
print(evaluate(net, data, label))
