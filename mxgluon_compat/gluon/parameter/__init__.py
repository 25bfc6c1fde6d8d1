"""``mx.gluon.parameter``: Parameters, Constants and dicts of them."""

from __future__ import annotations

from ...base import MXNetError
from ...context import Context, cpu
from ...util import is_np_array, is_np_shape
from ..utils import _brief_print_list, _indent, shape_is_known
from .constant import Constant
from .parameter import DeferredInitializationError, Parameter, tensor_types
from .parameter_dict import ParameterDict

# Names that MXNet's module has beside its own, and that users import from it.
_ALSO = (Context, MXNetError, _brief_print_list, _indent, cpu, is_np_array, is_np_shape, shape_is_known)

__all__ = ["Constant", "DeferredInitializationError", "Parameter", "ParameterDict", "tensor_types"]
