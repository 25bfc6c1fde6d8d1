"""LeNet on noisy pictures of ten shapes: 100 losses of SGD with momentum, one a line."""

import sys

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon
from mxnet.gluon import nn

mx.random.seed(1)
np.random.seed(1)

BATCH, STEPS = 32, 100
SHAPES = np.random.uniform(0, 1, (10, 1, 28, 28)) > 0.7
LABELS = np.random.randint(0, 10, 800)
PICTURES = (SHAPES[LABELS] + np.random.normal(0, 1.0, (800, 1, 28, 28))).astype("float32")

net = nn.HybridSequential()
with net.name_scope():
    net.add(nn.Conv2D(20, kernel_size=5, activation="tanh"), nn.MaxPool2D(pool_size=2, strides=2))
    net.add(nn.Conv2D(50, kernel_size=5, activation="tanh"), nn.MaxPool2D(pool_size=2, strides=2))
    net.add(nn.Flatten(), nn.Dense(500, activation="tanh"), nn.Dense(10))
net.initialize(mx.init.Xavier(magnitude=2.24))
if "--no-hybridize" not in sys.argv:
    net.hybridize()

loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01, "momentum": 0.9})
data = gluon.data.DataLoader(gluon.data.ArrayDataset(PICTURES, LABELS.astype("float32")), BATCH, shuffle=True)

step = 0
while step < STEPS:
    for picture, label in data:
        with autograd.record():
            loss = loss_of(net(picture), label)
        loss.backward()
        trainer.step(BATCH)
        print("%.9g" % loss.mean().asscalar())
        step += 1
        if step == STEPS:
            break
