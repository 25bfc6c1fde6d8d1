"""A small transformer: masks, positions, tied embeddings, warm-up, greedy decoding; plain Blocks around hybrid ones."""

import math

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn
from mxnet.gluon.block import Block, HybridBlock

mx.random.seed(79)
np.random.seed(79)


class MultiHeadAttention(HybridBlock):
    def __init__(self, units, heads, prefix=None, params=None):
        super(MultiHeadAttention, self).__init__(prefix=prefix, params=params)
        self._heads = heads
        with self.name_scope():
            for name in ("query", "key", "value", "out"):
                setattr(self, "proj_" + name, nn.Dense(units, flatten=False, use_bias=False, prefix=name + "_"))

    def _split(self, F, x):
        x = F.reshape(x, shape=(0, 0, self._heads, -1))
        return F.reshape(F.transpose(x, axes=(0, 2, 1, 3)), shape=(-1, 0, 0), reverse=True)

    def hybrid_forward(self, F, query, key, mask=None):
        q, k, v = (self._split(F, p(x)) for p, x in
                   ((self.proj_query, query), (self.proj_key, key), (self.proj_value, key)))  # fmt: skip
        score = F.batch_dot(F.contrib.div_sqrt_dim(q), k, transpose_b=True)
        if mask is not None:
            mask = F.broadcast_axis(F.expand_dims(mask, axis=1), axis=1, size=self._heads).reshape((-3, 0, 0))
            score = F.where(mask, score, -1e18 * F.ones_like(score))
            weight = F.softmax(score, axis=-1) * mask
        else:
            weight = F.softmax(score, axis=-1)
        out = F.reshape(F.batch_dot(weight, v), shape=(-1, self._heads, 0, 0), reverse=True)
        return self.proj_out(F.reshape(F.transpose(out, axes=(0, 2, 1, 3)), shape=(0, 0, -1))), weight


class PositionwiseFFN(HybridBlock):
    def __init__(self, units, hidden, activation="gelu", **kwargs):
        super(PositionwiseFFN, self).__init__(**kwargs)
        with self.name_scope():
            self.ffn_1 = nn.Dense(hidden, flatten=False, prefix="ffn_1_")
            self.activation = nn.GELU() if activation == "gelu" else nn.Activation(activation)
            self.ffn_2 = nn.Dense(units, flatten=False, prefix="ffn_2_")
            self.layer_norm = nn.LayerNorm(in_channels=units)

    def hybrid_forward(self, F, x):
        return self.layer_norm(x + self.ffn_2(self.activation(self.ffn_1(x))))


class Cell(HybridBlock):
    def __init__(self, units, heads, **kwargs):
        super(Cell, self).__init__(**kwargs)
        with self.name_scope():
            self.attention = MultiHeadAttention(units, heads, prefix="attention_")
            self.norm = nn.LayerNorm(in_channels=units)
            self.ffn = PositionwiseFFN(units, units * 2, prefix="ffn_")

    def hybrid_forward(self, F, x, mask=None):
        out, weight = self.attention(x, x, mask)
        return self.ffn(self.norm(x + out)), weight


