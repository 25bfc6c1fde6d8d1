"""``npx.save`` and ``npx.load``: files of arrays of ``mx.np``."""

from __future__ import annotations

import os
from typing import Any

from ..ndarray import NDArray
from ..ndarray import utils as nd_utils
from ..numpy.multiarray import ndarray

__all__ = ["load", "save"]


def save(file: str | os.PathLike[str], arr: Any, format: str | None = None) -> None:
    """Saves one array, a list of arrays or a dict of arrays by name.

    Args:
        file: the file, of any name.
        arr: the arrays.
        format: as of ``nd.save``.

    Raises:
        ValueError: ``arr`` is something else.
        TypeError: the elements are not arrays of ``mx.np``.
        MXNetError: the file cannot be written, or the format has no place for a name or a dtype.
    """
    if isinstance(arr, ndarray):
        arr = [arr]
    if not isinstance(arr, (dict, list, tuple)):
        raise ValueError("data needs to either be a ndarray, dict of (str, ndarray) pairs or a list of ndarrays.")
    names, values = (list(arr), list(arr.values())) if isinstance(arr, dict) else ([], list(arr))
    if not all(isinstance(n, str) for n in names) or not all(isinstance(v, ndarray) for v in values):
        raise TypeError("Only accepts dict str->ndarray or list of ndarrays")
    nd_utils.save_arrays(file, dict(zip(names, values)) if names else values, format, np_shape=True)


def load(file: str | os.PathLike[str]) -> Any:
    """A list of arrays, or a dict of arrays by name, on the current context; reads what ``nd.load`` reads.

    Raises:
        TypeError: ``file`` is no file name; the file holds sparse arrays, which ``mx.np`` has not.
        MXNetError: not an array file, or a damaged one.
    """
    if not isinstance(file, (str, os.PathLike)):
        raise TypeError("file required to be a string")
    found = nd_utils.load(file)
    if isinstance(found, dict):
        return {name: _of_np(array) for name, array in found.items()}
    return [_of_np(array) for array in found]


def _of_np(array: NDArray) -> Any:
    if array._is_sparse:
        raise TypeError(f"mx.np has no sparse arrays, the file holds one of storage type {array.stype}; see nd.load")
    return array.as_np_ndarray()
