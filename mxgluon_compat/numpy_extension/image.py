"""``mx.npx.image``: operators on pictures, and what ``mx.image`` has, which puts it here."""

from __future__ import annotations

from .faces import ARRAY_IMAGE_FUNCTIONS

__all__ = [*ARRAY_IMAGE_FUNCTIONS]

globals().update(ARRAY_IMAGE_FUNCTIONS)
