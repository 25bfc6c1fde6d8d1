"""``mx.sym``: Symbol and the operators of the table as functions on symbols."""

from __future__ import annotations

from ..ops.placement import FLUENT, install_functions, missing_in
from . import arithmetic, contrib, creation, history, image, infer, linalg, methods, op, random, run, sparse
from .compose import Group, Variable, var
from .creation import *  # noqa: F403
from .json import load, load_json
from .register import make_function
from .symbol import Symbol

__all__ = ["Group", "Symbol", "Variable", "load", "load_json", "var", *creation.__all__, *arithmetic.FUNCTIONS]

install_functions(__name__, globals(), make_function, Symbol, FLUENT)
globals().update(arithmetic.FUNCTIONS)
__all__ += [*op.__all__, "contrib", "image", "linalg", "random", "sparse"]

__getattr__ = missing_in(__name__)
