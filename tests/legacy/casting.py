"""Precision: networks cast to float64 and float16, parameters of other types, mixed precision by hand."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(61)
np.random.seed(61)


def build(prefix):
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(nn.Dense(6, activation="tanh", in_units=4), nn.BatchNorm(in_channels=6), nn.Dense(2, in_units=6))
    return net


X = np.random.normal(size=(12, 4))
Y = (X.sum(axis=1) > 0).astype("float32")

print("float64")
net = build("double_")
net.initialize(mx.init.Xavier())
net.cast("float64")
net.hybridize()
data = nd.array(X, dtype="float64")
print(
    data.dtype.__name__,
    net(data).dtype.__name__,
    [p.dtype if isinstance(p.dtype, str) else p.dtype.__name__ for p in net.collect_params().values()],
)
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9})
loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
for _ in range(3):
    with autograd.record():
        loss = loss_fn(net(data), nd.array(Y, dtype="float64"))
    loss.backward()
    trainer.step(12)
    print("  %.10f" % loss.mean().asscalar(), loss.dtype.__name__)
print(net[0].weight.grad().dtype.__name__, net[0].weight.data().dtype.__name__)
for wrong in (nd.array(X), nd.array(X, dtype="float16")):
    try:
        net(wrong)
    except Exception as e:
        print(isinstance(e, mx.base.MXNetError))
net.cast("float32")
print(net(nd.array(X)).dtype.__name__, net[0].weight.grad().dtype.__name__)

print("float16")
net = nn.HybridSequential(prefix="half_")
with net.name_scope():
    net.add(nn.Activation("relu"), nn.BatchNorm(in_channels=4), nn.LayerNorm(in_channels=4))
net.initialize()
net.cast("float16")
out = net(nd.array(X, dtype="float16"))
print(out.dtype.__name__, [p.data().dtype.__name__ for p in net.collect_params().values()])
w = nd.array([1.0, 2.0, 1000.0], dtype="float16")
print((w * 70).asnumpy(), (w + 0.0001).dtype.__name__, (w.astype("float32") / 3).dtype.__name__)

print("multi_precision")
p = gluon.Parameter("w", shape=(3,), dtype="float16", init=mx.init.Constant(0.1))
p.initialize()
opt = {"learning_rate": 0.001, "momentum": 0.9, "multi_precision": True}
trainer = gluon.Trainer([p], "sgd", opt)
for _ in range(4):
    with autograd.record():
        loss = (p.data() * nd.array([1, 2, 3], dtype="float16")).sum()
    loss.backward()
    trainer.step(1)
print(p.data().dtype.__name__, np.round(p.data().asnumpy().astype("float64"), 4).tolist())

print("parameters of other types")
for dtype in ("float32", "float64", "float16", "int32", "uint8", np.int64):
    p = gluon.Parameter("p", shape=(2, 2), dtype=dtype, grad_req="null")
    p.initialize(mx.init.Constant(3))
    print("  ", p.data().dtype.__name__, p.data().asnumpy().sum(), p.var().attr("__dtype__"))
p = gluon.Parameter("late", shape=(0, 2), allow_deferred_init=True)
p.initialize()
p.cast("float64")
p.shape = (1, 2)
p._finish_deferred_init()
print(p.shape, p.data().dtype.__name__, p.grad().dtype.__name__)
net = nn.Dense(2, dtype="float64")
net.initialize()
print(net(nd.ones((1, 3), dtype="float64")).dtype.__name__, net.weight.shape)
embedding = nn.Embedding(4, 2, dtype="float16")
embedding.initialize(mx.init.One())
print(embedding(nd.array([0, 3])).dtype.__name__, embedding(nd.array([1, 2], dtype="int64")).shape)

print("astype, promotion, comparisons")
a = nd.array([1.7, -2.2, 3.5])
print(a.astype("int32"), a.astype("uint8").dtype.__name__, a.astype(np.float64).sum().dtype.__name__)
print(
    (a > 1).dtype.__name__,
    nd.arange(3).dtype.__name__,
    nd.array([1, 2]).dtype.__name__,
    nd.array(np.arange(2)).dtype.__name__,
)
for left, right in (("float32", "float64"), ("float32", "int32"), ("int32", "int64"), ("int32", "int32")):
    try:
        total = nd.ones((1,), dtype=left) + nd.ones((1,), dtype=right)
        print(left, right, total.dtype.__name__)
    except Exception as e:
        print(left, right, isinstance(e, mx.base.MXNetError))
b = a.astype("float32", copy=False)
print(b is a, a.astype("float32") is a, nd.cast(a, "float64").dtype.__name__, a.as_in_context(mx.cpu()) is a)
print(
    nd.zeros_like(a.astype("int32")).dtype.__name__,
    nd.concat(a, a, dim=0).dtype.__name__,
    (a.astype("int32") / 2).dtype.__name__,
)
