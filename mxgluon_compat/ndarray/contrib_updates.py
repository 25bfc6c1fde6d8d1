"""The update rules of ``mx.nd.contrib``: faces of the operators, with weights and states in lists of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..ops import registry
from .creation import full
from .invoke import call as _call
from .ndarray import NDArray

__all__ = [
    "adamw_update",
    "mp_adamw_update",
    "multi_adamw_update",
    "multi_lamb_update",
    "multi_mp_adamw_update",
    "multi_mp_lamb_update",
]

Arrays = Sequence[NDArray]


def _scale(rescale_grad: float | NDArray, weight: NDArray) -> NDArray:
    """``rescale_grad`` as an array (1,) beside the weight."""
    if isinstance(rescale_grad, NDArray):
        return rescale_grad.as_in_context(weight.context)
    return full((1,), rescale_grad, ctx=weight.context)


def _flat(*lists: Arrays) -> list[NDArray]:
    """(weight, grad, states...) of the first weight, then of the next."""
    return [array for row in zip(*lists, strict=False) for array in row]


def adamw_update(
    weight: NDArray,
    grad: NDArray,
    mean: NDArray,
    var: NDArray,
    rescale_grad: float | NDArray,
    lr: float,
    eta: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    wd: float = 0,
    clip_gradient: float = -1,
    out: NDArray | None = None,
    name: str | None = None,
    **kwargs: Any,
) -> NDArray:
    """``_adamw_update``: a step of AdamW, skipped where ``rescale_grad`` is 0 or not finite."""
    attrs = dict(lr=lr, eta=eta, beta1=beta1, beta2=beta2, epsilon=epsilon, wd=wd, clip_gradient=clip_gradient)
    inputs = [weight, grad, mean, var, _scale(rescale_grad, weight)]
    return _call(registry.get("_adamw_update"), inputs, attrs, out, kwargs)


def mp_adamw_update(
    weight: NDArray,
    grad: NDArray,
    mean: NDArray,
    var: NDArray,
    weight32: NDArray,
    rescale_grad: float | NDArray,
    lr: float,
    eta: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    wd: float = 0,
    clip_gradient: float = -1,
    out: NDArray | None = None,
    name: str | None = None,
    **kwargs: Any,
) -> NDArray:
    """``_mp_adamw_update``: the step of AdamW of a weight with a float32 copy."""
    attrs = dict(lr=lr, eta=eta, beta1=beta1, beta2=beta2, epsilon=epsilon, wd=wd, clip_gradient=clip_gradient)
    inputs = [weight, grad, mean, var, weight32, _scale(rescale_grad, weight)]
    return _call(registry.get("_mp_adamw_update"), inputs, attrs, out, kwargs)


def multi_adamw_update(
    weights: Arrays,
    grads: Arrays,
    mean: Arrays,
    var: Arrays,
    rescale_grad: float | NDArray,
    lrs: Sequence[float],
    wds: Sequence[float],
    etas: Sequence[float],
    out: Arrays | None = None,
    name: str | None = None,
    size: int = 0,
    **kwargs: Any,
) -> list[NDArray]:
    """``adamw_update`` of several weights; ``size`` is their number."""
    attrs = dict(lrs=lrs, wds=wds, etas=etas, num_weights=size or len(weights))
    inputs = [*_flat(weights, grads, mean, var), _scale(rescale_grad, weights[0])]
    return _call(registry.get("_multi_adamw_update"), inputs, attrs, out, kwargs)


def multi_mp_adamw_update(
    weights: Arrays,
    grads: Arrays,
    mean: Arrays,
    var: Arrays,
    weights32: Arrays,
    rescale_grad: float | NDArray,
    lrs: Sequence[float],
    wds: Sequence[float],
    etas: Sequence[float],
    out: Arrays | None = None,
    name: str | None = None,
    size: int = 0,
    **kwargs: Any,
) -> list[NDArray]:
    """``mp_adamw_update`` of several weights; ``size`` is their number."""
    attrs = dict(lrs=lrs, wds=wds, etas=etas, num_weights=size or len(weights))
    inputs = [*_flat(weights, grads, mean, var, weights32), _scale(rescale_grad, weights[0])]
    return _call(registry.get("_multi_mp_adamw_update"), inputs, attrs, out, kwargs)


def multi_lamb_update(
    weights: Arrays,
    grads: Arrays,
    mean: Arrays,
    var: Arrays,
    step_count: Sequence[int],
    lrs: Sequence[float],
    wds: Sequence[float],
    out: Arrays | None = None,
    num_tensors: int = 0,
    **kwargs: Any,
) -> list[NDArray]:
    """A step of LAMB for several weights."""
    attrs = dict(learning_rates=lrs, wds=wds, step_count=step_count, num_tensors=num_tensors or len(weights))
    return _call(registry.get("_multi_lamb_update"), _flat(weights, grads, mean, var), attrs, out, kwargs)


def multi_mp_lamb_update(
    weights: Arrays,
    grads: Arrays,
    mean: Arrays,
    var: Arrays,
    weights32: Arrays,
    step_count: Sequence[int],
    lrs: Sequence[float],
    wds: Sequence[float],
    out: Arrays | None = None,
    num_tensors: int = 0,
    **kwargs: Any,
) -> list[NDArray]:
    """A step of LAMB for several weights with float32 copies."""
    attrs = dict(learning_rates=lrs, wds=wds, step_count=step_count, num_tensors=num_tensors or len(weights))
    inputs = _flat(weights, grads, mean, var, weights32)
    return _call(registry.get("_multi_mp_lamb_update"), inputs, attrs, out, kwargs)
