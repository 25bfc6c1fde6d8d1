"""Adam."""

from __future__ import annotations

import math
from typing import Any

from ..ndarray import NDArray
from ..ops.multi_tensor import adam_
from .multi import MultiTensorOptimizer
from .optimizer import register

__all__ = ["Adam"]


@register
class Adam(MultiTensorOptimizer):
    """Adam (Kingma and Ba, 2015), with the weight decay as part of the gradient.

    Args:
        learning_rate: default 0.001.
        beta1, beta2: decay of the running mean and of the running square of the gradient.
        epsilon: keeps the division finite.
        lazy_update: of row_sparse gradients, change only the rows that they have, and the means of these.
        kwargs: those of Optimizer.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        lazy_update: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.lazy_update = lazy_update

    def create_state(self, index: Any, weight: NDArray) -> tuple[NDArray, NDArray]:
        """Running mean and running square, zeros."""
        return self._zeros(weight), self._zeros(weight)

    def _apply(
        self, weights: list[Any], grads: list[Any], states: list[Any], lrs: list[float], wds: list[float], t: list[int]
    ) -> None:
        corrected = [lr * math.sqrt(1.0 - self.beta2**n) / (1.0 - self.beta1**n) for lr, n in zip(lrs, t, strict=True)]
        adam_(
            weights, grads, [s[0]._data for s in states], [s[1]._data for s in states], corrected, wds,
            self.beta1, self.beta2, self.epsilon, self.rescale_grad, self._clip,
        )  # fmt: skip
