"""``mx.np.random``: draws from MXNet's random streams, which ``mx.npx.random.seed`` and ``mx.random.seed`` set.

Parameters of a distribution are numbers or arrays (symbols), which broadcast. ``size`` is the shape of the result,
None: that of the parameters; ``ctx`` is where to, None: the current context; ``out`` takes the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..autograd import pause
from ..base import MXNetError
from ..context import Context
from ..ops import registry
from ..symbol import Symbol
from . import linalg
from .calls import ARRAYS, Face, call, creator, face_of, refuse
from .elementwise import FUNCTIONS
from .manipulation import expand_dims, squeeze
from .multiarray import ndarray
from .products import matmul

__all__ = [
    "beta", "chisquare", "choice", "exponential", "gamma", "gumbel", "logistic", "lognormal", "multinomial",
    "multivariate_normal", "normal", "pareto", "power", "rand", "randint", "randn", "rayleigh", "shuffle", "uniform",
    "weibull",
]  # fmt: skip

Size = int | Sequence[int] | None


def draw(face: Face, name: str, values: dict[str, Any], attrs: dict[str, Any], out: Any = None) -> Any:
    """One draw; parameters that are arrays or symbols become inputs, numbers attributes.

    Args:
        face: that of the function, for parameters that are all numbers.
        name: the operator's registered name.
        values: its parameters, in the order of its inputs.
        attrs: its other attributes.
        out: the array that takes the result.
    """
    inputs = [value for value in values.values() if isinstance(value, (ndarray, Symbol))]
    face = face_of(inputs) if inputs else face
    numbers = {key: None if isinstance(value, (ndarray, Symbol)) else value for key, value in values.items()}
    absent = [None] * (len(registry.get(name).inputs) - len(inputs))
    return face.call(name, [*inputs, *absent], {**numbers, **attrs}, out)


def _attrs(size: Size, ctx: Any, dtype: Any = ()) -> dict[str, Any]:
    found = {"size": size, "ctx": ctx}
    return found if dtype == () else {**found, "dtype": dtype or "float32"}


# ---------------------------------------------------------------------------------------------- integers, elements
@creator
def randint(
    face: Face, low: int, high: int | None = None, size: Size = None, dtype: Any = None, ctx: Context | None = None,
    out: Any = None,
) -> Any:  # fmt: skip
    """Integers from ``low`` (with ``high=None``: from 0) up to and without ``high`` (or ``low``).

    Args:
        low, high: the limits.
        size: the result's shape; None: ``()``.
        dtype: int32 or int64, the default.
        ctx: where to.
        out: the array that takes the result.

    Raises:
        MXNetError: no integer lies between the limits.
    """
    if high is None:
        low, high = 0, low
    attrs = {"low": low, "high": high, "shape": () if size is None else size, "ctx": ctx, "dtype": dtype or "int64"}
    return face.call("_random_randint", (), attrs, out, "random_randint")


@creator
def choice(
    face: Face, a: Any, size: Size = None, replace: bool = True, p: Any = None, ctx: Context | None = None,
    out: Any = None,
) -> Any:  # fmt: skip
    """Elements of ``a``.

    Args:
        a: an array (its rows are chosen from), or a number n for ``arange(n)``.
        size: the result's shape; None: one element.
        replace: whether an element may come more than once.
        p: array of the probabilities of the elements; None: all the same.
        ctx: where to, for a number ``a``.
        out: the array that takes the result.

    Raises:
        MXNetError: ``a`` is neither, or has not as many elements as are wanted without ``replace``.
    """
    attrs = {"a": a, "size": size, "ctx": ctx, "replace": replace, "weighted": p is not None}
    weights = [] if p is None else [p]
    if not isinstance(a, (ndarray, Symbol)):
        face = face_of(weights) if weights else face
        return face.call("_npi_choice", [*weights, *[None] * (2 - len(weights))], attrs, out)
    attrs |= {"a": None, "ctx": a.ctx if isinstance(a, ndarray) else None}
    found = call("_npi_choice", [a, *(weights or [None])], attrs)
    return call("take", (a, found), {"axis": 0}, out)


def shuffle(x: ndarray) -> None:
    """Shuffles an array in its place, along its first axis.

    Raises:
        TypeError: ``x`` is no array of mx.np.
    """
    call("_shuffle", (x,), {}, x)


def multinomial(n: int, pvals: Any, size: Size = None) -> ndarray:
    """How often each of k outcomes comes in ``n`` tries.

    Args:
        n: number of tries.
        pvals: the outcomes' probabilities, an array (k,) or numbers; what is missing from 1 goes to the last one.
        size: how many times to do so; None: once.

    Returns:
        int64 array, ``size + (k,)``.

    Raises:
        ValueError: ``pvals`` is no vector.
        MXNetError: it adds up to more than 1.
    """
    if isinstance(pvals, ndarray):
        return call("_npi_multinomial", (pvals,), {"n": n, "pvals": None, "size": size})
    if not isinstance(pvals, (list, tuple)) or any(isinstance(p, (list, tuple)) for p in pvals):
        kind = TypeError if hasattr(pvals, "as_np_ndarray") else ValueError
        raise kind("pvals must be an array of mx.np, or a list or tuple of numbers")
    return ARRAYS.call("_npi_multinomial", (None,), {"n": n, "pvals": tuple(pvals), "size": size})


# ---------------------------------------------------------------------------------------------- uniform, normal
@creator
def uniform(
    face: Face, low: Any = 0.0, high: Any = 1.0, size: Size = None, dtype: Any = None, ctx: Context | None = None,
    out: Any = None,
) -> Any:  # fmt: skip
    """Numbers from ``low`` to ``high``, of dtype float16, float32 (the default) or float64."""
    return draw(face, "_npi_uniform", {"low": low, "high": high}, _attrs(size, ctx, dtype), out)


def _sizes(function: str, size: tuple[int, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a function that has its shape as arguments."""
    dtype, ctx = kwargs.pop("dtype", None), kwargs.pop("ctx", None)
    unknown = [name for name in kwargs if name != "out"]
    if unknown:
        raise TypeError(f"{function}() got an unexpected keyword argument {unknown[0]!r}")
    if any(isinstance(n, (tuple, list)) for n in size):
        raise MXNetError(f"{function}() has lengths as arguments, one each, not a shape: got {size}")
    return _attrs(size or None, ctx, dtype)


