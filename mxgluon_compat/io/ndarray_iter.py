"""Batches from arrays in memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ndarray as nd
from ..ndarray import NDArray
from ..ndarray.sparse import CSRNDArray
from .batch import DataBatch, DataDesc, DataIter
from .utils import Named, _getdata_by_idx, _has_instance, _init_data, _is_dataset, _read, _slice_along_batch_axis

__all__ = ["NDArrayIter"]


class NDArrayIter(DataIter):
    """Batches from arrays whose first axis counts the examples.

    Args:
        data: an NDArray, numpy array or h5py dataset (N, ...), which is read when it is needed; a list of them; or a
            dict {name: array}.
        label: the same for labels, or None.
        batch_size: examples in a batch.
        shuffle: draw the order of each epoch, from numpy's generator.
        last_batch_handle: ``'pad'`` fills the last batch up from the beginning, ``'discard'`` leaves it out,
            ``'roll_over'`` makes it the first of the next epoch.
        data_name, label_name: names of single arrays.
        layout: of the arrays; the axis of the letter ``N`` is that of the batch.

    Raises:
        AssertionError, TypeError: no array.
        NotImplementedError: csr arrays with another ``last_batch_handle`` than ``'discard'``.
        ValueError: arrays of fewer examples than the first one.
    """

    def __init__(
        self,
        data: Any,
        label: Any = None,
        batch_size: int = 1,
        shuffle: bool = False,
        last_batch_handle: str = "pad",
        data_name: str = "data",
        label_name: str = "softmax_label",
        layout: str = "NCHW",
    ) -> None:
        super().__init__(batch_size)
        self.data = _init_data(data, allow_empty=False, default_name=data_name)
        self.label = _init_data(label, allow_empty=True, default_name=label_name)
        if last_batch_handle != "discard" and (
            _has_instance(self.data, CSRNDArray) or _has_instance(self.label, CSRNDArray)
        ):
            raise NotImplementedError(
                "`NDArrayIter` only supports ``CSRNDArray`` with `last_batch_handle` set to `discard`."
            )
        self.layout = layout
        self.num_data = self.data[0][1].shape[0]
        for name, value in self.data + self.label:
            if value.shape[0] < self.num_data:
                raise ValueError(
                    f"{name} has {value.shape[0]} examples, {self.data[0][0]} has {self.num_data}: each needs as many"
                )
        self.idx = np.arange(self.num_data)
        self.shuffle = shuffle
        self.last_batch_handle = last_batch_handle
        self.cursor = -batch_size
        self.data_list = [value for _, value in self.data + self.label]
        self.num_source = len(self.data_list)
        self._order = np.arange(self.num_data)  # of the rows of datasets
        self._cache_data: list[NDArray] | None = None  # of the last epoch, what rolls over
        self._cache_label: list[NDArray] | None = None
        self.reset()

    def _described(self, named: Named) -> list[DataDesc]:
        axis = self._axis
        return [
            DataDesc(name, (*v.shape[:axis], self.batch_size, *v.shape[axis + 1 :]), v.dtype, layout=self.layout)
            for name, v in named
        ]

    @property
    def _axis(self) -> int:
        """The batch's axis."""
        return self.layout.find("N")

    @property
    def provide_data(self) -> list[DataDesc]:
        """Descriptions of a batch's data."""
        return self._described(self.data)

    @property
    def provide_label(self) -> list[DataDesc]:
        """Descriptions of a batch's labels."""
        return self._described(self.label)

    def hard_reset(self) -> None:
        """Starts again from the beginning, without what would roll over."""
        if self.shuffle:
            self._shuffle_data()
        self.cursor = -self.batch_size
        self._cache_data = self._cache_label = None

    def reset(self) -> None:
        """Starts the next epoch."""
        if self.shuffle:
            self._shuffle_data()
        if self.last_batch_handle == "roll_over" and self.num_data - self.batch_size < self.cursor < self.num_data:
            self.cursor -= self.num_data + self.batch_size  # as many as are left over come first
        else:
            self.cursor = -self.batch_size

    def iter_next(self) -> bool:
        """Goes to the next batch; false where there is none."""
        self.cursor += self.batch_size
        return self.cursor < self.num_data

    def next(self) -> DataBatch:
        """The next batch.

        Raises:
            StopIteration: there is none.
        """
        if not self.iter_next():
            raise StopIteration
        data, label = self.getdata(), self.getlabel()
        if data[0].shape[self._axis] != self.batch_size:  # left out, or for the next epoch
            self._cache_data, self._cache_label = data, label
            raise StopIteration
        return DataBatch(data=data, label=label, pad=self.getpad(), index=None)

    def _part(self, named: Named, start: int | None, stop: int | None) -> list[NDArray]:
        """Examples ``start`` to ``stop`` of each array."""
        part = slice(0 if start is None else start, self.num_data if stop is None else stop)
        return [
            _read(value, self._order, part, self._axis)
            if _is_dataset(value)
            else _slice_along_batch_axis(value, part, self._axis)
            for _, value in named
        ]

    def _joined(self, first: list[NDArray], second: list[NDArray]) -> list[NDArray]:
        """Each of the first and the second behind one another."""
        return [nd.concat(a, b, dim=self._axis) for a, b in zip(first, second, strict=True)]

    def _repeated(self, named: Named, count: int) -> list[NDArray]:
        """The first ``count`` examples, from the beginning again where there are not so many."""
        rounds, rest = divmod(count, self.num_data)
        parts = [self._part(named, None, None)] * rounds + ([self._part(named, None, rest)] if rest else [])
        found = parts[0]
        for part in parts[1:]:
            found = self._joined(found, part)
        return found

    def _batchify(self, named: Named, cached: list[NDArray] | None) -> list[NDArray]:
        assert self.cursor < self.num_data, "DataIter needs reset."
        if not named:
            return []
        stop = self.cursor + self.batch_size
        if self.last_batch_handle == "roll_over" and -self.batch_size < self.cursor < 0:
            assert cached is not None, "next epoch should have cached data"
            return self._joined(cached, self._repeated(named, stop)) if stop else cached
        if stop <= self.num_data:
            return self._part(named, self.cursor, stop)
        rest = self._part(named, self.cursor, None)
        if self.last_batch_handle != "pad":
            return rest
        return self._joined(rest, self._repeated(named, stop - self.num_data))

    def getdata(self) -> list[NDArray]:
        """The current batch's data."""
        return self._batchify(self.data, self._cache_data)

    def getlabel(self) -> list[NDArray]:
        """The current batch's labels."""
        return self._batchify(self.label, self._cache_label)

    def getpad(self) -> int:
        """How many of the last examples only fill the current batch up; of the first ones where they rolled over."""
        if self.last_batch_handle == "pad" and self.cursor + self.batch_size > self.num_data:
            return self.cursor + self.batch_size - self.num_data
        if self.last_batch_handle == "roll_over" and -self.batch_size < self.cursor < 0:
            return -self.cursor
        return 0

    def _shuffle_data(self) -> None:
        np.random.shuffle(self.idx)
        # Arrays are shuffled again and again; MXNet's datasets are not, and so lose the arrays beside them.
        self._order = self.idx if all(map(_is_dataset, self.data_list)) else self._order[self.idx]
        self.data = _getdata_by_idx(self.data, self.idx)
        self.label = _getdata_by_idx(self.label, self.idx)
        self.data_list = [value for _, value in self.data + self.label]
