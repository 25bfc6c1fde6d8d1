"""``mx.contrib.amp``: automatic mixed precision, in float16 or bfloat16."""

from __future__ import annotations

from . import amp, lists, loss_scaler
from .amp import *  # noqa: F403

__all__ = ["amp", "lists", "loss_scaler", *amp.__all__]
