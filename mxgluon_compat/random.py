"""``mx.random``: seeding, and the distributions of ``nd.random``."""

from __future__ import annotations

from typing import Any

from . import streams
from .base import integer_types, missing_attribute
from .context import Context
from .ndarray import random as _nd_random
from .ndarray.random import *  # noqa: F403

__all__ = ["get_state", "seed", "set_state", *_nd_random.__all__]  # type: ignore[attr-defined]  # the stub has none


def seed(seed_state: int, ctx: str | Context = "all") -> None:
    """Seeds the random streams: of all contexts, or of one.

    On a CPU the numbers that follow are MXNet's own for this seed. Python's and numpy's generators are not touched.

    Raises:
        ValueError: ``seed_state`` is not an integer, or ``ctx`` neither ``'all'`` nor a Context.
    """
    if not isinstance(seed_state, integer_types):
        raise ValueError("seed_state must be int")
    if ctx == "all":
        streams.seed(int(seed_state))
    elif isinstance(ctx, (Context, str)):
        streams.seed(int(seed_state), Context(ctx).torch_device)
    else:
        raise ValueError(f"ctx must be 'all' or a Context, got {ctx!r}")


def get_state() -> dict[str, Any]:
    """Where the random streams of all contexts stand, for a checkpoint: plain values and tensors on the CPU.

    MXNet has no such function. ``mx.checkpoint`` puts it into a file, with the rest of a training's state.
    """
    return streams.get_state()


def set_state(state: dict[str, Any]) -> None:
    """Goes on from what ``get_state`` returned, here or in another process: the same numbers follow.

    Raises:
        RuntimeError: a GPU whose stream is in it is not here.
    """
    streams.set_state(state)


def __getattr__(name: str) -> Any:
    if not hasattr(_nd_random, name):
        raise missing_attribute(__name__, name)
    return getattr(_nd_random, name)
