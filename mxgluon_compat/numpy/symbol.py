"""Symbols of NumPy semantics: what functions of ``mx.sym.np`` and ``mx.sym.npx`` make and take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..ops import registry
from ..symbol import Symbol
from ..symbol.compose import TRACED, create

__all__ = ["part_of"]


class _Symbol(Symbol):
    """One or several outputs of a graph, with the semantics of ``mx.np.ndarray``.

    Operators with several outputs give a list of symbols; several outputs in one symbol are a group
    (``Group(symbols, _Symbol)``), whose parts are had by index.
    """

    __slots__ = ()

    def as_np_ndarray(self) -> _Symbol:
        """This symbol: it is of mx.np already."""
        return self

    def as_nd_ndarray(self) -> Symbol:
        """The same outputs with the semantics of ``mx.sym``."""
        return _of_family(self, Symbol)

    # ------------------------------------------------------------------------------------------ names and parts
    @property
    def name(self) -> str | None:
        """Name of the node.

        Raises:
            AttributeError: of a group.
        """
        name = self._own_name()
        if name is None:
            raise AttributeError(
                f"This is a Group Symbol that contains {len(self._outputs)} elements and does not have a name. Use "
                "str(sym) to print the name of all the elements instead."
            )
        return name

    @property
    def num_outputs(self) -> int:
        """The number of outputs: more than 1 for a group."""
        return len(self._outputs)

    def __repr__(self) -> str:
        if len(self._outputs) > 1:
            return f"<_Symbol group [{', '.join(f'<_Symbol {node.name}>' for node, _ in self._outputs)}]>"
        return f"<_Symbol {self._outputs[0][0].name}>"

    def __len__(self) -> int:
        if len(self._outputs) == 1:
            raise TypeError(f"{self!r} is not a list and does not support len().")
        return len(self._outputs)

    def __iter__(self) -> Iterator[_Symbol]:
        if len(self._outputs) == 1:
            raise TypeError(f"'{self!r}' is not iterable.")
        return iter(self._parts())

    def _parts(self) -> list[Any]:
        return [type(self)([pair]) for pair in self._outputs]

    def __getitem__(self, key: Any) -> Any:
        """Of a group the part at an index, or a group of those in a slice; else the elements at ``key``.

        Args:
            key: number, slice, or a tuple of them; each number takes its dimension away.

        Raises:
            IndexError: something else; the group has no such part.
            TypeError: no index of a group, an empty slice of one.
        """
        if len(self._outputs) == 1:
            return part_of(self, key)
        if isinstance(key, slice):
            chosen = self._outputs[key]
            if not chosen:
                raise TypeError(f"{key} selects none of the {len(self._outputs)} parts of {self!r}")
            return type(self)(chosen)
        if not isinstance(key, (int, np.integer)):
            raise TypeError(f"indices of symbol group must be integers or slices, not {type(key)}")
        return self._parts()[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        raise NotImplementedError("a graph cannot write into a symbol")

    def __itruediv__(self, other: Any) -> Any:  # type: ignore[misc]
        raise NotImplementedError("a graph cannot write into a symbol: x = x / y makes another one")

    __idiv__ = __itruediv__

    def get_internals(self) -> Symbol:
        """A group, as of ``mx.sym``, of every output of every node."""
        return self.as_nd_ndarray().get_internals()

    def get_children(self) -> Symbol | None:
        """A group, as of ``mx.sym``, of the inputs of this symbol's nodes; None for a variable."""
        return self.as_nd_ndarray().get_children()

    def __reduce__(self) -> tuple[Any, ...]:
        load, arguments = self.as_nd_ndarray().__reduce__()
        return _loaded, (load, *arguments)  # MXNet's own come back with the semantics of mx.sym


_Symbol._family = _Symbol


def _loaded(load: Any, text: str) -> Any:
    return load(text).as_np_ndarray()


def _of_family(symbol: Symbol, family: type[Symbol]) -> Any:
    return (TRACED[family] if symbol._is_traced else family)(symbol._outputs)


def _as_np_ndarray(self: Symbol) -> _Symbol:
    """The same outputs with the semantics of ``mx.np``."""
    return _of_family(self, _Symbol)


Symbol.as_np_ndarray = _as_np_ndarray  # type: ignore[method-assign]  # it stands on this class, which stands on Symbol


# ---------------------------------------------------------------------------------------------- indexing
def use(name: str, symbol: Symbol, attrs: dict[str, Any], hint: str | None = None) -> Any:
    """An operator of one input on a symbol of mx.np."""
    return create(registry.get(name), [symbol], attrs, None, None, hint or name, family=_Symbol)


def part_of(symbol: _Symbol, key: Any) -> Any:
    """The elements at ``key`` (number, slice, or a tuple of them), in the operators that MXNet has for it.

    Raises:
        IndexError: something else.
    """
    if isinstance(key, (int, np.integer)):
        # MXNet's own ends at 0 where the last one is wanted, and fails when it runs.
        row = use("slice", symbol, {"begin": [key], "end": [None if key == -1 else key + 1]})
        return use("_npx_reshape", row, {"newshape": (-3, -4)}, "reshape")
    if isinstance(key, slice):
        if key.step == 0:
            raise ValueError("slice step cannot be zero")
        begin, end = ([None] if n is None else n for n in (key.start, key.stop))
        return use("slice", symbol, {"begin": begin, "end": end, "step": key.step})
    if not isinstance(key, tuple) or not all(isinstance(part, (int, np.integer, slice)) for part in key):
        raise IndexError(f"Only integer, slice, or tuple of these types are supported! Received key={key}")
    return sliced(symbol, key) if key else symbol


def sliced(symbol: _Symbol, parts: Sequence[Any]) -> Any:
    """The elements at numbers and slices, one for each of the first dimensions; None puts in a dimension of 1."""
    bounds = [_bounds(part) for part in parts if part is not None]
    if bounds:
        begin, end, step = (list(each) for each in zip(*bounds, strict=True))
        newshape = [-2 if isinstance(part, slice) else -3 for part in parts if part is not None]
        symbol = use("slice", symbol, {"begin": begin, "end": end, "step": step})
        symbol = use("_npx_reshape", symbol, {"newshape": (*newshape, -4)}, "reshape")
    kept = [part for part in parts if part is None or isinstance(part, slice)]
    for axis, part in enumerate(kept):
        if part is None:
            symbol = use("expand_dims", symbol, {"axis": axis})
    return symbol


def _bounds(part: Any) -> tuple[Any, Any, Any]:
    if isinstance(part, slice):
        if part.step == 0:
            raise ValueError("slice step cannot be zero")
        return part.start, part.stop, part.step
    return (part, part - 1, -1) if part == -1 else (part, part + 1, 1)
