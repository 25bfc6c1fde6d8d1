"""Update rules of the optimizers that scale each element by what its gradients were: Adam and its kin.

For what all of them share see ``optimizer``.
"""

from __future__ import annotations

import torch

from .multi_tensor_adaptive import adam_, ftml_, ftrl_, lamb_, lamb_direction, rmsprop_, rmspropalex_
from .optimizer import _bounded, _by, _gradient, _of_weight
from .registry import operator, same_shape
from .schema import Shape, Share


@operator("adam_update", "_sparse_adam_update", infer_inputs=same_shape, aux=("mean", "var"), mutates=("mean", "var"))
def adam_update(
    weight: torch.Tensor,
    grad: torch.Tensor,
    mean: torch.Tensor,
    var: torch.Tensor,
    *,
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    wd: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
    lazy_update: bool = True,
) -> torch.Tensor:
    """mean and var average g and g^2; weight - lr mean / (sqrt(var) + epsilon). Weight decay comes before the bound."""
    numbers = (beta1, beta2, epsilon, rescale_grad, clip_gradient)
    return _by(adam_, weight, grad, [mean, var], [lr], [wd], *numbers)


def _adamw(
    weight: torch.Tensor,
    grad: torch.Tensor,
    mean: torch.Tensor,
    var: torch.Tensor,
    rescale_grad: torch.Tensor,
    lr: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    wd: float,
    eta: float,
    clip_gradient: float,
) -> torch.Tensor:
    """The new weight; nothing changes where rescale_grad is 0 or not finite (a skipped step of a loss scaler)."""
    if rescale_grad.numel() != 1:
        raise ValueError(f"rescale_grad must have one element, got shape {tuple(rescale_grad.shape)}")
    scale = rescale_grad.reshape(()).to(weight.dtype)
    valid = scale.isfinite() & (scale != 0)
    g = _bounded(_gradient(weight, grad, 1, -1) * scale, clip_gradient)
    new_mean, new_var = mean * beta1 + g * (1 - beta1), var * beta2 + g * g * (1 - beta2)
    step = torch.add(new_mean / (new_var.sqrt() + epsilon) * lr, weight, alpha=wd) * eta
    mean.copy_(torch.where(valid, new_mean, mean))
    var.copy_(torch.where(valid, new_var, var))
    return torch.where(valid, weight - step, weight)


def _adamw_shapes(shapes: list[Shape | None], **_: object) -> list[Shape | None]:
    return [*same_shape(shapes[:-1]), shapes[-1]]


@operator("_adamw_update", infer_inputs=_adamw_shapes, aux=("mean", "var"), mutates=("mean", "var"), mixed_dtypes=True)
def adamw_update(
    weight: torch.Tensor,
    grad: torch.Tensor,
    mean: torch.Tensor,
    var: torch.Tensor,
    rescale_grad: torch.Tensor,
    *,
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    wd: float = 0.0,
    eta: float,
    clip_gradient: float = -1.0,
) -> torch.Tensor:
    """weight - eta (lr mean / (sqrt(var) + epsilon) + wd weight); rescale_grad is an array of one element.

    MXNet also writes the rescaled gradient back into ``grad``; here it stays as it was.
    """
    return _adamw(weight, grad, mean, var, rescale_grad, lr, beta1, beta2, epsilon, wd, eta, clip_gradient)


@operator(
    "_mp_adamw_update",
    infer_inputs=_adamw_shapes,
    aux=("mean", "var", "weight32"),
    mutates=("mean", "var", "weight32"),
    mixed_dtypes=True,
)
def mp_adamw_update(
    weight: torch.Tensor,
    grad: torch.Tensor,
    mean: torch.Tensor,
    var: torch.Tensor,
    weight32: torch.Tensor,
    rescale_grad: torch.Tensor,
    *,
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    wd: float = 0.0,
    eta: float,
    clip_gradient: float = -1.0,
) -> torch.Tensor:
    """adamw_update of weight32; the result in weight's dtype."""
    new = _adamw(weight32, grad, mean, var, rescale_grad, lr, beta1, beta2, epsilon, wd, eta, clip_gradient)
    return weight32.copy_(new).to(weight.dtype, copy=True)


