"""Statistics behind the metrics that are not plain sums, kept on the device of the predictions: counts of a binary
classification, moments of pairs, confusion matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from .base import argmax, check_label_shapes, tensor
from .device import Doubts

__all__ = ["Confusion", "PairMoments", "_BinaryClassificationMetrics", "multiclass_correlation"]


def _onto(device: torch.device, value: Any) -> Any:
    """``value`` where the next batch is: a tensor moves along, a number is at home everywhere."""
    return value.to(device) if isinstance(value, torch.Tensor) else value


def _number(value: Any) -> Any:
    return value.item() if isinstance(value, torch.Tensor) else value


# ---------------------------------------------------------------------------------------------- two classes
def _third_class(_: Any) -> ValueError:
    return ValueError("_BinaryClassificationMetrics currently only supports binary classification.")


COUNTS = ("true_positives", "false_negatives", "false_positives", "true_negatives")


def _quotient(part: torch.Tensor, whole: torch.Tensor) -> torch.Tensor:
    """part / whole, 0 where there is nothing."""
    return torch.where(whole == 0, 0.0, part / whole)


def _rates(counts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(precision, recall) of counts (4,)."""
    both, missed, mistaken, _ = counts.double()
    return _quotient(both, both + mistaken), _quotient(both, both + missed)


def fscore(counts: torch.Tensor) -> torch.Tensor:
    """The harmonic mean of precision and recall, 0 where both are.  counts (4,) as in ``COUNTS`` -> float64 scalar."""
    precision, recall = _rates(counts)
    return _quotient(2 * precision * recall, precision + recall)


def matthews(counts: torch.Tensor) -> torch.Tensor:
    """Matthews' correlation coefficient; empty classes do not count in its denominator.  counts (4,) -> float64."""
    both, missed, mistaken, neither = counts.double()
    marginals = torch.stack([both + mistaken, both + missed, neither + mistaken, neither + missed])
    return (both * neither - mistaken * missed) / torch.where(marginals == 0, 1.0, marginals).prod().sqrt()


class _BinaryClassificationMetrics:
    """How often which of two classes was predicted, local and global; class 1 is positive, every other label negative.

    Reading a number waits for the device; ``update_binary_stats`` does not.
    """

    def __init__(self) -> None:
        self.reset_stats()

    def update_binary_stats(self, label: Any, pred: Any, doubts: Doubts | None = None) -> None:
        """Adds a batch.

        Args:
            label: (N,) classes.
            pred: (N, 2) scores.
            doubts: where the check of the labels may wait for the device; None: it is made now.

        Raises:
            ValueError: the lengths differ, or there are more than two classes.
        """
        label, pred = tensor(label), tensor(pred)
        said = argmax(pred, 1).reshape(-1)
        label = label.to(said.device, torch.int32).reshape(-1)
        check_label_shapes(label, said)
        if len(label):
            given = doubts or Doubts()
            given.refuse((label != label.min()) & (label != label.max()), label, _third_class)
            if doubts is None:
                given.settle()
        is_one, said_one = label == 1, said == 1
        both = (is_one & said_one).sum()
        ones, claimed = is_one.sum(), said_one.sum()
        counts = torch.stack([both, ones - both, claimed - both, len(label) - ones - claimed + both])
        self._local = counts + _onto(counts.device, self._local)
        self._total = counts + _onto(counts.device, self._total)

    @property
    def local(self) -> torch.Tensor:
        """The counts (4,) since ``local_reset_stats``, in the order of ``COUNTS``."""
        return self._local if isinstance(self._local, torch.Tensor) else torch.zeros(4, dtype=torch.int64)

    @property
    def total(self) -> torch.Tensor:
        """As ``local``, since ``reset_stats``."""
        return self._total if isinstance(self._total, torch.Tensor) else torch.zeros(4, dtype=torch.int64)

    _local: Any
    _total: Any

    def local_reset_stats(self) -> None:
        """Forgets the local counts."""
        self._local = 0  # of no device yet: to bring a tensor there would wait for it

    def reset_stats(self) -> None:
        """Forgets all counts."""
        self._local = self._total = 0

    def matthewscc(self, use_global: bool = False) -> float:
        """Matthews' correlation coefficient, 0 where nothing was counted."""
        return matthews(self.total if use_global else self.local).item()

    @property
    def precision(self) -> float:
        return _rates(self.local)[0].item()

    @property
    def global_precision(self) -> float:
        return _rates(self.total)[0].item()

    @property
    def recall(self) -> float:
        return _rates(self.local)[1].item()

    @property
    def global_recall(self) -> float:
        return _rates(self.total)[1].item()

    @property
    def fscore(self) -> float:
        return fscore(self.local).item()

    @property
    def global_fscore(self) -> float:
        return fscore(self.total).item()

    @property
    def total_examples(self) -> int:
        return int(self.local.sum())

    @property
    def global_total_examples(self) -> int:
        return int(self.total.sum())


