"""The events of an Estimator's training, as classes that handlers derive from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["BatchBegin", "BatchEnd", "EpochBegin", "EpochEnd", "EventHandler", "TrainBegin", "TrainEnd"]


class EventHandler:
    """Base class. Handlers with a smaller ``priority`` are called first; those without one have 0."""


def _check_event_handlers(handlers: Any) -> Sequence[Any]:
    """The handlers as a sequence: a list or tuple as it is, one alone, none for None.

    Raises:
        ValueError: something else.
    """
    if isinstance(handlers, EventHandler):
        return [handlers]
    if not handlers:
        return []
    if not isinstance(handlers, (list, tuple)) or not all(isinstance(h, EventHandler) for h in handlers):
        raise ValueError(f"handlers must be an EventHandler or a list of EventHandler, got: {handlers}")
    return handlers


class TrainBegin(EventHandler):
    """Is called before training."""

    def train_begin(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """Before the first epoch of ``fit``."""


class TrainEnd(EventHandler):
    """Is called after training."""

    def train_end(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """After the last epoch of ``fit``."""


class EpochBegin(EventHandler):
    """Is called before each epoch."""

    def epoch_begin(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """Before the first batch of an epoch."""


class EpochEnd(EventHandler):
    """Is called after each epoch."""

    def epoch_end(self, estimator: Any, *args: Any, **kwargs: Any) -> bool | None:
        """After the last batch of an epoch; True ends the training."""
        return False


class BatchBegin(EventHandler):
    """Is called before each batch."""

    def batch_begin(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """Before a batch, which is ``kwargs["batch"]``."""


class BatchEnd(EventHandler):
    """Is called after each batch."""

    def batch_end(self, estimator: Any, *args: Any, **kwargs: Any) -> bool | None:
        """After a batch; True ends the epoch.

        ``kwargs``: ``batch``, and ``pred``, ``label`` and ``loss``: lists of an array for each context.
        """
        return False
