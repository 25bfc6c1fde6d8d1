"""Operators that draw random numbers. The numbers come from the supplied stream, which is that of the output's device.

Draws have no gradient; only the log-probabilities of ``_sample_multinomial`` do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ..streams import Stream
from .registry import makes, operator, same_shape
from .schema import Dtype, Long, Shape


def _given(shape: Shape | None) -> Shape:
    if shape is None:
        raise ValueError("shape must be given")
    return shape


# ---------------------------------------------------------------------------------------------- from numbers
@operator("_random_uniform", "random_uniform", "uniform")
def random_uniform(
    *,
    low: float = 0.0,
    high: float = 1.0,
    shape: Shape | None = None,
    device: torch.device,
    dtype: Dtype | None = None,
    stream: Stream,
) -> torch.Tensor:
    """Values from low to high; dtype float16, float32 (default) or float64."""
    return stream.uniform(_given(shape), low, high, dtype or torch.float32)


@operator("_random_normal", "random_normal", "normal")
def random_normal(
    *,
    loc: float = 0.0,
    scale: float = 1.0,
    shape: Shape | None = None,
    device: torch.device,
    dtype: Dtype | None = None,
    stream: Stream,
) -> torch.Tensor:
    """Gaussian values with mean loc and standard deviation scale; dtype float16, float32 (default) or float64."""
    return stream.normal(_given(shape), loc, scale, dtype or torch.float32)


@operator("_random_exponential", "random_exponential")
def random_exponential(
    *,
    lam: float = 1.0,
    shape: Shape | None = None,
    device: torch.device,
    dtype: Dtype | None = None,
    stream: Stream,
) -> torch.Tensor:
    """Exponential values of rate lam (mean 1 / lam); dtype float16, float32 (default) or float64."""
    return stream.exponential(_given(shape), lam, dtype or torch.float32)


@operator("_random_gamma", "random_gamma")
def random_gamma(
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    shape: Shape | None = None,
    device: torch.device,
    dtype: Dtype | None = None,
    stream: Stream,
) -> torch.Tensor:
    """Gamma values of shape alpha and scale beta; dtype float16, float32 (default) or float64."""
    return stream.gamma(_given(shape), alpha, beta, dtype or torch.float32)


@operator("_random_poisson", "random_poisson")
def random_poisson(
    *,
    lam: float = 1.0,
    shape: Shape | None = None,
    device: torch.device,
    dtype: Dtype | None = None,
    stream: Stream,
) -> torch.Tensor:
    """Poisson counts of mean lam; dtype float16, float32 (default) or float64."""
    return stream.poisson(_given(shape), lam, dtype or torch.float32)


@operator("_random_negative_binomial", "random_negative_binomial")
def random_negative_binomial(
    *,
    k: int = 1,
    p: float = 1.0,
    shape: Shape | None = None,
    device: torch.device,
    dtype: Dtype | None = None,
    stream: Stream,
) -> torch.Tensor:
    """Failures before the k-th success, of probability p; dtype float16, float32 (default) or float64."""
    return stream.negative_binomial(_given(shape), k, p, dtype or torch.float32)


@operator("_random_generalized_negative_binomial", "random_generalized_negative_binomial")
def random_generalized_negative_binomial(
    *,
    mu: float = 1.0,
    alpha: float = 1.0,
    shape: Shape | None = None,
    device: torch.device,
    dtype: Dtype | None = None,
    stream: Stream,
) -> torch.Tensor:
    """Counts of mean mu and variance mu + alpha mu^2; dtype float16, float32 (default) or float64."""
    return stream.generalized_negative_binomial(_given(shape), mu, alpha, dtype or torch.float32)


@operator("_random_randint", "random_randint", "_npi_random_randint", infer_dtypes=makes(torch.int32))
def random_randint(
    *,
    low: Long,
    high: Long,
    shape: Shape | None = None,
    device: torch.device,
    dtype: Dtype | None = None,
    stream: Stream,
) -> torch.Tensor:
    """Integers of [low, high); dtype int32 (default) or int64."""
    return stream.randint(_given(shape), low, high, dtype or torch.int32)


# ---------------------------------------------------------------------------------------------- in the shape of data
@operator("_random_uniform_like", infer_inputs=same_shape)
def random_uniform_like(data: torch.Tensor, *, low: float = 0.0, high: float = 1.0, stream: Stream) -> torch.Tensor:
    """Values from low to high in data's shape and (floating) dtype."""
    return stream.uniform(tuple(data.shape), low, high, data.dtype)


@operator("_random_normal_like", infer_inputs=same_shape)
def random_normal_like(data: torch.Tensor, *, loc: float = 0.0, scale: float = 1.0, stream: Stream) -> torch.Tensor:
    """Gaussian values with mean loc and standard deviation scale in data's shape and (floating) dtype."""
    return stream.normal(tuple(data.shape), loc, scale, data.dtype)


