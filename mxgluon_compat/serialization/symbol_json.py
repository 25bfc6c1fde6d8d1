"""The text of symbol JSON: reading with checks, and writing in MXNet's own layout of lines."""

from __future__ import annotations

import itertools
import json
import textwrap
from collections.abc import Sequence
from typing import Any

from ..base import MXNetError

__all__ = ["MXNET_VERSION", "OLDEST", "dumps", "loads"]

MXNET_VERSION = 10901
"""Version number that goes into files: 1.9.1."""
OLDEST = 800
"""What files without a version are taken for."""

_LONG_LIST = 10  # MXNet breaks longer lists into lines
_MOST_NESTED = 32  # subgraphs in subgraphs
_MOST_OUTPUTS = 100_000


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _list(values: Sequence[Any], indent: str) -> str:
    """A list of numbers or of short lists of numbers."""
    texts = [_list(v, "") if isinstance(v, list) else str(v) for v in values]
    if len(texts) <= _LONG_LIST:
        return "[" + ", ".join(texts) + "]"
    inner = ", \n".join(f"{indent}  {t}" for t in texts)
    return f"[\n{inner}\n{indent}]"


def _attrs(attrs: dict[str, str], indent: str) -> str:
    items = [f"{_text(k)}: {_text(v)}" for k, v in sorted(attrs.items())]
    if len(items) == 1:
        return "{" + items[0] + "}"
    return "{\n" + ", \n".join(f"{indent}  {i}" for i in items) + f"\n{indent}}}"


def dumps(graph: dict[str, Any], np_shape: bool = False) -> str:
    """A graph as MXNet 1.9.1 writes it.

    Args:
        graph: ``nodes`` (dicts with op, name, attrs, inputs, subgraphs), ``arg_nodes``, ``node_row_ptr``, ``heads``.
        np_shape: whether it is to be run under np-shape semantics.
    """
    version = f'"mxnet_version": ["int", {MXNET_VERSION}]'
    attrs = f'{{\n    "is_np_shape": ["int", 1], \n    {version}\n  }}' if np_shape else f"{{{version}}}"
    return _dump(graph, f', \n  "attrs": {attrs}')


def _dump(graph: dict[str, Any], tail: str = "") -> str:
    nodes = []
    for node in graph["nodes"]:
        fields = [f'"op": {_text(node["op"])}', f'"name": {_text(node["name"])}']
        if node.get("attrs"):
            fields.append(f'"attrs": {_attrs(node["attrs"], "      ")}')
        fields.append(f'"inputs": {_list(node["inputs"], "      ")}')
        if node.get("subgraphs"):
            graphs = ", \n".join(textwrap.indent(_dump(g), " " * 8) for g in node["subgraphs"])
            fields.append(f'"subgraphs": [\n{graphs}\n      ]')
        nodes.append("    {\n" + ", \n".join(f"      {f}" for f in fields) + "\n    }")
    return (
        "{\n"
        '  "nodes": [\n' + ", \n".join(nodes) + "\n  ], \n"
        f'  "arg_nodes": {_list(graph["arg_nodes"], "  ")}, \n'
        f'  "node_row_ptr": {_list(graph["node_row_ptr"], "  ")}, \n'
        f'  "heads": {_list(graph["heads"], "  ")}{tail}\n'
        "}"
    )


def loads(text: str) -> dict[str, Any]:
    """A graph from its JSON, its references checked.

    Returns:
        ``nodes`` with op, name, attrs (strings), inputs ([node, output, version] each) and subgraphs; ``heads``
        ([node, output] each); ``outputs``, how many each node has, or None where the file does not tell; ``version``
        of the MXNet that wrote it, 10901 for 1.9.1.

    Raises:
        MXNetError: not JSON, not a graph, or references that lead nowhere.
    """
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError, MemoryError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else error
        raise MXNetError(f"this is not symbol JSON: {reason}; it begins with {text[:40]!r}") from None
    return _graph(raw, 0)


