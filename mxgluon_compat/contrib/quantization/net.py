"""Gluon nets on integers."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ... import ndarray, symbol
from ...context import Context, cpu
from ...gluon.block import HybridBlock, SymbolBlock
from ...io import DataBatch, DataDesc, DataIter
from ...ndarray import NDArray
from ...symbol.node import walk
from .calibration import _collect_layer_statistics, provided
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
        described = [x if isinstance(x, DataDesc) else DataDesc("data", x) for x in data_shapes]
    elif isinstance(calib_data, DataIter):
        described = [x if isinstance(x, DataDesc) else DataDesc(*x) for x in provided(calib_data, "data")]
    else:
        first, calib_data = _opened(calib_data)
        described = [DataDesc("data", x.shape, x.dtype) for x in _arrays(first)]
    inputs = _traced(network, [ndarray.zeros(x.shape, dtype=x.dtype, ctx=_context_of(network)) for x in described])
    sym = network._cached_graph[1]
    params = {name: param._reduce() for name, param in network.collect_params().items()}
    arguments = {name: params[name] for name in sym.list_arguments() if name in params}
    states = {name: params[name] for name in sym.list_auxiliary_states()}
    matched = [node.name for node in walk(sym._outputs) if any(x in node.name for x in exclude_layers_match or ())]
    qsym, params, states, collector = quantize_graph(
        sym, arguments, states, ctx, [*(exclude_layers or ()), *matched], exclude_operators, calib_mode,
        quantized_dtype, quantize_mode, quantize_granularity, LayerOutputCollector, logger,
    )  # fmt: skip
    if calibrating:
        _collect_layer_statistics(
            sym, (arguments, states), (inputs, None), ctx, _batches(calib_data, len(inputs)),
            ([DataDesc(name, x.shape, x.dtype) for name, x in zip(inputs, described)], None), collector,
            num_calib_examples, logger,
        )  # fmt: skip
        qsym, params, states = calib_graph(qsym, arguments, states, collector, calib_mode, quantized_dtype, logger)
    made = SymbolBlock(qsym, [symbol.var(name) for name in inputs])
    arrays = {f"arg:{name}": x for name, x in params.items()}
    arrays.update({f"aux:{name}": x for name, x in states.items()})
    made.collect_params().load_dict(arrays, ctx=ctx, cast_dtype=True, dtype_source="saved")
    return made


def quantize_net(
    network: HybridBlock,
    quantized_dtype: str = "auto",
    quantize_mode: str = "full",
    exclude_layers: Sequence[str] | None = None,
    exclude_layers_match: Sequence[str] | None = None,
    exclude_operators: Sequence[str] | None = None,
    calib_data: DataIter | Iterable[Any] | None = None,
    data_shapes: Sequence[Any] | None = None,
    calib_mode: str | None = "none",
    num_calib_examples: int | None = None,
    ctx: Context = _CPU,
    logger: Any = None,
) -> SymbolBlock:
    """``quantize_net_v2`` with a range for each array; it warns that the other is to be used.

    Raises:
        See ``quantize_net_v2``.
    """
    warnings.warn("WARNING: This will be deprecated after MXNet 2.0, please use quantize_net_v2.", stacklevel=2)
    return quantize_net_v2(
        network, quantized_dtype, quantize_mode, "tensor-wise", exclude_layers, exclude_layers_match,
        exclude_operators, calib_data, data_shapes, calib_mode, num_calib_examples, ctx, None, logger,
    )  # fmt: skip


def _traced(network: HybridBlock, arrays: list[NDArray]) -> list[str]:
    """Names of the data inputs of the net's graph, which it has then; it takes as many of the arrays as it can.

    Raises:
        TypeError: what it says of all of them, where it takes none.
    """
    network.hybridize(static_alloc=False, static_shape=False)
    refused: TypeError | None = None
    for count in range(len(arrays), 0, -1):  # the last may be labels
        try:
            network(*arrays[:count])
            return [x.name for x in network._cached_graph[0]]
        except TypeError as error:
            refused = refused or error
    raise refused or ValueError("calib_data or data_shapes must tell of an array at least")


def _context_of(network: HybridBlock) -> Context:
    """Where the net's Parameters are."""
    for param in network.collect_params().values():
        return param.list_ctx()[0]
    return _CPU


def _arrays(batch: Any) -> list[NDArray]:
    if isinstance(batch, DataBatch):
        return list(batch.data or ())
    return list(batch) if isinstance(batch, (list, tuple)) else [batch]


def _opened(data: Iterable[Any]) -> tuple[Any, Iterator[Any]]:
    """The first of the batches, and all of them.

    Raises:
        TypeError: no batches come.
        ValueError: there is none.
    """
    try:
        batches = iter(data)
    except TypeError as error:
        raise TypeError(f"calib_data is not a valid iterator. {error}") from None
    for first in batches:
        return first, itertools.chain([first], batches)
    raise ValueError("calib_data gave no batch")


def _batches(data: Any, count: int) -> Iterator[DataBatch]:
    """Batches with the first ``count`` arrays of each."""
    for batch in data:
        yield DataBatch(data=_arrays(batch)[:count])
