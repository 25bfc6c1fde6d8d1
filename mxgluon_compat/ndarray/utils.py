"""``nd.save`` and ``nd.load``."""

from __future__ import annotations

import os
from typing import Any

from ..context import Context, current_context
from ..serialization import params
from ..util import is_np_shape
from .invoke import wrap
from .ndarray import NDArray
from .sparse.creation import CLASSES

__all__ = ["load", "load_frombuffer", "save"]


def save(fname: str | os.PathLike[str], data: Any, format: str | None = None) -> None:
    """Saves one array, a list of arrays or a dict of arrays by name.

    Args:
        fname: the file, of any name.
        data: the arrays.
        format: ``'safetensors'``, ``'mxnet'`` (what MXNet 1.9.1 writes and loads) or ``'npz'``; None for the
            process-wide format (``mx.set_file_format``).

    Raises:
        ValueError: ``data`` is something else; there is no such format.
        TypeError: the elements are not arrays.
        MXNetError: the file cannot be written, or the format has no place for a name or a dtype.
    """
    if isinstance(data, NDArray):
        data = [data]
    if not isinstance(data, (dict, list, tuple)):
        raise ValueError(
            f"data needs to either be a NDArray, dict of str, NDArray pairs or a list of NDarrays, got {type(data)}"
        )
    values = data.values() if isinstance(data, dict) else data
    if any(getattr(v, "_family", NDArray) is not NDArray for v in values):
        raise TypeError("cannot save mxnet.numpy.ndarray using mxnet.ndarray.save; use mx.npx.save instead")
    keys = list(data) if isinstance(data, dict) else []
    if not all(isinstance(k, str) for k in keys) or not all(isinstance(v, NDArray) for v in values):
        raise TypeError("save only accept dict str->NDArray or list of NDArray")
    save_arrays(fname, data, format, is_np_shape())


def save_arrays(fname: str | os.PathLike[str], data: Any, format: str | None, np_shape: bool) -> None:
    """What ``save`` writes, of arrays of any family; ``np_shape``: with the shapes of NumPy semantics."""
    if isinstance(data, dict):
        params.save_tensors(fname, {k: _saved(v) for k, v in data.items()}, format, np_shape)
    else:
        params.save_tensors(fname, [_saved(v) for v in data], format, np_shape)


def load(fname: str | os.PathLike[str]) -> Any:
    """A list of arrays, or a dict of arrays by name, on the current context.

    Reads what ``save`` of MXNet (all versions of its layout) and of this package writes, ``.npz`` and ``.npy``; the
    content tells which. On a CPU, large files are mapped: arrays take memory when they are used.

    Raises:
        MXNetError: not an array file, or a damaged one.
    """
    return _loaded(fname)


def load_frombuffer(buf: bytes | str) -> Any:
    """As ``load``, from a file's content in memory.

    Raises:
        TypeError: ``buf`` is neither bytes nor a string.
        MXNetError: not the content of an array file, or a damaged one.
    """
    if not isinstance(buf, (bytes, str)):
        raise TypeError("buf required to be a string or bytes")
    return _loaded(buf.encode() if isinstance(buf, str) else buf)


def _loaded(source: Any) -> Any:
    ctx = current_context()
    found = params.load_tensors(source)
    if isinstance(found, dict):
        return {k: _array(t, ctx) for k, t in found.items()}
    return [_array(t, ctx) for t in found]


def _saved(array: Any) -> Any:
    return params.SparseParts(array.stype, array.shape, array._stored()) if array._is_sparse else array._data


def _array(saved: Any, ctx: Context) -> NDArray:
    device = ctx.torch_device
    if isinstance(saved, params.SparseParts):
        return CLASSES[saved.stype]._of(tuple(p.to(device) for p in saved.parts), saved.shape, ctx)
    return wrap(saved.to(device), ctx)
