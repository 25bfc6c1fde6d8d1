"""``mx.gluon.contrib``: what is not settled yet."""

from __future__ import annotations

from . import estimator, nn, rnn

__all__ = ["estimator", "nn", "rnn"]
