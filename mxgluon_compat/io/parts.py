"""Parts of record files: which records an iterator reads, and in which order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..base import FileError, MissingFileError, MXNetError
from ..recordio import RecordError
from ..recordio.file import RecordFile
from ..recordio.parts import next_start
from ..recordio.record_io import read_index
from .shuffling import Shuffler

__all__ = ["Part", "labels_of_list"]

_MEGABYTE = 1 << 20


class Part:
    """The records of one of several parts of a file.

    Without an index a part is one of equal numbers of bytes, and has the records that begin there; with one, of equal
    numbers of records.

    Args:
        path: the record file.
        index: its index file, or "".
        part_index, num_parts: which part.
        shuffle: whether the order of each epoch is drawn.
        seed: of that order.
        chunk: size in MB of the pieces whose order is drawn; 0 for none. With ``shuffle``, so is the order in each.
        chunk_seed: of that order.

    Raises:
        MissingFileError, FileError: the files cannot be read.
        MXNetError: no records, or an index that does not fit.
    """

    def __init__(
        self, path: str, index: str, part_index: int, num_parts: int, shuffle: bool, seed: int, chunk: int,
        chunk_seed: int,
    ) -> None:  # fmt: skip
        self.file = RecordFile(path)
        size = len(self.file)
        if not size:
            raise MXNetError(f"{path} is empty")
        self._index = index
        self._offsets: list[int] | None = None  # of all records, where they are known
        if index:
            offsets = _offsets(index, path, size)
            step = -(-len(offsets) // num_parts)
            self._offsets = offsets[step * part_index : step * (part_index + 1)]
            self._begin, self._end = (self._offsets[0], size) if self._offsets else (size, size)
        else:
            step = -(-size // num_parts // 4) * 4
            self._begin, self._end = (self._bound(step * k, size) for k in (part_index, part_index + 1))
        self._order = Shuffler(seed) if shuffle else None
        self._pieces = Shuffler(chunk_seed) if chunk else None
        self._chunk = chunk * _MEGABYTE
        if (shuffle or chunk) and self._offsets is None:
            self._offsets = list(self._scanned())
        self._now: list[int] | None = None
        self._at = 0
        self.restart()

    def _bound(self, at: int, size: int) -> int:
        return 0 if at == 0 else next_start(self.file.data, min(at, size), size)

    def _scanned(self) -> Iterator[int]:
        for found in self.file.scan(self._begin):
            if found.offset >= self._end:
                return
            if found.error is not None:
                raise found.error
            yield found.offset

    def restart(self) -> None:
        """Goes to the beginning, of a new order where that is drawn."""
        if self._offsets is None:
            self._at = self._begin
            return
        self._at = 0
        self._now = list(self._offsets)
        if self._pieces is not None:
            pieces: dict[int, list[int]] = {}
            for offset in self._offsets:
                pieces.setdefault((offset - self._begin) // self._chunk, []).append(offset)
            order = list(pieces.values())
            self._pieces.shuffle(order)
            if self._order is not None:
                for piece in order:
                    self._order.shuffle(piece)
            self._now = [offset for piece in order for offset in piece]
        elif self._order is not None:
            self._order.shuffle(self._now)

    def each(self) -> Iterator[tuple[int, bytes]]:
        """(offset, record) of all records, in the file's order; it changes nothing.

        Raises:
            RecordError: damaged.
        """
        for offset in self._offsets if self._offsets is not None else self._scanned():
            record = self._read(offset)
            if record is not None:
                yield offset, record

    def take(self, count: int) -> list[tuple[int, bytes]]:
        """(offset, record) of the next records, fewer than ``count`` at the end.

        Raises:
            RecordError: damaged; MXNetError: so, and perhaps because the index does not fit.
        """
        found: list[tuple[int, bytes]] = []
        while len(found) < count:
            if self._now is None:
                if self._at >= self._end:
                    break
                offset = self._at
                record, self._at = self.file.read(offset)
            else:
                if self._at >= len(self._now):
                    break
                offset = self._now[self._at]
                record = self._read(offset)
                self._at += 1
            if record is None:
                break
            found.append((offset, record))
        return found

    def _read(self, offset: int) -> bytes | None:
        try:
            return self.file.read(offset)[0]
        except RecordError as error:
            if not self._index:
                raise
            raise MXNetError(f"{error}; or {self._index} is not the index of {self.file.name}: make it anew") from None


def _offsets(index: str, path: str, size: int) -> list[int]:
    """Where the records are, by an index file."""
    offsets = sorted(offset for _, offset in read_index(index))
    if not offsets:
        raise MXNetError(f"{index} lists no records")
    if offsets[-1] >= size:
        raise MXNetError(
            f"{index} is not the index of {path}: it says that a record begins at byte {offsets[-1]}, of {size}"
        )
    return offsets


def labels_of_list(path: str) -> dict[int, np.ndarray]:
    """{number: labels} of a list file, with lines ``number TAB label... TAB file``.

    Raises:
        MissingFileError, FileError: it cannot be read.
        MXNetError: a line that is none such.
    """
    found = {}
    try:
        with open(path) as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                key, *labels = line.rstrip("\n").split("\t")[:-1] or [""]
                try:
                    found[int(key)] = np.array(labels, np.float32)
                except ValueError:
                    raise MXNetError(
                        f"{path}, line {number}: expected 'number TAB label... TAB file', got {line.rstrip()!r}"
                    ) from None
    except FileNotFoundError:
        raise MissingFileError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return found
