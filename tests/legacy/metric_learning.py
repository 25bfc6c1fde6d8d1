"""Embeddings by triplet, cosine, N-pair and SDML losses; shared towers; retrieval with topk; a queue of negatives."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(8)
np.random.seed(8)


class L2Norm(gluon.HybridBlock):
    def __init__(self, scale=None, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.scale = None if scale is None else self.params.get("scale", shape=(1, 5), init=mx.init.Constant(scale))

    def hybrid_forward(self, F, x, scale=None):
        x = F.L2Normalization(x, mode="instance", eps=1e-10)
        return x if scale is None else F.broadcast_mul(x, scale)


def tower(shared=None, prefix=None):
    net = nn.HybridSequential(prefix=prefix, params=shared)
    with net.name_scope():
        net.add(nn.Dense(8, activation="tanh"), nn.LayerNorm(), nn.Dense(5, use_bias=False), L2Norm(2.0))
    return net


class NPair(gluon.loss.Loss):
    def __init__(self, margin=0.0, weight=None, batch_axis=0, **kwargs):
        super().__init__(weight, batch_axis, **kwargs)
        self._margin = margin

    def hybrid_forward(self, F, anchors, positives):
        scores = F.linalg.gemm2(anchors, positives, transpose_b=True)
        own = F.diag(scores)
        differences = F.broadcast_sub(scores, F.expand_dims(own, axis=1)) + self._margin
        return F.log(F.sum(F.exp(differences), axis=1))


class Triplets(gluon.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.anchor = tower(prefix="tower_")
            self.other = self.anchor
            self.loss = gluon.loss.TripletLoss(margin=0.5)

    def hybrid_forward(self, F, a, p, n):
        return self.loss(self.anchor(a), self.other(p), self.other(n))


centres = np.random.normal(0, 1.5, (4, 6))


def batch(size=12):
    labels = np.arange(size) % 4

    def draw(c):
        return nd.array(centres[c] + np.random.normal(0, 0.6, (len(c), 6)))

    return draw(labels), draw(labels), draw((labels + np.random.randint(1, 4, size)) % 4), nd.array(labels)


net = Triplets(prefix="triplets_")
net.initialize(mx.init.Xavier())
net.hybridize()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.3, "momentum": 0.5})
for step in range(5):
    a, p, n, labels = batch()
    with autograd.record():
        loss = net(a, p, n)
    loss.backward()
    trainer.step(12)
    print("triplet %.6f" % loss.mean().asscalar())
print(list(net.collect_params()))

first = tower(prefix="first_")
second = tower(shared=first.collect_params(), prefix="first_")
first.initialize(mx.init.Xavier(rnd_type="gaussian"))
print([a is b for a, b in zip(first.collect_params().values(), second.collect_params().values())])
cosine, sdml, npair = (
    gluon.loss.CosineEmbeddingLoss(margin=0.2),
    gluon.loss.SDMLLoss(smoothing_parameter=0.2),
    NPair(0.1),
)
npair.hybridize()
for name, loss_fn in (("cosine", None), ("sdml", sdml), ("npair", npair)):
    trainer = gluon.Trainer(first.collect_params(), "adam", {"learning_rate": 0.02})
    for step in range(3):
        a, p, n, labels = batch(8)
        with autograd.record():
            left = first(a)
            if loss_fn is None:
                right = second(nd.concat(p[:4], n[4:], dim=0))
                target = nd.concat(nd.ones(4), -nd.ones(4), dim=0)
                loss = cosine(left, right, target)
            else:
                loss = loss_fn(left, second(p))
        loss.backward()
        trainer.step(8)
        print(name, loss.shape, "%.6f" % loss.mean().asscalar())

gallery, queries, _, labels = batch(12)
found, asked = first(gallery), first(queries)
distance = nd.sqrt(nd.maximum(((asked.expand_dims(1) - found.expand_dims(0)) ** 2).sum(axis=2), 1e-12))
nearest = distance.topk(axis=1, k=3, ret_typ="indices", is_ascend=True)
hits = nd.take(labels, nearest) == labels.expand_dims(1)
print("%.6f %.6f" % (hits[:, 0].mean().asscalar(), hits.max(axis=1).mean().asscalar()))
print(nearest[:3].asnumpy().astype(int).tolist())

queue, momentum = nd.L2Normalization(nd.random.normal(shape=(10, 5))), 0.9
teacher = tower(prefix="teacher_")
teacher.initialize()
teacher(gallery)
for mine, theirs in zip(first.collect_params().values(), teacher.collect_params().values()):
    theirs.set_data(mine.data())
    theirs.grad_req = "null"
ce = gluon.loss.SoftmaxCELoss()
trainer = gluon.Trainer(first.collect_params("first_dense.*|.*norm.*"), "sgd", {"learning_rate": 0.1, "wd": 1e-3})
for step in range(4):
    a, p, n, _ = batch(4)
    keys = teacher(p)
    with autograd.record():
        q = first(a)
        positive = (q * keys).sum(axis=1, keepdims=True)
        negative = nd.dot(q, queue, transpose_b=True)
        loss = ce(nd.concat(positive, negative, dim=1) / 0.5, nd.zeros(4))
    loss.backward()
    trainer.step(4, ignore_stale_grad=True)
    queue = nd.concat(queue[4:], keys, dim=0)
    for mine, theirs in zip(first.collect_params().values(), teacher.collect_params().values()):
        theirs.set_data(momentum * theirs.data() + (1 - momentum) * mine.data())
    print("queue %.6f %.6f" % (loss.mean().asscalar(), teacher[0].weight.data().norm().asscalar()))
