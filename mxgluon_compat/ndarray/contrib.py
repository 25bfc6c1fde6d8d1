"""Operators of ``mx.nd.contrib``, filled from the table when ``mx.nd`` is imported, and functions beside them."""

from __future__ import annotations

from ..context import Context, current_context
from ..ops.distributions import zipfian
from . import contrib_updates
from .contrib_updates import *  # noqa: F403
from .control_flow import cond, foreach, while_loop
from .ndarray import NDArray
from .random import uniform

__all__ = ["cond", "foreach", "isfinite", "isinf", "isnan", "rand_zipfian", "while_loop", *contrib_updates.__all__]


def rand_zipfian(
    true_classes: NDArray, num_sampled: int, range_max: int, ctx: Context | None = None
) -> tuple[NDArray, NDArray, NDArray]:
    """Classes drawn from an approximately Zipfian distribution: P(c) = log((c + 2) / (c + 1)) / log(range_max + 1).

    Args:
        true_classes: the target classes, of any shape.
        num_sampled: how many classes to draw, with replacement.
        range_max: the number of classes.
        ctx: where the results live; default the current context.

    Returns:
        The sampled classes, int64 (num_sampled,); how often each of the true classes is expected among them, float64 in
        the shape of ``true_classes``; how often each of the sampled ones is, float64 (num_sampled,).
    """
    ctx = ctx or current_context()
    true_classes = true_classes.as_in_context(ctx)
    return zipfian(true_classes, num_sampled, range_max, lambda *args, **kwargs: uniform(*args, ctx=ctx, **kwargs))


def isnan(data: NDArray) -> NDArray:
    """1 where an element is not a number, else 0: an array of data's shape and dtype."""
    return data != data


def isinf(data: NDArray) -> NDArray:
    """1 where an element is infinite, else 0: an array of data's shape and dtype."""
    return (data == data) * (data - data != 0)


def isfinite(data: NDArray) -> NDArray:
    """1 where an element is neither infinite nor NaN, else 0: an array of data's shape and dtype."""
    return data - data == 0
