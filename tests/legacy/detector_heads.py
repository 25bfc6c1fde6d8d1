"""Heads of detectors and capsules: anchors, box operators, ROI pooling, dynamic routing, several inputs and outputs."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(41)
np.random.seed(41)


class NormalizedBoxCenterEncoder(gluon.HybridBlock):
    def __init__(self, stds=(0.1, 0.1, 0.2, 0.2), **kwargs):
        super().__init__(**kwargs)
        self._stds = stds
        with self.name_scope():
            self.means = self.params.get_constant("means", nd.zeros((1, 1, 4)))

    def hybrid_forward(self, F, matches, anchors, refs, means):
        ref_boxes = F.concat(
            *[
                F.pick(
                    F.slice_axis(refs, axis=-1, begin=i, end=i + 1)
                    .squeeze(axis=-1)
                    .expand_dims(1)
                    .broadcast_axes(axis=1, size=6),
                    matches,
                    axis=2,
                ).expand_dims(2)
                for i in range(4)
            ],
            dim=2,
        )
        g = F.split(ref_boxes, axis=-1, num_outputs=4)
        a = F.split(anchors, axis=-1, num_outputs=4)
        gw, gh, aw, ah = g[2] - g[0], g[3] - g[1], a[2] - a[0], a[3] - a[1]
        t0 = F.broadcast_div(F.broadcast_sub((g[0] + g[2]) / 2, (a[0] + a[2]) / 2), aw) / self._stds[0]
        t1 = F.broadcast_div(F.broadcast_sub((g[1] + g[3]) / 2, (a[1] + a[3]) / 2), ah) / self._stds[1]
        t2 = F.log(F.broadcast_div(gw, aw)) / self._stds[2]
        t3 = F.log(F.broadcast_div(gh, ah)) / self._stds[3]
        return F.broadcast_sub(F.concat(t0, t1, t2, t3, dim=-1), means), ref_boxes


anchors = nd.array(np.random.uniform(0, 0.4, (1, 6, 4)) + np.array([0, 0, 0.5, 0.5]))
truth = nd.array(np.random.uniform(0, 0.4, (2, 3, 4)) + np.array([0, 0, 0.5, 0.5]))
ious = nd.contrib.box_iou(anchors[0], truth)
print(ious.shape, "%.6f" % ious.sum().asscalar())
matches = ious.transpose((1, 0, 2)).argmax(axis=2)
encoder = NormalizedBoxCenterEncoder()
encoder.initialize()
targets, boxes = encoder(matches, anchors, truth)
encoder.hybridize()
again, _ = encoder(matches, anchors, truth)
print(targets.shape, "%.6f %.1e" % (targets.abs().mean().asscalar(), nd.abs(again - targets).max().asscalar()))


class YOLOOutput(gluon.HybridBlock):
    def __init__(self, index, classes, anchors, stride, **kwargs):
        super().__init__(**kwargs)
        self._classes, self._stride = classes, stride
        anchors = np.array(anchors).astype("float32")
        self._num_anchors = anchors.size // 2
        self._num_pred = 5 + classes
        with self.name_scope():
            self.prediction = nn.Conv2D(self._num_pred * self._num_anchors, 1)
            self.anchors = self.params.get_constant("anchor_%d" % index, anchors.reshape(1, 1, -1, 2))
            grid = np.stack(np.meshgrid(np.arange(8), np.arange(8)), axis=-1)[np.newaxis, np.newaxis]
            self.offsets = self.params.get_constant("offset_%d" % index, grid)

    def hybrid_forward(self, F, x, anchors, offsets):
        pred = self.prediction(x).reshape((0, self._num_anchors * self._num_pred, -1))
        pred = pred.transpose(axes=(0, 2, 1)).reshape((0, -1, self._num_anchors, self._num_pred))
        centers = pred.slice_axis(axis=-1, begin=0, end=2)
        scales = pred.slice_axis(axis=-1, begin=2, end=4)
        objness = pred.slice_axis(axis=-1, begin=4, end=5)
        classes = pred.slice_axis(axis=-1, begin=5, end=None)
        offsets = F.slice_like(offsets, x * 0, axes=(2, 3)).reshape((1, -1, 1, 2))
        centers = F.broadcast_add(F.sigmoid(centers), offsets) * self._stride
        scales = F.broadcast_mul(F.exp(scales), anchors)
        confidence = F.sigmoid(objness)
        score = F.broadcast_mul(F.sigmoid(classes), confidence)
        half = scales / 2.0
        bbox = F.concat(centers - half, centers + half, dim=-1)
        if autograd.is_training():
            return bbox.reshape((0, -1, 4)), objness, classes, F.concat(centers, scales, dim=-1)
        bboxes = F.tile(bbox, reps=(self._classes, 1, 1, 1, 1))
        scores = F.transpose(score, axes=(3, 0, 1, 2)).expand_dims(axis=-1)
        ids = F.broadcast_add(scores * 0, F.arange(0, self._classes).reshape((0, 1, 1, 1, 1)))
        detections = F.concat(ids, scores, bboxes, dim=-1)
        return F.reshape(detections.transpose(axes=(1, 0, 2, 3, 4)), (0, -1, 6))


class Detector(gluon.HybridBlock):
    def __init__(self, classes, **kwargs):
        super().__init__(**kwargs)
        self.nms_thresh = 0.45
        with self.name_scope():
            self.stem = nn.HybridSequential()
            self.stem.add(nn.Conv2D(6, 3, 2, 1), nn.LeakyReLU(0.1), nn.Conv2D(8, 3, 2, 1), nn.Swish())
            self.outputs = nn.HybridSequential()
            self.outputs.add(YOLOOutput(0, classes, [4, 6, 8, 5], 4), YOLOOutput(1, classes, [12, 10], 4))

    def hybrid_forward(self, F, x):
        features = self.stem(x)
        outs = [out(features) for out in self.outputs]
        if autograd.is_training():
            return [
                F.concat(*[o.reshape((0, -1, n)) for o in group], dim=1) for group, n in zip(zip(*outs), (4, 1, 3, 4))
            ]
        result = F.contrib.box_nms(
            F.concat(*outs, dim=1),
            overlap_thresh=self.nms_thresh,
            valid_thresh=0.01,
            topk=50,
            id_index=0,
            score_index=1,
            coord_start=2,
            force_suppress=False,
        )
        result = result.slice_axis(axis=1, begin=0, end=5)
        return (
            result.slice_axis(axis=-1, begin=0, end=1),
            result.slice_axis(axis=-1, begin=1, end=2),
            result.slice_axis(axis=-1, begin=2, end=6),
        )


net = Detector(3)
net.initialize(mx.init.Xavier())
x = nd.array(np.random.uniform(0, 1, (2, 3, 16, 16)))
for hybridize in (False, True):
    net.hybridize(hybridize)
    if not hybridize:  # a graph keeps the mode it was traced in
        ids, scores, boxes = net(x)
    print(ids.shape, ids[0, :, 0].asnumpy().tolist(), "%.6f %.6f" % (scores.sum().asscalar(), boxes.sum().asscalar()))
    trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.01})
    bce, l1 = gluon.loss.SigmoidBCELoss(), gluon.loss.L1Loss()
    for step in range(3):
        with autograd.record():
            boxes, objness, classes, raw = net(x)
            wanted = nd.broadcast_greater(nd.arange(48).reshape((1, 48, 1)), nd.array([[[40]], [[44]]]))
            loss = bce(objness, wanted) * 48 + bce(
                classes, nd.one_hot(nd.arange(48) % 3, 3).expand_dims(0).broadcast_like(classes), wanted
            )
            loss = loss + l1(raw, raw * 0 + 4, wanted)
        loss.backward()
        trainer.step(2)
        print("%.6f" % loss.mean().asscalar(), [o.shape for o in (boxes, objness, classes, raw)])
net.hybridize()
ids, scores, boxes = net(x)
print(ids[1, :, 0].asnumpy().tolist(), "%.6f %.6f" % (scores.sum().asscalar(), boxes.sum().asscalar()))
print([(n, p.shape, p.grad_req) for n, p in net.collect_params(".*anchor.*|.*offset.*").items()])


class RCNNHead(gluon.HybridBlock):
    def __init__(self, classes, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.top = nn.HybridSequential()
            self.top.add(nn.Conv2D(6, 3, padding=1, activation="relu"))
            self.cls = nn.Dense(classes + 1, weight_initializer=mx.init.Normal(0.1))
            self.box = nn.Dense(classes * 4, weight_initializer=mx.init.Normal(0.01))
            self.mask = nn.Conv2DTranspose(2, 2, strides=2)

    def hybrid_forward(self, F, features, rois):
        with autograd.pause():
            index = F.arange(0, 2).expand_dims(axis=1).repeat(repeats=2, axis=0)
            rois = F.concat(index, rois.reshape((-3, 0)), dim=-1)
            rois = F.stop_gradient(rois)
        aligned = F.contrib.ROIAlign(features, rois, (3, 3), 0.25, sample_ratio=2)
        pooled = F.ROIPooling(features, rois, (3, 3), 0.25)
        top = self.top(F.concat(aligned, pooled, dim=1))
        flat = F.mean(top, axis=(2, 3))
        return self.cls(flat), self.box(flat).reshape((0, -1, 4)), self.mask(top)


head = RCNNHead(3)
head.initialize()
head.hybridize()
features = net.stem(x)
rois = nd.array([[[0, 0, 9, 9], [4, 4, 15, 12]], [[2, 3, 14, 15], [1, 0, 7, 9]]])
ce, huber = gluon.loss.SoftmaxCELoss(), gluon.loss.HuberLoss(rho=0.11)
trainer = gluon.Trainer(dict(head.collect_params()), "sgd", {"learning_rate": 0.1})
for step in range(3):
    with autograd.record():
        cls, box, mask = head(features, rois)
        loss = ce(cls, nd.array([0, 1, 2, 3])) + huber(
            box, nd.ones_like(box), nd.array([[[1], [0], [1]]]).broadcast_axes(0, 4)
        )
        loss = loss + mask.sigmoid().mean(axis=(1, 2, 3))
    loss.backward()
    trainer.step(4)
    print("%.6f" % loss.sum().asscalar(), cls.shape, box.shape, mask.shape)


class Capsules(gluon.HybridBlock):
    def __init__(self, capsules, size, inputs, in_size, rounds=3, **kwargs):
        super().__init__(**kwargs)
        self._shape, self._rounds = (capsules, size), rounds
        with self.name_scope():
            self.weight = self.params.get(
                "weight", shape=(1, inputs, capsules, size, in_size), init=mx.init.Normal(0.3)
            )

    @staticmethod
    def squash(F, s, axis):
        n = F.sum(F.square(s), axis=axis, keepdims=True)
        return F.broadcast_mul(s, n / (1 + n) / F.sqrt(n + 1e-8))

    def hybrid_forward(self, F, u, weight):
        u = F.expand_dims(F.expand_dims(u, 2), 3)
        u_hat = F.sum(F.broadcast_mul(weight, u), axis=-1)
        fixed = F.BlockGrad(u_hat)
        logits = F.zeros_like(F.sum(u_hat, axis=-1))
        for i in range(self._rounds):
            c = F.softmax(logits, axis=2).expand_dims(-1)
            last = i == self._rounds - 1
            v = self.squash(F, F.sum(F.broadcast_mul(c, u_hat if last else fixed), axis=1), axis=-1)
            if not last:
                logits = logits + F.sum(F.broadcast_mul(fixed, F.expand_dims(v, 1)), axis=-1)
        return F.norm(v, axis=-1), v


caps = Capsules(3, 4, 5, 6)
caps.initialize()
u = nd.random.normal(shape=(4, 5, 6))
trainer = gluon.Trainer(caps.collect_params(), "adam", {"learning_rate": 0.05})
label = nd.one_hot(nd.array([0, 1, 2, 1]), 3)
for step in range(4):
    if step == 2:
        caps.hybridize()
    with autograd.record():
        length, _ = caps(u)
        margin = label * nd.maximum(0, 0.9 - length) ** 2 + 0.5 * (1 - label) * nd.maximum(0, length - 0.1) ** 2
        loss = margin.sum(axis=1)
    loss.backward()
    trainer.step(4)
    print("%.6f %.6f" % (loss.mean().asscalar(), length.max().asscalar()))
