"""``mx.optimizer.optimizer``: where MXNet has what ``mx.optimizer`` shows."""

from __future__ import annotations

from ..base import py_str
from ..ndarray import NDArray, array, maximum, multiply, sparse, zeros
from ..ndarray import abs as NDabs
from ..ndarray.contrib import multi_lamb_update, multi_mp_lamb_update
from ..ndarray.random import normal
from ..util import is_np_array
from .adaptive import FTML, AdaDelta, AdaGrad, Adam, Adamax, Ftrl, Nadam, RMSProp
from .base import Optimizer, create, register
from .descent import DCASGD, NAG, SGD, SGLD, Signum, Test, ccSGD
from .layerwise import LAMB, LARS, LBSGD
from .updater import Updater, get_updater

__all__ = [
    "DCASGD", "FTML", "LAMB", "LARS", "LBSGD", "NAG", "SGD", "SGLD", "AdaDelta", "AdaGrad", "Adam", "Adamax", "Ftrl",
    "NDabs", "Nadam", "Optimizer", "RMSProp", "Signum", "Test", "Updater", "ccSGD", "create", "get_updater", "register",
]  # fmt: skip
# Of this module too, and not listed.
_UNLISTED = (NDArray, array, is_np_array, maximum, multi_lamb_update, multi_mp_lamb_update, multiply, normal, py_str,
             sparse, zeros)  # fmt: skip
