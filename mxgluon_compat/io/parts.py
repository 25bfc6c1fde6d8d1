"""Parts of record files: which records an iterator reads, and in which order."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..base import FileError, MissingFileError, MXNetError
from ..recordio import RecordError
from ..recordio.file import RecordFile
from ..recordio.parts import next_start
from ..recordio.record_io import read_index
from .twister import Twister

__all__ = ["Part", "Taken", "labels_of_list"]

_READ = 8 << 20  # bytes that MXNet reads at a time
_HEADER = 8  # bytes of a record's: MXNet cuts a read off where the last one of them begins
_PIECES_SEED = 666  # what MXNet adds to the seed of the order of pieces


class Taken(NamedTuple):
    """A record.

    Attributes:
        offset: its first byte in the file.
        content: what is in it.
        read: the first bytes of all records that MXNet would have read at a time with it.
        place: its own in that.
    """

    offset: int
    content: bytes
    read: list[int]
    place: int


class Part:
    """The records of one of several parts of a file, in MXNet's order.

    Without an index a part is one of equal numbers of bytes, and has the records that begin there; with one, of equal
    numbers of records.

    Args:
        path: the record file.
        index: its index file, or "".
        part_index, num_parts: which part.
        shuffle: whether the order of each epoch is drawn: with an index that of all records, otherwise that of each
            read of 8 MB.
        seed: of that order.
        chunk: size in MB of the pieces whose order is drawn; 0 for none; nothing with an index.
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
        self._index, self._share = index, num_parts
        self.indexed = bool(index)
        self._order = Twister(seed) if shuffle else None
        self._offsets: list[int] = []
        self._pieces: list[tuple[int, int]] = []
        self._pieces_order: Twister | None = None
        if index:
            offsets = _offsets(index, path, size)
            step = -(-len(offsets) // num_parts)
            self._offsets = offsets[step * part_index : step * (part_index + 1)]
        else:
            count = math.ceil(size * 1.1 / num_parts / (chunk << 20)) if chunk else 1
            step = -(-size // (num_parts * count) // 4) * 4
            bounds = [self._bound(step * (part_index * count + k), size) for k in range(count + 1)]
            self._pieces = list(itertools.pairwise(bounds))
            if chunk:
                self._pieces_order = Twister(_PIECES_SEED + part_index + num_parts + count + chunk_seed)
        self._reads: Iterator[list[int]] = iter(())
        self._read: list[int] = []
        self._places: list[int] = []  # of the read, in the order in which they are taken, the next one last
        self.restart()

    @property
    def size(self) -> int:
        """Its bytes, about."""
        return len(self.file) // self._share

    def _bound(self, at: int, size: int) -> int:
        return 0 if at == 0 else next_start(self.file.data, min(at, size), size)

    def restart(self) -> None:
        """Goes to the beginning, of a new order where that is drawn."""
        self._places = []
        if self.indexed:
            self._read = list(self._offsets)
            if self._order is not None:
                self._order.shuffle(self._read)
            self._reads = iter([self._read] if self._read else [])
            return
        if self._pieces_order is not None:
            self._pieces_order.shuffle(self._pieces)
        self._reads = self._each_read(list(self._pieces))

    def _each_read(self, pieces: list[tuple[int, int]]) -> Iterator[list[int]]:
        """Where the records of each read begin."""
        for begin, end in pieces:
            while begin < end:
                found, begin = self._next_read(begin, end)
                yield found

    def _next_read(self, begin: int, end: int) -> tuple[list[int], int]:
        """Where the records of a read from ``begin`` on begin, and where the next one does: at the last record that
        begins in it, unless it comes to the end."""
        found: list[int] = []
        limit = begin + _READ
        for scanned in self.file.scan(begin):
            if scanned.offset >= end:
                break
            if limit <= end and scanned.offset + _HEADER > limit:
                if len(found) > 1:
                    break
                while limit <= end and scanned.offset + _HEADER > limit:  # a record larger than a read
                    limit += limit - begin
            found.append(scanned.offset)
        if limit <= end and len(found) > 1:
            end = found.pop()
        return found, end

    def each(self) -> Iterator[tuple[int, bytes]]:
        """(offset, record) of all records, in the file's order; it changes nothing.

        Raises:
            RecordError: damaged.
        """
        reads = [self._offsets] if self.indexed else self._each_read(sorted(self._pieces))
        for read in reads:
            for offset in read:
                yield from self.records([offset])

    def records(self, offsets: list[int]) -> list[tuple[int, bytes]]:
        """(offset, record) of those that begin there.

        Raises:
            RecordError: damaged; MXNetError: so, and perhaps because the index does not fit.
        """
        return [(offset, content) for offset in offsets if (content := self._content(offset)) is not None]

    def in_order(self, count: int) -> Iterator[list[Taken]]:
        """All records of an epoch, up to ``count`` at a time; no order is drawn for those of a read."""
        for read in self._reads:
            for start in range(0, len(read), count):
                places = range(start, min(start + count, len(read)))
                first = start if self.indexed else 0
                yield [
                    Taken(read[i], content, read, i - first)
                    for i in places
                    if (content := self._content(read[i])) is not None
                ]

    def take(self, count: int) -> list[Taken]:
        """The next records, fewer than ``count`` at the end.

        Raises:
            RecordError: damaged; MXNetError: so, and perhaps because the index does not fit.
        """
        found: list[Taken] = []
        first = 0
        while len(found) < count:
            if not self._places:
                read = next(self._reads, None)
                if read is None:
                    break
                self._read, self._places = read, list(range(len(read)))
                if self._order is not None and not self.indexed:
                    self._order.shuffle(self._places)
                self._places.reverse()
            place = self._places.pop()
            if self.indexed and not found:
                first = place  # MXNet reads what a batch still needs
            content = self._content(self._read[place])
            if content is None:
                break
            found.append(Taken(self._read[place], content, self._read, place - first))
        return found

    def _content(self, offset: int) -> bytes | None:
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