@operator("rmsprop_update", infer_inputs=same_shape, aux=("n",), mutates=("n",))
def rmsprop_update(
    weight: torch.Tensor,
    grad: torch.Tensor,
    n: torch.Tensor,
    *,
    lr: float,
    gamma1: float = 0.95,
    epsilon: float = 1e-8,
    wd: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
    clip_weights: float = -1.0,
) -> torch.Tensor:
    """n averages g^2; weight - lr g / sqrt(n + epsilon), bounded by clip_weights. Decay comes before the bound."""
    bounds = (rescale_grad, clip_gradient, clip_weights)
    return _by(rmsprop_, weight, grad, [n], [lr], [wd], gamma1, epsilon, *bounds)


@operator("rmspropalex_update", infer_inputs=same_shape, aux=("n", "g", "delta"), mutates=("n", "g", "delta"))
def rmspropalex_update(
    weight: torch.Tensor,
    grad: torch.Tensor,
    n: torch.Tensor,
    g: torch.Tensor,
    delta: torch.Tensor,
    *,
    lr: float,
    gamma1: float = 0.95,
    gamma2: float = 0.9,
    epsilon: float = 1e-8,
    wd: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
    clip_weights: float = -1.0,
) -> torch.Tensor:
    """Graves': delta = gamma2 delta - lr grad / sqrt(n - g^2 + epsilon), n and g average grad^2 and grad."""
    bounds = (rescale_grad, clip_gradient, clip_weights)
    return _by(rmspropalex_, weight, grad, [n, g, delta], [lr], [wd], gamma1, gamma2, epsilon, *bounds)


@operator("ftrl_update", "_sparse_ftrl_update", infer_inputs=same_shape, aux=("z", "n"), mutates=("z", "n"))
def ftrl_update(
    weight: torch.Tensor,
    grad: torch.Tensor,
    z: torch.Tensor,
    n: torch.Tensor,
    *,
    lr: float,
    lamda1: float = 0.01,
    beta: float = 1.0,
    wd: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> torch.Tensor:
    """Follow the regularized leader: (sign(z) lamda1 - z) / ((beta + sqrt(n)) / lr + wd), 0 where |z| <= lamda1."""
    return _by(ftrl_, weight, grad, [z, n], [lr], [wd], lamda1, beta, rescale_grad, clip_gradient)


@operator("ftml_update", infer_inputs=same_shape, aux=("d", "v", "z"), mutates=("d", "v", "z"))
def ftml_update(
    weight: torch.Tensor,
    grad: torch.Tensor,
    d: torch.Tensor,
    v: torch.Tensor,
    z: torch.Tensor,
    *,
    lr: float,
    beta1: Share = 0.6,
    beta2: Share = 0.999,
    epsilon: float = 1e-8,
    t: int,
    wd: float = 0.0,
    rescale_grad: float = 1.0,
    clip_grad: float = -1.0,
) -> torch.Tensor:
    """Follow the moving leader, step t >= 1: -z / d, once d, v and z have moved. Decay comes before the bound."""
    numbers = (beta1, beta2, epsilon, rescale_grad, clip_grad)
    return _by(ftml_, weight, grad, [d, v, z], [lr], [wd], [t], *numbers)


@operator("lamb_update_phase1", infer_inputs=same_shape, aux=("mean", "var"), mutates=("mean", "var"))
def lamb_update_phase1(
    weight: torch.Tensor,
    grad: torch.Tensor,
    mean: torch.Tensor,
    var: torch.Tensor,
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
    """LAMB's direction: Adam's step (with the correction for step t >= 1) + wd weight."""
    numbers = (beta1, beta2, epsilon, bias_correction, rescale_grad, clip_gradient)
    return lamb_direction([weight], [_of_weight(weight, grad)], [mean], [var], [wd], [t], *numbers)[0]


@operator("lamb_update_phase2")
def lamb_update_phase2(
    weight: torch.Tensor,
    g: torch.Tensor,
    r1: torch.Tensor,
    r2: torch.Tensor,
    *,
    lr: float,
    lower_bound: float = -1.0,
    upper_bound: float = -1.0,
) -> torch.Tensor:
    """weight - lr (r1 / r2) g: r1 (1,) the weight's norm, within the bounds that are not negative; r2 (1,) g's norm.

    The ratio is 1 where one of the norms is 0.
    """
    if g.shape != weight.shape:
        raise ValueError(f"g must have the weight's shape {tuple(weight.shape)}, got {tuple(g.shape)}")
    new = weight.clone()
    lamb_([new], [g], r1.reshape(1), r2.reshape(1), [lr], lower_bound, upper_bound)
    return new
