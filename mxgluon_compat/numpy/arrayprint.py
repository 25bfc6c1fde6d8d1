"""MXNet's place of ``set_printoptions``."""

from .utils import set_printoptions

__all__ = ["set_printoptions"]
