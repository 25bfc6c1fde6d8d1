"""The KVStore of one process: sums what several contexts push, gives every context the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from ..base import MXNetError, UnsupportedError
from ..ndarray import NDArray
from ..ndarray.sparse import RowSparseNDArray
from ..optimizer import Optimizer, Updater, get_updater
from ..serialization.params import atomic_write_bytes

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
            self._values[k] = _kept(arrays[0])

    def _forget(self, key: Any) -> None:
        """The key has no value any more."""
        self._stored(key)
        del self._values[key]

    def push(self, key: Any, value: Any, priority: int = 0) -> None:
        """Sums the arrays of each key; an updater or optimizer applies the sum, otherwise it becomes the value."""
        for k, arrays in self._pairs(key, value):
            stored = self._stored(k)
            total = _sum(arrays, stored)
            if self._updater is not None:
                self._updater(k, total, stored)
            elif type(total) is type(stored):
                total.copyto(stored)
            else:
                self._values[k] = total.copy()  # stored from now on as what was pushed

    def pull(self, key: Any, out: Any = None, priority: int = 0, ignore_sparse: bool = True) -> None:
        """Copies the value of each key into its arrays, with ``ignore_sparse`` into the dense ones alone."""
        assert out is not None, "pull needs out"
        for k, arrays in self._pairs(key, out):
            stored = self._stored(k)
            for a in arrays:
                if not (ignore_sparse and a._is_sparse):
                    stored.copyto(a)

    def pushpull(self, key: Any, value: Any, out: Any = None, priority: int = 0) -> None:
        """``push``, then ``pull`` into ``out`` (default: the pushed arrays)."""
        out = value if out is None else out
        if self._updater is not None:
            self.push(key, value)
            self.pull(key, out)
            return
        for (k, arrays), (_, targets) in zip(self._pairs(key, value), self._pairs(key, out), strict=True):
            total = _sum(arrays, self._stored(k))
            for a in targets:
                if a is not total:
                    total.copyto(a)

    def broadcast(self, key: Any, value: Any, out: Any, priority: int = 0) -> None:
        """``init``, then ``pull``."""
        self.init(key, value)
        self.pull(key, out)

    def row_sparse_pull(self, key: Any, out: Any = None, priority: int = 0, row_ids: Any = None) -> None:
        """Copies rows of row_sparse values into row_sparse arrays, which hold these rows alone afterwards.

        Args:
            key: a key or a list of them.
            out: an array or a list of them for each key.
            priority: for the engine of MXNet; there is none here.
            row_ids: the rows, of any shape, some may be there more than once: one array for all, or one for each of
                ``out``.

        Raises:
            AssertionError: no ``out``, no ``row_ids``, or not as many as ``out``.
            MXNetError: a value or an array that is not row_sparse, a key that is not there, rows that are not there.
        """
        assert out is not None, "row_sparse_pull needs out"
        assert row_ids is not None, "row_sparse_pull needs row_ids"
        row_ids = [row_ids] if isinstance(row_ids, NDArray) else row_ids
        assert isinstance(row_ids, list) and all(isinstance(r, NDArray) for r in row_ids), (
            "row_ids should be NDArray or list of NDArrays"
        )
        targets = [(k, a) for k, arrays in self._pairs(key, out) for a in arrays]
        if len(row_ids) == 1 and not isinstance(key, (list, tuple)):
            row_ids = row_ids * len(targets)
        assert len(row_ids) == len(targets), f"{len(row_ids)} row_ids for {len(targets)} arrays"
        for (k, array), rows in zip(targets, row_ids, strict=True):
            stored = self._stored(k)
            if not (isinstance(stored, RowSparseNDArray) and isinstance(array, RowSparseNDArray)):
                raise MXNetError(f"row_sparse_pull of key {k!r} from {stored.stype} values into a {array.stype} array")
            _fetch(stored, array, rows)

    def set_optimizer(self, optimizer: Optimizer) -> None:
        """Pushed gradients are applied by ``optimizer`` from now on."""
        self._updater = get_updater(optimizer)

    def _set_updater(self, updater: Callable[[Any, NDArray, NDArray], None]) -> None:
        """``updater(key, pushed sum, stored value)`` is called at each push."""
        self._updater = updater

    set_updater = _set_updater

    def save_optimizer_states(self, fname: str, dump_optimizer: bool = False) -> None:
        """Writes the optimizer's states to a file; see ``Updater.get_states``."""
        atomic_write_bytes(fname, self._optimizer_updater().get_states(dump_optimizer))

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


# ---------------------------------------------------------------------------------------------- sums and rows
def _sum(arrays: Sequence[NDArray], like: NDArray) -> NDArray:
    """The sum, on the context of ``like``; row_sparse where all are."""
    device = like.context.torch_device
    if all(isinstance(a, RowSparseNDArray) for a in arrays):
        parts = [[p.to(device) for p in a._stored()] for a in arrays]
        if len(parts) == 1:
            return RowSparseNDArray._of(tuple(parts[0]), arrays[0].shape, like.context)
        rows, places = torch.cat([p[0] for p in parts]).unique(return_inverse=True)
        values = torch.cat([p[1] for p in parts])
        total = values.new_zeros((len(rows), *values.shape[1:])).index_add_(0, places, values)
        return RowSparseNDArray._of((rows, total), arrays[0].shape, like.context)
    total = arrays[0]._data.detach().to(device)
    if len(arrays) > 1:
        total = total.clone()
        for a in arrays[1:]:
            total += a._data.detach().to(device)
    return NDArray(total, like.context)


def _kept(value: NDArray) -> NDArray:
    """A copy to keep: of row_sparse values the dense form, since updates and ``row_sparse_pull`` work on that."""
    if isinstance(value, RowSparseNDArray) and len(value._stored()[0]):
        return RowSparseNDArray(value._data.detach().clone(), value.context)
    return value.detach().copy()


def _fetch(stored: RowSparseNDArray, array: RowSparseNDArray, row_ids: NDArray) -> None:
    """Makes ``array`` hold the rows ``row_ids`` of ``stored``."""
    if stored._dense is None and not len(stored._stored()[0]):
        rows = torch.zeros(0, dtype=torch.int64, device=stored.context.torch_device)  # MXNet gives none where none is
    else:
        rows = row_ids._data.detach().to(stored.context.torch_device, torch.int64).unique()
    try:
        values = stored._data.detach().index_select(0, rows)
    except (IndexError, RuntimeError) as error:
        raise MXNetError(f"row_sparse_pull of rows up to {int(rows.max())} of {stored.shape[0]}") from error
    target = array._tensor_of()
    array._store((rows.to(target.device), values.to(target.device, target.dtype)))
