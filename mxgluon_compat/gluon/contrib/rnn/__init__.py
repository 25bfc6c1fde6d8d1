"""``mx.gluon.contrib.rnn``: further recurrent cells."""

from __future__ import annotations

from . import rnn_cell
from .rnn_cell import *  # noqa: F403

__all__ = [*rnn_cell.__all__]
