"""Products of matrices on a CPU, by whichever of torch's two libraries is faster there.

torch hands float32 products to MKL, which leaves half of an AMD processor's AVX-512 units idle; oneDNN, which torch
has for convolutions, uses them. Measured there, a large product takes 0.45 to 0.55 of the time.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch.autograd import forward_ad

__all__ = ["linear", "linear_of", "mm", "transposed_mm"]

_LARGE = 1 << 21  # multiplications from which on the way to oneDNN pays
_TENSORS = (torch.Tensor, torch.nn.Parameter)


def linear(data: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """``torch.nn.functional.linear``: data (..., I), weight (O, I), bias (O,) -> (..., O)."""
    if not _is_faster_by_onednn(data, weight, 1):
        return F.linear(data, weight, bias)
    rows = data if data.ndim == 2 else data.reshape(-1, data.shape[-1])
    out = _Linear.apply(rows, weight, bias) if torch.is_grad_enabled() else _onednn(rows, weight, bias)
    return out if data.ndim == 2 else out.view(*data.shape[:-1], -1)


def linear_of(weight: torch.Tensor, rows: int) -> Callable[..., torch.Tensor]:
    """``function(data, bias=None)``: ``linear`` with this weight (O, I), for data (rows, I), again and again.

    Outside of what is differentiated.
    """
    if not _is_faster_by_onednn(weight.new_empty(rows, weight.shape[1]), weight, 1):
        return lambda data, bias=None: F.linear(data, weight, bias)
    packed = torch.ops.mkldnn._reorder_linear_weight(weight, rows)
    return lambda data, bias=None: _onednn(data, packed, bias)


def mm(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """``torch.mm``: left (N, K), right (K, M) -> (N, M)."""
    return linear(left, right.t()) if _is_faster_by_onednn(left, right, 0) else torch.mm(left, right)


def transposed_mm(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """``torch.mm(left.t(), right)``: left (K, N), right (K, M) -> (N, M), contiguous."""
    # oneDNN is given its first factor row by row: the smaller one is copied
    if left.numel() > right.numel() + left.shape[1] * right.shape[1]:
        return mm(right.t(), left).t().contiguous()
    return mm(left.t(), right)


def _is_faster_by_onednn(left: torch.Tensor, right: torch.Tensor, axis: int) -> bool:
    """For the product over the last axis of left and this axis of right. The frequent cases are told first."""
    if torch.compiler.is_compiling():  # sizes are not asked for: what is compiled would be bound to them
        return False
    if left.numel() * right.numel() < _LARGE or left.dtype is not torch.float32 or not left.is_cpu:
        return False
    return (
        right.ndim == 2
        and left.shape[-1] == right.shape[axis]
        and left.numel() * right.shape[1 - axis] >= _LARGE
        and right.dtype is torch.float32
        and _mkl_is_slow()
        and not _is_transformed(left, right)
    )


def _is_transformed(*tensors: torch.Tensor) -> bool:
    """Whether torch does more here than to compute: what its transformations know is ``F.linear``."""
    return (
        torch.jit.is_tracing()
        or torch.is_autocast_enabled("cpu")
        or forward_ad._current_level >= 0
        or any(type(t) not in _TENSORS or torch._C._functorch.is_functorch_wrapped_tensor(t) for t in tensors)
    )


@functools.cache
def _mkl_is_slow() -> bool:
    """Whether this is an AMD processor with AVX-512, of which MKL uses AVX2, and torch has both libraries."""
    if not (torch.backends.mkl.is_available() and torch.backends.mkldnn.is_available()):
        return False
    if torch.backends.cpu.get_cpu_capability() != "AVX512" or not hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        return False
    try:
        with open("/proc/cpuinfo") as file:
            return "AuthenticAMD" in file.read()
    except OSError:
        return False


def _onednn(data: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    return torch.ops.mkldnn._linear_pointwise.default(data, weight, bias, "none", [], "")


class _Linear(torch.autograd.Function):
    """``linear`` of two dimensions; its gradients are such products too, and can be differentiated in turn."""

    @staticmethod
    def forward(ctx: Any, data: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        for_data, for_weight, _ = ctx.needs_input_grad
        ctx.save_for_backward(data if for_weight else None, weight if for_data else None)
        return _onednn(data, weight, bias)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        data, weight = ctx.saved_tensors
        for_data, for_weight, for_bias = ctx.needs_input_grad
        return (
            mm(grad, weight) if for_data else None,
            transposed_mm(grad, data) if for_weight else None,
            grad.sum(0) if for_bias else None,
        )
