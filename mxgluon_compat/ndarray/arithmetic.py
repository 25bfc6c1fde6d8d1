"""Arithmetic of NDArrays with arrays and numbers: the functions ``nd.add``, ... and Python's operators."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

from .. import autograd
from ..base import MXNetError, numeric_types
from ..ops import registry
from ..ops.arithmetic import ARITHMETIC, Arithmetic
from .invoke import FAILURES, cast, fast, invoke, make_function, wrap
from .ndarray import INPLACE_WHILE_RECORDING, NDArray

# What each function does with two plain numbers.
PLAIN: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "modulo": operator.mod, "power": operator.pow,
    "maximum": lambda x, y: x if x > y else y, "minimum": lambda x, y: x if x < y else y,
    "hypot": lambda x, y: (x * x + y * y) ** 0.5,
    "equal": lambda x, y: 1 if x == y else 0, "not_equal": lambda x, y: 1 if x != y else 0,
    "greater": lambda x, y: 1 if x > y else 0, "greater_equal": lambda x, y: 1 if x >= y else 0,
    "lesser": lambda x, y: 1 if x < y else 0, "lesser_equal": lambda x, y: 1 if x <= y else 0,
    "logical_and": lambda x, y: 1 if x and y else 0, "logical_or": lambda x, y: 1 if x or y else 0,
    "logical_xor": lambda x, y: 1 if bool(x) != bool(y) else 0,
}  # fmt: skip


state = autograd.state


class Pieces(NamedTuple):
    """What one row of arithmetic comes to on arrays of one class.

    Attributes:
        arrays: of two arrays, with ``out``.
        scalar: of an array and a number on its right.
        reverse: of an array and a number on its left.
        method, reflected, in_place: the three methods of Python's operator.
    """

    arrays: Callable[..., Any]
    scalar: Callable[[Any, Any], Any]
    reverse: Callable[[Any, Any], Any]
    method: Callable[[Any, Any], Any]
    reflected: Callable[[Any, Any], Any]
    in_place: Callable[[Any, Any], Any]


def _scalar_function(name: str, family: type[NDArray]) -> Callable[[Any, Any], Any]:
    op = registry.get(name)
    fn = op.fn

    def scalar(array: NDArray, number: Any) -> NDArray:
        if op.amp is not None:
            return invoke(op, *cast(op, (array,), {"scalar": float(number)}, family), None, family)
        if type(array) is family:
            tensor = array._data
            if not tensor.requires_grad or (
                state.plain and ((node := tensor.grad_fn) is None or node._sequence_nr() >= state.used)
            ):
                try:
                    return wrap(fn(tensor, scalar=float(number)), array._ctx, family)
                except FAILURES as error:
                    raise op.failure((tensor,), error) from error
        return invoke(op, (array,), {"scalar": float(number)}, None, family)

    fast.append((op, scalar))
    return scalar


def pieces(row: Arithmetic, family: type[NDArray]) -> Pieces:
    """Functions and methods of one row for arrays of that class."""
    broadcast = registry.get(row.broadcast)
    arrays = make_function(broadcast, row.broadcast, family)
    scalar, reverse = _scalar_function(row.scalar, family), _scalar_function(row.reverse, family)
    fn, direct = broadcast.fn, broadcast.on_floats or broadcast.fn
    new = family.__new__

    def method(self: NDArray, other: Any) -> Any:
        if (
            type(other) is family and type(self) is family and broadcast.amp is None
        ):  # the fast path of ``arrays``, one call less
            a, b = self._data, other._data
            if a.dtype is b.dtype and (
                not (a.requires_grad or b.requires_grad)
                or (
                    state.plain
                    and ((node := a.grad_fn) is None or node._sequence_nr() >= state.used)
                    and ((node := b.grad_fn) is None or node._sequence_nr() >= state.used)
                )
            ):
                try:
                    result = direct(a, b) if a.is_floating_point() else fn(a, b)
                except FAILURES as error:
                    raise broadcast.failure((a, b), error) from error
                array = new(family)
                array._data = result
                array._ctx = self._ctx
                array._slot = None
                return array
        if isinstance(other, NDArray):
            return arrays(self, other)
        if isinstance(other, numeric_types):
            return scalar(self, other)
        raise TypeError(f"type {type(other)} not supported")

    fast.append((broadcast, method))

    def reflected(self: NDArray, other: Any) -> Any:
        if isinstance(other, numeric_types):
            return reverse(self, other)
        raise TypeError(f"type {type(other)} not supported")

    def in_place(self: NDArray, other: Any) -> NDArray:
        if state.recording and self._data.requires_grad:
            raise MXNetError(INPLACE_WHILE_RECORDING)
        result = method(self, other)._data
        tensor = self._data
        if result.shape != tensor.shape or result.dtype is not tensor.dtype:
            raise MXNetError(
                f"Error in operator {row.broadcast}: the result is {tuple(result.shape)} {result.dtype}, it does not "
                f"fit into the array, {tuple(tensor.shape)} {tensor.dtype}"
            )
        if result.requires_grad:
            # Recorded, it would become part of the graph, and the next such statement would be refused.
            raise MXNetError(INPLACE_WHILE_RECORDING)
        if tensor.requires_grad:
            autograd.write_unrecorded(tensor, result)
        else:
            tensor.copy_(result)
        return self

    return Pieces(arrays, scalar, reverse, method, reflected, in_place)


def _function(name: str, row: Arithmetic, made: Pieces) -> Callable[..., Any]:
    """``nd``'s function of two arrays, of an array and a number, or of two numbers."""
    plain = PLAIN[name]

    def function(lhs: Any, rhs: Any) -> Any:
        if isinstance(lhs, NDArray):
            if isinstance(rhs, NDArray):
                return made.arrays(lhs, rhs)
            if isinstance(rhs, numeric_types):
                return made.scalar(lhs, rhs)
            raise TypeError(f"type {type(rhs)} not supported")
        if isinstance(lhs, numeric_types):
            if isinstance(rhs, NDArray):
                return made.reverse(rhs, lhs)
            if isinstance(rhs, numeric_types):
                return plain(lhs, rhs)
            raise TypeError(f"type {type(rhs)} not supported")
        raise TypeError(f"type {type(lhs)} not supported")

    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"``{row.broadcast}`` of two arrays (broadcasting), ``{row.scalar}`` of an array and a number; plain "
        "arithmetic of two numbers.\n\nRaises:\n    TypeError: an operand is neither array nor number."
    )
    return function


def install_methods(row: Arithmetic, made: Pieces, array_type: type) -> None:
    """Python's operators of that row as methods of an array class."""
    for dunder, method in zip(row.dunder, made[-3:], strict=True):
        if dunder:
            setattr(array_type, f"__{dunder}__", method)


FUNCTIONS: dict[str, Callable[..., Any]] = {}
for _name, _row in ARITHMETIC.items():
    _made = pieces(_row, NDArray)
    FUNCTIONS[_name] = _function(_name, _row, _made)
    install_methods(_row, _made, NDArray)
_power = FUNCTIONS["power"]


def power(base: Any, exp: Any) -> Any:
    """``base ** exp`` of arrays (broadcasting) and numbers."""
    return _power(base, exp)


FUNCTIONS["power"] = power
FUNCTIONS["true_divide"] = FUNCTIONS["divide"]
_given: Any = NDArray  # gets methods here
_given.__div__, _given.__rdiv__, _given.__idiv__ = NDArray.__truediv__, NDArray.__rtruediv__, NDArray.__itruediv__
_given.__neg__ = lambda self: self * -1.0
_given.__abs__ = lambda self: self.abs()
# Assigning __eq__ to the class after the fact keeps __hash__, which arrays need as dictionary keys.
