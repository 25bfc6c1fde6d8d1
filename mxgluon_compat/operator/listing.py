"""What operators there are, and what they take."""

from __future__ import annotations

from collections import namedtuple

from ..ops.registry import OPERATORS, get

__all__ = ["OperatorArguments", "get_all_registered_operators", "get_operator_arguments"]

OperatorArguments = namedtuple("OperatorArguments", ["narg", "names", "types"])


def get_all_registered_operators() -> list[str]:
    """Names of all operators of the table, aliases included, sorted."""
    return sorted(OPERATORS)


def get_operator_arguments(op_name: str) -> OperatorArguments:
    """How many inputs and attributes an operator has, their names, and in words what each takes.

    Raises:
        UnsupportedError: there is no such operator.
    """
    op = get(op_name)
    kind = "NDArray-or-Symbol[]" if op.variadic else "NDArray-or-Symbol"
    own = [a for a in op.attributes.values() if a.name != op.count]
    types = [kind] * len(op.inputs) + [a.describe().partition(" : ")[2] for a in own]
    return OperatorArguments(len(types), [*op.inputs, *(a.name for a in own)], types)
