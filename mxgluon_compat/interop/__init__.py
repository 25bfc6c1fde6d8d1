"""The ways in and out: running programs written for MXNet, and working with code that is not."""

from .install import install, uninstall
from .module import as_module
from .parity import assert_same_as, record
from .source import TorchSource, to_torch_source
from .torch_block import TorchBlock
from .torch_data import collate_arrays

__all__ = [
    "TorchBlock", "TorchSource", "as_module", "assert_same_as", "collate_arrays", "install", "record",
    "to_torch_source", "uninstall",
]  # fmt: skip
