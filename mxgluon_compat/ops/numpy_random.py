"""Distributions of mx.np.random as files hold them, drawn from the stream's sequential generator.

A parameter is a number, or an input where its attribute is None; inputs broadcast. Draws of locations and scales are
differentiable in these. Computations go on in the inputs' dtype (float32 for numbers and integers), step by step as
MXNet rounds them: the noise itself is float32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from ..base import ParameterError
from ..streams import Stream
from .registry import makes, operator
from .schema import Dtype, Floats, Long, Shape

Parameter = float | torch.Tensor
# A result, and nothing in the place of the noise that MXNet keeps beside it for its gradients.
Hidden = tuple[torch.Tensor, torch.Tensor]

_FLOATS = (torch.float16, torch.float32, torch.float64)
_OF_FLOATS = makes(torch.float32)
_OF_INDICES = makes(torch.int64)
_WITH_NOISE: dict[str, Any] = {"infer_dtypes": _OF_FLOATS, "outputs": ("output0", "output1"), "visible": 1}


# ---------------------------------------------------------------------------------------------- parameters
def _absent(*names: str) -> Any:
    """``absent`` of an operator with an input for each of these attributes that is None, in their order."""

    def absent(**attrs: Any) -> tuple[str, ...]:
        count = sum(attrs[name] is None for name in names)
        return tuple(f"input{i}" for i in range(count + 1, len(names) + 1))

    return absent


def _floating(*, dtype: torch.dtype, **_: Any) -> None:
    if dtype not in _FLOATS:
        raise ValueError(f"random values have dtype float16, float32 or float64, not {dtype}")


def _placed(inputs: Sequence[torch.Tensor | None], numbers: Sequence[float | None]) -> list[Parameter]:
    """The parameters in order: numbers, and inputs where there is none."""
    left = iter([x for x in inputs if x is not None])
    return [next(left) if n is None else n for n in numbers]


def _kind(parameters: Sequence[Parameter]) -> torch.dtype:
    """The dtype to compute in."""
    given = next((p.dtype for p in parameters if isinstance(p, torch.Tensor)), torch.float32)
    return given if given.is_floating_point else torch.float32


def _shape(size: Shape | None, parameters: Sequence[Parameter]) -> Shape:
    """That of the draws: ``size``, or what the parameters broadcast to.

    Raises:
        ValueError: they do not broadcast to ``size``.
    """
    own = torch.broadcast_shapes(*[p.shape for p in parameters if isinstance(p, torch.Tensor)])
    if size is None:
        return tuple(own)
    if any(n < 0 for n in size):
        raise ValueError(f"size {size} must not be negative")
    if torch.broadcast_shapes(tuple(size), own) != tuple(size):
        raise ValueError(f"parameters of shape {tuple(own)} do not broadcast to size {tuple(size)}")
    return tuple(size)


def _batches(size: Shape | None, parameters: Sequence[Parameter]) -> Shape:
    """``size`` times what the parameters broadcast to."""
    return (*(size or ()), *_shape(None, parameters))


def _tensor(value: Parameter, like: torch.Tensor, kind: torch.dtype) -> torch.Tensor:
    """A parameter in the dtype to compute in; numbers are float32, as MXNet stores them."""
    if isinstance(value, torch.Tensor):
        return value.to(kind)
    return torch.full((), value, dtype=torch.float32, device=like.device).to(kind)


def _check(value: Parameter, holds: Any, text: str) -> None:
    """Whether ``holds`` is true of a parameter, all of it.

    Raises:
        ParameterError: it is not.
    """
    if not isinstance(value, torch.Tensor):
        good = holds(value)
    elif torch.compiler.is_compiling():
        torch._assert_async(holds(value.detach()).all(), text)  # a branch would break the graph
        return
    else:
        good = value.is_meta or bool(holds(value.detach()).all())
    if not good:
        raise ParameterError(text)


def _not_negative(name: str, value: Parameter) -> None:
    _check(value, lambda v: v >= 0, f"{name} must not be negative")


def _positive(name: str, value: Parameter) -> None:
    _check(value, lambda v: v > 0, f"{name} must be positive")


# ---------------------------------------------------------------------------------------------- arithmetic
def _log(x: torch.Tensor) -> torch.Tensor:
    """The logarithm as the C library rounds it, which torch's own does not on a CPU."""
    return torch.special.xlogy(1.0, x)


