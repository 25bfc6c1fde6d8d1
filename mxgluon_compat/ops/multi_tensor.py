"""Update rules over lists of tensors, in place: what the optimizer operators and ``mx.optimizer`` share.

Each works on all tensors with torch's multi-tensor functions, one call for each term of the formula instead of one for
each tensor. Learning rates and weight decays may differ from tensor to tensor; tensors with the same numbers go
together. Gradients are read, never changed. ``multi_tensor_adaptive`` has the rules that scale each element.

What all rules take:

- ``weights, grads`` and states: tensors, those of one weight of one shape and dtype;
- ``lrs, wds``: learning rate and weight decay of each;
- ``rescale_grad``: factor of the gradients;
- ``clip_gradient``: bound of the rescaled gradients; negative for none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch

from ..base import MXNetError

__all__ = ["dcasgd_", "lars_rates", "nag_", "norms", "sgd_", "sgd_by_", "signsgd_", "signum_"]

Tensors = Sequence[torch.Tensor]
Numbers = Sequence[float]


def _single(number: float) -> float:
    """``number`` rounded to float32, as MXNet's operators keep their numbers: 1 - 0.999 is 1.3e-5 off there."""
    if not math.isfinite(number):
        return number
    mantissa, exponent = math.frexp(number)
    return math.ldexp(round(mantissa * 2.0**24), exponent - 24)


def _check_shapes(weights: Tensors, **lists: Tensors | None) -> None:
    """Torch's multi-tensor functions broadcast, and its fused ones write past the end of what is too small.

    Raises:
        MXNetError: a gradient or a state is not of its weight's shape.
    """
    for name, tensors in lists.items():
        for weight, tensor in zip(weights, tensors or weights, strict=True):
            if tensor.shape != weight.shape:
                what = f"{name} must have the weight's shape {tuple(weight.shape)}, got {tuple(tensor.shape)}"
                raise MXNetError(f"Shape inconsistent: {what}")


def _groups(lists: Sequence[Tensors], *numbers: Numbers) -> Iterator[tuple[list[Tensors], tuple[float, ...]]]:
    """(the tensors of each list, their numbers) for all that have the same numbers."""
    found: dict[tuple[float, ...], list[int]] = {}
    for i, key in enumerate(zip(*numbers, strict=True)):
        found.setdefault(key, []).append(i)
    if len(found) == 1:
        yield list(lists), next(iter(found))
        return
    for key, places in found.items():
        yield [[tensors[i] for i in places] for tensors in lists], key


def _bound_(tensors: Tensors, clip: float) -> None:
    torch._foreach_clamp_max_(tensors, clip)
    torch._foreach_clamp_min_(tensors, -clip)


def _scaled(grads: Tensors, scale: float, clip: float = -1.0) -> Tensors:
    """The rescaled and bounded gradients: new tensors, or ``grads`` themselves where nothing changes."""
    if scale != 1 or clip >= 0:
        grads = torch._foreach_mul(grads, scale)
        if clip >= 0:
            _bound_(grads, clip)
    return grads


def _decayed(grads: Tensors, weights: Tensors, wd: float) -> Tensors:
    return torch._foreach_add(grads, weights, alpha=wd) if wd else grads


def _average_(states: Tensors, values: Tensors, keep: float) -> None:
    """state = keep state + (1 - keep) value."""
    torch._foreach_mul_(states, keep)
    torch._foreach_add_(states, values, alpha=1.0 - keep)


def _fusable(*lists: Tensors) -> bool:
    """Whether torch's fused functions take these tensors: they go through memory as it lies, and compile to nothing."""
    dtype, device = lists[0][0].dtype, lists[0][0].device
    if torch.compiler.is_compiling():
        return False
    if dtype not in (torch.float32, torch.float64) or device.type not in ("cpu", "cuda"):
        return False
    return all([t.dtype is dtype and t.device == device and t.is_contiguous() for tensors in lists for t in tensors])


