"""A small ResNet with BatchNorm on colour patterns: 100 losses of Nesterov's gradient with weight decay, one a line."""

import sys

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(2)
np.random.seed(2)

BATCH, STEPS = 32, 100
PATTERNS = np.random.normal(0, 1, (10, 3, 20, 20))


class Block(nn.HybridBlock):
    def __init__(self, channels, stride, **kwargs):
        super(Block, self).__init__(**kwargs)
        with self.name_scope():
            self.body = nn.HybridSequential(prefix="")
            self.body.add(nn.Conv2D(channels, 3, stride, 1, use_bias=False), nn.BatchNorm(), nn.Activation("relu"))
            self.body.add(nn.Conv2D(channels, 3, 1, 1, use_bias=False), nn.BatchNorm())
            self.shortcut = None
            if stride > 1:
                self.shortcut = nn.HybridSequential(prefix="")
                self.shortcut.add(nn.Conv2D(channels, 1, stride, use_bias=False), nn.BatchNorm())

    def hybrid_forward(self, F, x):
        return F.relu(self.body(x) + (x if self.shortcut is None else self.shortcut(x)))


net = nn.HybridSequential(prefix="resnet_")
with net.name_scope():
    net.add(nn.Conv2D(16, 3, 1, 1, use_bias=False), nn.BatchNorm(), nn.Activation("relu"))
    net.add(Block(16, 1), Block(32, 2), Block(64, 2), nn.GlobalAvgPool2D(), nn.Dense(10))
net.initialize(mx.init.Xavier(rnd_type="gaussian", factor_type="out", magnitude=2))
if "--no-hybridize" not in sys.argv:
    net.hybridize()

loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
schedule = mx.lr_scheduler.MultiFactorScheduler(step=[40, 80], factor=0.5, base_lr=0.0004)
trainer = gluon.Trainer(net.collect_params(), "nag", {"lr_scheduler": schedule, "momentum": 0.9, "wd": 1e-4})

for _ in range(STEPS):
    label = np.random.randint(0, 10, BATCH)
    data = nd.array(PATTERNS[label] + np.random.normal(0, 1, (BATCH, 3, 20, 20)))
    with autograd.record():
        loss = loss_of(net(data), nd.array(label))
    loss.backward()
    trainer.step(BATCH)
    print("%.9g" % loss.mean().asscalar())
