"""``mx.gluon.contrib``: what is not settled yet."""

from __future__ import annotations

from . import nn, rnn

__all__ = ["nn", "rnn"]
