"""The processes that train together: how they find each other, and what they send each other, on torch.distributed.

They are those of a process group that the program has set up; or they are found by the environment variables of
``torchrun`` (``RANK``, ``WORLD_SIZE``, ``MASTER_ADDR``, ``MASTER_PORT``) or of MXNet's launcher (``DMLC_ROLE=worker``,
``DMLC_NUM_WORKER``, ``DMLC_PS_ROOT_URI``, ``DMLC_PS_ROOT_PORT``; and ``DMLC_WORKER_ID``, ``DMLC_RANK`` or
``DMLC_TASK_ID``, without which they are numbered as they come). Arrays on GPUs go through NCCL, others through gloo.
``MXGLUON_KVSTORE_TIMEOUT`` is the time in seconds (300) after which a process that does not answer counts as dead.
"""

from __future__ import annotations

import atexit
import os
import socket
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist

from ..base import MXNetError, UnsupportedError

__all__ = ["Group", "launched", "start", "timeout"]

_IDS = ("DMLC_WORKER_ID", "DMLC_RANK", "DMLC_TASK_ID")
_TORCHRUN = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
_ELSEWHERE = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "HOROVOD_SIZE")
_FAREWELL = 60  # seconds that the process in which all meet waits for the others at its end
_started: Group | None = None


def timeout() -> float:
    """Seconds after which a process that does not answer counts as dead.

    Raises:
        MXNetError: the environment variable holds no positive number.
    """
    text = os.environ.get("MXGLUON_KVSTORE_TIMEOUT", "300")
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not seconds > 0:
        raise MXNetError(f"environment variable MXGLUON_KVSTORE_TIMEOUT is {text!r}; it takes a number of seconds")
    return seconds


def launched() -> bool:
    """Whether there are other processes to be found: a process group, or the environment variables of a launcher.

    Raises:
        MXNetError: the process was started by a launcher whose variables do not say where the others are.
    """
    if dist.is_available() and dist.is_initialized():
        return True
    if all(name in os.environ for name in _TORCHRUN):
        return True
    if "DMLC_NUM_WORKER" in os.environ:
        return True
    for name in _ELSEWHERE:
        if os.environ.get(name, "1") not in ("", "1"):
            raise MXNetError(
                f"{name}={os.environ[name]} says that this process is one of several, but not where the others are: "
                "start the program with torchrun, or set MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE"
            )
    return False


def start() -> Group:
    """The processes that train together; on the first call they meet.

    Raises:
        UnsupportedError: torch is built without torch.distributed.
        MXNetError: nothing says where the others are, or they do not come in time.
    """
    global _started
    if not dist.is_available():
        raise UnsupportedError("training over several processes", "this torch is built without torch.distributed")
    if _started is not None and dist.is_initialized() and _started.is_valid():
        return _started
    if dist.is_initialized():
        with _loudly("the processes do not agree to train together"):
            _started = Group(dist.new_group(timeout=timedelta(seconds=timeout())))
        return _started
    if not launched():
        raise MXNetError(
            "nothing says which processes train together: start the program with torchrun, call "
            "torch.distributed.init_process_group before, or set DMLC_ROLE=worker, DMLC_NUM_WORKER, DMLC_WORKER_ID, "
            "DMLC_PS_ROOT_URI and DMLC_PS_ROOT_PORT"
        )
    limit = timedelta(seconds=timeout())
    with _loudly("the processes do not find each other"):
        if all(name in os.environ for name in _TORCHRUN):
            store, rank, size = next(iter(dist.rendezvous("env://", timeout=limit)))
            hosts = rank == 0 and os.environ.get("TORCHELASTIC_USE_AGENT_STORE") != "True"
        else:
            store, rank, size, hosts = _meet_as_workers(limit)
        store.set_timeout(limit)
        store = dist.PrefixStore("mxgluon_compat", store)
        dist.init_process_group(_backend(), store=store, rank=rank, world_size=size, timeout=limit)
    _started = Group(dist.group.WORLD)
    atexit.register(_leave, _started, store if hosts else None, store)
    return _started