@creator
def rand(face: Face, *size: int, **kwargs: Any) -> Any:
    """Numbers from 0 to 1 in an array with these lengths; keywords ``dtype``, ``ctx`` and ``out``."""
    return draw(face, "_npi_uniform", {"low": 0, "high": 1}, _sizes("rand", size, kwargs), kwargs.get("out"))


@creator
def randn(face: Face, *size: int, **kwargs: Any) -> Any:
    """Standard Gaussian numbers in an array with these lengths; keywords ``dtype``, ``ctx`` and ``out``."""
    return draw(face, "_npi_normal", {"loc": 0, "scale": 1}, _sizes("randn", size, kwargs), kwargs.get("out"))


@creator
def normal(
    face: Face, loc: Any = 0.0, scale: Any = 1.0, size: Size = None, dtype: Any = None, ctx: Context | None = None,
    out: Any = None,
) -> Any:  # fmt: skip
    """Gaussian numbers with mean ``loc`` and standard deviation ``scale``, of dtype float16, float32 or float64.

    Gradients go to ``loc`` and ``scale``, as with all distributions of a location and a scale.

    Raises:
        ValueError: a negative ``scale``.
    """
    return draw(face, "_npi_normal", {"loc": loc, "scale": scale}, _attrs(size, ctx, dtype), out)


@creator
def lognormal(
    face: Face, mean: Any = 0.0, sigma: Any = 1.0, size: Size = None, dtype: Any = None, ctx: Context | None = None,
    out: Any = None,
) -> Any:  # fmt: skip
    """Numbers whose logarithms are Gaussian with mean ``mean`` and standard deviation ``sigma``; see ``normal``."""
    logarithm = draw(face, "_npi_normal", {"loc": mean, "scale": sigma}, _attrs(size, ctx, dtype))
    return FUNCTIONS["exp"](logarithm, out)  # MXNet writes the logarithm into out


def multivariate_normal(
    mean: Any, cov: Any, size: Size = None, check_valid: str | None = None, tol: float | None = None
) -> ndarray:
    """Gaussian vectors; without gradients, as MXNet's.

    Their covariance is ``cov``; with the same numbers MXNet's have another one (L^T L where cov = L L^T).

    Args:
        mean: their means, (..., n).
        cov: positive definite covariance matrices, (..., n, n); broadcast with ``mean``.
        size: how many for each of these; None: one.
        check_valid, tol: None; a matrix that is not positive definite is refused in any case.

    Returns:
        array, ``size + (..., n)``.

    Raises:
        NotImplementedError: symbols; ``check_valid`` and ``tol``.
        MXNetError: lengths that do not fit, or such a matrix.
    """
    if isinstance(mean, Symbol) or isinstance(cov, Symbol):
        raise NotImplementedError(
            "np.random.multivariate_normal of symbols is an operator of Python in MXNet (Custom, mvn_fallback); "
            "write mean + cholesky(cov) @ normal numbers"
        )
    if check_valid is not None or tol is not None:
        raise NotImplementedError("np.random.multivariate_normal always checks cov: check_valid and tol are not there")
    for x in (mean, cov):
        if not isinstance(x, ndarray):
            refuse(x)
    return _gaussian_vectors(mean, cov, () if size is None else (size,) if isinstance(size, int) else tuple(size))


