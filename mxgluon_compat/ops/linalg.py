"""Matrix products and the linear algebra operators (LAPACK's names: potrf, trsm, gelqf, ...)."""

from __future__ import annotations

import math
from typing import Literal

import torch

from ..base import UnsupportedError, numpy_semantics
from .products import mm
from .registry import operator, same_shape
from .shape_rules import gemm_shapes, triangular_shapes

StorageType = Literal["csr", "default", "row_sparse"]


# ---------------------------------------------------------------------------------------------- products
def _check_floating(*tensors: torch.Tensor) -> None:
    """MXNet has no integer products; some of torch's devices do, others do not."""
    for tensor in tensors:
        if not tensor.is_floating_point():
            raise ValueError(f"only floating dtypes can be multiplied, got {str(tensor.dtype).removeprefix('torch.')}")


def _check_dense(forward_stype: str | None) -> None:
    if forward_stype not in (None, "default"):
        raise UnsupportedError(f"forward_stype={forward_stype!r}", "the product of dense arrays is dense")


@operator("dot", "_sparse_dot")
def dot(
    lhs: torch.Tensor,
    rhs: torch.Tensor,
    *,
    transpose_a: bool = False,
    transpose_b: bool = False,
    forward_stype: StorageType | None = None,
) -> torch.Tensor:
    """Sum over lhs's last axis (first with transpose_a) and rhs's first axis (last with transpose_b).

    Two vectors give (1,); otherwise the remaining axes of lhs, then those of rhs. ``forward_stype`` is how arrays store
    the result; in graphs it is dense.
    """
    if lhs.ndim == rhs.ndim == 2 and lhs.is_floating_point():
        # The frequent case, checked no more than it must be: torch's own message tells the shapes that do not fit.
        return mm(lhs.t() if transpose_a else lhs, rhs.t() if transpose_b else rhs)
    _check_floating(lhs, rhs)
    if lhs.ndim == rhs.ndim == 1:
        if transpose_a or transpose_b:
            raise ValueError("cannot transpose vectors")
        return lhs.dot(rhs).reshape(1)
    # a vector has one axis, which is both its first and its last
    left, right = (0 if transpose_a else lhs.ndim - 1), (rhs.ndim - 1 if transpose_b else 0)
    if lhs.shape[left] != rhs.shape[right]:
        raise ValueError(f"dot shape error: {tuple(lhs.shape)} X {tuple(rhs.shape)}")
    return torch.tensordot(lhs, rhs, dims=([left], [right]))


@operator("batch_dot", "_npx_batch_dot")
def batch_dot(
    lhs: torch.Tensor,
    rhs: torch.Tensor,
    *,
    transpose_a: bool = False,
    transpose_b: bool = False,
    forward_stype: StorageType | None = None,
) -> torch.Tensor:
    """Matrix products of the last two axes, (b..., n, k) and (b..., k, m) -> (b..., n, m).

    The leading axes are equal, at least one.
    """
    _check_floating(lhs, rhs)
    _check_dense(forward_stype)
    if lhs.ndim < 3 or lhs.ndim != rhs.ndim or lhs.shape[:-2] != rhs.shape[:-2]:
        raise ValueError(
            f"3 or more dimensions with equal leading ones are needed: {tuple(lhs.shape)} X {tuple(rhs.shape)}"
        )
    lhs, rhs = (lhs.mT if transpose_a else lhs), (rhs.mT if transpose_b else rhs)
    return torch.bmm(lhs, rhs) if lhs.ndim == 3 else torch.matmul(lhs, rhs)


@operator("khatri_rao", count="num_args", may_alias=True)
def khatri_rao(*args: torch.Tensor) -> torch.Tensor:
    """Column-wise Kronecker product: matrices (n_i, k) -> (product of all n_i, k)."""
    out = args[0]
    for matrix in args[1:]:
        if out.ndim != 2 or matrix.ndim != 2 or matrix.shape[1] != out.shape[1]:
            raise ValueError("matrices with the same number of columns are needed")
        out = (out.unsqueeze(1) * matrix.unsqueeze(0)).flatten(0, 1)
    return out


