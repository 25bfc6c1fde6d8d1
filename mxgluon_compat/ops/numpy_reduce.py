"""Reductions of mx.np as files hold them: results without dimensions, of dtypes as there; products of matrices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from .registry import makes, operator
from .schema import Dtype, Shape

Function = Callable[..., torch.Tensor]
# A result, and nothing in the places of what MXNet keeps beside it for its gradients.
Hidden = tuple[torch.Tensor, ...]


def _axes(data: torch.Tensor, axis: Shape | None) -> tuple[int, ...]:
    """The axes to reduce; all for None."""
    return tuple(range(data.ndim)) if axis is None else tuple(axis)


def _counted_dtype(dtypes: Sequence[torch.dtype | None], *, dtype: torch.dtype | None = None, **_: Any) -> Any:
    data = dtypes[0]
    return [data], [dtype or (torch.int64 if data is torch.bool else data)]


def _mean_dtype(dtypes: Sequence[torch.dtype | None], *, dtype: torch.dtype | None = None, **_: Any) -> Any:
    data = dtypes[0]
    return [data], [dtype or (data if data is None or data.is_floating_point else torch.float32)]


def _without_initial(initial: float | None) -> None:
    if initial is not None:
        raise ValueError(f"initial is not supported, got {initial}")


@operator("_np_sum", infer_dtypes=_counted_dtype)
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
        return a.to(dtype) if axis == () else torch.sum(a, _axes(a, axis), keepdims).to(dtype)
    return a.to(dtype) if axis == () else torch.sum(a, _axes(a, axis), keepdims, dtype=dtype)


@operator("_np_prod", infer_dtypes=_counted_dtype)
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
    result = a.to(dtype or (torch.int64 if a.dtype is torch.bool else a.dtype))
    axes = sorted(d % a.ndim for d in _axes(a, axis)) if a.ndim else []
    for d in reversed(axes):
        result = torch.prod(result, d, keepdim=keepdims, dtype=result.dtype)
    return result


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
    if axis == ():
        return a.to(working)
    if not working.is_floating_point:
        return torch.mean(a.to(torch.float64), _axes(a, axis), keepdims).to(working)
    return torch.mean(a.to(working), _axes(a, axis), keepdims)


def _spread(a: torch.Tensor, axis: Shape | None, dtype: torch.dtype | None, ddof: int, keepdims: bool) -> Any:
    working = dtype or a.dtype
    wide = a.to(working if working.is_floating_point else torch.float64)
    axes = _axes(a, axis)
    if axis == () or not a.ndim:
        return torch.zeros_like(wide) * wide, working
    return torch.var(wide, axes, correction=ddof, keepdim=keepdims), working


def _spread_dtype(dtypes: Sequence[torch.dtype | None], *, dtype: torch.dtype | None = None, **_: Any) -> Any:
    return [dtypes[0]], [dtype or dtypes[0], dtypes[0]]


@operator("_npi_var", infer_dtypes=_spread_dtype, outputs=("output0", "output1"), visible=1)
def var(
    a: torch.Tensor, *, axis: Shape | None = None, dtype: Dtype | None = None, ddof: int = 0, keepdims: bool = False
) -> Hidden:
    """The variance over the axes, divided by their count less ``ddof``, in ``dtype`` (None: that of a)."""
    found, dtype = _spread(a, axis, dtype, ddof, keepdims)
    return found.to(dtype), a.new_empty(0)


@operator("_npi_std", infer_dtypes=_spread_dtype, outputs=("output0", "output1"), visible=1)
def std(
    a: torch.Tensor, *, axis: Shape | None = None, dtype: Dtype | None = None, ddof: int = 0, keepdims: bool = False
) -> Hidden:
    """The root of ``var``."""
    found, dtype = _spread(a, axis, dtype, ddof, keepdims)
    return found.sqrt().to(dtype), a.new_empty(0)


def _extremum(fn: Function, a: torch.Tensor, axis: Shape | None, keepdims: bool, initial: float | None) -> torch.Tensor:
    _without_initial(initial)
    if axis == () or not a.ndim:
        return a.clone()
    return fn(a, _axes(a, axis), keepdims)


@operator("_np_max")
def max_(
    a: torch.Tensor, *, axis: Shape | None = None, keepdims: bool = False, initial: float | None = None
) -> torch.Tensor:
    """The largest element over the axes."""
    return _extremum(torch.amax, a, axis, keepdims, initial)


@operator("_np_min")
def min_(
    a: torch.Tensor, *, axis: Shape | None = None, keepdims: bool = False, initial: float | None = None
) -> torch.Tensor:
    """The smallest element over the axes."""
    return _extremum(torch.amin, a, axis, keepdims, initial)


def _truth(fn: Function, data: torch.Tensor, axis: Shape | None, keepdims: bool) -> torch.Tensor:
    result = data != 0
    for d in sorted((d % data.ndim for d in _axes(data, axis)), reverse=True) if data.ndim else ():
        result = fn(result, d, keepdim=keepdims)
    return result


@operator("_np_all", infer_dtypes=makes(torch.bool))
def all_(data: torch.Tensor, *, axis: Shape | None = None, keepdims: bool = False) -> torch.Tensor:
    """Whether all elements over the axes are other than 0."""
    return _truth(torch.all, data, axis, keepdims)


@operator("_np_any", infer_dtypes=makes(torch.bool))
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
    """The weighted mean over the axes, and the sum of the weights."""
    axes = _axes(a, axis)
    if weights is None or not weighted:
        weights = torch.ones_like(a)
    elif weights.shape != a.shape:
        weights = weights.reshape([n if d in [x % a.ndim for x in axes] else 1 for d, n in enumerate(a.shape)])
    total = torch.sum(weights.expand_as(a), axes)
    return torch.sum(a * weights, axes) / total, total


@operator("_npi_norm", outputs=("output0", "output1", "output2", "output3"), visible=1)
def norm(
    data: torch.Tensor, *, ord: float = 2.0, axis: Shape | None = None, keepdims: bool = False, flag: int = -2
) -> Hidden:
    """The norm of that order of vectors along one axis, or of all elements; ``flag`` says in MXNet which norm is meant.

    Raises:
        ValueError: norms of matrices.
    """
    if axis is not None and len(axis) > 1:
        raise ValueError(f"norms of matrices are not there yet: axis {axis}, flag {flag}")
    nothing = data.new_empty(0)
    return torch.linalg.vector_norm(data, ord, axis, keepdims), nothing, nothing, nothing


# ---------------------------------------------------------------------------------------------- products
@operator("_np_dot")
def dot(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Products summed over the last axis of a and the last but one of b; of a scalar, element by element."""
    if not a.ndim or not b.ndim:
        return a * b
    return torch.tensordot(a, b, ([a.ndim - 1], [max(b.ndim - 2, 0)]))


