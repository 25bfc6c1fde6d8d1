"""MXNet's own random numbers, for a CPU. The rules were checked against MXNet 1.9.1: see tests/oracle/streams.py."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from .mt19937 import BLOCK, Twisters
from .rejection import Gamma, Lanes, draw_each, poisson
from .rounding import log, radial, unit
from .serial import marsaglia, polar, swapped
from .shuffling import swaps_backward, swaps_forward
from .stream import (
    FLOATS,
    Parameter,
    Shape,
    Stream,
    affine,
    check_dtype,
    check_integers,
    check_kind,
    check_not_negative,
    check_positive,
    check_randint,
    check_sample,
    check_uniform,
    check_zipfian,
    distinct_zipfian,
    keep_probability,
    parameter_rows,
    shape_and_size,
)

_STREAMS, _SEED_STEP = 1024, 127
_LEAST_VALUES = 64  # a call uses one stream for each 64 values, up to all of them


def _points(words: np.ndarray, dtype: type) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """x, y, r2 = x*x + y*y of points in the square, and which of them lie in the unit circle, from words (..., n)."""
    size = words.shape[-1] // (1 if dtype is np.float32 else 2)
    v = unit(words, np.empty((*words.shape[:-1], size), dtype))
    v *= dtype(2)
    v -= dtype(1)
    x, y = v[..., 0::2], v[..., 1::2]
    r2 = x * x
    r2 += y * y
    return x, y, r2, (r2 <= 1) & (r2 > 0)


def _drawn(dtype: torch.dtype) -> type:
    """The type MXNet draws in: float32 for float32, float64 for the others."""
    return np.float32 if dtype == torch.float32 else np.float64


def _each(value: Parameter, n: int) -> np.ndarray:
    """A floating parameter for each of n values, (n,), or one for all, (1,)."""
    rows = parameter_rows(value, n).reshape(-1).cpu().numpy()
    return rows if rows.dtype.kind == "f" else rows.astype(np.float32)


def _point_words(dtype: type) -> int:
    """How many words the two coordinates of a point take."""
    return 2 if dtype is np.float32 else 4


class CpuStream(Stream):
    """MXNet's random numbers on a CPU: 1024 parallel twisters, and a serial one.

    N values are cut into equal runs, one for each of the first ceil(N / 64) twisters (at most 1024); each twister goes
    on from where its last call left it. Making one costs little: twisters are seeded when a draw first needs them.
    """

    def __init__(self, seed: int = 0) -> None:
        self._lock = threading.RLock()
        self._parallel = Twisters(0, _STREAMS)
        self.seed(seed)

    def seed(self, value: int, *, alone: bool = False) -> None:
        first = int(value) * _SEED_STEP % 2**32
        with self._lock:
            self._parallel.seed(first)
            self._serial_seed = int(value) % 2**32 if alone else first
            self._serial_made = None

    # -- the parallel twisters

    @staticmethod
    def _runs(n: int) -> tuple[int, int, int]:
        """How many twisters share n values; how many each gives; how many the last of them gives."""
        if not n:
            return 0, 0, 0
        step = -(-n // min(-(-n // _LEAST_VALUES), _STREAMS))
        runs = -(-n // step)
        return runs, step, n - (runs - 1) * step

    def _slabs(self, n: int, words: int) -> Iterator[tuple[slice, slice, np.ndarray]]:
        """n values of some words each as pieces of a (runs, step) array, small enough to be taken at once.

        Of each piece its rows, its columns, and how many values each row takes.
        """
        runs, step, last = self._runs(n)
        width = BLOCK // words
        for left in range(0, step, width):
            right = min(left + width, step)
            counts = np.full(runs, right - left, np.int64)
            counts[-1] = min(last, right) - left
            rows = runs if counts[-1] > 0 else runs - 1
            yield slice(0, rows), slice(left, right), counts[:rows]

    def _uniform(self, n: int, dtype: type) -> np.ndarray:
        """n numbers of [0, 1] as float32 (a word each) or float64 (two words each)."""
        runs, step, _ = self._runs(n)
        out = np.empty((runs, step), dtype)
        words = 1 if dtype is np.float32 else 2
        with self._lock:
            for rows, columns, counts in self._slabs(n, words):
                unit(self._parallel.take(rows, counts * words), out[rows, columns])
        return out.reshape(-1)[:n]

    def _normal(self, n: int, dtype: type) -> np.ndarray:
        """n standard Gaussian numbers as float32 or float64: the polar method, a fresh one for each."""
        runs, step, _ = self._runs(n)
        out = np.empty((runs, step), dtype)
        with self._lock:
            for rows, columns, counts in self._slabs(n, 2 * _point_words(dtype)):
                polar = self._polar_few if runs == 1 else self._polar
                out[rows, columns] = polar(rows, counts, dtype)
        return out.reshape(-1)[:n]

    def _polar_few(self, rows: slice, need: np.ndarray, dtype: type) -> np.ndarray:
        """`_polar` for the few values that come from the first stream alone, without the bookkeeping of many."""
        words = _point_words(dtype)
        y, r2 = np.empty((2, 0), dtype)
        while len(y) < need[0]:
            drawn = 2 * need + 6
            _, points_y, points_r2, good = (a[0] for a in _points(self._parallel.take(rows, drawn * words), dtype))
            chosen = np.flatnonzero(good)[: need[0] - len(y)]
            y, r2 = np.append(y, points_y[chosen]), np.append(r2, points_r2[chosen])
            if len(y) == need[0]:
                self._parallel.give_back(rows, (drawn - 1 - chosen[-1]) * words)
        return radial(y, r2)

    def _polar(self, rows: slice | np.ndarray, need: np.ndarray, dtype: type) -> np.ndarray:
        """need[k] Gaussian numbers from each stream of `rows`, as (len(need), max(need)); short rows end in ones.

        pi / 4 of all points are good. Each stream draws more than it is likely to need, keeps its first good ones in
        order, and gives back what follows the last of them; the few that still miss some come again.
        """
        width = int(need.max())
        y = np.ones((len(need), width), dtype)
        r2 = np.ones((len(need), width), dtype)
        ends = np.arange(len(need)) * width + need
        words = _point_words(dtype)
        while True:
            drawn = np.minimum(need + need // 3 + 6, BLOCK // words)
            _, points_y, points_r2, good = _points(self._parallel.take(rows, drawn * words), dtype)
            if (drawn != good.shape[1]).any():
                good &= np.arange(good.shape[1]) < drawn[:, None]
            rank = np.cumsum(good, axis=1, dtype=np.int16)
            good &= rank <= need[:, None]
            got = np.minimum(rank[:, -1], need)
            unused = drawn - 1 - np.count_nonzero(rank < need[:, None], axis=1)
            self._parallel.give_back(rows, np.maximum(unused, 0) * words)
            # Row k's points go to where row k goes on; their places in the list of all good points are consecutive.
            places = np.repeat(ends - need - (np.cumsum(got) - got), got)
            places += np.arange(len(places))
            y.reshape(-1)[places] = points_y[good]
            r2.reshape(-1)[places] = points_r2[good]
            missing = np.flatnonzero(got < need)
            if not len(missing):
                return radial(y, r2)
            rows = missing if isinstance(rows, slice) else rows[missing]
            need, ends = (need - got)[missing], ends[missing]

    def uniform(
        self, shape: Shape, low: Parameter = 0.0, high: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        check_dtype(dtype, FLOATS)
        check_uniform(low, high)
        shape, n = shape_and_size(shape)
        draw = torch.from_numpy(self._uniform(n, _drawn(dtype)))
        shift, top = parameter_rows(low, n), parameter_rows(high, n)
        return affine(draw, top - shift, shift, dtype).reshape(shape)

    def normal(
        self, shape: Shape, loc: Parameter = 0.0, scale: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        check_dtype(dtype, FLOATS)
        check_positive("scale", scale)
        shape, n = shape_and_size(shape)
        draw = torch.from_numpy(self._normal(n, _drawn(dtype)))
        return affine(draw, parameter_rows(scale, n), parameter_rows(loc, n), dtype).reshape(shape)

    def exponential(self, shape: Shape, lam: Parameter = 1.0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        check_dtype(dtype, FLOATS)
        check_positive("lam", lam)
        shape, n = shape_and_size(shape)
        draw = self._uniform(n, _drawn(dtype)).astype(np.float64)  # MXNet's literal 1.0 is a double
        draw = -log(1.0 - draw)
        rate = parameter_rows(lam, n).numpy()
        if rate.dtype == np.float16:
            draw = (draw.astype(np.float32) / rate).astype(np.float16)
        else:
            draw /= rate
        draw = draw.astype(np.float64 if dtype == torch.float64 else np.float32, copy=False)
        return torch.from_numpy(draw).to(dtype).reshape(shape)

    def gamma(
        self, shape: Shape, alpha: Parameter = 1.0, beta: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        check_dtype(dtype, FLOATS)
        check_positive("alpha", alpha)
        check_positive("beta", beta)
        shape, n = shape_and_size(shape)
        drawn = np.float64 if dtype == torch.float64 else np.float32
        gamma = Gamma(_each(alpha, n), _each(beta, n), n, drawn)
        return self._one_by_one(shape, n, gamma, drawn).to(dtype)

    def poisson(self, shape: Shape, lam: Parameter = 1.0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        check_dtype(dtype, FLOATS)
        check_not_negative("lam", lam)
        shape, n = shape_and_size(shape)
        rates = np.broadcast_to(_each(lam, n).astype(np.float32), n)
        return self._one_by_one(shape, n, lambda lanes, which, at: poisson(lanes, which, rates[at])).to(dtype)

    def negative_binomial(
        self, shape: Shape, k: Parameter = 1, p: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        check_dtype(dtype, FLOATS)
        check_not_negative("k", k)
        check_not_negative("p", p)
        shape, n = shape_and_size(shape)
        successes, chance = _each(k, n), _each(p, n)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            exact = chance.astype(np.float64)
            odds = ((1 - exact) / exact).astype(chance.dtype)
        gamma = Gamma(successes, odds, n, np.float32)
        return self._one_by_one(shape, n, lambda lanes, which, at: poisson(lanes, which, gamma(lanes, which, at))).to(
            dtype
        )

    def generalized_negative_binomial(
        self, shape: Shape, mu: Parameter = 1.0, alpha: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        check_dtype(dtype, FLOATS)
        check_not_negative("mu", mu)
        check_not_negative("alpha", alpha)
        shape, n = shape_and_size(shape)
        mean, dispersion = _each(mu, n), _each(alpha, n)
        exact = np.broadcast_to(dispersion == 0, n)
        with np.errstate(divide="ignore", over="ignore"):
            gamma = Gamma(1 / dispersion, dispersion * mean, n, np.float32)
        rates = np.broadcast_to(mean.astype(np.float32), n)

        def value(lanes: Lanes, which: np.ndarray, at: np.ndarray) -> np.ndarray:
            lam = rates[at]
            mixed = np.flatnonzero(~exact[at])
            if len(mixed):
                lam[mixed] = gamma(lanes, which[mixed], at[mixed])
            return poisson(lanes, which, lam)

        return self._one_by_one(shape, n, value).to(dtype)

    def _one_by_one(
        self, shape: Shape, n: int, value: Callable[..., np.ndarray], dtype: type = np.float32
    ) -> torch.Tensor:
        with self._lock:
            out = draw_each(self._parallel, self._runs(n), dtype, value)
        return torch.from_numpy(out.reshape(-1)[:n]).reshape(shape)

    def unique_zipfian(self, shape: Shape, range_max: int) -> tuple[torch.Tensor, torch.Tensor]:
        rows, k = check_zipfian(shape, range_max)
        each = -(-rows // _STREAMS) or 1  # here even a few rows take a stream each

        def numbers(row: int, n: int) -> np.ndarray:
            n = min(n, BLOCK // 2)
            words = self._parallel.take(np.array([row // each]), np.array([2 * n]))
            return unit(words, np.empty((1, n)))[0]

        with self._lock:
            self._parallel.make(-(-rows // each) if k else 0)
            found = [distinct_zipfian(functools.partial(numbers, row), range_max, k) for row in range(rows)]
        samples = torch.tensor([s for s, _ in found], dtype=torch.int64).reshape(rows, k)
        return samples, torch.tensor([tries for _, tries in found], dtype=torch.int64)

    def randint(self, shape: Shape, low: int, high: int, dtype: torch.dtype = torch.int32) -> torch.Tensor:
        low, high = check_randint(low, high, dtype)
        shape, n = shape_and_size(shape)
        runs, step, _ = self._runs(n)
        out = np.empty((runs, step), np.int64)
        span = np.int64((high - low + 2**63) % 2**64 - 2**63)  # a C int64, even where it overflows
        with self._lock:
            for rows, columns, counts in self._slabs(n, 2):
                words = self._parallel.take(rows, counts * 2).astype(np.int64)
                words[:, ::2] <<= 31
                out[rows, columns] = np.fmod(words[:, ::2] + words[:, 1::2], span)
        out += np.int64(low)
        out = out.reshape(-1)[:n].astype(np.int32 if dtype == torch.int32 else np.int64, copy=False)
        return torch.from_numpy(out).reshape(shape)

    def dropout_mask(self, shape: Shape, p: float, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        check_dtype(dtype, FLOATS)
        keep = keep_probability(p)
        shape, n = shape_and_size(shape)
        if keep >= 1:
            return torch.from_numpy(np.ones(n, np.float32)).to(dtype).reshape(shape)
        draw = self._uniform(n, _drawn(dtype)).astype(np.float32, copy=False)
        with np.errstate(divide="ignore", invalid="ignore"):
            mask = np.less_equal(draw, keep) * (np.float32(1) / keep)
        return torch.from_numpy(mask).to(dtype).reshape(shape)

    # -- the serial twister

    @property
    def _serial(self) -> np.random.RandomState:
        if self._serial_made is None:
            self._serial_made = np.random.RandomState(self._serial_seed)
        return self._serial_made

    def _serial_words(self, n: int) -> np.ndarray:
        return self._serial.randint(0, 2**32, size=n, dtype=np.uint32)

    def _serial_numbers(self, n: int, dtype: type) -> np.ndarray:
        words = self._serial_words(n if dtype is np.float32 else 2 * n)
        return unit(words, np.empty(n, dtype))

    def serial_uniform(self, shape: Shape, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        check_dtype(dtype, FLOATS[1:])
        shape, n = shape_and_size(shape)
        with self._lock:
            numbers = self._serial_numbers(n, np.float32 if dtype is torch.float32 else np.float64)
        return torch.from_numpy(numbers).reshape(shape)

    def serial_normal(self, shape: Shape) -> torch.Tensor:
        shape, n = shape_and_size(shape)
        with self._lock:
            values = polar(self._serial_numbers, n, np.float32)
        return torch.from_numpy(values).reshape(shape)

    def serial_gamma(self, shape: Shape, alpha: Parameter = 1.0) -> torch.Tensor:
        shape, n = shape_and_size(shape)
        with self._lock:
            values = marsaglia(self._serial_numbers, n, _each(alpha, n))
        return torch.from_numpy(values).reshape(shape)

    def serial_integers(self, shape: Shape, n: int) -> torch.Tensor:
        check_integers(n)
        shape, count = shape_and_size(shape)
        with self._lock:
            words = self._serial_words(count)
        return torch.from_numpy(words.astype(np.int64) % n).reshape(shape)

    def serial_sample(self, n: int, k: int) -> torch.Tensor:
        check_sample(n, k)
        first = max(k, n - k)
        with self._lock:
            words = self._serial_words(n - first)
        order = swapped(words, n, first)
        return torch.from_numpy(order[:k] if k == first else order[first:])

    def shuffle_indices(self, n: int, *, backward: bool = False) -> torch.Tensor:
        places = np.arange(n - 1, 0, -1) if backward else np.arange(1, n)
        partners = np.zeros(n, np.int64)  # step i swaps the places i and partners[i] <= i
        with self._lock:
            partners[places] = self._serial_below(places + 1)
        return torch.from_numpy(swaps_backward(partners) if backward else swaps_forward(partners))

    def _serial_below(self, bounds: np.ndarray) -> np.ndarray:
        """For each bound, in order, an integer below it: equal buckets of words, and words beyond them rejected."""
        bucket = (2**32 - 1) // bounds
        limit = bucket * bounds
        words = np.empty(0, np.int64)
        out = []
        while len(limit):
            # A rejected word moves all later ones by a place, so look at a piece at a time, up to the first rejection.
            piece = min(len(limit), 4096)
            words = np.concatenate([words, self._serial_words(piece - len(words))])
            bad = np.flatnonzero(words >= limit[:piece])
            good = int(bad[0]) if len(bad) else piece
            out.append(words[:good] // bucket[:good])
            words, limit, bucket = words[good + 1 :], limit[good:], bucket[good:]
        return np.concatenate(out) if out else words

    # -- checkpoints

    def get_state(self) -> dict[str, Any]:
        with self._lock:
            _, key, position, _, _ = self._serial.get_state()
            serial = {"key": torch.from_numpy(key.astype(np.int64)), "next": int(position)}
            return {"kind": "mxnet-cpu", "parallel": self._parallel.get_state(), "serial": serial}

    def set_state(self, state: dict[str, Any]) -> None:
        check_kind(state, "mxnet-cpu")
        parallel = Twisters(0, _STREAMS)
        parallel.set_state(state["parallel"])
        serial = np.random.RandomState(0)
        key = state["serial"]["key"].numpy().astype(np.uint32)
        serial.set_state(("MT19937", key, state["serial"]["next"]))
        with self._lock:
            self._parallel, self._serial_made = parallel, serial
