"""Arrays of a graph that a backward pass has used up: operators take them for constants from then on, as in MXNet.

Training by truncated backpropagation through time often goes on from the last states without detaching them. torch
would go back into the graph of the step before, and refuse.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

from .switches import state

__all__ = ["current", "forget_used", "note_used"]

_CHECKED = "mxgluon_compat: checked"  # the entry of a node's metadata: with which ``state.used`` it was found unused
_saved: dict[type, list[str]] = {}  # class of a node -> its attributes that a backward pass may free


def note_used() -> None:
    """Marks what was recorded in this thread so far as older than a backward pass that kept no graph."""
    state.used = torch.autograd._get_sequence_nr()


def current(tensor: torch.Tensor) -> torch.Tensor:
    """``tensor``, without its history if that is used up."""
    node = tensor.grad_fn
    if node is None or node._sequence_nr() >= state.used or not _is_used(node):
        return tensor
    return tensor.detach()


def forget_used(arrays: Iterable[Any]) -> None:
    """Takes those of the arrays whose history is used up out of it."""
    for array in arrays:
        if not getattr(array, "_is_sparse", True) and array._data.requires_grad:
            array._data = current(array._data)


def _is_used(node: Any) -> bool:
    """Whether a backward pass has freed this node of torch's graph, or one that it depends on.

    An operator of MXNet is several nodes of torch's, and one of its outputs is used up with the others.
    """
    waiting, seen = [node], set()
    while waiting:
        found = waiting.pop()
        if found is None or found in seen or found.metadata.get(_CHECKED) == state.used:
            continue
        seen.add(found)
        if _is_freed(found):
            return True
        waiting.extend(following for following, _ in found.next_functions)
    for found in seen:
        found.metadata[_CHECKED] = state.used
    return False


def _is_freed(node: Any) -> bool:
    kind = type(node)
    names = _saved.get(kind)
    if names is None:
        names = _saved[kind] = [n for n in dir(node) if n.startswith("_saved_") or n == "saved_tensors"]
    try:
        for name in names:
            getattr(node, name)
    except RuntimeError as error:
        return "second time" in str(error)
    return False
