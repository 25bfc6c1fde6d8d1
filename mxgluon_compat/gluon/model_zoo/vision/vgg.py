"""VGG (Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition", 2014)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from .... import base
from ....context import Context, cpu
from ....initializer import Xavier
from ... import nn
from ...block import HybridBlock
from ..model_store import _load_pretrained

__all__ = [
    "VGG", "get_vgg", "vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn",
]  # fmt: skip


class VGG(HybridBlock):
    """Stages of 3x3 convolutions with a pooling layer after each, three dense layers: x (N, 3, H, W) -> (N, classes).

    Args:
        layers: number of convolutions of each stage.
        filters: their output channels.
        classes: number of classes.
        batch_norm: put a BatchNorm after each convolution.
        kwargs: ``prefix`` and ``params`` of a Block.

    Raises:
        AssertionError: ``layers`` and ``filters`` are not of one length.
    """

    def __init__(
        self,
        layers: Sequence[int],
        filters: Sequence[int],
        classes: int = 1000,
        batch_norm: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        assert len(layers) == len(filters), (
            f"VGG needs the channels of each stage: {len(layers)} numbers of layers, {len(filters)} of filters"
        )
        with self.name_scope():
            self.features = self._make_features(layers, filters, batch_norm)
            for _ in range(2):
                self.features.add(
                    nn.Dense(4096, activation="relu", weight_initializer="normal", bias_initializer="zeros"),
                    nn.Dropout(rate=0.5),
                )
            self.output = nn.Dense(classes, weight_initializer="normal", bias_initializer="zeros")

    def _make_features(self, layers: Sequence[int], filters: Sequence[int], batch_norm: bool) -> nn.HybridSequential:
        features = nn.HybridSequential(prefix="")
        initializer = Xavier(rnd_type="gaussian", factor_type="out", magnitude=2)
        for number, channels in zip(layers, filters):
            for _ in range(number):
                features.add(nn.Conv2D(channels, kernel_size=3, padding=1, weight_initializer=initializer))
                if batch_norm:
                    features.add(nn.BatchNorm())
                features.add(nn.Activation("relu"))
            features.add(nn.MaxPool2D(strides=2))
        return features

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return self.output(self.features(x))


# number of layers with weights -> (convolutions of each stage, their channels)
vgg_spec = {
    layers: (stages, [64, 128, 256, 512, 512])
    for layers, stages in {
        11: [1, 1, 2, 2, 2],
        13: [2, 2, 2, 2, 2],
        16: [2, 2, 3, 3, 3],
        19: [2, 2, 4, 4, 4],
    }.items()
}


def get_vgg(
    num_layers: int,
    pretrained: bool = False,
    ctx: Context | list[Context] = cpu(),
    root: str = os.path.join(base.data_dir(), "models"),
    **kwargs: Any,
) -> VGG:
    """The VGG of that number of layers.

    Args:
        num_layers: 11, 13, 16 or 19.
        pretrained: load the Parameters trained on ImageNet, see ``model_store.get_model_file``.
        ctx: where to load them to.
        root: the folder of their file.
        kwargs: of ``VGG``.

    Raises:
        KeyError: another number of layers.
    """
    net = VGG(*vgg_spec[num_layers], **kwargs)
    if pretrained:
        suffix = "_bn" if kwargs.get("batch_norm") else ""
        _load_pretrained(net, f"vgg{num_layers}{suffix}", ctx, root)
    return net


def vgg11(**kwargs: Any) -> VGG:
    """VGG of 11 layers; arguments of ``get_vgg``."""
    return get_vgg(11, **kwargs)


def vgg13(**kwargs: Any) -> VGG:
    """VGG of 13 layers; arguments of ``get_vgg``."""
    return get_vgg(13, **kwargs)


def vgg16(**kwargs: Any) -> VGG:
    """VGG of 16 layers; arguments of ``get_vgg``."""
    return get_vgg(16, **kwargs)


def vgg19(**kwargs: Any) -> VGG:
    """VGG of 19 layers; arguments of ``get_vgg``."""
    return get_vgg(19, **kwargs)


def vgg11_bn(**kwargs: Any) -> VGG:
    """VGG of 11 layers with BatchNorm; arguments of ``get_vgg``."""
    return get_vgg(11, **{**kwargs, "batch_norm": True})


def vgg13_bn(**kwargs: Any) -> VGG:
    """VGG of 13 layers with BatchNorm; arguments of ``get_vgg``."""
    return get_vgg(13, **{**kwargs, "batch_norm": True})


def vgg16_bn(**kwargs: Any) -> VGG:
    """VGG of 16 layers with BatchNorm; arguments of ``get_vgg``."""
    return get_vgg(16, **{**kwargs, "batch_norm": True})


def vgg19_bn(**kwargs: Any) -> VGG:
    """VGG of 19 layers with BatchNorm; arguments of ``get_vgg``."""
    return get_vgg(19, **{**kwargs, "batch_norm": True})
