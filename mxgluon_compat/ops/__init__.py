"""The operator table. Importing this package fills it."""

from __future__ import annotations

from . import (
    conv,
    elemwise,
    elemwise_binary,
    elemwise_scalar,
    indexing,
    linalg,
    loss,
    nn,
    norm,
    optimizer,
    optimizer_adaptive,
    random,
    reduce,
    shape,
    slicing,
    sparse,
)
from .registry import OPERATORS, Operator, get

__all__ = ["OPERATORS", "Operator", "get"]
