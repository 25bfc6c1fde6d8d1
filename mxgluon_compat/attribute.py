"""Attributes that ``with AttrScope(...)`` gives to every symbol made inside."""

from __future__ import annotations

import threading
from typing import Any

__all__ = ["AttrScope"]


class AttrScope:
    """Attaches attributes (strings) to all symbols made in a ``with`` block.

    Raises:
        ValueError: an attribute is not a string.
    """

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
        self._old_scope = _current.value
        self._attr = {**_current.value._attr, **self._attr}
        _current.value = self
        return self

    def __exit__(self, *_: Any) -> None:
        assert self._old_scope is not None
        _current.value = self._old_scope


class _Current(threading.local):
    def __init__(self) -> None:
        self.value = AttrScope()


_current = _Current()


def current() -> AttrScope:
    """This thread's innermost scope."""
    return _current.value
