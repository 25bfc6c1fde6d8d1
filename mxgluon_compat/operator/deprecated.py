"""What custom operators were before ``CustomOp``; here they run as one."""

from __future__ import annotations

import warnings
from typing import Any

from ..symbol import Symbol
from .custom_op import PROPS, CustomOp, CustomOpProp
from .row import symbol_of

__all__ = ["NDArrayOp", "NumpyOp", "PythonOp"]


class PythonOp:
    """What custom operators were before ``CustomOp``. NumpyOp and NDArrayOp can be run.

    Args:
        need_top_grad: whether the gradient depends on the outputs' gradients.
    """

    def __init__(self, need_top_grad: bool = True) -> None:
        warnings.warn("PythonOp has been deprecated. Please use CustomOp", stacklevel=2)
        self.need_top_grad_ = need_top_grad

    def __call__(self, *args: Any, **kwargs: Any) -> Symbol:
        return self.get_symbol(*args, **kwargs)

    def get_symbol(self, *args: Any, **kwargs: Any) -> Symbol:
        """The operator on symbols: of the base class, not there.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError("Must override this")

    def forward(self, in_data: list[Any], out_data: list[Any]) -> None:
        """Computes ``out_data``."""
        out_data[0][:] = in_data[0]

    def backward(self, out_grad: list[Any], in_data: list[Any], out_data: list[Any], in_grad: list[Any]) -> None:
        """Computes ``in_grad``."""
        in_grad[0][:] = 1.0

    def infer_shape(self, in_shape: list[Any]) -> tuple[list[Any], list[Any]]:
        """Shapes of the arguments and outputs."""
        return in_shape, [in_shape[0]]

    def list_outputs(self) -> list[str]:
        """Names of the outputs."""
        return ["output"]

    def list_arguments(self) -> list[str]:
        """Names of the arguments."""
        return ["data"]

    def need_top_grad(self) -> bool:
        """Whether the gradient depends on the outputs' gradients."""
        return self.need_top_grad_


class _Runnable(PythonOp):
    _hint = ""  # stem of the names of its symbols
    _takes_numpy = False

    def __init__(self, need_top_grad: bool = True) -> None:
        super().__init__(need_top_grad)
        warnings.warn(f"{type(self).__name__} has been deprecated. Please use CustomOp", stacklevel=2)

    def get_symbol(self, *args: Any, **kwargs: Any) -> Symbol:
        """The operator on symbols.

        Args:
            args: its arguments; they may be given by name instead. Those that are not given become variables.
            kwargs: ``name`` and ``attr`` of the node, arguments by name.
        """
        op_type = f"{self._hint}{id(self)}"
        PROPS[op_type] = lambda: _Prop(self)
        return symbol_of(args, {**kwargs, "op_type": op_type}, self._hint)


class NumpyOp(_Runnable):
    """A PythonOp on numpy arrays."""

    _hint = "_native"
    _takes_numpy = True


class NDArrayOp(_Runnable):
    """A PythonOp on NDArrays."""

    _hint = "_ndarray"

    def declare_backward_dependency(self, out_grad: list[int], in_data: list[int], out_data: list[int]) -> list[int]:
        """Of these numbers of arrays the ones that ``backward`` reads."""
        return [*(out_grad if self.need_top_grad() else ()), *in_data, *out_data]


class _Prop(CustomOpProp):
    """What a PythonOp takes and gives."""

    def __init__(self, op: _Runnable) -> None:
        super().__init__(op.need_top_grad())
        self._op = op
        self.list_arguments = op.list_arguments  # type: ignore[method-assign]
        self.list_outputs = op.list_outputs  # type: ignore[method-assign]
        self.infer_shape = op.infer_shape  # type: ignore[method-assign]
        if isinstance(op, NDArrayOp):
            self.declare_backward_dependency = op.declare_backward_dependency  # type: ignore[method-assign]

    def create_operator(self, ctx: Any, in_shapes: Any, in_dtypes: Any) -> CustomOp:
        return _Run(self._op)


class _Run(CustomOp):
    """Runs a PythonOp."""

    def __init__(self, op: _Runnable) -> None:
        self._op = op

    def _call(self, what: str, name: str, made: list[Any], req: list[str], **arrays: list[Any]) -> None:
        """``forward`` or ``backward``, which fill the arrays ``made``, their argument ``name``."""
        if not self._op._takes_numpy:
            getattr(self._op, what)(**arrays, **{name: made})
            return
        plain = {key: [x.asnumpy() for x in group] for key, group in arrays.items()}
        filled = [x.asnumpy() for x in made]
        getattr(self._op, what)(**plain, **{name: filled})
        for array, kind, value in zip(made, req, filled, strict=True):
            self.assign(array, kind, value)

    def forward(self, is_train: Any, req: Any, in_data: Any, out_data: Any, aux: Any) -> None:
        self._call("forward", "out_data", out_data, req, in_data=in_data)

    def backward(self, req: Any, out_grad: Any, in_data: Any, out_data: Any, in_grad: Any, aux: Any) -> None:
        heads = out_grad if self._op.need_top_grad() else []
        self._call("backward", "in_grad", in_grad, req, out_grad=heads, in_data=in_data, out_data=out_data)
