"""Samplers: the order in which the elements of a dataset are read."""

from __future__ import annotations

from collections.abc import Iterator

from ...data import sampler

__all__ = ["IntervalSampler"]


class IntervalSampler(sampler.Sampler):
    """Indices a fixed interval apart: 0, interval, 2 interval, ...; then from 1 on, and so on.

    Args:
        length: the number of elements.
        interval: the step, from 1 to ``length``.
        rollover: False: only the indices from 0 on; the length stays that of all.

    Raises:
        AssertionError: an interval above ``length``.
    """

    def __init__(self, length: int, interval: int, rollover: bool = True) -> None:
        assert interval <= length, f"Interval {interval} must be smaller than or equal to length {length}"
        self._length = length
        self._interval = interval
        self._rollover = rollover

    def __iter__(self) -> Iterator[int]:
        for start in range(self._interval if self._rollover else 1):
            yield from range(start, self._length, self._interval)

    def __len__(self) -> int:
        return self._length
