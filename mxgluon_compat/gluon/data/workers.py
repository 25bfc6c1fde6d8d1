"""Who makes a loader's batches: pools of processes or threads, and one epoch's batches from them."""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import pickle
import random
import signal
import threading
import warnings
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import numpy as np
import torch

from ... import random as mx_random
from ... import streams
from ...context import cpu, cpu_pinned
from ...util import is_np_array, is_np_shape, set_np
from .batches import _as_in_context

__all__ = ["WorkerPool"]

Batchify = Callable[[Sequence[Any]], Any]

_worker_dataset: Any = None
_worker_batchify: Batchify | None = None


# ---------------------------------------------------------------------------------------------- in a worker
def _thread_worker_initializer(active_shape: bool, active_array: bool) -> None:
    """Gives a new thread the NumPy semantics of another one."""
    if active_shape or active_array:
        set_np(shape=active_shape, array=active_array)


def _worker_initializer(dataset: Any, active_shape: bool = False, active_array: bool = False) -> None:
    """Makes a process a worker that reads this dataset."""
    global _worker_dataset
    _worker_dataset = dataset
    _thread_worker_initializer(active_shape, active_array)


def _forked(dataset: Any, batchify_fn: Batchify | None, seeds: Any, semantics: tuple[bool, bool]) -> None:
    """Makes a process of a WorkerPool a worker."""
    global _worker_batchify
    # The parent's threads do not exist here: a parallel region would wait for them forever.
    torch.set_num_threads(1)
    # Ctrl-C is for the parent, which then ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for lock in _generator_locks():
        with contextlib.suppress(RuntimeError):  # not forked, or not with the locks held
            lock.release()
    # Each worker draws numbers of its own; a fork starts with copies of the parent's generators.
    with seeds.get_lock():
        seed = seeds.value
        seeds.value += 1
    # Not torch's: some thread of the parent may have held its lock at the moment of the fork.
    random.seed(seed)
    np.random.seed(seed % 2**32)
    mx_random.seed(seed % 2**31, cpu())  # a forked process cannot use a GPU
    _worker_initializer(dataset, *semantics)
    _worker_batchify = batchify_fn


def _generator_locks() -> list[Any]:
    """What the generators are locked with: no other thread may hold it at a fork, for nobody would release the copy."""
    stream: Any = streams.stream_for("cpu")
    return [np.random.mtrand._rand._bit_generator.lock, stream._lock]


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def read_batch(dataset: Any, samples: Sequence[Any], batchify_fn: Batchify) -> Any:
    """The batch of the samples with these indices; an error of the dataset has a note that says which one failed."""
    read = []
    for i in samples:
        try:
            read.append(dataset[i])
        except Exception as error:
            text = f"This happened while the DataLoader read sample {i} of the dataset."
            if hasattr(error, "add_note"):  # Python 3.11
                error.add_note(text)
            elif error.__cause__ is None:
                raise error from RuntimeError(text)
            raise
    return batchify_fn(read)


def _worker_fn(samples: Sequence[Any], batchify_fn: Batchify | None = None, dataset: Any = None) -> Any:
    """In a worker process: the batch of the samples with these indices.

    Args:
        samples: the indices.
        batchify_fn: None for the one that the process was forked with, which need not be pickled.
        dataset: None for the one that the process was forked with.
    """
    batchify_fn = batchify_fn or _worker_batchify
    assert batchify_fn is not None, "batchify_fn is missing, and this is no worker of a DataLoader"
    try:
        return read_batch(_worker_dataset if dataset is None else dataset, samples, batchify_fn)
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:  # an error that cannot travel would take the whole pool with it
            raise RuntimeError(f"{type(error).__name__}: {error}") from error
        raise


def _thread_worker_fn(samples: Sequence[Any], batchify_fn: Batchify, dataset: Any) -> Any:
    """In a worker thread: the batch of the samples with these indices."""
    return read_batch(dataset, samples, batchify_fn)


# ---------------------------------------------------------------------------------------------- pools
class _Pending:
    """A batch that a worker makes."""

    def __init__(self, future: Future[Any]) -> None:
        self._future = future

    def get(self, timeout: float | None = None) -> Any:
        """The batch.

        Raises:
            multiprocessing.TimeoutError: it is not there within ``timeout`` seconds.
            BrokenProcessPool: the worker process ended without making it.
        """
        try:
            return self._future.result(timeout)
        except FutureTimeoutError:
            if self._future.done():
                raise  # the timeout of something inside the worker
            raise multiprocessing.TimeoutError from None
        except BrokenProcessPool:
            raise BrokenProcessPool(
                "a worker process of the DataLoader ended before its work: it was killed (as the system does where "
                "memory is short), or crashed in native code; num_workers=0 does the same work in this process"
            ) from None

    def drop(self) -> None:
        """Nobody will ask for the batch: it is not made unless a worker has begun."""
        self._future.cancel()


