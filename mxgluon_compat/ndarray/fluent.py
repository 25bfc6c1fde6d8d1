"""Methods of NDArray whose arguments are not simply those of the operator behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..ops import registry
from .invoke import invoke, make_function
from .ndarray import NDArray

__all__ = ["METHODS"]

_expand_dims, _flatten, _squeeze, _broadcast_to = (
    make_function(registry.get(name), name) for name in ("expand_dims", "Flatten", "squeeze", "broadcast_to")
)


def expand_dims(self: NDArray, axis: int, inplace: bool = False) -> NDArray:
    """The array with a dimension of size 1 at ``axis``; with ``inplace`` the result shares the elements.

    Raises:
        MXNetError: ``axis`` is out of range (AssertionError with ``inplace``).
    """
    if not inplace:
        return _expand_dims(self, axis)
    assert -self.ndim - 1 <= axis <= self.ndim, f"axis {axis} is out of range for {self.ndim}d array"
    shape = list(self.shape)
    shape.insert(axis + self.ndim + 1 if axis < 0 else axis, 1)
    return self.reshape(shape)


def flatten(self: NDArray, inplace: bool = False) -> NDArray:
    """(N, ...) as (N, elements of one row); with ``inplace`` the result shares the elements."""
    return self.reshape((0, -1)) if inplace else _flatten(self)


def squeeze(self: NDArray, axis: int | Sequence[int] | None = None, inplace: bool = False) -> NDArray:
    """The array without its dimensions of size 1, or without those of ``axis``; ``inplace`` shares the elements.

    Raises:
        MXNetError: a dimension of ``axis`` has another size (AssertionError with ``inplace``).
    """
    if not inplace:
        return _squeeze(self, axis)
    shape = self.shape
    if axis is None:
        kept = [n for n in shape if n != 1]
    else:
        axes = [axis] if isinstance(axis, int) else list(axis)
        for one in axes:
            assert -self.ndim <= one < self.ndim, f"axis {one} is out of range for {self.ndim}d array"
            assert shape[one] == 1, f"Squeeze target axis {one} must be size 1, got {shape[one]}."
        places = {one % self.ndim for one in axes}
        assert len(places) == len(axes), f"axis {axis} contains duplicate which is not allowed."
        kept = [n for i, n in enumerate(shape) if i not in places]
    return self.reshape(kept or (1,))


def broadcast_to(self: NDArray, shape: Sequence[int]) -> NDArray:
    """The array repeated along dimensions of size 1 up to ``shape``; missing leading dimensions count as 1.

    Raises:
        ValueError: a dimension is neither 1 nor that of ``shape``.
    """
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    missing = len(shape) - self.ndim
    full = (1,) * missing + self.shape
    if missing < 0 or any(n not in (1, wanted) for n, wanted in zip(full, shape, strict=True)) or 0 in shape:
        raise ValueError(
            "operands could not be broadcast together with remapped shapes[original->remapped]: "
            f"{self.shape} and requested shape {shape}"
        )
    return _broadcast_to(self.reshape(full) if missing else self, shape)


def broadcast_like(self: NDArray, other: NDArray) -> NDArray:
    """``broadcast_to`` with the shape of ``other``."""
    return self.broadcast_to(other.shape)


def slice_assign(self: NDArray, rhs: NDArray, begin: Any, end: Any, step: Any) -> NDArray:
    """A copy with ``rhs`` in the place of the slice.

    Raises:
        MXNetError: the slice has another shape than ``rhs``.
    """
    op = registry.get("_slice_assign")
    return invoke(op, (self, rhs), op.parse({"begin": begin, "end": end, "step": step}))


def slice_assign_scalar(self: NDArray, value: float, begin: Any, end: Any, step: Any) -> NDArray:
    """A copy with ``value`` in the place of the slice."""
    op = registry.get("_slice_assign_scalar")
    return invoke(op, (self,), op.parse({"scalar": float(value), "begin": begin, "end": end, "step": step}))


def split_v2(
    self: NDArray, indices_or_sections: int | Sequence[int], axis: int = 0, squeeze_axis: bool = False
) -> NDArray | list[NDArray]:
    """The array cut along ``axis`` into equal sections, or before each of the given indices.

    Raises:
        ValueError: ``indices_or_sections`` is neither a number nor a tuple, or the sections are not equal.
    """
    op = registry.get("_split_v2")
    if isinstance(indices_or_sections, int):
        if indices_or_sections < 1 or self.shape[axis] % indices_or_sections:
            raise ValueError(
                "array split does not result in an equal division: "
                f"axis {axis} of size {self.shape[axis]} into {indices_or_sections} sections"
            )
        attrs = {"indices": (), "sections": indices_or_sections}
    elif isinstance(indices_or_sections, (tuple, list)):
        attrs = {"indices": (0, *indices_or_sections), "sections": 0}
    else:
        raise ValueError("indices_or_sections must either int or tuple of ints")
    return invoke(op, (self,), op.parse({**attrs, "axis": axis, "squeeze_axis": squeeze_axis}))


METHODS = (
    expand_dims, flatten, squeeze, broadcast_to, broadcast_like, slice_assign, slice_assign_scalar, split_v2,
)  # fmt: skip
for _method in METHODS:
    setattr(NDArray, _method.__name__, _method)
