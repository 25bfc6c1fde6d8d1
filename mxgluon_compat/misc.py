"""``mxnet.misc``: the first form of learning rate schedules. ``lr_scheduler`` has today's."""

from __future__ import annotations

import logging
from typing import Any

from .base import missing_attribute

__all__ = ["FactorScheduler", "LearningRateScheduler"]


class LearningRateScheduler:
    """Base of schedules: called with the number of updates, gives the learning rate.

    Attributes:
        base_lr: where it starts; an optimizer sets it.
    """

    def __init__(self) -> None:
        self.base_lr = 0.01

    def __call__(self, iteration: int) -> float:
        """The learning rate at update ``iteration``.

        Raises:
            NotImplementedError: a schedule defines it.
        """
        raise NotImplementedError("must override this")


class FactorScheduler(LearningRateScheduler):
    """Multiplies the learning rate by ``factor`` every ``step`` updates, and logs each change.

    Raises:
        ValueError: ``step`` below 1, ``factor`` of 1 and more.
    """

    def __init__(self, step: int, factor: float = 0.1) -> None:
        super().__init__()
        if step < 1:
            raise ValueError("Schedule step must be greater or equal than 1 round")
        if factor >= 1.0:
            raise ValueError("Factor must be less than 1 to make lr reduce")
        self.step = step
        self.factor = factor
        self.old_lr = self.base_lr
        self.init = False

    def __call__(self, iteration: int) -> float:
        """``base_lr * factor ** (iteration // step)``."""
        if not self.init:
            self.init, self.old_lr = True, self.base_lr
        lr = self.base_lr * self.factor ** (iteration // self.step)
        if lr != self.old_lr:
            self.old_lr = lr
            logging.info("At Iteration [%d]: Swith to new learning rate %.5f", iteration, lr)  # MXNet's spelling
        return lr


def __getattr__(name: str) -> Any:
    raise missing_attribute(__name__, name)
