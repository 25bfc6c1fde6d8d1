"""Normalisation: over the batch, a layer, groups of channels, an instance."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

from . import stopped
from .elemwise import only_float
from .registry import operator
from .schema import Shape
from .shape_rules import with_length

__all__ = [
    "BATCH_NORM",
    "batch_norm",
    "batch_norm_with_relu",
    "batch_variance",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "on_backward",
    "unit_gamma",
]


def on_backward(output: torch.Tensor, update: Callable[[], None]) -> None:
    """Runs ``update`` each time a backward pass reaches ``output``: MXNet changes auxiliary states there, not before.

    A forward pass that is not recorded (``output`` needs no gradient) never runs it. Behind BlockGrad it runs too.
    """
    if not output.requires_grad:
        return

    def run(_: torch.Tensor | None = None) -> None:
        with torch.no_grad():
            update()

    if torch.compiler.is_compiling():
        run()  # a compiled graph has no hooks on its inner results, so there the update is a part of its forward pass
    else:
        stopped.at_backward(output, run)


def _channel_shapes(shapes: Sequence[Shape | None], axis: int = 1) -> list[Shape | None]:
    data = shapes[0]
    if data is None:
        return list(shapes)
    if not -len(data) <= axis < len(data):
        raise ValueError(f"channel axis {axis} is out of range for data of {len(data)} dimensions")
    known = next((s[0] for s in shapes[1:] if s is not None and len(s) == 1 and s[0]), 0)
    data = with_length(data, axis, known)
    return [data] + [(data[axis],)] * (len(shapes) - 1)


def _visible(output_mean_var: bool, **_: Any) -> int:
    return 3 if output_mean_var else 1


def unit_gamma(gamma: torch.Tensor) -> torch.Tensor:
    """MXNet's ``fix_gamma``: gamma itself becomes 1, and gets gradients of 0."""
    with torch.no_grad():
        gamma.fill_(1)
    return gamma.sign()  # of ones: ones, and its derivative is 0; gamma stays a part of the graph


def _batch_norm_dtypes(
    dtypes: Sequence[torch.dtype | None], *, outputs: Sequence[torch.dtype | None], **_: Any
) -> tuple[Any, Any]:
    data = dtypes[0] or outputs[0]
    others = torch.float32 if data is not None and data.itemsize == 2 else data
    return [data, *[others] * 4], [data, others, others]


def _unlearned(out: torch.Tensor, *others: torch.Tensor) -> list[torch.Tensor]:
    """The other outputs of what made ``out``: as heads of a backward pass they give zeros, as in MXNet."""
    return [stopped.block(other, out) for other in others]


# What the rows of all that normalise over the batch have in common.
BATCH_NORM: dict[str, Any] = {
    "aux": ("moving_mean", "moving_var"),
    "outputs": ("output", "mean", "var"),
    "visible": _visible,
    "mixed_dtypes": True,
    "infer_inputs": lambda shapes, *, axis=1, **_: _channel_shapes(shapes, axis),
    "infer_dtypes": _batch_norm_dtypes,
    "variable_init": {"moving_mean": '["zero", {}]', "moving_var": '["one", {}]'},
}


def batch_variance(invstd: torch.Tensor, eps: float) -> torch.Tensor:
    """The variance that 1 / sqrt(variance + eps) was computed from; no gradient runs through it."""
    return invstd.detach().pow(-2).sub(eps)


