"""The packages that ONNX files need: the extra ``[onnx]``. They are imported at the first use."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["package"]


def package(name: str, purpose: str) -> Any:
    """The module ``name``: ``onnx`` or ``onnxscript``.

    Args:
        name: the package.
        purpose: what needs it, for the error.

    Raises:
        ImportError: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise ImportError(f"{purpose} needs the package {name}: pip install 'mxgluon_compat[onnx]'") from error
