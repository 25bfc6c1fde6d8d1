"""MXNet's place of ``meshgrid``."""

from .creation import meshgrid

__all__ = ["meshgrid"]
