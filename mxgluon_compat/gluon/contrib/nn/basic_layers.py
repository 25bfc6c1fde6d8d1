"""Layers beside those of ``gluon.nn``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .... import ndarray
from ....ndarray import NDArray
from ...block import Block, HybridBlock
from ...nn import HybridSequential, Sequential
from ...parameter import ParameterDict

__all__ = [
    "Concurrent", "HybridConcurrent", "Identity", "PixelShuffle1D", "PixelShuffle2D", "PixelShuffle3D",
    "SparseEmbedding",
]  # fmt: skip


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


# ---------------------------------------------------------------------------------------------- pixel shuffle
def _factors(factor: Any, axes: int) -> tuple[int, ...]:
    """One factor for each axis.

    Raises:
        TypeError, ValueError: what is no number, nor a list of them.
        AssertionError: a list of another length.
    """
    try:
        return (int(factor),) * axes
    except TypeError:
        factors = tuple(int(f) for f in factor)
        assert len(factors) == axes, f"wrong length {len(factors)}"
        return factors


class PixelShuffle1D(HybridBlock):
    """Channels into length: x (N, factor C, W) -> (N, C, factor W).

    Args:
        factor: how many times longer the axis becomes.
    """

    def __init__(self, factor: int) -> None:
        super().__init__()
        self._factor = int(factor)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        x = F.reshape(x, (0, -4, -1, self._factor, 0))  # (N, C, factor, W)
        return F.reshape(F.transpose(x, (0, 1, 3, 2)), (0, 0, -3))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._factor})"


class PixelShuffle2D(HybridBlock):
    """Channels into height and width: x (N, f g C, H, W) -> (N, C, f H, g W), as in sub-pixel convolution.

    `Shi et al., 2016, "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional
    Neural Network" <https://arxiv.org/abs/1609.05158>`_

    Args:
        factor: (f, g), or a number for both.
    """

    def __init__(self, factor: int | Sequence[int]) -> None:
        super().__init__()
        self._factors = _factors(factor, 2)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        f, g = self._factors
        x = F.reshape(x, (0, -4, -1, f * g, 0, 0))  # (N, C, f g, H, W)
        x = F.reshape(x, (0, 0, -4, f, g, 0, 0))  # (N, C, f, g, H, W)
        return F.reshape(F.transpose(x, (0, 1, 4, 2, 5, 3)), (0, 0, -3, -3))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._factors})"


class PixelShuffle3D(HybridBlock):
    """Channels into depth, height and width: x (N, f g h C, D, H, W) -> (N, C, f D, g H, h W).

    Args:
        factor: (f, g, h), or a number for all.
    """

    def __init__(self, factor: int | Sequence[int]) -> None:
        super().__init__()
        self._factors = _factors(factor, 3)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        # One axis after the other, as the arrays have at most 6 axes in MXNet's transpose.
        f, g, h = self._factors
        x = F.reshape(x, (0, -4, -1, f * g * h, 0, 0, 0))  # (N, C, f g h, D, H, W)
        x = F.swapaxes(x, 2, 3)  # (N, C, D, f g h, H, W)
        x = F.reshape(x, (0, 0, 0, -4, f, g * h, 0, 0))
        x = F.reshape(x, (0, 0, -3, 0, 0, 0))  # (N, C, f D, g h, H, W)
        x = F.swapaxes(x, 3, 4)
        x = F.reshape(x, (0, 0, 0, 0, -4, g, h, 0))
        x = F.reshape(x, (0, 0, 0, -3, 0, 0))  # (N, C, f D, g H, h, W)
        x = F.swapaxes(x, 4, 5)
        return F.reshape(x, (0, 0, 0, 0, -3))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._factors})"
