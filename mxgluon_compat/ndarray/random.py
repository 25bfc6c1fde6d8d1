"""``mx.nd.random``: random numbers as arrays."""

from __future__ import annotations

import contextlib
from typing import Any

from ..base import _Null, torch_dtype
from ..ops import registry
from ..ops.distributions import DISTRIBUTIONS, make_distribution, make_randn
from ..ops.placement import random_like_functions
from .creation import check_shape
from .invoke import call as _call
from .invoke import make_function
from .ndarray import NDArray

__all__ = ["multinomial", "shuffle"]


def _run(op: registry.Operator, inputs: list[NDArray], values: dict[str, Any], keywords: dict[str, Any]) -> Any:
    out = keywords.pop("out", None)
    keywords.pop("name", None)
    shape, dtype = keywords.get("shape", _Null), keywords.get("dtype", _Null)
    if out is not None:
        if shape is None or (shape is _Null and not inputs):
            keywords["shape"] = out.shape
        if dtype is _Null and "dtype" in op.attributes:
            keywords["dtype"] = out.dtype
    elif shape is not _Null:
        with contextlib.suppress(ValueError, TypeError):  # what is no shape at all is refused below, by name
            check_shape(op.attributes["shape"].parse(shape), least=0 if inputs else 1)
    if dtype is not _Null:
        keywords["dtype"] = torch_dtype("float64" if dtype is None else dtype)  # None is numpy's default: so in MXNet
    return _call(op, inputs, values, out, keywords)


_REST = (("shape", _Null), ("dtype", _Null), ("ctx", None), ("out", None))
for _name in DISTRIBUTIONS:
    _function = make_distribution(_name, NDArray, _run, 1, _REST)
    _function.__module__ = __name__
    globals()[_name] = _function
    __all__.append(_name)
for _name, _function in random_like_functions(make_function).items():
    globals()[_name] = _function
    __all__.append(_name)
randn = make_randn(globals()["normal"])
__all__.append("randn")


def multinomial(
    data: NDArray, shape: Any = _Null, get_prob: bool = False, out: Any = None, dtype: str = "int32", **kwargs: Any
) -> Any:
    """Class numbers drawn from the rows of probabilities in ``data``; with ``get_prob`` also their log likelihood."""
    attrs = {"shape": shape, "get_prob": get_prob, "dtype": dtype}
    return _call(registry.get("_sample_multinomial"), [data], attrs, out, kwargs)


def shuffle(data: NDArray, **kwargs: Any) -> NDArray:
    """The rows of ``data`` in random order."""
    return _call(registry.get("_shuffle"), [data], {}, kwargs.pop("out", None), kwargs)
