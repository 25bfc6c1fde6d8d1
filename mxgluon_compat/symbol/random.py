"""``mx.sym.random``: random numbers as symbols."""

from __future__ import annotations

from typing import Any

from ..base import _Null
from ..ops import registry
from ..ops.distributions import DISTRIBUTIONS, make_distribution, make_randn
from ..ops.placement import random_like_functions
from .register import call as _call
from .register import make_function
from .symbol import Symbol

__all__ = ["multinomial", "shuffle"]


def _run(op: registry.Operator, inputs: list[Symbol], values: dict[str, Any], keywords: dict[str, Any]) -> Symbol:
    keywords.pop("out", None)
    name, attr = keywords.pop("name", None), keywords.pop("attr", None)
    return _call(op, inputs, values, name, attr, keywords)


for _name in DISTRIBUTIONS:
    _function = make_distribution(_name, Symbol, _run, None, (("shape", _Null), ("dtype", _Null)))
    _function.__module__ = __name__
    globals()[_name] = _function
    __all__.append(_name)
for _name, _function in random_like_functions(make_function).items():
    globals()[_name] = _function
    __all__.append(_name)
randn = make_randn(globals()["normal"])
__all__.append("randn")


def multinomial(data: Symbol, shape: Any = _Null, get_prob: bool = True, dtype: str = "int32", **kwargs: Any) -> Symbol:
    """Class numbers drawn from the rows of probabilities in ``data``; with ``get_prob`` also their log likelihood."""
    attrs = {"shape": shape, "get_prob": get_prob, "dtype": dtype}
    return _run(registry.get("_sample_multinomial"), [data], attrs, kwargs)


def shuffle(data: Symbol, **kwargs: Any) -> Symbol:
    """The rows of ``data`` in random order."""
    return _run(registry.get("_shuffle"), [data], {}, kwargs)
