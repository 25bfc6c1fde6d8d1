"""FusedRNNCell: all layers, directions and steps in one ``RNN`` operator, with one vector of parameters."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .. import initializer as init
from .. import ndarray, symbol
from ..base import MXNetError
from ..initializer import _GATES
from ..ndarray import NDArray
from ..symbol import Symbol
from .base_cell import BaseRNNCell, RNNParams, States, normalized

__all__ = ["FusedRNNCell"]


class FusedRNNCell(BaseRNNCell):
    """Layers of a recurrent network in one operator. It can be unrolled only; ``unfuse`` makes cells to step.

    Args:
        num_hidden: size of each state.
        num_layers: number of layers.
        mode: ``'rnn_relu'``, ``'rnn_tanh'``, ``'lstm'`` or ``'gru'``.
        bidirectional: both directions in each layer.
        dropout: between the layers.
        get_next_state: give the last states too.
        forget_bias: first value of an LSTM's forget gates' biases.
        prefix: put before the names; default: the mode and ``_``.
        params: see ``BaseRNNCell``.
    """

    def __init__(
        self,
        num_hidden: int,
        num_layers: int = 1,
        mode: str = "lstm",
        bidirectional: bool = False,
        dropout: float = 0.0,
        get_next_state: bool = False,
        forget_bias: float = 1.0,
        prefix: str | None = None,
        params: RNNParams | None = None,
    ) -> None:
        super().__init__(prefix=f"{mode}_" if prefix is None else prefix, params=params)
        self._num_hidden = num_hidden
        self._num_layers = num_layers
        self._mode = mode
        self._bidirectional = bidirectional
        self._dropout = dropout
        self._get_next_state = get_next_state
        self._forget_bias = forget_bias
        self._directions = ["l", "r"] if bidirectional else ["l"]
        self._initializer = init.FusedRNN(None, num_hidden, num_layers, mode, bidirectional, forget_bias)
        self._parameter = self.params.get("parameters", init=self._initializer)
        self._own_params = params is None

    @property
    def state_info(self) -> list[dict[str, Any]]:
        """Each state is (layers times directions, batch, num_hidden)."""
        shape = (self._num_layers * len(self._directions), 0, self._num_hidden)
        return [{"shape": shape, "__layout__": "LNC"} for _ in range(1 + (self._mode == "lstm"))]

    @property
    def _gate_names(self) -> Sequence[str]:
        return list(_GATES[self._mode])

    @property
    def _num_gates(self) -> int:
        return len(self._gate_names)

    def __call__(self, inputs: Symbol, states: Sequence[Any]) -> tuple[Symbol, States]:
        raise NotImplementedError("FusedRNNCell cannot be stepped. Please use unroll")

    # ------------------------------------------------------------------------------------------ weights
    def _parts(self, size: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        """(name, shape) of each gate's weights and biases, as they follow each other in ``size`` elements.

        Raises:
            MXNetError: no such network has so many.
        """
        parts = [(self._prefix + name, shape) for name, shape in self._initializer._parts(size)]
        total = sum(shape[0] * (shape[1] if len(shape) > 1 else 1) for _, shape in parts)
        if total != size or any(n < 1 for _, shape in parts for n in shape):
            raise MXNetError(
                f"{self._prefix}parameters has {size} elements, which no {self._mode} network of {self._num_layers} "
                f"layers and {self._num_hidden} hidden units has"
            )
        return iter(parts)

    def unpack_weights(self, args: Mapping[str, NDArray]) -> dict[str, NDArray]:
        """Arrays by name, with each gate's weights and biases in place of the vector of all.

        Raises:
            KeyError: the vector is not there.
            MXNetError: it is of another network.
        """
        args = dict(args)
        vector = args.pop(f"{self._prefix}parameters")
        end = 0
        for name, shape in self._parts(vector.size):
            begin, end = end, end + shape[0] * (shape[1] if len(shape) > 1 else 1)
            args[name] = vector[begin:end].reshape(shape).copy()
        return args

    def pack_weights(self, args: Mapping[str, NDArray]) -> dict[str, NDArray]:
        """The opposite of ``unpack_weights``."""
        args = dict(args)
        hidden, width, gates = self._num_hidden, len(self._directions), self._num_gates
        columns = args[f"{self._prefix}l0_i2h{self._gate_names[0]}_weight"].shape[1]
        inner = (self._num_layers - 1) * (width * hidden + hidden + 2)
        size = (columns + hidden + 2 + inner) * hidden * gates * width
        parts = [args.pop(name).reshape((-1,)) for name, _ in self._parts(size)]
        args[f"{self._prefix}parameters"] = ndarray.concat(*parts, dim=0)
        return args

    # ------------------------------------------------------------------------------------------ time
    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: States | None = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
    ) -> tuple[Any, States]:
        """All steps at once; see ``BaseRNNCell.unroll``. States are given with ``get_next_state`` only."""
        self.reset()
        inputs, axis = normalized(length, inputs, layout, True)
        if axis == 1:
            warnings.warn("NTC layout detected. Consider using TNC for FusedRNNCell for faster speed", stacklevel=2)
            inputs = symbol.swapaxes(inputs, dim1=0, dim2=1)
        else:
            assert axis == 0, f"Unsupported layout {layout}"
        states = self.begin_state() if begin_state is None else begin_state
        named = {"state": states[0]}
        if self._mode == "lstm":
            named["state_cell"] = states[1]
        made = symbol.RNN(
            data=inputs, parameters=self._parameter, state_size=self._num_hidden, num_layers=self._num_layers,
            bidirectional=self._bidirectional, p=self._dropout, state_outputs=self._get_next_state, mode=self._mode,
            name=f"{self._prefix}rnn", **named,
        )  # fmt: skip
        outputs, states = (made[0], [made[i + 1] for i in range(len(named))]) if self._get_next_state else (made, [])
        if axis == 1:
            outputs = symbol.swapaxes(outputs, dim1=0, dim2=1)
        return normalized(length, outputs, layout, merge_outputs)[0], states

    def unfuse(self) -> Any:
        """The same network as a SequentialRNNCell: its ``pack_weights`` takes what ``unpack_weights`` gives here."""
        from .gate_cells import GRUCell, LSTMCell, RNNCell
        from .modifier_cells import BidirectionalCell, DropoutCell, SequentialRNNCell

        def made(prefix: str) -> BaseRNNCell:
            if self._mode == "lstm":
                return LSTMCell(self._num_hidden, prefix=prefix, forget_bias=self._forget_bias)
            if self._mode == "gru":
                return GRUCell(self._num_hidden, prefix=prefix)
            return RNNCell(self._num_hidden, activation=self._mode.partition("_")[2], prefix=prefix)

        stack = SequentialRNNCell()
        for i in range(self._num_layers):
            cells: list[Any] = [made(f"{self._prefix}{direction}{i}_") for direction in self._directions]
            both = len(cells) == 2
            prefix = f"{self._prefix}bi_l{i}_"
            stack.add(BidirectionalCell(cells[0], cells[1], output_prefix=prefix) if both else cells[0])
            if self._dropout > 0 and i + 1 != self._num_layers:
                stack.add(DropoutCell(self._dropout, prefix=f"{self._prefix}_dropout{i}_"))
        return stack
