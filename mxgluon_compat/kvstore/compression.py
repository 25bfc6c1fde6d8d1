"""Gradient compression: two bits for a number, and what they leave out kept for the next gradient.

F. Seide, H. Fu, J. Droppo, G. Li, D. Yu: 1-bit stochastic gradient descent and its application to data-parallel
distributed training of speech DNNs. Interspeech 2014; with a threshold: N. Strom, Interspeech 2015.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from ..base import MXNetError

__all__ = ["TwoBit"]


class TwoBit:
    """Numbers of a gradient become ``threshold``, ``-threshold`` or 0; the rest is added to the next gradient.

    Args:
        params: ``{'type': '2bit', 'threshold': 0.5}``; the threshold may be left out.

    Raises:
        AssertionError: ``params`` is no dict.
        MXNetError: another type, or a threshold that is no positive number.
    """

    def __init__(self, params: Mapping[str, Any]) -> None:
        assert isinstance(params, dict), f"unexpected type for param_dict: {type(params)}"
        if "type" not in params:
            raise MXNetError("Required parameter type of string is not presented")
        if params["type"] != "2bit":
            raise MXNetError(f"Unknown type for gradient compression {params['type']}; there is '2bit'")
        given = params.get("threshold", 0.5)
        try:
            self.threshold = float(given)
        except (TypeError, ValueError):
            raise MXNetError(f"Invalid Parameter format for threshold expect float but value={given!r}") from None
        if not self.threshold > 0:
            raise MXNetError(f"threshold must be greater than 0, got {given}")
        self._residuals: dict[Any, torch.Tensor] = {}

    def codes(self, key: Any, gradient: torch.Tensor) -> torch.Tensor:
        """-1, 0 or 1 for each number, int8, of ``gradient``'s shape; the rest stays under ``key``."""
        residual = self._residuals.get(key)
        if residual is None or residual.shape != gradient.shape or residual.device != gradient.device:
            residual = self._residuals[key] = torch.zeros_like(gradient, requires_grad=False)
        residual += gradient
        codes = (residual >= self.threshold).to(torch.int8) - (residual <= -self.threshold).to(torch.int8)
        residual -= codes.to(residual.dtype) * self.threshold
        return codes

    def quantized(self, key: Any, gradient: torch.Tensor) -> torch.Tensor:
        """What the codes stand for, of ``gradient``'s shape and dtype."""
        return self.codes(key, gradient).to(gradient.dtype) * self.threshold

    def packed(self, key: Any, gradient: torch.Tensor) -> torch.Tensor:
        """The codes, four in a byte, uint8 (ceil(N / 4),)."""
        codes = (self.codes(key, gradient).reshape(-1) + 1).to(torch.uint8)
        codes = torch.nn.functional.pad(codes, (0, -len(codes) % 4)).reshape(-1, 4)
        return codes[:, 0] | codes[:, 1] << 2 | codes[:, 2] << 4 | codes[:, 3] << 6

    def unpacked(self, packed: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
        """The numbers that ``packed`` stands for, of the shape and dtype of ``like``."""
        codes = torch.stack([packed >> shift & 3 for shift in (0, 2, 4, 6)], 1).reshape(-1)[: like.numel()]
        return (codes.to(like.dtype) - 1).mul_(self.threshold).reshape(like.shape)
