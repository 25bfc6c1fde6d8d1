"""BERT's attention by interleaved projections, float16 with a loss scale, and LAMB written with its two operators."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(17)
np.random.seed(17)


class SelfAttention(gluon.HybridBlock):
    def __init__(self, units, heads, **kwargs):
        super(SelfAttention, self).__init__(**kwargs)
        self._heads = heads
        with self.name_scope():
            self.qkv = nn.Dense(3 * units, flatten=False, in_units=units)
            self.out = nn.Dense(units, flatten=False, in_units=units)
            self.norm = nn.LayerNorm(in_channels=units)
            self.ffn = nn.Dense(units, flatten=False, in_units=units)

    def hybrid_forward(self, F, x, valid_length):
        scores = F.contrib.interleaved_matmul_selfatt_qk(self.qkv(x), heads=self._heads)
        steps = F.contrib.arange_like(x, axis=0)
        mask = F.broadcast_lesser(steps.reshape((1, -1)), valid_length.reshape((-1, 1)))
        mask = F.repeat(F.broadcast_axis(mask.expand_dims(1), axis=1, size=self._heads).reshape((-3, 0)), 1, axis=0)
        mask = F.broadcast_like(mask.expand_dims(1), scores)
        scores = F.where(mask, scores, F.ones_like(scores) * -1e4)
        weights = F.softmax(scores, axis=-1)
        mixed = F.contrib.interleaved_matmul_selfatt_valatt(self.qkv(x), weights, heads=self._heads)
        x = self.norm(x + self.out(mixed))
        return x + F.LeakyReLU(self.ffn(x), act_type="gelu")


net = SelfAttention(8, 2, prefix="attention_")
net.initialize(mx.init.Normal(0.3))
net.hybridize()
x = nd.random.normal(shape=(5, 3, 8))
lengths = nd.array([5, 3, 2])
target = nd.random.normal(shape=(5, 3, 8))
weights = list(net.collect_params().values())
states = [(nd.zeros_like(p.data()), nd.zeros_like(p.data())) for p in weights]
for t in range(1, 6):
    with autograd.record():
        loss = (net(x, lengths) - target).square().mean()
    loss.backward()
    total = nd.multi_sum_sq(*[p.grad() for p in weights], num_arrays=len(weights)).sum().sqrt().asscalar()
    finite = nd.multi_all_finite(*[p.grad() for p in weights], num_arrays=len(weights)).asscalar()
    for p, (mean, var) in zip(weights, states):
        g = nd.lamb_update_phase1(p.data(), p.grad(), mean, var, beta1=0.9, beta2=0.999, epsilon=1e-6, t=t,
                                  bias_correction=True, wd=0.01, rescale_grad=1.0)  # fmt: skip
        nd.lamb_update_phase2(p.data(), g, p.data().norm(), g.norm(), lr=0.05, out=p.data())
    print(t, "%.5f" % loss.asscalar(), "%.4f" % total, finite)

logits = nd.random.normal(shape=(2, 4))
print(nd.softmax(logits, temperature=2.0).asnumpy())
print(nd.softmax(nd.stack(logits, logits, axis=1), length=nd.array([[2, 4], [1, 3]], dtype="int32"),
                 use_length=True, axis=-1).asnumpy())  # fmt: skip
print(nd.log_softmax(logits.astype("float16"), axis=-1, dtype="float32").dtype)
half = nd.amp_cast(logits, dtype="float16")
wide = nd.amp_multicast(half, logits, num_outputs=2)
print(half.dtype, [w.dtype for w in wide])
w, w32 = nd.ones((4,), dtype="float16"), nd.ones((4,))
mom = nd.zeros((4,))
for _ in range(3):
    nd.mp_sgd_mom_update(w, nd.array([0.1, 1, 10, 100], dtype="float16"), mom, w32, out=w, lr=0.001, momentum=0.9)
print(w.dtype, w.asnumpy(), w32.asnumpy(), mom.asnumpy())
ws, gs = [nd.ones((2,)), nd.ones((3,))], [nd.ones((2,)) * 0.5, nd.ones((3,))]
nd.multi_sgd_update(ws[0], gs[0], ws[1], gs[1], out=ws, lrs=(0.1, 0.2), wds=(0, 0.1), num_weights=2)
print([w.asnumpy() for w in ws])
