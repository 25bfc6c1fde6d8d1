"""Graphs as they are for predictions: without labels, and with the ones of ``fix_gamma`` written down."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from ... import symbol as sym
from ...base import UnsupportedError
from ...ndarray import NDArray, ones_like
from ...symbol import Symbol
from ...symbol.infer import infer_entries, settled, unsettled_nodes
from ...symbol.node import Node, walk
from .. import sizes

__all__ = ["inference_graph", "labels", "with_sizes"]

_Entry = tuple[Node, int]
# Operators that are an output and a loss in one; their second input is the label.
_HEADS = {
    "SoftmaxOutput": None,
    "LinearRegressionOutput": sym.identity,
    "LogisticRegressionOutput": sym.sigmoid,
    "MAERegressionOutput": sym.identity,
    "SVMOutput": sym.identity,
}


def _given(node: Node) -> dict[str, Any]:
    """The node's attributes, with what they are by default."""
    return {**node.op.defaults, **node.parsed}


def labels(graph: Symbol) -> list[str]:
    """Names of the inputs that only losses read, as labels."""
    as_label: set[str] = set()
    else_used = {node.name for node, _ in graph._outputs if node.op is None}
    for node in walk(graph._outputs):
        for place, (child, _) in enumerate(node.inputs):
            is_label = node.op is not None and node.op.name in _HEADS and place == 1
            (as_label if is_label else else_used).add(child.name)
    return [name for name in graph.list_inputs() if name in as_label - else_used]


def inference_graph(
    graph: Symbol, params: Mapping[str, NDArray], shapes: Mapping[str, tuple[int, ...]]
) -> tuple[Symbol, dict[str, NDArray]]:
    """The graph and its parameters for predictions; the names of outputs stay.

    Args:
        graph: the graph.
        params: its parameters and auxiliary states.
        shapes: of its data inputs.

    Returns:
        The graph, in which heads such as SoftmaxOutput are what they compute, without a label; the parameters, in
        which gammas of BatchNorm with ``fix_gamma`` are ones.
    """
    params = dict(params)
    ranks = _ranks_under_softmax(graph, shapes, params)
    renewed: dict[int, _Entry | Node] = {}

    def look(entry: _Entry) -> _Entry:
        found = renewed.get(id(entry[0]), entry[0])
        return found if isinstance(found, tuple) else (found, entry[1])

    for node in walk(graph._outputs):
        if node.op is None:
            continue
        if node.op.name in _HEADS:
            renewed[id(node)] = _head(node, Symbol([look(node.inputs[0])]), ranks)._outputs[0]
            continue
        inputs = tuple(look(entry) for entry in node.inputs)
        attrs = node.attrs
        if _given(node).get("fix_gamma"):
            gamma = inputs[1][0].name
            if gamma in params:
                params[gamma] = ones_like(params[gamma])
                attrs = {**attrs, "fix_gamma": "False"}
        if inputs != node.inputs or attrs is not node.attrs:
            renewed[id(node)] = Node(node.op, node.name, attrs, inputs)
    return Symbol([look(entry) for entry in graph._outputs]), params


def _ranks_under_softmax(
    graph: Symbol, shapes: Mapping[str, tuple[int, ...]], params: Mapping[str, NDArray]
) -> dict[int, int]:
    """{id of a SoftmaxOutput: how many axes its data has}."""
    found = {}
    for node in walk(graph._outputs):
        if node.op is not None and node.op.name == "SoftmaxOutput":
            data = Symbol([node.inputs[0]])
            names = set(data.list_inputs())
            known = {**{k: v.shape for k, v in params.items()}, **shapes}
            found[id(node)] = len(data.infer_shape_partial(**{k: v for k, v in known.items() if k in names})[1][0])
    return found


def _head(node: Node, data: Symbol, ranks: Mapping[int, int]) -> Symbol:
    make = _HEADS[node.op.name]
    if make is not None:
        return make(data, name=node.name)
    given = _given(node)
    if given["multi_output"]:
        return sym.softmax(data, axis=1, name=node.name)
    if given["preserve_shape"] or ranks[id(node)] == 2:
        return sym.softmax(data, axis=-1, name=node.name)
    flat = sym.softmax(sym.Flatten(data, name=f"{node.name}_flatten"), axis=-1, name=f"{node.name}_softmax")
    return sym.reshape_like(flat, data, name=node.name)


def with_sizes(graph: Symbol, probes: Sequence[Mapping[str, tuple[int, ...]]], inputs: Sequence[str]) -> Symbol:
    """The graph, in which arrays whose length its use tells (``zeros((0, 5))``) are made as long as the data.

    Args:
        graph: the graph.
        probes: shapes of all its variables, for data of several sizes.
        inputs: names of the data.

    Raises:
        UnsupportedError: an array whose length is none of the data's, or which nothing tells.
    """
    unsettled = unsettled_nodes(graph)
    if not unsettled or len(probes) == 1:
        return settled(graph, probes[0])
    found = [infer_entries(graph._outputs, shapes) for shapes in probes]
    order = walk(graph._outputs)
    data = [n for n in order if n.op is None and n.name in inputs]
    sources = [(Symbol([(n, 0)]), [probe[n.name] for probe in probes]) for n in data]
    renewed: dict[int, Node] = {}
    for node in order:
        if id(node) in unsettled:
            renewed[id(node)] = _made_as_long(node, [entries[id(node)][0] for entries in found], sources)
        elif any(id(child) in renewed for child, _ in node.inputs):
            inputs_now = tuple((renewed.get(id(child), child), i) for child, i in node.inputs)
            renewed[id(node)] = Node(node.op, node.name, node.attrs, inputs_now)
    return Symbol([(renewed.get(id(node), node), i) for node, i in graph._outputs])


_VALUES = {"_zeros": 0, "_ones": 1}


def _made_as_long(node: Node, inferred: Sequence[tuple[int, ...] | None], sources: Sequence[sizes.Source]) -> Node:
    given = _given(node)
    dtype = given.get("dtype") or "float32"
    what = f"export_model(dynamic=True) of a graph with {node.name} ({node.op.name})"
    shapes = [shape for shape in inferred if shape is not None]
    if len(shapes) < len(inferred):
        raise UnsupportedError(what, "nothing in the graph tells its shape")
    with contextlib.suppress(LookupError):
        if node.op.name == "_arange" and given["repeat"] == 1:
            (size,) = sizes.sizes_of(shapes)
            return sizes.arange(given["start"], given["step"], size, dtype, sources, node.name)._outputs[0][0]
        if node.op.name in (*_VALUES, "_full"):
            value = _VALUES.get(node.op.name, given.get("value", 0))
            return sizes.filled(value, shapes, dtype, sources, node.name)._outputs[0][0]
    raise UnsupportedError(
        what,
        f"its shape follows from others ({' or '.join(map(str, shapes))}), but no size of the data is the same",
    )
