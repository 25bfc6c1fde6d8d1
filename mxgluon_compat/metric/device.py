"""Metrics whose numbers stay on the device of the predictions, so that a batch does not wait for the GPU."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch

from .base import EvalMetric, Number

__all__ = ["DeviceMetric", "Doubts"]


def _at_hand(values: torch.Tensor) -> bool:
    """Whether to look at the values costs no wait."""
    return values.device.type == "cpu"


class Doubts:
    """Conditions on values of the batches; those that one would have to wait for are looked at later."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forgets them."""
        self._kept: tuple[torch.Tensor, torch.Tensor, Callable[[Any], Exception]] | None = None

    def refuse(self, wrong: torch.Tensor, values: torch.Tensor, error: Callable[[Any], Exception]) -> None:
        """Raises ``error(first wrong value)`` where any of ``wrong`` is true: on a CPU now, elsewhere at ``settle``."""
        if not wrong.numel():
            return
        if _at_hand(wrong):
            places = wrong.numpy()
            if places.any():
                raise error(values.numpy()[places][0])
            return
        found, value = wrong.any(), values.take(wrong.to(torch.uint8).argmax())
        if self._kept is not None:
            before, first, error = self._kept
            before, first = before.to(found.device), first.to(found.device)
            found, value = found | before, torch.where(before, first, value)
        self._kept = found, value, error

    def settle(self) -> None:
        """Raises what was put off."""
        kept, self._kept = self._kept, None
        if kept is not None and kept[0].item():
            raise kept[2](kept[1].item())


class _Number(Number):
    """An attribute that is a tensor on the device until it is read, and a number from then on."""

    def __get__(self, metric: Any, owner: type | None = None) -> Any:
        if metric is not None:
            metric._doubts.settle()
            value = metric.__dict__.get(self.key)
            if isinstance(value, torch.Tensor):
                metric.__dict__[self.key] = value.item()
        return super().__get__(metric, owner)

    def add(self, metric: Any, value: Any) -> None:
        """``value`` more.

        float64 sums in the order of the batches are what MXNet has on the host, so counts are exact.
        """
        before = metric.__dict__[self.key]
        if isinstance(value, torch.Tensor) and isinstance(before, torch.Tensor):
            before = before.to(value.device)  # which need not be that of the last batch
        metric.__dict__[self.key] = before + value


class DeviceMetric(EvalMetric):
    """A metric whose sums and counts stay on the device; reading ``sum_metric`` or ``get()`` waits for it."""

    sum_metric, num_inst = _Number(), _Number()
    global_sum_metric, global_num_inst = _Number(), _Number()

    @functools.cached_property
    def _doubts(self) -> Doubts:
        return Doubts()

    def _add(self, total: torch.Tensor, count: int | torch.Tensor) -> None:
        total = total.to(torch.float64)
        for number in (DeviceMetric.sum_metric, DeviceMetric.global_sum_metric):
            number.add(self, total)
        for number in (DeviceMetric.num_inst, DeviceMetric.global_num_inst):
            number.add(self, count)

    def reset(self) -> None:
        self._doubts.clear()
        super().reset()
