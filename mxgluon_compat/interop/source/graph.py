"""The graph of one Block with the graphs of small Blocks put into it, and what is known of its values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from ...base import MXNetError, numpy_dtype
from ...gluon.block import Block
from ...symbol.infer import infer_dtypes, infer_entries
from ...symbol.node import Node, walk
from .capture import Call, Entry, Run, Scope, leaves_of, mapped

__all__ = ["Flat"]


class Flat:
    """One Block's computation: nodes, and calls that stay calls.

    Attributes:
        scope: what it was made of.
        outputs: structure of entries.
        order: nodes and calls, each after what it needs.
        shapes, dtypes: {id(node): of its outputs}.
        owner: {full name of a Parameter: (the Block whose it is, its name there)}.
        names: names for entries.
    """

    def __init__(self, scope: Scope, inlined: Callable[[Block], bool], names: dict[tuple[int, int], str]) -> None:
        self.scope = scope
        self._names = names
        self.names: dict[tuple[int, int], str] = dict(names)
        self.owner: dict[str, tuple[Block, str]] = {}
        self._inlined = inlined
        self._renewed: dict[int, Node] = {}
        self._replaced: dict[str, Entry] = {}
        self._kept: list[Any] = []
        self.calls: list[Call] = []
        self._given_shapes: dict[str, Any] = {}
        self._given_dtypes: dict[str, Any] = {}
        self._own(scope)
        self._take(scope)
        self.outputs = mapped(scope.outputs, self._look)
        self._call_of = {id(node): call for call in self.calls for node, _ in leaves_of(call.results)}
        self.order = self._sorted()
        self._infer()

    def _own(self, scope: Scope) -> None:
        for name, param in scope.block._reg_params.items():
            self.owner.setdefault(param.name, (scope.block, name))
            shape = param.shape
            if shape is not None:
                self._given_shapes[param.name] = tuple(shape)
                self._given_dtypes[param.name] = numpy_dtype(param.data(param.list_ctx()[0])._data.dtype)
        self._given_shapes.update(scope.shapes)
        self._given_dtypes.update({name: numpy_dtype(d) for name, d in scope.dtypes.items()})

    def _take(self, scope: Scope) -> None:
        """Takes over the calls of a scope: those of small Blocks as what they compute."""
        for call in scope.calls:
            args = mapped(call.args, self._look)
            if not self._inlined(call.scope.block):
                self.calls.append(Call(call.scope, args, call.results))
                continue
            self._own(call.scope)
            for inner, outer in zip(leaves_of(call.scope.inputs), leaves_of(args)):
                self._replaced[inner[0].name] = outer
            self._take(call.scope)
            for result, made in zip(leaves_of(call.results), leaves_of(call.scope.outputs)):
                found = self._look(made)
                self._replaced[result[0].name] = found
                hint = self._names.get((id(result[0]), 0))
                if hint:
                    self.names[id(found[0]), found[1]] = hint

    def _look(self, entry: Entry) -> Entry:
        """An entry in the terms of the whole."""
        for node in walk([entry]):
            if id(node) in self._renewed or node.op is None:
                continue
            inputs = [self._found(p) for p in node.inputs]
            made = node
            if any(a is not b for (a, _), (b, _) in zip(inputs, node.inputs)):
                made = Node(node.op, node.name, node.attrs, inputs)
                for i in range(node.count_outputs()):
                    if (id(node), i) in self._names:
                        self.names[id(made), i] = self._names[id(node), i]
            self._renewed[id(node)] = made
            self._kept.append(node)
        return self._found(entry)

    def _found(self, entry: Entry) -> Entry:
        node, i = entry
        if node.op is None:
            return self._replaced.get(node.name, entry)
        return self._renewed.get(id(node), node), i

    def _sorted(self) -> list[Node | Call]:
        """All nodes and calls behind the outputs."""
        order: list[Node | Call] = []
        seen: set[int] = set()
        stack: list[tuple[Any, bool]] = [(e[0], False) for e in reversed(leaves_of(self.outputs))]
        while stack:
            item, done = stack.pop()
            item = self._call_of.get(id(item), item)
            if done:
                order.append(item)
            elif id(item) not in seen:
                seen.add(id(item))
                stack.append((item, True))
                inputs = leaves_of(item.args) if isinstance(item, Call) else item.inputs
                stack += [(child, False) for child, _ in reversed(inputs)]
        return order

    def needed(self) -> list[Entry]:
        """All that leaves the graph: into calls, and as a result."""
        return [*leaves_of(self.outputs), *(e for c in self.order if isinstance(c, Call) for e in leaves_of(c.args))]

    def _infer(self) -> None:
        ends = self.needed()
        dtypes: dict[int, Any] = infer_dtypes(ends, self._given_dtypes)
        self.shapes = infer_entries(ends, self._given_shapes, dtypes)
        self.dtypes: dict[int, list[torch.dtype]] = dtypes
        self._taken_by: dict[int, tuple[Call, int]] = {}  # what a call gets: which, and its place
        for call in self.calls:
            for place, (outer, inner) in enumerate(zip(leaves_of(call.args), leaves_of(call.scope.inputs))):
                known = self.shapes.get(id(outer[0]))
                if known is not None and not known[outer[1]] or known and 0 in (known[outer[1]] or ()):
                    known[outer[1]] = call.scope.shapes.get(inner[0].name)
                self._taken_by.setdefault(id(outer[0]), (call, place))

    def length_of(self, node: Node, axis: int, runs: Callable[[], list[Run]]) -> tuple[str, int] | int | None:
        """What tells the length of a node's result along an axis: (input variable, axis), or always the same number.

        ``runs``: runs of the net on other inputs. None where nothing tells it.
        """
        inputs = [var.name for var, _ in leaves_of(self.scope.inputs)]
        if id(node) in self._taken_by:
            call, place = self._taken_by[id(node)]
            rows: Any = [
                (run.of(self.scope.block, self.scope.number)[0], run.of(call.scope.block, call.scope.number)[0])
                for run in runs()
            ]
            rows = [(own, theirs[place][0][axis]) for own, theirs in rows if len(own) == len(inputs) and theirs]
            if len({length for _, length in rows}) == 1:
                return rows[0][1]
            for i, name in enumerate(inputs):
                for at in range(len(rows[0][0][i][0]) if rows else 0):
                    if all(own[i][0][at] == length for own, length in rows):
                        return name, at
            return None
        wanted = self.shapes[id(node)][0]
        if wanted is None or not wanted[axis]:
            return None
        known = {k: s for k, s in self._given_shapes.items() if k in {*inputs, *self.owner}}
        for name in inputs:
            shape = known.get(name) or ()
            for i, n in enumerate(shape):
                if n != wanted[axis]:
                    continue
                longer = {**known, name: (*shape[:i], n + 1, *shape[i + 1 :])}
                try:
                    found = infer_entries(self.needed(), longer, self.dtypes)[id(node)][0]
                except MXNetError:
                    continue
                if found and found[axis] == n + 1:
                    return name, i
        return None
