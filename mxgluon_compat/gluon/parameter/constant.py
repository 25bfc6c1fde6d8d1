"""Parameters that never change."""

from __future__ import annotations

import warnings
from typing import Any

from ... import initializer, ndarray
from ...ndarray import NDArray
from .parameter import Parameter

__all__ = ["Constant"]


class _FixedValues(initializer.Initializer):
    """Fills with fixed values; graphs name it instead of holding them."""

    def __init__(self, name: str, values: NDArray) -> None:
        super().__init__(name=name)
        self._values = values

    def dumps(self) -> str:
        """``Constant_`` and the parameter's name."""
        return f"Constant_{self._kwargs['name']}"

    __str__ = dumps  # what is logged of it

    def _init_weight(self, desc: str, arr: NDArray) -> None:
        arr[:] = self._values


class Constant(Parameter):
    """A parameter that never changes: no gradient, not trained.

    Args:
        name: the full name.
        value: its values, array-like.
    """

    def __init__(self, name: str, value: Any) -> None:
        self.value = value if isinstance(value, NDArray) else ndarray.array(value)
        init = _FixedValues(name, self.value)
        super().__init__(name, grad_req="null", shape=self.value.shape, dtype=self.value.dtype, init=init)

    def __repr__(self) -> str:
        return f"Constant {self.name} (shape={self.shape}, dtype={self.dtype})"

    @property
    def grad_req(self) -> str:
        """Always ``'null'``."""
        return "null"

    @grad_req.setter
    def grad_req(self, req: str) -> None:
        if req != "null":
            warnings.warn(
                f'Constant parameter "{self.name}" does not support grad_req other than "null", and new value '
                f'"{req}" is ignored.',
                stacklevel=2,
            )
        self._grad_req = "null"
