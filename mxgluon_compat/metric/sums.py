"""Metrics that are sums over instances or batches, kept on the device of the predictions."""

from __future__ import annotations

import functools
import math
from typing import Any

import torch

from .base import Names, alias, argmax, check_label_shapes, listed, register, tensor
from .device import DeviceMetric


@register
@alias("acc")
class Accuracy(DeviceMetric):
    """The share of right classes.  labels (N, ...), preds (N, C, ...) scores along ``axis``, or (N, ...) classes."""

    def __init__(
        self, axis: int = 1, name: str = "accuracy", output_names: Names = None, label_names: Names = None
    ) -> None:
        super().__init__(name, output_names, label_names, axis=axis, has_global_stats=True)
        self.axis = axis

    def update(self, labels: Any, preds: Any) -> None:
        labels, preds = check_label_shapes(labels, preds, True)
        for label, pred in zip(labels, preds, strict=True):
            label, pred = tensor(label), tensor(pred)
            if pred.shape != label.shape:
                pred = argmax(pred, self.axis)
            pred = pred.to(torch.int32).reshape(-1)
            label = label.to(pred.device, torch.int32).reshape(-1)
            check_label_shapes(label, pred)
            self._add((pred == label).sum(), pred.numel())


@register
@alias("top_k_accuracy", "top_k_acc")
class TopKAccuracy(DeviceMetric):
    """The share of samples whose class is among the ``top_k`` best.  labels (N,), preds (N, C) scores or (N,) classes.

    Which of several equal scores count as the best is not defined (as in MXNet). ``top_k`` above C is taken as C,
    which MXNet means to do and fails at; of (N,) predictions MXNet compares the *order* with the classes, here they are
    the classes themselves.
    """

    def __init__(
        self, top_k: int = 1, name: str = "top_k_accuracy", output_names: Names = None, label_names: Names = None
    ) -> None:
        super().__init__(name, output_names, label_names, top_k=top_k, has_global_stats=True)
        self.top_k = top_k
        assert top_k > 1, "Please use Accuracy if top_k is no more than 1"
        self.name += f"_{top_k}"

    def update(self, labels: Any, preds: Any) -> None:
        labels, preds = check_label_shapes(labels, preds, True)
        for label, pred in zip(labels, preds, strict=True):
            label, pred = tensor(label), tensor(pred)
            assert pred.dim() <= 2, "Predictions should be no more than 2 dims"
            check_label_shapes(label, pred)
            if pred.dim() == 2:
                pred = pred.topk(min(self.top_k, pred.shape[1]), sorted=False).indices
            label = label.to(pred.device, torch.int32).reshape(-1, 1)
            pred = pred.to(torch.int32).reshape(pred.shape[0], -1)
            check_label_shapes(label, pred)
            self._add((pred == label).sum(), pred.shape[0])


def _regression(label: Any, pred: Any) -> torch.Tensor:
    """label - pred, vectors as columns; integers in float64, as numpy averages them."""
    label, pred = (x.double() if not x.is_floating_point() else x for x in (tensor(label), tensor(pred)))
    label, pred = (x.reshape(-1, 1) if x.dim() == 1 else x for x in (label.to(pred.device), pred))
    try:
        return label - pred
    except RuntimeError:
        raise ValueError(
            f"operands could not be broadcast together with shapes {tuple(label.shape)} {tuple(pred.shape)}"
        ) from None