@operator("_random_exponential_like", infer_inputs=same_shape)
def random_exponential_like(data: torch.Tensor, *, lam: float = 1.0, stream: Stream) -> torch.Tensor:
    """Exponential values of rate lam in data's shape and (floating) dtype."""
    return stream.exponential(tuple(data.shape), lam, data.dtype)


@operator("_random_gamma_like", infer_inputs=same_shape)
def random_gamma_like(data: torch.Tensor, *, alpha: float = 1.0, beta: float = 1.0, stream: Stream) -> torch.Tensor:
    """Gamma values of shape alpha and scale beta in data's shape and (floating) dtype."""
    return stream.gamma(tuple(data.shape), alpha, beta, data.dtype)


@operator("_random_poisson_like", infer_inputs=same_shape)
def random_poisson_like(data: torch.Tensor, *, lam: float = 1.0, stream: Stream) -> torch.Tensor:
    """Poisson counts of mean lam in data's shape and (floating) dtype."""
    return stream.poisson(tuple(data.shape), lam, data.dtype)


@operator("_random_negative_binomial_like", infer_inputs=same_shape)
def random_negative_binomial_like(data: torch.Tensor, *, k: int = 1, p: float = 1.0, stream: Stream) -> torch.Tensor:
    """Failures before the k-th success, of probability p, in data's shape and (floating) dtype."""
    return stream.negative_binomial(tuple(data.shape), k, p, data.dtype)


@operator("_random_generalized_negative_binomial_like", infer_inputs=same_shape)
def random_generalized_negative_binomial_like(
    data: torch.Tensor, *, mu: float = 1.0, alpha: float = 1.0, stream: Stream
) -> torch.Tensor:
    """Counts of mean mu and variance mu + alpha mu^2 in data's shape and (floating) dtype."""
    return stream.generalized_negative_binomial(tuple(data.shape), mu, alpha, data.dtype)


# ---------------------------------------------------------------------------------------------- from arrays
def _sample_shape(shape: Shape, first: torch.Tensor, *others: torch.Tensor) -> Shape:
    """first.shape + shape: as many draws for each element of the parameters, which have one shape."""
    if any(o.shape != first.shape for o in others):
        raise ValueError("the parameters must have one shape")
    return (*first.shape, *shape)


def _parameter_shapes(
    shapes: Sequence[Shape | None], *, shape: Shape, outputs: Sequence[Shape | None] = (), **_: Any
) -> list[Shape | None]:
    """The parameters have one shape, which the draws' shape begins with."""
    if outputs and outputs[0] is not None:
        shapes = [*shapes, outputs[0][: len(outputs[0]) - len(shape)]]
        return same_shape(shapes)[:-1]
    return same_shape(shapes)


def _parameter_dtypes(dtypes: Sequence[torch.dtype | None], *, dtype: torch.dtype | None, **_: Any) -> tuple[Any, Any]:
    first = next((d for d in dtypes if d is not None), None)
    # Parameters that are not known yet leave the draws' dtype to whoever uses them.
    return [first] * len(dtypes), [dtype or torch.float32 if first is not None else None]


@operator("_sample_uniform", "sample_uniform", infer_inputs=_parameter_shapes, infer_dtypes=_parameter_dtypes)
def sample_uniform(
    low: torch.Tensor, high: torch.Tensor, *, shape: Shape = (), dtype: Dtype | None = None, stream: Stream
) -> torch.Tensor:
    """Values from low[i] to high[i]: low.shape + shape, float32 unless dtype says otherwise."""
    return stream.uniform(_sample_shape(shape, low, high), low, high, dtype or torch.float32)


@operator("_sample_normal", "sample_normal", infer_inputs=_parameter_shapes, infer_dtypes=_parameter_dtypes)
def sample_normal(
    mu: torch.Tensor, sigma: torch.Tensor, *, shape: Shape = (), dtype: Dtype | None = None, stream: Stream
) -> torch.Tensor:
    """Gaussian values, mean mu[i], deviation sigma[i]: mu.shape + shape, float32 unless dtype says otherwise."""
    return stream.normal(_sample_shape(shape, mu, sigma), mu, sigma, dtype or torch.float32)


@operator("_sample_exponential", "sample_exponential", infer_inputs=_parameter_shapes, infer_dtypes=_parameter_dtypes)
def sample_exponential(
    lam: torch.Tensor, *, shape: Shape = (), dtype: Dtype | None = None, stream: Stream
) -> torch.Tensor:
    """Exponential values of rate lam[i]: lam.shape + shape, float32 unless dtype says otherwise."""
    return stream.exponential(_sample_shape(shape, lam), lam, dtype or torch.float32)