class Encoder(HybridBlock):
    def __init__(self, units, heads, num_layers, max_length=16, **kwargs):
        super(Encoder, self).__init__(**kwargs)
        with self.name_scope():
            self.position_weight = self.params.get_constant("const", self._position(max_length, units))
            self.cells = nn.HybridSequential()
            for i in range(num_layers):
                self.cells.add(Cell(units, heads, prefix="transformer%d_" % i))

    @staticmethod
    def _position(length, units):
        angle = np.arange(length)[:, None] / np.power(10000, 2 * (np.arange(units) // 2) / units)
        angle[:, 0::2], angle[:, 1::2] = np.sin(angle[:, 0::2]), np.cos(angle[:, 1::2])
        return angle

    def hybrid_forward(self, F, x, mask, position_weight=None):
        steps = F.contrib.arange_like(x, axis=1)
        x = F.broadcast_add(x, F.expand_dims(F.Embedding(steps, position_weight, 16, 8), axis=0))
        weights = []
        for cell in self.cells:
            x, w = cell(x, mask)
            weights.append(w)
        return x, weights


class LanguageModel(Block):
    def __init__(self, vocab, units, **kwargs):
        super(LanguageModel, self).__init__(**kwargs)
        self._units = units
        with self.name_scope():
            self.embed = nn.HybridSequential(prefix="embed_")
            with self.embed.name_scope():
                self.embed.add(nn.Embedding(vocab, units, weight_initializer=mx.init.Normal(0.3)))
            self.encoder = Encoder(units, 2, 2, prefix="enc_")
            self.project = nn.Dense(vocab, in_units=units, flatten=False, params=self.embed[0].params)

    def forward(self, tokens, valid_length=None):
        length = tokens.shape[1]
        steps = nd.arange(length, ctx=tokens.context)
        mask = nd.broadcast_lesser_equal(steps.reshape((1, -1)), steps.reshape((-1, 1))).expand_dims(0)
        mask = nd.broadcast_axes(mask, axis=0, size=tokens.shape[0])
        if valid_length is not None:
            valid = nd.broadcast_lesser(steps.reshape((1, 1, -1)), valid_length.reshape((-1, 1, 1)))
            mask = nd.broadcast_mul(mask, valid)
        out, weights = self.encoder(self.embed(tokens) * math.sqrt(self._units), mask)
        return self.project(out), weights


net = LanguageModel(11, 8, prefix="lm_")
print(net)
net.initialize(mx.init.Xavier())
net.hybridize(static_alloc=True)
for name, p in net.collect_params().items():
    print(name, p.shape, p.grad_req)
tokens = nd.array(np.arange(24).reshape((4, 6)) % 10 + 1)
valid = nd.array([6, 5, 4, 6])
logits, weights = net(tokens, valid)
print(logits.shape, [w.shape for w in weights], np.round(weights[0][1, 2].asnumpy(), 4), logits.dtype)
params = net.collect_params()
trainer = gluon.Trainer(params, "adam", {"learning_rate": 0.01, "beta2": 0.98, "epsilon": 1e-9})
loss_fn = gluon.loss.SoftmaxCELoss(axis=-1)
for step in range(1, 5):
    trainer.set_learning_rate(0.05 * min(1 / math.sqrt(step), step * 3**-1.5))
    with autograd.record():
        logits, _ = net(tokens[:, :-1], valid - 1)
        mask = nd.SequenceMask(nd.ones((5, 4, 1)), sequence_length=valid - 1, use_sequence_length=True).transpose(
            (1, 0, 2)
        )
        loss = (loss_fn(logits, tokens[:, 1:], mask) * 5 / (valid - 1)).mean()
    loss.backward()
    grads = [p.grad(c) for p in params.values() if p.grad_req != "null" for c in [mx.cpu()]]
    norm = gluon.utils.clip_global_norm(grads, 1.0)
    trainer.step(1)
    print(
        "step %d loss %.4f ppl %.3f norm %.4f lr %.5f"
        % (step, loss.asscalar(), math.exp(loss.asscalar()), norm, trainer.learning_rate)
    )
print(
    net.project.weight is net.embed[0].weight,
    net.project.bias.name,
    len(set(params.values())) == len(list(params.keys())),
)
sequence = [3]
for _ in range(4):
    out, _ = net(nd.array([sequence]))
    sequence.append(int(out[0, -1].argmax(axis=0).asscalar()))
print(len(sequence), sequence[0])
with autograd.predict_mode():
    print("%.4f" % net(tokens)[0].log_softmax(axis=-1).pick(tokens, axis=-1).mean().asscalar())

attention, ffn = MultiHeadAttention(8, 2, prefix="all_"), PositionwiseFFN(8, 12, activation="relu", prefix="relu_")
for block in (attention, ffn):
    block.initialize(mx.init.Xavier())
states = nd.array(np.sin(np.arange(48)).reshape((2, 3, 8)))
out, weight = attention(states, states)
print(out.shape, weight.shape, "%.4f %.4f" % (ffn(out).abs().mean().asscalar(), weight.max().asscalar()))
