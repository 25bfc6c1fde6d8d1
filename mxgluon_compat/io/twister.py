"""Numbers as MXNet's C++ iterators draw them: a 32-bit Mersenne twister and the distributions of GCC's library."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = ["Twister"]

_FLOAT = np.float32
_WORDS = 2**32
_AT_ONCE = 64  # words to take from NumPy at a time
_UNDER_ONE = np.nextafter(np.float32(1), np.float32(0))


class Twister:
    """One generator, ``std::mt19937``.

    Args:
        seed: its low 32 bits count.
    """

    def __init__(self, seed: int) -> None:
        self._state = np.random.RandomState(seed % _WORDS)
        self._words: list[int] = []

    def word(self) -> int:
        """32 bits."""
        if not self._words:
            self._words = self._state.randint(0, _WORDS, _AT_ONCE, dtype=np.uint32).tolist()[::-1]
        return self._words.pop()

    def below(self, limit: int) -> int:
        """A number from 0 to limit - 1, by scaling down and throwing away what is left over."""
        scaling = (_WORDS - 1) // limit
        while True:
            drawn = self.word()
            if drawn < scaling * limit:
                return drawn // scaling

    def integer(self, low: int, high: int) -> int:
        """A number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def unit(self) -> np.float32:
        """A float32 from 0 to 1, 1 left out."""
        return min(np.float32(np.float32(self.word()) / np.float32(_WORDS)), _UNDER_ONE)

    def within(self, low: float, high: float) -> np.float32:
        """A float32 from ``low`` to ``high``."""
        return self.unit() * (_FLOAT(high) - _FLOAT(low)) + _FLOAT(low)

    def around(self, limit: float) -> np.float32:
        """A float32 from -limit to limit."""
        return self.unit() * _FLOAT(limit) * 2 - _FLOAT(limit)

    def normal(self, count: int) -> np.ndarray:
        """So many float32 of the normal distribution of mean 0 and deviation 1 (Marsaglia's polar method)."""
        found: list[np.float32] = []
        while len(found) < count:
            x, y = 2 * self.unit() - 1, 2 * self.unit() - 1
            square = x * x + y * y
            if 0 < square <= 1:
                factor = np.sqrt(-2 * np.log(square) / square)
                found += [y * factor, x * factor]
        return np.array(found[:count], np.float32)

    def double(self) -> float:
        """A float64 from 0 to 1, 1 left out."""
        low, high = self.word(), self.word()
        return min((low + high * float(_WORDS)) / float(_WORDS) ** 2, math.nextafter(1, 0))

    def coin(self) -> bool:
        """True half of the time."""
        return self.double() < 0.5

    def shuffle(self, items: list[Any]) -> None:
        """Puts the items in another order: each in turn changes places with one up to itself."""
        for i in range(1, len(items)):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
