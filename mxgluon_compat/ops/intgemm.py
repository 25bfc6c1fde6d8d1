"""Matrix products of int8 numbers (``intgemm``), which builds of MXNet 1.9.1 for servers have.

A number x is held as round(127 x / maxabs), of which -128 is none. MXNet stores prepared weights in an order of its own
and asks for sizes that are multiples of 8 and 64; here they stay as they are, and any size will do.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import torch

from .registry import makes, operator
from .schema import Shape

__all__ = [
    "intgemm_fully_connected",
    "intgemm_maxabsolute",
    "intgemm_prepare_data",
    "intgemm_prepare_weight",
    "intgemm_take_weight",
]


def _quantized(data: torch.Tensor, maxabs: torch.Tensor) -> torch.Tensor:
    if data.dtype is not torch.float32:
        raise ValueError(f"only float32 is made int8, got {data.dtype}")
    return (data * (127 / maxabs)).round().clamp(-127, 127)


@operator("_contrib_intgemm_maxabsolute", infer_dtypes=makes(torch.float32))
def intgemm_maxabsolute(data: torch.Tensor) -> torch.Tensor:
    """The largest absolute value of data (any shape, float32) -> (1,)."""
    return data.detach().abs().amax().reshape(1)


@operator(
    "_contrib_intgemm_prepare_data",
    infer_dtypes=makes(torch.int8),
    infer_inputs=lambda shapes, **_: [shapes[0], (1,)],
)
def intgemm_prepare_data(data: torch.Tensor, maxabs: torch.Tensor) -> torch.Tensor:
    """data (any shape, float32) as int8, maxabs (1,) being 127."""
    return _quantized(data.detach(), maxabs.detach()).to(torch.int8)


def _prepare_weight_absent(already_quantized: bool, **_: Any) -> Iterable[str]:
    return ("maxabs",) if already_quantized else ()


@operator(
    "_contrib_intgemm_prepare_weight",
    absent=_prepare_weight_absent,
    infer_dtypes=makes(torch.int8),
    infer_inputs=lambda shapes, **_: [shapes[0], (1,)][: len(shapes)],
)
def intgemm_prepare_weight(
    weight: torch.Tensor, maxabs: torch.Tensor | None = None, *, already_quantized: bool = False
) -> torch.Tensor:
    """weight (num_hidden, in) as int8, maxabs (1,) being 127; weight is int8 if ``already_quantized``."""
    if not already_quantized:
        return _quantized(weight.detach(), maxabs.detach()).to(torch.int8)
    if weight.dtype is not torch.int8 and not weight.is_meta:
        raise ValueError(f"a weight that is quantized is int8, got {weight.dtype}")
    return weight.to(torch.int8, copy=True)


@operator("_contrib_intgemm_take_weight", mixed_dtypes=True)
def intgemm_take_weight(weight: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
    """Rows of a prepared weight (num_hidden, in), int8: indices (n,) -> (n, in)."""
    return weight.index_select(0, indices.long())


def _fully_connected_absent(no_bias: bool, out_type: str, **_: Any) -> Iterable[str]:
    return ("scaling",) * (out_type == "int32") + ("bias",) * no_bias


def _fully_connected_shapes(
    shapes: Sequence[Shape | None], *, num_hidden: int, flatten: bool, out_type: str, no_bias: bool, **_: Any
) -> list[Shape | None]:
    data, told = shapes[0], shapes[1]
    if data is not None:
        told = (num_hidden, math.prod(data[1:]) if flatten else data[-1])
    return [data, told] + [(1,)] * (out_type == "float32") + [(num_hidden,)] * (not no_bias)


def _fully_connected_dtypes(
    dtypes: Sequence[torch.dtype | None], *, out_type: str, **_: Any
) -> tuple[list[torch.dtype | None], list[torch.dtype]]:
    out = getattr(torch, out_type)
    return [dtypes[0] or torch.float32, torch.int8, *[out] * (len(dtypes) - 2)], [out]


@operator(
    "_contrib_intgemm_fully_connected",
    absent=_fully_connected_absent,
    mixed_dtypes=True,
    infer_inputs=_fully_connected_shapes,
    infer_dtypes=_fully_connected_dtypes,
)
def intgemm_fully_connected(
    data: torch.Tensor,
    weight: torch.Tensor,
    scaling: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    *,
    num_hidden: int,
    no_bias: bool = False,
    flatten: bool = True,
    out_type: Literal["float32", "int32"] = "float32",
) -> torch.Tensor:
    """scaling (data weight^T) + bias, data and weight being int8.

    data (N, ...) seen as (N, in), or (..., in) with ``flatten=False``, from prepare_data; or float32, which is made
    int8 by its own largest value and scaled back. weight (num_hidden, in) from prepare_weight, scaling (1,), bias
    (num_hidden,) -> (N, num_hidden) or (..., num_hidden). With ``out_type`` int32 nothing is scaled, and the bias is
    int32.
    """
    rows = data.detach().flatten(1) if flatten else data.detach()
    if tuple(weight.shape) != (num_hidden, rows.shape[-1]) or not (weight.dtype is torch.int8 or weight.is_meta):
        raise ValueError(f"weight must be int8 of shape {(num_hidden, rows.shape[-1])}, got {tuple(weight.shape)}")
    back = None
    if rows.dtype is not torch.int8 and not rows.is_meta:  # meta tensors stand for shapes alone
        if out_type == "int32":
            raise ValueError("data must be int8 for out_type int32")
        largest = rows.abs().amax()
        # all zeros stay zeros
        rows, back = _quantized(rows, torch.where(largest > 0, largest, 1)), largest / 127
    # sums of int8 products are exact in float64; float32 is as good as the float32 result
    exact = torch.float64 if out_type == "int32" else torch.float32
    out = rows.to(exact) @ weight.to(exact).T
    if out_type == "int32":
        out = out.to(torch.int32)
    else:
        out = out * (scaling.detach() if back is None else scaling.detach() * back)
    return out if bias is None else out + bias.detach()
