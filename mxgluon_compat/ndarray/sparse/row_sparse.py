"""Arrays that store some of their rows."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import torch

from ...base import MXNetError, numeric_types
from ..ndarray import NDArray, as_tensor
from .base import BaseSparseNDArray, Parts

__all__ = ["RowSparseNDArray"]


class RowSparseNDArray(BaseSparseNDArray):
    """An array (N, ...) of which some rows are stored.

    ``indices`` (K,) int64 are their numbers, in rising order, and ``data`` (K, ...) their elements. Gradients of large
    embedding tables are such arrays.
    """

    __slots__ = ()

    @staticmethod
    def _compress(dense: torch.Tensor) -> Parts:
        indices = (dense != 0).reshape(dense.shape[0], math.prod(dense.shape[1:])).any(1).nonzero().reshape(-1)
        return indices, dense.index_select(0, indices)

    @staticmethod
    def _from_torch_sparse(tensor: torch.Tensor) -> Parts:
        tensor = (tensor if tensor.layout is torch.sparse_coo else tensor.to_sparse()).detach().coalesce()
        indices, values = tensor.indices(), tensor.values()
        if len(indices) == 1:
            return indices[0], values
        rows, places = indices[0].unique(return_inverse=True)
        full = values.new_zeros((len(rows), *tensor.shape[1:]))
        return rows, full.index_put_((places, *indices[1:]), values)

    @staticmethod
    def _expand(parts: Parts, shape: torch.Size) -> torch.Tensor:
        indices, values = parts
        return values.new_zeros(shape).index_copy_(0, indices, values)

    def _store(self, parts: Parts) -> None:
        before, dense = self._parts, self._dense
        if self._slot is None or before is None or dense._version != self._seen:
            super()._store(parts)
            return
        # Of a variable, which keeps its dense form, only the rows from before and the new ones change.
        dense.detach().index_fill_(0, before[0], 0).index_copy_(0, *parts)
        self._parts, self._seen = parts, dense._version

    def _torch_sparse(self) -> torch.Tensor:
        indices, values = self._stored()
        return torch.sparse_coo_tensor(indices.unsqueeze(0), values, self._shape, check_invariants=False)

    def _store_all_rows(self) -> None:
        """Lets every row of the dense form be stored, zero or not."""
        dense = self._data
        self._parts = torch.arange(dense.shape[0], device=dense.device), dense.detach()
        self._seen = dense._version

    @property
    def stype(self) -> str:
        """Storage type: ``'row_sparse'``."""
        return "row_sparse"

    @property
    def indices(self) -> NDArray:
        """A copy of the numbers of the stored rows, (K,) int64."""
        return self._part(0)

    def retain(self, indices: NDArray) -> RowSparseNDArray:
        """The array with only those of its rows that ``indices`` names.

        MXNet 1.9.1 leaves the array itself out of the call and gives ``[0]``.
        """
        from . import retain

        kept: Any = retain(self, indices)
        return kept

    def __getitem__(self, key: Any) -> RowSparseNDArray:
        if isinstance(key, int):
            raise Exception("__getitem__ with int key is not implemented for RowSparseNDArray yet")
        if isinstance(key, slice):
            if key != slice(None):
                raise Exception("RowSparseNDArray only supports [:] for __getitem__")
            return self
        if isinstance(key, tuple):
            raise ValueError("Multi-dimension indexing is not supported")
        raise ValueError(f"Undefined behaviour for {'Ellipsis' if key is Ellipsis else key}")

    def __setitem__(self, key: Any, value: Any) -> None:
        assert key is not None
        if not isinstance(key, slice):
            raise TypeError("RowSparseNDArray only supports [:] for assignment")
        if key.start is not None or key.stop is not None:
            raise ValueError("Assignment with slice for RowSparseNDArray is not implmented yet.")
        if isinstance(value, NDArray):
            if value is not self:
                value.copyto(self)
        elif isinstance(value, numeric_types):
            like = self._tensor_of()
            rows = torch.arange(self._shape[0], device=like.device)
            self._store((rows, torch.full(self._shape, float(value), dtype=like.dtype, device=like.device)))
        elif isinstance(value, (np.ndarray, np.generic)):
            warnings.warn("Assigning non-NDArray object to RowSparseNDArray is not efficient", RuntimeWarning, 2)
            NDArray(*as_tensor(value, self._tensor_of().dtype, self._ctx)).copyto(self)
        else:
            raise TypeError(f"type {type(value)} not supported")

    def _check(self, parts: Parts, full: bool) -> None:
        indices, values = parts
        if values.shape != (len(indices), *self._shape[1:]):
            raise MXNetError(f"a row_sparse array of {len(indices)} rows holds values of shape {tuple(values.shape)}")
        rising = bool((indices.diff() > 0).all())
        if full and len(indices) and (not rising or int(indices[0]) < 0 or int(indices[-1]) >= self._shape[0]):
            raise MXNetError(
                "Indices of row_sparse NDArray should be non-negative, less than the size of first dimension and in "
                "ascending order"
            )
