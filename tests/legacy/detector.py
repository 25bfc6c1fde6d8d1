"""A single-shot detector as toolkits write it: features from a Symbol, anchors, matching, hard examples, decoding."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import HybridBlock, SymbolBlock, nn

mx.random.seed(83)
np.random.seed(83)


def backbone(**kwargs):
    net = nn.HybridSequential(**kwargs)
    with net.name_scope():
        for i, c in enumerate((4, 8, 8)):
            net.add(nn.Conv2D(c, 3, 2, 1, in_channels=(3, 4, 8)[i], use_bias=False))
            net.add(nn.BatchNorm(in_channels=c), nn.Activation("relu"))
    return net


def _parse_network(network, outputs, inputs, ctx):
    inputs = list(inputs) if isinstance(inputs, tuple) else inputs
    for i, inp in enumerate(inputs):
        if isinstance(inp, str):
            inputs[i] = mx.sym.var(inp)
        assert isinstance(inputs[i], mx.sym.Symbol), "Network expects inputs are Symbols."
    prefix = network._prefix
    params = network.collect_params()
    symbol = network(inputs[0] if len(inputs) == 1 else mx.sym.Group(inputs))
    all_outputs = symbol.get_internals()
    if isinstance(outputs, str):
        outputs = [outputs]
    return (
        inputs,
        [all_outputs[prefix + o] if prefix + o in all_outputs.list_outputs() else all_outputs[o] for o in outputs],
        params,
    )


class FeatureExpander(SymbolBlock):
    """Features of a network, and pyramids over the last of them."""

    def __init__(self, network, outputs, num_filters, inputs=("data",), ctx=None):
        inputs, outputs, params = _parse_network(network, outputs, inputs, ctx)
        weight_init = mx.init.Xavier(rnd_type="gaussian", factor_type="out", magnitude=2)
        y = outputs[-1]
        for i, f in enumerate(num_filters):
            y = mx.sym.Convolution(
                y,
                num_filter=f // 2,
                kernel=(1, 1),
                no_bias=True,
                name="expand_trans_conv%d" % i,
                attr={"__init__": weight_init.dumps()},
            )
            y = mx.sym.Activation(y, act_type="relu", name="expand_trans_relu%d" % i)
            y = mx.sym.Convolution(
                y,
                num_filter=f,
                kernel=(3, 3),
                pad=(1, 1),
                stride=(2, 2),
                no_bias=True,
                name="expand_conv%d" % i,
                attr={"__init__": weight_init.dumps()},
            )
            y = mx.sym.Activation(y, act_type="relu", name="expand_relu%d" % i)
            outputs.append(y)
        super(FeatureExpander, self).__init__(outputs, inputs, params)


class AnchorGenerator(HybridBlock):
    def __init__(self, size, step, alloc=8, **kwargs):
        super(AnchorGenerator, self).__init__(**kwargs)
        anchors = [[(j + 0.5) * step, (i + 0.5) * step, size * r, size / r]
                   for i in range(alloc) for j in range(alloc) for r in (1, 1.4)]  # fmt: skip
        with self.name_scope():
            self.anchors = self.params.get_constant("anchors", np.array(anchors).reshape(1, 1, alloc, alloc, -1))

    def hybrid_forward(self, F, x, anchors):
        a = F.slice_like(anchors, x * 0, axes=(2, 3))
        return a.reshape((1, -1, 4))


class NormalizedBoxCenterDecoder(HybridBlock):
    def __init__(self, stds=(0.1, 0.1, 0.2, 0.2), **kwargs):
        super(NormalizedBoxCenterDecoder, self).__init__(**kwargs)
        self._stds = stds

    def hybrid_forward(self, F, x, anchors):
        ax, ay, aw, ah = F.split(anchors, axis=-1, num_outputs=4)
        px, py, pw, ph = F.split(x, axis=-1, num_outputs=4)
        ox = F.broadcast_add(F.broadcast_mul(px * self._stds[0], aw), ax)
        oy = F.broadcast_add(F.broadcast_mul(py * self._stds[1], ah), ay)
        ow = F.broadcast_mul(F.exp(pw * self._stds[2]), aw) / 2
        oh = F.broadcast_mul(F.exp(ph * self._stds[3]), ah) / 2
        return F.concat(ox - ow, oy - oh, ox + ow, oy + oh, dim=-1)


class SSD(HybridBlock):
    def __init__(self, network, features, num_filters, sizes, steps, classes, **kwargs):
        super(SSD, self).__init__(**kwargs)
        self.classes = classes
        with self.name_scope():
            self.features = FeatureExpander(network, features, num_filters)
            self.class_predictors = nn.HybridSequential()
            self.box_predictors = nn.HybridSequential()
            self.anchor_generators = nn.HybridSequential()
            for i, (size, step) in enumerate(zip(sizes, steps)):
                self.anchor_generators.add(AnchorGenerator(size, step, prefix="anchor%d_" % i))
                self.class_predictors.add(nn.Conv2D(2 * (len(classes) + 1), 3, padding=1))
                self.box_predictors.add(nn.Conv2D(2 * 4, 3, padding=1))
            self.bbox_decoder = NormalizedBoxCenterDecoder()

    def hybrid_forward(self, F, x):
        features = self.features(x)
        cls_preds = [F.flatten(F.transpose(cp(f), (0, 2, 3, 1))) for f, cp in zip(features, self.class_predictors)]
        box_preds = [F.flatten(F.transpose(bp(f), (0, 2, 3, 1))) for f, bp in zip(features, self.box_predictors)]
        anchors = [F.reshape(ag(f), shape=(1, -1)) for f, ag in zip(features, self.anchor_generators)]
        cls_preds = F.concat(*cls_preds, dim=1).reshape((0, -1, len(self.classes) + 1))
        box_preds = F.concat(*box_preds, dim=1).reshape((0, -1, 4))
        anchors = F.concat(*anchors, dim=1).reshape((1, -1, 4))
        if autograd.is_training():
            return [cls_preds, box_preds, anchors]
        bboxes = self.bbox_decoder(box_preds, anchors)
        prob = F.softmax(cls_preds, axis=-1)
        score = F.max(F.slice_axis(prob, axis=-1, begin=1, end=None), axis=-1, keepdims=True)
        ids = F.argmax(F.slice_axis(prob, axis=-1, begin=1, end=None), axis=-1, keepdims=True)
        ids = F.where(score > 0.2, ids, F.ones_like(ids) * -1)
        return ids, score, bboxes


class Beside(HybridBlock):
    """Both of its inputs, of which it gets one Symbol."""

    def hybrid_forward(self, F, x):
        return F.concat(x[0], x[1], dim=1)


base = backbone(prefix="base_")
base.initialize(mx.init.Xavier())
outputs = ["relu1_fwd", "relu2_fwd"]
print(base(mx.sym.var("data")).get_internals().list_outputs()[-6:])
print(_parse_network(Beside(prefix="beside_"), "concat0_output", ("left", "right"), None)[:2])
net = SSD(base, [o + "_output" for o in outputs], [8], [6, 10, 20], [4, 8, 16], ["cat", "dog"], prefix="ssd_")
net.initialize()
x = nd.random.uniform(shape=(2, 3, 32, 32))
print([f.shape for f in net.features(x)])
with autograd.train_mode():
    print([o.shape for o in net(x)])
print(sorted(k for k in net.collect_params() if "expand" in k), [k for k in net._collect_params_with_prefix()][:3])
print([(k, p.shape, p.grad_req) for k, p in net.collect_params(".*anchor.*").items()])
net.hybridize()
anchors = nd.concat(*[g(f) for g, f in zip(net.anchor_generators, net.features(x))], dim=1)
corner = nd.concat(anchors[:, :, :2] - anchors[:, :, 2:] / 2, anchors[:, :, :2] + anchors[:, :, 2:] / 2, dim=-1)[0]
truth = nd.array([[2, 3, 12, 11], [14, 12, 30, 28]])
tl = nd.broadcast_maximum(corner[:, :2].expand_dims(1), truth[:, :2].expand_dims(0))
br = nd.broadcast_minimum(corner[:, 2:].expand_dims(1), truth[:, 2:].expand_dims(0))
inter = nd.maximum(br - tl, 0).prod(axis=2)
area = (corner[:, 2:] - corner[:, :2]).prod(axis=1).expand_dims(1)
iou = inter / (area + ((truth[:, 2:] - truth[:, :2]).prod(axis=1)).expand_dims(0) - inter)
match, best = iou.argmax(axis=1), iou.max(axis=1)
cls_target = nd.where(best > 0.3, match + 1, nd.zeros_like(match))
print(corner.shape, "%.4f" % best.max().asscalar(), int((cls_target > 0).sum().asscalar()))
gt = nd.take(truth, match)
centre, size = (gt[:, :2] + gt[:, 2:]) / 2, gt[:, 2:] - gt[:, :2]
box_target = nd.concat(
    (centre - anchors[0, :, :2]) / anchors[0, :, 2:] / 0.1, nd.log(size / anchors[0, :, 2:]) / 0.2, dim=1
)
cls_targets = nd.stack(cls_target, cls_target)
box_targets = nd.stack(box_target, box_target)
positive = (cls_targets > 0).expand_dims(-1)
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.05, "wd": 5e-4, "momentum": 0.9})
for step in range(3):
    with autograd.record():
        cls_preds, box_preds, _ = net(x)
        logp = nd.log_softmax(cls_preds, axis=-1)
        cls_loss = -nd.pick(logp, cls_targets, axis=-1, keepdims=False)
        rank = (cls_loss * (cls_targets == 0)).argsort(axis=1, is_ascend=False).argsort(axis=1)
        hard = rank < ((cls_targets > 0).sum(axis=1) * 3).expand_dims(-1)
        cls_loss = nd.where((cls_targets > 0) + hard, cls_loss, nd.zeros_like(cls_loss)).sum() / positive.sum()
        box_loss = (nd.smooth_l1(box_preds - box_targets, scalar=1.0) * positive).sum() / positive.sum()
        loss = cls_loss + box_loss
    loss.backward()
    trainer.step(1)
    print("step %d cls %.4f box %.4f" % (step, cls_loss.asscalar(), box_loss.asscalar()))
net.hybridize(False)  # traced in training, the net gives no boxes
ids, score, bboxes = net(x)
print(ids.shape, score.shape, bboxes.shape, sorted(map(float, set(ids.asnumpy().ravel()))))
print("%.4f %.4f" % (score.mean().asscalar(), nd.log1p(bboxes.abs()).mean().asscalar()))
