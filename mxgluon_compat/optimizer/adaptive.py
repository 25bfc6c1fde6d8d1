"""Optimizers that scale each element by what its gradients were: Adam and its kin."""

from __future__ import annotations

from typing import Any

from ..base import MXNetError
from ..ndarray import NDArray
from ..ops.multi_tensor_adaptive import (
    adadelta_,
    adagrad_,
    adam_,
    adamax_,
    bias_corrected,
    ftml_,
    ftrl_,
    nadam_,
    rmsprop_,
    rmspropalex_,
)  # fmt: skip
from .base import register
from .multi import MultiTensorOptimizer, Step, columns, data_of

__all__ = ["FTML", "AdaDelta", "AdaGrad", "Adam", "Adamax", "Ftrl", "Nadam", "RMSProp"]


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

    @property
    def _row_wise(self) -> bool:  # type: ignore[override]
        return self.lazy_update

    _sparse_states = _row_wise

    def create_state(self, index: Any, weight: NDArray) -> tuple[NDArray, NDArray]:
        """Running mean and running square, zeros."""
        return self._zeros(weight), self._zeros(weight)

    def _apply(self, weights: list[Any], grads: list[Any], states: list[Any], step: Step) -> None:
        lrs = [bias_corrected(lr, t, self.beta1, self.beta2) for lr, t in zip(step.lrs, step.counts, strict=True)]
        adam_(  # type: ignore[call-arg]  # as many columns as states
            weights, grads, *columns(states), lrs, step.wds, self.beta1, self.beta2, self.epsilon, self.rescale_grad,
            self._clip,
        )  # fmt: skip


