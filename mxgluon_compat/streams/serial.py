"""What MXNet makes of the numbers of its sequential generator, which most of mx.np.random draws from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .rounding import log, power, radial
from .shuffling import swaps_forward

Numbers = Callable[[int, type], np.ndarray]
"""The next n numbers of [0, 1], of a type."""


def polar(numbers: Numbers, n: int, dtype: type) -> np.ndarray:
    """n standard Gaussian numbers: the polar method, of whose points each gives two; an odd one out is thrown away."""
    points, missing = [], -(-n // 2)
    while missing:
        v = numbers(2 * missing, dtype)
        v *= dtype(2)
        v -= dtype(1)
        x, y = v[0::2], v[1::2]
        r2 = x * x + y * y
        good = (r2 <= 1) & (r2 > 0)
        points.append((np.stack([y[good], x[good]], axis=1), r2[good]))
        missing -= np.count_nonzero(good)
    if not points:
        return np.empty(n, dtype)
    values, r2 = (np.concatenate(parts) for parts in zip(*points, strict=True))
    return radial(values, r2[:, None]).reshape(-1)[:n]


def marsaglia(numbers: Numbers, n: int, alpha: np.ndarray) -> np.ndarray:
    """n gamma numbers of shape `alpha`, (n,) or (1,), and scale 1, in float64: Marsaglia's and Tsang's method.

    Each round draws for all of the n values two uniform and two Gaussian numbers, of which the last is not used, and
    gives those values that are still missing a try.
    """
    kind = alpha.dtype.type
    wide = alpha.astype(np.float64)
    half = kind is np.float16  # which rounds its own steps
    d = np.where(wide < 1, wide + 2 / 3, wide - 1 / 3)
    if half:
        d = d.astype(kind).astype(np.float64)
    small, d = np.broadcast_to(wide < 1, n), np.broadcast_to(d, n)
    with np.errstate(all="ignore"):
        exponent = np.broadcast_to((1 / wide).astype(kind).astype(np.float32), n)
        k = np.sqrt(9 * d)
        c = 1 / k
    out = np.full(n, np.nan)
    missing = np.flatnonzero(np.broadcast_to(np.isfinite(wide) & (wide > 0), n))  # MXNet never comes back from others
    while len(missing):
        u = numbers(2 * n, np.float64).reshape(n, 2)[missing]
        z = polar(numbers, 2 * n, np.float64).reshape(n, 2)[missing, 0]
        v = 1 + c[missing] * z
        v = v * v * v
        scale = d[missing]
        with np.errstate(divide="ignore", invalid="ignore"):
            bound = 0.5 * z * z + scale * (1 - v + log(v))
            good = (z > -k[missing]) & (log(u[:, 0]) < bound)
        values = (scale * v)[good]
        if half:
            values = values.astype(kind).astype(np.float64)
        done = missing[good]
        last = small[done]
        if last.any():
            # MXNet takes the power in float32, as the C library rounds that
            base = u[good, 1][last].astype(np.float32)
            values[last] *= power(base, exponent[done[last]])
        out[done] = values
        missing = missing[~good]
    return out


def swapped(words: np.ndarray, n: int, first: int) -> np.ndarray:
    """range(n) after each place from `first` on has changed with the one that its word tells, if that lies before."""
    partners = np.arange(n)
    steps = partners[first:]
    chosen = words.astype(np.int64) % (steps + 1)
    partners[first:] = np.where(chosen < first, chosen, steps)
    return swaps_forward(partners)
