"""Recurrent cells with one dropout mask for all steps, with projected states, and loops of cells in the graph."""

from __future__ import annotations

from typing import Any

from .... import ndarray, symbol
from ....numpy.family import of_mode
from ...parameter import Parameter, ParameterDict
from ...rnn import BidirectionalCell, HybridRecurrentCell, ModifierCell, SequentialRNNCell  # noqa: F401
from ...rnn.modifier_cells import _is_bidirectional
from ...rnn.recurrent import _named_parameters
from ...rnn.rnn_cell import (  # noqa: F401 - other code imports them from here
    _format_sequence,
    _get_begin_state,
    _mask_sequence_variable_length,
    tensor_types,
)

__all__ = ["LSTMPCell", "VariationalDropoutCell"]


class VariationalDropoutCell(ModifierCell):
    """Dropout of a cell's inputs, first state and outputs by masks that stay the same from step to step.

    The masks are drawn in the first step after ``reset``. ``unroll`` resets first.

    Args:
        base_cell: the cell.
        drop_inputs: probability that an element of the inputs becomes 0.
        drop_states: that an element of the first state does.
        drop_outputs: that an element of the outputs does.

    Raises:
        AssertionError: ``drop_states`` where there is a BidirectionalCell in the cell.

    Source: Gal and Ghahramani, "A Theoretically Grounded Application of Dropout in Recurrent Neural Networks", 2015,
    arXiv:1512.05287.
    """

    def __init__(
        self,
        base_cell: HybridRecurrentCell,
        drop_inputs: float = 0.0,
        drop_states: float = 0.0,
        drop_outputs: float = 0.0,
    ) -> None:
        assert not drop_states or not _is_bidirectional(base_cell), (
            "BidirectionalCell doesn't support variational state dropout. Please add VariationalDropoutCell to the "
            "cells underneath instead."
        )
        super().__init__(base_cell)
        self.drop_inputs = drop_inputs
        self.drop_states = drop_states
        self.drop_outputs = drop_outputs

    def _alias(self) -> str:
        return "vardrop"

    def reset(self) -> None:
        """Forgets the masks."""
        super().reset()
        self.drop_inputs_mask: Any = None
        self.drop_states_mask: Any = None
        self.drop_outputs_mask: Any = None

    def _initialize_input_masks(self, F: Any, inputs: Any, states: Any) -> None:
        if self.drop_states and self.drop_states_mask is None:
            self.drop_states_mask = F.Dropout(F.ones_like(states[0]), p=self.drop_states)
        if self.drop_inputs and self.drop_inputs_mask is None:
            self.drop_inputs_mask = F.Dropout(F.ones_like(inputs), p=self.drop_inputs)

    def _initialize_output_mask(self, F: Any, output: Any) -> None:
        if self.drop_outputs and self.drop_outputs_mask is None:
            self.drop_outputs_mask = F.Dropout(F.ones_like(output), p=self.drop_outputs)

    def hybrid_forward(self, F: Any, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        F = of_mode(F)
        self._initialize_input_masks(F, inputs, states)
        if self.drop_states:
            states = [states[0] * self.drop_states_mask, *states[1:]]
        if self.drop_inputs:
            inputs = inputs * self.drop_inputs_mask
        output, new_states = self.base_cell(inputs, states)
        self._initialize_output_mask(F, output)
        if self.drop_outputs:
            output = output * self.drop_outputs_mask
        return output, new_states

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p_out = {self.drop_outputs}, p_state = {self.drop_states})"

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: list[Any] | None = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
        valid_length: Any = None,
    ) -> tuple[Any, list[Any]]:
        """See ``RecurrentCell.unroll``; without ``drop_states``, ``merge_outputs=None`` gives one tensor."""
        if self.drop_states:
            return super().unroll(length, inputs, begin_state, layout, merge_outputs, valid_length)
        self.reset()
        inputs, axis, F, _ = _format_sequence(length, inputs, layout, True)  # noqa: N806 - MXNet's name
        if self.drop_inputs:
            inputs = F.Dropout(inputs, p=self.drop_inputs, axes=(axis,))
        with self._base_is_free():
            outputs, states = self.base_cell.unroll(length, inputs, begin_state, layout, True, valid_length)
        if self.drop_outputs:
            outputs = F.Dropout(outputs, p=self.drop_outputs, axes=(axis,))
        if merge_outputs is None:
            merge_outputs = True
        outputs = _format_sequence(length, outputs, layout, merge_outputs)[0]
        if valid_length is not None:
            outputs = _mask_sequence_variable_length(F, outputs, length, valid_length, axis, merge_outputs)
        return outputs, states


