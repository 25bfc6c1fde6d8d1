"""The bytes of a file, mapped rather than read where it is large; tensors that lie in them; writing in one step."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from io import BytesIO
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import torch

from ..base import FileError, MissingFileError, MXNetError

__all__ = ["Content", "Counting", "atomic_write", "byte_count", "bytes_of"]

MAPPED_FROM = 1 << 20
"""Files of so many bytes are mapped; smaller ones are read, which takes no longer and leaves the file alone."""


def byte_count(shape: tuple[int, ...], dtype: torch.dtype) -> int:
    """How many bytes a dense array takes.

    Raises:
        ValueError: no tensor can have this shape.
    """
    # An empty dimension beside huge ones makes an array of no bytes whose strides still overflow.
    if len(shape) > 64 or min(shape, default=0) < 0 or prod(max(n, 1) for n in shape) * dtype.itemsize >= 1 << 63:
        text = f"{shape}" if len(shape) <= 64 else f"of {len(shape)} dimensions"
        raise ValueError(f"no array has the shape {text}")
    return prod(shape) * dtype.itemsize


class Content:
    """The bytes of a file.

    A large file is mapped copy-on-write: its arrays take memory when they are used, are writable, and writing into
    them does not change the file. Deleting the file or replacing it, as ``atomic_write`` does, leaves them alone; a
    program that overwrites it in place changes them, so let such programs write elsewhere.

    Args:
        source: the file, or its content.

    Raises:
        MissingFileError: no such file.
        FileError: the file cannot be read.
        MXNetError: it is a folder.
    """

    def __init__(self, source: str | os.PathLike[str] | bytes | bytearray | memoryview) -> None:
        if isinstance(source, (bytes, bytearray, memoryview)):
            self.name = "the buffer"
            self._storage = _copied(source)
        else:
            self.name = os.fspath(source)
            self._storage = _storage_of(Path(source))
        self.bytes = memoryview(torch.empty(0, dtype=torch.uint8, device="cpu").set_(self._storage).numpy())

    def __len__(self) -> int:
        return self._storage.nbytes()

    def head(self, size: int = 512) -> bytes:
        """The first bytes."""
        return bytes(self.bytes[:size])

    def open(self) -> BinaryIO:
        """The content as a file that is open for reading."""
        if self._storage.nbytes() >= MAPPED_FROM and os.path.isfile(self.name):
            return open(self.name, "rb")
        return BytesIO(self.bytes)

    def tensor(self, start: int, dtype: torch.dtype, shape: tuple[int, ...]) -> torch.Tensor:
        """The dense array that begins at byte ``start``: in place, or a copy where the bytes are not aligned.

        Raises:
            ValueError: no tensor has this shape, or there are fewer bytes.
        """
        size = byte_count(shape, dtype)
        if start < 0 or start + size > len(self):
            raise ValueError(f"truncated: {start + size - len(self)} bytes are missing")
        part = self._storage[start : start + size]
        if part.data_ptr() % dtype.itemsize:
            part = part.clone()
        if dtype is torch.bool:  # torch computes nonsense from truth values that are neither 0 nor 1
            return torch.empty(0, dtype=torch.uint8, device="cpu").set_(part, 0, shape).ne(0)
        return torch.empty(0, dtype=dtype, device="cpu").set_(part, 0, shape)


def _copied(data: Any) -> torch.UntypedStorage:
    if not len(data):
        return torch.UntypedStorage(0)
    return torch.frombuffer(bytearray(data), dtype=torch.uint8).untyped_storage()


def _storage_of(path: Path) -> torch.UntypedStorage:
    if path.is_dir():
        raise MXNetError(f"{path} is a folder, not an array file")
    try:
        with open(path, "rb") as file:
            found = os.fstat(file.fileno())
            if stat.S_ISREG(found.st_mode) and found.st_size >= MAPPED_FROM:
                return torch.UntypedStorage.from_file(str(path), shared=False, nbytes=found.st_size)
            return _copied(file.read())
    except FileNotFoundError:
        raise MissingFileError(f"{path}: no such file") from None
    except (OSError, RuntimeError, ValueError) as error:  # ValueError: a path with a zero byte
        raise FileError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def bytes_of(tensor: torch.Tensor) -> memoryview:
    """The bytes of a tensor in row-major order; without a copy if they lie so in the memory of the CPU."""
    dense = tensor.detach().cpu().contiguous()
    start = dense.storage_offset() * dense.element_size()
    size = dense.numel() * dense.element_size()
    return memoryview(
        torch.empty(0, dtype=torch.uint8, device="cpu").set_(dense.untyped_storage(), start, (size,)).numpy()
    )


# ---------------------------------------------------------------------------------------------- writing
class Counting:
    """An open file that tells how much is written to it.

    Args:
        file: open for writing.
        progress: called with the number of bytes at each write, at most ``CHUNK`` of them at once.
    """

    CHUNK = 1 << 24

    def __init__(self, file: BinaryIO, progress: Callable[[int], object]) -> None:
        self._file, self._progress = file, progress

    def write(self, data: bytes | memoryview) -> int:
        """Writes all of ``data``."""
        view = memoryview(data)
        for start in range(0, len(view), self.CHUNK):
            part = view[start : start + self.CHUNK]
            self._file.write(part)
            self._progress(len(part))
        return len(view)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def atomic_write(path: str | os.PathLike[str], write: Callable[[str], Any]) -> None:
    """Calls ``write(temporary path)`` and renames what it wrote to ``path``; on failure ``path`` is as it was.

    Raises:
        MissingFileError: the folder is not there.
        FileError: ``path`` is a folder, or may not be written to.
    """
    try:
        target = Path(os.path.realpath(path))  # a link stays one
        if target.exists() and not target.is_file():
            _write_through(target, write)
        else:
            _write_beside(target, write)
    except FileNotFoundError:
        raise MissingFileError(f"{os.fspath(path)}: no such folder to write to") from None
    except OSError as error:
        raise FileError(f"{os.fspath(path)} cannot be written: {error.strerror or error}") from error


def atomic_write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """``atomic_write`` of bytes that are there already."""
    atomic_write(path, lambda temporary: Path(temporary).write_bytes(content))


def _write_through(path: Path, write: Callable[[str], Any]) -> None:
    """As ``_write_beside`` for a device or a pipe, which must not be replaced."""
    with tempfile.NamedTemporaryFile() as temporary, open(path, "wb") as file:
        write(temporary.name)
        shutil.copyfileobj(temporary, file)


def _write_beside(path: Path, write: Callable[[str], Any]) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
    os.close(handle)
    try:
        write(temporary)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
