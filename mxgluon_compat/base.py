"""Errors, dtype tables and small values that every room shares."""

from __future__ import annotations

import os
import platform
from typing import Any

import numpy as np
import torch

__all__ = ["MXNetError", "NotImplementedForSymbol", "NotSupportedForSparseNDArray", "UnsupportedError"]

string_types = (str,)
integer_types = (int, np.int32, np.int64)
numeric_types = (float, int, np.generic)
long = int
py_str = str
mx_real_t = np.float32


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
        self.args = [str(type(a)) for a in args]

    def __str__(self) -> str:
        text = f"Function {self.function}"
        if self.alias:
            text += f' (namely operator "{self.alias}")'
        if self.args:
            text += f" with arguments ({', '.join(self.args)})"
        return text + " is not implemented for Symbol and only available in NDArray."


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
    """MXNet's name of ``dtype``: a name, a numpy dtype or class, a torch dtype, a Python type, or a flag number.

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
    try:
        name = np.dtype(dtype).name
    except TypeError:
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
