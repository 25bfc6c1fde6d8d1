"""From graphs to ONNX."""

from .export import export_model


__all__ = ["export_model"]
