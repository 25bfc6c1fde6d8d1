"""MobileNet (Howard et al., 2017) and MobileNet v2 (Sandler et al., "MobileNetV2", 2018)."""

from __future__ import annotations

import os
from typing import Any

from .... import base
from ....context import Context, cpu
from ....numpy.family import of_mode
from ... import nn
from ...block import HybridBlock
from ..model_store import _load_pretrained

__all__ = [
    "MobileNet", "MobileNetV2", "get_mobilenet", "get_mobilenet_v2", "mobilenet0_25", "mobilenet0_5", "mobilenet0_75",
    "mobilenet1_0", "mobilenet_v2_0_25", "mobilenet_v2_0_5", "mobilenet_v2_0_75", "mobilenet_v2_1_0",
]  # fmt: skip


class RELU6(HybridBlock):
    """min(max(x, 0), 6) of each element; input and output of any one shape."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return of_mode(F).clip(x, 0, 6, name="relu6")


def _add_conv(
    out: nn.HybridSequential,
    channels: int = 1,
    kernel: int = 1,
    stride: int = 1,
    pad: int = 0,
    num_group: int = 1,
    active: bool = True,
    relu6: bool = False,
) -> None:
    """Adds a convolution, its BatchNorm and (``active``) an activation to ``out``."""
    out.add(
        nn.Conv2D(channels, kernel, stride, pad, groups=num_group, use_bias=False),
        nn.BatchNorm(scale=True),
    )
    if active:
        out.add(RELU6() if relu6 else nn.Activation("relu"))


def _add_conv_dw(
    out: nn.HybridSequential, dw_channels: int, channels: int, stride: int, relu6: bool = False
) -> None:  # fmt: skip
    """Adds a 3x3 convolution of each channel alone and a 1x1 one over all of them to ``out``."""
    _add_conv(out, dw_channels, kernel=3, stride=stride, pad=1, num_group=dw_channels, relu6=relu6)
    _add_conv(out, channels, relu6=relu6)


class LinearBottleneck(HybridBlock):
    """``t`` times as many channels, a 3x3 convolution of each, few again: (N, in_channels, H, W) -> (N, channels, ...).

    The input is added to the result where both have one shape.

    Args:
        in_channels, channels: of input and output.
        t: how many times as many channels there are in between.
        stride: of the 3x3 convolution.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(self, in_channels: int, channels: int, t: int, stride: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.use_shortcut = stride == 1 and in_channels == channels
        with self.name_scope():
            self.out = nn.HybridSequential()
            wide = in_channels * t
            _add_conv(self.out, wide, relu6=True)
            _add_conv(self.out, wide, kernel=3, stride=stride, pad=1, num_group=wide, relu6=True)
            _add_conv(self.out, channels, active=False, relu6=True)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        F = of_mode(F)
        out = self.out(x)
        return F.elemwise_add(out, x) if self.use_shortcut else out


# (output channels, stride) of each pair of convolutions
_V1 = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
# (t, output channels, number of bottlenecks, stride of the first)
_V2 = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]


class MobileNet(HybridBlock):
    """Convolutions of each channel alone and over channels in turn: x (N, 3, H, W) -> (N, classes).

    Args:
        multiplier: of all numbers of channels.
        classes: number of classes.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(self, multiplier: float = 1.0, classes: int = 1000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            with self.features.name_scope():
                before = int(32 * multiplier)
                _add_conv(self.features, before, kernel=3, stride=2, pad=1)
                for channels, stride in _V1:
                    after = int(channels * multiplier)
                    _add_conv_dw(self.features, before, after, stride)
                    before = after
                self.features.add(nn.GlobalAvgPool2D(), nn.Flatten())
            self.output = nn.Dense(classes)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return self.output(self.features(x))


class MobileNetV2(HybridBlock):
    """A row of ``LinearBottleneck``: x (N, 3, H, W) -> (N, classes).

    Args:
        multiplier: of all numbers of channels; above 1 of the last convolution's too.
        classes: number of classes.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(self, multiplier: float = 1.0, classes: int = 1000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="features_")
            with self.features.name_scope():
                before = int(32 * multiplier)
                _add_conv(self.features, before, kernel=3, stride=2, pad=1, relu6=True)
                for t, channels, number, stride in _V2:
                    after = int(channels * multiplier)
                    for place in range(number):
                        self.features.add(LinearBottleneck(before, after, t, 1 if place else stride))
                        before = after
                _add_conv(self.features, int(1280 * max(multiplier, 1)), relu6=True)
                self.features.add(nn.GlobalAvgPool2D())
            self.output = nn.HybridSequential(prefix="output_")
            with self.output.name_scope():
                self.output.add(nn.Conv2D(classes, 1, use_bias=False, prefix="pred_"), nn.Flatten())

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return self.output(self.features(x))


