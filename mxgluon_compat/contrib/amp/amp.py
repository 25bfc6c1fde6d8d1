"""Automatic mixed precision: which operators run in float16 or bfloat16 and which in float32, and scaled losses.

``init`` writes on the rows of the operator table what is to be done with their inputs (``ops.casts``); ``mx.nd`` and
``mx.sym`` then cast. The casts are recorded and in graphs like any operator, so gradients flow through them, and the
weights keep their dtype. The lists are MXNet's.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from ... import optimizer as opt
from ...base import TORCH_TO_NUMPY
from ...gluon import trainer
from ...ndarray import NDArray
from ...ops import support
from ...ops.casts import Casts
from ...ops.registry import OPERATORS, Operator
from . import lists
from .convert import convert_hybrid_block, convert_model, convert_symbol
from .listing import (
    known_dtype,
    list_conditional_fp32_ops,
    list_fp32_ops,
    list_loss_output_functions,
    list_lp16_fp32_ops,
    list_lp16_ops,
    list_lp16_use_fp32_params,
    list_widest_type_cast,
)
from .loss_scaler import LossScaler

__all__ = [
    "convert_hybrid_block", "convert_model", "convert_symbol", "init", "init_trainer",
    "list_conditional_fp32_ops", "list_fp32_ops", "list_loss_output_functions", "list_lp16_fp32_ops", "list_lp16_ops",
    "list_lp16_use_fp32_params", "list_widest_type_cast", "lists", "scale_loss", "unscale",
]  # fmt: skip

bfloat16 = TORCH_TO_NUMPY[torch.bfloat16]
"""The dtype of bfloat16 arrays."""

_Condition = tuple[str, str, Sequence[str]]

_amp_initialized = False
_amp_loss_scale_initialized = False
_loss_scaler: Any = None  # a LossScaler after ``init``


# ---------------------------------------------------------------------------------------------- switching on
def init(
    target_dtype: Any = "float16",
    target_precision_ops: Sequence[str] | None = None,
    conditional_fp32_ops: Sequence[_Condition] | None = None,
    fp32_ops: Sequence[str] | None = None,
) -> None:
    """Turns mixed precision on, for all operators that are called and all graphs that are traced from now on.

    It cannot be turned off, and a second call does nothing. Graphs that are traced already stay as they are.

    Args:
        target_dtype: ``'float16'`` or ``'bfloat16'``.
        target_precision_ops: names of operators to run in it; default ``list_lp16_ops``.
        conditional_fp32_ops: (operator, attribute, values) to run in float32; default ``list_conditional_fp32_ops``.
        fp32_ops: names of operators to run in float32; default ``list_fp32_ops``.

    Raises:
        AssertionError: another dtype.
        AttributeError: a name that is no operator's.
        ValueError: an element of ``conditional_fp32_ops`` that is no triple.
    """
    global _amp_initialized, _loss_scaler
    if _amp_initialized:
        return
    name = known_dtype(target_dtype)
    assert name is not None, "AMP currently supports only float16 or bfloat16 as a target_dtype"
    rules = _rules(name, target_precision_ops, conditional_fp32_ops, fp32_ops)
    logging.info("Using AMP")
    _amp_initialized = True
    _loss_scaler = LossScaler()
    for op, casts in rules.items():
        op.amp = casts


def _reset() -> None:
    """Turns mixed precision off: for tests."""
    global _amp_initialized, _amp_loss_scale_initialized, _loss_scaler
    for op in OPERATORS.values():
        op.amp = None
    _amp_initialized = _amp_loss_scale_initialized = False
    _loss_scaler = None


def _rules(
    dtype: str,
    target_ops: Sequence[str] | None,
    conditional_ops: Sequence[_Condition] | None,
    fp32_ops: Sequence[str] | None,
) -> dict[Operator, Casts]:
    """What is to be done with the inputs of each operator."""
    low = _rows(list_lp16_ops(dtype), target_ops)
    high = _rows(list_fp32_ops(dtype), fp32_ops)
    widest = _rows(list_widest_type_cast(dtype), None)
    losses = _rows(list_loss_output_functions(dtype), None)
    conditions: dict[Operator, list[tuple[str, tuple[str, ...]]]] = {}
    for op_name, attribute, values in list_conditional_fp32_ops(dtype) if conditional_ops is None else conditional_ops:
        for op in _rows((), [op_name]):
            conditions.setdefault(op, []).append((attribute, tuple(values)))
    return {
        op: Casts(
            op in widest,
            (*([dtype] if op in low else []), *(["float32"] if op in high else [])),
            tuple(conditions.get(op, ())),
            _scale_of_losses if op in losses else None,
        )
        for op in {**low, **high, **widest, **losses, **conditions}
    }


def _rows(default: Sequence[str], given: Sequence[str] | None) -> dict[Operator, None]:
    """Rows of the operators of that name, in order.

    MXNet's lists have names (``_sparse_sum``) that are in the table another name of an operator listed elsewhere: the
    one that is the row's own counts.

    Raises:
        AttributeError: a given name that is no operator's.
    """
    if given is None:
        return {OPERATORS[n]: None for n in default if n in OPERATORS and not n.startswith("_sparse_")}
    if isinstance(given, str):
        raise ValueError(f"expected a list of operators' names, got the string {given!r}")
    known = {name for row in support.rows() for name in (row.name, *row.aliases)}
    for name in given:
        if name not in OPERATORS and name not in known:
            raise AttributeError(
                f"there is no operator {name!r}; see amp.list_lp16_ops and amp.list_fp32_ops for names"
            )
    return {OPERATORS[n]: None for n in given if n in OPERATORS}


def _scale_of_losses() -> float:
    return _loss_scaler.loss_scale


# ---------------------------------------------------------------------------------------------- training
def init_trainer(optimizer_or_trainer: Any) -> None:
    """Gives a Trainer a loss scaler; its steps with gradients that are not finite are skipped from now on.

    Args:
        optimizer_or_trainer: a Trainer. The first one's scaler is also that of loss layers such as SoftmaxOutput.

    Raises:
        AssertionError: before ``init``.
        TypeError: no Trainer.
    """
    global _amp_loss_scale_initialized
    assert _amp_initialized, "AMP not initialized, did you forget to call amp.init()?"
    _check_trainer(optimizer_or_trainer)
    optimizer_or_trainer._amp_loss_scaler = LossScaler() if _amp_loss_scale_initialized else _loss_scaler
    optimizer_or_trainer._amp_original_scale = optimizer_or_trainer._scale
    _amp_loss_scale_initialized = True


def _check_trainer(found: Any) -> None:
    if isinstance(found, trainer.Trainer):
        return
    if isinstance(found, opt.Optimizer):
        raise TypeError("AMP is currently only compatible with Gluon Trainer")
    raise TypeError(f"optimizer_or_trainer should be a Gluon Trainer or an optimizer, instead is {type(found)}")


@contextlib.contextmanager
def scale_loss(loss: NDArray | Sequence[NDArray], optimizer_or_trainer: Any) -> Iterator[Any]:
    """``with amp.scale_loss(loss, trainer) as scaled: scaled.backward()``: losses times the loss scale.

    The Trainer's next steps divide by it. Several backward passes into gradients that add up may each be scaled.

    Args:
        loss: one loss, or a list of them (a list is what comes back).
        optimizer_or_trainer: a Trainer that ``init_trainer`` prepared.

    Raises:
        AttributeError: a Trainer without ``init_trainer``.
    """
    scaler = getattr(optimizer_or_trainer, "_amp_loss_scaler", None)
    if scaler is None:
        raise AttributeError(f"{optimizer_or_trainer!r} has no loss scaler: call amp.init_trainer(trainer) first")
    scale = scaler.loss_scale
    optimizer_or_trainer._scale = optimizer_or_trainer._amp_original_scale / scale
    yield [part * scale for part in loss] if isinstance(loss, (list, tuple)) else loss * scale


def unscale(optimizer_or_trainer: Any) -> None:
    """Divides the gradients by the loss scale now, to clip them before the step, say.

    Args:
        optimizer_or_trainer: the Trainer.

    Raises:
        TypeError: no Trainer.
    """
    _check_trainer(optimizer_or_trainer)
    scale = optimizer_or_trainer._scale
    grads = [g for p in optimizer_or_trainer._params if p.grad_req != "null" for g in p.list_grad()]
    dense = [grad._data for grad in grads if not grad._is_sparse]
    if dense:
        with torch.no_grad():
            torch._foreach_mul_(dense, scale)
    for grad in grads:
        if grad._is_sparse:
            grad[:] = grad * scale
    optimizer_or_trainer._scale = 1.0


def convert_bucketing_module(
    bucketing_mod: Any,
    target_dtype: str = "float16",
    target_dtype_ops: Sequence[str] | None = None,
    fp32_ops: Sequence[str] | None = None,
    conditional_fp32_ops: Sequence[_Condition] | None = None,
    excluded_sym_names: Sequence[str] | None = None,
    cast_optional_params: bool = False,
) -> Any:
    """A BucketingModule whose graphs are converted, each as by ``convert_model``.

    Args:
        bucketing_mod: the module, bound and with parameters.
        target_dtype, target_dtype_ops, fp32_ops, conditional_fp32_ops, excluded_sym_names: see ``convert_symbol``.
        cast_optional_params: parameters that only operators in the low dtype use are cast.

    Returns:
        A new BucketingModule with the same parameters, to be bound. Its buckets are those that the other has by now.

    Raises:
        AssertionError: no BucketingModule, or one without buckets.
    """
    kind = type(bucketing_mod)
    assert hasattr(bucketing_mod, "_buckets"), "module should be instance of bucketing module"
    assert bucketing_mod._buckets, "Bucketing Module should not be empty"
    arguments, states = bucketing_mod.get_params()
    graphs = {}
    for key, module in bucketing_mod._buckets.items():
        graphs[key], made_arguments, made_states = convert_model(
            module._symbol, arguments, states, target_dtype=target_dtype, target_dtype_ops=target_dtype_ops,
            fp32_ops=fp32_ops, conditional_fp32_ops=conditional_fp32_ops, excluded_sym_names=excluded_sym_names,
            cast_optional_params=cast_optional_params,
        )  # fmt: skip
    return kind.load_dict(
        graphs, sym_gen=bucketing_mod._sym_gen, default_bucket_key=bucketing_mod._default_bucket_key,
        arg_params=made_arguments, aux_params=made_states, logger=bucketing_mod.logger,
        context=bucketing_mod._context, work_load_list=bucketing_mod._work_load_list,
        fixed_param_names=bucketing_mod._fixed_param_names, state_names=bucketing_mod._state_names,
        group2ctxs=bucketing_mod._group2ctxs, compression_params=bucketing_mod._compression_params,
    )  # fmt: skip
