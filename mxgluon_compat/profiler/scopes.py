"""Domains and what programs put into them: tasks, frames, events, counters, markers."""

from __future__ import annotations

from typing import Any

from ..base import MXNetError
from .recording import Event as Recorded
from .recording import Sample, now, this_thread
from .state import state

__all__ = ["Counter", "Domain", "Event", "Frame", "Marker", "Task"]

_SCOPES = {"global": "g", "process": "p", "thread": "t", "task": "t", "marker": "t"}


class Domain:
    """What tasks, frames, counters and markers belong to: a section of the statistics.

    Args:
        name: its name.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return self.name

    def new_task(self, name: str) -> Task:
        """A task of this domain."""
        return Task(self, name)

    def new_frame(self, name: str) -> Frame:
        """A frame of this domain."""
        return Frame(self, name)

    def new_counter(self, name: str, value: int | None = None) -> Counter:
        """A counter of this domain."""
        return Counter(self, name, value)

    def new_marker(self, name: str) -> Marker:
        """A marker of this domain."""
        return Marker(self, name)


class _Span:
    """From ``start()`` to ``stop()``."""

    _category: str
    name: str
    _began: float | None = None

    def start(self) -> None:
        """Begins."""
        self._began = now() if state.recording else None

    def stop(self) -> None:
        """Ends. A second ``stop`` after one ``start`` counts too, as in MXNet."""
        if self._began is not None and state.recording:
            length = now() - self._began
            state.events.append(Recorded(self._category, self.name, self._began, length, this_thread()))

    def __str__(self) -> str:
        return self.name


class Task(_Span):
    """A piece of work; several may overlap, on several threads.

    Args:
        domain: what it belongs to.
        name: its name.
    """

    def __init__(self, domain: Domain, name: str) -> None:
        self._category, self.name = domain.name, name


class Frame(_Span):
    """A pass of a loop.

    Args:
        domain: what it belongs to.
        name: its name.
    """

    def __init__(self, domain: Domain, name: str) -> None:
        self._category, self.name = f"{domain.name},frame", name


class Event(_Span):
    """A piece of work of one thread, in no domain.

    Args:
        name: its name.
    """

    def __init__(self, name: str) -> None:
        self._category, self.name = "event", name


class Counter:
    """A number that changes.

    Args:
        domain: what it belongs to.
        name: its name.
        value: the first; None for none.

    Raises:
        ValueError: ``value`` is no number.
    """

    def __init__(self, domain: Domain, name: str, value: int | None = None) -> None:
        self._category, self.name = domain.name, name
        self._value = 0
        if value is not None:
            self.set_value(value)

    def set_value(self, value: int) -> None:
        """Makes it ``value``."""
        self._value = int(value)
        if state.recording:
            state.samples.append(Sample(self._category, self.name, now(), self._value))

    def increment(self, delta: int = 1) -> None:
        """Adds ``delta``."""
        self.set_value(self._value + int(delta))

    def decrement(self, delta: int = 1) -> None:
        """Takes ``delta`` away."""
        self.set_value(self._value - int(delta))

    def __iadd__(self, delta: int) -> Counter:
        self.increment(delta)
        return self

    def __isub__(self, delta: int) -> Counter:
        self.decrement(delta)
        return self

    def __str__(self) -> str:
        return self.name


class Marker:
    """A moment.

    Args:
        domain: what it belongs to.
        name: its name.
    """

    def __init__(self, domain: Domain, name: str) -> None:
        self.name = name
        self.domain = domain

    def mark(self, scope: Any = "process") -> None:
        """Marks now.

        Args:
            scope: what it is for: ``'global'``, ``'process'``, ``'thread'``, ``'task'`` or ``'marker'``.

        Raises:
            MXNetError: another scope.
        """
        if scope not in _SCOPES:
            valid = ", ".join(f"'{s}'" for s in sorted(_SCOPES))
            raise MXNetError(f"Invalid Input: '{scope}', valid values are: {{{valid}}}")
        if state.recording:
            category = f"{self.domain.name},instant_marker"
            state.marks.append((category, self.name, now(), _SCOPES[scope], this_thread()))
