"""Operators that can be exported."""

from __future__ import annotations

import functools
import pathlib

__all__ = ["OLDEST_OPSET", "get_operator_support"]

OLDEST_OPSET = 18
"""The first version of ONNX's operators that PyTorch's exporter writes."""


@functools.cache
def _names() -> tuple[str, ...]:
    return tuple((pathlib.Path(__file__).parent / "operators.txt").read_text(encoding="utf-8").split())


def get_operator_support(opset_version: int | None = None) -> list[str]:
    """Names of operators whose export was run by onnxruntime, in one case at least, with the same results.

    Others may work too: what PyTorch's exporter has no translation for is refused by ``export_model``.

    Args:
        opset_version: of ONNX; there are none below 18.
    """
    return [] if opset_version is not None and opset_version < OLDEST_OPSET else list(_names())
