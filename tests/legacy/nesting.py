"""Sequential in Sequential in Sequential: indices, slices, names, prints and patterns of names."""

import mxnet as mx
import numpy as np
from mxnet import gluon, nd
from mxnet.gluon import nn

mx.random.seed(17)


def mlp(sizes, prefix=None):
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        for s in sizes:
            net.add(nn.Dense(s, activation="relu"))
    return net


net = nn.Sequential(prefix="net_")
with net.name_scope():
    net.add(mlp([8, 6]))
    net.add(mlp([5], prefix="inner_"))
    deeper = nn.Sequential()
    with deeper.name_scope():
        deeper.add(mlp([4, 4]), nn.Dropout(0.5), nn.HybridLambda("relu"))
        deepest = nn.Sequential(prefix="deepest_")
        with deepest.name_scope():
            deepest.add(nn.Dense(3), nn.LayerNorm(), nn.PReLU())
        deeper.add(deepest)
    net.add(deeper)
    net.add(nn.Dense(2, prefix="out_"), nn.Lambda(lambda x: x * 2))
print(net)
print(len(net), len(net[0]), len(net[2]), len(net[2][3]), net[-2], net[2][-1][0])
print([type(b).__name__ for b in net], [b.name for b in net])
print([b.prefix for b in net[2]], [b.name for b in net[2][0]])
for block in (net[1:3], net[0][:1], net[2][::2], net[::-1], net[5:]):
    print(type(block).__name__, len(block), block.prefix, [b.name for b in block])
try:
    net[9]
except IndexError as e:
    print("IndexError", e)
print(list(net.collect_params().keys()))
print(net.collect_params())
for pattern in (".*weight", "net_inner.*", ".*dense0_", "net_hybridsequential0.*bias|.*gamma", "weight", "nothing"):
    print(pattern, list(net.collect_params(pattern).keys()))
print(sorted(net._collect_params_with_prefix().keys()))
print(list(net._collect_params_with_prefix().keys())[-4:])
net.initialize(mx.init.Xavier())
x = nd.random.uniform(shape=(2, 7))
y = net(x)
print(y)
net.summary(x)
part = net[0:2]
print(nd.abs(part(x) - net[1](net[0](x))).max().asscalar(), list(part.collect_params().keys()))
print([p.name for p in part.collect_params().values()] == [p.name for p in list(net.collect_params().values())[:6]])
net.hybridize()
print(nd.abs(net(x) - y).max().asscalar(), net[0]._active, net[2][0][0]._active)
net[2].hybridize(False)
print(net[2][0]._active, net[0]._active)

# counters of names go on in each scope, and begin again in a new one
outer = nn.HybridSequential(prefix="outer_")
with outer.name_scope():
    a, b = nn.Dense(1), nn.Dense(1)
    with a.name_scope():
        c, d = nn.Dense(1), nn.Conv1D(1, 1)
    e = nn.Dense(1)
with outer.name_scope():
    f = nn.Dense(1)
print([k.name for k in (a, b, c, d, e, f)], c.weight.name, f.bias.name)
with mx.name.Prefix("scoped_"):
    g = nn.Dense(1)
    print(mx.sym.FullyConnected(mx.sym.var("x"), num_hidden=1).name, g.prefix[:5])
with mx.name.NameManager():
    h, i = nn.Dense(1), nn.Dense(1)
    print(h.name, i.name)

flat = nn.HybridSequential(prefix="")
flat.add(nn.Dense(2, prefix="first_"), nn.Dense(2, prefix="second_"))
print(repr(flat.name), repr(flat.prefix), list(flat.collect_params()), flat)
print(nn.Sequential(prefix="empty_"), nn.HybridSequential(prefix="empty_"), len(nn.Sequential()))
seen = []
net.apply(lambda block: seen.append(block.__class__.__name__))
print(seen)
total = {}
for name, p in net.collect_params(".*weight").items():
    stem = name.rsplit("_", 2)[0]
    total[stem] = total.get(stem, 0) + int(np.prod(p.shape))
print(total)
try:
    with net.name_scope():
        net.add(3)
except Exception as e:
    print(type(e).__name__)
print(gluon.nn.Sequential is nn.Sequential, isinstance(net, gluon.Block), isinstance(net[0], gluon.HybridBlock))
wide = nn.HybridSequential(prefix="wide_")
with wide.name_scope():
    wide.add(nn.Conv2D(2, (3, 1), padding=(1, 0)), nn.MaxPool2D(2), nn.Flatten(), nn.Dense(3, use_bias=False))
wide.initialize(mx.init.One())
wide.summary(nd.ones((1, 1, 4, 4)))
print(wide(nd.ones((1, 1, 4, 4))).asnumpy() / 1.0)
