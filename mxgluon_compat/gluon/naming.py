"""Names of Blocks: prefixes, scopes and counters."""

from __future__ import annotations

import threading
from typing import Any

from .. import name as name_module
from .parameter import ParameterDict

__all__ = ["_BlockScope"]


class _Current(threading.local):
    def __init__(self) -> None:
        self.value: _BlockScope | None = None
        self.entered: list[tuple[_BlockScope | None, name_module.Prefix]] = []  # what each scope entered replaced


class _BlockScope:
    """``with block.name_scope():`` children made inside get the block's prefix and its counters.

    The name and ``_current`` are MXNet's: scripts restart names with them.
    """

    _current = _Current()

    def __init__(self, block: Any) -> None:
        self._block = block
        self._counter: dict[str, int] = {}

    @staticmethod
    def create(prefix: str | None, params: ParameterDict | None, hint: str) -> tuple[str, ParameterDict]:
        """The full prefix and the ParameterDict of a Block that is being made in the current scope."""
        current = _BlockScope._current.value
        if current is None:
            if prefix is None:
                prefix = name_module.current().get(None, hint) + "_"
            return prefix, ParameterDict(prefix) if params is None else ParameterDict(params.prefix, params)
        if prefix is None:
            count = current._counter.get(hint, 0)
            current._counter[hint] = count + 1
            prefix = f"{hint}{count}_"
        if params is None:
            parent = current._block.params
            params = ParameterDict(parent.prefix + prefix, parent._shared)
        else:
            params = ParameterDict(params.prefix, params)
        return current._block.prefix + prefix, params

    def __enter__(self) -> _BlockScope:
        if self._block._empty_prefix:
            return self
        names = name_module.Prefix(self._block.prefix)
        self._current.entered.append((self._current.value, names))
        self._current.value = self
        names.__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        if self._block._empty_prefix:
            return
        self._current.value, names = self._current.entered.pop()
        names.__exit__(*exc)

    def __deepcopy__(self, memo: dict[int, Any]) -> _BlockScope:
        from copy import deepcopy

        copied = _BlockScope(None)
        memo[id(self)] = copied
        copied._block = deepcopy(self._block, memo)
        copied._counter = dict(self._counter)
        return copied
