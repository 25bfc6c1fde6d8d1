"""Update rules over lists of tensors, in place, that scale each element by what its gradients were: Adam and its kin.

For what all rules take, see ``multi_tensor``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from .multi_tensor import (
    Numbers,
    Tensors,
    _average_,
    _bound_,
    _check_shapes,
    _decayed,
    _fusable,
    _groups,
    _scaled,
    _single,
)

__all__ = [
    "adadelta_", "adagrad_", "adam_", "adamax_", "bias_corrected", "ftml_", "ftrl_", "group_adagrad_", "lamb_",
    "lamb_direction", "nadam_", "rmsprop_", "rmspropalex_",
]  # fmt: skip


def _average_squares_(states: Tensors, values: Tensors, keep: float) -> None:
    """state = keep state + (1 - keep) value^2."""
    torch._foreach_mul_(states, keep)
    torch._foreach_addcmul_(states, values, values, value=1.0 - keep)


def _decayed_and_bounded(grads: Tensors, weights: Tensors, scale: float, wd: float, clip: float) -> Tensors:
    """Gradients whose decay comes before the bound: new tensors, or ``grads`` where nothing changes."""
    found = _decayed(_scaled(grads, scale), weights, wd)
    if clip >= 0:
        found = torch._foreach_clone(found) if found is grads else found
        _bound_(found, clip)
    return found


def _root(values: Tensors, epsilon: float) -> Tensors:
    """sqrt(values) + epsilon."""
    root = torch._foreach_sqrt(values)
    torch._foreach_add_(root, epsilon)
    return root


def _root_of_sum(values: Tensors, epsilon: float) -> Tensors:
    """sqrt(values + epsilon)."""
    root = torch._foreach_add(values, epsilon)
    torch._foreach_sqrt_(root)
    return root


def adam_(
    weights: Tensors,
    grads: Tensors,
    means: Tensors,
    variances: Tensors,
    lrs: Numbers,
    wds: Numbers,
    beta1: float,
    beta2: float,
    epsilon: float,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> None:
    """Adam (Kingma and Ba, 2015) as MXNet has it: the decay is part of the gradient, within its bound; ``lrs`` come
    bias-corrected."""
    _check_shapes(weights, grads=grads, means=means, variances=variances)
    beta1, beta2, epsilon, scale = _single(beta1), _single(beta2), _single(epsilon), _single(rescale_grad)
    clip = _single(clip_gradient)
    fused = _fusable(weights, grads, means, variances)
    for (w, g, m, v), (lr, wd) in _groups([weights, grads, means, variances], lrs, wds):
        lr, wd = _single(lr), _single(wd)
        if fused:
            _fused_adam_(w, g, m, v, lr, wd, beta1, beta2, epsilon, scale, clip)
            continue
        g = _decayed_and_bounded(g, w, scale, wd, clip)
        _average_(m, g, beta1)
        _average_squares_(v, g, beta2)
        torch._foreach_addcdiv_(w, m, _root(v, epsilon), value=-lr)


def _fused_adam_(
    weights: Tensors,
    grads: Tensors,
    means: Tensors,
    variances: Tensors,
    lr: float,
    wd: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    scale: float,
    clip: float,
) -> None:
    """``adam_`` by torch's fused function, which corrects the bias for the number of the step: at a very late
    one, as it is told, that changes nothing."""
    late = torch.full((), 1e9, dtype=torch.float32, device=weights[0].device)
    if clip >= 0:
        grads, wd = _decayed_and_bounded(grads, weights, scale, wd, clip), 0.0
    else:
        grads = _scaled(grads, scale)
    torch._fused_adam_(
        weights, grads, means, variances, [], [late] * len(weights), lr=lr, beta1=beta1, beta2=beta2, weight_decay=wd,
        eps=epsilon, amsgrad=False, maximize=False,
    )  # fmt: skip


def adagrad_(
    weights: Tensors,
    grads: Tensors,
    history: Tensors,
    lrs: Numbers,
    wds: Numbers,
    epsilon: float,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> None:
    """AdaGrad (Duchi et al., 2011): ``history += g^2; w -= lr (g / sqrt(history + epsilon) + wd w)``."""
    _check_shapes(weights, grads=grads, history=history)
    grads = _scaled(grads, rescale_grad, clip_gradient)
    torch._foreach_addcmul_(history, grads, grads)
    steps = torch._foreach_div(grads, _root_of_sum(history, epsilon))
    for (w, step), (lr, wd) in _groups([weights, steps], lrs, wds):
        torch._foreach_add_(w, _decayed(step, w, wd), alpha=-lr)


def group_adagrad_(
    weights: Tensors,
    grads: Tensors,
    history: Tensors,
    lrs: Numbers,
    epsilon: float,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> None:
    """AdaGrad with one history (N, 1) for each row: ``history += mean(g^2); w -= lr g / sqrt(history + epsilon)``."""
    _check_shapes(weights, grads=grads)
    grads = _scaled(grads, rescale_grad, clip_gradient)
    squares = torch._foreach_mul(grads, grads)
    means = [s.flatten(1).mean(1).reshape(h.shape) for s, h in zip(squares, history, strict=True)]
    torch._foreach_add_(history, means)
    rows = [r.reshape(-1, *[1] * (w.ndim - 1)) for r, w in zip(_root_of_sum(history, epsilon), weights, strict=True)]
    for (w, g, r), (lr,) in _groups([weights, grads, rows], lrs):
        torch._foreach_add_(w, torch._foreach_div(g, r), alpha=-lr)


def adadelta_(
    weights: Tensors,
    grads: Tensors,
    squares: Tensors,
    steps: Tensors,
    wds: Numbers,
    rho: float,
    epsilon: float,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> None:
    """AdaDelta (Zeiler, 2012): ``squares`` average g^2, ``steps`` the squares of the steps
    ``sqrt(steps + epsilon) / sqrt(squares + epsilon) g``; ``w -= step + wd w``. It has no learning rate."""
    _check_shapes(weights, grads=grads, squares=squares, steps=steps)
    grads = _scaled(grads, rescale_grad, clip_gradient)
    _average_squares_(squares, grads, rho)
    step = _root_of_sum(steps, epsilon)
    torch._foreach_div_(step, _root_of_sum(squares, epsilon))
    torch._foreach_mul_(step, grads)
    _average_squares_(steps, step, rho)
    for (w, change), (wd,) in _groups([weights, step], wds):
        torch._foreach_sub_(w, _decayed(change, w, wd))


def adamax_(
    weights: Tensors,
    grads: Tensors,
    means: Tensors,
    largest: Tensors,
    lrs: Numbers,
    wds: Numbers,
    beta1: float,
    beta2: float,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> None:
    """Adamax (Kingma and Ba, 2015): ``largest = max(beta2 largest, |g|); w -= lr mean / largest``; ``lrs`` come
    bias-corrected."""
    _check_shapes(weights, grads=grads, means=means, largest=largest)
    for (w, g, m, u), (lr, wd) in _groups([weights, grads, means, largest], lrs, wds):
        g = _decayed_and_bounded(g, w, rescale_grad, wd, clip_gradient)
        _average_(m, g, beta1)
        torch._foreach_mul_(u, beta2)
        torch._foreach_maximum_(u, torch._foreach_abs(g))
        torch._foreach_addcdiv_(w, m, u, value=-lr)


def nadam_(
    weights: Tensors,
    grads: Tensors,
    means: Tensors,
    variances: Tensors,
    lrs: Numbers,
    wds: Numbers,
    of_grad: Numbers,
    of_mean: Numbers,
    of_variance: Numbers,
    beta1: float,
    beta2: float,
    epsilon: float,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> None:
    """Nadam (Dozat, 2016): ``w -= lr (of_grad g + of_mean mean) / (sqrt(of_variance variance) + epsilon)``.

    The three are the factors, of each weight, of the bias correction and of Nesterov's look ahead.
    """
    _check_shapes(weights, grads=grads, means=means, variances=variances)
    prepared = _scaled(grads, rescale_grad)
    if any(wds):
        prepared = torch._foreach_add(prepared, torch._foreach_mul(weights, list(wds)))
    if clip_gradient >= 0:
        prepared = torch._foreach_clone(prepared)
        _bound_(prepared, clip_gradient)
    _average_(means, prepared, beta1)
    _average_squares_(variances, prepared, beta2)
    step = torch._foreach_mul(prepared, list(of_grad))
    torch._foreach_add_(step, torch._foreach_mul(means, list(of_mean)))
    root = torch._foreach_mul(variances, list(of_variance))
    torch._foreach_sqrt_(root)
    torch._foreach_add_(root, epsilon)
    torch._foreach_addcdiv_(weights, step, root, [-lr for lr in lrs])


def rmsprop_(
    weights: Tensors,
    grads: Tensors,
    squares: Tensors,
    lrs: Numbers,
    wds: Numbers,
    gamma1: float,
    epsilon: float,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
    clip_weights: float = -1.0,
) -> None:
    """RMSProp (Tieleman and Hinton, 2012): ``squares`` average g^2; ``w -= lr g / sqrt(squares + epsilon)``, bounded by
    ``clip_weights``. The decay comes before the bound of the gradients."""
    _check_shapes(weights, grads=grads, squares=squares)
    gamma1, epsilon, scale = _single(gamma1), _single(epsilon), _single(rescale_grad)
    clip = _single(clip_gradient)
    for (w, g, n), (lr, wd) in _groups([weights, grads, squares], lrs, wds):
        g = _decayed_and_bounded(g, w, scale, _single(wd), clip)
        _average_squares_(n, g, gamma1)
        torch._foreach_addcdiv_(w, g, _root_of_sum(n, epsilon), value=-_single(lr))
    if clip_weights >= 0:
        _bound_(weights, _single(clip_weights))


def rmspropalex_(
    weights: Tensors,
    grads: Tensors,
    squares: Tensors,
    means: Tensors,
    deltas: Tensors,
    lrs: Numbers,
    wds: Numbers,
    gamma1: float,
    gamma2: float,
    epsilon: float,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
    clip_weights: float = -1.0,
) -> None:
    """Centered RMSProp (Graves, 2013): ``delta = gamma2 delta - lr g / sqrt(squares - mean^2 + epsilon); w += delta``;
    ``squares`` and ``means`` average g^2 and g."""
    _check_shapes(weights, grads=grads, squares=squares, means=means, deltas=deltas)
    gamma1, gamma2, epsilon, scale = _single(gamma1), _single(gamma2), _single(epsilon), _single(rescale_grad)
    clip = _single(clip_gradient)
    for (w, g, n, mean, delta), (lr, wd) in _groups([weights, grads, squares, means, deltas], lrs, wds):
        g = _decayed_and_bounded(g, w, scale, _single(wd), clip)
        _average_squares_(n, g, gamma1)
        _average_(mean, g, gamma1)
        torch._foreach_mul_(delta, gamma2)
        spread = torch._foreach_addcmul(n, mean, mean, value=-1.0)
        torch._foreach_addcdiv_(delta, g, _root_of_sum(spread, epsilon), value=-_single(lr))
        torch._foreach_add_(w, delta)
    if clip_weights >= 0:
        _bound_(weights, _single(clip_weights))


def ftrl_(
    weights: Tensors,
    grads: Tensors,
    sums: Tensors,
    squares: Tensors,
    lrs: Numbers,
    wds: Numbers,
    lamda1: float,
    beta: float,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> None:
    """Follow the regularized leader (McMahan et al., 2013): ``squares += g^2; sums += g - w (change of sqrt(squares)) /
    lr; w = (sign(sums) lamda1 - sums) / ((beta + sqrt(squares)) / lr + wd)``, 0 where ``|sums| <= lamda1``."""
    _check_shapes(weights, grads=grads, sums=sums, squares=squares)
    lamda1, beta = _single(lamda1), _single(beta)
    grads = _scaled(grads, _single(rescale_grad), _single(clip_gradient))
    for (w, g, z, n), (lr, wd) in _groups([weights, grads, sums, squares], lrs, wds):
        lr = _single(lr)
        before = torch._foreach_sqrt(n)
        torch._foreach_addcmul_(n, g, g)
        after = torch._foreach_sqrt(n)
        torch._foreach_add_(z, g)
        torch._foreach_addcmul_(z, torch._foreach_sub(after, before), w, value=-1.0 / lr)
        torch._foreach_add_(after, beta)
        torch._foreach_div_(after, lr)
        torch._foreach_add_(after, _single(wd))
        size = torch._foreach_abs(z)
        torch._foreach_sub_(size, lamda1)
        torch._foreach_clamp_min_(size, 0.0)
        torch._foreach_mul_(size, torch._foreach_sign(z))
        torch._foreach_div_(size, after)
        torch._foreach_neg_(size)
        torch._foreach_copy_(w, size)


def ftml_(
    weights: Tensors,
    grads: Tensors,
    distances: Tensors,
    variances: Tensors,
    sums: Tensors,
    lrs: Numbers,
    wds: Numbers,
    steps: Sequence[int],
    beta1: float,
    beta2: float,
    epsilon: float,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> None:
    """Follow the moving leader (Zheng and Kwok, 2017), at step t >= 1 of each weight: ``w = -sums / distances``, once
    these have moved. The decay comes before the bound."""
    _check_shapes(weights, grads=grads, distances=distances, variances=variances, sums=sums)
    beta1, beta2, epsilon, scale = _single(beta1), _single(beta2), _single(epsilon), _single(rescale_grad)
    clip = _single(clip_gradient)
    for (w, g, d, v, z), (lr, wd, t) in _groups([weights, grads, distances, variances, sums], lrs, wds, steps):
        g = _decayed_and_bounded(g, w, scale, _single(wd), clip)
        _average_squares_(v, g, beta2)
        new = _root(torch._foreach_div(v, 1.0 - beta2**t), epsilon)
        torch._foreach_mul_(new, (1.0 - beta1**t) / _single(lr))
        _average_(z, g, beta1)
        sigma = torch._foreach_add(new, d, alpha=-beta1)
        torch._foreach_addcmul_(z, sigma, w, value=-1.0)
        torch._foreach_copy_(d, new)
        torch._foreach_copy_(w, torch._foreach_neg(torch._foreach_div(z, d)))


def lamb_direction(
    weights: Tensors,
    grads: Tensors,
    means: Tensors,
    variances: Tensors,
    wds: Numbers,
    steps: Sequence[int],
    beta1: float,
    beta2: float,
    epsilon: float,
    bias_correction: bool,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> list[torch.Tensor]:
    """LAMB's directions: Adam's steps, corrected for step t >= 1 of each weight unless told not to, + wd w."""
    _check_shapes(weights, grads=grads, means=means, variances=variances)
    beta1, beta2, epsilon = _single(beta1), _single(beta2), _single(epsilon)
    grads = _scaled(grads, _single(rescale_grad), _single(clip_gradient))
    _average_(means, grads, beta1)
    _average_squares_(variances, grads, beta2)
    of_mean, of_variance = [1.0] * len(weights), [1.0] * len(weights)
    if bias_correction:
        of_mean, of_variance = [1.0 - beta1**t for t in steps], [1.0 - beta2**t for t in steps]
    root = torch._foreach_div(variances, of_variance)
    torch._foreach_sqrt_(root)
    torch._foreach_add_(root, epsilon)
    found = list(torch._foreach_div(means, of_mean))
    torch._foreach_div_(found, root)
    for (w, direction), (wd,) in _groups([weights, found], wds):
        if wd:
            torch._foreach_add_(direction, w, alpha=_single(wd))
    return found


def lamb_(
    weights: Tensors,
    directions: Tensors,
    sizes: torch.Tensor,
    step_sizes: torch.Tensor,
    lrs: Numbers,
    lower_bound: float = -1.0,
    upper_bound: float = -1.0,
) -> None:
    """LAMB's step (You et al., 2020): ``w -= lr (|w| / |direction|) direction``, without a sync.

    Args:
        weights: tensors.
        directions: what ``lamb_direction`` made of them.
        sizes, step_sizes: the norms of weights and directions (n,), on their device. The ratio is 1 where one is 0.
        lrs: learning rate of each.
        lower_bound, upper_bound: of the weights' norms; negative for none.
    """
    _check_shapes(weights, directions=directions)
    sizes = sizes if lower_bound < 0 else sizes.clamp(min=_single(lower_bound))
    sizes = sizes if upper_bound < 0 else sizes.clamp(max=_single(upper_bound))
    ratios = torch.where((sizes == 0) | (step_sizes == 0), torch.ones_like(sizes), sizes / step_sizes)
    rates = torch._foreach_mul(ratios.to(weights[0].dtype).unbind(), [_single(lr) for lr in lrs])
    torch._foreach_sub_(weights, torch._foreach_mul(directions, rates))


def bias_corrected(lr: float, t: int, beta1: float, beta2: float) -> float:
    """Adam's learning rate at step t >= 1: ``lr sqrt(1 - beta2^t) / (1 - beta1^t)``."""
    return lr * math.sqrt(1.0 - beta2**t) / (1.0 - beta1**t)
