"""``mx.gluon.parameter``: Parameters, Constants and dicts of them."""

from __future__ import annotations

from .constant import Constant
from .parameter import DeferredInitializationError, Parameter, tensor_types
from .parameter_dict import ParameterDict

__all__ = ["Constant", "DeferredInitializationError", "Parameter", "ParameterDict", "tensor_types"]
