"""The KVStore over several processes: what they push is summed over all contexts of all of them.

There are no servers. Every process keeps all values and applies each update itself, to the same sum: they stay equal,
bit by bit. So all processes must push, pull with updates, and ``init`` the same keys in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ..base import UnsupportedError, dtype_name
from ..ndarray import NDArray
from ..ndarray.sparse import RowSparseNDArray
from ..optimizer import Optimizer
from .base import made_by
from .buckets import totals
from .kvstore import KVStore, Pair
from .processes import Group, start
from .reduce import summed

__all__ = ["DistKVStore"]

_SYNC = ("dist", "dist_sync", "dist_device_sync", "dist_sync_device", "dist_device", "dist_sync_p3", "dist_p3")


@made_by(*_SYNC)
class DistKVStore(KVStore):
    """Values by key, equal in all processes.

    Args:
        handle: the type that it was created as.
    """

    _sums_are_new = True

    def __init__(self, handle: str = "dist_sync") -> None:
        super().__init__(handle)
        self._processes: Group = start()

    @property
    def rank(self) -> int:
        """Number of this process, from 0 on."""
        return self._processes.rank

    @property
    def num_workers(self) -> int:
        """Number of processes."""
        return self._processes.size

    def init(self, key: Any, value: Any) -> None:
        """Gives keys their first values: those of process 0.

        Raises:
            MXNetError: a key that has one; the processes differ in keys, shapes, dtypes or storage types.
        """
        pairs = self._pairs(key, value)
        described = [f"key {k!r} of shape {a[0].shape}, {dtype_name(a[0].dtype)}, {a[0].stype}" for k, a in pairs]
        self._processes.check_same("KVStore.init", described)
        super().init([k for k, _ in pairs], [self._of_first(arrays[0]) for _, arrays in pairs])

    def _of_first(self, value: NDArray) -> NDArray:
        """The value of process 0."""
        if isinstance(value, RowSparseNDArray):
            rows, values = value._stored()
            if self.rank:
                rows, values = rows[:0], values[:0]
            parts = [torch.cat(self._processes.all_gather_rows(part)) for part in (rows, values)]
            return RowSparseNDArray._of(tuple(parts), value.shape, value.context)
        return NDArray(self._processes.broadcast(value._data.detach()), value.context)

    def _totals(self, pairs: Sequence[Pair]) -> list[NDArray]:
        """For each key the sum of its arrays over all contexts of all processes."""
        here = [summed(arrays, self._stored(k)) for k, arrays in pairs]
        if self._compression is None:
            return totals(here, self._processes)
        return [
            totals([total], self._processes)[0] if total._is_sparse else self._summed_in_two_bits(k, total)
            for (k, _), total in zip(pairs, here, strict=True)
        ]

    def _summed_in_two_bits(self, key: Any, total: NDArray) -> NDArray:
        """The sum of what the processes' numbers become: each is compressed once, on its way to the others."""
        data = total._data.detach()
        compression: Any = self._compression
        parts = self._processes.all_gather(compression.packed(key, data))
        return NDArray(torch.stack([compression.unpacked(part, data) for part in parts]).sum(0), total.context)

    def set_optimizer(self, optimizer: Optimizer) -> None:
        """Pushed sums are applied by ``optimizer`` from now on, in every process for itself.

        Raises:
            MXNetError: the processes have different optimizers, or settings of them.
        """
        plain = {n: v for n, v in vars(optimizer).items() if isinstance(v, (bool, int, float, str, type(None)))}
        described = [type(optimizer).__name__, *(f"{name}={value!r}" for name, value in sorted(plain.items()))]
        self._processes.check_same("KVStore.set_optimizer", described)
        super().set_optimizer(optimizer)

    def barrier(self) -> None:
        """Waits until all processes have come here."""
        self._processes.barrier()


@made_by("dist_async", "dist_device_async", "dist_async_device")
def _asynchronous(name: str) -> KVStore:
    raise UnsupportedError(
        f"kvstore {name!r}",
        "no servers apply each process's gradients as they come; use 'dist_sync', which applies their sum",
    )
