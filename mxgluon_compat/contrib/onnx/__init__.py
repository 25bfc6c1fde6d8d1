"""``mx.contrib.onnx``: ONNX files. ``export_model`` is that of ``mx.onnx``."""

from ...onnx import export_model
from ...onnx import export_model as export_model_
from . import onnx2mx
from .onnx2mx.import_model import get_model_metadata, import_model
from .onnx2mx.import_model import get_model_metadata as get_model_metadata_
from .onnx2mx.import_model import import_model as import_model_
from .onnx2mx.import_to_gluon import import_to_gluon
from .onnx2mx.import_to_gluon import import_to_gluon as import_to_gluon_

__all__ = [
    "export_model", "export_model_", "get_model_metadata", "get_model_metadata_", "import_model", "import_model_",
    "import_to_gluon", "import_to_gluon_", "onnx2mx",
]  # fmt: skip
