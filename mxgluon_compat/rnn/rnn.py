"""Checkpoints of graphs with cells: files hold each gate's weights by itself, so that fused and other cells agree."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..model import load_checkpoint, save_checkpoint
from ..ndarray import NDArray
from ..symbol import Symbol
from .base_cell import BaseRNNCell

__all__ = [
    "BaseRNNCell", "do_rnn_checkpoint", "load_checkpoint", "load_rnn_checkpoint", "rnn_unroll", "save_checkpoint",
    "save_rnn_checkpoint",
]  # fmt: skip

Cells = BaseRNNCell | Sequence[BaseRNNCell]


def rnn_unroll(
    cell: BaseRNNCell,
    length: int,
    inputs: Any = None,
    begin_state: Any = None,
    input_prefix: str = "",
    layout: str = "NTC",
) -> tuple[Any, list[Any]]:
    """``cell.unroll(length, inputs, begin_state, layout=layout)``: deprecated.

    Args:
        cell, length, inputs, begin_state, layout: see ``BaseRNNCell.unroll``.
        input_prefix: of the names of variables that stand for the inputs, where none are given.
    """
    warnings.warn("rnn_unroll is deprecated. Please call cell.unroll directly.", stacklevel=2)
    if inputs is None:
        from .. import symbol

        inputs = [symbol.Variable(f"{input_prefix}t{i}_data") for i in range(length)]
    return cell.unroll(length, inputs=inputs, begin_state=begin_state, layout=layout)


def save_rnn_checkpoint(
    cells: Cells,
    prefix: str,
    epoch: int,
    symbol: Symbol,
    arg_params: Mapping[str, NDArray],
    aux_params: Mapping[str, NDArray],
) -> None:
    """``mx.model.save_checkpoint`` of unpacked weights.

    Args:
        cells: the graph's cell, or a list of them.
        prefix, epoch, symbol, arg_params, aux_params: see there.
    """
    for cell in [cells] if isinstance(cells, BaseRNNCell) else cells:
        arg_params = cell.unpack_weights(arg_params)
    save_checkpoint(prefix, epoch, symbol, arg_params, aux_params)


def load_rnn_checkpoint(cells: Cells, prefix: str, epoch: int) -> tuple[Symbol, dict[str, NDArray], dict[str, NDArray]]:
    """(graph, arrays, auxiliary states) that ``save_rnn_checkpoint`` wrote, the weights packed for ``cells``."""
    symbol, arguments, states = load_checkpoint(prefix, epoch)
    for cell in [cells] if isinstance(cells, BaseRNNCell) else cells:
        arguments = cell.pack_weights(arguments)
    return symbol, arguments, states


def do_rnn_checkpoint(cells: Cells, prefix: str, period: int = 1) -> Callable[..., None]:
    """At the end of an epoch: ``save_rnn_checkpoint``, every ``period`` epochs."""
    period = int(max(1, period))

    def _callback(iter_no: int, sym: Any = None, arg: Any = None, aux: Any = None) -> None:
        if (iter_no + 1) % period == 0:
            save_rnn_checkpoint(cells, prefix, iter_no + 1, sym, arg, aux)

    return _callback
