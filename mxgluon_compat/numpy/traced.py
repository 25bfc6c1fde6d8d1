"""Symbols of NumPy semantics in a trace from arrays; see ``symbol.traced``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..base import numeric_types, numpy_dtype
from ..ops import registry
from ..symbol.compose import TRACED, create
from ..symbol.traced import DTYPE, NDIM, Indices, TracedSymbol, current_trace
from .symbol import _Symbol, part_of, sliced, use

__all__ = ["TracedNumpySymbol"]

_PLAIN = (int, np.integer, slice)


class TracedNumpySymbol(TracedSymbol, _Symbol):
    """A symbol of NumPy semantics of the trace that is going on in this thread."""

    __slots__ = ()

    @property
    def T(self) -> Any:  # noqa: N802 - as of arrays
        """With the dimensions in reverse order."""
        return use("_np_transpose", self, {"axes": None}, "transpose")

    @property
    def dtype(self) -> np.dtype[Any]:
        """numpy's dtype, as of arrays; the graph then holds for inputs of these dtypes only."""
        return np.dtype(numpy_dtype(self._tell("dtype", DTYPE)[1]))

    def _is_array(self) -> bool:
        return current_trace() is not None and len(self._outputs) == 1

    def __len__(self) -> int:
        if not self._is_array():
            return _Symbol.__len__(self)
        if not self.ndim:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self._is_array():
            return _Symbol.__iter__(self)
        if not self.ndim:
            raise TypeError("iteration over a 0-d array")
        return (self._view(i) for i in range(self.shape[0]))

    def __getitem__(self, key: Any) -> Any:
        return self._view(key) if self._is_array() else _Symbol.__getitem__(self, key)

    def _view(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        if not all(isinstance(part, _PLAIN) and not isinstance(part, bool) for part in parts):
            return super()._view(key)
        # Written as MXNet does it, which asks for no shape: the graph holds for others too.
        *first, last = parts or (slice(None),)
        contiguous = all(not isinstance(p, slice) for p in first) and (not isinstance(last, slice) or last.step is None)
        return self._as_view(part_of(self, key), key, contiguous)

    def _indices(self, key: Any) -> Indices:
        return _NumpyIndices(key, self._tell("shape", NDIM)[0])


TracedNumpySymbol.__name__ = TracedNumpySymbol.__qualname__ = "_Symbol"  # in what users print
TRACED[_Symbol] = TracedNumpySymbol


class _NumpyIndices(Indices):
    """``Indices`` with NumPy's rules: an index of numbers alone gives an array without dimensions."""

    instead = "F.np.take, F.npx.pick or F.npx.gather_nd"

    def read(self, symbol: Any) -> Any:
        if self.is_whole and not self.new and not self.removed:
            return symbol
        return sliced(symbol, self.parts)

    def write(self, symbol: Any, value: Any) -> Any:
        if self.new:
            return super().write(symbol, value)  # which refuses it
        if not self.ndim:
            return self._filled(symbol, value)
        if isinstance(value, numeric_types):
            return use("_slice_assign_scalar", symbol, {"scalar": float(value), **self.where})
        value = self._fitting(symbol, value)
        part = use("slice", symbol, self.where)
        return _of_two("_slice_assign", symbol, _of_two("broadcast_like", value, part), self.where)

    def _fitting(self, symbol: Any, value: Any) -> Any:
        """The value with the symbol's dtype and number of dimensions.

        Raises:
            TypeError: it is no symbol.
            ValueError: it has more dimensions than the index.
        """
        if not isinstance(value, _Symbol):
            raise TypeError(f"a symbol takes numbers and symbols as values, got {type(value)}")
        value = TracedNumpySymbol(value._outputs)
        kept = self.ndim - len(self.removed)
        more = value.ndim - kept
        if more > 0:
            if math.prod(value.shape[:more]) != 1:
                raise ValueError(f"a value of shape {value.shape} does not fit an index of {kept} dimensions")
            value = use("_np_squeeze", value, {"axis": tuple(range(more))}, "squeeze")
        if value.dtype != symbol.dtype:
            value = use("Cast", value, {"dtype": symbol.dtype.name}, "cast")
        for axis in [0] * max(-more, 0) + self.removed:
            value = use("expand_dims", value, {"axis": axis})
        return value

    def _filled(self, symbol: Any, value: Any) -> Any:
        """The value in place of an array without dimensions."""
        if isinstance(value, numeric_types):
            return use("_npi_full_like", symbol, {"fill_value": float(value)}, "full_like")
        return self._fitting(symbol, value)


def _of_two(name: str, first: Any, second: Any, attrs: dict[str, Any] | None = None) -> Any:
    return create(registry.get(name), [first, second], attrs or {}, None, None, name.lower(), family=_Symbol)
