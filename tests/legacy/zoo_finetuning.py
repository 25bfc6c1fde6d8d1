"""An exported net of the model zoo becomes the features of a classifier of small pictures: first its head, then all."""

import os
import tempfile

os.environ.setdefault("MXNET_MKLDNN_ENABLED", "0")  # oneDNN's BatchNorm rounds otherwise, and small differences grow

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn
from mxnet.gluon.model_zoo import vision

mx.random.seed(11)
np.random.seed(11)
ctx = mx.cpu()
classes = ["stripes", "columns", "checks", "blobs"]


def draw(kind, size=48):
    rows, columns = np.mgrid[:size, :size]
    phase, period = np.random.randint(0, 8), np.random.randint(5, 9)
    if kind == 0:
        picture = (rows + phase) % period < period / 2
    elif kind == 1:
        picture = (columns + phase) % period < period / 2
    elif kind == 2:
        picture = ((rows + phase) // period + columns // period) % 2
    else:
        y, x = np.random.randint(12, size - 12, 2)
        picture = np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (4.0 * period**2))
    tint = np.random.uniform(0.3, 1.0, (3, 1, 1))
    return np.clip(picture * tint + np.random.normal(0, 0.05, (3, size, size)), 0, 1)


def dataset(n):
    labels = np.arange(n) % len(classes)
    pictures = np.stack([draw(k) for k in labels])
    mean = np.array([0.485, 0.456, 0.406]).reshape((1, 3, 1, 1))
    std = np.array([0.229, 0.224, 0.225]).reshape((1, 3, 1, 1))
    return gluon.data.ArrayDataset(nd.array((pictures - mean) / std), nd.array(labels))


# ---- somewhere else: a net is made, and exported
print(vision.get_model("ResNet18_v2", classes=7).output)
try:
    vision.get_model("resnet19_v1")
except ValueError as e:
    print(str(e).splitlines()[0], len(str(e).splitlines()))
source = vision.mobilenet0_25(classes=20, prefix="source_")
source.initialize(mx.init.MSRAPrelu(), ctx=ctx)
source.hybridize()
data, _ = dataset(8)[:]
for _ in range(30):  # running statistics, so that predict mode is not far from train mode
    with autograd.record():
        out = source(data)
    out.backward()
print(source(data).shape, "%.4f" % source(data).norm().asscalar())
prefix = os.path.join(tempfile.mkdtemp(), "mobilenet0.25")
source.export(prefix, epoch=0)

# ---- here: the graph is cut at an inner layer
sym, arg_params, aux_params = mx.model.load_checkpoint(prefix, 0)
print(len(sym.list_arguments()), len(arg_params), len(aux_params))
internals = sym.get_internals()
relus = [n for n in internals.list_outputs() if n.endswith("relu8_fwd_output")]
features = gluon.SymbolBlock(internals[relus[0]], mx.sym.var("data"))
features.load_parameters(prefix + "-0000.params", ctx=ctx, ignore_extra=True)
print(relus, features(data).shape, len(features.collect_params().keys()))
whole = gluon.SymbolBlock.imports(prefix + "-symbol.json", ["data"], prefix + "-0000.params", ctx=ctx)
print("imported net gives the same:", np.allclose(whole(data).asnumpy(), source(data).asnumpy(), rtol=1e-5, atol=1e-6))


class Classifier(gluon.HybridBlock):
    def __init__(self, features, classes, **kwargs):
        super(Classifier, self).__init__(**kwargs)
        with self.name_scope():
            self.features = features
            self.pool = nn.GlobalAvgPool2D()
            self.head = nn.Dense(classes)

    def hybrid_forward(self, F, x):
        return self.head(F.flatten(self.pool(self.features(x))))


net = Classifier(features, len(classes), prefix="tuned_")
net.head.initialize(mx.init.Xavier(), ctx=ctx)
net.hybridize()
train_data, valid_data = dataset(64), dataset(32)
loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()


def evaluate(dataset):
    metric = mx.metric.CompositeEvalMetric([mx.metric.Accuracy(), mx.metric.CrossEntropy()])
    for x, y in gluon.data.DataLoader(dataset, batch_size=16):
        metric.update([y], [nd.softmax(net(x))])
    return " ".join("%s %.3f" % pair for pair in zip(*metric.get()))


def train(trainer, epochs, batch_size=16):
    for epoch in range(epochs):
        total = 0.0
        for x, y in gluon.data.DataLoader(train_data, batch_size=batch_size):
            with autograd.record():
                loss = loss_fn(net(x), y)
            loss.backward()
            trainer.step(batch_size)
            total += loss.mean().asscalar()
        print("epoch %d: loss %.3f, lr %.4f; %s" % (epoch, total / 4, trainer.learning_rate, evaluate(valid_data)))


print("the head alone;", evaluate(valid_data))
train(gluon.Trainer(net.head.collect_params(), "adam", {"learning_rate": 0.03}), 6)
print("all of it, the features more slowly")
for name, param in net.features.collect_params().items():
    if param.grad_req != "null":
        param.lr_mult = 0.1
    if name.endswith(("gamma", "beta")):
        param.wd_mult = 0.0
schedule = mx.lr_scheduler.FactorScheduler(step=8, factor=0.5)
schedule.base_lr = 0.005
options = {"momentum": 0.9, "wd": 1e-3, "lr_scheduler": schedule}
train(gluon.Trainer(net.collect_params(".*weight|.*bias|.*gamma|.*beta"), "sgd", options), 3)
for name, param in list(net.collect_params().items())[:6] + list(net.head.collect_params().items()):
    print("%-28s %-14s %.1f %.3f" % (name, param.shape, param.lr_mult, param.data().norm().asscalar()))
