"""Named arrays, as ``NDArrayIter`` takes them."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from ..ndarray import NDArray, array
from ..ndarray.sparse import CSRNDArray, csr_matrix
from ..ndarray.sparse import array as sparse_array

__all__ = ["CSRNDArray", "NDArray", "array", "sparse_array"]

Named = list[tuple[str, Any]]
"""Pairs (name, array)."""


def _is_dataset(value: Any) -> bool:
    """Whether it is a dataset of h5py, which need not be there."""
    h5py = sys.modules.get("h5py")
    return h5py is not None and isinstance(value, h5py.Dataset)


def _init_data(data: Any, allow_empty: bool, default_name: str) -> Named:
    """Pairs (name, array) from an array, a list of them, or a dict {name: array}, sorted by name.

    Args:
        data: arrays: NDArray, numpy's, or what ``mx.nd.array`` takes; datasets of h5py stay as they are, and are read
            when their examples are needed.
        allow_empty: whether there may be none.
        default_name: of a single array; several in a list are called ``_0_NAME``, ``_1_NAME``, ...

    Raises:
        AssertionError: none, where there must be some.
        TypeError: what is no array.
    """
    assert data is not None or allow_empty, "data must be given"
    if data is None:
        data = []
    if isinstance(data, np.ndarray | NDArray) or _is_dataset(data):
        data = [data]
    if isinstance(data, list):
        assert data or allow_empty, "data must not be empty"
        if len(data) == 1:
            data = {default_name: data[0]}
        else:
            data = {f"_{i}_{default_name}": value for i, value in enumerate(data)}
    if not isinstance(data, dict):
        raise TypeError("Input must be NDArray, numpy.ndarray, h5py.Dataset a list of them or dict with them as values")
    return [(name, _as_array(name, value)) for name, value in sorted(data.items())]


def _as_array(name: str, value: Any) -> Any:
    if isinstance(value, NDArray) or _is_dataset(value):
        return value if _is_dataset(value) or value._is_sparse else value.as_nd_ndarray()
    try:
        return array(value)
    except Exception:  # what numpy cannot make an array of, it says in many ways
        raise TypeError(
            f"Invalid type '{type(value)}' for {name}, should be NDArray, numpy.ndarray or h5py.Dataset"
        ) from None


def _has_instance(data: Named, dtype: type) -> bool:
    """Whether one of the arrays is of this class."""
    return any(isinstance(value, dtype) for _, value in data)


def _getdata_by_idx(data: Named, idx: np.ndarray) -> Named:
    """The rows ``idx`` of each array, in that order; as MXNet's, dense ones become float32. Datasets are left alone."""
    return [(name, v if _is_dataset(v) else _reordered(v, idx)) for name, v in data]


def _reordered(value: NDArray, idx: np.ndarray) -> NDArray:
    return _rows(value, idx) if isinstance(value, CSRNDArray) else array(value.asnumpy()[idx], ctx=value.context)


def _read(dataset: Any, order: np.ndarray, part: slice, axis: int) -> NDArray:
    """Examples of a dataset of h5py, which gives rows in its own order alone: float32, as MXNet's.

    Args:
        order: of its rows.
        part: of that order, or of the axis ``axis`` where that is not the first.
    """
    if axis:
        return array(dataset[(slice(None),) * axis + (part,)])
    rows, places = np.unique(order[part], return_inverse=True)
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
        return array(dataset[int(rows[0]) : int(rows[-1]) + 1][places])
    return array(dataset[rows][places])


def _rows(value: Any, idx: np.ndarray) -> Any:
    """Rows of a csr matrix."""
    starts, columns, values = (part.asnumpy() for part in (value.indptr, value.indices, value.data))
    lengths = (starts[1:] - starts[:-1])[idx]
    places = np.concatenate([np.arange(starts[i], starts[i + 1]) for i in idx]) if len(idx) else np.zeros(0, np.int64)
    places = places.astype(np.int64)
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    return csr_matrix(
        (values[places], columns[places], indptr), shape=value.shape, ctx=value.context, dtype=value.dtype
    )


def _slice_along_batch_axis(data: NDArray, s: slice, batch_axis: int) -> NDArray:
    """A part of an array along its axis ``batch_axis``."""
    return data.slice_axis(axis=batch_axis, begin=s.start, end=s.stop)
