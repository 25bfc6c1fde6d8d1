"""Layers beside those of ``gluon.nn``."""

from __future__ import annotations

from typing import Any

from .... import ndarray
from ....ndarray import NDArray
from ...block import Block

__all__ = ["SparseEmbedding"]


class SparseEmbedding(Block):
    """Rows of a row_sparse matrix: x (...) of indices -> (..., output_dim).

    The matrix is in the KVStore of the Trainer, which must be there before the first call; each call fetches the rows
    that it needs. For dense matrices with row_sparse gradients see ``gluon.nn.Embedding(sparse_grad=True)``.

    Args:
        input_dim: number of rows.
        output_dim: their size.
        dtype: of the weight.
        weight_initializer: of the weight (input_dim, output_dim).
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        dtype: Any = "float32",
        weight_initializer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._kwargs = {"input_dim": input_dim, "output_dim": output_dim, "dtype": dtype, "sparse_grad": True}
        self.weight = self.params.get(
            "weight",
            shape=(input_dim, output_dim),
            init=weight_initializer,
            dtype=dtype,
            grad_stype="row_sparse",
            stype="row_sparse",
        )

    def forward(self, x: NDArray) -> NDArray:
        """x of indices -> (*x.shape, output_dim)."""
        return ndarray.Embedding(x, self.weight.row_sparse_data(x), name="fwd", **self._kwargs)

    def __repr__(self) -> str:
        size = self._kwargs
        return f"{type(self).__name__}({size['input_dim']} -> {size['output_dim']}, {size['dtype']})"
