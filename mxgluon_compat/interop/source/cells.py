"""Recurrent cells that PyTorch has too: Gluon's LSTMCell, GRUCell and RNNCell."""

from __future__ import annotations

import torch

from ...gluon.block import Block
from ...gluon.rnn import GRUCell, LSTMCell, RNNCell
from .code import Arg, Make, State

__all__ = ["cell_module"]

_PLAIN = {"_activation": "tanh", "_recurrent_activation": "sigmoid"}
_STATES = {
    "weight_ih": "i2h_weight",
    "weight_hh": "h2h_weight",
    "bias_ih": "i2h_bias",
    "bias_hh": "h2h_bias",
}


def cell_module(block: Block) -> Make | None:
    """The call that makes the cell; None for a Block that is none, or has other activations."""
    kind = type(block)
    if kind not in (LSTMCell, GRUCell, RNNCell):
        return None
    activations = {name: getattr(block, name) for name in _PLAIN if hasattr(block, name)}
    relu = kind is RNNCell and activations == {"_activation": "relu"}
    if not relu and any(_PLAIN[name] != value for name, value in activations.items()):
        return None
    weight = block.i2h_weight.data(block.i2h_weight.list_ctx()[0])  # type: ignore[attr-defined]
    make = Make(
        f"nn.{kind.__name__}",
        [
            Arg("input_size", weight.shape[1], positional=True),
            Arg("hidden_size", block._hidden_size, positional=True),  # type: ignore[attr-defined]
            *([Arg("nonlinearity", "relu")] if relu else []),
        ],
        {torch_name: State(getattr(block, name)) for torch_name, name in _STATES.items()},
        block,
    )
    if weight._data.dtype is not torch.float32:
        make.args.append(Arg("dtype", weight._data.dtype))
    return make
