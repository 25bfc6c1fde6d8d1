"""Functions of ``mx.np`` that give arrays other shapes, orders and places, join and cut them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..base import numeric_types
from ..ndarray import NDArray
from ..symbol import Symbol
from .calls import call, face_of, named, refuse
from .elementwise import written
from .multiarray import ndarray

__all__ = [
    "append", "around", "array_split", "atleast_1d", "atleast_2d", "atleast_3d", "broadcast_arrays", "broadcast_to",
    "clip", "column_stack", "concatenate", "copy", "delete", "diag", "diag_indices_from", "diagflat", "diagonal",
    "dsplit", "dstack", "expand_dims", "flip", "fliplr", "flipud", "hsplit", "hstack", "insert", "moveaxis",
    "nan_to_num", "pad", "ravel", "repeat", "reshape", "roll", "rot90", "round", "round_", "row_stack", "sort",
    "argsort", "split", "squeeze", "stack", "swapaxes", "take", "tile", "trace", "transpose", "tril", "vsplit",
    "vstack", "where",
]  # fmt: skip

Numbers = int | Sequence[int]


# ---------------------------------------------------------------------------------------------- shapes
def reshape_c(a: Any, newshape: Numbers) -> Any:
    """``reshape`` of a method: the order is written down too."""
    return call("_np_reshape", (a,), {"newshape": newshape, "order": "C"})


def reshape(a: Any, newshape: Numbers, order: str = "C", out: Any = None) -> Any:
    """The same elements in another shape, of which one length may be -1: whatever fits.

    Raises:
        NotImplementedError: an order that is not C.
        MXNetError: another number of elements.
    """
    if order != "C":
        raise NotImplementedError(f"np.reshape reads elements in C order only, got order={order!r}")
    return call("_np_reshape", (a,), {"newshape": newshape}, out)


def _array_or_symbol(x: Any) -> None:
    """Raises TypeError for another type, where MXNet takes numbers too."""
    if not isinstance(x, (NDArray, Symbol)):
        refuse(x)


def ravel(x: Any, order: str = "C") -> Any:
    """The elements in one dimension.

    Raises:
        NotImplementedError: an order that is not C.
        TypeError: x is no array.
    """
    if order == "F":
        raise NotImplementedError("np.ravel reads elements in C order only, got order='F'")
    if isinstance(x, numeric_types):
        return np.reshape(x, -1)
    _array_or_symbol(x)
    return call("_npx_reshape", (x,), {"newshape": -1}, hint="reshape")


def transpose(a: Any, axes: Sequence[int] | None = None) -> Any:
    """The array with its axes in that order; None: reversed."""
    return call("_np_transpose", (a,), {} if axes is None else {"axes": axes})


def moveaxis(a: Any, source: Numbers, destination: Numbers) -> Any:
    """The array with some axes at other places.

    Raises:
        ValueError: not as many sources as destinations.
    """
    if not isinstance(source, int) and len(source) != len(destination):  # type: ignore[arg-type]
        raise ValueError("`source` and `destination` arguments must have the same number of elements")
    return call("_np_moveaxis", (a,), {"source": source, "destination": destination})


def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """The array with two axes exchanged."""
    return call("SwapAxis", (a,), {"dim1": axis1, "dim2": axis2}, hint="swapaxes")


def squeeze(a: Any, axis: int | Sequence[int] | None = None, out: Any = None) -> Any:
    """The array without axes of length 1: those named, or all."""
    return call("_np_squeeze", (a,), {} if axis is None else {"axis": axis}, out)


def expand_dims(a: Any, axis: int) -> Any:
    """The array with an axis of length 1 more, at place ``axis``."""
    return call("expand_dims", (a,), {"axis": axis})


def broadcast_to(array: Any, shape: Numbers) -> Any:
    """The array repeated along axes of length 1, and along new ones before the first, up to ``shape``."""
    if isinstance(array, numeric_types):
        from .creation import full  # which stands on this module

        return full(shape, array)
    return call("_npi_broadcast_to", (array,), {"shape": shape})


def broadcast_arrays(*args: Any) -> list[Any]:
    """The arrays in the shape that all of them are broadcast to."""
    shape = np.broadcast_shapes(*(a.shape for a in args))
    return [broadcast_to(a, shape) for a in args]


def _atleast(name: str, count: int) -> Callable[..., Any]:
    def function(*arys: Any) -> Any:
        found = call(f"_np_{name}", arys)
        return found if len(arys) > 1 or not isinstance(found, list) else found[0]

    return named(function, name, f"Each array with {count} axes or more; a list of them where there are several.")


atleast_1d, atleast_2d, atleast_3d = (_atleast(f"atleast_{n}d", n) for n in (1, 2, 3))


# ---------------------------------------------------------------------------------------------- joining
def _joined(operator: str, arrays: Any, attrs: dict[str, Any], out: Any = None) -> Any:
    if isinstance(arrays, (ndarray, Symbol)):
        arrays = list(arrays)
    return face_of(arrays).call(operator, list(arrays), attrs, out)


def concatenate(seq: Sequence[Any], axis: int | None = 0, out: Any = None) -> Any:
    """The arrays one after the other along ``axis``; None: the flat ones."""
    return _joined("_npi_concatenate", seq, {"axis": axis}, out)


def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """``values`` behind ``arr`` along ``axis``; None: the flat ones."""
    return concatenate((arr, values), axis)


def stack(arrays: Sequence[Any], axis: int = 0, out: Any = None) -> Any:
    """The arrays, of one shape, side by side along a new axis."""
    return _joined("_npi_stack", arrays, {"axis": axis}, out)


def vstack(arrays: Sequence[Any], out: Any = None) -> Any:
    """The arrays (vectors as rows) below each other."""
    return _joined("_npi_vstack", arrays, {}, out)


def row_stack(arrays: Sequence[Any]) -> Any:
    """See ``vstack``."""
    return vstack(arrays)


def hstack(arrays: Sequence[Any]) -> Any:
    """The arrays side by side: along the second axis, vectors along their first."""
    return _joined("_npi_hstack", arrays, {})


def dstack(arrays: Sequence[Any]) -> Any:
    """The arrays, with three axes or more, along the third axis."""
    return _joined("_npi_dstack", arrays, {})


def column_stack(tup: Sequence[Any]) -> Any:
    """The arrays (vectors as columns) side by side."""
    return _joined("_npi_column_stack", tup, {})


# ---------------------------------------------------------------------------------------------- cutting
def _cut(operator: str, ary: Any, indices_or_sections: Any, axis: int, *, equal: bool = True) -> list[Any]:
    """The parts as a list: so many equal ones, or those that begin at indices.

    Raises:
        ValueError: parts that are not equal.
        TypeError: neither a number nor indices.
    """
    attrs: dict[str, Any] = {"axis": axis, "squeeze_axis": False}
    if isinstance(indices_or_sections, (tuple, list, set, np.ndarray)):
        attrs |= {"indices": [0, *map(int, indices_or_sections)], "sections": 0}
    elif isinstance(indices_or_sections, (int, np.integer)):
        sections = int(indices_or_sections)
        if sections <= 0:
            raise ValueError(f"the number of sections must be larger than 0, got {sections}")
        attrs |= {"indices": [], "sections": sections}
        length = None if isinstance(ary, Symbol) and not ary._is_traced else ary.shape[axis]
        if length is not None and length % sections:
            if equal:
                raise ValueError("array split does not result in an equal division")
            size, larger = divmod(length, sections)
            begins = [i * size + (i if i < larger else larger) for i in range(sections)]
            attrs |= {"indices": begins, "sections": 0}
    else:
        raise ValueError(f"indices_or_sections must be a number or a tuple of them, got {type(indices_or_sections)}")
    found = call(operator, (ary,), attrs, hint=None if operator.startswith("_npi") else "split")
    return list(found) if len(attrs["indices"]) > 1 or attrs["sections"] > 1 else [found]


def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """The array cut along ``axis`` into so many equal parts, or before each of the indices.

    Raises:
        ValueError: the parts would not be equal.
    """
    return _cut("_split_v2", ary, indices_or_sections, axis)


def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """``split`` into parts that need not be equal: the first ones are longer by one."""
    return _cut("_split_v2", ary, indices_or_sections, axis, equal=False)


def vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """``split`` along the first axis, of two axes or more.

    Raises:
        ValueError: a vector.
    """
    if not isinstance(ary, Symbol) and ary.ndim < 2:
        raise ValueError("vsplit only works on arrays of 2 or more dimensions")
    return split(ary, indices_or_sections, 0)


def hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """``split`` along the second axis, of vectors along their first.

    Raises:
        ValueError: an array without axes.
    """
    if not isinstance(ary, Symbol) and ary.ndim < 1:
        raise ValueError("hsplit only works on arrays of 1 or more dimensions")
    axis = 0 if not isinstance(ary, Symbol) and ary.ndim == 1 else 1
    if isinstance(ary, Symbol):
        return _cut("_npi_hsplit", ary, indices_or_sections, axis)
    return split(ary, indices_or_sections, axis)


def dsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """``split`` along the third axis.

    Raises:
        ValueError: fewer axes.
    """
    if isinstance(ary, Symbol):
        return _cut("_npi_dsplit", ary, indices_or_sections, 2)
    if ary.ndim < 3:
        raise ValueError("dsplit only works on arrays of 3 or more dimensions")
    return split(ary, indices_or_sections, 2)


# ---------------------------------------------------------------------------------------------- order
def flip(m: Any, axis: Numbers | None = None, out: Any = None) -> Any:
    """The elements in reverse order along ``axis`` (a number, a tuple, or None for all)."""
    if isinstance(m, numeric_types):
        return np.flip(np.asarray(m), axis)  # type: ignore[arg-type]
    _array_or_symbol(m)
    return call("_npi_flip", (m,), {"axis": axis}, out)


def flipud(m: Any) -> Any:
    """The elements in reverse order along the first axis."""
    return flip(m, 0)


def fliplr(m: Any) -> Any:
    """The elements in reverse order along the second axis."""
    return flip(m, 1)


def roll(a: Any, shift: Numbers, axis: Numbers | None = None) -> Any:
    """The elements moved by ``shift`` places along ``axis`` (None: in the flat array), the last ones to the front."""
    return call("_np_roll", (a,), {"shift": shift} if axis is None else {"shift": shift, "axis": axis})


def rot90(m: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Any:
    """The array turned ``k`` times by 90 degrees, from the first of the axes to the second."""
    return call("_npi_rot90", (m,), {"k": k, "axes": axes})


def sort(a: Any, axis: int | None = -1, kind: str | None = None, order: Any = None) -> Any:
    """The elements in order along ``axis`` (None: of the flat array); ``kind`` makes no difference.

    Raises:
        NotImplementedError: ``order``.
    """
    if order is not None:
        raise NotImplementedError("np.sort: arrays have no fields; order is not supported")
    return call("sort", (a,), {"axis": axis, "is_ascend": True})


def argsort(a: Any, axis: int | None = -1, kind: str | None = None, order: Any = None) -> Any:
    """Where the elements in order along ``axis`` come from, int64; see ``sort``."""
    if order is not None:
        raise NotImplementedError("np.argsort: arrays have no fields; order is not supported")
    return call("argsort", (a,), {"axis": axis, "is_ascend": True, "dtype": "int64"})


# ---------------------------------------------------------------------------------------------- more and fewer elements
def tile(A: Any, reps: Numbers) -> Any:  # noqa: N803 - numpy's name
    """The array repeated ``reps`` times along each axis."""
    if isinstance(A, numeric_types):
        return np.tile(A, reps)
    _array_or_symbol(A)
    return call("tile", (A,), {"reps": reps})


def repeat(a: Any, repeats: Numbers, axis: int | None = None) -> Any:
    """Each element ``repeats`` times along ``axis`` (None: of the flat array)."""
    return call("repeat", (a,), {"repeats": repeats, **({} if axis is None else {"axis": axis})})


_PAD_KEYWORDS = {
    "constant": ("constant_values",), "edge": (), "linear_ramp": (), "maximum": ("stat_length",), "mean": (),
    "median": (), "minimum": ("stat_length",), "reflect": ("reflect_type",), "symmetric": ("reflect_type",),
    "wrap": (), "empty": (),
}  # fmt: skip


def pad(x: Any, pad_width: Any = None, mode: str = "constant", **kwargs: Any) -> Any:
    """The array with more elements around it.

    Args:
        x: array.
        pad_width: ``((before, after), ...)`` for each axis, or ``(before, after)`` for all.
        mode: ``'constant'``, ``'edge'``, ``'reflect'``, ``'symmetric'``, ``'maximum'`` or ``'minimum'``.
        constant_values: the number that is put there, 0 by default.
        reflect_type: ``'even'``.

    Raises:
        TypeError: a ``pad_width`` that is no tuple.
        ValueError: another mode or keyword.
    """
    if not isinstance(pad_width, tuple):
        raise TypeError(f"`pad_width` must be a tuple, got {type(pad_width)}")
    if mode not in _PAD_KEYWORDS or mode in ("linear_ramp", "wrap", "median", "mean", "empty"):
        raise ValueError(f"np.pad has no mode {mode!r}; there are constant, edge, reflect, symmetric, maximum, minimum")
    unknown = set(kwargs) - set(_PAD_KEYWORDS[mode])
    if unknown:
        raise ValueError(f"unsupported keyword arguments for mode '{mode}': {sorted(unknown)}")
    if len(pad_width) == 2 and all(isinstance(n, (int, np.integer)) for n in pad_width):
        pad_width = (pad_width,)
    attrs: dict[str, Any] = {"pad_width": pad_width, "mode": mode}
    if mode == "constant":
        attrs["constant_value"] = kwargs.get("constant_values", 0)
    elif kwargs.get("reflect_type", "even") != "even":
        raise ValueError(f"np.pad has reflect_type='even' only, got {kwargs['reflect_type']!r}")
    elif kwargs.get("stat_length") is not None:
        raise ValueError("np.pad takes maxima and minima of whole axes; stat_length is not supported")
    if mode in ("reflect", "symmetric"):
        attrs["reflect_type"] = "even"
    return call("_npi_pad", (x,), attrs)


def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """``values`` put before the places ``obj`` along ``axis`` (None: of the flat array).

    Args:
        arr: array.
        obj: a number, a slice or an array of integers.
        values: a number or an array.
        axis: along which.

    Raises:
        TypeError: another ``obj``.
    """
    attrs: dict[str, Any] = {"axis": axis}
    is_number = isinstance(values, numeric_types)
    if is_number:
        attrs["val"] = values
    elif not isinstance(values, (ndarray, Symbol)):
        raise TypeError(f"values must be a number or an array of mx.np, got {type(values)}")
    inputs = (arr, None if is_number else values)
    if isinstance(obj, slice):
        attrs |= {"start": obj.start, "stop": obj.stop, "step": obj.step or 1}
        return call("_npi_insert_slice", inputs, attrs)
    if isinstance(obj, (int, np.integer)):
        return call("_npi_insert_scalar", inputs, {**attrs, "int_ind": int(obj)})
    if isinstance(obj, (ndarray, Symbol)):
        return call("_npi_insert_tensor", (arr, obj, None) if is_number else (arr, values, obj), attrs)
    raise TypeError(f"obj must be a number, a slice or an array of integers, got {type(obj)}")


def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """The array without the places ``obj`` along ``axis`` (None: of the flat array).

    Args:
        arr: array.
        obj: a number, a slice or an array of integers.
        axis: along which.

    Raises:
        TypeError: another ``obj``; arr is no array.
    """
    if not isinstance(arr, (ndarray, Symbol)):
        refuse(arr)
    if isinstance(obj, slice):
        attrs = {"start": obj.start, "stop": obj.stop, "step": obj.step or 1, "axis": axis}
        return call("_npi_delete", (arr, None), attrs)
    if isinstance(obj, (int, np.integer)):
        return call("_npi_delete", (arr, None), {"int_ind": int(obj), "axis": axis})
    if isinstance(obj, (ndarray, Symbol)):
        return call("_npi_delete", (arr, obj), {"axis": axis})
    raise TypeError(f"obj must be a number, a slice or an array of integers, got {type(obj)}")


# ---------------------------------------------------------------------------------------------- diagonals
def diag(array: Any, k: int = 0) -> Any:
    """The ``k``-th diagonal of a matrix; of a vector, the matrix that has it there."""
    return call("_np_diag", (array,), {"k": k} if k else {})


def diagflat(array: Any, k: int = 0) -> Any:
    """The matrix with the elements of the flat array on its ``k``-th diagonal."""
    return call("_np_diagflat", (array,), {"k": k} if k else {})


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonals over two axes, along the last axis of the result."""
    attrs = {"offset": offset, "axis1": axis1, "axis2": axis2}
    return call("_np_diagonal", (a,), {} if (offset, axis1, axis2) == (0, 0, 1) else attrs)


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, out: Any = None) -> Any:
    """The sums of the diagonals over two axes."""
    attrs = {"offset": offset or None, "axis1": axis1 or None, "axis2": axis2 if axis2 != 1 else None}
    return call("_np_trace", (a,), {k: v for k, v in attrs.items() if v is not None}, out)


