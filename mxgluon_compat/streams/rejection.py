"""MXNet's gamma and Poisson numbers on a CPU, made of as many random words as each of them happens to need.

Many streams go side by side, a value from each at a time; steps follow MXNet's arithmetic, type by type.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .mt19937 import BLOCK, Twisters
from .rounding import log, log_gamma, power, radial, unit

_SINGLE, _DOUBLE = np.float32, np.float64
_PI = _SINGLE(3.1415926)  # as MXNet writes it: one unit in the last place below the nearest to pi
# Words that a stream has left when it looks for a point in the unit circle: pi / 4 of the points are.
_ENOUGH = 200

Parameter = np.ndarray
"""A parameter of a distribution for each of n values, or (1,) for all of them."""


class Lanes:
    """The first `count` streams of `twisters`, each read at its own pace, as numbers of [0, 1] of a type.

    `which` is always an array of different lanes, and results have a row for each of them. Leaving the context gives
    back what was not used.
    """

    def __init__(self, twisters: Twisters, count: int, dtype: type) -> None:
        self._twisters, self._rows, self._dtype = twisters, slice(0, count), dtype
        self._words = 1 if dtype is _SINGLE else 2
        self._width = BLOCK // self._words
        self._first = np.arange(count) * self._width
        self._next = self._first + self._width  # where each lane goes on, in `_numbers` as one row
        self._numbers = np.empty((count, self._width), dtype)
        self._points: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None

    def __enter__(self) -> Lanes:
        return self

    def __exit__(self, *_: object) -> None:
        unused = self._first + self._width - self._next
        self._twisters.give_back(self._rows, unused * self._words)
        self._next += unused

    def _reserve(self, count: int) -> None:
        """See to it that each lane has so many numbers left."""
        if (self._next - self._first).max() + count > self._width:
            self.__exit__()
            words = self._twisters.take(self._rows, np.full(len(self._first), BLOCK))
            unit(words, self._numbers)
            self._next = self._first.copy()
            self._points = None

    def uniform(self, which: np.ndarray) -> np.ndarray:
        """One number of [0, 1] from each."""
        self._reserve(1)
        places = self._next[which]
        self._next[which] = places + 1
        return self._numbers.reshape(-1)[places]

    def ahead(self, which: np.ndarray, count: int) -> np.ndarray:
        """The next numbers of each, (len(which), count), which remain there until `skip`."""
        self._reserve(count)
        return self._numbers.reshape(-1)[self._next[which][:, None] + np.arange(count)]

    def skip(self, which: np.ndarray, counts: np.ndarray) -> None:
        """Use up so many numbers of each."""
        self._next[which] += counts

    def normal(self, which: np.ndarray) -> np.ndarray:
        """One standard Gaussian number from each: the polar method, a fresh one for each number."""
        self._reserve(_ENOUGH // self._words)
        if self._points is None:
            self._points = self._find_points()
        distance, y, r2 = self._points
        places = self._next[which]
        places += distance[places]
        self._next[which] = places + 2
        return radial(y[places], r2[places])

    def _find_points(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For each place in the numbers: how far on the first good point lies; y and x*x + y*y of the one that is here.

        Points are pairs of numbers, so only every second place further on counts.
        """
        y = self._numbers * self._dtype(2)
        y -= self._dtype(1)
        r2 = y * y
        r2[:, :-1] += r2[:, 1:]
        columns = np.arange(self._width, dtype=np.int16)
        good = np.where((r2 <= 1) & (r2 > 0), columns, np.int16(self._width))
        good[:, -1] = self._width
        for half in (good[:, 0::2], good[:, 1::2]):
            half[:] = np.minimum.accumulate(half[:, ::-1], axis=1)[:, ::-1]
        good -= columns
        y[:, :-1] = y[:, 1:]
        return good.reshape(-1), y.reshape(-1), r2.reshape(-1)


class Gamma:
    """Gamma numbers by Marsaglia's and Tsang's method; `alpha` is the shape, `beta` the scale.

    Called with the lanes to draw from and the element that each draws, 0 to n - 1. Elements whose `alpha` is negative
    or not finite are NaN and take no words: MXNet never comes back from them.
    """

    def __init__(self, alpha: Parameter, beta: Parameter, n: int, dtype: type) -> None:
        self._dtype = dtype
        kind = alpha.dtype.type
        # MXNet mixes its numbers with doubles, except for float16, which rounds each step.
        half = kind is np.float16
        wide = alpha.astype(_SINGLE if half else _DOUBLE)
        with np.errstate(all="ignore"):
            d = wide + wide.dtype.type(2 / 3)
            np.subtract(wide, wide.dtype.type(1 / 3), out=d, where=alpha >= 1)
            inverse = 1 / wide
            if half:
                d, inverse = d.astype(kind), inverse.astype(kind)
            d = d.astype(dtype)
            k = np.sqrt(9.0 * d.astype(_DOUBLE)).astype(dtype)
            c = (1.0 / k.astype(_DOUBLE)).astype(dtype)
            inverse = inverse.astype(dtype).astype(_DOUBLE)
        invalid = ~(np.isfinite(wide) & (wide >= 0))
        self._any_small, self._any_invalid = bool((alpha < 1).any()), bool(invalid.any())
        self._half = half
        rows = (d, k, c, beta, alpha < 1, inverse, invalid)
        self._rows = [np.broadcast_to(row, n) for row in rows]

    def __call__(self, lanes: Lanes, which: np.ndarray, elements: np.ndarray) -> np.ndarray:
        out = np.full(len(which), np.nan, self._dtype)
        d, k, c, beta, small, inverse, invalid = self._rows
        missing = np.arange(len(which))
        if self._any_invalid:
            missing = missing[~invalid[elements]]
        while len(missing):
            z = lanes.normal(which[missing])
            within = z > -k[elements[missing]]
            # A stream whose z is out of range goes on with another one, and draws no uniform number.
            tried = missing if within.all() else missing[within]
            z = z if tried is missing else z[within]
            here = elements[tried]
            scale = d[here]
            v = (1.0 + (c[here] * z).astype(_DOUBLE)).astype(self._dtype)
            v = v * v * v
            level = log(1.0 - lanes.uniform(which[tried]).astype(_DOUBLE))
            bound = 0.5 * z.astype(_DOUBLE) * z + scale.astype(_DOUBLE) * (1.0 - v.astype(_DOUBLE) + log(v))
            good = level < bound
            done = tried[good]
            out[done] = self._scaled((scale * v)[good], beta[here[good]])
            if len(done) == len(missing):
                break
            missing = np.setdiff1d(missing, done, assume_unique=True)
        if self._any_small:
            places = np.flatnonzero(small[elements] & ~invalid[elements])
            here = elements[places]
            factor = power(lanes.uniform(which[places]).astype(_DOUBLE), inverse[here])
            out[places] = out[places] * factor
        return out

    def _scaled(self, values: np.ndarray, beta: np.ndarray) -> np.ndarray:
        if beta.dtype == np.float16:
            return (values.astype(_SINGLE) * beta.astype(_SINGLE)).astype(np.float16)
        return values * beta


