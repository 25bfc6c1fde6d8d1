"""Contexts: the devices that arrays live on.

Contexts are logical. ``cpu(0)``, ``cpu(1)``, ... are distinct devices with copies of their own, all on torch's
``cpu``; ``gpu(i)`` is torch's ``cuda:i``.
"""

from __future__ import annotations

import threading
import warnings
from typing import Any

import torch

from .base import MXNetError

__all__ = ["Context", "cpu", "cpu_pinned", "current_context", "gpu", "gpu_memory_info", "num_gpus"]

_CPU, _GPU, _PINNED, _SHARED = 1, 2, 3, 5
_GPU_TYPE = "cuda"  # torch's type of the devices of gpu contexts; nothing else here says so


class _Current(threading.local):
    """Each thread's stack of ``with ctx:`` blocks, and the context outside of any."""

    def __init__(self) -> None:
        self.stack: list[Context] = []
        self.default = _DEFAULT

    @property
    def value(self) -> Context:
        """See ``current_context``; setting it is ``set_current_context``."""
        return current_context()

    @value.setter
    def value(self, ctx: Context) -> None:
        set_current_context(ctx)


class _WithDefault(type):
    """Metaclass of ``Context``, for a property of the class that can be set."""

    @property
    def default_ctx(cls) -> Context:
        """The context of arrays made without one; deprecated."""
        _deprecate_default()
        return _current.value

    @default_ctx.setter
    def default_ctx(cls, ctx: Context) -> None:
        _deprecate_default()
        _current.value = ctx


def _deprecate_default() -> None:
    warnings.warn(
        "Context.default_ctx has been deprecated. Use mx.current_context() to get it, and a `with` statement or "
        "test_utils.set_default_context to set it.",
        DeprecationWarning,
        stacklevel=3,
    )


class Context(metaclass=_WithDefault):
    """A device: ``Context('gpu', 1)``, ``Context(other)``; usable as ``with ctx:`` to change the default.

    Args:
        device_type: ``'cpu'``, ``'gpu'``, ``'cpu_pinned'``, ``'cpu_shared'``, or another Context.
        device_id: number of the device, 0 or more.
    """

    __slots__ = ("device_id", "device_typeid")
    _default_ctx: _Current  # MXNet's name, which programs set the value of
    device_id: int
    device_typeid: int

    devtype2str = {_CPU: "cpu", _GPU: "gpu", _PINNED: "cpu_pinned", _SHARED: "cpu_shared"}
    devstr2type = {"cpu": _CPU, "gpu": _GPU, "cpu_pinned": _PINNED, "cpu_shared": _SHARED}

    def __init__(self, device_type: str | Context, device_id: int = 0) -> None:
        if isinstance(device_type, Context):
            self.device_typeid, self.device_id = device_type.device_typeid, device_type.device_id
        else:
            self.device_typeid = self.devstr2type[device_type]
            self.device_id = device_id

    @property
    def device_type(self) -> str:
        """``'cpu'``, ``'gpu'``, ``'cpu_pinned'`` or ``'cpu_shared'``."""
        return self.devtype2str[self.device_typeid]

    @property
    def torch_device(self) -> torch.device:
        """The torch device that holds the arrays of this context."""
        return torch.device(_GPU_TYPE, self.device_id) if self.device_typeid == _GPU else _TORCH_CPU

    @property
    def is_cpu(self) -> bool:
        """Whether arrays of this context lie in the main memory."""
        return self.device_typeid != _GPU

    def empty_cache(self) -> None:
        """Gives memory that torch holds back on a GPU to the driver."""
        if self.device_typeid == _GPU:
            require_gpu(self)
            with gpu_module().device(self.torch_device):
                gpu_module().empty_cache()

    def __hash__(self) -> int:
        return hash((self.device_typeid, self.device_id))

    def __eq__(self, other: Any) -> bool:
        return (
            isinstance(other, Context)
            and self.device_typeid == other.device_typeid
            and self.device_id == other.device_id
        )

    def __str__(self) -> str:
        return f"{self.device_type}({self.device_id})"

    __repr__ = __str__

    def __reduce__(self) -> tuple[Any, ...]:
        return Context, (self.device_type, self.device_id)

    def __enter__(self) -> Context:
        _current.stack.append(self)
        return self

    def __exit__(self, *_: Any) -> None:
        _current.stack.pop()


_TORCH_CPU = torch.device("cpu")
_DEFAULT = Context("cpu", 0)
_current = Context._default_ctx = _Current()


def cpu(device_id: int = 0) -> Context:
    """The context of the ``device_id``-th logical CPU."""
    return Context("cpu", device_id)


def cpu_pinned(device_id: int = 0) -> Context:
    """A CPU context for memory that GPUs read fast."""
    return Context("cpu_pinned", device_id)


def gpu(device_id: int = 0) -> Context:
    """The context of the ``device_id``-th CUDA device."""
    return Context("gpu", device_id)


def current_context() -> Context:
    """The context of the innermost ``with ctx:`` block; outside of any ``cpu(0)``, or what the tests' helpers set."""
    stack = _current.stack
    return stack[-1] if stack else _current.default


def set_current_context(ctx: Context) -> None:
    """Makes ``ctx`` this thread's current context: for the innermost ``with ctx:`` block, outside of any for good.

    Raises:
        TypeError: no Context.
    """
    if not isinstance(ctx, Context):
        raise TypeError(f"expected a Context, got {type(ctx)}")
    if _current.stack:
        _current.stack[-1] = ctx
    else:
        _current.default = ctx


def gpu_module() -> Any:
    """torch's module for the devices of gpu contexts: ``torch.cuda``."""
    return torch.get_device_module(_GPU_TYPE)


def context_of(device: torch.device) -> Context:
    """The context whose arrays lie on ``device``; those of tensors that have only a shape are said to be on ``cpu(0)``.

    Raises:
        MXNetError: there is none.
    """
    if device.type == _GPU_TYPE:
        return gpu(gpu_module().current_device() if device.index is None else device.index)
    if device.type in ("cpu", "meta"):
        return cpu(0)
    raise MXNetError(f"a tensor on {device} has no MXNet context; move it to cpu or {_GPU_TYPE} first")


def num_gpus() -> int:
    """How many CUDA devices torch sees."""
    return gpu_module().device_count()


def gpu_memory_info(device_id: int = 0) -> tuple[int, int]:
    """(free, total) bytes of a GPU.

    Raises:
        MXNetError: there is no such GPU.
    """
    require_gpu(gpu(device_id))
    return gpu_module().mem_get_info(device_id)


def require_gpu(ctx: Context) -> None:
    """Raises a clear MXNetError where ``ctx`` names a GPU that torch does not see."""
    if ctx.device_typeid == _GPU and ctx.device_id >= num_gpus():
        raise MXNetError(
            f"{ctx} was asked for, but torch sees {num_gpus()} CUDA device(s). "
            "Use mx.cpu(), or install a CUDA build of torch on a machine with a GPU."
        )