def tril(m: Any, k: int = 0) -> Any:
    """The elements on the ``k``-th diagonal and below it, 0 elsewhere."""
    return call("_npi_tril", (m,), {"k": k})


def diag_indices_from(arr: Any) -> Any:
    """The indices of the main diagonal: a tuple with one array of integers for each axis."""
    found = call("_npi_diag_indices_from", (arr,))
    return found if isinstance(arr, Symbol) else tuple(found)


# ---------------------------------------------------------------------------------------------- elements
def take(a: Any, indices: Any, axis: int | None = None, mode: str = "raise", out: Any = None) -> Any:
    """The elements, or slices along ``axis``, at these indices.

    Args:
        a: array.
        indices: array of integers, of any shape.
        axis: along which; None: in the flat array.
        mode: what becomes of indices beyond the ends: ``'clip'`` takes the nearest, ``'wrap'`` counts on from the other
            end, ``'raise'`` refuses them.
        out: array that takes the result.

    Raises:
        NotImplementedError: another mode.
        MXNetError: an index beyond the ends, with ``'raise'``.
    """
    if mode not in ("wrap", "clip", "raise"):
        raise NotImplementedError(f"function take does not support mode '{mode}'; there are clip, wrap and raise")
    if axis is None:
        a, axis = call("_npx_reshape", (a,), {"newshape": -1}, hint="reshape"), 0
    return call("take", (a, indices), {"axis": axis, "mode": mode}, out)