def _matmul(
    a: torch.Tensor, b: torch.Tensor, transpose_a: bool, transpose_b: bool, alpha: float, axis: int
) -> torch.Tensor:
    """alpha * op(a) op(b); rows lie along ``axis``, columns along the last one, and the product comes back so."""
    _check_floating(a, b)
    if a.ndim < 2 or a.ndim != b.ndim:
        raise ValueError("inputs need the same number of dimensions, 2 or more")
    moved = axis not in (-2, a.ndim - 2)
    if moved:
        a, b = a.movedim(axis, -2), b.movedim(axis, -2)
    if a.shape[:-2] != b.shape[:-2]:
        raise ValueError("shapes must be the same, except on row and column axis")
    out = (a.mT if transpose_a else a) @ (b.mT if transpose_b else b)
    out = out if alpha == 1 else out * alpha
    return out.movedim(-2, axis) if moved else out


@operator("_linalg_gemm", "linalg_gemm", infer_inputs=gemm_shapes)
def gemm(
    A: torch.Tensor,  # noqa: N803 - names of MXNet
    B: torch.Tensor,  # noqa: N803
    C: torch.Tensor,  # noqa: N803
    *,
    transpose_a: bool = False,
    transpose_b: bool = False,
    alpha: float = 1.0,
    beta: float = 1.0,
    axis: int = -2,
) -> torch.Tensor:
    """alpha * op(A) op(B) + beta * C for matrices (b..., n, k), (b..., k, m), (b..., n, m); rows lie along ``axis``."""
    product = _matmul(A, B, transpose_a, transpose_b, alpha, axis)
    if C.shape != product.shape:
        raise ValueError(f"C must have shape {tuple(product.shape)}, got {tuple(C.shape)}")
    return product + (C if beta == 1 else C * beta)


@operator("_linalg_gemm2", "linalg_gemm2")
def gemm2(
    A: torch.Tensor,  # noqa: N803
    B: torch.Tensor,  # noqa: N803
    *,
    transpose_a: bool = False,
    transpose_b: bool = False,
    alpha: float = 1.0,
    axis: int = -2,
) -> torch.Tensor:
    """alpha * op(A) op(B) for matrices (b..., n, k), (b..., k, m); rows lie along ``axis``."""
    return _matmul(A, B, transpose_a, transpose_b, alpha, axis)


@operator("_linalg_syrk", "linalg_syrk")
def syrk(A: torch.Tensor, *, transpose: bool = False, alpha: float = 1.0) -> torch.Tensor:  # noqa: N803
    """alpha * A A^T, or alpha * A^T A with ``transpose``; A (b..., n, k)."""
    return _matmul(A, A, transpose, not transpose, alpha, -2)


# ---------------------------------------------------------------------------------------------- triangular
def _square(matrix: torch.Tensor) -> torch.Tensor:
    if matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2]:
        raise ValueError(f"square matrices are needed, got {tuple(matrix.shape)}")
    return matrix


def _triangle(matrix: torch.Tensor, lower: bool) -> torch.Tensor:
    return _square(matrix).tril() if lower else _square(matrix).triu()


@operator("_linalg_potrf", "linalg_potrf", infer_inputs=same_shape)
def potrf(A: torch.Tensor, *, lower: bool = True) -> torch.Tensor:  # noqa: N803
    """Cholesky factor: lower triangular L with L L^T = A; A (b..., n, n) positive definite (its lower half is read).

    ``lower=False``: upper triangular U with U^T U = A (its upper half is read).
    """
    return torch.linalg.cholesky(_square(A), upper=not lower)


