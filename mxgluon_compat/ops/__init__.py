"""The operator table. Importing this package fills it."""

from __future__ import annotations

from . import (
    anchors,
    attention,
    contrib,
    control_flow,
    conv,
    deformable,
    detection,
    elemwise,
    elemwise_binary,
    elemwise_scalar,
    first_versions,
    graphs,
    image,
    indexing,
    intgemm,
    linalg,
    loss,
    nn,
    norm,
    numpy_elemwise,
    numpy_reduce,
    numpy_shape,
    optimizer,
    optimizer_adaptive,
    optimizer_layerwise,
    pictures,
    quantization,
    quantized_layers,
    random,
    random_pdf,
    reduce,
    rnn,
    roi,
    shape,
    slicing,
    sparse,
    spatial,
    sync_norm,
)
from .registry import OPERATORS, Operator, get

__all__ = ["OPERATORS", "Operator", "get"]
