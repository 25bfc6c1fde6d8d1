"""Losses and metrics of one's own beside the built-in ones."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon.loss import Loss, _apply_weighting

mx.random.seed(43)
np.random.seed(43)


class FocalLoss(Loss):
    def __init__(self, axis=-1, alpha=0.25, gamma=2, sparse_label=True, from_logits=False, batch_axis=0, weight=None,
                 num_class=None, eps=1e-12, size_average=True, **kwargs):  # fmt: skip
        super(FocalLoss, self).__init__(weight, batch_axis, **kwargs)
        self._axis = axis
        self._alpha = alpha
        self._gamma = gamma
        self._sparse_label = sparse_label
        self._from_logits = from_logits
        self._num_class = num_class
        self._eps = eps
        self._size_average = size_average

    def hybrid_forward(self, F, pred, label, sample_weight=None):
        if not self._from_logits:
            pred = F.sigmoid(pred)
        if self._sparse_label:
            one_hot = F.one_hot(label, self._num_class)
        else:
            one_hot = label > 0
        pt = F.where(one_hot, pred, 1 - pred)
        t = F.ones_like(one_hot)
        alpha = F.where(one_hot, self._alpha * t, (1 - self._alpha) * t)
        loss = -alpha * ((1 - pt) ** self._gamma) * F.log(F.minimum(pt + self._eps, 1))
        loss = _apply_weighting(F, loss, self._weight, sample_weight)
        if self._size_average:
            return F.mean(loss, axis=self._batch_axis, exclude=True)
        return F.sum(loss, axis=self._batch_axis, exclude=True)


class DiceLoss(gluon.HybridBlock):
    def __init__(self, smooth=1.0, **kwargs):
        super(DiceLoss, self).__init__(**kwargs)
        self.smooth = smooth

    def hybrid_forward(self, F, pred, label):
        prob = F.sigmoid(pred)
        intersection = F.sum(prob * label, axis=(1, 2))
        union = F.sum(prob, axis=(1, 2)) + F.sum(label, axis=(1, 2))
        return 1 - (2.0 * intersection + self.smooth) / (union + self.smooth)


class MixSoftmaxCrossEntropyLoss(gluon.loss.SoftmaxCrossEntropyLoss):
    """Two outputs, one of them auxiliary."""

    def __init__(self, aux_weight=0.2, **kwargs):
        super(MixSoftmaxCrossEntropyLoss, self).__init__(**kwargs)
        self.aux_weight = aux_weight

    def _aux_forward(self, F, pred1, pred2, label):
        loss1 = super(MixSoftmaxCrossEntropyLoss, self).hybrid_forward(F, pred1, label)
        loss2 = super(MixSoftmaxCrossEntropyLoss, self).hybrid_forward(F, pred2, label)
        return loss1 + self.aux_weight * loss2

    def hybrid_forward(self, F, preds, label):
        return self._aux_forward(F, preds[0], preds[1], label)


class PixelAccuracy(mx.metric.EvalMetric):
    def __init__(self, axis=1, name="pixel-acc", **kwargs):
        super(PixelAccuracy, self).__init__(name, axis=axis, **kwargs)
        self.axis = axis

    def update(self, labels, preds):
        labels, preds = mx.metric.check_label_shapes(labels, preds, True)
        for label, pred in zip(labels, preds):
            hit = pred.argmax(axis=self.axis).asnumpy().astype("int32") == label.asnumpy().astype("int32")
            self.sum_metric += hit.sum()
            self.num_inst += hit.size


@mx.metric.register
class Confusion(mx.metric.EvalMetric):
    def __init__(self, classes=2, name="confusion", output_names=None, label_names=None):
        self.classes = classes
        super(Confusion, self).__init__(name, output_names=output_names, label_names=label_names)

    def reset(self):
        self.table = np.zeros((self.classes, self.classes))

    def update(self, labels, preds):
        for label, pred in zip(labels, preds):
            for t, p in zip(label.asnumpy().astype("int"), pred.asnumpy().argmax(axis=1)):
                self.table[t, p] += 1

    def get(self):
        return ["recall%d" % i for i in range(self.classes)], [
            float(r[i] / max(r.sum(), 1)) for i, r in enumerate(self.table)
        ]


pred = nd.random.normal(shape=(6, 4))
label = nd.array([0, 1, 2, 3, 1, 0])
weight = nd.array([1, 0, 1, 2, 1, 1]).reshape((-1, 1))
for hybrid in (False, True):
    loss_fn = FocalLoss(num_class=4)
    if hybrid:
        loss_fn.hybridize()
    pred.attach_grad()
    with autograd.record():
        loss = loss_fn(pred, label)
    loss.backward()
    print(np.round(loss.asnumpy(), 5), "%.5f" % pred.grad.abs().sum().asscalar(), loss_fn.name[:9])
print(FocalLoss(num_class=4, weight=2.0, size_average=False)(pred, label, weight))
masks = nd.array(np.random.randint(0, 2, size=(2, 5, 5)))
dice = DiceLoss()
dice.hybridize()
print(dice(nd.random.normal(shape=(2, 5, 5)), masks))
print(MixSoftmaxCrossEntropyLoss(aux_weight=0.4)([pred, pred * 2], label))
print(MixSoftmaxCrossEntropyLoss(aux_weight=0.4))

built_in = [
    gluon.loss.SoftmaxCrossEntropyLoss(sparse_label=False, from_logits=False), gluon.loss.KLDivLoss(from_logits=False),
    gluon.loss.HuberLoss(rho=0.5), gluon.loss.L1Loss(weight=3), gluon.loss.L2Loss(), gluon.loss.HingeLoss(margin=0.5),
    gluon.loss.SquaredHingeLoss(), gluon.loss.LogisticLoss(label_format="signed"), gluon.loss.SigmoidBCELoss(),
    gluon.loss.PoissonNLLLoss(from_logits=True),
]  # fmt: skip
target = nd.softmax(nd.random.normal(shape=(6, 4)))
for fn in built_in:
    out = fn(pred, target, weight) if not isinstance(fn, gluon.loss.PoissonNLLLoss) else fn(pred, target)
    print(fn, out.shape, "%.5f" % out.mean().asscalar())

metrics = mx.metric.CompositeEvalMetric()
by_hand = mx.metric.np(lambda l, p: (l == p.argmax(1)).mean(), name="by_hand")
for child in (PixelAccuracy(), mx.metric.create("confusion", classes=4), by_hand, mx.metric.create(["acc", "ce"])):
    metrics.add(child)
metrics.add(mx.metric.Perplexity(ignore_label=None))
prob = nd.softmax(pred)
for _ in range(2):
    metrics.update([label], [prob])
names, values = metrics.get()
for name, value in zip(names, values):
    print("%-12s %.4f" % (name, value))
print(PixelAccuracy().get_config(), str(PixelAccuracy()), mx.metric.create("acc").get_name_value())
pixel = PixelAccuracy()
pixel.update([nd.zeros((2, 3, 3))], [nd.random.uniform(shape=(2, 4, 3, 3))])
print("%s %.4f" % pixel.get(), pixel.num_inst)
pixel.reset()
print(pixel.get(), pixel.num_inst)
try:
    pixel.update([label, label], [prob])
except ValueError as e:
    print("ValueError", e)
