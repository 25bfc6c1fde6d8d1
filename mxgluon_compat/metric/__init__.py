"""Evaluation metrics: sums over batches, local (since ``reset_local``) and global (since ``reset``)."""

import numpy

from .. import ndarray, registry
from ..base import numeric_types, string_types
from .base import (
    CompositeEvalMetric,
    CustomMetric,
    EvalMetric,
    _create,
    alias,
    check_label_shapes,
    create,
    np,
    register,
)
from .scores import F1, MCC, PCC, PearsonCorrelation
from .statistics import _BinaryClassificationMetrics
from .sums import (
    MAE,
    MSE,
    RMSE,
    Accuracy,
    Caffe,
    CrossEntropy,
    Loss,
    NegativeLogLikelihood,
    Perplexity,
    TopKAccuracy,
    Torch,
)

__all__ = [
    "F1", "MAE", "MCC", "MSE", "PCC", "RMSE", "Accuracy", "Caffe", "CompositeEvalMetric", "CrossEntropy",
    "CustomMetric", "EvalMetric", "Loss", "NegativeLogLikelihood", "PearsonCorrelation", "Perplexity", "TopKAccuracy",
    "Torch", "alias", "check_label_shapes", "create", "np", "register",
]  # fmt: skip
