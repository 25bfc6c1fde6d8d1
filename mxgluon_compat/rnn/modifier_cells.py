"""Cells made of other cells: one after the other, in both directions, with dropout, zoneout or a residual."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .. import symbol
from ..base import numeric_types
from ..ndarray import NDArray
from ..symbol import Symbol
from .base_cell import (
    BaseRNNCell,
    RNNParams,
    States,
    called_by_modifier,
    cells_begin_state,
    cells_state_info,
    normalized,
)
from .fused_cell import FusedRNNCell

__all__ = ["BidirectionalCell", "DropoutCell", "ModifierCell", "ResidualCell", "SequentialRNNCell", "ZoneoutCell"]


class _Several(BaseRNNCell):
    """What cells made of several have in common."""

    _cells: list[BaseRNNCell]
    _override_cell_params = False

    def _join(self, cell: BaseRNNCell) -> None:
        """Gives a cell this one's variables, where they were given to this one; takes the cell's in either case."""
        if self._override_cell_params:
            assert cell._own_params, f"Either specify params for {type(self).__name__} or child cells, not both."
            cell.params._params.update(self.params._params)
        self.params._params.update(cell.params._params)

    @property
    def state_info(self) -> list[dict[str, Any]]:
        """Those of all cells, one after the other."""
        return cells_state_info(self._cells)

    def begin_state(self, **kwargs: Any) -> States:  # type: ignore[override]
        """Those of all cells, one after the other; see ``BaseRNNCell.begin_state``."""
        assert not self._modified, called_by_modifier
        return cells_begin_state(self._cells, **kwargs)

    def unpack_weights(self, args: Mapping[str, NDArray]) -> dict[str, NDArray]:
        """Arrays by name, with one for each gate in place of those that hold all gates, for all cells."""
        for cell in self._cells:
            args = cell.unpack_weights(args)
        return dict(args)

    def pack_weights(self, args: Mapping[str, NDArray]) -> dict[str, NDArray]:
        """The opposite of ``unpack_weights``."""
        for cell in self._cells:
            args = cell.pack_weights(args)
        return dict(args)


class SequentialRNNCell(_Several):
    """Cells one after the other: each takes the outputs of the one before.

    Args:
        params: variables for all of them.
    """

    def __init__(self, params: RNNParams | None = None) -> None:
        super().__init__(prefix="", params=params)
        self._override_cell_params = params is not None
        self._cells = []

    def add(self, cell: BaseRNNCell) -> None:
        """Appends a cell.

        Raises:
            AssertionError: both this and the cell were given variables.
        """
        self._cells.append(cell)
        self._join(cell)

    def __call__(self, inputs: Symbol, states: Sequence[Any]) -> tuple[Symbol, States]:
        self._counter += 1
        new_states: States = []
        for cell in self._cells:
            assert not isinstance(cell, BidirectionalCell)
            size = len(cell.state_info)
            inputs, made = cell(inputs, states[:size])
            states = states[size:]
            new_states.extend(made)
        return inputs, new_states

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: States | None = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
    ) -> tuple[Any, States]:
        """Unrolls one cell after the other; see ``BaseRNNCell.unroll``."""
        self.reset()
        states = self.begin_state() if begin_state is None else begin_state
        new_states: States = []
        for cell in self._cells:
            size = len(cell.state_info)
            last = cell is self._cells[-1]
            inputs, made = cell.unroll(
                length, inputs=inputs, begin_state=states[:size], layout=layout,
                merge_outputs=merge_outputs if last else None,
            )  # fmt: skip
            states = states[size:]
            new_states.extend(made)
        return inputs, new_states


class BidirectionalCell(_Several):
    """Two cells, one from the first step to the last and one back; the outputs of both stand side by side.

    It can be unrolled only.

    Args:
        l_cell: goes forward.
        r_cell: goes backward.
        params: variables for both.
        output_prefix: put before the names of the outputs.

    Raises:
        AssertionError: both this and a cell were given variables.
    """

    def __init__(
        self,
        l_cell: BaseRNNCell,
        r_cell: BaseRNNCell,
        params: RNNParams | None = None,
        output_prefix: str = "bi_",
    ) -> None:
        super().__init__("", params=params)
        self._output_prefix = output_prefix
        self._override_cell_params = params is not None
        self._cells = [l_cell, r_cell]
        for cell in self._cells:
            self._join(cell)

    def __call__(self, inputs: Symbol, states: Sequence[Any]) -> tuple[Symbol, States]:
        raise NotImplementedError("Bidirectional cannot be stepped. Please use unroll")

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: States | None = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
    ) -> tuple[Any, States]:
        """Unrolls both cells; see ``BaseRNNCell.unroll``. The states are a list of two lists."""
        self.reset()
        inputs, axis = normalized(length, inputs, layout, False)
        states = self.begin_state() if begin_state is None else begin_state
        l_cell, r_cell = self._cells
        size = len(l_cell.state_info)
        l_outputs, l_states = l_cell.unroll(length, inputs, states[:size], layout, merge_outputs)
        r_outputs, r_states = r_cell.unroll(length, list(reversed(inputs)), states[size:], layout, merge_outputs)
        if merge_outputs is None:
            merge_outputs = isinstance(l_outputs, Symbol) and isinstance(r_outputs, Symbol)
        l_outputs, r_outputs = (normalized(length, o, layout, merge_outputs)[0] for o in (l_outputs, r_outputs))
        outputs: Any
        if merge_outputs:
            turned = symbol.reverse(r_outputs, axis=axis)
            outputs = symbol.concat(l_outputs, turned, dim=2, name=f"{self._output_prefix}out")
        else:
            outputs = [
                symbol.concat(left, right, dim=1, name=f"{self._output_prefix}t{i}")
                for i, (left, right) in enumerate(zip(l_outputs, reversed(r_outputs)))
            ]
        return outputs, [l_states, r_states]


class DropoutCell(BaseRNNCell):
    """Dropout of what comes in; it has no state.

    Args:
        dropout: probability that an element becomes 0.
        prefix, params: see ``BaseRNNCell``.

    Raises:
        AssertionError: ``dropout`` is no number.
    """

    def __init__(self, dropout: float, prefix: str = "dropout_", params: RNNParams | None = None) -> None:
        super().__init__(prefix, params)
        assert isinstance(dropout, numeric_types), "dropout probability must be a number"
        self.dropout = dropout

    @property
    def state_info(self) -> list[dict[str, Any]]:
        """None."""
        return []

    def __call__(self, inputs: Symbol, states: Sequence[Any]) -> tuple[Symbol, States]:
        return (symbol.Dropout(inputs, p=self.dropout) if self.dropout > 0 else inputs), list(states)

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: States | None = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
    ) -> tuple[Any, States]:
        """All steps at once, if they come in one symbol; see ``BaseRNNCell.unroll``."""
        self.reset()
        inputs, _ = normalized(length, inputs, layout, merge_outputs)
        if isinstance(inputs, Symbol):
            return self(inputs, [])
        return super().unroll(length, inputs, begin_state, layout, merge_outputs)


class ModifierCell(BaseRNNCell):
    """Base class of cells around another cell, whose variables they use.

    Args:
        base_cell: the cell.
    """

    def __init__(self, base_cell: BaseRNNCell) -> None:
        super().__init__()
        base_cell._modified = True
        self.base_cell = base_cell

    @property
    def params(self) -> RNNParams:
        """The base cell's variables."""
        self._own_params = False
        return self.base_cell.params

    @property
    def state_info(self) -> list[dict[str, Any]]:
        """The base cell's."""
        return self.base_cell.state_info

    @contextlib.contextmanager
    def _base_is_free(self) -> Iterator[None]:
        """In here the base cell may be asked for states."""
        self.base_cell._modified = False
        try:
            yield
        finally:
            self.base_cell._modified = True

    def begin_state(self, init_sym: Callable[..., Symbol] = symbol.zeros, **kwargs: Any) -> States:  # type: ignore[override]
        """The base cell's; see ``BaseRNNCell.begin_state``."""
        assert not self._modified, called_by_modifier
        with self._base_is_free():
            return self.base_cell.begin_state(func=init_sym, **kwargs)

    def unpack_weights(self, args: Mapping[str, NDArray]) -> dict[str, NDArray]:
        """The base cell's; see ``BaseRNNCell.unpack_weights``."""
        return self.base_cell.unpack_weights(args)

    def pack_weights(self, args: Mapping[str, NDArray]) -> dict[str, NDArray]:
        """The base cell's; see ``BaseRNNCell.pack_weights``."""
        return self.base_cell.pack_weights(args)

    def __call__(self, inputs: Symbol, states: Sequence[Any]) -> tuple[Symbol, States]:
        """One step; each cell defines its own."""
        raise NotImplementedError