def _backend() -> str:
    """gloo, and NCCL too where there are GPUs."""
    return "cpu:gloo,cuda:nccl" if torch.cuda.is_available() and dist.is_nccl_available() else "gloo"


def _number(name: str) -> int:
    """The number that an environment variable of MXNet's launcher holds.

    Raises:
        MXNetError: it does not.
    """
    try:
        return int(os.environ[name])
    except (KeyError, ValueError):
        shown = os.environ.get(name)
        raise MXNetError(
            f"environment variable {name} is {'not set' if shown is None else repr(shown)}; it must hold a number"
        ) from None


def _meet_as_workers(limit: timedelta) -> tuple[Any, int, int, bool]:
    """(store, rank, size, whether the store is in this process) by the environment variables of MXNet's launcher."""
    size, port = _number("DMLC_NUM_WORKER"), _number("DMLC_PS_ROOT_PORT")
    host = os.environ.get("DMLC_PS_ROOT_URI")
    if not host:
        raise MXNetError("environment variable DMLC_PS_ROOT_URI is not set; it must name a machine")
    name = next((name for name in _IDS if name in os.environ), None)
    if name is not None:
        rank = _number(name)
        if not 0 <= rank < size:
            raise MXNetError(f"{name} is {rank}, but DMLC_NUM_WORKER {size}: ranks go from 0 to {size - 1}")
        return dist.TCPStore(host, port, size, rank == 0, limit, wait_for_workers=False), rank, size, rank == 0
    store, hosts = None, False
    if _is_here(host):
        with suppress(RuntimeError):  # another one was first
            store, hosts = dist.TCPStore(host, port, size, True, limit, wait_for_workers=False), True
    if store is None:
        store = dist.TCPStore(host, port, size, False, limit, wait_for_workers=False)
    rank = store.add("mxgluon_compat_ranks", 1) - 1
    if rank >= size:
        raise MXNetError(f"more than DMLC_NUM_WORKER={size} processes came to {host}:{port}")
    return store, rank, size, hosts


def _is_here(host: str) -> bool:
    """Whether ``host`` is this machine."""
    try:
        with socket.create_server((host, 0)):
            return True
    except OSError:
        return False


def _leave(group: Group, hosted: Any, store: Any) -> None:
    """At the process's end: where the others meet is here, that stays until they have left too."""
    if not dist.is_initialized() or not group.is_valid():
        return
    failed = Group.broken or getattr(sys, "last_value", None) is not None
    try:
        gone = store.add("left", 1)
        deadline = time.monotonic() + min(timeout(), _FAREWELL)
        while hosted is not None and not failed and gone < group.size and time.monotonic() < deadline:
            time.sleep(0.01)
            gone = store.add("left", 0)
    except RuntimeError:
        pass  # the place to meet is gone before
    dist.destroy_process_group()


@contextmanager
def _loudly(what: str, group: Group | None = None) -> Any:
    """Errors of torch.distributed as MXNetError that says what to look for."""
    try:
        yield
    except MXNetError:
        raise
    except (RuntimeError, ValueError) as error:
        if group is not None:
            Group.broken = True
        raise MXNetError(
            f"{what}: a process has ended, or did not answer for {timeout():g} s (MXGLUON_KVSTORE_TIMEOUT), or they do "
            f"not all make the same calls; see the output of the others. torch.distributed says: {error}"
        ) from error


