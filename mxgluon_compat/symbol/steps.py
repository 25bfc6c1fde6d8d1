"""Products of many steps with the same weights, made at once: what an unrolled cell does with its inputs one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ..ops.nn import fully_connected
from .node import Node

__all__ = ["product_of_parts", "shared_products"]


def shared_products(order: Sequence[Node], outputs: Sequence[tuple[Node, int]]) -> dict[int, tuple[Any, ...]]:
    """{id of a FullyConnected: key that it shares with others}: products of the parts of one sequence.

    Args:
        order: the graph's nodes.
        outputs: its outputs, which stay by themselves: together they would be parts of one tensor.
    """
    kept = {id(node) for node, _ in outputs}
    groups: dict[tuple[Any, ...], list[Node]] = {}
    for node in order:
        if node.op is None or node.op.name != "FullyConnected" or id(node) in kept:
            continue
        data, weights = node.inputs[0][0], node.inputs[1:]
        if data.op is not None and data.op.name == "SliceChannel" and data.parsed.get("squeeze_axis"):
            attributes = tuple(sorted(node.parsed.items()))
            key = (id(data), *((id(child), i) for child, i in weights), attributes)
            groups.setdefault(key, []).append(node)
    return {id(node): key for key, nodes in groups.items() if len(nodes) > 1 for node in nodes}


def product_of_parts(
    data: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None, *, axis: int, **attributes: Any
) -> tuple[torch.Tensor, ...]:
    """FullyConnected of each part along ``axis``; sequences (N, T, C) and (T, N, C) take one product."""
    if data.ndim == 3 and axis % 3 < 2:
        return fully_connected(data, weight, bias, **{**attributes, "flatten": False}).unbind(axis)
    return tuple(fully_connected(part, weight, bias, **attributes) for part in data.unbind(axis))
