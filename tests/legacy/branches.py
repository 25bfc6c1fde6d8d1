"""Image classifiers as model collections have them: concurrent branches, channel shuffle, squeeze and excitation."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import HybridBlock, nn

mx.random.seed(73)
np.random.seed(73)


class Concurrent(nn.HybridSequential):
    """Children side by side, their outputs together."""

    def __init__(self, axis=1, stack=False, **kwargs):
        super(Concurrent, self).__init__(**kwargs)
        self.axis = axis
        self.stack = stack

    def hybrid_forward(self, F, x):
        out = []
        for block in self._children.values():
            out.append(block(x))
        if self.stack:
            out = F.stack(*out, axis=self.axis)
        else:
            out = F.concat(*out, dim=self.axis)
        return out


class ChannelShuffle(HybridBlock):
    def __init__(self, channels, groups, **kwargs):
        super(ChannelShuffle, self).__init__(**kwargs)
        assert channels % groups == 0
        self.groups = groups

    def hybrid_forward(self, F, x):
        return x.reshape((0, -4, self.groups, -1, -2)).swapaxes(1, 2).reshape((0, -3, -2))


class SEBlock(HybridBlock):
    def __init__(self, channels, reduction=4, **kwargs):
        super(SEBlock, self).__init__(**kwargs)
        with self.name_scope():
            self.conv1 = nn.Conv2D(channels=channels // reduction, kernel_size=1, in_channels=channels)
            self.activ = nn.Activation("relu")
            self.conv2 = nn.Conv2D(channels=channels, kernel_size=1, in_channels=channels // reduction)
            self.sigmoid = nn.Activation("sigmoid")

    def hybrid_forward(self, F, x):
        w = F.mean(x, axis=(2, 3), keepdims=True)
        w = self.sigmoid(self.conv2(self.activ(self.conv1(w))))
        return F.broadcast_mul(x, w)


class ReLU6(HybridBlock):
    def hybrid_forward(self, F, x):
        return F.clip(x, 0, 6, name="relu6")


class HSwish(HybridBlock):
    def hybrid_forward(self, F, x):
        return x * F.clip(x + 3, 0, 6) / 6.0


def get_activation_layer(activation):
    return (
        {"relu6": ReLU6, "hswish": HSwish}[activation]()
        if activation in ("relu6", "hswish")
        else nn.Activation(activation)
    )


class ConvBlock(HybridBlock):
    def __init__(self, in_channels, out_channels, kernel_size, strides=1, padding=0, groups=1, use_bn=True,
                 activation="relu", bn_use_global_stats=False, **kwargs):  # fmt: skip
        super(ConvBlock, self).__init__(**kwargs)
        self.use_bn = use_bn
        self.activate = activation is not None
        with self.name_scope():
            self.conv = nn.Conv2D(channels=out_channels, kernel_size=kernel_size, strides=strides, padding=padding,
                                  groups=groups, use_bias=False, in_channels=in_channels)  # fmt: skip
            if use_bn:
                self.bn = nn.BatchNorm(in_channels=out_channels, use_global_stats=bn_use_global_stats)
            if self.activate:
                self.activ = get_activation_layer(activation)

    def hybrid_forward(self, F, x):
        x = self.conv(x)
        if self.use_bn:
            x = self.bn(x)
        return self.activ(x) if self.activate else x


class Unit(HybridBlock):
    def __init__(self, in_channels, out_channels, strides, activation, **kwargs):
        super(Unit, self).__init__(**kwargs)
        self.resize_identity = strides > 1 or in_channels != out_channels
        mid = out_channels // 2
        with self.name_scope():
            self.branches = Concurrent(axis=1, prefix="")
            self.branches.add(ConvBlock(in_channels, mid, 1, strides=strides, activation=activation))
            deep = nn.HybridSequential(prefix="deep_")
            deep.add(ConvBlock(in_channels, in_channels, 3, strides, 1, groups=in_channels, activation=None))
            deep.add(ConvBlock(in_channels, mid, 1, activation=activation))
            self.branches.add(deep)
            self.shuffle = ChannelShuffle(out_channels, 2)
            self.se = SEBlock(out_channels)
            if self.resize_identity:
                self.identity_conv = ConvBlock(in_channels, out_channels, 1, strides=strides, activation=None)

    def hybrid_forward(self, F, x):
        identity = self.identity_conv(x) if self.resize_identity else x
        x = self.se(self.shuffle(self.branches(x)))
        return F.relu(x + identity)


class Net(HybridBlock):
    def __init__(self, channels, init_block_channels, in_channels=3, in_size=(16, 16), classes=4, **kwargs):
        super(Net, self).__init__(**kwargs)
        self.in_size, self.classes = in_size, classes
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            self.features.add(ConvBlock(in_channels, init_block_channels, 3, 2, 1, activation="relu6"))
            in_channels = init_block_channels
            for i, per_stage in enumerate(channels):
                stage = nn.HybridSequential(prefix="stage{}_".format(i + 1))
                with stage.name_scope():
                    for j, out_channels in enumerate(per_stage):
                        strides = 2 if (j == 0) and (i != 0) else 1
                        stage.add(Unit(in_channels, out_channels, strides, "hswish" if i else "relu"))
                        in_channels = out_channels
                self.features.add(stage)
            self.features.add(nn.GlobalAvgPool2D())
            self.output = nn.HybridSequential(prefix="")
            self.output.add(nn.Flatten())
            self.output.add(nn.Dense(units=classes, in_units=in_channels))

    def hybrid_forward(self, F, x):
        return self.output(self.features(x))


net = Net([[8], [12, 12]], 6, prefix="tiny_")
net.initialize(mx.init.MSRAPrelu(), ctx=mx.cpu())
net.hybridize()
x = nd.random.normal(shape=(4, 3) + net.in_size)
y = net(x)
print(y.shape, np.round(y[0].asnumpy(), 4))
weight_count = 0
for param in net.collect_params().values():
    if (param.shape is None) or (not param._differentiable):
        continue
    weight_count += np.prod(param.shape)
print("m={}, {}".format("Net", int(weight_count)), len(net.features), net.classes)
names = list(net.collect_params().keys())
print(len(names), names[:4], [n for n in names if "stage2_unit1" in n and "weight" in n])
print([k for k in net._collect_params_with_prefix() if "running_mean" in k])
sym = net(mx.sym.var("data"))
print(
    sym.name,
    len(sym.list_arguments()),
    [o for o in sym.get_internals().list_outputs() if "concat" in o or "relu6" in o],
)
label = nd.array([0, 1, 2, 3])
loss_fn = gluon.loss.SoftmaxCrossEntropyLoss(sparse_label=False)
smooth = nd.one_hot(label, 4) * 0.9 + 0.025
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.02, "momentum": 0.9, "wd": 1e-4})
for k, v in net.collect_params(".*beta|.*gamma|.*bias").items():
    v.wd_mult = 0.0
for i in range(3):
    lam = np.random.beta(0.5, 0.5) if i else 1.0
    mixed = lam * x + (1 - lam) * x[::-1]
    target = lam * smooth + (1 - lam) * smooth[::-1]
    with autograd.record():
        loss = loss_fn(net(mixed), target)
    loss.backward()
    trainer.step(4)
    print("lam %.4f loss %.4f" % (lam, loss.mean().asscalar()))
print(np.round(net.features[1][0].branches[0].bn.running_var.data().asnumpy(), 3))
stacked = Concurrent(axis=1, stack=True)
stacked.add(nn.Dense(2, in_units=2), nn.HybridLambda("relu"))
stacked.initialize(mx.init.One())
print(stacked(nd.array([[1, -1]])), stacked[1], len(stacked))
print(ChannelShuffle(4, 2)(nd.arange(4).reshape((1, 4, 1, 1))).reshape((-1,)).asnumpy())
print(net.features[1])
