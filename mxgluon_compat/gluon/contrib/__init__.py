"""``mx.gluon.contrib``: what is not settled yet."""

from __future__ import annotations

from . import cnn, data, nn

__all__ = ["cnn", "data", "nn"]
