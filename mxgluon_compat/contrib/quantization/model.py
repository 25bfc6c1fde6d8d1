"""Models on integers: a graph with its parameters, quantized at once, or first quantized and then calibrated."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from ... import ndarray
from ...context import Context, cpu
from ...io import DataIter
from ...ndarray import NDArray
from ...symbol import Symbol
from .calibration import (
    _collect_layer_statistics,
    _get_optimal_thresholds,
    _LayerHistogramCollector,
    _LayerOutputMinMaxCollector,
    provided,
)
from .graph import calibrated, calibration_layers, quantized

__all__ = ["calib_graph", "quantize_graph", "quantize_model", "quantize_model_mkldnn"]

_Params = Mapping[str, NDArray]
_Model = tuple[Symbol, dict[str, NDArray], dict[str, NDArray]]

_CPU = cpu()


def quantize_model(
    sym: Symbol,
    arg_params: _Params,
    aux_params: _Params,
    data_names: Sequence[str] = ("data",),
    label_names: Sequence[str] | None = ("softmax_label",),
    ctx: Context = _CPU,
    excluded_sym_names: Sequence[str] | None = None,
    excluded_op_names: Sequence[str] | None = None,
    calib_mode: str | None = "entropy",
    calib_data: DataIter | None = None,
    num_calib_examples: int | None = None,
    quantized_dtype: str = "int8",
    quantize_mode: str = "smart",
    quantize_granularity: str = "tensor-wise",
    logger: Any = None,
) -> _Model:
    """A model, graph and parameters, whose layers compute with 8-bit integers; its inputs and outputs are in float32.

    Args:
        sym: the graph.
        arg_params, aux_params: its parameters and auxiliary states.
        data_names, label_names: its inputs, in the order of the arrays of a batch.
        ctx: where the model runs for the calibration.
        excluded_sym_names, excluded_op_names: names of nodes, and of operators, that stay in float32.
        calib_mode: where ranges come from: ``'naive'``: the least and greatest number that ``calib_data`` gives;
            ``'entropy'``: of these what loses least; ``'none'`` or None: each batch has its own.
        calib_data: batches of data.
        num_calib_examples: how many examples of it to use; default all.
        quantized_dtype: ``'int8'``, ``'uint8'``, or ``'auto'``: uint8 for what calibration finds not to be negative.
        quantize_mode: ``'full'``: all operators that can be; ``'smart'``: convolutions, dense layers, and what lies
            between.
        quantize_granularity: ``'tensor-wise'`` or ``'channel-wise'``; as in MXNet the operators here have one range
            for an array with either.
        logger: gets lines on what is done.

    Returns:
        The graph, the parameters, the auxiliary states.

    Raises:
        MXNetError: another ``quantize_mode``.
        RuntimeError: a parameter is missing.
        ValueError: another mode, dtype or granularity, names that are no list, no ``calib_data`` where it is needed.
    """
    calibrating = calib_mode not in (None, "none")
    if calibrating:
        if calib_data is None:
            raise ValueError(f"calib_data must be provided when calib_mode={calib_mode}")
        if calib_mode not in ("naive", "entropy"):
            raise _unknown_mode(calib_mode)
        if not isinstance(calib_data, DataIter):
            raise ValueError(
                f"calib_data must be of DataIter type when calib_mode={calib_mode}, while received type "
                f"{type(calib_data)}"
            )
    qsym, params, states, collector = quantize_graph(
        sym, arg_params, aux_params, ctx, excluded_sym_names, excluded_op_names, calib_mode, quantized_dtype,
        quantize_mode, quantize_granularity, None, logger,
    )  # fmt: skip
    if not calibrating:
        return qsym, params, states
    assert calib_data is not None
    _collect_layer_statistics(
        sym, (arg_params, aux_params), (data_names, label_names), ctx, calib_data,
        (provided(calib_data, "data"), provided(calib_data, "label")), collector, num_calib_examples, logger,
    )  # fmt: skip
    return calib_graph(qsym, arg_params, aux_params, collector, calib_mode, quantized_dtype, logger)


def quantize_model_mkldnn(
    sym: Symbol,
    arg_params: _Params,
    aux_params: _Params,
    data_names: Sequence[str] = ("data",),
    label_names: Sequence[str] | None = ("softmax_label",),
    ctx: Context = _CPU,
    excluded_sym_names: Sequence[str] | None = None,
    excluded_op_names: Sequence[str] | None = None,
    calib_mode: str | None = "entropy",
    calib_data: DataIter | None = None,
    num_calib_examples: int | None = None,
    quantized_dtype: str = "int8",
    quantize_mode: str = "smart",
    quantize_granularity: str = "tensor-wise",
    logger: Any = None,
) -> _Model:
    """``quantize_model`` on a CPU. MXNet fuses layers into operators of oneDNN first, which are not here.

    Raises:
        ValueError: another context; see ``quantize_model``.
    """
    _check_context(ctx)
    if ctx.device_type != "cpu":
        raise ValueError("quantize_model_mkldnn only support Intel cpu platform with MKL-DNN Backend")
    return quantize_model(
        sym, arg_params, aux_params, data_names, label_names, ctx, excluded_sym_names, excluded_op_names, calib_mode,
        calib_data, num_calib_examples, quantized_dtype, quantize_mode, quantize_granularity, logger,
    )  # fmt: skip


def quantize_graph(
    sym: Symbol,
    arg_params: _Params,
    aux_params: _Params,
    ctx: Context = _CPU,
    excluded_sym_names: Sequence[str] | None = None,
    excluded_op_names: Sequence[str] | None = None,
    calib_mode: str | None = "entropy",
    quantized_dtype: str = "int8",
    quantize_mode: str = "full",
    quantize_granularity: str = "tensor-wise",
    LayerOutputCollector: Any = None,  # noqa: N803 - MXNet's name
    logger: Any = None,
) -> tuple[Symbol, dict[str, NDArray], dict[str, NDArray], Any]:
    """A model as of ``quantize_model``, without ranges, and the collector that finds them.

    The collector's ``collect`` wants the name and the array of each layer of its ``include_layer``, for each batch;
    ``calib_graph`` then writes the ranges down.

    Args:
        sym, arg_params, aux_params, ctx, excluded_sym_names, excluded_op_names, quantized_dtype, quantize_mode,
            quantize_granularity, logger: see ``quantize_model``.
        calib_mode: ``'none'``, None, ``'naive'``, ``'entropy'``, or ``'customize'``.
        LayerOutputCollector: the collector for ``'customize'``.

    Returns:
        The graph, the parameters, the auxiliary states, the collector; None in place of it without calibration.

    Raises:
        MXNetError, ValueError: see ``quantize_model``.
    """
    _check_context(ctx)
    for what, names in (("symbols", excluded_sym_names), ("operators", excluded_op_names)):
        if names is not None and not isinstance(names, (list, tuple)):
            raise ValueError(
                f"excluded_{'sym' if what == 'symbols' else 'op'}_names must be a list of strings representing the "
                f"names of the {what} that will not be quantized, while received type {type(names)}"
            )
    if quantized_dtype not in ("int8", "uint8", "auto"):
        raise ValueError(f"unknown quantized_dtype {quantized_dtype} received, expected `int8`, `uint8` or `auto`")
    if quantize_granularity not in ("tensor-wise", "channel-wise"):
        raise ValueError(
            f"unknown quantize_granularity {quantize_granularity} received, expected `tensor-wise` or `channel-wise`"
        )
    calibrating = calib_mode not in (None, "none")
    kept = list(excluded_op_names or ())
    if not calibrating:
        kept.append("BatchNorm")  # it needs a range; without one MXNet's graph does not run
    if logger:
        logger.info("Quantizing symbol")
    qsym = quantized(sym, set(arg_params), set(excluded_sym_names or ()), set(kept), quantized_dtype, quantize_mode)
    collector = LayerOutputCollector
    if calib_mode == "naive":
        collector = _LayerOutputMinMaxCollector(quantized_dtype, calibration_layers(qsym), logger)
    elif calib_mode == "entropy":
        collector = _LayerHistogramCollector(include_layer=calibration_layers(qsym), logger=logger)
    elif calibrating and (calib_mode != "customize" or collector is None):
        raise _unknown_mode(calib_mode, customize=True)
    if logger:
        logger.info("Quantizing parameters")
    return qsym, _quantize_params(qsym, arg_params), dict(aux_params), collector if calibrating else None


def calib_graph(
    qsym: Symbol,
    arg_params: _Params,
    aux_params: _Params,
    collector: Any,
    calib_mode: str | None = "entropy",
    quantized_dtype: str = "int8",
    logger: Any = logging,
) -> _Model:
    """A model of ``quantize_graph`` with the ranges that the collector found.

    Args:
        qsym: the graph of ``quantize_graph``; it stays as it is.
        arg_params: the parameters, in float32 or as ``quantize_graph`` gave them.
        aux_params: the auxiliary states.
        collector: what ``quantize_graph`` gave, shown the layers since; of one's own: ``min_max_dict`` is
            {layer: (least, greatest)}.
        calib_mode: that of ``quantize_graph``.
        quantized_dtype: that of ``quantize_graph``.
        logger: gets lines on what is done.

    Returns:
        The graph, the parameters, the auxiliary states.

    Raises:
        ValueError: another mode.
    """
    if calib_mode in (None, "none"):
        raise ValueError("please set calibration mode to naive or entropy.")
    if calib_mode == "entropy":
        if logger:
            logger.info("Calculating optimal thresholds for quantization")
        ranges = _get_optimal_thresholds(collector.hist_dict, quantized_dtype, logger=logger)
    elif calib_mode in ("naive", "customize"):
        ranges = collector.min_max_dict
    else:
        raise _unknown_mode(calib_mode, customize=True)
    made = calibrated(qsym, ranges)
    return made, _quantize_params(made, arg_params), dict(aux_params)


# ---------------------------------------------------------------------------------------------- parts
def _check_context(ctx: Any) -> None:
    if not isinstance(ctx, Context):
        raise ValueError(f"currently only supports single ctx, while received {ctx}")


def _unknown_mode(mode: Any, customize: bool = False) -> ValueError:
    expected = "`none`, `naive`, `entropy` or `customize`" if customize else "`none`, `naive`, or `entropy`"
    return ValueError(f"unknown calibration mode {mode} received, expected {expected}")


def _quantize_params(qsym: Symbol, params: _Params) -> dict[str, NDArray]:
    """The parameters of the graph after the pass: as they are, or in int8 with the ends of their range.

    Raises:
        KeyError: one is not there.
    """
    found: dict[str, NDArray] = {}
    for name in qsym.list_arguments():
        own = name.removesuffix("_quantize")
        if name in params:
            found[name] = params[name]
        elif own != name:
            low, high = params[own].min().reshape(1), params[own].max().reshape(1)
            array, low, high = ndarray.contrib.quantize(params[own], low, high, out_type="int8")
            found.update({name: array, f"{name}_min": low, f"{name}_max": high})
    return found
