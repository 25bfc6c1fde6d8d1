"""Functions that make sparse arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from ...base import MXNetError, _Null, integer_types, torch_dtype
from ...context import Context, current_context, require_gpu
from ...ops import registry
from ..invoke import call
from ..ndarray import NDArray, as_tensor
from .base import BaseSparseNDArray
from .csr import CSRNDArray, row_starts
from .row_sparse import RowSparseNDArray

__all__ = ["array", "cast_storage", "csr_matrix", "empty", "is_sparse", "row_sparse_array", "to_storage", "zeros"]

CLASSES = {"row_sparse": RowSparseNDArray, "csr": CSRNDArray}


def to_storage(source: NDArray, stype: str) -> NDArray:
    """A copy of ``source`` with the storage type ``stype``; recorded where it is dense.

    Raises:
        ValueError: from one sparse storage type to the other, or ``'csr'`` of what is no matrix.
        MXNetError: no storage type.
    """
    stype = registry.get("cast_storage").parse({"stype": stype})["stype"]
    if source.stype == stype:
        return source.copy()
    if stype == "default":
        return source._like(source._recorded(lambda tensor: tensor.clone()))
    if source.stype != "default":
        raise ValueError(f"cast_storage from {source.stype} to {stype} is not supported")
    if stype == "csr" and source.ndim != 2:
        raise ValueError(f"To convert to a CSR, the NDArray should be 2 Dimensional. Current shape is {source.shape}")
    tensor = source._recorded(lambda tensor: tensor.clone())
    if tensor.requires_grad:
        return CLASSES[stype](tensor, source._ctx)
    return CLASSES[stype]._of(CLASSES[stype]._compress(tensor), tensor.shape, source._ctx)


def cast_storage(data: Any = None, stype: Any = _Null, out: Any = None, name: Any = None, **kwargs: Any) -> NDArray:
    """``data`` with another storage type.

    Args:
        data: input
        stype: ``'default'``, ``'row_sparse'`` or ``'csr'``.
        out: array that takes the result.
        name: name of the symbol.
        **kwargs: none.

    Raises:
        MXNetError: no storage type, from one sparse one to the other, or ``'csr'`` of what is no matrix.
    """
    op = registry.get("cast_storage")
    if not isinstance(data, NDArray) or data._is_sparse:
        return call(op, (data,), {"stype": stype}, out, kwargs)
    attributes = op.parse({**kwargs, **({} if stype is _Null else {"stype": stype})})
    try:
        made = to_storage(data, attributes["stype"])
    except ValueError as error:
        raise op.failure((data._data,), error) from error
    return made if out is None else made.copyto(out)


def is_sparse(source: Any) -> bool:
    """Whether ``source`` is a sparse array of ours or SciPy's matrix in compressed rows."""
    return getattr(source, "_is_sparse", False) or _is_scipy_csr(source)


def _is_scipy_csr(source: Any) -> bool:
    return getattr(source, "format", None) == "csr" and hasattr(source, "indptr")


def zeros(stype: str, shape: Any, ctx: Context | None = None, dtype: Any = None, **kwargs: Any) -> NDArray:
    """An array of zeros, of which a sparse one stores nothing.

    Args:
        stype: ``'row_sparse'``, ``'csr'`` or ``'default'``.
        shape: its shape; two lengths for ``'csr'``.
        ctx: where to; default the current context.
        dtype: default float32.
        **kwargs: ``out``, an array that takes the zeros.

    Raises:
        ValueError: no storage type.
        MXNetError: not a shape.
        TypeError: MXNet has no such dtype.
    """
    from .. import creation

    if stype == "default":
        return creation.zeros(shape, ctx, dtype, **kwargs)
    if stype not in CLASSES:
        raise ValueError(f"unknown storage type{stype}")
    out = kwargs.pop("out", None)
    kwargs.pop("name", None)
    if kwargs:
        registry.get("_zeros").parse({"shape": tuple(shape), **kwargs})  # says which keyword is unknown
    ctx = ctx or current_context()
    require_gpu(ctx)
    shape = tuple(int(n) for n in shape)
    creation.check_shape(shape)
    if stype == "csr" and len(shape) != 2:
        raise MXNetError(f"a csr array is a matrix, got the shape {shape}")
    made = nothing_stored(stype, shape, torch_dtype(dtype), ctx)
    return made if out is None else made.copyto(out)


def nothing_stored(stype: str, shape: Sequence[int], dtype: torch.dtype, ctx: Context) -> BaseSparseNDArray:
    """A sparse array of zeros."""
    device = ctx.torch_device
    none = torch.zeros(0, dtype=torch.int64, device=device)
    if stype == "row_sparse":
        parts: tuple[torch.Tensor, ...] = (none, torch.zeros((0, *shape[1:]), dtype=dtype, device=device))
    else:
        starts = torch.zeros(shape[0] + 1, dtype=torch.int64, device=device)
        parts = (starts, none, torch.zeros(0, dtype=dtype, device=device))
    return CLASSES[stype]._of(parts, shape, ctx)


