"""``mx.contrib``: what is not settled yet."""

from __future__ import annotations

from . import autograd, ndarray, symbol, text
from . import ndarray as nd
from . import symbol as sym

__all__ = ["autograd", "nd", "ndarray", "sym", "symbol", "text"]
