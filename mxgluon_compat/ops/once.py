"""Gradients that cannot be differentiated, and say so; torch would take them for constants, and give zeros."""

from __future__ import annotations

from typing import Any

import torch

from ..base import MXNetError

__all__ = ["not_twice"]


class _NotTwice(torch.autograd.Function):
    """Makes of a gradient one that says that it cannot be differentiated."""

    @staticmethod
    def forward(ctx: Any, gradient: torch.Tensor, name: str) -> torch.Tensor:
        ctx.name = name
        return gradient.view_as(gradient)

    @staticmethod
    def backward(ctx: Any, *_: torch.Tensor) -> None:
        raise MXNetError(f"Operator {ctx.name} is non-differentiable: how it depends on its inputs is not recorded")


def not_twice(gradient: torch.Tensor | None, name: str) -> torch.Tensor | None:
    """``gradient``, found by code that is not recorded, which ``create_graph`` must not take for a constant.

    Raises:
        MXNetError: in a backward pass through it, with the ``name`` of what found it.
    """
    if gradient is None or not torch.is_grad_enabled():
        return gradient
    return _NotTwice.apply(gradient.detach().requires_grad_(), name)
