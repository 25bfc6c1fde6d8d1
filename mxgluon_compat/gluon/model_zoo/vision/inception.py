"""Inception v3 (Szegedy et al., "Rethinking the inception architecture for computer vision", 2015)."""

from __future__ import annotations

import os
from typing import Any

from .... import base
from ....context import Context, cpu
from ... import nn
from ...block import HybridBlock
from ...contrib.nn import HybridConcurrent
from ..model_store import _load_pretrained

__all__ = ["Inception3", "inception_v3"]


# ---------------------------------------------------------------------------------------------- parts
def _make_basic_conv(**kwargs: Any) -> nn.HybridSequential:
    """A convolution (arguments of Conv2D), BatchNorm and relu."""
    out = nn.HybridSequential(prefix="")
    out.add(nn.Conv2D(use_bias=False, **kwargs), nn.BatchNorm(epsilon=0.001), nn.Activation("relu"))
    return out


def _make_branch(use_pool: str | None, *conv_settings: tuple[Any, ...]) -> nn.HybridSequential:
    """Pooling (``'avg'``, ``'max'`` or None), then convolutions: (channels, kernel size[, strides[, padding]])."""
    out = nn.HybridSequential(prefix="")
    if use_pool == "avg":
        out.add(nn.AvgPool2D(pool_size=3, strides=1, padding=1))
    elif use_pool == "max":
        out.add(nn.MaxPool2D(pool_size=3, strides=2))
    for setting in conv_settings:
        out.add(_make_basic_conv(**dict(zip(("channels", "kernel_size", "strides", "padding"), setting))))
    return out


def _make_split(channels: int) -> HybridConcurrent:
    """A 1x3 and a 3x1 convolution side by side."""
    out = HybridConcurrent(axis=1, prefix="")
    out.add(_make_branch(None, (channels, (1, 3), 1, (0, 1))), _make_branch(None, (channels, (3, 1), 1, (1, 0))))
    return out


def _side_by_side(prefix: str, *branches: tuple[Any, ...]) -> HybridConcurrent:
    """Branches, each given by the arguments of ``_make_branch``."""
    out = HybridConcurrent(axis=1, prefix=prefix)
    with out.name_scope():
        for branch in branches:
            out.add(_make_branch(*branch))
    return out


# ---------------------------------------------------------------------------------------------- modules
def _make_A(pool_features: int, prefix: str) -> HybridConcurrent:  # noqa: N802 - the paper's letters
    """5x5 and 3x3 convolutions: (N, C, H, W) -> (N, 224 + pool_features, H, W)."""
    return _side_by_side(
        prefix,
        (None, (64, 1)),
        (None, (48, 1), (64, 5, 1, 2)),
        (None, (64, 1), (96, 3, 1, 1), (96, 3, 1, 1)),
        ("avg", (pool_features, 1)),
    )


def _make_B(prefix: str) -> HybridConcurrent:  # noqa: N802
    """Half as high and wide: (N, C, H, W) -> (N, 480 + C, ...)."""
    return _side_by_side(prefix, (None, (384, 3, 2)), (None, (64, 1), (96, 3, 1, 1), (96, 3, 2)), ("max",))


def _make_C(channels_7x7: int, prefix: str) -> HybridConcurrent:  # noqa: N802
    """7x7 convolutions in two parts: (N, C, H, W) -> (N, 768, H, W)."""
    few, wide, high = channels_7x7, ((1, 7), 1, (0, 3)), ((7, 1), 1, (3, 0))
    return _side_by_side(
        prefix,
        (None, (192, 1)),
        (None, (few, 1), (few, *wide), (192, *high)),
        (None, (few, 1), (few, *high), (few, *wide), (few, *high), (192, *wide)),
        ("avg", (192, 1)),
    )


def _make_D(prefix: str) -> HybridConcurrent:  # noqa: N802
    """Half as high and wide: (N, C, H, W) -> (N, 512 + C, ...)."""
    return _side_by_side(
        prefix,
        (None, (192, 1), (320, 3, 2)),
        (None, (192, 1), (192, (1, 7), 1, (0, 3)), (192, (7, 1), 1, (3, 0)), (192, 3, 2)),
        ("max",),
    )


def _make_E(prefix: str) -> HybridConcurrent:  # noqa: N802
    """3x3 convolutions, split at their ends: (N, C, H, W) -> (N, 2048, H, W)."""
    out = HybridConcurrent(axis=1, prefix=prefix)
    with out.name_scope():
        out.add(_make_branch(None, (320, 1)))
        for settings in (((384, 1),), ((448, 1), (384, 3, 1, 1))):
            split = nn.HybridSequential(prefix="")
            split.add(_make_branch(None, *settings), _make_split(384))
            out.add(split)
        out.add(_make_branch("avg", (192, 1)))
    return out


def make_aux(classes: int) -> nn.HybridSequential:
    """The paper's classifier for training on the way: (N, C, 17, 17) -> (N, classes)."""
    out = nn.HybridSequential(prefix="")
    out.add(
        nn.AvgPool2D(pool_size=5, strides=3),
        _make_basic_conv(channels=128, kernel_size=1),
        _make_basic_conv(channels=768, kernel_size=5),
        nn.Flatten(),
        nn.Dense(classes),
    )
    return out


# ---------------------------------------------------------------------------------------------- net
class Inception3(HybridBlock):
    """Inception v3 without the classifier on the way: x (N, 3, 299, 299) -> (N, classes).

    Args:
        classes: number of classes.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(self, classes: int = 1000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            self.features.add(
                _make_basic_conv(channels=32, kernel_size=3, strides=2),
                _make_basic_conv(channels=32, kernel_size=3),
                _make_basic_conv(channels=64, kernel_size=3, padding=1),
                nn.MaxPool2D(pool_size=3, strides=2),
                _make_basic_conv(channels=80, kernel_size=1),
                _make_basic_conv(channels=192, kernel_size=3),
                nn.MaxPool2D(pool_size=3, strides=2),
                _make_A(32, "A1_"),
                _make_A(64, "A2_"),
                _make_A(64, "A3_"),
                _make_B("B_"),
                _make_C(128, "C1_"),
                _make_C(160, "C2_"),
                _make_C(160, "C3_"),
                _make_C(192, "C4_"),
                _make_D("D_"),
                _make_E("E1_"),
                _make_E("E2_"),
                nn.AvgPool2D(pool_size=8),
                nn.Dropout(0.5),
            )
            self.output = nn.Dense(classes)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return self.output(self.features(x))


def inception_v3(
    pretrained: bool = False,
    ctx: Context | list[Context] = cpu(),
    root: str = os.path.join(base.data_dir(), "models"),
    **kwargs: Any,
) -> Inception3:
    """Inception v3.

    Args:
        pretrained: load the Parameters trained on ImageNet, see ``model_store.get_model_file``.
        ctx: where to load them to.
        root: the folder of their file.
        kwargs: of ``Inception3``.
    """
    net = Inception3(**kwargs)
    if pretrained:
        _load_pretrained(net, "inceptionv3", ctx, root)
    return net