@operator("_linalg_potri", "linalg_potri", infer_inputs=same_shape)
def potri(A: torch.Tensor, *, lower: bool = True) -> torch.Tensor:  # noqa: N803
    """(A A^T)^-1 of the lower triangular A (b..., n, n); with ``lower=False`` (A^T A)^-1 of an upper triangular one."""
    factor = _triangle(A, lower)
    eye = torch.eye(A.shape[-1], dtype=A.dtype, device=A.device)
    inverse = torch.linalg.solve_triangular(factor, eye, upper=not lower)
    return inverse.mT @ inverse if lower else inverse @ inverse.mT


@operator("_linalg_trmm", "linalg_trmm", infer_inputs=triangular_shapes)
def trmm(
    A: torch.Tensor,  # noqa: N803
    B: torch.Tensor,  # noqa: N803
    *,
    transpose: bool = False,
    rightside: bool = False,
    lower: bool = True,
    alpha: float = 1.0,
) -> torch.Tensor:
    """alpha * op(A) B, or alpha * B op(A) with ``rightside``; of A (b..., n, n) one triangle counts."""
    triangle = _triangle(A, lower)
    triangle = triangle.mT if transpose else triangle
    out = B @ triangle if rightside else triangle @ B
    return out if alpha == 1 else out * alpha


@operator("_linalg_trsm", "linalg_trsm", infer_inputs=triangular_shapes)
def trsm(
    A: torch.Tensor,  # noqa: N803
    B: torch.Tensor,  # noqa: N803
    *,
    transpose: bool = False,
    rightside: bool = False,
    lower: bool = True,
    alpha: float = 1.0,
) -> torch.Tensor:
    """X with op(A) X = alpha * B, or X op(A) = alpha * B with ``rightside``; of A (b..., n, n) one triangle counts."""
    triangle = _triangle(A, lower)
    if transpose:
        triangle, lower = triangle.mT, not lower
    right = B if alpha == 1 else B * alpha
    return torch.linalg.solve_triangular(triangle, right, upper=not lower, left=not rightside)


# ---------------------------------------------------------------------------------------------- parts of a matrix
@operator("_linalg_sumlogdiag", "linalg_sumlogdiag")
def sumlogdiag(A: torch.Tensor) -> torch.Tensor:  # noqa: N803
    """Sum of the logarithms of the diagonal: (b..., n, n) -> (b...), (1,) for one matrix."""
    return _per_matrix(_square(A).diagonal(dim1=-2, dim2=-1).log().sum(-1))


def _per_matrix(values: torch.Tensor) -> torch.Tensor:
    """One value for each matrix; of one matrix with one dimension, but under NumPy's shape semantics."""
    return values if values.ndim or numpy_semantics.shape else values.reshape(1)


def _diagonal_size(matrix: torch.Tensor, offset: int) -> int:
    size = _square(matrix).shape[-1] - abs(offset)
    if size < 1:
        raise ValueError(f"there is no diagonal {offset} in {tuple(matrix.shape)}")
    return size


@operator("_linalg_extractdiag", "linalg_extractdiag", may_alias=True)
def extractdiag(A: torch.Tensor, *, offset: int = 0) -> torch.Tensor:  # noqa: N803
    """Diagonal ``offset`` of matrices: (b..., n, n) -> (b..., n - |offset|)."""
    _diagonal_size(A, offset)
    return A.diagonal(offset, -2, -1)


@operator("_linalg_makediag", "linalg_makediag")
def makediag(A: torch.Tensor, *, offset: int = 0) -> torch.Tensor:  # noqa: N803
    """Matrices with A on diagonal ``offset``: (b..., n) -> (b..., n + |offset|, n + |offset|)."""
    return A.diag_embed(offset)


