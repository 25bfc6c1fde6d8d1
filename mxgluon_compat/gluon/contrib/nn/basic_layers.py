"""Layers beside those of ``gluon.nn``."""

from __future__ import annotations

from typing import Any

from .... import ndarray
from ....ndarray import NDArray
from ...block import Block, HybridBlock
from ...nn import HybridSequential, Sequential
from ...parameter import ParameterDict

__all__ = ["Concurrent", "HybridConcurrent", "Identity", "SparseEmbedding"]


class _Concurrent:
    """What both kinds of Concurrent share: the axis, which a slice keeps."""

    axis: int

    def __getitem__(self, key: int | slice) -> Any:
        part = super().__getitem__(key)  # type: ignore[misc]
        if isinstance(key, slice):
            part.axis = self.axis
        return part


class Concurrent(_Concurrent, Sequential):
    """Blocks side by side: each gets the same input x, and their outputs are put together along one axis.

    Args:
        axis: the axis along which the outputs may differ in length.
        prefix, params: of a Block.
    """

    def __init__(self, axis: int = -1, prefix: str | None = None, params: ParameterDict | None = None) -> None:
        super().__init__(prefix=prefix, params=params)
        self.axis = axis

    def forward(self, x: Any) -> Any:
        """The outputs of all Blocks for x, concatenated."""
        return ndarray.concat(*[block(x) for block in self._children.values()], dim=self.axis)


class HybridConcurrent(_Concurrent, HybridSequential):
    """HybridBlocks side by side: each gets the same input x, and their outputs are put together along one axis.

    Args:
        axis: the axis along which the outputs may differ in length.
        prefix, params: of a Block.
    """

    def __init__(self, axis: int = -1, prefix: str | None = None, params: ParameterDict | None = None) -> None:
        super().__init__(prefix=prefix, params=params)
        self.axis = axis

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return F.concat(*[block(x) for block in self._children.values()], dim=self.axis)


class Identity(HybridBlock):
    """x as it is: the way around other Blocks in a ``HybridConcurrent``."""

    def __init__(self, prefix: str | None = None, params: ParameterDict | None = None) -> None:
        super().__init__(prefix=prefix, params=params)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return x


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
