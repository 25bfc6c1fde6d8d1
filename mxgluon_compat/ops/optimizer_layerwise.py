"""Update rules that see whole layers: LARS and LAMB, and rules for several weights whose rates are arrays.

For what all rules share see ``optimizer``. Lists are flat: (weight, grad, states...) of the first weight, then of the
next. All states change in place, and ``mp_`` rules change ``weight32`` too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from .optimizer import _gradient, _several
from .optimizer_adaptive import _adamw, lamb_update_phase1, lamb_update_phase2
from .registry import makes, operator, same_shape
from .schema import Floats, Natural, Shape


def _rows(data: Sequence[torch.Tensor], size: int, count: int, **rates: Any) -> list[tuple[Any, ...]]:
    """(weight, grad, states..., one of each of the rates) for each of ``count`` weights.

    Raises:
        ValueError: there are not ``size`` arrays, and one of each rate, for each weight.
    """
    if len(data) != size * count:
        raise ValueError(f"{count} weights need {size * count} arrays, got {len(data)}")
    for name, values in rates.items():
        if len(values) != count:
            raise ValueError(f"{count} weights need as many {name}, got {len(values)}")
    return [(*data[i * size : (i + 1) * size], *(values[i] for values in rates.values())) for i in range(count)]


def _stored(weight32: torch.Tensor, new: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """The new weight in its dtype; its float32 copy takes the new value."""
    return weight32.copy_(new).to(weight.dtype, copy=True)


# ---------------------------------------------------------------------------------------------- LARS
@operator("multi_lars", infer_inputs=same_shape)
def multi_lars(
    lrs: torch.Tensor,
    weights_sum_sq: torch.Tensor,
    grads_sum_sq: torch.Tensor,
    wds: torch.Tensor,
    *,
    eta: float,
    eps: float,
    rescale_grad: float = 1.0,
) -> torch.Tensor:
    """The learning rates (n,) of n layers: lr eta |w| / (|g| + wd |w| + eps), and lr itself where a norm is 0."""
    weights, grads = weights_sum_sq.sqrt(), grads_sum_sq.sqrt()
    scaled = lrs * (eta * weights / (grads * rescale_grad + wds * weights + eps))
    return torch.where((weights > 0) & (grads > 0), scaled, lrs)


# ---------------------------------------------------------------------------------------------- sgd, rates in arrays
def _preloaded(data: Sequence[torch.Tensor], size: int, num_weights: int) -> list[tuple[torch.Tensor, ...]]:
    """(weight, grad, states..., lr, wd) of each weight; the arrays of all rates and decays come last in ``data``."""
    *data, lrs, wds = data
    return _rows(data, size, num_weights, lrs=lrs, wds=wds)


def _step(
    weight: torch.Tensor, grad: torch.Tensor, lr: torch.Tensor, wd: torch.Tensor, rescale: float, clip: float
) -> torch.Tensor:
    """lr (g + wd weight), the rates numbers on the weight's device."""
    g = _gradient(weight, grad, rescale, clip)
    return (g + weight * wd.to(g.dtype)) * lr.to(g.dtype)


@operator("preloaded_multi_sgd_update", outputs=_several, mixed_dtypes=True)
def preloaded_multi_sgd_update(
    *data: torch.Tensor, rescale_grad: float = 1.0, clip_gradient: float = -1.0, num_weights: Natural = 1
) -> tuple[torch.Tensor, ...]:
    """sgd_update of each (weight, grad) in data; then come lrs (num_weights,) and wds (num_weights,)."""
    return tuple(
        w - _step(w, g, lr, wd, rescale_grad, clip_gradient) for w, g, lr, wd in _preloaded(data, 2, num_weights)
    )


@operator("preloaded_multi_sgd_mom_update", outputs=_several, mutates=("data",), mixed_dtypes=True)
def preloaded_multi_sgd_mom_update(
    *data: torch.Tensor,
    momentum: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
    num_weights: Natural = 1,
) -> tuple[torch.Tensor, ...]:
    """sgd_mom_update of each (weight, grad, mom) in data; then come lrs (num_weights,) and wds (num_weights,)."""
    return tuple(
        w + mom.mul_(momentum).sub_(_step(w, g, lr, wd, rescale_grad, clip_gradient))
        for w, g, mom, lr, wd in _preloaded(data, 3, num_weights)
    )


