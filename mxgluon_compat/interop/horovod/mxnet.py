"""``import horovod.mxnet as hvd``: what programs written for Horovod call, on torch.distributed.

Processes are started with ``torchrun`` (see ``kvstore.processes``); a process that was started alone is one of one.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import torch

from ... import kvstore, optimizer
from ...base import MXNetError, UnsupportedError
from ...gluon import Trainer
from ...gluon.parameter import Parameter
from ...kvstore.horovod import Horovod
from ...ndarray import NDArray

__all__ = [
    "DistributedOptimizer", "DistributedTrainer", "allgather", "allreduce", "allreduce_", "broadcast", "broadcast_",
    "broadcast_parameters", "init", "is_initialized", "local_rank", "local_size", "rank", "shutdown", "size",
]  # fmt: skip

_store: Horovod | None = None


def init(*args: Any, **kwargs: Any) -> None:
    """Finds the other processes. A second call changes nothing.

    Raises:
        UnsupportedError: any argument: parts of the processes cannot be chosen.
        MXNetError: the process is one of several, and the others cannot be found.
    """
    global _store
    if args or kwargs:
        raise UnsupportedError("horovod.mxnet.init(...) with arguments", "all processes train together")
    if _store is None:
        store = kvstore.create("horovod")
        assert isinstance(store, Horovod)
        _store = store


def shutdown() -> None:
    """Forgets the other processes; they part at the end of the program."""
    global _store
    _store = None


def is_initialized() -> bool:
    """Whether ``init`` was called."""
    return _store is not None


def _found() -> Horovod:
    if _store is None:
        raise ValueError("Horovod has not been initialized; use hvd.init().")
    return _store


def rank() -> int:
    """Number of this process, from 0 on.

    Raises:
        ValueError: ``init`` was not called; so do the functions below.
    """
    return _found().rank


def size() -> int:
    """Number of processes."""
    return _found().num_workers


def local_rank() -> int:
    """Number of this process on its machine."""
    return _found().local_rank


def local_size() -> int:
    """Number of processes on this machine."""
    return _found().local_size


def allreduce_(tensor: NDArray, average: bool = True, name: str | None = None, priority: int = 0) -> NDArray:
    """Writes the sum of all processes' arrays, or their mean, into ``tensor``, and returns it.

    Args:
        tensor: an array, of the same shape and dtype in all processes.
        average: divide by the number of processes.
        name, priority: Horovod's names and order of messages; here they come in the order of the calls.
    """
    _found().pushpull(name, tensor)
    if average:
        tensor /= size()
    return tensor


def allreduce(tensor: NDArray, average: bool = True, name: str | None = None, priority: int = 0) -> NDArray:
    """As ``allreduce_``, in a new array."""
    return allreduce_(tensor.copy(), average, name, priority)


def allgather(tensor: NDArray, name: str | None = None, priority: int = 0) -> NDArray:
    """The arrays of all processes, one after the other along the first axis, in which they may differ."""
    group = _found()._processes
    data = tensor._data.detach()
    return NDArray(torch.cat(group.all_gather_rows(data)) if group else data.clone(), tensor.context)


def broadcast_(tensor: NDArray, root_rank: int, name: str | None = None, priority: int = 0) -> NDArray:
    """Writes the array of process ``root_rank`` into ``tensor`` of all, and returns it.

    Raises:
        MXNetError: no such process.
    """
    if not 0 <= root_rank < size():
        raise MXNetError(f"there is no process {root_rank} of {size()}")
    group = _found()._processes
    if group:
        NDArray(group.broadcast(tensor._data.detach(), root_rank), tensor.context).copyto(tensor)
    return tensor


def broadcast(tensor: NDArray, root_rank: int, name: str | None = None, priority: int = 0) -> NDArray:
    """As ``broadcast_``, in a new array."""
    return broadcast_(tensor.copy(), root_rank, name, priority)


def broadcast_parameters(params: Mapping[str, Any], root_rank: int = 0, prefix: str | None = None) -> None:
    """Gives all processes the values of process ``root_rank``.

    Args:
        params: arrays, or Parameters (``net.collect_params()``). Those whose initialisation is deferred get the values
            of process 0 at the Trainer's first step.
        root_rank: whose values.
        prefix: of the names of messages.

    Raises:
        ValueError: neither a dict nor a ParameterDict.
        UnsupportedError: a deferred Parameter, and another ``root_rank`` than 0.
    """
    if not hasattr(params, "items"):
        raise ValueError(f"invalid params of type: {type(params)}")
    for name, value in sorted(params.items()):
        if not isinstance(value, Parameter):
            broadcast_(value, root_rank)
        elif value._deferred_init:
            if root_rank:
                raise UnsupportedError(
                    f"broadcast_parameters(root_rank={root_rank}) of {name}, whose shape is not known yet",
                    "run one batch through the net before",
                )
        else:
            for array in value._arrays():
                broadcast_(array, root_rank)


class DistributedTrainer(Trainer):
    """A Trainer whose gradients are means over all processes; ``step`` takes the batch size of one of them.

    Args:
        params, optimizer, optimizer_params: those of Trainer.
        kwargs: Horovod's further ones (``compression``, ``prefix``, ...): refused but for ``prefix``.

    Raises:
        UnsupportedError: an argument that is not honoured.
    """

    def __init__(self, params: Any, optimizer: Any, optimizer_params: Any = None, **kwargs: Any) -> None:
        kwargs.pop("prefix", None)  # of the names of messages
        refused = [name for name, value in kwargs.items() if (name, value) != ("gradient_predivide_factor", 1.0)]
        if refused:
            raise UnsupportedError(f"DistributedTrainer({refused[0]}=...)", "gradients are sent as they are")
        if isinstance(optimizer, DistributedOptimizer):
            warnings.warn(
                "DistributedTrainer does not take DistributedOptimizer as its optimizer. We have unwrapped it for you.",
                stacklevel=2,
            )
            optimizer = optimizer._optimizer
        super().__init__(params, optimizer, optimizer_params, kvstore=_found(), update_on_kvstore=False)
        self._scale /= size()


class DistributedOptimizer(optimizer.Optimizer):
    """An optimizer that applies the mean of all processes' gradients.

    Args:
        optimizer: the one that applies it.
    """

    def __init__(self, optimizer: optimizer.Optimizer) -> None:
        self._optimizer = optimizer
        optimizer.rescale_grad /= size()

    def __getattr__(self, name: str) -> Any:
        if name == "_optimizer":
            raise AttributeError(name)
        return getattr(self._optimizer, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "_optimizer":
            object.__setattr__(self, name, value)
        else:
            setattr(self._optimizer, name, value)

    def create_state_multi_precision(self, index: Any, weight: Any) -> Any:
        """That of the optimizer."""
        return self._optimizer.create_state_multi_precision(index, weight)

    def create_state(self, index: Any, weight: Any) -> Any:
        """That of the optimizer."""
        return self._optimizer.create_state(index, weight)

    def _reduce(self, grad: Any) -> None:
        several = isinstance(grad, (list, tuple))
        _found().pushpull(list(range(len(grad))) if several else 0, grad)

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Sums the gradients over the processes, and has the optimizer apply them."""
        self._reduce(grad)
        self._optimizer.update(index, weight, grad, state)

    def update_multi_precision(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """As ``update``, on the float32 copies of float16 weights under ``multi_precision``."""
        self._reduce(grad)
        self._optimizer.update_multi_precision(index, weight, grad, state)
