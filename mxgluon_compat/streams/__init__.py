"""Seeds and random streams.

On a CPU the streams are MXNet 1.9.1's own, so that one seed gives the numbers it gave there; on a GPU they are torch's.
A stream draws *values*; what an operator makes of them is the operator's business, but for the few rules that decide
the last bit and therefore live here.

`stream_for(device)` is the process-wide stream of a device, `seed` restarts streams, `get_state`/`set_state` are for
checkpoints. Nothing here touches the global generators of torch or NumPy, and every draw may be called from any thread.
"""

from __future__ import annotations

import contextlib
import contextvars
import operator
import threading
from collections.abc import Iterator
from typing import Any

import torch

from .accelerator import TorchStream
from .cpu import CpuStream
from .stream import MetaStream, Stream

__all__ = [
    "CpuStream", "MetaStream", "Stream", "TorchStream", "get_state", "refusing", "seed", "set_state", "stream_for",
]  # fmt: skip

_lock = threading.RLock()
_last_seed = 0  # MXNet starts from 0, not from the clock
_cpu, _meta = CpuStream(_last_seed), MetaStream()
_accelerators: dict[tuple[str, int], TorchStream] = {}
_refused: contextvars.ContextVar[Exception | None] = contextvars.ContextVar("_refused", default=None)


class _Refusing:
    """Stands for a stream where nothing may be drawn."""

    def __init__(self, error: Exception) -> None:
        object.__setattr__(self, "_error", error)

    def __getattr__(self, name: str) -> Any:
        raise object.__getattribute__(self, "_error")


@contextlib.contextmanager
def refusing(error: Exception) -> Iterator[None]:
    """Inside, in this thread, ``error`` is raised where anything is drawn."""
    token = _refused.set(error)
    try:
        yield
    finally:
        _refused.reset(token)


def stream_for(device: torch.device | str) -> Stream:
    """The process-wide stream of a device: all cpu devices share one, each accelerator has its own.

    An accelerator's is made when first asked for, and starts from the last `seed(value)`.
    """
    device = torch.device(device)
    error = _refused.get()
    if error is not None and device.type != "meta":
        return _Refusing(error)  # type: ignore[return-value]
    if device.type == "cpu":
        return _cpu
    if device.type == "meta":
        return _meta
    key = (device.type, _index(device))
    with _lock:
        if key not in _accelerators:
            _accelerators[key] = TorchStream(torch.device(*key), _device_seed(_last_seed, key[1]))
        return _accelerators[key]


def _index(device: torch.device) -> int:
    if device.index is not None:
        return device.index
    return torch.cuda.current_device() if device.type == "cuda" else 0


def _device_seed(value: int, index: int) -> int:
    """Devices seeded together draw different numbers, as MXNet's do: the index is mixed in."""
    return value + index * 1000003


def seed(value: int, device: torch.device | None = None) -> None:
    """Restart the streams of one device, or (None) of all devices, those not yet used among them.

    `value` may be any integer; its low 32 bits count. Accelerators differ from each other after `seed(value)`, and
    agree after `seed(value, device)`; cpu devices always share one stream. ValueError if `value` is no integer.
    """
    global _last_seed
    try:
        value = operator.index(value)
    except TypeError:
        raise ValueError(f"a seed is an integer, not {value!r}") from None
    if device is not None:
        stream_for(device).seed(value, alone=True)
        return
    with _lock:
        _last_seed = value
        _cpu.seed(value)
        for (_, index), stream in _accelerators.items():
            stream.seed(_device_seed(value, index))


def get_state() -> dict[str, Any]:
    """Where all streams stand: plain values and cpu tensors, for a checkpoint."""
    with _lock:
        accelerators = {f"{kind}:{index}": s.get_state() for (kind, index), s in _accelerators.items()}
        return {"seed": _last_seed, "cpu": _cpu.get_state(), "accelerators": accelerators}


def set_state(state: dict[str, Any]) -> None:
    """Go on from what `get_state` returned, here or in another process: the same numbers follow.

    Streams of accelerators that `state` does not know, for they were never used, restart from its seed.
    RuntimeError where an accelerator that it does know is missing here.
    """
    global _last_seed
    with _lock:
        _last_seed = state["seed"]
        _cpu.set_state(state["cpu"])
        for (_, index), stream in _accelerators.items():
            stream.seed(_device_seed(_last_seed, index))
        for name, saved in state["accelerators"].items():
            stream_for(torch.device(name)).set_state(saved)