def _triangle_indices(size: int, offset: int, lower: bool, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """(rows, columns) of a triangle in MXNet's order: the lower one by rows, the upper one by columns.

    The triangle runs from diagonal ``offset`` away from the main one; only with offset 0 does ``lower`` choose.
    """
    if offset < 0 or (offset == 0 and lower):
        rows, columns = torch.tril_indices(size, size, offset, device=device)
    else:
        columns, rows = torch.tril_indices(size, size, -offset, device=device)
    return rows, columns


@operator("_linalg_extracttrian", "linalg_extracttrian")
def extracttrian(A: torch.Tensor, *, offset: int = 0, lower: bool = True) -> torch.Tensor:  # noqa: N803
    """A triangle of matrices as vectors: (b..., n, n) -> (b..., k(k + 1)/2) with k = n - |offset|."""
    _diagonal_size(A, offset)
    rows, columns = _triangle_indices(A.shape[-1], offset, lower, A.device)
    return A[..., rows, columns]


@operator("_linalg_maketrian", "linalg_maketrian")
def maketrian(A: torch.Tensor, *, offset: int = 0, lower: bool = True) -> torch.Tensor:  # noqa: N803
    """Triangular matrices from vectors, the inverse of extracttrian: (b..., k(k + 1)/2) -> (b..., n, n)."""
    entries = A.shape[-1]
    k = (math.isqrt(8 * entries + 1) - 1) // 2
    if k * (k + 1) // 2 != entries:
        raise ValueError(f"the last axis must have k(k + 1)/2 elements, got {entries}")
    n = k + abs(offset)
    rows, columns = _triangle_indices(n, offset, lower, A.device)
    return A.new_zeros((*A.shape[:-1], n * n)).index_copy(-1, rows * n + columns, A).unflatten(-1, (n, n))


# ---------------------------------------------------------------------------------------------- factors
# Hidden outputs hold in MXNet what gradients need (LU factors, pivots); here autograd keeps its own.
@operator("_linalg_det", "linalg_det", "_npi_det", outputs=("output0", "output1", "output2"), visible=1)
def det(A: torch.Tensor) -> tuple[torch.Tensor, ...]:  # noqa: N803
    """Determinants: (b..., n, n) -> (b...), (1,) for one matrix but under NumPy's shape semantics."""
    nothing = A.new_empty(0)
    return _per_matrix(torch.linalg.det(_square(A))), nothing, nothing


@operator(
    "_linalg_slogdet",
    "linalg_slogdet",
    "_npi_slogdet",
    outputs=("output0", "output1", "output2", "output3"),
    visible=2,
)
def slogdet(A: torch.Tensor) -> tuple[torch.Tensor, ...]:  # noqa: N803
    """Signs and logarithms of the absolute values of determinants: (b..., n, n) -> (b...) each; see ``det``."""
    sign, logarithm = torch.linalg.slogdet(_square(A))
    nothing = A.new_empty(0)
    return _per_matrix(sign), _per_matrix(logarithm), nothing, nothing


@operator("_linalg_inverse", "linalg_inverse", "_npi_inv")
def inverse(A: torch.Tensor) -> torch.Tensor:  # noqa: N803
    """Inverses of matrices (b..., n, n)."""
    return torch.linalg.inv(_square(A))


@operator("_linalg_gelqf", "linalg_gelqf", infer_inputs=same_shape, outputs=("output0", "output1"))
def gelqf(A: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:  # noqa: N803
    """LQ factors (Q, L) with A = L Q: A (b..., n, m), n <= m; Q (b..., n, m) orthonormal rows, L (b..., n, n) lower."""
    if A.ndim < 2 or A.shape[-2] > A.shape[-1]:
        raise ValueError(f"no more rows than columns are allowed, got {tuple(A.shape)}")
    q, r = torch.linalg.qr(A.mT)
    return q.mT, r.mT


@operator("_linalg_syevd", outputs=("output0", "output1"))
def syevd(A: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:  # noqa: N803
    """(U, L) with A = U^T diag(L) U for symmetric A (b..., n, n): rows of U are eigenvectors, L ascending.

    The entry of largest absolute value in each eigenvector is positive, as MXNet has it.
    """
    values, vectors = torch.linalg.eigh(_square(A))
    vectors = vectors.mT
    largest = vectors.gather(-1, vectors.abs().argmax(-1, keepdim=True))
    return vectors * torch.where(largest < 0, -1.0, 1.0).to(vectors.dtype), values
