"""The KVStore of Horovod's kind: gradients are summed in place, no value is kept, no optimizer applied."""

from __future__ import annotations

from typing import Any

from ..base import UnsupportedError
from ..ndarray import NDArray
from .base import KVStoreBase, made_by
from .buckets import totals
from .processes import launched, start
from .reduce import summed

__all__ = ["Horovod"]


@made_by("horovod")
class Horovod(KVStoreBase):
    """Sums over contexts and processes; a process that was started alone is one of one.

    Args:
        handle: the type that it was created as.
    """

    def __init__(self, handle: str = "horovod") -> None:
        self._processes = start() if launched() else None
        self._local = self._processes.local() if self._processes else (0, 1)

    @property
    def type(self) -> str:
        """``'horovod'``."""
        return "horovod"

    @property
    def rank(self) -> int:
        """Number of this process, from 0 on."""
        return self._processes.rank if self._processes else 0

    @property
    def local_rank(self) -> int:
        """Number of this process on its machine."""
        return self._local[0]

    @property
    def local_size(self) -> int:
        """Number of processes on this machine."""
        return self._local[1]

    @property
    def num_workers(self) -> int:
        """Number of processes."""
        return self._processes.size if self._processes else 1

    @staticmethod
    def is_capable(capability: str) -> bool:
        """False: the store applies no optimizer.

        Raises:
            ValueError: an unknown capability.
        """
        if capability.lower() != KVStoreBase.OPTIMIZER:
            raise ValueError(f"Unknown capability: {capability}")
        return False

    def broadcast(self, key: Any, value: Any, out: Any, priority: int = 0) -> None:
        """Copies the value of process 0 into ``out``."""
        value = value[0] if isinstance(value, list) else value
        data = value._data.detach()
        sent = NDArray(self._processes.broadcast(data) if self._processes else data, value.context)
        for array in out if isinstance(out, list) else [out]:
            if array is not value or self._processes:
                sent.copyto(array)

    def pushpull(self, key: Any, value: Any, out: Any = None, priority: int = 0) -> None:
        """Sums the arrays of ``value`` over contexts and processes into ``out`` (default: into ``value``).

        Args:
            key: a key or a list of them; nothing is stored under it.
            value, out: an array, or a list of them on several contexts; of several keys, a list of such.
            priority: for the engine of MXNet; there is none here.
        """
        if not isinstance(key, (list, tuple)):
            value, out = [value], None if out is None else [out]
        values = [v if isinstance(v, (list, tuple)) else [v] for v in value]
        targets = values if out is None else [o if isinstance(o, (list, tuple)) else [o] for o in out]
        for found, arrays in zip(totals([summed(v, v[0]) for v in values], self._processes), targets, strict=True):
            for array in arrays:
                found.copyto(array)

    def barrier(self) -> None:
        """Waits until all processes have come here."""
        if self._processes:
            self._processes.barrier()


@made_by("byteps")
def _byteps(name: str) -> KVStoreBase:
    raise UnsupportedError("kvstore 'byteps'", "it has servers of its own; use 'horovod' or 'dist_sync'")
