"""Operators of mx.np that count, order and compare elements, as files hold them, and polynomials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import torch

from ..base import ParameterError
from .registry import makes, numbered, operator
from .schema import Shape
from .stopped import block

Tensors = tuple[torch.Tensor, ...]
_DIFFERENT = "the number of different elements"


# ---------------------------------------------------------------------------------------------- percentiles
def _no_array_of_q(*, q_scalar: float | None = None, **_: Any) -> tuple[str, ...]:
    return () if q_scalar is None else ("q",)


def _percentile_dtype(dtypes: Sequence[torch.dtype | None], **_: Any) -> tuple[Any, Any]:
    a = dtypes[0]
    return list(dtypes), [a if a is None or a is torch.float64 else torch.float32]


@operator("_npi_percentile", absent=_no_array_of_q, mixed_dtypes=True, infer_dtypes=_percentile_dtype)
def percentile(
    a: torch.Tensor,
    q: torch.Tensor | None = None,
    *,
    axis: Shape | None = None,
    interpolation: Literal["linear", "lower", "higher", "midpoint", "nearest"] = "linear",
    keepdims: bool = False,
    q_scalar: float | None = None,
) -> torch.Tensor:
    """The q-th percentiles over the axes (None: all), along a new first axis where q is an array; without gradient.

    ``q`` of shape () or (n,), from 0 to 100. Halves between two places go to the even one (``nearest``).
    """
    if q is not None and q.ndim > 1:
        raise ValueError(f"q must have one dimension at most, got {q.ndim}")
    dtype = a.dtype if a.dtype is torch.float64 else torch.float32
    wanted = torch.tensor(q_scalar, dtype=torch.float64) if q is None else q.to(torch.float64)
    if not wanted.is_meta and not bool(((wanted >= 0) & (wanted <= 100)).all()):
        raise ParameterError("percentile exceeds the valid range: q goes from 0 to 100")
    wanted = wanted.to(a.device)
    axes = sorted(d % a.ndim for d in (range(a.ndim) if axis is None else axis)) if a.ndim else []
    kept = [d for d in range(a.ndim) if d not in axes]
    flat = a.detach().to(dtype).permute(*kept, *axes).reshape([a.shape[d] for d in kept] + [-1])
    if not flat.shape[-1]:
        raise ValueError("there is no percentile of no elements")
    ordered = flat.sort(-1).values
    place = wanted.reshape(-1) / 100 * (flat.shape[-1] - 1)
    low, high = place.floor().long(), place.ceil().long()
    if interpolation == "lower":
        high = low
    elif interpolation == "higher":
        low = high
    elif interpolation == "nearest":
        low = high = place.round().long()
    share = (place - place.floor()).to(dtype) if interpolation == "linear" else torch.full_like(place, 0.5).to(dtype)
    below, above = ordered[..., low], ordered[..., high]
    found = below + (above - below) * share
    if keepdims:
        found = found.reshape([1 if d in axes else a.shape[d] for d in range(a.ndim)] + [-1])
    found = found.movedim(-1, 0) if wanted.ndim else found.squeeze(-1)
    return block(found, a)


# ---------------------------------------------------------------------------------------------- counts
def _no_weights(*, has_weights: bool = False, **_: Any) -> tuple[str, ...]:
    return () if has_weights else ("weights",)


def _counted_dtype(dtypes: Sequence[torch.dtype | None], *, has_weights: bool = False, **_: Any) -> tuple[Any, Any]:
    return list(dtypes), [dtypes[1] if has_weights and len(dtypes) > 1 else dtypes[0]]


@operator("_npi_bincount", absent=_no_weights, mixed_dtypes=True, infer_dtypes=_counted_dtype)
def bincount(
    data: torch.Tensor, weights: torch.Tensor | None = None, *, minlength: int = 0, has_weights: bool = False
) -> torch.Tensor:
    """How often each number from 0 on is in data (n,), in its dtype; or the sum of the weights (n,) there."""
    del has_weights
    if data.is_floating_point() and not data.is_meta:
        raise ValueError(f"data must be integers, got {data.dtype}")
    if data.ndim != 1:
        raise ValueError(f"data must have one dimension, got {data.ndim}")
    if minlength < 0:
        raise ValueError(f"minlength must not be negative, got {minlength}")
    if data.numel() and int(data.min()) < 0:
        raise ValueError("data must not be negative")
    length = max(int(data.max()) + 1 if data.numel() else 0, minlength)
    ones = torch.ones_like(data) if weights is None else weights
    found = torch.zeros(length, dtype=ones.dtype, device=data.device)
    return found.index_add(0, data.long(), ones)


def _unique_outputs(
    *, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False, **_: Any
) -> Sequence[str]:
    return numbered(1 + return_index + return_inverse + return_counts)


def _unique_dtypes(dtypes: Sequence[torch.dtype | None], **attrs: Any) -> tuple[Any, Any]:
    return list(dtypes), [dtypes[0], *[torch.int64] * (len(_unique_outputs(**attrs)) - 1)]


@operator("_npi_unique", outputs=_unique_outputs, infer_dtypes=_unique_dtypes)
def unique(
    data: torch.Tensor,
    *,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
) -> Tensors:
    """The different elements, or slices along the axis, in order; first places, own numbers and counts, int64.

    The sizes of the results depend on the values.
    """
    source = data.detach().reshape(-1) if axis is None else data.detach()
    along = 0 if axis is None else axis
    if not -source.ndim <= along < source.ndim:
        raise ValueError(f"axis {axis} is out of range for {source.ndim} dimensions")
    if not source.numel():
        empty = torch.zeros(0, dtype=torch.int64, device=data.device)
        return (source, *[empty] * (return_index + return_inverse + return_counts))
    values, inverse, counts = _different(source, along)
    found = [values]
    if return_index:
        places = torch.arange(inverse.numel(), device=data.device)
        first = torch.full((counts.numel(),), inverse.numel(), device=data.device)
        found.append(first.scatter_reduce(0, inverse.reshape(-1), places, "amin"))
    if return_inverse:
        found.append(inverse.reshape(-1))
    if return_counts:
        found.append(counts)
    return tuple(found)


def _different(source: torch.Tensor, along: int) -> Tensors:
    """(different slices in order, the number of each slice among them, counts); all NaN of a vector are one, last."""
    if source.ndim != 1 or not source.is_floating_point() or not bool(source.isnan().any()):
        return torch.unique(source, return_inverse=True, return_counts=True, dim=along)
    is_nan = source.isnan()
    values, places, counts = torch.unique(source[~is_nan], return_inverse=True, return_counts=True)
    inverse = torch.full_like(is_nan, values.numel(), dtype=torch.int64)
    inverse[~is_nan] = places
    return torch.cat([values, source[is_nan][:1]]), inverse, torch.cat([counts, is_nan.sum().reshape(1)])


# ---------------------------------------------------------------------------------------------- differences
def _not_given(*, to_begin_arr_given: bool = False, to_end_arr_given: bool = False, **_: Any) -> tuple[str, ...]:
    return ("input2", "input3")[to_begin_arr_given + to_end_arr_given :]


@operator("_npi_ediff1d", absent=_not_given)
def ediff1d(
    input1: torch.Tensor,
    input2: torch.Tensor | None = None,
    input3: torch.Tensor | None = None,
    *,
    to_begin_arr_given: bool = False,
    to_end_arr_given: bool = False,
    to_begin_scalar: float | None = None,
    to_end_scalar: float | None = None,
) -> torch.Tensor:
    """The differences of neighbours in the flat input1, between what is put before and behind: arrays or numbers.

    Of two arrays input2 comes before; one alone is input2, wherever it goes.
    """
    arrays = [x for x in (input2, input3) if x is not None]
    flat = input1.reshape(-1)
    parts = [flat[1:] - flat[:-1]]
    if to_begin_arr_given:
        parts.insert(0, arrays.pop(0).reshape(-1))
    elif to_begin_scalar is not None:
        parts.insert(0, flat.new_full((1,), to_begin_scalar))
    if to_end_arr_given:
        parts.append(arrays.pop(0).reshape(-1))
    elif to_end_scalar is not None:
        parts.append(flat.new_full((1,), to_end_scalar))
    return torch.cat(parts)


@operator("_npi_polyval")
def polyval(p: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """The polynomial with the coefficients p (n,), that of the highest power first, at each element of x."""
    if p.ndim != 1:
        raise ParameterError(f"p must have one dimension, got {p.ndim}")
    found = torch.zeros_like(x)
    if not len(p):
        return block(found, x)
    for coefficient in p.unbind():
        found = found * x + coefficient
    return found


@operator("_npx_constraint_check", infer_dtypes=makes(torch.bool))
def constraint_check(input: torch.Tensor, *, msg: str = "Constraint violated.") -> torch.Tensor:  # noqa: A002
    """True, of shape (); where not all elements are true, an error with that message."""
    if input.is_meta:
        return torch.ones((), dtype=torch.bool, device=input.device)
    if input.dtype is not torch.bool:
        raise ValueError(f"input must be booleans, got {input.dtype}")
    if not bool(input.all()):
        raise ParameterError(msg)
    return torch.ones((), dtype=torch.bool, device=input.device)
