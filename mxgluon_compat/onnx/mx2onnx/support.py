"""Operators that can be exported."""

from __future__ import annotations

__all__ = ["get_operator_support"]
