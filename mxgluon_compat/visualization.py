"""``mx.viz``: a printed table of a Symbol's layers, and a drawing of its graph for graphviz."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .symbol import Symbol

__all__ = ["plot_network", "print_summary"]

_COLUMNS = ("Layer (type)", "Output Shape", "Param #", "Previous Layer")


# ---------------------------------------------------------------------------------------------- the table
# ruff: noqa: B006 - the defaults are MXNet's own; nothing writes to them
def print_summary(
    symbol: Symbol,
    shape: Mapping[str, tuple[int, ...]] | None = None,
    line_length: int = 120,
    positions: Sequence[float] = [0.44, 0.64, 0.74, 1.0],
) -> None:
    """Prints one row per operator: name and type, output shape without the batch, parameters, what feeds it.

    "Param #" is MXNet's own count: of Convolution, FullyConnected, BatchNorm and Embedding only, from the first
    dimension after the batch of what feeds the layer, which counts nothing where shapes are not given and too little
    behind an image that ``FullyConnected`` flattens. ``Block.summary`` counts the parameters themselves.

    Args:
        symbol: the graph.
        shape: {name of a variable: its shape}; without it the shape column stays empty.
        line_length: width of the table in characters.
        positions: where the four columns end, in characters, or as parts of ``line_length`` where the last is <= 1.

    Raises:
        TypeError: ``symbol`` is no Symbol.
        ValueError: the shapes do not suffice to know every other one.
    """
    if not isinstance(symbol, Symbol):
        raise TypeError("symbol must be Symbol")
    shapes = {}
    if shape is not None:
        internals = symbol.get_internals()
        shapes = dict(zip(internals.list_outputs(), _inferred(internals.infer_shape(**shape), "shape")))
    graph = json.loads(symbol.tojson())
    nodes = graph["nodes"]
    # Variables are no layers, except the first one (as a rule the data) and one that is itself the first output.
    # MXNet takes the output's number for a node too, and lists the variable of that number as a layer.
    layers = {i for i, node in enumerate(nodes) if node["op"] != "null"} | {0, graph["heads"][0][0]}
    if positions[-1] <= 1:
        positions = [int(line_length * p) for p in positions]

    print("_" * line_length)
    _print_row(_COLUMNS, positions)
    print("=" * line_length)
    total = 0
    for i, node in enumerate(nodes):
        if node["op"] == "null" and i > 0:
            continue
        previous = [nodes[k] for k, *_ in node["inputs"] if k in layers]
        parameters = _count_parameters(node, sum(_filters(shapes.get(_key(p), ())) for p in previous), shapes)
        total += parameters
        names = [p["name"] for p in previous] or [""]
        title = f"{node['name']}({node['op']})"
        _print_row((title, "x".join(map(str, shapes.get(_key(node), ())[1:])), parameters, names[0]), positions)
        for name in names[1:]:
            _print_row(("", "", "", name), positions)
        print(("=" if i == len(nodes) - 1 else "_") * line_length)
    print(f"Total params: {total}")
    print("_" * line_length)


def _inferred(found: tuple[Any, list[Any] | None, Any], what: str) -> list[Any]:
    if found[1] is None:
        raise ValueError(f"Input {what} is incomplete")
    return found[1]


def _key(node: Mapping[str, Any]) -> str:
    """What ``list_outputs`` calls the node's output, if it has one only."""
    return node["name"] if node["op"] == "null" else f"{node['name']}_output"


def _filters(shape: Sequence[int]) -> int:
    # MXNet fails on results of one dimension (a loss per example, say).
    return shape[1] if len(shape) > 1 else 0


def _count_parameters(node: Mapping[str, Any], filters: int, shapes: Mapping[str, Sequence[int]]) -> int:
    attrs = node.get("attrs", {})
    bias = attrs.get("no_bias") != "True"
    if node["op"] == "Convolution":
        outputs = int(attrs["num_filter"])
        weight = filters * outputs // int(attrs.get("num_group", "1"))
        for length in _numbers(attrs["kernel"]):
            weight *= int(length)
        return weight + bias * outputs
    if node["op"] == "FullyConnected":
        return (filters + bias) * int(attrs["num_hidden"])
    if node["op"] == "BatchNorm":
        return 2 * _filters(shapes.get(_key(node), ()))
    if node["op"] == "Embedding":
        return int(attrs["input_dim"]) * int(attrs["output_dim"])
    return 0


def _print_row(fields: Sequence[Any], positions: Sequence[Any]) -> None:
    line = ""
    for i, field in enumerate(fields):
        line = f"{line}{field}"[: positions[i]].ljust(positions[i])
    print(line)


def _numbers(text: str) -> list[str]:
    """The numbers in an attribute: ``"(3, 3)"`` gives ``["3", "3"]``."""
    return re.findall(r"\d+", text)


# ---------------------------------------------------------------------------------------------- the drawing
_BOX = {"shape": "box", "fixedsize": "true", "width": "1.3", "height": "0.8034", "style": "filled"}
_VARIABLE, _WEIGHTED, _ACTIVATION, _NORM, _POOLING, _SHAPING, _SOFTMAX, _OTHER = (
    "#8dd3c7", "#fb8072", "#ffffb3", "#bebada", "#80b1d3", "#fdb462", "#b3de69", "#fccde5",
)  # fmt: skip
_WEIGHTS = (
    "_weight", "_bias", "_beta", "_gamma", "_moving_var", "_moving_mean", "_running_var", "_running_mean",
)  # fmt: skip


