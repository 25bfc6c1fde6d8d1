"""Nets of Gluon's model zoo as PyTorch people write them; parameters are in the same order."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - its customary name
from torch import Tensor, nn


class MobileNet(nn.Sequential):
    """MobileNet v1 of full width."""

    def __init__(self, classes: int) -> None:
        layers = _conv_norm(3, 32, 3, stride=2)
        before = 32
        strides = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
        for after, stride in zip((64, 128, 128, 256, 256, *[512] * 6, 1024, 1024), strides):
            layers += _conv_norm(before, before, 3, stride, groups=before) + _conv_norm(before, after, 1)
            before = after
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1024, classes))


def _conv_norm(before: int, after: int, kernel: int, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    conv = nn.Conv2d(before, after, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(after), nn.ReLU()]


class Bottleneck(nn.Module):
    """A 3x3 convolution between two 1x1 ones and the way around them, as in MXNet: the first has the stride."""

    def __init__(self, before: int, channels: int, stride: int) -> None:
        super().__init__()
        few = channels // 4
        self.conv1 = nn.Conv2d(before, few, 1, stride)
        self.norm1 = nn.BatchNorm2d(few)
        self.conv2 = nn.Conv2d(few, few, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(few)
        self.conv3 = nn.Conv2d(few, channels, 1)
        self.norm3 = nn.BatchNorm2d(channels)
        self.shortcut = None
        if before != channels:
            self.shortcut = nn.Sequential(nn.Conv2d(before, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        """(N, before, H, W) -> (N, channels, H / stride, W / stride)."""
        around = x if self.shortcut is None else self.shortcut(x)
        x = F.relu(self.norm1(self.conv1(x)))
        x = F.relu(self.norm2(self.conv2(x)))
        return F.relu(self.norm3(self.conv3(x)) + around)


class ResNet50(nn.Sequential):
    """ResNet-50 v1."""

    def __init__(self, classes: int) -> None:
        layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
        before = 64
        for stage, (number, channels) in enumerate(((3, 256), (4, 512), (6, 1024), (3, 2048))):
            for place in range(number):
                layers.append(Bottleneck(before, channels, 2 if stage and not place else 1))
                before = channels
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, classes))


class DenseLayer(nn.Module):
    """Adds 32 channels to its input."""

    def __init__(self, before: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(before)
        self.conv1 = nn.Conv2d(before, 128, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(128)
        self.conv2 = nn.Conv2d(128, 32, 3, 1, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(N, before, H, W) -> (N, before + 32, H, W)."""
        new = self.conv1(F.relu(self.norm1(x)))
        return torch.cat([x, self.conv2(F.relu(self.norm2(new)))], 1)


class DenseNet121(nn.Sequential):
    """DenseNet-121."""

    def __init__(self, classes: int) -> None:
        layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
        channels = 64
        for stage, number in enumerate((6, 12, 24, 16)):
            if stage:
                few = channels // 2
                layers += [nn.BatchNorm2d(channels), nn.ReLU(), nn.Conv2d(channels, few, 1, bias=False)]
                layers.append(nn.AvgPool2d(2))
                channels = few
            for _ in range(number):
                layers.append(DenseLayer(channels))
                channels += 32
        layers += [nn.BatchNorm2d(channels), nn.ReLU(), nn.AvgPool2d(7), nn.Flatten(), nn.Linear(channels, classes)]
        super().__init__(*layers)


ZOO = {"mobilenet1_0": MobileNet, "resnet50_v1": ResNet50, "densenet121": DenseNet121}
