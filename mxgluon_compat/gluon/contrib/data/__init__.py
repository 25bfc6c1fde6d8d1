"""``mx.gluon.contrib.data``: samplers and datasets that are not settled yet."""

from __future__ import annotations

from . import sampler, text
from .sampler import IntervalSampler

__all__ = ["IntervalSampler", "sampler", "text"]
