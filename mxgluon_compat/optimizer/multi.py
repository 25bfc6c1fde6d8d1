"""Optimizers whose rule works on lists of tensors."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch

from ..base import MXNetError
from ..ndarray import NDArray, zeros
from .base import Optimizer

__all__ = ["MultiTensorOptimizer", "Step"]

_PACKAGE = __package__
# What a subclass of users may have written for single weights.
_HOOKS = ("update_multi_precision", "_update_impl", "_update_count", "_get_lr", "_get_wd")


class Step(NamedTuple):
    """The weights of one update and their numbers.

    Attributes:
        indices: index of each weight.
        lrs, wds: learning rate and weight decay of each.
        counts: number of updates of each, this one included.
        weights: the arrays as the program has them, where the rule works on copies or on some rows.
    """

    indices: Sequence[Any]
    lrs: Sequence[float]
    wds: Sequence[float]
    counts: Sequence[int]
    weights: Sequence[NDArray]


class MultiTensorOptimizer(Optimizer):
    """Base of optimizers that define ``_apply`` on lists of tensors.

    ``update`` takes one weight or lists of them; under ``multi_precision`` float16 weights have float32 copies, and
    those are updated. The Updater gives all weights at once, unless a subclass has methods of its own for single ones.
    """

    #: Whether ``update_multi_precision`` does without ``update``, as in MXNet, where both are made of a third method.
    _own_precision = False
    #: Whether rates are asked for lists of weights, not for one after the other.
    _rates_together = False
    #: Whether under ``multi_precision`` the float32 copy comes after the state, not before it.
    _copy_last = False
    #: Whether states are float32 whatever the weight is, and weights must be so too.
    _single = False
    #: Whether states of row_sparse weights are row_sparse.
    _sparse_states = False
    #: Whether row_sparse gradients change only the rows that they have, and the states of these.
    _row_wise = False
    #: Whether that holds for the float32 copies of float16 weights too.
    _row_wise_on_copies = True
    #: Whether that holds for weights that are not row_sparse too.
    _row_wise_on_dense = True

    def _apply(self, weights: list[Any], grads: list[Any], states: list[Any], step: Step) -> None:
        """Applies the rule in place.

        Args:
            weights, grads: tensors.
            states: what ``create_state`` made for each.
            step: their numbers.
        """
        raise NotImplementedError(f"{type(self).__name__} must define _apply")

    @property
    def _whole(self) -> bool:
        """Whether all weights may go in one call: no method that would see single ones is a user's."""
        hooks = _HOOKS if self._own_precision else ("update", *_HOOKS)
        return all([getattr(self, name).__module__.startswith(_PACKAGE) for name in hooks])

    @property
    def _clip(self) -> float:
        """The bound of the gradients for operators; 0 is none, as for MXNet's optimizers that call one."""
        return self.clip_gradient or -1.0

    @property
    def _bound(self) -> float:
        """The bound of the gradients for rules that are no operators: 0 is one."""
        return -1.0 if self.clip_gradient is None else self.clip_gradient

    def _rates(self, indices: Sequence[Any]) -> tuple[list[float], list[float], list[int]]:
        """Counts one more update of these weights; their learning rates, decays and numbers of updates.

        A scheduler is asked as often as in MXNet, with the counts that it would see there.
        """
        if self.lr_scheduler is None and self._whole:
            size = len(indices)
        else:
            size = max(1, self.aggregate_num) if self._rates_together else 0
        lrs: list[float] = []
        wds: list[float] = []
        if size:
            for start in range(0, len(indices), size):
                part = indices[start : start + size]
                self._update_count(part)
                lrs += self._get_lrs(part)
                wds += self._get_wds(part)
        else:
            for index in indices:
                self._update_count(index)
                lrs.append(self._get_lr(index))
                wds.append(self._get_wd(index))
        return lrs, wds, [self._index_update_count[i] for i in indices]

    def _update_impl(self, index: Any, weight: Any, grad: Any, state: Any, multi_precision: bool = False) -> None:
        if not isinstance(index, (list, tuple)):
            index, weight, grad, state = [index], [weight], [grad], [state]
        for w, g in zip(weight, grad, strict=True):
            assert isinstance(w, NDArray) and isinstance(g, NDArray), "weights and gradients must be NDArrays"
            if w.shape != g.shape:
                raise MXNetError(f"weight {w.shape} and gradient {g.shape} must have one shape")
        half = multi_precision and self.multi_precision and weight[0]._data.dtype is torch.float16
        if self._single and not half and weight[0]._data.dtype is not torch.float32:
            raise MXNetError(
                f"{type(self).__name__} keeps float32 states: weights must be float32, or float16 with "
                f"multi_precision=True, got {np.dtype(weight[0].dtype)}"
            )
        with torch.no_grad():
            self._update_all(grad, state, Step(index, *self._rates(index), weight), half)

    def _update_all(self, grads: Any, states: Any, step: Step, half: bool) -> None:
        """As ``_update_impl``, with the numbers; ``half``: on the float32 copies in the states."""
        if any([g._is_sparse for g in grads]):
            self._update_by_storage(grads, states, step, half)
        elif half:
            copies, states = self._parts(states)
            self._apply(copies, [g._data.float() for g in grads], states, step)
            torch._foreach_copy_(data_of(step.weights), copies)
        else:
            self._apply(data_of(step.weights), data_of(grads), list(states), step)

    def _parts(self, states: Any) -> tuple[list[Any], list[Any]]:
        """The tensors of float32 copies, and the states that go with them."""
        place = 1 if self._copy_last else 0
        return [s[place]._data for s in states], [s[1 - place] for s in states]

    def _update_by_storage(self, grads: Any, states: Any, step: Step, half: bool) -> None:
        """As ``_update_impl``, with sparse gradients among ``grads``: one by one."""
        for grad, state, *numbers in zip(grads, states, *step, strict=True):
            one, weight = Step(*([n] for n in numbers)), numbers[-1]
            values = weight._data
            if half:
                (values,), (state,) = self._parts([state])
            by_row = self._row_wise and grad.stype == "row_sparse" and (self._row_wise_on_copies or not half)
            if by_row and (self._row_wise_on_dense or weight.stype == "row_sparse"):
                rows, gradient = grad._stored()
                if len(rows):
                    part = values.index_select(0, rows)
                    states_part = _each(state, partial(_rows_of, rows=rows))
                    self._apply([part], [gradient.to(part.dtype)], [states_part], one)
                    values.index_copy_(0, rows, part)
                    for whole, changed in zip(_flat(state), _flat(states_part), strict=True):
                        whole._data.index_copy_(0, rows, changed._data)
            else:
                self._apply([values], [grad._data.to(values.dtype)], [state], one)
            if half:
                weight._data.copy_(values)

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Updates one weight, or all weights of lists, and their states in place."""
        self._update_impl(index, weight, grad, state)

    def update_multi_precision(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """As ``update``, on the float32 copies of float16 weights under ``multi_precision``."""
        if self._own_precision or self.update.__module__.startswith(_PACKAGE):
            self._update_impl(index, weight, grad, state, multi_precision=True)
        else:
            super().update_multi_precision(index, weight, grad, state)

    def create_state_multi_precision(self, index: Any, weight: NDArray) -> Any:
        """As ``create_state``; for float16 weights under ``multi_precision`` a float32 copy and its state."""
        made = super().create_state_multi_precision(index, weight)
        half = self.multi_precision and weight._data.dtype is torch.float16
        return made[::-1] if self._copy_last and half else made

    def _zeros(self, weight: NDArray, shape: Sequence[int] | None = None) -> NDArray:
        """Zeros like ``weight``: a state."""
        dtype = torch.float32 if self._single else weight._data.dtype
        shape = weight.shape if shape is None else tuple(shape)
        if self._sparse_states and weight.stype != "default":
            return zeros(shape, weight.context, np.float32 if self._single else weight.dtype, stype=weight.stype)
        return NDArray(torch.zeros(shape, dtype=dtype, device=weight._data.device), weight.context)


def aggregate_size(default: int) -> int:
    """How many weights MXNet's optimizers of this kind get at once: an environment variable says so.

    Raises:
        ValueError: it is no whole number.
    """
    return int(os.environ.get("MXNET_OPTIMIZER_AGGREGATION_SIZE", default))


def data_of(states: Sequence[Any]) -> list[torch.Tensor]:
    """The tensors of states that are arrays."""
    return [s._data for s in states]


def _rows_of(state: NDArray, rows: torch.Tensor) -> NDArray:
    return state._like(state._data.index_select(0, rows))


def columns(states: Sequence[Any]) -> Any:
    """The tensors of states that are tuples of arrays, lists of them: all first ones, all second ones, ..."""
    return [data_of(column) for column in zip(*states, strict=True)]


def _flat(state: Any) -> list[NDArray]:
    """The arrays of a state."""
    if isinstance(state, (list, tuple)):
        return [array for part in state for array in _flat(part)]
    return [] if state is None else [state]


def _each(state: Any, function: Callable[[NDArray], NDArray]) -> Any:
    """A state of the same structure, with the function's results as its arrays."""
    if isinstance(state, (list, tuple)):
        return type(state)(_each(part, function) for part in state)
    return None if state is None else function(state)