def _has_bidirectional(cell: BaseRNNCell) -> bool:
    return isinstance(cell, BidirectionalCell) or any(map(_has_bidirectional, getattr(cell, "_cells", ())))


class ZoneoutCell(ModifierCell):
    """While training, elements of the outputs and states stay what they were a step before, at random.

    Args:
        base_cell: the cell.
        zoneout_outputs: probability that an element of the output stays (0 in the first step).
        zoneout_states: probability that an element of a state stays.

    Raises:
        AssertionError: the cell is fused, or has a BidirectionalCell.

    Source: Krueger et al., "Zoneout: Regularizing RNNs by Randomly Preserving Hidden Activations", 2016,
    arXiv:1606.01305.
    """

    def __init__(self, base_cell: BaseRNNCell, zoneout_outputs: float = 0.0, zoneout_states: float = 0.0) -> None:
        assert not isinstance(base_cell, FusedRNNCell), "FusedRNNCell doesn't support zoneout. Please unfuse first."
        assert not _has_bidirectional(base_cell), (
            "BidirectionalCell doesn't support zoneout since it doesn't support step. Please add ZoneoutCell to the "
            "cells underneath instead."
        )
        super().__init__(base_cell)
        self.zoneout_outputs = zoneout_outputs
        self.zoneout_states = zoneout_states
        self.prev_output: Symbol | None = None

    def reset(self) -> None:
        """Begins anew: there is no step before."""
        super().reset()
        self.prev_output = None

    def __call__(self, inputs: Symbol, states: Sequence[Any]) -> tuple[Symbol, States]:
        def drawn(rate: float, new: Symbol, old: Symbol | None) -> Symbol:
            # dropout of ones: 0 where the old element stays
            kept = symbol.Dropout(symbol.ones_like(new), p=rate)
            return symbol.where(kept, new, symbol.zeros((0, 0)) if old is None else old)

        output, new_states = self.base_cell(inputs, states)
        if self.zoneout_outputs != 0.0:
            output = drawn(self.zoneout_outputs, output, self.prev_output)
        if self.zoneout_states != 0.0:
            new_states = [drawn(self.zoneout_states, new, old) for new, old in zip(new_states, states)]
        self.prev_output = output
        return output, new_states


