"""Sums of arrays over contexts, and rows of row_sparse values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ..base import MXNetError
from ..ndarray import NDArray
from ..ndarray.sparse import RowSparseNDArray

__all__ = ["fetch", "kept", "merged_rows", "summed"]


def summed(arrays: Sequence[NDArray], like: NDArray) -> NDArray:
    """The sum, on the context of ``like``; row_sparse where all are. Of one array itself, where it is there."""
    device = like.context.torch_device
    beside = device.type != "cpu"  # the CPU would read what has not arrived yet
    if all(isinstance(a, RowSparseNDArray) for a in arrays):
        sparse: Sequence[Any] = arrays
        parts = [tuple(p.to(device, non_blocking=beside) for p in a._stored()) for a in sparse]
        return RowSparseNDArray._of(merged_rows(parts), arrays[0].shape, like.context)
    total = arrays[0]._data.detach().to(device, non_blocking=beside)
    if len(arrays) > 1:
        total = total.clone()
        for a in arrays[1:]:
            total += a._data.detach().to(device, non_blocking=beside)
    return NDArray(total, like.context)


def merged_rows(parts: Sequence[tuple[torch.Tensor, torch.Tensor]]) -> tuple[torch.Tensor, torch.Tensor]:
    """(numbers, values) of rows, of which some may be there more than once -> the sums, in rising order of numbers."""
    if len(parts) == 1:
        return parts[0]
    rows, places = torch.cat([p[0] for p in parts]).unique(return_inverse=True)
    values = torch.cat([p[1] for p in parts])
    return rows, values.new_zeros((len(rows), *values.shape[1:])).index_add_(0, places, values)


def kept(value: NDArray) -> NDArray:
    """A copy to keep: of row_sparse values the dense form, since updates and ``row_sparse_pull`` work on that."""
    if isinstance(value, RowSparseNDArray) and len(value._stored()[0]):
        return RowSparseNDArray(value._data.detach().clone(), value.context)
    return value.detach().copy()


def fetch(stored: RowSparseNDArray, array: RowSparseNDArray, row_ids: NDArray) -> None:
    """Makes ``array`` hold the rows ``row_ids`` of ``stored``.

    Raises:
        MXNetError: rows that are not there.
    """
    if stored._dense is None and not len(stored._stored()[0]):
        rows = torch.zeros(0, dtype=torch.int64, device=stored.context.torch_device)  # MXNet gives none where none is
    else:
        rows = row_ids._data.detach().to(stored.context.torch_device, torch.int64).unique()
    try:
        values = stored._data.detach().index_select(0, rows)
    except (IndexError, RuntimeError) as error:
        raise MXNetError(f"row_sparse_pull of rows up to {int(rows.max())} of {stored.shape[0]}") from error
    target = array._tensor_of()
    array._store((rows.to(target.device), values.to(target.device, target.dtype)))
