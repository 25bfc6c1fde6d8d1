"""CIFAR-10 as the tutorials train it: binary batches, random crops, flips and colours, a small residual net."""

import hashlib
import os
import random

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon
from mxnet.gluon import nn
from mxnet.gluon.data.vision import CIFAR10, transforms

ROOT = "cifar10"


def picture(kind, source):
    """(3, 32, 32): stripes, checks or discs in a colour of the kind."""
    y, x = np.mgrid[:32, :32]
    shift, scale = source.randint(0, 8), source.randint(3, 6)
    forms = [(x + shift) // scale % 2, (y + shift) // scale % 2, ((x + y + shift) // scale) % 2,
             (x // scale + y // scale) % 2, (x - 16) ** 2 + (y - 16) ** 2 < (6 + shift) ** 2]  # fmt: skip
    color = np.array([200, 90, 40] if kind < 5 else [50, 80, 210]).reshape(3, 1, 1)
    image = forms[kind % 5] * color + source.normal(30, 10, (3, 32, 32))
    return image.clip(0, 255).astype("uint8")


class Pictures(CIFAR10):
    """CIFAR-10's reader on files of our own."""

    def _get_data(self):
        self._train_data, self._test_data = FILES[:5], FILES[5:]
        super(Pictures, self)._get_data()


os.makedirs(ROOT)
FILES = []
source = np.random.RandomState(2)
for name in ["data_batch_%d.bin" % i for i in range(1, 6)] + ["test_batch.bin"]:
    labels = source.randint(0, 10, 24).astype("uint8")
    rows = b"".join(bytes([label]) + picture(label, source).tobytes() for label in labels)
    with open(os.path.join(ROOT, name), "wb") as file:
        file.write(rows)
    FILES.append((name, hashlib.sha1(rows).hexdigest()))

mx.random.seed(7)
np.random.seed(7)
random.seed(7)
transform_train = transforms.Compose([
    transforms.RandomResizedCrop(28, scale=(0.6, 1.0)),
    transforms.RandomFlipLeftRight(),
    transforms.RandomColorJitter(brightness=0.1, contrast=0.1),
    transforms.RandomLighting(0.05),
    transforms.ToTensor(),
    transforms.Normalize([0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]),
])  # fmt: skip
transform_test = transforms.Compose([
    transforms.CenterCrop(28), transforms.ToTensor(),
    transforms.Normalize([0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]),
])  # fmt: skip
print(transform_test)
train_set, test_set = Pictures(ROOT), Pictures(ROOT, train=False)
print(len(train_set), len(test_set), train_set[3][0].shape, train_set[3][1])
train_data = gluon.data.DataLoader(train_set.transform_first(transform_train), 24, shuffle=True, last_batch="discard")
test_data = gluon.data.DataLoader(test_set.transform_first(transform_test), 24)
data, label = next(iter(test_data))
print("test batch %.5f %.5f" % (data.mean().asscalar(), data.norm().asscalar()), label.asnumpy().tolist())

net = nn.HybridSequential()
with net.name_scope():
    net.add(nn.Conv2D(8, 3, padding=1), gluon.model_zoo.vision.BasicBlockV1(8, 1, in_channels=8))
    net.add(gluon.model_zoo.vision.BasicBlockV1(16, 2, True, 8), nn.GlobalAvgPool2D(), nn.Dense(10))
net.initialize(mx.init.Xavier())
net.hybridize()
loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.05, "momentum": 0.9, "wd": 1e-4})
for epoch in range(2):
    total = 0.0
    for i, (data, label) in enumerate(train_data):
        if i == 0:
            print("batch %.5f %.5f" % (data.mean().asscalar(), data.norm().asscalar()), label.asnumpy().tolist())
        with autograd.record():
            loss = loss_fn(net(data), label)
        loss.backward()
        trainer.step(24)
        total += loss.mean().asscalar()
    print("epoch %d: loss %.4f" % (epoch, total / (i + 1)))
