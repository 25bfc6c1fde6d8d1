"""ResNet (He et al., "Deep residual learning", 2015) and v2 ("Identity mappings in deep residual networks", 2016)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from .... import base
from ....context import Context, cpu
from ....numpy.family import of_mode
from ... import nn
from ...block import HybridBlock
from ..model_store import _load_pretrained

__all__ = [
    "BasicBlockV1", "BasicBlockV2", "BottleneckV1", "BottleneckV2", "ResNetV1", "ResNetV2", "get_resnet",
    "resnet101_v1", "resnet101_v2", "resnet152_v1", "resnet152_v2", "resnet18_v1", "resnet18_v2", "resnet34_v1",
    "resnet34_v2", "resnet50_v1", "resnet50_v2",
]  # fmt: skip


def _conv1x1(channels: int, stride: int, in_channels: int = 0) -> nn.Conv2D:
    return nn.Conv2D(channels, kernel_size=1, strides=stride, use_bias=False, in_channels=in_channels)


def _conv3x3(channels: int, stride: int, in_channels: int) -> nn.Conv2D:
    return nn.Conv2D(channels, kernel_size=3, strides=stride, padding=1, use_bias=False, in_channels=in_channels)


# ---------------------------------------------------------------------------------------------- blocks of v1
class _BlockV1(HybridBlock):
    """What both blocks of v1 share: the way around their ``body``."""

    body: nn.HybridSequential
    downsample: nn.HybridSequential | None = None

    def _add_downsample(self, channels: int, stride: int, in_channels: int) -> None:
        self.downsample = nn.HybridSequential(prefix="")
        self.downsample.add(_conv1x1(channels, stride, in_channels), nn.BatchNorm())

    def _around(self, x: Any) -> Any:
        return x if self.downsample is None else self.downsample(x)


class BasicBlockV1(_BlockV1):
    """Two 3x3 convolutions and the way around: (N, in_channels, H, W) -> (N, channels, H / stride, W / stride).

    Args:
        channels: of the output.
        stride: of the first convolution.
        downsample: a 1x1 convolution on the way around: where input and output differ in shape.
        in_channels: of the input; 0: the first input tells.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(
        self, channels: int, stride: int, downsample: bool = False, in_channels: int = 0, **kwargs: Any
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self.body = nn.HybridSequential(prefix="")
        self.body.add(
            _conv3x3(channels, stride, in_channels),
            nn.BatchNorm(),
            nn.Activation("relu"),
            _conv3x3(channels, 1, channels),
            nn.BatchNorm(),
        )
        if downsample:
            self._add_downsample(channels, stride, in_channels)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        F = of_mode(F)
        out = self.body(x)
        return F.Activation(self._around(x) + out, act_type="relu")


class BottleneckV1(_BlockV1):
    """A 3x3 convolution between two 1x1 ones, and the way around: shapes as ``BasicBlockV1``.

    Args:
        channels: of the output; a quarter of them in between.
        stride: of the first convolution.
        downsample: a 1x1 convolution on the way around: where input and output differ in shape.
        in_channels: of the input; 0: the first input tells.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(
        self, channels: int, stride: int, downsample: bool = False, in_channels: int = 0, **kwargs: Any
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        few = channels // 4
        self.body = nn.HybridSequential(prefix="")
        self.body.add(
            nn.Conv2D(few, kernel_size=1, strides=stride),
            nn.BatchNorm(),
            nn.Activation("relu"),
            _conv3x3(few, 1, few),
            nn.BatchNorm(),
            nn.Activation("relu"),
            nn.Conv2D(channels, kernel_size=1, strides=1),
            nn.BatchNorm(),
        )
        if downsample:
            self._add_downsample(channels, stride, in_channels)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        F = of_mode(F)
        out = self.body(x)
        return F.Activation(out + self._around(x), act_type="relu")


# ---------------------------------------------------------------------------------------------- blocks of v2
class BasicBlockV2(HybridBlock):
    """Two 3x3 convolutions, normalised before, and the way around: shapes as ``BasicBlockV1``.

    Args:
        channels: of the output.
        stride: of the first convolution.
        downsample: a 1x1 convolution on the way around: where input and output differ in shape.
        in_channels: of the input; 0: the first input tells.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(
        self, channels: int, stride: int, downsample: bool = False, in_channels: int = 0, **kwargs: Any
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self.bn1 = nn.BatchNorm()
        self.conv1 = _conv3x3(channels, stride, in_channels)
        self.bn2 = nn.BatchNorm()
        self.conv2 = _conv3x3(channels, 1, channels)
        self.downsample = _conv1x1(channels, stride, in_channels) if downsample else None

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        F = of_mode(F)
        out = F.Activation(self.bn1(x), act_type="relu")
        around = x if self.downsample is None else self.downsample(out)
        out = self.conv1(out)
        out = self.conv2(F.Activation(self.bn2(out), act_type="relu"))
        return out + around


class BottleneckV2(HybridBlock):
    """A 3x3 convolution between two 1x1 ones, normalised before, and the way around: shapes as ``BasicBlockV1``.

    Args:
        channels: of the output; a quarter of them in between.
        stride: of the 3x3 convolution.
        downsample: a 1x1 convolution on the way around: where input and output differ in shape.
        in_channels: of the input; 0: the first input tells.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(
        self, channels: int, stride: int, downsample: bool = False, in_channels: int = 0, **kwargs: Any
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        few = channels // 4
        self.bn1 = nn.BatchNorm()
        self.conv1 = _conv1x1(few, 1)
        self.bn2 = nn.BatchNorm()
        self.conv2 = _conv3x3(few, stride, few)
        self.bn3 = nn.BatchNorm()
        self.conv3 = _conv1x1(channels, 1)
        self.downsample = _conv1x1(channels, stride, in_channels) if downsample else None

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        F = of_mode(F)
        out = F.Activation(self.bn1(x), act_type="relu")
        around = x if self.downsample is None else self.downsample(out)
        out = self.conv1(out)
        out = self.conv2(F.Activation(self.bn2(out), act_type="relu"))
        out = self.conv3(F.Activation(self.bn3(out), act_type="relu"))
        return out + around


# ---------------------------------------------------------------------------------------------- nets
class _ResNet(HybridBlock):
    """What both versions share; see the public classes."""

    features: nn.HybridSequential
    output: nn.Dense

    def _add_stem(self, channels: int, thumbnail: bool) -> None:
        """The layers before the first stage."""
        if thumbnail:
            self.features.add(_conv3x3(channels, 1, 0))
            return
        self.features.add(
            nn.Conv2D(channels, kernel_size=7, strides=2, padding=3, use_bias=False),
            nn.BatchNorm(),
            nn.Activation("relu"),
            nn.MaxPool2D(pool_size=3, strides=2, padding=1),
        )

    def _add_stages(self, block: Callable[..., HybridBlock], layers: Sequence[int], channels: Sequence[int]) -> None:
        for i, number in enumerate(layers):
            stride = 1 if i == 0 else 2
            self.features.add(self._make_layer(block, number, channels[i + 1], stride, i + 1, in_channels=channels[i]))

    def _make_layer(
        self,
        block: Callable[..., HybridBlock],
        layers: int,
        channels: int,
        stride: int,
        stage_index: int,
        in_channels: int = 0,
    ) -> nn.HybridSequential:
        stage = nn.HybridSequential(prefix=f"stage{stage_index}_")
        with stage.name_scope():
            stage.add(block(channels, stride, channels != in_channels, in_channels=in_channels, prefix=""))
            for _ in range(layers - 1):
                stage.add(block(channels, 1, False, in_channels=channels, prefix=""))
        return stage

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return self.output(self.features(x))


class ResNetV1(_ResNet):
    """Stages of blocks with a way around each: x (N, 3, H, W) -> (N, classes).

    Args:
        block: makes a block: ``BasicBlockV1`` or ``BottleneckV1``.
        layers: number of blocks of each stage.
        channels: of the first convolution and of each stage: one more than ``layers``.
        classes: number of classes.
        thumbnail: for small images: one 3x3 convolution in front, without pooling.
        kwargs: ``prefix`` and ``params`` of a Block.

    Raises:
        AssertionError: ``channels`` is not one longer than ``layers``.
    """

    def __init__(
        self,
        block: Callable[..., HybridBlock],
        layers: Sequence[int],
        channels: Sequence[int],
        classes: int = 1000,
        thumbnail: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        _check_channels(layers, channels)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            self._add_stem(channels[0], thumbnail)
            self._add_stages(block, layers, channels)
            self.features.add(nn.GlobalAvgPool2D())
            self.output = nn.Dense(classes, in_units=channels[-1])


class ResNetV2(_ResNet):
    """Stages of blocks with a way around each, normalised before: x (N, 3, H, W) -> (N, classes).

    Args:
        block: makes a block: ``BasicBlockV2`` or ``BottleneckV2``.
        layers: number of blocks of each stage.
        channels: of the first convolution and of each stage: one more than ``layers``.
        classes: number of classes.
        thumbnail: for small images: one 3x3 convolution in front, without pooling.
        kwargs: ``prefix`` and ``params`` of a Block.

    Raises:
        AssertionError: ``channels`` is not one longer than ``layers``.
    """

    def __init__(
        self,
        block: Callable[..., HybridBlock],
        layers: Sequence[int],
        channels: Sequence[int],
        classes: int = 1000,
        thumbnail: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        _check_channels(layers, channels)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            self.features.add(nn.BatchNorm(scale=False, center=False))
            self._add_stem(channels[0], thumbnail)
            self._add_stages(block, layers, channels)
            self.features.add(nn.BatchNorm(), nn.Activation("relu"), nn.GlobalAvgPool2D(), nn.Flatten())
            self.output = nn.Dense(classes, in_units=channels[-1])


def _check_channels(layers: Sequence[int], channels: Sequence[int]) -> None:
    assert len(channels) == len(layers) + 1, (
        f"ResNet needs the channels before the stages and of each: {len(layers) + 1} numbers, got {len(channels)}"
    )


# ---------------------------------------------------------------------------------------------- the family
# number of layers with weights -> (block, layers, channels)
resnet_spec = {
    18: ("basic_block", [2, 2, 2, 2], [64, 64, 128, 256, 512]),
    34: ("basic_block", [3, 4, 6, 3], [64, 64, 128, 256, 512]),
    50: ("bottle_neck", [3, 4, 6, 3], [64, 256, 512, 1024, 2048]),
    101: ("bottle_neck", [3, 4, 23, 3], [64, 256, 512, 1024, 2048]),
    152: ("bottle_neck", [3, 8, 36, 3], [64, 256, 512, 1024, 2048]),
}
# of each version
resnet_net_versions = [ResNetV1, ResNetV2]
resnet_block_versions: list[dict[str, type[HybridBlock]]] = [
    {"basic_block": BasicBlockV1, "bottle_neck": BottleneckV1},
    {"basic_block": BasicBlockV2, "bottle_neck": BottleneckV2},
]


def get_resnet(
    version: int,
    num_layers: int,
    pretrained: bool = False,
    ctx: Context | list[Context] = cpu(),
    root: str = os.path.join(base.data_dir(), "models"),
    **kwargs: Any,
) -> Any:
    """The ResNet of that version and number of layers.

    Args:
        version: 1 or 2.
        num_layers: 18, 34, 50, 101 or 152.
        pretrained: load the Parameters trained on ImageNet, see ``model_store.get_model_file``.
        ctx: where to load them to.
        root: the folder of their file.
        kwargs: of ``ResNetV1`` and ``ResNetV2``.

    Raises:
        AssertionError: another version or number of layers.
    """
    assert num_layers in resnet_spec, f"Invalid number of layers: {num_layers}. Options are {resnet_spec.keys()}"
    assert 1 <= version <= 2, f"Invalid resnet version: {version}. Options are 1 and 2."
    kind, layers, channels = resnet_spec[num_layers]
    net = resnet_net_versions[version - 1](resnet_block_versions[version - 1][kind], layers, channels, **kwargs)
    if pretrained:
        _load_pretrained(net, f"resnet{num_layers}_v{version}", ctx, root)
    return net


def resnet18_v1(**kwargs: Any) -> ResNetV1:
    """ResNet v1 of 18 layers; arguments of ``get_resnet``."""
    return get_resnet(1, 18, **kwargs)


def resnet34_v1(**kwargs: Any) -> ResNetV1:
    """ResNet v1 of 34 layers; arguments of ``get_resnet``."""
    return get_resnet(1, 34, **kwargs)


def resnet50_v1(**kwargs: Any) -> ResNetV1:
    """ResNet v1 of 50 layers; arguments of ``get_resnet``."""
    return get_resnet(1, 50, **kwargs)


def resnet101_v1(**kwargs: Any) -> ResNetV1:
    """ResNet v1 of 101 layers; arguments of ``get_resnet``."""
    return get_resnet(1, 101, **kwargs)


def resnet152_v1(**kwargs: Any) -> ResNetV1:
    """ResNet v1 of 152 layers; arguments of ``get_resnet``."""
    return get_resnet(1, 152, **kwargs)


def resnet18_v2(**kwargs: Any) -> ResNetV2:
    """ResNet v2 of 18 layers; arguments of ``get_resnet``."""
    return get_resnet(2, 18, **kwargs)


def resnet34_v2(**kwargs: Any) -> ResNetV2:
    """ResNet v2 of 34 layers; arguments of ``get_resnet``."""
    return get_resnet(2, 34, **kwargs)


def resnet50_v2(**kwargs: Any) -> ResNetV2:
    """ResNet v2 of 50 layers; arguments of ``get_resnet``."""
    return get_resnet(2, 50, **kwargs)


def resnet101_v2(**kwargs: Any) -> ResNetV2:
    """ResNet v2 of 101 layers; arguments of ``get_resnet``."""
    return get_resnet(2, 101, **kwargs)


def resnet152_v2(**kwargs: Any) -> ResNetV2:
    """ResNet v2 of 152 layers; arguments of ``get_resnet``."""
    return get_resnet(2, 152, **kwargs)
