"""What each Block of a net computes, seen from the inside: its own operators, and calls of the Blocks in it.

The net's ``forward`` runs once on symbols. Each Block that is called gets variables of its own for its arguments, so
that its graph stands alone; its caller goes on with new variables for what it gave. So the graph of a net falls into
one for each Block, the way that its code is written.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from ... import autograd, ndarray, symbol
from ...base import MXNetError, UnsupportedError
from ...gluon.block import Block, HybridBlock, SymbolBlock
from ...ndarray import NDArray
from ...ndarray.waiting import meta_of
from ...numpy.family import as_mode
from ...symbol import Symbol
from ...symbol.node import Node, walk
from ...symbol.traced import DTYPE, SHAPE, Trace, TracedSymbol

__all__ = ["Call", "Capture", "Entry", "Scope", "mapped", "leaves_of"]

Entry = tuple[Node, int]
_PACKAGE = str(Path(__file__).parents[2])
_NAMED_WELL = tuple(str(Path(_PACKAGE, "gluon", part)) for part in ("model_zoo", "rnn", "contrib", "nn"))


@dataclass
class Scope:
    """One call of a Block, from the inside.

    Attributes:
        block: the Block.
        names: of its arguments.
        inputs: the arguments, each a structure of entries and of values that are no symbols.
        outputs: what it gives, a structure of entries.
        calls: of Blocks in it, in order.
        number: which call of the Block it is.
        shapes: {name of a variable: shape}, as far as known; ``dtypes`` likewise.
    """

    block: Block
    names: list[str]
    inputs: list[Any]
    outputs: Any = None
    calls: list[Call] = field(default_factory=list)
    number: int = 0
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    dtypes: dict[str, Any] = field(default_factory=dict)


@dataclass
class Call:
    """A call of a Block, from the outside: ``args`` and ``results`` are structures of entries of the caller's graph."""

    scope: Scope
    args: list[Any]
    results: Any


def is_entry(x: Any) -> bool:
    """Whether ``x`` is an entry of a graph, (node, number of its output), and no structure of them."""
    return isinstance(x, tuple) and len(x) == 2 and isinstance(x[0], Node)


def mapped(structure: Any, change: Any) -> Any:
    """The structure with ``change(entry)`` in the place of each entry."""
    if is_entry(structure):
        return change(structure)
    if isinstance(structure, (list, tuple)):
        return type(structure)(mapped(part, change) for part in structure)
    return structure


def leaves_of(structure: Any) -> list[Entry]:
    """The entries in order."""
    found: list[Entry] = []
    mapped(structure, found.append)
    return found


Kind = tuple[tuple[int, ...], Any]
"""Shape and dtype of an array."""


class Run:
    """Which arrays every Block got and gave in one run of the net: kinds of the arguments and of the results."""

    def __init__(self) -> None:
        self.calls: dict[int, list[tuple[list[Kind], list[Kind]]]] = {}

    def of(self, block: Block, number: int) -> tuple[list[Kind], list[Kind]]:
        """The arguments and results of one call; nothing where there was no such call."""
        calls = self.calls.get(id(block), [])
        return calls[number] if number < len(calls) else ([], [])


def run_eagerly(block: Block, args: Sequence[Any]) -> Run:
    """One call of the net in predict mode, Block by Block."""
    run = Run()
    changed: list[Block] = []
    active: list[Block] = []

    def watch(part: Block) -> None:
        if "forward" in part.__dict__:
            return
        if part.__dict__.get("_active"):
            part.__dict__["_active"] = False
            active.append(part)

        def forward(*given: Any) -> Any:
            calls = run.calls.setdefault(id(part), [])
            at = len(calls)
            calls.append((_kinds(given), []))
            out = type(part).forward(part, *given)
            calls[at] = (calls[at][0], _kinds(out))
            return out

        part.__dict__["forward"] = forward
        changed.append(part)

    block.apply(watch)
    try:
        with autograd.pause(train_mode=False):
            block(*args)
    finally:
        for part in changed:
            del part.__dict__["forward"]
        for part in active:
            part.__dict__["_active"] = True
    return run


def _kinds(structure: Any) -> list[Kind]:
    return [(tuple(a.shape), a._data.dtype) for a in _arrays(structure)]


