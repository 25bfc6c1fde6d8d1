"""Lowering: a Symbol becomes a ``torch.fx.GraphModule`` that calls the table's functions on tensors.

Nodes keep the symbol's names. Training flag and device are constants of the lowered graph, so train and predict mode
are two graphs.
"""

from __future__ import annotations

import keyword
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.fx

from .. import streams
from .draws import Draw, Drawn
from .node import walk
from .steps import product_of_parts, shared_products
from .symbol import Symbol
from .unknown import refuse_unknown
from .unpacking import unpacked_parameters

__all__ = ["lower"]


def lower(
    symbol: Symbol,
    training: bool,
    device: torch.device,
    channels_last: bool = False,
    draws: Mapping[int, Sequence[Draw]] | None = None,
) -> torch.fx.GraphModule:
    """The graph of ``symbol`` for one mode and device.

    Args:
        symbol: what to lower; its inputs (``list_inputs()``) are the parameters of ``forward``, in that order.
        training: run operators in train mode.
        device: where operators without inputs make their results, and whose random stream is drawn from.
        channels_last: feed 2-D convolutions in torch's channels_last layout.
        draws: what ``draws.plan`` found, for a graph that is to be compiled: ``forward`` takes those numbers too, after
            the inputs, and draws none itself.

    Returns:
        A GraphModule whose ``forward`` takes one tensor per input and returns a tuple with one per output.

    Raises:
        UnsupportedError: operators that are not in the table.
    """
    graph = torch.fx.Graph()
    values: dict[int, Any] = {}  # id(node) -> fx node of its result
    parts: dict[tuple[int, int], torch.fx.Node] = {}
    order = walk(symbol._outputs)
    refuse_unknown(order)

    def entry(pair: tuple[Any, int]) -> torch.fx.Node:
        node, i = pair
        if node.op is None or node.op.single_output:
            return values[id(node)]
        if (id(node), i) not in parts:
            parts[id(node), i] = graph.call_function(operator.getitem, (values[id(node)], i))
        return parts[id(node), i]

    taken = {"self"}
    for node in order:
        if node.op is None:
            name = _fx_name(node.name)
            while name in taken or keyword.iskeyword(name):
                name += "_"
            taken.add(name)
            values[id(node)] = graph.create_node("placeholder", name, name=name)
    numbers = {
        node: [graph.placeholder(f"drawn_{node}_{i}") for i in range(len(made))] for node, made in (draws or {}).items()
    }
    unpacked, unused = unpacked_parameters(order, symbol._outputs)
    shared = shared_products(order, symbol._outputs)
    products: dict[Any, torch.fx.Node] = {}
    for node in order:
        if node.op is None or id(node) in unused:
            continue
        op = node.op
        if id(node) in shared:
            (parts_of, part), *weights = node.inputs
            made = products.get(shared[id(node)])
            if made is None:
                made = products[shared[id(node)]] = graph.call_function(
                    product_of_parts,
                    (entry(parts_of.inputs[0]), *map(entry, weights)),
                    {"axis": parts_of.parsed.get("axis", 1), **node.parsed},
                )
            values[id(node)] = graph.call_function(operator.getitem, (made, part))
            continue
        arguments = op.arguments(node.parsed)
        if "training" in op.supplied:
            arguments["training"] = training
        if "device" in op.supplied:
            arguments["device"] = device
        if "stream" in op.supplied:
            if draws is None:
                arguments["stream"] = graph.call_function(streams.stream_for, (device,))
            else:
                arguments["stream"] = graph.call_function(Drawn, tuple(numbers[id(node)]))
        function, arguments = op.graph_call(arguments)
        if draws is not None and not op.traceable:
            function = torch.compiler.disable(function)
        if id(node) in unpacked:
            data, _, *states = node.inputs
            inputs: list[Any] = [entry(data), tuple(entry(p) for p in unpacked[id(node)]), *map(entry, states)]
        else:
            inputs = [entry(p) for p in node.inputs]
        if channels_last and op.name == "Convolution" and len(node.parsed["kernel"]) == 2:
            inputs[0] = graph.call_function(convolution_layout, (inputs[0], inputs[1]))
        present = op.input_names(node.parsed, len(inputs))
        if op.variadic or op.inputs[: len(inputs)] == present[: len(inputs)]:
            made = graph.create_node("call_function", function, tuple(inputs), arguments, name=_fx_name(node.name))
        else:  # an optional input in the middle is absent
            by_name = dict(zip(present, inputs, strict=False))
            args: Any = tuple(by_name.get(n) for n in op.inputs)
            made = graph.create_node("call_function", function, args, arguments, name=_fx_name(node.name))
        values[id(node)] = made
    outputs = [entry(p) for p in symbol._outputs]
    if channels_last:  # no one outside may see the layout: views share elements only where arrays are contiguous
        outputs = [graph.call_function(torch.Tensor.contiguous, (o,)) for o in outputs]
    graph.output(tuple(outputs))
    graph.lint()
    return torch.fx.GraphModule({}, graph, "CachedGraph")


# Measured with oneDNN: convolutions of windows over many channels, whose images are small by then, run faster (up to
# twice) in NCHW; all others, 1x1 and of each channel alone among them, in channels_last, where pooling, normalisation
# and activations are faster too.
_MANY_CHANNELS = 256


def convolution_layout(data: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """The same values (N, C, H, W) in the memory layout that a convolution with this weight runs best in."""
    channels = data.shape[1]
    _, in_group, height, width = weight.shape
    if in_group >= _MANY_CHANNELS and height * width > 1:
        return data.contiguous()
    if channels == 1:
        # With one channel both layouts are the same bytes, and torch takes such a tensor for NCHW unless its strides
        # say otherwise; everything after the convolution would follow.
        n, _, h, w = data.shape
        return data.reshape(n, h, w, 1).permute(0, 3, 1, 2)
    return data.contiguous(memory_format=torch.channels_last)


def _fx_name(name: str) -> str:
    clean = "".join(c if c.isalnum() or c == "_" else "_" for c in name)
    return clean if clean[:1].isalpha() or clean[:1] == "_" else f"_{clean}"
