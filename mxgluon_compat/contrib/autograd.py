"""``mx.contrib.autograd``: the interface that ``mx.autograd`` had first."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from .. import autograd as _autograd
from .. import ndarray
from ..autograd import mark_variables
from ..base import missing_attribute, string_types  # noqa: F401 - a name of MXNet's module
from ..ndarray import NDArray

__all__ = [
    "TrainingStateScope", "backward", "compute_gradient", "grad", "grad_and_loss", "mark_variables", "set_is_training",
    "test_section", "train_section",
]  # fmt: skip


def set_is_training(is_train: bool) -> bool:
    """Switches train mode and recording, both; returns whether train mode was on."""
    before = _autograd.set_training(is_train)
    _autograd.set_recording(is_train)
    return before


class TrainingStateScope:
    """``with`` block with train mode and recording on, or off.

    Args:
        enter_state: which.
    """

    def __init__(self, enter_state: bool) -> None:
        self._enter_state = enter_state
        self._prev: bool | None = None

    def __enter__(self) -> None:
        self._prev = set_is_training(self._enter_state)

    def __exit__(self, ptype: Any, value: Any, trace: Any) -> None:
        if self._prev != self._enter_state:
            set_is_training(bool(self._prev))


def train_section() -> TrainingStateScope:
    """``with train_section():`` records, in train mode."""
    return TrainingStateScope(True)


def test_section() -> TrainingStateScope:
    """``with test_section():`` inside ``train_section`` does not record, in predict mode."""
    return TrainingStateScope(False)


def backward(
    outputs: Sequence[NDArray], out_grads: Sequence[NDArray | None] | None = None, retain_graph: bool = False
) -> None:
    """Gradients of the outputs, into those of the marked variables.

    Raises:
        AssertionError: ``outputs`` is no list of arrays.
        MXNetError: as ``mx.autograd.backward``.
    """
    assert isinstance(outputs, (list, tuple)), "outputs must be a list or tuple of NDArrays"
    _autograd.backward(list(outputs), None if out_grads is None else list(out_grads), retain_graph)


def compute_gradient(outputs: Sequence[NDArray]) -> None:
    """``backward`` under its deprecated name."""
    backward(outputs)


def grad_and_loss(
    func: Callable[..., Any], argnum: int | Sequence[int] | None = None
) -> Callable[..., tuple[list[NDArray], Any]]:
    """The function that gives (gradients by arguments, what ``func`` returns).

    Args:
        func: arrays -> array or list of arrays.
        argnum: positions of the arguments; default all.
    """

    @functools.wraps(func)
    def wrapped(*args: Any) -> tuple[list[NDArray], Any]:
        wanted = [argnum] if isinstance(argnum, int) else range(len(args)) if argnum is None else argnum
        variables = [args[i] for i in wanted]
        for x in variables:
            assert isinstance(x, NDArray), "type of autograd input should NDArray."
        gradients = [ndarray.zeros_like(x) for x in variables]
        mark_variables(variables, gradients)
        with train_section():
            outputs = func(*args)
        backward([outputs] if isinstance(outputs, NDArray) else outputs)
        return gradients, outputs

    return wrapped


def grad(func: Callable[..., Any], argnum: int | Sequence[int] | None = None) -> Callable[..., list[NDArray]]:
    """The function that gives the gradients of ``func``; see ``grad_and_loss``."""
    both = grad_and_loss(func, argnum)

    @functools.wraps(both)
    def wrapped(*args: Any) -> list[NDArray]:
        return both(*args)[0]

    return wrapped


def __getattr__(name: str) -> Any:
    raise missing_attribute(__name__, name)