class _SourceTrace(Trace):
    """Notes which Blocks read shapes that are no parameter of what is written."""

    def __init__(self, data: Sequence[Symbol], tensors: Sequence[Any], stack: list[Scope]) -> None:
        super().__init__(data, tensors)
        self._stack = stack
        self.reading: dict[int, Block] = {}

    def tell(self, symbol: Symbol, flag: int) -> Any:
        if flag & (SHAPE | DTYPE) and self._stack:
            block = self._stack[-1].block
            if flag & SHAPE:
                self.reading[id(block)] = block
        return super().tell(symbol, flag)


class Capture:
    """Runs a Block on symbols.

    Attributes:
        root: the net's own call.
        scopes: {id(Block): its calls}.
        names: {(id(node), output): the name that the author's code has for it}.
        reading: Blocks whose code reads the shapes of arrays.
    """

    def __init__(self, block: Block, args: Sequence[Any]) -> None:
        self._args = args
        self._runs: list[Run] | None = None
        self.run = run_eagerly(block, args)
        self.scopes: dict[int, list[Scope]] = {}
        self.names: dict[tuple[int, int], str] = {}
        self._by_library: set[tuple[int, int]] = set()  # names that code of this package gave
        self._counts: dict[int, int] = {}
        self._kept: list[Any] = []  # what ids stand for must live
        self._stack: list[Scope] = []
        self._numbers = 0
        self._params = {p.name: p for p in block.collect_params().values()}
        arrays = _arrays(args)
        data = [symbol.var(f"input {i}") for i in range(len(arrays))]
        self._trace = _SourceTrace(data, [meta_of(a) for a in arrays], self._stack)
        given = iter(data)
        symbols = _replaced(list(args), lambda _: as_mode(TracedSymbol(next(given)._outputs)))
        with self._intercepted(block), self._trace, self._named():
            try:
                block(*symbols)
            except UnsupportedError:
                raise
            except Exception as error:
                where = self._failed.block if self._failed is not None else block
                raise UnsupportedError(
                    f"to_torch_source: {type(where).__name__} {where.name!r}",
                    f"its code does not run on symbols ({type(error).__name__}: {error}). Write it as a HybridBlock "
                    "whose hybrid_forward uses F only and does not branch on values (F.where, masks), or write that "
                    "Block as a torch.nn.Module by hand",
                ) from error
        self.root = self.scopes[id(block)][0]
        self.reading = list(self._trace.reading.values())

    _failed: Scope | None = None

    def runs(self) -> list[Run]:
        """This run and others, in which an axis of an input is longer by one, as far as the net takes that."""
        if self._runs is None:
            self._runs = [self.run]
            arrays = _arrays(self._args)
            for i, array in enumerate(arrays):
                for axis in range(array.ndim):
                    row = array.slice_axis(axis=axis, begin=0, end=1)
                    longer = ndarray.concat(array, row, dim=axis)
                    given = iter([*arrays[:i], longer, *arrays[i + 1 :]])
                    args = _replaced(list(self._args), lambda _, given=given: next(given))
                    with contextlib.suppress(MXNetError, ValueError, AssertionError, RuntimeError):
                        self._runs.append(run_eagerly(self.root.block, args))
        return self._runs

    # ------------------------------------------------------------------------------------------ calls
    @contextlib.contextmanager
    def _intercepted(self, root: Block) -> Iterator[None]:
        changed: list[Block] = []

        def change(block: Block) -> None:
            if "forward" not in block.__dict__:
                block.__dict__["forward"] = lambda *args: self._call(block, args)
                changed.append(block)

        root.apply(change)
        try:
            yield
        finally:
            for block in changed:
                del block.__dict__["forward"]

    def _call(self, block: Block, args: Sequence[Any]) -> Any:
        number = self._counts[id(block)] = self._counts.get(id(block), -1) + 1
        scope = Scope(block, _argument_names(block, len(args)), [], number=number)
        inner = []
        seen = iter(self.run.of(block, number)[0])
        for name, arg in zip(scope.names, args):
            if not self._stack and any(s._outputs[0][0].op is not None for s in _symbols(arg)):
                inner.append(arg)  # states that the net itself begins with
                scope.inputs.append(None)
                continue
            inner.append(_replaced(arg, lambda s, name=name: self._variable(s, name, scope, next(seen, None))))
            scope.inputs.append(_entries(inner[-1]))
        if isinstance(block, SymbolBlock):
            self._know_variables(block)
        self._stack.append(scope)
        try:
            out = type(block).forward(block, *inner)
        except Exception:
            self._failed = self._failed or scope
            raise
        finally:
            self._stack.pop()
        scope.outputs = _entries(out)
        self.scopes.setdefault(id(block), []).append(scope)
        if not self._stack:
            return out
        caller = self._stack[-1]
        seen = iter(self.run.of(block, number)[1])
        results = _replaced(out, lambda s: self._variable(s, "result", caller, next(seen, None)))
        caller.calls.append(Call(scope, [_entries(a) for a in args], _entries(results)))
        return results

    def _variable(self, given: Symbol, name: str, scope: Scope, seen: Kind | None) -> Any:
        """A new variable for what a symbol is; ``seen``: shape and dtype of the array that was there."""
        if len(given._outputs) > 1:
            return [self._variable(TracedSymbol([e]), name, scope, None) for e in given._outputs]
        self._numbers += 1
        var = symbol.var(f"{name} {self._numbers}")
        node = var._outputs[0][0]
        self._kept.append(var)
        try:
            shape, dtype = seen or self._trace.tell(given, 0)
        except (ValueError, MXNetError):
            return as_mode(TracedSymbol(var._outputs))
        scope.shapes[node.name], scope.dtypes[node.name] = shape, dtype
        return as_mode(self._trace.know(var, shape, dtype))

    def _know_variables(self, block: SymbolBlock) -> None:
        for node in walk(block._cached_graph[1]._outputs):
            param = self._params.get(node.name) if node.op is None else None
            if param is not None:
                self._trace.know(Symbol([(node, 0)]), param.shape, param.dtype)

    # ------------------------------------------------------------------------------------------ the author's names
    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """While it lasts, notes which local variables of the author's functions hold which symbols."""
        if sys.gettrace() is not None:  # a debugger: what is written has plainer names then
            yield
            return
        sys.settrace(self._enter)
        try:
            yield
        finally:
            sys.settrace(None)

    def _enter(self, frame: FrameType, event: str, arg: Any) -> Any:
        file = frame.f_code.co_filename
        if file.startswith("<") and not file.startswith(("<stdin", "<ipython", "<string")):
            return None
        if file.startswith(_PACKAGE) and not file.startswith(_NAMED_WELL):
            return None
        return self._look

    def _look(self, frame: FrameType, event: str, arg: Any) -> Any:
        is_ours = frame.f_code.co_filename.startswith(_PACKAGE)
        for name, value in frame.f_locals.items():
            if isinstance(value, Symbol) and len(value._outputs) == 1 and name.isidentifier():
                key = id(value._outputs[0][0]), value._outputs[0][1]
                if key not in self.names or (key in self._by_library and not is_ours):
                    self.names[key] = name.strip("_") or "x"
                    self._kept.append(value._outputs[0][0])
                    (self._by_library.add if is_ours else self._by_library.discard)(key)
        return self._look


