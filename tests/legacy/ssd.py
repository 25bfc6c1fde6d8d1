"""A single-shot detector from the operators of nd.contrib: anchors, matching with hard negatives, decoding."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(7)
np.random.seed(7)

sizes = [[0.2, 0.272], [0.37, 0.447], [0.54, 0.619]]
ratios = [[1, 2, 0.5]] * 3
num_anchors = len(sizes[0]) + len(ratios[0]) - 1


def class_predictor(num_anchors, num_classes):
    return nn.Conv2D(num_anchors * (num_classes + 1), 3, padding=1)


def box_predictor(num_anchors):
    return nn.Conv2D(num_anchors * 4, 3, padding=1)


def down_sample(channels):
    out = nn.HybridSequential()
    out.add(nn.Conv2D(channels, 3, padding=1), nn.BatchNorm(in_channels=channels), nn.Activation("relu"))
    out.add(nn.MaxPool2D(2))
    return out


def flatten_prediction(pred):
    return nd.flatten(nd.transpose(pred, axes=(0, 2, 3, 1)))


class ToySSD(gluon.Block):
    def __init__(self, num_classes, **kwargs):
        super(ToySSD, self).__init__(**kwargs)
        self.num_classes = num_classes
        with self.name_scope():
            self.stages, self.classes, self.boxes = nn.Sequential(), nn.Sequential(), nn.Sequential()
            for c in (4, 8, 8):
                self.stages.add(down_sample(c))
                self.classes.add(class_predictor(num_anchors, num_classes))
                self.boxes.add(box_predictor(num_anchors))

    def forward(self, x):
        anchors, classes, boxes = [], [], []
        for i in range(3):
            x = self.stages[i](x)
            anchors.append(nd.contrib.MultiBoxPrior(x, sizes=sizes[i], ratios=ratios[i], clip=True).reshape((1, -1)))
            classes.append(flatten_prediction(self.classes[i](x)))
            boxes.append(flatten_prediction(self.boxes[i](x)))
        anchors = nd.concat(*anchors, dim=1).reshape((1, -1, 4))
        classes = nd.concat(*classes, dim=1).reshape((0, -1, self.num_classes + 1))
        return anchors, classes, nd.concat(*boxes, dim=1)


class FocalLoss(gluon.loss.Loss):
    def __init__(self, axis=-1, alpha=0.25, gamma=2, batch_axis=0, **kwargs):
        super(FocalLoss, self).__init__(None, batch_axis, **kwargs)
        self._axis, self._alpha, self._gamma = axis, alpha, gamma

    def hybrid_forward(self, F, output, label):
        output = F.softmax(output)
        pj = output.pick(label, axis=self._axis, keepdims=True)
        loss = -self._alpha * ((1 - pj) ** self._gamma) * pj.log()
        return loss.mean(axis=self._batch_axis, exclude=True)


class SmoothL1Loss(gluon.loss.Loss):
    def __init__(self, batch_axis=0, **kwargs):
        super(SmoothL1Loss, self).__init__(None, batch_axis, **kwargs)

    def hybrid_forward(self, F, output, label, mask):
        loss = F.smooth_l1((output - label) * mask, scalar=1.0)
        return loss.mean(self._batch_axis, exclude=True)


images = nd.random.uniform(-1, 1, shape=(4, 3, 32, 32))
labels = np.full((4, 2, 5), -1.0)
for i in range(4):
    left, top = 0.1 * i, 0.15 * i
    labels[i, 0] = [i % 2, left, top, left + 0.4, top + 0.35]
    images[i, :, int(top * 32) : int((top + 0.35) * 32), int(left * 32) : int((left + 0.4) * 32)] += 2 * (i % 2) - 1
labels[3, 1] = [0, 0.0, 0.5, 0.3, 0.95]
labels = nd.array(labels)

net = ToySSD(2, prefix="toyssd_")
net.initialize(mx.init.Xavier(magnitude=2))
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "wd": 5e-4})
cls_loss, box_loss = FocalLoss(), SmoothL1Loss()
cls_metric, box_metric = mx.metric.Accuracy(), mx.metric.MAE()
for epoch in range(6):
    cls_metric.reset()
    box_metric.reset()
    with autograd.record():
        anchors, class_preds, box_preds = net(images)
        box_target, box_mask, cls_target = nd.contrib.MultiBoxTarget(
            anchors, labels, class_preds.transpose((0, 2, 1)), overlap_threshold=0.5, negative_mining_ratio=3,
            negative_mining_thresh=0.5, ignore_label=-1, minimum_negative_samples=0,
            variances=(0.1, 0.1, 0.2, 0.2),
        )  # fmt: skip
        kept = cls_target.clip(0, 2)
        loss = cls_loss(class_preds, kept) + box_loss(box_preds, box_target, box_mask)
    loss.backward()
    trainer.step(4)
    cls_metric.update([cls_target], [class_preds.argmax(axis=2)])
    box_metric.update([box_target], [box_preds * box_mask])
    print(epoch, "%.4f" % loss.mean().asscalar(), cls_metric.get()[0], "%.4f" % box_metric.get()[1])
    print((cls_target > 0).sum(axis=1).asnumpy(), (cls_target < 0).sum().asscalar(), "%.3f" % box_mask.sum().asscalar())

anchors, class_preds, box_preds = net(images)
probabilities = nd.SoftmaxActivation(class_preds.transpose((0, 2, 1)), mode="channel")
found = nd.contrib.MultiBoxDetection(probabilities, box_preds, anchors, force_suppress=True, clip=False,
                                     nms_threshold=0.4, nms_topk=40)  # fmt: skip
print(anchors.shape, found.shape, (found[:, :, 0] >= 0).sum(axis=1).asnumpy())
for detections in found:
    best = detections[0]
    print(np.round(best.asnumpy(), 3))

print("the same boxes by box_nms")
scores = probabilities[:, 1:].max(axis=1, keepdims=True).transpose((0, 2, 1))
ids = probabilities[:, 1:].argmax(axis=1, keepdims=True).transpose((0, 2, 1))
rows = nd.concat(ids, scores, nd.tile(anchors, reps=(4, 1, 1)), dim=2)
kept = nd.contrib.box_nms(rows, overlap_thresh=0.4, valid_thresh=0.01, topk=9, coord_start=2, score_index=1, id_index=0)
print((kept[:, :, 1] > 0).sum(axis=1).asnumpy(), np.round(kept[0, :2].asnumpy(), 3))
ious = nd.contrib.box_iou(anchors[0, :5], labels[0, :1, 1:])
print(np.round(ious.asnumpy().ravel(), 4))
matched = nd.contrib.bipartite_matching(nd.contrib.box_iou(labels[3, :, 1:], anchors[0]), threshold=1e-12)
print([m.asnumpy().astype("int").tolist() for m in matched][0])