def _gaussian_vectors(mean: ndarray, cov: ndarray, size: tuple[int, ...]) -> ndarray:
    with pause():
        factor = linalg.cholesky(cov)
        if mean.shape[-1:] != cov.shape[-1:]:
            raise MXNetError(f"mean {mean.shape} and cov {cov.shape} must have the same length")
        batch = np.broadcast_shapes(mean.shape[:-1], cov.shape[:-2])
        noise = normal(size=(*size, *batch, mean.shape[-1]), dtype=mean.dtype, ctx=mean.ctx)
        return mean + squeeze(matmul(factor, expand_dims(noise, -1)), -1)


# ---------------------------------------------------------------------------------------------- others
def _located(face: Face, name: str, loc: Any, scale: Any, size: Size, ctx: Any, out: Any) -> Any:
    return draw(face, name, {"loc": loc, "scale": scale}, _attrs(size, ctx), out)


@creator
def logistic(
    face: Face, loc: Any = 0.0, scale: Any = 1.0, size: Size = None, ctx: Context | None = None, out: Any = None
) -> Any:
    """Logistic numbers with mean ``loc``; raises ValueError for a negative ``scale``."""
    return _located(face, "_npi_logistic", loc, scale, size, ctx, out)


@creator
def gumbel(
    face: Face, loc: Any = 0.0, scale: Any = 1.0, size: Size = None, ctx: Context | None = None, out: Any = None
) -> Any:
    """Gumbel numbers with mode ``loc``; raises ValueError for a negative ``scale``."""
    return _located(face, "_npi_gumbel", loc, scale, size, ctx, out)


@creator
def rayleigh(face: Face, scale: Any = 1.0, size: Size = None, ctx: Context | None = None, out: Any = None) -> Any:
    """Rayleigh numbers with mode ``scale``; raises ValueError for a negative one."""
    return draw(face, "_npi_rayleigh", {"scale": scale}, _attrs(size, ctx), out)


@creator
def exponential(face: Face, scale: Any = 1.0, size: Size = None, ctx: Context | None = None, out: Any = None) -> Any:
    """Exponential numbers with mean ``scale``; raises ValueError for a negative one."""
    return draw(face, "_npi_exponential", {"scale": scale}, _attrs(size, ctx), out)


@creator
def weibull(face: Face, a: Any, size: Size = None, ctx: Context | None = None, out: Any = None) -> Any:
    """Weibull numbers of shape ``a`` and scale 1; raises ValueError unless that is positive."""
    return draw(face, "_npi_weibull", {"a": a}, _attrs(size, ctx), out)


@creator
def pareto(face: Face, a: Any, size: Size = None, ctx: Context | None = None, out: Any = None) -> Any:
    """Pareto (Lomax) numbers of shape ``a``; raises ValueError unless that is positive."""
    return draw(face, "_npi_pareto", {"a": a}, _attrs(size, ctx), out)


@creator
def power(face: Face, a: Any, size: Size = None) -> Any:
    """Numbers from 0 to 1 with density a x^(a - 1); raises ValueError unless ``a`` is positive."""
    return draw(face, "_npi_powerd", {"a": a}, {"size": size})


@creator
def gamma(
    face: Face, shape: Any, scale: Any = 1.0, size: Size = None, dtype: Any = None, ctx: Context | None = None,
    out: Any = None,
) -> Any:  # fmt: skip
    """Gamma numbers with mean ``shape * scale``, of dtype float16, float32 (the default) or float64.

    Raises:
        ValueError: a ``shape`` or ``scale`` that is not positive.
    """
    return draw(face, "_npi_gamma", {"shape": shape, "scale": scale}, _attrs(size, ctx, dtype), out)


@creator
def beta(face: Face, a: Any, b: Any, size: Size = None, dtype: Any = None, ctx: Context | None = None) -> Any:
    """Beta numbers, with mean a / (a + b), of dtype float16, float32 (the default) or float64."""
    attrs = _attrs(size, ctx, "float64")  # as MXNet draws them
    x = draw(face, "_npi_gamma", {"shape": a, "scale": 1}, attrs)
    y = draw(face, "_npi_gamma", {"shape": b, "scale": 1}, attrs)
    return (x / (x + y)).astype(dtype or "float32")


@creator
def chisquare(face: Face, df: Any, size: Size = None, dtype: Any = None, ctx: Context | None = None) -> Any:
    """Chi-square numbers, with mean ``df``, of dtype float16, float32 (the default) or float64.

    Those of MXNet are a quarter of these, which is no chi-square distribution.
    """
    return draw(face, "_npi_gamma", {"shape": df / 2, "scale": 2.0}, _attrs(size, ctx, dtype))
