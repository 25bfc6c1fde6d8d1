"""A small residual net, in the style of model collections for Gluon."""
from __future__ import division

from mxnet.context import cpu
from mxnet.gluon import nn
from mxnet.gluon.block import HybridBlock
from mxnet import init

from .layers import SEBlock, conv_bn


class BasicBlock(HybridBlock):
    def __init__(self, channels, stride, downsample=False, use_se=False, norm_layer=nn.BatchNorm, **kwargs):
        super(BasicBlock, self).__init__(**kwargs)
        self.body = nn.HybridSequential(prefix="")
        self.body.add(conv_bn(channels, 3, stride))
        self.body.add(nn.Conv2D(channels, kernel_size=3, strides=1, padding=1, use_bias=False))
        self.body.add(norm_layer())
        self.se = SEBlock(channels) if use_se else None
        if downsample:
            self.downsample = nn.HybridSequential(prefix="")
            self.downsample.add(nn.Conv2D(channels, kernel_size=1, strides=stride, use_bias=False))
        else:
            self.downsample = None

    def hybrid_forward(self, F, x):
        residual = x
        x = self.body(x)
        if self.se is not None:
            x = self.se(x)
        if self.downsample:
            residual = self.downsample(residual)
        return F.Activation(residual + x, act_type="relu")


class SmallNet(HybridBlock):
    def __init__(self, classes=10, channels=8, **kwargs):
        super(SmallNet, self).__init__(**kwargs)
        self.classes = classes
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            self.features.add(BasicBlock(channels, 2, downsample=True, use_se=True))
            self.features.add(BasicBlock(channels, 1))
            self.features.add(nn.GlobalAvgPool2D())
            self.features.add(nn.Flatten())
            self.output = nn.Dense(classes, in_units=channels, weight_initializer=init.Xavier(magnitude=2.24))
            self.scale = self.params.get("scale", shape=(1,), init=init.One())

    def hybrid_forward(self, F, x, scale):
        x = self.features(x)
        x = self.output(x)
        return F.broadcast_mul(x, F.reshape(scale, shape=(1, 1)))


_models = {"small": SmallNet}


def get_model(name, ctx=cpu(), **kwargs):
    net = _models[name](**kwargs)
    net.initialize(ctx=ctx)
    return net
