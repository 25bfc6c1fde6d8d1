"""The KVStore of one process: sums what several contexts push, gives every context the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import optimizer as opt
from ..base import MXNetError, UnsupportedError
from ..ndarray import NDArray
from ..ndarray.sparse import RowSparseNDArray
from ..optimizer import Optimizer, Updater
from ..serialization.params import atomic_write_bytes
from .base import KVStoreBase, made_by
from .compression import TwoBit
from .reduce import fetch, kept, summed

__all__ = ["KVStore"]

_LOCAL = ("local", "device", "nccl", "local_update_cpu", "local_allreduce_cpu", "local_allreduce_device")

Pair = tuple[Any, list[Any]]


def _grouped(pairs: Sequence[Pair]) -> list[Pair]:
    """The same pairs, the arrays of a key that is there more than once together."""
    groups: dict[Any, list[Any]] = {}
    for key, arrays in pairs:
        groups.setdefault(key, []).extend(arrays)
    return list(groups.items())


@made_by(*_LOCAL)
class KVStore(KVStoreBase):
    """Values by key in one process.

    Args:
        handle: the type that it was created as. (MXNet's is an address in its engine.)
    """

    _sums_are_new = False  # the sum of one array is that array

    def __init__(self, handle: str = "local") -> None:
        self._type = handle
        self._values: dict[Any, NDArray] = {}
        self._updater: Callable[[Any, NDArray, NDArray], None] | None = None
        self._compression: TwoBit | None = None
        self._named: bool | None = None  # whether the keys are strings, once there is one

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

    def _pairs(self, key: Any, value: Any) -> list[Pair]:
        """(key, arrays) for one key or a list of them; each key may have one array or one for each context.

        Raises:
            AssertionError: keys that are neither integers nor strings, or of both kinds; not as many keys as values.
            MXNetError: strings where the store has integers, or the other way round.
            TypeError: values that are no NDArrays.
        """
        if not isinstance(key, (list, tuple)):
            assert isinstance(key, (int, str)), f"unexpected type for keys: {type(key)}"
            if self._named is None:
                self._named = isinstance(key, str)
            elif self._named is not isinstance(key, str):
                kept_as = "strings" if self._named else "integers"
                raise MXNetError(f"Mixed key types are not allowed: {key!r} in a KVStore whose keys are {kept_as}")
            arrays = list(value) if isinstance(value, (list, tuple)) else [value]
            for array in arrays:
                if not isinstance(array, NDArray):
                    raise TypeError(f"a KVStore holds NDArrays, got {type(array)} for key {key!r}")
            return [(key, arrays)]
        assert len(key) == len(value), f"{len(key)} keys, but {len(value)} values"
        assert len({isinstance(k, str) for k in key}) < 2, "inconsistent types of keys detected."
        return [pair for k, v in zip(key, value, strict=True) for pair in self._pairs(k, v)]

    def _stored(self, key: Any) -> NDArray:
        if key not in self._values:
            raise MXNetError(f"key {key!r} has not been initialized in this KVStore; call init first")
        return self._values[key]

    # ------------------------------------------------------------------------------------------ values
    def init(self, key: Any, value: Any) -> None:
        """Gives keys their first values.

        Raises:
            MXNetError: a key that has one, or is given several.
        """
        for k, arrays in self._pairs(key, value):
            if k in self._values or len(arrays) > 1:
                raise MXNetError(f"duplicate init of key {k!r}")
            self._values[k] = kept(arrays[0])

    def _forget(self, key: Any) -> None:
        """The key has no value any more."""
        self._stored(key)
        del self._values[key]

    def _totals(self, pairs: Sequence[Pair]) -> list[NDArray]:
        """For each key the sum of its arrays, on the context of the stored value."""
        return [summed(self._compressed(k, arrays), self._stored(k)) for k, arrays in pairs]

    def _compressed(self, key: Any, arrays: list[NDArray]) -> list[NDArray]:
        """What is left of each context's array by compression, where that is set; dense of rows too."""
        if self._compression is None:
            return arrays
        quantized = self._compression.quantized
        return [NDArray(quantized((key, i), a._data.detach()), a.context) for i, a in enumerate(arrays)]

    def push(self, key: Any, value: Any, priority: int = 0) -> None:
        """Sums the arrays of each key; an updater or optimizer applies the sum, otherwise it becomes the value."""
        pairs = _grouped(self._pairs(key, value))
        self._apply([k for k, _ in pairs], self._totals(pairs))

    def _apply(self, keys: Sequence[Any], totals: Sequence[NDArray]) -> None:
        """Updates the values with sums, or makes these the values."""
        if type(self._updater) is Updater and len(keys) == len(set(keys)):
            self._updater(list(keys), list(totals), [self._stored(k) for k in keys])
            return
        for k, total in zip(keys, totals, strict=True):
            stored = self._stored(k)
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
        """``push``, then ``pull`` into ``out`` (default: the pushed arrays), of rows too."""
        out = value if out is None else out
        if self._updater is not None:
            self.push(key, value)
            self.pull(key, out)
            return
        pairs, outs = _grouped(self._pairs(key, value)), _grouped(self._pairs(key, out))
        for (k, arrays), total, (_, targets) in zip(pairs, self._totals(pairs), outs, strict=True):
            is_new = (self._sums_are_new or len(arrays) > 1) and not total._is_sparse
            self._values[k] = total if is_new else kept(total)
            for a in targets:
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
            fetch(stored, array, rows)

    # ------------------------------------------------------------------------------------------ updates
    def set_optimizer(self, optimizer: Optimizer) -> None:
        """Pushed gradients are applied by ``optimizer`` from now on."""
        self._updater = opt.get_updater(optimizer)

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
        updater = self._optimizer_updater()
        with open(fname, "rb") as file:
            updater.set_states(file.read())

    def _optimizer_updater(self) -> Updater:
        assert isinstance(self._updater, Updater), "set_optimizer comes before saving or loading its states"
        return self._updater

    @staticmethod
    def is_capable(capability: str) -> bool:
        """Whether the store can do something; all that can be asked for is ``'optimizer'``.

        Raises:
            ValueError: another word.
        """
        if capability.lower() != KVStoreBase.OPTIMIZER:
            raise ValueError(f"Unknown capability: {capability}")
        return True

    def set_gradient_compression(self, compression_params: dict[str, Any]) -> None:
        """Gradients go from one device to another in two bits for a number; see ``TwoBit``.

        Args:
            compression_params: ``{'type': '2bit', 'threshold': 0.5}``.

        Raises:
            Exception: the store sums on the host, as ``'local'`` does.
            AssertionError: ``compression_params`` is no dict.
            MXNetError: another type, or a threshold that is no positive number.
        """
        if not any(word in self.type for word in ("device", "nccl", "dist")):
            raise Exception("Gradient compression is not supported for this type of kvstore")
        self._compression = TwoBit(compression_params)

    # ------------------------------------------------------------------------------------------ processes
    def barrier(self) -> None:
        """Waits for all processes: there is one."""

    def _barrier(self) -> None:
        self.barrier()

    def _send_command_to_servers(self, head: int, body: str) -> None:
        raise UnsupportedError("KVStore._send_command_to_servers", "there are no servers")
