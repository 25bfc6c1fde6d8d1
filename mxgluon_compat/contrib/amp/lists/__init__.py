"""Which operators mixed precision casts, and how; one module for each dtype."""

from __future__ import annotations

from . import symbol_bf16, symbol_fp16

__all__ = ["symbol_bf16", "symbol_fp16"]