def _graph(raw: Any, depth: int) -> dict[str, Any]:
    if not isinstance(raw, dict) or not isinstance(raw.get("nodes"), list) or not isinstance(raw.get("heads"), list):
        found = _shown(sorted(raw) if isinstance(raw, dict) else type(raw).__name__)
        raise MXNetError(f"this is not symbol JSON: it needs lists 'nodes' and 'heads', got {found}")
    if depth > _MOST_NESTED:
        raise MXNetError(f"this symbol JSON has subgraphs in subgraphs, more than {_MOST_NESTED} deep")
    nodes = [_node(i, n, depth) for i, n in enumerate(raw["nodes"])]
    return {
        "nodes": nodes,
        "heads": [_reference(h, len(nodes), "heads")[:2] for h in raw["heads"]],
        "outputs": _counts(raw.get("node_row_ptr"), len(nodes)),
        "version": _version(raw.get("attrs")),
    }


def _version(attrs: Any) -> int:
    """The version of MXNet that wrote the file; the oldest write none."""
    try:
        found = attrs["mxnet_version"][1]
    except (TypeError, KeyError, IndexError):
        return OLDEST
    return found if type(found) is int else OLDEST


def _counts(rows: Any, nodes: int) -> list[int] | None:
    """How many outputs each node has, from where the outputs of each begin in a list of all."""
    if not isinstance(rows, list) or len(rows) != nodes + 1 or not all(type(n) is int for n in rows):
        return None
    counts = [after - before for before, after in itertools.pairwise(rows)]
    return counts if rows[0] == 0 and all(0 < n <= _MOST_OUTPUTS for n in counts) else None


def _node(number: int, node: Any, depth: int) -> dict[str, Any]:
    where = f"node {number}"
    if not isinstance(node, dict) or not isinstance(node.get("op"), str) or not isinstance(node.get("name"), str):
        raise MXNetError(f"{where} of the symbol JSON needs strings 'op' and 'name'")
    where += f" ({_shown(node['name'])})"
    attrs: dict[str, str] = {}
    for field, found in sorted(node.items(), key=lambda pair: pair[0] != "param"):
        if field in ("param", "attr", "attrs"):  # older MXNet writes the first two; the operator's own give way
            if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
                raise MXNetError(f"{where}: {field!r} must map names to strings")
            attrs.update(found)
    for text in (node["op"], node["name"], *attrs, *attrs.values()):
        if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
            raise MXNetError(f"{where}: {_shown(text)} is not Unicode text")
    inputs, subgraphs = node.get("inputs"), node.get("subgraphs", [])
    if not isinstance(inputs, list):
        raise MXNetError(f"{where}: 'inputs' must be a list")
    if not isinstance(subgraphs, list):
        raise MXNetError(f"{where}: 'subgraphs' must be a list")
    return {
        "op": node["op"],
        "name": node["name"],
        "attrs": attrs,
        "inputs": [_reference(i, number, where) for i in inputs],
        "subgraphs": [_graph(g, depth + 1) for g in subgraphs],
    }


def _reference(given: Any, count: int, where: str) -> tuple[int, int, int]:
    """(node, output, version)"""
    if not isinstance(given, list) or len(given) not in (2, 3) or not all(type(v) is int for v in given):
        raise MXNetError(f"{where}: {_shown(given)} is not [node, output, version]")
    node, output, version = (*given, 0)[:3]
    if not 0 <= node < count or output < 0 or not 0 <= version < 2**32:
        raise MXNetError(f"{where}: {_shown(given)} refers to a node that does not come before it ({count} nodes do)")
    return node, output, version


def _shown(value: Any) -> str:
    """A value in a message: as Python writes it, cut."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # an integer of too many digits, a list of too many lists
        text = type(value).__name__
    return text if len(text) <= 80 else text[:77] + "..."
