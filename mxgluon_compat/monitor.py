"""``mx.monitor``: statistics of what flows through executors, every so many batches."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable
from typing import Any

from . import ndarray
from .base import missing_attribute, py_str
from .ndarray import NDArray

__all__ = ["Monitor"]


def _norm_per_root_of_size(x: NDArray) -> NDArray:
    """The default statistic: the root of the mean square, an array (1,)."""
    return ndarray.norm(x) / math.sqrt(x.size)


class Monitor:
    """Watches executors: outputs of their operators, arguments and auxiliary states.

    ``tic()`` before a batch, ``toc()`` or ``toc_print()`` after it.

    Args:
        interval: every so many batches are watched.
        stat_func: array -> the statistic (an array, or a list of them); default norm(x) / sqrt(x.size).
        pattern: regular expression that names must match from their start.
        sort: sort the results by name.
        monitor_all: the operators' inputs too.

    As an Executor's callback, it sees what operators give in ``forward`` and hand back in ``backward``.
    """

    def __init__(
        self,
        interval: int,
        stat_func: Callable[[NDArray], Any] | None = None,
        pattern: str = ".*",
        sort: bool = False,
        monitor_all: bool = False,
    ) -> None:
        self.stat_func = _norm_per_root_of_size if stat_func is None else stat_func
        self.interval = interval
        self.activated = False
        self.queue: list[tuple[int, str, Any]] = []
        self.step = 0
        self.exes: list[Any] = []
        self.re_prog = re.compile(pattern)
        self.sort = sort
        self.monitor_all = monitor_all

    def stat_helper(self, name: str | bytes, array: NDArray) -> None:
        """What executors call with each array and its name."""
        name = py_str(name)
        if self.activated and self.re_prog.match(name):
            self.queue.append((self.step, name, self.stat_func(array)))

    def install(self, exe: Any) -> None:
        """Watches this executor too.

        Raises:
            AttributeError: it has no ``set_monitor_callback``.
        """
        exe.set_monitor_callback(self.stat_helper, self.monitor_all)
        self.exes.append(exe)

    def tic(self) -> None:
        """Before ``forward``: starts to collect, if it is the batch's turn."""
        if self.step % self.interval == 0:
            self.queue = []
            self.activated = True
        self.step += 1

    def toc(self) -> list[tuple[int, str, str]]:
        """After ``forward`` and ``backward``: (batch, name, statistic as text) of all that was seen; ends to collect.

        Raises:
            AssertionError: ``stat_func`` gave something else than arrays.
        """
        if not self.activated:
            return []
        for exe in self.exes:
            for name, array in (*exe.arg_dict.items(), *exe.aux_dict.items()):
                self.stat_helper(name, array)
        self.activated = False
        found = sorted(self.queue, key=lambda row: row[1]) if self.sort else self.queue
        self.queue = []
        return [(step, name, "".join(map(_text, _arrays(value)))) for step, name, value in found]

    def toc_print(self) -> None:
        """``toc``, and logs the results."""
        for step, name, value in self.toc():
            logging.info(f"Batch: {step:7d} {name:30s} {value}")


def _arrays(value: Any) -> list[NDArray]:
    arrays = value if isinstance(value, list) else [value]
    for array in arrays:
        assert isinstance(array, NDArray), f"stat_func must return an NDArray or a list of them, got {type(array)}"
    return arrays


def _text(array: NDArray) -> str:
    values = array.asnumpy()
    return f"{values[0]!s}\t" if array.shape == (1,) else f"{values}\t"  # !s: float32 has fewer digits than a float


def __getattr__(name: str) -> Any:
    raise missing_attribute(__name__, name)
