"""A residual network built by a loop: setattr, getattr, register_child, stage names, sizes per parameter."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn
from mxnet.gluon.block import HybridBlock

mx.random.seed(13)
np.random.seed(13)


def conv3x3(channels, stride, in_channels):
    return nn.Conv2D(channels, kernel_size=3, strides=stride, padding=1, use_bias=False, in_channels=in_channels)


class BasicBlock(HybridBlock):
    def __init__(self, channels, stride, downsample=False, in_channels=0, use_se=False, **kwargs):
        super(BasicBlock, self).__init__(**kwargs)
        self.body = nn.HybridSequential(prefix="")
        self.body.add(conv3x3(channels, stride, in_channels))
        self.body.add(nn.BatchNorm())
        self.body.add(nn.Activation("relu"))
        self.body.add(conv3x3(channels, 1, channels))
        self.body.add(nn.BatchNorm(gamma_initializer="zeros"))
        if use_se:
            self.se = nn.HybridSequential(prefix="")
            self.se.add(nn.Dense(channels // 4, use_bias=False))
            self.se.add(nn.Activation("relu"))
            self.se.add(nn.Dense(channels, use_bias=False))
            self.se.add(nn.Activation("sigmoid"))
        else:
            self.se = None
        if downsample:
            self.downsample = nn.HybridSequential(prefix="")
            self.downsample.add(
                nn.Conv2D(channels, kernel_size=1, strides=stride, use_bias=False, in_channels=in_channels)
            )
            self.downsample.add(nn.BatchNorm())
        else:
            self.downsample = None

    def hybrid_forward(self, F, x):
        residual = x
        x = self.body(x)
        if self.se:
            w = F.Pooling(x, global_pool=True, pool_type="avg", kernel=(1, 1))
            w = self.se(w)
            x = F.broadcast_mul(x, w.expand_dims(axis=2).expand_dims(axis=2))
        if self.downsample:
            residual = self.downsample(residual)
        return F.Activation(residual + x, act_type="relu")


class ResNet(HybridBlock):
    def __init__(self, layers, channels, classes=5, **kwargs):
        super(ResNet, self).__init__(**kwargs)
        with self.name_scope():
            self.stem = nn.Conv2D(channels[0], 3, padding=1, use_bias=False, prefix="stem_conv_")
            for i, num in enumerate(layers):
                stage = nn.HybridSequential(prefix="stage%d_" % (i + 1))
                with stage.name_scope():
                    stage.add(
                        BasicBlock(
                            channels[i + 1], 1 if i == 0 else 2, channels[i + 1] != channels[i], channels[i], prefix=""
                        )
                    )
                    for _ in range(num - 1):
                        stage.add(BasicBlock(channels[i + 1], 1, False, channels[i + 1], use_se=i > 0, prefix=""))
                setattr(self, "stage%d" % (i + 1), stage)
            self.num_stages = len(layers)
            self.heads = []
            for i in range(len(layers)):
                head = nn.Dense(classes, prefix="head%d_" % i)
                self.register_child(head)
                self.heads.append(head)
            extra = nn.Dense(3)
            self.register_child(extra, "extra")

    def hybrid_forward(self, F, x):
        x = self.stem(x)
        outputs = []
        for i in range(self.num_stages):
            x = getattr(self, "stage%d" % (i + 1))(x)
            outputs.append(self.heads[i](F.flatten(F.Pooling(x, global_pool=True, pool_type="avg", kernel=(1, 1)))))
        return outputs


net = ResNet([1, 2], [4, 4, 8], prefix="resnet_")
print(net)
for name, p in net.collect_params().items():
    print(name, p.shape, p.grad_req, p.init)
print(list(net._collect_params_with_prefix()))
print(list(net._children.keys()))
net.initialize(mx.init.MSRAPrelu("in", 0.1))
x = nd.random.normal(shape=(6, 3, 12, 12))
y = nd.array(np.arange(6) % 5)
print([o.shape for o in net(x)])
print(net.stage2[1].se[0].weight.shape, net.stage1[0].downsample, net.heads[1].weight.shape)
net.hybridize()
trainer = gluon.Trainer(
    net.collect_params("resnet_(stem|stage|head).*"), "sgd", {"learning_rate": 0.05, "momentum": 0.9, "wd": 1e-4}
)
loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
for step in range(3):
    with autograd.record():
        losses = [loss_fn(o, y) for o in net(x)]
        total = nd.add_n(*losses)
    total.backward()
    trainer.step(6)
    print(step, ["%.3f" % loss.mean().asscalar() for loss in losses])
count = sum(int(np.prod(p.shape)) for p in net.collect_params().values() if p.shape and np.prod(p.shape) > 0)
print("%d parameters" % count, len(trainer._params))
# the last stage taken out, another put in its place
net.hybridize(False)
net.stage2 = nn.HybridSequential(prefix="new_stage2_")
with net.stage2.name_scope():
    net.stage2.add(nn.Conv2D(8, 1), nn.Swish())
net.stage2.initialize(mx.init.Constant(0.01))
print([o.shape for o in net(x)], list(net._children.keys()))
print([k for k in net.collect_params() if "stage2" in k])
for wrong in (1, nd.ones((1,)), gluon.Parameter("p", shape=(1,))):
    try:
        net.stage2 = wrong
    except TypeError as e:
        print("TypeError", str(e).split(" from ")[0])
try:
    net.register_child(nn.Lambda(lambda x: x))
except ValueError as e:
    print("ValueError", str(e).split(",")[0])