@operator("_npi_matmul")
def matmul(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Products of matrices, the axes before them broadcast."""
    return torch.matmul(a, b)


@operator("_npi_tensordot")
def tensordot(a: torch.Tensor, b: torch.Tensor, *, a_axes_summed: Shape, b_axes_summed: Shape) -> torch.Tensor:
    """Products summed over pairs of axes."""
    return torch.tensordot(a, b, (list(a_axes_summed), list(b_axes_summed)))


@operator("_npi_tensordot_int_axes")
def tensordot_int_axes(a: torch.Tensor, b: torch.Tensor, *, axes: int) -> torch.Tensor:
    """Products summed over the last ``axes`` axes of a and the first of b."""
    return torch.tensordot(a, b, axes)


@operator("_npi_einsum", count="num_args")
def einsum(*data: torch.Tensor, subscripts: str = "", optimize: int = 0) -> torch.Tensor:
    """Einstein's sums, as the subscripts tell; torch chooses the order whatever ``optimize`` says."""
    del optimize
    return torch.einsum(subscripts, *data)


@operator("_npi_cholesky")
def cholesky(A: torch.Tensor) -> torch.Tensor:  # noqa: N803 - MXNet's name
    """The lower triangle L of which A is L times its transpose."""
    return torch.linalg.cholesky(A)


@operator("_npi_solve")
def solve(A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:  # noqa: N803 - MXNet's names
    """X of which B is A times X."""
    return torch.linalg.solve(A, B)
