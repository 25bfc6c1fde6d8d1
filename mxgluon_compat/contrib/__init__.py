"""``mx.contrib``: what is not settled yet."""

from __future__ import annotations

from . import ndarray, symbol, text
from . import ndarray as nd
from . import symbol as sym

__all__ = ["nd", "ndarray", "sym", "symbol", "text"]
