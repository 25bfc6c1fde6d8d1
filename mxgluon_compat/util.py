"""The switches of NumPy semantics, environment variables, and small decorators."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from .base import MXNetError, missing_attribute, numpy_semantics, py_str  # noqa: F401 - MXNet's name
from .context import gpu_module, num_gpus

__all__ = [
    "get_cuda_compute_capability", "get_gpu_count", "get_gpu_memory", "getenv", "is_np_array", "is_np_shape",
    "makedirs", "np_array", "np_shape", "np_ufunc_legal_option", "opencv", "progress", "reset_np", "set_module",
    "set_np", "set_np_shape", "setenv", "use_np", "use_np_array", "use_np_shape", "wrap_np_binary_func",
    "wrap_np_unary_func",
]  # fmt: skip

T = TypeVar("T")


# ---------------------------------------------------------------------------------------------- NumPy semantics
def is_np_shape() -> bool:
    """Whether NumPy shape semantics are on in this thread: ``()`` is a scalar's shape and a 0 an empty dimension."""
    return numpy_semantics.shape


def is_np_array() -> bool:
    """Whether NumPy array semantics are on in this thread: Gluon makes and takes ``mx.np.ndarray``."""
    return numpy_semantics.array


def set_np_shape(active: bool) -> bool:
    """Switches NumPy shape semantics for this thread; returns what was set before.

    Raises:
        ValueError: switching off while array semantics, which need it, are on.
    """
    if not active and is_np_array():
        raise ValueError(
            "Deactivating NumPy shape semantics while NumPy array semantics is still active is not allowed. "
            "Please consider calling `npx.reset_np()` to deactivate both of them."
        )
    before, numpy_semantics.shape = numpy_semantics.shape, bool(active)
    return before


def _set_np_array(active: bool) -> bool:
    """Switches NumPy array semantics for this thread; returns what was set before."""
    before, numpy_semantics.array = numpy_semantics.array, bool(active)
    return before


class _Scope:
    """``with`` block that sets a switch and restores it; one scope may be entered again inside itself."""

    def __init__(self, switch: Callable[[bool], bool], active: bool) -> None:
        self._switch = switch
        self._active = active
        self._before: list[bool] = []

    def __enter__(self) -> None:
        self._before.append(self._switch(self._active))

    def __exit__(self, *_: Any) -> None:
        self._switch(self._before.pop())


class _NumpyShapeScope(_Scope):
    def __init__(self, is_np_shape: bool) -> None:
        super().__init__(set_np_shape, is_np_shape)


class _NumpyArrayScope(_Scope):
    def __init__(self, is_np_array: bool) -> None:
        super().__init__(_set_np_array, is_np_array)


def np_shape(active: bool = True) -> _Scope:
    """``with np_shape():`` runs the block with NumPy shape semantics on (or off)."""
    return _NumpyShapeScope(active)


def np_array(active: bool = True) -> _Scope:
    """``with np_array():`` runs the block with NumPy array semantics on (or off)."""
    return _NumpyArrayScope(active)


def set_np(shape: bool = True, array: bool = True) -> None:
    """Switches NumPy semantics for this thread.

    Raises:
        ValueError: array semantics without shape semantics.
    """
    if not shape and array:
        raise ValueError("NumPy Shape semantics is required in using NumPy array semantics.")
    if not array:
        _set_np_array(False)
    set_np_shape(shape)
    if array:
        _set_np_array(True)


def reset_np() -> None:
    """Switches all NumPy semantics off."""
    set_np(shape=False, array=False)


def _decorate(func: T, scope: Callable[[], _Scope], name: str) -> T:
    """``func`` (a function, or a class with all its methods and properties) made to run inside ``scope()``."""
    if inspect.isclass(func):
        for key in dir(func):
            member = inspect.getattr_static(func, key)
            if inspect.isfunction(member):
                setattr(func, key, _decorate(member, scope, name))
            elif isinstance(member, (staticmethod, classmethod)) and inspect.isfunction(member.__func__):
                setattr(func, key, type(member)(_decorate(member.__func__, scope, name)))
            elif isinstance(member, property):
                parts: tuple[Any, ...] = (member.fget, member.fset, member.fdel)
                get, put, delete = (p and _decorate(p, scope, name) for p in parts)
                setattr(func, key, property(get, put, delete, doc=member.__doc__))
        return func
    if not callable(func):
        raise TypeError(f"{name} can only decorate classes and callable objects, while received a {type(func)}")

    @functools.wraps(func)
    def inside(*args: Any, **kwargs: Any) -> Any:
        with scope():
            return func(*args, **kwargs)

    return inside  # type: ignore[return-value]


def use_np_shape(func: T) -> T:
    """Decorates a function or a class to run with NumPy shape semantics."""
    return _decorate(func, np_shape, "use_np_shape")


def use_np_array(func: T) -> T:
    """Decorates a function or a class to run with NumPy array semantics."""
    return _decorate(func, np_array, "use_np_array")


def use_np(func: T) -> T:
    """Decorates a function or a class to run with NumPy shape and array semantics."""
    return use_np_shape(use_np_array(func))


# ---------------------------------------------------------------------------------------------- NumPy ufunc wrappers
_np_ufunc_default_kwargs = {"where": True, "casting": "same_kind", "order": "K", "dtype": None, "subok": True}
_UFUNC_DTYPES = frozenset(("int8", "uint8", "int32", "int64", "float16", "float32", "float64"))


