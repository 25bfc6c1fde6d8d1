"""What stands in symbol JSON, also where operators of it are not here: read off its text, without running anything."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .. import symbol
from ..base import MXNetError
from ..ops.registry import OPERATORS
from ..ops.support import why_missing
from ..serialization import symbol_json
from ..serialization.content import Content
from ..symbol import Symbol

__all__ = ["Graph", "all_nodes", "input_variables", "parameters_beside", "read_graph", "shapes_given", "without_kind"]

# What optimizers, initializers and shape inference want to know of parameters; data inputs have none of it.
_OF_PARAMETERS = ("__shape__", "__init__", "__lr_mult__", "__wd_mult__")
_NAMES = re.compile(r"(^|.*_)(weight|bias|gamma|beta|alpha|parameters|(moving|running)_(mean|var))")
_DATA_FIRST = re.compile(r"(^|.*_)(data|label)\d*")


class Graph(NamedTuple):
    """A graph as its file has it.

    Attributes:
        raw: the parsed JSON (``symbol_json.loads``).
        operators: how often each is used, in subgraphs too.
        unsupported: {operator that is not here: why}.
        variables: {name: attributes}, in the order of the graph.
        states: names of the variables that are auxiliary states.
        outputs: names.
        symbol: None where it cannot be made.
        error: why not, where all operators are here.
    """

    raw: dict[str, Any]
    operators: Counter[str]
    unsupported: dict[str, str]
    variables: dict[str, Mapping[str, str]]
    states: frozenset[str]
    outputs: list[str]
    symbol: Symbol | None
    error: str

    def nodes_of(self, operator: str) -> list[str]:
        """Names of the nodes with that operator."""
        return [node["name"] for node, _ in all_nodes(self.raw) if node["op"] == operator]


def read_graph(content: Content) -> Graph:
    """The graph in a file of symbol JSON.

    Raises:
        MXNetError: it is no symbol JSON.
    """
    try:
        text = str(content.bytes, "utf-8-sig")
    except UnicodeDecodeError:
        raise MXNetError(f"{content.name} is not symbol JSON: it is not UTF-8 text") from None
    try:
        raw = symbol_json.loads(text)
    except MXNetError as error:
        raise MXNetError(f"{content.name}: {error}") from None
    operators = Counter(node["op"] for node, _ in all_nodes(raw) if node["op"] != "null")
    unsupported = {op: why_missing(op) for op in sorted(operators) if op not in OPERATORS}
    found, broken = None, ""
    if not unsupported:
        try:
            found = symbol.load_json(text)
        except MXNetError as why:
            broken = str(why)
    if found is None:
        return Graph(raw, operators, unsupported, *_as_written(raw), None, broken)
    attrs = found.attr_dict()
    variables: dict[str, Mapping[str, str]] = {name: attrs.get(name, {}) for name in found.list_inputs()}
    states = frozenset(found.list_auxiliary_states())
    return Graph(raw, operators, {}, variables, states, found.list_outputs(), found, "")


def all_nodes(raw: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Each node of a graph and of its subgraphs, with the names of the nodes that are its inputs."""
    for node in raw["nodes"]:
        yield node, [raw["nodes"][i]["name"] for i, *_ in node["inputs"]]
        for subgraph in node["subgraphs"]:
            yield from all_nodes(subgraph)


def _as_written(raw: Mapping[str, Any]) -> tuple[dict[str, Mapping[str, str]], frozenset[str], list[str]]:
    """Variables, auxiliary states and outputs by the text alone."""
    nodes = raw["nodes"]
    states = set()
    for node in nodes:
        op = OPERATORS.get(node["op"])
        if op is not None and op.aux:
            for key, (i, *_) in zip(op.inputs, node["inputs"], strict=False):
                if key in op.aux:
                    states.add(nodes[i]["name"])
    variables = {node["name"]: node["attrs"] for node in nodes if node["op"] == "null"}
    outputs = [
        nodes[i]["name"] + ("" if nodes[i]["op"] == "null" else f"_output{k or ''}") for i, k in raw["heads"]
    ]  # fmt: skip
    return variables, frozenset(states & variables.keys()), outputs


def input_variables(graph: Graph, saved: set[str] | None = None) -> list[str]:
    """Names of the variables that take data: by their names and attributes, and not those that are ``saved``."""
    return [
        name
        for name, attrs in graph.variables.items()
        if name not in (saved or ())
        and name not in graph.states
        and (_DATA_FIRST.fullmatch(name) or not (any(k in attrs for k in _OF_PARAMETERS) or _NAMES.fullmatch(name)))
    ]


def without_kind(name: str) -> str:
    """A name without the ``arg:`` or ``aux:`` that exported files put before it."""
    return name.removeprefix("arg:").removeprefix("aux:")


def parameters_beside(path: str) -> str | None:
    """The parameters' file of ``NAME-symbol.json``: ``NAME-EPOCH.params`` of the last epoch, if it is there."""
    name = Path(path).name
    if not name.endswith("-symbol.json"):
        return None
    prefix = name.removesuffix("-symbol.json")
    pattern = re.compile(re.escape(prefix) + r"-(\d{4,})\.params")
    found = [(int(match[1]), str(p)) for p in Path(path).parent.iterdir() if (match := pattern.fullmatch(p.name))]
    return max(found)[1] if found else None


def shapes_given(texts: list[str]) -> dict[str, tuple[int, ...]]:
    """``NAME=1,3,224,224`` as {name: shape}.

    Raises:
        ValueError: another text.
    """
    found = {}
    for text in texts:
        name, _, numbers = text.rpartition("=")
        if not name or not re.fullmatch(r"\d+(,\d+)*,?", numbers):
            raise ValueError(f"--shape takes NAME=1,3,224,224, got {text!r}")
        found[name] = tuple(int(n) for n in numbers.strip(",").split(","))
    return found
