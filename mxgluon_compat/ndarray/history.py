"""Notes of which operator made an array while recording, for ``autograd.get_symbol``.

They are taken only where a program asks for them (``autograd.keep_history``), and hang on torch's graph, with which
they end.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch

from .. import autograd
from ..ops import registry
from ..ops.registry import Operator
from .ndarray import NDArray

__all__ = ["Constant", "Made", "note", "note_view", "source"]

_KEY = "mxgluon_compat: made"  # the entry of a node's metadata


class Made(NamedTuple):
    """One use of an operator; its sources stand for its inputs, None for one that is absent."""

    op: Operator
    attributes: Mapping[str, Any]
    sources: Sequence[Any]


class Constant:
    """Stands for an array outside of the graph."""


_constants: dict[int, tuple[weakref.ref[NDArray], Constant]] = {}


def _notes(node: Any) -> dict[Any, Any]:
    return node.metadata  # torch's stubs have a method of this name


def source(array: NDArray, known: bool = False) -> Any:
    """Where an array comes from: (Made, output number), a variable's tensor, a ``Constant``, else torch's node.

    ``known``: None for an array outside of the graph that no operator with a note has used.
    """
    tensor = array._data
    if tensor.requires_grad:
        if tensor.grad_fn is None:
            return tensor
        return _notes(tensor.grad_fn).get(_KEY, {}).get(tensor.output_nr, tensor.grad_fn)
    key = id(array)
    if key not in _constants and not known:
        _constants[key] = weakref.ref(array, lambda _: _constants.pop(key, None)), Constant()
    return _constants[key][1] if key in _constants else None


def note(op: Operator, attributes: Mapping[str, Any], inputs: Sequence[NDArray | None], results: Sequence[Any]) -> None:
    """Says of recorded ``results`` that ``op`` made them."""
    tensors: list[torch.Tensor] = [r._data for r in results]
    if all(t.grad_fn is None for t in tensors):
        return
    made = Made(op, dict(attributes), [None if x is None else source(x) for x in inputs])
    for place, tensor in enumerate(tensors):
        if tensor.grad_fn is not None:
            _notes(tensor.grad_fn).setdefault(_KEY, {})[tensor.output_nr] = made, place


def note_view(result: NDArray, array: NDArray, key: Any = None) -> None:
    """Says of ``result`` that it is ``array`` in another shape, or ``array[key]``, unless the index is advanced."""
    if result._data.grad_fn is None:
        return
    inner, shape = source(array), array.shape
    if key is not None:
        key = key if isinstance(key, tuple) else (key,)
        if any(type(k) not in (int, slice) for k in key):
            return
        bounds = [
            (k, k + 1, 1) if isinstance(k, int) and k >= 0 else (k + n, k + n + 1, 1) if isinstance(k, int)
            else (k.start, k.stop, k.step) for k, n in zip(key, shape)
        ]  # fmt: skip
        begin, end, step = (tuple(b[i] for b in bounds) for i in range(3))
        inner = Made(registry.get("slice"), {"begin": begin, "end": end, "step": step}, [inner]), 0
        if all(isinstance(k, slice) for k in key):
            _notes(result._data.grad_fn).setdefault(_KEY, {})[result._data.output_nr] = inner
            return
    made = Made(registry.get("Reshape"), {"shape": result.shape}, [inner])
    _notes(result._data.grad_fn).setdefault(_KEY, {})[result._data.output_nr] = made, 0


autograd.history.note_view = note_view
