"""The functions of ``npx``, and the faces of ``np`` and ``npx`` in ``mx.nd`` and ``mx.sym``: ``F.np``, ``F.npx``.

They stand here since ``ndarray`` and ``symbol`` cannot import what stands on them; the modules
``mxgluon_compat.symbol.numpy`` and its like are made of the functions, once each.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

from .. import ndarray as nd
from .. import numpy as np_package
from .. import symbol as sym
from ..ndarray.invoke import make_function as array_function
from ..numpy import fallback
from ..numpy.calls import CREATORS, SYMBOLS, of_face
from ..numpy.multiarray import ndarray
from ..numpy.symbol import _Symbol
from ..ops.registry import OPERATORS
from ..ops.support import names
from ..symbol.register import make_function as symbol_function
from . import random

__all__ = ["ARRAY_FUNCTIONS", "ARRAY_IMAGE_FUNCTIONS", "SYMBOL_FUNCTIONS", "SYMBOL_IMAGE_FUNCTIONS", "install"]


def _public() -> dict[str, Any]:
    """{public name: operator} of what MXNet registers as ``_npx_NAME``, under that name or another one."""
    found = {alias[len("_npx_") :]: name for alias, name in names().items() if alias.startswith("_npx_")}
    return {public: OPERATORS[name] for public, name in found.items() if name in OPERATORS}


def _functions(make: Callable[..., Any], family: type, package: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """{name: function} of ``npx`` and of ``npx.image``."""
    module = f"mxgluon_compat.{package}numpy_extension"
    plain, image = {}, {}
    for name, op in _public().items():
        if name.startswith(_IMAGE):
            public = name[len(_IMAGE) :]
            image[public] = make(op, public, family, f"{module}.image")
        else:
            plain[name] = make(op, name, family, module)
    return plain, image


_IMAGE = "_image_"
ARRAY_FUNCTIONS, ARRAY_IMAGE_FUNCTIONS = _functions(array_function, ndarray, "")
"""Name in ``npx`` or ``npx.image`` -> the function of arrays."""
SYMBOL_FUNCTIONS, SYMBOL_IMAGE_FUNCTIONS = _functions(symbol_function, _Symbol, "symbol.")
"""Name in ``npx`` or ``npx.image`` -> the function of symbols."""


def of_symbols(function: Any) -> Any:
    """What stands for a function of ``mx.np`` in ``mx.sym.np``: the function itself, or its creator on symbols."""
    made = CREATORS.get(function) if isinstance(function, types.FunctionType) else None
    return function if made is None else of_face(SYMBOLS, made)


def _module(parent: types.ModuleType, name: str, alias: str, doc: str, members: Mapping[str, Any]) -> types.ModuleType:
    made = types.ModuleType(f"{parent.__name__}.{name}", doc)
    made.__dict__.update(members, __all__=list(members))
    sys.modules[made.__name__] = made
    for key in (name, alias):
        setattr(parent, key, made)
    return made


# What mx.np has and MXNet's F.np has not; functions that numpy itself computes and dtypes are not there either.
_OF_MX_NP = ("array", "broadcast_arrays", "empty", "genfromtxt", "meshgrid", "randn", "seed", "set_printoptions")
_OF_ARRAYS = ("multinomial", "nonzero", "shape")  # which F.np and F.npx of symbols have not


def _members(module: Any, of_symbol: bool) -> dict[str, Any]:
    """{name: function} of a module of ``mx.np`` or ``mx.npx`` in ``mx.nd`` or ``mx.sym``."""
    numpys_own = {*fallback.FALLBACK, *fallback.LINALG} if module in (np_package, np_package.linalg) else set()
    found = {name: getattr(module, name) for name in module.__all__ if name not in {*_OF_MX_NP, *numpys_own}}
    found = {name: f for name, f in found.items() if callable(f) and not isinstance(f, type)}
    if not of_symbol:
        return found
    return {name: of_symbols(f) for name, f in found.items() if name not in _OF_ARRAYS}


def _operators(parent: types.ModuleType, make: Callable[..., Any], family: type) -> None:
    """The module ``_internal`` of a face of np: operators by their own names (``add_scalar``), made when asked for."""

    def __getattr__(name: str) -> Any:  # noqa: N807 - Python's own name
        op = OPERATORS.get(names().get(f"_npi_{name}", ""))
        if op is None:
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
        function = vars(module)[name] = make(op, name, family, module.__name__)
        return function

    module = _module(parent, "_internal", "_internal", "Operators of mx.np by their own names.", {})
    vars(module)["__getattr__"] = __getattr__


def install() -> None:
    """Puts the modules ``numpy`` and ``numpy_extension`` into ``mx.nd`` and ``mx.sym``."""
    for parent, what, functions, image in (
        (nd, "arrays", ARRAY_FUNCTIONS, ARRAY_IMAGE_FUNCTIONS),
        (sym, "symbols", SYMBOL_FUNCTIONS, SYMBOL_IMAGE_FUNCTIONS),
    ):
        of_symbol = parent is sym
        made = _module(parent, "numpy", "np", f"Functions of mx.np on {what}.", _members(np_package, of_symbol))
        _operators(made, symbol_function if of_symbol else array_function, _Symbol if of_symbol else ndarray)
        for name in ("linalg", "random"):
            members = _members(getattr(np_package, name), of_symbol)
            _module(made, name, name, f"Functions of mx.np.{name} on {what}.", members)
        made = _module(parent, "numpy_extension", "npx", f"Functions of mx.npx on {what}.", functions)
        _module(made, "image", "image", f"Functions of mx.npx.image on {what}.", image)
        _module(made, "random", "random", f"Functions of mx.npx.random on {what}.", _members(random, of_symbol))
    vars(sym)["__all__"] += ["numpy", "numpy_extension"]
    vars(sym.numpy)["_Symbol"] = _Symbol
    _module(sym.numpy, "_symbol", "_symbol", "MXNet's place of _Symbol.", {"_Symbol": _Symbol})
