"""``mx.io``: batches of data, and iterators over arrays, text files and records of pictures."""

from . import io, utils
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

__all__ = [
    "CSVIter", "DataBatch", "DataDesc", "DataIter", "ImageDetRecordIter", "ImageRecordInt8Iter", "ImageRecordIter",
    "ImageRecordIter_v1", "ImageRecordUInt8Iter", "ImageRecordUInt8Iter_v1", "LibSVMIter", "MNISTIter", "MXDataIter",
    "NDArrayIter", "PrefetchingIter", "ResizeIter", "io", "utils",
]  # fmt: skip
