"""Watching a metric: what is better, and when to stop."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ....metric import (
    MAE,
    MSE,
    RMSE,
    CompositeEvalMetric,
    CrossEntropy,
    EvalMetric,
    NegativeLogLikelihood,
    Perplexity,
)
from ....metric import Loss as metric_loss
from .events import EpochEnd, TrainBegin, TrainEnd

__all__ = ["EarlyStoppingHandler", "check_simple", "comparison", "worst"]

_SMALLER_IS_BETTER = (MAE, MSE, RMSE, CrossEntropy, NegativeLogLikelihood, Perplexity, metric_loss)


def comparison(monitor: EvalMetric, mode: Any, owner: str) -> Any:
    """``np.less`` or ``np.greater``: how a better value compares with one before."""
    if mode not in ("auto", "min", "max"):
        warnings.warn(RuntimeWarning(f"{owner} mode {mode} is unknown, fallback to auto mode."), stacklevel=3)
    if mode == "min":
        return np.less
    if mode == "max":
        return np.greater
    # MXNet takes `greater` for any metric here, so that the worst loss would be the best one.
    best, other = ("min", "max") if isinstance(monitor, _SMALLER_IS_BETTER) else ("max", "min")
    words = {"min": "less", "max": "greater"}
    warnings.warn(
        f"`{words[best]}` operator will be used to determine if {monitor.get()[0]} has improved. Please specify "
        f"`mode='{other}'` to use the `{words[other]}` operator. Specify `mode='{best}' to disable this warning.`",
        stacklevel=3,
    )
    return np.less if best == "min" else np.greater


def worst(better: Any) -> float:
    """What every value is better than."""
    return np.inf if better is np.less else -np.inf


def check_simple(monitor: EvalMetric, owner: str) -> None:
    """Refuses several metrics as one: which of their values should count?"""
    if isinstance(monitor, CompositeEvalMetric):
        raise ValueError(f"CompositeEvalMetric is not supported for {owner}, please specify a simple metric instead.")


class EarlyStoppingHandler(TrainBegin, EpochEnd, TrainEnd):
    """Ends the training where a metric no longer gets better.

    Args:
        monitor: a metric of the Estimator's.
        min_delta: by how much it must get better at least.
        patience: after how many epochs without that to stop; 0 is as 1.
        mode: ``'min'``, ``'max'`` or ``'auto'``, which guesses from the metric: what is better?
        baseline: what the first epoch must be better than.

    Raises:
        ValueError: ``monitor`` is no simple metric.
    """

    def __init__(
        self,
        monitor: EvalMetric,
        min_delta: float = 0,
        patience: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
    ) -> None:
        if not isinstance(monitor, EvalMetric):
            raise ValueError(
                "Please provide one of the metric objects from estimator.train_metrics and estimator.val_metrics as "
                "monitor."
            )
        check_simple(monitor, "EarlyStoppingHandler")
        self.monitor = monitor
        self.baseline = baseline
        self.patience = patience
        self.monitor_op = comparison(monitor, mode, "EarlyStopping")
        self.min_delta = -min_delta if self.monitor_op is np.less else min_delta
        self.wait = 0
        self.stopped_epoch = 0
        self.current_epoch = 0
        self.stop_training = False

    def train_begin(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.current_epoch = 0
        self.stop_training = False
        self.best = worst(self.monitor_op) if self.baseline is None else self.baseline

    def epoch_end(self, estimator: Any, *args: Any, **kwargs: Any) -> bool:
        name, value = self.monitor.get()
        if np.isnan(value):
            warnings.warn(
                RuntimeWarning(
                    f"{name} is not updated, make sure you pass one of the metric objects from estimator.train_metrics "
                    "and estimator.val_metrics as monitor."
                ),
                stacklevel=2,
            )
        elif self.monitor_op(value - self.min_delta, self.best):
            self.best = value
            self.wait = 0
        else:
            self.wait += 1
            if self.wait >= self.patience:
                self.stopped_epoch = self.current_epoch
                self.stop_training = True
        self.current_epoch += 1
        return self.stop_training

    def train_end(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        if self.stopped_epoch > 0:
            estimator.logger.info(
                "[Epoch %d] EarlyStoppingHanlder: early stopping due to %s not improving",
                self.stopped_epoch,
                self.monitor.get()[0],
            )
