"""torch's random numbers, for devices that are not a CPU."""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np
import torch

from .stream import (
    FLOATS,
    Parameter,
    Shape,
    Stream,
    affine,
    check_dtype,
    check_integers,
    check_kind,
    check_not_negative,
    check_positive,
    check_randint,
    check_sample,
    check_uniform,
    check_zipfian,
    distinct_zipfian,
    keep_probability,
    parameter_rows,
    shape_and_size,
)


def _wide(dtype: torch.dtype) -> torch.dtype:
    return torch.float64 if dtype == torch.float64 else torch.float32


_MOST = 2.0**24


class TorchStream(Stream):
    """A torch.Generator's numbers, for a GPU: MXNet's distributions and rules, not its values.

    `generator` is public for CUDA graphs, which have to know of it (`CUDAGraph.register_generator_state`).
    """

    def __init__(self, device: torch.device, seed: int = 0) -> None:
        self.device = torch.device(device)
        self._lock = threading.RLock()
        self.generator = torch.Generator(self.device)
        self.seed(seed)

    def _draw(self, sampler: Any, shape: Any, dtype: torch.dtype = torch.float32, *args: Any) -> torch.Tensor:
        with self._lock:
            return sampler(*args, shape, generator=self.generator, device=self.device, dtype=dtype)

    def _spread(self, draw: torch.Tensor, scale: Parameter, shift: Parameter, dtype: torch.dtype) -> torch.Tensor:
        n = draw.numel()
        rows = (parameter_rows(p, n) for p in (scale, shift))
        scale, shift = (p.to(self.device) if p.dim() else p for p in rows)  # numbers need no copy to the device
        return affine(draw.reshape(-1), scale, shift, dtype).reshape(draw.shape)

    def uniform(
        self, shape: Shape, low: Parameter = 0.0, high: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        check_dtype(dtype, FLOATS)
        check_uniform(low, high)
        draw = self._draw(torch.rand, shape_and_size(shape)[0], _wide(dtype))
        return self._spread(draw, high - low, low, dtype)

    def normal(
        self, shape: Shape, loc: Parameter = 0.0, scale: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        check_dtype(dtype, FLOATS)
        check_positive("scale", scale)
        return self._spread(self._draw(torch.randn, shape_and_size(shape)[0], _wide(dtype)), scale, loc, dtype)

    def exponential(self, shape: Shape, lam: Parameter = 1.0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        check_dtype(dtype, FLOATS)
        check_positive("lam", lam)
        draw = torch.empty(shape_and_size(shape)[0], dtype=_wide(dtype), device=self.device)
        with self._lock:
            draw.exponential_(generator=self.generator)
        return self._spread(draw, 1 / lam, 0.0, dtype)

    def _rows(self, value: Parameter, n: int, dtype: torch.dtype) -> torch.Tensor:
        """A parameter for each of n values, on this device."""
        return parameter_rows(value, n).to(self.device, dtype).expand(n)

    def _gamma(self, alpha: torch.Tensor, beta: torch.Tensor) -> torch.Tensor:
        valid = alpha.isfinite() & (alpha >= 0)
        with self._lock:
            draw = torch._standard_gamma(torch.where(valid, alpha, 1.0), generator=self.generator)
        return torch.where(valid, draw * beta, math.nan)

    def _poisson(self, lam: torch.Tensor) -> torch.Tensor:
        """Where torch's counts would overflow, lam is far beyond what tells them from Gaussian numbers in float32."""
        finite = lam.isfinite()
        lam = torch.where(finite, lam.clamp(min=0), lam)
        with self._lock:
            draw = torch.poisson(torch.where(finite, lam.clamp(max=_MOST), 0.0), generator=self.generator)
            gaussian = lam + lam.sqrt() * self._draw(torch.randn, lam.shape)
        return torch.where(finite, torch.where(lam > _MOST, gaussian.round_(), draw), lam)

    def gamma(
        self, shape: Shape, alpha: Parameter = 1.0, beta: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        check_dtype(dtype, FLOATS)
        check_positive("alpha", alpha)
        check_positive("beta", beta)
        shape, n = shape_and_size(shape)
        alpha, beta = (self._rows(p, n, _wide(dtype)) for p in (alpha, beta))
        return self._gamma(alpha, beta).to(dtype).reshape(shape)

    def poisson(self, shape: Shape, lam: Parameter = 1.0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        check_dtype(dtype, FLOATS)
        check_not_negative("lam", lam)
        shape, n = shape_and_size(shape)
        return self._poisson(self._rows(lam, n, torch.float32)).to(dtype).reshape(shape)

    def negative_binomial(
        self, shape: Shape, k: Parameter = 1, p: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        check_dtype(dtype, FLOATS)
        check_not_negative("k", k)
        check_not_negative("p", p)
        shape, n = shape_and_size(shape)
        k, p = (self._rows(q, n, torch.float32) for q in (k, p))
        return self._poisson(self._gamma(k, (1 - p) / p)).to(dtype).reshape(shape)

    def generalized_negative_binomial(
        self, shape: Shape, mu: Parameter = 1.0, alpha: Parameter = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        check_dtype(dtype, FLOATS)
        check_not_negative("mu", mu)
        check_not_negative("alpha", alpha)
        shape, n = shape_and_size(shape)
        mu, alpha = (self._rows(p, n, torch.float32) for p in (mu, alpha))
        rate = torch.where(alpha == 0, mu, self._gamma(1 / alpha, alpha * mu))
        return self._poisson(rate).to(dtype).reshape(shape)

    def unique_zipfian(self, shape: Shape, range_max: int) -> tuple[torch.Tensor, torch.Tensor]:
        rows, k = check_zipfian(shape, range_max)
        found = [
            distinct_zipfian(lambda n: self.uniform(n, dtype=torch.float64).cpu().numpy(), range_max, k)
            for _ in range(rows)
        ]
        samples = torch.tensor([s for s, _ in found], dtype=torch.int64, device=self.device).reshape(rows, k)
        return samples, torch.tensor([tries for _, tries in found], dtype=torch.int64, device=self.device)

    def randint(self, shape: Shape, low: int, high: int, dtype: torch.dtype = torch.int32) -> torch.Tensor:
        low, high = check_randint(low, high, dtype)
        return self._draw(torch.randint, shape_and_size(shape)[0], dtype, low, high)

    def dropout_mask(self, shape: Shape, p: float, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        check_dtype(dtype, FLOATS)
        keep = keep_probability(p)
        shape, _ = shape_and_size(shape)
        if keep >= 1:
            return torch.ones(shape, dtype=dtype, device=self.device)
        draw = self._draw(torch.rand, shape)
        return (draw <= float(keep)).to(dtype).mul_(float(np.float32(1) / keep) if keep else math.inf)

    def serial_uniform(self, shape: Shape, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        return self.uniform(shape, dtype=dtype)

    def serial_normal(self, shape: Shape) -> torch.Tensor:
        return self.normal(shape)

    def serial_gamma(self, shape: Shape, alpha: Parameter = 1.0) -> torch.Tensor:
        shape, n = shape_and_size(shape)
        alpha = self._rows(alpha, n, torch.float64)
        return self._gamma(torch.where(alpha > 0, alpha, math.nan), torch.ones_like(alpha)).reshape(shape)

    def serial_integers(self, shape: Shape, n: int) -> torch.Tensor:
        check_integers(n)
        return self._draw(torch.randint, shape_and_size(shape)[0], torch.int64, 0, n)

    def serial_sample(self, n: int, k: int) -> torch.Tensor:
        check_sample(n, k)
        return self._draw(torch.randperm, n, torch.int64)[:k]

    def shuffle_indices(self, n: int, *, backward: bool = False) -> torch.Tensor:
        return self._draw(torch.randperm, n, torch.int64)

    def seed(self, value: int, *, alone: bool = False) -> None:
        with self._lock:
            self.generator.manual_seed(int(value) % 2**32)

    def get_state(self) -> dict[str, Any]:
        with self._lock:
            return {"kind": self.device.type, "generator": self.generator.get_state()}

    def set_state(self, state: dict[str, Any]) -> None:
        check_kind(state, self.device.type)
        with self._lock:
            self.generator.set_state(state["generator"])
