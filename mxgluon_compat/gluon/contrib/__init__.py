"""``mx.gluon.contrib``: what is not settled yet."""

from __future__ import annotations

from . import nn

__all__ = ["nn"]
