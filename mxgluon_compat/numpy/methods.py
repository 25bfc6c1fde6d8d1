"""Methods of ``mx.np.ndarray`` and of symbols of ``mx.np``: written once, for both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from ..base import torch_dtype
from ..context import Context
from ..ndarray import NDArray
from ..ndarray.ndarray import cast
from ..ops.placement import FLUENT
from ..symbol import Symbol
from . import manipulation, products, reductions
from .calls import call
from .elementwise import FUNCTIONS, written
from .indexing import nonzero
from .manipulation import reshape_c
from .multiarray import ndarray
from .symbol import _Symbol

__all__: list[str] = []


# ---------------------------------------------------------------------------------------------- of both
def _reduced(operator: str, self: Any, axis: Any, dtype: Any, out: Any, **more: Any) -> Any:
    attrs = {"axis": axis, **({} if dtype is None else {"dtype": dtype}), **more}
    return call(operator, (self,), attrs, out)


def sum(self: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:  # noqa: A001
    """See ``np.sum``."""
    return _reduced("_np_sum", self, axis, dtype, out, keepdims=keepdims)


def prod(self: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    """See ``np.prod``."""
    return _reduced("_np_prod", self, axis, dtype, out, keepdims=keepdims)


def mean(self: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    """See ``np.mean``."""
    return reductions.mean(self, axis, dtype, out, keepdims)


def std(self: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
    """See ``np.std``."""
    return reductions.std(self, axis, dtype, out, ddof, keepdims)


def var(self: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
    """See ``np.var``."""
    return reductions.var(self, axis, dtype, out, ddof, keepdims)


def max(self: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Any:  # noqa: A001
    """See ``np.max``."""
    return _reduced("_np_max", self, axis, None, out, keepdims=keepdims)


def min(self: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Any:  # noqa: A001
    """See ``np.min``."""
    return _reduced("_np_min", self, axis, None, out, keepdims=keepdims)


def all(self: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Any:  # noqa: A001
    """See ``np.all``."""
    return _reduced("_np_all", self, axis, None, out, keepdims=keepdims)


def any(self: Any, axis: Any = None, out: Any = None, keepdims: bool = False) -> Any:  # noqa: A001
    """See ``np.any``."""
    return _reduced("_np_any", self, axis, None, out, keepdims=keepdims)


def argmax(self: Any, axis: int | None = None, out: Any = None) -> Any:
    """See ``np.argmax``."""
    return reductions.argmax(self, axis, out)


def argmin(self: Any, axis: int | None = None, out: Any = None) -> Any:
    """See ``np.argmin``."""
    return reductions.argmin(self, axis, out)


def cumsum(self: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    """See ``np.cumsum``."""
    return _reduced("_np_cumsum", self, axis, dtype, out)


def dot(self: Any, b: Any, out: Any = None) -> Any:
    """See ``np.dot``."""
    return products.dot(self, b, out)


def clip(self: Any, min: Any = None, max: Any = None, out: Any = None) -> Any:  # noqa: A002 - numpy's names
    """See ``np.clip``."""
    return manipulation.clip(self, min, max, out)


def round(self: Any, decimals: int = 0, out: Any = None, **kwargs: Any) -> Any:  # noqa: A001
    """See ``np.round``."""
    return manipulation.round(self, decimals, out, **kwargs)


def argsort(self: Any, axis: int | None = -1, kind: str | None = None, order: Any = None) -> Any:
    """See ``np.argsort``."""
    return manipulation.argsort(self, axis, kind, order)


def take(self: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Any:
    """See ``np.take``."""
    return manipulation.take(self, indices, axis, mode)


def repeat(self: Any, repeats: Any, axis: int | None = None) -> Any:
    """See ``np.repeat``."""
    return call("repeat", (self,), {"repeats": repeats, "axis": axis})


def squeeze(self: Any, axis: Any = None) -> Any:
    """See ``np.squeeze``."""
    return call("_np_squeeze", (self,), {"axis": axis})


def swapaxes(self: Any, axis1: int, axis2: int) -> Any:
    """See ``np.swapaxes``."""
    return manipulation.swapaxes(self, axis1, axis2)


def transpose(self: Any, *axes: Any) -> Any:
    """The array with its axes in that order, given as numbers or one tuple; reversed without any."""
    order = axes[0] if len(axes) == 1 and (axes[0] is None or not isinstance(axes[0], int)) else axes or None
    return call("_np_transpose", (self,), {"axes": order})


def flatten(self: Any, order: str = "C") -> Any:
    """A copy of the elements in one dimension.

    Raises:
        NotImplementedError: an order that is not C.
    """
    _only_c(order, "flatten")
    return reshape_c(self, (-1,))


def reshape(self: Any, *args: Any, **kwargs: Any) -> Any:
    """The elements in another shape, given as numbers or one tuple; one length may be -1.

    Raises:
        NotImplementedError: an order that is not C.
        TypeError: another keyword.
    """
    order = kwargs.pop("order", "C")
    if kwargs:
        raise TypeError(f"function reshape only supports the keyword order, got {', '.join(kwargs)}")
    _only_c(order, "reshape")
    if not args:
        raise TypeError("reshape() takes exactly 1 argument (0 given)")
    shape = tuple(args[0]) if len(args) == 1 and isinstance(args[0], (tuple, list)) else args
    return reshape_c(self, shape)


def _only_c(order: str, function: str) -> None:
    if order != "C":
        raise NotImplementedError(f"{function} reads elements in C order only, got order={order!r}")


BOTH = (
    sum, prod, mean, std, var, max, min, all, any, argmax, argmin, cumsum, dot, clip, round, argsort, take, repeat,
    squeeze, swapaxes, transpose, flatten, reshape,
)  # fmt: skip


def _transposed(self: Any) -> Any:
    """The array with its axes in reverse order."""
    return call("_np_transpose", (self,), {"axes": None})


def _negative(self: Any) -> Any:
    attrs = {"scalar": -1.0, "is_int": False} if isinstance(self, Symbol) else {"scalar": -1.0}
    return call("_npi_multiply_scalar", (self,), attrs)


# ---------------------------------------------------------------------------------------------- of arrays
def sort(self: ndarray, axis: int | None = -1, kind: str | None = None, order: Any = None) -> None:
    """Puts the elements in order along ``axis``, in place; see ``np.sort``."""
    written(manipulation.sort(self, axis, kind, order), self)


def _astype(
    self: Any, dtype: Any, order: str = "K", casting: str = "unsafe", subok: bool = True, copy: bool = True
) -> Any:
    """The elements as ``dtype``; an array itself where it has that dtype and ``copy`` is False.

    Raises:
        ValueError: another ``order``, ``casting`` or ``subok``.
        TypeError: MXNet has no such dtype.
    """
    if order not in ("K", "C") or casting != "unsafe" or not subok:
        raise ValueError(
            "astype takes order='K' or 'C', casting='unsafe' and subok=True, got "
            f"order={order!r}, casting={casting!r}, subok={subok!r}"
        )
    if isinstance(self, Symbol):
        return call("Cast", (self,), {"dtype": dtype}, hint="cast")
    wanted = torch_dtype(np.float32 if dtype is None else dtype)
    if not copy and self._data.dtype is wanted:
        return self
    return self._like(self._recorded(lambda t: cast(t, wanted)))


def _copy(self: ndarray, order: str = "C") -> ndarray:
    """A copy on the same context.

    Raises:
        NotImplementedError: an order that is not C.
    """
    _only_c(order, "copy")
    return self._like(self._recorded(lambda t: t.clone(memory_format=torch.contiguous_format)))  # type: ignore[return-value]


def reshape_view(self: ndarray, *shape: Any, **kwargs: Any) -> ndarray:
    """The same elements in another shape, shared; see ``NDArray.reshape``."""
    return NDArray.reshape(self, *shape, **kwargs)  # type: ignore[return-value]


def _copyto(self: ndarray, other: Any) -> Any:
    """Copies into an array of mx.np of the same shape, or onto a context; see ``NDArray.copyto``."""
    if isinstance(other, NDArray):
        return NDArray.copyto(self, other.as_np_ndarray())
    return self._like_on(NDArray.copyto(self, other))


def broadcast_to(self: ndarray, shape: Any) -> ndarray:
    """See ``np.broadcast_to``."""
    return manipulation.broadcast_to(self, shape)


def _matmul(self: Any, other: Any) -> Any:
    return products.matmul(self, other)


def _rmatmul(self: Any, other: Any) -> Any:
    return products.matmul(other, self)


def _imatmul(self: Any, other: Any) -> Any:
    return products.matmul(self, other, out=self)


def _bitwise(name: str) -> Callable[..., Any]:
    function = FUNCTIONS[f"bitwise_{name}"]

    def method(self: Any, other: Any) -> Any:
        return function(self, other)

    return method


def _bitwise_in_place(name: str) -> Callable[..., Any]:
    function = FUNCTIONS[f"bitwise_{name}"]

    def method(self: Any, other: Any) -> Any:
        return function(self, other, out=self)

    return method


def as_in_ctx(self: ndarray, ctx: Context) -> Any:
    """This array, or where it is of another context, a copy on that one."""
    return self.as_in_context(ctx)


def _nonzero(self: ndarray) -> tuple[ndarray, ...]:
    """Where the elements are not 0: for each axis an array of indices, int64."""
    return nonzero(self)


def _absent(name: str) -> Callable[..., Any]:
    def method(self: Any, *_: Any, **__: Any) -> Any:
        raise AttributeError(f"{type(self).__name__} of mx.np has no method {name}; np.{name} or npx.{name} may do it")

    method.__name__ = name
    method.__doc__ = f"Not of arrays of mx.np.\n\nRaises:\n    AttributeError: always; see mx.np and mx.npx for {name}."
    return method


# ---------------------------------------------------------------------------------------------- names
_OF_BOTH: dict[str, Any] = {
    **{name: _absent(name) for name in FLUENT},
    **{function.__name__: function for function in BOTH},
    "T": property(_transposed, doc=_transposed.__doc__),
    "astype": _astype,
    "__neg__": _negative,
    "__abs__": lambda self: FUNCTIONS["absolute"](self),
}
_OF_ARRAYS: dict[str, Any] = {
    "as_in_ctx": as_in_ctx,
    "asscalar": _absent("asscalar"), "broadcast_like": _absent("broadcast_like"), "broadcast_to": broadcast_to,
    "copy": _copy, "copyto": _copyto, "nonzero": _nonzero, "reshape_view": reshape_view, "sort": sort,
    "__idiv__": ndarray.__itruediv__, "__matmul__": _matmul, "__rmatmul__": _rmatmul, "__imatmul__": _imatmul,
    "__invert__": lambda self: FUNCTIONS["invert"](self),
    "__round__": lambda self, n=0: manipulation.round(self, n),
    "__floor__": lambda self: FUNCTIONS["floor"](self),
    "__ceil__": lambda self: FUNCTIONS["ceil"](self),
    "__trunc__": lambda self: FUNCTIONS["trunc"](self),
}  # fmt: skip
for _name in ("and", "or", "xor"):
    _OF_ARRAYS[f"__{_name}__"] = _bitwise(_name)
    _OF_ARRAYS[f"__i{_name}__"] = _bitwise_in_place(_name)
for _class, _methods in ((ndarray, _OF_BOTH), (_Symbol, _OF_BOTH), (ndarray, _OF_ARRAYS)):
    for _name, _method in _methods.items():
        setattr(_class, _name, _method)
    _class.__div__, _class.__rdiv__ = _class.__truediv__, _class.__rtruediv__  # type: ignore[method-assign, assignment]
