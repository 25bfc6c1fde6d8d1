"""What the values of an array are like, in one pass and in little memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import torch

from ..base import TORCH_TO_NAME
from ..serialization.parts import Saved, SparseParts

__all__ = ["byte_size", "described", "values_of"]

_CHUNK = 1 << 20


def values_of(saved: Saved) -> torch.Tensor:
    """The array itself, or the stored values of a sparse one."""
    return saved.parts[-1] if isinstance(saved, SparseParts) else saved


def byte_size(saved: Saved) -> int:
    """Bytes that the array takes in a file."""
    parts = saved.parts if isinstance(saved, SparseParts) else (saved,)
    return sum(part.numel() * part.element_size() for part in parts)


def described(saved: Saved, progress: Callable[[int], None] | None = None) -> dict[str, Any]:
    """shape, dtype, stype, size, bytes; with ``progress`` (called with the bytes that are done) the statistics too.

    ``min``, ``max``, ``mean`` and ``std`` are those of the finite values and None where there are none; ``nan`` and
    ``inf`` count the others.
    """
    values = values_of(saved)
    found: dict[str, Any] = {
        "shape": list(saved.shape),
        "dtype": TORCH_TO_NAME[values.dtype],
        "stype": saved.stype if isinstance(saved, SparseParts) else "default",
        "size": math.prod(saved.shape),
        "bytes": byte_size(saved),
    }
    if isinstance(saved, SparseParts):
        found["stored"] = values.numel()
    if progress is not None:
        found.update(_statistics(values, progress))
    return found


def _statistics(values: torch.Tensor, progress: Callable[[int], None]) -> dict[str, Any]:
    least = most = mean = None
    count = nan = inf = 0
    squares = 0.0
    for chunk in _chunks(values):
        progress(chunk.numel() * chunk.element_size())
        if chunk.dtype is torch.bool:
            chunk = chunk.to(torch.uint8)
        if chunk.is_floating_point():
            finite = chunk.isfinite()
            if not finite.all():
                nan_here = int(chunk.isnan().sum())
                nan, inf = nan + nan_here, inf + chunk.numel() - int(finite.sum()) - nan_here
                chunk = chunk[finite]
        here = chunk.numel()
        if not here:
            continue
        low, high = chunk.min().item(), chunk.max().item()
        least, most = (low, high) if least is None or most is None else (min(least, low), max(most, high))
        wide = chunk.double()
        average = wide.mean().item()
        squares_here = (wide - average).square().sum().item()
        if mean is None:
            count, mean, squares = here, average, squares_here
        else:
            step = average - mean
            squares += squares_here + step * step * count * here / (count + here)
            mean += step * here / (count + here)
            count += here
    std = math.sqrt(squares / count) if count else None
    numbers = {"min": least, "max": most, "mean": mean, "std": std}
    # Sums of values near the largest double leave its range.
    return {k: v if v is None or math.isfinite(v) else None for k, v in numbers.items()} | {"nan": nan, "inf": inf}


def _chunks(values: torch.Tensor) -> Iterator[torch.Tensor]:
    flat = values.reshape(-1)
    for start in range(0, flat.numel(), _CHUNK):
        yield flat[start : start + _CHUNK]
