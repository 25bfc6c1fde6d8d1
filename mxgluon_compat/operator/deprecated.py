"""What custom operators were before ``CustomOp``."""

from __future__ import annotations

import warnings
from typing import Any

from ..base import UnsupportedError
from ..symbol import Symbol

__all__ = ["NDArrayOp", "NumpyOp", "PythonOp"]


class PythonOp:
    """What custom operators were before ``CustomOp``. They can be written, but not run.

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
    def __init__(self, need_top_grad: bool = True) -> None:
        super().__init__(need_top_grad)
        warnings.warn(f"{self._kind} has been deprecated. Please use CustomOp", stacklevel=2)

    _kind = ""

    def get_symbol(self, *args: Any, **kwargs: Any) -> Symbol:
        """The operator on symbols: not there. MXNet 1.9.1 crashes if a shape is inferred or it has several outputs.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError(f"mx.operator.{self._kind}", "deprecated, and mostly a crash in MXNet; use CustomOp")


class NumpyOp(_Runnable):
    """A PythonOp on numpy arrays."""

    _kind = "NumpyOp"


class NDArrayOp(_Runnable):
    """A PythonOp on NDArrays."""

    _kind = "NDArrayOp"

    def declare_backward_dependency(self, out_grad: list[int], in_data: list[int], out_data: list[int]) -> list[int]:
        """Of these numbers of arrays the ones that ``backward`` reads."""
        return [*(out_grad if self.need_top_grad() else ()), *in_data, *out_data]
