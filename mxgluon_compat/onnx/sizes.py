"""Arrays as long as others are, in graphs for data whose sizes change.

A size is known by the values that it has for several shapes of the data, the *probes*: a tuple of one number for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .. import symbol as sym
from ..symbol import Symbol

__all__ = ["Shapes", "Source", "arange", "filled", "sizes_of"]

Shapes = Sequence[tuple[int, ...]]
"""One shape for each probe, all of one rank."""

Source = tuple[Symbol, Shapes]
"""A result in a graph, with its shapes."""


def sizes_of(shapes: Shapes) -> list[tuple[int, ...]]:
    """Of each axis its size for each probe."""
    return list(zip(*shapes, strict=True))


def _varies(size: Sequence[int]) -> bool:
    return len(set(size)) > 1


def _strip(sources: Iterable[Source], size: tuple[int, ...], axis: int, rank: int) -> Symbol:
    """Some values along one axis of that size, all others of length 1.

    Raises:
        LookupError: no source has that size.
    """
    for source, shapes in sources:
        sizes = sizes_of(shapes)
        if size in sizes:
            place = sizes.index(size)
            for other in range(len(sizes)):
                if other != place:
                    source = sym.slice_axis(source, axis=other, begin=0, end=1)
            return sym.Reshape(source, shape=tuple(-1 if i == axis else 1 for i in range(rank)))
    raise LookupError(size)


def filled(value: float, shapes: Shapes, dtype: str, sources: Iterable[Source], name: str | None = None) -> Symbol:
    """An array of one value, of these shapes.

    Raises:
        LookupError: a size that changes, and that no source has.
    """
    sizes, sources = sizes_of(shapes), list(sources)
    rank = len(sizes)
    strips = [sym.zeros_like(_strip(sources, s, i, rank)) for i, s in enumerate(sizes) if _varies(s)]
    if not strips:
        return sym.full(shapes[0], value, dtype=dtype, name=name)
    result = strips[0]
    for strip in strips[1:]:
        result = sym.broadcast_add(result, strip)
    fixed = [(i, s[0]) for i, s in enumerate(sizes) if not _varies(s) and s[0] != 1]
    if fixed:
        result = sym.broadcast_axis(result, axis=tuple(i for i, _ in fixed), size=tuple(n for _, n in fixed))
    result = sym.Cast(result, dtype=dtype)
    return sym._internal._plus_scalar(result, scalar=value, name=name)


def arange(
    start: float, step: float, size: tuple[int, ...], dtype: str, sources: Iterable[Source], name: str | None = None
) -> Symbol:
    """``start``, ``start + step``, ..., as many as ``size`` says.

    Raises:
        LookupError: no source has that size.
    """
    strip = _strip(sources, size, 0, 1)
    return sym.Cast(sym.contrib.arange_like(strip, start=start, step=step), dtype=dtype, name=name)
