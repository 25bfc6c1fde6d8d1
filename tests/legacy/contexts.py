"""Data parallel training on two contexts: uneven batches, kvstores, BatchNorm per context, gradients seen apart."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn
from mxnet.gluon.utils import split_and_load, split_data

mx.random.seed(29)
np.random.seed(29)
ctx = [mx.cpu(0), mx.cpu(1)]
X = np.random.normal(size=(26, 5)).astype("float32")
Y = (X[:, 0] * 2 - X[:, 1] + 0.3).astype("float32")


def build(prefix):
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(nn.Dense(6, in_units=5))
        net.add(nn.BatchNorm(in_channels=6))
        net.add(nn.Activation("relu"))
        net.add(nn.Dense(1, in_units=6))
    return net


def evaluate(net):
    error = mx.metric.MAE()
    for x, y in zip(split_and_load(nd.array(X), ctx), split_and_load(nd.array(Y), ctx)):
        error.update([y], [net(x)])
    return error.get()


print([d.shape for d in split_data(nd.array(X), 4, even_split=False)])
try:
    split_and_load(X[:25], ctx)
except ValueError as e:
    print("ValueError", e)
parts = split_and_load(X[:25], ctx, even_split=False)
print([p.shape for p in parts], [p.context for p in parts], [p.dtype.__name__ for p in parts])
print([p.shape for p in split_and_load(nd.arange(12).reshape((2, 6)), ctx, batch_axis=1)])
print([p.shape for p in split_and_load(nd.arange(3), [mx.cpu(1)])])

net = build("first_")
net.initialize(mx.init.Xavier(), ctx=ctx)
weight = net[0].weight
print(weight.list_ctx(), [w.context for w in weight.list_data()], [g.shape for g in weight.list_grad()])
print((weight.data(ctx[0]) == weight.data(ctx[1]).as_in_context(ctx[0])).min().asscalar())
try:
    weight.data(mx.cpu(2))
except RuntimeError as e:
    print("RuntimeError", str(e).split(". ")[0])
for store in ("device", "local", None, mx.kv.create("local")):
    net = build("net_")
    mx.random.seed(1)
    net.initialize(mx.init.Uniform(0.4), ctx=ctx)
    net.hybridize()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.05, "momentum": 0.5}, kvstore=store)
    loss_fn = gluon.loss.L2Loss()
    for epoch in range(2):
        train_loss = 0.0
        for i in range(0, 26, 10):
            xs = split_and_load(X[i : i + 10], ctx, even_split=False)
            ys = split_and_load(Y[i : i + 10], ctx, even_split=False)
            with autograd.record():
                losses = [loss_fn(net(x), y) for x, y in zip(xs, ys)]
            for loss in losses:
                loss.backward()
            trainer.step(min(10, 26 - i))
            train_loss += sum(loss.sum().asscalar() for loss in losses)
        print("  epoch %d loss %.4f" % (epoch, train_loss / 26))
    a, b = net[0].weight.list_data()
    kind = store if store is None or isinstance(store, str) else store.type
    print(kind, "same weights:", np.allclose(a.asnumpy(), b.asnumpy(), atol=1e-6), "%s %.4f" % evaluate(net))

print("gradients of each context, summed by hand")
net = build("hand_")
net.initialize(mx.init.Constant(0.1), ctx=ctx)
xs, ys = split_and_load(X[:8], ctx), split_and_load(Y[:8], ctx)
with autograd.record():
    losses = [loss_fn(net(x), y) for x, y in zip(xs, ys)]
autograd.backward(losses)
bias = net[3].bias
print(["%.4f" % g.sum().asscalar() for g in bias.list_grad()], [g.context for g in bias.list_grad()])
print([["%.4f" % v for v in m.asnumpy()[:2]] for m in net[1].running_mean.list_data()])
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1}, kvstore="device", update_on_kvstore=False)
trainer.allreduce_grads()
print(["%.4f" % g.sum().asscalar() for g in bias.list_grad()])
trainer.update(8)
print(["%.5f" % w.sum().asscalar() for w in bias.list_data()])
print([["%.4f" % v for v in m.asnumpy()[:2]] for m in net[1].running_mean.list_data()])
net.collect_params().zero_grad()
print(["%.1f" % g.sum().asscalar() for g in bias.list_grad()])

print("moved")
net.collect_params().reset_ctx(mx.cpu(1))
print(bias.list_ctx(), net(nd.array(X[:2], ctx=mx.cpu(1))).context, ["%.5f" % bias.data().asscalar()])
net.collect_params().reset_ctx([mx.cpu(0), mx.cpu(2)])
print(bias.list_ctx(), [p.context for p in bias.list_data()])
bias.set_data(nd.array([0.75]))
print([bool(d.asscalar() == 0.75) for d in bias.list_data()], bias.data(mx.cpu(2)).context)
try:
    net(nd.array(X[:2], ctx=mx.cpu(1)))
except Exception as e:
    print(isinstance(e, RuntimeError))

print("kvstore by hand")
kv = mx.kv.create("device")
kv.init("w", nd.ones((2, 2)))
kv.push("w", [nd.ones((2, 2), c) * (i + 2) for i, c in enumerate(ctx)])
out = [nd.zeros((2, 2), c) for c in ctx]
kv.pull("w", out=out)
print(kv.type, [bool(o.sum().asscalar() == 20) for o in out], [o.context for o in out])
with mx.Context("cpu", 1):
    print(mx.current_context(), nd.ones((1,)).context, mx.cpu(1) == mx.Context("cpu", 1), str(mx.cpu(1)))
