"""``mx.misc``: the learning rate schedules of MXNet's first versions; ``mx.lr_scheduler`` took their place."""

from __future__ import annotations

import logging

__all__ = ["FactorScheduler", "LearningRateScheduler"]


class LearningRateScheduler:
    """Base class of schedules: a subclass is called with the number of updates and gives the learning rate.

    Attributes:
        base_lr: the rate at the beginning; 0.01 unless it is set.
    """

    def __init__(self) -> None:
        self.base_lr = 0.01

    def __call__(self, iteration: int) -> float:
        """The learning rate after so many updates.

        Raises:
            NotImplementedError: the class defines none.
        """
        raise NotImplementedError("must override this")


class FactorScheduler(LearningRateScheduler):
    """``base_lr * factor ** (iteration // step)``; each change is logged.

    Args:
        step: updates from one change to the next.
        factor: what the rate is multiplied by.

    Raises:
        ValueError: ``step`` is less than 1, or ``factor`` not less.
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
        self.init = False  # whether it was called: base_lr is set in between

    def __call__(self, iteration: int) -> float:
        """The learning rate after so many updates."""
        if not self.init:
            self.init = True
            self.old_lr = self.base_lr
        rate = self.base_lr * self.factor ** int(iteration / self.step)
        if rate != self.old_lr:
            self.old_lr = rate
            logging.info("At Iteration [%d]: Swith to new learning rate %.5f", iteration, rate)  # MXNet's words
        return rate
