"""Optimizer states as bytes: safetensors for the arrays, JSON in its metadata for the rest.

MXNet pickles both, and the optimizer itself with them. A pickle runs whatever its writer wanted; these files cannot, so
files of MXNet's are refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from ..base import MXNetError
from ..ndarray import NDArray

__all__ = ["dump_states", "load_states"]

_KEY = "mxgluon_compat.optimizer"
_PLAIN = (bool, int, float, str, type(None))


def dump_states(states: Mapping[Any, Any], optimizer: Any | None) -> bytes:
    """The states of an Updater, with the optimizer's settings and counters if ``optimizer`` is given.

    Raises:
        TypeError: a state that is no array, number, string, None, or list or tuple of such.
    """
    tensors: dict[str, torch.Tensor] = {}
    described: dict[str, Any] = {"states": [[index, _describe(state, tensors)] for index, state in states.items()]}
    if optimizer is not None:
        described["optimizer"] = {
            "class": type(optimizer).__name__,
            "settings": _settings(optimizer),
            "counts": [[d, list(c.items())] for d, c in optimizer._all_index_update_counts.items()],
        }
        if optimizer.lr_scheduler is not None:
            described["optimizer"]["scheduler"] = _settings(optimizer.lr_scheduler)
    return save(tensors, {_KEY: json.dumps(described)})


def load_states(content: bytes, optimizer: Any) -> dict[Any, Any]:
    """The states that ``dump_states`` wrote; settings and counters, where it wrote them, go into ``optimizer``.

    Raises:
        MXNetError: bytes of something else, or of another optimizer.
    """
    try:
        tensors = load(content)
        size = int.from_bytes(content[:8], "little")
        described = json.loads(json.loads(content[8 : 8 + size])["__metadata__"][_KEY])
    except (SafetensorError, KeyError, ValueError) as error:
        pickled = " It is a pickle, as MXNet writes them: those are not read." if content[:1] == b"\x80" else ""
        raise MXNetError(f"these are no optimizer states of mxgluon_compat.{pickled}") from error
    saved = described.get("optimizer")
    if saved is not None:
        if saved["class"] != type(optimizer).__name__:
            raise MXNetError(f"these are states of {saved['class']}, but the optimizer is {type(optimizer).__name__}")
        vars(optimizer).update(saved["settings"])
        if optimizer.lr_scheduler is not None:
            vars(optimizer.lr_scheduler).update(saved.get("scheduler", {}))
        optimizer._all_index_update_counts = {d: {i: n for i, n in counts} for d, counts in saved["counts"]}
        optimizer._set_current_context(0)
    return {index: _restore(state, tensors) for index, state in described["states"]}


def _settings(thing: Any) -> dict[str, Any]:
    """The attributes that are plain values, or lists of them."""
    found = {}
    for name, value in vars(thing).items():
        if isinstance(value, _PLAIN) or (isinstance(value, list) and all(isinstance(v, _PLAIN) for v in value)):
            found[name] = value
    return found


def _describe(state: Any, tensors: dict[str, torch.Tensor]) -> Any:
    if isinstance(state, NDArray):
        name = str(len(tensors))
        # a copy, since states that share elements could not be written
        tensors[name] = state._data.detach().to("cpu", copy=True).contiguous()
        return {"array": name} if state.stype == "default" else {"array": name, "stype": state.stype}
    if isinstance(state, (list, tuple)):
        return {type(state).__name__: [_describe(s, tensors) for s in state]}
    if isinstance(state, _PLAIN):
        return state
    raise TypeError(f"an optimizer state must be made of arrays, numbers, strings, lists and tuples, got {type(state)}")


def _restore(described: Any, tensors: Mapping[str, torch.Tensor]) -> Any:
    if not isinstance(described, dict):
        return described
    (kind, value), *_ = described.items()
    if kind == "array":
        array = NDArray(tensors[value])
        return array.tostype(described["stype"]) if "stype" in described else array
    return (list if kind == "list" else tuple)(_restore(s, tensors) for s in value)
