"""The loader: reads samples, stacks them into batches, in this process or in worker processes or threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from multiprocessing.pool import ThreadPool  # noqa: F401 - programs take multiprocessing.pool for imported
from multiprocessing.reduction import ForkingPickler  # noqa: F401
from typing import Any

from ... import context  # noqa: F401
from ... import ndarray as nd  # noqa: F401
from ...context import cpu_pinned
from ...util import is_np_array, is_np_shape, set_np  # noqa: F401
from . import sampler as _sampler

# Programs import these names from here.
from .batches import (
    _as_in_context,
    default_batchify_fn,
    default_mp_batchify_fn,
    rebuild_ndarray,  # noqa: F401
    reduce_ndarray,  # noqa: F401
)
from .queues import (  # noqa: F401
    ConnectionWrapper,
    Queue,
    SimpleQueue,
    _MultiWorkerIterV1,
    fetcher_loop_v1,
    worker_loop_v1,
)
from .workers import (
    WorkerPool,
    _MultiWorkerIter,
    _thread_worker_fn,
    _thread_worker_initializer,  # noqa: F401
    _worker_fn,
    _worker_initializer,  # noqa: F401
    read_batch,
)

__all__ = ["DataLoader", "DataLoaderV1"]


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

    _worker_pool: Any = None

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
            self._worker_pool = WorkerPool(self._num_workers, dataset, batchify_fn, thread_pool)
        self.auto_reload = auto_reload
        self._iter: _MultiWorkerIter | None = None
        if auto_reload:
            self.refresh()

    def __iter__(self) -> Iterator[Any]:
        if self._worker_pool is None:
            for samples in self._batch_sampler:
                batch = read_batch(self._dataset, samples, self._batchify_fn)
                yield _as_in_context(batch, cpu_pinned(self._pin_device_id)) if self._pin_memory else batch
            return
        batches, self._iter = self._iter or self._prefetch_iter(), None
        try:
            yield from batches
        finally:
            batches.cancel()
        if self.auto_reload:
            self.refresh()

    def _prefetch_iter(self) -> _MultiWorkerIter:
        """The batches of an epoch, which the workers begin to make."""
        return _MultiWorkerIter(
            self._worker_pool,
            self._batchify_fn,
            self._batch_sampler,
            self._pin_memory,
            self._pin_device_id,
            worker_fn=_thread_worker_fn if self._thread_pool else _worker_fn,
            prefetch=self._prefetch,
            dataset=self._dataset if self._thread_pool else None,
            timeout=self._timeout,
        )

    def __len__(self) -> int:
        return len(self._batch_sampler)

    def __del__(self) -> None:
        if self._worker_pool is not None:
            self._worker_pool.terminate()

    def refresh(self) -> None:
        """Lets the workers start on the batches of the next epoch."""
        self.clean()
        if self._worker_pool is not None:
            self._iter = self._prefetch_iter()

    def clean(self) -> None:
        """Drops the batches that were made ahead by ``refresh``."""
        if self._iter is not None:
            self._iter.cancel()
        self._iter = None


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
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}")
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
