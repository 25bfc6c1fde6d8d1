"""``mx.engine``: how many operators MXNet's engine runs at once. There is no engine here, so nothing depends on it."""

from __future__ import annotations

import operator
from typing import Any

from .base import missing_attribute

__all__ = ["bulk", "set_bulk_size"]

_size = 0


def set_bulk_size(size: int) -> int:
    """Sets the number, of which nothing here depends; returns the former one, 0 at first.

    Raises:
        TypeError: no integer.
    """
    global _size
    former, _size = _size, operator.index(size)
    return former


class _BulkScope:
    def __init__(self, size: int) -> None:
        self._size = size
        self._old_size: int | None = None

    def __enter__(self) -> _BulkScope:
        self._old_size = set_bulk_size(self._size)
        return self

    def __exit__(self, *_: Any) -> None:
        if self._old_size is not None:
            set_bulk_size(self._old_size)


def bulk(size: int) -> _BulkScope:
    """``with bulk(size):`` sets the number for the block."""
    return _BulkScope(size)


def __getattr__(name: str) -> Any:
    raise missing_attribute(__name__, name)