def poisson(lanes: Lanes, which: np.ndarray, lam: np.ndarray) -> np.ndarray:
    """A Poisson number of mean lam[i] (float32) from each lane, as float32.

    What is not finite gives itself and takes no words.
    """
    out = lam.copy()
    finite = np.isfinite(lam)
    low = np.flatnonzero(finite & (lam < 12))
    if len(low):
        out[low] = _poisson_low(lanes, which[low], lam[low])
    high = np.flatnonzero(finite & (lam >= 12))
    if len(high):
        out[high] = _poisson_high(lanes, which[high], lam[high])
    return out


def _poisson_low(lanes: Lanes, which: np.ndarray, lam: np.ndarray) -> np.ndarray:
    """How many uniform numbers can be multiplied until the product is not above exp(-lam), less one."""
    floor = np.exp(-lam.astype(_DOUBLE)).astype(_SINGLE)
    out = np.zeros(len(lam), _SINGLE)
    product = np.ones(len(lam), _SINGLE)
    most = max(float(lam.max()), 0.0)
    width = 2 + int(most + 3 * math.sqrt(most))
    missing = np.arange(len(lam))
    while len(missing):
        products = lanes.ahead(which[missing], width)
        products[:, 0] *= product[missing]
        np.cumprod(products, axis=1, out=products)
        below = products <= floor[missing, None]
        ended = below[:, -1]
        count = np.where(ended, below.argmax(axis=1), width)
        out[missing] += count
        lanes.skip(which[missing], count + ended)
        product[missing] = products[:, -1]
        missing = missing[~ended]
    return out


def _poisson_high(lanes: Lanes, which: np.ndarray, lam: np.ndarray) -> np.ndarray:
    """Rejection from a Lorentzian (Numerical Recipes), in float32."""
    root = np.sqrt(2.0 * lam.astype(_DOUBLE)).astype(_SINGLE)
    log_lam = log(lam)
    out = np.empty(len(lam), _SINGLE)
    with np.errstate(all="ignore"):  # beyond 1e36 products overflow, and every proposal is taken
        g = lam * log_lam - log_gamma((lam.astype(_DOUBLE) + 1.0).astype(_SINGLE))
        missing = np.arange(len(lam))
        while len(missing):
            y = np.empty(len(missing), _SINGLE)
            proposal = np.full(len(missing), -1, _SINGLE)
            negative = np.arange(len(missing))
            while len(negative):
                here = missing[negative]
                angle = _PI * lanes.uniform(which[here])
                # The C library's tanf rounds one in 25 differently: it shows in a count only where lam is beyond 1e6.
                y[negative] = np.tan(angle.astype(_DOUBLE))
                proposal[negative] = root[here] * y[negative] + lam[here]
                negative = negative[proposal[negative] < 0]
            np.floor(proposal, out=proposal)
            shape = log_gamma((proposal.astype(_DOUBLE) + 1.0).astype(_SINGLE))
            likelihood = np.exp((proposal * log_lam[missing] - shape - g[missing]).astype(_DOUBLE)).astype(_SINGLE)
            chance = (0.9 * (1.0 + (y * y).astype(_DOUBLE)) * likelihood).astype(_SINGLE)
            refused = lanes.uniform(which[missing]) > chance
            out[missing[~refused]] = proposal[~refused]
            missing = missing[refused]
    return out


def draw_each(
    twisters: Twisters, runs: tuple[int, int, int], dtype: type, value: Callable[..., np.ndarray]
) -> np.ndarray:
    """`value(lanes, which, elements)` for each element, in rows of the streams' runs: (streams, values of each).

    Args:
        runs: how many streams share the values; how many each gives; how many the last of them gives.
        dtype: float32 or float64, that of the uniform numbers.
    """
    count, step, last = runs
    out = np.empty((count, step), dtype)
    if not count:
        return out
    which = np.arange(count)
    with Lanes(twisters, count, dtype) as lanes:
        for j in range(step):
            here = which if j < last else which[:-1]
            out[here, j] = value(lanes, here, here * step + j)
    return out
