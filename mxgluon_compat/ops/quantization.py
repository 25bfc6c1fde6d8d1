"""Operators that make integers stand for real numbers, and back (MXNet's ``quantize``, ``dequantize``, ...).

An array of int8, uint8 or int32 comes with two arrays (1,), the smallest and largest real number that it can hold; the
larger of their absolute values is the *range*, zero stays zero. Multiplication tables aside, MXNet lets the range stand
for 127.5, 255.5 and 2^31 - 1 units, as it does itself with its oneDNN kernels; results are rounded to even and cut off.
There are no gradients, as in MXNet. ``quantized_layers`` has what computes with such integers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch

from .registry import operator
from .schema import Shape

__all__ = ["calibrate_entropy", "dequantize", "quantize", "quantize_asym", "quantize_v2", "requantize"]

Three = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
_UNITS = {torch.int8: 127.5, torch.uint8: 255.5, torch.int32: 2.0**31 - 1}
# ... of the factors of a product
_FACTORS = {torch.int8: 127, torch.uint8: 255}
_BYTES = (torch.int8, torch.uint8)


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
    "_contrib_quantize_asym",
    outputs=("output", "scale", "shift"),
    infer_dtypes=lambda dtypes, **_: ([torch.float32], [torch.uint8, torch.float32]),
)
def quantize_asym(
    data: torch.Tensor, *, min_calib_range: float | None = None, max_calib_range: float | None = None
) -> Three:
    """data (any shape, float32) as uint8: data * scale + shift, the nearest integer, cut off.

    scale and shift (1,) take the given range, or that of data where one of both is not given, to 0 and 255. MXNet
    1.9.1 ends the process here; this is what its documentation says. A range of one number becomes 255, with scale 1.
    """
    if data.dtype is not torch.float32:
        raise ValueError(f"data must be float32, got {data.dtype}")
    if _given(min_calib_range, max_calib_range):
        low, high = (torch.full((1,), v, device=data.device) for v in (min_calib_range, max_calib_range))
    else:
        low, high = (v.detach().reshape(1) for v in (data.amin(), data.amax()))
    span = high - low
    scale = torch.where(span > 0, 255 / span, torch.ones_like(span))
    shift = 255 - high * scale
    # halves go up, as in the formula's "+ 0.5"
    return (data.detach() * scale + shift + 0.5).floor().clamp(0, 255).to(torch.uint8), scale, shift


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


# ---------------------------------------------------------------------------------------------- calibration
def _smoothed(counts: torch.Tensor, eps: float = 1e-4) -> torch.Tensor | None:
    """counts with each zero made eps, taken from the others; None where these have not so much."""
    zeros = counts == 0
    missing, there = int(zeros.sum()), int((~zeros).sum())
    if not there or eps * missing / there >= 1:
        return None
    return torch.where(zeros, eps, counts - eps * missing / there)


def _merged(counts: torch.Tensor, present: torch.Tensor, bins: int) -> torch.Tensor:
    """counts with each run of about len / bins neighbours evened out over those that are not zero, where present."""
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
        cut[-1] += counts[stop:].sum()
        inner[0] = 0  # MXNet leaves it out of the integers; its thresholds depend on that
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
