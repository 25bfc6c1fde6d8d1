"""Reductions of mx.np as files hold them: results without dimensions, of dtypes as there; products of matrices."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

from .reduce import Reduction, largest, normal_axes, smallest, summed_dtype
from .registry import makes, operator
from .schema import Dtype, Shape

Function = Callable[..., torch.Tensor]
# A result, and nothing in the places of what MXNet keeps beside it for its gradients.
Hidden = tuple[torch.Tensor, ...]


def _axes(data: torch.Tensor, axis: Shape | None) -> tuple[int, ...]:
    """The axes to reduce, sorted and counted from the front; all for None. One without axes may name its first or last.

    Raises:
        ValueError: an axis is out of range or given twice.
    """
    if axis is None or (not data.ndim and axis in ((0,), (-1,))):
        return tuple(range(data.ndim))
    return normal_axes(data.ndim, axis)


def _mean_dtype(dtypes: Sequence[torch.dtype | None], *, dtype: torch.dtype | None = None, **_: Any) -> Any:
    data = dtypes[0]
    return [data], [dtype or (data if data is None or data.is_floating_point else torch.float32)]


def _without_initial(initial: float | None) -> None:
    if initial is not None:
        raise ValueError(f"initial is not supported, got {initial}")


@operator("_np_sum", infer_dtypes=summed_dtype)
def sum_(
    a: torch.Tensor,
    *,
    axis: Shape | None = None,
    dtype: Dtype | None = None,
    keepdims: bool = False,
    initial: float | None = None,
) -> torch.Tensor:
    """The sum over the axes, in ``dtype`` (None: that of a; int64 for booleans)."""
    _without_initial(initial)
    dtype = dtype or (torch.int64 if a.dtype is torch.bool else a.dtype)
    if a.is_floating_point() and not dtype.is_floating_point:  # added up as they are
        axes = _axes(a, axis)
        return (torch.sum(a, axes, keepdims) if axes else a).to(dtype)
    axes = _axes(a, axis)
    return torch.sum(a, axes, keepdims, dtype=dtype) if axes else a.to(dtype)


@operator("_np_prod", "_np_product", infer_dtypes=summed_dtype)
def prod(
    a: torch.Tensor,
    *,
    axis: Shape | None = None,
    dtype: Dtype | None = None,
    keepdims: bool = False,
    initial: float | None = None,
) -> torch.Tensor:
    """The product over the axes, in ``dtype`` (None: that of a; int64 for booleans)."""
    _without_initial(initial)
    dtype = dtype or (torch.int64 if a.dtype is torch.bool else a.dtype)
    result = a if a.is_floating_point() else a.to(dtype)  # multiplied as they are
    for d in reversed(_axes(a, axis)):
        result = torch.prod(result, d, keepdim=keepdims, dtype=result.dtype)
    return result.to(dtype)


@operator("_npi_mean", infer_dtypes=_mean_dtype)
def mean(
    a: torch.Tensor,
    *,
    axis: Shape | None = None,
    dtype: Dtype | None = None,
    keepdims: bool = False,
    initial: float | None = None,
) -> torch.Tensor:
    """The mean over the axes, in ``dtype`` (None: that of a; float32 for integers and booleans)."""
    _without_initial(initial)
    working = dtype or (a.dtype if a.is_floating_point() else torch.float32)
    axes = _axes(a, axis)
    if not axes:
        return a.to(working)
    if not working.is_floating_point:
        return torch.mean(a.to(torch.float64), axes, keepdims).to(working)
    return torch.mean(a.to(working), axes, keepdims)


def _spread(a: torch.Tensor, axis: Shape | None, dtype: torch.dtype | None, ddof: int, keepdims: bool) -> Any:
    working = dtype or a.dtype
    wide = a.to(working if working.is_floating_point else torch.float64)
    axes = _axes(a, axis)
    if not axes:
        return torch.zeros_like(wide) * wide, working
    count = math.prod(a.shape[d] for d in axes)
    if count <= ddof or not a.numel():  # torch would warn
        squares = torch.square(wide - torch.mean(wide, axes, True))
        return torch.sum(squares, axes, keepdims) / 0.0, working
    return torch.var(wide, axes, correction=ddof, keepdim=keepdims), working


def _spread_dtype(dtypes: Sequence[torch.dtype | None], *, dtype: torch.dtype | None = None, **_: Any) -> Any:
    return [dtypes[0]], [dtype or dtypes[0], dtypes[0]]


@operator("_npi_var", infer_dtypes=_spread_dtype, outputs=("var", "mean"), visible=1)
def var(
    a: torch.Tensor, *, axis: Shape | None = None, dtype: Dtype | None = None, ddof: int = 0, keepdims: bool = False
) -> Hidden:
    """The variance over the axes, divided by their count less ``ddof``, in ``dtype`` (None: that of a)."""
    found, dtype = _spread(a, axis, dtype, ddof, keepdims)
    return found.to(dtype), a.new_empty(0)


@operator("_npi_std", infer_dtypes=_spread_dtype, outputs=("std", "mean"), visible=1)
def std(
    a: torch.Tensor, *, axis: Shape | None = None, dtype: Dtype | None = None, ddof: int = 0, keepdims: bool = False
) -> Hidden:
    """The root of ``var``."""
    found, dtype = _spread(a, axis, dtype, ddof, keepdims)
    return found.sqrt().to(dtype), a.new_empty(0)


def _extremum(
    fn: Reduction, a: torch.Tensor, axis: Shape | None, keepdims: bool, initial: float | None
) -> torch.Tensor:
    _without_initial(initial)
    whole = axis is None or (not a.ndim and axis == (-1,))  # not the first one, as elsewhere
    axes = _axes(a, None) if whole else normal_axes(a.ndim, axis)
    return fn(a, axes, keepdims) if axes else a.clone()


@operator("_np_max", "_np_amax")
def max_(
    a: torch.Tensor, *, axis: Shape | None = None, keepdims: bool = False, initial: float | None = None
) -> torch.Tensor:
    """The largest element over the axes; several equal ones get the gradient each."""
    return _extremum(largest, a, axis, keepdims, initial)


@operator("_np_min", "_np_amin")
def min_(
    a: torch.Tensor, *, axis: Shape | None = None, keepdims: bool = False, initial: float | None = None
) -> torch.Tensor:
    """The smallest element over the axes; several equal ones get the gradient each."""
    return _extremum(smallest, a, axis, keepdims, initial)


def _truth(fn: Function, data: torch.Tensor, axis: Shape | None, keepdims: bool) -> torch.Tensor:
    result = data != 0
    for d in reversed(_axes(data, axis)):
        result = fn(result, d, keepdim=keepdims)
    return result


@operator("_np_all", infer_dtypes=makes(torch.bool))
def all_(data: torch.Tensor, *, axis: Shape | None = None, keepdims: bool = False) -> torch.Tensor:
    """Whether all elements over the axes are other than 0."""
    return _truth(torch.all, data, axis, keepdims)


@operator("_np_any", "_np_sometrue", infer_dtypes=makes(torch.bool))
def any_(data: torch.Tensor, *, axis: Shape | None = None, keepdims: bool = False) -> torch.Tensor:
    """Whether some element over the axes is other than 0."""
    return _truth(torch.any, data, axis, keepdims)


def _place(fn: Function, data: torch.Tensor, axis: int | None, keepdims: bool) -> torch.Tensor:
    if data.dtype is torch.bool:
        data = data.to(torch.uint8)
    found = fn(data, axis, keepdim=keepdims and axis is not None)
    return found.reshape((1,) * data.ndim) if keepdims and axis is None else found


@operator("_npi_argmax", infer_dtypes=makes(torch.int64))
def argmax(data: torch.Tensor, *, axis: int | None = None, keepdims: bool = False) -> torch.Tensor:
    """The place of the first largest element along the axis (None: of all), int64."""
    return _place(torch.argmax, data, axis, keepdims)


@operator("_npi_argmin", infer_dtypes=makes(torch.int64))
def argmin(data: torch.Tensor, *, axis: int | None = None, keepdims: bool = False) -> torch.Tensor:
    """The place of the first smallest element along the axis (None: of all), int64."""
    return _place(torch.argmin, data, axis, keepdims)


def _no_weights(*, weighted: bool, **_: Any) -> tuple[str, ...]:
    return () if weighted else ("weights",)


@operator("_npi_average", absent=_no_weights, outputs=("output0", "output1"),
          visible=lambda *, returned, **_: 2 if returned else 1)  # fmt: skip
def average(
    a: torch.Tensor,
    weights: torch.Tensor | None = None,
    *,
    axis: Shape | None = None,
    returned: bool = False,
    weighted: bool = True,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The weighted mean over the axes, and the sum of the weights; of integers, which wrap around, truncated.

    The sum is of shape () unless there are weights for all elements.
    """
    axes = _axes(a, axis)
    if weights is None or not weighted:
        count = math.prod(a.shape[d] for d in axes)
        total = torch.full((), count, dtype=a.dtype, device=a.device)
        return _quotient(_summed(a, axes), total), total
    if weights.shape != a.shape:
        if len(axes) != 1 or weights.ndim != 1:
            raise ValueError(
                f"weights must have the shape of a, {tuple(a.shape)}, or be 1-D beside one axis, got "
                f"{tuple(weights.shape)} and axis={axis}"
            )
        total = torch.sum(weights, dtype=weights.dtype)
        wide = weights.reshape([-1 if d == axes[0] else 1 for d in range(a.ndim)])
        return _quotient(_summed(a * wide, axes), total), total
    total = _summed(weights, axes)
    return _quotient(_summed(a * weights, axes), total), total


