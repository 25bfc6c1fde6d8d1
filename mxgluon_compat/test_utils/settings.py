"""Defaults of the tests' helpers: context, dtype, tolerances; environment variables for a block."""

from __future__ import annotations

import contextlib
import os
import platform
from collections.abc import Callable, Iterator, Mapping
from numbers import Number
from typing import Any

import numpy as np
import torch

from .. import context
from ..base import UnsupportedError
from ..context import Context, current_context
from ..runtime import Features
from ..util import get_cuda_compute_capability, get_gpu_count, getenv, setenv

__all__ = [
    "default_atols", "default_context", "default_dtype", "default_numeric_eps", "default_rtols", "discard_stderr",
    "effective_dtype", "environment", "get_atol", "get_etol", "get_im2rec_path", "get_rtol", "get_tolerance",
    "get_tols", "has_tvm_ops", "is_aarch64_run", "is_cd_run", "is_op_runnable", "list_gpus", "retry",
    "set_default_context",
]  # fmt: skip

_DOUBLE = np.dtype(np.float64)
_EXACT = ("bool", "int8", "uint8", "int32", "uint32", "int64", "uint64")


def _by_dtype(half: float, single: float, double: float, **others: float) -> dict[np.dtype, float]:
    table = {"float16": half, "float32": single, "float64": double, **others}
    return {np.dtype(name): value for name, value in table.items()}


# ---------------------------------------------------------------------------------------------- context and dtype
def default_context() -> Context:
    """The context that tests run on: the current one."""
    return current_context()


def set_default_context(ctx: Context) -> None:
    """Makes ``ctx`` the current context of this thread.

    Raises:
        TypeError: no Context.
    """
    context.set_current_context(ctx)


def default_dtype() -> type:
    """float32, as numpy's class."""
    return np.float32


def list_gpus() -> range:
    """The numbers of the GPUs."""
    return range(get_gpu_count())


# ---------------------------------------------------------------------------------------------- tolerances
def default_rtols() -> dict[np.dtype, float]:
    """Relative tolerances by dtype."""
    return _by_dtype(1e-2, 1e-4, 1e-5, **dict.fromkeys(_EXACT, 0))


def default_atols() -> dict[np.dtype, float]:
    """Absolute tolerances by dtype."""
    return _by_dtype(1e-1, 1e-3, 1e-20, **dict.fromkeys(_EXACT, 0))


def default_numeric_eps() -> dict[np.dtype, float]:
    """Steps of numeric gradients by dtype: powers of two, which add no rounding of their own."""
    return _by_dtype(1.0 / 2**6, 1.0 / 2**9, 1.0 / 2**14)


def get_rtol(rtol: float | None = None, dtype: Any = _DOUBLE) -> float:
    """``rtol``, or the dtype's own."""
    return default_rtols()[dtype] if rtol is None else rtol


def get_atol(atol: float | None = None, dtype: Any = _DOUBLE) -> float:
    """``atol``, or the dtype's own."""
    return default_atols()[dtype] if atol is None else atol


def get_etol(etol: float | None = None) -> float:
    """``etol``, or 0: the share of elements that may differ."""
    return 0 if etol is None else etol


def effective_dtype(dat: Any) -> np.dtype:
    """The dtype that an array's precision comes to: float16 for float32 on a GPU that computes in TF32.

    Raises:
        AttributeError: no array.
    """
    dtype = np.dtype(dat.dtype)
    ctx = getattr(dat, "context", None)
    if dtype == np.float32 and ctx is not None and ctx.device_type == "gpu":
        tf32 = torch.backends.cudnn.allow_tf32 or torch.backends.cuda.matmul.allow_tf32
        if tf32 and (get_cuda_compute_capability(ctx) or 0) >= 80 and os.environ.get("NVIDIA_TF32_OVERRIDE") != "0":
            return np.dtype(np.float16)
    return dtype


