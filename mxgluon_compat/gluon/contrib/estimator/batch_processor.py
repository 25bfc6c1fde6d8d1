"""What an Estimator does with one batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .... import autograd
from ....context import Context
from ....ndarray import NDArray
from ...utils import split_and_load

__all__ = ["BatchProcessor"]

Arrays = list[NDArray]


class BatchProcessor:
    """Runs a batch ``(data, label)`` forward and, in training, backward; subclasses do what other batches need."""

    def __init__(self) -> None:
        pass

    def _get_data_and_label(self, batch: Any, ctx: Sequence[Context], batch_axis: int = 0) -> tuple[Arrays, Arrays]:
        """The first two parts of a batch, each cut along ``batch_axis`` and spread over the contexts."""
        return split_and_load(batch[0], ctx, batch_axis), split_and_load(batch[1], ctx, batch_axis)

    def evaluate_batch(
        self, estimator: Any, val_batch: Any, batch_axis: int = 0
    ) -> tuple[Arrays, Arrays, Arrays, Arrays]:
        """Runs ``val_net`` and ``val_loss``.

        Args:
            estimator: the Estimator.
            val_batch: a batch of the data loader.
            batch_axis: where the instances are counted.

        Returns:
            Data, labels, predictions and losses, an array for each context.
        """
        data, label = self._get_data_and_label(val_batch, estimator.context, batch_axis)
        pred = [estimator.val_net(x) for x in data]
        return data, label, pred, [estimator.val_loss(p, y) for p, y in zip(pred, label, strict=True)]

    def fit_batch(self, estimator: Any, train_batch: Any, batch_axis: int = 0) -> tuple[Arrays, Arrays, Arrays, Arrays]:
        """Runs ``net`` and ``loss`` forward and backward; a GradientUpdateHandler takes the step.

        Args and result are those of ``evaluate_batch``.
        """
        data, label = self._get_data_and_label(train_batch, estimator.context, batch_axis)
        with autograd.record():
            pred = [estimator.net(x) for x in data]
            loss = [estimator.loss(p, y) for p, y in zip(pred, label, strict=True)]
        for one in loss:
            one.backward()
        return data, label, pred, loss
