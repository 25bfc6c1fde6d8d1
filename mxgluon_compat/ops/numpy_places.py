"""Operators of mx.np that find, take out, put in and overwrite elements, as files hold them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from ..base import ParameterError
from .registry import makes, operator

# ---------------------------------------------------------------------------------------------- finding


@operator("_npx_nonzero", "_npi_nonzero", infer_dtypes=makes(torch.int64))
def nonzero(x: torch.Tensor) -> torch.Tensor:
    """(how many, number of axes), int64: the indices of the elements that are not 0; a number has one axis here."""
    return torch.atleast_1d(x.detach()).nonzero()


@operator("_npi_diag_indices_from", infer_dtypes=makes(torch.int64))
def diag_indices_from(data: torch.Tensor) -> torch.Tensor:
    """(number of axes, length), int64: the indices of the main diagonal of a cube."""
    if data.ndim < 2 or len(set(data.shape)) > 1:
        raise ParameterError(f"all of two or more dimensions must be of equal length, got {tuple(data.shape)}")
    return torch.arange(data.shape[0], device=data.device).expand(data.ndim, -1).clone()


@operator("_npi_share_memory", mixed_dtypes=True, infer_dtypes=makes(torch.bool))
def share_memory(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Whether both lie in one block of memory, of shape ()."""
    if a.is_meta:
        return torch.empty((), dtype=torch.bool, device=a.device)
    shared = bool(a.numel() and b.numel()) and a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr()
    return torch.full((), shared, device=a.device)


# ---------------------------------------------------------------------------------------------- taking out
def _one_of(*, int_ind: int | None = None, step: int | None = None, **_: Any) -> tuple[str, ...]:
    return () if int_ind is None and step is None else ("obj",)


def _first_dtype(dtypes: Sequence[torch.dtype | None], **_: Any) -> tuple[Any, Any]:
    return list(dtypes), [dtypes[0]]


def _flat(arr: torch.Tensor, axis: int | None) -> tuple[torch.Tensor, int]:
    """The array and the axis; None stands for the only one of the flat array."""
    if axis is None:
        return arr.reshape(-1), 0
    if not -arr.ndim <= axis < arr.ndim:
        raise ValueError(f"axis {axis} is out of bounds for an array of {arr.ndim} dimensions")
    return arr, axis % arr.ndim


@operator("_npi_delete", absent=_one_of, mixed_dtypes=True, infer_dtypes=_first_dtype)
def delete(
    arr: torch.Tensor,
    obj: torch.Tensor | None = None,
    *,
    start: int | None = None,
    stop: int | None = None,
    step: int | None = None,
    int_ind: int | None = None,
    axis: int | None = None,
) -> torch.Tensor:
    """arr without some places along the axis (None: of the flat array): one, those of a slice, or those in obj.

    Places in obj that are not there are passed over; the size of the result depends on obj's values.
    """
    arr, axis = _flat(arr, axis)
    length = arr.shape[axis]
    kept = torch.ones(length, dtype=torch.bool)
    if int_ind is not None:
        if not -length <= int_ind < length:
            raise ValueError(f"index {int_ind} is out of bounds for axis {axis} of length {length}")
        kept[int_ind] = False
    elif obj is not None:
        places = obj.detach().reshape(-1).long().cpu()
        kept[places[(places >= -length) & (places < length)]] = False
    else:
        kept[list(range(length)[slice(start, stop, step)])] = False
    return arr.index_select(axis, kept.nonzero().squeeze(1).to(arr.device))


# ---------------------------------------------------------------------------------------------- putting in
def _no_values(*, val: float | None = None, **_: Any) -> tuple[str, ...]:
    return () if val is None else ("values",)


def _inserted(
    arr: torch.Tensor, axis: int, places: Sequence[int], values: torch.Tensor | None, val: float | None, *, number: bool
) -> torch.Tensor:
    """arr with values before the places (of the axis as it was); one place takes any number of values.

    With ``number`` the place was a number, and the first axis of the values is that along which they go in (numpy's).
    """
    length = arr.shape[axis]
    for place in places:
        if not -length <= place <= length:
            raise IndexError(f"index {place} is out of bounds for axis {axis} of length {length}")
    before = [place % length if place < 0 else place for place in places]
    if values is None:
        values = arr.new_full((), float(val or 0)) if arr.is_floating_point() else arr.new_full((), int(val or 0))
    values = values.to(arr.dtype)
    while values.ndim > arr.ndim and values.shape[0] == 1:
        values = values.squeeze(0)
    if values.ndim:
        values = values.reshape((1,) * (arr.ndim - values.ndim) + tuple(values.shape))
        if number:
            values = values.movedim(0, axis)
    count = values.shape[axis] if len(before) == 1 and values.ndim else len(before)
    shape = [count if d == axis else n for d, n in enumerate(arr.shape)]
    values = values.expand(shape)
    if len(before) == 1:
        return torch.cat(
            [arr.narrow(axis, 0, before[0]), values, arr.narrow(axis, before[0], length - before[0])], axis
        )
    order = sorted(range(count), key=before.__getitem__)
    targets = {before[i] + rank: i for rank, i in enumerate(order)}
    rest = iter(range(length))
    source = [length + targets[k] if k in targets else next(rest) for k in range(length + count)]
    return torch.cat([arr, values], axis).index_select(axis, torch.tensor(source, device=arr.device))


