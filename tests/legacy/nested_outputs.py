"""Blocks that take lists and None and return nested lists and tuples, run as they are and hybridized."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(9)


def describe(out):
    if isinstance(out, (list, tuple)):
        return type(out).__name__ + "[" + ", ".join(describe(o) for o in out) + "]"
    return str(out) if out is None else str(out.shape)


class Pyramid(gluon.HybridBlock):
    """Features of several scales, as detectors return them."""

    def __init__(self, channels, **kwargs):
        super(Pyramid, self).__init__(**kwargs)
        with self.name_scope():
            self.stages = nn.HybridSequential(prefix="stages_")
            with self.stages.name_scope():
                for c in channels:
                    self.stages.add(nn.Conv2D(c, 3, strides=2, padding=1, activation="relu"))
            self.heads = nn.HybridSequential(prefix="heads_")
            with self.heads.name_scope():
                for _ in channels:
                    self.heads.add(nn.Conv2D(2, 1))

    def hybrid_forward(self, F, x):
        features, scores = [], []
        for stage, head in zip(self.stages, self.heads):
            x = stage(x)
            features.append(x)
            scores.append((head(x), F.max(x, axis=(2, 3))))
        return features, (scores, F.mean(x))


class Cell(gluon.HybridBlock):
    """A recurrent cell with a nested state; begin states may be a list of lists."""

    def __init__(self, hidden, **kwargs):
        super(Cell, self).__init__(**kwargs)
        with self.name_scope():
            self.i2h = nn.Dense(hidden, flatten=False, prefix="i2h_")
            self.h2h = nn.Dense(hidden, flatten=False, use_bias=False, prefix="h2h_")

    def hybrid_forward(self, F, x, states):
        h, (total, steps) = states
        new_h = F.tanh(self.i2h(x) + self.h2h(h))
        return new_h, [new_h, [total + new_h, steps + 1]]


class Attention(gluon.HybridBlock):
    """mask may be None, memory a list."""

    def __init__(self, **kwargs):
        super(Attention, self).__init__(**kwargs)
        with self.name_scope():
            self.proj = nn.Dense(4, flatten=False)

    def hybrid_forward(self, F, query, memory, mask=None):
        key, value = memory
        score = F.batch_dot(self.proj(query), key, transpose_b=True)
        if mask is not None:
            score = F.broadcast_add(score, (mask - 1).expand_dims(1) * 100)
        weight = F.softmax(score, axis=-1)
        return F.batch_dot(weight, value), weight


image = nd.random.uniform(shape=(2, 3, 16, 16))
net = Pyramid([4, 6, 8], prefix="pyramid_")
net.initialize(mx.init.Xavier())
plain = net(image)
print(describe(plain))
net.hybridize()
fast = net(image)
print(describe(fast))
for a, b in zip(plain[0] + [s for pair in plain[1][0] for s in pair], fast[0] + [s for p in fast[1][0] for s in p]):
    print(a.shape, "%.4f" % a.sum().asscalar(), np.allclose(a.asnumpy(), b.asnumpy(), atol=1e-6))
for p in net.collect_params().values():
    p.zero_grad()
with autograd.record():
    features, (scores, mean) = net(image)
    loss = sum(f.mean() for f in features) + scores[1][1].sum() + mean
loss.backward()
print("%.4f" % loss.asscalar(), ["%.4f" % p.grad().norm().asscalar() for p in net.collect_params(".*weight").values()])

for hybrid in (False, True):
    cell = Cell(3, prefix="cell_")
    cell.initialize(mx.init.One())
    if hybrid:
        cell.hybridize()
    zeros = nd.zeros((2, 3))
    states = [zeros, [zeros, nd.zeros((1,))]]
    for t in range(3):
        out, states = cell(nd.ones((2, 5)) * 0.1 * t, states)
    print(describe(states), out[0, 0].asscalar(), states[1][0][0, 0].asscalar(), states[1][1].asscalar())

for hybrid in (False, True):
    att = Attention(prefix="att_")
    att.initialize(mx.init.Uniform(0.5))
    if hybrid:
        att.hybridize()
    query, key = nd.arange(16).reshape((2, 2, 4)) / 16, nd.arange(24).reshape((2, 3, 4)) / 24
    context, weight = att(query, [key, key * 2])
    print(describe([context, weight]), "%.4f" % weight.sum().asscalar())
    mask = nd.array([[1, 1, 0], [1, 0, 0]])
    try:
        # the graph of a hybridized block was made without a mask
        att(query, (key, key * 2), mask)
        print("plain blocks do not mind")
    except ValueError as e:
        print("ValueError", str(e).split(".")[0])
        att.hybridize()
    context, weight = att(query, (key, key * 2), mask)
    print(np.round(weight.asnumpy(), 3).tolist())
    if not hybrid:
        context, weight = att(query, [key, key * 2], None)
        print("%.4f" % weight[0, 0, 0].asscalar())


class Plain(gluon.Block):
    """An ordinary Block passes on whatever Python passes."""

    def __init__(self, **kwargs):
        super(Plain, self).__init__(**kwargs)
        with self.name_scope():
            self.fc = nn.Dense(2)

    def forward(self, batch, options=None, *args):
        outputs = {"out": self.fc(batch["data"]), "extra": args, "none": None}
        if options and options.get("twice"):
            outputs["out"] = outputs["out"] * 2
        return outputs


net = Plain()
net.initialize(mx.init.Constant(0.25))
out = net({"data": nd.ones((2, 4))}, {"twice": True}, 1, "a")
print(sorted(out), out["out"].asnumpy().tolist(), out["extra"], out["none"])


class Swap(gluon.HybridBlock):
    def hybrid_forward(self, F, pair, other=None):
        a, b = pair
        return (b, a) if other is None else [b, [a, other]]


swap = Swap()
a, b = nd.array([1.5]), nd.array([2.5])
print([float(o.asscalar()) for o in swap((a, b))], describe(swap([a, b], b)))
swap.hybridize()
print([float(o.asscalar()) for o in swap((a, b))], describe(swap((a, b))))
for bad in ([a], [a, b, a], [[a, b]]):
    try:
        swap(bad)
        print("taken", len(bad))
    except Exception as e:
        print(type(e).__name__)
