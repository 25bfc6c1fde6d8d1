"""Products of matrices of which one or both are stored in compressed rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ... import autograd
from ...ops.registry import Operator
from ..fallback import log_fallback
from ..invoke import run, wrap
from ..ndarray import NDArray
from .creation import CLASSES, to_storage
from .csr import CSRNDArray, row_numbers, row_starts
from .rules import rule_for, stypes_of

Parts = tuple[torch.Tensor, ...]


def _product(rows: torch.Tensor, columns: torch.Tensor, values: torch.Tensor, height: int, dense: torch.Tensor) -> Any:
    """The matrix of these elements, ``height`` rows high, times ``dense`` (N, K) -> (height, K)."""
    places = torch.stack([rows, columns])
    # Indices may come from users; a CPU would read past the end, and on a GPU the check would wait for it.
    matrix = torch.sparse_coo_tensor(places, values, (height, dense.shape[0]), check_invariants=dense.is_cpu)
    return torch.sparse.mm(matrix, dense)


def _times(parts: Parts, shape: Sequence[int], dense: torch.Tensor) -> torch.Tensor:
    """csr (M, N) times dense (N, K)."""
    indptr, columns, values = parts
    return _product(row_numbers(indptr, len(values)), columns, values, shape[0], dense)


def _transposed_times(parts: Parts, dense: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(rows, their elements) of the transposed csr (M, N) times dense (M, K): rows without elements are zero."""
    indptr, columns, values = parts
    stored, places = columns.unique(return_inverse=True)
    return stored, _product(places, row_numbers(indptr, len(values)), values, len(stored), dense)


def _only_rows(parts: Parts, rhs: Any) -> Parts:
    """The csr matrix without those of its rows that ``rhs``, of rows too, does not store."""
    indptr, columns, values = parts
    rows = row_numbers(indptr, len(values))
    kept = torch.isin(rows, rhs._stored()[0])
    return row_starts(rows[kept], len(indptr) - 1), columns[kept], values[kept]


class _Dot(torch.autograd.Function):
    """csr (or its transpose) times a recorded dense matrix; the gradient of the latter may be a sparse tensor."""

    @staticmethod
    def forward(
        ctx: Any, dense: torch.Tensor, parts: Parts, shape: Sequence[int], transpose: bool, sparse: bool
    ) -> Any:
        ctx.parts, ctx.matrix_shape, ctx.transpose, ctx.sparse = parts, shape, transpose, sparse
        if not transpose:
            return _times(parts, shape, dense)
        rows, values = _transposed_times(parts, dense)
        return dense.new_zeros((shape[1], dense.shape[1])).index_copy_(0, rows, values)

    @staticmethod
    def backward(ctx: Any, above: torch.Tensor) -> Any:
        if ctx.transpose:
            return _times(ctx.parts, ctx.matrix_shape, above), None, None, None, None
        rows, values = _transposed_times(ctx.parts, above)
        shape = (ctx.matrix_shape[1], above.shape[1])
        if ctx.sparse:
            found = torch.sparse_coo_tensor(rows.unsqueeze(0), values, shape, is_coalesced=True, check_invariants=False)
        else:
            found = above.new_zeros(shape).index_copy_(0, rows, values)
        return found, None, None, None, None


_DENSE_TIMES_CSR = {("csr", False), ("default", False), ("default", True)}


@rule_for("dot")
def _dot(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    lhs, rhs = inputs
    wanted = attributes.get("forward_stype")
    transpose_a, transpose_b = attributes.get("transpose_a", False), attributes.get("transpose_b", False)
    kinds = stypes_of(inputs)
    if wanted is None:
        wanted = _natural(kinds, transpose_a, transpose_b) if rhs.ndim == 2 else "default"
    if kinds in ("cd", "cr") and rhs.ndim == 2 and lhs._tensor_of().dtype in (torch.float32, torch.float64):
        result = _csr_dot(op, lhs, rhs, transpose_a, transpose_b, wanted)
    else:
        # MXNet too multiplies these by their elements, for a result stored as it likes.
        if kinds != "dc" or transpose_a or (wanted, transpose_b) not in _DENSE_TIMES_CSR:
            log_fallback(op, inputs, attributes, [wanted])
        plain = {k: v for k, v in attributes.items() if k != "forward_stype"}
        result = wrap(run(op, [lhs._data, rhs._data], plain), lhs._ctx)
    if result.stype == wanted:
        return result
    return CLASSES[wanted](result._data, result._ctx) if result._data.requires_grad else to_storage(result, wanted)


def _natural(kinds: str, transpose_a: bool, transpose_b: bool) -> str:
    """How MXNet stores the product of such matrices."""
    if kinds == "dc" and not transpose_a:
        return "csr"
    if kinds in ("cd", "cr") and transpose_a and not transpose_b:
        return "row_sparse"
    return "default"


def _csr_dot(op: Operator, lhs: CSRNDArray, rhs: NDArray, transpose_a: bool, transpose_b: bool, wanted: str) -> NDArray:
    dense = rhs._data.t() if transpose_b else rhs._data
    parts, shape = lhs._stored(), lhs.shape
    op.check_dtypes((parts[-1], dense))
    if shape[0 if transpose_a else 1] != dense.shape[0]:
        raise ValueError(f"dot shape error: {shape} X {rhs.shape}")
    if _needs_graph(lhs, dense):
        if lhs._dense is not None and lhs._dense.requires_grad:
            matrix = lhs._dense.t() if transpose_a else lhs._dense
            return wrap(torch.mm(matrix, dense), lhs._ctx)
        sparse = not transpose_b and rhs._slot is not None and rhs._slot.is_sparse
        return wrap(_Dot.apply(dense, parts, shape, transpose_a, sparse), lhs._ctx)
    dense = dense.detach()
    if not transpose_a:
        return wrap(_times(parts, shape, dense), lhs._ctx)
    if rhs._is_sparse and not transpose_b:
        parts = _only_rows(parts, rhs)
    rows, values = _transposed_times(parts, dense)
    made = CLASSES["row_sparse"]._of((rows, values), (shape[1], dense.shape[1]), lhs._ctx)
    return made if wanted == "row_sparse" else to_storage(made, "default")


def _needs_graph(lhs: CSRNDArray, dense: torch.Tensor) -> bool:
    if not autograd.state.recording:
        return False
    return dense.requires_grad or (lhs._dense is not None and lhs._dense.requires_grad)
