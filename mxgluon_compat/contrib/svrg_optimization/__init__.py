"""``mx.contrib.svrg_optimization``: stochastic gradients of reduced variance (SVRG), for Modules."""

from __future__ import annotations

from . import svrg_module, svrg_optimizer

__all__ = ["svrg_module", "svrg_optimizer"]
