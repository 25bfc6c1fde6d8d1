"""The loader: reads samples, stacks them into batches, in this process or in worker processes or threads."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
import warnings
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from multiprocessing.reduction import ForkingPickler
from typing import Any

import numpy as np
import torch
import torch.multiprocessing  # noqa: F401 - teaches multiprocessing to hand tensors over in shared memory

from ... import ndarray as nd
from ... import random as mx_random
from ...base import dtype_name
from ...context import Context, cpu, cpu_pinned
from . import sampler as _sampler

__all__ = ["DataLoader", "DataLoaderV1"]

_SHARED = Context("cpu_shared", 0)
_SMALL = 1 << 16  # bytes


# ---------------------------------------------------------------------------------------------- between processes
def rebuild_ndarray(data: torch.Tensor | np.ndarray) -> nd.NDArray:
    """The array that another process sent: a tensor in shared memory, or a small array's values."""
    return nd.NDArray(torch.from_numpy(data) if isinstance(data, np.ndarray) else data, _SHARED)


def reduce_ndarray(data: nd.NDArray) -> tuple[Any, ...]:
    """How multiprocessing sends an array: its tensor goes to shared memory, only the handle travels.

    The handle takes about a millisecond, so the values of a small array travel themselves.
    """
    tensor = data._data.detach().cpu()
    if tensor.nbytes <= _SMALL and tensor.dtype is not torch.bfloat16:
        return rebuild_ndarray, (tensor.numpy(),)
    return rebuild_ndarray, (tensor,)


ForkingPickler.register(nd.NDArray, reduce_ndarray)


# ---------------------------------------------------------------------------------------------- batches
def _stack(data: Sequence[Any], ctx: Context) -> Any:
    first = data[0]
    if isinstance(first, nd.NDArray):
        return nd.NDArray(torch.stack([x._data.detach().cpu() for x in data]), ctx)
    if isinstance(first, tuple):
        return [_stack(column, ctx) for column in zip(*data)]
    batch = np.asarray(data)
    dtype_name(batch.dtype)
    return nd.NDArray(torch.from_numpy(batch), ctx)


def default_batchify_fn(data: Sequence[Any]) -> Any:
    """Stacks samples into a batch: NDArray (...) -> (N, ...), numbers -> (N,), tuples -> a list of such.

    Raises:
        TypeError: samples of a type that MXNet has no dtype for.
    """
    if isinstance(data[0], nd.NDArray):
        return nd.stack(*data)
    if isinstance(data[0], tuple):
        return [default_batchify_fn(column) for column in zip(*data)]
    return _stack(data, cpu())


def default_mp_batchify_fn(data: Sequence[Any]) -> Any:
    """``default_batchify_fn`` for workers: the arrays are on the context ``cpu_shared(0)``."""
    return _stack(data, _SHARED)


def _as_in_context(data: Any, ctx: Context) -> Any:
    """The arrays in nested lists and tuples moved to ``ctx``; whatever is no array stays."""
    if isinstance(data, nd.NDArray):
        if ctx.device_type == "cpu_pinned" and data.context.is_cpu:
            tensor = data._data.detach()
            return nd.NDArray(tensor.pin_memory() if torch.cuda.is_available() else tensor, ctx)
        return data.as_in_context(ctx)
    if isinstance(data, (list, tuple)):
        return [_as_in_context(d, ctx) for d in data]
    return data


# ---------------------------------------------------------------------------------------------- workers
_worker_dataset: Any = None
_worker_batchify: Callable[[Sequence[Any]], Any] | None = None


def _worker_initializer(dataset: Any, batchify_fn: Callable[[Sequence[Any]], Any], seeds: Any) -> None:
    """Makes a forked process a worker."""
    global _worker_dataset, _worker_batchify
    # The parent's threads do not exist here: a parallel region would wait for them forever.
    torch.set_num_threads(1)
    # Ctrl-C is for the parent, which then ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Each worker draws numbers of its own; a fork starts with copies of the parent's generators.
    with seeds.get_lock():
        seed = seeds.value
        seeds.value += 1
    np.random.seed(seed % 2**32)
    mx_random.seed(seed % 2**31)
    _worker_dataset, _worker_batchify = dataset, batchify_fn


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _worker_fn(samples: Sequence[Any]) -> Any:
    """In a worker process: the batch of the samples with these indices."""
    return _worker_batchify([_worker_dataset[i] for i in samples])


