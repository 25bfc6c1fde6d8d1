"""Attention on projections that are stored interleaved: of each head its query, key and value side by side."""

from __future__ import annotations

import math

import torch

from .elemwise import only_float
from .registry import operator

__all__ = [
    "interleaved_matmul_encdec_qk",
    "interleaved_matmul_encdec_valatt",
    "interleaved_matmul_selfatt_qk",
    "interleaved_matmul_selfatt_valatt",
]


def _part(data: torch.Tensor, heads: int, parts: int, index: int) -> torch.Tensor:
    """One of the ``parts`` of each head, (N heads, length, dim), of data (length, N, heads parts dim)."""
    only_float(data)
    if data.ndim != 3 or heads < 1 or data.shape[2] % (heads * parts):
        raise ValueError(f"data must have shape (length, N, {heads * parts} dim), got {tuple(data.shape)}")
    length, batch, width = data.shape
    one = data.reshape(length, batch * heads, parts, width // (heads * parts))[:, :, index]
    return one.transpose(0, 1)


def _scores(queries: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
    return torch.bmm(queries / math.sqrt(queries.shape[-1]), keys.transpose(1, 2))


def _attended(attention: torch.Tensor, values: torch.Tensor, heads: int) -> torch.Tensor:
    """(length, N, heads dim) of attention (N heads, length, keys) and values (N heads, keys, dim)."""
    out = torch.bmm(attention, values).transpose(0, 1)
    return out.reshape(out.shape[0], out.shape[1] // heads, heads * out.shape[2])


@operator("_contrib_interleaved_matmul_selfatt_qk")
def interleaved_matmul_selfatt_qk(queries_keys_values: torch.Tensor, *, heads: int) -> torch.Tensor:
    """Scores q k / sqrt(dim): queries_keys_values (length, N, heads 3 dim) -> (N heads, length, length)."""
    return _scores(_part(queries_keys_values, heads, 3, 0), _part(queries_keys_values, heads, 3, 1))


@operator("_contrib_interleaved_matmul_selfatt_valatt")
def interleaved_matmul_selfatt_valatt(
    queries_keys_values: torch.Tensor, attention: torch.Tensor, *, heads: int
) -> torch.Tensor:
    """Values weighted by attention.

    queries_keys_values (length, N, heads 3 dim), attention (N heads, length, length) -> (length, N, heads dim).
    """
    length = len(queries_keys_values)
    if attention.shape[1:] != (length, length):
        raise ValueError(f"attention must have shape (N heads, {length}, {length}), got {tuple(attention.shape)}")
    return _attended(attention, _part(queries_keys_values, heads, 3, 2), heads)


@operator("_contrib_interleaved_matmul_encdec_qk")
def interleaved_matmul_encdec_qk(queries: torch.Tensor, keys_values: torch.Tensor, *, heads: int) -> torch.Tensor:
    """Scores q k / sqrt(dim).

    queries (length, N, heads dim), keys_values (keys, N, heads 2 dim) -> (N heads, length, keys).
    """
    return _scores(_part(queries, heads, 1, 0), _part(keys_values, heads, 2, 0))


@operator("_contrib_interleaved_matmul_encdec_valatt")
def interleaved_matmul_encdec_valatt(keys_values: torch.Tensor, attention: torch.Tensor, *, heads: int) -> torch.Tensor:
    """Values weighted by attention.

    keys_values (keys, N, heads 2 dim), attention (N heads, length, keys) -> (length, N, heads dim).
    """
    return _attended(attention, _part(keys_values, heads, 2, 1), heads)
