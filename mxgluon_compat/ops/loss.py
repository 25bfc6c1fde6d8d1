"""Operators that are an output and a loss in one: their gradient is that of a loss, whatever comes in from above."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import torch
import torch.nn.functional as F

from .elemwise import only_float
from .norm import on_backward
from .once import not_twice
from .registry import operator
from .schema import Shape, Share
from .shape_rules import with_length

__all__ = [
    "ctc_loss",
    "identity_attach_kl_sparse_reg",
    "linear_regression_output",
    "logistic_regression_output",
    "mae_regression_output",
    "softmax_cross_entropy",
    "softmax_output",
    "svm_output",
]


class _WithGradient(torch.autograd.Function):
    """``output``, with ``gradient`` (times the head gradient, if ``chain``) as the gradient of ``data``."""

    @staticmethod
    def forward(
        ctx: Any, data: torch.Tensor, output: torch.Tensor, gradient: torch.Tensor, chain: bool, name: str | None
    ) -> torch.Tensor:
        ctx.save_for_backward(gradient)
        ctx.chain, ctx.name = chain, name
        return output.view_as(output)

    @staticmethod
    def backward(ctx: Any, head: torch.Tensor) -> tuple[torch.Tensor, None, None, None, None]:
        (gradient,) = ctx.saved_tensors
        if ctx.name is not None:
            gradient = not_twice(gradient, ctx.name)
        return (gradient * head if ctx.chain else gradient), None, None, None, None


def with_gradient(
    data: torch.Tensor, output: torch.Tensor, gradient: torch.Tensor, chain: bool = False, name: str | None = None
) -> torch.Tensor:
    """``output`` (computed without recording) as a function of ``data`` whose gradient is ``gradient``.

    ``chain``: times the incoming gradient (of a shape that broadcasts); else that one is ignored. ``name``: the
    operator, whose gradient depends on ``data`` and cannot be differentiated again; None: the gradient is a constant.
    """
    return _WithGradient.apply(data, output, gradient, chain, name)


# ---------------------------------------------------------------------------------------------- softmax
def _softmax_output_shapes(shapes: Sequence[Shape | None], *, multi_output: bool, **_: Any) -> list[Shape | None]:
    data, label = shapes
    if data is None:
        return [data, label]
    usual = (data[0], math.prod(data[2:])) if multi_output else data[:-1]
    if label is None:
        return [data, usual]
    # several shapes of labels will do: see softmax_output
    if len(label) == len(usual):
        label = tuple(a or b for a, b in zip(label, usual, strict=True))
    return [with_length(data, 0, label[0]) if label else data, label]


@operator("SoftmaxOutput", "Softmax", infer_inputs=_softmax_output_shapes)
def softmax_output(
    data: torch.Tensor,
    label: torch.Tensor,
    *,
    grad_scale: float = 1.0,
    ignore_label: float = -1.0,
    multi_output: bool = False,
    use_ignore: bool = False,
    preserve_shape: bool = False,
    normalization: Literal["batch", "null", "valid"] = "null",
    out_grad: bool = False,
    smooth_alpha: Share = 0.0,
) -> torch.Tensor:
    """softmax(data), with the gradient of the cross entropy against the label: softmax(data) - onehot(label).

    data (N, K) and label (N,); with ``multi_output`` data (N, K, ...) and label (N, as many), of any shape; with
    ``preserve_shape`` data (..., K) and label (...). A label of data's shape holds probabilities. Without either flag,
    softmax runs over all axes but the first. Result as data.
    The incoming gradient is ignored, or multiplied in with ``out_grad``.
    """
    only_float(data)
    rows = data.shape[0]
    _check_label(data, label, multi_output)
    if multi_output:
        scores = data.reshape(rows, data.shape[1], -1)
    elif preserve_shape:
        scores = data.reshape(-1, data.shape[-1])
    else:
        scores = data.flatten(1) if data.ndim > 1 else data.unsqueeze(1)  # reshape(rows, -1), of no rows too
    with torch.no_grad():
        out = torch.softmax(scores, 1)
        if not data.requires_grad:
            return out.reshape(data.shape)
        if label.shape == data.shape:
            gradient = (out - label.reshape(out.shape)) * grad_scale
        else:
            gradient = _cross_entropy_gradient(
                out, label, grad_scale, int(ignore_label), multi_output, use_ignore, normalization, smooth_alpha
            )
    # MXNet 1.9.1 multiplies by its own output instead of the incoming gradient when out_grad is set, against its
    # documentation; here it is the incoming gradient.
    return with_gradient(
        data, out.reshape(data.shape), gradient.reshape(data.shape), out_grad, "_backward_SoftmaxOutput"
    )


def _check_label(data: torch.Tensor, label: torch.Tensor, multi_output: bool) -> None:
    if label.shape == data.shape:
        return
    if multi_output:
        fits = label.numel() * data.shape[1] == data.numel() and label.shape[0] == data.shape[0]
        expected = (data.shape[0], math.prod(data.shape[2:]))
    else:
        expected = data.shape[:-1]
        fits = label.shape == expected and data.ndim > 1
    if not fits:
        raise ValueError(f"label must have shape {tuple(expected)}, got {tuple(label.shape)}")


def _cross_entropy_gradient(
    out: torch.Tensor,
    label: torch.Tensor,
    grad_scale: float,
    ignore_label: int,
    multi_output: bool,
    use_ignore: bool,
    normalization: str,
    smooth_alpha: float,
) -> torch.Tensor:
    """out (R, K) or, for multi_output, (R, K, S); label of R * S elements -> the gradient, as out."""
    label = label.long()
    classes = torch.arange(out.shape[1], device=out.device)
    if multi_output:
        here = label.reshape(out.shape[0], 1, -1)
        classes = classes.unsqueeze(1)
        smooth_alpha = 0.0  # MXNet has no smoothing here
    else:
        # Fewer rows than labels: data of more axes without multi_output or preserve_shape. MXNet reads the first ones.
        here = label.reshape(-1)[: out.shape[0]].unsqueeze(1)
    # Labels that are no class get no 1 subtracted, as in MXNet.
    others = out - smooth_alpha / (out.shape[1] - 1) if smooth_alpha else out
    gradient = torch.where(here == classes, out - (1 - smooth_alpha), others)
    if use_ignore:
        gradient = gradient.masked_fill(here == ignore_label, 0)
    if normalization == "valid":
        return gradient * (grad_scale / (label != ignore_label).sum().clamp(min=1)).to(out.dtype)
    count = out.shape[2] if multi_output else 1
    if normalization == "batch":
        count *= out.shape[0] if multi_output else label.numel()
    return gradient * (grad_scale / count)


@operator("softmax_cross_entropy")
def softmax_cross_entropy(data: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    """Sum over the batch of -log(softmax(data)[label]), a probability below 1e-8 counting as that; data (N, K),
    label (N,) -> (1,). There is no gradient of the label."""
    only_float(data)
    if data.ndim != 2 or label.shape != data.shape[:1]:
        raise ValueError(f"data must be (N, K) and label (N,), got {tuple(data.shape)} and {tuple(label.shape)}")
    with torch.no_grad():
        out = torch.softmax(data, 1)
        here = label.long().unsqueeze(1)
        chosen = out.gather(1, here.clamp(0, data.shape[1] - 1))
        loss = -chosen.clamp(min=1e-8).log().sum().reshape(1)
        if not data.requires_grad:
            return loss
        gradient = torch.where(here == torch.arange(data.shape[1], device=data.device), out - 1, out)
    return with_gradient(data, loss, gradient, True, "_backward_softmax_cross_entropy")


# ---------------------------------------------------------------------------------------------- regression
def _regression_shapes(shapes: Sequence[Shape | None], **_: Any) -> list[Shape | None]:
    data, label = shapes
    if data is None:
        return [data, label]
    usual = data[:1] if len(data) == 2 and data[1] == 1 else data
    if label is not None:  # as many values in an instance will do: (N, 1) takes labels (N,) and (N, 1)
        usual = tuple(a or b for a, b in zip(label, data, strict=False))
    return [data, usual if label is None or len(usual) == len(label) else label]


def _regression(
    data: torch.Tensor, label: torch.Tensor, output: torch.Tensor, gradient: Any, grad_scale: float, name: str
) -> torch.Tensor:
    """``output``, with ``gradient(output, label)`` scaled by grad_scale over the number of values in an instance.

    ``name``: the operator's, for ``with_gradient``.
    """
    only_float(data)
    if label.shape[:1] != data.shape[:1] or label.numel() != data.numel():
        raise ValueError(f"label must have shape {tuple(data.shape)}, got {tuple(label.shape)}")
    if not data.requires_grad:
        return output
    with torch.no_grad():
        slope = gradient(output, label.reshape(data.shape)) * (grad_scale / max(math.prod(data.shape[1:]), 1))
    return with_gradient(data, output, slope, name=f"_backward_{name}_reg_out")


@operator("LinearRegressionOutput", "_sparse_LinearRegressionOutput", infer_inputs=_regression_shapes)
def linear_regression_output(data: torch.Tensor, label: torch.Tensor, *, grad_scale: float = 1.0) -> torch.Tensor:
    """data, with the gradient of half the squared error against the label, over the values of an instance.

    data (N, ...), label (N, ...) of as many values. The incoming gradient is ignored.
    """
    return _regression(data, label, data.detach().clone(), torch.sub, grad_scale, "linear")


@operator("LogisticRegressionOutput", "_sparse_LogisticRegressionOutput", infer_inputs=_regression_shapes)
def logistic_regression_output(data: torch.Tensor, label: torch.Tensor, *, grad_scale: float = 1.0) -> torch.Tensor:
    """sigmoid(data), with the gradient of the cross entropy against the label, over the values of an instance.

    data (N, ...), label (N, ...) of as many values. The incoming gradient is ignored.
    """
    return _regression(data, label, torch.sigmoid(data.detach()), torch.sub, grad_scale, "logistic")


def _side(output: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    """1 above the label, -1 below it and on it, as MXNet has it."""
    return (output > label).to(output.dtype) * 2 - 1


@operator("MAERegressionOutput", "_sparse_MAERegressionOutput", infer_inputs=_regression_shapes)
def mae_regression_output(data: torch.Tensor, label: torch.Tensor, *, grad_scale: float = 1.0) -> torch.Tensor:
    """data, with the gradient of the absolute error against the label, over the values of an instance.

    data (N, ...), label (N, ...) of as many values. The incoming gradient is ignored.
    """
    return _regression(data, label, data.detach().clone(), _side, grad_scale, "mae")


# ---------------------------------------------------------------------------------------------- others
@operator("SVMOutput", infer_inputs=lambda shapes, **_: [shapes[0], shapes[0] and shapes[0][:-1] or shapes[1]])
def svm_output(
    data: torch.Tensor,
    label: torch.Tensor,
    *,
    margin: float = 1.0,
    regularization_coefficient: float = 1.0,
    use_linear: bool = False,
) -> torch.Tensor:
    """data, with the gradient of a support vector machine for each class against all others.

    data (..., K), scores; label (...), classes -> as data. Of a score s (of the label's class; else of -s) the loss is
    max(margin - s, 0), squared unless ``use_linear``. The incoming gradient is ignored.
    """
    only_float(data)
    if data.ndim < 2 or label.shape != data.shape[:-1]:
        raise ValueError(f"label must have shape {tuple(data.shape[:-1])}, got {tuple(label.shape)}")
    output = data.detach().clone()
    if not data.requires_grad:
        return output
    with torch.no_grad():
        classes = torch.arange(data.shape[-1], device=data.device)
        sign = torch.where(label.long().unsqueeze(-1) == classes, -1.0, 1.0).to(data.dtype)
        missing = margin + sign * output
        slope = (missing > 0).to(data.dtype) if use_linear else 2 * missing.clamp(min=0)
        gradient = sign * slope * regularization_coefficient
    return with_gradient(data, output, gradient, name="_backward_SVMOutput")


class _WithTerm(torch.autograd.Function):
    """``data``, whose gradient is the incoming one plus ``term``."""

    @staticmethod
    def forward(ctx: Any, data: torch.Tensor, term: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(term)
        return data.clone()

    @staticmethod
    def backward(ctx: Any, head: torch.Tensor) -> tuple[torch.Tensor, None]:
        (term,) = ctx.saved_tensors
        return head + not_twice(term, "_backward_IdentityAttachKLSparseReg"), None


@operator(
    "IdentityAttachKLSparseReg",
    aux=("moving_avg",),
    infer_inputs=lambda shapes, **_: [shapes[0], shapes[0] and shapes[0][1:2] or shapes[1]],
    variable_init={"moving_avg": '["zero", {}]'},
)
def identity_attach_kl_sparse_reg(
    data: torch.Tensor,
    moving_avg: torch.Tensor,
    *,
    sparseness_target: Share = 0.1,
    penalty: float = 1e-3,
    momentum: Share = 0.9,
) -> torch.Tensor:
    """data, whose gradient pulls the mean activation of each unit towards ``sparseness_target``.

    data (N, C), activations between 0 and 1; moving_avg (C,): their running means, which the backward pass moves by
    1 - momentum towards the batch's. The gradient gets ``penalty`` times that of the Kullback-Leibler divergence added.
    """
    only_float(data)
    if not data.requires_grad:
        return data.clone()
    if data.ndim != 2:
        raise ValueError(f"data must have 2 dimensions, got {data.ndim}")
    with torch.no_grad():
        mean = data.mean(0)
        average = torch.lerp(moving_avg, mean, 1 - momentum)
        term = penalty * ((1 - sparseness_target) / (1 - average) - sparseness_target / average)
    out = _WithTerm.apply(data, term)
    on_backward(out, lambda: moving_avg.lerp_(mean, 1 - momentum))
    return out


# ---------------------------------------------------------------------------------------------- CTC
def _absent_lengths(use_data_lengths: bool, use_label_lengths: bool, **_: Any) -> list[str]:
    used = {"data_lengths": use_data_lengths, "label_lengths": use_label_lengths}
    return [name for name, needed in used.items() if not needed]


@operator(
    "CTCLoss",
    "ctc_loss",
    "_contrib_CTCLoss",
    "_contrib_ctc_loss",
    mixed_dtypes=True,
    absent=_absent_lengths,
    outputs=("output0", "output1"),
    visible=1,
)
def ctc_loss(
    data: torch.Tensor,
    label: torch.Tensor,
    data_lengths: torch.Tensor | None = None,
    label_lengths: torch.Tensor | None = None,
    *,
    use_data_lengths: bool = False,
    use_label_lengths: bool = False,
    blank_label: Literal["first", "last"] = "first",
) -> tuple[torch.Tensor, torch.Tensor]:
    """Connectionist temporal classification: -log of the probability of the label sequence.

    data (T, N, K): scores before softmax; label (N, L): classes, padded with 0 where the blank is class 0 (``first``),
    with -1 where it is class K - 1 (``last``); lengths (N,) -> (N,), 0 where the label cannot fit into the data; and
    the hidden log probabilities (MXNet keeps a gradient there).
    """
    if data.ndim != 3 or label.ndim != 2 or label.shape[0] != data.shape[1]:
        raise ValueError(f"data must be (T, N, K) and label (N, L), got {tuple(data.shape)} and {tuple(label.shape)}")
    steps, batch, classes = data.shape
    if label.shape[1] > steps:
        raise ValueError(f"labels of {label.shape[1]} classes do not fit into {steps} steps")
    blank, padding = (0, 0) if blank_label == "first" else (classes - 1, -1)
    log_probs = torch.log_softmax(data, 2)
    label = label.long()
    if use_data_lengths:
        steps_used = data_lengths.long()
    else:
        steps_used = torch.full((batch,), steps, dtype=torch.long, device=data.device)
    if use_label_lengths:
        labels_used = label_lengths.long()
    else:
        labels_used = (label != padding).cumprod(1).sum(1)
    if data.is_meta:  # torch's own has no shape rule
        return data.new_empty(batch), log_probs
    # Torch's does not look at the classes: its gradient would be written outside of its array.
    if label.is_cpu and not torch.compiler.is_compiling():
        used = label[torch.arange(label.shape[1]) < labels_used.unsqueeze(1)]
        if bool(((used < 0) | (used >= classes)).any()):
            raise ValueError(f"labels must be from 0 to {classes - 1}, got {used.min()} to {used.max()}")
    else:  # without waiting for the device
        label = label.clamp(0, classes - 1)
    loss = F.ctc_loss(log_probs, label, steps_used, labels_used, blank, reduction="none", zero_infinity=True)
    return loss, log_probs
