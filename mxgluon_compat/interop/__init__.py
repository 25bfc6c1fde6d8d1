"""The ways in and out: running programs written for MXNet, and working with code that is not."""

from .install import install, uninstall
from .parity import assert_same_as, record
from .torch_data import collate_arrays

__all__ = ["assert_same_as", "collate_arrays", "install", "record", "uninstall"]
