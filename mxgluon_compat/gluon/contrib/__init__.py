"""``mx.gluon.contrib``: what is not settled yet."""

from __future__ import annotations

from . import cnn, nn

__all__ = ["cnn", "nn"]
