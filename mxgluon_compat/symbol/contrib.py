"""Operators of ``mx.sym.contrib``, filled from the table when ``mx.sym`` is imported, and functions beside them."""

from __future__ import annotations

# MXNet has these for arrays alone, so that code with F.contrib.isnan breaks when it is hybridized.
from ..ndarray.contrib import isfinite, isinf, isnan
from ..ops.distributions import zipfian
from .contrib_updates import adamw_update, mp_adamw_update
from .control_flow import cond, foreach, while_loop
from .random import uniform
from .symbol import Symbol

__all__ = [
    "adamw_update", "cond", "foreach", "isfinite", "isinf", "isnan", "mp_adamw_update", "rand_zipfian", "while_loop",
]  # fmt: skip


def rand_zipfian(true_classes: Symbol, num_sampled: int, range_max: int) -> tuple[Symbol, Symbol, Symbol]:
    """Classes drawn from an approximately Zipfian distribution: see ``nd.contrib.rand_zipfian``."""
    return zipfian(true_classes, num_sampled, range_max, uniform)
