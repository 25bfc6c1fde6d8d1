"""``import_model`` and ``get_model_metadata``."""

from __future__ import annotations

import os
from typing import Any

from ....base import MXNetError, UnsupportedError
from ....ndarray import NDArray
from ....onnx.packages import package
from ....symbol import Symbol
from .import_onnx import GraphProto

__all__ = ["GraphProto", "get_model_metadata", "import_model"]


def load(model_file: str | os.PathLike[str], purpose: str) -> tuple[Any, int]:
    """The graph of an ONNX file, without functions, and the version of ONNX's operators that it is written in.

    Raises:
        ImportError: the extra ``[onnx]`` is not installed.
        FileNotFoundError: no such file.
        MXNetError: no ONNX file.
        UnsupportedError: operators of others than ONNX.
    """
    onnx = package("onnx", purpose)
    from google.protobuf.message import DecodeError
    from onnx.inliner import inline_local_functions

    try:
        model = onnx.load_model(os.fspath(model_file))
    except DecodeError as error:
        raise MXNetError(f"{os.fspath(model_file)} is no ONNX file: {error}") from None
    if not model.HasField("graph") or not model.opset_import:
        raise MXNetError(f"{os.fspath(model_file)} is no ONNX file: it holds no graph")
    if model.functions:
        model = inline_local_functions(model)
    strange = sorted({f"{n.domain}.{n.op_type}" for n in model.graph.node if n.domain not in ("", "ai.onnx")})
    if strange:
        raise UnsupportedError(f"{purpose} of {os.fspath(model_file)}", f"it holds {', '.join(strange)}")
    return model.graph, next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 1)


def import_model(
    model_file: str | os.PathLike[str],
) -> tuple[Symbol, dict[str, NDArray], dict[str, NDArray]]:
    """An ONNX file as a graph, its parameters and its auxiliary states.

    Sizes that the file leaves open stay open. Names are those of the file; parameters that ONNX has in another form
    (transposed weights, the gates of an LSTM) have names of their own.

    Args:
        model_file: the file.

    Raises:
        ImportError: the extra ``[onnx]`` is not installed.
        FileNotFoundError: no such file.
        MXNetError: no ONNX file, or a graph whose arrays do not fit.
        UnsupportedError: operators that are not known, with the names of their nodes.
    """
    graph, opset = load(model_file, "import_model")
    return GraphProto().from_onnx(graph, opset)


def get_model_metadata(model_file: str | os.PathLike[str]) -> dict[str, list[tuple[Any, ...]]]:
    """What goes in and comes out.

    Args:
        model_file: an ONNX file.

    Returns:
        ``{"input_tensor_data": [(name, shape, ONNX's number of its dtype), ...], "output_tensor_data": [(name, shape),
        ...]}``; sizes that the file leaves open are 0.

    Raises:
        ImportError, FileNotFoundError, MXNetError: see ``import_model``.
    """
    graph, _ = load(model_file, "get_model_metadata")
    return GraphProto().get_graph_metadata(graph)
