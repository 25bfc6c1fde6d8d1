"""``import_to_gluon``."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ....context import Context
from ....gluon.block import SymbolBlock
from .import_model import load
from .import_onnx import GraphProto

__all__ = ["GraphProto", "import_to_gluon"]


def import_to_gluon(model_file: str | os.PathLike[str], ctx: Context | Sequence[Context]) -> SymbolBlock:
    """An ONNX file as a Block with its Parameters, which can be trained on.

    Args:
        model_file: the file.
        ctx: where to put the Parameters.

    Raises:
        ImportError, FileNotFoundError, MXNetError, UnsupportedError: see ``import_model``.
    """
    graph, opset = load(model_file, "import_to_gluon")
    return GraphProto().graph_to_gluon(graph, ctx, opset)
