"""Functions of ``mx.np`` that reduce axes, accumulate along them or count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..base import dtype_name, numeric_types
from .calls import call, named

__all__ = [
    "all", "amax", "amin", "any", "argmax", "argmin", "average", "bincount", "cumsum", "diff", "ediff1d", "histogram",
    "max", "mean", "min", "percentile", "prod", "product", "quantile", "sometrue", "std", "sum", "unique", "var",
]  # fmt: skip

Axes = int | Sequence[int] | None


def _extreme(name: str, operator: str, what: str) -> Callable[..., Any]:
    def function(a: Any, axis: Axes = None, keepdims: bool = False, out: Any = None) -> Any:
        return call(operator, (a,), _only(axis=axis, keepdims=keepdims), out, name)

    return named(
        function,
        name,
        f"{what} over ``axis`` (a number, a tuple, or None: all).\n\nArgs:\n    a: array of any shape.\n    axis: what "
        "is reduced.\n    keepdims: whether reduced axes stay, with length 1.\n    out: array that takes the result.\n",
    )


max = _extreme("max", "_np_max", "The largest elements")  # noqa: A001 - numpy's names, here and below
amax = _extreme("amax", "_np_max", "The largest elements")
min = _extreme("min", "_np_min", "The smallest elements")  # noqa: A001
amin = _extreme("amin", "_np_min", "The smallest elements")
all = _extreme("all", "_np_all", "Whether all elements are not 0, as booleans,")  # noqa: A001
any = _extreme("any", "_np_any", "Whether any element is not 0, as booleans,")  # noqa: A001
sometrue = _extreme("sometrue", "_np_any", "Whether any element is not 0, as booleans,")


def _only(dtype: Any = None, **attrs: Any) -> dict[str, Any]:
    """The attributes that are given: neither None nor False.

    Raises:
        TypeError: MXNet has no such dtype.
    """
    given = {k: v for k, v in attrs.items() if v is not None and v is not False}
    return given if dtype is None else {**given, "dtype": dtype_name(dtype)}


def sum(  # noqa: A001
    a: Any, axis: Axes = None, dtype: Any = None, keepdims: bool = False, initial: Any = None, out: Any = None
) -> Any:
    """The sum over ``axis`` (None: all), in ``dtype`` (None: that of a; int64 for booleans).

    Raises:
        MXNetError: ``initial``, which the operator has not.
    """
    return call("_np_sum", (a,), _only(axis=axis, dtype=dtype, keepdims=keepdims, initial=initial), out)


def prod(a: Any, axis: Axes = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    """The product over ``axis`` (None: all), in ``dtype`` (None: that of a; int64 for booleans)."""
    return call("_np_prod", (a,), _only(axis=axis, dtype=dtype, keepdims=keepdims), out)


def product(a: Any, axis: Axes = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    """See ``prod``."""
    return call("_np_prod", (a,), _only(axis=axis, dtype=dtype, keepdims=keepdims), out, "product")


def mean(a: Any, axis: Axes = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    """The mean over ``axis`` (None: all), in ``dtype`` (None: that of a; float32 for integers)."""
    return call("_npi_mean", (a,), {"axis": axis, **_only(dtype=dtype), "keepdims": keepdims}, out)


def _spread(name: str, what: str) -> Callable[..., Any]:
    def function(
        a: Any, axis: Axes = None, dtype: Any = None, out: Any = None, ddof: int = 0, keepdims: bool = False
    ) -> Any:
        attrs = {"axis": axis, **_only(dtype=dtype), "ddof": ddof, "keepdims": keepdims}
        return call(f"_npi_{name}", (a,), attrs, out)

    return named(
        function,
        name,
        f"The {what} over ``axis`` (None: all); sums are divided by the number of elements less ``ddof``, and are of "
        "``dtype`` (None: that of a; float32 for integers).",
    )


std = _spread("std", "standard deviation")
var = _spread("var", "variance")


def average(a: Any, axis: Axes = None, weights: Any = None, returned: bool = False, out: Any = None) -> Any:
    """The weighted mean over ``axis``; with ``returned`` a list of it and of the sum of the weights.

    Args:
        a: array.
        axis: what is reduced; None: all.
        weights: array of the shape of a, or of that axis alone; None: all 1.
        returned: whether the sum of the weights is given too.
        out: array that takes the result.
    """
    if weights is None:
        return call("_npi_average", (a, None), {"axis": axis, "returned": returned, "weighted": False}, out)
    return call("_npi_average", (a, weights), {"axis": axis, "returned": returned}, out)


def argmax(a: Any, axis: int | None = None, out: Any = None) -> Any:
    """Where the largest element along ``axis`` is (None: in the flat array), int64; the first of equal ones."""
    return call("_npi_argmax", (a,), {"axis": axis, "keepdims": False}, out)


def argmin(a: Any, axis: int | None = None, out: Any = None) -> Any:
    """Where the smallest element along ``axis`` is (None: in the flat array), int64; the first of equal ones."""
    return call("_npi_argmin", (a,), {"axis": axis, "keepdims": False}, out)


def cumsum(a: Any, axis: int | None = None, dtype: Any = None, out: Any = None) -> Any:
    """The sums of the first elements along ``axis`` (None: of the flat array)."""
    return call("_np_cumsum", (a,), _only(axis=axis, dtype=dtype), out)


def percentile(
    a: Any, q: Any, axis: Axes = None, out: Any = None, overwrite_input: bool | None = None,
    interpolation: str = "linear", keepdims: bool = False,
) -> Any:  # fmt: skip
    """The ``q``-th percentiles over ``axis``: a number, or an array of them along a new first axis.

    Args:
        a: array.
        q: number or array of numbers from 0 to 100.
        axis: what is reduced; None: all.
        out: array that takes the result.
        overwrite_input: None.
        interpolation: ``'linear'``, ``'lower'``, ``'higher'``, ``'midpoint'`` or ``'nearest'``.
        keepdims: whether reduced axes stay, with length 1.

    Raises:
        NotImplementedError: ``overwrite_input``.
    """
    if overwrite_input is not None:
        raise NotImplementedError("np.percentile never changes its input; overwrite_input is not supported")
    attrs = {"axis": axis, "interpolation": interpolation, "keepdims": keepdims}
    if isinstance(q, numeric_types):
        return call("_npi_percentile", (a, None), {**attrs, "q_scalar": q}, out)
    return call("_npi_percentile", (a, q), {**attrs, "q_scalar": None}, out)


def quantile(
    a: Any, q: Any, axis: Axes = None, out: Any = None, overwrite_input: bool | None = None,
    interpolation: str = "linear", keepdims: bool = False,
) -> Any:  # fmt: skip
    """``percentile`` with q from 0 to 1."""
    return percentile(a, q * 100, axis, out, overwrite_input, interpolation, keepdims)


def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each number from 0 on is in x (1-D integers), or the sum of the weights there.

    Raises:
        MXNetError: no array of one dimension; negative numbers.
    """
    if minlength < 0:
        raise ValueError(f"minlength must not be negative, got {minlength}")
    return call("_npi_bincount", (x, weights), {"minlength": minlength, "has_weights": weights is not None})


