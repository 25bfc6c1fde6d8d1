"""Statistics behind the metrics that are not plain sums: counts of a binary classification, moments of pairs."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

import numpy as np

__all__ = ["BinaryCounts", "PairMoments", "multiclass_correlation"]


@dataclass
class BinaryCounts:
    """How often which class was predicted; class 1 is positive, every other label negative."""

    true_positives: int = 0
    false_negatives: int = 0
    false_positives: int = 0
    true_negatives: int = 0

    @classmethod
    def of(cls, label: np.ndarray, pred: np.ndarray) -> BinaryCounts:
        """The counts for true and predicted classes, both (N,)."""
        is_one, said_one = label == 1, pred == 1
        both = int((is_one & said_one).sum())
        ones, said = int(is_one.sum()), int(said_one.sum())
        return cls(both, ones - both, said - both, len(label) - ones - said + both)

    def __add__(self, other: BinaryCounts) -> BinaryCounts:
        return BinaryCounts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def total_examples(self) -> int:
        return sum(astuple(self))

    @property
    def precision(self) -> float:
        said = self.true_positives + self.false_positives
        return self.true_positives / said if said else 0.0

    @property
    def recall(self) -> float:
        ones = self.true_positives + self.false_negatives
        return self.true_positives / ones if ones else 0.0

    @property
    def fscore(self) -> float:
        """The harmonic mean of precision and recall, 0 where both are."""
        precision, recall = self.precision, self.recall
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

    @property
    def matthewscc(self) -> float:
        """Matthews' correlation coefficient; empty classes are left out of its denominator."""
        tp, fn, fp, tn = astuple(self)
        marginals = (n for n in (tp + fp, tp + fn, tn + fp, tn + fn) if n)
        return (tp * tn - fp * fn) / math.sqrt(math.prod(marginals))


@dataclass
class PairMoments:
    """Running moments of pairs (x, y), enough for their correlation."""

    count: int = 0
    mean_x: float = 0.0
    mean_y: float = 0.0
    sxx: float = 0.0
    syy: float = 0.0
    sxy: float = 0.0

    def add(self, x: np.ndarray, y: np.ndarray) -> None:
        """Adds a batch; x and y (N,). Merges its moments with those before (Chan's formula)."""
        n = len(x)
        if not n:
            return
        x, y = x.astype(np.float64), y.astype(np.float64)
        mean_x, mean_y = float(x.mean()), float(y.mean())
        dx, dy = mean_x - self.mean_x, mean_y - self.mean_y
        total = self.count + n
        weight = self.count * n / total
        x, y = x - mean_x, y - mean_y
        self.sxx += float((x * x).sum()) + dx * dx * weight
        self.syy += float((y * y).sum()) + dy * dy * weight
        self.sxy += float((x * y).sum()) + dx * dy * weight
        self.mean_x += dx * n / total
        self.mean_y += dy * n / total
        self.count = total

    @property
    def correlation(self) -> float:
        """Pearson's r; nan where x or y does not vary."""
        scale = math.sqrt(self.sxx) * math.sqrt(self.syy)
        return self.sxy / scale if scale else float("nan")


def multiclass_correlation(confusion: np.ndarray) -> float:
    """The K-category correlation coefficient of a (K, K) confusion matrix; nan where a side knows one class only."""
    total = confusion.sum()
    rows, columns = confusion.sum(axis=1), confusion.sum(axis=0)
    row_variance, column_variance = (rows * (total - rows)).sum(), (columns * (total - columns)).sum()
    if not row_variance or not column_variance:
        return float("nan")
    return float((total * confusion.trace() - rows @ columns) / math.sqrt(row_variance * column_variance))
