"""Checks of random numbers: means, variances and distributions of samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from ..ndarray import NDArray

__all__ = ["chi_square_check", "gen_buckets_probs_with_ppf", "mean_check", "var_check", "verify_generator"]

Generator = Callable[[int], Any]


def _samples(generator: Generator, nsamples: int) -> np.ndarray:
    drawn = generator(nsamples)
    return drawn.asnumpy() if isinstance(drawn, NDArray) else np.array(drawn)


def mean_check(generator: Generator, mu: float, sigma: float, nsamples: int = 1000000) -> bool:
    """Whether the mean of a sample is within 3 of its standard deviations of ``mu``.

    Args:
        generator: number of samples -> array.
        mu: the mean.
        sigma: the standard deviation of one.
        nsamples: how many are drawn.
    """
    mean = _samples(generator, nsamples).mean()
    reach = 3 * sigma / np.sqrt(nsamples)
    return (mean > mu - reach) & (mean < mu + reach)


def var_check(generator: Generator, sigma: float, nsamples: int = 1000000) -> bool:
    """Whether the variance of a sample is within 3 of its standard deviations, that of a normal one, of ``sigma ** 2``.

    Args:
        generator: number of samples -> array.
        sigma: the standard deviation of one.
        nsamples: how many are drawn.
    """
    variance = _samples(generator, nsamples).var(ddof=1)
    reach = 3 * np.sqrt(2 * sigma**4 / (nsamples - 1))
    return (variance > sigma**2 - reach) & (variance < sigma**2 + reach)


def gen_buckets_probs_with_ppf(
    ppf: Callable[[float], float], nbuckets: int
) -> tuple[list[tuple[float, float]], list[float]]:
    """(buckets, probabilities) of equal probability, for a distribution with that quantile function."""
    assert nbuckets > 0, f"there must be a bucket, got {nbuckets}"
    share = 1.0 / nbuckets
    buckets = [(ppf(share * i), ppf(share * (i + 1))) for i in range(nbuckets)]
    return buckets, [share] * nbuckets


def chi_square_check(
    generator: Generator, buckets: Any, probs: Sequence[float], nsamples: int = 1000000
) -> tuple[float, np.ndarray, np.ndarray]:
    """Pearson's chi-square test of a sample.

    Args:
        generator: number of samples -> array.
        buckets: a list of (low, high), in order, or a list of values. Samples in none are not counted.
        probs: the probability of each.
        nsamples: how many are drawn.

    Returns:
        (p-value, how many are in each bucket, how many should be).

    Raises:
        AssertionError: buckets that overlap or are not in order, or not one probability for each.
    """
    assert isinstance(buckets, list) and buckets, "buckets must be a list of pairs or of values"
    samples = _samples(generator, nsamples)
    assert len(probs) == len(buckets), f"{len(probs)} probabilities for {len(buckets)} buckets"
    if isinstance(buckets[0], (list, tuple)):
        edges = np.array(buckets, dtype=np.float64).ravel()
        assert (edges[::2] < edges[1::2]).all() and (edges[2::2] >= edges[1:-1:2]).all(), f"not in order: {buckets}"
        observed = np.array([((samples >= low) & (samples < high)).sum() for low, high in buckets])
    else:
        observed = np.array([(samples == value).sum() for value in buckets])
    expected = (nsamples * np.array(probs, dtype=np.float64)).astype(np.int32)
    statistic = float(((observed - expected) ** 2 / expected).sum())
    freedom = len(buckets) - 1
    p = torch.special.gammaincc(torch.tensor(freedom / 2, dtype=torch.float64), torch.tensor(statistic / 2).double())
    return float(p), observed, expected


def verify_generator(
    generator: Generator,
    buckets: Any,
    probs: Sequence[float],
    nsamples: int = 1000000,
    nrepeat: int = 5,
    success_rate: float = 0.2,
    alpha: float = 0.05,
) -> list[float]:
    """Raises AssertionError unless enough samples pass ``chi_square_check``; returns their p-values.

    Args:
        generator, buckets, probs, nsamples: as for ``chi_square_check``.
        nrepeat: how many samples are drawn.
        success_rate: the share that must pass.
        alpha: the p-value from which on one passes.
    """
    found = [chi_square_check(generator, buckets, probs, nsamples) for _ in range(nrepeat)]
    p_values, observed, expected = (list(column) for column in zip(*found, strict=True))
    if sum(p > alpha for p in p_values) < nrepeat * success_rate:
        raise AssertionError(
            f"Generator test fails, Chi-square p={p_values}, obs_freq={observed}, expected_freq={expected}.\n"
            f"buckets={buckets}, probs={probs}"
        )
    return p_values
