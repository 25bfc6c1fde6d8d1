"""Losses: one value for each instance of a batch, the mean (or sum) over all other axes."""

from __future__ import annotations

import math
from typing import Any

from .. import ndarray
from ..base import numeric_types
from ..numpy.family import of_mode
from .block import HybridBlock

__all__ = [
    "CTCLoss", "CosineEmbeddingLoss", "HingeLoss", "HuberLoss", "KLDivLoss", "L1Loss", "L2Loss", "LogisticLoss", "Loss",
    "PoissonNLLLoss", "SDMLLoss", "SigmoidBCELoss", "SigmoidBinaryCrossEntropyLoss", "SoftmaxCELoss",
    "SoftmaxCrossEntropyLoss", "SquaredHingeLoss", "TripletLoss",
]  # fmt: skip


def _apply_weighting(F: Any, loss: Any, weight: float | None = None, sample_weight: Any = None) -> Any:
    """``loss`` times ``sample_weight`` (which broadcasts) and times the number ``weight``, where they are given."""
    if sample_weight is not None:
        loss = F.broadcast_mul(loss, sample_weight)
    if weight is not None:
        assert isinstance(weight, numeric_types), "weight must be a number"
        loss = loss * weight
    return loss


def _reshape_like(F: Any, x: Any, y: Any) -> Any:
    """x in the shape of y."""
    if F is ndarray:
        return x if x.shape == y.shape else x.reshape(y.shape)
    return F.reshape_like(x, y)


def _cross_entropy(F: Any, pred: Any, label: Any) -> Any:
    """-label log sigmoid(pred) - (1 - label) log(1 - sigmoid(pred)), in a form that does not overflow."""
    return F.relu(pred) - pred * label + F.Activation(-F.abs(pred), act_type="softrelu")


class Loss(HybridBlock):
    """Base class of losses.

    Args:
        weight: a number that multiplies the loss, or None.
        batch_axis: the axis of the instances.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(self, weight: float | None, batch_axis: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._weight = weight
        self._batch_axis = batch_axis

    def __repr__(self) -> str:
        return f"{type(self).__name__}(batch_axis={self._batch_axis}, w={self._weight})"

    def hybrid_forward(self, F: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        """The loss; every subclass defines its own."""
        raise NotImplementedError(f"{type(self).__name__} must define hybrid_forward")

    def _per_instance(self, F: Any, loss: Any) -> Any:
        return F.mean(loss, axis=self._batch_axis, exclude=True)


# ---------------------------------------------------------------------------------------------- regression
class L2Loss(Loss):
    """weight / 2 (label - pred)^2; pred and label of one size -> (N,), the mean over the other axes.

    Raises:
        TypeError: at a call, ``weight`` is None.
    """

    def __init__(self, weight: float = 1.0, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        F = of_mode(F)
        loss = F.square(_reshape_like(F, label, pred) - pred)
        weight: Any = self._weight
        return self._per_instance(F, _apply_weighting(F, loss, weight / 2, sample_weight))


class L1Loss(Loss):
    """|label - pred|; pred and label of one size -> (N,), the mean over the other axes."""

    def __init__(self, weight: float | None = None, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        F = of_mode(F)
        loss = F.abs(_reshape_like(F, label, pred) - pred)
        return self._per_instance(F, _apply_weighting(F, loss, self._weight, sample_weight))


class HuberLoss(Loss):
    """d^2 / (2 rho) where d = |label - pred| is at most rho, d - rho / 2 elsewhere -> (N,), their mean."""

    def __init__(self, rho: float = 1, weight: float | None = None, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._rho = rho

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        F = of_mode(F)
        distance = F.abs(_reshape_like(F, label, pred) - pred)
        far, near = distance - 0.5 * self._rho, (0.5 / self._rho) * F.square(distance)
        loss = F.where(distance > self._rho, far, near)
        return self._per_instance(F, _apply_weighting(F, loss, self._weight, sample_weight))


class PoissonNLLLoss(Loss):
    """The negative log-likelihood of target under a Poisson distribution: one number, the mean over all elements.

    Args:
        weight: a number that multiplies the loss, or None.
        from_logits: pred is the logarithm of the rate, not the rate.
        batch_axis: the axis of the instances.
        compute_full: add Stirling's approximation of log(target!) where target is greater than 1.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(
        self,
        weight: float | None = None,
        from_logits: bool = True,
        batch_axis: int = 0,
        compute_full: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._from_logits = from_logits
        self._compute_full = compute_full

    def hybrid_forward(self, F: Any, pred: Any, target: Any, sample_weight: Any = None, epsilon: float = 1e-8) -> Any:
        F = of_mode(F)
        target = _reshape_like(F, target, pred)
        loss = F.exp(pred) - target * pred if self._from_logits else pred - target * F.log(pred + epsilon)
        if self._compute_full:
            stirling = target * F.log(target) - target + 0.5 * F.log(target * (2 * math.pi))
            # MXNet multiplies by the condition, which makes NaN of targets of 0.
            loss = loss + F.where(target > 1, stirling, F.zeros_like(stirling))
        return F.mean(_apply_weighting(F, loss, self._weight, sample_weight))


