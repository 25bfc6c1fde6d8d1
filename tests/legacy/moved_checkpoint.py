"""Checkpoints that move between models of other prefixes, other parts and other types, by each of Gluon's ways."""

import os
import tempfile

import mxnet as mx
import numpy as np
from mxnet import gluon, nd
from mxnet.gluon import nn

mx.random.seed(23)
folder = tempfile.mkdtemp()


def path(name):
    return os.path.join(folder, name)


def build(prefix=None, classes=3, bn=True):
    net = nn.HybridSequential(prefix=prefix)
    with net.name_scope():
        net.add(nn.Conv2D(4, 3), nn.BatchNorm() if bn else nn.InstanceNorm(), nn.Activation("relu"))
        net.add(nn.Dense(classes))
    return net


def attempt(text, function, *args, **kwargs):
    """An error's first sentence, without the name of the file."""
    try:
        function(*args, **kwargs)
        print(text, "fine")
    except Exception as e:
        message = str(e).replace(folder + os.sep, "").split(". ")[0].split("\n")[0].split(";")[0]
        print(text, type(e).__name__, message)


def total(net):
    return "%.4f" % sum(p.data().abs().sum().asscalar() for p in net.collect_params().values())


x = nd.random.uniform(shape=(2, 1, 6, 6))
source = build("source_")
source.initialize(mx.init.Xavier())
y = source(x)
source.save_parameters(path("structural.params"))
source.collect_params().save(path("full.params"))
source.collect_params().save(path("stripped.params"), strip_prefix="source_")
for name in ("structural", "full", "stripped"):
    print(name, sorted(nd.load(path(name + ".params"))))

print("structural names do not care for prefixes")
for prefix in ("other_", None, ""):
    other = build(prefix)
    other.load_parameters(path("structural.params"))
    print(repr(prefix), list(other.collect_params())[1][-8:], nd.abs(other(x) - y).max().asscalar())

print("full names")
same = build("source_")
same.collect_params().load(path("full.params"))
print(nd.abs(same(x) - y).max().asscalar())
other = build("target_")
other.collect_params().load(path("stripped.params"), restore_prefix="target_")
print(nd.abs(other(x) - y).max().asscalar(), total(other) == total(source))
attempt("wrong strip_prefix:", source.collect_params().save, path("no.params"), strip_prefix="sauce_")
# what people did by hand
params = nd.load(path("full.params"))
other = build("hand_")
other.initialize()
other(x)
for name, p in other.collect_params().items():
    p.set_data(params[name.replace("hand_", "source_")])
print(nd.abs(other(x) - y).max().asscalar())

print("another head")
head = build("head_", classes=5)
head.initialize(mx.init.Constant(0.1))
head(x)
attempt("other shape:", head.load_parameters, path("structural.params"))
body = {k: v for k, v in nd.load(path("structural.params")).items() if not k.startswith("3.")}
nd.save(path("body.params"), body)
attempt("missing:", head.load_parameters, path("body.params"))
attempt("allow_missing:", head.load_parameters, path("body.params"), allow_missing=True)
print(np.allclose(head[0].weight.data().asnumpy(), source[0].weight.data().asnumpy()), head(x)[0, 0].shape)
nd.save(path("more.params"), dict(nd.load(path("structural.params")), **{"9.weight": nd.ones((1,))}))
try:
    build().load_parameters(path("more.params"))
except ValueError as e:
    print("extra:", str(e).replace(folder + os.sep, "").split(",")[0])
attempt("ignore_extra:", build().load_parameters, path("more.params"), ignore_extra=True)
try:
    build().load_parameters(path("nothing.params"))
except mx.base.MXNetError:
    print("no file")
attempt("uninitialized:", build("u_").save_parameters, path("u.params"))
attempt("other layers:", build(bn=False).load_parameters, path("structural.params"), ignore_extra=True)

print("types")
half = build("half_")
half.cast("float16")
attempt("float32 file:", half.load_parameters, path("structural.params"))
half = build("half_")
half.load_parameters(path("structural.params"), cast_dtype=True, dtype_source="saved")
print(half[0].weight.dtype, half[0].weight.data().dtype)
half = build("half_")
half.cast("float64")
half.load_parameters(path("structural.params"), cast_dtype=True)
print(half[0].weight.data().dtype, half[1].running_mean.data().dtype, half(x.astype("float64")).dtype)

print("contexts")
many = build("many_")
many.load_parameters(path("structural.params"), ctx=[mx.cpu(0), mx.cpu(1)])
print(many.collect_params().list_ctx(), many[0].weight.list_ctx())
print(many(x.as_in_context(mx.cpu(1))).context)

print("shared parameters")
tied = nn.HybridSequential(prefix="tied_")
with tied.name_scope():
    tied.add(nn.Dense(4, in_units=4))
    tied.add(nn.Dense(4, in_units=4, params=tied[0].params))
tied.initialize()
tied.save_parameters(path("tied.params"))
print(sorted(nd.load(path("tied.params"))))
tied.save_parameters(path("once.params"), deduplicate=True)
print(sorted(nd.load(path("once.params"))))
tied.load_parameters(path("once.params"))
twice = nn.HybridSequential()
twice.add(nn.Dense(4, in_units=4), nn.Dense(4, in_units=4))
twice.load_parameters(path("tied.params"))
print(nd.abs(twice[0].weight.data() - twice[1].weight.data()).sum().asscalar())
attempt("untied, from the short file:", twice.load_parameters, path("once.params"))

print("export and imports")
source.hybridize()
attempt("not run yet:", source.export, path("net"))
source(x)
source.export(path("net"), epoch=12)
print(sorted(f for f in os.listdir(folder) if f.startswith("net")))
print(sorted(nd.load(path("net-0012.params"))))
imported = gluon.SymbolBlock.imports(path("net-symbol.json"), ["data"], path("net-0012.params"))
print(nd.abs(imported(x) - y).max().asscalar(), sorted(imported.collect_params()))
imported.save_parameters(path("again.params"))
print(sorted(nd.load(path("again.params"))))
again = gluon.SymbolBlock.imports(path("net-symbol.json"), "data")
again.load_parameters(path("net-0012.params"), ctx=mx.cpu())
print(nd.abs(again(x) - y).max().asscalar())
fresh = build("source_")
fresh.load_parameters(path("again.params"))
print(nd.abs(fresh(x) - y).max().asscalar(), total(fresh))
