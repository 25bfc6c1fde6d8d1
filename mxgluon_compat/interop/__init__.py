"""The ways in and out: running programs written for MXNet, and working with code that is not."""

from .install import install, uninstall

__all__ = ["install", "uninstall"]
