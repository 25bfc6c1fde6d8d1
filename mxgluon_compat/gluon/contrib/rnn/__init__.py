"""``mx.gluon.contrib.rnn``: recurrent cells that are not settled yet."""

from __future__ import annotations

from . import conv_rnn_cell
from .conv_rnn_cell import *  # noqa: F403

__all__ = [*conv_rnn_cell.__all__]
