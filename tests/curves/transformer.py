"""A Transformer encoder in Gluon that learns to reverse sequences: Adam with warm-up; 100 losses, one a line."""

import math
import sys

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(5)
np.random.seed(5)

WORDS, LENGTH, UNITS, HEADS, BATCH, STEPS = 20, 8, 48, 4, 32, 100


class Attention(gluon.HybridBlock):
    def __init__(self, units, heads, dropout, **kwargs):
        super(Attention, self).__init__(**kwargs)
        self._heads, self._scale = heads, 1.0 / math.sqrt(units // heads)
        with self.name_scope():
            self.qkv = nn.Dense(3 * units, flatten=False)
            self.out = nn.Dense(units, flatten=False)
            self.drop = nn.Dropout(dropout)

    def _heads_first(self, F, x):
        x = F.transpose(F.reshape(x, (0, 0, self._heads, -1)), (0, 2, 1, 3))
        return F.reshape(x, (-1, 0, 0), reverse=True)

    def hybrid_forward(self, F, x):
        q, k, v = (self._heads_first(F, part) for part in F.split(self.qkv(x), num_outputs=3, axis=2))
        weights = self.drop(F.softmax(F.batch_dot(q, k, transpose_b=True) * self._scale))
        x = F.reshape(F.batch_dot(weights, v), (-1, self._heads, 0, 0), reverse=True)
        return self.out(F.reshape(F.transpose(x, (0, 2, 1, 3)), (0, 0, -1)))


class Layer(gluon.HybridBlock):
    def __init__(self, units, heads, dropout, **kwargs):
        super(Layer, self).__init__(**kwargs)
        with self.name_scope():
            self.attention = Attention(units, heads, dropout)
            self.norms = nn.HybridSequential()
            self.norms.add(nn.LayerNorm(), nn.LayerNorm())
            self.ffn = nn.HybridSequential()
            self.ffn.add(nn.Dense(4 * units, flatten=False), nn.GELU(), nn.Dense(units, flatten=False))
            self.drop = nn.Dropout(dropout)

    def hybrid_forward(self, F, x):
        x = self.norms[0](x + self.drop(self.attention(x)))
        return self.norms[1](x + self.drop(self.ffn(x)))


class Encoder(gluon.HybridBlock):
    def __init__(self, layers, dropout=0.1, **kwargs):
        super(Encoder, self).__init__(**kwargs)
        with self.name_scope():
            self.words = nn.Embedding(WORDS, UNITS)
            self.position = self.params.get("position", shape=(1, LENGTH, UNITS), init=mx.init.Normal(0.1))
            self.layers = nn.HybridSequential()
            for _ in range(layers):
                self.layers.add(Layer(UNITS, HEADS, dropout))
            self.output = nn.Dense(WORDS, flatten=False)

    def hybrid_forward(self, F, words, position):
        return self.output(self.layers(F.broadcast_add(self.words(words) * math.sqrt(UNITS), position)))


net = Encoder(2)
net.initialize(mx.init.Xavier())
if "--no-hybridize" not in sys.argv:
    net.hybridize()

schedule = mx.lr_scheduler.CosineScheduler(max_update=STEPS, base_lr=3e-3, final_lr=3e-4, warmup_steps=20)
trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 3e-3, "lr_scheduler": schedule, "beta2": 0.98})
loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
for _ in range(STEPS):
    words = np.random.randint(0, WORDS, (BATCH, LENGTH))
    with autograd.record():
        loss = loss_of(net(nd.array(words)), nd.array(words[:, ::-1]))
    loss.backward()
    trainer.step(BATCH * LENGTH)
    print("%.9g" % (loss.mean().asscalar()))