class ResidualCell(ModifierCell):
    """Adds the inputs to the outputs of the cell, which has to be of the inputs' size.

    Args:
        base_cell: the cell.

    Source: Wu et al., "Google's Neural Machine Translation System", 2016, arXiv:1609.08144.
    """

    def __init__(self, base_cell: BaseRNNCell) -> None:
        super().__init__(base_cell)

    def __call__(self, inputs: Symbol, states: Sequence[Any]) -> tuple[Symbol, States]:
        output, states = self.base_cell(inputs, states)
        return symbol.elemwise_add(output, inputs, name=f"{output.name}_plus_residual"), states

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: States | None = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
    ) -> tuple[Any, States]:
        """Unrolls the base cell and adds all inputs; see ``BaseRNNCell.unroll``."""
        self.reset()
        with self._base_is_free():
            outputs, states = self.base_cell.unroll(length, inputs, begin_state, layout, merge_outputs)
        merge = isinstance(outputs, Symbol) if merge_outputs is None else merge_outputs
        inputs, _ = normalized(length, inputs, layout, merge)
        if merge:
            return symbol.elemwise_add(outputs, inputs, name=f"{outputs.name}_plus_residual"), states
        return [
            symbol.elemwise_add(output, step, name=f"{output.name}_plus_residual")
            for output, step in zip(outputs, inputs)
        ], states
