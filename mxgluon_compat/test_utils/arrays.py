"""Arrays, shapes and matrices for tests, most of them drawn from numpy's global generator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import ndarray as nd
from ..context import Context
from ..ndarray import NDArray, array
from .settings import default_dtype

__all__ = [
    "assign_each", "assign_each2", "collapse_sum_like", "create_2d_tensor", "create_vector", "get_identity_mat",
    "get_identity_mat_batch", "new_matrix_with_real_eigvals_2d", "new_matrix_with_real_eigvals_nd",
    "new_orthonormal_matrix_2d", "new_sym_matrix_with_real_eigvals_2d", "new_sym_matrix_with_real_eigvals_nd",
    "np_reduce", "rand_coord_2d", "rand_ndarray", "rand_shape_2d", "rand_shape_3d", "rand_shape_nd", "random_arrays",
    "random_sample", "random_uniform_arrays",
]  # fmt: skip

Shape = tuple[int, ...]
# Matrices with a larger condition number are drawn again.
_MOST_CONDITION = 3


# ---------------------------------------------------------------------------------------------- shapes
def rand_shape_2d(dim0: int = 10, dim1: int = 10, allow_zero_size: bool = False) -> Shape:
    """A shape of two dimensions, each from 1 (or 0) to the one given."""
    return _lengths((dim0, dim1), allow_zero_size)


def rand_shape_3d(dim0: int = 10, dim1: int = 10, dim2: int = 10, allow_zero_size: bool = False) -> Shape:
    """A shape of three dimensions, each from 1 (or 0) to the one given."""
    return _lengths((dim0, dim1, dim2), allow_zero_size)


def _lengths(most: Sequence[int], allow_zero_size: bool) -> Shape:
    return tuple(np.random.randint(0 if allow_zero_size else 1, n + 1) for n in most)


def rand_shape_nd(num_dim: int, dim: int = 10, allow_zero_size: bool = False) -> Shape:
    """A shape of ``num_dim`` dimensions, each from 1 (or 0) to ``dim``."""
    return tuple(np.random.randint(0 if allow_zero_size else 1, dim + 1, size=num_dim))


def rand_coord_2d(x_low: int, x_high: int, y_low: int, y_high: int) -> tuple[int, int]:
    """A point of the rectangle, its upper ends excluded."""
    x = np.random.randint(x_low, x_high, dtype=np.int64)
    return x, np.random.randint(y_low, y_high, dtype=np.int64)  # type: ignore[return-value]  # numpy's integers


def random_sample(population: Sequence[Any], k: int) -> list[Any]:
    """``k`` members of a list, in an order by chance.

    Raises:
        AssertionError: it has fewer.
    """
    assert 0 <= k <= len(population), f"{k} of {len(population)} cannot be taken"
    mixed = population[:]
    np.random.shuffle(mixed)
    return list(mixed[:k])


# ---------------------------------------------------------------------------------------------- arrays
def random_arrays(*shapes: Shape) -> Any:
    """Normal numbers, float32: an array for one shape, a list of them for several (numpy)."""
    arrays: list[np.ndarray] = [np.array(np.random.randn(*shape), dtype=default_dtype()) for shape in shapes]
    return arrays[0] if len(arrays) == 1 else arrays


def random_uniform_arrays(*shapes: Shape, **kwargs: Any) -> list[np.ndarray]:
    """Uniform numbers: a list with an array for each shape (numpy).

    Args:
        *shapes: the shapes.
        **kwargs: ``low`` (0), ``high`` (1), ``dtype`` (float32).

    Raises:
        TypeError: another keyword.
    """
    low, high = kwargs.pop("low", 0.0), kwargs.pop("high", 1.0)
    dtype = kwargs.pop("dtype", default_dtype())
    if kwargs:
        raise TypeError(f"Got unexpected argument/s : {kwargs.keys()}")
    return [np.random.uniform(low, high, size=shape).astype(dtype) for shape in shapes]


def rand_ndarray(
    shape: Shape,
    stype: str = "default",
    density: float | None = None,
    dtype: Any = None,
    modifier_func: Callable[[Any], Any] | None = None,
    shuffle_csr_indices: bool = False,
    distribution: str | None = None,
    ctx: Context | None = None,
) -> NDArray:
    """Normal numbers in a dense array, or what ``rand_sparse_ndarray`` gives in a sparse one.

    Args:
        shape: its shape.
        stype: ``'default'``, ``'row_sparse'`` or ``'csr'``.
        density, modifier_func, shuffle_csr_indices, distribution: of sparse arrays; see ``rand_sparse_ndarray``.
        dtype: default float32.
        ctx: default the current context.

    Raises:
        AssertionError: another storage type.
    """
    if stype == "default":
        return array(random_arrays(shape), ctx=ctx, dtype=dtype)
    from .sparse import rand_sparse_ndarray

    return rand_sparse_ndarray(
        shape, stype, density=density, modifier_func=modifier_func, dtype=dtype,
        shuffle_csr_indices=shuffle_csr_indices, distribution=distribution, ctx=ctx,
    )[0]  # fmt: skip


def create_2d_tensor(rows: int, columns: int, dtype: Any = np.int64) -> NDArray:
    """(rows, columns): each row holds its number."""
    column = nd.arange(0, rows, dtype=dtype).reshape((rows, 1))
    return nd.broadcast_to(column, shape=(rows, columns))


def create_vector(size: int, dtype: Any = np.int64) -> NDArray:
    """(size,): 0, 1, 2, ..."""
    return nd.arange(0, size, dtype=dtype)


# ---------------------------------------------------------------------------------------------- matrices
def get_identity_mat(size: int) -> NDArray:
    """(size, size): ones on the diagonal."""
    return array(np.eye(size))


def get_identity_mat_batch(size: int) -> NDArray:
    """(2, size, size): two of them."""
    return array(np.stack([np.eye(size)] * 2))


def new_orthonormal_matrix_2d(n: int) -> np.ndarray:
    """(n, n), orthonormal: the Q of a QR decomposition of X^T X, where X is of normal numbers."""
    x = np.random.randn(n, n)
    return np.linalg.qr(x.T.dot(x))[0]


def new_matrix_with_real_eigvals_2d(n: int) -> np.ndarray:
    """(n, n) with real eigenvalues from -10 to 10: Q^-1 D Q, Q a reflected diagonal matrix of low condition."""
    while True:
        lengths = np.random.uniform(-1.0, 1.0, n)
        normal = np.random.uniform(-1.0, 1.0, n)
        normal /= np.linalg.norm(normal)
        q = (np.eye(n) - 2 * np.outer(normal, normal)) * lengths  # a Householder reflection
        if np.linalg.cond(q, 2) < _MOST_CONDITION:
            break
    return np.linalg.inv(q).dot(np.diag(np.random.uniform(-10.0, 10.0, n))).dot(q)


def new_sym_matrix_with_real_eigvals_2d(n: int) -> np.ndarray:
    """(n, n), symmetric, with eigenvalues from -10 to 10."""
    vectors = new_orthonormal_matrix_2d(n)
    values = np.diag(np.random.uniform(-10.0, 10.0, n))
    return vectors.T.dot(values).dot(vectors)


def new_matrix_with_real_eigvals_nd(shape: Shape) -> np.ndarray:
    """(..., n, n): ``new_matrix_with_real_eigvals_2d`` for each."""
    return _stacked(new_matrix_with_real_eigvals_2d, shape)


def new_sym_matrix_with_real_eigvals_nd(shape: Shape) -> np.ndarray:
    """(..., n, n): ``new_sym_matrix_with_real_eigvals_2d`` for each."""
    return _stacked(new_sym_matrix_with_real_eigvals_2d, shape)


def _stacked(make: Callable[[int], np.ndarray], shape: Shape) -> np.ndarray:
    number = int(np.prod(shape[:-2]))
    return np.array([make(shape[-1]) for _ in range(number)]).reshape(shape)


# ---------------------------------------------------------------------------------------------- element by element
def np_reduce(dat: np.ndarray, axis: Any, keepdims: bool, numpy_reduce_func: Callable[..., Any]) -> Any:
    """A numpy reduction over several axes, one after the other, from the last.

    Args:
        dat: the array.
        axis: an axis, several, or None for all.
        keepdims: whether they stay, of length 1.
        numpy_reduce_func: ``np.sum`` or its like.
    """
    axes = [axis] if isinstance(axis, int) else list(range(dat.ndim)) if axis is None else list(axis)
    result = dat
    for i in sorted((a + dat.ndim if a < 0 else a for a in axes), reverse=True):
        result = numpy_reduce_func(result, axis=i)
    if keepdims:
        kept = [1 if i in axes or i - dat.ndim in axes else n for i, n in enumerate(dat.shape)]
        result = result.reshape(tuple(kept))
    return result


def collapse_sum_like(a: Any, shape: Shape) -> Any:
    """The sum of ``a`` over what broadcasting added to ``shape``, in that shape.

    Raises:
        AssertionError: ``shape`` does not broadcast to that of ``a``.
    """
    assert len(a.shape) >= len(shape), f"{shape} has more dimensions than {a.shape}"
    if np.prod(shape) == 0 or a.size == 0:
        return np.zeros(shape, dtype=a.dtype)
    more = len(a.shape) - len(shape)
    axes = list(range(more))
    for i, length in enumerate(shape):
        if length != a.shape[more + i]:
            assert length == 1, f"{shape} does not broadcast to {a.shape}"
            axes.append(more + i)
    return np.sum(a, axis=tuple(axes)).reshape(shape) if isinstance(a, np.ndarray) else a.sum(axes).reshape(shape)


def assign_each(the_input: np.ndarray, function: Callable[[Any], Any] | None) -> np.ndarray:
    """``function`` of each element, float64; without one, a copy."""
    if function is None:
        return np.array(the_input)
    result = np.zeros(the_input.shape)
    for place in np.ndindex(the_input.shape):
        result[place] = function(the_input[place])
    return result


def assign_each2(
    input1: np.ndarray, input2: np.ndarray, function: Callable[[Any, Any], Any] | None
) -> np.ndarray:  # fmt: skip
    """``function`` of each pair of elements, float64; without one, a copy of the first.

    Raises:
        AssertionError: arrays of other shapes.
    """
    assert input1.shape == input2.shape, f"{input1.shape} and {input2.shape} differ"
    if function is None:
        return np.array(input1)
    result = np.zeros(input1.shape)
    for place in np.ndindex(input1.shape):
        result[place] = function(input1[place], input2[place])
    return result
