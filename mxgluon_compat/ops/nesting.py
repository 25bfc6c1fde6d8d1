"""Nested lists of arrays or symbols, as the functions of control flow take and give them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["flatten", "number_of_iterations", "regroup"]


def flatten(args: Any, kind: type, what: str, parts: Callable[[Any], list[Any]] | None = None) -> tuple[list[Any], Any]:
    """All elements of nested lists, and their nesting: None for one alone.

    Args:
        args: an element, or lists and tuples of them, to any depth.
        kind: the elements' class.
        what: what they are, for the message.
        parts: what one element stands for; if these are several, it is as if it were the list of them.

    Raises:
        AssertionError: something is of another class.
    """
    if isinstance(args, kind):
        found = [args] if parts is None else parts(args)
        return found, None if len(found) == 1 else [None] * len(found)
    assert isinstance(args, (list, tuple)), (
        f"{what} must be (nested) list of {kind.__name__}, but got {args} of type {type(args)}"
    )
    elements, nesting = [], []
    for arg in args:
        found, form = flatten(arg, kind, what, parts)
        elements += found
        nesting.append(form)
    return elements, nesting


def regroup(elements: Sequence[Any], nesting: Any) -> Any:
    """The elements in that nesting, of lists."""
    left = iter(elements)

    def group(form: Any) -> Any:
        return next(left) if form is None else [group(part) for part in form]

    return group(nesting)


def number_of_iterations(value: Any) -> int:
    """``max_iterations`` as a number.

    Raises:
        ValueError: it is none.
    """
    if value is None:
        raise ValueError("max_iterations should be specified")
    try:
        return int(value.asscalar() if hasattr(value, "asscalar") else value)
    except (TypeError, ValueError):
        raise ValueError("Cannot convert max_iteration to python int") from None
