"""The text of symbol JSON: reading with checks, and writing in MXNet's own layout of lines."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from typing import Any

from ..base import MXNetError

__all__ = ["MXNET_VERSION", "dumps", "loads"]

MXNET_VERSION = 10901
"""Version number that goes into files: 1.9.1."""

_LONG_LIST = 10  # MXNet breaks longer lists into lines


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


def dumps(graph: dict[str, Any]) -> str:
    """A graph as MXNet 1.9.1 writes it.

    Args:
        graph: ``nodes`` (dicts with op, name, attrs, inputs, subgraphs), ``arg_nodes``, ``node_row_ptr``, ``heads``.
    """
    return _dump(graph, f', \n  "attrs": {{"mxnet_version": ["int", {MXNET_VERSION}]}}')


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
    """A graph from its JSON: ``heads``; ``nodes`` with op, name, attrs (strings), inputs (node, output) and subgraphs.

    ``version`` is that of the MXNet that wrote it, 10901 for 1.9.1.

    Raises:
        MXNetError: not JSON, not a graph, or references that lead nowhere.
    """
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MXNetError(f"this is not symbol JSON: {error}; it begins with {text[:40]!r}") from None
    return _graph(raw)


def _graph(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict) or not isinstance(raw.get("nodes"), list) or not isinstance(raw.get("heads"), list):
        found = sorted(raw) if isinstance(raw, dict) else type(raw).__name__
        raise MXNetError(f"this is not symbol JSON: it needs lists 'nodes' and 'heads', got {found}")
    nodes = [_node(i, n) for i, n in enumerate(raw["nodes"])]
    heads = [_reference(h, len(nodes), "heads") for h in raw["heads"]]
    return {"nodes": nodes, "heads": heads, "attrs": raw.get("attrs", {}), "version": _version(raw.get("attrs"))}


def _version(attrs: Any) -> int:
    """The version of MXNet that wrote the file; the oldest write none."""
    try:
        return int(attrs["mxnet_version"][1])
    except (TypeError, KeyError, IndexError, ValueError):
        return 800


def _node(number: int, node: Any) -> dict[str, Any]:
    where = f"node {number}"
    if not isinstance(node, dict) or not isinstance(node.get("op"), str) or not isinstance(node.get("name"), str):
        raise MXNetError(f"{where} of the symbol JSON needs strings 'op' and 'name'")
    where += f" ({node['name']!r})"
    attrs = {}
    for field in ("param", "attr", "attrs"):  # older MXNet writes the first two
        found = node.get(field, {})
        if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
            raise MXNetError(f"{where}: {field!r} must map names to strings")
        attrs.update(found)
    for text in (node["name"], *attrs, *attrs.values()):
        if any("\ud800" <= c <= "\udfff" for c in text):
            raise MXNetError(f"{where}: {text!r} is not Unicode text")
    inputs = node.get("inputs", [])
    if not isinstance(inputs, list):
        raise MXNetError(f"{where}: 'inputs' must be a list")
    subgraphs = node.get("subgraphs", [])
    if not isinstance(subgraphs, list):
        raise MXNetError(f"{where}: 'subgraphs' must be a list")
    return {
        "op": node["op"],
        "name": node["name"],
        "attrs": attrs,
        "inputs": [_reference(i, number, where) for i in inputs],
        "subgraphs": [_graph(g) for g in subgraphs],
    }


def _reference(pair: Any, count: int, where: str) -> tuple[int, int]:
    if not isinstance(pair, list) or len(pair) not in (2, 3) or not all(type(v) is int for v in pair):
        raise MXNetError(f"{where}: {pair!r} is not [node, output, version]")
    if not 0 <= pair[0] < count or pair[1] < 0:
        raise MXNetError(f"{where}: {pair} refers to a node that does not come before it ({count} nodes do)")
    return pair[0], pair[1]
