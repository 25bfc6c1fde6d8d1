"""The whole state of a training in one file, to go on from after an interruption as if there had been none.

MXNet saves parameters and Trainer states; what random streams stand at it cannot save, so that a training with Dropout
or shuffled data goes on otherwise than it would have. The file is a zip archive of files that are known:
``net.params`` as ``save_parameters`` writes it, ``trainer.states`` as ``save_states`` does, and ``checkpoint.json``
with ``random.params``: the random streams, the loss scaler of mixed precision, and what the caller wants to keep.
"""

from __future__ import annotations

import json
import os
import random as python_random
import tempfile
import zipfile
from copy import copy
from io import BytesIO
from typing import Any

import numpy as np
import torch

from . import random
from .base import MXNetError
from .gluon.block import Block
from .gluon.trainer import Trainer
from .optimizer.states import load_states
from .serialization.params import atomic_write_bytes, load_tensors, save_tensors

__all__ = ["load_checkpoint", "save_checkpoint"]

_NET, _TRAINER, _RANDOM, _REST = "net.params", "trainer.states", "random.params", "checkpoint.json"


def save_checkpoint(
    path: str | os.PathLike[str], net: Block, trainer: Trainer | None = None, extra: Any = None
) -> None:
    """Writes the state of a training, all or nothing: a crash at any moment leaves the former file.

    (And beside it, if it comes while the file is written, one whose name begins with a dot.)

    What is in it: the Parameters; the optimizer's states, counters and learning rate schedule, and the loss scaler of
    mixed precision; the random streams of ``mx.random``, and the global ones of NumPy and Python, by which older
    programs shuffle.

    Args:
        path: the file.
        net: all of its Parameters are initialised.
        trainer: its Trainer.
        extra: what else the program needs to go on, say the number of the epoch: of the types that JSON has.

    Raises:
        TypeError: ``extra`` is of another type.
        RuntimeError: a Parameter is not initialised.
    """
    tensors: dict[str, torch.Tensor] = {}
    state: Any = np.random.get_state()
    kind, words, *rest = state
    scaler = getattr(trainer, "_amp_loss_scaler", None)
    described = {
        "extra": extra,
        "random": _described(random.get_state(), tensors),
        "numpy": [kind, words.tolist(), *rest],
        "python": python_random.getstate(),
        "loss_scaler": None if scaler is None else vars(scaler),
    }
    text = json.dumps(described)
    archive = BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(archive, "w") as file:
        net.save_parameters(os.path.join(folder, _NET))
        save_tensors(os.path.join(folder, _RANDOM), tensors, "safetensors")
        if trainer is not None:
            trainer.save_states(os.path.join(folder, _TRAINER))
        for name in sorted(os.listdir(folder)):
            file.write(os.path.join(folder, name), name)
        file.writestr(_REST, text)
    atomic_write_bytes(path, archive.getvalue())


def load_checkpoint(path: str | os.PathLike[str], net: Block, trainer: Trainer | None = None, ctx: Any = None) -> Any:
    """Goes on from what ``save_checkpoint`` wrote.

    Args:
        path: the file.
        net: a net of the same structure; its Parameters need not be initialised if there is no ``trainer``.
        trainer: its Trainer, with the same kind of optimizer.
        ctx: where to put Parameters that are not initialised; default the current context.

    Returns:
        ``extra`` as it was given there (tuples as lists).

    Raises:
        FileNotFoundError: no such file.
        MXNetError: it is no checkpoint, or a damaged one; it has no Trainer's states; those are another optimizer's.
            Nothing has changed then.
        AssertionError, ValueError: the Parameters do not fit.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(path) as file:
                names = [n for n in (_NET, _TRAINER, _RANDOM, _REST) if n in file.namelist()]
                content = {name: file.read(name) for name in names}
            described = json.loads(content[_REST])
            tensors = load_tensors(content[_RANDOM])
            streams = _restored(described["random"], tensors)
        except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
            raise MXNetError(f"{os.fspath(path)}: this is not a whole file of save_checkpoint ({error})") from error
        if trainer is not None and _TRAINER not in content:
            raise MXNetError(f"{os.fspath(path)}: this checkpoint was written without a Trainer, and has no states")
        if trainer is not None:
            load_states(content[_TRAINER], copy(trainer.optimizer))  # raises before anything has changed
        for name in (_NET, _TRAINER):
            if name in content:
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(content[name])
        net.load_parameters(os.path.join(folder, _NET), ctx=ctx)
        if trainer is not None:
            trainer.load_states(os.path.join(folder, _TRAINER))
            scaler = getattr(trainer, "_amp_loss_scaler", None)
            if scaler is not None and described["loss_scaler"] is not None:
                vars(scaler).update(described["loss_scaler"])
    random.set_state(streams)
    np.random.set_state(tuple(described["numpy"]))
    version, words, gauss = described["python"]
    python_random.setstate((version, tuple(words), gauss))
    return described["extra"]


def _described(state: Any, tensors: dict[str, torch.Tensor]) -> Any:
    """Nested dicts of plain values and tensors as JSON has it; the tensors go to ``tensors``, under numbers."""
    if isinstance(state, dict):
        return {key: _described(value, tensors) for key, value in state.items()}
    if isinstance(state, torch.Tensor):
        name = str(len(tensors))
        tensors[name] = state
        return {"tensor": name}
    return state


def _restored(described: Any, tensors: dict[str, torch.Tensor]) -> Any:
    if not isinstance(described, dict):
        return described
    if described.keys() == {"tensor"}:
        return tensors[described["tensor"]]
    return {key: _restored(value, tensors) for key, value in described.items()}
