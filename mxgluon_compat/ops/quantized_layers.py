"""Layers on integers that stand for real numbers (MXNet's ``quantized_*``); ``quantization`` says how they do.

Matrix products are of integers that a float64 holds exactly. There are no gradients, as in MXNet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import torch

from .conv import (
    ConvLayout,
    CudnnTune,
    PoolLayout,
    _convolution_shapes,
    check_pooling,
    convolution,
    pooling,
    windows,
)  # fmt: skip
from .nn import _fully_connected_shapes, fully_connected
from .quantization import _BYTES, _FACTORS, _UNITS, Three, _given, _integers, _kind, _range, _with_ranges
from .registry import operator
from .schema import Dtype, Long, Positive, Shape

__all__ = [
    "quantized_act",
    "quantized_batch_norm",
    "quantized_concat",
    "quantized_conv",
    "quantized_elemwise_add",
    "quantized_elemwise_mul",
    "quantized_embedding",
    "quantized_flatten",
    "quantized_fully_connected",
    "quantized_pooling",
]

_RANGED = ("output", "min_output", "max_output")


def _ranged(dtype: torch.dtype | None) -> Callable[..., tuple[Any, Any]]:
    """``infer_dtypes``: the result's dtype (None: the first input's), then floats."""

    def infer(dtypes: Sequence[torch.dtype | None], **_: Any) -> tuple[Any, Any]:
        return dtypes, [dtype or dtypes[0], torch.float32]

    return infer


# ---------------------------------------------------------------------------------------------- products
def _no_bias(no_bias: bool, **_: Any) -> Iterable[str]:
    return ("bias", "min_bias", "max_bias") if no_bias else ()


def _product_shapes(rule: Callable[..., list[Shape | None]]) -> Callable[..., list[Shape | None]]:
    def infer(shapes: Sequence[Shape | None], *, no_bias: bool, **attrs: Any) -> list[Shape | None]:
        arrays = 2 if no_bias else 3
        known = rule(list(shapes[:arrays]), no_bias=no_bias, **attrs)
        return [*known, *[(1,)] * (len(shapes) - arrays)]

    return infer


def _product_dtypes(dtypes: Sequence[torch.dtype | None], *, no_bias: bool, **_: Any) -> tuple[Any, Any]:
    arrays = 2 if no_bias else 3
    known = [dtypes[0] or torch.int8, *[torch.int8] * (arrays - 1)]
    return [*known, *[torch.float32] * (len(dtypes) - arrays)], [torch.int32, torch.float32]


def _product(
    function: Callable[..., torch.Tensor],
    data: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    ranges: Sequence[torch.Tensor | None],
    **attributes: Any,
) -> Three:
    """The integers and range of a linear function; ranges are those of data, weight and bias in pairs."""
    kind = _kind(data, _BYTES)
    _kind(weight, (torch.int8,))
    unit = _range(*ranges[:2]) / _FACTORS[kind] * (_range(*ranges[2:4]) / _FACTORS[torch.int8])
    shift = None
    if bias is not None:  # in the unit of the products, which MXNet takes for a slightly larger one here, cut off
        scale = _range(*ranges[4:]).double() * _UNITS[kind] / (_range(*ranges[:2]).double() * _range(*ranges[2:4]))
        shift = (bias.double() * scale).trunc()
    out = function(data.double(), weight.double(), shift, **attributes)
    limit = unit * _UNITS[torch.int32]
    return out.to(torch.int32), -limit, limit


@operator(
    "_contrib_quantized_fully_connected",
    outputs=_RANGED,
    absent=_no_bias,
    mixed_dtypes=True,
    infer_inputs=_product_shapes(_fully_connected_shapes),
    infer_dtypes=_product_dtypes,
)
def quantized_fully_connected(
    data: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    min_data: torch.Tensor | None = None,
    max_data: torch.Tensor | None = None,
    min_weight: torch.Tensor | None = None,
    max_weight: torch.Tensor | None = None,
    min_bias: torch.Tensor | None = None,
    max_bias: torch.Tensor | None = None,
    *,
    num_hidden: Positive,
    no_bias: bool = False,
    flatten: bool = True,
) -> Three:
    """FullyConnected of int8 or uint8 data with int8 weight and bias -> int32."""
    ranges = (min_data, max_data, min_weight, max_weight, min_bias, max_bias)
    return _product(fully_connected, data, weight, bias, ranges, num_hidden=num_hidden, flatten=flatten)


@operator(
    "_contrib_quantized_conv",
    outputs=_RANGED,
    absent=_no_bias,
    mixed_dtypes=True,
    infer_inputs=_product_shapes(_convolution_shapes),
    infer_dtypes=_product_dtypes,
    check=windows(),
)
def quantized_conv(
    data: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None = None,
    min_data: torch.Tensor | None = None,
    max_data: torch.Tensor | None = None,
    min_weight: torch.Tensor | None = None,
    max_weight: torch.Tensor | None = None,
    min_bias: torch.Tensor | None = None,
    max_bias: torch.Tensor | None = None,
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
) -> Three:
    """Convolution of int8 or uint8 data with int8 weight and bias -> int32.

    MXNet's CPU takes uint8 data alone, and reports twice its range: it counts 127 units where there are 255.
    """
    ranges = (min_data, max_data, min_weight, max_weight, min_bias, max_bias)
    attributes = dict(kernel=kernel, stride=stride, dilate=dilate, pad=pad, num_filter=num_filter)
    return _product(convolution, data, weight, bias, ranges, num_group=num_group, layout=layout, **attributes)


# ---------------------------------------------------------------------------------------------- other layers
def _kept(out: torch.Tensor, minimum: torch.Tensor, maximum: torch.Tensor) -> Three:
    return out, minimum.detach().clone(), maximum.detach().clone()


_UNARY = {
    "outputs": _RANGED,
    "mixed_dtypes": True,
    "infer_inputs": _with_ranges(1),
    "infer_dtypes": _ranged(None),
}


@operator("_contrib_quantized_flatten", **_UNARY)
def quantized_flatten(data: torch.Tensor, min_data: torch.Tensor, max_data: torch.Tensor) -> Three:
    """data (N, ...) -> (N, rest), its range unchanged."""
    return _kept(data.detach().flatten(1).clone(), min_data, max_data)


@operator("_contrib_quantized_act", **_UNARY)
def quantized_act(
    data: torch.Tensor,
    min_data: torch.Tensor,
    max_data: torch.Tensor,
    *,
    act_type: Literal["relu", "sigmoid", "softrelu", "softsign", "tanh"],
) -> Three:
    """relu of data, the only one that MXNet has too; its range is unchanged.

    uint8 data stays uint8 (MXNet calls what it gives int8).
    """
    if act_type != "relu":
        raise ValueError(f"act_type must be 'relu', got {act_type!r}")
    _kind(data, _BYTES)
    return _kept(data.detach().clamp(min=0), min_data, max_data)


@operator("_contrib_quantized_pooling", **_UNARY, check=check_pooling)
def quantized_pooling(
    data: torch.Tensor,
    min_data: torch.Tensor,
    max_data: torch.Tensor,
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
) -> Three:
    """Pooling (max or avg) of data (N, C, H, W) or (N, C, D, H, W), int8 or uint8; its range is unchanged.

    Means that count padding count what windows of the convention ``full`` have beyond it, too, unlike those of Pooling.
    """
    if pool_type not in ("max", "avg"):
        raise ValueError(f"pool_type must be 'max' or 'avg', got {pool_type!r}")
    if data.ndim not in (4, 5):
        raise ValueError(f"data must have 4 or 5 dimensions, got {data.ndim}")
    dtype = _kind(data, _BYTES)
    whole = pool_type == "avg" and count_include_pad is not False and not global_pool
    out = pooling(
        data.float(),
        kernel=kernel,
        pool_type="sum" if whole else pool_type,
        global_pool=global_pool,
        pooling_convention=pooling_convention,
        stride=stride,
        pad=pad,
        count_include_pad=count_include_pad,
        layout=layout,
    )[0]
    return _kept(_integers(out / math.prod(kernel) if whole else out, dtype), min_data, max_data)


@operator(
    "_contrib_quantized_embedding",
    outputs=_RANGED,
    mixed_dtypes=True,
    infer_inputs=lambda shapes, *, input_dim, output_dim, **_: [shapes[0], (input_dim, output_dim), (1,), (1,)],
    infer_dtypes=lambda dtypes, **_: (
        [dtypes[0], torch.int8, torch.float32, torch.float32],
        [torch.int8, torch.float32],
    ),
)
def quantized_embedding(
    data: torch.Tensor,
    weight: torch.Tensor,
    min_weight: torch.Tensor,
    max_weight: torch.Tensor,
    *,
    input_dim: Positive,
    output_dim: Positive,
    dtype: Dtype = torch.float32,
    sparse_grad: bool = False,
) -> Three:
    """Rows of weight (input_dim, output_dim), int8, as Embedding takes them; its range is unchanged."""
    if weight.shape != (input_dim, output_dim):
        raise ValueError(f"weight must have shape ({input_dim}, {output_dim}), got {tuple(weight.shape)}")
    _kind(weight, (torch.int8,))
    return _kept(weight.detach()[data.long().clamp(0, input_dim - 1)], min_weight, max_weight)


def _common(kinds: Iterable[torch.dtype | None]) -> torch.dtype:
    return torch.uint8 if set(kinds) == {torch.uint8} else torch.int8


def _sum_dtypes(
    dtypes: Sequence[torch.dtype | None], *, min_calib_range: float | None, max_calib_range: float | None, **_: Any
) -> tuple[Any, Any]:
    out = _common(dtypes[:2]) if _given(min_calib_range, max_calib_range) else torch.int32
    return dtypes, [out, torch.float32]


@operator(
    "_contrib_quantized_elemwise_add",
    outputs=_RANGED,
    mixed_dtypes=True,
    infer_inputs=lambda shapes, **_: [shapes[0] or shapes[1], shapes[1] or shapes[0], *[(1,)] * 4],
    infer_dtypes=_sum_dtypes,
)
def quantized_elemwise_add(
    lhs: torch.Tensor,
    rhs: torch.Tensor,
    lhs_min: torch.Tensor,
    lhs_max: torch.Tensor,
    rhs_min: torch.Tensor,
    rhs_max: torch.Tensor,
    *,
    min_calib_range: float | None = None,
    max_calib_range: float | None = None,
) -> Three:
    """lhs + rhs, int8 or uint8 of one shape.

    -> int8, or uint8 where both are, for the given range; or int32 where one of its ends is not given. Of a sum of
    int8 and uint8 in int32 MXNet forgets the uint8 part.
    """
    if lhs.shape != rhs.shape:
        raise ValueError(f"lhs and rhs must have one shape, got {tuple(lhs.shape)} and {tuple(rhs.shape)}")
    total = None
    limits = [_range(lhs_min, lhs_max).double(), _range(rhs_min, rhs_max).double()]
    for data, limit in zip((lhs, rhs), limits):
        term = data.double() * (limit / _UNITS[_kind(data, _BYTES)])
        total = term if total is None else total + term
    if _given(min_calib_range, max_calib_range):
        limit = max(abs(min_calib_range), abs(max_calib_range))
        low, high = (torch.full((1,), v, device=lhs.device) for v in (min_calib_range, max_calib_range))
        dtype = _common((lhs.dtype, rhs.dtype))
        return _integers(total * (_UNITS[dtype] / limit), dtype), low, high
    limit = limits[0] + limits[1]
    return _integers(total * (_UNITS[torch.int32] / limit), torch.int32), -limit.float(), limit.float()


def _product_of_two_dtypes(
    dtypes: Sequence[torch.dtype | None],
    *,
    min_calib_range: float | None,
    max_calib_range: float | None,
    enable_float_output: bool,
    **_: Any,
) -> tuple[Any, Any]:
    known = [torch.int8, torch.int8, *[torch.float32] * 4]
    if enable_float_output:
        return known, [torch.float32]
    return known, [torch.int8 if _given(min_calib_range, max_calib_range) else torch.int32, torch.float32]


@operator(
    "_contrib_quantized_elemwise_mul",
    outputs=lambda *, enable_float_output, **_: _RANGED[:1] if enable_float_output else _RANGED,
    mixed_dtypes=True,
    infer_inputs=lambda shapes, **_: [shapes[0] or shapes[1], shapes[1] or shapes[0], *[(1,)] * 4],
    infer_dtypes=_product_of_two_dtypes,
)
def quantized_elemwise_mul(
    lhs: torch.Tensor,
    rhs: torch.Tensor,
    lhs_min: torch.Tensor,
    lhs_max: torch.Tensor,
    rhs_min: torch.Tensor,
    rhs_max: torch.Tensor,
    *,
    min_calib_range: float | None = None,
    max_calib_range: float | None = None,
    enable_float_output: bool = False,
) -> tuple[torch.Tensor, ...]:
    """lhs * rhs, int8 of one shape -> int32; or int8 for the given range; or float32 with ``enable_float_output``.

    Products that the given range cannot hold are cut off; MXNet lets them overflow.
    """
    if lhs.shape != rhs.shape:
        raise ValueError(f"lhs and rhs must have one shape, got {tuple(lhs.shape)} and {tuple(rhs.shape)}")
    for data in (lhs, rhs):
        _kind(data, (torch.int8,))
    product = lhs.to(torch.int32) * rhs.to(torch.int32)
    limits = _range(lhs_min, lhs_max) * _range(rhs_min, rhs_max)
    real = product * (limits / _UNITS[torch.int8] ** 2)
    if enable_float_output:
        return (real,)
    if _given(min_calib_range, max_calib_range):
        low, high = (torch.full((1,), v, device=lhs.device) for v in (min_calib_range, max_calib_range))
        scale = _UNITS[torch.int8] / max(abs(min_calib_range), abs(max_calib_range))
        return _integers((real * scale).trunc(), torch.int8), low, high
    limit = limits * (_UNITS[torch.int32] / _FACTORS[torch.int8] ** 2)
    return product, -limit, limit


@operator(
    "_contrib_quantized_batch_norm",
    outputs=_RANGED,
    aux=("moving_mean", "moving_var"),
    mixed_dtypes=True,
    infer_inputs=lambda shapes, *, axis, **_: (
        [shapes[0], *[(shapes[0][axis],)] * 4, (1,), (1,)] if shapes[0] else list(shapes)
    ),
    infer_dtypes=lambda dtypes, **_: ([dtypes[0] or torch.int8, *[torch.float32] * 6], [torch.int8, torch.float32]),
)
def quantized_batch_norm(
    data: torch.Tensor,
    gamma: torch.Tensor,
    beta: torch.Tensor,
    moving_mean: torch.Tensor,
    moving_var: torch.Tensor,
    min_data: torch.Tensor,
    max_data: torch.Tensor,
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
) -> Three:
    """BatchNorm of data (N, C, ...) by its moving statistics (C,) -> int8 for the given range, which it needs.

    data is int8 or uint8, which MXNet takes for int8. With ``fix_gamma`` gamma counts as 1, which MXNet 1.9.1 forgets
    here; and it counts eps twice.
    """
    if not _given(min_calib_range, max_calib_range):
        raise ValueError("min_calib_range and max_calib_range are needed")
    if output_mean_var or axis != 1:
        raise ValueError("output_mean_var is not there, and axis must be 1")
    unit = _range(min_data, max_data) / _UNITS[_kind(data, _BYTES)]
    limit = max(abs(min_calib_range), abs(max_calib_range))
    scale = (moving_var + eps).rsqrt() * (1 if fix_gamma else gamma)
    shift = beta - moving_mean * scale
    shape = [-1 if i == axis else 1 for i in range(data.ndim)]
    values = data.float() * unit * scale.reshape(shape)
    out = _integers((values + shift.reshape(shape)) * (_UNITS[torch.int8] / limit), torch.int8)
    return out, *(torch.full((1,), v, device=data.device) for v in (min_calib_range, max_calib_range))


def _concat_dtypes(dtypes: Sequence[torch.dtype | None], **_: Any) -> tuple[Any, Any]:
    return dtypes, [_common(dtypes[: len(dtypes) // 3]), torch.float32]


def _concat_names(number: int, *, num_args: int, **_: Any) -> list[str]:
    arrays = [f"arg{i}" for i in range(num_args)]
    return arrays + [f"{name}_{end}" for name in arrays for end in ("min", "max")]


@operator(
    "_contrib_quantized_concat",
    outputs=_RANGED,
    mixed_dtypes=True,
    list_names=_concat_names,
    infer_dtypes=_concat_dtypes,
)
def quantized_concat(*data: torch.Tensor, num_args: Positive, dim: int = 1) -> Three:
    """Arrays (uint8 or int8) one after another along ``dim``, in the widest of their ranges.

    data: num_args arrays, then the ranges of each; -> uint8 where all are, else int8.
    """
    arrays, ranges = data[:num_args], data[num_args:]
    if len(ranges) != 2 * num_args:
        raise ValueError(f"{num_args} arrays and {2 * num_args} ends of ranges are needed, got {len(data)} inputs")
    kinds = [_kind(array, _BYTES) for array in arrays]
    dtype = _common(kinds)
    low, high = torch.stack(ranges[::2]).amin(0), torch.stack(ranges[1::2]).amax(0)
    unit = _range(low, high) / _UNITS[dtype]
    scaled = [
        _integers(array.float() * (_range(*ranges[2 * i : 2 * i + 2]) / _UNITS[kind] / unit), dtype)
        for i, (array, kind) in enumerate(zip(arrays, kinds))
    ]
    return torch.cat(scaled, dim), low.detach(), high.detach()
