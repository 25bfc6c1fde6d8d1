"""Update rules of the optimizers, one tensor at a time.

Each returns the new weight (callers pass ``out=weight``) and changes its states in place. In the formulas g is the
gradient times ``rescale_grad``, bounded to [-clip_gradient, clip_gradient] unless ``clip_gradient`` is negative;
whether weight decay ``wd`` counts before or after the bound differs from rule to rule, as in MXNet. ``mp_`` rules keep
a float32 copy of a weight of lower precision. ``lazy_update`` concerns row-sparse gradients only: dense ones touch
every row.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch

from ..base import UnsupportedError
from .elemwise import only_float
from .multi_tensor import nag_, sgd_, signsgd_, signum_
from .registry import makes, numbered, operator, same_shape
from .schema import Floats, Natural


def _bounded(values: torch.Tensor, bound: float) -> torch.Tensor:
    return values.clamp(-bound, bound) if bound >= 0 else values


def _of_weight(weight: torch.Tensor, grad: torch.Tensor) -> torch.Tensor:
    """The gradient in the weight's dtype.

    Raises:
        ValueError: their shapes differ.
    """
    if weight.shape != grad.shape:
        raise ValueError(f"weight {tuple(weight.shape)} and gradient {tuple(grad.shape)} must have one shape")
    return grad if grad.dtype is weight.dtype else grad.to(weight.dtype)


def _gradient(weight: torch.Tensor, grad: torch.Tensor, rescale: float, clip: float) -> torch.Tensor:
    """The rescaled and bounded gradient, in the weight's dtype."""
    grad = _of_weight(weight, grad)
    return _bounded(grad if rescale == 1 else grad * rescale, clip)


def _decayed(weight: torch.Tensor, grad: torch.Tensor, wd: float) -> torch.Tensor:
    return torch.add(grad, weight, alpha=wd) if wd else grad


def _by(
    rule: Callable[..., None], weight: torch.Tensor, grad: torch.Tensor, states: Any, *numbers: Any
) -> torch.Tensor:
    """The new weight by a rule on lists of tensors; the states change."""
    new = weight.clone()
    rule([new], [_of_weight(weight, grad)], *([state] for state in states), *numbers)
    return new


def _sgd(
    weight: torch.Tensor,
    grad: torch.Tensor,
    mom: torch.Tensor | None,
    lr: float,
    momentum: float,
    wd: float,
    rescale: float,
    clip: float,
) -> torch.Tensor:
    """The new weight by ``multi_tensor.sgd_``."""
    new = weight.clone()
    sgd_([new], [_of_weight(weight, grad)], None if mom is None else [mom], [lr], [wd], momentum, rescale, clip)
    return new


def _nag(
    weight: torch.Tensor,
    grad: torch.Tensor,
    mom: torch.Tensor,
    lr: float,
    momentum: float,
    wd: float,
    rescale: float,
    clip: float,
    late: bool,
) -> torch.Tensor:
    return _by(nag_, weight, grad, [mom], [lr], [wd], momentum, rescale, clip, late)


# ---------------------------------------------------------------------------------------------- sgd
@operator("sgd_update", "_sparse_sgd_update", infer_inputs=same_shape)
def sgd_update(
    weight: torch.Tensor,
    grad: torch.Tensor,
    *,
    lr: float,
    wd: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
    lazy_update: bool = True,
) -> torch.Tensor:
    """weight - lr (g + wd weight)."""
    return _sgd(weight, grad, None, lr, 0.0, wd, rescale_grad, clip_gradient)


@operator("sgd_mom_update", "_sparse_sgd_mom_update", infer_inputs=same_shape, aux=("mom",), mutates=("mom",))
def sgd_mom_update(
    weight: torch.Tensor,
    grad: torch.Tensor,
    mom: torch.Tensor,
    *,
    lr: float,
    momentum: float = 0.0,
    wd: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
    lazy_update: bool = True,
) -> torch.Tensor:
    """mom = momentum mom - lr (g + wd weight); weight + mom."""
    return _sgd(weight, grad, mom, lr, momentum, wd, rescale_grad, clip_gradient)


@operator("mp_sgd_update", infer_inputs=same_shape, aux=("weight32",), mutates=("weight32",), mixed_dtypes=True)
def mp_sgd_update(
    weight: torch.Tensor,
    grad: torch.Tensor,
    weight32: torch.Tensor,
    *,
    lr: float,
    wd: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
    lazy_update: bool = True,
) -> torch.Tensor:
    """sgd_update of weight32; the result in weight's dtype."""
    return weight32.copy_(_sgd(weight32, grad, None, lr, 0.0, wd, rescale_grad, clip_gradient)).to(
        weight.dtype, copy=True
    )


