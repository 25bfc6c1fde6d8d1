"""ONNX's LSTM, GRU and RNN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .... import symbol as sym
from ....symbol import Symbol
from .values import Converter, Graph, Use

__all__ = ["CONVERTERS"]

# Where MXNet has the gates that ONNX has in this order.
_GATES = {"lstm": (0, 2, 3, 1), "gru": (1, 0, 2), "rnn_tanh": (0,), "rnn_relu": (0,)}
_ACTIVATIONS = {"lstm": ["sigmoid", "tanh", "tanh"], "gru": ["sigmoid", "tanh"]}


def _mode(use: Use, directions: int) -> str:
    given = [name.lower() for name in use.attrs.get("activations", [])]
    if use.op == "RNN":
        kinds = set(given or ["tanh"])
        if len(kinds) == 1 and kinds <= {"tanh", "relu"}:
            return f"rnn_{kinds.pop()}"
    elif not given or given == _ACTIVATIONS[use.op.lower()] * directions:
        return use.op.lower()
    raise use.refused(f"with activations {given}", "MXNet's RNN has its own")


def _refuse(use: Use) -> None:
    attrs = use.attrs
    if "clip" in attrs:
        raise use.refused("with clip", "MXNet clips states, not gates")
    if attrs.get("layout", 0):
        raise use.refused("with layout 1", "the axes of its states differ; export it with layout 0")
    if attrs.get("input_forget", 0) or use.input_or_none(7) is not None:
        raise use.refused("with input_forget or peepholes", "MXNet's LSTM has neither")
    if use.op == "GRU" and not attrs.get("linear_before_reset", 0):
        raise use.refused("with linear_before_reset=0", "the reset gate of MXNet's GRU acts behind its weights")


def _weights(use: Use, mode: str, directions: int, hidden: int) -> np.ndarray:
    """All weights as MXNet's RNN has them: i2h and h2h of each direction, then the biases."""
    w, r = use.constant(1), use.constant(2)
    gates = _GATES[mode]
    b = use.constant_or_none(3)
    biases = np.zeros((directions, 2 * len(gates) * hidden), w.dtype) if b is None else b

    def ordered(array: np.ndarray) -> np.ndarray:
        parts = array.reshape(len(gates), hidden, -1)
        return np.concatenate([parts[g] for g in gates]).ravel()

    matrices = [ordered(m[d]) for d in range(directions) for m in (w, r)]
    offsets = [ordered(half) for d in range(directions) for half in np.split(biases[d], 2)]
    return np.concatenate([*matrices, *offsets])


def _recurrent(graph: Graph, use: Use) -> Sequence[Symbol]:
    direction = use.attrs.get("direction", "forward")
    directions = 2 if direction == "bidirectional" else 1
    mode = _mode(use, directions)
    _refuse(use)
    hidden = use.attribute("hidden_size")
    data = graph.symbol(use.input(0))
    shapes = graph.shapes(data)
    parameters = graph.variable(f"{use.name}_parameters", _weights(use, mode, directions, hidden))
    states = []
    for place in (5, 6)[: 2 if mode == "lstm" else 1]:
        value = use.input_or_none(place)
        if value is None:
            states.append(graph.filled(0, [(directions, s[1], hidden) for s in shapes], graph.dtype(data)))
        else:
            states.append(graph.symbol(value))
    lengths = _lengths(graph, use, shapes)
    more: dict[str, Any] = {} if lengths is None else {"sequence_length": lengths, "use_sequence_length": True}
    reverse = direction == "reverse"
    if reverse:
        data = _reversed(data, lengths)
    if len(states) == 2:
        more["state_cell"] = states[1]
    found = sym.RNN(
        data=data, parameters=parameters, state=states[0], state_size=hidden, num_layers=1, mode=mode,
        bidirectional=directions == 2, state_outputs=True, name=use.name, **more,
    )  # fmt: skip
    out = _reversed(found[0], lengths) if reverse else found[0]
    split = graph.reshape(out, [(s[0], s[1], directions, hidden) for s in shapes])
    every = sym.transpose(split, axes=(0, 2, 1, 3))
    return [every, *(found[i] for i in range(1, len(found.list_outputs())))]


def _lengths(graph: Graph, use: Use, shapes: Sequence[tuple[int, ...]]) -> Symbol | None:
    value = use.input_or_none(4)
    if value is None:
        return None
    if value.known is not None and all((k == s[0]).all() for k, s in zip(value.known, shapes, strict=True)):
        return None  # all of them
    return graph.symbol(value)


def _reversed(data: Symbol, lengths: Symbol | None) -> Symbol:
    if lengths is None:
        return sym.reverse(data, axis=0)
    return sym.SequenceReverse(data, lengths, use_sequence_length=True)


CONVERTERS: dict[str, Converter] = {"LSTM": _recurrent, "GRU": _recurrent, "RNN": _recurrent}