def copy(a: Any, out: Any = None) -> Any:
    """A copy."""
    return call("_np_copy", (a,), {}, out)


def around(x: Any, decimals: int = 0, out: Any = None, **kwargs: Any) -> Any:
    """x rounded to so many decimals, halves to the even digit.

    Raises:
        TypeError: x is neither array nor number.
        MXNetError: another keyword.
    """
    if isinstance(x, numeric_types):
        return np.around(x, decimals, **kwargs)
    _array_or_symbol(x)
    return call("_npi_around", (x,), {"decimals": decimals, **kwargs}, out)


@functools.wraps(around)
def round(x: Any, decimals: int = 0, out: Any = None, **kwargs: Any) -> Any:  # noqa: A001 - numpy's name
    return around(x, decimals, out, **kwargs)


@functools.wraps(around)
def round_(x: Any, decimals: int = 0, out: Any = None, **kwargs: Any) -> Any:
    return around(x, decimals, out, **kwargs)


round.__name__ = round.__qualname__ = "round"
round_.__name__ = round_.__qualname__ = "round_"


def clip(a: Any, a_min: float | None, a_max: float | None, out: Any = None) -> Any:
    """The elements of a, at least ``a_min`` and at most ``a_max``; None: no bound.

    Raises:
        ValueError: neither bound is given.
    """
    if isinstance(a, numeric_types):
        return np.clip(a, a_min, a_max, out=out)
    if a_min is None and a_max is None:
        raise ValueError("array_clip: must set either max or min")
    if isinstance(a, numeric_types):
        return np.clip(a, a_min, a_max)
    low = float("-inf") if a_min is None else a_min
    high = float("inf") if a_max is None else a_max
    return call("clip", (a,), {"a_min": low, "a_max": high}, out)


