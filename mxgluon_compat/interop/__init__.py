"""The ways in and out: running programs written for MXNet, and working with code that is not."""

from .install import install, uninstall
from .torch_data import collate_arrays

__all__ = ["collate_arrays", "install", "uninstall"]
