"""``mx.onnx``: nets as ONNX files. What reads them is ``mx.contrib.onnx``."""

from .mx2onnx import export_model

__all__ = ["export_model"]
