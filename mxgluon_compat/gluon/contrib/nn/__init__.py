"""``mx.gluon.contrib.nn``: layers that are not settled yet."""

from __future__ import annotations

from .basic_layers import SparseEmbedding

__all__ = ["SparseEmbedding"]
