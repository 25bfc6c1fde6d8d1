"""Reading and writing elements by MXNet's rules, on torch tensors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from ..base import MXNetError
from ..ops.shape import reshape_codes
from ..util import is_np_shape

__all__ = ["contiguous", "get", "put", "resolve_reshape", "value_tensor"]


def get(tensor: torch.Tensor, key: Any) -> torch.Tensor:
    """``tensor[key]``: shares the elements where they are contiguous, is a copy otherwise; at least 1-d (but np_shape).

    Raises:
        IndexError: out of bounds, or too many indices.
        ValueError: a key of a type that cannot index, or index arrays that do not broadcast together.
        TypeError: a slice or a list of something else than numbers.
    """
    if type(key) is int:  # the most common key by far
        size = _rows(tensor)
        if not -size <= key < size:
            raise IndexError(f"index {key} is out of bounds for axis 0 with size {size}")
        found = tensor[key]
    elif type(key) is slice and key.step is None and tensor.dim() and _plain(key.start) and _plain(key.stop):
        found = tensor[key]
        return found if found.requires_grad or found.is_contiguous() else found.contiguous()
    else:
        key, flips, advanced = _normalise(tensor, key)
        source = tensor.flip(flips) if flips else tensor
        if advanced:
            try:
                found = source[key]
            except IndexError as error:
                raise _index_error(error) from None
        else:
            found = source[key] if key else source
            if not found.requires_grad and not found.is_contiguous():
                found = found.clone(memory_format=torch.contiguous_format)
    return found.reshape(1) if found.dim() == 0 and not is_np_shape() else found


def _plain(bound: Any) -> bool:
    return bound is None or type(bound) is int


def put(tensor: torch.Tensor, key: Any, value: Any) -> None:
    """``tensor[key] = value`` for a number or a tensor that broadcasts; they may overlap.

    A number that the dtype cannot hold wraps around or becomes infinite, as in C.

    Raises:
        IndexError: out of bounds, or too many indices.
        ValueError: a key of a type that cannot index, or a value that does not broadcast.
        TypeError: a slice or a list of something else than numbers.
    """
    number = not isinstance(value, torch.Tensor)
    if not number and value.untyped_storage().data_ptr() == tensor.untyped_storage().data_ptr():
        value = value.clone()  # so that all elements are read before one is written
    if type(key) is slice and key == _ALL:
        _write(tensor, value, number)
        return
    key, flips, advanced = _normalise(tensor, key)
    if not advanced and not flips:
        _write(tensor[key] if key else tensor, value, number)
        return
    try:
        if flips:
            _put_backwards(tensor, key, flips, value, number)
        else:
            tensor[key] = value
    except IndexError as error:
        raise _index_error(error) from None
    except RuntimeError as error:
        if number and "overflow" in str(error):
            tensor[key] = _fitting(value, tensor)
        elif number or "modified" in str(error):
            raise
        else:
            raise _misfit(value.shape, tensor[key].shape) from None


_ALL = slice(None)


def _write(selected: torch.Tensor, value: Any, number: bool) -> None:
    """Puts a number or a tensor into all of ``selected``."""
    try:
        if number:
            selected.fill_(value)
        else:
            selected.copy_(value)
    except RuntimeError as error:
        if number and "overflow" in str(error):
            selected.fill_(_fitting(value, selected))
        elif number or "modified" in str(error) or value.shape == selected.shape:
            raise
        else:
            selected.copy_(_broadcast(value, selected.shape))


def _put_backwards(tensor: torch.Tensor, key: Any, flips: Sequence[int], value: Any, number: bool) -> None:
    """Assignment through negative steps, which torch has not: by the number of each element."""
    places = torch.arange(tensor.numel(), device=tensor.device).reshape(tensor.shape).flip(tuple(flips))[key]
    if not number:
        value = _broadcast(value, places.shape).reshape(-1)
    flat = tensor.reshape(-1)
    flat[places.reshape(-1)] = value
    if not tensor.is_contiguous():
        tensor.copy_(flat.reshape(tensor.shape))


def _fitting(number: Any, like: torch.Tensor) -> Any:
    wide = torch.float64 if like.dtype.is_floating_point else torch.int64
    return torch.tensor(number, dtype=wide).to(like.dtype).item()


def _broadcast(value: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    """``value`` expanded to ``shape``; leading dimensions of size 1 may be too many."""
    given = value
    while value.dim() > max(len(shape), 1) and value.shape[0] == 1:
        value = value[0]
    if not shape and value.shape == (1,):
        return value[0]
    try:
        return value.expand(shape)
    except RuntimeError:
        raise _misfit(given.shape, shape) from None


def _misfit(given: torch.Size, wanted: torch.Size) -> ValueError:
    return ValueError(
        "operands could not be broadcast together with remapped shapes[original->remapped]: "
        f"{tuple(given)} and requested shape {tuple(wanted) or (1,)}"
    )


def _index_error(error: IndexError) -> Exception:
    """torch's complaint about index arrays in MXNet's words and class."""
    text = str(error)
    if "shape mismatch" in text:
        shapes = text.partition("with shapes ")[2].replace("[", "(").replace("]", ")")
        return ValueError(f"index arrays of shapes {shapes} are not broadcastable to each other")
    return IndexError(text.replace("dimension", "axis"))


def value_tensor(value: Any, like: torch.Tensor) -> Any:
    """The value of an assignment: a number as it is, arrays and lists as a tensor of ``like``'s dtype and device.

    Raises:
        TypeError: not array-like.
    """
    if isinstance(value, (int, float, np.number, np.bool_)):
        if not like.dtype.is_floating_point and like.dtype is not torch.bool:
            return int(value)
        return value.item() if isinstance(value, np.generic) else value
    tensor = getattr(value, "_data", None)
    if not isinstance(tensor, torch.Tensor):
        if isinstance(value, torch.Tensor):
            tensor = value
        else:
            try:
                array = np.array(value, dtype=np.float64 if like.dtype.is_floating_point else None)
                tensor = torch.from_numpy(contiguous(array))
            except (ValueError, TypeError):
                raise TypeError(
                    f"NDArray does not support assignment with non-array-like object {value} of type {type(value)}"
                ) from None
    return tensor.to(device=like.device, dtype=like.dtype)


def contiguous(array: np.ndarray) -> np.ndarray:
    """``array`` in C order: it shares the elements where that is their order already."""
    # Flat first: what counts as contiguous may go backwards along a dimension of length 1, which torch refuses.
    return array.ravel().reshape(array.shape)


def _rows(tensor: torch.Tensor) -> int:
    if tensor.dim() == 0:
        raise IndexError("too many indices (1) for array with 0 dimensions")
    return tensor.shape[0]


def _is_array_key(key: Any) -> bool:
    return isinstance(key, (list, tuple, range, np.ndarray, torch.Tensor)) or isinstance(
        getattr(key, "_data", None), torch.Tensor
    )


def _normalise(tensor: torch.Tensor, key: Any) -> tuple[Any, list[int], bool]:
    """(key for torch, dimensions to flip first, whether the key is an advanced one)."""
    parts = list(key) if isinstance(key, tuple) else [key]
    advanced = any(_is_array_key(p) for p in parts)
    used = sum(p is not None and p is not Ellipsis for p in parts)
    if used > tensor.dim():
        raise IndexError(f"too many indices ({used}) for array with {tensor.dim()} dimensions")
    if sum(p is Ellipsis for p in parts) > 1:
        raise IndexError("Cannot use more than one ellipsis (`...`) for indexing")
    out: list[Any] = []
    flips: list[int] = []
    axis = 0
    for part in parts:
        if part is None:
            out.append(None)
        elif part is Ellipsis:
            out.append(Ellipsis)
            axis += tensor.dim() - used
        else:
            out.append(_one(part, tensor, axis, flips, advanced))
            axis += 1
    return tuple(out), flips, advanced


def _one(part: Any, tensor: torch.Tensor, axis: int, flips: list[int], advanced: bool) -> Any:
    size = tensor.shape[axis]
    if isinstance(part, slice):
        start, stop, step = part.indices(size)
        if step > 0:
            return slice(start, max(start, stop), step)
        count = len(range(start, stop, step))
        if count < 2:  # no order to turn around: what is contiguous stays a view
            return slice(start, start + count)
        flips.append(axis)
        first = size - 1 - start
        return slice(first, first + (count - 1) * -step + 1, -step)
    if isinstance(part, (int, np.integer)):
        index = int(part)
        if not -size <= index < size:
            raise IndexError(f"index {index} is out of bounds for axis {axis} with size {size}")
        # Beside arrays an integer is an index array too, as in numpy; torch takes one of 0 dimensions for a number.
        return torch.tensor([index], device=tensor.device) if advanced else index
    if _is_array_key(part):
        data = getattr(part, "_data", part)
        if not isinstance(data, torch.Tensor):
            data = _host_index(data, axis, size)
        # Booleans and floats are positions here, not masks: so it is in MXNet.
        return data.detach().to(device=tensor.device, dtype=torch.int64)
    raise ValueError(f"NDArray does not support slicing with key {part} of type {type(part)}.")


def _host_index(positions: Any, axis: int, size: int) -> torch.Tensor:
    """Positions of any kind on the host; bounds are checked here, since a GPU's own check ends the process."""
    try:
        positions = np.array(positions).astype(np.int64)
    except (ValueError, TypeError):
        raise TypeError("source_array must be array like object") from None
    if positions.size:
        for position in (int(positions.min()), int(positions.max())):
            if not -size <= position < size:
                raise IndexError(f"index {position} is out of bounds for axis {axis} with size {size}")
    return torch.from_numpy(positions)


