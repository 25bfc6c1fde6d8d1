"""Batch normalisation over the batches of several devices, and of the processes of ``torch.distributed``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.distributed as dist

from ..base import UnsupportedError
from .norm import BATCH_NORM, batch_norm, batch_variance, on_backward, unit_gamma
from .registry import operator

__all__ = ["normalized_together", "processes", "sync_batch_norm"]


def processes() -> int:
    """How many processes train together: those of ``torch.distributed``, where that is set up."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def _merged(rows: torch.Tensor) -> torch.Tensor:
    """Of several batches the count, means and sums of squared distances from the mean, in one row each -> of all."""
    count, means, squares = rows[:, :1], *rows[:, 1:].chunk(2, 1)
    total = count.sum(0)
    mean = (count * means).sum(0) / total
    return torch.cat([total, mean, (squares + count * (means - mean).square()).sum(0)])


def _moments(data: torch.Tensor) -> torch.Tensor:
    """The row of one batch, float64 (1 + 2 C,), data being (N, C, ...)."""
    others = [axis for axis in range(data.ndim) if axis != 1]
    count = data.numel() // data.shape[1]
    if not count:
        return data.new_zeros(1 + 2 * data.shape[1], dtype=torch.float64)
    if data.dtype.itemsize == 2:
        data = data.float()  # sums of halves overflow
    variance, mean = torch.var_mean(data, others, correction=0)
    return torch.cat([mean.new_full((1,), count, dtype=torch.float64), mean.double(), variance.double() * count])


