"""Lazy updates: optimizers' rules on those rows alone that a row_sparse gradient stores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ... import autograd
from ...ops.registry import Operator
from ..invoke import run
from .rules import rule_for, stypes_of

# With which storage of the weight and of the states the update is lazy, as in MXNet.
_LAZY = {
    "sgd_update": ("d", "r"),
    "sgd_mom_update": ("dd", "rr"),
    "adam_update": ("ddd", "rrr"),
    "ftrl_update": ("rrr",),
    "_sparse_adagrad_update": ("dd", "rr"),
    "_contrib_group_adagrad_update": ("dd", "rr"),
}


@rule_for(*_LAZY)
def _update(op: Operator, inputs: Sequence[Any], attributes: dict[str, Any], out: Any) -> Any:
    """The rows that the gradient stores go through the operator's own formula; the others stay as they are."""
    weight, gradient, *states = inputs
    if (
        gradient.stype != "row_sparse"
        or stypes_of((weight, *states)) not in _LAZY[op.name]
        or not attributes.get("lazy_update", True)
    ):
        return NotImplemented
    if weight.shape != gradient.shape:
        raise ValueError(f"weight {weight.shape} and gradient {gradient.shape} must have one shape")
    rows, values = gradient._stored()
    gathered = [x._data.detach().index_select(0, rows) for x in (weight, *states)]
    new = run(op, (gathered[0], values, *gathered[1:]), op.arguments(attributes))
    for state, changed in zip(states, gathered[1:], strict=True):
        _put_rows(state, rows, changed)
    target = weight if out is weight else weight.copy()
    _put_rows(target, rows, new)
    return target


def _put_rows(array: Any, rows: torch.Tensor, values: torch.Tensor) -> None:
    """Writes rows in place; a row_sparse array stores all of its rows afterwards."""
    autograd.no_recording(array._data.index_copy_, 0, rows, values)
    if array._is_sparse:
        array._store_all_rows()
