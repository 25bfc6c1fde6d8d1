"""SqueezeNet (Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters", 2016)."""

from __future__ import annotations

import os
from typing import Any

from .... import base
from ....context import Context, cpu
from ... import nn
from ...block import HybridBlock
from ...contrib.nn import HybridConcurrent
from ..model_store import _load_pretrained

__all__ = ["SqueezeNet", "squeezenet1_0", "squeezenet1_1"]


def _make_fire(squeeze_channels: int, expand1x1_channels: int, expand3x3_channels: int) -> nn.HybridSequential:
    """A 1x1 convolution to few channels, then 1x1 and 3x3 ones side by side."""
    expand = HybridConcurrent(axis=1, prefix="")
    out = nn.HybridSequential(prefix="")
    out.add(_make_fire_conv(squeeze_channels, 1))
    expand.add(_make_fire_conv(expand1x1_channels, 1), _make_fire_conv(expand3x3_channels, 3, 1))
    out.add(expand)
    return out


def _make_fire_conv(channels: int, kernel_size: int, padding: int = 0) -> nn.HybridSequential:
    out = nn.HybridSequential(prefix="")
    out.add(nn.Conv2D(channels, kernel_size, padding=padding), nn.Activation("relu"))
    return out


# version -> (channels and kernel of the first convolution, (channels squeezed to; None: a pooling layer) in turn)
_squeezenet_spec: dict[str, tuple[int, int, tuple[int | None, ...]]] = {
    "1.0": (96, 7, (None, 16, 16, 32, None, 32, 48, 48, 64, None, 64)),
    "1.1": (64, 3, (None, 16, 16, None, 32, 32, None, 48, 48, 64, 64)),
}


class SqueezeNet(HybridBlock):
    """Convolutions only: x (N, 3, 224, 224) -> (N, classes).

    Args:
        version: ``'1.0'``, or ``'1.1'``, which computes less.
        classes: number of classes.
        kwargs: ``prefix`` and ``params`` of a Block.

    Raises:
        AssertionError: another version.
    """

    def __init__(self, version: str, classes: int = 1000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        assert version in _squeezenet_spec, f"Unsupported SqueezeNet version {version}:1.0 or 1.1 expected"
        channels, kernel, rows = _squeezenet_spec[version]
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            self.features.add(nn.Conv2D(channels, kernel_size=kernel, strides=2), nn.Activation("relu"))
            for squeezed in rows:
                if squeezed is None:
                    self.features.add(nn.MaxPool2D(pool_size=3, strides=2, ceil_mode=True))
                else:
                    self.features.add(_make_fire(squeezed, 4 * squeezed, 4 * squeezed))
            self.features.add(nn.Dropout(0.5))
            self.output = nn.HybridSequential(prefix="")
            self.output.add(
                nn.Conv2D(classes, kernel_size=1), nn.Activation("relu"), nn.AvgPool2D(13), nn.Flatten()
            )  # fmt: skip

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return self.output(self.features(x))


def get_squeezenet(
    version: str,
    pretrained: bool = False,
    ctx: Context | list[Context] = cpu(),
    root: str = os.path.join(base.data_dir(), "models"),
    **kwargs: Any,
) -> SqueezeNet:
    """The SqueezeNet of that version.

    Args:
        version: ``'1.0'`` or ``'1.1'``.
        pretrained: load the Parameters trained on ImageNet, see ``model_store.get_model_file``.
        ctx: where to load them to.
        root: the folder of their file.
        kwargs: of ``SqueezeNet``.
    """
    net = SqueezeNet(version, **kwargs)
    if pretrained:
        _load_pretrained(net, f"squeezenet{version}", ctx, root)
    return net


def squeezenet1_0(**kwargs: Any) -> SqueezeNet:
    """SqueezeNet 1.0; arguments of ``get_squeezenet``."""
    return get_squeezenet("1.0", **kwargs)


def squeezenet1_1(**kwargs: Any) -> SqueezeNet:
    """SqueezeNet 1.1: as good as 1.0 with less to compute; arguments of ``get_squeezenet``."""
    return get_squeezenet("1.1", **kwargs)
