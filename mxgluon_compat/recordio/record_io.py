"""Record files one record after the other, or by key."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from ..base import MissingFileError
from .file import Output, RecordFile
from .parts import RecordError, divided

__all__ = ["MXIndexedRecordIO", "MXRecordIO"]


class MXRecordIO:
    """A record file, read or written from its beginning on.

    Only the process that opened it may read and write: in a forked one, ``reset`` opens it anew. A pickled copy is open
    at the beginning if the original was open for reading, and closed otherwise.

    Args:
        uri: the file.
        flag: ``'r'`` or ``'w'``, which begins a new file.
        skip_damaged: ``read`` passes over damaged records, and lists in ``damaged`` what is wrong with them. Otherwise
            it raises at each of them, once: the next call goes on where a record begins again.

    Attributes:
        damaged: the ``RecordError`` of each damaged record that ``read`` came by.
        offset: of a reader: first byte of the record that was read last.

    Raises:
        ValueError: another flag.
        MXNetError: the file cannot be opened.
    """

    def __init__(self, uri: str | os.PathLike[str], flag: str, skip_damaged: bool = False) -> None:
        self.uri = os.fspath(uri)
        self.flag = flag
        self.skip_damaged = skip_damaged
        self.damaged: list[RecordError] = []
        self.pid: int | None = None
        self.is_open = False
        self._input: Any = None  # a RecordFile, while it is open for reading
        self._output: Any = None  # an Output, while it is open for writing
        self._position = 0
        self.open()

    def open(self) -> None:
        """Opens the file at its beginning; for writing, it is empty then.

        Raises:
            ValueError: a flag other than ``'r'`` and ``'w'``.
            MXNetError: the file cannot be opened.
        """
        if self.flag not in ("r", "w"):
            raise ValueError(f"Invalid flag {self.flag}: 'r' is for reading, 'w' for writing")
        self.writable = self.flag == "w"
        if self.writable:
            self._output = Output(self.uri)
        else:
            self._input, self._position, self.offset = RecordFile(self.uri), 0, 0
        self.pid = os.getpid()
        self.is_open = True

    def __del__(self) -> None:
        if getattr(self, "is_open", False):
            self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "pid": None, "_input": None, "_output": None, "_position": 0}

    def __setstate__(self, d: dict[str, Any]) -> None:
        self.__dict__.update(d)
        self.is_open = False
        if d["is_open"] and not d["writable"]:  # opening for writing would empty the file
            self.open()

    def _check_pid(self, allow_reset: bool = False) -> None:
        if self.pid != os.getpid():
            if not allow_reset:
                why = "another process opened it" if self.is_open else "it is closed"
                raise RuntimeError(f"Forbidden operation in multiple processes: {self.uri}: {why}; reset() opens it")
            self.reset()

    def close(self) -> None:
        """Closes the file; closing it again does nothing."""
        if not self.is_open:
            return
        self.is_open, self.pid = False, None
        if self._output is not None:
            self._output.close()
        if self._input is not None:
            self._input.close()
        self._input = self._output = None

    def reset(self) -> None:
        """Closes the file and opens it anew: at its beginning, and for writing, empty."""
        self.close()
        self.open()

    def write(self, buf: bytes) -> None:
        """Appends a record.

        Raises:
            TypeError: no bytes.
            MXNetError: as long as 2^29 bytes, or longer.
            RuntimeError: another process opened the file, or it is closed.
        """
        assert self.writable, f"{self.uri} is open for reading"
        self._check_pid()
        if not isinstance(buf, (bytes, bytearray)):
            if not isinstance(buf, memoryview):
                raise TypeError(f"bytes expected instead of {type(buf).__name__} instance: a record is bytes")
            buf = bytes(buf)
        self._output.write(divided(buf))

    def read(self) -> bytes | None:
        """The next record; None behind the last one.

        Raises:
            RecordError: it is damaged; the next call goes on behind it.
            RuntimeError: another process opened the file, or it is closed.
        """
        assert not self.writable, f"{self.uri} is open for writing"
        self._check_pid()
        while True:
            try:
                self.offset = self._position
                record, self._position = self._input.read(self.offset)
                return record
            except RecordError as error:
                self._position = self._input.behind(error.offset)
                self.damaged.append(error)
                if not self.skip_damaged:
                    raise


class MXIndexedRecordIO(MXRecordIO):
    """A record file with an index: a text file with a line ``key TAB offset`` for each record.

    ``python -m mxgluon_compat convert FILE.rec FILE.idx`` makes an index.

    Args:
        idx_path: the index file.
        uri, flag, skip_damaged: as in ``MXRecordIO``.
        key_type: what makes keys of texts: ``int``, ``str``, ...

    Attributes:
        keys: the keys in the order of the file.
        idx: {key: offset}.

    Raises:
        FileNotFoundError: there is no index.
        ValueError: another flag; a line of the index that is none.
        MXNetError: the record file cannot be opened.
    """

    def __init__(
        self,
        idx_path: str | os.PathLike[str],
        uri: str | os.PathLike[str],
        flag: str,
        key_type: Any = int,
        skip_damaged: bool = False,
    ) -> None:
        self.idx_path = idx_path
        self.idx: dict[Any, int] = {}
        self.keys: list[Any] = []
        self.key_type = key_type
        self._index_output: Any = None  # an Output, while it is open for writing
        super().__init__(uri, flag, skip_damaged)

    def open(self) -> None:
        """As ``MXRecordIO.open``; the index is read, or begun, with it."""
        super().open()
        self.idx, self.keys = {}, []
        try:
            path = os.fspath(self.idx_path)
            if self.writable:
                self._index_output = Output(path)
            else:
                for key, offset in read_index(path, self.key_type):
                    self.idx[key] = offset
                    self.keys.append(key)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Closes both files; closing them again does nothing."""
        super().close()
        if self._index_output is not None:
            self._index_output.close()
            self._index_output = None

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_index_output": None}

    def seek(self, idx: Any) -> None:
        """Makes the record of this key the next one that ``read`` gives.

        Raises:
            KeyError: no such key.
        """
        assert not self.writable, f"{self.uri} is open for writing"
        self._check_pid(allow_reset=True)
        self._position = self.idx[idx]

    def tell(self) -> int:
        """The offset of the next record that is written."""
        assert self.writable, f"{self.uri} is open for reading"
        return self._output.position

    def read_idx(self, idx: Any) -> bytes:
        """The record of this key; ``read`` goes on behind it. Threads may call it at once.

        Raises:
            KeyError: no such key.
            RecordError: it is damaged, or the index is of another file.
        """
        assert not self.writable, f"{self.uri} is open for writing"
        self._check_pid(allow_reset=True)
        offset = self.idx[idx]
        record, after = self._input.read(offset)
        if record is None:
            raise RecordError(
                self.uri, offset, f"the file ends before; {self.idx_path} has key {idx!r} there: it is of another file"
            )
        self._position, self.offset = after, offset
        return record

    def write_idx(self, idx: Any, buf: bytes) -> None:
        """Appends a record with a key, which is passed through ``key_type``."""
        assert self.writable, f"{self.uri} is open for reading"
        key, offset = self.key_type(idx), self.tell()
        self.write(buf)
        self._index_output.write([f"{key}\t{offset}\n".encode()])
        self.idx[key] = offset
        self.keys.append(key)


def read_index(path: str, key_type: Any = int) -> Iterator[tuple[Any, int]]:
    """(key, offset) of each line of an index file.

    Raises:
        MissingFileError: no such file.
        ValueError: a line that is none of an index.
    """
    try:
        file = open(path, encoding="utf-8")  # noqa: SIM115 - closed below
    except FileNotFoundError:
        raise MissingFileError(
            f"{path}: no such file; 'python -m mxgluon_compat convert FILE.rec FILE.idx' makes an index"
        ) from None
    number = 0
    with contextlib.closing(file):
        try:
            for number, line in enumerate(file, 1):  # noqa: B007
                key, offset = line.rstrip("\n").split("\t")[:2]
                yield key_type(key), int(offset)
        except UnicodeDecodeError as error:
            raise ValueError(f"{path}, behind line {number}: not 'key TAB offset' ({error})") from None
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: not 'key TAB offset' ({error})") from None
