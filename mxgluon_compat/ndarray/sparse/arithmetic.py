"""Arithmetic that keeps sparse arrays sparse: ``nd.sparse.add``, ... and Python's operators."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from ... import autograd
from ...base import MXNetError
from ...ops import registry
from ..arithmetic import FUNCTIONS
from ..invoke import call
from ..ndarray import INPLACE_WHILE_RECORDING, NDArray
from .base import BaseSparseNDArray

__all__ = ["add", "divide", "multiply", "subtract"]


def _make(name: str, elementwise: str) -> Callable[[Any, Any], Any]:
    op, general = registry.get(elementwise), FUNCTIONS[name]

    def function(lhs: Any, rhs: Any) -> Any:
        if isinstance(lhs, NDArray) and isinstance(rhs, NDArray) and lhs.shape == rhs.shape:
            return call(op, (lhs, rhs), {}, None, {})
        return general(lhs, rhs)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"``{elementwise}`` of two arrays of one shape, which may be sparse and stay so; all else as ``nd.{name}``.\n\n"
        "Raises:\n    TypeError: an operand is neither array nor number."
    )
    return function


add = _make("add", "elemwise_add")
subtract = _make("subtract", "elemwise_sub")
multiply = _make("multiply", "elemwise_mul")
divide = _make("divide", "elemwise_div")


def _method(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda self, other: function(self, other)


def _in_place(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def method(self: BaseSparseNDArray, other: Any) -> BaseSparseNDArray:
        if autograd.state.recording and self._requires_grad():
            raise MXNetError(INPLACE_WHILE_RECORDING)
        function(self, other).copyto(self)
        return self

    return method


for _name, _function in (("add", add), ("sub", subtract), ("mul", multiply)):
    setattr(BaseSparseNDArray, f"__{_name}__", _method(_function))
    setattr(BaseSparseNDArray, f"__i{_name}__", _in_place(_function))
BaseSparseNDArray.__itruediv__ = _in_place(operator.truediv)  # type: ignore[method-assign]
