"""Image backbones as model libraries write them: prefixes, nested scopes, shuffled channels, fine-tuning."""

import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, init, nd
from mxnet.gluon import nn
from mxnet.gluon.block import HybridBlock

mx.random.seed(11)
np.random.seed(11)


def channel_shuffle(x, groups):
    return x.reshape((0, -4, groups, -1, -2)).swapaxes(1, 2).reshape((0, -3, -2))


class ChannelShuffle(HybridBlock):
    def __init__(self, channels, groups, **kwargs):
        super(ChannelShuffle, self).__init__(**kwargs)
        assert channels % groups == 0
        self.groups = groups

    def hybrid_forward(self, F, x):
        return channel_shuffle(x, self.groups)


class ReLU6(HybridBlock):
    def hybrid_forward(self, F, x):
        return F.clip(x, 0.0, 6.0, name="relu6")


class SEBlock(HybridBlock):
    def __init__(self, channels, reduction=4, use_conv=True, **kwargs):
        super(SEBlock, self).__init__(**kwargs)
        self.use_conv = use_conv
        with self.name_scope():
            if use_conv:
                self.conv1 = nn.Conv2D(channels // reduction, kernel_size=1, in_channels=channels)
                self.conv2 = nn.Conv2D(channels, kernel_size=1, in_channels=channels // reduction)
            else:
                self.fc1 = nn.Dense(channels // reduction, in_units=channels)
                self.fc2 = nn.Dense(channels, in_units=channels // reduction)
            self.activ = nn.Activation("relu")
            self.sigmoid = nn.HybridLambda("sigmoid")

    def hybrid_forward(self, F, x):
        w = F.contrib.AdaptiveAvgPooling2D(x, output_size=1)
        if not self.use_conv:
            w = F.Flatten(w)
        w = self.conv1(w) if self.use_conv else self.fc1(w)
        w = self.activ(w)
        w = self.conv2(w) if self.use_conv else self.fc2(w)
        w = self.sigmoid(w)
        if not self.use_conv:
            w = w.expand_dims(2).expand_dims(3).broadcast_like(x)
            return x * w
        return F.broadcast_mul(x, w)


def conv_block(channels, kernel, strides=1, groups=1, activation=True, in_channels=0, prefix=None):
    block = nn.HybridSequential(prefix=prefix)
    with block.name_scope():
        block.add(
            nn.Conv2D(channels, kernel, strides, kernel // 2, groups=groups, use_bias=False, in_channels=in_channels)
        )
        block.add(nn.BatchNorm(momentum=0.8, epsilon=1e-3))
        if activation == "swish":
            block.add(nn.Swish())
        elif activation:
            block.add(ReLU6(prefix="act_"))
    return block


class ShuffleUnit(HybridBlock):
    def __init__(self, channels, downsample, use_se, **kwargs):
        super(ShuffleUnit, self).__init__(**kwargs)
        self.downsample = downsample
        half = channels // 2
        with self.name_scope():
            self.branch = nn.HybridSequential(prefix="branch_")
            with self.branch.name_scope():
                self.branch.add(conv_block(half, 1))
                self.branch.add(conv_block(half, 3, 2 if downsample else 1, groups=half, activation=False))
                self.branch.add(conv_block(half, 1, activation="swish"))
                if use_se:
                    self.branch.add(SEBlock(half, 2, use_conv=False, prefix="se_"))
            if downsample:
                self.shortcut = nn.HybridSequential(prefix="shortcut_")
                self.shortcut.add(conv_block(half, 3, 2, prefix="shortcut0_"), conv_block(half, 1, prefix="shortcut1_"))
            self.shuffle = ChannelShuffle(channels, 2, prefix="shuffle_")

    def hybrid_forward(self, F, x):
        if self.downsample:
            left, right = self.shortcut(x), x
        else:
            left, right = F.split(x, axis=1, num_outputs=2)
        return self.shuffle(F.concat(left, self.branch(right), dim=1))


class InvertedResidual(HybridBlock):
    def __init__(self, in_channels, channels, expansion, strides, **kwargs):
        super(InvertedResidual, self).__init__(**kwargs)
        self.residual = in_channels == channels and strides == 1
        middle = in_channels * expansion
        with self.name_scope():
            self.body = nn.HybridSequential(prefix="")
            self.body.add(conv_block(middle, 1, in_channels=in_channels, prefix="expand_"))
            self.body.add(conv_block(middle, 3, strides, groups=middle, prefix="depth_"))
            self.body.add(SEBlock(middle, 4, prefix="se_"))
            self.body.add(conv_block(channels, 1, activation=False, prefix="project_"))

    def hybrid_forward(self, F, x):
        out = self.body(x)
        return F.elemwise_add(out, x, name="sum") if self.residual else out


class Backbone(HybridBlock):
    def __init__(self, classes, **kwargs):
        super(Backbone, self).__init__(**kwargs)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="features_")
            with self.features.name_scope():
                self.features.add(conv_block(8, 3, 2, prefix="init_"))
                for i, (downsample, use_se) in enumerate([(True, False), (False, True)]):
                    stage = nn.HybridSequential(prefix="stage%d_" % (i + 1))
                    with stage.name_scope():
                        stage.add(ShuffleUnit(16, downsample, use_se))
                        stage.add(InvertedResidual(16, 16, 2, 1))
                    self.features.add(stage)
                self.features.add(nn.GlobalAvgPool2D())
                self.features.add(nn.Flatten())
            self.output = nn.HybridSequential(prefix="output_")
            with self.output.name_scope():
                self.output.add(nn.Dropout(0.0), nn.Dense(classes, prefix="fc_"))

    def hybrid_forward(self, F, x):
        return self.output(self.features(x))


net = Backbone(5, prefix="net_")
net.initialize(init.MSRAPrelu(), ctx=mx.cpu())
print(net)
x = nd.array(np.random.uniform(-1, 1, (8, 3, 16, 16)))
y = nd.array(np.random.randint(0, 5, (8,)))
net.summary(x)
for name, param in net.collect_params().items():
    print(name, param.shape, param.grad_req, param.wd_mult)

net.collect_params(".*(gamma|beta|bias)$").setattr("wd_mult", 0.0)
net.collect_params(".*init.*").setattr("lr_mult", 0.5)
print(sorted(n for n, p in net.collect_params().items() if p.wd_mult == 0)[:6])
net.hybridize()
loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.02, "momentum": 0.9, "wd": 0.001})
for step in range(4):
    with autograd.record():
        loss = loss_fn(net(x), y)
    loss.backward()
    trainer.step(8)
    print("step %d %.6f" % (step, loss.mean().asscalar()))
print("%.6f" % net(x).abs().sum().asscalar())

net.export("backbone", epoch=3)
loaded = gluon.SymbolBlock.imports("backbone-symbol.json", ["data"], "backbone-0003.params", ctx=mx.cpu())
print("%.1e" % nd.abs(loaded(x) - net(x)).max().asscalar(), len(list(loaded.collect_params())))
internals = mx.sym.load("backbone-symbol.json").get_internals()
print([n for n in internals.list_outputs() if "se_" in n and n.endswith("_output")][:4])
last = [n for n in internals.list_outputs() if "flatten" in n][-1]
body = gluon.SymbolBlock(internals[last], mx.sym.var("data"))
body.collect_params().load("backbone-0003.params", ctx=mx.cpu(), ignore_extra=True)
body.collect_params().setattr("grad_req", "null")
tuned = nn.HybridSequential()
tuned.add(body, nn.Dense(3))
tuned[1].initialize(init.Xavier())
tuned.hybridize()
trainer = gluon.Trainer(tuned[1].collect_params(), "adam", {"learning_rate": 0.01})
for step in range(3):
    with autograd.record():
        loss = loss_fn(tuned(x), y % 3)
    loss.backward()
    trainer.step(8)
    print("tuned %d %.6f" % (step, loss.mean().asscalar()))

other = Backbone(7, prefix="other_")
other.initialize(init.Xavier())
other(x)
source = net.features.collect_params()
for (_, ours), (_, theirs) in zip(sorted(other.features.collect_params().items()), sorted(source.items())):
    ours.set_data(theirs.data())
print("%.1e" % nd.abs(other.features(x) - net.features(x)).max().asscalar())
other.initialize(init.Constant(0.01), force_reinit=True)
print("%.6f" % other(x).sum().asscalar())
other.cast("float16")
print({p.name: str(np.dtype(p.dtype)) for p in list(other.collect_params().values())[:5]})
other.cast("float32")
print("%.6f" % other(x).sum().asscalar())
