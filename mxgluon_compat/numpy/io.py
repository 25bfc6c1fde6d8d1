"""MXNet's place of ``genfromtxt``."""

from .utils import genfromtxt

__all__ = ["genfromtxt"]
