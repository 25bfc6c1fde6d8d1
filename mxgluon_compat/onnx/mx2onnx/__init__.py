"""From graphs to ONNX."""

from .export import export_model
from .support import get_operator_support

__all__ = ["export_model", "get_operator_support"]
