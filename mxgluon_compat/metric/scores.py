"""Metrics of counts and moments: F1, Matthews' and Pearson's correlation."""

from __future__ import annotations

from typing import Any

import numpy

from .base import EvalMetric, Names, alias, argmax, check_label_shapes, register, tensor
from .statistics import BinaryCounts, PairMoments, multiclass_correlation


class _BinaryScore(EvalMetric):
    """A score of the counts of a binary classification.  labels (N,) of 0 and 1, preds (N, 2) scores.

    ``average='macro'`` averages the scores of the updates; any other value is the score of all counts together.
    """

    def __init__(self, name: str, output_names: Names, label_names: Names, average: str) -> None:
        self.average = average
        super().__init__(name, output_names, label_names, has_global_stats=True)

    @staticmethod
    def _score(counts: BinaryCounts) -> float:
        raise NotImplementedError

    def update(self, labels: Any, preds: Any) -> None:
        labels, preds = check_label_shapes(labels, preds, True)
        batch = BinaryCounts()
        for label, pred in zip(labels, preds, strict=True):
            classes = argmax(tensor(pred), 1).cpu().numpy()
            label = tensor(label).cpu().numpy().astype("int32").ravel()
            check_label_shapes(label, classes)
            if len(numpy.unique(label)) > 2:
                raise ValueError(f"{type(self).__name__} currently only supports binary classification.")
            batch += BinaryCounts.of(label, classes)
        if self.average == "macro":
            self._add(self._score(batch), 1)
            return
        self._counts += batch
        self._global_counts += batch
        self.num_inst, self.global_num_inst = self._counts.total_examples, self._global_counts.total_examples
        self.sum_metric = self._score(self._counts) * self.num_inst
        self.global_sum_metric = self._score(self._global_counts) * self.global_num_inst

    def reset(self) -> None:
        super().reset()
        self._counts, self._global_counts = BinaryCounts(), BinaryCounts()

    def reset_local(self) -> None:
        super().reset_local()
        self._counts = BinaryCounts()


@register
class F1(_BinaryScore):
    """The F1 score of class 1.  labels (N,) of 0 and 1, preds (N, 2); ``average``: 'macro' (of updates) or 'micro'."""

    def __init__(
        self, name: str = "f1", output_names: Names = None, label_names: Names = None, average: str = "macro"
    ) -> None:
        super().__init__(name, output_names, label_names, average)

    @staticmethod
    def _score(counts: BinaryCounts) -> float:
        return counts.fscore


@register
class MCC(_BinaryScore):
    """Matthews' correlation coefficient.  labels (N,) of 0 and 1, preds (N, 2) scores; ``average`` as of ``F1``."""

    def __init__(
        self, name: str = "mcc", output_names: Names = None, label_names: Names = None, average: str = "macro"
    ) -> None:
        super().__init__(name, output_names, label_names, average)

    @staticmethod
    def _score(counts: BinaryCounts) -> float:
        return counts.matthewscc


@register
@alias("pearsonr")
class PearsonCorrelation(EvalMetric):
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

    def update(self, labels: Any, preds: Any) -> None:
        labels, preds = check_label_shapes(labels, preds, True)
        for label, pred in zip(labels, preds, strict=True):
            check_label_shapes(label, pred, False, True)
            label, pred = (tensor(x).cpu().numpy().ravel().astype(numpy.float64) for x in (label, pred))
            if self.average == "macro":
                batch = PairMoments()
                batch.add(label, pred)
                self._add(batch.correlation, 1)
            else:
                self._moments.add(label, pred)
                self._global_moments.add(label, pred)
                self._add(0.0, 1)

    def get(self) -> tuple[str, float]:
        if self.average == "micro" and self.num_inst:
            return self.name, self._moments.correlation
        return super().get()

    def get_global(self) -> tuple[str, float]:
        if self.average == "micro" and self.global_num_inst:
            return self.name, self._global_moments.correlation
        return super().get_global()


@register
class PCC(EvalMetric):
    """The correlation of K classes (MCC for two).  labels (N,) classes, preds (N, C) scores or (N,) classes.

    ``k`` is the number of classes met so far.
    """

    def __init__(
        self,
        name: str = "pcc",
        output_names: Names = None,
        label_names: Names = None,
        has_global_stats: bool = True,
    ) -> None:
        self.k = 2
        super().__init__(name, output_names, label_names, has_global_stats=has_global_stats)

    def update(self, labels: Any, preds: Any) -> None:
        labels, preds = check_label_shapes(labels, preds, True)
        batch = numpy.zeros((self.k, self.k))
        for label, pred in zip(labels, preds, strict=True):
            label, pred = tensor(label), tensor(pred)
            if pred.shape != label.shape:
                pred = argmax(pred, 1)
            label, pred = (x.cpu().numpy().astype("int32").ravel() for x in (label, pred))
            check_label_shapes(label, pred)
            self.k = max(self.k, int(label.max(initial=0)) + 1, int(pred.max(initial=0)) + 1)
            batch = _grown(batch, self.k)
            numpy.add.at(batch, (pred, label), 1)
        self.lcm = _grown(self.lcm, self.k) + batch
        self.gcm = _grown(self.gcm, self.k) + batch
        self.num_inst += 1
        self.global_num_inst += 1

    @property
    def sum_metric(self) -> float:
        """The local correlation times the number of updates."""
        return multiclass_correlation(self.lcm) * self.num_inst

    @property
    def global_sum_metric(self) -> float:
        """The global correlation times the number of updates."""
        return multiclass_correlation(self.gcm) * self.global_num_inst

    def reset(self) -> None:
        self.global_num_inst = 0.0
        self.gcm = numpy.zeros((self.k, self.k))
        self.reset_local()

    def reset_local(self) -> None:
        self.num_inst = 0.0
        self.lcm = numpy.zeros((self.k, self.k))


def _grown(matrix: numpy.ndarray, k: int) -> numpy.ndarray:
    """The square matrix with zeros added to make it (k, k)."""
    return numpy.pad(matrix, (0, k - len(matrix)))
