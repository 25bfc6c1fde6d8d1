"""The steps from random words to numbers whose last bit counts: as MXNet, and the C library under it, round them."""

from __future__ import annotations

import math

import numpy as np
import torch


def unit(words: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Words (..., n) to numbers of [0, 1], into `out` and returned: a word a float32, two words a float64.

    The last 128 words round to 1, and MXNet lets them: its C++ library did not yet exclude the upper end.
    """
    if out.dtype == np.float32:
        np.multiply(words, np.float32(2.0**-32), out=out, dtype=np.float32, casting="unsafe")
    else:
        np.multiply(words[..., 1::2], 2.0**32, out=out)
        out += words[..., 0::2]
        out *= 2.0**-64
    return out


def log(x: np.ndarray) -> np.ndarray:
    """The logarithm as the C library rounds it: MXNet calls that one, and xlogy is where torch does.

    NumPy's and torch's own `log` have vector versions, which differ in the last bit.
    """
    return torch.special.xlogy(1.0, torch.from_numpy(x)).numpy()


def power(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """x ** y of float64 as the C library rounds it, which torch calls for numbers that do not lie side by side."""
    apart = torch.from_numpy(np.stack([x, y], axis=1))
    return torch.pow(apart[:, 0], apart[:, 1]).numpy()


def radial(y: np.ndarray, r2: np.ndarray) -> np.ndarray:
    """The factor that makes a polar point's coordinates Gaussian, times `y`. Overwrites both arguments."""
    factor = log(r2)
    factor *= factor.dtype.type(-2)
    factor /= r2
    np.sqrt(factor, out=factor)
    y *= factor
    return y


_STIRLING = [np.float32(c) for c in (-691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12)]
_HALF_LOG_2PI = np.float32(0.5 * math.log(2 * math.pi) - 0.5)


def log_gamma(x: np.ndarray) -> np.ndarray:
    """log gamma of float32 numbers, of integers where below 8, as the C library's lgammaf rounds it.

    A third of the values of torch's differ in the last bit, which counts here: they are subtracted from each other.
    """
    z = np.float32(1) / x
    square = z * z
    series = np.zeros_like(x)
    for coefficient in _STIRLING:
        series = coefficient + square * series
    large = (x - np.float32(0.5)) * (log(x) - np.float32(1)) + (_HALF_LOG_2PI + z * series)
    small = x < 8
    if small.any():
        large[small] = torch.lgamma(torch.from_numpy(x[small]).double()).numpy()
    return large
