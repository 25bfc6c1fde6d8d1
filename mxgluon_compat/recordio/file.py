"""Record files as the classes of MXNet's names and the commands use them: mapped for reading, buffered for writing."""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..base import FileError, MissingFileError
from .parts import Data, RecordError, joined, magic_inside, next_start, spans

__all__ = ["Output", "RecordFile", "Scanned"]

_BUFFER = 1 << 18  # bytes


class Scanned(NamedTuple):
    """A record that ``RecordFile.scan`` came by, or damage.

    Attributes:
        offset: its first byte in the file.
        parts: (first byte, byte behind the last) of its parts; none where it is damaged.
        error: what is wrong.
    """

    offset: int
    parts: list[tuple[int, int]]
    error: RecordError | None

    @property
    def size(self) -> int:
        """Bytes of the record itself."""
        return sum(end - start for start, end in self.parts) + 4 * (len(self.parts) - 1)


class RecordFile:
    """A file of records, mapped into memory: reading copies a record once, and jumping to one costs nothing.

    What a program appends to the file is seen; let none cut it off or overwrite it in place meanwhile, which ends this
    process (``MXRecordIO`` writes a new file in the place of the old one).

    Args:
        path: the file; what cannot be mapped, such as a pipe, is read as a whole.

    Raises:
        MissingFileError, FileError: it cannot be read.
    """

    def __init__(self, path: str) -> None:
        self.name = path
        self.data: Data = b""
        self._mapped = False
        try:
            self._file = open(path, "rb")  # noqa: SIM115 - stays open
        except FileNotFoundError:
            raise MissingFileError(f"{path}: no such file") from None
        except (OSError, ValueError) as error:  # ValueError: a path with a zero byte
            raise FileError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
        self._mapped = stat.S_ISREG(os.fstat(self._file.fileno()).st_mode)
        if self._mapped:
            self._map()
        else:
            with self._file:
                self.data = self._file.read()

    def __len__(self) -> int:
        """Bytes of the file as far as they are mapped."""
        return len(self.data)

    def _map(self) -> bool:
        """Maps the file as it is now; whether that is more than before."""
        if not self._mapped or self._file.closed or (size := os.fstat(self._file.fileno()).st_size) <= len(self.data):
            return False
        self.data = mmap.mmap(self._file.fileno(), size, access=mmap.ACCESS_READ)
        return True

    def read(self, offset: int) -> tuple[bytes | None, int]:
        """The record at ``offset`` and where the next one begins; None at the end of the file.

        Raises:
            RecordError: damaged.
        """
        if offset < 0:
            raise RecordError(self.name, offset, "that is before the beginning of the file")
        data = self.data
        if offset >= len(data):
            if not self._map():
                return None, offset
            data = self.data
        try:
            parts, after = spans(data, offset, len(data), self.name)
        except RecordError:
            if not self._map():  # the rest of it may have come
                raise
            return self.read(offset)
        return joined(data, parts), after

    def behind(self, offset: int) -> int:
        """Where a record begins again behind a damaged one at ``offset``; the file's size for nowhere."""
        return next_start(self.data, offset + 1, len(self.data))

    def scan(self, start: int = 0, strict: bool = False) -> Iterator[Scanned]:
        """All records and all damage from ``start`` on; only the beginnings of the records are read.

        Args:
            start: where a record begins.
            strict: look into the records too: the magic number in one is a sign of a wrong length.
        """
        data, size = self.data, len(self.data)
        while start < size:
            try:
                parts, after = spans(data, start, size, self.name)
                if strict and (at := magic_inside(data, parts)) >= 0:
                    raise RecordError(self.name, start, f"damaged: another part begins inside it, at byte {at}")
            except RecordError as error:
                yield Scanned(start, [], error)
                start = next_start(data, start + 1, size)
            else:
                yield Scanned(start, parts, None)
                start = after

    def record(self, scanned: Scanned) -> bytes:
        """The content of a record that ``scan`` came by."""
        return joined(self.data, scanned.parts)

    def close(self) -> None:
        """Gives the memory and the file back."""
        self._file.close()
        if isinstance(self.data, mmap.mmap):
            self.data.close()
        self.data, self._mapped = b"", False

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self.close()


class Output:
    """A new file to write to. Only the process that opened it writes; a forked one can close it without harm.

    Raises:
        MissingFileError, FileError: it cannot be written to.
    """

    def __init__(self, path: str) -> None:
        self.position = 0
        self._pid = os.getpid()
        self._pending = bytearray()
        try:
            # A new file in the place of the old one: some reader may have that mapped.
            if stat.S_ISREG(os.stat(path).st_mode):
                os.unlink(os.path.realpath(path))
        except OSError:
            pass  # what matters, opening says
        try:
            self._file = open(path, "wb", buffering=0)  # noqa: SIM115 - stays open
        except FileNotFoundError:
            raise MissingFileError(f"{path}: no such folder to write to") from None
        except (OSError, ValueError) as error:
            raise FileError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}") from None

    def write(self, pieces: Iterable[bytes]) -> None:
        """Appends the pieces."""
        before = len(self._pending)
        for piece in pieces:
            self._pending += piece
        self.position += len(self._pending) - before
        if len(self._pending) > _BUFFER:
            self._flush()

    def _flush(self) -> None:
        with memoryview(self._pending) as view:
            done = 0
            while done < len(view):
                done += self._file.write(view[done:])
        self._pending.clear()

    def close(self) -> None:
        """Writes what is left."""
        if not self._file.closed:
            with self._file:
                if os.getpid() == self._pid:
                    self._flush()
