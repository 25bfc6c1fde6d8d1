"""Matrices in compressed rows."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from ...base import MXNetError, numeric_types
from ..ndarray import NDArray, as_tensor
from .base import BaseSparseNDArray, Parts

__all__ = ["CSRNDArray"]


def row_numbers(indptr: torch.Tensor, count: int) -> torch.Tensor:
    """The row of each of ``count`` stored elements.

    Raises:
        IndexError: the row starts fall (on a CPU; on a GPU, where looking would wait for it, rows that are not theirs).
    """
    if not indptr.is_cpu:
        return torch.searchsorted(indptr, torch.arange(count, device=indptr.device), right=True) - 1
    lengths = indptr.diff()
    if bool((lengths < 0).any()):  # torch would write past the end of its result
        raise IndexError("row starts fall")
    return torch.repeat_interleave(lengths, output_size=count)


def row_starts(rows: torch.Tensor, height: int) -> torch.Tensor:
    """indptr for elements of these rows, in rising order."""
    return torch.searchsorted(rows, torch.arange(height + 1, device=rows.device))


class CSRNDArray(BaseSparseNDArray):
    """A matrix (M, N) of which some elements are stored, row by row.

    Row i's are ``data[indptr[i]:indptr[i + 1]]``, in the columns ``indices[indptr[i]:indptr[i + 1]]``; ``indptr``
    (M + 1,) and ``indices`` (K,) are int64.
    """

    __slots__ = ()

    @staticmethod
    def _compress(dense: torch.Tensor) -> Parts:
        rows, columns = dense.nonzero(as_tuple=True)
        return row_starts(rows, dense.shape[0]), columns, dense[rows, columns]

    @staticmethod
    def _from_torch_sparse(tensor: torch.Tensor) -> Parts:
        tensor = (tensor if tensor.layout is torch.sparse_coo else tensor.to_sparse()).detach()
        if tensor.dense_dim():
            tensor = tensor.to_dense().to_sparse()
        tensor = tensor.coalesce()
        rows, columns = tensor.indices()
        return row_starts(rows, tensor.shape[0]), columns, tensor.values()

    @staticmethod
    def _expand(parts: Parts, shape: torch.Size) -> torch.Tensor:
        indptr, indices, values = parts
        return values.new_zeros(shape).index_put_((row_numbers(indptr, len(values)), indices), values)

    def _torch_sparse(self) -> torch.Tensor:
        indptr, indices, values = self._stored()
        return torch.sparse_coo_tensor(
            torch.stack([row_numbers(indptr, len(values)), indices]), values, self._shape, check_invariants=False
        )

    @property
    def stype(self) -> str:
        """Storage type: ``'csr'``."""
        return "csr"

    @property
    def indptr(self) -> NDArray:
        """A copy of the places where rows start, (M + 1,) int64."""
        return self._part(0)

    @property
    def indices(self) -> NDArray:
        """A copy of the columns of the stored elements, (K,) int64."""
        return self._part(1)

    def asscipy(self) -> Any:
        """A ``scipy.sparse.csr_matrix`` of the same elements (copied).

        Raises:
            ImportError: SciPy is not installed.
        """
        try:
            from scipy.sparse import csr_matrix
        except ImportError:
            raise ImportError("scipy could not be imported. Please make sure that the scipy is installed.") from None
        indptr, indices, values = (wrapped.asnumpy() for wrapped in (self.indptr, self.indices, self.data))
        return csr_matrix((values, indices, indptr), shape=self.shape, dtype=self.dtype)

    def __getitem__(self, key: Any) -> CSRNDArray:
        if isinstance(key, int):
            # Beyond the first and the last row there are no rows: an empty array, as in MXNet (-1 aside).
            key = len(self) - 1 if key == -1 else key
            return self._rows(*slice(key, key + 1).indices(len(self))[:2])
        if isinstance(key, slice):
            if key.step is not None:
                raise ValueError("CSRNDArray only supports continuous slicing on axis 0")
            if key.start is None and key.stop is None:
                return self
            return self._rows(*key.indices(len(self))[:2])
        if isinstance(key, tuple):
            raise ValueError("Multi-dimension indexing is not supported")
        raise ValueError(f"Undefined behaviour for {'Ellipsis' if key is Ellipsis else key}")

    def __iter__(self) -> Iterator[CSRNDArray]:
        return (self[i] for i in range(len(self)))  # MXNet's never ends

    def _rows(self, start: int, stop: int) -> CSRNDArray:
        stop = max(start, stop)
        indptr, indices, values = self._stored()
        indptr = indptr[start : stop + 1]
        first, last = int(indptr[0]), int(indptr[-1])
        return self._of(
            (indptr - first, indices[first:last], values[first:last]), (stop - start, self._shape[1]), self._ctx
        )

    def __setitem__(self, key: Any, value: Any) -> None:
        assert key is not None
        if not isinstance(key, slice):
            raise Exception("CSRNDArray only supports [:] for assignment")
        if key.start is not None or key.stop is not None:
            raise ValueError("Assignment with slice for CSRNDArray is not implemented yet.")
        if isinstance(value, NDArray):
            if value is not self:
                value.copyto(self)
        elif isinstance(value, numeric_types):
            raise ValueError("Assigning numeric types to CSRNDArray is not implemented yet.")
        elif isinstance(value, (np.ndarray, np.generic)):
            warnings.warn("Assigning non-NDArray object to CSRNDArray is not efficient", RuntimeWarning, 2)
            NDArray(*as_tensor(value, self._tensor_of().dtype, self._ctx)).copyto(self)
        else:
            raise TypeError(f"type {type(value)} not supported")

    def _check(self, parts: Parts, full: bool) -> None:
        indptr, indices, values = parts
        if len(indptr) != self._shape[0] + 1 or len(indices) != len(values):
            raise MXNetError("Shape mismatch of this csr NDArray")
        if not full:
            return
        if int(indptr[0]) != 0 or int(indptr[-1]) != len(indices) or not bool((indptr.diff() >= 0).all()):
            raise MXNetError(
                "IndPtr of csr NDArray should be non-negative, in non-decreasing order, start with 0, and end with "
                "value equal with size of indices."
            )
        width = self._shape[1]
        rising = bool(((row_numbers(indptr, len(indices)) * width + indices).diff() > 0).all())
        if len(indices) and (not rising or int(indices.min()) < 0 or int(indices.max()) >= width):
            raise MXNetError(
                "Indices of csr NDArray should be non-negative, in ascending order per row and less than the number "
                "of columns."
            )
