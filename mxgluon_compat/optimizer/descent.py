"""Gradient descent and what follows its direction: SGD, NAG, SGLD, Signum, DCASGD."""

from __future__ import annotations

import math
from typing import Any

import torch

from ..ndarray import NDArray, random, zeros
from ..ops.multi_tensor import dcasgd_, nag_, sgd_, signsgd_, signum_
from .base import Optimizer, register
from .multi import MultiTensorOptimizer, Step, aggregate_size, data_of

__all__ = ["DCASGD", "NAG", "SGD", "SGLD", "Signum", "Test", "ccSGD"]


@register
class SGD(MultiTensorOptimizer):
    """Stochastic gradient descent with momentum and weight decay: ``mom = momentum mom - lr (g + wd w); w += mom``.

    Args:
        momentum: factor of the old momentum; 0 for none.
        lazy_update: of row_sparse gradients, change only the rows that they have, and the momentum of these.
        kwargs: those of Optimizer.
    """

    _own_precision = _rates_together = _copy_last = True
    _row_wise_on_copies = False  # MXNet's operators for these run on the dense gradient
    _shown_as = "SGD optimizer"

    def __init__(self, momentum: float = 0.0, lazy_update: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.momentum = momentum
        self.lazy_update = lazy_update
        self.aggregate_num = aggregate_size(4)

    @property
    def _row_wise(self) -> bool:  # type: ignore[override]
        return self.lazy_update

    _sparse_states = _row_wise

    def create_state(self, index: Any, weight: NDArray) -> NDArray | None:
        """The momentum, zeros; None without momentum."""
        return self._zeros(weight) if self.momentum != 0.0 else None

    def _apply(self, weights: list[Any], grads: list[Any], states: list[Any], step: Step) -> None:
        moms = data_of(states) if states[0] is not None else None
        sgd_(weights, grads, moms, step.lrs, step.wds, max(self.momentum, 0.0), self.rescale_grad, self._clip)


@register
class ccSGD(SGD):  # noqa: N801
    """SGD, under an old name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


@register
class NAG(MultiTensorOptimizer):
    """Nesterov's accelerated gradient: ``mom = momentum mom - lr (g + wd w); w += momentum mom - lr (g + wd w)``.

    Args:
        momentum: factor of the old momentum; 0 for plain descent.
        kwargs: those of Optimizer.
    """

    _own_precision = _copy_last = True
    _row_wise_on_copies = False
    _shown_as = "NAG optimizer"

    def __init__(self, momentum: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.momentum = momentum

    @property
    def _row_wise(self) -> bool:  # type: ignore[override]
        return self.momentum == 0.0

    def create_state(self, index: Any, weight: NDArray) -> NDArray | None:
        """The momentum, zeros; None without momentum."""
        return self._zeros(weight) if self.momentum != 0.0 else None

    def _apply(self, weights: list[Any], grads: list[Any], states: list[Any], step: Step) -> None:
        numbers = (step.lrs, step.wds, max(self.momentum, 0.0), self.rescale_grad, self._clip)
        if states[0] is None:
            sgd_(weights, grads, None, *numbers)
        else:
            # MXNet writes over dense weights, and into copies of others
            nag_(weights, grads, data_of(states), *numbers, late=all([w.stype == "default" for w in step.weights]))


@register
class SGLD(MultiTensorOptimizer):
    """Stochastic gradient Riemannian Langevin dynamics (Patterson and Teh, 2013): ``w -= lr / 2 (g + wd w)``, then
    noise with the variance ``lr``: samples of a posterior instead of its mode.

    Args:
        kwargs: those of Optimizer.
    """

    def create_state(self, index: Any, weight: NDArray) -> None:
        """None."""
        return None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    def _apply(self, weights: list[Any], grads: list[Any], states: list[Any], step: Step) -> None:
        sgd_(weights, grads, None, [lr / 2 for lr in step.lrs], step.wds, 0.0, self.rescale_grad, self._bound)
        noise = [
            random.normal(0, math.sqrt(lr), shape=tuple(w.shape), dtype=str(w.dtype)[6:], ctx=array.context)
            for w, lr, array in zip(weights, step.lrs, step.weights, strict=True)
        ]
        torch._foreach_add_(weights, data_of(noise))


@register
class Signum(MultiTensorOptimizer):
    """Descent along signs (Bernstein et al., 2018): of the momentum, or of the gradient where there is none.

    Args:
        learning_rate: default 0.01.
        momentum: factor of the old momentum; 0 for SignSGD.
        wd_lh: weight decay apart from the gradient, as Loshchilov and Hutter (2019) have it; for Signum alone.
        kwargs: those of Optimizer.
    """

    _sparse_states = True

    def __init__(self, learning_rate: float = 0.01, momentum: float = 0.9, wd_lh: float = 0.0, **kwargs: Any) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.momentum = momentum
        self.wd_lh = wd_lh

    def create_state(self, index: Any, weight: NDArray) -> NDArray | None:
        """The momentum, zeros; None without momentum."""
        return self._zeros(weight) if self.momentum != 0.0 else None

    def _apply(self, weights: list[Any], grads: list[Any], states: list[Any], step: Step) -> None:
        if states[0] is None:
            signsgd_(weights, grads, step.lrs, step.wds)
            return
        signum_(
            weights, grads, data_of(states), step.lrs, step.wds, max(self.momentum, 0.0), self.wd_lh,
            self.rescale_grad, self._clip,
        )  # fmt: skip


@register
class DCASGD(MultiTensorOptimizer):
    """Delay compensated asynchronous SGD (Zheng et al., 2017).

    With momentum, MXNet's stops on an error; here it works.

    Args:
        momentum: factor of the old momentum; 0 for none.
        lamda: weight of the compensation.
        kwargs: those of Optimizer.
    """

    def __init__(self, momentum: float = 0.0, lamda: float = 0.04, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.momentum = momentum
        self.weight_previous: dict[Any, Any] = {}
        self.lamda = lamda

    def create_state(self, index: Any, weight: NDArray) -> tuple[NDArray | None, NDArray]:
        """The momentum, zeros, or None without; and a copy of the weight."""
        return (self._zeros(weight) if self.momentum != 0.0 else None), weight.detach().copy()

    def _apply(self, weights: list[Any], grads: list[Any], states: list[Any], step: Step) -> None:
        moms, previous = zip(*states, strict=True)
        dcasgd_(
            weights, grads, None if moms[0] is None else data_of(moms), data_of(previous), step.lrs, step.wds,
            self.momentum, self.lamda, self.rescale_grad, self._bound,
        )  # fmt: skip


@register
class Test(Optimizer):
    """For tests of what is around optimizers: ``w += rescale_grad grad``; the state is a copy of the weight."""

    __test__ = False  # pytest would take the name for a test's

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    def create_state(self, index: Any, weight: NDArray) -> NDArray:
        """Zeros, float32."""
        return zeros(weight.shape, weight.context)

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Adds the gradient."""
        weight[:] += grad * self.rescale_grad
        state[:] = weight
