"""First versions of layers that MXNet keeps beside their successors: old symbol files name them."""

from __future__ import annotations

from typing import Any, Literal

import torch
import torch.nn.functional as F

from .conv import (
    CudnnTune,
    _check_window,
    _convolution_shapes,
    _sum_pool,
    _Window,
    check_pooling,
    convolution,
    windows,
)  # fmt: skip
from .elemwise import only_float
from .norm import BATCH_NORM, batch_norm, batch_variance
from .registry import operator
from .schema import Long, Positive, Shape

__all__ = ["batch_norm_v1", "convolution_v1", "pooling_v1"]


@operator("BatchNorm_v1", **BATCH_NORM)
def batch_norm_v1(
    data: torch.Tensor,
    gamma: torch.Tensor,
    beta: torch.Tensor,
    moving_mean: torch.Tensor,
    moving_var: torch.Tensor,
    *,
    eps: float = 1e-3,
    momentum: float = 0.9,
    fix_gamma: bool = True,
    use_global_stats: bool = False,
    output_mean_var: bool = False,
    training: bool,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """``BatchNorm`` along axis 1 -> the result, mean and variance (C,)."""
    out, mean, invstd = batch_norm(
        data,
        gamma,
        beta,
        moving_mean,
        moving_var,
        eps=eps,
        momentum=momentum,
        fix_gamma=fix_gamma,
        use_global_stats=use_global_stats,
        output_mean_var=output_mean_var,
        training=training,
    )
    return out, mean, batch_variance(invstd, eps) if output_mean_var else invstd


@operator(
    "Convolution_v1",
    infer_inputs=_convolution_shapes,
    absent=lambda no_bias, **_: ("bias",) if no_bias else (),
    check=windows(2),
)
def convolution_v1(
    data: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    *,
    kernel: Shape,
    stride: Shape = (),
    dilate: Shape = (),
    pad: Shape = (),
    num_filter: Positive,
    num_group: int = 1,
    workspace: Long = 1024,
    no_bias: bool = False,
    cudnn_tune: CudnnTune = None,
    cudnn_off: bool = False,
    layout: Literal["NCDHW", "NCHW", "NDHWC", "NHWC"] | None = None,
) -> torch.Tensor:
    """``Convolution`` over two or three axes (on a CPU, MXNet has two only)."""
    return convolution(
        data,
        weight,
        bias,
        kernel=kernel,
        stride=stride,
        dilate=dilate,
        pad=pad,
        num_filter=num_filter,
        num_group=num_group,
        layout=layout,
    )


class _EachTie(torch.autograd.Function):
    """A maximum whose whole gradient goes to each of the ``count`` elements that are the largest; torch divides it."""

    @staticmethod
    def forward(ctx: Any, largest: torch.Tensor, count: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(count)
        return largest.view_as(largest)

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        (count,) = ctx.saved_tensors
        return gradient * count, None


@operator("Pooling_v1", check=check_pooling)
def pooling_v1(
    data: torch.Tensor,
    *,
    kernel: Shape = (),
    pool_type: Literal["avg", "max", "sum"] = "max",
    global_pool: bool = False,
    pooling_convention: Literal["full", "valid"] = "valid",
    stride: Shape = (),
    pad: Shape = (),
) -> torch.Tensor:
    """Maximum, mean or sum of each window of images (N, C, H, W); padded elements are zeros that count.

    Of a maximum each element that is the largest gets the whole gradient. Where a window of the convention ``full``
    lies outside of the padded image, its maximum is -inf.
    """
    only_float(data)
    if data.ndim != 4:
        raise ValueError(f"data must have 4 dimensions, got {data.ndim}")
    if global_pool:
        kernel, stride, pad = tuple(data.shape[2:]), (), ()
    else:
        _check_window(data, kernel, stride, pad, pooling_convention)
    if pad:
        data = F.pad(data, (pad[1], pad[1], pad[0], pad[0]))
    stride = stride or (1, 1)
    window = _Window(data.shape[2:], kernel, stride, (0, 0), pooling_convention == "full")
    if pool_type == "max":
        parts = window.padded(data, -torch.inf).unfold(2, kernel[0], stride[0]).unfold(3, kernel[1], stride[1])
        largest = parts.amax((-2, -1))
        if not largest.requires_grad:
            return largest
        return _EachTie.apply(largest, (parts == largest[..., None, None]).sum((-2, -1)))
    total = _sum_pool(window.padded(data, 0), kernel, stride, (), False)
    return total if pool_type == "sum" else total / (kernel[0] * kernel[1])
