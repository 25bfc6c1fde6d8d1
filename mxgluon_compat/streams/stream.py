"""What a random stream is, the rules all streams share, and the stream of meta tensors."""

from __future__ import annotations

import abc
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

Shape = int | Sequence[int]
Parameter = float | torch.Tensor

FLOATS = (torch.float16, torch.float32, torch.float64)
INTS = (torch.int32, torch.int64)


class Stream(abc.ABC):
    """Where random numbers of one device come from.

    Shapes are an int or a sequence of ints (`()` is one value, a zero draws nothing); results are new tensors on the
    stream's device. A *parameter* is a number, or a tensor whose k-th element holds for the k-th of equal consecutive
    parts of the row-major result. Floating draws take `dtype` float16, float32 or float64, else TypeError. A number
    that MXNet refuses as a parameter is a ValueError. `serial_...` and `shuffle_indices` draw from MXNet's second,
    sequential generator, which its `shuffle`, `multinomial` and nearly all of `mx.np.random` use.
    """

    @abc.abstractmethod
    def uniform(
        self, shape: Shape, low: Parameter = 0.0, high: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        """Values from `low` to `high`; ValueError if a number `high` is below a number `low`.

        As in MXNet, rounding can reach `high` itself: about once in 30 million float32 values.
        """

    @abc.abstractmethod
    def normal(
        self, shape: Shape, loc: Parameter = 0.0, scale: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        """Gaussian values: mean `loc`, standard deviation `scale`; ValueError if a number `scale` is not positive."""

    @abc.abstractmethod
    def exponential(self, shape: Shape, lam: Parameter = 1.0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """Exponential values of rate `lam` (mean 1 / lam); ValueError if a number `lam` is not positive."""

    @abc.abstractmethod
    def gamma(
        self, shape: Shape, alpha: Parameter = 1.0, beta: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        """Gamma values of shape `alpha` and scale `beta`; ValueError if one of them is a number and not positive.

        Where an element of a tensor `alpha` is negative or not finite the values are NaN.
        """

    @abc.abstractmethod
    def poisson(self, shape: Shape, lam: Parameter = 1.0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """Poisson counts of mean `lam`; ValueError if a number `lam` is negative.

        In a tensor `lam`, negative elements count as 0, and infinity and NaN give themselves.
        """

    @abc.abstractmethod
    def negative_binomial(
        self, shape: Shape, k: Parameter = 1, p: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        """Failures before the `k`-th success of trials that succeed with probability `p`: poisson(gamma(k, (1-p)/p)).

        ValueError if a number `k` or `p` is negative.
        """

    @abc.abstractmethod
    def generalized_negative_binomial(
        self, shape: Shape, mu: Parameter = 1.0, alpha: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        """Counts of mean `mu` and dispersion `alpha`: poisson(gamma(1/alpha, alpha*mu)), and poisson(mu) at alpha = 0.

        ValueError if a number `mu` or `alpha` is negative.
        """

    @abc.abstractmethod
    def unique_zipfian(self, shape: Shape, range_max: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Rows of different integers of [0, range_max), about log-uniform: int64 `shape`, and how many draws each took.

        ValueError unless `shape` has two axes and its rows are no longer than `range_max`.
        """

    @abc.abstractmethod
    def randint(self, shape: Shape, low: int, high: int, dtype: torch.dtype = torch.int32) -> torch.Tensor:
        """Integers of [low, high) as int32 or int64 (else TypeError); ValueError unless high > low."""

    @abc.abstractmethod
    def dropout_mask(self, shape: Shape, p: float, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """What Dropout multiplies by: 1 / (1 - p) with probability 1 - p, else 0. Nothing is drawn where p is 0.

        As in MXNet, p = 1 gives NaN (0 times infinity). ValueError unless 0 <= p <= 1.
        """

    @abc.abstractmethod
    def serial_uniform(self, shape: Shape, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """float32 or float64 values from 0 to 1 from the sequential generator; for their upper end see `uniform`."""

    @abc.abstractmethod
    def serial_normal(self, shape: Shape) -> torch.Tensor:
        """float32 standard Gaussian values from the sequential generator."""

    @abc.abstractmethod
    def serial_gamma(self, shape: Shape, alpha: Parameter = 1.0) -> torch.Tensor:
        """float64 gamma values of shape `alpha` and scale 1 from the sequential generator.

        `alpha` is a number, or a tensor with an element for each value, row by row. Where it is not positive, or not
        finite, the values are NaN.
        """

    @abc.abstractmethod
    def serial_integers(self, shape: Shape, n: int) -> torch.Tensor:
        """int64 values of [0, n) from the sequential generator; ValueError unless n is positive."""

    @abc.abstractmethod
    def serial_sample(self, n: int, k: int) -> torch.Tensor:
        """k different integers of [0, n), int64, from the sequential generator; ValueError unless 0 <= k <= n."""

    @abc.abstractmethod
    def shuffle_indices(self, n: int, *, backward: bool = False) -> torch.Tensor:
        """A permutation of range(n), int64: `data[indices]` is `data` shuffled along its first axis.

        MXNet walks forward through a vector and backward through the rows of an array of more axes, which gives
        different orders: pass `backward=True` for the latter.
        """

    @abc.abstractmethod
    def seed(self, value: int, *, alone: bool = False) -> None:
        """Restart from an integer, of which the low 32 bits count.

        `alone` tells that only this device was seeded, where MXNet gives a CPU's sequential generator another start.
        """

    @abc.abstractmethod
    def get_state(self) -> dict[str, Any]:
        """The position, made of plain values and cpu tensors (so `torch.load(weights_only=True)` reads it back)."""

    @abc.abstractmethod
    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from what `get_state` of the same kind of stream returned."""


def shape_and_size(shape: Shape) -> tuple[tuple[int, ...], int]:
    """A shape as a tuple, and how many values it holds."""
    shape = tuple(shape) if isinstance(shape, Sequence) else (operator.index(shape),)
    return shape, math.prod(shape)


def check_dtype(dtype: torch.dtype, allowed: tuple[torch.dtype, ...]) -> None:
    """Raises TypeError unless dtype is one of those allowed."""
    if dtype not in allowed:
        raise TypeError(f"random values have dtype {' or '.join(map(str, allowed))}, not {dtype}")


def check_uniform(low: Parameter, high: Parameter) -> None:
    """Raises ValueError where both bounds are numbers and low is above high."""
    if not (isinstance(low, torch.Tensor) or isinstance(high, torch.Tensor) or low <= high):
        raise ValueError(f"uniform needs low <= high, got low={low}, high={high}")


def check_positive(name: str, value: Parameter) -> None:
    """Raises ValueError for a number that is not above 0."""
    if not (isinstance(value, torch.Tensor) or value > 0):
        raise ValueError(f"{name} must be positive, got {value}")


def check_not_negative(name: str, value: Parameter) -> None:
    """Raises ValueError for a number below 0."""
    if not (isinstance(value, torch.Tensor) or value >= 0):
        raise ValueError(f"{name} must not be negative, got {value}")


def check_integers(n: int) -> None:
    """Raises ValueError unless there are integers to draw from."""
    if n < 1:
        raise ValueError(f"there is nothing to draw from: n is {n}")


def check_sample(n: int, k: int) -> None:
    """Raises ValueError unless n integers can give k different ones."""
    if not 0 <= k <= n:
        raise ValueError(f"{k} different values cannot be drawn from {n}")


def check_zipfian(shape: Shape, range_max: int) -> tuple[int, int]:
    """The two axes of `shape`."""
    shape, _ = shape_and_size(shape)
    if len(shape) != 2:
        raise ValueError(f"the shape must have two axes: rows, and samples of each, got {shape}")
    if range_max < 1 or shape[1] > range_max:
        raise ValueError(f"{shape[1]} different samples below {range_max} are not possible")
    return shape


def distinct_zipfian(draw: Callable[[int], np.ndarray], range_max: int, k: int) -> tuple[list[int], int]:
    """k different integers below range_max, in the order of their first draws, and how many draws that took.

    `draw(n)` gives n float64 numbers of [0, 1). No more are drawn than are needed: each gives one new integer at most.
    """
    seen: dict[int, None] = {}
    tries = 0
    while len(seen) < k:
        exponent = draw(k - len(seen))
        tries += len(exponent)
        values = np.floor(np.exp(exponent * math.log(range_max)) + 0.5).astype(np.int64) - 1
        seen.update(dict.fromkeys((values % range_max).tolist()))
    return list(seen), tries


def check_randint(low: int, high: int, dtype: torch.dtype) -> tuple[int, int]:
    """`low` and `high` as Python's integers, which do not overflow."""
    check_dtype(dtype, INTS)
    low, high = operator.index(low), operator.index(high)
    if not low < high:  # MXNet divides by zero where they are equal, and takes the process along
        raise ValueError(f"randint needs low < high, got low={low}, high={high}")
    return low, high


def keep_probability(p: float) -> np.float32:
    """The probability of keeping a value, in MXNet's arithmetic."""
    if not 0 <= p <= 1:
        raise ValueError(f"the dropout fraction p must be in [0, 1], got {p}")
    return np.float32(1) - np.float32(p)


def parameter_rows(value: Parameter, n: int) -> torch.Tensor:
    """A parameter for each of n values, or one for all: (n,), or (1,), or 0-d on the cpu for a number.

    Numbers are float32, as MXNet stores them.
    """
    if not isinstance(value, torch.Tensor):
        return torch.from_numpy(np.asarray(value, np.float32))
    flat = value.detach().reshape(-1)
    return flat if len(flat) == 1 else flat.repeat_interleave(-(-n // max(len(flat), 1)))[:n]


def affine(draw: torch.Tensor, scale: torch.Tensor, shift: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """shift + scale * draw, rounded where MXNet rounds.

    Parameters and draws meet in the wider of their types; only float16 parameters round every single step to float16.
    float64 goes to float16 through float32.
    """
    if scale.dtype == torch.float16:
        product = (scale.float() * draw.float()).half()
        draw = (shift.float() + product.float()).half()
    elif torch.promote_types(scale.dtype, shift.dtype) == draw.dtype:
        _affine_in_place(draw, scale, shift)
    else:
        # Said here, since torch does not count the types of 0-d tensors.
        wide = torch.promote_types(draw.dtype, torch.promote_types(scale.dtype, shift.dtype))
        draw = shift.to(wide) + scale.to(wide) * draw.to(wide)
    return (draw.float() if dtype == torch.float16 else draw).to(dtype)


def _affine_in_place(draw: torch.Tensor, scale: torch.Tensor, shift: torch.Tensor) -> None:
    """The common case. NumPy on a cpu: one thread is enough for this, and does not wait for a busy second one."""
    if draw.device.type == "cpu":
        values = draw.numpy()
        values *= scale.numpy()
        values += shift.numpy()
    else:
        draw.mul_(scale).add_(shift)


def check_kind(state: dict[str, Any], kind: str) -> None:
    """Raises ValueError for the state of another kind of stream."""
    if state.get("kind") != kind:
        raise ValueError(f"this is the state of a {state.get('kind')!r} stream, not of a {kind!r} one")


class MetaStream(Stream):
    """Shapes and dtypes only, for inference on meta tensors; the arguments are checked as on a real device."""

    def _empty(self, shape: Shape, dtype: torch.dtype, allowed: tuple[torch.dtype, ...] = FLOATS) -> torch.Tensor:
        check_dtype(dtype, allowed)
        return torch.empty(shape_and_size(shape)[0], dtype=dtype, device="meta")

    def uniform(
        self, shape: Shape, low: Parameter = 0.0, high: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        check_uniform(low, high)
        return self._empty(shape, dtype)

    def normal(
        self, shape: Shape, loc: Parameter = 0.0, scale: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        check_positive("scale", scale)
        return self._empty(shape, dtype)

    def exponential(self, shape: Shape, lam: Parameter = 1.0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        check_positive("lam", lam)
        return self._empty(shape, dtype)

    def gamma(
        self, shape: Shape, alpha: Parameter = 1.0, beta: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        check_positive("alpha", alpha)
        check_positive("beta", beta)
        return self._empty(shape, dtype)

    def poisson(self, shape: Shape, lam: Parameter = 1.0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        check_not_negative("lam", lam)
        return self._empty(shape, dtype)

    def negative_binomial(
        self, shape: Shape, k: Parameter = 1, p: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        check_not_negative("k", k)
        check_not_negative("p", p)
        return self._empty(shape, dtype)

    def generalized_negative_binomial(
        self, shape: Shape, mu: Parameter = 1.0, alpha: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        check_not_negative("mu", mu)
        check_not_negative("alpha", alpha)
        return self._empty(shape, dtype)

    def unique_zipfian(self, shape: Shape, range_max: int) -> tuple[torch.Tensor, torch.Tensor]:
        shape = check_zipfian(shape, range_max)
        return self._empty(shape, torch.int64, INTS), self._empty(shape[0], torch.int64, INTS)

    def randint(self, shape: Shape, low: int, high: int, dtype: torch.dtype = torch.int32) -> torch.Tensor:
        check_randint(low, high, dtype)
        return self._empty(shape, dtype, INTS)

    def dropout_mask(self, shape: Shape, p: float, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        keep_probability(p)
        return self._empty(shape, dtype)

    def serial_uniform(self, shape: Shape, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        return self._empty(shape, dtype)

    def serial_normal(self, shape: Shape) -> torch.Tensor:
        return self._empty(shape, torch.float32)

    def serial_gamma(self, shape: Shape, alpha: Parameter = 1.0) -> torch.Tensor:
        return self._empty(shape, torch.float64)

    def serial_integers(self, shape: Shape, n: int) -> torch.Tensor:
        check_integers(n)
        return self._empty(shape, torch.int64, INTS)

    def serial_sample(self, n: int, k: int) -> torch.Tensor:
        check_sample(n, k)
        return self._empty(k, torch.int64, INTS)

    def shuffle_indices(self, n: int, *, backward: bool = False) -> torch.Tensor:
        return self._empty(n, torch.int64, INTS)

    def seed(self, value: int, *, alone: bool = False) -> None:
        pass

    def get_state(self) -> dict[str, Any]:
        return {"kind": "meta"}

    def set_state(self, state: dict[str, Any]) -> None:
        check_kind(state, "meta")
