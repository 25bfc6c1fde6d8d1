"""Attributes that ``with AttrScope(...)`` gives to every symbol made inside."""

from __future__ import annotations

import threading
from typing import Any

from .name import Scoped

__all__ = ["AttrScope"]


class AttrScope(metaclass=Scoped):
    """Attaches attributes (strings) to all symbols made in a ``with`` block; ``AttrScope.current`` is the innermost.

    Raises:
        ValueError: an attribute is not a string.
    """

    _current: _Current

    def __init__(self, **kwargs: str) -> None:
        for value in kwargs.values():
            if not isinstance(value, str):
                raise ValueError("Attributes need to be string")
        self._attr = kwargs
        self._old_scope: AttrScope | None = None

    def get(self, attr: dict[str, str] | None) -> dict[str, str]:
        """The scope's attributes, overridden by ``attr``."""
        if not self._attr:
            return attr or {}
        return {**self._attr, **(attr or {})}

    def __enter__(self) -> AttrScope:
        scopes = AttrScope._current
        self._old_scope = scopes.value
        self._attr = {**scopes.value._attr, **self._attr}
        scopes.value = self
        return self

    def __exit__(self, *_: Any) -> None:
        assert self._old_scope is not None
        AttrScope._current.value = self._old_scope


class _Current(threading.local):
    def __init__(self) -> None:
        self.value = AttrScope()


AttrScope._current = _Current()


def current() -> AttrScope:
    """This thread's innermost scope."""
    return AttrScope._current.value
