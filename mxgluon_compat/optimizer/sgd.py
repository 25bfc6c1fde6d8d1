"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from ..ndarray import NDArray
from ..ops.multi_tensor import sgd_
from .multi import MultiTensorOptimizer
from .optimizer import register

__all__ = ["SGD"]


@register
class SGD(MultiTensorOptimizer):
    """Stochastic gradient descent with momentum and weight decay: ``mom = momentum mom - lr (g + wd w); w += mom``.

    Args:
        momentum: factor of the old momentum; 0 for none.
        lazy_update: of row_sparse gradients, change only the rows that they have, and the momentum of these.
        kwargs: those of Optimizer.
    """

    takes_lists = True
    lazy_on_copies = False  # MXNet's operators for these run on the dense gradient
    _shown_as = "SGD optimizer"

    def __init__(self, momentum: float = 0.0, lazy_update: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.momentum = momentum
        self.lazy_update = lazy_update

    def create_state(self, index: Any, weight: NDArray) -> NDArray | None:
        """The momentum, zeros; None without momentum."""
        return self._zeros(weight) if self.momentum != 0.0 else None

    def _apply(
        self, weights: list[Any], grads: list[Any], states: list[Any], lrs: list[float], wds: list[float], t: list[int]
    ) -> None:
        moms = [s._data for s in states] if self.momentum != 0.0 else None
        sgd_(weights, grads, moms, lrs, wds, self.momentum, self.rescale_grad, self._clip)
