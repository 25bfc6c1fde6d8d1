"""The switches of recording and training of a thread, the scopes that set them, and torch's grad mode beside them."""

from __future__ import annotations

import operator
import os
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import torch

__all__ = [
    "history", "is_recording", "is_training", "keep_history", "no_recording", "pause", "predict_mode", "record",
    "Scope", "set_recording", "set_torch_grad", "set_training", "state", "train_mode", "write_unrecorded",
]  # fmt: skip


class _State(threading.local):
    recording = False
    plain = False  # recording, and nothing is noted for get_symbol: the short ways through operators may be taken
    training = False

    used = 0  # torch's sequence number at the last backward pass that kept no graph, see ``used``

    def __init__(self) -> None:
        self.torch_grad = True  # torch's grad mode from before set_recording(True), to put back
        # Arrays that recorded operators wrote into; torch keeps their history in the tensor itself.
        self.written: dict[int, weakref.ref[Any]] = {}


state = _State()
"""This thread's switches; hot paths read ``state.plain`` and ``state.recording`` directly."""


class _History:
    """Whether operators leave notes for ``get_symbol``.

    What takes those of views (``ndarray.history``) and what reads them all (``symbol.history``) come from rooms below.
    """

    kept = os.environ.get("MXGLUON_HISTORY", "0") == "1"
    note_view: Callable[..., None]
    symbol_of: Callable[[Any], Any]


history = _History()


set_torch_grad = torch._C._set_grad_enabled  # the public context managers cost several times more per call


def is_recording() -> bool:
    """Whether operators are being recorded for ``backward``."""
    return state.recording


def is_training() -> bool:
    """Whether operators run in train mode (Dropout drops, BatchNorm uses the batch's statistics)."""
    return state.training


def set_recording(is_recording: bool) -> bool:
    """Switches recording; returns what it was."""
    previous, is_recording = state.recording, _switch(is_recording)
    if is_recording and not previous:
        state.torch_grad = torch.is_grad_enabled()
        set_torch_grad(True)
    elif previous and not is_recording:
        set_torch_grad(state.torch_grad)
    state.recording, state.plain = is_recording, is_recording and not history.kept
    return previous


def _switch(value: Any) -> bool:
    """True or False from those and from numbers."""
    try:
        return bool(operator.index(value))
    except TypeError:
        raise TypeError(f"a switch is True or False, got {value!r}") from None


def set_training(train_mode: bool) -> bool:
    """Switches train mode; returns what it was."""
    previous, state.training = state.training, _switch(train_mode)
    return previous


class Scope:
    """``with`` block that sets the switches and puts them back; None leaves one as it is.

    ``noting``: operators leave notes inside, whatever ``keep_history`` said.
    """

    def __init__(self, recording: bool | None, training: bool | None, noting: bool = False) -> None:
        self._wanted = (recording, training)
        self._noting = noting and not history.kept
        self._previous: list[tuple[bool, bool, bool, bool]] = []

    def __enter__(self) -> None:
        self._previous.append((state.recording, state.plain, state.training, torch.is_grad_enabled()))
        recording, training = self._wanted
        if self._noting:
            history.kept = True
        if recording is not None:
            state.recording, state.plain = recording, recording and not history.kept
            if recording:
                set_torch_grad(True)
        if training is not None:
            state.training = training

    def __exit__(self, *_: Any) -> None:
        state.recording, state.plain, state.training, torch_grad = self._previous.pop()
        if self._noting:
            history.kept = False
        set_torch_grad(torch_grad)


def record(train_mode: bool = True) -> Scope:
    """``with autograd.record():`` operators inside are recorded, in train mode unless ``train_mode=False``.

    Where the function that calls this names ``get_symbol``, they leave notes for it; see ``keep_history``.
    """
    return Scope(True, train_mode, "get_symbol" in sys._getframe(1).f_code.co_names)


def pause(train_mode: bool = False) -> Scope:
    """``with autograd.pause():`` operators inside are not recorded, in predict mode unless ``train_mode=True``."""
    return Scope(False, train_mode)


def train_mode() -> Scope:
    """``with autograd.train_mode():`` operators inside run in train mode; recording stays as it is."""
    return Scope(None, True)


def predict_mode() -> Scope:
    """``with autograd.predict_mode():`` operators inside run in predict mode; recording stays as it is."""
    return Scope(None, False)


def no_recording(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What ``function`` gives with torch's grad mode off: a tensor or a tuple of them, outside of any graph."""
    previous = torch.is_grad_enabled()
    set_torch_grad(False)
    try:
        return _outside(function(*args, **kwargs))
    finally:
        set_torch_grad(previous)


def _outside(result: Any) -> Any:
    # torch says of a view of a variable that it requires grad, also where the view was taken with grad mode off.
    if isinstance(result, torch.Tensor):
        return result.detach() if result.requires_grad else result
    return tuple(_outside(r) for r in result) if isinstance(result, tuple) else result


def write_unrecorded(tensor: torch.Tensor, source: torch.Tensor) -> None:
    """Copies ``source`` into ``tensor`` with torch's grad mode off."""
    previous = torch.is_grad_enabled()
    set_torch_grad(False)
    try:
        tensor.copy_(source)
    finally:
        set_torch_grad(previous)


def keep_history(keep: bool = True) -> bool:
    """Whether operators that are recorded from the next ``record()`` on leave notes for ``get_symbol``.

    A note takes about as long as a small operator, so none are taken unless asked for: here, by the environment
    variable ``MXGLUON_HISTORY=1``, or by a function that names ``get_symbol`` and calls ``record`` itself. Hybridized
    nets run one operator after the other meanwhile.

    Returns:
        What it was before.
    """
    previous, history.kept = history.kept, bool(keep)
    return previous
