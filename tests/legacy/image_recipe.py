"""The usual recipe of image classification: warm-up and cosine schedule, mixup, label smoothing, several contexts, no
decay of biases, metrics local and global, accumulated gradients at the end, states saved and read."""

import os
import tempfile

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, lr_scheduler, nd
from mxnet.gluon import nn

mx.random.seed(21)
np.random.seed(21)

CLASSES, BATCH, EPOCHS, BATCHES = 4, 16, 3, 5
ctx = [mx.cpu(0), mx.cpu(1)]


def conv(channels, kernel, stride):
    out = nn.HybridSequential(prefix="")
    out.add(nn.Conv2D(channels, kernel, stride, kernel // 2, use_bias=False))
    out.add(nn.BatchNorm(scale=True, epsilon=1e-5))
    out.add(nn.LeakyReLU(0.1))
    return out


net = nn.HybridSequential(prefix="recipe_")
with net.name_scope():
    net.add(conv(8, 3, 1), conv(16, 3, 2), nn.GlobalAvgPool2D(), nn.Flatten(), nn.Dense(CLASSES))
net.initialize(mx.init.MSRAPrelu(), ctx=ctx)
net.hybridize()

for k, v in net.collect_params(".*beta|.*gamma|.*bias").items():
    v.wd_mult = 0.0

schedule = lr_scheduler.CosineScheduler(
    max_update=EPOCHS * BATCHES, base_lr=0.1, final_lr=0.001,
    warmup_steps=BATCHES, warmup_begin_lr=0.01, warmup_mode="linear",
)  # fmt: skip
trainer = gluon.Trainer(
    net.collect_params(), "nag", {"lr_scheduler": schedule, "wd": 0.0005, "momentum": 0.9}, kvstore="device",
    update_on_kvstore=False,
)  # fmt: skip
loss_of = gluon.loss.SoftmaxCrossEntropyLoss(sparse_label=False)


def smooth(label, classes, eta=0.0):
    return nd.one_hot(label, depth=classes, on_value=1 - eta + eta / classes, off_value=eta / classes)


train_metric, top2 = mx.metric.RMSE(), mx.metric.TopKAccuracy(2)
both = mx.metric.CompositeEvalMetric()
both.add(mx.metric.Accuracy())
both.add(mx.metric.CrossEntropy())
templates = np.random.normal(0, 1, (CLASSES, 3, 12, 12))
for epoch in range(EPOCHS):
    train_metric.reset()
    both.reset()
    for _ in range(BATCHES):
        label = np.random.randint(0, CLASSES, BATCH)
        batch = nd.array(templates[label] + np.random.normal(0, 1, (BATCH, 3, 12, 12)))
        lam = np.random.beta(0.2, 0.2)
        data = gluon.utils.split_and_load(batch, ctx)
        labels = gluon.utils.split_and_load(nd.array(label), ctx)
        data = [lam * x + (1 - lam) * x[::-1] for x in data]
        targets = [lam * smooth(y, CLASSES, 0.1) + (1 - lam) * smooth(y[::-1], CLASSES, 0.1) for y in labels]
        with autograd.record():
            outputs = [net(x) for x in data]
            losses = [loss_of(out, target) for out, target in zip(outputs, targets)]
        autograd.backward(losses)
        trainer.allreduce_grads()
        grads = [p.grad(ctx[0]) for p in net.collect_params().values() if p.grad_req != "null"]
        norm = gluon.utils.clip_global_norm(grads, 1e6)
        trainer.update(BATCH)
        train_metric.update(targets, [nd.softmax(out) for out in outputs])
        top2.update(labels, outputs)
        both.update(labels, [nd.softmax(out) for out in outputs])
    print("epoch", epoch, "lr %.6f" % trainer.learning_rate, "%s=%.5f" % train_metric.get(), "norm %.4f" % norm)
    print("  top2 %.5f" % top2.get()[1], ["%s %.5f" % pair for pair in both.get_name_value()])
    top2.reset_local()
print("global top2 %.5f" % top2.get_global()[1])

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "net.states")
    trainer.save_states(path)
    trainer.load_states(path)
net.collect_params().setattr("grad_req", "add")
net.collect_params().zero_grad()
for _ in range(2):
    label = np.random.randint(0, CLASSES, BATCH)
    parts = gluon.utils.split_and_load(nd.array(templates[label]), ctx)
    with autograd.record():
        labels = gluon.utils.split_and_load(nd.array(label), ctx)
        losses = [loss_of(net(x), smooth(y, CLASSES)) for x, y in zip(parts, labels)]
    for loss in losses:
        loss.backward()
trainer.step(2 * BATCH)
total = sum(float(p.data(c).abs().sum().asscalar()) for p in net.collect_params().values() for c in ctx)
print("weights %.4f" % total, "updates", trainer.optimizer.num_update)
