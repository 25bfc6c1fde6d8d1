"""Which metrics an Estimator and its handlers may use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....metric import Accuracy, CompositeEvalMetric, EvalMetric
from ...loss import SoftmaxCrossEntropyLoss

__all__ = ["Accuracy", "CompositeEvalMetric", "EvalMetric", "SoftmaxCrossEntropyLoss"]


def _check_metrics(metrics: Any) -> Sequence[EvalMetric]:
    """The metrics as a sequence: a list or tuple as it is, the parts of a composite, one alone, none for None.

    Raises:
        ValueError: something else.
    """
    if isinstance(metrics, CompositeEvalMetric):
        metrics = metrics.metrics
    elif isinstance(metrics, EvalMetric):
        metrics = [metrics]
    elif not metrics:
        return []
    if not isinstance(metrics, (list, tuple)) or not all(isinstance(m, EvalMetric) for m in metrics):
        raise ValueError(f"metrics must be a Metric or a list of Metric, refer to mxnet.metric.EvalMetric: {metrics}")
    return metrics


def _check_metric_known(handler: Any, metric: Any, known_metrics: Sequence[EvalMetric]) -> None:
    """Refuses a metric that is not one of those objects: nobody would reset and update it."""
    if not any(metric is known for known in known_metrics):
        raise ValueError(
            f"Event handler {type(handler).__name__} refers to a metric instance {metric} outside of the known "
            "training and validation metrics. Please use the metrics from estimator.train_metrics and "
            "estimator.val_metrics instead."
        )


def _check_handler_metric_ref(handler: Any, known_metrics: Sequence[EvalMetric]) -> None:
    """Refuses a handler whose ``metrics`` (one, or several) are not among the known ones."""
    metrics = getattr(handler, "metrics", None)
    if metrics is None:
        return
    for metric in metrics if isinstance(metrics, (list, tuple)) else [metrics]:
        _check_metric_known(handler, metric, known_metrics)


def _suggest_metric_for_loss(loss: Any) -> EvalMetric | None:
    """The metric that usually goes with a loss."""
    return Accuracy() if isinstance(loss, SoftmaxCrossEntropyLoss) else None
