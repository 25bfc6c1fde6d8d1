"""numpy arrays of one element that old code may use as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["as_single"]


class array(np.ndarray):  # noqa: N801 - ``repr`` shows the class's name, and these are to look like any array
    """An array of one element with dimensions, convertible to a number.

    ``float(loss.asnumpy())`` and ``"%.3f" % loss.asnumpy()`` are all over code written for MXNet, whose scalars have
    the shape (1,); NumPy deprecated the conversion in 1.25 and refuses it since 2.4. All else is ``numpy.ndarray``'s.
    """

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __array_wrap__(self, values: np.ndarray, context: Any = None, return_scalar: bool = False) -> Any:
        """Scalars where reductions and products of plain arrays give them, not arrays without dimensions."""
        return super().__array_wrap__(values, context) if values.ndim else values[()]

    def squeeze(self, axis: Any = None) -> np.ndarray:
        """As a view, not the scalar that ``__array_wrap__`` would make of it."""
        return as_single(np.asarray(self).squeeze(axis))

    def __array_finalize__(self, source: Any) -> None:
        """Nothing to take over from ``source``."""

    def __reduce__(self) -> Any:
        return np.asarray(self).__reduce__()


array.__module__ = "numpy"


def as_single(values: np.ndarray) -> np.ndarray:
    """``values``, convertible to a number if it has exactly one element and some dimensions."""
    return values.view(array) if values.size == 1 and values.ndim else values