def np_ufunc_legal_option(key: str, value: Any) -> bool:
    """Whether ``value`` is one that NumPy's ufuncs take for their keyword ``key``."""
    if key == "where":
        return True
    if key == "casting":
        return value in ("no", "equiv", "safe", "same_kind", "unsafe")
    if key == "order":
        return isinstance(value, str)
    if key == "dtype":
        return getattr(value, "__name__", value) in _UFUNC_DTYPES
    if key == "subok":
        return isinstance(value, bool)
    return False


def check_ufunc_keywords(name: str, kwargs: dict[str, Any]) -> None:
    """Refuses the ufunc keywords that are not honoured: all of them, unless they hold their default."""
    for key, value in kwargs.items():
        if key not in _np_ufunc_default_kwargs:
            raise TypeError(f"{key} is an invalid keyword to function '{name}'")
        if value == _np_ufunc_default_kwargs[key]:
            continue
        if np_ufunc_legal_option(key, value):
            raise NotImplementedError(f"{key}={value} is not implemented yet for operator {name}")
        raise TypeError(f"{key}={value} not understood for operator {name}")


def wrap_np_unary_func(func: Callable[..., Any]) -> Callable[..., Any]:
    """Gives ``func(x, out=None)`` the keywords of NumPy's ufuncs, of which only the defaults are taken."""

    @functools.wraps(func)
    def wrapped(x: Any, out: Any = None, **kwargs: Any) -> Any:
        check_ufunc_keywords(func.__name__, kwargs)
        return func(x, out=out)

    return wrapped


def wrap_np_binary_func(func: Callable[..., Any]) -> Callable[..., Any]:
    """Gives ``func(x1, x2, out=None)`` the keywords of NumPy's ufuncs, of which only the defaults are taken."""

    @functools.wraps(func)
    def wrapped(x1: Any, x2: Any, out: Any = None, **kwargs: Any) -> Any:
        check_ufunc_keywords(func.__name__, kwargs)
        return func(x1, x2, out=out)

    return wrapped


def _sanity_check_params(func_name: str, unsupported_params: Any, param_dict: dict[str, Any]) -> None:
    """Raises NotImplementedError for the first unsupported name in ``param_dict``."""
    for name in unsupported_params:
        if name in param_dict:
            raise NotImplementedError(f"function {func_name} does not support parameter {name}")


def set_module(module: str | None) -> Callable[[T], T]:
    """Decorator that sets ``__module__`` (None: leaves it)."""

    def decorator(func: T) -> T:
        if module is not None:
            func.__module__ = module
        return func

    return decorator


# ---------------------------------------------------------------------------------------------- machine and environment
def get_gpu_count() -> int:
    """How many CUDA devices torch sees."""
    return num_gpus()


def get_gpu_memory(gpu_dev_id: int) -> tuple[int, int]:
    """(free, total) bytes of that GPU.

    Raises:
        MXNetError: there is no such GPU.
    """
    if gpu_dev_id >= get_gpu_count():
        raise MXNetError(f"gpu({gpu_dev_id}) was asked for, but torch sees {get_gpu_count()} CUDA device(s).")
    return gpu_module().mem_get_info(gpu_dev_id)


def get_cuda_compute_capability(ctx: Any) -> int | None:
    """The compute capability of a GPU context as one number (86 for 8.6); None where there is no such GPU.

    Raises:
        ValueError: ``ctx`` is not a GPU's.
    """
    if ctx.device_type != "gpu":
        raise ValueError(f"Expecting a gpu context to get cuda compute capability, while received ctx {ctx}")
    if ctx.device_id >= get_gpu_count():
        return None
    major, minor = gpu_module().get_device_capability(ctx.device_id)
    return major * 10 + minor


def getenv(name: str) -> str | None:
    """The environment variable's value; None where it is not set."""
    return os.environ.get(name)


def setenv(name: str, value: str | None) -> None:
    """Sets the environment variable for this process, its C libraries included; None removes it."""
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def makedirs(d: str) -> None:
    """Makes the directory ``d`` (``~`` is expanded) and those above it; one that is there is fine."""
    os.makedirs(os.path.expanduser(d), exist_ok=True)


def opencv(purpose: str) -> Any:
    """The module ``cv2``.

    Args:
        purpose: what needs it, for the error.

    Raises:
        ImportError: it is not installed.
    """
    try:
        import cv2
    except ImportError as error:
        raise ImportError(f"{purpose} needs OpenCV: pip install 'mxgluon_compat[image]'") from error
    return cv2


@contextmanager
def progress(
    total: int | None, what: str, unit: str = "B", *, start: int = 0, delay: float = 0.5
) -> Iterator[Callable[[int], Any]]:
    """A bar on stderr for work that takes a while, where stderr is a terminal and tqdm is installed.

    Args:
        total: how many bytes, or other units, there are; None: nobody knows.
        what: the bar's name.
        unit: of what the work is.
        start: how many units were done before.
        delay: seconds before it appears.

    Yields:
        a function to call with the number of units that are done now.
    """
    try:
        from tqdm import tqdm
    except ImportError:
        tqdm = None
    if tqdm is None or sys.stderr is None or not sys.stderr.isatty():
        yield lambda done: None
        return
    with tqdm(
        total=total, initial=start, desc=what, unit=unit, unit_scale=True, unit_divisor=1024 if unit == "B" else 1000,
        delay=delay, leave=False, file=sys.stderr,
    ) as bar:  # fmt: skip
        yield bar.update


def __getattr__(name: str) -> Any:
    raise missing_attribute(__name__, name)
