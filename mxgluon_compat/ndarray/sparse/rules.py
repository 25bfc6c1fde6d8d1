"""Storage rules: what operators do with the stored elements of sparse arrays, and how they store their results.

A rule is ``rule(operator, inputs, attributes, out)``: an array, or NotImplemented where MXNet too runs the operator on
dense forms. It computes with the operator's own function, on the stored values alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from ...ops import registry
from ...ops.registry import Operator
from ..invoke import run, storage_rules, wrap
from ..ndarray import NDArray
from .base import BaseSparseNDArray
from .creation import nothing_stored, to_storage
from .csr import CSRNDArray, row_numbers, row_starts
from .row_sparse import RowSparseNDArray

Rule = Callable[[Operator, Sequence[Any], dict[str, Any], Any], Any]


def rule_for(*names: str) -> Callable[[Rule], Rule]:
    """Makes the decorated function the storage rule of these operators."""

    def register(rule: Rule) -> Rule:
        for name in names:
            storage_rules[registry.get(name).name] = rule
        return rule

    return register


def stypes_of(inputs: Sequence[NDArray]) -> str:
    """A letter for each input: d(ense), r(ow_sparse), c(sr)."""
    return "".join(x.stype[0] for x in inputs)


# ---------------------------------------------------------------------------------------------- element by element
@rule_for(
    "abs", "arcsin", "arcsinh", "arctan", "arctanh", "cbrt", "ceil", "degrees", "expm1", "fix", "floor", "log1p",
    "make_loss", "negative", "radians", "relu", "rint", "round", "sign", "sin", "sinh", "sqrt", "square",
    "BlockGrad", "tan", "tanh", "trunc", "_copy", "_contrib_round_ste", "_contrib_sign_ste", "_mul_scalar",
    "_div_scalar", "_scatter_plus_scalar", "_scatter_minus_scalar",
)  # fmt: skip
def _values_alone(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    """Zero stays zero: the same elements are stored."""
    x = inputs[0]
    return x._with_values(run(op, (x._stored()[-1],), op.arguments(attributes)))


# Of these, with which number zero becomes (or stays) zero.
_KEEPS_ZERO: dict[str, Callable[[float], bool]] = {
    "_plus_scalar": lambda n: n == 0,
    "_minus_scalar": lambda n: n == 0,
    "_equal_scalar": lambda n: n != 0,
    "_not_equal_scalar": lambda n: n == 0,
    "_greater_scalar": lambda n: n >= 0,
    "_greater_equal_scalar": lambda n: n > 0,
    "_lesser_scalar": lambda n: n <= 0,
    "_lesser_equal_scalar": lambda n: n < 0,
}


@rule_for(*_KEEPS_ZERO)
def _with_number(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    keeps = _KEEPS_ZERO[op.name](attributes["scalar"])
    return _values_alone(op, inputs, attributes, out) if keeps else NotImplemented


@rule_for("clip")
def _clip(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    # Where zero is no longer zero MXNet refuses; the dense form does it.
    keeps = attributes["a_min"] <= 0 <= attributes["a_max"]
    return _values_alone(op, inputs, attributes, out) if keeps else NotImplemented


@rule_for("_contrib_quadratic")
def _quadratic(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    keeps = inputs[0].stype == "csr" and not attributes.get("c", 0.0)
    return _values_alone(op, inputs, attributes, out) if keeps else NotImplemented


@rule_for("zeros_like")
def _zeros_like(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    x = inputs[0]
    return nothing_stored(x.stype, x.shape, x._tensor_of().dtype, x._ctx)


@rule_for("elemwise_add", "elemwise_sub", "_grad_add", "_maximum", "_minimum", "_hypot")
def _both_sparse(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    """Two of one kind: the elements that either stores; of matrices those that are not zero."""
    kinds = stypes_of(inputs)
    if kinds not in ("rr", "cc"):
        return NotImplemented
    op.check_dtypes([x._tensor_of() for x in inputs])
    _same_shape(inputs)
    return (_union_of_rows if kinds == "rr" else _union_of_elements)(op, *inputs)


def _same_shape(inputs: Sequence[NDArray]) -> None:
    for x in inputs:
        if x.shape != inputs[0].shape:
            raise ValueError(f"the inputs must have one shape, got {inputs[0].shape} and {x.shape}")


def _spread(places: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """``values`` where ``keys`` stand in the rising ``places``, zeros elsewhere."""
    full = values.new_zeros((len(places), *values.shape[1:]))
    return full.index_copy_(0, torch.searchsorted(places, keys), values)


def _union_of_rows(op: Operator, lhs: RowSparseNDArray, rhs: RowSparseNDArray) -> RowSparseNDArray:
    (left, a), (right, b) = lhs._stored(), rhs._stored()
    rows = torch.cat([left, right]).unique()
    return lhs._of((rows, run(op, (_spread(rows, left, a), _spread(rows, right, b)), {})), lhs._shape, lhs._ctx)


def _union_of_elements(op: Operator, lhs: CSRNDArray, rhs: CSRNDArray) -> CSRNDArray:
    height, width = lhs._shape
    keys, values = zip(*((row_numbers(p, len(v)) * width + i, v) for p, i, v in (lhs._stored(), rhs._stored())))
    places = torch.cat(keys).unique()
    result = run(op, [_spread(places, k, v) for k, v in zip(keys, values)], {})
    kept = result != 0
    places = places[kept]
    rows = places // max(width, 1)
    return lhs._of((row_starts(rows, height), places - rows * width, result[kept]), lhs._shape, lhs._ctx)


def _beside_dense(op: Operator, x: Any, other: NDArray, x_first: bool = True) -> Any:
    """The operator on the elements that x stores and those of ``other`` (which broadcasts) in their places."""
    *indices, values = x._stored()
    dense = other._data.detach().expand(x._shape)
    if x.stype == "csr":
        there = dense[row_numbers(indices[0], len(values)), indices[1]]
    else:
        there = dense.index_select(0, indices[0])
    op.check_dtypes((values, there))
    return x._with_values(run(op, (values, there) if x_first else (there, values), {}))


@rule_for("elemwise_mul")
def _multiply(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    kinds = stypes_of(inputs)
    if kinds in ("rr", "cc"):
        return _both_sparse(op, inputs, attributes, out)
    if "d" not in kinds:
        return NotImplemented
    _same_shape(inputs)
    first = kinds[0] != "d"
    sparse, dense = inputs if first else inputs[::-1]
    return _beside_dense(op, sparse, dense, first)


@rule_for("_scatter_elemwise_div")
def _divide_stored(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    if inputs[0].stype != "row_sparse":
        return NotImplemented
    _same_shape(inputs)
    return _beside_dense(op, *inputs)


@rule_for("broadcast_mul", "broadcast_div")
def _csr_with_broadcast(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    x, other = inputs
    if stypes_of(inputs) != "cd" or torch.broadcast_shapes(x.shape, other.shape) != x._shape:
        return NotImplemented
    return _beside_dense(op, x, other)


@rule_for("add_n")
def _add_all(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    if set(stypes_of(inputs)) != {"r"}:
        return NotImplemented
    add = registry.get("elemwise_add")
    total = inputs[0].copy()
    for x in inputs[1:]:
        total = _both_sparse(add, (total, x), {}, None)
    return total


@rule_for("_identity_with_attr_like_rhs")
def _stored_like_rhs(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    lhs, rhs = inputs
    if rhs.stype == "default":
        return NotImplemented
    _same_shape(inputs)
    return to_storage(lhs.detach() if lhs.stype == rhs.stype else wrap(lhs._data.detach(), lhs._ctx), rhs.stype)


# ---------------------------------------------------------------------------------------------- storage
@rule_for("cast_storage")
def _cast_storage(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    return to_storage(inputs[0].detach(), attributes["stype"])


@rule_for("_sparse_retain")
def _retain(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    """The rows that are asked for, in the order in which they are asked for; those not stored are zero.

    Of an array that stores nothing nothing is stored, as in MXNet.
    """
    data, wanted = inputs
    if data.stype != "row_sparse":
        raise ValueError(f"only rows of row_sparse arrays can be retained, got a {data.stype} one")
    indices, values = data._stored()
    if not len(indices):
        return data.copy()
    rows = wanted._data.detach().to(device=indices.device, dtype=torch.int64).reshape(-1)
    places = torch.searchsorted(indices, rows).clamp_(max=len(indices) - 1)
    stored = indices[places] == rows
    found = values.index_select(0, places)
    found[~stored] = 0
    return data._of((rows, found), data._shape, data._ctx)


# ---------------------------------------------------------------------------------------------- parts and sums of csr
@rule_for("slice")
def _slice(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    x = inputs[0]
    begin, end = attributes["begin"], attributes["end"]
    if x.stype != "csr" or attributes.get("step") or len(begin) != len(end) or len(begin) > 2:
        return NotImplemented
    spans = [slice(b, e).indices(n)[:2] for b, e, n in zip(begin, end, x.shape)]
    rows = x._rows(*spans[0])
    if len(spans) == 1:
        return rows
    first, stop = spans[1]
    stop = max(first, stop)
    indptr, columns, values = rows._stored()
    kept = (columns >= first) & (columns < stop)
    starts = row_starts(row_numbers(indptr, len(values))[kept], len(rows))
    return x._of((starts, columns[kept] - first, values[kept]), (len(rows), stop - first), x._ctx)


@rule_for("take")
def _take(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    x, indices = inputs
    if x.stype != "csr" or indices.ndim != 1 or attributes.get("axis", 0) or attributes.get("mode") == "raise":
        return NotImplemented
    indptr, columns, values = x._stored()
    wanted = indices._data.detach().to(device=columns.device, dtype=torch.int64)
    height = len(x)
    wanted = wanted.remainder(height) if attributes.get("mode") == "wrap" else wanted.clamp(0, height - 1)
    counts = indptr.diff()[wanted]
    starts = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
    # The n-th element taken lies as far behind the start of its row there as here.
    rows = row_numbers(starts, int(starts[-1]))
    source = torch.arange(len(rows), device=columns.device) - starts[rows] + indptr[wanted][rows]
    return x._of((starts, columns[source], values[source]), (len(wanted), x.shape[1]), x._ctx)


@rule_for("Concat")
def _concat(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    if set(stypes_of(inputs)) != {"c"} or attributes.get("dim", 1) != 0:
        return NotImplemented
    first = inputs[0]
    if any(x.shape[1] != first.shape[1] for x in inputs):
        raise ValueError(f"the matrices must have as many columns, got {', '.join(str(x.shape) for x in inputs)}")
    op.check_dtypes([x._tensor_of() for x in inputs])
    starts, columns, values = zip(*(x._stored() for x in inputs))
    before, moved = 0, [starts[0][:1]]
    for indptr in starts:
        moved.append(indptr[1:] + before)
        before = before + indptr[-1]
    shape = (sum(len(x) for x in inputs), first.shape[1])
    return first._of((torch.cat(moved), torch.cat(columns), torch.cat(values)), shape, first._ctx)


@rule_for("sum", "mean")
def _sum(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    """Sums of a matrix's rows or columns, without a dense form."""
    x, axis = inputs[0], attributes.get("axis")
    if (
        x.stype != "csr"
        or axis not in ((0,), (1,))
        or attributes.get("exclude")
        or not x._tensor_of().is_floating_point()
    ):
        return NotImplemented
    indptr, columns, values = x._stored()
    along = axis[0]
    places = row_numbers(indptr, len(values)) if along else columns
    total = values.new_zeros(x.shape[1 - along]).index_add_(0, places, values)
    if op.name == "mean":
        total = total / x.shape[along]
    return wrap(total.unsqueeze(along) if attributes.get("keepdims") else total, x._ctx)


@rule_for("_contrib_getnnz")
def _count_stored(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    """How many are stored, zeros among them."""
    x, axis = inputs[0], attributes.get("axis")
    if x.stype != "csr" or axis not in (None, 1):
        return NotImplemented
    indptr = x._stored()[0]
    return wrap(indptr.diff() if axis == 1 else (indptr[-1:] - indptr[:1]), x._ctx)


@rule_for("_square_sum")
def _square_sum(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    x: BaseSparseNDArray = inputs[0]
    if x.stype != "row_sparse" or attributes.get("axis") != (1,) or not attributes.get("keepdims") or x.ndim != 2:
        return NotImplemented
    indices, values = x._stored()
    return x._of((indices, run(op, (values,), op.arguments(attributes))), (x.shape[0], 1), x._ctx)
