"""The order in which MXNet's C++ iterators take shuffled examples."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

__all__ = ["Shuffler"]

Item = TypeVar("Item")


class Shuffler:
    """``std::shuffle`` with a 32-bit Mersenne twister, as GCC's library did it when MXNet was built.

    Args:
        seed: of the twister; its low 32 bits count.
    """

    def __init__(self, seed: int) -> None:
        self._draws = np.random.RandomState(seed % 2**32)

    def _below(self, limit: int) -> int:
        """A number from 0 to limit - 1, by scaling down and throwing away what is left over."""
        scaling = (2**32 - 1) // limit
        while True:
            drawn = int(self._draws.randint(0, 2**32, dtype=np.uint32))
            if drawn < scaling * limit:
                return drawn // scaling

    def shuffle(self, items: list[Any]) -> None:
        """Puts the items in another order: each in turn changes places with one up to itself."""
        for i in range(1, len(items)):
            j = self._below(i + 1)
            items[i], items[j] = items[j], items[i]