@operator("preloaded_multi_mp_sgd_update", outputs=_several, mutates=("data",), mixed_dtypes=True)
def preloaded_multi_mp_sgd_update(
    *data: torch.Tensor, rescale_grad: float = 1.0, clip_gradient: float = -1.0, num_weights: Natural = 1
) -> tuple[torch.Tensor, ...]:
    """mp_sgd_update of each (weight, grad, weight32) in data; then come lrs (num_weights,) and wds (num_weights,)."""
    return tuple(
        _stored(w32, w32 - _step(w32, g, lr, wd, rescale_grad, clip_gradient), w)
        for w, g, w32, lr, wd in _preloaded(data, 3, num_weights)
    )


@operator("preloaded_multi_mp_sgd_mom_update", outputs=_several, mutates=("data",), mixed_dtypes=True)
def preloaded_multi_mp_sgd_mom_update(
    *data: torch.Tensor,
    momentum: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
    num_weights: Natural = 1,
) -> tuple[torch.Tensor, ...]:
    """mp_sgd_mom_update of each (weight, grad, mom, weight32) in data; then come lrs and wds (num_weights,)."""
    return tuple(
        _stored(w32, w32 + mom.mul_(momentum).sub_(_step(w32, g, lr, wd, rescale_grad, clip_gradient)), w)
        for w, g, mom, w32, lr, wd in _preloaded(data, 4, num_weights)
    )


# ---------------------------------------------------------------------------------------------- AdamW
@operator("_multi_adamw_update", outputs=_several, mutates=("data",), mixed_dtypes=True)
def multi_adamw_update(
    *data: torch.Tensor,
    lrs: Floats,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    wds: Floats,
    etas: Floats,
    clip_gradient: float = -1.0,
    num_weights: Natural = 1,
) -> tuple[torch.Tensor, ...]:
    """_adamw_update of each (weight, grad, mean, var) in data; then comes rescale_grad (1,)."""
    *data, rescale = data
    return tuple(
        _adamw(w, g, mean, var, rescale, lr, beta1, beta2, epsilon, wd, eta, clip_gradient)
        for w, g, mean, var, lr, wd, eta in _rows(data, 4, num_weights, lrs=lrs, wds=wds, etas=etas)
    )


@operator("_multi_mp_adamw_update", outputs=_several, mutates=("data",), mixed_dtypes=True)
def multi_mp_adamw_update(
    *data: torch.Tensor,
    lrs: Floats,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    wds: Floats,
    etas: Floats,
    clip_gradient: float = -1.0,
    num_weights: Natural = 1,
) -> tuple[torch.Tensor, ...]:
    """_mp_adamw_update of each (weight, grad, mean, var, weight32) in data; then comes rescale_grad (1,)."""
    *data, rescale = data
    return tuple(
        _stored(w32, _adamw(w32, g, mean, var, rescale, lr, beta1, beta2, epsilon, wd, eta, clip_gradient), w)
        for w, g, mean, var, w32, lr, wd, eta in _rows(data, 5, num_weights, lrs=lrs, wds=wds, etas=etas)
    )


