"""Operators on integers that stand for real numbers (MXNet's ``quantized_*``).

An array of int8, uint8 or int32 comes with two arrays (1,), the smallest and largest real number that it can hold; the
larger of their absolute values is the *range*, zero stays zero. Multiplication tables aside, MXNet lets the range stand
for 127.5, 255.5 and 2^31 - 1 units, as it does itself with its oneDNN kernels; results are rounded to even and cut off.
Matrix products are of integers that a float64 holds exactly. There are no gradients, as in MXNet.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import torch

from .conv import ConvLayout, CudnnTune, PoolLayout, _convolution_shapes, convolution, pooling
from .nn import _fully_connected_shapes, fully_connected
from .registry import operator
from .schema import Dtype, Shape

__all__ = [
    "calibrate_entropy",
    "dequantize",
    "quantize",
    "quantize_v2",
    "quantized_act",
    "quantized_batch_norm",
    "quantized_concat",
    "quantized_conv",
    "quantized_elemwise_add",
    "quantized_embedding",
    "quantized_flatten",
    "quantized_fully_connected",
    "quantized_pooling",
    "requantize",
]

Three = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
_UNITS = {torch.int8: 127.5, torch.uint8: 255.5, torch.int32: 2.0**31 - 1}
# ... of the factors of a product
_FACTORS = {torch.int8: 127, torch.uint8: 255}
_BYTES = (torch.int8, torch.uint8)
_RANGED = ("output", "min_output", "max_output")


def _range(minimum: torch.Tensor, maximum: torch.Tensor) -> torch.Tensor:
    return torch.maximum(minimum.detach().abs(), maximum.detach().abs())


def _kind(data: torch.Tensor, allowed: Sequence[torch.dtype], meta: torch.dtype = torch.int8) -> torch.dtype:
    """data's dtype; meta tensors stand for shapes alone, with whatever dtype."""
    if data.is_meta:
        return data.dtype if data.dtype in allowed else meta
    if data.dtype not in allowed:
        raise ValueError(f"data must be {' or '.join(str(d)[6:] for d in allowed)}, got {data.dtype}")
    return data.dtype


