"""Who watches operators run: nobody, unless ``mx.profiler`` puts something here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .registry import Operator

__all__ = ["Watch", "watch"]


class Watch:
    """Functions (operator, its function) -> the function to call instead; None while nobody watches.

    Attributes:
        imperative: for calls on arrays.
        symbolic: for the nodes of graphs, which are run one by one while it is there.
    """

    __slots__ = ("imperative", "symbolic")

    def __init__(self) -> None:
        self.imperative: Callable[[Operator, Callable[..., Any]], Callable[..., Any]] | None = None
        self.symbolic: Callable[[Operator, Callable[..., Any]], Callable[..., Any]] | None = None


watch = Watch()
