"""``mx.contrib.io``: batches of gluon's loaders for Modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from .. import ndarray as nd
from ..io import DataDesc, DataIter
from ..ndarray import NDArray

__all__ = ["DataDesc", "DataIter", "DataLoaderIter"]


class DataLoaderIter(DataIter):
    """Gives a ``gluon.data.DataLoader`` to what takes a ``DataIter``, ``Module.fit`` before all.

    The first batch is read at once, for its shapes. A last batch with fewer examples is filled up with zeros, and
    ``getpad`` tells with how many rows.

    Args:
        loader: its batches are pairs (data, label) of arrays: data (N, ...), label (N, ...).
        data_name, label_name: what the module calls them.
        dtype: what both become.

    Attributes:
        batch_size: N of the first batch.
        provide_data, provide_label: their names, shapes and dtypes.

    Raises:
        ValueError: there is no batch, or a batch is no such pair.
        TypeError: the parts of a batch are no arrays.
    """

    def __init__(
        self, loader: Iterable[Any], data_name: str = "data", label_name: str = "softmax_label", dtype: Any = "float32"
    ) -> None:
        self._loader = loader
        try:
            data, label = _pair(next(iter(loader)))
        except StopIteration:
            raise ValueError("the loader has no batch to read the shapes from") from None
        super().__init__(data.shape[0])
        self.dtype = dtype
        self.provide_data = [DataDesc(data_name, data.shape, dtype)]
        self.provide_label = [DataDesc(label_name, label.shape, dtype)]
        self._current_batch: tuple[NDArray, NDArray] | None = None
        self.reset()

    def reset(self) -> None:
        """Starts again with the loader's first batch, in a new order if it shuffles."""
        self._iter: Iterator[Any] = iter(self._loader)

    def iter_next(self) -> bool:
        """Goes to the next batch; false where there is none.

        Raises:
            ValueError, TypeError: as the class says, or the batch has more examples than the first one had.
        """
        self._current_batch = None
        try:
            self._current_batch = _pair(next(self._iter))
        except StopIteration:
            return False
        if self.getpad() < 0:
            examples = self.batch_size - self.getpad()
            raise ValueError(f"a batch of {examples} examples after a first one of {self.batch_size}")
        return True

    def getdata(self) -> list[NDArray]:
        """[data of the current batch], (batch_size, ...).

        Raises:
            TypeError: there is no current batch.
        """
        return [self._filled(self._current()[0])]

    def getlabel(self) -> list[NDArray]:
        """[label of the current batch], (batch_size, ...); raises as ``getdata``."""
        return [self._filled(self._current()[1])]

    def getpad(self) -> int:
        """How many rows at the end of the current batch are filled up; raises as ``getdata``."""
        return self.batch_size - self._current()[0].shape[0]

    def getindex(self) -> None:
        """None: the loader does not tell."""

    def _current(self) -> tuple[NDArray, NDArray]:
        if self._current_batch is None:
            raise TypeError("there is no current batch: call iter_next, which is false at the end")
        return self._current_batch

    def _filled(self, array: NDArray) -> NDArray:
        found = array.astype(self.dtype)
        missing = self.batch_size - found.shape[0]
        if not self.getpad() or missing <= 0:
            return found
        rows = nd.zeros((missing, *found.shape[1:]), ctx=found.context, dtype=found.dtype)
        return nd.concat(found, rows, dim=0)


def _pair(batch: Any) -> tuple[NDArray, NDArray]:
    """The data and the label of a batch."""
    if not isinstance(batch, (list, tuple)) or len(batch) != 2:  # an array of two rows is no pair
        raise ValueError("a batch of the loader must be a pair: one array of data and one of labels")
    data, label = batch
    return _array(data), _array(label)


def _array(part: Any) -> NDArray:
    if isinstance(part, NDArray):
        return part
    if isinstance(part, np.ndarray):
        return nd.array(part, dtype=part.dtype)
    raise TypeError(f"data and labels of a batch must be arrays, not {type(part).__name__}")