def get_tolerance(dat: Any, tol: Any, default_tol: Mapping[np.dtype, float]) -> float:
    """The tolerance for an array: ``tol``, or its entry for the dtype, or the default's."""
    if isinstance(tol, Number):
        return tol  # type: ignore[return-value]  # of numpy too
    dtype = effective_dtype(dat)
    return default_tol[dtype] if tol is None else tol.get(dtype, default_tol[dtype])


def get_tols(x: Any, y: Any, rtol: Any, atol: Any) -> tuple[float, float]:
    """(rtol, atol) for two arrays or numbers: those of the less precise one.

    Args:
        x, y: arrays, numbers.
        rtol, atol: a number, a dict by dtype, or None.

    Raises:
        AttributeError: neither array nor number.
    """
    pair = [np.array(value) if isinstance(value, Number) else value for value in (x, y)]
    return (
        max(get_tolerance(value, rtol, default_rtols()) for value in pair),
        max(get_tolerance(value, atol, default_atols()) for value in pair),
    )


# ---------------------------------------------------------------------------------------------- surroundings
@contextlib.contextmanager
def environment(*args: Any) -> Iterator[None]:
    """``with environment("NAME", "value"):`` sets environment variables for the block and restores them after it.

    Args:
        *args: a name and a value, or a dict of them; None removes a variable.

    Raises:
        AssertionError: other arguments.
        TypeError: a value that is no string.
    """
    if len(args) == 1 and isinstance(args[0], Mapping):
        wanted = dict(args[0])
    else:
        assert len(args) == 2, "Expecting one dict arg or two args: env var name and value"
        wanted = {args[0]: args[1]}
    before = {name: getenv(name) for name in wanted}
    try:
        for name, value in wanted.items():
            setenv(name, value)
        yield
    finally:
        for name, value in before.items():
            setenv(name, value)


@contextlib.contextmanager
def discard_stderr() -> Iterator[None]:
    """``with discard_stderr():`` drops what the block writes to the process's stderr, that of C libraries included."""
    with open(os.devnull, "w") as nowhere:
        kept = os.dup(2)
        try:
            os.dup2(nowhere.fileno(), 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def retry(n: int) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """Decorator of a test that may fail by chance: it is called up to ``n`` times, until it raises no AssertionError.

    Raises:
        AssertionError: ``n`` is not positive; or that of the last call.
    """
    assert n > 0, "a test is tried at least once"

    def decorate(test: Callable[..., Any]) -> Callable[..., None]:
        def wrapper(*args: Any, **kwargs: Any) -> None:
            for left in reversed(range(n)):
                try:
                    test(*args, **kwargs)
                    return
                except AssertionError:
                    if not left:
                        raise

        return wrapper

    return decorate


def is_cd_run() -> bool:
    """Whether the environment variable CD_JOB is 1."""
    return os.environ.get("CD_JOB", "0") == "1"


def is_aarch64_run() -> bool:
    """Whether the processor is a 64-bit ARM."""
    return platform.machine() == "aarch64"


def has_tvm_ops() -> bool:
    """Whether there are operators made by TVM: never."""
    return Features().is_enabled("TVM_OP")


def is_op_runnable() -> bool:
    """Whether operators made by TVM, where there are any, run on the current context."""
    ctx = current_context()
    if ctx.device_type == "gpu" and has_tvm_ops():
        return (get_cuda_compute_capability(ctx) or 0) >= 53
    return True


def get_im2rec_path(home_env: str = "MXNET_HOME") -> str:
    """The file ``im2rec.py`` of a checkout of MXNet that the environment variable ``home_env`` names.

    Raises:
        UnsupportedError: there is none; the package has none of its own.
    """
    home = os.environ.get(home_env, "")
    for folder in ("tools", os.path.join("python", "mxnet", "tools")) if home else ():
        path = os.path.join(home, folder, "im2rec.py")
        if os.path.isfile(path):
            return path
    raise UnsupportedError(
        "mx.test_utils.get_im2rec_path",
        f"im2rec.py is a program of MXNet's; set {home_env} to a folder that has it as tools/im2rec.py",
    )
