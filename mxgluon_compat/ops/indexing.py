"""Operators that pick, place and order elements: take, pick, gather_nd, one_hot, where, topk, sequence operators.

Indices come in any dtype, floating ones included, and are truncated to integers as MXNet does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import torch
import torch.nn.functional as F

from . import stopped
from .registry import makes, operator
from .schema import Dtype, Shape
from .shape_rules import from_output, pick_shapes, sequence_shapes, where_shapes


def _bounded(index: torch.Tensor, size: int, mode: str) -> torch.Tensor:
    """int64 indices brought into [0, size): ``clip`` to the ends, ``wrap`` around, or left alone (``raise``)."""
    index = index.long()
    if mode == "clip":
        return index.clamp(0, size - 1)
    return index.remainder(size) if mode == "wrap" else index


def _fill(value: float, dtype: torch.dtype) -> float | int:
    """The Python number that torch puts into a tensor of this dtype without an error (cut off, as in C)."""
    return value if dtype.is_floating_point else int(value)


def _rows(data: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """index.shape + data.shape[1:]: data's entries along the first axis.

    By ``embedding``: on a CPU its gradient is up to forty times faster than that of ``index_select``.
    """
    if data.ndim == 2:
        return F.embedding(index, data)
    return F.embedding(index, data.reshape(data.shape[0], -1)).reshape(index.shape + data.shape[1:])


# ---------------------------------------------------------------------------------------------- take and pick
@operator("take", "_npi_take", mixed_dtypes=True)
def take(
    a: torch.Tensor, indices: torch.Tensor, *, axis: int = 0, mode: Literal["clip", "raise", "wrap"] = "clip"
) -> torch.Tensor:
    """a's entries along the axis: a.shape[:axis] + indices.shape + a.shape[axis + 1:]."""
    axis = axis + a.ndim if axis < 0 else axis
    index = _bounded(indices, a.shape[axis], mode)
    if axis == 0:
        return _rows(a, index)
    if index.ndim == 1:
        return a.index_select(axis, index)
    taken = a.index_select(axis, index.reshape(-1))
    return taken.reshape(a.shape[:axis] + index.shape + a.shape[axis + 1 :])


