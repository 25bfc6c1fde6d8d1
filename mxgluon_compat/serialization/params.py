"""Array files of all formats: named tensors, or a list of them. What a file is, its content tells, never its name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO, cast

from ..base import MXNetError
from . import mxnet_binary, numpy_file, safetensors_file
from .content import Content, Counting, atomic_write, atomic_write_bytes
from .foreign import identify
from .parts import Saved, SparseParts

__all__ = [
    "FORMATS", "SparseParts", "atomic_write", "atomic_write_bytes", "file_format", "load_tensors", "save_tensors",
    "set_file_format",
]  # fmt: skip

FORMATS = ("safetensors", "mxnet", "npz")
"""The formats that are written."""

_READERS: dict[str, Callable[[Content], dict[str, Saved] | list[Saved]]] = {
    "safetensors": safetensors_file.read,
    "mxnet": mxnet_binary.read,
    "npz": numpy_file.read_npz,
    "npy": numpy_file.read_npy,
}

_format: str | None = None


def set_file_format(format: str) -> str:
    """Decides for the whole process in which format array files are written; returns the former one.

    Args:
        format: ``'safetensors'``, or ``'mxnet'``: files that MXNet 1.9.1 loads, or ``'npz'``: NumPy's.

    Raises:
        ValueError: another word.
    """
    global _format
    former, _format = file_format(), _checked(format)
    return former


def file_format(format: str | None = None) -> str:
    """``format``, or the process-wide one: set by ``set_file_format``, else by ``MXGLUON_FILE_FORMAT``, else
    ``'safetensors'``.

    Raises:
        ValueError: there is no such format.
        MXNetError: the environment variable holds another word.
    """
    if format is not None:
        return _checked(format)
    found = _format or os.environ.get("MXGLUON_FILE_FORMAT", FORMATS[0])
    if found not in FORMATS:
        raise MXNetError(f"environment variable MXGLUON_FILE_FORMAT is {found!r}; use one of {', '.join(FORMATS)}")
    return found


def _checked(format: str) -> str:
    if format not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}, got {format!r}")
    return format


def save_tensors(
    path: str | os.PathLike[str],
    tensors: Mapping[str, Saved] | Sequence[Saved],
    format: str | None = None,
    np_shape: bool = False,
    progress: Callable[[int], object] | None = None,
) -> None:
    """Writes tensors to a file, all or nothing.

    Args:
        path: the file, of any name.
        tensors: by name, or a list; sparse arrays in their parts.
        format: one of ``FORMATS``; None for the process-wide one.
        np_shape: whether MXNet's own format is written as under np-shape semantics.
        progress: is called with the number of bytes that were written just now.

    Raises:
        ValueError: there is no such format.
        MXNetError: the format has no place for a name or a dtype; the path cannot be written to.
    """
    format = file_format(format)

    def write(temporary: str) -> None:
        with open(temporary, "wb", buffering=1 << 20) as opened:
            file = opened if progress is None else cast("BinaryIO", Counting(opened, progress))
            if format == "mxnet":
                mxnet_binary.write(file, tensors, np_shape)
            elif format == "npz":
                numpy_file.write_npz(file, tensors)
            else:
                safetensors_file.write(file, tensors)

    try:
        atomic_write(path, write)
    except ValueError as error:  # UnicodeEncodeError too
        raise MXNetError(f"{os.fspath(path)}: {error}") from None


def load_tensors(source: str | os.PathLike[str] | bytes) -> Any:
    """The tensors of an array file, on the CPU: a dict by name, or a list where the file has no names.

    Args:
        source: the file, or the content of one.

    Raises:
        MissingFileError: no such file.
        MXNetError: not an array file, a truncated or damaged one, or one with what MXNet has not.
    """
    content = Content(source)
    head = content.head()
    format, sentence = identify(head)
    if format not in _READERS:
        raise MXNetError(f"{content.name}: {sentence or f'this is not an array file (it begins with {head[:8]!r})'}")
    try:
        return _READERS[format](content)
    except ValueError as error:  # UnicodeDecodeError too
        text = str(error)  # which may quote what is in the file
        raise MXNetError(f"{content.name}: {text if len(text) < 400 else f'{text[:400]}...'}") from None