def _per_channel(values: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """(C,) -> (1, C, 1, ...), on the device of ``like``."""
    return values.to(like.device).reshape(1, -1, *[1] * (like.ndim - 2))


class _Together(torch.autograd.Function):
    """gamma (x - mean) / sqrt(var + eps) + beta of several devices' batches, mean and var being those of all.

    One node for all devices: its gradient needs that of every device's result, and says so where one is missing.
    """

    @staticmethod
    def forward(ctx: Any, eps: float, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        devices = len(tensors) // 3
        batches, gammas, betas = (tensors[i * devices : (i + 1) * devices] for i in range(3))
        row = _merged(torch.stack([_moments(x).to(batches[0].device) for x in batches]))
        if processes() > 1:
            rows = [torch.empty_like(row) for _ in range(processes())]
            dist.all_gather(rows, row)
            row = _merged(torch.stack(rows))
        count, mean, squares = row[0], *row[1:].chunk(2)
        variance = squares / count
        results, means, variances = [], [], []
        for x, gamma, beta in zip(batches, gammas, betas):
            means.append(mean.to(gamma.device, gamma.dtype))
            variances.append(variance.to(gamma.device, gamma.dtype))
            results.append(
                torch.batch_norm(
                    x, gamma, beta, means[-1], variances[-1], False, 0.0, eps, torch.backends.cudnn.enabled
                )
            )
        ctx.devices = devices
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(count, mean, (variance + eps).rsqrt(), *batches, *gammas)
        ctx.mark_non_differentiable(*means, *variances)
        return (*results, *means, *variances)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: torch.Tensor | None) -> tuple[torch.Tensor | None, ...]:
        count, mean, invstd, *tensors = ctx.saved_tensors
        batches, gammas = tensors[: ctx.devices], tensors[ctx.devices :]
        received = gradients[: ctx.devices]
        if any(g is None for g in received):
            raise UnsupportedError(
                "backward through SyncBatchNorm of some of its devices' results",
                "its gradient needs all of them: call autograd.backward with the losses of all devices",
            )
        distances, of_gamma, of_beta = [], [], []
        sums = torch.zeros(2, mean.numel(), dtype=torch.float64, device=mean.device)
        for x, gamma, gradient in zip(batches, gammas, received):
            others = [axis for axis in range(x.ndim) if axis != 1]
            distance = (x - _per_channel(mean.to(gamma.dtype), x)) * _per_channel(invstd.to(gamma.dtype), x)
            distances.append(distance)
            of_beta.append(gradient.to(gamma.dtype).sum(others))
            of_gamma.append((gradient * distance).sum(others))
            sums += (torch.stack([of_beta[-1], of_gamma[-1]]) * gamma).to(sums.device, sums.dtype)
        if processes() > 1:
            dist.all_reduce(sums)
        sums /= count
        of_data = []
        for x, gamma, gradient, distance in zip(batches, gammas, received, distances):
            shared, along = (_per_channel(s.to(gamma.dtype), x) for s in sums)
            scale = _per_channel(invstd.to(gamma.dtype), x)
            of_data.append(((gradient * _per_channel(gamma, x) - shared - distance * along) * scale).to(x.dtype))
        return None, *of_data, *of_gamma, *of_beta


def normalized_together(
    batches: Sequence[torch.Tensor],
    gammas: Sequence[torch.Tensor],
    betas: Sequence[torch.Tensor],
    moving_means: Sequence[torch.Tensor],
    moving_vars: Sequence[torch.Tensor],
    *,
    eps: float,
    momentum: float,
    fix_gamma: bool,
) -> list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Batch normalisation in train mode of several devices' batches, which may differ in length, over all of them.

    batches (N, C, ...), one on each device, and each device's copies of the parameters and states (C,) -> for each
    device the result, and mean and variance (C,) of all batches. Where ``torch.distributed`` is set up, its other
    processes' batches count too; all of them must come here, and to the backward pass, equally often. The backward
    pass moves the states towards mean and variance, as that of ``BatchNorm``.
    """
    if fix_gamma:
        gammas = [unit_gamma(gamma) for gamma in gammas]
    devices = len(batches)
    found = _Together.apply(eps, *batches, *gammas, *betas)
    rows = list(zip(found[:devices], found[devices : 2 * devices], found[2 * devices :]))
    for (result, mean, variance), moving_mean, moving_var in zip(rows, moving_means, moving_vars):

        def update(
            mean: torch.Tensor = mean,
            variance: torch.Tensor = variance,
            moving_mean: torch.Tensor = moving_mean,
            moving_var: torch.Tensor = moving_var,
        ) -> None:
            moving_mean.detach().lerp_(mean, 1 - momentum)
            moving_var.detach().lerp_(variance, 1 - momentum)

        on_backward(result, update)
    return rows


def parts_of(node: Any) -> int | None:
    """For a node of torch's graph that normalises several devices' batches together, how many; None for others."""
    return node.devices if isinstance(node, _Together._backward_cls) else None


@operator("_contrib_SyncBatchNorm", **BATCH_NORM)
def sync_batch_norm(
    data: torch.Tensor,
    gamma: torch.Tensor,
    beta: torch.Tensor,
    moving_mean: torch.Tensor,
    moving_var: torch.Tensor,
    *,
    eps: float = 1e-3,
    momentum: float = 0.9,
    fix_gamma: bool = True,
    use_global_stats: bool = False,
    output_mean_var: bool = False,
    ndev: int = 1,
    key: str,
    training: bool,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """``BatchNorm`` along axis 1 over the batches of ``ndev`` devices -> the result, mean and variance (C,).

    ``key`` tells several such layers apart where devices wait for one another: calls on arrays and Blocks do (see
    ``ndarray.waiting``), a graph that is bound to one device cannot. Where ``torch.distributed`` is set up, the
    batches of its other processes count too.

    Raises:
        UnsupportedError: the statistics of several devices' batches are asked for on one of them.
    """
    together = training and not use_global_stats and not data.is_meta
    if together and ndev > 1:
        reason = "an executor's graph runs on one device, and cannot wait for others; call a Block, or bind with ndev=1"
        raise UnsupportedError(f"SyncBatchNorm with ndev={ndev} in train mode", reason)
    if together and processes() > 1:
        ((out, mean, variance),) = normalized_together(
            [data], [gamma], [beta], [moving_mean], [moving_var], eps=eps, momentum=momentum, fix_gamma=fix_gamma
        )
        return out, mean, variance
    out, mean, invstd = batch_norm(
        data,
        gamma,
        beta,
        moving_mean,
        moving_var,
        eps=eps,
        momentum=momentum,
        fix_gamma=fix_gamma,
        use_global_stats=use_global_stats,
        output_mean_var=output_mean_var,
        training=training,
    )
    return out, mean, batch_variance(invstd, eps) if output_mean_var else invstd
