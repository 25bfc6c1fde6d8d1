"""Which of NumPy's functions run those of ``mx.np`` on its arrays; MXNet's own tests of these are written with it."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from .numpy.fallback import OWN

__all__ = ["with_array_function_protocol", "with_array_ufunc_protocol"]

F = TypeVar("F")


def _listed(ufuncs: bool) -> list[str]:
    found = {name: getattr(np, name, None) for name in OWN["numpy"]}
    return sorted(name for name, f in found.items() if f is not None and isinstance(f, np.ufunc) == ufuncs)


_NUMPY_ARRAY_FUNCTION_LIST = _listed(ufuncs=False) + [f"linalg.{name}" for name in sorted(OWN["numpy.linalg"])]
_NUMPY_ARRAY_UFUNC_LIST = _listed(ufuncs=True)


def with_array_function_protocol(func: F) -> F:
    """The function itself: NumPy's protocol for functions (NEP 18) is in all versions that run here."""
    return func


def with_array_ufunc_protocol(func: F) -> F:
    """The function itself: NumPy's protocol for ufuncs (NEP 13) is in all versions that run here."""
    return func
