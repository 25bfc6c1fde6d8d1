"""Errors, dtype tables and small values that every room shares."""

from __future__ import annotations

import inspect
import os
import platform
import sys
import threading
from collections.abc import Sequence
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
import torch

__all__ = ["MXNetError", "NotImplementedForSymbol", "NotSupportedForSparseNDArray", "UnsupportedError"]

T = TypeVar("T")

string_types = (str,)
integer_types = (int, np.int32, np.int64)
numeric_types = (float, int, np.generic)
long = int
mx_real_t = np.float32


def py_str(x: bytes | str) -> str:
    """A string of MXNet's C library (bytes, UTF-8) as Python's; names are strings here already, and stay."""
    return x.decode("utf-8") if isinstance(x, bytes) else x


class _NullType:
    """The type of ``_Null``, the default that means "argument not given"."""

    def __repr__(self) -> str:
        return "_Null"

    def __bool__(self) -> bool:
        return False


_Null = _NullType()


class MXNetError(RuntimeError):
    """The error that MXNet's backend raises: wrong shapes, dtypes, arguments, graphs, files."""


class UnsupportedError(MXNetError, NotImplementedError):
    """A feature of MXNet that is not here.

    The message names the feature, the reason and where ``migration_guide.md`` treats it.
    """

    def __init__(self, feature: str, reason: str, guide: str = "what-is-not-there") -> None:
        super().__init__(f"{feature} is not supported: {reason} (see migration_guide.md#{guide})")


class UnsupportedAttributeError(UnsupportedError, AttributeError):
    """A name of MXNet's modules that is not here: what ``hasattr`` and ``getattr`` with a default expect."""


class BoundsError(MXNetError, IndexError):
    """An index that is not there: MXNet raises IndexError for some, MXNetError for others."""


class ParameterError(MXNetError, ValueError):
    """A value that an operator of mx.np refuses, where MXNet's own error is a ValueError."""


class FileError(MXNetError, OSError):
    """A file that cannot be written or read: MXNet's error, and Python's for those who catch that."""

    def __str__(self) -> str:
        return str(self.args[0])


class MissingFileError(FileError, FileNotFoundError):
    """A file or a folder that is not there: MXNet's error, and Python's for those who catch that."""


class NotSupportedForSparseNDArray(MXNetError):
    """A method that dense arrays have and sparse ones have not.

    Args:
        function: the method's name.
        *args: the arguments of the refused call.
    """

    def __init__(self, function: str, *args: Any) -> None:
        given = f" with arguments ({', '.join(str(type(a)) for a in args)})" if args else ""
        super().__init__(
            f"Function {function}{given} is not supported for SparseNDArray and only available in NDArray."
        )


class NotImplementedForSymbol(MXNetError):
    """A method that an NDArray has and a Symbol cannot have, since it needs values."""

    def __init__(self, function: Any, alias: str | None = None, *args: Any) -> None:
        super().__init__()
        self.function = getattr(function, "__name__", str(function))
        self.alias = alias
        self.args = tuple(str(type(a)) for a in args)

    def __str__(self) -> str:
        text = f"Function {self.function}"
        if self.alias:
            text += f' (namely operator "{self.alias}")'
        if self.args:
            text += f" with arguments ({', '.join(self.args)})"
        return text + " is not implemented for Symbol and only available in NDArray."


error_types: dict[str, type] = {}
"""Registered error classes by name; see ``register_error``."""


def register_error(func_name: Any = None, cls: Any = None) -> Any:
    """Registers an error class under a name, by default its own: ``@register_error``, ``@register_error("Name")``.

    Args:
        func_name: the name, or the class.
        cls: the class, which is returned; without it a decorator is.
    """
    if callable(func_name):
        func_name, cls = func_name.__name__, func_name

    def register(mycls: type) -> type:
        error_types[func_name if isinstance(func_name, str) else mycls.__name__] = mycls
        return mycls

    return register if cls is None else register(cls)


class MXNetVersion(str):
    """A version string (kept for code that builds one)."""


