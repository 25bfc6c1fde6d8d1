"""The nets of ``gluon_nets`` as PyTorch people write them; parameters are in the same order."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - its customary name
from torch import Tensor, nn

from . import works
from .torch_zoo import ZOO


class MLP(nn.Module):
    """784-256-128-10."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.first = nn.Linear(784, 256)
        self.second = nn.Linear(256, 128)
        self.output = nn.Linear(128, classes)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 784) -> (N, classes)."""
        return self.output(F.relu(self.second(F.relu(self.first(x)))))


class LeNet(nn.Module):
    """Two convolutions with pooling, two dense layers."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 20, 5)
        self.conv2 = nn.Conv2d(20, 50, 5)
        self.hidden = nn.Linear(50 * 4 * 4, 500)
        self.output = nn.Linear(500, classes)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 1, 28, 28) -> (N, classes)."""
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.output(F.relu(self.hidden(torch.flatten(x, 1))))


class Residual(nn.Module):
    """Two 3x3 convolutions and the way around them."""

    def __init__(self, before: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, channels, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.shortcut = None
        if before != channels:
            self.shortcut = nn.Sequential(nn.Conv2d(before, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        """(N, before, H, W) -> (N, channels, H / stride, W / stride)."""
        around = x if self.shortcut is None else self.shortcut(x)
        x = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(x)) + around)


class ResNet18(nn.Module):
    """ResNet-18 v1; ``thumbnail``: for small images, one 3x3 convolution in front."""

    def __init__(self, classes: int, thumbnail: bool) -> None:
        super().__init__()
        if thumbnail:
            layers: list[nn.Module] = [nn.Conv2d(3, 64, 3, 1, 1, bias=False)]
        else:
            layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
        before = 64
        for stage, channels in enumerate((64, 128, 256, 512)):
            layers += [Residual(before, channels, 1 if stage == 0 else 2), Residual(channels, channels, 1)]
            before = channels
        self.features = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1))
        self.output = nn.Linear(512, classes)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) -> (N, classes)."""
        return self.output(torch.flatten(self.features(x), 1))


class Recurrent(nn.Module):
    """Two recurrent layers."""

    def __init__(self, kind: type[nn.RNNBase], size: int) -> None:
        super().__init__()
        self.layers = kind(size, size, num_layers=2)

    def forward(self, x: Tensor) -> Tensor:
        """(T, N, size) -> (T * N, size)."""
        return torch.flatten(self.layers(x)[0], 0, 1)


class Words(nn.Module):
    """A language model: embedding, two LSTM layers, the next word."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, 200)
        self.layers = Recurrent(nn.LSTM, 200)
        self.output = nn.Linear(200, words)

    def forward(self, x: Tensor) -> Tensor:
        """(T, N) -> (T * N, words)."""
        return self.output(self.layers(self.embedding(x)))


def make(name: str, classes: int) -> nn.Module:
    """The net of that name."""
    if works.NETS[name].zoo:
        return ZOO[name.split("-")[0]](classes)
    if name.startswith("resnet18"):
        return ResNet18(classes, thumbnail=name.endswith("-32"))
    if name in ("lstm", "gru"):
        return Recurrent(getattr(nn, name.upper()), classes)
    return {"mlp": MLP, "lenet": LeNet, "lstm-words": Words}[name](classes)