def _register_insert(name: str, places_of: Callable[..., tuple[Sequence[int], bool]], doc: str) -> None:
    def insert(
        arr: torch.Tensor,
        values: torch.Tensor | None = None,
        *,
        val: float | None = None,
        start: int | None = None,
        stop: int | None = None,
        step: int | None = None,
        int_ind: int | None = None,
        axis: int | None = None,
    ) -> torch.Tensor:
        arr, axis = _flat(arr, axis)
        places, number = places_of(arr.shape[axis], start, stop, step, int_ind)
        return _inserted(arr, axis, places, values, val, number=number)

    insert.__doc__ = doc
    operator(name, absent=_no_values, mixed_dtypes=True, infer_dtypes=_first_dtype)(insert)


def _at_number(length: int, start: Any, stop: Any, step: Any, int_ind: int) -> tuple[Sequence[int], bool]:
    return [int_ind], True


def _at_slice(length: int, start: Any, stop: Any, step: Any, int_ind: Any) -> tuple[Sequence[int], bool]:
    return list(range(length)[slice(start, stop, step)]), False


_register_insert("_npi_insert_scalar", _at_number, "arr with values before the place ``int_ind`` along the axis.")
_register_insert("_npi_insert_slice", _at_slice, "arr with values before each place of a slice along the axis.")


def _tensor_inputs(*, val: float | None = None, **_: Any) -> tuple[str, ...]:
    return () if val is None else ("obj",)


@operator("_npi_insert_tensor", absent=_tensor_inputs, mixed_dtypes=True, infer_dtypes=_first_dtype)
def insert_tensor(
    arr: torch.Tensor,
    values: torch.Tensor,
    obj: torch.Tensor | None = None,
    *,
    val: float | None = None,
    start: int | None = None,
    stop: int | None = None,
    step: int | None = None,
    int_ind: int | None = None,
    axis: int | None = None,
) -> torch.Tensor:
    """arr with values (or the number ``val``, obj being the second input) before each place in obj along the axis."""
    del start, stop, step, int_ind
    if val is not None:
        obj, numbers = values, None
    else:
        numbers = values
    assert obj is not None
    arr, axis = _flat(arr, axis)
    # of which only the number is known where the shape is asked for
    places = [0] * obj.numel() if obj.is_meta else obj.detach().reshape(-1).long().tolist()
    return _inserted(arr, axis, places, numbers, val, number=not obj.ndim)


# ---------------------------------------------------------------------------------------------- overwriting
def _mask_at(data: torch.Tensor, mask: torch.Tensor, start_axis: int) -> torch.Tensor:
    """The mask with axes of length 1 for what it does not cover."""
    wanted = data.shape[start_axis : start_axis + mask.ndim]
    if mask.shape != wanted:
        raise ValueError(f"a mask of shape {tuple(mask.shape)} does not fit axes of shape {tuple(wanted)}")
    ahead, behind = (1,) * start_axis, (1,) * (data.ndim - start_axis - mask.ndim)
    return (mask != 0).reshape(ahead + tuple(mask.shape) + behind)


@operator("_npi_boolean_mask_assign_scalar", mixed_dtypes=True, infer_dtypes=_first_dtype)
def boolean_mask_assign_scalar(
    data: torch.Tensor, mask: torch.Tensor, *, value: float | None = None, start_axis: int | None = None
) -> torch.Tensor:
    """data with the number where the mask, which is for the axes from ``start_axis`` on, is not 0."""
    if value is None:
        raise ValueError("value must be given")
    return data.masked_fill(_mask_at(data, mask, start_axis or 0), value)


@operator("_npi_boolean_mask_assign_tensor", mixed_dtypes=True, infer_dtypes=_first_dtype)
def boolean_mask_assign_tensor(
    data: torch.Tensor, mask: torch.Tensor, value: torch.Tensor, *, start_axis: int | None = None
) -> torch.Tensor:
    """data with values where the mask, which is for the axes from ``start_axis`` on, is not 0; they are broadcast."""
    start_axis = start_axis or 0
    _mask_at(data, mask, start_axis)
    if data.is_meta:  # how many places there are is told by the mask's values
        return torch.empty_like(data)
    places = (slice(None),) * start_axis + (mask != 0).nonzero(as_tuple=True)
    found = data.clone()
    wanted = found[places].shape
    try:
        found[places] = value.to(data.dtype).expand(wanted)
    except RuntimeError:
        raise ValueError(f"{tuple(value.shape)} values do not fit the {tuple(wanted)} places of the mask") from None
    return found
