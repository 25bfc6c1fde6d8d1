"""MXNet's place of ``broadcast_arrays``."""

from .manipulation import broadcast_arrays

__all__ = ["broadcast_arrays"]
