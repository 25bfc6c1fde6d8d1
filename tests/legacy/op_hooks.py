"""Watching a network: hooks before and after blocks, hooks on operators, statistics of what passes."""

import ctypes
from collections import OrderedDict

import mxnet as mx
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

mx.random.seed(31)
x = nd.random.uniform(shape=(4, 3, 8, 8))


def build(prefix="net_"):
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(nn.Conv2D(4, 3, activation="relu"), nn.BatchNorm(), nn.MaxPool2D(2))
        inner = nn.HybridSequential(prefix="inner_")
        with inner.name_scope():
            inner.add(nn.Dense(5), nn.HybridLambda(lambda F, v: F.tanh(v) * 2), nn.Dense(2, use_bias=False))
        net.add(inner)
    return net


class Monitor(object):
    """The mean of |x| of everything that an operator takes or makes."""

    def __init__(self, pattern=None):
        self.seen = OrderedDict()
        self.pattern = pattern

    def __call__(self, tensor_name, op_name, array):
        name = tensor_name.decode() if isinstance(tensor_name, bytes) else tensor_name
        op = op_name.decode() if isinstance(op_name, bytes) else op_name
        if self.pattern and self.pattern not in name:
            return
        if not isinstance(array, nd.NDArray):
            array = nd.NDArray(ctypes.cast(array, mx.base.NDArrayHandle), writable=False)
        self.seen.setdefault(name, []).append((op, array.shape, array.abs().mean().asscalar()))

    def report(self, values=True):
        for name, calls in self.seen.items():
            print("   ", name, calls[0][0], calls[0][1], len(calls), "%.4f" % calls[0][2] if values else "")


print("operators")
net = build()
net.initialize(mx.init.Xavier())
net(x)
for hybrid in (False, True):
    for monitor_all in (False, True):
        if hybrid:
            net.hybridize()
        monitor = Monitor()
        net.register_op_hook(monitor, monitor_all=monitor_all)
        y = net(x)
        print("  hybrid", hybrid, "monitor_all", monitor_all, len(monitor.seen))
        monitor.report()
        net.hybridize(False)
        net = build()
        net.initialize(mx.init.Xavier())
        net(x)
monitor = Monitor("dense")
net.hybridize()
net.register_op_hook(monitor)
net(x)
net(x)
monitor.report()

print("blocks")
net = build("blocks_")
net.initialize(mx.init.One())
log = []


def shapes(block, inputs, outputs):
    log.append("%s %s -> %s" % (block.name, [tuple(i.shape) for i in inputs], tuple(outputs.shape)))


def before(block, inputs):
    log.append("before %s with %d" % (block.name, len(inputs)))


handles = [child.register_forward_hook(shapes) for child in net]
first = net[3].register_forward_pre_hook(before)
net(x)
print("\n".join(log))
first.detach()
for h in handles[1:]:
    h.detach()
del log[:]
net(x)
print(log)
with net.register_forward_hook(lambda block, i, o: log.append("inside")):
    net(x)
net(x)
print(log)
handles[0].detach()
del log[:]
net(x)
print(log)

print("statistics of activations, by block")
statistics = OrderedDict()


def collect(block, inputs, output):
    out = output.asnumpy()
    statistics[block.name] = "mean %.4f std %.4f" % (out.mean(), out.std())


net = build("stat_")
net.initialize(mx.init.Xavier(magnitude=1))
net(x)
leaves = []
net.apply(lambda block: leaves.append(block.register_forward_hook(collect)) if not block._children else None)
with autograd.record():
    loss = net(x).square().sum()
loss.backward()
for name, line in statistics.items():
    print("   %-24s" % name, line)
for leaf in leaves:
    leaf.detach()
statistics.clear()
net(x)
print(len(leaves), len(statistics))

print("gradients")
for name, p in net.collect_params(".*weight|.*gamma").items():
    print("   %-24s %.4f" % (name, p.grad().norm().asscalar()))

print("order, and hooks that hang themselves on")
net = nn.Dense(1, in_units=1)
net.initialize(mx.init.One())
order = []
for i in range(3):
    net.register_forward_hook(lambda b, i_, o, i=i: order.append("hook%d" % i))
    net.register_forward_pre_hook(lambda b, i_, i=i: order.append("pre%d" % i))
print(net(nd.ones((1, 1))).shape, order)
net.hybridize()
del order[:]
net(nd.ones((1, 1)))
print(order)


class Counting(gluon.Block):
    def __init__(self, **kwargs):
        super(Counting, self).__init__(**kwargs)
        self.calls = 0
        self.register_forward_hook(self.count)
        with self.name_scope():
            self.fc = nn.Dense(2)

    def count(self, block, inputs, output):
        self.calls += 1

    def forward(self, x):
        return self.fc(x)


counting = Counting()
counting.initialize()
for _ in range(3):
    counting(nd.ones((1, 2)))
print(counting.calls, counting(nd.ones((1, 2))).shape)
