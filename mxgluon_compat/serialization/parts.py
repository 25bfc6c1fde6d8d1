"""What a file holds: dense tensors, and sparse arrays in their parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import torch

from .content import byte_count

__all__ = ["PARTS", "Saved", "SparseParts", "most_common"]

PARTS = {"row_sparse": ("indices", "data"), "csr": ("indptr", "indices", "data")}
"""The parts of each kind of sparse array, by name."""


class SparseParts(NamedTuple):
    """A sparse array in pieces: ``indices, data`` of a row_sparse one, ``indptr, indices, data`` of a csr one."""

    stype: str
    shape: tuple[int, ...]
    parts: tuple[torch.Tensor, ...]

    def check(self) -> SparseParts:
        """Itself, with int64 indices, where its parts belong to one array.

        Raises:
            ValueError: they do not; operators would touch foreign memory.
        """
        *indices, data = self.parts
        byte_count(self.shape, data.dtype)
        if self.stype not in PARTS or len(self.parts) != len(PARTS[self.stype]):
            raise ValueError(f"there is no sparse array {self.stype!r} of {len(self.parts)} parts")
        if any(part.dtype not in (torch.int64, torch.int32) or part.dim() != 1 for part in indices):
            raise ValueError(f"indices of a {self.stype} array are {', '.join(_look(part) for part in indices)}")
        csr = self.stype == "csr"
        if csr and len(self.shape) != 2 or not self.shape:
            raise ValueError(f"no {self.stype} array has the shape {self.shape}")
        if tuple(data.shape) != (len(indices[-1]), *(() if csr else self.shape[1:])):
            raise ValueError(
                f"a {self.stype} array of shape {self.shape} has indices for {len(indices[-1])} and data {_look(data)}"
            )
        indices = [part.long() for part in indices]
        bound = self.shape[1] if csr else self.shape[0]
        if len(indices[-1]) and not 0 <= int(indices[-1].min()) <= int(indices[-1].max()) < bound:
            raise ValueError(f"indices of a {self.stype} array of shape {self.shape} are out of bounds")
        if csr:
            starts = indices[0]
            if len(starts) != self.shape[0] + 1 or starts[0] or starts[-1] != len(data) or (starts.diff() < 0).any():
                raise ValueError(f"indptr of a csr array of shape {self.shape} does not divide {len(data)} elements")
        return self._replace(parts=(*indices, data))


Saved = torch.Tensor | SparseParts


def most_common(names: Iterable[str]) -> str:
    """The name that is there most often."""
    return Counter(names).most_common(1)[0][0]


def _look(tensor: torch.Tensor) -> str:
    return f"{tensor.dtype} {tuple(tensor.shape)}".removeprefix("torch.")
