"""Packs pictures as im2rec.py does, reads them by ImageRecordIter, trains a small convolution net on them."""

import struct
import zlib

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon

np.random.seed(5)
mx.random.seed(5)


def png(pixels):
    """The file of a picture (H, W, 3), without a library."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    h, w, _ = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


# stripes down, stripes across, a ramp
def picture(kind, i):
    y, x = np.mgrid[:36, :44]
    value = [x * (i % 5 + 3) * 6 % 256, y * (i % 5 + 3) * 6 % 256, (x + y) * 3 + i][kind]
    return np.stack([value % 256, (value + 40 * kind) % 256, 255 - value % 256], 2).astype("uint8")


record = mx.recordio.MXIndexedRecordIO("train.idx", "train.rec", "w")
with open("train.lst", "w") as lst:
    for i in range(60):
        kind = i % 3
        record.write_idx(i, mx.recordio.pack(mx.recordio.IRHeader(0, float(kind), i, 0), png(picture(kind, i))))
        lst.write("%d\t%f\t%d.png\n" % (i, kind, i))
record.close()

train = mx.io.ImageRecordIter(
    path_imgrec="train.rec",
    path_imgidx="train.idx",
    data_shape=(3, 24, 24),
    batch_size=8,
    resize=28,
    shuffle=True,
    seed=3,
    mean_r=123.68,
    mean_g=116.28,
    mean_b=103.53,
    std_r=58.395,
    std_g=57.12,
    std_b=57.375,
    preprocess_threads=2,
)
print(train.provide_data, train.provide_label, train.batch_size)
batch = next(iter(train))
print(
    "first batch:",
    batch.label[0].asnumpy(),
    "%.5f %.5f" % (batch.data[0].mean().asscalar(), batch.data[0][3, 1, 5, 7].asscalar()),
)
train.reset()

net = gluon.nn.HybridSequential()
net.add(gluon.nn.Conv2D(6, 5, strides=2, activation="relu"), gluon.nn.GlobalAvgPool2D(), gluon.nn.Dense(3))
net.initialize(mx.init.Xavier())
net.hybridize()
trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.02})
loss = gluon.loss.SoftmaxCrossEntropyLoss()
metric = mx.metric.Accuracy()
for epoch in range(3):
    train.reset()
    metric.reset()
    total, pads = 0.0, []
    for batch in train:
        data, label = (gluon.utils.split_and_load(x[0], [mx.cpu()])[0] for x in (batch.data, batch.label))
        with autograd.record():
            out = net(data)
            l = loss(out, label)
        l.backward()
        trainer.step(data.shape[0])
        total += l.mean().asscalar()
        pads.append(batch.pad)
        metric.update([label], [out])
    print(
        "epoch %d: loss %.4f, %s %.4f, %d batches, pad %d"
        % ((epoch, total / len(pads)) + metric.get() + (len(pads), pads[-1]))
    )

# two workers' shares, by the list's labels
for part in range(2):
    share = mx.io.ImageRecordIter(
        path_imgrec="train.rec",
        path_imglist="train.lst",
        path_imgidx="train.idx",
        data_shape=(3, 36, 44),
        batch_size=15,
        num_parts=2,
        part_index=part,
        mirror=True,
    )
    print("part %d:" % part, ["%d %.3f" % (b.label[0].asnumpy().sum(), b.data[0].asnumpy().mean()) for b in share])

# arrays with the same labels, prefetched, three batches an epoch
x = np.random.normal(0, 1, (20, 4)).astype("float32")
arrays = mx.io.NDArrayIter({"x": x}, {"y": x.sum(1)}, batch_size=6, shuffle=True, last_batch_handle="roll_over")
ahead = mx.io.ResizeIter(mx.io.PrefetchingIter(arrays), 4)
for batch in ahead:
    print("%s %.4f %s" % (batch.pad, batch.data[0].sum().asscalar(), batch.label[0].asnumpy()[:2]))
