"""MNIST as the tutorials train it: the published file format, transforms, DataLoader, a convolution net, accuracy."""

import gzip
import hashlib
import os
import struct

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn
from mxnet.gluon.data.vision import MNIST, transforms

ROOT = "mnist"
STROKES = {0: "tblrLR", 1: "rR", 2: "tmbrL", 3: "tmbrR", 4: "mlrR", 5: "tmblR", 6: "tmblLR", 7: "trR", 8: "tmblrLR",
           9: "tmblrR"}  # fmt: skip


def digit(number, random):
    """A digit of seven strokes, moved, of random strength, with noise."""
    image = np.zeros((28, 28))
    x, y, w, h = random.randint(5, 10), random.randint(3, 6), random.randint(8, 12), random.randint(8, 10)
    boxes = {"t": (y, x, 2, w), "m": (y + h, x, 2, w), "b": (y + 2 * h, x, 2, w), "l": (y, x, h, 2),
             "r": (y, x + w - 2, h, 2), "L": (y + h, x, h, 2), "R": (y + h, x + w - 2, h, 2)}  # fmt: skip
    for stroke in STROKES[number]:
        top, left, height, width = boxes[stroke]
        image[top : top + height, left : left + width] = random.randint(150, 256)
    return (image + random.normal(0, 12, (28, 28))).clip(0, 255).astype("uint8")


def write(name, array):
    path = os.path.join(ROOT, name)
    with gzip.GzipFile(path, "wb", mtime=0) as file:
        file.write(bytes([0, 0, 8, array.ndim]) + struct.pack(">%dI" % array.ndim, *array.shape) + array.tobytes())
    with open(path, "rb") as file:
        return (name, hashlib.sha1(file.read()).hexdigest())


class Digits(MNIST):
    """MNIST's reader on files of our own."""

    def _get_data(self):
        self._train_data, self._train_label = FILES["train"]
        self._test_data, self._test_label = FILES["t10k"]
        super(Digits, self)._get_data()


os.makedirs(ROOT)
FILES = {}
random = np.random.RandomState(1)
for part, count in (("train", 240), ("t10k", 60)):
    labels = random.randint(0, 10, count).astype("uint8")
    images = np.stack([digit(n, random) for n in labels])
    FILES[part] = (write(part + "-images-idx3-ubyte.gz", images), write(part + "-labels-idx1-ubyte.gz", labels))

mx.random.seed(42)
np.random.seed(42)
transformer = transforms.Compose([transforms.ToTensor(), transforms.Normalize(0.13, 0.31)])
train = Digits(root=ROOT, train=True)
print("samples", len(train), train[0][0].shape, train[0][0].dtype, train[0][1])
train_data = gluon.data.DataLoader(train.transform_first(transformer), batch_size=40, shuffle=True)
test_data = gluon.data.DataLoader(Digits(ROOT, train=False).transform_first(transformer), batch_size=30)
for data, label in train_data:
    print("first batch", data.shape, data.dtype, "%.5f %.5f" % (data.mean().asscalar(), data.norm().asscalar()))
    print(label.asnumpy().tolist())
    break

net = nn.HybridSequential()
with net.name_scope():
    net.add(nn.Conv2D(8, 5, activation="relu"), nn.MaxPool2D(2, 2), nn.Conv2D(12, 3, activation="relu"))
    net.add(nn.MaxPool2D(2, 2), nn.Flatten(), nn.Dense(32, activation="relu"), nn.Dense(10))
net.initialize(mx.init.Xavier())
net.hybridize()
criterion = gluon.loss.SoftmaxCrossEntropyLoss()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.05, "momentum": 0.9})
for epoch in range(3):
    metric, total = mx.metric.Accuracy(), 0
    for data, label in train_data:
        with autograd.record():
            output = net(data)
            loss = criterion(output, label)
        loss.backward()
        trainer.step(data.shape[0])
        metric.update(label, output)
        total += loss.sum().asscalar()
    print("epoch %d: loss %.4f, training %s=%.3f" % ((epoch, total / len(train)) + metric.get()))
metric = mx.metric.Accuracy()
for data, label in test_data:
    metric.update(label, net(data))
print("test %s=%.3f" % metric.get())
print("wrong", int((nd.argmax(net(data), axis=1) != nd.array(label, dtype="float32")).sum().asscalar()))
