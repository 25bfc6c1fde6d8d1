"""``mx.gluon.contrib.nn``: layers that are not settled yet."""

from __future__ import annotations

from .basic_layers import Concurrent, HybridConcurrent, Identity, SparseEmbedding

__all__ = ["Concurrent", "HybridConcurrent", "Identity", "SparseEmbedding"]