def sgd_(
    weights: Tensors,
    grads: Tensors,
    moms: Tensors | None,
    lrs: Numbers,
    wds: Numbers,
    momentum: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> None:
    """Stochastic gradient descent: ``mom = momentum mom - lr (g + wd w); w += mom``; plain descent without ``moms``."""
    _check_shapes(weights, grads=grads, moms=moms)
    momentum, scale, clip = _single(momentum), _single(rescale_grad), _single(clip_gradient)
    if clip >= 0:
        grads, scale = _scaled(grads, scale, clip), 1.0
    fused = scale != 0 and (moms is None or momentum) and _fusable(weights, grads, *([moms] if moms else []))
    for (w, g, *m), (lr, wd) in _groups([weights, grads] if moms is None else [weights, grads, moms], lrs, wds):
        lr, wd = _single(lr), _single(wd)
        if fused:
            # its momentum is not multiplied by -lr, as MXNet's is: so lr stands in for what it calls dampening
            rates = {"lr": -1.0, "dampening": 1.0 + lr * scale} if m else {"lr": lr * scale, "dampening": 0.0}
            torch._fused_sgd_(
                w, g, *(m or [[]]), weight_decay=wd / scale, momentum=momentum if m else 0.0, nesterov=False,
                maximize=False, is_first_step=False, **rates,
            )  # fmt: skip
        elif m:
            torch._foreach_mul_(*m, momentum)
            if wd:
                torch._foreach_add_(*m, w, alpha=-lr * wd)
            torch._foreach_add_(*m, g, alpha=-lr * scale)
            torch._foreach_add_(w, *m)
        else:
            if wd:
                torch._foreach_mul_(w, 1.0 - lr * wd)
            torch._foreach_add_(w, g, alpha=-lr * scale)


def nag_(
    weights: Tensors,
    grads: Tensors,
    moms: Tensors,
    lrs: Numbers,
    wds: Numbers,
    momentum: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
    late: bool = True,
) -> None:
    """Nesterov's: ``mom = momentum mom - lr (g + wd w); w += momentum mom - lr (g + wd w)``.

    With ``late``, the momentum that stays has the decay of the new weight: MXNet's operators come to it where they
    write over the weight, as they do in its optimizer.
    """
    _check_shapes(weights, grads=grads, moms=moms)
    momentum = _single(momentum)
    grads = _scaled(grads, _single(rescale_grad), _single(clip_gradient))
    for (w, g, m), (lr, wd) in _groups([weights, grads, moms], lrs, wds):
        lr, wd = _single(lr), _single(wd)
        old = torch._foreach_clone(w) if late and wd else []
        step = _decayed(g, w, wd)
        torch._foreach_mul_(m, momentum)
        torch._foreach_add_(m, step, alpha=-lr)
        torch._foreach_add_(w, m, alpha=momentum)
        torch._foreach_add_(w, step, alpha=-lr)
        if old:
            torch._foreach_sub_(old, w)
            torch._foreach_add_(m, old, alpha=lr * wd)


def signsgd_(weights: Tensors, grads: Tensors, lrs: Numbers, wds: Numbers) -> None:
    """``w = (1 - lr wd) w - lr sign(grad)``: scales and bounds change no sign, and MXNet passes them over."""
    _check_shapes(weights, grads=grads)
    for (w, g), (lr, wd) in _groups([weights, grads], lrs, wds):
        lr = _single(lr)
        torch._foreach_mul_(w, 1.0 - lr * _single(wd))
        torch._foreach_add_(w, torch._foreach_sign(g), alpha=-lr)


def signum_(
    weights: Tensors,
    grads: Tensors,
    moms: Tensors,
    lrs: Numbers,
    wds: Numbers,
    momentum: float = 0.0,
    wd_lh: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> None:
    """Signum (Bernstein et al., 2018): ``mom = momentum mom - (1 - momentum)(g + wd w)``;
    ``w = (1 - lr wd_lh) w + lr sign(mom)``, with ``wd_lh`` the decay of Loshchilov and Hutter."""
    _check_shapes(weights, grads=grads, moms=moms)
    momentum, wd_lh = _single(momentum), _single(wd_lh)
    grads = _scaled(grads, _single(rescale_grad), _single(clip_gradient))
    for (w, g, m), (lr, wd) in _groups([weights, grads, moms], lrs, wds):
        lr = _single(lr)
        torch._foreach_mul_(m, momentum)
        torch._foreach_add_(m, _decayed(g, w, _single(wd)), alpha=momentum - 1.0)
        torch._foreach_mul_(w, 1.0 - lr * wd_lh)
        torch._foreach_add_(w, torch._foreach_sign(m), alpha=lr)


def dcasgd_(
    weights: Tensors,
    grads: Tensors,
    moms: Tensors | None,
    previous: Tensors,
    lrs: Numbers,
    wds: Numbers,
    momentum: float,
    lamda: float,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> None:
    """Descent that makes up for delay (Zheng et al., 2017): SGD with ``g + lamda g^2 (w - previous)`` for ``g``.

    ``previous`` takes the weights as they were before the step.
    """
    _check_shapes(weights, grads=grads, moms=moms, previous=previous)
    grads = _scaled(grads, rescale_grad, clip_gradient)
    lists = [weights, grads, previous] if moms is None else [weights, grads, previous, moms]
    for (w, g, old, *m), (lr, wd) in _groups(lists, lrs, wds):
        step = torch._foreach_sub(w, old)
        torch._foreach_mul_(step, g)
        torch._foreach_mul_(step, g)
        torch._foreach_mul_(step, lamda)
        torch._foreach_add_(step, _decayed(g, w, wd))
        torch._foreach_mul_(step, -lr)
        torch._foreach_copy_(old, w)
        if m:
            torch._foreach_mul_(*m, momentum)
            torch._foreach_add_(*m, step)
            step = m[0]
        torch._foreach_add_(w, step)


# ---------------------------------------------------------------------------------------------- layer by layer
def norms(tensors: Tensors) -> torch.Tensor:
    """The Euclidean norms of tensors, one array of them on their device: float64 for float64, float32 for others.

    Halves are not squared as such, as MXNet does: that would be off, and soon be infinite.
    """
    return torch.stack(torch._foreach_norm(tensors, 2, torch.promote_types(tensors[0].dtype, torch.float32)))


def lars_rates(
    weights: Tensors,
    grads: Tensors,
    lrs: Numbers,
    wds: Numbers,
    eta: float,
    eps: float,
    rescale_grad: float = 1.0,
) -> list[torch.Tensor]:
    """The learning rates of layers (You et al., 2017), numbers on their device: ``lr eta |w| / (|g| + wd |w| + eps)``,
    and ``lr`` itself where a norm is 0."""
    sizes = norms(weights)
    steps = norms(grads)
    decays = torch.stack(torch._foreach_mul(sizes.unbind(), [_single(wd) for wd in wds]))
    ratios = sizes * _single(eta) / (steps * _single(rescale_grad) + decays + _single(eps))
    ratios = torch.where((sizes > 0) & (steps > 0), ratios, torch.ones_like(ratios))
    return list(torch._foreach_mul(ratios.unbind(), [_single(lr) for lr in lrs]))


def sgd_by_(
    weights: Tensors,
    grads: Tensors,
    moms: Tensors | None,
    rates: Tensors,
    wds: Numbers,
    momentum: Numbers,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> None:
    """``sgd_`` with the learning rates ``rates`` on the device, and a momentum factor for each weight."""
    _check_shapes(weights, grads=grads, moms=moms)
    grads = _scaled(grads, _single(rescale_grad), _single(clip_gradient))
    lists = [weights, grads, rates] if moms is None else [weights, grads, rates, moms]
    for (w, g, lr, *m), (wd, factor) in _groups(lists, wds, momentum):
        step = torch._foreach_mul(_decayed(g, w, _single(wd)), [rate.to(w[0].dtype) for rate in lr])
        if m:
            torch._foreach_mul_(*m, _single(factor))
            torch._foreach_sub_(*m, step)
            torch._foreach_add_(w, *m)
        else:
            torch._foreach_sub_(w, step)
