"""``mx.nd``: NDArray and the operators of the table as functions on arrays."""

from __future__ import annotations

from typing import Any

from ..ops.placement import FLUENT, install_functions
from . import arithmetic, creation, fluent, random, utils
from . import ndarray as _module
from .creation import *  # noqa: F403
from .invoke import make_function
from .ndarray import NDArray, from_torch
from .utils import load, save

__all__ = ["NDArray", "from_torch", "load", "save", *creation.__all__, *arithmetic.FUNCTIONS]


install_functions(__name__, globals(), make_function, NDArray, FLUENT)
globals().update(arithmetic.FUNCTIONS)
for _name in (*creation.__all__, *arithmetic.FUNCTIONS):
    # Legacy code also knows them as mx.nd.ndarray.array and mx.nd.utils.array.
    setattr(_module, _name, globals()[_name])
    setattr(utils, _name, globals()[_name])


def __getattr__(name: str) -> Any:
    raise AttributeError(
        f"module {__name__!r} has no operator or function {name!r} (see migration_guide.md#what-is-not-there)"
    )
