from mxnet.gluon import nn
from mxnet.gluon.nn import Dense as D


def conv_bn(channels, kernel, stride):
    out = nn.HybridSequential(prefix="")
    out.add(nn.Conv2D(channels, kernel, strides=stride, padding=kernel // 2, use_bias=False))
    out.add(nn.BatchNorm(scale=True), nn.Activation("relu"))
    return out


class SEBlock(nn.HybridBlock):
    def __init__(self, channels, reduction=4, **kwargs):
        super().__init__(**kwargs)
        self.pool = nn.GlobalAvgPool2D()
        self.fc1 = D(channels // reduction, activation="relu")
        self.fc2 = D(channels, activation="sigmoid")

    def hybrid_forward(self, F, x, *args, **kwargs):
        w = self.fc2(self.fc1(self.pool(x)))
        w = w.expand_dims(axis=2).expand_dims(axis=3)
        return F.broadcast_mul(x, w)
