"""``mx.recordio``: files of records, one behind the other, in the format of MXNet and dmlc-core."""

from __future__ import annotations

from .headers import _IR_FORMAT, _IR_SIZE, IRHeader, pack, unpack  # noqa: F401
from .images import pack_img, unpack_img
from .parts import RecordError
from .record_io import MXIndexedRecordIO, MXRecordIO

__all__ = [
    "IRHeader", "MXIndexedRecordIO", "MXRecordIO", "RecordError", "pack", "pack_img", "unpack", "unpack_img",
]  # fmt: skip
