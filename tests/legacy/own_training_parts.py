"""Optimizers, schedules, initializers and metrics of a user's own, registered and named by strings, as packages have
them: AdamW with a float32 copy, gradients accumulated, clipped by their global norm, checked for infinities."""

import math

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn
from mxnet.ndarray import NDArray, zeros
from mxnet.optimizer import Optimizer, register

mx.random.seed(31)
np.random.seed(31)


@register
class BERTAdam(Optimizer):
    """Adam with decoupled decay and without bias correction."""

    def __init__(self, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-6, **kwargs):
        super(BERTAdam, self).__init__(learning_rate=learning_rate, **kwargs)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon

    def create_state_multi_precision(self, index, weight):
        master = weight.astype(np.float32) if self.multi_precision and weight.dtype == np.float16 else None
        return self.create_state(index, master if master is not None else weight), master

    def create_state(self, index, weight):
        return (
            zeros(weight.shape, weight.context, dtype=weight.dtype),
            zeros(weight.shape, weight.context, dtype=weight.dtype),
        )

    def update(self, index, weight, grad, state):
        self._update_impl(index, weight, grad, state, False)

    def update_multi_precision(self, index, weight, grad, state):
        inner, master = state
        if master is None:
            self._update_impl(index, weight, grad, inner, False)
        else:
            self._update_impl(index, weight, grad, (inner, master), True)

    def _update_impl(self, index, weight, grad, state, multi_precision):
        assert isinstance(weight, NDArray) and isinstance(grad, NDArray)
        self._update_count(index)
        lr, wd = self._get_lr(index), self._get_wd(index)
        scale = nd.full(shape=(1,), val=self.rescale_grad, ctx=weight.context)
        kwargs = {"beta1": self.beta1, "beta2": self.beta2, "epsilon": self.epsilon, "rescale_grad": scale}
        if self.clip_gradient:
            kwargs["clip_gradient"] = self.clip_gradient
        if multi_precision:
            (mean, var), master = state
            nd.contrib.mp_adamw_update(weight, grad, mean, var, master, out=weight, lr=1, wd=wd, eta=lr, **kwargs)
        else:
            mean, var = state
            nd.contrib.adamw_update(weight, grad, mean, var, out=weight, lr=1, wd=wd, eta=lr, **kwargs)


@mx.optimizer.Optimizer.register
class SignDecay(mx.optimizer.SGD):
    """SGD that starts each weight from its own factor."""

    def create_state(self, index, weight):
        return nd.ones(weight.shape, weight.context) * 0.1

    def update(self, index, weight, grad, state):
        self._update_count(index)
        lr = self._get_lr(index) / math.sqrt(self._index_update_count[index])
        g = nd.clip(grad * self.rescale_grad, -1, 1)
        state[:] = self.momentum * state + g
        weight -= lr * nd.sign(state) * nd.abs(state) ** 0.5


class Noam(mx.lr_scheduler.LRScheduler):
    def __init__(self, units, warmup, **kwargs):
        super(Noam, self).__init__(**kwargs)
        self.units, self.warmup = units, warmup

    def __call__(self, num_update):
        return self.base_lr * self.units**-0.5 * min((num_update + 1) ** -0.5, (num_update + 1) * self.warmup**-1.5)


@mx.init.register
@mx.init.alias("truncnorm")
class TruncNorm(mx.init.Initializer):
    def __init__(self, mean=0, stdev=0.1, **kwargs):
        super(TruncNorm, self).__init__(mean=mean, stdev=stdev, **kwargs)
        self._mean, self._stdev = mean, stdev

    def _init_weight(self, name, arr):
        random = np.random.RandomState(len(name))
        arr[:] = np.clip(random.normal(self._mean, self._stdev, arr.shape), -2 * self._stdev, 2 * self._stdev)


