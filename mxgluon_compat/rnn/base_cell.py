"""What the cells of ``mx.rnn`` have in common: a set of variables, states, and unrolling in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import ndarray, symbol
from ..ndarray import NDArray
from ..symbol import Symbol

__all__ = ["BaseRNNCell", "RNNParams", "called_by_modifier", "normalized"]

States = list[Any]
called_by_modifier = (
    "After applying modifier cells (e.g. DropoutCell) the base cell cannot be called directly. Call the modifier cell "
    "instead."
)


def normalized(length: Any, inputs: Any, layout: str, merge: bool | None) -> tuple[Any, int]:
    """(a sequence in the form that is wanted, its time axis).

    Args:
        length: number of steps.
        inputs: a symbol in ``layout``, or a list of symbols (N, ...), one for each step.
        layout: such as ``"NTC"``.
        merge: True: one symbol; False: a list; None: as it comes.

    Raises:
        AssertionError: no sequence, a grouped symbol, another number of steps than ``length``.
    """
    assert inputs is not None, "unroll(inputs=None) has been deprecated. Please create input variables outside unroll."
    axis = layout.find("T")
    if isinstance(inputs, Symbol):
        if merge is False:
            assert len(inputs.list_outputs()) == 1, (
                "unroll doesn't allow grouped symbol as input. Please convert to list with list(inputs) first or let "
                "unroll handle splitting."
            )
            inputs = list(symbol.split(inputs, axis=axis, num_outputs=length, squeeze_axis=True))
        return inputs, axis
    assert length is None or len(inputs) == length, f"expected a list of {length} steps, got {len(inputs)}"
    if merge is True:
        inputs = symbol.concat(*(symbol.expand_dims(i, axis=axis) for i in inputs), dim=axis)
    return inputs, axis


class RNNParams:
    """The variables of cells; cells that are given the same container share them.

    Args:
        prefix: put before the variables' names.
    """

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._params: dict[str, Symbol] = {}

    def get(self, name: str, **kwargs: Any) -> Symbol:
        """The variable of that name, made with ``sym.Variable(prefix + name, **kwargs)`` at the first call."""
        name = self._prefix + name
        if name not in self._params:
            self._params[name] = symbol.Variable(name, **kwargs)
        return self._params[name]


class BaseRNNCell:
    """A cell: ``output, states = cell(input, states)``, all of them symbols.

    Args:
        prefix: put before the names of variables and of operators.
        params: variables to use, shared with other cells.
    """

    def __init__(self, prefix: str = "", params: RNNParams | None = None) -> None:
        self._own_params = params is None
        self._prefix = prefix
        self._params = RNNParams(prefix) if params is None else params
        self._modified = False
        self.reset()

    def reset(self) -> None:
        """Begins to count steps and states, which names are made of, anew."""
        self._init_counter = -1
        self._counter = -1
        for cell in getattr(self, "_cells", ()):
            cell.reset()

    def __call__(self, inputs: Symbol, states: Sequence[Any]) -> tuple[Symbol, States]:
        """One step; each cell defines its own."""
        raise NotImplementedError

    @property
    def params(self) -> RNNParams:
        """The variables; they are not given to another cell by that alone."""
        self._own_params = False
        return self._params

    @property
    def state_info(self) -> list[dict[str, Any]]:
        """Shape (0 for the batch) and layout of each state."""
        raise NotImplementedError

    @property
    def state_shape(self) -> list[tuple[int, ...]]:
        """Shape of each state."""
        return [info["shape"] for info in self.state_info]

    @property
    def _gate_names(self) -> Sequence[str]:
        return ()

    def begin_state(self, func: Callable[..., Symbol] = symbol.zeros, **kwargs: Any) -> States:
        """Symbols of the first states.

        Args:
            func: makes each: ``func(name=..., shape=..., __layout__=..., **kwargs)``.
            **kwargs: in place of the state's own.

        Raises:
            AssertionError: a modifier cell is around this one.
        """
        assert not self._modified, called_by_modifier
        states = []
        for info in self.state_info:
            self._init_counter += 1
            states.append(func(name=f"{self._prefix}begin_state_{self._init_counter}", **{**info, **kwargs}))
        return states

    # ------------------------------------------------------------------------------------------ weights
    def unpack_weights(self, args: Mapping[str, NDArray]) -> dict[str, NDArray]:
        """Arrays by name, with one for each gate in place of those that hold all gates."""
        args = dict(args)
        if not self._gate_names:
            return args
        rows = self._num_hidden  # type: ignore[attr-defined]
        for group in ("i2h", "h2h"):
            parts = {kind: args.pop(f"{self._prefix}{group}_{kind}") for kind in ("weight", "bias")}
            for j, gate in enumerate(self._gate_names):
                for kind, array in parts.items():
                    args[f"{self._prefix}{group}{gate}_{kind}"] = array[j * rows : (j + 1) * rows].copy()
        return args

    def pack_weights(self, args: Mapping[str, NDArray]) -> dict[str, NDArray]:
        """The opposite of ``unpack_weights``."""
        args = dict(args)
        if not self._gate_names:
            return args
        for group in ("i2h", "h2h"):
            for kind in ("weight", "bias"):
                parts = [args.pop(f"{self._prefix}{group}{gate}_{kind}") for gate in self._gate_names]
                args[f"{self._prefix}{group}_{kind}"] = ndarray.concat(*parts, dim=0)
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
        """``length`` steps.

        Args:
            length: number of steps.
            inputs: a symbol in ``layout``, or a list of symbols (N, C), one for each step.
            begin_state: the first states; default: ``begin_state()``.
            layout: ``"NTC"`` or ``"TNC"``.
            merge_outputs: True: the outputs as one symbol; False: as a list; None: as it is simplest.

        Returns:
            (outputs, last states)
        """
        self.reset()
        inputs, _ = normalized(length, inputs, layout, False)
        states = self.begin_state() if begin_state is None else begin_state
        outputs = []
        for step in inputs:
            output, states = self(step, states)
            outputs.append(output)
        return normalized(length, outputs, layout, merge_outputs)[0], states

    def _get_activation(self, inputs: Symbol, activation: Any, **kwargs: Any) -> Symbol:
        """An activation by name, or by a function of its own."""
        if isinstance(activation, str):
            return symbol.Activation(inputs, act_type=activation, **kwargs)
        return activation(inputs, **kwargs)


def cells_state_info(cells: Sequence[BaseRNNCell]) -> list[dict[str, Any]]:
    """Those of all cells, one after the other."""
    return [info for cell in cells for info in cell.state_info]


def cells_begin_state(cells: Sequence[BaseRNNCell], **kwargs: Any) -> States:
    """Those of all cells, one after the other."""
    return [state for cell in cells for state in cell.begin_state(**kwargs)]
