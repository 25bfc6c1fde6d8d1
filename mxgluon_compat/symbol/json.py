"""Symbols to and from symbol JSON."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from ..base import MXNetError, UnsupportedError
from ..ops.registry import OPERATORS
from ..ops.support import why_missing
from ..serialization import symbol_json
from ..serialization.foreign import identify
from .node import HIDDEN, Node, check_states, hidden, walk
from .subgraphs import SubgraphOperator
from .symbol import Symbol

__all__ = ["load", "load_json", "to_json"]

_AMP_CASTS = ("amp_cast", "amp_multicast")
# Attributes that say how many inputs or outputs there are, and the most that a file may say.
_COUNTS = ("num_args", "num_arrays", "num_outputs", "num_weights", "sections")
_MOST = 100_000
# Before this version an axis of -1 in argmax and argmin meant all axes.
_NO_AXIS_IS_MINUS_ONE = 905


def to_json(symbol: Symbol, remove_amp_cast: bool = True) -> str:
    """The symbol as MXNet 1.9.1 writes it."""
    return symbol_json.dumps(_graph(symbol, remove_amp_cast))


def _graph(symbol: Symbol, remove_amp_cast: bool) -> dict[str, Any]:
    outputs = symbol._outputs
    if remove_amp_cast:
        outputs = tuple(_without_amp_casts(outputs))
    order = walk(outputs)
    number = {id(node): i for i, node in enumerate(order)}
    rows = [0]
    nodes = []
    for node in order:
        rows.append(rows[-1] + node.count_outputs())
        nodes.append({
            "op": "null" if node.op is None else node.op.name,
            "name": node.name,
            "attrs": node.attrs,
            "inputs": [[number[id(c)], i, int(_is_changed(node, k))] for k, (c, i) in enumerate(node.inputs)],
            "subgraphs": [_graph(s, remove_amp_cast) for s in getattr(node.op, "subgraphs", ())],
        })  # fmt: skip
    return {
        "nodes": nodes,
        "arg_nodes": [i for i, node in enumerate(order) if node.op is None],
        "node_row_ptr": rows,
        "heads": [[number[id(n)], i, 0] for n, i in outputs],
    }


def _is_changed(node: Node, position: int) -> bool:
    """Whether running the node changes that input."""
    if isinstance(node.op, SubgraphOperator):
        return position in node.op.mutated(node.parsed)
    return node.is_aux_input(position)


def _without_amp_casts(outputs: Any) -> list[tuple[Node, int]]:
    """The graph whose operators take what was cast instead of the casts; outputs that are casts stay."""
    if not any(n.op is not None and n.op.name in _AMP_CASTS for n in walk(outputs)):
        return list(outputs)
    renewed: dict[int, Node] = {}

    def before(pair: tuple[Node, int]) -> tuple[Node, int]:
        node, i = pair
        while node.op is not None and node.op.name in _AMP_CASTS:
            node, i = node.inputs[i]
        return renewed[id(node)], i

    for node in walk(outputs):
        renewed[id(node)] = Node(node.op, node.name, node.attrs, [before(p) for p in node.inputs])
    return [(renewed[id(node)], i) for node, i in outputs]


def load_json(json_str: str) -> Symbol:
    """The symbol in this symbol JSON.

    Raises:
        MXNetError: not symbol JSON.
        UnsupportedError: operators that are not in the table; the message names all of them.
    """
    if not isinstance(json_str, str):
        raise TypeError("fname required to be string")
    graph = symbol_json.loads(json_str)
    unknown = Counter(_operators(graph))
    for op in OPERATORS:
        unknown.pop(op, None)
    if unknown:
        listed = ", ".join(f"{op} (x{count})" for op, count in sorted(unknown.items()))
        reasons = "; ".join(f"{op} - {why_missing(op)}" for op in sorted(unknown))
        raise UnsupportedError(f"symbol JSON with the operators {listed}", reasons)
    return _symbol(graph, graph["version"])


def _operators(graph: dict[str, Any]) -> Iterator[str]:
    """The operators of a graph and its subgraphs."""
    for node in graph["nodes"]:
        if node["op"] != "null":
            yield node["op"]
        for subgraph in node["subgraphs"]:
            yield from _operators(subgraph)


def _symbol(graph: dict[str, Any], version: int) -> Symbol:
    """The symbol of a parsed graph.

    Raises:
        MXNetError: what its operators do not take.
    """
    if not graph["heads"]:
        raise MXNetError("symbol JSON: 'heads' is empty, the graph has no output")
    nodes: list[Node] = []
    for raw in graph["nodes"]:
        nodes.append(_node(raw, [(nodes[i], output) for i, output in raw["inputs"]], version))
    heads = [(nodes[i], output) for i, output in graph["heads"]]
    for node, output in [*heads, *(p for n in nodes for p in n.inputs)]:
        if output >= node.count_outputs():
            raise MXNetError(f"symbol JSON: output {output} of {node.name!r} is used, which has {node.count_outputs()}")
    return Symbol(heads)


def _node(raw: dict[str, Any], inputs: list[tuple[Node, int]], version: int) -> Node:
    """One node; what files of older MXNet write differently is put right.

    Whatever shows by itself is put right in files of all versions: MXNet goes by the version, and fails on the rest.

    Raises:
        MXNetError: attributes or inputs that the operator does not take.
    """
    name = raw["name"]
    if raw["op"] == "null":
        if inputs:
            raise MXNetError(f"symbol JSON: the variable {name!r} has inputs")
        return Node(None, name, {hidden(k): v for k, v in raw["attrs"].items()})
    op = OPERATORS[raw["op"]]
    if raw["subgraphs"] or "bodies" in op.supplied:
        op = SubgraphOperator(op, [_symbol(graph, version) for graph in raw["subgraphs"]])
    attrs: dict[str, str] = {}
    for key, value in raw["attrs"].items():
        owner = _variable_of(key, op.inputs)
        if owner is not None and key not in op.attributes and owner[0] < len(inputs):  # weight_lr_mult
            inputs[owner[0]][0].attrs.setdefault(hidden(owner[1]), value)
        else:
            attrs[key if key in op.attributes else hidden(key)] = value
    if version < _NO_AXIS_IS_MINUS_ONE and op.name in ("argmax", "argmin") and attrs.get("axis") == "-1":
        del attrs["axis"]
    if op.attributes:
        op.parse({k: v for k, v in attrs.items() if not (k.startswith("__") and k.endswith("__"))})
    node = Node(op, name, attrs, inputs)
    _check_counts(node)
    if not op.variadic:
        _add_missing_inputs(node)
    check_states(node)
    return node


def _variable_of(key: str, names: Sequence[str]) -> tuple[int, str] | None:
    """(input's number, attribute) for what older MXNet writes at an operator for its variable: ``weight_lr_mult``."""
    for i, name in enumerate(names):
        if key.startswith(name + "_") and key[len(name) + 1 :] in HIDDEN:
            return i, key[len(name) + 1 :]
    return None


def _check_counts(node: Node) -> None:
    """Whether the node's numbers of inputs and outputs are possible.

    Raises:
        MXNetError: they are not.
    """
    op, given = node.op, len(node.inputs)
    where = f"symbol JSON: {op.name} {node.name!r}"
    if max([node.parsed.get(key, 0) for key in _COUNTS if isinstance(node.parsed.get(key), int)], default=0) > _MOST:
        raise MXNetError(f"{where} has more than {_MOST} inputs or outputs")
    wanted = node.input_names()
    if given > len(wanted) or (op.variadic and given < len(wanted)):
        raise MXNetError(f"{where} has {given} inputs, it takes {len(wanted)}")
    counts_inputs = op.count and op.list_names is None and not isinstance(op, SubgraphOperator)  # which checks its own
    if counts_inputs and node.parsed.get(op.count, given) != given:
        raise MXNetError(f"{where} has {given} inputs and {op.count} = {node.parsed[op.count]}")
    if not 0 < op.visible_outputs(node.parsed) <= node.count_outputs():
        raise MXNetError(f"{where} has no outputs")


def _add_missing_inputs(node: Node) -> None:
    """Variables for inputs that are not in the file: very old MXNet does not write the auxiliary states."""
    op, wanted = node.op, node.input_names()
    least = len(wanted) - (0 if op.has_absent_rule else len(op.optional_inputs))
    if len(node.inputs) < least:
        missing = [(Node(None, f"{node.name}_{key}", node.attrs), 0) for key in wanted[len(node.inputs) :]]
        node.inputs = (*node.inputs, *missing)
    for key, (variable, _) in zip(wanted, node.inputs, strict=False):
        if key in op.variable_init and variable.op is None:
            variable.attrs.setdefault("__init__", op.variable_init[key])


def load(fname: str | os.PathLike[str]) -> Symbol:
    """The symbol in a symbol JSON file.

    Raises:
        MXNetError: the file cannot be read, or is not symbol JSON.
    """
    if not isinstance(fname, (str, os.PathLike)):
        raise TypeError("fname need to be string")
    try:
        with open(fname, "rb") as file:
            head = file.read(512)
            format, sentence = identify(head)
            if format not in ("", "json"):
                raise MXNetError("this is an array file, not symbol JSON: mx.nd.load reads it")
            if not format and sentence:
                raise MXNetError(sentence)
            return load_json((head + file.read()).decode())
    except OSError as error:
        raise MXNetError(f"symbol.load: {error}") from error
    except UnicodeDecodeError:
        raise MXNetError(f"{fname} is not symbol JSON: it is not UTF-8 text") from None
    except MXNetError as error:
        if isinstance(error, UnsupportedError):
            raise
        raise MXNetError(f"{fname}: {error}") from None
