"""A Gluon net as source in plain PyTorch.

``capture`` runs the net on symbols, Block by Block; ``graph`` is what one Block computes, ``body`` its statements,
``classes`` the classes around them. ``table`` has the text of each operator. ``proof`` compares.
"""

from .api import TorchSource, to_torch_source

__all__ = ["TorchSource", "to_torch_source"]