# ---------------------------------------------------------------------------------------------- dtypes
# One row for each dtype: MXNet's name, its flag in files and graphs, torch's dtype, numpy's scalar class.
_DTYPES: tuple[tuple[str, int, torch.dtype, Any], ...] = (
    ("float32", 0, torch.float32, np.float32),
    ("float64", 1, torch.float64, np.float64),
    ("float16", 2, torch.float16, np.float16),
    ("uint8", 3, torch.uint8, np.uint8),
    ("int32", 4, torch.int32, np.int32),
    ("int8", 5, torch.int8, np.int8),
    ("int64", 6, torch.int64, np.int64),
    ("bool", 7, torch.bool, np.bool_),
    ("bfloat16", 12, torch.bfloat16, None),
)
DTYPE_NAMES: tuple[str, ...] = tuple(row[0] for row in _DTYPES)
TORCH_TO_NAME: dict[torch.dtype, str] = {row[2]: row[0] for row in _DTYPES}
NAME_TO_TORCH: dict[str, torch.dtype] = {row[0]: row[2] for row in _DTYPES}
NAME_TO_FLAG: dict[str, int] = {row[0]: row[1] for row in _DTYPES}
FLAG_TO_NAME: dict[int, str] = {row[1]: row[0] for row in _DTYPES}
TORCH_TO_NUMPY: dict[torch.dtype, Any] = {row[2]: row[3] for row in _DTYPES if row[3] is not None}
# MXNet has no bfloat16 scalar class either; it shows such arrays as a void type of two bytes.
TORCH_TO_NUMPY[torch.bfloat16] = np.dtype([("bfloat16", np.uint16)])


def dtype_name(dtype: Any) -> str:
    """MXNet's name of ``dtype``: a name, a numpy dtype or class, a torch dtype, a Python type, a flag number, or an
    array of the dtype, as NumPy took it for MXNet.

    Raises:
        TypeError: MXNet has no such dtype.
    """
    if isinstance(dtype, str):
        if dtype in NAME_TO_TORCH:
            return dtype
    elif isinstance(dtype, torch.dtype):
        if dtype in TORCH_TO_NAME:
            return TORCH_TO_NAME[dtype]
        raise TypeError(f"dtype {dtype} is not one of MXNet's: {', '.join(DTYPE_NAMES)}")
    elif isinstance(dtype, int) and not isinstance(dtype, bool) and dtype in FLAG_TO_NAME:
        return FLAG_TO_NAME[dtype]
    elif dtype is TORCH_TO_NUMPY[torch.bfloat16]:
        return "bfloat16"
    elif not isinstance(dtype, type) and hasattr(dtype, "dtype"):
        return dtype_name(dtype.dtype)
    try:
        name = np.dtype(dtype).name
    except (TypeError, ValueError, SyntaxError):  # numpy parses "3 4" as Python
        name = str(dtype)
    if name not in NAME_TO_TORCH:
        raise TypeError(f"data type {name!r} is not one of MXNet's: {', '.join(DTYPE_NAMES)}")
    return name


def torch_dtype(dtype: Any) -> torch.dtype:
    """The torch dtype for whatever MXNet code passes as ``dtype`` (``None`` means float32)."""
    if dtype is None:
        return torch.float32
    return NAME_TO_TORCH[dtype_name(dtype)]


def numpy_dtype(dtype: torch.dtype) -> Any:
    """The numpy scalar class that MXNet's ``NDArray.dtype`` shows for a torch dtype."""
    return TORCH_TO_NUMPY[dtype]


# ---------------------------------------------------------------------------------------------- folders
def data_dir_default() -> str:
    """The folder for downloaded files where MXNET_HOME is not set: ``~/.mxnet``, on Windows ``mxnet`` in APPDATA."""
    if platform.system() == "Windows":
        return os.path.join(os.environ["APPDATA"], "mxnet")
    return os.path.join(os.path.expanduser("~"), ".mxnet")


def data_dir() -> str:
    """The folder for downloaded files: the environment variable MXNET_HOME, or ``data_dir_default()``."""
    return os.environ.get("MXNET_HOME") or data_dir_default()


# ---------------------------------------------------------------------------------------------- small helpers
def _as_list(obj: Any) -> list[Any]:
    """``obj`` as a list: lists and tuples by content, anything else as the only element."""
    if isinstance(obj, (list, tuple)):
        return list(obj)
    return [obj]


class classproperty:  # noqa: N801 - MXNet's own name
    """A read-only property of a class."""

    def __init__(self, fget: Any) -> None:
        self.fget = fget

    def __get__(self, instance: Any, owner: type) -> Any:
        return self.fget(owner)


