"""Cells around other cells: what changes their inputs, outputs or states, and two of them in both directions."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from ... import symbol
from ...numpy.family import of_mode
from ..parameter import ParameterDict
from .recurrent import HybridRecurrentCell, _cells_begin_state, _cells_state_info, _get_begin_state
from .sequences import _format_sequence, _mask_sequence_variable_length, _reverse_sequences, tensor_types

__all__ = ["BidirectionalCell", "ModifierCell", "ResidualCell", "ZoneoutCell"]


def _is_bidirectional(cell: Any) -> bool:
    """Whether a BidirectionalCell, which cannot be stepped, is in the cell."""
    return isinstance(cell, BidirectionalCell) or any(map(_is_bidirectional, cell._children.values()))


class ModifierCell(HybridRecurrentCell):
    """A cell around another one, whose Parameters and states it has. The other one is then called through it only.

    Args:
        base_cell: the other cell.

    Raises:
        AssertionError: another modifier cell has it.
    """

    base_cell: HybridRecurrentCell

    def __init__(self, base_cell: HybridRecurrentCell) -> None:
        assert not base_cell._modified, f"Cell {base_cell.name} is already modified. One cell cannot be modified twice"
        base_cell._modified = True
        super().__init__(prefix=base_cell.prefix + self._alias(), params=None)
        self.base_cell = base_cell

    @property
    def params(self) -> ParameterDict:
        """The Parameters of the base cell."""
        return self.base_cell.params

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """Those of the base cell."""
        return self.base_cell.state_info(batch_size)

    def begin_state(self, func: Callable[..., Any] = symbol.zeros, **kwargs: Any) -> list[Any]:  # type: ignore[override]
        """Those of the base cell, symbols by default; see ``RecurrentCell.begin_state``."""
        assert not self._modified, (
            "After applying modifier cells (e.g. DropoutCell) the base cell cannot be called directly. Call the "
            "modifier cell instead."
        )
        with self._base_is_free():
            return self.base_cell.begin_state(func=func, **kwargs)

    @contextlib.contextmanager
    def _base_is_free(self) -> Iterator[None]:
        """In here the base cell may be asked for states."""
        self.base_cell._modified = False
        try:
            yield
        finally:
            self.base_cell._modified = True

    def hybrid_forward(self, F: Any, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        """One step; every modifier cell defines its own."""
        raise NotImplementedError(f"{type(self).__name__} must define hybrid_forward")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_cell!r})"


class ZoneoutCell(ModifierCell):
    """While training, elements of the outputs and states stay what they were a step before, at random.

    Args:
        base_cell: the cell.
        zoneout_outputs: probability that an element of the output stays (0 in the first step).
        zoneout_states: probability that an element of a state stays.

    Raises:
        AssertionError: the cell is modified already, or has a BidirectionalCell.

    Source: Krueger et al., "Zoneout: Regularizing RNNs by Randomly Preserving Hidden Activations", 2016,
    arXiv:1606.01305.
    """

    def __init__(
        self, base_cell: HybridRecurrentCell, zoneout_outputs: float = 0.0, zoneout_states: float = 0.0
    ) -> None:
        assert not _is_bidirectional(base_cell), (
            "BidirectionalCell doesn't support zoneout since it doesn't support step. Please add ZoneoutCell to the "
            "cells underneath instead."
        )
        super().__init__(base_cell)
        self.zoneout_outputs = zoneout_outputs
        self.zoneout_states = zoneout_states

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p_out={self.zoneout_outputs}, p_state={self.zoneout_states}, {self.base_cell!r})"

    def _alias(self) -> str:
        return "zoneout"

    def reset(self) -> None:
        """Begins anew: there is no step before."""
        super().reset()
        self._prev_output: Any = None

    def hybrid_forward(self, F: Any, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        F = of_mode(F)

        def drawn(rate: float, new: Any, old: Any) -> Any:
            # dropout of ones: 0 where the old element stays
            kept = F.Dropout(F.ones_like(new), p=rate)
            return F.where(kept, new, F.zeros_like(new) if old is None else old)

        output, new_states = self.base_cell(inputs, states)
        if self.zoneout_outputs != 0.0:
            output = drawn(self.zoneout_outputs, output, self._prev_output)
        if self.zoneout_states != 0.0:
            new_states = [drawn(self.zoneout_states, new, old) for new, old in zip(new_states, states)]
        self._prev_output = output
        return output, new_states


class ResidualCell(ModifierCell):
    """Adds the inputs to the outputs of the cell, which has to be of the inputs' size.

    Args:
        base_cell: the cell.

    Raises:
        AssertionError: the cell is modified already.

    Source: Wu et al., "Google's Neural Machine Translation System", 2016, arXiv:1609.08144.
    """

    def __init__(self, base_cell: HybridRecurrentCell) -> None:
        super().__init__(base_cell)

    def hybrid_forward(self, F: Any, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        F = of_mode(F)
        output, states = self.base_cell(inputs, states)
        return F.elemwise_add(output, inputs, name=f"t{self._counter}_fwd"), states

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: list[Any] | None = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
        valid_length: Any = None,
    ) -> tuple[Any, list[Any]]:
        """Unrolls the base cell and adds all inputs; see ``RecurrentCell.unroll``."""
        self.reset()
        with self._base_is_free():
            outputs, states = self.base_cell.unroll(
                length, inputs=inputs, begin_state=begin_state, layout=layout, merge_outputs=merge_outputs,
                valid_length=valid_length,
            )  # fmt: skip
        if merge_outputs is None:
            merge_outputs = isinstance(outputs, tensor_types)
        inputs, axis, F, _ = _format_sequence(length, inputs, layout, merge_outputs)  # noqa: N806 - MXNet's name
        if valid_length is not None:
            inputs = _mask_sequence_variable_length(F, inputs, length, valid_length, axis, merge_outputs)
        if merge_outputs:
            return F.elemwise_add(outputs, inputs), states
        return [F.elemwise_add(output, step) for output, step in zip(outputs, inputs)], states


class BidirectionalCell(HybridRecurrentCell):
    """Two cells, one from the first step to the last and one back; the outputs of both stand side by side.

    It can be unrolled only.

    Args:
        l_cell: goes forward.
        r_cell: goes backward.
        output_prefix: put before the names of the outputs' symbols.
    """

    def __init__(self, l_cell: HybridRecurrentCell, r_cell: HybridRecurrentCell, output_prefix: str = "bi_") -> None:
        super().__init__(prefix="", params=None)
        self.register_child(l_cell, "l_cell")
        self.register_child(r_cell, "r_cell")
        self._output_prefix = output_prefix

    def __call__(self, inputs: Any, states: Any) -> Any:
        raise NotImplementedError("Bidirectional cannot be stepped. Please use unroll")

    def __repr__(self) -> str:
        forward, backward = self._children.values()
        return f"{type(self).__name__}(forward={forward!r}, backward={backward!r})"

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """Those of the forward cell, then those of the other."""
        return _cells_state_info(self._children.values(), batch_size)

    def begin_state(self, **kwargs: Any) -> list[Any]:  # type: ignore[override]
        """Those of the forward cell, then those of the other; see ``RecurrentCell.begin_state``."""
        assert not self._modified, (
            "After applying modifier cells (e.g. DropoutCell) the base cell cannot be called directly. Call the "
            "modifier cell instead."
        )
        return _cells_begin_state(self._children.values(), **kwargs)

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: list[Any] | None = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
        valid_length: Any = None,
    ) -> tuple[Any, list[Any]]:
        """Unrolls both cells; outputs are (N, T, C + C'). See ``RecurrentCell.unroll``.

        With ``valid_length`` the backward cell begins at the last step that counts.
        """
        self.reset()
        inputs, axis, F, batch_size = _format_sequence(length, inputs, layout, False)  # noqa: N806 - MXNet's name
        backwards = _reverse_sequences(inputs, length, valid_length)
        begin_state = _get_begin_state(self, F, begin_state, inputs, batch_size)
        cells: Any = self._children.values()
        l_cell, r_cell = cells
        size = len(l_cell.state_info(batch_size))
        l_outputs, l_states = l_cell.unroll(
            length, inputs=inputs, begin_state=begin_state[:size], layout=layout, merge_outputs=merge_outputs,
            valid_length=valid_length,
        )  # fmt: skip
        r_outputs, r_states = r_cell.unroll(
            length, inputs=backwards, begin_state=begin_state[size:], layout=layout, merge_outputs=False,
            valid_length=valid_length,
        )  # fmt: skip
        if merge_outputs is None:
            merge_outputs = isinstance(l_outputs, tensor_types)
        l_outputs = _format_sequence(None, l_outputs, layout, merge_outputs)[0]
        r_outputs = _reverse_sequences(r_outputs, length, valid_length)
        r_outputs = _format_sequence(None, r_outputs, layout, merge_outputs)[0]
        outputs: Any
        if merge_outputs:
            outputs = F.Concat(l_outputs, r_outputs, dim=2, name=f"{self._output_prefix}out")
        else:
            outputs = [
                F.Concat(left, right, dim=1, name=f"{self._output_prefix}t{i}")
                for i, (left, right) in enumerate(zip(l_outputs, r_outputs))
            ]
        if valid_length is not None:
            outputs = _mask_sequence_variable_length(F, outputs, length, valid_length, axis, merge_outputs)
        return outputs, l_states + r_states
