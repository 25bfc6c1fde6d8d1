"""Comparisons of arrays that say where they differ most."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..base import MXNetError
from ..ndarray import NDArray
from ..symbol import Symbol
from .settings import get_atol, get_etol, get_rtol, get_tols

__all__ = [
    "almost_equal", "assert_allclose", "assert_almost_equal", "assert_almost_equal_ignore_nan",
    "assert_almost_equal_with_err", "assert_exception", "checkShapes", "compare_ndarray_tuple", "locationError", "same",
    "same_array", "same_symbol_structure",
]  # fmt: skip

# Errors are measured in tolerances; where both tolerances are 0, in these.
_LEAST = 1e-20


# ---------------------------------------------------------------------------------------------- whether
def _plain(a: Any) -> Any:
    return a.asnumpy() if isinstance(a, NDArray) else a


def same(a: Any, b: Any) -> bool:
    """Whether shapes and all elements are equal."""
    return np.array_equal(_plain(a), _plain(b))


def almost_equal(
    a: Any, b: Any, rtol: float | None = None, atol: float | None = None, equal_nan: bool = False,
    use_broadcast: bool = True,
) -> bool:  # fmt: skip
    """Whether ``|a - b| <= atol + rtol * |b|`` everywhere; tolerances default to those of float64.

    Args:
        a, b: arrays, numbers.
        rtol, atol: tolerances.
        equal_nan: whether NaN is equal to NaN.
        use_broadcast: whether their shapes may differ.

    Raises:
        AssertionError: other shapes, without ``use_broadcast``.
        ValueError: shapes that do not go together.
    """
    a, b = _plain(a), _plain(b)
    if not use_broadcast:
        checkShapes(a, b)
    return bool(np.allclose(a, b, get_rtol(rtol), get_atol(atol), equal_nan))


def same_array(array1: NDArray, array2: NDArray) -> bool:
    """Whether two arrays are one: they share their elements (one is changed for a moment to find out)."""
    array1[:] += 1
    shared = same(array1, array2)
    array1[:] -= 1
    return shared and same(array1, array2)


def same_symbol_structure(sym1: Symbol, sym2: Symbol) -> bool:
    """Whether two graphs have the same operators in the same order.

    As in MXNet, only as far as the shorter one goes; names, attributes and who feeds whom are not looked at.
    """
    ours, theirs = (json.loads(symbol.tojson()) for symbol in (sym1, sym2))
    return all(one["op"] == two["op"] for one, two in zip(ours["nodes"], theirs["nodes"], strict=False))


# ---------------------------------------------------------------------------------------------- where
def locationError(  # noqa: N802 - MXNet's name
    a: Any, b: Any, index: tuple[int, ...], names: Sequence[str], maxError: bool = False  # noqa: N803
) -> str:  # fmt: skip
    """The line that says what two arrays hold at a place."""
    which = "maximum " if maxError else ""
    return f"Location of {which}error: {index}, {names[0]}={a[index]:.8f}, {names[1]}={b[index]:.8f}"


def _errors(a: Any, b: Any, rtol: float, atol: float) -> Any:
    """How many tolerances apart the elements are."""
    a, b = (np.asarray(x).astype(np.int64) if np.asarray(x).dtype.kind == "u" else x for x in (a, b))
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        return np.abs(a - b) / (atol + rtol * np.abs(b) + _LEAST)


def _message(title: str, a: Any, b: Any) -> str:
    with np.printoptions(threshold=4, suppress=True):
        return np.testing.build_err_msg([a, b], err_msg=title)


def _refuse(
    a: Any, b: Any, rtol: float, atol: float, names: Sequence[str], equal_nan: bool, mismatches: tuple[int, int]
) -> None:
    """Prints the places where the arrays differ most and raises AssertionError.

    Args:
        mismatches: (how many places are printed, how many are counted; 0 for all).
    """
    title = "Error {:f} exceeds tolerance rtol={:e}, atol={:e}"
    if not np.ndim(a) and not np.ndim(b):
        a, b = np.asarray(a).item(), np.asarray(b).item()
        raise AssertionError(_message(title.format(float(_errors(a, b, rtol, atol)), rtol, atol) + ".\n", a, b))
    a_all, b_all = np.broadcast_arrays(a, b)
    size = a_all.size
    errors = _errors(a_all, b_all, rtol, atol)
    wrong = np.flatnonzero(~np.isclose(a_all, b_all, rtol, atol, equal_nan))
    rank = np.where(np.isnan(errors), np.inf, errors).ravel()[wrong]
    is_nan = np.isnan(errors.ravel()[wrong])
    worst = wrong[np.lexsort((wrong, -rank, ~is_nan))]  # NaN first, then the largest
    shown, counted = mismatches
    number = len(worst) if counted <= 0 else min(len(worst), counted + 1)
    places = [tuple(int(i) for i in np.unravel_index(flat, errors.shape)) for flat in worst[:number]]
    print(f"\n*** Maximum errors for vector of size {size}:  rtol={rtol}, atol={atol}\n")
    for i, place in enumerate(places[: min(shown, counted) if counted > 0 else shown], 1):
        print(f"{i:3d}: Error {errors[place]:f}  {locationError(a_all, b_all, place, names)}")
    least = "at least " if 0 < counted < number else ""
    text = title.format(errors[places[0]], rtol, atol) + f" (mismatch {least}{100 * number / size:f}%).\n"
    raise AssertionError(_message(text + locationError(a_all, b_all, places[0], names, maxError=True), a, b))


def checkShapes(a: Any, b: Any) -> None:  # noqa: N802 - MXNet's name
    """Raises AssertionError where two arrays differ in shape."""
    if a.shape != b.shape:
        text = f"a.shape = {tuple(a.shape)} and b.shape = {tuple(b.shape)} are not equal"
        raise AssertionError(_message(text, _plain(a), _plain(b)))


# ---------------------------------------------------------------------------------------------- asserted
def assert_almost_equal(
    a: Any,
    b: Any,
    rtol: Any = None,
    atol: Any = None,
    names: Sequence[str] = ("a", "b"),
    equal_nan: bool = False,
    use_broadcast: bool = True,
    mismatches: tuple[int, int] = (10, 10),
) -> None:
    """Raises AssertionError unless ``|a - b| <= atol + rtol * |b|`` everywhere; its message names the worst place.

    Args:
        a, b: arrays (NDArray, numpy), numbers.
        rtol, atol: tolerances: numbers, dicts by dtype, or None for those of the less precise dtype.
        names: what the arrays are called in the message.
        equal_nan: whether NaN is equal to NaN.
        use_broadcast: whether numpy arrays may differ in shape.
        mismatches: how many places are printed, and how many are counted (0: all).

    Raises:
        AssertionError: they differ, or have other shapes without ``use_broadcast``.
        MXNetError: NDArrays of other shapes.
        AttributeError: neither array nor number.
    """
    rtol, atol = get_tols(a, b, rtol, atol)
    if not use_broadcast:
        checkShapes(a, b)
    if isinstance(a, NDArray) and isinstance(b, NDArray) and a.shape != b.shape:
        raise MXNetError(f"arrays of different shapes are compared: {names[0]} {a.shape}, {names[1]} {b.shape}")
    a, b = _plain(a), _plain(b)
    if getattr(a, "dtype", None) == np.bool_ and getattr(b, "dtype", None) == np.bool_:
        np.testing.assert_equal(a, b)
        return
    with np.errstate(invalid="ignore"):
        if np.allclose(a, b, rtol, atol, equal_nan):
            return
    _refuse(a, b, rtol, atol, names, equal_nan, mismatches)


def assert_allclose(a: Any, b: Any, rtol: float = 1e-07, atol: float = 0, equal_nan: bool = True) -> None:
    """``assert_almost_equal`` with the defaults of ``numpy.testing.assert_allclose``."""
    assert_almost_equal(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)


def assert_almost_equal_with_err(
    a: Any,
    b: Any,
    rtol: Any = None,
    atol: Any = None,
    etol: float | None = None,
    names: Sequence[str] = ("a", "b"),
    equal_nan: bool = False,
    mismatches: tuple[int, int] = (10, 10),
) -> None:
    """``assert_almost_equal``, but a share ``etol`` of the elements may differ.

    Raises:
        AssertionError: more differ.
    """
    etol = get_etol(etol)
    if etol > 0:
        rtol, atol = get_tols(a, b, rtol, atol)
        a, b = _plain(a), _plain(b)
        close = np.isclose(a, b, rtol, atol, equal_nan)
        if 1 - np.count_nonzero(close) / close.size <= etol:
            return
    assert_almost_equal(a, b, rtol, atol, names, equal_nan, mismatches=mismatches)


def assert_almost_equal_ignore_nan(
    a: Any, b: Any, rtol: Any = None, atol: Any = None, names: Sequence[str] = ("a", "b")
) -> None:
    """``assert_almost_equal`` of what is a number in both arrays."""
    a, b = np.copy(_plain(a)), np.copy(_plain(b))
    either = np.isnan(a) | np.isnan(b)
    a[either] = b[either] = 0
    assert_almost_equal(a, b, rtol, atol, names)


def compare_ndarray_tuple(t1: Any, t2: Any, rtol: Any = None, atol: Any = None) -> None:
    """``assert_almost_equal`` of arrays in nested tuples; None goes with anything.

    Raises:
        AssertionError: arrays differ.
    """
    if t1 is None or t2 is None:
        return
    if isinstance(t1, tuple):
        for first, second in zip(t1, t2, strict=False):
            compare_ndarray_tuple(first, second, rtol, atol)
    else:
        assert_almost_equal(t1, t2, rtol=rtol, atol=atol)


def assert_exception(f: Callable[..., Any], exception_type: Any, *args: Any, **kwargs: Any) -> None:
    """Raises AssertionError unless ``f(*args, **kwargs)`` raises an ``exception_type``; other errors come through."""
    try:
        f(*args, **kwargs)
    except exception_type:
        return
    raise AssertionError(f"{getattr(f, '__name__', f)} did not raise {exception_type}")
