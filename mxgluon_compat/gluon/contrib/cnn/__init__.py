"""``mx.gluon.contrib.cnn``: convolutions that are not settled yet."""

from __future__ import annotations

from . import conv_layers
from .conv_layers import *  # noqa: F403

__all__ = conv_layers.__all__
