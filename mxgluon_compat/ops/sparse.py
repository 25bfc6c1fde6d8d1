"""Operators about storage, on the dense form of their inputs: the elements are what a sparse array's would be.

How results are stored is the business of the arrays that hold them, not of the operators.
"""

from __future__ import annotations

from typing import Any

import torch

from .linalg import StorageType
from .multi_tensor_adaptive import adagrad_, group_adagrad_
from .nn import embedding
from .optimizer import _by
from .registry import operator, same_shape
from .schema import Dtype, Positive


@operator("cast_storage", "_sparse_cast_storage", infer_inputs=same_shape, may_alias=True)
def cast_storage(data: torch.Tensor, *, stype: StorageType) -> torch.Tensor:
    """``data`` in another storage type."""
    return data


@operator("_sparse_retain", mixed_dtypes=True)
def retain(data: torch.Tensor, indices: torch.Tensor) -> torch.Tensor:
    """data (N, ...) with only those of its rows that indices (K,), of any dtype, names; the others are zero."""
    kept = torch.zeros(data.shape[0], dtype=torch.bool, device=data.device)
    kept[indices.long()] = True
    return data * kept.reshape(-1, *[1] * (data.ndim - 1))


@operator("_contrib_getnnz", infer_dtypes=lambda dtypes, **_: (dtypes, [torch.int64]))
def getnnz(data: torch.Tensor, *, axis: int | None = None) -> torch.Tensor:
    """How many elements of a matrix are not zero: of all (axis None, (1,)), or of each row (1); int64."""
    if axis not in (None, 1):  # MXNet knows of columns too, but has no code for them
        raise ValueError(f"axis must be None or 1, got {axis}")
    count = torch.count_nonzero(data, dim=axis)
    return count if axis == 1 else count.reshape(1)


@operator(
    "_contrib_SparseEmbedding",
    mixed_dtypes=True,
    infer_inputs=lambda shapes, *, input_dim, output_dim, **_: [shapes[0], (input_dim, output_dim)],
    infer_dtypes=lambda dtypes, *, dtype, **_: ([dtypes[0], dtypes[1] or dtype], [dtypes[1] or dtype]),
)
def sparse_embedding(
    data: torch.Tensor,
    weight: torch.Tensor,
    *,
    input_dim: Positive,
    output_dim: Positive,
    dtype: Dtype = torch.float32,
    sparse_grad: bool = False,
) -> torch.Tensor:
    """``Embedding`` whose weight's gradient has as few rows as data has numbers."""
    return embedding(data, weight, input_dim=input_dim, output_dim=output_dim, dtype=dtype, sparse_grad=True)


@operator("_sparse_adagrad_update", infer_inputs=same_shape, aux=("history",), mutates=("history",))
def adagrad_update(
    weight: torch.Tensor,
    grad: torch.Tensor,
    history: torch.Tensor,
    *,
    lr: float,
    epsilon: float = 1e-7,
    wd: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> torch.Tensor:
    """history += g^2; weight - lr g / sqrt(history + epsilon); wd must be 0."""
    if wd:
        raise ValueError(f"sparse adagrad_update does not support wd, got {wd}")
    numbers = (epsilon, rescale_grad, clip_gradient)
    return _by(adagrad_, weight, grad, [history], [lr], [0.0], *numbers)


def _group_shapes(shapes: Any, **_: Any) -> list[Any]:
    weight = shapes[0] or shapes[1]
    return [weight, weight, None if weight is None else (weight[0], 1)]


@operator("_contrib_group_adagrad_update", infer_inputs=_group_shapes, aux=("history",), mutates=("history",))
def group_adagrad_update(
    weight: torch.Tensor,
    grad: torch.Tensor,
    history: torch.Tensor,
    *,
    lr: float,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
    epsilon: float = 1e-5,
) -> torch.Tensor:
    """history (N, 1) += the mean of g^2 over each row; weight - lr g / sqrt(history + epsilon)."""
    return _by(group_adagrad_, weight, grad, [history], [lr], epsilon, rescale_grad, clip_gradient)
