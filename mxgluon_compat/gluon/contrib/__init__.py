"""``mx.gluon.contrib``: what is not settled yet."""

from __future__ import annotations

from . import estimator, nn

__all__ = ["estimator", "nn"]
