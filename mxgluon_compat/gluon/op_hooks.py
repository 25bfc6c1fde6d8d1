"""Hooks that see every operator of a hybridized Block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from ..cached_op import CachedOp
from ..context import Context

__all__ = ["run_with_hooks"]


def run_with_hooks(
    graph: CachedOp, tensors: Sequence[torch.Tensor], ctx: Context, hooks: Sequence[tuple[Callable[..., Any], bool]]
) -> Sequence[torch.Tensor]:
    """``CachedOp.run_monitored``."""
    return graph.run_monitored(tensors, ctx, hooks)
