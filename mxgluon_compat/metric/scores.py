"""Metrics of counts and moments: F1, Matthews' and Pearson's correlation."""

from __future__ import annotations

from typing import Any

import numpy
import torch

from .base import EvalMetric, Names, alias, argmax, check_label_shapes, register, tensor
from .device import DeviceMetric
from .statistics import Confusion, PairMoments, _BinaryClassificationMetrics, fscore, matthews, multiclass_correlation


class _BinaryScore(DeviceMetric):
    """A score of the counts of a binary classification.  labels (N,) of 0 and 1, preds (N, 2) scores.

    ``average='macro'`` averages the scores of the updates; any other value is the score of all counts together.
    """

    def __init__(self, name: str, output_names: Names, label_names: Names, average: str) -> None:
        self._average = average
        self._metrics = _BinaryClassificationMetrics()
        super().__init__(name, output_names, label_names, has_global_stats=True)

    @staticmethod
    def _score(counts: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def update(self, labels: Any, preds: Any) -> None:
        labels, preds = check_label_shapes(labels, preds, True)
        stats = self._metrics
        for label, pred in zip(labels, preds, strict=True):
            stats.update_binary_stats(label, pred, self._doubts)
        if self._average == "macro":
            self._add(self._score(stats.local), 1)
            stats.reset_stats()
            return
        for counts, number, total in (
            (stats.local, "num_inst", "sum_metric"), (stats.total, "global_num_inst", "global_sum_metric"),
        ):  # fmt: skip
            setattr(self, number, counts.sum())
            setattr(self, total, self._score(counts) * counts.sum())

    def reset(self) -> None:
        super().reset()
        self._metrics.reset_stats()

    def reset_local(self) -> None:
        super().reset_local()
        self._metrics.local_reset_stats()


@register
class F1(_BinaryScore):
    """The F1 score of class 1.  labels (N,) of 0 and 1, preds (N, 2); ``average``: 'macro' (of updates) or 'micro'."""

    def __init__(
        self, name: str = "f1", output_names: Names = None, label_names: Names = None, average: str = "macro"
    ) -> None:
        super().__init__(name, output_names, label_names, average)
        self.average = average

    @property
    def metrics(self) -> _BinaryClassificationMetrics:
        """The counts, with precision and recall; under ``average='macro'`` each update leaves them empty."""
        return self._metrics

    @staticmethod
    def _score(counts: torch.Tensor) -> torch.Tensor:
        return fscore(counts)


@register
class MCC(_BinaryScore):
    """Matthews' correlation coefficient.  labels (N,) of 0 and 1, preds (N, 2) scores; ``average`` as of ``F1``."""

    def __init__(
        self, name: str = "mcc", output_names: Names = None, label_names: Names = None, average: str = "macro"
    ) -> None:
        super().__init__(name, output_names, label_names, average)

    @staticmethod
    def _score(counts: torch.Tensor) -> torch.Tensor:
        return matthews(counts)


@register
@alias("pearsonr")
class PearsonCorrelation(DeviceMetric):
    """Pearson's correlation of labels and preds, of one shape.

    ``average='macro'`` averages the correlations of the arrays given; ``'micro'`` is the correlation of all values
    together, since ``reset_local`` and (``get_global``) since ``reset``. MXNet's ``reset_local`` leaves the micro state
    as it is and its ``get_global`` is always 0 there.
    """

    def __init__(
        self, name: str = "pearsonr", output_names: Names = None, label_names: Names = None, average: str = "macro"
    ) -> None:
        if average not in ("macro", "micro"):
            raise ValueError(f"average must be 'macro' or 'micro', got {average!r}")
        self.average = average
        super().__init__(name, output_names, label_names, has_global_stats=True)

    def reset(self) -> None:
        super().reset()
        self.reset_micro()

    def reset_micro(self) -> None:
        """Forgets what ``average='micro'`` keeps."""
        self._moments, self._global_moments = PairMoments(), PairMoments()

    def reset_local(self) -> None:
        super().reset_local()
        self._moments = PairMoments()

    def update_variance(self, new_values: numpy.ndarray, *aggregate: Any) -> tuple[int, float, float]:
        """(count, mean, sum of squared deviations) of the values of such an ``aggregate`` and of new ones, (N,)."""
        count, mean, squares = aggregate
        total, new = count + len(new_values), new_values - mean
        shift = new.sum() / total
        return total, mean + shift, squares + (new * (new - shift)).sum()

    def update_cov(self, label: numpy.ndarray, pred: numpy.ndarray) -> None:
        """Adds the products of label's and pred's deviations from the means so far; (N,) each."""
        for moments in (self._moments, self._global_moments):
            moments.add_products(label, pred)

    def update(self, labels: Any, preds: Any) -> None:
        labels, preds = check_label_shapes(labels, preds, True)
        for label, pred in zip(labels, preds, strict=True):
            check_label_shapes(label, pred, False, True)
            pred = tensor(pred).reshape(-1).double()
            label = tensor(label).to(pred.device).reshape(-1).double()
            if self.average == "macro":
                batch = PairMoments()
                batch.add(label, pred)
                self._add(torch.as_tensor(batch.correlation), 1)
            else:
                self._moments.add(label, pred)
                self._global_moments.add(label, pred)
                self._add(pred.new_zeros(()), 1)

    def get(self) -> tuple[str, float]:
        if self.average == "micro" and self.num_inst:
            return self.name, float(self._moments.correlation)
        return super().get()

    def get_global(self) -> tuple[str, float]:
        if self.average == "micro" and self.global_num_inst:
            return self.name, float(self._global_moments.correlation)
        return super().get_global()


@register
class PCC(EvalMetric):
    """The correlation of K classes (MCC for two).  labels (N,) classes, preds (N, C) scores or (N,) classes.

    ``k`` is the number of classes met so far; ``lcm`` and ``gcm`` are the local and the global confusion matrix.
    """

    def __init__(
        self,
        name: str = "pcc",
        output_names: Names = None,
        label_names: Names = None,
        has_global_stats: bool = True,
    ) -> None:
        self._confusion = Confusion()
        super().__init__(name, output_names, label_names, has_global_stats=has_global_stats)

    def update(self, labels: Any, preds: Any) -> None:
        labels, preds = check_label_shapes(labels, preds, True)
        for label, pred in zip(labels, preds, strict=True):
            label, pred = tensor(label), tensor(pred)
            if pred.shape != label.shape:
                pred = argmax(pred, 1)
            label, pred = label.reshape(-1), pred.reshape(-1)
            check_label_shapes(label, pred)
            self._confusion.add(label, pred)
        self.num_inst += 1
        self.global_num_inst += 1

    @property
    def k(self) -> int:
        """The number of classes met so far."""
        self._confusion.fold()
        return self._confusion.k

    @property
    def lcm(self) -> numpy.ndarray:
        """How often which class (row) was predicted for which (column), since ``reset_local``."""
        return self._confusion.local

    @property
    def gcm(self) -> numpy.ndarray:
        """As ``lcm``, since ``reset``."""
        return self._confusion.total

    @property
    def sum_metric(self) -> float:
        """The local correlation times the number of updates."""
        return multiclass_correlation(self.lcm) * self.num_inst

    @property
    def global_sum_metric(self) -> float:
        """The global correlation times the number of updates."""
        return multiclass_correlation(self.gcm) * self.global_num_inst

    def reset(self) -> None:
        self.global_num_inst = self.num_inst = 0.0
        self._confusion.reset()

    def reset_local(self) -> None:
        self.num_inst = 0.0
        self._confusion.reset_local()
