"""The nets as Gluon code, for MXNet 1.9.1 and for this package alike: each process says what ``mxnet`` is."""

from mxnet.gluon import HybridBlock, nn, rnn
from mxnet.gluon.model_zoo import vision

from . import works


class MLP(HybridBlock):
    """784-256-128-10."""

    def __init__(self, classes, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.first = nn.Dense(256, activation="relu")
            self.second = nn.Dense(128, activation="relu")
            self.output = nn.Dense(classes)

    def hybrid_forward(self, F, x):  # noqa: N803
        return self.output(self.second(self.first(x)))


class LeNet(HybridBlock):
    """Two convolutions with pooling, two dense layers."""

    def __init__(self, classes, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.conv1 = nn.Conv2D(20, kernel_size=5, activation="relu")
            self.conv2 = nn.Conv2D(50, kernel_size=5, activation="relu")
            self.pool = nn.MaxPool2D(pool_size=2, strides=2)
            self.hidden = nn.Dense(500, activation="relu")
            self.output = nn.Dense(classes)

    def hybrid_forward(self, F, x):  # noqa: N803
        x = self.pool(self.conv1(x))
        x = self.pool(self.conv2(x))
        return self.output(self.hidden(x))


class Residual(HybridBlock):
    """Two 3x3 convolutions and the way around them."""

    def __init__(self, channels, stride, project, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.conv1 = nn.Conv2D(channels, 3, strides=stride, padding=1, use_bias=False)
            self.norm1 = nn.BatchNorm()
            self.conv2 = nn.Conv2D(channels, 3, padding=1, use_bias=False)
            self.norm2 = nn.BatchNorm()
            self.shortcut = None
            if project:
                self.shortcut = nn.HybridSequential(prefix="shortcut_")
                self.shortcut.add(nn.Conv2D(channels, 1, strides=stride, use_bias=False), nn.BatchNorm())

    def hybrid_forward(self, F, x):  # noqa: N803
        around = x if self.shortcut is None else self.shortcut(x)
        x = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(x)) + around)


class ResNet18(HybridBlock):
    """ResNet-18 v1; ``thumbnail``: for small images, one 3x3 convolution in front."""

    def __init__(self, classes, thumbnail, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            if thumbnail:
                self.features.add(nn.Conv2D(64, 3, padding=1, use_bias=False))
            else:
                self.features.add(
                    nn.Conv2D(64, 7, strides=2, padding=3, use_bias=False),
                    nn.BatchNorm(),
                    nn.Activation("relu"),
                    nn.MaxPool2D(3, strides=2, padding=1),
                )
            before = 64
            for stage, channels in enumerate((64, 128, 256, 512)):
                stride = 1 if stage == 0 else 2
                self.features.add(Residual(channels, stride, channels != before), Residual(channels, 1, False))
                before = channels
            self.features.add(nn.GlobalAvgPool2D())
            self.output = nn.Dense(classes)

    def hybrid_forward(self, F, x):  # noqa: N803
        return self.output(self.features(x))


class Recurrent(HybridBlock):
    """Two recurrent layers."""

    def __init__(self, kind, size, **kwargs):
        super().__init__(**kwargs)
        self.size = size
        with self.name_scope():
            self.layers = kind(size, num_layers=2)

    def hybrid_forward(self, F, x):  # noqa: N803
        return self.layers(x).reshape((-1, self.size))


class Words(HybridBlock):
    """A language model: embedding, two LSTM layers, the next word."""

    def __init__(self, words, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.embedding = nn.Embedding(words, 200)
            self.layers = Recurrent(rnn.LSTM, 200)
            self.output = nn.Dense(words)

    def hybrid_forward(self, F, x):  # noqa: N803
        return self.output(self.layers(self.embedding(x)))


def make(name, classes):
    """The net of that name, not initialised."""
    if works.NETS[name].zoo:
        return getattr(vision, name.split("-")[0])(classes=classes)
    if name.startswith("resnet18"):
        return ResNet18(classes, thumbnail=name.endswith("-32"))
    if name in ("lstm", "gru"):
        return Recurrent(getattr(rnn, name.upper()), classes)
    return {"mlp": MLP, "lenet": LeNet, "lstm-words": Words}[name](classes)
