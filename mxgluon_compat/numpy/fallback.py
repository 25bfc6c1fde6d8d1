"""Functions of ``mx.np`` that NumPy computes, on copies of the arrays, and NumPy's own functions on arrays of mx.np.

NumPy hands its functions on (``__array_function__``, NEP 18, and ``__array_ufunc__``, NEP 13): those that ``mx.np`` has
run here, on the arrays' own device and with gradients; all others are computed by NumPy, and give arrays of mx.np.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import autograd
from ..ndarray import NDArray
from .calls import named
from .creation import array
from .multiarray import ndarray

_NAMES = (
    "allclose", "alltrue", "apply_along_axis", "apply_over_axes", "argpartition", "argwhere", "array_equal",
    "array_equiv", "choose", "compress", "corrcoef", "correlate", "count_nonzero", "cov", "digitize", "divmod",
    "extract", "flatnonzero", "float_power", "frexp", "heaviside", "histogram2d", "histogram_bin_edges", "histogramdd",
    "i0", "in1d", "interp", "intersect1d", "isclose", "isin", "ix_", "lexsort", "min_scalar_type", "modf", "msort",
    "nanargmax", "nanargmin", "nancumprod", "nancumsum", "nanmax", "nanmedian", "nanmin", "nanpercentile", "nanprod",
    "nanquantile", "ndim", "packbits", "partition", "piecewise", "poly", "polyadd", "polydiv", "polyfit", "polyint",
    "polymul", "polysub", "positive", "promote_types", "ptp", "real", "result_type", "rollaxis", "roots",
    "searchsorted", "select", "setdiff1d", "setxor1d", "signbit", "size", "spacing", "take_along_axis", "trapz",
    "tril_indices_from", "trim_zeros", "triu_indices_from", "union1d", "unpackbits", "unwrap", "vander",
)  # fmt: skip
_FINANCIAL = ("mirr", "npv", "ppmt", "pv", "rate")  # gone from NumPy since 1.20
__all__ = [*_NAMES, *_FINANCIAL]
_LINALG_NAMES = ("cond", "lstsq", "matrix_power", "matrix_rank", "multi_dot", "qr")

# What newer versions of NumPy have under another name only.
_RENAMED: dict[str, Callable[..., Any]] = {
    "alltrue": np.all,
    "in1d": lambda ar1, ar2, assume_unique=False, invert=False: np.isin(
        np.ravel(ar1), ar2, assume_unique=assume_unique, invert=invert
    ),
    "msort": lambda a: np.sort(a, axis=0),
    "trapz": getattr(np, "trapezoid", None) or np.trapz,  # type: ignore[attr-defined]  # noqa: NPY201
}

OWN: dict[str, dict[str, Callable[..., Any]]] = {"numpy": {}, "numpy.linalg": {}}
"""Module of NumPy -> the functions that ``mx.np`` computes itself, by their names there; filled by the package."""


def _plain(value: Any) -> Any:
    """The value with NumPy's arrays in the place of ours."""
    if isinstance(value, NDArray):
        return value.asnumpy()
    if isinstance(value, (list, tuple)):
        plain = [_plain(v) for v in value]
        return type(value)(*plain) if hasattr(value, "_fields") else type(value)(plain)
    return {k: _plain(v) for k, v in value.items()} if isinstance(value, dict) else value


def _ours(value: Any, ctx: Any) -> Any:
    """The value with our arrays in the place of NumPy's; numbers stay NumPy's."""
    if isinstance(value, np.ndarray):
        return array(value, ctx=ctx)
    if isinstance(value, (list, tuple)):
        return (
            type(value)([_ours(v, ctx) for v in value])
            if not hasattr(value, "_fields")
            else tuple(_ours(v, ctx) for v in value)
        )
    return value


def _contexts(value: Any) -> Any:
    """The first context among the arrays of a value; None without any."""
    if isinstance(value, NDArray):
        return value._ctx
    values = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return next((ctx for ctx in map(_contexts, values) if ctx is not None), None)


def by_numpy(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """NumPy's function of our arrays, computed by NumPy.

    Raises:
        ValueError: recording; there is no gradient.
    """
    ctx = _contexts((args, kwargs))
    if ctx is not None and autograd.state.recording:
        raise ValueError(
            f"{getattr(function, '__name__', function)} is computed by NumPy and has no gradient: move it out of "
            "autograd.record()"
        )
    return _ours(function(*_plain(args), **_plain(kwargs)), ctx)


def _fallback(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        if _contexts((args, kwargs)) is None:
            return function(*args, **kwargs)  # NumPy's arrays give NumPy's, as in MXNet
        return by_numpy(function, args, kwargs)

    return named(call, name, f"``numpy.{name}``, computed by NumPy on copies: without gradients, whatever the device.")


def _gone(name: str) -> Callable[..., Any]:
    def call(*_: Any, **__: Any) -> Any:
        raise RuntimeError(f"NumPy has no function {name} since version 1.20; the package numpy-financial has it")

    return named(call, name, "Not there.\n\nRaises:\n    RuntimeError: always; numpy-financial has it.")


FALLBACK: dict[str, Callable[..., Any]] = {
    **{name: _fallback(name, _RENAMED.get(name) or getattr(np, name)) for name in _NAMES},
    **{name: _gone(name) for name in _FINANCIAL},
}
"""Functions of ``mx.np`` that NumPy computes."""
LINALG: dict[str, Callable[..., Any]] = {name: _fallback(name, getattr(np.linalg, name)) for name in _LINALG_NAMES}
"""Functions of ``mx.np.linalg`` that NumPy computes."""
# Legacy code has them from here too, and some that are here only.
globals().update(FALLBACK, **{name: _fallback(name, getattr(np, name)) for name in ("nanstd", "nansum", "nanvar")})
globals().update(pmt=_gone("pmt"))


# ---------------------------------------------------------------------------------------------- NumPy's protocols
def _array_function(self: ndarray, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """NumPy's function ``func`` on arrays of mx.np (NEP 18)."""
    own = OWN.get(getattr(func, "__module__", ""), {}).get(func.__name__)
    if own is None:
        return by_numpy(func, args, kwargs)
    if not all(issubclass(t, ndarray) for t in types):
        return NotImplemented
    return own(*args, **kwargs)


def _array_ufunc(self: ndarray, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """NumPy's ufunc on arrays of mx.np (NEP 13)."""
    if method != "__call__":
        return NotImplemented
    own = OWN["numpy"].get(ufunc.__name__)
    if "out" in kwargs:
        (kwargs["out"],) = kwargs["out"] if len(kwargs["out"]) == 1 else (kwargs["out"],)
        if not isinstance(kwargs["out"], ndarray):
            raise TypeError("out must be an array of mx.np: a NumPy array cannot take the result of one")
    if own is not None:
        return own(*inputs, **kwargs)
    # numbers of NumPy count as Python's, whatever its version: the arrays' dtypes tell that of the result
    plain = tuple(x.item() if isinstance(x, (np.number, np.bool_)) else x for x in inputs)
    return by_numpy(ufunc, plain, kwargs)


ndarray.__array_function__ = _array_function  # type: ignore[method-assign]
ndarray.__array_ufunc__ = _array_ufunc  # type: ignore[method-assign]
