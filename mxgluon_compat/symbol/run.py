"""Runs a Symbol node by node, on tensors: for finding the node that fails and for looking at inner values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from .. import streams
from ..base import MXNetError, ParameterError
from ..context import Context, current_context
from ..ndarray import NDArray
from ..ndarray.invoke import wrap
from ..ops.watching import watch
from .infer import settled
from .node import Node, walk
from .symbol import Symbol
from .unknown import refuse_unknown

__all__ = ["first_failure", "run_node", "run_nodes"]


def run_nodes(
    symbol: Symbol,
    tensors: Sequence[torch.Tensor],
    training: bool,
    device: torch.device,
    see: Callable[[Node, Sequence[torch.Tensor], tuple[torch.Tensor, ...]], None] | None = None,
    stream_of: Callable[[Node], streams.Stream] | None = None,
    lead: Callable[[Node, Sequence[torch.Tensor]], Sequence[torch.Tensor]] | None = None,
) -> list[torch.Tensor]:
    """The outputs of ``symbol`` for its inputs (``list_inputs()``), one operator after the other.

    Args:
        symbol: the graph.
        tensors: its inputs.
        training: run operators in train mode.
        device: for operators without inputs.
        see: called with each node, its inputs and its outputs.
        stream_of: where a node's random numbers come from; default the device's stream.
        lead: called with each node and its inputs before it runs; what it gives is what the node gets.

    Raises:
        MXNetError: an operator refused its inputs; the message names the node.
        UnsupportedError: operators that are not in the table.
    """
    values: dict[int, tuple[torch.Tensor, ...]] = {}
    given = iter(tensors)
    order = walk(symbol._outputs)
    refuse_unknown(order)
    for node in order:
        if node.op is None:
            values[id(node)] = (next(given),)
            continue
        inputs: Sequence[torch.Tensor] = [values[id(c)][i] for c, i in node.inputs]
        if lead is not None:
            inputs = lead(node, inputs)
        values[id(node)] = run_node(node, inputs, training, device, stream_of)
        if see is not None:
            see(node, inputs, values[id(node)])
    return [values[id(n)][i] for n, i in symbol._outputs]


def run_node(
    node: Node,
    inputs: Sequence[torch.Tensor],
    training: bool,
    device: torch.device,
    stream_of: Callable[[Node], streams.Stream] | None = None,
) -> tuple[torch.Tensor, ...]:
    """All outputs of one use of an operator; see ``run_nodes``.

    Raises:
        MXNetError: the operator refused its inputs; the message names the node.
    """
    op = node.op
    supplied: dict[str, Any] = {"training": training, "device": device}
    if "stream" in op.supplied:
        supplied["stream"] = streams.stream_for(device) if stream_of is None else stream_of(node)
    arguments = op.arguments(node.parsed)
    arguments.update({k: supplied[k] for k in op.supplied})
    fn = op.fn if watch.symbolic is None or device.type == "meta" else watch.symbolic(op, op.fn)
    try:
        op.check_dtypes(inputs)
        if op.variadic:
            results = fn(*inputs, **arguments)
        else:
            by_name = dict(zip(op.input_names(node.parsed, len(inputs)), inputs, strict=False))
            results = fn(*[by_name.get(n) for n in op.inputs], **arguments)
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        kind = ParameterError if isinstance(error, ParameterError) else MXNetError
        raise kind(f"Error in node {node.name!r}: {op.failure(inputs, error)}") from error
    return results if isinstance(results, tuple) else (results,)


def first_failure(
    symbol: Symbol, tensors: Sequence[torch.Tensor], training: bool, device: torch.device
) -> MXNetError | None:
    """The error of the first node that refuses these inputs, or None."""
    try:
        with torch.no_grad():
            run_nodes(symbol, tensors, training, device)
    except MXNetError as error:
        return error
    return None


def evaluate(self: Symbol, ctx: Context | None = None, **kwargs: NDArray) -> list[NDArray]:
    """The outputs for these values of the variables, auxiliary states included, in predict mode; nothing is recorded.

    Args:
        ctx: where to compute; default the current context.
        kwargs: an array for each variable.

    Raises:
        ValueError: a variable without a value.
        TypeError: a value that is no array.
        MXNetError: what an operator refuses; the message names the node.
    """
    ctx = current_context() if ctx is None else ctx
    if not all(isinstance(value, NDArray) for value in kwargs.values()):
        raise TypeError("Only accept list of NDArrays or dict of str to NDArray")
    names = self.list_inputs()
    for name in names:
        if name not in kwargs:
            raise ValueError(f"key `{name}` is missing in `args`")
    tensors = [kwargs[name].as_in_context(ctx)._data for name in names]
    with torch.no_grad():
        graph = settled(self, {name: kwargs[name].shape for name in names})
        results = run_nodes(graph, tensors, False, ctx.torch_device)
    return [wrap(r.clone() if any(r is t for t in tensors) or r._is_view() else r, ctx) for r in results]


evaluate.__name__ = "eval"
Symbol.eval = evaluate  # type: ignore[method-assign]