def empty(stype: str, shape: Any, ctx: Context | None = None, dtype: Any = None) -> NDArray:
    """An array of the storage type ``'row_sparse'`` or ``'csr'`` that stores nothing.

    Raises:
        Exception: another storage type.
    """
    if stype not in CLASSES:
        raise Exception(f"unknown stype : {stype}")
    return zeros(stype, (shape,) if isinstance(shape, int) else shape, ctx, dtype)


def array(source_array: Any, ctx: Context | None = None, dtype: Any = None) -> BaseSparseNDArray:
    """A copy of a sparse array, or of SciPy's csr_matrix, on ``ctx`` and in ``dtype`` (default: its own).

    Raises:
        ValueError: neither of them.
        AssertionError: a dense NDArray.
    """
    if isinstance(source_array, NDArray):
        assert source_array.stype != "default", (
            "Please use `tostype` to create RowSparseNDArray or CSRNDArray from an NDArray"
        )
        made: Any = source_array.copyto(ctx or current_context())
        return made if dtype is None else made.astype(dtype, copy=False)
    if _is_scipy_csr(source_array):
        matrix = source_array.sorted_indices()
        parts = (matrix.data, matrix.indices, matrix.indptr)
        return csr_matrix(parts, matrix.shape, ctx, matrix.data.dtype if dtype is None else dtype)
    if isinstance(source_array, (np.ndarray, np.generic)):
        raise ValueError("Please use mx.nd.array to create an NDArray with source_array of type ", type(source_array))
    raise ValueError("Unexpected source_array type: ", type(source_array))


# ---------------------------------------------------------------------------------------------- from their parts
def _values(source: Any, dtype: Any, ctx: Context) -> torch.Tensor:
    """Stored values; their dtype is ``dtype``, else that of an array, else float32."""
    if dtype is None:
        dtype = source.dtype if isinstance(source, (NDArray, np.ndarray, np.generic)) else np.float32
    return as_tensor(source, torch_dtype(dtype), ctx)[0]


def _indices(source: Any, ctx: Context) -> torch.Tensor:
    return as_tensor(source, torch.int64, ctx)[0]


def _same_shape(made: NDArray, shape: Any) -> Any:
    if shape is not None and made.shape != tuple(shape):
        raise ValueError(f"Shape mismatch detected. {made.shape} v.s. {tuple(shape)}")
    return made


def _context(ctx: Context | None) -> Context:
    ctx = ctx or current_context()
    require_gpu(ctx)
    return ctx


def csr_matrix(arg1: Any, shape: Any = None, ctx: Context | None = None, dtype: Any = None) -> CSRNDArray:
    """A matrix in compressed rows.

    Args:
        arg1: ``(data, indices, indptr)``; ``(data, (row, column))``, whose repeated elements add up; ``(M, N)`` for
            one that stores nothing; a CSRNDArray, SciPy's csr_matrix, or a dense matrix in any form.
        shape: (M, N); by default what the indices need.
        ctx: where to; default the current context.
        dtype: default that of arrays, float32 for lists (numpy's for those of ``(data, (row, column))``).

    Raises:
        ValueError: parts that do not fit the form, or ``shape``.
        MXNetError: another number of values than of indices.
        TypeError: not array-like.
    """
    if isinstance(arg1, tuple):
        if len(arg1) == 2:
            if isinstance(arg1[1], tuple):
                return _csr_of_coordinates(arg1[0], arg1[1], shape, _context(ctx), dtype)
            return _same_shape(zeros("csr", _lengths(arg1, shape), ctx, dtype), shape)
        if len(arg1) == 3:
            return _csr_of_parts(*arg1, shape, _context(ctx), dtype)
        raise ValueError(f"Unexpected length of input tuple: {len(arg1)}")
    if isinstance(arg1, CSRNDArray) or _is_scipy_csr(arg1):
        return _same_shape(array(arg1, ctx, dtype), shape)
    if isinstance(arg1, RowSparseNDArray):
        raise ValueError(f"Unexpected input type: {type(arg1).__name__}")
    dense = NDArray(*_dense(arg1, ctx, dtype))
    return _same_shape(dense.tostype("csr"), shape)


def _lengths(given: tuple[Any, ...], shape: Any) -> tuple[int, ...]:
    """``given``, if it is a shape."""
    if all(isinstance(n, integer_types) for n in given):
        return tuple(int(n) for n in given)
    if shape is not None:
        raise ValueError(f"Shape mismatch detected. {given} v.s. {shape}")
    raise TypeError(f"a shape consists of integers, got {given}")


def _dense(source: Any, ctx: Context | None, dtype: Any) -> tuple[torch.Tensor, Context]:
    if dtype is None:
        dtype = source.dtype if isinstance(source, (NDArray, np.ndarray, np.generic)) else np.float32
    return as_tensor(source, torch_dtype(dtype), ctx)


