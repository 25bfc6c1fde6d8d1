"""HybridBlocks on F.np and F.npx, decorators, several contexts, own optimizers' view, functions of the user's own."""

import mxnet as mx
from mxnet import autograd, gluon, np, npx, use_np
from mxnet.gluon import nn


@use_np
class Scaled(gluon.HybridBlock):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.weight = self.params.get("weight", shape=(units, -1), allow_deferred_init=True)
            self.scale = self.params.get_constant("scale", np.array([2.0]))
            self.inner = nn.Dense(units, activation="tanh", in_units=units)

    def infer_shape(self, x):
        self.weight.shape = (self.weight.shape[0], x.shape[-1])

    def hybrid_forward(self, F, x, weight, scale):
        y = F.np.dot(x, weight.T) * scale
        y = F.npx.softmax(y, axis=-1) + F.np.exp(-F.np.abs(y)) * 0.5
        return self.inner(y), F.np.sum(y, axis=1, keepdims=True)


print(npx.is_np_array(), npx.is_np_shape())
npx.set_np()
mx.random.seed(21)
x = np.random.uniform(-1, 1, (4, 3))
for hybrid in (False, True):
    net = Scaled(2, prefix="net_")
    net.initialize(mx.init.Xavier())
    if hybrid:
        net.hybridize()
    with autograd.record():
        out, total = net(x)
        l = (out**2).mean() + total.sum()
    l.backward()
    print(type(out).__name__, out.shape, total.shape, net.weight.shape, l.shape, float(np.abs(out).sum()) > 0)
    print(sorted(net.collect_params()), net.weight.grad().shape)
net.hybridize(False)
plain = net(x)[0]
net.hybridize()
print((np.abs(plain - net(x)[0]) < 1e-6).all())
net.export("net")
print(sorted(npx.load("net-0000.params")))
imported = gluon.SymbolBlock.imports("net-symbol.json", ["data"], "net-0000.params")
print((np.abs(imported(x)[0] - plain) < 1e-6).all())

# two devices
devices = [mx.cpu(0), mx.cpu(1)]
net = nn.HybridSequential()
net.add(nn.Dense(4, activation="relu"), nn.Dropout(0.0), nn.Dense(1))
net.initialize(mx.init.One(), ctx=devices)
net.hybridize()
trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 0.1})
loss = gluon.loss.L2Loss()
X, y = np.arange(24).reshape(8, 3) / 24, np.arange(8) / 8
for _ in range(3):
    parts = gluon.utils.split_and_load(X, devices)
    truths = gluon.utils.split_and_load(y, devices)
    with autograd.record():
        losses = [loss(net(a), b) for a, b in zip(parts, truths)]
    for l in losses:
        l.backward()
    trainer.step(8)
    print([float(l.sum()) for l in losses], [p.ctx for p in parts], losses[1].ctx)
print(net[0].weight.data(devices[1]), [d.shape for d in net[0].weight.list_data()])
trainer.save_states("states")
trainer.load_states("states")
trainer.set_learning_rate(0.01)
print(trainer.learning_rate)


# shapes that legacy semantics have not
print(np.array(3.0), np.array(3.0).shape, np.zeros((0, 3)).shape, np.ones((2, 0)).sum(), np.array(5).item() + 1)
scalar = np.array(2.0)
scalar.attach_grad()
with autograd.record():
    z = scalar**3 + np.sin(scalar) * 2
z.backward()
print(scalar.grad, z.shape)
with autograd.record():
    with autograd.pause():
        fixed = scalar * 2
    u = scalar * fixed
    v = u.detach() * scalar
v.backward()
print(scalar.grad, v)
x = np.arange(4)
x.attach_grad(grad_req="add")
for _ in range(2):
    with autograd.record():
        y = 2 * np.dot(x, x)
    y.backward()
print(x.grad, y, x.grad == 8 * x)
with autograd.record():
    y = x * x
y.backward(np.ones_like(y))
print(x.grad)


def control(a):
    b = a * 2
    while np.linalg.norm(b) < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


a = np.random.normal()
a.attach_grad()
with autograd.record():
    d = control(a)
d.backward()
print(a.grad == d / a)

# metrics, and a loop over a Parameter's values
metric = mx.metric.RMSE()
metric.update([np.array([1.0, 2.0])], [np.array([1.5, 2.5])])
print(metric.get())
for name, param in net.collect_params(".*weight").items():
    print(name.split("_", 1)[1], type(param.data(devices[0])).__name__, float(np.linalg.norm(param.data(devices[0]))))
npx.waitall()
npx.reset_np()
print(npx.is_np_array(), mx.nd.ones((2,)).sum().asscalar() + 0.5)
