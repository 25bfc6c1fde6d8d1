"""Optimizers whose rule works on lists of tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from ..ndarray import NDArray, zeros
from .optimizer import Optimizer

__all__ = ["MultiTensorOptimizer"]


class MultiTensorOptimizer(Optimizer):
    """Base of optimizers that define ``_apply`` on lists of tensors.

    ``update`` takes one weight or lists of them; under ``multi_precision`` float16 weights have float32 copies, and
    those are updated.
    """

    #: Whether MXNet's optimizer of this name gets lists too, so that subclasses of users expect them.
    takes_lists = False
    #: Whether row_sparse gradients change only the rows that they have, and the states of these.
    lazy_update = False
    #: Whether that holds for the float32 copies of float16 weights too.
    lazy_on_copies = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        own = type(self).update is not MultiTensorOptimizer.update
        self.aggregate_num = 0 if own and not self.takes_lists else 4

    def _apply(
        self, weights: list[Any], grads: list[Any], states: list[Any], lrs: list[float], wds: list[float], t: list[int]
    ) -> None:
        """Applies the rule in place.

        Args:
            weights, grads: tensors.
            states: what ``create_state`` made for each.
            lrs, wds: learning rate and weight decay of each.
            t: number of updates of each, this one included.
        """
        raise NotImplementedError(f"{type(self).__name__} must define _apply")

    @property
    def _clip(self) -> float:
        return -1.0 if self.clip_gradient is None else self.clip_gradient

    def _update(self, index: Any, weight: Any, grad: Any, state: Any, multi_precision: bool) -> None:
        if not isinstance(index, (list, tuple)):
            index, weight, grad, state = [index], [weight], [grad], [state]
        self._update_count(index)
        lrs, wds = self._get_lrs(index), self._get_wds(index)
        counts = [self._index_update_count[i] for i in index]
        with torch.no_grad():
            if any([g._is_sparse for g in grad]):
                self._update_by_storage(weight, grad, state, lrs, wds, counts, multi_precision)
            elif multi_precision and self.multi_precision and weight[0]._data.dtype is torch.float16:
                copies = [s[0]._data for s in state]
                self._apply(copies, [g._data.float() for g in grad], [s[1] for s in state], lrs, wds, counts)
                torch._foreach_copy_([w._data for w in weight], copies)
            else:
                self._apply([w._data for w in weight], [g._data for g in grad], list(state), lrs, wds, counts)

    def _update_by_storage(
        self, weights: Any, grads: Any, states: Any, lrs: list[float], wds: list[float], t: list[int], mixed: bool
    ) -> None:
        """As ``_update``, with sparse gradients among ``grads``: one by one."""
        for weight, grad, state, *rest in zip(weights, grads, states, lrs, wds, t, strict=True):
            half = mixed and self.multi_precision and weight._data.dtype is torch.float16
            values, state = (state[0]._data, state[1]) if half else (weight._data, state)
            rates = [[number] for number in rest]
            if self.lazy_update and grad.stype == "row_sparse" and not (half and not self.lazy_on_copies):
                rows, gradient = grad._stored()
                if len(rows):
                    part = values.index_select(0, rows)
                    states_part = _each(state, lambda s, rows=rows: s._like(s._data.index_select(0, rows)))
                    self._apply([part], [gradient.to(part.dtype)], [states_part], *rates)
                    values.index_copy_(0, rows, part)
                    for whole, changed in zip(_flat(state), _flat(states_part), strict=True):
                        whole._data.index_copy_(0, rows, changed._data)
            else:
                self._apply([values], [grad._data.to(values.dtype)], [state], *rates)
            if half:
                weight._data.copy_(values)

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Updates one weight, or all weights of lists, and their states in place."""
        self._update(index, weight, grad, state, False)

    def update_multi_precision(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """As ``update``, on the float32 copies of float16 weights under ``multi_precision``."""
        self._update(index, weight, grad, state, True)

    def _zeros(self, weight: NDArray) -> NDArray:
        """Zeros like ``weight``: a state, row_sparse where the weight is and updates are lazy."""
        if self.lazy_update and weight.stype != "default":
            return zeros(weight.shape, weight.context, weight.dtype, stype=weight.stype)
        return NDArray(torch.zeros_like(weight._data, requires_grad=False), weight.context)


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
