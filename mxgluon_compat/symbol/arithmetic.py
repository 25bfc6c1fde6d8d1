"""Arithmetic of Symbols with symbols and numbers."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Number
from typing import Any

from ..base import numeric_types
from ..ndarray.arithmetic import PLAIN
from ..ops import registry
from ..ops.arithmetic import ARITHMETIC, Arithmetic
from .compose import create
from .symbol import Symbol

# Stems of MXNet's automatic names that are not the operator's own name.
_HINTS = {"elemwise_add": "_plus", "elemwise_sub": "_minus", "elemwise_mul": "_mul", "elemwise_div": "_div"}
_SHORT = (
    "plus", "minus", "rminus", "mul", "div", "rdiv", "mod", "rmod", "power", "rpower", "maximum", "minimum", "hypot",
)  # fmt: skip


# ``2 ** symbol`` and ``sym.pow(2, symbol)`` get different automatic names in MXNet.
_REFLECTED_POWER = "_rpower_scalar"


def _hint(name: str) -> str:
    stem = name.removeprefix("_").removesuffix("_scalar")
    if name.endswith("_scalar") and stem in _SHORT:
        return f"_{stem}scalar"
    return _HINTS.get(name, name)


def _make(name: str, row: Arithmetic) -> tuple[Callable[..., Any], ...]:
    arrays, scalar, reverse = (registry.get(n) for n in (row.elementwise, row.scalar, row.reverse))
    hint, scalar_hint, reverse_hint = (_hint(n) for n in (row.elementwise, row.scalar, row.reverse))
    reflected_hint = _REFLECTED_POWER if name == "power" else reverse_hint
    # What counts as a number: comparisons take fewer types than the rest does.
    kinds: Any = numeric_types if row.dunder[0] and not row.dunder[1] else Number

    def of_symbols(lhs: Symbol, rhs: Symbol) -> Symbol:
        return create(arrays, [lhs, rhs], {}, None, None, hint)

    def of_scalar(symbol: Symbol, number: Any, op: registry.Operator, stem: str) -> Symbol:
        return create(op, [symbol], {"scalar": number}, None, None, stem)

    def method(self: Symbol, other: Any) -> Symbol:
        if isinstance(other, Symbol):
            return of_symbols(self, other)
        if isinstance(other, kinds):
            return of_scalar(self, other, scalar, scalar_hint)
        raise TypeError(f"type {type(other)} not supported")

    def reflected(self: Symbol, other: Any) -> Symbol:
        if isinstance(other, kinds):
            return of_scalar(self, other, reverse, reflected_hint)
        raise TypeError(f"type {type(other)} not supported")

    def function(left: Any, right: Any) -> Any:
        if isinstance(left, Symbol) and isinstance(right, (Symbol, Number)):
            return method(left, right)
        if isinstance(right, Symbol) and isinstance(left, Number):
            return of_scalar(right, left, reverse, reverse_hint)
        if isinstance(left, Number) and isinstance(right, Number):
            return PLAIN[name](left, right)
        raise TypeError(f"types ({type(left)}, {type(right)}) not supported")

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"``{row.elementwise}`` of two symbols, ``{row.scalar}`` of a symbol and a number."
    return function, method, reflected


_functions: dict[str, Callable[..., Any]] = {}
for _name, _row in ARITHMETIC.items():
    _functions[_name], *_methods = _make(_name, _row)
    for _dunder, _method in zip(_row.dunder[:2], _methods, strict=True):
        if _dunder:
            setattr(Symbol, f"__{_dunder}__", _method)


def power(base: Any, exp: Any) -> Any:
    """``base ** exp`` of symbols and numbers."""
    return _functions["power"](base, exp)


FUNCTIONS = {**{k: _functions[k] for k in ("maximum", "minimum", "hypot")}, "power": power, "pow": power}
_given: Any = Symbol  # gets methods here
_given.__div__, _given.__rdiv__ = Symbol.__truediv__, Symbol.__rtruediv__
_given.__neg__ = lambda self: self * -1.0
_given.__abs__ = lambda self: self.abs()