class LSTMPCell(HybridRecurrentCell):
    """A step of an LSTM network whose output is projected: inputs (N, input_size), states r (N, projection_size) and
    c (N, hidden_size), output r.

    As ``rnn.LSTMCell`` with r in place of h; then r' = P h', without bias.

    Args:
        hidden_size: size of c.
        projection_size: size of r.
        i2h_weight_initializer, i2h_bias_initializer: of i2h_weight (4 * hidden_size, input_size) and i2h_bias
            (4 * hidden_size,).
        h2h_weight_initializer, h2h_bias_initializer: of h2h_weight (4 * hidden_size, projection_size) and h2h_bias
            (4 * hidden_size,).
        h2r_weight_initializer: of P, h2r_weight (projection_size, hidden_size).
        input_size: size of the inputs; 0: the first inputs tell.
        prefix, params: of a Block.

    Source: Sak, Senior and Beaufays, "Long Short-Term Memory Based Recurrent Neural Network Architectures for Large
    Vocabulary Speech Recognition", 2014, arXiv:1402.1128.
    """

    i2h_weight: Parameter
    h2r_weight: Parameter

    def __init__(
        self,
        hidden_size: int,
        projection_size: int,
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        h2r_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        input_size: int = 0,
        prefix: str | None = None,
        params: ParameterDict | None = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        self._hidden_size = hidden_size
        self._input_size = input_size
        self._projection_size = projection_size
        rows = 4 * hidden_size
        _named_parameters(
            self,
            i2h_weight=((rows, input_size), i2h_weight_initializer),
            h2h_weight=((rows, projection_size), h2h_weight_initializer),
            h2r_weight=((projection_size, hidden_size), h2r_weight_initializer),
            i2h_bias=((rows,), i2h_bias_initializer),
            h2h_bias=((rows,), h2h_bias_initializer),
        )

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """r (batch_size, projection_size) and c (batch_size, hidden_size)."""
        sizes = (self._projection_size, self._hidden_size)
        return [{"shape": (batch_size, size), "__layout__": "NC"} for size in sizes]

    def _alias(self) -> str:
        return "lstmp"

    def __repr__(self) -> str:
        rows, input_size = self.i2h_weight.shape
        return f"{type(self).__name__}({input_size or None} -> {rows} -> {self.h2r_weight.shape[0]})"

    def hybrid_forward(
        self,
        F: Any,
        inputs: Any,
        states: Any,
        i2h_weight: Any,
        h2h_weight: Any,
        h2r_weight: Any,
        i2h_bias: Any,
        h2h_bias: Any,
    ) -> tuple[Any, list[Any]]:
        F = of_mode(F)
        step, rows = f"t{self._counter}_", 4 * self._hidden_size
        i2h = F.FullyConnected(inputs, i2h_weight, i2h_bias, num_hidden=rows, name=step + "i2h")
        h2h = F.FullyConnected(states[0], h2h_weight, h2h_bias, num_hidden=rows, name=step + "h2h")
        gates = F.SliceChannel(i2h + h2h, num_outputs=4, name=step + "slice")
        i = F.Activation(gates[0], act_type="sigmoid", name=step + "i")
        f = F.Activation(gates[1], act_type="sigmoid", name=step + "f")
        g = F.Activation(gates[2], act_type="tanh", name=step + "c")
        o = F.Activation(gates[3], act_type="sigmoid", name=step + "o")
        c = F.elemwise_add(f * states[1], i * g, name=step + "state")
        hidden = F.elemwise_mul(o, F.Activation(c, act_type="tanh"), name=step + "hidden")
        r = F.FullyConnected(hidden, h2r_weight, no_bias=True, num_hidden=self._projection_size, name=step + "out")
        return r, [r, c]


def dynamic_unroll(
    cell: HybridRecurrentCell,
    inputs: Any,
    begin_state: list[Any],
    drop_inputs: float = 0,
    drop_outputs: float = 0,
    layout: str = "TNC",
    valid_length: Any = None,
) -> tuple[Any, list[Any]]:
    """Unrolls a cell over as many steps as there are, by ``F.contrib.foreach``: the graph holds one step.

    Args:
        cell: the cell.
        inputs: a tensor (T, N, ...) or (N, T, ...).
        begin_state: the states before the first step.
        drop_inputs: probability that an element of the inputs becomes 0, the same ones in all steps.
        drop_outputs: likewise of the outputs.
        layout: ``"TNC"`` or ``"NTC"``, or with further letters for further dimensions.
        valid_length: (N,), how many steps of each sequence count: the outputs after them are 0, and the states
            returned are those after the last one that counts.

    Returns:
        The outputs as one tensor in ``layout``, and the states after the last step.

    Raises:
        AssertionError: inputs that are no tensor.
        ValueError: another layout.
    """
    if layout[:2] not in ("TN", "NT"):
        raise ValueError(f"layout must begin with TN or NT, got {layout!r}")
    assert isinstance(inputs, tensor_types), f"inputs must be one Symbol or NDArray, got {type(inputs)}"
    F = of_mode(symbol if isinstance(inputs, symbol.Symbol) else ndarray)  # noqa: N806 - MXNet's name
    axis = layout.find("T")
    swapped = [1, 0, *range(2, len(layout))]
    if axis == 1:
        inputs = F.transpose(inputs, axes=swapped)
    if drop_inputs:
        inputs = F.Dropout(inputs, p=drop_inputs, axes=(0,))
    if valid_length is None:
        outputs, states = F.contrib.foreach(cell, inputs, begin_state)
    else:
        # the last of the loop's states is the number of the step

        def step(data: Any, states: list[Any]) -> tuple[Any, list[Any]]:
            *old, i = states
            output, new = cell(data, old)
            kept = [F.where(F.broadcast_greater(valid_length, i), n, o) for n, o in zip(new, old)]
            return output, [*kept, i + 1]

        outputs, states = F.contrib.foreach(step, inputs, [*begin_state, F.zeros(1)])
        states = states[:-1]
    if drop_outputs:
        outputs = F.Dropout(outputs, p=drop_outputs, axes=(0,))
    if axis == 1:
        outputs = F.transpose(outputs, axes=swapped)
    if valid_length is not None:
        outputs = F.SequenceMask(outputs, sequence_length=valid_length, use_sequence_length=True, axis=axis)
    return outputs, states
