"""Probability densities of the distributions in ``random``, differentiable in their parameters.

Parameters have one shape P, samples P + S: the samples of a row all belong to the row's parameters, and the density has
the samples' shape. As in MXNet the formulas hold everywhere: whether a sample can occur at all is not looked at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from .registry import operator, same_shape
from .schema import Shape


def _like_each_other(shapes: Sequence[Shape | None], **_: Any) -> list[Shape | None]:
    """The parameters have one shape."""
    return [shapes[0], *same_shape(shapes[1:])]


def _aligned(sample: torch.Tensor, *parameters: torch.Tensor) -> list[torch.Tensor]:
    """Samples and parameters in float32 or wider, and the parameters with an axis for each of the samples'."""
    shape = parameters[0].shape
    if any(p.shape != shape for p in parameters):
        raise ValueError("the parameters must have one shape")
    if sample.shape[: len(shape)] != shape:
        raise ValueError(f"the sample's shape must begin with the parameters' {tuple(shape)}")
    _check_floats(sample)
    wide = [sample, *(p.reshape(*shape, *[1] * (sample.ndim - len(shape))) for p in parameters)]
    return [t.float() for t in wide] if sample.dtype == torch.float16 else wide


def _check_floats(sample: torch.Tensor) -> None:
    if not sample.is_floating_point():
        raise ValueError("only floating point samples have a density")


def _density(log_density: torch.Tensor, is_log: bool, sample: torch.Tensor) -> torch.Tensor:
    return (log_density if is_log else log_density.exp()).to(sample.dtype)


@operator("_random_pdf_uniform", "random_pdf_uniform", infer_inputs=_like_each_other)
def pdf_uniform(sample: torch.Tensor, low: torch.Tensor, high: torch.Tensor, *, is_log: bool = False) -> torch.Tensor:
    """1 / (high - low), with ``is_log`` its logarithm: sample.shape."""
    x, low, high = _aligned(sample, low, high)
    width = (high - low + 0 * x.detach()).expand(x.shape)  # depends on the sample in its shape only
    return (-width.log() if is_log else 1 / width).to(sample.dtype)


@operator("_random_pdf_normal", "random_pdf_normal", infer_inputs=_like_each_other)
def pdf_normal(sample: torch.Tensor, mu: torch.Tensor, sigma: torch.Tensor, *, is_log: bool = False) -> torch.Tensor:
    """The density of the normal distribution of mean mu and deviation sigma: sample.shape."""
    x, mu, sigma = _aligned(sample, mu, sigma)
    exponent = -0.5 * ((x - mu) / sigma) ** 2
    norm = math.sqrt(2 * math.pi) * sigma
    return (exponent - norm.log() if is_log else exponent.exp() / norm).to(sample.dtype)


@operator("_random_pdf_gamma", "random_pdf_gamma", infer_inputs=_like_each_other)
def pdf_gamma(sample: torch.Tensor, alpha: torch.Tensor, beta: torch.Tensor, *, is_log: bool = False) -> torch.Tensor:
    """The density of the gamma distribution of shape alpha and *rate* beta: sample.shape.

    The operators that draw take the scale 1 / beta: so in MXNet.
    """
    x, alpha, beta = _aligned(sample, alpha, beta)
    return _density(alpha * beta.log() + (alpha - 1) * x.log() - beta * x - torch.lgamma(alpha), is_log, sample)


@operator("_random_pdf_exponential", "random_pdf_exponential")
def pdf_exponential(sample: torch.Tensor, lam: torch.Tensor, *, is_log: bool = False) -> torch.Tensor:
    """The density of the exponential distribution of rate lam: sample.shape."""
    x, lam = _aligned(sample, lam)
    return (lam.log() - lam * x if is_log else lam * (-lam * x).exp()).to(sample.dtype)


@operator("_random_pdf_poisson", "random_pdf_poisson")
def pdf_poisson(sample: torch.Tensor, lam: torch.Tensor, *, is_log: bool = False) -> torch.Tensor:
    """The probability of a count of a Poisson distribution of mean lam: sample.shape. No gradient for the sample."""
    x, lam = _aligned(sample.detach(), lam)
    return _density(x * lam.log() - lam - torch.lgamma(x + 1), is_log, sample)


def _negative_binomial(x: torch.Tensor, k: torch.Tensor, p: torch.Tensor) -> torch.Tensor:
    """The logarithm of the probability of x failures before k successes of probability p."""
    ways = torch.lgamma(x + k) - torch.lgamma(x + 1) - torch.lgamma(k)
    return ways + k * p.log() + x * (1 - p).log()


@operator("_random_pdf_negative_binomial", "random_pdf_negative_binomial", infer_inputs=_like_each_other)
def pdf_negative_binomial(
    sample: torch.Tensor, k: torch.Tensor, p: torch.Tensor, *, is_log: bool = False
) -> torch.Tensor:
    """The probability of so many failures before k successes of probability p: sample.shape; none for the sample."""
    return _density(_negative_binomial(*_aligned(sample.detach(), k, p)), is_log, sample)


@operator(
    "_random_pdf_generalized_negative_binomial",
    "random_pdf_generalized_negative_binomial",
    infer_inputs=_like_each_other,
)
def pdf_generalized_negative_binomial(
    sample: torch.Tensor, mu: torch.Tensor, alpha: torch.Tensor, *, is_log: bool = False
) -> torch.Tensor:
    """The probability of a count of mean mu and variance mu + alpha mu^2: sample.shape. No gradient for the sample."""
    x, mu, alpha = _aligned(sample.detach(), mu, alpha)
    return _density(_negative_binomial(x, 1 / alpha, 1 / (mu * alpha + 1)), is_log, sample)


@operator("_random_pdf_dirichlet", "random_pdf_dirichlet")
def pdf_dirichlet(sample: torch.Tensor, alpha: torch.Tensor, *, is_log: bool = False) -> torch.Tensor:
    """The density of the Dirichlet distribution: sample P + S + (k,), alpha P + (k,) -> P + S, (1,) for one sample."""
    rows = alpha.ndim - 1
    if sample.ndim <= rows or sample.shape[:rows] != alpha.shape[:-1] or sample.shape[-1] != alpha.shape[-1]:
        raise ValueError(f"the sample's shape must be alpha's {tuple(alpha.shape)}, with axes before its last")
    _check_floats(sample)
    x, a = (sample.float(), alpha.float()) if sample.dtype == torch.float16 else (sample, alpha)
    a = a.reshape(*alpha.shape[:-1], *[1] * (x.ndim - alpha.ndim), alpha.shape[-1])
    norm = torch.lgamma(a.sum(-1)) - torch.lgamma(a).sum(-1)
    log_density = ((a - 1) * x.log()).sum(-1) + norm
    return _density(log_density.reshape(sample.shape[:-1] or (1,)), is_log, sample)
