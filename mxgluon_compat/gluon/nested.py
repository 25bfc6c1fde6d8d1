"""Nested lists of arrays or symbols: flat, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..ndarray import NDArray
from ..symbol import Symbol

__all__ = ["fill_nones", "first_leaf", "flatten", "regroup"]


def flatten(args: Any, what: str) -> tuple[list[Any], Any]:
    """(leaves in order, format): 0 for an array, -1 for None, n for a symbol of n outputs, a list for a list.

    Raises:
        ValueError: a leaf that is neither array, symbol nor None.
    """
    if isinstance(args, NDArray):
        return [args], 0
    if isinstance(args, Symbol):
        return [args], len(args._outputs) if len(args._outputs) > 1 else 0
    if args is None:
        return [None], -1
    if not isinstance(args, (list, tuple)):
        raise ValueError(
            f"When hybridized, the input of HybridBlock {what} must be (nested) list of Symbol or NDArray, but got "
            f"{args} "
            f"of type {type(args)}"
        )
    leaves: list[Any] = []
    formats = []
    for arg in args:
        found, fmt = flatten(arg, what)
        leaves.extend(found)
        formats.append(fmt)
    return leaves, formats


def regroup(leaves: list[Any], fmt: Any) -> tuple[Any, list[Any]]:
    """Undoes ``flatten``: (structure, leaves that were not used)."""
    if isinstance(fmt, int):
        if fmt == -1:
            if leaves and leaves[0] is not None:
                raise ValueError(
                    "We do not support passing types that are not None when the initial HybridBlock has received "
                    f"NoneType and has been hybridized. Received arg = {leaves[0]}, fmt = {fmt}."
                )
            return None, leaves[1:]
        if fmt == 0:
            return leaves[0], leaves[1:]
        return leaves[:fmt], leaves[fmt:]
    grouped = []
    for part in fmt:
        found, leaves = regroup(leaves, part)
        grouped.append(found)
    return grouped, leaves


def fill_nones(fmt: Any, leaves: Iterator[Any]) -> list[Any]:
    """The leaves with a None for each place of the format that holds one."""
    if isinstance(fmt, int):
        return [None] if fmt == -1 else [next(leaves) for _ in range(max(fmt, 1))]
    return [x for part in fmt for x in fill_nones(part, leaves)]


def first_leaf(args: Sequence[Any]) -> NDArray | Symbol | None:
    """The first array or symbol in nested lists."""
    for arg in args:
        if isinstance(arg, (NDArray, Symbol)):
            return arg
        if isinstance(arg, (list, tuple)):
            found = first_leaf(arg)
            if found is not None:
                return found
    return None