@operator(
    "mp_sgd_mom_update",
    infer_inputs=same_shape,
    aux=("mom", "weight32"),
    mutates=("mom", "weight32"),
    mixed_dtypes=True,
)
def mp_sgd_mom_update(
    weight: torch.Tensor,
    grad: torch.Tensor,
    mom: torch.Tensor,
    weight32: torch.Tensor,
    *,
    lr: float,
    momentum: float = 0.0,
    wd: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
    lazy_update: bool = True,
) -> torch.Tensor:
    """sgd_mom_update of weight32; the result in weight's dtype."""
    new = _sgd(weight32, grad, mom, lr, momentum, wd, rescale_grad, clip_gradient)
    return weight32.copy_(new).to(weight.dtype, copy=True)


@operator("nag_mom_update", infer_inputs=same_shape, aux=("mom",), mutates=("mom",))
def nag_mom_update(
    weight: torch.Tensor,
    grad: torch.Tensor,
    mom: torch.Tensor,
    *,
    lr: float,
    momentum: float = 0.0,
    wd: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> torch.Tensor:
    """Nesterov's: mom = momentum mom - lr (g + wd weight); weight + momentum mom - lr (g + wd weight)."""
    return _nag(weight, grad, mom, lr, momentum, wd, rescale_grad, clip_gradient, late=False)


@operator(
    "mp_nag_mom_update",
    infer_inputs=same_shape,
    aux=("mom", "weight32"),
    mutates=("mom", "weight32"),
    mixed_dtypes=True,
)
def mp_nag_mom_update(
    weight: torch.Tensor,
    grad: torch.Tensor,
    mom: torch.Tensor,
    weight32: torch.Tensor,
    *,
    lr: float,
    momentum: float = 0.0,
    wd: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> torch.Tensor:
    """nag_mom_update of weight32; the result in weight's dtype."""
    new = _nag(weight32, grad, mom, lr, momentum, wd, rescale_grad, clip_gradient, late=True)
    return weight32.copy_(new).to(weight.dtype, copy=True)


@operator("signsgd_update", infer_inputs=same_shape)
def signsgd_update(
    weight: torch.Tensor,
    grad: torch.Tensor,
    *,
    lr: float,
    wd: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
) -> torch.Tensor:
    """(1 - lr wd) weight - lr sign(grad): rescaling and bounds do not change the sign, and MXNet passes them over."""
    return _by(signsgd_, weight, grad, [], [lr], [wd])


@operator("signum_update", infer_inputs=same_shape, aux=("mom",), mutates=("mom",))
def signum_update(
    weight: torch.Tensor,
    grad: torch.Tensor,
    mom: torch.Tensor,
    *,
    lr: float,
    momentum: float = 0.0,
    wd: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
    wd_lh: float = 0.0,
) -> torch.Tensor:
    """mom = momentum mom - (1 - momentum)(g + wd weight); (1 - lr wd_lh) weight + lr sign(mom)."""
    return _by(signum_, weight, grad, [mom], [lr], [wd], momentum, wd_lh, rescale_grad, clip_gradient)


# ---------------------------------------------------------------------------------------------- several weights at once
def _several(num_weights: int, **_: Any) -> tuple[str, ...]:
    return numbered(num_weights)


def _groups(data: tuple[torch.Tensor, ...], size: int, num_weights: int, lrs: Floats, wds: Floats) -> list[tuple]:
    """(weight, gradient, states..., lr, wd) of each weight."""
    if len(data) != size * num_weights or len(lrs) != num_weights or len(wds) != num_weights:
        raise ValueError(
            f"num_weights={num_weights} needs {size * num_weights} arrays and as many lrs and wds as weights, "
            f"got {len(data)}, {len(lrs)} and {len(wds)}"
        )
    return [(*data[i * size : (i + 1) * size], lrs[i], wds[i]) for i in range(num_weights)]


@operator("multi_sgd_update", outputs=_several)
def multi_sgd_update(
    *data: torch.Tensor,
    lrs: Floats,
    wds: Floats,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
    num_weights: Natural = 1,
) -> tuple[torch.Tensor, ...]:
    """sgd_update of each (weight, grad) in data."""
    return tuple(
        _sgd(w, g, None, lr, 0.0, wd, rescale_grad, clip_gradient)
        for w, g, lr, wd in _groups(data, 2, num_weights, lrs, wds)
    )


@operator("multi_sgd_mom_update", outputs=_several, mutates=("data",))
def multi_sgd_mom_update(
    *data: torch.Tensor,
    lrs: Floats,
    wds: Floats,
    momentum: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
    num_weights: Natural = 1,
) -> tuple[torch.Tensor, ...]:
    """sgd_mom_update of each (weight, grad, mom) in data."""
    return tuple(
        _sgd(w, g, mom, lr, momentum, wd, rescale_grad, clip_gradient)
        for w, g, mom, lr, wd in _groups(data, 3, num_weights, lrs, wds)
    )


@operator("multi_mp_sgd_update", outputs=_several, mutates=("data",), mixed_dtypes=True)
def multi_mp_sgd_update(
    *data: torch.Tensor,
    lrs: Floats,
    wds: Floats,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
    num_weights: Natural = 1,
) -> tuple[torch.Tensor, ...]:
    """mp_sgd_update of each (weight, grad, weight32) in data."""
    return tuple(
        w32.copy_(_sgd(w32, g, None, lr, 0.0, wd, rescale_grad, clip_gradient)).to(w.dtype, copy=True)
        for w, g, w32, lr, wd in _groups(data, 3, num_weights, lrs, wds)
    )


@operator("multi_mp_sgd_mom_update", outputs=_several, mutates=("data",), mixed_dtypes=True)
def multi_mp_sgd_mom_update(
    *data: torch.Tensor,
    lrs: Floats,
    wds: Floats,
    momentum: float = 0.0,
    rescale_grad: float = 1.0,
    clip_gradient: float = -1.0,
    num_weights: Natural = 1,
) -> tuple[torch.Tensor, ...]:
    """mp_sgd_mom_update of each (weight, grad, mom, weight32) in data."""
    return tuple(
        w32.copy_(_sgd(w32, g, mom, lr, momentum, wd, rescale_grad, clip_gradient)).to(w.dtype, copy=True)
        for w, g, mom, w32, lr, wd in _groups(data, 4, num_weights, lrs, wds)
    )


@operator("reset_arrays", outputs=lambda **_: (), mutates=("data",), mixed_dtypes=True)
def reset_arrays(*data: torch.Tensor, num_arrays: int) -> tuple[torch.Tensor, ...]:
    """Sets all arrays to 0 in place; there is no output."""
    _check_count(data, num_arrays)
    for array in data:
        array.zero_()
    return ()


def _check_count(data: tuple[torch.Tensor, ...], num_arrays: int) -> None:
    if len(data) != num_arrays:
        raise ValueError(f"num_arrays={num_arrays}, got {len(data)}")


@operator("multi_sum_sq", mixed_dtypes=True, infer_dtypes=makes(torch.float32))
def multi_sum_sq(*data: torch.Tensor, num_arrays: int) -> torch.Tensor:
    """(num_arrays,) float32: the sum of squares of each array."""
    _check_count(data, num_arrays)
    return torch.stack([array.float().square().sum() for array in data])


def _finite(*data: torch.Tensor, init_output: bool) -> torch.Tensor:
    if not init_output:
        raise UnsupportedError("all_finite(init_output=False) in a graph", "a result does not depend on what was there")
    # The largest magnitude of each array, of all at once: it is infinite or NaN where an element is.
    largest = torch._foreach_norm([only_float(array) for array in data if array.numel()], math.inf)
    by_dtype = [torch.stack([x for x in largest if x.dtype is d]).isfinite().all() for d in {x.dtype for x in largest}]
    found = torch.stack(by_dtype).all() if by_dtype else torch.ones((), device=data[0].device)
    return found.reshape(1).float()


@operator("all_finite", infer_dtypes=makes(torch.float32))
def all_finite(data: torch.Tensor, *, init_output: bool = True) -> torch.Tensor:
    """(1,) float32: 1 where all elements are finite, else 0."""
    return _finite(data, init_output=init_output)


@operator("multi_all_finite", mixed_dtypes=True, infer_dtypes=makes(torch.float32))
def multi_all_finite(*data: torch.Tensor, num_arrays: int = 1, init_output: bool = True) -> torch.Tensor:
    """(1,) float32: 1 where all elements of all arrays are finite, else 0."""
    _check_count(data, num_arrays)
    return _finite(*data, init_output=init_output)
