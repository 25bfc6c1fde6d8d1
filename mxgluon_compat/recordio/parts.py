"""The format: how a record lies in a file.

A record is one part or several. A part begins at a multiple of 4 bytes with the magic number and a word, both
little-endian uint32: the word's low 29 bits are the length of what follows, its high 3 bits say whether the part is a
whole record (0), or the first (1), a middle (2) or the last (3) part of one. Zeros fill it up to a multiple of 4. A
record that holds the magic number at a multiple of 4 is divided there and the number left out: so at a multiple of 4
the number is always the beginning of a part, and a reader can go on behind damage.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from mmap import mmap

from ..base import MXNetError

__all__ = ["LIMIT", "MAGIC", "RecordError", "divided", "joined", "magic_inside", "next_start", "spans"]

MAGIC = struct.pack("<I", 0xCED7230A)
LIMIT = 1 << 29
"""Records are shorter than this, in bytes."""

_HEAD = struct.Struct("<II")
_WHOLE, _FIRST, _MIDDLE, _LAST = range(4)
_MAGIC = 0xCED7230A
_ZEROS = bytes(3)

Data = bytes | bytearray | mmap


class RecordError(MXNetError):
    """A damaged record.

    Attributes:
        file: name of the file.
        offset: byte at which the record begins, or should begin.
        reason: what is wrong with it.
    """

    def __init__(self, file: str, offset: int, reason: str) -> None:
        super().__init__(file, offset, reason)
        self.file, self.offset, self.reason = file, offset, reason

    def __str__(self) -> str:
        return f"{self.file}: invalid record at byte {self.offset}: {self.reason}"


# ---------------------------------------------------------------------------------------------- writing
def _aligned_magic(data: Data, start: int, end: int) -> int:
    """Where the magic number stands at a multiple of 4 bytes from ``start``, before ``end``; -1 for nowhere."""
    at = data.find(MAGIC, start, end)
    while at >= 0 and (at - start) % 4:
        at = data.find(MAGIC, at + 1, end)
    return at


def divided(record: bytes) -> Iterator[bytes]:
    """The bytes that stand for a record in a file, in pieces.

    Raises:
        MXNetError: the record is too long for the format.
    """
    size = len(record)
    if size >= LIMIT:
        raise MXNetError(f"RecordIO only accept record less than 2^29 bytes, this one has {size}: divide it")
    start, kind = 0, _FIRST
    at = _aligned_magic(record, 0, size)
    while at >= 0:
        yield _HEAD.pack(_MAGIC, kind << 29 | at - start)
        yield record[start:at]
        start, kind = at + 4, _MIDDLE
        at = _aligned_magic(record, start, size)
    yield _HEAD.pack(_MAGIC, (_WHOLE if kind == _FIRST else _LAST) << 29 | size - start)
    yield record[start:] if start else record
    yield _ZEROS[: -size % 4]


# ---------------------------------------------------------------------------------------------- reading
def _part(data: Data, offset: int, size: int, file: str, start: int) -> tuple[int, int, int]:
    """(kind, length, where the next part begins) of the part at ``offset`` in a record that begins at ``start``.

    Raises:
        RecordError: there is no such part.
    """
    at = "" if offset == start else f" at byte {offset}"
    if offset + 8 > size:
        left = f"{size - offset} bytes are left, where a part begins with 8" if offset < size else "its end is missing"
        raise RecordError(file, start, f"truncated{at}: {left}")
    magic, word = _HEAD.unpack_from(data, offset)
    if magic != _MAGIC:
        raise RecordError(file, start, f"the magic number {_MAGIC:#x} is expected{at}, not {magic:#x}")
    length = word & LIMIT - 1
    after = offset + 8 + (length + 3 & ~3)
    if after > size:
        declared = f"{length} bytes are declared" + f", filled up to {after - offset - 8}" * bool(length % 4)
        raise RecordError(file, start, f"truncated{at}: {declared}; {size - offset - 8} are there")
    return word >> 29, length, after


def spans(data: Data, offset: int, size: int, file: str) -> tuple[list[tuple[int, int]], int]:
    """(first byte, byte behind the last) of each part of the record at ``offset``, and where the next record begins.

    Args:
        data: the file.
        offset: less than ``size``.
        size: how many bytes of ``data`` count.
        file: its name, for errors.

    Raises:
        RecordError: damaged.
    """
    kind, length, after = _part(data, offset, size, file, offset)
    found = [(offset + 8, offset + 8 + length)]
    if kind == _WHOLE:
        return found, after
    if kind != _FIRST:
        what = "its beginning is missing" if kind <= _LAST else f"there is no part of kind {kind}"
        raise RecordError(file, offset, f"damaged: {what}")
    while kind != _LAST:
        part = after
        kind, length, after = _part(data, part, size, file, offset)
        if kind not in (_MIDDLE, _LAST):
            raise RecordError(file, offset, f"damaged: at byte {part} another record begins before this one has ended")
        found.append((part + 8, part + 8 + length))
    return found, after


def joined(data: Data, parts: list[tuple[int, int]]) -> bytes:
    """The record of these parts."""
    if len(parts) == 1:
        return bytes(data[parts[0][0] : parts[0][1]])
    return MAGIC.join(data[start:end] for start, end in parts)


def next_start(data: Data, offset: int, size: int) -> int:
    """Where, from ``offset`` on, a record begins again; ``size`` for nowhere.

    Where bytes were lost, records begin at other places than multiples of 4 from then on: such a place counts only if
    another record, or nothing, follows on what would be one.
    """
    at = data.find(MAGIC, offset, size)
    while at >= 0:
        if at + 8 <= size and data[at + 7] >> 5 in (_WHOLE, _FIRST) and (at % 4 == 0 or _followed(data, at, size)):
            return at
        at = data.find(MAGIC, at + 1, size)
    return size


def _followed(data: Data, offset: int, size: int) -> bool:
    try:
        after = _part(data, offset, size, "", offset)[2]
    except RecordError:
        return False
    return after == size or data[after : after + 4] == MAGIC


def magic_inside(data: Data, parts: list[tuple[int, int]]) -> int:
    """Where in the parts the magic number stands as it never does in a sound record; -1 for nowhere."""
    return next((at for start, end in parts if (at := _aligned_magic(data, start, end)) >= 0), -1)
