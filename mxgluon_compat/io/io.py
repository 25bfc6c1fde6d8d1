"""Everything of ``mx.io``, under the name of MXNet's module."""

from __future__ import annotations

from typing import Any

from ..base import missing_attribute, py_str
from ..ndarray import NDArray, array
from ..ndarray.sparse import CSRNDArray
from .batch import DataBatch, DataDesc, DataIter
from .by_arguments import MXDataIter
from .detection import ImageDetRecordIter
from .iterators import PrefetchingIter, ResizeIter
from .mnist import MNISTIter
from .ndarray_iter import NDArrayIter
from .records import (
    ImageRecordInt8Iter,
    ImageRecordIter,
    ImageRecordIter_v1,
    ImageRecordUInt8Iter,
    ImageRecordUInt8Iter_v1,
)  # fmt: skip
from .text import CSVIter, LibSVMIter
from .utils import _getdata_by_idx, _has_instance, _init_data, _slice_along_batch_axis

__all__ = [
    "CSRNDArray", "CSVIter", "DataBatch", "DataDesc", "DataIter", "ImageDetRecordIter", "ImageRecordInt8Iter",
    "ImageRecordIter", "ImageRecordIter_v1", "ImageRecordUInt8Iter", "ImageRecordUInt8Iter_v1", "LibSVMIter",
    "MNISTIter", "MXDataIter", "NDArray", "NDArrayIter", "PrefetchingIter", "ResizeIter", "_getdata_by_idx",
    "_has_instance", "_init_data", "_slice_along_batch_axis", "array", "py_str",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    raise missing_attribute(__name__, name)