# ---------------------------------------------------------------------------------------------- classification
class SigmoidBinaryCrossEntropyLoss(Loss):
    """The cross entropy of independent yes-or-no labels -> (N,), the mean over the other axes.

    pred and label of one size; ``pos_weight`` (broadcasts) multiplies the part of the positive labels.

    Args:
        from_sigmoid: pred is a probability already.
        weight: a number that multiplies the loss, or None.
        batch_axis: the axis of the instances.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(
        self, from_sigmoid: bool = False, weight: float | None = None, batch_axis: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._from_sigmoid = from_sigmoid

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None, pos_weight: Any = None) -> Any:
        F = of_mode(F)
        label = _reshape_like(F, label, pred)
        if self._from_sigmoid:
            epsilon = 1e-12
            positive = F.log(pred + epsilon) * label
            if pos_weight is not None:
                positive = F.broadcast_mul(positive, pos_weight)
            loss = -(positive + F.log(1.0 - pred + epsilon) * (1.0 - label))
        elif pos_weight is None:
            loss = _cross_entropy(F, pred, label)
        else:
            log_weight = 1 + F.broadcast_mul(pos_weight - 1, label)
            softplus = F.Activation(-F.abs(pred), act_type="softrelu") + F.relu(-pred)
            loss = pred - pred * label + log_weight * softplus
        return self._per_instance(F, _apply_weighting(F, loss, self._weight, sample_weight))


SigmoidBCELoss = SigmoidBinaryCrossEntropyLoss


class SoftmaxCrossEntropyLoss(Loss):
    """-log softmax(pred)[label] -> (N,), the mean over the other axes.

    Args:
        axis: the axis of the classes.
        sparse_label: label holds classes (pred's shape without ``axis``); False: probabilities (pred's shape).
        from_logits: pred is log softmax already.
        weight: a number that multiplies the loss, or None.
        batch_axis: the axis of the instances.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(
        self,
        axis: int = -1,
        sparse_label: bool = True,
        from_logits: bool = False,
        weight: float | None = None,
        batch_axis: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._axis = axis
        self._sparse_label = sparse_label
        self._from_logits = from_logits

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        F = of_mode(F)
        if not self._from_logits:
            pred = F.log_softmax(pred, axis=self._axis)
        if self._sparse_label:
            loss = -F.pick(pred, label, axis=self._axis, keepdims=True)
        else:
            loss = -F.sum(pred * _reshape_like(F, label, pred), axis=self._axis, keepdims=True)
        return self._per_instance(F, _apply_weighting(F, loss, self._weight, sample_weight))


SoftmaxCELoss = SoftmaxCrossEntropyLoss


class KLDivLoss(Loss):
    """The divergence of pred from label: label (log label - log pred) -> (N,), the sum over the other axes.

    Args:
        from_logits: pred is a logarithm of probabilities; False: scores, of which log softmax is taken.
        axis: the axis of that softmax.
        weight: a number that multiplies the loss, or None.
        batch_axis: the axis of the instances.
        kwargs: ``prefix`` and ``params`` of a Block.
    """

    def __init__(
        self, from_logits: bool = True, axis: int = -1, weight: float | None = None, batch_axis: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._from_logits = from_logits
        self._axis = axis

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        F = of_mode(F)
        if not self._from_logits:
            pred = F.log_softmax(pred, self._axis)
        loss = label * (F.log(label + 1e-12) - pred)
        loss = _apply_weighting(F, loss, self._weight, sample_weight)
        return F.sum(loss, axis=self._batch_axis, exclude=True)


class HingeLoss(Loss):
    """max(0, margin - pred label), labels being -1 or 1 -> (N,), the mean over the other axes."""

    def __init__(self, margin: float = 1, weight: float | None = None, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._margin = margin

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        F = of_mode(F)
        loss = F.relu(self._margin - pred * _reshape_like(F, label, pred))
        return self._per_instance(F, _apply_weighting(F, loss, self._weight, sample_weight))


class SquaredHingeLoss(Loss):
    """max(0, margin - pred label)^2, labels being -1 or 1 -> (N,), the mean over the other axes."""

    def __init__(self, margin: float = 1, weight: float | None = None, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._margin = margin

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        F = of_mode(F)
        loss = F.square(F.relu(self._margin - pred * _reshape_like(F, label, pred)))
        return self._per_instance(F, _apply_weighting(F, loss, self._weight, sample_weight))


class LogisticLoss(Loss):
    """log(1 + exp(-pred label)), labels being -1 or 1 -> (N,), the mean over the other axes.

    Args:
        weight: a number that multiplies the loss, or None.
        batch_axis: the axis of the instances.
        label_format: ``'signed'`` labels are -1 or 1, ``'binary'`` ones 0 or 1.
        kwargs: ``prefix`` and ``params`` of a Block.

    Raises:
        ValueError: another label format.
    """

    def __init__(
        self, weight: float | None = None, batch_axis: int = 0, label_format: str = "signed", **kwargs: Any
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._label_format = label_format
        if label_format not in ("signed", "binary"):
            raise ValueError(f"label_format can only be signed or binary, recieved {label_format}.")

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        F = of_mode(F)
        label = _reshape_like(F, label, pred)
        if self._label_format == "signed":
            label = (label + 1.0) / 2.0
        loss = _cross_entropy(F, pred, label)
        return self._per_instance(F, _apply_weighting(F, loss, self._weight, sample_weight))


class CTCLoss(Loss):
    """Connectionist temporal classification -> (N,): -log of the probability of the label sequence.

    The blank is the last class; labels are padded with -1.

    Args:
        layout: of pred: ``'NTC'`` or ``'TNC'``.
        label_layout: of label: ``'NT'`` or ``'TN'``.
        weight: a number that multiplies the loss, or None.
        kwargs: ``prefix`` and ``params`` of a Block.

    Raises:
        AssertionError: another layout.
    """

    def __init__(
        self, layout: str = "NTC", label_layout: str = "NT", weight: float | None = None, **kwargs: Any
    ) -> None:
        assert layout in ("NTC", "TNC"), f"Only 'NTC' and 'TNC' layouts for pred are supported. Got: {layout}"
        assert label_layout in ("NT", "TN"), f"Only 'NT' and 'TN' layouts for label are supported. Got: {label_layout}"
        self._layout = layout
        self._label_layout = label_layout
        super().__init__(weight, label_layout.find("N"), **kwargs)

    def hybrid_forward(
        self,
        F: Any,
        pred: Any,
        label: Any,
        pred_lengths: Any = None,
        label_lengths: Any = None,
        sample_weight: Any = None,
    ) -> Any:
        F = of_mode(F)
        if self._layout == "NTC":
            pred = F.swapaxes(pred, 0, 1)
        if self._batch_axis == 1:
            label = F.swapaxes(label, 0, 1)
        loss = F.CTCLoss(
            pred,
            label,
            pred_lengths,
            label_lengths,
            use_data_lengths=pred_lengths is not None,
            use_label_lengths=label_lengths is not None,
            blank_label="last",
        )
        return _apply_weighting(F, loss, self._weight, sample_weight)


# ---------------------------------------------------------------------------------------------- embeddings
class TripletLoss(Loss):
    """max(0, |positive - pred|^2 - |negative - pred|^2 + margin) -> (N,), the squares summed over the other axes."""

    def __init__(self, margin: float = 1, weight: float | None = None, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._margin = margin

    def hybrid_forward(self, F: Any, pred: Any, positive: Any, negative: Any) -> Any:
        F = of_mode(F)
        positive = _reshape_like(F, positive, pred)
        negative = _reshape_like(F, negative, pred)
        difference = F.square(positive - pred) - F.square(negative - pred)
        loss = F.relu(F.sum(difference, axis=self._batch_axis, exclude=True) + self._margin)
        return _apply_weighting(F, loss, self._weight)


class CosineEmbeddingLoss(Loss):
    """1 - cos(input1, input2) where label is 1, max(0, cos(input1, input2) - margin) where it is -1.

    input1, input2 (N, D), label (N,) -> (N, 1).
    """

    def __init__(self, weight: float | None = None, batch_axis: int = 0, margin: float = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._margin = margin

    def hybrid_forward(self, F: Any, input1: Any, input2: Any, label: Any, sample_weight: Any = None) -> Any:
        F = of_mode(F)
        input1 = _reshape_like(F, input1, input2)
        label = label.reshape((-1, 1))
        cosine = self._cosine(F, input1, input2)
        close = (1 - cosine) * (label == 1)
        # MXNet takes the maximum with a float32 array of one 0, which no other dtype goes with.
        apart = F.maximum((label == -1) * (cosine - self._margin), 0)
        return _apply_weighting(F, close + apart, self._weight, sample_weight)

    @staticmethod
    def _cosine(F: Any, x: Any, y: Any) -> Any:
        norms = [F.norm(z, axis=-1).reshape((-1, 1)) for z in (x, y)]
        product = F.sum(x * y, axis=-1).reshape((-1, 1))
        return product / F.maximum(norms[0] * norms[1], 1e-12)


class SDMLLoss(Loss):
    """Smoothed deep metric learning: row i of x1 belongs to row i of x2, and to no other.

    x1, x2 (N, D) -> (N,): the divergence of softmax(-squared distances) from smoothed one-hot labels; NaN for N = 1.

    Args:
        smoothing_parameter: probability that the labels give to all wrong rows together.
        weight, batch_axis: as of other losses, but they play no part in this one, in MXNet either.
        kwargs: ``prefix`` and ``params`` of a Block.

    Raises:
        AssertionError: at a call, arrays of different shapes.
    """

    def __init__(
        self, smoothing_parameter: float = 0.3, weight: float = 1.0, batch_axis: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self.kl_loss = KLDivLoss(from_logits=True)
        self.smoothing_parameter = smoothing_parameter

    def hybrid_forward(self, F: Any, x1: Any, x2: Any) -> Any:
        if F is ndarray:
            assert x1.shape == x2.shape, f"x1 and x2 must have the same shape, got {x1.shape} and {x2.shape}"
        F = of_mode(F)
        difference = F.broadcast_sub(F.expand_dims(x1, 1), F.expand_dims(x2, 0))
        distances = F.sum(F.square(difference), axis=2)
        return self.kl_loss(F.log_softmax(-distances, axis=1), self._labels(F, distances))

    def _labels(self, F: Any, distances: Any) -> Any:
        """(N, N): 1 - smoothing on the diagonal, the rest of each row shared by the others.

        Made without looking at a shape, so that it hybridizes (MXNet's does not).
        """
        rows = F.contrib.arange_like(distances, axis=0)
        others = F.broadcast_not_equal(F.expand_dims(rows, 1), F.expand_dims(rows, 0))
        shared = F.broadcast_div(others * self.smoothing_parameter, F.sum(others, axis=1, keepdims=True))
        return (1 - others) * (1 - self.smoothing_parameter) + shared
