"""Symbols to and from symbol JSON."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from ..base import MXNetError, UnsupportedError
from ..ops import support
from ..ops.registry import OPERATORS, Operator
from ..serialization import symbol_json
from ..serialization.foreign import identify
from ..util import is_np_shape
from .node import HIDDEN, Node, check_states, hidden, walk
from .subgraphs import SubgraphOperator
from .symbol import Symbol
from .unknown import UnknownOperator

__all__ = ["load", "load_json", "to_json"]

_AMP_CASTS = ("amp_cast", "amp_multicast")
# Attributes that say how many inputs or outputs there are, and the most that a file may say.
_COUNTS = ("num_args", "num_arrays", "num_outputs", "num_weights", "sections")
_MOST = 100_000
# From these versions on files have hidden attributes under their full names, all inputs, and an axis of -1 in argmax
# and argmin that is the last (before it meant all axes).
_HIDDEN_SINCE = symbol_json.MXNET_VERSION
_ALL_INPUTS_SINCE = 900
_LAST_AXIS_SINCE = 905


def to_json(symbol: Symbol, remove_amp_cast: bool = True) -> str:
    """The symbol as MXNet 1.9.1 writes it."""
    return symbol_json.dumps(_graph(symbol, remove_amp_cast), is_np_shape())


def _graph(symbol: Symbol, remove_amp_cast: bool) -> dict[str, Any]:
    outputs = symbol._outputs
    if remove_amp_cast:
        outputs = tuple(_without_amp_casts(outputs))
    order = walk(outputs)
    number = {id(node): i for i, node in enumerate(order)}
    rows = [0]
    nodes = []
    for node in order:
        if getattr(node.op, "not_saved", None):
            raise UnsupportedError(f"Symbol JSON of node {node.name!r} ({node.op.name})", node.op.not_saved)
        rows.append(rows[-1] + node.count_outputs())
        nodes.append({
            "op": "null" if node.op is None else node.op.name,
            "name": node.name,
            "attrs": node.attrs,
            "inputs": [[number[id(c)], i, v] for (c, i), v in zip(node.inputs, _versions(node), strict=True)],
            "subgraphs": [_graph(s, remove_amp_cast) for s in getattr(node.op, "subgraphs", ())],
        })  # fmt: skip
    return {
        "nodes": nodes,
        "arg_nodes": [i for i, node in enumerate(order) if node.op is None],
        "node_row_ptr": rows,
        "heads": [[number[id(n)], i, 0] for n, i in outputs],
    }


def _versions(node: Node) -> Sequence[int]:
    """What MXNet writes beside each input: of a node of our own, whether running it changes that input."""
    if node.versions is not None and len(node.versions) == len(node.inputs):
        return node.versions
    if isinstance(node.op, SubgraphOperator):
        changed = node.op.mutated(node.parsed)
        return [int(i in changed) for i in range(len(node.inputs))]
    return [int(node.is_aux_input(i)) for i in range(len(node.inputs))]


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
        renewed[id(node)] = made = Node(node.op, node.name, node.attrs, [before(p) for p in node.inputs])
        made.versions = node.versions
    return [(renewed[id(node)], i) for node, i in outputs]


def load_json(json_str: str) -> Symbol:
    """The symbol in this symbol JSON.

    Operators that are not in the table can be looked at; running the symbol, or inferring shapes, names all of them.

    Raises:
        MXNetError: not symbol JSON.
    """
    if not isinstance(json_str, str):
        raise TypeError("fname required to be string")
    graph = symbol_json.loads(json_str)
    return _symbol(graph, graph["version"])


def _symbol(graph: dict[str, Any], version: int) -> Symbol:
    """The symbol of a parsed graph.

    Raises:
        MXNetError: what its operators do not take.
    """
    if not graph["heads"]:
        raise MXNetError("symbol JSON: 'heads' is empty, the graph has no output")
    outputs = graph["outputs"] or _used_outputs(graph)
    nodes: list[Node] = []
    for raw, count in zip(graph["nodes"], outputs, strict=True):
        nodes.append(_node(raw, [(nodes[i], output) for i, output, _ in raw["inputs"]], count, version))
    heads = [(nodes[i], output) for i, output in graph["heads"]]
    counts = {id(node): node.count_outputs() for node in nodes}
    for node, output in [*heads, *(p for n in nodes for p in n.inputs)]:
        if output >= counts.get(id(node), 1):
            raise MXNetError(f"symbol JSON: output {output} of {node.name!r} is used, which has {counts[id(node)]}")
    return Symbol(heads)


def _used_outputs(graph: dict[str, Any]) -> list[int]:
    """How many outputs each node must have at least."""
    counts = [1] * len(graph["nodes"])
    for i, output, *_ in (*graph["heads"], *(pair for node in graph["nodes"] for pair in node["inputs"])):
        counts[i] = max(counts[i], min(output, _MOST) + 1)
    return counts


def _operator(raw: dict[str, Any], outputs: int, version: int) -> Operator:
    """The row of the table for a node, or one for this use of it."""
    name = raw["op"]
    row = OPERATORS.get(name) or OPERATORS.get(support.names().get(name, ""))  # mx.np has names of its own for some
    if row is not None and not raw["subgraphs"] and "bodies" not in row.supplied:
        return row
    subgraphs = [_symbol(graph, version) for graph in raw["subgraphs"]]
    if row is None:
        return UnknownOperator(name, len(raw["inputs"]), outputs, subgraphs)
    return SubgraphOperator(row, subgraphs)


def _node(raw: dict[str, Any], inputs: list[tuple[Node, int]], outputs: int, version: int) -> Node:
    """One node; what files of older MXNet write differently is put right, by the version as MXNet does it.

    Raises:
        MXNetError: attributes or inputs that the operator does not take.
    """
    name, attrs = raw["name"], raw["attrs"]
    if raw["op"] == "null":
        if inputs or raw["subgraphs"]:
            raise MXNetError(f"symbol JSON: the variable {name!r} has inputs or subgraphs")
        return Node(None, name, _under_full_names(attrs) if version < _HIDDEN_SINCE else attrs)
    op = _operator(raw, outputs, version)
    if version < _HIDDEN_SINCE:
        attrs = _under_full_names({k: v for k, v in attrs.items() if not _is_of_variable(k, v, op, inputs)}, op)
    if version < _LAST_AXIS_SINCE and op.name in ("argmax", "argmin") and attrs.get("axis") == "-1":
        del attrs["axis"]
    if op.attributes:
        op.parse({k: v for k, v in attrs.items() if not (k.startswith("__") and k.endswith("__"))})
    node = Node(op, name, attrs, inputs)
    versions = [v for _, _, v in raw["inputs"]]
    if not isinstance(op, UnknownOperator):
        if version < _ALL_INPUTS_SINCE:
            _check_most(node)
            _add_missing_inputs(node)
            _declare_states(node)
        _check_counts(node)
    node.versions = (*versions, *[0] * (len(node.inputs) - len(versions)))
    check_states(node)
    return node


def _under_full_names(attrs: dict[str, str], op: Operator | None = None) -> dict[str, str]:
    """What users wrote as ``lr_mult`` under the name ``__lr_mult__``, which it has now."""
    return {k if op is not None and k in op.attributes else hidden(k): v for k, v in attrs.items()}


def _is_of_variable(key: str, value: str, op: Operator, inputs: Sequence[tuple[Node, int]]) -> bool:
    """Whether an attribute such as ``weight_lr_mult`` is that of an input's variable; it then goes there."""
    if key in op.attributes:
        return False
    for name, (variable, _) in zip(op.inputs, inputs, strict=False):
        if key.startswith(name + "_") and key[len(name) + 1 :] in HIDDEN and variable.op is None:
            variable.attrs[hidden(key[len(name) + 1 :])] = value
            return True
    return False


