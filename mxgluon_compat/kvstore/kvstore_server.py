"""Servers, of which there are none: processes sum among themselves.

A process that MXNet's launcher starts as a server or scheduler ends where it imports this package, without an error: as
MXNet's do when the training is over.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from ..base import UnsupportedError

__all__ = ["KVStoreServer"]


class KVStoreServer:
    """A server of a KVStore: not needed here.

    Args:
        kvstore: the KVStore that it would serve.
    """

    def __init__(self, kvstore: Any) -> None:
        self.kvstore = kvstore

    def run(self) -> None:
        """Refused.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError("KVStoreServer.run", "torch.distributed needs no servers: start workers only")


def _init_kvstore_server_module() -> None:
    """Ends this process if it was started as a server or scheduler."""
    if os.environ.get("DMLC_ROLE") in ("server", "scheduler"):
        sys.exit(0)


_init_kvstore_server_module()
