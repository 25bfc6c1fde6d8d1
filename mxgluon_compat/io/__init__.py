"""``mx.io``: batches of data and what iterators over them have in common."""

from . import io
from .io import DataBatch, DataDesc, DataIter

__all__ = ["DataBatch", "DataDesc", "DataIter", "io"]