def _summed(a: torch.Tensor, axes: Shape) -> torch.Tensor:
    return torch.sum(a, axes, dtype=a.dtype) if axes else a.clone()


def _quotient(a: torch.Tensor, total: torch.Tensor) -> torch.Tensor:
    return a / total if a.is_floating_point() else torch.div(a, total, rounding_mode="trunc")


# ---------------------------------------------------------------------------------------------- products
@operator("_np_dot")
def dot(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Products summed over the last axis of a and the last but one of b; of a scalar, element by element."""
    if not a.ndim or not b.ndim:
        return a * b
    if b.ndim <= 2:
        return torch.matmul(a, b)
    return torch.tensordot(a, b, ([a.ndim - 1], [max(b.ndim - 2, 0)]))


@operator("_npi_matmul", outputs=("out",))
def matmul(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Products of matrices, the axes before them broadcast."""
    return torch.matmul(a, b)


@operator("_npi_tensordot")
def tensordot(a: torch.Tensor, b: torch.Tensor, *, a_axes_summed: Shape, b_axes_summed: Shape) -> torch.Tensor:
    """Products summed over pairs of axes."""
    return torch.tensordot(a, b, (list(a_axes_summed), list(b_axes_summed)))


@operator("_npi_tensordot_int_axes")
def tensordot_int_axes(a: torch.Tensor, b: torch.Tensor, *, axes: int) -> torch.Tensor:
    """Products summed over the last ``axes`` axes of a and the first of b; a negative number is none."""
    return torch.tensordot(a, b, max(axes, 0))


@operator("_npi_einsum", count="num_args")
def einsum(*data: torch.Tensor, subscripts: str = "", optimize: int = 0) -> torch.Tensor:
    """Einstein's sums, as the subscripts tell; torch chooses the order whatever ``optimize`` says."""
    del optimize
    return torch.einsum(subscripts, *data).to(data[0].dtype)
