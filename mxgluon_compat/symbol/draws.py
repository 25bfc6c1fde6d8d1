"""Random numbers of a graph that is to be compiled: they are drawn before it runs, in its own order, and passed in.

What MXNet's streams do cannot be traced. Which draws a graph makes follows from the shapes of its inputs, so it is
found by running the graph once on meta tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from ..base import MXNetError
from ..streams import MetaStream, Stream
from .node import Node
from .run import run_nodes
from .symbol import Symbol

__all__ = ["Draw", "Drawn", "plan"]

Draw = Callable[[Stream], Any]
"""One draw: asks a stream for its numbers, a tensor or a tuple of them."""

_KINDS = (
    "uniform", "normal", "exponential", "gamma", "poisson", "negative_binomial", "generalized_negative_binomial",
    "randint", "unique_zipfian", "dropout_mask", "serial_uniform", "serial_normal", "serial_gamma",
    "serial_integers", "serial_sample", "shuffle_indices",
)  # fmt: skip


class _DependsOnValues(Exception):
    """A draw's parameters are tensors of the graph."""


class _Recorder(MetaStream):
    """Remembers what it is asked for."""

    def __init__(self) -> None:
        self.draws: list[Draw] = []


class Drawn:
    """Gives out numbers that were drawn before, whatever it is asked for."""

    def __init__(self, *numbers: torch.Tensor) -> None:
        self._numbers = list(numbers)

    def _next(self, *_: Any, **__: Any) -> torch.Tensor:
        return self._numbers.pop(0)


def _recording(kind: str) -> Callable[..., torch.Tensor]:
    def record(self: _Recorder, *args: Any, **kwargs: Any) -> torch.Tensor:
        if any(isinstance(a, torch.Tensor) for a in (*args, *kwargs.values())):
            raise _DependsOnValues
        self.draws.append(lambda stream: getattr(stream, kind)(*args, **kwargs))
        return getattr(MetaStream, kind)(self, *args, **kwargs)

    return record


for _kind in _KINDS:
    setattr(_Recorder, _kind, _recording(_kind))
    setattr(Drawn, _kind, Drawn._next)


def plan(symbol: Symbol, tensors: Sequence[torch.Tensor], training: bool) -> dict[int, list[Draw]] | None:
    """{id(node): its draws} in the order of the graph, for inputs of these shapes and dtypes.

    None where it cannot be told: parameters of a distribution, or shapes, that depend on values.
    """
    recorders: dict[int, _Recorder] = {}

    def stream_of(node: Node) -> Stream:
        return recorders.setdefault(id(node), _Recorder())

    meta = [torch.empty_like(t, device="meta") for t in tensors]
    try:
        with torch.no_grad():
            run_nodes(symbol, meta, training, torch.device("meta"), stream_of=stream_of)
    except (_DependsOnValues, MXNetError):
        return None
    return {node: recorder.draws for node, recorder in recorders.items()}
