"""Layers of one's own: manual parameters, constants, initializers, apply, Lambda blocks."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, init, nd
from mxnet.gluon import nn

mx.random.seed(37)
np.random.seed(37)


class CenteredLayer(gluon.Block):
    def __init__(self, **kwargs):
        super(CenteredLayer, self).__init__(**kwargs)

    def forward(self, x):
        return x - x.mean()


class MyDense(nn.Block):
    def __init__(self, units, in_units, **kwargs):
        super(MyDense, self).__init__(**kwargs)
        self.weight = self.params.get("weight", shape=(in_units, units))
        self.bias = self.params.get("bias", shape=(units,), init="zeros")

    def forward(self, x):
        linear = nd.dot(x, self.weight.data()) + self.bias.data()
        return nd.relu(linear)


class Standardize(gluon.HybridBlock):
    """Constants for the mean and the deviation, a learned gain, an allowance for unknown sizes."""

    def __init__(self, mean, std, **kwargs):
        super(Standardize, self).__init__(**kwargs)
        with self.name_scope():
            self.mean = self.params.get_constant("mean", nd.array(mean))
            self.std = self.params.get_constant("std", std)
            self.gain = self.params.get("gain", shape=(1, 0), init=init.Constant(1.5), allow_deferred_init=True)
            self.mask = self.params.get("mask", shape=(1,), init="ones", differentiable=False, grad_req="null")

    def infer_shape(self, x, *args):
        self.gain.shape = (1, x.shape[1])

    def hybrid_forward(self, F, x, mean, std, gain, mask):
        x = F.broadcast_div(F.broadcast_sub(x, mean), std)
        return F.broadcast_mul(F.broadcast_mul(x, gain), mask)


class SelfAttention(gluon.HybridBlock):
    """Scaled dot products with positions, as GluonNLP writes them."""

    def __init__(self, units, **kwargs):
        super(SelfAttention, self).__init__(**kwargs)
        self._units = units
        with self.name_scope():
            self.qkv = nn.Dense(units * 3, flatten=False, use_bias=False, prefix="qkv_")
            self.position = nn.Embedding(10, units, prefix="position_")
            self.norm = nn.LayerNorm()

    def hybrid_forward(self, F, x):
        steps = F.contrib.arange_like(x, axis=1)
        x = F.broadcast_add(x, F.expand_dims(self.position(steps), axis=0))
        query, key, value = F.split(self.qkv(x), num_outputs=3, axis=-1)
        score = F.batch_dot(F.contrib.div_sqrt_dim(query), key, transpose_b=True)
        return self.norm(x + F.batch_dot(F.softmax(score), value))


class MyInit(init.Initializer):
    def _init_weight(self, name, data):
        print("Init", name, data.shape)
        data[:] = nd.random.uniform(low=-10, high=10, shape=data.shape)
        data *= data.abs() >= 5


@mx.init.register
class Ramp(mx.init.Initializer):
    def __init__(self, scale=1.0):
        super(Ramp, self).__init__(scale=scale)
        self.scale = scale

    def _init_weight(self, name, arr):
        arr[:] = nd.arange(arr.size).reshape(arr.shape) * self.scale


net = nn.Sequential(prefix="own_")
with net.name_scope():
    net.add(MyDense(8, in_units=5), CenteredLayer(), nn.Lambda(lambda x: x * 2), nn.Lambda("tanh"), MyDense(1, 8))
print(net)
net.initialize(MyInit())
y = net(nd.random.uniform(shape=(4, 5)))
print(y.shape, "%.4f" % y.mean().asscalar(), net[0].params)
print(net[0].weight.data()[0])

layer = Standardize([1.0, 2.0, 3.0], [2.0, 4.0, 8.0], prefix="standard_")
print(layer, layer.params)
layer.initialize()
x = nd.array([[1, 2, 3], [3, 6, 11]])
print(layer(x))
layer.hybridize()
x.attach_grad()
with autograd.record():
    out = layer(x).sum()
out.backward()
print(x.grad, layer.gain.grad())
print(layer.mean.grad_req, layer.mean.data().asnumpy(), layer.std.name, layer.gain.shape)
print({k: v.grad_req for k, v in layer.collect_params().items()})
trainer = gluon.Trainer(layer.collect_params(), "sgd", {"learning_rate": 0.1})
trainer.step(1)
print(layer.gain.data().asnumpy(), layer.mean.data().asnumpy(), layer.mask.data().asscalar())

constant = gluon.Constant("const", np.arange(4).reshape((2, 2)))
try:
    constant.data()
except RuntimeError as e:
    print(str(e).split(". ")[0])
constant.initialize(ctx=mx.cpu(1))
print(constant, constant.data(), constant.list_ctx(), constant.dtype, constant.grad_req)

attention = SelfAttention(6, prefix="attention_")
attention.initialize(init.Xavier(magnitude=1.5))
for hybrid in (False, True):
    attention.hybridize(hybrid)
    out = attention(nd.arange(36).reshape((2, 3, 6)) / 36)
    print(out.shape, "%.4f" % out.abs().sum().asscalar())

print("initializers")
net = nn.HybridSequential(prefix="init_")
with net.name_scope():
    net.add(nn.Dense(2, in_units=3, weight_initializer="ramp"), nn.BatchNorm(in_channels=2))
    net.add(nn.Dense(2, in_units=2, weight_initializer=Ramp(0.5), bias_initializer=init.Constant(7)))
    net.add(nn.Dense(2, in_units=2), nn.Dense(2, in_units=2))
net.initialize(init.Uniform(0.1))
mixed = init.Mixed([".*dense2_weight", ".*dense3_.*"], [init.One(), init.LSTMBias(2.0)])
for name, p in net.collect_params(".*dense2_weight|.*dense3_.*").items():
    mixed(init.InitDesc(name), p.data())
try:
    mixed("own_weight", nd.ones((1,)))
except ValueError as e:
    print(type(e).__name__)
for name, p in net.collect_params().items():
    print("  ", name, np.round(p.data().asnumpy().ravel(), 4).tolist())
net.initialize(Ramp(), force_reinit=True)
print(net[3].weight.data().asnumpy().tolist(), net[3].bias.data().asnumpy().tolist())
net[4].weight.initialize(init=init.Orthogonal(scale=2), force_reinit=True)
w = net[4].weight.data()
print(np.round(nd.dot(w, w.T).asnumpy(), 3).tolist())
print(Ramp(2).dumps(), init.Xavier(magnitude=3).dumps(), repr(init.create("ramp", scale=3).scale))


def init_weights(block):
    if isinstance(block, nn.Dense):
        block.weight.set_data(nd.full(block.weight.shape, 0.25))
        block.bias.set_data(block.bias.data() - 1)


print(net.apply(init_weights) is net, net[2].weight.data().sum().asscalar(), net[2].bias.data().asnumpy().tolist())
print(nn.HybridLambda(lambda F, x, *args: F.LeakyReLU(x, slope=0.3, act_type="leaky"), prefix="leaky_")(nd.array([-1])))
print(nn.HybridLambda("relu"), nn.Lambda("relu"), nn.Lambda(lambda x: x))
for bad in (3, "no_such_operator"):
    try:
        nn.Lambda(bad)
    except Exception as e:
        print(type(e).__name__)
mydense = MyDense(3, 2)
for access in ("data", "grad", "list_data"):
    try:
        getattr(mydense.weight, access)()
    except RuntimeError as e:
        print(str(e).replace(mydense.prefix, "").split(". ")[0])
print(gluon.Parameter("p", shape=(2, 0)), gluon.Parameter("q", shape=(1,), dtype="float64"))
