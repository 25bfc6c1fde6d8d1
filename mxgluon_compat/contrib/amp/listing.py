"""MXNet's lists of operators for a dtype."""

from __future__ import annotations

from typing import Any

from ...base import dtype_name
from .lists import symbol_bf16, symbol_fp16

__all__ = [
    "known_dtype", "list_conditional_fp32_ops", "list_fp32_ops", "list_loss_output_functions", "list_lp16_fp32_ops",
    "list_lp16_ops", "list_lp16_use_fp32_params", "list_widest_type_cast",
]  # fmt: skip


def known_dtype(dtype: Any) -> str | None:
    """``'float16'``, ``'bfloat16'``, or None for what is neither."""
    try:
        name = None if dtype is None else dtype_name(dtype)
    except TypeError:
        return None
    return name if name in ("float16", "bfloat16") else None


def _of(dtype: Any, fp16: Any, bf16: Any) -> Any:
    name = known_dtype(dtype)
    assert name is not None, "not supported type"
    return fp16 if name == "float16" else bf16


def list_lp16_ops(target_dtype: Any) -> list[str]:
    """Names of operators that run in ``target_dtype``, ``'float16'`` or ``'bfloat16'``."""
    return _of(target_dtype, symbol_fp16.FP16_FUNCS, symbol_bf16.BF16_FUNCS)


def list_fp32_ops(target_dtype: Any) -> list[str]:
    """Names of operators that need float32."""
    return _of(target_dtype, symbol_fp16.FP32_FUNCS, symbol_bf16.FP32_FUNCS)


def list_lp16_fp32_ops(target_dtype: Any) -> list[str]:
    """Names of operators that run in whatever dtype their inputs have."""
    return _of(target_dtype, symbol_fp16.FP16_FP32_FUNCS, symbol_bf16.BF16_FP32_FUNCS)


def list_conditional_fp32_ops(target_dtype: Any) -> list[tuple[str, str, list[str]]]:
    """(operator, attribute, values): operators that need float32 where the attribute has one of the values."""
    return _of(target_dtype, symbol_fp16.CONDITIONAL_FP32_FUNCS, symbol_bf16.CONDITIONAL_FP32_FUNCS)


def list_widest_type_cast(target_dtype: Any) -> list[str]:
    """Names of operators whose inputs become of the widest of their dtypes."""
    return _of(target_dtype, symbol_fp16.WIDEST_TYPE_CASTS, symbol_bf16.WIDEST_TYPE_CASTS)


def list_loss_output_functions(target_dtype: Any) -> list[str]:
    """Names of loss layers, which make their own gradients."""
    return _of(target_dtype, symbol_fp16.LOSS_OUTPUT_FUNCTIONS, symbol_bf16.LOSS_OUTPUT_FUNCTIONS)


def list_lp16_use_fp32_params(target_dtype: Any) -> dict[str, list[str]] | None:
    """{operator: inputs} that stay in float32 beside bfloat16 data; None for float16."""
    return _of(target_dtype, None, symbol_bf16.BF16_USE_FP32_PARAMS)
