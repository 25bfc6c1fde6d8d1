"""Which operators Gluon's own layers run: those of ``mx.nd`` and ``mx.sym``, or of ``mx.np`` and ``mx.npx``.

Layers are written once, with the legacy names. Under ``npx.set_np()`` ``of_mode(F)`` has the operators of NumPy
semantics under these names; what ``mx.np`` has not runs as it is, on the same arrays (MXNet's layers with such
operators refuse arrays of ``mx.np``).
"""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Callable
from typing import Any

from .. import ndarray, symbol
from ..base import numpy_semantics
from ..ndarray import NDArray
from ..ops.support import names
from ..symbol import Symbol
from .calls import call
from .creation import array as np_array

__all__ = ["array", "as_mode", "as_nd", "of_mode"]


# ---------------------------------------------------------------------------------------------- arrays
def as_mode(x: Any) -> Any:
    """Arrays and symbols (in lists too), under ``npx.set_np()`` as those of ``mx.np``."""
    return _as_np(x) if numpy_semantics.array else x


def array(*args: Any, **kwargs: Any) -> Any:
    """``mx.np.array``, or ``mx.nd.array``."""
    return np_array(*args, **kwargs) if numpy_semantics.array else ndarray.array(*args, **kwargs)


def _as_np(x: Any) -> Any:
    if isinstance(x, (list, tuple)):
        return type(x)(map(_as_np, x))
    return x.as_np_ndarray() if isinstance(x, (NDArray, Symbol)) else x


def as_nd(x: Any) -> Any:
    """Arrays and symbols (in lists too), and what a function takes and gives, as those of ``mx.nd`` and ``mx.sym``."""
    if isinstance(x, (list, tuple)):
        return type(x)(map(as_nd, x))
    if isinstance(x, (NDArray, Symbol)):
        return x.as_nd_ndarray()
    if callable(x) and not isinstance(x, type):  # the body of a loop
        return lambda *args: as_nd(x(*map(_as_np, args)))
    return x


# ---------------------------------------------------------------------------------------------- operators
# Legacy name -> that of the function of mx.np. Other operators of npx than these are the same as the legacy ones.
_NUMPY = {
    "abs": "abs", "broadcast_add": "add", "broadcast_div": "divide", "broadcast_mul": "multiply",
    "broadcast_sub": "subtract", "exp": "exp", "expand_dims": "expand_dims", "identity": "copy", "log": "log",
    "maximum": "maximum", "square": "square", "where": "where",
}  # fmt: skip
_EXTENSIONS = {"relu": "relu"}


def _reduction(name: str) -> Callable[..., Any]:
    """A reduction of ``mx.np`` with the keyword ``exclude``: over all axes but ``axis``, the batch's."""

    def reduced(x: Any, axis: Any = None, keepdims: bool = False, exclude: bool = False) -> Any:
        if not exclude:
            return _numpy(name)(x, axis=axis, keepdims=keepdims)
        rows = call("Flatten", (_swapaxes(x, 0, axis) if axis else x,), hint="batch_flatten")
        return _numpy(name)(rows, axis=1)

    return reduced


def _swapaxes(x: Any, dim1: int, dim2: int) -> Any:
    return _numpy("swapaxes")(x, dim1, dim2)


def _sigmoid(x: Any, name: str | None = None) -> Any:
    """Its node has an automatic name, as in MXNet."""
    return call("_npx_sigmoid", (x,))


def _param_concat(*parts: Any, dim: int) -> Any:
    return call("_rnn_param_concat", parts, {"dim": dim}, hint="rnn_param_concat")


_ADAPTED: dict[str, Callable[..., Any]] = {
    "mean": _reduction("mean"), "sigmoid": _sigmoid, "sum": _reduction("sum"),
    "swapaxes": _swapaxes,
}  # fmt: skip


def _numpy(name: str) -> Any:
    """That function of ``mx.np``, which is made after this module."""
    return getattr(sys.modules[__package__], name)


class _NumpyFace:
    """A module of ``mx.nd`` or ``mx.sym`` whose functions take and give arrays or symbols of ``mx.np``.

    Args:
        legacy: the module.
        own: legacy name -> what has another name, or is another operator, in ``mx.np`` and ``mx.npx``.
    """

    def __init__(self, legacy: Any, own: Callable[[str], Any] = lambda name: None) -> None:
        self._legacy = legacy
        self._own = own

    def __getattr__(self, name: str) -> Any:
        found = self._own(name)
        if found is None:
            found = getattr(self._legacy, name)
            if name not in ("np", "npx"):
                found = _NumpyFace(found) if isinstance(found, types.ModuleType) else _with_legacy(found)
        self.__dict__[name] = found
        return found


def _face(legacy: Any) -> _NumpyFace:
    same = _extensions()

    def own(name: str) -> Any:
        if name in _ADAPTED:
            return _ADAPTED[name]
        if name == "_internal":
            return _NumpyFace(legacy._internal, {"_rnn_param_concat": _param_concat}.get)
        if name in _NUMPY:
            return _numpy(_NUMPY[name])
        return getattr(legacy.npx, _EXTENSIONS.get(name) or same.get(name, ""), None)

    return _NumpyFace(legacy, own)


def _extensions() -> dict[str, str]:
    """{legacy name: the operator's name in ``npx``}."""
    own = {first: alias[len("_npx_") :] for alias, first in names().items() if alias.startswith("_npx_")}
    return {name: own[first] for name, first in names().items() if first in own}


def _with_legacy(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of ``mx.nd`` or ``mx.sym`` on arrays or symbols of ``mx.np``."""

    @functools.wraps(function)
    def on_np(*args: Any, **kwargs: Any) -> Any:
        return _as_np(function(*map(as_nd, args), **{key: as_nd(value) for key, value in kwargs.items()}))

    return on_np


_faces: dict[Any, _NumpyFace] = {}


def of_mode(F: Any) -> Any:  # noqa: N803 - MXNet's name
    """``F`` (``mx.nd`` or ``mx.sym``) for a layer: itself, under ``npx.set_np()`` with the operators of ``mx.np``."""
    if not numpy_semantics.array or isinstance(F, _NumpyFace):
        return F
    if not _faces:
        _faces.update({ndarray: _face(ndarray), symbol: _face(symbol)})
    return _faces[F]
