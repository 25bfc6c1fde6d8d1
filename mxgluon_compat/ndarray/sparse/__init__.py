"""``mx.nd.sparse``: row_sparse and csr arrays, what makes them, and the operators placed there.

A sparse array goes through every operator: where MXNet has a rule for its storage the result is stored so too (see
``rules``), elsewhere the operator runs on its dense form and the result is dense.
"""

from __future__ import annotations

from . import graphs, products, rules, updates
from .arithmetic import add, divide, multiply, subtract
from .base import BaseSparseNDArray
from .creation import array, cast_storage, csr_matrix, empty, row_sparse_array, zeros
from .csr import CSRNDArray
from .row_sparse import RowSparseNDArray

__all__ = [
    "BaseSparseNDArray", "CSRNDArray", "RowSparseNDArray", "add", "array", "cast_storage", "csr_matrix", "divide",
    "empty", "multiply", "row_sparse_array", "subtract", "zeros",
]  # fmt: skip
