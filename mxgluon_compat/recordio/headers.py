"""The header that image records begin with: labels and numbers."""

from __future__ import annotations

import numbers
import struct
from typing import Any, NamedTuple

import numpy as np

__all__ = ["IRHeader", "pack", "unpack"]

_IR_FORMAT = "IfQQ"  # programs that read records by themselves use these two names
_IR_SIZE = struct.calcsize(_IR_FORMAT)
_LAYOUT = struct.Struct(_IR_FORMAT)


class IRHeader(NamedTuple):
    """What an image record begins with: 24 bytes, behind which several labels stand as float32.

    Attributes:
        flag: how many labels follow; 0: the one in ``label``.
        label: a number; or several, float32 (n,).
        id: number of the record.
        id2: the upper half of a number of 128 bits; 0.
    """

    flag: int
    label: Any
    id: int
    id2: int


HEADER = IRHeader
HEADER.__name__ = HEADER.__qualname__ = "HEADER"  # what MXNet calls it


def pack(header: tuple[Any, ...], s: bytes) -> bytes:
    """A record of a header and what follows it.

    Args:
        header: an ``IRHeader``, or a tuple of its four values. Its ``flag`` follows from ``label``: 0 for a number, n
            for an array or a list of n numbers.
        s: such as an image file.

    Raises:
        struct.error: a number that is negative, no integer, or needs more than 64 bits.
        ValueError: labels that are no numbers.
    """
    header = IRHeader(*header)
    labels = b""
    if isinstance(header.label, numbers.Number):
        header = header._replace(flag=0)
    else:
        label = np.asarray(header.label, dtype=np.float32)
        header = header._replace(flag=label.size, label=0)
        labels = label.tobytes()
    return _LAYOUT.pack(*header) + labels + s


def unpack(s: bytes) -> tuple[IRHeader, bytes]:
    """The header of a record and what follows it.

    Raises:
        struct.error: shorter than a header.
        ValueError: shorter than the header and its labels.
    """
    if len(s) < _LAYOUT.size:
        raise struct.error(f"a record that pack() made begins with {_LAYOUT.size} bytes, this one has {len(s)}")
    header = IRHeader(*_LAYOUT.unpack_from(s))
    s = s[_LAYOUT.size :]
    if header.flag > 0:
        if len(s) < 4 * header.flag:
            raise ValueError(
                f"record {header.id}: its header declares {header.flag} labels, of 4 bytes each, and {len(s)} bytes "
                "follow: it is damaged, or pack() did not make it"
            )
        header = header._replace(label=np.frombuffer(s, np.float32, header.flag))
        s = s[4 * header.flag :]
    return header, s
