"""Gluon nets on integers."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ... import ndarray
from ...context import Context, cpu
from ...gluon.block import HybridBlock, SymbolBlock
from ...io import DataBatch, DataDesc, DataIter
from ...ndarray import NDArray
from .calibration import _collect_layer_statistics
from .model import calib_graph, quantize_graph

__all__ = ["quantize_net", "quantize_net_v2"]

_CPU = cpu()


def quantize_net_v2(
    network: HybridBlock,
    quantized_dtype: str = "auto",
    quantize_mode: str = "full",
    quantize_granularity: str = "tensor-wise",
    exclude_layers: Sequence[str] | None = None,
    exclude_layers_match: Sequence[str] | None = None,
    exclude_operators: Sequence[str] | None = None,
    calib_data: DataIter | Iterable[Any] | None = None,
    data_shapes: Sequence[Any] | None = None,
    calib_mode: str | None = "none",
    num_calib_examples: int | None = None,
    ctx: Context = _CPU,
    LayerOutputCollector: Any = None,  # noqa: N803 - MXNet's name
    logger: Any = None,
) -> SymbolBlock:
    """A net whose layers compute with 8-bit integers, with copies of the Parameters; see ``quantize_model``.

    Args:
        network: the net, initialised; it comes to be hybridized.
        quantized_dtype, quantize_mode, quantize_granularity: see ``quantize_model``.
        exclude_layers: names of nodes of the graph (``dense0_fwd``) that stay in float32.
        exclude_layers_match: parts of such names.
        exclude_operators: names of operators that stay in float32.
        calib_data: a DataIter, or what gives batches: an array, or a list of arrays of which the last may be labels.
        data_shapes: shapes, or DataDescs, of a batch's arrays, in place of ``calib_data``.
        calib_mode: see ``quantize_graph``.
        num_calib_examples: how many examples to use; default all.
        ctx: where to put the Parameters, and where the net runs for the calibration.
        LayerOutputCollector: the collector for ``'customize'``.
        logger: gets lines on what is done.

    Raises:
        MXNetError: another ``quantize_mode``.
        TypeError: no HybridBlock, or ``calib_data`` gives no batches.
        ValueError: neither ``calib_data`` nor ``data_shapes``; see ``quantize_graph``.
    """
    if not isinstance(network, HybridBlock):
        raise TypeError(f"network must be a HybridBlock, got {type(network).__name__}")
    calibrating = calib_mode not in (None, "none")
    if calib_data is None:
        if data_shapes is None:
            raise ValueError("data_shapes required")
        if calibrating:
            raise ValueError(f"calib_data must be provided when calib_mode={calib_mode}")
        shapes = [getattr(shape, "shape", shape) for shape in data_shapes]
    else:
        calib_data = _as_batches(calib_data)
        shapes = [shape for _, shape in calib_data.provide_data]
    names, sym, arguments, states = _traced(network, shapes)
    matches = tuple(exclude_layers_match or ())
    nodes = [node.name for node in sym.get_internals() if any(part in node.name for part in matches)]
    qsym, params, states, collector = quantize_graph(
        sym, arguments, states, ctx, [*(exclude_layers or ()), *nodes], exclude_operators, calib_mode, quantized_dtype,
        quantize_mode, quantize_granularity, LayerOutputCollector, logger,
    )  # fmt: skip