def _process_pool(dataset: Any, batchify_fn: Callable[[Sequence[Any]], Any], num_workers: int) -> Executor:
    methods = multiprocessing.get_all_start_methods()
    # Forked workers see the dataset as it is, without pickling it.
    context = multiprocessing.get_context("fork" if "fork" in methods else None)
    # Seeds follow numpy's generator without drawing from it: the order of the samples stays what it is in MXNet.
    state = np.random.get_state(legacy=True)
    seeds = context.Value("q", zlib.crc32(state[1].tobytes(), state[2]))
    pool = ProcessPoolExecutor(num_workers, context, _worker_initializer, (dataset, batchify_fn, seeds))
    with warnings.catch_warnings():
        # Python warns of forks beside threads; the workers wait for none of the parent's (see _worker_initializer).
        warnings.filterwarnings("ignore", message=".*fork", category=DeprecationWarning)
        pool.submit(int)  # forks now: the workers have the dataset of this moment, and not yet a GPU
    return pool


class _WorkerTimeoutError(multiprocessing.TimeoutError, TimeoutError):
    """No batch within the loader's ``timeout``: what multiprocessing raises in MXNet, and Python's own."""


class DataLoader:
    """Batches of a dataset's samples; iterate over it once for each epoch.

    Args:
        dataset: anything with a length and indices.
        batch_size: number of samples in a batch; required unless ``batch_sampler`` is given.
        shuffle: read the samples in random order, drawn from numpy's global generator.
        sampler: indices of the samples; not together with ``shuffle``.
        last_batch: ``'keep'`` (default), ``'discard'`` or ``'rollover'``; see ``BatchSampler``.
        batch_sampler: lists of indices, in place of the four arguments above.
        batchify_fn: makes a batch of a list of samples; default ``default_batchify_fn``.
        num_workers: number of worker processes (threads with ``thread_pool``); 0 loads in this process.
        pin_memory: copy batches to memory that a GPU reads fast, the context ``cpu_pinned(pin_device_id)``.
        pin_device_id: number of that context.
        prefetch: how many batches the workers make ahead; default ``2 * num_workers``.
        thread_pool: workers are threads of this process: right where samples are cheap or release Python's lock.
        timeout: seconds to wait for a batch of a worker.
        auto_reload: start with the next epoch's batches at the end of an epoch.

    Raises:
        ValueError: arguments that exclude each other.
        AssertionError: ``timeout`` is not positive.
    """

    _worker_pool: Executor | None = None

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = None,
        shuffle: bool = False,
        sampler: Any = None,
        last_batch: str | None = None,
        batch_sampler: Any = None,
        batchify_fn: Callable[[Sequence[Any]], Any] | None = None,
        num_workers: int = 0,
        pin_memory: bool = False,
        pin_device_id: int = 0,
        prefetch: int | None = None,
        thread_pool: bool = False,
        timeout: float = 120,
        auto_reload: bool = False,
    ) -> None:
        assert timeout > 0, f"timeout must be positive, given {timeout}"
        self._dataset = dataset
        self._pin_memory = pin_memory
        self._pin_device_id = pin_device_id
        self._thread_pool = thread_pool
        self._timeout = timeout
        self._batch_sampler = _make_batch_sampler(dataset, batch_size, shuffle, sampler, last_batch, batch_sampler)
        self._num_workers = max(num_workers, 0)
        self._prefetch = max(0, 2 * self._num_workers if prefetch is None else int(prefetch))
        if batchify_fn is None:
            batchify_fn = default_mp_batchify_fn if self._num_workers > 0 else default_batchify_fn
        self._batchify_fn = batchify_fn
        if self._num_workers > 0:
            if thread_pool:
                self._worker_pool = ThreadPoolExecutor(self._num_workers, "mxgluon_compat-loader")
            else:
                self._worker_pool = _process_pool(dataset, batchify_fn, self._num_workers)
        self.auto_reload = auto_reload
        self._iter: _WorkerIter | None = None
        if auto_reload:
            self.refresh()

    def __iter__(self) -> Iterator[Any]:
        if self._worker_pool is None:
            for samples in self._batch_sampler:
                yield self._pinned(self._make_batch(samples))
            return
        batches, self._iter = self._iter or _WorkerIter(self), None
        try:
            for batch in batches:
                yield self._pinned(batch)
        finally:
            batches.cancel()
        if self.auto_reload:
            self.refresh()

    def __len__(self) -> int:
        return len(self._batch_sampler)

    def __del__(self) -> None:
        if self._worker_pool is not None:
            self._worker_pool.shutdown(wait=False, cancel_futures=True)

    def refresh(self) -> None:
        """Lets the workers start on the batches of the next epoch."""
        self.clean()
        if self._worker_pool is not None:
            self._iter = _WorkerIter(self)

    def clean(self) -> None:
        """Drops the batches that were made ahead by ``refresh``."""
        if self._iter is not None:
            self._iter.cancel()
        self._iter = None

    def _make_batch(self, samples: Sequence[Any]) -> Any:
        return self._batchify_fn([self._dataset[i] for i in samples])

    def _pinned(self, batch: Any) -> Any:
        return _as_in_context(batch, cpu_pinned(self._pin_device_id)) if self._pin_memory else batch

    def _submit(self, samples: Sequence[Any]) -> Future[Any]:
        if self._thread_pool:
            return self._worker_pool.submit(self._make_batch, samples)
        return self._worker_pool.submit(_worker_fn, samples)


