"""Sparse arrays for tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import ndarray as nd
from ..context import Context
from ..ndarray import NDArray
from ..ndarray.sparse import csr_matrix, row_sparse_array
from .arrays import Shape, assign_each
from .settings import default_dtype

__all__ = ["create_sparse_array", "create_sparse_array_zd", "rand_sparse_ndarray", "shuffle_csr_column_indices"]


def _scipy_sparse() -> Any:
    """``scipy.sparse``, or None where there is no scipy."""
    try:
        from scipy import sparse
    except ImportError:
        return None
    return sparse


def shuffle_csr_column_indices(csr: Any) -> None:
    """Puts the column numbers of each row into an order by chance, in place; the values stay where they are.

    Args:
        csr: a ``scipy.sparse.csr_matrix``, or whatever has numpy arrays ``indptr`` and ``indices``.
    """
    for i in range(len(csr.indptr) - 1):
        start, end = csr.indptr[i], csr.indptr[i + 1]
        row = np.array(csr.indices[start:end])
        np.random.shuffle(row)
        csr.indices[start:end] = row


def rand_sparse_ndarray(
    shape: Shape,
    stype: str,
    density: float | None = None,
    dtype: Any = None,
    distribution: str | None = None,
    data_init: float | None = None,
    rsp_indices: np.ndarray | None = None,
    modifier_func: Callable[[Any], Any] | None = None,
    shuffle_csr_indices: bool = False,
    ctx: Context | None = None,
) -> tuple[NDArray, tuple[Any, ...]]:
    """(sparse array, what it was made of): uniform numbers from 0 to 1.

    Row_sparse: (values, row numbers), numpy. Csr: (indptr, indices, data), NDArrays; where scipy is installed, drawn by
    ``scipy.sparse.rand``, else by ``nd.random.uniform``.

    Args:
        shape: its shape; csr has two dimensions.
        stype: ``'row_sparse'`` or ``'csr'``.
        density: share of the rows (csr: elements) that are there; default by chance.
        dtype: default float32.
        distribution: ``'uniform'``, or for csr ``'powerlaw'``: each row has twice the elements of the one before.
        data_init: all values.
        rsp_indices: numbers of the rows of a row_sparse array, a numpy array.
        modifier_func: value -> value, for each of a row_sparse array.
        shuffle_csr_indices: the column numbers of a row come in an order by chance (csr, with scipy).
        ctx: default the current context.

    Raises:
        AssertionError: another storage type or distribution; an option without scipy that needs it.
        ValueError: a density that is none, or too low for the distribution.
    """
    density = np.random.rand() if density is None else density
    dtype = default_dtype() if dtype is None else dtype
    distribution = "uniform" if distribution is None else distribution
    if stype == "row_sparse":
        assert distribution == "uniform", f"Distribution {distribution} not supported for row_sparse"
        return _row_sparse(shape, density, dtype, data_init, rsp_indices, modifier_func, ctx)
    if stype == "csr":
        assert len(shape) == 2, f"a csr array has two dimensions, not {shape}"
        if distribution == "uniform":
            made: Any = _uniform_csr(shape, density, dtype, data_init, shuffle_csr_indices)
        else:
            assert distribution == "powerlaw", f"Distribution not supported: {distribution}"
            made = _powerlaw_csr(shape, density, dtype)
        made = made if ctx is None else made.as_in_context(ctx)
        return made, (made.indptr, made.indices, made.data)
    raise AssertionError("unknown storage type")


def _row_sparse(
    shape: Shape, density: float, dtype: Any, data_init: Any, rows: Any, modifier: Any, ctx: Context | None
) -> tuple[NDArray, tuple[Any, ...]]:
    if rows is None:
        rows = np.argwhere(np.random.rand(shape[0]) < density).flatten()
    assert rows.shape[0] <= shape[0], f"{rows.shape[0]} rows are more than {shape}"
    if rows.shape[0] == 0:
        return nd.zeros(shape, stype="row_sparse", dtype=dtype, ctx=ctx), (np.array([], dtype=dtype), np.array([]))
    values = np.random.rand(rows.shape[0], *shape[1:]).astype(dtype)
    if data_init is not None:
        values.fill(data_init)
    if modifier is not None:
        values = assign_each(values, modifier)
    return row_sparse_array((values, rows), shape=shape, dtype=dtype, ctx=ctx), (values, rows)


def _check_csr(shape: Shape, density: float, distribution: str) -> None:
    rows, columns = shape
    if rows <= 0 or columns <= 0:
        raise ValueError("num_rows or num_cols should be greater than 0")
    if not 0 <= density <= 1:
        raise ValueError("density has to be between 0 and 1")
    if distribution == "powerlaw" and int(rows * columns * density) < 2 * rows:
        raise ValueError(
            f"not supported for this density: {density} for this shape ({rows}, {columns}) "
            "Please keep : num_rows * num_cols * density >= 2 * num_rows"
        )


def _uniform_csr(shape: Shape, density: float, dtype: Any, data_init: Any, shuffle: bool) -> NDArray:
    _check_csr(shape, density, "uniform")
    sparse = _scipy_sparse()
    if sparse is not None:
        drawn = sparse.rand(*shape, density, dtype=dtype, format="csr")
        if data_init is not None:
            drawn.data.fill(data_init)
        if shuffle:
            shuffle_csr_column_indices(drawn)
        return csr_matrix((drawn.data, drawn.indices, drawn.indptr), shape=shape, dtype=dtype)
    assert data_init is None, "data_init option is not supported when scipy is absent"
    assert not shuffle, "shuffle_csr_indices option is not supported when scipy is absent"
    dense = nd.random.uniform(shape=shape, dtype=dtype)
    return (dense * (dense < density)).tostype("csr")


def _powerlaw_csr(shape: Shape, density: float, dtype: Any) -> NDArray:
    """Each row has an element in its first column; then row i gets 2, 4, 8, ... until all are given out."""
    _check_csr(shape, density, "powerlaw")
    rows, columns = shape
    left = int(rows * columns * density)
    values = np.zeros(shape, dtype=dtype)

    def draw() -> float:
        return 1 + np.random.uniform(0.001, 2)

    def places() -> Any:
        for row in range(rows):
            yield row, slice(0, 1), 1
        length = 2
        for row in range(rows):
            if length >= columns and left > columns:  # whole rows get one number
                yield row, slice(0, columns), columns - 1
                continue
            for column in range(1, min(length, columns)):
                yield row, slice(column, column + 1), 1
            length *= 2

    for row, part, number in places():
        values[row, part] = draw()
        left -= number
        if left <= 0:
            return nd.array(values).tostype("csr")
    raise ValueError(f"not supported for this density: {density} for this shape ({rows},{columns})")


def create_sparse_array(
    shape: Shape,
    stype: str,
    data_init: float | None = None,
    rsp_indices: Sequence[int] | None = None,
    dtype: Any = None,
    modifier_func: Callable[[Any], Any] | None = None,
    density: float = 0.5,
    shuffle_csr_indices: bool = False,
) -> NDArray:
    """The array of ``rand_sparse_ndarray``; ``rsp_indices`` may be a list, which is sorted.

    Raises:
        AssertionError: another storage type.
    """
    if stype == "row_sparse":
        rows = None
        if rsp_indices is not None:
            rows = np.sort(np.asarray(rsp_indices))
            assert len(rows) <= shape[0], f"{len(rows)} rows are more than {shape}"
        return rand_sparse_ndarray(
            shape, stype, density=density, data_init=data_init, rsp_indices=rows, dtype=dtype,
            modifier_func=modifier_func,
        )[0]  # fmt: skip
    if stype == "csr":
        return rand_sparse_ndarray(
            shape, stype, density=density, data_init=data_init, dtype=dtype, modifier_func=modifier_func,
            shuffle_csr_indices=shuffle_csr_indices,
        )[0]  # fmt: skip
    raise AssertionError(f"Unknown storage type: {stype}")


def create_sparse_array_zd(
    shape: Shape,
    stype: str,
    density: float,
    data_init: float | None = None,
    rsp_indices: Sequence[int] | None = None,
    dtype: Any = None,
    modifier_func: Callable[[Any], Any] | None = None,
    shuffle_csr_indices: bool = False,
) -> NDArray:
    """``create_sparse_array``, but a row_sparse array has the given rows and no others, whatever ``density`` is."""
    if stype == "row_sparse":
        density = 0.0
    if stype == "row_sparse" and rsp_indices is not None:
        assert len(rsp_indices) <= shape[0], f"{len(rsp_indices)} rows are more than {shape}"
    return create_sparse_array(
        shape, stype, data_init=data_init, rsp_indices=rsp_indices, dtype=dtype, modifier_func=modifier_func,
        density=density, shuffle_csr_indices=shuffle_csr_indices,
    )  # fmt: skip
