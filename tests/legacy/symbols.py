"""Symbols by hand: an MLP, shapes, JSON, internals, SymbolBlock for features, fine-tuning with frozen layers."""

import os
import tempfile

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd

data = mx.sym.Variable("data")
fc1 = mx.sym.FullyConnected(data, name="fc1", num_hidden=16)
act1 = mx.sym.Activation(fc1, name="relu1", act_type="relu")
fc2 = mx.sym.FullyConnected(act1, name="fc2", num_hidden=5)
out = mx.sym.SoftmaxOutput(fc2, name="softmax")
print(out.list_arguments(), out.list_outputs())
print(out.infer_shape(data=(4, 10)))
print(out.get_internals().list_outputs())
print(mx.sym.load_json(out.tojson()).list_arguments() == out.list_arguments())
folder = tempfile.mkdtemp()

net = gluon.nn.HybridSequential(prefix="base_")
with net.name_scope():
    net.add(gluon.nn.Dense(16, activation="tanh"), gluon.nn.Dropout(0.5), gluon.nn.Dense(5))
mx.random.seed(3)
net.initialize(mx.init.Uniform(0.1))
net.hybridize()
x = nd.random.uniform(-1, 1, shape=(4, 10))
before = net(x)
net.export(os.path.join(folder, "base"), epoch=3)
print(sorted(os.listdir(folder)))
imported = gluon.SymbolBlock.imports(
    os.path.join(folder, "base-symbol.json"), ["data"], os.path.join(folder, "base-0003.params")
)
print(np.abs(imported(x).asnumpy() - before.asnumpy()).max() < 1e-6)

sym = mx.sym.load(os.path.join(folder, "base-symbol.json"))
internals = sym.get_internals()
print([n for n in internals.list_outputs() if n.endswith("output")])
features = gluon.SymbolBlock(internals["base_dense0_tanh_fwd_output"], mx.sym.var("data"))
features.collect_params().load(os.path.join(folder, "base-0003.params"), ignore_extra=True)
print(features(x).shape, list(features.collect_params()))


class Tuned(gluon.HybridBlock):
    def __init__(self, features, classes, **kwargs):
        super(Tuned, self).__init__(**kwargs)
        with self.name_scope():
            self.features = features
            self.output = gluon.nn.Dense(classes)

    def hybrid_forward(self, F, x):
        return F.log_softmax(self.output(F.Dropout(self.features(x), p=0.0)), axis=-1)


tuned = Tuned(features, 3, prefix="tuned_")
tuned.output.initialize(mx.init.One())
tuned.features.collect_params().setattr("grad_req", "null")
tuned.hybridize()
trainer = gluon.Trainer(tuned.output.collect_params(), "adam", {"learning_rate": 0.05})
label = nd.array([0, 1, 2, 1])
for step in range(5):
    with autograd.record():
        loss = -nd.pick(tuned(x), label, axis=1).mean()
    loss.backward()
    trainer.step(1)
    print("%.5f" % loss.asscalar())
print(tuned.output.weight.data()[0][:4])
tuned.save_parameters(os.path.join(folder, "tuned.params"))
print(sorted(nd.load(os.path.join(folder, "tuned.params")).keys()))
