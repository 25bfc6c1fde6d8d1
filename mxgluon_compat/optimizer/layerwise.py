"""Optimizers that look at whole layers, for large batches: LARS, LAMB, LBSGD."""

from __future__ import annotations

import logging
import math
import warnings
from typing import Any

import torch

from ..ndarray import NDArray
from ..ops.multi_tensor import lars_rates, norms, sgd_, sgd_by_
from ..ops.multi_tensor_adaptive import lamb_, lamb_direction
from .base import register
from .multi import MultiTensorOptimizer, Step, aggregate_size, columns, data_of

__all__ = ["LAMB", "LARS", "LBSGD"]


@register
class LARS(MultiTensorOptimizer):
    """Layer-wise adaptive rate scaling (You et al., 2017): SGD whose learning rate for a layer is multiplied by
    ``eta |w| / (|g| + wd |w| + eps)``; not for weights whose name ends in gamma, beta or bias.

    Args:
        momentum: factor of the old momentum; 0 for none.
        lazy_update: of row_sparse gradients, change only the rows that they have, and the momentum of these.
        eta: factor of the ratio.
        eps: keeps the division finite.
        momentum_correction: multiply the momentum by the change of the learning rate. As in MXNet, only the first
            ``aggregate_num`` weights of an update see the change.
        kwargs: those of Optimizer.
    """

    _own_precision = _rates_together = _copy_last = True
    _row_wise_on_copies = False
    _shown_as = "SGD optimizer"  # as MXNet says

    def __init__(
        self,
        momentum: float = 0.0,
        lazy_update: bool = True,
        eta: float = 0.001,
        eps: float = 0,
        momentum_correction: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.momentum = momentum
        self.momentum_correction = momentum_correction
        self.lazy_update = lazy_update
        self.aggregate_num = aggregate_size(4)
        self.eta = eta
        self.eps = eps
        self.skip = 0
        self.last_lr: float | None = None
        self.cur_lr: float | None = None

    @property
    def _row_wise(self) -> bool:  # type: ignore[override]
        return self.lazy_update

    _sparse_states = _row_wise

    def create_state(self, index: Any, weight: NDArray) -> NDArray | None:
        """The momentum, zeros; None without momentum."""
        return self._zeros(weight) if self.momentum != 0.0 else None

    def set_wd_mult(self, args_wd_mult: Any) -> None:
        """Multipliers of the weight decay, by parameter name or index; all but weights have none by name."""
        self.wd_mult = {n: 0.0 for n in self.idx2name.values() if not n.endswith("_weight")}
        self.wd_mult.update(self._from_symbol("__wd_mult__"))
        self.wd_mult.update(args_wd_mult)

    def _get_lrs(self, indices: Any) -> list[float]:
        lr = self.learning_rate
        self.last_lr, self.cur_lr = (lr if self.cur_lr is None else self.cur_lr), lr
        return self._multiplied(indices, self.cur_lr, self.lr_mult, "lr_mult")

    def _rates(self, indices: Any) -> tuple[list[float], list[float], list[int]]:
        self._momenta: dict[Any, float] = {}
        lrs: list[float] = []
        wds: list[float] = []
        size = max(1, self.aggregate_num)
        for start in range(0, len(indices), size):
            part = indices[start : start + size]
            self._update_count(part)
            lrs += self._get_lrs(part)
            wds += self._get_wds(part)
            factor = max(self.momentum, 0.0)
            if self.momentum_correction and self.last_lr != 0:
                factor *= self.cur_lr / self.last_lr  # type: ignore[operator]
            self._momenta.update(dict.fromkeys(part, factor))
        return lrs, wds, [self._index_update_count[i] for i in indices]

    def _apply(self, weights: list[Any], grads: list[Any], states: list[Any], step: Step) -> None:
        names = [self.idx2name.get(i, str(i)) for i in step.indices]
        plain = [n.endswith(("gamma", "beta", "bias")) for n in names]
        seen = [w._data for w in step.weights]
        for alone in (True, False):
            places = [i for i, p in enumerate(plain) if p is alone]
            if not places:
                continue
            columns_of: tuple[Any, ...] = (weights, grads, states, step.lrs, step.wds, seen)
            w, g, s, lrs, wds, whole = ([a[i] for i in places] for a in columns_of)
            if alone:
                rates = [torch.full((), lr, dtype=torch.float32, device=x.device) for lr, x in zip(lrs, w, strict=True)]
            else:
                rates = lars_rates(whole, g, lrs, wds, self.eta, self.eps, self.rescale_grad)
            sgd_by_(
                w, g, None if s[0] is None else data_of(s), rates, wds,
                [self._momenta[step.indices[i]] for i in places], self.rescale_grad, self._clip,
            )  # fmt: skip


@register
class LAMB(MultiTensorOptimizer):
    """LAMB (You et al., 2020): Adam's step with decay, as long as the layer's weight.

    Args:
        learning_rate: default 0.001.
        beta1, beta2: decay of the running mean and of the running square of the gradient.
        epsilon: keeps the division finite.
        lower_bound, upper_bound: of the norms of weights; None for none.
        bias_correction: correct the means for their start at 0.
        kwargs: those of Optimizer.
    """

    _own_precision = _sparse_states = True

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-6,
        lower_bound: float | None = None,
        upper_bound: float | None = None,
        bias_correction: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.lower_bound = lower_bound
        self.upper_bound = upper_bound
        self.bias_correction = bias_correction
        self.aggregate_num = max(1, min(45, aggregate_size(45)))

    def create_state(self, index: Any, weight: NDArray) -> tuple[NDArray, NDArray]:
        """Running mean and running square, zeros."""
        return self._zeros(weight), self._zeros(weight)

    def _apply(self, weights: list[Any], grads: list[Any], states: list[Any], step: Step) -> None:
        directions = lamb_direction(  # type: ignore[call-arg]  # as many columns as states
            weights, grads, *columns(states), step.wds, step.counts, self.beta1, self.beta2, self.epsilon,
            self.bias_correction, self.rescale_grad, self._clip,
        )  # fmt: skip
        bounds = (self.lower_bound or -1.0, self.upper_bound or -1.0)
        lamb_(weights, directions, norms(data_of(step.weights)), norms(directions), step.lrs, *bounds)


@register
class LBSGD(MultiTensorOptimizer):
    """SGD for large batches: gradients of ``batch_scale`` steps make one update, and the learning rate rises at first.

    Args:
        momentum: factor of the old momentum; 0 for none.
        multi_precision: keep float32 copies of float16 weights.
        warmup_strategy: how the learning rate rises to ``batch_scale`` times its value: ``'linear'``, ``'power2'`` or
            ``'sqrt'``; ``'lars'`` multiplies it by ``|w|`` over the root of ``|g|^2 + wd |w|^2`` instead; any other
            word keeps it until the warmup is over.
        warmup_epochs: length of the warmup.
        batch_scale: number of steps that make one update.
        updates_per_epoch: number of steps of an epoch.
        begin_epoch: number of epochs that have been.
        num_epochs: kept, not used.
        kwargs: those of Optimizer.
    """

    _sparse_states = _row_wise = True
    _shown_as = "optimizer"

    def __init__(
        self,
        momentum: float = 0.0,
        multi_precision: bool = False,
        warmup_strategy: str = "linear",
        warmup_epochs: int = 5,
        batch_scale: int = 1,
        updates_per_epoch: int = 32,
        begin_epoch: int = 0,
        num_epochs: int = 60,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        logging.info("Running Large-Batch SGD Algorithm")
        logging.info(
            "(Batch_scale=%f, warmup_epochs=%d, warmup_strategy=%s, updates_per_epoch=%d)",
            batch_scale, warmup_epochs, warmup_strategy, updates_per_epoch,
        )  # fmt: skip
        self.momentum = momentum
        self.multi_precision = multi_precision
        self.warmup_strategy = warmup_strategy
        self.warmup_epochs = warmup_epochs
        self.batch_scale = batch_scale
        self.updates_per_epoch = updates_per_epoch
        self.init_updates = begin_epoch * updates_per_epoch
        self.num_epochs = num_epochs
        self.lbmult = 1
        self.cumgrads: dict[Any, dict[str, Any]] = {}
        self.adaptive = False
        self.admult = 1

    def create_state(self, index: Any, weight: NDArray) -> Any:
        """The momentum, zeros, None without; for float16 weights under ``multi_precision`` a float32 copy after it."""
        half = weight._data.dtype is torch.float16
        if half and self.multi_precision:
            copy = weight.astype("float32")
            return (self._zeros(copy) if self.momentum != 0.0 else None), copy
        if half:
            warnings.warn(
                "Accumulating with float16 in optimizer can lead to poor accuracy or slow convergence. Consider using "
                "multi_precision=True option of the SGD optimizer",
                stacklevel=2,
            )
        return self._zeros(weight) if self.momentum != 0.0 else None

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Updates one weight and its state in place, once every ``batch_scale`` calls."""
        if isinstance(state, tuple):
            self._update_impl(index, weight, grad, state[::-1], multi_precision=True)
        else:
            self._update_impl(index, weight, grad, state)

    def _rates(self, indices: Any) -> tuple[list[float], list[float], list[int]]:
        lrs, wds = [], []
        for index in indices:  # the rate is that of the count before
            lrs.append(self._get_lr(index))
            wds.append(self._get_wd(index))
            self._update_count(index)
        return lrs, wds, [self._index_update_count[i] for i in indices]

    def _get_lbmult(self, nup: int) -> float:
        """Factor of the learning rate after ``nup`` gradients."""
        length, most = self.warmup_epochs * self.updates_per_epoch, float(self.batch_scale)
        if nup >= length:
            return most
        if length <= 1:
            return 1.0
        part = {"linear": nup / length, "power2": nup * nup / (length * length), "sqrt": math.sqrt(nup / length)}
        return 1.0 + (most - 1.0) * part.get(self.warmup_strategy, 0.0)

    def _cumulate_gradient(self, grad: NDArray, index: Any) -> dict[str, Any]:
        """The sum and the number of this weight's gradients, with ``grad``."""
        # MXNet adds those of all contexts, and updates the weight on the last one alone.
        device = grad.context.device_id
        key = f"{index} on device {device}" if device else index
        before = self.cumgrads.get(key)
        if before and before["num_cums"] > 0:
            total, count = before["cum_grad"], before["num_cums"] + 1
            total = total.as_in_context(grad.context) + grad if isinstance(total, NDArray) else grad
        else:
            total, count = grad, self.init_updates + 1
        if total is grad and self.batch_scale != 1:
            total = grad.copy()  # MXNet keeps the array itself, which the next backward pass writes to
        self.cumgrads[key] = {"cum_grad": total, "num_cums": count}
        return self.cumgrads[key]

    def _update_all(self, grads: Any, states: Any, step: Step, half: bool) -> None:
        ready, means, lrs = [], [], list(step.lrs)
        for i, (index, grad) in enumerate(zip(step.indices, grads, strict=True)):
            sums = self._cumulate_gradient(grad.astype("float32") if half else grad, index)
            if sums["num_cums"] % self.batch_scale == 0:
                ready.append(i)
                means.append(sums["cum_grad"] / self.batch_scale if self.batch_scale != 1 else grad)
                sums["cum_grad"] = 0
                if self.warmup_strategy != "lars":
                    lrs[i] *= self._get_lbmult(sums["num_cums"])
        if ready:
            step = step._replace(lrs=lrs)
            columns_of: Any = ([column[i] for i in ready] for column in step)
            super()._update_all(means, [states[i] for i in ready], Step(*columns_of), half)

    def _apply(self, weights: list[Any], grads: list[Any], states: list[Any], step: Step) -> None:
        moms, momentum = (None if states[0] is None else data_of(states)), max(self.momentum, 0.0)
        if self.warmup_strategy == "lars":
            seen = [
                w if w.shape == whole.shape else whole._data for w, whole in zip(weights, step.weights, strict=True)
            ]
            rates = [
                self._get_lars(w, g, wd) * lr for w, g, wd, lr in zip(seen, grads, step.wds, step.lrs, strict=True)
            ]
            sgd_by_(weights, grads, moms, rates, step.wds, [momentum] * len(rates), self.rescale_grad, self._clip)
        else:
            sgd_(weights, grads, moms, step.lrs, step.wds, momentum, self.rescale_grad, self._clip)

    def _get_lars(self, weight: torch.Tensor, g: torch.Tensor, wd: float) -> torch.Tensor:
        """Factor of a layer's learning rate, a number on its device."""
        size = weight.float().square().sum()
        return (size / (g.float().square().sum() + wd * size + 1e-18)).sqrt().clamp(0.01, 100.0)