def _argument_names(block: Block, count: int) -> list[str]:
    """Names of the arguments of a Block's ``forward``."""
    own = (
        type(block).forward is HybridBlock.forward
        or isinstance(block, HybridBlock)
        and (type(block).hybrid_forward is not HybridBlock.hybrid_forward)
    )
    function = type(block).hybrid_forward if own and hasattr(block, "hybrid_forward") else type(block).forward
    if isinstance(block, SymbolBlock):
        return (
            [s.name for s in block._symbol_inputs][:count] if count == len(block._symbol_inputs) else _numbered(count)
        )
    names: list[str] = []
    for p in list(inspect.signature(function).parameters.values())[2 if own else 1 :]:
        if p.kind is p.VAR_POSITIONAL:
            names += [f"{p.name.rstrip('s')}{i}" for i in range(count - len(names))]
        elif p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD):
            names.append(p.name)
    return names[:count] if len(names) >= count else _numbered(count)


def _numbered(count: int) -> list[str]:
    return ["x"] if count == 1 else [f"x{i}" for i in range(count)]


def _arrays(structure: Any) -> list[NDArray]:
    if isinstance(structure, NDArray):
        return [structure]
    return [a for part in structure for a in _arrays(part)] if isinstance(structure, (list, tuple)) else []


def _symbols(structure: Any) -> list[Symbol]:
    found: list[Symbol] = []
    _replaced(structure, found.append)
    return found


def _replaced(structure: Any, change: Any) -> Any:
    """The structure with ``change(x)`` in the place of each array or symbol."""
    if isinstance(structure, (Symbol, NDArray)):
        return change(structure)
    if isinstance(structure, (list, tuple)):
        return type(structure)(_replaced(part, change) for part in structure)
    return structure


def _entries(structure: Any) -> Any:
    """The structure with entries in the place of symbols."""
    return _replaced(structure, lambda s: s._outputs[0] if len(s._outputs) == 1 else list(s._outputs))