@register
class AdaGrad(MultiTensorOptimizer):
    """AdaGrad (Duchi et al., 2011): ``history += g^2; w -= lr (g / sqrt(history + eps) + wd w)``.

    Of row_sparse gradients only the rows that they have are changed; there is no weight decay for these.

    Args:
        eps: keeps the division finite.
        kwargs: those of Optimizer.
    """

    _single = _sparse_states = _row_wise = True

    def __init__(self, eps: float = 1e-7, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.float_stable_eps = eps

    def create_state(self, index: Any, weight: NDArray) -> NDArray:
        """The sums of squares, zeros, float32."""
        return self._zeros(weight)

    def _update_by_storage(self, grads: Any, states: Any, step: Step, half: bool) -> None:
        _refuse_decay(self, grads, step)
        super()._update_by_storage(grads, states, step, half)

    def _apply(self, weights: list[Any], grads: list[Any], states: list[Any], step: Step) -> None:
        adagrad_(
            weights, grads, data_of(states), step.lrs, step.wds, self.float_stable_eps, self.rescale_grad, self._bound
        )


@register
class AdaDelta(MultiTensorOptimizer):
    """AdaDelta (Zeiler, 2012), which has no learning rate.

    Args:
        rho: decay of the running squares of gradients and steps.
        epsilon: keeps the division finite, and the first steps from being 0.
        kwargs: those of Optimizer.
    """

    _single = True

    def __init__(self, rho: float = 0.90, epsilon: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rho = rho
        self.epsilon = epsilon

    def create_state(self, index: Any, weight: NDArray) -> tuple[NDArray, NDArray]:
        """Running squares of gradients and of steps, zeros, float32."""
        return self._zeros(weight), self._zeros(weight)

    def _rates(self, indices: Any) -> tuple[list[float], list[float], list[int]]:
        for index in indices:
            self._update_count(index)
        return [0.0] * len(indices), [self._get_wd(i) for i in indices], [self._index_update_count[i] for i in indices]

    def _apply(self, weights: list[Any], grads: list[Any], states: list[Any], step: Step) -> None:
        adadelta_(  # type: ignore[call-arg]  # as many columns as states
            weights, grads, *columns(states), step.wds, self.rho, self.epsilon, self.rescale_grad, self._bound
        )


@register
class Adamax(MultiTensorOptimizer):
    """Adamax (Kingma and Ba, 2015): Adam with the largest gradient instead of the mean square.

    Args:
        learning_rate: default 0.002.
        beta1, beta2: decay of the running mean and of the running maximum of the gradient.
        kwargs: those of Optimizer.
    """

    def __init__(self, learning_rate: float = 0.002, beta1: float = 0.9, beta2: float = 0.999, **kwargs: Any) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.beta1 = beta1
        self.beta2 = beta2

    def create_state(self, index: Any, weight: NDArray) -> tuple[NDArray, NDArray]:
        """Running mean and running maximum, zeros."""
        return self._zeros(weight), self._zeros(weight)

    def _apply(self, weights: list[Any], grads: list[Any], states: list[Any], step: Step) -> None:
        lrs = [lr / (1.0 - self.beta1**t) for lr, t in zip(step.lrs, step.counts, strict=True)]
        adamax_(  # type: ignore[call-arg]  # as many columns as states
            weights, grads, *columns(states), lrs, step.wds, self.beta1, self.beta2, self.rescale_grad, self._bound
        )


@register
class Nadam(MultiTensorOptimizer):
    """Nadam (Dozat, 2016): Adam with Nesterov's momentum.

    As in MXNet, the product of all momenta so far is one for all weights, and grows with each weight's update.

    Args:
        learning_rate: default 0.001.
        beta1, beta2: decay of the running mean and of the running square of the gradient.
        epsilon: keeps the division finite.
        schedule_decay: of the momentum.
        kwargs: those of Optimizer.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        schedule_decay: float = 0.004,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.schedule_decay = schedule_decay
        self.m_schedule = 1.0

    def create_state(self, index: Any, weight: NDArray) -> tuple[NDArray, NDArray]:
        """Running mean and running square, zeros."""
        return self._zeros(weight), self._zeros(weight)

    def _momentum(self, t: int) -> float:
        return self.beta1 * (1.0 - 0.5 * 0.96 ** (t * self.schedule_decay))

    def _apply(self, weights: list[Any], grads: list[Any], states: list[Any], step: Step) -> None:
        of_grad, of_mean = [], []
        for t in step.counts:
            now, ahead = self._momentum(t), self._momentum(t + 1)
            self.m_schedule *= now
            of_grad.append((1.0 - now) / (1.0 - self.m_schedule))
            of_mean.append(ahead / (1.0 - self.m_schedule * ahead))
        of_variance = [1.0 / (1.0 - self.beta2**t) for t in step.counts]
        nadam_(  # type: ignore[call-arg]  # as many columns as states
            weights, grads, *columns(states), step.lrs, step.wds, of_grad, of_mean, of_variance, self.beta1,
            self.beta2, self.epsilon, self.rescale_grad, self._bound,
        )  # fmt: skip


@register
class RMSProp(MultiTensorOptimizer):
    """RMSProp (Tieleman and Hinton, 2012), or with ``centered`` the one of Graves (2013).

    Args:
        learning_rate: default 0.001.
        gamma1: decay of the running square, and where centered of the running mean.
        gamma2: momentum; where centered.
        epsilon: keeps the division finite.
        centered: divide by the spread instead of the mean square.
        clip_weights: bound of the weights; None for none.
        kwargs: those of Optimizer.
    """

    _single = _sparse_states = True

    def __init__(
        self,
        learning_rate: float = 0.001,
        gamma1: float = 0.9,
        gamma2: float = 0.9,
        epsilon: float = 1e-8,
        centered: bool = False,
        clip_weights: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.gamma1 = gamma1
        self.gamma2 = gamma2
        self.centered = centered
        self.epsilon = epsilon
        self.clip_weights = clip_weights

    def create_state(self, index: Any, weight: NDArray) -> tuple[NDArray, ...]:
        """Running square and, where centered, running mean and step: zeros, float32."""
        return tuple(self._zeros(weight) for _ in range(3 if self.centered else 1))

    def _apply(self, weights: list[Any], grads: list[Any], states: list[Any], step: Step) -> None:
        bounds = (self.rescale_grad, self._clip, self.clip_weights or -1.0)
        gammas = (self.gamma1, self.gamma2) if self.centered else (self.gamma1,)
        rule: Any = rmspropalex_ if self.centered else rmsprop_
        rule(weights, grads, *columns(states), step.lrs, step.wds, *gammas, self.epsilon, *bounds)


@register
class Ftrl(MultiTensorOptimizer):
    """Follow the regularized leader (McMahan et al., 2013): weights of little use become 0.

    Row_sparse gradients change only the rows that they have of row_sparse weights.

    Args:
        lamda1: weight of the L1 norm.
        learning_rate: default 0.1.
        beta: added to the roots of the sums of squares.
        kwargs: those of Optimizer.
    """

    _single = _sparse_states = _row_wise = True
    _row_wise_on_dense = False

    def __init__(self, lamda1: float = 0.01, learning_rate: float = 0.1, beta: float = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lamda1 = lamda1
        self.beta = beta
        self.lr = learning_rate

    def create_state(self, index: Any, weight: NDArray) -> tuple[NDArray, NDArray]:
        """z and n of the rule, zeros, float32."""
        return self._zeros(weight), self._zeros(weight)

    def _apply(self, weights: list[Any], grads: list[Any], states: list[Any], step: Step) -> None:
        ftrl_(  # type: ignore[call-arg]  # as many columns as states
            weights, grads, *columns(states), step.lrs, step.wds, self.lamda1, self.beta, self.rescale_grad, self._clip
        )


@register
class FTML(MultiTensorOptimizer):
    """Follow the moving leader (Zheng and Kwok, 2017).

    Args:
        beta1, beta2: decay of the running sums and of the running square of the gradient.
        epsilon: keeps the division finite.
        kwargs: those of Optimizer.
    """

    def __init__(self, beta1: float = 0.6, beta2: float = 0.999, epsilon: float = 1e-8, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon

    def create_state(self, index: Any, weight: NDArray) -> tuple[NDArray, NDArray, NDArray]:
        """d, v and z of the rule, zeros."""
        return self._zeros(weight), self._zeros(weight), self._zeros(weight)

    def _apply(self, weights: list[Any], grads: list[Any], states: list[Any], step: Step) -> None:
        ftml_(  # type: ignore[call-arg]  # as many columns as states
            weights, grads, *columns(states), step.lrs, step.wds, step.counts, self.beta1, self.beta2, self.epsilon,
            self.rescale_grad, self._clip,
        )  # fmt: skip


def _refuse_decay(optimizer: MultiTensorOptimizer, grads: Any, step: Step) -> None:
    """Row_sparse gradients have no rule with weight decay.

    Raises:
        MXNetError: a weight with both.
    """
    for index, grad, wd in zip(step.indices, grads, step.wds, strict=True):
        if wd and grad.stype == "row_sparse":
            raise MXNetError(
                f"{type(optimizer).__name__} has no weight decay for row_sparse gradients, but wd is {wd} for weight "
                f"{index!r}; set wd=0, or its wd_mult to 0"
            )
