"""The parts of MXNet's first loader: connections and queues that hand arrays over, loops between them."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import multiprocessing.queues
import pickle
from collections.abc import Callable, Sequence
from multiprocessing.reduction import ForkingPickler
from typing import Any

from ...base import UnsupportedError
from ...context import cpu, cpu_pinned
from .batches import _as_in_context
from .workers import WorkerPool, _MultiWorkerIter, read_batch

__all__ = ["ConnectionWrapper", "Queue", "SimpleQueue", "fetcher_loop_v1", "worker_loop_v1"]


class ConnectionWrapper:
    """A connection of multiprocessing that sends arrays through shared memory; all else is the connection's own.

    Args:
        conn: an end of ``multiprocessing.Pipe()``.
    """

    def __init__(self, conn: Any) -> None:
        self._conn = conn

    def send(self, obj: Any) -> None:
        """Sends an object."""
        buffer = io.BytesIO()
        ForkingPickler(buffer, pickle.HIGHEST_PROTOCOL).dump(obj)
        self._conn.send_bytes(buffer.getvalue())

    def recv(self) -> Any:
        """The next object that the other end sent."""
        return pickle.loads(self._conn.recv_bytes())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_conn"], name)


class Queue(multiprocessing.queues.Queue):
    """``multiprocessing.Queue``: arrays pass through shared memory."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, ctx=multiprocessing.get_context(), **kwargs)


class SimpleQueue(multiprocessing.queues.SimpleQueue):
    """``multiprocessing.SimpleQueue``: arrays pass through shared memory."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, ctx=multiprocessing.get_context(), **kwargs)


def worker_loop_v1(dataset: Any, key_queue: Any, data_queue: Any, batchify_fn: Callable[[Sequence[Any]], Any]) -> None:
    """Makes batches: takes (number, indices) from one queue, puts (number, batch) into the other; ends at (None, _)."""
    while True:
        idx, samples = key_queue.get()
        if idx is None:
            break
        data_queue.put((idx, read_batch(dataset, samples, batchify_fn)))


def fetcher_loop_v1(
    data_queue: Any, data_buffer: Any, pin_memory: bool = False, pin_device_id: int = 0, data_buffer_lock: Any = None
) -> None:
    """Puts batches where their reader looks: takes (number, batch) from a queue until (None, _), fills {number: batch}.

    Args:
        data_queue: what the workers put batches into.
        data_buffer: the dict.
        pin_memory, pin_device_id: as in ``DataLoader``; otherwise batches go to ``cpu()``.
        data_buffer_lock: held while the dict changes.
    """
    ctx = cpu_pinned(pin_device_id) if pin_memory else cpu()
    while True:
        idx, batch = data_queue.get()
        if idx is None:
            break
        batch = _as_in_context(batch, ctx)
        with data_buffer_lock or contextlib.nullcontext():
            data_buffer[idx] = batch


class _MultiWorkerIterV1(_MultiWorkerIter):
    """An epoch's batches from processes of its own, which end with it.

    Args:
        num_workers: how many.
        dataset, batchify_fn, batch_sampler, pin_memory, pin_device_id: as in ``DataLoader``.
        worker_fn: ``worker_loop_v1``.

    Raises:
        UnsupportedError: another ``worker_fn``.
    """

    def __init__(
        self,
        num_workers: int,
        dataset: Any,
        batchify_fn: Callable[[Sequence[Any]], Any],
        batch_sampler: Any,
        pin_memory: bool = False,
        pin_device_id: int = 0,
        worker_fn: Callable[..., Any] = worker_loop_v1,
    ) -> None:
        self._shutdown = True
        if worker_fn is not worker_loop_v1:
            raise UnsupportedError(
                "_MultiWorkerIterV1(worker_fn=)", "its workers are a pool: use _MultiWorkerIter(worker_fn=)"
            )  # fmt: skip
        assert num_workers > 0, f"num_workers={num_workers}: at least one is needed"
        pool = WorkerPool(num_workers, dataset, batchify_fn)
        self._shutdown = False
        super().__init__(pool, batchify_fn, batch_sampler, pin_memory, pin_device_id, prefetch=2 * num_workers)

    def __del__(self) -> None:
        self.shutdown()

    def __next__(self) -> Any:
        assert not self._shutdown, "call __next__ after shutdown is forbidden"
        try:
            return super().__next__()
        except BaseException:
            self.shutdown()
            raise

    def shutdown(self) -> None:
        """Ends the workers; doing it again does nothing."""
        if not self._shutdown:
            self._shutdown = True
            self._worker_pool.terminate()
