"""Small nets of ten kinds, their batch along the first axis of the data."""

import numpy as np

import mxgluon_compat as mx
from mxgluon_compat import gluon, nd
from mxgluon_compat.gluon import nn, rnn
from mxgluon_compat.gluon.model_zoo.vision import densenet, mobilenet, resnet, squeezenet, vgg


class LanguageModel(gluon.HybridBlock):
    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.embed = nn.Embedding(11, 6)
            self.lstm = rnn.LSTM(8, input_size=6, bidirectional=True)
            self.out = nn.Dense(11, flatten=False)

    def hybrid_forward(self, F, x):  # noqa: N803
        return self.out(self.lstm(F.transpose(self.embed(x), axes=(1, 0, 2))))


class Attention(gluon.HybridBlock):
    def __init__(self, units=8, heads=2):
        super().__init__()
        self.heads, self.scale = heads, (units / heads) ** -0.5
        with self.name_scope():
            self.parts = nn.HybridSequential()
            self.parts.add(*(nn.Dense(units, flatten=False) for _ in range(3)))
            self.out = nn.Dense(units, flatten=False)
            self.norm = nn.LayerNorm()

    def hybrid_forward(self, F, x):  # noqa: N803
        def split(part):  # (N, T, C) -> (N heads, T, C / heads)
            part = F.transpose(F.reshape(part, (0, 0, self.heads, -1)), axes=(0, 2, 1, 3))
            return F.reshape(part, (-1, 0, 0), reverse=True)

        q, k, v = (split(part(x)) for part in self.parts)
        y = F.batch_dot(F.softmax(F.batch_dot(q, k, transpose_b=True) * self.scale), v)
        y = F.transpose(F.reshape(y, (-1, self.heads, 0, 0), reverse=True), axes=(0, 2, 1, 3))
        return self.norm(x + self.out(F.reshape(y, (0, 0, -1))))


class Transformer(gluon.HybridBlock):
    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.embed, self.attention = nn.Embedding(11, 8), Attention()
            self.position = self.params.get("position", shape=(1, 5, 8))
            self.feed = nn.HybridSequential()
            self.feed.add(nn.Dense(16, flatten=False), nn.GELU(), nn.Dropout(0.1), nn.Dense(3))

    def hybrid_forward(self, F, x, position):  # noqa: N803
        return self.feed(self.attention(F.broadcast_add(self.embed(x), position)))


def sequential(*layers):
    net = nn.HybridSequential()
    net.add(*layers)
    return net


def mobile():
    return sequential(
        nn.Conv2D(8, 3, 2, 1, use_bias=False), nn.BatchNorm(), mobilenet.RELU6(),
        mobilenet.LinearBottleneck(8, 8, 2, 1), nn.GlobalAvgPool2D(), nn.Conv2D(5, 1, use_bias=False), nn.Flatten(),
    )  # fmt: skip


def squeeze():
    return sequential(
        nn.Conv2D(8, 3, 2, activation="relu"), nn.MaxPool2D(3, 2, ceil_mode=True), squeezenet._make_fire(4, 6, 6),
        nn.Dropout(0.5), nn.Conv2D(5, 1), nn.AvgPool2D(3), nn.Flatten(),
    )  # fmt: skip


def plain():
    features = vgg.VGG([1, 1], [4, 8], batch_norm=True)._make_features([1, 1], [4, 8], True)
    return sequential(features, nn.Dense(16, activation="relu"), nn.Dropout(0.5), nn.Dense(5))


def deconvolution():
    return sequential(
        nn.Dense(32), nn.HybridLambda(lambda F, x: F.reshape(x, (0, -1, 2, 2))),
        nn.Conv2DTranspose(4, 4, 2, 1, use_bias=False), nn.BatchNorm(), nn.LeakyReLU(0.2),
        nn.Conv2DTranspose(1, 3, 2, 1, output_padding=1), nn.Activation("tanh"),
    )  # fmt: skip


def classifier():
    return sequential(
        nn.Embedding(11, 6), nn.HybridLambda(lambda F, x: F.transpose(x, axes=(0, 2, 1))),
        nn.Conv1D(5, 3, activation="relu"), nn.GlobalMaxPool1D(), nn.Dense(4),
    )  # fmt: skip


NETS = {
    "resnet v1": (lambda: resnet.ResNetV1(resnet.BasicBlockV1, [1], [4, 8], classes=5, thumbnail=True), (2, 3, 8, 8)),
    "resnet v2": (lambda: resnet.ResNetV2(resnet.BasicBlockV2, [1], [4, 8], classes=5), (2, 3, 32, 32)),
    "mobilenet v2": (mobile, (2, 3, 16, 16)),
    "squeezenet": (squeeze, (2, 3, 32, 32)),
    "densenet": (lambda: densenet.DenseNet(8, 4, [1, 1], classes=5), (2, 3, 56, 56)),
    "vgg with BatchNorm": (plain, (2, 3, 4, 4)),
    "LSTM": (LanguageModel, (2, 4)),
    "Transformer": (Transformer, (2, 5)),
    "embedding": (classifier, (2, 7)),
    "deconvolution": (deconvolution, (2, 10)),
}
TOKENS = ("LSTM", "Transformer", "embedding")


def arrays(name, rows=None):
    """Data for the net."""
    shape = (rows or NETS[name][1][0], *NETS[name][1][1:])
    random = np.random.RandomState(3)
    return (random.randint(0, 11, shape) if name in TOKENS else random.standard_normal(shape)).astype("float32")


def ready(net, data):
    """The net, hybridized, all its parameters unlike those that they are initialised to."""
    mx.random.seed(1)
    net.initialize(mx.init.Xavier())
    net.hybridize()
    net(nd.array(data))
    random = np.random.RandomState(1)
    for name, param in net.collect_params().items():
        if name.endswith(("beta", "bias", "mean", "position")):
            param.set_data(nd.array(random.standard_normal(param.shape) * 0.1))
        elif name.endswith(("gamma", "var")):
            param.set_data(nd.array(random.uniform(0.5, 1.5, param.shape)))
    return net


def made(name):
    return ready(NETS[name][0](), arrays(name))
