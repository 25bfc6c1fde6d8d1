"""``mx.nd``: NDArray and the operators of the table as functions on arrays."""

from __future__ import annotations

from ..ops.placement import FLUENT, install_functions, missing_in
from . import arithmetic, contrib, creation, fluent, image, linalg, op, random, sparse, utils
from . import ndarray as _module
from .creation import *  # noqa: F403
from .finite import all_finite, multi_all_finite
from .invoke import make_function
from .ndarray import NDArray, from_torch
from .sparse import cast_storage
from .utils import load, load_frombuffer, save

__all__ = ["NDArray", "from_torch", "load", "load_frombuffer", "save", *creation.__all__, *arithmetic.FUNCTIONS]


op.cast_storage = cast_storage  # the operator's own function cannot make sparse arrays
op.all_finite, op.multi_all_finite = all_finite, multi_all_finite
install_functions(__name__, globals(), make_function, NDArray, FLUENT)
globals().update(arithmetic.FUNCTIONS)
__all__ += [*op.__all__, "contrib", "image", "linalg", "random", "sparse"]
for _name in (*creation.__all__, *arithmetic.FUNCTIONS):
    # Legacy code also knows them as mx.nd.ndarray.array and mx.nd.utils.array.
    setattr(_module, _name, globals()[_name])
    setattr(utils, _name, globals()[_name])

__getattr__ = missing_in(__name__)
