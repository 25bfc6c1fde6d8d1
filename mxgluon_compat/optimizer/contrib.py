"""``mx.optimizer.contrib``: GroupAdaGrad."""

from __future__ import annotations

from typing import Any

from ..ndarray import NDArray, contrib, zeros
from ..ops.multi_tensor_adaptive import group_adagrad_
from .base import Optimizer, register
from .multi import MultiTensorOptimizer, Step, data_of

__all__ = ["GroupAdaGrad"]

_MXNETS_NAMES = (Optimizer, contrib, zeros)  # of this module too


@register
class GroupAdaGrad(MultiTensorOptimizer):
    """AdaGrad with one learning rate for each row of a matrix: ``history += mean(g^2 of the row);
    w -= lr g / sqrt(history + eps)``.

    Of row_sparse gradients only the rows that they have are changed. There is no weight decay.

    Args:
        eps: keeps the division finite.
        kwargs: those of Optimizer.
    """

    _single = _sparse_states = _row_wise = True

    def __init__(self, eps: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.float_stable_eps = eps

    def create_state(self, index: Any, weight: NDArray) -> NDArray:
        """The rows' sums of mean squares (N, 1), zeros, float32.

        Raises:
            AssertionError: the weight is no matrix.
        """
        assert len(weight.shape) == 2
        return self._zeros(weight, (weight.shape[0], 1))

    def _rates(self, indices: Any) -> tuple[list[float], list[float], list[int]]:
        found = super()._rates(indices)
        assert not any(found[1]), "Weight decay is not supported for GroupAdaGrad"
        return found

    def _apply(self, weights: list[Any], grads: list[Any], states: list[Any], step: Step) -> None:
        group_adagrad_(weights, grads, data_of(states), step.lrs, self.float_stable_eps, self.rescale_grad, self._bound)