def histogram(
    a: Any, bins: Any = 10, range: Any = None, normed: Any = None, weights: Any = None, density: Any = None  # noqa: A002
) -> Any:  # fmt: skip
    """(how many elements are in each bin, the bins' edges).

    Args:
        a: array.
        bins: how many bins of equal width lie in ``range``; or an array of their edges.
        range: the outer edges (lower, upper); needed with a number of bins.
        normed, weights, density: at their defaults.

    Raises:
        NotImplementedError: other arguments.
    """
    if normed is True or weights is not None or density is True:
        raise NotImplementedError("np.histogram counts elements; normed, weights and density are not supported")
    if isinstance(bins, numeric_types):
        if range is None:
            raise NotImplementedError("np.histogram with a number of bins needs their range=(lower, upper)")
        return call("_histogram", (a, None), {"bin_cnt": bins, "range": range}, hint="histogram")
    if isinstance(bins, (list, tuple, str)):
        raise NotImplementedError(f"np.histogram takes a number of bins or an array of their edges, got {type(bins)}")
    return call("_histogram", (a, bins), hint="histogram")


def unique(
    ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False,
    axis: int | None = None,
) -> Any:  # fmt: skip
    """The different elements (or slices along ``axis``) in order.

    Args:
        ar: array.
        return_index: whether to give where each is first.
        return_inverse: whether to give the number of each element among them.
        return_counts: whether to give how often each is there.
        axis: along which slices are compared; None: single elements.

    Returns:
        the elements, or a tuple of them and what else was asked for, int64.
    """
    attrs = {
        "return_index": return_index, "return_inverse": return_inverse, "return_counts": return_counts, "axis": axis,
    }  # fmt: skip
    found = call("_npi_unique", (ar,), attrs)
    return tuple(found) if return_index or return_inverse or return_counts else found


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """The ``n``-th differences of neighbours along ``axis``.

    Raises:
        NotImplementedError: ``prepend`` and ``append``.
    """
    if prepend is not None or append is not None:
        raise NotImplementedError("np.diff has no prepend and append; concatenate before")
    return call("_npi_diff", (a,), {"n": n, "axis": axis})


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """The differences of neighbours in the flat array, between what is put to the begin and to the end."""
    inputs, attrs = [ary], dict[str, Any]()
    for name, value in (("to_begin", to_begin), ("to_end", to_end)):
        is_array = value is not None and not isinstance(value, numeric_types)
        if is_array:
            inputs.append(value)
        attrs[f"{name}_arr_given"] = is_array
        attrs[f"{name}_scalar"] = None if is_array else value
    return call("_npi_ediff1d", [*inputs, None, None][:3], attrs)
