"""Operators of MXNet's ``contrib`` that belong to no other family: Fourier transforms, sketches, Hawkes processes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from . import stopped
from .elemwise import only_float
from .registry import merge_shapes, operator
from .schema import Shape

__all__ = ["count_sketch", "fft", "hawkesll", "ifft"]


# ---------------------------------------------------------------------------------------------- Fourier, sketches
def _rows(data: torch.Tensor) -> torch.Tensor:
    only_float(data)
    if data.ndim not in (2, 4):
        raise ValueError(f"data must have 2 or 4 dimensions, got {data.ndim}")
    return data


@operator("_contrib_fft")
def fft(data: torch.Tensor, *, compute_size: int = 128) -> torch.Tensor:
    """The Fourier transform along the last axis, real and imaginary parts in turns.

    data (N, d) or (N, C, H, d) -> the same with 2 d. MXNet has it on GPUs only, where ``compute_size`` says how many
    rows to do at once; here it means nothing.
    """
    return torch.view_as_real(torch.fft.fft(_rows(data))).flatten(-2)


@operator("_contrib_ifft")
def ifft(data: torch.Tensor, *, compute_size: int = 128) -> torch.Tensor:
    """The real part of the inverse transform, times d: data (N, 2 d) or (N, C, H, 2 d), as fft gives -> (..., d)."""
    if _rows(data).shape[-1] % 2:
        raise ValueError(f"the last axis holds pairs of numbers, but is {data.shape[-1]} long")
    pairs = data.unflatten(-1, (-1, 2)).contiguous()
    return torch.fft.ifft(torch.view_as_complex(pairs), norm="forward").real


def _sketch_shapes(shapes: Sequence[Shape | None], **_: Any) -> list[Shape | None]:
    data = shapes[0]
    told = None if data is None else (1, data[-1])
    return [data, shapes[1] or told, shapes[2] or told]


@operator("_contrib_count_sketch", infer_inputs=_sketch_shapes)
def count_sketch(
    data: torch.Tensor, h: torch.Tensor, s: torch.Tensor, *, out_dim: int, processing_batch_size: int = 32
) -> torch.Tensor:
    """Columns added up where a hash function puts them: out[:, h[i]] += s[i] data[:, i].

    data (N, d) or (N, C, H, d); h (1, d), integers below out_dim in any dtype; s (1, d), signs -> (..., out_dim). The
    gradient is data's alone. MXNet has it on GPUs only, where ``processing_batch_size`` says how many rows to do at
    once; here it means nothing.
    """
    places, signs = h.detach().flatten().long(), s.detach().flatten()
    if _rows(data).shape[-1:] != places.shape or places.shape != signs.shape:
        raise ValueError(f"h and s must have {data.shape[-1]} numbers, got {h.numel()} and {s.numel()}")
    return data.new_zeros((*data.shape[:-1], out_dim)).index_add(-1, places, data * signs)


# ---------------------------------------------------------------------------------------------- Hawkes processes
def _hawkes_shapes(shapes: Sequence[Shape | None], **_: Any) -> list[Shape | None]:
    lda, alpha, beta, state, lags, marks, valid_length, max_time = shapes
    if lda is None or len(lda) != 2:
        return list(shapes)
    kinds, batch = lda[1:], lda[:1]
    lags = merge_shapes("marks", marks, lags)
    return [lda, kinds, kinds, lda, lags, lags, batch, batch]


def _hawkes_dtypes(dtypes: Sequence[torch.dtype | None], **_: Any) -> tuple[Any, Any]:
    one = next((d for i, d in enumerate(dtypes) if i != 5 and d is not None), None)
    return [torch.int32 if i == 5 else one for i in range(8)], [one]


@operator(
    "_contrib_hawkesll",
    outputs=("output", "out_state"),
    mixed_dtypes=True,
    infer_inputs=_hawkes_shapes,
    infer_dtypes=_hawkes_dtypes,
)
def hawkesll(
    lda: torch.Tensor,
    alpha: torch.Tensor,
    beta: torch.Tensor,
    state: torch.Tensor,
    lags: torch.Tensor,
    marks: torch.Tensor,
    valid_length: torch.Tensor,
    max_time: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Log likelihood of K marked point processes that excite themselves, and their state at the end.

    Per sequence and mark: lda (N, K) background intensities, state (N, K) what is left of earlier excitement; alpha
    (K,) branching ratios, beta (K,) decays; lags (N, T) times between events, marks (N, T) which mark each has (int32),
    valid_length (N,) how many events count, max_time (N,) when observation ends -> (N,), (N, K).
    Gradients flow, as in MXNet, from the likelihood to lda, alpha and beta.
    """
    floats = {t.dtype for t in (lda, alpha, beta, state, lags, valid_length, max_time)}
    if len(floats) > 1 or (marks.dtype is not torch.int32 and not marks.is_meta):
        raise ValueError("marks must be int32, all other inputs of one dtype")
    batch, kinds = lda.shape
    shapes = [tuple(t.shape) for t in (lda, alpha, beta, state, lags, marks, valid_length, max_time)]
    if shapes != _hawkes_shapes(shapes):
        raise ValueError(f"shapes {shapes} do not fit lda {(batch, kinds)}")
    state, time = state.detach(), lda.new_zeros(batch, 1)
    last, total = torch.zeros_like(state), lda.new_zeros(batch, 1)
    for i in range(lags.shape[1]):
        counts = (i < valid_length).unsqueeze(1)
        mark = marks[:, i : i + 1].long()
        time = time + lags[:, i : i + 1]
        passed = time - last.gather(1, mark)
        background, ratio, decay = lda.gather(1, mark), alpha[mark], beta[mark]
        before = state.gather(1, mark)
        left = torch.exp(-decay * passed)
        intensity = background + ratio * decay * before * left
        expected = background * passed + ratio * before * (1 - left)
        total = torch.where(counts, total + torch.log(intensity) - expected, total)
        state = torch.where(counts, state.scatter(1, mark, 1 + before * left), state)
        last = torch.where(counts, last.scatter(1, mark, time), last)
    passed = max_time.unsqueeze(1) - last
    left = torch.exp(-beta * passed)
    expected = lda * passed + alpha * state * (1 - left)
    likelihood = total.squeeze(1) - expected.sum(1)
    return likelihood, stopped.block(state * left, likelihood)
