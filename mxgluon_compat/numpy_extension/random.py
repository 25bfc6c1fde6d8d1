"""``mx.npx.random``: seeding, and draws that ``mx.np.random`` has not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..context import Context
from ..numpy.calls import Face, creator
from ..numpy.random import draw
from ..random import seed as seed_streams

__all__ = ["bernoulli", "normal_n", "seed", "uniform_n"]


def seed(seed: int, ctx: str | Context = "all") -> None:
    """Seeds the random streams of all contexts, or of one: ``mx.random.seed``."""
    seed_streams(seed, ctx)


@creator
def bernoulli(
    face: Face,
    prob: Any = None,
    logit: Any = None,
    size: int | Sequence[int] | None = None,
    dtype: Any = None,
    ctx: Context | None = None,
    out: Any = None,
) -> Any:
    """Ones with probability ``prob``, else zeros.

    Args:
        prob: the probability, a number or an array.
        logit: or its logarithm's odds: the probability is sigmoid(logit).
        size: the result's shape; None: that of the parameter.
        dtype: default float32.
        ctx: where to; default the current context.
        out: the array that takes the result.

    Raises:
        ValueError: both of ``prob`` and ``logit``, or neither.
    """
    if (prob is None) == (logit is None):
        raise ValueError(
            f"Either `prob` or `logit` must be specified, but not both. Received prob={prob}, logit={logit}"
        )
    attrs = {"size": size, "dtype": dtype or "float32", "ctx": ctx, "is_logit": logit is not None}
    return draw(face, "_npi_bernoulli", {"prob": prob, "logit": logit}, attrs, out)


def _batch(face: Face, name: str, values: dict[str, Any], batch_shape: Any, dtype: Any, ctx: Any) -> Any:
    attrs = {"size": batch_shape, "dtype": dtype or "float32", "ctx": ctx}
    return draw(face, name, values, attrs)


@creator
def normal_n(
    face: Face,
    loc: Any = 0.0,
    scale: Any = 1.0,
    batch_shape: int | Sequence[int] | None = None,
    dtype: Any = None,
    ctx: Context | None = None,
) -> Any:
    """Normal numbers: ``batch_shape`` draws for each element of the parameters, which broadcast.

    Args:
        loc, scale: mean and standard deviation, numbers or arrays.
        batch_shape: put before the parameters' shape; None: nothing is.
        dtype: default float32.
        ctx: where to; default the current context.
    """
    return _batch(face, "_npi_normal_n", {"loc": loc, "scale": scale}, batch_shape, dtype, ctx)


@creator
def uniform_n(
    face: Face,
    low: Any = 0.0,
    high: Any = 1.0,
    batch_shape: int | Sequence[int] | None = None,
    dtype: Any = None,
    ctx: Context | None = None,
) -> Any:
    """Uniform numbers from ``low`` to ``high``, numbers or arrays; see ``normal_n``."""
    return _batch(face, "_npi_uniform_n", {"low": low, "high": high}, batch_shape, dtype, ctx)
