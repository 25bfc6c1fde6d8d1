"""Gluon datasets in PyTorch's DataLoader.

The other way needs nothing: Gluon's DataLoader takes any dataset with a length and indices, PyTorch's among them, and
its batches of torch tensors are NDArrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.utils.data._utils.collate import collate, default_collate_fn_map

from ..ndarray import NDArray

__all__ = ["collate_arrays"]


def _stack(batch: Sequence[NDArray], *, collate_fn_map: Any = None) -> torch.Tensor:
    return collate([array.to_torch() for array in batch], collate_fn_map=default_collate_fn_map)


def collate_arrays(samples: Sequence[Any]) -> Any:
    """A batch of samples for PyTorch: what its ``default_collate`` makes of them; NDArray (...) -> tensor (N, ...).

    ``torch.utils.data.DataLoader(gluon_dataset, 32, collate_fn=collate_arrays)``

    Args:
        samples: elements of a dataset; arrays may stand in tuples, lists and dicts.

    Raises:
        TypeError: samples of a type that PyTorch makes no batches of.
    """
    return collate(samples, collate_fn_map={NDArray: _stack, **default_collate_fn_map})
