"""Blocks copied, pickled, and built by several threads at once."""

import copy
import pickle
import threading

import mxnet as mx
import numpy as np
from mxnet import gluon, nd
from mxnet.gluon import nn

mx.random.seed(67)
np.random.seed(67)


class Net(gluon.Block):
    def __init__(self, hidden, classes, **kwargs):
        super(Net, self).__init__(**kwargs)
        self.hidden_size = hidden
        with self.name_scope():
            self.body = nn.Sequential(prefix="body_")
            with self.body.name_scope():
                self.body.add(nn.Dense(hidden, activation="relu"), nn.Dense(hidden))
            self.scale = self.params.get("scale", shape=(1,), init="ones")
            self.out = nn.Dense(classes)

    def forward(self, x):
        return self.out(self.body(x) * self.scale.data())


x = nd.random.uniform(shape=(2, 3))
net = Net(4, 2, prefix="net_")
net.initialize(mx.init.Xavier())
y = net(x)

print("deep copies")
twin = copy.deepcopy(net)
print(type(twin).__name__, twin.hidden_size, twin.prefix, twin.name, twin is net, twin.body is net.body)
print(list(twin.collect_params().keys()) == list(net.collect_params().keys()), nd.abs(twin(x) - y).max().asscalar())
twin.out.bias.set_data(nd.array([1.0, 2.0]))
print(net.out.bias.data().asnumpy().tolist(), twin.out.bias.data().asnumpy().tolist())
print(
    twin.scale is net.scale,
    twin.scale is twin.params["net_scale"],
    twin.out.weight is twin.out.params["net_dense0_weight"],
)
layers = [copy.deepcopy(nn.Dense(3, in_units=2, prefix="clone_")) for _ in range(2)]
for layer in layers:
    layer.initialize(mx.init.One())
print([layer.name for layer in layers], layers[0].weight is layers[1].weight, layers[1](nd.ones((1, 2))))
fresh = copy.deepcopy(Net(4, 2, prefix="fresh_"))
fresh.initialize(mx.init.Constant(0.1))
print(fresh(x)[0, 0].shape, list(fresh.collect_params())[:3])
shared = nn.Sequential(prefix="shared_")
with shared.name_scope():
    shared.add(nn.Dense(3, in_units=3))
    shared.add(nn.Dense(3, in_units=3, params=shared[0].params))
again = copy.deepcopy(shared)
print(again[0].weight is again[1].weight, again[0].weight is shared[0].weight, len(again.collect_params().keys()))
again.initialize()
print((again[0].weight.data() == again[1].weight.data()).min().asscalar())

print("pickles")
loaded = pickle.loads(pickle.dumps(x))
print(loaded.shape, (loaded == x).min().asscalar(), loaded.context, loaded.dtype.__name__)
plain = nn.HybridSequential(prefix="plain_")
with plain.name_scope():
    plain.add(nn.Dense(3, activation="relu"), nn.BatchNorm(), nn.Dense(2, use_bias=False))
plain.initialize(mx.init.Uniform(0.5))
plain(x)
back = pickle.loads(pickle.dumps(plain))
print(back, list(back.collect_params()) == list(plain.collect_params()), nd.abs(back(x) - plain(x)).max().asscalar())
back.hybridize()
print(nd.abs(back(x) - plain(x)).max().asscalar(), back[0].weight.list_ctx(), back[0].weight.grad().shape)
try:
    pickle.dumps(nn.HybridLambda(lambda F, v: v))
except (AttributeError, pickle.PicklingError):
    print("no pickle of a lambda")
p = gluon.Parameter("weight", shape=(2, 2), lr_mult=0.5)
p.initialize(mx.init.One())
p = pickle.loads(pickle.dumps(p))
print(p, p.lr_mult, p.data().sum().asscalar())
things = [("symbol", mx.sym.var("a") + 1), ("context", mx.cpu(1)), ("init", mx.init.Xavier(magnitude=2))]
things += [("metric", mx.metric.Accuracy()), ("scheduler", mx.lr_scheduler.FactorScheduler(3, 0.5))]
for text, thing in things:
    got = pickle.loads(pickle.dumps(thing))
    print("  ", text, type(got).__name__, getattr(got, "name", ""))
copied = copy.copy(x)
copied[:] = 0
print(x.sum().asscalar() == 0, copy.deepcopy(y).shape)
params = {k: v.data().asnumpy() for k, v in net.collect_params().items()}
state = pickle.loads(pickle.dumps(params))
other = Net(4, 2, prefix="net_")
other.initialize()
other(x)
for k, v in other.collect_params().items():
    v.set_data(nd.array(state[k]))
print(nd.abs(other(x) - y).max().asscalar())

print("threads")
names, errors = {}, []
barrier = threading.Barrier(3)


def build(i):
    try:
        barrier.wait()
        own = []
        for _ in range(20):
            block = nn.HybridSequential(prefix="thread%d_" % i)
            with block.name_scope():
                block.add(nn.Dense(2, in_units=2), nn.Dense(2, in_units=2))
                with block[0].name_scope():
                    own.append(nn.Dense(1).name)
            own.extend(b.name for b in block)
        with mx.name.Prefix("p%d_" % i):
            own.append(mx.sym.relu(mx.sym.var("v")).name[:3])
        with mx.AttrScope(lr_mult=str(i)):
            own.extend(mx.sym.var("w").attr(key) for key in ("lr_mult", "__lr_mult__"))
        block.initialize(mx.init.Constant(i))
        with mx.autograd.record():
            out = block(nd.ones((1, 2)))
        out.backward()
        own.append(float(out.sum().asscalar()))
        own.append(float(block[0].weight.grad().sum().asscalar()))
        names[i] = own
    except Exception as e:
        errors.append(repr(e))


with nn.HybridSequential(prefix="main_").name_scope():
    threads = [threading.Thread(target=build, args=(i,)) for i in (1, 2, 3)]
    for t in threads:
        t.start()
    inside = nn.Dense(1)
    for t in threads:
        t.join()
print(errors, inside.name, mx.autograd.is_recording())
for i in sorted(names):
    print(names[i][:3], names[i][-5:], len(set(names[i])))
shared_net = nn.HybridSequential()
shared_net.add(nn.Dense(3, activation="tanh"), nn.Dense(1))
shared_net.initialize()
shared_net.hybridize()
expected = [shared_net(nd.ones((2, 4)) * k).asnumpy() for k in range(4)]
equal = []


def predict(k):
    for _ in range(10):
        equal.append(bool(np.allclose(shared_net(nd.ones((2, 4)) * k).asnumpy(), expected[k])))


threads = [threading.Thread(target=predict, args=(k,)) for k in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(len(equal), all(equal))
