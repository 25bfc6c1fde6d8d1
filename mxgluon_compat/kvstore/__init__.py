"""``mx.kvstore``: values by key, summed over contexts."""

from __future__ import annotations

from .kvstore import KVStore, create

__all__ = ["KVStore", "create"]
