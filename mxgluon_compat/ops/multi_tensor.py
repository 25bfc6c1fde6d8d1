"""Update rules over lists of tensors, in place: what the optimizer operators and ``mx.optimizer`` share.

Each works on all tensors with torch's multi-tensor functions, one call for each term of the formula instead of one for
each tensor. Learning rates and weight decays may differ from tensor to tensor; tensors with the same pair go together.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

__all__ = ["adam_", "sgd_"]

Tensors = Sequence[torch.Tensor]


def _groups(lrs: Sequence[float], wds: Sequence[float]) -> list[tuple[float, float, list[int]]]:
    found: dict[tuple[float, float], list[int]] = {}
    for i, pair in enumerate(zip(lrs, wds, strict=True)):
        found.setdefault(pair, []).append(i)
    return [(lr, wd, places) for (lr, wd), places in found.items()]


def _clipped(grads: Tensors, rescale: float, clip: float) -> list[torch.Tensor]:
    grads = torch._foreach_mul(list(grads), rescale)
    torch._foreach_clamp_max_(grads, clip)
    torch._foreach_clamp_min_(grads, -clip)
    return grads


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
        weights, grads, moms: tensors, each the three of one shape; without ``moms`` plain descent.
        lrs, wds: learning rate and weight decay of each.
        momentum: factor of the old momentum.
        rescale_grad: factor of the gradients.
        clip_gradient: bound of the rescaled gradients; negative for none.
    """
    if clip_gradient >= 0:
        grads, rescale_grad = _clipped(grads, rescale_grad, clip_gradient), 1.0
    for lr, wd, places in _groups(lrs, wds):
        w, g = [weights[i] for i in places], [grads[i] for i in places]
        if moms is None:
            if wd:
                torch._foreach_mul_(w, 1.0 - lr * wd)
            torch._foreach_add_(w, g, alpha=-lr * rescale_grad)
            continue
        m = [moms[i] for i in places]
        torch._foreach_mul_(m, momentum)
        if wd:
            torch._foreach_add_(m, w, alpha=-lr * wd)
        torch._foreach_add_(m, g, alpha=-lr * rescale_grad)
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
        weights, grads, means, variances: tensors, each the four of one shape.
        lrs, wds: learning rate and weight decay of each.
        beta1, beta2, epsilon: Adam's constants.
        rescale_grad: factor of the gradients.
        clip_gradient: bound of the rescaled gradients with their decay; negative for none.
    """
    for lr, wd, places in _groups(lrs, wds):
        w, m, v = ([t[i] for i in places] for t in (weights, means, variances))
        g = torch._foreach_mul([grads[i] for i in places], rescale_grad)
        if wd:
            torch._foreach_add_(g, w, alpha=wd)
        if clip_gradient >= 0:
            torch._foreach_clamp_max_(g, clip_gradient)
            torch._foreach_clamp_min_(g, -clip_gradient)
        torch._foreach_mul_(m, beta1)
        torch._foreach_add_(m, g, alpha=1.0 - beta1)
        torch._foreach_mul_(v, beta2)
        torch._foreach_addcmul_(v, g, g, value=1.0 - beta2)
        root = torch._foreach_sqrt(v)
        torch._foreach_add_(root, epsilon)
        torch._foreach_addcdiv_(w, m, root, value=-lr)
