"""Writes a record file, reads it in worker processes, trains on it."""

import os

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, recordio

np.random.seed(7)
mx.random.seed(7)

# features and their class, packed as bytes behind a header
record = recordio.MXIndexedRecordIO("train.idx", "train.rec", "w")
centers = np.array([[2, 0, 1], [-1, 2, 0], [0, -2, -1]], dtype="float32")
for i in range(90):
    label = i % 3
    x = (centers[label] + np.random.normal(0, 0.5, 3)).astype("float32")
    header = recordio.IRHeader(0, float(label), i, 0)
    record.write_idx(i, recordio.pack(header, x.tobytes()))
record.close()
print("bytes: %d, index: %d lines" % (os.path.getsize("train.rec"), len(open("train.idx").readlines())))

# several labels, as detection lists have them; one record holds the magic number of the format
record = recordio.MXRecordIO("boxes.rec", "w")
record.write(recordio.pack((0, [2, 5, 0.25, 0.5, 0.75, 1.0], 3, 0), b"\n#\xd7\xce" * 4))
record.write(b"")
record.close()
record = recordio.MXRecordIO("boxes.rec", "r")
header, content = recordio.unpack(record.read())
print("box:", header.flag, header.id, " ".join("%.2f" % v for v in header.label), len(content))
print("empty:", record.read(), "end:", record.read())
record.reset()
print("again: %d" % len(record.read()))
record.close()


def decode(s):
    header, content = recordio.unpack(s)
    return np.frombuffer(content, dtype=np.float32), np.float32(header.label)


dataset = gluon.data.RecordFileDataset("train.rec").transform(decode)
print("samples: %d, first label %.1f" % (len(dataset), dataset[0][1]))
loader = gluon.data.DataLoader(dataset, batch_size=15, shuffle=True, num_workers=2, last_batch="discard")

net = gluon.nn.Dense(3, in_units=3)
net.initialize(mx.init.Normal(0.1))
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.5})
loss = gluon.loss.SoftmaxCrossEntropyLoss()
for epoch in range(3):
    total, right = 0.0, 0
    for data, label in loader:
        with autograd.record():
            out = net(data)
            l = loss(out, label)
        l.backward()
        trainer.step(data.shape[0])
        total += l.sum().asscalar()
        right += int((out.argmax(axis=1) == label).sum().asscalar())
    print("epoch %d: loss %.5f, %d of %d" % (epoch, total / 90, right, len(dataset)))

record = recordio.MXIndexedRecordIO("train.idx", "train.rec", "r")
x, label = decode(record.read_idx(89))
print("the last one:", " ".join("%.4f" % v for v in x), label)
record.close()