@operator("BatchNorm", "_npx_batch_norm", **BATCH_NORM)
def batch_norm(
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
    axis: int = 1,
    cudnn_off: bool = False,
    min_calib_range: float | None = None,
    max_calib_range: float | None = None,
    training: bool,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """gamma (x - mean) / sqrt(var + eps) + beta, over all axes but one.

    data (N, C, ...) with the channels at ``axis``; the others (C,), in the dtype of data, float32 for float16.
    -> the result, and mean and 1 / sqrt(var + eps) (C,), as MXNet has them. While training, mean and (biased)
    variance are those of the batch, and the backward pass moves moving_mean and moving_var by 1 - momentum towards
    them; else they are moving_mean and moving_var.
    The calibration ranges matter to quantised inference only.
    """
    if gamma.dtype is not (torch.float32 if data.dtype.itemsize == 2 else data.dtype):
        raise ValueError("gamma, beta and moving statistics have the dtype of data, float32 where that is float16")
    if not -data.ndim <= axis < data.ndim:
        raise ValueError(f"Channel axis out of range: {axis} of data {tuple(data.shape)}")
    if not gamma.shape == beta.shape == moving_mean.shape == moving_var.shape == (data.shape[axis],):
        # torch's training does not look, and writes past the end of what is too small
        names = {"gamma": gamma, "beta": beta, "moving_mean": moving_mean, "moving_var": moving_var}
        found = ", ".join(f"{name} {tuple(tensor.shape)}" for name, tensor in names.items())
        raise ValueError(f"data {tuple(data.shape)} has {data.shape[axis]} channels at axis {axis}, but {found}")
    if data.is_meta:  # torch would import the whole of its compiler for the shapes, which takes a second
        return torch.empty_like(data), moving_mean, moving_var
    if fix_gamma:
        gamma = unit_gamma(gamma)
    if axis != 1:
        flat = data.ndim == 1
        data = data.unsqueeze(0) if flat and axis in (0, -1) else data.movedim(axis, 1)
    if training and not use_global_stats:
        out, mean, invstd = torch.native_batch_norm(data, gamma, beta, None, None, True, momentum, eps)

        def update() -> None:
            # of float16 data they are float32, which torch.compile's shape rules do not know
            moving_mean.detach().lerp_(mean.to(moving_mean.dtype), 1 - momentum)
            moving_var.detach().lerp_(batch_variance(invstd, eps).to(moving_var.dtype), 1 - momentum)

        on_backward(out, update)
    else:
        moving_mean, moving_var = moving_mean.detach(), moving_var.detach()  # states, also with a gradient attached
        out = torch.batch_norm(
            data, gamma, beta, moving_mean, moving_var, False, momentum, eps, torch.backends.cudnn.enabled
        )
        mean, invstd = moving_mean, moving_var
        if output_mean_var:  # else nobody sees them
            mean, invstd = mean.clone(), (invstd + eps).rsqrt()
    if output_mean_var:
        mean, invstd = _unlearned(out, mean, invstd)
    if axis != 1:
        out = out.squeeze(0) if flat else out.movedim(1, axis)
    return out, mean, invstd


@operator("_contrib_BatchNormWithReLU", **{**BATCH_NORM, "outputs": ("output", "mean", "var", "mask")})
def batch_norm_with_relu(
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
    axis: int = 1,
    cudnn_off: bool = False,
    min_calib_range: float | None = None,
    max_calib_range: float | None = None,
    training: bool,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """max(``BatchNorm``, 0) -> the result, mean and 1 / sqrt(var + eps) (C,), and the hidden result again.

    MXNet has it in oneDNN only, for float32 (N, C, H, W), and loses the maximum in the gradient of predict mode.
    """
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
        axis=axis,
        training=training,
    )
    out = torch.relu(out)
    return out, mean, invstd, out


@operator(
    "LayerNorm",
    "_npx_layer_norm",
    outputs=("output", "mean", "std"),
    visible=_visible,
    infer_inputs=lambda shapes, *, axis, **_: _channel_shapes(shapes, axis),
)
def layer_norm(
    data: torch.Tensor,
    gamma: torch.Tensor,
    beta: torch.Tensor,
    *,
    axis: int = -1,
    eps: float = 1e-5,
    output_mean_var: bool = False,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """gamma (x - mean) / sqrt(var + eps) + beta, along one axis of size C.

    data of any shape, floating; gamma, beta (C,) -> the result, and mean and sqrt(var + eps) with 1 for C.
    """
    only_float(data)
    last = axis == -1 or axis == data.ndim - 1
    if not last:
        data = data.movedim(axis, -1)
    out, mean, invstd = torch.native_layer_norm(data, data.shape[-1:], gamma, beta, eps)
    if output_mean_var:  # else nobody sees them
        mean, invstd = _unlearned(out, mean.to(data.dtype), invstd.detach().reciprocal().to(data.dtype))
    if not last:
        out, mean, invstd = (t.movedim(-1, axis) for t in (out, mean, invstd))
    return out, mean, invstd


def _group_norm(
    data: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, groups: int, eps: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """data (N, C, ...), gamma and beta (C,) -> the result, mean and 1 / sqrt(var + eps) (N, groups)."""
    if data.ndim < 3:
        raise ValueError(f"data must have at least 3 dimensions, got {data.ndim}")
    n, c, *spatial = data.shape
    # torch's kernel wants one of these two layouts, and knows the second on a CPU only
    if not (data.is_contiguous() or (data.is_cpu and data.is_contiguous(memory_format=torch.channels_last))):
        data = data.contiguous()
    return torch.native_group_norm(data, gamma, beta, n, c, math.prod(spatial), groups, eps)


@operator(
    "GroupNorm",
    outputs=("output", "mean", "std"),
    visible=_visible,
    infer_inputs=lambda shapes, *, num_groups, **_: [shapes[0], (num_groups,), (num_groups,)],
)
def group_norm(
    data: torch.Tensor,
    gamma: torch.Tensor,
    beta: torch.Tensor,
    *,
    num_groups: int = 1,
    eps: float = 1e-5,
    output_mean_var: bool = False,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """gamma (x - mean) / sqrt(var + eps) + beta, over each group of channels of each instance.

    data (N, C, ...) of 3 or more axes, floating; gamma, beta (num_groups,): in MXNet 1.x one value serves a group, not
    a channel. -> the result, and mean and sqrt(var + eps) (N, num_groups).
    """
    only_float(data)
    size, rest = divmod(data.shape[1], num_groups)
    if rest:
        raise ValueError(f"{data.shape[1]} channels do not divide into {num_groups} groups")
    if gamma.shape != (num_groups,) or beta.shape != (num_groups,):
        raise ValueError(f"gamma and beta must have shape ({num_groups},)")
    out, mean, invstd = _group_norm(data, gamma.repeat_interleave(size), beta.repeat_interleave(size), num_groups, eps)
    if output_mean_var:  # else nobody sees them
        mean, invstd = _unlearned(out, mean.to(data.dtype), invstd.detach().reciprocal().to(data.dtype))
    return out, mean, invstd


@operator(
    "InstanceNorm",
    outputs=("output", "mean", "var"),
    visible=1,
    infer_inputs=lambda shapes, **_: _channel_shapes(shapes),
)
def instance_norm(
    data: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, *, eps: float = 1e-3
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """gamma (x - mean) / sqrt(var + eps) + beta, over each channel of each instance.

    data (N, C, ...) of 3 or more axes, floating; gamma, beta (C,) -> the result, and the hidden mean and
    1 / sqrt(var + eps) (N, C).
    """
    only_float(data)
    return _group_norm(data, gamma, beta, data.shape[1] if data.ndim > 1 else 1, eps)
