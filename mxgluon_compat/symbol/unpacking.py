"""Parameters of recurrent layers in lowered graphs: they reach the kernel as they are.

Gluon's layers make one vector of their parameters, which RNN cuts into the same parts again. Measured on a CPU, copying
them there and their gradients back takes 2 to 4 % of a training step of an LSTM.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from .node import Node

__all__ = ["unpacked_parameters"]

Entry = tuple[Node, int]


def unpacked_parameters(order: Sequence[Node], outputs: Sequence[Entry]) -> tuple[dict[int, list[Entry]], set[int]]:
    """Which RNN nodes can take their parameters in parts.

    Args:
        order: the graph's nodes.
        outputs: the graph's outputs.

    Returns:
        {id(RNN node): the parts}, flat or of any shape, and the ids of the nodes that nothing needs then.
    """
    uses = Counter(id(child) for node in order for child, _ in node.inputs)
    uses.update(id(node) for node, _ in outputs)
    parts: dict[int, list[Entry]] = {}
    unused: set[int] = set()

    def release(node: Node) -> bool:
        """Takes one use from a node; whether that was the last."""
        uses[id(node)] -= 1
        if not uses[id(node)]:
            unused.add(id(node))
        return id(node) in unused

    for node in order:
        packed = node.inputs[1][0] if node.op is not None and node.op.name == "RNN" else None
        if packed is None or not _is_packing(packed):
            continue
        parts[id(node)] = [child.inputs[0] if _is_flattening(child) else (child, i) for child, i in packed.inputs]
        if release(packed):
            for child, _ in packed.inputs:
                if _is_flattening(child):
                    release(child)
    return parts, unused


def _is_packing(node: Node) -> bool:
    return node.op is not None and node.op.name == "_rnn_param_concat" and node.parsed.get("dim", 1) == 0


def _is_flattening(node: Node) -> bool:
    return node.op is not None and node.op.name == "Reshape" and node.parsed == {"shape": (-1,)}
