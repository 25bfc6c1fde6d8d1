"""``mx.operator``: operators that users write in Python, on NDArrays.

A ``CustomOpProp`` tells what such an operator takes and gives, a ``CustomOp`` computes it; ``register(NAME)`` makes it
known, and ``nd.Custom`` and ``sym.Custom`` with ``op_type=NAME`` use it.

In the operator table all of them are one row, ``Custom``: what a row tells of other operators, a Prop tells here. The
row is registered here, since a CustomOp computes on NDArrays, of which the table knows nothing.
"""

from __future__ import annotations

from . import row
from .custom_op import CustomOp, CustomOpProp, register
from .deprecated import NDArrayOp, NumpyOp, PythonOp
from .listing import OperatorArguments, get_all_registered_operators, get_operator_arguments
from .use import keeping

__all__ = [
    "CustomOp", "CustomOpProp", "NDArrayOp", "NumpyOp", "OperatorArguments", "PythonOp",
    "get_all_registered_operators", "get_operator_arguments", "register",
]  # fmt: skip

row.install()
