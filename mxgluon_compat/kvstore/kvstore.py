"""The KVStore of one process: sums what several contexts push, gives every context the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..base import MXNetError, UnsupportedError
from ..ndarray import NDArray
from ..optimizer import Optimizer, Updater, get_updater

__all__ = ["KVStore", "create"]

_LOCAL = ("local", "device", "nccl", "local_update_cpu", "local_allreduce_cpu", "local_allreduce_device")


class KVStore:
    """Values by key in one process.

    Args:
        name: the type that it was created as.
    """

    def __init__(self, name: str = "local") -> None:
        self._type = name
        self._values: dict[Any, NDArray] = {}
        self._updater: Callable[[Any, NDArray, NDArray], None] | None = None

    @property
    def type(self) -> str:
        """The type that it was created as."""
        return self._type

    @property
    def rank(self) -> int:
        """Number of this process: 0."""
        return 0

    @property
    def num_workers(self) -> int:
        """Number of processes: 1."""
        return 1

    def _pairs(self, key: Any, value: Any) -> list[tuple[Any, list[Any]]]:
        """(key, arrays) for one key or a list of them; each key may have one array or one for each context."""
        if not isinstance(key, (list, tuple)):
            arrays = list(value) if isinstance(value, (list, tuple)) else [value]
            for array in arrays:
                if not isinstance(array, NDArray):
                    raise TypeError(f"a KVStore holds NDArrays, got {type(array)} for key {key!r}")
            return [(key, arrays)]
        assert len(key) == len(value), f"{len(key)} keys, but {len(value)} values"
        return [pair for k, v in zip(key, value, strict=True) for pair in self._pairs(k, v)]

    def _stored(self, key: Any) -> NDArray:
        if key not in self._values:
            raise MXNetError(f"key {key!r} has not been initialized in this KVStore; call init first")
        return self._values[key]

    def init(self, key: Any, value: Any) -> None:
        """Gives keys their first values.

        Raises:
            MXNetError: a key that has one.
        """
        for k, arrays in self._pairs(key, value):
            if k in self._values:
                raise MXNetError(f"duplicate init of key {k!r}")
            self._values[k] = arrays[0].copy()

    def _sum(self, arrays: Sequence[NDArray], like: NDArray) -> NDArray:
        device = like._data.device
        total = arrays[0]._data.detach().to(device)
        if len(arrays) > 1:
            total = total.clone()
            for a in arrays[1:]:
                total += a._data.detach().to(device)
        return NDArray(total, like._ctx)

    def push(self, key: Any, value: Any, priority: int = 0) -> None:
        """Sums the arrays of each key; an updater or optimizer applies the sum, otherwise it becomes the value."""
        for k, arrays in self._pairs(key, value):
            stored = self._stored(k)
            total = self._sum(arrays, stored)
            if self._updater is not None:
                self._updater(k, total, stored)
            else:
                stored[:] = total

    def pull(self, key: Any, out: Any = None, priority: int = 0, ignore_sparse: bool = True) -> None:
        """Copies the value of each key into its arrays."""
        assert out is not None, "pull needs out"
        for k, arrays in self._pairs(key, out):
            stored = self._stored(k)
            for a in arrays:
                a[:] = stored

    def pushpull(self, key: Any, value: Any, out: Any = None, priority: int = 0) -> None:
        """``push``, then ``pull`` into ``out`` (default: the pushed arrays)."""
        out = value if out is None else out
        if self._updater is not None:
            self.push(key, value)
            self.pull(key, out)
            return
        for (k, arrays), (_, targets) in zip(self._pairs(key, value), self._pairs(key, out), strict=True):
            total = self._sum(arrays, self._stored(k))
            for a in targets:
                a[:] = total

    def broadcast(self, key: Any, value: Any, out: Any, priority: int = 0) -> None:
        """``init``, then ``pull``."""
        self.init(key, value)
        self.pull(key, out)

    def row_sparse_pull(self, key: Any, out: Any = None, priority: int = 0, row_ids: Any = None) -> None:
        """Rows of row_sparse values: not there yet.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError("KVStore.row_sparse_pull", "sparse arrays are not there yet")

    def set_optimizer(self, optimizer: Optimizer) -> None:
        """Pushed gradients are applied by ``optimizer`` from now on."""
        self._updater = get_updater(optimizer)

    def _set_updater(self, updater: Callable[[Any, NDArray, NDArray], None]) -> None:
        """``updater(key, pushed sum, stored value)`` is called at each push."""
        self._updater = updater

    set_updater = _set_updater

    def save_optimizer_states(self, fname: str, dump_optimizer: bool = False) -> None:
        """Writes the optimizer's states to a file; see ``Updater.get_states``."""
        with open(fname, "wb") as file:
            file.write(self._optimizer_updater().get_states(dump_optimizer))

    def load_optimizer_states(self, fname: str) -> None:
        """Reads what ``save_optimizer_states`` wrote.

        Raises:
            MXNetError: the file holds no states, or those of another optimizer.
        """
        with open(fname, "rb") as file:
            self._optimizer_updater().set_states(file.read())

    def _optimizer_updater(self) -> Updater:
        assert isinstance(self._updater, Updater), "set_optimizer comes before saving or loading its states"
        return self._updater

    def is_capable(self, capability: str) -> bool:
        """Whether the store can do something; all that can be asked for is ``'optimizer'``.

        Raises:
            ValueError: another word.
        """
        if capability.lower() != "optimizer":
            raise ValueError(f"Unknown capability: {capability}")
        return True

    def set_gradient_compression(self, compression_params: dict[str, Any]) -> None:
        """Gradient compression: not there yet.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError("KVStore.set_gradient_compression", "gradient compression is not there yet")

    def barrier(self) -> None:
        """Waits for all processes: there is one."""

    _barrier = barrier


def create(name: str = "local") -> KVStore:
    """A KVStore of one process.

    Raises:
        TypeError: ``name`` is not a string.
        UnsupportedError: a store over several processes.
        MXNetError: no such type.
    """
    if not isinstance(name, str):
        raise TypeError("name must be a string")
    name = name.lower()
    if "dist" in name or name in ("horovod", "byteps"):
        raise UnsupportedError(f"kvstore {name!r}", "training over several processes is not there yet")
    if name not in _LOCAL:
        raise MXNetError(f"Unknown KVStore type {name!r}; there are {', '.join(_LOCAL)}")
    return KVStore(name)
