"""Indexing of ``mx.np.ndarray``: NumPy's rules, on top of those of ``mx.nd``."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from .. import autograd
from ..base import MXNetError, ParameterError
from ..ndarray import NDArray
from .calls import call
from .multiarray import ndarray

__all__ = ["nonzero", "numpy_key"]


def nonzero(a: Any) -> tuple[Any, ...]:
    """Where the elements are not 0: for each axis an array of indices, int64."""
    found = call("_npx_nonzero", (a,))
    return tuple(found[:, i] for i in range(found.shape[1]))


def numpy_key(key: Any, ndim: int) -> Any:
    """A key with NumPy's meaning as one of ``mx.nd``, where booleans are numbers: masks become arrays of indices.

    Raises:
        IndexError: an array without axes, which takes ``()`` only; a mask that does not fit.
    """
    parts = key if isinstance(key, tuple) else (key,)
    if not ndim and any(part is not None and part is not Ellipsis for part in parts):
        raise IndexError("scalar tensor can only accept `()` as index")
    found: list[Any] = []
    for part in parts:
        mask = _mask_of(part)
        if mask is not None:
            found.extend(mask.nonzero(as_tuple=True))
        elif isinstance(part, (NDArray, np.ndarray)) and part.ndim == 0:
            found.append(int(part.asnumpy() if isinstance(part, NDArray) else part))
        else:
            found.append(part)
    return tuple(found) if isinstance(key, tuple) or len(found) > 1 else found[0]


def _mask_of(part: Any) -> torch.Tensor | None:
    """The mask that a part of a key is; None where it is none."""
    if isinstance(part, list):
        part = np.array(part) if part else np.zeros(0, np.int64)
    if isinstance(part, NDArray):
        return part._data.detach() if part._data.dtype is torch.bool else None
    if isinstance(part, torch.Tensor):
        return part if part.dtype is torch.bool else None
    return torch.from_numpy(part) if isinstance(part, np.ndarray) and part.dtype == bool else None


def _check_masks(key: Any, shape: tuple[int, ...]) -> None:
    """Raises IndexError for a mask of another shape than the axes that it is for."""
    axis = 0
    for part in key if isinstance(key, tuple) else (key,):
        if part is Ellipsis:
            return  # what follows is counted from the end: torch complains
        mask = _mask_of(part)
        if mask is not None and mask.dim():
            wanted = shape[axis : axis + mask.dim()]
            if tuple(mask.shape) != wanted:
                raise IndexError(f"a mask of shape {tuple(mask.shape)} does not fit axes of shape {wanted}")
            axis += mask.dim()
        elif part is not None:
            axis += 1


_BASIC = frozenset((int, slice, type(None), type(Ellipsis)))


def _plain(key: Any) -> bool:
    """Whether the key means the same to ``mx.nd``, for arrays with axes."""
    kind = type(key)
    if kind is tuple:
        return _BASIC.issuperset(map(type, key))
    return kind in _BASIC or (kind is ndarray and key._data.dim() > 0 and key._data.dtype is not torch.bool)


def _is_flag(part: Any) -> bool:
    """Whether the part is a mask without axes: a boolean, or an array of one."""
    if isinstance(part, (bool, np.bool_)):
        return True
    if isinstance(part, (NDArray, np.ndarray)) and part.ndim == 0:
        return bool(part.dtype == np.bool_)
    return False


def _unflagged(self: ndarray, key: Any) -> tuple[ndarray, Any]:
    """Array and key for a key with masks that have no axes: each stands for an axis of one place, picked or not.

    Without such masks array and key as they are.
    """
    parts = key if isinstance(key, tuple) else (key,)
    flags = [part for part in parts if _is_flag(part)]
    if not flags:
        return self, key
    places = np.zeros(1 if all(map(bool, flags)) else 0, np.int64)
    axes: list[Any] = []  # of the array with that axis
    picked: list[Any] = []
    for part in parts:
        if _is_flag(part):
            if places is not None:
                axes.append(None)
                picked.append(places)
                places = None  # type: ignore[assignment]
            continue
        picked.append(part)
        if part is Ellipsis:
            axes.append(part)
        elif part is not None:
            mask = _mask_of(part)
            axes.extend([slice(None)] * (1 if mask is None else mask.dim()))
    return NDArray.__getitem__(self, tuple(axes)), tuple(picked)  # type: ignore[return-value]


def _get(self: ndarray, key: Any) -> Any:
    if not (_plain(key) and self._data.dim()):
        self, key = _unflagged(self, key)
        _check_masks(key, self.shape)
        key = numpy_key(key, self._data.dim())
    return NDArray.__getitem__(self, key)


def _put(self: ndarray, key: Any, value: Any) -> None:
    if isinstance(value, NDArray) and not isinstance(value, ndarray):
        value = value.as_np_ndarray()
    if not (_plain(key) and self._data.dim()):
        if any(map(_is_flag, key if isinstance(key, tuple) else (key,))):
            if self._data.requires_grad and not autograd.state.recording:
                self._write(lambda tensor: None)  # its elements become its own
                self = self.detach()  # type: ignore[assignment]
            self, key = _unflagged(self, key)
        _check_masks(key, self.shape)
        mask = _mask_of(key)
        if mask is not None and getattr(value, "ndim", 0) == 1 and value.shape[0] not in (1, count := int(mask.sum())):
            raise MXNetError(f"{value.shape[0]} values cannot be assigned to the {count} places of the mask")
        key = numpy_key(key, self._data.dim())
    try:
        NDArray.__setitem__(self, key, value)
    except ValueError as error:
        raise ParameterError(str(error)) from None  # in MXNet of one class or the other


ndarray.__getitem__ = _get  # type: ignore[method-assign]
ndarray.__setitem__ = _put  # type: ignore[method-assign]
