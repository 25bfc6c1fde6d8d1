"""Linear algebra of mx.np as files hold it: of the last two axes of arrays of any number of axes, empty ones too.

float16 and booleans are refused. Gradients are torch's, those of eigenvalues and of pseudo-inverses too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import torch

from .registry import operator, same_shape
from .schema import Shape

Triangle = Literal["L", "U"]
Dtypes = Sequence[torch.dtype | None]
# A result, and nothing in the places of what MXNet keeps beside it for its gradients.
Hidden = tuple[torch.Tensor, ...]


# ---------------------------------------------------------------------------------------------- dtypes and shapes
def _solved(dtypes: Dtypes) -> torch.dtype | None:
    """float32 where all are, and float64 for any others."""
    if None in dtypes:
        return None
    return torch.float32 if set(dtypes) == {torch.float32} else torch.float64


def _one_of(dtypes: Dtypes, **_: Any) -> tuple[Dtypes, Dtypes]:
    return dtypes, [_solved(dtypes)]


def _widened(*tensors: torch.Tensor) -> list[torch.Tensor]:
    """The tensors in the dtype that MXNet solves in.

    Raises:
        ValueError: float16 or booleans.
    """
    for tensor in tensors:
        if tensor.dtype in (torch.float16, torch.bfloat16, torch.bool):
            raise ValueError(f"arrays of dtype {tensor.dtype} are not supported")
    dtype = _solved([tensor.dtype for tensor in tensors])
    return [tensor.to(dtype) for tensor in tensors]


def _floating(matrix: torch.Tensor) -> torch.Tensor:
    if matrix.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"only float32 and float64 are supported, got {matrix.dtype}")
    return matrix


def _matrices(matrix: torch.Tensor) -> torch.Tensor:
    if matrix.ndim < 2:
        raise ValueError(f"two axes or more are needed, got {tuple(matrix.shape)}")
    return matrix


def _square(matrix: torch.Tensor) -> torch.Tensor:
    if _matrices(matrix).shape[-1] != matrix.shape[-2]:
        raise ValueError(f"square matrices are needed, got {tuple(matrix.shape)}")
    return matrix


def _signs(rows: torch.Tensor) -> torch.Tensor:
    """(b..., n) of 1 and -1 by which the entry of largest absolute value of each row (b..., n, k) is positive."""
    if not rows.numel():
        return rows.new_ones(rows.shape[:-1])
    with torch.no_grad():
        largest = rows.gather(-1, rows.abs().argmax(-1, keepdim=True)).squeeze(-1)
        return torch.where(largest < 0, -1.0, 1.0).to(rows.dtype)


# ---------------------------------------------------------------------------------------------- eigenvalues
_COMPLEX = "complex eigenvalues are not supported"


def _real(values: torch.Tensor) -> torch.Tensor:
    real = (values.imag.abs() <= 1e-15).all()
    if torch.compiler.is_compiling():
        torch._assert_async(real, _COMPLEX)  # a branch would break the graph
    elif not values.is_meta and not bool(real):
        raise ValueError(_COMPLEX)
    return values.real


@operator("_npi_eig", outputs=("output0", "output1"), infer_dtypes=_one_of)
def eig(A: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:  # noqa: N803 - MXNet's name
    """Eigenvalues (b..., n), in no order, and eigenvectors of length 1, the columns of (b..., n, n), both real.

    Raises:
        ValueError: eigenvalues are complex.
    """
    (matrix,) = _widened(_square(A))
    values, vectors = torch.linalg.eig(matrix)
    return _real(values), vectors.real


@operator("_npi_eigvals", infer_dtypes=_one_of)
def eigvals(A: torch.Tensor) -> torch.Tensor:  # noqa: N803
    """The eigenvalues of ``eig``."""
    (matrix,) = _widened(_square(A))
    return _real(torch.linalg.eigvals(matrix))


@operator("_npi_eigh", outputs=("output0", "output1"), infer_dtypes=_one_of)
def eigh(A: torch.Tensor, *, UPLO: Triangle = "L") -> tuple[torch.Tensor, torch.Tensor]:  # noqa: N803
    """Eigenvalues (b..., n), ascending, and eigenvectors, columns, of symmetric matrices, of which a triangle is read.

    The entry of largest absolute value of each vector is positive, as in MXNet.
    """
    (matrix,) = _widened(_square(A))
    values, vectors = torch.linalg.eigh(matrix, UPLO)
    return values, vectors * _signs(vectors.mT).unsqueeze(-2)


@operator("_npi_eigvalsh", infer_dtypes=_one_of)
def eigvalsh(A: torch.Tensor, *, UPLO: Triangle = "L") -> torch.Tensor:  # noqa: N803
    """The eigenvalues of ``eigh``."""
    (matrix,) = _widened(_square(A))
    return torch.linalg.eigvalsh(matrix, UPLO)


# ---------------------------------------------------------------------------------------------- factors
@operator("_npi_svd", outputs=("output0", "output1", "output2"))
def svd(A: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:  # noqa: N803
    """(U, L, V) of which A (b..., m, n) is U diag(L) V: (b..., m, m), (b..., m) descending, (b..., m, n).

    The entry of largest absolute value of each row of V is positive, as in MXNet.

    Raises:
        ValueError: m > n.
    """
    if _floating(_matrices(A)).shape[-2] > A.shape[-1]:
        raise ValueError(f"no more rows than columns are allowed, got {tuple(A.shape)}")
    left, values, right = torch.linalg.svd(A, full_matrices=False)
    signs = _signs(right)
    return left * signs.unsqueeze(-2), values, right * signs.unsqueeze(-1)


@operator("_npi_cholesky", infer_inputs=same_shape)
def cholesky(A: torch.Tensor) -> torch.Tensor:  # noqa: N803 - MXNet's name
    """The lower triangle L of which A is L times its transpose."""
    return torch.linalg.cholesky(_floating(_square(A)))


# ---------------------------------------------------------------------------------------------- inverses
@operator("_npi_pinv")
def pinv(A: torch.Tensor, rcond: torch.Tensor, *, hermitian: bool = False) -> torch.Tensor:  # noqa: N803
    """Pseudo-inverses (b..., n, m) of A (b..., m, n).

    Args:
        rcond: singular values are 0 up to this share of the largest of their matrix; shape b... or one that
            broadcasts to it.
        hermitian: whether A is symmetric, which changes nothing: the way to the result is the same for all matrices.
    """
    del hermitian
    batch = _floating(_matrices(A)).shape[:-2]
    if torch.broadcast_shapes(rcond.shape, batch) != batch:
        raise ValueError(f"rcond of shape {tuple(rcond.shape)} does not broadcast to {tuple(batch)}")
    return torch.linalg.pinv(A, rtol=rcond.detach())


@operator("_npi_pinv_scalar_rcond")
def pinv_scalar_rcond(A: torch.Tensor, *, rcond: float = 1e-15, hermitian: bool = False) -> torch.Tensor:  # noqa: N803
    """Pseudo-inverses, with one ``rcond`` for all; see ``pinv``."""
    del hermitian
    return torch.linalg.pinv(_floating(_matrices(A)), rtol=rcond)


@operator("_npi_tensorinv")
def tensorinv(a: torch.Tensor, *, ind: int = 2) -> torch.Tensor:
    """The inverse of the matrix whose rows are the first ``ind`` axes of a, whose columns the others: the axes change.

    Raises:
        ValueError: that matrix is not square, or is empty.
    """
    if ind <= 0:
        raise ValueError(f"ind must be positive, got {ind}")
    front, back = a.shape[:ind], a.shape[ind:]
    rows = math.prod(front)
    if rows != math.prod(back) or not rows:
        raise ValueError(f"as many rows as columns, and some, are needed, got {tuple(front)} and {tuple(back)}")
    return torch.linalg.inv(_floating(a).reshape(rows, rows)).reshape(*back, *front)


@operator("_npi_tensorsolve", mixed_dtypes=True, infer_dtypes=_one_of)
def tensorsolve(a: torch.Tensor, b: torch.Tensor, *, a_axes: Shape = ()) -> torch.Tensor:
    """x of which b is a times x, summed over all axes of x, which are the last of a: shape a.shape[b.ndim:].

    Args:
        a_axes: axes of a that are moved to its end first.

    Raises:
        ValueError: the matrix that a makes is not square, or does not fit b.
    """
    a, b = _widened(a, b)
    if a_axes:
        last = [d + a.ndim if d < 0 else d for d in a_axes]
        a = a.permute(*[d for d in range(a.ndim) if d not in last], *last)
    shape = a.shape[b.ndim :]
    columns = math.prod(shape)
    if b.ndim > a.ndim or math.prod(a.shape[: b.ndim]) != columns or b.numel() != columns:
        raise ValueError(f"a of shape {tuple(a.shape)} makes no square matrix for b of shape {tuple(b.shape)}")
    return torch.linalg.solve(a.reshape(columns, columns), b.reshape(columns)).reshape(shape)


@operator("_npi_solve", mixed_dtypes=True, infer_dtypes=_one_of)
def solve(A: torch.Tensor, B: torch.Tensor) -> torch.Tensor:  # noqa: N803 - MXNet's names
    """X of which B is A times X: A (b..., n, n), B (b..., n) or (b..., n, k)."""
    matrix, right = _widened(_square(A), B)
    vector = B.ndim == A.ndim - 1
    if (right.shape if vector else right.shape[:-1]) != matrix.shape[:-1]:
        raise ValueError(f"A of shape {tuple(A.shape)} and B of shape {tuple(B.shape)} do not fit")
    return torch.linalg.solve(matrix, right.unsqueeze(-1)).squeeze(-1) if vector else torch.linalg.solve(matrix, right)


# ---------------------------------------------------------------------------------------------- norms
_FLAT, _NUMBER, _MATRIX, _FROBENIUS, _NUCLEAR = -2, -1, 0, 1, 2  # what norm's flag says of its ord


@operator("_npi_norm", outputs=("output0", "output1", "output2", "output3"), visible=1)
def norm(
    data: torch.Tensor, *, ord: float = 2.0, axis: Shape | None = None, keepdims: bool = False, flag: int = -2
) -> Hidden:
    """The norm of vectors along one axis, or of matrices in two, in data's dtype; axis None: of the last two axes.

    Args:
        flag: which norm is meant: -2 that of all elements, as one vector; -1 or 0 that of order ``ord``; 1 Frobenius';
            2 the sum of the singular values.

    Raises:
        ValueError: there is no such norm, or it is of other than one or two axes.
    """
    if not -2 <= flag <= 2:
        raise ValueError(f"flag {flag} names no norm")
    found = _norm(data if data.is_floating_point() else data.double(), ord, axis, keepdims, flag)
    nothing = data.new_empty(0)
    return found.to(data.dtype), nothing, nothing, nothing


def _norm(data: torch.Tensor, order: float, axis: Shape | None, keepdims: bool, flag: int) -> torch.Tensor:
    if axis is None:
        if flag == _FLAT:
            return torch.linalg.vector_norm(data, 2, None, keepdims)
        axis = tuple(range(max(data.ndim - 2, 0), data.ndim))
    if not 1 <= len(axis) <= 2:
        raise ValueError(f"norms are of one axis or two, got {axis}")
    if flag in (_FLAT, _FROBENIUS):
        return torch.linalg.vector_norm(data, 2, axis, keepdims)
    if len(axis) == 1:
        if flag == _NUCLEAR:
            raise ValueError("a vector has no nuclear norm")
        return torch.linalg.vector_norm(data, order, axis, keepdims)
    if flag != _NUCLEAR and order not in (1, -1, 2, -2, math.inf, -math.inf):
        raise ValueError(f"matrices have no norm of order {order}")
    rows, columns = (data.shape[d] for d in axis)
    if not rows * columns:  # MXNet's is 0, torch refuses it
        return torch.linalg.vector_norm(data, 2, axis, keepdims)
    return torch.linalg.matrix_norm(data, "nuc" if flag == _NUCLEAR else order, axis, keepdims)