class _WorkerIter:
    """One epoch's batches from the workers, in the sampler's order, ``prefetch`` of them ahead."""

    def __init__(self, loader: DataLoader) -> None:
        self._loader = loader
        self._samples = iter(loader._batch_sampler)
        self._pending: deque[Future[Any]] = deque()
        # At least one is ahead: the one that the next call waits for.
        for _ in range(max(1, loader._prefetch)):
            self._push_next()

    def _push_next(self) -> None:
        samples = next(self._samples, None)
        if samples is not None:
            self._pending.append(self._loader._submit(samples))

    def __iter__(self) -> _WorkerIter:
        return self

    def __next__(self) -> Any:
        if not self._pending:
            raise StopIteration
        future = self._pending.popleft()
        self._push_next()
        try:
            return future.result(self._loader._timeout)
        except FutureTimeoutError:
            if future.done():
                raise  # the timeout of something inside the worker
            memory = (
                "\n- Insufficient shared_memory if `timeout` is large enough. "
                "Please consider reduce `num_workers` or increase shared_memory in system."
            )
            raise _WorkerTimeoutError(
                f"Worker timed out after {self._loader._timeout} seconds. This might be caused by\n"
                "- Slow transform. Please increase timeout to allow slower data loading in each worker."
                + ("" if self._loader._thread_pool else memory)
            ) from None

    def cancel(self) -> None:
        """Drops the batches that nobody has started to make."""
        while self._pending:
            self._pending.popleft().cancel()


def _make_batch_sampler(
    dataset: Any, batch_size: int | None, shuffle: bool, sampler: Any, last_batch: str | None, batch_sampler: Any
) -> Any:
    if batch_sampler is not None:
        if batch_size is not None or shuffle or sampler is not None or last_batch is not None:
            raise ValueError(
                "batch_size, shuffle, sampler and last_batch must not be specified if batch_sampler is specified."
            )
        return batch_sampler
    if batch_size is None:
        raise ValueError("batch_size must be specified unless batch_sampler is specified")
    if sampler is None:
        sampler = (_sampler.RandomSampler if shuffle else _sampler.SequentialSampler)(len(dataset))
    elif shuffle:
        raise ValueError("shuffle must not be specified if sampler is specified")
    return _sampler.BatchSampler(sampler, batch_size, last_batch or "keep")


class DataLoaderV1(DataLoader):
    """``DataLoader`` with the arguments of MXNet's first one."""

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = None,
        shuffle: bool = False,
        sampler: Any = None,
        last_batch: str | None = None,
        batch_sampler: Any = None,
        batchify_fn: Callable[[Sequence[Any]], Any] | None = None,
        num_workers: int = 0,
        pin_memory: bool = False,
        pin_device_id: int = 0,
    ) -> None:
        super().__init__(
            dataset, batch_size, shuffle, sampler, last_batch, batch_sampler, batchify_fn, num_workers, pin_memory,
            pin_device_id,
        )  # fmt: skip
