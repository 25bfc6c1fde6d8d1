"""A siamese network: two branches over one set of weights, and a contrastive loss."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(5)
np.random.seed(5)


class ContrastiveLoss(gluon.loss.Loss):
    def __init__(self, margin=1.0, weight=None, batch_axis=0, **kwargs):
        super(ContrastiveLoss, self).__init__(weight, batch_axis, **kwargs)
        self.margin = margin

    def hybrid_forward(self, F, a, b, same, sample_weight=None):
        distance = F.sqrt(F.sum(F.square(a - b), axis=1) + 1e-6)
        loss = same * F.square(distance) + (1 - same) * F.square(F.maximum(self.margin - distance, 0))
        loss = gluon.loss._apply_weighting(F, loss, self._weight, sample_weight)
        return F.mean(loss, axis=self._batch_axis, exclude=True)


def branch(prefix, params=None):
    net = nn.HybridSequential(prefix=prefix, params=params)
    with net.name_scope():
        net.add(nn.Dense(16, activation="relu"))
        net.add(nn.BatchNorm())
        net.add(nn.Dense(4))
    return net


class Siamese(gluon.HybridBlock):
    """One branch called twice."""

    def __init__(self, **kwargs):
        super(Siamese, self).__init__(**kwargs)
        with self.name_scope():
            self.net = branch("net_")

    def hybrid_forward(self, F, left, right):
        return self.net(left), self.net(right)


class Shared(gluon.Block):
    """Two blocks over the same parameters."""

    def __init__(self, **kwargs):
        super(Shared, self).__init__(**kwargs)
        with self.name_scope():
            self.left = nn.Dense(8, in_units=6, activation="tanh", prefix="fc_")
            self.right = nn.Dense(8, in_units=6, activation="sigmoid", prefix="fc_", params=self.left.params)
            self.scale = self.params.get("scale", shape=(8,), init=mx.init.Constant(0.5))

    def forward(self, left, right):
        s = self.scale.data(left.context).expand_dims(0)
        return self.left(left) * s, self.right(right) * s


centres = np.random.normal(size=(3, 6))
cls = np.random.randint(0, 3, size=(2, 64))
left = nd.array(centres[cls[0]] + 0.1 * np.random.normal(size=(64, 6)))
right = nd.array(centres[cls[1]] + 0.1 * np.random.normal(size=(64, 6)))
same = nd.array(cls[0] == cls[1])
print(left.shape, right.dtype, same.sum().asscalar())

for make in (Siamese, Shared):
    net = make()
    print(net)
    net.initialize(mx.init.Xavier(rnd_type="gaussian", magnitude=2))
    if isinstance(net, gluon.HybridBlock):
        net.hybridize()
    loss_fn = ContrastiveLoss(margin=2.0)
    print(loss_fn)
    trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.01})
    for epoch in range(3):
        for i in range(0, 64, 32):
            with autograd.record():
                a, b = net(left[i : i + 32], right[i : i + 32])
                loss = loss_fn(a, b, same[i : i + 32])
            loss.backward()
            trainer.step(32)
        print("epoch", epoch, "loss %.4f" % loss.mean().asscalar())
    print(loss_fn(a, b, same[32:], nd.ones((32,)) * 0.5).mean())
    for name, p in net.collect_params().items():
        print(name, p.shape, p.grad_req)
    print(sorted(net._collect_params_with_prefix().keys()))

print(net.left.weight is net.right.weight, net.left.params, net.right.params)
print(net.left.prefix, net.right.prefix, net.left.name, net.params.prefix)
net.left.weight.set_data(nd.ones((8, 6)))
print(net.right(nd.ones((1, 6)) * 0.1)[0, :3])

# an anchor, a positive and a negative through one branch, two ways of sharing it
anchor = branch("embed_")
positive = branch("embed_", anchor.collect_params())
try:
    other = branch("other_", anchor.collect_params())
    other.initialize()
    print(list(other.collect_params()))
except Exception as e:
    print(type(e).__name__)
anchor.initialize(mx.init.Uniform(0.3))
x = nd.array(np.random.normal(size=(5, 6)))
with autograd.record():
    f = anchor(x)
    g = positive(x + 0.1)
    h = positive(x[::-1])
    loss = gluon.loss.TripletLoss(margin=0.2)(f, g, h)
loss.backward()
print(loss)
print((anchor[0].weight.grad() == positive[0].weight.grad()).min().asscalar())
print(np.round(anchor[2].bias.grad().asnumpy(), 4))
print(list(anchor.collect_params().keys()) == list(positive.collect_params().keys()))
print(gluon.loss.CosineEmbeddingLoss()(f, g, nd.array([1, -1, 1, -1, 1])))