def _count_at(of: str, place: int) -> property:
    return property(lambda self: int(getattr(self, of)[place]))


for _place, _name in enumerate(COUNTS):
    setattr(_BinaryClassificationMetrics, _name, _count_at("local", _place))
    setattr(_BinaryClassificationMetrics, f"global_{_name}", _count_at("total", _place))


# ---------------------------------------------------------------------------------------------- pairs
class PairMoments:
    """Running moments of pairs (x, y), enough for their correlation; reading it waits for the device."""

    def __init__(self) -> None:
        self.count = 0
        self.mean_x: Any = 0.0  # tensors from the first batch on
        self.mean_y: Any = 0.0
        self.sxx: Any = 0.0
        self.syy: Any = 0.0
        self.sxy: Any = 0.0

    def add(self, x: torch.Tensor, y: torch.Tensor) -> None:
        """Adds a batch; x and y (N,), float64. Merges its moments with those before (Chan's formula)."""
        n = len(x)
        if not n:
            return
        for name in ("mean_x", "mean_y", "sxx", "syy", "sxy"):
            setattr(self, name, _onto(x.device, getattr(self, name)))
        mean_x, mean_y = x.mean(), y.mean()
        dx, dy = mean_x - self.mean_x, mean_y - self.mean_y
        total = self.count + n
        weight = self.count * n / total
        x, y = x - mean_x, y - mean_y
        self.sxx = self.sxx + (x * x).sum() + dx * dx * weight
        self.syy = self.syy + (y * y).sum() + dy * dy * weight
        self.sxy = self.sxy + (x * y).sum() + dx * dy * weight
        self.mean_x = self.mean_x + dx * n / total
        self.mean_y = self.mean_y + dy * n / total
        self.count = total

    def add_products(self, x: Any, y: Any) -> None:
        """Adds to the sum of products alone those of x and y (N,) around the means so far."""
        self.sxy = self.sxy + float(((x - _number(self.mean_x)) * (y - _number(self.mean_y))).sum())

    @property
    def correlation(self) -> Any:
        """Pearson's r, a scalar on the device (a number where nothing was added); nan where x or y does not vary."""
        if not isinstance(self.sxx, torch.Tensor):
            return math.nan
        scale = self.sxx.sqrt() * self.syy.sqrt()
        return torch.where(scale == 0, math.nan, self.sxy / scale)


# ---------------------------------------------------------------------------------------------- many classes
class Confusion:
    """A confusion matrix (predicted, true) that grows with the classes met, local and global.

    Which classes there are is known on the host only: pairs wait on the device until they are many or are read.
    """

    MOST = 1 << 20  # pairs that may wait: 8 MB

    def __init__(self) -> None:
        self.k = 2
        self._waiting: list[torch.Tensor] = []
        self._count = self._past = 0  # of the waiting pairs; of the batches among them from before ``reset_local``
        self.reset()

    def reset(self) -> None:
        """Forgets all; the size stays."""
        self.fold()
        self._local, self._total = np.zeros((self.k, self.k)), np.zeros((self.k, self.k))

    def reset_local(self) -> None:
        """Forgets the local part."""
        self._past = len(self._waiting)
        self._local = np.zeros((self.k, self.k))

    def add(self, label: torch.Tensor, pred: torch.Tensor) -> None:
        """Adds true and predicted classes, both (N,)."""
        self._waiting.append(torch.stack([pred.to(torch.int32), label.to(pred.device, torch.int32)]))
        self._count += len(label)
        if self._count > self.MOST:
            self.fold()

    def fold(self) -> None:
        """Puts what waits into the matrices."""
        pairs, past, self._waiting, self._count, self._past = self._waiting, self._past, [], 0, 0
        for i, pair in enumerate(pairs):
            pred, label = pair.cpu().numpy()
            self.k = max(self.k, int(label.max(initial=0)) + 1, int(pred.max(initial=0)) + 1)
            self._local, self._total = (np.pad(m, (0, self.k - len(m))) for m in (self._local, self._total))
            for matrix in (self._total,) if i < past else (self._local, self._total):
                np.add.at(matrix, (pred, label), 1)

    @property
    def local(self) -> np.ndarray:
        """(k, k) since ``reset_local``."""
        self.fold()
        return self._local

    @property
    def total(self) -> np.ndarray:
        """(k, k) since ``reset``."""
        self.fold()
        return self._total


def multiclass_correlation(confusion: np.ndarray) -> float:
    """The K-category correlation coefficient of a (K, K) confusion matrix; nan where a side knows one class only."""
    total = confusion.sum()
    rows, columns = confusion.sum(axis=1), confusion.sum(axis=0)
    row_variance, column_variance = (rows * (total - rows)).sum(), (columns * (total - columns)).sum()
    if not row_variance or not column_variance:
        return float("nan")
    return float((total * confusion.trace() - rows @ columns) / math.sqrt(row_variance * column_variance))
