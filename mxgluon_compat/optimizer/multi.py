"""Optimizers whose rule works on lists of tensors."""

from __future__ import annotations

from typing import Any

import torch

from ..ndarray import NDArray
from .optimizer import Optimizer

__all__ = ["MultiTensorOptimizer"]


class MultiTensorOptimizer(Optimizer):
    """Base of optimizers that define ``_apply`` on lists of tensors.

    ``update`` takes one weight or lists of them; under ``multi_precision`` float16 weights have float32 copies, and
    those are updated.
    """

    #: Whether MXNet's optimizer of this name gets lists too, so that subclasses of users expect them.
    takes_lists = False

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
            if multi_precision and self.multi_precision and weight[0]._data.dtype is torch.float16:
                copies = [s[0]._data for s in state]
                self._apply(copies, [g._data.float() for g in grad], [s[1] for s in state], lrs, wds, counts)
                torch._foreach_copy_([w._data for w in weight], copies)
            else:
                self._apply([w._data for w in weight], [g._data for g in grad], list(state), lrs, wds, counts)

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Updates one weight, or all weights of lists, and their states in place."""
        self._update(index, weight, grad, state, False)

    def update_multi_precision(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """As ``update``, on the float32 copies of float16 weights under ``multi_precision``."""
        self._update(index, weight, grad, state, True)

    @staticmethod
    def _zeros(weight: NDArray) -> NDArray:
        return NDArray(torch.zeros_like(weight._data, requires_grad=False), weight.context)
