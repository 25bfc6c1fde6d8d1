"""``mx.gluon.model_zoo``: nets as they are published, with their trained Parameters."""

from __future__ import annotations

from . import model_store, vision

__all__ = ["model_store", "vision"]
