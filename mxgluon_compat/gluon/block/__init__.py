"""``mx.gluon.block``: what Gluon models are made of."""

from __future__ import annotations

from .block import Block
from .hybrid import HybridBlock
from .symbol_block import SymbolBlock

__all__ = ["Block", "HybridBlock", "SymbolBlock"]
