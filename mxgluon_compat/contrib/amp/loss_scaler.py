"""The scale of losses in training with float16: as large as gradients allow."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

from ...ops.registry import get

if TYPE_CHECKING:
    from ...gluon.parameter import Parameter

__all__ = ["LossScaler"]


class LossScaler:
    """Dynamic loss scaling (Micikevicius et al., 2018, "Mixed Precision Training").

    It starts from 2^16, halves the scale after a step whose gradients are not all finite, and doubles it, up to 2^24,
    after 2000 steps without one. A scale holds for one whole step: a new one from the end of the step on.
    """

    def __init__(self) -> None:
        self._loss_scale = 2.0**16
        self._next_loss_scale = self._loss_scale
        self._max_loss_scale = 2.0**24
        self._scale_seq_len = 2000
        self._unskipped = 0

    @property
    def loss_scale(self) -> float:
        """The factor for losses."""
        return self._loss_scale

    def has_overflow(self, params: Sequence[Parameter]) -> bool:
        """Whether a gradient of the Parameters is infinite or NaN; ends the step: the next scale comes into force.

        The gradients of all contexts count. The host waits once for the answer.
        """
        overflow = not all_finite([grad for p in params if p.grad_req != "null" for grad in p.list_grad()])
        self._loss_scale = self._next_loss_scale
        if overflow:
            self._next_loss_scale = self._loss_scale / 2
            self._unskipped = 0
            logging.info("AMP: decreasing loss scale to %f", self._next_loss_scale)
        else:
            self._unskipped += 1
        if self._unskipped == self._scale_seq_len:
            self._unskipped = 0
            self._next_loss_scale = min(self._max_loss_scale, self._loss_scale * 2)
            logging.info("AMP: increasing loss scale to %f", self._next_loss_scale)
        return overflow


def all_finite(arrays: Sequence[Any]) -> bool:
    """Whether all elements of all arrays are finite; one synchronisation, however many arrays and devices."""
    by_device: dict[torch.device, list[torch.Tensor]] = {}
    with torch.no_grad():
        for array in arrays:
            tensor = array._stored()[1] if array._is_sparse else array._data
            by_device.setdefault(tensor.device, []).append(tensor.detach())
        check = get("multi_all_finite").fn
        found = [check(*tensors, num_arrays=len(tensors)) for tensors in by_device.values()]
        if not found:
            return True
        return bool(torch.cat([f.to(found[0].device, non_blocking=True) for f in found]).all())
