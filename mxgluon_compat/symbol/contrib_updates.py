"""The update rules of ``mx.sym.contrib``: AdamW's operators, with ``rescale_grad`` a symbol or a number."""

from __future__ import annotations

from typing import Any

from ..ops import registry
from .creation import full
from .register import call as _call
from .symbol import Symbol

__all__ = ["adamw_update", "mp_adamw_update"]


def _update(
    op: str, inputs: list[Symbol], rescale_grad: float | Symbol, name: str | None, values: dict[str, Any]
) -> Symbol:
    scale = rescale_grad if isinstance(rescale_grad, Symbol) else full((1,), rescale_grad)
    return _call(registry.get(op), [*inputs, scale], values, name, values.pop("attr", None), {})


# MXNet has both functions, and "Not enough argument to call operator" is all they say there.
def adamw_update(
    weight: Symbol,
    grad: Symbol,
    mean: Symbol,
    var: Symbol,
    rescale_grad: float | Symbol,
    lr: float,
    eta: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    wd: float = 0,
    clip_gradient: float = -1,
    out: None = None,
    name: str | None = None,
    **kwargs: Any,
) -> Symbol:
    """``_adamw_update``: a step of AdamW, skipped where ``rescale_grad`` is 0 or not finite."""
    values = dict(lr=lr, eta=eta, beta1=beta1, beta2=beta2, epsilon=epsilon, wd=wd, clip_gradient=clip_gradient)
    return _update("_adamw_update", [weight, grad, mean, var], rescale_grad, name, {**values, **kwargs})


def mp_adamw_update(
    weight: Symbol,
    grad: Symbol,
    mean: Symbol,
    var: Symbol,
    weight32: Symbol,
    rescale_grad: float | Symbol,
    lr: float,
    eta: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    wd: float = 0,
    clip_gradient: float = -1,
    out: None = None,
    name: str | None = None,
    **kwargs: Any,
) -> Symbol:
    """``_mp_adamw_update``: the step of AdamW of a weight with a float32 copy."""
    values = dict(lr=lr, eta=eta, beta1=beta1, beta2=beta2, epsilon=epsilon, wd=wd, clip_gradient=clip_gradient)
    return _update("_mp_adamw_update", [weight, grad, mean, var, weight32], rescale_grad, name, {**values, **kwargs})
