"""Normalisation layers: over the batch, an instance, a layer, groups of channels."""

from __future__ import annotations

from typing import Any

from ...base import dtype_name
from ...numpy.family import of_mode
from ..block import HybridBlock
from ..parameter import Parameter, ParameterDict

__all__ = ["BatchNorm", "BatchNormReLU", "GroupNorm", "InstanceNorm", "LayerNorm"]


class _BatchNorm(HybridBlock):
    """Both kinds of batch normalisation; see ``BatchNorm``."""

    def __init__(
        self,
        axis: int = 1,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        center: bool = True,
        scale: bool = True,
        use_global_stats: bool = False,
        fuse_relu: bool = False,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        running_mean_initializer: Any = "zeros",
        running_variance_initializer: Any = "ones",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._kwargs = {
            "axis": axis, "eps": epsilon, "momentum": momentum, "fix_gamma": not scale,
            "use_global_stats": use_global_stats,
        }  # fmt: skip
        self.fuse_relu = fuse_relu
        if in_channels != 0:
            self.in_channels = in_channels

        def get(name: str, init: Any, learned: bool) -> Any:
            return self.params.get(
                name,
                grad_req="write" if learned else "null",
                shape=(in_channels,),
                init=init,
                allow_deferred_init=True,
                differentiable=learned,
            )

        self.gamma = get("gamma", gamma_initializer, scale)
        self.beta = get("beta", beta_initializer, center)
        self.running_mean = get("running_mean", running_mean_initializer, False)
        self.running_var = get("running_var", running_variance_initializer, False)

    def cast(self, dtype: Any) -> None:
        """Changes the dtype of the Parameters; for float16 data they stay float32."""
        super().cast("float32" if dtype_name(dtype) == "float16" else dtype)

    def hybrid_forward(self, F: Any, x: Any, gamma: Any, beta: Any, running_mean: Any, running_var: Any) -> Any:
        F = of_mode(F)
        norm = F.contrib.BatchNormWithReLU if self.fuse_relu else F.BatchNorm
        return norm(x, gamma, beta, running_mean, running_var, name="fwd", **self._kwargs)

    def __repr__(self) -> str:
        content = ", ".join(f"{k}={v!r}" for k, v in self._kwargs.items())
        return f"{type(self).__name__}({content}, in_channels={self.gamma.shape[0] or None})"


class BatchNorm(_BatchNorm):
    """gamma (x - mean) / sqrt(variance + epsilon) + beta, over all axes but one.

    While training, mean and variance are those of the batch, and move running_mean and running_var towards them.

    Args:
        axis: the axis of the channels.
        momentum: running = momentum running + (1 - momentum) that of the batch.
        epsilon: added to the variance.
        center, scale: False: beta stays 0, gamma stays 1.
        use_global_stats: use the running statistics while training too.
        beta_initializer, gamma_initializer, running_mean_initializer, running_variance_initializer: of the
            Parameters (in_channels,).
        in_channels: number of channels; 0: the first input tells.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(
        self,
        axis: int = 1,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        center: bool = True,
        scale: bool = True,
        use_global_stats: bool = False,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        running_mean_initializer: Any = "zeros",
        running_variance_initializer: Any = "ones",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            axis, momentum, epsilon, center, scale, use_global_stats, False, beta_initializer, gamma_initializer,
            running_mean_initializer, running_variance_initializer, in_channels, **kwargs,
        )  # fmt: skip


class BatchNormReLU(_BatchNorm):
    """``BatchNorm`` and a rectifier in one; arguments as there."""

    def __init__(
        self,
        axis: int = 1,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        center: bool = True,
        scale: bool = True,
        use_global_stats: bool = False,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        running_mean_initializer: Any = "zeros",
        running_variance_initializer: Any = "ones",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            axis, momentum, epsilon, center, scale, use_global_stats, True, beta_initializer, gamma_initializer,
            running_mean_initializer, running_variance_initializer, in_channels, **kwargs,
        )  # fmt: skip


class _Norm(HybridBlock):
    """What the norms without running statistics share: gamma and beta of shape (``size``,), and how they look."""

    _kwargs: dict[str, Any]
    gamma: Parameter

    def _learn(self, size: int, scale: bool, gamma_initializer: Any, center: bool, beta_initializer: Any) -> None:
        for name, init, learned in (("gamma", gamma_initializer, scale), ("beta", beta_initializer, center)):
            req = "write" if learned else "null"
            setattr(self, name, self.params.get(name, grad_req=req, shape=(size,), init=init, allow_deferred_init=True))

    def _shown(self) -> dict[str, Any]:
        return {**self._kwargs, "in_channels": self.gamma.shape[0]}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self._shown().items())})"


class InstanceNorm(_Norm):
    """gamma (x - mean) / sqrt(variance + epsilon) + beta, over each channel of each instance.

    Args:
        axis: the axis of the channels; the first axis is that of the instances.
        epsilon: added to the variance.
        center, scale: False: beta and gamma are not learned.
        beta_initializer, gamma_initializer: of the Parameters (in_channels,).
        in_channels: number of channels; 0: the first input tells.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(
        self,
        axis: int = 1,
        epsilon: float = 1e-5,
        center: bool = True,
        scale: bool = False,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._kwargs = {"eps": epsilon, "axis": axis, "center": center, "scale": scale}
        self._axis = axis
        self._epsilon = epsilon
        self._learn(in_channels, scale, gamma_initializer, center, beta_initializer)

    def hybrid_forward(self, F: Any, x: Any, gamma: Any, beta: Any) -> Any:
        F = of_mode(F)
        if self._axis == 1:
            return F.InstanceNorm(x, gamma, beta, name="fwd", eps=self._epsilon)
        x = F.swapaxes(x, dim1=1, dim2=self._axis)
        out = F.InstanceNorm(x, gamma, beta, name="fwd", eps=self._epsilon)
        return F.swapaxes(out, dim1=1, dim2=self._axis)


class LayerNorm(_Norm):
    """gamma (x - mean) / sqrt(variance + epsilon) + beta, along one axis.

    Args:
        axis: the axis.
        epsilon: added to the variance.
        center, scale: False: beta and gamma are not learned.
        beta_initializer, gamma_initializer: of the Parameters (in_channels,).
        in_channels: length of the axis; 0: the first input tells.
        prefix, params: of a Block.
    """

    def __init__(
        self,
        axis: int = -1,
        epsilon: float = 1e-5,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        in_channels: int = 0,
        prefix: str | None = None,
        params: ParameterDict | None = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        self._kwargs = {"eps": epsilon, "axis": axis, "center": center, "scale": scale}
        self._axis = axis
        self._epsilon = epsilon
        self._center = center
        self._scale = scale
        self._learn(in_channels, scale, gamma_initializer, center, beta_initializer)

    def hybrid_forward(self, F: Any, data: Any, gamma: Any, beta: Any) -> Any:
        return of_mode(F).LayerNorm(data, gamma=gamma, beta=beta, axis=self._axis, eps=self._epsilon)


class GroupNorm(_Norm):
    """gamma (x - mean) / sqrt(variance + epsilon) + beta, over each group of channels of each instance.

    Args:
        num_groups: number of groups that the channels (axis 1) are cut into.
        epsilon: added to the variance.
        center, scale: False: beta and gamma are not learned.
        beta_initializer, gamma_initializer: of the Parameters (num_groups,).
        prefix, params: of a Block.
    """

    def __init__(
        self,
        num_groups: int = 1,
        epsilon: float = 1e-5,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        prefix: str | None = None,
        params: ParameterDict | None = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        self._kwargs = {"eps": epsilon, "num_groups": num_groups, "center": center, "scale": scale}
        self._num_groups = num_groups
        self._epsilon = epsilon
        self._center = center
        self._scale = scale
        self._learn(num_groups, scale, gamma_initializer, center, beta_initializer)

    def _shown(self) -> dict[str, Any]:
        return self._kwargs

    def hybrid_forward(self, F: Any, data: Any, gamma: Any, beta: Any) -> Any:
        return of_mode(F).GroupNorm(data, gamma=gamma, beta=beta, num_groups=self._num_groups, eps=self._epsilon)
