"""Symbols to and from symbol JSON."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from ..base import MXNetError, UnsupportedError
from ..ops.registry import OPERATORS
from ..serialization import symbol_json
from .node import Node, walk
from .symbol import Symbol

__all__ = ["load", "load_json", "to_json"]

_AMP_CASTS = ("amp_cast", "amp_multicast")


def to_json(symbol: Symbol, remove_amp_cast: bool = True) -> str:
    """The symbol as MXNet 1.9.1 writes it."""
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
            "inputs": [[number[id(c)], i, int(node.is_aux_input(k))] for k, (c, i) in enumerate(node.inputs)],
        })  # fmt: skip
    return symbol_json.dumps({
        "nodes": nodes,
        "arg_nodes": [i for i, node in enumerate(order) if node.op is None],
        "node_row_ptr": rows,
        "heads": [[number[id(n)], i, 0] for n, i in outputs],
    })  # fmt: skip


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
    unknown = Counter(n["op"] for n in graph["nodes"] if n["op"] != "null" and n["op"] not in OPERATORS)
    if unknown:
        listed = ", ".join(f"{op} (x{count})" for op, count in sorted(unknown.items()))
        raise UnsupportedError(f"symbol JSON with the operators {listed}", "they are not in the operator table")
    nodes: list[Node] = []
    for raw in graph["nodes"]:
        op = None if raw["op"] == "null" else OPERATORS[raw["op"]]
        inputs = [(nodes[i], output) for i, output in raw["inputs"]]
        node = Node(op, raw["name"], raw["attrs"], inputs)
        if op is None:
            if inputs:
                raise MXNetError(f"symbol JSON: the variable {node.name!r} has inputs")
        else:
            _check(node)
        nodes.append(node)
    heads = [(nodes[i], output) for i, output in graph["heads"]]
    for node, output in [*heads, *(p for n in nodes for p in n.inputs)]:
        count = 1 if node.op is None else len(node.op.output_names(node.parsed))
        if output >= count:
            raise MXNetError(f"symbol JSON: output {output} of {node.name!r} is used, which has {count}")
    return Symbol(heads)


def _check(node: Node) -> None:
    """Whether the operator takes these attributes and that many inputs."""
    known = set(node.op.attributes)
    for key in node.attrs:
        if key not in known and not key.startswith("__") and key in ("num_hidden", "kernel", "num_filter"):
            raise MXNetError(f"symbol JSON: {node.op.name} {node.name!r} has an attribute {key!r} it does not take")
    wanted = len(node.op.input_names(node.parsed, len(node.inputs)))
    least = wanted - (0 if node.op._absent else len(node.op.optional_inputs))
    if not least <= len(node.inputs) <= wanted:
        raise MXNetError(
            f"symbol JSON: {node.op.name} {node.name!r} has {len(node.inputs)} inputs, it takes {wanted}"
        )


def load(fname: str | os.PathLike[str]) -> Symbol:
    """The symbol in a symbol JSON file.

    Raises:
        MXNetError: the file cannot be read, or is not symbol JSON.
    """
    if not isinstance(fname, (str, os.PathLike)):
        raise TypeError("fname need to be string")
    try:
        with open(fname, encoding="utf-8") as file:
            return load_json(file.read())
    except OSError as error:
        raise MXNetError(f"symbol.load: {error}") from error
    except UnicodeDecodeError:
        raise MXNetError(f"{fname} is not symbol JSON: it is not UTF-8 text") from None
    except MXNetError as error:
        if isinstance(error, UnsupportedError):
            raise
        raise MXNetError(f"{fname}: {error}") from None
