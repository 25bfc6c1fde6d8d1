"""A convolution net in Gluon: hybrid blocks, deferred initialisation, a trainer, saved parameters."""

import os
import tempfile

import numpy as np

import mxgluon_compat as mx
from mxgluon_compat import autograd, gluon, init, metric
from mxgluon_compat.gluon import nn


class Residual(nn.HybridBlock):
    def __init__(self, channels, use_1x1conv=False, strides=1, **kwargs):
        super(Residual, self).__init__(**kwargs)
        with self.name_scope():
            self.conv1 = nn.Conv2D(channels, kernel_size=3, padding=1, strides=strides)
            self.conv2 = nn.Conv2D(channels, kernel_size=3, padding=1)
            self.conv3 = nn.Conv2D(channels, kernel_size=1, strides=strides) if use_1x1conv else None
            self.bn1 = nn.BatchNorm()
            self.bn2 = nn.BatchNorm(epsilon=1e-5, momentum=0.9)
            self.scale = self.params.get("scale", shape=(1,), init=mx.init.Constant(1.0))

    def hybrid_forward(self, F, X, scale):
        Y = F.relu(self.bn1(self.conv1(X)))
        Y = self.bn2(self.conv2(Y))
        if self.conv3 is not None:
            X = self.conv3(X)
        return F.Activation(F.broadcast_mul(Y, scale) + X, act_type="relu")


class Reorder(gluon.Block):
    def forward(self, x):
        return x.transpose((0, 2, 3, 1)).expand_dims(axis=0).squeeze(axis=0)


net = nn.HybridSequential(prefix="net_")
with net.name_scope():
    net.add(
        nn.Conv2D(8, kernel_size=3, activation="relu"),
        nn.MaxPool2D(pool_size=2, strides=2),
        Residual(8),
        Residual(16, use_1x1conv=True, strides=2),
        nn.GlobalAvgPool2D(),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Dense(10),
    )
net.initialize(init=init.Xavier(magnitude=2.24), ctx=[mx.cpu(0)])
net.hybridize()
print(net[0], len(net), net.collect_params(".*weight"))

X = np.random.RandomState(0).rand(32, 1, 16, 16).astype(np.float32)
y = np.arange(32) % 10
train_data = gluon.data.DataLoader(gluon.data.ArrayDataset(X, y.astype(np.float32)), batch_size=8, shuffle=True)
schedule = mx.lr_scheduler.FactorScheduler(step=10, factor=0.9)
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9})
loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
accuracy = metric.Accuracy()

for epoch in range(2):
    accuracy.reset()
    train_loss = 0.0
    for data, label in train_data:
        data = data.as_in_context(mx.cpu())
        datas = gluon.utils.split_and_load(data, [mx.cpu(0)])
        labels = gluon.utils.split_and_load(label, [mx.cpu(0)])
        with autograd.record():
            outputs = [net(d) for d in datas]
            losses = [loss_fn(o, l) for o, l in zip(outputs, labels)]
        for l in losses:
            l.backward()
        trainer.step(data.shape[0])
        train_loss += sum(l.mean().asscalar() for l in losses)
        accuracy.update(labels, outputs)
    name, value = accuracy.get()
    trainer.set_learning_rate(schedule(epoch))
    print("epoch %d: loss %.3f, %s" % (epoch, train_loss, name), value)

with tempfile.TemporaryDirectory() as folder:
    net.save_parameters(os.path.join(folder, "net.params"))
    net.load_parameters(os.path.join(folder, "net.params"), ctx=mx.cpu())
    net.export(os.path.join(folder, "net"), epoch=1)
    loaded = gluon.SymbolBlock.imports(
        os.path.join(folder, "net-symbol.json"), ["data"], os.path.join(folder, "net-0001.params"), ctx=mx.cpu()
    )
    print(loaded(mx.nd.array(X)).shape)

weight = net[0].weight.data()
weight_grad = net[0].weight.grad(mx.cpu())
for parameter in net.collect_params().values():
    if parameter.grad_req != "null":
        parameter.set_data(parameter.data() * 0.5)
print(weight.norm().asscalar(), weight_grad.shape, Reorder()(mx.nd.ones((1, 2, 3, 4))).shape)
