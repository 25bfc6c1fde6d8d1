"""``mx.rtc``: kernels compiled from CUDA source at run time, which is refused here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .base import UnsupportedError, missing_attribute, numeric_types, string_types  # noqa: F401 - names of MXNet's module

__all__ = ["CudaKernel", "CudaModule"]

_REASON = (
    "MXNet's own kernel launcher is not here; write the kernel with torch.utils.cpp_extension.load_inline, Triton or "
    "numba.cuda on NDArray.to_torch(), inside an mx.operator.CustomOp"
)


class CudaModule:
    """Refused: CUDA source compiled at run time.

    Args:
        source: the source.
        options: of the compiler.
        exports: names of templates.
    """

    def __init__(self, source: str, options: Sequence[str] = (), exports: Sequence[str] = ()) -> None:
        raise UnsupportedError("mx.rtc.CudaModule", _REASON)

    def get_kernel(self, name: str, signature: str) -> CudaKernel:
        """Refused with the class: there is no instance of it."""
        raise UnsupportedError("mx.rtc.CudaModule.get_kernel", _REASON)


class CudaKernel:
    """Refused: a kernel of a CudaModule."""

    def __init__(self, handle: Any, name: str, is_ndarray: Sequence[bool], dtypes: Sequence[Any]) -> None:
        raise UnsupportedError("mx.rtc.CudaKernel", _REASON)

    def launch(
        self, args: Sequence[Any], ctx: Any, grid_dims: Sequence[int], block_dims: Sequence[int], shared_mem: int = 0
    ) -> None:
        """Refused with the class: there is no instance of it."""
        raise UnsupportedError("mx.rtc.CudaKernel.launch", _REASON)


def __getattr__(name: str) -> Any:
    raise missing_attribute(__name__, name)