@operator("batch_take", mixed_dtypes=True, infer_dtypes=lambda dtypes, **_: ([dtypes[0], torch.int32], [dtypes[0]]))
def batch_take(a: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
    """out[i] = a[i, indices[i]]; a (..., m) seen as (n, m), indices and result of one shape with n elements."""
    if indices.numel() * a.shape[-1] != a.numel():
        raise ValueError(f"one index for each row is needed: data {tuple(a.shape)}, indices {tuple(indices.shape)}")
    index = _bounded(indices, a.shape[-1], "clip")
    return a.reshape(-1, a.shape[-1]).gather(1, index.reshape(-1, 1)).reshape(indices.shape)


@operator("pick", "choose_element_0index", "_npx_pick", infer_inputs=pick_shapes, mixed_dtypes=True)
def pick(
    data: torch.Tensor,
    index: torch.Tensor,
    *,
    axis: int | None = -1,
    keepdims: bool = False,
    mode: Literal["clip", "wrap"] = "clip",
) -> torch.Tensor:
    """One entry along the axis for each index; index has data's shape without the axis, or with size 1 there."""
    if axis is None:
        raise ValueError("axis=None is not supported by pick. Must specify an axis.")
    kept = list(data.shape)
    kept[axis] = 1
    if list(index.shape) != kept:
        short = list(data.shape)
        del short[axis]
        if list(index.shape) != (short or [1]):
            raise ValueError(f"index must have shape {tuple(short)}, got {tuple(index.shape)}")
        index = index.reshape(kept)
    picked = data.gather(axis, _bounded(index, data.shape[axis], mode))
    return picked if keepdims or data.ndim == 1 else picked.squeeze(axis)


@operator("fill_element_0index", mixed_dtypes=True)
def fill_element_0index(lhs: torch.Tensor, mhs: torch.Tensor, rhs: torch.Tensor) -> torch.Tensor:
    """A copy of lhs (n, m) with lhs[i, rhs[i]] = mhs[i]; mhs and rhs (n,)."""
    return lhs.scatter(1, rhs.long().unsqueeze(1), mhs.unsqueeze(1))


@operator("one_hot", "_npx_one_hot")
def one_hot(
    indices: torch.Tensor, *, depth: int, on_value: float = 1.0, off_value: float = 0.0, dtype: Dtype = torch.float32
) -> torch.Tensor:
    """indices.shape + (depth,): on_value at each index, off_value elsewhere (everywhere, for an index out of range)."""
    hot = indices.long().unsqueeze(-1) == torch.arange(depth, device=indices.device)
    if on_value == 1 and off_value == 0:
        return hot.to(dtype)
    out = torch.full(hot.shape, _fill(off_value, dtype), dtype=dtype, device=indices.device)
    return out.masked_fill_(hot, _fill(on_value, dtype))


# ---------------------------------------------------------------------------------------------- gather and scatter
def _coordinates(indices: torch.Tensor, ndim: int) -> tuple[torch.Tensor, ...]:
    """indices (M, ...) as one index tensor for each of the first M axes."""
    if indices.ndim < 2:
        raise ValueError("indices need at least 2 dimensions")
    if indices.shape[0] > ndim:
        raise ValueError(f"{indices.shape[0]} indices for {ndim} dimensions")
    return indices.long().unbind(0)


@operator("gather_nd", "_npi_gather_nd", "_npx_gather_nd", mixed_dtypes=True)
def gather_nd(data: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
    """data[indices[0], ..., indices[M-1]]: indices (M, y...) -> y... + data.shape[M:]; negative: from the end."""
    return data[_coordinates(indices, data.ndim)]


def _check_scattered(values: torch.Tensor, indices: torch.Tensor, shape: Sequence[int]) -> None:
    wanted = (*indices.shape[1:], *shape[indices.shape[0] :])
    if tuple(values.shape) != wanted:
        raise ValueError(f"values must have shape {wanted}, got {tuple(values.shape)}")


@operator("scatter_nd", mixed_dtypes=True)
def scatter_nd(data: torch.Tensor, indices: torch.Tensor, *, shape: Shape) -> torch.Tensor:
    """Zeros of ``shape`` with out[indices[0], ..., indices[M-1]] = data; of equal indices any one value stays."""
    where_to = _coordinates(indices, len(shape))
    _check_scattered(data, indices, shape)
    return data.new_zeros(shape).index_put(where_to, data)


@operator("_backward_gather_nd", mixed_dtypes=True)
def backward_gather_nd(data: torch.Tensor, indices: torch.Tensor, *, shape: Shape) -> torch.Tensor:
    """As scatter_nd, but of equal indices the values are added up: what gather_nd's gradient is."""
    where_to = _coordinates(indices, len(shape))
    _check_scattered(data, indices, shape)
    return data.new_zeros(shape).index_put(where_to, data, accumulate=True)


@operator("_scatter_set_nd", "_npi_scatter_set_nd", mixed_dtypes=True)
def scatter_set_nd(lhs: torch.Tensor, rhs: torch.Tensor, indices: torch.Tensor, *, shape: Shape) -> torch.Tensor:
    """A copy of lhs (``shape``) with out[indices[0], ..., indices[M-1]] = rhs; callers write it back to lhs."""
    if tuple(lhs.shape) != shape:
        raise ValueError(f"lhs must have shape {shape}, got {tuple(lhs.shape)}")
    where_to = _coordinates(indices, lhs.ndim)
    _check_scattered(rhs, indices, shape)
    return lhs.index_put(where_to, rhs)


@operator("_contrib_index_copy", mixed_dtypes=True)
def index_copy(old_tensor: torch.Tensor, index_vector: torch.Tensor, new_tensor: torch.Tensor) -> torch.Tensor:
    """A copy of old_tensor (n, ...) with rows index_vector (k,) replaced by those of new_tensor (k, ...)."""
    return old_tensor.index_copy(0, index_vector.long(), new_tensor)


def _where_dtypes(
    dtypes: Sequence[torch.dtype | None], *, outputs: Sequence[torch.dtype | None], **_: Any
) -> tuple[Any, Any]:
    chosen = dtypes[1] or dtypes[2] or outputs[0]
    return [dtypes[0], chosen, chosen], [chosen]


@operator("where", "_sparse_where", infer_inputs=where_shapes, mixed_dtypes=True, infer_dtypes=_where_dtypes)
def where(condition: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """x where the condition is not 0, else y; the condition has their shape, or is (n,) and chooses whole rows."""
    if x.shape != y.shape or x.dtype is not y.dtype:
        raise ValueError("x and y must have the same shape and dtype")
    if condition.shape != x.shape:
        if condition.ndim != 1 or condition.shape[0] != x.shape[0]:
            raise ValueError(f"condition must have shape {tuple(x.shape)} or ({x.shape[0]},)")
        condition = condition.reshape(-1, *[1] * (x.ndim - 1))
    return torch.where(condition != 0, x, y)


@operator("_contrib_boolean_mask", "_npi_boolean_mask", mixed_dtypes=True)
def boolean_mask(data: torch.Tensor, index: torch.Tensor, *, axis: int = 0) -> torch.Tensor:
    """Those rows of data (n, ...) whose index (n,) is not 0; the result's size depends on the values."""
    if axis != 0:
        raise ValueError(f"boolean_mask works on axis 0 only, got {axis}")
    if index.ndim != 1 or index.shape[0] != data.shape[0]:
        raise ValueError(f"index must have shape ({data.shape[0]},), got {tuple(index.shape)}")
    return _rows(data, index.nonzero().squeeze(1))


# ---------------------------------------------------------------------------------------------- index arithmetic
@operator("_contrib_index_array", infer_dtypes=makes(torch.int64))
def index_array(data: torch.Tensor, *, axes: Shape | None = None) -> torch.Tensor:
    """data.shape + (number of axes,), int64: each element's own index along the axes (default: all)."""
    out = torch.empty((*data.shape, data.ndim if axes is None else len(axes)), dtype=torch.int64, device=data.device)
    for i, axis in enumerate(range(data.ndim) if axes is None else axes):
        view = [1] * data.ndim
        view[axis] = -1
        out[..., i] = torch.arange(data.shape[axis], device=data.device).view(view)
    return out


@operator(
    "_ravel_multi_index",
    "ravel_multi_index",
    infer_inputs=from_output(lambda output, *, shape, **_: (len(shape or ()), *output)),
)
def ravel_multi_index(data: torch.Tensor, *, shape: Shape | None = None) -> torch.Tensor:
    """Coordinates (M, n) in an array of ``shape`` -> flat row-major indices (n,), in data's dtype."""
    if data.ndim != 2 or shape is None or data.shape[0] != len(shape):
        raise ValueError(f"data must be (M, n) for a shape of M dimensions, got {tuple(data.shape)} and {shape}")
    rows = data.long().unbind(0)
    flat = rows[0]
    for row, size in zip(rows[1:], shape[1:], strict=True):
        flat = flat * size + row
    return flat.to(data.dtype)


@operator("_unravel_index", "unravel_index", infer_inputs=from_output(lambda output, **_: output[1:]))
def unravel_index(data: torch.Tensor, *, shape: Shape | None = None) -> torch.Tensor:
    """Flat row-major indices (n...) into an array of ``shape`` -> coordinates (M, n...), in data's dtype."""
    if not shape:
        raise ValueError("shape must be given")
    rest, rows = data.long(), []
    for size in reversed(shape[1:]):
        rows.append(rest.fmod(size))
        rest = rest.div(size, rounding_mode="trunc")
    return torch.stack([rest, *reversed(rows)]).to(data.dtype)


# ---------------------------------------------------------------------------------------------- order
@operator("argsort", "_npi_argsort")
def argsort(
    data: torch.Tensor, *, axis: int | None = -1, is_ascend: bool = True, dtype: Dtype = torch.float32
) -> torch.Tensor:
    """Indices that sort data along the axis (None: flattened); of equal values the first comes first.

    MXNet leaves the order of equal values open once an axis has more than 16 elements.
    """
    if axis is None:
        data, axis = data.reshape(-1), 0
    return data.sort(dim=axis, descending=not is_ascend, stable=True)[1].to(dtype)


@operator("sort", "_npi_sort", outputs=("output0", "output1"), visible=1)
def sort(data: torch.Tensor, *, axis: int | None = -1, is_ascend: bool = True) -> tuple[torch.Tensor, torch.Tensor]:
    """(data sorted along the axis, None: flattened; the indices)."""
    if axis is None:
        data, axis = data.reshape(-1), 0
    values, indices = data.sort(dim=axis, descending=not is_ascend, stable=True)
    return values, indices


def _topk(data: torch.Tensor, k: int, axis: int, is_ascend: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """The k largest (smallest) values along the axis in order, and their indices.

    Of equal values the first comes first where that is cheap; MXNet leaves it open for axes of more than 16 elements.
    """
    size = data.shape[axis]
    if k == 1:
        best = data.min(axis, keepdim=True) if is_ascend else data.max(axis, keepdim=True)
        return best.values, best.indices
    if size <= 16 or 8 * k > size:
        values, indices = data.sort(dim=axis, descending=not is_ascend, stable=True)
        return values.narrow(axis, 0, k), indices.narrow(axis, 0, k)
    values, indices = data.topk(k, axis, largest=not is_ascend, sorted=True)
    return values, indices


def _topk_outputs(ret_typ: str, **_: Any) -> tuple[str, ...]:
    return ("output0", "output1") if ret_typ in ("value", "both") else ("output",)


def _topk_dtypes(
    dtypes: Sequence[torch.dtype | None],
    *,
    ret_typ: str,
    dtype: torch.dtype,
    outputs: Sequence[torch.dtype | None],
    **_: Any,
) -> tuple[Any, Any]:
    if ret_typ != "indices":
        dtypes = [dtypes[0] or outputs[0]]
    return dtypes, {"indices": [dtype], "mask": dtypes}.get(ret_typ, [dtypes[0], dtype])


@operator(
    "topk",
    "_npx_topk",
    outputs=_topk_outputs,
    visible=lambda ret_typ, **_: 2 if ret_typ == "both" else 1,
    infer_dtypes=_topk_dtypes,
)
def topk(
    data: torch.Tensor,
    *,
    axis: int | None = -1,
    k: int = 1,
    ret_typ: Literal["value", "indices", "mask", "both"] = "indices",
    is_ascend: bool = False,
    dtype: Dtype = torch.float32,
) -> tuple[torch.Tensor, ...]:
    """The k (below 1: all) largest values along the axis (None: flattened), smallest with ``is_ascend``.

    ``ret_typ`` chooses values, indices (in ``dtype``), both, or a mask of data's shape and dtype with 1 at the values.
    """
    shape = data.shape
    if axis is None:
        data, axis = data.reshape(-1), 0
    size = data.shape[axis]
    if k > size:
        raise ValueError(f"k must be smaller than {size}, get k = {k}")
    values, indices = _topk(data, k if k > 0 else size, axis, is_ascend)
    if ret_typ == "indices":
        return (indices.to(dtype),)
    if ret_typ == "mask":
        return (torch.zeros_like(data).scatter_(axis, indices, 1).reshape(shape),)
    return values, stopped.block(indices.to(dtype), values)


# ---------------------------------------------------------------------------------------------- sequences
def _no_lengths(use_sequence_length: bool, **_: Any) -> tuple[str, ...]:
    return () if use_sequence_length else ("sequence_length",)


def _sequence_dtypes(dtypes: Sequence[torch.dtype | None], **_: Any) -> tuple[Any, Any]:
    """Lengths have data's dtype unless they are given in another one."""
    return [dtypes[0], *(d or dtypes[0] for d in dtypes[1:])], [dtypes[0]]


def _check_sequence(
    data: torch.Tensor, lengths: torch.Tensor | None, use_sequence_length: bool, axis: int, last_axis: int = 1
) -> None:
    """Raises ValueError unless data is (time, batch, ...) or, for axis 1, (batch, time, ...) and lengths (batch,)."""
    if data.ndim < 2:
        raise ValueError("the data must have 2 dimensions or more")
    if not 0 <= axis <= last_axis:
        raise ValueError(f"axis must be {' or '.join(map(str, range(last_axis + 1)))}, got {axis}")
    if (lengths is not None) != use_sequence_length:
        raise ValueError("sequence_length is given exactly when use_sequence_length is set")
    if lengths is not None and tuple(lengths.shape) != (data.shape[1 - axis],):
        raise ValueError(f"sequence_length must have shape ({data.shape[1 - axis]},), got {tuple(lengths.shape)}")


@operator(
    "SequenceMask",
    "_npx_sequence_mask",
    infer_inputs=sequence_shapes,
    infer_dtypes=_sequence_dtypes,
    absent=_no_lengths,
    mixed_dtypes=True,
    may_alias=True,
)
def sequence_mask(
    data: torch.Tensor,
    sequence_length: torch.Tensor | None = None,
    *,
    use_sequence_length: bool = False,
    value: float = 0.0,
    axis: int = 0,
) -> torch.Tensor:
    """data (time, batch, ...), or (batch, time, ...) for axis 1, with ``value`` past each sequence's length."""
    _check_sequence(data, sequence_length, use_sequence_length, axis)
    if sequence_length is None:
        return data
    steps = torch.arange(data.shape[axis], device=data.device)
    past = steps.unsqueeze(1 - axis) >= sequence_length.long().unsqueeze(axis)
    return data.masked_fill(past.reshape(past.shape + (1,) * (data.ndim - 2)), _fill(value, data.dtype))


@operator(
    "SequenceLast",
    infer_inputs=sequence_shapes,
    infer_dtypes=_sequence_dtypes,
    absent=_no_lengths,
    mixed_dtypes=True,
    may_alias=True,
)
def sequence_last(
    data: torch.Tensor,
    sequence_length: torch.Tensor | None = None,
    *,
    use_sequence_length: bool = False,
    axis: int = 0,
) -> torch.Tensor:
    """The last step of each sequence: (time, batch, ...), or (batch, time, ...) for axis 1 -> (batch, ...).

    A length outside of 1..time takes the nearest step (MXNet reads memory that is not the array's).
    """
    _check_sequence(data, sequence_length, use_sequence_length, axis)
    if sequence_length is None:
        return data.select(axis, data.shape[axis] - 1)
    last = _bounded(sequence_length.long() - 1, data.shape[axis], "clip").unsqueeze(axis)
    last = last.reshape(last.shape + (1,) * (data.ndim - 2)).expand(last.shape + data.shape[2:])
    return data.gather(axis, last).squeeze(axis)


@operator(
    "SequenceReverse",
    infer_inputs=sequence_shapes,
    infer_dtypes=_sequence_dtypes,
    absent=_no_lengths,
    mixed_dtypes=True,
)
def sequence_reverse(
    data: torch.Tensor,
    sequence_length: torch.Tensor | None = None,
    *,
    use_sequence_length: bool = False,
    axis: int = 0,
) -> torch.Tensor:
    """data (time, batch, ...) with the first ``length`` steps of each sequence in reverse order, the rest as it was.

    A length above time counts as time (MXNet reads memory that is not the array's).
    """
    _check_sequence(data, sequence_length, use_sequence_length, axis, last_axis=0)
    if sequence_length is None:
        return data.flip(0)
    steps = torch.arange(data.shape[0], device=data.device).unsqueeze(1)
    lengths = sequence_length.long().clamp(max=data.shape[0])
    source = torch.where(steps < lengths, lengths - 1 - steps, steps)
    return data.gather(0, source.reshape(source.shape + (1,) * (data.ndim - 2)).expand(data.shape))
