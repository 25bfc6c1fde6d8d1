"""``CSVIter`` and ``LibSVMIter``: rows of numbers in text files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from ..base import FileError, MissingFileError, MXNetError, torch_dtype
from ..ndarray import NDArray, array
from ..ndarray.sparse import csr_matrix
from ..ops.schema import Dtype, Shape
from .by_arguments import Ahead, Batch, Batches, by_arguments

__all__ = ["CSVIter", "LibSVMIter"]


class _Lines:
    """Lines of a text file that are not empty: pairs (first byte, line).

    Args:
        path: the file.
        part_index, num_parts: read one of several parts of about the same size: a line belongs to the part in which
            the byte before it lies.

    Raises:
        MissingFileError, FileError: it cannot be read.
        MXNetError: it is empty.
    """

    def __init__(self, path: str, part_index: int = 0, num_parts: int = 1) -> None:
        self.path = path
        try:
            with open(path, "rb") as file:
                size = file.seek(0, os.SEEK_END)
        except FileNotFoundError:
            raise MissingFileError(f"{path}: no such file") from None
        except OSError as error:
            raise FileError(f"{path} cannot be read: {error.strerror}") from None
        if not size:
            raise MXNetError(f"{path} is empty")
        step = -(-size // num_parts)
        self._begin, self._end = min(step * part_index, size), min(step * (part_index + 1), size)

    def __iter__(self) -> Iterator[tuple[int, str]]:
        with open(self.path, "rb") as file:
            at = file.seek(self._begin)
            if at:
                at += len(file.readline())
            while at <= self._end:
                line = file.readline()
                if not line:
                    return
                if line.strip():
                    yield at, line.decode("utf-8", "replace").strip()
                at += len(line)

    def where(self, at: int) -> str:
        """The line that begins at this byte, for errors."""
        with open(self.path, "rb") as file:
            return f"{self.path}, line {1 + sum(block.count(10) for block in _blocks(file, at))}"


def _blocks(file: Any, size: int) -> Iterator[bytes]:
    """The first ``size`` bytes of a file."""
    while size and (block := file.read(min(size, 1 << 20))):
        size -= len(block)
        yield block


class _Restarted:
    """An iterable that is read again from the beginning at each ``restart``."""

    def __init__(self, items: Any) -> None:
        self._items = items
        self._now = iter(items)

    def restart(self) -> None:
        self._now = iter(self._items)

    def take(self, count: int) -> list[Any]:
        return [item for _, item in zip(range(count), self._now, strict=False)]


# ---------------------------------------------------------------------------------------------- CSV
class _Table:
    """Rows of a CSV file as arrays of ``size`` numbers."""

    def __init__(self, path: str, shape: Shape, dtype: np.dtype) -> None:
        self._lines = _Lines(path)
        self._size, self._shape, self._dtype = int(np.prod(shape)), shape, dtype

    def __iter__(self) -> Iterator[np.ndarray]:
        floats = self._dtype.kind == "f"
        for at, line in self._lines:
            cells = line.split(",")
            if len(cells) != self._size:
                raise MXNetError(
                    f"{self._lines.where(at)}: The data size in CSV do not match size of shape: "
                    f"specified shape={self._shape}, the csv row-length={len(cells)}"
                )
            try:
                yield np.array(cells, np.float64).astype(self._dtype) if floats else self._integers(cells)
            except ValueError as error:
                raise MXNetError(
                    f"{self._lines.where(at)}: {error}: expected numbers, with commas between them"
                ) from None

    def _integers(self, cells: list[str]) -> np.ndarray:
        """Integers, exact; what stands behind a point is dropped."""
        return np.array([int(float(c)) if not c.strip().lstrip("+-").isdigit() else int(c) for c in cells], self._dtype)


class _Examples:
    """The source of ``CSVIter``: rows of data, and of labels beside them."""

    def __init__(self, data: _Table, label: _Table | None, data_shape: Shape, label_shape: Shape, name: str) -> None:
        self._data, self._label = _Restarted(data), None if label is None else _Restarted(label)
        self._shapes = data_shape, label_shape if label_shape not in ((1,), ()) else ()
        self._dtype = data._dtype
        self._name = name
        self._number = 0
        self._last: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None

    def restart(self) -> None:
        self._number = 0
        self._data.restart()
        if self._label is not None:
            self._label.restart()

    def take(self, count: int) -> list[tuple[int, np.ndarray, np.ndarray]]:
        rows = self._data.take(count)
        if self._label is None:
            labels: list[Any] = [np.zeros(int(np.prod(self._shapes[1])), self._dtype)] * len(rows)
        else:
            labels = self._label.take(len(rows))
        if len(labels) < len(rows):
            raise MXNetError(f"{self._name} has {self._number + len(labels)} rows of labels, and the data more")
        found = [(self._number + i, row, label) for i, (row, label) in enumerate(zip(rows, labels, strict=True))]
        self._number += len(found)
        return found

    def batch(self, examples: list[tuple[int, np.ndarray, np.ndarray]], missing: int, pad: int) -> Batch:
        index = np.array([number for number, _, _ in examples], np.uint64)
        data, label = np.stack([row for _, row, _ in examples]), np.stack([row for _, _, row in examples])
        if missing:  # MXNet leaves there what the batch before had
            last = self._last or tuple(np.zeros((1, *x.shape[1:]), x.dtype) for x in (data, label, index))
            data, label, index = (
                np.concatenate([new, old[len(new) :] if len(old) > len(new) else np.repeat(old[:1], missing, 0)])
                for new, old in zip((data, label, index), last, strict=True)
            )
        self._last = data, label, index
        size = len(data)
        return Batch(
            _array(data.reshape(size, *self._shapes[0])), _array(label.reshape(size, *self._shapes[1])), pad, index
        )


def _array(values: np.ndarray) -> NDArray:
    return array(values, dtype=values.dtype)


_CSV_DTYPES = {torch_dtype(name): np.dtype(name) for name in ("float32", "int32", "int64")}


@by_arguments
def CSVIter(  # noqa: N802
    *,
    data_csv: str,
    data_shape: Shape,
    batch_size: int,
    label_csv: str = "NULL",
    label_shape: Shape = (1,),
    round_batch: bool = True,
    prefetch_buffer: int = 4,
    ctx: Literal["cpu", "gpu"] = "gpu",
    dtype: Dtype | None = None,
) -> Any:
    """Batches from files with an example in each line, numbers with commas between them.

    Args:
        data_csv: the file of the data.
        data_shape: of one example.
        batch_size: examples in a batch.
        label_csv: the file of the labels; without one they are 0.
        label_shape: of one label.
        round_batch: fill the last batch up from the beginning, and begin the next epoch behind that.
        prefetch_buffer: batches to prepare ahead.
        ctx: what the batches are for; they are made on the CPU in any case.
        dtype: of data and labels: float32, int32 or int64.

    Raises:
        MXNetError: the files are not there, or do not fit the shapes.
    """
    if dtype is not None and dtype not in _CSV_DTYPES:
        raise MXNetError(f"{str(dtype).removeprefix('torch.')} is not supported for CSVIter: float32, int32 or int64")
    kind = _CSV_DTYPES[dtype or torch_dtype("float32")]
    data = _Table(data_csv, data_shape, kind)
    if label_csv == "NULL":
        label, label_shape = None, (1,)
    else:
        label = _Table(label_csv, label_shape, kind)
    return Ahead(
        Batches(_Examples(data, label, data_shape, label_shape, label_csv), batch_size, round_batch, data_csv),
        prefetch_buffer,
    )


# ---------------------------------------------------------------------------------------------- LibSVM
Sparse = tuple[float, list[int], list[float]]
"""A label, columns, and their values."""


class _SparseRows:
    """Rows of a LibSVM file."""

    def __init__(self, lines: _Lines, width: int) -> None:
        self._lines, self._width = lines, width

    def __iter__(self) -> Iterator[Sparse]:
        for at, line in self._lines:
            label, *pairs = line.split("#", 1)[0].split() or [""]
            try:
                columns, values = [], []
                for pair in pairs:
                    column, _, value = pair.partition(":")
                    if column == "qid":
                        continue
                    columns.append(int(column))
                    values.append(float(value) if value else 1.0)
                found = (float(label.partition(":")[0]), columns, values)
            except ValueError as error:
                raise MXNetError(
                    f"{self._lines.where(at)}: {error}: expected 'label column:value column:value ...', got "
                    f"{line[:80]!r}"
                ) from None
            if columns and not 0 <= min(columns) <= max(columns) < self._width:
                wrong = next(c for c in columns if not 0 <= c < self._width)
                raise MXNetError(
                    f"{self._lines.where(at)}: column {wrong} is outside of the shape ({self._width},); "
                    "columns are counted from 0"
                )
            yield found


class _SparseExamples:
    """The source of ``LibSVMIter``."""

    def __init__(self, data: _SparseRows, label: _SparseRows | None, name: str) -> None:
        self._data, self._label = _Restarted(data), None if label is None else _Restarted(label)
        self._widths = data._width, 0 if label is None else label._width
        self._name = name
        self._number = 0

    def restart(self) -> None:
        self._number = 0
        self._data.restart()
        if self._label is not None:
            self._label.restart()

    def take(self, count: int) -> list[tuple[int, Sparse, Sparse | None]]:
        rows = self._data.take(count)
        labels = [None] * len(rows) if self._label is None else self._label.take(len(rows))
        if len(labels) < len(rows):
            raise MXNetError(f"{self._name} has {self._number + len(labels)} rows of labels, and the data more")
        found = [(self._number + i, row, label) for i, (row, label) in enumerate(zip(rows, labels, strict=True))]
        self._number += len(found)
        return found

    def batch(self, examples: list[tuple[int, Sparse, Sparse | None]], missing: int, pad: int) -> Batch:
        data = _matrix([row for _, row, _ in examples], self._widths[0])
        if self._label is None:
            label: NDArray = array(np.array([row[0] for _, row, _ in examples], np.float32))
        else:
            label = _matrix([row for _, _, row in examples if row is not None], self._widths[1])
        return Batch(data, label, pad, np.array([number for number, _, _ in examples], np.uint64))


def _matrix(rows: list[Sparse], width: int) -> NDArray:
    """The csr matrix of these rows; of a column that comes twice in one, the last value counts."""
    rows = [(label, *_sorted(columns, values)) for label, columns, values in rows]
    return csr_matrix(
        (
            np.array([v for _, _, values in rows for v in values], np.float32),
            np.array([c for _, columns, _ in rows for c in columns], np.int64),
            np.cumsum([0, *(len(columns) for _, columns, _ in rows)]),
        ),
        shape=(len(rows), width),
        dtype="float32",
    )


def _sorted(columns: list[int], values: list[float]) -> tuple[list[int], list[float]]:
    both = dict(zip(columns, values, strict=True))
    return sorted(both), [both[column] for column in sorted(both)]


@by_arguments
def LibSVMIter(  # noqa: N802
    *,
    data_libsvm: str,
    data_shape: Shape,
    batch_size: int,
    label_libsvm: str = "NULL",
    label_shape: Shape = (1,),
    num_parts: int = 1,
    part_index: int = 0,
    round_batch: bool = True,
    prefetch_buffer: int = 4,
    ctx: Literal["cpu", "gpu"] = "gpu",
    dtype: Dtype | None = None,
) -> Any:
    """Batches of sparse rows, CSRNDArrays (batch_size, data_shape[0]), from files in LibSVM's format: each line is
    ``label column:value column:value ...``, columns counted from 0.

    Args:
        data_libsvm: the file of the data.
        data_shape: (columns,).
        batch_size: examples in a batch.
        label_libsvm: a file of sparse rows that are the labels; without one the data's labels are.
        label_shape: (columns,) of that file.
        num_parts, part_index: use one of several parts of about the same number of bytes.
        round_batch: fill the last batch up from the beginning, and begin the next epoch behind that; must be True.
        prefetch_buffer: batches to prepare ahead.
        ctx: what the batches are for; they are made on the CPU in any case.
        dtype: float32.

    Raises:
        MXNetError: the files are not there, or do not fit the shapes.
    """
    if len(data_shape) != 1 or len(label_shape) != 1:
        raise MXNetError(
            f"dimension of data_shape and label_shape is expected to be 1, got {data_shape}, {label_shape}"
        )
    if label_libsvm == "NULL" and label_shape != (1,):
        raise MXNetError(f"label_shape is expected to be (1,) when label_libsvm is NULL, got {label_shape}")
    if label_libsvm != "NULL" and label_shape == (1,):
        raise MXNetError("label_shape is not expected to be (1,) when label_libsvm is set")
    if not round_batch:
        raise MXNetError("sparse batch loader doesn't support round_batch == false yet")
    if dtype not in (None, torch_dtype("float32")):
        raise MXNetError(f"LibSVMIter gives float32 alone, got dtype={dtype}")
    data = _SparseRows(_Lines(data_libsvm, part_index, num_parts), data_shape[0])
    label = None
    if label_libsvm != "NULL":
        label = _SparseRows(_Lines(label_libsvm, part_index, num_parts), label_shape[0])
    return Ahead(Batches(_SparseExamples(data, label, label_libsvm), batch_size, True, data_libsvm), prefetch_buffer)
