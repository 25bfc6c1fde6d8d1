"""Methods of Symbol that write operators down, and those that it has not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..base import NotImplementedForSymbol, UnsupportedError, _Null
from ..ops import registry
from . import creation
from .register import call, make_function
from .symbol import Symbol

__all__: list[str] = []

_reshape = make_function(registry.get("Reshape"), "Reshape")


def reshape(self: Symbol, *shape: Any, **kwargs: Any) -> Symbol:
    """The operator ``Reshape`` of this symbol; see ``NDArray.reshape`` for the codes.

    Unlike MXNet's it also takes the shape as single numbers, as NDArray's does: code that reshapes in
    ``hybrid_forward`` does not break when it is hybridized.
    """
    if len(shape) > 1 and all(isinstance(n, int) and not isinstance(n, bool) for n in shape):
        shape = (shape,)
    return _reshape(self, *shape, **kwargs)


def astype(self: Symbol, dtype: Any = _Null, **kwargs: Any) -> Symbol:
    """The operator ``Cast`` of this symbol; it takes no ``copy``, unlike NDArray's."""
    return _one("Cast", self, {"dtype": dtype, **kwargs})


def expand_dims(self: Symbol, axis: int, inplace: bool = False, **kwargs: Any) -> Symbol:
    """The operator ``expand_dims`` of this symbol; ``inplace`` has no meaning in a graph."""
    return _one("expand_dims", self, {"axis": axis, **kwargs})


def flatten(self: Symbol, inplace: bool = False, **kwargs: Any) -> Symbol:
    """The operator ``Flatten`` of this symbol; ``inplace`` has no meaning in a graph."""
    return _one("flatten", self, kwargs)


def squeeze(self: Symbol, axis: Any = None, inplace: bool = False, **kwargs: Any) -> Symbol:
    """The operator ``squeeze`` of this symbol; ``inplace`` has no meaning in a graph."""
    return _one("squeeze", self, {"axis": axis, **kwargs})


def diag(self: Symbol, k: int = 0, **kwargs: Any) -> Symbol:
    """The operator ``diag`` of this symbol."""
    return _one("diag", self, {"k": k, **kwargs})


def split_v2(self: Symbol, *args: Any, **kwargs: Any) -> Symbol:
    """``sym.split_v2`` of this symbol."""
    return creation.split_v2(self, *args, **kwargs)


def as_nd_ndarray(self: Symbol) -> Symbol:
    """This symbol: it has the legacy semantics already."""
    return self


def _one(name: str, symbol: Symbol, attrs: dict[str, Any]) -> Symbol:
    node_name, attr = attrs.pop("name", None), attrs.pop("attr", None)
    return call(registry.get(name), [symbol], attrs, node_name, attr, {}, hint=name.lower())


def _deny(method: str, alias: str | None = None) -> Callable[..., Any]:
    def denied(self: Symbol, *args: Any, **_: Any) -> Any:
        raise NotImplementedForSymbol(getattr(self, method), alias, *args)

    denied.__doc__ = f"Not of symbols.\n\nRaises:\n    NotImplementedForSymbol: always; only NDArray has ``{method}``."
    return denied


def _missing(method: str, reason: str) -> Callable[..., Any]:
    def missing(self: Symbol, *_: Any, **__: Any) -> Any:
        raise UnsupportedError(f"Symbol.{method}", reason)

    missing.__doc__ = f"Not there.\n\nRaises:\n    UnsupportedError: always; {reason}."
    return missing


_METHODS: dict[str, Callable[..., Any]] = {
    f.__name__: f for f in (reshape, astype, expand_dims, flatten, squeeze, diag, split_v2, as_nd_ndarray)
}
for _name in ("asnumpy", "asscalar", "wait_to_read", "copy", "as_in_context", "backward", "detach"):
    _METHODS[_name] = _deny(_name)
for _name, _alias in (("iadd", "+="), ("isub", "-="), ("imul", "*="), ("idiv", "/="), ("itruediv", "/=")):
    _METHODS[f"__{_name}__"] = _deny(f"__{_name}__", _alias)
for _name, _reason in (
    ("gradient", "MXNet has not implemented it either; use autograd"),
    ("get_backend_symbol", "graphs are compiled by torch; use hybridize(backend=...)"),
    ("optimize_for", "graphs are compiled by torch; use hybridize(backend=...)"),
):
    _METHODS[_name] = _missing(_name, _reason)
for _name, _method in _METHODS.items():
    _method.__name__, _method.__qualname__ = _name, f"Symbol.{_name}"
    setattr(Symbol, _name, _method)
