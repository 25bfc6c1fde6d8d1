"""Arrays and tensors in nested structures: what goes into the other world, and comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

from ..context import Context
from ..ndarray import NDArray, from_torch
from ..numpy.family import as_mode

__all__ = ["first_context", "leaves", "unwrapped", "wrapped"]


def leaves(structure: Any) -> Iterator[Any]:
    """What stands in nested lists, tuples and dicts, in order."""
    if isinstance(structure, (list, tuple)):
        for part in structure:
            yield from leaves(part)
    elif isinstance(structure, dict):
        yield from leaves(list(structure.values()))
    else:
        yield structure


def _mapped(structure: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(structure, (list, tuple)):
        parts = [_mapped(part, change) for part in structure]
        if isinstance(structure, list):
            return parts
        return type(structure)(*parts) if hasattr(structure, "_fields") else tuple(parts)
    if isinstance(structure, dict):
        return {key: _mapped(part, change) for key, part in structure.items()}
    return change(structure)


def wrapped(structure: Any, ctx: Context | None) -> Any:
    """Tensors as arrays of ``ctx`` (None: the one that the tensor's device tells), sharing their elements: NDArrays,
    under ``npx.set_np()`` arrays of ``mx.np``."""
    return _mapped(structure, lambda x: as_mode(from_torch(x, ctx)) if isinstance(x, torch.Tensor) else x)


def unwrapped(structure: Any) -> Any:
    """NDArrays as the tensors that they wrap."""
    return _mapped(structure, lambda x: x.to_torch() if isinstance(x, NDArray) else x)


def first_context(structure: Any) -> Context | None:
    """The context of the first array or tensor."""
    for x in leaves(structure):
        if isinstance(x, (NDArray, torch.Tensor)):
            return x.context if isinstance(x, NDArray) else from_torch(x).context
    return None
