"""``mx.kvstore``: values by key, summed over contexts and processes."""

from __future__ import annotations

from . import base, dist, horovod, kvstore, kvstore_server
from .base import KVStoreBase, create
from .kvstore import KVStore
from .kvstore_server import KVStoreServer

__all__ = ["KVStore", "KVStoreBase", "KVStoreServer", "create"]