class Group:
    """Processes that sum and send tensors; every one of them must make the same calls in the same order.

    Args:
        handle: torch's process group.
    """

    #: Whether a call has failed: the processes of none of its groups can go on then.
    broken = False

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self.rank: int = dist.get_rank(handle)
        self.size: int = dist.get_world_size(handle)
        backends = [part.partition(":") for part in dist.get_backend_config(handle).split(",")]
        self._devices = {device for device, _, _ in backends}

    def is_valid(self) -> bool:
        """Whether the process group is still there."""
        try:
            dist.get_world_size(self._handle)
        except (RuntimeError, ValueError):
            return False
        return True

    def another(self) -> Group:
        """The same processes, whose calls come in an order of their own. All processes must call this."""
        with self._translated():
            return Group(dist.new_group(timeout=timedelta(seconds=timeout()), backend=dist.get_backend(self._handle)))

    def _translated(self) -> Any:
        return _loudly("training over several processes has stopped", self)

    def _sendable(self, tensor: torch.Tensor) -> torch.Tensor:
        """``tensor``, on a device whose tensors can be sent."""
        tensor = tensor.detach().contiguous()
        if tensor.device.type in self._devices:
            return tensor
        return tensor.cpu() if "cpu" in self._devices else tensor.cuda()

    def all_reduce(self, tensor: torch.Tensor) -> torch.Tensor:
        """The sum over the processes, which has the same bits on all; ``tensor`` may hold it afterwards."""
        return self.begin_all_reduce(tensor)()

    def begin_all_reduce(self, tensor: torch.Tensor) -> Callable[[], torch.Tensor]:
        """Begins a sum over the processes; what it gives waits for the sum, which may stand in ``tensor``."""
        sent = self._sendable(tensor)
        if self.size == 1:
            return lambda: tensor
        with self._translated():
            work = dist.all_reduce(sent, group=self._handle, async_op=True)

        def wait() -> torch.Tensor:
            with self._translated():
                work.wait()
            return sent.to(tensor.device)

        return wait

    def broadcast(self, tensor: torch.Tensor, root: int = 0) -> torch.Tensor:
        """The tensor of process ``root``; on all others ``tensor`` must have its shape and dtype."""
        if self.size == 1:
            return tensor
        sent = self._sendable(tensor).clone()
        with self._translated():
            dist.broadcast(sent, dist.get_global_rank(self._handle, root), group=self._handle)
        return sent.to(tensor.device)

    def all_gather(self, tensor: torch.Tensor) -> list[torch.Tensor]:
        """The tensors of all processes, which are of the same shape and dtype."""
        if self.size == 1:
            return [tensor]
        sent = self._sendable(tensor)
        received = [torch.empty_like(sent) for _ in range(self.size)]
        with self._translated():
            dist.all_gather(received, sent, group=self._handle)
        return [r.to(tensor.device) for r in received]

    def all_gather_rows(self, tensor: torch.Tensor) -> list[torch.Tensor]:
        """The tensors of all processes, which may differ in their first dimension."""
        counts = [int(c) for c in self.all_gather(torch.tensor([len(tensor)]))]
        if not max(counts):
            return [tensor for _ in counts]
        padded = tensor.new_zeros((max(counts), *tensor.shape[1:]))
        padded[: len(tensor)] = tensor
        return [part[:count] for part, count in zip(self.all_gather(padded), counts, strict=True)]

    def local(self) -> tuple[int, int]:
        """Number of this process on its machine, and of how many there. All processes must call this."""
        here = zlib.crc32(socket.gethostname().encode())
        machines = [int(m) for m in self.all_gather(torch.tensor([here]))]
        return machines[: self.rank].count(here), machines.count(here)

    def any(self, flag: bool) -> bool:
        """Whether any process says True."""
        return bool(self.all_reduce(torch.tensor([int(flag)], dtype=torch.int32)).item())

    def barrier(self) -> None:
        """Waits until all processes have come here."""
        self.any(False)

    def check_same(self, what: str, described: Sequence[str]) -> None:
        """All processes describe the same things, in the same order.

        Raises:
            MXNetError: they do not; naming the first that differs, and the processes.
        """
        if self.size == 1:
            return
        codes = torch.tensor([len(described), *(zlib.crc32(text.encode()) for text in described)])
        for rank, row in enumerate(self.all_gather_rows(codes)):
            if torch.equal(row, codes):
                continue
            both = zip(row[1:].tolist(), codes[1:].tolist(), strict=False)
            place = next((i for i, (a, b) in enumerate(both) if a != b), min(len(row), len(codes)) - 1)
            here = described[place] if place < len(described) else "nothing more"
            raise MXNetError(
                f"{what}: process {self.rank} has {here}, process {rank} something else; all processes must have the "
                "same, in the same order"
            )
