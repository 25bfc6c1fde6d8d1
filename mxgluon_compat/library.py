"""``mx.library``: operators from libraries that were compiled against MXNet's C++, which are refused here."""

from __future__ import annotations

from typing import Any

from .base import MXNetError, UnsupportedError, missing_attribute

__all__ = ["MXNetError", "load"]


def load(path: str, verbose: bool = True) -> None:
    """Refused: the operators of a library.

    Args:
        path: the library.
        verbose: whether the operators are listed.

    Raises:
        UnsupportedError: always.
    """
    raise UnsupportedError(
        "mx.library.load",
        "its libraries are compiled against MXNet's C++; write the operators as mx.operator.CustomOp, or load C++ "
        "written for PyTorch with torch.utils.cpp_extension.load",
    )


def __getattr__(name: str) -> Any:
    raise missing_attribute(__name__, name)
