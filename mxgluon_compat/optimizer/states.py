"""Optimizer states as bytes: safetensors for the arrays, JSON in its metadata for the rest.

MXNet pickles both, and the optimizer itself with them. A pickle runs whatever its writer wanted; these files cannot.
Those of MXNet are read by ``pickles``, which runs nothing either.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from .. import lr_scheduler
from ..base import MXNetError
from ..ndarray import NDArray
from .pickles import Settings, looks_pickled, unpickled

__all__ = ["dump_states", "load_states"]

_KEY = "mxgluon_compat.optimizer"
_PLAIN = (bool, int, float, str, type(None))
_COUNTS = "_all_index_update_counts"
# Attributes of an optimizer that are no settings, or are written apart.
_APART = (_COUNTS, "_index_update_count", "param_dict", "lr_scheduler")


def dump_states(states: Mapping[Any, Any], optimizer: Any | None) -> bytes:
    """The states of an Updater, with the optimizer's settings and counters if ``optimizer`` is given.

    Settings are its attributes that are numbers, text, arrays, or lists, tuples and dicts of such.

    Raises:
        TypeError: a state that is none of these.
    """
    tensors: dict[str, torch.Tensor] = {}
    described: dict[str, Any] = {"states": [[index, _describe(state, tensors)] for index, state in states.items()]}
    if optimizer is not None:
        scheduler = optimizer.lr_scheduler
        described["optimizer"] = {
            "class": type(optimizer).__name__,
            "settings": _settings(optimizer, tensors),
            "counts": [[d, list(c.items())] for d, c in optimizer._all_index_update_counts.items()],
            "scheduler": scheduler and [type(scheduler).__name__, _settings(scheduler, tensors)],
        }
    return save(tensors, {_KEY: json.dumps(described)})


def load_states(content: bytes, optimizer: Any) -> dict[Any, Any]:
    """The states that ``dump_states`` or MXNet wrote; settings and counters, if there, go into ``optimizer``.

    Raises:
        MXNetError: bytes of something else, or of another optimizer or scheduler. Nothing has changed then.
    """
    states, saved = _pickled(content, optimizer) if looks_pickled(content) else _ours(content)
    if saved is not None:
        _take(optimizer, saved)
    return states


def _ours(content: bytes) -> tuple[dict[Any, Any], Settings | None]:
    """The states, and the optimizer, of what ``dump_states`` wrote."""
    try:
        tensors = load(content)
        size = int.from_bytes(content[:8], "little")
        described = json.loads(json.loads(content[8 : 8 + size])["__metadata__"][_KEY])
        states = {index: _restore(state, tensors) for index, state in described["states"]}
        saved = described.get("optimizer")
        if saved is None:
            return states, None
        values = {name: _restore(value, tensors) for name, value in saved["settings"].items()}
        scheduler = saved["scheduler"]
        if scheduler is not None:
            scheduler = Settings(scheduler[0], {name: _restore(v, tensors) for name, v in scheduler[1].items()})
        counts = {d: {i: n for i, n in counts} for d, counts in saved["counts"]}
        return states, Settings(saved["class"], {**values, "lr_scheduler": scheduler, _COUNTS: counts})
    except (SafetensorError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise MXNetError("these are no optimizer states, neither of mxgluon_compat nor of MXNet") from error


def _pickled(content: bytes, optimizer: Any) -> tuple[dict[Any, Any], Settings | None]:
    """The states, and the optimizer, of what MXNet wrote."""
    held = unpickled(content, {(type(o).__module__, type(o).__name__) for o in (optimizer, optimizer.lr_scheduler)})
    states, saved = held if isinstance(held, tuple) and len(held) == 2 else (held, None)
    if not isinstance(states, dict) or not (saved is None or isinstance(saved, Settings)):
        raise MXNetError("this pickle holds no optimizer states: they are a dict, or a dict and an optimizer")
    return states, saved


def _take(optimizer: Any, saved: Settings) -> None:
    """Makes the settings, counters and scheduler of ``optimizer`` those of ``saved``."""
    if saved.name != type(optimizer).__name__:
        raise MXNetError(f"these are states of {saved.name}, but the optimizer is {type(optimizer).__name__}")
    values = {name: value for name, value in saved.values.items() if name not in _APART}
    counts = saved.values.get(_COUNTS, {0: dict(saved.values.get("_index_update_count", {}))})
    if not all(isinstance(c, dict) and all(isinstance(n, int) for n in c.values()) for c in counts.values()):
        raise MXNetError("these optimizer states are damaged: they have no counts of updates")
    scheduler = _scheduler(optimizer.lr_scheduler, saved.values.get("lr_scheduler"))
    vars(optimizer).update(values)
    optimizer.lr_scheduler = scheduler
    optimizer._all_index_update_counts = counts
    optimizer._set_current_context(0)


def _scheduler(present: Any, saved: Settings | None) -> Any:
    """The scheduler ``saved``: ``present`` where it is of its class, or one of MXNet's.

    Raises:
        MXNetError: one of another class.
    """
    if saved is None:
        return None
    if not isinstance(saved, Settings):
        raise MXNetError("these optimizer states are damaged: their scheduler has no settings")
    kind: Any = type(present) if saved.name == type(present).__name__ else None
    if kind is None and saved.name in lr_scheduler.__all__:
        kind = getattr(lr_scheduler, saved.name)
    if kind is None:
        raise MXNetError(
            f"these optimizer states have a scheduler of the class {saved.name}, and the optimizer here has "
            f"{'none' if present is None else 'a ' + type(present).__name__}; give it one of {saved.name} first"
        )
    made = kind.__new__(kind)
    vars(made).update({**(vars(present) if type(present) is kind else {}), **saved.values})
    return made


def _settings(thing: Any, tensors: dict[str, torch.Tensor]) -> dict[str, Any]:
    """The attributes that can be written."""
    found = {}
    for name, value in vars(thing).items():
        if name not in _APART:
            try:
                found[name] = _describe(value, tensors)
            except TypeError:
                continue  # a function, a logger, ...: of the optimizer that takes the settings
    return found


def _describe(state: Any, tensors: dict[str, torch.Tensor]) -> Any:
    if isinstance(state, NDArray):
        name = str(len(tensors))
        # a copy, since states that share elements could not be written
        tensors[name] = state._data.detach().to("cpu", copy=True).contiguous()
        return {"array": name} if state.stype == "default" else {"array": name, "stype": state.stype}
    if isinstance(state, (list, tuple)):
        return {"list" if isinstance(state, list) else "tuple": [_describe(s, tensors) for s in state]}
    if isinstance(state, dict):
        return {"dict": [[_key(k), _describe(v, tensors)] for k, v in state.items()]}
    if isinstance(state, np.generic):
        return _describe(state.item(), tensors)
    if isinstance(state, np.ndarray):
        name = str(len(tensors))
        tensors[name] = torch.from_numpy(np.array(state))
        return {"numpy": name}
    if isinstance(state, _PLAIN):
        return state
    raise TypeError(
        f"an optimizer state must be made of arrays, numbers, strings, lists, tuples and dicts, got {type(state)}"
    )


def _key(key: Any) -> Any:
    if isinstance(key, _PLAIN):
        return key
    raise TypeError(f"keys of optimizer states must be numbers or strings, got {type(key)}")


def _restore(described: Any, tensors: Mapping[str, torch.Tensor]) -> Any:
    if not isinstance(described, dict):
        return described
    (kind, value), *_ = described.items()
    if kind == "array":
        found = NDArray(tensors[value])
        return found.tostype(described["stype"]) if "stype" in described else found
    if kind == "numpy":
        return tensors[value].numpy()
    if kind == "dict":
        return {key: _restore(v, tensors) for key, v in value}
    return {"list": list, "tuple": tuple}[kind](_restore(s, tensors) for s in value)
