"""Layers beside those of ``gluon.nn``."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from .... import context, ndarray
from ....ndarray import NDArray
from ....numpy.family import of_mode
from ....ops.sync_norm import processes
from ...block import Block, HybridBlock
from ...nn import BatchNorm, HybridSequential, Sequential
from ...parameter import ParameterDict

__all__ = [
    "Concurrent", "HybridConcurrent", "Identity", "PixelShuffle1D", "PixelShuffle2D", "PixelShuffle3D",
    "SparseEmbedding", "SyncBatchNorm",
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
        return of_mode(F).concat(*[block(x) for block in self._children.values()], dim=self.axis)


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


class SyncBatchNorm(BatchNorm):
    """``BatchNorm`` of the channels in axis 1 whose mean and variance are those of the batches on all devices.

    `Zhang et al., 2018, "Context Encoding for Semantic Segmentation" <https://arxiv.org/abs/1803.08904>`_

    In train mode its result on one context needs the batches of all ``num_devices`` contexts. Call the net on each of
    them, in one thread or in one each, before reading any value: until then the results, and whatever is computed from
    them, are arrays that know their shape and dtype only. ``backward`` may be called for each device's loss, or once
    for all; the gradients are there after the last one. Batches may differ in length: each element counts once.

    Where ``torch.distributed`` is set up, the batches of its other processes count too, and all processes must run the
    layer equally often.

    Args:
        in_channels: number of channels; 0: the first input tells.
        num_devices: how many contexts of this process the net is called on. None: all GPUs, one where there is none or
            ``torch.distributed`` is set up; a warning says so.
        momentum: running = momentum running + (1 - momentum) that of the batch.
        epsilon: added to the variance.
        center, scale: False: beta stays 0, gamma stays 1.
        use_global_stats: use the running statistics while training too.
        beta_initializer, gamma_initializer, running_mean_initializer, running_variance_initializer: of the
            Parameters (in_channels,).
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(
        self,
        in_channels: int = 0,
        num_devices: int | None = None,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        center: bool = True,
        scale: bool = True,
        use_global_stats: bool = False,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        running_mean_initializer: Any = "zeros",
        running_variance_initializer: Any = "ones",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            axis=1, momentum=momentum, epsilon=epsilon, center=center, scale=scale, use_global_stats=use_global_stats,
            beta_initializer=beta_initializer, gamma_initializer=gamma_initializer,
            running_mean_initializer=running_mean_initializer,
            running_variance_initializer=running_variance_initializer, in_channels=in_channels, **kwargs,
        )  # fmt: skip
        self._kwargs: dict[str, Any] = {
            "eps": epsilon, "momentum": momentum, "fix_gamma": not scale, "use_global_stats": use_global_stats,
            "ndev": self._get_num_devices() if num_devices is None else num_devices, "key": self.prefix,
        }  # fmt: skip

    def _get_num_devices(self) -> int:
        """The number of this process's devices."""
        warnings.warn(
            "SyncBatchNorm without num_devices waits for all GPUs of this process; where not all of them are used, set "
            "num_devices to the number of contexts that the net is called on",
            stacklevel=3,
        )
        return 1 if processes() > 1 else context.num_gpus() or 1

    def hybrid_forward(self, F: Any, x: Any, gamma: Any, beta: Any, running_mean: Any, running_var: Any) -> Any:
        return of_mode(F).contrib.SyncBatchNorm(x, gamma, beta, running_mean, running_var, name="fwd", **self._kwargs)


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
        F = of_mode(F)
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
        F = of_mode(F)
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
        F = of_mode(F)
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
