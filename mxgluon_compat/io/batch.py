"""What an iterator gives: batches, and descriptions of the arrays in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["DataBatch", "DataDesc", "DataIter"]


class _NameAndShape(NamedTuple):
    name: str
    shape: tuple[int, ...]


class DataDesc(_NameAndShape):
    """An array of a batch: a pair (name, shape) that also knows its dtype and layout.

    Args:
        name: of the array.
        shape: of the array, the batch's axis included.
        dtype: of the array.
        layout: a letter for each axis, ``N`` for the batch's.
    """

    dtype: Any
    layout: str | None

    def __new__(
        cls, name: str, shape: tuple[int, ...], dtype: Any = np.float32, layout: str | None = "NCHW"
    ) -> DataDesc:
        pair = super().__new__(cls, name, shape)
        pair.dtype = dtype
        pair.layout = layout
        return pair

    def __repr__(self) -> str:
        return f"DataDesc[{self.name},{self.shape},{self.dtype},{self.layout}]"

    @staticmethod
    def get_batch_axis(layout: str | None) -> int:
        """The axis of the letter ``N``; 0 without a layout, -1 where there is no such letter."""
        return 0 if layout is None else layout.find("N")

    @staticmethod
    def get_list(shapes: Sequence[tuple[str, Any]], types: Sequence[tuple[str, Any]] | None) -> list[DataDesc]:
        """Descriptions from pairs (name, shape) and pairs (name, dtype)."""
        if types is None:
            return [DataDesc(name, shape) for name, shape in shapes]
        dtypes = dict(types)
        return [DataDesc(name, shape, dtypes[name]) for name, shape in shapes]


class DataBatch:
    """The arrays of one batch.

    Args:
        data: list of arrays, in the order of ``provide_data``.
        label: list of arrays, in the order of ``provide_label``.
        pad: how many of the last examples only fill the batch up.
        index: which examples they are.
        bucket_key: which bucket it is of.
        provide_data, provide_label: descriptions of the arrays, where they are not the iterator's.

    Raises:
        AssertionError: data or label is no list.
    """

    def __init__(
        self,
        data: list[Any] | None,
        label: list[Any] | None = None,
        pad: int | None = None,
        index: Any = None,
        bucket_key: Any = None,
        provide_data: Any = None,
        provide_label: Any = None,
    ) -> None:
        assert data is None or isinstance(data, list | tuple), "Data must be list of NDArrays"
        assert label is None or isinstance(label, list | tuple), "Label must be list of NDArrays"
        self.data = data
        self.label = label
        self.pad = pad
        self.index = index
        self.bucket_key = bucket_key
        self.provide_data = provide_data
        self.provide_label = provide_label

    def __str__(self) -> str:
        data = [d.shape for d in self.data]  # type: ignore[union-attr]
        label = [d.shape for d in self.label] if self.label else None
        return f"{type(self).__name__}: data shapes: {data} label shapes: {label}"


class DataIter:
    """Base class of iterators over batches: subclasses define ``next``, or ``iter_next`` and the ``get...`` methods.

    Args:
        batch_size: how many examples a batch has.
    """

    def __init__(self, batch_size: int = 0) -> None:
        self.batch_size = batch_size

    def __iter__(self) -> DataIter:
        return self

    def reset(self) -> None:
        """Starts again."""

    def next(self) -> DataBatch:
        """The next batch.

        Raises:
            StopIteration: there is none.
        """
        if not self.iter_next():
            raise StopIteration
        return DataBatch(data=self.getdata(), label=self.getlabel(), pad=self.getpad(), index=self.getindex())

    def __next__(self) -> DataBatch:
        return self.next()

    def iter_next(self) -> Any:
        """Goes to the next batch; false where there is none."""

    def getdata(self) -> Any:
        """The list of data arrays of the current batch."""

    def getlabel(self) -> Any:
        """The list of label arrays of the current batch."""

    def getindex(self) -> Any:
        """Which examples are in the current batch."""
        return None

    def getpad(self) -> Any:
        """How many of the last examples only fill the current batch up."""
