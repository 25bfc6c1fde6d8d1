"""Update rules over lists of tensors, in place: what the optimizer operators and ``mx.optimizer`` share.

Each works on all tensors with torch's multi-tensor functions, one call for each term of the formula instead of one for
each tensor. Learning rates and weight decays may differ from tensor to tensor; tensors with the same pair go together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

__all__ = ["adam_", "sgd_"]

Tensors = Sequence[torch.Tensor]


def _single(number: float) -> float:
    """``number`` rounded to float32, as MXNet's operators keep their numbers: 1 - 0.999 is 1.3e-5 off there."""
    if not math.isfinite(number):
        return number
    mantissa, exponent = math.frexp(number)
    return math.ldexp(round(mantissa * 2.0**24), exponent - 24)


def _groups(lrs: Sequence[float], wds: Sequence[float]) -> list[tuple[float, float, list[int]]]:
    """(learning rate, weight decay, places that have these two)."""
    found: dict[tuple[float, float], list[int]] = {}
    for i, pair in enumerate(zip(lrs, wds, strict=True)):
        found.setdefault(pair, []).append(i)
    return [(_single(lr), _single(wd), places) for (lr, wd), places in found.items()]


def _bound_(tensors: list[torch.Tensor], clip: float) -> None:
    torch._foreach_clamp_max_(tensors, clip)
    torch._foreach_clamp_min_(tensors, -clip)


def sgd_(
    weights: Tensors,
    grads: Tensors,
    moms: Tensors | None,
    lrs: Sequence[float],
    wds: Sequence[float],
    momentum: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> None:
    """Stochastic gradient descent: ``mom = momentum mom - lr (g + wd w); w += mom``.

    Args:
        weights, grads, moms: tensors, each the three of one shape and dtype; without ``moms`` plain descent.
        lrs, wds: learning rate and weight decay of each.
        momentum: factor of the old momentum.
        rescale_grad: factor of the gradients.
        clip_gradient: bound of the rescaled gradients; negative for none.
    """
    momentum, scale = _single(momentum), _single(rescale_grad)
    if clip_gradient >= 0:
        grads, scale = torch._foreach_mul(list(grads), scale), 1.0
        _bound_(grads, _single(clip_gradient))
    for lr, wd, places in _groups(lrs, wds):
        w, g = [weights[i] for i in places], [grads[i] for i in places]
        if moms is None:
            if wd:
                torch._foreach_mul_(w, 1.0 - lr * wd)
            torch._foreach_add_(w, g, alpha=-lr * scale)
            continue
        m = [moms[i] for i in places]
        torch._foreach_mul_(m, momentum)
        if wd:
            torch._foreach_add_(m, w, alpha=-lr * wd)
        torch._foreach_add_(m, g, alpha=-lr * scale)
        torch._foreach_add_(w, m)


def adam_(
    weights: Tensors,
    grads: Tensors,
    means: Tensors,
    variances: Tensors,
    lrs: Sequence[float],
    wds: Sequence[float],
    beta1: float,
    beta2: float,
    epsilon: float,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> None:
    """Adam (Kingma and Ba, 2015) as MXNet has it: the decay is part of the gradient, ``lr`` comes bias-corrected.

    Args:
        weights, grads, means, variances: tensors, each the four of one shape and dtype.
        lrs, wds: learning rate and weight decay of each.
        beta1, beta2, epsilon: Adam's constants.
        rescale_grad: factor of the gradients.
        clip_gradient: bound of the rescaled gradients with their decay; negative for none.
    """
    beta1, beta2, epsilon, scale = _single(beta1), _single(beta2), _single(epsilon), _single(rescale_grad)
    for lr, wd, places in _groups(lrs, wds):
        w, m, v = ([t[i] for i in places] for t in (weights, means, variances))
        g = torch._foreach_mul([grads[i] for i in places], scale)
        if wd:
            torch._foreach_add_(g, w, alpha=wd)
        if clip_gradient >= 0:
            _bound_(g, _single(clip_gradient))
        torch._foreach_mul_(m, beta1)
        torch._foreach_add_(m, g, alpha=1.0 - beta1)
        torch._foreach_mul_(v, beta2)
        torch._foreach_addcmul_(v, g, g, value=1.0 - beta2)
        root = torch._foreach_sqrt(v)
        torch._foreach_add_(root, epsilon)
        torch._foreach_addcdiv_(w, m, root, value=-lr)
