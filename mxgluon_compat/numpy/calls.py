"""How functions of ``mx.np`` run operators: on arrays at once, on symbols by writing a node down.

A function is written once for both. What has an array or symbol among its arguments goes by that (``call``); what makes
arrays of nothing cannot, and is written as a *creator*, with the face that it belongs to as its first parameter:

```python
def flip(m, axis=None, out=None):
    return call("_npi_flip", (m,), {"axis": axis}, out)

@creator
def zeros(face, shape, dtype=None, order="C", ctx=None):
    return face.call("_npi_zeros", (), {"shape": shape, "dtype": dtype, "ctx": ctx})
```
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..context import current_context
from ..ndarray import NDArray
from ..ndarray.invoke import make_function
from ..ops import registry
from ..symbol import Symbol
from ..symbol.register import call as call_symbols
from .multiarray import ndarray
from .symbol import _Symbol

__all__ = ["ARRAYS", "CREATORS", "SYMBOLS", "Face", "call", "creator", "face_of", "named", "of_face", "refuse"]


class Face:
    """One of the two ways to run an operator; see ``ARRAYS`` and ``SYMBOLS``."""

    kind: type[Any]  # of what it makes

    def call(
        self, name: str, inputs: Sequence[Any], attrs: Mapping[str, Any] | None = None, out: Any = None,
        hint: str | None = None,
    ) -> Any:  # fmt: skip
        """The operator of that name.

        Args:
            name: its registered name.
            inputs: arrays, or symbols; None for an optional one that is absent.
            attrs: its attributes.
            out: the array (or list of arrays) that takes the result.
            hint: stem of the node's automatic name; by default the operator's name without its prefix.

        Raises:
            TypeError: an input of ``nd`` or ``sym``.
            AssertionError: an input that is no array or symbol.
            MXNetError: what the operator refuses.
        """
        raise NotImplementedError


class _Arrays(Face):
    kind = ndarray

    def __init__(self) -> None:
        self._functions: dict[str, Callable[..., Any]] = {}  # as those of ``nd``, with their short ways

    def call(
        self, name: str, inputs: Sequence[Any], attrs: Mapping[str, Any] | None = None, out: Any = None,
        hint: str | None = None,
    ) -> Any:  # fmt: skip
        for x in inputs:
            if x is not None and not isinstance(x, ndarray):
                _refuse_input(x)
        function = self._functions.get(name)
        if function is None:
            function = self._functions[name] = make_function(registry.get(name), name, ndarray, "mxgluon_compat.numpy")
        return function(*inputs, out=out, **attrs) if attrs else function(*inputs, out=out)


class _Symbols(Face):
    kind = _Symbol

    def call(
        self, name: str, inputs: Sequence[Any], attrs: Mapping[str, Any] | None = None, out: Any = None,
        hint: str | None = None,
    ) -> Any:  # fmt: skip
        for x in inputs:
            if x is not None and not isinstance(x, _Symbol):
                _refuse_input(x)
        attrs = dict(attrs or {})
        op = registry.get(name)
        if "ctx" in op.attributes and attrs.get("ctx", 0) is None:
            attrs["ctx"] = current_context()
        return call_symbols(op, inputs, attrs, None, None, {}, hint or public_name(name), _Symbol)


ARRAYS: Face = _Arrays()
"""Arrays in, arrays out."""
SYMBOLS: Face = _Symbols()
"""Symbols in, symbols out."""

CREATORS: dict[Callable[..., Any], Callable[..., Any]] = {}
"""Function of arrays -> the creator that it was made of, which takes the face first."""


def public_name(name: str) -> str:
    """A registered name without what says where it belongs: ``_npi_exp`` is ``exp``."""
    for prefix in ("_npi_", "_npx_", "_np_"):
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def refuse(x: Any) -> None:
    """Raises TypeError for what is no input of a function of mx.np."""
    raise TypeError(f"type {type(x)} not supported")


def _refuse_input(x: Any) -> None:
    if isinstance(x, (NDArray, Symbol)):
        refuse(x)
    raise AssertionError(f"an input must be an array or symbol of mx.np, got {type(x)}")


def named(function: Callable[..., Any], name: str, doc: str) -> Callable[..., Any]:
    """A function of a family with a name and a docstring of its own."""
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return function


def face_of(inputs: Iterable[Any]) -> Face:
    """The face that these arguments belong to: that of symbols if one of them is a symbol."""
    return SYMBOLS if any(isinstance(x, Symbol) for x in inputs) else ARRAYS


def call(
    name: str, inputs: Sequence[Any], attrs: Mapping[str, Any] | None = None, out: Any = None, hint: str | None = None
) -> Any:
    """The operator of that name on arrays or symbols; see ``Face.call``."""
    return face_of(inputs).call(name, inputs, attrs, out, hint)


def of_face(face: Face, function: Callable[..., Any]) -> Callable[..., Any]:
    """A creator for one face: without its first parameter."""

    @functools.wraps(function)
    def made(*args: Any, **kwargs: Any) -> Any:
        return function(face, *args, **kwargs)

    signature = inspect.signature(function)
    made.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])  # type: ignore[attr-defined]
    return made


def creator(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates a function that makes arrays or symbols of nothing: gives that of arrays, notes it for symbols."""
    made = of_face(ARRAYS, function)
    CREATORS[made] = function
    return made
