"""Shape inference under NumPy's shape semantics: ``()`` and 0 are shapes like others, -1 is an unknown dimension.

Where all inputs of an operator are known, it runs on meta tensors as they are. For the rest the rules of the legacy
semantics are asked (``infer.legacy_entries``), which tell the Parameters' shapes, until they tell nothing new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from ..base import MXNetError
from ..ops.schema import Shape
from .infer import declared_shape, legacy_entries, open_ended, run_on_meta, told_shape
from .node import Node, walk
from .unknown import refuse_unknown

__all__ = ["numpy_entries"]


def numpy_entries(
    outputs: Sequence[tuple[Node, int]],
    given: Mapping[str, Shape | None],
    dtypes: Mapping[int, Sequence[torch.dtype | None]],
) -> dict[int, list[Shape | None]]:
    """See ``infer.infer_entries``; None for a shape of which nothing is known."""
    order = walk(outputs)
    refuse_unknown(order)
    found: dict[int, list[Shape | None]] = {
        id(node): [_merged(given.get(node.name), declared_shape(node))]
        if node.op is None
        else [None] * node.count_outputs()
        for node in order
    }
    left = [node for node in order if node.op is not None]
    while True:
        left = _forward(left, found, dtypes)
        open_ends = [node for node in order if not all(map(_is_whole, found[id(node)]))]
        if not open_ends:
            return found
        told = _told_by_legacy(open_ends, found, dtypes)
        news = {id(n): told[id(n)] for n in open_ends if n.op is None and 0 not in (told[id(n)][0] or (0,))}
        if not news:
            return {**found, **{number: _filled(found[number], legacy) for number, legacy in told.items()}}
        found.update(news)


def _forward(
    nodes: Sequence[Node], found: dict[int, list[Shape | None]], dtypes: Mapping[int, Sequence[torch.dtype | None]]
) -> list[Node]:
    """Completes ``found`` by what follows from whole shapes alone, from the inputs on; the nodes that are left."""
    left = []
    for node in nodes:
        inputs = [found[id(child)][i] for child, i in node.inputs]
        told = told_shape(node) if not node.inputs else ()
        if not all(map(_is_whole, inputs)) or min(told, default=0) < 0 or open_ended(node):
            left.append(node)
            continue
        _check(node, inputs)
        found[id(node)] = run_on_meta(node, inputs, [dtypes[id(child)][i] for child, i in node.inputs])
    return left


def _told_by_legacy(
    open_ends: Sequence[Node],
    found: Mapping[int, Sequence[Shape | None]],
    dtypes: Mapping[int, Sequence[torch.dtype | None]],
) -> dict[int, list[Shape | None]]:
    """What the legacy rules tell of the nodes that are not known, with 0 for unknown; known entries are variables."""
    copies: dict[int, Node] = {}
    ends: dict[tuple[int, int], Node] = {}
    shapes: dict[str, Shape | None] = {}
    kinds: dict[int, Sequence[torch.dtype | None]] = {}

    def end(node: Node, i: int) -> Node:
        if (id(node), i) not in ends:
            made = ends[id(node), i] = Node(None, f"{len(ends)} {node.name}", {})
            shapes[made.name], kinds[id(made)] = _as_legacy(found[id(node)][i]), [dtypes[id(node)][i]]
        return ends[id(node), i]

    def look(pair: tuple[Node, int]) -> tuple[Node, int]:
        node, i = pair
        return (copies[id(node)], i) if id(node) in copies else (end(node, i), 0)

    for node in open_ends:
        if node.op is None:
            copies[id(node)] = end(node, 0)
        else:
            copies[id(node)] = made = Node(node.op, node.name, node.attrs, [look(pair) for pair in node.inputs])
            kinds[id(made)] = dtypes[id(node)]
    told = legacy_entries([(copies[id(node)], 0) for node in open_ends], shapes, kinds)
    return {id(node): told[id(copies[id(node)])] for node in open_ends}


def _check(node: Node, inputs: Sequence[Shape | None]) -> None:
    """Raises MXNetError where the operator has a rule about its inputs' shapes that these break."""
    if all(shape and 0 not in shape for shape in inputs):
        try:
            node.op.complete_shapes(inputs, node.parsed, [None] * node.count_outputs())
        except (ValueError, TypeError, IndexError) as error:
            raise MXNetError(f"Error in operator {node.name} ({node.op.name}): {error}") from None


def _is_whole(shape: Shape | None) -> bool:
    return shape is not None and min(shape, default=0) >= 0


def _merged(shape: Shape | None, declared: Shape | None) -> Shape | None:
    """The shape given for a variable, completed by the one it declares."""
    if shape is None or declared is None or len(shape) != len(declared):
        return declared if shape is None else shape
    return tuple(d if n < 0 else n for n, d in zip(shape, declared, strict=True))


def _as_legacy(shape: Shape | None) -> Shape | None:
    return None if shape is None else tuple(max(n, 0) for n in shape)


def _filled(entries: Sequence[Shape | None], legacy: Sequence[Shape | None]) -> list[Shape | None]:
    """The entries, and what the legacy rules tell of those that are not known."""
    return [
        shape if shape is not None or other is None else tuple(n or -1 for n in other)
        for shape, other in zip(entries, legacy, strict=True)
    ]
