"""Shape rules (``infer_inputs``) of operators whose inputs follow from each other or from the output.

A shape that is not known at all is None, an unknown dimension 0. ``outputs`` holds what is known of the outputs' shapes
and may be empty.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from .registry import InferInputs, merge_shapes
from .schema import Shape

__all__ = [
    "concatenated", "filled", "from_output", "gemm_shapes", "pick_shapes", "reshape_shapes", "sequence_shapes",
    "triangular_shapes", "where_shapes", "with_length",
]  # fmt: skip

Shapes = Sequence[Shape | None]


def with_length(shape: Shape, axis: int, length: int) -> Shape:
    """``shape`` with the length of one axis; the length that it has stays.

    Raises:
        ValueError: the axis is out of range.
    """
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"axis {axis} is out of range for data of {len(shape)} dimensions")
    axis %= len(shape)
    return (*shape[:axis], shape[axis] or length, *shape[axis + 1 :])


def filled(shape: Shape, size: int) -> Shape:
    """``shape`` with its one unknown dimension, if only one is, such that it has ``size`` elements (0: unknown)."""
    rest = math.prod(n for n in shape if n)
    if not size or shape.count(0) != 1 or size % rest:
        return shape
    return with_length(shape, shape.index(0), size // rest)


def from_output(rule: Callable[..., Shape]) -> InferInputs:
    """The rule of an operator of one input: ``rule(output shape, **attrs)`` is that of the input."""

    def infer(shapes: Shapes, *, outputs: Shapes = (), **attrs: Any) -> list[Shape | None]:
        told = rule(outputs[0], **attrs) if outputs and outputs[0] is not None else None
        return [merge_shapes("data", shapes[0], told)]

    return infer


def concatenated(shapes: Shapes, *, dim: int, outputs: Shapes = (), **_: Any) -> list[Shape | None]:
    """All inputs agree with each other and with the output but along one axis, where the output has their sum."""
    output = outputs[0] if outputs else None
    others: Shape | None = None
    for i, shape in enumerate((*shapes, output)):
        if shape is not None and -len(shape) <= dim < len(shape):
            axis = dim % len(shape)
            others = merge_shapes(f"input {i}", (*shape[:axis], 0, *shape[axis + 1 :]), others)
    if others is None:
        return list(shapes)
    found = [merge_shapes(f"input {i}", shape, others) for i, shape in enumerate(shapes)]
    lengths = [shape[dim] for shape in found]
    if output is not None and output[dim] and lengths.count(0) == 1:
        last = lengths.index(0)
        found[last] = with_length(found[last], dim, max(output[dim] - sum(lengths), 0))
    return found


def reshape_shapes(shapes: Shapes, *, shape: Shape, outputs: Shapes = (), **_: Any) -> list[Shape | None]:
    """Data and result have as many elements."""
    output = outputs[0] if outputs and outputs[0] is not None else shape if min(shape, default=0) > 0 else ()
    return [shapes[0] and filled(shapes[0], math.prod(output) if output else 0)]


def sequence_shapes(shapes: Shapes, *, axis: int, **_: Any) -> list[Shape | None]:
    """data (time, batch, ...), or (batch, time, ...) for axis 1, and the sequences' lengths (batch,)."""
    data = shapes[0]
    if data is None or len(shapes) == 1 or not 0 <= axis <= 1 < len(data):
        return list(shapes)
    lengths = shapes[1]
    if lengths is not None and len(lengths) == 1:
        data = with_length(data, 1 - axis, lengths[0])
    return [data, merge_shapes("sequence_length", lengths, (data[1 - axis],))]


def pick_shapes(shapes: Shapes, *, axis: int | None, **_: Any) -> list[Shape | None]:
    """The index has data's shape without one axis, or with length 1 there."""
    data, index = shapes
    if data is None or axis is None or not -len(data) <= axis < len(data):
        return [data, index]
    axis %= len(data)
    without = data[:axis] + data[axis + 1 :] or (1,)
    if index is not None and len(index) == len(data):
        without = (*data[:axis], 1, *data[axis + 1 :])
    index = merge_shapes("index", index, without)
    if len(data) > 1:
        others = index if len(index) < len(data) else index[:axis] + index[axis + 1 :]
        data = merge_shapes("data", data, (*others[:axis], 0, *others[axis:]))
    return [data, index]


def where_shapes(shapes: Shapes, *, outputs: Shapes = (), **_: Any) -> list[Shape | None]:
    """x, y and the result have one shape, the condition too, or only its first axis."""
    condition, *values = shapes
    merged = outputs[0] if outputs else None
    for shape in values:
        merged = merge_shapes("y", shape, merged)
    if merged is not None and condition is not None:
        told = merged if len(condition) == len(merged) else merged[:1]
        condition = merge_shapes("condition", condition, told)
        if len(condition) == len(merged):
            merged = merge_shapes("x", merged, condition)
        else:
            merged = with_length(merged, 0, condition[0])
    return [condition, merged, merged]


def triangular_shapes(shapes: Shapes, *, rightside: bool, outputs: Shapes = (), **_: Any) -> list[Shape | None]:
    """B (b..., n, m) has the result's shape; the triangular A (b..., n, n) fits it from the left or right."""
    a, b = shapes
    b = merge_shapes("B", b, outputs[0] if outputs else None)
    side = -1 if rightside else -2
    if b is not None and len(b) > 1:
        a = merge_shapes("A", a, (*b[:-2], b[side], b[side]))
    if a is not None and b is not None and len(a) > 1:
        b = with_length(b, side, a[-1] or a[-2])
    return [a, b]


def gemm_shapes(
    shapes: Shapes, *, transpose_a: bool, transpose_b: bool, axis: int, outputs: Shapes = (), **_: Any
) -> list[Shape | None]:
    """C (b..., n, m) has the result's shape, which follows from A (b..., n, k) and B (b..., k, m)."""
    a, b, c = shapes
    c = merge_shapes("C", c, outputs[0] if outputs else None)
    if axis == -2 and a is not None and b is not None and min(len(a), len(b)) > 1:
        c = merge_shapes("C", c, (*a[:-2], a[-1 if transpose_a else -2], b[-2 if transpose_b else -1]))
    return [a, b, c]