def _csr_of_parts(data: Any, indices: Any, indptr: Any, shape: Any, ctx: Context, dtype: Any) -> CSRNDArray:
    if isinstance(data, integer_types):
        raise IndexError("tuple index out of range: (data, indices, indptr) or (M, N) make a csr matrix, got 3 numbers")
    values, columns, starts = _values(data, dtype, ctx), _indices(indices, ctx), _indices(indptr, ctx)
    if shape is None:
        if not len(columns):
            raise ValueError("invalid shape")
        shape = (len(starts) - 1, int(columns.max()) + 1)
    if columns.ndim != 1 or starts.ndim != 1 or values.ndim != 1 or not len(starts) or len(shape) != 2:
        raise ValueError("invalid shape")
    if len(values) != len(columns):
        raise MXNetError(f"a csr array needs one index for each value, got {len(columns)} for {len(values)}")
    return CSRNDArray._of((starts, columns, values), shape, ctx)


def _csr_of_coordinates(data: Any, places: tuple[Any, Any], shape: Any, ctx: Context, dtype: Any) -> CSRNDArray:
    if dtype is None and not isinstance(data, (NDArray, np.ndarray, np.generic)):
        dtype = np.array(data).dtype
    values, rows, columns = _values(data, dtype, ctx), _indices(places[0], ctx), _indices(places[1], ctx)
    if not len(values) == len(rows) == len(columns):
        raise ValueError("row, column, and data array must all be the same length")
    if shape is None:
        if not len(rows):
            raise ValueError("cannot infer dimensions from zero sized index arrays")
        shape = (int(rows.max()) + 1, int(columns.max()) + 1)
    for name, found, length in (("row", rows, shape[0]), ("column", columns, shape[1])):
        if len(found) and int(found.max()) >= length:
            raise ValueError(f"{name} index exceeds matrix dimensions")
        if len(found) and int(found.min()) < 0:
            raise ValueError(f"negative {name} index found")
    order, place = (rows * shape[1] + columns).unique(return_inverse=True)
    summed = values.new_zeros(len(order)).index_add_(0, place, values)
    starts = row_starts(order // shape[1], shape[0])
    return CSRNDArray._of((starts, order % shape[1], summed), shape, ctx)


def row_sparse_array(arg1: Any, shape: Any = None, ctx: Context | None = None, dtype: Any = None) -> RowSparseNDArray:
    """An array that stores some of its rows.

    Args:
        arg1: ``(data, indices)``; ``(N, M, ...)`` for one that stores nothing; a RowSparseNDArray; a dense array in
            any form.
        shape: (N, M, ...); by default what the indices need.
        ctx: where to; default the current context.
        dtype: default that of arrays, float32 for lists.

    Raises:
        ValueError: parts that do not fit the form, or ``shape``.
        MXNetError: another number of rows than of indices.
        TypeError: not array-like.
    """
    if isinstance(arg1, tuple):
        if len(arg1) < 2:
            raise ValueError(f"Unexpected length of input tuple: {len(arg1)}")
        if len(arg1) > 2 or isinstance(arg1[0], integer_types):
            return _same_shape(zeros("row_sparse", _lengths(arg1, shape), ctx, dtype), shape)
        if not hasattr(arg1[1], "__len__"):
            raise IndexError("tuple index out of range: (data, indices) or a shape make a row_sparse array")
        data, indices = arg1
        return _row_sparse_of_parts(data, indices, shape, _context(ctx), dtype)
    if isinstance(arg1, RowSparseNDArray):
        return _same_shape(array(arg1, ctx, dtype), shape)
    if isinstance(arg1, CSRNDArray):
        raise ValueError(f"Unexpected input type: {type(arg1).__name__}")
    tensor, ctx = _dense(arg1, ctx, dtype)
    if not tensor.ndim:
        raise MXNetError("Error in operator cast_storage: a row_sparse array has rows, got a single number")
    return _same_shape(NDArray(tensor, ctx).tostype("row_sparse"), shape)


def _row_sparse_of_parts(data: Any, indices: Any, shape: Any, ctx: Context, dtype: Any) -> RowSparseNDArray:
    values, rows = _values(data, dtype, ctx), _indices(indices, ctx)
    if shape is None:
        if not len(rows):
            raise ValueError("invalid shape")
        shape = (int(rows.max()) + 1, *values.shape[1:])
    if values.ndim != len(shape) or rows.ndim != 1 or not shape:
        raise ValueError("invalid shape")
    if values.shape != (len(rows), *shape[1:]):
        raise MXNetError(
            f"a row_sparse array of shape {tuple(shape)} with {len(rows)} indices needs values of shape "
            f"{(len(rows), *shape[1:])}, got {tuple(values.shape)}"
        )
    return RowSparseNDArray._of((rows, values), shape, ctx)
