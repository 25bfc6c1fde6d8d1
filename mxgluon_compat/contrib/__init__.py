"""``mx.contrib``: what is not settled yet."""

from __future__ import annotations

from . import autograd, io, ndarray, symbol, tensorboard, text
from . import ndarray as nd
from . import symbol as sym

__all__ = ["autograd", "io", "nd", "ndarray", "sym", "symbol", "tensorboard", "text"]
