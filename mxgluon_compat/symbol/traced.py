"""Symbols of a trace from arrays: they know their shapes and dtypes, and are indexed and written into like arrays.

MXNet's symbols know neither, so there ``hybrid_forward`` works on arrays and stops on symbols. While a Block is traced
from a call with arrays, the symbols are ``TracedSymbol``; what they tell is worked out only when it is asked for, and
noted, since the graph then holds only for inputs like these. Outside of a trace they are symbols like any other.
"""

from __future__ import annotations

import math
import threading
import warnings
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from ..base import UnsupportedError, numeric_types, numpy_dtype, torch_dtype
from ..ops import registry
from ..util import is_np_shape
from .compose import TRACED, create, made
from .infer import infer_dtypes, infer_entries, is_known
from .node import Node, walk
from .symbol import Symbol

__all__ = ["DTYPE", "NDIM", "SHAPE", "Trace", "TracedSymbol", "current_trace"]

NDIM, SHAPE, DTYPE = 1, 2, 4  # what a trace may read of an input; flags

# What these make is a list of parts, of one part too.
_PARTS = frozenset({"SliceChannel", "_split_v2"})
_Entry = tuple[Node, int]


class _Active(threading.local):
    trace: Trace | None = None


_active = _Active()


def current_trace() -> Trace | None:
    """The trace that is going on in this thread."""
    return _active.trace


