"""The table that ``Block.summary`` prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..ndarray import NDArray
from ..symbol import Symbol
from .utils import HookHandle

__all__ = ["print_summary"]

_ROW = "{:>20}  {:>42} {:>15}"
_WIDTH = 80


def print_summary(block: Any, inputs: Sequence[Any]) -> None:
    """Runs ``block`` on ``inputs`` and prints a row for each layer that ran.

    Args:
        block: initialised, and nowhere hybridized.
        inputs: arrays, nested lists of them, None.

    Raises:
        AssertionError: a hybridized Block.
        RuntimeError: Parameters are not initialised.
    """
    rows: list[tuple[str, str | None, int]] = [("Input", _shapes(list(inputs)), 0)]
    counts = {"total": 0, "trainable": 0, "shared": 0}
    seen: set[int] = set()
    handles: list[HookHandle] = []

    def add_row(layer: Any, _: Any, outputs: Any) -> None:
        shapes = _shapes(outputs if isinstance(outputs, (list, tuple)) else [outputs])
        if shapes is None:  # a pass with symbols, for shapes that were deferred
            return
        size = 0
        for param in layer.params.values():
            n = param.data().size
            size += n
            counts["trainable"] += 0 if param.grad_req == "null" else n
            counts["shared"] += n if id(param) in seen else 0
            seen.add(id(param))
        counts["total"] += size
        rows.append((f"{type(layer).__name__}-{len(rows)}", shapes, size))

    def watch(layer: Any) -> None:
        from .block import HybridBlock
        from .nn import HybridSequential, Sequential

        assert not isinstance(layer, HybridBlock) or not layer._active, (
            f'"{layer.name}" must not be hybridized to print summary.'
        )
        if not isinstance(layer, (Sequential, HybridSequential)):
            handles.append(layer.register_forward_hook(add_row))

    try:
        block.apply(watch)
        block(*inputs)
    finally:
        for handle in handles:
            handle.detach()
    print("-" * _WIDTH)
    print(_ROW.format("Layer (type)", "Output Shape", "Param #"))
    print("=" * _WIDTH)
    for row in rows:
        print(_ROW.format(*row))
    print("=" * _WIDTH)
    print("Parameters in forward computation graph, duplicate included")
    print(f"   Total params: {counts['total']}")
    print(f"   Trainable params: {counts['trainable']}")
    print(f"   Non-trainable params: {counts['total'] - counts['trainable']}")
    print(f"Shared params in forward computation graph: {counts['shared']}")
    print(f"Unique parameters in model: {counts['total'] - counts['shared']}")
    print("-" * _WIDTH)


def _shapes(values: Sequence[Any]) -> str | None:
    """The shapes in nested lists, as text; None where there are symbols."""
    shown = []
    for value in values:
        if isinstance(value, Symbol):
            return None
        if isinstance(value, (list, tuple)):
            inner = _shapes(value)
            if inner is None:
                return None
            shown.append(f"[{inner}]")
        else:
            shown.append(str(value.shape) if isinstance(value, NDArray) else str(value))
    return ", ".join(shown)