def _times(a: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """a * noise in a's dtype; float16 times the float32 noise is rounded once."""
    if a.dtype is torch.float16:
        return (a.float() * noise).half()
    return a * noise.to(a.dtype)


def _located(noise: torch.Tensor, loc: torch.Tensor, scale: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    return _cast(loc + _times(scale, noise), dtype)


def _cast(values: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """float64 goes to float16 through float32."""
    return (values.float() if dtype is torch.float16 else values).to(dtype)


def _with_noise(values: torch.Tensor) -> Hidden:
    return values, values.new_empty(0)


# ---------------------------------------------------------------------------------------------- places and scales
def _uniform(shape: Shape, low: Parameter, high: Parameter, dtype: torch.dtype, stream: Stream) -> torch.Tensor:
    noise, kind = stream.serial_uniform(shape), _kind((low, high))
    with torch.no_grad():  # MXNet has no gradient here
        low, high = _tensor(low, noise, kind), _tensor(high, noise, kind)
        return _located(noise, low, high - low, dtype)


@operator("_npi_uniform", infer_dtypes=_OF_FLOATS, absent=_absent("low", "high"), check=_floating)
def uniform(
    input1: torch.Tensor | None = None,
    input2: torch.Tensor | None = None,
    *,
    low: float | None,
    high: float | None,
    size: Shape | None = None,
    device: torch.device,
    dtype: Dtype = torch.float32,
    stream: Stream,
) -> torch.Tensor:
    """Values from low to high, of shape ``size`` (None: that of the inputs)."""
    ends = _placed((input1, input2), (low, high))
    return _uniform(_shape(size, ends), *ends, dtype, stream)


@operator("_npi_uniform_n", infer_dtypes=_OF_FLOATS, absent=_absent("low", "high"), check=_floating)
def uniform_n(
    input1: torch.Tensor | None = None,
    input2: torch.Tensor | None = None,
    *,
    low: float | None,
    high: float | None,
    size: Shape | None = None,
    device: torch.device,
    dtype: Dtype = torch.float32,
    stream: Stream,
) -> torch.Tensor:
    """Values from low to high, of shape ``size`` + that of the inputs."""
    ends = _placed((input1, input2), (low, high))
    return _uniform(_batches(size, ends), *ends, dtype, stream)


def _scaled(
    noise: torch.Tensor, loc: Parameter, scale: Parameter, kind: torch.dtype, dtype: torch.dtype = torch.float32
) -> Hidden:
    return _with_noise(_located(noise, _tensor(loc, noise, kind), _tensor(scale, noise, kind), dtype))


def _loc_scale(
    inputs: Sequence[torch.Tensor | None], loc: float | None, scale: float | None
) -> tuple[list[Parameter], torch.dtype]:
    parameters = _placed(inputs, (loc, scale))
    _not_negative("scale", parameters[1])
    return parameters, _kind(parameters)


@operator("_npi_normal", absent=_absent("loc", "scale"), check=_floating, **_WITH_NOISE)
def normal(
    input1: torch.Tensor | None = None,
    input2: torch.Tensor | None = None,
    *,
    loc: float | None,
    scale: float | None,
    size: Shape | None = None,
    device: torch.device,
    dtype: Dtype = torch.float32,
    stream: Stream,
) -> Hidden:
    """Gaussian values with mean loc and standard deviation scale, of shape ``size`` (None: that of the inputs)."""
    parameters, kind = _loc_scale((input1, input2), loc, scale)
    return _scaled(stream.serial_normal(_shape(size, parameters)), *parameters, kind, dtype)


@operator("_npi_normal_n", absent=_absent("loc", "scale"), check=_floating, **_WITH_NOISE)
def normal_n(
    input1: torch.Tensor | None = None,
    input2: torch.Tensor | None = None,
    *,
    loc: float | None,
    scale: float | None,
    size: Shape | None = None,
    device: torch.device,
    dtype: Dtype = torch.float32,
    stream: Stream,
) -> Hidden:
    """Gaussian values with mean loc and standard deviation scale, of shape ``size`` + that of the inputs."""
    parameters, kind = _loc_scale((input1, input2), loc, scale)
    return _scaled(stream.serial_normal(_batches(size, parameters)), *parameters, kind, dtype)


@operator("_npi_gumbel", absent=_absent("loc", "scale"), **_WITH_NOISE)
def gumbel(
    input1: torch.Tensor | None = None,
    input2: torch.Tensor | None = None,
    *,
    loc: float | None,
    scale: float | None,
    size: Shape | None = None,
    device: torch.device,
    stream: Stream,
) -> Hidden:
    """Gumbel values loc - scale log(-log(u)), float32 of shape ``size`` (None: that of the inputs)."""
    parameters, kind = _loc_scale((input1, input2), loc, scale)
    u = stream.serial_uniform(_shape(size, parameters))
    return _scaled(-_log(-_log(u.double())).float(), *parameters, kind)


@operator("_npi_logistic", absent=_absent("loc", "scale"), **_WITH_NOISE)
def logistic(
    input1: torch.Tensor | None = None,
    input2: torch.Tensor | None = None,
    *,
    loc: float | None,
    scale: float | None,
    size: Shape | None = None,
    device: torch.device,
    stream: Stream,
) -> Hidden:
    """Logistic values loc + scale log(u / (1 - u)), float32 of shape ``size`` (None: that of the inputs)."""
    parameters, kind = _loc_scale((input1, input2), loc, scale)
    u = stream.serial_uniform(_shape(size, parameters))
    return _scaled((_log(u.double()) - _log((1 - u).double())).float(), *parameters, kind)


# ---------------------------------------------------------------------------------------------- one parameter
@operator("_npi_exponential", absent=_absent("scale"), **_WITH_NOISE)
def exponential(
    input1: torch.Tensor | None = None,
    *,
    scale: float | None = 1.0,
    size: Shape | None = None,
    device: torch.device,
    stream: Stream,
) -> Hidden:
    """Exponential values -scale log(u), float32 of shape ``size`` (None: that of the input)."""
    (mean,) = _placed((input1,), (scale,))
    _not_negative("scale", mean)
    u = stream.serial_uniform(_shape(size, (mean,)))
    if not isinstance(mean, torch.Tensor):
        return _with_noise((-_log(u.double()) * _tensor(mean, u, torch.float64)).float())
    return _with_noise(_times(_tensor(mean, u, _kind((mean,))), -_log(u)).float())


@operator("_npi_rayleigh", absent=_absent("scale"), **_WITH_NOISE)
def rayleigh(
    input1: torch.Tensor | None = None,
    *,
    scale: float | None = 1.0,
    size: Shape | None = None,
    device: torch.device,
    stream: Stream,
) -> Hidden:
    """Rayleigh values scale sqrt(-2 log(u)), float32 of shape ``size`` (None: that of the input)."""
    (mode,) = _placed((input1,), (scale,))
    _not_negative("scale", mode)
    u = stream.serial_uniform(_shape(size, (mode,)))
    noise = (-2 * _log(u.double())).sqrt().float()
    return _with_noise(_times(_tensor(mode, u, _kind((mode,))), noise).float())


@operator("_npi_pareto", absent=_absent("a"), **_WITH_NOISE)
def pareto(
    input1: torch.Tensor | None = None,
    *,
    a: float | None = None,
    size: Shape | None = None,
    device: torch.device,
    stream: Stream,
) -> Hidden:
    """Pareto (Lomax) values exp(-log(u) / a) - 1, float32 of shape ``size`` (None: that of the input)."""
    (shape,) = _placed((input1,), (a,))
    _positive("a", shape)
    u = stream.serial_uniform(_shape(size, (shape,)))
    if not isinstance(shape, torch.Tensor):
        power = -_log(u.double()) / _tensor(shape, u, torch.float64)
        return _with_noise((power.exp() - 1).float())
    kind = _kind((shape,))
    wide = torch.promote_types(kind, torch.float32)
    power = (-_log(u).to(wide) / shape.to(wide)).to(kind)
    return _with_noise((power.double().exp() - 1).to(kind).float())


@operator("_npi_weibull", absent=_absent("a"), **_WITH_NOISE)
def weibull(
    input1: torch.Tensor | None = None,
    *,
    a: float | None = None,
    size: Shape | None = None,
    device: torch.device,
    stream: Stream,
) -> Hidden:
    """Weibull values (-log(u)) ** (1 / a), float32 of shape ``size`` (None: that of the input)."""
    (shape,) = _placed((input1,), (a,))
    _positive("a", shape)
    u = stream.serial_uniform(_shape(size, (shape,)))
    exponent = (1 / _tensor(shape, u, _kind((shape,)))).float()
    return _with_noise(torch.pow(-_log(u), exponent))


@operator("_npi_powerd", infer_dtypes=_OF_FLOATS, absent=_absent("a"))
def powerd(
    input1: torch.Tensor | None = None,
    *,
    a: float | None = None,
    size: Shape | None = None,
    stream: Stream,
) -> torch.Tensor:
    """(1 - u) ** (1 / a), float32 of shape ``size`` (None: that of the input); without gradient."""
    (shape,) = _placed((input1,), (a,))
    _positive("a", shape)
    drawn = _shape(size, (shape,))
    u = stream.serial_uniform((math.prod(drawn) + 1,))[:-1].reshape(drawn)  # MXNet draws one more than it uses
    with torch.no_grad():  # MXNet has no gradient here
        return torch.pow(1 - u, (1 / _tensor(shape, u, _kind((shape,)))).float())


@operator("_npi_gamma", infer_dtypes=_OF_FLOATS, absent=_absent("shape", "scale"), check=_floating)
def gamma(
    input1: torch.Tensor | None = None,
    input2: torch.Tensor | None = None,
    *,
    shape: float | None,
    scale: float | None,
    size: Shape | None = None,
    device: torch.device,
    dtype: Dtype = torch.float32,
    stream: Stream,
) -> torch.Tensor:
    """Gamma values of shape ``shape`` and scale ``scale``: array of shape ``size`` (None: that of the inputs)."""
    alpha, beta = parameters = _placed((input1, input2), (shape, scale))
    for name, value in (("shape", alpha), ("scale", beta)):
        if isinstance(value, torch.Tensor) and not value.is_floating_point():
            raise ValueError(f"{name} must be an array of floats, got {value.dtype}")
        _positive(name, value)
    size = _shape(size, parameters)
    with torch.no_grad():  # MXNet has no gradient here
        draws = stream.serial_gamma(size, alpha.expand(size) if isinstance(alpha, torch.Tensor) else alpha)
        return _cast(draws * _tensor(beta, draws, torch.float64), dtype)


_TRUTH = (torch.bool, torch.uint8, torch.int32, *_FLOATS)


def _countable(*, dtype: torch.dtype, **_: Any) -> None:
    if dtype not in _TRUTH:
        raise ValueError(f"dtype must be bool, uint8, int32 or floating, not {dtype}")


def _absent_chance(*, prob: float | None, logit: float | None, is_logit: bool, **_: Any) -> tuple[str, ...]:
    return () if (logit if is_logit else prob) is None else ("input1",)


@operator("_npi_bernoulli", infer_dtypes=_OF_FLOATS, check=_countable, absent=_absent_chance)
def bernoulli(
    input1: torch.Tensor | None = None,
    *,
    prob: float | None,
    logit: float | None,
    size: Shape | None = None,
    device: torch.device,
    dtype: Dtype = torch.float32,
    is_logit: bool,
    stream: Stream,
) -> torch.Tensor:
    """1 with probability ``prob``, or sigmoid(``logit``) with ``is_logit``, else 0; shape ``size`` (None: input's)."""
    (chance,) = _placed((input1,), (logit if is_logit else prob,))
    if not is_logit:
        _check(chance, lambda v: (v >= 0) & (v <= 1), "prob must lie in [0, 1]")
    u = stream.serial_uniform(_shape(size, (chance,)))
    with torch.no_grad():
        kind = torch.promote_types(_kind((chance,)), torch.float32)
        chance = _tensor(chance, u, kind)
        if is_logit:
            chance = 1 / (1 + (-chance).exp())
        return (u.to(kind) < chance).to(dtype)


# ---------------------------------------------------------------------------------------------- choices
def _absent_choice(*, a: int | None, weighted: bool, **_: Any) -> tuple[str, ...]:
    return ("input1", "input2")[(a is None) + weighted :]


@operator("_npi_choice", infer_dtypes=_OF_INDICES, absent=_absent_choice, mixed_dtypes=True)
def choice(
    input1: torch.Tensor | None = None,
    input2: torch.Tensor | None = None,
    *,
    a: Long | None,
    size: Shape | None,
    device: torch.device,
    replace: bool = True,
    weighted: bool = False,
    stream: Stream,
) -> torch.Tensor:
    """Indices below ``a``, or of the elements of an array, int64 of shape ``size`` (None: one).

    Args:
        input1: the array, where ``a`` is None, whose elements do not count; otherwise the probabilities.
        input2: the probabilities (n,), floating, with ``weighted`` and an array.
        replace: whether an index can come more than once.
    """
    given = [x for x in (input1, input2) if x is not None]
    n = given.pop(0).numel() if a is None else a
    shape = tuple(size or ())
    count = torch.Size(shape).numel()
    if n < 1 and count:
        raise ValueError("there is nothing to choose from")
    if not replace and count > n:
        raise ValueError(f"{count} different ones cannot be chosen from {n}")
    if not weighted:
        return stream.serial_integers(shape, n) if replace else stream.serial_sample(n, count).reshape(shape)
    (weights,) = given
    if weights.shape != (n,) or not weights.is_floating_point():
        raise ValueError(f"{n} floating probabilities are needed, got {tuple(weights.shape)} {weights.dtype}")
    with torch.no_grad():
        weights = weights.float()
        if replace:
            u = stream.serial_uniform(shape)
            return torch.searchsorted(weights.cumsum(0), u).clamp_(max=n - 1)
        keys = weights.log() - (-stream.serial_uniform((n,)).log()).log()
        return keys.argsort(descending=True, stable=True)[:count].reshape(shape)


@operator("_npi_multinomial", infer_dtypes=_OF_INDICES, absent=lambda *, pvals, **_: () if pvals is None else ("a",))
def multinomial(
    a: torch.Tensor | None = None, *, n: int, pvals: Floats | None = None, size: Shape | None = None, stream: Stream
) -> torch.Tensor:
    """How often each of k outcomes comes in n trials: int64 ``size`` + (k,).

    Args:
        a: probabilities (k,), where ``pvals`` does not give them. What the last lacks or has too much does not count.
    """
    if n < 0:
        raise ValueError(f"n must not be negative, got {n}")
    if a is not None and (a.ndim != 1 or not a.is_floating_point()):
        raise ValueError(f"a vector of probabilities is needed, got {tuple(a.shape)} {a.dtype}")
    shape = tuple(size or ())
    trials = torch.Size(shape).numel() * n
    k = len(pvals) if a is None else a.shape[0]
    # MXNet draws a number for each of given probabilities too, and does not use them.
    draws = stream.serial_uniform((trials + (k if a is None else 0),), torch.float64)[:trials]
    with torch.no_grad():
        chances = torch.tensor(pvals, dtype=torch.float64, device=draws.device) if a is None else a
        limit = 1 + (1e-12 if chances.dtype is torch.float64 else 1e-6)
        _check(chances[:-1].double().sum(), lambda v: v <= limit, "all but the last of pvals must not exceed 1 in sum")
        if not k:
            return draws.new_zeros((*shape, 0), dtype=torch.int64)
        places = torch.searchsorted(chances.double().cumsum(0), draws).clamp_(max=k - 1)
        counts = places.new_zeros((torch.Size(shape).numel(), k))
        places = places.reshape(counts.shape[0], n)
        return counts.scatter_add(1, places, torch.ones_like(places)).reshape(*shape, k)
