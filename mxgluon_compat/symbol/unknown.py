"""Operators that are not in the table: a graph from a file may hold them, and can be looked at, but not run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..base import UnsupportedError
from ..ops.registry import Operator
from ..ops.support import why_missing
from .node import Node, walk
from .symbol import Symbol

__all__ = ["UnknownOperator", "refuse_unknown"]

_MOST_NAMES = 4  # so many nodes of an operator are named
_MOST_OPERATORS = 40


class UnknownOperator(Operator):
    """One use of an operator that is not in the table.

    Args:
        name: its name in the file.
        inputs: how many inputs the node has.
        outputs: how many outputs it has.
        subgraphs: its subgraphs.
    """

    traceable = False

    def __init__(self, name: str, inputs: int, outputs: int, subgraphs: Sequence[Symbol] = ()) -> None:
        names = ["output"] if outputs == 1 else [f"output{i}" for i in range(outputs)]
        super().__init__(name, _nothing, outputs=names, mixed_dtypes=True)
        self.inputs = tuple(f"data{i}" for i in range(inputs))
        self.subgraphs = tuple(subgraphs)
        if len(subgraphs) == 1 and len(inside := subgraphs[0].list_inputs()) == inputs:  # as oneDNN's fused operators
            states = set(subgraphs[0].list_auxiliary_states())
            self.aux = tuple(n for n, of in zip(self.inputs, inside, strict=True) if of in states)

    def parse(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Nothing: what the attributes mean is not known."""
        return {}


def _nothing() -> None:
    raise NotImplementedError("an operator that is not in the table")


def _unknown(nodes: Sequence[Node]) -> Iterator[Node]:
    """The nodes of unknown operators among these and in their subgraphs."""
    for node in nodes:
        if isinstance(node.op, UnknownOperator):
            yield node
        for subgraph in getattr(node.op, "subgraphs", ()):
            yield from _unknown(walk(subgraph._outputs))


def refuse_unknown(nodes: Sequence[Node]) -> None:
    """Whether all operators of these nodes are in the table.

    Raises:
        UnsupportedError: names all that are not, how often they are used, by which nodes, and why they are not there.
    """
    if not any(isinstance(n.op, UnknownOperator) or hasattr(n.op, "subgraphs") for n in nodes):
        return
    found: dict[str, list[str]] = {}
    for node in _unknown(nodes):
        found.setdefault(_short(node.op.name), []).append(_short(node.name))
    if not found:
        return
    chosen = sorted(found)[:_MOST_OPERATORS]
    more = f" and {len(found) - len(chosen)} more" if len(found) > len(chosen) else ""
    listed = ", ".join(f"{op} (x{len(found[op])}: {_some(found[op])})" for op in chosen)
    why: dict[str, list[str]] = {}
    for op in chosen:
        why.setdefault(why_missing(op), []).append(op)
    reasons = "; ".join(f"{', '.join(ops)} - {reason}" for reason, ops in why.items())
    raise UnsupportedError(f"a graph with the operators {listed}{more}", reasons)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_NAMES]) + (", ..." if len(names) > _MOST_NAMES else "")


def _short(text: str) -> str:
    text = text if text.isprintable() else repr(text)
    return text if len(text) <= 80 else text[:77] + "..."
