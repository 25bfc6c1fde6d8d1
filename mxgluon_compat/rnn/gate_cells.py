"""Cells whose gates are made of dense layers: RNN, LSTM and GRU, with weights as ``gluon.rnn``'s cells have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import initializer as init
from .. import symbol
from ..symbol import Symbol
from .base_cell import BaseRNNCell, RNNParams, States

__all__ = ["GRUCell", "LSTMCell", "RNNCell", "gru_step", "lstm_step"]


def lstm_step(cell: BaseRNNCell, name: str, gates: Symbol, c: Symbol, activation: Any, **slicing: Any) -> States:
    """The new states (h, c) of an LSTM from its gates, in this order: i, f, g, o."""
    i, f, g, o = symbol.SliceChannel(gates, num_outputs=4, name=f"{name}slice", **slicing)
    i = symbol.Activation(i, act_type="sigmoid", name=f"{name}i")
    f = symbol.Activation(f, act_type="sigmoid", name=f"{name}f")
    g = cell._get_activation(g, activation, name=f"{name}c")
    o = symbol.Activation(o, act_type="sigmoid", name=f"{name}o")
    next_c = symbol.elemwise_add(f * c, i * g, name=f"{name}state")
    return [symbol.elemwise_mul(o, cell._get_activation(next_c, activation), name=f"{name}out"), next_c]


def gru_step(
    cell: BaseRNNCell, name: str, i2h: Symbol, h2h: Symbol, h: Symbol, activation: Any, **slicing: Any
) -> Symbol:
    """The new state of a GRU, from both parts of its gates: r, z, n."""
    xr, xz, xn = symbol.SliceChannel(i2h, num_outputs=3, name=f"{name}_i2h_slice", **slicing)
    hr, hz, hn = symbol.SliceChannel(h2h, num_outputs=3, name=f"{name}_h2h_slice", **slicing)
    r = symbol.Activation(xr + hr, act_type="sigmoid", name=f"{name}_r_act")
    z = symbol.Activation(xz + hz, act_type="sigmoid", name=f"{name}_z_act")
    n = cell._get_activation(xn + r * hn, activation, name=f"{name}_h_act")
    fresh, kept = (1.0 - z) * n, z * h
    return symbol.elemwise_add(fresh, kept, name=f"{name}out")


class _DenseCell(BaseRNNCell):
    """Gates from i2h_weight x + i2h_bias and h2h_weight h + h2h_bias."""

    _states = 1

    def __init__(self, num_hidden: int, prefix: str, params: RNNParams | None, **bias: Any) -> None:
        super().__init__(prefix=prefix, params=params)
        self._num_hidden = num_hidden
        self._iW = self.params.get("i2h_weight")
        self._iB = self.params.get("i2h_bias", **bias)
        self._hW = self.params.get("h2h_weight")
        self._hB = self.params.get("h2h_bias")
        self._own_params = params is None

    @property
    def state_info(self) -> list[dict[str, Any]]:
        """Each state is (batch, num_hidden)."""
        return [{"shape": (0, self._num_hidden), "__layout__": "NC"} for _ in range(self._states)]

    def _both(self, inputs: Symbol, h: Symbol, name: str) -> tuple[Symbol, Symbol]:
        rows = self._num_hidden * len(self._gate_names)
        i2h = symbol.FullyConnected(inputs, self._iW, self._iB, num_hidden=rows, name=f"{name}i2h")
        return i2h, symbol.FullyConnected(h, self._hW, self._hB, num_hidden=rows, name=f"{name}h2h")

    def _step_name(self) -> str:
        self._counter += 1
        return f"{self._prefix}t{self._counter}_"


class RNNCell(_DenseCell):
    """h' = act(W x + b + R h + c), which is the output too.

    Args:
        num_hidden: size of the state.
        activation: the name of an activation, or a function of a symbol.
        prefix, params: see ``BaseRNNCell``.
    """

    def __init__(
        self, num_hidden: int, activation: Any = "tanh", prefix: str = "rnn_", params: RNNParams | None = None
    ) -> None:
        super().__init__(num_hidden, prefix, params)
        self._activation = activation

    @property
    def _gate_names(self) -> Sequence[str]:
        return ("",)

    def __call__(self, inputs: Symbol, states: Sequence[Any]) -> tuple[Symbol, States]:
        name = self._step_name()
        i2h, h2h = self._both(inputs, states[0], name)
        output = self._get_activation(i2h + h2h, self._activation, name=f"{name}out")
        return output, [output]


class LSTMCell(_DenseCell):
    """A step of an LSTM, with states h, which is the output too, and c. Gates in order of rows: i, f, g, o.

    Args:
        num_hidden: size of each state.
        prefix, params: see ``BaseRNNCell``.
        forget_bias: first value of the forget gate's bias.

    Source: Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 9(8), 1997.
    """

    _states = 2

    def __init__(
        self, num_hidden: int, prefix: str = "lstm_", params: RNNParams | None = None, forget_bias: float = 1.0
    ) -> None:
        super().__init__(num_hidden, prefix, params, init=init.LSTMBias(forget_bias=forget_bias))

    @property
    def _gate_names(self) -> Sequence[str]:
        return ["_i", "_f", "_c", "_o"]

    def __call__(self, inputs: Symbol, states: Sequence[Any]) -> tuple[Symbol, States]:
        name = self._step_name()
        i2h, h2h = self._both(inputs, states[0], name)
        made = lstm_step(self, name, i2h + h2h, states[1], "tanh")
        return made[0], made


class GRUCell(_DenseCell):
    """A step of a GRU in the form that cuDNN computes; gates in order of rows: r, z, n. The state is the output.

    Args:
        num_hidden: size of the state.
        prefix, params: see ``BaseRNNCell``.

    Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014, arXiv:1406.1078.
    """

    def __init__(self, num_hidden: int, prefix: str = "gru_", params: RNNParams | None = None) -> None:
        super().__init__(num_hidden, prefix, params)

    @property
    def _gate_names(self) -> Sequence[str]:
        return ["_r", "_z", "_o"]

    def __call__(self, inputs: Symbol, states: Sequence[Any]) -> tuple[Symbol, States]:
        name = self._step_name()
        i2h, h2h = self._both(inputs, states[0], name + "_")
        output = gru_step(self, name, i2h, h2h, states[0], "tanh")
        return output, [output]
