"""``mx.notebook``: callbacks for training in a Jupyter notebook."""

from __future__ import annotations

from . import callback

__all__ = ["callback"]