@operator("_sample_gamma", "sample_gamma", infer_inputs=_parameter_shapes, infer_dtypes=_parameter_dtypes)
def sample_gamma(
    alpha: torch.Tensor, beta: torch.Tensor, *, shape: Shape = (), dtype: Dtype | None = None, stream: Stream
) -> torch.Tensor:
    """Gamma values, shape alpha[i], scale beta[i]: alpha.shape + shape, float32 unless dtype says otherwise."""
    return stream.gamma(_sample_shape(shape, alpha, beta), alpha, beta, dtype or torch.float32)


@operator("_sample_poisson", "sample_poisson", infer_inputs=_parameter_shapes, infer_dtypes=_parameter_dtypes)
def sample_poisson(lam: torch.Tensor, *, shape: Shape = (), dtype: Dtype | None = None, stream: Stream) -> torch.Tensor:
    """Poisson counts of mean lam[i]: lam.shape + shape, float32 unless dtype says otherwise."""
    return stream.poisson(_sample_shape(shape, lam), lam, dtype or torch.float32)


@operator(
    "_sample_negative_binomial",
    "sample_negative_binomial",
    infer_inputs=_parameter_shapes,
    infer_dtypes=_parameter_dtypes,
)
def sample_negative_binomial(
    k: torch.Tensor, p: torch.Tensor, *, shape: Shape = (), dtype: Dtype | None = None, stream: Stream
) -> torch.Tensor:
    """Failures before k[i] successes of probability p[i]: k.shape + shape, float32 unless dtype says otherwise."""
    return stream.negative_binomial(_sample_shape(shape, k, p), k, p, dtype or torch.float32)


@operator(
    "_sample_generalized_negative_binomial",
    "sample_generalized_negative_binomial",
    infer_inputs=_parameter_shapes,
    infer_dtypes=_parameter_dtypes,
)
def sample_generalized_negative_binomial(
    mu: torch.Tensor, alpha: torch.Tensor, *, shape: Shape = (), dtype: Dtype | None = None, stream: Stream
) -> torch.Tensor:
    """Counts of mean mu[i], dispersion alpha[i]: mu.shape + shape, float32 unless dtype says otherwise."""
    return stream.generalized_negative_binomial(_sample_shape(shape, mu, alpha), mu, alpha, dtype or torch.float32)


# ---------------------------------------------------------------------------------------------- choices
@operator(
    "_sample_unique_zipfian",
    outputs=("output0", "output1"),
    infer_dtypes=lambda dtypes, **_: (dtypes, [torch.int64, torch.int64]),
)
def sample_unique_zipfian(
    *, range_max: int, shape: Shape | None = None, stream: Stream
) -> tuple[torch.Tensor, torch.Tensor]:
    """In each of shape[0] rows shape[1] different integers of [0, range_max), log-uniform; and the draws it took.

    int64 shape and (shape[0],). A draw is exp(u log(range_max)) with a uniform u, rounded, less one.
    """
    return stream.unique_zipfian(_given(shape), range_max)


@operator("_shuffle", "shuffle", "_npi_shuffle", infer_inputs=same_shape)
def shuffle(data: torch.Tensor, *, stream: Stream) -> torch.Tensor:
    """data with its entries along the first axis in random order."""
    return data.index_select(0, stream.shuffle_indices(data.shape[0], backward=data.ndim > 1))


@operator(
    "_sample_multinomial",
    "sample_multinomial",
    outputs=lambda get_prob, **_: ("output0", "output1") if get_prob else ("output",),
)
def sample_multinomial(
    data: torch.Tensor,
    *,
    shape: Shape = (),
    get_prob: bool = False,
    dtype: Dtype = torch.int32,
    stream: Stream,
) -> tuple[torch.Tensor, ...]:
    """Indices drawn with the probabilities data (b..., k): (b...) + shape, (1,) for one draw from one distribution.

    With ``get_prob`` also the logarithms of their probabilities, in data's dtype and differentiable.
    """
    if any(n < 0 for n in shape):
        raise ValueError(f"shape {shape} must not be negative")
    k = data.shape[-1]
    rows = data.reshape(-1, k)
    draws = stream.serial_uniform((rows.shape[0], torch.Size(shape).numel())).to(data.dtype)
    with torch.no_grad():
        indices = torch.searchsorted(rows.cumsum(-1), draws, right=True).clamp_(max=k - 1)
    out = (*data.shape[:-1], *shape) or (1,)
    chosen = indices.reshape(out).to(dtype)
    return (chosen, rows.gather(1, indices).log().reshape(out)) if get_prob else (chosen,)