class Trace:
    """What is known in one trace, and what of its inputs was read.

    Args:
        data: the variables that stand for the inputs.
        tensors: the inputs.

    Attributes:
        reads: the flags of each input.
    """

    def __init__(self, data: Sequence[Symbol], tensors: Sequence[torch.Tensor]) -> None:
        self.reads = [0] * len(data)
        self._places = {id(s._outputs[0][0]): i for i, s in enumerate(data)}
        self._data = list(data)  # what ids stand for must live
        self._known: dict[tuple[int, int], tuple[Node, tuple[int, ...], Any]] = {}
        for symbol, tensor in zip(data, tensors, strict=True):
            node = symbol._outputs[0][0]
            self._known[id(node), 0] = (node, tuple(tensor.shape), tensor.dtype)
        self._loop_variables: dict[int, tuple[Symbol, Symbol, bool]] = {}
        self._outer: tuple[Trace | None, bool] = (None, False)

    def __enter__(self) -> Trace:
        self._outer, _active.trace, made.traced = (_active.trace, made.traced), self, True
        return self

    def __exit__(self, *_: Any) -> None:
        _active.trace, made.traced = self._outer

    def know(self, symbol: Symbol, shape: Sequence[int] | None, dtype: Any) -> TracedSymbol:
        """A variable as a symbol of the trace, with what is known of it."""
        node = symbol._outputs[0][0]
        if shape is not None and is_known(tuple(shape)):
            self._known[id(node), 0] = (node, tuple(shape), torch_dtype(dtype))
        return TracedSymbol(symbol._outputs)

    def loop_variable(self, variable: Symbol, outer: Symbol, is_row: bool) -> TracedSymbol:
        """A loop's variable as a symbol of the trace: like ``outer``, what it is at first, or a row of that."""
        variable = TracedSymbol(variable._outputs)
        self._loop_variables[id(variable._outputs[0][0])] = (variable, outer, is_row)
        return variable

    def was_asked(self, symbol: Symbol) -> bool:
        """Whether the shape or dtype of that symbol is known by now."""
        return self._key(symbol._outputs[0]) in self._known

    def tell(self, symbol: Symbol, flag: int) -> tuple[tuple[int, ...], torch.dtype]:
        """(shape, dtype) of a symbol of one output; notes that the trace depends on it.

        Raises:
            ValueError: they do not follow from the inputs'.
        """
        entry = symbol._outputs[0]
        for node in walk([entry]):
            place = self._places.get(id(node))
            if place is not None:
                self.reads[place] |= flag
            if id(node) in self._loop_variables:
                _, outer, is_row = self._loop_variables[id(node)]
                shape, dtype = self.tell(outer, flag)
                row = shape[1:] if is_np_shape() else shape[1:] or (1,)
                self._known[id(node), 0] = (node, row if is_row else shape, dtype)
        if self._key(entry) not in self._known:
            self._work_out(entry)
        found = self._known.get(self._key(entry))
        if found is None:
            raise ValueError(
                f"the shape of {symbol!r} does not follow from the inputs' shapes in this trace. Please specify "
                "in_units, in_channels, etc. of the layers before it."
            )
        return found[1:]

    @staticmethod
    def _key(entry: _Entry) -> tuple[int, int]:
        return id(entry[0]), entry[1]

    def _work_out(self, entry: _Entry) -> None:
        """Infers shapes and dtypes of all that ``entry`` is made of and that is not known yet."""
        shapes: dict[str, Any] = {}
        dtypes: dict[str, Any] = {}
        cut: dict[int, Node] = {}  # known entries become variables
        ends: dict[tuple[int, int], Node] = {}

        def look(pair: _Entry) -> _Entry:
            known = self._known.get(self._key(pair))
            if known is None:
                return cut[id(pair[0])], pair[1]
            if self._key(pair) not in ends:
                name = f"{len(ends)} {pair[0].name}"
                ends[self._key(pair)] = Node(None, name, {})
                _, shapes[name], dtype = known
                dtypes[name] = numpy_dtype(dtype)
            return ends[self._key(pair)], 0

        new = []
        for node in self._unknown(entry):
            cut[id(node)] = Node(node.op, node.name, node.attrs, [look(p) for p in node.inputs])
            new.append(node)
        target = [(cut[id(entry[0])], entry[1])]
        found_dtypes = infer_dtypes(target, dtypes)
        found_shapes = infer_entries(target, shapes, found_dtypes)
        for node in new:
            copy = cut[id(node)]
            for i, (shape, dtype) in enumerate(zip(found_shapes[id(copy)], found_dtypes[id(copy)], strict=True)):
                if shape is not None and is_known(shape):
                    self._known[id(node), i] = (node, shape, dtype)

    def _unknown(self, entry: _Entry) -> list[Node]:
        """The nodes behind ``entry`` that are not known, inputs before their users."""
        order: list[Node] = []
        seen: set[int] = set()
        stack = [(entry[0], False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack.extend((c, False) for c, i in reversed(node.inputs) if (id(c), i) not in self._known)
        return order


class TracedSymbol(Symbol):
    """A symbol of the trace that is going on in this thread."""

    __slots__ = ("_base", "_views")
    _is_traced = True

    def __init__(self, outputs: Sequence[_Entry]) -> None:
        super().__init__(outputs)
        self._base: tuple[TracedSymbol, Any] | None = None  # what it is a view of, where arrays would share elements
        self._views: list[tuple[weakref.ref[TracedSymbol], Any]] = []

    def _tell(self, what: str, flag: int) -> tuple[tuple[int, ...], torch.dtype]:
        if _active.trace is None:
            raise AttributeError(f"'Symbol' object has no attribute '{what}'")
        if len(self._outputs) != 1:
            raise AttributeError(f"{self!r} has {len(self._outputs)} outputs and no {what}; index it first")
        return _active.trace.tell(self, flag)

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the dimensions; the graph then holds for inputs of these shapes only."""
        return self._tell("shape", SHAPE)[0]

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self._tell("ndim", NDIM)[0])

    @property
    def size(self) -> int:
        """The number of elements; the graph then holds for inputs of these shapes only."""
        return math.prod(self._tell("size", SHAPE)[0])

    @property
    def dtype(self) -> Any:
        """The dtype as a numpy class; the graph then holds for inputs of these dtypes only."""
        return numpy_dtype(self._tell("dtype", DTYPE)[1])

    @property
    def T(self) -> Symbol:  # noqa: N802 - as of arrays
        """With the dimensions in reverse order."""
        self._tell("T", NDIM)
        return _use("transpose", [self], {})

    # ------------------------------------------------------------------------------------------ reading
    def _is_array(self) -> bool:
        """Whether it is indexed as an array; what is cut into parts is indexed by part, however many there are."""
        if _active.trace is None or len(self._outputs) != 1:
            return False
        node = self._outputs[0][0]
        return node.op is None or node.op.name not in _PARTS or node.op.visible_outputs(node.parsed) > 1

    def __len__(self) -> int:
        if not self._is_array():
            return super().__len__()
        self._warn("len()")
        return self.shape[0]

    def __iter__(self) -> Iterator[Symbol]:
        if not self._is_array():
            return super().__iter__()
        self._warn("iteration")
        return (self._view(i) for i in range(self.shape[0]))

    def __getitem__(self, key: Any) -> Symbol:
        if isinstance(key, str) or not self._is_array():
            return super().__getitem__(key)
        if isinstance(key, int) and key == 0:
            self._warn("index 0")
        return self._view(key)

    def _warn(self, what: str) -> None:
        warnings.warn(
            f"{what} of the symbol {self.name!r} goes by the array's rows, hybridized or not; MXNet's hybridized "
            "Blocks take the symbol for a list of outputs, here of one",
            stacklevel=3,
        )

    def _view(self, key: Any) -> TracedSymbol:
        where = self._indices(key)
        return self._as_view(where.read(self), key, where.contiguous)

    def _indices(self, key: Any) -> Indices:
        return Indices(key, self._tell("shape", NDIM)[0])

    def _as_view(self, made: Any, key: Any, contiguous: bool) -> Any:
        """What was read there, noted as a view where arrays would share the elements."""
        if made is not self and contiguous:
            made._base = (self, key)
            self._views.append((weakref.ref(made), key))
        return made

    # ------------------------------------------------------------------------------------------ writing
    def __setitem__(self, key: Any, value: Any) -> None:
        """Writes into a copy, which this symbol then is, and those that share elements with it.

        Raises:
            UnsupportedError: it is an input or a Parameter: a graph cannot write into what is not its own.
        """
        self._become(self._indices(key).write(self, value))

    def _become(self, made: Symbol) -> TracedSymbol:
        if self._base is not None:
            base, key = self._base
            base[key] = made
            return self
        if not self._is_array() or self._outputs[0][0].op is None:
            raise UnsupportedError(
                f"writing into {self!r} in hybrid_forward",
                "a graph cannot write into the Block's inputs and Parameters, and into parts of a whole; write into a "
                "copy, x + 0",
            )
        self._outputs = made._outputs
        self._renew_views()
        return self

    def _renew_views(self) -> None:
        for ref, key in self._views:
            view = ref()
            if view is not None:
                view._outputs = self._indices(key).read(self)._outputs
                view._renew_views()

    def __iadd__(self, other: Any) -> TracedSymbol:  # type: ignore[misc]
        return self._become(self + other)

    def __isub__(self, other: Any) -> TracedSymbol:  # type: ignore[misc]
        return self._become(self - other)

    def __imul__(self, other: Any) -> TracedSymbol:  # type: ignore[misc]
        return self._become(self * other)

    def __itruediv__(self, other: Any) -> TracedSymbol:  # type: ignore[misc]
        return self._become(self / other)


TracedSymbol.__name__ = TracedSymbol.__qualname__ = "Symbol"  # in what users print


TRACED[Symbol] = TracedSymbol


class Indices:
    """An index of numbers, slices, ``None`` and ``...`` as attributes of the operators that read and write.

    Args:
        key: the index.
        shape: of what is indexed.

    Raises:
        IndexError: too many indices, or one that is out of bounds.
        UnsupportedError: something else among them.
    """

    instead = "F.take, F.pick or F.gather_nd"  # of other indices

    def __init__(self, key: Any, shape: Sequence[int]) -> None:
        parts = list(key) if isinstance(key, tuple) else [key]
        for part in parts:
            if isinstance(part, bool) or not (
                part is None or part is ... or isinstance(part, (int, np.integer, slice))
            ):
                raise UnsupportedError(
                    f"indexing a symbol by {type(part).__name__} in hybrid_forward",
                    f"only numbers, slices, None and ... can be written down; use {self.instead}",
                )
        used = sum(part is not None and part is not ... for part in parts)
        if used > len(shape):
            raise IndexError(f"too many indices ({used}) for array with {len(shape)} dimensions")
        if sum(part is ... for part in parts) > 1:
            raise IndexError("Cannot use more than one ellipsis (`...`) for indexing")
        if not any(part is ... for part in parts):
            parts.append(...)
        at = next(i for i, part in enumerate(parts) if part is ...)
        parts[at : at + 1] = [slice(None)] * (len(shape) - used)
        self.parts = tuple(parts)
        self.new = [i for i, part in enumerate(p for p in parts if not _is_number(p)) if part is None]
        whole = [part for part in parts if part is not None]
        self.removed = [axis for axis, part in enumerate(whole) if _is_number(part)]
        self.ndim = len(shape)
        bounds = [_bounds(part, axis, shape[axis]) for axis, part in enumerate(whole)]
        begin, end, step = zip(*bounds, strict=True) if bounds else ((), (), ())
        self.where = {"begin": begin, "end": end, "step": step if any(n is not None for n in step) else ()}
        self.is_whole = all(b == (None, None, None) for b in bounds)
        # Arrays share the elements of what lies in one piece.
        cut = [axis for axis, b in enumerate(bounds) if b != (None, None, None)]
        self.contiguous = (
            not any(step) and all(axis in self.removed for axis in cut[:-1]) and cut == list(range(len(cut)))
        )

    def read(self, symbol: TracedSymbol) -> TracedSymbol:
        """The elements."""
        found = symbol if self.is_whole else _use("slice", [symbol], self.where)
        if self.removed and len(self.removed) == self.ndim:
            found = _use("Reshape", [found], {"shape": (1,)})  # there are no arrays without dimensions
        elif self.removed:
            found = _use("squeeze", [found], {"axis": tuple(self.removed)})
        for axis in self.new[: -1 if len(self.removed) == self.ndim else None]:
            found = _use("expand_dims", [found], {"axis": axis})
        return found

    def write(self, symbol: TracedSymbol, value: Any) -> Symbol:
        """``symbol`` with other elements there: a number, or a symbol that broadcasts."""
        if self.new:
            raise UnsupportedError("writing to an index with None in hybrid_forward", "leave it out")
        if isinstance(value, numeric_types):
            return _use("_slice_assign_scalar", [symbol], {"scalar": float(value), **self.where})
        if not isinstance(value, Symbol):
            raise TypeError(f"a symbol takes numbers and symbols as values, got {type(value)}")
        value = TracedSymbol(value._outputs)
        kept = self.ndim - len(self.removed)
        if value.ndim > max(kept, 1):
            raise ValueError(f"a value of shape {value.shape} does not fit an index of {kept} dimensions")
        if value.dtype is not symbol.dtype:
            value = _use("Cast", [value], {"dtype": np.dtype(symbol.dtype).name})
        for axis in [0] * (kept - value.ndim) + (self.removed if kept else self.removed[1:]):
            value = _use("expand_dims", [value], {"axis": axis})
        value = _use("broadcast_like", [value, _use("slice", [symbol], self.where)], {})
        return _use("_slice_assign", [symbol, value], self.where)


def _is_number(part: Any) -> bool:
    return isinstance(part, (int, np.integer))


def _bounds(part: Any, axis: int, size: int) -> tuple[int | None, int | None, int | None]:
    """begin, end and step of one axis."""
    if isinstance(part, slice):
        begin, end, step = (None if n is None else int(n) for n in (part.start, part.stop, part.step))
        return begin, end, step
    index = int(part)
    if not -size <= index < size:
        raise IndexError(f"index {index} is out of bounds for axis {axis} with size {size}")
    return index, None if index == -1 else index + 1, None


def _use(name: str, inputs: Sequence[Symbol], attrs: dict[str, Any]) -> Any:
    return create(registry.get(name), inputs, attrs, None, None, name.lower(), family=inputs[0]._family)