def with_metaclass(meta: type, *bases: type) -> type:
    """A class to derive from, whose subclasses have ``bases`` and the metaclass ``meta``."""

    class metaclass(type):  # noqa: N801
        def __new__(cls, name: str, _: Any, namespace: dict[str, Any]) -> Any:
            return meta(name, bases, namespace)

    return type.__new__(metaclass, "temporary_class", (), {})


def build_param_doc(
    arg_names: Sequence[str], arg_types: Sequence[str], arg_descs: Sequence[str], remove_dup: bool = True
) -> str:
    """The section "Parameters" of a docstring.

    Args:
        arg_names: names.
        arg_types: what each is.
        arg_descs: what each means; "" for nothing.
        remove_dup: a name that comes again is left out; ``num_args`` always is.
    """
    lines, seen = [], set()
    for name, kind, text in zip(arg_names, arg_types, arg_descs, strict=False):
        if name == "num_args" or (remove_dup and name in seen):
            continue
        seen.add(name)
        lines.append(f"{name} : {kind}" + (f"\n    {text}" if text else ""))
    return "Parameters\n----------\n{}\n".format("\n".join(lines))


def add_fileline_to_docstring(module: ModuleType, incursive: bool = True) -> None:
    """Adds file and line to the docstrings of a module's own functions and classes, and of their methods.

    Args:
        module: the module, or the name of one that is imported.
        incursive: the methods of its classes too.
    """
    module = sys.modules[module] if isinstance(module, str) else module

    def note(member: Any) -> None:
        if member.__doc__ is None:
            return
        try:
            file, line = inspect.getsourcefile(member), inspect.getsourcelines(member)[1]
        except (TypeError, OSError):  # written in C, or at run time
            return
        member.__doc__ += f"\n\nFrom:{file}:{line}"

    for member in list(vars(module).values()):
        if getattr(member, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(member):
            note(member)
        elif inspect.isclass(member):
            note(member)
            for method in list(vars(member).values()) if incursive else []:
                if inspect.isfunction(method):
                    note(method)


# ---------------------------------------------------------------------------------------------- MXNet's C library
_OF_THE_LIBRARY = frozenset({
    "CachedOpHandle", "CudaKernelHandle", "CudaModuleHandle", "DLPackHandle", "DataIterCreatorHandle",
    "DataIterHandle", "ExecutorHandle", "FunctionHandle", "KVStoreHandle", "MXCallbackList", "NDArrayHandle",
    "OpHandle", "ProfileHandle", "RecordIOHandle", "RtcHandle", "SymbolHandle", "_LIB", "c2pyerror", "c_array",
    "c_array_buf", "c_handle_array", "c_str", "c_str_array", "check_call", "ctypes2buffer", "ctypes2numpy_shared",
    "get_last_ffi_error", "profiler_kvstore_handle", "mx_float", "mx_float_p", "mx_int", "mx_int64", "mx_uint",
})  # fmt: skip


def missing_attribute(module: str, name: str) -> AttributeError:
    """The error for a name that a module has not; names of MXNet's C library say so."""
    if name in _OF_THE_LIBRARY:
        return UnsupportedAttributeError(f"{module}.{name}", "it is of MXNet's C library, and there is none here")
    return AttributeError(f"module {module!r} has no attribute {name!r}; see migration_guide.md#what-is-not-there")


def __getattr__(name: str) -> Any:
    raise missing_attribute(__name__, name)


# ---------------------------------------------------------------------------------------------- texts of attributes
def attribute_text(value: Any) -> str:
    """A Python value as symbol JSON has it; NumPy's numbers inside tuples and lists as plain ones.

    (NumPy 2 writes ``(np.int64(3),)`` where NumPy 1 wrote ``(3,)``.)
    """
    if type(value) not in (tuple, list):
        return str(value)
    parts = [
        str(v) if isinstance(v, np.generic) else attribute_text(v) if type(v) in (tuple, list) else repr(v)
        for v in value
    ]
    text = ", ".join(parts)
    if isinstance(value, list):
        return f"[{text}]"
    return f"({text},)" if len(parts) == 1 else f"({text})"


# ---------------------------------------------------------------------------------------------- NumPy semantics
class _NumpySemantics(threading.local):
    """Each thread's switches, off at its start; ``util`` turns them."""

    shape = False
    array = False


numpy_semantics = _NumpySemantics()
