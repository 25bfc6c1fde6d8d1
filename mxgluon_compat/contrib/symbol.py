"""``mx.contrib.symbol``: the operators of ``mx.sym.contrib`` under their first place."""

from __future__ import annotations

from ..ops.placement import missing_in, place
from ..ops.registry import OPERATORS
from ..symbol import contrib as _contrib

__all__ = [public for module, public in map(place, OPERATORS) if module == "contrib"]

globals().update({name: getattr(_contrib, name) for name in __all__})

__getattr__ = missing_in("symbol.contrib")
