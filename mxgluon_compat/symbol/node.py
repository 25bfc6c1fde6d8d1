"""Nodes of a graph, the order they run in, and putting others in the place of variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..base import MXNetError
from ..ops.registry import Operator

__all__ = ["Node", "check_key", "check_states", "hidden", "shown", "substitute", "walk"]

# Attributes that users write without the underscores; the graph keeps them with.
HIDDEN = ("ctx_group", "lr_mult", "wd_mult", "force_mirroring", "mirror_stage")


class Node:
    """A variable (``op`` None) or one use of an operator.

    Attributes:
        op: row of the operator table, or None.
        name: the node's name.
        attrs: the operator's attributes as given and the user's, all strings.
        inputs: (node, output number) pairs.
        versions: the number that a file has beside each input (how often a state was written before), or None.
    """

    __slots__ = ("_parsed", "attrs", "inputs", "name", "op", "versions")
    op: Any  # an Operator; None for a variable

    def __init__(
        self, op: Operator | None, name: str, attrs: Mapping[str, str], inputs: Sequence[tuple[Node, int]] = ()
    ) -> None:
        self.op = op
        self.name = name
        self.attrs = dict(attrs)
        self.inputs = tuple(inputs)
        self.versions: Sequence[int] | None = None
        self._parsed: dict[str, Any] | None = None

    @property
    def parsed(self) -> dict[str, Any]:
        """The operator's attributes as values.

        Raises:
            MXNetError: one that the operator refuses.
        """
        if self._parsed is None:
            self._parsed = self.op.parse({k: v for k, v in self.attrs.items() if k in self.op.attributes})
        return self._parsed

    def set_attr(self, key: str, value: str) -> None:
        """Sets one attribute, or the name.

        Raises:
            MXNetError: an attribute that the operator refuses; the node stays as it was.
        """
        if key == "name":
            self.name = value
            return
        check_key(key, value)
        key = hidden(key)
        if self.op is not None and self.op.attributes and not (key.startswith("__") and key.endswith("__")):
            self.op.parse({**{k: v for k, v in self.attrs.items() if k in self.op.attributes}, key: value})
        self.attrs[key] = value
        self._parsed = None

    def input_names(self) -> tuple[str, ...]:
        """Names that the operator has for the node's inputs."""
        return self.op.input_names(self.parsed, len(self.inputs))

    def output_names(self, hidden: bool = False) -> list[str]:
        """Names of the visible outputs, or of all: the variable's own, or ``NAME_output``."""
        if self.op is None:
            return [self.name]
        names = self.op.output_names(self.parsed)[: None if hidden else self.op.visible_outputs(self.parsed)]
        return [f"{self.name}_{n}" if self.name else n for n in names]

    def count_outputs(self) -> int:
        """How many outputs there are, hidden ones included."""
        return 1 if self.op is None else len(self.op.output_names(self.parsed))

    def is_aux_input(self, position: int) -> bool:
        """Whether the input at that place is an auxiliary state."""
        if not self.op.aux:
            return False
        names = self.input_names()
        return position < len(names) and names[position] in self.op.aux_names(self.parsed)


def walk(outputs: Iterable[tuple[Node, int]]) -> list[Node]:
    """All nodes behind these outputs, inputs before their users, in MXNet's order."""
    order: list[Node] = []
    seen: set[int] = set()
    stack: list[tuple[Node, bool]] = [(node, False) for node, _ in reversed(list(outputs))]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((child, False) for child, _ in reversed(node.inputs))
    return order


def hidden(key: str) -> str:
    """The name under which the graph keeps a user's attribute."""
    return f"__{key}__" if key in HIDDEN else key


def check_key(key: str, value: Any) -> None:
    """Whether a user's attribute may have that name.

    Raises:
        MXNetError: a name such as ``weight_lr_mult``: very old MXNet took it for an attribute of the input ``weight``.
        TypeError: it is no string.
    """
    if not isinstance(key, str):
        raise TypeError(f"names of attributes are strings, got {key!r}")
    for suffix in HIDDEN:
        if key.endswith("_" + suffix):
            variable = key[: -len(suffix) - 1]
            raise MXNetError(
                f"setting variable attributes with {key} is deprecated. please instead use\n"
                f"w = Variable({suffix}={value})\nsym = YourSymbolName({variable}=w)"
            )


def shown(attrs: Mapping[str, str]) -> dict[str, str]:
    """A node's attributes as users see them: the hidden ones under both names."""
    found = dict(attrs)
    for key in HIDDEN:
        if f"__{key}__" in attrs:
            found[key] = attrs[f"__{key}__"]
    return found


def check_states(node: Node) -> None:
    """Whether the auxiliary states of a node are variables.

    Raises:
        MXNetError: one is the output of an operator.
    """
    for i, (child, _) in enumerate(node.inputs):
        if child.op is not None and node.is_aux_input(i):
            raise MXNetError(
                f"Error in operator {node.name} ({node.op.name}): its state {node.input_names()[i]} must be a "
                f"variable, but is the output of {child.name}"
            )


def substitute(
    outputs: Sequence[tuple[Node, int]], replacements: Mapping[str, tuple[Node, int]], copy: bool = False
) -> list[tuple[Node, int]]:
    """The same outputs of a graph whose variables are replaced by name; untouched nodes are shared unless ``copy``.

    Raises:
        MXNetError: an auxiliary state would be the output of an operator.
    """
    renewed: dict[int, tuple[Node, int] | Node] = {}

    def look(pair: tuple[Node, int]) -> tuple[Node, int]:
        found = renewed.get(id(pair[0]), pair[0])
        return found if isinstance(found, tuple) else (found, pair[1])

    for node in walk(outputs):
        if node.op is None and node.name in replacements:
            renewed[id(node)] = replacements[node.name]
            continue
        inputs = tuple(look(pair) for pair in node.inputs)
        if copy or any(a is not b[0] for (a, _), b in zip(inputs, node.inputs, strict=True)):
            renewed[id(node)] = made = Node(node.op, node.name, node.attrs, inputs)
            made.versions = node.versions
            if node.op is not None:
                check_states(made)
    return [look(pair) for pair in outputs]
