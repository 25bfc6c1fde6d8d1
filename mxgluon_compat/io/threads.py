"""Threads that prepare the examples of a batch, and the order in which they draw."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from .parts import Part, Taken

__all__ = ["Threads", "Turns", "WholeReads"]

T = TypeVar("T")


class Threads:
    """Threads that do something with each of a batch's examples.

    Args:
        count: how many; no more are made than there are processors.
    """

    def __init__(self, count: int) -> None:
        self.count = max(1, min(count, os.cpu_count() or 1))
        self._pool = ThreadPoolExecutor(self.count, "mx.io decode") if self.count > 1 else None
        if self._pool is not None:
            weakref.finalize(self, self._pool.shutdown, wait=False, cancel_futures=True)

    def each(self, function: Any, items: list[Any]) -> None:
        """Calls the function with (place, item) of each."""
        if self._pool is None:
            for place, item in enumerate(items):
                function(place, item)
            return
        # Not ``map``: that cancels what is left where one fails, and others would wait for a turn that never comes.
        for future in [self._pool.submit(function, place, item) for place, item in enumerate(items)]:
            future.result()


class Turns:
    """Lets threads that work on the examples of a batch do one thing in the order of the examples."""

    def __init__(self) -> None:
        self._next = 0
        self._changed = threading.Condition()

    @contextmanager
    def after(self, place: int, first: Callable[[], T]) -> Iterator[T]:
        """Calls ``first`` at once, and gives what it returns when those before are done; each place has to come, once,
        also where ``first`` fails."""
        try:
            found = first()
            self._wait(place)
            yield found
        except BaseException:
            self._wait(place)
            raise
        finally:
            with self._changed:
                self._next += 1
                self._changed.notify_all()

    def _wait(self, place: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._next == place)


class WholeReads(Generic[T]):
    """What is made of records that are taken in another order than the file's, made in the file's: of all records that
    MXNet reads at a time, and so draws for, when the first of them is taken.

    Args:
        part: of the records.
        threads: to make it with.
        make: of (offset, content, turns, place).
    """

    def __init__(self, part: Part, threads: Threads, make: Callable[[int, bytes, Turns, int], T]) -> None:
        self._part, self._threads, self._make = part, threads, make
        self._read: list[int] = []
        self._made: list[Any] = []

    def __call__(self, taken: Taken) -> T:
        """That of a record."""
        if self._read is not taken.read:
            records, turns = self._part.records(taken.read), Turns()
            self._read, self._made = taken.read, [None] * len(records)

            def make(place: int, record: tuple[int, bytes]) -> None:
                self._made[place] = self._make(*record, turns, place)

            self._threads.each(make, records)
        return self._made[taken.place]