@mx.metric.register
class MaskedAccuracy(mx.metric.EvalMetric):
    def __init__(self, ignored=0, name="masked-accuracy"):
        super(MaskedAccuracy, self).__init__(name=name, ignored=ignored)
        self.ignored = ignored

    def update(self, labels, preds):
        labels, preds = mx.metric.check_label_shapes(labels, preds, True)
        for label, pred in zip(labels, preds):
            label, pred = label.asnumpy().astype("int32"), pred.asnumpy().argmax(axis=-1)
            kept = label != self.ignored
            self.sum_metric += float(((label == pred) * kept).sum())
            self.num_inst += int(kept.sum())


def build(dtype="float32"):
    net = nn.HybridSequential(prefix="own_")
    with net.name_scope():
        net.add(nn.Dense(16, in_units=8, weight_initializer="truncnorm", activation="tanh"))
        net.add(nn.LayerNorm(in_channels=16))
        net.add(nn.Dense(3, in_units=16, weight_initializer=TruncNorm(stdev=0.3)))
    net.initialize()
    net.hybridize()
    return net


loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
metric = mx.metric.create("maskedaccuracy", ignored=0)
print(metric, metric.get_config(), TruncNorm(stdev=0.5).dumps())
for optimizer, arguments in (
    ("bertadam", {"learning_rate": 0.02, "wd": 0.01}),
    ("bertadam", {"learning_rate": 0.02, "wd": 0.01, "clip_gradient": 0.1}),
    ("signdecay", {"learning_rate": 0.02, "momentum": 0.5}),
    ("bertadam", {"lr_scheduler": Noam(16, 4, base_lr=1.0), "wd": 0.1}),
):
    net = build()
    trainer = gluon.Trainer(net.collect_params(), optimizer, dict(arguments), update_on_kvstore=False)
    params = [p for p in net.collect_params().values() if p.grad_req != "null"]
    for p in params:
        p.grad_req = "add"
    for name in ("beta", "gamma", "bias"):
        for _, v in net.collect_params(".*" + name).items():
            v.wd_mult = 0.0
    random = np.random.RandomState(7)
    metric.reset()
    for step in range(8):
        data = random.normal(0, 1, (24, 8))
        label = data[:, :3].argmax(axis=1)
        with autograd.record():
            out = net(nd.array(data))
            loss = loss_of(out, nd.array(label)).mean() / 2
        loss.backward()
        metric.update([nd.array(label)], [out])
        if step % 2:
            trainer.allreduce_grads()
            grads = [p.grad() for p in params]
            norm = gluon.utils.clip_global_norm(grads, 0.5)
            finite = nd.multi_all_finite(*grads, num_arrays=len(grads))
            trainer.update(1)
            net.collect_params().zero_grad()
            print(optimizer, step, "loss %.6f norm %.6f" % (2 * loss.asscalar(), norm), "finite", finite.asscalar(),
                  "lr %.6f" % trainer.learning_rate)  # fmt: skip
    print("  %s %.5f" % metric.get(), "weights %.5f" % sum(p.data().norm().asscalar() for p in params))

# The Updater of an SGD comes by other ways than update.
optimizer = mx.optimizer.create("signdecay", learning_rate=0.02, momentum=0.5)
weight = nd.array(np.linspace(-1, 1, 12).reshape(3, 4))
state = optimizer.create_state(0, weight)
for step in range(3):
    optimizer.update(0, weight, nd.array(np.cos(np.arange(12) + step).reshape(3, 4)), state)
print("%.5f %.5f" % (weight.norm().asscalar(), state.sum().asscalar()))

# Half precision with float32 copies, through an Updater.
optimizer = mx.optimizer.create("bertadam", learning_rate=0.01, multi_precision=True, rescale_grad=0.5)
updater = mx.optimizer.get_updater(optimizer)
weight = nd.array(np.linspace(-1, 1, 12).reshape(3, 4), dtype="float16")
for step in range(5):
    updater(0, nd.array(np.cos(np.arange(12) + step).reshape(3, 4), dtype="float16"), weight)
print(weight.dtype.__name__, weight.asnumpy().astype("float64").sum().round(4), updater.states[0][1].dtype.__name__)
