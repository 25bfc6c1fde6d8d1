"""Graphs as they are for predictions: without labels, and with the ones of ``fix_gamma`` written down."""

from __future__ import annotations

from collections.abc import Mapping

from ... import symbol as sym
from ...ndarray import NDArray, ones_like
from ...symbol import Symbol
from ...symbol.node import Node, walk

__all__ = ["inference_graph", "labels"]

_Entry = tuple[Node, int]
# Operators that are an output and a loss in one; their second input is the label.
_HEADS = {
    "SoftmaxOutput": None,
    "LinearRegressionOutput": sym.identity,
    "LogisticRegressionOutput": sym.sigmoid,
    "MAERegressionOutput": sym.identity,
    "SVMOutput": sym.identity,
}


def labels(graph: Symbol) -> list[str]:
    """Names of the inputs that only losses read, as labels."""
    as_label, else_used = set(), {node.name for node, _ in graph._outputs if node.op is None}
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
        if "fix_gamma" in node.op.attributes and node.parsed["fix_gamma"]:
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
    if node.parsed["multi_output"]:
        return sym.softmax(data, axis=1, name=node.name)
    if node.parsed["preserve_shape"] or ranks[id(node)] == 2:
        return sym.softmax(data, axis=-1, name=node.name)
    flat = sym.softmax(sym.Flatten(data, name=f"{node.name}_flatten"), axis=-1, name=f"{node.name}_softmax")
    return sym.reshape_like(flat, data, name=node.name)
