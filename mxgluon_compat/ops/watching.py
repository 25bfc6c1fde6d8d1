"""Who watches operators run: nobody, unless ``mx.profiler`` puts something here."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from .registry import Operator

__all__ = ["Watch", "watch"]


class Watch:
    """Functions (operator, its function) -> the function to call instead, and one more; None while nobody watches.

    Attributes:
        imperative: for calls on arrays.
        symbolic: for the nodes of graphs, which are run one by one while it is there.
        custom: (custom operator's name) -> the ``with`` block in which its Python code runs.
    """

    __slots__ = ("custom", "imperative", "symbolic")

    def __init__(self) -> None:
        self.imperative: Callable[[Operator, Callable[..., Any]], Callable[..., Any]] | None = None
        self.symbolic: Callable[[Operator, Callable[..., Any]], Callable[..., Any]] | None = None
        self.custom: Callable[[str], AbstractContextManager[Any]] | None = None


watch = Watch()
