"""Autograd by hand: accumulation, autograd.grad, functions of one's own, head gradients, modes, control flow."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(47)
np.random.seed(47)

X = nd.random.normal(shape=(24, 3))
Y = nd.dot(X, nd.array([[1.0], [-2.0], [0.5]])) + 0.7


def make(prefix):
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(nn.Dense(5, activation="sigmoid", in_units=3), nn.Dense(1, in_units=5))
    net.initialize(mx.init.Normal(0.5))
    return net


print("gradient accumulation")
small, large = make("small_"), make("large_")
for p, q in zip(small.collect_params().values(), large.collect_params().values()):
    q.set_data(p.data())
small.collect_params().setattr("grad_req", "add")
loss_fn = gluon.loss.L2Loss()
ts = gluon.Trainer(small.collect_params(), "sgd", {"learning_rate": 0.5, "momentum": 0.9})
tl = gluon.Trainer(large.collect_params(), "sgd", {"learning_rate": 0.5, "momentum": 0.9})
for step in range(3):
    for i in range(0, 24, 6):
        with autograd.record():
            loss = loss_fn(small(X[i : i + 6]), Y[i : i + 6])
        loss.backward()
    ts.step(24)
    for p in small.collect_params().values():
        p.zero_grad()
    with autograd.record():
        loss = loss_fn(large(X), Y)
    loss.backward()
    tl.step(24)
    print(
        "  %.5f" % loss.mean().asscalar(),
        np.allclose(small[0].weight.data().asnumpy(), large[0].weight.data().asnumpy(), atol=1e-5),
    )

print("grad")
x = nd.array([1.0, 2.0, 3.0])
x.attach_grad()
with autograd.record():
    y = nd.sin(x)
    dx = autograd.grad(y, x, create_graph=True, retain_graph=True)[0]
dx.backward()
print(dx, x.grad)
w = [nd.array([[0.5, -1.0]]), nd.array([2.0])]
for v in w:
    v.attach_grad()
with autograd.record():
    out = (nd.dot(w[0], nd.array([[3.0], [4.0]])) * w[1]).sum()
grads = autograd.grad(out, w)
print([g.asnumpy().tolist() for g in grads], w[1].grad.asscalar())


class Sigmoid(autograd.Function):
    def forward(self, x):
        y = 1 / (1 + nd.exp(-x))
        self.save_for_backward(y)
        return y

    def backward(self, dy):
        (y,) = self.saved_tensors
        return dy * y * (1 - y)


class StraightThrough(autograd.Function):
    def __init__(self, scale):
        super(StraightThrough, self).__init__()
        self.scale = scale

    def forward(self, x, y):
        return nd.sign(x), y * self.scale

    def backward(self, dx, dy):
        return dx, dy / self.scale


print("functions")
x = nd.array([[-1.0, 0.5], [2.0, 0.0]])
x.attach_grad()
with autograd.record():
    m = Sigmoid()(x)
    loss = (m * m).sum()
loss.backward()
print(m, x.grad)
y = nd.ones((2, 2))
y.attach_grad()
with autograd.record():
    a, b = StraightThrough(4.0)(x * 2, y)
    loss = a.sum() + (b * b).sum()
loss.backward()
print(a.asnumpy().tolist(), b.sum().asscalar(), x.grad.asnumpy().tolist(), y.grad.asnumpy().tolist())

print("head gradients, several outputs, a graph kept")
x = nd.arange(4).reshape((2, 2))
x.attach_grad()
with autograd.record():
    y = x * x
    z = y * x
y.backward(nd.array([[1, 1], [0.1, 0.1]]), retain_graph=True)
print(x.grad)
autograd.backward([y, z], [nd.ones((2, 2)), None])
print(x.grad)
try:
    z.backward()
except Exception as e:
    print(isinstance(e, mx.base.MXNetError))
x = nd.array([2.0])
x.attach_grad(grad_req="add")
for i in range(3):
    with autograd.record():
        y = x * (i + 1)
    y.backward()
    print(x.grad.asscalar())
x.grad[:] = 0
print(x.grad.asscalar())

print("modes")
drop = nn.Dropout(0.5)
ones = nd.ones((200,))
with autograd.record():
    print(autograd.is_recording(), autograd.is_training(), bool((drop(ones) == 0).sum().asscalar() > 0))
    with autograd.pause():
        print(autograd.is_recording(), autograd.is_training())
    with autograd.predict_mode():
        print(autograd.is_recording(), autograd.is_training(), drop(ones).sum().asscalar())
with autograd.record(train_mode=False):
    print(drop(ones).sum().asscalar())
with autograd.train_mode():
    print(autograd.is_recording(), autograd.is_training(), bool((drop(ones) == 0).sum().asscalar() > 0))

print("control flow")


def f(a):
    b = a * 2
    while b.norm().asscalar() < 1000:
        b = b * 2
    if b.sum().asscalar() > 0:
        c = b
    else:
        c = 100 * b
    return c


a = nd.array([0.3, -0.1])
a.attach_grad()
with autograd.record():
    c = f(a)
    d = nd.stop_gradient(c) * a + c.detach()
d.backward()
print(c.asnumpy(), a.grad.asnumpy())
with autograd.record():
    s = nd.stack(a, a * a)
    t = s[1] * 3 + s[0].slice_axis(0, 0, 1)
t.backward()
print(a.grad)
p = gluon.Parameter("p", shape=(2,), grad_req="add")
p.initialize(mx.init.One())
for _ in range(2):
    with autograd.record():
        q = (p.data() * a).sum()
    q.backward()
print(p.grad(), p.grad_req)
p.grad_req = "write"
p.zero_grad()
print(p.grad().sum().asscalar())
