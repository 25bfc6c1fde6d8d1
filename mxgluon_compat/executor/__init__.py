"""``mx.executor``: what ``Symbol.bind`` and ``Symbol.simple_bind`` make; both methods are installed on import."""

from __future__ import annotations

from . import bind
from .executor import Executor

__all__ = ["Executor"]
