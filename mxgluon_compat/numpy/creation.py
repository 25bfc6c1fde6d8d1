"""Functions of ``mx.np`` that make arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from ..base import torch_dtype
from ..context import Context, current_context
from ..ndarray import NDArray
from ..ndarray.invoke import wrap
from ..ndarray.ndarray import as_tensor
from ..symbol import Symbol
from .calls import Face, call, creator, named
from .elementwise import written
from .manipulation import broadcast_arrays
from .multiarray import ndarray

__all__ = [
    "arange", "array", "blackman", "empty", "empty_like", "eye", "full", "full_like", "hamming", "hanning", "identity",
    "indices", "linspace", "logspace", "meshgrid", "ones", "ones_like", "zeros", "zeros_like",
]  # fmt: skip


def array(object: Any, dtype: Any = None, ctx: Context | None = None) -> ndarray:  # noqa: A002 - numpy's name
    """A new array with these values; that of an array of mx.np is recorded as a copy of it.

    Args:
        object: an array of mx.np or numpy, a torch tensor, numbers in nested lists, or one number.
        dtype: default that of an array, float32 for all others.
        ctx: where to; default the current context.

    Raises:
        ValueError: an array of ``mx.nd``.
        TypeError: ``object`` is not array-like.
    """
    if isinstance(object, NDArray) and not isinstance(object, ndarray):
        raise ValueError(
            "an array of mx.nd becomes one of mx.np by its zero-copy method as_np_ndarray(), not by mx.np.array"
        )
    if dtype is None:
        dtype = object.dtype if isinstance(object, (ndarray, np.ndarray, np.generic, torch.Tensor)) else torch.float32
    if isinstance(object, ndarray):
        copy = object.copyto(ctx or current_context())
        return copy if copy.dtype == dtype else copy.astype(dtype)
    tensor, ctx = as_tensor(object, torch_dtype(dtype), ctx)
    return wrap(tensor, ctx, ndarray)  # type: ignore[return-value]


def _c_order(order: str, function: str) -> None:
    if order != "C":
        raise NotImplementedError(f"np.{function} has elements in C order only, got order={order!r}")


@creator
def zeros(
    face: Face, shape: int | Sequence[int], dtype: Any = None, order: str = "C", ctx: Context | None = None
) -> Any:
    """An array of zeros.

    Args:
        shape: a number or a tuple; ``()`` for an array of one element without dimensions.
        dtype: default float32.
        order: ``'C'``.
        ctx: where to; default the current context.

    Raises:
        NotImplementedError: another ``order``.
    """
    _c_order(order, "zeros")
    return face.call("_npi_zeros", (), {"shape": shape, "ctx": ctx, "dtype": dtype or np.float32})


@creator
def ones(
    face: Face, shape: int | Sequence[int], dtype: Any = np.float32, order: str = "C", ctx: Context | None = None
) -> Any:
    """An array of ones; see ``zeros``."""
    _c_order(order, "ones")
    return face.call("_npi_ones", (), {"shape": shape, "ctx": ctx, "dtype": dtype or np.float32})


def empty(shape: int | Sequence[int], dtype: Any = np.float32, order: str = "C", ctx: Context | None = None) -> ndarray:
    """An array of any elements (here zeros); see ``zeros``."""
    return zeros(shape, dtype, order, ctx)


def _like(name: str, a: Any, fill_value: float, dtype: Any, order: str, ctx: Any, out: Any) -> Any:
    _c_order(order, name)
    attrs = {"fill_value": fill_value, "ctx": ctx, **({} if dtype is None else {"dtype": dtype})}
    return call("_npi_full_like", (a,), attrs, out)


def full_like(
    a: Any, fill_value: float, dtype: Any = None, order: str = "C", ctx: Context | None = None, out: Any = None
) -> Any:
    """An array of the shape of ``a`` filled with a number; ``dtype`` is that of ``a`` by default."""
    return _like("full_like", a, fill_value, dtype, order, ctx, out)


def zeros_like(a: Any, dtype: Any = None, order: str = "C", ctx: Context | None = None, out: Any = None) -> Any:
    """An array of the shape of ``a`` filled with zeros; ``dtype`` is that of ``a`` by default."""
    return _like("zeros_like", a, 0, dtype, order, ctx, out)


def ones_like(a: Any, dtype: Any = None, order: str = "C", ctx: Context | None = None, out: Any = None) -> Any:
    """An array of the shape of ``a`` filled with ones; ``dtype`` is that of ``a`` by default."""
    return _like("ones_like", a, 1, dtype, order, ctx, out)


def empty_like(prototype: Any, dtype: Any = None, order: str = "C", subok: bool = False, shape: Any = None) -> Any:
    """An array of the shape of ``prototype`` with any elements (here zeros).

    Raises:
        NotImplementedError: another ``order``; ``subok`` and ``shape``.
    """
    if subok or shape is not None:
        raise NotImplementedError("np.empty_like takes neither subok nor shape")
    return _like("empty_like", prototype, 0, dtype, order, None, None)


@creator
def full(
    face: Face, shape: int | Sequence[int], fill_value: Any, dtype: Any = None, order: str = "C",
    ctx: Context | None = None, out: Any = None,
) -> Any:  # fmt: skip
    """An array filled with a number, or with an array that is broadcast.

    Args:
        shape: a number or a tuple.
        fill_value: number or array.
        dtype: default float32; of a boolean, bool.
        order: ``'C'``.
        ctx: where to; default the current context.
        out: array that takes the result.
    """
    _c_order(order, "full")
    if isinstance(fill_value, (NDArray, Symbol)):
        found = call("_npi_broadcast_to", (fill_value,), {"shape": shape})
        found = found if dtype is None else found.astype(dtype)
        return found if out is None else written(found, out)
    if isinstance(fill_value, (bool, np.bool_)):
        fill_value, dtype = int(fill_value), dtype or np.bool_
    attrs = {"shape": shape, "value": fill_value, "ctx": ctx, "dtype": dtype or np.float32}
    return face.call("_full", (), attrs, out, "full")


@creator
def arange(
    face: Face, start: float, stop: float | None = None, step: float = 1, dtype: Any = None, ctx: Context | None = None
) -> Any:
    """The numbers from ``start`` (0 with one argument) up to ``stop``, without it, in steps of ``step``.

    Args:
        start, stop, step: numbers.
        dtype: default float32.
        ctx: where to; default the current context.

    Raises:
        ZeroDivisionError: a step of 0.
    """
    if start is None and stop is None:
        raise ValueError("start and stop cannot be both None")
    if stop is None:
        start, stop = 0, start
    step = 1 if step is None else step
    if step == 0:
        raise ZeroDivisionError("division by zero")
    attrs = {"start": start or 0, "stop": stop, "step": step, "ctx": ctx, "dtype": dtype or np.float32}
    return face.call("_npi_arange", (), attrs)


def _spaced(
    face: Face, operator: str, start: Any, stop: Any, num: int, endpoint: bool, dtype: Any, axis: int, ctx: Any,
    **more: Any,
) -> Any:  # fmt: skip
    if any(isinstance(x, (list, tuple, np.ndarray, NDArray, Symbol)) for x in (start, stop)):
        raise NotImplementedError("start and stop must be numbers, not arrays")
    if axis != 0:
        raise NotImplementedError("the result has one axis only: axis=0")
    attrs = {"start": start, "stop": stop, "num": num, "endpoint": endpoint, **more, "ctx": ctx}
    if dtype is not None:
        attrs["dtype"] = dtype
    return face.call(operator, (), attrs, None, None if operator.startswith("_npi") else "linspace")


@creator
def linspace(
    face: Face, start: float, stop: float, num: int = 50, endpoint: bool = True, retstep: bool = False,
    dtype: Any = None, axis: int = 0, ctx: Context | None = None,
) -> Any:  # fmt: skip
    """``num`` numbers at equal distances from ``start`` to ``stop``; with ``retstep`` (they, the distance).

    Args:
        start, stop: numbers.
        num: how many.
        endpoint: whether ``stop`` is the last one.
        retstep: whether to give the distance too.
        dtype: default float32.
        axis: 0.
        ctx: where to; default the current context.

    Raises:
        NotImplementedError: arrays, another axis.
    """
    found = _spaced(face, "_linspace", start, stop, num, endpoint, dtype, axis, ctx)
    if not retstep:
        return found
    return found, (stop - start) / (num - 1 if endpoint else num)


@creator
def logspace(
    face: Face, start: float, stop: float, num: int = 50, endpoint: bool = True, base: float = 10.0, dtype: Any = None,
    axis: int = 0, ctx: Context | None = None,
) -> Any:  # fmt: skip
    """``base`` to the power of ``linspace(start, stop, num, endpoint)``."""
    return _spaced(face, "_npi_logspace", start, stop, num, endpoint, dtype, axis, ctx, base=base)


@creator
def eye(face: Face, N: int, M: int | None = None, k: int = 0, dtype: Any = np.float32, **kwargs: Any) -> Any:  # noqa: N803
    """The (N, M) matrix with ones on its ``k``-th diagonal; M is N by default.

    Raises:
        NotImplementedError: an order that is not C.
        TypeError: another keyword than ``ctx`` and ``order``.
    """
    _c_order(kwargs.pop("order", "C"), "eye")
    ctx = kwargs.pop("ctx", None)
    if kwargs:
        raise TypeError(f"eye() got an unexpected keyword argument '{next(iter(kwargs))}'")
    return face.call("_npi_eye", (), {"N": N, "M": M, "k": k, "ctx": ctx, "dtype": dtype or np.float32})


@creator
def identity(face: Face, n: int, dtype: Any = None, ctx: Context | None = None) -> Any:
    """The (n, n) matrix with ones on its diagonal."""
    if not isinstance(n, (int, np.integer)):
        raise TypeError(f"n must be a number, got {type(n)}")
    if n < 0:
        raise ValueError(f"n must not be negative, got {n}")
    return face.call("_npi_identity", (), {"shape": (n, n), "ctx": ctx, "dtype": dtype or np.float32})


@creator
def indices(face: Face, dimensions: Sequence[int], dtype: Any = np.int32, ctx: Context | None = None) -> Any:
    """The indices of all elements of an array of that shape: (number of axes, *dimensions).

    Raises:
        ValueError: ``dimensions`` is no tuple.
    """
    if not isinstance(dimensions, (tuple, list)):
        raise ValueError(f"The dimensions must be a sequence of numbers, got {dimensions}")
    return face.call("_npi_indices", (), {"dimensions": dimensions, "ctx": ctx, "dtype": dtype or np.int32})


def _window(name: str) -> Any:
    def function(face: Face, M: int, dtype: Any = np.float32, ctx: Context | None = None) -> Any:  # noqa: N803
        return face.call(f"_npi_{name}", (), {"M": M, "ctx": ctx, "dtype": dtype or np.float32})

    return creator(named(function, name, f"``numpy.{name}``: a window of M points, in ``dtype``, on ``ctx``."))


blackman, hamming, hanning = (_window(name) for name in ("blackman", "hamming", "hanning"))


def meshgrid(*xi: Any, **kwargs: Any) -> list[Any]:
    """Coordinates of a grid from those of its axes: a list of arrays with one axis for each of ``xi``.

    Args:
        xi: arrays of one or no dimension.
        indexing: ``'xy'``: the first two axes are exchanged; or ``'ij'``.
        sparse: whether the arrays keep length 1 along the others' axes.
        copy: True.

    Raises:
        ValueError: another ``indexing``.
        TypeError: another keyword.
        NotImplementedError: ``copy=False``.
    """
    copy, sparse, indexing = kwargs.pop("copy", True), kwargs.pop("sparse", False), kwargs.pop("indexing", "xy")
    if kwargs:
        raise TypeError(f"meshgrid() got an unexpected keyword argument '{next(iter(kwargs))}'")
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    if not copy:
        raise NotImplementedError("np.meshgrid always makes copies: copy=True")
    ndim = len(xi)
    places = list(range(ndim))
    if indexing == "xy" and ndim > 1:
        places[:2] = [1, 0]
    found = [x.reshape((1,) * place + (-1,) + (1,) * (ndim - place - 1)) for x, place in zip(xi, places, strict=True)]
    return found if sparse else broadcast_arrays(*found)
