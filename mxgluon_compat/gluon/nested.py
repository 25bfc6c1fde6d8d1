"""Nested lists of arrays or symbols: flat, and back."""

from __future__ import annotations

from typing import Any

from ..ndarray import NDArray
from ..symbol import Symbol

__all__ = ["flatten", "regroup"]


def flatten(args: Any, what: str) -> tuple[list[Any], Any]:
    """(leaves in order, format): 0 for an array, -1 for None, n for a symbol of n outputs, a list for a list.

    Raises:
        ValueError: a leaf that is neither array, symbol nor None.
    """
    if isinstance(args, NDArray):
        return [args], 0
    if isinstance(args, Symbol):
        return [args], len(args) if len(args) > 1 else 0
    if args is None:
        return [None], -1
    if not isinstance(args, (list, tuple)):
        raise ValueError(
            f"When hybridized, the {what} of HybridBlock must be (nested) list of Symbol or NDArray, but got {args} of "
            f"type {type(args)}"
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
                raise ValueError("None is expected here by the format of the arguments")
            return None, leaves[1:]
        if fmt == 0:
            return leaves[0], leaves[1:]
        return leaves[:fmt], leaves[fmt:]
    grouped = []
    for part in fmt:
        found, leaves = regroup(leaves, part)
        grouped.append(found)
    return grouped, leaves
