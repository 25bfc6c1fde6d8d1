"""The Updater: applies an optimizer, and keeps the states of the weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from ..base import MXNetError
from ..ndarray import NDArray
from .base import Optimizer
from .states import dump_states, load_states

__all__ = ["Updater", "get_updater"]


class Updater:
    """Applies an optimizer to (index, gradient, weight), keeping the state of each index."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self.states: dict[Any, Any] = {}
        self.states_synced: dict[Any, bool] = {}
        self.aggregate_updates = optimizer.aggregate_num > 0

    def __call__(self, index: Any, grad: Any, weight: Any) -> None:
        """Updates one weight, or all weights of lists; optimizers get arrays of ``mx.nd``, whatever these are."""
        indices, grads, weights = (
            (index, grad, weight) if isinstance(index, (list, tuple)) else ([index], [grad], [weight])
        )
        if any([w._family is not NDArray for w in weights]):
            grads, weights = [g.as_nd_ndarray() for g in grads], [w.as_nd_ndarray() for w in weights]
        if weights:
            self.optimizer._set_current_context(weights[0].context.device_id)
        for i, w in zip(indices, weights, strict=True):
            if i not in self.states:
                self.states[i] = self.optimizer.create_state_multi_precision(i, w)
            elif not self.states_synced.get(i, True):
                self.states[i] = self.sync_state_context(self.states[i], w.context)
            self.states_synced[i] = True
        optimizer = self.optimizer
        for places in self._calls(weights):
            if isinstance(places, int):
                i = indices[places]
                optimizer.update_multi_precision(i, weights[places], grads[places], self.states[i])
                continue
            named = tuple(indices[p] for p in places)
            optimizer.update_multi_precision(
                named, tuple(weights[p] for p in places), tuple(grads[p] for p in places),
                tuple(self.states[i] for i in named),
            )  # fmt: skip

    def _calls(self, weights: Sequence[NDArray]) -> Iterator[int | list[int]]:
        """The places of the weights that each call of the optimizer gets: one, or lists of one dtype.

        Our own rules get all at once. Those of users get what they get in MXNet: one weight, or as many as
        ``aggregate_num`` says.
        """
        dtypes = [w._data.dtype for w in weights]
        everything = range(len(weights))
        if not self.aggregate_updates:
            if getattr(self.optimizer, "_whole", False):
                for _, together in groupby(everything, key=dtypes.__getitem__):  # in their order, which some rules see
                    yield list(together)
            else:
                yield from everything
            return
        size = len(weights) if getattr(self.optimizer, "_whole", False) else self.optimizer.aggregate_num
        for dtype in dict.fromkeys(dtypes):
            places = [p for p in everything if dtypes[p] is dtype]
            for start in range(0, len(places), size):
                yield places[start : start + size]

    def sync_state_context(self, state: Any, context: Any) -> Any:
        """The state on ``context``."""
        if isinstance(state, NDArray):
            return state.as_in_context(context)
        if isinstance(state, (tuple, list)):
            return type(state)(self.sync_state_context(s, context) for s in state)
        return state

    def get_states(self, dump_optimizer: bool = False) -> bytes:
        """The states as bytes, with ``dump_optimizer`` the optimizer's settings and counters too; see ``states``."""
        return dump_states(self.states, self.optimizer if dump_optimizer else None)

    def set_states(self, states: bytes) -> None:
        """Takes states from bytes; each goes to its weight's context at the next update.

        Raises:
            MXNetError: bytes of something else, or of another optimizer.
        """
        self.states = load_states(states, self.optimizer)
        self.states_synced = dict.fromkeys(self.states, False)


def get_updater(optimizer: Optimizer) -> Updater:
    """An Updater for ``optimizer``.

    Raises:
        MXNetError: not an Optimizer.
    """
    if not isinstance(optimizer, Optimizer):
        raise MXNetError(f"get_updater needs an Optimizer, got {type(optimizer)}")
    return Updater(optimizer)
