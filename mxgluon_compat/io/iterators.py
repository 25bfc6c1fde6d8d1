"""Iterators over other iterators."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from .batch import DataBatch, DataDesc, DataIter

__all__ = ["PrefetchingIter", "ResizeIter"]


class ResizeIter(DataIter):
    """Another iterator's batches, as many of them in an epoch as wanted.

    Args:
        data_iter: the other one; it is reset where it ends before.
        size: batches in an epoch.
        reset_internal: reset it at the end of each epoch too.
    """

    def __init__(self, data_iter: DataIter, size: int, reset_internal: bool = True) -> None:
        super().__init__()
        self.data_iter = data_iter
        self.size = size
        self.reset_internal = reset_internal
        self.cur = 0
        self.current_batch: Any = None
        self.provide_data: Any = data_iter.provide_data  # type: ignore[attr-defined]
        self.provide_label: Any = data_iter.provide_label  # type: ignore[attr-defined]
        self.batch_size = data_iter.batch_size
        if hasattr(data_iter, "default_bucket_key"):
            self.default_bucket_key = data_iter.default_bucket_key

    def reset(self) -> None:
        """Starts the next epoch."""
        self.cur = 0
        if self.reset_internal:
            self.data_iter.reset()

    def iter_next(self) -> bool:
        """Goes to the next batch; false where there is none."""
        if self.cur == self.size:
            return False
        try:
            self.current_batch = self.data_iter.next()
        except StopIteration:
            self.data_iter.reset()
            self.current_batch = self.data_iter.next()
        self.cur += 1
        return True

    def getdata(self) -> Any:
        """The current batch's data."""
        return self.current_batch.data

    def getlabel(self) -> Any:
        """The current batch's labels."""
        return self.current_batch.label

    def getindex(self) -> Any:
        """Which examples are in the current batch."""
        return self.current_batch.index

    def getpad(self) -> Any:
        """How many of the last examples only fill the current batch up."""
        return self.current_batch.pad


def _next(iterator: DataIter) -> DataBatch | None:
    """The next batch; None at the end, since a future cannot hold a StopIteration."""
    try:
        return iterator.next()
    except StopIteration:
        return None


Renaming = Sequence[dict[str, str]] | None


class PrefetchingIter(DataIter):
    """Batches that threads fetch ahead from one iterator or several; those of several are put side by side.

    Args:
        iters: an iterator, or a list of them, which must have equally many batches and the same padding.
        rename_data, rename_label: a dict {old name: new name} for each iterator.

    Raises:
        AssertionError: no iterators, or (at the batch) such as do not fit together.
        KeyError: a dict without one of the names.
    """

    def __init__(
        self, iters: DataIter | list[DataIter], rename_data: Renaming = None, rename_label: Renaming = None
    ) -> None:
        super().__init__()
        self.iters: list[Any] = iters if isinstance(iters, list) else [iters]
        self.n_iter = len(self.iters)
        assert self.n_iter > 0, "PrefetchingIter needs at least one iterator"
        self.rename_data = rename_data
        self.rename_label = rename_label
        self.batch_size = self.provide_data[0][1][0]
        self.current_batch: Any = None
        self._threads = [ThreadPoolExecutor(1, "PrefetchingIter") for _ in self.iters]  # one each: in order
        for threads in self._threads:
            weakref.finalize(self, threads.shutdown, wait=False)
        self._fetched: list[Future[DataBatch | None]] = []
        self._fetch()

    def _fetch(self) -> None:
        self._fetched = [
            threads.submit(_next, iterator) for threads, iterator in zip(self._threads, self.iters, strict=True)
        ]

    def _described(self, what: str, names: Renaming) -> list[DataDesc]:
        found: list[DataDesc] = []
        for i, iterator in enumerate(self.iters):
            for desc in getattr(iterator, what):
                if names is None:
                    found.append(desc)
                else:
                    desc = desc if isinstance(desc, DataDesc) else DataDesc(*desc)
                    found.append(DataDesc(names[i][desc.name], desc.shape, desc.dtype))
        return found

    @property
    def provide_data(self) -> list[DataDesc]:
        """Descriptions of a batch's data."""
        return self._described("provide_data", self.rename_data)

    @property
    def provide_label(self) -> list[DataDesc]:
        """Descriptions of a batch's labels."""
        return self._described("provide_label", self.rename_label)

    def reset(self) -> None:
        """Starts the next epoch of all iterators."""
        for fetched in self._fetched:
            fetched.exception()  # waits; what the iterator raised, it may raise again
        for iterator in self.iters:
            iterator.reset()
        self._fetch()

    def iter_next(self) -> bool:
        """Goes to the next batch; false where there is none."""
        batches = [fetched.result() for fetched in self._fetched]
        first = batches[0]
        if first is None:
            assert all(batch is None for batch in batches), "Number of entry mismatches between iterators"
            return False
        assert all(batch is not None for batch in batches), "Number of entry mismatches between iterators"
        assert all(batch.pad == first.pad for batch in batches), "Number of entry mismatches between iterators"  # type: ignore[union-attr]
        self.current_batch = DataBatch(
            [array for batch in batches for array in batch.data],  # type: ignore[union-attr]
            [array for batch in batches for array in batch.label],  # type: ignore[union-attr]
            first.pad,
            first.index,
            provide_data=self.provide_data,
            provide_label=self.provide_label,
        )
        self._fetch()
        return True

    def next(self) -> DataBatch:
        """The next batch.

        Raises:
            StopIteration: there is none.
        """
        if not self.iter_next():
            raise StopIteration
        return self.current_batch

    def getdata(self) -> Any:
        """The current batch's data."""
        return self.current_batch.data

    def getlabel(self) -> Any:
        """The current batch's labels."""
        return self.current_batch.label

    def getindex(self) -> Any:
        """Which examples are in the current batch."""
        return self.current_batch.index

    def getpad(self) -> Any:
        """How many of the last examples only fill the current batch up."""
        return self.current_batch.pad