def _version(multiplier: float) -> str:
    """The multiplier as names of files have it: 0.25, 0.5, 1.0, 0.30."""
    text = f"{multiplier:.2f}"
    return text[:-1] if text in ("1.00", "0.50") else text


def get_mobilenet(
    multiplier: float,
    pretrained: bool = False,
    ctx: Context | list[Context] = cpu(),
    root: str = os.path.join(base.data_dir(), "models"),
    **kwargs: Any,
) -> MobileNet:
    """MobileNet of that width.

    Args:
        multiplier: of all numbers of channels; there are trained Parameters for 0.25, 0.5, 0.75 and 1.
        pretrained: load the Parameters trained on ImageNet, see ``model_store.get_model_file``.
        ctx: where to load them to.
        root: the folder of their file.
        kwargs: of ``MobileNet``.
    """
    net = MobileNet(multiplier, **kwargs)
    if pretrained:
        _load_pretrained(net, f"mobilenet{_version(multiplier)}", ctx, root)
    return net


def get_mobilenet_v2(
    multiplier: float,
    pretrained: bool = False,
    ctx: Context | list[Context] = cpu(),
    root: str = os.path.join(base.data_dir(), "models"),
    **kwargs: Any,
) -> MobileNetV2:
    """MobileNet v2 of that width.

    Args:
        multiplier: of all numbers of channels; there are trained Parameters for 0.25, 0.5, 0.75 and 1.
        pretrained: load the Parameters trained on ImageNet, see ``model_store.get_model_file``.
        ctx: where to load them to.
        root: the folder of their file.
        kwargs: of ``MobileNetV2``.
    """
    net = MobileNetV2(multiplier, **kwargs)
    if pretrained:
        _load_pretrained(net, f"mobilenetv2_{_version(multiplier)}", ctx, root)
    return net


def mobilenet1_0(**kwargs: Any) -> MobileNet:
    """MobileNet of full width; arguments of ``get_mobilenet``."""
    return get_mobilenet(1.0, **kwargs)


def mobilenet_v2_1_0(**kwargs: Any) -> MobileNetV2:
    """MobileNet v2 of full width; arguments of ``get_mobilenet_v2``."""
    return get_mobilenet_v2(1.0, **kwargs)


def mobilenet0_75(**kwargs: Any) -> MobileNet:
    """MobileNet of three quarters of the width; arguments of ``get_mobilenet``."""
    return get_mobilenet(0.75, **kwargs)


def mobilenet_v2_0_75(**kwargs: Any) -> MobileNetV2:
    """MobileNet v2 of three quarters of the width; arguments of ``get_mobilenet_v2``."""
    return get_mobilenet_v2(0.75, **kwargs)


def mobilenet0_5(**kwargs: Any) -> MobileNet:
    """MobileNet of half the width; arguments of ``get_mobilenet``."""
    return get_mobilenet(0.5, **kwargs)


def mobilenet_v2_0_5(**kwargs: Any) -> MobileNetV2:
    """MobileNet v2 of half the width; arguments of ``get_mobilenet_v2``."""
    return get_mobilenet_v2(0.5, **kwargs)


def mobilenet0_25(**kwargs: Any) -> MobileNet:
    """MobileNet of a quarter of the width; arguments of ``get_mobilenet``."""
    return get_mobilenet(0.25, **kwargs)


def mobilenet_v2_0_25(**kwargs: Any) -> MobileNetV2:
    """MobileNet v2 of a quarter of the width; arguments of ``get_mobilenet_v2``."""
    return get_mobilenet_v2(0.25, **kwargs)