def _integers(values: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    limits = torch.iinfo(dtype)
    return values.detach().round().clamp(limits.min, limits.max).to(dtype)


def _ranged(dtype: torch.dtype | None) -> Callable[..., tuple[Any, Any]]:
    """``infer_dtypes``: the result's dtype (None: the first input's), then floats."""

    def infer(dtypes: Sequence[torch.dtype | None], **_: Any) -> tuple[Any, Any]:
        return dtypes, [dtype or dtypes[0], torch.float32]

    return infer


def _with_ranges(arrays: int) -> Callable[..., list[Shape | None]]:
    """``infer_inputs``: all inputs after that many are ranges."""

    def infer(shapes: Sequence[Shape | None], **_: Any) -> list[Shape | None]:
        return [*shapes[:arrays], *[(1,)] * (len(shapes) - arrays)]

    return infer


def _given(low: float | None, high: float | None) -> bool:
    return low is not None and high is not None


# ---------------------------------------------------------------------------------------------- to integers and back
def _chosen(out_type: str, low: float | None, high: float | None) -> torch.dtype:
    """The dtype for ``out_type``: ``auto`` is uint8 for numbers known not to be negative."""
    if out_type == "auto":
        return torch.uint8 if _given(low, high) and low >= 0 else torch.int8
    return getattr(torch, out_type)


def _calibrated_dtypes(
    dtypes: Sequence[torch.dtype | None],
    *,
    out_type: str,
    min_calib_range: float | None,
    max_calib_range: float | None,
    **_: Any,
) -> tuple[Any, Any]:
    return dtypes, [_chosen(out_type, min_calib_range, max_calib_range), torch.float32]


@operator(
    "_contrib_quantize",
    outputs=("output0", "output1", "output2"),
    infer_inputs=_with_ranges(1),
    infer_dtypes=lambda dtypes, *, out_type, **_: ([torch.float32] * 3, [getattr(torch, out_type), torch.float32]),
)
def quantize(
    data: torch.Tensor,
    min_range: torch.Tensor,
    max_range: torch.Tensor,
    *,
    out_type: Literal["int8", "uint8"] = "uint8",
) -> Three:
    """data (any shape, float32) as integers, for the range of min_range and max_range (1,).

    Here the range stands for 127 or 255 units. Of uint8 the range is given on as it is, of int8 as -range, range.
    """
    if data.dtype is not torch.float32 or min_range.shape != (1,) or max_range.shape != (1,):
        raise ValueError(f"data must be float32 and the ranges have shape (1,), got {data.dtype}")
    dtype = getattr(torch, out_type)
    limit = _range(min_range, max_range)
    out = _integers(data * (_FACTORS[dtype] / limit), dtype)
    if dtype is torch.uint8:
        return out, min_range.detach().clone(), max_range.detach().clone()
    return out, -limit, limit


@operator("_contrib_quantize_v2", outputs=("output0", "output1", "output2"), infer_dtypes=_calibrated_dtypes)
def quantize_v2(
    data: torch.Tensor,
    *,
    out_type: Literal["auto", "int8", "uint8"] = "int8",
    min_calib_range: float | None = None,
    max_calib_range: float | None = None,
) -> Three:
    """data (any shape, float32) as integers, for the given range, or that of data where one of both is not given.

    int8 and uint8 data stay as they are.
    """
    dtype = _chosen(out_type, min_calib_range, max_calib_range)
    calibrated = _given(min_calib_range, max_calib_range)
    if data.dtype in _BYTES:
        full = _UNITS[data.dtype]
        low, high = (min_calib_range, max_calib_range) if calibrated else (-full * (data.dtype is torch.int8), full)
        return data.to(dtype, copy=True), *(torch.full((1,), float(v), device=data.device) for v in (low, high))
    if data.dtype is not torch.float32:
        raise ValueError(f"data must be float32, int8 or uint8, got {data.dtype}")
    if calibrated:
        low, high = (torch.full((1,), v, device=data.device) for v in (min_calib_range, max_calib_range))
    else:
        low, high = (v.detach().reshape(1) for v in (data.amin(), data.amax()))
    limit = _range(low, high)
    out = _integers(data * (_UNITS[dtype] / limit), dtype)
    return (out, low, high) if dtype is torch.uint8 else (out, -limit, limit)


@operator(
    "_contrib_dequantize",
    mixed_dtypes=True,
    infer_inputs=_with_ranges(1),
    infer_dtypes=lambda dtypes, **_: (dtypes, [torch.float32]),
)
def dequantize(
    data: torch.Tensor, min_range: torch.Tensor, max_range: torch.Tensor, *, out_type: Literal["float32"] = "float32"
) -> torch.Tensor:
    """The real numbers, float32, that data (any shape, int8 or uint8) stands for."""
    return data.float() * (_range(min_range, max_range) / _UNITS[_kind(data, _BYTES)])


@operator(
    "_contrib_requantize",
    outputs=("output0", "output1", "output2"),
    mixed_dtypes=True,
    infer_inputs=_with_ranges(1),
    infer_dtypes=_calibrated_dtypes,
)
def requantize(
    data: torch.Tensor,
    min_range: torch.Tensor,
    max_range: torch.Tensor,
    *,
    out_type: Literal["auto", "int8", "uint8"] = "int8",
    min_calib_range: float | None = None,
    max_calib_range: float | None = None,
) -> Three:
    """data (any shape, int32) as int8 or uint8, for the given range, or that of data where one of both is not given."""
    _kind(data, (torch.int32,), torch.int32)
    dtype = _chosen(out_type, min_calib_range, max_calib_range)
    values = data.double() * (_range(min_range, max_range).double() / _UNITS[torch.int32])
    if _given(min_calib_range, max_calib_range):
        limit = torch.full((1,), max(abs(min_calib_range), abs(max_calib_range)), device=data.device)
    else:
        limit = values.abs().amax().float().reshape(1)
    out = _integers(values * (_FACTORS[dtype] / limit), dtype)
    return out, torch.zeros_like(limit) if dtype is torch.uint8 else -limit, limit


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
    num_hidden: int,
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
    num_filter: int,
    num_group: int = 1,
    workspace: int = 1024,
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


@operator("_contrib_quantized_pooling", **_UNARY)
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
    """Pooling (max or avg) of data (N, C, H, W), int8 or uint8; its range is unchanged."""
    if pool_type not in ("max", "avg"):
        raise ValueError(f"pool_type must be 'max' or 'avg', got {pool_type!r}")
    if data.ndim != 4:
        raise ValueError(f"data must have 4 dimensions, got {data.ndim}")
    dtype = _kind(data, _BYTES)
    out = pooling(
        data.float(),
        kernel=kernel,
        pool_type=pool_type,
        global_pool=global_pool,
        pooling_convention=pooling_convention,
        stride=stride,
        pad=pad,
        count_include_pad=count_include_pad,
        layout=layout,
    )[0]
    return _kept(_integers(out, dtype), min_data, max_data)


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
    input_dim: int,
    output_dim: int,
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


@operator(
    "_contrib_quantized_batch_norm",
    outputs=_RANGED,
    aux=("moving_mean", "moving_var"),
    mixed_dtypes=True,
    infer_inputs=lambda shapes, *, axis, **_: (
        [shapes[0], *[(shapes[0][axis],)] * 4, (1,), (1,)] if shapes[0] else list(shapes)
    ),
    infer_dtypes=lambda dtypes, **_: ([torch.int8, *[torch.float32] * 6], [torch.int8, torch.float32]),
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
    """BatchNorm of int8 data (N, C, ...) by its moving statistics (C,) -> int8 for the given range, which it needs.

    With ``fix_gamma`` gamma counts as 1, which MXNet 1.9.1 forgets here; and it counts eps twice.
    """
    if not _given(min_calib_range, max_calib_range):
        raise ValueError("min_calib_range and max_calib_range are needed")
    if output_mean_var or axis != 1:
        raise ValueError("output_mean_var is not there, and axis must be 1")
    _kind(data, (torch.int8,))
    limit = max(abs(min_calib_range), abs(max_calib_range))
    scale = (moving_var + eps).rsqrt() * (1 if fix_gamma else gamma)
    shift = beta - moving_mean * scale
    shape = [-1 if i == axis else 1 for i in range(data.ndim)]
    values = data.float() * (_range(min_data, max_data) / _UNITS[torch.int8]) * scale.reshape(shape)
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
def quantized_concat(*data: torch.Tensor, num_args: int, dim: int = 1) -> Three:
    """Arrays (uint8 or int8) one after another along ``dim``, in the widest of their ranges.

    data: num_args arrays, then the ranges of each; -> uint8 where all are, else int8.
    """
    arrays, ranges = data[:num_args], data[num_args:]
    if num_args < 1 or len(ranges) != 2 * num_args:
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


# ---------------------------------------------------------------------------------------------- calibration
def _smoothed(counts: torch.Tensor, eps: float = 1e-4) -> torch.Tensor | None:
    """counts with each zero made eps, taken from the others; None where these have not so much."""
    zeros = counts == 0
    missing, there = int(zeros.sum()), int((~zeros).sum())
    if not there or eps * missing / there >= 1:
        return None
    return torch.where(zeros, eps, counts - eps * missing / there)


def _merged(counts: torch.Tensor, present: torch.Tensor, bins: int) -> torch.Tensor:
    """counts with each run of about len / bins neighbours evened out over those of them that are present.

    The share is the run's sum divided by how many of its counts are not 0.
    """
    width = len(counts) // bins
    run = (torch.arange(len(counts)) // width).clamp(max=bins - 1)
    totals = torch.zeros(bins, dtype=counts.dtype).index_add(0, run, counts)
    sharing = torch.zeros(bins, dtype=counts.dtype).index_add(0, run, (counts != 0).to(counts.dtype))
    return torch.where(present, (totals / sharing.clamp(min=1))[run], 0)


@operator(
    "_contrib_calibrate_entropy",
    outputs=("threshold", "divergence"),
    infer_inputs=lambda shapes, **_: [shapes[0], shapes[1] or (shapes[0] and (shapes[0][0] + 1,))],
    infer_dtypes=lambda dtypes, **_: ([torch.float32, torch.float32], [torch.float32]),
    mixed_dtypes=True,
)
def calibrate_entropy(
    hist: torch.Tensor, hist_edges: torch.Tensor, *, num_quantized_bins: int = 255
) -> tuple[torch.Tensor, torch.Tensor]:
    """The range beyond which numbers are best cut off, as they become num_quantized_bins integers.

    hist (n,): how many numbers fell between the edges hist_edges (n + 1,), which are symmetric around 0 -> the
    threshold (1,), and the Kullback-Leibler divergence (1,) there between the numbers and their integers.
    """
    if hist.ndim != 1 or hist_edges.shape != (len(hist) + 1,) or num_quantized_bins > len(hist):
        raise ValueError(f"{len(hist)} counts need {len(hist) + 1} edges, and no more integers than counts")
    if hist.is_meta:
        return hist.new_empty(1, dtype=torch.float32), hist.new_empty(1, dtype=torch.float32)
    counts, middle, half = hist.detach().double().cpu(), len(hist) // 2, num_quantized_bins // 2
    best, threshold = math.inf, 0.0
    for reach in range(half, middle + 1):  # every way to cut off both ends
        start, stop = middle - reach, min(middle + reach + 1, len(hist))
        inner = counts[start:stop].clone()
        cut = inner.clone()
        cut[0] += counts[:start].sum()
        inner[0] = 0  # MXNet's integers do not count the first bin; its thresholds are what users expect
        cut[-1] += counts[stop:].sum()
        p, q = _smoothed(cut), _smoothed(_merged(inner, cut != 0, num_quantized_bins))
        if p is None or q is None:
            divergence = math.inf
        else:
            p, q = p / p.sum(), q / q.sum()
            divergence = float((p * (p / q).log()).sum())
        if divergence < best:
            best, threshold = divergence, float(hist_edges[stop])
    found = (torch.full((1,), v, dtype=torch.float32, device=hist.device) for v in (threshold, best))
    return tuple(found)
