"""Writes the ``sym`` function of each operator of the table."""

from __future__ import annotations

import keyword
from collections.abc import Callable
from typing import Any

from ..base import _Null
from ..ndarray.invoke import document, wrong_family
from ..ops.registry import Operator
from .compose import create
from .symbol import Symbol

__all__ = ["call", "make_function"]


def call(
    op: Operator,
    inputs: Any,
    attrs: dict[str, Any],
    name: str | None,
    attr: dict[str, str] | None,
    extra: dict[str, Any],
    hint: str | None = None,
    family: type[Symbol] = Symbol,
) -> Any:
    """What a generated function does: checks the arguments and writes the node down.

    Returns:
        A symbol; of ``mx.np`` a list of symbols where the operator has several visible outputs.

    Raises:
        AssertionError: an input that is not a Symbol.
        TypeError: a symbol of ``mx.np`` for a function of ``sym``, or the other way round.
        MXNetError: unknown, missing or misfit arguments.
    """
    raw = {k: v for k, v in attrs.items() if v is not _Null}
    inputs = list(inputs)
    named = {}
    for key, value in extra.items():
        if isinstance(value, Symbol) and op.variadic:
            named[key] = value
        elif value is not _Null:
            raw[key] = value
    if named and inputs:
        raise TypeError(
            "Operators with variable length input can only accept input Symbols either as positional or keyword "
            "arguments, not both"
        )
    if raw.get("ctx", 0) is None:
        del raw["ctx"]
    if raw.get("dtype", 0) is None and op.defaults.get("dtype", _Null) is not None:
        del raw["dtype"]
    elif "dtype" in raw and "dtype" in op.attributes and not isinstance(raw["dtype"], str) and raw["dtype"] is not None:
        raw["dtype"] = dtype_text(raw["dtype"])
    for i, x in enumerate(inputs):
        if not isinstance(x, Symbol) and (op.variadic or x is not None):
            what = "Positional arguments" if op.variadic else f"Argument {op.inputs[i]}"
            raise AssertionError(f"{what} must be Symbol instances, but got {x}")
    if any(x is not None and x._family is not family for x in (*inputs, *named.values())):
        raise TypeError(wrong_family(op.name, "symbol", to_numpy=family is not Symbol))
    made = create(op, inputs, raw, name, attr, hint, named, family)
    if family is Symbol or len(made._outputs) == 1:
        return made
    return [type(made)([pair]) for pair in made._outputs]


def dtype_text(dtype: Any) -> str:
    """A dtype as symbol JSON has it: its name; what is none stays for the operator to refuse."""
    from ..base import dtype_name

    try:
        return dtype_name(dtype)
    except TypeError:
        return str(dtype)


_FIXED = """
def {name}({parameters}):
    return call(op, {inputs}, {attrs}, name, attr, kwargs, hint, family)
"""
_VARIADIC = """
def {name}(*{x}, {keywords}name=None, attr=None, out=None, **kwargs):
    return call(op, {x}, {attrs}, name, attr, kwargs, hint, family)
"""


def make_function(
    op: Operator, name: str, family: type[Symbol] = Symbol, module: str = "mxgluon_compat.symbol.op"
) -> Callable[..., Symbol]:
    """The function of ``op`` under the public name ``name``, for symbols of that class."""
    safe = name if name.isidentifier() and not keyword.iskeyword(name) else f"_{name}"
    attrs = [a for a in op.attributes if a != op.count]
    table = "{" + ", ".join(f"{a!r}: {a}" for a in attrs) + "}"
    if op.variadic:
        keywords = "".join(f"{a}=_Null, " for a in attrs)
        source = _VARIADIC.format(name=safe, x=op.inputs[0], keywords=keywords, attrs=table)
    else:
        tail = ["name=None", "attr=None", "out=None", "**kwargs"]
        parameters = ", ".join([f"{i}=None" for i in op.inputs] + [f"{a}=_Null" for a in attrs] + tail)
        inputs = "(" + "".join(f"{i}, " for i in op.inputs) + ")"
        source = _FIXED.format(name=safe, parameters=parameters, inputs=inputs, attrs=table)
    scope: dict[str, Any] = {"_Null": _Null, "call": call, "family": family, "hint": name.lower(), "op": op}
    exec(compile(source, f"<sym.{name}>", "exec"), scope)
    function = scope[safe]
    function.__name__ = function.__qualname__ = name
    function.__module__ = module
    function.__doc__ = document(op)
    return function
