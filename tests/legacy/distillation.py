"""Knowledge distillation with mixup, label smoothing, gradient accumulation, warm-up and averaged weights."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(17)
np.random.seed(17)
CLASSES = 4


class Bottleneck(gluon.HybridBlock):
    expansion = 2

    def __init__(
        self,
        channels,
        strides,
        downsample,
        drop=0.0,
        last_gamma=True,
        norm_layer=nn.BatchNorm,
        norm_kwargs=None,
        **kwargs,
    ):
        super(Bottleneck, self).__init__(**kwargs)
        norm_kwargs = {} if norm_kwargs is None else norm_kwargs
        self.drop = drop
        with self.name_scope():
            self.body = nn.HybridSequential(prefix="")
            self.body.add(nn.Conv2D(channels, 1, 1, use_bias=False))
            self.body.add(norm_layer(**norm_kwargs))
            self.body.add(nn.Activation("relu"))
            self.body.add(nn.Conv2D(channels, 3, strides, 1, use_bias=False))
            self.body.add(norm_layer(**norm_kwargs))
            self.body.add(nn.Activation("relu"))
            self.body.add(nn.Conv2D(channels * self.expansion, 1, 1, use_bias=False))
            self.body.add(norm_layer(gamma_initializer="ones" if last_gamma else "zeros", **norm_kwargs))
            if downsample:
                self.downsample = nn.HybridSequential(prefix="down_")
                with self.downsample.name_scope():
                    self.downsample.add(nn.AvgPool2D(strides, strides, ceil_mode=True, count_include_pad=False))
                    self.downsample.add(
                        nn.Conv2D(channels * self.expansion, 1, use_bias=False), norm_layer(**norm_kwargs)
                    )
            else:
                self.downsample = None

    def hybrid_forward(self, F, x):
        residual = x
        x = self.body(x)
        if self.downsample is not None:
            residual = self.downsample(residual)
        return F.Activation(x + residual, act_type="relu")


class ShakeDrop(gluon.HybridBlock):
    """Two branches mixed by one random number per picture while training, by a half otherwise."""

    def __init__(self, channels, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.left = nn.Conv2D(channels, 3, padding=1, groups=2)
            self.right = nn.Conv2D(channels, 1)

    def hybrid_forward(self, F, x):
        left, right = self.left(x), self.right(x)
        if autograd.is_training():
            alpha = F.random.uniform(shape=(8, 1, 1, 1))
            return x + F.broadcast_mul(alpha, left) + F.broadcast_mul(1 - alpha, right)
        return x + (left + right) / 2


def student():
    net = nn.HybridSequential(prefix="student_")
    with net.name_scope():
        net.add(
            nn.Conv2D(8, 3, padding=1), ShakeDrop(8), nn.Activation("softrelu"), nn.GlobalMaxPool2D(), nn.Dense(CLASSES)
        )
    return net


def teacher():
    net = nn.HybridSequential(prefix="teacher_")
    with net.name_scope():
        net.add(nn.Conv2D(6, 3, 1, 1, use_bias=False), nn.BatchNorm(scale=False, epsilon=2e-5))
        net.add(Bottleneck(4, 2, True, norm_kwargs={"momentum": 0.7}), Bottleneck(4, 1, False, last_gamma=False))
        net.add(nn.GlobalAvgPool2D(), nn.Flatten(), nn.Dense(CLASSES))
    return net


def smooth(label, classes, eta=0.1):
    return nd.one_hot(label, classes, on_value=1 - eta + eta / classes, off_value=eta / classes)


def mixup(x, y, alpha=0.4):
    lam = np.random.beta(alpha, alpha)
    return lam * x + (1 - lam) * x[::-1], lam * y + (1 - lam) * y[::-1]


class Distilling(gluon.HybridBlock):
    def __init__(self, temperature, hard_weight, **kwargs):
        super().__init__(**kwargs)
        self._t, self._hard = temperature, hard_weight
        with self.name_scope():
            self.soft = gluon.loss.KLDivLoss(from_logits=False)
            self.hard = gluon.loss.SoftmaxCELoss(sparse_label=False)

    def hybrid_forward(self, F, pred, label, soft_label, sample_weight=None):
        hard = self.hard(pred, label, sample_weight)
        return self._hard * hard + (1 - self._hard) * self._t**2 * self.soft(pred / self._t, soft_label)


data = np.random.uniform(0, 1, (32, 3, 10, 10)).astype("float32")
target = (data[:, 0].mean(axis=(1, 2)) > 0.5) * 2 + (data[:, 1, :5].mean(axis=(1, 2)) > 0.5)
dataset = gluon.data.ArrayDataset(data, target.astype("float32")).transform_first(lambda x: (x - 0.5) / 0.29)
loader = gluon.data.DataLoader(dataset, 8, shuffle=True, last_batch="rollover")
big, small = teacher(), student()
big.initialize(mx.init.MSRAPrelu())
small.initialize(mx.init.Xavier())
for net in (big, small):
    net.hybridize(static_alloc=True)
print(big)

schedule = mx.lr_scheduler.CosineScheduler(
    max_update=12, base_lr=0.1, final_lr=0.01, warmup_steps=3, warmup_begin_lr=0.01
)
trainer = gluon.Trainer(big.collect_params(), "sgd", {"lr_scheduler": schedule, "momentum": 0.9, "wd": 1e-4})
ce = gluon.loss.SoftmaxCrossEntropyLoss(sparse_label=False)
accuracy, rmse = mx.metric.Accuracy(), mx.metric.RMSE()
for p in big.collect_params().values():
    p.grad_req = "add" if p.grad_req == "write" else p.grad_req
for epoch in range(2):
    accuracy.reset()
    for i, (x, y) in enumerate(loader):
        mixed, soft = mixup(x, smooth(y, CLASSES))
        with autograd.record():
            out = big(mixed)
            loss = ce(out, soft)
        loss.backward()
        accuracy.update(y, out)
        if i % 2 == 1:
            trainer.step(16)
            for p in big.collect_params().values():
                p.zero_grad()
            print("%d %d %.6f lr %.6f" % (epoch, i, loss.mean().asscalar(), trainer.learning_rate))
    print(accuracy.get()[0], "%.6f" % accuracy.get()[1])
frozen = {k: v.data().copy() for k, v in big.collect_params(".*running.*").items()}

distilling = Distilling(3.0, 0.3)
distilling.hybridize()
trainer = gluon.Trainer(small.collect_params(), "adam", {"learning_rate": 0.02, "beta2": 0.99, "epsilon": 1e-7})
average = {}
for epoch in range(2):
    for x, y in loader:
        with autograd.predict_mode():
            soft = nd.softmax(big(x) / 3.0)
        with autograd.record():
            loss = distilling(small(x), smooth(y, CLASSES, 0.05), soft)
            penalty = sum((p.data() ** 2).sum() for p in small.collect_params(".*weight").values()) * 1e-3
            total = loss.sum() + penalty
        total.backward()
        trainer.allreduce_grads()
        norm = gluon.utils.clip_global_norm([p.grad() for p in small.collect_params().values()], 5.0)
        trainer.update(x.shape[0])
        for k, v in small.collect_params().items():
            average[k] = v.data().copy() if k not in average else 0.8 * average[k] + 0.2 * v.data()
        rmse.update(soft, nd.softmax(small(x)))
    print("%d %.6f %.6f %.6f %s %.6f" % ((epoch, loss.mean().asscalar(), penalty.asscalar(), norm) + rmse.get()))
print(all((frozen[k] == v.data()).min().asscalar() == 1 for k, v in big.collect_params(".*running.*").items()))
before = small(x)
for k, v in small.collect_params().items():
    v.set_data(average[k])
print("%.6f %.6f" % (before.abs().mean().asscalar(), small(x).abs().mean().asscalar()))
