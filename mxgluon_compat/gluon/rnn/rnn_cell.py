"""Recurrent cells: one step of a plain, LSTM or GRU network, and several cells one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...base import numeric_types
from ...numpy.family import of_mode
from ..block import Block
from ..nn import LeakyReLU  # noqa: F401 - other code imports it from here, and what is below
from ..parameter import Parameter, ParameterDict
from ..utils import _indent
from .modifier_cells import BidirectionalCell, ModifierCell, ResidualCell, ZoneoutCell
from .recurrent import (  # noqa: F401
    HybridRecurrentCell,
    RecurrentCell,
    _cells_begin_state,
    _cells_state_info,
    _get_begin_state,
    _named_parameters,
)
from .sequences import (  # noqa: F401
    _format_sequence,
    _mask_sequence_variable_length,
    _reverse_sequences,
    tensor_types,
)

__all__ = [
    "BidirectionalCell", "DropoutCell", "GRUCell", "HybridRecurrentCell", "HybridSequentialRNNCell", "LSTMCell",
    "ModifierCell", "RNNCell", "RecurrentCell", "ResidualCell", "SequentialRNNCell", "ZoneoutCell",
]  # fmt: skip


# ---------------------------------------------------------------------------------------------- cells with gates
class _GateCell(HybridRecurrentCell):
    """A cell whose gates come from i2h_weight x + i2h_bias and h2h_weight h + h2h_bias, all of them at once."""

    _gates = 1
    _states = 1
    i2h_weight: Parameter

    def __init__(
        self,
        hidden_size: int,
        i2h_weight_initializer: Any,
        h2h_weight_initializer: Any,
        i2h_bias_initializer: Any,
        h2h_bias_initializer: Any,
        input_size: int,
        prefix: str | None,
        params: ParameterDict | None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        self._hidden_size = hidden_size
        self._input_size = input_size
        rows = self._gates * hidden_size
        _named_parameters(
            self,
            i2h_weight=((rows, input_size), i2h_weight_initializer),
            h2h_weight=((rows, hidden_size), h2h_weight_initializer),
            i2h_bias=((rows,), i2h_bias_initializer),
            h2h_bias=((rows,), h2h_bias_initializer),
        )

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """Each state is (batch_size, hidden_size)."""
        return [{"shape": (batch_size, self._hidden_size), "__layout__": "NC"} for _ in range(self._states)]

    def _shown(self) -> str:
        rows, input_size = self.i2h_weight.shape
        return f"{input_size or None} -> {rows}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._shown()})"


class RNNCell(_GateCell):
    """h' = act(W x + b + R h + c): inputs (N, input_size), one state h (N, hidden_size), which is the output too.

    Args:
        hidden_size: size of the state.
        activation: the name of an activation, a Block, or a function ``f(x, name=...)``.
        i2h_weight_initializer, i2h_bias_initializer: of W, i2h_weight (hidden_size, input_size), and b, i2h_bias
            (hidden_size,).
        h2h_weight_initializer, h2h_bias_initializer: of R, h2h_weight (hidden_size, hidden_size), and c, h2h_bias
            (hidden_size,).
        input_size: size of the inputs; 0: the first inputs tell.
        prefix, params: of a Block.
    """

    def __init__(
        self,
        hidden_size: int,
        activation: Any = "tanh",
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        input_size: int = 0,
        prefix: str | None = None,
        params: ParameterDict | None = None,
    ) -> None:
        super().__init__(
            hidden_size, i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer,
            input_size, prefix, params,
        )  # fmt: skip
        self._activation = activation

    def _alias(self) -> str:
        return "rnn"

    def _shown(self) -> str:
        return f"{super()._shown()}, {self._activation}"

    def hybrid_forward(
        self, F: Any, inputs: Any, states: Any, i2h_weight: Any, h2h_weight: Any, i2h_bias: Any, h2h_bias: Any
    ) -> tuple[Any, list[Any]]:
        F = of_mode(F)
        step, size = f"t{self._counter}_", self._hidden_size
        i2h = F.FullyConnected(inputs, i2h_weight, i2h_bias, num_hidden=size, name=step + "i2h")
        h2h = F.FullyConnected(states[0], h2h_weight, h2h_bias, num_hidden=size, name=step + "h2h")
        total = F.elemwise_add(i2h, h2h, name=step + "plus0")
        output = self._get_activation(F, total, self._activation, name=step + "out")
        return output, [output]


class LSTMCell(_GateCell):
    """A step of an LSTM network: inputs (N, input_size), states h and c (N, hidden_size), output h.

    The gates are made of W x + b + R h + c, in this order of rows: i, f, g, o. Then c' = sigma(f) c + sigma(i) act(g)
    and h' = sigma(o) act(c').

    Args:
        hidden_size: size of each state.
        i2h_weight_initializer, i2h_bias_initializer: of W, i2h_weight (4 * hidden_size, input_size), and b, i2h_bias
            (4 * hidden_size,).
        h2h_weight_initializer, h2h_bias_initializer: of R, h2h_weight (4 * hidden_size, hidden_size), and c, h2h_bias
            (4 * hidden_size,).
        input_size: size of the inputs; 0: the first inputs tell.
        prefix, params: of a Block.
        activation: act: the name of an activation, a Block, or a function ``f(x, name=...)``.
        recurrent_activation: sigma, likewise.

    Source: Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 9(8), 1997.
    """

    _gates = 4
    _states = 2

    def __init__(
        self,
        hidden_size: int,
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        input_size: int = 0,
        prefix: str | None = None,
        params: ParameterDict | None = None,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
    ) -> None:
        super().__init__(
            hidden_size, i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer,
            input_size, prefix, params,
        )  # fmt: skip
        self._activation = activation
        self._recurrent_activation = recurrent_activation

    def _alias(self) -> str:
        return "lstm"

    def hybrid_forward(
        self, F: Any, inputs: Any, states: Any, i2h_weight: Any, h2h_weight: Any, i2h_bias: Any, h2h_bias: Any
    ) -> tuple[Any, list[Any]]:
        F = of_mode(F)
        step, rows = f"t{self._counter}_", 4 * self._hidden_size
        i2h = F.FullyConnected(inputs, i2h_weight, i2h_bias, num_hidden=rows, name=step + "i2h")
        h2h = F.FullyConnected(states[0], h2h_weight, h2h_bias, num_hidden=rows, name=step + "h2h")
        gates = F.SliceChannel(F.elemwise_add(i2h, h2h, name=step + "plus0"), num_outputs=4, name=step + "slice")
        sigma = self._recurrent_activation
        i = self._get_activation(F, gates[0], sigma, name=step + "i")
        f = self._get_activation(F, gates[1], sigma, name=step + "f")
        g = self._get_activation(F, gates[2], self._activation, name=step + "c")
        o = self._get_activation(F, gates[3], sigma, name=step + "o")
        c = F.elemwise_add(
            F.elemwise_mul(f, states[1], name=step + "mul0"), F.elemwise_mul(i, g, name=step + "mul1"),
            name=step + "state",
        )  # fmt: skip
        if isinstance(self._activation, str):
            act = F.Activation(c, act_type=self._activation, name=step + "activation0")
        else:
            act = self._get_activation(F, c, self._activation, name=step + "activation0")
        output = F.elemwise_mul(o, act, name=step + "out")
        return output, [output, c]


class GRUCell(_GateCell):
    """A step of a GRU network: inputs (N, input_size), one state h (N, hidden_size), which is the output too.

    With x' = W x + b and h' = R h + c, each of three parts r, z, n: r = sigmoid(x'r + h'r), z = sigmoid(x'z + h'z),
    n = tanh(x'n + r h'n), and the new state is (1 - z) n + z h: the form that cuDNN computes.

    Args:
        hidden_size: size of the state.
        i2h_weight_initializer, i2h_bias_initializer: of W, i2h_weight (3 * hidden_size, input_size), and b, i2h_bias
            (3 * hidden_size,).
        h2h_weight_initializer, h2h_bias_initializer: of R, h2h_weight (3 * hidden_size, hidden_size), and c, h2h_bias
            (3 * hidden_size,).
        input_size: size of the inputs; 0: the first inputs tell.
        prefix, params: of a Block.

    Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014, arXiv:1406.1078.
    """

    _gates = 3

    def __init__(
        self,
        hidden_size: int,
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        input_size: int = 0,
        prefix: str | None = None,
        params: ParameterDict | None = None,
    ) -> None:
        super().__init__(
            hidden_size, i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer,
            input_size, prefix, params,
        )  # fmt: skip

    def _alias(self) -> str:
        return "gru"

    def hybrid_forward(
        self, F: Any, inputs: Any, states: Any, i2h_weight: Any, h2h_weight: Any, i2h_bias: Any, h2h_bias: Any
    ) -> tuple[Any, list[Any]]:
        F = of_mode(F)
        step, rows, h = f"t{self._counter}_", 3 * self._hidden_size, states[0]
        i2h = F.FullyConnected(inputs, i2h_weight, i2h_bias, num_hidden=rows, name=step + "i2h")
        h2h = F.FullyConnected(h, h2h_weight, h2h_bias, num_hidden=rows, name=step + "h2h")
        xr, xz, xn = F.SliceChannel(i2h, num_outputs=3, name=step + "i2h_slice")
        hr, hz, hn = F.SliceChannel(h2h, num_outputs=3, name=step + "h2h_slice")
        r = F.Activation(F.elemwise_add(xr, hr, name=step + "plus0"), act_type="sigmoid", name=step + "r_act")
        z = F.Activation(F.elemwise_add(xz, hz, name=step + "plus1"), act_type="sigmoid", name=step + "z_act")
        n = F.elemwise_add(xn, F.elemwise_mul(r, hn, name=step + "mul0"), name=step + "plus2")
        n = F.Activation(n, act_type="tanh", name=step + "h_act")
        rest = F.elemwise_sub(F.ones_like(z, name=step + "ones_like0"), z, name=step + "minus0")
        output = F.elemwise_add(
            F.elemwise_mul(rest, n, name=step + "mul1"), F.elemwise_mul(z, h, name=step + "mul20"), name=step + "out"
        )
        return output, [output]


# ---------------------------------------------------------------------------------------------- one after the other
class _SequentialCells:
    """What both kinds of sequential cells share: children by number, whose states stand one after the other."""

    _children: Any
    _counter: int
    _modified: bool
    register_child: Any

    def add(self, cell: Block) -> None:
        """Appends a cell."""
        self.register_child(cell)

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """Those of all cells, one after the other."""
        return _cells_state_info(self._children.values(), batch_size)

    def begin_state(self, **kwargs: Any) -> list[Any]:
        """Those of all cells, one after the other; see ``RecurrentCell.begin_state``."""
        assert not self._modified, (
            "After applying modifier cells (e.g. ZoneoutCell) the base cell cannot be called directly. Call the "
            "modifier cell instead."
        )
        return _cells_begin_state(self._children.values(), **kwargs)

    def __call__(self, inputs: Any, states: Sequence[Any]) -> tuple[Any, list[Any]]:
        self._counter += 1
        assert not any(isinstance(cell, BidirectionalCell) for cell in self._children.values()), (
            "a BidirectionalCell cannot be stepped, so its sequence cannot either. Please use unroll"
        )
        new_states: list[Any] = []
        for cell in self._children.values():
            size = len(cell.state_info())
            inputs, made = cell(inputs, states[:size])
            states = states[size:]
            new_states.extend(made)
        return inputs, new_states

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: list[Any] | None = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
        valid_length: Any = None,
    ) -> tuple[Any, list[Any]]:
        """Unrolls one cell after the other; see ``RecurrentCell.unroll``."""
        self.reset()  # type: ignore[attr-defined]
        inputs, _, F, batch_size = _format_sequence(length, inputs, layout, None)  # noqa: N806 - MXNet's name
        states = _get_begin_state(self, F, begin_state, inputs, batch_size)
        cells = list(self._children.values())
        new_states: list[Any] = []
        for cell in cells:
            size = len(cell.state_info())
            inputs, made = cell.unroll(
                length, inputs=inputs, begin_state=states[:size], layout=layout,
                merge_outputs=merge_outputs if cell is cells[-1] else None, valid_length=valid_length,
            )  # fmt: skip
            states = states[size:]
            new_states.extend(made)
        return inputs, new_states

    def __getitem__(self, i: int | str) -> Any:
        return self._children[str(i)]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._children.values())

    def __len__(self) -> int:
        return len(self._children)

    def __repr__(self) -> str:
        rows = "\n".join(f"({key}): {_indent(repr(cell), 2)}" for key, cell in self._children.items())
        return f"{type(self).__name__}(\n{rows}\n)"


class SequentialRNNCell(_SequentialCells, RecurrentCell):  # type: ignore[misc]  # as in MXNet, begin_state differs
    """Cells one after the other: each takes the outputs of the one before.

    Args:
        prefix, params: of a Block.
    """

    def __init__(self, prefix: str | None = None, params: ParameterDict | None = None) -> None:
        super().__init__(prefix=prefix, params=params)

    def hybrid_forward(self, *args: Any, **kwargs: Any) -> Any:
        """Not of these: they are stepped cell by cell."""
        raise NotImplementedError("a SequentialRNNCell has no hybrid_forward; HybridSequentialRNNCell has")


class HybridSequentialRNNCell(_SequentialCells, HybridRecurrentCell):  # type: ignore[misc]
    """Hybrid cells one after the other: each takes the outputs of the one before. Each of them is hybridized by itself.

    Args:
        prefix, params: of a Block.
    """

    def __init__(self, prefix: str | None = None, params: ParameterDict | None = None) -> None:
        super().__init__(prefix=prefix, params=params)

    def hybrid_forward(self, F: Any, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        return self(inputs, states)


# ---------------------------------------------------------------------------------------------- dropout
class DropoutCell(HybridRecurrentCell):
    """Dropout of the inputs, as a cell without states.

    Args:
        rate: the probability of becoming 0; 0: nothing happens.
        axes: axes along which all elements share one draw.
        prefix, params: of a Block.

    Raises:
        AssertionError: a rate that is no number.
    """

    def __init__(
        self, rate: float, axes: Sequence[int] = (), prefix: str | None = None, params: ParameterDict | None = None
    ) -> None:
        super().__init__(prefix, params)
        assert isinstance(rate, numeric_types), "rate must be a number"
        self._rate = rate
        self._axes = axes

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """There are none."""
        return []

    def _alias(self) -> str:
        return "dropout"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(rate={self._rate}, axes={self._axes})"

    def hybrid_forward(self, F: Any, inputs: Any, states: Any) -> tuple[Any, Any]:
        F = of_mode(F)
        if self._rate > 0:
            inputs = F.Dropout(inputs, p=self._rate, axes=self._axes, name=f"t{self._counter}_fwd")
        return inputs, states

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: list[Any] | None = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
        valid_length: Any = None,
    ) -> tuple[Any, list[Any]]:
        """Dropout of all steps, of a tensor at once; see ``RecurrentCell.unroll``."""
        self.reset()
        inputs, _, F, _ = _format_sequence(length, inputs, layout, merge_outputs)  # noqa: N806 - MXNet's name
        if isinstance(inputs, tensor_types):
            return self.hybrid_forward(F, inputs, begin_state or [])
        return super().unroll(length, inputs, begin_state, layout, merge_outputs)
