"""Recurrence written with foreach, while_loop and cond: as arrays, in hybridized Blocks, exported and loaded."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(3)
np.random.seed(3)


class GRU(gluon.HybridBlock):
    def __init__(self, hidden, inputs, **kwargs):
        super(GRU, self).__init__(**kwargs)
        self._hidden = hidden
        with self.name_scope():
            self.i2h_weight = self.params.get("i2h_weight", shape=(3 * hidden, inputs))
            self.h2h_weight = self.params.get("h2h_weight", shape=(3 * hidden, hidden))
            self.bias = self.params.get("bias", shape=(3 * hidden,), init="zeros")

    def hybrid_forward(self, F, x, state, i2h_weight, h2h_weight, bias):
        hidden = self._hidden

        def step(data, states):
            i2h = F.FullyConnected(data, i2h_weight, bias, num_hidden=3 * hidden)
            h2h = F.FullyConnected(states[0], h2h_weight, no_bias=True, num_hidden=3 * hidden)
            ir, iz, i = F.SliceChannel(i2h, num_outputs=3)
            hr, hz, h = F.SliceChannel(h2h, num_outputs=3)
            reset, update = F.sigmoid(ir + hr), F.sigmoid(iz + hz)
            new = (1 - update) * F.tanh(i + reset * h) + update * states[0]
            return new, [new]

        outputs, states = F.contrib.foreach(step, x, [state])
        return outputs, states[0]


class Tagger(gluon.HybridBlock):
    def __init__(self, vocab, tags, **kwargs):
        super(Tagger, self).__init__(**kwargs)
        with self.name_scope():
            self.embedding = nn.Embedding(vocab, 4)
            self.gru = GRU(5, 4)
            self.out = nn.Dense(tags, flatten=False, in_units=5)

    def hybrid_forward(self, F, words, state):
        outputs, state = self.gru(self.embedding(words).transpose((1, 0, 2)), state)
        return self.out(outputs).transpose((1, 0, 2)), state


words = nd.array(np.random.randint(0, 9, (4, 6)))
tags = words % 3
state = nd.zeros((4, 5))
losses = {}
for hybrid in (False, True):
    mx.random.seed(5)
    net = Tagger(9, 3, prefix="tagger_")
    net.initialize(mx.init.Uniform(0.4))
    if hybrid:
        net.hybridize()
    trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.05})
    loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
    for step in range(8):
        with autograd.record():
            scores, _ = net(words, state)
            loss = loss_fn(scores, tags)
        loss.backward()
        trainer.step(4)
        losses.setdefault(hybrid, []).append(float(loss.mean().asscalar()))
    print(hybrid, ["%.4f" % v for v in losses[hybrid]])

net.export("tagger", epoch=1)
loaded = gluon.SymbolBlock.imports("tagger-symbol.json", ["data0", "data1"], "tagger-0001.params")
again, end = loaded(words, state)
print(np.abs((again - net(words, state)[0]).asnumpy()).max() < 1e-6, end.shape)
symbol = mx.sym.load("tagger-symbol.json")
print(symbol.list_arguments(), symbol.list_outputs())
print(symbol.infer_shape(data0=(4, 6), data1=(4, 5))[1])


class Collatz(gluon.HybridBlock):
    def hybrid_forward(self, F, n):
        def go_on(value, steps):
            return F.broadcast_logical_and(value > 1, steps < 40)

        def one(value, steps):
            odd = F.broadcast_mod(value, F.ones_like(value) * 2)
            return value, [odd * (3 * value + 1) + (1 - odd) * value / 2, steps + 1]

        return F.contrib.while_loop(go_on, one, [n, F.zeros_like(n)], max_iterations=25)


for n in (6, 7):
    for hybrid in (False, True):
        block = Collatz()
        if hybrid:
            block.hybridize()
        path, (last, steps) = block(nd.array([n]))
        print(n, hybrid, path.shape, path.asnumpy().ravel()[: int(steps.asscalar())], last.asscalar(), steps.asscalar())

a, b = nd.array([2.0]), nd.array([3.0])
for x in (a, b):
    x.attach_grad()
with autograd.record():
    y = nd.contrib.cond(a * b < 5, lambda: (a + 5) * (b + 5), lambda: (a - 5) * (b - 5))
y.backward()
print(y, a.grad, b.grad)

data = mx.sym.var("data")
init = [mx.sym.var("s0"), mx.sym.var("s1")]
outs, ends = mx.sym.contrib.foreach(lambda d, s: (d + s[0], [s[0] + d, s[1] * 2]), data, init, name="sum")
both = mx.sym.Group([outs] + list(ends))
exe = both.bind(mx.cpu(), {"data": nd.arange(6).reshape((3, 2)), "s0": nd.zeros((2,)), "s1": nd.ones((2,))},
                args_grad={"s0": nd.zeros((2,)), "data": nd.zeros((3, 2))})  # fmt: skip
for out in exe.forward(is_train=True):
    print(out.asnumpy().tolist())
exe.backward([nd.ones((3, 2)), nd.ones((2,)), nd.ones((2,))])
print(exe.grad_dict["data"].asnumpy(), exe.grad_dict["s0"].asnumpy())
