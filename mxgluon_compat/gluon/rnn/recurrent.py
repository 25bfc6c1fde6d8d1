"""What all recurrent cells are: a step from one input and the states to an output and new states, and loops of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ... import ndarray
from ...base import dtype_name
from ...numpy.family import as_mode
from ..block import Block, HybridBlock
from ..nn import LeakyReLU
from ..parameter import ParameterDict
from .sequences import _format_sequence, _mask_sequence_variable_length

__all__ = ["HybridRecurrentCell", "RecurrentCell"]


def _cells_state_info(cells: Iterable[Any], batch_size: int) -> list[dict[str, Any]]:
    """``state_info`` of several cells, one after the other."""
    return [info for cell in cells for info in cell.state_info(batch_size)]


def _cells_begin_state(cells: Iterable[Any], **kwargs: Any) -> list[Any]:
    """``begin_state`` of several cells, one after the other."""
    return [state for cell in cells for state in cell.begin_state(**kwargs)]


def _get_begin_state(cell: Any, F: Any, begin_state: Any, inputs: Any, batch_size: int) -> Any:
    """The states to begin with: those given, else zeros on the context of the inputs and in the cell's dtype."""
    if begin_state is not None:
        return begin_state
    options = {} if (dtype := _dtype(cell)) == "float32" else {"dtype": dtype}
    first = inputs[0] if isinstance(inputs, (list, tuple)) else inputs
    if not isinstance(first, ndarray.NDArray):
        return cell.begin_state(func=F.zeros, batch_size=batch_size, **options)
    with first.context:
        return cell.begin_state(func=F.zeros, batch_size=batch_size, **options)


def _dtype(cell: Block) -> str:
    """The dtype that the cell has been cast to."""
    for param in cell.collect_params().values():
        return dtype_name(param.dtype)
    return "float32"


def _named_parameters(cell: Block, **wanted: tuple[tuple[int, ...], Any]) -> None:
    """Gives the cell Parameters as attributes: name=(shape, initializer)."""
    for name, (shape, init) in wanted.items():
        setattr(cell, name, cell.params.get(name, shape=shape, init=init, allow_deferred_init=True))


class RecurrentCell(Block):
    """A cell: ``output, states = cell(inputs, states)`` is one step.

    ``inputs`` and ``output`` are (N, C), states a list of tensors as ``state_info`` tells.

    Args:
        prefix, params: of a Block.
    """

    def __init__(self, prefix: str | None = None, params: ParameterDict | None = None) -> None:
        super().__init__(prefix=prefix, params=params)
        self._modified = False
        self.reset()

    def reset(self) -> None:
        """Begins to count steps anew; to be called before a cell is used for another graph."""
        self._init_counter = -1
        self._counter = -1
        for child in self._children.values():
            if isinstance(child, RecurrentCell):  # others: activations that are Blocks
                child.reset()

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """``{"shape": ..., "__layout__": ...}`` of each state."""
        raise NotImplementedError(f"{type(self).__name__} must define state_info")

    def begin_state(self, batch_size: int = 0, func: Callable[..., Any] = ndarray.zeros, **kwargs: Any) -> list[Any]:
        """States to begin with.

        Args:
            batch_size: how many sequences go in parallel; 0, for symbols: unknown.
            func: makes one state; it is called with ``name``, the entries of ``state_info`` and ``kwargs``.
            kwargs: such as ``ctx`` and ``dtype``.

        Raises:
            AssertionError: the cell has been given to a modifier cell.
        """
        assert not self._modified, (
            "After applying modifier cells (e.g. ZoneoutCell) the base cell cannot be called directly. Call the "
            "modifier cell instead."
        )
        states = []
        for info in self.state_info(batch_size):
            self._init_counter += 1
            name = f"{self._prefix}begin_state_{self._init_counter}"
            states.append(as_mode(func(name=name, **{**(info or {}), **kwargs})))
        return states

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: list[Any] | None = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
        valid_length: Any = None,
    ) -> tuple[Any, list[Any]]:
        """``length`` steps, one after the other.

        Args:
            length: number of steps.
            inputs: a tensor (N, T, C), (T, N, C) with ``layout="TNC"``, or a list of tensors (N, C).
            begin_state: states before the first step; None for zeros.
            layout: of a tensor of inputs and of outputs.
            merge_outputs: True: the outputs are one tensor; False: a list; None: whichever comes by itself.
            valid_length: (N,), how many steps of each sequence count: the outputs after them are 0, and the states
                returned are those after the last one that counts.

        Returns:
            The outputs, and the states after the last step.

        Raises:
            AssertionError: inputs that are no sequence of ``length`` steps.
        """
        self.reset()
        inputs, axis, F, batch_size = _format_sequence(length, inputs, layout, False)  # noqa: N806 - MXNet's name
        states = _get_begin_state(self, F, begin_state, inputs, batch_size)
        outputs: Any = []
        history = []
        for step in inputs:
            output, states = self(step, states)
            outputs.append(output)
            history.append(states)
        if valid_length is not None:
            states = [
                F.SequenceLast(F.stack(*steps, axis=0), sequence_length=valid_length, use_sequence_length=True, axis=0)
                for steps in zip(*history, strict=True)
            ]
            outputs = _mask_sequence_variable_length(F, outputs, length, valid_length, axis, True)
        outputs = _format_sequence(length, outputs, layout, merge_outputs)[0]
        return outputs, states

    def _get_activation(self, F: Any, inputs: Any, activation: Any, **kwargs: Any) -> Any:
        """``activation`` of the inputs: the name of one, a Block, or a function that takes ``kwargs`` too."""
        if isinstance(activation, str):
            if activation in ("tanh", "relu", "sigmoid", "softsign"):
                return getattr(F, activation)(inputs, **kwargs)
            return F.Activation(inputs, act_type=activation, **kwargs)
        if isinstance(activation, LeakyReLU):
            return F.LeakyReLU(inputs, act_type="leaky", slope=activation._alpha, **kwargs)
        return activation(inputs) if isinstance(activation, Block) else activation(inputs, **kwargs)

    def forward(self, inputs: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """One step: inputs (N, C) and states to output (N, C') and new states."""
        self._counter += 1
        return super().forward(inputs, states)


class HybridRecurrentCell(RecurrentCell, HybridBlock):
    """A cell that can be hybridized; it defines ``hybrid_forward(F, inputs, states)``."""

    def __init__(self, prefix: str | None = None, params: ParameterDict | None = None) -> None:
        super().__init__(prefix=prefix, params=params)

    def hybrid_forward(self, F: Any, x: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N803 - MXNet's name
        """One step with operators of ``F``; Parameters come as keyword arguments by attribute name."""
        raise NotImplementedError(f"{type(self).__name__} must define hybrid_forward")
