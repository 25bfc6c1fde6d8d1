"""MXNet's numbers for storage types, dtypes and gradient requests, under the names that its Python code gives them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import FLAG_TO_NAME, NAME_TO_TORCH, TORCH_TO_NUMPY

__all__: list[str] = []

_STORAGE_TYPE_UNDEFINED, _STORAGE_TYPE_DEFAULT, _STORAGE_TYPE_ROW_SPARSE, _STORAGE_TYPE_CSR = -1, 0, 1, 2
_STORAGE_TYPE_STR_TO_ID = {"undefined": -1, "default": 0, "row_sparse": 1, "csr": 2}
_STORAGE_TYPE_ID_TO_STR = {number: name for name, number in _STORAGE_TYPE_STR_TO_ID.items()}
_STORAGE_AUX_TYPES = {"row_sparse": [np.int64], "csr": [np.int64, np.int64]}
_DTYPE_MX_TO_NP: dict[int, Any] = {
    -1: None, **{flag: TORCH_TO_NUMPY[NAME_TO_TORCH[name]] for flag, name in FLAG_TO_NAME.items()},
}  # fmt: skip
_DTYPE_NP_TO_MX: dict[Any, int] = {dtype: flag for flag, dtype in _DTYPE_MX_TO_NP.items()}
_GRAD_REQ_MAP = {"null": 0, "write": 1, "add": 3}