def nan_to_num(
    x: Any, copy: bool = True, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None, **kwargs: Any
) -> Any:
    """x with numbers for NaN and the infinities (None: the dtype's largest); without ``copy`` written into x itself.

    Raises:
        TypeError: x is neither array nor number; another keyword.
    """
    if kwargs:
        raise TypeError(f"nan_to_num() got an unexpected keyword argument '{next(iter(kwargs))}'")
    if isinstance(x, numeric_types):
        return np.nan_to_num(x, copy, nan, posinf, neginf)
    _array_or_symbol(x)
    attrs = {"copy": copy, "nan": nan, "posinf": posinf, "neginf": neginf}
    found = call("_npi_nan_to_num", (x,), attrs)
    return found if copy or isinstance(x, Symbol) else written(found, x)


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """x where the condition is not 0, else y, all broadcast; with neither, where the condition is not 0.

    Args:
        condition: array or number.
        x, y: arrays or numbers; both or none.

    Raises:
        ValueError: only one of x and y.
    """
    if x is None and y is None:
        if isinstance(condition, Symbol):
            raise TypeError("np.where of a symbol needs x and y")
        from .indexing import nonzero

        return nonzero(condition)
    if x is None or y is None:
        raise ValueError("Either both or neither of x and y should be given")
    for value in (condition, x, y):
        if not isinstance(value, (ndarray, Symbol, *numeric_types)):
            refuse(value)
    if isinstance(condition, numeric_types):
        return x if condition else y
    if isinstance(x, numeric_types):
        if isinstance(y, numeric_types):
            return call("_npi_where_scalar2", (condition,), {"x": float(x), "y": float(y)})
        return call("_npi_where_lscalar", (condition, y), {"scalar": float(x)})
    if isinstance(y, numeric_types):
        return call("_npi_where_rscalar", (condition, x), {"scalar": float(y)})
    return call("_npi_where", (condition, x, y))