class _Regression(DeviceMetric):
    """The average over batches of a value of ``label - pred``.  labels and preds (N, ...) alike, or (N,) and (N, 1)."""

    def update(self, labels: Any, preds: Any) -> None:
        labels, preds = check_label_shapes(labels, preds, True)
        for label, pred in zip(labels, preds, strict=True):
            self._add(self._error(_regression(label, pred)), 1)

    def _error(self, difference: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError


@register
class MAE(_Regression):
    """Mean absolute error, averaged over batches."""

    def __init__(self, name: str = "mae", output_names: Names = None, label_names: Names = None) -> None:
        super().__init__(name, output_names, label_names, has_global_stats=True)

    def _error(self, difference: torch.Tensor) -> torch.Tensor:
        return difference.abs().mean()


@register
class MSE(_Regression):
    """Mean squared error, averaged over batches."""

    def __init__(self, name: str = "mse", output_names: Names = None, label_names: Names = None) -> None:
        super().__init__(name, output_names, label_names, has_global_stats=True)

    def _error(self, difference: torch.Tensor) -> torch.Tensor:
        return difference.square().mean()


@register
class RMSE(_Regression):
    """The root of the mean squared error of each batch, averaged over batches."""

    def __init__(self, name: str = "rmse", output_names: Names = None, label_names: Names = None) -> None:
        super().__init__(name, output_names, label_names, has_global_stats=True)

    def _error(self, difference: torch.Tensor) -> torch.Tensor:
        return difference.square().mean().sqrt()


@register
class Loss(DeviceMetric):
    """The average of all elements of the predictions (the labels are not looked at)."""

    def __init__(self, name: str = "loss", output_names: Names = None, label_names: Names = None) -> None:
        super().__init__(name, output_names, label_names, has_global_stats=True)

    def update(self, _: Any, preds: Any) -> None:
        for pred in listed(preds):
            pred = tensor(pred)
            # float16 sums overflow above 65504 in MXNet; float32 ones are its own.
            half = pred.dtype in (torch.float16, torch.bfloat16)
            self._add(pred.sum(dtype=torch.float32 if half else pred.dtype), pred.numel())


@register
class Torch(Loss):
    """``Loss`` under the name of MXNet's torch criterions."""

    def __init__(self, name: str = "torch", output_names: Names = None, label_names: Names = None) -> None:
        super().__init__(name, output_names, label_names)


@register
class Caffe(Loss):
    """``Loss`` under the name of MXNet's caffe criterions."""

    def __init__(self, name: str = "caffe", output_names: Names = None, label_names: Names = None) -> None:
        super().__init__(name, output_names, label_names)


@register
class Perplexity(DeviceMetric):
    """exp of the average negative log-likelihood.  preds (..., C, ...) probabilities along ``axis``, labels: classes.

    Args:
        ignore_label: instances of this class do not count; None counts all.
        axis: the axis of the classes.
    """

    def __init__(
        self,
        ignore_label: int | None,
        axis: int = -1,
        name: str = "perplexity",
        output_names: Names = None,
        label_names: Names = None,
    ) -> None:
        super().__init__(name, output_names, label_names, ignore_label=ignore_label, has_global_stats=True)
        self.ignore_label = ignore_label
        self.axis = axis

    def update(self, labels: Any, preds: Any) -> None:
        assert len(labels) == len(preds), f"{len(labels)} labels for {len(preds)} predictions"
        labels, preds = listed(labels), listed(preds)
        for label, pred in zip(labels, preds, strict=True):
            label, pred = tensor(label), tensor(pred)
            shape = list(pred.shape)
            del shape[self.axis]
            assert label.numel() == math.prod(shape), f"shape mismatch: {tuple(label.shape)} vs. {tuple(pred.shape)}"
            label = label.to(pred.device, torch.int64).reshape(shape).unsqueeze(self.axis)
            # MXNet picks with its operator `pick`, which takes a class out of range as the nearest one.
            chosen = pred.gather(self.axis, label.clamp(0, pred.shape[self.axis] - 1))
            count: Any = chosen.numel()
            if self.ignore_label is not None:
                ignored = label == self.ignore_label
                count = count - ignored.sum()
                chosen = chosen.masked_fill(ignored, 1)
            self._add(-chosen.clamp(min=1e-10).log().sum(), count)

    def _value(self, total: float, count: float) -> float:
        return math.exp(total / count)


def _outside(classes: int, label: Any) -> IndexError:
    return IndexError(f"index {label} is out of bounds for axis 1 with size {classes}")


@register
@alias("ce")
class CrossEntropy(DeviceMetric):
    """The average of ``-log(pred[label] + eps)``.  labels (N,) classes, preds (N, C) probabilities."""

    def __init__(
        self, eps: float = 1e-12, name: str = "cross-entropy", output_names: Names = None, label_names: Names = None
    ) -> None:
        super().__init__(name, output_names, label_names, eps=eps, has_global_stats=True)
        self.eps = eps

    def update(self, labels: Any, preds: Any) -> None:
        labels, preds = check_label_shapes(labels, preds, True)
        for label, pred in zip(labels, preds, strict=True):
            label, pred = tensor(label), tensor(pred)
            label = label.to(pred.device, torch.int64).reshape(-1)
            assert label.shape[0] == pred.shape[0], f"{label.shape[0]} labels for {pred.shape[0]} predictions"
            classes = pred.shape[1]
            self._doubts.refuse((label >= classes) | (label < -classes), label, functools.partial(_outside, classes))
            label = label.clamp(-classes, classes - 1)  # an index out of range would end the process on a GPU
            chosen = pred[torch.arange(len(label), device=pred.device), label]
            self._add((-(chosen + self.eps).log()).sum(), label.shape[0])


@register
@alias("nll_loss")
class NegativeLogLikelihood(CrossEntropy):
    """``CrossEntropy`` under another name."""

    def __init__(
        self, eps: float = 1e-12, name: str = "nll-loss", output_names: Names = None, label_names: Names = None
    ) -> None:
        super().__init__(eps, name, output_names, label_names)
