"""The distributions of ``nd.random`` and ``sym.random``: which operators they call, with which parameters."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..base import _Null, numeric_types
from .registry import get

__all__ = ["DISTRIBUTIONS", "Distribution", "make_distribution", "make_randn", "zipfian"]


class Distribution(NamedTuple):
    """One distribution: its operator for numbers, that for arrays of parameters, and (name, default) of each."""

    random: str
    sample: str
    parameters: tuple[tuple[str, Any], ...]


DISTRIBUTIONS: dict[str, Distribution] = {
    "uniform": Distribution("_random_uniform", "_sample_uniform", (("low", 0), ("high", 1))),
    "normal": Distribution("_random_normal", "_sample_normal", (("loc", 0), ("scale", 1))),
    "exponential": Distribution("_random_exponential", "_sample_exponential", (("scale", 1),)),
    "poisson": Distribution("_random_poisson", "_sample_poisson", (("lam", 1),)),
    "gamma": Distribution("_random_gamma", "_sample_gamma", (("alpha", 1), ("beta", 1))),
    "negative_binomial": Distribution("_random_negative_binomial", "_sample_negative_binomial", (("k", 1), ("p", 1))),
    "generalized_negative_binomial": Distribution(
        "_random_generalized_negative_binomial", "_sample_generalized_negative_binomial", (("mu", 1), ("alpha", 1))
    ),
    "randint": Distribution("_random_randint", "", (("low", None), ("high", None))),
}


def make_distribution(
    name: str, array_type: type, call: Callable[..., Any], default_shape: Any, rest: Sequence[tuple[str, Any]]
) -> Callable[..., Any]:
    """The public function of a distribution.

    Args:
        name: key of DISTRIBUTIONS.
        array_type: NDArray or Symbol: parameters of this type are sampled from element by element.
        call: ``call(operator, inputs, attributes, keywords)``.
        default_shape: the shape where none is given.
        rest: (name, default) of the arguments that follow the parameters.
    """
    row = DISTRIBUTIONS[name]
    names = [n for n, _ in row.parameters]
    all_names = [*names, *(n for n, _ in rest)]
    kind = array_type.__name__

    def function(*args: Any, **kwargs: Any) -> Any:
        values = dict(row.parameters)
        if len(args) > len(all_names):
            raise TypeError(f"{name}() takes at most {len(all_names)} positional arguments, got {len(args)}")
        for key, value in zip(all_names, args, strict=False):
            if key in kwargs:
                raise TypeError(f"{name}() got multiple values for argument {key!r}")
            kwargs[key] = value
        values.update({n: kwargs.pop(n) for n in names if n in kwargs})
        for key, default in row.parameters:
            if default is None and values[key] is None:
                raise TypeError(f"{name}() missing 1 required positional argument: {key!r}")
        if name == "exponential":
            values = {"lam": 1.0 / values["scale"]}
        given = list(values.values())
        if any(isinstance(v, array_type) for v in given):
            kinds = " and ".join(str(type(v)) for v in given)
            if not row.sample:
                raise ValueError(f"Distribution parameters must be numbers, but got {kinds}.")
            assert all(isinstance(v, array_type) for v in given), (
                f"Distribution parameters must all have the same type, but got both {kinds}."
            )
            kwargs.pop("ctx", None)
            return call(get(row.sample), given, {}, kwargs)
        if not all(isinstance(v, numeric_types) for v in given):
            raise ValueError(f"Distribution parameters must be either {kind} or numbers, but got {given}.")
        if kwargs.get("shape", _Null) is _Null and kwargs.get("out") is None and default_shape is not None:
            kwargs["shape"] = default_shape
        return call(get(row.random), [], values, kwargs)

    function.__signature__ = _signature([*row.parameters, *rest])
    shown = ", ".join(n if d is None else f"{n}={d}" for n, d in row.parameters)
    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"{name}({shown}, {', '.join(n for n, _ in rest)}): numbers drawn from this distribution.\n\n"
        f"Parameters are numbers (``{row.random}``) or all of them {kind}s (``{row.sample or 'not possible'}``: "
        "``shape`` values for each element).\n\n"
        "Raises:\n    ValueError: parameters of other types.\n    AssertionError: parameters of mixed types."
    )
    return function


def _signature(arguments: Sequence[tuple[str, Any]]) -> inspect.Signature:
    """MXNet's signature: these arguments with their defaults, and more keywords."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature([
        *(inspect.Parameter(n, kind, default=inspect.Parameter.empty if n in ("low", "high") and d is None else d)
          for n, d in arguments),
        inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD),
    ])  # fmt: skip


def make_randn(normal: Callable[..., Any]) -> Callable[..., Any]:
    """``randn``: the normal distribution with the shape as positional arguments."""

    def randn(*shape: int, **kwargs: Any) -> Any:
        """Numbers from the normal distribution; ``loc``, ``scale``, ``dtype``, ``ctx``, ``out`` by keyword."""
        return normal(kwargs.pop("loc", 0), kwargs.pop("scale", 1), shape=shape or 1, **kwargs)

    return randn


def zipfian(true_classes: Any, num_sampled: int, range_max: int, uniform: Callable[..., Any]) -> tuple[Any, Any, Any]:
    """``contrib.rand_zipfian`` in the terms of arrays or of symbols; ``uniform`` is their function."""
    log_range = math.log(range_max + 1)
    draws = uniform(0, log_range, shape=(num_sampled,), dtype="float64")
    sampled = (draws.exp() - 1).astype("int64") % range_max

    def expected(classes: Any) -> Any:
        classes = classes.astype("float64")
        return ((classes + 2.0) / (classes + 1.0)).log() / log_range * num_sampled

    return sampled, expected(true_classes), expected(sampled)
