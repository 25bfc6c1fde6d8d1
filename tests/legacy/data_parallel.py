"""Data parallel training on two contexts, with a custom HybridBlock, schedulers and metrics."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(1)
np.random.seed(1)
ctx = [mx.cpu(0), mx.cpu(1)]


class Residual(nn.HybridBlock):
    def __init__(self, channels, use_1x1conv=False, strides=1, **kwargs):
        super(Residual, self).__init__(**kwargs)
        with self.name_scope():
            self.conv1 = nn.Conv2D(channels, kernel_size=3, padding=1, strides=strides)
            self.conv2 = nn.Conv2D(channels, kernel_size=3, padding=1)
            self.conv3 = nn.Conv2D(channels, kernel_size=1, strides=strides) if use_1x1conv else None
            self.bn1 = nn.BatchNorm()
            self.bn2 = nn.BatchNorm()
            self.scale = self.params.get("scale", shape=(1,), init=mx.init.One())

    def hybrid_forward(self, F, x, scale):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.conv3:
            x = self.conv3(x)
        return F.relu(F.broadcast_mul(y, scale.reshape((1, 1, 1, 1))) + x)


net = nn.HybridSequential(prefix="model_")
with net.name_scope():
    net.add(nn.Conv2D(8, 3, padding=1), nn.BatchNorm(), nn.Activation("relu"))
    net.add(Residual(8), Residual(16, use_1x1conv=True, strides=2))
    net.add(nn.GlobalAvgPool2D(), nn.Dense(4))
net.initialize(mx.init.Xavier(magnitude=2.24), ctx=ctx)
net.hybridize()
print(net)
X = np.random.uniform(size=(64, 1, 8, 8)).astype("float32")
y = (X.mean(axis=(1, 2, 3)) * 40 % 4).astype("int32").astype("float32")
schedule = mx.lr_scheduler.MultiFactorScheduler(step=[6, 10], factor=0.5, base_lr=0.05)
trainer = gluon.Trainer(
    net.collect_params(), "sgd", {"learning_rate": 0.05, "momentum": 0.9, "wd": 1e-3, "lr_scheduler": schedule}
)
loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
metrics = mx.metric.CompositeEvalMetric([mx.metric.Accuracy(), mx.metric.TopKAccuracy(2), mx.metric.CrossEntropy()])
train_loss = mx.metric.Loss()
for epoch in range(3):
    metrics.reset()
    train_loss.reset()
    for i in range(0, 64, 16):
        data = gluon.utils.split_and_load(nd.array(X[i : i + 16]), ctx)
        label = gluon.utils.split_and_load(nd.array(y[i : i + 16]), ctx)
        with autograd.record():
            outputs = [net(d) for d in data]
            losses = [loss_fn(o, l) for o, l in zip(outputs, label)]
        autograd.backward(losses)
        norm = gluon.utils.clip_global_norm([p.grad(ctx[0]) for p in net.collect_params(".*weight").values()], 100.0)
        trainer.step(16)
        metrics.update(label, [o.softmax() for o in outputs])
        train_loss.update(0, losses)
    names, values = metrics.get()
    print("epoch", epoch, "loss %.3f" % train_loss.get()[1], "norm %.3f" % norm, "lr %g" % trainer.learning_rate)
    print(names[:2], ["%.2f" % v for v in values[:2]])
for name, param in net.collect_params().items():
    print(name, param.shape, param.grad_req, param.dtype)
print(sorted(net._collect_params_with_prefix())[:5])
