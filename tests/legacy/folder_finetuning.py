"""Fine-tuning on a folder of pictures: ImageFolderDataset, CreateAugmenter, ImageIter, a saved backbone."""

import os
import random
import struct
import zlib

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, image
from mxnet.gluon import nn
from mxnet.gluon.data import vision

KINDS = ["rings", "slopes", "spots"]


def write_png(path, pixels):
    """pixels (H, W, 3), uint8, as a PNG file."""
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    head = struct.pack(">2I5B", pixels.shape[1], pixels.shape[0], 8, 2, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")):
            file.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))


def draw(kind, source):
    height, width = source.randint(40, 60), source.randint(40, 60)
    y, x = np.mgrid[:height, :width]
    values = {
        "rings": np.sin(np.hypot(x - width / 2.0, y - height / 2.0)),
        "slopes": np.sin((x * source.uniform(0.5, 1) + y) / 2.0),
        "spots": np.sin(x / 2.0) * np.sin(y / 2.0),
    }[kind]
    color = source.uniform(60, 127, 3)
    return (values[..., None] * color + 127 + source.normal(0, 5, (height, width, 3))).clip(0, 255).astype("uint8")


source = np.random.RandomState(5)
lines = []
for part, count in (("train", 10), ("val", 3)):
    for kind in KINDS:
        os.makedirs(os.path.join("data", part, kind))
        for i in range(count):
            write_png(os.path.join("data", part, kind, "%d.png" % i), draw(kind, source))
            if part == "val":
                lines.append("%d\t%f\t%s\n" % (len(lines), KINDS.index(kind), os.path.join(kind, "%d.png" % i)))
with open("val.lst", "w") as file:
    file.writelines(lines)

random.seed(3)
np.random.seed(3)
mx.random.seed(3)
train_augs = image.CreateAugmenter(
    (3, 32, 32), resize=36, rand_crop=True, rand_mirror=True, mean=True, std=True, brightness=0.1, pca_noise=0.05
)
print([type(aug).__name__ for aug in train_augs])


def transform_train(data, label):
    for aug in train_augs:
        data = aug(data)
    return mx.nd.transpose(data, (2, 0, 1)), np.float32(label)


train_set = vision.ImageFolderDataset(os.path.join("data", "train"), transform=transform_train)
print(train_set.synsets, len(train_set), train_set.items[11][1])
train_data = gluon.data.DataLoader(train_set, 10, shuffle=True)
val_data = image.ImageIter(4, (3, 32, 32), path_imglist="val.lst", path_root=os.path.join("data", "val"), resize=32,
                           mean=True, std=True)  # fmt: skip
batch = val_data.next()
print("validation %.4f" % batch.data[0].norm().asscalar(), batch.label[0].asnumpy().tolist(), batch.pad)

backbone = nn.HybridSequential(prefix="backbone_")
with backbone.name_scope():
    for channels in (8, 16):
        backbone.add(nn.Conv2D(channels, 3, 2, 1, activation="relu"), nn.BatchNorm())
    backbone.add(nn.GlobalAvgPool2D())
backbone.initialize(mx.init.Xavier(magnitude=2.24))
backbone(batch.data[0])
backbone.save_parameters("backbone.params")
net = nn.HybridSequential()
net.add(backbone, nn.Dense(len(KINDS)))
backbone.load_parameters("backbone.params")
net[1].initialize(mx.init.Normal(0.05))
backbone.collect_params(".*batchnorm.*").setattr("grad_req", "null")
net.hybridize()
trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.01})
loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
for epoch in range(3):
    total, seen = 0.0, 0
    for data, label in train_data:
        if not epoch and not seen:
            print("first batch %.4f" % data.norm().asscalar(), label.asnumpy().tolist())
        with autograd.record():
            loss = loss_fn(net(data), label)
        loss.backward()
        trainer.step(len(data))
        total, seen = total + loss.sum().asscalar(), seen + len(data)
    val_data.reset()
    metric = mx.metric.Accuracy()
    for batch in val_data:
        count = len(batch.data[0]) - batch.pad
        metric.update([batch.label[0][:count]], [net(batch.data[0])[:count]])
    print("epoch %d: loss %.4f, validation %s=%.3f" % ((epoch, total / seen) + metric.get()))
