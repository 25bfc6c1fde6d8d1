"""Automatic names of symbols (``convolution0``, ``_plusscalar3``)."""

from __future__ import annotations

import threading
import warnings
from typing import Any

__all__ = ["NameManager", "Prefix", "Scoped"]


class Scoped(type):
    """Metaclass of classes whose innermost object in this thread is ``_current.value``; users see it as ``current``."""

    _current: Any

    @property
    def current(cls) -> Any:
        cls._deprecate()
        return cls._current.value

    @current.setter
    def current(cls, value: Any) -> None:
        cls._deprecate()
        cls._current.value = value

    def _deprecate(cls) -> None:
        warnings.warn(
            f"{cls.__name__}.current has been deprecated. It is advised to use the `with` statement with "
            f"{cls.__name__}.",
            DeprecationWarning,
            stacklevel=3,
        )


class NameManager(metaclass=Scoped):
    """Gives each unnamed symbol the name ``HINT + counter``; ``with NameManager():`` starts new counters."""

    _current: _Current

    def __init__(self) -> None:
        self._counter: dict[str, int] = {}
        self._old_manager: NameManager | None = None

    def get(self, name: str | None, hint: str) -> str:
        """``name`` where there is one, else the next free name for ``hint``."""
        if name:
            return name
        count = self._counter.get(hint, 0)
        self._counter[hint] = count + 1
        return f"{hint}{count}"

    def __enter__(self) -> NameManager:
        self._old_manager = NameManager._current.value
        NameManager._current.value = self
        return self

    def __exit__(self, *_: Any) -> None:
        assert self._old_manager is not None
        NameManager._current.value = self._old_manager


class Prefix(NameManager):
    """A name manager that puts ``prefix`` before every name, given or automatic."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix

    def get(self, name: str | None, hint: str) -> str:
        return self._prefix + super().get(name, hint)


class _Current(threading.local):
    def __init__(self) -> None:
        self.value = NameManager()


NameManager._current = _Current()


def current() -> NameManager:
    """This thread's name manager."""
    return NameManager._current.value