def _window(attrs: Mapping[str, str]) -> str:
    kernel, stride = (
        "x".join(_numbers(attrs[key])) if key in attrs else absent
        for key, absent in (("kernel", "[]"), ("stride", "1"))
    )
    return f"{kernel}/{stride}"


# Operator: (colour, label from the attributes; None for the node's name).
_STYLES: dict[str, tuple[str, Callable[[Mapping[str, str]], str] | None]] = {
    "null": (_VARIABLE, None),
    "Convolution": (_WEIGHTED, lambda attrs: f"Convolution\n{_window(attrs)}, {attrs['num_filter']}"),
    "FullyConnected": (_WEIGHTED, lambda attrs: f"FullyConnected\n{attrs['num_hidden']}"),
    "BatchNorm": (_NORM, None),
    "Activation": (_ACTIVATION, lambda attrs: f"Activation\n{attrs['act_type']}"),
    "LeakyReLU": (_ACTIVATION, lambda attrs: f"LeakyReLU\n{attrs.get('act_type', 'Leaky')}"),
    # MXNet draws no Pooling whose type is left at its default.
    "Pooling": (_POOLING, lambda attrs: f"Pooling\n{attrs.get('pool_type', 'max')}, {_window(attrs)}"),
    "Concat": (_SHAPING, None),
    "Flatten": (_SHAPING, None),
    "Reshape": (_SHAPING, None),
    "Softmax": (_SOFTMAX, None),
    "Custom": (_OTHER, lambda attrs: attrs["op_type"]),
}


def plot_network(
    symbol: Symbol,
    title: str = "plot",
    save_format: str = "pdf",
    shape: Mapping[str, tuple[int, ...]] | None = None,
    dtype: Mapping[str, Any] | None = None,
    node_attrs: Mapping[str, str] = {},
    hide_weights: bool = True,
) -> Any:
    """The graph as a ``graphviz.Digraph``: ``.source`` is its text, ``.view()`` and ``.render()`` draw it.

    Args:
        symbol: the graph.
        title: name of the drawing and of the file that ``render`` writes.
        save_format: that file's format.
        shape: {name of a variable: its shape}; arrows are then labelled with shapes without the batch.
        dtype: {name of a variable: its dtype}; arrows are then labelled with dtypes.
        node_attrs: graphviz attributes of all nodes.
        hide_weights: leave out variables whose names end as those of weights, biases and statistics do.

    Raises:
        ImportError: Python's ``graphviz`` is not installed.
        TypeError: ``symbol`` is no Symbol.
        ValueError: the shapes or dtypes do not suffice to know every other one.
    """
    try:
        from graphviz import Digraph
    except ImportError as error:
        raise ImportError(
            "Draw network requires graphviz library: pip install 'mxgluon_compat[plot]' (or graphviz); to render the "
            "drawing, Graphviz's own program 'dot' too. print_summary needs neither."
        ) from error
    if not isinstance(symbol, Symbol):
        raise TypeError("symbol must be a Symbol")
    internals = symbol.get_internals()
    entries = [(node.name, i) for node, i in internals._outputs]
    shapes = dtypes = None
    if shape is not None:
        shapes = dict(zip(entries, _inferred(internals.infer_shape(**shape), "shape")))
    if dtype is not None:
        dtypes = dict(zip(entries, _inferred(internals.infer_type(**dtype), "type")))
    nodes = json.loads(symbol.tojson())["nodes"]
    _warn_of_repeated([node["name"] for node in nodes])

    dot = Digraph(name=title, format=save_format)
    hidden = set()
    for node in nodes:
        name, op = node["name"], node["op"]
        if op == "null" and name.endswith(_WEIGHTS):
            if hide_weights:
                hidden.add(name)
            continue  # shown, it is what graphviz makes of a name that only its arrow mentions: an empty oval
        colour, label = _STYLES.get(op, (_OTHER, None))
        style = {**_BOX, **node_attrs, "fillcolor": colour}
        if op == "null":
            style["shape"] = "oval"
        dot.node(name=name, label=label(node.get("attrs", {})) if label else name, **style)
    for node in nodes:
        # The second input of a resizing gives the size only.
        count = 1 if node["op"] == "_contrib_BilinearResize2D" else None
        for k, output, *_ in node["inputs"][:count]:
            source = nodes[k]["name"]
            if source in hidden:
                continue
            text = ""
            if shapes is not None:
                text = "x".join(map(str, shapes[source, output][1:]))
            if dtypes is not None:
                text += f"({dtypes[source, output].__name__})"
            dot.edge(tail_name=node["name"], head_name=source, dir="back", arrowtail="open", label=text)
    return dot


def _warn_of_repeated(names: Sequence[str]) -> None:
    repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if repeated:
        warnings.warn(
            "There are multiple variables with the same name in your graph, this may result in cyclic graph. "
            f"Repeated names: {','.join(repeated)}",
            RuntimeWarning,
            stacklevel=3,
        )
