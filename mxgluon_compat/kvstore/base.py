"""What every KVStore can do, the registry of users' own ones, and ``create``."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from ..base import MXNetError
from ..ndarray import NDArray

__all__ = ["KVStoreBase", "create"]

_MAKERS: dict[str, Callable[[str], KVStoreBase]] = {}


class KVStoreBase:
    """The base of all KVStores: what a Trainer calls. Each method here raises NotImplementedError.

    A class of a program's own that is registered (``KVStoreBase.register``) can be asked for by its name.
    """

    OPTIMIZER = "optimizer"
    kv_registry: dict[str, type] = {}

    def broadcast(self, key: Any, value: Any, out: Any, priority: int = 0) -> None:
        """Gives ``key`` the value of process 0, and copies it into ``out``."""
        raise NotImplementedError()

    def pushpull(self, key: Any, value: Any, out: Any = None, priority: int = 0) -> None:
        """Sums ``value`` over contexts and processes into ``out`` (default: into ``value``)."""
        raise NotImplementedError()

    def set_optimizer(self, optimizer: Any) -> None:
        """Has the store apply ``optimizer`` to what is pushed."""
        raise NotImplementedError()

    @staticmethod
    def is_capable(capability: str) -> bool:
        """Whether the store can do something: ``KVStoreBase.OPTIMIZER``, apply an optimizer."""
        raise NotImplementedError()

    def save_optimizer_states(self, fname: str, dump_optimizer: bool = False) -> None:
        """Writes the optimizer's states to a file."""
        raise NotImplementedError()

    def load_optimizer_states(self, fname: str) -> None:
        """Reads what ``save_optimizer_states`` wrote."""
        raise NotImplementedError()

    @property
    def type(self) -> str:
        """The name of its type."""
        raise NotImplementedError()

    @property
    def rank(self) -> int:
        """Number of this process."""
        raise NotImplementedError()

    @property
    def num_workers(self) -> int:
        """Number of processes."""
        raise NotImplementedError()

    @staticmethod
    def register(klass: Any) -> Any:
        """Makes a class known to ``create`` by its name in lower case; warns where it takes another's place.

        Raises:
            AssertionError: not a class.
        """
        assert isinstance(klass, type), f"register takes a class, got {klass!r}"
        name = klass.__name__.lower()
        before = KVStoreBase.kv_registry.get(name)
        if before is not None:
            warnings.warn(
                f"WARNING: New kvstore {klass.__module__}.{klass.__name__} is overriding existing kvstore "
                f"{before.__module__}.{before.__name__}",
                stacklevel=2,
            )
        KVStoreBase.kv_registry[name] = klass
        return klass


@KVStoreBase.register
class TestStore(KVStoreBase):
    """The smallest store that a Trainer can use: it keeps nothing, and sums over the contexts of one process."""

    __test__ = False  # no class of tests, though pytest might take its name for that of one

    def broadcast(self, key: Any, value: NDArray, out: Any, priority: int = 0) -> None:
        """Copies ``value`` into each array of ``out``."""
        for array in out if isinstance(out, list) else [out]:
            array[:] = value

    def pushpull(self, key: Any, value: Any, out: Any = None, priority: int = 0) -> None:
        """Sums the arrays of ``value`` into each of ``out`` (default: of ``value``); one array alone has no sum."""
        if isinstance(value, NDArray):
            if out is not None:
                for array in out if isinstance(out, list) else [out]:
                    array[:] = value
            return
        first = value[0].context
        total = sum((array.as_in_context(first) for array in value[1:]), start=value[0])
        targets = value if out is None else out
        for array in targets if isinstance(targets, list) else [targets]:
            array[:] = total

    @staticmethod
    def is_capable(capability: str) -> bool:
        """False: the store applies no optimizer.

        Raises:
            ValueError: an unknown capability.
        """
        if capability.lower() != KVStoreBase.OPTIMIZER:
            raise ValueError(f"Unknown capability: {capability}")
        return False

    @property
    def type(self) -> str:
        """``'teststore'``."""
        return "teststore"

    @property
    def rank(self) -> int:
        """0."""
        return 0

    @property
    def num_workers(self) -> int:
        """1."""
        return 1


def made_by(*names: str) -> Callable[[Callable[[str], KVStoreBase]], Callable[[str], KVStoreBase]]:
    """Decorator of what makes the stores of the package's own types."""

    def add(maker: Callable[[str], KVStoreBase]) -> Callable[[str], KVStoreBase]:
        _MAKERS.update(dict.fromkeys(names, maker))
        return maker

    return add


def create(name: str = "local") -> KVStoreBase:
    """A KVStore of a type, or of a registered class by its name, of any case.

    ``'local'``, ``'device'`` and ``'nccl'`` sum over the contexts of this process, ``'dist_sync'`` and
    ``'dist_device_sync'`` and ``'horovod'`` over those of all processes that ``torch.distributed`` knows.

    Raises:
        TypeError: ``name`` is not a string.
        UnsupportedError: ``'dist_async'``, ``'byteps'``.
        MXNetError: no such type; or a store over several processes, and they cannot be found.
    """
    if not isinstance(name, str):
        raise TypeError("name must be a string")
    wanted = name.lower()
    if wanted in KVStoreBase.kv_registry:
        return KVStoreBase.kv_registry[wanted]()
    if wanted not in _MAKERS:
        known = ", ".join([*_MAKERS, *KVStoreBase.kv_registry])
        raise MXNetError(f"Unknown KVStore type {name!r}; there are {known}")
    return _MAKERS[wanted](wanted)
