"""Convolution, its transpose, pooling and upsampling over one, two or three axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
import torch.nn.functional as F

from .elemwise import only_float
from .registry import operator
from .schema import Long, Positive, Shape
from .shape_rules import with_length

__all__ = ["check_pooling", "convolution", "deconvolution", "pooling", "upsampling", "windows"]

ConvLayout = Literal["NCDHW", "NCHW", "NCW", "NDHWC", "NHWC"] | None
PoolLayout = Literal["NCDHW", "NCHW", "NCW", "NDHWC", "NHWC", "NWC"] | None
CudnnTune = Literal["fastest", "limited_workspace", "off"] | None

_CONV = {1: torch.conv1d, 2: torch.conv2d, 3: torch.conv3d}
_DECONV = {1: torch.conv_transpose1d, 2: torch.conv_transpose2d, 3: torch.conv_transpose3d}
_MAX_POOL = {1: torch.max_pool1d, 2: torch.max_pool2d, 3: torch.max_pool3d}
_AVG_POOL = {2: F.avg_pool2d, 3: F.avg_pool3d}


def _per_axis(name: str, value: Shape, axes: int, default: int) -> int | Shape:
    """``value``, or the default for all axes where it is empty.

    Raises:
        ValueError: it is not one number for each axis, or a stride or dilation of 0.
    """
    if not value:
        return default
    if len(value) != axes:
        raise ValueError(f"{name} must have as many numbers as kernel ({axes}), got {value}")
    if default and 0 in value:
        raise ValueError(f"{name} must not be 0, got {value}")
    return value


def windows(
    least: int = 1, most: int = 3, per_axis: Sequence[str] = ("stride", "dilate", "pad")
) -> Callable[..., None]:
    """``check`` of operators with a window.

    Args:
        least, most: how many axes it has (without any, ``global_pool`` covers all that there are).
        per_axis: attributes that have one number for each axis, or none at all.
    """

    def check(*, kernel: Shape, global_pool: bool = False, **attrs: Any) -> None:
        if not least <= len(kernel) <= most and (kernel or not global_pool):
            numbers = str(least) if least == most else f"{least} to {most}"
            raise ValueError(f"kernel must have {numbers} numbers, got {kernel}")
        for name in per_axis:
            _per_axis(name, attrs[name], len(kernel), 0)

    return check


def _check_data(data: torch.Tensor, kernel: Shape, layout: str | None) -> None:
    axes = len(kernel)
    if data.ndim != axes + 2:
        raise ValueError(f"data must have {axes + 2} dimensions for kernel {kernel}, got {data.ndim}")
    if layout is not None and len(layout) != data.ndim:
        raise ValueError(f"layout {layout} is not one of data of {data.ndim} dimensions")


def _channels_last(layout: str | None) -> bool:
    return layout is not None and layout[-1] == "C"


# ---------------------------------------------------------------------------------------------- convolution
def _conv_weight(layout: str | None, first: int, second: int, kernel: Shape) -> Shape:
    return (first, *kernel, second) if _channels_last(layout) else (first, second, *kernel)


def _convolution_shapes(
    shapes: Sequence[Shape | None], *, kernel: Shape, num_filter: int, num_group: int, layout: str | None, **_: Any
) -> list[Shape | None]:
    data, weight = shapes[:2]
    if data is None:
        return list(shapes)
    axis = -1 if _channels_last(layout) else 1
    if weight is not None and len(weight) == len(data):
        data = with_length(data, axis, weight[axis] * num_group)
    channels = data[axis]
    return [data, _conv_weight(layout, num_filter, channels // num_group, kernel), (num_filter,)][: len(shapes)]


@operator(
    "Convolution",
    "_npx_convolution",
    infer_inputs=_convolution_shapes,
    absent=lambda no_bias, **_: ("bias",) if no_bias else (),
    check=windows(),
)
def convolution(
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
    layout: ConvLayout = None,
) -> torch.Tensor:
    """Cross-correlation over one, two or three axes.

    data (N, C, ...), weight (num_filter, C / num_group, *kernel), bias (num_filter,) -> (N, num_filter, ...), each
    axis of length (in + 2 pad - dilate (kernel - 1) - 1) // stride + 1. With a layout that ends in C, channels are last
    in data, weight and result (MXNet has these on GPUs only).
    ``workspace`` and ``cudnn_...`` tune MXNet's own kernels and mean nothing here.
    """
    _check_data(data, kernel, layout)
    axes = len(kernel)
    if _channels_last(layout):
        data, weight = data.movedim(-1, 1), weight.movedim(-1, 1)
    if weight.shape[0] != num_filter or weight.shape[2:] != kernel:
        raise ValueError(f"weight {tuple(weight.shape)} is not one of {num_filter} filters of kernel {kernel}")
    out = _CONV[axes](
        data,
        weight,
        bias,
        _per_axis("stride", stride, axes, 1),
        _per_axis("pad", pad, axes, 0),
        _per_axis("dilate", dilate, axes, 1),
        num_group,
    )
    return out.movedim(1, -1) if _channels_last(layout) else out


# ---------------------------------------------------------------------------------------------- deconvolution
def _deconvolution_shapes(
    shapes: Sequence[Shape | None], *, kernel: Shape, num_filter: int, num_group: int, layout: str | None, **_: Any
) -> list[Shape | None]:
    data, weight = shapes[:2]
    if data is None:
        return list(shapes)
    axis = -1 if _channels_last(layout) else 1
    if weight is not None and len(weight) == len(data):
        data = with_length(data, axis, weight[0])
    channels = data[axis]
    return [data, _conv_weight(layout, channels, num_filter // num_group, kernel), (num_filter,)][: len(shapes)]


def _target_padding(
    target: Shape, sizes: Sequence[int], kernel: Shape, stride: Shape, dilate: Shape
) -> tuple[Shape, Shape]:
    """The pad and adj that make the result's axes as long as ``target``."""
    pad, adj = [], []
    for wanted, size, k, s, d in zip(target, sizes, kernel, stride, dilate):
        surplus = s * (size - 1) + d * (k - 1) + 1 - wanted
        if surplus < 0 or wanted <= 0:
            raise ValueError(f"target_shape {target} is out of reach: an axis of {wanted} from {surplus + wanted}")
        pad.append((surplus + 1) // 2)
        adj.append(surplus % 2)
    return tuple(pad), tuple(adj)


@operator(
    "Deconvolution",
    "_npx_deconvolution",
    infer_inputs=_deconvolution_shapes,
    absent=lambda no_bias, **_: ("bias",) if no_bias else (),
    check=windows(per_axis=("stride", "dilate", "pad", "adj")),
)
def deconvolution(
    data: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    *,
    kernel: Shape,
    stride: Shape = (),
    dilate: Shape = (),
    pad: Shape = (),
    adj: Shape = (),
    target_shape: Shape = (),
    num_filter: Positive,
    num_group: int = 1,
    workspace: Long = 512,
    no_bias: bool = True,
    cudnn_tune: CudnnTune = None,
    cudnn_off: bool = False,
    layout: ConvLayout = None,
) -> torch.Tensor:
    """Transposed convolution over one, two or three axes.

    data (N, C, ...), weight (C, num_filter / num_group, *kernel), bias (num_filter,) -> (N, num_filter, ...), each
    axis of length stride (in - 1) + dilate (kernel - 1) + 1 - 2 pad + adj. ``target_shape`` gives these lengths instead
    of pad and adj, which are then ignored. With a layout that ends in C, channels are last in data, weight and result
    (MXNet has these on GPUs only).
    """
    _check_data(data, kernel, layout)
    axes = len(kernel)
    if _channels_last(layout):
        data, weight = data.movedim(-1, 1), weight.movedim(-1, 1)
    if weight.shape[1] * num_group != num_filter or weight.shape[2:] != kernel:
        raise ValueError(f"weight {tuple(weight.shape)} is not one of {num_filter} filters of kernel {kernel}")
    steps = stride or (1,) * axes
    if any(_per_axis("target_shape", target_shape, axes, 0) or ()):
        pad, adj = _target_padding(target_shape, data.shape[2:], kernel, steps, dilate or (1,) * axes)
    if any(a >= s for a, s in zip(adj, steps)):
        raise ValueError(f"adj {adj} must be smaller than stride {steps}")
    out = _DECONV[axes](
        data,
        weight,
        bias,
        _per_axis("stride", stride, axes, 1),
        _per_axis("pad", pad, axes, 0),
        _per_axis("adj", adj, axes, 0),
        num_group,
        _per_axis("dilate", dilate, axes, 1),
    )
    return out.movedim(1, -1) if _channels_last(layout) else out


# ---------------------------------------------------------------------------------------------- pooling
def _pooling_outputs(pool_type: str, layout: str | None, **_: Any) -> tuple[str, ...]:
    """MXNet's maximum has a hidden workspace, which counts among the outputs in symbol JSON."""
    return ("output", "workspace") if pool_type == "max" and not _channels_last(layout) else ("output",)


def check_pooling(*, kernel: Shape, stride: Shape, **attrs: Any) -> None:
    """``check`` of poolings: see ``windows``; nothing of kernel and stride is 0."""
    windows(per_axis=())(kernel=kernel, **attrs)
    if 0 in kernel + stride:
        raise ValueError(f"kernel and stride must be nonzero in all dimensions, got {kernel} and {stride}")


@operator("Pooling", "_npx_pooling", outputs=_pooling_outputs, visible=1, check=check_pooling)
def pooling(
    data: torch.Tensor,
    *,
    kernel: Shape = (),
    pool_type: Literal["avg", "lp", "max", "sum"] = "max",
    global_pool: bool = False,
    cudnn_off: bool = False,
    pooling_convention: Literal["full", "same", "valid"] = "valid",
    stride: Shape = (),
    pad: Shape = (),
    p_value: int | None = None,
    count_include_pad: bool | None = None,
    layout: PoolLayout = None,
) -> tuple[torch.Tensor, ...]:
    """Maximum, mean, sum or p-norm of each window (or of all elements, with ``global_pool``) of each channel.

    data (N, C, ...) with one, two or three more axes, or the channels last as ``layout`` says -> the same with axes of
    length (in + 2 pad - kernel) / stride + 1, rounded down (``valid``) or up (``full``), or 1.
    """
    only_float(data)
    axes = data.ndim - 2
    if not 1 <= axes <= 3:
        raise ValueError(f"data must have 3 to 5 dimensions, got {data.ndim}")
    if layout is not None and len(layout) != data.ndim:
        raise ValueError(f"layout {layout} is not one of data of {data.ndim} dimensions")
    last = _channels_last(layout)
    if last:
        data = data.movedim(-1, 1)
    if global_pool:
        kernel, stride, pad = tuple(data.shape[2:]), (), ()
    else:
        _check_window(data, kernel, stride, pad, pooling_convention)
    full = pooling_convention == "full" and not global_pool
    if pool_type == "max":
        out = _max_pool(data, kernel, stride, pad, full)
    elif pool_type == "avg":
        out = (
            data.mean(_spatial(axes), keepdim=True)
            if global_pool
            else _avg_pool(data, kernel, stride, pad, full, count_include_pad is not False)
        )
    elif pool_type == "sum":
        out = _sum_pool(data, kernel, stride, pad, full)
    else:
        out = _lp_pool(data, kernel, stride, pad, full, p_value)
    if last:
        return (out.movedim(1, -1),)
    return (out, out) if pool_type == "max" else (out,)


def _spatial(axes: int) -> Shape:
    return tuple(range(2, axes + 2))


def _check_window(data: torch.Tensor, kernel: Shape, stride: Shape, pad: Shape, convention: str) -> None:
    axes = data.ndim - 2
    if len(kernel) != axes:
        raise ValueError(f"kernel must have {axes} numbers for data of {data.ndim} dimensions, got {kernel}")
    _per_axis("stride", stride, axes, 1)
    pads = _per_axis("pad", pad, axes, 0) or (0,) * axes
    if convention == "same":  # MXNet 1.9.1 lists it and fails on every call
        raise ValueError("pooling_convention 'same' is not supported (nor by MXNet 1.9.1); use pad")
    for size, k, p in zip(data.shape[2:], kernel, pads):
        if k > size + 2 * p:
            raise ValueError(f"kernel {kernel} exceeds the padded data {tuple(data.shape)}")


class _Window:
    """Windows of a pooling that torch's own arguments cannot express, along each axis."""

    def __init__(self, sizes: Sequence[int], kernel: Shape, stride: Shape, pad: Shape, full: bool) -> None:
        axes = len(kernel)
        self.sizes, self.kernel = sizes, kernel
        self.stride, self.pad = stride or (1,) * axes, pad or (0,) * axes
        self.counts = [
            -(-(n + 2 * p - k) // s) + 1 if full else (n + 2 * p - k) // s + 1
            for n, k, s, p in zip(sizes, kernel, self.stride, self.pad)
        ]

    @property
    def regular(self) -> bool:
        """torch pads at most half a kernel, and drops windows that begin beyond the data and its left padding."""
        return all(
            2 * p <= k and (c - 1) * s < n + p
            for n, k, s, p, c in zip(self.sizes, self.kernel, self.stride, self.pad, self.counts)
        )

    def padded(self, data: torch.Tensor, value: float) -> torch.Tensor:
        """data with all that the windows cover made explicit."""
        widths: list[int] = []
        for n, k, s, p, c in zip(self.sizes, self.kernel, self.stride, self.pad, self.counts):
            widths = [p, max((c - 1) * s + k - n - p, 0), *widths]
        return F.pad(data, widths, value=value)

    def elements(self, data: torch.Tensor, include_pad: bool) -> torch.Tensor:
        """How many elements each window averages over, at least 1, shaped to divide a result."""
        total = data.new_ones(())
        for axis, (n, k, s, p, c) in enumerate(zip(self.sizes, self.kernel, self.stride, self.pad, self.counts)):
            start = torch.arange(c, device=data.device) * s - p
            end = (start + k).clamp(max=n + p if include_pad else n)
            inside = end - (start if include_pad else start.clamp(min=0))
            total = total * inside.reshape([-1 if i == axis else 1 for i in range(len(self.kernel))])
        return total.clamp(min=1).to(data.dtype)


def _simple(pad: Shape, full: bool, kernel: Shape) -> bool:
    """Whether torch's own pooling has the very windows, without a closer look."""
    return not full and all(2 * p <= k for p, k in zip(pad, kernel))


def _max_pool(data: torch.Tensor, kernel: Shape, stride: Shape, pad: Shape, full: bool) -> torch.Tensor:
    pool = _MAX_POOL[len(kernel)]
    if _simple(pad, full, kernel):
        return pool(data, kernel, stride or 1, pad or 0)
    window = _Window(data.shape[2:], kernel, stride, pad, full)
    if window.regular:
        return pool(data, kernel, stride or 1, pad or 0, 1, full)
    return pool(window.padded(data, torch.finfo(data.dtype).min), kernel, stride or 1)


def _windows_mean(data: torch.Tensor, kernel: Shape, *args: Any) -> torch.Tensor:
    if len(kernel) == 3 and data.dtype is torch.float16 and data.device.type == "cpu":  # torch has no such kernel
        return F.avg_pool3d(data.float(), kernel, *args).to(data.dtype)
    return _AVG_POOL[len(kernel)](data, kernel, *args)


def _avg_pool(
    data: torch.Tensor, kernel: Shape, stride: Shape, pad: Shape, full: bool, include_pad: bool
) -> torch.Tensor:
    if len(kernel) == 1:  # for the divisor, torch has no such pooling over one axis
        args = ((1, *kernel), (1, *(stride or (1,))), (0, *(pad or (0,))))
        return _avg_pool(data.unsqueeze(2), *args, full, include_pad).squeeze(2)
    if not _simple(pad, full, kernel):
        window = _Window(data.shape[2:], kernel, stride, pad, full)
        if not window.regular:
            return _sum_pool(data, kernel, stride, pad, full) / window.elements(data, include_pad)
    return _windows_mean(data, kernel, stride or 1, pad or 0, full, include_pad)


def _sum_pool(data: torch.Tensor, kernel: Shape, stride: Shape, pad: Shape, full: bool) -> torch.Tensor:
    if len(kernel) == 1:
        args = ((1, *kernel), (1, *(stride or (1,))), (0, *(pad or (0,))))
        return _sum_pool(data.unsqueeze(2), *args, full).squeeze(2)
    if kernel == data.shape[2:] and not pad:
        return data.sum(_spatial(len(kernel)), keepdim=True)
    if not _simple(pad, full, kernel):
        window = _Window(data.shape[2:], kernel, stride, pad, full)
        if not window.regular:
            data, pad, full = window.padded(data, 0.0), (), False
    if torch.compiler.is_compiling():  # PyTorch's exporter of ONNX files passes over another divisor
        return _windows_mean(data, kernel, stride or 1, pad or 0, full, True) * math.prod(kernel)
    return _windows_mean(data, kernel, stride or 1, pad or 0, full, True, 1)


def _lp_pool(
    data: torch.Tensor, kernel: Shape, stride: Shape, pad: Shape, full: bool, p_value: int | None
) -> torch.Tensor:
    """(sum of x ** p) ** (1 / p), without absolute values, as MXNet has it."""
    if p_value not in (1, 2, 3):
        raise ValueError(f"pool_type 'lp' needs p_value 1, 2 or 3, got {p_value}")
    total = _sum_pool(data**p_value, kernel, stride, pad, full)
    if p_value == 1:
        return total
    zero = total == 0  # there the root has no derivative, and MXNet takes 0
    total = total.masked_fill(zero, 1)
    root = total.sqrt() if p_value == 2 else total.sign() * total.abs() ** (1 / 3)
    return root.masked_fill(zero, 0)


# ---------------------------------------------------------------------------------------------- upsampling
def _upsampling_shapes(shapes: Sequence[Shape | None], *, scale: int, sample_type: str, **_: Any) -> list[Any]:
    if sample_type != "bilinear" or shapes[0] is None or len(shapes) != 2:
        return list(shapes)
    kernel = 2 * scale - scale % 2
    return [shapes[0], (shapes[0][1], 1, kernel, kernel)]


def _upsampling_names(number: int, *, sample_type: str, **_: Any) -> Sequence[str]:
    return ("data", "weight") if sample_type == "bilinear" else [f"arg{i}" for i in range(number)]


@operator(
    "UpSampling",
    count="num_args",
    list_names=_upsampling_names,
    infer_inputs=_upsampling_shapes,
    # MXNet marks the second input whatever sample_type is
    variable_init={"weight": '["bilinear", {}]', "arg1": '["bilinear", {}]'},
)
def upsampling(
    *data: torch.Tensor,
    scale: Positive,
    num_filter: int = 0,
    sample_type: Literal["bilinear", "nearest"],
    multi_input_mode: Literal["concat", "sum"] = "concat",
    workspace: Long = 512,
) -> torch.Tensor:
    """Images enlarged by a whole factor.

    ``nearest``: arrays (N, C, H, W); each is repeated up to the first one's H and W times scale, and they are
    concatenated along the channels or summed. ``bilinear``: data (N, num_filter, H, W) and the weight
    (num_filter, 1, k, k), k = 2 scale - scale % 2, of the transposed convolution that does it.
    -> (N, ..., scale H, scale W).
    """
    only_float(data[0])
    if any(d.ndim != 4 for d in data):
        raise ValueError(f"data must have 4 dimensions, got {[d.ndim for d in data]}")
    if sample_type == "bilinear":
        if len(data) != 2:
            raise ValueError(f"sample_type 'bilinear' takes data and weight, got {len(data)} arrays")
        image, weight = data
        channels = image.shape[1]
        if num_filter != channels:
            raise ValueError(f"num_filter must be the number of channels {channels}, got {num_filter}")
        return torch.conv_transpose2d(image, weight, None, scale, math.ceil((scale - 1) / 2), 0, channels)
    height, width = data[0].shape[2] * scale, data[0].shape[3] * scale
    enlarged = []
    for d in data:
        if height % d.shape[2] or width % d.shape[3] or height // d.shape[2] != width // d.shape[3]:
            raise ValueError(f"data {tuple(d.shape)} does not enlarge to ({height}, {width}) by a whole factor")
        enlarged.append(F.interpolate(d, size=(height, width), mode="nearest"))
    if len(data) == 1:
        return enlarged[0]
    if multi_input_mode == "sum":
        return torch.stack(enlarged).sum(0)
    return torch.cat(enlarged, 1)
