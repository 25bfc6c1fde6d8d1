"""One use of an operator, as the tables of source text see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from ...base import UnsupportedError
from ...symbol.node import Node
from .code import call

__all__ = ["Pair", "Translation", "Use"]

Shape = tuple[int, ...]


@dataclass
class Use:
    """One use of an operator in the ``forward`` that is written.

    Attributes:
        node: the node of the graph.
        where: the Block that it is in, for messages.
        x: the inputs as expressions, those that are there.
        shapes, dtypes: of the inputs.
        out_shapes, out_dtypes: of the outputs.
        used: numbers of the outputs that something needs.
        sized: an expression for the length of one dimension of the result, where the operator leaves it open.
    """

    node: Node
    where: str
    x: list[str]
    shapes: list[Shape]
    dtypes: list[torch.dtype]
    out_shapes: list[Shape]
    out_dtypes: list[torch.dtype]
    used: frozenset[int] = frozenset({0})
    sized: Callable[[int], str] = str
    attrs: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.attrs = {**self.node.op.defaults, **self.node.parsed}

    def __getitem__(self, name: str) -> Any:
        """An attribute of the operator."""
        return self.attrs[name]

    def input(self, name: str) -> str | None:
        """An input by name, None where it is not there."""
        names = self.node.input_names()
        return self.x[names.index(name)] if name in names[: len(self.x)] else None

    @property
    def shape(self) -> Shape:
        """Of the first input."""
        return self.shapes[0]

    @property
    def ndim(self) -> int:
        """Of the first input."""
        return len(self.shapes[0])

    @property
    def floating(self) -> bool:
        """Whether all inputs are."""
        return all(d.is_floating_point for d in self.dtypes)

    def refuse(self, what: str, instead: str = "") -> UnsupportedError:
        """The error for something that has no plain PyTorch."""
        advice = instead or "write that layer as a torch.nn.Module of your own (interop.TorchBlock keeps it in the net)"
        return UnsupportedError(
            f"to_torch_source: operator {self.node.op.name} (node {self.node.name!r}) of {self.where}",
            f"{what}; {advice}",
        )

    def only(self, **values: Any) -> None:
        """Whether attributes have values that are translated.

        Raises:
            UnsupportedError: one has another.
        """
        for key, value in values.items():
            allowed = value if isinstance(value, list) else [value]
            if self[key] not in allowed:
                raise self.refuse(f"{key}={self[key]!r} has no translation")

    def only_floats(self) -> None:
        """Raises UnsupportedError where an input is no floating-point tensor."""
        if not self.floating:
            raise self.refuse(
                f"inputs of dtypes {', '.join(str(d).removeprefix('torch.') for d in self.dtypes)}: "
                "only floating-point ones are translated",
                "cast them before",
            )


@dataclass
class Pair:
    """An operator that PyTorch has as a module and as a function with the same arguments.

    Attributes:
        module: such as ``nn.ReLU``.
        function: such as ``F.relu``.
        args: (key, value, default) of the arguments after the data; the first ``positional`` of them without keyword.
        positional: how many.
        more: arguments of the function that the module has not.
    """

    module: str
    function: str
    args: Sequence[tuple[str, Any, Any]] = ()
    positional: int = 0
    more: Sequence[str] = ()

    def text(self, x: str) -> str:
        """The function's call."""
        given = [(key, value) for i, (key, value, default) in enumerate(self.args) if i < self.positional
                 or value != default or type(value) is not type(default)]  # fmt: skip
        first = [value for i, (_, value) in enumerate(given) if i < self.positional]
        return call(self.function, x, *first, *self.more, **dict(given[self.positional :]))


Translation = Callable[[Use], "str | Pair"]