def _check_most(node: Node) -> None:
    """Whether the numbers in the node's attributes are possible.

    Raises:
        MXNetError: they are not.
    """
    if max([node.parsed.get(key, 0) for key in _COUNTS if isinstance(node.parsed.get(key), int)], default=0) > _MOST:
        raise MXNetError(f"symbol JSON: {node.op.name} {node.name!r} has more than {_MOST} inputs or outputs")


def _check_counts(node: Node) -> None:
    """Whether the node's numbers of inputs and outputs are possible.

    Raises:
        MXNetError: they are not.
    """
    op, given = node.op, len(node.inputs)
    where = f"symbol JSON: {op.name} {node.name!r}"
    _check_most(node)
    wanted = node.input_names()
    least = len(wanted) - (0 if op.has_absent_rule else len(op.optional_inputs))
    if not least <= given <= len(wanted):
        raise MXNetError(f"{where} has {given} inputs, it takes {len(wanted)}")
    counts_inputs = op.count and op.list_names is None and not isinstance(op, SubgraphOperator)  # which checks its own
    if counts_inputs and node.parsed.get(op.count, given) != given:
        raise MXNetError(f"{where} has {given} inputs and {op.count} = {node.parsed[op.count]}")
    if not 0 < op.visible_outputs(node.parsed) <= node.count_outputs():
        raise MXNetError(f"{where} has no outputs")


def _add_missing_inputs(node: Node) -> None:
    """Variables for inputs that are not in the file: very old MXNet does not write the auxiliary states."""
    op, count = node.op, len(node.inputs)
    wanted = op.input_names(node.parsed)
    least = len(wanted) - (0 if op.has_absent_rule else len(op.optional_inputs))
    if count < least:
        missing = [(Node(None, f"{node.name}_{key}", node.attrs), 0) for key in wanted[count:]]
        node.inputs = (*node.inputs, *missing)


def _declare_states(node: Node) -> None:
    """What an operator's states start from."""
    for key, (variable, _) in zip(node.input_names() if node.op.variable_init else (), node.inputs, strict=False):
        if key in node.op.variable_init and variable.op is None:
            variable.attrs.setdefault("__init__", node.op.variable_init[key])


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