# ---------------------------------------------------------------------------------------------- LAMB
@operator(
    "mp_lamb_update_phase1",
    infer_inputs=same_shape,
    infer_dtypes=makes(torch.float32),
    aux=("mean", "var"),
    mutates=("mean", "var"),
    mixed_dtypes=True,
)
def mp_lamb_update_phase1(
    weight: torch.Tensor,
    grad: torch.Tensor,
    mean: torch.Tensor,
    var: torch.Tensor,
    weight32: torch.Tensor,
    *,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-6,
    t: int,
    bias_correction: bool = True,
    wd: float,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> torch.Tensor:
    """lamb_update_phase1 of weight32: LAMB's direction, float32. The gradient is rescaled in its own dtype."""
    return lamb_update_phase1(
        weight32,
        grad * rescale_grad,
        mean,
        var,
        beta1=beta1,
        beta2=beta2,
        epsilon=epsilon,
        t=t,
        bias_correction=bias_correction,
        wd=wd,
        clip_gradient=clip_gradient,
    )


def _phase2_shapes(shapes: Sequence[Shape | None], **_: Any) -> list[Shape | None]:
    weight = same_shape([shapes[0], shapes[1], shapes[4]])[0]
    return [weight, weight, shapes[2], shapes[3], weight]


@operator(
    "mp_lamb_update_phase2", infer_inputs=_phase2_shapes, aux=("weight32",), mutates=("weight32",), mixed_dtypes=True
)
def mp_lamb_update_phase2(
    weight: torch.Tensor,
    g: torch.Tensor,
    r1: torch.Tensor,
    r2: torch.Tensor,
    weight32: torch.Tensor,
    *,
    lr: float,
    lower_bound: float = -1.0,
    upper_bound: float = -1.0,
) -> torch.Tensor:
    """lamb_update_phase2 of weight32; the result in weight's dtype.

    MXNet leaves weight32 as it was, so that with its own LAMB such a weight never moves further than one step.
    """
    new = lamb_update_phase2(weight32, g, r1, r2, lr=lr, lower_bound=lower_bound, upper_bound=upper_bound)
    return _stored(weight32, new, weight)


def _tensors(num_tensors: int, **_: Any) -> tuple[str, ...]:
    return _several(num_tensors)


def _lamb(
    weight: torch.Tensor,
    grad: torch.Tensor,
    mean: torch.Tensor,
    var: torch.Tensor,
    lr: float,
    bounds: tuple[float, float],
    measured: torch.Tensor,
    **phase1: Any,
) -> torch.Tensor:
    """The new weight: both phases, with the norms between them; that of the weight is ``measured``'s."""
    step = lamb_update_phase1(weight, grad, mean, var, **phase1)
    norms = (torch.linalg.vector_norm(x, dtype=weight.dtype).reshape(1) for x in (measured, step))
    return lamb_update_phase2(weight, step, *norms, lr=lr, lower_bound=bounds[0], upper_bound=bounds[1])


@operator("_multi_lamb_update", outputs=_tensors, mutates=("data",), mixed_dtypes=True)
def multi_lamb_update(
    *data: torch.Tensor,
    learning_rates: Floats,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-6,
    wds: Floats,
    rescale_grad: float = 1.0,
    lower_bound: float = -1.0,
    upper_bound: float = -1.0,
    clip_gradient: float = -1.0,
    bias_correction: bool = True,
    step_count: Shape,
    num_tensors: Natural = 1,
) -> tuple[torch.Tensor, ...]:
    """LAMB's step, both phases, for each (weight, grad, mean, var) in data; step_count are the t of each."""
    rows = _rows(data, 4, num_tensors, learning_rates=learning_rates, wds=wds, step_count=step_count)
    shared = dict(beta1=beta1, beta2=beta2, epsilon=epsilon, bias_correction=bias_correction)
    shared.update(rescale_grad=rescale_grad, clip_gradient=clip_gradient, bounds=(lower_bound, upper_bound))
    return tuple(_lamb(w, g, mean, var, lr, measured=w, wd=wd, t=t, **shared) for w, g, mean, var, lr, wd, t in rows)


@operator("_multi_mp_lamb_update", outputs=_tensors, mutates=("data",), mixed_dtypes=True)
def multi_mp_lamb_update(
    *data: torch.Tensor,
    learning_rates: Floats,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-6,
    wds: Floats,
    rescale_grad: float = 1.0,
    lower_bound: float = -1.0,
    upper_bound: float = -1.0,
    clip_gradient: float = -1.0,
    bias_correction: bool = True,
    step_count: Shape,
    num_tensors: Natural = 1,
) -> tuple[torch.Tensor, ...]:
    """LAMB's step of weight32 for each (weight, grad, mean, var, weight32) in data; the norm is that of weight."""
    rows = _rows(data, 5, num_tensors, learning_rates=learning_rates, wds=wds, step_count=step_count)
    shared = dict(beta1=beta1, beta2=beta2, epsilon=epsilon, bias_correction=bias_correction)
    shared.update(rescale_grad=rescale_grad, clip_gradient=clip_gradient, bounds=(lower_bound, upper_bound))
    return tuple(
        _stored(w32, _lamb(w32, g, mean, var, lr, measured=w, wd=wd, t=t, **shared), w)
        for w, g, mean, var, w32, lr, wd, t in rows
    )
