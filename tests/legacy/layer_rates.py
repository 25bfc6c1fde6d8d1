"""Rates and decay per layer: lr_mult, wd_mult, schedulers, momentum, clipping of gradients, frozen layers."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn
from mxnet.gluon import utils as gutils

mx.random.seed(19)
np.random.seed(19)
X = np.random.normal(size=(40, 10)).astype("float32")
Y = (X.dot(np.random.normal(size=(10, 3))) + 0.1).argmax(axis=1)


def make_net(prefix):
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(nn.Dense(12, activation="tanh"), nn.BatchNorm(), nn.Dense(8, use_bias=False), nn.LayerNorm())
        net.add(nn.Dense(3))
    net.initialize(mx.init.Xavier(factor_type="out", magnitude=2))
    net(nd.array(X[:2]))
    return net


def show(net):
    for name, p in net.collect_params().items():
        print("  %-28s lr %g wd %g %s" % (name, p.lr_mult, p.wd_mult, p.grad_req), "%.4f" % p.data().norm().asscalar())


def fit(net, trainer, steps, batch_size=20, clip=None):
    loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
    for step in range(steps):
        i = step * batch_size % len(X)
        data, label = nd.array(X[i : i + batch_size]), nd.array(Y[i : i + batch_size])
        with autograd.record():
            loss = loss_fn(net(data), label)
        loss.backward()
        norm = 0
        if clip:
            grads = [p.grad() for p in net.collect_params().values() if p.grad_req != "null"]
            norm = gutils.clip_global_norm(grads, clip * batch_size)
        trainer.step(batch_size)
        print("  step %d loss %.4f lr %.5f norm %.3f" % (step, loss.mean().asscalar(), trainer.learning_rate, norm))


print("decay on weights only")
net = make_net("decay_")
net.collect_params(".*bias|.*gamma|.*beta|.*running_mean|.*running_var").setattr("wd_mult", 0.0)
schedule = mx.lr_scheduler.PolyScheduler(max_update=8, base_lr=0.1, pwr=2, final_lr=0.001, warmup_steps=2)
optimizer_params = {"learning_rate": 0.1, "wd": 0.05, "momentum": 0.9, "lr_scheduler": schedule}
trainer = gluon.Trainer(net.collect_params(), "sgd", optimizer_params)
fit(net, trainer, 6)
show(net)

print("a frozen body")
net = make_net("frozen_")
net.hybridize()
net.collect_params(".*weight").setattr("lr_mult", 0)
net[4].weight.lr_mult = 1.0
net[4].bias.lr_mult = 10.0
before = {k: p.data().copy() for k, p in net.collect_params().items()}
fit(net, gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.05}), 3)
for name, p in net.collect_params().items():
    print("  ", name, "still" if (before[name] == p.data()).min().asscalar() else "moved", p.lr_mult)

print("clipped by global norm, factor schedule")
net = make_net("clip_")
schedule = mx.lr_scheduler.FactorScheduler(step=2, factor=0.5, stop_factor_lr=1e-3, base_lr=0.02)
trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.02, "lr_scheduler": schedule, "wd": 1e-3})
fit(net, trainer, 5, clip=0.5)
show(net)
print("  rates:", ["%g" % trainer._optimizer._get_lr(i) for i in range(3)])

print("clipped one by one, rates by hand")
net = make_net("hand_")
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.2, "clip_gradient": 0.01, "momentum": 0.5})
fit(net, trainer, 2)
trainer.set_learning_rate(0.02)
fit(net, trainer, 2)
print("  ", trainer.learning_rate, trainer.optimizer.momentum, trainer.optimizer.clip_gradient)
try:
    gluon.Trainer(net.collect_params(), "sgd", {"lr_scheduler": mx.lr_scheduler.FactorScheduler(2)}).set_learning_rate(
        1
    )
except UserWarning as e:
    print("   UserWarning", e)

print("two trainers for one network, multipliers through the optimizer")
net = make_net("two_")
body = gluon.Trainer(net[:4].collect_params(), "sgd", {"learning_rate": 0.01})
head = gluon.Trainer(net[4].collect_params(), "sgd", {"learning_rate": 0.1, "param_idx2name": {}})
loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
for i in range(3):
    with autograd.record():
        loss = loss_fn(net(nd.array(X)), nd.array(Y))
    loss.backward()
    body.step(40)
    head.step(40)
    print("   %.4f" % loss.mean().asscalar())

# a cosine by hand, with allreduce_grads and update apart
net = make_net("cosine_")
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 1}, update_on_kvstore=False)
cosine = mx.lr_scheduler.CosineScheduler(4, base_lr=0.3, final_lr=0.0)
for i in range(5):
    trainer.set_learning_rate(cosine(i))
    with autograd.record():
        loss = loss_fn(net(nd.array(X)), nd.array(Y))
    loss.backward()
    trainer.allreduce_grads()
    trainer.update(40)
    print("   %.4f lr %.4f" % (loss.mean().asscalar(), trainer.learning_rate))
arrays = [nd.array([3.0, 4.0]), nd.array([[12.0]])]
norm = gutils.clip_global_norm(arrays, 6.5)
print("%.4f" % norm, arrays[0].asnumpy(), arrays[1].asnumpy())
print(gutils.clip_global_norm(arrays, 1.0, check_isfinite=False))
net.collect_params().setattr("no_such", 3)
print(net[0].weight.no_such)
for params in ([1, 2], {"a": 1}, "text"):
    try:
        gluon.Trainer(params, "sgd")
    except Exception as e:
        print(type(e).__name__)
