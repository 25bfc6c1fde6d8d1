"""Element-wise functions of ``mx.np``, and Python's operators on its arrays and symbols."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import numeric_types
from ..ndarray.arithmetic import install_methods, pieces
from ..ndarray.invoke import make_function
from ..ops import registry
from ..ops.arithmetic import Arithmetic
from ..symbol import Symbol
from ..util import wrap_np_binary_func, wrap_np_unary_func
from .calls import SYMBOLS, call, refuse
from .multiarray import ndarray
from .symbol import _Symbol

__all__ = ["BINARY", "FUNCTIONS", "UNARY", "written"]


# ---------------------------------------------------------------------------------------------- one argument
# The operator is ``_npi_`` and the function's name; plain numbers go to numpy's function.
UNARY = (
    "absolute", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "cbrt", "ceil", "cos", "cosh",
    "degrees", "exp", "expm1", "fix", "floor", "isfinite", "isinf", "isnan", "isneginf", "isposinf", "log", "log10",
    "log1p", "log2", "logical_not", "negative", "radians", "reciprocal", "rint", "sign", "sin", "sinh", "sqrt",
    "square", "tan", "tanh", "trunc", "bitwise_not",
)  # fmt: skip
# Function -> the one that has its operator.
_ALIASES = {"abs": "absolute", "fabs": "absolute", "invert": "bitwise_not", "deg2rad": "radians", "rad2deg": "degrees"}
_TESTS = ("isfinite", "isinf", "isnan", "isneginf", "isposinf", "logical_not")
_STEMS = {"fabs": "abs", "invert": "bitwise_not"}  # of automatic names, where they are not the function's


def _unary(name: str) -> Callable[..., Any]:
    op = f"_npi_{_ALIASES.get(name, name)}"
    stem = _STEMS.get(name, name)
    arrays = make_function(registry.get(op), name, ndarray, "mxgluon_compat.numpy")
    plain = getattr(np, name)
    tests = name in _TESTS

    def function(x: Any, out: Any = None) -> Any:
        if isinstance(x, ndarray):
            if tests and out is not None and out.shape == x.shape and out.dtype != np.bool_:
                raise TypeError(f"np.{name}: out must be an array of booleans, got {out.dtype}")
            return arrays(x, out)
        if isinstance(x, Symbol):
            return SYMBOLS.call(op, (x,), {}, out, stem)
        if isinstance(x, numeric_types):
            return plain(x)
        return refuse(x)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"``numpy.{name}`` of an array (the result has its shape) or a number.\n\nArgs:\n    x: array or number.\n"
        "    out: array that takes the result.\n\nRaises:\n    TypeError: another type.\n    NotImplementedError: "
        "keywords of ufuncs that are not at their defaults."
    )
    return wrap_np_unary_func(function)


# ---------------------------------------------------------------------------------------------- two arguments
def _row(name: str, dunder: tuple[str, str, str] = ("", "", ""), reverse: str | None = None) -> Arithmetic:
    scalar = f"_npi_{name}_scalar"
    return Arithmetic(f"_npi_{name}", f"_npi_{name}", scalar, f"_npi_{reverse or name}_scalar", dunder)


BINARY: dict[str, Arithmetic] = {
    "add": _row("add", ("add", "radd", "iadd")),
    "subtract": _row("subtract", ("sub", "rsub", "isub"), "rsubtract"),
    "multiply": _row("multiply", ("mul", "rmul", "imul")),
    "true_divide": _row("true_divide", ("truediv", "rtruediv", "itruediv"), "rtrue_divide"),
    "mod": _row("mod", ("mod", "rmod", "imod"), "rmod"),
    "power": _row("power", ("pow", "rpow", ""), "rpower"),
    "arctan2": _row("arctan2", reverse="rarctan2"),
    "copysign": _row("copysign", reverse="rcopysign"),
    **{f"bitwise_{name}": _row(f"bitwise_{name}") for name in ("and", "or", "xor")},
    "lcm": _row("lcm"),
    "ldexp": _row("ldexp", reverse="rldexp"),
    "hypot": Arithmetic("_npi_hypot", "_npi_hypot", "_hypot_scalar", "_hypot_scalar", ("", "", "")),
    "maximum": Arithmetic("broadcast_maximum", "broadcast_maximum", "_maximum_scalar", "_maximum_scalar", ("", "", "")),
    "minimum": Arithmetic("broadcast_minimum", "broadcast_minimum", "_minimum_scalar", "_minimum_scalar", ("", "", "")),
    "equal": _row("equal", ("eq", "", "")),
    "not_equal": _row("not_equal", ("ne", "", "")),
    "greater": _row("greater", ("gt", "", ""), "less"),
    "greater_equal": _row("greater_equal", ("ge", "", ""), "less_equal"),
    "less": _row("less", ("lt", "", ""), "greater"),
    "less_equal": _row("less_equal", ("le", "", ""), "greater_equal"),
}
"""Function -> the operators behind it; in the columns of ``ops.arithmetic``."""


def _stem(op: str) -> str:
    return op.removeprefix("_npi_").removeprefix("broadcast_").removeprefix("_")


def _binary(name: str, row: Arithmetic) -> Callable[..., Any]:
    made = pieces(row, ndarray)
    install_methods(row, made, ndarray)
    plain = getattr(np, name)

    def function(x1: Any, x2: Any, out: Any = None) -> Any:
        if isinstance(x1, Symbol) or isinstance(x2, Symbol):
            return of_symbols(x1, x2, out)
        if isinstance(x1, ndarray):
            if isinstance(x2, ndarray):
                return made.arrays(x1, x2, out)
            if isinstance(x2, numeric_types):
                return written(made.scalar(x1, x2), out)
            return refuse(x2)
        if isinstance(x1, numeric_types):
            if isinstance(x2, ndarray):
                return written(made.reverse(x2, x1), out)
            if isinstance(x2, numeric_types):
                return plain(x1, x2)
            return refuse(x2)
        return refuse(x1)

    def of_symbols(x1: Any, x2: Any, out: Any = None) -> Any:
        for x in (x1, x2):
            if not isinstance(x, (Symbol, *numeric_types)):
                refuse(x)
        if isinstance(x1, numeric_types):
            attrs = {"scalar": float(x1), "is_int": False}
            return SYMBOLS.call(row.reverse, (x2,), attrs, out, _stem(row.reverse))
        if isinstance(x2, numeric_types):
            attrs = {"scalar": float(x2), "is_int": isinstance(x2, (int, np.integer))}
            return SYMBOLS.call(row.scalar, (x1,), attrs, out, _stem(row.scalar))
        return SYMBOLS.call(row.broadcast, (x1, x2), {}, out, _stem(row.broadcast))

    def method(self: _Symbol, other: Any) -> Any:
        return of_symbols(self, other)

    def reflected(self: _Symbol, other: Any) -> Any:
        if not isinstance(other, numeric_types):
            refuse(other)
        return of_symbols(self, other) if name == "add" else of_symbols(other, self)  # they tell integers apart

    for dunder, of_symbol in zip(row.dunder, (method, reflected), strict=False):
        if dunder:
            setattr(_Symbol, f"__{dunder}__", of_symbol)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"``numpy.{name}`` of two arrays, which are broadcast, of an array and a number, or of two numbers.\n\nArgs:\n"
        "    x1, x2: arrays or numbers.\n    out: array that takes the result.\n\nRaises:\n    TypeError: another "
        "type.\n    MXNetError: shapes that cannot be broadcast, dtypes that the operator refuses."
    )
    if name in _WITHOUT_KEYWORDS:
        return function
    general, method_of_arrays = wrap_np_binary_func(function), made.method

    @functools.wraps(function)
    def short(x1: Any, x2: Any, out: Any = None, **kwargs: Any) -> Any:
        if out is None and not kwargs and isinstance(x1, ndarray):
            return method_of_arrays(x1, x2)
        return general(x1, x2, out, **kwargs)

    return short


# Those that take none of the keywords of ufuncs.
_WITHOUT_KEYWORDS = ("equal", "not_equal", "greater", "greater_equal", "less", "less_equal", "true_divide")


def written(result: Any, out: Any) -> Any:
    """``result``, written into ``out`` where there is one."""
    return result if out is None else call("_np_copy", (result,), {}, out)


FUNCTIONS: dict[str, Callable[..., Any]] = {name: _unary(name) for name in (*UNARY, *_ALIASES)}
FUNCTIONS |= {name: _binary(name, row) for name, row in BINARY.items()}
FUNCTIONS["divide"] = _binary("divide", BINARY["true_divide"])
FUNCTIONS["remainder"] = _binary("remainder", BINARY["mod"])
"""Public name -> function, for arrays, symbols and numbers."""
