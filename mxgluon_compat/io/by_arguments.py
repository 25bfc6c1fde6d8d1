"""Iterators that MXNet wrote in C++: what they share.

Their arguments are keywords whose values may be strings. A *source* gives rows; ``Batches`` makes batches of them by
MXNet's rules for the last one; ``Ahead`` has a thread prepare some; ``MXDataIter`` is the iterator over all that.
"""

from __future__ import annotations

import inspect
import warnings
import weakref
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol, get_type_hints

import numpy as np

from ..base import MXNetError
from ..ndarray import NDArray
from ..ops.schema import attribute_kind
from .batch import DataBatch, DataDesc, DataIter

__all__ = ["Ahead", "Batch", "Batches", "MXDataIter", "Source", "by_arguments"]


# ---------------------------------------------------------------------------------------------- arguments


def by_arguments(make: Callable[..., Ahead], arguments: Callable[..., Any] | None = None) -> Callable[..., MXDataIter]:
    """An iterator's function of MXNet's signature from one whose keywords' annotations say how they are read.

    Args:
        make: gives what prepares the batches.
        arguments: the function whose keywords to take; default ``make``.

    Raises (the function made):
        TypeError: an argument without a keyword.
        MXNetError: one that is missing, or cannot be read.
    """
    arguments = arguments or make
    hints = get_type_hints(arguments)
    kinds = {}
    for name, parameter in inspect.signature(arguments).parameters.items():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            required = parameter.default is inspect.Parameter.empty
            kinds[name] = attribute_kind(name, hints[name], required, parameter.default)
    kinds["data_name"] = attribute_kind("data_name", str, False, "data")
    kinds["label_name"] = attribute_kind("label_name", str, False, "softmax_label")
    title = make.__name__

    def iterator(*args: Any, **kwargs: Any) -> MXDataIter:
        if args:
            raise TypeError(f"{title} can only accept keyword arguments")
        given = {}
        for name, kind in kinds.items():
            if name not in kwargs:
                if kind.required:
                    raise MXNetError(f"{title}: Required parameter {name} of {kind.kind} is not presented")
                given[name] = kind.default
                continue
            try:
                given[name] = kind.parse(kwargs[name])
            except (ValueError, TypeError):
                expected = f"one of {', '.join(kind.choices)}" if kind.choices else kind.kind
                raise MXNetError(
                    f"{title}: Invalid Parameter format for {name} expect {expected} but value={kwargs[name]!r}"
                ) from None
        unknown = [name for name in kwargs if name not in kinds]
        if unknown:
            warnings.warn(
                f"{title} has no argument {', '.join(unknown)}: it changes nothing, as in MXNet", stacklevel=2
            )
        names = {name: given.pop(name) for name in ("data_name", "label_name")}
        _check(title, given)
        return MXDataIter(make(**given), **names)

    iterator.__name__ = iterator.__qualname__ = title
    iterator.__module__ = make.__module__
    iterator.__doc__ = make.__doc__
    return iterator


def _check(title: str, given: dict[str, Any]) -> None:
    """Raises MXNetError: numbers that cannot be."""
    at_least = {"batch_size": 1, "prefetch_buffer": 0, "num_parts": 1, "part_index": 0, "preprocess_threads": 1,
                "label_width": -1, "shuffle_chunk_size": 0}  # fmt: skip
    for name, least in at_least.items():
        if name in given and given[name] < least:
            raise MXNetError(f"{title}: {name} must be at least {least}, got {given[name]}")
    if given.get("part_index", 0) >= given.get("num_parts", 1):
        raise MXNetError(
            f"{title}: part_index must be less than num_parts, got {given['part_index']} of {given['num_parts']}"
        )
    if any(size < 1 for size in given.get("data_shape", ())):
        raise MXNetError(f"{title}: data_shape must be of positive numbers, got {given['data_shape']}")


# ---------------------------------------------------------------------------------------------- batches
class Batch(NamedTuple):
    """One batch: data and label, how many of its last examples only fill it up, and the numbers of all."""

    data: NDArray
    label: NDArray
    pad: int
    index: np.ndarray | None  # type: ignore[assignment]  # MXNet's word, and one of tuple's methods


class Source(Protocol):
    """Examples, one after the other."""

    def restart(self) -> None:
        """Goes to the beginning."""

    def take(self, count: int) -> list[Any]:
        """The next examples, fewer than ``count`` at the end; whatever ``batch`` understands."""

    def batch(self, examples: list[Any], missing: int, pad: int) -> Batch:
        """The batch of these and ``missing`` more that are not there; ``pad`` is what it says of itself."""