class WorkerPool:
    """Worker processes or threads with ``apply_async``, as a loader and those who write their own iterators use it.

    Args:
        num_workers: how many.
        dataset: what the processes read; they have it as it is now.
        batchify_fn: makes batches of samples there.
        threads: threads of this process instead.
    """

    def __init__(self, num_workers: int, dataset: Any, batchify_fn: Batchify | None, threads: bool = False) -> None:
        self.batchify_fn = None if threads else batchify_fn
        semantics = is_np_shape(), is_np_array()
        self._executor: Executor = (
            ThreadPoolExecutor(num_workers, "mxgluon_compat-loader", _thread_worker_initializer, semantics)
            if threads
            else _processes(num_workers, dataset, batchify_fn, semantics)
        )

    def apply_async(self, func: Callable[..., Any], args: Sequence[Any] = ()) -> _Pending:
        """Has a worker call ``func(*args)``."""
        return _Pending(self._executor.submit(func, *args))

    def terminate(self) -> None:
        """Drops what no worker has begun; workers end when they are done."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    close = terminate


def _processes(num_workers: int, dataset: Any, batchify_fn: Batchify | None, semantics: tuple[bool, bool]) -> Executor:
    methods = multiprocessing.get_all_start_methods()
    # Forked workers see the dataset as it is, without pickling it.
    context = multiprocessing.get_context("fork" if "fork" in methods else None)
    # Seeds follow numpy's generator without drawing from it: the order of the samples stays what it is in MXNet.
    state: Any = np.random.get_state(legacy=True)
    seeds = context.Value("q", zlib.crc32(state[1].tobytes(), state[2]))
    pool = ProcessPoolExecutor(num_workers, context, _forked, (dataset, batchify_fn, seeds, semantics))
    with contextlib.ExitStack() as held, warnings.catch_warnings():
        for lock in _generator_locks():
            held.enter_context(lock)
        # Python warns of forks beside threads; the workers wait for none of the parent's (see _forked).
        warnings.filterwarnings("ignore", message=".*fork", category=DeprecationWarning)
        pool.submit(int)  # forks now: the workers have the dataset of this moment, and not yet a GPU
    return pool


# ---------------------------------------------------------------------------------------------- an epoch
class _WorkerTimeoutError(multiprocessing.TimeoutError, TimeoutError):
    """No batch within the loader's ``timeout``: what multiprocessing raises in MXNet, and Python's own."""


class _MultiWorkerIter:
    """One epoch's batches from the workers, in the sampler's order, ``prefetch`` of them ahead.

    Args:
        worker_pool: a ``WorkerPool``, or one of Python's (``multiprocessing.Pool``, ``ThreadPool``).
        batchify_fn: makes a batch of a list of samples.
        batch_sampler: lists of indices.
        pin_memory, pin_device_id, timeout: as in ``DataLoader``.
        worker_fn: called in a worker as ``worker_fn(indices, batchify_fn, dataset)``; gives the batch, or the bytes of
            its pickle.
        prefetch: how many batches are made ahead.
        dataset: passed to ``worker_fn``; None where workers have it.
        data_loader: the loader whose pool this is: it stays, and its workers, while the batches are used.
    """

    def __init__(
        self,
        worker_pool: Any,
        batchify_fn: Batchify,
        batch_sampler: Any,
        pin_memory: bool = False,
        pin_device_id: int = 0,
        worker_fn: Callable[..., Any] = _worker_fn,
        prefetch: int = 0,
        dataset: Any = None,
        data_loader: Any = None,
        timeout: float = 120,
    ) -> None:
        self._worker_pool = worker_pool
        self._batchify_fn = batchify_fn
        self._batch_sampler = batch_sampler
        self._pin_memory = pin_memory
        self._pin_device_id = pin_device_id
        self._worker_fn = worker_fn
        self._dataset = dataset
        self._data_loader = data_loader
        self._timeout = timeout
        self._data_buffer: dict[int, Any] = {}
        self._sent_idx = self._rcvd_idx = 0
        self._iter = iter(batch_sampler)
        for _ in range(prefetch):
            self._push_next()

    def __len__(self) -> int:
        return len(self._batch_sampler)

    def __iter__(self) -> _MultiWorkerIter:
        return self

    def _push_next(self) -> None:
        """Has the workers make one more batch."""
        samples = next(self._iter, None)
        if samples is None:
            return
        known = self._dataset is None and getattr(self._worker_pool, "batchify_fn", None) is self._batchify_fn
        arguments = (samples, None if known else self._batchify_fn, self._dataset)
        self._data_buffer[self._sent_idx] = self._worker_pool.apply_async(self._worker_fn, arguments)
        self._sent_idx += 1

    def __next__(self) -> Any:
        self._push_next()
        if self._rcvd_idx == self._sent_idx:
            assert not self._data_buffer, "batches are left at the end of the epoch"
            raise StopIteration
        pending = self._data_buffer.pop(self._rcvd_idx)
        self._rcvd_idx += 1
        try:
            batch = pending.get(self._timeout)
        except multiprocessing.TimeoutError:
            memory = (
                "\n- Insufficient shared_memory if `timeout` is large enough. "
                "Please consider reduce `num_workers` or increase shared_memory in system."
            )
            raise _WorkerTimeoutError(
                f"Worker timed out after {self._timeout} seconds. This might be caused by\n"
                "- Slow transform. Please increase timeout to allow slower data loading in each worker."
                + ("" if self._dataset is not None else memory)
            ) from None
        if self._dataset is None and isinstance(batch, bytes):
            batch = pickle.loads(batch)  # of a worker function in MXNet's manner
        return _as_in_context(batch, cpu_pinned(self._pin_device_id)) if self._pin_memory else batch

    def next(self) -> Any:
        """The next batch."""
        return self.__next__()

    def cancel(self) -> None:
        """Drops the batches that nobody has started to make."""
        while self._data_buffer:
            _, pending = self._data_buffer.popitem()
            if isinstance(pending, _Pending):
                pending.drop()
        self._rcvd_idx = self._sent_idx
        self._iter = iter(())