# ---------------------------------------------------------------------------------------------- reshape
def resolve_reshape(shape: Sequence[int], target: Sequence[int], reverse: bool = False) -> tuple[int, ...]:
    """The shape that MXNet's reshape codes stand for.

    Raises:
        ValueError: the number of elements changes.
        MXNetError: codes that do not fit the shape, or more elements than there are.
    """
    target = tuple(int(n) for n in target)
    total = math.prod(shape)
    try:
        if reverse:
            resolved = reshape_codes(tuple(shape)[::-1], target[::-1])[::-1]
        else:
            resolved = reshape_codes(tuple(shape), target)
        if min(resolved, default=0) < -1 or resolved.count(-1) > 1:
            raise ValueError(f"codes are 0 to -4, and one dimension at most can be inferred, got {target}")
    except ValueError as error:
        raise MXNetError(f"Error in operator Reshape: {error}") from None
    known = math.prod(n for n in resolved if n != -1)
    if -1 in resolved and known and total % known == 0:
        return tuple(total // known if n == -1 else n for n in resolved)
    if known > total:
        raise MXNetError(
            "NDArray.Reshape: target shape size is larger than the current shape "
            f"(an array of shape {tuple(shape)} into {target})"
        )
    if known != total or -1 in resolved:
        raise ValueError(f"Cannot reshape array of size {total} into shape {target}")
    return tuple(resolved)