class Batches:
    """A source's batches.

    Args:
        source: of the examples.
        batch_size: how many make one.
        round_batch: fill the last one up from the beginning, and begin the next epoch behind what that took; otherwise
            it stays unfilled.
        name: of the source, for errors.
    """

    def __init__(self, source: Source, batch_size: int, round_batch: bool, name: str) -> None:
        self.source = source
        self._size = batch_size
        self._round = round_batch
        self._name = name
        self._over = False  # the epoch ended with a batch that took from the next one

    def restart(self, ended: bool) -> None:
        """Goes to the next epoch; ``ended`` says whether the last one was read to its end."""
        if not (ended and self._over):
            self.source.restart()
        self._over = False

    def next(self) -> Batch | None:
        """The next batch; None at the end of the epoch."""
        if self._over:
            return None
        examples = self.source.take(self._size)
        missing = self._size - len(examples)
        if not examples:
            return None
        if not missing:
            return self.source.batch(examples, 0, 0)
        if not self._round:
            return self.source.batch(examples, missing, missing)
        self.source.restart()
        more = self.source.take(missing)
        if len(more) < missing:
            raise MXNetError(
                f"{self._name}: there are {len(more)} examples, fewer than batch_size={self._size} needs to be filled "
                "up: take a smaller batch_size, or round_batch=False"
            )
        self._over = True
        return self.source.batch(examples + more, 0, missing)


class Whole:
    """A source's batches, the last one left out where it is not full."""

    def __init__(self, source: Source, batch_size: int) -> None:
        self.source = source
        self._size = batch_size

    def restart(self, ended: bool) -> None:
        """Goes to the next epoch."""
        self.source.restart()

    def next(self) -> Batch | None:
        """The next batch; None at the end of the epoch."""
        examples = self.source.take(self._size)
        return self.source.batch(examples, 0, 0) if len(examples) == self._size else None


class Ahead:
    """Batches that a thread prepares ahead.

    Args:
        batches: ``Batches`` or ``Whole``.
        count: how many to prepare ahead; 0 for none, and no thread.
    """

    def __init__(self, batches: Batches | Whole, count: int) -> None:
        self._batches = batches
        self._count = count
        self._thread: ThreadPoolExecutor | None = None
        self._coming: deque[Future[Batch | None]] = deque()
        self._ended = False
        if count:
            self._thread = ThreadPoolExecutor(1, "mx.io")
            weakref.finalize(self, self._thread.shutdown, wait=False, cancel_futures=True)

    def restart(self) -> None:
        """Goes to the next epoch."""
        for future in self._coming:
            future.cancel()
        for future in self._coming:
            if not future.cancelled():
                future.exception()  # waits
        self._coming.clear()
        self._batches.restart(self._ended)
        self._ended = False

    def next(self) -> Batch | None:
        """The next batch; None at the end of the epoch."""
        if self._ended:
            return None
        if self._thread is None:
            found = self._batches.next()
        else:
            while len(self._coming) <= self._count:
                self._coming.append(self._thread.submit(self._batches.next))
            found = self._coming.popleft().result()
        self._ended = found is None
        return found


class MXDataIter(DataIter):
    """An iterator made from keyword arguments: ``CSVIter``, ``ImageRecordIter``, ...

    Args:
        handle: what prepares the batches.
        data_name, label_name: names in ``provide_data`` and ``provide_label``.

    Raises:
        MXNetError: there is no batch.
    """

    def __init__(self, handle: Ahead, data_name: str = "data", label_name: str = "softmax_label", **_: Any) -> None:
        super().__init__()
        self.handle = handle
        self._debug_skip_load = False
        self._debug_at_begin = True
        self._current: Batch | None = None
        self.first_batch: DataBatch | None = None
        if not self._advance():
            raise MXNetError("there is not one batch of examples: the file or this part of it holds too few")
        self.first_batch = self._batch()
        data, label = self._now.data, self._now.label
        self.provide_data = [DataDesc(data_name, data.shape, data.dtype)]
        self.provide_label = [DataDesc(label_name, label.shape, label.dtype)]
        self.batch_size = data.shape[0]

    @property
    def _now(self) -> Batch:
        assert self._current is not None, "there is no current batch"
        return self._current

    def _advance(self) -> bool:
        found = self.handle.next()
        if found is None:
            return False
        self._current = found
        return True

    def _batch(self) -> DataBatch:
        return DataBatch([self.getdata()], [self.getlabel()], pad=self.getpad(), index=self.getindex())

    def debug_skip_load(self) -> None:
        """From now on gives the first batch again and again: for measuring what is not reading."""
        self._debug_skip_load = True

    def reset(self) -> None:
        """Starts the next epoch."""
        self._debug_at_begin = True
        self.first_batch = None
        self.handle.restart()

    def next(self) -> DataBatch:
        """The next batch.

        Raises:
            StopIteration: there is none.
            MXNetError: the file is damaged, or does not fit the arguments.
        """
        if self._debug_skip_load and not self._debug_at_begin:
            return self._batch()
        if self.first_batch is not None:
            batch, self.first_batch = self.first_batch, None
            return batch
        self._debug_at_begin = False
        if not self._advance():
            raise StopIteration
        return self._batch()

    def iter_next(self) -> bool:
        """Goes to the next batch; false where there is none."""
        if self.first_batch is not None:
            return True
        return self._advance()

    def getdata(self) -> NDArray:
        """The current batch's data: one array, not a list."""
        return self._now.data

    def getlabel(self) -> NDArray:
        """The current batch's labels: one array."""
        return self._now.label

    def getindex(self) -> np.ndarray | None:
        """The numbers of the examples in the current batch, uint64."""
        return self._now.index

    def getpad(self) -> int:
        """How many of the last examples only fill the current batch up."""
        return self._now.pad
